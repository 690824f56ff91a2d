//! Two truths from one hub (CP-20 to CP-22), and what one hub can do alone (CP-60, CP-63, CP-64).

use std::sync::Arc;

use comity_core::case::Case;
use comity_core::case::em::Em;
use comity_core::case::entry::{Entry, Place};
use comity_core::case::name::EntryId;
use comity_core::case::void::VoidCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::invariants;
use super::support::{CASE, DAY, Dice, START, World, bytes, evidence, placed};

/// An entry with the place of `of`, saying something else.
fn twin(world: &World, of: &EntryId, kind: &str, body: Value) -> Entry {
    let of = world.case.entry(of).unwrap();
    let place = Place { seq: of.seq, prev: of.prev.clone(), seen: of.seen.clone() };
    placed(&format!("{}/{}", of.author, of.party), of.at, kind, body, place)
}

fn code(world: &World, id: &EntryId) -> Option<VoidCode> {
    world.case.void_code(id)
}

#[test]
fn two_truths_are_both_void_and_what_follows_is_frozen() {
    let mut world = World::peopled();
    let first = world.stands("ac/acme", 0, "note", json!({}));
    let after = world.stands("ac/acme", 0, "note", json!({}));
    let second = world.add(twin(&world, &first, "note", json!({"to": ["cert"]})));
    assert_eq!(code(&world, &first), Some(VoidCode::Equivocation));
    assert_eq!(code(&world, &second), Some(VoidCode::Equivocation));
    assert_eq!(code(&world, &after), Some(VoidCode::Frozen));
    let pair = &world.case.equivocations()[0];
    assert_eq!((pair.author.as_str(), pair.seq, pair.entries.len()), ("ac", 0, 2));
    world.void("ac/acme", 1, "note", json!({}), VoidCode::Frozen);
    let tasks = world.case.tasks(START);
    assert!(tasks.iter().any(|task| task.code == "equivocation"));
}

#[test]
fn a_late_twin_of_what_others_built_on_is_void_alone() {
    let mut world = World::peopled();
    let first = world.stands("ac/acme", 0, "note", json!({}));
    world.stands("rc/nube", 0, "note", json!({}));
    let second = world.add(twin(&world, &first, "note", json!({"to": ["cert"]})));
    assert_eq!((code(&world, &first), code(&world, &second)), (None, Some(VoidCode::Equivocation)));
    // Who knows the pair builds on nothing of it any more.
    let later = world.draft("ac/acme", START + DAY, "note", json!({}));
    let later = world.add(later);
    world.stands("rc/nube", 2, "note", json!({}));
    assert_eq!(code(&world, &later), Some(VoidCode::Frozen));
}

#[test]
fn good_faith_on_both_twins_saves_neither() {
    let mut world = World::peopled();
    let first = world.stands("ac/acme", 0, "note", json!({}));
    let second = twin(&world, &first, "note", json!({"to": ["cert"]}));
    let root = world.case.entry(&first).unwrap().seen[0].clone();
    let cites = |id: &EntryId| Place { seq: 0, prev: None, seen: vec![root.clone(), id.clone()] };
    let third = placed("rc/nube", START, "note", json!({}), cites(&first));
    let fourth = placed("um/aisi", START, "note", json!({}), cites(&second.id));
    let second = world.add(second);
    world.add(third);
    world.add(fourth);
    assert_eq!(code(&world, &first), Some(VoidCode::Equivocation));
    assert_eq!(code(&world, &second), Some(VoidCode::Equivocation));
}

#[test]
fn a_forkers_parties_get_no_content_until_invited_elsewhere() {
    let mut world = World::peopled();
    let send = world.stands("jo/cert", 0, "report.send", json!({"to": "acme"}));
    let ack = world.stands("ac/acme", 0, "report.ack", json!({ "of": send }));
    let seal = json!({"compartment": "technical", "commitment": "c", "size_class": 0,
        "recipients": [{"party": "acme", "wrapped": "w", "pass": "p"}]});
    world.stands("jo/cert", 0, "content.seal", seal.clone());
    world.add(twin(&world, &ack, "note", json!({})));
    assert_eq!(code(&world, &ack), None);
    assert!(!world.case.gate(&"acme".parse().unwrap(), START));
    world.void("jo/cert", 1, "content.seal", seal.clone(), VoidCode::GateClosed);
    let elsewhere = json!({"party": "acme", "org": "ACME", "hub": "zz", "roles": ["vendor"]});
    world.stands("jo/cert", 1, "party.invite", elsewhere);
    world.stands("jo/cert", 1, "content.seal", seal);
    world.stands("zz/acme", 1, "report.judge", json!({"to": "V"}));
}

