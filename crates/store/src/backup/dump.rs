//! Making a backup while the hub serves.
//!
//! All rows are read in one snapshot. A blob that a shredding removed meanwhile is left out.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use comity_ledger::secret::DataKey;
use futures::TryStreamExt;
use rand_core::CryptoRng;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};
use tokio::sync::mpsc;

use crate::backup::BackupCount;
use crate::backup::format::{
    BLOB, Column, END, FILE, Kind, ROW, SCHEMA, put_bytes, put_int, put_table, put_value,
};
use crate::backup::frame::FrameWriter;
use crate::engine::{Engine, rows, run, values};
use crate::migrate::SCHEMA_VERSION;
use crate::row::{Field, Value};
use crate::store::blocking;
use crate::{Fault, Store};

/// Records on their way to the file: bounds memory when the disk is slower than the database.
const RECORDS_WAITING_MAX: usize = 64;
const COPY_BYTES: usize = 256 * 1024;

/// What goes into a backup beside the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupPlan {
    /// Files of the data directory, by relative name, such as the sealed key file. Missing ones are left out.
    pub files: Vec<String>,
    /// Compartments whose items are left out, such as the custodian's quarantine.
    pub omit_compartments: Vec<String>,
}

enum Piece {
    Bytes(Vec<u8>),
    /// A head, then the content of a file.
    File(Vec<u8>, PathBuf),
}

impl Store {
    /// Writes a backup to a new file. It is complete and durable on return; on failure no file is left.
    pub async fn backup(
        &self,
        path: &Path,
        key: DataKey,
        rng: impl CryptoRng + Send + 'static,
        plan: BackupPlan,
    ) -> Result<BackupCount, Fault> {
        let (sender, receiver) = mpsc::channel(RECORDS_WAITING_MAX);
        let target = path.to_owned();
        let temporary = parent(path).join(format!(".backup-{}", uuid::Uuid::now_v7()));
        let written = temporary.clone();
        let write = blocking(move || write_file(&temporary, key, rng, receiver));
        let (dumped, written_ok) = tokio::join!(self.dump(plan, sender), write);
        // The reader of the channel knows best why the sender failed.
        let outcome = written_ok.and(dumped).and_then(|count| {
            if target.exists() {
                return Err(Fault::DirectoryNotEmpty(target.clone()));
            }
            fs::rename(&written, &target).map_err(|error| Fault::unwritable(&target, error))?;
            crate::directory::sync(parent(&target))?;
            Ok(count)
        });
        if outcome.is_err() {
            let _ = fs::remove_file(&written);
        }
        outcome
    }

    async fn dump(
        &self,
        plan: BackupPlan,
        sender: mpsc::Sender<Piece>,
    ) -> Result<BackupCount, Fault> {
        let mut connection = self.pools().read.acquire().await?;
        run(&mut connection, self.engine().begin_snapshot(), vec![]).await?;
        let mut dump = Dump { sender, count: BackupCount::default(), blobs: BTreeSet::new(), plan };
        let dumped = dump.tables(&mut connection, self.engine()).await;
        let ended = run(&mut connection, "rollback", vec![]).await;
        dumped?;
        ended?;
        drop(connection);
        dump.blobs(self).await?;
        dump.files(self).await?;
        dump.end().await
    }
}

struct Dump {
    sender: mpsc::Sender<Piece>,
    count: BackupCount,
    blobs: BTreeSet<String>,
    plan: BackupPlan,
}

impl Dump {
    async fn send(&self, piece: Piece) -> Result<(), Fault> {
        self.sender.send(piece).await.map_err(|_| Fault::Closed)
    }

