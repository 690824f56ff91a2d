//! What a coordinator says of a report: acknowledged, assessed, declined. Each is a signed entry.
//!
//! Not here: opening a case (`cases`) and reading (`reports`).

use comity_core::access::{Action, Authorised};
use comity_core::assess::{self, Assessment};
use comity_core::refusal::Refusal;
use comity_store::{Needs, Rows, Write};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::erase::{By, ERASED, Erasing};
use super::reports::{ASSESSMENT, ReportRow, expect, summary};
use super::{Answered, AppError, Hub, Once, Said, object};

/// What may be said of a report.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReportCommand {
    /// A person has read it; the acknowledgement clock stops.
    Acknowledge {},
    /// Another assessment, beside those there are.
    Assess {
        /// As in `comity.report/1`; assessor and instant are set by the hub.
        assessment: Value,
    },
    /// Keys and ciphertexts are deleted: of its identity alone, or of everything it holds.
    Erase {
        /// What is erased.
        what: Erasing,
        /// The report's id again: nothing brings it back.
        confirm: String,
    },
    /// It will not be worked on, with the reason the finder is told.
    Decline {
        /// The reason.
        reason: String,
    },
}

/// Characters of a reason at most.
const REASON_CHARS_MAX: usize = 500;
/// How often a command is decided anew because its report changed meanwhile.
const COMMAND_TRIES_MAX: u32 = 8;

/// Says of a part what was said of it within the whole.
fn under(place: &str, part: &str, mut refusals: Vec<Refusal>) -> AppError {
    for refusal in &mut refusals {
        if let Some(rest) = refusal.pointer.strip_prefix(place) {
            refusal.pointer = format!("{part}{rest}");
        }
    }
    AppError::Refused(refusals)
}

