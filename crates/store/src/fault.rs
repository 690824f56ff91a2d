//! What can go wrong in the store, by cause, each with a stable code.
//!
//! Not here: refusals of the domain. A [`Fault`] is ours or the machine's; a [`Conflict`] says that what a
//! writer had read is no longer so.

use std::path::PathBuf;
use std::sync::Arc;

/// A failure of the store that no other input of the caller would have avoided.
///
/// Clones are cheap: one fault of a merged transaction answers many callers.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A backup file is damaged, or was sealed with another key.
    #[error("the backup is damaged or was made with another key")]
    BackupDamaged,
    /// A stored blob is missing or does not have the hash that names it.
    #[error("a stored file is missing or damaged: {sha256}")]
    BlobDamaged {
        /// The hash that the row names.
        sha256: String,
    },
    /// Another transaction held the database for too long; nothing was stored.
    #[error("the database is busy")]
    Busy,
    /// The store was closed before the unit was taken; nothing was stored.
    #[error("the store is closed")]
    Closed,
    /// The database refused or failed in a way that no other variant names.
    #[error("the database failed")]
    Database(#[source] Arc<sqlx::Error>),
    /// Another process serves this data directory.
    #[error("the data directory is in use: {0}")]
    DirectoryInUse(PathBuf),
    /// The target of a restore, or of a first start, already holds a database.
    #[error("the directory already holds a database: {0}")]
    DirectoryNotEmpty(PathBuf),
    /// No space is left; nothing was stored.
    #[error("the disk is full")]
    DiskFull,
    /// Reading or writing a file failed.
    #[error("cannot read or write {path}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// The caller broke the contract of a function: a programming error of ours.
    #[error("the store was used wrongly: {0}")]
    Misuse(&'static str),
    /// The directory or database cannot be written; nothing was stored.
    #[error("the data directory is read-only")]
    ReadOnly,
    /// The database was written by a newer program.
    #[error("the database has schema {found}, this program knows {known}")]
    SchemaNewer {
        /// What the database holds.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// The database needs migrations that the caller did not ask for.
    #[error("the database has schema {found}, this program needs {known}")]
    SchemaOlder {
        /// What the database holds.
        found: i64,
        /// What this program needs.
        known: i64,
    },
    /// A value is longer than its named maximum.
    #[error("{what} is larger than {bytes_max} bytes")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The maximum.
        bytes_max: u64,
    },
    /// The commit failed in a way that leaves open whether the rows are there. Ask by entry id or
    /// idempotency key before doing it again.
    #[error("it is not known whether the write was stored")]
    Uncertain,
    /// A stored value cannot be read as its type.
    #[error("column {0} holds a value that cannot be read")]
    Unreadable(&'static str),
}

impl Fault {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BackupDamaged => "backup-damaged",
            Self::BlobDamaged { .. } => "blob-damaged",
            Self::Busy => "store-busy",
            Self::Closed => "store-closed",
            Self::Database(_) => "database-failed",
            Self::DirectoryInUse(_) => "directory-in-use",
            Self::DirectoryNotEmpty(_) => "directory-not-empty",
            Self::DiskFull => "disk-full",
            Self::File { .. } => "file-failed",
            Self::Misuse(_) => "store-misuse",
            Self::ReadOnly => "store-read-only",
            Self::SchemaNewer { .. } => "schema-newer",
            Self::SchemaOlder { .. } => "schema-older",
            Self::TooLarge { .. } => "store-too-large",
            Self::Uncertain => "write-uncertain",
            Self::Unreadable(_) => "store-unreadable",
        }
    }

    /// Classifies an error of writing a file: what may not be written is read-only.
    pub(crate) fn unwritable(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::PermissionDenied {
            return Self::ReadOnly;
        }
        Self::file(path, source)
    }

    /// Classifies a file error.
    pub(crate) fn file(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let kind = source.kind();
        if kind == ErrorKind::ReadOnlyFilesystem {
            return Self::ReadOnly;
        }
        if matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            return Self::DiskFull;
        }
        Self::File { path: path.into(), source: Arc::new(source) }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        match Cause::of(&error) {
            Cause::Busy => Self::Busy,
            Cause::Full => Self::DiskFull,
            Cause::ReadOnly => Self::ReadOnly,
            Cause::Closed => Self::Closed,
            Cause::Duplicate | Cause::Other => Self::Database(Arc::new(error)),
        }
    }
}

/// What a writer had read, or assumed, and is no longer so: read again, decide again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The entry does not follow the chain's head.
    #[error("the chain has moved on")]
    Head,
    /// The id is already stored.
    #[error("a row with this id is already stored")]
    Duplicate,
    /// The room holds other entries than the writer had read.
    #[error("the room has moved on")]
    Position,
    /// The serial number is not the next one.
    #[error("the serial is not the next one")]
    Serial,
}

impl Conflict {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Head => "head-moved",
            Self::Position => "room-moved",
            Self::Serial => "serial-taken",
        }
    }
}

/// Why a unit was not stored.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Rejected<E> {
    /// The unit's own closure refused.
    #[error("refused")]
    Refused(E),
    /// What the unit assumed is no longer so.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The cause of a database error, the same for both engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Serialisation failure, deadlock or lock wait: the same transaction may succeed later.
    Busy,
    /// The pool was closed.
    Closed,
    /// A key is already there, or a constraint does not hold.
    Duplicate,
    /// No space.
    Full,
    /// Anything else.
    Other,
    /// Not writable.
    ReadOnly,
}

impl Cause {
    /// Classifies an error of the driver.
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return if matches!(error, sqlx::Error::PoolClosed) {
                Self::Closed
            } else {
                Self::Other
            };
        };
        let code = database.code().unwrap_or_default();
        // SQLSTATE has five characters; SQLite's extended codes are shorter numbers.
        if code.len() == 5 { Self::of_sqlstate(&code) } else { Self::of_sqlite(&code) }
    }

    fn of_sqlstate(code: &str) -> Self {
        match code {
            "40001" | "40P01" | "55P03" => Self::Busy,
            "53100" => Self::Full,
            "25006" => Self::ReadOnly,
            _ if code.starts_with("23") => Self::Duplicate,
            _ => Self::Other,
        }
    }

    fn of_sqlite(code: &str) -> Self {
        match code.parse::<u32>().unwrap_or(0) & 0xff {
            5 | 6 => Self::Busy,
            8 => Self::ReadOnly,
            13 => Self::Full,
            19 => Self::Duplicate,
            _ => Self::Other,
        }
    }
}
