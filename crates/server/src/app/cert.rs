//! Certification: standards with their registers, assessments, each a room of signed records.
//!
//! `core::cert` decides; this module opens what is sealed, signs what is allowed and writes entry, sealed
//! members and projections as one unit. Not here: rules, and trade decisions.

mod command;
mod dossier;
mod open;
mod project;
mod read;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use comity_core::access::{Actor, Role};
use comity_core::cert::act::StandardAct;
use comity_core::cert::book::Book;
use comity_core::cert::day::Instant;
use comity_core::cert::file::File;
use comity_core::cert::record::{self, Body, Record, Side};
use comity_core::cert::step::AssessmentAct;
use comity_core::refusal::Refusal;
use comity_ledger::entry::Entry;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{AppError, Hub};

pub use command::{CertCommand, CertOpening};
pub use open::Procedure;
pub use read::{AssessmentRead, CertEntry, Labelled, MotionRead, RegisterFile, StandardRead};

/// The kind of a standard's room.
pub(crate) const STANDARD: &str = "cert-standard";
/// The kind of an assessment's room.
pub(crate) const ASSESSMENT: &str = "cert-assessment";
/// The compartment of sealed members.
pub(crate) const COMPARTMENT: &str = "cert";
/// Entries read from the store at once.
const PAGE_ROWS: u32 = 1000;
/// Standards and assessments kept folded in memory at most.
const CACHED_MAX: usize = 256;

/// A room, folded up to a position.
#[derive(Clone, Debug)]
pub(crate) struct Kept<T> {
    /// The room.
    pub(crate) room: String,
    /// The position of the newest entry that was folded.
    pub(crate) position: i64,
    /// What its records add up to.
    pub(crate) state: T,
}

impl<T> Kept<T> {
    /// Returns the validator of the state (PO-74).
    pub(crate) fn etag(&self) -> String {
        let name = format!("{}/{}", self.room, self.position);
        super::sha256_hex(name.as_bytes()).chars().take(32).collect()
    }
}

/// Rooms folded lately, and one lock a room for those who write.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    books: Mutex<BTreeMap<String, Arc<Kept<Book>>>>,
    files: Mutex<BTreeMap<String, Arc<Kept<File>>>>,
    writing: tokio::sync::Mutex<()>,
}

fn keep<T>(kept: &Mutex<BTreeMap<String, Arc<Kept<T>>>>, id: &str, value: Arc<Kept<T>>) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= CACHED_MAX {
        kept.clear();
    }
    kept.insert(id.to_owned(), value);
}

fn known<T>(kept: &Mutex<BTreeMap<String, Arc<Kept<T>>>>, id: &str) -> Option<Arc<Kept<T>>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
}

impl Cache {
    pub(crate) fn keep_book(&self, id: &str, book: Arc<Kept<Book>>) {
        keep(&self.books, id, book);
    }

    pub(crate) fn keep_file(&self, id: &str, file: Arc<Kept<File>>) {
        keep(&self.files, id, file);
    }

    /// Returns the lock of those who write records: few do, and none waits long.
    pub(crate) const fn writing(&self) -> &tokio::sync::Mutex<()> {
        &self.writing
    }
}

/// An entry with its sealed members opened: kind and record, or why it is none.
pub(crate) struct Opened {
    pub(crate) entry: String,
    pub(crate) kind: String,
    pub(crate) record: Result<(Instant, Side, Value), &'static str>,
}

impl Opened {
    fn read<A>(
        self,
        read: impl Fn(&str, &Value) -> Result<A, Refusal>,
    ) -> Result<Record<A>, (String, &'static str)> {
        let Self { entry, kind, record } = self;
        let read = record.and_then(|(at, by, act)| {
            let act = read(&kind, &act).map_err(|refusal| refusal.code)?;
            Ok((at, by, act))
        });
        match read {
            Ok((at, by, act)) => Ok(Record { id: entry, at, by, act }),
            Err(code) => Err((entry, code)),
        }
    }

    pub(crate) fn standard(self) -> Result<Record<StandardAct>, (String, &'static str)> {
        self.read(StandardAct::read)
    }

    pub(crate) fn assessment(self) -> Result<Record<AssessmentAct>, (String, &'static str)> {
        self.read(AssessmentAct::read)
    }
}

/// Returns the owner of the sealed members that a commitment names.
pub(crate) fn item_owner(commitment: &str) -> String {
    format!("cert/{commitment}")
}

/// Returns an instant of the hub's clock as records write it.
pub(crate) fn instant(at_ms: i64) -> Result<Instant, AppError> {
    Timestamp::from_millisecond(at_ms).map(Instant::from_timestamp).map_err(AppError::fault)
}

/// Returns the sides on which an actor may act.
pub(crate) fn sides(actor: &Actor) -> Vec<Side> {
    let side = |role: &Role| match role {
        Role::Assessor => Some(Side::Assessor),
        Role::Delegate => Some(Side::Subject),
        Role::Registrar => Some(Side::Registrar),
        Role::Administrator
        | Role::Auditor
        | Role::Authority
        | Role::Coordinator
        | Role::Finder
        | Role::Officer
        | Role::Reviewer
        | Role::Vendor => None,
    };
    actor.roles.iter().filter_map(side).collect()
}

