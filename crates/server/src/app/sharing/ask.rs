//! Asking for a screen, and the preview that stores nothing.

use std::sync::Arc;

use comity_core::access::{Action, Authorised};
use comity_core::refusal::Refusal;
use comity_core::sharing::{
    Ask, Instant, LEAF_SCHEMA, RecordBody, Screened, Share, Verdict, compose, leaf, preview_of,
};
use comity_ledger::digest;
use comity_ledger::entry::Salt;
use comity_ledger::statement::{self, StatementKind};
use comity_store::{NEVER, Rows, Screen, SharingWrite};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::gather::Gathered;
use super::log::Say;
use super::{RECORD, REFUSED, SealedRecord, millis, second};
use crate::app::cases::CaseFile;
use crate::app::reports::expect;
use crate::app::room::SealedItem;
use crate::app::{Answered, AppError, Hub, Once};
use crate::rng::OsRandom;

/// Recipients of one preview at most.
const RECIPIENTS_MAX: usize = 200;
/// Codes that the entry of a refusal names at most.
const CODES_MAX: usize = 8;
/// Bytes of refused input that are kept.
const KEPT_BYTES_MAX: usize = 32 << 10;

/// What someone asks a screen for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreenForm {
    /// The recipient: a party of the case at another hub.
    pub party: String,
    /// The report; the case's first unless named.
    #[serde(default)]
    pub report: Option<String>,
    /// The screen that this one takes the place of.
    #[serde(default)]
    pub supersedes: Option<String>,
    /// What is asked for and answered.
    pub ask: Ask,
}

/// What someone wants to see before anything is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewForm {
    /// The report; the case's first unless named.
    #[serde(default)]
    pub report: Option<String>,
    /// What is the same for every recipient.
    pub ask: Ask,
    /// The recipients.
    pub recipients: Vec<RecipientForm>,
}

/// One recipient of a preview, with the answers that are about it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipientForm {
    /// The party.
    pub party: String,
    /// Answers about it alone.
    #[serde(default)]
    pub answers: Map<String, Value>,
    /// Gates about it alone.
    #[serde(default)]
    pub gates: Map<String, Value>,
}

/// A screen with everything it was made of.
pub(super) struct Made {
    pub(super) item: SealedItem,
    pub(super) row: Screen,
    pub(super) say: Say,
    pub(super) answer: Value,
}

impl Hub {
    /// Returns a case for those who handle its sharing.
    pub(super) async fn share_case(
        &self,
        by: Authorised<'_>,
        action: Action,
        id: &str,
    ) -> Result<Arc<CaseFile>, AppError> {
        expect(by, action)?;
        self.case_file(id).await
    }

    /// Shows what each recipient would see, stores nothing but the look.
    pub async fn preview_share(
        &self,
        by: Authorised<'_>,
        id: &str,
        form: PreviewForm,
    ) -> Result<Value, AppError> {
        let file = self.share_case(by, Action::ReadShare, id).await?;
        if form.recipients.len() > RECIPIENTS_MAX {
            return Err(AppError::refused_at("list-too-long", "/recipients"));
        }
        let at = second(self.now())?;
        let gathered =
            self.gather(Some(by), &file, form.report.as_deref(), (&form.ask.purpose, at)).await?;
        let policy = self.screens().policies().current();
        let mut cuts = comity_core::sharing::Cuts::new(&gathered.report, policy);
        let mut items = Vec::with_capacity(form.recipients.len());
        for (place, recipient) in form.recipients.iter().enumerate() {
            let base = format!("/recipients/{place}");
            let shown = match self.recipient(&file, &gathered, &recipient.party, at).await {
                Ok(side) => {
                    let ask = with_recipient(&form.ask, recipient);
                    compose(&gathered.side, &side, &ask, (at, at), policy).and_then(|composed| {
                        let preview = preview_of(&composed.exchange, &mut cuts, policy)?;
                        Ok(json!({
                            "party": recipient.party, "preview": preview, "given": composed.given, "settled": composed.settled,
                            "asked": composed.asked(), "agreements": side.agreements,
                        }))
                    })
                }
                Err(AppError::Refused(refusals)) => Err(refusals),
                Err(error) => return Err(error),
            };
            items.push(shown.unwrap_or_else(|refusals| {
                let refusals = below(&base, refusals);
                json!({ "party": recipient.party, "refusals": refusals })
            }));
        }
        Ok(json!({ "schema": "comity.share-previews/1", "case": id, "at": at, "items": items }))
    }

