//! The rules of section 5 and 6, each refusal beside the success.

use comity_core::case::em::Em;
use comity_core::case::pec::Pec;
use comity_core::case::rm::Rm;
use comity_core::case::terms::DefaultTerms;
use comity_core::case::vfd::Vfd;
use comity_core::case::void::VoidCode;
use serde_json::{Value, json};

use super::support::{DAY, START, World, evidence};

fn day(day: i64) -> i64 {
    START + day * DAY
}

fn claim(letter: &str) -> Value {
    json!({"letter": letter, "evidence": evidence()})
}

/// Brings a vendor to RM Accepted.
fn engage(world: &mut World, by: &str, at: i64) {
    let (_, party) = by.split_once('/').unwrap();
    let send = world.stands("jo/cert", at, "report.send", json!({ "to": party }));
    world.stands(by, at, "report.ack", json!({ "of": send }));
    world.stands(by, at, "report.judge", json!({"to": "V"}));
    world.stands(by, at, "report.judge", json!({"to": "A"}));
}

#[test]
fn a_case_is_opened_once_and_by_a_listed_party() {
    let listed = json!([{"party": "cert", "org": "Cert", "roles": ["coordinator"]}]);
    let mut world = World::new();
    world.void("jo/cert", 0, "note", json!({}), VoidCode::NoCase);
    let world_of = |by: &str, parties: &Value, code| {
        let mut world = World::new();
        world.void(by, 0, "case.open", json!({ "parties": parties }), code);
    };
    world_of("jo/other", &listed, VoidCode::BadBody);
    world_of("jo/cert", &json!([]), VoidCode::BadBody);
    world_of("jo/cert", &json!([listed[0], listed[0]]), VoidCode::BadBody);
    // Seq 1 opens nothing.
    world.void("jo/cert", 0, "case.open", json!({ "parties": listed }), VoidCode::AlreadyOpen);
    let mut world = World::opened();
    world.void("jo/cert", 0, "case.open", json!({ "parties": listed }), VoidCode::AlreadyOpen);
}

#[test]
fn only_parties_act_each_from_its_own_hub() {
    let mut world = World::peopled();
    world.void("jo/nobody", 0, "note", json!({}), VoidCode::UnknownParty);
    world.void("jo/acme", 0, "note", json!({}), VoidCode::NotYourParty);
    world.void("ac/acme", 0, "lead.beat", json!({}), VoidCode::NotLead);
    world.void(
        "jo/cert",
        0,
        "party.remove",
        json!({"party": "cert", "why": "x"}),
        VoidCode::OwnParty,
    );
    world.stands("jo/cert", 0, "party.remove", json!({"party": "acme", "why": "x"}));
    world.void("ac/acme", 0, "note", json!({}), VoidCode::PartyRemoved);
    world.void("jo/cert", 0, "report.send", json!({"to": "acme"}), VoidCode::PartyRemoved);
    world.invites("acme", "ac", "vendor", 1);
    world.stands("ac/acme", 1, "note", json!({}));
}

#[test]
fn an_id_is_taken_unless_its_party_asked_to_move() {
    let mut world = World::peopled();
    let invite = |hub: &str, org: &str| json!({"party": "acme", "org": org, "hub": hub, "roles": ["vendor"]});
    world.void("jo/cert", 0, "party.invite", invite("zz", "ACME"), VoidCode::PartyExists);
    world.void("jo/cert", 0, "party.invite", invite("ac", "Other"), VoidCode::PartyExists);
    world.stands("ac/acme", 0, "party.move", json!({"hub": "zz"}));
    world.stands("jo/cert", 0, "party.invite", invite("zz", "ACME"));
    world.stands("zz/acme", 0, "note", json!({}));
    world.void("ac/acme", 0, "note", json!({}), VoidCode::NotYourParty);
    world.void("jo/cert", 0, "party.invite", invite("ac", "ACME"), VoidCode::PartyExists);
}

