//! The commands of law, as people and their scripts run them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder to work in, and what a command there said.
struct Desk {
    folder: TempDir,
}

/// How a command ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }

    /// Asserts a refusal on stdout with its code and place.
    #[track_caller]
    fn refused(&self, code: &str, place: &str) {
        assert_eq!(self.code, 2, "{} {}", self.out, self.err);
        let refusal = self.json();
        assert_eq!(refusal["schema"], "comity.refusal/1");
        assert_eq!(refusal["code"], code, "{refusal}");
        assert!(refusal["where"].as_str().unwrap().ends_with(place), "{refusal}");
    }

    #[track_caller]
    fn ok(&self) -> &Self {
        assert_eq!(self.code, 0, "{} {}", self.out, self.err);
        self
    }
}

impl Desk {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn run(&self, words: &[&str]) -> Said {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_comity"))
            .current_dir(self.folder.path())
            .args(words)
            .output()
            .unwrap();
        Said {
            code: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    /// The facts of a worked case of a shipped pack.
    fn facts(&self, pack: &str, id: &str) -> Value {
        let text = std::fs::read(policies().join(pack).join("vectors.json")).unwrap();
        let all: Value = serde_json::from_slice(&text).unwrap();
        let mut cases = all["scenarios"].as_array().unwrap().iter();
        let facts = cases.find(|case| case["id"] == id).unwrap()["facts"].clone();
        self.put("facts.json", facts.to_string());
        facts
    }

    /// A folder with one shipped pack of which a part of the text is another.
    fn pack(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(policies().join("eu-cra/pack.toml")).unwrap();
        assert!(text.contains(from), "{from}");
        self.put("packs/eu-cra/pack.toml", text.replacen(from, to, 1));
    }
}

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

const AT: &str = "2026-11-20T12:00:00Z";

#[test]
fn duties_answer_in_json_lines_and_as_a_calendar() {
    let desk = Desk::new();
    desk.facts("eu-cra", "eu.cra.art14.aev-due");
    let ask = ["duties", "--facts", "facts.json", "--at", AT];
    let answer = desk.run(&[&ask[..], &["--json"]].concat());
    let first = answer.ok().json();
    assert_eq!(first["schema"], "comity.duties/1");
    assert!(first["notice"].as_str().unwrap().starts_with("Decision support, not legal advice."));
    assert!(!first["duties"].as_array().unwrap().is_empty());
    assert_eq!(
        desk.run(&[&ask[..], &["--json"]].concat()).out,
        answer.out,
        "same input, same bytes"
    );
    let lines = desk.run(&ask);
    assert!(
        lines.ok().out.starts_with("Decision support") || lines.out.contains("Decision support")
    );
    let calendar = desk.run(&[&ask[..], &["--ics"]].concat());
    assert!(calendar.ok().out.starts_with("BEGIN:VCALENDAR\r\n"));
    assert!(calendar.out.ends_with("END:VCALENDAR\r\n"));
}

#[test]
fn wrong_facts_are_refused_with_code_and_place() {
    let desk = Desk::new();
    let facts = desk.facts("eu-cra", "eu.cra.art14.aev-due");
    let check = |change: &dyn Fn(&mut Value), code: &str, place: &str| {
        let mut other = facts.clone();
        change(&mut other);
        desk.put("facts.json", other.to_string());
        desk.run(&["duties", "--facts", "facts.json", "--at", AT, "--json"]).refused(code, place);
    };
    let fact = |name: &'static str, value: Value| {
        move |f: &mut Value| {
            f["parties"][0]["facts"][name] = value.clone();
        }
    };
    check(&fact("actor.shoes", json!(1)), "LAW-E-FACT-NAME", "/parties/0/facts/actor.shoes");
    check(&fact("actor.size", json!(1)), "LAW-E-FACT-TYPE", "/parties/0/facts/actor.size");
    check(&fact("actor.size", json!("vast")), "LAW-E-FACT-VALUE", "/parties/0/facts/actor.size");
    check(&fact("export.disclosure_note", json!(true)), "LAW-E-FACT-ENGINE", "");
    check(
        &|f| {
            f["parties"][0]["events"] =
                json!([{ "event": "detection", "at": "2026-02-30T00:00:00Z" }]);
        },
        "LAW-E-INSTANT",
        "/parties/0/events/0/at",
    );
    check(
        &|f| f["parties"][0]["events"] = json!([{ "event": "doomsday", "at": AT }]),
        "LAW-E-EVENT",
        "/parties/0/events/0/event",
    );
    check(&|f| f["latency"] = json!("soon"), "LAW-E-DURATION", "/latency");
    check(&|f| f["case"]["lead"] = json!("nobody"), "LAW-E-REF", "/case/lead");
    desk.put("facts.json", vec![b' '; (1 << 20) + 1]);
    desk.run(&["duties", "--facts", "facts.json", "--json"]).refused("LAW-E-JSON", "");
    desk.run(&["duties", "--facts", "nowhere.json", "--json"])
        .refused("LAW-E-JSON", "nowhere.json");
    desk.facts("eu-cra", "eu.cra.art14.aev-due");
    desk.run(&["duties", "--facts", "facts.json", "--at", "noon", "--json"])
        .refused("LAW-E-INSTANT", "--at");
    let plain = desk.run(&["duties", "--facts", "facts.json", "--at", "noon"]);
    assert_eq!((plain.code, plain.out.as_str()), (2, ""));
    assert!(plain.err.contains("LAW-E-INSTANT at --at"), "{}", plain.err);
}

#[test]
fn a_preview_shows_what_a_party_brings() {
    let desk = Desk::new();
    desk.facts("eu-cra", "eu.cra.art14.aev-due");
    let guest = json!({ "id": "guest", "facts": { "actor.roles": ["manufacturer"],
        "actor.main_establishment": "CN", "actor.establishments": ["CN"] },
        "events": [{ "event": "signal_received", "at": "2026-11-20T08:00:00Z" }] });
    desk.put("guest.json", guest.to_string());
    let ask = ["preview", "--facts", "facts.json", "--invite", "guest.json", "--at", AT, "--json"];
    let answer = desk.run(&ask).ok().json();
    assert_eq!(
        (&answer["schema"], &answer["invitee"]),
        (&json!("comity.preview/1"), &json!("guest"))
    );
    assert!(!answer["new_duties"].as_array().unwrap().is_empty());
    desk.put("guest.json", json!({ "id": "GUEST", "facts": {} }).to_string());
    desk.run(&ask).refused("LAW-E-SCHEMA", "/id");
}

#[test]
fn a_clock_gives_two_dates_or_says_why_not() {
    let desk = Desk::new();
    let clock = |rule: &str, from: &str, within: &str, more: &[&str]| {
        let base = ["clock", "--rule", rule, "--from", from, "--within", within, "--json"];
        desk.run(&[&base[..], more].concat())
    };
    let (from, day) = ("2026-12-24T15:20:00Z", "P1D");
    let answer = clock("eu-1182-71", from, "PT24H", &[]).ok().json();
    assert_eq!(
        (&answer["target"], &answer["outer"]),
        (&json!("2026-12-25T15:20:00Z"), &json!("2026-12-25T16:00:00Z"))
    );
    clock("lunar", from, day, &[]).refused("LAW-E-CLOCK-RULE", "--rule");
    clock("literal", "2026-02-30T00:00:00Z", day, &[]).refused("LAW-E-INSTANT", "--from");
    clock("literal", from, "P1D2H", &[]).refused("LAW-E-DURATION", "--within");
    clock("calendar-days", from, day, &["--tz", "Europe/Atlantis"]).refused("LAW-E-ZONE", "--tz");
    clock("business-days", from, "P3B", &[]).refused("LAW-E-CLOCK-ZONE", "--tz");
    let berlin = ["--tz", "Europe/Berlin"];
    clock("business-days", from, "P3B", &berlin).refused("LAW-E-CLOCK-CALENDAR", "--calendar");
    clock("literal", from, "P3B", &[]).refused("LAW-E-CLOCK-UNIT", "--within");
    clock("business-days", from, "P3B", &["--tz", "Europe/Berlin", "--calendar", "XX"])
        .refused("LAW-E-CALENDAR", "--calendar");
}

#[test]
fn a_faulty_pack_is_shown_with_file_line_and_column() {
    let desk = Desk::new();
    let finding = |from: &str, to: &str, code: &str| -> String {
        desk.pack(from, to);
        let said = desk.run(&["pack", "lint", "packs", "--at", AT, "--json"]);
        assert_eq!(said.code, 1, "{} {}", said.out, said.err);
        let answer = said.json();
        let findings = answer["findings"].as_array().unwrap();
        let found = findings.iter().find(|f| f["code"] == code && f["severity"] == "error");
        found.unwrap_or_else(|| panic!("{code} in {findings:?}"))["where"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let place = finding("bearer = \"", "bearer = \"actor.shoe == 'red' && ", "PL-02");
    let parts: Vec<&str> = place.split(':').collect();
    assert_eq!((parts.len(), parts[0]), (3, "eu-cra/pack.toml"), "{place}");
    assert!(parts[1..].iter().all(|n| n.parse::<u32>().unwrap() > 0), "{place}");
    finding("bearer = \"", &format!("bearer = \"{}", "(".repeat(40)), "PL-17");
    finding("within = \"PT24H\"", "within = \"soon\"", "PL-01");
    finding("to = [\"csirt_coordinator\"", "to = [\"nobody_here\"", "PL-08");
    finding("review_by = 2027-02-21", "review_by = 2026-01-01", "PL-05");
    finding("instrument = \"", "instrument = \"\" # ", "PL-03");
    // The same pack is refused for answers, with its place.
    desk.facts("eu-cra", "eu.cra.art14.aev-due");
    desk.pack("bearer = \"", "bearer = \"actor.shoe == 'red' && ");
    let said =
        desk.run(&["duties", "--facts", "facts.json", "--packs", "packs", "--at", AT, "--json"]);
    said.refused("LAW-E-PACK", ":150:11");
    assert_eq!(said.json()["where"], "eu-cra/pack.toml:150:11");
    desk.put("packs/eu-cra/pack.toml", vec![b'#'; (1 << 20) + 1]);
    let said = desk.run(&["pack", "lint", "packs", "--json"]);
    assert_eq!((said.code, said.out.contains("PL-17")), (1, true), "{}", said.out);
    desk.run(&["pack", "lint", "nowhere", "--json"]).refused("LAW-E-PACK", "nowhere");
}

#[test]
fn a_pack_is_signed_by_two_organisations_and_every_change_shows() {
    let desk = Desk::new();
    desk.pack("within = \"PT24H\"", "within = \"PT12H\"");
    let key = |name: &str| desk.run(&["pack", "key", name]).ok().out.trim().to_owned();
    let (one, other) = (key("one.key"), key("other.key"));
    assert_eq!(desk.run(&["pack", "key", "one.key", "--json"]).code, 2, "never overwritten");
    let trust = json!({ "signers": [{ "key": one, "organisation": "cert-norvik" },
        { "key": other, "organisation": "law-school-norvik" }] });
    desk.put("trust.json", trust.to_string());
    let sign = |key: &str, role: &str, organisation: &str| {
        desk.run(&[
            "pack",
            "sign",
            "packs/eu-cra",
            "--key",
            key,
            "--role",
            role,
            "--organisation",
            organisation,
            "--at",
            AT,
            "--json",
        ])
    };
    let verify = || desk.run(&["pack", "verify", "packs", "--trust", "trust.json", "--json"]);
    let code = || {
        let said = verify();
        assert_eq!(said.code, 1, "{}", said.out);
        said.json()["packs"][0]["refused"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code(), "LAW-E-SIG-MISSING");
    sign("one.key", "legal_officer", "cert-norvik").ok();
    assert_eq!(code(), "LAW-E-SIG-MISSING");
    sign("one.key", "second_reader", "cert-norvik").ok();
    assert_eq!(code(), "LAW-E-SIG-ALONE");
    let lint = |more: &[&str]| {
        let said = desk.run(
            &[&["pack", "lint", "packs", "--at", AT, "--require-signed", "--json"], more].concat(),
        );
        let all = said.json()["findings"].clone();
        let found = all.as_array().unwrap().iter().find(|f| f["code"] == "PL-11");
        found.map(|f| f["message"].as_str().unwrap().to_owned())
    };
    let listed = |more: &[&str]| {
        let said = desk.run(&[&["pack", "list", "packs", "--json"], more].concat());
        said.ok().json()["packs"][0]["signed"] == true
    };
    let trusted = ["--trust", "trust.json"];
    // One key under two names is one signer.
    sign("one.key", "second_reader", "somebody-else").ok();
    assert!(lint(&[]).unwrap().contains("LAW-E-SIG-ALONE"));
    assert!(!listed(&[]));
    sign("one.key", "second_reader", "cert-norvik").ok();
    // Without a list the keys are taken at their word; with one they are not.
    sign("other.key", "second_reader", "somebody-else").ok();
    assert_eq!(code(), "LAW-E-SIG-FOREIGN");
    assert!(lint(&trusted).unwrap().contains("LAW-E-SIG-FOREIGN"));
    assert_eq!(lint(&[]), None);
    assert_eq!((listed(&[]), listed(&trusted)), (true, false));
    sign("other.key", "second_reader", "law-school-norvik").ok();
    let good = verify();
    assert_eq!(good.ok().json()["packs"][0]["signatures"].as_array().unwrap().len(), 3);
    assert_eq!((listed(&[]), listed(&trusted)), (true, true));
    assert_eq!((lint(&[]), lint(&trusted)), (None, None));
    desk.facts("eu-cra", "eu.cra.art14.aev-due");
    let asked = ["duties", "--facts", "facts.json", "--packs", "packs", "--at", AT, "--json"];
    assert_eq!(desk.run(&asked).ok().json()["packs"][0]["signed"], true);
    let sig = std::fs::read_to_string(desk.path("packs/eu-cra/pack.sig")).unwrap();
    desk.put("packs/eu-cra/pack.sig", sig.replace("legal_officer", "second_reader"));
    assert_eq!(code(), "LAW-E-SIG-WRONG");
    desk.put("packs/eu-cra/pack.sig", "not json\n");
    assert_eq!(code(), "LAW-E-SIG-FORM");
    desk.put("packs/eu-cra/pack.sig", &sig);
    // One hour more, and nobody has signed that.
    desk.pack("within = \"PT24H\"", "within = \"PT13H\"");
    assert_eq!(code(), "LAW-E-SIG-BYTES");
    assert!(lint(&[]).unwrap().contains("LAW-E-SIG-BYTES"));
    assert!(!listed(&[]));
    // Who signs the new bytes starts anew: the old signatures are dropped.
    sign("one.key", "legal_officer", "cert-norvik").ok();
    let lines = std::fs::read_to_string(desk.path("packs/eu-cra/pack.sig")).unwrap();
    assert_eq!(lines.lines().count(), 1);
    sign("one.key", "judge", "cert-norvik").refused("LAW-E-SIG-FORM", "--role");
    sign("one.key", "legal_officer", "CERT Norvik").refused("LAW-E-SIG-FORM", "--organisation");
    sign("nowhere.key", "legal_officer", "cert-norvik").refused("LAW-E-SIG-FORM", "nowhere.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(desk.path("one.key"), open).unwrap();
        sign("one.key", "legal_officer", "cert-norvik").refused("LAW-E-SIG-FORM", "one.key");
    }
}

#[test]
fn a_packet_is_filled_as_far_as_the_facts_know() {
    let desk = Desk::new();
    let facts = desk.facts("eu-cra", "eu.cra.art14.aev-due");
    let party = facts["parties"][0]["id"].as_str().unwrap();
    let duty = format!("{party}/eu.cra.art14.aev/early_warning");
    desk.put(
        "answers.json",
        json!({ "product_name": "Lumen Serve", "general_information": "root cause" }).to_string(),
    );
    let ask = ["packet", &duty, "--facts", "facts.json", "--answers", "answers.json", "--at", AT];
    let packet = desk.run(&[&ask[..], &["--json"]].concat()).ok().json();
    assert_eq!(packet["schema"], "comity.packet/1");
    let field = |name: &str| {
        let fields = packet["fields"].as_array().unwrap();
        fields.iter().find(|field| field["name"] == name).cloned().unwrap()
    };
    assert_eq!(
        (&field("product_name")["value"], &field("product_name")["state"]),
        (&json!("Lumen Serve"), &json!("filled"))
    );
    assert!(packet["gaps"].as_array().unwrap().contains(&json!("product_version")));
    assert!(!packet.to_string().contains("root cause"), "only what the form asks, at its level");
    let text = desk.run(&ask);
    assert!(text.ok().out.contains("Lumen Serve") && text.out.contains("Decision support"));
    let html = desk.run(&[&ask[..], &["--html"]].concat());
    assert!(html.ok().out.starts_with("<!doctype html>"));
    desk.put("answers.json", "{\"product_name\": 1}");
    desk.run(&[&ask[..], &["--json"]].concat()).refused("LAW-E-SCHEMA", "answers.json:1:18");
    desk.put("answers.json", "{}");
    let wrong = ["packet", "x/y/z", "--facts", "facts.json", "--at", AT, "--json"];
    desk.run(&wrong).refused("LAW-E-REF", "/duty");
}

#[test]
fn an_agreement_is_checked_and_dated() {
    let desk = Desk::new();
    desk.put("agreement.json", "{\"schema\":\"comity.agreement/1\"}");
    desk.run(&["agreement", "lint", "agreement.json", "--json"]).refused("LAW-E-SCHEMA", "");
    desk.put("agreement.json", "{");
    desk.run(&["agreement", "status", "agreement.json", "--at", AT, "--json"])
        .refused("LAW-E-JSON", "");
}

#[test]
fn a_hub_without_cases_has_none_that_packs_change() {
    let desk = Desk::new();
    let data = desk.path("hub");
    let data = data.to_str().unwrap();
    desk.run(&[
        "--data",
        data,
        "init",
        "--hub",
        "nv",
        "--name",
        "CERT Norvik",
        "--jurisdiction",
        "NV",
    ])
    .ok();
    let said = desk.run(&["--data", data, "pack", "affected", "--json"]);
    let answer = said.ok().json();
    assert_eq!((&answer["schema"], &answer["seen"]), (&json!("comity.pack-changes/1"), &json!(0)));
    let lines = desk.run(&["--data", data, "pack", "affected"]);
    assert!(lines.ok().out.contains("0 open cases"), "{}", lines.out);
    assert_eq!(desk.run(&["--data", "nowhere", "pack", "affected"]).code, 2);
    // A folder of packs that nobody signed keeps the hub from opening, and says which file.
    desk.pack("within = \"PT24H\"", "within = \"PT12H\"");
    let config = std::fs::read_to_string(desk.path("hub/config.toml")).unwrap();
    let packs = desk.path("packs");
    let config = config.replace("policies_folder = \"\"", &format!("policies_folder = {packs:?}"));
    desk.put("hub/config.toml", config);
    let refused = desk.run(&["--data", data, "pack", "affected"]);
    assert_eq!(refused.code, 2, "{} {}", refused.out, refused.err);
    assert!(refused.err.contains("LAW-E-SIG-MISSING at eu-cra/pack.sig"), "{}", refused.err);
}
