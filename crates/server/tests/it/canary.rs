//! SE-04: words put in by every route lie nowhere in the clear: not in rows, WAL, files or logs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::world::{DAY_MS, World, advisory, files, report, run};

/// Everything that is logged while tests run.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The canary as it stands, in base64 at each offset, and in UTF-16.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![canary.as_bytes().to_vec()];
    for pad in ["", "x", "xx"] {
        let coded = data_encoding::BASE64.encode(format!("{pad}{canary}").as_bytes());
        forms.push(coded.as_bytes()[4..coded.len() - 4].to_vec());
    }
    forms.push(canary.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms
}

#[test]
fn a_canary_put_in_by_every_route_is_found_nowhere() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // The only test that installs one: other tests' lines may be among these and hold no canary.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let temporary = std::env::temp_dir();
    run(async {
        let canary = "Kanarie-7f3a9c51e2";
        let world = World::new().await;
        put_in(&world, canary).await;
        let mut places = files(&world.data);
        assert!(places.iter().any(|path| path.to_string_lossy().ends_with("-wal")), "{places:?}");
        for entry in std::fs::read_dir(&temporary).unwrap().flatten() {
            if entry.path().is_file() {
                places.push(entry.path());
            }
        }
        for place in places {
            let Ok(bytes) = std::fs::read(&place) else { continue };
            if bytes.len() < 50 << 20 {
                absent(&bytes, canary, &place.display().to_string());
            }
        }
        world.finish().await;
        let logged = log.0.lock().unwrap().clone();
        assert!(!logged.is_empty(), "nothing was captured");
        absent(&logged, canary, "the log");
    });
}

fn absent(bytes: &[u8], canary: &str, place: &str) {
    for form in forms(canary) {
        let found = bytes.windows(form.len()).any(|window| window == form);
        assert!(!found, "the canary lies in {place}");
    }
}

async fn put_in(world: &World, canary: &str) {
    let mut body = report(canary);
    body["technical"]["description"] = json!(format!("{canary} in the words of the finder"));
    body["reproduction"] = json!({ "steps": canary });
    body["identity"] = json!({ "name": canary });
    let filed = world.file("fin", &body).await;
    let other = world.file("", &body).await;
    world.ask("", "POST", "/api/v1/reports/preview").bytes(body.to_string()).send().await.ok();
    let mut bad = body.clone();
    bad[canary] = json!(canary);
    bad["kind"] = json!(canary);
    assert_eq!(
        world.ask("", "POST", "/api/v1/reports").bytes(bad.to_string()).send().await.status,
        422
    );
    let flare = json!({ "@type": "flare:AIFlawReport", "description": canary });
    world.ask("", "POST", "/api/v1/intake?format=flare").bytes(flare.to_string()).send().await;
    let at = format!("/api/v1/reports/{filed}");
    world
        .ask("fin", "POST", &format!("{at}/files?name={canary}"))
        .header("idempotency-key", "file")
        .bytes(canary.repeat(10_000))
        .send()
        .await
        .ok();
    world.get("ada", &at).await.ok();
    world.get("ada", &format!("{at}/files")).await.ok();
    let notes = json!({ "command": "assess", "assessment": { "notes": canary } });
    world.post("ada", &format!("{at}/commands"), &notes).await;
    let decline = json!({ "command": "decline", "reason": canary });
    world.post("ada", &format!("/api/v1/reports/{other}/commands"), &decline).await.ok();
    let opened = world.post("ada", "/api/v1/cases", &json!({ "reports": [filed] })).await.ok();
    let case = opened["case"].as_str().unwrap();
    for to in ["V", "A"] {
        world.say("ada", "nv", case, "report.judge", json!({ "to": to })).await;
    }
    let invite = json!({ "party": "acme", "org": "acme", "hub": "nv", "roles": ["vendor"], "rsvp_at": world.now_ms() + 7 * DAY_MS });
    world.say("ada", "nv", case, "party.invite", invite).await;
    let sent = world.say("ada", "nv", case, "report.send", json!({ "to": "acme" })).await;
    world.say("ann", "acme", case, "report.ack", json!({ "of": sent })).await;
    for (who, party, kind, body) in [
        ("ann", "acme", "statement.give", json!({})),
        (
            "ada",
            "nv",
            "content.seal",
            json!({ "compartment": "technical", "recipients": [{ "party": "acme", "wrapped": "hub" }] }),
        ),
    ] {
        let command = json!({ "kind": kind, "party": party, "body": body, "text": format!("{canary} for few") });
        world.act(who, case, "commands", &command).await.ok();
    }
    let mut content = advisory(canary);
    content["summary"] = json!(format!("{canary} in a draft"));
    world
        .post("ada", &format!("/api/v1/cases/{case}/drafts"), &json!({ "content": content }))
        .await
        .ok();
    world.get("ada", &format!("/api/v1/cases/{case}/drafts")).await.ok();
    world.get("ada", &format!("/api/v1/advisories?q={canary}")).await.ok();
}
