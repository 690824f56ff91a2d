//! Pages say words, not codes; and the finder can keep the code and take back what was told.

use comity_core::lexicon::axis::Axis;
use comity_core::severity::aix;
use comity_server::i18n::Catalogue;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::reach::review;
use crate::site::{code_of, form, hidden, shows, submit};
use crate::world::{Seen, World, config, run};

fn hides(seen: &Seen, words: &str) {
    assert!(!seen.text().contains(words), "{words:?} is in {}", seen.text());
}

#[tokio::test]
async fn the_safe_harbour_is_laid_out_and_codes_are_said_in_words() {
    let mut config = config();
    config.jurisdiction = "NV".to_owned();
    config.jurisdiction_name = "Norvik".to_owned();
    let world = World::with(config).await;
    let policy = world.get("", "/en/policy").await;
    shows(&policy, "<h3>Safe harbour</h3>");
    shows(&policy, "<li>We will not bring");
    hides(&policy, "# Safe harbour");
    let arabic = world.get("", "/ar/policy").await;
    shows(&arabic, "<div class=\"prose\" lang=\"ar\" dir=\"auto\"><h3>");
    let (page, _) = review(&world, "code", &[]).await;
    shows(&page, "Norvik (NV)");
    shows(&page, "<a href=\"/en/policy/v1\">This hub’s policy, version");
    hides(&page, ">policy/1<");
    hides(&page, "# Safe harbour");
    shows(&world.get("", "/en/report").await, "Norvik (NV)");
    shows(&world.get("", "/en/privacy").await, "Norvik (NV)");
}

#[test]
fn an_advisory_names_its_weakness_and_a_withdrawn_one_looks_the_same_everywhere() {
    run(async {
        let world = World::new().await;
        crate::job::whole_job(&world).await;
        let list = world.get("", "/en/advisories").await;
        let id = world.get("", "/api/v1/advisories").await.ok()["items"][0]["id"].clone();
        let page = world.get("", &format!("/en/advisories/{}", id.as_str().unwrap())).await;
        let read =
            world.get("", &format!("/api/v1/advisories/{}", id.as_str().unwrap())).await.ok();
        let class = read["content"]["weakness"]["classes"][0].as_str().unwrap().to_owned();
        let name = &world.hub.lexicon().class(&class).unwrap().name;
        shows(&page, &format!(">{name}</span> <bdi dir=\"ltr\">{class}</bdi>"));
        shows(&page, "banner tone-bad");
        shows(&list, "mark tone-bad");
        hides(&list, "mark tone-warn");
        let corrections = world.get("", "/en/corrections").await;
        shows(&corrections, "mark tone-bad");
        hides(&corrections, "mark tone-warn");
        world.finish().await;
    });
}

#[test]
fn every_axis_and_place_of_a_vector_has_words_in_every_language() {
    let catalogue = Catalogue::embedded(&TimeZone::UTC).unwrap();
    let places = aix::METRICS.iter().flat_map(|(_, axis, _): &(_, Axis, _)| {
        let value = move |value: &&str| format!("aix-{}-{value}", axis.key());
        axis.values().iter().map(value).chain([format!("aix-{}", axis.key())])
    });
    for id in places {
        let said = ["en", "ar"].map(|tag| {
            let locale = catalogue.locale(tag).unwrap();
            assert!(locale.knows(&id), "{id} in {tag}");
            locale.bare(id.clone()).to_string()
        });
        assert_ne!(said[0], said[1], "{id} is not translated");
    }
}

#[tokio::test]
async fn the_code_can_be_kept_as_a_text_without_script() {
    let world = World::new().await;
    let (page, draft) = review(&world, "none", &[]).await;
    let page = submit(&world, &draft, &hidden(&page, "digest")).await;
    let text = page.text();
    let (_, rest) =
        text.split_once("-code.txt\" href=\"data:text/plain;charset=utf-8;base64,").unwrap();
    let coded = rest.split('"').next().unwrap().replace("&#43;", "+").replace("&#61;", "=");
    let kept = data_encoding::BASE64.decode(coded.as_bytes()).unwrap();
    let kept = String::from_utf8(kept).unwrap();
    assert!(kept.contains(&code_of(&page)), "{kept}");
    assert!(kept.contains("nv-r-2027-00001") && kept.contains("/en/mailbox\r\n"), "{kept}");
}

