//! Duties: who owes what to whom by when, with a status, two dates and an explanation (law.md §6).
//!
//! Not here: how a clock counts (`clock`), what contradicts what (`conflict`).

mod dates;
mod overlay;

use std::collections::BTreeSet;

use super::clock::{ClockRule, Step};
use super::expr::{Expr, Tri};
use super::facts::Submission;
use super::pack::{Force, From, Pack, PackSet, Rule, RuleKind, Stage, Verification, on_one_path};
use super::refused::Refused;
use super::time::Instant;
use super::vocabulary::{EventClass, FactId, Vocabulary};
use super::world::{Actor, Resolved, RuleState, Tables, World, eval, utc};

pub(crate) use dates::Dates;

/// What a duty is, by the kind of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DutyKind {
    /// Of a norm somebody announced.
    Commitment,
    /// Of a safe harbour.
    Condition,
    /// Of law.
    Obligation,
}

impl DutyKind {
    const fn of(kind: RuleKind) -> Option<Self> {
        match kind {
            RuleKind::Commitment => Some(Self::Commitment),
            RuleKind::Immunity => Some(Self::Condition),
            RuleKind::Obligation => Some(Self::Obligation),
            RuleKind::Overlay | RuleKind::Permission | RuleKind::Prohibition => None,
        }
    }

    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commitment => "commitment",
            Self::Condition => "condition",
            Self::Obligation => "obligation",
        }
    }
}

/// Where a duty stands (LW-42).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DutyStatus {
    /// Facts or texts are disputed.
    Contested,
    /// Due, and the dates are firm.
    Firm,
    /// Submitted.
    Met,
    /// Past its outer date.
    Missed,
    /// Due once something happens, or counted from an assumption.
    Provisional,
    /// A fact is missing.
    Unknown,
}

impl DutyStatus {
    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contested => "contested",
            Self::Firm => "firm",
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Provisional => "provisional",
            Self::Unknown => "unknown",
        }
    }

    /// Says whether it is certainly due: firm or missed.
    #[must_use]
    pub const fn is_certain(self) -> bool {
        matches!(self, Self::Firm | Self::Missed)
    }
}

/// What started a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The event, stage or date.
    pub event: String,
    /// When.
    pub at: Instant,
    /// Whether exactly that was asserted, and not assumed from other knowledge.
    pub asserted: bool,
}

/// An overlay that moved a target forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soft {
    /// The overlay.
    pub rule: String,
    /// The target it wants.
    pub target: Instant,
    /// The target of the text itself.
    pub statutory_target: Instant,
}

/// One duty of one party.
#[derive(Debug)]
pub struct Duty<'a> {
    /// The party.
    pub party: &'a str,
    /// The pack of the rule.
    pub pack: &'a Pack,
    /// The rule.
    pub rule: &'a Rule,
    /// The stage.
    pub stage: &'a Stage,
    /// Its place among the stages of the rule.
    pub place: usize,
    /// What it is.
    pub kind: DutyKind,
    /// Where it stands.
    pub status: DutyStatus,
    /// What started it.
    pub start: Option<Start>,
    /// Its dates.
    pub dates: Dates,
    /// The facts that would decide.
    pub missing: BTreeSet<FactId>,
    /// What it waits for.
    pub waiting_for: Option<String>,
    /// What is disputed.
    pub contested: BTreeSet<String>,
    /// What a reader must know.
    pub warnings: BTreeSet<String>,
    /// Whether it was met after its date.
    pub late: bool,
    /// Overlays that moved its target.
    pub soft: Vec<Soft>,
    /// The submission that meets it.
    pub submitted: Option<&'a Submission>,
}

impl Duty<'_> {
    /// Returns `party/rule/stage`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.party, self.rule.id, self.stage.id)
    }

    /// Returns `rule/stage`.
    #[must_use]
    pub fn stage_id(&self) -> String {
        format!("{}/{}", self.rule.id, self.stage.id)
    }

    /// Says whether it still has to be met.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.status != DutyStatus::Met
    }

    /// Says whether it is an obligation that binds without anybody asking.
    #[must_use]
    pub fn is_mandatory(&self) -> bool {
        self.kind == DutyKind::Obligation
            && matches!(self.rule.force, Force::Binding | Force::Code)
            && self.stage.is_mandatory()
    }

    /// Says whether it is live and mandatory.
    #[must_use]
    pub fn binds(&self) -> bool {
        self.is_live() && self.is_mandatory()
    }
}

