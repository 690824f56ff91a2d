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
    let written = print(&value).map_err(|_| CanonicalError::NotCanonical)?;
    if written != bytes {
        return Err(CanonicalError::NotCanonical);
    }
    match value {
        Value::Object(members) => Ok(members),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {
            Err(CanonicalError::NotObject)
        }
    }
}

/// Writes the canonical form.
pub fn print<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
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
    fn orders_keys_by_utf_16_units() {
        // U+1F600 sorts before U+FB01 in UTF-16 (D83D < FB01), after it in UTF-8.
        let text = "{\"\u{1F600}\":1,\"\u{FB01}\":2}";
        assert!(parse(text.as_bytes()).is_ok());
        let other = "{\"\u{FB01}\":2,\"\u{1F600}\":1}";
        assert_eq!(parse(other.as_bytes()), Err(CanonicalError::NotCanonical));
    }
}
