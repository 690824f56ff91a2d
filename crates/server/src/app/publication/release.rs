//! Approve, publish, correct, withdraw: what a coordinator asks for.

use comity_core::access::{Action, Authorised};
use comity_core::advisory::{Advisory, Checked, Correcting, Withdrawal};
use comity_store::{OutboxJob, Rows};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::draft::{body, read_content};
use super::{RELEASE_TOPIC, Scheduled, Standing};
use crate::app::cases::CaseFile;
use crate::app::reports::expect;
use crate::app::{Answered, AppError, Hub, Once};

/// One step of a publication.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Release {
    /// A second person approves the newest draft.
    Approve {
        /// What they read.
        sha256: Option<String>,
    },
    /// A new version replaces the published one.
    Correct {
        /// What changed and why, for readers.
        summary: String,
        /// Whether the old text was wrong, rather than overtaken.
        #[serde(default)]
        mistake: bool,
    },
    /// The approved draft becomes public.
    Publish {
        /// What is published, for the history.
        #[serde(default)]
        summary: Option<String>,
        /// When; at once unless named.
        #[serde(default)]
        at: Option<Timestamp>,
    },
    /// It no longer holds. A second person must ask for the same.
    Withdraw {
        /// Why, for readers.
        reason: String,
        /// What takes its place.
        #[serde(default)]
        successor: Option<String>,
    },
}

/// Where the advisory stands after a step.
#[derive(Clone, Debug, Serialize)]
pub struct Released {
    /// `approved`, `asked`, `planned`, `published` or `withdrawn`.
    pub state: String,
    /// The advisory.
    pub advisory: String,
    /// The version.
    pub version: u32,
    /// SHA-256 of the document.
    pub sha256: String,
    /// When.
    pub at: Timestamp,
}

/// Characters of a summary or reason at most.
const TEXT_CHARS_MAX: usize = 500;
const SUMMARY: &str = "First version.";

