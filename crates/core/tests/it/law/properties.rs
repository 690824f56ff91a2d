//! What must hold whatever the facts are.

use std::collections::BTreeSet;

use comity_core::law::calendar::Calendar;
use comity_core::law::clock::{ClockRule, Place, clock};
use comity_core::law::pack::PackSet;
use comity_core::law::shipped::{FILES, load_all};
use comity_core::law::time::{Instant, Unit, Within, Zone};
use comity_core::law::vocabulary::Vocabulary;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{answer, at, scenario, shipped_packs};

const BASES: [&str; 6] = [
    "S01-overlay-at-christmas",
    "S02-two-sovereigns",
    "S04-frontier-exfiltration",
    "S05-belgian-target",
    "S07-bank-saturday",
    "S08-duties-of-the-hub",
];

fn base() -> impl Strategy<Value = (Json, String)> {
    prop::sample::select(&BASES[..]).prop_map(|id| {
        let scenario = scenario(id);
        (scenario["facts"].clone(), scenario["at"].as_str().unwrap().to_owned())
    })
}

/// Takes away the facts of the case whose bit is set.
fn without(mut facts: Json, bits: u32) -> Json {
    let own = facts["case"]["facts"].as_object_mut().unwrap();
    let names: Vec<String> = own.keys().cloned().collect();
    for (index, name) in names.iter().enumerate() {
        if bits & (1 << (index % 32)) != 0 {
            own.remove(name);
        }
    }
    facts
}

fn packs_without(left_out: &str) -> PackSet {
    let files = FILES.iter().filter(|(id, _, _)| *id != left_out);
    load_all(files.map(|(id, text, _)| ((*id).to_owned(), text.as_bytes()))).unwrap()
}

