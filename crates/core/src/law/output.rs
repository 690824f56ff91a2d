//! The answer to "what is due?": `comity.duties/1`, in the order and shape the schema wants (law.md §13).
//!
//! Not here: printing. Serialised with RFC 8785 the same case gives the same bytes everywhere.

mod narrow;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::ban::{Verdict, judge, publisher};
use super::clock::Step;
use super::conflict::{Conflict, conflicts};
use super::duty::{Duties, Duty, DutyStatus, duties, is_public};
use super::expr::{Expr, Tri};
use super::facts::CaseFacts;
use super::harbour::{Harbour, harbours};
use super::horizon::{Horizon, Mode};
use super::level::{Ceiling, Level};
use super::pack::{Needs, Pack, PackSet, Verification};
use super::refused::Refused;
use super::time::Instant;
use super::vocabulary::{FactId, Vocabulary};
use super::world::World;

pub use narrow::NextDate;

/// All that follows from a case at an instant.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// The resolved case.
    pub world: World<'a>,
    /// The duties.
    pub duties: Duties<'a>,
    /// The secrecy horizon.
    pub horizon: Horizon,
    /// The conflicts.
    pub conflicts: Vec<Conflict>,
}

/// Evaluates a case.
pub fn evaluate<'a>(
    packs: &'a PackSet,
    case: &'a CaseFacts,
    at: Instant,
) -> Result<Evaluation<'a>, Refused> {
    let world = World::new(packs, case, at)?;
    let duties = duties(&world)?;
    let horizon = Horizon::new(packs, case, &duties.list, at);
    let conflicts = conflicts(&world, &duties, &horizon)?;
    Ok(Evaluation { world, duties, horizon, conflicts })
}

/// Computes `comity.duties/1`.
pub fn duties_of_case(
    packs: &PackSet,
    case: &CaseFacts,
    at: Instant,
) -> Result<DutiesAnswer, Refused> {
    evaluate(packs, case, at)?.answer()
}

/// A pack an answer rests on.
#[derive(Debug, Serialize)]
pub struct PackAnswer {
    id: String,
    version: String,
    sha256: String,
    signed: bool,
}

/// `comity.duties/1`.
#[derive(Debug, Serialize)]
pub struct DutiesAnswer {
    schema: &'static str,
    notice: String,
    at: Instant,
    packs: Vec<PackAnswer>,
    /// The duties, the nearest first.
    pub duties: Vec<DutyAnswer>,
    /// The conflicts.
    pub conflicts: Vec<ConflictAnswer>,
    tasks: Vec<TaskAnswer>,
    actions: Vec<ActionAnswer>,
    harbours: Vec<HarbourAnswer>,
    publishers: Vec<PublisherAnswer>,
    horizon: HorizonAnswer,
    warnings: Vec<String>,
}

/// One duty.
#[derive(Clone, Debug, Serialize)]
pub struct DutyAnswer {
    /// `party/rule/stage`.
    pub id: String,
    party: String,
    rule: String,
    stage: String,
    pack: String,
    order: String,
    kind: &'static str,
    force: &'static str,
    optional: bool,
    status: &'static str,
    phase: &'static str,
    start: Option<StartAnswer>,
    /// The operational target.
    pub target: Option<Instant>,
    /// The legal outer date.
    pub outer: Option<Instant>,
    not_before: Option<Instant>,
    urgency: Option<String>,
    min_level: Option<Level>,
    to: Vec<String>,
    public: bool,
    needs: Needs,
    missing: Vec<String>,
    waiting_for: Option<String>,
    contested: Vec<String>,
    warnings: Vec<String>,
    late: bool,
    soft: Vec<SoftAnswer>,
    explain: ExplainAnswer,
}

#[derive(Clone, Debug, Serialize)]
struct StartAnswer {
    event: String,
    at: Instant,
    asserted: bool,
}

#[derive(Clone, Debug, Serialize)]
struct SoftAnswer {
    rule: String,
    target: Instant,
    statutory_target: Instant,
}

#[derive(Clone, Debug, Serialize)]
struct ExplainAnswer {
    sources: Vec<String>,
    verification: Verification,
    facts: Map<String, Json>,
    steps: Vec<Step>,
}

