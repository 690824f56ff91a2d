//! Files of a report: sealed chunk by chunk as they stream in, never opened, never parsed.
//!
//! A zip bomb, a pickle or a picture with script is so many bytes here and nothing else. Name, size and hash
//! are sealed too, as an item of their own. Not here: the form's uploads (`web`).

use std::io::{self, Read};

use comity_core::access::{Action, Authorised};
use comity_ledger::digest;
use comity_ledger::secret::{Binding, DataKey};
use comity_ledger::stream::{CHUNK_BYTES, Decryptor, Encryptor};
use comity_store::{Item, ItemKey, Needs, Rows};
use futures::{Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::erase::ERASED;
use super::reports::{ITEMS_MAX, expect, summary};
use super::room::{Said, object};
use super::{Answered, AppError, Hub, Once, OpenRoom};
use crate::rng::{self, OsRandom};

/// Files of one report at most (PO-11).
pub const FILES_MAX: usize = 20;
/// Characters of a file's name at most.
pub const NAME_CHARS_MAX: usize = 200;

pub(crate) const FILE: &str = "file";
pub(crate) const FILE_LABEL: &str = "file-label";
/// Chunks on their way between network and disk.
const PIPE_CHUNKS: usize = 4;

/// What is known of a file, sealed with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRead {
    /// Names the file within its report.
    pub file: String,
    /// The name the finder gave it: untrusted text.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: String,
}

/// A stream of plaintext chunks; an error ends it.
pub type Chunks = mpsc::Receiver<io::Result<Vec<u8>>>;

/// Hands chunks that arrive on a channel to code that reads.
struct Pipe {
    receiver: Chunks,
    rest: io::Cursor<Vec<u8>>,
}

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.rest.read(out)?;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            match self.receiver.blocking_recv() {
                // Only an empty chunk is an end: a sender that vanished leaves half a file.
                None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                Some(chunk) => {
                    let chunk = chunk?;
                    if chunk.is_empty() {
                        return Ok(0);
                    }
                    self.rest = io::Cursor::new(chunk);
                }
            }
        }
    }
}

impl Hub {
    /// Seals a file of a report while it streams in; answers once it is durable.
    pub async fn attach<S, B, E>(
        &self,
        by: Authorised<'_>,
        report: &str,
        name: &str,
        content: S,
        once: Option<Once>,
    ) -> Result<Answered, AppError>
    where
        S: Stream<Item = Result<B, E>> + Unpin,
        B: AsRef<[u8]>,
        E: std::fmt::Display,
    {
        expect(by, Action::FileReport)?;
        self.may_attach(by, report, name).await?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        self.refuse_too_many(report).await?;
        let room = self.current_intake_room().await?;
        let item_id = rng::hex::<16>();
        let key = DataKey::generate(&mut OsRandom);
        let binding = Binding { room: &room.id, item: &item_id };
        let wrapped = room.key.wrap(&key, binding, &mut OsRandom).map_err(AppError::fault)?;
        let most = self.config().limits.attachment_bytes;
        let stored = self.pour(&key, binding, content, most).await?;
        let file = Sealed { item_id, wrapped: wrapped.as_bytes().to_vec(), stored, room };
        let blob = file.stored.blob.clone();
        let written = self.write_file(report, name, file, once).await;
        if !matches!(&written, Ok(answered) if !answered.replayed) {
            // Nothing names the file: it must not stay behind.
            self.store().drop_unnamed(blob).await?;
        }
        written
    }

