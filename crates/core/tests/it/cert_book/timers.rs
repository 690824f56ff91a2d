//! Timers: pauses by logged decisions, holidays, and figures for the least developed and the immediate.

use std::collections::BTreeSet;

use comity_core::cert::book::Reader;
use comity_core::cert::day::Day;
use comity_core::cert::profile::Profile;
use comity_core::cert::timer::{Due, Timer};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::story::{ARDENIA, BRELLAND, PROFILE, Story, text, urn};

fn pause(timer: &str, about: &str, motion: Option<&str>) -> Value {
    let mut act = json!({"timer": timer, "about": about, "reason": "The capital is flooded.",
        "official": "Director of audits"});
    if let Some(motion) = motion {
        act["motion"] = json!(motion);
    }
    act
}

fn resume(timer: &str, about: &str) -> Value {
    json!({"timer": timer, "about": about, "reason": "Offices are open again.",
        "official": "Director of audits"})
}

#[track_caller]
fn due(story: &Story, timer: &str) -> Due {
    story.book.dues(story.at()).into_iter().find(|due| due.timer == timer).unwrap()
}

/// A confirmed concern about Ardenia, whose publication runs.
fn confirmed() -> Story {
    let mut story = Story::applicable();
    story.certify(ARDENIA, "a1", "2031-01-10");
    story.concern(ARDENIA, "c1");
    story
}

#[test]
fn a_pause_moves_the_last_day_by_the_days_paused() {
    let mut story = confirmed();
    let before = due(&story, "concern-public");
    story.motion("m-p", "TIMER_PAUSED", ARDENIA, Some("concern-public/c1"), "yes");
    story.ok("registrar", "cert.timer.pause", pause("concern-public", "c1", Some("m-p")));
    story.advance(200);
    let paused = due(&story, "concern-public");
    assert!(!paused.over && paused.paused_since.is_some(), "a paused timer is never over");
    assert_eq!(paused.due, before.due.plus(200));
    assert_eq!(public(&story), 0);
    story.ok("registrar", "cert.timer.resume", resume("concern-public", "c1"));
    story.advance(10);
    let resumed = due(&story, "concern-public");
    assert_eq!((resumed.due, resumed.paused_days), (before.due.plus(200), 200));
    assert_eq!(resumed.paused_since, None);
    let left = resumed.due.since(story.day());
    story.advance(left);
    assert_eq!((due(&story, "concern-public").over, public(&story)), (false, 0));
    story.advance(1);
    assert_eq!((due(&story, "concern-public").over, public(&story)), (true, 1));
    let (book, _) = story.replayed();
    assert_eq!(book.view(Reader::Staff, story.at()), story.book.view(Reader::Staff, story.at()));
}

/// Concerns that everyone sees.
fn public(story: &Story) -> usize {
    story.book.view(Reader::Public, story.at())["concerns"].as_array().unwrap().len()
}

#[test]
fn a_pause_needs_its_decision_and_a_timer_that_runs() {
    let mut story = confirmed();
    let mut refused = |act: Value| story.refused("registrar", "cert.timer.pause", act);
    assert_eq!(refused(pause("concern-public", "c1", None)), "pause-undecided");
    assert_eq!(refused(pause("concern-public", "c1", Some("nothing"))), "id-unknown");
    // A motion on something else, about another timer, or lost.
    assert_eq!(refused(pause("concern-public", "c1", Some("m-c1"))), "motion-on-something-else");
    story.motion("m-other", "TIMER_PAUSED", ARDENIA, Some("concern-reply/c1"), "yes");
    story.motion("m-lost", "TIMER_PAUSED", ARDENIA, Some("concern-public/c1"), "no");
    let mut refused = |act: Value| story.refused("registrar", "cert.timer.pause", act);
    let other = pause("concern-public", "c1", Some("m-other"));
    assert_eq!(refused(other), "motion-on-something-else");
    assert_eq!(refused(pause("concern-public", "c1", Some("m-lost"))), "pause-undecided");
    assert_eq!(refused(pause("concern-reply", "c1", Some("m-other"))), "id-unknown", "answered");
    assert_eq!(refused(pause("magic", "c1", None)), "id-unknown");
    assert_eq!(refused(pause("validity", &text(ARDENIA), None)), "timer-fixed");
    let mut blank = pause("concern-public", "c1", None);
    blank["reason"] = json!(" ");
    assert_eq!(refused(blank), "field-missing");
    // Nobody pauses a timer for themselves.
    let own = pause("concern-public", "c1", None);
    assert_eq!(story.refused("subject", "cert.timer.pause", own), "not-your-act");
    // Once at a time, not when it is over, and only what is paused goes on.
    let unpaused = resume("concern-public", "c1");
    assert_eq!(story.refused("registrar", "cert.timer.resume", unpaused), "timer-not-paused");
    story.motion("m-p", "TIMER_PAUSED", ARDENIA, Some("concern-public/c1"), "yes");
    story.ok("registrar", "cert.timer.pause", pause("concern-public", "c1", Some("m-p")));
    let again = pause("concern-public", "c1", None);
    assert_eq!(story.refused("registrar", "cert.timer.pause", again), "timer-paused");
    story.ok("registrar", "cert.timer.resume", resume("concern-public", "c1"));
    let spent = pause("concern-public", "c1", Some("m-p"));
    assert_eq!(story.refused("registrar", "cert.timer.pause", spent), "motion-spent");
    story.advance(400);
    let late = pause("concern-public", "c1", None);
    assert_eq!(story.refused("registrar", "cert.timer.pause", late), "timer-over");
}

