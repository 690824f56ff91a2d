//! The receipt a finder gets at once: what was received when, by whom, and what was promised (PO-19).
//!
//! A receipt carries the hub's public key, so that it checks alone; that the key is the hub's is for
//! the identity chain or a pinned key to say. Not here: the log proof that follows (TL-05).

use serde_json::{Map, Value, json};

use crate::canonical::{self, CanonicalError};
use crate::commitment;
use crate::digest::{Commitment, ContentHash, KeyId};
use crate::entry::{Name, Salt};
use crate::envelope::{Envelope, EnvelopeError, PAYLOAD_BYTES_MAX, PayloadType};
use crate::json::{self, Limits};
use crate::key::{SigningKey, VerifyingKey};
use crate::members::{BadMember, Members, Taken, check_extensions, check_text};

/// Clocks of one receipt at most.
pub const CLOCKS_MAX: usize = 64;
/// Characters of one text at most.
pub const TEXT_CHARS_MAX: usize = 500;
/// The purpose of the commitment to a report.
pub const COMMITMENT_PURPOSE: &str = "report";

/// A clock that runs from the receipt on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// What must be done, for example `acknowledge`.
    pub code: Name,
    /// By when, milliseconds since 1970 UTC.
    pub due_at: u64,
    /// Who must do it.
    pub bearer: String,
}

/// The embargo promised by default; none if the hub promises none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embargo {
    /// From when.
    pub starts_at: u64,
    /// Until when.
    pub ends_at: u64,
}

/// The safe-harbour policy in force at that instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its version, as published.
    pub version: String,
    /// Hash of its authentic text (PO-45).
    pub sha256: ContentHash,
}

/// What the hub signs for.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// The report's id.
    pub report: Name,
    /// The hub that received it.
    pub hub: Name,
    /// Who holds the report and answers for it.
    pub holder: String,
    /// When it was received, milliseconds since 1970 UTC.
    pub received_at: u64,
    /// The clocks that run.
    pub clocks: Vec<Clock>,
    /// The embargo, if any.
    pub embargo: Option<Embargo>,
    /// The policy.
    pub policy: Policy,
    /// Commits to the report's bytes; the salt follows by mailbox.
    pub commitment: Commitment,
    /// Members `x-…` that this version does not know.
    pub extensions: Map<String, Value>,
}

/// Why bytes are no receipt that holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The signature does not hold.
    #[error("the signature does not hold")]
    BadSignature,
    /// Outside the strict profile.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// No envelope, or not of a receipt.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A member is missing, wrong or unknown.
    #[error(transparent)]
    Member(#[from] BadMember),
    /// A receipt has one signature.
    #[error("not exactly one signature")]
    SignatureCount,
}

impl ReceiptError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "bad-signature",
            Self::Canonical(error) => error.code(),
            Self::Envelope(error) => error.code(),
            Self::Member(_) => "receipt-malformed",
            Self::SignatureCount => "signature-count",
        }
    }
}

impl Receipt {
    /// Signs the receipt, if others would accept its form.
    pub fn sign(&self, key: &SigningKey) -> Result<Envelope, ReceiptError> {
        // What we sign must pass what we demand of others; a property test reads back what was signed.
        self.check()?;
        let members = self.members(key.verifying_key());
        json::within_object(&members, &Limits::ENTRY, 0).map_err(CanonicalError::Json)?;
        let payload =
            canonical::print_object(&members).map_err(|_| CanonicalError::NotCanonical)?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(EnvelopeError::TooLarge.into());
        }
        Ok(Envelope::sign(PayloadType::Receipt, payload, &[key]))
    }

    /// Says whether salt and report bytes open the commitment.
    #[must_use]
    pub fn is_of(&self, salt: &Salt, report: &[u8]) -> bool {
        commitment::opens(&self.commitment, COMMITMENT_PURPOSE, salt, report)
    }

    fn check(&self) -> Taken<()> {
        check_text("holder", &self.holder, TEXT_CHARS_MAX)?;
        check_text("version", &self.policy.version, TEXT_CHARS_MAX)?;
        if self.clocks.len() > CLOCKS_MAX {
            return Err(Members::bad("clocks"));
        }
        for clock in &self.clocks {
            check_text("bearer", &clock.bearer, TEXT_CHARS_MAX)?;
        }
        self.embargo.map_or(Ok(()), check_embargo)?;
        check_extensions(&self.extensions)
    }

    fn members(&self, key: &VerifyingKey) -> Map<String, Value> {
        let clocks: Vec<Value> = self
            .clocks
            .iter()
            .map(|clock| {
                json!({ "bearer": clock.bearer, "code": clock.code.as_str(), "due_at": clock.due_at })
            })
            .collect();
        let embargo = self
            .embargo
            .map(|embargo| json!({ "ends_at": embargo.ends_at, "starts_at": embargo.starts_at }));
        let mut members = self.extensions.clone();
        let known = [
            ("clocks", Value::Array(clocks)),
            ("commitment", json!(self.commitment)),
            ("embargo", embargo.unwrap_or(Value::Null)),
            ("holder", json!(self.holder)),
            ("hub", json!(self.hub.as_str())),
            ("key", json!(key.to_string())),
            ("policy", json!({ "sha256": self.policy.sha256, "version": self.policy.version })),
            ("received_at", json!(self.received_at)),
            ("report", json!(self.report.as_str())),
            ("v", json!(1)),
        ];
        members.extend(known.map(|(name, value)| (name.to_owned(), value)));
        members
    }
}

