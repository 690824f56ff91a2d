//! What changed between two texts of one pack, rule by rule and key by key, for the public change log.
//!
//! The texts are compared as they are written: a change of meaning and a change of words both show.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::BYTES_MAX;
use crate::law::refused::{Code, Refused};

/// `comity.pack-diff/1`.
#[derive(Debug, Serialize)]
pub struct DiffAnswer {
    schema: &'static str,
    from: Edition,
    to: Edition,
    /// The changes, by path.
    pub changes: Vec<Change>,
}

#[derive(Debug, Serialize)]
struct Edition {
    id: Json,
    version: Json,
    sha256: String,
}

/// One change.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The table and key, for example `rule/eu.nis2.art23/stage/early_warning/within`.
    pub path: String,
    /// The old value; absent if it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Json>,
    /// The new value; absent if it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Json>,
}

/// Compares two `pack.toml`.
pub fn diff(old: &[u8], new: &[u8]) -> Result<DiffAnswer, Refused> {
    let (before, after) = (parse(old, "old")?, parse(new, "new")?);
    let mut left = BTreeMap::new();
    let mut right = BTreeMap::new();
    flatten("", &before, &mut left);
    flatten("", &after, &mut right);
    let mut paths: Vec<&String> = left.keys().chain(right.keys()).collect();
    paths.sort();
    paths.dedup();
    let changes = paths.into_iter().filter(|p| left.get(*p) != right.get(*p)).map(|path| Change {
        path: path.clone(),
        before: left.get(path).cloned(),
        after: right.get(path).cloned(),
    });
    Ok(DiffAnswer {
        schema: "comity.pack-diff/1",
        changes: changes.collect(),
        from: edition(&before, old),
        to: edition(&after, new),
    })
}

fn edition(pack: &Json, bytes: &[u8]) -> Edition {
    let head = |key: &str| pack.pointer(&format!("/pack/{key}")).cloned().unwrap_or(Json::Null);
    let sha256 = HEXLOWER.encode(&Sha256::digest(bytes));
    Edition { id: head("id"), version: head("version"), sha256 }
}

fn parse(bytes: &[u8], place: &str) -> Result<Json, Refused> {
    let refuse = |message: String| Refused::new(Code::Pack, place, message);
    if bytes.len() > BYTES_MAX {
        return Err(refuse(format!("larger than {BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| refuse(e.to_string()))?;
    let table: toml::Table = toml::from_str(text).map_err(|e| refuse(e.message().to_owned()))?;
    Ok(plain(toml::Value::Table(table)))
}

fn plain(value: toml::Value) -> Json {
    match value {
        toml::Value::String(text) => Json::from(text),
        toml::Value::Integer(number) => Json::from(number),
        toml::Value::Float(number) => Json::from(number),
        toml::Value::Boolean(flag) => Json::from(flag),
        toml::Value::Datetime(date) => Json::from(date.to_string()),
        toml::Value::Array(items) => items.into_iter().map(plain).collect(),
        toml::Value::Table(table) => {
            Json::Object(table.into_iter().map(|(k, v)| (k, plain(v))).collect())
        }
    }
}

/// Names each value by its path; the items of a list of tables by their id, code, fact or name.
fn flatten(path: &str, value: &Json, found: &mut BTreeMap<String, Json>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") };
    match value {
        Json::Object(map) => map.iter().for_each(|(k, v)| flatten(&below(k), v, found)),
        Json::Array(items) if items.iter().any(Json::is_object) => {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for item in items {
                let name = name(item);
                let count = seen.entry(name.clone()).or_default();
                *count += 1;
                // Several versions of one rule share an id: the second is told apart by its place.
                let name = if *count == 1 { name } else { format!("{name}~{count}") };
                flatten(&below(&name), item, found);
            }
        }
        Json::Array(_) | Json::Bool(_) | Json::Null | Json::Number(_) | Json::String(_) => {
            found.insert(path.to_owned(), value.clone());
        }
    }
}

fn name(item: &Json) -> String {
    let keys = ["id", "code", "fact", "name", "rule", "from", "when"];
    let text = keys.iter().find_map(|key| item.get(*key).and_then(Json::as_str));
    text.unwrap_or("item").to_owned()
}
