//! What of an assessment others see: what the governing profile opens, once there is something to open (CT-11).
//!
//! Evidence, the team and the jurisdiction's own answers are never among it.

use serde_json::{Map, Value, json};

use super::File;
use crate::cert::book::Book;
use crate::cert::day::Instant;
use crate::cert::procedure::Mark;
use crate::cert::publication::{Audience, Look, PublishReport, Sensitive, parts};
use crate::cert::record::Side;
use crate::cert::step::Grade;
use crate::refusal::Refusal;

/// Members of a score that are ratings: no claims, no concerns, nothing about rules.
const RATINGS: [&str; 7] =
    ["overall", "areas", "elements", "controls", "knock_out", "outcomes", "recommendation"];

impl File {
    /// Says why a side may not publish the report, if it may not.
    pub(super) fn decide_publication(&self, act: &PublishReport, by: Side) -> Result<(), Refusal> {
        let report = self.report.as_ref().map(|(_, report)| report.sha256.as_str());
        let Some(report) = report else {
            return Err(Refusal::new("transition-not-allowed", "/kind"));
        };
        let may = match self.publication.full_report {
            Audience::Everyone | Audience::Members => true,
            Audience::Assessed => by == Side::Subject,
            Audience::Nobody => false,
        };
        if !may {
            return Err(Refusal::new("not-yours-to-publish", "/kind"));
        }
        if report != act.sha256 {
            return Err(Refusal::new("report-differs", "/sha256"));
        }
        if self.published.is_some() {
            return Err(Refusal::new("id-taken", "/sha256"));
        }
        Ok(())
    }

    /// Returns what is open to one who looks; `None` if nothing is, as if there were no assessment.
    #[must_use]
    pub fn opened(&self, book: &Book, look: Look, at: Instant) -> Option<Value> {
        let (decided, published) = (self.mark == Mark::Decision, self.published.is_some());
        let parts = parts(self.publication, decided, published, look);
        if parts.is_empty() {
            return None;
        }
        let mut open = Map::new();
        for part in parts {
            let value = match part {
                "summary" => self.opened_summary(),
                "ratings" => self.opened_ratings(book, at),
                _ => self.opened_report(book, at),
            };
            open.insert(part.to_owned(), value);
        }
        open.insert("assessment".to_owned(), json!(self.applied.assessment));
        open.insert("jurisdiction".to_owned(), json!(self.applied.jurisdiction));
        open.insert("publication".to_owned(), json!(self.publication));
        Some(Value::Object(open))
    }

    fn opened_summary(&self) -> Value {
        let mut summary = self.summary();
        if let Value::Object(members) = &mut summary {
            // What the score recommends is a rating.
            members.remove("recommendation");
            members.remove("publication");
        }
        summary
    }

    fn opened_ratings(&self, book: &Book, at: Instant) -> Value {
        let scored = self.score_now(book, at).ok();
        let score = scored.and_then(|scored| serde_json::to_value(&scored.score).ok());
        let score = score.as_ref().and_then(Value::as_object);
        let ratings = score.into_iter().flatten();
        let kept = ratings.filter(|(key, _)| RATINGS.contains(&key.as_str()));
        Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn opened_report(&self, book: &Book, at: Instant) -> Value {
        let reported_at = self.report.as_ref().map_or(at, |(reported_at, _)| *reported_at);
        let questions = book.questions_at(reported_at);
        let withholds = self.publication.security_sensitive == Sensitive::Withheld;
        let (withheld, shown): (Vec<_>, Vec<_>) = self
            .findings
            .values()
            .partition(|finding| withholds && finding.grade == Grade::SensitivePoint);
        let findings: Vec<Value> = shown
            .into_iter()
            .map(|finding| {
                let question = questions.iter().find(|question| question.pq == finding.pq);
                json!({ "finding": finding.finding, "pq": finding.pq,
                    "area": question.map(|question| &question.area),
                    "control": question.map(|question| &question.control),
                    "grade": finding.grade, "text": finding.text,
                    "root_cause": finding.root_cause, "office": finding.office })
            })
            .collect();
        let comments: Vec<Value> = self
            .comments
            .values()
            .map(|(text, answer)| json!({ "text": text, "answer": answer }))
            .collect();
        let actions: Vec<Value> = self
            .cap
            .iter()
            .flat_map(|cap| cap.actions.values())
            // An action that answers a withheld finding would tell of it.
            .filter(|course| !withheld.iter().any(|w| course.action.findings.contains(&w.finding)))
            .map(|course| {
                json!({ "office": course.action.office, "text": course.action.text,
                    "due": course.action.due, "verdict": course.verdict })
            })
            .collect();
        json!({ "sha256": self.report.as_ref().map(|(_, report)| &report.sha256),
            "published_on": self.published.map(|(day, _)| day),
            "published_by": self.published.map(|(_, by)| by),
            "findings": findings, "withheld": withheld.len(),
            "outcomes": self.outcomes.values().collect::<Vec<_>>(),
            "comments": comments, "actions": actions })
    }
}
