//! What follows from a report: whether it is one for this hub, who is concerned, how bad, how urgent,
//! and which facts are still missing (LX-27). The result is the document `comity.assessment/1`.
//!
//! Assessments stand side by side and are never averaged (LX-21). Not here: what a law then demands of
//! whom, and what a hub decides; this is advice with its reasons.

mod advice;
mod axes;
mod explore;
mod facts;
mod flags;
mod inputs;
mod output;
mod parties;

use std::collections::{BTreeMap, BTreeSet};

pub use self::advice::{Advice, PublicationDetail};
use self::axes::{Derived, Levels, Statement, at};
pub use self::flags::Flag;
use self::inputs::{Basis, OpenInputs};
pub use self::inputs::{InputSource, Range, Ranges};
pub use self::output::{
    Affects, AixResult, Assessed, Assessment, Need, Reportability, SCHEMA, Scored, Step,
    VariantVerdict,
};
pub use self::parties::{Contact, How, Match, Party, component_match};
use self::parties::{Count, Parties};
use crate::lexicon::axis::{Axis, Level};
use crate::lexicon::terms::Domain;
use crate::lexicon::{Clocks, Lexicon};
use crate::report::{NamedOverlay, Opinion, Report, list};
use crate::reportability::{Facts, Outcome};
use crate::severity::aix::Aix;
use crate::severity::cvss;
use crate::severity::decision::{Decision, Exploitation, Impact, Reach};
use crate::severity::overlays::Applied;

/// Who is named as assessor when nobody assessed.
const NOBODY: &str = "derived";

/// One assessment on the way to its result.
struct Work<'r> {
    opinion: Option<&'r Opinion>,
    scores: Vec<cvss::Score>,
    overlays: Vec<Applied<'r>>,
    levels: Levels,
    inputs: OpenInputs,
}

/// Returns everything that follows from a report.
#[must_use]
pub fn assess(report: &Report, lexicon: &Lexicon) -> Assessment {
    let parties = parties::parties(report, lexicon);
    let derived = Derived::of(report, &parties, lexicon);
    let count = parties.count(lexicon);
    let works = works(report, &derived, count, lexicon);
    let merged = axes::merged(&works.iter().map(|work| &work.levels).collect::<Vec<_>>());
    let assessments: Vec<Assessed> = works.iter().map(|work| assessed(work, lexicon)).collect();
    let decision_low =
        assessments.iter().map(|one| one.decision_low).max().unwrap_or(Decision::Track);
    let decision_high =
        assessments.iter().map(|one| one.decision_high).max().unwrap_or(Decision::Act);

    let exploitation = exploitation(&works, &merged);
    let impact =
        highest(Impact::Low, Impact::Severe, works.iter().map(|work| work.inputs.impact.range));
    let reach = highest(
        Reach::Contained,
        Reach::Systemic,
        works.iter().map(|work| work.inputs.reach.range),
    );
    let findings = facts::Findings { merged: &merged, exploitation, impact, reach };
    let facts = facts::facts(report, lexicon, findings);
    let (reportability, undecided) = reportability(report, &parties, &facts, lexicon);
    let coordinate = advice::coordinate(report, &merged, count, lexicon);
    let publish = advice::publish(&merged, exploitation, lexicon);
    let wideners =
        works.iter().flat_map(|work| work.inputs.reach.wideners_above(reach.low)).collect();
    let is_harm_open = works.iter().any(|work| {
        let axes = work.opinion.and_then(|opinion| opinion.axes.as_ref());
        axes.and_then(|axes| axes.stated(Axis::ReproductionHarm)) == Some(Level::Unknown)
    });
    let (publication_detail, strict) =
        advice::detail(&merged, reach, (&wideners, is_harm_open), lexicon);

    let mut needs = Needs::default();
    // While the decision is clear, no input needs to be known better.
    let is_unclear = |pair: (Decision, Decision)| pair.0 != pair.1;
    let open = works.iter().zip(&assessments).filter(|(_, one)| is_unclear(one.pair()));
    let open = open.filter(|_| is_unclear((decision_low, decision_high)));
    needs.add(Affects::Reportability, undecided.iter().map(String::as_str));
    needs.add(Affects::Decision, open.flat_map(|(work, _)| work.inputs.wideners()));
    needs.add(Affects::Aix, assessments.iter().flat_map(|one| one.aix.missing.iter().copied()));
    needs.add(Affects::Coordinate, coordinate.missing.iter().copied());
    needs.add(Affects::Publish, publish.missing.iter().copied());
    needs.add(Affects::PublicationDetail, strict);
    Assessment {
        schema: SCHEMA,
        report: report.id.clone(),
        lexicon: lexicon.version().to_owned(),
        tree: lexicon.tree().name().to_owned(),
        flags: flags::flags(report, &works, &parties, &derived, &merged),
        sharing: works
            .iter()
            .flat_map(|work| &work.overlays)
            .find_map(|applied| applied.overlay.sharing),
        clocks: clocks(&reportability, decision_low, decision_high, lexicon),
        parties: parties.all,
        reportability,
        decision: (decision_low == decision_high).then_some(decision_low),
        decision_low,
        decision_high,
        disagreement: assessments
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.pair() != b.pair())),
        assessments,
        coordinate,
        publish,
        publication_detail,
        needs_evidence: needs.into_list(),
    }
}

