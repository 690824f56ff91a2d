//! What changed between two versions, for the page's "what changed" and for feeds.
//!
//! Compares the documents member by member; rows of products are matched by their key, other lists by
//! place. Not here: words about a change.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Advisory, limits::CHANGES_MAX};
use crate::refusal::child;

/// One place where two versions differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// RFC 6901 pointer into the newer document, or into the older for what is gone. A product row is
    /// named by its key instead of its place.
    pub pointer: String,
    /// What happened there.
    pub kind: ChangeKind,
    /// The older value, unless added.
    pub before: Option<Value>,
    /// The newer value, unless removed.
    pub after: Option<Value>,
}

/// What happened at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Only the newer has it.
    Added,
    /// Both have it, with other values.
    Changed,
    /// Only the older has it.
    Removed,
}

/// Lists where `new` differs from `old` in what it says or where it stands: at most
/// [`CHANGES_MAX`] places, in order of pointer. Version and revisions, which always differ, are left out.
#[must_use]
pub fn diff(old: &Advisory, new: &Advisory) -> Vec<Change> {
    let mut changes = Vec::new();
    compare("", &comparable(old), &comparable(new), &mut changes);
    changes.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    changes.truncate(CHANGES_MAX);
    changes
}

fn comparable(advisory: &Advisory) -> Value {
    let mut value = serde_json::to_value(advisory).unwrap_or(Value::Null);
    if let Value::Object(members) = &mut value {
        for always in ["version", "revisions", "drafted_at"] {
            members.remove(always);
        }
    }
    if let Some(rows) = value.pointer_mut("/content/products") {
        *rows = by_key(rows);
    }
    value
}

fn by_key(rows: &Value) -> Value {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let key = |row: &Value| row.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
    Value::Object(rows.iter().map(|row| (key(row), row.clone())).collect())
}

fn compare(pointer: &str, old: &Value, new: &Value, changes: &mut Vec<Change>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let members = |map: &serde_json::Map<String, Value>| -> BTreeMap<String, Value> {
                map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
            };
            compare_members(pointer, &members(old), &members(new), changes);
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&format!("{pointer}/{index}"), old, new, changes);
            }
        }
        (old, new) if old == new => {}
        (old, new) => changes.push(Change {
            pointer: pointer.to_owned(),
            kind: ChangeKind::Changed,
            before: Some(old.clone()),
            after: Some(new.clone()),
        }),
    }
}

fn compare_members(
    pointer: &str,
    old: &BTreeMap<String, Value>,
    new: &BTreeMap<String, Value>,
    changes: &mut Vec<Change>,
) {
    for (key, before) in old {
        let here = child(pointer, key);
        match new.get(key) {
            Some(after) => compare(&here, before, after, changes),
            None => changes.push(Change {
                pointer: here,
                kind: ChangeKind::Removed,
                before: Some(before.clone()),
                after: None,
            }),
        }
    }
    for (key, after) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        changes.push(Change {
            pointer: child(pointer, key),
            kind: ChangeKind::Added,
            before: None,
            after: Some(after.clone()),
        });
    }
}
