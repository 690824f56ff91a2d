//! Whether an act may be done in an assessment; nothing is changed here.

use std::collections::BTreeSet;

use super::{AssessmentRecord, File, RECORDS_MAX};
use crate::cert::book::Book;
use crate::cert::day::Instant;
use crate::cert::pause::{self, PauseTimer};
use crate::cert::procedure::{self, Mark, StepGrounds};
use crate::cert::record::{Side, check_hash, check_id, check_items, check_side, check_text};
use crate::cert::step::{
    AddEvidence, Apply, AssessmentAct, DecideAssessment, Determine, FileCap, FileClaim, FilePlan,
    FileReport, ReviseCap, SignPlan, StepMark, VerifyCap, WriteFinding,
};
use crate::cert::tally::State as Ballot;
use crate::cert::team;
use crate::cert::word::{Answer, Word as _};
use crate::refusal::Refusal;

/// Checks an application: the version applies, and the register lists whom it is about.
pub(super) fn check_application(book: &Book, act: &Apply, at: Instant) -> Result<(), Refusal> {
    check_id(&act.assessment, "assessment")?;
    if act.standard != book.standard() {
        return Err(Refusal::new("register-wrong-standard", "/standard"));
    }
    if !book.jurisdictions.contains_key(&act.jurisdiction) {
        return Err(Refusal::new("unknown-jurisdiction", "/jurisdiction")
            .with("jurisdiction", act.jurisdiction.as_str()));
    }
    book.profile_in_force(at)?;
    if book.questions_at(at).is_empty() {
        return Err(Refusal::new("questions-missing", "/standard"));
    }
    let grounds = StepGrounds {
        version_applicable: book.version_applies(at.day()),
        ..StepGrounds::default()
    };
    procedure::step(None, &grounds).map(drop)
}

fn unknown(key: &str) -> Refusal {
    Refusal::new("id-unknown", format!("/{key}"))
}

fn taken(key: &str) -> Refusal {
    Refusal::new("id-taken", format!("/{key}"))
}

fn too_early(mark: Mark) -> Refusal {
    Refusal::new("transition-not-allowed", "/kind").with("mark", mark.as_str())
}

impl File {
    /// Says why a record may not be done now, if it may not.
    #[expect(clippy::too_many_lines, reason = "one table: an arm for each act")]
    pub fn decide(&self, book: &Book, record: &AssessmentRecord) -> Result<(), Refusal> {
        check_side(AssessmentAct::KINDS, record.act.kind(), record.by)?;
        let at = record.at;
        if at <= self.last_at {
            return Err(Refusal::new("bad-date", "/at").with("why", "not after the last record"));
        }
        match &record.act {
            AssessmentAct::Apply(_) => Err(taken("assessment")),
            AssessmentAct::StepMark(act) => self.decide_step(book, act, at),
            AssessmentAct::FileClaim(act) => self.decide_claim(book, act, at),
            AssessmentAct::AddEvidence(act) => self.decide_evidence(book, act, at),
            AssessmentAct::FilePlan(act) => self.decide_plan(act, at),
            AssessmentAct::SignPlan(act) => self.decide_signature(book, act, record.by),
            AssessmentAct::NameTeam(act) => {
                check_items(&act.members, "members")?;
                self.during(Mark::DeskReview, Mark::TeamNominated)?;
                let names: BTreeSet<&str> =
                    act.members.iter().map(|member| member.id.as_str()).collect();
                if self.objections.iter().any(|(member, _)| names.contains(member.as_str())) {
                    return Err(Refusal::new("member-objected", "/members"));
                }
                match self.limits(book)? {
                    Some(limits) => team::check(&act.members, self.jurisdiction(), &limits),
                    None => Ok(()),
                }
            }
            AssessmentAct::ObjectToMember(act) => {
                self.during(Mark::DeskReview, Mark::TeamNominated)?;
                if !self.team.iter().any(|member| member.id == act.member) {
                    return Err(unknown("member"));
                }
                let earlier = u64::try_from(self.objections.len()).unwrap_or(u64::MAX);
                match self.limits(book)? {
                    Some(limits) => team::check_objection(earlier, &act.reason, &limits),
                    None => Err(Refusal::new("objections-spent", "/member")),
                }
            }
            AssessmentAct::NoteObservation(act) => {
                check_id(&act.observation, "observation")?;
                check_text(&act.text, "text")?;
                self.during(Mark::DeskReview, Mark::Comments)?;
                act.pq.as_ref().map_or(Ok(()), |pq| Self::check_question(book, pq, at))?;
                if act.on > at.day() {
                    return Err(Refusal::new("bad-date", "/on"));
                }
                self.free(self.observations.len(), self.observations.contains_key(&act.observation))
            }
            AssessmentAct::Determine(act) => self.decide_answer(book, act, at),
            AssessmentAct::WriteFinding(act) => self.decide_finding(book, act, at),
            AssessmentAct::RateOutcome(act) => {
                self.during(Mark::DeskReview, Mark::Comments)?;
                let dated = book.profile_at(self.applied_at).ok_or_else(|| unknown("eo"))?;
                if !dated.profile.outcomes.contains(&act.eo) {
                    return Err(
                        Refusal::new("score-bad-outcome", "/eo").with("eo", act.eo.as_str())
                    );
                }
                act.dissent.as_ref().map_or(Ok(()), |text| check_text(text, "dissent"))
            }
            AssessmentAct::FileComment(act) => {
                check_id(&act.comment, "comment")?;
                check_text(&act.text, "text")?;
                self.during(Mark::Draft, Mark::Comments)?;
                self.free(self.comments.len(), self.comments.contains_key(&act.comment))
            }
            AssessmentAct::AnswerComment(act) => {
                check_text(&act.text, "text")?;
                self.during(Mark::Draft, Mark::Comments)?;
                match self.comments.get(&act.comment) {
                    Some((_, None)) => Ok(()),
                    Some(_) => Err(taken("comment")),
                    None => Err(unknown("comment")),
                }
            }
            AssessmentAct::FileReport(act) => self.decide_report(book, act, at),
            AssessmentAct::FileCap(act) => self.decide_cap(act, at),
            AssessmentAct::AcceptCap(_) => match &self.cap {
                Some(cap) if cap.accepted_on.is_none() => Ok(()),
                Some(_) | None => Err(Refusal::new("transition-not-allowed", "/cap")),
            },
            AssessmentAct::ReviseCap(act) => self.decide_revision(act, at),
            AssessmentAct::VerifyCap(act) => self.decide_verdict(act),
            AssessmentAct::PauseTimer(act) => self.decide_pause(book, act, at),
            AssessmentAct::PublishReport(act) => self.decide_publication(act, record.by),
            AssessmentAct::ResumeTimer(act) => pause::find_open(act, &self.pauses).map(drop),
            AssessmentAct::DecideAssessment(act) => self.decide_decision(book, act),
        }
    }

