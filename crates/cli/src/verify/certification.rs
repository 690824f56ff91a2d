//! Dossiers of assessments and editions of registers.

use std::path::{Path, PathBuf};

use comity_core::cert::dossier::{Dossier, Entry};
use comity_core::cert::register::Register;
use comity_core::cert::registry;
use comity_core::refusal::Refusal;
use comity_ledger::entry::Verified;
use comity_ledger::identity::Identity;
use comity_ledger::key::VerifyingKey;
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{Fault, Finding, Held, Pin, at, read, read_export};

/// Checks a dossier: chains and signatures of its export, openings, both folds, what decisions took from it.
pub(super) fn check_dossier(bytes: &[u8], pin: &Pin) -> Result<Held, Fault> {
    let fault = |refusal: Refusal| Fault::whole(refusal.code);
    let dossier = Dossier::parse(bytes).map_err(fault)?;
    let (checked, verified) =
        read_export(dossier.export.as_bytes()).map_err(|error| at(&error, error.error.code()))?;
    let entries: Vec<Entry> = verified.iter().map(entry).collect();
    let found = dossier.check(&entries).map_err(fault)?;
    let hub = checked.manifest().hub.as_str();
    let chain = checked.directory().of(&checked.manifest().hub).map(Identity::room);
    let signer = pin.admit(hub, checked.key().id(), chain)?;
    let line = format!(
        "assessment {} of {} against {}, {} entries, {} openings, {} withheld, decided: {}",
        found.assessment,
        found.jurisdiction,
        found.standard,
        entries.len(),
        dossier.openings.len(),
        found.withheld,
        if found.decisions.is_empty() { "nothing".to_owned() } else { found.decisions.join(" ") },
    );
    let says = serde_json::to_value(&found).unwrap_or(Value::Null);
    Ok(Held { signer, says, line })
}

fn entry(verified: &Verified) -> Entry {
    let (entry, id) = (verified.entry(), verified.id().to_string());
    Entry {
        room: entry.room.map_or_else(|| id.clone(), |room| room.to_string()),
        id,
        kind: entry.kind.as_str().to_owned(),
        at: i64::try_from(entry.at).unwrap_or(i64::MAX),
        body: entry.body.clone(),
    }
}

/// Checks an edition with what lies beside it: `x.signatures.json` and `x.registrars.json` for `x.json`.
///
/// Its signers are registrars, not a hub: whose keys they are the registrars' file says, which must be
/// known from elsewhere.
pub(super) fn check_register(path: &Path, bytes: &[u8], pin: &Pin) -> Finding {
    let checked = check_edition(path, bytes, pin);
    let (file, kind) = (path.display().to_string(), "register");
    let (fault, says, line) = match checked {
        Ok((says, line)) => (None, says, line),
        Err(fault) => (Some(fault), Value::Null, String::new()),
    };
    Finding { file, kind, fault, signer: None, says, line }
}

fn check_edition(path: &Path, bytes: &[u8], pin: &Pin) -> Result<(Value, String), Fault> {
    let fault = |refusal: Refusal| Fault::whole(refusal.code);
    let register = Register::parse(bytes).map_err(fault)?;
    registry::check_canonical(bytes).map_err(fault)?;
    let [signatures, registrars] = ["signatures", "registrars"].map(|part| beside(path, part));
    let read = |path: PathBuf| read(&path).map_err(|_| Fault::whole("register-unsigned"));
    let registrars = read(registrars)?;
    let signers =
        registry::check_signatures(bytes, &registrars, &read(signatures)?).map_err(fault)?;
    if !has_pinned(&registrars, &signers, pin) {
        return Err(Fault::whole("not-pinned"));
    }
    let line = format!(
        "edition of {} as of {}, {} jurisdictions, {} events, signed by {}",
        register.standard,
        register.as_of,
        register.jurisdictions().count(),
        register.events().len(),
        signers.join(" "),
    );
    let says = json!({ "standard": register.standard, "as_of": register.as_of, "sha256": register.hash,
        "events": register.events().len(), "signers": signers });
    Ok((says, line))
}

pub(crate) fn beside(path: &Path, part: &str) -> PathBuf {
    path.with_extension(format!("{part}.json"))
}

/// Returns whether a registrar with the pinned key signed; an identity chain names hubs, not registrars.
fn has_pinned(registrars: &[u8], signers: &[String], pin: &Pin) -> bool {
    let ids = match pin {
        Pin::None => return true,
        Pin::Identity(_) => return false,
        Pin::Key(ids) => ids,
    };
    let file: Value = serde_json::from_slice(registrars).unwrap_or_default();
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
    let listed = file.get("registrars").and_then(Value::as_array).into_iter().flatten();
    listed
        .filter(|item| text(item, "id").is_some_and(|id| signers.contains(&id)))
        .filter_map(|item| BASE64.decode(text(item, "key")?.as_bytes()).ok())
        .filter_map(|key| VerifyingKey::from_bytes(&<[u8; 32]>::try_from(key).ok()?).ok())
        .any(|key| ids.contains(&key.id()))
}
