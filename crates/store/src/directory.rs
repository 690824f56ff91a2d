//! The data directory: made private, locked while a hub serves from it.
//!
//! Not here: what is in the database or in the blob files.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::Fault;

/// Name of the database file.
pub(crate) const DATABASE: &str = "comity.db";
const LOCK: &str = "lock";

/// A data directory that exists; with its lock, if the caller serves from it.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    _lock: Option<File>,
}

impl Directory {
    /// Makes the directory if it is missing, and takes the exclusive lock if asked.
    pub(crate) fn open(path: &Path, lock: bool) -> Result<Self, Fault> {
        make(path)?;
        let lock = if lock { Some(take_lock(path)?) } else { None };
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Creates the database file with tight permissions before the engine would create it with loose ones.
    pub(crate) fn touch_database(&self) -> Result<(), Fault> {
        let path = self.database();
        if path.exists() {
            return Ok(());
        }
        private_file().open(&path).map(drop).map_err(|error| Fault::unwritable(path, error))
    }
}

/// Options for a file that only its owner may read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a directory that only its owner may enter.
pub(crate) fn make(path: &Path) -> Result<(), Fault> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Fault::unwritable(path, error))
}

/// Makes a rename or a new name in a directory durable.
pub(crate) fn sync(path: &Path) -> Result<(), Fault> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| Fault::file(path, error))
}

/// Takes the lock; a process that is just ending, or a fork that has not yet become another program, may
/// still hold it for a moment.
fn take_lock(directory: &Path) -> Result<File, Fault> {
    const TRIES: u32 = 10;
    const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);
    let path = directory.join(LOCK);
    let file = private_file().open(&path).map_err(|error| Fault::unwritable(&path, error))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::park_timeout(PAUSE),
            Err(TryLockError::Error(error)) => return Err(Fault::unwritable(path, error)),
        }
    }
    Err(Fault::DirectoryInUse(directory.to_owned()))
}
