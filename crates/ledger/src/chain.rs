//! Which entries a room takes in: the acceptance rules EN-04 as a pure state machine.
//!
//! ```text
//!            ┌ refused: never stored
//!  arrives ──┤ pending: a parent is missing; at most 512 a room
//!            └ accepted: stored, passed on, and with it what waited for it
//! ```
//! The outcome depends on the entry, the room and the author's keys, never on sender or order of arrival;
//! the one clock is that of CP-03. Two entries of one author with equal seq are both accepted: what they
//! mean is for the fold. Not here: what a kind means, and the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::EntryId;
use crate::entry::{Entry, Name, SEEN_MAX, Verified};

/// Entries that wait for a parent at most, a room (EN-04).
pub const PENDING_MAX: usize = 512;
/// Entries of one room at most (CP-04).
pub const ENTRIES_MAX: usize = 200_000;
/// How far ahead of the receiver's clock an entry may be dated, in milliseconds (CP-03).
pub const FUTURE_TOLERANCE_MS: u64 = 600_000;

/// Why an entry is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Dated more than ten minutes ahead of the receiver's clock.
    #[error("dated in the future")]
    AtInFuture,
    /// Signed with a key that its author had rotated away before the entry it stands on.
    #[error("signed with an older key than the entry before")]
    KeyReversed,
    /// Too much waits already.
    #[error("too many entries wait for others")]
    PendingFull,
    /// The room is full.
    #[error("the room is full")]
    RoomFull,
    /// `prev` is not the author's entry at seq − 1 of this room.
    #[error("prev is not the author's entry before")]
    SeqGap,
    /// Of another room or case.
    #[error("of another room")]
    WrongRoom,
}

impl Refused {
    /// The stable code (FE-05).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AtInFuture => "at-in-future",
            Self::KeyReversed => "key-reversed",
            Self::PendingFull => "pending-full",
            Self::RoomFull => "room-full",
            Self::SeqGap => "seq-gap",
            Self::WrongRoom => "wrong-room",
        }
    }
}

/// What becomes of an entry that is not refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Acceptance {
    /// To be stored in this order: the entry, and what waited for it.
    Accepted(Vec<Verified>),
    /// Held before or waiting already: nothing to do (FE-02).
    Known,
    /// Waits for this parent, the first that is missing.
    Pending(EntryId),
}

/// What a room remembers of an entry, enough to accept others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The author.
    pub author: Name,
    /// Position in the author's chain.
    pub seq: u64,
    /// Rotations before the key that signed.
    pub generation: u64,
}

/// Where the next entry of an author stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// Its seq.
    pub seq: u64,
    /// Its `prev`.
    pub prev: Option<EntryId>,
    /// Its `seen`: all entries nobody cites yet, less `prev`.
    pub seen: Vec<EntryId>,
}

/// One room: what it holds, and what waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Room {
    id: EntryId,
    case: Name,
    held: BTreeMap<EntryId, Held>,
    chains: BTreeMap<Name, BTreeMap<u64, BTreeSet<EntryId>>>,
    heads: BTreeSet<EntryId>,
    forks: BTreeSet<(Name, u64)>,
    pending: BTreeMap<EntryId, Verified>,
    waiting: BTreeMap<EntryId, BTreeSet<EntryId>>,
}

impl Room {
    /// Opens a room with its first entry, which the caller then stores.
    pub fn open(first: &Verified, now: u64) -> Result<Self, Refused> {
        if first.entry().room.is_some() {
            return Err(Refused::WrongRoom);
        }
        if in_future(first.entry(), now) {
            return Err(Refused::AtInFuture);
        }
        let mut room = Self::empty(first.id(), first.entry().case.clone());
        room.hold(first.id(), first.entry(), first.generation());
        Ok(room)
    }

