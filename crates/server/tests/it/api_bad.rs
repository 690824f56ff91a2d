//! Bad input: each kind is refused with its code, and nothing is half-written.

use std::collections::BTreeMap;

use comity_server::tasks;
use serde_json::{Value, json};

use crate::world::{World, advisory, files, report, run};

/// How many rows and blobs there are; looks and times of use left out.
async fn counts(world: &World) -> BTreeMap<&'static str, usize> {
    let store = world.hub.store();
    let mut entries = 0;
    for room in store.rooms("", 1000).await.unwrap() {
        entries += usize::try_from(store.room_position(&room.room_id).await.unwrap()).unwrap();
    }
    let mut items = 0;
    let reports = store.reports_by_time(None, 1000).await.unwrap();
    for report in &reports {
        items += store.items(&report.report_id, 1000).await.unwrap().len();
    }
    let blobs =
        files(&world.data).iter().filter(|path| path.to_string_lossy().contains("blob")).count();
    BTreeMap::from([
        ("entries", entries),
        ("items", items),
        ("reports", reports.len()),
        ("cases", store.cases_by_change(None, 1000).await.unwrap().len()),
        ("blobs", blobs),
    ])
}

fn with(path: &str, value: Value) -> Vec<u8> {
    let mut report = report("A title");
    match path.split_once('/') {
        None => report[path] = value,
        Some((outer, inner)) => report[outer][inner] = value,
    }
    report.to_string().into_bytes()
}

/// Bodies of reports with the status and code of their refusal.
fn bad_reports() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let twice = br#"{"schema":"comity.report/1","schema":"comity.report/1"}"#;
    let mut large = report("A title").to_string().into_bytes();
    large.resize((1 << 20) + 1, b' ');
    vec![
        ("nothing", Vec::new(), 400, "json-invalid"),
        ("half", br#"{"schema":"#.to_vec(), 400, "json-invalid"),
        ("no JSON", b"<xml/>".to_vec(), 400, "json-invalid"),
        ("not UTF-8", b"{\"schema\":\"\xff\xfe\"}".to_vec(), 400, "json-invalid"),
        ("a key twice", twice.to_vec(), 400, "json-invalid"),
        ("too deep", deep.into_bytes(), 400, "too-deep"),
        ("a byte too large", large, 413, "too-large"),
        ("no object", b"[]".to_vec(), 422, "field-type"),
        ("empty", b"{}".to_vec(), 422, "field-missing"),
        ("unknown member", with("surprise", json!(1)), 422, "field-unknown"),
        ("unknown kind", with("kind", json!("rumour")), 422, "value-unknown"),
        ("wrong type", with("abstract", json!(7)), 422, "field-type"),
        ("other schema", with("schema", json!("comity.report/9")), 422, "schema-unsupported"),
        (
            "1 MiB of text",
            with("technical/description", json!("x".repeat(1_000_000))),
            422,
            "text-too-long",
        ),
        ("bare framework id", with("technical/references", json!(["CWE-79"])), 422, "field-type"),
        (
            "reference without framework",
            with("technical/references", json!([{ "id": "LLM01" }])),
            422,
            "field-missing",
        ),
    ]
}

#[test]
fn a_bad_report_is_refused_and_nothing_is_written() {
    run(async {
        let world = World::new().await;
        world.file("", &report("A good one first")).await;
        let before = counts(&world).await;
        for (what, body, status, code) in bad_reports() {
            for path in ["/api/v1/reports", "/api/v1/reports/preview"] {
                let seen = world.ask("", "POST", path).bytes(body.clone()).send().await;
                assert_eq!(
                    (seen.status, seen.code().as_str()),
                    (status, code),
                    "{what}: {}",
                    seen.text()
                );
            }
        }
        let vectors = ["CVSS:3.1/AV:N", "CVSS:4.0/AV:Z/AC:L", "CVSS:9.9/AV:N", "hello"];
        for vector in vectors {
            let assessment = json!({ "assessor": "a", "role": "finder", "at": "2027-01-05T12:00:00Z",
                "lexicon": "1.0.0", "cvss": [{ "vector": vector }] });
            let body = with("assessments", json!([assessment]));
            let seen = world.ask("", "POST", "/api/v1/reports").bytes(body).send().await;
            seen.refused(422, "cvss-invalid");
        }
        assert_eq!(counts(&world).await, before);
        world.finish().await;
    });
}

