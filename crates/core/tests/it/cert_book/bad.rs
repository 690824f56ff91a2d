//! Bad input: each is refused with its code and changes nothing.

use comity_core::cert::act::StandardAct;
use comity_core::cert::book::Book;
use comity_core::cert::day::Instant;
use comity_core::cert::record::{Body, Open, Record, Side, divide, join};
use comity_core::cert::step::AssessmentAct;
use serde_json::{Value, json};

use super::story::{ARDENIA, BRELLAND, PROFILE, Story, hash, proposal, public, sign, team, text};

#[test]
fn nobody_but_a_listed_jurisdiction_is_certified() {
    let mut story = Story::applicable();
    let apply = |who: &str| json!({"assessment": "x", "standard": "iaio-test-1", "jurisdiction": who, "purpose": "initial"});
    for who in
        ["Example Models Ltd", "urn:comity:org:example", "base-7b", "", "urn:comity:jur:UPPER1"]
    {
        let act = AssessmentAct::read("cert.assessment.apply", &apply(who)).unwrap_err();
        assert_eq!(
            (act.code, act.pointer.as_str()),
            ("not-a-jurisdiction", "/jurisdiction"),
            "{who}"
        );
        assert!(act.params.contains_key("why"));
    }
    assert_eq!(
        story.stopped("x", "subject", "cert.assessment.apply", apply(&text("zzzzzz"))),
        "unknown-jurisdiction"
    );
    let set = json!({"event": "e", "jurisdiction": "Example Models Ltd", "status": "CERTIFIED",
        "valid_from": "2031-01-01", "reason": "INITIAL"});
    assert_eq!(story.refused("registrar", "cert.status.set", set), "not-a-jurisdiction");
}

#[test]
fn no_certificate_without_report_ballot_and_both_trade_rules() {
    let mut story = Story::applicable();
    let bare = json!({"event": "e1", "jurisdiction": text(ARDENIA), "status": "CERTIFIED",
        "valid_from": "2031-01-02", "reason": "INITIAL", "certificate": "c", "valid_until": "2032-01-01"});
    assert_eq!(story.refused("registrar", "cert.status.set", bare), "transition-not-allowed");
    story.assess(ARDENIA, "a1", "initial", &[("TRD-EXP", "NS")]);
    assert_eq!(story.basis("a1")["linked"], false);
    story.motion("m1", "CERTIFIED", ARDENIA, Some("a1"), "yes");
    let set = |story: &Story, basis: Value| {
        json!({"event": "e1", "jurisdiction": text(ARDENIA), "status": "CERTIFIED",
        "valid_from": story.day(), "reason": "INITIAL", "motion": "m1", "assessment": "a1", "basis": basis,
        "certificate": "c", "valid_until": story.day().plus(100), "kinder_because": "We like it."})
    };
    let act = set(&story, story.basis("a1"));
    assert_eq!(story.refused("registrar", "cert.status.set", act), "transition-not-allowed");
    // Another jurisdiction's assessment buys nothing either.
    story.assess(BRELLAND, "b1", "initial", &[]);
    let mut act = set(&story, story.basis("b1"));
    assert_eq!(story.refused("registrar", "cert.status.set", act.clone()), "assessment-differs");
    act["assessment"] = json!("b1");
    assert_eq!(story.refused("registrar", "cert.status.set", act), "assessment-differs");
    // A motion that was rejected, or was about something else, or is used up.
    story.motion("m2", "CERTIFIED", BRELLAND, Some("b1"), "no");
    let mut act = set(&story, story.basis("b1"));
    act["jurisdiction"] = json!(text(BRELLAND));
    act["assessment"] = json!("b1");
    assert_eq!(
        story.refused("registrar", "cert.status.set", act.clone()),
        "motion-on-something-else"
    );
    act["motion"] = json!("m2");
    assert_eq!(story.refused("registrar", "cert.status.set", act), "transition-not-allowed");
}

