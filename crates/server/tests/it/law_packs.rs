//! What rests on law in cases: duties recorded with their proof, packs that change, packets, calendars.

use std::path::Path;

use comity_core::law::shipped::FILES;
use comity_core::law::signature::{self, Role, Signer};
use comity_ledger::key::SigningKey;
use comity_server::app::setup::{self, SetupError};
use comity_server::clock::Clock;
use comity_store::Purpose;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::law::{case_with_vendors, duty, exploited, manufacturer, payloads, state};
use crate::world::{HOUR_MS, World, run};

const RULE: &str = "eu.cra.art14.aev";
const EARLY_WARNING: &str = "acme/eu.cra.art14.aev/early_warning";
const NOTIFICATION: &str = "acme/eu.cra.art14.aev/vulnerability_notification";

async fn exploited_case(world: &World) -> String {
    let case = case_with_vendors(world).await;
    let mut all = manufacturer("acme");
    all.push(exploited());
    state(world, "ada", &case, all).await;
    case
}

async fn keep(world: &World, who: &str, case: &str, bytes: &[u8]) -> Value {
    let path = format!("/api/v1/cases/{case}/files?name=receipt.pdf");
    let ask = world.ask(who, "POST", &path).header("idempotency-key", &world.key());
    ask.bytes(bytes.to_vec()).send().await.ok()
}

fn met(at: &str, level: &str, proof: Option<&str>) -> Value {
    json!({ "rule": RULE, "stage": "early_warning", "status": "met",
        "filing": { "at": at, "level": level, "receipt": "SRP-2027-4711", "proof": proof } })
}

#[test]
fn a_duty_is_met_with_its_proof() {
    run(async {
        let world = World::new().await;
        let case = exploited_case(&world).await;
        let kept = keep(&world, "ann", &case, b"%PDF the receipt of the platform").await;
        let proof = kept["file"].as_str().unwrap();
        world.advance(HOUR_MS);
        let done = world
            .act("ann", &case, "filings", &met("2027-01-05T12:30:00Z", "L1", Some(proof)))
            .await
            .ok();
        let warning = duty(&world, "ann", &case, EARLY_WARNING).await.unwrap();
        assert_eq!((&warning["status"], &warning["late"]), (&json!("met"), &json!(false)));
        let read = world.get("ann", &format!("/api/v1/cases/{case}/duties")).await.ok();
        let said = &read["recorded"][0];
        assert_eq!(
            (&said["entry"], &said["duty"], &said["status"]),
            (&done["entry"], &json!(EARLY_WARNING), &json!("met"))
        );
        assert_eq!(said["proofs"], json!([proof]));
        // The entry names the proof by its commitment; neither hash nor receipt stands in the clear.
        let payloads = payloads(&world, &case).await;
        assert!(payloads.contains(proof));
        assert!(!payloads.contains(kept["sha256"].as_str().unwrap()));
        assert!(!payloads.contains("SRP-2027-4711"));
        let file = format!("/api/v1/cases/{case}/files/{proof}");
        assert_eq!(world.get("ann", &file).await.bytes, b"%PDF the receipt of the platform");
        assert_eq!(world.get("ada", &file).await.bytes, b"%PDF the receipt of the platform");
        world.get("bob", &file).await.refused(404, "not-found");
        world
            .get("ada", &format!("/api/v1/cases/{case}/files/{}", "0".repeat(64)))
            .await
            .refused(404, "not-found");
        // Taking the filing back brings the duty back.
        let records = world.get("ada", &format!("/api/v1/cases/{case}/facts")).await.ok();
        let filing = records["records"].as_array().unwrap().last().unwrap();
        assert_eq!(filing["statement"]["receipt"], "SRP-2027-4711");
        state(&world, "ann", &case, vec![json!({ "kind": "withdraw", "of": filing["record"] })])
            .await;
        assert_eq!(duty(&world, "ann", &case, EARLY_WARNING).await.unwrap()["status"], "firm");
        world.finish().await;
    });
}

