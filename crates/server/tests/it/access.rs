//! Who may ask for what: every route, by every role, and what is told to those who may not.

use std::fmt::Write as _;
use std::path::Path;

use comity_server::api::table::{Guard, ROUTES, Route, Verb};
use serde_json::json;

use crate::world::{DAY_MS, Seen, World, run};

/// Who asks, in the columns of the table. `ada-` and `ann-` hold tokens without the scopes of cases, reports,
/// publications; `wrong` is a token that opens nothing.
const ASKERS: [&str; 14] = [
    "nobody", "wrong", "root", "audit", "ada", "ada-", "fin", "fio", "ann", "ann-", "bob", "reg",
    "asr", "del",
];

async fn ask(world: &World, who: &str, route: &Route, path: &str, narrow: (&str, &str)) -> Seen {
    let asker = match who {
        "nobody" => "",
        "wrong" => "cmt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "ada-" => narrow.0,
        "ann-" => narrow.1,
        account => account,
    };
    let mut ask = world.ask(asker, &route.verb.key().to_uppercase(), path);
    if route.verb == Verb::Post {
        ask = ask.bytes("{}");
    }
    if route.guard != Guard::None {
        ask = ask.header("idempotency-key", &world.key());
    }
    if route.guard == Guard::IdempotencyAndMatch {
        ask = ask.header("if-match", "\"none\"");
    }
    ask.send().await
}

/// The path of a route with the things of this test, or with things that are nowhere.
fn path(route: &Route, case: &str, report: &str) -> String {
    route
        .path
        .replace("{case}", case)
        .replace("{report}", report)
        .replace("{file}", if route.operation == "read-advisory" { case } else { "0123" })
        .replace("{item}", &"0".repeat(64))
        .replace("{token}", "0123456789abcdef")
        .replace("{standard}", "std-absent")
        .replace("{assessment}", "assessment-absent")
        .replace("{motion}", "motion-absent")
        .replace("{edition}", "1")
}

#[test]
fn the_access_matrix_is_as_published_and_absent_looks_like_forbidden() {
    run(async {
        let world = World::new().await;
        let case = world.open_case("fin").await;
        let report = case.replacen("nv-", "nv-r-", 1);
        for to in ["V", "A"] {
            world.say("ada", "nv", &case, "report.judge", json!({ "to": to })).await;
        }
        let invite = json!({ "party": "acme", "org": "acme", "hub": "nv", "roles": ["vendor"],
            "rsvp_at": world.now_ms() + 7 * DAY_MS });
        world.say("ada", "nv", &case, "party.invite", invite).await;
        let narrow = (
            world.token("ada", Some(&["token:write"])).await,
            world.token("ann", Some(&["token:write"])).await,
        );
        let mut table = format!("{:<22}{}\n", "", ASKERS.map(|who| format!("{who:<8}")).concat());
        for route in ROUTES {
            let mut line = format!("{:<22}", route.operation);
            for who in ASKERS {
                let names = (narrow.0.as_str(), narrow.1.as_str());
                let seen = ask(&world, who, route, &path(route, &case, &report), names).await;
                let absent = path(route, "nv-2027-99999", "nv-r-2027-99999");
                let absent = ask(&world, who, route, &absent, names).await;
                if seen.status == 404 && route.path.contains('{') {
                    assert_eq!(seen.bytes, absent.bytes, "{who} {}", route.operation);
                    assert_eq!(absent.status, 404);
                }
                write!(line, "{:<8}", seen.status).unwrap();
            }
            writeln!(table, "{}", line.trim_end()).unwrap();
        }
        golden("access.txt", &table);
        world.finish().await;
    });
}

/// Compares with a file beside the tests; `COMITY_BLESS=1` writes it.
fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(name);
    crate::world::same(&path, text);
}

