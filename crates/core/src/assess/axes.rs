//! The value each assessment has on each axis: stated, taken from others, or the default (LX-3 to
//! LX-5).

use std::collections::{BTreeMap, BTreeSet};

use super::parties::{Key, Parties};
use crate::lexicon::axis::{Axis, Level};
use crate::lexicon::terms::FlawScope;
use crate::lexicon::{Lexicon, Manifestation};
use crate::report::{Opinion, Report, Trial, list};
use crate::severity::aix::Aix;
use crate::severity::cvss;

/// A place on every axis.
pub(super) type Levels = BTreeMap<Axis, Level>;

/// Families of flaws that do not act through what a model says or decides (`Q` of LX-3).
const TECHNICAL_FAMILIES: [&str; 6] =
    ["hardware", "infrastructure", "output", "privacy", "resource", "supply-chain"];
/// Families of flaws that are not technical.
const BEHAVIOURAL_FAMILIES: [&str; 2] = ["behaviour", "trust"];

/// One-sided 95 % (LX-4).
const Z: f64 = 1.644_853_626_951_472_2;
/// Fewer trials say nothing about a rate.
const TRIALS_MIN: u64 = 30;
/// As many suppliers must be tried before a flaw can be called universal (LX-5).
const SUPPLIERS_TRIED_MIN: usize = 5;

/// What follows from a report for every assessment alike.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    /// Families of the classes, or without classes of the candidates.
    families: BTreeSet<String>,
    /// By LX-4.
    pub(super) reliability: Level,
    /// By LX-5.
    pub(super) transferability: Level,
    /// The default for reliability where nothing was tried.
    untried_reliability: Level,
}

impl Derived {
    pub(super) fn of(report: &Report, parties: &Parties, lexicon: &Lexicon) -> Self {
        let technical = report.technical.as_ref();
        let candidates = list(technical.and_then(|part| part.class_candidates.as_ref()));
        let classes = report.classes();
        let named = if classes.is_empty() { candidates } else { classes };
        let is_deterministic = |id: &String| {
            lexicon.class(id).is_some_and(|class| class.evidence == Manifestation::Deterministic)
        };
        let is_reliable = report.trials().is_empty()
            && !classes.is_empty()
            && classes.iter().all(is_deterministic);
        Self {
            families: named
                .iter()
                .filter_map(|id| lexicon.class(id))
                .map(|class| class.family.clone())
                .collect(),
            reliability: reliability(report),
            transferability: transferability(report, parties),
            untried_reliability: if is_reliable { Level::Rank(2) } else { Level::Unknown },
        }
    }

    /// Returns whether a class of the behaviour family is among them.
    pub(super) fn is_behavioural(&self) -> bool {
        self.families.contains("behaviour")
    }

    fn are_all_in(&self, families: &[&str]) -> bool {
        !self.families.is_empty()
            && self.families.iter().all(|family| families.contains(&family.as_str()))
    }

    /// Returns the value of an axis that nobody states.
    fn default(&self, axis: Axis) -> Level {
        match axis {
            Axis::Exploitation | Axis::ReportConfidence => Level::Rank(0),
            Axis::TechnicalImpact if self.are_all_in(&BEHAVIOURAL_FAMILIES) => Level::Rank(0),
            Axis::SafetyImpact | Axis::MisuseUplift | Axis::RightsImpact
                if self.are_all_in(&TECHNICAL_FAMILIES) =>
            {
                Level::Rank(0)
            }
            Axis::AttackerKnowledge if self.are_all_in(&TECHNICAL_FAMILIES) => Level::Rank(2),
            Axis::Reliability => match self.reliability {
                Level::Unknown => self.untried_reliability,
                known @ Level::Rank(_) => known,
            },
            Axis::Transferability => self.transferability,
            Axis::AttackerKnowledge
            | Axis::Automatable
            | Axis::Detectability
            | Axis::FixReach
            | Axis::FixState
            | Axis::MisuseUplift
            | Axis::Persistence
            | Axis::Propagation
            | Axis::PublicValueAdded
            | Axis::ReproductionHarm
            | Axis::RightsImpact
            | Axis::SafetyImpact
            | Axis::SupplierEngagement
            | Axis::SupplierInvolvement
            | Axis::TechnicalImpact
            | Axis::ValueDensity => Level::Unknown,
        }
    }
}

/// What one assessment says, as far as axes go.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    stated: Levels,
    /// The highest technical impact of its CVSS vectors.
    technical_by_cvss: Option<Level>,
}