#[test]
fn a_filing_that_does_not_hold_is_refused() {
    run(async {
        let world = World::new().await;
        let case = exploited_case(&world).await;
        let foreign = keep(&world, "bob", &case, b"of bolt").await;
        let foreign = foreign["file"].as_str().unwrap();
        let good = met("2027-01-05T11:30:00Z", "L1", None);
        let with = |pointer: &str, value: Value| {
            let mut form = good.clone();
            *form.pointer_mut(pointer).unwrap() = value;
            form
        };
        for (form, code, pointer) in [
            (with("/rule", json!("eu.nothing")), "duty-unknown", "/rule"),
            (with("/stage", json!("nothing")), "duty-unknown", "/stage"),
            (with("/filing", Value::Null), "field-missing", "/filing"),
            (with("/status", json!("declared")), "value-invalid", "/filing"),
            (with("/filing/at", json!("2027-02-30T00:00:00Z")), "LAW-E-INSTANT", "/filing/at"),
            (with("/filing/at", json!("2027-01-05T13:00:00Z")), "at-in-future", "/filing/at"),
            (with("/filing/level", json!("L9")), "value-unknown", "/filing/level"),
            (with("/filing/receipt", json!("x".repeat(201))), "text-too-long", "/filing/receipt"),
            (with("/filing/proof", json!(foreign)), "no-such-entry", "/filing/proof"),
        ] {
            let refused = world.act("ann", &case, "filings", &form).await.refused(422, code);
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{form}");
        }
        let odd = json!({ "rule": RULE, "stage": "early_warning", "status": "ignored" });
        world.act("ann", &case, "filings", &odd).await.refused(422, "bad-body");
        let other = json!({ "party": "bolt", "rule": RULE, "stage": "early_warning", "status": "declared" });
        world.act("ann", &case, "filings", &other).await.refused(422, "not-your-party");
        // Below the least level it stands as a filing and meets nothing.
        let low = with("/filing/level", json!("L0"));
        world.act("ann", &case, "filings", &low).await.ok();
        let warning = duty(&world, "ann", &case, EARLY_WARNING).await.unwrap();
        assert_eq!(warning["status"], "firm");
        assert!(warning["warnings"].as_array().unwrap().contains(&json!("submitted-below-level")));
        // A duty recorded by the bare command counts at the least level of its stage.
        let bare = json!({ "duty": EARLY_WARNING, "status": "met" });
        world.say("ann", "acme", &case, "duty.record", bare).await;
        assert_eq!(duty(&world, "ann", &case, EARLY_WARNING).await.unwrap()["status"], "met");
        let path = format!("/api/v1/cases/{case}/files");
        let empty = world
            .ask("ann", "POST", &format!("{path}?name=x"))
            .header("idempotency-key", "e")
            .bytes("");
        empty.send().await.refused(422, "report-file-empty");
        let unnamed = world.ask("ann", "POST", &path).header("idempotency-key", "u").bytes("x");
        unnamed.send().await.refused(422, "value-invalid");
        world.finish().await;
    });
}

/// The Union's product law with twelve hours in place of twenty-four, signed by two organisations.
struct Amended {
    folder: TempDir,
    signers: Vec<Signer>,
}

fn toml() -> &'static str {
    FILES.iter().find(|(id, ..)| *id == "eu-cra").unwrap().1
}

fn amended() -> Amended {
    let text = toml().replacen("version = \"2026.11.1\"", "version = \"2026.12.1\"", 1);
    let text = text.replacen("within = \"PT24H\"", "within = \"PT12H\"", 1);
    assert_ne!(text, toml());
    let folder = TempDir::new().unwrap();
    let pack = folder.path().join("eu-cra");
    std::fs::create_dir(&pack).unwrap();
    std::fs::write(pack.join("pack.toml"), &text).unwrap();
    let mut signers = Vec::new();
    let mut lines = Vec::new();
    for (seed, role, organisation) in
        [(1, Role::LegalOfficer, "cert-norvik"), (2, Role::SecondReader, "law-school-norvik")]
    {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let at = comity_core::law::time::Instant::parse("2026-12-01T09:00:00Z").unwrap();
        lines.push(signature::sign(text.as_bytes(), role, organisation, at, &key).unwrap());
        signers.push(Signer {
            key: key.verifying_key().to_string(),
            organisation: organisation.to_owned(),
        });
    }
    std::fs::write(pack.join("pack.sig"), signature::print(&lines)).unwrap();
    Amended { folder, signers }
}

