//! Approvals: who may say yes in which office, signed, until they suffice.

use std::collections::BTreeSet;

use comity_core::access::{Action, Authorised, Role};
use comity_core::sharing::{
    Account, Approval, ApprovalRefusal, Approved, Exchange, Office, RecordBody, Screened, Share,
    Tier,
};
use comity_ledger::envelope::Envelope;
use comity_store::{NEVER, Rows, Screen, SharingWrite};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ask::{hours, recorded, superseded};
use super::log::Say;
use super::{APPROVAL, Answers, RECORD, SealedRecord, second};
use crate::app::cases::CaseFile;
use crate::app::{Answered, AppError, Hub, Once};

/// Someone's yes to one tier of one result.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalForm {
    /// The hash of the result, as the approver read it.
    pub result: String,
    /// The tier.
    pub tier: String,
    /// In which office.
    pub office: String,
}

/// A record opened: what was asked, by whom, and the exchange under the policy of its day.
pub(super) struct Opened {
    pub(super) row: Screen,
    pub(super) sealed: SealedRecord,
    pub(super) exchange: Exchange,
    pub(super) record: Value,
}

impl Opened {
    /// Returns what people and facts answered.
    pub(super) fn given(&self) -> Value {
        self.record.get("given").cloned().unwrap_or_else(|| json!([]))
    }

    /// Returns the approvals the record itself holds.
    pub(super) fn approvals(&self) -> Vec<Approval> {
        let list = self.record.get("approvals").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(approval_of).collect()
    }
}

fn approval_of(value: &Value) -> Option<Approval> {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Some(Approval {
        account: Account { id: text("/account/id")?, org: text("/account/org")? },
        office: Office::parse(&text("/office")?)?,
        screen: text("/screen")?,
        tier: Tier::parse(&text("/tier")?)?,
    })
}

impl Hub {
    /// Opens a screen's record and checks it against its leaf.
    pub(super) async fn open_screen(
        &self,
        file: &CaseFile,
        screen: &str,
    ) -> Result<Opened, AppError> {
        let row = self.store().screen(file.case.id().as_str(), screen).await?;
        let row = row.ok_or(AppError::NotFound)?;
        let plain = self.item_of(file, RECORD, &row.record).await?;
        let sealed: SealedRecord = serde_json::from_slice(&plain)
            .map_err(|_| AppError::fault("a sealed record does not hold"))?;
        let salt = sealed.salt.parse().map_err(|_| AppError::fault("a record without its salt"))?;
        let leaf = comity_core::sharing::leaf(&salt, sealed.record.as_bytes());
        if comity_ledger::digest::hex(&leaf) != row.screen_id {
            return Err(AppError::fault("a record is not what its leaf says"));
        }
        let record: Value = serde_json::from_str(&sealed.record).map_err(AppError::fault)?;
        let named = record.pointer("/result/policy").and_then(Value::as_str).unwrap_or_default();
        let policy = self.screens().policies().find(named);
        let policy = policy.ok_or_else(|| AppError::refused("policy-unknown"))?;
        let exchange = record.get("exchange").cloned().unwrap_or(Value::Null);
        let exchange = Exchange::from_value(exchange, policy, None)
            .map_err(|_| AppError::fault("a recorded exchange does not hold"))?;
        Ok(Opened { row, sealed, exchange, record })
    }

    /// Approves a tier; when approvals suffice, the decision is recorded in the same unit.
    pub async fn approve_share(
        &self,
        by: Authorised<'_>,
        id: &str,
        screen: &str,
        form: ApprovalForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let file = self.share_case(by, Action::ApproveShare, id).await?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let account = by.actor().account.clone();
        let kept = once.clone();
        let done = match self.approved(by, &file, screen, &form).await {
            Ok((steps, rows, answer)) => {
                self.say_steps(&file, steps, rows, (answer, 200), once).await
            }
            Err(error) => {
                Err(self.refused_share(&file, &account, "approval", &form, error).await?)
            }
        };
        self.or_answered(done, kept).await
    }

    async fn approved(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        screen: &str,
        form: &ApprovalForm,
    ) -> Result<(Vec<Say>, Rows, Value), AppError> {
        let opened = self.open_screen(file, screen).await?;
        if opened.row.state != "open" {
            return Err(AppError::refused("screen-not-open"));
        }
        let policy = self.policy_of(&opened)?;
        let screened = Screened::new(&opened.exchange, policy);
        let now = second(self.now())?;
        if screened.screen().refusal_expires.is_some_and(|lapses| lapses <= now) {
            return Err(AppError::refused("screen-lapsed"));
        }
        let approval = approval(by, &screened, form)?;
        let mut approvals = self.approvals_of(file, screen).await?;
        let is_same =
            |one: &Approval| one.account.id == approval.account.id && one.tier == approval.tier;
        if approvals.iter().any(is_same) {
            return Err(AppError::refused("already-there"));
        }
        approvals.retain(|one| one.tier == approval.tier);
        approvals.push(approval.clone());
        let envelope =
            approval.sign(file.case.id().as_str(), now, self.signing()).map_err(AppError::fault)?;
        let item = self.seal_case_item(file, APPROVAL, envelope.as_bytes()).await?;
        let body = json!({ "by": by.actor().account, "leaf": screen, "of": item.commitment });
        let mut steps = vec![Say { kind: "screen.approved", area: "verification", body }];
        let mut rows = Rows::new();
        item.put(&mut rows);
        let interested = interested(file);
        let tier = approval.tier;
        let checked =
            Approved::check(&screened, tier, &opened.sealed.asker, &approvals, &interested);
        let (state, decided) = match checked {
            Ok(_) => {
                let (say, row) = self.decide_screen(file, &opened, &approvals, &mut rows).await?;
                steps.push(say);
                ("approved", Some(row.screen_id))
            }
            Err(ApprovalRefusal::Missing) => ("open", None),
            Err(refusal) => return Err(AppError::refused(refusal.code())),
        };
        let needs = screened.screen().tier(tier).and_then(|verdict| verdict.approval);
        let answer = json!({
            "screen": decided.as_deref().unwrap_or(screen), "state": state, "tier": tier,
            "needs": needs, "approvals": approvals,
        });
        Ok((steps, rows, answer))
    }

