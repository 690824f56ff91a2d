//! Reads members of a JSON object strictly: each once, of its type, and none left over.
//!
//! Not here: which members a kind has (`body`).

use std::ops::{RangeBounds, RangeInclusive};
use std::str::FromStr;

use serde_json::{Map, Value};

use super::body::{Interval, Millis};
use super::word::Word;

/// The greatest instant and integer, 2^53-1.
pub(super) const INTEGER_MAX: i64 = (1 << 53) - 1;
const TEXT_CHARS_MAX: usize = 500;
const ORGANISATION_CHARS_MAX: usize = 120;

/// A member is missing, unknown or of the wrong type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a member is missing, unknown or of the wrong type")]
pub struct BadBody;

/// The members of one object and how many were read.
pub(super) struct Members<'a> {
    members: &'a Map<String, Value>,
    read: usize,
}

impl<'a> Members<'a> {
    pub(super) fn new(members: &'a Map<String, Value>) -> Self {
        Self { members, read: 0 }
    }

    pub(super) fn of(value: &'a Value) -> Result<Self, BadBody> {
        value.as_object().map(Self::new).ok_or(BadBody)
    }

    /// Refuses members that nobody read.
    pub(super) fn finish(self) -> Result<(), BadBody> {
        if self.read == self.members.len() { Ok(()) } else { Err(BadBody) }
    }

    fn find(&mut self, key: &str) -> Option<&'a Value> {
        let value = self.members.get(key);
        self.read += usize::from(value.is_some());
        value
    }

    fn need<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&'a Value) -> Result<T, BadBody>,
    ) -> Result<T, BadBody> {
        read(self.find(key).ok_or(BadBody)?)
    }

    fn may<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&'a Value) -> Result<T, BadBody>,
    ) -> Result<Option<T>, BadBody> {
        self.find(key).map(read).transpose()
    }

    pub(super) fn name<T: FromStr>(&mut self, key: &str) -> Result<T, BadBody> {
        self.need(key, name)
    }

    pub(super) fn optional_name<T: FromStr>(&mut self, key: &str) -> Result<Option<T>, BadBody> {
        self.may(key, name)
    }

    pub(super) fn word<T: Word>(&mut self, key: &str) -> Result<T, BadBody> {
        self.need(key, word)
    }

    pub(super) fn text(&mut self, key: &str) -> Result<String, BadBody> {
        self.need(key, |value| text(value, TEXT_CHARS_MAX))
    }

    pub(super) fn optional_text(&mut self, key: &str) -> Result<Option<String>, BadBody> {
        self.may(key, |value| text(value, TEXT_CHARS_MAX))
    }

    pub(super) fn organisation(&mut self, key: &str) -> Result<String, BadBody> {
        self.need(key, |value| text(value, ORGANISATION_CHARS_MAX))
    }

    pub(super) fn integer(
        &mut self,
        key: &str,
        range: impl RangeBounds<i64>,
    ) -> Result<i64, BadBody> {
        self.need(key, |value| integer(value, range))
    }

    pub(super) fn optional_integer(
        &mut self,
        key: &str,
        range: impl RangeBounds<i64>,
    ) -> Result<Option<i64>, BadBody> {
        self.may(key, |value| integer(value, range))
    }

    pub(super) fn instant(&mut self, key: &str) -> Result<Millis, BadBody> {
        self.need(key, instant)
    }

    pub(super) fn optional_instant(&mut self, key: &str) -> Result<Option<Millis>, BadBody> {
        self.may(key, instant)
    }

    pub(super) fn optional_boolean(&mut self, key: &str) -> Result<Option<bool>, BadBody> {
        self.may(key, |value| value.as_bool().ok_or(BadBody))
    }

    pub(super) fn optional_interval(&mut self, key: &str) -> Result<Option<Interval>, BadBody> {
        self.may(key, interval)
    }

    pub(super) fn list<T>(
        &mut self,
        key: &str,
        length: RangeInclusive<usize>,
        read: impl Fn(&'a Value) -> Result<T, BadBody>,
    ) -> Result<Vec<T>, BadBody> {
        self.need(key, |value| list(value, &length, read))
    }

    pub(super) fn optional_list<T>(
        &mut self,
        key: &str,
        length: RangeInclusive<usize>,
        read: impl Fn(&'a Value) -> Result<T, BadBody>,
    ) -> Result<Option<Vec<T>>, BadBody> {
        self.may(key, |value| list(value, &length, read))
    }
}

pub(super) fn name<T: FromStr>(value: &Value) -> Result<T, BadBody> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or(BadBody)
}

pub(super) fn word<T: Word>(value: &Value) -> Result<T, BadBody> {
    value.as_str().and_then(T::parse).ok_or(BadBody)
}

pub(super) fn instant(value: &Value) -> Result<Millis, BadBody> {
    integer(value, 0..=INTEGER_MAX)
}

fn integer(value: &Value, range: impl RangeBounds<i64>) -> Result<i64, BadBody> {
    value.as_i64().filter(|number| range.contains(number)).ok_or(BadBody)
}

fn text(value: &Value, chars_max: usize) -> Result<String, BadBody> {
    let text = value.as_str().ok_or(BadBody)?;
    if text.is_empty() || text.chars().nth(chars_max).is_some() {
        return Err(BadBody);
    }
    Ok(text.to_owned())
}

fn interval(value: &Value) -> Result<Interval, BadBody> {
    let [from, to] = value.as_array().map(Vec::as_slice).ok_or(BadBody)? else {
        return Err(BadBody);
    };
    let (from, to) = (instant(from)?, instant(to)?);
    if from <= to { Ok(Interval { from, to }) } else { Err(BadBody) }
}

fn list<'a, T>(
    value: &'a Value,
    length: &RangeInclusive<usize>,
    read: impl Fn(&'a Value) -> Result<T, BadBody>,
) -> Result<Vec<T>, BadBody> {
    let items = value.as_array().ok_or(BadBody)?;
    if !length.contains(&items.len()) {
        return Err(BadBody);
    }
    items.iter().map(read).collect()
}
