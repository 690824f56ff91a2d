//! What a unit sees when its turn comes: the state after every unit before it.
//!
//! Not here: writing.

use std::collections::BTreeMap;

use sqlx::AnyConnection;

use crate::engine::{rows, values};
use crate::row::{Field, Row};
use crate::rows::{Answer, Report};

/// How many chains, rooms and counters are kept from one group to the next.
const KEPT_MAX: usize = 256;

/// Names one chain: a room and an author.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainKey {
    /// The room.
    pub room_id: String,
    /// The author.
    pub author: String,
}

/// The newest entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its seq.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Its author's clock: the next entry is not earlier.
    pub at: i64,
}

/// What a unit must know when it is built. What is not named here it cannot ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Chains it reads or appends to.
    pub chains: Vec<ChainKey>,
    /// Rooms whose position it reads or guards, beside those of `chains`.
    pub rooms: Vec<String>,
    /// Counters it takes serials from.
    pub serials: Vec<String>,
    /// Idempotency keys, as (account, key).
    pub answers: Vec<(String, String)>,
    /// Reports whose row it reads.
    pub reports: Vec<String>,
}

impl Needs {
    /// Adds a chain.
    #[must_use]
    pub fn chain(mut self, room_id: impl Into<String>, author: impl Into<String>) -> Self {
        self.chains.push(ChainKey { room_id: room_id.into(), author: author.into() });
        self
    }

    /// Adds a room.
    #[must_use]
    pub fn room(mut self, room_id: impl Into<String>) -> Self {
        self.rooms.push(room_id.into());
        self
    }

    /// Adds a counter.
    #[must_use]
    pub fn serial(mut self, counter: impl Into<String>) -> Self {
        self.serials.push(counter.into());
        self
    }

    /// Adds an idempotency key.
    #[must_use]
    pub fn answer(mut self, account: impl Into<String>, key: impl Into<String>) -> Self {
        self.answers.push((account.into(), key.into()));
        self
    }

    /// Adds a report.
    #[must_use]
    pub fn report(mut self, report_id: impl Into<String>) -> Self {
        self.reports.push(report_id.into());
        self
    }
}

/// The state that a unit is built on.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub(super) heads: BTreeMap<ChainKey, Option<Head>>,
    pub(super) tails: BTreeMap<String, i64>,
    pub(super) serials: BTreeMap<String, i64>,
    pub(super) answers: BTreeMap<(String, String), Option<Answer>>,
    pub(super) reports: BTreeMap<String, Option<Report>>,
}

impl View {
    /// Returns the head of a chain, or none if it has no entry yet.
    #[must_use]
    pub fn head(&self, room_id: &str, author: &str) -> Option<&Head> {
        let key = ChainKey { room_id: room_id.to_owned(), author: author.to_owned() };
        self.heads.get(&key).and_then(Option::as_ref)
    }

    /// Returns the position of the newest entry of a room; 0 for an empty room.
    #[must_use]
    pub fn position(&self, room_id: &str) -> i64 {
        self.tails.get(room_id).copied().unwrap_or(0)
    }

    /// Returns the next serial of a counter, from 1. It is taken by [`Write::Serial`](super::Write::Serial).
    #[must_use]
    pub fn next_serial(&self, counter: &str) -> i64 {
        self.serials.get(counter).copied().unwrap_or(0).saturating_add(1)
    }

    /// Returns the answer already given to an idempotency key.
    #[must_use]
    pub fn answer(&self, account: &str, key: &str) -> Option<&Answer> {
        self.answers.get(&(account.to_owned(), key.to_owned())).and_then(Option::as_ref)
    }

    /// Returns a report as the units before this one left it.
    #[must_use]
    pub fn report(&self, report_id: &str) -> Option<&Report> {
        self.reports.get(report_id).and_then(Option::as_ref)
    }

