//! Reading TOML tables with positions: every fault becomes a finding, none is passed over in silence.
//!
//! Not here: the pack format itself (`read`).

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Place;
use crate::law::refused::{Code, Refused};
use crate::law::time::Instant;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The pack must not be used.
    Error,
    /// Somebody should look.
    Warning,
    /// Good to know.
    Info,
}

/// One finding about a pack (`lint-codes.json`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `PL-01` to `PL-17`.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The rule it is about.
    pub rule: Option<String>,
    /// Where in the file.
    pub place: Place,
    /// For a person.
    pub message: String,
}

impl Finding {
    /// Returns an error.
    pub fn error(
        code: &'static str,
        rule: Option<&str>,
        place: Place,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            rule: rule.map(str::to_owned),
            place,
            message: message.into(),
        }
    }

    /// Returns the same finding with another severity.
    #[must_use]
    pub fn as_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Says whether a pack with this finding cannot be evaluated at all.
    #[must_use]
    pub fn blocks(&self) -> bool {
        // Age, signatures and worked cases are for whoever decides to use a pack; an overlay whose
        // rule is not loaded, or that counts longer, moves nothing because targets only move forward.
        let judged_elsewhere = matches!(self.code, "PL-05" | "PL-09" | "PL-10" | "PL-11" | "PL-12");
        self.severity == Severity::Error && !judged_elsewhere
    }

    /// Returns the refusal of a pack that has this finding.
    #[must_use]
    pub fn refusal(&self, file: &str) -> Refused {
        let Place { line, column } = self.place;
        let place = format!("{file}:{line}:{column}");
        Refused::new(Code::Pack, place, format!("{}: {}", self.code, self.message))
    }
}

/// The file being read and what was found in it.
pub(super) struct File<'i> {
    text: &'i str,
    pub(super) findings: RefCell<Vec<Finding>>,
    /// Byte offsets of the line starts.
    lines: Vec<usize>,
}

impl<'i> File<'i> {
    pub(super) fn new(text: &'i str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Self { text, findings: RefCell::default(), lines }
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |t| t.chars().count()) + 1;
        Place { line, column }
    }

    pub(super) fn report(
        &self,
        code: &'static str,
        rule: Option<&str>,
        offset: usize,
        message: impl Into<String>,
    ) {
        let finding = Finding::error(code, rule, self.place(offset), message);
        self.findings.borrow_mut().push(finding);
    }
}

/// A text with its place.
pub(super) struct Text<'t> {
    pub(super) value: &'t str,
    pub(super) offset: usize,
}

