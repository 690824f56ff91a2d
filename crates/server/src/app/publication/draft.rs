//! Drafts and approvals.

use comity_core::access::{Action, Authorised};
use comity_core::advisory::{Advisory, Checked, Content, Publisher, PublisherCategory};
use comity_formats::export::{Loss, Site};
use comity_formats::{csaf, osv};
use comity_store::Rows;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Approval, SealedDraft};
use crate::app::cases::{CaseFile, item_owner};
use crate::app::reports::expect;
use crate::app::room::SealedItem;
use crate::app::{Answered, AppError, Hub, Once, Said, object, sha256_hex};

/// A draft as someone sends it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftForm {
    /// The content of `comity.advisory/1`.
    pub content: Value,
}

/// The newest draft of a case.
#[derive(Clone, Debug, Serialize)]
pub struct DraftRead {
    /// Names the draft: the salted commitment that its entry carries.
    pub draft: String,
    /// What an approver approves.
    pub sha256: String,
    /// Who wrote it.
    pub by: String,
    /// Who approved exactly this draft.
    pub approvals: Vec<Approval>,
    /// The content.
    pub content: Value,
    /// What each format cannot carry.
    pub losses: Vec<Value>,
}

impl Hub {
    /// Saves a draft, sealed, as the newest one; approvals of older drafts do not count for it.
    pub async fn save_draft(
        &self,
        by: Authorised<'_>,
        id: &str,
        form: DraftForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::DraftAdvisory)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        self.may_draft(by, &file)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let checked = self.draft_of(id, form.content)?;
        let content = serde_json::to_value(&checked.content).map_err(AppError::fault)?;
        let sealed = SealedDraft {
            sha256: content_sha256(&content)?,
            by: by.actor().account.clone(),
            content,
        };
        let plain = serde_json::to_vec(&sealed).map_err(AppError::fault)?;
        let item = self.seal_in(&file, "draft", &plain).await?;
        let read = DraftRead {
            draft: item.commitment.clone(),
            losses: self.losses(&checked),
            sha256: sealed.sha256,
            by: sealed.by,
            approvals: Vec::new(),
            content: sealed.content,
        };
        let said = body(&item.commitment, &by.actor().account);
        let read = serde_json::to_value(&read).map_err(AppError::fault)?;
        self.say_in(&file, "advisory.drafted", said, Some(item), read, 201, once).await
    }

    /// Returns the newest draft with its approvals.
    pub async fn read_draft(&self, by: Authorised<'_>, id: &str) -> Result<DraftRead, AppError> {
        expect(by, Action::DraftAdvisory)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        self.may_draft(by, &file)?;
        let standing = self.standing(&file).await?;
        let (draft, sealed) = standing.draft.ok_or(AppError::NotFound)?;
        self.look(by, id, "draft").await?;
        let checked = self.draft_of(id, sealed.content.clone())?;
        Ok(DraftRead {
            draft,
            losses: self.losses(&checked),
            sha256: sealed.sha256,
            by: sealed.by,
            approvals: standing.approvals,
            content: sealed.content,
        })
    }

    /// Approves the newest draft, if it is the one the approver read and another person's.
    pub(super) async fn approve(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        sha256: Option<&str>,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        by.actor().authorise(Action::ApproveAdvisory)?;
        let standing = self.standing(file).await?;
        let (draft, sealed) = standing.draft.ok_or_else(|| AppError::refused("draft-unknown"))?;
        let account = &by.actor().account;
        let named = sha256.ok_or_else(|| AppError::refused_at("field-missing", "/sha256"))?;
        if named != sealed.sha256 {
            return Err(AppError::refused_at("draft-changed", "/sha256"));
        }
        if sealed.by == *account {
            return Err(AppError::refused("second-person-needed"));
        }
        if standing.approvals.iter().any(|approval| approval.by == *account) {
            return Err(AppError::refused("already-there"));
        }
        let answer = json!({ "state": "approved", "sha256": sealed.sha256, "at": self.now() });
        let said = body(&draft, account);
        self.say_in(file, "advisory.approved", said, None, answer, 200, once).await
    }

    /// Checks content as a draft of this hub.
    pub(crate) fn draft_of(&self, case: &str, content: Value) -> Result<Checked, AppError> {
        let content = read_content(content)?;
        let advisory = Advisory::draft(case.to_owned(), self.publisher(), content, self.now());
        advisory.checked().map_err(AppError::Refused)
    }

    /// Returns this hub as advisories name it.
    pub(crate) fn publisher(&self) -> Publisher {
        let config = self.config();
        let https = config.base_url.replacen("http://", "https://", 1);
        Publisher {
            hub: config.hub.clone(),
            name: config.name.clone(),
            namespace: https,
            category: PublisherCategory::Coordinator,
            contact: Some(config.contact.clone()),
        }
    }

    fn losses(&self, checked: &Checked) -> Vec<Value> {
        let addresses = Addresses::of(&self.publisher().namespace);
        let site = addresses.site();
        let name = |format: &str, losses: Vec<Loss>| -> Vec<Value> {
            losses
                .into_iter()
                .map(|loss| json!({ "format": format, "path": loss.path, "reason": loss.reason }))
                .collect()
        };
        let mut all = name("csaf", csaf::export(checked, csaf::Version::V2_1, &site).1);
        all.extend(name("osv", osv::export(checked, &site).1));
        all
    }

    /// Seals content of a case under its coordination room, named by its commitment.
    pub(super) async fn seal_in(
        &self,
        file: &CaseFile,
        compartment: &str,
        plain: &[u8],
    ) -> Result<SealedItem, AppError> {
        let room = self.load_room(&file.coordination).await?;
        let mut item = self.seal_item(&room, "", compartment, plain, self.now_ms()).await?;
        item.item.owner = item_owner(file.case.id().as_str(), &item.commitment);
        Ok(item)
    }

    /// Writes an entry into the coordination room of a case.
    #[expect(clippy::too_many_arguments, reason = "one row of the table: kind, body, item, answer")]
    pub(super) async fn say_in(
        &self,
        file: &CaseFile,
        kind: &'static str,
        body: Value,
        item: Option<SealedItem>,
        answer: Value,
        status: u16,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let room = file.coordination.clone();
        let case = file.case.id().as_str().to_owned();
        let needs = comity_store::Needs::default().chain(&room, &self.config().hub);
        let hub = self.clone();
        let at = self.now_ms();
        self.write(once, status, needs, move |view| {
            let said = Said {
                case: &case,
                kind,
                area: "protocol",
                party: &hub.config().hub,
                body: object(body.clone()),
                at,
            };
            let head = view.head(&room, &hub.config().hub);
            let mut rows = Rows::new();
            rows.put(hub.sign_next(Some(&room), head, &said)?);
            if let Some(item) = item.clone() {
                item.put(&mut rows);
            }
            Ok((rows, answer.clone()))
        })
        .await
    }
}

