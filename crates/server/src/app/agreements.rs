//! Agreements between hubs: proposed, signed by all parties with their hubs' keys, amended, suspended, left.
//!
//! Every act is a signed statement over the document's hash and an entry of the room `agreements`; the document
//! itself lies sealed beside it. Where an agreement stands is computed for the instant asked, never stored as
//! truth: what lapsed denies by itself. Not here: its rules (`core::law::agreement`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use comity_core::access::{Action, Authorised};
use comity_core::law::agreement::{
    Act, Agreement as Terms, Register, Signed, projection, read_agreement, status,
};
use comity_core::law::docket::party_name;
use comity_core::law::time;
use comity_ledger::envelope::Envelope;
use comity_ledger::key::VerifyingKey;
use comity_ledger::statement::{self, StatementKind, VerifiedStatement};
use comity_store::{Agreement, NEVER, Rows, SharingWrite};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cases::CaseFile;
use super::peers::envelope_of;
use super::reports::expect;
use super::{Answered, AppError, Hub, Once, Said, object, sha256_hex};

/// The name of the hub's room of agreements.
const ROOM: &str = "agreements";
/// The compartment of documents.
const DOCUMENT: &str = "agreement";
/// Agreements at most.
pub(crate) const AGREEMENTS_MAX: u32 = 500;
/// How far a peer's act may be ahead of this hub's clock, in milliseconds.
const AHEAD_MS: i64 = 600_000;

/// The agreements as last read, for what is computed without asking the store.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Arc<Vec<Register>>>);

impl Kept {
    fn get(&self) -> Arc<Vec<Register>> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, registers: Vec<Register>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(registers);
    }
}

/// A proposed agreement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementForm {
    /// `comity.agreement/1`, not signed by anybody yet.
    pub document: Value,
}

/// An act: this hub's own, or a peer's with its signed statement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActForm {
    /// What this hub's party does.
    #[serde(default)]
    pub act: Option<Value>,
    /// What a peer signed.
    #[serde(default)]
    pub statement: Option<Value>,
}

/// Where an agreement stands now.
#[derive(Clone, Debug, Serialize)]
pub struct AgreementRead {
    /// The agreement.
    pub agreement: String,
    /// SHA-256 of the document as proposed: what every act names.
    pub sha256: String,
    /// `comity.agreement-status/1`.
    pub status: Value,
    /// The document with all that was done under it.
    pub document: Value,
    /// The signed acts, in order.
    pub acts: Vec<Value>,
}

impl Hub {
    /// Lists agreements with where they stand.
    pub async fn list_agreements(&self, by: Authorised<'_>) -> Result<Value, AppError> {
        expect(by, Action::ReadShare)?;
        let mut items = Vec::new();
        for register in self.registers().await? {
            let standing = self.standing_of(&register)?;
            items.push(json!({
                "agreement": register.id(), "title": register.document.get("title"),
                "state": standing.get("state"), "sunset": standing.get("sunset"),
                "tasks": standing.get("tasks"),
            }));
        }
        Ok(json!({ "items": items, "next": null }))
    }

    /// Returns one agreement.
    pub async fn read_agreement(
        &self,
        by: Authorised<'_>,
        id: &str,
    ) -> Result<AgreementRead, AppError> {
        expect(by, Action::ReadShare)?;
        self.agreement_read(&self.register(id).await?)
    }

