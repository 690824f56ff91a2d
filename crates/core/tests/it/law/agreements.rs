//! Agreements between fictional hubs.

use comity_core::law::agreement::{Agreement, State, amendment, parse, status};
use comity_core::law::time::parse_date;
use serde_json::{Value as Json, json};

use super::{at, file};

fn example() -> Json {
    serde_json::from_slice(&file("example-agreement.json")).unwrap()
}

fn read(value: &Json) -> Agreement {
    parse(&serde_json::to_vec(value).unwrap()).unwrap().0
}

fn state(value: &Json, instant: &str) -> State {
    status(&read(value), at(instant), None).state
}

#[test]
fn enters_into_force_thirty_days_after_the_third_ratification() {
    let check = |instant, wanted| assert_eq!(state(&example(), instant), wanted, "{instant}");
    check("2026-01-31T00:00:00Z", State::Draft);
    check("2026-02-01T00:00:00Z", State::Signed);
    check("2026-07-14T23:59:59Z", State::Signed);
    check("2026-07-15T00:00:00Z", State::InForce);
    check("2029-07-13T23:59:59Z", State::InForce);
    check("2029-07-14T00:00:00Z", State::Lapsed);
}

#[test]
fn binds_only_who_ratified_and_a_reservation_counts_for_both_sides() {
    let agreement = read(&example());
    let between = |x, y| {
        let status = status(&agreement, at("2026-08-01T00:00:00Z"), Some((x, y)));
        let between = status.between.unwrap();
        let levels: Vec<&str> = between.classes.iter().map(|c| c.max_level.as_str()).collect();
        (between.in_force, levels.join(" "))
    };
    assert_eq!(between("nz", "sg"), (true, "L3 L4".to_owned()));
    assert_eq!(between("nz", "ke"), (true, "L3 none".to_owned()));
    assert_eq!(between("nz", "br"), (false, "none none".to_owned()));
}

#[test]
fn the_facts_of_a_case_carry_what_is_reserved_among_its_parties() {
    let check = |value: &Json, between: Option<(&str, &str)>, wanted: Json| {
        let status = status(&read(value), at("2026-08-01T00:00:00Z"), between);
        let found = serde_json::to_value(&status.projection).unwrap();
        let reserved = found.get("reserved_classes").cloned().unwrap_or(json!([]));
        assert_eq!(json!([found["parties"], found["max_level"], reserved]), wanted, "{between:?}");
        // The engine reads what it wrote.
        let mut facts = super::scenario("S03-missing-fact")["facts"].clone();
        facts["agreements"] = json!([found]);
        let read = super::case(&facts);
        assert_eq!(
            read.agreements[0].max_level.map(|l| json!(l.as_str())),
            Some(wanted[1].clone())
        );
        assert_eq!(json!(read.agreements[0].reserved_classes), wanted[2]);
    };
    let whole = example();
    check(&whole, Some(("nz", "sg")), json!([["nz", "sg"], "L4", []]));
    check(&whole, Some(("nz", "ke")), json!([["nz", "ke"], "L3", ["reproduction"]]));
    check(&whole, None, json!([["nz", "sg", "ke"], "L3", ["reproduction"]]));
    let mut lowered = example();
    lowered["reservations"] = json!([
        {"party": "sg", "clause": "data_classes", "effect": "lower_level", "value": "L2", "made_on": "2026-03-01"}
    ]);
    check(&lowered, Some(("nz", "sg")), json!([["nz", "sg"], "L2", []]));
    check(&lowered, Some(("nz", "ke")), json!([["nz", "ke"], "L4", []]));
    let mut nothing = example();
    nothing["reservations"] = ["technical", "reproduction"]
        .map(|class| json!({"party": "ke", "clause": "data_classes", "effect": "exclude_class", "value": class, "made_on": "2026-06-15"}))
        .into();
    check(&nothing, Some(("nz", "ke")), json!([["nz", "ke"], "L0", ["reproduction", "technical"]]));
    // A reservation made later, or taken back, takes nothing out.
    let mut later = example();
    later["reservations"][0]["made_on"] = json!("2026-09-01");
    check(&later, Some(("nz", "ke")), json!([["nz", "ke"], "L4", []]));
}

