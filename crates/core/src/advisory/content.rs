//! What an advisory says: the parts a reader sees, as data.
//!
//! Every field is public because the proof that the whole is in order is another type,
//! [`super::Checked`]. Not here: rules (`check.rs`), versions (`super`), words on a page.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::severity::Assessment;
pub use crate::lexicon::terms::DigestAlgorithm;
pub use crate::severity::decision::Exploitation;

/// What the advisory says in its source language; correcting replaces the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// BCP 47 tag of the texts below.
    pub language: String,
    /// One line, 1–200 scalar values.
    pub title: String,
    /// What a hurried reader must know, up to 2,000 scalar values; 500 from `class_only` on.
    pub summary: String,
    /// How much of the flaw is told (lexicon.md, LX-24); a level holds only the texts it may.
    pub detail: Detail,
    /// Am I affected: one row a product and version set.
    pub products: Vec<ProductRow>,
    /// What to do now, most useful first.
    pub remedies: Vec<Remedy>,
    /// Which kinds of weakness.
    pub weakness: Weakness,
    /// How bad, by whom: assessments side by side, never merged (LX-21).
    #[serde(default)]
    pub assessments: Vec<Assessment>,
    /// What the world already knows.
    pub exposure: Exposure,
    /// Since when known: public facts in order of time.
    #[serde(default)]
    pub timeline: Vec<Fact>,
    /// Who is thanked; only names whose owners agreed.
    #[serde(default)]
    pub credits: Vec<Credit>,
    /// Sources, https only.
    #[serde(default)]
    pub references: Vec<Link>,
    /// Ids of the same flaw elsewhere (CVE, GHSA, …).
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The same texts in other languages.
    #[serde(default)]
    pub translations: Vec<Translation>,
}

/// How much is told of the flaw (LX-24). A level has no field for what it must not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "level", rename_all = "snake_case", deny_unknown_fields)]
pub enum Detail {
    /// All, with how to reproduce it.
    Full {
        /// What the flaw is and how it works.
        description: String,
        /// Steps and payload.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reproduction: Option<String>,
    },
    /// What it is, without what makes it work.
    RedactedPayload {
        /// What the flaw is, payload left out.
        description: String,
    },
    /// Only its classes, products and remedies.
    ClassOnly {},
    /// Only that it exists; the rest by a channel that knows its readers.
    RestrictedChannel {
        /// Where who must act can ask: an https address.
        ask_at: String,
    },
}

impl Detail {
    /// Returns the key of the level as the lexicon has it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Full { .. } => "full",
            Self::RedactedPayload { .. } => "redacted_payload",
            Self::ClassOnly {} => "class_only",
            Self::RestrictedChannel { .. } => "restricted_channel",
        }
    }

    /// Returns the description, at the levels that have one.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::Full { description, .. } | Self::RedactedPayload { description } => {
                Some(description)
            }
            Self::ClassOnly {} | Self::RestrictedChannel { .. } => None,
        }
    }

    /// Returns how to reproduce the flaw, which only `full` may hold.
    #[must_use]
    pub fn reproduction(&self) -> Option<&str> {
        match self {
            Self::Full { reproduction, .. } => reproduction.as_deref(),
            Self::RedactedPayload { .. } | Self::ClassOnly {} | Self::RestrictedChannel { .. } => {
                None
            }
        }
    }
}

/// One row of "Am I affected?": a product, some of its versions, one status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductRow {
    /// Names the row within the advisory, in all its versions and exports: `[a-z0-9][a-z0-9-]{0,31}`.
    pub key: String,
    /// Who makes or runs it.
    pub supplier: String,
    /// The product.
    pub name: String,
    /// Which versions the row is about.
    pub versions: Versions,
    /// Whether they are affected.
    pub status: Status,
    /// Package URL; its version, if any, is the row's only version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// `urn:comity:service:…` of a model nobody has a copy of (LX-9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urn: Option<String>,
    /// Digests of the artefact itself.
    #[serde(default)]
    pub digests: Vec<Digest>,
}

/// The versions of one product row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Versions {
    /// Every version there is.
    All {},
    /// These and no others, in the supplier's words.
    Listed {
        /// 1–50 version texts.
        versions: Vec<String>,
    },
    /// An interval in the order of a versioning scheme.
    Range {
        /// How versions are ordered.
        scheme: Scheme,
        /// First version with the status; absent: from the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Where it ends; absent: it has not ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Bound>,
    },
}