#[test]
fn a_closed_case_still_hears_facts_but_no_more_reports() {
    let mut world = World::peopled();
    let status = |to: &str| json!({"to": to, "why": "x"});
    world.void("jo/cert", 0, "case.status", status("open"), VoidCode::WrongState);
    world.stands("jo/cert", 0, "case.status", status("closed"));
    world.void("jo/cert", 0, "report.send", json!({"to": "acme"}), VoidCode::CaseNotOpen);
    world.stands("ac/acme", 0, "exposure.claim", claim("P"));
    world.stands("jo/cert", 0, "case.status", status("open"));
    world.stands("jo/cert", 0, "case.link", json!({"case": "x-1", "relation": "merged_into"}));
    world.void("jo/cert", 0, "case.status", status("closed"), VoidCode::WrongState);
    world.void(
        "jo/cert",
        0,
        "case.link",
        json!({"case": "x-1", "relation": "related"}),
        VoidCode::CaseNotOpen,
    );
    let mut world = World::embargoed();
    world.void("jo/cert", 2, "case.status", status("closed"), VoidCode::EmbargoHolds);
    world.void("jo/cert", 2, "report.judge", json!({"to": "C"}), VoidCode::EmbargoHolds);
    world.stands("jo/cert", 42, "report.judge", json!({"to": "C"}));
}

#[test]
fn terms_need_the_lead_and_another_organisation() {
    let mut world = World::peopled();
    let terms = world.stands("jo/cert", 0, "embargo.propose", json!({"ends": day(40)}));
    assert_eq!(world.case.state().em, Em::Proposed);
    world.stands("ac/acme", 1, "embargo.accept", json!({ "terms": terms }));
    let state = world.case.state();
    assert_eq!((state.em, state.em_log.as_str()), (Em::Active, "pa"));
    assert_eq!(state.terms.as_ref().unwrap().starts, day(1));
    assert_eq!(world.party("acme").pec, Pec::Signatory);
    assert_eq!(world.party("nube").pec, Pec::Invited);
    assert_eq!(world.party("nube").rsvp_at, Some(day(8)));
    // Invited ones are asked again at the earliest after three days.
    let mut invite = json!({"party": "nube", "org": "NUBE", "hub": "rc", "roles": ["vendor"]});
    invite["rsvp_at"] = json!(day(2));
    world.stands("jo/cert", 1, "party.invite", invite);
    assert_eq!(world.party("nube").rsvp_at, Some(day(4)));
    world.stands("rc/nube", 5, "embargo.reject", json!({ "terms": terms }));
    assert_eq!(world.party("nube").pec, Pec::Declined);
    world.void("rc/nube", 5, "embargo.accept", json!({ "terms": terms }), VoidCode::Declined);
    world.invites("nube", "rc", "vendor", 6);
    world.stands("rc/nube", 6, "embargo.accept", json!({ "terms": terms }));
    let view = world.case.view(day(8));
    let nube = view.parties.iter().find(|party| party.party.as_str() == "nube").unwrap();
    assert_eq!((nube.pec, nube.bound_until), ("Signatory", Some(day(40))));
}

#[test]
fn the_shortest_acceptable_wins() {
    let mut world = World::peopled();
    let long = world.stands("jo/finder", 0, "embargo.propose", json!({"ends": day(60)}));
    let short = world.stands("ac/acme", 0, "embargo.propose", json!({"ends": day(30)}));
    world.void("jo/cert", 1, "embargo.accept", json!({"terms": long}), VoidCode::ShorterOpen);
    world.stands("rc/nube", 1, "embargo.accept", json!({ "terms": long }));
    assert_eq!(world.case.state().em, Em::Proposed);
    world.stands("jo/cert", 1, "embargo.accept", json!({ "terms": short }));
    assert_eq!(world.case.state().terms.as_ref().unwrap().ends, day(30));
    // Whoever would keep silent longer is a Signatory of the shorter.
    assert_eq!(world.party("nube").pec, Pec::Signatory);
    assert_eq!(world.party("finder").pec, Pec::Signatory);
    assert_eq!(world.party("aisi").pec, Pec::Invited);
    world.void("ac/acme", 2, "embargo.accept", json!({"terms": long}), VoidCode::StaleTerms);
}

