//! Writes a plan inside an open transaction.
//!
//! Rows that are only ever inserted, and reports, go first, many a statement; what replaces or deletes goes after them in
//! the order of the units. Not here: begin, commit and retry.

use std::collections::BTreeMap;

use sqlx::AnyConnection;

use crate::Fault;
use crate::engine::{Engine, rows, run, values};
use crate::row::{Field, Row, Value};
use crate::rows::{
    Account, Advisory, Assessment, CaseLaw, CaseParty, CaseSummary, Draft, DraftFile, EpochKey,
    Organisation, PackEdition, PackSet, Report, Token,
};
use crate::search;
use crate::write::group::{Change, Plan};
use crate::write::{ChainKey, Head, SearchEntry, Write};

/// How many rows one insert carries at most; smaller powers of two take the rest, so that few texts are
/// prepared.
const INSERT_ROWS_MAX: usize = 128;
/// How many full milliseconds are passed over when an advisory is indexed.
const FULL_MS_MAX: i64 = 1_000;

/// Why a plan was not written.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another transaction changed what this one was built on.
    Moved,
    Fault(Fault),
    Sql(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What is left to do after the commit.
#[derive(Debug, Default)]
pub(super) struct Leftover {
    /// Blobs that may now be unused.
    pub(super) blobs: Vec<String>,
    /// Whether keys were deleted: they must leave the write-ahead log too.
    pub(super) shredded: bool,
}

/// Writes all rows.
pub(super) async fn apply(
    connection: &mut AnyConnection,
    engine: Engine,
    plan: Plan,
) -> Result<Leftover, Failure> {
    for (key, change) in plan.heads {
        swap_head(connection, key, change).await?;
    }
    for (room_id, change) in plan.tails {
        swap_tail(connection, room_id, change).await?;
    }
    for (counter, change) in plan.serials {
        swap_serial(connection, counter, change).await?;
    }
    insert_all(connection, engine, plan.entries).await?;
    let mut inserts = Inserts::default();
    let rest: Vec<Write> =
        plan.writes.into_iter().filter_map(|write| inserts.take(write)).collect();
    inserts.run(connection, engine).await?;
    let mut left = Leftover::default();
    for write in rest {
        left.shredded |= matches!(write, Write::Shred { .. });
        replace(connection, engine, write, &mut left.blobs).await?;
    }
    Ok(left)
}

async fn swap_head(
    connection: &mut AnyConnection,
    key: ChainKey,
    change: Change<Head>,
) -> Result<(), Failure> {
    let Head { seq, id, at: _ } = change.after;
    let touched = match change.before {
        None => {
            let sql = "insert into chain_head (room_id, author, seq, id) values ($1, $2, $3, $4) \
                       on conflict (room_id, author) do nothing";
            run(connection, sql, values![key.room_id, key.author, seq, id]).await?
        }
        Some(before) => {
            let sql = "update chain_head set seq = $1, id = $2 \
                       where room_id = $3 and author = $4 and seq = $5 and id = $6";
            let values = values![seq, id, key.room_id, key.author, before.seq, before.id];
            run(connection, sql, values).await?
        }
    };
    moved(touched)
}

async fn swap_tail(
    connection: &mut AnyConnection,
    room_id: String,
    change: Change<i64>,
) -> Result<(), Failure> {
    let touched = match change.before {
        None => {
            let sql = "insert into room_tail (position, room_id) values ($1, $2) \
                       on conflict (room_id) do nothing";
            run(connection, sql, values![change.after, room_id]).await?
        }
        Some(before) => {
            let sql = "update room_tail set position = $1 where room_id = $2 and position = $3";
            run(connection, sql, values![change.after, room_id, before]).await?
        }
    };
    moved(touched)
}

async fn swap_serial(
    connection: &mut AnyConnection,
    counter: String,
    change: Change<i64>,
) -> Result<(), Failure> {
    let touched = match change.before {
        None => {
            let sql = "insert into serial (last, counter) values ($1, $2) \
                       on conflict (counter) do nothing";
            run(connection, sql, values![change.after, counter]).await?
        }
        Some(before) => {
            let sql = "update serial set last = $1 where counter = $2 and last = $3";
            run(connection, sql, values![change.after, counter, before]).await?
        }
    };
    moved(touched)
}

const fn moved(touched: u64) -> Result<(), Failure> {
    if touched == 1 { Ok(()) } else { Err(Failure::Moved) }
}

/// Rows whose ids are new by construction, so that their order among others does not matter.
#[derive(Debug, Default)]
struct Inserts {
    rooms: Vec<crate::rows::Room>,
    items: Vec<crate::rows::Item>,
    item_keys: Vec<crate::rows::ItemKey>,
    answers: Vec<crate::rows::Answer>,
    outbox: Vec<crate::rows::OutboxJob>,
    messages: Vec<crate::rows::MailboxMessage>,
    looks: Vec<crate::rows::Look>,
    corrections: Vec<crate::rows::Correction>,
    /// Replaced whole, so only the last row of each report counts.
    reports: BTreeMap<String, Report>,
}

impl Inserts {
    /// Keeps an insert and hands back anything else.
    fn take(&mut self, write: Write) -> Option<Write> {
        match write {
            Write::Answer(row) => self.answers.push(row),
            Write::Correction(row) => self.corrections.push(row),
            Write::Item(row) => self.items.push(row),
            Write::ItemKey(row) => self.item_keys.push(row),
            Write::Look(row) => self.looks.push(row),
            Write::MailboxMessage(row) => self.messages.push(row),
            Write::Outbox(row) => self.outbox.push(row),
            Write::Report(row) => {
                self.reports.insert(row.report_id.clone(), row);
            }
            Write::Room(row) => self.rooms.push(row),
            other @ (Write::Account(_)
            | Write::Advisory(_)
            | Write::Append(_)
            | Write::Assessment(_)
            | Write::CaseLaw(_)
            | Write::CaseParty(_)
            | Write::CaseSummary(_)
            | Write::Draft(_)
            | Write::DraftFile(_)
            | Write::DraftFileGone { .. }
            | Write::DraftGone { .. }
            | Write::EpochKey(_)
            | Write::JobDead { .. }
            | Write::JobDone { .. }
            | Write::JobRetry { .. }
            | Write::MailboxRead { .. }
            | Write::Meta { .. }
            | Write::Organisation(_)
            | Write::PackEdition(_)
            | Write::PackSet(_)
            | Write::Search(_)
            | Write::Serial { .. }
            | Write::Shred { .. }
            | Write::Token(_)) => return Some(other),
        }
        None
    }

    async fn run(self, connection: &mut AnyConnection, engine: Engine) -> Result<(), sqlx::Error> {
        insert_all(connection, engine, self.rooms).await?;
        insert_all(connection, engine, self.items).await?;
        insert_all(connection, engine, self.item_keys).await?;
        insert_all(connection, engine, self.answers).await?;
        insert_all(connection, engine, self.outbox).await?;
        insert_all(connection, engine, self.messages).await?;
        insert_all(connection, engine, self.looks).await?;
        insert_all(connection, engine, self.corrections).await?;
        let reports = self.reports.into_values().collect();
        write_all(connection, engine, reports, Report::upsert_many).await
    }
}

async fn insert_all<R: Row>(
    connection: &mut AnyConnection,
    engine: Engine,
    rows: Vec<R>,
) -> Result<(), sqlx::Error> {
    write_all(connection, engine, rows, R::insert).await
}

async fn write_all<R: Row>(
    connection: &mut AnyConnection,
    engine: Engine,
    rows: Vec<R>,
    statement: fn(Engine, usize) -> String,
) -> Result<(), sqlx::Error> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    while left > 0 {
        let mut count = INSERT_ROWS_MAX;
        while count > left {
            count /= 2;
        }
        let values: Vec<Value> = rows.by_ref().take(count).flat_map(Row::into_values).collect();
        run(connection, statement(engine, count), values).await?;
        left -= count;
    }
    Ok(())
}