    /// Starts a room that is read back from where its accepted entries are kept.
    #[must_use]
    pub const fn empty(id: EntryId, case: Name) -> Self {
        Self {
            id,
            case,
            held: BTreeMap::new(),
            chains: BTreeMap::new(),
            heads: BTreeSet::new(),
            forks: BTreeSet::new(),
            pending: BTreeMap::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// Takes back an entry that was accepted before, parents first.
    pub fn restore(&mut self, id: EntryId, entry: &Entry, generation: u64) {
        self.hold(id, entry, generation);
    }

    /// Decides on an entry.
    pub fn accept(&mut self, verified: Verified, now: u64) -> Result<Acceptance, Refused> {
        let id = verified.id();
        if self.held.contains_key(&id) || self.pending.contains_key(&id) {
            return Ok(Acceptance::Known);
        }
        if verified.room() != self.id || verified.entry().case != self.case {
            return Err(Refused::WrongRoom);
        }
        if in_future(verified.entry(), now) {
            return Err(Refused::AtInFuture);
        }
        if self.held.len() + self.pending.len() >= ENTRIES_MAX {
            return Err(Refused::RoomFull);
        }
        if let Some(missing) = self.missing(verified.entry()) {
            if self.pending.len() >= PENDING_MAX {
                return Err(Refused::PendingFull);
            }
            self.waiting.entry(missing).or_default().insert(id);
            self.pending.insert(id, verified);
            return Ok(Acceptance::Pending(missing));
        }
        self.fits(&verified)?;
        Ok(Acceptance::Accepted(self.release(verified)))
    }

    /// Takes in an entry that fits, then whatever waited for it and fits.
    fn release(&mut self, first: Verified) -> Vec<Verified> {
        let mut ready = vec![first];
        let mut accepted = Vec::new();
        while let Some(verified) = ready.pop() {
            let id = verified.id();
            self.hold(id, verified.entry(), verified.generation());
            accepted.push(verified);
            for waiter in self.waiting.remove(&id).unwrap_or_default() {
                let Some(verified) = self.pending.remove(&waiter) else { continue };
                match self.missing(verified.entry()) {
                    Some(missing) => {
                        self.waiting.entry(missing).or_default().insert(waiter);
                        self.pending.insert(waiter, verified);
                    }
                    // What waited and does not fit was never stored; it is dropped as if refused now.
                    None if self.fits(&verified).is_err() => {}
                    None => ready.push(verified),
                }
            }
        }
        accepted
    }

    /// The first parent not held.
    fn missing(&self, entry: &Entry) -> Option<EntryId> {
        let mut parents = entry.prev.iter().chain(&entry.seen);
        parents.find(|id| !self.held.contains_key(id)).copied()
    }

    /// Checks `prev`, once all parents are held.
    fn fits(&self, verified: &Verified) -> Result<(), Refused> {
        let entry = verified.entry();
        let Some(prev) = entry.prev.and_then(|id| self.held.get(&id)) else {
            // Seq 0: the parser has seen that `prev` is null, and that `seen` is not empty
            // unless this opens the room.
            return Ok(());
        };
        if prev.author != entry.author || prev.seq.checked_add(1) != Some(entry.seq) {
            return Err(Refused::SeqGap);
        }
        if verified.generation() < prev.generation {
            return Err(Refused::KeyReversed);
        }
        Ok(())
    }

    fn hold(&mut self, id: EntryId, entry: &Entry, generation: u64) {
        for parent in entry.prev.iter().chain(&entry.seen) {
            self.heads.remove(parent);
        }
        self.heads.insert(id);
        let twins =
            self.chains.entry(entry.author.clone()).or_default().entry(entry.seq).or_default();
        twins.insert(id);
        if twins.len() > 1 {
            self.forks.insert((entry.author.clone(), entry.seq));
        }
        let held = Held { author: entry.author.clone(), seq: entry.seq, generation };
        self.held.insert(id, held);
    }

    /// Returns the room's id.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        self.id
    }

    /// Returns the case.
    #[must_use]
    pub const fn case(&self) -> &Name {
        &self.case
    }

    /// Returns what is held of an entry.
    #[must_use]
    pub fn held(&self, id: &EntryId) -> Option<&Held> {
        self.held.get(id)
    }

    /// Returns the number of entries held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Says whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Returns the entries no other cites, ascending.
    pub fn heads(&self) -> impl Iterator<Item = EntryId> {
        self.heads.iter().copied()
    }

    /// Returns the parents that are neither held nor waiting, ascending: what to ask peers for (EN-07).
    pub fn wanted(&self) -> impl Iterator<Item = EntryId> {
        self.waiting.keys().filter(|id| !self.pending.contains_key(*id)).copied()
    }

    /// Returns, by author, the greatest seq held: the cursor of a pull (FE-01).
    pub fn cursors(&self) -> impl Iterator<Item = (&Name, u64)> {
        self.chains
            .iter()
            .filter_map(|(author, chain)| chain.last_key_value().map(|(seq, _ids)| (author, *seq)))
    }

    /// Returns the forked positions: author, seq and the ids that stand there.
    pub fn forks(&self) -> impl Iterator<Item = (&Name, u64, Vec<EntryId>)> {
        self.forks.iter().map(|(author, seq)| {
            let twins = self.chains.get(author).and_then(|chain| chain.get(seq));
            (author, *seq, twins.into_iter().flatten().copied().collect())
        })
    }

    /// Returns where the next entry of an author stands.
    #[must_use]
    pub fn next(&self, author: &Name) -> Next {
        let last = self.chains.get(author).and_then(BTreeMap::last_key_value);
        let prev = last.and_then(|(_seq, ids)| ids.first().copied());
        let seq = last.map_or(0, |(seq, _ids)| seq.saturating_add(1));
        let seen = self.heads().filter(|id| Some(*id) != prev).take(SEEN_MAX).collect();
        Next { seq, prev, seen }
    }
}

fn in_future(entry: &Entry, now: u64) -> bool {
    entry.at > now.saturating_add(FUTURE_TOLERANCE_MS)
}
