//! The record of one decision, its leaf in the log, and its replay (SH-27).
//!
//! Not here: signing, sealing and storing it; drawing the sample that raters answer again.

use comity_ledger::digest;
use comity_ledger::entry::Salt;
use comity_ledger::envelope::Envelope;
use comity_ledger::json::Limits;
use comity_ledger::key::VerifyingKey;
use comity_ledger::statement::{StatementKind, VerifiedStatement};
use serde::Serialize;
use serde_json::{Value, json};

use super::approval::Approval;
use super::compose::Given;
use super::exchange::{EXCHANGE_BYTES_MAX, Exchange};
use super::instant::Instant;
use super::policy::{Policies, hash_of};
use super::reader::{self, Node, Sink};
use super::screen::{Screen, screen};
use crate::refusal::{self, Refusal, child};

const SCHEMA: &str = "comity.screen-record/1";
/// The schema of the statement about a leaf.
pub const LEAF_SCHEMA: &str = "comity.screen-leaf/1";
const EXPORT_SCHEMA: &str = "comity.screen-export/1";
/// The largest record: an exchange, its result and the approvals.
pub const RECORD_BYTES_MAX: usize = 4 * EXCHANGE_BYTES_MAX;
const LIMITS: Limits =
    Limits { bytes_max: RECORD_BYTES_MAX, depth_max: 18, keys_max: 4096, floats: true };
/// Separates these leaves from every other hash.
const LEAF_TAG: &[u8] = b"comity/screen/1";

/// The body of a record, which is signed, committed to in the log, and sealed.
#[derive(Clone, Debug, Serialize)]
pub struct RecordBody<'r> {
    schema: &'static str,
    exchange: &'r Value,
    result: &'r Screen,
    approvals: &'r [Approval],
    asker: &'r str,
    decided_at: Instant,
    supersedes: Option<&'r str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    given: &'r [Given],
}

impl<'r> RecordBody<'r> {
    /// Puts a record together; `supersedes` is the leaf of the record it replaces.
    #[must_use]
    pub const fn new(
        (exchange, result): (&'r Exchange, &'r Screen),
        approvals: &'r [Approval],
        (asker, decided_at): (&'r str, Instant),
        supersedes: Option<&'r str>,
    ) -> Self {
        let exchange = exchange.value();
        Self {
            schema: SCHEMA,
            exchange,
            result,
            approvals,
            asker,
            decided_at,
            supersedes,
            given: &[],
        }
    }

    /// Adds who answered what, and why.
    #[must_use]
    pub const fn with_given(self, given: &'r [Given]) -> Self {
        Self { given, ..self }
    }

    /// Returns the RFC 8785 form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json_canonicalizer::to_vec(self)
    }
}

/// Returns the leaf of a record's bytes; without the salt a dictionary of answers would find it.
#[must_use]
pub fn leaf(salt: &Salt, record: &[u8]) -> [u8; 32] {
    digest::sha256(&[LEAF_TAG, salt.as_bytes(), record].concat())
}

/// A record as a hub exports it: its exact bytes, the salt of its leaf, and the signed leaf.
#[derive(Clone, Debug)]
pub struct SignedRecord {
    case: String,
    leaf: String,
    salt: Salt,
    record: String,
    statement: Envelope,
}

impl SignedRecord {
    /// Whether bytes are such an export rather than a bare record.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        let value: Option<Value> = serde_json::from_slice(bytes).ok();
        value.is_some_and(|value| value.get("schema").is_some_and(|schema| schema == EXPORT_SCHEMA))
    }

    /// Reads `comity.screen-export/1`.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Refusal>> {
        let value = reader::document(bytes, &LIMITS)?;
        reader::schema(&value, EXPORT_SCHEMA)?;
        let no = |at: &str| vec![Refusal::new("value-invalid", at)];
        let known = ["case", "leaf", "record", "salt", "schema", "statement"];
        let unknown =
            value.as_object().and_then(|all| all.keys().find(|key| !known.contains(&key.as_str())));
        if let Some(key) = unknown {
            return Err(vec![Refusal::new("member-unknown", child("", key))]);
        }
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let statement = value.get("statement").and_then(spelled).ok_or_else(|| no("/statement"))?;
        Ok(Self {
            case: text("case").ok_or_else(|| no("/case"))?.to_owned(),
            leaf: text("leaf").ok_or_else(|| no("/leaf"))?.to_owned(),
            salt: text("salt").and_then(|salt| salt.parse().ok()).ok_or_else(|| no("/salt"))?,
            record: text("record").ok_or_else(|| no("/record"))?.to_owned(),
            statement: Envelope::parse(statement.as_bytes())
                .map_err(|error| vec![Refusal::new(error.code(), "/statement")])?,
        })
    }

    /// Puts together what a hub keeps of a case.
    #[must_use]
    pub fn new(
        case: String,
        (leaf, salt): (String, Salt),
        record: String,
        statement: Envelope,
    ) -> Self {
        Self { case, leaf, salt, record, statement }
    }

    /// Returns the record's bytes.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        self.record.as_bytes()
    }

    /// Checks that the leaf is that of these bytes, that the statement names it and nothing else, and that
    /// record, statement and export speak of one case; under a key, also that it was signed with it.
    pub fn check(&self, key: Option<&VerifyingKey>) -> Result<(), Refusal> {
        let other = |at: &str| Refusal::new("record-other", at);
        if digest::hex(&leaf(&self.salt, self.record.as_bytes())) != self.leaf {
            return Err(other("/leaf"));
        }
        let record: Value = serde_json::from_str(&self.record)
            .map_err(|_| Refusal::new("value-invalid", "/record"))?;
        // One record has one form, else it would have as many leaves as forms.
        if serde_json_canonicalizer::to_vec(&record).ok().as_deref() != Some(self.record.as_bytes())
        {
            return Err(Refusal::new("value-invalid", "/record"));
        }
        if record.pointer("/exchange/case").and_then(Value::as_str) != Some(self.case.as_str()) {
            return Err(other("/case"));
        }
        let said: Option<Value> = serde_json::from_slice(self.statement.payload()).ok();
        let wanted = said.as_ref().and_then(|said| said.get("at")).map(|at| {
            json!({ "at": at, "case": self.case, "leaf": self.leaf, "schema": LEAF_SCHEMA, "v": 1 })
        });
        let is_of_kind = self.statement.kind() == StatementKind::Screen.payload_type();
        if !is_of_kind || wanted.is_none() || said != wanted {
            return Err(other("/statement"));
        }
        let Some(key) = key else { return Ok(()) };
        VerifiedStatement::open(&self.statement, StatementKind::Screen, key)
            .map(drop)
            .map_err(|error| Refusal::new(error.code(), "/statement"))
    }
}

