//! The sharing gate over the API: from a refusal to content at another hub, and back.

mod bad;
mod peer;
mod place;
mod raters;
mod settled;

use serde_json::{Value, json};

use self::peer::{Peer, agreement, answers, open_gates};
use crate::world::{DAY_MS, World, report, run};

/// A hub with people in every office, a peer that is admitted, and a case that the peer acknowledged.
pub(super) struct Stage {
    pub(super) world: World,
    peer: Peer,
    pub(super) case: String,
}

/// Text that only its own tier may carry.
pub(super) fn marked() -> Value {
    let mut report = report("MARK-T2-title nested roles bypass the guardrail");
    report["abstract"]["summary"] = json!("MARK-T2-summary of the flaw");
    report["affected"] = json!({
        "artefacts": [{
            "kind": "model_api_service", "name": "MARK-T1-name", "version": "MARK-T2-version",
            "surface": "api",
        }],
        "domains": ["general"],
        "declared_developers": ["MARK-T3-developer"],
    });
    report["technical"]["description"] = json!("MARK-T3-description of the cause");
    report["technical"]["harm_types"] = json!(["financial_property"]);
    report["reproduction"] = json!({ "steps": "MARK-T5-steps", "payload": "MARK-T5-payload" });
    report["remedies"] =
        json!({ "classes": ["update_guardrail_filter"], "note": "MARK-T3-remedy" });
    report["identity"] = json!({ "name": "MARK-NEVER-identity" });
    report["disclosure"] = json!({ "requests": "MARK-NEVER-deliberation" });
    report
}

impl Stage {
    pub(super) async fn new() -> Self {
        Self::with(&marked()).await
    }

    pub(super) async fn with(report: &Value) -> Self {
        let mut world = World::new().await;
        peer::people(&mut world).await;
        let peer = Peer::new("ard", 7);
        world.post("root", "/api/v1/peer-identities", &peer.form("rival")).await.ok();
        let filed = world.file("fin", report).await;
        let opened = world.post("ada", "/api/v1/cases", &json!({ "reports": [filed] })).await.ok();
        let case = opened["case"].as_str().unwrap().to_owned();
        for to in ["V", "A"] {
            world.say("ada", "nv", &case, "report.judge", json!({ "to": to })).await;
        }
        let mut stage = Self { world, peer, case };
        stage.invite("ard", "cert-ardenia", "ard", "coordinator").await;
        let sent =
            stage.world.say("ada", "nv", &stage.case, "report.send", json!({ "to": "ard" })).await;
        stage.says("ard", "report.ack", json!({ "of": sent })).await;
        stage
    }

    pub(super) async fn invite(&self, party: &str, org: &str, hub: &str, role: &str) {
        let invite = json!({ "party": party, "org": org, "hub": hub, "roles": [role],
            "rsvp_at": self.world.now_ms() + 7 * DAY_MS });
        self.world.say("ada", "nv", &self.case, "party.invite", invite).await;
    }

    /// An entry of the peer, carried across by hand.
    pub(super) async fn says(&mut self, party: &str, kind: &str, body: Value) {
        let entries = self.at("entries?limit=200");
        let known = self.world.get("ada", &entries).await.ok();
        let at = self.world.now_ms();
        let entry = self.peer.entry(&self.case, &known, party, kind, body, at);
        let form = json!({ "entries": [entry] });
        self.world.post("ada", &self.at("entries"), &form).await.ok();
    }

    pub(super) fn at(&self, what: &str) -> String {
        format!("/api/v1/cases/{}/{what}", self.case)
    }

    /// Signs the agreement with the peer, on both sides, with the model clauses.
    pub(super) async fn agree(&self) {
        let document = agreement();
        let read =
            self.world.post("ada", "/api/v1/agreements", &json!({ "document": document })).await;
        let sha256 = read.ok()["sha256"].as_str().unwrap().to_owned();
        for act in [json!({ "act": "sign" }), json!({ "act": "accept-clauses", "clauses": "1" })] {
            self.act(&json!({ "act": act })).await;
            let at = self.world.now_ms();
            let statement = self.peer.act("nv-ard", "ardenia", &sha256, &act, at);
            self.act(&json!({ "statement": statement })).await;
        }
    }

