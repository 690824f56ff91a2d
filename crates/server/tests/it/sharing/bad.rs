//! What is refused, each with its code, and recorded.

use serde_json::{Value, json};

use super::Stage;
use super::peer::{Peer, agreement, answers, open_gates, value};
use crate::world::{DAY_MS, run};

/// Code and first place of what comes of a changed form.
async fn asked(stage: &Stage, change: impl Fn(&mut Value)) -> (String, String) {
    let ask = json!({ "requested": "T2", "purpose": "remediation", "answers": answers(),
        "gates": open_gates() });
    let mut form = json!({ "party": "ard", "ask": ask });
    change(&mut form);
    let seen = stage.world.post("ada", &stage.at("screens"), &form).await;
    let body = seen.json();
    let first = body["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
    (body["code"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned(), first)
}

#[test]
fn input_that_does_not_hold_is_refused_with_its_place_and_recorded() {
    run(async {
        let stage = Stage::new().await;
        let hostile = "<script>\u{202e}`{{x}}` \u{0} ../../";
        let check = async |code: &str, at: &str, change: &dyn Fn(&mut Value)| {
            let found = asked(&stage, |form| change(form)).await;
            assert_eq!((found.0.as_str(), found.1.as_str()), (code, at));
        };
        check("value-invalid", "/ask/answers/A1", &|f| f["ask"]["answers"]["A1"] = json!(5)).await;
        check("value-invalid", "/ask/answers/A1", &|f| f["ask"]["answers"]["A1"] = json!(hostile))
            .await;
        check("member-unknown", "/ask/answers/Q9", &|f| f["ask"]["answers"]["Q9"] = json!(1)).await;
        check("answer-lowered", "/ask/answers/B4", &|f| f["ask"]["answers"]["B4"] = json!(0)).await;
        check("value-invalid", "/ask/requested", &|f| f["ask"]["requested"] = json!(hostile)).await;
        check("value-invalid", "/ask/purpose", &|f| f["ask"]["purpose"] = json!(hostile)).await;
        check("value-invalid", "/ask/area", &|f| f["ask"]["area"] = json!(hostile)).await;
        check("exchange-class-never", "/ask/classes/0", &|f| {
            f["ask"]["classes"] = json!(["identity"]);
        })
        .await;
        check("value-invalid", "/ask/classes/0", &|f| f["ask"]["classes"] = json!([hostile])).await;
        check("value-invalid", "/ask/recipient/accounts/0", &|f| {
            f["ask"]["accounts"] = json!([hostile]);
        })
        .await;
        check("value-invalid", "/ask/recipient/communities/0", &|f| {
            f["ask"]["communities"] = json!([hostile]);
        })
        .await;
        check("caveat-unknown", "/ask/marking/caveats/0", &|f| {
            f["ask"]["marking"] = json!({ "caveats": [hostile] });
        })
        .await;
        check("marking-lowered", "/ask/marking/tlp", &|f| {
            f["ask"]["marking"] = json!({ "tlp": "CLEAR" });
        })
        .await;
        check("mitigation-unknown", "/ask/mitigations/0/id", &|f| {
            f["ask"]["mitigations"] =
                json!([{ "id": "M-XXX", "evidence": null, "issued": "2027-01-01T00:00:00Z" }]);
        })
        .await;
        check("member-missing", "/ask/gates/E1/basis", &|f| {
            f["ask"]["gates"]["E1"] = json!({ "state": "prohibited" });
        })
        .await;
        check("carve-out-incomplete", "/ask/gates/E3", &|f| {
            f["ask"]["gates"]["E3"] =
                json!({ "state": "limited", "ceiling": "T1", "basis": "because" });
        })
        .await;
        check("value-invalid", "/ask/gates/E1/basis", &|f| {
            f["ask"]["gates"]["E1"] = json!({ "state": "prohibited", "basis": "x".repeat(201) });
        })
        .await;
        check("unknown-party", "/party", &|f| f["party"] = json!(hostile)).await;
        check("share-at-home", "/party", &|f| f["party"] = json!("nv")).await;
        check("report-unknown", "/report", &|f| f["report"] = json!(hostile)).await;
        check("screen-unknown", "/supersedes", &|f| f["supersedes"] = json!("0".repeat(64))).await;
        assert_eq!(stage.refused().await.len(), 21);
        // None of them left a screen behind.
        assert_eq!(stage.world.get("ada", &stage.at("screens")).await.ok()["items"], json!([]));
        // Nothing hostile lies in an entry in clear.
        let export = stage.world.get("ada", &stage.at("export")).await.text();
        assert!(!export.contains("script") && !export.contains("M-XXX"));
        stage.world.finish().await;
    });
}

#[test]
fn a_mitigation_claimed_without_evidence_changes_nothing() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        let mut high = answers();
        high["A1"] = json!(3);
        let ask = |mitigations: Value| {
            json!({ "party": "ard", "ask": { "requested": "T3", "purpose": "remediation",
                "answers": high, "gates": open_gates(), "mitigations": mitigations } })
        };
        let post = async |form: Value| {
            stage.world.post("ada", &stage.at("screens"), &form).await.ok()["result"].clone()
        };
        let without = post(ask(json!([]))).await;
        let claimed =
            json!([{ "id": "M-REV", "evidence": null, "issued": "2027-01-05T00:00:00Z" }]);
        let claim = post(ask(claimed)).await;
        assert_eq!(claim["ignored"], json!([{ "id": "M-REV", "why": "no-evidence" }]));
        assert_eq!((&claim["plan"], &claim["tiers"]), (&without["plan"], &without["tiers"]));
        let evident = json!([{ "id": "M-REV", "evidence": "a1".repeat(32),
            "issued": "2027-01-05T00:00:00Z" }]);
        assert_ne!(post(ask(evident)).await["tiers"], without["tiers"]);
        stage.world.finish().await;
    });
}

