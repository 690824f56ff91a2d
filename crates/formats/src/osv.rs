//! Advisories as OSV 1.7 documents: packages of known ecosystems, in the order of those ecosystems.
//!
//! Most AI products are in no ecosystem of OSV: each such row is listed as lost, and kept for people
//! under `database_specific`. Not here: reading OSV.

mod affected;

use std::collections::BTreeMap;

use comity_core::advisory::content::{
    Content, Credit, CreditRole, Exploitation, Status as RowStatus,
};
use comity_core::advisory::severity::Assessment;
use comity_core::advisory::{Advisory, Checked, Status};
use serde_json::{Map, Value, json};

use crate::export::{Loss, LossReason, Losses, Site};

/// The version of the schema that is written.
pub const SCHEMA_VERSION: &str = "1.7.5";

/// Returns the document, and what of the advisory it does not carry.
#[must_use]
pub fn export(advisory: &Checked, site: &Site<'_>) -> (Value, Vec<Loss>) {
    let mut losses = Losses::default();
    let content = &advisory.content;
    let mut value = Map::new();
    value.insert("schema_version".into(), json!(SCHEMA_VERSION));
    value.insert("id".into(), json!(id(&advisory.id)));
    value.insert("modified".into(), json!(advisory.changed_at().to_string()));
    if let Some(published) = advisory.published_at() {
        value.insert("published".into(), json!(published.to_string()));
    }
    if advisory.status == Status::Withdrawn {
        value.insert("withdrawn".into(), json!(advisory.changed_at().to_string()));
    }
    value.insert("summary".into(), json!(content.title));
    value.insert("details".into(), json!(details(advisory)));
    if !content.aliases.is_empty() {
        value.insert("aliases".into(), json!(content.aliases));
    }
    if let Some(successor) = advisory.withdrawal.as_ref().and_then(|w| w.successor.as_ref()) {
        value.insert("related".into(), json!([id(successor)]));
    }
    value.insert("severity".into(), Value::Array(severity(&content.assessments, &mut losses)));
    let (affected, others) = affected::affected(content, &mut losses);
    value.insert("affected".into(), Value::Array(affected));
    value.insert("references".into(), references(advisory, site));
    let credits = credits(&content.credits, &mut losses);
    if !credits.is_empty() {
        value.insert("credits".into(), Value::Array(credits));
    }
    value.insert("database_specific".into(), database_specific(advisory, others));
    lose_the_rest(content, &mut losses);
    (Value::Object(value), losses.into_sorted())
}

/// Ids of databases without a prefix of their own begin with `x_`.
fn id(advisory: &str) -> String {
    format!("x_comity-{advisory}")
}

/// Markdown for people. What others wrote is put into it as it is: readers of OSV must treat `details`
/// as untrusted, and escaping here would show them the escapes.
fn details(advisory: &Advisory) -> String {
    let content = &advisory.content;
    let mut parts = Vec::new();
    if let Some(withdrawal) = &advisory.withdrawal {
        parts.push(format!("Withdrawn: {}", withdrawal.reason));
    }
    parts.push(content.summary.clone());
    parts.extend(content.detail.description().map(str::to_owned));
    parts.extend(
        content.detail.reproduction().map(|text| format!("## How to reproduce it\n\n{text}")),
    );
    if !content.remedies.is_empty() {
        parts.push("## What to do now".to_owned());
    }
    for remedy in &content.remedies {
        let url = remedy.url.as_ref().map(|url| format!(" <{url}>")).unwrap_or_default();
        parts.push(format!("{}: {}{url}", remedy.category.key(), remedy.text));
    }
    parts.join("\n\n")
}

/// One vector a version of CVSS: OSV does not say whose a score is, so the first assessor's stands.
fn severity(assessments: &[Assessment], losses: &mut Losses) -> Vec<Value> {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (at, assessment) in assessments.iter().enumerate() {
        for (index, score) in assessment.cvss.iter().enumerate() {
            let kind = if score.vector.starts_with("CVSS:4.0/") { "CVSS_V4" } else { "CVSS_V3" };
            let path = format!("/content/assessments/{at}/cvss/{index}");
            if taken.contains_key(kind) {
                losses.lose(path, LossReason::NoPlace);
            } else {
                taken.insert(kind, &score.vector);
                losses.lose(format!("{path}/score_tenths"), LossReason::NoPlace);
            }
        }
    }
    taken.into_iter().map(|(kind, vector)| json!({ "type": kind, "score": vector })).collect()
}