/// One conflict.
#[derive(Clone, Debug, Serialize)]
pub struct ConflictAnswer {
    class: &'static str,
    party: String,
    rules: Vec<String>,
    stages: Vec<String>,
    certainty: &'static str,
    severity: &'static str,
    reliefs: Vec<ReliefAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agreement: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parties: Vec<String>,
    text: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct ReliefAnswer {
    relief: &'static str,
    available: &'static str,
}

/// One fact that somebody must find out.
#[derive(Debug, Serialize)]
pub struct TaskAnswer {
    fact: String,
    party: String,
    rules: BTreeSet<String>,
    due: Option<Instant>,
}

#[derive(Debug, Serialize)]
struct ActionAnswer {
    id: String,
    verdict: &'static str,
    max_level: Ceiling,
    limits: BTreeSet<String>,
}

#[derive(Debug, Serialize)]
struct HarbourAnswer {
    party: String,
    rule: String,
    status: &'static str,
    predicates: Vec<PredicateAnswer>,
}

#[derive(Debug, Serialize)]
struct PredicateAnswer {
    id: String,
    mode: &'static str,
    status: &'static str,
}

#[derive(Debug, Serialize)]
struct PublisherAnswer {
    party: String,
    may_publish: &'static str,
    rules: BTreeSet<String>,
}

/// The secrecy horizon.
#[derive(Debug, Serialize)]
pub struct HorizonAnswer {
    /// When the public may first hold L1.
    pub public_l1: Option<Instant>,
    /// When somebody outside may first hold L3.
    pub outside_l3: Option<Instant>,
    holders: Vec<HolderAnswer>,
}

#[derive(Debug, Serialize)]
struct HolderAnswer {
    holder: String,
    kind: String,
    firm: BTreeMap<&'static str, Instant>,
    possible: BTreeMap<&'static str, Instant>,
}

/// The rules that ask for a fact, and the earliest date that hangs on it.
type Asked = (BTreeSet<String>, Option<Instant>);

impl Evaluation<'_> {
    /// Returns the whole answer.
    pub fn answer(&self) -> Result<DutiesAnswer, Refused> {
        let world = &self.world;
        let mut actions = Vec::new();
        for action in &world.case.actions {
            actions.push(ActionAnswer::new(&action.id, judge(world, action)?));
        }
        actions.sort_by(|a, b| a.id.cmp(&b.id));
        let mut publishers = Vec::new();
        for actor in &world.actors {
            publishers.push(PublisherAnswer::new(actor.id(), publisher(world, actor)?));
        }
        let found = harbours(world, &self.duties.list);
        Ok(DutiesAnswer {
            schema: "comity.duties/1",
            notice: self.notice(),
            at: world.at,
            packs: packs(world.packs),
            duties: self.duty_answers(),
            conflicts: self.conflict_answers(),
            tasks: self.tasks(),
            actions,
            harbours: found.iter().map(HarbourAnswer::new).collect(),
            publishers,
            horizon: self.horizon_answer(),
            warnings: self.answer_warnings().into_iter().collect(),
        })
    }

    /// Returns the duties in their printed order.
    #[must_use]
    pub fn duty_answers(&self) -> Vec<DutyAnswer> {
        let mut sorted: Vec<&Duty<'_>> = self.duties.list.iter().collect();
        sorted.sort_by_key(|d| {
            let date = d.dates.target.or(d.dates.outer).or(d.dates.not_before);
            (date.is_none(), date, d.party, d.rule.id.as_str(), d.place)
        });
        sorted.into_iter().map(|d| self.duty_answer(d)).collect()
    }

    /// Returns the conflicts in their printed order.
    #[must_use]
    pub fn conflict_answers(&self) -> Vec<ConflictAnswer> {
        self.conflicts.iter().map(ConflictAnswer::new).collect()
    }

    /// Returns the sentence that stands on every page and print (LW-91).
    #[must_use]
    pub fn notice(&self) -> String {
        self.notice_of(|_| true)
    }

