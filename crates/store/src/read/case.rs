//! Rooms, entries and cases.

use crate::engine::{rows, values};
use crate::read::{Cursor, limit, list, one};
use crate::row::{Field, Row};
use crate::rows::{CaseParty, CaseSummary, ChainHead, Entry, EpochKey, Room};
use crate::{Fault, Store};

impl Store {
    /// Returns a room.
    pub async fn room(&self, room_id: &str) -> Result<Option<Room>, Fault> {
        let sql = format!("select {} from room where room_id = $1", Room::columns());
        one(self.pools(), sql, values![room_id.to_owned()]).await
    }

    /// Lists the rooms of a case, by id.
    pub async fn rooms_of_case(&self, case_id: &str, rows_max: u32) -> Result<Vec<Room>, Fault> {
        let columns = Room::columns();
        let sql =
            format!("select {columns} from room where case_id = $1 order by room_id limit $2");
        list(self.pools(), sql, values![case_id.to_owned(), limit(rows_max)]).await
    }

    /// Lists all rooms, by id, after one.
    pub async fn rooms(&self, after: &str, rows_max: u32) -> Result<Vec<Room>, Fault> {
        let columns = Room::columns();
        let sql =
            format!("select {columns} from room where room_id > $1 order by room_id limit $2");
        list(self.pools(), sql, values![after.to_owned(), limit(rows_max)]).await
    }