fn references(advisory: &Advisory, site: &Site<'_>) -> Value {
    let page = json!({ "type": "ADVISORY", "url": format!("{}{}", site.pages, advisory.id) });
    let web =
        advisory.content.references.iter().map(|link| json!({ "type": "WEB", "url": link.url }));
    Value::Array(std::iter::once(page).chain(web).collect())
}

fn credits(credits: &[Credit], losses: &mut Losses) -> Vec<Value> {
    let mut values = Vec::new();
    for (index, credit) in credits.iter().enumerate() {
        match credit {
            Credit::Anonymous { role: _ } => {
                losses.lose(format!("/content/credits/{index}"), LossReason::NoPlace);
            }
            Credit::Named { role, name, organisation, url } => {
                let mut value = Map::new();
                value.insert("name".into(), json!(name));
                value.insert("type".into(), json!(credit_type(*role)));
                if let Some(url) = url {
                    value.insert("contact".into(), json!([url]));
                }
                if organisation.is_some() {
                    let path = format!("/content/credits/{index}/organisation");
                    losses.lose(path, LossReason::NoPlace);
                }
                values.push(Value::Object(value));
            }
        }
    }
    values
}

const fn credit_type(role: CreditRole) -> &'static str {
    match role {
        CreditRole::Finder => "FINDER",
        CreditRole::Reporter => "REPORTER",
        CreditRole::Analyst => "ANALYST",
        CreditRole::Coordinator => "COORDINATOR",
        CreditRole::RemediationDeveloper => "REMEDIATION_DEVELOPER",
        CreditRole::RemediationVerifier => "REMEDIATION_VERIFIER",
        CreditRole::Other => "OTHER",
    }
}

/// Our own terms, each with the version it is of; a decision with its inputs and lexicon (LX-30).
fn database_specific(advisory: &Advisory, others: Vec<Value>) -> Value {
    let content = &advisory.content;
    let assessment = |assessment: &Assessment| {
        json!({
            "assessor": assessment.assessor,
            "at": assessment.at.to_string(),
            "aix": assessment.aix,
            "decision": assessment.decision,
        })
    };
    let mut comity = Map::new();
    comity.insert("advisory".into(), json!(advisory.id));
    comity.insert("version".into(), json!(advisory.version));
    comity.insert("publisher".into(), json!(advisory.publisher.hub));
    comity.insert("language".into(), json!(content.language));
    comity.insert("detail".into(), json!(content.detail.key()));
    comity.insert("weakness".into(), serde_json::to_value(&content.weakness).unwrap_or_default());
    comity.insert("assessments".into(), content.assessments.iter().map(assessment).collect());
    comity.insert("exposure".into(), serde_json::to_value(&content.exposure).unwrap_or_default());
    comity.insert("products_without_ecosystem".into(), Value::Array(others));
    let mut value = Map::new();
    let cwes: Vec<&str> = content
        .weakness
        .references
        .iter()
        .filter(|reference| reference.framework == "cwe")
        .map(|reference| reference.id.as_str())
        .collect();
    value.insert("cwe_ids".into(), json!(cwes));
    value.insert("exploited".into(), json!(content.exposure.exploitation == Exploitation::Active));
    value.insert("comity".into(), Value::Object(comity));
    Value::Object(value)
}

fn lose_the_rest(content: &Content, losses: &mut Losses) {
    for index in 0..content.timeline.len() {
        losses.lose(format!("/content/timeline/{index}"), LossReason::NoPlace);
    }
    for index in 0..content.translations.len() {
        losses.lose(format!("/content/translations/{index}"), LossReason::NoPlace);
    }
    for (index, remedy) in content.remedies.iter().enumerate() {
        if !remedy.classes.is_empty() {
            losses.lose(format!("/content/remedies/{index}/classes"), LossReason::NoPlace);
        }
        if !remedy.products.is_empty() {
            losses.lose(format!("/content/remedies/{index}/products"), LossReason::NoPlace);
        }
    }
    for (index, row) in content.products.iter().enumerate() {
        match row.status {
            RowStatus::KnownAffected {} => {}
            RowStatus::Fixed {}
            | RowStatus::NotAffected { .. }
            | RowStatus::UnderInvestigation {} => {
                losses.lose(format!("/content/products/{index}"), LossReason::NoPlace);
            }
        }
    }
}
