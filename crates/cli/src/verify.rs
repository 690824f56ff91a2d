//! `comity verify`: checks receipts, case exports, identity chains and equivocation proofs offline.
//!
//! Not here: the checks themselves (`comity-ledger`). The signature proves which key signed; whose key it
//! is, a pinned key or identity chain says, else the answer is "not pinned".

use std::path::{Path, PathBuf};

use comity_core::refusal::{Refusal, child};
use comity_ledger::digest::{EntryId, KeyId};
use comity_ledger::entry::{KeyStatus, Verified};
use comity_ledger::envelope::{Envelope, PayloadType};
use comity_ledger::equivocation::{AtLine, Equivocation, SCHEMA as EQUIVOCATION};
use comity_ledger::export::{Checked, Checker, ExportError, Line};
use comity_ledger::identity::Identity;
use comity_ledger::key::VerifyingKey;
use comity_ledger::receipt::VerifiedReceipt;
use serde_json::{Value, json};

use crate::output::{self, Outcome};

mod certification;

pub(crate) use certification::beside;

/// Bytes of one file at most.
const FILE_BYTES_MAX: u64 = 512 << 20;

/// Arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A receipt, a case export, an identity chain, a proof of equivocation, a dossier of an assessment, or an
    /// edition of a register beside its `.signatures.json` and `.registrars.json`.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON document (`comity.verify/1`).
    #[arg(long)]
    json: bool,
    /// The public key, or the key id, that must have signed.
    #[arg(long, value_name = "HEX", conflicts_with = "identity")]
    key: Option<String>,
    /// A file with the identity chain of the hub that must have signed.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let pin = match pin(arguments) {
        Ok(pin) => pin,
        Err(refusal) => return output::refuse(arguments.json, &mut [refusal]),
    };
    let mut documents = Vec::new();
    let mut refusals = Vec::new();
    for (index, path) in arguments.files.iter().enumerate() {
        match read(path).and_then(recognise) {
            Ok(document) => documents.push((path, document)),
            Err(code) => refusals.push(refusal(code, path, &child("", &index.to_string()))),
        }
    }
    if !refusals.is_empty() {
        return output::refuse(arguments.json, &mut refusals);
    }
    let findings: Vec<Finding> =
        documents.iter().map(|(path, document)| document.check(path, &pin)).collect();
    let all = findings.iter().all(|finding| finding.fault.is_none());
    if arguments.json {
        let files: Vec<Value> = findings.iter().map(Finding::json).collect();
        output::json(&json!({ "files": files, "schema": "comity.verify/1", "verified": all }))?;
    } else {
        use std::io::Write as _;
        let mut stdout = std::io::stdout().lock();
        for finding in &findings {
            writeln!(stdout, "{}", finding.text())?;
        }
    }
    Ok(if all { Outcome::Done } else { Outcome::No })
}

fn refusal(code: &'static str, path: &Path, pointer: &str) -> Refusal {
    Refusal::new(code, pointer).with("file", path.display().to_string())
}

fn read(path: &Path) -> Result<Vec<u8>, &'static str> {
    let size = std::fs::metadata(path).map_err(|_| "file-unreadable")?.len();
    if size > FILE_BYTES_MAX {
        return Err("file-too-large");
    }
    std::fs::read(path).map_err(|_| "file-unreadable")
}

/// The signer that is trusted, if one is named.
enum Pin {
    Identity(Box<Identity>),
    Key(Vec<KeyId>),
    None,
}

fn pin(arguments: &Arguments) -> Result<Pin, Refusal> {
    if let Some(text) = &arguments.key {
        let hex = text.strip_prefix("ed25519:").unwrap_or(text).replace(' ', "");
        let id = hex.parse::<KeyId>().ok();
        let key = format!("ed25519:{hex}").parse::<VerifyingKey>().ok();
        let ids: Vec<KeyId> = id.into_iter().chain(key.map(|key| key.id())).collect();
        if ids.is_empty() {
            return Err(Refusal::new("key-malformed", "/key"));
        }
        return Ok(Pin::Key(ids));
    }
    let Some(path) = &arguments.identity else { return Ok(Pin::None) };
    let bytes = read(path).map_err(|code| refusal(code, path, "/identity"))?;
    let identity = read_identity(&bytes).map_err(|fault| {
        refusal(fault.code, path, "/identity").with("line", fault.line.to_string())
    })?;
    Ok(Pin::Identity(Box::new(identity)))
}

