//! What a tier lets out of a report: an allowlist by path, and the bytes that result (SH-06 to SH-08).
//!
//! A [`Bundle`] exists only if every path in it is mapped at or below its tier. What the policy does
//! not map never leaves. Not here: who may have it; that is the screen's and the pass's business.

use std::collections::{BTreeMap, BTreeSet};

use comity_ledger::digest;
use comity_ledger::json::Limits;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::policy::Policy;
use super::reader::{self, Node, Sink};
use super::word::Tier;
use crate::lexicon::Lexicon;
use crate::refusal::{Refusal, child};

const SCHEMA: &str = "comity.bundle/1";
/// The limits of a bundle that arrives: a report and its wrapping.
const LIMITS: Limits = Limits { bytes_max: (1 << 20) + 1024, depth_max: 17, ..Limits::REPORT };
/// The longest run of characters without a space in a text of T1 or T2, plus one: longer is no prose.
const RUN_MAX: usize = 40;

/// The part of a report that one tier lets out, in the bytes that leave.
///
/// Invariant: every member is mapped by the policy to this tier or a lower one, and the texts of T1
/// and T2 are short and plain (SH-07).
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    tier: Tier,
    document: Value,
    bytes: Vec<u8>,
    sees: BTreeSet<String>,
}

/// Why a bundle that arrived is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bundle does not keep to its tier")]
pub struct BundleRefusal(pub Vec<Refusal>);

/// A bundle with the paths it leaves out, and the tier each belongs to (`None`: never).
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) bundle: Bundle,
    pub(super) withheld: BTreeMap<String, Option<Tier>>,
}

impl Bundle {
    /// Returns what the tier lets out of a report; refuses texts that T1 and T2 do not carry.
    pub fn derive(report: &Value, tier: Tier, policy: &Policy) -> Result<Self, BundleRefusal> {
        cut(report, tier, policy).map(|cut| cut.bundle)
    }

    /// Returns what a lower tier lets out of this bundle; the same as deriving it from the report.
    pub fn lower(&self, tier: Tier, policy: &Policy) -> Result<Self, BundleRefusal> {
        Self::derive(self.report(), tier.min(self.tier), policy)
    }

    /// Reads a bundle that arrived; a member above its tier, or one the report schema refuses, is
    /// refused whole.
    pub fn read(bytes: &[u8], policy: &Policy, lexicon: &Lexicon) -> Result<Self, BundleRefusal> {
        let value = reader::document(bytes, &LIMITS).map_err(BundleRefusal)?;
        reader::schema(&value, SCHEMA).map_err(BundleRefusal)?;
        let sink = Sink::default();
        let members = Node::root(&value, &sink).object(&["schema", "tier", "report"]);
        let parts = members.and_then(|members| {
            let tier = members.read("tier", Node::tier);
            let report = members.read("report", |node| Some(node.value.clone()));
            Some((tier?, report?))
        });
        let (tier, report) = sink.finish(parts).map_err(BundleRefusal)?;
        let mut refusals = Vec::new();
        lexicon.report_schema().check(&report, &mut "/report".to_owned(), &mut refusals);
        // A lower tier lacks members that a report must have; all else holds for every tier.
        refusals.retain(|refusal| refusal.code != "field-missing");
        let cut = cut(&report, tier, policy)?;
        for path in cut.withheld.keys() {
            refusals.push(Refusal::new("member-unknown", format!("/report/{path}")));
        }
        if refusals.is_empty() { Ok(cut.bundle) } else { Err(BundleRefusal(refusals)) }
    }

    /// Returns the tier.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.tier
    }

    /// Returns the report's part.
    #[must_use]
    pub fn report(&self) -> &Value {
        self.document.get("report").unwrap_or(&Value::Null)
    }

    /// Returns the bytes that leave.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the paths in it, sorted.
    #[must_use]
    pub const fn sees(&self) -> &BTreeSet<String> {
        &self.sees
    }

    /// Returns `sha256:` and the hash of the bytes.
    #[must_use]
    pub fn hash(&self) -> String {
        format!("sha256:{}", digest::hex(&digest::sha256(&self.bytes)))
    }

    /// Changes one byte behind the back of every check, to show that a pass notices.
    #[cfg(test)]
    pub(super) fn corrupt(mut self) -> Self {
        if let Some(byte) = self.bytes.last_mut() {
            *byte ^= 1;
        }
        self
    }
}

impl Serialize for Bundle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

/// Cuts a report down to a tier.
pub(super) fn cut(report: &Value, tier: Tier, policy: &Policy) -> Result<Cut, BundleRefusal> {
    let mut cutter = Cutter {
        tier,
        policy,
        sees: BTreeSet::new(),
        withheld: BTreeMap::new(),
        refusals: Vec::new(),
    };
    let report = cutter.cut(report, "", "/report").unwrap_or_else(|| Value::Object(Map::new()));
    if !cutter.refusals.is_empty() {
        return Err(BundleRefusal(cutter.refusals));
    }
    let document = json!({ "schema": SCHEMA, "tier": tier, "report": report });
    let bytes = serde_json_canonicalizer::to_vec(&document)
        .map_err(|_| BundleRefusal(vec![Refusal::new("value-invalid", "/report")]))?;
    let bundle = Bundle { tier, document, bytes, sees: cutter.sees };
    Ok(Cut { bundle, withheld: cutter.withheld })
}

