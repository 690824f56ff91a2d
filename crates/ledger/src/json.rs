//! JSON as it may come from outside: bounded in size, depth and keys, without duplicate keys, in UTF-8.
//!
//! `serde_json` alone keeps the last of two equal keys and lets large integers lose digits without a
//! word; two readers of one document would then see different facts. Not here: any schema.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The greatest integer that every JSON reader holds exactly (RFC 8259 §6).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// What a document may contain at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole document.
    pub bytes_max: usize,
    /// Objects and arrays inside one another; a scalar alone has depth 0.
    pub depth_max: usize,
    /// Keys of one object.
    pub keys_max: usize,
    /// Whether numbers with a fraction or exponent, and integers over [`INTEGER_MAX`], are let in.
    pub floats: bool,
}

impl Limits {
    /// The profile of entries (verification.md, EN-03): no floats, depth 16, 256 keys, 64 KiB.
    pub const ENTRY: Self =
        Self { bytes_max: 64 << 10, depth_max: 16, keys_max: 256, floats: false };
    /// The profile of reports (lexicon.md, LX-27): 1 MiB, depth 16.
    pub const REPORT: Self =
        Self { bytes_max: 1 << 20, depth_max: 16, keys_max: 4096, floats: true };
    /// The profile of one imported foreign record (lexicon.md, LX-29): 1 MiB, depth 64.
    pub const IMPORT: Self =
        Self { bytes_max: 1 << 20, depth_max: 64, keys_max: 65_536, floats: true };
}

/// Why a document was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// One object has a key twice.
    #[error("a key stands twice in one object")]
    DuplicateKey,
    /// A fraction, exponent or integer that not every reader holds exactly.
    #[error("a number is no safe integer")]
    Number,
    /// Not JSON at all, or not UTF-8.
    #[error("not JSON in UTF-8")]
    Syntax,
    /// Nested over [`Limits::depth_max`].
    #[error("nested too deep")]
    TooDeep,
    /// Over [`Limits::bytes_max`].
    #[error("too large")]
    TooLarge,
    /// An object has over [`Limits::keys_max`] keys.
    #[error("too many keys in one object")]
    TooManyKeys,
}

/// Reads one document, and nothing after it but white space.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    if bytes.len() > limits.bytes_max {
        return Err(JsonError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::Syntax)?;
    let found = std::cell::Cell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Seed { limits, depth: 0, found: &found }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| found.get().unwrap_or_else(|| syntax(&error)))
}

/// Says whether a document that was never text would be read under these limits, its length apart.
pub fn within(value: &Value, limits: &Limits) -> Result<(), JsonError> {
    within_at(value, limits, 0)
}

fn within_at(value: &Value, limits: &Limits, depth: usize) -> Result<(), JsonError> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if limits.floats || size.is_some_and(|size| size <= INTEGER_MAX) {
                Ok(())
            } else {
                Err(JsonError::Number)
            }
        }
        Value::Array(_) | Value::Object(_) if depth >= limits.depth_max => Err(JsonError::TooDeep),
        Value::Array(items) => items.iter().try_for_each(|item| within_at(item, limits, depth + 1)),
        Value::Object(members) => within_object(members, limits, depth),
    }
}

/// As [`within`], for the members of an object that stands `depth` deep.
pub(crate) fn within_object(
    members: &Map<String, Value>,
    limits: &Limits,
    depth: usize,
) -> Result<(), JsonError> {
    if members.len() > limits.keys_max {
        return Err(JsonError::TooManyKeys);
    }
    members.values().try_for_each(|member| within_at(member, limits, depth + 1))
}

/// `serde_json` stops at depth 128 of its own accord, before our visitor can say so.
fn syntax(error: &serde_json::Error) -> JsonError {
    if error.to_string().starts_with("recursion limit") {
        JsonError::TooDeep
    } else {
        JsonError::Syntax
    }
}

struct Seed<'a> {
    limits: &'a Limits,
    depth: usize,
    found: &'a std::cell::Cell<Option<JsonError>>,
}

impl Seed<'_> {
    fn fail<E: serde::de::Error>(&self, error: JsonError) -> E {
        self.found.set(Some(error));
        E::custom(error)
    }

    fn deeper<E: serde::de::Error>(&self) -> Result<Seed<'_>, E> {
        if self.depth >= self.limits.depth_max {
            return Err(self.fail(JsonError::TooDeep));
        }
        Ok(Seed { limits: self.limits, depth: self.depth + 1, found: self.found })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if !self.limits.floats && value.unsigned_abs() > INTEGER_MAX {
            return Err(self.fail(JsonError::Number));
        }
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if !self.limits.floats && value > INTEGER_MAX {
            return Err(self.fail(JsonError::Number));
        }
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        match Number::from_f64(value) {
            Some(number) if self.limits.floats => Ok(Value::Number(number)),
            Some(_) | None => Err(self.fail(JsonError::Number)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.deeper::<A::Error>()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.deeper()?)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.deeper::<A::Error>()?;
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.contains_key(&key) {
                return Err(self.fail(JsonError::DuplicateKey));
            }
            if members.len() >= self.limits.keys_max {
                return Err(self.fail(JsonError::TooManyKeys));
            }
            let value = map.next_value_seed(self.deeper()?)?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_two_readers_could_read_differently() {
        let check =
            |text: &[u8], why| assert_eq!(parse(text, &Limits::ENTRY), Err(why), "{text:?}");
        check(br#"{"a":1,"a":1}"#, JsonError::DuplicateKey);
        check(br#"{"a":1,"\u0061":1}"#, JsonError::DuplicateKey);
        check(b"1.0", JsonError::Number);
        check(b"1e3", JsonError::Number);
        check(b"-0", JsonError::Number);
        check(b"9007199254740992", JsonError::Number);
        check(b"99999999999999999999", JsonError::Number);
        check(b"\"\\ud800\"", JsonError::Syntax);
        check(b"\"\xff\"", JsonError::Syntax);
        check(b"{} {}", JsonError::Syntax);
        check(b"", JsonError::Syntax);
        check("[".repeat(17).as_bytes(), JsonError::TooDeep);
        check("[".repeat(60_000).as_bytes(), JsonError::TooDeep);
        check(&vec![b' '; (64 << 10) + 1], JsonError::TooLarge);
        let keys: Vec<String> = (0..257).map(|n| format!("\"{n}\":0")).collect();
        check(format!("{{{}}}", keys.join(",")).as_bytes(), JsonError::TooManyKeys);
    }

    #[test]
    fn reads_what_is_allowed_to_the_edge() {
        let deepest = format!("{}{}", "[".repeat(16), "]".repeat(16));
        assert!(parse(deepest.as_bytes(), &Limits::ENTRY).is_ok());
        assert!(parse(b"9007199254740991", &Limits::ENTRY).is_ok());
        assert_eq!(parse(b"9.3", &Limits::REPORT), Ok(serde_json::json!(9.3)));
    }
}