    /// Refuses, like something absent, a report that is neither one's own nor in one's care.
    async fn may_attach(
        &self,
        by: Authorised<'_>,
        report: &str,
        name: &str,
    ) -> Result<(), AppError> {
        let row = self.report_row(report).await?;
        let own = summary(&row)?.filed_by.as_deref() == Some(by.actor().account.as_str());
        if !own && !by.actor().is_staff() {
            return Err(AppError::NotFound);
        }
        if row.state == ERASED {
            return Err(AppError::refused("wrong-state"));
        }
        if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(AppError::refused_at("value-invalid", "/name"));
        }
        Ok(())
    }

    async fn refuse_too_many(&self, report: &str) -> Result<(), AppError> {
        if self.labels(report).await?.len() >= FILES_MAX {
            return Err(AppError::refused("report-files-too-many"));
        }
        Ok(())
    }

    /// Writes the rows of a file that lies sealed in the blob directory.
    async fn write_file(
        &self,
        report: &str,
        name: &str,
        file: Sealed,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let Sealed { item_id, wrapped, stored, room } = file;
        // Uploads run side by side: who comes last must still find a place.
        let lock = self.cases_cache().lock_of(report);
        let _alone = lock.lock().await;
        self.refuse_too_many(report).await?;
        let label = FileRead {
            file: item_id.clone(),
            name: name.to_owned(),
            bytes: stored.bytes,
            sha256: stored.sha256,
        };
        let plain = serde_json::to_vec(&label).map_err(AppError::fault)?;
        let at = self.now_ms();
        let sealed = self.seal_item(&room, report, FILE_LABEL, &plain, at).await?;
        let item = Item {
            item_id: item_id.clone(),
            room_id: room.id.clone(),
            owner: report.to_owned(),
            compartment: FILE.to_owned(),
            ciphertext: None,
            blob: Some(stored.blob),
            padded_bytes: i64::try_from(stored.sealed_bytes).map_err(AppError::fault)?,
            created_at: at,
            shredded_at: None,
        };
        let item_key = ItemKey { item_id, epoch: 1, wrapped };
        let needs = Needs::default().chain(&room.id, &self.config().hub);
        let hub = self.clone();
        let body = object(serde_json::json!({ "report": report, "file": sealed.commitment }));
        self.write(once, 201, needs, move |view| {
            let said = Said {
                case: &hub.config().hub,
                kind: "report.file-added",
                area: "protocol",
                party: &hub.config().hub,
                body: body.clone(),
                at,
            };
            let head = view.head(&room.id, &hub.config().hub);
            let mut rows = Rows::new();
            rows.put(hub.sign_next(Some(&room.id), head, &said)?);
            rows.put(item.clone());
            rows.put(item_key.clone());
            sealed.clone().put(&mut rows);
            Ok((rows, label.clone()))
        })
        .await
    }

    /// Encrypts a stream into the blob directory, up to a size.
    pub(crate) async fn pour<S, B, E>(
        &self,
        key: &DataKey,
        binding: Binding<'_>,
        mut content: S,
        bytes_max: u64,
    ) -> Result<Poured, AppError>
    where
        S: Stream<Item = Result<B, E>> + Unpin,
        B: AsRef<[u8]>,
        E: std::fmt::Display,
    {
        let (sender, receiver) = mpsc::channel(PIPE_CHUNKS);
        let pipe = Pipe { receiver, rest: io::Cursor::new(Vec::new()) };
        let keeping = self.store().keep_from(pipe);
        let sealing = async {
            let result = encrypt(key, binding, &mut content, &sender, bytes_max).await;
            if result.is_err() {
                // The half file must fail at the other end, too, so that it is thrown away.
                let _gone = sender.send(Err(io::Error::other("the upload broke off"))).await;
            }
            drop(sender);
            result
        };
        let (kept, sealed) = futures::join!(keeping, sealing);
        let (bytes, sha256) = sealed?;
        let (blob, sealed_bytes) = kept?;
        Ok(Poured { blob, sealed_bytes, bytes, sha256 })
    }

    /// Lists the files of a report.
    pub async fn list_files(
        &self,
        by: Authorised<'_>,
        report: &str,
    ) -> Result<Vec<FileRead>, AppError> {
        expect(by, Action::ReadReport)?;
        self.report_row(report).await?;
        self.look(by, report, FILE_LABEL).await?;
        self.labels(report).await
    }

    async fn labels(&self, report: &str) -> Result<Vec<FileRead>, AppError> {
        let mut labels = Vec::new();
        for (item, key) in self.store().items(report, ITEMS_MAX).await? {
            if item.compartment != FILE_LABEL {
                continue;
            }
            if let Some(plain) = self.open_item(&item, key.as_ref()).await? {
                labels.push(serde_json::from_slice(&plain).map_err(AppError::fault)?);
            }
        }
        Ok(labels)
    }

    /// Opens a file: its label and a stream of its content. A chunk that does not open ends the stream.
    pub async fn read_file(
        &self,
        by: Authorised<'_>,
        report: &str,
        file: &str,
    ) -> Result<(FileRead, Chunks), AppError> {
        expect(by, Action::ReadReport)?;
        let found = self.store().item(file).await?;
        if !found.is_some_and(|(item, _)| item.owner == report && item.compartment == FILE) {
            return Err(AppError::NotFound);
        }
        let label = self.labels(report).await?.into_iter().find(|label| label.file == file);
        let label = label.ok_or(AppError::NotFound)?;
        self.look(by, report, &format!("{FILE}/{file}")).await?;
        Ok((label, self.stream_item(report, file).await?))
    }

    /// Streams the content of a file of an owner; absent if it is another's or was shredded.
    pub(crate) async fn stream_item(&self, owner: &str, file: &str) -> Result<Chunks, AppError> {
        let found = self.store().item(file).await?;
        let Some((item, Some(key))) = found else { return Err(AppError::NotFound) };
        if item.owner != owner {
            return Err(AppError::NotFound);
        }
        let blob = item.blob.clone().ok_or(AppError::NotFound)?;
        let data = self.item_key(&item, &key).await?;
        let source = self.store().content_file(blob).await?;
        let (sender, receiver) = mpsc::channel(PIPE_CHUNKS);
        tokio::task::spawn_blocking(move || decrypt(source, &item, &data, &sender));
        Ok(receiver)
    }
}

