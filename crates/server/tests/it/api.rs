//! The rules every route keeps: once, on which state, page by page, how often, in which words.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use comity_server::api::openapi;
use comity_server::i18n::Catalogue;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::world::{World, config, report, run, same};

#[test]
fn a_key_does_its_work_once() {
    run(async {
        let world = World::new().await;
        let filed = world.file("fin", &report("One")).await;
        let at = format!("/api/v1/reports/{filed}/commands");
        let ask = |body: &str| {
            world.ask("ada", "POST", &at).header("idempotency-key", "k").bytes(body.to_owned())
        };
        let acknowledge = r#"{"command":"acknowledge"}"#;
        ask(acknowledge)
            .without("idempotency-key")
            .send()
            .await
            .refused(400, "idempotency-key-missing");
        let first = ask(acknowledge).send().await;
        assert_eq!((first.status, first.header("idempotent-replayed")), (200, ""));
        let again = ask(acknowledge).send().await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"));
        assert_eq!(first.bytes, again.bytes);
        ask(r#"{"command":"acknowledge" }"#).send().await.refused(422, "idempotency-key-reused");
        // Another account's key of the same text is another key.
        world
            .ask("bela", "POST", &at)
            .header("idempotency-key", "k")
            .bytes(acknowledge)
            .send()
            .await
            .refused(422, "wrong-state");
        let world = world.restart().await;
        let later = world
            .ask("ada", "POST", &at)
            .header("idempotency-key", "k")
            .bytes(acknowledge)
            .send()
            .await;
        assert_eq!((later.status, later.header("idempotent-replayed")), (200, "true"));
        for key in ["", "a b", &"x".repeat(65)] {
            let ask =
                world.ask("ada", "POST", &at).header("idempotency-key", key).bytes(acknowledge);
            ask.send().await.refused(400, "idempotency-key-missing");
        }
        world.finish().await;
    });
}

#[test]
fn twenty_calls_with_one_key_at_once_do_the_work_once() {
    run(async {
        let world = Arc::new(World::new().await);
        let case = world.open_case("").await;
        let etag = world.etag("ada", &case).await;
        let command =
            json!({ "kind": "report.judge", "party": "nv", "body": { "to": "V" } }).to_string();
        let calls = (0..20).map(|_| {
            let (world, case, etag, command) =
                (Arc::clone(&world), case.clone(), etag.clone(), command.clone());
            tokio::spawn(async move {
                let path = format!("/api/v1/cases/{case}/commands");
                let ask = world.ask("ada", "POST", &path);
                ask.header("idempotency-key", "same")
                    .header("if-match", &etag)
                    .bytes(command)
                    .send()
                    .await
            })
        });
        let mut fresh = 0;
        let mut bodies = BTreeSet::new();
        for call in calls.collect::<Vec<_>>() {
            let seen = call.await.unwrap();
            assert_eq!(seen.status, 200, "{}", seen.text());
            fresh += usize::from(seen.header("idempotent-replayed").is_empty());
            bodies.insert(seen.bytes);
        }
        assert_eq!((fresh, bodies.len()), (1, 1));
        // Two who decided on one state: one of them decides again.
        let etag = world.etag("ada", &case).await;
        let both = ["a", "b"].map(|key| {
            let (world, case, etag) = (Arc::clone(&world), case.clone(), etag.clone());
            tokio::spawn(async move {
                let body = json!({ "kind": "note", "party": "nv", "body": {} }).to_string();
                let ask = world.ask("ada", "POST", &format!("/api/v1/cases/{case}/commands"));
                ask.header("idempotency-key", key)
                    .header("if-match", &etag)
                    .bytes(body)
                    .send()
                    .await
                    .status
            })
        });
        let mut statuses = Vec::new();
        for call in both {
            statuses.push(call.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        world.verify().await;
    });
}

#[test]
fn a_change_names_the_state_it_was_decided_on() {
    run(async {
        let world = World::new().await;
        let case = world.open_case("").await;
        let etag = world.etag("ada", &case).await;
        let path = format!("/api/v1/cases/{case}/commands");
        let note = json!({ "kind": "note", "party": "nv", "body": {} }).to_string();
        let ask = |etag: Option<&str>| {
            let ask = world
                .ask("ada", "POST", &path)
                .header("idempotency-key", &world.key())
                .bytes(note.clone());
            match etag {
                None => ask,
                Some(etag) => ask.header("if-match", etag),
            }
        };
        ask(None).send().await.refused(428, "precondition-missing");
        ask(Some("\"old\"")).send().await.refused(412, "state-changed");
        ask(Some("*")).send().await.refused(412, "state-changed");
        ask(Some(&etag)).send().await.ok();
        ask(Some(&etag)).send().await.refused(412, "state-changed");
        let parties = format!("/api/v1/cases/{case}/parties");
        let seen = world.get("ada", &parties).await;
        let tag = seen.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 30);
        let again = world.ask("ada", "GET", &parties).header("if-none-match", &tag).send().await;
        assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, tag.as_str()));
        world.finish().await;
    });
}

