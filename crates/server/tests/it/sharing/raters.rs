//! A quarter's sample: drawn once, answered blind by other organisations, and what that says of the questions.

use serde_json::{Value, json};

use super::Stage;
use super::peer::answers;
use crate::world::{DAY_MS, run};

const SEED: &str = "5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed";

async fn draw(stage: &Stage, seed: &str) -> crate::world::Seen {
    let form = json!({ "quarter": "2027-Q1", "seed": seed, "source": "checkpoint 41 of the log" });
    stage.world.post("ada", "/api/v1/screen-samples", &form).await
}

#[test]
fn a_sample_is_drawn_once_answered_blind_and_told_when_all_have_answered() {
    run(async {
        let mut stage = Stage::new().await;
        for (account, organisation) in [("rita", "lab-east"), ("remy", "lab-west"), ("hans", "nv")]
        {
            stage.world.person(account, organisation, "reviewer").await;
        }
        // Refused at once, and so decided: three records of the quarter.
        for level in [1, 2, 4] {
            stage.screen("T5", json!({ "C4": level })).await;
        }
        draw(&stage, SEED).await.refused(422, "quarter-not-over");
        stage.world.advance(100 * DAY_MS);
        let drawn = draw(&stage, SEED).await.ok();
        let items = drawn["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 3, "{drawn}");
        assert_eq!(draw(&stage, SEED).await.ok(), drawn, "asked again it is the same");
        draw(&stage, &SEED.replace('5', "6")).await.refused(422, "sample-drawn");
        let bad = json!({ "quarter": "2027-Q1", "seed": "abc", "source": "x" });
        let bad = stage.world.post("ada", "/api/v1/screen-samples", &bad).await;
        assert_eq!(bad.refused(422, "value-invalid")["errors"][0]["pointer"], "/seed");
        let public = "/api/v1/public/screen-reliability?quarter=2027-Q1";
        stage.world.get("", public).await.refused(422, "ratings-missing");
        for item in &items {
            let at = stage.at(&format!("screens/{}", item["screen"].as_str().unwrap()));
            let blind = stage.world.get("rita", &format!("{at}/blind")).await.ok();
            let exchange = blind["exchange"].as_object().unwrap();
            assert!(!exchange.contains_key("answers") && !exchange.contains_key("gates"));
            assert!(blind.get("result").is_none() && exchange.contains_key("recipient"));
        }
        let first = stage.at(&format!("screens/{}", items[0]["screen"].as_str().unwrap()));
        let rate = |who: &'static str, at: String, answers: Value| {
            let world = &stage.world;
            async move {
                world.post(who, &format!("{at}/ratings"), &json!({ "answers": answers })).await
            }
        };
        rate("hans", first.clone(), json!({ "A1": 1 })).await.refused(422, "rater-involved");
        rate("olga", first.clone(), json!({ "A1": 1 })).await.refused(422, "office-not-held");
        rate("rita", first.clone(), json!({ "Z1": 1 })).await.refused(422, "value-unknown");
        rate("rita", first.clone(), json!({ "A1": 5 })).await.refused(422, "value-invalid");
        // Whoever read what was answered is not blind any more.
        stage.world.get("rosa", &first).await.ok();
        rate("rosa", first.clone(), json!({ "A1": 1 })).await.refused(422, "rater-involved");
        for (n, item) in items.iter().enumerate() {
            let at = stage.at(&format!("screens/{}", item["screen"].as_str().unwrap()));
            let mut all = answers();
            // Both mean the same by C4, and not by C1.
            all["C4"] = json!(n);
            all["C1"] = json!(0);
            rate("rita", at.clone(), all.clone()).await.ok();
            all["C1"] = json!(4);
            rate("remy", at.clone(), all.clone()).await.ok();
            rate("rita", at, all).await.refused(422, "already-there");
        }
        let told = stage.world.get("", public).await.ok();
        let of = |key: &str| {
            let all = told["questions"].as_array().unwrap();
            all.iter().find(|one| one["question"] == key).unwrap().clone()
        };
        assert_eq!((&of("C4")["alpha"], &of("C4")["weak"]), (&json!("1.000000"), &json!(false)));
        assert_eq!((&of("C1")["weak"], &of("C1")["weak_twice"]), (&json!(true), &json!(false)));
        assert_eq!(told["records"], 3);
        assert!(!told.to_string().contains(&stage.case) && !told.to_string().contains("lab-east"));
        let other = "/api/v1/public/screen-reliability?quarter=2026-Q4";
        stage.world.get("", other).await.refused(422, "sample-empty");
        let listed = stage.world.get("audit", "/api/v1/screen-samples?quarter=2027-Q1").await.ok();
        assert_eq!(listed["items"][0]["ratings"], 2);
        stage.world.finish().await;
    });
}
