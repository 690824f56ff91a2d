//! The `document` member: who says it, since when, in which version, and where else it is.

use comity_core::advisory::content::{Credit, CreditRole, Detail};
use comity_core::advisory::{
    Advisory, Checked, Publisher, PublisherCategory, Revision, Status, Tlp,
};
use serde_json::{Map, Value, json};

use super::{Profile, Version, path, put_list};
use crate::export::{LossReason, Losses, Site};
use crate::language;

pub(super) fn document(
    advisory: &Checked,
    version: Version,
    profile: Profile,
    site: &Site<'_>,
    losses: &mut Losses,
) -> Value {
    let content = &advisory.content;
    let mut document = Map::new();
    document.insert("category".into(), json!(profile.category()));
    document.insert("csaf_version".into(), json!(version.number()));
    document.insert("title".into(), json!(content.title));
    if language::is_registered(&content.language) {
        document.insert("lang".into(), json!(content.language));
    } else {
        losses.lose("/content/language", LossReason::NotUnderstood);
    }
    document.insert("publisher".into(), publisher(&advisory.publisher, version, losses));
    document.insert("distribution".into(), distribution(advisory.tlp, version, losses));
    document.insert("tracking".into(), tracking(advisory, site));
    put_list(&mut document, "acknowledgments", acknowledgments(&content.credits));
    document.insert("notes".into(), notes(advisory, profile, losses));
    document.insert("references".into(), references(advisory, profile, site));
    for (index, _) in content.translations.iter().enumerate() {
        losses.lose(format!("/content/translations/{index}"), LossReason::NoPlace);
    }
    Value::Object(document)
}

pub(super) fn publisher(publisher: &Publisher, version: Version, losses: &mut Losses) -> Value {
    let category = match publisher.category {
        PublisherCategory::Coordinator => "coordinator",
        PublisherCategory::Discoverer => "discoverer",
        PublisherCategory::Vendor => "vendor",
        PublisherCategory::Other => "other",
    };
    let mut value = Map::new();
    value.insert("category".into(), json!(category));
    value.insert("name".into(), json!(publisher.name));
    value.insert("namespace".into(), json!(publisher.namespace));
    match (&publisher.contact, version) {
        (Some(contact), Version::V2_0) => {
            value.insert("contact_details".into(), json!(contact));
        }
        (Some(_), Version::V2_1) => losses.lose("/publisher/contact", LossReason::NoPlace),
        (None, _) => {}
    }
    Value::Object(value)
}

fn distribution(tlp: Tlp, version: Version, losses: &mut Losses) -> Value {
    let label = match (tlp, version) {
        (Tlp::Clear, Version::V2_0) => "WHITE",
        (Tlp::Clear, Version::V2_1) => "CLEAR",
        (Tlp::Green, _) => "GREEN",
        (Tlp::Amber, _) => "AMBER",
        (Tlp::AmberStrict, Version::V2_1) => "AMBER+STRICT",
        // TLP 1 has no stricter amber; red is the label that does not tell more people.
        (Tlp::AmberStrict, Version::V2_0) => {
            losses.lose("/tlp", LossReason::NoPlace);
            "RED"
        }
        (Tlp::Red, _) => "RED",
    };
    json!({ "tlp": { "label": label, "url": "https://www.first.org/tlp/" } })
}

fn tracking(advisory: &Advisory, site: &Site<'_>) -> Value {
    let draft = advisory.status == Status::Draft;
    let history = if draft {
        vec![json!({
            "date": advisory.drafted_at.to_string(),
            "number": "0",
            "summary": "Draft.",
        })]
    } else {
        advisory.revisions.iter().map(revision).collect()
    };
    json!({
        "id": advisory.id,
        "initial_release_date":
            advisory.published_at().unwrap_or(advisory.drafted_at).to_string(),
        "current_release_date": advisory.changed_at().to_string(),
        "version": advisory.version.to_string(),
        "status": if draft { "draft" } else { "final" },
        "revision_history": history,
        "generator": {
            "date": advisory.changed_at().to_string(),
            "engine": { "name": "Comity", "version": site.engine_version },
        },
    })
}

