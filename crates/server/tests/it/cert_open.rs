//! What is open of certification over HTTP: procedure, published assessments, lessons; pauses of timers.

use comity_core::cert::day::Day;
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::world::{Seen, World, run};

const PROFILE: &str = include_str!("../../../../demo/certification/profile.toml");
const STANDARD: &str = "/api/v1/cert/standards/ex-1";
/// Invented jurisdictions; the second has an authority of its own.
const NAMES: [&str; 5] = ["ardenia1", "brellan1", "corvia01", "dunmere1", "galdria1"];

fn urn(id: &str) -> String {
    format!("urn:comity:jur:{id}")
}

fn hash(n: u8) -> String {
    format!("sha256:{}", format!("{n:02x}").repeat(32))
}

/// An exercise in virtual time.
struct Exercise<'w> {
    world: &'w World,
    day: Day,
    count: u32,
}

impl<'w> Exercise<'w> {
    /// A standard that applies, with one question and five jurisdictions.
    async fn applicable(world: &'w World) -> Self {
        let mut exercise = Self { world, day: Day::parse("2030-06-01").unwrap(), count: 0 };
        let key = comity_ledger::key::SigningKey::from_bytes(&[1; 32]);
        let key = BASE64.encode(&key.verifying_key().to_bytes());
        let act = json!({"standard": "ex-1", "title": {"en": "Exercise"}, "languages": ["en"],
            "origin": "register.example", "profile": PROFILE, "simulated": true,
            "registrars": {"threshold": 1, "registrars": [{"id": "r1", "key": key}]},
            "disapproval_days": 0, "applicable_on": "2031-01-01", "sunset_on": "2034-01-01"});
        let form = json!({"act": act, "at": exercise.at()});
        world.post("reg", "/api/v1/cert/standards", &form).await.ok();
        for id in NAMES {
            let organisation = if id == NAMES[1] { "brelland" } else { "ardenia" };
            exercise
                .ok(
                    "reg",
                    STANDARD,
                    "cert.jurisdiction.list",
                    json!({"urn": urn(id),
                "kind": "state", "names": {"en": id}, "authorities": [{"name": "Authority",
                "roles": ["assessment"], "organisation": organisation}]}),
                )
                .await;
        }
        let question = json!({"pq": "LEG-1", "area": "LEG", "ce": 1, "control": "LEG-1", "text": "Is there a law?"});
        let questions = json!({"questions": [question]});
        exercise.ok("reg", STANDARD, "cert.questions.adopt", questions).await;
        for to in ["DRAFT", "COMMENT"] {
            exercise.ok("reg", STANDARD, "cert.standard.step", json!({"to": to})).await;
        }
        exercise.pass(60);
        exercise.motion("m-adopt", "ADOPTED", "ex-1", None).await;
        let step = json!({"to": "ADOPTED", "languages": ["en"], "motion": "m-adopt"});
        exercise.ok("reg", STANDARD, "cert.standard.step", step).await;
        exercise.day = Day::parse("2031-01-01").unwrap();
        for to in ["EFFECTIVE", "APPLICABLE"] {
            exercise.ok("reg", STANDARD, "cert.standard.step", json!({"to": to})).await;
        }
        exercise
    }

    fn pass(&mut self, days: i64) {
        self.day = self.day.plus(days);
    }

    fn at(&mut self) -> String {
        self.count += 1;
        format!("{}T{:02}:{:02}:00Z", self.day, self.count / 60 % 24, self.count % 60)
    }

    async fn say(&mut self, who: &str, path: &str, kind: &str, act: Value) -> Seen {
        let seen = self.world.get(who, path).await.ok()["etag"].as_str().unwrap().to_owned();
        let at = self.at();
        self.world
            .ask(who, "POST", &format!("{path}/commands"))
            .header("idempotency-key", &self.world.key())
            .header("if-match", &format!("\"{seen}\""))
            .bytes(json!({"kind": kind, "act": act, "at": at}).to_string())
            .send()
            .await
    }

