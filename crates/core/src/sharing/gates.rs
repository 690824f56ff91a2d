//! Law, marking and agreement at one instant: what each gate says of a tier (section 7).
//!
//! Not here: the score, the duty to warn.

use std::cmp::Reverse;

use super::exchange::{Agreement, Exchange, Fact};
use super::instant::Instant;
use super::word::{AgreementState, Consent, DutyState, EmbargoState, FactState, Gate, Tier};
use crate::lexicon::terms::Tlp;

/// A gate's fact at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing stands against it, perhaps for a time.
    Clear { until: Option<Instant> },
    /// Nothing above the ceiling.
    Blocking { ceiling: Tier, signed_at: Option<Instant>, expires: Option<Instant> },
    /// Nobody knows.
    Unknown,
}

impl Standing {
    /// Returns what a fact says at `at`: a block that is over blocks no more, an old clearance is
    /// unknown (SH-15).
    fn of(fact: Fact, at: Instant) -> Self {
        let is_over = fact.expires.is_some_and(|expires| expires <= at);
        match fact.state {
            FactState::Clear if is_over => Self::Unknown,
            FactState::Clear => Self::Clear { until: fact.expires },
            FactState::Limited | FactState::Prohibited if is_over => Self::Clear { until: None },
            FactState::Limited | FactState::Prohibited => Self::Blocking {
                ceiling: fact.ceiling,
                signed_at: fact.signed_at,
                expires: fact.expires,
            },
            FactState::Unknown => Self::Unknown,
        }
    }

    /// Returns what it says of a tier.
    pub(super) fn answer(self, tier: Tier) -> Answer {
        match self {
            Self::Clear { .. } => Answer::Passes,
            Self::Blocking { ceiling, .. } => Answer::at_most(ceiling, tier),
            Self::Unknown => Answer::Unknown,
        }
    }

    /// Returns until when a tier may rest on it.
    pub(super) const fn until(self) -> Option<Instant> {
        match self {
            Self::Clear { until } => until,
            Self::Blocking { .. } | Self::Unknown => None,
        }
    }
}

/// What a gate says of one tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    Passes,
    Unknown,
    Blocks,
}

impl Answer {
    fn at_most(ceiling: Tier, tier: Tier) -> Self {
        if tier > ceiling { Self::Blocks } else { Self::Passes }
    }
}

/// All gates at one instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gates {
    pub(super) export: Standing,
    pub(super) personal: Standing,
    pub(super) carve_out: Standing,
    pub(super) marking: Marked,
    pub(super) duty_is_unknown: bool,
    /// The minimum tier of a due duty.
    pub(super) duty: Option<Tier>,
    /// What the agreements allow at most.
    pub(super) agreement: Tier,
    pub(super) agreement_until: Option<Instant>,
}

/// Marking and embargo (E4).
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that hold or not, each by itself")]
pub(super) struct Marked {
    /// TLP:CLEAR, which has neither E4 nor E6.
    pub(super) is_public: bool,
    pub(super) caveats_hold: bool,
    pub(super) is_signatory: bool,
    pub(super) is_embargoed: bool,
    pub(super) embargo_ends: Option<Instant>,
    /// T5 within the reach of the label, else what the originator consented to.
    pub(super) reach: Tier,
    pub(super) consent_until: Option<Instant>,
}

impl Marked {
    fn of(exchange: &Exchange) -> Self {
        let (at, recipient, marking) = (exchange.at, &exchange.recipient, &exchange.marking);
        let caveats_hold = marking
            .caveats
            .iter()
            .all(|caveat| caveat.holds(&recipient.jurisdiction, &recipient.role, exchange.purpose));
        // Case-protocol.md, CP-13: in force is A or R before the end.
        let has_embargo =
            matches!(exchange.embargo.state, EmbargoState::Active | EmbargoState::Revise);
        let is_over = exchange.embargo.ends_at.is_some_and(|ends_at| ends_at <= at);
        // Widest, then the one that lasts longest: the order of the list says nothing.
        let consent = marking
            .consents
            .iter()
            .filter(|consent| consent.org == recipient.org)
            .filter(|consent| consent.expires.is_none_or(|expires| at < expires))
            .max_by_key(|consent| (consent.max_tier, consent.expires.is_none(), consent.expires));
        let within = is_within_reach(exchange);
        Self {
            is_public: marking.label.tlp == Tlp::Clear,
            caveats_hold,
            is_signatory: recipient.consent == Consent::Signatory,
            is_embargoed: has_embargo && !is_over,
            embargo_ends: exchange.embargo.ends_at,
            reach: if within {
                Tier::T5
            } else {
                consent.map_or(Tier::T0, |consent| consent.max_tier)
            },
            consent_until: if within { None } else { consent.and_then(|consent| consent.expires) },
        }
    }