#[test]
fn strange_words_are_kept_byte_for_byte() {
    run(async {
        let world = World::new().await;
        let strange = [
            "مرحبا \u{202e}reversed\u{202c} \u{2066}isolated\u{2069} \u{200f}\u{7}\u{1b}[31m",
            "<script>alert(1)</script><img src=x onerror=alert(1)>",
            "=cmd|' /C calc'!A0 +1+1 -1 @SUM(A1)",
            "null \u{0} byte and \u{0}\u{0} more",
            "{{template}} ${jndi:ldap://x} %s %n '; drop table report; --",
            "\u{feff}mark \u{e0041}\u{e0042} tags \u{1f468}\u{200d}\u{1f469}",
        ];
        for words in strange {
            let mut body = report("A title");
            body["technical"]["description"] = json!(format!("{words} and enough more words."));
            body["reproduction"] = json!({ "steps": words });
            let id = world.file("fin", &body).await;
            let read = world.get("ada", &format!("/api/v1/reports/{id}")).await.ok();
            assert_eq!(
                read["report"]["technical"]["description"],
                body["technical"]["description"]
            );
            assert_eq!(read["report"]["reproduction"]["steps"], words);
            // As a reason, a statement, a search, a draft: kept or refused, never a fault.
            let at = format!("/api/v1/reports/{id}/commands");
            world.post("ada", &at, &json!({ "command": "decline", "reason": words })).await.ok();
            let words = form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>();
            for query in
                ["advisories?q=", "reports?state=", "reports?cursor=", "advisories/none?version="]
            {
                let seen = world.get("ada", &format!("/api/v1/{query}{words}")).await;
                assert!(seen.status < 500, "{query}{words}");
            }
            let seen = world
                .get(
                    "ada",
                    &format!("/api/v1/reports/{}", words.replace('+', "%20").replace("%2F", "x")),
                )
                .await;
            assert_eq!(seen.status, 404);
        }
        world.finish().await;
    });
}

/// Requests of people with an account: path, body, status, code.
fn bad_requests(case: &str, filed: &str) -> Vec<(&'static str, String, Value, u16, &'static str)> {
    let report = format!("/api/v1/reports/{filed}/commands");
    let drafts = format!("/api/v1/cases/{case}/drafts");
    let mut hostile = advisory("Title");
    hostile["title"] = json!("a \u{0} title");
    let mut unknown = advisory("Title");
    unknown["surprise"] = json!(1);
    vec![
        ("ada", report.clone(), json!({}), 422, "field-missing"),
        ("ada", report.clone(), json!(7), 422, "field-type"),
        ("ada", report.clone(), json!({ "command": "burn" }), 422, "value-unknown"),
        (
            "ada",
            report.clone(),
            json!({ "command": "acknowledge", "why": 1 }),
            400,
            "member-unknown",
        ),
        ("ada", report.clone(), json!({ "command": "decline" }), 422, "field-missing"),
        (
            "ada",
            report.clone(),
            json!({ "command": "decline", "reason": " " }),
            422,
            "field-missing",
        ),
        (
            "ada",
            report.clone(),
            json!({ "command": "decline", "reason": "x".repeat(501) }),
            422,
            "text-too-long",
        ),
        ("ada", report.clone(), json!({ "command": "assess", "assessment": 1 }), 422, "field-type"),
        (
            "ada",
            report.clone(),
            json!({ "command": "assess", "assessment": { "axes": { "exploitation": "maybe" } } }),
            422,
            "value-unknown",
        ),
        (
            "ada",
            report.clone(),
            json!({ "command": "assess", "assessment": { "cvss": [{ "vector": "CVSS:3.1/AV:X" }] } }),
            422,
            "cvss-invalid",
        ),
        (
            "ada",
            report,
            json!({ "command": "erase", "what": "report", "confirm": "yes" }),
            422,
            "confirmation-wrong",
        ),
        ("ada", "/api/v1/cases".into(), json!({ "reports": [] }), 422, "field-missing"),
        (
            "ada",
            "/api/v1/cases".into(),
            json!({ "reports": ["nv-r-2027-99999"] }),
            422,
            "report-unknown",
        ),
        ("ada", "/api/v1/cases".into(), json!({ "reports": ["\u{0}"] }), 422, "report-unknown"),
        (
            "ada",
            "/api/v1/cases".into(),
            json!({ "reports": [filed, filed] }),
            422,
            "list-duplicate",
        ),
        (
            "ada",
            "/api/v1/cases".into(),
            json!({ "reports": [filed], "lead": "UP" }),
            422,
            "value-invalid",
        ),
        ("ada", "/api/v1/cases".into(), json!({ "reports": vec!["a"; 101] }), 422, "list-too-long"),
        ("ada", drafts.clone(), json!({ "content": {} }), 422, "field-missing"),
        ("ada", drafts.clone(), json!({ "content": hostile }), 422, "text-control"),
        ("ada", drafts, json!({ "content": unknown }), 422, "field-unknown"),
        (
            "root",
            "/api/v1/organisations".into(),
            json!({ "organisation": "a\u{0}", "name": "n" }),
            422,
            "value-invalid",
        ),
        (
            "root",
            "/api/v1/organisations".into(),
            json!({ "organisation": "ok", "name": "n\u{0}" }),
            422,
            "value-invalid",
        ),
        (
            "root",
            "/api/v1/organisations".into(),
            json!({ "organisation": "account-x", "name": "n" }),
            422,
            "value-invalid",
        ),
        (
            "root",
            "/api/v1/organisations".into(),
            json!({ "organisation": "acme", "name": "n" }),
            422,
            "already-there",
        ),
        (
            "root",
            "/api/v1/accounts".into(),
            json!({ "account": "a1", "organisation": "\u{0}", "roles": ["vendor"] }),
            422,
            "value-unknown",
        ),
        (
            "root",
            "/api/v1/accounts".into(),
            json!({ "account": "a1", "organisation": "acme", "roles": ["king"] }),
            422,
            "value-unknown",
        ),
        ("root", "/api/v1/tokens".into(), json!({ "account": "\u{0}" }), 422, "value-unknown"),
        (
            "root",
            "/api/v1/tokens".into(),
            json!({ "account": "ada", "days": 400 }),
            422,
            "number-out-of-range",
        ),
    ]
}

