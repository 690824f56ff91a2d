//! Rooms of certification: a standard's book and an assessment's file, record by record.
//!
//! Not here: scores, tallies and statuses from files (`cert`, `cert_vectors`).

mod bad;
mod model;
mod publication;
mod story;
mod timers;

use comity_core::cert::word::Status;
use serde_json::json;

use story::{ARDENIA, BRELLAND, Story, urn};

#[test]
fn a_jurisdiction_goes_from_application_to_certificate_suspension_and_appeal() {
    let mut story = Story::applicable();
    story.certify(ARDENIA, "a1", "2031-01-10");
    assert_eq!(story.status(ARDENIA, "2031-06-01"), Status::Certified);
    story.suspend(ARDENIA, "c1", "ev-s");
    let day = story.today();
    assert_eq!(story.status(ARDENIA, &day), Status::Suspended);
    // Trade goes on through the wind-down: the status of the register without the event.
    let standing = story.book.register.standing(&urn(ARDENIA), story.day(), story.book.last_at);
    assert_eq!(standing.trade_status, Status::Certified);
    story.ok(
        "subject",
        "cert.appeal.file",
        json!({"appeal": "ap1", "event": "ev-s",
        "panel": ["p1", "p2", "p3"], "grounds": "The concern rests on a rule that was repealed."}),
    );
    story.motion("m-stay", "STAY", ARDENIA, Some("ap1"), "yes");
    story.ok(
        "registrar",
        "cert.appeal.step",
        json!({"appeal": "ap1", "to": "STAYED",
        "motion": "m-stay", "until": null}),
    );
    story.motion("m-up", "APPEAL_UPHELD", ARDENIA, Some("ap1"), "yes");
    story.ok(
        "registrar",
        "cert.appeal.step",
        json!({"appeal": "ap1", "to": "UPHELD", "motion": "m-up"}),
    );
    let day = story.today();
    assert_eq!(story.status(ARDENIA, &day), Status::Certified);
    // What was known before the annulment stays known.
    let before = story.book.register.event("ev-s").unwrap().recorded_at;
    let standing = story.book.register.standing(&urn(ARDENIA), story.day(), before);
    assert_eq!(standing.status, Status::Suspended);
    assert!(story.book.voids.is_empty(), "{:?}", story.book.voids);
}

#[test]
fn editions_follow_one_another_and_are_published_by_k_of_n() {
    let mut story = Story::applicable();
    story.edition(1);
    story.certify(ARDENIA, "a1", "2031-01-10");
    let refused = story.refused(
        "registrar",
        "cert.edition.sign",
        json!({"edition": 1, "registrar": "r1", "sig": story::sign(1, b"other")}),
    );
    assert_eq!(refused, "edition-signed-already");
    story.edition(2);
    let published = story.book.published().unwrap();
    assert_eq!(published.number, 2);
    let (before, edition) = (&story.book.editions[0], &story.book.editions[1]);
    let earlier = comity_core::cert::register::Register::parse(&before.bytes).unwrap();
    comity_core::cert::registry::check_step(&before.bytes, &earlier, &edition.bytes).unwrap();
    comity_core::cert::registry::check_canonical(&edition.bytes).unwrap();
    let registrars = serde_json::to_vec(&story.book.registrars_document()).unwrap();
    let signatures = serde_json::to_vec(&edition.signatures_document()).unwrap();
    let signers =
        comity_core::cert::registry::check_signatures(&edition.bytes, &registrars, &signatures);
    assert_eq!(signers.unwrap(), ["r1", "r2"]);
    let shown: serde_json::Value = serde_json::from_slice(&edition.bytes).unwrap();
    assert_eq!(shown["simulated"], true, "an exercise is never mistaken for the register");
}

#[test]
fn replaying_the_rooms_gives_the_same_book_and_file() {
    let mut story = Story::applicable();
    story.certify(ARDENIA, "a1", "2031-01-10");
    story.suspend(ARDENIA, "c1", "ev-s");
    story.certify(BRELLAND, "b1", "2031-01-10");
    story.edition(1);
    let (book, files) = story.replayed();
    let at = story.book.last_at;
    let reader = comity_core::cert::book::Reader::Staff;
    assert_eq!(book.view(reader, at), story.book.view(reader, at));
    assert_eq!(book.editions, story.book.editions);
    for (id, file) in files {
        assert!(file.voids.is_empty(), "{id}: {:?}", file.voids);
        assert_eq!(file.view(&book, at), story.files[&id].view(&story.book, at), "{id}");
    }
}

#[test]
fn a_concern_is_sealed_until_its_timer_and_shown_to_peers_at_once() {
    use comity_core::cert::book::Reader;
    let mut story = Story::applicable();
    story.certify(ARDENIA, "a1", "2031-01-10");
    story.certify(BRELLAND, "b1", "2031-01-10");
    story.concern(ARDENIA, "c1");
    let count = |story: &Story, reader: Reader<'_>| {
        let view = story.book.view(reader, story.at());
        view["concerns"].as_array().unwrap().len()
    };
    let (peer, own, other) = (urn(BRELLAND), urn(ARDENIA), urn("galdria1"));
    assert_eq!(count(&story, Reader::Public), 0);
    assert_eq!(count(&story, Reader::Subject(&[&peer])), 1);
    assert_eq!(count(&story, Reader::Subject(&[&own])), 1);
    assert_eq!(count(&story, Reader::Subject(&[&other])), 0);
    assert_eq!(count(&story, Reader::Staff), 1);
    story.advance(91);
    assert_eq!(count(&story, Reader::Public), 1);
}

#[test]
fn timers_make_proposals_and_never_change_a_status() {
    let mut story = Story::applicable();
    story.certify(ARDENIA, "a1", "2031-01-10");
    let before = story.book.voids.len();
    story.advance(1_500);
    let dues = story.book.dues(story.at());
    let mid = dues.iter().find(|due| due.timer == "mid-term-validation").unwrap();
    assert!(mid.over && mid.on_expiry == "PROPOSE_OBSERVATION");
    let today = story.today();
    assert_eq!(story.status(ARDENIA, &today), Status::Certified);
    assert_eq!(story.book.voids.len(), before);
}

#[test]
fn border_checks_are_statistics_and_no_ground() {
    let mut story = Story::applicable();
    story.certify(ARDENIA, "a1", "2031-01-10");
    let today = story.today();
    story.ok(
        "subject",
        "cert.check.record",
        json!({"about": format!("urn:comity:jur:{ARDENIA}"),
        "by": format!("urn:comity:jur:{BRELLAND}"), "from": "2031-01-01", "until": today,
        "checks": 100, "false_claims": 12}),
    );
    let view = story.book.border_view(story.day());
    assert_eq!((&view[0]["list"], &view[0]["checks"]), (&json!("black"), &json!(100)));
    assert_eq!(story.status(ARDENIA, &today), Status::Certified);
}
