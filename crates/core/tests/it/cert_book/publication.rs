//! What a profile opens of assessments and to whom; lessons that name nobody.

use comity_core::cert::act::StandardAct;
use comity_core::cert::book::Reader;
use comity_core::cert::profile::Profile;
use comity_core::cert::publication::{
    LESSON_ASSESSMENTS_MIN, Look, Merger, Publication, PublishLessons,
};
use comity_core::cert::record::{Body, Kind, Side, divide};
use serde_json::{Value, json};

use super::story::{ARDENIA, BRELLAND, LISTED, PROFILE, Story, hash, text, urn};

/// The default profile with members of `[publication]` changed.
fn profile(changes: &[(&str, &str)]) -> String {
    let (head, rest) = PROFILE.split_once("[publication]\n").unwrap();
    let (_, tail) = rest.split_once("\n\n").unwrap();
    let mut members = [
        ("summary", "public"),
        ("ratings", "public"),
        ("full_report", "assessed"),
        ("concern_unresolved", "public"),
        ("lessons", "anonymised"),
        ("security_sensitive", "withheld"),
    ];
    for (key, value) in changes {
        members.iter_mut().find(|(known, _)| known == key).unwrap().1 = value;
    }
    let lines: Vec<String> =
        members.iter().map(|(key, value)| format!("{key} = \"{value}\"")).collect();
    format!("{head}[publication]\n{}\n\n{tail}", lines.join("\n"))
}

fn under(changes: &[(&str, &str)]) -> Story {
    Story::applicable_under(&profile(changes))
}

fn look(story: &Story, look: Look) -> Option<Value> {
    story.files["a1"].opened(&story.book, look, story.at())
}

fn has(story: &Story, who: Look, part: &str) -> bool {
    look(story, who).is_some_and(|open| open.get(part).is_some())
}

#[test]
fn bad_words_make_no_profile() {
    let check = |key: &str, value: &str, ok: bool| {
        let read = Profile::parse(profile(&[(key, value)]).as_bytes());
        assert_eq!(read.is_ok(), ok, "{key} {value}");
        if let Err(refusal) = read {
            assert_eq!(refusal.pointer, "/publication");
        }
    };
    check("summary", "members", true);
    check("summary", "assessed", false);
    check("full_report", "assessed", true);
    check("full_report", "friends", false);
    check("lessons", "named", false);
    check("security_sensitive", "public", true);
    let (head, rest) = PROFILE.split_once("[publication]\n").unwrap();
    let silent = format!("{head}{}", rest.split_once("\n\n").unwrap().1);
    let read = Profile::parse(silent.as_bytes()).unwrap();
    assert_eq!(read.publication, Publication::SILENT, "nothing is open by default");
}

#[test]
fn nothing_is_open_before_the_decision_and_then_what_the_profile_says() {
    let looks = [Look::Public, Look::Member, Look::Party];
    let check = |to: &str, seen: [bool; 3]| {
        let mut story = under(&[("summary", to), ("ratings", to)]);
        story.assess(ARDENIA, "a1", "initial", &[("LIC-1", "NS")]);
        assert!(looks.iter().all(|who| look(&story, *who).is_none()), "{to}: not decided yet");
        story.motion("m-a1", "REFUSED", ARDENIA, Some("a1"), "yes");
        story.does("a1", "registrar", "cert.assessment.decide", json!({"motion": "m-a1"}));
        for (who, seen) in looks.iter().zip(seen) {
            assert_eq!(has(&story, *who, "summary"), seen, "{to} {who:?}");
            assert_eq!(has(&story, *who, "ratings"), seen, "{to} {who:?}");
            assert!(!has(&story, *who, "report"), "{to}: nobody published it");
        }
    };
    check("public", [true, true, true]);
    check("members", [false, true, true]);
    check("none", [false, false, true]);
}

