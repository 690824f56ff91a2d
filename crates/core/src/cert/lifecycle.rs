//! The life of a certificate: which status may follow which, and on what grounds (section 7, CT-24 to CT-26).
//!
//! ```text
//! NOT_CERTIFIED, EXPIRED, WITHDRAWN ── final report, recommendation, linkage ──> CERTIFIED, CONDITIONAL
//! CONDITIONAL ── plan verified fully ──> CERTIFIED
//! CERTIFIED, CONDITIONAL ── listing rule, missed milestone, mid-term finding ──> OBSERVATION
//! OBSERVATION ── timer over, gaps open ──> ENHANCED_MONITORING
//! OBSERVATION, ENHANCED_MONITORING ── validation visit ──> CERTIFIED
//! live ── confirmed concern, lost knock-out, expired milestone ──> SUSPENDED
//! SUSPENDED ── validation report ──> CERTIFIED, CONDITIONAL; no more than a ballot ──> WITHDRAWN
//! live ── exit notice and its timer, no ballot ──> WITHDRAWN
//! ```
//!
//! Every arrow but the last needs an adopted ballot: no clock sanctions a jurisdiction. EXPIRED is derived
//! from validity and is nobody's act. A certificate's subject is a jurisdiction and nothing else:
//!
//! ```compile_fail
//! use comity_core::cert::lifecycle::Certificate;
//! // A firm's name is no jurisdiction, and no jurisdiction can be made outside a register.
//! let _ = Certificate::issue("Example Models Ltd", "iaio-std-1");
//! ```
//!
//! Not here: the register's file (`registry`), and who voted (`tally`).

use serde::{Deserialize, Serialize};

use super::jurisdiction::{Jurisdiction, JurisdictionUrn};
use super::tally::State as Ballot;
use super::word::{ConcernState, Recommendation, Status, Word as _, words};
use crate::refusal::Refusal;

/// A certificate: that a jurisdiction meets a standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    subject: JurisdictionUrn,
    standard: String,
}

impl Certificate {
    /// Issues a certificate to a jurisdiction that a register lists.
    #[must_use]
    pub fn issue(subject: &Jurisdiction, standard: &str) -> Self {
        Self { subject: subject.urn().clone(), standard: standard.to_owned() }
    }

    /// Returns whom it is about.
    #[must_use]
    pub const fn subject(&self) -> &JurisdictionUrn {
        &self.subject
    }

    /// Returns the standard.
    #[must_use]
    pub fn standard(&self) -> &str {
        &self.standard
    }
}

/// A jurisdiction gives notice that it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveNotice {
    /// Who leaves.
    pub jurisdiction: JurisdictionUrn,
}

words! {
    /// Why a certificate is suspended.
    Cause {
        ConcernConfirmed = "CONCERN_CONFIRMED",
        KnockOutLost = "LINKAGE_UNSATISFIED",
        MilestoneExpired = "CAP_OVERDUE",
    }
}
words! {
    /// Why a jurisdiction comes under observation.
    Listing {
        ListingRule = "LISTING_RULE",
        MilestoneMissed = "MILESTONE_MISSED",
        MidTermFinding = "MID_TERM_FINDING",
    }
}

/// What a decision on a status rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Grounds {
    /// Where the ballot stands, if there is one.
    pub ballot: Option<Ballot>,
    /// The recommendation of the score, once the final report is there.
    pub recommendation: Option<Recommendation>,
    /// The organ says why it is kinder than the recommendation.
    pub has_reasons: bool,
    /// Both trade rules are satisfied.
    pub is_linked: bool,
    /// The final report is there.
    pub has_final_report: bool,
    /// The corrective action plan is verified fully.
    pub plan_verified: bool,
    /// Why it comes under observation.
    pub listing: Option<Listing>,
    /// The observation's timer is over.
    pub observation_over: bool,
    /// Gaps are open.
    pub gaps_open: bool,
    /// A validation visit found them closed.
    pub validation_visit: bool,
    /// Why it is suspended.
    pub cause: Option<Cause>,
    /// A validation report speaks for reinstatement.
    pub validation_report: bool,
    /// An exit notice was given and its timer is over.
    pub exit_notice_over: bool,
}

/// Checks that a status may follow another on these grounds.
pub fn check_transition(from: Status, to: Status, grounds: &Grounds) -> Result<(), Refusal> {
    let allowed = match (from, to) {
        (
            Status::NotCertified | Status::Expired | Status::Withdrawn,
            Status::Certified | Status::Conditional,
        ) => grounds.certifies(to),
        (Status::Conditional, Status::Certified) => grounds.plan_verified && grounds.is_guarded(),
        (Status::Certified | Status::Conditional, Status::Observation) => grounds.listing.is_some(),
        (Status::Observation, Status::EnhancedMonitoring) => {
            grounds.observation_over && grounds.gaps_open
        }
        (Status::Observation | Status::EnhancedMonitoring, Status::Certified) => {
            grounds.validation_visit && grounds.is_guarded()
        }
        (from, Status::Suspended) if from.is_live() => grounds.cause.is_some(),
        (Status::Suspended, Status::Certified | Status::Conditional) => {
            grounds.validation_report && grounds.is_guarded()
        }
        (Status::Suspended, Status::Withdrawn) => true,
        // Leaving is the jurisdiction's own act: it alone needs no ballot.
        (from, Status::Withdrawn) if from.is_live() => {
            return refuse_unless(grounds.exit_notice_over, from, to);
        }
        _ => false,
    };
    refuse_unless(allowed && grounds.ballot == Some(Ballot::Adopted), from, to)
}