#[test]
fn a_lead_who_forks_may_be_replaced_at_once() {
    let mut world = World::peopled();
    let beat = world.stands("jo/cert", 0, "lead.beat", json!({}));
    world.stands("rc/nube", 0, "note", json!({}));
    let takeover = json!({"to": "aisi", "epoch": 2});
    world.void("um/aisi", 0, "lead.takeover", takeover.clone(), VoidCode::LeadNotSilent);
    world.add(twin(&world, &beat, "note", json!({})));
    world.stands("um/aisi", 0, "lead.takeover", takeover.clone());
    world.stands("rc/nube", 0, "lead.takeover", takeover);
    assert_eq!(world.case.state().lead.as_ref().unwrap().party.as_str(), "aisi");
}

#[test]
fn entries_wait_for_their_parents_even_in_a_circle() {
    let mut world = World::peopled();
    let place = |id: &str| Place { seq: 0, prev: None, seen: vec![id.parse().unwrap()] };
    let note = |seen: &str, id: &str| {
        placed("ac/acme", START, "note", json!({}), place(seen)).with_id(id.parse().unwrap())
    };
    world.add(note("missing", "w1"));
    world.add(note("w1", "w2"));
    world.add(note("w4", "w3"));
    world.add(note("w3", "w4"));
    let pending: Vec<&str> = world.case.pending().iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(pending, ["w1", "w2", "w3", "w4"]);
    world.add(
        placed("rc/nube", START, "note", json!({}), Place { seq: 0, prev: None, seen: vec![] })
            .with_id("missing".parse().unwrap()),
    );
    assert_eq!(world.case.pending().len(), 2);
}

#[test]
fn chains_that_do_not_fit_are_void() {
    let mut world = World::peopled();
    let last = world.last();
    let seen = vec![last.clone()];
    let mut check = |place: Place, at: i64, expected| {
        let id = world.add(placed("ac/acme", at, "note", json!({}), place));
        assert_eq!(code(&world, &id), expected);
        id
    };
    check(Place { seq: 3, prev: None, seen: seen.clone() }, START, Some(VoidCode::BrokenChain));
    check(Place { seq: 0, prev: Some(last), seen: vec![] }, START, Some(VoidCode::BrokenChain));
    let place = Place { seq: 7, prev: None, seen };
    let broken = check(place, START, Some(VoidCode::BrokenChain));
    let next = Place { seq: 8, prev: Some(broken), seen: vec![] };
    check(next, START - 1, Some(VoidCode::TimeReversed));
}

/// A lively case: an embargo in force, a vendor at work, nobody claims anything.
fn lively() -> World {
    let mut world = World::embargoed();
    let terms = world.case.state().terms.clone().unwrap().entry;
    for by in ["ac/acme", "rc/nube", "um/aisi"] {
        world.stands(by, 2, "embargo.accept", json!({ "terms": terms }));
    }
    let send = world.stands("jo/cert", 3, "report.send", json!({"to": "acme"}));
    world.stands("ac/acme", 3, "report.ack", json!({ "of": send }));
    world.stands("ac/acme", 4, "report.judge", json!({"to": "V"}));
    world.stands("jo/cert", 5, "lead.beat", json!({}));
    world.stands("um/aisi", 5, "note", json!({}));
    world
}