impl Hub {
    /// Carries out one step of a publication.
    ///
    /// `seen` is the validator of the state the caller decided on.
    pub async fn release(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        release: Release,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::PublishAdvisory)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let kept = once.clone();
        let done = self.release_alone(by, id, seen, release, once).await;
        self.or_answered(done, kept).await
    }

    /// Decides and writes while no other writer of this process has the case.
    async fn release_alone(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        release: Release,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        if file.etag() != seen {
            return Err(AppError::Changed);
        }
        self.leads(by, &file)?;
        match release {
            Release::Approve { sha256 } => self.approve(by, &file, sha256.as_deref(), once).await,
            Release::Correct { summary, mistake } => {
                self.correct(&file, &summary, mistake, once).await
            }
            Release::Publish { summary, at } => {
                let summary = summary.unwrap_or_else(|| SUMMARY.to_owned());
                match at.filter(|at| *at > self.now()) {
                    Some(at) => self.plan(&file, summary, at, once).await,
                    None => self.publish_now(&file, &summary, once).await,
                }
            }
            Release::Withdraw { reason, successor } => {
                self.withdraw(by, &file, reason, successor, once).await
            }
        }
    }

    /// Publishes the approved draft now, if nothing holds it back.
    pub(crate) async fn publish_now(
        &self,
        file: &CaseFile,
        summary: &str,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        check_text(summary, "/summary")?;
        let id = file.case.id().as_str();
        if self.store().advisory(id).await?.is_some() {
            return Err(AppError::refused("wrong-state"));
        }
        let content = self.releasable(file).await?;
        let draft =
            Advisory::draft(id.to_owned(), self.publisher(), read_content(content)?, self.now());
        let checked = draft.publish(summary.to_owned(), self.now())?;
        self.write_version(file, checked, "published", once).await
    }

    /// Returns the approved content, or why it may not leave.
    async fn releasable(&self, file: &CaseFile) -> Result<Value, AppError> {
        self.unheld(file)?;
        let standing = self.standing(file).await?;
        approved(standing)
    }

    /// Refuses while an embargo is in force, the case is not open, or the clock cannot be trusted.
    pub(crate) fn unheld(&self, file: &CaseFile) -> Result<(), AppError> {
        if !self.clock_is_trusted() {
            return Err(AppError::refused("clock-suspect"));
        }
        let now = file.case.greatest_at().max(self.now_ms());
        if file.case.state().in_force(now).is_some() {
            return Err(AppError::refused("embargo-holds"));
        }
        Ok(())
    }

    async fn correct(
        &self,
        file: &CaseFile,
        summary: &str,
        mistake: bool,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        check_text(summary, "/summary")?;
        let content = self.releasable(file).await?;
        let current = self.published(file).await?;
        let why = if mistake { Correcting::Mistake } else { Correcting::Facts };
        let next = current.correct(read_content(content)?, why, summary.to_owned(), self.now())?;
        self.write_version(file, next, "corrected", once).await
    }

    async fn withdraw(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        reason: String,
        successor: Option<String>,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        check_text(&reason, "/reason")?;
        let current = self.published(file).await?;
        let asked = Withdrawal { reason, successor };
        let next = current.withdraw(asked.clone(), self.now())?;
        let plain = serde_json::to_vec(&asked).map_err(AppError::fault)?;
        let standing = self.standing(file).await?;
        let account = &by.actor().account;
        if let Some((first, of)) = &standing.withdrawal
            && first != account
            && self.item_of(file, "withdrawal", of).await? == plain
        {
            return self.write_version(file, next, "withdrawn", once).await;
        }
        let item = self.seal_in(file, "withdrawal", &plain).await?;
        let said = body(&item.commitment, account);
        let answer = json!({ "state": "asked", "advisory": current.id, "at": self.now() });
        self.say_in(file, "advisory.withdrawal-asked", said, Some(item), answer, 200, once).await
    }

    /// Plans a release: everything is asked again when the instant comes.
    async fn plan(
        &self,
        file: &CaseFile,
        summary: String,
        at: Timestamp,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        check_text(&summary, "/summary")?;
        let standing = self.standing(file).await?;
        let commitment = standing.draft.as_ref().map(|(of, _)| of.clone()).unwrap_or_default();
        approved(standing)?;
        let id = file.case.id().as_str().to_owned();
        let at_ms = at.as_millisecond();
        let job = Scheduled { case: id.clone(), draft: commitment, at: at_ms, summary };
        let payload = serde_json::to_vec(&job).map_err(AppError::fault)?;
        let outbox = OutboxJob {
            id: self.new_id().to_string(),
            topic: RELEASE_TOPIC.to_owned(),
            payload,
            due_at: at_ms,
            lease_until: 0,
            attempts: 0,
            done_at: None,
            dead_at: None,
            last_error: None,
        };
        let answer = json!({ "state": "planned", "advisory": id, "at": at });
        let mut rows = Rows::new();
        rows.put(outbox);
        self.plan_entry(file, &job, rows, answer, once).await
    }

    /// Returns the advisory of a case as published last.
    pub(crate) async fn published(&self, file: &CaseFile) -> Result<Checked, AppError> {
        let row = self.store().advisory(file.case.id().as_str()).await?;
        let row = row.ok_or_else(|| AppError::refused("advisory-not-published"))?;
        Advisory::parse(&row.document)
            .map_err(|_| AppError::fault("a stored advisory does not hold"))
    }
}

fn approved(standing: Standing) -> Result<Value, AppError> {
    let (_, sealed) = standing.draft.ok_or_else(|| AppError::refused("draft-unknown"))?;
    if standing.approvals.is_empty() {
        return Err(AppError::refused("approval-missing"));
    }
    Ok(sealed.content)
}

fn check_text(text: &str, pointer: &str) -> Result<(), AppError> {
    if text.trim().is_empty() {
        return Err(AppError::refused_at("field-missing", pointer));
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(AppError::refused_over("text-too-long", pointer, TEXT_CHARS_MAX));
    }
    Ok(())
}
