//! The score of an assessment out of its file: the answers that count become `comity.assessment/1`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Determined, File};
use crate::cert::act::Question;
use crate::cert::book::Book;
use crate::cert::day::{Day, Instant};
use crate::cert::document;
use crate::cert::score::{self, Score};
use crate::cert::step::{ConcernSeen, FileReport};
use crate::cert::word::{Answer, ConcernState, Word as _};
use crate::refusal::Refusal;

/// A score with the documents it is computed from, which anyone scores again with `comity cert score`.
#[derive(Clone, Debug)]
pub struct Scored {
    /// `comity.assessment/1`, RFC 8785.
    pub assessment: Vec<u8>,
    /// The profile, TOML.
    pub profile: String,
    /// The score.
    pub score: Score,
    /// Why answers fell to undetermined, by question.
    pub notes: Vec<(String, &'static str)>,
}

impl File {
    /// Returns whether evidence that speaks on a day shows both S and NS on a question.
    pub(super) fn conflicts(&self, pq: &str, day: Day) -> bool {
        let shown: BTreeSet<Answer> = self
            .evidence
            .values()
            .map(|(_, evidence)| evidence)
            .filter(|evidence| evidence.about.contains(pq))
            .filter(|evidence| evidence.effective_until.is_none_or(|until| day <= until))
            .filter_map(|evidence| evidence.shows)
            .collect();
        shown.len() > 1
    }

    /// Returns the answer that counts on the closing day, and why it is not the assessors' own.
    fn answer_on(&self, determined: &Determined, day: Day) -> (Answer, Option<&'static str>) {
        let act = &determined.act;
        if !matches!(act.answer, Answer::NotSatisfied | Answer::Satisfied) {
            return (act.answer, None);
        }
        let speaks = |id: &String| {
            let found = self.evidence.get(id);
            found.is_some_and(|(_, e)| e.effective_until.is_none_or(|until| day <= until))
        };
        if !act.evidence.iter().any(speaks) {
            return (Answer::Undetermined, Some("evidence-expired"));
        }
        let reasoned = act.reason.as_ref().is_some_and(|text| !text.trim().is_empty());
        // Conflicting evidence that came in after the answer asks for a reason, too.
        if !reasoned && self.conflicts(&act.pq, day) {
            return (Answer::Undetermined, Some("evidence-conflict"));
        }
        (act.answer, None)
    }

    /// Returns whether a question was reworded after it was answered.
    fn is_reworded(book: &Book, question: &Question, determined: &Determined) -> bool {
        let then = book.questions_at(determined.at).iter().find(|then| then.pq == question.pq);
        then.is_none_or(|then| then.text != question.text)
    }

