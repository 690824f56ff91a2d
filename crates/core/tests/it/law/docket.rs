//! The law side of a case: what its own entries establish, and what people state beside it.

use comity_core::case::Case;
use comity_core::case::read::EntrySet;
use comity_core::law::docket::{Docket, Record, Statement};
use serde_json::{Value as Json, json};

use super::shipped_packs;

const HOUR: i64 = 3_600_000;
const START: i64 = 1_798_804_800_000;

/// Entries of one hub, numbered as they come.
fn case(said: &[(&str, &str, Json)]) -> Case {
    let mut lines = Vec::new();
    for (seq, (party, kind, body)) in said.iter().enumerate() {
        let prev = seq.checked_sub(1).map(|before| format!("e{before}"));
        let at = START + i64::try_from(seq).unwrap() * HOUR;
        let entry = json!({ "id": format!("e{seq}"), "case": "nv-1", "author": "nv", "seq": seq,
            "prev": prev, "seen": [], "at": at, "kind": kind, "party": party, "body": body });
        lines.push(entry.to_string());
    }
    let case = EntrySet::read_lines(lines.join("\n").as_bytes()).unwrap().fold();
    assert_eq!(case.void().count(), 0, "{:?}", case.void().collect::<Vec<_>>());
    case
}

fn opened() -> Vec<(&'static str, &'static str, Json)> {
    vec![
        (
            "nv",
            "case.open",
            json!({ "parties": [
            { "party": "nv", "org": "nv", "roles": ["coordinator"] },
            { "party": "finder", "org": "f", "roles": ["finder"] }] }),
        ),
        ("nv", "report.judge", json!({ "to": "V" })),
        ("nv", "report.judge", json!({ "to": "A" })),
        (
            "nv",
            "party.invite",
            json!({ "party": "acme", "org": "acme", "hub": "nv", "roles": ["vendor"] }),
        ),
        ("nv", "report.send", json!({ "to": "acme" })),
        ("acme", "report.ack", json!({ "of": "e4" })),
    ]
}

fn document(case: &Case, records: &[Record]) -> Json {
    let docket =
        Docket { case, records, received_at: Some(START - HOUR), hub: "nv", agreements: &[] };
    docket.facts(shipped_packs(), START).unwrap();
    docket.document(shipped_packs(), START)
}

fn party<'j>(document: &'j Json, id: &str) -> &'j Json {
    document["parties"].as_array().unwrap().iter().find(|party| party["id"] == id).unwrap()
}

fn said(id: &str, organisation: &str, statement: Json) -> Record {
    Record {
        id: id.to_owned(),
        of: None,
        at: START,
        by: "ada".to_owned(),
        organisation: organisation.to_owned(),
        statement: serde_json::from_value::<Statement>(statement).unwrap(),
    }
}

#[test]
fn a_role_in_a_case_is_no_legal_designation() {
    let document = document(&case(&opened()), &[]);
    let acme = party(&document, "acme");
    assert_eq!(acme["facts"]["actor.roles"], json!({ "known": ["vendor"], "complete": false }));
    assert_eq!(acme["events"][0]["event"], "signal_received");
    assert_eq!(
        party(&document, "nv")["facts"]["actor.roles"]["known"],
        json!(["coordinator", "hub"])
    );
    let events: Vec<&Json> =
        party(&document, "nv")["events"].as_array().unwrap().iter().map(|e| &e["event"]).collect();
    assert_eq!(events, ["report_received", "signal_received"]);
    // Nobody claimed that it is public, and nobody said anything of exploitation.
    assert_eq!(document["case"]["facts"]["vuln.public"], false);
    assert_eq!(document["case"]["facts"].get("vuln.exploitation"), None);
    let stated = said(
        "r1",
        "acme",
        json!({ "kind": "fact", "party": "acme", "fact": "actor.roles", "value": ["manufacturer"] }),
    );
    let with = self::document(&case(&opened()), &[stated]);
    assert_eq!(party(&with, "acme")["facts"]["actor.roles"], json!(["manufacturer", "vendor"]));
}

