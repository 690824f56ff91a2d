//! What the public may know of refusals and delays, with small counts hidden (SH-29).
//!
//! Anyone who holds the shares recomputes the table. Not here: who publishes it and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::word::{Area, Relationship, Verdict};

/// Counts below this are shown as "< 5".
const COUNT_MIN: u64 = 5;

/// One decided share, as far as the public table counts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that hold or not, each by itself")]
pub struct Share {
    /// The verdict at the tier asked for.
    pub outcome: Verdict,
    /// Relationship of the recipient; never shown for one share.
    pub relationship: Relationship,
    /// The area.
    pub area: Area,
    /// Whole hours from asking to decision.
    pub hours: u64,
    /// Whether the decision came late.
    pub overdue: bool,
    /// Whether a refusal lapsed.
    pub lapsed: bool,
    /// Whether an appeal changed it.
    pub overridden: bool,
    /// Whether the duty to warn allowed it.
    pub floor: bool,
    /// The reason of a carve-out that blocked.
    pub carve_out: Option<String>,
}

/// A count, hidden if it is small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// From one to four, or the one more that keeps those hidden.
    Hidden,
    /// As counted.
    Shown(u64),
}

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Hidden => serializer.serialize_str("< 5"),
            Self::Shown(count) => serializer.serialize_u64(*count),
        }
    }
}

/// The public table of one quarter, `comity.screen-public/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicTable {
    /// Always `comity.screen-public/1`.
    pub schema: &'static str,
    /// `outcome/relationship/area`, each possible cell.
    pub cells: BTreeMap<String, Counted>,
    /// How many shares were decided in all.
    pub total: Counted,
    /// Half of the decisions took at most so many hours; none if too few to say.
    pub median_hours: Option<u64>,
    /// `overdue`, `lapsed`, `overridden`, `floor`.
    pub events: BTreeMap<&'static str, Counted>,
    /// Carve-outs by reason.
    pub carve_outs: BTreeMap<String, Counted>,
}

/// Returns the public table of the shares; their order says nothing.
#[must_use]
pub fn public_table(shares: &[Share]) -> PublicTable {
    let mut cells = BTreeMap::new();
    for outcome in Verdict::ALL {
        for relationship in Relationship::ALL {
            for area in Area::ALL {
                cells.insert(cell(*outcome, *relationship, *area), 0);
            }
        }
    }
    let mut carve_outs: BTreeMap<String, u64> = BTreeMap::new();
    for share in shares {
        *cells.entry(cell(share.outcome, share.relationship, share.area)).or_default() += 1;
        if let Some(reason) = &share.carve_out {
            *carve_outs.entry(reason.clone()).or_default() += 1;
        }
    }
    let count = |is_one: fn(&Share) -> bool| {
        let counted = shares.iter().filter(|share| is_one(share)).count();
        hidden_alone(u64::try_from(counted).unwrap_or(u64::MAX))
    };
    let events = BTreeMap::from([
        ("floor", count(|share| share.floor)),
        ("lapsed", count(|share| share.lapsed)),
        ("overdue", count(|share| share.overdue)),
        ("overridden", count(|share| share.overridden)),
    ]);
    let total = u64::try_from(shares.len()).unwrap_or(u64::MAX);
    PublicTable {
        schema: "comity.screen-public/1",
        cells: suppressed(cells),
        total: hidden_alone(total),
        median_hours: median(shares.iter().map(|share| share.hours).collect()),
        events,
        carve_outs: suppressed(carve_outs),
    }
}

fn cell(outcome: Verdict, relationship: Relationship, area: Area) -> String {
    format!("{}/{}/{}", outcome.key(), relationship.key(), area.key())
}

const fn is_small(count: u64) -> bool {
    count > 0 && count < COUNT_MIN
}

/// Hides a count that adds up with no other.
const fn hidden_alone(count: u64) -> Counted {
    if is_small(count) { Counted::Hidden } else { Counted::Shown(count) }
}

/// Hides small counts; if one alone were hidden, the total would give it away, so the next smallest
/// goes too.
fn suppressed(counts: BTreeMap<String, u64>) -> BTreeMap<String, Counted> {
    let small = counts.values().filter(|count| is_small(**count)).count();
    let next = counts
        .iter()
        .filter(|(_, count)| **count >= COUNT_MIN)
        .min_by_key(|(name, count)| (**count, name.as_str()))
        .filter(|_| small == 1)
        .map(|(name, _)| name.clone());
    counts
        .into_iter()
        .map(|(name, count)| {
            let is_hidden = is_small(count) || next.as_ref() == Some(&name);
            (name, if is_hidden { Counted::Hidden } else { Counted::Shown(count) })
        })
        .collect()
}

fn median(mut hours: Vec<u64>) -> Option<u64> {
    let count = u64::try_from(hours.len()).unwrap_or(u64::MAX);
    if count < COUNT_MIN {
        return None;
    }
    hours.sort_unstable();
    hours.get((hours.len() - 1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(outcome: Verdict, hours: u64) -> Share {
        Share {
            outcome,
            relationship: Relationship::Rival,
            area: Area::Evaluation,
            hours,
            overdue: hours > 48,
            lapsed: false,
            overridden: false,
            floor: false,
            carve_out: None,
        }
    }

    #[test]
    fn one_small_count_takes_the_next_smallest_with_it() {
        let mut shares: Vec<Share> = (0..9).map(|hours| share(Verdict::Allow, hours)).collect();
        shares.extend((0..7).map(|hours| share(Verdict::Escalate, 40 + hours)));
        shares.extend((0..2).map(|_| share(Verdict::Deny, 50)));
        let table = public_table(&shares);
        let counted = |outcome: &str| table.cells[&format!("{outcome}/rival/evaluation")];
        assert_eq!(counted("deny"), Counted::Hidden);
        assert_eq!(counted("escalate"), Counted::Hidden);
        assert_eq!(counted("allow"), Counted::Shown(9));
        assert_eq!(table.cells["allow/ally/evaluation"], Counted::Shown(0));
        assert_eq!(table.total, Counted::Shown(18));
        assert_eq!(table.median_hours, Some(8));
        assert_eq!(table.events["overdue"], Counted::Hidden);
    }

    #[test]
    fn two_small_counts_hide_one_another() {
        let mut shares: Vec<Share> = (0..9).map(|hours| share(Verdict::Allow, hours)).collect();
        shares.extend((0..3).map(|_| share(Verdict::Escalate, 1)));
        shares.extend((0..2).map(|_| share(Verdict::Deny, 1)));
        let table = public_table(&shares);
        assert_eq!(table.cells["allow/rival/evaluation"], Counted::Shown(9));
        assert_eq!(serde_json::to_value(table.cells["deny/rival/evaluation"]).unwrap(), "< 5");
    }
}
