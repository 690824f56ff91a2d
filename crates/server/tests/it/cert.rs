//! Certification over HTTP: who may do what, what is public, what stays sealed, what verifies offline.

use comity_core::cert::dossier::{Dossier, Entry};
use comity_core::cert::registry;
use comity_ledger::export::{Checker, Line};
use comity_ledger::key::SigningKey;
use comity_server::demo;
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::world::{DAY_MS, Seen, World, run};

const PROFILE: &str = include_str!("../../../../demo/certification/profile.toml");
const ARDENIA: &str = "urn:comity:jur:ardenia1";
const BRELLAND: &str = "urn:comity:jur:brellan1";

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn proposal(standard: &str, simulated: bool) -> Value {
    let registrars: Vec<Value> = (1..=3)
        .map(|n| json!({"id": format!("r{n}"), "key": BASE64.encode(&key(n).verifying_key().to_bytes())}))
        .collect();
    json!({"standard": standard, "title": {"en": "Standard"}, "languages": ["en"],
        "origin": "register.example", "profile": PROFILE, "simulated": simulated,
        "registrars": {"threshold": 2, "registrars": registrars},
        "disapproval_days": 0, "applicable_on": "2027-01-01", "sunset_on": "2030-01-01"})
}

fn jurisdiction(urn: &str, name: &str) -> Value {
    json!({"urn": urn, "kind": "state", "names": {"en": name},
        "labels": [{"viewer": BRELLAND, "lang": "en", "text": format!("{name} (as labelled)")}],
        "authorities": [{"name": "Authority", "roles": ["assessment"], "organisation": name.to_lowercase()}]})
}

async fn etag(world: &World, path: &str, who: &str) -> String {
    world.get(who, path).await.ok()["etag"].as_str().unwrap().to_owned()
}

async fn say(world: &World, who: &str, path: &str, kind: &str, act: Value) -> Seen {
    let seen = etag(world, path, who).await;
    world
        .ask(who, "POST", &format!("{path}/commands"))
        .header("idempotency-key", &world.key())
        .header("if-match", &format!("\"{seen}\""))
        .bytes(json!({"kind": kind, "act": act}).to_string())
        .send()
        .await
}

/// A standard in real time, open for comment, with two jurisdictions.
async fn standard(world: &World) -> String {
    world
        .post("reg", "/api/v1/cert/standards", &json!({"act": proposal("std-1", false)}))
        .await
        .ok();
    let path = "/api/v1/cert/standards/std-1".to_owned();
    for (urn, name) in [(ARDENIA, "Ardenia"), (BRELLAND, "Brelland")] {
        say(world, "reg", &path, "cert.jurisdiction.list", jurisdiction(urn, name)).await.ok();
    }
    let questions = json!({"questions": [{"pq": "LEG-1", "area": "LEG", "ce": 1, "control": "LEG-1",
        "text": "Is there a law?"}]});
    say(world, "reg", &path, "cert.questions.adopt", questions).await.ok();
    for to in ["DRAFT", "COMMENT"] {
        say(world, "reg", &path, "cert.standard.step", json!({"to": to})).await.ok();
    }
    path
}

/// Leads the standard to application.
async fn applied(world: &World) -> String {
    let path = standard(world).await;
    world.advance(60 * DAY_MS);
    let (opens, closes) =
        (world.clock.now(), world.clock.now() + jiff::SignedDuration::from_hours(48));
    let rolls = json!([{"chamber": "states", "voters": [{"id": ARDENIA, "weight": 1}, {"id": "s2", "weight": 1}]}]);
    let motion = json!({"motion": "m1", "decision": "ADOPTED", "subject": "std-1", "rolls": rolls,
        "opens": opens.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), "closes": closes.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()});
    say(world, "reg", &path, "cert.motion.open", motion).await.ok();
    world.advance(DAY_MS);
    let ballot = json!({"motion": "m1", "chamber": "states", "voter": ARDENIA, "choice": "yes",
        "at": world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()});
    say(world, "dob", &path, "cert.ballot.cast", ballot.clone()).await.refused(422, "not-your-act");
    say(world, "del", &path, "cert.ballot.cast", ballot).await.ok();
    world.advance(2 * DAY_MS);
    say(world, "reg", &path, "cert.motion.close", json!({"motion": "m1"})).await.ok();
    let step = json!({"to": "ADOPTED", "languages": ["en"], "motion": "m1"});
    say(world, "reg", &path, "cert.standard.step", step).await.ok();
    world.advance(DAY_MS);
    for to in ["EFFECTIVE", "APPLICABLE"] {
        say(world, "reg", &path, "cert.standard.step", json!({"to": to})).await.ok();
    }
    path
}

