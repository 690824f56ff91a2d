//! Pasts, order and forks again, in the plainest way: sets of ids. The program must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use comity_core::case::Case;
use comity_core::case::entry::{Entry, Place};
use comity_core::case::name::EntryId;
use comity_core::case::void::VoidCode;
use proptest::prelude::*;
use serde_json::json;

use super::support::{CASE, Dice, START, placed};

type Pasts = BTreeMap<EntryId, BTreeSet<EntryId>>;

/// Random entries of four hubs that fork, skip numbers and cite at will.
fn wild(dice: &mut Dice) -> Vec<Arc<Entry>> {
    let mut all: Vec<Arc<Entry>> = Vec::new();
    for number in 0..40 {
        let hub = *dice.pick(&["h1", "h2", "h3", "h4"]);
        let own: Vec<Arc<Entry>> =
            all.iter().filter(|entry| entry.author.as_str() == hub).cloned().collect();
        let prev = match dice.below(10) {
            0 => None,
            1 => all.last().cloned(),
            2 | 3 if !own.is_empty() => Some(dice.pick(&own).clone()),
            _ => own.last().cloned(),
        };
        let seq = prev.as_ref().map_or(0, |prev| prev.seq + 1);
        let seq = if dice.chance(5) { seq + 1 } else { seq };
        let mut seen = Vec::new();
        for _ in 0..dice.below(3) {
            if !all.is_empty() {
                seen.push(dice.pick(&all).id.clone());
            }
        }
        if dice.chance(3) {
            seen.push("never-held".parse().unwrap());
        }
        let place = Place { seq, prev: prev.map(|prev| prev.id.clone()), seen };
        let at = START + i64::try_from(dice.below(3)).unwrap();
        let body = json!({"commitment": format!("n{number}")});
        all.push(Arc::new(placed(&format!("{hub}/p"), at, "note", body, place)));
    }
    all
}

fn parents(entry: &Entry) -> Vec<EntryId> {
    entry.prev.iter().chain(&entry.seen).cloned().collect()
}

fn pasts(entries: &[Arc<Entry>]) -> Pasts {
    let mut pasts = Pasts::new();
    loop {
        let ready: Vec<&Arc<Entry>> = entries
            .iter()
            .filter(|entry| !pasts.contains_key(&entry.id))
            .filter(|entry| parents(entry).iter().all(|parent| pasts.contains_key(parent)))
            .collect();
        if ready.is_empty() {
            return pasts;
        }
        for entry in ready {
            let mut past: BTreeSet<EntryId> = parents(entry).into_iter().collect();
            for parent in parents(entry) {
                past.extend(pasts[&parent].iter().cloned());
            }
            pasts.insert(entry.id.clone(), past);
        }
    }
}

/// CP-20 to CP-22, read aloud.
fn fork_codes(held: &BTreeMap<EntryId, Arc<Entry>>, pasts: &Pasts) -> BTreeMap<EntryId, VoidCode> {
    let twins = |a: &Entry, b: &Entry| a.author == b.author && a.seq == b.seq && a.id != b.id;
    let pair_at_or_below = |past: &BTreeSet<EntryId>, entry: &Entry| {
        let own: Vec<&Arc<Entry>> = past
            .iter()
            .map(|id| &held[id])
            .filter(|other| other.author == entry.author && other.seq <= entry.seq)
            .collect();
        own.iter().any(|a| own.iter().any(|b| twins(a, b)))
    };
    let good = |entry: &Entry| {
        held.values().any(|other| {
            let past = &pasts[&other.id];
            other.author != entry.author
                && past.contains(&entry.id)
                && !pair_at_or_below(past, entry)
        })
    };
    let mut codes = BTreeMap::new();
    for entry in held.values() {
        let forked = held.values().any(|a| {
            a.author == entry.author && a.seq <= entry.seq && held.values().any(|b| twins(a, b))
        });
        let own_twins: Vec<&Arc<Entry>> =
            held.values().filter(|other| twins(entry, other)).collect();
        if !forked || (good(entry) && !own_twins.iter().any(|twin| good(twin))) {
            continue;
        }
        let code = if own_twins.is_empty() { VoidCode::Frozen } else { VoidCode::Equivocation };
        codes.insert(entry.id.clone(), code);
    }
    codes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 32 } else { 1000 }))]

    #[test]
    fn pasts_order_and_forks_agree_with_plain_sets(seed: u64) {
        let entries = wild(&mut Dice(seed));
        let case = Case::fold(CASE.parse().unwrap(), entries.iter().cloned());
        let pasts = pasts(&entries);
        let held: BTreeMap<EntryId, Arc<Entry>> = entries
            .iter()
            .filter(|entry| pasts.contains_key(&entry.id))
            .map(|entry| (entry.id.clone(), entry.clone()))
            .collect();
        prop_assert_eq!(case.entries().count(), held.len());
        let mut depths: BTreeMap<EntryId, u32> = BTreeMap::new();
        for entry in case.entries() {
            let depth = parents(entry).iter().map(|parent| depths[parent] + 1).max().unwrap_or(0);
            prop_assert_eq!(case.depth(&entry.id), Some(depth));
            depths.insert(entry.id.clone(), depth);
            for other in held.keys() {
                prop_assert_eq!(case.reaches(&entry.id, other), pasts[&entry.id].contains(other));
            }
        }
        let key = |entry: &Arc<Entry>| {
            (depths[&entry.id], entry.at, entry.author.clone(), entry.id.clone())
        };
        prop_assert!(case.entries().map(key).is_sorted());
        let codes = fork_codes(&held, &pasts);
        for id in held.keys() {
            let found = case.void_code(id).filter(|code| {
                matches!(code, VoidCode::Equivocation | VoidCode::Frozen)
            });
            prop_assert_eq!(found, codes.get(id).copied());
        }
    }
}