    /// Writes the record of a decision, which takes the place of the one that was asked.
    async fn decide_screen(
        &self,
        file: &CaseFile,
        opened: &Opened,
        approvals: &[Approval],
        rows: &mut Rows,
    ) -> Result<(Say, Screen), AppError> {
        let policy = self.policy_of(opened)?;
        let screened = Screened::new(&opened.exchange, policy);
        let now = second(self.now())?;
        let given: Answers = answers_of(&opened.record);
        let asker = opened.sealed.asker.as_str();
        let earlier = opened.row.screen_id.as_str();
        let body = RecordBody::new(
            (&opened.exchange, screened.screen()),
            approvals,
            (asker, now),
            Some(earlier),
        )
        .with_given(&given);
        let record = String::from_utf8(body.to_bytes().map_err(AppError::fault)?)
            .map_err(AppError::fault)?;
        let sealed = SealedRecord { record, ..opened.sealed.clone() };
        let (leaf, item, statement) = self.seal_record(file, sealed).await?;
        let mut counted: Share = self.open_small("screen", earlier, &opened.row.sealed)?;
        counted.hours = hours(opened.sealed.asked_at, now);
        counted.overdue = now > screened.screen().deadline;
        let row = Screen {
            screen_id: leaf.clone(),
            state: "approved".to_owned(),
            decided_at: Some(self.now_ms()),
            due_at: NEVER,
            supersedes: Some(earlier.to_owned()),
            record: item.commitment.clone(),
            statement,
            sealed: self.seal_small("screen", &leaf, &counted)?,
            updated_at: self.now_ms(),
            ..opened.row.clone()
        };
        let say = recorded(&leaf, &item.commitment, asker, Some(earlier));
        item.put(rows);
        rows.put(SharingWrite::Screen(row.clone()));
        rows.put(SharingWrite::Screen(superseded(opened.row.clone(), self.now_ms())));
        Ok((say, row))
    }

    /// Returns the policy of a record.
    pub(super) fn policy_of(
        &self,
        opened: &Opened,
    ) -> Result<&comity_core::sharing::Policy, AppError> {
        let named = opened.record.pointer("/result/policy").and_then(Value::as_str);
        let found = self.screens().policies().find(named.unwrap_or_default());
        found.ok_or_else(|| AppError::refused("policy-unknown"))
    }

    /// Returns the signed approvals of a screen, each checked again.
    pub(super) async fn approvals_of(
        &self,
        file: &CaseFile,
        screen: &str,
    ) -> Result<Vec<Approval>, AppError> {
        let case = file.case.id().as_str();
        let mut approvals = Vec::new();
        for step in self.steps_of(file, &["screen.approved"]).await? {
            if step.text("leaf") != screen {
                continue;
            }
            let bytes = self.item_of(file, APPROVAL, step.text("of")).await?;
            let envelope = Envelope::parse(&bytes).map_err(AppError::fault)?;
            let approval = Approval::open(&envelope, case, self.verifying_key());
            approvals.push(approval.ok_or_else(|| AppError::fault("an approval does not hold"))?);
        }
        Ok(approvals)
    }
}

/// The organisations with a stake in a case.
pub(super) fn interested(file: &CaseFile) -> BTreeSet<String> {
    file.case.state().parties.values().map(|party| party.org.clone()).collect()
}

fn answers_of(record: &Value) -> Answers {
    let given = record.get("given").cloned().unwrap_or_else(|| json!([]));
    comity_core::sharing::Given::list(&given)
}

/// Makes the approval that an account gives, if it holds the office and read this result.
fn approval(
    by: Authorised<'_>,
    screened: &Screened<'_>,
    form: &ApprovalForm,
) -> Result<Approval, AppError> {
    let no = |code, at: &str| AppError::refused_at(code, at);
    let office = Office::parse(&form.office).ok_or_else(|| no("value-unknown", "/office"))?;
    let role = match office {
        Office::Authority => Role::Authority,
        Office::Officer => Role::Officer,
        Office::Reviewer => Role::Reviewer,
    };
    if !by.actor().roles.contains(&role) {
        return Err(no("office-not-held", "/office"));
    }
    let tier = Tier::parse(&form.tier).ok_or_else(|| no("value-unknown", "/tier"))?;
    if form.result != screened.screen().hash() {
        return Err(no("approval-other", "/result"));
    }
    Ok(Approval {
        account: Account { id: by.actor().account.clone(), org: by.actor().organisation.clone() },
        office,
        screen: form.result.clone(),
        tier,
    })
}
