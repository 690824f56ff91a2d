//! The DSSE envelope: payload, its type and one or two signatures, in exactly one spelling (EN-02).
//!
//! ```json
//! {"payload":"eyJ…","payloadType":"application/vnd.comity.entry+json;v=1","signatures":[{"keyid":"ed25519:9f…","sig":"…"}]}
//! ```
//!
//! The layout is read as fixed text: the canonical form has no other, so no byte of it can change
//! unseen. Not here: what a payload says, and whose keys count.

use data_encoding::BASE64;

use crate::digest::{self, EntryId, KeyId};
use crate::key::{ALGORITHM, SigningKey, VerifyingKey};

/// Bytes of a payload at most (EN-03).
pub const PAYLOAD_BYTES_MAX: usize = 64 << 10;
/// Bytes of an envelope at most: the payload in base64 and what stands around it.
pub const ENVELOPE_BYTES_MAX: usize = PAYLOAD_BYTES_MAX.div_ceil(3) * 4 + 1024;
/// Signatures of one envelope at most: a key rotation has two.
pub const SIGNATURES_MAX: usize = 2;

/// What a payload is; part of what is signed, so that no document passes for another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadType {
    /// An entry of a room.
    Entry,
    /// The signed first line of a case export.
    Export,
    /// The receipt of a report.
    Receipt,
    /// A hub's signature under a trade decision.
    TradeReceipt,
}

impl PayloadType {
    /// Returns the media type as written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "application/vnd.comity.entry+json;v=1",
            Self::Export => "application/vnd.comity.export+json;v=1",
            Self::Receipt => "application/vnd.comity.receipt+json;v=1",
            Self::TradeReceipt => "application/vnd.comity.trade-receipt+json;v=1",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Entry, Self::Export, Self::Receipt, Self::TradeReceipt]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Why bytes are no envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not the one canonical layout, or base64 or hexadecimal that is not canonical.
    #[error("not a canonical envelope")]
    Malformed,
    /// A payload type this version does not know or that does not belong here.
    #[error("not the payload type expected")]
    PayloadType,
    /// Over [`ENVELOPE_BYTES_MAX`] or [`PAYLOAD_BYTES_MAX`].
    #[error("too large")]
    TooLarge,
}

impl EnvelopeError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "envelope-malformed",
            Self::PayloadType => "payload-type",
            Self::TooLarge => "too-large",
        }
    }
}

/// One signature of an envelope; not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The id of the key that is said to have made it.
    pub key: KeyId,
    /// R and S.
    pub bytes: [u8; 64],
}

/// An envelope in its canonical layout; its signatures are not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    kind: PayloadType,
    payload: Vec<u8>,
    signed: Vec<u8>,
    id: EntryId,
    signatures: Vec<Signature>,
    bytes: Vec<u8>,
}

impl Envelope {
    /// Reads the one layout there is.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| EnvelopeError::Malformed)?;
        let (payload, kind, signatures) = layout(text).ok_or(EnvelopeError::Malformed)?;
        let kind = PayloadType::parse(kind).ok_or(EnvelopeError::PayloadType)?;
        let payload = BASE64.decode(payload.as_bytes()).map_err(|_| EnvelopeError::Malformed)?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(EnvelopeError::TooLarge);
        }
        Ok(Self::assemble(kind, payload, signatures, bytes.to_vec()))
    }

    /// Signs a payload with one key or two; signatures are ordered by key id.
    ///
    /// The caller has checked the payload: what is signed is what others will hold the signer to.
    pub(crate) fn sign(kind: PayloadType, payload: Vec<u8>, keys: &[&SigningKey]) -> Self {
        let signed = pre_authentication(kind, &payload);
        let mut signatures: Vec<Signature> =
            keys.iter().map(|key| Signature { key: key.id(), bytes: key.sign(&signed) }).collect();
        signatures.sort_by_key(|signature| signature.key);
        signatures.dedup_by_key(|signature| signature.key);
        let bytes = print(kind, &payload, &signatures);
        Self::assemble(kind, payload, signatures, bytes)
    }

    fn assemble(
        kind: PayloadType,
        payload: Vec<u8>,
        signatures: Vec<Signature>,
        bytes: Vec<u8>,
    ) -> Self {
        let signed = pre_authentication(kind, &payload);
        let id = EntryId::from_bytes(digest::sha256(&signed));
        Self { kind, payload, signed, id, signatures, bytes }
    }

    /// Returns what the payload is.
    #[must_use]
    pub const fn kind(&self) -> PayloadType {
        self.kind
    }

    /// Returns the payload, whose signatures need not hold.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Returns SHA-256 of the pre-authentication encoding: the entry's id, if this is an entry.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        self.id
    }

    /// Returns the signatures, one or two, ascending by key id.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Returns the envelope as received or signed, to be stored and passed on unchanged.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the envelope as received or signed.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Says whether this key signed.
    #[must_use]
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        self.signatures.iter().any(|signature| {
            signature.key == key.id() && key.verifies(&self.signed, &signature.bytes)
        })
    }
}

