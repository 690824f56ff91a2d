//! One import: counts, duplicates, order and the `comity.import/1` document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::document::{self, Document};
use super::{Converted, Format, RECORDS_MAX, Rejection, Terms, convert};

/// Collects what comes of the records of one import.
///
/// Files are given in the order of their path bytes, lines in order; the output keeps that order.
#[derive(Debug)]
pub struct Run<'t> {
    format: Format,
    terms: &'t Terms<'t>,
    with_reports: bool,
    files: u64,
    last_file: Option<String>,
    read: u64,
    flagged: u64,
    accepted: BTreeSet<String>,
    by_kind: BTreeMap<String, u64>,
    flags: BTreeMap<&'static str, u64>,
    rejected: Vec<Value>,
    reports: Vec<Value>,
    loss: Vec<(String, &'static str)>,
}

/// Where a record stands.
#[derive(Clone, Copy)]
struct Place<'f> {
    file: &'f str,
    line: u64,
    index: Option<usize>,
}

/// What came of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The `comity.import/1` document.
    pub document: Value,
    /// Files that held a record.
    pub files: u64,
    /// Records read.
    pub read: u64,
    /// Records that became reports.
    pub accepted: u64,
    /// Records that did not.
    pub rejected: u64,
    /// Reports with at least one flag.
    pub flagged: u64,
}

impl Imported {
    /// Says whether nothing was accepted although something was there (exit 2).
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.accepted == 0 && self.rejected > 0
    }
}

impl<'t> Run<'t> {
    /// Starts an import; without reports only counts, flags and rejections are kept.
    #[must_use]
    pub fn new(format: Format, terms: &'t Terms<'t>, with_reports: bool) -> Self {
        Self {
            format,
            terms,
            with_reports,
            files: 0,
            last_file: None,
            read: 0,
            flagged: 0,
            accepted: BTreeSet::new(),
            by_kind: BTreeMap::new(),
            flags: BTreeMap::new(),
            rejected: Vec::new(),
            reports: Vec::new(),
            loss: Vec::new(),
        }
    }

    /// Takes one line of a JSON Lines file; lines count from 1, blank ones hold no record.
    pub fn line(&mut self, file: &str, line: u64, bytes: &[u8]) {
        let bytes = if line == 1 { document::without_mark(bytes) } else { bytes };
        if !bytes.trim_ascii().is_empty() {
            self.take(Place { file, line, index: None }, document::record(bytes));
        }
    }

    /// Takes a line, or a whole document, that is too large to be held.
    pub fn too_large(&mut self, file: &str, line: u64) {
        self.take(Place { file, line, index: None }, Err(Rejection::RecordTooLarge));
    }

    /// Takes a `.json` document: one record or an array of them.
    pub fn document(&mut self, file: &str, bytes: &[u8]) {
        let place = Place { file, line: 1, index: None };
        match document::split(bytes) {
            Err(rejection) => self.take(place, Err(rejection)),
            Ok(Document::One(bytes)) => self.take(place, document::record(bytes)),
            Ok(Document::Array(members)) => {
                for (index, bytes) in members.into_iter().enumerate() {
                    let place = Place { index: Some(index), ..place };
                    self.take(place, document::record(bytes));
                }
            }
        }
    }

    /// Takes bytes whose name does not tell: one document if they are one, else lines.
    pub fn unnamed(&mut self, file: &str, bytes: &[u8]) {
        if document::is_one(bytes) {
            return self.document(file, bytes);
        }
        for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            self.line(file, line, bytes);
        }
    }

    /// Returns the number of records read so far.
    #[must_use]
    pub const fn records_read(&self) -> u64 {
        self.read
    }

    /// Says whether no further record may be read.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.read >= RECORDS_MAX
    }

    fn take(&mut self, place: Place<'_>, value: Result<Value, Rejection>) {
        if self.is_full() {
            return;
        }
        self.read += 1;
        if self.last_file.as_deref() != Some(place.file) {
            self.files += 1;
            self.last_file = Some(place.file.to_owned());
        }
        match value.and_then(|value| convert(self.format, self.terms, &value)) {
            Err(rejection) => self.reject(place, rejection, None),
            Ok(converted) if self.accepted.contains(&converted.record) => {
                self.reject(place, Rejection::DuplicateRecord, Some(&converted.record));
            }
            Ok(converted) => self.accept(converted),
        }
    }

    fn accept(&mut self, converted: Converted) {
        let kind = converted.report.get("kind").and_then(Value::as_str).unwrap_or_default();
        *self.by_kind.entry(kind.to_owned()).or_default() += 1;
        for flag in &converted.flags {
            *self.flags.entry(flag.code()).or_default() += 1;
        }
        self.flagged += u64::from(!converted.flags.is_empty());
        self.accepted.insert(converted.record);
        if self.read == 1 {
            self.loss = converted.loss;
        }
        if self.with_reports {
            self.reports.push(converted.report);
        }
    }

    fn reject(&mut self, place: Place<'_>, rejection: Rejection, record: Option<&str>) {
        self.rejected.push(json!({
            "file": place.file,
            "line": place.line,
            "index": place.index,
            "record": record,
            "code": rejection.code(),
            "reason": rejection.to_string(),
        }));
    }

    /// Ends the import.
    #[must_use]
    pub fn finish(self) -> Imported {
        let accepted = u64::try_from(self.accepted.len()).unwrap_or(u64::MAX);
        let rejected = u64::try_from(self.rejected.len()).unwrap_or(u64::MAX);
        let mut document = json!({
            "schema": "comity.import/1",
            "format": self.format.name(),
            "lexicon": self.terms.version(),
            "counts": {
                "files": self.files,
                "read": self.read,
                "accepted": accepted,
                "rejected": rejected,
                "flagged": self.flagged,
            },
            "by_kind": self.by_kind,
            "flags": self.flags,
        });
        if let Some(members) = document.as_object_mut() {
            members.insert("rejected".to_owned(), Value::Array(self.rejected));
            if self.with_reports {
                members.insert("reports".to_owned(), Value::Array(self.reports));
            }
            if self.read == 1 {
                let loss = self.loss.into_iter();
                let loss = loss.map(|(path, reason)| json!({"path": path, "reason": reason}));
                members.insert("loss".to_owned(), loss.collect());
            }
        }
        let (files, read, flagged) = (self.files, self.read, self.flagged);
        Imported { document, files, read, accepted, rejected, flagged }
    }
}