#[test]
fn ballots_that_are_forged_doubled_late_or_conflicted_are_refused() {
    let mut story = Story::applicable();
    let rolls = json!([{"chamber": "states", "voters": [
        {"id": "s1", "weight": 1, "key": public(8)}, {"id": "s2", "weight": 1},
        {"id": text(ARDENIA), "weight": 5}]}]);
    story.ok(
        "registrar",
        "cert.motion.open",
        json!({"motion": "m", "decision": "SUSPENDED",
        "subject": text(ARDENIA), "opens": "2031-01-02T00:00:00Z", "closes": "2031-01-09T00:00:00Z",
        "rolls": rolls}),
    );
    story.advance(3);
    let ballot = |voter: &str, choice: &str, at: &str| json!({"motion": "m", "chamber": "states", "voter": voter, "choice": choice, "at": at});
    let at = "2031-01-03T00:00:00Z";
    let mut cast = |act: Value| story.refused("registrar", "cert.ballot.cast", act);
    assert_eq!(cast(ballot("s1", "yes", at)), "ballot-bad-signature");
    assert_eq!(cast(ballot(&text(ARDENIA), "no", at)), "ballot-recused");
    assert_eq!(cast(ballot("s9", "no", at)), "ballot-not-on-roll");
    assert_eq!(cast(ballot("s2", "perhaps", at)), "ballot-bad-choice");
    assert_eq!(cast(ballot("s2", "yes", "2031-01-01T00:00:00Z")), "ballot-early");
    assert_eq!(cast(ballot("s2", "yes", "2031-01-08T00:00:00Z")), "bad-date");
    assert_eq!(cast(ballot("s2", "yes", "tomorrow")), "bad-date");
    let signed = br#"{"at":"2031-01-03T00:00:00Z","chamber":"states","choice":"yes","motion":"m","voter":"s1"}"#;
    let mut good = ballot("s1", "yes", at);
    good["sig"] = json!(sign(8, &[b"comity.ballot/1\n".as_slice(), signed].concat()));
    story.ok("registrar", "cert.ballot.cast", good.clone());
    assert_eq!(story.refused("registrar", "cert.ballot.cast", good), "ballot-doubled");
    story.ok("registrar", "cert.ballot.cast", ballot("s2", "yes", at));
    assert_eq!(
        story.refused("registrar", "cert.motion.close", json!({"motion": "m"})),
        "motion-open"
    );
    story.advance(10);
    assert_eq!(
        story.refused("registrar", "cert.ballot.cast", ballot("s2", "no", at)),
        "motion-closed"
    );
    let wrong = json!({"motion": "m", "state": "ADOPTED", "tally": hash(1)});
    let record = Record {
        id: "x".into(),
        at: story.at(),
        by: Side::Registrar,
        act: StandardAct::read("cert.motion.close", &wrong).unwrap(),
    };
    assert_eq!(story.book.decide(&record).unwrap_err().code, "tally-differs");
}

#[test]
fn rules_that_nobody_can_satisfy_are_refused() {
    let check = |from: &str, to: &str| {
        let mut bad = proposal();
        assert!(PROFILE.contains(from), "{from}");
        bad["profile"] = json!(PROFILE.replacen(from, to, 1));
        let record = Record {
            id: "e0".into(),
            at: Instant::parse("2030-06-01T00:00:00Z").unwrap(),
            by: Side::Registrar,
            act: StandardAct::read("cert.standard.propose", &bad).unwrap(),
        };
        assert_eq!(Book::start(&record).unwrap_err().code, "rule-unsatisfiable", "{to}");
    };
    check(
        "num = 2, den = 3, strict = false }, recuse_subject",
        "num = 4, den = 3, strict = false }, recuse_subject",
    );
    check(
        "num = 1, den = 2, strict = true }, threshold",
        "num = 1, den = 1, strict = true }, threshold",
    );
    check(
        "{ metric = \"ei\", op = \">=\", bp = 8000 }",
        "{ metric = \"ei\", op = \">=\", bp = 10001 }",
    );
    check(
        "{ metric = \"ei\", op = \">=\", bp = 8000 }",
        "{ metric = \"coverage\", op = \"<\", bp = 8000 }",
    );
    check("valid_until = 2035-12-31", "valid_until = 2026-12-31");
    let mut story = Story::applicable();
    let rolls = json!([{"chamber": "states", "voters": [{"id": text(ARDENIA), "weight": 1}]}]);
    let motion = json!({"motion": "m", "decision": "SUSPENDED", "subject": text(ARDENIA),
        "opens": "2031-01-02T00:00:00Z", "closes": "2031-01-09T00:00:00Z", "rolls": rolls});
    assert_eq!(
        story.refused("registrar", "cert.motion.open", motion.clone()),
        "rule-unsatisfiable"
    );
    let mut other = motion.clone();
    other["decision"] = json!("CHARM");
    assert_eq!(story.refused("registrar", "cert.motion.open", other), "organ-missing");
    let mut other = motion.clone();
    other["closes"] = json!("2031-01-01T12:00:00Z");
    assert_eq!(story.refused("registrar", "cert.motion.open", other), "tally-bad-period");
    let mut other = motion;
    other["subject"] = json!("Example Models Ltd");
    assert_eq!(story.refused("registrar", "cert.motion.open", other), "not-a-jurisdiction");
}

