//! Drafts of the report form: sealed under a key that only the form's hidden token gives (portal.md, PO-13).
//!
//! The hub keeps what it cannot open: neither answers nor file names nor files can be read without the
//! token, which stands in the finder's page and nowhere else. A draft ends 24 hours after the last touch,
//! or with the report it became. Not here: what the answers mean (`web::report_form`).

use comity_ledger::seal;
use comity_ledger::secret::{Binding, DataKey};
use comity_store::{Draft, DraftFile, Item, ItemKey, Rows, Write};
use futures::Stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::files::{FILE, FILE_LABEL, FILES_MAX, FileRead, NAME_CHARS_MAX};
use super::intake::{Besides, Filer, Form};
use super::reports::instant;
use super::room::SealedItem;
use super::{Answered, AppError, Hub, Once};
use crate::receipt_code::ReceiptCode;
use crate::rng::{self, OsRandom};

/// How long a draft is kept after the last touch.
const KEPT_MS: i64 = 24 * 3600 * 1000;
/// Bytes of one file of a form at most (PO-11).
pub const FILE_BYTES_MAX: u64 = 32 << 20;
/// Bytes of all files of a form at most (PO-11).
pub const FILES_BYTES_MAX: u64 = 128 << 20;
/// Rows of files that are ever read for one draft.
const FILE_ROWS: u32 = 64;

/// The secret of a draft: in the page's hidden field, never in an address, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftToken([u8; 32]);

/// The text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a draft token")]
pub struct NotAToken;

impl DraftToken {
    /// Draws a token.
    #[must_use]
    pub fn generate() -> Self {
        Self(rng::bytes())
    }

    /// Reads what a form sent back.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        let bytes =
            data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NotAToken)?;
        bytes.try_into().map(Self).map_err(|_| NotAToken)
    }

    /// Returns the text for the hidden field.
    #[must_use]
    pub fn text(&self) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.0)
    }

    /// Returns the receipt code that a report filed from this draft is given.
    ///
    /// It is derived, so that a repeated submit shows the same code and no code is ever stored.
    #[must_use]
    pub fn code(&self) -> ReceiptCode {
        let derived = self.derive(b"comity/draft-code/1\0");
        let number = derived.first_chunk().copied().unwrap_or_default();
        ReceiptCode::of(u64::from_le_bytes(number))
    }

    fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(purpose).chain_update(self.0).finalize().into()
    }

    fn id(&self) -> String {
        comity_ledger::digest::hex(&self.derive(b"comity/draft-id/1\0")).chars().take(32).collect()
    }

    fn key(&self) -> DataKey {
        DataKey::from_bytes(self.derive(b"comity/draft-key/1\0"))
    }

    /// Returns what makes a second submit the same as the first.
    fn once(&self) -> Once {
        let hex = comity_ledger::digest::hex(&self.derive(b"comity/draft-once/1\0"));
        Once { account: String::new(), key: hex.clone(), body_hash: hex }
    }
}

impl std::fmt::Debug for DraftToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DraftToken(…)")
    }
}

/// A draft opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRead {
    /// Names and values as the form sent them.
    pub fields: Vec<(String, String)>,
    /// Its files, in the order they came.
    pub files: Vec<DraftFileRead>,
    /// When it ends.
    pub until: Timestamp,
}

/// A file of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftFileRead {
    /// Names it within the draft.
    pub file: String,
    /// The name the finder gave it: untrusted text.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: String,
    /// The type the browser named: untrusted text.
    pub media_type: Option<String>,
    /// When it came.
    at: i64,
    /// The room it is bound to, so that it becomes the report's without being opened again.
    room: String,
    /// The key of its content, hexadecimal.
    key: String,
    /// Where its content lies.
    blob: String,
    /// The length of the sealed content.
    sealed_bytes: u64,
}

/// Answers and what of them has no place in the report.
#[derive(Clone, Debug)]
pub struct DraftReport<'a> {
    /// `comity.report/1`.
    pub report: &'a [u8],
    /// Names the terms that the finder saw.
    pub digest: &'a str,
    /// The language of the page.
    pub lang: &'a str,
    /// Compartment and content of the other answers.
    pub answers: Vec<(&'static str, serde_json::Value)>,
}

impl Hub {
    /// Opens a draft; none if it was never there, has ended, or became a report.
    pub async fn read_draft_form(&self, token: &DraftToken) -> Result<Option<DraftRead>, AppError> {
        let id = token.id();
        let Some(row) = self.store().draft(&id).await? else { return Ok(None) };
        if row.expires_at <= self.now_ms() {
            return Ok(None);
        }
        let key = token.key();
        let plain = seal::open(&key, Binding { room: &id, item: "form" }, &row.ciphertext)
            .map_err(AppError::fault)?;
        let fields = serde_json::from_slice(&plain).map_err(AppError::fault)?;
        let mut files: Vec<DraftFileRead> = Vec::new();
        for file in self.store().draft_files(&id, FILE_ROWS).await? {
            let binding = Binding { room: &id, item: &file.file_id };
            let label = seal::open(&key, binding, &file.label).map_err(AppError::fault)?;
            files.push(serde_json::from_slice(&label).map_err(AppError::fault)?);
        }
        files.sort_by(|a, b| (a.at, &a.file).cmp(&(b.at, &b.file)));
        Ok(Some(DraftRead { fields, files, until: instant(row.expires_at) }))
    }

