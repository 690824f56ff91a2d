//! What a reader sees of an assessment, and what is due in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::File;
use crate::cert::book::Book;
use crate::cert::day::{Day, Instant};
use crate::cert::procedure::Mark;
use crate::cert::timer::{Due, Run, Timer};
use crate::cert::word::Word as _;

impl File {
    /// Returns what is due at an instant, by day: tasks and proposals, never sanctions (CT-24).
    #[must_use]
    pub fn dues(&self, book: &Book, at: Instant) -> Vec<Due> {
        let Some(dated) = book.profile_at(self.applied_at) else { return Vec::new() };
        let mut starts: Vec<(&str, Day)> = Vec::new();
        if self.mark != Mark::Decision
            && let Some(day) = self.marks.get(&self.mark)
        {
            starts.push((self.mark.as_str(), *day));
        }
        if self.mark == Mark::Decision
            && self.is_plan_owed()
            && let Some(day) = self.marks.get(&Mark::Final)
        {
            starts.push((Mark::Final.as_str(), *day));
        }
        if let Some(cap) = &self.cap {
            match cap.accepted_on {
                Some(day) if !self.is_plan_verified() => starts.push(("CAP_ACCEPTED", day)),
                Some(_) => {}
                None => starts.push(("CAP_FILED", cap.filed_on)),
            }
        }
        let holidays = book.holidays(&dated.profile, at);
        let circumstance = book.circumstance(self.jurisdiction().as_str());
        let mut dues = Vec::new();
        for (mark, since) in starts {
            let run = Run { about: &self.applied.assessment, since, today: at.day() };
            let started = dated.profile.timers.iter().filter(|timer| timer.starts == mark);
            // Once decided, only the plan is still to be handed in.
            let open = started.filter(|timer| {
                self.mark != Mark::Decision || mark != Mark::Final.as_str() || is_plan(timer)
            });
            dues.extend(
                open.map(|timer| timer.standing(run, circumstance, &holidays, &self.pauses)),
            );
        }
        if self.is_cap_overdue(at.day()) {
            let late = self.cap.iter().flat_map(|cap| cap.actions.values());
            let late = late.filter(|course| {
                course.action.due < at.day()
                    && course.verdict != Some(crate::cert::step::Verdict::Fully)
            });
            dues.extend(late.map(|course| Due {
                timer: "milestone".to_owned(),
                about: course.action.action.clone(),
                since: course.action.due,
                due: course.action.due,
                on_expiry: "CAP_OVERDUE".to_owned(),
                over: true,
                confidence: "own".to_owned(),
                paused_since: None,
                paused_days: 0,
            }));
        }
        dues.sort_by(|a, b| (a.due, &a.timer).cmp(&(b.due, &b.timer)));
        dues
    }

    /// Returns where a timer of the governing profile stands that a mark started.
    pub(super) fn running(&self, book: &Book, timer: &str, since: Day, at: Instant) -> Option<Due> {
        let profile = &book.profile_at(self.applied_at)?.profile;
        let run = Run { about: &self.applied.assessment, since, today: at.day() };
        let circumstance = book.circumstance(self.jurisdiction().as_str());
        let holidays = book.holidays(profile, at);
        Some(profile.timer(timer)?.standing(run, circumstance, &holidays, &self.pauses))
    }

    /// Returns whether something was found that no plan answers yet.
    fn is_plan_owed(&self) -> bool {
        let not_satisfied =
            |found: &super::Determined| found.act.answer == crate::cert::word::Answer::NotSatisfied;
        self.cap.is_none() && self.determined.values().any(not_satisfied)
    }

    /// Returns the whole file for those who are in the procedure.
    #[must_use]
    pub fn view(&self, book: &Book, at: Instant) -> Value {
        let questions: Vec<Value> = book
            .questions_at(at)
            .iter()
            .map(|question| {
                let found = self.determined.get(&question.pq).map(|found| &found.act);
                json!({ "pq": question.pq, "area": question.area, "ce": question.ce,
                    "control": question.control, "priority": question.priority,
                    "claim": self.claims.get(&question.pq), "found": found })
            })
            .collect();
        let closed = self.closed_on().unwrap_or_else(|| at.day());
        let evidence: Vec<Value> = self
            .evidence
            .values()
            .map(|(received, act)| {
                let expired = act.effective_until.is_some_and(|until| until < closed);
                json!({ "received_on": received, "expired": expired, "act": act })
            })
            .collect();
        let comments: Vec<Value> = self
            .comments
            .iter()
            .map(|(id, (text, answer))| json!({ "comment": id, "text": text, "answer": answer }))
            .collect();
        let mut view = self.summary();
        if let Value::Object(members) = &mut view {
            let more = json!({
                "type": "comity.cert-assessment/1",
                "questions": questions, "evidence": evidence, "plan": self.plan,
                "signed": { "assessors": self.signed.0, "subject": self.signed.1 },
                "team": self.team,
                "objections": self.objections.iter()
                    .map(|(member, reason)| json!({ "member": member, "reason": reason }))
                    .collect::<Vec<_>>(),
                "observations": self.observations.values().collect::<Vec<_>>(),
                "findings": self.findings.values().collect::<Vec<_>>(),
                "outcomes": self.outcomes.values().collect::<Vec<_>>(),
                "comments": comments, "cap": self.cap_view(), "due": self.dues(book, at),
                "pauses": self.pauses.iter().map(|pause| pause.view(true)).collect::<Vec<_>>(),
                "score": self.score_now(book, at).ok().map(|scored| json!({
                    "score": scored.score,
                    "notes": scored.notes.iter()
                        .map(|(pq, code)| json!({ "pq": pq, "code": code })).collect::<Vec<_>>() })),
                "voids": self.voids.iter()
                    .map(|void| json!({ "entry": void.entry, "code": void.code }))
                    .collect::<Vec<_>>(),
                "last_at": self.last_at,
            });
            if let Value::Object(more) = more {
                members.extend(more);
            }
        }
        view
    }

    /// Returns what stands in lists of assessments.
    #[must_use]
    pub fn summary(&self) -> Value {
        let marks: BTreeMap<&str, Day> =
            self.marks.iter().map(|(mark, day)| (mark.as_str(), *day)).collect();
        let report = self.report.as_ref().map(|(_, report)| report);
        json!({ "assessment": self.applied.assessment, "standard": self.applied.standard,
            "jurisdiction": self.applied.jurisdiction, "purpose": self.applied.purpose,
            "mark": self.mark, "marks": marks,
            "report": report.map(|report| &report.sha256),
            "recommendation": report.and_then(|report| report.recommendation),
            "decision": self.decision, "publication": self.publication,
            "published_on": self.published.map(|(day, _)| day) })
    }

    fn cap_view(&self) -> Value {
        let Some(cap) = &self.cap else { return Value::Null };
        let actions: Vec<Value> = cap
            .actions
            .values()
            .map(|course| {
                let revisions: Vec<Value> = course
                    .revisions
                    .iter()
                    .map(|(due, reason)| json!({ "was_due": due, "reason": reason }))
                    .collect();
                json!({ "action": course.action, "revisions": revisions,
                    "verdict": course.verdict, "evidence": course.evidence })
            })
            .collect();
        json!({ "filed_on": cap.filed_on, "accepted_on": cap.accepted_on, "months": cap.months,
            "renewals": cap.renewals, "actions": actions })
    }
}

/// The timer in which a plan is to be handed in.
fn is_plan(timer: &Timer) -> bool {
    timer.name == "cap-due"
}