impl Statement {
    /// Returns what an assessment states, on its axes or else in its AIX vector.
    pub(super) fn of(opinion: &Opinion, scores: &[cvss::Score]) -> Self {
        let vector = opinion.aix.as_deref().and_then(|text| Aix::parse(text).ok());
        // A vector must say something of all nine axes, so its `X` may mean that nobody looked: only
        // known places count as stated.
        let known = vector.iter().flat_map(Aix::levels).filter(|(_, level)| !level.is_unknown());
        let mut stated: Levels = known.collect();
        for axis in Axis::ALL {
            if let Some(level) = opinion.axes.as_ref().and_then(|axes| axes.stated(*axis)) {
                stated.insert(*axis, level);
            }
        }
        let technical_by_cvss =
            scores.iter().map(|score| score.technical_impact).reduce(Level::highest);
        Self { stated, technical_by_cvss }
    }

    pub(super) fn stated(&self, axis: Axis) -> Option<Level> {
        self.stated.get(&axis).copied()
    }
}

/// Returns for each statement its place on every axis.
pub(super) fn effective(statements: &[Statement], derived: &Derived) -> Vec<Levels> {
    let of_anyone = |pick: &dyn Fn(&Statement) -> Option<Level>| {
        statements.iter().filter_map(pick).reduce(Level::highest)
    };
    let technical = of_anyone(&|statement| statement.technical_by_cvss);
    let levels = |statement: &Statement| {
        let level = |axis: Axis| {
            let by_cvss = if axis == Axis::TechnicalImpact {
                statement.technical_by_cvss.or(technical)
            } else {
                None
            };
            // An assessment that states nothing on an axis is not among those folded here, so "of
            // others" and "of anyone" are the same.
            statement
                .stated(axis)
                .or_else(|| of_anyone(&|other| other.stated(axis)))
                .or(by_cvss)
                .unwrap_or_else(|| derived.default(axis))
        };
        Axis::ALL.iter().map(|axis| (*axis, level(*axis))).collect()
    };
    statements.iter().map(levels).collect()
}

/// Returns the highest known place on each axis over all assessments.
pub(super) fn merged(all: &[&Levels]) -> Levels {
    let highest = |axis: Axis| {
        all.iter().filter_map(|levels| levels.get(&axis).copied()).reduce(Level::highest)
    };
    Axis::ALL.iter().map(|axis| (*axis, highest(*axis).unwrap_or(Level::Unknown))).collect()
}

/// Returns the place on an axis, `X` if there is none.
pub(super) fn at(levels: &Levels, axis: Axis) -> Level {
    levels.get(&axis).copied().unwrap_or(Level::Unknown)
}

/// Returns how reliably a flaw shows itself: the highest row of trials counts, rows are never added,
/// because each has its own conditions (LX-4).
fn reliability(report: &Report) -> Level {
    if report.reproduction.as_ref().and_then(|part| part.deterministic) == Some(true) {
        return Level::Rank(2);
    }
    report.trials().iter().filter_map(row_reliability).max().map_or(Level::Unknown, Level::Rank)
}

fn row_reliability(trial: &Trial) -> Option<u8> {
    if trial.trials.0 < TRIALS_MIN {
        return None;
    }
    let count = f64::from(u32::try_from(trial.trials.0).ok()?);
    let rate = f64::from(u32::try_from(trial.successes.0).ok()?) / count;
    let scale = 1.0 + Z * Z / count;
    let centre = (rate + Z * Z / (2.0 * count)) / scale;
    let margin = Z * (rate * (1.0 - rate) / count + Z * Z / (4.0 * count * count)).sqrt() / scale;
    let rank = match (centre - margin >= 0.90, centre + margin < 0.10) {
        (true, _) => 2,
        (false, true) => 0,
        (false, false) => 1,
    };
    Some(rank)
}

/// Returns how far a flaw carries over, by the suppliers whose artefacts it worked on (LX-5).
fn transferability(report: &Report, parties: &Parties) -> Level {
    if report.technical.as_ref().and_then(|part| part.scope) == Some(FlawScope::Protocol) {
        return Level::Rank(3);
    }
    let mut tried = BTreeSet::new();
    let mut succeeded: BTreeMap<Key, BTreeSet<usize>> = BTreeMap::new();
    for trial in report.trials() {
        let Ok(index) = usize::try_from(trial.artefact.0) else { continue };
        let Some(artefact) = report.artefacts().get(index) else { continue };
        let supplier = parties.supplier_of.get(index).cloned().flatten();
        // A name without supplier counts as one supplier; the prefix keeps it apart from those.
        let key = supplier.unwrap_or_else(|| {
            Key::Name(format!("?{}", crate::lexicon::suppliers::fold(&artefact.name)))
        });
        if trial.successes.0 > 0 {
            succeeded.entry(key.clone()).or_default().insert(index);
        }
        tried.insert(key);
    }
    let is_widespread =
        tried.len() >= SUPPLIERS_TRIED_MIN && succeeded.len() * 10 >= tried.len() * 6;
    match succeeded.first_key_value() {
        None => Level::Unknown,
        Some(_) if is_widespread => Level::Rank(3),
        Some(_) if succeeded.len() >= 2 => Level::Rank(2),
        Some((_, artefacts)) if artefacts.len() >= 2 => Level::Rank(1),
        Some(_) => Level::Rank(0),
    }
}
