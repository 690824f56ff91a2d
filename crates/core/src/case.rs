//! A case: the signed entries that hubs exchange in any order, and the one state they all compute.
//!
//! [`Case::fold`] takes a set of entries and is total: what fails a check is kept, void with a code, and
//! changes nothing. [`Case::decide`] refuses a command with the code its entry would get.
//! [`Case::view`] adds a now. Design: case-protocol.md.
//!
//! Not here: signatures, storage, clocks, and the content of compartments. The fold needs no key.

pub mod body;
pub mod duration;
pub mod em;
pub mod entry;
pub mod invariants;
pub mod kind;
pub mod metrics;
pub mod name;
pub mod pec;
pub mod public_case;
pub mod pxa;
pub mod read;
pub mod replay;
pub mod rm;
pub mod ssvc;
pub mod state;
pub mod tasks;
pub mod terms;
pub mod vfd;
pub mod view;
pub mod void;
pub mod word;

mod apply;
mod beta;
mod check;
mod consent;
mod fork;
mod history;
mod past;
mod reader;

use std::collections::BTreeMap;
use std::sync::Arc;

use apply::Apply;
use body::Millis;
use check::Check;
use entry::{Command, Entry, Place, SEEN_MAX};
use history::History;
use name::{CaseId, EntryId, HubId, PartyId};
use state::State;
use void::VoidCode;

/// A set of entries, folded.
///
/// Invariant: equal sets give equal values, whatever the order and copies in which they came.
#[derive(Clone, Debug)]
pub struct Case {
    id: CaseId,
    history: History,
    /// Why entries are void, by index in the order.
    voids: BTreeMap<usize, VoidCode>,
    state: State,
}

/// Two or more entries of one author with one seq: the proof of CP-20.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Equivocation {
    /// Who signed them.
    pub author: HubId,
    /// Their number.
    pub seq: i64,
    /// Their ids, sorted.
    pub entries: Vec<EntryId>,
}

/// An entry that counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Voided {
    /// The entry.
    pub entry: EntryId,
    /// Its kind, as written.
    pub kind: String,
    /// Why.
    pub code: VoidCode,
}

impl Case {
    /// Folds a set of entries; those of other cases are left out, copies of one id count once.
    #[must_use]
    pub fn fold(id: CaseId, entries: impl IntoIterator<Item = Arc<Entry>>) -> Self {
        let history = History::of(entries.into_iter().filter(|entry| entry.case == id));
        let mut case = Self { id, voids: fork::voids(&history), history, state: State::default() };
        for (index, held) in case.history.held.iter().enumerate() {
            if case.voids.contains_key(&index) {
                continue;
            }
            let (history, entry, past) = (&case.history, held.entry.as_ref(), &held.past);
            let state = &mut case.state;
            match (Check { history, state, entry, past }).run() {
                Ok(()) => Apply { history, state, entry, past, index }.run(),
                Err(code) => {
                    case.voids.insert(index, code);
                }
            }
        }
        debug_assert_eq!(invariants::broken(&case.state), None);
        case
    }

    /// Returns the same case with one more entry.
    #[must_use]
    pub fn with(&self, entry: Arc<Entry>) -> Self {
        let held = self.history.held.iter().map(|held| Arc::clone(&held.entry));
        let all = held.chain(self.history.pending.iter().cloned()).chain([entry]);
        Self::fold(self.id.clone(), all)
    }

    /// Returns the case's id.
    #[must_use]
    pub fn id(&self) -> &CaseId {
        &self.id
    }