#[test]
fn pages_of_a_list_hold_while_rows_are_added() {
    run(async {
        let world = World::new().await;
        let mut filed = BTreeSet::new();
        for number in 0..7 {
            filed.insert(world.file("", &report(&format!("Number {number}"))).await);
            world.advance(1000);
        }
        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let page = world.get("ada", &format!("/api/v1/reports?limit=3{next}")).await.ok();
            seen.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row["report"].as_str().unwrap().to_owned()),
            );
            world.advance(1000);
            let added = world.file("", &report("In between")).await;
            let Some(cursor) = page["next"].as_str() else { break };
            assert!(cursor.len() <= 256);
            next = format!("&cursor={cursor}");
            if seen.len() > 6 {
                break;
            }
            assert!(!filed.contains(&added));
        }
        let once: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(once.len(), seen.len(), "a row twice");
        assert!(once.is_superset(&filed), "a row was passed over");
        for cursor in ["x", "!!", &"A".repeat(257), "MTo", "AA"] {
            for list in ["reports", "cases", "advisories"] {
                let got = world.get("ada", &format!("/api/v1/{list}?cursor={cursor}")).await;
                if got.status != 200 {
                    got.refused(400, "cursor-invalid");
                }
            }
        }
        world.get("ada", "/api/v1/reports?cursor=!!").await.refused(400, "cursor-invalid");
        for limit in ["0", "201", "-1", "x", ""] {
            let got = world.get("ada", &format!("/api/v1/reports?limit={limit}")).await;
            got.refused(422, "number-out-of-range");
        }
        world.get("ada", "/api/v1/reports?state=lost").await.refused(422, "value-unknown");
        world.finish().await;
    });
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    run(async {
        let mut config = config();
        config.limits.reads_per_minute = 3;
        config.limits.writes_per_minute = 2;
        config.limits.reports_per_hour_prefix = 2;
        let world = World::with(config).await;
        let first = world.get("fin", "/api/v1/cases").await;
        assert_eq!(first.header("ratelimit-policy"), "\"read\";q=3;w=60");
        assert!(
            first.header("ratelimit").starts_with("\"read\";r=2;t="),
            "{}",
            first.header("ratelimit")
        );
        for _ in 0..2 {
            world.get("fin", "/api/v1/cases").await.ok();
        }
        let over = world.get("fin", "/api/v1/cases").await;
        over.refused(429, "rate-limited");
        assert!((1..=60).contains(&over.header("retry-after").parse::<u32>().unwrap()));
        assert!(over.header("ratelimit").starts_with("\"read\";r=0;"));
        // Another token has its own window; made-up tokens share one.
        world.get("fio", "/api/v1/cases").await.ok();
        let mut statuses = Vec::new();
        for number in 0..5 {
            statuses.push(world.get(&format!("cmt_{number}"), "/api/v1/cases").await.status);
        }
        assert_eq!(statuses, [401, 401, 401, 429, 429]);
        let send =
            || world.ask("", "POST", "/api/v1/reports").bytes(report("Flood").to_string()).send();
        assert_eq!(send().await.status, 201);
        let second = send().await;
        assert_eq!(second.header("ratelimit-policy"), "\"intake\";q=2;w=3600");
        let third = send().await;
        third.refused(429, "rate-limited");
        world.advance(3_600_000);
        assert_eq!(send().await.status, 201);
    });
}

