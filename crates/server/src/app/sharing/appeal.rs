//! The note that a screen took place, and appeals against it (SH-30).

use comity_core::access::{Action, Authorised};
use comity_core::sharing::{Appeal, Instant, Note, Screened, Share};
use comity_store::{Rows, SharingWrite};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::approve::Opened;
use super::log::{Say, Step};
use super::{PAGE_ROWS, REASON, second};
use crate::app::cases::CaseFile;
use crate::app::reports::expect;
use crate::app::{Answered, AppError, Hub, Once};

/// Characters of a reason at most.
const WHY_CHARS_MAX: usize = 2_000;

/// An appeal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppealForm {
    /// Why.
    pub why: String,
    /// The party it is for; the screen's recipient unless the finder appeals.
    #[serde(default)]
    pub party: Option<String>,
}

/// The decision of an appeal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {
    /// `upheld` or `overridden`.
    pub decision: String,
    /// Why.
    pub why: String,
}

impl Hub {
    /// Lists the screens of a case as its parties may know of them: that one took place, and how to appeal.
    pub async fn screen_notes(&self, by: Authorised<'_>, id: &str) -> Result<Value, AppError> {
        expect(by, Action::ReadCase)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        let mut items = Vec::new();
        for row in self.store().screens_of_case(id, "", PAGE_ROWS).await? {
            if row.state == "superseded" {
                continue;
            }
            let opened = self.open_screen(&file, &row.screen_id).await?;
            let at = row.decided_at.unwrap_or(row.asked_at);
            let screened = Screened::new(&opened.exchange, self.policy_of(&opened)?);
            let note = Note::of(screened.screen(), id, second(crate::app::reports::instant(at))?);
            items.push(json!({ "screen": row.screen_id, "note": note }));
        }
        Ok(json!({ "items": items, "next": null }))
    }

