//! Reading reports: the queue, one report with its compartments, its receipt.
//!
//! Every opening of a compartment is recorded as a look before the content is handed out. Identity is
//! never opened here: it has custodians of its own. Not here: changing reports (`triage`).

use comity_core::access::{Action, Actor, Authorised, decide};
use comity_core::assess;
use comity_core::report::Compartment;
use comity_core::report::Report;
use comity_store::{Cursor, Look, ReportFilter, Rows};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::intake::Summary;
use super::{AppError, Hub, Listed};

/// Items of one report at most: compartments, assessments, files.
pub(crate) const ITEMS_MAX: u32 = 500;
/// The compartment in which later assessments lie.
pub(crate) const ASSESSMENT: &str = "assessment";
/// Where a report may stand.
const STATES: [&str; 5] = ["acknowledged", "case", "declined", super::erase::ERASED, "received"];
/// The compartment of the form's answers that have no place in a report.
pub(crate) const ANSWERS: &str = "answers";
/// Rows a list gives at most.
pub const LIST_MAX: u32 = 200;
/// Rows a list gives unless asked otherwise.
pub const LIST_DEFAULT: u32 = 50;

/// One report in a list, without any word of the finder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportRow {
    /// The report.
    pub report: String,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Where it stands.
    pub state: String,
    /// What kind it says it is.
    pub kind: String,
    /// The language of its words.
    pub language: String,
    /// The decision of its assessment.
    pub decision: Option<String>,
    /// The verdict of its assessment.
    pub verdict: Option<String>,
    /// The next date someone owes.
    pub due_at: Option<Timestamp>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<Timestamp>,
    /// The case it was taken into.
    pub case: Option<String>,
}

/// A report opened.
#[derive(Clone, Debug, Serialize)]
pub struct ReportRead {
    /// Its row.
    pub row: ReportRow,
    /// Its open compartments as a report, without identity.
    pub report: Value,
    /// What the rules say of it, with every assessment side by side.
    pub assessment: Value,
    /// Answers of the form that have no place in a report, by field.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub answers: Value,
    /// Compartments that were erased.
    pub erased: Vec<String>,
}

impl ReportRow {
    /// Makes the row people and programs see.
    #[must_use]
    pub fn of(row: &comity_store::Report) -> Self {
        Self {
            report: row.report_id.clone(),
            received_at: instant(row.received_at),
            state: row.state.clone(),
            kind: row.kind.clone(),
            language: row.language.clone(),
            decision: row.decision.clone(),
            verdict: row.verdict.clone(),
            due_at: due(row.due_at),
            acknowledged_at: row.acknowledged_at.map(instant),
            case: row.case_id.clone(),
        }
    }
}

/// Returns an instant of stored milliseconds.
#[must_use]
pub fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

/// Returns a date, or none for [`comity_store::NEVER`].
#[must_use]
pub fn due(ms: i64) -> Option<Timestamp> {
    (ms != comity_store::NEVER).then(|| instant(ms))
}

