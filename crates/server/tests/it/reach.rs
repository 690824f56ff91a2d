//! How a finder is answered, and what the terms say of who learns who the finder is (H5, H4).

use serde_json::{Value, json};

use crate::site::{FIRST, code_of, details, form, hidden, shows, submit, upload};
use crate::world::{Seen, World, report};

/// Answers the whole form with one way of being answered and returns the review.
pub(crate) async fn review(world: &World, reach: &str, more: &[(&str, &str)]) -> (Seen, String) {
    let mut first = FIRST.to_vec();
    first[8] = ("reach", reach);
    let (page, draft) = details(world, &first).await;
    assert_eq!(page.status, 200, "{reach}: {}", page.text());
    let mut pairs = vec![("draft", draft.as_str()), ("trials", "50"), ("hits", "37")];
    pairs.extend(more);
    let page = upload(world, &pairs, &[], "continue").await;
    assert_eq!(page.status, 200, "{reach}: {}", page.text());
    (page, draft)
}

/// The words beside a label of the terms.
fn beside(page: &Seen, label: &str) -> String {
    let text = page.text();
    let (_, rest) = text.split_once(&format!("<dt>{label}</dt><dd>")).unwrap();
    rest.split("</dd>").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_review_says_who_learns_who_the_finder_is_as_the_finder_chose() {
    let world = World::new().await;
    for reach in ["code", "none"] {
        let (page, _) = review(&world, reach, &[]).await;
        assert_eq!(beside(&page, "Your identity"), "Not included", "{reach}");
        assert_eq!(beside(&page, "Your identity goes to"), "Nobody", "{reach}");
    }
    let check = async |choice: &str, expected: &str| {
        let more = [("email", "f@example.org"), ("identity_to", choice)];
        let (page, _) = review(&world, "email", &more).await;
        assert!(beside(&page, "Your identity").starts_with("Included: sealed"), "{choice}");
        let words = beside(&page, "Your identity goes to");
        assert_eq!(words.replace(['\u{2068}', '\u{2069}'], ""), expected, "{choice}");
    };
    check("", "Nobody else").await;
    check("nobody", "Nobody else").await;
    check("lead", "Who leads the case").await;
    check("vendors", "Who leads the case, The vendors").await;
}

#[tokio::test]
async fn the_api_says_the_same_before_and_after_filing() {
    let world = World::new().await;
    let check = async |identity: Value, expected: bool| {
        let mut body = report("Nested roles");
        body["identity"] = identity.clone();
        let terms = world.post("", "/api/v1/reports/preview", &body).await.ok();
        assert_eq!(terms["recipients"][0]["identity"], expected, "{identity}");
        assert_eq!(terms["identity"]["forwarded_to"], json!([]));
        let path = format!("/api/v1/reports?digest={}", terms["digest"].as_str().unwrap());
        let filed = world.post("", &path, &body).await.ok();
        assert_eq!(filed["terms"]["recipients"], terms["recipients"]);
    };
    check(json!({ "anonymous": true }), false).await;
    check(json!({ "anonymous": true, "country": "KE" }), false).await;
    check(json!({ "contact": "f@example.org" }), true).await;
}

#[tokio::test]
async fn every_way_of_being_answered_ends_in_an_answer() {
    let world = World::new().await;
    let first = world.get("", "/en/report").await;
    assert!(!first.text().contains("value=\"account\""), "nobody is signed in on pages");
    let mut pairs = FIRST.to_vec();
    pairs[8] = ("reach", "account");
    let (page, _) = details(&world, &pairs).await;
    assert_eq!(page.status, 422);
    shows(&page, "value-unknown");
    let email = [("email", "finder@example.org"), ("identity_to", "nobody"), ("name", "Fatima")];
    for (reach, more) in [("code", &email[..0]), ("email", &email), ("none", &email[..0])] {
        let (page, draft) = review(&world, reach, more).await;
        let page = submit(&world, &draft, &hidden(&page, "digest")).await;
        assert_eq!(page.status, 200, "{reach}: {}", page.text());
        let code = code_of(&page);
        let opened = form(&world, "/en/mailbox", &[("code", &code)]).await;
        let list = world.get("ada", "/api/v1/reports").await.ok();
        let newest = list["items"].as_array().unwrap().iter().filter_map(|r| r["report"].as_str());
        let at = format!("/api/v1/reports/{}", newest.max().unwrap());
        shows(&opened, at.rsplit('/').next().unwrap());
        let text = json!({ "text": format!("answered {reach}") });
        world.post("ada", &format!("{at}/messages"), &text).await.ok();
        let opened = form(&world, "/en/mailbox", &[("code", &code)]).await;
        shows(&opened, &format!("answered {reach}"));
    }
}

#[tokio::test]
async fn the_address_of_a_finder_is_opened_under_its_own_scope_and_each_look_is_kept() {
    let world = World::new().await;
    let file = async |choice: &str| {
        let more = [
            ("email", "finder@example.org"),
            ("openpgp", "KEY"),
            ("identity_to", choice),
            ("name", "Fatima"),
            ("credit", "F."),
        ];
        let (page, draft) = review(&world, "email", &more).await;
        let page = submit(&world, &draft, &hidden(&page, "digest")).await;
        assert_eq!(page.status, 200, "{}", page.text());
    };
    file("nobody").await;
    file("lead").await;
    let at = |n: u32| format!("/api/v1/reports/nv-r-2027-0000{n}/contact");
    let looks = async || world.hub.store().looks("nv-r-2027-00001", "", 100).await.unwrap();
    let before = looks().await.len();
    world.get("ada", &at(1)).await.refused(409, "second-person-missing");
    world.get("ada", &at(1)).await.refused(409, "second-person-missing");
    let read = world.get("bela", &at(1)).await.ok();
    assert_eq!(read["contact"], "finder@example.org");
    let read = world.get("ada", &at(1)).await.ok();
    assert_eq!((&read["openpgp"], &read["identity_to"]), (&json!("KEY"), &json!("nobody")));
    assert_eq!((read.get("name"), read.get("credit")), (None, None), "nobody may learn the name");
    let kept = looks().await;
    assert_eq!(kept.len(), before + 6, "four times asked, twice opened");
    let opened = kept.iter().filter(|look| look.compartment == "contact");
    let mut opened: Vec<_> =
        opened.map(|look| (look.account.as_str(), look.reason.as_str())).collect();
    opened.sort_unstable();
    assert_eq!(opened, [("ada", "AC-13"), ("bela", "AC-13")]);
    world.get("bela", &at(2)).await.refused(409, "second-person-missing");
    let read = world.get("ada", &at(2)).await.ok();
    assert_eq!((&read["name"], &read["credit"]), (&json!("Fatima"), &json!("F.")));
    // The report itself never shows it, and no other role or scope opens it.
    let whole = world.get("ada", "/api/v1/reports/nv-r-2027-00001").await.text();
    assert!(!whole.contains("finder@example.org") && !whole.contains("Fatima"));
    let narrow = world.token("ada", Some(&["report:read", "report:write"])).await;
    world.get(&narrow, &at(1)).await.refused(403, "scope-missing");
    for who in ["root", "audit", "fin", "ann"] {
        world.get(who, &at(1)).await.refused(404, "not-found");
    }
    world.get("", &at(1)).await.refused(401, "token-missing");
    // Who gave no address, and whose identity was erased, is not to be found.
    let plain = world.file("", &report("Nested roles")).await;
    let contact = format!("/api/v1/reports/{plain}/contact");
    world.get("bela", &contact).await.refused(409, "second-person-missing");
    world.get("ada", &contact).await.refused(422, "wrong-state");
    let erase = json!({ "command": "erase", "what": "identity", "confirm": "nv-r-2027-00001" });
    world.post("ada", "/api/v1/reports/nv-r-2027-00001/commands", &erase).await.ok();
    world.get("ada", &at(1)).await.refused(422, "wrong-state");
}

#[tokio::test]
async fn a_program_without_an_account_gets_a_code_and_an_account_is_a_channel_itself() {
    let world = World::new().await;
    let filed = world.post("", "/api/v1/reports", &report("Nested roles")).await.ok();
    let code = filed["code"].as_str().unwrap().to_owned();
    assert_eq!(filed["check_words"].as_array().unwrap().len(), 2);
    let at = format!("/api/v1/reports/{}/messages", filed["report"].as_str().unwrap());
    world.post("ada", &at, &json!({ "text": "Which template?" })).await.ok();
    let opened = form(&world, "/en/mailbox", &[("code", &code)]).await;
    shows(&opened, "Which template?");

    let own = world.file("fin", &report("Nested roles")).await;
    let at = format!("/api/v1/reports/{own}/messages");
    world.post("ada", &at, &json!({ "text": "Which template?" })).await.ok();
    world.advance(1000);
    world.post("fin", &at, &json!({ "text": "The second." })).await.ok();
    for who in ["ada", "fin"] {
        let items = world.get(who, &at).await.ok()["items"].clone();
        let said: Vec<_> =
            items.as_array().unwrap().iter().map(|m| (&m["from"], &m["text"])).collect();
        assert_eq!(said[0], (&json!("hub"), &json!("Which template?")), "{who}");
        assert_eq!(said[1], (&json!("finder"), &json!("The second.")), "{who}");
    }
    for who in ["fio", "ann", "audit"] {
        world.get(who, &at).await.refused(404, "not-found");
        world.post(who, &at, &json!({ "text": "x" })).await.refused(404, "not-found");
    }
}

#[tokio::test]
async fn a_repeated_request_gives_the_same_code_though_none_is_stored() {
    let world = World::new().await;
    let body = report("Nested roles").to_string();
    let file = async |who: &str, key: &str| {
        let ask = world.ask(who, "POST", "/api/v1/reports?code=yes");
        ask.header("idempotency-key", key).bytes(body.clone()).send().await
    };
    let first = file("fin", "one").await;
    let again = file("fin", "one").await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(first.ok()["code"], again.ok()["code"]);
    let other = file("fin", "two").await.ok();
    assert_ne!(first.ok()["code"], other["code"]);
    let code = first.ok()["code"].as_str().unwrap().to_owned();
    let opened = form(&world, "/en/mailbox", &[("code", &code)]).await;
    shows(&opened, first.ok()["report"].as_str().unwrap());
    let refused = world.post("fin", "/api/v1/reports?code=maybe", &report("x")).await;
    refused.refused(422, "value-unknown");
    let none = world.post("", "/api/v1/reports?code=no", &report("x")).await.ok();
    assert_eq!(none.get("code"), None);
}
