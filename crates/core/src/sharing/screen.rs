//! The screen: a verdict for every tier, the plan, and what would open more (sections 6 and 11).
//!
//! A pure function of exchange and policy; the same input gives the same bytes for ever (SH-40).

use serde::Serialize;

use super::exchange::Exchange;
use super::gates::Answer;
use super::instant::Instant;
use super::levels::Residual;
use super::levers::{self, Lever};
use super::policy::{Policy, hash_of};
use super::situation::{DELAY, Judgement, Situation, expiry, why_ignored};
use super::word::{ApprovalKind, Area, Plane, Question, Tier, Verdict};

/// The result of a screen, `comity.screen/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Screen {
    /// Always `comity.screen/1`.
    pub schema: &'static str,
    /// The hash of the policy.
    pub policy: String,
    /// The hash of the exchange.
    pub exchange: String,
    /// The highest area of what would go.
    pub area: Area,
    /// Its plane.
    pub plane: Plane,
    /// What was asked for.
    pub requested: Tier,
    /// The verdict at the tier asked for.
    pub outcome: Verdict,
    /// The most open plan admissible now.
    pub plan: Plan,
    /// The highest tier above the plan that an authority may release.
    pub escalate_to: Option<Tier>,
    /// Every tier from T0 to the one asked for.
    pub tiers: Vec<TierVerdict>,
    /// Whether a warning is owed.
    pub warn: bool,
    /// The tier of floor or duty, if it is above the plan.
    pub owed: Option<Tier>,
    /// What would open each tier above the plan.
    pub opens: Vec<Opens>,
    /// Mitigations that do not count.
    pub ignored: Vec<Ignored>,
    /// What people still have to answer or look at.
    pub tasks: Vec<String>,
    /// Until when to decide.
    pub deadline: Instant,
    /// Whether that is over.
    pub overdue: bool,
    /// When a result other than allow lapses.
    pub refusal_expires: Option<Instant>,
}

/// What may be sent now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The tier.
    pub tier: Tier,
    /// The mitigations it needs.
    pub uses: Vec<String>,
    /// What risk remains.
    pub residual: Residual,
    /// Who must approve.
    pub approval: ApprovalKind,
    /// From when the pass opens, if it is delayed.
    pub not_before: Option<Instant>,
    /// When the pass ends; none for proof.
    pub expires: Option<Instant>,
}

/// What is said of one tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TierVerdict {
    /// The tier.
    pub tier: Tier,
    /// Whether it is admissible.
    pub verdict: Verdict,
    /// With which mitigations.
    pub uses: Vec<String>,
    /// What risk remains.
    pub residual: Residual,
    /// Who must approve; nobody can if it is denied.
    pub approval: Option<ApprovalKind>,
    /// Why, sorted.
    pub reasons: Vec<String>,
}

/// What would open a tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opens {
    /// The tier.
    pub tier: Tier,
    /// What can be done at once.
    pub now: Option<Vec<String>>,
    /// What waits for something.
    pub later: Option<Later>,
}

/// A set of changes of which one waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Later {
    /// All that is needed.
    pub needs: Vec<String>,
    /// When, if every date is known.
    pub at: Option<Instant>,
}

/// A mitigation that does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ignored {
    /// Which.
    pub id: String,
    /// Why.
    pub why: &'static str,
}

impl Screen {
    /// Returns `sha256:` and the hash of the result's RFC 8785 form.
    #[must_use]
    pub fn hash(&self) -> String {
        // Strings, small integers and lists of them always have an RFC 8785 form.
        hash_of(self).unwrap_or_default()
    }

    /// Returns what is said of a tier, if it was asked for.
    #[must_use]
    pub fn tier(&self, tier: Tier) -> Option<&TierVerdict> {
        self.tiers.iter().find(|verdict| verdict.tier == tier)
    }
}

/// A tier with the mitigations it uses.
struct Settled {
    tier: Tier,
    uses: u32,
    judgement: Judgement,
}