    async fn tables(
        &mut self,
        connection: &mut AnyConnection,
        engine: Engine,
    ) -> Result<(), Fault> {
        let mut head = vec![SCHEMA];
        put_int(&mut head, SCHEMA_VERSION);
        self.send(Piece::Bytes(head)).await?;
        let mut omitted = BTreeSet::new();
        for table in table_names(connection, engine).await? {
            let columns = columns(connection, engine, &table).await?;
            let mut head = Vec::new();
            put_table(&mut head, &table, &columns);
            self.send(Piece::Bytes(head)).await?;
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            // Entries in the order in which a reader replays them; the rest as the engine likes.
            let order = if table == "entry" { " order by room_id, position" } else { "" };
            let sql = format!("select {} from {table}{order}", names.join(", "));
            let mut found = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *connection);
            while let Some(row) = found.try_next().await? {
                if self.omits(&table, &row, &mut omitted)? {
                    continue;
                }
                let record = self.record(&table, &columns, &row)?;
                self.send(Piece::Bytes(record)).await?;
            }
        }
        Ok(())
    }

    /// Items come before their keys, because `item` sorts before `item_key`.
    fn omits(
        &self,
        table: &str,
        row: &AnyRow,
        omitted: &mut BTreeSet<String>,
    ) -> Result<bool, Fault> {
        match table {
            "item" => {
                let compartment: String = Field::read(row, "compartment")?;
                let omit = self.plan.omit_compartments.contains(&compartment);
                if omit {
                    omitted.insert(Field::read(row, "item_id")?);
                }
                Ok(omit)
            }
            "item_key" => Ok(omitted.contains(&<String as Field>::read(row, "item_id")?)),
            _ => Ok(false),
        }
    }

    fn record(&mut self, table: &str, columns: &[Column], row: &AnyRow) -> Result<Vec<u8>, Fault> {
        let mut record = vec![ROW];
        for (index, column) in columns.iter().enumerate() {
            let value = value(row, index, column.kind)?;
            if column.name == "blob"
                && let Value::Text(Some(sha256)) = &value
            {
                self.blobs.insert(sha256.clone());
            }
            put_value(&mut record, &value);
        }
        self.count.rows = self.count.rows.saturating_add(1);
        self.count.entries = self.count.entries.saturating_add(u64::from(table == "entry"));
        Ok(record)
    }

    async fn blobs(&mut self, store: &Store) -> Result<(), Fault> {
        for sha256 in std::mem::take(&mut self.blobs) {
            let Some(path) = store.blobs().existing(&sha256) else {
                if store.names_blob(&sha256).await? {
                    return Err(Fault::BlobDamaged { sha256 });
                }
                continue;
            };
            let mut head = vec![BLOB];
            put_bytes(&mut head, sha256.as_bytes());
            self.send(Piece::File(head, path)).await?;
            self.count.blobs = self.count.blobs.saturating_add(1);
        }
        Ok(())
    }

    async fn files(&mut self, store: &Store) -> Result<(), Fault> {
        for name in std::mem::take(&mut self.plan.files) {
            if !is_plain(&name) {
                return Err(Fault::Misuse("a file outside the data directory"));
            }
            let path = store.directory().join(&name);
            if path.is_file() {
                let mut head = vec![FILE];
                put_bytes(&mut head, name.as_bytes());
                self.send(Piece::File(head, path)).await?;
                self.count.files = self.count.files.saturating_add(1);
            }
        }
        Ok(())
    }

    async fn end(self) -> Result<BackupCount, Fault> {
        let mut record = vec![END];
        for count in [self.count.entries, self.count.rows, self.count.blobs, self.count.files] {
            put_int(&mut record, i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.send(Piece::Bytes(record)).await?;
        Ok(self.count)
    }
}

impl Store {
    /// Whether a row still names a blob.
    pub(crate) async fn names_blob(&self, sha256: &str) -> Result<bool, Fault> {
        let sql = "select 1 as used from item where blob = $1 \
                   union all select 1 as used from draft_file where blob = $2 limit 1";
        let values = values![sha256.to_owned(), sha256.to_owned()];
        Ok(!rows(&self.pools().read, sql, values).await?.is_empty())
    }
}

/// Whether a name stays below the directory it is joined to.
pub(super) fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The tables that hold what nothing else says: not the steps of the schema, not the search index.
pub(crate) async fn table_names(
    connection: &mut AnyConnection,
    engine: Engine,
) -> Result<Vec<String>, Fault> {
    let sql = match engine {
        Engine::Postgres => {
            "select cast(table_name as text) as name from information_schema.tables \
             where table_schema = current_schema()"
        }
        Engine::Sqlite => "select name from sqlite_master where type = 'table'",
    };
    let mut names = Vec::new();
    for row in rows(connection, sql, vec![]).await? {
        let name: String = Field::read(&row, "name")?;
        let derived = name.starts_with("sqlite_") || name.starts_with("advisory_search_index");
        if !derived && name != "schema_step" {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

async fn columns(
    connection: &mut AnyConnection,
    engine: Engine,
    table: &str,
) -> Result<Vec<Column>, Fault> {
    let sql = match engine {
        Engine::Postgres => {
            "select cast(column_name as text) as name, cast(data_type as text) as kind \
             from information_schema.columns \
             where table_schema = current_schema() and table_name = $1 order by ordinal_position"
        }
        Engine::Sqlite => "select name, type as kind from pragma_table_info($1) order by cid",
    };
    let mut columns = Vec::new();
    for row in rows(connection, sql, values![table.to_owned()]).await? {
        let kind: String = Field::read(&row, "kind")?;
        let kind = Kind::of_type(&kind).ok_or(Fault::Misuse("a column type is not portable"))?;
        columns.push(Column { name: Field::read(&row, "name")?, kind });
    }
    Ok(columns)
}

fn value(row: &AnyRow, index: usize, kind: Kind) -> Result<Value, Fault> {
    use sqlx::Row as _;
    let unreadable = |_| Fault::Unreadable("of a table being copied");
    Ok(match kind {
        Kind::Bytes => Value::Bytes(row.try_get(index).map_err(unreadable)?),
        Kind::Int => Value::Int(row.try_get(index).map_err(unreadable)?),
        Kind::Text => Value::Text(row.try_get(index).map_err(unreadable)?),
    })
}

fn write_file(
    path: &Path,
    key: DataKey,
    rng: impl CryptoRng,
    mut pieces: mpsc::Receiver<Piece>,
) -> Result<(), Fault> {
    let mut file = FrameWriter::create(path, key, rng)?;
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Bytes(bytes) => file.push(&bytes)?,
            Piece::File(head, path) => copy(&mut file, head, &path)?,
        }
    }
    file.finish()
}

fn copy<R: CryptoRng>(
    file: &mut FrameWriter<R>,
    mut head: Vec<u8>,
    path: &Path,
) -> Result<(), Fault> {
    let failed = |error| Fault::file(path, error);
    let mut source = File::open(path).map_err(failed)?;
    let length = source.metadata().map_err(failed)?.len();
    put_int(&mut head, i64::try_from(length).unwrap_or(i64::MAX));
    file.push(&head)?;
    let mut chunk = vec![0; COPY_BYTES];
    let mut copied = 0_u64;
    loop {
        let read = source.read(&mut chunk).map_err(failed)?;
        let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else { break };
        copied = copied.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        file.push(part)?;
    }
    if copied == length { Ok(()) } else { Err(Fault::Misuse("a file changed while it was copied")) }
}