    /// Refuses an act before the first or after the last of two marks.
    fn during(&self, first: Mark, last: Mark) -> Result<(), Refusal> {
        if first <= self.mark && self.mark <= last { Ok(()) } else { Err(too_early(self.mark)) }
    }

    #[expect(clippy::unused_self, reason = "reads like the other checks of a file")]
    fn free(&self, count: usize, is_taken: bool) -> Result<(), Refusal> {
        if is_taken {
            return Err(taken("id"));
        }
        if count < RECORDS_MAX {
            return Ok(());
        }
        Err(Refusal::new("list-too-long", "").with("max", RECORDS_MAX))
    }

    fn limits(&self, book: &Book) -> Result<Option<crate::cert::profile::ConflictLimits>, Refusal> {
        let dated = book.profile_at(self.applied_at);
        dated.map(|dated| dated.profile.conflict).ok_or_else(|| unknown("profile"))
    }

    fn check_question(book: &Book, pq: &str, at: Instant) -> Result<(), Refusal> {
        if book.questions_at(at).iter().any(|question| question.pq == pq) {
            return Ok(());
        }
        Err(Refusal::new("question-unknown", "/pq").with("pq", pq))
    }

    /// Returns what the next mark rests on.
    fn step_grounds(&self, book: &Book, at: Instant) -> Result<StepGrounds, Refusal> {
        let questions = book.questions_at(at);
        let drafted = self.marks.get(&Mark::Draft).copied();
        let over = |timer: &str, day: Option<crate::cert::day::Day>| {
            day.is_some_and(|day| self.running(book, timer, day, at).is_none_or(|due| due.over))
        };
        let nominated = self.marks.get(&Mark::TeamNominated).copied();
        let limits = self.limits(book)?;
        let fits = limits
            .is_none_or(|limits| team::check(&self.team, self.jurisdiction(), &limits).is_ok());
        Ok(StepGrounds {
            version_applicable: true,
            all_answered: questions.iter().all(|q| self.claims.contains_key(&q.pq)),
            // It stands once both have signed, or the time to object is over.
            team_stands: fits
                && !self.team.is_empty()
                && (self.signed.1 || over("team-objection", nominated)),
            plan_signed_by_both: self.signed == (true, true),
            all_determined_or_reasoned: questions.iter().all(|q| self.is_determined(&q.pq)),
            comments_over: over("comments", drafted),
            commented: !self.comments.is_empty(),
            comments_answered: self.comments.values().all(|(_, answer)| answer.is_some()),
            has_report: false,
            ballot: None,
        })
    }