    /// Lists the rooms of one kind, by id, after one.
    pub async fn rooms_of_kind(
        &self,
        kind: &str,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<Room>, Fault> {
        let sql = format!(
            "select {} from room where kind = $1 and room_id > $2 order by room_id limit $3",
            Room::columns()
        );
        let values = values![kind.to_owned(), after.to_owned(), limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Returns the position of a room's newest entry; 0 for an empty room.
    pub async fn room_position(&self, room_id: &str) -> Result<i64, Fault> {
        let sql = "select position from room_tail where room_id = $1";
        let found = rows(&self.pools().read, sql, values![room_id.to_owned()]).await?;
        found.first().map_or(Ok(0), |row| Field::read(row, "position"))
    }

    /// Lists the entries of a room in order of arrival, after a position.
    pub async fn entries(
        &self,
        room_id: &str,
        after_position: i64,
        rows_max: u32,
    ) -> Result<Vec<Entry>, Fault> {
        let sql = format!(
            "select {} from entry where room_id = $1 and position > $2 order by position limit $3",
            Entry::columns()
        );
        let values = values![room_id.to_owned(), after_position, limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Lists entries of all rooms of a case by room and arrival, after (room, position).
    pub async fn entries_of_case(
        &self,
        case_id: &str,
        after: (&str, i64),
        rows_max: u32,
    ) -> Result<Vec<Entry>, Fault> {
        let sql = format!(
            "select {} from entry e join room r on r.room_id = e.room_id \
             where r.case_id = $1 and (e.room_id, e.position) > ($2, $3) \
             order by e.room_id, e.position limit $4",
            Entry::columns_of("e")
        );
        let values = values![case_id.to_owned(), after.0.to_owned(), after.1, limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Lists the entries of one chain, after a seq; -1 for all. Both of two entries with the same seq are listed.
    pub async fn chain(
        &self,
        room_id: &str,
        author: &str,
        after_seq: i64,
        rows_max: u32,
    ) -> Result<Vec<Entry>, Fault> {
        let sql = format!(
            "select {} from entry where room_id = $1 and author = $2 and seq > $3 \
             order by seq, id limit $4",
            Entry::columns()
        );
        let values = values![room_id.to_owned(), author.to_owned(), after_seq, limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Returns an entry by its id; those of intake are found by their reports alone.
    pub async fn entry(&self, id: &str) -> Result<Option<Entry>, Fault> {
        let columns = Entry::columns();
        let sql = format!(
            "select {columns} from entry where id = $1 and kind <> 'report.received' \
             order by room_id limit 1"
        );
        one(self.pools(), sql, values![id.to_owned()]).await
    }

    /// Returns the head of one chain.
    pub async fn head(&self, room_id: &str, author: &str) -> Result<Option<ChainHead>, Fault> {
        let columns = ChainHead::columns();
        let sql = format!("select {columns} from chain_head where room_id = $1 and author = $2");
        one(self.pools(), sql, values![room_id.to_owned(), author.to_owned()]).await
    }

    /// Lists the heads of a room, by author.
    pub async fn heads(&self, room_id: &str, rows_max: u32) -> Result<Vec<ChainHead>, Fault> {
        let columns = ChainHead::columns();
        let sql =
            format!("select {columns} from chain_head where room_id = $1 order by author limit $2");
        list(self.pools(), sql, values![room_id.to_owned(), limit(rows_max)]).await
    }

    /// Returns a wrapped epoch key.
    pub async fn epoch_key(&self, room_id: &str, epoch: i64) -> Result<Option<EpochKey>, Fault> {
        let columns = EpochKey::columns();
        let sql = format!("select {columns} from epoch_key where room_id = $1 and epoch = $2");
        one(self.pools(), sql, values![room_id.to_owned(), epoch]).await
    }

    /// Returns the wrapped key of a room's newest epoch.
    pub async fn newest_epoch_key(&self, room_id: &str) -> Result<Option<EpochKey>, Fault> {
        let sql = format!(
            "select {} from epoch_key where room_id = $1 order by epoch desc limit 1",
            EpochKey::columns()
        );
        one(self.pools(), sql, values![room_id.to_owned()]).await
    }

    /// Returns a case's read model.
    pub async fn case(&self, case_id: &str) -> Result<Option<CaseSummary>, Fault> {
        let columns = CaseSummary::columns();
        let sql = format!("select {columns} from case_summary where case_id = $1");
        one(self.pools(), sql, values![case_id.to_owned()]).await
    }

    /// Lists cases by next date, after a cursor; open ones only if asked.
    pub async fn cases_by_due(
        &self,
        open_only: Open,
        after: Option<&Cursor>,
        rows_max: u32,
    ) -> Result<Vec<CaseSummary>, Fault> {
        let (at, id) = ascending(after);
        let sql = format!(
            "select {} from case_summary \
             where (next_due, case_id) > ($1, $2) and (closed_at is null or $3 = 1) \
             order by next_due, case_id limit $4",
            CaseSummary::columns()
        );
        list(self.pools(), sql, values![at, id, open_only.code(), limit(rows_max)]).await
    }

    /// Lists cases, last changed first, before a cursor.
    pub async fn cases_by_change(
        &self,
        before: Option<&Cursor>,
        rows_max: u32,
    ) -> Result<Vec<CaseSummary>, Fault> {
        let (at, id) = descending(before);
        let sql = format!(
            "select {} from case_summary where (updated_at, case_id) < ($1, $2) \
             order by updated_at desc, case_id desc limit $3",
            CaseSummary::columns()
        );
        list(self.pools(), sql, values![at, id, limit(rows_max)]).await
    }

    /// Lists the cases that an organisation is or was a party of, by case id, after one.
    pub async fn cases_of_organisation(
        &self,
        org: &str,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<CaseSummary>, Fault> {
        let sql = format!(
            "select {} from case_summary s where s.case_id > $2 and exists \
             (select 1 from case_party p where p.org = $1 and p.case_id = s.case_id) \
             order by s.case_id limit $3",
            CaseSummary::columns_of("s")
        );
        list(self.pools(), sql, values![org.to_owned(), after.to_owned(), limit(rows_max)]).await
    }

    /// Lists the parties of a case, by party.
    pub async fn parties(&self, case_id: &str, rows_max: u32) -> Result<Vec<CaseParty>, Fault> {
        let columns = CaseParty::columns();
        let sql = format!(
            "select {columns} from case_party where case_id = $1 order by party_id limit $2"
        );
        list(self.pools(), sql, values![case_id.to_owned(), limit(rows_max)]).await
    }
}

/// Whether closed cases are listed too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// All cases.
    AndClosed,
    /// Those without `closed_at`.
    Only,
}

impl Open {
    const fn code(self) -> i64 {
        match self {
            Self::AndClosed => 1,
            Self::Only => 0,
        }
    }
}

pub(super) fn ascending(after: Option<&Cursor>) -> (i64, String) {
    after.map_or((i64::MIN, String::new()), |cursor| (cursor.at, cursor.id.clone()))
}

pub(super) fn descending(before: Option<&Cursor>) -> (i64, String) {
    before.map_or((i64::MAX, String::new()), |cursor| (cursor.at, cursor.id.clone()))
}