/// One table, which remembers what was asked for so that the rest can be called unknown.
pub(super) struct Table<'f, 't, 'i> {
    pub(super) file: &'f File<'i>,
    pub(super) rule: Option<&'t str>,
    entries: &'t DeTable<'i>,
    pub(super) span: Range<usize>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'f, 't, 'i> Table<'f, 't, 'i> {
    pub(super) fn new(
        file: &'f File<'i>,
        rule: Option<&'t str>,
        table: &'t DeTable<'i>,
        span: Range<usize>,
    ) -> Self {
        Self { file, rule, entries: table, span, asked: RefCell::default() }
    }

    pub(super) fn offset(&self) -> usize {
        self.span.start
    }

    pub(super) fn report(&self, code: &'static str, offset: usize, message: impl Into<String>) {
        self.file.report(code, self.rule, offset, message);
    }

    fn get(&self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.asked.borrow_mut().insert(key);
        self.entries.get(key)
    }

    pub(super) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Returns the place of the value of a key, else of the table.
    pub(super) fn offset_of(&self, key: &'static str) -> usize {
        self.get(key).map_or(self.offset(), |v| v.span().start)
    }

    fn typed<T>(
        &self,
        key: &'static str,
        what: &str,
        read: impl FnOnce(&'t DeValue<'i>) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(key)?;
        let read = read(value.get_ref());
        if read.is_none() {
            self.report("PL-01", value.span().start, format!("{key} is {what}"));
        }
        read
    }

    fn missing(&self, key: &'static str) {
        self.report("PL-01", self.offset(), format!("{key} is missing"));
    }

    pub(super) fn text(&self, key: &'static str) -> Option<Text<'t>> {
        let offset = self.offset_of(key);
        let value = self.typed(key, "a text", DeValue::as_str)?;
        Some(Text { value, offset })
    }

    pub(super) fn required(&self, key: &'static str) -> Option<Text<'t>> {
        if !self.has(key) {
            self.missing(key);
        }
        self.text(key)
    }

    pub(super) fn string(&self, key: &'static str) -> Option<String> {
        self.text(key).map(|t| t.value.to_owned())
    }

    pub(super) fn required_string(&self, key: &'static str) -> Option<String> {
        self.required(key).map(|t| t.value.to_owned())
    }

    pub(super) fn flag(&self, key: &'static str) -> bool {
        self.typed(key, "true or false", DeValue::as_bool).unwrap_or(false)
    }

    /// Returns the value of an enumeration; another word is a fault of shape.
    pub(super) fn word<T>(&self, key: &'static str, parse: fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(key)?;
        let word = parse(text.value);
        if word.is_none() {
            self.report("PL-01", text.offset, format!("{key} is never {:?}", text.value));
        }
        word
    }

    pub(super) fn required_word<T>(
        &self,
        key: &'static str,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing(key);
        }
        self.word(key, parse)
    }

    pub(super) fn date(&self, key: &'static str) -> Option<Date> {
        self.typed(key, "a date", |value| {
            let found = value.as_datetime()?;
            if found.time.is_some() { None } else { civil(found.date?) }
        })
    }

    pub(super) fn instant(&self, key: &'static str) -> Option<Instant> {
        self.typed(key, "an instant with Z or an offset", |value| {
            Instant::parse(&value.as_datetime()?.to_string())
        })
    }

    /// Returns the texts of an array.
    pub(super) fn texts(&self, key: &'static str) -> Vec<Text<'t>> {
        let items = self.typed(key, "a list of texts", DeValue::as_array);
        let mut found = Vec::new();
        for item in items.into_iter().flat_map(|a| a.iter()) {
            match item.get_ref().as_str() {
                Some(value) => found.push(Text { value, offset: item.span().start }),
                None => self.report("PL-01", item.span().start, format!("{key} holds texts only")),
            }
        }
        found
    }

    pub(super) fn strings(&self, key: &'static str) -> Vec<String> {
        self.texts(key).into_iter().map(|t| t.value.to_owned()).collect()
    }

    pub(super) fn is_array(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|v| v.get_ref().is_array())
    }

    pub(super) fn is_text(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|v| v.get_ref().is_str())
    }

    pub(super) fn table(&self, key: &'static str) -> Option<Table<'f, 't, 'i>> {
        let span = self.get(key)?.span();
        let table = self.typed(key, "a table", DeValue::as_table)?;
        Some(Table::new(self.file, self.rule, table, span))
    }

    /// Returns the tables of an array of tables.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Table<'f, 't, 'i>> {
        let items = self.typed(key, "a list of tables", DeValue::as_array);
        let mut found = Vec::new();
        for item in items.into_iter().flat_map(|a| a.iter()) {
            match item.get_ref().as_table() {
                Some(table) => found.push(Table::new(self.file, self.rule, table, item.span())),
                None => self.report("PL-01", item.span().start, format!("{key} holds tables only")),
            }
        }
        found
    }

    /// Accepts keys that are for readers alone.
    pub(super) fn allow(&self, keys: &[&'static str]) {
        self.asked.borrow_mut().extend(keys);
    }

    /// Reports every key nobody asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for key in self.entries.keys() {
            if !asked.contains(key.get_ref().as_ref()) {
                let message = format!("unknown key {}", key.get_ref());
                self.report("PL-01", key.span().start, message);
            }
        }
    }

    /// Returns the keys that the table has.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'t str, usize)> {
        self.entries.keys().map(|k| (k.get_ref().as_ref(), k.span().start))
    }
}

fn civil(date: toml::value::Date) -> Option<Date> {
    let year = i16::try_from(date.year).ok()?;
    Date::new(year, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()
}
