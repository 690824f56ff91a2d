//! What happens after a share was sealed: the pass is minted again, and the package made for the peer.
//!
//! A job names case and pass and nothing else; whatever has changed since stops it (SH-22).

use comity_core::access::{Action, Authorised};
use comity_ledger::entry::Salt;
use comity_store::{Outbound as OutboundRow, Rows, SharePass, SharingWrite};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SealedPass;
use super::send::Ready;
use crate::app::cases::CaseFile;
use crate::app::{AppError, Hub};

/// The outbox topic of shares.
pub(crate) const SHARE_TOPIC: &str = "share";

/// What a share that waits needs; nothing of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) case: String,
    pub(crate) pass: String,
}

impl Hub {
    /// Makes the package of a share ready to be fetched; every check is made again.
    pub(crate) async fn deliver_share(&self, payload: &[u8]) -> Result<(), AppError> {
        let job: Job = serde_json::from_slice(payload).map_err(AppError::fault)?;
        let lock = self.cases_cache().lock_of(&job.case);
        let _alone = lock.lock().await;
        let file = self.case_file(&job.case).await?;
        match self.packaged(&file, &job).await {
            Ok(row) => {
                let rows = Rows::new().with(SharingWrite::Outbound(row));
                self.store().write(rows).await?;
                Ok(())
            }
            Err(error) => {
                Err(self.refused_share(&file, &self.config().hub, "attempt", &job, error).await?)
            }
        }
    }

    async fn packaged(&self, file: &CaseFile, job: &Job) -> Result<OutboundRow, AppError> {
        let row = self.store().share_pass(&job.case, &job.pass).await?;
        let row = row.ok_or_else(|| AppError::refused("pass-missing"))?;
        let sealed = self.open_pass(file, &row).await?;
        let Ready { outbound, identity } = self.minted_again(file, &row, &sealed).await?;
        let mut parts = Vec::with_capacity(sealed.sealed.len());
        for (compartment, commitment) in &sealed.sealed {
            let (item, key) = self.case_item(&job.case, commitment).await?;
            let whole = self.open_item_whole(&item, key.as_ref()).await?;
            let whole = whole.ok_or_else(|| AppError::refused(crate::app::erase::ERASED))?;
            parts.push((compartment.clone(), commitment.clone(), whole.to_vec()));
        }
        Ok(OutboundRow {
            hub: row.hub,
            pass_id: row.pass_id,
            case_id: row.case_id,
            made_at: self.now_ms(),
            package: outbound.package(identity.encryption(), &parts)?,
        })
    }

    /// Mints a pass again from its record and salt. The same facts give the same pass to the byte; another
    /// report, another key or another tier gives another one, which is refused.
    async fn minted_again(
        &self,
        file: &CaseFile,
        row: &SharePass,
        sealed: &SealedPass,
    ) -> Result<Ready, AppError> {
        let now = super::second(self.now())?;
        if row.revoked_at.is_some() {
            return Err(AppError::refused("pass-revoked"));
        }
        if row.expires_at <= self.now_ms() {
            return Err(AppError::refused("pass-expired"));
        }
        let opened = self.open_screen(file, &sealed.screen).await?;
        let salt: Salt =
            sealed.salt.parse().map_err(|_| AppError::fault("a pass without its salt"))?;
        let ready = self.ready(file, &opened, &salt, Some(&row.pass_id)).await?;
        let outgoing = ready.outbound.outgoing();
        if outgoing.pass().not_before().is_some_and(|opens| now < opens) {
            return Err(AppError::refused("pass-early"));
        }
        if outgoing.id() != row.pass_id {
            return Err(AppError::refused("pass-object"));
        }
        Ok(ready)
    }

    /// Returns the package of a share, to be carried by hand where no line is (FE-01).
    pub async fn read_package(
        &self,
        by: Authorised<'_>,
        id: &str,
        share: &str,
    ) -> Result<Value, AppError> {
        let file = self.share_case(by, Action::Share, id).await?;
        let row = self.store().share_pass(id, share).await?.ok_or(AppError::NotFound)?;
        let sealed = self.open_pass(&file, &row).await?;
        self.minted_again(&file, &row, &sealed).await?;
        let waiting = self.store().outbound(&row.hub, share).await?;
        let waiting = waiting.ok_or_else(|| AppError::refused("share-not-ready"))?;
        self.look(by, id, &format!("package/{share}")).await?;
        serde_json::from_slice(&waiting.package).map_err(AppError::fault)
    }
}