async fn upsert<R: Row>(
    connection: &mut AnyConnection,
    engine: Engine,
    row: R,
) -> Result<(), Failure> {
    run(connection, R::upsert(engine), row.into_values()).await?;
    Ok(())
}

async fn replace(
    connection: &mut AnyConnection,
    engine: Engine,
    write: Write,
    unused: &mut Vec<String>,
) -> Result<(), Failure> {
    match write {
        Write::Account(row) => upsert::<Account>(connection, engine, row).await,
        Write::Advisory(row) => upsert::<Advisory>(connection, engine, row).await,
        Write::Assessment(row) => upsert::<Assessment>(connection, engine, row).await,
        Write::CaseLaw(row) => upsert::<CaseLaw>(connection, engine, row).await,
        Write::CaseParty(row) => upsert::<CaseParty>(connection, engine, row).await,
        Write::CaseSummary(row) => upsert::<CaseSummary>(connection, engine, row).await,
        Write::Draft(row) => upsert::<Draft>(connection, engine, row).await,
        Write::DraftFile(row) => upsert::<DraftFile>(connection, engine, row).await,
        Write::DraftFileGone { draft_id, file_id } => {
            drop_draft_files(connection, draft_id, Some(file_id), unused).await
        }
        Write::DraftGone { draft_id } => {
            drop_draft_files(connection, draft_id.clone(), None, unused).await?;
            run_one(connection, "delete from draft where draft_id = $1", values![draft_id]).await
        }
        Write::EpochKey(row) => upsert::<EpochKey>(connection, engine, row).await,
        Write::JobDead { id, at, error } => {
            let sql = "update outbox set dead_at = $1, lease_until = 0, last_error = $2 \
                       where id = $3 and done_at is null";
            run_one(connection, sql, values![at, error, id]).await
        }
        Write::JobDone { id, at } => {
            let sql = "update outbox set done_at = $1, lease_until = 0, last_error = null \
                       where id = $2 and done_at is null";
            run_one(connection, sql, values![at, id]).await
        }
        Write::JobRetry { id, due_at, error } => {
            let sql = "update outbox set due_at = $1, lease_until = 0, last_error = $2 \
                       where id = $3 and done_at is null";
            run_one(connection, sql, values![due_at, error, id]).await
        }
        Write::MailboxRead { mailbox_id, sender, at } => {
            let sql = "update mailbox_message set read_at = $1 \
                       where mailbox_id = $2 and sender = $3 and read_at is null";
            run_one(connection, sql, values![at, mailbox_id, sender]).await
        }
        Write::Meta { name, value } => {
            let sql = "insert into meta (name, value) values ($1, $2) \
                       on conflict (name) do update set value = excluded.value";
            run_one(connection, sql, values![name, value]).await
        }
        Write::Organisation(row) => upsert::<Organisation>(connection, engine, row).await,
        Write::PackEdition(row) => upsert::<PackEdition>(connection, engine, row).await,
        Write::PackSet(row) => upsert::<PackSet>(connection, engine, row).await,
        Write::Search(entry) => index(connection, engine, entry).await,
        Write::Shred { owner, compartment, at } => {
            shred(connection, owner, compartment, at, unused).await
        }
        Write::Token(row) => upsert::<Token>(connection, engine, row).await,
        Write::Answer(_)
        | Write::Append(_)
        | Write::Correction(_)
        | Write::Item(_)
        | Write::ItemKey(_)
        | Write::Look(_)
        | Write::MailboxMessage(_)
        | Write::Outbox(_)
        | Write::Report(_)
        | Write::Room(_)
        | Write::Serial { .. } => Err(Fault::Misuse("an insert among replacements").into()),
    }
}

