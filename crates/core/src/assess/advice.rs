//! Whether to coordinate, whether to publish and in how much detail (LX-23, LX-24), each with the
//! facts that are missing.

use std::collections::BTreeSet;

use serde::Serialize;

use super::axes::{Levels, at};
use super::explore::{Exploration, explore};
use super::facts::{has_evidence, report_public, supplier_contacted};
use super::inputs::{Range, candidates};
use super::parties::Count;
use crate::lexicon::Lexicon;
use crate::lexicon::axis::{Axis, Level};
use crate::lexicon::terms::{Answer, FlawScope};
use crate::report::Report;
use crate::severity::decision::{Exploitation, Reach};
use crate::severity::detail::{Detail, FixState, Harm};
use crate::severity::ssvc::{Coordinate, Publish, Triage};

/// An advice, or the facts without which it is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice<T> {
    /// The advice; `None` while an unknown fact can change it.
    pub value: Option<T>,
    /// The facts that can change it, sorted.
    pub missing: BTreeSet<&'static str>,
}

impl<T: Copy + Ord> Advice<T> {
    fn of<const N: usize>(found: &Exploration<T, N>, facts: [&'static str; N]) -> Self {
        let missing = facts.into_iter().zip(&found.pairs).filter(|(_, pairs)| !pairs.is_empty());
        let missing = missing.map(|(fact, _)| fact).collect();
        let value = if found.values.len() == 1 { found.values.first().copied() } else { None };
        Self { value, missing }
    }
}

/// How much of a flaw may be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PublicationDetail {
    /// How much.
    pub value: Detail,
    /// Whether an unknown fact was taken at its strict end.
    pub provisional: bool,
    /// What reproducing it would do.
    pub reproduction_harm: Harm,
    /// How far it is fixed.
    pub fix_state: FixState,
    /// How wide it reaches.
    pub reach: Reach,
}

pub(super) fn coordinate(
    report: &Report,
    merged: &Levels,
    count: Count,
    lexicon: &Lexicon,
) -> Advice<Coordinate> {
    let answers = |answer| match answer {
        Answer::Yes => vec![true],
        Answer::No => vec![false],
        Answer::Unknown => vec![false, true],
    };
    let scope = report.technical.as_ref().and_then(|part| part.scope);
    let wide = match scope {
        Some(FlawScope::Class | FlawScope::Protocol) => vec![true],
        Some(FlawScope::Product) | None => vec![false],
        Some(FlawScope::Unknown) => vec![false, true],
    };
    let several = if count.low >= 2 {
        vec![true]
    } else if count.high == 1 {
        vec![false]
    } else {
        vec![false, true]
    };
    let public = answers(report_public(report));
    let contacted = answers(supplier_contacted(report));
    let axis = |axis: Axis| candidates(axis, at(merged, axis));
    let engagement = axis(Axis::SupplierEngagement);
    let automatable = axis(Axis::Automatable);
    let density = axis(Axis::ValueDensity);
    let safety = axis(Axis::SafetyImpact);
    let is_confident = at(merged, Axis::ReportConfidence) != Level::Rank(0);
    let is_credible = is_confident || has_evidence(report);
    let sizes = [
        public.len(),
        contacted.len(),
        wide.len(),
        several.len(),
        engagement.len(),
        automatable.len(),
        density.len(),
        safety.len(),
    ];
    let found = explore(sizes, |[p, c, w, m, e, a, d, s]| {
        lexicon.ssvc().coordinate(Triage {
            is_public: chosen(&public, p),
            is_supplier_contacted: chosen(&contacted, c),
            is_credible,
            is_multiple: chosen(&wide, w) || chosen(&several, m),
            supplier_engagement: chosen(&engagement, e),
            automatable: chosen(&automatable, a),
            value_density: chosen(&density, d),
            safety_impact: chosen(&safety, s),
        })
    });
    let facts = [
        "report_public",
        "supplier_contacted",
        "scope",
        "supplier",
        Axis::SupplierEngagement.key(),
        Axis::Automatable.key(),
        Axis::ValueDensity.key(),
        Axis::SafetyImpact.key(),
    ];
    Advice::of(&found, facts)
}