    /// A question is determined, or undetermined with a reason; NS needs a finding (CT-11).
    fn is_determined(&self, pq: &str) -> bool {
        self.determined.get(pq).is_some_and(|determined| match determined.act.answer {
            Answer::Undetermined => {
                determined.act.reason.as_ref().is_some_and(|text| !text.trim().is_empty())
            }
            Answer::NotSatisfied => self.findings.values().any(|finding| finding.pq == pq),
            Answer::NotApplicable | Answer::Satisfied => true,
        })
    }

    fn decide_step(&self, book: &Book, act: &StepMark, at: Instant) -> Result<(), Refusal> {
        // The report and the decision are acts of their own.
        if matches!(act.to, Mark::Final | Mark::Decision | Mark::Applied) {
            return Err(too_early(self.mark));
        }
        let on = act.on.unwrap_or_else(|| at.day());
        let before = self.marks.get(&self.mark).copied();
        if on > at.day() || before.is_some_and(|before| on < before) {
            return Err(Refusal::new("bad-date", "/on").with("why", "marks follow one another"));
        }
        let next = procedure::step(Some(self.mark), &self.step_grounds(book, at)?)?;
        if act.to == Mark::TeamNominated && self.team.is_empty() {
            return Err(Refusal::new("team-too-small", "/to"));
        }
        if next == act.to { Ok(()) } else { Err(too_early(self.mark)) }
    }

    fn decide_claim(&self, book: &Book, act: &FileClaim, at: Instant) -> Result<(), Refusal> {
        if self.mark != Mark::Applied {
            return Err(too_early(self.mark));
        }
        check_items(&act.answers, "answers")?;
        let mut seen = BTreeSet::new();
        for (place, answer) in act.answers.iter().enumerate() {
            let under = |mut refusal: Refusal| {
                refusal.pointer = format!("/answers/{place}{}", refusal.pointer);
                refusal
            };
            Self::check_question(book, &answer.pq, at).map_err(under)?;
            if !seen.insert(&answer.pq) {
                return Err(under(Refusal::new("score-duplicate-pq", "/pq")));
            }
            self.check_evidence(&answer.evidence).map_err(under)?;
        }
        Ok(())
    }

    fn check_evidence(&self, ids: &BTreeSet<String>) -> Result<(), Refusal> {
        match ids.iter().find(|id| !self.evidence.contains_key(*id)) {
            None => Ok(()),
            Some(id) => {
                Err(Refusal::new("evidence-unknown", "/evidence").with("evidence", id.as_str()))
            }
        }
    }

    fn decide_evidence(&self, book: &Book, act: &AddEvidence, at: Instant) -> Result<(), Refusal> {
        check_id(&act.evidence, "evidence")?;
        check_hash(&act.sha256, "sha256")?;
        for (key, text) in
            [("collector", &act.collector), ("method", &act.method), ("holder", &act.holder)]
        {
            check_text(text, key)?;
        }
        if act.about.is_empty() {
            return Err(Refusal::new("field-missing", "/about"));
        }
        act.about.iter().try_for_each(|pq| Self::check_question(book, pq, at))?;
        if matches!(act.shows, Some(Answer::NotApplicable | Answer::Undetermined)) {
            return Err(Refusal::new("field-invalid", "/shows"));
        }
        if act.effective_until.is_some_and(|until| until < act.effective_from) {
            return Err(Refusal::new("bad-date", "/effective_until"));
        }
        // It is collected when there is something to collect, and comes in after that.
        if act.collected_on > at.day() || act.collected_on < act.effective_from {
            return Err(Refusal::new("bad-date", "/collected_on"));
        }
        self.free(self.evidence.len(), self.evidence.contains_key(&act.evidence))
    }

    fn decide_plan(&self, act: &FilePlan, at: Instant) -> Result<(), Refusal> {
        self.during(Mark::DeskReview, Mark::TeamNominated)?;
        check_text(&act.scope, "scope")?;
        check_text(&act.sampling, "sampling")?;
        if act.until < act.from || act.from < at.day() {
            return Err(Refusal::new("bad-date", "/from"));
        }
        Ok(())
    }

