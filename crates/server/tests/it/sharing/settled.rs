//! Gates that the packs settle, shares that are held until a day, and a preview for many.

use serde_json::{Value, json};

use super::Stage;
use super::peer::{answers, open_gates};
use crate::world::{DAY_MS, run};

#[expect(clippy::needless_pass_by_value, reason = "callers write the value where it stands")]
fn fact(party: &str, fact: &str, value: Value) -> Value {
    json!({ "kind": "fact", "party": party, "fact": fact, "value": value })
}

/// Asks what the peer would see with every question answered and no gate stated but those of people.
async fn shown(stage: &Stage, gates: &Value) -> Value {
    let form = json!({
        "ask": { "requested": "T2", "purpose": "remediation", "answers": answers(), "gates": gates },
        "recipients": [{ "party": "ard" }],
    });
    let shown = stage.world.post("ada", &stage.at("share-preview"), &form).await.ok();
    shown["items"][0].clone()
}

async fn state(stage: &Stage, statements: Vec<Value>) {
    let form = json!({ "statements": statements });
    stage.world.post("ada", &stage.at("facts"), &form).await.ok();
}

#[test]
fn packs_settle_gates_and_people_can_only_be_stricter() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        let carve_out = || json!({ "E3": { "state": "clear" } });
        // Nobody said where the hub is: no pack speaks, and people are asked.
        let silent = shown(&stage, &carve_out()).await;
        assert_eq!(silent["settled"], json!([]));
        assert_ne!(silent["preview"]["outcome"], "allow");
        let place = |country: &str| {
            vec![
                fact("nv", "actor.main_establishment", json!("DE")),
                fact("nv", "actor.establishments", json!(["DE"])),
                fact("nv", "actor.roles", json!(["coordinator"])),
                fact("ard", "actor.main_establishment", json!(country)),
            ]
        };
        state(&stage, place("FR")).await;
        let near = shown(&stage, &carve_out()).await;
        assert_eq!(near["settled"], json!(["E1", "E2", "E5"]));
        // The person's word against the packs' is refused, and posing as the packs is, too.
        let form = |gates: Value| {
            json!({ "party": "ard", "ask": { "requested": "T2", "purpose": "remediation",
                "answers": answers(), "gates": gates } })
        };
        let posing = json!({ "E3": { "state": "clear", "basis": "packs: mine" } });
        let refused = stage.world.post("ada", &stage.at("screens"), &form(posing)).await;
        assert_eq!(
            refused.refused(422, "value-invalid")["errors"][0]["pointer"],
            "/ask/gates/E3/basis"
        );
        let screen = stage.world.post("ada", &stage.at("screens"), &form(carve_out())).await.ok();
        let leaf = screen["screen"].as_str().unwrap();
        let export =
            stage.world.get("audit", &stage.at(&format!("screens/{leaf}/record"))).await.ok();
        let record: Value = serde_json::from_str(export["record"].as_str().unwrap()).unwrap();
        let settled = &record["exchange"]["gates"];
        assert_eq!(
            settled["E1"],
            json!({ "state": "clear", "basis": "packs: eu.dualuse.2021_821" })
        );
        assert_eq!(settled["E2"], json!({ "state": "clear", "basis": "packs: eu.gdpr.chapter5" }));
        assert_eq!(settled["E5"], json!({ "state": "none" }));
        // Somebody states that this share holds personal data and has no basis to leave the Union.
        state(&stage, place("IN")).await;
        let action = json!({ "kind": "action", "party": "nv", "id": "to-ard", "action": "share",
            "to": "ard", "level": "L2",
            "facts": { "action.contains": ["personal_data"], "action.transfer_basis": "none" } });
        state(&stage, vec![action]).await;
        let lower = form(json!({ "E2": { "state": "clear" }, "E3": { "state": "clear" } }));
        let refused = stage.world.post("ada", &stage.at("screens"), &lower).await;
        let refused = refused.refused(422, "gate-lowered");
        assert_eq!(refused["errors"][0]["pointer"], "/ask/gates/E2");
        let far = shown(&stage, &carve_out()).await;
        let tier = far["preview"]["tier"].as_str().unwrap();
        assert!(tier < "T2", "without redaction personal data stays: {far}");
        stage.world.finish().await;
    });
}