    /// Returns the state, which knows no now.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns the held entries in order, void ones too.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.history.held.iter().map(|held| &held.entry)
    }

    /// Returns the entries that wait for a parent, by id.
    #[must_use]
    pub fn pending(&self) -> &[Arc<Entry>] {
        &self.history.pending
    }

    /// Returns a held entry.
    #[must_use]
    pub fn entry(&self, id: &EntryId) -> Option<&Arc<Entry>> {
        self.history.find(id).map(|held| &held.entry)
    }

    /// Returns an entry's depth (`lamport`), 0 without parents.
    #[must_use]
    pub fn depth(&self, id: &EntryId) -> Option<u32> {
        self.history.find(id).map(|held| held.depth)
    }

    /// Tells whether `ancestor` is in the past of `entry`.
    #[must_use]
    pub fn reaches(&self, entry: &EntryId, ancestor: &EntryId) -> bool {
        match (self.history.find(entry), self.history.find(ancestor)) {
            (Some(entry), Some(ancestor)) => entry.past.holds(ancestor.spot),
            _ => false,
        }
    }

    /// Returns why an entry is void; `None` if it stands or is not held.
    #[must_use]
    pub fn void_code(&self, id: &EntryId) -> Option<VoidCode> {
        self.history.index.get(id).and_then(|index| self.voids.get(&index)).copied()
    }

    /// Returns the void entries, in order.
    pub fn void(&self) -> impl Iterator<Item = Voided> {
        self.voids.iter().filter_map(|(&index, &code)| {
            let entry = &self.history.held.get(index)?.entry;
            Some(Voided { entry: entry.id.clone(), kind: entry.kind.clone(), code })
        })
    }

    /// Returns every fork, by author and seq.
    #[must_use]
    pub fn equivocations(&self) -> Vec<Equivocation> {
        let mut all = Vec::new();
        for (author, forks) in &self.history.forks {
            for fork in forks {
                let twins = fork.twins.iter().filter_map(|&index| self.history.held.get(index));
                let mut entries: Vec<EntryId> = twins.map(|held| held.entry.id.clone()).collect();
                entries.sort();
                all.push(Equivocation { author: author.clone(), seq: fork.seq, entries });
            }
        }
        all
    }

    /// Tells whether a hub is known to have signed two truths.
    #[must_use]
    pub fn is_flagged(&self, hub: &HubId) -> bool {
        self.history.forks.contains_key(hub)
    }

    /// The content gate (CP-33, CP-22): whether content may go to `party` at `at`.
    #[must_use]
    pub fn gate(&self, party: &PartyId, at: Millis) -> bool {
        self.state
            .parties
            .get(party)
            .is_some_and(|party| self.state.gate(party, at) && !self.is_flagged(&party.hub))
    }

    /// Returns the entry of `command`, placed after everything held.
    #[must_use]
    pub fn draft(&self, command: Command) -> Entry {
        let (own, seen) = self.history.heads(&command.author);
        let held = |index: usize| self.history.held.get(index).map(|held| &held.entry);
        let own = own.and_then(held);
        // With more heads than an entry may cite, the latest carry most.
        let surplus = seen.len().saturating_sub(SEEN_MAX);
        let place = Place {
            seq: own.map_or(0, |own| own.seq + 1),
            prev: own.map(|own| own.id.clone()),
            seen: seen.into_iter().skip(surplus).filter_map(held).map(|e| e.id.clone()).collect(),
        };
        Entry::new(self.id.clone(), command, place)
    }

    /// Returns the entry to sign for `command`, or the code with which it is refused (CP-15).
    pub fn decide_command(&self, command: Command) -> Result<Entry, VoidCode> {
        let entry = self.draft(command);
        self.decide(&entry)?;
        Ok(entry)
    }

    /// Returns the code that `entry` would get on this hub's own fold, if any (CP-15).
    ///
    /// `entry` comes from [`Case::draft`], so it follows everything held.
    pub fn decide(&self, entry: &Entry) -> Result<(), VoidCode> {
        let past = self.history.past_of(entry);
        let is_forker = self.history.forks.get(&entry.author).and_then(|forks| forks.first());
        if is_forker.is_some_and(|fork| fork.seq <= entry.seq) {
            return Err(VoidCode::Frozen);
        }
        Check { history: &self.history, state: &self.state, entry, past: &past }.run()
    }
}