fn revision(revision: &Revision) -> Value {
    json!({
        "date": revision.at.to_string(),
        "number": revision.version.to_string(),
        "summary": revision.summary,
    })
}

pub(super) fn acknowledgments(credits: &[Credit]) -> Vec<Value> {
    credits.iter().map(acknowledgment).collect()
}

fn acknowledgment(credit: &Credit) -> Value {
    match credit {
        Credit::Anonymous { role } => {
            json!({ "summary": format!("{}, who wishes not to be named", role_words(*role)) })
        }
        Credit::Named { role, name, organisation, url } => {
            let mut value = Map::new();
            value.insert("names".into(), json!([name]));
            value.insert("summary".into(), json!(role_words(*role)));
            if let Some(organisation) = organisation {
                value.insert("organization".into(), json!(organisation));
            }
            if let Some(url) = url {
                value.insert("urls".into(), json!([url]));
            }
            Value::Object(value)
        }
    }
}

const fn role_words(role: CreditRole) -> &'static str {
    match role {
        CreditRole::Finder => "Finder",
        CreditRole::Reporter => "Reporter",
        CreditRole::Analyst => "Analyst",
        CreditRole::Coordinator => "Coordinator",
        CreditRole::RemediationDeveloper => "Developer of the fix",
        CreditRole::RemediationVerifier => "Checked the fix",
        CreditRole::Other => "Contributor",
    }
}

fn notes(advisory: &Advisory, profile: Profile, losses: &mut Losses) -> Value {
    let content = &advisory.content;
    let mut notes = Vec::new();
    if let Some(withdrawal) = &advisory.withdrawal {
        let title = match profile {
            Profile::Superseded => "Reasoning for Supersession",
            Profile::Base | Profile::SecurityAdvisory | Profile::Vex | Profile::Withdrawn => {
                "Reasoning for Withdrawal"
            }
        };
        notes.push(json!({ "category": "description", "title": title, "text": withdrawal.reason }));
    }
    notes.push(json!({ "category": "summary", "title": "Summary", "text": content.summary }));
    if !profile.tells_flaw() {
        if content.detail.description().is_some() {
            losses.lose("/content/detail/description", LossReason::NoPlace);
        }
        if content.detail.reproduction().is_some() {
            losses.lose("/content/detail/reproduction", LossReason::NoPlace);
        }
    }
    notes.push(json!({
        "category": "other",
        "title": "Level of detail",
        "text": level_words(&content.detail),
    }));
    Value::Array(notes)
}

fn level_words(detail: &Detail) -> String {
    let key = detail.key();
    match detail {
        Detail::Full { .. } => format!("{key}: everything known is told."),
        Detail::RedactedPayload { .. } => format!("{key}: what makes the flaw work is left out."),
        Detail::ClassOnly {} => format!("{key}: only classes, products and remedies are told."),
        Detail::RestrictedChannel { ask_at } => {
            format!("{key}: who has to act can ask for more at {ask_at}")
        }
    }
}

fn references(advisory: &Advisory, profile: Profile, site: &Site<'_>) -> Value {
    let mut references = vec![
        json!({
            "category": "self",
            "summary": "This document",
            "url": format!("{}{}", site.documents, path(advisory)),
        }),
        json!({
            "category": "self",
            "summary": "The advisory as a page",
            "url": format!("{}{}", site.pages, advisory.id),
        }),
    ];
    if let Some(successor) = advisory.withdrawal.as_ref().and_then(|w| w.successor.as_ref()) {
        let summary = match profile {
            Profile::Superseded => format!("Superseding Document: {successor}"),
            Profile::Base | Profile::SecurityAdvisory | Profile::Vex | Profile::Withdrawn => {
                format!("Replaced by {successor}")
            }
        };
        references.push(json!({
            "category": "external",
            "summary": summary,
            "url": format!("{}{successor}", site.pages),
        }));
    }
    references.extend(
        advisory
            .content
            .references
            .iter()
            .map(|link| json!({ "category": "external", "summary": link.title, "url": link.url })),
    );
    Value::Array(references)
}