    /// Proposes an agreement between this hub and peers.
    pub async fn propose_agreement(
        &self,
        by: Authorised<'_>,
        form: AgreementForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::WriteAgreement)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let register = Register::propose(form.document)
            .map_err(|refusals| AppError::Refused(below("/document", refusals)))?;
        let id = register.id().to_owned();
        if !super::accounts::is_id(&id) {
            return Err(AppError::refused_at("value-invalid", "/document/id"));
        }
        if register.party_of(&self.config().hub).is_none() {
            return Err(AppError::refused_at("not-a-party", "/document/parties"));
        }
        if self.store().agreement(&id).await?.is_some() {
            return Err(AppError::refused_at("already-there", "/document/id"));
        }
        let count = self.store().agreements("", AGREEMENTS_MAX).await?.len();
        if count >= usize::try_from(AGREEMENTS_MAX).unwrap_or(usize::MAX) {
            return Err(AppError::refused_over("list-too-long", "", AGREEMENTS_MAX));
        }
        let body = json!({ "by": by.actor().account, "agreement": id });
        self.keep_register(register, "agreement.proposed", body, 201, once).await
    }

    /// Takes an act: signs this hub's own, checks a peer's.
    pub async fn act_on_agreement(
        &self,
        by: Authorised<'_>,
        id: &str,
        form: ActForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::WriteAgreement)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let lock = self.cases_cache().lock_of(&format!("agreement/{id}"));
        let _alone = lock.lock().await;
        let mut register = self.register(id).await?;
        let signed = match (form.act, form.statement) {
            (Some(act), None) => self.own_act(&register, &act)?,
            (None, Some(statement)) => self.peers_act(&register, &statement).await?,
            (Some(_), Some(_)) | (None, None) => {
                return Err(AppError::refused_at("value-invalid", "/act"));
            }
        };
        let (party, kind) = (signed.party.clone(), kind_of(&signed.act));
        register.add(signed).map_err(|refusal| AppError::Refused(vec![refusal]))?;
        let body = json!({ "by": by.actor().account, "agreement": id, "party": party });
        let kept = once.clone();
        let done = self.keep_register(register, kind, body, 200, once).await;
        self.or_answered(done, kept).await
    }

    /// Signs an act of this hub's own party.
    fn own_act(&self, register: &Register, act: &Value) -> Result<Signed, AppError> {
        let party = register.party_of(&self.config().hub);
        let party = party.ok_or_else(|| AppError::refused_at("not-a-party", "/act"))?.to_owned();
        let parsed: Act = serde_json::from_value(act.clone())
            .map_err(|_| AppError::refused_at("value-invalid", "/act"))?;
        let said = json!({
            "act": act, "agreement": register.id(), "at": self.now_ms(), "hub": self.config().hub,
            "party": party, "sha256": sha256_hex(&register.canonical().map_err(AppError::fault)?),
            "v": 1,
        });
        let envelope = statement::sign(StatementKind::Agreement, &said, self.signing())
            .map_err(|error| AppError::refused_at(error.code(), "/act"))?;
        let statement: Value =
            serde_json::from_slice(envelope.as_bytes()).map_err(AppError::fault)?;
        Ok(Signed { party, on: self.signed_on(), act: parsed, statement })
    }

    /// Checks an act that a peer signed: its key, its party, this very document.
    async fn peers_act(&self, register: &Register, value: &Value) -> Result<Signed, AppError> {
        let no = |code| AppError::refused_at(code, "/statement");
        let envelope = envelope_of(value).map_err(no)?;
        let members: Value =
            serde_json::from_slice(envelope.payload()).map_err(|_| no("strict-json"))?;
        let hub = members.get("hub").and_then(Value::as_str).unwrap_or_default();
        let (identity, _) = self.peer(hub).await?.ok_or_else(|| no("peer-unknown"))?;
        let signed = signed_by(register, &envelope, identity.current(), hub).map_err(no)?;
        let at = members.get("at").and_then(Value::as_i64).unwrap_or(i64::MAX);
        if at > self.now_ms() + AHEAD_MS {
            return Err(no("at-in-future"));
        }
        // What counts is the day it is taken here: nobody signs into the past of others.
        Ok(Signed { on: self.signed_on(), statement: value.clone(), ..signed })
    }

    fn signed_on(&self) -> String {
        self.now().to_zoned(TimeZone::UTC).date().to_string()
    }

    async fn register(&self, id: &str) -> Result<Register, AppError> {
        let row = self.store().agreement(id).await?.ok_or(AppError::NotFound)?;
        register_of(&row)
    }

    /// Returns every agreement with its acts.
    pub(crate) async fn registers(&self) -> Result<Vec<Register>, AppError> {
        self.store().agreements("", AGREEMENTS_MAX).await?.iter().map(register_of).collect()
    }

    /// Returns the agreements as the facts of a case see them (LW-80): between its parties, by their hubs.
    ///
    /// From memory, as read last; an agreement that two parties of a case do not share is left out.
    pub(crate) fn agreements_of(&self, file: &CaseFile) -> Vec<Value> {
        let facts = |register: &Register| {
            let (agreement, at) = self.agreement_of(register).ok()?;
            let mut by_party: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (id, party) in &file.case.state().parties {
                if let Some(of) = register.party_of(party.hub.as_str()) {
                    by_party.entry(of).or_default().push(party_name(id));
                }
            }
            // What somebody reserved who is not in the case limits nobody in it.
            let among: Vec<&str> = by_party.keys().copied().collect();
            let projection = serde_json::to_value(projection(&agreement, at, Some(&among)));
            let Ok(Value::Object(mut projection)) = projection else { return None };
            let ids_of = |value: &Value| -> Vec<String> {
                let found = value.as_str().and_then(|party| by_party.get(party));
                found.cloned().unwrap_or_default()
            };
            let parties = projection.get("parties").and_then(Value::as_array)?;
            let parties: Vec<String> = parties.iter().flat_map(ids_of).collect();
            let suspensions: Vec<Value> = projection
                .get("suspensions")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .flat_map(|one| match one.get("party") {
                    None => vec![one.clone()],
                    Some(party) => ids_of(party)
                        .into_iter()
                        .map(|name| {
                            let mut one = one.clone();
                            if let Value::Object(members) = &mut one {
                                members.insert("party".to_owned(), json!(name));
                            }
                            one
                        })
                        .collect(),
                })
                .collect();
            if parties.len() < 2 {
                return None;
            }
            projection.insert("parties".to_owned(), json!(parties));
            projection.insert("suspensions".to_owned(), json!(suspensions));
            Some(Value::Object(projection))
        };
        self.kept_agreements().get().iter().filter_map(facts).collect()
    }

    /// Reads the agreements into memory.
    pub(crate) async fn load_agreements(&self) -> Result<(), AppError> {
        let registers = self.registers().await?;
        self.kept_agreements().set(registers);
        Ok(())
    }

    fn agreement_of(&self, register: &Register) -> Result<(Terms, time::Instant), AppError> {
        let now = self.now();
        let today = now.to_zoned(TimeZone::UTC).date();
        let document = register.effective(today, None);
        let agreement = read_agreement(&document).map_err(|refusal| {
            AppError::fault(format!("an agreement does not hold: {}", refusal.code))
        })?;
        let at = time::Instant::from_unix(now.as_second());
        let at = at.ok_or_else(|| AppError::fault("an instant beyond the years"))?;
        Ok((agreement, at))
    }

    fn standing_of(&self, register: &Register) -> Result<Value, AppError> {
        let (agreement, at) = self.agreement_of(register)?;
        serde_json::to_value(status(&agreement, at, None)).map_err(AppError::fault)
    }

    fn agreement_read(&self, register: &Register) -> Result<AgreementRead, AppError> {
        let today = self.now().to_zoned(TimeZone::UTC).date();
        let acts = register.acts.iter().map(|signed| {
            json!({ "party": signed.party, "on": signed.on, "act": signed.act, "statement": signed.statement })
        });
        Ok(AgreementRead {
            agreement: register.id().to_owned(),
            sha256: sha256_hex(&register.canonical().map_err(AppError::fault)?),
            status: self.standing_of(register)?,
            document: register.effective(today, None),
            acts: acts.collect(),
        })
    }

    /// Writes the register with its entry; the document lies sealed under its commitment.
    async fn keep_register(
        &self,
        register: Register,
        kind: &'static str,
        body: Value,
        status: u16,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let room = self.hub_room(ROOM, self.now_ms()).await?;
        let bytes = serde_json::to_vec(&register).map_err(AppError::fault)?;
        let owner = format!("agreement/{}", register.id());
        let item = self.seal_item(&room, &owner, DOCUMENT, &bytes, self.now_ms()).await?;
        let standing = self.standing_of(&register)?;
        let state = standing.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
        let read = self.agreement_read(&register)?;
        let row = Agreement {
            agreement_id: register.id().to_owned(),
            state,
            due_at: next_task(&standing, self.now_ms()),
            register: bytes,
            updated_at: self.now_ms(),
        };
        let mut said = object(body);
        said.insert("of".to_owned(), json!(item.commitment));
        said.insert("sha256".to_owned(), json!(read.sha256));
        let hub = self.clone();
        let at = self.now_ms();
        let needs = comity_store::Needs::default().chain(&room.id, &self.config().hub);
        let done = self.write(once, status, needs, move |view| {
            let own = &hub.config().hub;
            let said =
                Said { case: own, kind, area: "protocol", party: own, body: said.clone(), at };
            let mut rows = Rows::new();
            let head = view.head(&room.id, own);
            rows.put(hub.sign_next(Some(&room.id), head, &said)?);
            item.clone().put(&mut rows);
            rows.put(SharingWrite::Agreement(row.clone()));
            Ok((rows, read.clone()))
        });
        let done = done.await?;
        self.load_agreements().await?;
        Ok(done)
    }
}

