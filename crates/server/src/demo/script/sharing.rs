//! A rival hub in the demo's story: what it is first refused, then gets at T1, then at T2 after the fix.
//!
//! The other hub is played by a key of its own; everything else goes through the use cases. Its jurisdiction
//! and organisation are invented.

use comity_core::access::{Action, Actor, Role};
use comity_ledger::digest::EntryId;
use comity_ledger::entry::{Entry, Salt};
use comity_ledger::envelope::Envelope;
use comity_ledger::identity::{self, Identity, NewKeys, Stamp};
use comity_ledger::key::SigningKey;
use comity_ledger::statement::{self, StatementKind};
use comity_ledger::wrap::OrganisationKey;
use serde_json::{Map, Value, json};

use super::{Story, actor};
use crate::app::agreements::{ActForm, AgreementForm};
use crate::app::peers::{EntriesForm, PeerForm};
use crate::app::sharing::{ApprovalForm, PreviewForm, ScreenForm, ShareForm};
use crate::app::{AppError, object};
use crate::demo::AskedShare;
use crate::rng::OsRandom;

const HUB: &str = "ard";
const AGREEMENT: &str = include_str!("../../../../../demo/agreement.json");

/// The other side.
pub(super) struct Peer {
    signing: SigningKey,
    genesis: Envelope,
    head: Option<(u64, EntryId)>,
}

fn form<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, AppError> {
    serde_json::from_value(value).map_err(AppError::fault)
}

fn value(envelope: &Envelope) -> Result<Value, AppError> {
    serde_json::from_slice(envelope.as_bytes()).map_err(AppError::fault)
}

impl Peer {
    pub(super) fn new(at: u64) -> Result<Self, AppError> {
        let (signing, next) =
            (SigningKey::generate(&mut OsRandom), SigningKey::generate(&mut OsRandom));
        let encryption = OrganisationKey::generate(&mut OsRandom);
        let keys = NewKeys { encryption: &encryption.public_key(), next: next.verifying_key() };
        let stamp = Stamp { at, salt: Salt::generate(&mut OsRandom) };
        let hub = HUB.parse().map_err(AppError::fault)?;
        let genesis = identity::genesis(&hub, &signing, keys, stamp).map_err(AppError::fault)?;
        Ok(Self { signing, genesis, head: None })
    }

    fn entry(
        &mut self,
        (case, room): (&str, &str),
        seen: &str,
        kind: &str,
        body: Map<String, Value>,
        at: i64,
    ) -> Result<Value, AppError> {
        let (seq, prev) = self.head.map_or((0, None), |(seq, id)| (seq + 1, Some(id)));
        let parsed = |id: &str| id.parse::<EntryId>().map_err(AppError::fault);
        let entry = Entry {
            case: case.parse().map_err(AppError::fault)?,
            author: HUB.parse().map_err(AppError::fault)?,
            seq,
            prev,
            seen: vec![parsed(seen)?],
            at: u64::try_from(at).map_err(AppError::fault)?,
            kind: kind.parse().map_err(AppError::fault)?,
            area: "protocol".parse().map_err(AppError::fault)?,
            party: HUB.parse().map_err(AppError::fault)?,
            body,
            salt: Salt::generate(&mut OsRandom),
            epoch: 1,
            sealed: None,
            room: Some(parsed(room)?),
            extensions: Map::new(),
        };
        let envelope = entry.sign(&self.signing).map_err(AppError::fault)?;
        self.head = Some((seq, envelope.id()));
        value(&envelope)
    }
}

impl Story {
    fn officers(&self) -> [Actor; 2] {
        let organisation = &self.hub.config().hub;
        ["omar", "olga"].map(|name| actor(name, organisation, Role::Officer))
    }

