//! Packs: what ships, what the linter says about each fault, and what the example pack computes.

use comity_core::law::lint::{Files, LintAnswer, lint};
use comity_core::law::pack::diff::diff;
use comity_core::law::shipped::{FILES, load_all};
use comity_core::law::vocabulary::Vocabulary;
use comity_core::law::{calendar, pack};
use serde_json::{Value as Json, json};

use super::{answer, at, example_pack as example, one_pack, shipped_packs};

const TODAY: &str = "2026-11-21T12:00:00Z";

fn linted(text: &str, instant: &str) -> LintAnswer {
    let files = Files { folder: "zz", toml: text.as_bytes(), vectors: None, signature: None };
    lint(&[files], at(instant), false, None)
}

fn codes(answer: &LintAnswer) -> Vec<String> {
    answer.findings.iter().map(|f| f.code.to_owned()).collect()
}

#[test]
fn the_embedded_data_reads_whole() {
    assert_eq!(calendar::ids().count(), 16);
    let words = Vocabulary::shipped();
    assert_eq!(words.len(), 86);
    assert_eq!(words.recipients().len(), 82);
    assert!(words.predicate("export.disclosure_note").is_some());
    assert_eq!(shipped_packs().packs().len(), 28);
    assert_eq!(shipped_packs().rules().count(), 101);
}

#[test]
fn the_shipped_packs_pass_the_linter() {
    let files: Vec<Files<'_>> = FILES
        .iter()
        .map(|(folder, toml, vectors)| Files {
            folder,
            toml: toml.as_bytes(),
            vectors: Some(vectors.as_bytes()),
            signature: None,
        })
        .collect();
    let answer = lint(&files, at(TODAY), false, None);
    assert_eq!(answer.errors, 0, "{:#?}", answer.findings);
    assert!(answer.findings.iter().all(|f| f.code == "PL-11" || f.code == "PL-16"));
    assert_eq!(lint(&files, at(TODAY), true, None).errors, 28);
}

#[test]
fn the_example_pack_lacks_only_signatures_and_cases() {
    assert_eq!(codes(&linted(&example(), TODAY)), ["PL-11", "PL-12"]);
}

#[test]
fn every_fault_has_its_code() {
    let check = |from: &str, to: &str, code: &str| {
        let text = example();
        assert!(text.contains(from), "{from}");
        let answer = linted(&text.replacen(from, to, 1), TODAY);
        assert!(codes(&answer).contains(&code.to_owned()), "{from}: {:#?}", answer.findings);
        assert!(answer.errors > 0 || code == "PL-07", "{:#?}", answer.findings);
    };
    check("[pack]", "[pack", "PL-01");
    check("comity.pack/1", "comity.pack/2", "PL-01");
    check("issuer = ", "publisher = ", "PL-01");
    check("vocabulary = \"facts/1\"", "vocabulary = 1", "PL-01");
    check("valid_from = 2026-10-01", "valid_from = \"2026-10-01\"", "PL-01");
    check("version = \"2026.11.1\"", "version = \"2026.13.1\"", "PL-01");
    check("within = \"PT24H\"", "within = \"PT24\"", "PL-01");
    check("rank = \"statute\"", "rank = \"law\"", "PL-01");
    check(
        "bearer = \"'manufacturer' in actor.roles &&",
        "bearer = \"'manufacturer' in actor.roles &",
        "PL-02",
    );
    check("vuln.exploitation == 'active'", "vuln.exploitation == 'often'", "PL-02");
    check("incident.security\"", "incident.insecurity\"", "PL-02");
    check("sources = [\"act-12\"]", "sources = []", "PL-03");
    check("reader = \"account:legal-1\"\n", "", "PL-03");
    check("verification = \"secondary\"", "verification = \"confirmed\"", "PL-03");
    check("id = \"zz.bank.4\"", "id = \"zz.act.12\"", "PL-04");
    check("review_by = 2027-05-31", "review_by = 2026-11-20", "PL-05");
    check("sunset = \"none\" ", "# sunset ", "PL-06");
    check("sunset_reason", "# sunset_reason", "PL-06");
    check("trigger = \"true\"", "trigger = \"false\"", "PL-07");
    check("to = [\"zz_authority\"]", "to = [\"zz_nobody\"]", "PL-08");
    check("from = \"reasonable_belief\"", "from = \"belief\"", "PL-08");
    check("from = \"stage:alert\"", "from = \"stage:alarm\"", "PL-08");
    check("in ZZ_PARTNERS", "in ZZ_FRIENDS", "PL-08");
    check("rule = \"business-days\"", "rule = \"working-days\"", "PL-08");
    check("Europe/Dublin", "Europe/Atlantis", "PL-08");
    check("calendar = \"IE\"", "calendar = \"ZZ\"", "PL-08");
    check("within = \"P3B\"", "within = \"P3D\"", "PL-08");
    check("acts_on = \"zz.act.12/report\"", "acts_on = \"zz.act.12/rapport\"", "PL-08");
    check("rank = \"statute\"", "order = \"YY\"\nrank = \"statute\"", "PL-08");
    check("overlays = \"zz.act.12/alert\"", "overlays = \"zz.act.12/alarm\"", "PL-09");
    check("within = \"PT12H\"", "within = \"PT25H\"", "PL-09");
    check("within = \"PT12H\"", "within = \"PT12H\"\n  min_level = \"L0\"", "PL-09");
    check("  min_level = \"L1\"\n  to = [\"zz_authority\"]", "  to = [\"zz_authority\"]", "PL-13");
    check("  to = [\"zz_authority\"]\n\n", "\n", "PL-13");
    check(
        "'financial_entity' in actor.roles\" }]",
        "true\" }, { rule = \"zz.act.12\", when = \"true\" }]",
        "PL-15",
    );
    check("code = \"no_root_cause_abroad\"", "code = \"c\"\n  conflict_class = \"C99\"", "PL-01");
    check(
        "expr = \"'cyber_breach' in incident.harms",
        "expr = \"incident.security || 'cyber_breach' in incident.harms",
        "PL-15",
    );
    check("trigger = \"true\"", &format!("trigger = \"{}true\"", "!".repeat(17)), "PL-17");
}