    /// Says whether everything a unit needs is known already.
    pub(super) fn covers(&self, needs: &Needs) -> bool {
        let Needs { chains, rooms, serials, answers, reports } = needs;
        chains
            .iter()
            .all(|key| self.heads.contains_key(key) && self.tails.contains_key(&key.room_id))
            && rooms.iter().all(|room_id| self.tails.contains_key(room_id))
            && serials.iter().all(|counter| self.serials.contains_key(counter))
            && answers.iter().all(|key| self.answers.contains_key(key))
            && reports.iter().all(|report_id| self.reports.contains_key(report_id))
    }

    /// Returns the part that a later group may be built on: what is compared when it is written.
    pub(super) fn kept(mut self) -> Self {
        self.answers.clear();
        self.reports.clear();
        if self.heads.len().max(self.tails.len()).max(self.serials.len()) > KEPT_MAX {
            return Self::default();
        }
        self
    }

    /// Loads what a unit needs and no unit before it has loaded.
    pub(super) async fn load(
        &mut self,
        connection: &mut AnyConnection,
        needs: &Needs,
    ) -> Result<(), crate::Fault> {
        for key in &needs.chains {
            if !self.heads.contains_key(key) {
                let head = head(connection, key).await?;
                self.heads.insert(key.clone(), head);
            }
        }
        let rooms = needs.chains.iter().map(|key| &key.room_id).chain(&needs.rooms);
        for room_id in rooms {
            if !self.tails.contains_key(room_id) {
                let sql = "select position from room_tail where room_id = $1";
                let tail = number(connection, sql, room_id, "position").await?;
                self.tails.insert(room_id.clone(), tail);
            }
        }
        for counter in &needs.serials {
            if !self.serials.contains_key(counter) {
                let sql = "select last from serial where counter = $1";
                let last = number(connection, sql, counter, "last").await?;
                self.serials.insert(counter.clone(), last);
            }
        }
        for key in &needs.answers {
            if !self.answers.contains_key(key) {
                let answer = answer(connection, key).await?;
                self.answers.insert(key.clone(), answer);
            }
        }
        for report_id in &needs.reports {
            if !self.reports.contains_key(report_id) {
                let report = report(connection, report_id).await?;
                self.reports.insert(report_id.clone(), report);
            }
        }
        Ok(())
    }
}

async fn head(
    connection: &mut AnyConnection,
    key: &ChainKey,
) -> Result<Option<Head>, crate::Fault> {
    let sql = "select h.seq, h.id, coalesce(e.at, 0) as at from chain_head h \
               left join entry e on e.room_id = h.room_id and e.author = h.author \
               and e.seq = h.seq and e.id = h.id where h.room_id = $1 and h.author = $2";
    let found = rows(connection, sql, values![key.room_id.clone(), key.author.clone()]).await?;
    found
        .first()
        .map(|row| {
            Ok(Head {
                seq: Field::read(row, "seq")?,
                id: Field::read(row, "id")?,
                at: Field::read(row, "at")?,
            })
        })
        .transpose()
}

async fn number(
    connection: &mut AnyConnection,
    sql: &'static str,
    key: &str,
    column: &'static str,
) -> Result<i64, crate::Fault> {
    let found = rows(connection, sql, values![key.to_owned()]).await?;
    found.first().map_or(Ok(0), |row| Field::read(row, column))
}

async fn answer(
    connection: &mut AnyConnection,
    key: &(String, String),
) -> Result<Option<Answer>, crate::Fault> {
    let columns = Answer::columns();
    let sql = format!("select {columns} from idempotency where account = $1 and key = $2");
    let found = rows(connection, sql, values![key.0.clone(), key.1.clone()]).await?;
    found.first().map(Answer::read).transpose()
}

async fn report(
    connection: &mut AnyConnection,
    report_id: &str,
) -> Result<Option<Report>, crate::Fault> {
    let sql = format!("select {} from report where report_id = $1", Report::columns());
    let found = rows(connection, sql, values![report_id.to_owned()]).await?;
    found.first().map(Report::read).transpose()
}