#[tokio::test]
async fn a_finder_takes_back_who_they_are_and_then_the_whole_report() {
    let world = World::new().await;
    let email = [("email", "finder@example.org"), ("name", "Fatima")];
    let (page, draft) = review(&world, "email", &email).await;
    let page = submit(&world, &draft, &hidden(&page, "digest")).await;
    let code = code_of(&page);
    let contact = "/api/v1/reports/nv-r-2027-00001/contact";
    let opened = form(&world, "/en/mailbox", &[("code", &code)]).await;
    let nonce = hidden(&opened, "nonce");
    let erase = async |what: &str, nonce: &str, confirm: &str| {
        let pairs =
            [("code", code.as_str()), ("nonce", nonce), ("what", what), ("confirm", confirm)];
        form(&world, "/en/mailbox/erase", &pairs).await
    };
    for what in ["identity", "report"] {
        let unticked = erase(what, &nonce, "").await;
        assert_eq!(unticked.status, 422);
        shows(&unticked, "Tick the box first");
        shows(
            &unticked,
            &format!("id=\"confirm-{what}\" name=\"confirm\" value=\"yes\" aria-invalid"),
        );
    }
    assert_eq!(erase("everything", &nonce, "yes").await.status, 422);
    world.get("bela", contact).await.refused(409, "second-person-missing");
    world.get("ada", contact).await.ok();
    for _ in 0..2 {
        let done = erase("identity", &nonce, "yes").await;
        assert_eq!(done.status, 200, "{}", done.text());
        shows(&done, "What said who you are is erased.");
    }
    world.get("ada", contact).await.refused(422, "wrong-state");
    world.get("ada", "/api/v1/reports/nv-r-2027-00001").await.ok();
    let opened = form(&world, "/en/mailbox", &[("code", &code)]).await;
    let done = erase("report", &hidden(&opened, "nonce"), "yes").await;
    assert_eq!(done.status, 200);
    shows(&done, "withdrawn and erased");
    let row = world.get("ada", "/api/v1/reports").await.ok()["items"][0].clone();
    assert_eq!(row["state"], "erased");
    shows(&form(&world, "/en/mailbox", &[("code", &code)]).await, "receipt-code-unknown");
    let wrong = [("code", "4821 0937 5562 1048 7730"), ("what", "report"), ("confirm", "yes")];
    shows(&form(&world, "/en/mailbox/erase", &wrong).await, "receipt-code-unknown");
    world.finish().await;
}

#[tokio::test]
async fn a_report_that_others_work_on_is_not_withdrawn_but_its_finder_can_be_forgotten() {
    let world = World::new().await;
    let (page, draft) = review(&world, "email", &[("email", "finder@example.org")]).await;
    let page = submit(&world, &draft, &hidden(&page, "digest")).await;
    let code = code_of(&page);
    world.post("ada", "/api/v1/cases", &json!({ "reports": ["nv-r-2027-00001"] })).await.ok();
    let opened = form(&world, "/en/mailbox", &[("code", &code)]).await;
    hides(&opened, "id=\"confirm-report\"");
    let nonce = hidden(&opened, "nonce");
    let erase = async |what: &str| {
        let pairs = [
            ("code", code.as_str()),
            ("nonce", nonce.as_str()),
            ("what", what),
            ("confirm", "yes"),
        ];
        form(&world, "/en/mailbox/erase", &pairs).await
    };
    let refused = erase("report").await;
    assert_eq!(refused.status, 422);
    shows(&refused, "report-in-case");
    assert_eq!(erase("identity").await.status, 200);
    world.get("ada", "/api/v1/reports/nv-r-2027-00001").await.ok();
    world.finish().await;
}
