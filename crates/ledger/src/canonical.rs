//! The canonical form of what is signed: RFC 8785 under the strict profile of entries (EN-03).
//!
//! When verifying, the form is checked over the received bytes and never made anew. Not here: any schema.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::json::{self, JsonError, Limits};

/// Why bytes are not in the strict profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// Outside the limits, or no JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON, but not the bytes RFC 8785 gives for it.
    #[error("not the canonical form")]
    NotCanonical,
    /// The document is no object.
    #[error("not an object")]
    NotObject,
}

impl CanonicalError {
    /// The stable code of every breach of the profile.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "strict-json"
    }
}

/// Reads one object whose bytes are exactly its canonical form.
pub fn parse(bytes: &[u8]) -> Result<Map<String, Value>, CanonicalError> {
    let value = json::parse(bytes, &Limits::ENTRY)?;
    if rest_after(&value, bytes) != Some(&[]) {
        return Err(CanonicalError::NotCanonical);
    }
    match value {
        Value::Object(members) => Ok(members),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {
            Err(CanonicalError::NotObject)
        }
    }
}

/// Takes the canonical form of a value off the front of the bytes, without writing it.
///
/// Intake spends most of its time on this check besides the signature; a property test holds it
/// against the library that writes.
fn rest_after<'b>(value: &Value, bytes: &'b [u8]) -> Option<&'b [u8]> {
    match value {
        Value::Null => bytes.strip_prefix(b"null"),
        Value::Bool(true) => bytes.strip_prefix(b"true"),
        Value::Bool(false) => bytes.strip_prefix(b"false"),
        // The strict profile has let integers in only, which have one spelling.
        Value::Number(number) => bytes.strip_prefix(number.to_string().as_bytes()),
        Value::String(text) => rest_after_text(text, bytes),
        Value::Array(items) => {
            let mut rest = bytes.strip_prefix(b"[")?;
            for (place, item) in items.iter().enumerate() {
                rest = if place > 0 { rest.strip_prefix(b",")? } else { rest };
                rest = rest_after(item, rest)?;
            }
            rest.strip_prefix(b"]")
        }
        Value::Object(members) => {
            let mut rest = bytes.strip_prefix(b"{")?;
            for (place, (key, member)) in in_order(members).into_iter().enumerate() {
                rest = if place > 0 { rest.strip_prefix(b",")? } else { rest };
                rest = rest_after_text(key, rest)?.strip_prefix(b":")?;
                rest = rest_after(member, rest)?;
            }
            rest.strip_prefix(b"}")
        }
    }
}

fn rest_after_text<'b>(text: &str, bytes: &'b [u8]) -> Option<&'b [u8]> {
    let mut rest = bytes.strip_prefix(b"\"")?;
    let mut text = text.as_bytes();
    while let Some(place) = text.iter().copied().position(is_special) {
        let (plain, after) = text.split_at_checked(place)?;
        let (byte, after) = after.split_first()?;
        rest = rest.strip_prefix(plain)?;
        rest = match byte {
            b'"' => rest.strip_prefix(b"\\\"")?,
            b'\\' => rest.strip_prefix(b"\\\\")?,
            0x08 => rest.strip_prefix(b"\\b")?,
            b'\t' => rest.strip_prefix(b"\\t")?,
            b'\n' => rest.strip_prefix(b"\\n")?,
            0x0c => rest.strip_prefix(b"\\f")?,
            b'\r' => rest.strip_prefix(b"\\r")?,
            control => rest.strip_prefix(format!("\\u{control:04x}").as_bytes())?,
        };
        text = after;
    }
    rest.strip_prefix(text)?.strip_prefix(b"\"")
}

/// Writes the canonical form.
pub fn print<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let value = serde_json::to_value(value)?;
    let mut out = Vec::with_capacity(PRINTED_BYTES);
    write(&value, &mut out)?;
    Ok(out)
}

/// Writes the canonical form of an object.
pub fn print_object(members: &Map<String, Value>) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::with_capacity(PRINTED_BYTES);
    write_object(members, &mut out)?;
    Ok(out)
}

/// What is reserved for a document: most entries and receipts fit.
const PRINTED_BYTES: usize = 2048;

/// The counterpart of [`rest_after`]: every signature waits for it, and the library that does the same goes
/// through its own serializer for each member. A property test holds the two together.
fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(number, out)?,
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => write_object(members, out)?,
    }
    Ok(())
}

fn write_object(members: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    out.push(b'{');
    for (place, (key, member)) in in_order(members).into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_text(key, out);
        out.push(b':');
        write(member, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// Members in the order of their keys' UTF-16 units, which is that of their bytes as long as all are ASCII.
fn in_order(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<(&String, &Value)> = members.iter().collect();
    if members.iter().all(|(key, _)| key.is_ascii()) {
        members.sort_by_key(|(key, _)| key.as_bytes());
    } else {
        members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    }
    members
}

fn write_number(number: &serde_json::Number, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let safe = |size: u64| size <= json::INTEGER_MAX;
    if number.as_u64().is_some_and(safe) || number.as_i64().is_some_and(|n| safe(n.unsigned_abs()))
    {
        out.extend_from_slice(number.to_string().as_bytes());
    } else {
        // Fractions and what a double cannot hold: the rules of ECMAScript, which are the library's.
        out.extend(serde_json_canonicalizer::to_vec(number)?);
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(place) = rest.iter().copied().position(is_special) {
        let (plain, after) = rest.split_at(place);
        out.extend_from_slice(plain);
        let Some((byte, after)) = after.split_first() else { break };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_every_other_spelling_of_the_same_document() {
        let check = |text: &str, why| assert_eq!(parse(text.as_bytes()), Err(why), "{text}");
        check(r#"{"b":1,"a":2}"#, CanonicalError::NotCanonical);
        check(r#"{"a": 1}"#, CanonicalError::NotCanonical);
        check("{\"a\":1}\n", CanonicalError::NotCanonical);
        check(r#"{"a":"\u0061"}"#, CanonicalError::NotCanonical);
        check(r#"{"a":"\/"}"#, CanonicalError::NotCanonical);
        check(r#"{"a":"\u000a"}"#, CanonicalError::NotCanonical);
        check(r#"{"a":-0}"#, CanonicalError::Json(JsonError::Number));
        check(r#"{"a":1e2}"#, CanonicalError::Json(JsonError::Number));
        check(r#"{"a":1,"a":1}"#, CanonicalError::Json(JsonError::DuplicateKey));
        check("[]", CanonicalError::NotObject);
        check("1", CanonicalError::NotObject);
    }

    #[test]
    fn reads_every_escape_as_the_library_writes_it() {
        for control in 0..=0x7f_u8 {
            let text = format!("a{0}b{0}", char::from(control));
            let value = serde_json::json!({ text.clone(): text });
            assert!(parse(&print(&value).unwrap()).is_ok(), "{control:#x}");
        }
    }

    #[test]
    fn orders_keys_by_utf_16_units() {
        // U+1F600 sorts before U+FB01 in UTF-16 (D83D < FB01), after it in UTF-8.
        let text = "{\"\u{1F600}\":1,\"\u{FB01}\":2}";
        assert!(parse(text.as_bytes()).is_ok());
        let other = "{\"\u{FB01}\":2,\"\u{1F600}\":1}";
        assert_eq!(parse(other.as_bytes()), Err(CanonicalError::NotCanonical));
    }
}