impl Hub {
    /// Verifies a stored entry of a room of certification and opens its sealed members.
    pub(crate) async fn opened_record(
        &self,
        row: &comity_store::Entry,
    ) -> Result<Opened, AppError> {
        let (entry_id, payload) = self.opened(&row.envelope)?;
        let entry = Entry::parse(&payload).map_err(AppError::fault)?;
        let kind = entry.kind.as_str().to_owned();
        let record = match Body::read(&entry.body) {
            None => Err("record-malformed"),
            Some(body) => {
                let at_ms = i64::try_from(entry.at).map_err(AppError::fault)?;
                let at = body.at.map_or_else(|| instant(at_ms), Ok)?;
                let sealed = match &body.private {
                    None => Ok(Map::new()),
                    Some(commitment) => self.sealed_members(commitment).await?,
                };
                sealed.and_then(|sealed| {
                    let act = record::join(body.act, sealed).ok_or("record-malformed")?;
                    Ok((at, body.by, act))
                })
            }
        };
        Ok(Opened { entry: entry_id, kind, record })
    }

    /// Opens the sealed members that a commitment names.
    async fn sealed_members(
        &self,
        commitment: &str,
    ) -> Result<Result<Map<String, Value>, &'static str>, AppError> {
        let found = self.store().items(&item_owner(commitment), 1).await?.into_iter().next();
        let Some((item, key)) = found else { return Ok(Err("record-sealed")) };
        let Some(plain) = self.open_item(&item, key.as_ref()).await? else {
            return Ok(Err("record-shredded"));
        };
        match serde_json::from_slice(&plain) {
            Ok(Value::Object(members)) => Ok(Ok(members)),
            Ok(_) | Err(_) => Ok(Err("record-malformed")),
        }
    }

    /// Returns a standard's book as it is now, or not found.
    pub(crate) async fn book(&self, id: &str) -> Result<Arc<Kept<Book>>, AppError> {
        let cached = known(&self.cert_cache().books, id);
        let room = match &cached {
            Some(kept) => kept.room.clone(),
            None => self.store().cert_standard(id).await?.ok_or(AppError::NotFound)?.room_id,
        };
        if let Some(kept) = &cached
            && self.store().room_position(&room).await? == kept.position
        {
            return Ok(Arc::clone(kept));
        }
        let kept = Arc::new(self.fold_book(&room, cached.map(|kept| (*kept).clone())).await?);
        self.cert_cache().keep_book(id, Arc::clone(&kept));
        Ok(kept)
    }

    /// Folds a standard's room, from where it was folded to before.
    pub(crate) async fn fold_book(
        &self,
        room: &str,
        cached: Option<Kept<Book>>,
    ) -> Result<Kept<Book>, AppError> {
        let mut position = cached.as_ref().map_or(0, |kept| kept.position);
        let mut book = cached.map(|kept| kept.state);
        loop {
            let page = self.store().entries(room, position, PAGE_ROWS).await?;
            let Some(last) = page.last() else { break };
            position = last.position;
            for row in &page {
                match (self.opened_record(row).await?.standard(), &mut book) {
                    (Ok(record), Some(book)) => book.take(&record),
                    (Err((entry, code)), Some(book)) => book.reject(&entry, code),
                    (Ok(record), none) => {
                        *none = Some(Book::start(&record).map_err(|refusal| {
                            AppError::fault(format!(
                                "a standard's room starts badly: {}",
                                refusal.code
                            ))
                        })?);
                    }
                    (Err((_, code)), None) => return Err(AppError::fault(code)),
                }
            }
        }
        let state = book.ok_or(AppError::NotFound)?;
        Ok(Kept { room: room.to_owned(), position, state })
    }

    /// Returns an assessment's file with its standard's book, or not found.
    pub(crate) async fn file(
        &self,
        id: &str,
    ) -> Result<(Arc<Kept<Book>>, Arc<Kept<File>>), AppError> {
        let row = self.store().cert_assessment(id).await?.ok_or(AppError::NotFound)?;
        let book = self.book(&row.standard_id).await?;
        let cached = known(&self.cert_cache().files, id);
        if let Some(kept) = &cached
            && self.store().room_position(&kept.room).await? == kept.position
        {
            return Ok((book, Arc::clone(kept)));
        }
        let cached = cached.map(|kept| (*kept).clone());
        let kept = Arc::new(self.fold_file(&row.room_id, &book.state, cached).await?);
        self.cert_cache().keep_file(id, Arc::clone(&kept));
        Ok((book, kept))
    }

    /// Folds an assessment's room, from where it was folded to before.
    pub(crate) async fn fold_file(
        &self,
        room: &str,
        book: &Book,
        cached: Option<Kept<File>>,
    ) -> Result<Kept<File>, AppError> {
        let mut position = cached.as_ref().map_or(0, |kept| kept.position);
        let mut file = cached.map(|kept| kept.state);
        loop {
            let page = self.store().entries(room, position, PAGE_ROWS).await?;
            let Some(last) = page.last() else { break };
            position = last.position;
            for row in &page {
                match (self.opened_record(row).await?.assessment(), &mut file) {
                    (Ok(record), Some(file)) => file.take(book, &record),
                    (Err((entry, code)), Some(file)) => file.reject(&entry, code),
                    (Ok(record), none) => {
                        *none = Some(File::start(book, &record).map_err(|refusal| {
                            AppError::fault(format!(
                                "an assessment's room starts badly: {}",
                                refusal.code
                            ))
                        })?);
                    }
                    (Err((_, code)), None) => return Err(AppError::fault(code)),
                }
            }
        }
        let state = file.ok_or(AppError::NotFound)?;
        Ok(Kept { room: room.to_owned(), position, state })
    }
}
