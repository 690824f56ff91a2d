//! The four inputs of the decision as ranges, and which unknown facts widen them (LX-16 to LX-18).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::axes::{Derived, Levels, at};
use super::explore::{Exploration, explore};
use super::parties::Count;
use crate::lexicon::axis::{Axis, Level};
use crate::lexicon::terms::{AttackerAccess, FlawScope, terms};
use crate::report::{Report, StatedInputs, list};
use crate::severity::decision::{Ease, Exploitation, Impact, Inputs, Reach};
use crate::severity::overlays::{self, Applied, Context};

terms! {
    /// Where an input comes from.
    InputSource { Derived = "derived", Asserted = "asserted" }
}

/// An input as a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range<T> {
    /// If every unknown turns out well.
    pub low: T,
    /// If every unknown turns out ill.
    pub high: T,
    /// Where it comes from.
    pub source: InputSource,
}

/// The four ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ranges {
    /// How far it is exploited.
    pub exploitation: Range<Exploitation>,
    /// How bad.
    pub impact: Range<Impact>,
    /// How wide.
    pub reach: Range<Reach>,
    /// How easy.
    pub ease: Range<Ease>,
}

impl Ranges {
    /// Returns the inputs of the lows.
    #[must_use]
    pub const fn lows(&self) -> Inputs {
        Inputs {
            exploitation: self.exploitation.low,
            impact: self.impact.low,
            reach: self.reach.low,
            ease: self.ease.low,
        }
    }

    /// Returns the inputs of the highs.
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

/// One input, and for each unknown fact between which values it chooses.
#[derive(Clone, Debug)]
pub(super) struct Open<T> {
    pub(super) range: Range<T>,
    pairs: BTreeMap<&'static str, BTreeSet<(T, T)>>,
}

impl<T: Copy + Ord> Open<T> {
    fn derived<const N: usize>(
        found: Exploration<T, N>,
        fallback: T,
        facts: [&'static str; N],
    ) -> Self {
        let low = found.values.first().copied().unwrap_or(fallback);
        let high = found.values.last().copied().unwrap_or(fallback);
        let pairs = facts.into_iter().zip(found.pairs).collect();
        Self { range: Range { low, high, source: InputSource::Derived }, pairs }
    }

    /// Returns the input as an assessor states it, if so; then no fact can change it.
    fn or_asserted(self, asserted: Option<T>) -> Self {
        match asserted {
            Some(value) => Self {
                range: Range { low: value, high: value, source: InputSource::Asserted },
                pairs: BTreeMap::new(),
            },
            None => self,
        }
    }

    /// Returns the unknown facts that can change the input to something not below `floor`.
    pub(super) fn wideners_above(&self, floor: T) -> BTreeSet<&'static str> {
        let changes =
            |pairs: &BTreeSet<(T, T)>| pairs.iter().any(|(a, b)| *a.max(&floor) != *b.max(&floor));
        self.pairs.iter().filter(|(_, pairs)| changes(pairs)).map(|(fact, _)| *fact).collect()
    }

    fn wideners(&self) -> BTreeSet<&'static str> {
        self.wideners_above(self.range.low)
    }
}

/// All four inputs of one assessment.
#[derive(Clone, Debug)]
pub(super) struct OpenInputs {
    pub(super) exploitation: Open<Exploitation>,
    pub(super) impact: Open<Impact>,
    pub(super) reach: Open<Reach>,
    pub(super) ease: Open<Ease>,
    /// Stated inputs that lie below what was derived, by member.
    pub(super) below: Vec<&'static str>,
}

/// What the inputs are derived from.
#[derive(Clone, Copy)]
pub(super) struct Basis<'r> {
    pub(super) report: &'r Report,
    pub(super) derived: &'r Derived,
    pub(super) count: Count,
    pub(super) levels: &'r Levels,
    pub(super) overlays: &'r [Applied<'r>],
}

impl OpenInputs {
    pub(super) fn of(basis: Basis<'_>, stated: Option<&StatedInputs>) -> Self {
        let exploitation = exploitation(basis);
        let impact = impact(basis);
        let reach = reach(basis);
        let ease = ease(basis);
        let mut below = Vec::new();
        let mut note = |member, is_below: Option<bool>| {
            if is_below == Some(true) {
                below.push(member);
            }
        };
        note(
            "exploitation",
            stated.and_then(|s| s.exploitation).map(|value| value < exploitation.range.low),
        );
        note("impact", stated.and_then(|s| s.impact).map(|value| value < impact.range.low));
        note("reach", stated.and_then(|s| s.reach).map(|value| value < reach.range.low));
        note("ease", stated.and_then(|s| s.ease).map(|value| value < ease.range.low));
        Self {
            exploitation: exploitation.or_asserted(stated.and_then(|s| s.exploitation)),
            impact: impact.or_asserted(stated.and_then(|s| s.impact)),
            reach: reach.or_asserted(stated.and_then(|s| s.reach)),
            ease: ease.or_asserted(stated.and_then(|s| s.ease)),
            below,
        }
    }

    pub(super) const fn ranges(&self) -> Ranges {
        Ranges {
            exploitation: self.exploitation.range,
            impact: self.impact.range,
            reach: self.reach.range,
            ease: self.ease.range,
        }
    }

    /// Returns the unknown facts that can change an input.
    pub(super) fn wideners(&self) -> BTreeSet<&'static str> {
        let mut facts = self.impact.wideners();
        facts.extend(self.reach.wideners());
        facts.extend(self.ease.wideners());
        facts
    }
}

fn exploitation(basis: Basis<'_>) -> Open<Exploitation> {
    let rank = at(basis.levels, Axis::Exploitation).rank().unwrap_or_default();
    let value = Exploitation::ALL.get(usize::from(rank)).copied().unwrap_or(Exploitation::None);
    let range = Range { low: value, high: value, source: InputSource::Derived };
    Open { range, pairs: BTreeMap::new() }
}