/// A receipt whose form and signature were checked. Only [`VerifiedReceipt::open`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedReceipt {
    receipt: Receipt,
    key: VerifyingKey,
}

impl VerifiedReceipt {
    /// Checks form and signature against the key the receipt itself names.
    pub fn open(envelope: &Envelope) -> Result<Self, ReceiptError> {
        if envelope.kind() != PayloadType::Receipt {
            return Err(EnvelopeError::PayloadType.into());
        }
        if envelope.signatures().len() != 1 {
            return Err(ReceiptError::SignatureCount);
        }
        let (receipt, key) = parse(envelope.payload())?;
        if !envelope.is_signed_by(&key) {
            return Err(ReceiptError::BadSignature);
        }
        Ok(Self { receipt, key })
    }

    /// Returns the receipt.
    #[must_use]
    pub const fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Returns the key that signed; whose it is must be known from elsewhere.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Returns the id of the key that signed.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.key.id()
    }
}

fn parse(payload: &[u8]) -> Result<(Receipt, VerifyingKey), ReceiptError> {
    let mut members = Members(canonical::parse(payload)?);
    members.version_1()?;
    let key = members.parsed("key")?;
    let receipt = Receipt {
        report: members.parsed("report")?,
        hub: members.parsed("hub")?,
        holder: members.text("holder", TEXT_CHARS_MAX)?,
        received_at: members.integer("received_at")?,
        clocks: members
            .list("clocks", CLOCKS_MAX)?
            .into_iter()
            .map(clock)
            .collect::<Taken<Vec<Clock>>>()?,
        embargo: embargo(members.value("embargo")?)?,
        policy: policy(members.object("policy")?)?,
        commitment: members.parsed("commitment")?,
        extensions: members.extensions()?,
    };
    Ok((receipt, key))
}

fn clock(value: Value) -> Taken<Clock> {
    let Value::Object(members) = value else {
        return Err(Members::bad("clocks"));
    };
    let mut members = Members(members);
    let clock = Clock {
        code: members.parsed("code")?,
        due_at: members.integer("due_at")?,
        bearer: members.text("bearer", TEXT_CHARS_MAX)?,
    };
    members.finish()?;
    Ok(clock)
}

fn embargo(value: Value) -> Taken<Option<Embargo>> {
    if value.is_null() {
        return Ok(None);
    }
    let Value::Object(members) = value else { return Err(Members::bad("embargo")) };
    let mut members = Members(members);
    let embargo =
        Embargo { starts_at: members.integer("starts_at")?, ends_at: members.integer("ends_at")? };
    members.finish()?;
    check_embargo(embargo)?;
    Ok(Some(embargo))
}

fn check_embargo(embargo: Embargo) -> Taken<()> {
    if embargo.ends_at > embargo.starts_at { Ok(()) } else { Err(Members::bad("ends_at")) }
}

fn policy(members: Map<String, Value>) -> Taken<Policy> {
    let mut members = Members(members);
    let policy = Policy {
        version: members.text("version", TEXT_CHARS_MAX)?,
        sha256: members.parsed("sha256")?,
    };
    members.finish()?;
    Ok(policy)
}