fn duties(answer: &Json) -> &Vec<Json> {
    answer["duties"].as_array().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn an_unrelated_fact_changes_nothing((facts, instant) in base(), pick in any::<prop::sample::Index>()) {
        // Only what no rule of the set reads is unrelated: one pack is enough to leave much unread.
        let text = FILES.iter().find(|(id, _, _)| *id == "eu-cra").unwrap().1;
        let packs = load_all([("eu-cra".to_owned(), text.as_bytes())]).unwrap();
        let words = Vocabulary::shipped();
        let given = facts["case"]["facts"].as_object().unwrap();
        let unread: Vec<&str> = words
            .facts()
            .filter(|(_, f)| f.kind == comity_core::law::vocabulary::Kind::Bool && !f.engine)
            .map(|(_, f)| f.name.as_str())
            .filter(|n| !text.contains(n) && !n.starts_with("action.") && !n.starts_with("recipient."))
            .filter(|n| !n.starts_with("actor.") && !given.contains_key(*n))
            .collect();
        let before = answer(&packs, &facts, &instant);
        let mut more = facts.clone();
        more["case"]["facts"][*pick.get(&unread)] = json!(true);
        prop_assert_eq!(before, answer(&packs, &more, &instant));
    }

    #[test]
    fn an_unknown_never_yields_a_firm_date((facts, instant) in base(), bits in any::<u32>()) {
        let less = answer(shipped_packs(), &without(facts.clone(), bits), &instant);
        let full = answer(shipped_packs(), &facts, &instant);
        let there: BTreeSet<&str> = duties(&full).iter().map(|d| d["id"].as_str().unwrap()).collect();
        for duty in duties(&less) {
            if duty["status"] == "firm" || duty["status"] == "missed" {
                prop_assert_eq!(&duty["missing"], &json!([]));
                prop_assert_eq!(&duty["start"]["asserted"], &json!(true));
                // Learning more never takes back what was certain, save by a rule that takes its place.
                let id = duty["id"].as_str().unwrap();
                let yielded = id.contains("eu.nis2.art23");
                prop_assert!(there.contains(id) || yielded, "{}", id);
            }
        }
    }

    #[test]
    fn a_target_is_never_after_its_outer_date_and_its_explanation_recomputes(
        (facts, instant) in base(), bits in any::<u32>(),
    ) {
        let got = answer(shipped_packs(), &without(facts, bits), &instant);
        for duty in duties(&got) {
            let (target, outer) = (duty["target"].as_str(), duty["outer"].as_str());
            if let (Some(target), Some(outer)) = (target, outer) {
                prop_assert!(target <= outer, "{}", duty);
            }
            let steps = duty["explain"]["steps"].as_array().unwrap();
            if let Some(target) = target {
                let last: Vec<&Json> = steps.iter().rev().take(2).collect();
                prop_assert_eq!(&last[1]["op"], "target");
                prop_assert_eq!(last[1]["value"].as_str().unwrap(), target);
                prop_assert_eq!(&last[0]["op"], "outer");
                prop_assert_eq!(last[0]["value"].as_str().unwrap(), outer.unwrap_or("none"));
                prop_assert_eq!(&steps[0]["value"], &duty["start"]["at"]);
            }
        }
    }

    #[test]
    fn an_overlay_never_loosens((facts, instant) in base(), hours in 0_i64..96) {
        let instant = at(&instant).plus(hours * 3600).unwrap().to_string();
        let plain = packs_without("ie-cra-overlay");
        let (with, without) =
            (answer(shipped_packs(), &facts, &instant), answer(&plain, &facts, &instant));
        prop_assert_eq!(duties(&with).len(), duties(&without).len());
        for duty in duties(&with) {
            let same = duties(&without).iter().find(|d| d["id"] == duty["id"]).unwrap();
            prop_assert_eq!(&duty["outer"], &same["outer"]);
            prop_assert_eq!(&duty["status"], &same["status"]);
            prop_assert!(duty["target"].as_str() <= same["target"].as_str());
        }
    }

    #[test]
    fn the_order_of_parties_events_and_packs_is_irrelevant((facts, instant) in base()) {
        let mut turned = facts.clone();
        turned["parties"].as_array_mut().unwrap().reverse();
        for party in turned["parties"].as_array_mut().unwrap() {
            if let Some(events) = party.get_mut("events").and_then(Json::as_array_mut) {
                events.reverse();
            }
            if let Some(sent) = party.get_mut("submissions").and_then(Json::as_array_mut) {
                sent.reverse();
            }
        }
        let files = FILES.iter().rev().map(|(id, text, _)| ((*id).to_owned(), text.as_bytes()));
        let packs = load_all(files).unwrap();
        prop_assert_eq!(answer(shipped_packs(), &facts, &instant), answer(&packs, &turned, &instant));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_clock_gives_ordered_dates_and_the_same_again(
        rule in prop::sample::select(&[
            "literal", "calendar-days", "business-days", "br-business-days", "us-8k-business-days",
            "fr-jours-ouvrables", "cn-natural-days", "eu-1182-71", "eu-dora-rts5",
        ][..]),
        start in 1_700_000_000_i64..2_000_000_000,
        count in -40_i32..400,
        unit in prop::sample::select(&[
            Unit::Hours, Unit::Minutes, Unit::Days, Unit::Weeks, Unit::Months, Unit::Years, Unit::Business,
        ][..]),
        zone in prop::sample::select(&[
            "Europe/Dublin", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
        ][..]),
        calendar in prop::sample::select(&["IE", "CN", "US-SEC", "BR"][..]),
    ) {
        let rule = ClockRule::parse(rule).unwrap();
        let count = if unit == Unit::Business { count.abs() } else { count };
        let within = Within { count, unit };
        prop_assert_eq!(Within::parse(&within.to_string()), Some(within));
        let start = Instant::from_unix(start).unwrap();
        let zone = Zone::named(zone).unwrap();
        let place = Place { zone: Some(&zone), calendar: Calendar::named(calendar) };
        if let Ok(clocked) = clock(rule, start, within, place) {
            let (target, outer) = (clocked.target.unwrap(), clocked.outer.unwrap());
            prop_assert!(target <= outer);
            prop_assert!(count < 0 || start <= target);
            prop_assert_eq!(clock(rule, start, within, place).unwrap(), clocked);
            prop_assert_eq!(Instant::parse(&outer.to_string()), Some(outer));
        }
    }

    #[test]
    fn no_text_makes_an_instant_or_duration_panic(text in "[0-9TZP:+.\\-HMDWYB ]{0,30}") {
        let _instant = Instant::parse(&text);
        let _within = Within::parse(&text);
    }
}
