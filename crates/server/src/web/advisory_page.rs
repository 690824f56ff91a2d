//! What an advisory of the core looks like on its page, in its list and among the corrections.
//!
//! Not here: which advisories may be shown; the caller passes published ones.

use comity_core::advisory::content::{
    Content, Credit, Detail, Exploitation, FactKind, ProductRow, Remedy, Status, Translation,
    TranslationState, Versions,
};
use comity_core::advisory::severity::{Assessment, Decision, DecisionRecord};
use comity_core::advisory::{Advisory, RevisionKind};
use comity_core::lexicon::Lexicon;
use comity_core::lexicon::axis::{Axis, Level};
use comity_core::severity::aix::Aix;
use comity_core::severity::cvss::Severity;
use jiff::Timestamp;

use crate::i18n::Locale;

use super::markdown::advisory_body;
use super::view::{
    ActionRow, AdvisoryItem, AdvisoryView, AffectedRow, AffectedState, CorrectionItem, FormatLink,
    LogProof, Milestone, ScoreRow, TimelineRow, TranslationNote, Urgency, Withdrawal,
};
use super::visible::Foreign;

/// What is known of a published advisory beyond its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// The newest version.
    pub latest: u32,
    /// SHA-256 of the document, in hex.
    pub sha256: Option<String>,
    /// The proof in the log.
    pub log: Option<LogProof>,
    /// Other formats.
    pub formats: Vec<FormatLink>,
}

/// Returns the page of an advisory for a reader of this language.
#[must_use]
pub fn advisory_view(
    advisory: &Advisory,
    publication: Publication,
    t: &Locale,
    lexicon: &Lexicon,
) -> AdvisoryView {
    let content = &advisory.content;
    let texts = Texts::of(content, t.tag());
    AdvisoryView {
        id: advisory.id.clone(),
        version: advisory.version,
        latest: publication.latest.max(advisory.version),
        title: texts.say(texts.title),
        translated: texts.note(),
        summary: texts.say(texts.summary),
        published: advisory.published_at().unwrap_or(advisory.drafted_at),
        corrected: corrected(advisory),
        withdrawn: advisory.withdrawal.as_ref().map(|withdrawal| Withdrawal {
            at: advisory.changed_at(),
            reason: Foreign::new(&withdrawal.reason, Some(&content.language)),
            successor: withdrawal.successor.clone(),
        }),
        affected: content.products.iter().map(|row| affected(row, &content.language)).collect(),
        actions: content
            .remedies
            .iter()
            .enumerate()
            .map(|(place, remedy)| action(content, remedy, texts.remedy(place, remedy)))
            .collect(),
        body_lang: texts.language.to_owned(),
        body: texts.description.map(advisory_body),
        withheld: withheld(&content.detail),
        ask_at: ask_at(&content.detail),
        classes: content.weakness.classes.iter().map(|id| class(id, lexicon)).collect(),
        exploitation: exploitation(content.exposure.exploitation),
        urgency: urgency(content),
        scores: content.assessments.iter().flat_map(scores).collect(),
        timeline: timeline(advisory),
        credit: content.credits.iter().filter_map(named).collect(),
        sources: content.references.iter().map(|link| link.url.clone()).collect(),
        aliases: content.aliases.clone(),
        formats: publication.formats,
        sha256: publication.sha256,
        log: publication.log,
    }
}

/// Returns an advisory as a row of a list.
#[must_use]
pub fn advisory_item(advisory: &Advisory, t: &Locale) -> AdvisoryItem {
    let texts = Texts::of(&advisory.content, t.tag());
    AdvisoryItem {
        id: advisory.id.clone(),
        title: texts.say(texts.title),
        published: advisory.published_at().unwrap_or(advisory.drafted_at),
        corrected: advisory.corrections().last().map(|revision| revision.at),
        withdrawn: advisory.withdrawal.is_some(),
        urgency: urgency(&advisory.content),
    }
}

/// Returns the corrections and the withdrawal of an advisory, the newest first.
#[must_use]
pub fn correction_items(advisory: &Advisory, t: &Locale) -> Vec<CorrectionItem> {
    let texts = Texts::of(&advisory.content, t.tag());
    let public = |kind| matches!(kind, RevisionKind::Correction | RevisionKind::Withdrawal);
    let revisions = advisory.revisions.iter().rev().filter(|revision| public(revision.kind));
    revisions
        .map(|revision| CorrectionItem {
            id: advisory.id.clone(),
            version: revision.version,
            at: revision.at,
            withdrawn: revision.kind == RevisionKind::Withdrawal,
            title: texts.say(texts.title),
            what: Foreign::new(&revision.summary, Some(&advisory.content.language)),
        })
        .collect()
}