/// One rule took the place of another.
#[derive(Debug, PartialEq, Eq)]
pub struct Supersession<'a> {
    /// For whom.
    pub party: &'a str,
    /// The rule that yields.
    pub rule: &'a str,
    /// The rule it yields to.
    pub to: &'a str,
}

/// All duties of a case, and the rules that yielded.
#[derive(Debug, Default)]
pub struct Duties<'a> {
    /// By party, pack, rule, stage.
    pub list: Vec<Duty<'a>>,
    /// Rules that yielded.
    pub yielded: Vec<Supersession<'a>>,
}

/// Computes all duties of a case.
pub fn duties<'a>(world: &World<'a>) -> Result<Duties<'a>, Refused> {
    let mut found = Duties::default();
    for actor in &world.actors {
        for state in &actor.rules {
            let Some(kind) = DutyKind::of(state.rule.kind).filter(|_| state.valid) else {
                continue;
            };
            let before = found.list.len();
            for (place, stage) in state.rule.stages.iter().enumerate() {
                let view = View { world, actor, state, stage };
                found.list.extend(view.duty(kind, place)?);
            }
            // A stage with a bearer of its own binds somebody else than the rule that yields.
            let own = |duty: &Duty<'_>| duty.stage.bearer.is_some();
            if !found.list.iter().skip(before).all(own)
                && let Some(to) = yields_to(world, actor, state)?
            {
                let stages = found.list.split_off(before);
                found.list.extend(stages.into_iter().filter(own));
                found.yielded.push(Supersession { party: actor.id(), rule: &state.rule.id, to });
            }
        }
    }
    overlay::apply(world, &mut found.list)?;
    Ok(found)
}

/// Returns the rule that takes this rule's place for this party, if one does.
fn yields_to<'a>(
    world: &World<'a>,
    actor: &Actor<'a>,
    state: &RuleState<'a>,
) -> Result<Option<&'a str>, Refused> {
    for entry in &state.rule.yields_to {
        let when = eval(&entry.when, actor.tables.of(state.pack), &mut Vec::new())?;
        let others = actor.rules.iter().filter(|o| o.rule.id == entry.rule && o.valid);
        let mut others = others.filter(|o| on_one_path(&o.rule.order, &state.rule.order));
        if when.is_true() && others.any(|o| o.binds().is_true()) {
            let found = world.packs.versions(&entry.rule).next();
            return Ok(found.map(|(_, rule)| rule.id.as_str()));
        }
    }
    Ok(None)
}

/// One stage of one rule seen for one party.
pub(crate) struct View<'v, 'a> {
    pub(crate) world: &'v World<'a>,
    pub(crate) actor: &'v Actor<'a>,
    pub(crate) state: &'v RuleState<'a>,
    pub(crate) stage: &'a Stage,
}