fn register_of(row: &Agreement) -> Result<Register, AppError> {
    serde_json::from_slice(&row.register)
        .map_err(|_| AppError::fault("a kept agreement does not hold"))
}

/// Reads an act that a hub signed; the code of the first thing that is wrong.
fn signed_by(
    register: &Register,
    envelope: &Envelope,
    key: &VerifyingKey,
    hub: &str,
) -> Result<Signed, &'static str> {
    let opened = VerifiedStatement::open(envelope, StatementKind::Agreement, key);
    let members = opened.map_err(|error| error.code())?.into_members();
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    let canonical = register.canonical().map_err(|_| "value-invalid")?;
    if text("agreement") != register.id() || text("sha256") != sha256_hex(&canonical) {
        return Err("agreement-other");
    }
    if register.party_of(hub) != Some(text("party")) {
        return Err("not-a-party");
    }
    let act = members.get("act").cloned().unwrap_or(Value::Null);
    let act: Act = serde_json::from_value(act).map_err(|_| "value-invalid")?;
    Ok(Signed { party: text("party").to_owned(), on: String::new(), act, statement: Value::Null })
}

const fn kind_of(act: &Act) -> &'static str {
    match act {
        Act::AcceptClauses { .. } => "agreement.clauses",
        Act::Amend { .. } => "agreement.amended",
        Act::Object { .. } => "agreement.objected",
        Act::Ratify => "agreement.ratified",
        Act::Reserve { .. } => "agreement.reserved",
        Act::Resume => "agreement.resumed",
        Act::Review { .. } => "agreement.reviewed",
        Act::Sign => "agreement.signed",
        Act::Suspend { .. } => "agreement.suspended",
        Act::Terminate => "agreement.terminated",
        Act::Unreserve { .. } => "agreement.unreserved",
    }
}

fn next_task(standing: &Value, now: i64) -> i64 {
    let tasks = standing.get("tasks").and_then(Value::as_array);
    tasks
        .into_iter()
        .flatten()
        .filter_map(|task| task.get("opens")?.as_str()?.parse::<jiff::Timestamp>().ok())
        .map(jiff::Timestamp::as_millisecond)
        .filter(|at| *at > now)
        .min()
        .unwrap_or(NEVER)
}

fn below(
    base: &str,
    mut refusals: Vec<comity_core::refusal::Refusal>,
) -> Vec<comity_core::refusal::Refusal> {
    for refusal in &mut refusals {
        refusal.pointer.insert_str(0, base);
    }
    refusals
}