pub(super) fn publish(
    merged: &Levels,
    exploitation: Exploitation,
    lexicon: &Lexicon,
) -> Advice<Publish> {
    let involvement = candidates(Axis::SupplierInvolvement, at(merged, Axis::SupplierInvolvement));
    let added = candidates(Axis::PublicValueAdded, at(merged, Axis::PublicValueAdded));
    let exploitation =
        Exploitation::ALL.iter().position(|known| *known == exploitation).unwrap_or_default();
    let found = explore([involvement.len(), added.len()], |[i, a]| {
        lexicon.ssvc().publish(chosen(&involvement, i), exploitation, chosen(&added, a))
    });
    Advice::of(&found, [Axis::SupplierInvolvement.key(), Axis::PublicValueAdded.key()])
}

fn chosen<T: Copy + Default>(items: &[T], place: usize) -> T {
    items.get(place).copied().unwrap_or_default()
}

/// Returns the detail, and the facts that were taken at their strict end; `wideners` are those that
/// can change the reach, `is_harm_open` says that somebody looked at what reproducing it would do and could
/// not tell.
pub(super) fn detail(
    merged: &Levels,
    reach: Range<Reach>,
    (wideners, is_harm_open): (&BTreeSet<&'static str>, bool),
    lexicon: &Lexicon,
) -> (PublicationDetail, BTreeSet<&'static str>) {
    let mut missing = wideners.clone();
    let reproduction_harm = harm(merged, is_harm_open, &mut missing);
    let fix_state = match at(merged, Axis::FixState) {
        Level::Rank(0) if is_contradictory(merged) => FixState::MitigatedOrPartial,
        Level::Rank(rank) => {
            FixState::ALL.get(usize::from(rank)).copied().unwrap_or(FixState::Unfixed)
        }
        Level::Unknown => {
            missing.insert(Axis::FixState.key());
            FixState::Unfixed
        }
    };
    let value = lexicon.details().detail(reproduction_harm, fix_state, reach.high);
    let provisional = !missing.is_empty();
    (
        PublicationDetail { value, provisional, reproduction_harm, fix_state, reach: reach.high },
        missing,
    )
}

/// Returns whether a flaw that cannot be called back is said to be fixed everywhere.
pub(super) fn is_contradictory(merged: &Levels) -> bool {
    at(merged, Axis::FixState) == Level::Rank(0) && at(merged, Axis::FixReach) == Level::Rank(3)
}

/// Returns what reproducing the flaw would do, unless stated by its impacts.
fn harm(merged: &Levels, is_open: bool, missing: &mut BTreeSet<&'static str>) -> Harm {
    if let Some(rank) = at(merged, Axis::ReproductionHarm).rank() {
        return Harm::ALL.get(usize::from(rank)).copied().unwrap_or(Harm::Severe);
    }
    if is_open {
        missing.insert(Axis::ReproductionHarm.key());
        return Harm::Severe;
    }
    let uplift = at(merged, Axis::MisuseUplift);
    if uplift.rank().is_none_or(|rank| rank >= 3) {
        missing.extend(uplift.is_unknown().then_some(Axis::MisuseUplift.key()));
        return Harm::Severe;
    }
    let safety = at(merged, Axis::SafetyImpact);
    let technical = at(merged, Axis::TechnicalImpact);
    missing.extend(safety.is_unknown().then_some(Axis::SafetyImpact.key()));
    missing.extend(technical.is_unknown().then_some(Axis::TechnicalImpact.key()));
    let is_elevated = uplift == Level::Rank(2)
        || safety != Level::Rank(0)
        || technical.rank().is_none_or(|rank| rank >= 2);
    if is_elevated { Harm::Elevated } else { Harm::Low }
}