    fn question(
        &self,
        book: &Book,
        question: &Question,
        closed: Day,
        notes: &mut Vec<(String, &'static str)>,
    ) -> Value {
        let determined = self.determined.get(&question.pq);
        let (status, note) =
            determined.map_or((Answer::Undetermined, None), |found| self.answer_on(found, closed));
        notes.extend(note.map(|code| (question.pq.clone(), code)));
        let mut item = Map::new();
        let mut put = |key: &str, value: Value| item.insert(key.to_owned(), value);
        put("pq", question.pq.clone().into());
        put("area", question.area.clone().into());
        put("ce", question.ce.into());
        put("control", question.control.clone().into());
        put("priority", question.priority.into());
        put("status", status.as_str().into());
        if let Some(claim) = self.claims.get(&question.pq) {
            put("self", claim.answer.as_str().into());
        }
        if let Some(found) = determined {
            put("na_agreed", found.act.na_agreed.into());
            if let Some(reason) = &found.act.na_reason {
                put("na_reason", reason.clone().into());
            }
            put("changed_after_answer", Self::is_reworded(book, question, found).into());
        }
        Value::Object(item)
    }

    fn cap_document(&self) -> Value {
        let Some(cap) = &self.cap else { return Value::Null };
        let covers: BTreeSet<&str> = cap
            .actions
            .values()
            .flat_map(|course| &course.action.findings)
            .filter_map(|finding| self.findings.get(finding))
            .map(|finding| finding.pq.as_str())
            .collect();
        json!({ "accepted": cap.accepted_on.is_some(), "covers": covers, "months": cap.months,
            "renewals": cap.renewals })
    }

    /// Scores the assessment as it stands at an instant; `report` is the hash of the final report.
    pub fn scored(
        &self,
        book: &Book,
        at: Instant,
        report: Option<&str>,
        concerns: &[ConcernSeen],
    ) -> Result<Scored, Refusal> {
        let dated = book
            .profile_at(self.applied_at)
            .ok_or_else(|| Refusal::new("profile-not-in-force", ""))?;
        let closed = self.closed_on().unwrap_or_else(|| at.day());
        let mut notes = Vec::new();
        let questions: Vec<Value> = book
            .questions_at(at)
            .iter()
            .map(|question| self.question(book, question, closed, &mut notes))
            .collect();
        let outcomes: Vec<Value> = self
            .outcomes
            .values()
            .map(|o| json!({ "eo": o.eo, "rating": o.rating, "rationale": o.rationale }))
            .collect();
        let concerns: Vec<Value> = concerns
            .iter()
            .filter(|concern| concern.state != ConcernState::Dismissed)
            .map(|concern| {
                json!({ "id": concern.id, "immediate": concern.immediate, "state": concern.state,
                    "control": concern.control })
            })
            .collect();
        let document = json!({
            "type": "comity.assessment/1",
            "jurisdiction": self.applied.jurisdiction,
            "standard": self.applied.standard,
            "closed": closed,
            "final_report": report,
            "questions": questions,
            "outcomes": outcomes,
            "concerns": concerns,
            "cap": self.cap_document(),
        });
        let assessment = serde_json_canonicalizer::to_vec(&document)
            .map_err(|_| Refusal::new("json-invalid", ""))?;
        let score = score::answer(&assessment, dated.text.as_bytes())?;
        Ok(Scored { assessment, profile: dated.text.clone(), score, notes })
    }

    /// Returns the concerns about the jurisdiction as the book had them at an instant.
    #[must_use]
    pub fn concerns_at(&self, book: &Book, at: Instant) -> Vec<ConcernSeen> {
        book.concerns
            .values()
            .filter(|concern| concern.raised.jurisdiction == self.applied.jurisdiction)
            .filter_map(|concern| {
                Some(ConcernSeen {
                    id: concern.raised.concern.clone(),
                    state: concern.state_at(at)?,
                    control: concern.raised.control.clone(),
                    immediate: concern.raised.immediate,
                })
            })
            .collect()
    }

    /// Returns a report with what the score says of the file at an instant.
    pub(super) fn completed_report(
        &self,
        book: &Book,
        act: &FileReport,
        at: Instant,
    ) -> Result<FileReport, Refusal> {
        let concerns = self.concerns_at(book, at);
        let scored = self.scored(book, at, Some(&act.sha256), &concerns)?;
        Ok(FileReport {
            sha256: act.sha256.clone(),
            concerns: Some(concerns),
            recommendation: Some(scored.score.recommendation()),
            score: Some(document::canonical_hash(&scored.score)),
            linked: Some(scored.score.is_linked()),
            listed: Some(scored.score.is_listed()),
        })
    }

    /// Scores the assessment for a reader: as reported, or as it stands at an instant.
    pub fn score_now(&self, book: &Book, at: Instant) -> Result<Scored, Refusal> {
        match &self.report {
            Some((reported_at, report)) => {
                let concerns = report.concerns.as_deref().unwrap_or_default();
                self.scored(book, *reported_at, Some(&report.sha256), concerns)
            }
            None => self.scored(book, at, None, &self.concerns_at(book, at)),
        }
    }
}
