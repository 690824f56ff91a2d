//! Merges units: builds each on the state that the ones before it leave, and keeps apart those that fail.
//!
//! Not here: SQL.

use std::collections::BTreeMap;

use crate::rows::{Entry, Report};
use crate::write::{
    Append, ChainKey, Guard, Head, Job, Needs, Place, Rows, Stop, UNIT_WRITES_MAX, View, Write,
};
use crate::{Conflict, Fault, INLINE_BYTES_MAX};

/// A value before and after the transaction, for compare-and-swap.
#[derive(Clone, Debug)]
pub(super) struct Change<T> {
    pub(super) before: Option<T>,
    pub(super) after: T,
}

/// All rows of a group.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) entries: Vec<Entry>,
    pub(super) writes: Vec<Write>,
    pub(super) heads: BTreeMap<ChainKey, Change<Head>>,
    pub(super) tails: BTreeMap<String, Change<i64>>,
    pub(super) serials: BTreeMap<String, Change<i64>>,
}

/// What happened to one unit while it was built.
#[derive(Debug)]
pub(super) enum Built {
    Refused,
    Staged,
    Stopped(Stop),
}

/// A group that was built: its rows, what became of each unit, and the state that its rows leave.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) plan: Plan,
    pub(super) built: Vec<Built>,
    pub(super) view: View,
}

impl Plan {
    /// Says whether everything that units looked at is also compared when the plan is written.
    ///
    /// Then it does not matter where the state came from: if it was not the database's, nothing is written.
    pub(super) fn compares(&self, needs: &Needs) -> bool {
        let Needs { chains, rooms, serials, answers, reports } = needs;
        answers.is_empty()
            && reports.is_empty()
            && chains
                .iter()
                .all(|key| self.heads.contains_key(key) && self.tails.contains_key(&key.room_id))
            && rooms.iter().all(|room_id| self.tails.contains_key(room_id))
            && serials.iter().all(|counter| self.serials.contains_key(counter))
    }
}

/// Builds all units of a group in order.
pub(super) fn build(jobs: &mut [Box<dyn Job>], mut view: View) -> Group {
    let mut plan = Plan::default();
    let mut built = Vec::with_capacity(jobs.len());
    for job in jobs {
        built.push(match job.build(&view) {
            None => Built::Refused,
            Some(rows) => match Staged::check(&view, rows) {
                Ok(staged) => {
                    staged.merge(&mut view, &mut plan);
                    Built::Staged
                }
                Err(stop) => Built::Stopped(stop),
            },
        });
    }
    Group { plan, built, view }
}

/// One checked unit, not yet part of the plan.
#[derive(Debug, Default)]
struct Staged {
    entries: Vec<Entry>,
    writes: Vec<Write>,
    heads: BTreeMap<ChainKey, Head>,
    tails: BTreeMap<String, i64>,
    serials: BTreeMap<String, i64>,
    reports: BTreeMap<String, Report>,
}

impl Staged {
    fn check(view: &View, rows: Rows) -> Result<Self, Stop> {
        if rows.writes.len() > UNIT_WRITES_MAX {
            return Err(Fault::Misuse("a unit holds too many writes").into());
        }
        for Guard::RoomAt { room_id, position } in &rows.guards {
            if view.tails.get(room_id).ok_or(UNDECLARED)? != position {
                return Err(Stop::Conflict(Conflict::Position));
            }
        }
        let mut staged = Self::default();
        for write in rows.writes {
            staged.add(view, write)?;
        }
        Ok(staged)
    }

    fn add(&mut self, view: &View, write: Write) -> Result<(), Stop> {
        if let Write::Append(entry) = write {
            return self.append(view, entry);
        }
        if let Write::Serial { counter, value } = write {
            return self.serial(view, counter, value);
        }
        if let Write::Item(item) = &write {
            inline(item.ciphertext.as_deref())?;
        }
        if let Write::DraftFile(file) = &write {
            inline(file.ciphertext.as_deref())?;
        }
        if let Write::Report(report) = &write
            && view.reports.contains_key(&report.report_id)
        {
            self.reports.insert(report.report_id.clone(), report.clone());
        }
        self.writes.push(write);
        Ok(())
    }