    /// Admits the other hub, invites it, and takes what it answers.
    pub(super) async fn meet_peer(&mut self, index: usize) -> Result<(), AppError> {
        let at = u64::try_from(self.hub.now_ms()).map_err(AppError::fault)?;
        let peer = Peer::new(at)?;
        let identity = Identity::start(&peer.genesis).map_err(AppError::fault)?;
        let admit: PeerForm = form(json!({
            "chain": [value(&peer.genesis)?], "fingerprint": identity.fingerprint(),
            "jurisdiction": "ardenia", "relationship": "rival",
        }))?;
        let operator = self.hub.operator();
        let by = operator.authorise(Action::AdministerAccounts)?;
        self.hub.admit_peer(by, admit, None).await?;
        self.peer = Some(peer);
        let body = json!({
            "party": HUB, "org": "cert-ardenia", "hub": HUB, "roles": ["coordinator"],
        });
        self.command(index, "cert", "party.invite", body).await?;
        let terms = self.terms(index)?;
        self.peer_says(index, "embargo.accept", json!({ "terms": terms })).await?;
        let sent = self.command(index, "cert", "report.send", json!({ "to": HUB })).await?;
        self.peer_says(index, "report.ack", json!({ "of": sent })).await
    }

    async fn peer_says(&mut self, index: usize, kind: &str, body: Value) -> Result<(), AppError> {
        let case = self.at(index)?.case.clone().ok_or(AppError::NotFound)?;
        let by = self.alice.authorise(Action::ReadCase)?;
        let known = self.hub.list_entries(by, &case, None, 200).await?;
        let room = known.items.first().map(|row| row.room.clone()).ok_or(AppError::NotFound)?;
        // What it saw last of this hub: its own entries are in its own chain.
        let own: Option<EntryId> = self.peer.as_ref().and_then(|peer| Some(peer.head?.1));
        let is_own = |id: &str| own.is_some_and(|own| own.to_string() == id);
        let seen = known.items.iter().rev().find(|row| !is_own(&row.id));
        let seen = seen.map(|row| row.id.clone()).ok_or(AppError::NotFound)?;
        let now = self.hub.now_ms();
        let peer = self.peer.as_mut().ok_or(AppError::NotFound)?;
        let entry = peer.entry((&case, &room), &seen, kind, object(body), now)?;
        let take: EntriesForm = form(json!({ "entries": [entry] }))?;
        let by = self.alice.authorise(Action::OpenCase)?;
        let answered = self.hub.take_entries(by, &case, take, None).await?;
        self.took(index, &answered.body).map(|_| ())
    }

    /// Proposes the agreement and signs it for both sides.
    pub(super) async fn agree(&mut self) -> Result<(), AppError> {
        let document: Value = serde_json::from_str(AGREEMENT).map_err(AppError::fault)?;
        let id = document.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let by = self.alice.authorise(Action::WriteAgreement)?;
        let propose: AgreementForm = form(json!({ "document": document }))?;
        let made = self.hub.propose_agreement(by, propose, None).await?;
        let made: Value = serde_json::from_slice(&made.body).map_err(AppError::fault)?;
        for act in [json!({ "act": "sign" }), json!({ "act": "accept-clauses", "clauses": "1" })] {
            let own: ActForm = form(json!({ "act": act }))?;
            self.hub.act_on_agreement(by, &id, own, None).await?;
            let said = json!({
                "act": act, "agreement": id, "at": self.hub.now_ms(), "hub": HUB, "party": "ardenia",
                "sha256": made.get("sha256"), "v": 1,
            });
            let peer = self.peer.as_ref().ok_or(AppError::NotFound)?;
            let signed = statement::sign(StatementKind::Agreement, &said, &peer.signing)
                .map_err(AppError::fault)?;
            let theirs: ActForm = form(json!({ "statement": value(&signed)? }))?;
            self.hub.act_on_agreement(by, &id, theirs, None).await?;
        }
        Ok(())
    }

    /// Asks for a screen, every question answered as low as facts allow.
    async fn screen(&mut self, index: usize, tier: &str) -> Result<(String, Value), AppError> {
        let case = self.at(index)?.case.clone().ok_or(AppError::NotFound)?;
        let gates = json!({
            "E1": { "state": "clear" }, "E2": { "state": "clear" }, "E3": { "state": "clear" },
            "E5": { "state": "none" },
        });
        let mut ask = json!({ "requested": tier, "purpose": "remediation", "gates": gates });
        let look: PreviewForm = form(json!({ "ask": ask, "recipients": [{ "party": HUB }] }))?;
        let by = self.alice.authorise(Action::ReadShare)?;
        let shown = self.hub.preview_share(by, &case, look).await?;
        let mut answers = Map::new();
        let given = shown.pointer("/items/0/given").and_then(Value::as_array);
        for one in given.into_iter().flatten() {
            let question = one.get("question").and_then(Value::as_str).unwrap_or_default();
            let least = one.get("at_least").and_then(Value::as_u64);
            if one.get("level").is_none_or(Value::is_null) || least.is_some() {
                answers.insert(question.to_owned(), json!(least.unwrap_or(1)));
            }
        }
        if let Value::Object(members) = &mut ask {
            members.insert("answers".to_owned(), answers.into());
        }
        let asked: ScreenForm = form(json!({ "party": HUB, "ask": ask }))?;
        let by = self.alice.authorise(Action::Share)?;
        let made = self.hub.ask_screen(by, &case, asked, None).await?;
        let made: Value = serde_json::from_slice(&made.body).map_err(AppError::fault)?;
        self.summary.asked.push(told(&made, self.hub.now().to_string(), tier));
        Ok((case, made))
    }

