//! The file of an assessment: what the records of its room add up to.
//!
//! Like the book of a standard it is total and can be replayed by anyone who holds the room and what of it
//! was opened. It reads the standard's book for questions, profile and timers as they stood at an instant,
//! so that what happens to the standard later changes nothing here. Not here: who may certify (`book`).

mod apply;
mod decide;
mod open;
mod score;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use super::act::Basis;
use super::book::{Book, Void};
use super::day::{Day, Instant};
use super::jurisdiction::JurisdictionUrn;
use super::pause::Pause;
use super::procedure::Mark;
use super::publication::Publication;
use super::record::{Record, Side};
use super::step::{
    Action, AddEvidence, Apply, AssessmentAct, Claimed, DecideAssessment, Determine, FilePlan,
    FileReport, NoteObservation, RateOutcome, Verdict, WriteFinding,
};
use super::team::Member;
use crate::refusal::Refusal;

pub use score::Scored;

/// A record of an assessment's room.
pub type AssessmentRecord = Record<AssessmentAct>;

/// Pieces of evidence, findings, comments and the like of one assessment at most.
pub const RECORDS_MAX: usize = 10_000;

/// The assessors' answer to a question, with its instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Determined {
    /// When.
    pub at: Instant,
    /// What.
    pub act: Determine,
}

/// An action of the plan and its course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionCourse {
    /// As it was filed, with its day as it is now.
    pub action: Action,
    /// Days before, with the reasons of their change.
    pub revisions: Vec<(Day, String)>,
    /// How far it was done.
    pub verdict: Option<Verdict>,
    /// Evidence of that.
    pub evidence: BTreeSet<String>,
}

/// A corrective action plan and its course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The day it was filed.
    pub filed_on: Day,
    /// How long it runs.
    pub months: u32,
    /// How often it was renewed.
    pub renewals: u32,
    /// The day it was accepted.
    pub accepted_on: Option<Day>,
    /// The actions by id.
    pub actions: BTreeMap<String, ActionCourse>,
}

/// The file of an assessment.
#[derive(Clone, Debug)]
pub struct File {
    /// The application.
    pub applied: Apply,
    /// The instant of the application: the profile of then governs.
    pub applied_at: Instant,
    /// The mark.
    pub mark: Mark,
    /// The day of each mark.
    pub marks: BTreeMap<Mark, Day>,
    /// The jurisdiction's own answers by question.
    pub claims: BTreeMap<String, Claimed>,
    /// The evidence by id, with the day it came in.
    pub evidence: BTreeMap<String, (Day, AddEvidence)>,
    /// The plan.
    pub plan: Option<FilePlan>,
    /// Whether each side has signed it: assessors, subject.
    pub signed: (bool, bool),
    /// The team.
    pub team: Vec<Member>,
    /// Objections, in order.
    pub objections: Vec<(String, String)>,
    /// Observations by id.
    pub observations: BTreeMap<String, NoteObservation>,
    /// The answers by question.
    pub determined: BTreeMap<String, Determined>,
    /// Findings by id.
    pub findings: BTreeMap<String, WriteFinding>,
    /// Ratings by outcome.
    pub outcomes: BTreeMap<String, RateOutcome>,
    /// Comments by id, with their answers.
    pub comments: BTreeMap<String, (String, Option<String>)>,
    /// The final report, with its instant.
    pub report: Option<(Instant, FileReport)>,
    /// The corrective action plan.
    pub cap: Option<Cap>,
    /// The decision.
    pub decision: Option<DecideAssessment>,
    /// What the profile that governs opens of it.
    pub publication: Publication,
    /// The day its report was published, and by which side.
    pub published: Option<(Day, Side)>,
    /// Pauses of its timers, in order.
    pub pauses: Vec<Pause>,
    /// The instant of the newest record.
    pub last_at: Instant,
    /// The newest record that counts.
    pub head: String,
    /// Records that count for nothing.
    pub voids: Vec<Void>,
}

impl File {
    /// Opens the file with its first record.
    pub fn start(book: &Book, record: &AssessmentRecord) -> Result<Self, Refusal> {
        let AssessmentAct::Apply(applied) = &record.act else {
            return Err(Refusal::new("assessment-not-applied", "/kind"));
        };
        decide::check_application(book, applied, record.at)?;
        Ok(Self {
            applied: applied.clone(),
            applied_at: record.at,
            mark: Mark::Applied,
            marks: BTreeMap::from([(Mark::Applied, record.at.day())]),
            claims: BTreeMap::new(),
            evidence: BTreeMap::new(),
            plan: None,
            signed: (false, false),
            team: Vec::new(),
            objections: Vec::new(),
            observations: BTreeMap::new(),
            determined: BTreeMap::new(),
            findings: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            comments: BTreeMap::new(),
            report: None,
            cap: None,
            decision: None,
            publication: book
                .profile_at(record.at)
                .map_or(Publication::SILENT, |dated| dated.profile.publication),
            published: None,
            pauses: Vec::new(),
            last_at: record.at,
            head: record.id.clone(),
            voids: Vec::new(),
        })
    }

    /// Takes the next record: it counts if it may be done, else it is kept as void.
    pub fn take(&mut self, book: &Book, record: &AssessmentRecord) {
        match self.decide(book, record) {
            Ok(()) => self.apply(book, record),
            Err(refusal) => self.reject(&record.id, refusal.code),
        }
    }

    /// Keeps an entry that is no record, or whose sealed part is gone, by its code.
    pub fn reject(&mut self, entry: &str, code: &'static str) {
        if self.voids.len() < RECORDS_MAX {
            self.voids.push(Void { entry: entry.to_owned(), code });
        }
    }

    /// Returns whom it is about.
    #[must_use]
    pub const fn jurisdiction(&self) -> &JurisdictionUrn {
        &self.applied.jurisdiction
    }

    /// Returns the closing day, on which evidence must still speak.
    #[must_use]
    pub fn closed_on(&self) -> Option<Day> {
        self.marks.get(&Mark::ClosingMeeting).copied()
    }

    /// Returns whether a milestone of an accepted plan is past and not verified fully.
    #[must_use]
    pub fn is_cap_overdue(&self, today: Day) -> bool {
        self.cap.as_ref().filter(|cap| cap.accepted_on.is_some()).is_some_and(|cap| {
            cap.actions
                .values()
                .any(|course| course.action.due < today && course.verdict != Some(Verdict::Fully))
        })
    }

    /// Returns whether every action of an accepted plan is verified fully.
    #[must_use]
    pub fn is_plan_verified(&self) -> bool {
        self.cap.as_ref().filter(|cap| cap.accepted_on.is_some()).is_some_and(|cap| {
            !cap.actions.is_empty()
                && cap.actions.values().all(|course| course.verdict == Some(Verdict::Fully))
        })
    }

    /// Returns what a decision in the standard's room takes from this file at an instant.
    #[must_use]
    pub fn basis(&self, at: Instant) -> Basis {
        let report = self.report.as_ref().map(|(_, report)| report);
        Basis {
            assessment: self.applied.assessment.clone(),
            entry: self.head.clone(),
            jurisdiction: self.applied.jurisdiction.clone(),
            purpose: self.applied.purpose,
            mark: Some(self.mark),
            report: report.map(|report| report.sha256.clone()),
            recommendation: report.and_then(|report| report.recommendation),
            linked: report.and_then(|report| report.linked).unwrap_or_default(),
            listed: report.and_then(|report| report.listed).unwrap_or_default(),
            plan_verified: self.is_plan_verified(),
            cap_overdue: self.is_cap_overdue(at.day()),
        }
    }
}
