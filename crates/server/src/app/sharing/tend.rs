//! What falls due: decisions that nobody took, refusals that lapse (SH-13, SH-14).

use comity_core::sharing::{Share, Verdict};
use comity_store::{NEVER, Rows, Screen, SharingWrite};
use serde_json::{Value, json};

use super::ask::superseded;
use super::log::Say;
use super::{millis, second};
use crate::app::cases::CaseFile;
use crate::app::{AppError, Hub};

/// Screens tended at once.
const DUE_MAX: u32 = 16;
/// After how long what is overdue is looked at again, in milliseconds.
const REMIND_MS: i64 = 24 * 3600 * 1000;

impl Hub {
    /// Tends screens that are due and returns how many: an open one is told overdue and goes to the authority,
    /// a refusal that lapsed is screened anew. Time alone never allows.
    pub async fn tend_screens(&self) -> Result<u64, AppError> {
        let mut done = 0;
        if !self.clock_is_trusted() {
            return Ok(done);
        }
        for row in self.store().screens_due(self.now_ms(), DUE_MAX).await? {
            let lock = self.cases_cache().lock_of(&row.case_id);
            let _alone = lock.lock().await;
            let case = self.case_file(&row.case_id).await?;
            let current = self.store().screen(&row.case_id, &row.screen_id).await?;
            let Some(row) = current.filter(|now| now.due_at == row.due_at) else { continue };
            match self.tend(&case, row.clone()).await {
                Ok(()) => done += 1,
                // What cannot be screened any more, because its report or party is gone, is put aside.
                Err(AppError::Refused(refusals)) => {
                    let code = refusals.first().map_or("refused", |refusal| refusal.code);
                    self.put_aside(&case, row, code).await?;
                    done += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    async fn tend(&self, file: &CaseFile, row: Screen) -> Result<(), AppError> {
        let opened = self.open_screen(file, &row.screen_id).await?;
        let lapses = opened.record.pointer("/result/refusal_expires").and_then(Value::as_str);
        let lapses = lapses.and_then(comity_core::sharing::Instant::parse).map(millis);
        let has_lapsed = lapses.is_some_and(|lapses| lapses <= self.now_ms());
        if row.state == "open" && !has_lapsed {
            return self.overdue(file, row, lapses).await;
        }
        self.screen_anew(file, row, &opened.sealed).await
    }

    /// Tells that nobody decided in time: from now on it is for the authority.
    async fn overdue(
        &self,
        file: &CaseFile,
        mut row: Screen,
        lapses: Option<i64>,
    ) -> Result<(), AppError> {
        let mut counted: Share = self.open_small("screen", &row.screen_id, &row.sealed)?;
        let is_first = !counted.overdue || row.updated_at == row.asked_at;
        counted.overdue = true;
        row.sealed = self.seal_small("screen", &row.screen_id, &counted)?;
        let again = self.now_ms().saturating_add(REMIND_MS);
        row.due_at = lapses.map_or(again, |lapses| lapses.min(again));
        row.updated_at = self.now_ms();
        // Said once; after that it stays on the list until someone decides.
        let body = json!({ "leaf": row.screen_id, "to": "authority" });
        let say = Say { kind: "screen.overdue", area: "protocol", body };
        let steps = if is_first { vec![say] } else { Vec::new() };
        let rows = Rows::new().with(SharingWrite::Screen(row));
        self.say_steps(file, steps, rows, (Value::Null, 200), None).await.map(|_| ())
    }

    /// Screens again, with what people said and what the facts are now.
    async fn screen_anew(
        &self,
        file: &CaseFile,
        mut row: Screen,
        sealed: &super::SealedRecord,
    ) -> Result<(), AppError> {
        let at = second(self.now())?;
        let gathered =
            self.gather(None, file, Some(&sealed.report), (&sealed.ask.purpose, at)).await?;
        let party = (sealed.party.as_str(), sealed.asker.as_str());
        let made =
            self.make_screen(file, &gathered, party, &sealed.ask, (at, at), Some(&row)).await?;
        let mut counted: Share = self.open_small("screen", &row.screen_id, &row.sealed)?;
        counted.lapsed = counted.outcome != Verdict::Allow;
        row.sealed = self.seal_small("screen", &row.screen_id, &counted)?;
        let mut rows = Rows::new();
        made.item.put(&mut rows);
        rows.put(SharingWrite::Screen(made.row));
        rows.put(SharingWrite::Screen(superseded(row, self.now_ms())));
        self.say_steps(file, vec![made.say], rows, (Value::Null, 200), None).await.map(|_| ())
    }

    async fn put_aside(
        &self,
        file: &CaseFile,
        mut row: Screen,
        code: &'static str,
    ) -> Result<(), AppError> {
        row.due_at = NEVER;
        "refused".clone_into(&mut row.state);
        row.decided_at = row.decided_at.or(Some(self.now_ms()));
        row.updated_at = self.now_ms();
        let body = json!({ "codes": [code], "leaf": row.screen_id, "what": "rescreen" });
        let say = Say { kind: "share.refused", area: "protocol", body };
        let rows = Rows::new().with(SharingWrite::Screen(row));
        self.say_steps(file, vec![say], rows, (Value::Null, 200), None).await.map(|_| ())
    }
}
