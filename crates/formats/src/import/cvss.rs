//! Scores that a record declares, checked against their own vectors.
//!
//! Not here: the formulas, which are `comity-core`'s.

use std::collections::BTreeMap;

use comity_core::severity::cvss;
use serde_json::Value;

use super::reader::{Bounded, Mark, Object, Reader, is_absent};
use super::record::Flag;

/// Scores of one assessment at most.
const SCORES_MAX: usize = 8;

/// The metrics of the base group, of all versions: what a declared base score is about.
const BASE: [&str; 15] =
    ["A", "AC", "AT", "AV", "C", "I", "PR", "S", "SA", "SC", "SI", "UI", "VA", "VC", "VI"];

/// A readable vector: canonical text, version and base score.
#[derive(Clone, Debug)]
struct Vector {
    canonical: String,
    version: &'static str,
    base: f64,
}

/// The scores of one record, over all its assessments.
#[derive(Debug, Default)]
pub(super) struct Scores {
    first: Option<Vector>,
    by_version: BTreeMap<&'static str, Vec<f64>>,
}

impl Scores {
    /// Reads one vector with the score declared beside it, if any, into a list of `cvss`.
    pub(super) fn read<'a>(
        &mut self,
        reader: &Reader<'a>,
        (vector, declared): (Option<&'a Value>, Option<&'a Value>),
        into: &mut Bounded<Value>,
    ) {
        let Some(source) = vector.filter(|vector| !is_absent(vector)) else {
            return reader.flag(Flag::CvssUnreadable);
        };
        let Some(vector) = reader.string(vector).and_then(|text| parse(text.trim())) else {
            reader.mark(source, Mark::NotUnderstood);
            return reader.flag(Flag::CvssUnreadable);
        };
        let declared = number(reader, declared);
        if declared.is_some_and(|score| (score - vector.base).abs() > 0.001) {
            reader.flag(Flag::CvssScoreMismatch);
        }
        self.by_version.entry(vector.version).or_default().push(declared.unwrap_or(vector.base));
        let mut score = Object::default();
        score.set("vector", Some(vector.canonical.as_str()));
        score.set("declared_score", declared.filter(|score| (0.0..=10.0).contains(score)));
        into.push(reader, source, score.into());
        self.first.get_or_insert(vector);
    }

    /// Returns an empty list for the scores of one assessment.
    pub(super) fn list() -> Bounded<Value> {
        Bounded::new(SCORES_MAX)
    }

    /// Flags two scores of one CVSS version that differ.
    pub(super) fn flag_disagreement(&self, reader: &Reader<'_>) {
        let differ = |scores: &Vec<f64>| {
            scores.iter().zip(scores.iter().skip(1)).any(|(one, other)| (one - other).abs() > 0.001)
        };
        if self.by_version.values().any(differ) {
            reader.flag(Flag::SeverityDisagreement);
        }
    }

    /// Returns who can attack, as the first readable vector says (import mapping, row `all`).
    pub(super) fn attacker_access(&self) -> Vec<&'static str> {
        let Some(first) = &self.first else { return Vec::new() };
        let access = match (first.metric("AV"), first.metric("PR")) {
            (Some("P"), _) => "physical",
            (_, Some("H")) => "privileged",
            (Some("A" | "L"), _) => "user",
            (_, Some("N")) => "external",
            _ => "user",
        };
        vec![access]
    }
}

impl Vector {
    fn metric(&self, name: &str) -> Option<&str> {
        let mut metrics = self.canonical.split('/').filter_map(|part| part.split_once(':'));
        metrics.find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// Returns a declared score: a number, or a number in a text.
fn number<'a>(reader: &Reader<'a>, value: Option<&'a Value>) -> Option<f64> {
    let value = value.filter(|value| !is_absent(value))?;
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Object(_) => None,
    };
    reader.mark(value, if number.is_some() { Mark::Used } else { Mark::NotUnderstood });
    number
}

fn parse(text: &str) -> Option<Vector> {
    let whole = cvss::parse(text).ok()?;
    let is_base = |part: &&str| {
        part.split_once(':').is_some_and(|(name, _)| name == "CVSS" || BASE.contains(&name))
    };
    let base = whole.vector.split('/').filter(is_base).collect::<Vec<_>>().join("/");
    let base = cvss::parse(&base).ok()?.score.number();
    Some(Vector { canonical: whole.vector, version: whole.version.key(), base })
}
