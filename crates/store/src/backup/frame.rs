//! Sealed frames of a backup file.
//!
//! `comity-backup-1\n`, 16 random bytes, then frames: length (u32, little endian) and sealed bytes. Each is
//! bound to the random bytes, to its number and to whether it is the last.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use comity_ledger::seal;
use comity_ledger::secret::{Binding, DataKey};
use data_encoding::HEXLOWER;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::Fault;
use crate::directory;

const MAGIC: &[u8; 16] = b"comity-backup-1\n";
/// Content of a full frame; with the length that sealing adds, no padding is needed.
const FRAME_BYTES: usize = (1 << 20) - 8;
const SEALED_BYTES_MAX: u32 = (1 << 20) + 4096;

fn binding_item(index: u64, last: bool) -> String {
    format!("{index}/{}", if last { "last" } else { "more" })
}

/// Writes frames.
pub(super) struct FrameWriter<R> {
    file: BufWriter<File>,
    key: DataKey,
    rng: R,
    backup: String,
    index: u64,
    buffer: Zeroizing<Vec<u8>>,
}

impl<R: CryptoRng> FrameWriter<R> {
    pub(super) fn create(path: &Path, key: DataKey, mut rng: R) -> Result<Self, Fault> {
        let mut options = directory::private_file();
        let file = options.create_new(true).open(path);
        let mut file = BufWriter::new(file.map_err(|error| Fault::unwritable(path, error))?);
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        file.write_all(MAGIC)
            .and_then(|()| file.write_all(&id))
            .map_err(|error| Fault::unwritable(path, error))?;
        let backup = HEXLOWER.encode(&id);
        let buffer = Zeroizing::new(Vec::with_capacity(FRAME_BYTES));
        Ok(Self { file, key, rng, backup, index: 0, buffer })
    }

    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            if self.buffer.len() == FRAME_BYTES {
                self.seal(false)?;
            }
            let room = FRAME_BYTES.saturating_sub(self.buffer.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes the last frame and makes the file durable.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        self.seal(true)?;
        let failed = |error| Fault::unwritable("backup", error);
        self.file.flush().map_err(failed)?;
        self.file.get_ref().sync_all().map_err(failed)
    }

    fn seal(&mut self, last: bool) -> Result<(), Fault> {
        let item = binding_item(self.index, last);
        let binding = Binding { room: &self.backup, item: &item };
        let sealed = seal::seal(&self.key, binding, &self.buffer, &mut self.rng)
            .map_err(|_| Fault::Misuse("a backup frame is too large"))?;
        let length =
            u32::try_from(sealed.len()).map_err(|_| Fault::Misuse("a frame is too large"))?;
        self.file
            .write_all(&length.to_le_bytes())
            .and_then(|()| self.file.write_all(&sealed))
            .map_err(|error| Fault::unwritable("backup", error))?;
        self.index = self.index.saturating_add(1);
        self.buffer.clear();
        Ok(())
    }
}

/// Reads frames; gives out only what is authentic and in order.
pub(super) struct FrameReader {
    file: BufReader<File>,
    key: DataKey,
    backup: String,
    index: u64,
    buffer: Zeroizing<Vec<u8>>,
    taken: usize,
    ended: bool,
}

impl FrameReader {
    pub(super) fn open(path: &Path, key: DataKey) -> Result<Self, Fault> {
        let file = File::open(path).map_err(|error| Fault::file(path, error))?;
        let mut file = BufReader::new(file);
        let mut head = [0; 32];
        file.read_exact(&mut head).map_err(|_| Fault::BackupDamaged)?;
        let (magic, id) = head.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(Fault::BackupDamaged);
        }
        let backup = HEXLOWER.encode(id);
        let buffer = Zeroizing::new(Vec::new());
        Ok(Self { file, key, backup, index: 0, buffer, taken: 0, ended: false })
    }

    /// Takes up to `wanted` bytes; empty only at the end of the backup.
    pub(super) fn some(&mut self, wanted: usize) -> Result<&[u8], Fault> {
        while self.taken == self.buffer.len() && !self.ended {
            self.next_frame()?;
        }
        let end = self.taken.saturating_add(wanted).min(self.buffer.len());
        let part = self.buffer.get(self.taken..end).ok_or(Fault::BackupDamaged)?;
        self.taken = end;
        Ok(part)
    }

    /// Takes exactly so many bytes. The caller has bounded `wanted`.
    pub(super) fn exactly(&mut self, wanted: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        while bytes.len() < wanted {
            let part = self.some(wanted.saturating_sub(bytes.len()))?;
            if part.is_empty() {
                return Err(Fault::BackupDamaged);
            }
            bytes.extend_from_slice(part);
        }
        Ok(bytes)
    }

    /// Checks that nothing follows.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        let mut more = [0; 1];
        let nothing_opened = self.some(1)?.is_empty();
        let nothing_sealed = self.file.read(&mut more).is_ok_and(|read| read == 0);
        if nothing_opened && nothing_sealed { Ok(()) } else { Err(Fault::BackupDamaged) }
    }

    fn next_frame(&mut self) -> Result<(), Fault> {
        let mut length = [0; 4];
        self.file.read_exact(&mut length).map_err(|_| Fault::BackupDamaged)?;
        let length = u32::from_le_bytes(length);
        if length > SEALED_BYTES_MAX {
            return Err(Fault::BackupDamaged);
        }
        let mut sealed = vec![0; usize::try_from(length).map_err(|_| Fault::BackupDamaged)?];
        self.file.read_exact(&mut sealed).map_err(|_| Fault::BackupDamaged)?;
        for last in [false, true] {
            let item = binding_item(self.index, last);
            let binding = Binding { room: &self.backup, item: &item };
            if let Ok(content) = seal::open(&self.key, binding, &sealed) {
                self.buffer = content;
                self.taken = 0;
                self.ended = last;
                self.index = self.index.saturating_add(1);
                return Ok(());
            }
        }
        Err(Fault::BackupDamaged)
    }
}
