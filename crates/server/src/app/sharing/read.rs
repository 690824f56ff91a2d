//! Reading screens and shares, and exporting the record that an auditor replays.

use comity_core::access::{Action, Authorised};
use comity_core::case::entry::Content;
use comity_core::sharing::{Cleared, Instant, Screened};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{PAGE_ROWS, second};
use crate::app::cases::CaseFile;
use crate::app::reports::{LIST_MAX, due, instant};
use crate::app::{AppError, Hub, Listed};

/// A screen in a list: no answers, no relationship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScreenRow {
    /// The leaf of its record.
    pub screen: String,
    /// Where it stands.
    pub state: String,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// When someone has to look at it next.
    pub due_at: Option<Timestamp>,
    /// The record it takes the place of.
    pub supersedes: Option<String>,
}

/// A screen opened.
#[derive(Clone, Debug, Serialize)]
pub struct ScreenRead {
    /// Its row.
    pub row: ScreenRow,
    /// The recipient, as the case names it.
    pub party: String,
    /// The hash of the result: what approvers sign.
    pub result_hash: String,
    /// Who answered what, and why.
    pub given: Value,
    /// The result.
    pub result: Value,
    /// Approvals so far.
    pub approvals: Value,
}

/// A share in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShareRow {
    /// The pass.
    pub share: String,
    /// The screen it rests on.
    pub screen: String,
    /// The recipient, as the case names it.
    pub party: String,
    /// Its hub.
    pub hub: String,
    /// The tier.
    pub tier: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Whether its package waits to be fetched.
    pub waits: bool,
    /// What was sealed: compartments.
    pub sealed: Vec<String>,
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskRow {
    /// `screen-decide`, `screen-overdue`, `screen-again` or `share-ends`.
    pub code: &'static str,
    /// The screen or pass.
    pub of: String,
    /// When.
    pub due: Timestamp,
    /// Who has to.
    pub office: &'static str,
}

impl ScreenRow {
    fn of(row: &comity_store::Screen) -> Self {
        Self {
            screen: row.screen_id.clone(),
            state: row.state.clone(),
            asked_at: instant(row.asked_at),
            decided_at: row.decided_at.map(instant),
            due_at: due(row.due_at),
            supersedes: row.supersedes.clone(),
        }
    }
}

impl Hub {
    /// Lists the screens of a case, superseded ones too.
    pub async fn list_screens(
        &self,
        by: Authorised<'_>,
        id: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<ScreenRow>, AppError> {
        self.share_case(by, Action::ReadShare, id).await?;
        let after = after.unwrap_or_default();
        if after.len() > 64 || after.chars().any(|c| !c.is_ascii_hexdigit()) {
            return Err(AppError::refused_at("cursor-invalid", "/cursor"));
        }
        let limit = limit.clamp(1, LIST_MAX);
        let mut rows = self.store().screens_of_case(id, after, limit + 1).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.screen_id.clone());
        Ok(Listed { items: rows.iter().map(ScreenRow::of).collect(), next })
    }

    /// Opens a screen; the look is recorded.
    pub async fn read_screen(
        &self,
        by: Authorised<'_>,
        id: &str,
        screen: &str,
    ) -> Result<ScreenRead, AppError> {
        let file = self.share_case(by, Action::ReadShare, id).await?;
        let opened = self.open_screen(&file, screen).await?;
        self.look(by, id, &format!("screen/{screen}")).await?;
        let mut approvals = opened.approvals();
        if approvals.is_empty() {
            approvals = self.approvals_of(&file, screen).await?;
        }
        let screened = Screened::new(&opened.exchange, self.policy_of(&opened)?);
        Ok(ScreenRead {
            row: ScreenRow::of(&opened.row),
            party: opened.sealed.party.clone(),
            result_hash: screened.screen().hash(),
            given: opened.given(),
            result: opened.record.get("result").cloned().unwrap_or(Value::Null),
            approvals: serde_json::to_value(&approvals).map_err(AppError::fault)?,
        })
    }