#[test]
fn why_a_timer_is_paused_is_told_to_staff_and_to_whom_it_is_about() {
    let mut story = Story::applicable();
    story.certify(ARDENIA, "a1", "2031-01-10");
    story.ok("subject", "cert.exit.notice", json!({"jurisdiction": text(ARDENIA)}));
    story.motion(
        "m-p",
        "TIMER_PAUSED",
        ARDENIA,
        Some(&format!("exit-notice/{}", text(ARDENIA))),
        "yes",
    );
    story.ok("registrar", "cert.timer.pause", pause("exit-notice", &text(ARDENIA), Some("m-p")));
    let (own, peer) = (urn(ARDENIA), urn(BRELLAND));
    let told = |reader: Reader<'_>| {
        let view = story.book.view(reader, story.at());
        assert_eq!(view["pauses"][0]["timer"], "exit-notice");
        let due = view["due"].as_array().unwrap().iter().find(|d| d["timer"] == "exit-notice");
        assert_eq!(due.unwrap()["paused_since"], json!(story.day()));
        view["pauses"][0]["reason"].is_string()
    };
    assert!(told(Reader::Staff) && told(Reader::Subject(&[&own])));
    assert!(!told(Reader::Public) && !told(Reader::Subject(&[&peer])));
    // While the notice stands still the jurisdiction does not leave.
    story.advance(300);
    let leave = json!({"event": "ev-x", "jurisdiction": text(ARDENIA), "status": "WITHDRAWN",
        "valid_from": story.day(), "reason": "EXIT"});
    let early = story.refused("registrar", "cert.status.set", leave.clone());
    assert_eq!(early, "transition-not-allowed");
    story.ok("registrar", "cert.timer.resume", resume("exit-notice", &text(ARDENIA)));
    story.advance(181);
    let mut leave = leave;
    leave["valid_from"] = json!(story.day());
    story.ok("registrar", "cert.status.set", leave);
}

#[test]
fn a_profile_may_leave_a_timer_to_an_official() {
    let named = "name = \"comments\"\n";
    let profile = PROFILE.replacen(named, &format!("{named}paused_by = \"official\"\n"), 1);
    let mut story = Story::applicable_under(&profile);
    draft(&mut story);
    let left = |story: &Story| {
        let dues = story.files["a1"].dues(&story.book, story.at());
        dues.into_iter().find(|due| due.timer == "comments").unwrap()
    };
    let before = left(&story).due;
    story.does("a1", "registrar", "cert.timer.pause", pause("comments", "a1", None));
    story.advance(60);
    let step = json!({"to": "COMMENTS"});
    let early = story.stopped("a1", "assessor", "cert.assessment.step", step.clone());
    assert_eq!(early, "transition-not-allowed", "the time to comment stands still");
    let again = pause("comments", "a1", None);
    assert_eq!(story.stopped("a1", "registrar", "cert.timer.pause", again), "timer-paused");
    story.does("a1", "registrar", "cert.timer.resume", resume("comments", "a1"));
    assert_eq!(left(&story).due, before.plus(60));
    story.advance(before.plus(61).since(story.day()));
    story.does("a1", "assessor", "cert.assessment.step", step);
    let view = story.files["a1"].view(&story.book, story.at());
    assert_eq!(view["pauses"][0]["official"], "Director of audits");
    assert_eq!(view["pauses"][0]["resumed_because"], "Offices are open again.");
}

#[test]
fn elsewhere_an_organ_decides_on_the_timers_of_an_assessment() {
    let mut story = Story::applicable();
    draft(&mut story);
    let bare = pause("comments", "a1", None);
    assert_eq!(story.stopped("a1", "registrar", "cert.timer.pause", bare), "pause-undecided");
    let act = pause("comments", "a1", Some("m-p"));
    assert_eq!(story.stopped("a1", "registrar", "cert.timer.pause", act.clone()), "id-unknown");
    story.motion("m-p", "TIMER_PAUSED", ARDENIA, Some("comments/a1"), "yes");
    story.does("a1", "registrar", "cert.timer.pause", act.clone());
    story.does("a1", "registrar", "cert.timer.resume", resume("comments", "a1"));
    assert_eq!(story.stopped("a1", "registrar", "cert.timer.pause", act), "motion-spent");
}