impl Hub {
    /// Carries out one command on a report.
    pub async fn command_report(
        &self,
        by: Authorised<'_>,
        id: &str,
        command: ReportCommand,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::AssessReport)?;
        for _ in 0..COMMAND_TRIES_MAX {
            match self.try_command(by, id, command.clone(), once.clone()).await {
                // Someone else was faster: decide anew on what it left.
                Err(AppError::Changed) => {}
                done => return done,
            }
        }
        Err(AppError::Busy { retry_after_s: 1 })
    }

    async fn try_command(
        &self,
        by: Authorised<'_>,
        id: &str,
        command: ReportCommand,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let row = self.report_row(id).await?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        if row.state == ERASED {
            return Err(AppError::refused("wrong-state"));
        }
        let kept = once.clone();
        let done = match command {
            ReportCommand::Acknowledge {} => self.acknowledge(row, once).await,
            ReportCommand::Assess { assessment } => {
                self.add_assessment(by, row, assessment, once).await
            }
            ReportCommand::Decline { reason } => self.decline(row, &reason, once).await,
            ReportCommand::Erase { what, confirm } => {
                self.erase(row, what, By::Staff, &confirm, once).await
            }
        };
        self.or_answered(done, kept).await
    }

    async fn acknowledge(
        &self,
        mut row: comity_store::Report,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        if row.state != "received" {
            return Err(AppError::refused("wrong-state"));
        }
        let now = self.now_ms();
        "acknowledged".clone_into(&mut row.state);
        row.acknowledged_at = Some(now);
        row.due_at = comity_store::NEVER;
        let body = json!({ "report": row.report_id });
        self.say(row, "report.acknowledged", body, Vec::new(), once).await
    }

    async fn decline(
        &self,
        mut row: comity_store::Report,
        reason: &str,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let length = reason.chars().count();
        if reason.trim().is_empty() {
            return Err(AppError::refused_at("field-missing", "/reason"));
        }
        if length > REASON_CHARS_MAX {
            return Err(AppError::refused_over("text-too-long", "/reason", REASON_CHARS_MAX));
        }
        if row.state == "declined" || row.state == "case" {
            return Err(AppError::refused("wrong-state"));
        }
        let room = self.current_intake_room().await?;
        let now = self.now_ms();
        let item = self.seal_item(&room, &row.report_id, "reason", reason.as_bytes(), now).await?;
        "declined".clone_into(&mut row.state);
        row.due_at = comity_store::NEVER;
        let body = json!({ "report": row.report_id, "reason": item.commitment });
        self.say(row, "report.declined", body, item.writes(), once).await
    }

    async fn add_assessment(
        &self,
        by: Authorised<'_>,
        mut row: comity_store::Report,
        assessment: Value,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let Value::Object(mut members) = assessment else {
            return Err(AppError::refused_at("field-type", "/assessment"));
        };
        members.insert("assessor".to_owned(), json!(by.actor().account));
        members.insert("role".to_owned(), json!("coordinator"));
        members.insert("at".to_owned(), json!(self.now().to_string()));
        members.insert("lexicon".to_owned(), json!(self.lexicon().version()));
        let result = self.assessed_with(&row.report_id, members.clone()).await?;
        let room = self.current_intake_room().await?;
        let plain = serde_json::to_vec(&members).map_err(AppError::fault)?;
        let now = self.now_ms();
        let item = self.seal_item(&room, &row.report_id, ASSESSMENT, &plain, now).await?;
        row.decision = Some(result.decision_low.key().to_owned());
        row.verdict = Some(result.reportability.verdict.key().to_owned());
        let mut kept = summary(&row)?;
        kept.rule = (*result.reportability.rule).to_owned();
        row.summary = serde_json::to_string(&kept).map_err(AppError::fault)?;
        let body = json!({ "report": row.report_id, "assessment": item.commitment });
        self.say(row, "report.assessed", body, item.writes(), once).await
    }

    /// Assesses the report with one more assessment; refuses one that does not hold.
    async fn assessed_with(
        &self,
        id: &str,
        more: Map<String, Value>,
    ) -> Result<Assessment, AppError> {
        let (report, _) = self.open_report(id).await?;
        let report = report.ok_or_else(|| AppError::refused("wrong-state"))?;
        let mut value = report.to_value();
        if let Value::Object(members) = &mut value {
            let all = members.entry("assessments").or_insert_with(|| json!([]));
            if let Value::Array(items) = all {
                items.push(Value::Object(more));
            }
        }
        let place = format!("/assessments/{}", report.assessments.as_ref().map_or(0, Vec::len));
        let report = comity_core::report::Report::from_value(&value, self.lexicon())
            .map_err(|refusals| under(&place, "/assessment", refusals))?;
        Ok(assess::assess(&report, self.lexicon()))
    }

    pub(crate) async fn current_intake_room(&self) -> Result<super::OpenRoom, AppError> {
        let now = self.now();
        let date = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let label = format!("intake/{:04}-{:02}", date.year(), date.month());
        self.hub_room(&label, now.as_millisecond()).await
    }

    /// Writes an entry about a report together with its row and what else changes.
    pub(crate) async fn say(
        &self,
        row: comity_store::Report,
        kind: &'static str,
        body: Value,
        more: Vec<Write>,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let room = self.current_intake_room().await?;
        let at = self.now_ms();
        let needs = Needs::default().chain(&room.id, &self.config().hub).report(&row.report_id);
        let hub = self.clone();
        let mut row = row;
        let seen = row.updated_at;
        row.updated_at = at.max(seen + 1);
        self.write(once, 200, needs, move |view| {
            // Someone else changed the report since it was read: decide again.
            if view.report(&row.report_id).is_none_or(|now| now.updated_at != seen) {
                return Err(AppError::Changed);
            }
            let said = Said {
                case: &hub.config().hub,
                kind,
                area: "protocol",
                party: &hub.config().hub,
                body: object(body.clone()),
                at,
            };
            let head = view.head(&room.id, &hub.config().hub);
            let entry = hub.sign_next(Some(&room.id), head, &said)?;
            let mut rows = Rows::new();
            rows.put(entry);
            rows.writes.extend(more.iter().cloned());
            rows.put(row.clone());
            Ok((rows, ReportRow::of(&row)))
        })
        .await
    }
}