#[test]
fn raw_commands_carry_nothing_across_without_a_pass_that_fits() {
    run(async {
        let mut stage = Stage::new().await;
        stage.agree().await;
        let seal = |compartment: &str, party: &str, pass: Option<&str>| {
            let mut to = json!({ "party": party, "wrapped": "key" });
            if let Some(pass) = pass {
                to["pass"] = json!(pass);
            }
            json!({ "kind": "content.seal", "party": "nv", "text": "MARK-T5-smuggled",
                "body": { "compartment": compartment, "recipients": [to] } })
        };
        let check = async |stage: &Stage, form: Value, code: &str| {
            stage.world.act("ada", &stage.case, "commands", &form).await.refused(422, code);
        };
        check(&stage, seal("abstract", "ard", None), "pass-missing").await;
        let forged = "ab".repeat(32);
        check(&stage, seal("abstract", "ard", Some(&forged)), "pass-missing").await;
        let shared = stage.share("T1", json!({})).await;
        let pass = shared["share"].as_str().unwrap().to_owned();
        check(&stage, seal("abstract", "ard", Some(&pass)), "pass-object").await;
        check(&stage, seal("reproduction", "ard", Some(&pass)), "pass-tier").await;
        check(&stage, seal("identity", "ard", Some(&pass)), "pass-tier").await;
        // Another recipient under the same pass, and an invitation that brings it along.
        stage.invite("cas", "cert-castor", "cas", "coordinator").await;
        let sent =
            stage.world.say("ada", "nv", &stage.case, "report.send", json!({ "to": "cas" })).await;
        let mut castor = Peer::new("cas", 40);
        stage.world.post("root", "/api/v1/peer-identities", &castor.form("neutral")).await.ok();
        std::mem::swap(&mut stage.peer, &mut castor);
        stage.says("cas", "report.ack", json!({ "of": sent })).await;
        std::mem::swap(&mut stage.peer, &mut castor);
        check(&stage, seal("abstract", "cas", Some(&pass)), "pass-recipient").await;
        let invite = json!({ "kind": "party.invite", "party": "nv", "body": {
            "party": "dov", "org": "cert-dov", "hub": "dov", "roles": ["observer"], "pass": pass } });
        check(&stage, invite, "pass-recipient").await;
        // A grant of what was sealed under it, to another hub and to its own recipient.
        let entry = shared["entries"][0].as_str().unwrap();
        let grant = |party: &str| {
            json!({ "kind": "content.grant", "party": "nv", "body": {
            "seal": entry, "recipients": [{ "party": party, "wrapped": "key", "pass": pass }] } })
        };
        check(&stage, grant("cas"), "pass-recipient").await;
        stage.world.act("ada", &stage.case, "commands", &grant("ard")).await.ok();
        stage.world.advance(8 * DAY_MS);
        check(&stage, grant("ard"), "pass-expired").await;
        let withdraw = stage.at(&format!("shares/{pass}/withdrawals"));
        stage.world.post("ada", &withdraw, &json!({ "why": "over" })).await.ok();
        check(&stage, grant("ard"), "pass-revoked").await;
        let mut recorded = std::collections::BTreeMap::new();
        for code in stage.refused().await {
            *recorded.entry(code).or_insert(0) += 1;
        }
        let expected = [
            ("pass-expired", 1),
            ("pass-missing", 2),
            ("pass-object", 1),
            ("pass-recipient", 3),
            ("pass-revoked", 1),
            ("pass-tier", 2),
        ];
        assert_eq!(recorded, expected.map(|(code, count)| (code.to_owned(), count)).into());
        let listed = stage.world.get("ada", &stage.at("shares")).await.ok();
        assert_eq!(listed["unpassed"], json!([]));
        stage.world.finish().await;
    });
}

