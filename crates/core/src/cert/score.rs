//! The score of an assessment under a profile: effective implementation beside coverage (CT-12 to CT-16).
//!
//! All figures are exact shares, compared as such and floored only for show. Not here: the decision,
//! which an organ takes by ballot.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::assessment::{Assessment, Question};
use super::document;
use super::jurisdiction::JurisdictionUrn;
use super::profile::{Profile, Thresholds};
use super::rule::{Counted, Figures, Metric, Rule, Share, Tested, basis_points};
use super::word::{
    Answer, Compliance, ConcernState, Effectiveness, Recommendation, Word as _, words,
};
use crate::refusal::Refusal;

words! {
    /// What a score points out.
    AdvisoryCode {
        EoWithoutRationale = "EO_WITHOUT_RATIONALE",
        NaNotAgreed = "NA_NOT_AGREED",
        NaOnKnockOut = "NA_ON_KNOCK_OUT",
        PqChanged = "PQ_CHANGED",
    }
}

/// Something about a question or outcome that the reader should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Advisory {
    code: AdvisoryCode,
    pq: String,
}

/// Answers over a set of questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    satisfied: u64,
    not_satisfied: u64,
    not_applicable: u64,
    undetermined: u64,
}

impl Counts {
    fn add(&mut self, answer: Answer) {
        match answer {
            Answer::Satisfied => self.satisfied += 1,
            Answer::NotSatisfied => self.not_satisfied += 1,
            Answer::NotApplicable => self.not_applicable += 1,
            Answer::Undetermined => self.undetermined += 1,
        }
    }

    const fn determined(self) -> u64 {
        self.satisfied + self.not_satisfied
    }

    const fn applicable(self) -> u64 {
        self.determined() + self.undetermined
    }

    fn coverage(self) -> Share {
        (self.applicable() > 0).then(|| (self.determined(), self.applicable()))
    }

    /// Returns effective implementation, withheld below the coverage that the profile asks for.
    fn effective(self, min_coverage_bp: u64) -> Share {
        let covered = u128::from(self.determined()) * 10_000
            >= u128::from(min_coverage_bp) * u128::from(self.applicable());
        (self.determined() > 0 && covered).then(|| (self.satisfied, self.determined()))
    }

