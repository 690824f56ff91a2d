//! Findings about the data directory and the database, each with what to do first.
//!
//! Not here: keys, configuration and peers, which their owners check; words, which the caller chooses by id.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde::Serialize;

use crate::blob::ORPHAN_AGE;
use crate::directory::DATABASE;
use crate::engine::{Engine, rows, values};
use crate::migrate::{self, SCHEMA_VERSION};
use crate::rebuild::REBUILDING;
use crate::row::Field;
use crate::store::blocking;
use crate::{Fault, Migrate, Options, Purpose, Store};

/// Below this the hub warns.
const FREE_BYTES_WARN: u64 = 1 << 30;
/// Below this it will soon refuse reports.
const FREE_BYTES_FAIL: u64 = 64 << 20;
/// A write-ahead log longer than this means that a reader or a checkpoint hangs.
const WAL_BYTES_WARN: u64 = 256 << 20;
/// Rows read at once.
const PAGE_ROWS: u16 = 1_000;
/// Jobs that wait.
const JOBS_WARN: i64 = 10_000;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A fault to repair now.
    Fail,
    /// As it should be.
    Ok,
    /// It could not be found out.
    Unknown,
    /// Soon a fault.
    Warn,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Id of the first repair, for the message; the id of the check when there is nothing to do.
    pub help: &'static str,
    /// Which check.
    pub id: &'static str,
    /// Values for the message.
    pub params: BTreeMap<&'static str, String>,
    /// How it went.
    pub state: State,
}

impl Check {
    fn new(id: &'static str, state: State, help: &'static str) -> Self {
        let help = if state == State::Ok { id } else { help };
        Self { help, id, params: BTreeMap::new(), state }
    }

    fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.params.insert(name, value.to_string());
        self
    }
}

/// Checks a store, by id; also beside a hub that serves. Creates nothing.
pub async fn doctor(options: Options, now: i64) -> Vec<Check> {
    let directory = options.directory_path().to_owned();
    let mut checks = vec![free_space(&directory), permissions(&directory)];
    let embedded = options.is_embedded();
    let there = if embedded { directory.join(DATABASE).is_file() } else { directory.is_dir() };
    if there {
        let options = options.purpose(Purpose::Tool).migrate(Migrate::Check);
        match Store::open(options).await {
            Ok(store) => {
                checks.push(Check::new("store-open", State::Ok, ""));
                checks.extend(store.check(now).await);
                store.close().await;
            }
            Err(fault) => checks.push(not_open(&fault)),
        }
    } else {
        checks.push(Check::new("store-open", State::Fail, "run-init").with("code", "not-found"));
    }
    if embedded {
        checks.push(wal(&directory));
    }
    checks.sort_by_key(|check| check.id);
    checks
}

fn not_open(fault: &Fault) -> Check {
    if let Fault::SchemaOlder { found, known } | Fault::SchemaNewer { found, known } = fault {
        let help = match found {
            // No version at all is no older hub: the file is damaged, or never was one.
            0 => "restore-backup",
            _ if found < known => "run-migrate",
            _ => "install-newer-program",
        };
        return Check::new("store-schema", State::Fail, help)
            .with("found", found)
            .with("known", known);
    }
    Check::new("store-open", State::Fail, "see-code").with("code", fault.code())
}

impl Store {
    async fn check(&self, now: i64) -> Vec<Check> {
        let found = [
            ("store-files", self.files().await),
            ("store-integrity", self.integrity().await),
            ("store-jobs", self.jobs().await),
            ("store-orphans", self.check_orphans(now).await),
            ("store-rebuild", self.rebuilding().await),
            ("store-schema", self.schema().await),
        ];
        let or_unknown = |(id, check): (&'static str, Result<Check, Fault>)| {
            check.unwrap_or_else(|fault| {
                Check::new(id, State::Unknown, "see-code").with("code", fault.code())
            })
        };
        found.into_iter().map(or_unknown).collect()
    }

    async fn integrity(&self) -> Result<Check, Fault> {
        let id = "store-integrity";
        if self.engine() == Engine::Postgres {
            return Ok(Check::new(id, State::Ok, ""));
        }
        let found = rows(&self.pools().read, "pragma integrity_check(1)", vec![]).await?;
        let said: String = match found.first() {
            Some(row) => Field::read(row, "integrity_check")?,
            None => String::new(),
        };
        let state = if said == "ok" { State::Ok } else { State::Fail };
        Ok(Check::new(id, state, "restore-backup"))
    }

    /// Whether every file that a row names is there; what is in it, a backup or its reader checks.
    async fn files(&self) -> Result<Check, Fault> {
        let (mut after, mut named, mut missing) = (String::new(), 0_u64, 0_u64);
        loop {
            let sql = "select blob from item where blob > $1 \
                       union select blob from draft_file where blob > $2 order by blob limit $3";
            let page = values![after.clone(), after.clone(), i64::from(PAGE_ROWS)];
            let page = rows(&self.pools().read, sql, page).await?;
            if page.is_empty() {
                break;
            }
            for row in &page {
                after = Field::read(row, "blob")?;
                named += 1;
                missing += u64::from(self.blobs().existing(&after).is_none());
            }
        }
        let state = if missing == 0 { State::Ok } else { State::Fail };
        let check = Check::new("store-files", state, "restore-backup");
        Ok(check.with("named", named).with("missing", missing))
    }