    fn serial(&mut self, view: &View, counter: String, value: i64) -> Result<(), Stop> {
        let last = self.serials.get(&counter).or_else(|| view.serials.get(&counter));
        if last.ok_or(UNDECLARED)?.checked_add(1) != Some(value) {
            return Err(Stop::Conflict(Conflict::Serial));
        }
        self.serials.insert(counter, value);
        Ok(())
    }

    fn append(&mut self, view: &View, entry: Append) -> Result<(), Stop> {
        let key = ChainKey { room_id: entry.room_id.clone(), author: entry.author.clone() };
        let loaded = view.heads.get(&key).ok_or(UNDECLARED)?;
        let head = self.heads.get(&key).or(loaded.as_ref());
        let seq_next = head.map_or(0, |head| head.seq.saturating_add(1));
        let follows = entry.seq == seq_next && entry.prev.as_ref() == head.map(|head| &head.id);
        if entry.place == Place::Next && !follows {
            return Err(Stop::Conflict(Conflict::Head));
        }
        if entry.seq >= seq_next {
            self.heads.insert(key, Head { seq: entry.seq, id: entry.id.clone(), at: entry.at });
        }
        let tail = self.tails.get(&entry.room_id).or_else(|| view.tails.get(&entry.room_id));
        let position = tail.ok_or(UNDECLARED)?.saturating_add(1);
        self.tails.insert(entry.room_id.clone(), position);
        self.entries.push(Entry {
            room_id: entry.room_id,
            author: entry.author,
            seq: entry.seq,
            id: entry.id,
            at: entry.at,
            kind: entry.kind,
            position,
            envelope: entry.envelope,
        });
        Ok(())
    }

    fn merge(self, view: &mut View, plan: &mut Plan) {
        for (key, after) in self.heads {
            let before = view.heads.insert(key.clone(), Some(after.clone())).flatten();
            change(&mut plan.heads, key, before, after);
        }
        for (key, after) in self.tails {
            let before = view.tails.insert(key.clone(), after).filter(|before| *before > 0);
            change(&mut plan.tails, key, before, after);
        }
        for (key, after) in self.serials {
            let before = view.serials.insert(key.clone(), after).filter(|before| *before > 0);
            change(&mut plan.serials, key, before, after);
        }
        for (key, report) in self.reports {
            view.reports.insert(key, Some(report));
        }
        for write in &self.writes {
            if let Write::Answer(answer) = write {
                let key = (answer.account.clone(), answer.key.clone());
                view.answers.insert(key, Some(answer.clone()));
            }
        }
        plan.entries.extend(self.entries);
        plan.writes.extend(self.writes);
    }
}

const UNDECLARED: Stop = Stop::Fault(Fault::Misuse("a unit used what its needs do not name"));

fn change<K: Ord, T>(changes: &mut BTreeMap<K, Change<T>>, key: K, before: Option<T>, after: T) {
    match changes.entry(key) {
        std::collections::btree_map::Entry::Occupied(mut there) => there.get_mut().after = after,
        std::collections::btree_map::Entry::Vacant(free) => {
            free.insert(Change { before, after });
        }
    }
}

fn inline(ciphertext: Option<&[u8]>) -> Result<(), Stop> {
    if ciphertext.is_some_and(|bytes| bytes.len() > INLINE_BYTES_MAX) {
        let bytes_max = u64::try_from(INLINE_BYTES_MAX).unwrap_or(u64::MAX);
        return Err(Fault::TooLarge { what: "inline ciphertext", bytes_max }.into());
    }
    Ok(())
}

/// Loads the state for a group.
pub(super) async fn load(
    connection: &mut sqlx::AnyConnection,
    needs: &[Needs],
) -> Result<View, Fault> {
    let mut view = View::default();
    for needs in needs {
        view.load(connection, needs).await?;
    }
    Ok(view)
}
