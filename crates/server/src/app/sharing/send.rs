//! Sharing what was approved, and taking it back.

use std::collections::BTreeSet;

use comity_core::access::{Action, Authorised};
use comity_core::case::entry::Command;
use comity_core::case::kind::Kind;
use comity_core::case::name::PartyId;
use comity_core::sharing::{
    Approved, Bundle, Cleared, Instant, Outgoing, Pass, RecipientSide, Screened, StandingPass,
    Tier, Transfer, Verdict, compose, screen,
};
use comity_ledger::entry::Salt;
use comity_ledger::envelope::Envelope;
use comity_ledger::identity::Identity;
use comity_store::{OutboxJob, Rows, SharePass, SharingWrite, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::approve::{Opened, interested};
use super::deliver::Job;
use super::gather::Gathered;
use super::log::Say;
use super::outbound::Outbound;
use super::{PAGE_ROWS, PASS, REASON, SHARE_TOPIC, SealedPass, millis, second};
use crate::app::cases::{CaseFile, item_owner, size_class};
use crate::app::reports::expect;
use crate::app::{Answered, AppError, Hub, Once, object};
use crate::rng::OsRandom;

/// Characters of a reason at most.
const WHY_CHARS_MAX: usize = 500;

/// What is to be shared.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareForm {
    /// The screen whose approvals suffice.
    pub screen: String,
}

/// Why a share is taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawForm {
    /// Why.
    pub why: String,
}

/// A pass that would be minted now, and everything it is minted from.
pub(super) struct Ready {
    pub(super) outbound: Outbound,
    pub(super) identity: Identity,
}

impl Hub {
    /// Clears an entry for this hub's chain: nothing in it crosses to another hub without a pass that stands.
    pub(crate) async fn clear(
        &self,
        file: &CaseFile,
        draft: comity_core::case::entry::Entry,
    ) -> Result<Cleared, AppError> {
        let body = serde_json::to_string(&draft.body).map_err(AppError::fault)?;
        let passes =
            if body.contains("\"pass\"") { self.standing_passes(file).await? } else { Vec::new() };
        let find = |id: &str| passes.iter().find(|pass| pass.id == id);
        let policy = self.screens().policies().current();
        Cleared::within(&file.case, draft, find, (policy, second(self.now())?))
            .map_err(|refusal| AppError::refused(refusal.code()))
    }

    /// Records a command that would have carried content across without a pass that fits; gives every refusal back.
    pub(crate) async fn refused_crossing(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        tried: &serde_json::Map<String, Value>,
        error: AppError,
    ) -> Result<AppError, AppError> {
        let AppError::Refused(refusals) = &error else { return Ok(error) };
        if !refusals.iter().any(|refusal| refusal.code.starts_with("pass-")) {
            return Ok(error);
        }
        self.refused_share(file, &by.actor().account, "command", tried, error).await
    }

    /// Clears an entry that names no pass.
    pub(crate) fn clear_at_home(
        &self,
        file: &CaseFile,
        draft: comity_core::case::entry::Entry,
    ) -> Result<Cleared, AppError> {
        let policy = self.screens().policies().current();
        Cleared::within(&file.case, draft, |_| None, (policy, second(self.now())?))
            .map_err(|refusal| AppError::refused(refusal.code()))
    }

    /// Returns every pass of a case that is on record, with what was sealed under it.
    pub(super) async fn standing_passes(
        &self,
        file: &CaseFile,
    ) -> Result<Vec<StandingPass>, AppError> {
        let case = file.case.id().as_str();
        let mut all = Vec::new();
        for row in self.store().passes_of_case(case, "", PAGE_ROWS).await? {
            let sealed = self.open_pass(file, &row).await?;
            let envelope = Envelope::parse(sealed.envelope.as_bytes()).map_err(AppError::fault)?;
            let body = comity_core::sharing::PassBody::open(&envelope, self.verifying_key())
                .map_err(|_| AppError::fault("a pass on record does not hold"))?;
            all.push(StandingPass {
                id: row.pass_id,
                body,
                is_revoked: row.revoked_at.is_some(),
                sealed: sealed.sealed.into_iter().map(|(_, commitment)| commitment).collect(),
            });
        }
        Ok(all)
    }

