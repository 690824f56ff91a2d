//! SH-26: nothing of a compartment leaves without a pass, and then only what its tier lets out.

use serde_json::json;

use super::Stage;
use crate::world::run;

/// A text in every spelling that a transport might carry it in.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![text.as_bytes().to_vec()];
    forms.push(data_encoding::HEXLOWER.encode(text.as_bytes()).into_bytes());
    for pad in ["", "x", "xx"] {
        let coded = data_encoding::BASE64.encode(format!("{pad}{text}").as_bytes());
        forms.push(coded.as_bytes()[4..coded.len() - 4].to_vec());
    }
    forms.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms
}

fn holds(bytes: &[u8], text: &str) -> bool {
    forms(text).iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

const MARKS: [&str; 10] = [
    "MARK-T1-name",
    "MARK-T2-title",
    "MARK-T2-summary",
    "MARK-T2-version",
    "MARK-T3-developer",
    "MARK-T3-description",
    "MARK-T3-remedy",
    "MARK-T5-steps",
    "MARK-T5-payload",
    "MARK-NEVER-identity",
];

/// Everything a peer could be handed: what waits for it, the case's entries, its export.
async fn outbound(stage: &Stage) -> Vec<u8> {
    let mut all = Vec::new();
    for row in stage.world.hub.store().outbound_of_hub("ard", "", 100).await.unwrap() {
        all.extend_from_slice(&row.package);
        // Decoded, too: base64 of each member, and the payloads of envelopes.
        for word in row.package.split(|byte| *byte == b'"') {
            all.extend(data_encoding::BASE64.decode(word).unwrap_or_default());
        }
    }
    let entries = stage.world.get("ada", &stage.at("entries?limit=200")).await.ok();
    for item in entries["items"].as_array().unwrap() {
        let payload = item["envelope"]["payload"].as_str().unwrap();
        all.extend(data_encoding::BASE64.decode(payload.as_bytes()).unwrap());
    }
    all.extend(stage.world.get("ada", &stage.at("export")).await.bytes);
    all
}

#[test]
fn no_marker_leaves_before_the_pass_and_only_those_of_the_tier_after_it() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        stage.screen("T2", json!({})).await;
        let before = outbound(&stage).await;
        for mark in MARKS {
            assert!(!holds(&before, mark), "{mark} left without a pass");
        }
        assert!(stage.world.hub.store().outbound_of_hub("ard", "", 10).await.unwrap().is_empty());
        for (tier, last, over) in [("T1", 1, json!({})), ("T2", 4, json!({ "B5": 2 }))] {
            let shared = stage.share(tier, over).await;
            // Sealed: nothing is read on the way, not even what may be read at its end.
            let wire = outbound(&stage).await;
            for mark in MARKS {
                assert!(!holds(&wire, mark), "{mark} is readable on the wire at {tier}");
            }
            let seen = stage.peer.opens(&stage.package(&shared).await);
            for (place, mark) in MARKS.iter().enumerate() {
                assert_eq!(holds(seen.as_bytes(), mark), place < last, "{mark} at {tier}");
            }
            assert!(!seen.contains("MARK-NEVER"), "{seen}");
        }
        stage.world.finish().await;
    });
}
