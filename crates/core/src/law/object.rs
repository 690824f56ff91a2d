//! Reading JSON objects member by member, each fault with its pointer.
//!
//! Not here: what the members mean.

use serde_json::{Map, Value as Json};

use super::level::Level;
use super::refused::{Code, Refused};
use super::time::Instant;
use crate::refusal::child;

/// A value or the first fault.
pub(crate) type Read<T> = Result<T, Refused>;

/// Returns the refusal of a wrong shape.
pub(crate) fn schema(pointer: impl Into<String>, message: impl Into<String>) -> Refused {
    Refused::new(Code::Schema, pointer, message)
}

/// One JSON object with its pointer.
pub(crate) struct Object<'j> {
    pub(crate) map: &'j Map<String, Json>,
    pointer: String,
}

impl<'j> Object<'j> {
    pub(crate) fn new(value: &'j Json, pointer: impl Into<String>) -> Read<Self> {
        let pointer = pointer.into();
        match value.as_object() {
            Some(map) => Ok(Self { map, pointer }),
            None => Err(schema(pointer, "an object is wanted")),
        }
    }

    pub(crate) fn at(&self, key: &str) -> String {
        child(&self.pointer, key)
    }

    pub(crate) fn only(&self, keys: &[&str]) -> Read<()> {
        match self.map.keys().find(|k| !keys.contains(&k.as_str())) {
            Some(key) => Err(schema(self.at(key), "unknown member")),
            None => Ok(()),
        }
    }

    pub(crate) fn need(&self, key: &str) -> Read<&'j Json> {
        self.map.get(key).ok_or_else(|| schema(self.at(key), "member is missing"))
    }

    pub(crate) fn string(&self, key: &str) -> Read<String> {
        let text = self.need(key)?.as_str();
        text.map(str::to_owned).ok_or_else(|| schema(self.at(key), "a text is wanted"))
    }

    pub(crate) fn maybe_string(&self, key: &str) -> Read<Option<String>> {
        if self.map.contains_key(key) { self.string(key).map(Some) } else { Ok(None) }
    }

    pub(crate) fn word(&self, key: &str, words: &[&str]) -> Read<String> {
        let text = self.string(key)?;
        if words.contains(&text.as_str()) {
            Ok(text)
        } else {
            Err(schema(self.at(key), "no such word"))
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Read<bool> {
        match self.map.get(key) {
            None => Ok(false),
            Some(Json::Bool(value)) => Ok(*value),
            Some(_) => Err(schema(self.at(key), "true or false is wanted")),
        }
    }

    pub(crate) fn instant(&self, key: &str) -> Read<Instant> {
        let text = self.string(key)?;
        let message = "an instant needs a date, a time and Z or an offset";
        Instant::parse(&text).ok_or_else(|| Refused::new(Code::Instant, self.at(key), message))
    }

    pub(crate) fn maybe_instant(&self, key: &str) -> Read<Option<Instant>> {
        if self.map.contains_key(key) { self.instant(key).map(Some) } else { Ok(None) }
    }

    pub(crate) fn null_or_instant(&self, key: &str) -> Read<Option<Instant>> {
        if self.map.get(key).is_some_and(Json::is_null) {
            Ok(None)
        } else {
            self.maybe_instant(key)
        }
    }

    pub(crate) fn level(&self, key: &str) -> Read<Level> {
        let text = self.string(key)?;
        Level::parse(&text).ok_or_else(|| schema(self.at(key), "a level is L0 to L5"))
    }

    pub(crate) fn maybe_level(&self, key: &str) -> Read<Option<Level>> {
        if self.map.contains_key(key) { self.level(key).map(Some) } else { Ok(None) }
    }

    pub(crate) fn items(&self, key: &str) -> Read<Vec<(&'j Json, String)>> {
        let Some(value) = self.map.get(key) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| schema(self.at(key), "a list is wanted"))?;
        Ok(items.iter().enumerate().map(|(i, v)| (v, format!("{}/{i}", self.at(key)))).collect())
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    pub(crate) fn object(&self, key: &str) -> Read<Object<'j>> {
        Object::new(self.need(key)?, self.at(key))
    }

    pub(crate) fn strings(&self, key: &str) -> Read<Vec<String>> {
        let text = |(value, at): (&Json, String)| {
            value.as_str().map(str::to_owned).ok_or_else(|| schema(at, "a text is wanted"))
        };
        self.items(key)?.into_iter().map(text).collect()
    }

    pub(crate) fn objects<T>(
        &self,
        key: &str,
        read: impl Fn(&Object<'_>) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.items(key)?.into_iter().map(|(value, at)| read(&Object::new(value, at)?)).collect()
    }
}
