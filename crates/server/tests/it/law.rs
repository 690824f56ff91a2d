//! Law in cases: facts stated and taken back, duties that follow, who sees what of them.

use comity_store::Store;
use serde_json::{Value, json};

use crate::world::{DAY_MS, World, run};

/// Opens a case with two vendors that got the report, as coordinators would.
pub(crate) async fn case_with_vendors(world: &World) -> String {
    let case = world.open_case("fin").await;
    for to in ["V", "A"] {
        world.say("ada", "nv", &case, "report.judge", json!({ "to": to })).await;
    }
    for (who, party) in [("ann", "acme"), ("bob", "bolt")] {
        let invite = json!({ "party": party, "org": party, "hub": "nv", "roles": ["vendor"],
            "rsvp_at": world.now_ms() + 7 * DAY_MS });
        world.say("ada", "nv", &case, "party.invite", invite).await;
        let sent = world.say("ada", "nv", &case, "report.send", json!({ "to": party })).await;
        world.say(who, party, &case, "report.ack", json!({ "of": sent })).await;
    }
    case
}

/// What makes acme a manufacturer under the Union's product law with an exploited flaw.
pub(crate) fn manufacturer(party: &str) -> Vec<Value> {
    let fact = |name: &str, value: Value| json!({ "kind": "fact", "party": party, "fact": name, "value": value });
    vec![
        fact("actor.roles", json!(["manufacturer"])),
        fact("actor.main_establishment", json!("IE")),
        fact("actor.establishments", json!(["IE"])),
        fact("product.class", json!("digital_elements")),
        fact("product.markets", json!(["DE", "FR", "IE", "US"])),
        fact("vuln.contained_in_product", json!(true)),
        json!({ "kind": "event", "party": party, "event": "reasonable_certainty", "at": "2027-01-05T11:00:00Z" }),
    ]
}

pub(crate) fn exploited() -> Value {
    json!({ "kind": "fact", "fact": "vuln.exploitation", "value": "active" })
}

pub(crate) async fn state(world: &World, who: &str, case: &str, all: Vec<Value>) -> Value {
    let body = json!({ "statements": all });
    world.post(who, &format!("/api/v1/cases/{case}/facts"), &body).await.ok()
}

/// Everything that the entries of a case say in the clear.
pub(crate) async fn payloads(world: &World, case: &str) -> String {
    let store: &Store = world.hub.store();
    let mut all = String::new();
    for room in store.rooms_of_case(case, 10).await.unwrap() {
        for entry in store.entries(&room.room_id, 0, 1000).await.unwrap() {
            let envelope = comity_ledger::envelope::Envelope::parse(&entry.envelope).unwrap();
            all.push_str(std::str::from_utf8(envelope.payload()).unwrap());
        }
    }
    all
}

pub(crate) async fn duty(world: &World, who: &str, case: &str, id: &str) -> Option<Value> {
    let read = world.get(who, &format!("/api/v1/cases/{case}/duties")).await.ok();
    let duties = read["law"]["duties"].as_array().unwrap();
    duties.iter().find(|duty| duty["id"] == id).cloned()
}

const EARLY_WARNING: &str = "acme/eu.cra.art14.aev/early_warning";