/// Returns whether a status may follow another on any grounds at all: what a register file alone can show.
#[must_use]
pub fn may_follow(from: Status, to: Status) -> bool {
    let everything = Grounds {
        ballot: Some(Ballot::Adopted),
        recommendation: Some(Recommendation::Certified),
        has_reasons: true,
        is_linked: true,
        has_final_report: true,
        plan_verified: true,
        listing: Some(Listing::ListingRule),
        observation_over: true,
        gaps_open: true,
        validation_visit: true,
        cause: Some(Cause::ConcernConfirmed),
        validation_report: true,
        exit_notice_over: true,
    };
    check_transition(from, to, &everything).is_ok()
}

fn refuse_unless(allowed: bool, from: Status, to: Status) -> Result<(), Refusal> {
    if allowed {
        return Ok(());
    }
    Err(Refusal::new("transition-not-allowed", "")
        .with("from", from.as_str())
        .with("to", to.as_str()))
}

impl Grounds {
    const fn is_guarded(&self) -> bool {
        self.is_linked && self.has_final_report
    }

    /// A certificate is not better than what is recommended, unless the organ says why.
    fn certifies(&self, to: Status) -> bool {
        let is_recommended = match (self.recommendation, to) {
            (Some(Recommendation::Certified), _) => true,
            (Some(Recommendation::Conditional), to) => to == Status::Conditional,
            (
                Some(Recommendation::Deferred | Recommendation::Referred | Recommendation::Refused)
                | None,
                _,
            ) => false,
        };
        self.is_guarded() && (is_recommended || self.has_reasons)
    }
}

/// What happens to a concern (CT-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcernStep {
    /// The organ confirms it.
    Confirm {
        /// Where its ballot stands.
        ballot: Ballot,
        /// The jurisdiction has replied, or its deadline is over.
        heard: bool,
    },
    /// It was none.
    Dismiss,
    /// The organ finds it resolved.
    Resolve {
        /// Where its ballot stands.
        ballot: Ballot,
        /// There is evidence.
        has_evidence: bool,
    },
}

/// Returns the state of a concern after a step.
pub fn step_concern(state: ConcernState, step: ConcernStep) -> Result<ConcernState, Refusal> {
    match (state, step) {
        (
            ConcernState::Preliminary,
            ConcernStep::Confirm { ballot: Ballot::Adopted, heard: true },
        ) => Ok(ConcernState::Confirmed),
        (ConcernState::Preliminary, ConcernStep::Dismiss) => Ok(ConcernState::Dismissed),
        (
            ConcernState::Confirmed,
            ConcernStep::Resolve { ballot: Ballot::Adopted, has_evidence: true },
        ) => Ok(ConcernState::Resolved),
        _ => Err(Refusal::new("transition-not-allowed", "").with("from", state.as_str())),
    }
}

words! {
    /// The state of an appeal (CT-26).
    Appeal {
        Filed = "FILED",
        Stayed = "STAYED",
        Upheld = "UPHELD",
        Dismissed = "DISMISSED",
    }
}

/// What happens to an appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppealStep {
    /// The panel dismisses it.
    Dismiss(Ballot),
    /// The panel freezes the effect on trade, not publication.
    Stay(Ballot),
    /// The panel upholds it; the register gets an annulment.
    Uphold(Ballot),
}

/// Returns an appeal that was filed in time before a panel without members of the organ.
pub fn file_appeal<'m>(
    in_time: bool,
    mut panel: impl Iterator<Item = &'m str>,
    organ: &[&str],
) -> Result<Appeal, Refusal> {
    if !in_time {
        return Err(Refusal::new("appeal-late", ""));
    }
    match panel.find(|member| organ.contains(member)) {
        Some(member) => Err(Refusal::new("panel-overlaps", "").with("member", member)),
        None => Ok(Appeal::Filed),
    }
}

/// Returns the state of an appeal after a step.
pub fn step_appeal(state: Appeal, step: AppealStep) -> Result<Appeal, Refusal> {
    match (state, step) {
        (Appeal::Filed, AppealStep::Stay(Ballot::Adopted)) => Ok(Appeal::Stayed),
        (Appeal::Filed | Appeal::Stayed, AppealStep::Uphold(Ballot::Adopted)) => Ok(Appeal::Upheld),
        (Appeal::Filed | Appeal::Stayed, AppealStep::Dismiss(Ballot::Adopted)) => {
            Ok(Appeal::Dismissed)
        }
        _ => Err(Refusal::new("transition-not-allowed", "").with("from", state.as_str())),
    }
}