/// An assessment whose draft waits for comments.
fn draft(story: &mut Story) {
    story.drafted(ARDENIA, "a1");
}

#[test]
fn holidays_are_listed_ahead_and_working_days_skip_them() {
    let listed = "\n[[holidays]]\ncalendar = \"working\"\nsource = \"Calendar of the seat, 2031\"\ndays = [2031-01-20]\n";
    let profile = format!("{PROFILE}{listed}");
    let mut story = Story::applicable_under(&profile);
    story.visit(ARDENIA, "a1");
    let onsite = |story: &Story| {
        let dues = story.files["a1"].dues(&story.book, story.at());
        dues.into_iter().find(|due| due.timer == "onsite").unwrap()
    };
    let first = onsite(&story);
    let holiday = story.day().plus(if story.day().plus(2).is_weekend() { 4 } else { 2 });
    let list = |days: Value| json!({"calendar": "working", "days": days, "source": "Decree 4"});
    let past = list(json!([story.day()]));
    assert_eq!(story.refused("registrar", "cert.holidays.list", past), "bad-date");
    let mut calendar = list(json!([holiday]));
    calendar["calendar"] = json!("calendar");
    assert_eq!(story.refused("registrar", "cert.holidays.list", calendar), "field-invalid");
    story.ok("registrar", "cert.holidays.list", list(json!([holiday])));
    let moved = onsite(&story).due;
    assert!(moved > first.due && !moved.is_weekend());
    let working: BTreeSet<Day> = BTreeSet::from([holiday]);
    let timer = Profile::parse(PROFILE.as_bytes()).unwrap().timer("onsite").unwrap().clone();
    assert_eq!(moved, timer.due(first.since, &working));
    assert_eq!(story.book.view(Reader::Public, story.at())["holidays"][0]["source"], "Decree 4");
}

#[test]
fn bad_holidays_make_no_profile() {
    let check = |table: &str, ok: bool| {
        let profile = format!("{PROFILE}\n[[holidays]]\n{table}\n");
        let read = Profile::parse(profile.as_bytes());
        assert_eq!(read.is_ok(), ok, "{table}");
        if let Err(refusal) = read {
            assert_eq!((refusal.code, refusal.pointer.as_str()), ("profile-invalid", "/holidays"));
        }
    };
    check("calendar = \"working\"\nsource = \"s\"\ndays = [2031-01-20, \"2031-05-01\"]", true);
    check("calendar = \"calendar\"\nsource = \"s\"\ndays = [2031-01-20]", false);
    check("calendar = \"working\"\nsource = \" \"\ndays = [2031-01-20]", false);
    check("calendar = \"working\"\nsource = \"s\"\ndays = [\"2031-02-30\"]", false);
}

#[test]
fn the_least_developed_get_the_days_that_the_profile_gives_them() {
    let mut story = Story::applicable();
    story.ok(
        "registrar",
        "cert.jurisdiction.list",
        json!({"urn": text(BRELLAND), "kind": "state",
        "names": {"en": BRELLAND}, "aliases": [{"scheme": "iso3166-1", "value": "X1"}],
        "least_developed": true, "authorities": []}),
    );
    for (id, name, days) in [(ARDENIA, "a1", 45), (BRELLAND, "b1", 90)] {
        story.assess(id, name, "initial", &[("LIC-1", "NS")]);
        let owed = |story: &Story| {
            let dues = story.files[name].dues(&story.book, story.at());
            dues.into_iter().find(|due| due.timer == "cap-due")
        };
        let found = owed(&story).unwrap();
        assert_eq!(found.due.since(found.since), days, "{id}");
        // It runs on after the decision, until a plan is there.
        story.motion(&format!("m-{name}"), "REFUSED", id, Some(name), "yes");
        let decide = json!({"motion": format!("m-{name}")});
        story.does(name, "registrar", "cert.assessment.decide", decide);
        assert_eq!(owed(&story).unwrap().due, found.due);
        let action = json!({"action": "x1", "findings": ["f-lic-1"], "office": "Licensing office",
            "text": "Read every application.", "due": story.day().plus(100)});
        let plan = json!({"months": 6, "actions": [action]});
        story.does(name, "subject", "cert.cap.file", plan);
        assert!(owed(&story).is_none());
    }
}

