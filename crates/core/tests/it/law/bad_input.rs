//! Wrong facts: each refused with its code and its pointer, nothing taken by silence.

use comity_core::law::facts::{parse_case, parse_party};
use comity_core::law::preview::preview;
use serde_json::{Value as Json, json};

use super::{at, case, scenario, shipped_packs};

fn base() -> Json {
    scenario("S02-two-sovereigns")["facts"].clone()
}

fn check(change: impl FnOnce(&mut Json), code: &str, place: &str) {
    let mut facts = base();
    change(&mut facts);
    let refused = parse_case(&serde_json::to_vec(&facts).unwrap(), shipped_packs()).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.place.as_str()), (code, place), "{refused}");
}

#[test]
fn refuses_documents_of_another_shape() {
    let raw = |bytes: &[u8], code: &str| {
        let refused = parse_case(bytes, shipped_packs()).unwrap_err();
        assert_eq!(refused.code.as_str(), code, "{refused}");
    };
    raw(b"", "LAW-E-JSON");
    raw(b"{\"schema\":1,\"schema\":2}", "LAW-E-JSON");
    raw(&vec![b' '; (1 << 20) + 1], "LAW-E-JSON");
    raw("[".repeat(40).as_bytes(), "LAW-E-JSON");
    raw(b"[]", "LAW-E-SCHEMA");
    raw(b"{}", "LAW-E-SCHEMA");
    check(|f| f["schema"] = json!("comity.facts/2"), "LAW-E-SCHEMA", "/schema");
    check(|f| f["extra"] = json!(1), "LAW-E-SCHEMA", "/extra");
    check(|f| f["parties"] = json!([]), "LAW-E-SCHEMA", "/parties");
    check(|f| f["parties"][0]["id"] = json!("ACME"), "LAW-E-SCHEMA", "/parties/0/id");
    check(|f| f["parties"][0]["holds"] = json!("L6"), "LAW-E-SCHEMA", "/parties/0/holds");
    check(|f| f["case"]["embargo"]["tlp"] = json!("TLP:BLUE"), "LAW-E-SCHEMA", "/case/embargo/tlp");
    let kind = json!([{"id": "a", "party": "acme-ie", "kind": "shout"}]);
    check(|f| f["actions"] = kind, "LAW-E-SCHEMA", "/actions/0/kind");
}

#[test]
fn refuses_instants_and_durations_that_cannot_be() {
    let place = "/parties/0/events/0/at";
    let check_at = |text: &str| {
        check(|f| f["parties"][0]["events"][0]["at"] = json!(text), "LAW-E-INSTANT", place);
    };
    for text in [
        "2026-12-24T06:00:00",
        "2026-12-24",
        "2026-02-30T06:00:00Z",
        "2026-12-24T24:00:00Z",
        "2026-12-24T06:00:60Z",
        "2026-12-24T06:00:00+24:00",
        "2026-12-24T06:00:00.Z",
        "2026-12-24t06:00:00z",
        "12026-12-24T06:00:00Z",
        "0000-01-01T00:00:00+01:00",
    ] {
        check_at(text);
    }
    for text in ["P1DT2H", "PT", "-P2B", "P4B", "-PT4H", "PT4S", "4h"] {
        check(|f| f["latency"] = json!(text), "LAW-E-DURATION", "/latency");
    }
}