    /// Without an agreement nothing but proof goes: the gate says why, and what would open more.
    pub(super) async fn share_too_early(&mut self, index: usize) -> Result<(), AppError> {
        let (_, made) = self.screen(index, "T1").await?;
        let reasons = made.pointer("/result/tiers/1/reasons").and_then(Value::as_array);
        let blocked = reasons.into_iter().flatten().filter_map(Value::as_str);
        let gates: Vec<String> =
            blocked.filter(|reason| reason.starts_with("gate:")).map(str::to_owned).collect();
        if made.get("state").and_then(Value::as_str) != Some("refused") || gates.is_empty() {
            return Err(AppError::fault("a share that must be refused was not"));
        }
        for gate in gates {
            *self.summary.refused.entry(format!("share {gate}")).or_insert(0) += 1;
        }
        Ok(())
    }

    /// Screens, lets officers approve, shares, and makes the package.
    pub(super) async fn share(&mut self, index: usize, tier: &str) -> Result<(), AppError> {
        let (case, made) = self.screen(index, tier).await?;
        let text = |key: &str| made.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut decided = None;
        for officer in self.officers() {
            let by = officer.authorise(Action::ApproveShare)?;
            let yes = ApprovalForm {
                result: text("result_hash"),
                tier: tier.to_owned(),
                office: "officer".to_owned(),
            };
            let done = self.hub.approve_share(by, &case, &text("screen"), yes, None).await?;
            let done: Value = serde_json::from_slice(&done.body).map_err(AppError::fault)?;
            if done.get("state").and_then(Value::as_str) == Some("approved") {
                decided = done.get("screen").and_then(Value::as_str).map(str::to_owned);
                break;
            }
        }
        let screen = decided.ok_or_else(|| AppError::fault("two officers do not suffice"))?;
        let (case, etag) = self.current(index).await?;
        let by = self.alice.authorise(Action::Share)?;
        let shared = self.hub.share(by, &case, &etag, ShareForm { screen }, None).await?;
        let shared: Value = serde_json::from_slice(&shared.body).map_err(AppError::fault)?;
        crate::tasks::run_due(&self.hub).await?;
        let pass = shared.get("share").and_then(Value::as_str).unwrap_or_default();
        self.hub.read_package(by, &case, pass).await?;
        self.summary.shares += 1;
        Ok(())
    }
}

/// Returns what a screen says of the tier that was asked for.
fn told(made: &Value, at: String, tier: &str) -> AskedShare {
    let tiers = made.pointer("/result/tiers").and_then(Value::as_array);
    let mut tiers = tiers.into_iter().flatten();
    let judged = tiers.find(|judged| judged.get("tier").and_then(Value::as_str) == Some(tier));
    let text = |pointer: &str| {
        let text = judged.and_then(|judged| judged.pointer(pointer)).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let texts = |list: Option<&Value>| -> Vec<String> {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let risk = |of: &str| {
        let residual = judged.and_then(|judged| judged.pointer(&format!("/residual/{of}")));
        residual.and_then(Value::as_u64).unwrap_or_default()
    };
    let mut opens = texts(made.pointer("/result/opens/0/now"));
    if opens.is_empty() {
        opens = texts(made.pointer("/result/opens/0/later/needs"));
    }
    AskedShare {
        at,
        tier: tier.to_owned(),
        outcome: text("/verdict"),
        residual: [risk("A"), risk("B"), risk("C")],
        approval: text("/approval"),
        reasons: texts(judged.and_then(|judged| judged.get("reasons"))),
        opens,
    }
}
