//! Case exports: whole, cut, out of order, with manifests and identity chains that do not hold.

use comity_ledger::envelope::Envelope;

use super::{Vector, payload_of, signature_of, with_signature};
use crate::world::{self, Case, ENTRY, Hub};

pub(crate) fn vectors() -> Vec<Vector> {
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
    vectors.extend(revocations(&lines));
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
    let rotated = Hub::new("um", 11).rotated().identity();
    let encryption = rotated.encryption().to_string();
    let out_of_range = format!("x-wing:{}", data_encoding::BASE64.encode(&[0xff; 1216]));
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
            "a rotation to an encryption key out of range",
            "identity-body",
            second(&encryption, &out_of_range, &[11, 12]),
        ),
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
    ]
}

fn revocations(lines: &[String]) -> Vec<Vector> {
    let um = Hub::new("um", 11);
    vec![
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
