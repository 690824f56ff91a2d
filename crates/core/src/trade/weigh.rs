//! What findings add up to: de minimis, the budget for unknowns, the outcome, what would change it (CT-41 to CT-43).
//!
//! Not here: how a node came to be a finding (`assess`).

use std::cmp::Reverse;

use super::graph::{Graph, Node, Place};
use super::import_rules::Class;
use super::word::{Criticality, ImportOutcome, Repair, Value};

/// A finding with what counts in the balance.
#[derive(Clone, Copy, Debug)]
pub struct Weighed {
    /// The node.
    pub place: Place,
    /// Its place among the references.
    pub rank: u32,
    /// Bad or unknown.
    pub value: Value,
    /// Its share of the value, in parts per million.
    pub share_ppm: u64,
    /// How much depends on it.
    pub criticality: Criticality,
    /// Whether it can never be excused.
    pub is_hard: bool,
}

impl Weighed {
    /// Weighs a node for a class of goods.
    #[must_use]
    pub fn new(graph: &Graph, place: Place, node: &Node, value: Value, class: &Class) -> Self {
        Self {
            place,
            rank: graph.rank(place),
            value,
            share_ppm: node.share_ppm,
            criticality: node.criticality,
            is_hard: class.de_minimis_ppm == 0
                || node.frontier
                || node.criticality > class.de_minimis_criticality,
        }
    }
}

/// A set of findings, as far as excuses go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    has_hard: bool,
    /// The sum of shares, not capped.
    pub sum_ppm: u64,
}

impl Load {
    fn of<'w>(findings: impl IntoIterator<Item = &'w Weighed>) -> Self {
        findings.into_iter().fold(Self::default(), |load, finding| Self {
            has_hard: load.has_hard || finding.is_hard,
            sum_ppm: load.sum_ppm.saturating_add(finding.share_ppm),
        })
    }

    const fn is_excusable(self, threshold_ppm: u64) -> bool {
        !self.has_hard && self.sum_ppm <= threshold_ppm
    }
}

/// The balance.
#[derive(Debug)]
pub struct Balance {
    /// What the table says.
    pub outcome: ImportOutcome,
    /// The places of the findings that are excused.
    pub excused: Vec<Place>,
    /// The places of the findings that may be cured later.
    pub budget: Vec<Place>,
    /// What would change the outcome.
    pub repairs: Vec<(Place, Repair)>,
    /// The bad findings.
    pub bad: Load,
    /// The bad and the unknown findings.
    pub all: Load,
}

/// Decides by the table of CT-41.
#[must_use]
pub fn weigh(findings: &[Weighed], class: &Class) -> Balance {
    let threshold = class.de_minimis_ppm;
    let is_bad = |finding: &&Weighed| finding.value == Value::Bad;
    let bad: Vec<&Weighed> = findings.iter().filter(is_bad).collect();
    let unknown: Vec<&Weighed> = findings.iter().filter(|finding| !is_bad(finding)).collect();
    let (budget, rest) = split_budget(unknown, class);
    let without_budget = || bad.iter().chain(&rest).copied();
    let bad_load = Load::of(bad.iter().copied());
    let all_load = Load::of(findings);
    let places = |findings: &[&Weighed]| findings.iter().map(|f| f.place).collect::<Vec<_>>();
    let (outcome, excused) = if !bad_load.is_excusable(threshold) {
        (ImportOutcome::Prohibit, Vec::new())
    } else if all_load.is_excusable(threshold) {
        (ImportOutcome::Permit, findings.iter().map(|finding| finding.place).collect())
    } else if Load::of(without_budget()).is_excusable(threshold) {
        let excused = without_budget().map(|finding| finding.place).collect();
        (ImportOutcome::PermitWithConditions, excused)
    } else {
        (ImportOutcome::Refer, places(&bad))
    };
    let repairs = match outcome {
        ImportOutcome::Permit | ImportOutcome::PermitWithConditions => Vec::new(),
        ImportOutcome::Prohibit | ImportOutcome::Refer => repairs(without_budget(), threshold),
    };
    let budget = places(&budget);
    Balance { outcome, excused, budget, repairs, bad: bad_load, all: all_load }
}

/// Splits the unknown into those that may be cured later and the rest.
fn split_budget<'w>(
    unknown: Vec<&'w Weighed>,
    class: &Class,
) -> (Vec<&'w Weighed>, Vec<&'w Weighed>) {
    let (mut budget, mut rest): (Vec<&Weighed>, Vec<&Weighed>) =
        unknown.into_iter().partition(|finding| finding.criticality <= class.unknown_criticality);
    budget.sort_by_key(|finding| (!finding.is_hard, Reverse(finding.share_ppm), finding.rank));
    let kept = class.unknown_max_nodes.min(budget.len());
    rest.extend(budget.split_off(kept));
    (budget, rest)
}

/// Returns the fewest repairs after which the rest is excusable.
///
/// Every hard finding must go; of the others taking the largest first is least, as only their sum counts.
fn repairs<'w>(
    findings: impl Iterator<Item = &'w Weighed>,
    threshold_ppm: u64,
) -> Vec<(Place, Repair)> {
    let (hard, mut soft): (Vec<&Weighed>, Vec<&Weighed>) =
        findings.partition(|finding| finding.is_hard);
    soft.sort_by_key(|finding| (Reverse(finding.share_ppm), finding.rank));
    let mut sum = Load::of(soft.iter().copied()).sum_ppm;
    let mut gone = hard;
    for finding in soft {
        if sum <= threshold_ppm {
            break;
        }
        sum -= finding.share_ppm;
        gone.push(finding);
    }
    gone.sort_by_key(|finding| finding.rank);
    let repair = |finding: &Weighed| match finding.value {
        Value::Bad => Repair::Replace,
        Value::Ok | Value::Unknown => Repair::Evidence,
    };
    gone.into_iter().map(|finding| (finding.place, repair(finding))).collect()
}
