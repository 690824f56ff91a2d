//! Verifiable redaction: a salted Merkle tree over the paths of a document (ES-03).
//!
//! Whoever holds a redacted copy checks it against the commitment to the original, and more can be
//! opened later. A closed leaf is a salted hash: neither its path nor its value can be guessed, and
//! blank leaves hide how many there are. Not here: which paths a tier opens; see
//! [`super::Policy::lets_out`].

use std::collections::BTreeMap;

use comity_ledger::digest::{self, sha256};
use comity_ledger::entry::Salt;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The fewest leaves of a tree; smaller documents are filled up with blanks.
const LEAVES_MIN: usize = 64;
/// The most leaves of a tree.
const LEAVES_MAX: usize = 1 << 18;
const LEAF_TAG: &[u8] = b"\0comity/redaction/1";
const NODE_TAG: &[u8] = b"\x01comity/redaction/1";
const SALT_TAG: &[u8] = b"comity/redaction-salt/1";

type Hash = [u8; 32];

/// Why a redacted copy, or a document, is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedactionError {
    /// What is shown is not what was opened.
    #[error("what is shown is not what was opened")]
    Content,
    /// The copy does not lead to the commitment.
    #[error("the copy does not lead to the commitment")]
    Root,
    /// Too many leaves.
    #[error("the document has too many values")]
    TooLarge,
}

impl RedactionError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Content => "redaction-content",
            Self::Root => "redaction-root",
            Self::TooLarge => "too-large",
        }
    }
}

/// One value that is shown, with what its leaf needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Its place among the leaves.
    pub place: usize,
    /// Its path: names of members and positions in lists.
    pub path: Vec<Value>,
    /// The value.
    pub value: Value,
    /// The leaf's salt, in hexadecimal.
    pub salt: String,
}

/// A closed part of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// Its height above the leaves.
    pub height: u32,
    /// Its place among the nodes of that height.
    pub place: usize,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// What a recipient needs besides the redacted document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedCopy {
    /// The height of the tree.
    pub height: u32,
    /// What is shown.
    pub openings: Vec<Opening>,
    /// What is not.
    pub closed: Vec<Closed>,
}

/// A document's tree, held by whoever has the document.
#[derive(Clone, Debug)]
pub struct Redactor {
    leaves: Vec<(Vec<Value>, Value, Hash)>,
    /// The leaves' hashes, then each row above them, the root last.
    rows: Vec<Vec<Hash>>,
}

impl Redactor {
    /// Makes the tree; all salts follow from `seed`, which stays secret.
    pub fn new(document: &Value, seed: &Salt) -> Result<Self, RedactionError> {
        let mut found = Vec::new();
        flatten(document, &mut Vec::new(), &mut found);
        if found.len() > LEAVES_MAX {
            return Err(RedactionError::TooLarge);
        }
        let size = found.len().max(LEAVES_MIN).next_power_of_two();
        let mut row = Vec::with_capacity(size);
        let mut leaves = Vec::with_capacity(found.len());
        for (path, value) in found {
            let salt = salt(seed, &canonical(&path));
            row.push(leaf(&salt, &path, &value));
            leaves.push((path, value, salt));
        }
        for blank in row.len()..size {
            row.push(leaf(&salt(seed, &canonical(&blank)), &[], &Value::Null));
        }
        let mut rows = Vec::new();
        while row.len() > 1 {
            let above = row.chunks_exact(2).map(|pair| node(pair.concat().as_slice())).collect();
            rows.push(std::mem::replace(&mut row, above));
        }
        rows.push(row);
        Ok(Self { leaves, rows })
    }

