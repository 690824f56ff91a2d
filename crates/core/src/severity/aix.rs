//! The AIX vector: nine behavioural axes in a fixed order, without a number (LX-15).

use std::fmt;

use super::vector::{Cause, Fault, Grammar, LENGTH_MAX, Metric};
use crate::lexicon::axis::{Axis, Level};

/// The prefix of every vector.
pub const PREFIX: &str = "AIX:1.0";

/// The axes in vector order, with the code of each value; the last code is `X`.
pub const METRICS: [(&str, Axis, [&str; 5]); 9] = [
    ("TR", Axis::Transferability, ["S", "F", "M", "U", "X"]),
    ("RL", Axis::Reliability, ["U", "P", "R", "X", "X"]),
    ("PE", Axis::Persistence, ["N", "S", "L", "E", "X"]),
    ("PR", Axis::Propagation, ["S", "T", "C", "P", "X"]),
    ("DE", Axis::Detectability, ["R", "W", "H", "N", "X"]),
    ("FR", Axis::FixReach, ["C", "D", "P", "I", "X"]),
    ("UP", Axis::MisuseUplift, ["N", "L", "S", "V", "X"]),
    ("RI", Axis::RightsImpact, ["N", "L", "C", "I", "X"]),
    ("SI", Axis::SafetyImpact, ["N", "M", "R", "C", "X"]),
];

const fn metric(index: usize) -> Metric {
    #[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
    let (name, _, values) = &METRICS[index];
    Metric { name, values, is_mandatory: true }
}

static GRAMMAR: Grammar = Grammar {
    prefix: "AIX",
    metrics: &[
        metric(0),
        metric(1),
        metric(2),
        metric(3),
        metric(4),
        metric(5),
        metric(6),
        metric(7),
        metric(8),
    ],
    is_ordered: true,
};

/// A vector: a place on each of the nine axes, in vector order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aix([Level; 9]);

impl Aix {
    /// Returns the vector of these places.
    pub fn new(level: impl Fn(Axis) -> Level) -> Self {
        Self(METRICS.map(|(_, axis, _)| match level(axis) {
            Level::Rank(rank) if usize::from(rank) >= axis.values().len() => Level::Unknown,
            known @ (Level::Rank(_) | Level::Unknown) => known,
        }))
    }

    /// Reads a vector.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let prefix = |cause| Err(Fault::new("AIX", cause));
        let Some(rest) = text.strip_prefix("AIX:") else { return prefix(Cause::NotAVector) };
        let (version, body) =
            rest.split_once('/').map_or((rest, None), |(version, body)| (version, Some(body)));
        if version != "1.0" {
            return prefix(Cause::UnknownVersion);
        }
        if text.chars().count() > LENGTH_MAX {
            return prefix(Cause::TooLong);
        }
        let values = GRAMMAR.read(body)?;
        let place = |axis: Axis| {
            let metric = METRICS.iter().find(|(_, known, _)| *known == axis);
            let place = metric.and_then(|(name, _, codes)| {
                let value = values.of(name);
                codes.iter().position(|code| *code == value)
            });
            place.and_then(|place| u8::try_from(place).ok()).map_or(Level::Unknown, Level::Rank)
        };
        Ok(Self::new(place))
    }

    /// Returns each axis with its place, in vector order.
    pub fn levels(&self) -> impl Iterator<Item = (Axis, Level)> {
        METRICS.iter().zip(self.0).map(|((_, axis, _), level)| (*axis, level))
    }

    /// Returns the axes that are `X`, in vector order.
    #[must_use]
    pub fn missing(&self) -> Vec<Axis> {
        self.levels().filter(|(_, level)| level.is_unknown()).map(|(axis, _)| axis).collect()
    }
}

impl fmt::Display for Aix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        for ((name, _, codes), level) in METRICS.iter().zip(self.0) {
            let code =
                level.rank().and_then(|rank| codes.get(usize::from(rank))).copied().unwrap_or("X");
            write!(f, "/{name}:{code}")?;
        }
        Ok(())
    }
}
