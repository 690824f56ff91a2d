//! The API does what its description says: media types, validators, statuses under race.

use comity_server::api::openapi;
use comity_server::api::table::{Access, ROUTES, Verb};
use serde_json::{Value, json};

use crate::world::{World, report};

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_refused_and_files_nothing() {
    let world = World::new().await;
    let body = report("Nested roles").to_string();
    let post = async |path: &str, kind: &str| {
        let ask = world.ask("", "POST", path).header("content-type", kind);
        ask.header("origin", "https://evil.example").bytes(body.clone()).send().await
    };
    for kind in [
        "text/plain",
        "text/plain; charset=utf-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "application/jsonp",
        "application/json-seq",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "text/plain; x=application/json",
        "",
    ] {
        for path in ["/api/v1/reports", "/api/v1/reports/preview", "/api/v1/intake?format=flare"] {
            post(path, kind).await.refused(415, "media-type");
        }
    }
    // Without any type at all, as a page can send bytes, too.
    let address = world.base.trim_start_matches("http://").to_owned();
    let bare = format!(
        "POST /api/v1/reports HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(bare.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 415"));
    assert!(world.get("ada", "/api/v1/reports").await.ok()["items"].as_array().unwrap().is_empty());
    for kind in ["application/json", "Application/JSON; Charset=\"UTF-8\"", "application/json;"] {
        post("/api/v1/reports", kind).await.ok();
    }
}

#[test]
fn the_description_names_415_exactly_where_json_is_taken() {
    let document = openapi::document(&json!({}));
    for route in ROUTES {
        let responses = &document["paths"][route.path][route.verb.key()]["responses"];
        let takes_json = route.body.is_some_and(|schema| schema != "Octets");
        assert_eq!(responses.get("415").is_some(), takes_json, "{}", route.operation);
    }
}

/// An address of a route with the things of this test; none if they are not there.
fn place(path: &str, case: &str, report: &str) -> Option<String> {
    let path = path.replace("{case}", case).replace("{report}", report);
    (!path.contains('{')).then_some(path)
}

#[tokio::test]
async fn every_read_that_promises_304_gives_it_and_every_type_is_as_described() {
    let world = World::new().await;
    let case = world.open_case("fin").await;
    let id = case.replacen("nv-", "nv-r-", 1);
    let document = openapi::document(&json!({}));
    let mut seen = Vec::new();
    for route in ROUTES.iter().filter(|route| route.verb == Verb::Get) {
        let Some(path) = place(route.path, &case, &id) else { continue };
        let who = if route.access == Access::Public { "" } else { "ada" };
        let answer = world.get(who, &path).await;
        if answer.status != 200 {
            continue;
        }
        let responses = &document["paths"][route.path]["get"]["responses"];
        let kind = answer.header("content-type").split(';').next().unwrap().to_owned();
        let described = responses["200"]["content"].as_object().unwrap();
        assert!(described.contains_key(&kind), "{}: {kind}", route.operation);
        let tag = answer.header("etag").to_owned();
        let again = world.ask(who, "GET", &path).header("if-none-match", &tag).send().await;
        if responses.get("304").is_some() {
            assert_eq!((again.status, again.bytes.len()), (304, 0), "{}", route.operation);
            assert_eq!(again.header("etag"), tag, "{}", route.operation);
            let other = world.ask(who, "GET", &path).header("if-none-match", "\"x\"").send().await;
            assert_eq!(other.status, 200, "{}", route.operation);
            seen.push(route.operation);
        } else {
            assert_eq!(again.status, 200, "{}", route.operation);
        }
    }
    for wanted in ["hub", "policy", "list-packs", "lexicon", "list-advisories", "list-cases"] {
        assert!(seen.contains(&wanted), "{wanted} is not among {seen:?}");
    }
    assert!(!seen.contains(&"read-case") && !seen.contains(&"export-case"));
    let export = world.get("ada", &format!("/api/v1/cases/{case}/export")).await;
    assert_eq!(export.header("content-type"), "application/jsonl");
}

