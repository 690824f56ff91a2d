//! Which entries count, and in which order: pending, depth, chains and pasts (CP-02, CP-10, CP-11).
//!
//! Not here: what entries mean. Forks are found here because they are a matter of chains alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::body::Millis;
use super::entry::Entry;
use super::name::{EntryId, HubId, PartyId};
use super::past::{Past, Spot};

/// A held entry in its place.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) entry: Arc<Entry>,
    pub(super) depth: u32,
    pub(super) spot: Spot,
    /// All that its parents reach, and they; not the entry.
    pub(super) past: Past,
}

/// Entries of one author with one seq and different ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fork {
    pub(super) seq: i64,
    /// In order.
    pub(super) twins: Vec<usize>,
}

/// Every held entry in order, with its past.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) held: Vec<Held>,
    pub(super) pending: Vec<Arc<Entry>>,
    pub(super) index: BTreeMap<EntryId, usize>,
    /// Members of each chain, in order.
    pub(super) chains: Vec<Vec<usize>>,
    /// Chains of each author.
    pub(super) by_author: BTreeMap<HubId, Vec<usize>>,
    /// Forks of each author, by seq.
    pub(super) forks: BTreeMap<HubId, Vec<Fork>>,
}

impl History {
    /// Orders a set of entries; copies of one id count once.
    pub(super) fn of(entries: impl IntoIterator<Item = Arc<Entry>>) -> Self {
        let mut all = BTreeMap::new();
        for entry in entries {
            all.entry(entry.id.clone()).or_insert(entry);
        }
        let all: Vec<Arc<Entry>> = all.into_values().collect();
        let depths = depths(&all);
        let mut history = Self::default();
        let mut ordered = Vec::with_capacity(all.len());
        for (entry, depth) in all.into_iter().zip(depths) {
            match depth {
                Some(depth) => ordered.push((depth, entry)),
                None => history.pending.push(entry),
            }
        }
        // Ids are already sorted, and the sort is stable.
        ordered.sort_by(|(a_depth, a), (b_depth, b)| {
            (a_depth, a.at, &a.author).cmp(&(b_depth, b.at, &b.author))
        });
        for (depth, entry) in ordered {
            history.place(entry, depth);
        }
        history.forks = history.find_forks();
        history
    }

    pub(super) fn find(&self, id: &EntryId) -> Option<&Held> {
        self.index.get(id).and_then(|&index| self.held.get(index))
    }

    /// Returns what the parents reach, and the parents; those not held are left out.
    pub(super) fn past_of(&self, entry: &Entry) -> Past {
        let mut past = Past::default();
        for parent in entry.parents().filter_map(|id| self.find(id)) {
            past.join(&parent.past);
            past.add(parent.spot);
        }
        past
    }

    fn place(&mut self, entry: Arc<Entry>, depth: u32) {
        let index = self.held.len();
        let past = self.past_of(&entry);
        let prev = entry.prev.as_ref().and_then(|id| self.index.get(id).copied());
        let chain = self.chain_to_extend(&entry, prev).unwrap_or_else(|| {
            self.chains.push(Vec::new());
            let chain = self.chains.len() - 1;
            self.by_author.entry(entry.author.clone()).or_default().push(chain);
            chain
        });
        let members = self.chains.get_mut(chain);
        let place = members.map_or(0, |members| {
            members.push(index);
            u32::try_from(members.len() - 1).unwrap_or(u32::MAX)
        });
        self.index.insert(entry.id.clone(), index);
        self.held.push(Held { entry, depth, spot: Spot { chain, place }, past });
    }

    /// The chain of `prev`, if the entry is its next and the first that follows it.
    fn chain_to_extend(&self, entry: &Entry, prev: Option<usize>) -> Option<usize> {
        let index = prev?;
        let prev = self.held.get(index)?;
        let is_next = prev.entry.author == entry.author && prev.entry.seq + 1 == entry.seq;
        let is_tail = self.chains.get(prev.spot.chain)?.last() == Some(&index);
        (is_next && is_tail).then_some(prev.spot.chain)
    }