struct Cutter<'p> {
    tier: Tier,
    policy: &'p Policy,
    sees: BTreeSet<String>,
    withheld: BTreeMap<String, Option<Tier>>,
    refusals: Vec<Refusal>,
}

impl Cutter<'_> {
    /// Returns what is left of a value; `None` if nothing is.
    fn cut(&mut self, value: &Value, path: &str, at: &str) -> Option<Value> {
        if let Some(needs) = self.policy.fields.get(path) {
            if *needs > self.tier {
                self.withheld.insert(path.to_owned(), Some(*needs));
                return None;
            }
            self.check_text(value, path, at);
            self.sees.insert(path.to_owned());
            return Some(value.clone());
        }
        match value {
            Value::Object(members) if path.is_empty() || self.is_above_fields(path, ".") => {
                self.cut_members(members, path, at)
            }
            Value::Array(items) if self.is_above_fields(path, "[]") => {
                self.cut_items(items, path, at)
            }
            Value::Array(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number(_)
            | Value::Object(_)
            | Value::String(_) => {
                self.withheld.insert(path.to_owned(), None);
                None
            }
        }
    }

    fn cut_members(&mut self, members: &Map<String, Value>, path: &str, at: &str) -> Option<Value> {
        let mut left = Map::new();
        for (key, member) in members {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if let Some(member) = self.cut(member, &path, &child(at, key)) {
                left.insert(key.clone(), member);
            }
        }
        (!left.is_empty()).then_some(Value::Object(left))
    }

    /// Lists keep positions: an item of which nothing is left stays as an empty object.
    fn cut_items(&mut self, items: &[Value], path: &str, at: &str) -> Option<Value> {
        let path = format!("{path}[]");
        let left: Vec<Option<Value>> = items
            .iter()
            .enumerate()
            .map(|(place, item)| self.cut(item, &path, &format!("{at}/{place}")))
            .collect();
        let is_left = left.iter().any(Option::is_some);
        let empty = || Value::Object(Map::new());
        is_left.then(|| left.into_iter().map(|item| item.unwrap_or_else(empty)).collect())
    }

    /// Returns whether the policy maps something below the path.
    fn is_above_fields(&self, path: &str, joint: &str) -> bool {
        let prefix = format!("{path}{joint}");
        let mut below = self.policy.fields.range(prefix.clone()..);
        below.next().is_some_and(|(field, _)| field.starts_with(&prefix))
    }

    fn check_text(&mut self, value: &Value, path: &str, at: &str) {
        let is_short_tier = matches!(self.tier, Tier::T1 | Tier::T2);
        if let (true, Some(length_max), Some(text)) =
            (is_short_tier, self.policy.text.get(path), value.as_str())
            && !is_plain(text, *length_max)
        {
            self.refusals.push(Refusal::new("tier-text", at));
        }
    }
}

/// Returns whether a text is short prose, so that neither code, link nor payload travels in it.
fn is_plain(text: &str, length_max: usize) -> bool {
    let is_bad = |letter: char| letter < ' ' || "`<>{}".contains(letter);
    text.chars().count() <= length_max
        && !text.chars().any(is_bad)
        && !text.contains("://")
        && text.split(' ').all(|run| run.chars().count() < RUN_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharing::Policies;

    #[test]
    fn lists_keep_positions() {
        let policies = Policies::embedded().unwrap();
        let report = json!({
            "schema": "comity.report/1",
            "assessments": [{ "at": "x" }, { "inputs": { "reach": "single" } }, {}],
            "evidence": { "items": [{ "bytes": 1 }] },
        });
        let bundle = Bundle::derive(&report, Tier::T1, policies.current()).unwrap();
        let expected = json!({
            "schema": "comity.report/1",
            "assessments": [{}, { "inputs": { "reach": "single" } }, {}],
        });
        assert_eq!(bundle.report(), &expected);
    }

    #[test]
    fn text_of_a_low_tier_is_short_prose() {
        let check = |text: &str, is_taken| assert_eq!(is_plain(text, 100), is_taken, "{text:?}");
        check("Nested roles bypass the guardrail", true);
        check("ä".repeat(39).as_str(), true);
        check("ä".repeat(40).as_str(), false);
        check("a b ".repeat(26).as_str(), false);
        check("a\nb", false);
        check("see https://a.example", false);
        for bad in ["`", "<", ">", "{", "}", "\u{0}", "\t"] {
            check(bad, false);
        }
    }
}
