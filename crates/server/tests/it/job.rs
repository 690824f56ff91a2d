//! The whole job over HTTP: from a report to an advisory that is corrected and withdrawn.

use comity_server::tasks;
use serde_json::{Value, json};

use crate::world::{DAY_MS, HOUR_MS, World, advisory, instant, report, run};

/// Triage: acknowledged, assessed, taken into a case that the lead judges worth its work.
async fn taken(world: &World, finder: &str) -> String {
    let filed = world.file(finder, &report("Nested roles bypass the guardrail")).await;
    let at = format!("/api/v1/reports/{filed}/commands");
    let row = world.post("ada", &at, &json!({ "command": "acknowledge" })).await.ok();
    assert_eq!(row["state"], "acknowledged");
    let assessment = json!({ "axes": { "exploitation": "none" } });
    world.post("ada", &at, &json!({ "command": "assess", "assessment": assessment })).await.ok();
    let read = world.get("ada", &format!("/api/v1/reports/{filed}")).await.ok();
    assert_eq!(read["report"]["assessments"][0]["assessor"], "ada", "{read}");
    let opened = world.post("ada", "/api/v1/cases", &json!({ "reports": [filed] })).await;
    assert_eq!(opened.status, 201);
    let case = opened.json()["case"].as_str().unwrap().to_owned();
    for to in ["V", "A"] {
        world.say("ada", "nv", &case, "report.judge", json!({ "to": to })).await;
    }
    case
}

/// Embargo, three vendors with statements and remedies.
async fn coordinated(world: &World, case: &str) -> i64 {
    let ends = world.now_ms() + 45 * DAY_MS;
    let terms = world.say("fin", "finder", case, "embargo.propose", json!({ "ends": ends })).await;
    world.say("ada", "nv", case, "embargo.accept", json!({ "terms": terms })).await;
    for (who, party) in [("ann", "acme"), ("bob", "bolt"), ("cyd", "core")] {
        let invite = json!({
            "party": party, "org": party, "hub": "nv", "roles": ["vendor"],
            "rsvp_at": world.now_ms() + 7 * DAY_MS,
        });
        world.say("ada", "nv", case, "party.invite", invite).await;
        world.say(who, party, case, "embargo.accept", json!({ "terms": terms })).await;
        let sent = world.say("ada", "nv", case, "report.send", json!({ "to": party })).await;
        world.say(who, party, case, "report.ack", json!({ "of": sent })).await;
        for to in ["V", "A"] {
            world.say(who, party, case, "report.judge", json!({ "to": to })).await;
        }
        world
            .say(who, party, case, "vendor.status", json!({ "party": party, "status": "affected" }))
            .await;
        let statement = json!({ "kind": "statement.give", "party": party, "body": {}, "text": format!("We, {party}, mend it.") });
        world.act(who, case, "commands", &statement).await.ok();
        world.advance(HOUR_MS);
        world.say(who, party, case, "fix.ready", json!({})).await;
        world.say(who, party, case, "fix.deployed", json!({ "hosted": true })).await;
    }
    ends
}

/// A draft of one coordinator, approved by the other.
async fn approved(world: &World, case: &str, title: &str) -> Value {
    let body = json!({ "content": advisory(title) });
    let draft = world.post("ada", &format!("/api/v1/cases/{case}/drafts"), &body).await.ok();
    let approve = json!({ "action": "approve", "sha256": draft["sha256"] });
    world.act("ada", case, "releases", &approve).await.refused(422, "second-person-needed");
    let yes = world.act("bela", case, "releases", &approve).await.ok();
    assert_eq!(yes["state"], "approved");
    draft
}

#[test]
fn a_report_becomes_an_advisory_that_is_corrected_and_withdrawn() {
    run(async {
        let world = World::new().await;
        whole_job(&world).await;
        world.finish().await;
    });
}

pub(crate) async fn whole_job(world: &World) {
    let case = taken(world, "fin").await;
    let ends = coordinated(world, &case).await;
    approved(world, &case, "Nested roles").await;
    let publish = json!({ "action": "publish" });
    world.act("ada", &case, "releases", &publish).await.refused(409, "embargo-holds");
    world.get("", &format!("/api/v1/advisories/{case}")).await.refused(404, "not-found");
    world.clock.set(instant(ends));
    let out = world.act("ada", &case, "releases", &publish).await.ok();
    assert_eq!((&out["state"], &out["version"]), (&json!("published"), &json!(1)));
    for file in ["", ".json", ".csaf.json", ".csaf20.json", ".osv.json"] {
        let seen = world.get("", &format!("/api/v1/advisories/{case}{file}")).await;
        assert_eq!(seen.status, 200, "{file}: {}", seen.text());
        assert!(seen.text().contains("Nested roles"));
    }
    let state = world.get("ada", &format!("/api/v1/cases/{case}")).await.ok();
    assert_eq!(state["state"]["pxa"].as_str().unwrap().chars().next(), Some('P'));
    corrected_and_withdrawn(world, &case).await;
}