/// Returns one work for each assessment, or one that nobody made.
fn works<'r>(
    report: &'r Report,
    derived: &Derived,
    count: Count,
    lexicon: &'r Lexicon,
) -> Vec<Work<'r>> {
    let mut opinions: Vec<Option<&Opinion>> = report.opinions().iter().map(Some).collect();
    if opinions.is_empty() {
        opinions.push(None);
    }
    let score = |opinion: Option<&Opinion>| -> Vec<cvss::Score> {
        let stated = list(opinion.and_then(|opinion| opinion.cvss.as_ref())).iter();
        stated.filter_map(|stated| cvss::parse(&stated.vector).ok()).collect()
    };
    let scores: Vec<Vec<cvss::Score>> = opinions.iter().copied().map(score).collect();
    let state = |(opinion, scores): (Option<&Opinion>, &Vec<cvss::Score>)| {
        opinion.map_or_else(Statement::default, |opinion| Statement::of(opinion, scores))
    };
    let statements: Vec<Statement> = opinions.iter().copied().zip(&scores).map(state).collect();
    let levels = axes::effective(&statements, derived);
    let work = |((opinion, scores), levels): ((Option<&'r Opinion>, Vec<cvss::Score>), Levels)| {
        let overlays = opinion.map(|opinion| applied(report, opinion, lexicon)).unwrap_or_default();
        let basis = Basis { report, derived, count, levels: &levels, overlays: &overlays };
        let inputs = OpenInputs::of(basis, opinion.and_then(|opinion| opinion.inputs.as_ref()));
        Work { opinion, scores, overlays, levels, inputs }
    };
    opinions.into_iter().zip(scores).zip(levels).map(work).collect()
}

/// Returns the overlays in force: named by the assessment, and matching a domain of the report.
fn applied<'r>(report: &Report, opinion: &Opinion, lexicon: &'r Lexicon) -> Vec<Applied<'r>> {
    let domains = list(report.affected.as_ref().and_then(|part| part.domains.as_ref()));
    let apply = |named: &NamedOverlay| {
        let overlay =
            lexicon.overlay(&named.id).filter(|overlay| overlap(&overlay.domains, domains))?;
        Some(Applied { overlay, election_days: named.election_days })
    };
    list(opinion.overlays.as_ref()).iter().filter_map(apply).collect()
}

fn overlap(a: &[Domain], b: &[Domain]) -> bool {
    a.iter().any(|domain| b.contains(domain))
}

fn assessed(work: &Work<'_>, lexicon: &Lexicon) -> Assessed {
    let aix = Aix::new(|axis| at(&work.levels, axis));
    let missing: Vec<&'static str> = aix.missing().into_iter().map(Axis::key).collect();
    let scored = |score: &cvss::Score| Scored {
        vector: score.vector.clone(),
        version: score.version,
        kind: score.kind,
        score: score.score.number(),
        severity: score.severity(),
    };
    let inputs = work.inputs.ranges();
    let decision_low = lexicon.decisions().decide(inputs.lows());
    let decision_high = lexicon.decisions().decide(inputs.highs());
    Assessed {
        assessor: work
            .opinion
            .map_or_else(|| NOBODY.to_owned(), |opinion| opinion.assessor.clone()),
        at: work.opinion.map(|opinion| opinion.at.clone()),
        cvss: work.scores.iter().map(scored).collect(),
        aix: AixResult { vector: aix.to_string(), complete: missing.is_empty(), missing },
        inputs,
        decision: (decision_low == decision_high).then_some(decision_low),
        decision_low,
        decision_high,
    }
}