#[test]
fn a_bad_request_is_refused_and_nothing_is_written() {
    run(async {
        let world = World::new().await;
        let case = world.open_case("").await;
        let filed = world.file("fin", &report("Second")).await;
        let before = counts(&world).await;
        for (who, path, body, status, code) in bad_requests(&case, &filed) {
            let seen = world.post(who, &path, &body).await;
            assert_eq!(
                (seen.status, seen.code().as_str()),
                (status, code),
                "{path} {body}: {}",
                seen.text()
            );
        }
        for (body, status, code) in [
            (json!({ "kind": "burn", "body": {} }), 422, "unknown-kind"),
            (json!({ "kind": "case.open", "body": {} }), 422, "unknown-kind"),
            (json!({ "kind": "note", "party": "nv", "body": { "surprise": 1 } }), 422, "bad-body"),
            (
                json!({ "kind": "note", "party": "nv", "body": {}, "text": "x" }),
                400,
                "member-unknown",
            ),
            (json!({ "kind": "note", "party": "\u{0}", "body": {} }), 422, "value-invalid"),
            (json!({ "kind": "note", "party": "nobody", "body": {} }), 422, "not-your-party"),
            (json!({ "kind": "statement.give", "party": "nv", "body": {} }), 422, "field-missing"),
            (
                json!({ "kind": "statement.give", "party": "nv", "body": {}, "text": "x".repeat(20_001) }),
                422,
                "text-too-long",
            ),
            (
                json!({ "kind": "embargo.propose", "party": "nv", "body": { "ends": -1 } }),
                422,
                "bad-body",
            ),
            (
                json!({ "kind": "vendor.aware", "party": "nv", "body": { "party": "nv", "evidence": [{ "type": "url", "ref": "x" }] } }),
                422,
                "not-vendor",
            ),
        ] {
            let seen = world.act("ada", &case, "commands", &body).await;
            assert_eq!(
                (seen.status, seen.code().as_str()),
                (status, code),
                "{body}: {}",
                seen.text()
            );
        }
        for (body, code) in [
            (json!({ "action": "approve", "sha256": "x" }), "draft-unknown"),
            (json!({ "action": "publish" }), "draft-unknown"),
            (json!({ "action": "withdraw", "reason": "r" }), "advisory-not-published"),
            (json!({ "action": "publish", "summary": "" }), "field-missing"),
            (json!({ "action": "burn" }), "value-unknown"),
        ] {
            world.act("ada", &case, "releases", &body).await.refused(422, code);
        }
        assert_eq!(counts(&world).await, before);
        assert_eq!(tasks::run_due(&world.hub).await.unwrap(), 0);
        world.finish().await;
    });
}