#[test]
fn what_was_approved_is_all_that_is_shared() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        let screen = stage.screen("T2", json!({})).await;
        let leaf = screen["screen"].as_str().unwrap();
        let form = json!({ "screen": leaf });
        let shares = async |form: &Value| stage.world.act("ada", &stage.case, "shares", form).await;
        shares(&form).await.refused(409, "approval-missing");
        shares(&json!({ "screen": "0".repeat(64) })).await.refused(422, "screen-unknown");
        let at = stage.at(&format!("screens/{leaf}/approvals"));
        let approve = |result: &str, tier: &str| json!({ "result": result, "tier": tier, "office": "officer" });
        let hash = screen["result_hash"].as_str().unwrap();
        let post = async |form: Value| stage.world.post("olga", &at, &form).await;
        post(approve(&format!("sha256:{}", "0".repeat(64)), "T2"))
            .await
            .refused(422, "approval-other");
        post(approve(hash, "T5")).await.refused(422, "approval-denied");
        post(approve(hash, "T9")).await.refused(422, "value-unknown");
        stage.approve("olga", "officer", &screen, "T2").await;
        let decided = stage.approve("otto", "officer", &screen, "T2").await;
        // The agreement is suspended in between: what was approved holds no more.
        stage.act(&json!({ "act": { "act": "suspend", "ground": "breach" } })).await;
        let form = json!({ "screen": decided["screen"] });
        shares(&form).await.refused(422, "screen-changed");
        stage.act(&json!({ "act": { "act": "resume" } })).await;
        stage.world.advance(8 * DAY_MS);
        shares(&form).await.refused(422, "pass-expired");
        let codes = stage.refused().await;
        for code in [
            "approval-missing",
            "approval-other",
            "approval-denied",
            "screen-changed",
            "pass-expired",
        ] {
            assert!(codes.iter().any(|one| one == code), "{code} is not recorded: {codes:?}");
        }
        stage.world.finish().await;
    });
}

