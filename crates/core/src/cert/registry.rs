//! Editions of the register: what may be added, how one follows another, who signed (CT-29, CT-30).
//!
//! An edition is canonical JSON that names the hash of the one before it. A registrar signs
//! `comity.register/1`, a line feed and the edition's bytes. Not here: the witnessed log.

use std::collections::{BTreeMap, BTreeSet};

use comity_ledger::key::VerifyingKey;
use data_encoding::BASE64;
use serde_json::Value;

use super::day::Instant;
use super::document::{self, Object, invalid, under};
use super::lifecycle;
use super::register::{Effect, Event, Register};
use super::word::{Status, Word as _};
use crate::refusal::{Refusal, child};

/// The list whose items keep their identity, not their names.
const JURISDICTIONS: &str = "jurisdictions";

/// The lists that only grow.
pub(super) const LISTS: [&str; 7] =
    [JURISDICTIONS, "extensions", "events", "stays", "differences", "recognitions", "measures"];

/// The reason that may change the past for the worse.
pub(super) const CORRECTION: &str = "CORRECTION";

/// Makes the next edition of a register out of the last one and what is added.
pub fn build(previous: &[u8], change: &[u8], as_of: Instant) -> Result<Vec<u8>, Refusal> {
    let before = Register::parse(previous)?;
    let json = document::parse(change)?;
    let object = document::parse_typed(&json, "comity.register-change/1")?;
    check_subjects(object)?;
    if as_of <= before.as_of {
        return Err(Refusal::new("register-too-old", "/as_of"));
    }
    let mut edition = read_value(previous)?;
    let added = read_value(change)?;
    let number = edition.get("edition").and_then(Value::as_u64).unwrap_or_default();
    let members = edition.as_object_mut().ok_or_else(|| Refusal::new("json-invalid", ""))?;
    for list in LISTS {
        let Some(items) = added.get(list) else { continue };
        let items = items.as_array().ok_or_else(|| invalid(list))?;
        let kept = members.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        kept.as_array_mut().ok_or_else(|| invalid(list))?.extend(items.iter().cloned());
    }
    members.insert("previous".to_owned(), Value::String(document::hash(previous)));
    members.insert("edition".to_owned(), Value::from(number.saturating_add(1)));
    members.insert("as_of".to_owned(), Value::String(as_of.to_string()));
    let bytes =
        serde_json_canonicalizer::to_vec(&edition).map_err(|_| Refusal::new("json-invalid", ""))?;
    check_step(previous, &before, &bytes)?;
    Ok(bytes)
}

fn read_value(bytes: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(bytes).map_err(|_| Refusal::new("json-invalid", ""))
}

/// A certificate is asked for a jurisdiction; a firm or project is none (CT-04).
fn check_subjects(change: Object<'_>) -> Result<(), Refusal> {
    change.each_or_empty("events", |event| {
        event.urn("jurisdiction").map(|_| ()).map_err(|refusal| {
            let is_named = event.get("jurisdiction").is_some();
            if is_named { Refusal::new("not-a-jurisdiction", "/jurisdiction") } else { refusal }
        })
    })?;
    Ok(())
}