/// A file that is known by its first line, not checked yet.
enum Document {
    Dossier(Vec<u8>),
    Equivocation(Vec<u8>),
    Export(Vec<u8>),
    Identity(Vec<u8>),
    Receipt(Vec<u8>),
    Register(Vec<u8>),
    /// An envelope by its looks, but the first line is broken: a "no", not an unknown file.
    Broken(Fault),
}

fn recognise(bytes: Vec<u8>) -> Result<Document, &'static str> {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.starts_with(b"{\"payload\"") {
        return Ok(match Envelope::parse(first).map(|envelope| envelope.kind()) {
            Ok(PayloadType::Entry) => Document::Identity(bytes),
            Ok(PayloadType::Export) => Document::Export(bytes),
            Ok(PayloadType::Receipt) => Document::Receipt(bytes),
            // A statement does not say whose key made it: alone it proves nothing to a stranger.
            Ok(
                PayloadType::Agreement
                | PayloadType::Approval
                | PayloadType::Pass
                | PayloadType::Screen
                | PayloadType::TradeReceipt,
            ) => return Err("document-unknown"),
            Err(error) => Document::Broken(Fault { code: error.code(), line: 1, entry: None }),
        });
    }
    let head: Option<Value> = serde_json::from_slice(first).ok();
    let schema = head.as_ref().and_then(|head| head.get("schema")).and_then(Value::as_str);
    if schema == Some(EQUIVOCATION) {
        return Ok(Document::Equivocation(bytes));
    }
    if schema == Some(comity_core::cert::dossier::SCHEMA) {
        return Ok(Document::Dossier(bytes));
    }
    let head = head.or_else(|| serde_json::from_slice(&bytes).ok());
    let kind = head.as_ref().and_then(|head| head.get("type")).and_then(Value::as_str);
    if kind == Some("comity.register/1") {
        return Ok(Document::Register(bytes));
    }
    Err("document-unknown")
}

/// What does not hold, and where.
struct Fault {
    code: &'static str,
    /// From 1; 0 for the file as a whole.
    line: usize,
    entry: Option<EntryId>,
}

impl Fault {
    const fn whole(code: &'static str) -> Self {
        Self { code, line: 0, entry: None }
    }
}

/// Who signed: the hub as the document says, and the key.
struct Signer {
    hub: String,
    key: KeyId,
    pinned: bool,
}

/// The answer for one file.
struct Finding {
    file: String,
    kind: &'static str,
    fault: Option<Fault>,
    signer: Option<Signer>,
    /// What the document says, for JSON; null unless it holds.
    says: Value,
    /// The same in one line.
    line: String,
}

impl Document {
    fn check(&self, path: &Path, pin: &Pin) -> Finding {
        let (kind, checked) = match self {
            Self::Broken(fault) => {
                let Fault { code, line, entry } = *fault;
                ("unknown", Err(Fault { code, line, entry }))
            }
            Self::Dossier(bytes) => ("dossier", certification::check_dossier(bytes, pin)),
            Self::Equivocation(bytes) => ("equivocation", check_equivocation(bytes, pin)),
            Self::Export(bytes) => ("case-export", check_export(bytes, pin)),
            Self::Identity(bytes) => ("identity", check_identity(bytes, pin)),
            Self::Receipt(bytes) => ("receipt", check_receipt(bytes, pin)),
            Self::Register(bytes) => return certification::check_register(path, bytes, pin),
        };
        let file = path.display().to_string();
        match checked {
            Ok(Held { signer, says, line }) => {
                Finding { file, kind, fault: None, signer: Some(signer), says, line }
            }
            Err(fault) => Finding {
                file,
                kind,
                fault: Some(fault),
                signer: None,
                says: Value::Null,
                line: String::new(),
            },
        }
    }
}

impl Finding {
    fn json(&self) -> Value {
        let fault = self.fault.as_ref();
        let signer = self
            .signer
            .as_ref()
            .map(|signer| json!({ "hub": signer.hub, "key": signer.key, "pinned": signer.pinned }));
        json!({
            "code": fault.map(|fault| fault.code),
            "entry": fault.and_then(|fault| fault.entry),
            "file": self.file,
            "line": fault.map(|fault| fault.line).filter(|line| *line > 0),
            "says": self.says,
            "signer": signer,
            "type": self.kind,
            "verified": fault.is_none(),
        })
    }

