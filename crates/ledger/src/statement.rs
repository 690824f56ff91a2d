//! Signed documents that are no entries: approvals, passes, leaves of screens, signatures under agreements.
//!
//! A statement is one object in strict form under one signature. Its type is part of what is signed, so that
//! none passes for another kind. Not here: what a statement says (`comity-core`) and whose key counts.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::canonical::{self, CanonicalError};
use crate::envelope::{Envelope, EnvelopeError, PAYLOAD_BYTES_MAX, PayloadType};
use crate::key::{SigningKey, VerifyingKey};

/// The kinds of statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatementKind {
    /// A party's signature under an agreement between hubs.
    Agreement,
    /// Someone's yes to one tier of one screen.
    Approval,
    /// The pass under which content crosses to another hub.
    Pass,
    /// The leaf of a screen's record.
    Screen,
}

impl StatementKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Agreement, Self::Approval, Self::Pass, Self::Screen];

    /// Returns the payload type of the kind.
    #[must_use]
    pub const fn payload_type(self) -> PayloadType {
        match self {
            Self::Agreement => PayloadType::Agreement,
            Self::Approval => PayloadType::Approval,
            Self::Pass => PayloadType::Pass,
            Self::Screen => PayloadType::Screen,
        }
    }
}

/// Why something is no statement that holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The signature does not hold under the key.
    #[error("the signature does not hold")]
    BadSignature,
    /// Outside the strict profile.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// No envelope, or not of this kind.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A statement has one signature.
    #[error("not exactly one signature")]
    SignatureCount,
}

impl StatementError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "bad-signature",
            Self::Canonical(error) => error.code(),
            Self::Envelope(error) => error.code(),
            Self::SignatureCount => "signature-count",
        }
    }
}

/// Signs a document, if others would accept its form.
///
/// The same document under the same key gives the same bytes: nothing random goes in.
pub fn sign<T: Serialize>(
    kind: StatementKind,
    document: &T,
    key: &SigningKey,
) -> Result<Envelope, StatementError> {
    let payload = canonical::print(document).map_err(|_| CanonicalError::NotCanonical)?;
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(EnvelopeError::TooLarge.into());
    }
    canonical::parse(&payload)?;
    Ok(Envelope::sign(kind.payload_type(), payload, &[key]))
}

/// A statement whose form and signature were checked. Only [`VerifiedStatement::open`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedStatement {
    kind: StatementKind,
    members: Map<String, Value>,
}

impl VerifiedStatement {
    /// Checks kind, form and signature against a key that the caller trusts.
    pub fn open(
        envelope: &Envelope,
        kind: StatementKind,
        key: &VerifyingKey,
    ) -> Result<Self, StatementError> {
        if envelope.kind() != kind.payload_type() {
            return Err(EnvelopeError::PayloadType.into());
        }
        if envelope.signatures().len() != 1 {
            return Err(StatementError::SignatureCount);
        }
        let members = canonical::parse(envelope.payload())?;
        if !envelope.is_signed_by(key) {
            return Err(StatementError::BadSignature);
        }
        Ok(Self { kind, members })
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> StatementKind {
        self.kind
    }

    /// Returns what was signed.
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// Returns what was signed.
    #[must_use]
    pub fn into_members(self) -> Map<String, Value> {
        self.members
    }
}
