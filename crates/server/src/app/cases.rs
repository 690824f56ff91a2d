//! Cases: opening one from reports, authoring entries for one's party, reading state and shared content.
//!
//! `core::case` decides; this module signs what it allows and writes entry, projections and sealed content
//! as one unit. Not here: advisories (`publication`) and the export file (`export`).

mod command;
mod open;
mod read;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use comity_core::access::{Actor, Authorised};
use comity_core::case::Case;
use comity_core::case::entry::Entry;
use comity_core::case::name::{CaseId, EntryId, HubId, PartyId};
use comity_store::Rows;
use serde_json::json;

use super::law::LawFile;
use super::{AppError, Hub, sha256_hex};

pub use command::CaseCommand;
pub(crate) use command::size_class;
pub use open::OpenCase;
pub use read::{CaseRead, CaseRow, ContentRead, EntryRow};

/// Cases kept folded in memory at most.
const CACHED_MAX: usize = 512;
/// Entries read from the store at once.
const PAGE_ROWS: u32 = 1000;

/// A case as this hub holds it: rooms, entries, fold.
#[derive(Clone, Debug)]
pub(crate) struct CaseFile {
    /// The case, folded.
    pub(crate) case: Case,
    /// The room all parties read.
    pub(crate) common: String,
    /// The room of drafts, statements and content.
    pub(crate) coordination: String,
    /// The position of the newest entry of `common` that was folded.
    pub(crate) position: i64,
    /// The reports it came from.
    pub(crate) reports: Vec<String>,
    /// When the first of them was received, milliseconds.
    pub(crate) received_at: Option<i64>,
    /// What was stated of its law, and the packs to answer with.
    pub(crate) law: Arc<LawFile>,
    /// Finders with an account here: the organisation that stands for them in the case, and the account.
    pub(crate) finders: BTreeMap<String, String>,
}

/// Returns the organisation that stands for the finder of a report in its case.
///
/// Everyone in a case reads its parties, so it is never the name of an account.
pub(crate) fn finder_org(report: &str) -> String {
    format!("finder-of-{report}")
}

/// Returns the organisation under which the cases of a finder's account are listed.
pub(crate) fn listed_as(account: &str) -> String {
    format!("account-{account}")
}

/// Returns the finders among those who filed `reports`.
pub(crate) fn finders<'a>(
    reports: impl IntoIterator<Item = &'a comity_store::Report>,
) -> Result<BTreeMap<String, String>, AppError> {
    let mut found = BTreeMap::new();
    for report in reports {
        if let Some(account) = super::reports::summary(report)?.filed_by {
            found.insert(finder_org(&report.report_id), account);
        }
    }
    Ok(found)
}

impl CaseFile {
    /// Returns the validator of the state: a hash over the heads of the room (PO-74).
    pub(crate) fn etag(&self) -> String {
        let order: Vec<&str> = self.case.entries().map(|entry| entry.id.as_str()).collect();
        sha256_hex(order.join("\n").as_bytes()).chars().take(32).collect()
    }

    /// Returns the parties of an actor that are hosted at `hub`: its organisation's, and itself as finder.
    pub(crate) fn parties_of(&self, actor: &Actor, hub: &str) -> Vec<PartyId> {
        let is_own = |org: &str| {
            org == actor.organisation || self.finders.get(org).is_some_and(|a| *a == actor.account)
        };
        self.case
            .state()
            .parties
            .iter()
            .filter(|(_, party)| is_own(&party.org) && party.hub.as_str() == hub)
            .map(|(id, _)| id.clone())
            .collect()
    }
}

