//! Connections to SQLite or PostgreSQL, and how one statement is run.
//!
//! Not here: statements over tables.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyArguments, AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Executor as _};

use crate::Fault;
use crate::row::Value;

/// How long a statement waits for another transaction.
pub(crate) const BUSY_MS: u64 = 5_000;
const ACQUIRE_MAX: Duration = Duration::from_secs(10);

/// Pages of the write-ahead log after which a commit copies them itself: a bound, should [`Pools::keep`] fail.
const LOG_PAGES_MAX: u32 = 32_000;

/// Which database is behind the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A server that speaks PostgreSQL's protocol.
    Postgres,
    /// The embedded default.
    Sqlite,
}

impl Engine {
    /// Returns the name used in file names and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    pub(crate) const fn blob_type(self) -> &'static str {
        match self {
            Self::Postgres => "bytea",
            Self::Sqlite => "blob",
        }
    }

    /// Writes the place of a parameter, counted from 1, into a text that names them all in order.
    ///
    /// SQLite looks the name of a numbered place up in a list, for each parameter of each run; places
    /// without names cost nothing.
    pub(crate) fn place(self, sql: &mut String, number: usize) {
        match self {
            Self::Postgres => {
                sql.push('$');
                sql.push_str(&number.to_string());
            }
            Self::Sqlite => sql.push('?'),
        }
    }

    /// What follows the columns of a table that is only ever found by its key.
    pub(crate) const fn keyed(self) -> &'static str {
        match self {
            Self::Postgres => "",
            Self::Sqlite => "without rowid",
        }
    }

    /// Begins a transaction that will write: on SQLite it takes the write lock at once, so that a
    /// second process waits instead of failing halfway.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Postgres => "begin",
            Self::Sqlite => "begin immediate",
        }
    }

    /// Begins a transaction that reads one state of the database.
    pub(crate) const fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Postgres => "begin isolation level repeatable read read only",
            Self::Sqlite => "begin",
        }
    }
}

/// The two pools: readers never wait for the writer.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    pub(crate) engine: Engine,
    pub(crate) read: AnyPool,
    pub(crate) write: AnyPool,
    /// Copies the write-ahead log into the database while others write; SQLite only.
    pub(crate) keep: Option<AnyPool>,
}

impl Pools {
    /// Connects to the embedded database file.
    pub(crate) async fn sqlite(file: &Path, readers: u32) -> Result<Self, Fault> {
        let url = format!("sqlite://{}?mode=rw", encode_path(file));
        Self::connect(Engine::Sqlite, &url, readers, 1).await
    }

    /// Connects to a server.
    pub(crate) async fn postgres(url: &str, readers: u32) -> Result<Self, Fault> {
        Self::connect(Engine::Postgres, url, readers, 2).await
    }

    async fn connect(engine: Engine, url: &str, readers: u32, writers: u32) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(url)?;
        let write = pool(engine, writers, "").connect_with(options.clone()).await?;
        let only = "pragma query_only = on;";
        let read = pool(engine, readers.max(1), only).connect_lazy_with(options.clone());
        let keep = match engine {
            Engine::Postgres => None,
            Engine::Sqlite => Some(pool(engine, 1, "").connect_lazy_with(options)),
        };
        Ok(Self { engine, read, write, keep })
    }

    pub(crate) async fn close(&self) {
        if let Some(keep) = &self.keep {
            keep.close().await;
        }
        self.read.close().await;
        self.write.close().await;
    }
}

fn pool(engine: Engine, connections: u32, more: &'static str) -> AnyPoolOptions {
    let setup = match engine {
        // Sealed items are a few kilobytes each: larger pages are fuller, and fewer are written for each commit.
        // A database that exists keeps the size it was made with.
        // Full sync: an answer is given only for what a power cut cannot take back. Freed pages are
        // overwritten, so that a shredded key does not linger in the file.
        Engine::Sqlite => format!(
            "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full; \
             pragma foreign_keys = on; pragma busy_timeout = {BUSY_MS}; pragma secure_delete = on; pragma temp_store = memory; \
             pragma cache_size = -16000; pragma wal_autocheckpoint = {LOG_PAGES_MAX}; \
             pragma journal_size_limit = 67108864; {more}"
        ),
        Engine::Postgres => {
            format!("set lock_timeout = {BUSY_MS}; set synchronous_commit = on")
        }
    };
    AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(0)
        .acquire_timeout(ACQUIRE_MAX)
        .after_connect(move |connection, _| {
            let setup = setup.clone();
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(AssertSqlSafe(setup))).await.map(drop)
            })
        })
}

fn encode_path(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                text.push(char::from(*byte));
            }
            _ => text.extend(format!("%{byte:02X}").chars()),
        }
    }
    text
}

/// Text of a statement. It is written in this crate and never holds a value.
pub(crate) type Sql = String;

/// Runs a statement and returns how many rows it touched.
pub(crate) async fn run(
    connection: &mut AnyConnection,
    sql: impl Into<Sql>,
    values: Vec<Value>,
) -> Result<u64, sqlx::Error> {
    // SQLite would keep it and PostgreSQL refuse it: the same answer on both.
    if values.iter().any(Value::holds_nul) {
        return Err(sqlx::Error::Protocol("a text holds a NUL".to_owned()));
    }
    bind(sql.into(), values).execute(connection).await.map(|done| done.rows_affected())
}

/// Runs a statement and returns its rows.
pub(crate) async fn rows<'c>(
    executor: impl sqlx::Executor<'c, Database = Any>,
    sql: impl Into<Sql>,
    values: Vec<Value>,
) -> Result<Vec<AnyRow>, sqlx::Error> {
    // No stored text holds a NUL, and PostgreSQL would fail instead of finding nothing.
    if values.iter().any(Value::holds_nul) {
        return Ok(vec![]);
    }
    bind(sql.into(), values).fetch_all(executor).await
}

fn bind(sql: Sql, values: Vec<Value>) -> Query<'static, Any, AnyArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = match value {
            Value::Bytes(bytes) => query.bind(bytes),
            Value::Int(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        };
    }
    query
}

/// Makes parameters of the shared types.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(crate::row::Field::into_value($value)),*] };
}
pub(crate) use values;