    fn shown(self, min_coverage_bp: u64) -> CountsShown {
        CountsShown {
            s: self.satisfied,
            ns: self.not_satisfied,
            na: self.not_applicable,
            u: self.undetermined,
            ei_bp: self.effective(min_coverage_bp).map(basis_points),
            coverage_bp: self.coverage().map(basis_points),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct CountsShown {
    s: u64,
    ns: u64,
    na: u64,
    u: u64,
    ei_bp: Option<i64>,
    coverage_bp: Option<i64>,
}

#[derive(Clone, Debug, Serialize)]
struct Cell {
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ce: Option<i64>,
    #[serde(flatten)]
    counts: CountsShown,
}

#[derive(Clone, Debug, Serialize)]
struct ControlShown {
    control: String,
    rating: Compliance,
    s: u64,
    ns: u64,
    na: u64,
    u: u64,
    priority_ns: u64,
}

#[derive(Clone, Debug, Serialize)]
struct KnockOut {
    control: String,
    satisfied: bool,
}

#[derive(Clone, Debug, Serialize)]
struct OutcomeShown {
    eo: String,
    rating: Effectiveness,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Concerns {
    preliminary: u64,
    confirmed: u64,
    resolved: u64,
}

#[derive(Clone, Debug, Serialize)]
struct RuleShown {
    name: String,
    pass: bool,
    tests: Vec<Tested>,
}

#[derive(Clone, Debug, Serialize)]
struct Claimed {
    ei_bp: Option<i64>,
    optimistic: u64,
    pessimistic: u64,
}

#[derive(Clone, Debug, Serialize)]
struct Inputs {
    assessment: String,
    profile: String,
}

/// The answer of `comity cert score`.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    #[serde(rename = "type")]
    kind: &'static str,
    jurisdiction: JurisdictionUrn,
    standard: String,
    profile: String,
    overall: CountsShown,
    areas: Vec<Cell>,
    elements: Vec<Cell>,
    cells: Vec<Cell>,
    controls: Vec<ControlShown>,
    knock_out: Vec<KnockOut>,
    outcomes: Vec<OutcomeShown>,
    concerns: Concerns,
    cap_covers: bool,
    rules: Vec<RuleShown>,
    recommendation: Recommendation,
    listing: Vec<RuleShown>,
    #[serde(rename = "self")]
    claimed: Claimed,
    advisories: Vec<Advisory>,
    inputs: Inputs,
}

impl Score {
    /// Returns what the organ is recommended to decide.
    #[must_use]
    pub const fn recommendation(&self) -> Recommendation {
        self.recommendation
    }

    /// Returns whether every knock-out control is satisfied.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.knock_out.iter().all(|control| control.satisfied)
    }

    /// Returns whether a listing rule holds.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.listing.iter().any(|rule| rule.pass)
    }
}

/// Scores an assessment under a profile, both as files.
pub fn answer(assessment_bytes: &[u8], profile_bytes: &[u8]) -> Result<Score, Refusal> {
    let profile = Profile::parse(profile_bytes)?;
    let assessment = Assessment::parse(assessment_bytes, &profile)?;
    profile.check_in_force(assessment.closed)?;
    let inputs = Inputs {
        assessment: document::hash(assessment_bytes),
        profile: document::hash(profile_bytes),
    };
    Ok(score(&assessment, &profile, inputs))
}

/// A control's answers.
#[derive(Clone, Copy, Debug, Default)]
struct Control {
    counts: Counts,
    priority_not_satisfied: u64,
}

impl Control {
    fn rating(self, thresholds: &Thresholds) -> Compliance {
        let counts = self.counts;
        let within = |max_bp: u64| {
            u128::from(counts.not_satisfied) * 10_000
                <= u128::from(max_bp) * u128::from(counts.determined())
        };
        if counts.undetermined > 0 {
            Compliance::Undetermined
        } else if counts.determined() == 0 {
            Compliance::NotApplicable
        } else if counts.not_satisfied == 0 {
            Compliance::Compliant
        } else if self.priority_not_satisfied == 0 && within(thresholds.lc_max_ns_bp) {
            Compliance::Largely
        } else if self.priority_not_satisfied <= thresholds.pc_max_priority_ns
            && within(thresholds.pc_max_ns_bp)
        {
            Compliance::Partially
        } else {
            Compliance::NonCompliant
        }
    }
}

/// Everything counted, before it is shown.
struct Tally<'a> {
    profile: &'a Profile,
    overall: Counts,
    areas: BTreeMap<&'a str, Counts>,
    elements: BTreeMap<i64, Counts>,
    cells: BTreeMap<(&'a str, i64), Counts>,
    controls: BTreeMap<&'a str, Control>,
    not_satisfied: BTreeSet<&'a str>,
    claims: Counts,
    optimistic: u64,
    pessimistic: u64,
    outcomes: Vec<(&'a str, Effectiveness)>,
    concerns: Vec<(ConcernState, Option<&'a str>)>,
    cap_covers: bool,
    advisories: Vec<Advisory>,
}

fn score(assessment: &Assessment, profile: &Profile, inputs: Inputs) -> Score {
    let tally = count(assessment, profile);
    let min = profile.thresholds.min_coverage_bp;
    let knock_out = tally.knock_out();
    let linked = !profile.linkage || knock_out.iter().all(|control| control.satisfied);
    let guards = [Tested::truth(linked), Tested::truth(assessment.has_final_report)];
    let rules: Vec<_> =
        profile.rules.iter().map(|(word, rule)| tally.rule(*word, rule, &guards)).collect();
    let first = profile.rules.iter().zip(&rules).find(|(_, shown)| shown.pass);
    let listing = profile.listings.iter().map(|rule| show(rule, rule.test(&tally)));
    Score {
        kind: "comity.cert-score/1",
        jurisdiction: assessment.jurisdiction.clone(),
        standard: assessment.standard.clone(),
        profile: format!("{}@{}", profile.id, profile.version),
        overall: tally.overall.shown(min),
        areas: tally.area_cells(),
        elements: tally.element_cells(),
        cells: tally.cells(),
        controls: tally.controls(),
        outcomes: tally
            .outcomes
            .iter()
            .map(|(eo, rating)| OutcomeShown { eo: (*eo).to_owned(), rating: *rating })
            .collect(),
        concerns: tally.concerns(),
        cap_covers: tally.cap_covers,
        recommendation: first.map_or(profile.default_recommendation, |((word, _), _)| *word),
        listing: listing.collect(),
        claimed: Claimed {
            ei_bp: tally.claims.effective(min).map(basis_points),
            optimistic: tally.optimistic,
            pessimistic: tally.pessimistic,
        },
        rules,
        knock_out,
        advisories: tally.advisories,
        inputs,
    }
}

fn show(rule: &Rule, (pass, tests): (bool, Vec<Tested>)) -> RuleShown {
    RuleShown { name: rule.name.clone(), pass, tests }
}

/// Returns the answer that counts: what fails an own rule falls to undetermined (section 4).
fn effective_answer(question: &Question, profile: &Profile) -> (Answer, Option<AdvisoryCode>) {
    if question.changed_after_answer {
        return (Answer::Undetermined, Some(AdvisoryCode::PqChanged));
    }
    if question.found != Answer::NotApplicable {
        return (question.found, None);
    }
    if profile.knock_out.contains(&question.control) {
        return (Answer::Undetermined, Some(AdvisoryCode::NaOnKnockOut));
    }
    if question.not_applicable_agreed {
        (Answer::NotApplicable, None)
    } else {
        (Answer::Undetermined, Some(AdvisoryCode::NaNotAgreed))
    }
}

fn count<'a>(assessment: &'a Assessment, profile: &'a Profile) -> Tally<'a> {
    let mut tally = Tally {
        profile,
        overall: Counts::default(),
        areas: BTreeMap::new(),
        elements: BTreeMap::new(),
        cells: BTreeMap::new(),
        controls: BTreeMap::new(),
        not_satisfied: BTreeSet::new(),
        claims: Counts::default(),
        optimistic: 0,
        pessimistic: 0,
        outcomes: Vec::new(),
        concerns: assessment.concerns.iter().map(|c| (c.state, c.control.as_deref())).collect(),
        cap_covers: false,
        advisories: Vec::new(),
    };
    for question in &assessment.questions {
        tally.add(question);
    }
    for id in &profile.outcomes {
        tally.add_outcome(id, assessment);
    }
    tally.cap_covers = tally.covers(assessment);
    tally.advisories.sort();
    tally
}

impl<'a> Tally<'a> {
    fn add(&mut self, question: &'a Question) {
        let (answer, advisory) = effective_answer(question, self.profile);
        let pq = question.id.clone();
        self.advisories.extend(advisory.map(|code| Advisory { code, pq }));
        self.overall.add(answer);
        self.areas.entry(&question.area).or_default().add(answer);
        self.elements.entry(question.element).or_default().add(answer);
        self.cells.entry((&question.area, question.element)).or_default().add(answer);
        let control = self.controls.entry(&question.control).or_default();
        control.counts.add(answer);
        if answer == Answer::NotSatisfied {
            self.not_satisfied.insert(&question.id);
            control.priority_not_satisfied += u64::from(question.priority);
        }
        let claim = question.claimed.unwrap_or(Answer::Undetermined);
        self.claims.add(claim);
        self.optimistic += u64::from(claim == Answer::Satisfied && answer == Answer::NotSatisfied);
        self.pessimistic += u64::from(claim == Answer::NotSatisfied && answer == Answer::Satisfied);
    }

    fn add_outcome(&mut self, id: &'a str, assessment: &Assessment) {
        let rating = match assessment.outcomes.get(id) {
            None => Effectiveness::Undetermined,
            Some(outcome) if outcome.has_rationale => outcome.rating,
            Some(_) => {
                let code = AdvisoryCode::EoWithoutRationale;
                self.advisories.push(Advisory { code, pq: id.to_owned() });
                Effectiveness::Undetermined
            }
        };
        self.outcomes.push((id, rating));
    }

    /// Returns whether the plan is accepted, covers every NS and keeps within the profile's limits.
    fn covers(&self, assessment: &Assessment) -> bool {
        let (Some(cap), Some(limits)) = (&assessment.cap, &self.profile.cap) else {
            return false;
        };
        cap.accepted
            && cap.months <= limits.max_months
            && cap.renewals <= limits.max_renewals
            && self.not_satisfied.iter().all(|id| cap.covers.contains(*id))
    }

    /// No score and no plan buys a certificate without the trade rules and a final report (CT-16).
    fn rule(&self, word: Recommendation, rule: &Rule, guards: &[Tested; 2]) -> RuleShown {
        let (mut pass, mut tests) = rule.test(self);
        if matches!(word, Recommendation::Certified | Recommendation::Conditional) {
            pass = pass && guards.iter().all(|guard| guard.pass);
            tests.extend(guards);
        }
        show(rule, (pass, tests))
    }

    fn knock_out(&self) -> Vec<KnockOut> {
        let satisfied = |control: &String| {
            self.controls.get(control.as_str()).is_some_and(|control| {
                let others = control.counts.not_satisfied
                    + control.counts.not_applicable
                    + control.counts.undetermined;
                control.counts.satisfied > 0 && others == 0
            })
        };
        let controls = self.profile.knock_out.iter();
        controls
            .map(|control| KnockOut { control: control.clone(), satisfied: satisfied(control) })
            .collect()
    }

    fn shown(&self, counts: Option<&Counts>) -> CountsShown {
        counts.copied().unwrap_or_default().shown(self.profile.thresholds.min_coverage_bp)
    }

    fn area_cells(&self) -> Vec<Cell> {
        let areas = self.profile.areas.iter();
        areas
            .map(|area| Cell {
                area: Some(area.clone()),
                ce: None,
                counts: self.shown(self.areas.get(area.as_str())),
            })
            .collect()
    }

    fn element_cells(&self) -> Vec<Cell> {
        let elements = self.profile.elements.iter();
        elements
            .map(|element| Cell {
                area: None,
                ce: Some(*element),
                counts: self.shown(self.elements.get(element)),
            })
            .collect()
    }

    fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for area in &self.profile.areas {
            for element in &self.profile.elements {
                if let Some(counts) = self.cells.get(&(area.as_str(), *element)) {
                    cells.push(Cell {
                        area: Some(area.clone()),
                        ce: Some(*element),
                        counts: self.shown(Some(counts)),
                    });
                }
            }
        }
        cells
    }

    fn controls(&self) -> Vec<ControlShown> {
        let controls = self.controls.iter();
        controls
            .map(|(id, control)| ControlShown {
                control: (*id).to_owned(),
                rating: control.rating(&self.profile.thresholds),
                s: control.counts.satisfied,
                ns: control.counts.not_satisfied,
                na: control.counts.not_applicable,
                u: control.counts.undetermined,
                priority_ns: control.priority_not_satisfied,
            })
            .collect()
    }

    fn concerns(&self) -> Concerns {
        let mut concerns = Concerns::default();
        for (state, _) in &self.concerns {
            match state {
                ConcernState::Confirmed => concerns.confirmed += 1,
                ConcernState::Preliminary => concerns.preliminary += 1,
                ConcernState::Resolved => concerns.resolved += 1,
                ConcernState::Dismissed => {}
            }
        }
        concerns
    }

    /// Returns the least effective implementation of sets with applicable questions.
    ///
    /// It is withheld if that of one of them is: nobody passes on what was not looked at.
    fn least<'s>(&self, sets: impl Iterator<Item = &'s Counts>) -> Share {
        let min = self.profile.thresholds.min_coverage_bp;
        let mut least: Share = None;
        for counts in sets.filter(|counts| counts.applicable() > 0) {
            let (part, whole) = counts.effective(min)?;
            let less = least.is_none_or(|(least_part, least_whole)| {
                u128::from(part) * u128::from(least_whole)
                    < u128::from(least_part) * u128::from(whole)
            });
            if less {
                least = Some((part, whole));
            }
        }
        least
    }
}

impl Figures for Tally<'_> {
    fn metric(&self, metric: Metric) -> Share {
        match metric {
            Metric::AreaLeast => self.least(self.areas.values()),
            Metric::Coverage => self.overall.coverage(),
            Metric::Effective => self.overall.effective(self.profile.thresholds.min_coverage_bp),
            Metric::ElementLeast => self.least(self.elements.values()),
        }
    }

    fn count(&self, counted: Counted, ratings: &[String], of: Option<&[String]>) -> i64 {
        let rated = |rating: &str| ratings.iter().any(|text| text == rating);
        let meant = |id: &str| of.is_none_or(|of| of.iter().any(|text| text == id));
        let number = match counted {
            Counted::Compliance => self
                .controls
                .iter()
                .filter(|(id, control)| {
                    meant(id) && rated(control.rating(&self.profile.thresholds).as_str())
                })
                .count(),
            Counted::Concern => self
                .concerns
                .iter()
                .filter(|(state, control)| {
                    meant(control.unwrap_or_default()) && rated(state.as_str())
                })
                .count(),
            Counted::Effectiveness => self
                .outcomes
                .iter()
                .filter(|(id, rating)| meant(id) && rated(rating.as_str()))
                .count(),
        };
        i64::try_from(number).unwrap_or(i64::MAX)
    }

    fn cap_covers(&self) -> bool {
        self.cap_covers
    }
}