    fn ceiling(&self) -> Tier {
        if self.is_public {
            Tier::T5
        } else if !self.caveats_hold || self.is_embargoed && !self.is_signatory {
            Tier::T0
        } else {
            self.reach
        }
    }
}

/// Returns whether the label itself reaches the recipient (SH-16).
fn is_within_reach(exchange: &Exchange) -> bool {
    let (recipient, marking) = (&exchange.recipient, &exchange.marking);
    let accounts = !recipient.accounts.is_empty()
        && recipient.accounts.iter().all(|account| marking.accounts.contains(account));
    let organisation = marking.orgs.contains(&recipient.org);
    let client = || recipient.client_of.iter().any(|org| marking.orgs.contains(org));
    let community = || recipient.communities.iter().any(|id| marking.communities.contains(id));
    let is_controlled = marking.label.orcon && !exchange.is_originator;
    let tlp = match marking.label.tlp {
        Tlp::Green | Tlp::Amber if is_controlled => Tlp::AmberStrict,
        tlp @ (Tlp::Clear | Tlp::Green | Tlp::Amber | Tlp::AmberStrict | Tlp::Red) => tlp,
    };
    match tlp {
        Tlp::Clear => true,
        Tlp::Green => organisation || accounts || client() || community(),
        Tlp::Amber => organisation || accounts || client(),
        Tlp::AmberStrict => organisation || accounts,
        Tlp::Red => accounts,
    }
}

impl Gates {
    pub(super) fn of(exchange: &Exchange) -> Self {
        let (at, gates) = (exchange.at, &exchange.gates);
        let agreement = exchange
            .recipient
            .agreements
            .iter()
            .filter(|agreement| counts(agreement, exchange))
            .max_by_key(|one| (one.max_tier, Reverse(&one.id), one.until.is_none(), one.until));
        Self {
            export: Standing::of(gates.export, at),
            personal: Standing::of(gates.personal, at),
            carve_out: Standing::of(gates.carve_out, at),
            marking: Marked::of(exchange),
            duty_is_unknown: gates.duty == DutyState::Unknown,
            duty: gates.duty_min,
            agreement: agreement.map_or(Tier::T0, |agreement| agreement.max_tier),
            agreement_until: agreement.and_then(|agreement| agreement.until),
        }
    }

    /// Returns whether a due duty demands the tier.
    pub(super) fn is_due(&self, tier: Tier) -> bool {
        self.duty.is_some_and(|minimum| tier <= minimum)
    }

    /// Returns whether the tier needs an agreement.
    pub(super) fn needs_agreement(&self, tier: Tier) -> bool {
        !self.marking.is_public && !self.is_due(tier)
    }

    /// Returns what every gate says of a tier; `asks_personal` if personal data would go with it.
    pub(super) fn answers(&self, tier: Tier, asks_personal: bool) -> [(Gate, Answer); 6] {
        let personal = if asks_personal { self.personal.answer(tier) } else { Answer::Passes };
        let duty = if self.duty_is_unknown { Answer::Unknown } else { Answer::Passes };
        let agreement = if self.needs_agreement(tier) {
            Answer::at_most(self.agreement, tier)
        } else {
            Answer::Passes
        };
        [
            (Gate::E1, self.export.answer(tier)),
            (Gate::E2, personal),
            (Gate::E3, self.carve_out.answer(tier)),
            (Gate::E4, Answer::at_most(self.marking.ceiling(), tier)),
            (Gate::E5, duty),
            (Gate::E6, agreement),
        ]
    }
}

/// Returns whether an agreement counts for this exchange (SH-19).
fn counts(agreement: &Agreement, exchange: &Exchange) -> bool {
    let label = &exchange.marking.label;
    agreement.state == AgreementState::InForce
        && agreement.from <= exchange.at
        && agreement.until.is_none_or(|until| exchange.at < until)
        && agreement.purposes.contains(&exchange.purpose)
        && label.tlp <= agreement.tlp_max
        && label.pap <= agreement.pap_max
}
