//! Advisories: the list with its search, and one advisory (screen E of `portal.md`).

use comity_core::advisory::content::{Moment, Precision};
use jiff::Timestamp;

use crate::i18n::{Locale, Markup};
use crate::web::visible::Foreign;

use super::{AdvisoryItem, page};

/// The list of advisories, or what a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdvisoriesView {
    /// What was searched for; empty for the newest.
    pub query: String,
    /// How many advisories match in all.
    pub total: u64,
    /// The advisories of this page, at most 20.
    pub newest: Vec<AdvisoryItem>,
    /// The address of the next page without its language.
    pub next: Option<String>,
    /// The address of the page before without its language.
    pub previous: Option<String>,
}

page!(AdvisoriesView, AdvisoriesTemplate, "advisories.html");

/// What a product's vendor or the coordinator says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AffectedState {
    /// The flaw is there.
    Affected,
    /// It was there and a fix is.
    Fixed,
    /// It is not there.
    NotAffected,
    /// Somebody looks.
    UnderInvestigation,
    /// Nobody said.
    Unknown,
}

impl AffectedState {
    /// Returns the message of its word.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Affected => "state-affected",
            Self::Fixed => "state-fixed",
            Self::NotAffected => "state-not-affected",
            Self::UnderInvestigation => "state-under-investigation",
            Self::Unknown => "state-unknown",
        }
    }

    /// Returns the icon whose shape tells it without colour.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Affected => "square",
            Self::Fixed => "disc",
            Self::NotAffected => "circle",
            Self::UnderInvestigation => "triangle",
            Self::Unknown => "ring",
        }
    }

    /// Returns the class of its colour.
    #[must_use]
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Affected => "tone-bad",
            Self::Fixed | Self::NotAffected => "tone-good",
            Self::UnderInvestigation => "tone-warn",
            Self::Unknown => "tone-unknown",
        }
    }
}

/// What the decision table says (`lexicon.md`, LX-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Act.
    Act,
    /// Coordinate now.
    CoordinateNow,
    /// Schedule.
    Schedule,
    /// Track.
    Track,
}

impl Urgency {
    /// Returns the urgency of a key of the decision table.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        match key {
            "act" => Some(Self::Act),
            "coordinate_now" => Some(Self::CoordinateNow),
            "schedule" => Some(Self::Schedule),
            "track" => Some(Self::Track),
            _ => None,
        }
    }

    /// Returns the message of its word.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Act => "urgency-act",
            Self::CoordinateNow => "urgency-coordinate-now",
            Self::Schedule => "urgency-schedule",
            Self::Track => "urgency-track",
        }
    }

    /// Returns the icon whose shape tells it without colour.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Act => "square",
            Self::CoordinateNow => "triangle",
            Self::Schedule => "clock",
            Self::Track => "circle",
        }
    }

    /// Returns the class of its colour.
    #[must_use]
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Act => "tone-bad",
            Self::CoordinateNow => "tone-warn",
            Self::Schedule | Self::Track => "tone-unknown",
        }
    }
}

/// One line under "Am I affected?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedRow {
    /// The product, with its supplier's name.
    pub product: String,
    /// Its versions as they are written, for example `≥ 4.0, < 4.3`; empty for all.
    pub versions: String,
    /// What is known of it.
    pub state: AffectedState,
    /// The message of the reason, if it is not affected.
    pub reason: Option<String>,
    /// The reason in its author's words.
    pub note: Option<Foreign>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRow {
    /// The message of what sort of advice it is.
    pub category: String,
    /// The advice.
    pub text: Foreign,
    /// Where more about it is: https.
    pub href: Option<String>,
    /// The products it is for; empty for all above.
    pub products: Vec<String>,
}

/// Where a translated text comes from (PO-46).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranslationNote {
    /// The tag of the language that decides.
    pub from: String,
    /// The message of how far it can be relied on.
    pub state: &'static str,
    /// Whether the text it was made of has changed since.
    pub stale: bool,
}

/// One assessment: which system, by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreRow {
    /// For example `CVSS 4.0`, `AIX 1.0`.
    pub system: String,
    /// A number or a word of that system; the vector alone for AIX.
    pub value: Option<String>,
    /// The message of the band that the number lies in.
    pub band: Option<&'static str>,
    /// The messages of each axis of the vector and of the place on it.
    pub axes: Vec<(String, String)>,
    /// The vector.
    pub vector: String,
    /// Who assessed.
    pub assessor: String,
}

/// One instant since when something is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineRow {
    /// When, as exactly as it is known.
    pub when: Moment,
    /// What happened.
    pub what: Milestone,
    /// Whom it was about.
    pub party: Option<String>,
    /// More, in words.
    pub note: Option<Foreign>,
}

