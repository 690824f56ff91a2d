//! Editions of the register, drawn up from the book and signed by k of n registrars (CT-30).

use comity_ledger::key::VerifyingKey;
use data_encoding::BASE64;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Book;
use crate::cert::act::{Registrars, SignEdition};
use crate::cert::day::{Day, Instant};
use crate::cert::document;
use crate::cert::register::Register;
use crate::cert::{registry, status};
use crate::refusal::Refusal;

/// A registrar's signature under an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Who.
    pub registrar: String,
    /// The signature, base64.
    pub sig: String,
}

/// An edition of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its number, from 1.
    pub number: u64,
    /// What was recorded later is not in it.
    pub as_of: Instant,
    /// `sha256:` of its bytes.
    pub sha256: String,
    /// RFC 8785 JSON.
    pub bytes: Vec<u8>,
    /// Who signed.
    pub signatures: Vec<Signed>,
    /// When enough had signed.
    pub published_at: Option<Instant>,
}

impl Book {
    /// Returns the newest edition that enough registrars signed.
    #[must_use]
    pub fn published(&self) -> Option<&Edition> {
        self.editions.iter().rev().find(|edition| edition.published_at.is_some())
    }

    /// Draws up the next edition as of an instant.
    pub(super) fn draw_up(&self, as_of: Instant) -> Result<Edition, Refusal> {
        let last = self.editions.last();
        let number = last.map_or(1, |edition| edition.number.saturating_add(1));
        let mut members = Map::new();
        members.insert("type".to_owned(), "comity.register/1".into());
        members.insert("standard".to_owned(), self.standard().into());
        members.insert("origin".to_owned(), self.proposed.origin.clone().into());
        members.insert("edition".to_owned(), number.into());
        members.insert("as_of".to_owned(), as_of.to_string().into());
        if let Some(last) = last {
            members.insert("previous".to_owned(), last.sha256.clone().into());
        }
        if self.proposed.simulated {
            let notice = "An exercise in virtual time: no jurisdiction is certified by this file.";
            members.insert("simulated".to_owned(), true.into());
            members.insert("notice".to_owned(), notice.into());
        }
        for list in registry::LISTS {
            let items = self.lists.get(list).cloned().unwrap_or_default();
            members.insert(list.to_owned(), Value::Array(items));
        }
        let bytes = serde_json_canonicalizer::to_vec(&Value::Object(members))
            .map_err(|_| Refusal::new("json-invalid", ""))?;
        document::check_size(&bytes)?;
        if let Some(last) = last {
            let before = Register::parse(&last.bytes)?;
            registry::check_step(&last.bytes, &before, &bytes)?;
        } else {
            Register::parse(&bytes)?;
        }
        Ok(Edition {
            number,
            as_of,
            sha256: document::hash(&bytes),
            bytes,
            signatures: Vec::new(),
            published_at: None,
        })
    }

    /// Checks a signature under the edition drawn up last.
    pub(super) fn check_signature(&self, act: &SignEdition) -> Result<(), Refusal> {
        let last = self.editions.last().filter(|edition| edition.number == act.edition);
        let edition = last.ok_or_else(|| Refusal::new("edition-unknown", "/edition"))?;
        if edition.signatures.iter().any(|signed| signed.registrar == act.registrar) {
            return Err(Refusal::new("edition-signed-already", "/registrar"));
        }
        let known = self.proposed.registrars.registrars.iter();
        let key = known
            .filter(|registrar| registrar.id == act.registrar)
            .find_map(|registrar| verifying_key(&registrar.key));
        let key = key.ok_or_else(|| Refusal::new("registrar-unknown", "/registrar"))?;
        let message = signed_message(&edition.bytes);
        let signature = BASE64.decode(act.sig.as_bytes()).ok();
        let signature = signature.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        if signature.is_some_and(|signature| key.verifies(&message, &signature)) {
            return Ok(());
        }
        Err(Refusal::new("register-bad-signature", "/sig"))
    }

    /// Adds a signature; with the last one needed the edition is published.
    pub(super) fn add_signature(&mut self, act: &SignEdition, at: Instant) {
        let threshold = usize::try_from(self.proposed.registrars.threshold).unwrap_or(usize::MAX);
        let Some(edition) = self.editions.last_mut() else { return };
        edition.signatures.push(Signed { registrar: act.registrar.clone(), sig: act.sig.clone() });
        if edition.signatures.len() >= threshold && edition.published_at.is_none() {
            edition.published_at = Some(at);
        }
    }

    /// Returns the registrars as `comity.registrars/1`.
    #[must_use]
    pub fn registrars_document(&self) -> Value {
        let Registrars { threshold, registrars } = &self.proposed.registrars;
        json!({ "type": "comity.registrars/1", "threshold": threshold, "registrars": registrars })
    }

    /// Answers what a status was on a day, as known at an instant: from the newest published edition.
    pub fn answer(
        edition: &Register,
        jurisdiction: &str,
        valid_at: Day,
        known_at: Option<Instant>,
    ) -> Result<status::Answer, Refusal> {
        let known_at = known_at.unwrap_or(edition.as_of);
        status::answer(edition, jurisdiction, valid_at, known_at)
    }
}

impl Edition {
    /// Returns the signatures as `comity.register-signatures/1`.
    #[must_use]
    pub fn signatures_document(&self) -> Value {
        json!({ "type": "comity.register-signatures/1", "register": self.sha256, "signatures": self.signatures })
    }
}

/// Returns what a registrar signs.
#[must_use]
pub fn signed_message(edition: &[u8]) -> Vec<u8> {
    [b"comity.register/1\n".as_slice(), edition].concat()
}

pub(super) fn verifying_key(text: &str) -> Option<VerifyingKey> {
    let bytes = BASE64.decode(text.as_bytes()).ok()?;
    VerifyingKey::from_bytes(&<[u8; 32]>::try_from(bytes).ok()?).ok()
}