#[test]
fn ratings_hold_no_claims_concerns_or_evidence() {
    let mut story = under(&[]);
    story.decided(ARDENIA, "a1", &[("LIC-1", "NS")]);
    let open = look(&story, Look::Public).unwrap();
    let ratings = open["ratings"].as_object().unwrap();
    let keys: Vec<&str> = ratings.keys().map(String::as_str).collect();
    for absent in ["self", "concerns", "inputs", "rules", "listing", "advisories"] {
        assert!(!keys.contains(&absent), "{absent}");
    }
    assert_eq!(ratings["recommendation"], "DEFERRED");
    assert_eq!(open["summary"].get("recommendation"), None);
    let all = open.to_string();
    assert!(!all.contains("d1") && !all.contains(&hash(1)) && !all.contains("Licensing office"));
}

/// Who may publish, and who reads it then.
fn published(to: &str, by: &str) -> Result<[bool; 3], &'static str> {
    let mut story = under(&[("full_report", to), ("summary", "none"), ("ratings", "none")]);
    story.assess(ARDENIA, "a1", "initial", &[("LIC-1", "NS")]);
    let act = json!({"sha256": hash(9)});
    if let Err(refusal) = story.step("a1", by, "cert.report.publish", &act) {
        return Err(refusal.code);
    }
    assert_eq!(story.stopped("a1", by, "cert.report.publish", act), "id-taken");
    Ok([Look::Public, Look::Member, Look::Party].map(|who| has(&story, who, "report")))
}

#[test]
fn a_report_is_published_only_by_whom_the_profile_lets() {
    for by in ["registrar", "subject"] {
        assert_eq!(published("public", by), Ok([true; 3]));
        assert_eq!(published("members", by), Ok([false, true, true]));
        assert_eq!(published("none", by), Err("not-yours-to-publish"));
    }
    assert_eq!(published("assessed", "subject"), Ok([true; 3]));
    assert_eq!(published("assessed", "registrar"), Err("not-yours-to-publish"));
    assert_eq!(published("public", "assessor"), Err("not-your-act"));
    let mut story = under(&[]);
    story.drafted(ARDENIA, "a1");
    let act = |n| json!({"sha256": hash(n)});
    let early = story.stopped("a1", "subject", "cert.report.publish", act(9));
    assert_eq!(early, "transition-not-allowed");
    let mut story = under(&[]);
    story.assess(ARDENIA, "a1", "initial", &[]);
    let other = story.stopped("a1", "subject", "cert.report.publish", act(8));
    assert_eq!(other, "report-differs");
}

#[test]
fn sensitive_points_stay_withheld_with_what_would_tell_of_them() {
    let report = |sensitive: &str| {
        let mut story = under(&[("security_sensitive", sensitive)]);
        story.drafted(ARDENIA, "a1");
        for (id, grade) in [("f1", "minor"), ("f2", "sensitive-point")] {
            story.does(
                "a1",
                "assessor",
                "cert.finding.write",
                json!({"finding": id, "pq": "DEP-1",
                "grade": grade, "text": format!("CANARY-{id}"), "root_cause": "Staff.",
                "office": "Office", "evidence": ["d1"]}),
            );
        }
        let action = |id: &str| {
            json!({"action": format!("x-{id}"), "findings": [id],
            "office": "Office", "text": format!("Mend CANARY-{id}."), "due": story.day().plus(90)})
        };
        let plan = json!({"months": 6, "actions": [action("f1"), action("f2")]});
        story.does("a1", "subject", "cert.cap.file", plan);
        story.finished("a1");
        story.does("a1", "subject", "cert.report.publish", json!({"sha256": hash(9)}));
        look(&story, Look::Public).unwrap()["report"].clone()
    };
    let withheld = report("withheld");
    assert_eq!(withheld["withheld"], 1);
    let all = withheld.to_string();
    assert!(all.contains("CANARY-f1") && !all.contains("CANARY-f2"), "{all}");
    let shown = report("public");
    assert_eq!((&shown["withheld"], shown["findings"].as_array().unwrap().len()), (&json!(0), 2));
    assert!(shown.to_string().contains("Mend CANARY-f2."));
}