#[test]
fn a_vendor_reads_its_own_content_and_no_other() {
    run(async {
        let world = World::new().await;
        let case = world.open_case("").await;
        let other = world.open_case("").await;
        for case in [&case, &other] {
            for to in ["V", "A"] {
                world.say("ada", "nv", case, "report.judge", json!({ "to": to })).await;
            }
        }
        let mut statements = Vec::new();
        for (who, party) in [("ann", "acme"), ("bob", "bolt")] {
            let invite = json!({ "party": party, "org": party, "hub": "nv", "roles": ["vendor"],
                "rsvp_at": world.now_ms() + 7 * DAY_MS });
            world.say("ada", "nv", &case, "party.invite", invite).await;
            let sent = world.say("ada", "nv", &case, "report.send", json!({ "to": party })).await;
            world.say(who, party, &case, "report.ack", json!({ "of": sent })).await;
            let give =
                json!({ "kind": "statement.give", "body": {}, "text": format!("from {party}") });
            let after = world.act(who, &case, "commands", &give).await.ok();
            let entry =
                world.hub.store().entry(after["entry"].as_str().unwrap()).await.unwrap().unwrap();
            let envelope = comity_ledger::envelope::Envelope::parse(&entry.envelope).unwrap();
            let read = comity_ledger::entry::Entry::parse(envelope.payload()).unwrap();
            statements.push(read.body["commitment"].as_str().unwrap().to_owned());
        }
        let content = |commitment: &str| format!("/api/v1/cases/{case}/content/{commitment}");
        let looks = world.hub.store().looks(&case, "", 100).await.unwrap().len();
        assert_eq!(world.get("ann", &content(&statements[0])).await.ok()["text"], "from acme");
        assert_eq!(world.hub.store().looks(&case, "", 100).await.unwrap().len(), looks + 1);
        let foreign = world.get("ann", &content(&statements[1])).await;
        let absent = world.get("ann", &content(&"0".repeat(64))).await;
        assert_eq!((foreign.status, &foreign.bytes), (404, &absent.bytes));
        world.get("ada", &content(&statements[1])).await.ok();
        // The case it is no party of is not there, whatever is asked.
        for what in ["", "/entries", "/parties", "/clocks", "/export", "/drafts"] {
            world
                .get("ann", &format!("/api/v1/cases/{other}{what}"))
                .await
                .refused(404, "not-found");
        }
        let listed = world.get("ann", "/api/v1/cases").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        // Nobody speaks for another's party; the lead not even for one that has its own people here.
        let note = |party: &str| json!({ "kind": "note", "party": party, "body": {} });
        world.act("ann", &case, "commands", &note("bolt")).await.refused(422, "not-your-party");
        world.act("ada", &case, "commands", &note("bolt")).await.refused(422, "not-your-party");
        world.act("ada", &case, "commands", &note("finder")).await.ok();
        world.finish().await;
    });
}

#[test]
fn a_finder_with_an_account_finds_the_case_and_is_named_nowhere() {
    run(async {
        let world = World::new().await;
        let case = world.open_case("fin").await;
        assert_eq!(world.get("fin", "/api/v1/cases").await.ok()["items"][0]["case"], case);
        world.get("fin", &format!("/api/v1/cases/{case}")).await.ok();
        assert!(
            world.get("fio", "/api/v1/cases").await.ok()["items"].as_array().unwrap().is_empty()
        );
        world.get("fio", &format!("/api/v1/cases/{case}")).await.refused(404, "not-found");
        let export = world.get("ada", &format!("/api/v1/cases/{case}/export")).await;
        let state = world.get("ada", &format!("/api/v1/cases/{case}")).await;
        for seen in [export, state] {
            assert!(!seen.text().contains("account-fin") && !seen.text().contains("\"fin\""));
        }
        world.hub.rebuild().await.unwrap();
        assert_eq!(world.get("fin", "/api/v1/cases").await.ok()["items"][0]["case"], case);
        world.finish().await;
    });
}

#[test]
fn a_token_makes_none_wider_than_itself() {
    run(async {
        let world = World::new().await;
        let narrow = world.token("ada", Some(&["token:write", "case:read"])).await;
        let made = world.post(&narrow, "/api/v1/tokens", &json!({})).await.ok();
        assert_eq!(made["scopes"], json!(["case:read", "token:write"]));
        let wide = json!({ "scopes": ["publish:write"] });
        let refused =
            world.post(&narrow, "/api/v1/tokens", &wide).await.refused(422, "scope-missing");
        assert_eq!(refused["errors"][0]["pointer"], "/scopes/0");
        world
            .post("ada", "/api/v1/tokens", &json!({ "account": "bela" }))
            .await
            .refused(404, "not-found");
        world.post("root", "/api/v1/tokens", &json!({ "account": "bela" })).await.ok();
        let id = made["id"].as_str().unwrap();
        let token = made["token"].as_str().unwrap();
        world.get(token, "/api/v1/cases").await.ok();
        assert_eq!(
            world.ask("ada", "DELETE", &format!("/api/v1/tokens/{id}")).send().await.status,
            204
        );
        world.get(token, "/api/v1/cases").await.refused(401, "token-missing");
        world.advance(367 * DAY_MS);
        world.get("ada", "/api/v1/cases").await.refused(401, "token-missing");
    });
}