    fn notice_of(&self, counts: impl Fn(&Duty<'_>) -> bool) -> String {
        let mut used: BTreeMap<&str, (&Pack, Verification)> = BTreeMap::new();
        for duty in self.duties.list.iter().filter(|duty| counts(duty)) {
            let read = duty.rule.verification;
            let slot = used.entry(&duty.pack.id).or_insert((duty.pack, read));
            slot.1 = slot.1.min(read);
        }
        let named: Vec<String> = used
            .iter()
            .map(|(id, (pack, read))| format!("{id} ({}, {})", read.as_str(), pack.review_by))
            .collect();
        let dates = match named.as_slice() {
            [] => "No pack gives a date here.".to_owned(),
            [one] => format!("Dates follow pack {one}."),
            many => format!("Dates follow packs {}.", many.join(", ")),
        };
        format!("Decision support, not legal advice. {dates} A person decides.")
    }

    /// Returns what is wrong with the input without standing against an answer.
    #[must_use]
    pub fn answer_warnings(&self) -> BTreeSet<String> {
        let world = self.world.case;
        let submitted = world.parties.iter().flat_map(|p| &p.submissions).map(|s| &s.rule);
        let named = submitted.chain(world.delays.iter().map(|d| &d.rule));
        let unknown = named.filter(|rule| self.world.packs.versions(rule).next().is_none());
        unknown.map(|rule| format!("unknown-rule:{rule}")).collect()
    }

    fn tasks(&self) -> Vec<TaskAnswer> {
        let words = Vocabulary::shipped();
        let mut found: BTreeMap<(FactId, &str), Asked> = BTreeMap::new();
        for duty in self.duties.list.iter().filter(|d| d.status == DutyStatus::Unknown) {
            for fact in &duty.missing {
                let (rules, due) = found.entry((*fact, duty.party)).or_default();
                rules.insert(duty.rule.id.clone());
                let target = duty.dates.target;
                *due = (*due).into_iter().chain(target).min();
            }
        }
        let mut tasks: Vec<TaskAnswer> = found
            .into_iter()
            .map(|((fact, party), (rules, due))| TaskAnswer {
                fact: words.name(fact).to_owned(),
                party: party.to_owned(),
                rules,
                due,
            })
            .collect();
        tasks.sort_by(|a, b| {
            (a.due.is_none(), a.due, &a.fact, &a.party).cmp(&(
                b.due.is_none(),
                b.due,
                &b.fact,
                &b.party,
            ))
        });
        tasks
    }

    /// Returns the secrecy horizon.
    #[must_use]
    pub fn horizon_answer(&self) -> HorizonAnswer {
        let horizon = &self.horizon;
        let levels = |mode: Mode, holder: &str| {
            let arrivals = Level::SECRET.iter().filter_map(|level| {
                Some((level.as_str(), horizon.arrival(mode, holder, *level)?.at))
            });
            arrivals.collect()
        };
        HorizonAnswer {
            public_l1: horizon.public_l1(Mode::Possible).map(|a| a.at),
            outside_l3: horizon.outside_l3(Mode::Possible).map(|a| a.at),
            holders: horizon
                .holders()
                .into_iter()
                .map(|(holder, kind)| HolderAnswer {
                    holder: holder.to_owned(),
                    kind: kind.to_owned(),
                    firm: levels(Mode::Firm, holder),
                    possible: levels(Mode::Possible, holder),
                })
                .collect(),
        }
    }

    fn phase(&self, duty: &Duty<'_>) -> &'static str {
        let at = self.world.at;
        match (duty.dates.target, duty.dates.outer) {
            (None, _) => "no_date",
            (Some(_), Some(outer)) if at > outer => "after_outer",
            (Some(target), _) if at > target => "after_target",
            (Some(_), _) => "before_target",
        }
    }

    fn duty_answer(&self, duty: &Duty<'_>) -> DutyAnswer {
        let words = Vocabulary::shipped();
        DutyAnswer {
            id: duty.id(),
            party: duty.party.to_owned(),
            rule: duty.rule.id.clone(),
            stage: duty.stage.id.clone(),
            pack: duty.pack.id.clone(),
            order: duty.rule.order.clone(),
            kind: duty.kind.as_str(),
            force: duty.rule.force.as_str(),
            optional: duty.stage.optional,
            status: duty.status.as_str(),
            phase: self.phase(duty),
            start: duty.start.as_ref().map(|s| StartAnswer {
                event: s.event.clone(),
                at: s.at,
                asserted: s.asserted,
            }),
            target: duty.dates.target,
            outer: duty.dates.outer,
            not_before: duty.dates.not_before,
            urgency: duty.stage.urgency.clone(),
            min_level: duty.stage.min_level,
            to: duty.stage.to.clone(),
            public: is_public(self.world.packs, duty.rule, &duty.stage.to),
            needs: duty.stage.needs,
            missing: sorted(duty.missing.iter().map(|id| words.name(*id).to_owned())),
            waiting_for: duty.waiting_for.clone(),
            contested: duty.contested.iter().cloned().collect(),
            warnings: duty.warnings.iter().cloned().collect(),
            late: duty.late,
            soft: duty
                .soft
                .iter()
                .map(|s| SoftAnswer {
                    rule: s.rule.clone(),
                    target: s.target,
                    statutory_target: s.statutory_target,
                })
                .collect(),
            explain: self.explain(duty),
        }
    }

    fn explain(&self, duty: &Duty<'_>) -> ExplainAnswer {
        let words = Vocabulary::shipped();
        let bearer = duty.stage.bearer.as_ref().unwrap_or(&duty.rule.bearer);
        let exprs = [Some(bearer), Some(&duty.rule.trigger), duty.stage.when.as_ref()];
        let mut read: BTreeSet<FactId> =
            exprs.into_iter().flatten().flat_map(Expr::facts).collect();
        let tables = self.world.actor_of(duty.party).map(|a| a.tables.of(duty.pack));
        let inputs: Vec<FactId> =
            read.iter().flat_map(|id| tables.map_or(&[][..], |t| t.inputs(*id))).copied().collect();
        read.extend(inputs);
        let value = |id: FactId| {
            tables.and_then(|t| t.get(id)).map_or(Json::Null, super::vocabulary::Value::to_json)
        };
        let sources = duty.rule.sources.iter().filter_map(|id| duty.pack.sources.get(id));
        ExplainAnswer {
            sources: sources.map(|s| format!("{}, {}", s.instrument, s.article)).collect(),
            verification: duty.rule.verification,
            facts: read.into_iter().map(|id| (words.name(id).to_owned(), value(id))).collect(),
            steps: duty.dates.steps.clone(),
        }
    }
}

fn sorted(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut items: Vec<String> = items.collect();
    items.sort();
    items
}

/// Returns the packs as answers name them.
#[must_use]
pub fn packs(set: &PackSet) -> Vec<PackAnswer> {
    set.packs().iter().map(PackAnswer::new).collect()
}

impl PackAnswer {
    /// Names one pack.
    #[must_use]
    pub fn new(pack: &Pack) -> Self {
        Self {
            id: pack.id.clone(),
            version: pack.version.clone(),
            sha256: pack.sha256.clone(),
            signed: pack.signed,
        }
    }
}

impl DutiesAnswer {
    /// Returns the sentence that stands on every page and print.
    #[must_use]
    pub fn notice(&self) -> &str {
        &self.notice
    }

    /// Returns the instant that was asked for.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// Returns the secrecy horizon.
    #[must_use]
    pub const fn horizon(&self) -> &HorizonAnswer {
        &self.horizon
    }
}

impl DutyAnswer {
    /// Returns where the duty stands.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        self.status
    }

    /// Returns what a reader must know.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl ConflictAnswer {
    /// Returns the conflict as a line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { class, party, severity, certainty, text, .. } = self;
        let rules = self.rules.join(", ");
        format!("conflict\t{class}\t{severity}\t{certainty}\t{party}\t{rules}\t{text}")
    }