/// The upper end of a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The version at the end.
    pub version: String,
    /// Whether that version still belongs to the range.
    pub included: bool,
}

/// A versioning scheme, by its name in version range specifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Ruby gems.
    Gem,
    /// Dotted numbers and nothing else is promised.
    Generic,
    /// Go modules.
    Golang,
    /// Maven.
    Maven,
    /// npm.
    Npm,
    /// `NuGet`.
    Nuget,
    /// Python packages (PEP 440).
    Pypi,
    /// Semantic Versioning 2.0.
    Semver,
}

impl Scheme {
    /// Returns the name of the scheme.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Gem => "gem",
            Self::Generic => "generic",
            Self::Golang => "golang",
            Self::Maven => "maven",
            Self::Npm => "npm",
            Self::Nuget => "nuget",
            Self::Pypi => "pypi",
            Self::Semver => "semver",
        }
    }
}

/// Whether the versions of a row are affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "key", rename_all = "snake_case", deny_unknown_fields)]
pub enum Status {
    /// They no longer have the flaw.
    Fixed {},
    /// They have it.
    KnownAffected {},
    /// They do not have it; at least one of the reasons is given.
    NotAffected {
        /// Machine-readable reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        justification: Option<Justification>,
        /// The reason in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact: Option<String>,
    },
    /// Nobody knows yet.
    UnderInvestigation {},
}

impl Status {
    /// Returns the key of the status.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Fixed {} => "fixed",
            Self::KnownAffected {} => "known_affected",
            Self::NotAffected { .. } => "not_affected",
            Self::UnderInvestigation {} => "under_investigation",
        }
    }

    /// Tells whether a remedy may be given for such a row.
    #[must_use]
    pub const fn takes_remedy(&self) -> bool {
        matches!(self, Self::KnownAffected {} | Self::UnderInvestigation {})
    }
}

/// Why a product that holds the component is not affected (the five reasons VEX knows).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    /// The component is not there.
    ComponentNotPresent,
    /// Protections inside stop it.
    InlineMitigationsAlreadyExist,
    /// The attacker cannot steer it.
    VulnerableCodeCannotBeControlledByAdversary,
    /// It never runs.
    VulnerableCodeNotInExecutePath,
    /// It was taken out.
    VulnerableCodeNotPresent,
}

impl Justification {
    /// Returns the key of the reason.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
            Self::VulnerableCodeCannotBeControlledByAdversary => {
                "vulnerable_code_cannot_be_controlled_by_adversary"
            }
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
        }
    }
}

/// A digest of an artefact (LX-8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// How it was computed.
    pub alg: DigestAlgorithm,
    /// Lower-case hexadecimal.
    pub value: String,
    /// The file it is of, if it is of one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// One thing to do, or the statement that there is nothing to do yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// What sort of advice it is.
    pub category: RemedyCategory,
    /// Remediation classes of the lexicon.
    #[serde(default)]
    pub classes: Vec<String>,
    /// The advice, up to 4,000 scalar values.
    pub text: String,
    /// Where the fix or more about it is: https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Since when it can be followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Keys of the rows it is for; empty: every row that takes a remedy.
    #[serde(default)]
    pub products: Vec<String>,
}

/// What sort of advice a remedy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemedyCategory {
    /// Lessens the harm, the flaw stays.
    Mitigation,
    /// The supplier will not fix it.
    NoFixPlanned,
    /// Nothing helps yet.
    NoneAvailable,
    /// The supplier's fix.
    VendorFix,
    /// Avoids the flaw until there is a fix.
    Workaround,
}

impl RemedyCategory {
    /// Returns the key of the category.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Mitigation => "mitigation",
            Self::NoFixPlanned => "no_fix_planned",
            Self::NoneAvailable => "none_available",
            Self::VendorFix => "vendor_fix",
            Self::Workaround => "workaround",
        }
    }
}

/// Which kinds of weakness: ours, and references into other catalogues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weakness {
    /// Version of the lexicon the classes are of.
    pub lexicon: String,
    /// Weakness classes, such as `INP-02`; the first says most.
    pub classes: Vec<String>,
    /// Terms of other frameworks (LX-7).
    #[serde(default)]
    pub references: Vec<FrameworkRef>,
}