impl<'a> View<'_, 'a> {
    fn duty(&self, kind: DutyKind, place: usize) -> Result<Option<Duty<'a>>, Refused> {
        let mut missing = Vec::new();
        // Most rules do not bind a party at all, and that is known already.
        let applies = if self.stage.bearer.is_none() && self.state.binds() == Tri::False {
            Tri::False
        } else {
            self.applies(self.actor.tables.of(self.state.pack), &mut missing)?
        };
        let disputed = self.disputed(applies)?;
        if applies == Tri::False && disputed.is_empty() {
            return Ok(None);
        }
        let at = self.world.at;
        if self.stage.every.is_some()
            && let Some(until) = &self.stage.until
            && self.actor.event(until).is_some_and(|end| end <= at)
        {
            return Ok(None);
        }
        let (start, waiting_for) = self.start();
        let dates = dates::of(self, start.as_ref())?;
        let submitted = self.submitted();
        let mut duty = Duty {
            party: self.actor.id(),
            pack: self.state.pack,
            rule: self.state.rule,
            stage: self.stage,
            place,
            kind,
            status: DutyStatus::Firm,
            start,
            missing: missing.into_iter().collect(),
            waiting_for,
            contested: dates.contested.iter().map(|c| (*c).to_owned()).collect(),
            warnings: self.warnings(&dates, submitted.is_some()),
            late: false,
            soft: Vec::new(),
            submitted,
            dates,
        };
        self.settle(&mut duty, applies, &disputed);
        Ok(Some(duty))
    }

    /// Whether the stage is due at all: bearer, trigger and its own condition.
    fn applies(&self, facts: &Resolved, missing: &mut Vec<FactId>) -> Result<Tri, Refused> {
        let rule = self.state.rule;
        let bearer = self.stage.bearer.as_ref().unwrap_or(&rule.bearer);
        let parts: [Option<&Expr>; 3] =
            [Some(bearer), Some(&rule.trigger), self.stage.when.as_ref()];
        let mut result = Tri::True;
        for part in parts.into_iter().flatten() {
            result = result.and(eval(part, facts, missing)?);
        }
        if result != Tri::Unknown {
            missing.clear();
        }
        Ok(result)
    }

    /// The shared facts whose other asserted values would turn the answer round.
    fn disputed(&self, applies: Tri) -> Result<BTreeSet<FactId>, Refused> {
        let mut found = BTreeSet::new();
        if applies == Tri::Unknown {
            return Ok(found);
        }
        for (fact, tables) in &self.actor.alternatives {
            let tables: &Tables = tables;
            let other = self.applies(tables.of(self.state.pack), &mut Vec::new())?;
            if other == applies.not() {
                found.insert(*fact);
            }
        }
        Ok(found)
    }

    /// Puts the first status that matches (LW-42).
    fn settle(&self, duty: &mut Duty<'a>, applies: Tri, disputed: &BTreeSet<FactId>) {
        let recurs = self.stage.every.is_some();
        let asserted = duty.start.as_ref().is_some_and(|s| s.asserted);
        duty.status = if let Some(sent) = duty.submitted.filter(|_| !recurs) {
            let due = duty.dates.outer.or(duty.dates.target);
            duty.late = due.is_some_and(|due| sent.at > due);
            DutyStatus::Met
        } else if !disputed.is_empty() {
            let words = Vocabulary::shipped();
            duty.contested.extend(disputed.iter().map(|id| words.name(*id).to_owned()));
            DutyStatus::Contested
        } else if applies == Tri::Unknown {
            DutyStatus::Unknown
        } else if self.state.contested {
            duty.contested.insert(self.state.rule.id.clone());
            DutyStatus::Contested
        } else if !asserted {
            DutyStatus::Provisional
        } else if duty.dates.outer.is_some_and(|outer| self.world.at > outer) {
            DutyStatus::Missed
        } else {
            DutyStatus::Firm
        };
    }

    /// The earliest submission at or above the minimum level.
    fn submitted(&self) -> Option<&'a Submission> {
        let enough = self.own_submissions().filter(|s| self.is_enough(s));
        enough.min_by_key(|s| s.at)
    }

    fn is_enough(&self, submission: &Submission) -> bool {
        self.stage.min_level.is_none_or(|least| submission.level >= least)
    }

    pub(crate) fn own_submissions(&self) -> impl Iterator<Item = &'a Submission> {
        let stage = self.stage;
        let all = self.actor.submissions(&self.state.rule.id, self.world.at);
        all.filter(move |s| s.stage == stage.id)
    }

    /// The last submission of a recurring stage, from which the next date is counted.
    pub(crate) fn last_report(&self) -> Option<&'a Submission> {
        let recurs = self.stage.every.is_some();
        self.own_submissions().filter(|s| recurs && self.is_enough(s)).max_by_key(|s| s.at)
    }

    fn start(&self) -> (Option<Start>, Option<String>) {
        if let Some(last) = self.last_report() {
            let event = format!("stage:{}", self.stage.id);
            return (Some(Start { event, at: last.at, asserted: true }), None);
        }
        start(self.actor, &self.state.rule.id, self.state.rule, self.stage, self.world.at)
    }

    fn warnings(&self, dates: &Dates, met: bool) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = dates.warnings.iter().map(|w| (*w).to_owned()).collect();
        let rule = self.state.rule;
        if rule.verification < Verification::Primary {
            found.insert(format!("unverified:{}", rule.verification.as_str()));
        }
        if utc().date(self.world.at) > self.state.pack.review_by {
            found.insert("review-overdue".to_owned());
        }
        if !met && self.own_submissions().any(|s| !self.is_enough(s)) {
            found.insert("submitted-below-level".to_owned());
        }
        found
    }
}

/// A start before it is worded.
#[derive(Clone, Copy)]
struct Found<'f> {
    event: &'f str,
    at: Instant,
    asserted: bool,
}

