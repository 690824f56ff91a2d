//! OSCAL 1.1 and 1.2 in JSON: catalogues, baselines as profiles, assessment results (CT-06).
//!
//! A document is kept whole as it stands and what we need is read from it, so that nothing another
//! tool wrote is lost. Limits and duplicate keys are checked before anything is read. Not here: XML and
//! YAML, fetching what a document refers to, and what the standard means (`comity_core::cert`).

pub mod catalogue;
mod modify;
mod pick;
pub mod profile;
pub mod results;
mod write;

use comity_core::cert::document;
use comity_core::refusal::{Refusal, child};
use comity_ledger::digest;
use serde_json::{Map, Value};

pub use write::catalogue as write_catalogue;

/// The name space of our properties.
pub const NS: &str = "https://comity.example/ns/certification";
/// The name space of assessment methods.
const NS_METHOD: &str = "http://csrc.nist.gov/ns/rmf";
/// The version that is written.
pub const VERSION: &str = "1.2.1";
/// The largest document that is read: 16 MiB.
pub const BYTES_MAX: usize = 16 << 20;

/// An object of a document.
type Object = Map<String, Value>;

/// Reads a document whose only member is `root`, for example `catalog`; returns the whole.
fn read(bytes: &[u8], root: &'static str) -> Result<Value, Refusal> {
    if bytes.len() > BYTES_MAX {
        return Err(Refusal::new("limit-size", ""));
    }
    // Our own reader first: it refuses keys that stand twice, deep nesting and what is no object.
    document::parse(bytes)?;
    let whole: Value =
        serde_json::from_slice(bytes).map_err(|_| Refusal::new("json-invalid", ""))?;
    let top = whole.get(root).and_then(Value::as_object);
    let Some(top) = top else {
        return Err(Refusal::new("wrong-type", child("", root)).with("expected", root));
    };
    let metadata = object(top, "metadata", &child("", root))?;
    let at = format!("/{root}/metadata");
    let version = text(metadata, "oscal-version", &at)?;
    if !(version.starts_with("1.1.") || version.starts_with("1.2.")) {
        return Err(
            Refusal::new("oscal-unsupported", child(&at, "oscal-version")).with("version", version)
        );
    }
    text(metadata, "title", &at)?;
    text(metadata, "version", &at)?;
    text(top, "uuid", &child("", root))?;
    Ok(whole)
}

fn invalid(at: &str, key: &str) -> Refusal {
    Refusal::new("field-invalid", child(at, key))
}

fn text_or_none<'v>(object: &'v Object, key: &str, at: &str) -> Result<Option<&'v str>, Refusal> {
    object.get(key).map(|value| value.as_str().ok_or_else(|| invalid(at, key))).transpose()
}

fn text<'v>(object: &'v Object, key: &str, at: &str) -> Result<&'v str, Refusal> {
    text_or_none(object, key, at)?.ok_or_else(|| invalid(at, key))
}

fn object_or_none<'v>(
    object: &'v Object,
    key: &str,
    at: &str,
) -> Result<Option<&'v Object>, Refusal> {
    object.get(key).map(|value| value.as_object().ok_or_else(|| invalid(at, key))).transpose()
}

fn object<'v>(parent: &'v Object, key: &str, at: &str) -> Result<&'v Object, Refusal> {
    object_or_none(parent, key, at)?.ok_or_else(|| invalid(at, key))
}

/// Returns the objects of a list with their pointers, none if it is absent.
fn each<'v>(object: &'v Object, key: &str, at: &str) -> Result<Vec<(&'v Object, String)>, Refusal> {
    let Some(value) = object.get(key) else { return Ok(Vec::new()) };
    let items = value.as_array().ok_or_else(|| invalid(at, key))?;
    let list = child(at, key);
    let read = |(place, item): (usize, &'v Value)| {
        let pointer = format!("{list}/{place}");
        match item.as_object() {
            Some(object) => Ok((object, pointer)),
            None => Err(Refusal::new("field-invalid", pointer)),
        }
    };
    items.iter().enumerate().map(read).collect()
}

/// Returns the texts of a list, none if it is absent.
fn texts<'v>(object: &'v Object, key: &str, at: &str) -> Result<Vec<&'v str>, Refusal> {
    let Some(value) = object.get(key) else { return Ok(Vec::new()) };
    let items = value.as_array().ok_or_else(|| invalid(at, key))?;
    items.iter().map(|item| item.as_str().ok_or_else(|| invalid(at, key))).collect()
}

/// Returns the value of a property of ours, or of one without a name space if `ns` is none.
fn property<'v>(
    holder: &'v Object,
    name: &str,
    at: &str,
) -> Result<Option<(&'v str, String)>, Refusal> {
    let mut found = None;
    for (property, pointer) in each(holder, "props", at)? {
        let is_ours = text_or_none(property, "ns", &pointer)? == Some(NS);
        if is_ours && text(property, "name", &pointer)? == name {
            let value = (text(property, "value", &pointer)?, child(&pointer, "value"));
            if found.replace(value).is_some() {
                return Err(Refusal::new("field-invalid", pointer).with("name", name));
            }
        }
    }
    Ok(found)
}

/// Returns a UUID that is the same whenever its source is.
///
/// OSCAL asks for version 4 or 5; this has the shape of version 5 over SHA-256, so that the same
/// input gives the same document and no clock or random source is needed.
fn uuid(source: &[u8]) -> String {
    let mut hex: Vec<char> = digest::hex(&digest::sha256(source)).chars().take(32).collect();
    for (place, digit) in [(12, '5'), (16, '8')] {
        if let Some(slot) = hex.get_mut(place) {
            *slot = digit;
        }
    }
    let mut out = String::new();
    for (place, digit) in hex.into_iter().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}