    pub(super) async fn open_pass(
        &self,
        file: &CaseFile,
        row: &SharePass,
    ) -> Result<SealedPass, AppError> {
        let plain = self.item_of(file, PASS, &row.details).await?;
        serde_json::from_slice(&plain).map_err(|_| AppError::fault("a sealed pass does not hold"))
    }

    /// Shares what was approved: mints the pass, seals each compartment, queues what leaves.
    pub async fn share(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        form: ShareForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::Share)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let file = self.case_file(id).await?;
        if file.etag() != seen {
            return Err(AppError::Changed);
        }
        let kept = once.clone();
        let account = by.actor().account.clone();
        let done = match self.shared(by, &file, &form, once).await {
            Err(error) => Err(self.refused_share(&file, &account, "share", &form, error).await?),
            done => done,
        };
        self.or_answered(done, kept).await
    }

    async fn shared(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        form: &ShareForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let case = file.case.id().as_str();
        let opened = match self.open_screen(file, &form.screen).await {
            Err(AppError::NotFound) => {
                return Err(AppError::refused_at("screen-unknown", "/screen"));
            }
            opened => opened?,
        };
        if opened.row.state != "approved" {
            return Err(AppError::refused("approval-missing"));
        }
        let salt = Salt::generate(&mut OsRandom);
        let ready = self.ready(file, &opened, &salt, None).await?;
        let outgoing = ready.outbound.outgoing();
        if self.store().share_pass(case, outgoing.id()).await?.is_some() {
            return Err(AppError::refused("already-there"));
        }
        let mut rows = Rows::new();
        let (next, sealed, entries) =
            self.seal_parts(by, file, &opened, &ready.outbound, &mut rows).await?;
        let details = SealedPass {
            salt: salt.to_string(),
            envelope: String::from_utf8(outgoing.envelope().as_bytes().to_vec())
                .map_err(AppError::fault)?,
            screen: opened.row.screen_id.clone(),
            party: opened.sealed.party.clone(),
            org: outgoing.pass().org().to_owned(),
            tier: outgoing.pass().tier().key().to_owned(),
            sealed,
        };
        let plain = serde_json::to_vec(&details).map_err(AppError::fault)?;
        let item = self.seal_case_item(file, PASS, &plain).await?;
        let pass = outgoing.pass();
        self.pass_rows(outgoing, &opened, &item.commitment, &mut rows)?;
        let body = json!({
            "by": by.actor().account, "leaf": opened.row.screen_id, "of": item.commitment,
            "pass": outgoing.id(),
        });
        item.put(&mut rows);
        let say = Say { kind: "share.sealed", area: "verification", body };
        let answer = json!({
            "share": outgoing.id(), "tier": pass.tier(), "expires": pass.expires(),
            "not_before": pass.not_before(), "bytes": outgoing.bundle().bytes().len(),
            "bundle_hash": outgoing.bundle().hash(), "entries": entries, "etag": next.etag(),
        });
        let done = self.say_steps(file, vec![say], rows, (answer, 201), once).await?;
        if !done.replayed {
            self.cases_cache().remember(case, next);
        }
        Ok(done)
    }

    /// Adds the pass on record, and the job that makes its package.
    fn pass_rows(
        &self,
        outgoing: &Outgoing,
        opened: &Opened,
        details: &str,
        rows: &mut Rows,
    ) -> Result<(), AppError> {
        let now = self.now_ms();
        let (pass, case) = (outgoing.pass(), opened.row.case_id.clone());
        rows.put(SharingWrite::Pass(SharePass {
            case_id: case.clone(),
            pass_id: outgoing.id().to_owned(),
            screen_id: opened.row.screen_id.clone(),
            hub: pass.hub().to_owned(),
            made_at: now,
            expires_at: millis(pass.expires()),
            revoked_at: None,
            details: details.to_owned(),
        }));
        let job = Job { case, pass: outgoing.id().to_owned() };
        rows.put(OutboxJob {
            id: self.new_id().to_string(),
            topic: SHARE_TOPIC.to_owned(),
            payload: serde_json::to_vec(&job).map_err(AppError::fault)?,
            due_at: pass.not_before().map_or(now, millis).max(now),
            lease_until: 0,
            attempts: 0,
            done_at: None,
            dead_at: None,
            last_error: None,
        });
        Ok(())
    }

    /// Mints the pass for what was approved, from the recorded exchange, if it still holds today. What was
    /// sent under `made`, this very pass, is no earlier share.
    pub(super) async fn ready(
        &self,
        file: &CaseFile,
        opened: &Opened,
        salt: &Salt,
        made: Option<&str>,
    ) -> Result<Ready, AppError> {
        let no = |code: &'static str| AppError::refused(code);
        let policy = self.policy_of(opened)?;
        let screened = Screened::new(&opened.exchange, policy);
        let approvals = opened.approvals();
        let tier = approvals.first().map(|one| one.tier).ok_or_else(|| no("approval-missing"))?;
        let approved =
            Approved::check(&screened, tier, &opened.sealed.asker, &approvals, &interested(file))
                .map_err(|refusal| no(refusal.code()))?;
        let now = second(self.now())?;
        let gathered = self
            .gather(None, file, Some(&opened.sealed.report), (&opened.sealed.ask.purpose, now))
            .await?;
        let party = &opened.sealed.party;
        let side = self.recipient_beside(file, &gathered, (party, made), now).await?;
        self.still_holds(&gathered, &side, opened, (tier, now))?;
        let bundle = Bundle::derive(&gathered.report, tier, policy).map_err(|refusal| refusal.0)?;
        let recipient = opened.exchange.recipient();
        let peer = self.peer(&recipient.hub).await?;
        let (identity, _) = peer.ok_or_else(|| no("peer-unknown"))?;
        let keys = BTreeSet::from([identity.encryption().id().to_string()]);
        let pass = Pass::mint(&screened, &approved, &bundle, (keys.clone(), salt), now)
            .map_err(|refusal| no(refusal.code()))?;
        let party: PartyId = opened.sealed.party.parse().map_err(AppError::fault)?;
        let known = file.case.state().parties.get(&party).filter(|party| !party.is_removed);
        let known = known.ok_or_else(|| no("pass-recipient"))?;
        let to = Transfer {
            org: known.org.clone(),
            hub: known.hub.as_str().to_owned(),
            keys,
            // A pass that opens later is checked again when it does.
            now: pass.body().not_before().map_or(now, |opens| opens.max(now)),
            is_revoked: false,
        };
        let outbound = Outbound::new(pass, bundle, &to, self.signing())
            .map_err(|refusal| no(refusal.code()))?;
        Ok(Ready { outbound, identity })
    }

    /// Screens anew what was approved: facts may have changed since, and then nobody approved this.
    fn still_holds(
        &self,
        gathered: &Gathered,
        side: &RecipientSide,
        opened: &Opened,
        (tier, now): (Tier, Instant),
    ) -> Result<(), AppError> {
        let policy = self.screens().policies().current();
        let recorded = screen(&opened.exchange, self.policy_of(opened)?);
        let approved = recorded.tier(tier).and_then(|verdict| verdict.approval);
        // People answered above what facts said then; facts that have risen above that are a new case.
        let fresh = compose(
            &gathered.side,
            side,
            &opened.sealed.ask,
            (opened.sealed.asked_at, now),
            policy,
        )
        .map_err(|_| AppError::refused("screen-changed"))?;
        let result = screen(&fresh.exchange, policy);
        let verdict = result.tier(tier);
        let is_as_mild = verdict.is_some_and(|found| {
            found.verdict != Verdict::Deny && found.approval <= approved && found.approval.is_some()
        });
        if is_as_mild { Ok(()) } else { Err(AppError::refused("screen-changed")) }
    }

    /// Writes a `content.seal` for each compartment of what leaves.
    async fn seal_parts(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        opened: &Opened,
        outbound: &Outbound,
        rows: &mut Rows,
    ) -> Result<(std::sync::Arc<CaseFile>, Vec<(String, String)>, Vec<String>), AppError> {
        let author = self.sending_party(by, file)?;
        let outgoing = outbound.outgoing();
        let keys: Vec<&str> = outgoing.pass().keys().iter().map(String::as_str).collect();
        let mut next = std::sync::Arc::new(file.clone());
        let (mut sealed, mut entries) = (Vec::new(), Vec::new());
        for (compartment, part) in outbound.parts() {
            let plain = serde_json_canonicalizer::to_vec(&part).map_err(AppError::fault)?;
            let item = self.seal_case_item(file, compartment.key(), &plain).await?;
            let body = json!({
                "compartment": compartment.key(), "commitment": item.commitment,
                "size_class": size_class(item.item.padded_bytes),
                "recipients": [{
                    "party": opened.sealed.party, "wrapped": format!("x-wing:{}", keys.join(" ")),
                    "pass": outgoing.id(),
                }],
            });
            let draft = next.case.draft(Command {
                author: self.hub_id()?,
                party: author.clone(),
                at: self.next_at(&next),
                kind: Kind::ContentSeal,
                body: object(body),
            });
            let cleared = Cleared::sealing(&next.case, draft, outgoing)
                .map_err(|refusal| AppError::refused(refusal.code()))?;
            let (after, entry) = self.extend(&next, &cleared, rows)?;
            sealed.push((compartment.key().to_owned(), item.commitment.clone()));
            entries.push(entry);
            item.put(rows);
            next = after;
        }
        // Only the first guard speaks of what is stored; the others of what this unit itself adds.
        rows.guards.truncate(1);
        Ok((next, sealed, entries))
    }

    /// The party that seals: the actor's own, else the lead if it is hosted here.
    fn sending_party(&self, by: Authorised<'_>, file: &CaseFile) -> Result<PartyId, AppError> {
        if let Some(own) = self.own_parties(by.actor(), file).into_iter().next() {
            return Ok(own);
        }
        let state = file.case.state();
        let hosted = state.lead_party().filter(|party| party.hub.as_str() == self.config().hub);
        let lead = state.lead.as_ref().filter(|_| hosted.is_some());
        lead.map(|lead| lead.party.clone()).ok_or_else(|| AppError::refused("not-your-party"))
    }

    /// Takes a share back: the pass ends, what waits is dropped, what was sealed for it is shredded here, and
    /// the peer is asked to do the same.
    pub async fn withdraw_share(
        &self,
        by: Authorised<'_>,
        id: &str,
        share: &str,
        form: WithdrawForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let file = self.share_case(by, Action::Share, id).await?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let row = self.store().share_pass(id, share).await?.ok_or(AppError::NotFound)?;
        let account = by.actor().account.clone();
        let kept = once.clone();
        let done = match self.withdrawn(&file, row, (&account, &form), once).await {
            Err(error) => {
                Err(self.refused_share(&file, &account, "withdrawal", &form, error).await?)
            }
            done => done,
        };
        self.or_answered(done, kept).await
    }

    async fn withdrawn(
        &self,
        file: &CaseFile,
        mut row: SharePass,
        (account, form): (&str, &WithdrawForm),
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let (id, share) = (row.case_id.clone(), row.pass_id.clone());
        if row.revoked_at.is_some() {
            return Err(AppError::refused("pass-revoked"));
        }
        let length = form.why.chars().count();
        if length == 0 || length > WHY_CHARS_MAX {
            return Err(AppError::refused_at("value-invalid", "/why"));
        }
        let sealed = self.open_pass(file, &row).await?;
        let now = self.now_ms();
        row.revoked_at = Some(now);
        let reason = self.seal_case_item(file, REASON, form.why.as_bytes()).await?;
        let mut rows = Rows::new();
        rows.put(SharingWrite::OutboundGone { hub: row.hub.clone(), pass_id: share.clone() });
        rows.put(SharingWrite::Pass(row));
        let commitments: Vec<&String> = sealed.sealed.iter().map(|(_, one)| one).collect();
        for commitment in &commitments {
            let owner = item_owner(&id, commitment);
            rows.put(Write::Shred { owner, compartment: None, at: now });
        }
        let steps = vec![
            Say {
                kind: "share.withdrawn",
                area: "verification",
                body: json!({ "by": account, "of": reason.commitment, "pass": share }),
            },
            Say {
                kind: "item.shred",
                area: "protocol",
                body: json!({ "by": account, "items": commitments, "pass": share }),
            },
        ];
        reason.put(&mut rows);
        let answer: Value = json!({ "share": share, "state": "withdrawn", "at": self.now() });
        self.say_steps(file, steps, rows, (answer, 200), once).await
    }
}
