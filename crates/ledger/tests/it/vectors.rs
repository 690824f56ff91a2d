//! The known-answer vectors in `testdata/ledger`: made here, checked in, read by every verifier.

use comity_ledger::entry::{Name, Verified};
use comity_ledger::envelope::Envelope;
use comity_ledger::equivocation::Equivocation;
use comity_ledger::export::Checker;
use comity_ledger::identity::Directory;
use comity_ledger::receipt::VerifiedReceipt;
use serde_json::{Value, json};

use crate::world::{self, Case, ENTRY, Hub};

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
type Vector = (&'static str, &'static str, String);

/// Every file with its text.
pub(crate) fn files() -> Vec<(&'static str, String)> {
    let hubs = [Hub::new("jo", 1), Hub::new("ac", 21).rotated().revoked()];
    let directory = world::directory(&[&hubs[0], &hubs[1]]);
    let identities: Vec<String> = hubs.iter().flat_map(|hub| &hub.chain).map(world::text).collect();
    vec![
        ("entries.json", print("entry", &identities, entries(), |t| check_entry(t, &directory))),
        ("equivocations.json", print("equivocation", &[], proofs(), check_proof)),
        ("exports.json", print("export", &[], exports(), check_export)),
        ("receipts.json", print("receipt", &[], receipts(), check_receipt)),
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

/// A payload in text, changed by replacing, signed anew with the first key of jo.
fn changed(payload: &str, from: &str, to: &str) -> String {
    assert!(payload.contains(from), "{from}");
    world::raw(ENTRY, payload.replacen(from, to, 1).as_bytes(), &[&world::key(1)])
}

fn entries() -> Vec<Vector> {
    let jo: Name = world::name("jo");
    let valid = world::entry(&jo, None, 1);
    let payload = String::from_utf8(valid.to_payload().unwrap()).unwrap();
    let signed = world::text(&valid.sign(&world::key(1)).unwrap());
    let mut vectors = vec![
        ("an entry", "ok", signed.clone()),
        (
            "an extension",
            "ok",
            world::raw(
                ENTRY,
                format!("{},\"x-note\":1}}", &payload[..payload.len() - 1]).as_bytes(),
                &[&world::key(1)],
            ),
        ),
        (
            "a sealed body",
            "ok",
            changed(
                &payload,
                "\"seen\"",
                &format!(
                    "\"sealed\":{{\"sha256\":\"{}\",\"size\":4352}},\"seen\"",
                    "ab".repeat(32)
                ),
            ),
        ),
        ("keys by utf-16 units", "ok", sorted_body(&payload)),
        ("an unknown kind", "ok", changed(&payload, "\"note\"", "\"a.kind-of-tomorrow\"")),
    ];
    vectors.extend(entry_spellings(&payload));
    vectors.extend(entry_members(&payload));
    vectors.extend(envelope_layouts(&signed));
    vectors.extend(entry_signatures(&payload, &signed));
    vectors
}

/// U+1F600 stands before U+FB01 in UTF-16, after it in UTF-8.
fn sorted_body(payload: &str) -> String {
    let body = "\"body\":{\"commitment\":\"\\u0000\\n\u{7f}\u{2028}é\\\"\\\\/\",\"\u{1f600}\":1,\"\u{fb01}\":-9007199254740991},";
    let start = payload.find("\"body\"").unwrap();
    let end = payload.find("\"case\"").unwrap();
    let payload = format!("{}{body}{}", &payload[..start], &payload[end..]);
    world::raw(ENTRY, payload.as_bytes(), &[&world::key(1)])
}

fn entry_spellings(payload: &str) -> Vec<Vector> {
    let body = |inner: &str| changed(payload, "\"body\":{", &format!("\"body\":{{{inner},"));
    let keys: Vec<String> = (0..257).map(|n| format!("\"a{n:03}\":0")).collect();
    let deep = format!("\"a\":{}{}", "[".repeat(15), "]".repeat(15));
    vec![
        ("white space", "strict-json", changed(payload, ":", ": ")),
        (
            "a line feed after it",
            "strict-json",
            world::raw(ENTRY, format!("{payload}\n").as_bytes(), &[&world::key(1)]),
        ),
        (
            "keys out of order",
            "strict-json",
            changed(payload, "\"seq\":0,\"v\":1", "\"v\":1,\"seq\":0"),
        ),
        ("a key twice", "strict-json", changed(payload, "\"v\":1", "\"v\":1,\"v\":1")),
        ("a key twice, spelt differently", "strict-json", body("\"a\":1,\"\\u0061\":1")),
        ("a fraction", "strict-json", body("\"a\":1.5")),
        ("an exponent", "strict-json", body("\"a\":1e2")),
        ("minus zero", "strict-json", body("\"a\":-0")),
        ("two to the 53", "strict-json", body("\"a\":9007199254740992")),
        ("two to the 53 plus one", "strict-json", body("\"a\":9007199254740993")),
        ("a number larger than any", "strict-json", body("\"a\":99999999999999999999")),
        ("a lone surrogate", "strict-json", body("\"a\":\"\\ud800\"")),
        ("a letter as escape", "strict-json", body("\"a\":\"\\u0061\"")),
        ("an escape in capitals", "strict-json", body("\"a\":\"\\u001F\"")),
        ("a solidus escaped", "strict-json", body("\"a\":\"\\/\"")),
        ("depth 17", "strict-json", body(&deep)),
        ("257 keys", "strict-json", body(&keys.join(","))),
        (
            "a byte order mark",
            "strict-json",
            world::raw(ENTRY, format!("\u{feff}{payload}").as_bytes(), &[&world::key(1)]),
        ),
        ("not utf-8", "strict-json", world::raw(ENTRY, b"{\"a\":\"\xff\"}", &[&world::key(1)])),
        ("no object", "strict-json", world::raw(ENTRY, b"[]", &[&world::key(1)])),
        ("nothing", "strict-json", world::raw(ENTRY, b"", &[&world::key(1)])),
        ("NaN", "strict-json", body("\"a\":NaN")),
    ]
}

fn entry_members(payload: &str) -> Vec<Vector> {
    let id = |byte: &str| byte.repeat(32);
    let seen = |ids: &str| {
        let room = format!("\"room\":\"{}\"", id("aa"));
        let payload = payload.replace("\"room\":null", &room);
        changed(&payload, "\"seen\":[]", &format!("\"seen\":[{ids}]"))
    };
    let many: Vec<String> = (0..257).map(|n| format!("\"{n:064x}\"")).collect();
    let malformed = "entry-malformed";
    vec![
        ("256 ids seen", "ok", seen(&many[..256].join(","))),
        ("257 ids seen", malformed, seen(&many.join(","))),
        ("ids out of order", malformed, seen(&format!("\"{}\",\"{}\"", id("bb"), id("aa")))),
        ("an id twice", malformed, seen(&format!("\"{0}\",\"{0}\"", id("bb")))),
        ("an id in capitals", malformed, seen(&format!("\"{}\"", id("AA")))),
        ("an unknown member", malformed, changed(payload, "\"v\":1", "\"u\":1,\"v\":1")),
        ("an extension without a name", malformed, changed(payload, "\"v\":1", "\"v\":1,\"x-\":1")),
        ("another version", malformed, changed(payload, "\"v\":1", "\"v\":2")),
        ("no version", malformed, changed(payload, ",\"v\":1", "")),
        ("no salt", malformed, changed(payload, &format!("\"salt\":\"{}\",", id("01")), "")),
        ("a short salt", malformed, changed(payload, &id("01"), &"01".repeat(31))),
        ("no epoch", malformed, changed(payload, "\"epoch\":1,", "")),
        ("a negative seq", malformed, changed(payload, "\"seq\":0", "\"seq\":-1")),
        ("seq 1 without prev", malformed, changed(payload, "\"seq\":0", "\"seq\":1")),
        (
            "seq 0 with prev",
            malformed,
            changed(payload, "\"prev\":null", &format!("\"prev\":\"{}\"", id("aa"))),
        ),
        (
            "a room that the entry cannot know",
            malformed,
            changed(payload, "\"room\":null", &format!("\"room\":\"{}\"", id("aa"))),
        ),
        (
            "no room though not the first",
            malformed,
            changed(payload, "\"seen\":[]", &format!("\"seen\":[\"{}\"]", id("aa"))),
        ),
        (
            "a hub in capitals",
            malformed,
            changed(payload, "\"author\":\"jo\"", "\"author\":\"JO\""),
        ),
        ("an empty kind", malformed, changed(payload, "\"note\"", "\"\"")),
        ("a kind of 64", malformed, changed(payload, "note", &"n".repeat(64))),
        (
            "an instant as text",
            malformed,
            changed(payload, "\"at\":1767571201000", "\"at\":\"1767571201000\""),
        ),
        (
            "a body that is a list",
            malformed,
            changed(
                payload,
                "\"body\":{\"commitment\":\"0000000000000000000000000000000000000000000000000000000000000000\"}",
                "\"body\":[]",
            ),
        ),
        (
            "sealed with more",
            malformed,
            changed(
                payload,
                "\"seen\"",
                &format!(
                    "\"sealed\":{{\"key\":1,\"sha256\":\"{}\",\"size\":1}},\"seen\"",
                    id("ab")
                ),
            ),
        ),
        ("sealed null", malformed, changed(payload, "\"seen\"", "\"sealed\":null,\"seen\"")),
    ]
}

fn envelope_layouts(signed: &str) -> Vec<Vector> {
    let replaced = |from: &str, to: &str| {
        assert!(signed.contains(from), "{from}");
        signed.replacen(from, to, 1)
    };
    let malformed = "envelope-malformed";
    let upper_key = {
        let id = world::key(1).id().to_string();
        replaced(&id, &id.to_uppercase())
    };
    vec![
        ("an envelope with white space", malformed, replaced(":", ": ")),
        ("an envelope with a line feed", malformed, format!("{signed}\n")),
        (
            "an envelope with one member more",
            malformed,
            replaced("{\"payload\"", "{\"a\":1,\"payload\""),
        ),
        (
            "an envelope with members moved",
            malformed,
            format!("{{\"signatures\":[],{}", &signed[1..]),
        ),
        (
            "an envelope without signatures",
            malformed,
            format!("{}[]}}", &signed[..signed.find("[{").unwrap()]),
        ),
        ("base64 without padding", malformed, replaced("=\",\"payloadType", "\",\"payloadType")),
        ("base64 for addresses", malformed, replaced("\"payload\":\"ey", "\"payload\":\"e_")),
        (
            "base64 with bits left over",
            malformed,
            replaced(&signature_end(signed), &bits_left(signed)),
        ),
        ("a key id in capitals", malformed, upper_key),
        ("a key id of another algorithm", malformed, replaced("ed25519:", "ed448:")),
        ("a key id without algorithm", malformed, replaced("ed25519:", "")),
        ("a signature of 63 bytes", malformed, short_signature(signed)),
        ("an unknown payload type", "payload-type", replaced("entry+json", "entries+json")),
        ("the type of another document", "payload-type", replaced("entry+json", "receipt+json")),
        ("no json at all", malformed, "hello".to_owned()),
        ("an empty file", malformed, String::new()),
    ]
}

/// The last letter of the signature carries four bits that count and two that must be zero.
fn signature_end(signed: &str) -> String {
    signed[signed.len() - 8..].to_owned()
}

fn bits_left(signed: &str) -> String {
    let end = signature_end(signed);
    let letter = end.chars().nth(1).unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let place = alphabet.find(letter).unwrap();
    let other = alphabet.chars().nth(place + 1).unwrap();
    format!("{}{other}{}", &end[..1], &end[2..])
}

fn short_signature(signed: &str) -> String {
    let start = signed.find("\"sig\":\"").unwrap() + 7;
    let bytes = data_encoding::BASE64.encode(&[1; 63]);
    format!("{}{bytes}\"}}]}}", &signed[..start])
}

fn with_signature(signed: &str, signature: &[u8]) -> String {
    let start = signed.find("\"sig\":\"").unwrap() + 7;
    format!("{}{}\"}}]}}", &signed[..start], data_encoding::BASE64.encode(signature))
}

fn signature_of(signed: &str) -> Vec<u8> {
    Envelope::parse(signed.as_bytes()).unwrap().signatures()[0].bytes.to_vec()
}

/// The same signature with the order of the group added to its scalar.
fn malleable(signed: &str) -> String {
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

fn entry_signatures(payload: &str, signed: &str) -> Vec<Vector> {
    let mut flipped = signature_of(signed);
    flipped[0] ^= 1;
    let mut identity_point = vec![0; 64];
    identity_point[0] = 1;
    let (one, other) = (world::key(1), world::key(2));
    let under_other = world::raw(ENTRY, payload.as_bytes(), &[&other]);
    let stranger = payload.replace("\"author\":\"jo\"", "\"author\":\"zz\"");
    let revoked = payload.replace("\"author\":\"jo\"", "\"author\":\"ac\"");
    let second = signed
        .replace(&payload_of(signed), &payload_of(&world::raw(ENTRY, revoked.as_bytes(), &[&one])));
    vec![
        ("one bit of the signature", "bad-signature", with_signature(signed, &flipped)),
        ("a scalar over the order of the group", "bad-signature", malleable(signed)),
        (
            "a point of small order and scalar zero",
            "bad-signature",
            with_signature(signed, &identity_point),
        ),
        (
            "the signature of another key",
            "bad-signature",
            under_other.replace(&other.id().to_string(), &one.id().to_string()),
        ),
        ("the signature of another payload", "unknown-key", second),
        ("a key that is not yet in use", "unknown-key", under_other),
        (
            "an author without identity chain",
            "unknown-key",
            world::raw(ENTRY, stranger.as_bytes(), &[&one]),
        ),
        ("a revoked key", "revoked-key", world::raw(ENTRY, revoked.as_bytes(), &[&world::key(21)])),
        (
            "the key after the revoked one",
            "ok",
            world::raw(ENTRY, revoked.as_bytes(), &[&world::key(22)]),
        ),
        (
            "two signatures",
            "signature-count",
            world::raw(ENTRY, payload.as_bytes(), &[&one, &other]),
        ),
        (
            "one signature twice",
            "envelope-malformed",
            world::raw(ENTRY, payload.as_bytes(), &[&one, &one]),
        ),
    ]
}

fn payload_of(signed: &str) -> String {
    signed.split('"').nth(3).unwrap().to_owned()
}

fn exports() -> Vec<Vector> {
    let case = Case::new();
    let lines = case.lines();
    let without = |line: usize| {
        let mut lines = lines.clone();
        lines.remove(line);
        world::file(&lines)
    };
    let swapped = |one: usize, other: usize| {
        let mut lines = lines.clone();
        lines.swap(one, other);
        world::file(&lines)
    };
    let added = |line: String| world::file(&[lines.clone(), vec![line]].concat());
    let other_key = {
        let mut lines = lines.clone();
        lines[0] = world::text(&case.manifest().sign(&world::key(77)).unwrap());
        world::file(&lines)
    };
    let mut vectors = vec![
        ("an export", "ok", world::file(&lines)),
        ("an export without the last line feed", "ok", world::file(&lines).trim_end().to_owned()),
        ("a fork is kept", "ok", forked()),
        ("the last entry cut off", "export-incomplete", without(8)),
        ("an entry left out", "missing-parent", without(5)),
        ("the first entry left out", "missing-parent", without(4)),
        ("entries out of order", "missing-parent", swapped(5, 6)),
        ("an entry twice", "replayed", added(lines[6].clone())),
        ("no identity of the author", "unknown-key", without(1)),
        ("a rotation left out", "unknown-key", without(3)),
        ("identity after the entries", "unknown-key", swapped(1, 8)),
        ("a manifest under a key nobody knows", "unknown-key", other_key),
        ("an empty line", "envelope-malformed", added(String::new())),
        ("carriage returns", "envelope-malformed", world::file(&lines).replace('\n', "\r\n")),
        (
            "a receipt between entries",
            "payload-type",
            added(world::text(&world::receipt().sign(&case.jo.key()).unwrap())),
        ),
        ("no manifest", "payload-type", without(0)),
        ("all rooms left out", "export-incomplete", world::file(&lines[..4])),
    ];
    vectors.extend(foreign_entries());
    vectors.extend(manifests(&case, &lines));
    vectors.extend(identities(&lines));
    vectors
}

fn forked() -> String {
    let mut case = Case::new();
    let last = Envelope::parse(case.entries[4].as_bytes()).unwrap();
    let mut twin = world::open(&last, &case.directory).entry().clone();
    twin.at += 1;
    let twin = twin.sign(&case.jo.key()).unwrap();
    case.take(twin);
    world::file(&case.lines())
}

/// One entry more that does not fit.
fn foreign_entries() -> Vec<Vector> {
    let case = Case::new();
    let ending = |change: fn(&mut comity_ledger::entry::Entry, &Case), seed: u8| {
        let author = world::name(if seed < 10 { "jo" } else { "um" });
        let mut entry = world::entry(&author, Some(&case.room), 9);
        change(&mut entry, &case);
        let line = world::text(&entry.sign(&world::key(seed)).unwrap());
        world::file(&[case.lines(), vec![line]].concat())
    };
    vec![
        (
            "an entry more than the manifest says",
            "export-incomplete",
            ending(|_entry, _case| {}, 1),
        ),
        (
            "an entry of another case",
            "wrong-room",
            ending(|entry, _case| entry.case = world::name("jo-2026-00008"), 1),
        ),
        (
            "an entry of another room",
            "wrong-room",
            ending(|entry, case| entry.room = Some(case.entries[1].id()), 1),
        ),
        (
            "a second room that no manifest names",
            "wrong-room",
            ending(
                |entry, _case| {
                    (entry.seq, entry.prev, entry.room) = (0, None, None);
                    entry.seen.clear();
                },
                1,
            ),
        ),
        (
            "an entry on another author's",
            "seq-gap",
            ending(|entry, case| entry.prev = Some(case.entries[3].id()), 1),
        ),
        ("an entry that leaves out one", "seq-gap", ending(|entry, _case| entry.seq += 1, 1)),
        (
            "an entry that cites what is not there",
            "missing-parent",
            ending(
                |entry, _case| {
                    entry.seen = vec![comity_ledger::digest::EntryId::from_bytes([1; 32])];
                },
                1,
            ),
        ),
        (
            "an entry over ten minutes after the export",
            "at-in-future",
            ending(|entry, _case| entry.at = world::EXPORTED + 600_001, 1),
        ),
        (
            "an entry ten minutes after the export",
            "export-incomplete",
            ending(|entry, _case| entry.at = world::EXPORTED + 600_000, 1),
        ),
        ("an older key after a newer one", "key-reversed", ending(|_entry, _case| {}, 11)),
        (
            "the entry of another hub's key",
            "unknown-key",
            ending(|entry, _case| entry.author = world::name("um"), 1),
        ),
    ]
}

fn manifests(case: &Case, lines: &[String]) -> Vec<Vector> {
    const EXPORT: &str = "application/vnd.comity.export+json;v=1";
    let payload = data_encoding::BASE64.decode(payload_of(&lines[0]).as_bytes()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    let with = |from: &str, to: &str| {
        assert!(payload.contains(from), "{from}");
        let payload = payload.replacen(from, to, 1);
        let first = world::raw(EXPORT, payload.as_bytes(), &[&case.jo.key()]);
        world::file(&[vec![first], lines[1..].to_vec()].concat())
    };
    let mut flipped = signature_of(&lines[0]);
    flipped[40] ^= 4;
    let flipped = with_signature(&lines[0], &flipped);
    vec![
        (
            "a manifest with one bit changed",
            "bad-signature",
            world::file(&[vec![flipped], lines[1..].to_vec()].concat()),
        ),
        (
            "a manifest that counts one less",
            "export-incomplete",
            with("\"entries\":5", "\"entries\":4"),
        ),
        ("a manifest of another hub", "unknown-key", with("\"hub\":\"jo\"", "\"hub\":\"um\"")),
        ("a manifest of another case", "wrong-room", with("jo-2026-00007", "jo-2026-00008")),
        (
            "a manifest without rooms",
            "manifest-malformed",
            with(&payload[payload.find("\"rooms\"").unwrap()..payload.len() - 7], "\"rooms\":[]"),
        ),
        ("a manifest with more", "manifest-malformed", with("\"v\":1", "\"u\":1,\"v\":1")),
        ("a manifest with an extension", "ok", with("\"v\":1", "\"v\":1,\"x-note\":\"\"")),
        ("a manifest not canonical", "strict-json", with("\"v\":1", "\"v\": 1")),
    ]
}

/// Exports whose identity chain of um ends in another way.
fn identities(lines: &[String]) -> Vec<Vector> {
    let um = Hub::new("um", 11);
    let genesis = um.chain[0].clone();
    let second = |from: &str, to: &str, seeds: &[u8]| {
        let rotation = Hub::new("um", 11).rotated().chain[1].clone();
        let payload = String::from_utf8(rotation.payload().to_vec()).unwrap();
        assert!(payload.contains(from), "{from}");
        let keys: Vec<_> = seeds.iter().map(|seed| world::key(*seed)).collect();
        let keys: Vec<_> = keys.iter().collect();
        let line = world::raw(ENTRY, payload.replacen(from, to, 1).as_bytes(), &keys);
        let mut lines = lines.to_vec();
        lines[3] = line;
        world::file(&lines)
    };
    let sign_key = |seed: u8| world::key(seed).verifying_key().to_string();
    let next = sign_key(12);
    let weak = format!("ed25519:01{}", "00".repeat(31));
    let genesis_id = genesis.id().to_string();
    vec![
        (
            "a rotation to a key not committed to",
            "not-next-key",
            second(&next, &sign_key(55), &[11, 55]),
        ),
        ("a rotation without the old key", "signature-count", second("\"v\":1", "\"v\":1", &[12])),
        (
            "a rotation without the new key",
            "bad-signature",
            second("\"v\":1", "\"v\":1", &[11, 55]),
        ),
        ("a rotation back to the same key", "key-reused", second(&next, &sign_key(11), &[11, 12])),
        ("a rotation to a key of small order", "identity-body", second(&next, &weak, &[11, 12])),
        (
            "a rotation dated before the genesis",
            "time-reversed",
            second("\"at\":1767571199012", "\"at\":1767571199010", &[11, 12]),
        ),
        (
            "a rotation on another entry",
            "seq-gap",
            second(
                &format!("\"prev\":\"{genesis_id}\""),
                &format!("\"prev\":\"{}\"", "aa".repeat(32)),
                &[11, 12],
            ),
        ),
        (
            "a rotation in another room",
            "wrong-room",
            second(
                &format!("\"room\":\"{genesis_id}\""),
                &format!("\"room\":\"{}\"", "aa".repeat(32)),
                &[11, 12],
            ),
        ),
        ("a revocation of the key in use", "current-key", {
            let mut lines = lines.to_vec();
            lines.insert(3, revocation(&um, &world::key(11)));
            world::file(&lines)
        }),
        ("an entry under a revoked key", "revoked-key", {
            let revoked = Hub::new("um", 11).rotated().revoked();
            let mut lines = lines.to_vec();
            lines.insert(4, world::text(&revoked.chain[2]));
            world::file(&lines)
        }),
    ]
}

/// A revocation that the library would not write.
fn revocation(hub: &Hub, key: &comity_ledger::key::SigningKey) -> String {
    let revoked = Hub::new("um", 11).rotated().revoked();
    let payload = String::from_utf8(revoked.chain[2].payload().to_vec()).unwrap();
    let identity = hub.identity();
    let payload = payload
        .replace("\"seq\":2", "\"seq\":1")
        .replace(&revoked.chain[1].id().to_string(), &identity.room().to_string());
    world::raw(ENTRY, payload.as_bytes(), &[key])
}

fn receipts() -> Vec<Vector> {
    const RECEIPT: &str = "application/vnd.comity.receipt+json;v=1";
    let key = world::key(1);
    let signed = world::text(&world::receipt().sign(&key).unwrap());
    let payload = data_encoding::BASE64.decode(payload_of(&signed).as_bytes()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    let with = |from: &str, to: &str| {
        assert!(payload.contains(from), "{from}");
        world::raw(RECEIPT, payload.replacen(from, to, 1).as_bytes(), &[&key])
    };
    let embargo = format!(
        "\"embargo\":{{\"ends_at\":{},\"starts_at\":{}}}",
        world::DAY_0 + 3_888_000_000,
        world::DAY_0
    );
    let mut flipped = signature_of(&signed);
    flipped[63] ^= 1;
    let weak = format!("ed25519:ecff{}7f", "ff".repeat(29));
    let malformed = "receipt-malformed";
    vec![
        ("a receipt", "ok", signed.clone()),
        ("a receipt without embargo", "ok", with(&embargo, "\"embargo\":null")),
        (
            "a receipt without clocks",
            "ok",
            with(&payload[1..payload.find(",\"commitment\"").unwrap()], "\"clocks\":[]"),
        ),
        ("a receipt with an extension", "ok", with("\"v\":1", "\"v\":1,\"x-log\":\"later\"")),
        ("a receipt with one bit changed", "bad-signature", with_signature(&signed, &flipped)),
        ("a receipt with a scalar over the order", "bad-signature", malleable(&signed)),
        (
            "a receipt that names another key",
            "bad-signature",
            with(&key.verifying_key().to_string(), &world::key(2).verifying_key().to_string()),
        ),
        (
            "a receipt under a key of small order",
            malformed,
            with(&key.verifying_key().to_string(), &weak),
        ),
        (
            "a receipt with two signatures",
            "signature-count",
            world::raw(RECEIPT, payload.as_bytes(), &[&key, &world::key(2)]),
        ),
        (
            "an entry in place of a receipt",
            "payload-type",
            world::text(&Hub::new("jo", 1).chain[0]),
        ),
        (
            "a receipt signed as an entry",
            "payload-type",
            world::raw(ENTRY, payload.as_bytes(), &[&key]),
        ),
        ("a receipt with white space", "strict-json", with("\"v\":1", "\"v\": 1")),
        ("a receipt with a key twice", "strict-json", with("\"v\":1", "\"v\":1,\"v\":1")),
        ("a receipt with an unknown member", malformed, with("\"v\":1", "\"u\":1,\"v\":1")),
        ("a receipt of another version", malformed, with("\"v\":1", "\"v\":2")),
        (
            "a receipt without commitment",
            malformed,
            with(
                &payload
                    [payload.find("\"commitment\"").unwrap()..payload.find("\"embargo\"").unwrap()],
                "",
            ),
        ),
        ("a receipt without embargo member", malformed, with(&format!("{embargo},"), "")),
        (
            "a receipt whose embargo ends before it starts",
            malformed,
            with(&format!("\"ends_at\":{}", world::DAY_0 + 3_888_000_000), "\"ends_at\":1"),
        ),
        (
            "a receipt with an empty holder",
            malformed,
            with("\"holder\":\"CERT Norvik\"", "\"holder\":\"\""),
        ),
        (
            "a receipt with a clock that says more",
            malformed,
            with("\"due_at\"", "\"cost\":1,\"due_at\""),
        ),
        (
            "a receipt with a policy that says more",
            malformed,
            with("\"version\":\"3\"", "\"version\":\"3\",\"x-a\":1"),
        ),
        ("a receipt with a line feed", "envelope-malformed", format!("{signed}\n")),
    ]
}

fn proofs() -> Vec<Vector> {
    let case = Case::new();
    let last = case.entries[4].clone();
    let mut other = world::open(&last, &case.directory).entry().clone();
    other.at += 1;
    let twin = other.sign(&case.jo.key()).unwrap();
    let proof = Equivocation::write(&case.jo.chain, &last, &twin).unwrap();
    let lines: Vec<String> = String::from_utf8(proof).unwrap().lines().map(str::to_owned).collect();
    let with = |line: usize, text: String| {
        let mut lines = lines.clone();
        lines[line] = text;
        world::file(&lines)
    };
    let swapped = world::file(&[&lines[..2], &[lines[3].clone(), lines[2].clone()]].concat());
    let without = |line: usize| {
        let mut lines = lines.clone();
        lines.remove(line);
        world::file(&lines)
    };
    let mut flipped = signature_of(&lines[3]);
    flipped[1] ^= 128;
    let earlier = world::text(&case.entries[2]);
    let of_um = world::text(&case.entries[1]);
    vec![
        ("a proof", "ok", world::file(&lines)),
        ("a proof under a key revoked since", "ok", revoked_proof()),
        ("one entry twice", "no-conflict", with(3, lines[2].clone())),
        ("entries descending by id", "no-conflict", swapped),
        (
            "an entry of another seq",
            "no-conflict",
            with(if world::id_of(&earlier) < world::id_of(&lines[2]) { 2 } else { 3 }, earlier),
        ),
        ("an entry of another hub", "unknown-key", with(3, of_um)),
        (
            "an entry whose signature does not hold",
            "bad-signature",
            with(3, with_signature(&lines[3], &flipped)),
        ),
        ("no identity chain", "proof-malformed", without(1)),
        ("one line alone", "proof-malformed", world::file(&lines[..1])),
        (
            "a first line of another seq",
            "proof-malformed",
            with(0, lines[0].replace("\"seq\":2", "\"seq\":3")),
        ),
        (
            "a first line of another hub",
            "proof-malformed",
            with(0, lines[0].replace("\"jo\"", "\"um\"")),
        ),
        (
            "a first line of another schema",
            "proof-malformed",
            with(0, lines[0].replace("equivocation/1", "equivocation/2")),
        ),
        ("a first line with white space", "strict-json", with(0, lines[0].replace(':', ": "))),
        (
            "an identity chain of another hub",
            "unknown-key",
            with(1, world::text(&case.um.chain[0])),
        ),
    ]
}

/// Two openings of one hub's chain position under its first key, revoked later: it proves all the same.
fn revoked_proof() -> String {
    let mut case = Case::new();
    let twin = |at: u64, case: &Case| {
        let mut entry = world::entry(&world::name("um"), Some(&case.room), 9);
        entry.at = at;
        // Signed with the second key, which a third replaces and revokes below.
        entry.sign(&world::key(12)).unwrap()
    };
    let (one, other) = (twin(world::DAY_0 + 1, &case), twin(world::DAY_0 + 2, &case));
    case.um = rotated_again(case.um);
    let proof = Equivocation::write(&case.um.chain, &one, &other).unwrap();
    String::from_utf8(proof).unwrap()
}

fn rotated_again(mut hub: Hub) -> Hub {
    use comity_ledger::identity::NewKeys;
    let encryption =
        comity_ledger::wrap::OrganisationKey::from_bytes(&[7; 32]).unwrap().public_key();
    let (third, fourth) = (world::key(13), world::key(14));
    let keys = NewKeys { encryption: &encryption, next: fourth.verifying_key() };
    let rotation = hub.identity().rotate(&world::key(12), &third, keys, world::stamp(13)).unwrap();
    hub.chain.push(rotation);
    let revocation =
        hub.identity().revoke(&third, &world::key(12).id(), 0, world::stamp(14)).unwrap();
    hub.chain.push(revocation);
    hub
}