    /// Returns the commitment to the document.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.rows.last().and_then(|row| row.first()).copied().unwrap_or_default()
    }

    /// Returns the copy that opens the paths `is_open` says; written as in the policy, `a.b[].c`.
    #[must_use]
    pub fn copy(&self, is_open: impl Fn(&str) -> bool) -> RedactedCopy {
        let openings: Vec<Opening> = self
            .leaves
            .iter()
            .enumerate()
            .filter(|(_, (path, _, _))| is_open(&pattern(path)))
            .map(|(place, (path, value, salt))| Opening {
                place,
                path: path.clone(),
                value: value.clone(),
                salt: digest::hex(salt),
            })
            .collect();
        let mut closed = Vec::new();
        let mut open: Vec<usize> = openings.iter().map(|opening| opening.place).collect();
        for (height, row) in (0_u32..).zip(&self.rows) {
            let above: Vec<usize> = {
                let mut above: Vec<usize> = open.iter().map(|place| place / 2).collect();
                above.dedup();
                above
            };
            // A node is named where its sibling leads to something open, or at the top.
            let is_top = row.len() == 1;
            let siblings = above.iter().flat_map(|place| [place * 2, place * 2 + 1]);
            let candidates: Vec<usize> = if is_top { vec![0] } else { siblings.collect() };
            for place in candidates {
                if let (Err(_), Some(hash)) = (open.binary_search(&place), row.get(place)) {
                    closed.push(Closed { height, place, hash: digest::hex(hash) });
                }
            }
            open = above;
        }
        let height = u32::try_from(self.rows.len().saturating_sub(1)).unwrap_or(u32::MAX);
        RedactedCopy { height, openings, closed }
    }
}

impl RedactedCopy {
    /// Says whether `shown` is the document behind `root` with some paths left out.
    pub fn check(&self, root: &Hash, shown: &Value) -> Result<(), RedactionError> {
        let mut found = Vec::new();
        flatten(shown, &mut Vec::new(), &mut found);
        // By path, so that the order of members says nothing.
        let opened: BTreeMap<Vec<u8>, &Value> =
            self.openings.iter().map(|one| (canonical(&one.path), &one.value)).collect();
        let shown: BTreeMap<Vec<u8>, &Value> =
            found.iter().map(|(path, value)| (canonical(path), value)).collect();
        if opened != shown || opened.len() != self.openings.len() {
            return Err(RedactionError::Content);
        }
        if self.height > LEAVES_MAX.ilog2() {
            return Err(RedactionError::TooLarge);
        }
        let mut row: BTreeMap<usize, Hash> = BTreeMap::new();
        for opening in &self.openings {
            let salt = digest::hex_32(&opening.salt).map_err(|_| RedactionError::Root)?;
            let hash = leaf(&salt, &opening.path, &opening.value);
            if row.insert(opening.place, hash).is_some() {
                return Err(RedactionError::Root);
            }
        }
        for height in 0..=self.height {
            for closed in self.closed.iter().filter(|closed| closed.height == height) {
                let hash = digest::hex_32(&closed.hash).map_err(|_| RedactionError::Root)?;
                if row.insert(closed.place, hash).is_some() {
                    return Err(RedactionError::Root);
                }
            }
            if height < self.height {
                row = row_above(&row)?;
            }
        }
        let is_root = row.len() == 1 && row.get(&0) == Some(root);
        let is_used = self.closed.iter().all(|closed| closed.height <= self.height);
        if is_root && is_used { Ok(()) } else { Err(RedactionError::Root) }
    }
}

/// Returns the row above one whose nodes come in whole pairs.
fn row_above(row: &BTreeMap<usize, Hash>) -> Result<BTreeMap<usize, Hash>, RedactionError> {
    let mut above = BTreeMap::new();
    for (place, left) in row.iter().filter(|(place, _)| *place % 2 == 0) {
        let right = row.get(&(place + 1)).ok_or(RedactionError::Root)?;
        above.insert(place / 2, node(&[*left, *right].concat()));
    }
    // A right half without its left one.
    if above.len() * 2 == row.len() { Ok(above) } else { Err(RedactionError::Root) }
}