async fn corrected_and_withdrawn(world: &World, case: &str) {
    world.advance(DAY_MS);
    approved(world, case, "Nested roles, again").await;
    let correct =
        json!({ "action": "correct", "summary": "The title was wrong.", "mistake": true });
    let out = world.act("bela", case, "releases", &correct).await.ok();
    assert_eq!(out["version"], 2);
    let old = world.get("", &format!("/api/v1/advisories/{case}?version=1")).await.ok();
    assert_eq!(old["content"]["title"], "Nested roles");
    let found = world.get("", "/api/v1/advisories?q=again").await.ok();
    assert_eq!(found["items"][0]["id"], case);
    world.advance(HOUR_MS);
    let withdraw = json!({ "action": "withdraw", "reason": "It is no flaw." });
    let asked = world.act("ada", case, "releases", &withdraw).await.ok();
    assert_eq!(asked["state"], "asked");
    let again = world.act("ada", case, "releases", &withdraw).await.ok();
    assert_eq!(again["state"], "asked", "one person withdrew alone");
    let out = world.act("bela", case, "releases", &withdraw).await.ok();
    assert_eq!((&out["state"], &out["version"]), (&json!("withdrawn"), &json!(3)));
    let list = world.hub.corrections(None, 50).await.unwrap();
    let kinds: Vec<&str> = list.items.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["withdrawal", "correction"]);
}

#[test]
fn a_planned_release_fires_once_at_its_instant() {
    run(async {
        let world = World::new().await;
        let case = taken(&world, "fin").await;
        let ends = coordinated(&world, &case).await;
        approved(&world, &case, "Planned").await;
        let plan = |at: i64| json!({ "action": "publish", "at": instant(at).to_string() });
        world.act("ada", &case, "releases", &plan(ends - DAY_MS)).await.refused(422, "before-end");
        let out = world.act("ada", &case, "releases", &plan(ends)).await.ok();
        assert_eq!(out["state"], "planned");
        world.clock.set(instant(ends - 1));
        assert_eq!(tasks::run_due(&world.hub).await.unwrap(), 0);
        world.clock.set(instant(ends));
        tasks::run_due(&world.hub).await.unwrap();
        let read = published(&world, &case).await;
        assert_eq!(read["content"]["title"], "Planned");
        assert_eq!(tasks::run_due(&world.hub).await.unwrap(), 0);
        world.finish().await;
    });
}

/// The task of the hub may be at work on the same job: waits until it is public.
async fn published(world: &World, case: &str) -> Value {
    for _ in 0..100 {
        let seen = world.get("", &format!("/api/v1/advisories/{case}")).await;
        if seen.status == 200 {
            return seen.json();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{case} was not published");
}

#[test]
fn a_hub_that_is_restarted_in_the_middle_goes_on() {
    run(async {
        let world = World::new().await;
        let case = taken(&world, "fin").await;
        let world = world.restart().await;
        let ends = coordinated(&world, &case).await;
        let world = world.restart().await;
        approved(&world, &case, "Nested roles").await;
        let plan = json!({ "action": "publish", "at": instant(ends).to_string() });
        world.act("ada", &case, "releases", &plan).await.ok();
        let world = world.restart().await;
        world.clock.set(instant(ends));
        tasks::run_due(&world.hub).await.unwrap();
        published(&world, &case).await;
        let world = world.restart().await;
        corrected_and_withdrawn(&world, &case).await;
        world.finish().await;
    });
}

#[test]
fn a_planned_release_waits_for_people_when_something_moved() {
    run(async {
        let world = World::new().await;
        for what in ["draft", "embargo", "plan", "clock"] {
            let case = taken(&world, "fin").await;
            let ends = coordinated(&world, &case).await;
            approved(&world, &case, what).await;
            let plan = |at: i64| json!({ "action": "publish", "at": instant(at).to_string() });
            world.act("ada", &case, "releases", &plan(ends)).await.ok();
            match what {
                "draft" => {
                    let other = json!({ "content": advisory("Other words") });
                    world.post("ada", &format!("/api/v1/cases/{case}/drafts"), &other).await.ok();
                }
                "embargo" => {
                    let state = world.get("ada", &format!("/api/v1/cases/{case}")).await.ok();
                    let base = &state["state"]["embargo"]["terms"];
                    // The fix is deployed: only a shorter end is allowed, so the lead may not stretch it.
                    let longer = json!({ "base": base, "ends": ends + DAY_MS });
                    let command =
                        json!({ "kind": "embargo.revise", "party": "nv", "body": longer });
                    world
                        .act("ada", &case, "commands", &command)
                        .await
                        .refused(422, "fix-deployed");
                    world.act("ada", &case, "releases", &plan(ends + DAY_MS)).await.ok();
                }
                "plan" => {
                    world.act("ada", &case, "releases", &plan(ends + DAY_MS)).await.ok();
                }
                _ => world.clock.doubt(true),
            }
            world.clock.set(instant(ends));
            tasks::run_due(&world.hub).await.unwrap();
            world.get("", &format!("/api/v1/advisories/{case}")).await.refused(404, "not-found");
            world.clock.doubt(false);
            world.clock.set(instant(ends + DAY_MS));
            tasks::run_due(&world.hub).await.unwrap();
            match what {
                "draft" => {
                    world
                        .get("", &format!("/api/v1/advisories/{case}"))
                        .await
                        .refused(404, "not-found");
                }
                _ => drop(published(&world, &case).await),
            }
        }
        world.finish().await;
    });
}