/// Suspends Ardenia on a concern that is immediate or not; returns the last day of trade that was accepted.
fn wind_down(profile: &str, immediate: bool) -> Option<i64> {
    let mut story = Story::applicable_under(profile);
    story.certify(ARDENIA, "a1", "2031-01-10");
    story.ok(
        "assessor",
        "cert.concern.raise",
        json!({"concern": "c1", "jurisdiction": text(ARDENIA),
        "control": "LIC-1", "immediate": immediate, "statement": "No licence is read."}),
    );
    story.ok("subject", "cert.concern.reply", json!({"concern": "c1", "text": "They are."}));
    story.motion("m-c1", "CONCERN_CONFIRMED", ARDENIA, Some("c1"), "yes");
    let step = json!({"concern": "c1", "to": "confirmed", "motion": "m-c1"});
    story.ok("registrar", "cert.concern.step", step);
    story.motion("m-s", "SUSPENDED", ARDENIA, None, "yes");
    let act = |until: Option<Day>| {
        json!({"event": "ev-s", "jurisdiction": text(ARDENIA), "status": "SUSPENDED",
        "valid_from": story.day(), "reason": "CONCERN_CONFIRMED", "motion": "m-s",
        "cause": "CONCERN_CONFIRMED", "concern": "c1", "wind_down_until": until})
    };
    let days = [None, Some(0), Some(7), Some(90)];
    let acts = days.map(|days| (days, act(days.map(|days| story.day().plus(days)))));
    let mut accepted = Vec::new();
    for (days, act) in acts {
        if story.say("registrar", "cert.status.set", act).is_ok() {
            accepted.push(days);
        }
    }
    assert_eq!(accepted.len(), 1, "{accepted:?}");
    let shown = story.book.dues(story.at()).into_iter().find(|due| due.timer == "wind-down");
    assert_eq!(shown.map(|due| due.due.since(story.day())), accepted[0]);
    accepted[0]
}

#[test]
fn an_immediate_concern_winds_down_over_the_immediate_days_alone() {
    assert_eq!(wind_down(PROFILE, false), Some(90));
    assert_eq!(wind_down(PROFILE, true), None);
    let week = PROFILE.replacen("immediate_days = 0", "immediate_days = 7", 1);
    assert_eq!(wind_down(&week, true), Some(7));
    let silent = PROFILE.replacen("immediate_days = 0\n", "", 1);
    assert_eq!(wind_down(&silent, true), None, "no wind-down unless the profile gives one");
}

/// Counts day by day, as a clerk with a calendar would.
fn counted(timer: &Timer, mark: Day, holidays: &BTreeSet<Day>, pauses: &[(Day, Day)]) -> Day {
    let working = timer.calendar == comity_core::cert::timer::Calendar::Working;
    let works = |day: Day| !working || !(day.is_weekend() || holidays.contains(&day));
    let (mut day, mut left) = (mark, timer.days);
    let mut again = None;
    loop {
        // The last day was cut short by a pause: the first day of work from its end on is the last one.
        if left == 0 {
            let cut = pauses.iter().find(|(from, until)| *from == day && *until > day);
            match cut {
                None => return day,
                Some((_, until)) => (left, again) = (1, Some(*until)),
            }
        }
        day = day.plus(1);
        let stands = pauses.iter().any(|(from, until)| *from < day && day <= *until);
        let runs = again.map_or(!stands, |again| day >= again);
        left -= u32::from(runs && works(day));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_day_is_what_a_clerk_counts(
        days in 1_u32..60,
        weekdays_only in any::<bool>(),
        start in 0_i64..400,
        holidays in prop::collection::btree_set(0_i64..600, 0..20),
        gaps in prop::collection::vec((1_i64..20, 0_i64..30), 0..4),
    ) {
        let first = Day::parse("2031-01-01").unwrap();
        let mark = first.plus(start);
        let holidays: BTreeSet<Day> = holidays.into_iter().map(|day| first.plus(day)).collect();
        let profile = Profile::parse(PROFILE.as_bytes()).unwrap();
        let mut timer = profile.timer(if weekdays_only { "onsite" } else { "comments" }).unwrap().clone();
        timer.days = days;
        // Pauses begin only while the timer runs, as the book sees to it.
        let mut pauses: Vec<(Day, Day)> = Vec::new();
        for (wait, length) in gaps {
            let from = pauses.last().map_or(mark, |(_, until)| *until).plus(wait);
            if from <= timer.last_day(days, mark, &holidays, &pauses) {
                pauses.push((from, from.plus(length)));
            }
        }
        let due = timer.last_day(days, mark, &holidays, &pauses);
        prop_assert_eq!(due, counted(&timer, mark, &holidays, &pauses));
        let moved: i64 = pauses.iter().map(|(from, until)| until.since(*from)).sum();
        if !weekdays_only {
            prop_assert_eq!(due, mark.plus(i64::from(days) + moved));
        }
        prop_assert!(due >= timer.last_day(days, mark, &BTreeSet::new(), &[]));
    }
}
