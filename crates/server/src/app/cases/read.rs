//! Reading cases: lists, state, entries, shared content.

use comity_core::access::{Action, Authorised};
use comity_core::case::body::Body;
use comity_core::case::entry::Content;
use comity_store::Open;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{CaseFile, listed_as};
use crate::app::reports::{LIST_MAX, cursor, due, expect, instant, parse_cursor};
use crate::app::{AppError, Hub, Listed};

/// A case with its state at now.
#[derive(Clone, Debug, Serialize)]
pub struct CaseRead {
    /// The case.
    pub case: String,
    /// The validator of the state, to be sent back as `If-Match`.
    pub etag: String,
    /// The entry just written.
    pub entry: Option<String>,
    /// The reports it came from.
    pub reports: Vec<String>,
    /// `comity.case-fold/1`.
    pub state: Value,
}

/// One case in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseRow {
    /// The case.
    pub case: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Open, closed or merged.
    pub status: String,
    /// The embargo's letter.
    pub em: String,
    /// What the world knows.
    pub pxa: String,
    /// The lead.
    pub lead: String,
    /// The next date.
    pub next_due: Option<Timestamp>,
}

/// One signed entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryRow {
    /// Its id.
    pub id: String,
    /// Its room.
    pub room: String,
    /// Its kind.
    pub kind: String,
    /// The author's clock.
    pub at: Timestamp,
    /// The envelope.
    pub envelope: Value,
}

/// Content opened for a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContentRead {
    /// The commitment that names it.
    pub commitment: String,
    /// The compartment.
    pub compartment: String,
    /// The text: untrusted.
    pub text: String,
}

impl CaseRead {
    /// Makes what a reader sees at `now`.
    pub(crate) fn of(file: &CaseFile, now: i64, entry: Option<&str>) -> Result<Self, AppError> {
        let view = file.case.view(file.case.greatest_at().max(now));
        Ok(Self {
            case: file.case.id().as_str().to_owned(),
            etag: file.etag(),
            entry: entry.map(str::to_owned),
            reports: file.reports.clone(),
            state: serde_json::to_value(&view).map_err(AppError::fault)?,
        })
    }
}

impl Hub {
    /// Lists the cases one may see: staff by next date, others their own by id.
    pub async fn list_cases(
        &self,
        by: Authorised<'_>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<CaseRow>, AppError> {
        expect(by, Action::ReadCase)?;
        let after = after.map(parse_cursor).transpose()?;
        let limit = limit.clamp(1, LIST_MAX);
        let staff = by.actor().is_staff();
        let mut rows = if staff {
            self.store().cases_by_due(Open::AndClosed, after.as_ref(), limit + 1).await?
        } else {
            let after = after.map(|cursor| cursor.id).unwrap_or_default();
            let actor = by.actor();
            let mut own =
                self.store().cases_of_organisation(&actor.organisation, &after, limit + 1).await?;
            let found = listed_as(&actor.account);
            own.extend(self.store().cases_of_organisation(&found, &after, limit + 1).await?);
            own.sort_by(|a, b| a.case_id.cmp(&b.case_id));
            own.dedup_by(|a, b| a.case_id == b.case_id);
            own
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| cursor(row.next_due, &row.case_id));
        let items = rows
            .into_iter()
            .map(|row| CaseRow {
                opened_at: instant(row.opened_at),
                next_due: due(row.next_due),
                case: row.case_id,
                status: row.status,
                em: row.em,
                pxa: row.pxa,
                lead: row.lead,
            })
            .collect();
        Ok(Listed { items, next })
    }

    /// Returns a case with its state at now.
    pub async fn read_case(&self, by: Authorised<'_>, id: &str) -> Result<CaseRead, AppError> {
        expect(by, Action::ReadCase)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        CaseRead::of(&file, self.now_ms(), None)
    }

