//! The rules of meaning that a schema cannot say: calendar, indexes, identifiers, vectors.

use jiff::civil::Date;
use serde_json::Value;

use super::identity::{ServiceUrn, is_purl};
use super::schema::integer;
use crate::lexicon::Lexicon;
use crate::lexicon::axis::{Axis, Level};
use crate::refusal::Refusal;
use crate::severity::{aix, cvss, vector};

/// Harm types that can support a severe uplift (LX-6).
const UPLIFT_HARMS: [&str; 3] = ["cbrn_uplift", "child_safety", "cyber_offence_uplift"];

/// Adds a refusal for everything in a document of the right schema that cannot be meant.
pub(super) fn check(report: &Value, lexicon: &Lexicon, refusals: &mut Vec<Refusal>) {
    if text(report, "/lexicon").is_some_and(|version| version != lexicon.version()) {
        refusals.push(Refusal::new("lexicon-unsupported", "/lexicon"));
    }
    for pointer in ["/submitted", "/disclosure/planned"] {
        check_date(report, pointer, refusals);
    }
    for index in 0..length(report, "/affected/artefacts") {
        check_artefact(report, &format!("/affected/artefacts/{index}"), refusals);
    }
    for index in 0..length(report, "/reproduction/trials") {
        check_trial(report, &format!("/reproduction/trials/{index}"), refusals);
    }
    for index in 0..length(report, "/assessments") {
        check_opinion(report, &format!("/assessments/{index}"), lexicon, refusals);
    }
}

fn check_artefact(report: &Value, at: &str, refusals: &mut Vec<Refusal>) {
    let purl = format!("{at}/purl");
    if text(report, &purl).is_some_and(|text| !is_purl(text)) {
        refusals.push(Refusal::new("purl-invalid", purl));
    }
    let urn = format!("{at}/urn");
    if text(report, &urn).is_some_and(|text| text.parse::<ServiceUrn>().is_err()) {
        refusals.push(Refusal::new("urn-invalid", urn));
    }
    for index in 0..length(report, &format!("{at}/digests")) {
        let digest = format!("{at}/digests/{index}");
        let hex_length = match text(report, &format!("{digest}/alg")) {
            Some("sha384") => 96,
            Some("sha512") => 128,
            Some(_) | None => 64,
        };
        if text(report, &format!("{digest}/value")).is_some_and(|value| value.len() != hex_length) {
            refusals.push(Refusal::new("digest-invalid", digest));
        }
    }
}

fn check_trial(report: &Value, at: &str, refusals: &mut Vec<Refusal>) {
    let number = |member: &str| report.pointer(&format!("{at}/{member}")).and_then(integer);
    if number("successes") > number("trials") {
        refusals.push(Refusal::new("trials-invalid", at));
    }
    let artefacts = length(report, "/affected/artefacts");
    check_index(report, &format!("{at}/artefact"), artefacts, refusals);
    check_date(report, &format!("{at}/at"), refusals);
}

fn check_opinion(report: &Value, at: &str, lexicon: &Lexicon, refusals: &mut Vec<Refusal>) {
    check_date(report, &format!("{at}/at"), refusals);
    let version = format!("{at}/lexicon");
    if text(report, &version).is_some_and(|version| version != lexicon.version()) {
        refusals.push(Refusal::new("lexicon-unsupported", version));
    }
    let items = length(report, "/evidence/items");
    for index in 0..length(report, &format!("{at}/evidence")) {
        check_index(report, &format!("{at}/evidence/{index}"), items, refusals);
    }
    for index in 0..length(report, &format!("{at}/cvss")) {
        let pointer = format!("{at}/cvss/{index}/vector");
        if let Some(Err(fault)) = text(report, &pointer).map(cvss::parse) {
            refusals.push(vector_refusal("cvss-invalid", pointer, &fault));
        }
    }
    let pointer = format!("{at}/aix");
    let vector = text(report, &pointer).map(aix::Aix::parse);
    if let Some(Err(fault)) = &vector {
        refusals.push(vector_refusal("aix-invalid", pointer.clone(), fault));
    }
    let uplift = format!("{at}/axes/misuse_uplift");
    let is_severe_by_vector = vector.is_some_and(|vector| vector.is_ok_and(has_severe_uplift));
    let severe = match text(report, &uplift) {
        Some("severe") => Some(uplift),
        None if is_severe_by_vector => Some(pointer),
        Some(_) | None => None,
    };
    if let Some(pointer) = severe.filter(|_| !has_uplift_harm(report)) {
        refusals.push(Refusal::new("uplift-unsupported", pointer));
    }
}

fn has_severe_uplift(vector: aix::Aix) -> bool {
    vector.levels().any(|level| level == (Axis::MisuseUplift, Level::Rank(3)))
}

fn has_uplift_harm(report: &Value) -> bool {
    let harms = report.pointer("/technical/harm_types").and_then(Value::as_array);
    harms.into_iter().flatten().filter_map(Value::as_str).any(|harm| UPLIFT_HARMS.contains(&harm))
}

fn vector_refusal(code: &'static str, pointer: String, fault: &vector::Fault) -> Refusal {
    Refusal::new(code, pointer)
        .with("cause", fault.cause.code())
        .with("metric", fault.metric.clone())
}

fn check_index(report: &Value, at: &str, length: usize, refusals: &mut Vec<Refusal>) {
    let index = report.pointer(at).and_then(integer).and_then(|index| usize::try_from(index).ok());
    if index.is_some_and(|index| index >= length) {
        refusals.push(Refusal::new("index-out-of-range", at));
    }
}

/// The schema checked the shape; the calendar is left (the 30th of February, year 0).
fn check_date(report: &Value, at: &str, refusals: &mut Vec<Refusal>) {
    let date = text(report, at).and_then(|text| text.get(..10));
    if date.is_some_and(|date| date.starts_with("0000") || date.parse::<Date>().is_err()) {
        refusals.push(Refusal::new("time-invalid", at));
    }
}

fn text<'v>(report: &'v Value, at: &str) -> Option<&'v str> {
    report.pointer(at).and_then(Value::as_str)
}

fn length(report: &Value, at: &str) -> usize {
    report.pointer(at).and_then(Value::as_array).map_or(0, Vec::len)
}