/// A term of another framework; all three parts, because bare ids change meaning (LX-7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameworkRef {
    /// For example `cwe`.
    pub framework: String,
    /// For example `4.20`.
    pub version: String,
    /// For example `CWE-1427`.
    pub id: String,
}

/// What the world already knows, as at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// When this was so.
    pub as_of: Timestamp,
    /// Whether it is exploited; nobody having seen it is `none` (lexicon.md, section 9).
    pub exploitation: Exploitation,
    /// Since when it is known to be exploited, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploited_since: Option<Moment>,
    /// Whether others published it before this advisory.
    pub known_before: bool,
}

/// An instant as exactly as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// The beginning of the known span, UTC.
    pub at: Timestamp,
    /// How wide the span is.
    pub precision: Precision,
}

/// How exactly an instant is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// To the second.
    Second,
    /// To the day.
    Day,
    /// To the month.
    Month,
    /// To the year.
    Year,
}

/// One public fact of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What happened.
    pub kind: FactKind,
    /// When.
    pub when: Moment,
    /// Whom it was about, by a name that may be public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// More, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a fact of the timeline says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// The flaw was found.
    Discovered,
    /// The hub got the report.
    Received,
    /// The hub said so to the finder.
    Acknowledged,
    /// A vendor was told.
    VendorNotified,
    /// A fix could be had.
    FixAvailable,
    /// Someone else made it public.
    PublicElsewhere,
    /// It was seen in use.
    ExploitationSeen,
    /// This advisory came out.
    Published,
}

impl FactKind {
    /// Returns the key of the kind.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Discovered => "discovered",
            Self::Received => "received",
            Self::Acknowledged => "acknowledged",
            Self::VendorNotified => "vendor_notified",
            Self::FixAvailable => "fix_available",
            Self::PublicElsewhere => "public_elsewhere",
            Self::ExploitationSeen => "exploitation_seen",
            Self::Published => "published",
        }
    }
}

/// Thanks to someone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Credit {
    /// Someone who does not want to be named: there is no field for a name.
    Anonymous {
        /// For what.
        role: CreditRole,
    },
    /// Someone who agreed to be named.
    Named {
        /// For what.
        role: CreditRole,
        /// The person or group.
        name: String,
        /// Where they work, if they want it said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organisation: Option<String>,
        /// Their page: https.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
}

/// For what someone is thanked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditRole {
    /// Found it.
    Finder,
    /// Reported it.
    Reporter,
    /// Studied it.
    Analyst,
    /// Coordinated.
    Coordinator,
    /// Made the fix.
    RemediationDeveloper,
    /// Checked the fix.
    RemediationVerifier,
    /// Anything else.
    Other,
}

impl CreditRole {
    /// Returns the key of the role.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Finder => "finder",
            Self::Reporter => "reporter",
            Self::Analyst => "analyst",
            Self::Coordinator => "coordinator",
            Self::RemediationDeveloper => "remediation_developer",
            Self::RemediationVerifier => "remediation_verifier",
            Self::Other => "other",
        }
    }
}

/// A source or further reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What is there, up to 200 scalar values.
    pub title: String,
    /// An https address.
    pub url: String,
}

/// The texts of the advisory in another language, and where they come from (PO-46).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// BCP 47 tag of the translated texts.
    pub language: String,
    /// How far it can be relied on.
    pub state: TranslationState,
    /// Who or what translated.
    pub translator: Translator,
    /// Who checked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// When it was made or last checked.
    pub at: Timestamp,
    /// BCP 47 tag of what was translated.
    pub source_language: String,
    /// [`Content::source_sha256`] of what was translated; if that moved on, it is stale.
    pub source_sha256: String,
    /// Translated title.
    pub title: String,
    /// Translated summary.
    pub summary: String,
    /// Translated description; only where the level of detail has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Translated texts of the remedies, in their order; empty or as many.
    #[serde(default)]
    pub remedies: Vec<String>,
}

/// How far a translation can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranslationState {
    /// As valid as the source.
    Authentic,
    /// Nobody read it.
    Machine,
    /// A person checked it.
    Reviewed,
}

/// Who or what translated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Translator {
    /// A program.
    Engine {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    },
    /// A person, by a name that may be public.
    Person {
        /// The name.
        name: String,
    },
}
