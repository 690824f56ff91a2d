//! A published document as the page shows it.

use comity_core::advisory::content::{self, Credit, FactKind, Translation, Versions};
use comity_core::advisory::{Advisory, RevisionKind};
use jiff::Timestamp;

use crate::app::advisories::AdvisoryRow;
use crate::web::markdown::advisory_body;
use crate::web::view::{
    AdvisoryItem, AdvisoryView, AffectedRow, AffectedState, FormatLink, Milestone, ScoreRow, TimelineRow, Urgency,
    Withdrawal,
};
use crate::web::visible::Foreign;

/// Returns the row of an advisory in a list.
pub(super) fn item(row: &AdvisoryRow, advisory: &Advisory) -> AdvisoryItem {
    AdvisoryItem {
        id: row.id.clone(),
        title: Foreign::new(row.title.clone(), Some(&row.language)),
        published: advisory.published_at().unwrap_or_else(|| advisory.changed_at()),
        corrected: corrected(advisory).map(|(at, _)| at),
        withdrawn: row.withdrawn_at.is_some(),
        urgency: urgency(advisory),
    }
}

/// The highest decision of all assessors; none while facts leave more than one open.
fn urgency(advisory: &Advisory) -> Option<Urgency> {
    let assessed = advisory.content.assessments.iter();
    let decisions = assessed.filter_map(|one| one.decision.as_ref().and_then(|record| record.decision()));
    decisions.max().and_then(|decision| Urgency::of(decision.key()))
}

fn corrected(advisory: &Advisory) -> Option<(Timestamp, String)> {
    let changes = |kind: &RevisionKind| matches!(kind, RevisionKind::Correction | RevisionKind::Update);
    let last = advisory.revisions.iter().rfind(|revision| changes(&revision.kind))?;
    Some((last.at, last.summary.clone()))
}

/// Returns the page of an advisory in a reader's language; `latest` is its newest version.
pub(super) fn view(advisory: &Advisory, latest: u32, tag: &str, sha256: String) -> AdvisoryView {
    let content = &advisory.content;
    let fresh = content.source_sha256();
    let translation = content
        .translations
        .iter()
        .find(|one| one.language == tag && content.language != tag && one.source_sha256 == fresh);
    let lang = translation.map_or(content.language.as_str(), |one| one.language.as_str());
    let title = translation.map_or(&content.title, |one| &one.title);
    let foreign = |text: &str| Foreign::new(text, Some(&content.language));
    AdvisoryView {
        id: advisory.id.clone(),
        version: advisory.version,
        latest,
        title: Foreign::new(title.clone(), Some(lang)),
        translated_from: translation.map(|_| content.language.clone()),
        published: advisory.published_at().unwrap_or_else(|| advisory.changed_at()),
        corrected: corrected(advisory).map(|(at, what)| (at, foreign(&what))),
        withdrawn: advisory.withdrawal.as_ref().map(|withdrawal| Withdrawal {
            at: advisory.changed_at(),
            reason: foreign(&withdrawal.reason),
            successor: withdrawal.successor.clone(),
        }),
        affected: content.products.iter().map(affected).collect(),
        actions: actions(content, translation),
        body_lang: lang.to_owned(),
        body: advisory_body(&words(content, translation)),
        urgency: urgency(advisory),
        scores: scores(content),
        timeline: timeline(advisory),
        credit: content.credits.iter().filter_map(credit).collect(),
        sources: content.references.iter().map(|link| link.url.clone()).collect(),
        aliases: content.aliases.clone(),
        formats: formats(advisory, latest),
        sha256: Some(sha256),
        log: None,
    }
}

fn words(content: &content::Content, translation: Option<&Translation>) -> String {
    let summary = translation.map_or(content.summary.as_str(), |one| one.summary.as_str());
    let translated = translation.and_then(|one| one.description.as_deref());
    let description = if translation.is_some() { translated } else { content.detail.description() };
    let mut words = summary.to_owned();
    for part in [description, content.detail.reproduction()].into_iter().flatten() {
        words.push_str("\n\n");
        words.push_str(part);
    }
    words
}

