//! Reading a backup: to check it without writing, or to make a hub from it.

use std::fs;
use std::path::{Path, PathBuf};

use comity_ledger::secret::DataKey;
use sha2::{Digest, Sha256};
use sqlx::AnyConnection;
use tokio::sync::mpsc;

use crate::backup::BackupCount;
use crate::backup::dump::{is_plain, parent, table_names};
use crate::backup::format::{BLOB, Column, END, FILE, ROW, SCHEMA, TABLE};
use crate::backup::frame::FrameReader;
use crate::engine::{Engine, Pools, rows, run, values};
use crate::migrate::{self, Migrate, SCHEMA_VERSION};
use crate::row::{Field, Value};
use crate::rows::{Entry, Room};
use crate::store::blocking;
use crate::{BLOB_BYTES_MAX, Fault, directory, search};

/// Rows of one transaction of a restore.
const TRANSACTION_ROWS: usize = 500;
const RECORDS_WAITING_MAX: usize = 64;
const PART_BYTES: usize = 256 * 1024;

/// Something in a backup that a verifier may want to see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// An entry, in order of room and position.
    Entry(Entry),
    /// A named value.
    Meta {
        /// The name.
        name: String,
        /// The value.
        value: String,
    },
    /// A room; rooms come after entries.
    Room(Room),
}

/// Reads a whole backup, checks every frame, every blob's hash and all counts, and writes nothing.
///
/// Blocks; call it on a thread that may.
pub fn verify_backup(
    path: &Path,
    key: DataKey,
    mut see: impl FnMut(Seen),
) -> Result<BackupCount, Fault> {
    let mut reader = FrameReader::open(path, key)?;
    read(&mut reader, &mut |record| {
        if let Record::Row(table, columns, values) = record
            && let Some(seen) = seen(&table, &columns, values)
        {
            see(seen);
        }
        Ok(())
    })
}

/// Makes a new data directory from a backup; with a database address, fills that empty database.
///
/// The directory appears only when it is complete; a failure leaves nothing behind but rows in the server's
/// database, which must be dropped then.
pub async fn restore(
    path: &Path,
    key: DataKey,
    target: &Path,
    database_url: Option<&str>,
) -> Result<BackupCount, Fault> {
    let free = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !target.exists(),
    };
    if !free {
        return Err(Fault::DirectoryNotEmpty(target.to_owned()));
    }
    let name = format!(".restoring-{}", uuid::Uuid::now_v7());
    directory::make(parent(target))?;
    let part = parent(target).join(name);
    let restored = restore_into(path, key, &part, database_url).await.and_then(|count| {
        if target.exists() {
            fs::remove_dir(target).map_err(|error| Fault::unwritable(target, error))?;
        }
        fs::rename(&part, target).map_err(|error| Fault::unwritable(target, error))?;
        directory::sync(parent(target))?;
        Ok(count)
    });
    if restored.is_err() {
        // Only the folder made above, whose name no one else has.
        let _ = fs::remove_dir_all(&part);
    }
    restored
}

async fn restore_into(
    path: &Path,
    key: DataKey,
    part: &Path,
    database_url: Option<&str>,
) -> Result<BackupCount, Fault> {
    let directory = directory::Directory::open(part, false)?;
    let pools = if let Some(url) = database_url {
        Pools::postgres(url, 1).await?
    } else {
        directory.touch_database()?;
        Pools::sqlite(&directory.database(), 1).await?
    };
    let (sender, receiver) = mpsc::channel(RECORDS_WAITING_MAX);
    let (path, part) = (path.to_owned(), part.to_owned());
    let reading = blocking(move || unpack(&path, key, &part, &sender));
    let filling = async {
        let mut connection = pools.write.acquire().await?;
        fill(&mut connection, pools.engine, receiver).await
    };
    let (read, filled) = tokio::join!(reading, filling);
    pools.close().await;
    match (read, filled) {
        // A reader stopped by a failed writer says only that the channel closed.
        (Err(Fault::Closed) | Ok(_), Err(fault)) | (Err(fault), _) => Err(fault),
        (Ok(count), Ok(())) => Ok(count),
    }
}