    fn text(&self) -> String {
        let Self { file, kind, .. } = self;
        if let Some(fault) = &self.fault {
            let line =
                if fault.line > 0 { format!(", line {}", fault.line) } else { String::new() };
            let entry = fault.entry.map_or_else(String::new, |id| format!(", entry {id}"));
            return format!("{file}: NOT verified ({kind}{line}{entry}): {}", fault.code);
        }
        let signed = self.signer.as_ref().map_or_else(String::new, |signer| {
            let pinned = if signer.pinned { "pinned" } else { "not pinned" };
            format!("; signed by {}, {pinned}", signer.key)
        });
        format!("{file}: verified ({kind}): {}{signed}", self.line)
    }
}

/// A document that holds.
struct Held {
    signer: Signer,
    says: Value,
    line: String,
}

impl Pin {
    /// Says whether this signer is the pinned one; a signer that is not is a fault.
    fn admit(&self, hub: &str, key: KeyId, chain: Option<EntryId>) -> Result<Signer, Fault> {
        let pinned = match self {
            Self::None => false,
            Self::Key(ids) => {
                if !ids.contains(&key) {
                    return Err(Fault::whole("not-pinned"));
                }
                true
            }
            Self::Identity(identity) => {
                let same = identity.hub().as_str() == hub
                    && chain.is_none_or(|chain| chain == identity.room());
                match identity.key(&key) {
                    KeyStatus::Valid { .. } if same => true,
                    KeyStatus::Revoked { .. } if same => return Err(Fault::whole("revoked-key")),
                    KeyStatus::Valid { .. } | KeyStatus::Revoked { .. } | KeyStatus::Unknown => {
                        return Err(Fault::whole("not-pinned"));
                    }
                }
            }
        };
        Ok(Signer { hub: hub.to_owned(), key, pinned })
    }
}

fn instant(ms: u64) -> String {
    let timestamp =
        i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    timestamp.map_or_else(|| format!("{ms} ms"), |timestamp| timestamp.to_string())
}

fn check_receipt(bytes: &[u8], pin: &Pin) -> Result<Held, Fault> {
    let fault = |code| Fault { code, line: 1, entry: None };
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let envelope = Envelope::parse(bytes).map_err(|error| fault(error.code()))?;
    let verified = VerifiedReceipt::open(&envelope).map_err(|error| fault(error.code()))?;
    let receipt = verified.receipt();
    let signer = pin.admit(receipt.hub.as_str(), verified.key_id(), None)?;
    let line = format!(
        "report {} received by {} at {}",
        receipt.report,
        receipt.hub,
        instant(receipt.received_at)
    );
    // The payload was checked member by member; it says everything in canonical JSON already.
    let says = serde_json::from_slice(envelope.payload()).unwrap_or(Value::Null);
    Ok(Held { signer, says, line })
}

fn at<E: std::error::Error>(at: &AtLine<E>, code: &'static str) -> Fault {
    Fault { code, line: at.line, entry: at.entry }
}

fn check_equivocation(bytes: &[u8], pin: &Pin) -> Result<Held, Fault> {
    let proof = Equivocation::check(bytes).map_err(|error| at(&error, error.error.code()))?;
    let identity = proof.identity();
    let hub = proof.author().as_str();
    let key = match pin {
        // Any key of the chain names the hub, also one revoked since.
        Pin::Key(ids) => ids
            .iter()
            .find(|id| !matches!(identity.key(id), KeyStatus::Unknown))
            .copied()
            .ok_or(Fault::whole("not-pinned"))?,
        Pin::Identity(_) | Pin::None => identity.current().id(),
    };
    let signer = pin.admit(hub, key, Some(identity.room()))?;
    let line = format!("hub {hub} signed two entries with seq {}", proof.seq());
    let says = json!({
        "author": hub,
        "entries": proof.ids(),
        "identity": identity.room(),
        "room": proof.room(),
        "seq": proof.seq(),
    });
    Ok(Held { signer, says, line })
}

fn read_identity(bytes: &[u8]) -> Result<Identity, Fault> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let mut identity: Option<Identity> = None;
    for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let envelope = Envelope::parse(bytes).map_err(|error| Fault {
            code: error.code(),
            line,
            entry: None,
        })?;
        let taken = match &mut identity {
            Some(identity) => identity.append(&envelope),
            None => Identity::start(&envelope).map(|started| identity = Some(started)),
        };
        let entry = Some(envelope.id());
        taken.map_err(|error| Fault { code: error.code(), line, entry })?;
    }
    identity.ok_or(Fault::whole("envelope-malformed"))
}

fn check_identity(bytes: &[u8], pin: &Pin) -> Result<Held, Fault> {
    let identity = read_identity(bytes)?;
    let hub = identity.hub().as_str();
    let signer = pin.admit(hub, identity.current().id(), Some(identity.room()))?;
    let line = format!("hub {hub}, fingerprint {}", identity.fingerprint());
    let says = json!({
        "entries": identity.ids(),
        "hub": hub,
        "identity": identity.room(),
        "key": identity.current().to_string(),
    });
    Ok(Held { signer, says, line })
}

