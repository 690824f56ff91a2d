//! Signatures under packs: who read one, in which role, for which organisation (LW-5).
//!
//! A pack counts as signed when a legal officer and a second reader of two organisations signed exactly
//! these bytes, each with a key of its own. Whether those keys are whose they say only a list of trusted keys can
//! tell. Not here: files, and where trusted keys are configured.

use std::collections::BTreeSet;

use comity_ledger::digest::{hex, sha256};
use comity_ledger::key::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::refused::{Code, Refused};
use super::time::Instant;

/// Bytes of one `pack.sig` at most.
pub const BYTES_MAX: usize = 64 << 10;
/// Signatures in one `pack.sig` at most.
pub const SIGNATURES_MAX: usize = 32;
/// What stands before the signed lines, so that no signature of another purpose can be one of a pack.
const PURPOSE: &str = "comity-pack/1";
/// Characters of an organisation's id at most.
const ORGANISATION_CHARS_MAX: usize = 64;

/// In which role somebody signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers for the reading of the texts.
    LegalOfficer,
    /// Read them again, for another organisation.
    SecondReader,
}

impl Role {
    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LegalOfficer => "legal_officer",
            Self::SecondReader => "second_reader",
        }
    }

    /// Returns the role of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::LegalOfficer, Self::SecondReader].into_iter().find(|role| role.as_str() == text)
    }
}

/// One line of `pack.sig`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// SHA-256 of the bytes of `pack.toml`.
    pub sha256: String,
    /// In which role.
    pub role: Role,
    /// The public key, `ed25519:` and 64 digits.
    pub key: String,
    /// For which organisation.
    pub organisation: String,
    /// When, `YYYY-MM-DDTHH:MM:SSZ`.
    pub at: String,
    /// The signature, 128 lower-case hexadecimal digits.
    pub sig: String,
}

/// A key that is trusted to sign for one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The public key, `ed25519:` and 64 digits.
    pub key: String,
    /// The organisation it signs for.
    pub organisation: String,
}

/// Signs a pack: the line to be added to `pack.sig`.
pub fn sign(
    toml: &[u8],
    role: Role,
    organisation: &str,
    at: Instant,
    key: &SigningKey,
) -> Result<Signature, Refused> {
    let shaped = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let length = organisation.chars().count();
    if !(1..=ORGANISATION_CHARS_MAX).contains(&length) || !organisation.chars().all(shaped) {
        let message = "an organisation is 1 to 64 of a-z, 0-9, - and .";
        return Err(Refused::new(Code::SignatureForm, "--organisation", message));
    }
    let (sha256, at) = (hex(&sha256(toml)), at.to_string());
    let sig = key.sign_lines(PURPOSE, &[&sha256, role.as_str(), &at]);
    Ok(Signature {
        role,
        key: key.verifying_key().to_string(),
        organisation: organisation.to_owned(),
        sig: data_encoding::HEXLOWER.encode(&sig),
        sha256,
        at,
    })
}

/// Reads `pack.sig`, one JSON object a line; the first line that is none is refused.
pub fn parse(bytes: &[u8], file: &str) -> Result<Vec<Signature>, Refused> {
    let form = |line: usize, message: String| {
        Refused::new(Code::SignatureForm, format!("{file}:{line}:1"), message)
    };
    if bytes.len() > BYTES_MAX {
        return Err(form(1, format!("more than {BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| form(1, "not UTF-8".to_owned()))?;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let read: Signature =
            serde_json::from_str(line).map_err(|error| form(index + 1, error.to_string()))?;
        found.push(read);
    }
    if found.len() > SIGNATURES_MAX {
        return Err(form(1, format!("more than {SIGNATURES_MAX} signatures")));
    }
    Ok(found)
}

/// Returns the lines of `pack.sig`.
#[must_use]
pub fn print(signatures: &[Signature]) -> String {
    let line = |signature| serde_json::to_string(signature).unwrap_or_default() + "\n";
    signatures.iter().map(line).collect()
}

/// Verifies the signatures of a pack. Each must hold; then both roles must be there, for two organisations.
///
/// With `trusted` each key must be trusted for the organisation it names; without, the keys in `pack.sig` are taken
/// at their word. `file` names `pack.sig` in refusals: other bytes, a wrong signature, a foreign key, a missing role.
pub fn verify(
    toml: &[u8],
    sig: Option<&[u8]>,
    trusted: Option<&[Signer]>,
    file: &str,
) -> Result<Vec<Signature>, Refused> {
    let Some(bytes) = sig else {
        return Err(Refused::new(Code::SignatureMissing, file, "pack.sig is missing"));
    };
    let found = parse(bytes, file)?;
    let digest = hex(&sha256(toml));
    for (index, signature) in found.iter().enumerate() {
        check(signature, &digest, trusted).map_err(|(code, message)| {
            Refused::new(code, format!("{file}:{}:1", index + 1), message)
        })?;
    }
    let of = |role: Role| -> BTreeSet<(&str, &str)> {
        let of_role = found.iter().filter(|signature| signature.role == role);
        of_role.map(|signature| (signature.organisation.as_str(), signature.key.as_str())).collect()
    };
    let (officers, readers) = (of(Role::LegalOfficer), of(Role::SecondReader));
    for (role, signers) in [(Role::LegalOfficer, &officers), (Role::SecondReader, &readers)] {
        if signers.is_empty() {
            let message = format!("no signature in the role {}", role.as_str());
            return Err(Refused::new(Code::SignatureMissing, file, message));
        }
    }
    let apart = |a: &(&str, &str), b: &(&str, &str)| a.0 != b.0 && a.1 != b.1;
    if !officers.iter().any(|one| readers.iter().any(|other| apart(one, other))) {
        let message = "both roles are signed by one organisation";
        return Err(Refused::new(Code::SignatureAlone, file, message));
    }
    Ok(found)
}

fn check(
    signature: &Signature,
    digest: &str,
    trusted: Option<&[Signer]>,
) -> Result<(), (Code, &'static str)> {
    let Signature { sha256, role, key, organisation, at, sig } = signature;
    let form = |message| (Code::SignatureForm, message);
    if sha256 != digest {
        return Err((Code::SignatureBytes, "the signature is under other bytes"));
    }
    let known: VerifyingKey = key.parse().map_err(|_| form("not a key"))?;
    if Instant::parse(at).is_none_or(|read| read.to_string() != *at) {
        return Err(form("not an instant as YYYY-MM-DDTHH:MM:SSZ"));
    }
    let bytes =
        data_encoding::HEXLOWER.decode(sig.as_bytes()).map_err(|_| form("not hexadecimal"))?;
    let bytes: [u8; 64] = bytes.try_into().map_err(|_| form("not 64 bytes"))?;
    if !known.verifies_lines(PURPOSE, &[sha256, role.as_str(), at], &bytes) {
        return Err((Code::SignatureWrong, "the signature does not hold"));
    }
    let Some(trusted) = trusted else { return Ok(()) };
    match trusted.iter().find(|signer| signer.key == *key) {
        None => Err((Code::SignatureForeign, "the key is not trusted here")),
        Some(signer) if signer.organisation != *organisation => {
            Err((Code::SignatureForeign, "the key is trusted for another organisation"))
        }
        Some(_) => Ok(()),
    }
}