/// Checks that an edition follows another: nothing is gone or changed, and what is new may be added.
pub fn check_step(previous: &[u8], before: &Register, edition: &[u8]) -> Result<(), Refusal> {
    let after = Register::parse(edition)?;
    let json = document::parse(edition)?;
    let object = json.object().ok_or_else(|| Refusal::new("json-invalid", ""))?;
    if object.text_or_none("previous")? != Some(document::hash(previous).as_str()) {
        return Err(Refusal::new("register-not-linked", "/previous"));
    }
    if after.as_of <= before.as_of {
        return Err(Refusal::new("register-too-old", "/as_of"));
    }
    if after.standard != before.standard {
        return Err(Refusal::new("register-wrong-standard", "/standard"));
    }
    let json_before = document::parse(previous)?;
    let earlier = json_before.object().ok_or_else(|| Refusal::new("json-invalid", ""))?;
    check_number(earlier, object)?;
    let (whole_before, whole) = (read_value(previous)?, read_value(edition)?);
    for list in LISTS {
        let (old, new) = (earlier.items_or_empty(list)?, object.items_or_empty(list)?);
        // Compared as values: the order of an object's members says nothing.
        let is_kept = match (whole_before.get(list), whole.get(list).and_then(Value::as_array)) {
            (None, _) => true,
            (Some(kept), found) => {
                let kept = kept.as_array().map_or(&[][..], Vec::as_slice);
                let found = found.and_then(|items| items.get(..old.len())).unwrap_or_default();
                kept.len() == found.len()
                    && kept.iter().zip(found).all(|(old, new)| {
                        if list == JURISDICTIONS { keeps_identity(old, new) } else { old == new }
                    })
            }
        };
        if !is_kept {
            return Err(Refusal::new("register-not-append-only", child("", list)));
        }
        for (place, item) in new.iter().enumerate().skip(old.len()) {
            check_recorded(item.object(), before.as_of, after.as_of)
                .map_err(|refusal| under(under(refusal, &place.to_string()), list))?;
        }
    }
    for (place, event) in after.events().iter().enumerate().skip(before.events().len()) {
        check_event(object, place, event, &after)
            .map_err(|refusal| under(under(refusal, &place.to_string()), "events"))?;
    }
    Ok(())
}

/// A jurisdiction keeps urn, kind and every alias; an open alias may end, names and authorities may change.
fn keeps_identity(old: &Value, new: &Value) -> bool {
    let aliases = |value: &Value| value.get("aliases").and_then(Value::as_array).cloned();
    let (before, after) = (aliases(old).unwrap_or_default(), aliases(new).unwrap_or_default());
    ["urn", "kind"].iter().all(|key| old.get(key) == new.get(key))
        && before.len() <= after.len()
        && before.iter().zip(&after).all(|(old, new)| {
            let end = |alias: &Value| alias.get("until").cloned().unwrap_or_default();
            let same = |key: &&str| {
                old.get(key).cloned().unwrap_or_default()
                    == new.get(key).cloned().unwrap_or_default()
            };
            ["scheme", "value", "from"].iter().all(same)
                && (end(old).is_null() || end(old) == end(new))
        })
}

fn check_number(earlier: Object<'_>, edition: Object<'_>) -> Result<(), Refusal> {
    let before = earlier.integer_or_none("edition")?.unwrap_or_default();
    if edition.integer_or_none("edition")? == before.checked_add(1) {
        return Ok(());
    }
    Err(Refusal::new("register-not-linked", "/edition"))
}