fn actions(content: &content::Content, translation: Option<&Translation>) -> Vec<Foreign> {
    let translated = translation.filter(|one| one.remedies.len() == content.remedies.len());
    let mut actions = Vec::with_capacity(content.remedies.len());
    for (place, remedy) in content.remedies.iter().enumerate() {
        let own = translated.and_then(|one| Some((one.remedies.get(place)?, one.language.as_str())));
        let (text, lang) = own.unwrap_or((&remedy.text, content.language.as_str()));
        actions.push(Foreign::new(text.clone(), Some(lang)));
    }
    actions
}

fn affected(row: &content::ProductRow) -> AffectedRow {
    let state = match row.status {
        content::Status::Fixed {} => AffectedState::Fixed,
        content::Status::KnownAffected {} => AffectedState::Affected,
        content::Status::NotAffected { .. } => AffectedState::NotAffected,
        content::Status::UnderInvestigation {} => AffectedState::UnderInvestigation,
    };
    let named = row.name.to_lowercase().contains(&row.supplier.to_lowercase());
    let product = if named { row.name.clone() } else { format!("{} {}", row.supplier, row.name) };
    AffectedRow { product, versions: versions(&row.versions), state }
}

fn versions(versions: &Versions) -> String {
    match versions {
        Versions::All {} => String::new(),
        Versions::Listed { versions } => versions.join(", "),
        Versions::Range { from, to, .. } => {
            let from = from.as_ref().map(|from| format!("≥ {from}"));
            let to = to.as_ref().map(|to| {
                let sign = if to.included { '≤' } else { '<' };
                format!("{sign} {}", to.version)
            });
            [from, to].into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
    }
}

fn scores(content: &content::Content) -> Vec<ScoreRow> {
    let mut rows = Vec::new();
    for one in &content.assessments {
        for cvss in &one.cvss {
            let system = cvss.vector.split('/').next().unwrap_or_default().replace(':', " ");
            let value = Some(format!("{}.{}", cvss.score_tenths / 10, cvss.score_tenths % 10));
            let (vector, assessor) = (cvss.vector.clone(), one.assessor.clone());
            rows.push(ScoreRow { system, value, vector, assessor });
        }
        if let Some(vector) = &one.aix {
            let system = vector.split('/').next().unwrap_or_default().replace(':', " ");
            let (vector, assessor) = (vector.clone(), one.assessor.clone());
            rows.push(ScoreRow { system, value: None, vector, assessor });
        }
    }
    rows
}

fn timeline(advisory: &Advisory) -> Vec<TimelineRow> {
    let mut rows: Vec<TimelineRow> = Vec::new();
    for fact in &advisory.content.timeline {
        let what = match fact.kind {
            FactKind::Received => Milestone::Received,
            FactKind::Acknowledged => Milestone::Acknowledged,
            FactKind::VendorNotified => Milestone::VendorInformed,
            FactKind::FixAvailable => Milestone::FixReady,
            FactKind::PublicElsewhere => Milestone::MadePublic,
            FactKind::ExploitationSeen => Milestone::AttacksSeen,
            // Publication is told by the revisions; discovery has no milestone of its own.
            FactKind::Published | FactKind::Discovered => continue,
        };
        rows.push(TimelineRow { at: fact.when.at, what });
    }
    for revision in &advisory.revisions {
        let what = match revision.kind {
            RevisionKind::Initial => Milestone::Published,
            RevisionKind::Correction | RevisionKind::Update => Milestone::Corrected,
            RevisionKind::Withdrawal => Milestone::Withdrawn,
        };
        rows.push(TimelineRow { at: revision.at, what });
    }
    rows.sort_by_key(|row| row.at);
    rows
}

fn credit(credit: &Credit) -> Option<String> {
    match credit {
        Credit::Anonymous { .. } => None,
        Credit::Named { name, organisation: None, .. } => Some(name.clone()),
        Credit::Named { name, organisation: Some(organisation), .. } => Some(format!("{name}, {organisation}")),
    }
}

fn formats(advisory: &Advisory, latest: u32) -> Vec<FormatLink> {
    let old = if advisory.version < latest { format!("?version={}", advisory.version) } else { String::new() };
    let link = |name, ending| FormatLink { name, href: format!("/api/v1/advisories/{}{ending}{old}", advisory.id) };
    vec![
        link("CSAF 2.1", ".csaf.json"),
        link("CSAF 2.0", ".csaf20.json"),
        link("OSV", ".osv.json"),
        link("JSON", ".json"),
    ]
}
