//! What a report does not carry of its record: the highest members of which nothing was taken.

use serde_json::Value;

use super::reader::{Mark, Reader, is_absent};

/// Pointers listed at most.
const LOSS_MAX: usize = 4096;

/// Returns pointer and reason of each member lost, by pointer.
pub(super) fn of(reader: &Reader<'_>, record: &Value) -> Vec<(String, &'static str)> {
    let mut lost = Vec::new();
    for (pointer, value) in members(record, "") {
        walk(reader, value, pointer, &mut lost);
    }
    lost.sort();
    lost
}

/// Adds what is lost below a value; returns whether anything below it was touched.
fn walk(
    reader: &Reader<'_>,
    value: &Value,
    pointer: String,
    lost: &mut Vec<(String, &'static str)>,
) -> bool {
    let reason = match reader.fate(value) {
        Some(Mark::Used) => return true,
        Some(Mark::NotUnderstood) => "not-understood",
        Some(Mark::TooLong) => "too-long",
        Some(Mark::Withheld) => "withheld",
        None => "no-place",
    };
    if is_absent(value) {
        return false;
    }
    let touched = reason != "no-place";
    let before = lost.len();
    let mut below = false;
    if !touched {
        for (pointer, value) in members(value, &pointer) {
            below |= walk(reader, value, pointer, lost);
        }
    }
    if !below {
        lost.truncate(before);
        if before < LOSS_MAX {
            lost.push((pointer, reason));
        }
    }
    touched || below
}

fn members<'v>(value: &'v Value, pointer: &str) -> Vec<(String, &'v Value)> {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (format!("{pointer}/{index}"), item))
            .collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, item)| (comity_core::refusal::child(pointer, key), item))
            .collect(),
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