    fn find_forks(&self) -> BTreeMap<HubId, Vec<Fork>> {
        let mut forks = BTreeMap::new();
        for (author, chains) in &self.by_author {
            // One chain has each seq once.
            if chains.len() < 2 {
                continue;
            }
            let mut by_seq: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
            for &index in chains.iter().filter_map(|&chain| self.chains.get(chain)).flatten() {
                if let Some(held) = self.held.get(index) {
                    by_seq.entry(held.entry.seq).or_default().push(index);
                }
            }
            let found: Vec<Fork> = by_seq
                .into_iter()
                .filter(|(_, twins)| twins.len() > 1)
                .map(|(seq, mut twins)| {
                    twins.sort_unstable();
                    Fork { seq, twins }
                })
                .collect();
            if !found.is_empty() {
                forks.insert(author.clone(), found);
            }
        }
        forks
    }

    /// Returns the least seq at which `past` holds two twins of `author`.
    pub(super) fn pair_in(&self, past: &Past, author: &HubId) -> Option<i64> {
        let is_in = |index: &&usize| self.held.get(**index).is_some_and(|h| past.holds(h.spot));
        self.forks
            .get(author)?
            .iter()
            .find(|fork| fork.twins.iter().filter(is_in).nth(1).is_some())
            .map(|fork| fork.seq)
    }

    /// Returns the greatest `at` in `past` of what `hub` wrote for `party`, void or not.
    pub(super) fn newest_in(&self, past: &Past, hub: &HubId, party: &PartyId) -> Option<Millis> {
        let chains = self.by_author.get(hub).map(Vec::as_slice).unwrap_or_default();
        let mut newest = None;
        for &chain in chains {
            let length = usize::try_from(past.length(chain)).unwrap_or(usize::MAX);
            let members = self.chains.get(chain).and_then(|members| members.get(..length));
            let entries = members.unwrap_or_default().iter().filter_map(|&i| self.held.get(i));
            let own = entries.filter(|held| held.entry.party == *party);
            newest = newest.max(own.map(|held| held.entry.at).max());
        }
        newest
    }

    /// Returns the heads that a hub which folded everything cites: of its own chain, and the others.
    pub(super) fn heads(&self, author: &HubId) -> (Option<usize>, Vec<usize>) {
        let mut own = None;
        for &tail in self.by_author.get(author).into_iter().flatten() {
            let tail = self.chains.get(tail).and_then(|members| members.last().copied());
            let seq = |index: Option<usize>| {
                index.and_then(|index| self.held.get(index)).map(|held| held.entry.seq)
            };
            if seq(tail) > seq(own) {
                own = tail;
            }
        }
        let mut covered = Past::default();
        if let Some(held) = own.and_then(|index| self.held.get(index)) {
            covered.join(&held.past);
            covered.add(held.spot);
        }
        let tails: BTreeSet<usize> =
            self.chains.iter().filter_map(|members| members.last().copied()).collect();
        let mut seen = Vec::new();
        // A later entry may reach an earlier one, never the reverse.
        for index in tails.into_iter().rev() {
            let Some(held) = self.held.get(index) else { continue };
            if !covered.holds(held.spot) {
                covered.join(&held.past);
                covered.add(held.spot);
                seen.push(index);
            }
        }
        seen.reverse();
        (own, seen)
    }
}

/// Returns the depth of each entry; `None` while a parent, or a parent's parent, is not held.
fn depths(entries: &[Arc<Entry>]) -> Vec<Option<u32>> {
    let index: BTreeMap<&EntryId, usize> =
        entries.iter().enumerate().map(|(index, entry)| (&entry.id, index)).collect();
    let mut waits_for: Vec<usize> = Vec::with_capacity(entries.len());
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); entries.len()];
    let mut ready = Vec::new();
    for (child, entry) in entries.iter().enumerate() {
        let parents: BTreeSet<&EntryId> = entry.parents().collect();
        waits_for.push(parents.len());
        if parents.is_empty() {
            ready.push(child);
        }
        for parent in parents {
            if let Some(list) = index.get(parent).and_then(|&parent| children.get_mut(parent)) {
                list.push(child);
            }
        }
    }
    let mut depths: Vec<Option<u32>> = vec![None; entries.len()];
    let mut least: Vec<u32> = vec![0; entries.len()];
    while let Some(parent) = ready.pop() {
        let depth = least.get(parent).copied().unwrap_or(0);
        if let Some(known) = depths.get_mut(parent) {
            *known = Some(depth);
        }
        for &child in children.get(parent).into_iter().flatten() {
            if let (Some(least), Some(waits)) = (least.get_mut(child), waits_for.get_mut(child)) {
                *least = (*least).max(depth + 1);
                *waits -= 1;
                if *waits == 0 {
                    ready.push(child);
                }
            }
        }
    }
    depths
}