fn application(who: &str) -> Value {
    json!({"act": {"assessment": "a1", "standard": "std-1", "jurisdiction": who, "purpose": "initial"}})
}

#[test]
fn only_a_listed_jurisdiction_is_assessed_and_its_delegate_alone_applies() {
    run(async {
        let world = World::new().await;
        let path = "/api/v1/cert/assessments";
        applied(&world).await;
        for who in ["Example Models Ltd", "urn:comity:org:example", "base-7b"] {
            let refused =
                world.post("del", path, &application(who)).await.refused(422, "not-a-jurisdiction");
            assert_eq!(refused["errors"][0]["pointer"], "/act/jurisdiction");
            assert!(refused["errors"][0]["params"]["why"].is_string());
        }
        let absent = application("urn:comity:jur:nowhere1");
        world.post("del", path, &absent).await.refused(422, "unknown-jurisdiction");
        world.post("dob", path, &application(ARDENIA)).await.refused(422, "not-your-act");
        world.post("ada", path, &application(ARDENIA)).await.refused(404, "not-found");
        world.post("asr", path, &application(ARDENIA)).await.refused(422, "not-your-act");
        let made = world.post("del", path, &application(ARDENIA)).await.ok();
        assert_eq!(made["state"]["mark"], "APPLIED");
        world.post("del", path, &application(ARDENIA)).await.refused(422, "id-taken");
        // Another jurisdiction finds nothing; assessors, registrars and auditors do.
        for (who, status) in
            [("dob", 404), ("fin", 404), ("asr", 200), ("reg", 200), ("audit", 200), ("del", 200)]
        {
            assert_eq!(world.get(who, &format!("{path}/a1")).await.status, status, "{who}");
        }
        let listed = world.get("dob", path).await.ok();
        assert!(listed["items"].as_array().unwrap().is_empty());
        assert_eq!(world.get("del", path).await.ok()["items"][0]["assessment"], "a1");
        let narrow = world.token("del", Some(&["cert:write"])).await;
        world.get(&narrow, &format!("{path}/a1")).await.refused(403, "scope-missing");
        world.finish().await;
    });
}

#[test]
fn a_command_needs_the_state_it_was_decided_on_and_counts_once() {
    run(async {
        let world = World::new().await;
        let path = standard(&world).await;
        let act = json!({"kind": "cert.extension.add", "act": {"from": ARDENIA, "to": BRELLAND, "valid_from": "2027-02-01"}});
        let ask = |seen: &str, key: &str| {
            world
                .ask("reg", "POST", &format!("{path}/commands"))
                .header("idempotency-key", key)
                .header("if-match", &format!("\"{seen}\""))
                .bytes(act.to_string())
        };
        ask("stale", "k-1").send().await.refused(412, "state-changed");
        ask("x", "k-2").without("if-match").send().await.refused(428, "precondition-missing");
        let seen = etag(&world, &path, "reg").await;
        let first = ask(&seen, "k-3").send().await;
        first.ok();
        let again = ask(&seen, "k-3").send().await;
        assert_eq!(
            (first.bytes, again.header("idempotent-replayed")),
            (again.bytes.clone(), "true")
        );
        let entries = world.get("", &format!("{path}/entries")).await.ok();
        let kinds: Vec<&str> = entries["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["kind"].as_str().unwrap())
            .collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "cert.extension.add").count(), 1);
        // A record in real time names no instant; a simulated one must.
        let mut timed = act.clone();
        timed["at"] = json!("2031-01-01T00:00:00Z");
        let seen = etag(&world, &path, "reg").await;
        let refused = world
            .ask("reg", "POST", &format!("{path}/commands"))
            .header("idempotency-key", "k-4")
            .header("if-match", &format!("\"{seen}\""))
            .bytes(timed.to_string())
            .send()
            .await;
        refused.refused(400, "member-unknown");
        let simulated = json!({"act": proposal("std-2", true)});
        world.post("reg", "/api/v1/cert/standards", &simulated).await.refused(422, "field-missing");
        say(&world, "asr", &path, "cert.extension.add", act["act"].clone())
            .await
            .refused(422, "not-your-act");
        say(&world, "reg", &path, "cert.magic", json!({})).await.refused(422, "unknown-kind");
        let basis = json!({"event": "e", "jurisdiction": ARDENIA, "status": "CERTIFIED",
            "valid_from": "2027-02-01", "reason": "INITIAL", "basis": {}});
        say(&world, "reg", &path, "cert.status.set", basis).await.refused(400, "member-unknown");
        world.finish().await;
    });
}