    /// Seals the answers of a draft and returns when it ends.
    pub async fn save_draft_form(
        &self,
        token: &DraftToken,
        fields: &[(String, String)],
    ) -> Result<Timestamp, AppError> {
        let id = token.id();
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(fields).map_err(AppError::fault)?);
        let binding = Binding { room: &id, item: "form" };
        let ciphertext =
            seal::seal(&token.key(), binding, &plain, &mut OsRandom).map_err(AppError::fault)?;
        let expires_at = self.now_ms().saturating_add(KEPT_MS);
        let mut rows = Rows::new();
        rows.put(Draft { draft_id: id, expires_at, ciphertext });
        self.store().write(rows).await?;
        Ok(instant(expires_at))
    }

    /// Seals a file into a draft while it streams in.
    pub async fn add_draft_file<S, B, E>(
        &self,
        token: &DraftToken,
        name: &str,
        media_type: Option<&str>,
        content: S,
    ) -> Result<(), AppError>
    where
        S: Stream<Item = Result<B, E>> + Unpin,
        B: AsRef<[u8]>,
        E: std::fmt::Display,
    {
        let refused = |code| AppError::refused_at(code, "/files");
        let draft = self.read_draft_form(token).await?.ok_or_else(|| refused("draft-unknown"))?;
        if draft.files.len() >= FILES_MAX {
            return Err(refused("report-files-too-many"));
        }
        let held: u64 = draft.files.iter().map(|file| file.bytes).sum();
        let most = FILE_BYTES_MAX.min(FILES_BYTES_MAX.saturating_sub(held));
        let room = self.current_intake_room().await?;
        let (id, file_id) = (token.id(), rng::hex::<16>());
        let key = DataKey::generate(&mut OsRandom);
        let binding = Binding { room: &room.id, item: &file_id };
        let poured = self.pour(&key, binding, content, most).await.map_err(at_files)?;
        let label = DraftFileRead {
            file: file_id.clone(),
            name: name.chars().take(NAME_CHARS_MAX).collect(),
            bytes: poured.bytes,
            sha256: poured.sha256,
            media_type: media_type.map(str::to_owned),
            at: self.now_ms(),
            room: room.id,
            key: comity_ledger::digest::hex(key.expose()),
            blob: poured.blob.clone(),
            sealed_bytes: poured.sealed_bytes,
        };
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(&label).map_err(AppError::fault)?);
        let binding = Binding { room: &id, item: &file_id };
        let sealed =
            seal::seal(&token.key(), binding, &plain, &mut OsRandom).map_err(AppError::fault)?;
        let mut rows = Rows::new();
        rows.put(DraftFile {
            draft_id: id,
            file_id,
            ciphertext: None,
            blob: Some(poured.blob),
            bytes: i64::try_from(poured.sealed_bytes).map_err(AppError::fault)?,
            label: sealed,
        });
        self.store().write(rows).await?;
        Ok(())
    }

    /// Takes a file out of a draft; one that is not there is already out.
    pub async fn remove_draft_file(&self, token: &DraftToken, file: &str) -> Result<(), AppError> {
        let mut rows = Rows::new();
        rows.put(Write::DraftFileGone { draft_id: token.id(), file_id: file.to_owned() });
        self.store().write(rows).await?;
        Ok(())
    }

    /// Files the report that a draft became; its files go along, the draft ends, all as one unit.
    pub async fn file_draft(
        &self,
        token: &DraftToken,
        draft: DraftRead,
        filing: DraftReport<'_>,
    ) -> Result<Answered, AppError> {
        let besides = Besides {
            code: Some(token.code()),
            answers: filing.answers,
            files: draft.files,
            draft: Some(token.id()),
        };
        let form = Form {
            digest: Some(filing.digest),
            lang: filing.lang,
            once: Some(token.once()),
            loss: Vec::new(),
            besides,
        };
        self.file_form(filing.report, Filer::Anonymous, form).await
    }

    /// Returns what was answered when this draft was filed, if it was, within the last day.
    pub async fn filed_of_draft(&self, token: &DraftToken) -> Result<Option<Answered>, AppError> {
        self.answered_before(Some(&token.once())).await
    }

    /// Makes a draft's file the report's: its key is wrapped for the room it was bound to from the start.
    pub(crate) async fn report_file(
        &self,
        file: &DraftFileRead,
        at: i64,
    ) -> Result<[SealedItem; 2], AppError> {
        let room = self.load_room(&file.room).await?;
        let key = comity_ledger::digest::hex_32(&file.key).map_err(AppError::fault)?;
        let binding = Binding { room: &room.id, item: &file.file };
        let wrapped = room
            .key
            .wrap(&DataKey::from_bytes(key), binding, &mut OsRandom)
            .map_err(AppError::fault)?;
        let label = FileRead {
            file: file.file.clone(),
            name: file.name.clone(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        };
        let plain = serde_json::to_vec(&label).map_err(AppError::fault)?;
        let content = SealedItem {
            item: Item {
                item_id: file.file.clone(),
                room_id: room.id.clone(),
                owner: String::new(),
                compartment: FILE.to_owned(),
                ciphertext: None,
                blob: Some(file.blob.clone()),
                padded_bytes: i64::try_from(file.sealed_bytes).map_err(AppError::fault)?,
                created_at: at,
                shredded_at: None,
            },
            key: ItemKey {
                item_id: file.file.clone(),
                epoch: 1,
                wrapped: wrapped.as_bytes().to_vec(),
            },
            // The report's evidence names its hash, and the report is committed to.
            commitment: String::new(),
        };
        let mut label = self.seal_item(&room, "", FILE_LABEL, &plain, at).await?;
        label.commitment.clear();
        Ok([content, label])
    }
}

/// Says of a file what `pour` says of any stream.
fn at_files(error: AppError) -> AppError {
    let AppError::Refused(mut refusals) = error else { return error };
    for refusal in &mut refusals {
        "/files".clone_into(&mut refusal.pointer);
    }
    AppError::Refused(refusals)
}