/// Screens one exchange.
#[must_use]
pub fn screen(exchange: &Exchange, policy: &Policy) -> Screen {
    let situation = Situation::of(exchange, policy);
    let settled: Vec<Settled> = Tier::ALL
        .iter()
        .filter(|tier| **tier <= exchange.requested)
        .map(|tier| {
            let (uses, judgement) = situation.settle(*tier);
            Settled { tier: *tier, uses, judgement }
        })
        .collect();
    let tiers: Vec<TierVerdict> =
        settled.iter().map(|settled| tier_verdict(&situation, exchange, settled)).collect();
    let plan = plan(&situation, exchange, &settled);
    let is_above = |tier: &Tier| *tier > plan.tier;
    let with_verdict = |verdict: Verdict| {
        tiers.iter().filter(move |tier| tier.verdict == verdict).map(|tier| tier.tier)
    };
    let outcome = tiers.last().map_or(Verdict::Allow, |last| last.verdict);
    let levers = levers::levers(exchange, &situation);
    let hours = policy.hours;
    let decide = if situation.is_warning { hours.decide_warn } else { hours.decide };
    let deadline = exchange.asked_at.plus_hours(decide);
    Screen {
        schema: "comity.screen/1",
        policy: policy.hash().to_owned(),
        exchange: exchange.hash().to_owned(),
        area: exchange.area,
        plane: exchange.plane(),
        requested: exchange.requested,
        outcome,
        escalate_to: with_verdict(Verdict::Escalate).filter(is_above).max(),
        warn: situation.is_warning,
        owed: owed(&situation).filter(is_above),
        opens: tiers
            .iter()
            .filter(|tier| is_above(&tier.tier))
            .map(|tier| levers::opens(&situation, &levers, tier.tier))
            .collect(),
        ignored: ignored(exchange, policy),
        tasks: tasks(&situation, exchange, &plan),
        overdue: exchange.at > deadline,
        deadline,
        refusal_expires: (outcome != Verdict::Allow).then(|| lapse(&situation, &levers)),
        tiers,
        plan,
    }
}

fn approval(
    situation: &Situation<'_>,
    exchange: &Exchange,
    settled: &Settled,
) -> Option<ApprovalKind> {
    let wants_two = situation.policy.two_persons.contains(&exchange.recipient.relationship);
    let judgement = &settled.judgement;
    match judgement.verdict {
        Verdict::Allow if settled.tier == Tier::T0 => Some(ApprovalKind::None),
        Verdict::Allow if judgement.is_by_floor => Some(ApprovalKind::Two),
        Verdict::Allow if judgement.highest >= 2 && wants_two => Some(ApprovalKind::Two),
        Verdict::Allow => Some(ApprovalKind::One),
        Verdict::Escalate => Some(ApprovalKind::Authority),
        Verdict::Deny => None,
    }
}

fn tier_verdict(situation: &Situation<'_>, exchange: &Exchange, settled: &Settled) -> TierVerdict {
    TierVerdict {
        tier: settled.tier,
        verdict: settled.judgement.verdict,
        uses: situation.policy.ids(settled.uses),
        residual: settled.judgement.levels.residual(),
        approval: approval(situation, exchange, settled),
        reasons: reasons(situation, settled),
    }
}

fn reasons(situation: &Situation<'_>, settled: &Settled) -> Vec<String> {
    let Settled { tier, uses, judgement } = settled;
    let mut found = Vec::new();
    if *tier == Tier::T0 {
        return found;
    }
    for (gate, answer) in situation.answers(*tier, *uses) {
        match answer {
            Answer::Passes => {}
            Answer::Unknown => found.push(format!("unknown:{}", gate.key())),
            Answer::Blocks => found.push(format!("gate:{}", gate.key())),
        }
    }
    let is_allowed = judgement.base == Verdict::Allow;
    if judgement.score != Verdict::Allow || is_allowed && judgement.highest == 2 {
        let highest = judgement.levels.iter().filter(|(_, level)| *level == judgement.highest);
        found.extend(highest.map(|(question, _)| format!("score:{}", question.key())));
    }
    if judgement.score != Verdict::Allow && situation.lacks_benefit(judgement.highest) {
        found.push("benefit".to_owned());
    }
    if !is_allowed && let Some(caps) = situation.policy.tier(*tier) {
        let held = situation.policy.ids(*uses);
        let missing = caps.need_ids.iter().filter(|id| !held.contains(*id));
        found.extend(missing.map(|id| format!("needs:{id}")));
    }
    if judgement.is_by_duty {
        found.push("duty".to_owned());
    }
    if judgement.is_by_floor {
        found.push("floor".to_owned());
    }
    found.sort();
    found
}

fn plan(situation: &Situation<'_>, exchange: &Exchange, settled: &[Settled]) -> Plan {
    let allowed = |settled: &&Settled| settled.judgement.verdict == Verdict::Allow;
    // T0 is always allowed and always among the tiers.
    let proof = Settled { tier: Tier::T0, uses: 0, judgement: situation.judge(Tier::T0, 0) };
    let best = settled.iter().rev().find(allowed).unwrap_or(&proof);
    let terms = terms(situation, exchange, best);
    Plan {
        tier: best.tier,
        uses: terms.uses,
        residual: best.judgement.levels.residual(),
        approval: approval(situation, exchange, best).unwrap_or(ApprovalKind::Authority),
        not_before: terms.not_before,
        expires: (best.tier > Tier::T0).then_some(terms.expires),
    }
}