#[test]
fn a_fact_makes_a_duty_and_its_withdrawal_ends_it() {
    run(async {
        let world = World::new().await;
        let case = case_with_vendors(&world).await;
        // Nobody said what acme is: the duty is unknown and its facts are asked for, never assumed away.
        let before = world.get("ada", &format!("/api/v1/cases/{case}/duties")).await.ok();
        assert_eq!(before["schema"], "comity.case-duties/1");
        assert!(
            before["notice"].as_str().unwrap().starts_with("Decision support, not legal advice.")
        );
        assert_eq!((&before["packs_changed"], &before["pin_lost"]), (&json!(false), &json!(false)));
        assert_eq!(before["pinned"]["by"], "nv");
        assert_eq!(before["pinned"]["packs"].as_array().unwrap().len(), 28);
        assert_eq!(duty(&world, "ada", &case, EARLY_WARNING).await.unwrap()["status"], "unknown");
        let asked: Vec<&str> = before["law"]["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|task| task["party"] == "acme")
            .map(|task| task["fact"].as_str().unwrap())
            .collect();
        assert!(asked.contains(&"actor.roles"), "{asked:?}");

        let mut all = manufacturer("acme");
        all.push(exploited());
        let recorded = state(&world, "ada", &case, all).await;
        let records = recorded["records"].as_array().unwrap();
        assert_eq!(records.len(), 8);
        let firm = duty(&world, "ada", &case, EARLY_WARNING).await.unwrap();
        assert_eq!(
            (&firm["status"], &firm["target"], &firm["outer"]),
            (&json!("firm"), &json!("2027-01-06T11:00:00Z"), &json!("2027-01-06T12:00:00Z"))
        );
        assert!(firm["warnings"].as_array().unwrap().contains(&json!("unverified:secondary")));
        // The date is on the case's own clocks and in the queue by date.
        let clocks = world.get("ada", &format!("/api/v1/cases/{case}/clocks")).await.ok();
        assert!(
            clocks["law"]["duties"].as_array().unwrap().iter().any(|d| d["duty"] == EARLY_WARNING)
        );
        let row = world.hub.store().case(&case).await.unwrap().unwrap();
        let at_noon: jiff::Timestamp = "2027-01-06T11:00:00Z".parse().unwrap();
        assert!(row.next_due <= at_noon.as_millisecond());

        let exploitation = records.last().unwrap()["record"].as_str().unwrap();
        state(&world, "ada", &case, vec![json!({ "kind": "withdraw", "of": exploitation })]).await;
        assert_ne!(duty(&world, "ada", &case, EARLY_WARNING).await.unwrap()["status"], "firm");
        let read = world.get("ada", &format!("/api/v1/cases/{case}/facts")).await.ok();
        let shown = read["records"].as_array().unwrap();
        let gone: Vec<_> = shown.iter().filter(|r| r["withdrawn"] == true).collect();
        assert_eq!(gone.len(), 1);
        assert_eq!((&gone[0]["record"], &gone[0]["by"]), (&json!(exploitation), &json!("ada")));

        // What was stated survives a restart and a rebuild, and reads the same.
        let facts = read["facts"].clone();
        let world = world.restart().await;
        world.hub.rebuild().await.unwrap();
        let again = world.get("ada", &format!("/api/v1/cases/{case}/facts")).await.ok();
        assert_eq!(again["facts"], facts);
        world.finish().await;
    });
}

#[test]
fn the_same_facts_get_the_same_answer_without_a_case() {
    run(async {
        let world = World::new().await;
        let case = case_with_vendors(&world).await;
        let mut all = manufacturer("acme");
        all.push(exploited());
        state(&world, "ada", &case, all).await;
        let facts =
            world.get("ada", &format!("/api/v1/cases/{case}/facts")).await.ok()["facts"].clone();
        let at = "at=2027-01-05T13:00:00Z";
        let of_case = world.get("ada", &format!("/api/v1/cases/{case}/duties?{at}")).await.ok();
        let alone = world.post("ada", &format!("/api/v1/duties?{at}"), &facts).await.ok();
        assert_eq!(of_case["law"], alone);
        let invite = json!({ "id": "acme-cn", "facts": { "actor.roles": ["manufacturer", "cn_network_operator"],
            "actor.main_establishment": "CN", "product.markets": ["CN"] } });
        let of_case = world
            .post(
                "ada",
                &format!("/api/v1/cases/{case}/preview?{at}"),
                &json!({ "invite": invite }),
            )
            .await
            .ok();
        let alone = json!({ "facts": facts, "invite": invite });
        assert_eq!(of_case, world.post("ada", &format!("/api/v1/preview?{at}"), &alone).await.ok());
        let new = of_case["new_duties"].as_array().unwrap();
        assert!(
            new.iter().any(|duty| duty["rule"].as_str().unwrap().starts_with("cn.")),
            "{new:?}"
        );
        let clock =
            json!({ "rule": "eu-1182-71", "from": "2026-12-24T15:20:00Z", "within": "PT24H" });
        let clock = world.post("ada", "/api/v1/clock", &clock).await.ok();
        assert_eq!(
            (&clock["target"], &clock["outer"]),
            (&json!("2026-12-25T15:20:00Z"), &json!("2026-12-25T16:00:00Z"))
        );
        let packs = world.get("", "/api/v1/packs").await.ok();
        assert_eq!(packs["packs"].as_array().unwrap().len(), 28);
        assert_eq!(packs["packs"][0]["signed"], false);
        assert_eq!(packs["packs"][0]["origin"], "shipped");
        world.finish().await;
    });
}

#[test]
fn a_vendor_sees_and_states_its_own_law_alone() {
    run(async {
        let world = World::new().await;
        let case = case_with_vendors(&world).await;
        let path = format!("/api/v1/cases/{case}/facts");
        state(&world, "ann", &case, manufacturer("acme")).await;
        state(&world, "ada", &case, vec![exploited()]).await;
        let own = world.get("ann", &format!("/api/v1/cases/{case}/duties")).await.ok();
        let parties: Vec<_> =
            own["law"]["duties"].as_array().unwrap().iter().map(|d| d["party"].clone()).collect();
        assert!(!parties.is_empty() && parties.iter().all(|party| party == "acme"), "{parties:?}");
        assert!(!own.to_string().contains("bolt"), "{own}");
        let other = world.get("bob", &path).await.ok();
        assert_eq!((&other["records"], &other["facts"]), (&json!([]), &Value::Null));
        assert!(duty(&world, "bob", &case, EARLY_WARNING).await.is_none());
        let foreign = json!({ "statements": [{ "kind": "fact", "party": "acme", "fact": "actor.size", "value": "large" }] });
        world.post("bob", &path, &foreign).await.refused(422, "not-your-party");
        let of_case = json!({ "statements": [exploited()] });
        world.post("bob", &path, &of_case).await.refused(422, "not-your-party");
        let invite = json!({ "invite": { "id": "x", "facts": {} } });
        world
            .post("bob", &format!("/api/v1/cases/{case}/preview"), &invite)
            .await
            .refused(404, "not-found");
        // Two organisations that differ are shown as two, whoever spoke last.
        state(
            &world,
            "ann",
            &case,
            vec![
                json!({ "kind": "fact", "party": "acme", "fact": "actor.size", "value": "small" }),
            ],
        )
        .await;
        state(
            &world,
            "ada",
            &case,
            vec![
                json!({ "kind": "fact", "party": "acme", "fact": "actor.size", "value": "large" }),
            ],
        )
        .await;
        let facts = world.get("ada", &path).await.ok()["facts"].clone();
        let acme = facts["parties"].as_array().unwrap().iter().find(|p| p["id"] == "acme").unwrap();
        assert_eq!(acme["facts"]["actor.size"], json!({ "any_of": ["small", "large"] }));
        // A colleague takes back what its own organisation said, never what another did.
        let of_ada = world.get("ada", &path).await.ok()["records"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()["record"]
            .clone();
        let withdraw = json!({ "statements": [{ "kind": "withdraw", "of": of_ada }] });
        world.post("ann", &path, &withdraw).await.refused(422, "no-such-entry");
        world.finish().await;
    });
}

#[test]
fn a_statement_that_does_not_hold_is_refused_with_the_others() {
    run(async {
        let world = World::new().await;
        let case = case_with_vendors(&world).await;
        let path = format!("/api/v1/cases/{case}/facts");
        let good =
            json!({ "kind": "fact", "party": "acme", "fact": "actor.size", "value": "small" });
        let fact = |fact: &str, value: Value| json!({ "kind": "fact", "party": "acme", "fact": fact, "value": value });
        for (bad, code, pointer) in [
            (fact("actor.shoe_size", json!(1)), "LAW-E-FACT-NAME", "/statements/1/fact"),
            (fact("actor.size", json!(4)), "LAW-E-FACT-TYPE", "/statements/1/value"),
            (fact("actor.size", json!("vast")), "LAW-E-FACT-VALUE", "/statements/1/value"),
            (fact("actor.size", json!({ "any_of": ["small"] })), "LAW-E-SCHEMA", "/statements/1"),
            (fact("action.kind", json!("file")), "LAW-E-FACT-ENGINE", "/statements/1/fact"),
            // The case adds roles of its own and must not hide that this is no list.
            (fact("actor.roles", json!("manufacturer")), "LAW-E-FACT-TYPE", "/statements/1/value"),
            (
                json!({ "kind": "event", "party": "acme", "event": "reasonable_certainty", "at": "1026-01-01T00:00:00Z" }),
                "LAW-E-INSTANT",
                "/statements/1/at",
            ),
            (
                json!({ "kind": "event", "event": "discovery", "at": "9999-01-01T00:00:00Z" }),
                "LAW-E-INSTANT",
                "/statements/1/at",
            ),
            (
                json!({ "kind": "fact", "fact": "actor.size", "value": "small" }),
                "LAW-E-FACT-SCOPE",
                "/statements/1/fact",
            ),
            (
                json!({ "kind": "fact", "party": "nobody", "fact": "actor.size", "value": "small" }),
                "LAW-E-REF",
                "/statements/1/party",
            ),
            (
                json!({ "kind": "event", "event": "doomsday", "at": "2027-01-05T11:00:00Z" }),
                "LAW-E-EVENT",
                "/statements/1/event",
            ),
            (
                json!({ "kind": "event", "event": "detection", "at": "2027-02-30T11:00:00Z" }),
                "LAW-E-INSTANT",
                "/statements/1/at",
            ),
            (
                json!({ "kind": "event", "event": "detection", "at": "2027-01-05T11:00:00" }),
                "LAW-E-INSTANT",
                "/statements/1/at",
            ),
            (
                json!({ "kind": "latency", "within": "P1Y2M" }),
                "LAW-E-DURATION",
                "/statements/1/within",
            ),
            (
                json!({ "kind": "marking", "tlp": "TLP:PINK", "pap": "PAP:RED" }),
                "LAW-E-SCHEMA",
                "/statements/1",
            ),
            (
                json!({ "kind": "standing", "party": "acme", "acts_as": ["nobody"] }),
                "LAW-E-REF",
                "/statements/1",
            ),
            (json!({ "kind": "withdraw", "of": "0000" }), "no-such-entry", "/statements/1/of"),
            (
                json!({ "kind": "filing", "party": "acme", "rule": "r", "stage": "s", "at": "x", "level": "L1" }),
                "value-unknown",
                "/statements/1/kind",
            ),
            (
                json!({ "kind": "fact", "party": "acme", "fact": "actor.group", "value": "x".repeat(20_000) }),
                "too-large",
                "/statements/1",
            ),
        ] {
            let body = json!({ "statements": [good, bad] });
            let status = if code == "too-large" { 413 } else { 422 };
            let refused = world.post("ada", &path, &body).await.refused(status, code);
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{bad}");
        }
        for (body, status, code) in [
            (json!({}), 422, "field-missing"),
            (json!({ "statements": [] }), 422, "field-missing"),
            (json!({ "statements": vec![good.clone(); 65] }), 422, "list-too-long"),
            (json!({ "statements": [{ "kind": "rumour" }] }), 422, "value-unknown"),
            (
                json!({ "statements": [{ "kind": "withdraw", "of": "x", "why": "y" }] }),
                400,
                "member-unknown",
            ),
        ] {
            world.post("ada", &path, &body).await.refused(status, code);
        }
        let read = world.get("ada", &path).await.ok();
        assert_eq!(read["records"], json!([]), "nothing is half-written");
        world
            .get("ada", &format!("/api/v1/cases/{case}/duties?at=tomorrow"))
            .await
            .refused(422, "LAW-E-INSTANT");
        world
            .ask("ada", "POST", "/api/v1/duties")
            .bytes("{\"schema\":")
            .send()
            .await
            .refused(400, "LAW-E-JSON");
        let twice = "{\"schema\":\"comity.facts/1\",\"schema\":\"comity.facts/1\"}";
        world
            .ask("ada", "POST", "/api/v1/duties")
            .bytes(twice)
            .send()
            .await
            .refused(400, "LAW-E-JSON");
        world
            .post("ada", "/api/v1/duties", &json!({ "schema": "x" }))
            .await
            .refused(422, "LAW-E-SCHEMA");
        let clock = json!({ "rule": "calendar-days", "from": "2027-01-05T11:00:00Z", "within": "P1D", "tz": "Europe/Atlantis" });
        let refused = world.post("ada", "/api/v1/clock", &clock).await.refused(422, "LAW-E-ZONE");
        assert_eq!(refused["errors"][0]["pointer"], "/tz");
        world.finish().await;
    });
}

#[test]
fn what_is_stated_lies_sealed() {
    run(async {
        let world = World::new().await;
        let case = case_with_vendors(&world).await;
        let secret = "the-group-of-the-nineteen-owls";
        let said =
            json!({ "kind": "fact", "party": "acme", "fact": "actor.group", "value": secret });
        state(&world, "ada", &case, vec![said]).await;
        let payloads = payloads(&world, &case).await;
        assert!(payloads.contains("fact.record"));
        assert!(!payloads.contains(secret) && !payloads.contains("actor.group"));
        let store: &Store = world.hub.store();
        let row = store.case_law(&case).await.unwrap().unwrap();
        let holds =
            |bytes: &[u8], part: &str| bytes.windows(part.len()).any(|w| w == part.as_bytes());
        assert!(!holds(&row.facts, secret) && !holds(&row.facts, "acme"));
        world.finish().await;
    });
}
