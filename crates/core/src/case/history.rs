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
    pub(super) index: Index,
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
        let keyed = entries.into_iter().map(|entry| (prefix(&entry.id), entry));
        let mut all: Vec<(u64, Arc<Entry>)> = keyed.collect();
        all.sort_by(|(a_key, a), (b_key, b)| (a_key, &a.id).cmp(&(b_key, &b.id)));
        all.dedup_by(|(_, copy), (_, kept)| copy.id == kept.id);
        let mut history = Self { index: Index::of(&all), ..Self::default() };
        let parents = Parents::of(&all, &history.index);
        let mut ordered = Vec::with_capacity(all.len());
        for (position, ((_, entry), depth)) in all.iter().zip(parents.depths()).enumerate() {
            match depth {
                Some(depth) => ordered.push((depth, entry, position)),
                None => history.pending.push(Arc::clone(entry)),
            }
        }
        // Positions follow ids.
        ordered.sort_unstable_by(|(a_depth, a, a_id), (b_depth, b, b_id)| {
            (a_depth, a.at, &a.author, a_id).cmp(&(b_depth, b.at, &b.author, b_id))
        });
        history.held.reserve(ordered.len());
        for (depth, entry, position) in ordered {
            let find = |&parent: &usize| history.index.at(parent);
            let parents: Vec<usize> = parents.of_child(position).iter().filter_map(find).collect();
            history.index.set(position, history.held.len());
            history.place(Arc::clone(entry), depth, &parents);
        }
        history.forks = history.find_forks();
        history
    }

    pub(super) fn find(&self, id: &EntryId) -> Option<&Held> {
        self.held.get(self.index.get(id)?)
    }

    /// Returns what the parents reach, and the parents; those not held are left out.
    pub(super) fn past_of(&self, entry: &Entry) -> Past {
        let parents = entry.parents().filter_map(|id| self.index.get(id));
        self.past_from(parents)
    }

    fn past_from(&self, parents: impl Iterator<Item = usize>) -> Past {
        let mut past = Past::default();
        for parent in parents.filter_map(|parent| self.held.get(parent)) {
            past.join(&parent.past);
            past.add(parent.spot);
        }
        past
    }

    /// Adds the next entry in order; `parents` begin with `prev`, if it has one.
    fn place(&mut self, entry: Arc<Entry>, depth: u32, parents: &[usize]) {
        let index = self.held.len();
        let past = self.past_from(parents.iter().copied());
        let prev = parents.first().copied().filter(|_| entry.prev.is_some());
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

/// Finds an entry's place in the order by its id.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Sorted. The first bytes of an id come before it, so that a search rarely follows the pointer.
    ids: Vec<(u64, EntryId)>,
    /// By position in `ids`; `None` for entries that wait.
    places: Vec<Option<usize>>,
}

impl Index {
    fn of(sorted: &[(u64, Arc<Entry>)]) -> Self {
        let ids = sorted.iter().map(|(key, entry)| (*key, entry.id.clone())).collect();
        Self { ids, places: vec![None; sorted.len()] }
    }

    /// Returns the place of a held entry.
    pub(super) fn get(&self, id: &EntryId) -> Option<usize> {
        self.at(self.position(id)?)
    }

    /// Returns where an entry is among all sorted by id, held or waiting.
    fn position(&self, id: &EntryId) -> Option<usize> {
        let key = prefix(id);
        self.ids.binary_search_by(|(known, other)| (known, other).cmp(&(&key, id))).ok()
    }

    fn at(&self, position: usize) -> Option<usize> {
        self.places.get(position).copied().flatten()
    }

    fn set(&mut self, position: usize, place: usize) {
        if let Some(slot) = self.places.get_mut(position) {
            *slot = Some(place);
        }
    }
}

/// The first eight bytes, so that prefixes sort as ids do.
fn prefix(id: &EntryId) -> u64 {
    let bytes = id.as_str().bytes().chain(std::iter::repeat(0)).take(8);
    bytes.fold(0, |prefix, byte| prefix << 8 | u64::from(byte))
}

/// The parents of each entry, by position among entries sorted by id.
struct Parents {
    /// Positions, child after child; parents that are not in the set are left out.
    all: Vec<usize>,
    /// Where the parents of each child begin and end.
    ranges: Vec<std::ops::Range<usize>>,
    /// Whether a parent of the child is not in the set.
    is_cut_off: Vec<bool>,
}

impl Parents {
    fn of(sorted: &[(u64, Arc<Entry>)], index: &Index) -> Self {
        let mut parents = Self { all: Vec::new(), ranges: Vec::new(), is_cut_off: Vec::new() };
        for (_, entry) in sorted {
            let start = parents.all.len();
            let before = entry.parents().count();
            parents.all.extend(entry.parents().filter_map(|id| index.position(id)));
            parents.is_cut_off.push(parents.all.len() - start < before);
            parents.ranges.push(start..parents.all.len());
        }
        parents
    }

    fn of_child(&self, child: usize) -> &[usize] {
        let range = self.ranges.get(child).cloned();
        range.and_then(|range| self.all.get(range)).unwrap_or_default()
    }

    /// Returns the depth of each entry; `None` while a parent, or a parent's parent, is not held.
    fn depths(&self) -> Vec<Option<u32>> {
        let count = self.ranges.len();
        // Each parent's children in one list, by counting first: a list of lists costs an allocation each.
        let mut starts: Vec<usize> = vec![0; count + 1];
        for &parent in &self.all {
            if let Some(start) = starts.get_mut(parent + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut free = starts.clone();
        let mut children: Vec<usize> = vec![0; self.all.len()];
        let mut waits_for: Vec<usize> = vec![0; count];
        let mut ready = Vec::new();
        for (child, waits) in waits_for.iter_mut().enumerate() {
            let parents = self.of_child(child);
            // A parent cited twice is waited for twice, and comes twice.
            *waits = parents.len();
            for &parent in parents {
                if let Some(next) = free.get_mut(parent) {
                    if let Some(slot) = children.get_mut(*next) {
                        *slot = child;
                    }
                    *next += 1;
                }
            }
            let is_cut_off = self.is_cut_off.get(child).copied().unwrap_or(true);
            if is_cut_off {
                *waits = usize::MAX;
            } else if parents.is_empty() {
                ready.push(child);
            }
        }
        let children_of = |parent: usize| {
            let range = starts.get(parent).zip(starts.get(parent + 1));
            range.and_then(|(&start, &end)| children.get(start..end)).unwrap_or_default()
        };
        let mut depths: Vec<Option<u32>> = vec![None; count];
        let mut least: Vec<u32> = vec![0; count];
        while let Some(parent) = ready.pop() {
            let depth = least.get(parent).copied().unwrap_or(0);
            if let Some(known) = depths.get_mut(parent) {
                *known = Some(depth);
            }
            for &child in children_of(parent) {
                let (Some(least), Some(waits)) = (least.get_mut(child), waits_for.get_mut(child))
                else {
                    continue;
                };
                *least = (*least).max(depth + 1);
                *waits -= 1;
                if *waits == 0 {
                    ready.push(child);
                }
            }
        }
        depths
    }
}