/// What is added was recorded after the last edition and by this one.
fn check_recorded(
    item: Option<Object<'_>>,
    before: Instant,
    after: Instant,
) -> Result<(), Refusal> {
    let Some(item) = item else { return Err(Refusal::new("field-invalid", "")) };
    match item.instant_or_none("recorded_at")? {
        Some(recorded) if recorded <= before || recorded > after => {
            Err(Refusal::new("bad-date", "/recorded_at"))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_event(
    edition: Object<'_>,
    place: usize,
    event: &Event,
    after: &Register,
) -> Result<(), Refusal> {
    let Effect::Status(status) = event.effect else {
        return match &event.supersedes {
            Some(_) => Ok(()),
            None => Err(invalid("supersedes")),
        };
    };
    let written = edition.items_or_empty("events")?.get(place).and_then(document::Json::object);
    let Some(written) = written else { return Err(invalid("events")) };
    if matches!(status, Status::Certified | Status::Conditional) {
        for key in ["certificate", "final_report"] {
            if written.text_or_none(key)?.is_none_or(str::is_empty) {
                return Err(Refusal::new("certificate-unsupported", child("", key)));
            }
        }
    }
    if event.reason.trim().is_empty() {
        return Err(invalid("reason"));
    }
    check_follows(after, event)
}

/// Checks that a status may follow what the register held before it, and punishes no past (CT-29).
pub(super) fn check_follows(register: &Register, event: &Event) -> Result<(), Refusal> {
    let Effect::Status(status) = event.effect else { return Ok(()) };
    let known_at = event.recorded_at.before();
    let is_correction = event.reason == CORRECTION;
    let standing = register.standing(&event.jurisdiction, event.valid_from, known_at);
    if is_correction {
        return Ok(());
    }
    if event.valid_from < event.recorded_at.day() && status > standing.status {
        return Err(Refusal::new("adverse-retroactive", "/valid_from")
            .with("status", status.as_str())
            .with("was", standing.status.as_str()));
    }
    if lifecycle::may_follow(standing.status, status) {
        return Ok(());
    }
    Err(Refusal::new("transition-not-allowed", "/status")
        .with("from", standing.status.as_str())
        .with("to", status.as_str()))
}

/// What stands before an edition's bytes when a registrar signs them.
pub const TAG: &str = "comity.register/1";

/// Signs an edition as a registrar; base64.
#[must_use]
pub fn sign(key: &comity_ledger::key::SigningKey, edition: &[u8]) -> String {
    BASE64.encode(&key.sign_tagged(TAG, edition))
}

/// Checks that at least k of n registrars signed an edition, and returns who did.
pub fn check_signatures(
    edition: &[u8],
    registrars: &[u8],
    signatures: &[u8],
) -> Result<Vec<String>, Refusal> {
    let registrars = document::parse(registrars)?;
    let registrars = document::parse_typed(&registrars, "comity.registrars/1")?;
    let threshold = registrars.integer("threshold", 1..=i64::MAX)?;
    let mut keys = BTreeMap::new();
    let mut distinct = BTreeSet::new();
    registrars.each("registrars", |item| {
        let key =
            bytes::<32>(item.text("key")?).and_then(|key| VerifyingKey::from_bytes(&key).ok());
        let key = key.ok_or_else(|| invalid("key"))?;
        // One key under two names would let one person sign for two.
        if !distinct.insert(key.to_bytes()) {
            return Err(invalid("key"));
        }
        match keys.insert(item.text("id")?.to_owned(), key) {
            None => Ok(()),
            Some(_) => Err(invalid("id")),
        }
    })?;
    let signatures = document::parse(signatures)?;
    let signatures = document::parse_typed(&signatures, "comity.register-signatures/1")?;
    if signatures.text_or_none("register")?.is_some_and(|of| of != document::hash(edition)) {
        return Err(Refusal::new("register-unsigned", "/register"));
    }
    let message = [b"comity.register/1\n", edition].concat();
    let signed = signatures.each("signatures", |item| {
        let registrar = item.text("registrar")?;
        let signature = bytes::<64>(item.text("sig")?);
        let is_good = keys.get(registrar).zip(signature);
        let is_good = is_good.is_some_and(|(key, signature)| key.verifies(&message, &signature));
        Ok(is_good.then(|| registrar.to_owned()))
    })?;
    let signers: BTreeSet<String> = signed.into_iter().flatten().collect();
    let count = i64::try_from(signers.len()).unwrap_or(i64::MAX);
    if count < threshold {
        return Err(Refusal::new("register-unsigned", "/signatures")
            .with("signed", count)
            .with("threshold", threshold));
    }
    Ok(signers.into_iter().collect())
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64.decode(text.as_bytes()).ok().and_then(|bytes| <[u8; N]>::try_from(bytes).ok())
}

/// Checks that an edition's bytes are its canonical form, so that one register has one hash.
pub fn check_canonical(edition: &[u8]) -> Result<(), Refusal> {
    document::parse(edition)?;
    let value = read_value(edition)?;
    // To the byte: a line more would be another hash, and another edition to the next one.
    let form = serde_json_canonicalizer::to_vec(&value).unwrap_or_default();
    if form == edition { Ok(()) } else { Err(Refusal::new("register-not-canonical", "")) }
}
