//! Entries: spellings, members, layouts and signatures.

use comity_ledger::entry::Name;

use super::{Vector, malleable, payload_of, signature_of, with_signature};
use crate::world::{self, ENTRY};

/// A payload in text, changed by replacing, signed anew with the first key of jo.
fn changed(payload: &str, from: &str, to: &str) -> String {
    assert!(payload.contains(from), "{from}");
    world::raw(ENTRY, payload.replacen(from, to, 1).as_bytes(), &[&world::key(1)])
}

pub(crate) fn vectors() -> Vec<Vector> {
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
    vectors.extend(entry_pasts(&payload));
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

fn entry_pasts(payload: &str) -> Vec<Vector> {
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
    ]
}

fn entry_members(payload: &str) -> Vec<Vector> {
    let id = |byte: &str| byte.repeat(32);
    let malformed = "entry-malformed";
    vec![
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
