//! A dossier: an assessment with its standard's room and what was sealed of it, for anyone to check offline.
//!
//! One JSON object: `schema` `comity.dossier/1`, `assessment`, `rooms` {standard, assessment}, `export` (a
//! case export as text, JSON Lines) and `openings` by commitment {salt, content}. Signatures and chains are
//! checked by whoever reads the export; this module checks the rest: every opening fits its commitment,
//! both rooms fold, the score is what the report says, and every decision took the assessment as it stood.
//! Not here: the export's signatures (`comity-ledger`).

use std::collections::BTreeMap;

use comity_ledger::commitment;
use comity_ledger::digest::hex_32;
use comity_ledger::entry::Salt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::act::{Basis, StandardAct};
use super::book::Book;
use super::day::Instant;
use super::file::File;
use super::jurisdiction::JurisdictionUrn;
use super::procedure::Mark;
use super::record::{self, Body, Record};
use super::step::AssessmentAct;
use super::word::Recommendation;
use crate::refusal::Refusal;

/// What a dossier's `schema` says.
pub const SCHEMA: &str = "comity.dossier/1";
/// What commitments of sealed members are bound to.
pub const PURPOSE: &str = "compartment/cert";
/// Openings of one dossier at most.
pub const OPENINGS_MAX: usize = 100_000;

/// A dossier as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// [`SCHEMA`].
    pub schema: String,
    /// The assessment.
    pub assessment: String,
    /// The rooms: ids of their first entries.
    pub rooms: Rooms,
    /// The export: JSON Lines as text.
    pub export: String,
    /// Sealed members by commitment.
    pub openings: BTreeMap<String, Opening>,
}

/// The rooms of a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rooms {
    /// The standard's.
    pub standard: String,
    /// The assessment's.
    pub assessment: String,
}

/// What opens a commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// 32 bytes, hex.
    pub salt: String,
    /// The sealed members as they were sealed.
    pub content: String,
}

/// A signed entry, as far as a dossier needs it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Its room.
    pub room: String,
    /// Its kind.
    pub kind: String,
    /// The author's clock, milliseconds.
    pub at: i64,
    /// Its body.
    pub body: Map<String, Value>,
}

/// What a dossier shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The assessment.
    pub assessment: String,
    /// The standard.
    pub standard: String,
    /// Whom it is about.
    pub jurisdiction: JurisdictionUrn,
    /// How far the procedure went.
    pub mark: Mark,
    /// The hash of the final report.
    pub report: Option<String>,
    /// What the score recommends, computed again.
    pub recommendation: Option<Recommendation>,
    /// Statuses that were decided on this assessment.
    pub decisions: Vec<String>,
    /// Records of the standard's room whose sealed members are not in the dossier.
    pub withheld: u64,
    /// Records of the standard's room that count for nothing here.
    pub voids: u64,
}

