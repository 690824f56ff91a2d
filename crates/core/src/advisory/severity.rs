//! How bad, by whom: one record an assessor, as the advisory publishes it.
//!
//! Not here: how scores and decisions come about (lexicon.md, section 5). A decision travels only with
//! the inputs it was made from and the lexicon version (LX-30), so those are not optional.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::severity::decision::Inputs;

pub use crate::severity::cvss::Severity as Rating;
pub use crate::severity::decision::{Decision, Ease, Exploitation, Impact, Reach};

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

impl DecisionInputs {
    /// Returns the lowest of each input.
    #[must_use]
    pub const fn lows(&self) -> Inputs {
        Inputs {
            exploitation: self.exploitation.low,
            impact: self.impact.low,
            reach: self.reach.low,
            ease: self.ease.low,
        }
    }

    /// Returns the highest of each input.
    #[must_use]
    pub const fn highs(&self) -> Inputs {
        Inputs {
            exploitation: self.exploitation.high,
            impact: self.impact.high,
            reach: self.reach.high,
            ease: self.ease.high,
        }
    }
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
