//! A hub's signature under a trade decision: which files it read, what came out, with which engine (CT-50).
//!
//! It carries the hub's public key, so that it checks alone; that the key is the hub's is for the identity
//! chain or a pinned key to say. It says that the hub computed this, not that the files are true, and the
//! decision replays without it. Not here: the decision itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::canonical;
use crate::digest;
use crate::entry::Name;
use crate::envelope::{Envelope, EnvelopeError, PAYLOAD_BYTES_MAX, PayloadType};
use crate::key::{SigningKey, VerifyingKey};
use crate::members::{Members, Taken};
use crate::receipt::ReceiptError;

/// Inputs of one decision at most.
pub const INPUTS_MAX: usize = 16;
/// Characters of one text at most.
const TEXT_CHARS_MAX: usize = 100;

/// What the hub signs for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// The hub that decided.
    pub hub: Name,
    /// When, milliseconds since 1970 UTC.
    pub at: u64,
    /// The type of the decision, for example `comity.import-decision/1`.
    pub decision: String,
    /// `sha256:` of each input, by its role.
    pub inputs: BTreeMap<String, String>,
    /// `sha256:` of the decision without its receipt, in RFC 8785 form.
    pub result: String,
    /// The program that decided.
    pub engine: String,
}

/// An attestation whose form and signature were checked. Only [`VerifiedAttestation::open`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAttestation {
    attestation: Attestation,
    key: VerifyingKey,
}

impl Attestation {
    /// Signs the attestation, if others would accept its form.
    pub fn sign(&self, key: &SigningKey) -> Result<Envelope, ReceiptError> {
        let payload = canonical::print(&self.members(key.verifying_key()))
            .map_err(|_| canonical::CanonicalError::NotCanonical)?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(EnvelopeError::TooLarge.into());
        }
        parse(&payload)?;
        Ok(Envelope::sign(PayloadType::TradeReceipt, payload, &[key]))
    }

    fn members(&self, key: &VerifyingKey) -> Value {
        json!({
            "at": self.at,
            "decision": self.decision,
            "engine": self.engine,
            "hub": self.hub.as_str(),
            "inputs": self.inputs,
            "key": key.to_string(),
            "result": self.result,
            "v": 1,
        })
    }
}

impl VerifiedAttestation {
    /// Checks form and signature.
    pub fn open(envelope: &Envelope) -> Result<Self, ReceiptError> {
        if envelope.kind() != PayloadType::TradeReceipt {
            return Err(EnvelopeError::PayloadType.into());
        }
        if envelope.signatures().len() != 1 {
            return Err(ReceiptError::SignatureCount);
        }
        let (attestation, key) = parse(envelope.payload())?;
        if !envelope.is_signed_by(&key) {
            return Err(ReceiptError::BadSignature);
        }
        Ok(Self { attestation, key })
    }

    /// Returns the attestation.
    #[must_use]
    pub const fn attestation(&self) -> &Attestation {
        &self.attestation
    }

    /// Returns the key that signed; whose it is must be known from elsewhere.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

fn parse(payload: &[u8]) -> Result<(Attestation, VerifyingKey), ReceiptError> {
    let mut members = Members(canonical::parse(payload)?);
    members.version_1()?;
    let key = members.parsed("key")?;
    let attestation = Attestation {
        hub: members.parsed("hub")?,
        at: members.integer("at")?,
        decision: members.text("decision", TEXT_CHARS_MAX)?,
        inputs: inputs(members.object("inputs")?)?,
        result: hash("result", members.text("result", TEXT_CHARS_MAX)?)?,
        engine: members.text("engine", TEXT_CHARS_MAX)?,
    };
    members.finish()?;
    Ok((attestation, key))
}

fn inputs(members: Map<String, Value>) -> Taken<BTreeMap<String, String>> {
    if members.is_empty() || members.len() > INPUTS_MAX {
        return Err(Members::bad("inputs"));
    }
    let read = |(role, value): (String, Value)| match value {
        Value::String(text) => Ok((role, hash("inputs", text)?)),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) | Value::Object(_) => {
            Err(Members::bad("inputs"))
        }
    };
    members.into_iter().map(read).collect()
}

fn hash(name: &str, text: String) -> Taken<String> {
    let digits = text.strip_prefix("sha256:").ok_or_else(|| Members::bad(name))?;
    digest::hex_32(digits).map_err(|_| Members::bad(name))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attestation() -> Attestation {
        let hash = format!("sha256:{}", "ab".repeat(32));
        Attestation {
            hub: "nv".parse().unwrap(),
            at: 1_800_000_000_000,
            decision: "comity.import-decision/1".to_owned(),
            inputs: BTreeMap::from([("bom".to_owned(), hash.clone())]),
            result: hash,
            engine: "comity/0.1.0".to_owned(),
        }
    }

    #[test]
    fn opens_what_it_signed_and_nothing_else() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let envelope = attestation().sign(&key).unwrap();
        let read = Envelope::parse(envelope.as_bytes()).unwrap();
        let opened = VerifiedAttestation::open(&read).unwrap();
        assert_eq!((opened.attestation(), opened.key()), (&attestation(), key.verifying_key()));
        let text = String::from_utf8(envelope.into_bytes()).unwrap();
        for (from, to) in [("trade-receipt", "receipt"), ("\"sig\":\"", "\"sig\":\"AAAA")] {
            let forged = text.replacen(from, to, 1);
            let opened = Envelope::parse(forged.as_bytes())
                .map_err(ReceiptError::from)
                .and_then(|envelope| VerifiedAttestation::open(&envelope));
            assert!(opened.is_err(), "{to}");
        }
        let bad = Attestation { result: "sha256:00".to_owned(), ..attestation() };
        assert_eq!(bad.sign(&key).unwrap_err().code(), "receipt-malformed");
        let none = Attestation { inputs: BTreeMap::new(), ..attestation() };
        assert!(none.sign(&key).is_err());
    }
}