/// The texts of an advisory in the language that suits a reader best.
struct Texts<'a> {
    language: &'a str,
    title: &'a str,
    summary: &'a str,
    description: Option<&'a str>,
    remedies: &'a [String],
    translation: Option<(&'a Translation, bool)>,
}

impl<'a> Texts<'a> {
    fn of(content: &'a Content, tag: &str) -> Self {
        let mut translations = content.translations_with_staleness();
        let suits = |(translation, _): &(&Translation, bool)| {
            translation.language.eq_ignore_ascii_case(tag)
        };
        // A reader of the source language gets the source.
        let wanted = if content.language.eq_ignore_ascii_case(tag) {
            None
        } else {
            translations.find(suits)
        };
        match wanted {
            Some((translation, stale)) => Self {
                language: &translation.language,
                title: &translation.title,
                summary: &translation.summary,
                description: translation.description.as_deref(),
                remedies: &translation.remedies,
                translation: Some((translation, stale)),
            },
            None => Self {
                language: &content.language,
                title: &content.title,
                summary: &content.summary,
                description: content.detail.description(),
                remedies: &[],
                translation: None,
            },
        }
    }

    fn say(&self, text: &str) -> Foreign {
        Foreign::new(text, Some(self.language))
    }

    fn remedy(&self, place: usize, source: &Remedy) -> Foreign {
        self.say(self.remedies.get(place).unwrap_or(&source.text))
    }

    fn note(&self) -> Option<TranslationNote> {
        self.translation.map(|(translation, stale)| TranslationNote {
            from: translation.source_language.clone(),
            state: match translation.state {
                TranslationState::Authentic => "translation-authentic",
                TranslationState::Machine => "translation-machine",
                TranslationState::Reviewed => "translation-reviewed",
            },
            stale,
        })
    }
}

fn corrected(advisory: &Advisory) -> Option<(Timestamp, Foreign)> {
    let newest = advisory.revisions.last().filter(|revision| {
        matches!(revision.kind, RevisionKind::Correction | RevisionKind::Update)
    })?;
    Some((newest.at, Foreign::new(&newest.summary, Some(&advisory.content.language))))
}

fn affected(row: &ProductRow, language: &str) -> AffectedRow {
    let (state, reason, note) = match &row.status {
        Status::Fixed {} => (AffectedState::Fixed, None, None),
        Status::KnownAffected {} => (AffectedState::Affected, None, None),
        Status::NotAffected { justification, impact } => (
            AffectedState::NotAffected,
            justification.map(|reason| format!("justification-{}", reason.key())),
            impact.as_ref().map(|words| Foreign::new(words, Some(language))),
        ),
        Status::UnderInvestigation {} => (AffectedState::UnderInvestigation, None, None),
    };
    AffectedRow {
        product: format!("{} {}", row.supplier, row.name),
        versions: versions(&row.versions),
        state,
        reason,
        note,
    }
}

/// Versions in signs that every language reads; empty for all.
fn versions(versions: &Versions) -> String {
    match versions {
        Versions::All {} => String::new(),
        Versions::Listed { versions } => versions.join(", "),
        Versions::Range { from, to, .. } => {
            let from = from.as_ref().map(|version| format!("\u{2265} {version}"));
            let to = to.as_ref().map(|bound| {
                let sign = if bound.included { '\u{2264}' } else { '<' };
                format!("{sign} {}", bound.version)
            });
            from.into_iter().chain(to).collect::<Vec<_>>().join(", ")
        }
    }
}

fn action(content: &Content, remedy: &Remedy, text: Foreign) -> ActionRow {
    let wanted = |row: &&ProductRow| remedy.products.contains(&row.key);
    ActionRow {
        category: format!("remedy-{}", remedy.category.key()),
        text,
        href: remedy.url.clone().filter(|address| address.starts_with("https://")),
        products: content.products.iter().filter(wanted).map(|row| row.name.clone()).collect(),
    }
}

const fn withheld(detail: &Detail) -> Option<&'static str> {
    match detail {
        Detail::ClassOnly {} => Some("withheld-class_only"),
        Detail::Full { .. } => None,
        Detail::RedactedPayload { .. } => Some("withheld-redacted_payload"),
        Detail::RestrictedChannel { .. } => Some("withheld-restricted_channel"),
    }
}

fn ask_at(detail: &Detail) -> Option<String> {
    match detail {
        Detail::RestrictedChannel { ask_at } => {
            Some(ask_at.clone()).filter(|address| address.starts_with("https://"))
        }
        Detail::ClassOnly {} | Detail::Full { .. } | Detail::RedactedPayload { .. } => None,
    }
}

const fn exploitation(exploitation: Exploitation) -> &'static str {
    match exploitation {
        Exploitation::Active => "exploitation-active",
        Exploitation::None => "exploitation-none",
        Exploitation::PublicPoc => "exploitation-public_poc",
    }
}

