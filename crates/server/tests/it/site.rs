//! The public pages over HTTP: addresses, headers, the report form with its drafts, the mailbox.

use serde_json::json;

use crate::world::{DAY_MS, Seen, World, config};

/// The first step of a report that holds.
pub(crate) const FIRST: [(&str, &str); 9] = [
    ("system", "Assist"),
    ("version", "4.2"),
    (
        "description",
        "Nested role templates let the second role speak with the rights of the first.",
    ),
    ("steps", "1. Open a chat.\r\n2. Send the template."),
    ("harms", "privacy_data"),
    ("public", "no"),
    ("attacks", "none"),
    ("wish", "fixed"),
    ("reach", "code"),
];

pub(crate) async fn form(world: &World, path: &str, pairs: &[(&str, &str)]) -> Seen {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(pairs);
    world
        .ask("", "POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .bytes(body.finish())
        .send()
        .await
}

/// A form with files: fields first, as browsers send them, then files, then the pressed button.
pub(crate) async fn upload(
    world: &World,
    pairs: &[(&str, &str)],
    files: &[(&str, &[u8])],
    step: &str,
) -> Seen {
    let mut body: Vec<u8> = Vec::new();
    let field = |name: &str, value: &str| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            .into_bytes()
    };
    for (name, value) in pairs {
        body.extend(field(name, value));
    }
    for (name, content) in files {
        let head = format!(
            "--X\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(field("step", step));
    body.extend(b"--X--\r\n");
    world
        .ask("", "POST", "/en/report/review")
        .header("content-type", "multipart/form-data; boundary=X")
        .bytes(body)
        .send()
        .await
}

/// The value of a hidden field.
pub(crate) fn hidden(seen: &Seen, name: &str) -> String {
    let text = seen.text();
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no {name} in {text}"));
    rest.split('"').next().unwrap().to_owned()
}

pub(crate) fn shows(seen: &Seen, words: &str) {
    assert!(seen.text().contains(words), "{words:?} is not in {}", seen.text());
}

/// Answers the first step and returns the page of the details with its token.
pub(crate) async fn details(world: &World, first: &[(&str, &str)]) -> (Seen, String) {
    let page = world.get("", "/en/report").await;
    let draft = hidden(&page, "draft");
    let mut pairs = first.to_vec();
    pairs.extend([("draft", draft.as_str()), ("step", "continue")]);
    let page = form(world, "/en/report/details", &pairs).await;
    (page, draft)
}

/// Goes on to the review.
pub(crate) async fn review(world: &World) -> (Seen, String) {
    let (_, draft) = details(world, &FIRST).await;
    let page =
        upload(world, &[("draft", &draft), ("trials", "50"), ("hits", "37")], &[], "continue")
            .await;
    assert_eq!(page.status, 200, "{}", page.text());
    (page, draft)
}

pub(crate) async fn submit(world: &World, draft: &str, digest: &str) -> Seen {
    form(world, "/en/report/received", &[("draft", draft), ("digest", digest), ("step", "submit")])
        .await
}

pub(crate) fn code_of(page: &Seen) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("<output").unwrap();
    rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_report_goes_from_the_form_to_the_queue_and_is_answered_in_the_mailbox() {
    let world = World::new().await;
    let (page, draft) = details(&world, &FIRST).await;
    assert_eq!(page.status, 200);
    shows(&page, "multipart/form-data");
    let log = b"garak run\n".repeat(20_000);
    let files: [(&str, &[u8]); 2] = [("log.txt", &log), ("note\u{202e}.txt", b"see the log")];
    let page =
        upload(&world, &[("draft", &draft), ("trials", "50"), ("hits", "37")], &files, "continue")
            .await;
    assert_eq!(page.status, 200, "{}", page.text());
    shows(&page, "log.txt");
    shows(&page, "CERT Norvik");
    assert!(!page.text().contains('\u{202e}'));
    let page = submit(&world, &draft, &hidden(&page, "digest")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    shows(&page, "nv-r-2027-00001");
    assert_eq!(page.header("cache-control"), "no-store");
    let code = code_of(&page);

    let read = world.get("ada", "/api/v1/reports/nv-r-2027-00001").await.ok();
    assert_eq!(read["report"]["technical"]["description"], FIRST[2].1);
    assert_eq!(read["report"]["reproduction"]["steps"], FIRST[3].1);
    assert_eq!(read["answers"]["wish"], "fixed");
    let held = world.get("ada", "/api/v1/reports/nv-r-2027-00001/files").await.ok();
    let names: Vec<&str> =
        held["items"].as_array().unwrap().iter().filter_map(|f| f["name"].as_str()).collect();
    assert_eq!(names.len(), 2);
    for file in held["items"].as_array().unwrap() {
        let path =
            format!("/api/v1/reports/nv-r-2027-00001/files/{}", file["file"].as_str().unwrap());
        let content = world.get("ada", &path).await.bytes;
        let expected = files.iter().find(|(name, _)| file["name"] == *name).unwrap().1;
        assert!(content == expected, "{}", file["name"]);
    }

    let unsaved = form(&world, "/en/mailbox", &[("draft", &draft)]).await;
    assert_eq!((unsaved.status, code_of(&unsaved)), (422, code.clone()));
    shows(&unsaved, "autofocus");
    let opened = form(&world, "/en/mailbox", &[("draft", &draft), ("saved", "yes")]).await;
    shows(&opened, "nv-r-2027-00001");
    assert_eq!(opened.bytes.len() % 8192, 0);
    assert!(opened.header("content-security-policy").contains("script-src 'none'"));

    let at = "/api/v1/reports/nv-r-2027-00001/messages";
    let sent = world.post("ada", at, &json!({ "text": "Which <b>template</b> was it?" })).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let opened = form(&world, "/en/mailbox", &[("code", &code)]).await;
    shows(&opened, "Which &lt;b&gt;template&lt;/b&gt; was it?");
    let nonce = hidden(&opened, "nonce");
    world.advance(1000);
    for _ in 0..2 {
        let pairs =
            [("code", code.as_str()), ("nonce", nonce.as_str()), ("text", "The second one.")];
        let page = form(&world, "/en/mailbox/send", &pairs).await;
        assert_eq!(
            page.text().matches("The second one.").count(),
            1,
            "a repeated POST changes nothing"
        );
    }
    let thread = world.get("ada", at).await.ok();
    let texts: Vec<&str> =
        thread["items"].as_array().unwrap().iter().filter_map(|m| m["text"].as_str()).collect();
    assert_eq!(texts, ["Which <b>template</b> was it?", "The second one."]);
    world.get("fin", at).await.refused(404, "not-found");
    let empty =
        form(&world, "/en/mailbox/send", &[("code", &code), ("nonce", "n"), ("text", "  ")]).await;
    assert_eq!(empty.status, 422);

    let decline = json!({ "command": "decline", "reason": "It is a duplicate." });
    world.post("ada", "/api/v1/reports/nv-r-2027-00001/commands", &decline).await.ok();
    let opened = form(&world, "/ar/mailbox", &[("code", &code)]).await;
    shows(&opened, "It is a duplicate.");
    let erase = json!({ "command": "erase", "what": "report", "confirm": "nv-r-2027-00001" });
    world.post("ada", "/api/v1/reports/nv-r-2027-00001/commands", &erase).await.ok();
    let gone = form(&world, "/ar/mailbox", &[("code", &code)]).await;
    assert_eq!(gone.status, 422);
    shows(&gone, "receipt-code-unknown");
}

#[tokio::test]
async fn a_second_submit_shows_the_same_receipt_and_files_nothing() {
    let world = World::new().await;
    let (page, draft) = review(&world).await;
    let digest = hidden(&page, "digest");
    let first = submit(&world, &draft, &digest).await;
    let second = submit(&world, &draft, &digest).await;
    assert_eq!((second.status, second.bytes), (200, first.bytes.clone()));
    let list = world.get("ada", "/api/v1/reports").await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    // Whoever goes back and continues sees the receipt, too.
    let again = upload(&world, &[("draft", &draft)], &[], "continue").await;
    assert_eq!(code_of(&again), code_of(&first));
}

#[tokio::test]
async fn a_refusal_keeps_every_answer_and_names_its_place() {
    let world = World::new().await;
    let mut wrong = FIRST.to_vec();
    wrong[2] = ("description", "too short");
    let (page, _) = details(&world, &wrong).await;
    assert_eq!(page.status, 422);
    for words in
        ["id=\"errors\"", "autofocus", "report-text-too-short", "too short", "value=\"Assist\""]
    {
        shows(&page, words);
    }
    let (_, draft) = details(&world, &FIRST).await;
    let file: [(&str, &[u8]); 1] = [("a.txt", b"x")];
    let page =
        upload(&world, &[("draft", &draft), ("trials", "3"), ("hits", "4")], &file, "continue")
            .await;
    assert_eq!(page.status, 422);
    for words in ["trials-invalid", "a.txt", "value=\"4\""] {
        shows(&page, words);
    }
    let (_, rest) = page
        .text()
        .split_once("name=\"remove\" value=\"")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let handle = rest.split('"').next().unwrap().to_owned();
    let page = upload(&world, &[("draft", &draft), ("remove", &handle)], &[], "").await;
    assert!(!page.text().contains("a.txt"));
}

#[tokio::test]
async fn a_mebibyte_of_text_is_refused_with_the_text_kept() {
    let world = World::new().await;
    let long = "x".repeat(1 << 20);
    let mut pairs = FIRST.to_vec();
    pairs[2] = ("description", &long);
    let (page, _) = details(&world, &pairs).await;
    assert_eq!(page.status, 422);
    shows(&page, "text-too-long");
    assert!(page.bytes.len() > 1 << 20);
    let longer = "x".repeat(3 << 20);
    pairs[2] = ("description", &longer);
    let (page, _) = details(&world, &pairs).await;
    assert_eq!(page.status, 413);
}

#[tokio::test]
async fn hostile_text_is_shown_and_never_obeyed() {
    let world = World::new().await;
    let hostile =
        "</textarea><script>alert(1)</script>\u{202e}evil\u{2066}\u{0}\u{200b} twenty characters";
    let mut pairs = FIRST.to_vec();
    pairs[0] = ("system", "\"><img src=x onerror=alert(1)>\u{202e}");
    pairs[2] = ("description", hostile);
    let (_, draft) = details(&world, &pairs).await;
    let page =
        upload(&world, &[("draft", &draft)], &[("<svg onload=alert(1)>.svg", b"x")], "continue")
            .await;
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    for bad in ["<script", "<img", "<svg onload", "\u{202e}", "\u{2066}evil", "\u{0}"] {
        assert!(!text.contains(bad), "{bad:?}");
    }
    let page = submit(&world, &draft, &hidden(&page, "digest")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let read = world.get("ada", "/api/v1/reports/nv-r-2027-00001").await.ok();
    assert_eq!(read["report"]["technical"]["description"], hostile, "byte for byte");
}

#[tokio::test]
async fn files_are_bounded_and_dropped_unread_where_a_child_may_be_harmed() {
    let world = World::new().await;
    let (_, draft) = details(&world, &FIRST).await;
    let page = upload(&world, &[("draft", &draft)], &[("empty", b""), ("", b"")], "continue").await;
    assert_eq!(page.status, 422);
    shows(&page, "report-file-empty");
    let many: Vec<(String, Vec<u8>)> =
        (0..21).map(|n| (format!("f{n}.txt"), vec![b'x'; 10])).collect();
    let many: Vec<(&str, &[u8])> =
        many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let page = upload(&world, &[("draft", &draft)], &many, "continue").await;
    assert_eq!(page.status, 422);
    shows(&page, "report-files-too-many");
    assert_eq!(page.text().matches("name=\"remove\"").count(), 20);
    let large = vec![b'x'; (32 << 20) + 1];
    let (_, draft) = details(&world, &FIRST).await;
    let page = upload(&world, &[("draft", &draft)], &[("large.bin", &large)], "continue").await;
    shows(&page, "report-file-too-large");

    let mut pairs = FIRST.to_vec();
    pairs[4] = ("harms", "child_safety");
    let (page, draft) = details(&world, &pairs).await;
    assert!(!page.text().contains("type=\"file\""));
    let page =
        upload(&world, &[("draft", &draft)], &[("x.png", b"secret material")], "continue").await;
    assert_eq!(page.status, 422);
    shows(&page, "strict-liability-payload");
    assert!(!page.text().contains("x.png"));
}

#[tokio::test]
async fn a_draft_ends_after_a_day_and_nothing_sent_since_is_lost() {
    let world = World::new().await;
    let (_, draft) = details(&world, &FIRST).await;
    world.advance(DAY_MS + 1000);
    let page =
        upload(&world, &[("draft", &draft), ("trials", "50"), ("hits", "37")], &[], "continue")
            .await;
    assert_eq!(page.status, 422);
    shows(&page, "draft-unknown");
    let mut pairs = FIRST.to_vec();
    pairs.extend([("draft", draft.as_str()), ("step", "continue")]);
    let page = form(&world, "/en/report/details", &pairs).await;
    shows(&page, "value=\"37\"");
    let page = submit(&world, "no-token", "sha256:0").await;
    shows(&page, "draft-unknown");
}

#[tokio::test]
async fn other_terms_than_those_seen_file_nothing_and_are_shown_beside_them() {
    let world = World::new().await;
    let (page, draft) = review(&world).await;
    let digest = hidden(&page, "digest");
    let changed = submit(&world, &draft, "sha256:0000").await;
    assert_eq!(changed.status, 409);
    shows(&changed, "preview-changed");
    assert_eq!(hidden(&changed, "digest"), digest);
    assert!(world.get("ada", "/api/v1/reports").await.ok()["items"].as_array().unwrap().is_empty());
    let filed = submit(&world, &draft, &hidden(&changed, "digest")).await;
    assert_eq!(filed.status, 200);
}

#[tokio::test]
async fn answers_can_be_saved_at_every_step_and_steps_back_lose_nothing() {
    let world = World::new().await;
    let mut pairs = FIRST.to_vec();
    pairs.push(("step", "save"));
    let saved = form(&world, "/en/report/details", &pairs).await;
    assert!(saved.header("content-disposition").starts_with("attachment"));
    let fields = saved.json()["fields"].clone();
    assert!(fields.as_array().unwrap().contains(&json!(["system", "Assist"])), "{fields}");
    let (_, draft) = review(&world).await;
    let saved = form(&world, "/en/report/received", &[("draft", &draft), ("step", "save")]).await;
    assert!(saved.json()["fields"].as_array().unwrap().contains(&json!(["hits", "37"])));
    let page = form(&world, "/en/report/received", &[("draft", &draft), ("step", "back")]).await;
    shows(&page, "value=\"37\"");
    let page =
        upload(&world, &[("draft", &draft), ("hits", "38"), ("trials", "50")], &[], "back").await;
    shows(&page, "value=\"Assist\"");
    let rows = upload(&world, &[("draft", &draft)], &[], "more").await;
    assert_eq!(rows.status, 200);
}

#[tokio::test]
async fn what_another_site_sends_is_refused() {
    let world = World::new().await;
    let check = async |headers: &[(&str, &str)], expected: u16| {
        let mut ask = world.ask("", "POST", "/en/report/details");
        ask = ask.header("content-type", "application/x-www-form-urlencoded").bytes("system=x");
        for (name, value) in headers {
            ask = ask.header(name, value);
        }
        assert_eq!(ask.send().await.status, expected, "{headers:?}");
    };
    check(&[("sec-fetch-site", "cross-site")], 403).await;
    check(&[("sec-fetch-site", "same-site")], 403).await;
    check(&[("origin", "https://evil.example")], 403).await;
    check(&[("sec-fetch-site", "same-origin"), ("origin", "null")], 422).await;
    check(&[("origin", &world.base)], 422).await;
    check(&[], 422).await;
}

#[tokio::test]
async fn too_many_reports_wait_with_their_answers() {
    let mut config = config();
    config.limits.reports_per_hour_prefix = 1;
    let world = World::with(config).await;
    let (page, draft) = review(&world).await;
    assert_eq!(submit(&world, &draft, &hidden(&page, "digest")).await.status, 200);
    let (page, draft) = review(&world).await;
    let busy = submit(&world, &draft, &hidden(&page, "digest")).await;
    assert_eq!(busy.status, 429);
    assert!(busy.header("retry-after").parse::<u32>().is_ok());
    shows(&busy, "data:application/json;base64,");
    world.advance(2 * 3_600_000);
    let digest = hidden_area(&busy, "digest");
    assert_eq!(submit(&world, &draft, &digest).await.status, 200);
}

fn hidden_area(seen: &Seen, name: &str) -> String {
    let text = seen.text();
    let (_, rest) = text.split_once(&format!("name=\"{name}\">\n")).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn wrong_codes_are_told_apart_only_before_the_lookup_and_are_counted() {
    let world = World::new().await;
    let check = async |code: &str, words: &str, expected: &str| {
        let page = form(&world, "/en/mailbox", &[("code", code), ("words", words)]).await;
        assert_eq!(page.status, 422);
        shows(&page, expected);
        page
    };
    check("4821 0937 5562 1048 7731", "", "receipt-code-mistyped").await;
    check("4821 0937 5562 1048 7730", "apple river", "receipt-code-mistyped").await;
    check("", "", "field-missing").await;
    let first = check("4821 0937 5562 1048 7730", "", "receipt-code-unknown").await;
    for _ in 0..9 {
        let next = check("٤٨٢١ ٠٩٣٧ ٥٥٦٢ ١٠٤٨ ٧٧٣٠", "", "receipt-code-unknown").await;
        assert_eq!(next.bytes, first.bytes);
    }
    let page = form(&world, "/en/mailbox", &[("code", "4821 0937 5562 1048 7730")]).await;
    assert_eq!(page.status, 429);
    shows(&page, "Too many wrong codes from your network. Try again in");
    assert!(page.header("retry-after").parse::<u32>().is_ok());
    assert_eq!(page.bytes.len() % 8192, 0, "its length says as little as that of others");
    assert!(!page.text().contains("Too many reports"));
}

#[tokio::test]
async fn whatever_is_not_there_looks_the_same() {
    let world = World::new().await;
    let first = world.get("", "/en/nothing").await;
    assert_eq!(first.status, 404);
    for path in [
        "/en/advisories/nv-2027-00001",
        "/en/advisories/nv-2027-00001/v3",
        "/en/advisories/x/y",
        "/en/policy/v9",
        "/en/lexicon/NONE-01",
        "/en/report/none",
        "/en/advisories?after=%00",
        "/en/a/b/c/d",
    ] {
        let page = world.get("", path).await;
        assert_eq!((page.status, page.bytes), (404, first.bytes.clone()), "{path}");
    }
    for path in ["/xx/", "/favicon.ico", "/assets/none.css", "/..%2f..%2fetc/passwd", "/en%00/"] {
        assert_eq!(world.get("", path).await.status, 404, "{path}");
    }
    let post = form(&world, "/en/policy", &[]).await;
    assert_eq!(post.status, 405, "the page is there, its readers only read");
    assert_eq!(post.header("allow"), "GET,HEAD");
    shows(&post, "This address is not asked so");
    let arabic = form(&world, "/ar/policy", &[]).await;
    shows(&arabic, "<html lang=\"ar\"");
    assert_eq!(world.ask("", "DELETE", "/en/mailbox").send().await.status, 405);
}

#[tokio::test]
async fn pages_carry_their_headers_and_no_cookie() {
    let world = World::new().await;
    for lang in ["en", "ar"] {
        for path in [
            "/",
            "/report",
            "/advisories",
            "/advisories?q=guardrail",
            "/corrections",
            "/policy",
            "/policy/v1",
            "/contact",
            "/privacy",
            "/accessibility",
            "/lexicon",
            "/lexicon?q=jailbreak",
            "/docs/api",
            "/mailbox",
        ] {
            let page = world.get("", &format!("/{lang}{path}")).await;
            assert_eq!(page.status, 200, "{lang}{path}");
            shows(&page, &format!("<html lang=\"{lang}\""));
            let csp = page.header("content-security-policy");
            assert!(
                csp.contains("default-src 'none'") && csp.contains("form-action 'self'"),
                "{csp}"
            );
            assert_eq!(page.header("referrer-policy"), "no-referrer");
            assert_eq!(page.header("x-content-type-options"), "nosniff");
            assert_eq!(page.header("set-cookie"), "");
            assert!(!page.text().contains('\u{27e6}'), "{lang}{path}: a message is missing");
            let head = world.ask("", "HEAD", &format!("/{lang}{path}")).send().await;
            assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
            let etag = page.header("etag");
            if !etag.is_empty() {
                let again = world
                    .ask("", "GET", &format!("/{lang}{path}"))
                    .header("if-none-match", etag)
                    .send()
                    .await;
                assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
            }
        }
    }
    assert_eq!(world.get("", "/health").await.text(), "ok\n");
}

#[tokio::test]
async fn bare_addresses_go_to_the_readers_language() {
    let world = World::new().await;
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let check = async |path: &str, accepts: &str, expected: &str| {
        let request =
            client.get(format!("{}{path}", world.base)).header("accept-language", accepts);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 303, "{path}");
        assert_eq!(response.headers()["location"], expected);
    };
    check("/", "ar-EG, en;q=0.5", "/ar/").await;
    check("/", "fi", "/en/").await;
    check("/report", "ar", "/ar/report").await;
    check("/advisories?q=a%20b", "", "/en/advisories?q=a%20b").await;
    check("/en", "ar", "/en/").await;
    check("/ar/report/review", "en", "/ar/report").await;
}

#[tokio::test]
async fn programs_find_what_they_look_for() {
    let world = World::new().await;
    let text = world.get("", "/.well-known/security.txt").await;
    assert!(text.text().starts_with("Contact: https://"), "{}", text.text());
    assert!(text.header("content-type").starts_with("text/plain"));
    let about = world.get("", "/.well-known/comity").await.ok();
    assert_eq!((&about["hub"], &about["languages"]), (&json!("nv"), &json!(["en", "ar"])));
    let provider = world.get("", "/.well-known/csaf/provider-metadata.json").await.ok();
    assert_eq!(provider["role"], "csaf_provider");
    assert!(provider["canonical_url"].as_str().unwrap().ends_with("/provider-metadata.json"));
    for path in ["/advisories.atom", "/corrections.atom"] {
        let feed = world.get("", path).await;
        assert!(feed.header("content-type").starts_with("application/atom+xml"));
        assert!(feed.text().starts_with("<?xml") && feed.text().trim_end().ends_with("</feed>"));
    }
    let page = world.get("", "/en/").await.text();
    let (_, rest) = page.split_once("/assets/app").unwrap();
    let style = format!("/assets/app{}", rest.split('"').next().unwrap());
    let style = world.get("", &style).await;
    assert!(style.header("cache-control").contains("immutable"));
    let document = world.get("", "/openapi.json").await.json();
    assert!(document["paths"]["/api/v1/reports/{report}/messages"].is_object());
}