/// What a pass for one tier rests on, and for how long.
pub(super) struct Terms {
    pub(super) uses: Vec<String>,
    pub(super) not_before: Option<Instant>,
    pub(super) expires: Instant,
}

/// Returns the terms of a pass for a tier, also for one above the plan that an authority releases.
pub(super) fn terms_of(exchange: &Exchange, policy: &Policy, tier: Tier) -> Terms {
    let situation = Situation::of(exchange, policy);
    let (uses, judgement) = situation.settle(tier);
    terms(&situation, exchange, &Settled { tier, uses, judgement })
}

fn terms(situation: &Situation<'_>, exchange: &Exchange, settled: &Settled) -> Terms {
    let delay = situation.policy.bit(DELAY);
    let delayed = exchange.mitigations.iter().find(|claim| claim.id == DELAY);
    let not_before = delayed.and_then(|claim| claim.opens_at).filter(|_| settled.uses & delay != 0);
    Terms {
        uses: situation.policy.ids(settled.uses),
        not_before,
        expires: pass_expires(situation, exchange, settled, not_before),
    }
}

/// Returns when a pass ends: after a week, or with the first of what it rests on (SH-23).
fn pass_expires(
    situation: &Situation<'_>,
    exchange: &Exchange,
    best: &Settled,
    not_before: Option<Instant>,
) -> Instant {
    let (policy, gates) = (situation.policy, &situation.gates);
    let opens = not_before.map_or(situation.at, |not_before| not_before.max(situation.at));
    let used = exchange
        .mitigations
        .iter()
        .filter(|claim| policy.bit(&claim.id) & best.uses != 0)
        .map(|claim| expiry(claim, policy));
    let asks_personal = situation.asks_personal(best.tier, best.uses);
    let personal = gates.personal.until().filter(|_| asks_personal);
    // The floor asks neither marking nor agreement, so the pass does not rest on them.
    let is_by_floor = best.judgement.is_by_floor;
    let rests_on_consent = !gates.marking.is_public && !is_by_floor;
    let rests_on_agreement = gates.needs_agreement(best.tier) && !is_by_floor;
    let consent = gates.marking.consent_until.filter(|_| rests_on_consent);
    let agreement = gates.agreement_until.filter(|_| rests_on_agreement);
    let facts = [gates.export.until(), gates.carve_out.until(), personal, consent, agreement];
    let ends = used.chain(facts.into_iter().flatten());
    ends.fold(opens.plus_hours(policy.hours.pass), Instant::min)
}

/// Returns the tier that floor or duty demands.
fn owed(situation: &Situation<'_>) -> Option<Tier> {
    let floor = situation.is_warning.then_some(Tier::T1);
    floor.max(situation.gates.duty)
}

fn ignored(exchange: &Exchange, policy: &Policy) -> Vec<Ignored> {
    let mut ignored: Vec<Ignored> = exchange
        .mitigations
        .iter()
        .filter_map(|claim| {
            let why = why_ignored(claim, exchange, policy)?;
            Some(Ignored { id: claim.id.clone(), why })
        })
        .collect();
    ignored.sort();
    ignored
}

fn tasks(situation: &Situation<'_>, exchange: &Exchange, plan: &Plan) -> Vec<String> {
    let mut tasks = Vec::new();
    if exchange.plane() == Plane::Content {
        let unanswered = Question::ALL.iter().filter(|one| exchange.answer(**one).is_none());
        tasks.extend(unanswered.map(|question| format!("answer:{}", question.key())));
        // At the highest tier every stated gate is asked.
        let gates = situation.gates.answers(Tier::T5, true);
        let unknown = gates.into_iter().filter(|(_, answer)| *answer == Answer::Unknown);
        tasks.extend(unknown.map(|(gate, _)| format!("gate:{}", gate.key())));
    }
    if let (Some(not_before), Some(expires)) = (plan.not_before, plan.expires)
        && expires <= not_before
    {
        tasks.push("pass:never-opens".to_owned());
    }
    tasks.sort();
    tasks
}

/// Returns when a result other than allow lapses (SH-14).
fn lapse(situation: &Situation<'_>, levers: &[Lever]) -> Instant {
    let hours = situation.policy.hours;
    let is_warning = situation.is_warning;
    let lasts = if is_warning { hours.refusal_warn } else { hours.refusal };
    let signatures = situation
        .denying_signatures()
        .filter(|_| is_warning)
        .map(|signed_at| signed_at.plus_hours(hours.refusal_warn));
    let dated = levers.iter().filter_map(Lever::date);
    signatures.chain(dated).fold(situation.at.plus_hours(lasts), Instant::min)
}