    fn decide_signature(&self, book: &Book, act: &SignPlan, by: Side) -> Result<(), Refusal> {
        self.during(Mark::DeskReview, Mark::TeamNominated)?;
        if self.plan.is_none() || self.team.is_empty() {
            return Err(Refusal::new("plan-missing", "/kind"));
        }
        let limits = self.limits(book)?;
        match (by, &act.member) {
            (Side::Assessor, Some(id)) => {
                let member = self.team.iter().find(|member| member.id == *id);
                let member = member.ok_or_else(|| unknown("member"))?;
                let conflict =
                    limits.and_then(|limits| team::conflict(member, self.jurisdiction(), &limits));
                match conflict {
                    None => Ok(()),
                    Some(conflict) => Err(Refusal::new("assessor-conflicted", "/member")
                        .with("conflict", conflict.as_str())),
                }
            }
            (Side::Subject, None) => Ok(()),
            (Side::Assessor, None) => Err(Refusal::new("field-missing", "/member")),
            (Side::Registrar | Side::Subject, _) => Err(Refusal::new("not-your-act", "/member")),
        }
    }

    fn decide_answer(&self, book: &Book, act: &Determine, at: Instant) -> Result<(), Refusal> {
        self.during(Mark::DeskReview, Mark::Comments)?;
        Self::check_question(book, &act.pq, at)?;
        self.check_evidence(&act.evidence)?;
        let reason = act.reason.as_deref().unwrap_or_default();
        match act.answer {
            Answer::Undetermined => check_text(reason, "reason")?,
            Answer::Satisfied | Answer::NotSatisfied if act.evidence.is_empty() => {
                return Err(Refusal::new("evidence-missing", "/evidence"));
            }
            Answer::NotApplicable | Answer::NotSatisfied | Answer::Satisfied => {}
        }
        // Where evidence speaks for both, whoever decides says why.
        let decides = matches!(act.answer, Answer::NotSatisfied | Answer::Satisfied);
        if decides && reason.trim().is_empty() && self.conflicts(&act.pq, at.day()) {
            return Err(Refusal::new("evidence-conflict", "/reason").with("pq", act.pq.as_str()));
        }
        Ok(())
    }

    fn decide_finding(&self, book: &Book, act: &WriteFinding, at: Instant) -> Result<(), Refusal> {
        check_id(&act.finding, "finding")?;
        for (key, text) in
            [("text", &act.text), ("root_cause", &act.root_cause), ("office", &act.office)]
        {
            check_text(text, key)?;
        }
        self.during(Mark::DeskReview, Mark::Comments)?;
        Self::check_question(book, &act.pq, at)?;
        self.check_evidence(&act.evidence)?;
        self.free(self.findings.len(), self.findings.contains_key(&act.finding))
    }

    fn decide_report(&self, book: &Book, act: &FileReport, at: Instant) -> Result<(), Refusal> {
        check_hash(&act.sha256, "sha256")?;
        let grounds = StepGrounds { has_report: true, ..self.step_grounds(book, at)? };
        if procedure::step(Some(self.mark), &grounds)? != Mark::Final {
            return Err(too_early(self.mark));
        }
        if self.completed_report(book, act, at)? == *act {
            return Ok(());
        }
        Err(Refusal::new("score-differs", "/score"))
    }

    fn decide_cap(&self, act: &FileCap, at: Instant) -> Result<(), Refusal> {
        if self.mark < Mark::Draft {
            return Err(too_early(self.mark));
        }
        if self.cap.as_ref().is_some_and(|cap| cap.accepted_on.is_some()) {
            return Err(Refusal::new("transition-not-allowed", "/cap"));
        }
        check_items(&act.actions, "actions")?;
        let ids: BTreeSet<&str> = act.actions.iter().map(|a| a.action.as_str()).collect();
        if act.actions.is_empty() || ids.len() != act.actions.len() {
            return Err(Refusal::new("field-invalid", "/actions"));
        }
        for (place, action) in act.actions.iter().enumerate() {
            let at_place = |key: &str| format!("/actions/{place}/{key}");
            check_id(&action.action, "action")
                .map_err(|r| Refusal::new(r.code, at_place("action")))?;
            check_text(&action.office, "office")
                .and_then(|()| check_text(&action.text, "text"))
                .map_err(|refusal| Refusal::new(refusal.code, at_place("text")))?;
            if action.findings.is_empty()
                || action.findings.iter().any(|id| !self.findings.contains_key(id))
            {
                return Err(Refusal::new("id-unknown", at_place("findings")));
            }
            if action.due <= at.day() {
                return Err(Refusal::new("bad-date", at_place("due")));
            }
        }
        Ok(())
    }

