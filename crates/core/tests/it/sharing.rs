//! The sharing gate against its vectors and its properties.

mod properties;

use std::path::PathBuf;
use std::sync::LazyLock;

use comity_core::lexicon::Lexicon;
use comity_core::sharing::{
    Bundle, Exchange, Instant, LEAF_SCHEMA, Policies, Policy, RecordBody, ShareCase, SignedRecord,
    Tier, leaf, preview, replay, screen,
};
use comity_ledger::entry::Salt;
use comity_ledger::key::SigningKey;
use comity_ledger::statement::{self, StatementKind};
use serde_json::{Value, json};

/// Returns the vectors that this repository keeps, and those of the shared data if they are there.
fn vector_files() -> Vec<Value> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/sharing/vectors.json");
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/sharing/vectors.json");
    let read = |path: &str| std::fs::read_to_string(PathBuf::from(path)).ok();
    if read(shared).is_none() {
        println!("skipped: ../shared/data/sharing/vectors.json is not here");
    }
    [own, shared]
        .into_iter()
        .filter_map(read)
        .map(|text| serde_json::from_str(&text).unwrap())
        .collect()
}

static OWN: LazyLock<Value> = LazyLock::new(|| vector_files().swap_remove(0));
static POLICY: LazyLock<Policy> = LazyLock::new(|| Policies::embedded().unwrap().current().clone());

pub(crate) fn policy() -> &'static Policy {
    &POLICY
}

/// Returns the exchange of a vector.
pub(crate) fn exchange_of(id: &str) -> Value {
    vector(id)["exchange"].clone()
}

pub(crate) fn vector(id: &str) -> Value {
    let vectors = OWN["vectors"].as_array().unwrap();
    vectors.iter().find(|vector| vector["id"] == id).unwrap().clone()
}

/// Returns the result of a screen or its refusals, as the command prints them.
pub(crate) fn screened(exchange: &Value, policy: &Policy) -> Value {
    match Exchange::from_value(exchange.clone(), policy, None) {
        Ok(exchange) => serde_json::to_value(screen(&exchange, policy)).unwrap(),
        Err(refusals) => json!({ "refusals": refusals }),
    }
}

fn previewed(case: &Value, recipient: &Value, policy: &Policy) -> Value {
    let lexicon = Lexicon::embedded();
    let bytes = |value: &Value| serde_json::to_vec(value).unwrap();
    let shown = ShareCase::read(&bytes(case), lexicon)
        .and_then(|case| preview(&case.draft(&bytes(recipient), policy, None)?, policy));
    match shown {
        Ok(preview) => serde_json::to_value(preview).unwrap(),
        Err(refusals) => json!({ "refusals": refusals }),
    }
}