#[test]
fn hostile_files_are_so_many_bytes() {
    run(async {
        let world = World::new().await;
        let filed = world.file("fin", &report("With files")).await;
        let at = |name: &str| format!("/api/v1/reports/{filed}/files?name={name}");
        let send = |name: &str, bytes: &[u8]| {
            world.ask("fin", "POST", &at(name)).header("idempotency-key", &world.key()).bytes(bytes)
        };
        let bomb = [b"PK\x03\x04".as_slice(), &[0; 4096]].concat();
        let pickle = b"\x80\x04\x95cos\nsystem\n(S'id'\ntR.".to_vec();
        let svg =
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
        let polyglot = b"GIF89a/*<html>*/=1;%PDF-1.7 <script>".to_vec();
        for (name, bytes) in
            [("a.zip", bomb), ("b.pkl", pickle), ("c.svg", svg), ("d.gif", polyglot)]
        {
            let kept = send(name, &bytes).send().await.ok();
            assert_eq!(kept["bytes"], bytes.len());
            let file = kept["file"].as_str().unwrap();
            let got = world.get("ada", &format!("/api/v1/reports/{filed}/files/{file}")).await;
            assert_eq!(got.bytes, bytes);
            assert_eq!(got.header("content-type"), "application/octet-stream");
            assert!(got.header("content-disposition").starts_with("attachment"));
            assert_eq!(got.header("x-content-type-options"), "nosniff");
        }
        let before = counts(&world).await;
        send("empty", b"").send().await.refused(422, "report-file-empty");
        send("large", &vec![7; (1 << 20) + 1]).send().await.refused(413, "report-file-too-large");
        send("", b"x").send().await.refused(422, "value-invalid");
        send(&"n".repeat(201), b"x").send().await.refused(422, "value-invalid");
        world
            .ask("fin", "POST", &at("x"))
            .bytes("x")
            .send()
            .await
            .refused(400, "idempotency-key-missing");
        world
            .ask("fio", "POST", &at("x"))
            .header("idempotency-key", "k")
            .bytes("x")
            .send()
            .await
            .refused(404, "not-found");
        broken_off(&world, &at("broken")).await;
        assert_eq!(counts(&world).await, before);
        // The key of one upload does its work once; a second body leaves no blob behind.
        for expected in [before["blobs"] + 1, before["blobs"] + 1] {
            world
                .ask("fin", "POST", &at("once"))
                .header("idempotency-key", "once")
                .bytes("abc")
                .send()
                .await
                .ok();
            assert_eq!(counts(&world).await["blobs"], expected);
        }
        for number in 5..20 {
            send(&format!("f{number}"), b"more").send().await.ok();
        }
        let before = counts(&world).await;
        send("f21", b"one too many").send().await.refused(422, "report-files-too-many");
        assert_eq!(counts(&world).await, before);
        let listed = world.get("ada", &format!("/api/v1/reports/{filed}/files")).await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 20);
        world.finish().await;
    });
}

/// An upload whose sender goes away in the middle.
async fn broken_off(world: &World, path: &str) {
    use tokio::io::AsyncWriteExt as _;
    let mut stream =
        tokio::net::TcpStream::connect(world.base.trim_start_matches("http://")).await.unwrap();
    let token = world.token("fin", None).await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nidempotency-key: broken\r\ncontent-length: 500000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&[1; 200_000]).await.unwrap();
    stream.flush().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    drop(stream);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
}

#[test]
fn what_is_erased_stays_erased_and_everything_verifies() {
    run(async {
        let world = World::new().await;
        let mut body = report("Erase me");
        body["identity"] = json!({ "name": "Finder Fictional" });
        let filed = world.file("fin", &body).await;
        world
            .ask("fin", "POST", &format!("/api/v1/reports/{filed}/files?name=a"))
            .header("idempotency-key", "f")
            .bytes("content")
            .send()
            .await
            .ok();
        let at = format!("/api/v1/reports/{filed}");
        let erase = |what: &str| json!({ "command": "erase", "what": what, "confirm": filed });
        let row = world.post("ada", &format!("{at}/commands"), &erase("identity")).await.ok();
        assert_eq!(row["state"], "received");
        let read = world.get("ada", &at).await.ok();
        assert_eq!(
            (&read["erased"], &read["report"]["abstract"]["title"]),
            (&json!(["identity"]), &json!("Erase me"))
        );
        let row = world.post("ada", &format!("{at}/commands"), &erase("report")).await.ok();
        assert_eq!(row["state"], "erased");
        let read = world.get("ada", &at).await.ok();
        assert_eq!((&read["report"], &read["assessment"]), (&Value::Null, &Value::Null));
        assert!(read["erased"].as_array().unwrap().contains(&json!("technical")));
        assert!(
            files(&world.data).iter().all(|path| !path.to_string_lossy().contains("blob")),
            "a blob stayed"
        );
        for (_, key) in world.hub.store().items(&filed, 100).await.unwrap() {
            assert!(key.is_none());
        }
        world
            .post("ada", &format!("{at}/commands"), &json!({ "command": "acknowledge" }))
            .await
            .refused(422, "wrong-state");
        world
            .post("ada", "/api/v1/cases", &json!({ "reports": [filed] }))
            .await
            .refused(422, "wrong-state");
        world.get("ada", &format!("{at}/receipt")).await.ok();
        world.finish().await;
    });
}
