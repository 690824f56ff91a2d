//! The text of the demo's advisories, made from the facts of a report.

use comity_core::assess;
use comity_core::report::Report;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::app::Hub;

/// Characters of a summary at the stricter levels of detail.
const SUMMARY_CHARS_MAX: usize = 500;

/// Returns the content of an advisory about the report, as far as it may be told (lexicon.md, LX-24).
pub(super) fn content(hub: &Hub, report: &Report, now: Timestamp, note: &str) -> Value {
    let value = report.to_value();
    let assessment = assess::assess(report, hub.lexicon());
    let assessment = serde_json::to_value(&assessment).unwrap_or(Value::Null);
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let summary = format!("{} {note}", text("/abstract/summary"));
    let exploited = text_of(&assessment, "/assessments/0/inputs/exploitation/low") == "active";
    json!({
        "language": "en",
        "title": text("/abstract/title"),
        "summary": cut(summary.trim(), SUMMARY_CHARS_MAX),
        "detail": { "level": "class_only" },
        "products": products(&value),
        "remedies": remedies(&value),
        "weakness": {
            "lexicon": hub.lexicon().version(),
            "classes": value.pointer("/technical/classes").cloned().unwrap_or_else(|| json!([])),
            "references": [],
        },
        "assessments": [{
            "assessor": hub.config().name,
            "at": now,
            "cvss": [],
            "aix": text_of(&assessment, "/assessments/0/aix/vector"),
        }],
        "exposure": {
            "as_of": now,
            "exploitation": if exploited { "active" } else { "none" },
            "known_before": false,
        },
        "timeline": [],
        "credits": [{ "kind": "anonymous", "role": "finder" }],
        "references": [],
        "aliases": aliases(&value),
        "translations": [],
    })
}

fn text_of<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// One row a party that the report names.
fn products(report: &Value) -> Vec<Value> {
    let parties = report.pointer("/affected/parties").and_then(Value::as_array);
    let mut rows: Vec<Value> = Vec::new();
    for (index, party) in parties.into_iter().flatten().enumerate() {
        let artefact = format!("/affected/artefacts/{index}/name");
        let product = text_of(report, &artefact);
        let name = text_of(party, "/name");
        let status = match text_of(party, "/status") {
            "affected" => json!({ "key": "known_affected" }),
            "not_affected" => {
                json!({ "key": "not_affected", "justification": "vulnerable_code_not_present" })
            }
            _ => json!({ "key": "under_investigation" }),
        };
        rows.push(json!({
            "key": super::script::slug(name),
            "supplier": name,
            "name": if product.is_empty() { "products named in public reports" } else { product },
            "versions": { "kind": "all" },
            "status": status,
        }));
    }
    if rows.is_empty() {
        rows.push(json!({
            "key": "unnamed", "supplier": "Several", "name": "Products named in public reports",
            "versions": { "kind": "all" }, "status": { "key": "under_investigation" },
        }));
    }
    rows
}

fn remedies(report: &Value) -> Vec<Value> {
    let classes: Vec<&str> = report
        .pointer("/remedies/classes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let helps = classes.iter().any(|class| !matches!(*class, "none_known" | "accept_by_design"));
    if helps {
        let text = "Follow the supplier's notice; until then limit who can reach the system.";
        return vec![json!({ "category": "mitigation", "classes": classes, "text": text })];
    }
    let text = "Do not rely on the safeguard alone.";
    vec![json!({ "category": "none_available", "classes": ["none_known"], "text": text })]
}

/// Identifiers elsewhere that formats know: CVE and GHSA.
fn aliases(report: &Value) -> Vec<Value> {
    let all = report.pointer("/technical/aliases").and_then(Value::as_array);
    all.into_iter()
        .flatten()
        .filter(|alias| {
            alias.as_str().is_some_and(|a| a.starts_with("CVE-") || a.starts_with("GHSA-"))
        })
        .cloned()
        .collect()
}

fn cut(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}
