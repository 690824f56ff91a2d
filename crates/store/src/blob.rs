//! Ciphertexts too long for a row, as files named by their SHA-256.
//!
//! A file is complete and durable before its name appears, and its name is durable before a row may hold it.
//! Not here: sealing; every byte that comes in is already sealed.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::Fault;
use crate::directory;

const CHUNK_BYTES: usize = 64 * 1024;

/// The directory `blobs`.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    root: PathBuf,
}

impl Blobs {
    pub(crate) fn open(data: &Path) -> Result<Self, Fault> {
        let root = data.join("blobs");
        directory::make(&root)?;
        Ok(Self { root })
    }

    /// Copies `source` to its content address; returns the address and the length once both are durable.
    pub(crate) fn put(
        &self,
        source: &mut dyn Read,
        bytes_max: u64,
    ) -> Result<(String, u64), Fault> {
        let temporary = self.root.join(format!("tmp-{}", uuid::Uuid::now_v7()));
        let placed = Self::copy(source, bytes_max, &temporary).and_then(|(sha256, bytes)| {
            self.place(&temporary, &sha256)?;
            Ok((sha256, bytes))
        });
        if placed.is_err() {
            // The first failure is what matters; a file left behind is swept as an orphan.
            let _ = fs::remove_file(&temporary);
        }
        placed
    }

    fn copy(source: &mut dyn Read, bytes_max: u64, to: &Path) -> Result<(String, u64), Fault> {
        let fault = |error| Fault::unwritable(to, error);
        let mut file = directory::private_file().open(to).map_err(fault)?;
        let mut hash = Sha256::new();
        let mut bytes = 0_u64;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let read = source.read(&mut chunk).map_err(fault)?;
            let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else { break };
            bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            if bytes > bytes_max {
                return Err(Fault::TooLarge { what: "blob", bytes_max });
            }
            hash.update(part);
            file.write_all(part).map_err(fault)?;
        }
        file.sync_all().map_err(fault)?;
        Ok((HEXLOWER.encode(&hash.finalize()), bytes))
    }

    fn place(&self, temporary: &Path, sha256: &str) -> Result<(), Fault> {
        let path = self.path(sha256).ok_or(Fault::Misuse("blob name"))?;
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        if !folder.exists() {
            directory::make(&folder)?;
            directory::sync(&self.root)?;
        }
        fs::rename(temporary, &path).map_err(|error| Fault::file(&path, error))?;
        directory::sync(&folder)
    }

    /// Opens a blob for reading without checking its hash.
    pub(crate) fn open_file(&self, sha256: &str) -> Result<File, Fault> {
        let damaged = || Fault::BlobDamaged { sha256: sha256.to_owned() };
        File::open(self.path(sha256).ok_or_else(damaged)?).map_err(|_| damaged())
    }

    /// The path of a blob that is there.
    pub(crate) fn existing(&self, sha256: &str) -> Option<PathBuf> {
        self.path(sha256).filter(|path| path.is_file())
    }

    /// Reads a whole blob and checks its hash.
    pub(crate) fn read(&self, sha256: &str) -> Result<Vec<u8>, Fault> {
        let damaged = || Fault::BlobDamaged { sha256: sha256.to_owned() };
        let mut bytes = Vec::new();
        self.open_file(sha256)?.read_to_end(&mut bytes).map_err(|_| damaged())?;
        if HEXLOWER.encode(&Sha256::digest(&bytes)) == sha256 { Ok(bytes) } else { Err(damaged()) }
    }

    /// Removes a blob; a missing one is already removed.
    pub(crate) fn remove(&self, sha256: &str) -> Result<(), Fault> {
        let Some(path) = self.path(sha256) else { return Ok(()) };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Fault::file(path, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Lists files not written to since `before`: complete blobs by name, and what a crash left unfinished.
    pub(crate) fn list(&self, before: Option<SystemTime>) -> Result<Vec<Found>, Fault> {
        let mut found = Vec::new();
        for folder in entries(&self.root)? {
            if folder.is_dir() {
                for path in entries(&folder)? {
                    found.extend(Found::of(path, before));
                }
            } else {
                found.extend(Found::of(folder, before));
            }
        }
        Ok(found)
    }

    /// Only 64 hexadecimal digits name a blob, so that no name leaves the directory.
    fn path(&self, sha256: &str) -> Option<PathBuf> {
        let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let well_formed = sha256.len() == 64 && sha256.as_bytes().iter().all(hex);
        let folder = sha256.get(..2).filter(|_| well_formed)?;
        Some(self.root.join(folder).join(sha256))
    }
}

/// A file in the blob directory.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Its name, if it is one of a blob.
    pub(crate) sha256: Option<String>,
}

impl Found {
    fn of(path: PathBuf, before: Option<SystemTime>) -> Option<Self> {
        if let Some(before) = before {
            // A blob is written before its row: a young file may be about to get one.
            let written = fs::metadata(&path).and_then(|meta| meta.modified()).ok()?;
            if written > before {
                return None;
            }
        }
        let name = path.file_name()?.to_str()?;
        let sha256 = (name.len() == 64).then(|| name.to_owned());
        Some(Self { path, sha256 })
    }
}

/// How long a blob may wait for its row before it counts as an orphan.
pub(crate) const ORPHAN_AGE: Duration = Duration::from_secs(24 * 3600);

fn entries(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |error| Fault::file(path, error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(path).map_err(fault)? {
        paths.push(entry.map_err(fault)?.path());
    }
    paths.sort();
    Ok(paths)
}