#[test]
fn only_the_lead_or_the_proposer_takes_a_proposal_off_the_table() {
    let mut world = World::peopled();
    let terms = world.stands("ac/acme", 0, "embargo.propose", json!({"ends": day(30)}));
    world.stands("rc/nube", 0, "embargo.reject", json!({ "terms": terms }));
    assert_eq!(world.case.state().em, Em::Proposed);
    world.stands("ac/acme", 0, "embargo.reject", json!({ "terms": terms }));
    assert_eq!(world.case.state().em_log, "pr");
    world.void("ac/acme", 0, "embargo.reject", json!({ "terms": terms }), VoidCode::StaleTerms);
}

#[test]
fn a_revision_lapses_those_who_did_not_sign_it() {
    let mut world = World::embargoed();
    let base = world.case.state().terms.clone().unwrap().entry;
    world.stands("ac/acme", 3, "embargo.accept", json!({ "terms": base }));
    let revise = |ends: i64| json!({"base": base, "ends": ends});
    world.void("ac/acme", 3, "embargo.propose", json!({"ends": day(50)}), VoidCode::WrongState);
    world.void(
        "ac/acme",
        3,
        "embargo.revise",
        json!({"base": "x", "ends": day(50)}),
        VoidCode::StaleTerms,
    );
    let revision = world.stands("ac/acme", 3, "embargo.revise", revise(day(60)));
    world.stands("jo/cert", 4, "embargo.accept", json!({ "terms": revision }));
    let view = world.case.view(day(5));
    let pec = |id: &str| {
        let party = view.parties.iter().find(|party| party.party.as_str() == id).unwrap();
        (party.pec, party.bound_until)
    };
    assert_eq!(pec("acme"), ("Signatory", Some(day(60))));
    assert_eq!(pec("finder"), ("Lapsed", Some(day(41))));
    assert_eq!(pec("aisi"), ("Invited", None));
    assert_eq!(world.case.state().em_log, "papa");
    // From its end on it is over for whoever looks, though no entry ended it.
    let view = world.case.view(day(60));
    assert_eq!((view.em, view.parties[0].pec), ("X", "Unbound"));
    assert_eq!(world.case.state().em, Em::Active);
    world.void("ac/acme", 60, "embargo.revise", revise(day(70)), VoidCode::EmbargoOver);
    world.void("jo/cert", 61, "embargo.accept", json!({"terms": revision}), VoidCode::EmbargoOver);
}

#[test]
fn ends_are_checked_in_order() {
    let check = |world: &World, ends: i64, why: Option<&str>, code: Option<VoidCode>| {
        let mut body = json!({ "ends": ends });
        if let Some(why) = why {
            body["justification"] = json!(why);
        }
        let mut world = world.clone();
        match code {
            Some(code) => world.void("jo/finder", 10, "embargo.propose", body, code),
            None => _ = world.stands("jo/finder", 10, "embargo.propose", body),
        }
    };
    let mut world = World::peopled();
    check(&world, day(10), None, Some(VoidCode::BadEnd));
    check(&world, day(10 + 366), Some("x"), Some(VoidCode::OverOneYear));
    check(&world, day(10 + 365), None, Some(VoidCode::JustificationMissing));
    check(&world, day(10 + 365), Some("x"), None);
    check(&world, day(10 + 90), None, None);
    for by in ["ac/acme", "rc/nube"] {
        engage(&mut world, by, 1);
        world.stands(by, 1, "fix.ready", json!({}));
    }
    check(&world, day(25), None, Some(VoidCode::FixReady14Days));
    check(&world, day(24), None, None);
    world.stands("ac/acme", 2, "fix.deployed", json!({"hosted": true}));
    check(&world, day(24), None, None);
    world.stands("rc/nube", 2, "fix.deployed", json!({"hosted": true}));
    check(&world, day(24), None, Some(VoidCode::FixDeployed));
    world.stands("jo/cert", 2, "vendor.status", json!({"party": "acme", "status": "not_affected"}));
    world.stands("jo/cert", 2, "party.remove", json!({"party": "nube", "why": "x"}));
    check(&world, day(40), None, None);
    world.stands("jo/cert", 3, "exposure.claim", claim("A"));
    check(&world, day(40), None, Some(VoidCode::Exposed));
}