/// Reads an export to its end: what was checked, and the entries in the order of the file.
fn read_export(bytes: &[u8]) -> Result<(Checked, Vec<Verified>), AtLine<ExportError>> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut checker = Checker::start(lines.next().unwrap_or_default())?;
    let mut entries = Vec::new();
    for line in lines {
        match checker.push(line)? {
            Line::Entry(verified) => entries.push(*verified),
            Line::Identity => {}
        }
    }
    Ok((checker.finish()?, entries))
}

fn check_export(bytes: &[u8], pin: &Pin) -> Result<Held, Fault> {
    let (checked, entries) = read_export(bytes).map_err(|error| at(&error, error.error.code()))?;
    let manifest = checked.manifest();
    let hub = manifest.hub.as_str();
    let chain = checked.directory().of(&manifest.hub).map(Identity::room);
    let signer = pin.admit(hub, checked.key().id(), chain)?;
    let rooms: Vec<Value> = checked
        .rooms()
        .map(|room| {
            let forks: Vec<Value> = room
                .forks()
                .map(|(author, seq, ids)| json!({ "author": author.as_str(), "entries": ids, "seq": seq }))
                .collect();
            json!({ "entries": room.len(), "forks": forks, "room": room.id() })
        })
        .collect();
    let hubs: Vec<Value> = checked
        .directory()
        .iter()
        .map(|identity| json!({ "hub": identity.hub().as_str(), "identity": identity.room() }))
        .collect();
    let line = format!(
        "case {}, {} entries in {} room(s), exported by {hub} at {}",
        manifest.case,
        entries.len(),
        rooms.len(),
        instant(manifest.at)
    );
    let says = json!({
        "at": manifest.at,
        "case": manifest.case.as_str(),
        "entries": entries.len(),
        "hubs": hubs,
        "rooms": rooms,
    });
    Ok(Held { signer, says, line })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/ledger");

    fn suite(name: &str) -> Vec<(String, String, Vec<u8>)> {
        let text = std::fs::read_to_string(format!("{FOLDER}/{name}.json")).unwrap();
        let suite: Value = serde_json::from_str(&text).unwrap();
        let member = |vector: &Value, name: &str| vector[name].as_str().unwrap().to_owned();
        suite["vectors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| (member(v, "name"), member(v, "code"), member(v, "input").into_bytes()))
            .collect()
    }

    fn find(bytes: &[u8], pin: &Pin) -> Option<Finding> {
        recognise(bytes.to_vec()).ok().map(|document| document.check(Path::new("file"), pin))
    }

    #[test]
    fn every_vector_comes_out_with_its_code() {
        for (name, kind) in
            [("equivocations", "equivocation"), ("exports", "case-export"), ("receipts", "receipt")]
        {
            for (vector, code, bytes) in suite(name) {
                // A line feed at the end of a file is no part of the receipt in it.
                if vector == "a receipt with a line feed" {
                    continue;
                }
                let Some(finding) = find(&bytes, &Pin::None) else { continue };
                if finding.kind == kind {
                    let found = finding.fault.as_ref().map_or("ok", |fault| fault.code);
                    assert_eq!(found, code, "{vector}");
                }
            }
        }
    }

    #[test]
    fn a_signer_is_pinned_only_by_what_is_named() {
        let (_name, _code, receipt) = suite("receipts").swap_remove(0);
        let free = find(&receipt, &Pin::None).unwrap().signer.unwrap();
        assert!(!free.pinned);
        let pinned = find(&receipt, &Pin::Key(vec![free.key])).unwrap();
        assert!(pinned.signer.unwrap().pinned);
        let other = Pin::Key(vec![KeyId::from_bytes([0; 32])]);
        assert_eq!(find(&receipt, &other).unwrap().fault.unwrap().code, "not-pinned");
    }

    #[test]
    fn a_file_of_something_else_is_not_recognised() {
        for text in ["", "hi", "{}", "{\"schema\":\"comity.equivocation/2\"}"] {
            assert_eq!(
                recognise(text.as_bytes().to_vec()).err(),
                Some("document-unknown"),
                "{text}"
            );
        }
        let broken = recognise(b"{\"payload\":1}".to_vec()).ok().unwrap();
        let finding = broken.check(Path::new("file"), &Pin::None);
        assert_eq!(finding.fault.unwrap().code, "envelope-malformed");
    }
}