async fn run_one(
    connection: &mut AnyConnection,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<(), Failure> {
    run(connection, sql, values).await?;
    Ok(())
}

async fn drop_draft_files(
    connection: &mut AnyConnection,
    draft_id: String,
    file_id: Option<String>,
    unused: &mut Vec<String>,
) -> Result<(), Failure> {
    let (sql, values) = match file_id {
        None => ("delete from draft_file where draft_id = $1 returning blob", values![draft_id]),
        Some(file_id) => (
            "delete from draft_file where draft_id = $1 and file_id = $2 returning blob",
            values![draft_id, file_id],
        ),
    };
    blobs(&rows(connection, sql, values).await?, unused)
}

async fn shred(
    connection: &mut AnyConnection,
    owner: String,
    compartment: Option<String>,
    at: i64,
    unused: &mut Vec<String>,
) -> Result<(), Failure> {
    let of = if compartment.is_some() { "owner = $1 and compartment = $2" } else { "owner = $1" };
    let values = |first: Option<i64>| -> Vec<Value> {
        let mut values = values![owner.clone()];
        values.extend(compartment.clone().map(Field::into_value));
        values.extend(first.map(Field::into_value));
        values
    };
    let sql =
        format!("delete from item_key where item_id in (select item_id from item where {of})");
    run(connection, sql, values(None)).await?;
    let sql = format!("select blob from item where {of} and blob is not null");
    blobs(&rows(&mut *connection, sql, values(None)).await?, unused)?;
    let at_place = if compartment.is_some() { "$3" } else { "$2" };
    let sql = format!(
        "update item set ciphertext = null, blob = null, shredded_at = {at_place} \
         where {of} and shredded_at is null"
    );
    run(connection, sql, values(Some(at))).await?;
    Ok(())
}

fn blobs(rows: &[sqlx::any::AnyRow], unused: &mut Vec<String>) -> Result<(), Failure> {
    for row in rows {
        unused.extend(<Option<String> as Field>::read(row, "blob")?);
    }
    Ok(())
}

async fn index(
    connection: &mut AnyConnection,
    engine: Engine,
    entry: SearchEntry,
) -> Result<(), Failure> {
    let sql = "delete from advisory_search where advisory_id = $1 returning place";
    let old = rows(&mut *connection, sql, values![entry.advisory_id.clone()]).await?;
    if let Some(row) = old.first() {
        let place: i64 = Field::read(row, "place")?;
        let sql = match engine {
            Engine::Postgres => "delete from advisory_search_index where place = $1",
            Engine::Sqlite => "delete from advisory_search_index where rowid = $1",
        };
        run(connection, sql, values![place]).await?;
    }
    let place = free_place(connection, entry.published_at).await?;
    let tokens = search::tokens(&entry.text).join(" ");
    let sql = "insert into advisory_search (advisory_id, version, place, withdrawn_at, tokens) \
               values ($1, $2, $3, $4, $5)";
    let values =
        values![entry.advisory_id, entry.version, place, entry.withdrawn_at, tokens.clone()];
    run(connection, sql, values).await?;
    let (sql, tokens) = search::index_statement(engine, &tokens);
    run(connection, sql, values![place, tokens]).await?;
    Ok(())
}

/// Returns the first free place at or after an instant: advisories may share a millisecond, and where an import
/// fills one, the next takes the rest.
async fn free_place(connection: &mut AnyConnection, published_at: i64) -> Result<i64, Failure> {
    for at in published_at..published_at.saturating_add(FULL_MS_MAX) {
        let (first, next) = (search::place(at), search::place(at.saturating_add(1)));
        let sql = "select cast(coalesce(max(place), $1 - 1) + 1 as bigint) as place \
                   from advisory_search where place >= $2 and place < $3";
        let found = rows(&mut *connection, sql, values![first, first, next]).await?;
        let place = found.first().map_or(Ok(first), |row| i64::read(row, "place"))?;
        if place < next {
            return Ok(place);
        }
    }
    Err(Fault::Misuse("too many advisories of one instant").into())
}