/// A file that is sealed, with its key and the room it belongs to.
struct Sealed {
    item_id: String,
    wrapped: Vec<u8>,
    stored: Poured,
    room: OpenRoom,
}

/// A file as it lies in the blob directory.
pub(crate) struct Poured {
    pub(crate) blob: String,
    pub(crate) sealed_bytes: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

async fn encrypt<S, B, E>(
    key: &DataKey,
    binding: Binding<'_>,
    content: &mut S,
    sender: &mpsc::Sender<io::Result<Vec<u8>>>,
    bytes_max: u64,
) -> Result<(u64, String), AppError>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
    E: std::fmt::Display,
{
    let mut out = Vec::with_capacity(2 * CHUNK_BYTES);
    let mut encryptor = Encryptor::start(key, binding, &mut OsRandom, &mut out);
    let mut hash = Sha256::new();
    let mut bytes: u64 = 0;
    while let Some(chunk) = content.next().await {
        let chunk = chunk.map_err(|_| AppError::refused("upload-broken"))?;
        let chunk = chunk.as_ref();
        bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if bytes > bytes_max {
            return Err(AppError::refused("report-file-too-large"));
        }
        hash.update(chunk);
        encryptor.push(chunk, &mut out).map_err(|_| AppError::refused("report-file-too-large"))?;
        if out.len() >= CHUNK_BYTES {
            pass(sender, std::mem::take(&mut out)).await;
        }
    }
    if bytes == 0 {
        return Err(AppError::refused("report-file-empty"));
    }
    encryptor.finish(&mut out).map_err(AppError::fault)?;
    pass(sender, out).await;
    pass(sender, Vec::new()).await;
    Ok((bytes, digest::hex(&hash.finalize())))
}

async fn pass(sender: &mpsc::Sender<io::Result<Vec<u8>>>, chunk: Vec<u8>) {
    // The reader is gone only if the disk refused: its own fault says why.
    let _gone = sender.send(Ok(chunk)).await;
}

fn decrypt(
    mut source: std::fs::File,
    item: &Item,
    key: &DataKey,
    sender: &mpsc::Sender<io::Result<Vec<u8>>>,
) {
    let binding = Binding { room: &item.room_id, item: &item.item_id };
    let mut decryptor = Decryptor::start(key, binding);
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let mut out = Vec::with_capacity(CHUNK_BYTES);
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) => {
                let _gone = sender.blocking_send(Err(error));
                return;
            }
        };
        let opened = decryptor.push(buffer.get(..read).unwrap_or_default(), &mut out);
        let chunk = opened.map(|()| out).map_err(io::Error::other);
        let failed = chunk.is_err();
        if sender.blocking_send(chunk).is_err() || failed {
            return;
        }
    }
    let mut out = Vec::new();
    let last = decryptor.finish(&mut out).map(|()| out).map_err(io::Error::other);
    let _gone = sender.blocking_send(last);
}
