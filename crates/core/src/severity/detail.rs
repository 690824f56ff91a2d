//! How much of a flaw may be published: the least detail that the harm, the fix and the reach allow
//! (LX-24).
//!
//! Publishing that a flaw exists and publishing how it works are two decisions; this is the second.

use std::collections::BTreeMap;

use super::decision::Reach;
use crate::lexicon::terms::terms;

terms! {
    /// What reproducing the flaw would do.
    Harm { Low = "low", Elevated = "elevated", Severe = "severe" }
}
terms! {
    /// How far it is fixed.
    FixState {
        FixedEverywhere = "fixed_everywhere", MitigatedOrPartial = "mitigated_or_partial",
        Unfixed = "unfixed",
    }
}
terms! {
    /// How much is published, most first.
    Detail {
        Full = "full", RedactedPayload = "redacted_payload", ClassOnly = "class_only",
        RestrictedChannel = "restricted_channel",
    }
}

/// The table: a detail for each of the 27 combinations.
///
/// Invariant: complete. Only [`DetailTable::new`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailTable(BTreeMap<(Harm, FixState, Reach), Detail>);

/// The number of rows of a complete table.
const ROWS: usize = 27;

impl DetailTable {
    /// Returns the table of these rows; `None` if one is missing or stands twice.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = ((Harm, FixState, Reach), Detail)>) -> Option<Self> {
        let mut table = BTreeMap::new();
        for (place, detail) in rows {
            if table.insert(place, detail).is_some() {
                return None;
            }
        }
        (table.len() == ROWS).then_some(Self(table))
    }

    /// Returns how much may be published.
    #[must_use]
    pub fn detail(&self, harm: Harm, fix_state: FixState, reach: Reach) -> Detail {
        self.0.get(&(harm, fix_state, reach)).copied().unwrap_or(Detail::RestrictedChannel)
    }
}