/// Payload in base64, payload type, signatures; `None` for every other layout.
fn layout(text: &str) -> Option<(&str, &str, Vec<Signature>)> {
    let (payload, rest) = text.strip_prefix(r#"{"payload":""#)?.split_once('"')?;
    let (kind, rest) = rest.strip_prefix(r#","payloadType":""#)?.split_once('"')?;
    let mut rest = rest.strip_prefix(r#","signatures":["#)?;
    let mut signatures: Vec<Signature> = Vec::new();
    loop {
        let (signature, after) = signature(rest)?;
        // Ascending key ids leave one order only, and no key twice.
        if signatures.last().is_some_and(|last| last.key >= signature.key) {
            return None;
        }
        signatures.push(signature);
        if after == "]}" {
            return Some((payload, kind, signatures));
        }
        if signatures.len() == SIGNATURES_MAX {
            return None;
        }
        rest = after.strip_prefix(',')?;
    }
}

fn signature(text: &str) -> Option<(Signature, &str)> {
    let (key, rest) = text.strip_prefix(r#"{"keyid":""#)?.split_once('"')?;
    let key = key.strip_prefix(ALGORITHM)?.strip_prefix(':')?.parse().ok()?;
    let (bytes, rest) = rest.strip_prefix(r#","sig":""#)?.split_once('"')?;
    let bytes = <[u8; 64]>::try_from(BASE64.decode(bytes.as_bytes()).ok()?).ok()?;
    Some((Signature { key, bytes }, rest.strip_prefix('}')?))
}

fn print(kind: PayloadType, payload: &[u8], signatures: &[Signature]) -> Vec<u8> {
    let signatures: Vec<String> = signatures
        .iter()
        .map(|signature| {
            let sig = BASE64.encode(&signature.bytes);
            format!(r#"{{"keyid":"{ALGORITHM}:{}","sig":"{sig}"}}"#, signature.key)
        })
        .collect();
    format!(
        r#"{{"payload":"{}","payloadType":"{}","signatures":[{}]}}"#,
        BASE64.encode(payload),
        kind.as_str(),
        signatures.join(",")
    )
    .into_bytes()
}

/// DSSE's pre-authentication encoding: what is signed and what ids are the hash of.
fn pre_authentication(kind: PayloadType, payload: &[u8]) -> Vec<u8> {
    let name = kind.as_str();
    let mut bytes = format!("DSSEv1 {} {name} {} ", name.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Envelope {
        Envelope::sign(PayloadType::Entry, b"{}".to_vec(), &[&SigningKey::from_bytes(&[1; 32])])
    }

    #[test]
    fn what_is_signed_reads_back_the_same() {
        let envelope = sample();
        assert_eq!(Envelope::parse(envelope.as_bytes()).as_ref(), Ok(&envelope));
        assert!(envelope.is_signed_by(SigningKey::from_bytes(&[1; 32]).verifying_key()));
        assert!(!envelope.is_signed_by(SigningKey::from_bytes(&[2; 32]).verifying_key()));
    }

    #[test]
    fn two_signatures_have_one_order() {
        let keys = [SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32])];
        let there = Envelope::sign(PayloadType::Entry, b"{}".to_vec(), &[&keys[0], &keys[1]]);
        let back = Envelope::sign(PayloadType::Entry, b"{}".to_vec(), &[&keys[1], &keys[0]]);
        assert_eq!(there, back);
        assert_eq!(Envelope::parse(there.as_bytes()).as_ref(), Ok(&there));
        let text = String::from_utf8(there.into_bytes()).unwrap();
        let (before, rest) = text.split_once("[{").unwrap();
        let (first, rest) = rest.split_once("},{").unwrap();
        let second = rest.trim_end_matches("}]}");
        let swapped = format!("{before}[{{{second}}},{{{first}}}]}}");
        assert_eq!(Envelope::parse(swapped.as_bytes()), Err(EnvelopeError::Malformed));
    }

    #[test]
    fn refuses_every_other_layout() {
        let text = String::from_utf8(sample().into_bytes()).unwrap();
        let check =
            |text: String, why| assert_eq!(Envelope::parse(text.as_bytes()), Err(why), "{text}");
        check(format!("{text}\n"), EnvelopeError::Malformed);
        check(text.replace("\":", "\": "), EnvelopeError::Malformed);
        check(text.replace("e30=", "e30"), EnvelopeError::Malformed);
        check(text.replace("e30=", "e31="), EnvelopeError::Malformed);
        check(text.replace("entry", "entries"), EnvelopeError::PayloadType);
        check(text.replace("ed25519", "ed448"), EnvelopeError::Malformed);
        check(text.replace("}]}", "}],\"x\":1}"), EnvelopeError::Malformed);
        check(text.replace("[{", "[{},{"), EnvelopeError::Malformed);
        check("x".repeat(ENVELOPE_BYTES_MAX + 1), EnvelopeError::TooLarge);
        check(text.replace("e30=", &"AAAA".repeat(21_846)), EnvelopeError::TooLarge);
    }

    #[test]
    fn the_encoding_is_that_of_dsse() {
        let bytes = pre_authentication(PayloadType::Entry, b"{}");
        assert_eq!(bytes, b"DSSEv1 37 application/vnd.comity.entry+json;v=1 2 {}");
    }
}