#[test]
fn attacks_leave_an_embargo_but_allow_only_shorter_ones() {
    let mut world = World::embargoed();
    let base = world.case.state().terms.clone().unwrap().entry;
    world.stands("jo/cert", 2, "exposure.claim", claim("A"));
    assert_eq!(world.case.state().em, Em::Active);
    let tasks = world.case.tasks(day(2));
    assert!(tasks.iter().any(|task| task.code == "review-attacks" && task.due == day(3)));
    let revise = |ends: i64| json!({"base": base, "ends": ends});
    world.void("jo/finder", 2, "embargo.revise", revise(day(41)), VoidCode::Exposed);
    world.stands("jo/finder", 2, "embargo.revise", revise(day(20)));
    world.stands("jo/cert", 3, "exposure.claim", claim("X"));
    assert_eq!(world.case.state().em_log, "papt");
    assert_eq!(world.case.state().pxa().letters(), "PXA");
    assert_eq!(world.party("acme").vendor().unwrap().vfd, Vfd::Aware);
    assert_eq!(world.case.state().open_terms().count(), 0);
    world.void("jo/finder", 3, "embargo.propose", json!({"ends": day(9)}), VoidCode::EmbargoOver);
}

#[test]
fn reports_reach_signatories_only_and_acknowledge_themselves() {
    let mut world = World::embargoed();
    let terms = world.case.state().terms.clone().unwrap().entry;
    world.void("jo/cert", 2, "report.send", json!({"to": "acme"}), VoidCode::GateClosed);
    world.void("ac/acme", 2, "report.send", json!({"to": "nube"}), VoidCode::RmNotAccepted);
    world.stands("ac/acme", 2, "embargo.accept", json!({ "terms": terms }));
    let send = world.stands("jo/cert", 2, "report.send", json!({"to": "acme"}));
    world.void("rc/nube", 2, "report.ack", json!({ "of": send }), VoidCode::NoSuchEntry);
    let task =
        world.case.tasks(day(2)).into_iter().find(|task| task.code == "acknowledge").unwrap();
    assert_eq!((task.due, task.party.unwrap().as_str()), (day(5), "acme"));
    world.stands("ac/acme", 3, "report.ack", json!({ "of": send }));
    assert_eq!(world.party("acme").rm, Rm::Received);
    assert_eq!(world.party("acme").vendor().unwrap().vfd, Vfd::Aware);
    world.void("ac/acme", 3, "report.judge", json!({"to": "A"}), VoidCode::WrongState);
}

#[test]
fn a_report_sent_while_an_end_is_proposed_accepts_the_earliest() {
    let mut world = World::peopled();
    world.stands("rc/nube", 0, "embargo.propose", json!({"ends": day(60)}));
    let short = world.stands("ac/acme", 0, "embargo.propose", json!({"ends": day(50)}));
    world.stands("jo/cert", 1, "report.send", json!({"to": "acme"}));
    let terms = world.case.state().terms.clone().unwrap();
    assert_eq!((terms.entry, terms.starts), (short, day(1)));
}