#[test]
fn a_claim_that_counts_is_stronger_than_a_statement() {
    let mut all = opened();
    let claim = |letter: &str| {
        let evidence = json!([{ "type": "url", "ref": "https://norvik.example" }]);
        ("nv", "exposure.claim", json!({ "letter": letter, "evidence": evidence }))
    };
    let none =
        said("r1", "acme", json!({ "kind": "fact", "fact": "vuln.exploitation", "value": "none" }));
    let attempted = said(
        "r2",
        "nv",
        json!({ "kind": "fact", "fact": "vuln.exploitation", "value": "attempted" }),
    );
    all.push(claim("X"));
    let shown = document(&case(&all), std::slice::from_ref(&none));
    assert_eq!(shown["case"]["facts"]["vuln.exploitation"], "poc");
    assert_eq!(
        shown["case"]["facts"]["vuln.public"], true,
        "an exploit that is public shows the flaw"
    );
    let shown = document(&case(&all), std::slice::from_ref(&attempted));
    assert_eq!(shown["case"]["facts"]["vuln.exploitation"], "attempted");
    all.push(claim("A"));
    let shown = document(&case(&all), &[none, attempted]);
    assert_eq!(shown["case"]["facts"]["vuln.exploitation"], "active");
}

#[test]
fn a_fix_and_a_duty_said_to_be_met_are_known_from_the_case() {
    let mut all = opened();
    all.push(("acme", "report.judge", json!({ "to": "V" })));
    all.push(("acme", "report.judge", json!({ "to": "A" })));
    all.push(("acme", "fix.ready", json!({})));
    let met =
        json!({ "duty": "acme/eu.cra.art14.aev/vulnerability_notification", "status": "met" });
    all.push(("acme", "duty.record", met));
    let shown = document(&case(&all), &[]);
    let acme = party(&shown, "acme");
    assert_eq!(acme["facts"]["vuln.patch_available"], true);
    assert!(acme["events"].as_array().unwrap().iter().any(|e| e["event"] == "measure_available"));
    assert_eq!(acme["submissions"][0]["level"], "L2", "the least level of the stage");
    // A filing that names the entry says more, and counts in its place; taken back, neither counts.
    let filing = json!({ "kind": "filing", "party": "acme", "rule": "eu.cra.art14.aev",
        "stage": "vulnerability_notification", "at": "2027-01-01T09:00:00Z", "level": "L3" });
    let filing = Record { of: Some("e9".to_owned()), ..said("r1", "acme", filing) };
    let with = document(&case(&all), std::slice::from_ref(&filing));
    let sent = party(&with, "acme")["submissions"].as_array().unwrap();
    assert_eq!((sent.len(), &sent[0]["level"]), (1, &json!("L3")));
    let back = said("r2", "acme", json!({ "kind": "withdraw", "of": "r1" }));
    let without = document(&case(&all), &[filing, back]);
    assert_eq!(party(&without, "acme")["submissions"], json!([]));
}

#[test]
fn a_statement_that_is_wrong_by_itself_is_refused() {
    let check = |statement: Json, wanted: Option<&str>| {
        let read: Statement = serde_json::from_value(statement.clone()).unwrap();
        let code = read.check(START).err().map(|refused| refused.code.as_str());
        assert_eq!(code, wanted, "{statement}");
    };
    let roles = |value: Json| json!({ "kind": "fact", "party": "acme", "fact": "actor.roles", "value": value });
    check(roles(json!(["manufacturer"])), None);
    check(roles(json!({ "known": ["vendor"], "complete": false })), None);
    check(roles(Json::Null), None);
    check(roles(json!("manufacturer")), Some("LAW-E-FACT-TYPE"));
    check(roles(json!({ "any_of": ["vendor", "manufacturer"] })), Some("LAW-E-FACT-TYPE"));
    check(roles(json!(["king"])), Some("LAW-E-FACT-VALUE"));
    check(roles(json!([1])), Some("LAW-E-SCHEMA"));
    let public = json!({ "kind": "fact", "fact": "vuln.public", "value": "yes" });
    check(public, Some("LAW-E-FACT-TYPE"));
    // START is 2027-01-01T12:00:00Z.
    let event = |at: &str, planned: bool| json!({ "kind": "event", "event": "discovery", "at": at, "planned": planned });
    check(event("1990-01-01T00:00:00Z", false), None);
    check(event("1989-12-31T23:59:59Z", false), Some("LAW-E-INSTANT"));
    check(event("1026-01-01T00:00:00Z", true), Some("LAW-E-INSTANT"));
    check(event("2028-01-02T12:00:00Z", false), None);
    check(event("2028-01-02T12:00:01Z", false), Some("LAW-E-INSTANT"));
    check(event("2028-01-02T12:00:01Z", true), None);
}