/// Returns the ranks that a place may turn out to have.
pub(super) fn candidates(axis: Axis, level: Level) -> Vec<usize> {
    match level {
        Level::Rank(rank) => vec![rank.into()],
        Level::Unknown => (0..axis.values().len()).collect(),
    }
}

fn pick<T: Copy>(items: &[T], place: usize, fallback: T) -> T {
    items.get(place).copied().unwrap_or(fallback)
}

const IMPACT_AXES: [Axis; 4] =
    [Axis::TechnicalImpact, Axis::SafetyImpact, Axis::MisuseUplift, Axis::RightsImpact];
const BY_TECHNICAL: [Impact; 3] = [Impact::Low, Impact::Medium, Impact::High];
const BY_SAFETY: [Impact; 4] = [Impact::Low, Impact::High, Impact::Severe, Impact::Severe];
const BY_RANK: [Impact; 4] = [Impact::Low, Impact::Medium, Impact::High, Impact::Severe];

fn impact(basis: Basis<'_>) -> Open<Impact> {
    let mut ranks = IMPACT_AXES.map(|axis| candidates(axis, at(basis.levels, axis)));
    // What a model says when made to misbehave helps someone until shown otherwise (LX-16).
    let is_uplift_unknown = at(basis.levels, Axis::MisuseUplift).is_unknown();
    if let [_, _, uplift, _] = &mut ranks
        && is_uplift_unknown
        && basis.derived.is_behavioural()
    {
        uplift.retain(|rank| *rank > 0);
    }
    let technical = basis.report.technical.as_ref();
    let properties = list(technical.and_then(|part| part.impact_properties.as_ref()));
    let sizes = ranks.each_ref().map(Vec::len);
    let found = explore(sizes, |places| {
        let mut chosen = ranks.iter().zip(places).map(|(ranks, place)| pick(ranks, place, 0));
        let mut next = || chosen.next().unwrap_or_default();
        let (technical, safety, uplift, rights) = (next(), next(), next(), next());
        let worst = pick(&BY_TECHNICAL, technical, Impact::High)
            .max(pick(&BY_SAFETY, safety, Impact::Severe))
            .max(pick(&BY_RANK, uplift, Impact::Severe))
            .max(pick(&BY_RANK, rights, Impact::Severe));
        let level = |rank: usize| u8::try_from(rank).map_or(Level::Unknown, Level::Rank);
        let context = Context { properties, safety: level(safety), rights: level(rights) };
        overlays::impact(worst, basis.overlays, context)
    });
    Open::derived(found, Impact::Severe, IMPACT_AXES.map(Axis::key))
}

fn reach(basis: Basis<'_>) -> Open<Reach> {
    let count = basis.count;
    let scope = basis.report.technical.as_ref().and_then(|part| part.scope);
    let by_scope = match scope {
        Some(FlawScope::Class | FlawScope::Protocol) => vec![Reach::Systemic],
        Some(FlawScope::Unknown) => vec![Reach::Contained, Reach::Systemic],
        Some(FlawScope::Product) | None => vec![Reach::Contained],
    };
    let is_nobody = count.high == 0;
    let by_supplier = if is_nobody {
        Reach::ALL.to_vec()
    } else {
        (count.low..=count.high).map(|parties| reach_of(parties, count)).collect()
    };
    let found = explore([by_supplier.len(), by_scope.len()], |[supplier, scope]| {
        let widest = pick(&by_supplier, supplier, Reach::Systemic).max(pick(
            &by_scope,
            scope,
            Reach::Systemic,
        ));
        overlays::reach(widest, basis.overlays)
    });
    Open::derived(found, Reach::Systemic, ["supplier", "scope"])
}

fn reach_of(parties: usize, count: Count) -> Reach {
    if parties >= 5 || count.regions >= 3 {
        Reach::Systemic
    } else if parties >= 2 || count.countries >= 2 {
        Reach::MultiParty
    } else {
        Reach::Contained
    }
}

/// What an attacker must reach, as far as ease goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Inside,
    Open,
    Other,
}

const EASE_FACTS: [&str; 4] =
    ["attacker_access", "attacker_knowledge", "reliability", "automatable"];

fn ease(basis: Basis<'_>) -> Open<Ease> {
    let technical = basis.report.technical.as_ref();
    let stated = list(technical.and_then(|part| part.attacker_access.as_ref()));
    let accesses = if stated.is_empty() {
        vec![Access::Inside, Access::Open]
    } else if stated.iter().all(|access| access.is_inside()) {
        vec![Access::Inside]
    } else if stated.iter().copied().any(AttackerAccess::is_open) {
        vec![Access::Open]
    } else {
        vec![Access::Other]
    };
    let ranks = [Axis::AttackerKnowledge, Axis::Reliability, Axis::Automatable]
        .map(|axis| candidates(axis, at(basis.levels, axis)));
    let [knowledge, reliability, automatable] = &ranks;
    let sizes = [accesses.len(), knowledge.len(), reliability.len(), automatable.len()];
    let found =
        explore(sizes, |[access_place, knowledge_place, reliability_place, automatable_place]| {
            let access = pick(&accesses, access_place, Access::Open);
            let knowledge = pick(knowledge, knowledge_place, 2);
            if access == Access::Inside
                || knowledge == 0
                || pick(reliability, reliability_place, 2) == 0
            {
                Ease::Hard
            } else if access == Access::Open
                && knowledge == 2
                && pick(automatable, automatable_place, 1) == 1
            {
                Ease::Trivial
            } else {
                Ease::Practical
            }
        });
    Open::derived(found, Ease::Trivial, EASE_FACTS)
}