/// Returns the one spelling of an envelope whose members came in another order.
fn spelled(value: &Value) -> Option<String> {
    let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
    let signatures: Option<Vec<String>> = value
        .get("signatures")?
        .as_array()?
        .iter()
        .map(|one| {
            let (key, sig) = (text(one, "keyid")?, text(one, "sig")?);
            Some(format!("{{\"keyid\":\"{key}\",\"sig\":\"{sig}\"}}"))
        })
        .collect();
    let (payload, kind) = (text(value, "payload")?, text(value, "payloadType")?);
    let signatures = signatures?.join(",");
    Some(format!(
        "{{\"payload\":\"{payload}\",\"payloadType\":\"{kind}\",\"signatures\":[{signatures}]}}"
    ))
}

/// What came of screening a record's exchange again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The hash of the result in the record.
    pub recorded: String,
    /// The hash of the result as it comes out now.
    pub replayed: String,
    /// The result as it comes out now.
    pub result: Screen,
}

impl Replay {
    /// Says whether both results are the same bytes: equal hashes of their RFC 8785 forms.
    #[must_use]
    pub fn is_identical(&self) -> bool {
        self.recorded == self.replayed
    }
}

/// Screens a record's exchange again under the policy it names.
pub fn replay(record: &[u8], policies: &Policies) -> Result<Replay, Vec<Refusal>> {
    let value = reader::document(record, &LIMITS)?;
    if value.get("schema").is_some() || !value.is_object() {
        reader::schema(&value, SCHEMA)?;
    }
    let sink = Sink::default();
    let parts = members(&Node::root(&value, &sink));
    let (exchange, recorded) = sink.finish(parts)?;
    let named = recorded.get("policy").and_then(Value::as_str).unwrap_or_default();
    let Some(policy) = policies.find(named) else {
        return Err(vec![Refusal::new("policy-unknown", "/result/policy")]);
    };
    let exchange = Exchange::from_value(exchange, policy, None).map_err(|mut refusals| {
        for refusal in &mut refusals {
            refusal.pointer.insert_str(0, "/exchange");
        }
        refusal::sort(&mut refusals);
        refusals
    })?;
    let decided = value.get("decided_at").and_then(Value::as_str).and_then(Instant::parse);
    if decided.is_some_and(|decided| decided < exchange.at) {
        return Err(vec![Refusal::new("value-invalid", "/decided_at")]);
    }
    let result = screen(&exchange, policy);
    let recorded =
        hash_of(&recorded).ok_or_else(|| vec![Refusal::new("value-invalid", "/result")])?;
    Ok(Replay { recorded, replayed: result.hash(), result })
}

fn members(node: &Node<'_>) -> Option<(Value, Value)> {
    let object = node.object(&[
        "schema",
        "exchange",
        "result",
        "approvals",
        "asker",
        "decided_at",
        "supersedes",
        "given",
    ])?;
    let document = |node: &Node<'_>| match node.value {
        Value::Object(_) => Some(node.value.clone()),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {
            node.invalid()
        }
    };
    let exchange = object.read("exchange", document);
    let result = object.read("result", document);
    // Who decided and when says nothing about the result; what is there has its shape.
    object.maybe("approvals", |node| node.list(|_| Some(())))?;
    object.maybe("given", |node| node.list(|_| Some(())))?;
    object.maybe("asker", Node::id)?;
    object.maybe("decided_at", Node::instant)?;
    object.maybe("supersedes", |node| node.or_null(Node::hex))?;
    Some((exchange?, result?))
}