/// Where this hub publishes, as foreign documents name it.
pub(crate) struct Addresses {
    pages: String,
    documents: String,
}

impl Addresses {
    pub(crate) fn of(base: &str) -> Self {
        Self {
            pages: format!("{base}/en/advisories/"),
            // What the provider's metadata names: CSAF is given over TLS alone.
            documents: format!("{}/csaf/", base.replacen("http://", "https://", 1)),
        }
    }

    pub(crate) fn site(&self) -> Site<'_> {
        Site {
            pages: &self.pages,
            documents: &self.documents,
            engine_version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// Reads the content of an advisory; what does not fit is refused under `/content`.
pub(crate) fn read_content(value: Value) -> Result<Content, AppError> {
    Content::from_value(value).map_err(|refusals| {
        AppError::Refused(
            refusals
                .into_iter()
                .map(|mut refusal| {
                    refusal.pointer = format!("/content{}", refusal.pointer);
                    refusal
                })
                .collect(),
        )
    })
}

/// Returns the hash of the content's canonical form.
pub(crate) fn content_sha256(content: &Value) -> Result<String, AppError> {
    let bytes = serde_json_canonicalizer::to_vec(content).map_err(AppError::fault)?;
    Ok(sha256_hex(&bytes))
}

/// The body of an entry that says who did something to what.
pub(super) fn body(of: &str, by: &str) -> Value {
    json!({ "by": by, "of": of })
}