#[test]
fn a_confirmed_concern_comes_out_only_to_whom_the_profile_says() {
    let seen = |to: &str| {
        let mut story = under(&[("concern_unresolved", to)]);
        story.certify(BRELLAND, "b1", "2031-01-10");
        story.certify(ARDENIA, "a1", "2031-01-10");
        story.concern(ARDENIA, "c1");
        let (peer, other) = (urn(BRELLAND), urn("galdria1"));
        let count = |story: &Story, reader: Reader<'_>| {
            let view = story.book.view(reader, story.at());
            let concerns = view["concerns"].as_array().unwrap().len();
            let on_it = |list: &str, key: &str, value: &str| {
                view[list].as_array().unwrap().iter().filter(|item| item[key] == value).count()
            };
            // A motion or a timer would tell of a concern that is not out.
            let motions = on_it("motions", "decision", "CONCERN_CONFIRMED");
            let dues = on_it("due", "about", "c1");
            assert_eq!((motions, dues), (concerns, concerns));
            concerns
        };
        let early = [Reader::Public, Reader::Subject(&[&other]), Reader::Subject(&[&peer])]
            .map(|reader| count(&story, reader));
        assert_eq!(early, [0, 0, 1], "{to}: certified jurisdictions know at once, others not");
        story.advance(91);
        [Reader::Public, Reader::Subject(&[]), Reader::Subject(&[&other])]
            .map(|reader| count(&story, reader))
    };
    assert_eq!(seen("public"), [1, 1, 1]);
    assert_eq!(seen("members"), [0, 0, 1]);
    assert_eq!(seen("none"), [0, 0, 0]);
}

/// What an entry of this act says in clear.
fn clear(story: &Story, kind: &str, act: &Value) -> String {
    let known = StandardAct::KINDS.iter().find(|known| known.name == kind).copied();
    let kind: Kind = known.unwrap();
    let members = act.as_object().unwrap().clone();
    let (open, _) = divide(story.book.openness(kind, act), members);
    let body = Body { act: open, by: Side::Registrar, at: None, private: None };
    Value::Object(body.write()).to_string()
}

#[test]
fn entries_about_a_concern_say_nothing_of_it_in_clear() {
    let story = under(&[]);
    let raise = json!({"concern": "c1", "jurisdiction": text(ARDENIA), "control": "LIC-1",
        "immediate": true, "statement": "S"});
    let step = json!({"concern": "c1", "to": "confirmed", "motion": "m"});
    let motion = json!({"motion": "m", "decision": "CONCERN_CONFIRMED", "subject": text(ARDENIA),
        "about": "c1", "opens": "2031-01-01T00:00:00Z", "closes": "2031-01-02T00:00:00Z", "rolls": []});
    for (kind, act) in [
        ("cert.concern.raise", &raise),
        ("cert.concern.step", &step),
        ("cert.motion.open", &motion),
    ] {
        let clear = clear(&story, kind, act);
        for canary in [ARDENIA, "LIC-1", "immediate", "confirmed", "CONCERN"] {
            assert!(!clear.contains(canary), "{kind}: {clear}");
        }
    }
    let mut other = motion;
    other["decision"] = json!("SUSPENDED");
    assert!(clear(&story, "cert.motion.open", &other).contains(ARDENIA));
}

/// Decided assessments of so many jurisdictions, all with a finding on LIC-1 and one on MDL-1.
fn assessed(count: usize) -> Story {
    let mut story = under(&[]);
    for (n, id) in LISTED.iter().take(count).enumerate() {
        let answers: &[(&str, &str)] =
            if n == 0 { &[("LIC-1", "NS"), ("MDL-1", "NS")] } else { &[("LIC-1", "NS")] };
        story.decided(id, &format!("a{n}"), answers);
    }
    story
}

