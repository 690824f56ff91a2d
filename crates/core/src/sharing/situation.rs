//! An exchange resolved against a policy, and the rule that judges one tier of it (section 6).
//!
//! A situation is small and copied, so that the planner can ask "and if …" thousands of times.
//! Not here: choosing mitigations, looking for levers, writing reasons.

use super::exchange::{Claim, Exchange};
use super::gates::{Answer, Gates, Standing};
use super::instant::Instant;
use super::levels::Levels;
use super::policy::{Mitigation, Policy};
use super::word::{Gate, Question, Tier, Verdict};

/// The mitigation that redacts personal data, which E2 asks about.
pub(super) const SELECTIVE: &str = "M-SD";
/// The mitigation that delays.
pub(super) const DELAY: &str = "M-DLY";
/// The mitigation that holds in escrow.
pub(super) const ESCROW: &str = "M-ESC";
/// The mitigation that runs instead of showing.
pub(super) const CAPSULE: &str = "M-CAP";

/// The benefit from which a warning is owed.
const WARN_FROM: u8 = 3;

/// Everything the rule needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation<'p> {
    pub(super) policy: &'p Policy,
    pub(super) at: Instant,
    /// Answers as they count below the tier of detail, and from it up.
    levels: [Levels; 2],
    benefit: u8,
    /// The duty to warn, W.
    pub(super) is_warning: bool,
    /// Mitigations that are in effect.
    pub(super) effective: u32,
    /// Whether a patch is taken to exist.
    pub(super) is_patched: bool,
    pub(super) gates: Gates,
}

/// What the rule says of one tier with some mitigations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    pub(super) levels: Levels,
    pub(super) highest: u8,
    pub(super) score: Verdict,
    /// Before duty and floor.
    pub(super) base: Verdict,
    pub(super) verdict: Verdict,
    pub(super) is_by_duty: bool,
    pub(super) is_by_floor: bool,
}

impl<'p> Situation<'p> {
    pub(super) fn of(exchange: &Exchange, policy: &'p Policy) -> Self {
        let answers_at = |tier| {
            let unknown = policy.unknown(exchange.recipient.relationship, tier);
            Levels::from_fn(|question| {
                let answer = exchange.answer(question).unwrap_or(unknown);
                let floor = policy.access_floor.get(&question).copied().unwrap_or(0);
                if exchange.has_access { answer.max(floor) } else { answer }
            })
        };
        let benefit_of = |question| exchange.answer(question).unwrap_or(0);
        let benefits = [Question::D1, Question::D2, Question::D3, Question::D4];
        let effective = exchange
            .mitigations
            .iter()
            .filter(|claim| why_ignored(claim, exchange, policy).is_none())
            .fold(0, |set, claim| set | policy.bit(&claim.id));
        Self {
            policy,
            at: exchange.at,
            levels: [answers_at(Tier::T0), answers_at(Tier::T5)],
            benefit: benefits.map(benefit_of).into_iter().max().unwrap_or(0),
            is_warning: benefit_of(Question::D1) >= WARN_FROM,
            effective,
            is_patched: false,
            gates: Gates::of(exchange),
        }
    }

    /// Returns the residual of each question.
    fn residual(&self, tier: Tier, uses: u32) -> Levels {
        let [light, detail] = self.levels;
        let mut levels = if tier >= self.policy.detail_from { detail } else { light };
        if let Some(caps) = self.policy.tier(tier) {
            let is_held = !caps.is_missing(uses);
            levels = levels.capped(if is_held { &caps.held } else { &caps.free });
        }
        if self.is_patched {
            levels = levels.capped(&self.policy.patch_caps);
        }
        self.policy
            .chosen(uses)
            .filter(|(_, mitigation)| counts_at(mitigation, tier))
            .fold(levels, |levels, (_, mitigation)| levels.capped(&mitigation.caps))
    }

    const fn score(&self, highest: u8) -> Verdict {
        match (highest, self.benefit) {
            (0 | 1, _) | (2, 2..) => Verdict::Allow,
            (2, _) | (3, 3..) => Verdict::Escalate,
            _ => Verdict::Deny,
        }
    }

    /// Returns whether more benefit would make the score milder.
    pub(super) const fn lacks_benefit(&self, highest: u8) -> bool {
        matches!((highest, self.benefit), (2, 0 | 1) | (3, 0..=2))
    }

    /// Returns whether personal data would go with the tier.
    pub(super) fn asks_personal(&self, tier: Tier, uses: u32) -> bool {
        tier >= self.policy.personal_data_from && uses & self.policy.bit(SELECTIVE) == 0
    }

    /// Returns what each gate says.
    pub(super) fn answers(&self, tier: Tier, uses: u32) -> [(Gate, Answer); 6] {
        self.gates.answers(tier, self.asks_personal(tier, uses))
    }

