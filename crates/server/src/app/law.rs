//! The law side of cases: facts that people state, duties that follow, the editions of packs they rest on.
//!
//! `core::law` computes; this module keeps what was stated, sealed, and pins each case to the editions it
//! was answered under. Not here: agreements between hubs, and rules.

mod answers;
mod changes;
mod facts;
mod filings;
mod packets;
mod shelf;

use std::sync::Arc;

use comity_core::law::docket::{Docket, Record, Statement};
use comity_core::law::facts::CaseFacts;
use comity_core::law::refused::Refused;
use comity_core::law::time::Instant;
use comity_core::refusal::Refusal;
use comity_ledger::entry::Entry;
use comity_ledger::seal;
use comity_ledger::secret::Binding;
use comity_store::{CaseLaw, Rows};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::cases::{COORDINATION, CaseFile};
use super::{AppError, Hub, Said, object};
use crate::rng::OsRandom;

pub use answers::{CaseDuties, DutySaid, InviteForm, PackRow, PacksRead};
pub use changes::{AdoptForm, CaseChange, PAGE_CASES, PackChange, PackChanges};
pub use facts::{FactsForm, FactsRead, RecordRead};
pub use filings::{CaseFileRead, DutyForm, FilingForm};
pub(crate) use shelf::Shelf;
pub use shelf::{Editions, Pin};

/// The entry that carries the commitment of one statement.
pub(crate) const RECORD: &str = "fact.record";
/// The entry that names the editions a case is answered under.
pub(crate) const PIN: &str = "packs.pin";
/// The entry that carries the commitment of a file of the case.
pub(crate) const FILE: &str = "file.kept";
/// The compartment of what is stated.
pub(crate) const COMPARTMENT: &str = "law";
/// Entries read from the store at once.
const PAGE_ROWS: u32 = 1000;

/// The editions a case is answered under, and who said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pinned {
    /// The digest of the set.
    pub set: String,
    /// When.
    pub at: jiff::Timestamp,
    /// The account; the hub itself at the opening.
    pub by: String,
    /// Each pack with version and digest.
    pub packs: Vec<Pin>,
}

/// The law side of a case as this hub holds it.
#[derive(Clone, Debug)]
pub(crate) struct LawFile {
    /// What was stated, in order of arrival.
    pub(crate) records: Vec<Record>,
    /// The files that prove what was filed.
    pub(crate) files: Vec<Kept>,
    /// The newest pin; none for a case that was opened before there were any.
    pub(crate) pinned: Option<Pinned>,
    /// The packs to answer with.
    pub(crate) packs: Arc<Editions>,
    /// Whether the pinned editions are gone, so that the current ones answer in their place.
    pub(crate) is_pin_lost: bool,
    /// The position of the newest entry of `coordination` that was read.
    pub(crate) position: i64,
}

/// A file of a case, as its entry names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The commitment to its name, length and hash.
    pub(crate) commitment: String,
    /// Whose people kept it.
    pub(crate) organisation: String,
}

/// What lies sealed behind a record's commitment.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    by: String,
    organisation: String,
    statement: Statement,
}

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        Self::Refused(vec![refusal(&refused, refused.place.clone())])
    }
}

/// Says in one of our refusals what the engine refused. Its message names what was wrong, in English.
pub(crate) fn refusal(refused: &Refused, pointer: String) -> Refusal {
    Refusal::new(refused.code.as_str(), pointer).with("message", refused.message.clone())
}

/// Returns the instant of milliseconds, as law counts: to the second.
pub(crate) fn instant_of(ms: i64) -> Instant {
    Instant::from_unix(ms.div_euclid(1000)).unwrap_or(Instant::MAX)
}

impl CaseFile {
    /// Returns the case as the engine's facts are made from.
    pub(crate) fn docket<'a>(&'a self, hub: &'a str, records: &'a [Record]) -> Docket<'a> {
        Docket { case: &self.case, records, received_at: self.received_at, hub, agreements: &[] }
    }
}

