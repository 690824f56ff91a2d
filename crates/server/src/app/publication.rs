//! From draft to advisory: sealed drafts, approval by a second person, publication, correction, withdrawal.
//!
//! No one person publishes, nothing is published while an embargo is in force by the fold, and a clock that
//! jumped publishes nothing. Each step is a signed entry: drafts and approvals in the case's
//! `coordination` room, what was published in the hub's public `publication` room.
//! Not here: reading what is public (`advisories`).

mod draft;
mod release;
mod scheduled;
mod write;

use comity_core::access::Authorised;
use comity_ledger::entry::Entry;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::cases::CaseFile;
use super::{AppError, Hub};

pub(crate) use draft::Addresses;
pub use draft::{DraftForm, DraftRead};
pub use release::{Release, Released};
pub(crate) use scheduled::{RELEASE_TOPIC, Scheduled};

/// Entries of one coordination room that are read to learn where a publication stands.
const ENTRIES_MAX: u32 = 1000;
/// The name of the hub's room of publications.
pub(crate) const PUBLICATION: &str = "publication";

/// What an entry of the coordination room says about a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    kind: String,
    at: i64,
    by: String,
    /// The salted commitment of the sealed draft or reason.
    of: String,
}

/// A draft as it lies sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SealedDraft {
    /// SHA-256 of the content's canonical form: what an approver approves.
    pub(crate) sha256: String,
    /// Who wrote it.
    pub(crate) by: String,
    /// The content of `comity.advisory/1`.
    pub(crate) content: Value,
}

/// Someone's yes to a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Where the publication of a case stands.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The newest draft with its commitment.
    pub(crate) draft: Option<(String, SealedDraft)>,
    /// Approvals of exactly that draft by others than its author.
    pub(crate) approvals: Vec<Approval>,
    /// Who asked for the withdrawal, with the commitment of the reason.
    pub(crate) withdrawal: Option<(String, String)>,
}

impl Hub {
    /// Returns where the publication of a case stands, from its signed entries.
    pub(crate) async fn standing(&self, file: &CaseFile) -> Result<Standing, AppError> {
        let rows = self.store().entries(&file.coordination, 0, ENTRIES_MAX).await?;
        let mut steps = Vec::with_capacity(rows.len());
        for row in &rows {
            let (_, payload) = self.opened(&row.envelope)?;
            let entry = Entry::parse(&payload).map_err(AppError::fault)?;
            steps.extend(step(&entry));
        }
        let newest = steps.iter().rev().find(|step| step.kind == "advisory.drafted").cloned();
        let Some(newest) = newest else {
            return Ok(Standing { draft: None, approvals: Vec::new(), withdrawal: None });
        };
        let draft = self.sealed_draft(file, &newest.of).await?;
        let approvals = steps
            .iter()
            .filter(|step| step.kind == "advisory.approved" && step.of == newest.of)
            .filter(|step| step.by != newest.by)
            .map(|step| Approval { by: step.by.clone(), at: super::reports::instant(step.at) })
            .collect();
        let withdrawal = steps
            .iter()
            .rev()
            .find(|step| step.kind == "advisory.withdrawal-asked")
            .map(|step| (step.by.clone(), step.of.clone()));
        Ok(Standing { draft: Some((newest.of, draft)), approvals, withdrawal })
    }

    /// Opens the item that a commitment names.
    pub(crate) async fn item_of(
        &self,
        file: &CaseFile,
        compartment: &str,
        commitment: &str,
    ) -> Result<Vec<u8>, AppError> {
        let name = format!("{compartment}/{commitment}");
        let items =
            self.store().items(file.case.id().as_str(), super::reports::ITEMS_MAX).await?;
        for (item, key) in items {
            if item.compartment == name {
                let plain = self.open_item(&item, key.as_ref()).await?;
                return plain.map(|plain| plain.to_vec()).ok_or(AppError::NotFound);
            }
        }
        Err(AppError::NotFound)
    }

    async fn sealed_draft(
        &self,
        file: &CaseFile,
        commitment: &str,
    ) -> Result<SealedDraft, AppError> {
        let plain = self.item_of(file, "draft", commitment).await?;
        serde_json::from_slice(&plain).map_err(AppError::fault)
    }

    /// Only the lead's hub publishes: refuses anyone whose organisation does not lead the case.
    fn leads(&self, by: Authorised<'_>, file: &CaseFile) -> Result<(), AppError> {
        let lead = file.case.state().lead_party();
        let is_lead = lead.is_some_and(|lead| {
            lead.hub.as_str() == self.config().hub && lead.org == by.actor().organisation
        });
        if is_lead { Ok(()) } else { Err(AppError::refused("not-lead")) }
    }
}

fn step(entry: &Entry) -> Option<Step> {
    let text = |body: &Map<String, Value>, key: &str| {
        body.get(key).and_then(Value::as_str).map(str::to_owned)
    };
    Some(Step {
        kind: entry.kind.as_str().to_owned(),
        at: i64::try_from(entry.at).ok()?,
        by: text(&entry.body, "by")?,
        of: text(&entry.body, "of")?,
    })
}