#[test]
fn what_is_confidential_is_in_no_entry_and_names_follow_the_viewer() {
    run(async {
        let world = World::new().await;
        let path = applied(&world).await;
        let concern = json!({"concern": "c1", "jurisdiction": ARDENIA, "control": "LIC-1",
            "statement": "CANARY-STATEMENT", "evidence": []});
        say(&world, "asr", &path, "cert.concern.raise", concern).await.ok();
        world.post("del", "/api/v1/cert/assessments", &application(ARDENIA)).await.ok();
        let a1 = "/api/v1/cert/assessments/a1";
        let claim = json!({"answers": [{"pq": "LEG-1", "answer": "S", "remark": "CANARY-REMARK"}]});
        say(&world, "del", a1, "cert.claim.file", claim).await.ok();
        for room in ["cert-standard", "cert-assessment"] {
            for room in world.hub.store().rooms_of_kind(room, "", 10).await.unwrap() {
                for entry in world.hub.store().entries(&room.room_id, 0, 1000).await.unwrap() {
                    let envelope =
                        comity_ledger::envelope::Envelope::parse(&entry.envelope).unwrap();
                    let text = String::from_utf8_lossy(envelope.payload()).into_owned();
                    assert!(!text.contains("CANARY"), "{text}");
                }
            }
        }
        assert!(!world.get("", &path).await.text().contains("CANARY"));
        assert!(!world.get("dob", &path).await.text().contains("CANARY"));
        assert!(world.get("del", &path).await.text().contains("CANARY-STATEMENT"));
        let narrow = world.token("del", Some(&["cert:write"])).await;
        assert!(
            !world.get(&narrow, &path).await.text().contains("CANARY"),
            "a token that only writes"
        );
        assert!(world.get("del", a1).await.text().contains("CANARY-REMARK"));
        let named = world.get("", &format!("{path}/jurisdictions?viewer={BRELLAND}")).await.ok();
        assert_eq!(named["items"][0]["name"], "Ardenia (as labelled)");
        assert_eq!(
            world.get("", &format!("{path}/jurisdictions")).await.ok()["items"][0]["name"],
            "Ardenia"
        );
        world.finish().await;
    });
}

#[test]
fn the_demo_cycle_publishes_a_register_that_anyone_verifies() {
    run(async {
        let world = World::new().await;
        let before = world.hub.now();
        let done = demo::certify(&world.hub).await.unwrap();
        assert_eq!(world.hub.now(), before, "virtual time moves no clock of the hub");
        assert!(world.hub.clock_is_trusted());
        let outcomes: Vec<(&str, &str)> =
            done.shipments.iter().map(|s| (s.status.as_str(), s.outcome.as_str())).collect();
        assert_eq!(
            outcomes,
            [
                ("CERTIFIED", "PERMIT"),
                ("SUSPENDED", "PERMIT"),
                ("SUSPENDED", "PROHIBIT"),
                ("CERTIFIED", "PERMIT")
            ]
        );
        let held = &done.shipments[2];
        assert_eq!(
            (held.because.as_str(), held.repair.as_str()),
            ("NOT_CERTIFIED kiosk > app > triage-model", "replace triage-model")
        );
        assert_eq!(done.shipments[1].trade_status, "CERTIFIED");
        assert_eq!((done.dossiers_verified, done.assessments, done.editions), (4, 4, 4));
        assert_eq!(done.refused, ["transition-not-allowed"]);
        // The public file, its signatures and registrars are all a stranger needs.
        let [file, signatures, registrars] = ["json", "signatures.json", "registrars.json"]
            .map(|ending| format!("/register/demo-standard-1.{ending}"));
        let edition = world.get("", &file).await;
        assert_eq!(edition.header("access-control-allow-origin"), "*");
        let (signatures, registrars) =
            (world.get("", &signatures).await, world.get("", &registrars).await);
        registry::check_canonical(&edition.bytes).unwrap();
        let signers =
            registry::check_signatures(&edition.bytes, &registrars.bytes, &signatures.bytes);
        assert_eq!(signers.unwrap(), ["registrar-0", "registrar-1"]);
        let path = "/api/v1/cert/standards/demo-standard-1";
        assert_eq!(world.get("", &format!("{path}/register")).await.bytes, edition.bytes);
        // Both times: what was known before the appeal stays known.
        let dunmere = "urn:comity:jur:demo4dunmere";
        let day = &done.shipments[2].day;
        let ask = |known: &str| {
            format!("{path}/status?jurisdiction={dunmere}&valid_at={day}&known_at={known}")
        };
        assert_eq!(world.get("", &ask(day)).await.ok()["status"], "SUSPENDED");
        assert_eq!(world.get("", &ask("2034-01-01")).await.ok()["status"], "CERTIFIED");
        world
            .get("", &format!("{path}/status?jurisdiction=Acme&valid_at={day}"))
            .await
            .refused(422, "unknown-jurisdiction");
        world
            .get("", &format!("{path}/status?jurisdiction={dunmere}"))
            .await
            .refused(422, "field-missing");
        // Anyone tallies again, save in a secret chamber.
        let motion = world.get("", &format!("{path}/motions/m-suspend")).await.ok();
        let bytes = |value: &Value| serde_json::to_vec(value).unwrap();
        let tally =
            comity_core::cert::tally::answer(&bytes(&motion["ballots"]), &bytes(&motion["rule"]))
                .unwrap();
        assert_eq!(tally.state(), comity_core::cert::tally::State::Adopted);
        let secret = world.get("", &format!("{path}/motions/m-appeal")).await.ok();
        assert!(
            secret["ballots"].is_null() && secret["tally"]["chambers"][0].get("counted").is_none()
        );
        // Read models are the same when they are written anew.
        let shown = world.get("", path).await.ok();
        let row = world.hub.store().newest_edition("demo-standard-1").await.unwrap();
        let list = world.get("reg", "/api/v1/cert/assessments").await.ok();
        world.hub.rebuild().await.unwrap();
        assert_eq!(world.get("", path).await.ok(), shown);
        assert_eq!(world.hub.store().newest_edition("demo-standard-1").await.unwrap(), row);
        assert_eq!(world.get("reg", "/api/v1/cert/assessments").await.ok(), list);
        check_dossier(&world).await;
        world.finish().await;
    });
}

