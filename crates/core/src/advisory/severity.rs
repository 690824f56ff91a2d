//! How bad, by whom: one record an assessor, as the advisory publishes it.
//!
//! Not here: how scores and decisions come about (lexicon.md, section 5). A decision travels only with
//! the inputs it was made from and the lexicon version (LX-30), so those are not optional.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::content::Exploitation;

/// What one assessor says; assessments stand side by side and are never averaged (LX-21).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// Who assessed, by a name that may be public.
    pub assessor: String,
    /// Where the assessor publishes its assessments: https. Tells assessors apart in CSAF 2.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When.
    pub at: Timestamp,
    /// CVSS vectors with their scores, at most one a version of CVSS.
    #[serde(default)]
    pub cvss: Vec<CvssScore>,
    /// The AI vector (LX-15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aix: Option<String>,
    /// The decision and what it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionRecord>,
}

/// A CVSS vector and its score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CvssScore {
    /// For example `CVSS:4.0/AV:N/…`.
    pub vector: String,
    /// The overall score in tenths, 0–100: an integer, so that signatures agree.
    pub score_tenths: u8,
    /// The qualitative rating of that score.
    pub severity: Rating,
}

/// Qualitative rating of a CVSS score (LX-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// 0.0.
    None,
    /// Under 4.0.
    Low,
    /// Under 7.0.
    Medium,
    /// Under 9.0.
    High,
    /// 9.0 and more.
    Critical,
}

impl Rating {
    /// Returns the rating of a score in tenths.
    #[must_use]
    pub const fn of(score_tenths: u8) -> Self {
        match score_tenths {
            0 => Self::None,
            1..=39 => Self::Low,
            40..=69 => Self::Medium,
            70..=89 => Self::High,
            90..=u8::MAX => Self::Critical,
        }
    }

    /// Returns the key of the rating.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A decision with its inputs and the lexicon it was made under (LX-19, LX-30).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// Version of the lexicon whose table decided.
    pub lexicon: String,
    /// The row of all lows.
    pub low: Decision,
    /// The row of all highs; where it differs from `low` there is no single decision (LX-20).
    pub high: Decision,
    /// What it was made from.
    pub inputs: DecisionInputs,
}

impl DecisionRecord {
    /// Returns the decision, or `None` while unknown facts leave more than one open.
    #[must_use]
    pub fn decision(&self) -> Option<Decision> {
        (self.low == self.high).then_some(self.low)
    }
}

/// How urgent, least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Watch it.
    Track,
    /// In its turn.
    Schedule,
    /// Coordinate now.
    CoordinateNow,
    /// Drop other work.
    Act,
}

impl Decision {
    /// Returns the key of the decision.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Schedule => "schedule",
            Self::CoordinateNow => "coordinate_now",
            Self::Act => "act",
        }
    }
}

/// The four inputs of a decision, each a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionInputs {
    /// Whether it is exploited.
    pub exploitation: Span<Exploitation>,
    /// How much harm.
    pub impact: Span<Impact>,
    /// How many are hit.
    pub reach: Span<Reach>,
    /// How easy it is.
    pub ease: Span<Ease>,
}

/// A range of an ordinal axis; low and high differ while facts are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span<T> {
    /// The least it can be.
    pub low: T,
    /// The most it can be.
    pub high: T,
}

/// Impact, least to most (LX-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// Grave.
    Severe,
}

/// Reach, least to most (LX-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// One party.
    Contained,
    /// Several.
    MultiParty,
    /// The field.
    Systemic,
}

/// Ease, least to most (LX-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ease {
    /// Needs much.
    Hard,
    /// Can be done.
    Practical,
    /// Anybody can.
    Trivial,
}
