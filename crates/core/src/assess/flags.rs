//! What an assessor should look at again; flags change no result (`assessment_flags` of `codes.json`).

use std::collections::BTreeSet;

use serde::Serialize;

use super::Work;
use super::advice::is_contradictory;
use super::axes::{Derived, Levels};
use super::parties::Parties;
use crate::lexicon::axis::{Axis, Level};
use crate::lexicon::terms::EvidenceKind;
use crate::report::{Opinion, Report, StatedCvss, list};

/// Something an assessor should look at again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Flag {
    /// The stable code.
    pub code: &'static str,
    /// RFC 6901 pointer into the report.
    pub pointer: String,
}

impl Flag {
    fn new(code: &'static str, pointer: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into() }
    }
}

/// Scores are written in tenths; a declared score may differ by less than this and mean the same.
const SCORE_TOLERANCE: f64 = 1e-6;

pub(super) fn flags(
    report: &Report,
    works: &[Work<'_>],
    parties: &Parties,
    derived: &Derived,
    merged: &Levels,
) -> Vec<Flag> {
    let mut flags = BTreeSet::new();
    for index in &parties.unknown_artefacts {
        flags.insert(Flag::new("supplier-unknown", format!("/affected/artefacts/{index}")));
    }
    if parties.is_developer_mismatch {
        flags.insert(Flag::new("developer-mismatch", "/affected/declared_developers"));
    }
    if report.classes().is_empty() {
        flags.insert(Flag::new("class-missing", "/technical/classes"));
    }
    if is_contradictory(merged) {
        flags.insert(Flag::new("fix-state-contradiction", "/assessments"));
    }
    for (index, work) in works.iter().enumerate() {
        let at = format!("/assessments/{index}");
        let Some(opinion) = work.opinion else { continue };
        for member in &work.inputs.below {
            flags.insert(Flag::new("asserted-below-derived", format!("{at}/inputs/{member}")));
        }
        flag_axes(report, opinion, derived, &at, &mut flags);
        flag_overlays(work, opinion, &at, &mut flags);
        flag_scores(work, opinion, &at, &mut flags);
    }
    flags.into_iter().collect()
}

fn flag_axes(
    report: &Report,
    opinion: &Opinion,
    derived: &Derived,
    at: &str,
    flags: &mut BTreeSet<Flag>,
) {
    let stated = |axis: Axis| opinion.axes.as_ref().and_then(|axes| axes.stated(axis));
    for (axis, shown) in
        [(Axis::Reliability, derived.reliability), (Axis::Transferability, derived.transferability)]
    {
        if let (Some(Level::Rank(stated)), Level::Rank(shown)) = (stated(axis), shown)
            && stated != shown
        {
            flags.insert(Flag::new("derived-differs", format!("{at}/axes/{}", axis.key())));
        }
    }
    let has_panel = report.evidence_items().iter().any(|item| item.kind == EvidenceKind::HarmPanel);
    let is_high = matches!(stated(Axis::MisuseUplift), Some(Level::Rank(2..)));
    if is_high && !has_panel {
        flags.insert(Flag::new("uplift-panel-missing", format!("{at}/axes/misuse_uplift")));
    }
}

fn flag_overlays(work: &Work<'_>, opinion: &Opinion, at: &str, flags: &mut BTreeSet<Flag>) {
    for (index, named) in list(opinion.overlays.as_ref()).iter().enumerate() {
        if !work.overlays.iter().any(|applied| applied.overlay.id == named.id) {
            flags.insert(Flag::new("overlay-ignored", format!("{at}/overlays/{index}")));
        }
    }
}

fn flag_scores(work: &Work<'_>, opinion: &Opinion, at: &str, flags: &mut BTreeSet<Flag>) {
    let stated = list(opinion.cvss.as_ref()).iter().zip(&work.scores).enumerate();
    for (index, (StatedCvss { declared_score, .. }, score)) in stated {
        let differs = |declared: &f64| (declared - score.score.number()).abs() > SCORE_TOLERANCE;
        if declared_score.as_ref().is_some_and(differs) {
            flags.insert(Flag::new(
                "cvss-score-mismatch",
                format!("{at}/cvss/{index}/declared_score"),
            ));
        }
    }
}