enum Record {
    Schema(i64),
    Row(String, Vec<Column>, Vec<Value>),
    Part(Place, Vec<u8>),
    /// A blob or file is complete.
    Whole(Place),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Blob(String),
    File(String),
}

fn read(
    reader: &mut FrameReader,
    take: &mut dyn FnMut(Record) -> Result<(), Fault>,
) -> Result<BackupCount, Fault> {
    let mut count = BackupCount::default();
    let mut table: Option<(String, Vec<Column>)> = None;
    loop {
        match reader.byte()? {
            SCHEMA => take(Record::Schema(reader.int()?))?,
            TABLE => table = Some(reader.table()?),
            ROW => {
                let (name, columns) = table.clone().ok_or(Fault::BackupDamaged)?;
                let mut values = Vec::with_capacity(columns.len());
                for column in &columns {
                    values.push(reader.value(column.kind)?);
                }
                count.rows = count.rows.saturating_add(1);
                count.entries = count.entries.saturating_add(u64::from(name == "entry"));
                take(Record::Row(name, columns, values))?;
            }
            BLOB => {
                let place = Place::Blob(reader.name()?);
                long(reader, &place, take)?;
                count.blobs = count.blobs.saturating_add(1);
            }
            FILE => {
                let place = Place::File(reader.name()?);
                long(reader, &place, take)?;
                count.files = count.files.saturating_add(1);
            }
            END => break,
            _ => return Err(Fault::BackupDamaged),
        }
    }
    for expected in [count.entries, count.rows, count.blobs, count.files] {
        if u64::try_from(reader.int()?) != Ok(expected) {
            return Err(Fault::BackupDamaged);
        }
    }
    reader.end()?;
    Ok(count)
}

fn long(
    reader: &mut FrameReader,
    place: &Place,
    take: &mut dyn FnMut(Record) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut left = u64::try_from(reader.int()?).map_err(|_| Fault::BackupDamaged)?;
    if left > BLOB_BYTES_MAX {
        return Err(Fault::BackupDamaged);
    }
    let mut hash = Sha256::new();
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(PART_BYTES);
        let part = reader.exactly(wanted)?;
        left = left.saturating_sub(u64::try_from(part.len()).unwrap_or(0));
        hash.update(&part);
        take(Record::Part(place.clone(), part))?;
    }
    if let Place::Blob(sha256) = place
        && data_encoding::HEXLOWER.encode(&hash.finalize()) != *sha256
    {
        return Err(Fault::BackupDamaged);
    }
    take(Record::Whole(place.clone()))
}

fn seen(table: &str, columns: &[Column], values: Vec<Value>) -> Option<Seen> {
    let mut by_name = Named { columns, values };
    match table {
        "entry" => Some(Seen::Entry(Entry {
            room_id: by_name.text("room_id")?,
            author: by_name.text("author")?,
            seq: by_name.int("seq")?,
            id: by_name.text("id")?,
            at: by_name.int("at")?,
            kind: by_name.text("kind")?,
            position: by_name.int("position")?,
            envelope: by_name.bytes("envelope")?,
        })),
        "meta" => Some(Seen::Meta { name: by_name.text("name")?, value: by_name.text("value")? }),
        "room" => Some(Seen::Room(Room {
            room_id: by_name.text("room_id")?,
            case_id: by_name.text("case_id"),
            kind: by_name.text("kind")?,
            name: by_name.text("name"),
            opened_at: by_name.int("opened_at")?,
        })),
        _ => None,
    }
}

struct Named<'c> {
    columns: &'c [Column],
    values: Vec<Value>,
}

impl Named<'_> {
    fn take(&mut self, name: &str) -> Option<&mut Value> {
        let index = self.columns.iter().position(|column| column.name == name)?;
        self.values.get_mut(index)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        if let Value::Text(text) = self.take(name)? { text.take() } else { None }
    }

    fn int(&mut self, name: &str) -> Option<i64> {
        if let Value::Int(number) = self.take(name)? { *number } else { None }
    }

    fn bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        if let Value::Bytes(bytes) = self.take(name)? { bytes.take() } else { None }
    }
}