#[test]
fn problems_speak_the_readers_language() {
    run(async {
        let world = World::new().await;
        let ask = |lang: &str| {
            world.ask("", "GET", "/api/v1/advisories/none").header("accept-language", lang)
        };
        let english = ask("en").send().await.refused(404, "not-found");
        let arabic = ask("ar, en;q=0.5").send().await.refused(404, "not-found");
        assert_ne!(english["title"], arabic["title"]);
        let page = world.get("", "/problems/not-found").await.ok();
        assert_eq!(page["title"], english["title"]);
        world.get("", "/problems/nothing-like-it").await.refused(404, "not-found");
        world.get("", "/api/v1/nowhere").await.refused(404, "not-found");
        let seen = world.ask("ada", "PATCH", "/api/v1/reports").send().await;
        seen.refused(405, "method-not-allowed");
        assert!(seen.header("allow").contains("POST"));
        assert_eq!(world.get("", "/api/v1/hub").await.header("access-control-allow-origin"), "*");
        assert_eq!(
            world.get("ada", "/api/v1/cases").await.header("access-control-allow-origin"),
            ""
        );
    });
}

#[test]
fn a_refusal_names_every_cause_and_its_place() {
    run(async {
        let world = World::new().await;
        let mut bad = report("x");
        bad["kind"] = json!("rumour");
        bad["surprise"] = json!(1);
        let body =
            world.ask("", "POST", "/api/v1/reports").bytes(bad.to_string()).send().await.json();
        assert_eq!(body["status"], 422, "{body}");
        let errors = body["errors"].as_array().unwrap();
        let places: Vec<&str> =
            errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(places, ["/kind", "/surprise"]);
        assert_eq!(body["code"], errors[0]["code"]);
        assert!(errors.iter().all(|error| error["params"].is_object()));
    });
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { sources(&path, into) } else { into.push(path) }
    }
}

/// Codes as they stand in source: the first text of a call that makes a refusal or a problem.
fn codes(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let mut found = BTreeSet::new();
    for call in ["refused(", "refused_at(", "Refusal::new(", "plain(", "(status, ", "(StatusCode::"]
    {
        for part in text.split(call).skip(1) {
            let line = part.lines().next().unwrap_or_default().trim_start();
            let quoted = line.split('"').nth(1).unwrap_or_default();
            let is_code = quoted.contains('-')
                && quoted
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if is_code && !quoted.starts_with('-') {
                found.insert(quoted.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_code_has_words_in_every_language() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in [
        "server/src/app",
        "server/src/api",
        "core/src/report",
        "core/src/advisory",
        "core/src/case",
        "core/src/sharing",
        "core/src/law/agreement",
    ] {
        sources(&crates.join(folder), &mut files);
    }
    let mut all = BTreeSet::new();
    for file in files.iter().filter(|path| path.extension().is_some_and(|kind| kind == "rs")) {
        all.extend(codes(&std::fs::read_to_string(file).unwrap()));
    }
    let void = std::fs::read_to_string(crates.join("core/src/case/void.rs")).unwrap();
    for part in void.split("=> \"").skip(1) {
        all.insert(part.split('"').next().unwrap().to_owned());
    }
    // Codes of files given to the command line alone.
    for only in [
        "entry-malformed",
        "mixed-cases",
        "entry-id-conflict",
        "no-entries",
        "case-required",
        "no-such-case",
        "nothing-to-replay",
        "adopt-without",
        "too-many-entries",
    ] {
        all.remove(only);
    }
    assert!(all.len() > 60, "{all:?}");
    let catalogue = Catalogue::embedded(&TimeZone::UTC).unwrap();
    let mut missing = Vec::new();
    for tag in ["en", "ar"] {
        let locale = catalogue.locale(tag).unwrap();
        missing.extend(
            all.iter()
                .filter(|code| !locale.has(&format!("refusal-{code}")))
                .map(|code| format!("{tag} {code}")),
        );
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_published_document_is_the_one_that_is_served() {
    run(async {
        let world = World::new().await;
        let served: Value = world.get("", "/openapi.json").await.ok();
        let schema = comity_core::lexicon::file("report.schema.json").unwrap();
        assert_eq!(served, openapi::document(&serde_json::from_str(schema).unwrap()));
        // Other test dependencies keep the order of keys: the snapshot's order is the canonical one.
        let sorted = serde_json_canonicalizer::to_vec(&served).unwrap();
        let sorted: Value = serde_json::from_slice(&sorted).unwrap();
        let text = format!("{}\n", serde_json::to_string_pretty(&sorted).unwrap());
        same(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json"),
            &text,
        );
    });
}
