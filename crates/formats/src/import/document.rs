//! From bytes to records: byte order marks, UTF-8, limits, and arrays split without holding all
//! their records at once.

use comity_ledger::json::{self, JsonError, Limits};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::Rejection;

/// Returns the bytes after a byte order mark.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Reads one record.
pub(super) fn record(bytes: &[u8]) -> Result<Value, Rejection> {
    let bytes = bytes.trim_ascii();
    json::parse(bytes, &Limits::IMPORT).map_err(|error| match error {
        JsonError::Syntax if std::str::from_utf8(bytes).is_err() => Rejection::TextNotUtf8,
        JsonError::DuplicateKey | JsonError::Number | JsonError::Syntax => Rejection::JsonInvalid,
        JsonError::TooDeep => Rejection::TooDeep,
        JsonError::TooLarge | JsonError::TooManyKeys => Rejection::RecordTooLarge,
    })
}

/// What a `.json` document holds.
#[derive(Debug)]
pub(super) enum Document<'b> {
    /// An array: the bytes of each member.
    Array(Vec<&'b [u8]>),
    /// Anything else.
    One(&'b [u8]),
}

/// Returns the records of a `.json` document, unread.
///
/// The whole must be JSON before any of its records counts: a file cut short imports nothing.
pub(super) fn split(bytes: &[u8]) -> Result<Document<'_>, Rejection> {
    let bytes = without_mark(bytes);
    if std::str::from_utf8(bytes).is_err() {
        return Err(Rejection::TextNotUtf8);
    }
    let bytes = bytes.trim_ascii();
    let Some(inside) = bytes.strip_prefix(b"[") else { return Ok(Document::One(bytes)) };
    serde_json::from_slice::<IgnoredAny>(bytes).map_err(|_| Rejection::JsonInvalid)?;
    Ok(Document::Array(members(inside)))
}

/// Says whether bytes are one JSON document rather than lines of them.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(without_mark(bytes)).is_ok()
}

/// Splits at the commas that stand in the array itself. The bytes are known to be JSON.
fn members(inside: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let (mut start, mut depth, mut in_text, mut escaped) = (0, 0_u64, false, false);
    for (at, byte) in inside.iter().enumerate() {
        if in_text {
            in_text = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b']' if depth > 0 => depth -= 1,
            b',' | b']' if depth == 0 => {
                found.extend(inside.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    if matches!(found.as_slice(), [only] if only.trim_ascii().is_empty()) {
        found.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_arrays_where_json_does() {
        let check = |text: &str, want: &[&str]| {
            let Ok(Document::Array(found)) = split(text.as_bytes()) else { panic!("{text:?}") };
            let found: Vec<_> =
                found.iter().map(|part| std::str::from_utf8(part.trim_ascii()).unwrap()).collect();
            assert_eq!(found, want, "{text:?}");
        };
        check("[]", &[]);
        check(" [ \n ] ", &[]);
        check("[1,[2,3],{\"a\":[4,5]}]", &["1", "[2,3]", "{\"a\":[4,5]}"]);
        check(r#"["],\"", {"\\": "}"}, null]"#, &[r#""],\"""#, r#"{"\\": "}"}"#, "null"]);
        check("\u{feff}[7]", &["7"]);
    }

    #[test]
    fn a_document_that_is_no_json_has_no_records() {
        let check = |bytes: &[u8], why| assert_eq!(split(bytes).err(), Some(why), "{bytes:?}");
        check(b"[1,", Rejection::JsonInvalid);
        check(b"[1,]", Rejection::JsonInvalid);
        check(b"[1] 2", Rejection::JsonInvalid);
        check(b"[\"\xff\"]", Rejection::TextNotUtf8);
    }
}
