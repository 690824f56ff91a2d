//! Random commands against the fold: invariants hold in every state that they reach, and replay is exact.

use comity_core::cert::act::StandardAct;
use comity_core::cert::book::Reader;
use comity_core::cert::lifecycle::may_follow;
use comity_core::cert::register::Effect;
use comity_core::cert::word::{Answer, Status};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::story::{ARDENIA, BRELLAND, Story, text, urn};

/// Everything a registrar could try to do with a status, lawful or not.
fn attempt(story: &mut Story, n: usize, status: Status, options: u16) {
    let on = |bit: u16| options & (1 << bit) != 0;
    let who = if on(0) { ARDENIA } else { BRELLAND };
    let name = if on(0) { "a1" } else { "b1" };
    let motion = format!("m{n}");
    let decision = if on(1) { "REINSTATED" } else { comity_core::cert::word::Word::as_str(status) };
    let rolls = Story::rolls(decision);
    let opened = story.say(
        "registrar",
        "cert.motion.open",
        json!({"motion": motion, "decision": decision,
        "subject": text(who), "opens": format!("{}T00:00:00Z", story.day()),
        "closes": format!("{}T00:00:00Z", story.day().plus(2)), "rolls": rolls}),
    );
    story.advance(1);
    if opened.is_ok() {
        for roll in rolls.as_array().unwrap() {
            for voter in roll["voters"].as_array().unwrap() {
                let _ = story.say("registrar", "cert.ballot.cast", json!({"motion": motion,
                    "chamber": roll["chamber"], "voter": voter["id"],
                    "choice": if on(2) { "no" } else { "yes" }, "at": format!("{}T00:00:00Z", story.day())}));
            }
        }
    }
    story.advance(2);
    let _ = story.say("registrar", "cert.motion.close", json!({"motion": motion}));
    let mut act = json!({"event": format!("x{n}"), "jurisdiction": text(who), "status": status,
        "valid_from": story.day().plus(if on(3) { -3 } else { 0 }), "reason": "R", "gaps": ["LIC-1"],
        "cause": "CONCERN_CONFIRMED", "concern": "c1", "listing": "LISTING_RULE"});
    if !on(4) {
        act["motion"] = json!(motion);
    }
    if !on(5) && story.files.contains_key(name) {
        act["assessment"] = json!(name);
        act["basis"] = story.basis(name);
    }
    if status.is_live() {
        act["valid_until"] = json!(story.day().plus(500));
        act["certificate"] = json!(format!("cert-{name}"));
    }
    if status == Status::Suspended {
        act["wind_down_until"] = json!(story.day().plus(90 + if on(3) { -3 } else { 0 }));
    }
    let before = story.book.register.events().len();
    let done = story.say("registrar", "cert.status.set", act);
    if done.is_ok() {
        check_last(story);
    }
    assert_eq!(story.book.register.events().len(), before + usize::from(done.is_ok()));
    if on(6) {
        story.advance(400);
    }
}

/// What must hold of a status that was just set.
fn check_last(story: &Story) {
    let StandardAct::SetStatus(act) = &story.records.last().unwrap().act else { panic!() };
    let event = story.book.register.events().last().unwrap();
    let known = event.recorded_at.before();
    let from = story.book.register.standing(&event.jurisdiction, event.valid_from, known).status;
    assert_eq!(event.effect, Effect::Status(act.status));
    assert!(may_follow(from, act.status), "{from:?} {:?}", act.status);
    assert!(act.valid_from >= event.recorded_at.day() || act.status <= from);
    let motion = &story.book.motions[act.motion.as_ref().unwrap()];
    assert_eq!(motion.closed, Some(comity_core::cert::tally::State::Adopted), "no clock acts");
    if matches!(act.status, Status::Certified | Status::Conditional) {
        let basis = act.basis.as_ref().unwrap();
        assert!(
            basis.linked && basis.report.is_some(),
            "no certificate without report and linkage"
        );
        assert_eq!(basis.jurisdiction, act.jurisdiction);
    }
    if act.status == Status::Suspended {
        assert!(
            from.is_live() && story.book.concerns["c1"].raised.jurisdiction == act.jurisdiction
        );
    }
}

fn prepared() -> Story {
    let mut story = Story::applicable();
    story.assess(ARDENIA, "a1", "initial", &[]);
    story.assess(BRELLAND, "b1", "validation", &[("TRD-IMP", "NS")]);
    story.concern(ARDENIA, "c1");
    story
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_reached_state_keeps_the_invariants_and_replays(
        moves in prop::collection::vec((0..Status::ALL_COUNT, any::<u16>()), 1..10),
    ) {
        use comity_core::cert::word::Word as _;
        let mut story = prepared();
        for (n, (status, options)) in moves.iter().enumerate() {
            // Most attempts are lawful but for one thing, so that deep states are reached.
            let options = if options & 0x8000 == 0 { options & 0x41 } else { *options };
            attempt(&mut story, n, Status::ALL[*status], options);
        }
        let (book, _) = story.replayed();
        let at = story.book.last_at;
        prop_assert_eq!(book.view(Reader::Staff, at), story.book.view(Reader::Staff, at));
        prop_assert!(story.book.voids.is_empty());
    }
}

