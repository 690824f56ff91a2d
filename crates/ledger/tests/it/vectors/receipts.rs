//! Receipts: one that holds, and all that do not.

use super::{Vector, malleable, payload_of, signature_of, with_signature};
use crate::world::{self, ENTRY, Hub};

const RECEIPT: &str = "application/vnd.comity.receipt+json;v=1";

pub(crate) fn vectors() -> Vec<Vector> {
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
    let vectors = vec![
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
        ("a receipt with a line feed", "envelope-malformed", format!("{signed}\n")),
    ];
    [vectors, members(&payload)].concat()
}

fn members(payload: &str) -> Vec<Vector> {
    let key = world::key(1);
    let with = |from: &str, to: &str| {
        assert!(payload.contains(from), "{from}");
        world::raw(RECEIPT, payload.replacen(from, to, 1).as_bytes(), &[&key])
    };
    let embargo = format!(
        "\"embargo\":{{\"ends_at\":{},\"starts_at\":{}}}",
        world::DAY_0 + 3_888_000_000,
        world::DAY_0
    );
    let malformed = "receipt-malformed";
    vec![
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
    ]
}