fn entries(dossier: &Dossier) -> Vec<Entry> {
    let mut lines = dossier.export.lines();
    let mut checker = Checker::start(lines.next().unwrap().as_bytes()).unwrap();
    let mut entries = Vec::new();
    for line in lines {
        if let Line::Entry(verified) = checker.push(line.as_bytes()).unwrap() {
            let (entry, id) = (verified.entry(), verified.id().to_string());
            entries.push(Entry {
                room: entry.room.map_or_else(|| id.clone(), |room| room.to_string()),
                id,
                kind: entry.kind.as_str().to_owned(),
                at: i64::try_from(entry.at).unwrap(),
                body: entry.body.clone(),
            });
        }
    }
    checker.finish().unwrap();
    entries
}

/// A dossier holds as it is, and with nothing changed or left out.
async fn check_dossier(world: &World) {
    let path = "/api/v1/cert/assessments/demo-dunmere-1/dossier";
    let bytes = world.get("reg", path).await.bytes;
    world.get("del", path).await.refused(404, "not-found");
    let dossier = Dossier::parse(&bytes).unwrap();
    let entries = entries(&dossier);
    let checked = dossier.check(&entries).unwrap();
    assert_eq!((checked.assessment.as_str(), checked.decisions.len()), ("demo-dunmere-1", 1));
    let mut changed = dossier.clone();
    let opening = changed.openings.values_mut().next().unwrap();
    opening.content = opening.content.replacen('a', "b", 1);
    assert_eq!(changed.check(&entries).unwrap_err().code, "opening-wrong");
    let mut short = dossier.clone();
    let claim = dossier.openings.iter().find(|(_, o)| o.content.contains("\"answers\"")).unwrap().0;
    short.openings.remove(claim);
    assert_eq!(short.check(&entries).unwrap_err().code, "dossier-incomplete");
    // A decision that claims more than the assessment says is found out.
    let mut forged = entries.clone();
    let set = forged
        .iter_mut()
        .find(|e| e.kind == "cert.status.set" && e.body["act"]["assessment"] == "demo-dunmere-1")
        .unwrap();
    set.body["act"]["basis"]["plan_verified"] = json!(true);
    assert_eq!(dossier.check(&forged).unwrap_err().code, "dossier-basis-differs");
    // Without the report's record the decision rests on nothing.
    let cut: Vec<Entry> = entries.into_iter().filter(|e| e.kind != "cert.report.file").collect();
    assert!(dossier.check(&cut).is_err());
}