#[test]
fn content_goes_where_the_gate_is_open() {
    let mut world = World::embargoed();
    let terms = world.case.state().terms.clone().unwrap().entry;
    let seal = |party: &str, pass: Option<&str>| {
        let mut recipient = json!({"party": party, "wrapped": "w"});
        if let Some(pass) = pass {
            recipient["pass"] = json!(pass);
        }
        json!({"compartment": "technical", "commitment": "c", "size_class": 0, "recipients": [recipient]})
    };
    world.void("jo/cert", 2, "content.seal", seal("acme", Some("p")), VoidCode::GateClosed);
    world.void("jo/cert", 2, "content.seal", seal("nobody", Some("p")), VoidCode::UnknownParty);
    world.void("ac/acme", 2, "content.seal", seal("cert", Some("p")), VoidCode::GateClosed);
    world.stands("ac/acme", 2, "embargo.accept", json!({ "terms": terms }));
    world.void("jo/cert", 2, "content.seal", seal("acme", Some("p")), VoidCode::GateClosed);
    engage(&mut world, "ac/acme", 2);
    world.void("jo/cert", 2, "content.seal", seal("acme", None), VoidCode::PassMissing);
    let id = world.stands("jo/cert", 2, "content.seal", seal("finder", None));
    let grant = |seal: &Value, party: &str| json!({"seal": seal, "recipients": [{"party": party, "wrapped": "w", "pass": "p"}]});
    world.void("ac/acme", 2, "content.grant", grant(&json!(id), "finder"), VoidCode::NotAllowed);
    world.void("jo/cert", 2, "content.grant", grant(&json!("x"), "acme"), VoidCode::NoSuchEntry);
    world.stands("jo/finder", 2, "content.grant", grant(&json!(id), "acme"));
    world.stands("ac/acme", 2, "content.grant", grant(&json!(id), "cert"));
}

#[test]
fn vendors_speak_for_themselves_and_the_lead_for_the_silent() {
    let mut world = World::peopled();
    let aware = |party: &str| json!({"party": party, "evidence": evidence()});
    let status = |party: &str, status: &str| json!({"party": party, "status": status});
    world.void("rc/nube", 0, "vendor.aware", aware("acme"), VoidCode::NotAllowed);
    world.void("jo/cert", 0, "vendor.aware", aware("aisi"), VoidCode::NotVendor);
    world.void("ac/acme", 0, "fix.ready", json!({}), VoidCode::WrongState);
    world.stands("ac/acme", 0, "vendor.aware", aware("acme"));
    assert_eq!(world.party("acme").rm, Rm::Received);
    world.void("ac/acme", 0, "fix.ready", json!({}), VoidCode::RmNotEngaged);
    world.void("ac/acme", 0, "vendor.status", status("acme", "unresponsive"), VoidCode::NotAllowed);
    world.void("rc/nube", 0, "vendor.status", status("acme", "affected"), VoidCode::NotAllowed);
    world.stands("jo/cert", 0, "vendor.status", status("acme", "unresponsive"));
    world.void("jo/cert", 0, "fix.incomplete", aware("acme"), VoidCode::WrongState);
    for to in ["V", "A"] {
        world.stands("ac/acme", 0, "report.judge", json!({ "to": to }));
    }
    world.void("ac/acme", 0, "fix.deployed", json!({"hosted": true}), VoidCode::WrongState);
    world.stands("ac/acme", 0, "fix.ready", json!({}));
    world.void("ac/acme", 0, "fix.deployed", json!({}), VoidCode::NotHosted);
    world.stands("ac/acme", 0, "fix.deployed", json!({"hosted": true}));
    world.stands("jo/cert", 1, "fix.incomplete", aware("acme"));
    assert_eq!(world.party("acme").round, 2);
    assert_eq!(world.party("acme").vendor().unwrap().vfd, Vfd::Aware);
    world.stands("ac/acme", 1, "fix.ready", json!({}));
    world.stands("jo/cert", 1, "exposure.claim", claim("P"));
    world.void("jo/cert", 1, "fix.incomplete", aware("acme"), VoidCode::Exposed);
}