/// Reads the backup on a blocking thread: rows go to the database task, files to the new directory.
fn unpack(
    path: &Path,
    key: DataKey,
    part: &Path,
    sender: &mpsc::Sender<Record>,
) -> Result<BackupCount, Fault> {
    let mut reader = FrameReader::open(path, key)?;
    let mut open: Option<fs::File> = None;
    read(&mut reader, &mut |record| match record {
        Record::Part(place, bytes) => {
            let target = place_path(part, &place)?;
            let failed = |error| Fault::unwritable(&target, error);
            if open.is_none() {
                directory::make(parent(&target))?;
                open = Some(directory::private_file().open(&target).map_err(failed)?);
            }
            let file = open.as_mut().ok_or(Fault::BackupDamaged)?;
            std::io::Write::write_all(file, &bytes).map_err(failed)
        }
        Record::Whole(place) => {
            let target = place_path(part, &place)?;
            let failed = |error| Fault::unwritable(&target, error);
            if let Some(file) = open.take() {
                return file.sync_all().map_err(failed);
            }
            directory::make(parent(&target))?;
            directory::private_file().open(&target).map(drop).map_err(failed)
        }
        row @ (Record::Row(..) | Record::Schema(_)) => {
            sender.blocking_send(row).map_err(|_| Fault::Closed)
        }
    })
}

fn place_path(part: &Path, place: &Place) -> Result<PathBuf, Fault> {
    match place {
        Place::Blob(sha256) => {
            let folder = sha256.get(..2).ok_or(Fault::BackupDamaged)?;
            if !is_plain(sha256) || !is_plain(folder) {
                return Err(Fault::BackupDamaged);
            }
            Ok(part.join("blobs").join(folder).join(sha256))
        }
        Place::File(name) if is_plain(name) => Ok(part.join(name)),
        Place::File(_) => Err(Fault::BackupDamaged),
    }
}

async fn fill(
    connection: &mut AnyConnection,
    engine: Engine,
    mut records: mpsc::Receiver<Record>,
) -> Result<(), Fault> {
    if migrate::version(connection, engine).await? != 0 {
        return Err(Fault::DirectoryNotEmpty(PathBuf::from("database")));
    }
    let mut tables = Vec::new();
    let mut in_transaction = 0;
    while let Some(record) = records.recv().await {
        match record {
            Record::Schema(found) if found > SCHEMA_VERSION => {
                return Err(Fault::SchemaNewer { found, known: SCHEMA_VERSION });
            }
            Record::Schema(found) => {
                migrate::migrate(connection, engine, Migrate::Apply, found).await?;
                tables = table_names(connection, engine).await?;
            }
            Record::Row(table, columns, values) => {
                if !tables.contains(&table) {
                    return Err(Fault::BackupDamaged);
                }
                if in_transaction == 0 {
                    run(connection, engine.begin(), vec![]).await?;
                }
                run(connection, insert(&table, &columns), values).await?;
                in_transaction += 1;
                if in_transaction == TRANSACTION_ROWS {
                    run(connection, "commit", vec![]).await?;
                    in_transaction = 0;
                }
            }
            Record::Part(..) | Record::Whole(_) => {}
        }
    }
    if in_transaction > 0 {
        run(connection, "commit", vec![]).await?;
    }
    migrate::migrate(connection, engine, Migrate::Apply, SCHEMA_VERSION).await?;
    index_again(connection, engine).await
}

fn insert(table: &str, columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
    format!("insert into {table} ({}) values ({})", names.join(", "), places.join(", "))
}

/// Fills the search index from the tokens, which are portable.
async fn index_again(connection: &mut AnyConnection, engine: Engine) -> Result<(), Fault> {
    let mut after = i64::MIN;
    loop {
        let sql = "select place, tokens from advisory_search where place > $1 \
                   order by place limit $2";
        let page = rows(&mut *connection, sql, values![after, 500_i64]).await?;
        if page.is_empty() {
            return Ok(());
        }
        run(connection, engine.begin(), vec![]).await?;
        for row in &page {
            after = Field::read(row, "place")?;
            let tokens: String = Field::read(row, "tokens")?;
            let (sql, tokens) = search::index_statement(engine, &tokens);
            run(connection, sql, values![after, tokens]).await?;
        }
        run(connection, "commit", vec![]).await?;
    }
}
