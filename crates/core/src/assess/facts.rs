//! The facts of `reportability.json`, each read from a report as that file says.

use super::axes::{Levels, at};
use super::inputs::Range;
use crate::lexicon::Lexicon;
use crate::lexicon::Manifestation;
use crate::lexicon::axis::Axis;
use crate::lexicon::terms::Answer;
use crate::report::{Report, list};
use crate::reportability::{Fact, Facts};
use crate::severity::decision::{Exploitation, Impact, Reach};

const IMPACT_ORDER: &[&str] =
    &[Impact::Low.key(), Impact::Medium.key(), Impact::High.key(), Impact::Severe.key()];
const REACH_ORDER: &[&str] =
    &[Reach::Contained.key(), Reach::MultiParty.key(), Reach::Systemic.key()];

/// What the facts need beside the report.
#[derive(Clone, Copy)]
pub(super) struct Findings<'r> {
    pub(super) merged: &'r Levels,
    pub(super) exploitation: Exploitation,
    pub(super) impact: Range<Impact>,
    pub(super) reach: Range<Reach>,
}

pub(super) fn facts(report: &Report, lexicon: &Lexicon, findings: Findings<'_>) -> Facts {
    let technical = report.technical.as_ref();
    let mut facts = Facts::from([
        ("kind", Fact::Word(Some(report.kind.key()))),
        ("prohibited_material", Fact::Word(Some(yes_no(is_prohibited(report))))),
        ("material_attached", Fact::Word(Some(yes_no(has_material(report))))),
        ("ai_element", Fact::Word(known(ai_element(report)))),
        ("exploitation", Fact::Word(Some(findings.exploitation.key()))),
        ("all_trials_failed", Fact::Word(Some(yes_no(have_all_failed(report))))),
        ("report_public", Fact::Word(known(report_public(report)))),
        ("evidence_present", Fact::Word(Some(yes_no(has_evidence(report))))),
        ("probabilistic_only", Fact::Word(Some(yes_no(is_probabilistic(report, lexicon))))),
        ("trials_total", Fact::Number(report.trials().iter().map(|trial| trial.trials.0).sum())),
        ("security_class", Fact::Word(security_class(report, lexicon))),
        ("classes", Fact::Words(report.classes().to_vec())),
        ("impact_low", ordinal(IMPACT_ORDER, findings.impact.low.key())),
        ("impact_high", ordinal(IMPACT_ORDER, findings.impact.high.key())),
        ("reach_high", ordinal(REACH_ORDER, findings.reach.high.key())),
    ]);
    let violates = list(technical.and_then(|part| part.violates.as_ref()));
    facts.insert("violates", some_list(violates.iter().map(|value| value.key())));
    let subjects = list(technical.and_then(|part| part.subjects.as_ref()));
    facts.insert("subjects", some_list(subjects.iter().map(|value| value.key())));
    let harms = list(technical.and_then(|part| part.harm_types.as_ref()));
    facts.insert("harm_types", Fact::List(Some(harms.iter().map(|value| value.key()).collect())));
    let kinds = report.artefacts().iter().map(|artefact| artefact.kind.key());
    facts.insert("artefact_kinds", Fact::List(Some(kinds.collect())));
    let domains = list(report.affected.as_ref().and_then(|part| part.domains.as_ref()));
    facts.insert("domains", Fact::List(Some(domains.iter().map(|value| value.key()).collect())));
    for axis in [
        Axis::ReportConfidence,
        Axis::SafetyImpact,
        Axis::MisuseUplift,
        Axis::RightsImpact,
        Axis::Reliability,
        Axis::FixReach,
        Axis::FixState,
    ] {
        let rank = at(findings.merged, axis).rank().map(usize::from);
        facts.insert(axis.key(), Fact::Ordinal { order: axis.values(), rank });
    }
    facts
}

/// Returns whether there is anything to check.
pub(super) fn has_evidence(report: &Report) -> bool {
    let part = report.reproduction.as_ref();
    let is_filled = |text: Option<&String>| text.is_some_and(|text| !text.is_empty());
    is_filled(part.and_then(|part| part.steps.as_ref()))
        || is_filled(part.and_then(|part| part.payload.as_ref()))
        || !report.trials().is_empty()
        || !report.evidence_items().is_empty()
}

/// Returns whether the flaw is public; not stated is unknown.
pub(super) fn report_public(report: &Report) -> Answer {
    report.disclosure.as_ref().and_then(|part| part.report_public).unwrap_or(Answer::Unknown)
}

/// Returns whether a supplier was told; not stated is unknown.
pub(super) fn supplier_contacted(report: &Report) -> Answer {
    report.disclosure.as_ref().and_then(|part| part.supplier_contacted).unwrap_or(Answer::Unknown)
}

fn is_prohibited(report: &Report) -> bool {
    report.reproduction.as_ref().and_then(|part| part.prohibited_material) == Some(true)
}

fn has_material(report: &Report) -> bool {
    let payload = report.reproduction.as_ref().and_then(|part| part.payload.as_ref());
    payload.is_some_and(|text| !text.is_empty()) || !report.evidence_items().is_empty()
}

fn ai_element(report: &Report) -> Answer {
    let stated = report.affected.as_ref().and_then(|part| part.ai_element);
    let inferred = if report.artefacts().iter().any(|artefact| artefact.kind.is_ai()) {
        Answer::Yes
    } else {
        Answer::Unknown
    };
    stated.unwrap_or(inferred)
}

fn have_all_failed(report: &Report) -> bool {
    !report.trials().is_empty() && report.trials().iter().all(|trial| trial.successes.0 == 0)
}

fn is_probabilistic(report: &Report, lexicon: &Lexicon) -> bool {
    let classes = report.classes();
    let is_by_chance = |id: &String| {
        lexicon.class(id).is_some_and(|class| class.evidence == Manifestation::Probabilistic)
    };
    !classes.is_empty() && classes.iter().all(is_by_chance)
}

fn security_class(report: &Report, lexicon: &Lexicon) -> Option<&'static str> {
    let is_security = |id: &String| lexicon.class(id).is_some_and(|class| class.security_relevant);
    match report.classes() {
        [] => None,
        classes => Some(yes_no(classes.iter().any(is_security))),
    }
}

fn known(answer: Answer) -> Option<&'static str> {
    match answer {
        Answer::Unknown => None,
        Answer::Yes | Answer::No => Some(answer.key()),
    }
}

fn yes_no(is_yes: bool) -> &'static str {
    if is_yes { Answer::Yes.key() } else { Answer::No.key() }
}

fn ordinal(order: &'static [&'static str], key: &str) -> Fact {
    Fact::Ordinal { order, rank: order.iter().position(|known| *known == key) }
}

fn some_list(keys: impl Iterator<Item = &'static str>) -> Fact {
    let keys: Vec<&'static str> = keys.collect();
    Fact::List((!keys.is_empty()).then_some(keys))
}