    /// Words one conflict.
    #[must_use]
    pub fn new(conflict: &Conflict) -> Self {
        let key = &conflict.key;
        Self {
            class: key.class.as_str(),
            party: key.party.clone(),
            rules: key.rules.clone(),
            stages: conflict.stages.clone(),
            certainty: if conflict.certain { "certain" } else { "possible" },
            severity: key.class.severity().as_str(),
            reliefs: conflict
                .reliefs
                .iter()
                .map(|(relief, available)| ReliefAnswer { relief, available: available.as_str() })
                .collect(),
            action: key.action.clone(),
            fact: key.fact.clone(),
            agreement: key.agreement.clone(),
            parties: key.parties.clone(),
            text: key.class.text(),
        }
    }
}

impl ActionAnswer {
    fn new(id: &str, verdict: Verdict) -> Self {
        let word = match verdict.allowed {
            Tri::True => "allow",
            Tri::False => "deny",
            Tri::Unknown => "ask",
        };
        let Verdict { max_level, limits, .. } = verdict;
        Self { id: id.to_owned(), verdict: word, max_level, limits }
    }
}

impl PublisherAnswer {
    fn new(party: &str, verdict: Verdict) -> Self {
        let may_publish = match verdict.allowed {
            Tri::True => "yes",
            Tri::False => "no",
            Tri::Unknown => "unknown",
        };
        Self { party: party.to_owned(), may_publish, rules: verdict.limits }
    }
}

impl HarbourAnswer {
    fn new(harbour: &Harbour<'_>) -> Self {
        let predicates = harbour.predicates.iter().map(|(predicate, standing)| PredicateAnswer {
            id: predicate.id.clone(),
            mode: if predicate.evidenced { "evidenced" } else { "attested" },
            status: standing.as_str(),
        });
        Self {
            party: harbour.party.to_owned(),
            rule: harbour.rule.to_owned(),
            status: harbour.status.as_str(),
            predicates: predicates.collect(),
        }
    }
}