    /// Screens one exchange and records the result; input that is refused is recorded, too.
    pub async fn ask_screen(
        &self,
        by: Authorised<'_>,
        id: &str,
        form: ScreenForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let file = self.share_case(by, Action::Share, id).await?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let account = by.actor().account.clone();
        let done = self.made_screen(by, &file, &form, &account).await;
        let (made, earlier) = match done {
            Ok(made) => made,
            Err(error) => {
                return Err(self
                    .refused_share(&file, &account, "screen", &form.ask, error)
                    .await?);
            }
        };
        let mut rows = Rows::new();
        made.item.clone().put(&mut rows);
        rows.put(SharingWrite::Screen(made.row.clone()));
        if let Some(earlier) = earlier {
            rows.put(SharingWrite::Screen(superseded(earlier, self.now_ms())));
        }
        let kept = once.clone();
        let done = self.say_steps(&file, vec![made.say], rows, (made.answer, 201), once).await;
        self.or_answered(done, kept).await
    }

    async fn made_screen(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        form: &ScreenForm,
        asker: &str,
    ) -> Result<(Made, Option<Screen>), AppError> {
        let case = file.case.id().as_str();
        let earlier = match &form.supersedes {
            None => None,
            Some(leaf) => {
                let row = self.store().screen(case, leaf).await?;
                let row = row.filter(|row| row.state != "superseded");
                Some(row.ok_or_else(|| AppError::refused_at("screen-unknown", "/supersedes"))?)
            }
        };
        let at = second(self.now())?;
        let asked_at = match &earlier {
            // A new try of what is still open does not buy new time (SH-13).
            Some(row) if row.decided_at.is_none() => {
                second(crate::app::reports::instant(row.asked_at))?
            }
            Some(_) | None => at,
        };
        let gathered =
            self.gather(Some(by), file, form.report.as_deref(), (&form.ask.purpose, at)).await?;
        let party = (form.party.as_str(), asker);
        let made = self
            .make_screen(file, &gathered, party, &form.ask, (asked_at, at), earlier.as_ref())
            .await?;
        Ok((made, earlier))
    }

    /// Composes, screens and seals a record.
    pub(super) async fn make_screen(
        &self,
        file: &CaseFile,
        gathered: &Gathered,
        (party, asker): (&str, &str),
        ask: &Ask,
        (asked_at, at): (Instant, Instant),
        earlier: Option<&Screen>,
    ) -> Result<Made, AppError> {
        let policy = self.screens().policies().current();
        let side = self.recipient(file, gathered, party, at).await?;
        let composed = compose(&gathered.side, &side, ask, (asked_at, at), policy)
            .map_err(|refusals| AppError::Refused(below("/ask", refusals)))?;
        let screened = Screened::new(&composed.exchange, policy);
        let result = screened.screen();
        let supersedes = earlier.map(|row| row.screen_id.as_str());
        let body = RecordBody::new((&composed.exchange, result), &[], (asker, at), supersedes)
            .with_given(&composed.given);
        let bytes = body.to_bytes().map_err(AppError::fault)?;
        let sealed = SealedRecord {
            record: String::from_utf8(bytes).map_err(AppError::fault)?,
            salt: String::new(),
            party: party.to_owned(),
            report: gathered.report_id.clone(),
            asker: asker.to_owned(),
            ask: ask.clone(),
            asked_at,
        };
        let is_open = result.tiers.iter().any(|tier| {
            tier.tier > comity_core::sharing::Tier::T0 && tier.verdict != Verdict::Deny
        });
        let state = if is_open { "open" } else { "refused" };
        let due = if is_open { Some(result.deadline) } else { result.refusal_expires };
        let counted = Share {
            outcome: result.outcome,
            relationship: side.relationship,
            area: result.area,
            hours: hours(asked_at, at),
            overdue: result.overdue,
            lapsed: false,
            overridden: false,
            floor: result.tiers.iter().any(|t| t.reasons.iter().any(|reason| reason == "floor")),
            carve_out: carve_out(composed.exchange.value()),
        };
        let (screen_id, item, statement) = self.seal_record(file, sealed).await?;
        let row = Screen {
            case_id: file.case.id().as_str().to_owned(),
            screen_id: screen_id.clone(),
            state: state.to_owned(),
            asked_at: millis(asked_at),
            decided_at: (!is_open).then(|| self.now_ms()),
            due_at: due.map_or(NEVER, millis),
            supersedes: supersedes.map(str::to_owned),
            record: item.commitment.clone(),
            statement,
            sealed: self.seal_small("screen", &screen_id, &counted)?,
            updated_at: self.now_ms(),
        };
        let say = recorded(&screen_id, &item.commitment, asker, supersedes);
        let answer = json!({
            "screen": screen_id, "party": party, "state": state, "result": result,
            "result_hash": result.hash(), "given": composed.given, "settled": composed.settled, "asked": composed.asked(),
        });
        Ok(Made { item, row, say, answer })
    }