    async fn ok(&mut self, who: &str, path: &str, kind: &str, act: Value) {
        self.say(who, path, kind, act).await.ok();
    }

    /// Puts a motion that everyone votes for.
    async fn motion(&mut self, id: &str, decision: &str, subject: &str, about: Option<&str>) {
        let chambers: &[(&str, &str)] = match decision {
            "REFUSED" => &[("states", "s1"), ("board", "board-chair")],
            "CONCERN_CONFIRMED" => &[("committee", "k1")],
            _ => &[("states", "s1")],
        };
        let rolls: Vec<Value> = chambers
            .iter()
            .map(|(chamber, voter)| json!({"chamber": chamber, "voters": [{"id": voter, "weight": 1}]}))
            .collect();
        let mut motion = json!({"motion": id, "decision": decision, "subject": subject, "rolls": rolls,
            "opens": format!("{}T00:00:00Z", self.day), "closes": format!("{}T00:00:00Z", self.day.plus(2))});
        if let Some(about) = about {
            motion["about"] = json!(about);
        }
        self.ok("reg", STANDARD, "cert.motion.open", motion).await;
        self.pass(1);
        for (chamber, voter) in chambers {
            let ballot = json!({"motion": id, "chamber": chamber, "voter": voter, "choice": "yes",
                "at": format!("{}T00:00:00Z", self.day)});
            self.ok("reg", STANDARD, "cert.ballot.cast", ballot).await;
        }
        self.pass(2);
        self.ok("reg", STANDARD, "cert.motion.close", json!({"motion": id})).await;
    }

    /// Leads an assessment with one finding to its decision; returns its address.
    async fn assess(&mut self, id: &str) -> String {
        let (who, name) = (if id == NAMES[1] { "dob" } else { "del" }, format!("a-{id}"));
        let at = self.at();
        let apply = json!({"assessment": name, "standard": "ex-1", "jurisdiction": urn(id), "purpose": "initial"});
        let form = json!({"act": apply, "at": at});
        self.world.post(who, "/api/v1/cert/assessments", &form).await.ok();
        let path = format!("/api/v1/cert/assessments/{name}");
        let path = path.as_str();
        self.ok(who, path, "cert.evidence.add", json!({"evidence": "d1", "sha256": hash(1),
            "effective_from": "2030-01-01", "collected_on": "2030-02-01", "collector": "CANARY-OFFICE",
            "method": "EXAMINE", "holder": "hub-x", "about": ["LEG-1"]})).await;
        self.ok(who, path, "cert.claim.file", json!({"answers": [{"pq": "LEG-1", "answer": "S"}]}))
            .await;
        for to in ["SELF_ASSESSED", "DESK_REVIEW"] {
            self.ok("asr", path, "cert.assessment.step", json!({"to": to})).await;
        }
        let members: Vec<Value> = (0..4)
            .map(|n| json!({"id": format!("t{n}"), "region": format!("region-{n}")}))
            .collect();
        self.ok("reg", path, "cert.team.name", json!({"members": members})).await;
        let visit = self.day.plus(10);
        self.ok(
            "asr",
            path,
            "cert.plan.file",
            json!({"scope": "All.", "from": visit,
            "until": visit.plus(5), "sampling": "All.", "visit": "remote"}),
        )
        .await;
        self.ok("asr", path, "cert.assessment.step", json!({"to": "TEAM_NOMINATED"})).await;
        self.ok("asr", path, "cert.plan.sign", json!({"member": "t1"})).await;
        self.ok(who, path, "cert.plan.sign", json!({})).await;
        self.pass(12);
        self.ok("asr", path, "cert.assessment.step", json!({"to": "ONSITE"})).await;
        self.ok(
            "asr",
            path,
            "cert.question.determine",
            json!({"pq": "LEG-1", "answer": "NS", "evidence": ["d1"]}),
        )
        .await;
        self.ok(
            "asr",
            path,
            "cert.finding.write",
            json!({"finding": "f1", "pq": "LEG-1",
            "grade": "major", "text": format!("CANARY-TEXT of {id}"), "root_cause": "CANARY-CAUSE",
            "office": "CANARY-OFFICE", "evidence": ["d1"]}),
        )
        .await;
        for to in ["CLOSING_MEETING", "DRAFT"] {
            self.ok("asr", path, "cert.assessment.step", json!({"to": to})).await;
        }
        self.ok(who, path, "cert.comment.file", json!({"comment": "k1", "text": "No."})).await;
        self.ok("asr", path, "cert.assessment.step", json!({"to": "COMMENTS"})).await;
        self.ok("asr", path, "cert.comment.answer", json!({"comment": "k1", "text": "Yes."})).await;
        self.ok("asr", path, "cert.report.file", json!({"sha256": hash(9)})).await;
        path.to_owned()
    }

