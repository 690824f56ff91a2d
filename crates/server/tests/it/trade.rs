//! Trade decisions over the API: the bytes of the command line, signed if asked, every bad input by name.
//!
//! Not here: the rules (`comity-core`), and the command line (`comity-cli`), which reads the same cases.

#[path = "../../../../testdata/cert/hostile.rs"]
mod hostile;

use comity_core::trade::{export, import};
use comity_ledger::attestation::VerifiedAttestation;
use comity_ledger::envelope::Envelope;
use serde_json::{Value, json};

use crate::world::{World, run};

fn body(case: &hostile::Hostile) -> Value {
    case.files.iter().map(|(role, text)| ((*role).to_owned(), json!(text))).collect()
}

fn path(case: &hostile::Hostile) -> &'static str {
    if case.is_import { "/api/v1/trade/import" } else { "/api/v1/trade/export" }
}

/// What the command line prints.
fn printed(case: &hostile::Hostile) -> Vec<u8> {
    let file = |role| case.file(role).as_bytes();
    let mut bytes = if case.is_import {
        let (bom, good) = (file("bom"), file("good"));
        let (rules, register) = (file("rules"), file("register"));
        let decided = import::decide(&import::Inputs { bom, good, rules, register });
        serde_json_canonicalizer::to_vec(&decided.unwrap()).unwrap()
    } else {
        let (request, rules, register) = (file("request"), file("rules"), file("register"));
        let decided = export::decide(&export::Inputs { request, rules, register });
        serde_json_canonicalizer::to_vec(&decided.unwrap()).unwrap()
    };
    bytes.push(b'\n');
    bytes
}

#[test]
fn every_input_has_the_answer_of_the_command_line_and_nothing_is_kept() {
    run(async {
        let world = World::new().await;
        let cases = hostile::all();
        for case in &cases {
            let seen = world.post("", path(case), &body(case)).await;
            if case.is_refused() {
                let status = if case.answer.starts_with("json-") { 400 } else { 422 };
                let problem = seen.refused(status, &case.answer);
                assert_ne!(problem["title"], "", "{}", case.id);
                assert!(!problem["title"].as_str().unwrap().contains(&case.answer), "{}", case.id);
                continue;
            }
            assert_eq!(seen.status, 200, "{}: {}", case.id, seen.text());
            assert_eq!(seen.bytes, printed(case), "{}", case.id);
            assert_eq!(seen.json()["outcome"], case.answer.as_str(), "{}", case.id);
        }
        world.finish().await;
    });
}

#[test]
fn a_signed_receipt_checks_offline_and_a_stranger_gets_none() {
    run(async {
        let world = World::new().await;
        let case = hostile::all().into_iter().find(|case| case.id == "bom-cycle").unwrap();
        let signed = "/api/v1/trade/import?sign=true";
        world.post("", signed, &body(&case)).await.refused(401, "token-missing");
        world
            .post("fin", "/api/v1/trade/import?sign=maybe", &body(&case))
            .await
            .refused(422, "value-unknown");
        let seen = world.post("fin", signed, &body(&case)).await;
        let answer = seen.ok();
        let decision = printed(&case);
        let decision = decision.trim_ascii_end();
        assert!(seen.bytes.windows(decision.len()).any(|bytes| bytes == decision));
        let envelope = serde_json::to_string(&answer["envelope"]).unwrap();
        // Members of an envelope have one order, which a reader that keeps none must restore.
        let envelope = Envelope::parse(envelope.as_bytes()).unwrap();
        let opened = VerifiedAttestation::open(&envelope).unwrap();
        let hub: Value = world.get("", "/api/v1/hub").await.ok();
        assert_eq!(opened.key().to_string(), hub["key"].as_str().unwrap());
        let attested = opened.attestation();
        assert_eq!(attested.result, answer["decision"]["receipt"]["result"].as_str().unwrap());
        assert_eq!(attested.decision, "comity.import-decision/1");
        let roles: Vec<&str> = attested.inputs.keys().map(String::as_str).collect();
        assert_eq!(roles, ["bom", "good", "register", "rules"]);
        world.finish().await;
    });
}

#[test]
fn a_receipt_replays_and_what_is_changed_or_missing_is_told() {
    run(async {
        let world = World::new().await;
        let case = hostile::all().into_iter().find(|case| case.id == "bom-cycle").unwrap();
        let decision = String::from_utf8(printed(&case)).unwrap();
        let files: Vec<&str> = case.files.iter().map(|(_, text)| text.as_str()).collect();
        let replay = |decision: &str, files: &[&str]| {
            let body = json!({ "decision": decision, "files": files });
            let world = &world;
            async move { world.post("", "/api/v1/trade/replay", &body).await }
        };
        assert_eq!(replay(&decision, &files).await.ok()["same"], true);
        let forged = decision.replace("PROHIBIT", "PERMIT");
        assert_eq!(replay(&forged, &files).await.ok()["same"], false);
        replay(&decision, &files[1..]).await.refused(422, "replay-input-missing");
        replay("{", &files).await.refused(400, "json-invalid");
        replay("{\"type\":\"comity.good/1\"}", &files).await.refused(422, "wrong-type");
        replay(&decision, &[""; 17]).await.refused(422, "limit-size");
        world.finish().await;
    });
}

#[test]
fn bodies_are_read_strictly_and_within_their_limit() {
    run(async {
        let world = World::new().await;
        let path = "/api/v1/trade/import";
        let send = |bytes: Vec<u8>| {
            let world = &world;
            async move { world.ask("", "POST", path).bytes(bytes).send().await }
        };
        send(b"{".to_vec()).await.refused(400, "json-invalid");
        send(b"[]".to_vec()).await.refused(422, "field-type");
        send(b"{}".to_vec()).await.refused(422, "field-missing");
        send(br#"{"bom":"","good":"","rules":"","register":"","more":1}"#.to_vec())
            .await
            .refused(400, "member-unknown");
        send(br#"{"bom":{},"good":"","rules":"","register":""}"#.to_vec())
            .await
            .refused(422, "field-type");
        send(vec![b' '; (16 << 20) + 1]).await.refused(413, "too-large");
        // More than other routes take is still within the limit here.
        let case = hostile::all().into_iter().find(|case| case.id == "bom-cycle").unwrap();
        let mut large = body(&case);
        large["bom"] = json!(format!("{}{}", " ".repeat(3 << 20), case.file("bom")));
        assert_eq!(world.post("", path, &large).await.ok()["outcome"], "PROHIBIT");
        world.finish().await;
    });
}
