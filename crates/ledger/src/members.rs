//! Takes the members of a signed document one by one, so that what is left over is unknown.

use serde_json::{Map, Value};

use crate::json::INTEGER_MAX;

/// A member is missing, of the wrong type, out of bounds or unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("member {0} is missing, wrong or unknown")]
pub struct BadMember(pub Box<str>);

pub(crate) type Taken<T> = Result<T, BadMember>;

/// What is left of an object.
pub(crate) struct Members(pub(crate) Map<String, Value>);

impl Members {
    pub(crate) fn bad(name: &str) -> BadMember {
        BadMember(name.into())
    }

    pub(crate) fn optional(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    pub(crate) fn value(&mut self, name: &str) -> Taken<Value> {
        self.optional(name).ok_or_else(|| Self::bad(name))
    }

    pub(crate) fn text(&mut self, name: &str, chars_max: usize) -> Taken<String> {
        let text = self.string(name)?;
        check_text(name, &text, chars_max)?;
        Ok(text)
    }

    pub(crate) fn parsed<T: std::str::FromStr>(&mut self, name: &str) -> Taken<T> {
        self.string(name)?.parse().map_err(|_| Self::bad(name))
    }

    /// Takes a member that must stand there and may be null.
    pub(crate) fn parsed_or_null<T: std::str::FromStr>(&mut self, name: &str) -> Taken<Option<T>> {
        if self.0.get(name) == Some(&Value::Null) {
            self.0.remove(name);
            return Ok(None);
        }
        self.parsed(name).map(Some)
    }

    fn string(&mut self, name: &str) -> Taken<String> {
        let Value::String(text) = self.value(name)? else { return Err(Self::bad(name)) };
        Ok(text)
    }

    pub(crate) fn integer(&mut self, name: &str) -> Taken<u64> {
        let value = self.value(name)?;
        value.as_u64().filter(|number| *number <= INTEGER_MAX).ok_or_else(|| Self::bad(name))
    }

    pub(crate) fn object(&mut self, name: &str) -> Taken<Map<String, Value>> {
        let Value::Object(members) = self.value(name)? else { return Err(Self::bad(name)) };
        Ok(members)
    }

    pub(crate) fn list(&mut self, name: &str, items_max: usize) -> Taken<Vec<Value>> {
        let Value::Array(items) = self.value(name)? else { return Err(Self::bad(name)) };
        if items.len() <= items_max { Ok(items) } else { Err(Self::bad(name)) }
    }

    /// Takes `v`, which says by which version of the rules the rest is to be read.
    pub(crate) fn version_1(&mut self) -> Taken<()> {
        if self.integer("v")? == 1 { Ok(()) } else { Err(Self::bad("v")) }
    }

    /// Ends the reading: nothing unknown may be left.
    pub(crate) fn finish(self) -> Taken<()> {
        self.0.keys().next().map_or(Ok(()), |name| Err(Self::bad(name)))
    }

    /// Ends the reading: what is left may only be extensions, `x-…` (EN-03).
    pub(crate) fn extensions(self) -> Taken<Map<String, Value>> {
        check_extensions(&self.0)?;
        Ok(self.0)
    }
}

/// Every member must be an extension, `x-…` (EN-03).
pub(crate) fn check_extensions(members: &Map<String, Value>) -> Taken<()> {
    members.keys().find(|name| !is_extension(name)).map_or(Ok(()), |name| Err(Members::bad(name)))
}

/// A text of 1 to `chars_max` characters.
pub(crate) fn check_text(name: &str, text: &str, chars_max: usize) -> Taken<()> {
    let fits = !text.is_empty() && text.chars().count() <= chars_max;
    if fits { Ok(()) } else { Err(Members::bad(name)) }
}

fn is_extension(name: &str) -> bool {
    name.strip_prefix("x-").is_some_and(|rest| !rest.is_empty())
}
