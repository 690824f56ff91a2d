//! One assessment, step by step: the marks of a procedure and what each needs (section 7).
//!
//! Not here: the status that a decision brings about (`lifecycle`), and who signs a step.

use super::lifecycle::Grounds;
use super::tally::State as Ballot;
use super::word::{Word as _, words};
use crate::refusal::Refusal;

words! {
    /// A mark of the procedure, in order; `ONSITE` is also set for a remote visit.
    Mark {
        Applied = "APPLIED",
        SelfAssessed = "SELF_ASSESSED",
        DeskReview = "DESK_REVIEW",
        TeamNominated = "TEAM_NOMINATED",
        OnSite = "ONSITE",
        ClosingMeeting = "CLOSING_MEETING",
        Draft = "DRAFT",
        Comments = "COMMENTS",
        Final = "FINAL",
        Decision = "DECISION",
    }
}

/// What the next step rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct StepGrounds {
    /// The version of the standard applies.
    pub version_applicable: bool,
    /// The jurisdiction has answered every question.
    pub all_answered: bool,
    /// The team stands: no conflict, objections spent or over (CT-10).
    pub team_stands: bool,
    /// Both sides have signed the plan.
    pub plan_signed_by_both: bool,
    /// Each question is determined, or undetermined with a reason.
    pub all_determined_or_reasoned: bool,
    /// The comments timer is over.
    pub comments_over: bool,
    /// The jurisdiction has commented.
    pub commented: bool,
    /// Every comment is answered.
    pub comments_answered: bool,
    /// The report's hash is there.
    pub has_report: bool,
    /// Where the ballot stands.
    pub ballot: Option<Ballot>,
}

/// Returns the next mark of a procedure; `None` is one that has not begun.
pub fn step(mark: Option<Mark>, grounds: &StepGrounds) -> Result<Mark, Refusal> {
    let (next, allowed) = match mark {
        None => (Mark::Applied, grounds.version_applicable),
        Some(Mark::Applied) => (Mark::SelfAssessed, grounds.all_answered),
        Some(Mark::SelfAssessed) => (Mark::DeskReview, true),
        Some(Mark::DeskReview) => (Mark::TeamNominated, true),
        Some(Mark::TeamNominated) => {
            (Mark::OnSite, grounds.team_stands && grounds.plan_signed_by_both)
        }
        Some(Mark::OnSite) => (Mark::ClosingMeeting, true),
        Some(Mark::ClosingMeeting) => (Mark::Draft, grounds.all_determined_or_reasoned),
        Some(Mark::Draft) => (Mark::Comments, grounds.commented || grounds.comments_over),
        Some(Mark::Comments) => (Mark::Final, grounds.has_report && grounds.comments_answered),
        Some(Mark::Final) => (Mark::Decision, grounds.ballot == Some(Ballot::Adopted)),
        Some(Mark::Decision) => return Err(Refusal::new("transition-not-allowed", "")),
    };
    if allowed {
        return Ok(next);
    }
    Err(Refusal::new("transition-not-allowed", "").with("to", next.as_str()))
}

/// Returns whether a status decision's grounds may claim the report of a procedure at this mark.
#[must_use]
pub fn supports(mark: Option<Mark>, grounds: &Grounds) -> bool {
    !grounds.has_final_report || mark.is_some_and(|mark| mark >= Mark::Final)
}
