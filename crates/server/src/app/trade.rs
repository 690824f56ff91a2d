//! Trade decisions over files that the caller sends: the answers of the command line, and nothing is kept.
//!
//! A decision is a pure function of the files, so the hub adds only its signature, if asked. Not here: the
//! rules (`comity_core::trade`), and the register, which the caller sends like every other file.

use std::collections::BTreeMap;

use comity_core::cert::document;
use comity_core::refusal::Refusal;
use comity_core::trade::{export, import, replay};
use comity_ledger::attestation::Attestation;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::{AppError, Hub};

/// Decisions at once: each may hold a core and the tree of a bill for as long as it takes.
const AT_ONCE: usize = 2;
/// When to come back if all are busy.
const RETRY_AFTER_S: u32 = 2;
/// Files of one replay at most.
pub const REPLAY_FILES_MAX: usize = 16;

static DECIDING: Semaphore = Semaphore::const_new(AT_ONCE);

/// The files of an import decision, each the text of a file byte for byte: the receipt hashes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportForm {
    bom: String,
    good: String,
    rules: String,
    register: String,
}

/// The files of an export decision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportForm {
    request: String,
    rules: String,
    register: String,
}

/// A decision and the files it was made over, in any order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayForm {
    decision: String,
    files: Vec<String>,
}

/// A question that can be decided from what it holds alone.
pub trait Decide: Send + 'static {
    /// Returns the document in RFC 8785 form, without a newline.
    fn decide(&self) -> Result<Vec<u8>, AppError>;
}

fn printed<T: Serialize>(decided: Result<T, Refusal>) -> Result<Vec<u8>, AppError> {
    let decision = decided.map_err(|refusal| AppError::Refused(vec![refusal]))?;
    comity_ledger::canonical::print(&decision).map_err(AppError::fault)
}

impl Decide for ImportForm {
    fn decide(&self) -> Result<Vec<u8>, AppError> {
        printed(import::decide(&import::Inputs {
            bom: self.bom.as_bytes(),
            good: self.good.as_bytes(),
            rules: self.rules.as_bytes(),
            register: self.register.as_bytes(),
        }))
    }
}

impl Decide for ExportForm {
    fn decide(&self) -> Result<Vec<u8>, AppError> {
        printed(export::decide(&export::Inputs {
            request: self.request.as_bytes(),
            rules: self.rules.as_bytes(),
            register: self.register.as_bytes(),
        }))
    }
}

impl Decide for ReplayForm {
    fn decide(&self) -> Result<Vec<u8>, AppError> {
        if self.files.len() > REPLAY_FILES_MAX {
            return Err(AppError::refused_at("limit-size", "/files"));
        }
        let decision = self.decision.as_bytes();
        let files: BTreeMap<String, Vec<u8>> = self
            .files
            .iter()
            .map(|file| (document::hash(file.as_bytes()), file.clone().into_bytes()))
            .collect();
        let replayed =
            replay::asked(decision).and_then(|asked| replay::replay(decision, &asked, &files));
        printed(replayed)
    }
}

impl Hub {
    /// Answers one question on a thread of its own, a few at a time; nothing of it is stored or logged.
    pub async fn decide_trade<D: Decide>(&self, question: D) -> Result<Vec<u8>, AppError> {
        let busy = |_| AppError::Busy { retry_after_s: RETRY_AFTER_S };
        let turn = DECIDING.try_acquire().map_err(busy)?;
        let work = tokio::task::spawn_blocking(move || {
            let decided = question.decide();
            drop(turn);
            decided
        });
        work.await.map_err(AppError::fault)?
    }

    /// Signs what a decision's receipt says: that this hub came to this result over these files.
    pub fn attest_trade(&self, decision: &[u8]) -> Result<Value, AppError> {
        let decided: Value = serde_json::from_slice(decision).map_err(AppError::fault)?;
        let text = |value: Option<&Value>| {
            let text = value.and_then(Value::as_str);
            text.map(str::to_owned).ok_or_else(|| AppError::fault("a decision has a receipt"))
        };
        let receipt = decided.get("receipt");
        let mut inputs = BTreeMap::new();
        for (role, value) in receipt.and_then(Value::as_object).into_iter().flatten() {
            if !matches!(role.as_str(), "engine" | "result") {
                inputs.insert(role.clone(), text(Some(value))?);
            }
        }
        let attestation = Attestation {
            hub: self.config().hub.parse().map_err(AppError::fault)?,
            at: u64::try_from(self.now_ms()).map_err(AppError::fault)?,
            decision: text(decided.get("type"))?,
            inputs,
            result: text(decided.pointer("/receipt/result"))?,
            engine: text(decided.pointer("/receipt/engine"))?,
        };
        let envelope = attestation.sign(self.signing()).map_err(AppError::fault)?;
        serde_json::from_slice(envelope.as_bytes()).map_err(AppError::fault)
    }
}