fn merged(story: &Story) -> Result<PublishLessons, &'static str> {
    let mut merger = Merger::default();
    for file in story.files.values() {
        merger.add(file, story.book.questions_at(story.at()));
    }
    merger.lessons().map_err(|refusal| refusal.code)
}

#[test]
fn lessons_merge_five_assessments_and_leak_nothing() {
    let mut story = assessed(5);
    let lessons = merged(&story).unwrap();
    assert_eq!((lessons.assessments, lessons.lessons.len(), lessons.suppressed), (5, 1, 1));
    let lesson = &lessons.lessons[0];
    assert_eq!(
        (lesson.area.as_str(), lesson.control.as_str(), lesson.assessments),
        ("LIC", "LIC-1", 5)
    );
    assert_eq!(lesson.grades.get("major"), Some(&5));
    let act = serde_json::to_value(&lessons).unwrap();
    story.ok("registrar", "cert.lessons.publish", act.clone());
    let shown = story.book.view(Reader::Public, story.at())["lessons"].to_string();
    let secrets =
        ["office", "urn:", "Not in force", "No budget", "sha256", "d1", "f-lic-1", "MDL-1"];
    for canary in LISTED.iter().chain(&secrets) {
        assert!(!shown.contains(canary) && !act.to_string().contains(canary), "{canary}: {shown}");
    }
    // Published again after fewer than five more, the difference would name them.
    assert_eq!(story.refused("registrar", "cert.lessons.publish", act), "lessons-too-few");
}

#[test]
fn below_five_jurisdictions_there_are_no_lessons() {
    assert_eq!(merged(&assessed(4)), Err("lessons-too-few"));
    // Five assessments of one jurisdiction are one.
    let mut story = assessed(4);
    story.decided(ARDENIA, "again", &[("LIC-1", "NS")]);
    assert_eq!(merged(&story), Err("lessons-too-few"));
    // What is not decided yet teaches nothing.
    let mut story = assessed(4);
    story.assess(LISTED[4], "open", "initial", &[("LIC-1", "NS")]);
    assert_eq!(merged(&story), Err("lessons-too-few"));
}

#[test]
fn lessons_with_words_wrong_counts_or_against_the_profile_are_refused() {
    let mut story = under(&[]);
    let act = |lesson: Value| json!({"assessments": 5, "lessons": [lesson], "suppressed": 0});
    let good = json!({"area": "LIC", "control": "LIC-1", "assessments": 5, "grades": {"major": 5}});
    let check = |story: &mut Story, key: &str, value: Value| {
        let mut lesson = good.clone();
        lesson[key] = value;
        story.refused("registrar", "cert.lessons.publish", act(lesson))
    };
    for (key, value) in [
        ("control", json!("Ardenia's licensing office")),
        ("assessments", json!(3)),
        ("assessments", json!(6)),
        ("assessments", json!(10)),
        ("grades", json!({"major": 1})),
        ("grades", json!({"Ardenia": 5})),
        ("grades", json!({"major": 10})),
    ] {
        assert_eq!(check(&mut story, key, value.clone()), "field-invalid", "{key} {value}");
    }
    let mut few = act(good.clone());
    few["assessments"] = json!(LESSON_ASSESSMENTS_MIN - 1);
    assert_eq!(story.refused("registrar", "cert.lessons.publish", few), "lessons-too-few");
    assert_eq!(
        story.refused("assessor", "cert.lessons.publish", act(good.clone())),
        "not-your-act"
    );
    let mut closed = under(&[("lessons", "none")]);
    let refused = closed.refused("registrar", "cert.lessons.publish", act(good.clone()));
    assert_eq!(refused, "not-yours-to-publish");
    story.ok("registrar", "cert.lessons.publish", act(good));
}