/// Returns codes and pointers of what is refused in the worked example after a change.
fn refused(change: impl Fn(&mut Value)) -> Vec<String> {
    let mut exchange = exchange_of("S01");
    change(&mut exchange);
    let found = screened(&exchange, policy());
    let refusals = found["refusals"].as_array().cloned().unwrap_or_default();
    refusals
        .iter()
        .map(|one| {
            format!("{} {}", one["code"].as_str().unwrap(), one["pointer"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn every_wrong_member_is_named() {
    let check = |pointer: &str, value: Value, expected: &[&str]| {
        let found = refused(|exchange| {
            *exchange.pointer_mut(pointer).unwrap() = value.clone();
        });
        assert_eq!(found, expected, "{pointer} {value}");
    };
    check("/at", json!("2027-01-15T09:00Z"), &["value-invalid /at"]);
    check("/asked_at", json!("2027-01-15T09:00:01Z"), &["value-invalid /asked_at"]);
    check("/case", json!("a b"), &["value-invalid /case"]);
    check("/object", json!("AB".repeat(32)), &["value-invalid /object"]);
    check("/classes", json!([]), &["value-invalid /classes"]);
    check("/classes", json!(["weights"]), &["value-invalid /classes/0"]);
    check("/classes", json!(["abstract", "deliberation"]), &["exchange-class-never /classes/1"]);
    check("/area", json!("war"), &["value-invalid /area"]);
    check("/purpose", json!("profit"), &["value-invalid /purpose"]);
    check("/requested", json!("T6"), &["value-invalid /requested"]);
    check("/patch_at", json!(0), &["value-invalid /patch_at"]);
    check("/marking/tlp", json!("WHITE"), &["value-invalid /marking/tlp"]);
    check("/marking/caveats", json!(["rel:"]), &["caveat-unknown /marking/caveats/0"]);
    check("/marking/caveats", json!(["no:king"]), &["caveat-unknown /marking/caveats/0"]);
    check("/marking/caveats", json!(["eyes:five"]), &["caveat-unknown /marking/caveats/0"]);
    check("/recipient/role", json!("finder"), &["exchange-natural-person /recipient/role"]);
    check("/recipient/role", json!("king"), &["value-invalid /recipient/role"]);
    check("/answers/A1", json!(1.5), &["value-invalid /answers/A1"]);
    check("/answers/A1", json!(-1), &["value-invalid /answers/A1"]);
    check("/answers/A1", json!("u"), &["value-invalid /answers/A1"]);
    check("/mitigations/0/id", json!("M-XXX"), &["mitigation-unknown /mitigations/0/id"]);
    check("/mitigations/0/id", json!("M-SD"), &["mitigation-twice /mitigations/1/id"]);
    check("/mitigations/0/evidence", json!("yes"), &["value-invalid /mitigations/0/evidence"]);
    check("/gates/E1", json!({}), &["member-missing /gates/E1/state"]);
    check("/gates/E1", json!({ "state": "prohibited" }), &["member-missing /gates/E1/basis"]);
    let limited = json!({ "state": "limited", "basis": "a" });
    check("/gates/E2", limited, &["member-missing /gates/E2/ceiling"]);
    check("/gates/E3/basis", json!("because"), &["carve-out-incomplete /gates/E3"]);
    check("/gates/E3/expires", json!("2027-04-14T23:00:01Z"), &["carve-out-incomplete /gates/E3"]);
    check("/patch_at", json!("9999-12-31T23:59:59Z"), &[]);
    check("/gates/E3/expires", json!("2027-04-14T23:00:00Z"), &[]);
    let due = &["member-missing /gates/E5/basis", "member-missing /gates/E5/min_tier"];
    check("/gates/E5", json!({ "state": "due" }), due);
    check("/gates", json!({ "E4": {} }), &["member-unknown /gates/E4"]);
    let both = json!({ "state": "A" });
    check("/embargo", both, &["member-missing /embargo/ends_at"]);
}

#[test]
fn a_carve_out_without_its_reason_is_incomplete() {
    let found =
        refused(|exchange| _ = exchange["gates"]["E3"].as_object_mut().unwrap().remove("basis"));
    assert_eq!(found, ["carve-out-incomplete /gates/E3"]);
}

#[test]
fn a_signature_dated_ahead_keeps_no_warning_back() {
    let mut warning = exchange_of("S11");
    let tier = |exchange: &Value| screened(exchange, policy())["tiers"][1]["verdict"].clone();
    assert_eq!(tier(&warning), "deny", "signed ten hours ago");
    warning["gates"]["E3"]["signed_at"] = json!("2027-03-01T00:00:00Z");
    warning["gates"]["E3"]["expires"] = json!("2027-03-20T00:00:00Z");
    assert_eq!(tier(&warning), "escalate");
}

#[test]
fn the_end_of_a_ceiling_that_blocks_nothing_is_no_date() {
    let mut exchange = exchange_of("S01");
    exchange["gates"]["E3"]["ceiling"] = json!("T5");
    exchange["gates"]["E3"]["state"] = json!("limited");
    exchange["gates"]["E3"]["expires"] = json!("2027-01-18T12:00:00Z");
    assert_eq!(screened(&exchange, policy())["refusal_expires"], "2027-02-14T09:00:00Z");
    exchange["gates"]["E3"]["ceiling"] = json!("T3");
    assert_eq!(screened(&exchange, policy())["refusal_expires"], "2027-01-18T12:00:00Z");
}

#[test]
fn all_that_is_wrong_is_named_at_once() {
    let found = refused(|exchange| {
        exchange["x/y"] = json!(1);
        exchange["answers"]["Z"] = json!(1);
        exchange["recipient"]["org"] = json!("\u{7}");
        exchange.as_object_mut().unwrap().remove("case");
    });
    let expected = [
        "member-unknown /answers/Z",
        "member-missing /case",
        "value-invalid /recipient/org",
        "member-unknown /x~1y",
    ];
    assert_eq!(found, expected);
    let proof = refused(|exchange| {
        exchange["area"] = json!("protocol");
        exchange["classes"] = json!(["proof"]);
    });
    assert_eq!(proof, ["exchange-class-tier /requested"]);
}

#[test]
fn bytes_that_are_no_exchange_are_refused() {
    let check = |bytes: &[u8], expected: &str| {
        let refusals = Exchange::read(bytes, policy(), None).unwrap_err();
        let found: Vec<String> =
            refusals.iter().map(|one| format!("{} {}", one.code, one.pointer)).collect();
        assert_eq!(found, [expected]);
    };
    check(b"{", "value-invalid ");
    check(b"[]", "value-invalid ");
    check(b"{}", "member-missing /schema");
    check(br#"{"schema":"comity.exchange/1","schema":"comity.exchange/1"}"#, "value-invalid ");
    check(&vec![b' '; 256 * 1024 + 1], "too-large ");
}

#[test]
fn another_instant_replaces_the_exchanges_own() {
    let exchange = exchange_of("S01");
    let mut moved = exchange.clone();
    moved["at"] = json!("2027-02-20T00:00:00Z");
    let at = Instant::parse("2027-02-20T00:00:00Z");
    let one = Exchange::from_value(exchange, policy(), at).unwrap();
    let other = Exchange::from_value(moved, policy(), None).unwrap();
    assert_eq!(screen(&one, policy()), screen(&other, policy()));
}

#[test]
fn a_record_replays_or_its_policy_is_unknown() {
    let policies = Policies::embedded().unwrap();
    let exchange = Exchange::from_value(exchange_of("S01"), policy(), None).unwrap();
    let result = screen(&exchange, policy());
    let decided_at = Instant::parse("2027-01-15T12:00:00Z").unwrap();
    let body = RecordBody::new((&exchange, &result), &[], ("ana", decided_at), None);
    let bytes = body.to_bytes().unwrap();
    assert!(replay(&bytes, &policies).unwrap().is_identical());
    let mut record: Value = serde_json::from_slice(&bytes).unwrap();
    record["result"]["tiers"][5]["verdict"] = json!("allow");
    let changed = serde_json::to_vec(&record).unwrap();
    assert!(!replay(&changed, &policies).unwrap().is_identical());
    let mut early = record.clone();
    early["decided_at"] = json!("2027-01-15T08:59:59Z");
    let refusals = replay(&serde_json::to_vec(&early).unwrap(), &policies).unwrap_err();
    assert_eq!(refusals[0].pointer, "/decided_at");
    record["result"]["policy"] = json!(format!("sha256:{}", "0".repeat(64)));
    let refusals = replay(&serde_json::to_vec(&record).unwrap(), &policies).unwrap_err();
    assert_eq!(refusals[0].code, "policy-unknown");
}

#[test]
fn an_export_holds_together_or_is_refused() {
    let key = SigningKey::from_bytes(&[5; 32]);
    let exchange = Exchange::from_value(exchange_of("S01"), policy(), None).unwrap();
    let result = screen(&exchange, policy());
    let decided_at = Instant::parse("2027-01-15T12:00:00Z").unwrap();
    let body = RecordBody::new((&exchange, &result), &[], ("ana", decided_at), None);
    let record = String::from_utf8(body.to_bytes().unwrap()).unwrap();
    let salt = Salt::from_bytes([7; 32]);
    let export = |record: &str, change: &dyn Fn(&mut Value, &mut Value)| {
        let leaf = comity_ledger::digest::hex(&leaf(&salt, record.as_bytes()));
        let mut said = json!({ "at": 1, "case": "nv-2027-00007", "leaf": leaf,
            "schema": LEAF_SCHEMA, "v": 1 });
        let mut export = json!({ "schema": "comity.screen-export/1", "case": "nv-2027-00007",
            "leaf": leaf, "salt": salt.to_string(), "record": record });
        change(&mut said, &mut export);
        let signed = statement::sign(StatementKind::Screen, &said, &key).unwrap();
        export["statement"] = serde_json::from_slice(signed.as_bytes()).unwrap();
        let read = SignedRecord::read(&serde_json::to_vec(&export).unwrap());
        read.and_then(|read| read.check(Some(key.verifying_key())).map_err(|one| vec![one]))
            .map_err(|refusals| format!("{} {}", refusals[0].code, refusals[0].pointer))
    };
    assert_eq!(export(&record, &|_, _| ()), Ok(()));
    let check = |change: &dyn Fn(&mut Value, &mut Value), wanted: &str| {
        assert_eq!(export(&record, change), Err(wanted.to_owned()));
    };
    check(&|_, export| export["case"] = json!("nv-2027-00008"), "record-other /case");
    check(&|said, _| said["case"] = json!("nv-2027-00008"), "record-other /statement");
    check(&|said, _| said["schema"] = json!("other"), "record-other /statement");
    check(&|said, _| said["more"] = json!(1), "record-other /statement");
    check(&|_, export| export["more"] = json!(1), "member-unknown /more");
    let spaced = record.replacen(':', ": ", 1);
    assert_eq!(export(&spaced, &|_, _| ()), Err("value-invalid /record".to_owned()));
}

#[test]
fn every_path_of_a_report_is_mapped_or_never_leaves() {
    fn walk(schema: &Value, path: &str, found: &mut Vec<String>) {
        if let Some(members) = schema.get("properties").and_then(Value::as_object) {
            for (key, member) in members {
                let joint = if path.is_empty() { "" } else { "." };
                walk(member, &format!("{path}{joint}{key}"), found);
            }
        } else if let Some(items) =
            schema.get("items").filter(|items| items.get("properties").is_some())
        {
            walk(items, &format!("{path}[]"), found);
        } else {
            found.push(path.to_owned());
        }
    }
    let schema: Value =
        serde_json::from_str(comity_core::lexicon::file("report.schema.json").unwrap()).unwrap();
    let mut paths = Vec::new();
    walk(&schema, "", &mut paths);
    assert!(paths.len() > 60);
    for path in paths {
        let never = ["identity.", "deliberation.", "disclosure."];
        let is_never = never.iter().any(|part| path.starts_with(part));
        assert_eq!(policy().lets_out(&path, Tier::T5), !is_never, "{path}");
    }
}

#[test]
fn a_bundle_that_arrives_keeps_to_its_tier() {
    let report = vector("V01")["case"]["report"].clone();
    let bundle = Bundle::derive(&report, Tier::T2, policy()).unwrap();
    let lexicon = Lexicon::embedded();
    let read = |bytes: &[u8]| Bundle::read(bytes, policy(), lexicon);
    assert_eq!(read(bundle.bytes()).as_ref(), Ok(&bundle));
    let lower = bundle.lower(Tier::T1, policy()).unwrap();
    assert_eq!(lower, Bundle::derive(&report, Tier::T1, policy()).unwrap());
    let mut value: Value = serde_json::from_slice(bundle.bytes()).unwrap();
    value["tier"] = json!("T1");
    assert!(read(&serde_json::to_vec(&value).unwrap()).is_err());
    value["tier"] = json!("T2");
    value["report"]["identity"] = json!({ "name": "Sanaa" });
    assert!(read(&serde_json::to_vec(&value).unwrap()).is_err());
}

#[test]
fn a_payload_in_a_title_keeps_a_preview_back() {
    let vector = vector("V01");
    let mut case = vector["case"].clone();
    case["report"]["abstract"]["title"] = json!("send {{role}} `now`");
    case["answers"]["D1"] = json!(1);
    let found = previewed(&case, &vector["recipient"], policy());
    let expected = [
        json!({ "code": "answer-twice", "params": {}, "pointer": "/answers/D1" }),
        json!({ "code": "tier-text", "params": {}, "pointer": "/report/abstract/title" }),
    ];
    assert_eq!(found["refusals"], json!([expected[0]]));
    case["answers"].as_object_mut().unwrap().remove("D1");
    let found = previewed(&case, &vector["recipient"], policy());
    assert_eq!(found["refusals"], json!([expected[1]]));
}

#[test]
fn every_vector_is_exact() {
    for file in vector_files() {
        let policy = Policy::from_value(file["policy"].clone()).unwrap();
        for vector in file["vectors"].as_array().unwrap() {
            let found = match vector["kind"].as_str().unwrap() {
                "screen" => screened(&vector["exchange"], &policy),
                "preview" => previewed(&vector["case"], &vector["recipient"], &policy),
                "alpha" => continue,
                kind => panic!("a vector of kind {kind}"),
            };
            let expected = &vector["expect"];
            if found.get("refusals").is_none() {
                for (key, value) in expected.as_object().unwrap() {
                    assert_eq!(&found[key], value, "{} {key}", vector["id"]);
                }
            }
            assert_eq!(found, *expected, "{}", vector["id"]);
        }
    }
}

#[test]
fn the_embedded_policy_is_that_of_the_vectors() {
    for file in vector_files() {
        assert_eq!(policy().hash(), Policy::from_value(file["policy"].clone()).unwrap().hash());
    }
}
