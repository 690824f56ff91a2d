//! The linter says each fault once, where it is, and nothing that is not there.

use comity_core::law::lint::{Files, lint};

use super::{at, example_with};

/// The findings about a text beyond those of every pack that nobody signed or tried.
fn found(text: &str) -> Vec<String> {
    let files = Files { folder: "zz", toml: text.as_bytes(), vectors: None, signature: None };
    let answer = lint(&[files], at("2026-11-21T12:00:00Z"), false, None);
    let told = answer.findings.iter().filter(|f| !matches!(f.code, "PL-11" | "PL-12"));
    told.map(|f| f.code.to_owned()).collect()
}

#[test]
fn a_fault_is_not_a_fault_of_whoever_names_what_has_it() {
    let check = |from: &str, to: &str, codes: &[&str]| {
        assert_eq!(found(&example_with(from, to)), codes, "{from}");
    };
    // An overlay, a power and other stages name stages of this rule.
    check("vuln.exploitation == 'active' ||", "vuln.nope ||", &["PL-02"]);
    check("status = \"in_force\"", "status = \"inforce\"", &["PL-01"]);
    check("rank = \"statute\"", "rank = \"law\"", &["PL-01"]);
    check("kind = \"obligation\"", "kind = \"duty\"", &["PL-01"]);
    check("exists(m, m == 'ZZ')", "exists(m, m in NOWHERE)", &["PL-08"]);
    check("id = \"report\"", "id = \"alert\"", &["PL-01"]);
    check("id = \"report\"\n", "", &["PL-01"]);
    check("kind = \"overlay\"", "kind = \"overlai\"", &["PL-01"]);
    // Rules name sources, stages name recipients.
    check("verification = \"primary\"", "verification = \"sure\"", &["PL-01"]);
    check("verification = \"primary\"", "", &["PL-01"]);
    check("reader = \"account:legal-1\"\n", "", &["PL-03"]);
    check("article = \"12\"\n", "", &["PL-03"]);
    check("name = \"ZZ Product Security Authority\"\n", "", &["PL-01"]);
    // A clock that cannot be read is not that of the rule, which counts other units.
    check("{ rule = \"literal\" }", "{ rule = \"lunar\" }", &["PL-08"]);
    // What is truly missing is said, beside another fault too.
    check("overlays = \"zz.act.12/alert\"", "overlays = \"zz.act.12/alarm\"", &["PL-09"]);
    let both = example_with("status = \"in_force\"", "status = \"inforce\"");
    let both = both.replacen("overlays = \"zz.act.12/alert\"", "overlays = \"zz.act.12/alarm\"", 1);
    assert_eq!(found(&both), ["PL-01", "PL-09"]);
    check("sources = [\"act-12\"]", "sources = [\"zz_authority\"]", &["PL-03"]);
    check("to = [\"zz_authority\"]", "to = [\"act-12\"]", &["PL-08"]);
}

#[test]
fn a_contested_rule_says_what_is_contested() {
    let table = "contested = { until = 2027-06-30, positions = [\"binds every maker\", \"binds state bodies only\"] }\n";
    let positions = ", positions = [\"binds every maker\", \"binds state bodies only\"]";
    assert_eq!(found(&example_with(table, "")), ["PL-01"]);
    assert_eq!(found(&example_with(positions, "")), ["PL-01"]);
    assert_eq!(found(&example_with(positions, ", positions = []")), ["PL-01"]);
}

#[test]
fn a_clock_that_needs_a_place_has_one() {
    let check = |from: &str, to: &str, codes: &[&str]| {
        assert_eq!(found(&example_with(from, to)), codes, "{from} {to}");
    };
    let dora = "\"eu-dora-rts5\", zone = \"Europe/Dublin\", calendar = \"IE\"";
    check(dora, "\"eu-dora-rts5\"", &["PL-08"]);
    check(dora, "\"eu-dora-rts5\", zone = \"Europe/Dublin\"", &["PL-08"]);
    check(dora, "\"eu-dora-rts5\", zone = \"authority\", calendar = \"authority\"", &[]);
    let business = "\"business-days\", zone = \"Europe/Dublin\", calendar = \"IE\"";
    check(business, "\"business-days\", calendar = \"IE\"", &["PL-08"]);
    // Some rules bring their own place.
    check(business, "\"br-business-days\"", &[]);
    // This one needs a place for weeks and none for hours.
    let weeks = "{ rule = \"calendar-days\" }";
    check(weeks, "{ rule = \"eu-1182-71\" }", &["PL-08"]);
    check(weeks, "{ rule = \"eu-1182-71\", zone = \"Europe/Dublin\", calendar = \"IE\" }", &[]);
    check("{ rule = \"literal\" }", "{ rule = \"eu-1182-71\" }", &[]);
}

#[test]
fn a_range_between_two_bounds_can_hold() {
    let check = |trigger: &str, codes: &[&str]| {
        let text = example_with("trigger = \"true\"", &format!("trigger = \"{trigger}\""));
        assert_eq!(found(&text), codes, "{trigger}");
    };
    check("incident.cn_level > 1 && incident.cn_level < 4", &[]);
    check("incident.cn_level < 1 && incident.cn_level > 0", &[]);
    check("incident.cn_level > 4 && incident.cn_level < 1", &["PL-07"]);
    check("incident.cn_level > 4 && incident.cn_level < 4", &["PL-07"]);
}