#[test]
fn confidentiality_outlives_the_sunset() {
    let status = status(&read(&example()), at("2030-01-01T00:00:00Z"), None);
    assert_eq!(status.confidential_until, Some(at("2034-07-14T00:00:00Z")));
}

#[test]
fn a_suspension_ends_at_its_maximum() {
    let mut value = example();
    value["suspensions"] =
        json!([{"party": "sg", "from": "2026-09-01", "ground": "confirmed_breach"}]);
    let bound =
        |instant| status(&read(&value), at(instant), Some(("nz", "sg"))).between.unwrap().in_force;
    assert!(bound("2026-08-31T23:59:59Z"));
    assert!(!bound("2026-09-01T00:00:00Z"));
    assert!(!bound("2027-02-27T23:59:59Z"));
    assert!(bound("2027-02-28T00:00:00Z"));
}

#[test]
fn silence_amends_an_annex_unless_a_third_objects() {
    let agreement = read(&example());
    let notified = parse_date("2026-09-01").unwrap();
    assert_eq!(amendment(&agreement, notified, 0), parse_date("2026-11-30"));
    assert_eq!(amendment(&agreement, notified, 1), parse_date("2026-11-30"));
    assert_eq!(amendment(&agreement, notified, 2), None);
}

#[test]
fn opens_tasks_before_each_review_and_before_the_end() {
    let status = status(&read(&example()), at("2026-08-01T00:00:00Z"), None);
    let opens: Vec<String> = status.tasks.iter().map(|t| t.opens.to_string()).collect();
    assert_eq!(opens.first().unwrap(), "2027-01-16T00:00:00Z");
    assert_eq!(opens.last().unwrap(), "2029-06-14T00:00:00Z");
}

#[test]
fn an_agreement_without_two_parties_left_is_terminated() {
    let mut value = example();
    for party in value["parties"].as_array_mut().unwrap().iter_mut().skip(1) {
        party["withdrew_on"] = "2027-01-01".into();
    }
    assert_eq!(state(&value, "2026-12-31T00:00:00Z"), State::InForce);
    assert_eq!(state(&value, "2027-01-01T00:00:00Z"), State::Terminated);
}

#[test]
fn refuses_what_is_no_agreement() {
    let check = |path: &str, value: Json, code: &str| {
        let mut agreement = example();
        *agreement.pointer_mut(path).unwrap() = value;
        let refused = parse(&serde_json::to_vec(&agreement).unwrap()).unwrap_err();
        assert_eq!(refused.code.as_str(), code, "{path}: {refused}");
        assert!(refused.place.starts_with(path), "{refused}");
    };
    check("/schema", json!("comity.agreement/2"), "LAW-E-SCHEMA");
    check("/parties", json!([]), "LAW-E-SCHEMA");
    check("/parties/0/signed_on", json!("2026-02-30"), "LAW-E-SCHEMA");
    check("/confidentiality/survival", json!("five years"), "LAW-E-DURATION");
    check("/amendment/annex_block_share", json!("3/1"), "LAW-E-SCHEMA");
    check("/sunset", json!({"none_because": " "}), "LAW-E-SCHEMA");
}

#[test]
fn reports_what_a_lawyer_would_ask_about() {
    let check = |path: &str, value: Json, code: &str| {
        let mut agreement = example();
        *agreement.pointer_mut(path).unwrap() = value;
        let (_, findings) = parse(&serde_json::to_vec(&agreement).unwrap()).unwrap();
        assert!(findings.iter().any(|f| f.code == code), "{path}: {findings:?}");
    };
    check("/parties/1/party", json!("nz"), "AG-01");
    check("/parties/0/ratified_on", json!("2025-01-01"), "AG-02");
    check("/signatures", json!([]), "AG-03");
    check("/reservations/0/party", json!("xx"), "AG-04");
    check("/reservations/0/value", json!("identity"), "AG-05");
    check("/entry_into_force/n", json!(9), "AG-07");
    check("/review/first", json!("2030-01-01"), "AG-08");
}