    async fn decide(&mut self, id: &str) {
        let (name, motion) = (format!("a-{id}"), format!("m-{id}"));
        self.motion(&motion, "REFUSED", &urn(id), Some(&name)).await;
        let path = format!("/api/v1/cert/assessments/{name}");
        self.ok("reg", &path, "cert.assessment.decide", json!({"motion": motion})).await;
    }
}

#[test]
fn a_decided_assessment_is_open_as_the_profile_says_and_its_report_once_the_assessed_publishes_it()
{
    run(async {
        let world = World::new().await;
        let mut exercise = Exercise::applicable(&world).await;
        let path = exercise.assess(NAMES[0]).await;
        let (list, open) =
            (format!("{STANDARD}/assessments"), format!("{STANDARD}/assessments/a-ardenia1"));
        world.get("", &open).await.refused(404, "not-found");
        assert_eq!(world.get("", &list).await.ok()["items"], json!([]));
        exercise.decide(NAMES[0]).await;
        let shown = world.get("", &open).await.ok();
        assert_eq!(shown["summary"]["jurisdiction"], urn(NAMES[0]));
        assert_eq!(shown["ratings"]["controls"][0]["rating"], "NC");
        assert!(shown.get("report").is_none());
        assert!(!shown.to_string().contains("CANARY"));
        assert_eq!(
            world.get("", &list).await.ok()["items"][0]["open"],
            json!(["summary", "ratings"])
        );
        // `full_report = "assessed"`: the registrar may not, the jurisdiction may.
        let act = json!({"sha256": hash(9)});
        let refused = exercise.say("reg", &path, "cert.report.publish", act.clone()).await;
        refused.refused(422, "not-yours-to-publish");
        exercise.ok("del", &path, "cert.report.publish", act).await;
        let report = &world.get("", &open).await.ok()["report"];
        assert_eq!(report["findings"][0]["text"], "CANARY-TEXT of ardenia1");
        assert_eq!((&report["published_by"], &report["withheld"]), (&json!("subject"), &json!(0)));
        assert!(!report.to_string().contains("evidence"));
        world.get("", &format!("{STANDARD}/assessments/none")).await.refused(404, "not-found");
        world
            .get("", "/api/v1/cert/standards/none/assessments/a-ardenia1")
            .await
            .refused(404, "not-found");
        // Written anew the list says the same.
        let before = world.get("", &list).await.ok();
        world.hub.rebuild().await.unwrap();
        assert_eq!(world.get("", &list).await.ok(), before);
        world.finish().await;
    });
}

