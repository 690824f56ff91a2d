//! Seventeen levels, one for each question of risk, and the operations on them: cap and maximum.
//!
//! Caps bound and never subtract, so everything built from them is monotone (SH-10).

use serde::Serialize;

use super::word::{Factor, Question};

/// How many questions are about risk.
const RISKS: usize = 17;
/// The highest level.
pub(crate) const LEVEL_MAX: u8 = 4;

/// A level from 0 to 4 for every question of A, B and C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels([u8; RISKS]);

/// The highest residual of each risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Residual {
    /// Advancing dangerous capability.
    #[serde(rename = "A")]
    pub capability: u8,
    /// Exposing sensitive information.
    #[serde(rename = "B")]
    pub sensitivity: u8,
    /// Giving an opportunity for harm.
    #[serde(rename = "C")]
    pub harm: u8,
}

impl Levels {
    /// Every level 4: caps that cap nothing.
    pub const OPEN: Self = Self([LEVEL_MAX; RISKS]);

    /// Returns the levels that `level` says.
    pub(crate) fn from_fn(mut level: impl FnMut(Question) -> u8) -> Self {
        let mut levels = [LEVEL_MAX; RISKS];
        for (slot, question) in levels.iter_mut().zip(Question::risks()) {
            *slot = level(question).min(LEVEL_MAX);
        }
        Self(levels)
    }

    /// Returns each level, at most its cap.
    #[must_use]
    pub fn capped(self, caps: &Self) -> Self {
        let mut levels = self.0;
        for (slot, cap) in levels.iter_mut().zip(caps.0) {
            *slot = (*slot).min(cap);
        }
        Self(levels)
    }

    /// Returns whether a cap is below a level.
    #[must_use]
    pub fn is_lowered_by(&self, caps: &Self) -> bool {
        self.0.iter().zip(caps.0).any(|(level, cap)| cap < *level)
    }

    /// Returns the highest level.
    #[must_use]
    pub fn highest(&self) -> u8 {
        self.0.iter().copied().max().unwrap_or(0)
    }

    /// Returns each question with its level.
    pub fn iter(&self) -> impl Iterator<Item = (Question, u8)> {
        Question::risks().zip(self.0)
    }

    /// Returns the highest level of each risk.
    #[must_use]
    pub fn residual(&self) -> Residual {
        let highest = |factor| {
            self.iter()
                .filter(|(question, _)| question.factor() == factor)
                .map(|(_, level)| level)
                .max()
                .unwrap_or(0)
        };
        Residual {
            capability: highest(Factor::Capability),
            sensitivity: highest(Factor::Sensitivity),
            harm: highest(Factor::Harm),
        }
    }
}