#[test]
fn an_attempt_that_no_longer_holds_makes_no_package() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        let screen = stage.screen("T1", json!({})).await;
        stage.approve("olga", "officer", &screen, "T1").await;
        let decided = stage.approve("otto", "officer", &screen, "T1").await;
        let form = json!({ "screen": decided["screen"] });
        stage.world.act("ada", &stage.case, "shares", &form).await.ok();
        // Suspended before the outbox runs; the tasks of the hub may have been quicker.
        let waits = stage.world.hub.store().outbound_of_hub("ard", "", 10).await.unwrap().len();
        stage.act(&json!({ "act": { "act": "suspend", "ground": "breach" } })).await;
        comity_server::tasks::run_due(&stage.world.hub).await.unwrap();
        let listed = stage.world.get("ada", &stage.at("shares")).await.ok();
        let share = listed["items"][0]["share"].as_str().unwrap();
        let package = stage.world.get("ada", &stage.at(&format!("shares/{share}/package"))).await;
        package.refused(422, "screen-changed");
        if waits == 0 {
            assert!(stage.refused().await.contains(&"screen-changed".to_owned()));
        }
        stage.world.finish().await;
    });
}

#[test]
fn forged_identities_entries_and_acts_are_refused() {
    run(async {
        let mut stage = Stage::new().await;
        let peers = "/api/v1/peer-identities";
        let other = Peer::new("bor", 60);
        let mut wrong = other.form("ally");
        wrong["fingerprint"] = json!("0000 1111");
        stage.world.post("root", peers, &wrong).await.refused(422, "fingerprint-wrong");
        stage.world.post("ada", peers, &other.form("ally")).await.refused(404, "not-found");
        // Another key under a name that is known.
        let twin = Peer::new("ard", 80);
        stage.world.post("root", peers, &twin.form("ally")).await.refused(422, "peer-forked");
        let known = stage.world.get("ada", &stage.at("entries?limit=200")).await.ok();
        let at = stage.world.now_ms();
        let take = async |stage: &Stage, entry: Value| {
            let form = json!({ "entries": [entry] });
            stage.world.post("ada", &stage.at("entries"), &form).await
        };
        let mut forger = Peer::new("ard", 80);
        let note = forger.entry(&stage.case, &known, "ard", "note", json!({}), at);
        take(&stage, note).await.refused(422, "unknown-key");
        let mut entry = stage.peer.entry(&stage.case, &known, "ard", "note", json!({}), at);
        entry["payload"] = json!("e30=");
        take(&stage, entry).await.refused(422, "entry-malformed");
        take(&stage, json!({ "payload": 1 })).await.refused(422, "envelope-malformed");
        let late = at + 3_600_000;
        let mut fresh = Peer::new("ard", 7);
        let ahead = fresh.entry(&stage.case, &known, "ard", "note", json!({}), late);
        take(&stage, ahead).await.refused(422, "at-in-future");
        // Acts of an agreement: another text, another party, another key.
        let read = stage
            .world
            .post("ada", "/api/v1/agreements", &json!({ "document": agreement() }))
            .await
            .ok();
        let sha256 = read["sha256"].as_str().unwrap();
        let sign = json!({ "act": "sign" });
        let acts = "/api/v1/agreements/nv-ard/acts";
        let post = async |stage: &Stage, statement: Value| {
            stage.world.post("ada", acts, &json!({ "statement": statement })).await
        };
        let text = stage.peer.act("nv-ard", "ardenia", &"0".repeat(64), &sign, at);
        post(&stage, text).await.refused(422, "agreement-other");
        let party = stage.peer.act("nv-ard", "norvik", sha256, &sign, at);
        post(&stage, party).await.refused(422, "not-a-party");
        let key = twin.act("nv-ard", "ardenia", sha256, &sign, at);
        post(&stage, key).await.refused(422, "bad-signature");
        let pass = comity_ledger::statement::sign(
            comity_ledger::statement::StatementKind::Pass,
            &json!({ "hub": "ard" }),
            &stage.peer.signing,
        );
        post(&stage, value(&pass.unwrap())).await.refused(422, "payload-type");
        stage
            .world
            .post("ada", acts, &json!({ "act": { "act": "ratify" } }))
            .await
            .refused(422, "not-signed");
        stage.world.post("ada", acts, &json!({})).await.refused(422, "value-invalid");
        assert_eq!(
            stage.world.get("ada", "/api/v1/agreements/nv-ard").await.ok()["status"]["state"],
            "draft"
        );
        stage.world.finish().await;
    });
}
