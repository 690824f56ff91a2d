//! What is done in an assessment's room: claims, evidence, team, findings, report, corrective action plan.
//!
//! Not here: when it may be done (`file`), and what is done in the standard's room (`act`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::act::Purpose;
use super::day::Day;
use super::jurisdiction::JurisdictionUrn;
use super::pause::{PAUSE_OPEN, PauseTimer, ResumeTimer};
use super::procedure::Mark;
use super::publication::PublishReport;
use super::record::{self, Kind, Open, Side, acts};
use super::tally::State as Ballot;
use super::team::Member;
use super::word::{Answer, ConcernState, Effectiveness, Recommendation, words};
use crate::refusal::Refusal;

acts! {
    /// An act in an assessment's room. What is not open is sealed.
    AssessmentAct {
        "cert.assessment.apply" => Apply, by [Registrar, Subject], open Open::All;
        "cert.assessment.step" => StepMark, by [Assessor, Registrar], open Open::All;
        "cert.claim.file" => FileClaim, by [Subject], open Open::Only(&[]);
        "cert.evidence.add" => AddEvidence, by [Assessor, Subject], open Open::Only(&["evidence"]);
        "cert.plan.file" => FilePlan, by [Assessor], open Open::Only(&["from", "until"]);
        "cert.plan.sign" => SignPlan, by [Assessor, Subject], open Open::Only(&[]);
        "cert.team.name" => NameTeam, by [Registrar], open Open::Only(&[]);
        "cert.team.object" => ObjectToMember, by [Subject], open Open::Only(&[]);
        "cert.observation.note" => NoteObservation, by [Assessor], open Open::Only(&["observation"]);
        "cert.question.determine" => Determine, by [Assessor], open Open::Only(&[]);
        "cert.finding.write" => WriteFinding, by [Assessor], open Open::Only(&["finding"]);
        "cert.outcome.rate" => RateOutcome, by [Assessor], open Open::Only(&[]);
        "cert.comment.file" => FileComment, by [Subject], open Open::Only(&["comment"]);
        "cert.comment.answer" => AnswerComment, by [Assessor], open Open::Only(&["comment"]);
        "cert.report.file" => FileReport, by [Assessor],
            open Open::Only(&["sha256", "recommendation", "score", "linked", "listed"]);
        "cert.report.publish" => PublishReport, by [Registrar, Subject], open Open::All;
        "cert.cap.file" => FileCap, by [Subject], open Open::Only(&["months", "renewals"]);
        "cert.cap.accept" => AcceptCap, by [Registrar], open Open::All;
        "cert.cap.revise" => ReviseCap, by [Subject], open Open::Only(&["action", "due"]);
        "cert.cap.verify" => VerifyCap, by [Assessor], open Open::Only(&["action", "verdict"]);
        "cert.timer.pause" => PauseTimer, by [Registrar], open PAUSE_OPEN;
        "cert.timer.resume" => ResumeTimer, by [Registrar], open PAUSE_OPEN;
        "cert.assessment.decide" => DecideAssessment, by [Registrar], open Open::All;
    }
}

/// A jurisdiction applies, or is assessed again: the first record of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// The assessment's id.
    pub assessment: String,
    /// The standard.
    pub standard: String,
    /// Whom it is about: a jurisdiction that the register lists, and nothing else.
    pub jurisdiction: JurisdictionUrn,
    /// What it is for.
    pub purpose: Purpose,
}

/// The procedure goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepMark {
    /// The next mark.
    pub to: Mark,
    /// The day it was reached; the record's unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
}

/// The jurisdiction's own answers: a claim, which enters no score (CT-08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileClaim {
    /// The answers.
    pub answers: Vec<Claimed>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claimed {
    /// The question.
    pub pq: String,
    /// The answer.
    pub answer: Answer,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Ids of evidence.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub evidence: BTreeSet<String>,
}

/// A piece of evidence: its effective dates, when it was collected and when it came in stand apart (CT-09).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddEvidence {
    /// Its id.
    pub evidence: String,
    /// `sha256:` of the bytes.
    pub sha256: String,
    /// The first day it speaks for; not the day it was handed in.
    pub effective_from: Day,
    /// The last day it speaks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Day>,
    /// The day it was collected.
    pub collected_on: Day,
    /// Who collected it: an office.
    pub collector: String,
    /// How: a method of the catalogue.
    pub method: String,
    /// What was sampled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// The hub that holds the bytes.
    pub holder: String,
    /// Where the bytes stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The questions it is about.
    pub about: BTreeSet<String>,
    /// What it speaks for, if it does: S or NS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Answer>,
}