impl Hub {
    /// Returns the facts of a case: what people stated, and what follows from its entries.
    pub(crate) fn case_facts(&self, file: &CaseFile) -> Result<CaseFacts, AppError> {
        let agreements = self.agreements_of(file);
        let docket = file.docket(&self.config().hub, &file.law.records);
        let docket = Docket { agreements: &agreements, ..docket };
        let now = file.case.greatest_at().max(self.now_ms());
        Ok(docket.facts(file.law.packs.set(), now)?)
    }

    /// Returns the facts of a case as a document that `comity duties --facts` takes.
    pub(crate) fn case_facts_document(&self, file: &CaseFile) -> Value {
        let agreements = self.agreements_of(file);
        let docket = file.docket(&self.config().hub, &file.law.records);
        let docket = Docket { agreements: &agreements, ..docket };
        docket.document(file.law.packs.set(), file.case.greatest_at().max(self.now_ms()))
    }

    /// Reads the law side of a case, from the beginning or after what was read before.
    pub(crate) async fn law_file(
        &self,
        case: &str,
        coordination: &str,
        before: Option<&LawFile>,
    ) -> Result<LawFile, AppError> {
        let mut records = before.map(|file| file.records.clone()).unwrap_or_default();
        let mut files = before.map(|file| file.files.clone()).unwrap_or_default();
        let mut pinned = before.and_then(|file| file.pinned.clone());
        let mut position = before.map_or(0, |file| file.position);
        loop {
            let page = self.store().entries(coordination, position, PAGE_ROWS).await?;
            let Some(last) = page.last() else { break };
            position = last.position;
            for row in page.iter().filter(|row| [RECORD, PIN, FILE].contains(&row.kind.as_str())) {
                let (id, payload) = self.opened(&row.envelope)?;
                let entry = Entry::parse(&payload).map_err(AppError::fault)?;
                match entry.kind.as_str() {
                    PIN => pinned = pin_of(&entry).or(pinned),
                    FILE => files.extend(kept_of(&entry)),
                    _ => records.extend(self.record_of(case, id, &entry).await?),
                }
            }
        }
        let digest = pinned.as_ref().map(|pinned| pinned.set.clone());
        let found = match &digest {
            None => Some(self.editions()?),
            Some(digest) => self.editions_of(digest).await?,
        };
        let is_pin_lost = found.is_none();
        let packs = match found {
            Some(packs) => packs,
            None => self.editions()?,
        };
        Ok(LawFile { records, files, pinned, packs, is_pin_lost, position })
    }

    /// Opens one record; none if its content was shredded.
    async fn record_of(
        &self,
        case: &str,
        id: String,
        entry: &Entry,
    ) -> Result<Option<Record>, AppError> {
        let text = |key: &str| entry.body.get(key).and_then(Value::as_str);
        let commitment = text("commitment").ok_or_else(|| AppError::fault("a record is empty"))?;
        let (item, key) = self.case_item(case, commitment).await?;
        let Some(plain) = self.open_item(&item, key.as_ref()).await? else { return Ok(None) };
        // What was stated must not reach a log through an error.
        let sealed: Sealed = serde_json::from_slice(&plain)
            .map_err(|_| AppError::fault("a sealed statement does not hold"))?;
        Ok(Some(Record {
            id,
            of: text("of").map(str::to_owned),
            at: i64::try_from(entry.at).map_err(AppError::fault)?,
            by: sealed.by,
            organisation: sealed.organisation,
            statement: sealed.statement,
        }))
    }

    /// Returns the entry that pins a case to a set of editions.
    pub(crate) fn pin_said<'a>(&'a self, case: &'a str, editions: &Editions, by: &str) -> Said<'a> {
        Said {
            case,
            kind: PIN,
            area: "protocol",
            party: &self.config().hub,
            body: pin_body(editions, by),
            at: self.now_ms(),
        }
    }

