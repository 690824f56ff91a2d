//! Reading untyped foreign values: whatever stands there, something sensible comes out, and what
//! was taken, cut or not understood is remembered for the flags and the loss list.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::record::Flag;

/// What became of a value of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Of another type or shape than the format allows.
    NotUnderstood,
    /// Cut or left out for its length.
    TooLong,
    /// Carried into the report.
    Used,
    /// Left out on purpose: prohibited material.
    Withheld,
}

/// Collects flags and marks while one record is read.
///
/// Values are told apart by address; they are borrowed for as long as the reader lives, so an
/// address stands for one value only.
#[derive(Debug, Default)]
pub(super) struct Reader<'a> {
    marks: RefCell<BTreeMap<*const Value, Mark>>,
    flags: RefCell<BTreeSet<Flag>>,
    record: std::marker::PhantomData<&'a Value>,
}

/// Says whether a value states nothing.
pub(super) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

impl<'a> Reader<'a> {
    /// Raises a flag.
    pub(super) fn flag(&self, flag: Flag) {
        self.flags.borrow_mut().insert(flag);
    }

    /// Remembers what became of a value; a fault is not overwritten by use.
    pub(super) fn mark(&self, value: &'a Value, mark: Mark) {
        let mut marks = self.marks.borrow_mut();
        let known = marks.entry(std::ptr::from_ref(value)).or_insert(mark);
        if mark != Mark::Used {
            *known = mark;
        }
    }

    /// Takes a mark back: the value was looked at and has no place.
    pub(super) fn forget(&self, value: &Value) {
        self.marks.borrow_mut().remove(&std::ptr::from_ref(value));
    }

    /// Returns what became of a value.
    pub(super) fn fate(&self, value: &Value) -> Option<Mark> {
        self.marks.borrow().get(&std::ptr::from_ref(value)).copied()
    }

    /// Returns the flags raised, sorted by code.
    pub(super) fn into_flags(self) -> Vec<Flag> {
        let mut flags: Vec<Flag> = self.flags.into_inner().into_iter().collect();
        flags.sort_by_key(|flag| flag.code());
        flags
    }

    /// Returns the text of a string that states something.
    pub(super) fn string(&self, value: Option<&'a Value>) -> Option<&'a str> {
        let value = value.filter(|value| !is_absent(value))?;
        let text = value.as_str();
        self.mark(value, if text.is_some() { Mark::Used } else { Mark::NotUnderstood });
        text
    }

    /// Returns a text, cut to `max` Unicode scalar values.
    pub(super) fn text(&self, value: Option<&'a Value>, max: usize) -> Option<String> {
        let text = self.string(value)?;
        let kept = cut(text, max);
        if let Some(value) = value.filter(|_| kept.len() < text.len()) {
            self.mark(value, Mark::TooLong);
            self.flag(Flag::TextTruncated);
        }
        Some(kept.to_owned())
    }

    /// Returns a text that means nothing when cut (a link, an id), or nothing if it is too long.
    pub(super) fn whole(&self, value: Option<&'a Value>, max: usize) -> Option<String> {
        let text = self.string(value)?;
        if cut(text, max).len() == text.len() {
            return Some(text.to_owned());
        }
        if let Some(value) = value {
            self.mark(value, Mark::TooLong);
        }
        self.flag(Flag::TextTruncated);
        None
    }

    /// Returns a text as a title of at most 200 scalar values; what is cut raises no flag.
    pub(super) fn title(&self, value: Option<&'a Value>) -> Option<String> {
        let text = self.string(value)?;
        let kept = cut(text, 200);
        if let Some(value) = value.filter(|_| kept.len() < text.len()) {
            self.mark(value, Mark::TooLong);
        }
        Some(kept.to_owned())
    }

    /// Returns the members of an array; anything else is an empty one.
    pub(super) fn items(&self, value: Option<&'a Value>) -> &'a [Value] {
        let Some(value) = value.filter(|value| !is_absent(value)) else { return &[] };
        let Value::Array(items) = value else {
            self.mark(value, Mark::NotUnderstood);
            return &[];
        };
        items
    }

    /// Returns what `read` makes of values, at most `max`.
    pub(super) fn collect<T>(
        &self,
        items: &'a [Value],
        max: usize,
        mut read: impl FnMut(&'a Value) -> Option<T>,
    ) -> Bounded<T> {
        let mut list = Bounded::new(max);
        for item in items {
            if let Some(made) = read(item) {
                list.push(self, item, made);
            }
        }
        list
    }
}

/// A list that stops growing at its limit and says so.
#[derive(Debug)]
pub(super) struct Bounded<T> {
    items: Vec<T>,
    max: usize,
}

impl<T> Bounded<T> {
    /// Returns an empty list of at most `max` members.
    pub(super) fn new(max: usize) -> Self {
        Self { items: Vec::new(), max }
    }

    /// Adds what was made of `source`, or flags that the list is full.
    pub(super) fn push<'a>(&mut self, reader: &Reader<'a>, source: &'a Value, item: T) {
        if self.items.len() < self.max {
            self.items.push(item);
        } else {
            reader.mark(source, Mark::TooLong);
            reader.flag(Flag::ListTruncated);
        }
    }

    /// Adds unless an equal member is there.
    pub(super) fn push_new<'a>(&mut self, reader: &Reader<'a>, source: &'a Value, item: T)
    where
        T: PartialEq,
    {
        if !self.items.contains(&item) {
            self.push(reader, source, item);
        }
    }

    /// Returns the members.
    pub(super) fn into_vec(self) -> Vec<T> {
        self.items
    }
}

/// Returns the first `max` Unicode scalar values of a text.
pub(super) fn cut(text: &str, max: usize) -> &str {
    match text.char_indices().nth(max) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// Returns the members of an array, or the one value that stands for an array of it.
pub(super) fn many(value: Option<&Value>) -> &[Value] {
    match value.filter(|value| !is_absent(value)) {
        None => &[],
        Some(Value::Array(items)) => items,
        Some(value) => std::slice::from_ref(value),
    }
}

/// Follows member names into a value.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(*key))
}

/// Builds one object of a report: what is absent is left out.
#[derive(Debug, Default)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// Sets a member, if there is a value.
    pub(super) fn set(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value.into());
        }
    }

    /// Returns the object unless it is empty.
    pub(super) fn into_some(self) -> Option<Self> {
        (!self.0.is_empty()).then_some(self)
    }

    /// Sets a list, unless it is empty.
    pub(super) fn list(&mut self, key: &str, items: Vec<impl Into<Value>>) {
        if !items.is_empty() {
            self.0
                .insert(key.to_owned(), Value::Array(items.into_iter().map(Into::into).collect()));
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}
