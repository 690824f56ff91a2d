//! Sets of entries as files carry them: one a line, or a list in one document (section 9).
//!
//! Not here: signed envelopes, and public cases (`replay`).

use std::collections::BTreeMap;
use std::sync::Arc;

use comity_ledger::json::{self, Limits};
use serde_json::Value;

use super::Case;
use super::entry::{ENTRIES_MAX, Entry, unsigned_form};
use super::name::{CaseId, EntryId};
use crate::refusal::Refusal;

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
            match json::parse(bytes, &Limits::ENTRY) {
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
            match json::parse(&bytes, &Limits::ENTRY) {
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
    forms: BTreeMap<EntryId, Vec<u8>>,
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
        let form = unsigned_form(value);
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