    /// Salts, seals and signs a record; returns its leaf, its item and its signed leaf.
    pub(super) async fn seal_record(
        &self,
        file: &CaseFile,
        mut sealed: SealedRecord,
    ) -> Result<(String, SealedItem, Vec<u8>), AppError> {
        let salt = Salt::generate(&mut OsRandom);
        sealed.salt = salt.to_string();
        let leaf = digest::hex(&leaf(&salt, sealed.record.as_bytes()));
        let plain = serde_json::to_vec(&sealed).map_err(AppError::fault)?;
        let item = self.seal_case_item(file, RECORD, &plain).await?;
        let said = json!({
            "at": self.now_ms(), "case": file.case.id().as_str(), "leaf": leaf,
            "schema": LEAF_SCHEMA, "v": 1,
        });
        let envelope = statement::sign(StatementKind::Screen, &said, self.signing())
            .map_err(AppError::fault)?;
        Ok((leaf, item, envelope.into_bytes()))
    }

    /// Records that something was refused, with its codes, and gives the refusal back.
    pub(super) async fn refused_share<T: serde::Serialize>(
        &self,
        file: &CaseFile,
        account: &str,
        what: &'static str,
        input: &T,
        error: AppError,
    ) -> Result<AppError, AppError> {
        let AppError::Refused(refusals) = &error else { return Ok(error) };
        let mut codes: Vec<&str> = refusals.iter().map(|refusal| refusal.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.truncate(CODES_MAX);
        let mut plain = serde_json::to_vec(&json!({ "input": input, "refusals": refusals }))
            .map_err(AppError::fault)?;
        plain.truncate(KEPT_BYTES_MAX);
        let item = self.seal_case_item(file, REFUSED, &plain).await?;
        let body = json!({ "by": account, "codes": codes, "of": item.commitment, "what": what });
        let mut rows = Rows::new();
        item.put(&mut rows);
        let say = Say { kind: "share.refused", area: "protocol", body };
        self.say_steps(file, vec![say], rows, (Value::Null, 200), None).await?;
        Ok(error)
    }
}

/// The entry that commits to a record.
pub(super) fn recorded(leaf: &str, record: &str, by: &str, supersedes: Option<&str>) -> Say {
    let body = json!({ "by": by, "leaf": leaf, "of": record, "supersedes": supersedes });
    Say { kind: "screen.recorded", area: "verification", body }
}

/// A screen that another took the place of: nothing of it is due any more.
pub(super) fn superseded(mut row: Screen, now: i64) -> Screen {
    "superseded".clone_into(&mut row.state);
    row.due_at = NEVER;
    row.updated_at = now.max(row.updated_at + 1);
    row
}

fn with_recipient(ask: &Ask, recipient: &RecipientForm) -> Ask {
    let mut ask = ask.clone();
    ask.answers.extend(recipient.answers.clone());
    ask.gates.extend(recipient.gates.clone());
    ask
}

/// Puts a place before the places of refusals.
pub(super) fn below(base: &str, mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    for refusal in &mut refusals {
        refusal.pointer.insert_str(0, base);
    }
    refusals
}

pub(super) fn hours(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.as_second().saturating_sub(from.as_second()) / 3_600).unwrap_or(0)
}

/// The reason of a carve-out that blocks, as its basis names it.
fn carve_out(exchange: &Value) -> Option<String> {
    let gate = exchange.pointer("/gates/E3")?;
    let blocks = matches!(gate.get("state")?.as_str()?, "limited" | "prohibited");
    let basis = gate.get("basis")?.as_str()?;
    comity_core::sharing::carve_out_reason(basis).filter(|_| blocks).map(str::to_owned)
}