#[test]
fn law_that_keeps_everything_at_home_closes_the_gate() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        // A hub established in China may give a flaw abroad to nobody but its vendor.
        state(
            &stage,
            vec![
                fact("nv", "actor.main_establishment", json!("CN")),
                fact("nv", "actor.establishments", json!(["CN"])),
                fact("ard", "actor.main_establishment", json!("FR")),
                fact("ard", "actor.roles", json!(["coordinator"])),
                json!({ "kind": "fact", "fact": "case.facets", "value": ["vulnerability"] }),
            ],
        )
        .await;
        let form = json!({ "party": "ard", "ask": { "requested": "T2", "purpose": "remediation",
            "answers": answers(), "gates": { "E2": { "state": "clear" }, "E3": { "state": "clear" } } } });
        let screen = stage.world.post("ada", &stage.at("screens"), &form).await.ok();
        assert!(screen["settled"].as_array().unwrap().contains(&json!("E1")), "{screen}");
        let reasons = screen["result"]["tiers"][1]["reasons"].as_array().unwrap();
        assert!(reasons.contains(&json!("gate:E1")), "{reasons:?}");
        stage.world.finish().await;
    });
}

#[test]
fn a_share_that_is_held_leaves_on_its_day_and_not_before() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        stage.invite("acme", "acme", "nv", "vendor").await;
        let sent =
            stage.world.say("ada", "nv", &stage.case, "report.send", json!({ "to": "acme" })).await;
        stage.world.say("ann", "acme", &stage.case, "report.ack", json!({ "of": sent })).await;
        for to in ["V", "A"] {
            stage.world.say("ann", "acme", &stage.case, "report.judge", json!({ "to": to })).await;
        }
        stage.world.say("ann", "acme", &stage.case, "fix.ready", json!({})).await;
        stage.world.advance(DAY_MS);
        let at = |days: i64| {
            let ms = stage.world.now_ms() / 1000 * 1000 + days * DAY_MS;
            jiff::Timestamp::from_millisecond(ms).unwrap().to_string()
        };
        let mut all = answers();
        all["B4"] = json!(3);
        let held = json!({ "id": "M-DLY", "evidence": "5c".repeat(32), "issued": at(0),
            "opens_at": at(3) });
        let form = json!({ "party": "ard", "ask": { "requested": "T2", "purpose": "remediation",
            "answers": all, "gates": open_gates(), "mitigations": [held] } });
        let screen = stage.world.post("ada", &stage.at("screens"), &form).await.ok();
        assert_eq!(screen["result"]["plan"]["uses"], json!(["M-DLY"]), "{screen}");
        let decided = stage.approve("olga", "officer", &screen, "T2").await;
        let form = json!({ "screen": decided["screen"] });
        let shared = stage.world.act("ada", &stage.case, "shares", &form).await.ok();
        let package = stage.at(&format!("shares/{}/package", shared["share"].as_str().unwrap()));
        comity_server::tasks::run_due(&stage.world.hub).await.unwrap();
        stage.world.get("ada", &package).await.refused(422, "pass-early");
        assert!(stage.world.hub.store().outbound_of_hub("ard", "", 10).await.unwrap().is_empty());
        stage.world.advance(3 * DAY_MS);
        comity_server::tasks::run_due(&stage.world.hub).await.unwrap();
        let seen = stage.peer.opens(&stage.world.get("ada", &package).await.ok());
        assert!(seen.contains("MARK-T2-title"), "{seen}");
        stage.world.finish().await;
    });
}

#[test]
fn fifty_parties_are_previewed_in_one_answer() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        for n in 0..49 {
            stage.invite(&format!("org-{n}"), &format!("org-{n}"), "ard", "vendor").await;
        }
        let mut recipients: Vec<Value> =
            (0..49).map(|n| json!({ "party": format!("org-{n}") })).collect();
        recipients.push(json!({ "party": "ard", "answers": { "C4": 4 } }));
        let form = json!({
            "ask": { "requested": "T2", "purpose": "remediation", "answers": answers(),
                "gates": open_gates() },
            "recipients": recipients,
        });
        let shown = stage.world.post("ada", &stage.at("share-preview"), &form).await.ok();
        let items = shown["items"].as_array().unwrap();
        assert_eq!(items.len(), 50);
        let tier = |n: usize| items[n]["preview"]["tier"].as_str();
        assert!((0..49).all(|n| tier(n) == tier(0) && tier(n).is_some()), "{}", items[0]);
        // What is answered about one is about that one alone.
        assert!(tier(49) < tier(0), "{} {}", items[49], items[0]);
        stage.world.finish().await;
    });
}