impl Dossier {
    /// Reads a dossier.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        super::document::parse(bytes)?;
        let dossier: Self =
            serde_json::from_slice(bytes).map_err(|_| Refusal::new("dossier-malformed", ""))?;
        if dossier.schema != SCHEMA || dossier.openings.len() > OPENINGS_MAX {
            return Err(Refusal::new("dossier-malformed", "/schema"));
        }
        Ok(dossier)
    }

    /// Checks everything but signatures; `entries` are those of the export, in its order.
    pub fn check(&self, entries: &[Entry]) -> Result<Checked, Refusal> {
        let opened = self.open()?;
        let mut withheld = 0_u64;
        let mut book: Option<Book> = None;
        let mut decisions: Vec<(String, Basis, Instant)> = Vec::new();
        for entry in entries.iter().filter(|entry| entry.room == self.rooms.standard) {
            let Some(record) = read(entry, &opened, StandardAct::read)? else {
                withheld += 1;
                continue;
            };
            if let StandardAct::SetStatus(act) = &record.act
                && let Some(basis) = act.basis.clone().filter(|b| b.assessment == self.assessment)
            {
                decisions.push((act.event.clone(), basis, record.at));
            }
            match &mut book {
                Some(book) => book.take(&record),
                None => book = Some(Book::start(&record)?),
            }
        }
        let book = book.ok_or_else(|| Refusal::new("dossier-incomplete", "/rooms/standard"))?;
        let file = self.fold_file(entries, &opened, &book, withheld, &decisions)?;
        Ok(Checked {
            assessment: self.assessment.clone(),
            standard: book.standard().to_owned(),
            jurisdiction: file.applied.jurisdiction.clone(),
            mark: file.mark,
            report: file.report.as_ref().map(|(_, report)| report.sha256.clone()),
            recommendation: file.report.as_ref().and_then(|(_, report)| report.recommendation),
            decisions: decisions.into_iter().map(|(event, ..)| event).collect(),
            withheld,
            voids: u64::try_from(book.voids.len()).unwrap_or(u64::MAX),
        })
    }

    /// Folds the assessment, and compares what decisions took from it with what it said then.
    fn fold_file(
        &self,
        entries: &[Entry],
        opened: &BTreeMap<&str, Map<String, Value>>,
        book: &Book,
        withheld: u64,
        decisions: &[(String, Basis, Instant)],
    ) -> Result<File, Refusal> {
        let mut file: Option<File> = None;
        let mut matched = 0_usize;
        for entry in entries.iter().filter(|entry| entry.room == self.rooms.assessment) {
            let record = read(entry, opened, AssessmentAct::read)?
                .ok_or_else(|| Refusal::new("dossier-incomplete", "/openings"))?;
            let file = match &mut file {
                Some(file) => {
                    file.take(book, &record);
                    file
                }
                none => none.insert(File::start(book, &record)?),
            };
            for (event, basis, at) in decisions.iter().filter(|(_, b, _)| b.entry == file.head) {
                if *basis != file.basis(*at) {
                    return Err(
                        Refusal::new("dossier-basis-differs", "").with("event", event.as_str())
                    );
                }
                matched += 1;
            }
        }
        let file = file.ok_or_else(|| Refusal::new("dossier-incomplete", "/rooms/assessment"))?;
        if file.applied.assessment != self.assessment || matched != decisions.len() {
            return Err(Refusal::new("dossier-basis-differs", "/assessment"));
        }
        // What is withheld may be what a record rests on; without it every record counts.
        match file.voids.first().filter(|_| withheld == 0) {
            None => Ok(file),
            Some(void) => Err(Refusal::new("dossier-void-record", "")
                .with("entry", void.entry.as_str())
                .with("why", void.code)),
        }
    }

    /// Checks every opening against its commitment.
    fn open(&self) -> Result<BTreeMap<&str, Map<String, Value>>, Refusal> {
        let mut opened = BTreeMap::new();
        for (name, opening) in &self.openings {
            let wrong = || Refusal::new("opening-wrong", format!("/openings/{name}"));
            let salt = Salt::from_bytes(hex_32(&opening.salt).map_err(|_| wrong())?);
            let found = commitment::commit(PURPOSE, &salt, opening.content.as_bytes());
            if found.to_string() != *name {
                return Err(wrong());
            }
            match serde_json::from_str(&opening.content) {
                Ok(Value::Object(members)) => opened.insert(name.as_str(), members),
                Ok(_) | Err(_) => return Err(wrong()),
            };
        }
        Ok(opened)
    }
}

/// Reads an entry's record; none if its sealed members are not there.
fn read<A>(
    entry: &Entry,
    opened: &BTreeMap<&str, Map<String, Value>>,
    read: impl Fn(&str, &Value) -> Result<A, Refusal>,
) -> Result<Option<Record<A>>, Refusal> {
    let malformed = || Refusal::new("record-malformed", "").with("entry", entry.id.as_str());
    let body = Body::read(&entry.body).ok_or_else(malformed)?;
    let sealed = match &body.private {
        None => Map::new(),
        Some(commitment) => match opened.get(commitment.as_str()) {
            None => return Ok(None),
            Some(members) => members.clone(),
        },
    };
    let at = match body.at {
        Some(at) => at,
        None => jiff::Timestamp::from_millisecond(entry.at)
            .map(Instant::from_timestamp)
            .map_err(|_| malformed())?,
    };
    let act = record::join(body.act, sealed).ok_or_else(malformed)?;
    let act = read(&entry.kind, &act).map_err(|_| malformed())?;
    Ok(Some(Record { id: entry.id.clone(), at, by: body.by, act }))
}
