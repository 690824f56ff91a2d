//! What the packs settle about one share, and what they leave to people.

use comity_core::law::gate::{Settled, ShareGates, share_gates};
use comity_core::law::level::{Ceiling, Level};
use comity_core::law::output::evaluate;
use serde_json::{Value as Json, json};

use super::{at, case, shipped_packs};

const NOW: &str = "2027-01-05T12:00:00Z";

fn party(id: &str, roles: &[&str], country: &str) -> Json {
    json!({ "id": id, "facts": {
        "actor.roles": roles, "actor.main_establishment": country,
        "actor.establishments": [country] } })
}

fn facts(from: Json, to: Json) -> Json {
    json!({
        "schema": "comity.facts/1",
        "case": { "id": "c", "lead": "hub", "facts": {
            "vuln.public": false, "incident.occurred": false, "case.facets": ["vulnerability"] } },
        "parties": [from, to],
    })
}

fn hub(country: &str) -> Json {
    party("hub", &["hub", "coordinator"], country)
}

fn gates(facts: &Json, purpose: &str) -> ShareGates {
    let facts = case(facts);
    let law = evaluate(shipped_packs(), &facts, at(NOW)).unwrap();
    share_gates(&law, ("hub", "peer"), purpose).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "what it is compared with may be missing")]
fn settled<T>(answer: T, rule: &str) -> Option<Settled<T>> {
    Some(Settled { answer, rules: [rule.to_owned()].into() })
}

/// A share that somebody described.
fn described(mut facts: Json, contains: &[&str]) -> Json {
    facts["actions"] = json!([{ "id": "a", "party": "hub", "kind": "share", "to": "peer",
        "facts": { "action.contains": contains, "action.transfer_basis": "none" } }]);
    facts
}

#[test]
fn the_disclosure_note_clears_a_share_with_who_coordinates() {
    let near = facts(hub("DE"), party("peer", &["coordinator"], "FR"));
    let found = gates(&near, "remediation");
    assert_eq!(found.export, settled(Ceiling::OPEN, "eu.dualuse.2021_821"));
    assert_eq!(found.personal, settled(true, "eu.gdpr.chapter5"));
    // Whoever only looks on, or evaluates, is not covered by the note: people decide.
    let observer = facts(hub("DE"), party("peer", &["observer"], "BR"));
    assert_eq!(gates(&observer, "remediation").export, None);
    let far = facts(hub("DE"), party("peer", &["coordinator"], "BR"));
    assert!(gates(&far, "remediation").export.is_some());
    assert_eq!(gates(&far, "evaluation").export, None);
}

#[test]
fn what_a_share_is_said_to_hold_is_judged_and_nothing_is_assumed_of_another() {
    let far = || facts(hub("DE"), party("peer", &["observer"], "AR"));
    let exploit = gates(&described(far(), &["exploit_chain"]), "evaluation");
    assert_eq!(exploit.export, settled(Ceiling(Some(Level::L3)), "eu.dualuse.2021_821"));
    let plain = gates(&described(far(), &[]), "evaluation");
    assert_eq!(plain.export, settled(Ceiling::OPEN, "eu.dualuse.2021_821"));
    let outside = || facts(hub("DE"), party("peer", &["coordinator"], "IN"));
    assert_eq!(gates(&outside(), "remediation").personal, None);
    let personal = gates(&described(outside(), &["personal_data"]), "remediation");
    assert_eq!(personal.personal, settled(false, "eu.gdpr.chapter5"));
}

#[test]
fn a_ban_on_all_that_is_undisclosed_closes_the_gate() {
    let banned = facts(hub("CN"), party("peer", &["coordinator"], "FR"));
    assert_eq!(gates(&banned, "remediation").export, settled(Ceiling::NONE, "cn.rmsv.art9"));
    let vendor = facts(hub("CN"), party("peer", &["vendor"], "FR"));
    // No pack holds an export regime for this hub, so the gate stays with people.
    assert_eq!(gates(&vendor, "remediation").export, None);
}

#[test]
fn a_state_without_packs_settles_nothing_but_that_nothing_is_owed() {
    let none = facts(hub("NZ"), party("peer", &["coordinator"], "AR"));
    let found = gates(&none, "remediation");
    assert_eq!((found.export, found.personal), (None, None));
    let nothing = Some(Settled { answer: None, rules: std::collections::BTreeSet::new() });
    assert_eq!(found.duty, nothing);
    let mut unplaced = facts(hub("NZ"), party("peer", &["coordinator"], "AR"));
    unplaced["parties"][0]["facts"] = json!({});
    assert_eq!(gates(&unplaced, "remediation").duty, None);
    // An authority that nobody matched with one of the packs may be owed something.
    let nameless = facts(hub("NZ"), party("peer", &["authority"], "AR"));
    assert_eq!(gates(&nameless, "remediation").duty, None);
}

#[test]
fn what_the_hub_owes_the_recipient_is_due_at_its_level() {
    let scenario = super::scenario("S08-duties-of-the-hub");
    let mut facts = scenario["facts"].clone();
    let mut peer = party("peer", &["authority"], "BE");
    peer["acts_as"] = json!(["enisa"]);
    facts["parties"].as_array_mut().unwrap().push(peer);
    let facts = case(&facts);
    let law = evaluate(shipped_packs(), &facts, at(scenario["at"].as_str().unwrap())).unwrap();
    let found = share_gates(&law, ("hub-de", "peer"), "remediation").unwrap().duty.unwrap();
    let owed = found.answer.unwrap();
    assert!(owed.at.is_some() && owed.level < Level::L3, "{owed:?}");
    let rule = "hub-de/eu.cra.art16.dissemination/inform_enisa_of_delay";
    assert!(found.rules.contains(rule), "{:?}", found.rules);
    // Nobody owes a party of another case anything, and a stranger settles nothing.
    let none = share_gates(&law, ("hub-de", "nobody"), "remediation").unwrap();
    assert_eq!(none, ShareGates::default());
}