#[test]
fn a_new_edition_lists_the_cases_it_changes_and_rewrites_none() {
    run(async {
        let world = World::new().await;
        let case = exploited_case(&world).await;
        let quiet = case_with_vendors(&world).await;
        let none = world.get("ada", "/api/v1/packs/changes").await.ok();
        assert_eq!((&none["seen"], &none["items"]), (&json!(2), &json!([])));
        let new = amended();
        let mut config = world.hub.config().clone();
        new.folder.path().to_str().unwrap().clone_into(&mut config.policies_folder);
        config.pack_signers = new.signers.clone();
        let clock = world.clock.clone();
        let world = world.restart_as(config, clock).await;
        let packs = world.get("", "/api/v1/packs").await.ok();
        let cra = packs["packs"].as_array().unwrap().iter().find(|p| p["id"] == "eu-cra").unwrap();
        assert_eq!(
            (&cra["signed"], &cra["origin"], &cra["version"]),
            (&json!(true), &json!("folder"), &json!("2026.12.1"))
        );
        assert_eq!(cra["signatures"][1]["organisation"], "law-school-norvik");

        // The old edition still answers for the case.
        let before = duty(&world, "ada", &case, EARLY_WARNING).await.unwrap();
        assert_eq!(before["target"], "2027-01-06T11:00:00Z");
        let read = world.get("ada", &format!("/api/v1/cases/{case}/duties")).await.ok();
        assert_eq!((&read["packs_changed"], &read["pin_lost"]), (&json!(true), &json!(false)));
        let changes = world.get("ada", "/api/v1/packs/changes").await.ok();
        let packs: Vec<&Value> = changes["packs"].as_object().unwrap().values().collect();
        assert_eq!(packs.len(), 1);
        assert_eq!(
            (&packs[0][0]["id"], &packs[0][0]["after"]["version"]),
            (&json!("eu-cra"), &json!("2026.12.1"))
        );
        let items = changes["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        let item = items.iter().find(|item| item["case"] == case.as_str()).unwrap();
        let moved = item["change"]["moved"].as_array().unwrap();
        let moved = moved.iter().find(|moved| moved["duty"] == EARLY_WARNING).unwrap();
        assert_eq!(
            (&moved["before"]["target"], &moved["after"]["target"]),
            (&json!("2027-01-06T11:00:00Z"), &json!("2027-01-05T23:00:00Z"))
        );
        // Page by page the same.
        let first = world.get("ada", "/api/v1/packs/changes?limit=1").await.ok();
        let next = first["next"].as_str().unwrap();
        let second =
            world.get("ada", &format!("/api/v1/packs/changes?limit=1&cursor={next}")).await.ok();
        assert_eq!([&first["items"][0], &second["items"][0]], [&items[0], &items[1]]);
        assert_eq!(second["next"], Value::Null);

        // A person adopts it for one case; the other stays as it was.
        let path = format!("/api/v1/cases/{case}/packs");
        world
            .post("ada", &path, &json!({ "set": "0".repeat(64) }))
            .await
            .refused(422, "packs-changed");
        world.post("ann", &path, &json!({ "set": changes["set"] })).await.refused(404, "not-found");
        let adopted = world.post("ada", &path, &json!({ "set": changes["set"] })).await.ok();
        assert_eq!(adopted["pinned"]["by"], "ada");
        world
            .post("ada", &path, &json!({ "set": changes["set"] }))
            .await
            .refused(422, "already-there");
        let after = duty(&world, "ada", &case, EARLY_WARNING).await.unwrap();
        assert_eq!(after["target"], "2027-01-05T23:00:00Z");
        let left = world.get("ada", "/api/v1/packs/changes").await.ok();
        assert_eq!(left["items"].as_array().unwrap().len(), 1);
        assert_eq!(left["items"][0]["case"], quiet.as_str());
        world.hub.rebuild().await.unwrap();
        assert_eq!(world.get("ada", "/api/v1/packs/changes").await.ok(), left);
        world.finish().await;
    });
}

#[test]
fn a_hub_loads_no_pack_that_is_not_signed_as_it_trusts() {
    run(async {
        let data = TempDir::new().unwrap();
        let config = crate::world::config();
        let clock = Clock::at("2027-01-05T12:00:00Z".parse().unwrap());
        let hub = setup::create(data.path(), &config, clock).await.unwrap();
        hub.store().close().await;
        drop(hub);
        let open = async |folder: &Path, signers: &[Signer]| {
            let mut config = config.clone();
            folder.to_str().unwrap().clone_into(&mut config.policies_folder);
            config.pack_signers = signers.to_vec();
            let clock = Clock::at("2027-01-05T12:00:00Z".parse().unwrap());
            match setup::open(data.path(), config, clock, Purpose::Tool).await {
                Err(SetupError::Packs(refused)) => refused.code.as_str(),
                Err(other) => panic!("{other}"),
                Ok(_) => "opened",
            }
        };
        let new = amended();
        let (folder, sig) = (new.folder.path(), new.folder.path().join("eu-cra/pack.sig"));
        assert_eq!(open(folder, &[]).await, "LAW-E-SIG-FOREIGN");
        assert_eq!(open(folder, &new.signers[..1]).await, "LAW-E-SIG-FOREIGN");
        let whole = std::fs::read_to_string(&sig).unwrap();
        let first = whole.lines().next().unwrap();
        for (text, code) in [
            (format!("{first}\n"), "LAW-E-SIG-MISSING"),
            ("{}\n".to_owned(), "LAW-E-SIG-FORM"),
            (whole.replace("second_reader", "legal_officer"), "LAW-E-SIG-WRONG"),
            (whole.replace("2026-12-01T09", "2026-12-01T10"), "LAW-E-SIG-WRONG"),
            (whole.replace("law-school-norvik", "cert-norvik"), "LAW-E-SIG-FOREIGN"),
        ] {
            std::fs::write(&sig, text).unwrap();
            assert_eq!(open(folder, &new.signers).await, code);
        }
        std::fs::remove_file(&sig).unwrap();
        assert_eq!(open(folder, &new.signers).await, "LAW-E-SIG-MISSING");
        std::fs::write(&sig, &whole).unwrap();
        let toml = folder.join("eu-cra/pack.toml");
        let text = std::fs::read_to_string(&toml).unwrap();
        std::fs::write(&toml, text.replace("PT12H", "PT13H")).unwrap();
        assert_eq!(open(folder, &new.signers).await, "LAW-E-SIG-BYTES");
        std::fs::write(&toml, vec![b'#'; (1 << 20) + 1]).unwrap();
        assert_eq!(open(folder, &new.signers).await, "LAW-E-PACK");
    });
}

#[test]
fn a_packet_holds_no_more_than_its_stage_needs() {
    run(async {
        let world = World::new().await;
        let case = exploited_case(&world).await;
        let path = |duty: &str| format!("/api/v1/cases/{case}/packet?duty={duty}");
        let early = world.get("ada", &path(EARLY_WARNING)).await.ok();
        assert!(early["notice"].as_str().unwrap().starts_with("Decision support"));
        assert_eq!((&early["form"], &early["min_level"]), (&json!("pack"), &json!("L1")));
        let field = |packet: &Value, name: &str| {
            let fields = packet["fields"].as_array().unwrap();
            fields.iter().find(|field| field["name"] == name).cloned().unwrap()
        };
        assert_eq!(field(&early, "became_aware_at_utc")["value"], "2027-01-05T11:00:00Z");
        assert_eq!(field(&early, "member_states_where_available")["value"], "DE, FR, IE");
        // The title of the report says what kind of flaw it is: more than an early warning needs.
        assert_eq!(field(&early, "title")["state"], "gap");
        assert!(!early.to_string().contains("Nested roles"));
        let later = world.get("ada", &path(NOTIFICATION)).await.ok();
        assert_eq!(field(&later, "title")["value"], "Nested roles bypass the guardrail");
        assert!(later["gaps"].as_array().unwrap().contains(&json!("corrective_measures_taken")));
        let text = world.get("ada", &format!("{}&as=text", path(NOTIFICATION))).await;
        assert!(text.header("content-type").starts_with("text/plain"));
        assert!(text.text().starts_with("Decision support") && text.text().contains("________"));
        let html = world.get("ada", &format!("{}&as=html", path(NOTIFICATION))).await;
        assert_eq!(html.header("content-security-policy"), "sandbox");
        world
            .get("ada", &format!("{}&as=pdf", path(NOTIFICATION)))
            .await
            .refused(422, "value-unknown");
        world.get("ada", &path("acme/eu.nothing/x")).await.refused(422, "LAW-E-REF");
        world.get("bob", &path(EARLY_WARNING)).await.refused(404, "not-found");
        world.get("ann", &path(EARLY_WARNING)).await.ok();
        world.finish().await;
    });
}

#[test]
fn a_calendar_has_the_targets_and_never_plans_to_the_outer_date() {
    run(async {
        let world = World::new().await;
        let case = exploited_case(&world).await;
        let seen = world.get("ann", &format!("/api/v1/cases/{case}/duties.ics")).await;
        assert_eq!(
            (seen.status, seen.header("content-type")),
            (200, "text/calendar; charset=utf-8")
        );
        let text = seen.text();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
        assert!(text.split("\r\n").all(|line| line.len() <= 75));
        let whole = text.replace("\r\n ", "");
        assert!(whole.contains("DTSTART:20270106T110000Z\r\n"), "{whole}");
        assert!(!whole.contains("DTSTART:20270106T120000Z"));
        assert!(whole.contains("Legal outer date\\, not to be planned to: 2027-01-06T12:00:00Z"));
        assert!(!whole.contains("bolt/"));
        world.finish().await;
    });
}
