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

/// Entries read from the store at once.
const PAGE_ROWS: u32 = 1000;
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
        let steps = self.steps(file).await?;
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

    /// Reads every step of a publication: a newer draft must never be overlooked.
    async fn steps(&self, file: &CaseFile) -> Result<Vec<Step>, AppError> {
        let mut steps = Vec::new();
        let mut position = 0;
        loop {
            let rows = self.store().entries(&file.coordination, position, PAGE_ROWS).await?;
            let Some(last) = rows.last() else { return Ok(steps) };
            position = last.position;
            for row in &rows {
                let (_, payload) = self.opened(&row.envelope)?;
                let entry = Entry::parse(&payload).map_err(AppError::fault)?;
                steps.extend(step(&entry));
            }
        }
    }

    /// Opens the item that a commitment names.
    pub(crate) async fn item_of(
        &self,
        file: &CaseFile,
        compartment: &str,
        commitment: &str,
    ) -> Result<Vec<u8>, AppError> {
        let (item, key) = self.case_item(file.case.id().as_str(), commitment).await?;
        if item.compartment != compartment {
            return Err(AppError::NotFound);
        }
        let plain = self.open_item(&item, key.as_ref()).await?;
        plain.map(|plain| plain.to_vec()).ok_or(AppError::NotFound)
    }

    async fn sealed_draft(
        &self,
        file: &CaseFile,
        commitment: &str,
    ) -> Result<SealedDraft, AppError> {
        let plain = self.item_of(file, "draft", commitment).await?;
        // The words of a draft must not reach a log through an error.
        serde_json::from_slice(&plain).map_err(|_| AppError::fault("a sealed draft does not hold"))
    }

    /// Refuses, like something absent, the draft to a party that content may not reach now (CP-33).
    fn may_draft(&self, by: Authorised<'_>, file: &CaseFile) -> Result<(), AppError> {
        let now = file.case.greatest_at().max(self.now_ms());
        let own = self.own_parties(by.actor(), file);
        if by.actor().is_staff() || own.iter().any(|party| file.case.gate(party, now)) {
            return Ok(());
        }
        Err(AppError::NotFound)
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