    async fn jobs(&self) -> Result<Check, Fault> {
        let counts = self.outbox_counts().await?;
        let waiting: i64 = counts.iter().map(|count| count.waiting).sum();
        let dead: i64 = counts.iter().map(|count| count.dead).sum();
        let bad = waiting > JOBS_WARN || dead > 0;
        let state = if bad { State::Warn } else { State::Ok };
        let check = Check::new("store-jobs", state, "see-dead-jobs");
        Ok(check.with("waiting", waiting).with("dead", dead))
    }

    async fn check_orphans(&self, now: i64) -> Result<Check, Fault> {
        let count = self.orphans(now).await?.len();
        let state = if count == 0 { State::Ok } else { State::Warn };
        Ok(Check::new("store-orphans", state, "sweep-orphans").with("count", count))
    }

    async fn rebuilding(&self) -> Result<Check, Fault> {
        let halfway = self.meta(REBUILDING).await?.is_some_and(|value| !value.is_empty());
        let state = if halfway { State::Fail } else { State::Ok };
        Ok(Check::new("store-rebuild", state, "run-rebuild"))
    }

    async fn schema(&self) -> Result<Check, Fault> {
        let mut connection = self.pools().read.acquire().await?;
        let found = migrate::version(&mut connection, self.engine()).await?;
        let state = if found == SCHEMA_VERSION { State::Ok } else { State::Fail };
        let check = Check::new("store-schema", state, "run-migrate");
        Ok(check.with("found", found).with("known", SCHEMA_VERSION))
    }

    /// Lists files that no row names and that are older than a day.
    async fn orphans(&self, now: i64) -> Result<Vec<std::path::PathBuf>, Fault> {
        let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(now).unwrap_or(0));
        let blobs = self.blobs().clone();
        let before = now.checked_sub(ORPHAN_AGE).unwrap_or(UNIX_EPOCH);
        let found = blocking(move || blobs.list(Some(before))).await?;
        let mut orphans = Vec::new();
        for file in found {
            let named = match &file.sha256 {
                Some(sha256) => self.names_blob(sha256).await?,
                None => false,
            };
            if !named {
                orphans.push(file.path);
            }
        }
        Ok(orphans)
    }

    /// Removes a file that was kept for rows which were not written, unless a row names it.
    pub async fn drop_unnamed(&self, sha256: String) -> Result<(), Fault> {
        if self.names_blob(&sha256).await? {
            return Ok(());
        }
        let blobs = self.blobs().clone();
        blocking(move || blobs.remove(&sha256)).await
    }

    /// Removes files that no row names and that are older than a day; returns how many.
    pub async fn sweep_orphans(&self, now: i64) -> Result<u64, Fault> {
        let mut removed = 0;
        for path in self.orphans(now).await? {
            std::fs::remove_file(&path).map_err(|error| Fault::unwritable(path, error))?;
            removed += 1;
        }
        Ok(removed)
    }
}

fn free_space(directory: &Path) -> Check {
    let id = "store-free-space";
    let Ok(found) = rustix::fs::statvfs(directory) else {
        return Check::new(id, State::Unknown, "see-directory");
    };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let state = match free {
        _ if free < FREE_BYTES_FAIL => State::Fail,
        _ if free < FREE_BYTES_WARN => State::Warn,
        _ => State::Ok,
    };
    Check::new(id, state, "free-space").with("bytes", free)
}

#[cfg(unix)]
fn permissions(directory: &Path) -> Check {
    use std::os::unix::fs::PermissionsExt;
    let id = "store-permissions";
    let mode = |path: &Path| std::fs::metadata(path).map(|meta| meta.permissions().mode() & 0o077);
    let Ok(loose) = mode(directory) else {
        return Check::new(id, State::Unknown, "see-directory");
    };
    let file = mode(&directory.join(DATABASE)).unwrap_or(0);
    // A private directory protects files in it, whatever their own mode.
    let state = if loose == 0 { State::Ok } else { State::Fail };
    let check = Check::new(id, state, "make-private");
    check.with("directory", format!("{loose:03o}")).with("database", format!("{file:03o}"))
}

#[cfg(not(unix))]
fn permissions(_directory: &Path) -> Check {
    Check::new("store-permissions", State::Unknown, "see-directory")
}

fn wal(directory: &Path) -> Check {
    let path = directory.join(format!("{DATABASE}-wal"));
    let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let state = if bytes > WAL_BYTES_WARN { State::Warn } else { State::Ok };
    Check::new("store-wal", state, "restart-hub").with("bytes", bytes)
}
