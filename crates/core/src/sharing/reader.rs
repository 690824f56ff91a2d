//! Reading one JSON document with every refusal collected, each at its pointer.
//!
//! A reading function answers `None` and records why; the caller reads all members first and only then
//! asks which are there, so that one call names all that is wrong.

use std::cell::RefCell;

use comity_ledger::json::{self, JsonError, Limits};
use serde_json::{Map, Value};

use super::instant::Instant;
use super::word::Tier;
use crate::refusal::{Refusal, child};
use crate::report::schema::Shape;

/// The longest text of a fact, in characters.
const TEXT_MAX: usize = 200;
/// The longest identifier.
const ID_MAX: usize = 128;

/// Collects refusals while a document is read.
#[derive(Debug, Default)]
pub(super) struct Sink(RefCell<Vec<Refusal>>);

impl Sink {
    pub(super) fn refuse<T>(&self, code: &'static str, at: &str) -> Option<T> {
        self.0.borrow_mut().push(Refusal::new(code, at));
        None
    }

    /// Returns what was read if nothing was refused.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, Vec<Refusal>> {
        let mut refusals = self.0.into_inner();
        crate::refusal::sort(&mut refusals);
        match read {
            Some(read) if refusals.is_empty() => Ok(read),
            Some(_) | None if refusals.is_empty() => Err(vec![Refusal::new("value-invalid", "")]),
            Some(_) | None => Err(refusals),
        }
    }
}

/// Reads a document's JSON.
pub(super) fn document(bytes: &[u8], limits: &Limits) -> Result<Value, Vec<Refusal>> {
    json::parse(bytes, limits).map_err(|error| {
        let code = match error {
            JsonError::TooLarge => "too-large",
            JsonError::DuplicateKey
            | JsonError::Number
            | JsonError::Syntax
            | JsonError::TooDeep
            | JsonError::TooManyKeys => "value-invalid",
        };
        vec![Refusal::new(code, "")]
    })
}

/// Refuses a document of another schema: nothing else in it can be judged then.
pub(super) fn schema(value: &Value, expected: &str) -> Result<(), Vec<Refusal>> {
    match value.as_object() {
        None => Err(vec![Refusal::new("value-invalid", "")]),
        Some(members) => match members.get("schema") {
            None => Err(vec![Refusal::new("member-missing", "/schema")]),
            Some(schema) if schema == expected => Ok(()),
            Some(_) => Err(vec![Refusal::new("schema-unknown", "/schema")]),
        },
    }
}

/// An object that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members<'v> {
    members: &'v Map<String, Value>,
    sink: &'v Sink,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node<'v> {
    pub(super) value: &'v Value,
    pub(super) at: String,
    pub(super) sink: &'v Sink,
}

impl<'v> Node<'v> {
    pub(super) const fn root(value: &'v Value, sink: &'v Sink) -> Self {
        Self { value, at: String::new(), sink }
    }

    pub(super) fn invalid<T>(&self) -> Option<T> {
        self.sink.refuse("value-invalid", &self.at)
    }

    /// Returns the object, after a refusal for each member that is not among `known`.
    pub(super) fn object(&self, known: &[&str]) -> Option<Object<'v>> {
        let Some(members) = self.value.as_object() else { return self.invalid() };
        for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
            self.sink.refuse::<()>("member-unknown", &child(&self.at, key));
        }
        Some(Object { within: Members { members, sink: self.sink }, at: self.at.clone() })
    }

    /// Returns each item of a list that `read` takes.
    pub(super) fn list<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        let Some(items) = self.value.as_array() else { return self.invalid() };
        let read_at = |(place, value)| {
            read(&Self { value, at: format!("{}/{place}", self.at), sink: self.sink })
        };
        // Read all before any is missed: each item says for itself what is wrong.
        let read: Vec<Option<T>> = items.iter().enumerate().map(read_at).collect();
        read.into_iter().collect()
    }

    pub(super) fn id(&self) -> Option<String> {
        match self.value.as_str() {
            Some(text) if text.len() <= ID_MAX && Shape::Identifier.holds(text) => {
                Some(text.to_owned())
            }
            Some(_) | None => self.invalid(),
        }
    }

    pub(super) fn ids(&self) -> Option<Vec<String>> {
        self.list(Self::id)
    }

    pub(super) fn hex(&self) -> Option<String> {
        match self.value.as_str() {
            Some(text) if Shape::Hex64.holds(text) => Some(text.to_owned()),
            Some(_) | None => self.invalid(),
        }
    }

    pub(super) fn instant(&self) -> Option<Instant> {
        self.value.as_str().and_then(Instant::parse).or_else(|| self.invalid())
    }

    pub(super) fn text(&self) -> Option<String> {
        match self.value.as_str() {
            Some(text) if (1..=TEXT_MAX).contains(&text.chars().count()) => Some(text.to_owned()),
            Some(_) | None => self.invalid(),
        }
    }

    pub(super) fn bool(&self) -> Option<bool> {
        self.value.as_bool().or_else(|| self.invalid())
    }

    /// Returns the word that `parse` knows.
    pub(super) fn word<T>(&self, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.value.as_str().and_then(parse).or_else(|| self.invalid())
    }

    pub(super) fn tier(&self) -> Option<Tier> {
        self.word(Tier::parse)
    }

    /// Returns what `read` makes of a value that may be null; the outer `None` is a refusal.
    #[expect(clippy::option_option, reason = "refused, null and there are three answers")]
    pub(super) fn or_null<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Option<T>> {
        if self.value.is_null() { Some(None) } else { read(self).map(Some) }
    }
}

/// An object with its place.
#[derive(Clone, Debug)]
pub(super) struct Object<'v> {
    within: Members<'v>,
    at: String,
}

impl<'v> Object<'v> {
    /// Returns a member that may be absent.
    pub(super) fn optional(&self, key: &str) -> Option<Node<'v>> {
        let value = self.within.members.get(key)?;
        Some(Node { value, at: child(&self.at, key), sink: self.within.sink })
    }

    /// Returns a member that must be there.
    pub(super) fn required(&self, key: &str) -> Option<Node<'v>> {
        let found = self.optional(key);
        if found.is_none() {
            self.within.sink.refuse::<()>("member-missing", &child(&self.at, key));
        }
        found
    }

    /// Returns what `read` makes of a member that must be there.
    pub(super) fn read<T>(&self, key: &str, read: impl Fn(&Node<'v>) -> Option<T>) -> Option<T> {
        read(&self.required(key)?)
    }

    /// Returns what `read` makes of a member that may be absent; the outer `None` is a refusal.
    #[expect(clippy::option_option, reason = "refused, absent and there are three answers")]
    pub(super) fn maybe<T>(
        &self,
        key: &str,
        read: impl Fn(&Node<'v>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.optional(key) {
            Some(node) => read(&node).map(Some),
            None => Some(None),
        }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (&'v String, Node<'v>)> {
        let Members { members, sink } = self.within;
        let at = self.at.clone();
        members.iter().map(move |(key, value)| (key, Node { value, at: child(&at, key), sink }))
    }

    pub(super) fn refuse<T>(&self, code: &'static str) -> Option<T> {
        self.within.sink.refuse(code, &self.at)
    }

    pub(super) fn refuse_member<T>(&self, code: &'static str, key: &str) -> Option<T> {
        self.within.sink.refuse(code, &child(&self.at, key))
    }
}