impl TimelineRow {
    fn when(&self, t: &Locale) -> Markup {
        match self.when.precision {
            Precision::Day => t.day(self.when.at),
            Precision::Month => t.month(self.when.at),
            Precision::Second => t.instant(self.when.at),
            Precision::Year => t.year(self.when.at),
        }
    }

    /// Returns the message of what happened.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match self.what {
            Milestone::Acknowledged => "timeline-acknowledged",
            Milestone::AttacksSeen => "timeline-attacks-seen",
            Milestone::Corrected => "timeline-corrected",
            Milestone::Discovered => "timeline-discovered",
            Milestone::FixReady => "timeline-fix-ready",
            Milestone::MadePublic => "timeline-made-public",
            Milestone::Published => "timeline-published",
            Milestone::Received => "timeline-received",
            Milestone::VendorInformed => "timeline-vendor-informed",
            Milestone::Withdrawn => "timeline-withdrawn",
        }
    }
}

/// What a public timeline tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// The hub read the report.
    Acknowledged,
    /// Attacks were seen.
    AttacksSeen,
    /// The advisory was corrected.
    Corrected,
    /// The flaw was found.
    Discovered,
    /// A vendor had a fix.
    FixReady,
    /// Others told the public.
    MadePublic,
    /// The advisory was published.
    Published,
    /// The hub received the report.
    Received,
    /// A vendor was told.
    VendorInformed,
    /// The advisory was withdrawn.
    Withdrawn,
}

/// An advisory that no longer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub reason: Foreign,
    /// The id of the advisory that takes its place.
    pub successor: Option<String>,
}

/// The advisory in another format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatLink {
    /// For example `CSAF 2.1`.
    pub name: &'static str,
    /// Its address.
    pub href: String,
}

/// Where the log proves that this text was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// The position of the leaf.
    pub position: u64,
    /// How many witnesses cosigned.
    pub witnesses: u64,
}

/// One advisory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisoryView {
    /// Its id.
    pub id: String,
    /// The version shown.
    pub version: u32,
    /// The newest version.
    pub latest: u32,
    /// Its title.
    pub title: Foreign,
    /// Set if the texts are a translation.
    pub translated: Option<TranslationNote>,
    /// What a hurried reader must know.
    pub summary: Foreign,
    /// When the first version was published.
    pub published: Timestamp,
    /// When the version shown corrected the one before, and what changed.
    pub corrected: Option<(Timestamp, Foreign)>,
    /// Set if it no longer holds.
    pub withdrawn: Option<Withdrawal>,
    /// What is affected.
    pub affected: Vec<AffectedRow>,
    /// What to do, in order.
    pub actions: Vec<ActionRow>,
    /// The language of the text below.
    pub body_lang: String,
    /// What it is, made by [`crate::web::markdown::advisory_body`]; none if less is told.
    pub body: Option<Markup>,
    /// The message that says why less is told.
    pub withheld: Option<&'static str>,
    /// Where who must act can ask for more: https.
    pub ask_at: Option<String>,
    /// Classes of the lexicon with their names.
    pub classes: Vec<(String, Foreign)>,
    /// The message of what attackers do.
    pub exploitation: &'static str,
    /// The decision.
    pub urgency: Option<Urgency>,
    /// The assessments.
    pub scores: Vec<ScoreRow>,
    /// Since when what is known.
    pub timeline: Vec<TimelineRow>,
    /// Who found it and wants to be named.
    pub credit: Vec<String>,
    /// Where else it is described: https addresses.
    pub sources: Vec<String>,
    /// Other names of the same flaw, such as CVE ids.
    pub aliases: Vec<String>,
    /// Other formats.
    pub formats: Vec<FormatLink>,
    /// SHA-256 of the signed text, in hex.
    pub sha256: Option<String>,
    /// The proof in the log.
    pub log: Option<LogProof>,
}

impl AdvisoryView {
    /// Returns whether a newer version exists.
    #[must_use]
    pub const fn is_old(&self) -> bool {
        self.version < self.latest
    }

    /// Returns whether the translation leaves the decision to another text.
    fn is_inferior(&self) -> bool {
        self.translated.as_ref().is_some_and(|note| note.state != "translation-authentic")
    }

    /// Returns the sources that are https addresses; others are shown as text only.
    fn links(&self) -> impl Iterator<Item = (&str, bool)> {
        self.sources.iter().map(|source| (source.as_str(), source.starts_with("https://")))
    }
}

page!(AdvisoryView, AdvisoryTemplate, "advisory.html");
