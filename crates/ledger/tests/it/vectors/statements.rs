//! Statements: one of each kind that holds, and all that do not. All are checked under the present key of hub `jo`.

use comity_ledger::statement::{self, StatementKind};
use serde_json::{Value, json};

use super::{Vector, malleable, payload_of, signature_of, with_signature};
use crate::world::{self, Hub};

fn document(kind: StatementKind) -> Value {
    match kind {
        StatementKind::Agreement => json!({
            "agreement": "nv-ard", "at": world::DAY_0, "party": "norvik", "sha256": "ab".repeat(32), "v": 1,
            "version": 1,
        }),
        StatementKind::Approval => json!({
            "account": "ada", "at": world::DAY_0, "case": "nv-2027-00007", "office": "officer", "org": "nv",
            "screen": format!("sha256:{}", "cd".repeat(32)), "tier": "T2", "v": 1,
        }),
        StatementKind::Pass => json!({
            "case": "nv-2027-00007", "expires": "2027-01-22T09:00:00Z", "hub": "ard", "org": "cert-ardenia",
            "salt": "07".repeat(32), "schema": "comity.pass/1", "tier": "T2",
        }),
        StatementKind::Screen => json!({
            "at": world::DAY_0, "case": "nv-2027-00007", "leaf": "ef".repeat(32), "v": 1,
        }),
    }
}

pub(crate) fn vectors() -> Vec<Vector> {
    let key = world::key(1);
    let signed = |kind| world::text(&statement::sign(kind, &document(kind), &key).unwrap());
    let pass = signed(StatementKind::Pass);
    let payload = data_encoding::BASE64.decode(payload_of(&pass).as_bytes()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    let kind = StatementKind::Pass.payload_type().as_str();
    let with = |from: &str, to: &str| {
        assert!(payload.contains(from), "{from}");
        world::raw(kind, payload.replacen(from, to, 1).as_bytes(), &[&key])
    };
    let mut flipped = signature_of(&pass);
    flipped[63] ^= 1;
    let other = world::text(
        &statement::sign(StatementKind::Pass, &document(StatementKind::Pass), &world::key(2))
            .unwrap(),
    );
    let approval = StatementKind::Approval.payload_type().as_str();
    vec![
        ("an agreement signed", "ok", signed(StatementKind::Agreement)),
        ("an approval", "ok", signed(StatementKind::Approval)),
        ("a pass", "ok", pass.clone()),
        ("the leaf of a screen", "ok", signed(StatementKind::Screen)),
        ("a pass with one bit changed", "bad-signature", with_signature(&pass, &flipped)),
        ("a pass with a scalar over the order", "bad-signature", malleable(&pass)),
        ("a pass of another key", "bad-signature", other),
        (
            "a pass under the signature of an approval",
            "bad-signature",
            with_signature(
                &pass,
                &signature_of(&world::raw(approval, payload.as_bytes(), &[&key])),
            ),
        ),
        (
            "a pass with two signatures",
            "signature-count",
            world::raw(kind, payload.as_bytes(), &[&key, &world::key(2)]),
        ),
        ("a pass with white space", "strict-json", with("\"tier\":", "\"tier\": ")),
        (
            "a pass with a member twice",
            "strict-json",
            with("\"tier\":\"T2\"", "\"tier\":\"T2\",\"tier\":\"T2\""),
        ),
        ("a pass with a number that is no integer", "strict-json", with("\"T2\"", "2.5")),
        ("a list for a pass", "strict-json", world::raw(kind, b"[]", &[&key])),
        ("an entry for a statement", "payload-type", world::text(&Hub::new("jo", 1).chain[0])),
        (
            "a receipt for a statement",
            "payload-type",
            world::text(&world::receipt().sign(&key).unwrap()),
        ),
        ("a pass with a line feed", "envelope-malformed", format!("{pass}\n")),
    ]
}