#[test]
fn lessons_are_computed_from_five_assessments_and_name_nobody() {
    run(async {
        let world = World::new().await;
        let mut exercise = Exercise::applicable(&world).await;
        let lessons = format!("{STANDARD}/lessons");
        for id in &NAMES[..4] {
            exercise.assess(id).await;
            exercise.decide(id).await;
        }
        let publish = "cert.lessons.publish";
        let few = exercise.say("reg", STANDARD, publish, json!({})).await;
        few.refused(422, "lessons-too-few");
        world.get("", &lessons).await.refused(404, "not-found");
        exercise.assess(NAMES[4]).await;
        exercise.decide(NAMES[4]).await;
        // Nothing of them is said by hand, and only registrars publish them.
        let said = json!({"assessments": 5, "lessons": [], "suppressed": 0});
        let said = exercise.say("reg", STANDARD, publish, said).await;
        said.refused(400, "member-unknown");
        exercise.say("asr", STANDARD, publish, json!({})).await.refused(422, "not-your-act");
        exercise.ok("reg", STANDARD, publish, json!({})).await;
        let shown = world.get("", &lessons).await;
        let found = shown.ok();
        assert_eq!((&found["assessments"], &found["suppressed"]), (&json!(5), &json!(0)));
        assert_eq!(
            found["lessons"][0],
            json!({"area": "LEG", "control": "LEG-1", "assessments": 5,
            "grades": {"major": 5}})
        );
        let entries = world.get("", &format!("{STANDARD}/entries?limit=100")).await.ok();
        let entries = entries["items"].as_array().unwrap();
        assert!(entries.iter().any(|entry| entry["kind"] == publish) || entries.len() == 100);
        for canary in NAMES.iter().chain(&["CANARY", "urn:", "d1", "sha256"]) {
            assert!(!shown.text().contains(canary), "{canary}");
        }
        world.finish().await;
    });
}

#[test]
fn a_timer_is_paused_by_a_decision_and_why_stays_sealed() {
    run(async {
        let world = World::new().await;
        let mut exercise = Exercise::applicable(&world).await;
        let concern = json!({"concern": "c1", "jurisdiction": urn(NAMES[0]), "control": "LEG-1",
            "statement": "S", "evidence": []});
        exercise.ok("asr", STANDARD, "cert.concern.raise", concern).await;
        exercise
            .ok("del", STANDARD, "cert.concern.reply", json!({"concern": "c1", "text": "R"}))
            .await;
        exercise.motion("m-c1", "CONCERN_CONFIRMED", &urn(NAMES[0]), Some("c1")).await;
        let step = json!({"concern": "c1", "to": "confirmed", "motion": "m-c1"});
        exercise.ok("reg", STANDARD, "cert.concern.step", step).await;
        // Nobody reads of the concern before it is out, in states, motions or entries.
        for (who, status) in [("", 404), ("dob", 404), ("del", 200), ("reg", 200)] {
            let motion = world.get(who, &format!("{STANDARD}/motions/m-c1")).await;
            assert_eq!(motion.status, status, "{who}");
        }
        let mut pause = json!({"timer": "concern-public", "about": "c1",
            "reason": "CANARY-REASON", "official": "CANARY-OFFICIAL"});
        let bare = exercise.say("reg", STANDARD, "cert.timer.pause", pause.clone()).await;
        bare.refused(422, "pause-undecided");
        let own = exercise.say("del", STANDARD, "cert.timer.pause", pause.clone()).await;
        own.refused(422, "not-your-act");
        exercise.motion("m-p", "TIMER_PAUSED", &urn(NAMES[0]), Some("concern-public/c1")).await;
        pause["motion"] = json!("m-p");
        exercise.ok("reg", STANDARD, "cert.timer.pause", pause.clone()).await;
        pause.as_object_mut().unwrap().remove("motion");
        let twice = exercise.say("reg", STANDARD, "cert.timer.pause", pause).await;
        twice.refused(422, "timer-paused");
        exercise.pass(200);
        let holidays = json!({"calendar": "working", "days": ["2033-01-03"], "source": "Decree 4"});
        exercise.ok("reg", STANDARD, "cert.holidays.list", holidays).await;
        let staff = world.get("reg", STANDARD).await.ok();
        let due = staff["state"]["due"].as_array().unwrap().clone();
        let due = due.into_iter().find(|due| due["timer"] == "concern-public").unwrap();
        assert_eq!((&due["over"], &due["paused_days"]), (&json!(false), &json!(200)));
        assert_eq!(staff["state"]["pauses"][0]["reason"], "CANARY-REASON");
        let public = world.get("", STANDARD).await;
        assert_eq!(public.ok()["state"]["concerns"], json!([]));
        assert!(!public.text().contains("CANARY") && !public.text().contains("\"c1\""));
        for room in world.hub.store().rooms_of_kind("cert-standard", "", 10).await.unwrap() {
            // The first entry holds the profile, which names every decision.
            for entry in world.hub.store().entries(&room.room_id, 1, 1000).await.unwrap() {
                let envelope = comity_ledger::envelope::Envelope::parse(&entry.envelope).unwrap();
                let text = String::from_utf8_lossy(envelope.payload()).into_owned();
                for canary in ["CANARY", "CONCERN_CONFIRMED", "concern-public", "TIMER_PAUSED"] {
                    assert!(!text.contains(canary), "{canary}: {text}");
                }
            }
        }
        let resume = json!({"timer": "concern-public", "about": "c1", "reason": "Over.", "official": "Director"});
        exercise.ok("reg", STANDARD, "cert.timer.resume", resume.clone()).await;
        exercise
            .say("reg", STANDARD, "cert.timer.resume", resume)
            .await
            .refused(422, "timer-not-paused");
        exercise.pass(91);
        let later = json!({"calendar": "working", "days": ["2034-01-02"], "source": "Decree 5"});
        exercise.ok("reg", STANDARD, "cert.holidays.list", later).await;
        let public = world.get("", STANDARD).await.ok();
        assert_eq!(public["state"]["concerns"][0]["concern"], "c1", "now it is out");
        world.get("", &format!("{STANDARD}/motions/m-p")).await.ok();
        world.finish().await;
    });
}

