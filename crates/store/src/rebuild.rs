//! Read models anew: emptied, then written again from all entries.
//!
//! Not here: how an entry changes a read model; the caller folds.

use std::collections::VecDeque;

use crate::engine::{run, values};
use crate::rows::{Entry, Room};
use crate::store::AsyncAction;
use crate::{Fault, Rejected, Rows, Store, Write};

/// Named value that is set while a rebuild is under way.
pub(crate) const REBUILDING: &str = "rebuilding";
const PAGE_ROWS: u32 = 500;

/// A read model that can be written again from entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Projection {
    /// Published advisories and their search index.
    Advisory,
    /// Public columns of assessments.
    Assessment,
    /// Parties of cases.
    CaseParty,
    /// Cases.
    CaseSummary,
    /// Standards, assessments, editions of registers.
    Certification,
    /// Corrections.
    Correction,
    /// Reports.
    Report,
}

impl Projection {
    const fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Advisory => &["advisory", "advisory_search", "advisory_search_index"],
            Self::Assessment => &["assessment"],
            Self::CaseParty => &["case_party"],
            Self::CaseSummary => &["case_summary"],
            Self::Certification => &["cert_standard", "cert_assessment", "register_edition"],
            Self::Correction => &["correction"],
            Self::Report => &["report"],
        }
    }
}

/// A step of the replay. Rooms come by opening and id, entries by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay<'r> {
    /// All rooms were replayed.
    End,
    /// An entry.
    Entry(&'r Room, &'r Entry),
    /// A room's last entry was replayed.
    RoomEnd(&'r Room),
}

impl Store {
    /// Empties read models and replays all entries; writes what `fold` returns at each step, as one unit.
    /// Returns the number of entries.
    ///
    /// The hub must not serve meanwhile. After a failure `doctor` says so until a rebuild succeeds; who can
    /// refuse entries looks at each of them first ([`Store::each_entry`]).
    pub async fn rebuild<E, F>(
        &self,
        projections: &[Projection],
        mut fold: F,
    ) -> Result<u64, Rejected<E>>
    where
        F: FnMut(Replay<'_>) -> Result<Rows, E>,
    {
        self.mark("running").await?;
        let tables = projections.iter().flat_map(|projection| projection.tables());
        self.alone(Empty { tables: tables.copied().collect() }).await?;
        let mut entries = 0_u64;
        for room in self.all_rooms().await? {
            let mut after = 0;
            loop {
                let page = self.entries(&room.room_id, after, PAGE_ROWS).await?;
                let Some(last) = page.last() else { break };
                after = last.position;
                for entry in &page {
                    let rows = fold(Replay::Entry(&room, entry)).map_err(Rejected::Refused)?;
                    self.keep_rows(rows).await?;
                    entries = entries.saturating_add(1);
                }
            }
            let rows = fold(Replay::RoomEnd(&room)).map_err(Rejected::Refused)?;
            self.keep_rows(rows).await?;
        }
        let rows = fold(Replay::End).map_err(Rejected::Refused)?;
        self.keep_rows(rows).await?;
        self.mark("").await?;
        Ok(entries)
    }

    /// Shows every entry, room after room, and changes nothing; the first error ends it.
    pub async fn each_entry<E>(
        &self,
        mut look: impl FnMut(&Room, &Entry) -> Result<(), E>,
    ) -> Result<(), Rejected<E>> {
        for room in self.all_rooms().await? {
            let mut after = 0;
            loop {
                let page = self.entries(&room.room_id, after, PAGE_ROWS).await?;
                let Some(last) = page.last() else { break };
                after = last.position;
                for entry in &page {
                    look(&room, entry).map_err(Rejected::Refused)?;
                }
            }
        }
        Ok(())
    }

    async fn mark(&self, value: &str) -> Result<(), Fault> {
        let (name, value) = (REBUILDING.to_owned(), value.to_owned());
        self.keep_rows(Rows::new().with(Write::Meta { name, value })).await
    }

    async fn keep_rows(&self, rows: Rows) -> Result<(), Fault> {
        if rows.writes.is_empty() {
            return Ok(());
        }
        self.write(rows).await.map_err(|rejected| match rejected {
            Rejected::Fault(fault) => fault,
            Rejected::Conflict(_) => Fault::Misuse("a rebuild wrote what is not a read model"),
            Rejected::Refused(never) => match never {},
        })
    }

    async fn all_rooms(&self) -> Result<VecDeque<Room>, Fault> {
        let mut rooms: Vec<Room> = Vec::new();
        loop {
            let after = rooms.last().map_or("", |room| room.room_id.as_str()).to_owned();
            let page = self.rooms(&after, PAGE_ROWS).await?;
            if page.is_empty() {
                break;
            }
            rooms.extend(page);
        }
        rooms.sort_by(|a, b| (a.opened_at, &a.room_id).cmp(&(b.opened_at, &b.room_id)));
        Ok(rooms.into())
    }
}

struct Empty {
    tables: Vec<&'static str>,
}

impl AsyncAction<()> for Empty {
    async fn act(self, connection: &mut sqlx::AnyConnection) -> Result<(), Fault> {
        for table in self.tables {
            run(connection, format!("delete from {table}"), values![]).await?;
        }
        Ok(())
    }
}
