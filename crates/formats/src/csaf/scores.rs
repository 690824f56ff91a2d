//! CVSS scores of an advisory as CSAF holds them.
//!
//! 2.0 has one CVSS 3 score a product and does not say whose; 2.1 has one a source. Only base metrics of
//! 4.0 are written: readers disagree about which score belongs to a vector with more.

use std::collections::BTreeSet;

use comity_core::advisory::content::Content;
use comity_core::severity::cvss::{self, Score};
use serde_json::{Map, Value, json};

use super::Version;
use crate::export::{LossReason, Losses};

const BASE_V3: [&str; 8] = ["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const BASE_V4: [&str; 11] = ["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];

pub(super) fn scores(
    content: &Content,
    version: Version,
    products: &[&str],
    losses: &mut Losses,
) -> Vec<Value> {
    let mut taken: BTreeSet<(Option<&str>, &str)> = BTreeSet::new();
    let mut scores = Vec::new();
    for (at, assessment) in content.assessments.iter().enumerate() {
        let source = if version == Version::V2_1 { assessment.source.as_deref() } else { None };
        let mut members = Map::new();
        for (index, score) in assessment.cvss.iter().enumerate() {
            let path = format!("/content/assessments/{at}/cvss/{index}");
            let written = member(&score.vector, version);
            match written {
                Some((key, value, whole))
                    if !products.is_empty() && taken.insert((source, key)) =>
                {
                    members.insert(key.to_owned(), value);
                    if !whole {
                        losses.lose(format!("{path}/vector"), LossReason::NotUnderstood);
                    }
                }
                Some(_) | None => losses.lose(path, LossReason::NoPlace),
            }
        }
        if version == Version::V2_0 && !members.is_empty() {
            losses.lose(format!("/content/assessments/{at}/assessor"), LossReason::NoPlace);
        }
        if !members.is_empty() {
            scores.push(entry(members, source, version, products));
        }
    }
    scores
}

fn entry(
    members: Map<String, Value>,
    source: Option<&str>,
    version: Version,
    products: &[&str],
) -> Value {
    let mut entry = match version {
        Version::V2_0 => members,
        Version::V2_1 => Map::from_iter([("content".to_owned(), Value::Object(members))]),
    };
    entry.insert("products".into(), json!(products));
    if let Some(source) = source {
        entry.insert("source".into(), json!(source));
    }
    Value::Object(entry)
}

/// The member's key, its value, and whether the whole vector is in it.
fn member(vector: &str, version: Version) -> Option<(&'static str, Value, bool)> {
    let read = cvss::parse(vector).ok()?;
    let base = base(&read)?;
    match (read.version, version) {
        (cvss::Version::V40, Version::V2_0) => None,
        (cvss::Version::V40, Version::V2_1) => {
            let whole = base.vector == read.vector;
            Some(("cvss_v4", value(&base, &base.vector), whole))
        }
        (cvss::Version::V30 | cvss::Version::V31, _) => {
            Some(("cvss_v3", value(&base, &read.vector), true))
        }
    }
}

fn value(base: &Score, vector: &str) -> Value {
    json!({
        "version": base.version.key(),
        "vectorString": vector,
        "baseScore": base.score.number(),
        "baseSeverity": base.severity().key().to_uppercase(),
    })
}

/// The score of the base metrics alone.
fn base(read: &Score) -> Option<Score> {
    let names: &[&str] = match read.version {
        cvss::Version::V40 => &BASE_V4,
        cvss::Version::V30 | cvss::Version::V31 => &BASE_V3,
    };
    let is_base = |part: &&str| part.split(':').next().is_some_and(|name| names.contains(&name));
    let (prefix, metrics) = read.vector.split_once('/')?;
    let metrics: Vec<&str> = metrics.split('/').filter(is_base).collect();
    cvss::parse(&format!("{prefix}/{}", metrics.join("/"))).ok()
}