    /// Judges a tier with some of the mitigations.
    pub(super) fn judge(&self, tier: Tier, uses: u32) -> Judgement {
        let levels = self.residual(tier, uses);
        let highest = levels.highest();
        let score = self.score(highest);
        let gates = self.answers(tier, uses).map(|(_, answer)| match answer {
            Answer::Passes => Verdict::Allow,
            Answer::Unknown => Verdict::Escalate,
            Answer::Blocks => Verdict::Deny,
        });
        let base = match tier {
            Tier::T0 => Verdict::Allow,
            Tier::T1 | Tier::T2 | Tier::T3 | Tier::T4 | Tier::T5 => {
                gates.into_iter().fold(score, Verdict::max)
            }
        };
        let is_by_duty = base == Verdict::Deny && self.gates.is_due(tier);
        let owed = if is_by_duty { Verdict::Escalate } else { base };
        let is_floored = self.is_warning && tier == Tier::T1;
        let verdict = if is_floored { owed.min(self.floor()) } else { owed };
        Judgement { levels, highest, score, base, verdict, is_by_duty, is_by_floor: verdict < owed }
    }

    /// Judges T1 under the duty to warn: export control and carve-out alone.
    fn floor(&self) -> Verdict {
        if self.denying_signatures().next().is_some() {
            return Verdict::Deny;
        }
        let answers = [self.gates.export, self.gates.carve_out].map(|gate| gate.answer(Tier::T1));
        let passes = answers.into_iter().all(|answer| answer == Answer::Passes);
        if passes { Verdict::Allow } else { Verdict::Escalate }
    }

    /// Returns the signatures that deny T1 although a warning is owed.
    pub(super) fn denying_signatures(&self) -> impl Iterator<Item = Instant> {
        let hours = self.policy.hours.refusal_warn;
        let has_duty = self.gates.is_due(Tier::T1);
        let at = self.at;
        [self.gates.export, self.gates.carve_out]
            .into_iter()
            .filter_map(|gate| match gate {
                Standing::Blocking { ceiling, signed_at, .. } if ceiling < Tier::T1 => signed_at,
                Standing::Blocking { .. } | Standing::Clear { .. } | Standing::Unknown => None,
            })
            // A signature that is dated ahead is none yet, and would deny for longer than one may.
            .filter(move |signed_at| {
                *signed_at <= at && at < signed_at.plus_hours(hours) && !has_duty
            })
    }

    /// Returns those of the mitigations that can change what is said of a tier.
    pub(super) fn relevant(&self, tier: Tier, of: u32) -> u32 {
        let open = self.residual(tier, 0);
        let needs = self.policy.tier(tier).map_or(0, |caps| caps.needs);
        let asks_personal =
            self.asks_personal(tier, 0) && self.gates.personal.answer(tier) != Answer::Passes;
        let personal = if asks_personal { self.policy.bit(SELECTIVE) } else { 0 };
        let lowering = self
            .policy
            .chosen(of)
            .filter(|(_, one)| counts_at(one, tier) && open.is_lowered_by(&one.caps))
            .fold(0, |set, (bit, _)| set | bit);
        (lowering | needs | personal) & of
    }

    /// Judges a tier with the mitigations it will use: the smallest set that allows it, else all
    /// (SH-11).
    pub(super) fn settle(&self, tier: Tier) -> (u32, Judgement) {
        let all = self.judge(tier, self.effective);
        if all.verdict != Verdict::Allow {
            return (self.effective, all);
        }
        let relevant = self.relevant(tier, self.effective);
        let delay = self.policy.bit(DELAY);
        let sets: Vec<u32> = subsets(relevant).collect();
        for size in 0..=relevant.count_ones() {
            let best = sets
                .iter()
                .filter(|set| set.count_ones() == size)
                .map(|set| (*set, self.judge(tier, *set)))
                .filter(|(_, judgement)| judgement.verdict == Verdict::Allow)
                // Of sets of one size the first by names has the greatest mirrored bits.
                .min_by_key(|(set, judgement)| {
                    (set & delay != 0, judgement.highest, !set.reverse_bits())
                });
            if let Some(best) = best {
                return best;
            }
        }
        (self.effective, all)
    }
}

/// Returns every subset of a set, itself and the empty one included.
fn subsets(of: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(of), move |set| set.checked_sub(1).map(|less| less & of))
}

/// Returns whether a mitigation's caps count at a tier.
fn counts_at(mitigation: &Mitigation, tier: Tier) -> bool {
    mitigation.only.is_none_or(|only| only == tier)
}

/// Returns when a claimed mitigation ends.
pub(super) fn expiry(claim: &Claim, policy: &Policy) -> Instant {
    let days = policy.mitigations.iter().find(|one| one.id == claim.id).map_or(0, |one| one.days);
    claim.issued.plus_days(days)
}

/// Returns why a claimed mitigation does not count, if so (SH-10).
pub(super) fn why_ignored(
    claim: &Claim,
    exchange: &Exchange,
    policy: &Policy,
) -> Option<&'static str> {
    let expires = expiry(claim, policy);
    if !claim.has_evidence {
        Some("no-evidence")
    } else if exchange.at < claim.issued {
        Some("not-yet")
    } else if expires <= exchange.at {
        Some("expired")
    } else if claim.id == DELAY {
        let opens_well = match (exchange.patch_at, claim.opens_at) {
            (Some(patch_at), Some(opens_at)) => patch_at <= opens_at && opens_at < expires,
            (None, _) | (_, None) => false,
        };
        (!opens_well).then_some("opens-too-early")
    } else {
        None
    }
}