#[test]
fn each_figure_of_a_procedure_is_shown_with_its_analogue_and_how_sure_that_is() {
    run(async {
        let world = World::new().await;
        assert!(world.get("", "/en/standards").await.text().contains("No standard is kept here."));
        world.get("", &format!("{STANDARD}/procedure")).await.refused(404, "not-found");
        let _exercise = Exercise::applicable(&world).await;
        let read = world.get("", &format!("{STANDARD}/procedure")).await.ok();
        assert_eq!((&read["profile"], &read["text"]), (&json!("iaio-default"), &json!(PROFILE)));
        let figures = read["figures"].as_array().unwrap();
        let find = |of: &str, member: &str| {
            figures.iter().find(|f| f["of"] == of && f["member"] == member).unwrap().clone()
        };
        let comments = find("comments", "days");
        assert_eq!(
            (&comments["value"], &comments["analogue"], &comments["confidence"]),
            (&json!("45"), &json!("ICAO about 45"), &json!("low"))
        );
        assert_eq!(comments["warning"], true);
        assert_eq!(find("cap-due", "ldc_days")["value"], "90");
        assert_eq!(find("onsite", "days")["unit"], "working-days");
        let border = figures.iter().find(|f| f["part"] == "border" && f["member"] == "p").unwrap();
        assert_eq!((&border["value"], &border["confidence"]), (&json!("0.07"), &json!("medium")));
        assert_eq!(find("CERTIFIED", "ei >=")["value"], "8000");
        assert_eq!(find("council-suspend states", "threshold")["value"], ">1/2");
        let lows = figures.iter().filter(|figure| figure["warning"] == true).count();
        let low = PROFILE.matches("confidence = \"low\"").count();
        assert!(lows >= low, "{lows} of {low}: one timer may have several figures");
        for (lang, warning) in [("en", "Low: check it first"), ("ar", "منخفضة: تحقق منه أولًا")]
        {
            assert!(world.get("", &format!("/{lang}/standards")).await.text().contains("ex-1"));
            let page = world.get("", &format!("/{lang}/standards/ex-1/procedure")).await;
            assert_eq!(page.status, 200);
            let text = page.text();
            assert_eq!(text.matches(warning).count(), lows, "{lang}");
            assert!(text.contains("ICAO about 45") && !text.contains("<script"));
        }
        assert_eq!(world.get("", "/en/standards/none/procedure").await.status, 404);
        world.finish().await;
    });
}