#[test]
fn half_of_its_deployers_deploy_a_vendors_fix() {
    let mut world = World::peopled();
    for party in ["d1", "d2", "d3"] {
        let body = json!({"party": party, "org": party, "hub": "dd", "roles": ["deployer"], "deploys": ["acme"]});
        world.stands("jo/cert", 0, "party.invite", body);
    }
    let unknown = json!({"party": "d4", "org": "d4", "hub": "dd", "roles": ["deployer"], "deploys": ["aisi"]});
    world.void("jo/cert", 0, "party.invite", unknown, VoidCode::NotVendor);
    engage(&mut world, "ac/acme", 0);
    let deployed = json!({"vendor": "acme"});
    world.void("dd/d1", 0, "fix.deployed", deployed.clone(), VoidCode::NoFix);
    world.void("dd/d1", 0, "fix.deployed", json!({"vendor": "nube"}), VoidCode::NotAllowed);
    world.void("dd/d1", 0, "fix.deployed", json!({}), VoidCode::NotVendor);
    world.stands("ac/acme", 0, "fix.ready", json!({}));
    world.stands("dd/d1", 1, "fix.deployed", deployed.clone());
    world.void("dd/d1", 1, "fix.deployed", deployed.clone(), VoidCode::WrongState);
    assert_eq!(world.party("acme").vendor().unwrap().vfd, Vfd::Ready);
    world.stands("dd/d2", 1, "fix.deployed", deployed.clone());
    assert_eq!(world.party("acme").vendor().unwrap().vfd, Vfd::Deployed);
    world.stands("dd/d3", 1, "fix.deployed", deployed);
}

#[test]
fn two_hubs_and_organisations_make_a_claim_count() {
    let mut world = World::peopled();
    let first = world.stands("ac/acme", 0, "exposure.claim", claim("P"));
    assert_eq!(world.case.view(day(0)).claims[0].state, "contested");
    world.void("rc/nube", 0, "exposure.retract", json!({"claim": first}), VoidCode::NotAllowed);
    world.void("rc/nube", 0, "exposure.retract", json!({"claim": "x"}), VoidCode::NoSuchEntry);
    world.stands("ac/acme", 0, "exposure.retract", json!({ "claim": first }));
    let second = world.stands("rc/nube", 0, "exposure.claim", claim("P"));
    assert_eq!(world.case.state().pxa().letters(), "pxa");
    world.stands("um/aisi", 0, "exposure.claim", claim("P"));
    assert_eq!(world.case.state().pxa().letters(), "Pxa");
    let states: Vec<&str> =
        world.case.view(day(0)).claims.iter().map(|claim| claim.state).collect();
    assert_eq!(states, ["retracted", "canonical", "canonical"]);
    world.void("rc/nube", 0, "exposure.retract", json!({"claim": second}), VoidCode::TooLate);
}

#[test]
fn a_lead_hands_over_in_two_steps() {
    let mut world = World::peopled();
    let offer = |to: &str, epoch: i64| json!({"to": to, "epoch": epoch});
    world.void("jo/cert", 0, "lead.offer", offer("aisi", 3), VoidCode::StaleEpoch);
    world.void("jo/cert", 0, "lead.offer", offer("nobody", 2), VoidCode::UnknownParty);
    let id = world.stands("jo/cert", 0, "lead.offer", offer("aisi", 2));
    world.void("ac/acme", 0, "lead.accept", json!({ "offer": id }), VoidCode::NotAllowed);
    world.void("um/aisi", 0, "lead.accept", json!({"offer": "x"}), VoidCode::NoSuchEntry);
    world.stands("um/aisi", 0, "lead.accept", json!({ "offer": id }));
    assert_eq!(world.case.state().lead.as_ref().unwrap().epoch, 2);
    world.void("jo/cert", 0, "lead.beat", json!({}), VoidCode::NotLead);
}

#[test]
fn deputies_take_over_from_a_silent_lead_with_a_third_hub() {
    let mut world = World::peopled();
    let takeover = |to: &str, epoch: i64| json!({"to": to, "epoch": epoch});
    world.void("um/aisi", 4, "lead.takeover", takeover("aisi", 3), VoidCode::StaleEpoch);
    world.void("um/aisi", 4, "lead.takeover", takeover("acme", 2), VoidCode::NotDeputy);
    world.void("jo/finder", 4, "lead.takeover", takeover("aisi", 2), VoidCode::NotAllowed);
    world.void("um/aisi", 2, "lead.takeover", takeover("aisi", 2), VoidCode::TimeReversed);
    world.void("um/aisi", 4, "ack", json!({"of": []}), VoidCode::BadBody);
    let mut world = World::peopled();
    world.void("um/aisi", 2, "lead.takeover", takeover("aisi", 2), VoidCode::LeadNotSilent);
    world.stands("um/aisi", 3, "lead.takeover", takeover("aisi", 2));
    assert_eq!(world.case.state().lead.as_ref().unwrap().party.as_str(), "cert");
    world.stands("rc/nube", 3, "lead.takeover", takeover("aisi", 2));
    assert_eq!(world.case.state().lead.as_ref().unwrap().party.as_str(), "aisi");
    world.void("ac/acme", 9, "lead.takeover", takeover("aisi", 2), VoidCode::StaleEpoch);
}