#[tokio::test]
async fn whoever_opens_a_report_second_is_told_so_however_close() {
    let world = World::new().await;
    let id = world.file("", &report("Nested roles")).await;
    let open = json!({ "reports": [id] });
    let six = futures::future::join_all((0..6).map(|_| world.post("ada", "/api/v1/cases", &open)));
    let mut statuses = Vec::new();
    for seen in six.await {
        if seen.status != 201 {
            seen.refused(422, "wrong-state");
        }
        statuses.push(seen.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn what_a_report_and_a_case_answer_is_described() {
    let world = World::new().await;
    let case = world.open_case("").await;
    let document = openapi::document(&json!({}));
    let check = |name: &str, body: &Value| {
        let properties = &document["components"]["schemas"][name]["properties"];
        for member in body.as_object().unwrap().keys() {
            assert!(properties.get(member).is_some(), "{name} does not describe {member}");
        }
    };
    check("CaseRead", &world.get("ada", &format!("/api/v1/cases/{case}")).await.ok());
    check("Filed", &world.post("", "/api/v1/reports", &report("x")).await.ok());
    let properties = &document["components"]["schemas"]["ReportRead"]["properties"];
    assert!(properties["answers"].is_object(), "answers of the form");
}

#[tokio::test]
async fn a_refusal_of_a_number_or_a_list_says_the_bounds() {
    let world = World::new().await;
    let title = |body: &Value| body["title"].as_str().unwrap().to_owned();
    let limit = world.get("ada", "/api/v1/reports?limit=500").await;
    assert_eq!(
        title(&limit.refused(422, "number-out-of-range")),
        "Give a whole number from 1 to 200."
    );
    let days = world.post("ada", "/api/v1/tokens", &json!({ "days": 4000 })).await;
    assert!(title(&days.refused(422, "number-out-of-range")).contains("366"), "{}", days.text());
    let many: Vec<String> = (0..101).map(|n| format!("nv-r-2027-{n:05}")).collect();
    let many = world.post("ada", "/api/v1/cases", &json!({ "reports": many })).await;
    assert!(title(&many.refused(422, "list-too-long")).contains("100"), "{}", many.text());
    // A schema says where and not how much: the words do without the number.
    let mut long = report("x");
    long["abstract"]["title"] = json!("x".repeat(5000));
    let long = world.post("", "/api/v1/reports", &long).await.refused(422, "text-too-long");
    assert_eq!(title(&long), "Shorten this.");
    let arabic = world.ask("ada", "GET", "/api/v1/reports?limit=0").header("accept-language", "ar");
    let arabic = arabic.send().await.refused(422, "number-out-of-range");
    assert!(!title(&arabic).contains("number-out-of-range"), "{arabic}");
}

#[test]
fn the_csaf_folder_holds_what_the_metadata_promises() {
    crate::world::run(async {
        let world = World::new().await;
        let empty = world.get("", "/csaf/index.txt").await;
        assert_eq!((empty.status, empty.text().as_str()), (200, ""));
        crate::job::whole_job(&world).await;
        let provider = world.get("", "/.well-known/csaf/provider-metadata.json").await.ok();
        let folder = provider["distributions"][0]["directory_url"].as_str().unwrap().to_owned();
        let (_, path) = folder.strip_prefix("https://").unwrap().split_once('/').unwrap();
        let read = async |name: &str| world.get("", &format!("/{path}{name}")).await;
        let index = read("index.txt").await;
        assert_eq!(
            (index.header("content-type"), index.status),
            ("text/plain; charset=utf-8", 200)
        );
        let names: Vec<String> = index.text().lines().map(str::to_owned).collect();
        assert_eq!(names.len(), 1);
        let seen = read(&names[0]).await;
        let document = seen.ok();
        let tracking = &document["document"]["tracking"];
        let (year, _) = tracking["initial_release_date"].as_str().unwrap().split_once('-').unwrap();
        let id = tracking["id"].as_str().unwrap();
        assert_eq!(names[0], format!("{year}/{id}.json"));
        assert_eq!(document["document"]["csaf_version"], "2.0");
        assert_eq!(document["document"]["distribution"]["tlp"]["label"], "WHITE");
        let own = document["document"]["references"].as_array().unwrap().iter().find(|reference| {
            reference["category"] == "self" && reference["url"] == format!("{folder}{}", names[0])
        });
        assert!(own.is_some(), "no canonical address among {}", document["document"]["references"]);
        let changes = read("changes.csv").await;
        let newest = tracking["current_release_date"].as_str().unwrap();
        assert_eq!(changes.text(), format!("\"{}\",\"{newest}\"\n", names[0]));
        assert_eq!(changes.header("content-type"), "text/csv; charset=utf-8");
        let file = names[0].split('/').next_back().unwrap();
        let sha256 = comity_ledger::digest::hex(&comity_ledger::digest::sha256(&seen.bytes));
        let hash = read(&format!("{}.sha256", names[0])).await.text();
        assert_eq!(hash, format!("{sha256}  {file}\n"));
        let hash = read(&format!("{}.sha512", names[0])).await.text();
        assert_eq!(hash.len(), 128 + 2 + file.len() + 1);
        for (folder, inside) in [("", year), (&format!("{year}/"), file)] {
            let page = read(folder).await;
            assert!(page.header("content-type").starts_with("text/html"));
            assert!(page.text().contains(&format!("href=\"{inside}")), "{}", page.text());
        }
        for absent in ["2001/", &format!("2001/{file}"), "x.txt", &format!("{year}/none.json")] {
            assert_eq!(read(absent).await.status, 404, "{absent}");
        }
        let again = world.ask("", "GET", &format!("/{path}index.txt"));
        let again = again.header("if-none-match", index.header("etag")).send().await;
        assert_eq!(again.status, 304);
        assert_eq!(index.header("access-control-allow-origin"), "*");
        // What search engines of advisories sort by: the first publication and the newest version apart.
        let row = world.get("", "/api/v1/advisories").await.ok()["items"][0].clone();
        assert_eq!(row["published_at"], tracking["initial_release_date"]);
        assert_eq!(row["updated_at"], tracking["current_release_date"]);
        assert_ne!(row["published_at"], row["updated_at"]);
        world.finish().await;
    });
}
