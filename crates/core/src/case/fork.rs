//! Known forkers have no voice, their old acts stay: who stands after a fork (CP-20 to CP-22).
//!
//! From an author's first forked seq on, an entry stands iff another hub built on it in good faith, that
//! is, without having seen a complete pair of that author at this seq or below, and no other hub so
//! built on a twin. Without this rule a lead could fork an old invitation and erase a vendor's record.
//! Not here: how forks are found (`history`).

use std::collections::{BTreeMap, BTreeSet};

use super::history::{Fork, History};
use super::kind::Kind;
use super::name::HubId;
use super::void::VoidCode;

/// Returns the entries that a fork voids, by index.
pub(super) fn voids(history: &History) -> BTreeMap<usize, VoidCode> {
    let mut voids = BTreeMap::new();
    for (author, forks) in &history.forks {
        let good = built_on(history, author);
        let Some(first) = forks.first() else { continue };
        let twins: BTreeMap<i64, &Fork> = forks.iter().map(|fork| (fork.seq, fork)).collect();
        for index in entries_of(history, author) {
            let Some(held) = history.held.get(index) else { continue };
            let is_exempt = held.entry.known_kind() == Some(Kind::CaseOpen);
            if is_exempt || held.entry.seq < first.seq {
                continue;
            }
            let fork = twins.get(&held.entry.seq);
            let twin_is_good = fork.is_some_and(|fork| {
                fork.twins.iter().any(|twin| *twin != index && good.contains(twin))
            });
            if !good.contains(&index) || twin_is_good {
                let code = if fork.is_some() { VoidCode::Equivocation } else { VoidCode::Frozen };
                voids.insert(index, code);
            }
        }
    }
    voids
}

fn entries_of<'h>(history: &'h History, author: &HubId) -> impl Iterator<Item = usize> + 'h {
    let chains = history.by_author.get(author).map(Vec::as_slice).unwrap_or_default();
    chains.iter().filter_map(|&chain| history.chains.get(chain)).flatten().copied()
}

/// Returns the entries of `author` that another hub built on in good faith.
fn built_on(history: &History, author: &HubId) -> BTreeSet<usize> {
    let chains = history.by_author.get(author).map(Vec::as_slice).unwrap_or_default();
    // How much of each chain some hub reached before it could know.
    let mut reached: Vec<usize> = vec![0; chains.len()];
    for held in history.held.iter().filter(|held| held.entry.author != *author) {
        let length = |chain: usize| usize::try_from(held.past.length(chain)).unwrap_or(usize::MAX);
        if chains.iter().zip(&reached).all(|(&chain, reached)| length(chain) <= *reached) {
            continue;
        }
        let known_from = history.pair_in(&held.past, author).unwrap_or(i64::MAX);
        for (&chain, reached) in chains.iter().zip(&mut reached) {
            let members = history.chains.get(chain);
            let members = members.and_then(|members| members.get(..length(chain)));
            let members = members.unwrap_or_default();
            let before = |&index: &usize| {
                history.held.get(index).is_some_and(|held| held.entry.seq < known_from)
            };
            *reached = (*reached).max(members.partition_point(before));
        }
    }
    let prefixes = chains.iter().zip(reached).filter_map(|(&chain, reached)| {
        history.chains.get(chain).and_then(|members| members.get(..reached))
    });
    prefixes.flatten().copied().collect()
}