    /// Adds the law side of a case to its read models, sealed.
    pub(crate) fn project_law(&self, file: &CaseFile, is_open: bool, rows: &mut Rows) {
        let set = file.law.pinned.as_ref().map(|p| p.set.as_str()).unwrap_or_default();
        let document = self.case_facts_document(file);
        // Sealing fails only for lengths that facts never have.
        if let Ok(row) = self.case_law_row(file.case.id().as_str(), set, &document, is_open) {
            rows.put(row);
        }
    }

    /// Returns the read model of a case's law side: the facts, sealed, and the set of editions it is under.
    pub fn case_law_row(
        &self,
        case: &str,
        set: &str,
        facts: &Value,
        is_open: bool,
    ) -> Result<CaseLaw, AppError> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(facts).map_err(AppError::fault)?);
        let facts = seal::seal(self.law_key(), law_binding(case), &plain, &mut OsRandom)
            .map_err(AppError::fault)?;
        Ok(CaseLaw {
            case_id: case.to_owned(),
            set_sha256: set.to_owned(),
            is_open: i64::from(is_open),
            facts,
            updated_at: self.now_ms(),
        })
    }

    /// Keeps the current editions byte for byte and returns the digest of their set.
    pub async fn keep_packs(&self) -> Result<String, AppError> {
        Ok(self.keep_editions().await?.digest().to_owned())
    }

    /// Writes the read models of every case again with what was stated of its law.
    pub(crate) async fn rebuild_law(&self) -> Result<(), AppError> {
        let mut after = String::new();
        loop {
            let page = self.store().rooms_of_kind(COORDINATION, &after, PAGE_ROWS).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.room_id);
            for case in page.iter().filter_map(|room| room.case_id.as_deref()) {
                let file = self.case_file(case).await?;
                let mut rows = Rows::new();
                self.project(&file, &mut rows);
                self.store().write(rows).await?;
            }
        }
    }

    /// Returns the nearest target of a live duty, milliseconds; none for a case nobody stated anything of.
    pub(crate) fn next_duty(&self, file: &CaseFile) -> Option<i64> {
        if file.law.records.is_empty() {
            return None;
        }
        let facts = self.case_facts(file).ok()?;
        let at = instant_of(self.now_ms());
        let found = comity_core::law::output::evaluate(file.law.packs.set(), &facts, at).ok()?;
        let live = found.duties.list.iter().filter(|duty| duty.binds());
        live.filter_map(|duty| duty.dates.target).map(|at| at.unix().saturating_mul(1000)).min()
    }
}

/// What the sealed facts of a case's read model are bound to.
pub(crate) fn law_binding(case: &str) -> Binding<'_> {
    Binding { room: "case-law", item: case }
}

fn pin_body(editions: &Editions, by: &str) -> Map<String, Value> {
    object(json!({ "by": by, "set": editions.digest(), "packs": editions.pins() }))
}

fn kept_of(entry: &Entry) -> Option<Kept> {
    let text = |key: &str| entry.body.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Kept { commitment: text("commitment")?, organisation: text("organisation")? })
}

fn pin_of(entry: &Entry) -> Option<Pinned> {
    let text = |key: &str| entry.body.get(key).and_then(Value::as_str).map(str::to_owned);
    let packs = entry.body.get("packs")?.clone();
    Some(Pinned {
        set: text("set")?,
        at: jiff::Timestamp::from_millisecond(i64::try_from(entry.at).ok()?).ok()?,
        by: text("by")?,
        packs: serde_json::from_value(packs).ok()?,
    })
}

impl LawFile {
    /// Returns the law side of a case that is being opened.
    pub(crate) fn opened(packs: Arc<Editions>, by: &str, at: i64) -> Self {
        Self {
            records: Vec::new(),
            files: Vec::new(),
            pinned: Some(Pinned {
                set: packs.digest().to_owned(),
                at: super::reports::instant(at),
                by: by.to_owned(),
                packs: packs.pins().to_vec(),
            }),
            packs,
            is_pin_lost: false,
            // The room's own first entry, then the pin.
            position: 2,
        }
    }
}
