//! What an allowed act changes in an assessment's file. Nothing is decided here.

use super::{ActionCourse, AssessmentRecord, Cap, Determined, File};
use crate::cert::book::Book;
use crate::cert::pause::{self, Pause};
use crate::cert::procedure::Mark;
use crate::cert::record::Side;
use crate::cert::step::AssessmentAct;

impl File {
    /// Changes the file by a record that [`File::decide`] allows.
    #[expect(clippy::too_many_lines, reason = "one table: an arm for each act")]
    pub(super) fn apply(&mut self, book: &Book, record: &AssessmentRecord) {
        let (at, today) = (record.at, record.at.day());
        self.last_at = at;
        self.head.clone_from(&record.id);
        match &record.act {
            AssessmentAct::Apply(_) => {}
            AssessmentAct::StepMark(act) => {
                self.mark = act.to;
                self.marks.insert(act.to, act.on.unwrap_or(today));
            }
            AssessmentAct::FileClaim(act) => {
                for answer in &act.answers {
                    self.claims.insert(answer.pq.clone(), answer.clone());
                }
            }
            AssessmentAct::AddEvidence(act) => {
                self.evidence.insert(act.evidence.clone(), (today, act.clone()));
            }
            AssessmentAct::FilePlan(act) => {
                self.plan = Some(act.clone());
                // Who signed signed another plan.
                self.signed = (false, false);
            }
            AssessmentAct::SignPlan(_) => match record.by {
                Side::Assessor => self.signed.0 = true,
                Side::Registrar | Side::Subject => self.signed.1 = true,
            },
            AssessmentAct::NameTeam(act) => {
                self.team.clone_from(&act.members);
                self.signed.0 = false;
            }
            AssessmentAct::ObjectToMember(act) => {
                self.team.retain(|member| member.id != act.member);
                self.objections.push((act.member.clone(), act.reason.clone()));
            }
            AssessmentAct::NoteObservation(act) => {
                self.observations.insert(act.observation.clone(), act.clone());
            }
            AssessmentAct::Determine(act) => {
                self.determined.insert(act.pq.clone(), Determined { at, act: act.clone() });
            }
            AssessmentAct::WriteFinding(act) => {
                self.findings.insert(act.finding.clone(), act.clone());
            }
            AssessmentAct::RateOutcome(act) => {
                self.outcomes.insert(act.eo.clone(), act.clone());
            }
            AssessmentAct::FileComment(act) => {
                self.comments.insert(act.comment.clone(), (act.text.clone(), None));
            }
            AssessmentAct::AnswerComment(act) => {
                if let Some((_, answer)) = self.comments.get_mut(&act.comment) {
                    *answer = Some(act.text.clone());
                }
            }
            AssessmentAct::FileReport(act) => {
                self.report = Some((at, act.clone()));
                self.mark = Mark::Final;
                self.marks.insert(Mark::Final, today);
            }
            AssessmentAct::FileCap(act) => {
                let course = |action: &crate::cert::step::Action| ActionCourse {
                    action: action.clone(),
                    revisions: Vec::new(),
                    verdict: None,
                    evidence: std::collections::BTreeSet::new(),
                };
                self.cap = Some(Cap {
                    filed_on: today,
                    months: act.months,
                    renewals: act.renewals,
                    accepted_on: None,
                    actions: act.actions.iter().map(|a| (a.action.clone(), course(a))).collect(),
                });
            }
            AssessmentAct::AcceptCap(_) => {
                if let Some(cap) = &mut self.cap {
                    cap.accepted_on = Some(today);
                }
            }
            AssessmentAct::ReviseCap(act) => {
                let course = self.cap.as_mut().and_then(|cap| cap.actions.get_mut(&act.action));
                if let Some(course) = course {
                    course.revisions.push((course.action.due, act.reason.clone()));
                    course.action.due = act.due;
                }
            }
            AssessmentAct::VerifyCap(act) => {
                let course = self.cap.as_mut().and_then(|cap| cap.actions.get_mut(&act.action));
                if let Some(course) = course {
                    course.verdict = Some(act.verdict);
                    course.evidence.clone_from(&act.evidence);
                }
            }
            AssessmentAct::PauseTimer(act) => {
                let dues = self.dues(book, at);
                let run = dues.into_iter().find(|due| due.timer == act.timer);
                self.pauses.extend(run.map(|due| Pause {
                    act: act.clone(),
                    since: due.since,
                    from: today,
                    until: None,
                    resumed: None,
                }));
            }
            AssessmentAct::PublishReport(_) => self.published = Some((today, record.by)),
            AssessmentAct::ResumeTimer(act) => pause::resume(act, &mut self.pauses, today),
            AssessmentAct::DecideAssessment(act) => {
                self.decision = Some(act.clone());
                self.mark = Mark::Decision;
                self.marks.insert(Mark::Decision, today);
            }
        }
    }
}
