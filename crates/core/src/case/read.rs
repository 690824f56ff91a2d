//! Sets of entries as files carry them: one a line, or a list in one document (section 9).
//!
//! Not here: signed envelopes, and public cases (`replay`).

use std::collections::BTreeMap;
use std::sync::Arc;

use comity_ledger::json::{self, Limits};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Case;
use super::entry::{ENTRIES_MAX, Entry, unsigned_form};
use super::name::{CaseId, EntryId};
use super::public_case::PublicCase;
use super::replay::{self, Replay};
use crate::refusal::Refusal;

/// A file of entries or public cases: many, each within its own limits.
const FILE_LIMITS: Limits =
    Limits { bytes_max: 1 << 30, depth_max: 32, keys_max: 4096, floats: true };

/// An unsigned entry: a number out of range is for the body to refuse, and the fold is total (CP-12).
const LINE_LIMITS: Limits = Limits { floats: true, ..Limits::ENTRY };

/// The entries of one case, each id once.
#[derive(Clone, Debug)]
pub struct EntrySet {
    case: CaseId,
    entries: Vec<Arc<Entry>>,
}

impl EntrySet {
    /// Reads JSON lines; blank lines are passed over. A pointer is `/LINE`, from 0.
    pub fn read_lines(bytes: &[u8]) -> Result<Self, Vec<Refusal>> {
        let mut reader = Reader::default();
        for (line, bytes) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let pointer = format!("/{line}");
            match json::parse(bytes, &LINE_LIMITS) {
                Ok(value) => reader.add(&value, pointer),
                Err(_) => reader.refuse("entry-malformed", pointer),
            }
        }
        reader.finish("")
    }

    /// Reads the member `entries` of a document. A pointer is `/entries/INDEX`.
    pub fn read_list(entries: &[Value]) -> Result<Self, Vec<Refusal>> {
        let mut reader = Reader::default();
        for (index, value) in entries.iter().enumerate() {
            let pointer = format!("/entries/{index}");
            // A line of its own would have been measured and checked like this.
            let bytes = serde_json::to_vec(value).unwrap_or_default();
            match json::parse(&bytes, &LINE_LIMITS) {
                Ok(value) => reader.add(&value, pointer),
                Err(_) => reader.refuse("entry-malformed", pointer),
            }
        }
        reader.finish("/entries")
    }

    /// Returns the case of all entries.
    #[must_use]
    pub fn case(&self) -> &CaseId {
        &self.case
    }

    /// Returns the entries, in the order read.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Folds them.
    #[must_use]
    pub fn fold(&self) -> Case {
        Case::fold(self.case.clone(), self.entries.iter().cloned())
    }
}

#[derive(Default)]
struct Reader {
    case: Option<CaseId>,
    entries: Vec<Arc<Entry>>,
    /// Digests of the unsigned forms.
    forms: BTreeMap<EntryId, [u8; 32]>,
    refusals: Vec<Refusal>,
}

impl Reader {
    fn refuse(&mut self, code: &'static str, pointer: String) {
        self.refusals.push(Refusal::new(code, pointer));
    }

    fn add(&mut self, value: &Value, pointer: String) {
        let Ok(entry) = Entry::read(value) else {
            return self.refuse("entry-malformed", pointer);
        };
        if self.case.get_or_insert_with(|| entry.case.clone()) != &entry.case {
            return self.refuse("mixed-cases", pointer);
        }
        let form: [u8; 32] = Sha256::digest(unsigned_form(value)).into();
        match self.forms.get(&entry.id) {
            Some(known) if *known == form => {}
            Some(_) => self.refuse("entry-id-conflict", pointer),
            None => {
                self.forms.insert(entry.id.clone(), form);
                self.entries.push(Arc::new(entry));
            }
        }
    }

    fn finish(mut self, whole: &str) -> Result<EntrySet, Vec<Refusal>> {
        if self.entries.len() > ENTRIES_MAX {
            self.refuse("too-many-entries", whole.to_owned());
        }
        if self.refusals.is_empty() && self.entries.is_empty() {
            self.refuse("no-entries", whole.to_owned());
        }
        match self.case {
            Some(case) if self.refusals.is_empty() => Ok(EntrySet { case, entries: self.entries }),
            _ => {
                crate::refusal::sort(&mut self.refusals);
                Err(self.refusals)
            }
        }
    }
}

/// What a file for `comity case replay` holds.
#[derive(Clone, Debug)]
pub enum ReplayFile {
    /// Entries.
    Entries(EntrySet),
    /// A public case.
    Public(PublicCase),
}

impl ReplayFile {
    /// Reads `{"entries":[…]}`, a public case, or a file of them of which `case` names one.
    pub fn read(bytes: &[u8], case: Option<&str>) -> Result<Self, Vec<Refusal>> {
        let one = |code| vec![Refusal::new(code, "")];
        let value = json::parse(bytes, &FILE_LIMITS).map_err(|_| one("entry-malformed"))?;
        let file = value.as_object().ok_or_else(|| one("entry-malformed"))?;
        let is_named = |id: &str| case.is_none_or(|case| case == id);
        if let Some(entries) = file.get("entries") {
            let entries = entries.as_array();
            let entries =
                entries.ok_or_else(|| vec![Refusal::new("entry-malformed", "/entries")])?;
            let set = EntrySet::read_list(entries)?;
            let found = is_named(set.case().as_str());
            return if found { Ok(Self::Entries(set)) } else { Err(one("no-such-case")) };
        }
        if let Some(cases) = file.get("cases") {
            let cases = cases.as_array();
            let cases = cases.ok_or_else(|| vec![Refusal::new("entry-malformed", "/cases")])?;
            let case = case.ok_or_else(|| one("case-required"))?;
            let is_it = |item: &&Value| item.get("id").and_then(Value::as_str) == Some(case);
            let item = cases.iter().find(is_it).and_then(Value::as_object);
            let item = item.ok_or_else(|| one("no-such-case"))?;
            return PublicCase::read(item).map(Self::Public).map_err(|refusal| vec![refusal]);
        }
        let public = PublicCase::read(file).map_err(|refusal| vec![refusal])?;
        if is_named(&public.id) { Ok(Self::Public(public)) } else { Err(one("no-such-case")) }
    }

    /// Folds what the file tells; `None` as replay for entries.
    pub fn fold(&self) -> Result<(Case, Option<Replay>), Vec<Refusal>> {
        match self {
            Self::Entries(set) => Ok((set.fold(), None)),
            Self::Public(public) => {
                let replayed = replay::replay(public)?;
                Ok((Case::fold(replayed.case, replayed.entries), Some(replayed.replay)))
            }
        }
    }
}