impl Hub {
    /// Lists reports by date due.
    pub async fn list_reports(
        &self,
        by: Authorised<'_>,
        state: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<ReportRow>, AppError> {
        expect(by, Action::ReadReport)?;
        if state.is_some_and(|state| !STATES.contains(&state)) {
            return Err(AppError::refused_at("value-unknown", "/state"));
        }
        let filter = ReportFilter { state: state.map(str::to_owned) };
        let after = after.map(parse_cursor).transpose()?;
        let limit = limit.clamp(1, LIST_MAX);
        let mut rows = self.store().reports_by_due(&filter, after.as_ref(), limit + 1).await?;
        let more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = rows.last().filter(|_| more).map(|row| cursor(row.due_at, &row.report_id));
        Ok(Listed { items: rows.iter().map(ReportRow::of).collect(), next })
    }

    /// Returns a report's row, or not found.
    pub(crate) async fn report_row(&self, id: &str) -> Result<comity_store::Report, AppError> {
        self.store().report(id).await?.ok_or(AppError::NotFound)
    }

    /// Whether a report is there for this actor, whatever its token is good for.
    pub async fn sees_report(&self, actor: &Actor, id: &str) -> Result<bool, AppError> {
        let Some(row) = self.store().report(id).await? else { return Ok(false) };
        let reads = actor.roles.iter().any(|role| decide(*role, Action::ReadReport).is_some());
        Ok(reads || summary(&row)?.filed_by.as_deref() == Some(actor.account.as_str()))
    }

    /// Opens a report; the look is durable before anything is handed out.
    pub async fn read_report(&self, by: Authorised<'_>, id: &str) -> Result<ReportRead, AppError> {
        expect(by, Action::ReadReport)?;
        let row = self.report_row(id).await?;
        self.look(by, id, "report").await?;
        let (report, erased) = self.open_report(id).await?;
        let assessment = match &report {
            None => Value::Null,
            Some(report) => serde_json::to_value(assess::assess(report, self.lexicon()))
                .map_err(AppError::fault)?,
        };
        Ok(ReportRead {
            row: ReportRow::of(&row),
            report: report.map_or(Value::Null, |report| report.to_value()),
            assessment,
            answers: self.open_answers(id).await?,
            erased,
        })
    }

    /// Opens what the form asked beyond a report; null if there is none.
    async fn open_answers(&self, id: &str) -> Result<Value, AppError> {
        for (item, key) in self.store().items(id, ITEMS_MAX).await? {
            if item.compartment == ANSWERS
                && let Some(plain) = self.open_item(&item, key.as_ref()).await?
            {
                return serde_json::from_slice(&plain).map_err(AppError::fault);
            }
        }
        Ok(Value::Null)
    }

    /// Returns the receipt as it was given.
    pub async fn read_receipt(&self, by: Authorised<'_>, id: &str) -> Result<Value, AppError> {
        expect(by, Action::ReadReport)?;
        let row = self.report_row(id).await?;
        Ok(summary(&row)?.receipt)
    }

    /// Puts a report together from its open compartments and later assessments; says what was erased.
    ///
    /// Without what every report must hold there is none left.
    pub(crate) async fn open_report(
        &self,
        id: &str,
    ) -> Result<(Option<Report>, Vec<String>), AppError> {
        let mut parts: Vec<(Compartment, Value)> = Vec::new();
        let mut later: Vec<Value> = Vec::new();
        let mut erased = Vec::new();
        for (item, key) in self.store().items(id, ITEMS_MAX).await? {
            let is_assessment = item.compartment == ASSESSMENT;
            let compartment = Compartment::parse(&item.compartment);
            if compartment == Some(Compartment::Identity) {
                if key.is_none() {
                    erased.push(item.compartment.clone());
                }
                continue;
            }
            if compartment.is_none() && !is_assessment {
                continue;
            }
            let Some(plain) = self.open_item(&item, key.as_ref()).await? else {
                erased.push(item.compartment.clone());
                continue;
            };
            let value: Value = serde_json::from_slice(&plain).map_err(AppError::fault)?;
            match compartment {
                Some(compartment) => parts.push((compartment, value)),
                None => later.push(value),
            }
        }
        erased.dedup();
        match Report::from_compartments(parts, self.lexicon()) {
            Ok(report) => Ok((Some(with_assessments(&report, later, self)?), erased)),
            Err(_) if !erased.is_empty() => Ok((None, erased)),
            // Codes and places only: what is stored never goes to a log.
            Err(refusals) => {
                let codes: Vec<_> = refusals.iter().map(|refusal| refusal.code).collect();
                Err(AppError::fault(format!("a stored report does not hold: {codes:?}")))
            }
        }
    }

    /// Records that someone opened something.
    pub(crate) async fn look(
        &self,
        by: Authorised<'_>,
        subject: &str,
        compartment: &str,
    ) -> Result<(), AppError> {
        let mut rows = Rows::new();
        rows.put(self.look_row(by, subject, compartment));
        self.store().write(rows).await?;
        Ok(())
    }

    /// Returns the row that says who opened, or did, what.
    pub(crate) fn look_row(&self, by: Authorised<'_>, subject: &str, compartment: &str) -> Look {
        Look {
            look_id: self.new_id().to_string(),
            at: self.now_ms(),
            account: by.actor().account.clone(),
            subject: subject.to_owned(),
            compartment: compartment.to_owned(),
            reason: by.rule().to_owned(),
        }
    }

    /// Draws an id that sorts by time, UUID version 7: rows made together lie together in an index.
    pub(crate) fn new_id(&self) -> uuid::Uuid {
        let ms = u64::try_from(self.now_ms()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(ms, &crate::rng::bytes()).into_uuid()
    }
}

/// Later assessments stand beside those the report came with (lexicon.md, LX-21).
fn with_assessments(report: &Report, later: Vec<Value>, hub: &Hub) -> Result<Report, AppError> {
    if later.is_empty() {
        return Ok(report.clone());
    }
    let mut value = report.to_value();
    if let Value::Object(members) = &mut value {
        let all = members.entry("assessments").or_insert_with(|| json!([]));
        if let Value::Array(items) = all {
            items.extend(later);
        }
    }
    Ok(Report::from_value(&value, hub.lexicon())?)
}

/// Returns what is kept in the clear beside a report's columns.
pub(crate) fn summary(row: &comity_store::Report) -> Result<Summary, AppError> {
    serde_json::from_str(&row.summary).map_err(AppError::fault)
}

/// A use case must be called with proof of its own action.
pub(crate) fn expect(by: Authorised<'_>, action: Action) -> Result<(), AppError> {
    if by.action() == action { Ok(()) } else { Err(AppError::NotFound) }
}

/// Writes a cursor: the sort value and the id.
pub(crate) fn cursor(at: i64, id: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(format!("{at}:{id}").as_bytes())
}

/// Reads a cursor of at most 256 characters.
pub(crate) fn parse_cursor(text: &str) -> Result<Cursor, AppError> {
    let bad = || AppError::refused_at("cursor-invalid", "/cursor");
    if text.len() > 256 {
        return Err(bad());
    }
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    let (at, id) = text.split_once(':').ok_or_else(bad)?;
    if id.chars().any(char::is_control) {
        return Err(bad());
    }
    Ok(Cursor { at: at.parse().map_err(|_| bad())?, id: id.to_owned() })
}
