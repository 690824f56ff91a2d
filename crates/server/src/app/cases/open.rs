//! Opening a case from reports.

use std::sync::Arc;

use comity_core::access::{Action, Authorised};
use comity_core::case::Case;
use comity_core::case::entry::Command;
use comity_core::case::kind::Kind;
use comity_core::case::name::CaseId;
use comity_store::{Append, Head, Rows, Write};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{COMMON, COORDINATION, CaseFile, CaseRead, finder_org, finders};
use crate::app::law::{Editions, LawFile};
use crate::app::reports::expect;
use crate::app::{Answered, AppError, Hub, Once, OpenRoom, Said, object};

/// Reports of one case at most.
const REPORTS_MAX: usize = 100;
/// How often it is decided anew because a report changed meanwhile.
const OPEN_TRIES_MAX: u32 = 8;

/// What a case is opened with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenCase {
    /// The reports it comes from, the first gives the case its number.
    pub reports: Vec<String>,
    /// The party that leads; the hub's own id unless named.
    #[serde(default)]
    pub lead: Option<String>,
    /// The party that found it; `finder` unless named.
    #[serde(default)]
    pub finder: Option<String>,
}

/// A case ready to be written.
struct Opened {
    file: CaseFile,
    rows: Rows,
}

impl Hub {
    /// Opens a case; the reports move into it.
    pub async fn open_case(
        &self,
        by: Authorised<'_>,
        form: OpenCase,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::OpenCase)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        if form.reports.is_empty() {
            return Err(AppError::refused_at("field-missing", "/reports"));
        }
        if form.reports.len() > REPORTS_MAX {
            return Err(AppError::refused_over("list-too-long", "/reports", REPORTS_MAX));
        }
        // Whoever comes second at the same instant is told what it would be told a moment later.
        for _ in 0..OPEN_TRIES_MAX {
            let reports = self.open_reports(&form).await?;
            let packs = self.keep_editions().await?;
            let opened = self.first_entries(&form, &reports, packs)?;
            let done = self.write_opened(opened, reports, once.clone()).await;
            match self.or_answered(done, once.clone()).await {
                Err(AppError::Changed) => {}
                done => return done,
            }
        }
        Err(AppError::Busy { retry_after_s: 1 })
    }

    /// Returns the reports of a case to be opened; each must be there and in no case yet.
    async fn open_reports(&self, form: &OpenCase) -> Result<Vec<comity_store::Report>, AppError> {
        let mut reports = Vec::with_capacity(form.reports.len());
        for (index, id) in form.reports.iter().enumerate() {
            let at = format!("/reports/{index}");
            if form.reports.iter().take(index).any(|other| other == id) {
                return Err(AppError::refused_at("list-duplicate", at));
            }
            let is_id = id.parse::<CaseId>().is_ok();
            let found = if is_id { self.store().report(id).await? } else { None };
            let row = found.ok_or_else(|| AppError::refused_at("report-unknown", at.clone()))?;
            if !matches!(row.state.as_str(), "received" | "acknowledged") {
                return Err(AppError::refused_at("wrong-state", at));
            }
            reports.push(row);
        }
        Ok(reports)
    }

    /// Signs the first entries of both rooms and folds the case.
    fn first_entries(
        &self,
        form: &OpenCase,
        reports: &[comity_store::Report],
        packs: Arc<Editions>,
    ) -> Result<Opened, AppError> {
        let first = reports.first().ok_or(AppError::NotFound)?;
        let id = first.report_id.replacen("-r-", "-", 1);
        let case_id: CaseId = id.parse().map_err(|_| AppError::refused("value-invalid"))?;
        let hub = self.config().hub.clone();
        let lead = form.lead.clone().unwrap_or_else(|| hub.clone());
        let finder = form.finder.clone().unwrap_or_else(|| "finder".to_owned());
        let body = json!({ "parties": [
            { "party": lead, "org": hub, "roles": ["coordinator"] },
            { "party": finder, "org": finder_org(&first.report_id), "roles": ["finder"] },
        ]});
        let command = Command {
            author: self.hub_id()?,
            party: lead.parse().map_err(|_| AppError::refused_at("value-invalid", "/lead"))?,
            at: self.now_ms(),
            kind: Kind::CaseOpen,
            body: object(body),
        };
        let empty = Case::fold(case_id, []);
        let entry = empty.draft(command);
        empty.decide(&entry).map_err(|code| AppError::refused(code.code()))?;
        let (append, entry) = self.sign_entry(&entry, None)?;
        let (mut rows, common) = self.open_room(append, Some(&id), COMMON)?;
        let (more, coordination) = self.coordination_room(&id, &hub, entry.at, &packs)?;
        rows.writes.extend(more.writes);
        let file = CaseFile {
            case: empty.with(Arc::new(entry)),
            common: common.id,
            coordination: coordination.id,
            position: 1,
            received_at: reports.iter().map(|row| row.received_at).min(),
            law: Arc::new(LawFile::opened(packs, &hub, self.now_ms())),
            reports: reports.iter().map(|row| row.report_id.clone()).collect(),
            finders: finders(reports)?,
        };
        Ok(Opened { file, rows })
    }

    fn coordination_room(
        &self,
        case: &str,
        party: &str,
        at: i64,
        packs: &Editions,
    ) -> Result<(Rows, OpenRoom), AppError> {
        let said = Said {
            case,
            kind: "room.open",
            area: "protocol",
            party,
            body: object(json!({ "name": COORDINATION })),
            at,
        };
        let first = self.sign_next(None, None, &said)?;
        let head = Head { seq: first.seq, id: first.id.clone(), at: first.at };
        let (mut rows, room) = self.open_room(first, Some(case), COORDINATION)?;
        // What is answered later rests on the editions of today.
        let pin = self.pin_said(case, packs, party);
        rows.put(self.sign_next(Some(&room.id), Some(&head), &pin)?);
        Ok((rows, room))
    }

    async fn write_opened(
        &self,
        opened: Opened,
        reports: Vec<comity_store::Report>,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let intake = self.current_intake_room().await?;
        let hub_name = self.config().hub.clone();
        let mut needs = opened.rows.needs().chain(&intake.id, &hub_name);
        for report in &reports {
            needs = needs.report(&report.report_id);
        }
        let Opened { file, rows } = opened;
        let mut rows = rows;
        self.project(&file, &mut rows);
        let read =
            CaseRead::of(&file, self.now_ms(), file.case.entries().next().map(|e| e.id.as_str()))?;
        let hub = self.clone();
        let case_id = file.case.id().as_str().to_owned();
        let at = self.now_ms();
        let kept = Arc::new(file);
        let folded = Arc::clone(&kept);
        let answered = self
            .write(once, 201, needs, move |view| {
                let mut rows = rows.clone();
                let taken = hub.taken(view, &intake, &reports, &case_id, at)?;
                rows.writes.extend(taken);
                Ok((rows, read.clone()))
            })
            .await?;
        if !answered.replayed {
            self.cases_cache().remember(folded.case.id().as_str(), kept);
        }
        Ok(answered)
    }

    /// The rows that move reports into a case, with their entry in the intake room.
    fn taken(
        &self,
        view: &comity_store::View,
        intake: &OpenRoom,
        reports: &[comity_store::Report],
        case_id: &str,
        at: i64,
    ) -> Result<Vec<Write>, AppError> {
        let mut writes = Vec::with_capacity(reports.len() + 1);
        for report in reports {
            let now = view.report(&report.report_id);
            if now.is_none_or(|now| now.updated_at != report.updated_at) {
                return Err(AppError::Changed);
            }
            let mut row = report.clone();
            "case".clone_into(&mut row.state);
            row.case_id = Some(case_id.to_owned());
            row.due_at = comity_store::NEVER;
            row.acknowledged_at = row.acknowledged_at.or(Some(at));
            row.updated_at = at.max(row.updated_at + 1);
            writes.push(row.into());
        }
        let ids: Vec<&str> = reports.iter().map(|report| report.report_id.as_str()).collect();
        let said = Said {
            case: &self.config().hub,
            kind: "report.taken",
            area: "protocol",
            party: &self.config().hub,
            body: object(json!({ "reports": ids, "case": case_id })),
            at,
        };
        let head = view.head(&intake.id, &self.config().hub);
        writes.push(self.sign_next(Some(&intake.id), head, &said)?.into());
        Ok(writes)
    }

    /// Signs an entry that the case protocol allowed; returns it as stored and as folded.
    pub(crate) fn sign_entry(
        &self,
        entry: &comity_core::case::entry::Entry,
        room: Option<&str>,
    ) -> Result<(Append, comity_core::case::entry::Entry), AppError> {
        use comity_ledger::entry::{Entry, Salt};
        let members: Map<String, Value> = entry.to_members();
        let text =
            |key: &str| members.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut seen = Vec::with_capacity(entry.seen.len());
        for id in &entry.seen {
            seen.push(id.as_str().parse().map_err(AppError::fault)?);
        }
        seen.sort();
        let prev = entry.prev.as_ref().map(|id| id.as_str().to_owned());
        let signed = Entry {
            case: text("case").parse().map_err(AppError::fault)?,
            author: text("author").parse().map_err(AppError::fault)?,
            seq: u64::try_from(entry.seq).map_err(AppError::fault)?,
            prev: prev.as_deref().map(str::parse).transpose().map_err(AppError::fault)?,
            seen,
            at: u64::try_from(entry.at).map_err(AppError::fault)?,
            kind: text("kind").parse().map_err(AppError::fault)?,
            area: text("area").parse().map_err(AppError::fault)?,
            party: text("party").parse().map_err(AppError::fault)?,
            body: entry.body.clone(),
            salt: Salt::generate(&mut crate::rng::OsRandom),
            epoch: crate::app::room::EPOCH,
            sealed: None,
            room: room.map(str::parse).transpose().map_err(AppError::fault)?,
            extensions: Map::new(),
        };
        let envelope = signed.sign(self.signing()).map_err(|_| AppError::refused("too-large"))?;
        let id = envelope.id().to_string();
        let append = Append {
            room_id: room.map_or_else(|| id.clone(), str::to_owned),
            author: self.config().hub.clone(),
            seq: entry.seq,
            prev,
            id: id.clone(),
            at: entry.at,
            kind: entry.kind.clone(),
            envelope: envelope.into_bytes(),
            place: comity_store::Place::Next,
        };
        Ok((append, entry.clone().with_id(id.parse().map_err(AppError::fault)?)))
    }
}