    fn decide_revision(&self, act: &ReviseCap, at: Instant) -> Result<(), Refusal> {
        check_text(&act.reason, "reason")?;
        let cap = self.cap.as_ref().ok_or_else(|| unknown("cap"))?;
        let course = cap.actions.get(&act.action).ok_or_else(|| unknown("action"))?;
        if course.revisions.len() >= RECORDS_MAX || act.due <= at.day() {
            return Err(Refusal::new("bad-date", "/due"));
        }
        Ok(())
    }

    fn decide_verdict(&self, act: &VerifyCap) -> Result<(), Refusal> {
        let cap = self.cap.as_ref().filter(|cap| cap.accepted_on.is_some());
        let cap = cap.ok_or_else(|| Refusal::new("transition-not-allowed", "/cap"))?;
        if !cap.actions.contains_key(&act.action) {
            return Err(unknown("action"));
        }
        if act.evidence.is_empty() {
            return Err(Refusal::new("evidence-missing", "/evidence"));
        }
        self.check_evidence(&act.evidence)
    }

    fn decide_pause(&self, book: &Book, act: &PauseTimer, at: Instant) -> Result<(), Refusal> {
        self.free(self.pauses.len(), false)?;
        let dated = book.profile_at(self.applied_at).ok_or_else(|| unknown("profile"))?;
        let motion =
            act.motion.as_ref().map(|id| book.motion_on_pause(id, act, self.jurisdiction()));
        let ballot = motion.transpose()?;
        if ballot.is_some() && self.pauses.iter().any(|pause| pause.act.motion == act.motion) {
            return Err(Refusal::new("motion-spent", "/motion"));
        }
        pause::check_pause(act, &self.dues(book, at), &dated.profile.timers, ballot)
    }

    fn decide_decision(&self, book: &Book, act: &DecideAssessment) -> Result<(), Refusal> {
        if self.mark != Mark::Final {
            return Err(too_early(self.mark));
        }
        let known = self.completed_decision(book, act)?;
        if known != *act {
            return Err(Refusal::new("tally-differs", "/tally"));
        }
        let grounds = StepGrounds { ballot: act.state, ..StepGrounds::default() };
        match act.state {
            Some(Ballot::Adopted) => procedure::step(Some(self.mark), &grounds).map(drop),
            Some(Ballot::NoQuorum | Ballot::Open | Ballot::Rejected) | None => {
                Err(Refusal::new("transition-not-allowed", "/motion"))
            }
        }
    }

    /// Returns a decision with what the book says of its motion.
    fn completed_decision(
        &self,
        book: &Book,
        act: &DecideAssessment,
    ) -> Result<DecideAssessment, Refusal> {
        let motion = book.motions.get(&act.motion).ok_or_else(|| unknown("motion"))?;
        let is_ours = motion.opened.subject == self.jurisdiction().as_str()
            && motion.opened.about.as_ref().is_none_or(|about| *about == self.applied.assessment);
        if !is_ours {
            return Err(Refusal::new("motion-on-something-else", "/motion"));
        }
        Ok(DecideAssessment {
            motion: act.motion.clone(),
            decision: Some(motion.opened.decision.clone()),
            state: motion.closed,
            tally: motion.tally.clone(),
        })
    }

    /// Returns the computed members of an act filled in.
    pub fn completed(
        &self,
        book: &Book,
        act: AssessmentAct,
        at: Instant,
    ) -> Result<AssessmentAct, Refusal> {
        match act {
            AssessmentAct::FileReport(act) if self.mark == Mark::Comments => {
                self.completed_report(book, &act, at).map(AssessmentAct::FileReport)
            }
            AssessmentAct::DecideAssessment(act) => {
                self.completed_decision(book, &act).map(AssessmentAct::DecideAssessment)
            }
            AssessmentAct::AcceptCap(_)
            | AssessmentAct::AddEvidence(_)
            | AssessmentAct::AnswerComment(_)
            | AssessmentAct::Apply(_)
            | AssessmentAct::Determine(_)
            | AssessmentAct::FileCap(_)
            | AssessmentAct::FileClaim(_)
            | AssessmentAct::FileComment(_)
            | AssessmentAct::FilePlan(_)
            | AssessmentAct::FileReport(_)
            | AssessmentAct::NameTeam(_)
            | AssessmentAct::NoteObservation(_)
            | AssessmentAct::ObjectToMember(_)
            | AssessmentAct::PauseTimer(_)
            | AssessmentAct::PublishReport(_)
            | AssessmentAct::RateOutcome(_)
            | AssessmentAct::ResumeTimer(_)
            | AssessmentAct::ReviseCap(_)
            | AssessmentAct::SignPlan(_)
            | AssessmentAct::StepMark(_)
            | AssessmentAct::VerifyCap(_)
            | AssessmentAct::WriteFinding(_) => Ok(act),
        }
    }
}