    pub(super) async fn act(&self, form: &Value) -> Value {
        self.world.post("ada", "/api/v1/agreements/nv-ard/acts", form).await.ok()
    }

    /// Asks for a screen with everything answered as low as facts allow.
    pub(super) async fn screen(&self, tier: &str, over: Value) -> Value {
        let mut all = answers();
        for (key, level) in over.as_object().unwrap() {
            all[key] = level.clone();
        }
        let ask = json!({ "requested": tier, "purpose": "remediation", "answers": all,
            "gates": open_gates() });
        let form = json!({ "party": "ard", "ask": ask });
        self.world.post("ada", &self.at("screens"), &form).await.ok()
    }

    pub(super) async fn approve(
        &self,
        who: &str,
        office: &str,
        screen: &Value,
        tier: &str,
    ) -> Value {
        let at = self.at(&format!("screens/{}/approvals", screen["screen"].as_str().unwrap()));
        let form = json!({ "result": screen["result_hash"], "tier": tier, "office": office });
        self.world.post(who, &at, &form).await.ok()
    }

    /// Screens, approves by two officers, shares and lets the outbox run; returns the share.
    pub(super) async fn share(&self, tier: &str, over: Value) -> Value {
        let screen = self.screen(tier, over).await;
        self.approve("olga", "officer", &screen, tier).await;
        let decided = self.approve("otto", "officer", &screen, tier).await;
        assert_eq!(decided["state"], "approved", "{decided}");
        let form = json!({ "screen": decided["screen"] });
        let shared = self.world.act("ada", &self.case, "shares", &form).await.ok();
        comity_server::tasks::run_due(&self.world.hub).await.unwrap();
        shared
    }

    pub(super) async fn package(&self, share: &Value) -> Value {
        let at = self.at(&format!("shares/{}/package", share["share"].as_str().unwrap()));
        self.world.get("ada", &at).await.ok()
    }

    /// Codes of what was refused, as the coordination room has them.
    pub(super) async fn refused(&self) -> Vec<String> {
        let mut codes = Vec::new();
        for room in self.world.hub.store().rooms_of_case(&self.case, 10).await.unwrap() {
            for row in self.world.hub.store().entries(&room.room_id, 0, 1000).await.unwrap() {
                if row.kind != "share.refused" {
                    continue;
                }
                let envelope = comity_ledger::envelope::Envelope::parse(&row.envelope).unwrap();
                let entry = comity_ledger::entry::Entry::parse(envelope.payload()).unwrap();
                for code in entry.body["codes"].as_array().unwrap() {
                    codes.push(code.as_str().unwrap().to_owned());
                }
            }
        }
        codes
    }
}

#[test]
fn a_share_is_refused_without_agreement_then_granted_at_t1_and_at_t2_after_the_patch() {
    run(async {
        let stage = Stage::new().await;
        let first = stage.screen("T2", json!({ "B4": 3 })).await;
        assert_eq!(
            (&first["state"], &first["result"]["plan"]["tier"]),
            (&json!("refused"), &json!("T0"))
        );
        let why = first["result"]["tiers"][1]["reasons"].as_array().unwrap();
        assert!(why.contains(&json!("gate:E6")), "{why:?}");
        assert_eq!(first["result"]["opens"][0]["now"], json!(["agreement"]));
        stage.agree().await;
        // T2 is too much while the flaw is unpatched; T1 goes.
        let second = stage.screen("T2", json!({ "B4": 3 })).await;
        let plan = &second["result"]["plan"];
        assert_eq!((&plan["tier"], &plan["approval"]), (&json!("T1"), &json!("two")));
        let shared = stage.share("T1", json!({ "B4": 3 })).await;
        assert_eq!(shared["tier"], "T1");
        let package = stage.package(&shared).await;
        let seen = stage.peer.opens(&package);
        assert!(seen.contains("MARK-T1-name") && !seen.contains("MARK-T2"), "{seen}");
        // A vendor fixes it; what is fixed everywhere is no secret any more.
        stage.invite("acme", "acme", "nv", "vendor").await;
        let sent =
            stage.world.say("ada", "nv", &stage.case, "report.send", json!({ "to": "acme" })).await;
        stage.world.say("ann", "acme", &stage.case, "report.ack", json!({ "of": sent })).await;
        for to in ["V", "A"] {
            stage.world.say("ann", "acme", &stage.case, "report.judge", json!({ "to": to })).await;
        }
        stage.world.say("ann", "acme", &stage.case, "fix.ready", json!({})).await;
        stage.world.advance(DAY_MS);
        let shared = stage.share("T2", json!({ "B4": 1, "B5": 2 })).await;
        assert_eq!(shared["tier"], "T2");
        let seen = stage.peer.opens(&stage.package(&shared).await);
        assert!(seen.contains("MARK-T2-title") && !seen.contains("MARK-T3"), "{seen}");
        let listed = stage.world.get("ada", &stage.at("shares")).await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");
        assert_eq!(listed["unpassed"], json!([]));
        // The peer's reading: the pass it was given is this hub's, for it, for these bytes.
        stage.world.finish().await;
    });
}