/// Returns how far the flaw is exploited: the merged axis, or a higher stated input.
fn exploitation(works: &[Work<'_>], merged: &Levels) -> Exploitation {
    let rank = at(merged, Axis::Exploitation).rank().unwrap_or_default();
    let by_axis = Exploitation::ALL.get(usize::from(rank)).copied().unwrap_or(Exploitation::None);
    works.iter().map(|work| work.inputs.exploitation.range.high).fold(by_axis, Exploitation::max)
}

/// Returns the highest low with the highest high (LX-21).
///
/// There is always an assessment; without one nothing would be known.
fn highest<T: Copy + Ord>(low: T, high: T, ranges: impl Iterator<Item = Range<T>>) -> Range<T> {
    let both =
        |a: Range<T>, b: Range<T>| Range { low: a.low.max(b.low), high: a.high.max(b.high), ..a };
    ranges.reduce(both).unwrap_or(Range { low, high, source: InputSource::Derived })
}

fn clocks(
    reportability: &Reportability,
    low: Decision,
    high: Decision,
    lexicon: &Lexicon,
) -> Clocks {
    if !reportability.verdict.is_reportable() {
        return lexicon.clocks(Decision::Track);
    }
    // An unknown must neither page people nor be forgotten.
    let review_every_days = lexicon.clocks(high).review_every_days;
    Clocks { review_every_days, ..lexicon.clocks(low) }
}

/// Returns the verdict with its variants, and the facts that unknown rules ask for.
fn reportability(
    report: &Report,
    parties: &Parties,
    facts: &Facts,
    lexicon: &Lexicon,
) -> (Reportability, BTreeSet<String>) {
    let tree = lexicon.tree();
    let outcome = tree.decide(facts, &BTreeSet::new());
    let markets = list(report.affected.as_ref().and_then(|part| part.markets.as_ref()));
    let places: BTreeSet<&str> =
        markets.iter().map(String::as_str).chain(parties.countries()).collect();
    let variant = |variant: &crate::reportability::Variant| {
        let is_there = places.iter().any(|place| lexicon.lies_in(place, &variant.jurisdiction));
        if !is_there || !variant.when.evaluate(facts).is_true() {
            return None;
        }
        let under = tree.decide(facts, &variant.disables);
        Some(VariantVerdict {
            id: variant.id.clone(),
            jurisdiction: variant.jurisdiction.clone(),
            verdict: under.rule.verdict,
            rule: under.rule.id.clone(),
            provisional: under.is_provisional,
            differs: under.rule.verdict != outcome.rule.verdict,
            basis: variant.basis.clone(),
        })
    };
    let variants = tree.variants().iter().filter_map(variant).collect();
    let Outcome { rule, is_provisional, trace, missing } = outcome;
    let step = |(rule, result): (&str, _)| Step { rule: rule.to_owned(), result };
    let reportability = Reportability {
        verdict: rule.verdict,
        route: rule.route,
        rule: rule.id.clone(),
        reason: rule.reason.clone(),
        provisional: is_provisional,
        trace: trace.into_iter().map(step).collect(),
        variants,
    };
    (reportability, missing)
}

/// Missing facts, with what each would change.
#[derive(Default)]
struct Needs(BTreeMap<String, BTreeSet<Affects>>);

impl Needs {
    fn add<'f>(&mut self, affects: Affects, facts: impl IntoIterator<Item = &'f str>) {
        for fact in facts {
            self.0.entry(fact.to_owned()).or_default().insert(affects);
        }
    }

    fn into_list(self) -> Vec<Need> {
        self.0.into_iter().map(|(fact, affects)| Need { fact, affects }).collect()
    }
}