    /// Exports a record for an auditor: its exact bytes as text, salt, leaf and signed leaf.
    pub async fn export_screen(
        &self,
        by: Authorised<'_>,
        id: &str,
        screen: &str,
    ) -> Result<Value, AppError> {
        let file = self.share_case(by, Action::ReadShare, id).await?;
        let opened = self.open_screen(&file, screen).await?;
        self.look(by, id, &format!("screen-record/{screen}")).await?;
        let statement: Value =
            serde_json::from_slice(&opened.row.statement).map_err(AppError::fault)?;
        Ok(json!({
            "schema": "comity.screen-export/1", "case": id, "leaf": opened.row.screen_id,
            "salt": opened.sealed.salt, "record": opened.sealed.record, "statement": statement,
        }))
    }

    /// Lists the shares of a case, with entries of this hub that hand content across without one.
    pub async fn list_shares(&self, by: Authorised<'_>, id: &str) -> Result<Value, AppError> {
        let file = self.share_case(by, Action::ReadShare, id).await?;
        let mut items = Vec::new();
        for row in self.store().passes_of_case(id, "", PAGE_ROWS).await? {
            let sealed = self.open_pass(&file, &row).await?;
            let waits = self.store().outbound(&row.hub, &row.pass_id).await?.is_some();
            items.push(ShareRow {
                share: row.pass_id,
                screen: row.screen_id,
                party: sealed.party,
                hub: row.hub,
                tier: sealed.tier,
                made_at: instant(row.made_at),
                expires_at: instant(row.expires_at),
                withdrawn_at: row.revoked_at.map(instant),
                waits,
                sealed: sealed.sealed.into_iter().map(|(compartment, _)| compartment).collect(),
            });
        }
        let unpassed = self.unpassed(&file).await?;
        let tasks = self.share_tasks(&file).await?;
        Ok(json!({ "items": items, "next": null, "unpassed": unpassed, "tasks": tasks }))
    }

    /// Checks every standing entry of this hub again: which hand content across under no pass on record.
    pub(crate) async fn unpassed(&self, file: &CaseFile) -> Result<Vec<Value>, AppError> {
        let passes = self.standing_passes(file).await?;
        let find = |id: &str| passes.iter().find(|pass| pass.id == id);
        let policy = self.screens().policies().current();
        let hub = &self.config().hub;
        Ok(file
            .case
            .entries()
            .filter(|entry| entry.author.as_str() == hub)
            .filter(|entry| file.case.void_code(&entry.id).is_none())
            .filter(|entry| matches!(entry.content(), Content::Known(..)))
            .filter_map(|entry| {
                let refused = Cleared::recheck(&file.case, entry, find, policy).err()?;
                Some(json!({ "entry": entry.id.as_str(), "code": refused.code() }))
            })
            .collect())
    }

    /// Returns what is due in the sharing of a case, soonest first.
    pub(crate) async fn share_tasks(&self, file: &CaseFile) -> Result<Vec<TaskRow>, AppError> {
        let id = file.case.id().as_str();
        let now: Instant = second(self.now())?;
        let now = super::millis(now);
        let mut tasks = Vec::new();
        for row in self.store().screens_of_case(id, "", PAGE_ROWS).await? {
            let Some(at) = due(row.due_at) else { continue };
            let (code, office) = match row.state.as_str() {
                "open" if row.due_at <= now || row.updated_at > row.asked_at => {
                    ("screen-overdue", "authority")
                }
                "open" => ("screen-decide", "officer"),
                _ => ("screen-again", "officer"),
            };
            tasks.push(TaskRow { code, of: row.screen_id, due: at, office });
        }
        for row in self.store().passes_of_case(id, "", PAGE_ROWS).await? {
            if row.revoked_at.is_none() && row.expires_at > now {
                let due = instant(row.expires_at);
                tasks.push(TaskRow { code: "share-ends", of: row.pass_id, due, office: "officer" });
            }
        }
        tasks.sort_by(|a, b| (a.due, &a.of).cmp(&(b.due, &b.of)));
        Ok(tasks)
    }
}