/// Finds the start of a stage: its event, its earlier stage, its date, or other knowledge (LW-41).
pub(crate) fn start(
    actor: &Actor<'_>,
    rule_id: &str,
    rule: &Rule,
    stage: &Stage,
    at: Instant,
) -> (Option<Start>, Option<String>) {
    let Some(found) = find(actor, rule_id, rule, stage, at) else {
        return (None, waiting(&stage.from));
    };
    let event = match &stage.from {
        From::Date(date) => format!("date:{date}"),
        From::Stage(name) => format!("stage:{name}"),
        From::Events(_) | From::Nothing => found.event.to_owned(),
    };
    (Some(Start { event, at: found.at, asserted: found.asserted }), None)
}

fn find<'f>(
    actor: &Actor<'f>,
    rule_id: &str,
    rule: &Rule,
    stage: &'f Stage,
    at: Instant,
) -> Option<Found<'f>> {
    let asserted = |event, at| Found { event, at, asserted: true };
    match &stage.from {
        From::Nothing => None,
        From::Date(date) => {
            let zone = actor.zone(&rule.clock).unwrap_or(utc());
            Instant::start_of_day(*date, zone.tz()).map(|at| asserted("date", at))
        }
        From::Stage(name) => {
            let earliest = actor
                .submissions(rule_id, at)
                .filter(|s| s.stage == *name || in_group(rule, &s.stage, name))
                .min_by_key(|s| s.at);
            earliest.map(|s| asserted("stage", s.at))
        }
        From::Events(names) => from_events(actor, names),
    }
}

fn in_group(rule: &Rule, stage: &str, group: &str) -> bool {
    rule.stages.iter().any(|s| s.id == stage && s.group.as_deref() == Some(group))
}

fn from_events<'f>(actor: &Actor<'f>, names: &'f [String]) -> Option<Found<'f>> {
    let asserted = names.iter().filter_map(|name| Some((name, actor.event(name)?)));
    if let Some((name, at)) = asserted.min_by_key(|(_, at)| *at) {
        return Some(Found { event: name, at, asserted: true });
    }
    let (event, at) = actor.earliest_knowledge()?;
    let words = Vocabulary::shipped();
    let knowledge = names.iter().any(|n| words.event(n) == Some(EventClass::Knowledge));
    knowledge.then_some(Found { event, at, asserted: false })
}

fn waiting(from: &From) -> Option<String> {
    match from {
        From::Events(names) => names.first().cloned(),
        From::Stage(name) => Some(format!("stage:{name}")),
        From::Date(_) | From::Nothing => None,
    }
}

/// Returns the earliest start among the stages of a rule, by which its validity is tested (LW-40).
#[must_use]
pub fn earliest_start(actor: &Actor<'_>, rule: &Rule, at: Instant) -> Option<Instant> {
    let starts = rule.stages.iter().filter_map(|stage| {
        let of = stage.overlays.as_ref().map_or(rule.id.as_str(), |(rule, _)| rule.as_str());
        find(actor, of, rule, stage, at)
    });
    starts.map(|s| s.at).min()
}

/// Says whether something sent to these recipients becomes public at once (C03).
#[must_use]
pub fn is_public(packs: &PackSet, rule: &Rule, to: &[String]) -> bool {
    let public = |id: &str| packs.recipient(id).is_some_and(|r| r.kind == "public");
    let mut reached: BTreeSet<&str> = to.iter().map(String::as_str).collect();
    loop {
        let before = reached.len();
        let at_once = rule
            .onward
            .iter()
            .filter(|o| o.certain && o.after.is_some_and(|after| after.count == 0));
        for onward in at_once {
            if reached.contains(onward.from.as_str()) {
                reached.extend(onward.to.iter().map(String::as_str));
            }
        }
        if reached.len() == before {
            return reached.into_iter().any(public);
        }
    }
}

/// Says whether a clock gives no date because nobody knows the deadline.
pub(crate) const fn is_unknown(rule: ClockRule) -> bool {
    matches!(rule, ClockRule::Unknown)
}

/// Returns the steps of an explanation that has a date but no clock.
pub(crate) fn at_once(start: Instant) -> Vec<Step> {
    vec![
        Step::new("start", start, "start"),
        Step::new("literal", start, "immediately"),
        Step::new("target", start, "operational target"),
        Step::new("outer", "none", "the text gives no outer date"),
    ]
}
