//! CVSS 3.0, 3.1 and 4.0 in exact integers (LX-13, LX-14).
//!
//! Floating-point calculators differ by 0.1 on some vectors, and a score that two hubs compute must be
//! the same; so here nothing is a float. Not here: CVSS 2.0.

mod macrovectors;
mod v3;
mod v4;

use std::fmt;

use super::vector::{Cause, Fault, LENGTH_MAX};
use crate::lexicon::axis::Level;
use crate::lexicon::terms::terms;

terms! {
    /// A version of CVSS.
    Version { V30 = "3.0", V31 = "3.1", V40 = "4.0" }
}
terms! {
    /// Which groups of metrics a score takes in.
    Kind {
        Base = "B", Temporal = "T", Environmental = "E", V4Base = "CVSS-B", V4BaseThreat = "CVSS-BT",
        V4BaseEnvironmental = "CVSS-BE", V4All = "CVSS-BTE",
    }
}
terms! {
    /// The qualitative rating of a score.
    Severity { None = "none", Low = "low", Medium = "medium", High = "high", Critical = "critical" }
}

/// A score in tenths, from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenths(u8);

impl Tenths {
    fn new(tenths: i128) -> Self {
        Self(u8::try_from(tenths.clamp(0, 100)).unwrap_or_default())
    }

    /// Returns the tenths.
    #[must_use]
    pub const fn tenths(self) -> u8 {
        self.0
    }

    /// Returns the score as a number, for JSON.
    #[must_use]
    pub fn number(self) -> f64 {
        f64::from(self.0) / 10.0
    }

    /// Returns the rating.
    #[must_use]
    pub const fn severity(self) -> Severity {
        Severity::of_tenths(self.0)
    }
}

impl Severity {
    /// Returns the rating of a score in tenths (LX-14).
    #[must_use]
    pub const fn of_tenths(tenths: u8) -> Self {
        match tenths {
            0 => Self::None,
            1..40 => Self::Low,
            40..70 => Self::Medium,
            70..90 => Self::High,
            _ => Self::Critical,
        }
    }
}

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// A vector that was read, with its score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The vector in the order of the specification, without `X`.
    pub vector: String,
    /// Its version.
    pub version: Version,
    /// What the score takes in.
    pub kind: Kind,
    /// The overall score.
    pub score: Tenths,
    /// What the base metrics say about technical impact: a place on that axis.
    pub technical_impact: Level,
}

impl Score {
    /// Returns the rating of the score.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.score.severity()
    }
}

/// Reads a vector and scores it; the fault is the first from left to right.
pub fn parse(text: &str) -> Result<Score, Fault> {
    let prefix = |cause| Err(Fault::new("CVSS", cause));
    let Some(rest) = text.strip_prefix("CVSS:") else { return prefix(Cause::NotAVector) };
    let (version, body) =
        rest.split_once('/').map_or((rest, None), |(version, body)| (version, Some(body)));
    let Some(version) = Version::parse(version) else { return prefix(Cause::UnknownVersion) };
    if text.chars().count() > LENGTH_MAX {
        return prefix(Cause::TooLong);
    }
    match version {
        Version::V30 | Version::V31 => v3::score(version, body),
        Version::V40 => v4::score(body),
    }
}

/// Returns the vector of these metrics, without `X`.
fn canonical(
    version: Version,
    values: impl Iterator<Item = (&'static str, &'static str)>,
) -> String {
    let mut vector = format!("CVSS:{}", version.key());
    for (name, value) in values.filter(|(_, value)| *value != "X") {
        vector.push('/');
        vector.push_str(name);
        vector.push(':');
        vector.push_str(value);
    }
    vector
}

/// Returns the technical impact of the impact values on the vulnerable system and beyond (LX-3).
fn technical_impact(vulnerable: [&str; 3], subsequent: [&str; 3]) -> Level {
    if vulnerable.iter().all(|value| *value == "H") {
        Level::Rank(2)
    } else if vulnerable.iter().chain(&subsequent).all(|value| *value == "N") {
        Level::Rank(0)
    } else {
        Level::Rank(1)
    }
}