words! {
    /// How the team looks.
    Visit {
        OnSite = "onsite",
        Remote = "remote",
    }
}

/// The plan of the assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePlan {
    /// What is looked at.
    pub scope: String,
    /// The first day of the visit.
    pub from: Day,
    /// The last day of the visit.
    pub until: Day,
    /// How samples are drawn.
    pub sampling: String,
    /// How the team looks.
    pub visit: Visit,
}

/// A side signs the plan; for the assessors a member of the team does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignPlan {
    /// The member who signs for the assessors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

/// The team, all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameTeam {
    /// Pseudonyms or offices, with what matters for conflicts.
    pub members: Vec<Member>,
}

/// The subject objects to a member, with reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectToMember {
    /// The member.
    pub member: String,
    /// Why.
    pub reason: String,
}

/// Something a team saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteObservation {
    /// Its id.
    pub observation: String,
    /// The day it was seen.
    pub on: Day,
    /// The question it bears on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pq: Option<String>,
    /// What was seen; offices, not people.
    pub text: String,
}

/// The assessors' answer to a question; a later one replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determine {
    /// The question.
    pub pq: String,
    /// The answer.
    pub answer: Answer,
    /// Why; needed for U, and where evidence conflicts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Ids of evidence.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub evidence: BTreeSet<String>,
    /// Whether both sides agree that it does not apply.
    #[serde(default)]
    pub na_agreed: bool,
    /// Why it does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub na_reason: Option<String>,
}

words! {
    /// How grave a finding is (CT-11).
    Grade {
        Major = "major",
        Minor = "minor",
        SensitivePoint = "sensitive-point",
        Opportunity = "opportunity",
        Strength = "strength",
    }
}

/// A finding; it names offices, not people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteFinding {
    /// Its id.
    pub finding: String,
    /// The question.
    pub pq: String,
    /// How grave.
    pub grade: Grade,
    /// What was found.
    pub text: String,
    /// Why it came about.
    pub root_cause: String,
    /// The office concerned.
    pub office: String,
    /// Ids of evidence.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub evidence: BTreeSet<String>,
}

/// How effective an outcome is, with rationale and dissent (CT-14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateOutcome {
    /// The outcome.
    pub eo: String,
    /// How effective.
    pub rating: Effectiveness,
    /// Why; without it the rating counts as undetermined.
    pub rationale: String,
    /// Who of the panel thinks otherwise, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dissent: Option<String>,
}

/// The jurisdiction comments on the draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileComment {
    /// Its id.
    pub comment: String,
    /// What it says.
    pub text: String,
}

/// The team answers a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerComment {
    /// The comment.
    pub comment: String,
    /// What it says.
    pub text: String,
}

/// A concern as it stands in the standard's book; computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcernSeen {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: ConcernState,
    /// Its control.
    pub control: String,
    /// Whether there is no wind-down.
    pub immediate: bool,
}

/// The final report, with what the score says; all but the hash and the text is computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileReport {
    /// `sha256:` of the report.
    pub sha256: String,
    /// Concerns about the jurisdiction; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns: Option<Vec<ConcernSeen>>,
    /// What the score recommends; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<Recommendation>,
    /// Hash of the score; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// Both trade rules are satisfied; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked: Option<bool>,
    /// A listing rule holds; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
}

/// A corrective action plan (CT-18); filed again it replaces one that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileCap {
    /// How long it runs.
    pub months: u32,
    /// How often it was renewed.
    #[serde(default)]
    pub renewals: u32,
    /// The actions.
    pub actions: Vec<Action>,
}

/// An action of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its id.
    pub action: String,
    /// The findings it answers.
    pub findings: BTreeSet<String>,
    /// The office that does it.
    pub office: String,
    /// What is done.
    pub text: String,
    /// The day it is due.
    pub due: Day,
}

/// The plan is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptCap {}

/// A date of the plan is changed; the old one is kept, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviseCap {
    /// The action.
    pub action: String,
    /// The new day.
    pub due: Day,
    /// Why.
    pub reason: String,
}

words! {
    /// How far an action was done.
    Verdict {
        Fully = "fully",
        Partially = "partially",
        Not = "not",
    }
}

/// An action is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyCap {
    /// The action.
    pub action: String,
    /// How far it was done.
    pub verdict: Verdict,
    /// Ids of evidence.
    pub evidence: BTreeSet<String>,
}

/// The organ has decided on the assessment; what the standard's book says of the motion is computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideAssessment {
    /// The motion in the standard's room.
    pub motion: String,
    /// What was decided; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// Where the motion stands; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Ballot>,
    /// Hash of its tally; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tally: Option<String>,
}