#[test]
fn facts_answer_so_much_that_people_are_asked_twelve_questions_at_most() {
    run(async {
        let mut plain = report("A role inside a role bypasses the guardrail");
        plain["affected"] = json!({ "artefacts": [{
            "kind": "model_api_service", "name": "Lumen", "surface": "api" }] });
        plain["assessments"] = json!([{
            "assessor": "finder", "role": "finder", "at": "2027-01-04T12:00:00Z",
            "lexicon": "1.0.0", "inputs": { "ease": "trivial" } }]);
        let stage = Stage::with(&plain).await;
        let ask = json!({ "requested": "T2", "purpose": "remediation", "gates": open_gates() });
        let form = json!({ "party": "ard", "ask": ask });
        let made = stage.world.post("ada", &stage.at("screens"), &form).await.ok();
        let asked = made["asked"].as_array().unwrap();
        assert!(asked.len() <= 12, "{} {asked:?}", asked.len());
        let by = |question: &str| {
            let given = made["given"].as_array().unwrap();
            given.iter().find(|one| one["question"] == question).unwrap().clone()
        };
        assert_eq!((&by("C1")["level"], &by("C1")["by"]), (&json!(4), &json!("machine")));
        assert_eq!(by("C1")["reason"], "trivial-unpatched");
        assert_eq!(
            (&by("B5")["reason"], &by("D2")["reason"]),
            (&json!("nothing-sent"), &json!("coordinator"))
        );
        assert_eq!(by("C2")["level"], Value::Null, "without packs unknown stays unknown");
        // A person may raise it, and is refused below it.
        let low = json!({ "party": "ard", "ask": { "requested": "T2", "purpose": "remediation",
            "answers": { "C1": 1 } } });
        let refused = stage.world.post("ada", &stage.at("screens"), &low).await;
        let refused = refused.refused(422, "answer-lowered");
        assert_eq!(refused["errors"][0]["pointer"], "/ask/answers/C1");
        assert_eq!(stage.refused().await, ["answer-lowered"]);
        stage.world.finish().await;
    });
}

#[test]
fn a_preview_shows_what_each_hub_would_see_and_stores_nothing() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        let rows = stage.world.get("ada", &stage.at("screens")).await.ok();
        let form = json!({
            "ask": { "requested": "T2", "purpose": "remediation", "answers": answers(),
                "gates": open_gates() },
            "recipients": [{ "party": "ard" }, { "party": "nv" }, { "party": "nobody" }],
        });
        let shown = stage.world.post("ada", &stage.at("share-preview"), &form).await.ok();
        let first = &shown["items"][0]["preview"];
        assert_eq!((&first["tier"], &first["recipient"]), (&json!("T2"), &json!("cert-ardenia")));
        let bytes = serde_json_canonicalizer::to_vec(&first["bundle"]).unwrap();
        let hash = comity_ledger::digest::hex(&comity_ledger::digest::sha256(&bytes));
        assert_eq!(first["bundle_hash"], format!("sha256:{hash}"));
        assert_eq!(first["bytes"], bytes.len());
        let stays = first["withheld"].as_array().unwrap();
        let because =
            |path: &str| stays.iter().find(|one| one["path"] == path).unwrap()["because"].clone();
        assert_eq!(because("technical.description"), json!(["not-requested"]));
        assert_eq!(because("disclosure"), json!(["never"]));
        assert_eq!(shown["items"][1]["refusals"][0]["code"], "share-at-home");
        assert_eq!(shown["items"][2]["refusals"][0]["code"], "unknown-party");
        assert_eq!(stage.world.get("ada", &stage.at("screens")).await.ok(), rows);
        // Its bytes are those that are sent.
        let shared = stage.share("T2", json!({})).await;
        assert_eq!(shared["bundle_hash"], first["bundle_hash"]);
        stage.world.finish().await;
    });
}

