//! The decision: how urgent, from exploitation, impact, reach and ease by a table of 108 rows (LX-19).

use crate::lexicon::terms::terms;

terms! {
    /// How far a flaw is exploited.
    Exploitation { None = "none", PublicPoc = "public_poc", Active = "active" }
}
terms! {
    /// The worst plausible consequence.
    Impact { Low = "low", Medium = "medium", High = "high", Severe = "severe" }
}
terms! {
    /// How wide it reaches.
    Reach { Contained = "contained", MultiParty = "multi_party", Systemic = "systemic" }
}
terms! {
    /// How easy it is to use.
    Ease { Hard = "hard", Practical = "practical", Trivial = "trivial" }
}
terms! {
    /// What to do, least urgent first.
    Decision { Track = "track", Schedule = "schedule", CoordinateNow = "coordinate_now", Act = "act" }
}

impl Impact {
    /// Returns the impact one step higher, at most severe.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Severe => Self::Severe,
        }
    }
}

impl Reach {
    /// Returns the reach one step higher, at most systemic.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Contained => Self::MultiParty,
            Self::MultiParty | Self::Systemic => Self::Systemic,
        }
    }
}

/// The four inputs of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inputs {
    /// How far it is exploited.
    pub exploitation: Exploitation,
    /// How bad.
    pub impact: Impact,
    /// How wide.
    pub reach: Reach,
    /// How easy.
    pub ease: Ease,
}

/// The table: a decision for each of the 108 combinations.
///
/// Invariant: complete. Only [`Table::new`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table(Vec<Decision>);

/// The number of rows of a complete table.
const ROWS: usize = 108;

impl Table {
    /// Returns the table of these rows; `None` if one is missing or stands twice.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = (Inputs, Decision)>) -> Option<Self> {
        let mut table = vec![None; ROWS];
        for (inputs, decision) in rows {
            let slot = table.get_mut(row(inputs))?;
            if slot.replace(decision).is_some() {
                return None;
            }
        }
        table.into_iter().collect::<Option<Vec<_>>>().map(Self)
    }

    /// Returns the decision for these inputs.
    #[must_use]
    pub fn decide(&self, inputs: Inputs) -> Decision {
        self.0.get(row(inputs)).copied().unwrap_or(Decision::Act)
    }
}

fn row(inputs: Inputs) -> usize {
    let exploitation = match inputs.exploitation {
        Exploitation::None => 0,
        Exploitation::PublicPoc => 1,
        Exploitation::Active => 2,
    };
    let impact = match inputs.impact {
        Impact::Low => 0,
        Impact::Medium => 1,
        Impact::High => 2,
        Impact::Severe => 3,
    };
    let reach = match inputs.reach {
        Reach::Contained => 0,
        Reach::MultiParty => 1,
        Reach::Systemic => 2,
    };
    let ease = match inputs.ease {
        Ease::Hard => 0,
        Ease::Practical => 1,
        Ease::Trivial => 2,
    };
    ((exploitation * 4 + impact) * 3 + reach) * 3 + ease
}
