//! The known-answer vectors in `testdata/ledger`: made here, checked in, read by every verifier.

use comity_ledger::entry::Verified;
use comity_ledger::envelope::Envelope;
use comity_ledger::equivocation::Equivocation;
use comity_ledger::export::Checker;
use comity_ledger::identity::Directory;
use comity_ledger::receipt::VerifiedReceipt;
use comity_ledger::statement::{StatementKind, VerifiedStatement};
use serde_json::{Value, json};

use crate::world::{self, Hub};

// Named by path, because the example that writes the vectors reads this file from elsewhere.
#[path = "vectors/entries.rs"]
mod entries;
#[path = "vectors/exports.rs"]
mod exports;
#[path = "vectors/proofs.rs"]
mod proofs;
#[path = "vectors/receipts.rs"]
mod receipts;
#[path = "vectors/statements.rs"]
mod statements;

/// What a verifier says: nothing if it holds, else code, line from 1 (0 for the whole file) and entry.
pub(crate) type Found = Option<(&'static str, usize, Option<String>)>;

pub(crate) fn check_entry(text: &str, directory: &Directory) -> Found {
    let code = match Envelope::parse(text.as_bytes()) {
        Err(error) => return Some((error.code(), 1, None)),
        Ok(envelope) => {
            let id = envelope.id().to_string();
            Verified::open(envelope, directory, None).err().map(|error| (error.code(), id))
        }
    };
    code.map(|(code, id)| (code, 1, Some(id)))
}

pub(crate) fn check_receipt(text: &str) -> Found {
    match Envelope::parse(text.as_bytes()) {
        Err(error) => Some((error.code(), 1, None)),
        Ok(envelope) => VerifiedReceipt::open(&envelope).err().map(|error| (error.code(), 1, None)),
    }
}

/// Checks a statement of any kind under the present key of hub `jo`.
pub(crate) fn check_statement(text: &str) -> Found {
    let envelope = match Envelope::parse(text.as_bytes()) {
        Err(error) => return Some((error.code(), 1, None)),
        Ok(envelope) => envelope,
    };
    let of_kind = |kind: &StatementKind| kind.payload_type() == envelope.kind();
    let kind = StatementKind::ALL.into_iter().find(of_kind).unwrap_or(StatementKind::Pass);
    let key = world::key(1);
    let opened = VerifiedStatement::open(&envelope, kind, key.verifying_key());
    opened.err().map(|error| (error.code(), 1, None))
}

pub(crate) fn check_export(text: &str) -> Found {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut lines = text.split('\n');
    let checked = Checker::start(lines.next().unwrap().as_bytes()).and_then(|mut checker| {
        for line in lines {
            checker.push(line.as_bytes())?;
        }
        checker.finish()
    });
    let at = checked.err()?;
    Some((at.error.code(), at.line, at.entry.map(|id| id.to_string())))
}

pub(crate) fn check_proof(text: &str) -> Found {
    let at = Equivocation::check(text.as_bytes()).err()?;
    Some((at.error.code(), at.line, at.entry.map(|id| id.to_string())))
}

/// One vector: its name, the code that must come out (`ok` if it holds), and the input.
pub(crate) type Vector = (&'static str, &'static str, String);

/// Every file with its text.
pub(crate) fn files() -> Vec<(&'static str, String)> {
    let hubs = [Hub::new("jo", 1), Hub::new("ac", 21).rotated().revoked()];
    let directory = world::directory(&[&hubs[0], &hubs[1]]);
    let identities: Vec<String> = hubs.iter().flat_map(|hub| &hub.chain).map(world::text).collect();
    vec![
        (
            "entries.json",
            print("entry", &identities, entries::vectors(), |t| check_entry(t, &directory)),
        ),
        ("equivocations.json", print("equivocation", &[], proofs::vectors(), check_proof)),
        ("exports.json", print("export", &[], exports::vectors(), check_export)),
        ("receipts.json", print("receipt", &[], receipts::vectors(), check_receipt)),
        (
            "statements.json",
            print("statement", &identities[..1], statements::vectors(), check_statement),
        ),
    ]
}

fn print(
    kind: &str,
    identities: &[String],
    vectors: Vec<Vector>,
    check: impl Fn(&str) -> Found,
) -> String {
    let vectors: Vec<Value> = vectors
        .into_iter()
        .map(|(name, expected, input)| {
            let found = check(&input);
            let code = found.as_ref().map_or("ok", |(code, ..)| *code);
            assert_eq!(code, expected, "{kind}: {name}");
            let (line, entry) = found
                .map_or((Value::Null, Value::Null), |(_, line, entry)| (json!(line), json!(entry)));
            json!({ "code": code, "entry": entry, "input": input, "line": line, "name": name })
        })
        .collect();
    let file = json!({
        "identities": identities,
        "schema": "comity.ledger-vectors/1",
        "type": kind,
        "vectors": vectors,
    });
    format!("{}\n", serde_json::to_string_pretty(&file).unwrap())
}

pub(crate) fn payload_of(signed: &str) -> String {
    signed.split('"').nth(3).unwrap().to_owned()
}

pub(crate) fn with_signature(signed: &str, signature: &[u8]) -> String {
    let start = signed.find("\"sig\":\"").unwrap() + 7;
    format!("{}{}\"}}]}}", &signed[..start], data_encoding::BASE64.encode(signature))
}

pub(crate) fn signature_of(signed: &str) -> Vec<u8> {
    Envelope::parse(signed.as_bytes()).unwrap().signatures()[0].bytes.to_vec()
}

/// The same signature with the order of the group added to its scalar.
pub(crate) fn malleable(signed: &str) -> String {
    let order = data_encoding::HEXLOWER
        .decode(b"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        .unwrap();
    let mut signature = signature_of(signed);
    let mut carry = 0_u16;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    with_signature(signed, &signature)
}