#[test]
fn a_plan_never_publishes_before_the_end() {
    let mut world = World::embargoed();
    let plan = |at: i64, publisher: &str| json!({"publish_at": at, "advisory": "a", "publisher": publisher});
    world.void("jo/cert", 2, "publish.plan", plan(day(41) - 1, "cert"), VoidCode::BeforeEnd);
    world.void("jo/cert", 2, "publish.plan", plan(day(41), "nobody"), VoidCode::UnknownParty);
    world.stands("jo/cert", 2, "publish.plan", plan(day(41), "cert"));
}

#[test]
fn an_absorbed_case_brings_the_earlier_end() {
    let mut world = World::embargoed();
    let link = |ends: i64| json!({"case": "x-1", "relation": "absorbs", "ends": ends});
    world.stands("jo/cert", 2, "case.link", link(day(60)));
    assert_eq!(world.case.state().terms.as_ref().unwrap().ends, day(41));
    world.stands("jo/cert", 2, "case.link", link(day(20)));
    assert_eq!(world.case.state().terms.as_ref().unwrap().ends, day(20));
}

#[test]
fn silence_is_seen_and_changes_nothing() {
    let mut world = World::embargoed();
    let at = |world: &World, now: i64| {
        let view = world.case.view(now);
        let acme =
            view.parties.iter().find(|party| party.party.as_str() == "acme").unwrap().clone();
        (acme.pec, acme.silent)
    };
    assert_eq!(at(&world, day(8)), ("Invited", false));
    assert_eq!(at(&world, day(8) + 1), ("Declined", true));
    assert_eq!(at(&world, day(41)), ("Unbound", false));
    let terms = world.case.state().terms.clone().unwrap().entry;
    world.stands("ac/acme", 20, "embargo.accept", json!({ "terms": terms }));
    assert_eq!(at(&world, day(20)), ("Signatory", false));
}

#[test]
fn default_terms_take_the_shorter_and_propose_the_longer() {
    assert_eq!(DefaultTerms::of(None, None), DefaultTerms::None);
    assert_eq!(DefaultTerms::of(Some(5), None), DefaultTerms::One(5));
    assert_eq!(DefaultTerms::of(None, Some(5)), DefaultTerms::One(5));
    assert_eq!(DefaultTerms::of(Some(5), Some(5)), DefaultTerms::One(5));
    let both = DefaultTerms::ShorterThenRevision { in_force: 3, revision: 5 };
    assert_eq!(DefaultTerms::of(Some(5), Some(3)), both);
}

#[test]
fn a_void_entry_of_the_lead_is_a_sign_of_life_for_task_and_takeover_alike() {
    let beat = |world: &World, now: i64| {
        let view = serde_json::to_value(world.case.view(now)).unwrap();
        let tasks = view["tasks"].as_array().unwrap().clone();
        tasks.into_iter().find(|task| task["code"] == "lead-beat").unwrap()["due"].as_i64().unwrap()
    };
    let mut world = World::peopled();
    let before = beat(&world, START);
    world.void("jo/cert", 10, "report.judge", json!({"to": "R"}), VoidCode::BadBody);
    assert_eq!(beat(&world, START + 10 * DAY), before + 10 * DAY);
    let silent = START + 10 * DAY + (before - START) - 1;
    let entry = world.draft("um/aisi", silent, "lead.takeover", json!({"to": "aisi", "epoch": 2}));
    assert_eq!(world.case.decide(&entry), Err(VoidCode::LeadNotSilent));
}