/// Cases folded lately, and one lock a case for those who write.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    folded: Mutex<BTreeMap<String, Arc<CaseFile>>>,
    writing: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Cache {
    /// Returns a case as it was folded last, which may be behind the store.
    pub(crate) fn folded(&self, id: &str) -> Option<Arc<CaseFile>> {
        self.known(id)
    }

    fn known(&self, id: &str) -> Option<Arc<CaseFile>> {
        self.folded.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    pub(crate) fn remember(&self, id: &str, file: Arc<CaseFile>) {
        let mut folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        if folded.len() >= CACHED_MAX {
            folded.clear();
        }
        folded.insert(id.to_owned(), file);
    }

    /// Returns the lock of a case, so that two writers of this process do not sign twins.
    pub(crate) fn lock_of(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if writing.len() >= CACHED_MAX {
            writing.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        Arc::clone(writing.entry(id.to_owned()).or_default())
    }
}

impl Hub {
    /// Returns a case as it is now, or not found.
    pub(crate) async fn case_file(&self, id: &str) -> Result<Arc<CaseFile>, AppError> {
        if let Some(file) = self.cases_cache().known(id)
            && self.store().room_position(&file.common).await? == file.position
        {
            if self.store().room_position(&file.coordination).await? == file.law.position {
                return Ok(file);
            }
            let law = self.law_file(id, &file.coordination, Some(&file.law)).await?;
            let file = Arc::new(CaseFile { law: Arc::new(law), ..(*file).clone() });
            self.cases_cache().remember(id, Arc::clone(&file));
            return Ok(file);
        }
        let file = Arc::new(self.fold_case(id).await?);
        self.cases_cache().remember(id, Arc::clone(&file));
        Ok(file)
    }

    /// Folds a case from its stored entries, each checked as it is read.
    async fn fold_case(&self, id: &str) -> Result<CaseFile, AppError> {
        let case_id: CaseId = id.parse().map_err(|_| AppError::NotFound)?;
        let rooms = self.store().rooms_of_case(id, PAGE_ROWS).await?;
        let of_kind = |kind: &str| {
            rooms.iter().find(|room| room.kind == kind).map(|room| room.room_id.clone())
        };
        let common = of_kind(COMMON).ok_or(AppError::NotFound)?;
        let coordination = of_kind(COORDINATION).ok_or(AppError::NotFound)?;
        let mut entries = Vec::new();
        let mut position = 0;
        loop {
            let page = self.store().entries(&common, position, PAGE_ROWS).await?;
            let Some(last) = page.last() else { break };
            position = last.position;
            for row in &page {
                entries.push(Arc::new(self.checked(&row.envelope)?));
            }
        }
        let reports = self.store().reports_of_case(id, PAGE_ROWS).await?;
        let law = self.law_file(id, &coordination, None).await?;
        Ok(CaseFile {
            law: Arc::new(law),
            received_at: reports.iter().map(|row| row.received_at).min(),
            case: Case::fold(case_id, entries),
            common,
            coordination,
            position,
            finders: finders(&reports)?,
            reports: reports.into_iter().map(|row| row.report_id).collect(),
        })
    }

    /// Reads a stored envelope and verifies it again: what the disk says is not believed.
    pub(crate) fn checked(&self, envelope: &[u8]) -> Result<Entry, AppError> {
        let (id, payload) = self.opened(envelope)?;
        let members: serde_json::Value =
            serde_json::from_slice(&payload).map_err(AppError::fault)?;
        let members = members.as_object().ok_or_else(|| AppError::fault("no entry"))?;
        let id: EntryId = id.parse().map_err(AppError::fault)?;
        Entry::read_signed(id, members).map_err(AppError::fault)
    }

    /// Verifies a stored envelope under this hub's key, or that of the peer who signed it, and returns its id
    /// and payload.
    pub(crate) fn opened(&self, envelope: &[u8]) -> Result<(String, Vec<u8>), AppError> {
        let envelope =
            comity_ledger::envelope::Envelope::parse(envelope).map_err(AppError::fault)?;
        if !envelope.is_signed_by(self.verifying_key()) && !self.is_of_peer(&envelope) {
            return Err(AppError::fault("a stored entry's signature does not hold"));
        }
        Ok((envelope.id().to_string(), envelope.payload().to_vec()))
    }

    /// Returns the sealed item of a case that a commitment names.
    ///
    /// Each item has an owner of its own, so that one is found among any number.
    pub(crate) async fn case_item(
        &self,
        case: &str,
        commitment: &str,
    ) -> Result<(comity_store::Item, Option<comity_store::ItemKey>), AppError> {
        let found = self.store().items(&item_owner(case, commitment), 1).await?;
        found.into_iter().next().ok_or(AppError::NotFound)
    }

    /// Refuses, like something absent, a case the actor's organisation is no party of.
    pub(crate) fn visible(&self, by: Authorised<'_>, file: &CaseFile) -> Result<(), AppError> {
        if by.actor().is_staff() || !self.own_parties(by.actor(), file).is_empty() {
            return Ok(());
        }
        Err(AppError::NotFound)
    }

    /// Whether a case is there for this actor, whatever its token is good for.
    pub async fn sees_case(&self, actor: &Actor, id: &str) -> Result<bool, AppError> {
        match self.case_file(id).await {
            Ok(file) => Ok(actor.is_staff() || !self.own_parties(actor, &file).is_empty()),
            Err(AppError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns the parties the actor's organisation has in a case.
    pub(crate) fn own_parties(&self, actor: &Actor, file: &CaseFile) -> Vec<PartyId> {
        file.parties_of(actor, &self.config().hub)
    }

    /// Returns this hub's id as the case protocol writes it.
    pub(crate) fn hub_id(&self) -> Result<HubId, AppError> {
        self.config().hub.parse().map_err(AppError::fault)
    }

    /// Adds the read models of a case to a unit.
    pub(crate) fn project(&self, file: &CaseFile, rows: &mut Rows) {
        let now = self.now_ms();
        let view = file.case.view(now);
        let id = view.case.as_str().to_owned();
        let opened_at = file.case.entries().next().map_or(now, |entry| entry.at);
        let summary = json!({ "reports": file.reports });
        rows.put(comity_store::CaseSummary {
            case_id: id.clone(),
            opened_at,
            status: view.status.to_owned(),
            em: view.em.to_owned(),
            pxa: view.pxa.clone(),
            lead: view.lead.map(|lead| lead.party.as_str().to_owned()).unwrap_or_default(),
            next_due: view
                .tasks
                .iter()
                .map(|task| task.due)
                .chain(self.next_duty(file))
                .min()
                .unwrap_or(comity_store::NEVER),
            heads: file.etag(),
            updated_at: now,
            closed_at: (view.status != "open").then_some(now),
            summary: summary.to_string(),
        });
        // A fold without its rooms is that of a rebuild, which writes the law side afterwards.
        if !file.coordination.is_empty() {
            self.project_law(file, view.status == "open", rows);
        }
        for party in view.parties {
            let roles: Vec<String> = party
                .roles
                .iter()
                .filter_map(|role| serde_json::to_value(role).ok())
                .filter_map(|role| role.as_str().map(str::to_owned))
                .collect();
            rows.put(comity_store::CaseParty {
                case_id: id.clone(),
                party_id: party.party.as_str().to_owned(),
                org: file
                    .finders
                    .get(&party.org)
                    .map_or_else(|| party.org.clone(), |a| listed_as(a)),
                hub: party.hub.as_str().to_owned(),
                role: roles.join(" "),
                joined_at: opened_at,
                left_at: party.removed.then_some(now),
                summary: "{}".to_owned(),
            });
        }
    }
}

/// Returns the owner of the sealed item of a case that a commitment names.
pub(crate) fn item_owner(case: &str, commitment: &str) -> String {
    format!("{case}/{commitment}")
}

/// The kind of the room that all parties read.
pub(crate) const COMMON: &str = "common";
/// The kind of the room of drafts, statements and content.
pub(crate) const COORDINATION: &str = "coordination";