#[test]
fn evidence_that_conflicts_is_expired_or_out_of_order_is_told() {
    let mut story = Story::applicable();
    story.does(
        "a1",
        "subject",
        "cert.assessment.apply",
        json!({"assessment": "a1",
        "standard": "iaio-test-1", "jurisdiction": text(ARDENIA), "purpose": "initial"}),
    );
    let evidence = |id: &str, shows: &str, from: &str, until: Value, collected: &str| {
        json!({"evidence": id, "sha256": hash(1), "effective_from": from, "effective_until": until,
            "collected_on": collected, "collector": "Office", "method": "TEST", "holder": "hub-x",
            "about": ["LIC-1"], "shows": shows})
    };
    let mut add = |act: Value| story.stopped("a1", "subject", "cert.evidence.add", act);
    assert_eq!(
        add(evidence("x", "S", "2030-01-01", json!("2029-12-31"), "2030-02-01")),
        "bad-date"
    );
    assert_eq!(add(evidence("x", "S", "2030-01-01", json!(null), "2029-02-01")), "bad-date");
    assert_eq!(add(evidence("x", "S", "2030-01-01", json!(null), "2039-02-01")), "bad-date");
    assert_eq!(add(evidence("x", "U", "2030-01-01", json!(null), "2030-02-01")), "field-invalid");
    let mut unknown = evidence("x", "S", "2030-01-01", json!(null), "2030-02-01");
    unknown["about"] = json!(["NOPE-1"]);
    assert_eq!(add(unknown), "question-unknown");
    for (id, shows) in [("d1", "S"), ("d2", "NS")] {
        story.does(
            "a1",
            "subject",
            "cert.evidence.add",
            evidence(id, shows, "2030-01-01", json!(null), "2030-02-01"),
        );
    }
    let claims: Vec<Value> = super::story::questions()["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| json!({"pq": q["pq"], "answer": "S"}))
        .collect();
    assert_eq!(
        story.stopped("a1", "assessor", "cert.assessment.step", json!({"to": "SELF_ASSESSED"})),
        "transition-not-allowed"
    );
    story.does("a1", "subject", "cert.claim.file", json!({"answers": claims}));
    for to in ["SELF_ASSESSED", "DESK_REVIEW"] {
        story.does("a1", "assessor", "cert.assessment.step", json!({"to": to}));
    }
    assert_eq!(
        story.stopped("a1", "assessor", "cert.assessment.step", json!({"to": "TEAM_NOMINATED"})),
        "team-too-small"
    );
    let determine = |reason: Option<&str>, evidence: &[&str]| json!({"pq": "LIC-1", "answer": "S", "reason": reason, "evidence": evidence});
    let mut find = |act: Value| story.stopped("a1", "assessor", "cert.question.determine", act);
    assert_eq!(find(determine(None, &["d1"])), "evidence-conflict");
    assert_eq!(find(determine(None, &[])), "evidence-missing");
    assert_eq!(find(determine(None, &["d7"])), "evidence-unknown");
    assert_eq!(find(json!({"pq": "LIC-1", "answer": "U"})), "field-missing");
    story.does(
        "a1",
        "assessor",
        "cert.question.determine",
        determine(Some("The register was seen."), &["d1"]),
    );
}

#[test]
fn a_team_with_a_conflict_cannot_stand_and_objections_run_out() {
    let mut story = Story::applicable();
    story.does(
        "a1",
        "subject",
        "cert.assessment.apply",
        json!({"assessment": "a1",
        "standard": "iaio-test-1", "jurisdiction": text(ARDENIA), "purpose": "initial"}),
    );
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
    let own = json!([text(ARDENIA)]);
    for (key, value) in [
        ("nationalities", own.clone()),
        ("employers", own),
        ("advised", json!([[text(ARDENIA), 2]])),
    ] {
        assert_eq!(
            story.stopped("a1", "registrar", "cert.team.name", team(&[(key, value)])),
            "assessor-conflicted"
        );
    }
    let small = json!({"members": [{"id": "t1", "region": "r"}]});
    assert_eq!(story.stopped("a1", "registrar", "cert.team.name", small), "team-too-small");
    assert_eq!(story.stopped("a1", "assessor", "cert.team.name", team(&[])), "not-your-act");
    story.does("a1", "registrar", "cert.team.name", team(&[]));
    let object = |member: &str, reason: &str| json!({"member": member, "reason": reason});
    assert_eq!(
        story.stopped("a1", "subject", "cert.team.object", object("t1", " ")),
        "objection-without-reason"
    );
    assert_eq!(story.stopped("a1", "subject", "cert.team.object", object("t9", "x")), "id-unknown");
    for member in ["t1", "t2"] {
        story.does("a1", "subject", "cert.team.object", object(member, "Worked for a rival."));
    }
    assert_eq!(
        story.stopped("a1", "subject", "cert.team.object", object("t3", "x")),
        "objections-spent"
    );
    assert_eq!(story.stopped("a1", "registrar", "cert.team.name", team(&[])), "member-objected");
    assert_eq!(
        story.stopped(
            "a1",
            "assessor",
            "cert.assessment.step",
            json!({"to": "TEAM_NOMINATED", "on": "2030-01-01"})
        ),
        "bad-date"
    );
}

#[test]
fn the_past_is_not_punished_and_records_do_not_run_backwards() {
    let mut story = Story::applicable();
    story.certify(ARDENIA, "a1", "");
    story.concern(ARDENIA, "c1");
    story.motion("m-s", "SUSPENDED", ARDENIA, None, "yes");
    let set = |story: &Story, from: i64, until: Value| {
        json!({"event": "s", "jurisdiction": text(ARDENIA),
        "status": "SUSPENDED", "valid_from": story.day().plus(from), "reason": "CONCERN_CONFIRMED",
        "motion": "m-s", "cause": "CONCERN_CONFIRMED", "concern": "c1", "wind_down_until": until})
    };
    let due = |story: &Story, from: i64| json!(story.day().plus(90 + from));
    let act = set(&story, -1, due(&story, -1));
    assert_eq!(story.refused("registrar", "cert.status.set", act), "adverse-retroactive");
    let act = set(&story, 0, Value::Null);
    assert_eq!(story.refused("registrar", "cert.status.set", act), "wind-down-wrong");
    let mut act = set(&story, 0, due(&story, 0));
    act["concern"] = json!("c9");
    assert_eq!(story.refused("registrar", "cert.status.set", act), "transition-not-allowed");
    let mut act = set(&story, 0, due(&story, 0));
    act["reason"] = json!("CORRECTION");
    assert_eq!(story.refused("registrar", "cert.status.set", act), "field-missing");
    let act = set(&story, 0, due(&story, 0));
    story.ok("registrar", "cert.status.set", act.clone());
    assert_eq!(story.refused("registrar", "cert.status.set", act), "register-duplicate-id");
    let panel = json!({"appeal": "ap", "event": "s", "panel": ["p1", "s1"], "grounds": "Wrong."});
    assert_eq!(story.refused("subject", "cert.appeal.file", panel), "panel-overlaps");
    story.advance(31);
    let late = json!({"appeal": "ap", "event": "s", "panel": ["p1"], "grounds": "Wrong."});
    assert_eq!(story.refused("subject", "cert.appeal.file", late), "appeal-late");
    story.advance(-2_000);
    assert_eq!(
        story.refused("registrar", "cert.questions.adopt", super::story::questions()),
        "bad-date"
    );
}

#[test]
fn a_void_record_counts_for_nothing_in_a_replay() {
    let mut story = Story::applicable();
    let before = story.book.view(comity_core::cert::book::Reader::Staff, story.at());
    let act = json!({"event": "e1", "jurisdiction": text(ARDENIA), "status": "CERTIFIED",
        "valid_from": "2031-01-02", "reason": "INITIAL", "certificate": "c", "valid_until": "2032-01-01"});
    let record = Record {
        id: "forced".into(),
        at: story.at(),
        by: Side::Registrar,
        act: StandardAct::read("cert.status.set", &act).unwrap(),
    };
    let last_at = story.book.last_at;
    story.advance(1);
    story.book.take(&Record { at: story.at(), ..record });
    assert_eq!(story.book.last_at, last_at);
    assert_eq!(story.book.voids[0].code, "transition-not-allowed");
    let mut after = story.book.view(comity_core::cert::book::Reader::Staff, story.at());
    after["voids"] = json!([]);
    after["due"] = before["due"].clone();
    assert_eq!(before, after);
}

#[test]
fn a_body_says_what_is_open_and_nothing_twice() {
    let act = json!({"evidence": "d1", "sha256": "x", "place": "y"});
    let (open, sealed) = divide(Open::Only(&["evidence"]), act.as_object().unwrap().clone());
    assert_eq!(serde_json::to_value(&open).unwrap(), json!({"evidence": "d1"}));
    assert_eq!(join(open.clone(), sealed.clone()), Some(act));
    assert_eq!(join(open.clone(), open), None);
    let body = Body { act: sealed, by: Side::Subject, at: None, private: Some("00".into()) };
    assert_eq!(Body::read(&body.clone().write()), Some(body));
    for bad in [
        json!({}),
        json!({"act": {}, "by": "king"}),
        json!({"act": [], "by": "subject"}),
        json!({"act": {}, "by": "subject", "extra": 1}),
        json!({"act": {}, "by": "subject", "at": "now"}),
    ] {
        assert_eq!(Body::read(bad.as_object().unwrap()), None, "{bad}");
    }
    // What an assessment finds is sealed unless its kind opens it.
    for kind in AssessmentAct::KINDS {
        if kind.name.contains("determine")
            || kind.name.contains("team")
            || kind.name.contains("claim")
        {
            assert_eq!(kind.open, Open::Only(&[]), "{}", kind.name);
        }
    }
}

#[test]
fn unknown_members_and_kinds_are_refused_with_their_place() {
    let read = |kind: &str, act: Value| StandardAct::read(kind, &act).unwrap_err();
    assert_eq!(read("cert.magic", json!({})).code, "unknown-kind");
    let refusal = read("cert.exit.notice", json!({"jurisdiction": text(ARDENIA), "extra": 1}));
    assert_eq!((refusal.code, refusal.pointer.as_str()), ("member-unknown", "/extra"));
    let refusal = read("cert.exit.notice", json!({}));
    assert_eq!((refusal.code, refusal.pointer.as_str()), ("field-missing", "/jurisdiction"));
    let refusal = read(
        "cert.extension.add",
        json!({"from": text(ARDENIA), "to": text(BRELLAND), "valid_from": "2031-02-30"}),
    );
    assert_eq!((refusal.code, refusal.pointer.as_str()), ("bad-date", "/valid_from"));
    let refusal = read("cert.standard.step", json!({"to": "SPLENDID"}));
    assert_eq!((refusal.code, refusal.pointer.as_str()), ("value-unknown", "/to"));
}