#[test]
fn refuses_facts_outside_the_vocabulary() {
    let fact = |name: &str, value: Json, code: &str| {
        let place = format!("/case/facts/{name}");
        check(|f| f["case"]["facts"][name] = value, code, &place);
    };
    fact("vuln.exploited", json!(true), "LAW-E-FACT-NAME");
    fact("actor.size", json!("small"), "LAW-E-FACT-SCOPE");
    fact("action.purpose", json!("defence"), "LAW-E-FACT-SCOPE");
    fact("action.kind", json!("share"), "LAW-E-FACT-ENGINE");
    fact("recipient.country", json!("NZ"), "LAW-E-FACT-ENGINE");
    fact("product.markets", json!("NZ"), "LAW-E-FACT-TYPE");
    fact("product.markets", json!(["NZ", 1]), "LAW-E-SCHEMA");
    fact("product.markets", json!([["NZ"]]), "LAW-E-SCHEMA");
    fact("product.markets", json!({"any_of": ["NZ", "IE"]}), "LAW-E-FACT-TYPE");
    fact("vuln.public", json!({"known": [], "complete": false}), "LAW-E-FACT-TYPE");
    fact("vuln.public", json!([]), "LAW-E-FACT-TYPE");
    fact("product.markets", json!({"known": ["NZ"], "complete": true}), "LAW-E-SCHEMA");
    fact("product.markets", json!(["New Zealand"]), "LAW-E-FACT-VALUE");
    fact("vuln.exploitation", json!("yes"), "LAW-E-FACT-VALUE");
    fact("vuln.exploitation", json!({"any_of": ["poc"]}), "LAW-E-SCHEMA");
    fact("vuln.exploitation", json!({"any_of": ["poc", "yes"]}), "LAW-E-FACT-VALUE");
    fact("vuln.public", json!("false"), "LAW-E-FACT-TYPE");
    fact("ai.training_flop", json!("1e26"), "LAW-E-FACT-TYPE");
}

#[test]
fn refuses_references_that_lead_nowhere() {
    let unknown = json!([{"event": "first_sight", "at": "2026-12-24T06:00:00Z"}]);
    check(|f| f["case"]["events"] = unknown, "LAW-E-EVENT", "/case/events/0/event");
    check(|f| f["case"]["lead"] = json!("nobody"), "LAW-E-REF", "/case/lead");
    check(|f| f["parties"][1]["id"] = json!("acme-ie"), "LAW-E-REF", "/parties/1/id");
    check(|f| f["parties"][0]["acts_as"] = json!(["pope"]), "LAW-E-REF", "/parties/0/acts_as/0");
    let to = json!([{"id": "a", "party": "acme-ie", "kind": "share", "to": "nobody"}]);
    check(|f| f["actions"] = to, "LAW-E-REF", "/actions/0/to");
    let by = json!([{"id": "a", "party": "nobody", "kind": "share"}]);
    check(|f| f["actions"] = by, "LAW-E-REF", "/actions/0/party");
    check(
        |f| f["consents"] = json!([{"party": "x", "code": "CCB"}]),
        "LAW-E-REF",
        "/consents/0/party",
    );
    let requests = json!([{"from": "acme-ie", "to": "x"}]);
    check(|f| f["requests"] = requests, "LAW-E-REF", "/requests/0/to");
    let delays =
        json!([{"party": "x", "rule": "r", "code": "c", "started": "2026-12-24T06:00:00Z"}]);
    check(|f| f["delays"] = delays, "LAW-E-REF", "/delays/0/party");
}

#[test]
fn a_party_is_not_invited_twice() {
    let invitee = parse_party(br#"{"id":"acme-ie","facts":{}}"#, shipped_packs()).unwrap();
    let refused =
        preview(shipped_packs(), &case(&base()), invitee, at("2026-12-24T10:00:00Z")).unwrap_err();
    assert_eq!(refused.code.as_str(), "LAW-E-REF");
}

#[test]
fn a_submission_for_a_rule_nobody_loaded_is_a_warning() {
    let mut facts = base();
    facts["parties"][0]["submissions"] = json!([
        {"rule": "xx.law.1", "stage": "s", "at": "2026-12-24T06:00:00Z", "level": "L1"}
    ]);
    let answer = super::answer(shipped_packs(), &facts, "2026-12-24T10:00:00Z");
    assert_eq!(answer["warnings"], json!(["unknown-rule:xx.law.1"]));
}