#[test]
fn a_withdrawn_share_ends_its_pass_and_leaves_no_copy() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        let shared = stage.share("T1", json!({})).await;
        let share = shared["share"].as_str().unwrap();
        stage.package(&shared).await;
        let withdraw = stage.at(&format!("shares/{share}/withdrawals"));
        stage.world.post("ada", &withdraw, &json!({ "why": "sent too early" })).await.ok();
        let again = stage.world.post("ada", &withdraw, &json!({ "why": "again" })).await;
        again.refused(422, "pass-revoked");
        assert_eq!(stage.refused().await, ["pass-revoked"]);
        let package = stage.world.get("ada", &stage.at(&format!("shares/{share}/package"))).await;
        package.refused(422, "pass-revoked");
        let listed = stage.world.get("ada", &stage.at("shares")).await.ok();
        assert_eq!(listed["items"][0]["waits"], false);
        assert!(listed["items"][0]["withdrawn_at"].is_string());
        // What was sealed for it is shredded here; the entry stays.
        let state = stage.world.get("ada", &stage.at("entries?limit=200")).await.ok();
        let seals =
            state["items"].as_array().unwrap().iter().filter(|e| e["kind"] == "content.seal");
        assert_eq!(seals.count(), listed["items"][0]["sealed"].as_array().unwrap().len());
        assert!(stage.world.hub.store().outbound_of_hub("ard", "", 10).await.unwrap().is_empty());
        // Another share to the same peer has keys of its own and is not touched.
        let other = stage.share("T1", json!({ "B5": 2 })).await;
        assert!(stage.peer.opens(&stage.package(&other).await).contains("MARK-T1-name"));
        stage.world.finish().await;
    });
}

#[test]
fn nobody_decides_in_time_and_a_refusal_lapses_into_a_new_screen() {
    run(async {
        let stage = Stage::new().await;
        let refused = stage.screen("T2", json!({})).await;
        stage.agree().await;
        let open = stage.screen("T1", json!({})).await;
        let task = |clocks: &Value, code: &str| {
            clocks["sharing"].as_array().unwrap().iter().any(|one| one["code"] == code)
        };
        let clocks = stage.world.get("ada", &stage.at("clocks")).await.ok();
        assert!(task(&clocks, "screen-decide") && task(&clocks, "screen-again"), "{clocks}");
        stage.world.advance(49 * 3_600_000);
        stage.world.hub.tend_screens().await.unwrap();
        let clocks = stage.world.get("ada", &stage.at("clocks")).await.ok();
        assert!(task(&clocks, "screen-overdue") && !task(&clocks, "screen-decide"), "{clocks}");
        stage.world.advance(30 * DAY_MS);
        stage.world.hub.tend_screens().await.unwrap();
        let list = stage.world.get("ada", &stage.at("screens")).await.ok();
        let row = |id: &Value| {
            let items = list["items"].as_array().unwrap();
            items.iter().find(|one| one["screen"] == *id).unwrap().clone()
        };
        assert_eq!(row(&refused["screen"])["state"], "superseded");
        let items = list["items"].as_array().unwrap();
        let new = items.iter().find(|one| one["supersedes"] == refused["screen"]).unwrap();
        // With the agreement now in force the same answers are a question to people again.
        assert_eq!(new["state"], "open");
        assert!(row(&open["screen"])["state"] == "open");
        stage.world.finish().await;
    });
}

