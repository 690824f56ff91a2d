//! Replaying a receipt: the same files must give the same answer (CT-50).
//!
//! Files are found by their hash, whatever their names. The engine may be a later one: only the result
//! counts. Not here: where files are looked for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{export, import};
use crate::cert::document::{self, Object, invalid, under};
use crate::refusal::Refusal;

/// What a decision asks for to be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    is_import: bool,
    /// The hash of each input, by its role.
    pub inputs: BTreeMap<&'static str, String>,
    result: String,
    engine: Option<String>,
}

/// The answer of `comity trade replay`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whether the result is the same.
    pub same: bool,
    /// The result the receipt names.
    expected: String,
    /// The result found, unless the inputs are refused now.
    found: Option<String>,
    /// The engine that decided then.
    engine_then: Option<String>,
    /// The engine that decided now.
    engine_now: &'static str,
    /// Whether the decision itself is what its receipt hashes.
    document_intact: bool,
}

/// Reads a decision and what its receipt asks for.
pub fn asked(decision: &[u8]) -> Result<Asked, Refusal> {
    let json = document::parse(decision)?;
    let object = json.object().ok_or_else(|| Refusal::new("json-invalid", ""))?;
    let is_import = match object.text_or_none("type")? {
        Some("comity.import-decision/1") => true,
        Some("comity.export-decision/1") => false,
        Some(_) | None => return Err(Refusal::new("wrong-type", "/type")),
    };
    let receipt = object.object("receipt")?;
    let roles: &[&str] = if is_import {
        &["bom", "good", "rules", "register"]
    } else {
        &["request", "rules", "register"]
    };
    let in_receipt = |refusal| under(refusal, "receipt");
    let input = |role: &&'static str| Ok((*role, hash(receipt, role)?));
    Ok(Asked {
        is_import,
        inputs: roles.iter().map(input).collect::<Result<_, _>>().map_err(in_receipt)?,
        result: hash(receipt, "result").map_err(in_receipt)?,
        engine: receipt.text_or_none("engine").map_err(in_receipt)?.map(str::to_owned),
    })
}

fn hash(receipt: Object<'_>, key: &str) -> Result<String, Refusal> {
    let text = receipt.text(key)?;
    let digits = text.strip_prefix("sha256:").ok_or_else(|| invalid(key))?;
    comity_ledger::digest::hex_32(digits).map_err(|_| invalid(key))?;
    Ok(text.to_owned())
}

/// Decides again over files by hash, and compares.
pub fn replay(
    decision: &[u8],
    asked: &Asked,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Replayed, Refusal> {
    let file = |role: &'static str| {
        let hash = asked.inputs.get(role).ok_or_else(|| invalid(role))?;
        let bytes = files.get(hash).map(Vec::as_slice);
        bytes.ok_or_else(|| {
            under(Refusal::new("replay-input-missing", crate::refusal::child("", role)), "receipt")
                .with("hash", hash.as_str())
        })
    };
    let found = if asked.is_import {
        let inputs = import::Inputs {
            bom: file("bom")?,
            good: file("good")?,
            rules: file("rules")?,
            register: file("register")?,
        };
        import::decide(&inputs).and_then(|decision| result(&decision))
    } else {
        let inputs = export::Inputs {
            request: file("request")?,
            rules: file("rules")?,
            register: file("register")?,
        };
        export::decide(&inputs).and_then(|decision| result(&decision))
    };
    let found = found.ok();
    let document_intact = own_result(decision).as_deref() == Some(asked.result.as_str());
    Ok(Replayed {
        kind: "comity.trade-replay/1",
        same: document_intact && found.as_ref() == Some(&asked.result),
        expected: asked.result.clone(),
        found,
        engine_then: asked.engine.clone(),
        engine_now: super::ENGINE,
        document_intact,
    })
}

/// Returns the result that a decision's own receipt names.
fn result<T: Serialize>(decision: &T) -> Result<String, Refusal> {
    let value = serde_json::to_value(decision).map_err(|_| invalid("receipt"))?;
    let result = value.pointer("/receipt/result").and_then(serde_json::Value::as_str);
    result.map(str::to_owned).ok_or_else(|| invalid("receipt"))
}

/// Returns the hash of a decision as it stands, without its receipt.
fn own_result(decision: &[u8]) -> Option<String> {
    let mut value: serde_json::Value = serde_json::from_slice(decision).ok()?;
    value.as_object_mut()?.remove("receipt")?;
    Some(document::canonical_hash(&value))
}