trait Count {
    const ALL_COUNT: usize;
}

impl Count for Status {
    const ALL_COUNT: usize = 8;
}

/// One thing to add to an assessment.
fn additions() -> Vec<(&'static str, &'static str, Value)> {
    let evidence = |id: &str, until: Value| {
        (
            "subject",
            "cert.evidence.add",
            json!({"evidence": id, "sha256": super::story::hash(2),
            "effective_from": "2030-01-01", "effective_until": until, "collected_on": "2030-02-01",
            "collector": "Office", "method": "TEST", "holder": "hub-x", "about": ["LIC-1"], "shows": "S"}),
        )
    };
    vec![
        evidence("x1", Value::Null),
        evidence("x2", json!("2030-06-30")),
        (
            "assessor",
            "cert.observation.note",
            json!({"observation": "o1", "on": "2031-01-01", "text": "Seen."}),
        ),
        (
            "assessor",
            "cert.outcome.rate",
            json!({"eo": "EO1", "rating": "SE", "rationale": "Seen."}),
        ),
        (
            "assessor",
            "cert.question.determine",
            json!({"pq": "MDL-1", "answer": "S", "evidence": ["d1"]}),
        ),
        (
            "assessor",
            "cert.finding.write",
            json!({"finding": "f1", "pq": "DEP-1", "grade": "minor",
            "text": "Late.", "root_cause": "Staff.", "office": "Office", "evidence": ["d1"]}),
        ),
    ]
}

fn desk() -> Story {
    let mut story = Story::applicable();
    story.does(
        "a1",
        "subject",
        "cert.assessment.apply",
        json!({"assessment": "a1",
        "standard": "iaio-test-1", "jurisdiction": text(ARDENIA), "purpose": "initial"}),
    );
    story.evidence("a1", "d1", Some("2031-03-01"));
    let claims: Vec<Value> = super::story::questions()["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| json!({"pq": q["pq"], "answer": "S"}))
        .collect();
    story.does("a1", "subject", "cert.claim.file", json!({"answers": claims}));
    for to in ["SELF_ASSESSED", "DESK_REVIEW"] {
        story.does("a1", "assessor", "cert.assessment.step", json!({"to": to}));
    }
    story.does(
        "a1",
        "assessor",
        "cert.question.determine",
        json!({"pq": "LIC-1", "answer": "S", "evidence": ["d1"]}),
    );
    story
}

fn assessed(story: &Story) -> Value {
    let at = comity_core::cert::day::Instant::parse("2031-02-01T00:00:00Z").unwrap();
    let scored = story.files["a1"].score_now(&story.book, at).unwrap();
    serde_json::from_slice(&scored.assessment).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_what_is_added_changes_no_score(order in Just(additions()).prop_shuffle()) {
        let mut first = desk();
        for (by, kind, act) in additions() {
            first.does("a1", by, kind, act);
        }
        let mut second = desk();
        for (by, kind, act) in order {
            second.does("a1", by, kind, act);
        }
        prop_assert_eq!(assessed(&first), assessed(&second));
    }
}

#[test]
fn more_supporting_evidence_never_lowers_an_answer() {
    let mut story = desk();
    let status = |story: &Story, day: &str| {
        let at = comity_core::cert::day::Instant::parse(&format!("{day}T00:00:00Z")).unwrap();
        let scored = story.files["a1"].score_now(&story.book, at).unwrap();
        let document: Value = serde_json::from_slice(&scored.assessment).unwrap();
        let found =
            document["questions"].as_array().unwrap().iter().find(|q| q["pq"] == "LIC-1").cloned();
        found.unwrap()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (status(&story, "2031-03-01").as_str(), status(&story, "2031-03-02").as_str()),
        ("S", "U")
    );
    let (by, kind, act) = additions().swap_remove(0);
    story.does("a1", by, kind, act);
    assert_eq!(status(&story, "2031-03-01"), "S");
    story.does(
        "a1",
        "assessor",
        "cert.question.determine",
        json!({"pq": "LIC-1", "answer": "S", "evidence": ["d1", "x1"]}),
    );
    assert_eq!(status(&story, "2031-03-02"), "S", "evidence that still speaks keeps the answer");
    // Evidence against, handed in later, asks for a reason before the answer counts again.
    let mut against = additions().swap_remove(0).2;
    against["evidence"] = json!("y1");
    against["shows"] = json!(Answer::NotSatisfied);
    story.does("a1", "subject", "cert.evidence.add", against);
    assert_eq!(status(&story, "2031-03-01"), "U");
    assert_eq!(story.book.status(&urn(ARDENIA), story.day()), Status::NotCertified);
}