    /// Lists the signed entries of a case's common room in order of arrival.
    pub async fn list_entries(
        &self,
        by: Authorised<'_>,
        id: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<EntryRow>, AppError> {
        expect(by, Action::ReadCase)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        let after = after.map(parse_cursor).transpose()?.map_or(0, |cursor| cursor.at);
        let limit = limit.clamp(1, LIST_MAX);
        let rows = self.store().entries(&file.common, after, limit).await?;
        let next = rows
            .last()
            .filter(|row| row.position < file.position)
            .map(|row| cursor(row.position, &row.id));
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.push(EntryRow {
                envelope: serde_json::from_slice(&row.envelope).map_err(AppError::fault)?,
                id: row.id,
                room: row.room_id,
                kind: row.kind,
                at: instant(row.at),
            });
        }
        Ok(Listed { items, next })
    }

    /// Opens content by its commitment: a statement or a sealed compartment that was shared with one's
    /// party. The gate is asked again at the moment of reading (CP-33); the look is recorded.
    pub async fn read_content(
        &self,
        by: Authorised<'_>,
        id: &str,
        commitment: &str,
    ) -> Result<ContentRead, AppError> {
        expect(by, Action::ReadCase)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        if !by.actor().is_staff() && !self.may_open(by, &file, commitment) {
            return Err(AppError::NotFound);
        }
        let (item, key) = self.case_item(id, commitment).await?;
        self.look(by, id, &format!("{}/{commitment}", item.compartment)).await?;
        let plain = self.open_item(&item, key.as_ref()).await?;
        let plain = plain.ok_or_else(|| AppError::refused(super::super::erase::ERASED))?;
        Ok(ContentRead {
            commitment: commitment.to_owned(),
            compartment: item.compartment,
            text: String::from_utf8(plain.to_vec())
                .map_err(|_| AppError::fault("sealed content is no text"))?,
        })
    }

    /// Whether an entry that stands hands this content to one of the actor's parties, and the gate is open.
    fn may_open(&self, by: Authorised<'_>, file: &CaseFile, commitment: &str) -> bool {
        let own = self.own_parties(by.actor(), file);
        let now = file.case.greatest_at().max(self.now_ms());
        let standing = || file.case.entries().filter(|e| file.case.void_code(&e.id).is_none());
        let seals: Vec<_> = standing()
            .filter(|entry| matches!(entry.content(), Content::Known(_, Body::ContentSeal { commitment: c, .. }) if c.as_str() == commitment))
            .collect();
        let handed = |party: &comity_core::case::name::PartyId| {
            standing().any(|entry| match entry.content() {
                Content::Known(_, Body::ContentSeal { commitment: c, recipients, .. }) => {
                    c.as_str() == commitment
                        && (entry.party == *party || recipients.iter().any(|r| r.party == *party))
                }
                Content::Known(_, Body::ContentGrant { seal, recipients }) => {
                    seals.iter().any(|s| s.id == *seal)
                        && recipients.iter().any(|r| r.party == *party)
                }
                Content::Known(_, Body::Note { commitment: Some(c), .. }) => {
                    c.as_str() == commitment && entry.party == *party
                }
                Content::Known(..) | Content::Bad(_) | Content::Unknown => false,
            })
        };
        own.iter().any(|party| handed(party) && file.case.gate(party, now))
    }

    /// Lists what is due in a case.
    pub async fn clocks(&self, by: Authorised<'_>, id: &str) -> Result<Value, AppError> {
        let read = self.read_case(by, id).await?;
        // What is due in sharing is for those who may know of it.
        let reads = by.actor().authorise(Action::ReadShare).is_ok();
        let file = self.case_file(id).await?;
        let sharing = if reads { self.share_tasks(&file).await? } else { Vec::new() };
        Ok(json!({
            "law": self.law_clocks(by, &file),
            "case": read.case,
            "sharing": sharing,
            "embargo": read.state.get("embargo"),
            "tasks": read.state.get("tasks"),
        }))
    }
}