/// The most urgent decision that an assessor reached; open ones are not shown as one word.
fn urgency(content: &Content) -> Option<Urgency> {
    let records = content.assessments.iter().filter_map(|assessment| assessment.decision.as_ref());
    let decisions: Vec<Decision> = records.filter_map(DecisionRecord::decision).collect();
    let order = [
        (Decision::Act, Urgency::Act),
        (Decision::CoordinateNow, Urgency::CoordinateNow),
        (Decision::Schedule, Urgency::Schedule),
        (Decision::Track, Urgency::Track),
    ];
    order.into_iter().find(|(decision, _)| decisions.contains(decision)).map(|(_, urgency)| urgency)
}

fn scores(assessment: &Assessment) -> Vec<ScoreRow> {
    let cvss = assessment.cvss.iter().map(|score| ScoreRow {
        system: system(&score.vector),
        value: Some(format!("{}.{}", score.score_tenths / 10, score.score_tenths % 10)),
        band: Some(band(score.score_tenths)),
        axes: Vec::new(),
        vector: score.vector.clone(),
        assessor: assessment.assessor.clone(),
    });
    let aix = assessment.aix.iter().map(|vector| ScoreRow {
        system: system(vector),
        value: None,
        band: None,
        axes: axes(vector),
        vector: vector.clone(),
        assessor: assessment.assessor.clone(),
    });
    cvss.chain(aix).collect()
}

/// A class with its name, which the lexicon has in English until its data hold others.
fn class(id: &str, lexicon: &Lexicon) -> (String, Foreign) {
    let name = lexicon.class(id).map(|class| class.name.as_str()).unwrap_or_default();
    (id.to_owned(), Foreign::new(name, Some("en")))
}

const fn band(tenths: u8) -> &'static str {
    match Severity::of_tenths(tenths) {
        Severity::None => "band-none",
        Severity::Low => "band-low",
        Severity::Medium => "band-medium",
        Severity::High => "band-high",
        Severity::Critical => "band-critical",
    }
}

/// The messages of each axis of an AIX vector and of the place on it.
fn axes(vector: &str) -> Vec<(String, String)> {
    let read = Aix::parse(vector).ok();
    let levels = read.iter().flat_map(Aix::levels);
    let said = |(axis, level): (Axis, Level)| {
        let value = level.rank().and_then(|rank| axis.values().get(usize::from(rank)));
        let value = value.map(|value| format!("aix-{}-{value}", axis.key()));
        (format!("aix-{}", axis.key()), value.unwrap_or_else(|| "value-unknown".to_owned()))
    };
    levels.map(said).collect()
}

/// Returns `CVSS 4.0` for `CVSS:4.0/AV:N/…`.
fn system(vector: &str) -> String {
    vector.split('/').next().unwrap_or_default().replace(':', " ")
}

fn timeline(advisory: &Advisory) -> Vec<TimelineRow> {
    let content = &advisory.content;
    let fact = |fact: &comity_core::advisory::content::Fact| TimelineRow {
        when: fact.when,
        what: match fact.kind {
            FactKind::Acknowledged => Milestone::Acknowledged,
            FactKind::Discovered => Milestone::Discovered,
            FactKind::ExploitationSeen => Milestone::AttacksSeen,
            FactKind::FixAvailable => Milestone::FixReady,
            FactKind::PublicElsewhere => Milestone::MadePublic,
            FactKind::Published => Milestone::Published,
            FactKind::Received => Milestone::Received,
            FactKind::VendorNotified => Milestone::VendorInformed,
        },
        party: fact.party.clone(),
        note: fact.note.as_ref().map(|words| Foreign::new(words, Some(&content.language))),
    };
    let told = content.timeline.iter().any(|fact| fact.kind == FactKind::Published);
    let version = |revision: &comity_core::advisory::Revision| {
        let what = match revision.kind {
            RevisionKind::Correction | RevisionKind::Update => Milestone::Corrected,
            RevisionKind::Initial => Milestone::Published,
            RevisionKind::Withdrawal => Milestone::Withdrawn,
        };
        let when = comity_core::advisory::content::Moment {
            at: revision.at,
            precision: comity_core::advisory::content::Precision::Second,
        };
        TimelineRow { when, what, party: None, note: None }
    };
    let revisions =
        advisory.revisions.iter().filter(|r| !(told && r.kind == RevisionKind::Initial));
    let mut rows: Vec<TimelineRow> =
        content.timeline.iter().map(fact).chain(revisions.map(version)).collect();
    rows.sort_by_key(|row| row.when.at);
    rows
}

fn named(credit: &Credit) -> Option<String> {
    match credit {
        Credit::Anonymous { .. } => None,
        Credit::Named { name, organisation: Some(organisation), .. } => {
            Some(format!("{name} ({organisation})"))
        }
        Credit::Named { name, organisation: None, .. } => Some(name.clone()),
    }
}