#[test]
fn a_rule_yields_only_on_its_own_path() {
    let north =
        example().replacen("id = \"zz.act.12\"", "id = \"zz.act.12\"\norder = \"ZZ/NORTH\"", 1);
    assert!(!codes(&linted(&north, TODAY)).contains(&"PL-14".to_owned()));
    let both = north.replacen("id = \"zz.bank.4\"", "id = \"zz.bank.4\"\norder = \"ZZ/SOUTH\"", 1);
    assert!(codes(&linted(&both, TODAY)).contains(&"PL-14".to_owned()));
}

#[test]
fn one_pack_twice_is_refused() {
    let text = example();
    let files = ["a", "b"].map(|f| (format!("{f}/pack.toml"), text.as_bytes()));
    assert_eq!(load_all(files).unwrap_err().code.as_str(), "LAW-E-PACK");
}

#[test]
fn a_fault_is_shown_with_its_line_and_column() {
    let text = example().replacen("vuln.exploitation == 'active'", "vuln.exploited", 1);
    let answer = linted(&text, TODAY);
    let finding = answer.findings.iter().find(|f| f.code == "PL-02").unwrap();
    let line = text.lines().position(|l| l.contains("vuln.exploited")).unwrap() + 1;
    assert_eq!(finding.r#where, format!("zz/pack.toml:{line}:12"));
    assert!(finding.message.contains("LAW-E-NAME at byte 0"), "{}", finding.message);
    let refused = load_all([("zz/pack.toml".to_owned(), text.as_bytes())]).unwrap_err();
    assert_eq!(refused.code.as_str(), "LAW-E-PACK");
    assert_eq!(refused.place, finding.r#where);
}

#[test]
fn oversized_and_foreign_bytes_are_refused() {
    let check = |bytes: &[u8], code: &str| {
        let (read, findings) = pack::read(bytes, "f");
        assert!(read.is_none());
        assert_eq!(findings.first().unwrap().code, code);
    };
    check(&vec![b'#'; pack::BYTES_MAX + 1], "PL-17");
    check(b"\xff\xfe", "PL-01");
    check(b"", "PL-01");
    check("a = ".as_bytes(), "PL-01");
    check(format!("a = {}", "[".repeat(100_000)).as_bytes(), "PL-01");
}

#[test]
fn a_longer_later_version_needs_the_source_that_amended_it() {
    let rule = |from: &str, to: &str, within: &str, more: &str| {
        format!(
            "\n[[rule]]\nid = \"zz.v\"\nkind = \"obligation\"\nrank = \"statute\"\nforce = \"binding\"\n\
             status = \"in_force\"\nvalid_from = {from}\nvalid_to = {to}\nbearer = \"true\"\n\
             trigger = \"true\"\nsummary = \"s\"\nsources = [\"act-12\"]\nclock = {{ rule = \"literal\" }}\n{more}\
             [[rule.stage]]\nid = \"s\"\nfrom = \"discovery\"\nwithin = \"{within}\"\nmin_level = \"L1\"\n\
             to = [\"zz_authority\"]\n"
        )
    };
    let check = |first: &str, second: &str, within: &str, more: &str, code: Option<&str>| {
        let old = rule("2025-01-01", first, "PT24H", "");
        let text = format!("{}{old}{}", example(), rule(second, "2099-01-01", within, more));
        let found = codes(&linted(&text, TODAY));
        let found = found.iter().find(|c| *c != "PL-11" && *c != "PL-12").map(String::as_str);
        assert_eq!(found, code);
    };
    check("2025-12-31", "2026-01-01", "PT24H", "", None);
    check("2025-12-31", "2026-01-01", "PT48H", "", Some("PL-10"));
    check("2025-12-31", "2026-01-01", "PT48H", "amended_by = \"note-3\"\n", None);
    check("2026-01-01", "2026-01-01", "PT24H", "", Some("PL-04"));
}

fn maker(events: Json, submissions: Json) -> Json {
    json!({
        "schema": "comity.facts/1",
        "case": {
            "id": "c", "lead": "m",
            "facts": {
                "product.markets": ["ZZ"], "vuln.exploitation": "active", "vuln.public": false,
                "vuln.patch_available": false, "case.facets": ["vulnerability"],
                "incident.occurred": false
            }
        },
        "parties": [{
            "id": "m",
            "facts": {
                "actor.roles": ["manufacturer"], "actor.main_establishment": "ZZ",
                "actor.establishments": ["ZZ"]
            },
            "events": events, "submissions": submissions, "holds": "L4",
            "since": "2026-11-20T09:00:00Z"
        }]
    })
}

#[test]
fn the_example_pack_computes_every_kind_of_stage() {
    let events = json!([{"event": "reasonable_belief", "at": "2026-11-20T10:00:00Z"}]);
    let sent = json!([
        {"rule": "zz.act.12", "stage": "alert", "at": "2026-11-20T12:00:00Z", "level": "L1"},
        {"rule": "zz.act.12", "stage": "report", "at": "2026-11-23T12:00:00Z", "level": "L1"}
    ]);
    let packs = one_pack(&example());
    let got = answer(&packs, &maker(events, sent), "2026-11-24T10:00:00Z");
    let duty = |stage: &str| {
        let id = format!("m/zz.act.12/{stage}");
        got["duties"].as_array().unwrap().iter().find(|d| d["id"] == id).unwrap().clone()
    };
    let alert = duty("alert");
    assert_eq!(alert["status"], "met");
    assert_eq!(alert["soft"][0]["target"], "2026-11-20T22:00:00Z");
    assert_eq!(alert["outer"], "2026-11-21T10:00:00Z");
    let report = duty("report");
    assert_eq!(report["status"], "firm");
    assert_eq!(report["warnings"], json!(["submitted-below-level"]));
    // Friday noon, three business days: Wednesday.
    assert_eq!(report["target"], "2026-11-25T12:00:00Z");
    assert_eq!(report["outer"], "2026-11-25T23:59:59Z");
    assert_eq!(duty("progress")["target"], "2026-12-21T12:00:00Z");
    assert_eq!(duty("tell_users")["waiting_for"], "measure_available");
    assert_eq!(got["horizon"]["outside_l3"], Json::Null);
    let network = got["horizon"]["holders"].as_array().unwrap().iter();
    let network = network.clone().find(|h| h["holder"] == "csirt_network").unwrap();
    assert_eq!(network["firm"], json!({}));
    assert_eq!(network["possible"]["L1"], "2026-11-22T12:00:00Z");
    // The ban is contested: it asks and never denies.
    assert_eq!(got["publishers"][0]["may_publish"], "yes");
}

#[test]
fn the_difference_of_two_editions_names_each_key() {
    let new = example().replace("PT24H", "PT36H").replace("2026.11.1", "2026.12.1");
    let changes = diff(example().as_bytes(), new.as_bytes()).unwrap().changes;
    let paths: Vec<&str> = changes.iter().map(|c| c.path.as_str()).collect();
    assert_eq!(paths, ["pack/version", "rule/zz.act.12/stage/alert/within"]);
    assert!(diff(b"a = ", b"").is_err());
}

#[test]
fn a_pack_past_its_sunset_produces_nothing_and_says_so() {
    let text = example().replacen("sunset = \"none\" ", "sunset = 2026-11-22 ", 1);
    let packs = one_pack(&text);
    let events = json!([{"event": "reasonable_belief", "at": "2026-11-20T10:00:00Z"}]);
    let facts = maker(events, json!([]));
    let day_before = answer(&packs, &facts, "2026-11-21T23:59:59Z");
    assert!(!day_before["duties"].as_array().unwrap().is_empty());
    let after = answer(&packs, &facts, "2026-11-22T00:00:00Z");
    assert_eq!(after["duties"], json!([]));
    let classes: Vec<&str> = after["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["class"].as_str().unwrap())
        .collect();
    assert!(classes.contains(&"C17"), "{classes:?}");
}

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/law");
const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");

/// TOML as JSON, dates as texts, so that it compares with `regimes.json`.
fn plain(value: &toml::Value) -> Json {
    match value {
        toml::Value::Datetime(date) => json!(date.to_string()),
        toml::Value::Array(items) => items.iter().map(plain).collect(),
        toml::Value::Table(table) => {
            Json::Object(table.iter().map(|(k, v)| (k.clone(), plain(v))).collect())
        }
        other => serde_json::to_value(other).unwrap(),
    }
}

#[test]
fn the_shipped_packs_hold_every_rule_of_the_shared_data() {
    let Ok(bytes) = std::fs::read(format!("{SHARED}/regimes.json")) else {
        println!("skipped: {SHARED}/regimes.json is not there");
        return;
    };
    for name in ["facts.json", "recipients.json", "sets.json", "calendars.json"] {
        let read = |folder: &str| std::fs::read(format!("{folder}/{name}")).unwrap();
        assert!(read(SHARED) == read(POLICIES), "{name} differs");
    }
    let regimes: Json = serde_json::from_slice(&bytes).unwrap();
    for wanted in regimes["rules"].as_array().unwrap() {
        let (_, text, _) = FILES.iter().find(|(id, _, _)| wanted["pack"] == *id).unwrap();
        let pack: toml::Value = toml::from_str(text).unwrap();
        let pack = plain(&pack);
        let rules = pack["rule"].as_array().unwrap();
        let rule = rules.iter().find(|r| r["id"] == wanted["id"]).unwrap();
        for (key, value) in wanted.as_object().unwrap() {
            let id = &wanted["id"];
            match key.as_str() {
                // Sources are tables of their own; the order is that of the pack unless it differs.
                "order" | "pack" | "sources" | "verification" => {}
                "onward" | "powers" | "predicates" | "prohibits" | "stages" => {
                    let table = key.strip_suffix('s').filter(|_| key != "prohibits").unwrap_or(key);
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        let own = &rule[table][index];
                        for (member, value) in item.as_object().unwrap() {
                            let overlay = rule["kind"] == "overlay" && member == "bound";
                            let lowest = member == "min_level" && value.is_null();
                            let nothing = value.is_null() && own.get(member).is_none();
                            let same = own.get(member) == Some(&stripped(value));
                            assert!(same || nothing || overlay || lowest, "{id} {key} {member}");
                        }
                    }
                }
                _ if value.is_null() || value == "" || value == &json!([]) => {
                    assert!(rule.get(key).is_none(), "{id} {key}");
                }
                _ => assert_eq!(rule[key], stripped(value), "{id} {key}"),
            }
        }
    }
}

/// The value without its nulls, which a pack leaves out.
fn stripped(value: &Json) -> Json {
    match value {
        Json::Object(map) => {
            let kept = map.iter().filter(|(_, v)| !v.is_null());
            Json::Object(kept.map(|(k, v)| (k.clone(), stripped(v))).collect())
        }
        Json::Array(items) => items.iter().map(stripped).collect(),
        other => other.clone(),
    }
}