/// Lists every value that has no parts, with its path, in the order of the document.
///
/// An empty object in a list is no value: it stands for an item of which nothing is shown.
fn flatten(value: &Value, path: &mut Vec<Value>, found: &mut Vec<(Vec<Value>, Value)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                path.push(key.as_str().into());
                flatten(member, path, found);
                path.pop();
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (place, item) in items.iter().enumerate() {
                path.push(place.into());
                flatten(item, path, found);
                path.pop();
            }
        }
        Value::Object(_) if path.last().is_none_or(Value::is_number) => {}
        Value::Array(_)
        | Value::Bool(_)
        | Value::Null
        | Value::Number(_)
        | Value::Object(_)
        | Value::String(_) => found.push((path.clone(), value.clone())),
    }
}

/// Returns a path as the policy writes it.
fn pattern(path: &[Value]) -> String {
    let mut text = String::new();
    for step in path {
        match step.as_str() {
            Some(key) if text.is_empty() => text.push_str(key),
            Some(key) => {
                text.push('.');
                text.push_str(key);
            }
            None => text.push_str("[]"),
        }
    }
    text
}

fn canonical<T: Serialize>(value: &T) -> Vec<u8> {
    // JSON values and integers always have an RFC 8785 form.
    serde_json_canonicalizer::to_vec(value).unwrap_or_default()
}

/// Hashes parts of fixed length only, so that one salt tells nothing of another.
fn salt(seed: &Salt, name: &[u8]) -> Hash {
    sha256(&[SALT_TAG, seed.as_bytes(), sha256(name).as_slice()].concat())
}

fn leaf(salt: &Hash, path: &[Value], value: &Value) -> Hash {
    let content = canonical(&(path, value));
    sha256(&[LEAF_TAG, salt.as_slice(), content.as_slice()].concat())
}

fn node(pair: &[u8]) -> Hash {
    sha256(&[NODE_TAG, pair].concat())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sharing::{Bundle, Policies, Tier};

    const VECTORS: &str = include_str!("../../../../testdata/sharing/vectors.json");

    fn report() -> Value {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let vectors = vectors["vectors"].as_array().unwrap();
        vectors.iter().find(|vector| vector["id"] == "V01").unwrap()["case"]["report"].clone()
    }

    #[test]
    fn the_bundle_of_every_tier_checks_against_the_original() {
        let policies = Policies::embedded().unwrap();
        let policy = policies.current();
        let report = report();
        let redactor = Redactor::new(&report, &Salt::from_bytes([9; 32])).unwrap();
        for tier in Tier::ALL {
            let copy = redactor.copy(|path| policy.lets_out(path, *tier));
            let bundle = Bundle::derive(&report, *tier, policy).unwrap();
            assert_eq!(copy.check(&redactor.root(), bundle.report()), Ok(()), "{tier:?}");
            let text = serde_json::to_string(&copy).unwrap();
            assert!(!text.contains("sanaa@finder.example"));
        }
    }

    #[test]
    fn a_changed_value_or_hash_is_noticed() {
        let document = json!({ "a": 1, "b": [{ "c": "x" }, { "c": "y" }], "d": "secret" });
        let redactor = Redactor::new(&document, &Salt::from_bytes([9; 32])).unwrap();
        let copy = redactor.copy(|path| path == "b[].c");
        let shown = json!({ "b": [{ "c": "x" }, { "c": "y" }] });
        assert_eq!(copy.check(&redactor.root(), &shown), Ok(()));
        let swapped = json!({ "b": [{ "c": "y" }, { "c": "x" }] });
        assert_eq!(copy.check(&redactor.root(), &swapped), Err(RedactionError::Content));
        let mut forged = copy.clone();
        forged.openings[0].value = json!("z");
        let shown_forged = json!({ "b": [{ "c": "z" }, { "c": "y" }] });
        assert_eq!(forged.check(&redactor.root(), &shown_forged), Err(RedactionError::Root));
        for place in 0..copy.closed.len() {
            let mut forged = copy.clone();
            forged.closed.remove(place);
            assert_eq!(forged.check(&redactor.root(), &shown), Err(RedactionError::Root));
        }
        let nothing = redactor.copy(|_| false);
        assert_eq!((nothing.openings.len(), nothing.closed.len()), (0, 1));
        assert_eq!(nothing.check(&redactor.root(), &json!({})), Ok(()));
    }
}