    /// Lodges an appeal against a screen.
    pub async fn appeal_screen(
        &self,
        by: Authorised<'_>,
        id: &str,
        screen: &str,
        form: AppealForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::AppealScreen)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let account = by.actor().account.clone();
        let kept = once.clone();
        let done = match self.appealed(&file, screen, (&account, &form), once).await {
            Err(error) => Err(self.refused_share(&file, &account, "appeal", &form, error).await?),
            done => done,
        };
        self.or_answered(done, kept).await
    }

    async fn appealed(
        &self,
        file: &CaseFile,
        screen: &str,
        (account, form): (&str, &AppealForm),
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        checked_why(&form.why)?;
        let opened = self.open_screen(file, screen).await?;
        let now = second(self.now())?;
        let appeal = self.lodged(file, &opened, now).await?;
        let deadline = appeal.deadline(working_days);
        let reason = self.seal_case_item(file, REASON, form.why.as_bytes()).await?;
        let body = json!({
            "by": account, "leaf": screen, "of": reason.commitment, "due": deadline,
        });
        let mut rows = Rows::new();
        reason.put(&mut rows);
        let say = Say { kind: "screen.appealed", area: "protocol", body };
        let answer = json!({ "screen": screen, "state": "appealed", "due": deadline });
        self.say_steps(file, vec![say], rows, (answer, 201), once).await
    }

    /// Decides the appeal against a screen; nobody who asked or approved may.
    pub async fn decide_appeal(
        &self,
        by: Authorised<'_>,
        id: &str,
        screen: &str,
        form: DecisionForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let file = self.share_case(by, Action::ApproveShare, id).await?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let account = by.actor().account.clone();
        let kept = once.clone();
        let done = match self.appeal_decided(&file, screen, (&account, &form), once).await {
            Err(error) => {
                Err(self.refused_share(&file, &account, "appeal-decision", &form, error).await?)
            }
            done => done,
        };
        self.or_answered(done, kept).await
    }

    async fn appeal_decided(
        &self,
        file: &CaseFile,
        screen: &str,
        (account, form): (&str, &DecisionForm),
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        checked_why(&form.why)?;
        if !matches!(&*form.decision, "overridden" | "upheld") {
            return Err(AppError::refused_at("value-unknown", "/decision"));
        }
        let mut opened = self.open_screen(file, screen).await?;
        let steps = self.appeals_of(file, screen).await?;
        let lodged = steps.iter().rev().find(|step| step.kind == "screen.appealed");
        let lodged = lodged.ok_or_else(|| AppError::refused("appeal-unknown"))?;
        if steps.last().is_some_and(|step| step.kind == "screen.appeal-decided") {
            return Err(AppError::refused("already-there"));
        }
        let at = second(crate::app::reports::instant(lodged.at))?;
        let appeal = self.lodged(file, &opened, at).await?;
        appeal.may_decide(account).map_err(|refusal| AppError::refused(refusal.code()))?;
        let reason = self.seal_case_item(file, REASON, form.why.as_bytes()).await?;
        let body = json!({
            "by": account, "leaf": screen, "of": reason.commitment,
            "decision": form.decision,
        });
        let mut rows = Rows::new();
        reason.put(&mut rows);
        if form.decision == "overridden" {
            let mut counted: Share = self.open_small("screen", screen, &opened.row.sealed)?;
            counted.overridden = true;
            opened.row.sealed = self.seal_small("screen", screen, &counted)?;
            // What was overridden is screened anew, by whoever asks again.
            opened.row.due_at = self.now_ms();
            opened.row.updated_at = self.now_ms();
            rows.put(SharingWrite::Screen(opened.row));
        }
        let say = Say { kind: "screen.appeal-decided", area: "protocol", body };
        let answer = json!({ "screen": screen, "state": form.decision });
        self.say_steps(file, vec![say], rows, (answer, 200), once).await
    }

    async fn appeals_of(&self, file: &CaseFile, screen: &str) -> Result<Vec<Step>, AppError> {
        let kinds = ["screen.appealed", "screen.appeal-decided"];
        let mut steps = self.steps_of(file, &kinds).await?;
        steps.retain(|step| step.text("leaf") == screen);
        Ok(steps)
    }

    async fn lodged(
        &self,
        file: &CaseFile,
        opened: &Opened,
        at: Instant,
    ) -> Result<Appeal, AppError> {
        let decided = opened.row.decided_at.unwrap_or(opened.row.asked_at);
        let decided = second(crate::app::reports::instant(decided))?;
        let mut involved: Vec<String> =
            opened.approvals().into_iter().map(|one| one.account.id).collect();
        let open = self.approvals_of(file, &opened.row.screen_id).await?;
        involved.extend(open.into_iter().map(|one| one.account.id));
        involved.push(opened.sealed.asker.clone());
        let screened = Screened::new(&opened.exchange, self.policy_of(opened)?);
        Appeal::lodge(screened.screen(), (decided, at), involved)
            .map_err(|refusal| AppError::refused(refusal.code()))
    }
}

fn checked_why(why: &str) -> Result<(), AppError> {
    let length = why.chars().count();
    if length == 0 || length > WHY_CHARS_MAX {
        return Err(AppError::refused_at("value-invalid", "/why"));
    }
    Ok(())
}

/// Counts days from Monday to Friday; a hub's own holidays only lengthen what a person reads.
fn working_days(from: Instant, days: u32) -> Instant {
    const THURSDAY: i64 = 4;
    let mut at = from;
    let mut left = days;
    while left > 0 {
        at = at.plus_days(1);
        // 1970 began on a Thursday; 0 is Sunday.
        let weekday = (at.as_second().div_euclid(86_400) + THURSDAY).rem_euclid(7);
        if !matches!(weekday, 0 | 6) {
            left -= 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_working_days_leave_two_weekends_out() {
        let friday = Instant::parse("2027-01-15T09:00:00Z").unwrap();
        assert_eq!(working_days(friday, 10).to_string(), "2027-01-29T09:00:00Z");
        assert_eq!(working_days(friday, 1).to_string(), "2027-01-18T09:00:00Z");
    }
}