/// What hub `rc` might write: anything, at any time, on any past, as twin or not.
fn malice(world: &World, dice: &mut Dice) -> Entry {
    let all: Vec<EntryId> = world.case.entries().map(|entry| entry.id.clone()).collect();
    let own: Vec<Arc<Entry>> =
        world.case.entries().filter(|entry| entry.author.as_str() == "rc").cloned().collect();
    let prev = if dice.chance(15) { None } else { Some(dice.pick(&own).clone()) };
    let any = dice.pick(&all).clone();
    let terms = world.case.state().terms.clone().unwrap().entry;
    let ends = START + i64::try_from(dice.below(400)).unwrap() * DAY;
    let other = *dice.pick(&["cert", "acme", "aisi", "nube"]);
    let letter = *dice.pick(&["P", "X", "A"]);
    let (kind, body) = match dice.below(10) {
        0 | 1 => ("exposure.claim", json!({"letter": letter, "evidence": evidence()})),
        2 => ("embargo.end", json!({"reason": "leak"})),
        3 => ("lead.takeover", json!({"to": "aisi", "epoch": 2})),
        4 => ("embargo.revise", json!({"base": terms, "ends": ends, "justification": "x"})),
        5 => ("embargo.accept", json!({ "terms": any })),
        6 => ("embargo.reject", json!({ "terms": any })),
        7 => ("lead.accept", json!({ "offer": any })),
        8 => ("vendor.aware", json!({"party": other, "evidence": evidence()})),
        _ => ("note", json!({})),
    };
    let seen = if dice.chance(70) { vec![any] } else { Vec::new() };
    let place = Place {
        seq: prev.as_ref().map_or(0, |prev| prev.seq + 1),
        prev: prev.as_ref().map(|prev| prev.id.clone()),
        seen,
    };
    let at = (START + (i64::try_from(dice.below(600)).unwrap() - 200) * DAY).max(0);
    let by = if dice.chance(10) { "rc/cert" } else { "rc/nube" };
    placed(by, at, kind, body, place)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 24 } else { 400 }))]

    /// CP-63: three hubs hear one of them lie.
    #[test]
    fn one_hub_alone_sets_nothing_that_needs_two(seed: u64) {
        let mut dice = Dice(seed);
        let mut world = lively();
        for _ in 0..12 {
            let entry = malice(&world, &mut dice);
            world.add(entry);
        }
        let state = world.case.state();
        prop_assert_eq!(state.pxa().letters(), "pxa");
        prop_assert!(matches!(state.em, Em::Active | Em::Revise), "{:?}", state.em);
        prop_assert_eq!(state.lead.as_ref().map(|lead| lead.epoch), Some(1));
        invariants::hold(&world.case, world.case.entries().count() + world.case.pending().len());
    }

    /// CP-64: a late twin changes nothing that others rely on.
    #[test]
    fn a_twin_of_what_others_built_on_changes_nothing_of_theirs(seed: u64) {
        let mut dice = Dice(seed);
        let mut world = lively();
        let before = world.case.state().clone();
        let built_on: Vec<Arc<Entry>> = world
            .case
            .entries()
            .filter(|entry| {
                let mut others = world.case.entries().filter(|other| other.author != entry.author);
                entry.kind != "case.open"
                    && others.any(|other| world.case.reaches(&other.id, &entry.id))
            })
            .cloned()
            .collect();
        let of = dice.pick(&built_on).clone();
        let bodies: [(&str, Value); 4] = [
            ("note", json!({})),
            ("exposure.claim", json!({"letter": "P", "evidence": evidence()})),
            ("embargo.end", json!({"reason": "leak"})),
            ("report.judge", json!({"to": "D"})),
        ];
        let (kind, body) = dice.pick(&bodies).clone();
        let twin = twin(&world, &of.id, kind, body);
        prop_assume!(twin.id != of.id);
        world.add(twin);
        let after = world.case.state();
        prop_assert_eq!((after.em, &after.em_log, after.pxa()), (before.em, &before.em_log, before.pxa()));
        prop_assert_eq!(&after.lead, &before.lead);
        for (id, party) in &before.parties {
            let now = &after.parties[id];
            if party.hub != of.author {
                prop_assert_eq!((now.rm, now.pec, now.vendor()), (party.rm, party.pec, party.vendor()));
            }
        }
    }

    /// CP-60: any order, with copies; and any subset folds.
    #[test]
    fn order_and_copies_change_no_byte(seed: u64) {
        let mut dice = Dice(seed);
        let mut world = lively();
        for _ in 0..12 {
            let entry = malice(&world, &mut dice);
            world.add(entry);
        }
        let mut all: Vec<Arc<Entry>> =
            world.case.entries().chain(world.case.pending()).cloned().collect();
        let count = all.len();
        let expected = bytes(&world.case, START);
        dice.shuffle(&mut all);
        let copies: Vec<Arc<Entry>> = all.iter().take(dice.below(20)).cloned().collect();
        all.extend(copies);
        let again = Case::fold(CASE.parse().unwrap(), all.iter().cloned());
        prop_assert_eq!(bytes(&again, START), expected);
        let some: Vec<Arc<Entry>> = all.into_iter().take(count).filter(|_| dice.chance(80)).collect();
        let given = some.len();
        invariants::hold(&Case::fold(CASE.parse().unwrap(), some), given);
    }
}