#[test]
fn an_authority_and_an_independent_reviewer_release_what_escalates() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        // R is 3 and the benefit 3: above what officers may release.
        let screen = stage.screen("T2", json!({ "B4": 3, "D2": 3 })).await;
        let verdict = &screen["result"]["tiers"][2];
        assert_eq!(
            (&verdict["verdict"], &verdict["approval"]),
            (&json!("escalate"), &json!("authority"))
        );
        let one = stage.approve("vera", "authority", &screen, "T2").await;
        assert_eq!(one["state"], "open");
        let twice = json!({ "result": screen["result_hash"], "tier": "T2", "office": "authority" });
        let at = stage.at(&format!("screens/{}/approvals", screen["screen"].as_str().unwrap()));
        stage.world.post("vera", &at, &twice).await.refused(422, "already-there");
        let officer = json!({ "result": screen["result_hash"], "tier": "T2", "office": "officer" });
        stage.world.post("rosa", &at, &officer).await.refused(422, "office-not-held");
        let decided = stage.approve("rosa", "reviewer", &screen, "T2").await;
        assert_eq!(decided["state"], "approved");
        let form = json!({ "screen": decided["screen"] });
        stage.world.act("ada", &stage.case, "shares", &form).await.ok();
        // Nobody who asked or approved decides the appeal.
        let leaf = decided["screen"].as_str().unwrap();
        let appeals = stage.at(&format!("screens/{leaf}/appeals"));
        stage.world.post("fin", &appeals, &json!({ "why": "too little" })).await.ok();
        let decisions = stage.at(&format!("screens/{leaf}/appeal-decisions"));
        let decide = json!({ "decision": "upheld", "why": "as it was" });
        stage.world.post("vera", &decisions, &decide).await.refused(422, "appeal-involved");
        stage.world.post("otto", &decisions, &decide).await.ok();
        let notes = stage.world.get("fin", &stage.at("screen-notes")).await.ok();
        assert_eq!(notes["items"][0]["note"]["schema"], "comity.screen-note/1");
        assert!(!notes.to_string().contains("rival") && !notes.to_string().contains("answers"));
        stage.world.advance(31 * DAY_MS);
        let late = stage.world.post("fin", &appeals, &json!({ "why": "late" })).await;
        late.refused(422, "appeal-too-late");
        assert!(
            stage
                .refused()
                .await
                .ends_with(&["appeal-involved".to_owned(), "appeal-too-late".to_owned()])
        );
        stage.world.finish().await;
    });
}

#[test]
fn the_exported_record_replays_byte_for_byte_and_the_table_hides_small_counts() {
    run(async {
        let stage = Stage::new().await;
        stage.agree().await;
        for _ in 0..6 {
            stage.screen("T5", json!({ "C4": 4, "A1": 4 })).await;
        }
        let screen = stage.screen("T1", json!({})).await;
        let leaf = screen["screen"].as_str().unwrap();
        let export =
            stage.world.get("audit", &stage.at(&format!("screens/{leaf}/record"))).await.ok();
        let record = export["record"].as_str().unwrap();
        let policies = comity_core::sharing::Policies::embedded().unwrap();
        let replayed = comity_core::sharing::replay(record.as_bytes(), &policies).unwrap();
        assert!(replayed.is_identical());
        let salt = export["salt"].as_str().unwrap().parse().unwrap();
        let signed =
            comity_core::sharing::SignedRecord::read(&serde_json::to_vec(&export).unwrap());
        let signed = signed.unwrap();
        signed.check(Some(stage.world.hub.verifying_key())).unwrap();
        let other = comity_ledger::key::SigningKey::from_bytes(&[3; 32]);
        assert!(signed.check(Some(other.verifying_key())).is_err());
        let found = comity_core::sharing::leaf(&salt, record.as_bytes());
        assert_eq!(comity_ledger::digest::hex(&found), leaf);
        let table = "/api/v1/public/screens?quarter=2027-Q1";
        stage.world.get("", table).await.refused(422, "quarter-not-over");
        stage
            .world
            .get("", "/api/v1/public/screens?quarter=soon")
            .await
            .refused(422, "value-invalid");
        stage.world.advance(100 * DAY_MS);
        let table = stage.world.get("", table).await.ok();
        assert_eq!(table["schema"], "comity.screen-public/1");
        assert!(!table.to_string().contains(&stage.case));
        stage.world.finish().await;
    });
}
