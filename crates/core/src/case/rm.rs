//! Report management: how far one party is with the report.
//!
//! ```text
//!             ┌──i──► I ──c───────────┐
//! S ──r──► R ─┤       │v              ▼
//!             └──v──► V ──a──► A ──c──► C
//!                     │       ▲│        ▲
//!                     │      a││d       │
//!                     │       │▼        │
//!                     └──d──► D ───c────┘
//! ```
//!
//! S Start, R Received, I Invalid, V Valid, A Accepted, D Deferred, C Closed. Not here: who may move.

use super::word::{Judgement, Word as _};

/// A state of report management.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rm {
    /// S: nothing received.
    Start,
    /// R: received, not yet judged.
    Received,
    /// I: judged invalid.
    Invalid,
    /// V: judged valid.
    Valid,
    /// A: being worked on.
    Accepted,
    /// D: valid, but not now.
    Deferred,
    /// C: done.
    Closed,
}

impl Rm {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Start,
        Self::Received,
        Self::Invalid,
        Self::Valid,
        Self::Accepted,
        Self::Deferred,
        Self::Closed,
    ];

    /// Returns the letter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "S",
            Self::Received => "R",
            Self::Invalid => "I",
            Self::Valid => "V",
            Self::Accepted => "A",
            Self::Deferred => "D",
            Self::Closed => "C",
        }
    }

    /// Returns the state after the report arrives; only Start moves.
    #[must_use]
    pub const fn received(self) -> Self {
        match self {
            Self::Start => Self::Received,
            Self::Received
            | Self::Invalid
            | Self::Valid
            | Self::Accepted
            | Self::Deferred
            | Self::Closed => self,
        }
    }

    /// Returns the state after a judgement, if the machine has such a move.
    #[must_use]
    pub const fn judged(self, judgement: Judgement) -> Option<Self> {
        match (self, judgement) {
            (Self::Received, Judgement::Invalid) => Some(Self::Invalid),
            (Self::Received | Self::Invalid, Judgement::Valid) => Some(Self::Valid),
            (Self::Valid | Self::Deferred, Judgement::Accepted) => Some(Self::Accepted),
            (Self::Valid | Self::Accepted, Judgement::Deferred) => Some(Self::Deferred),
            (Self::Invalid | Self::Accepted | Self::Deferred, Judgement::Closed) => {
                Some(Self::Closed)
            }
            _ => None,
        }
    }

    /// Returns every move as (from, symbol, to).
    #[must_use]
    pub fn transitions() -> Vec<(Self, String, Self)> {
        let mut moves = vec![(Self::Start, "r".to_owned(), Self::Received)];
        for from in Self::ALL {
            for &judgement in Judgement::ALL {
                if let Some(to) = from.judged(judgement) {
                    moves.push((from, judgement.as_str().to_ascii_lowercase(), to));
                }
            }
        }
        moves
    }
}
