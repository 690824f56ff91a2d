//! The program's machines against the tables of the data.

use std::collections::{BTreeMap, BTreeSet};

use comity_core::case::duration;
use comity_core::case::em::{Em, Symbol};
use comity_core::case::kind::Kind;
use comity_core::case::metrics::ORDERINGS;
use comity_core::case::pec::{Pec, Trigger};
use comity_core::case::pxa::CaseState;
use comity_core::case::rm::Rm;
use comity_core::case::ssvc;
use comity_core::case::vfd::Vfd;
use comity_core::case::void::VoidCode;
use serde_json::Value;

use super::support::machines;

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn triples(table: &Value, symbol: &str) -> BTreeSet<(String, String, String)> {
    let rows = table.as_array().unwrap().iter();
    rows.map(|row| (text(&row["from"]), text(&row[symbol]), text(&row["to"]))).collect()
}

fn owned(moves: &[(&str, &str, &str)]) -> BTreeSet<(String, String, String)> {
    moves.iter().map(|(a, b, c)| ((*a).into(), (*b).into(), (*c).into())).collect()
}

#[test]
fn report_management_walks_its_table() {
    let data = machines();
    let moves = Rm::transitions();
    let found: BTreeSet<_> =
        moves.iter().map(|(a, s, b)| (a.as_str().into(), s.clone(), b.as_str().into())).collect();
    assert_eq!(found, triples(&data["rm"]["transitions"], "symbol"));
    assert_eq!(moves.len(), 11);
}

#[test]
fn the_embargo_walks_its_table_and_speaks_its_language() {
    let data = machines();
    let mut found = BTreeSet::new();
    for from in Em::ALL {
        for symbol in Symbol::ALL {
            if let Some(to) = from.after(symbol) {
                let symbol = symbol.letter().to_string();
                found.insert((from.as_str().to_owned(), symbol, to.as_str().to_owned()));
            }
        }
        for (event, forced) in [("P or X", from.on_public()), ("A", from.on_attacks())] {
            let to = forced.map_or(from, |symbol| from.after(symbol).unwrap());
            assert_eq!(data["em"]["on_exposure"][event][from.as_str()], to.as_str());
        }
    }
    assert_eq!(found, triples(&data["em"]["transitions"], "symbol"));
    // Words of up to seven symbols that end in a final state.
    let mut layer = vec![Em::None];
    let mut words = 0;
    for _ in 0..=7 {
        words += layer.iter().filter(|em| matches!(em, Em::None | Em::Exited)).count();
        layer = layer.iter().flat_map(|em| Symbol::ALL.map(|s| em.after(s))).flatten().collect();
    }
    assert_eq!(data["em"]["strings_up_to_7"], words);
}

#[test]
fn consent_walks_its_table() {
    let mut found = Vec::new();
    for from in Pec::ALL {
        for trigger in Trigger::ALL {
            if let Some(to) = from.after(trigger) {
                found.push((from.as_str(), trigger.as_str(), to.as_str()));
            }
        }
    }
    assert_eq!(owned(&found), triples(&machines()["pec"]["transitions"], "trigger"));
}

#[test]
fn a_vendor_has_32_states_58_moves_and_70_histories() {
    let data = machines();
    let states = CaseState::all();
    assert_eq!(states.len(), 32);
    let mut moves = BTreeSet::new();
    for state in &states {
        for (event, to) in state.next() {
            moves.insert((state.letters(), event.to_string(), to.letters()));
        }
    }
    assert_eq!(moves, triples(&data["cs"]["transitions"], "event"));
    assert_eq!(moves.len(), 58);
    let ephemeral: BTreeMap<String, bool> =
        states.iter().map(|state| (state.letters(), state.is_ephemeral())).collect();
    for row in data["cs"]["states"].as_array().unwrap() {
        assert_eq!(ephemeral[&text(&row["id"])], row["ephemeral"].as_bool().unwrap());
    }
    assert_eq!(ephemeral.values().filter(|ephemeral| !**ephemeral).count(), 20);
    assert_eq!(Vfd::ALL.map(Vfd::as_str).to_vec(), ["vfd", "Vfd", "VFd", "VFD"]);
}

/// Histories with the chance of each in a random walk, as (numerator over 1152).
fn histories() -> Vec<(String, u64)> {
    let mut paths = vec![(String::new(), CaseState::default(), 1u64)];
    for _ in 0..6 {
        let mut longer = Vec::new();
        for (events, state, share) in paths {
            let next = state.next();
            for (event, to) in &next {
                longer.push((
                    format!("{events}{event}"),
                    *to,
                    share * u64::try_from(next.len()).unwrap(),
                ));
            }
        }
        paths = longer;
    }
    paths.into_iter().map(|(events, _, one_in)| (events, one_in)).collect()
}

#[test]
fn luck_is_the_random_walk() {
    let data = machines();
    let histories = histories();
    assert_eq!(histories.len(), 70);
    for row in data["histories"].as_array().unwrap() {
        let (_, one_in) =
            histories.iter().find(|(events, _)| *events == text(&row["events"])).unwrap();
        assert_eq!(text(&row["f"]), format!("1/{one_in}"));
    }
    for (ordering, row) in ORDERINGS.iter().zip(data["orderings"].as_array().unwrap()) {
        assert_eq!(ordering.name, text(&row["id"]));
        let (before, after) = ordering.name.split_once('<').unwrap();
        let met = |events: &str| events.find(before).unwrap() < events.find(after).unwrap();
        let met: Vec<u64> =
            histories.iter().filter(|(events, _)| met(events)).map(|(_, n)| *n).collect();
        assert_eq!(row["histories"], met.len(), "{}", ordering.name);
        // 1152 is a common multiple of every chance.
        let share: u64 = met.iter().map(|one_in| 1152 * 3 / one_in).sum();
        let expected = 1152 * 3 * u64::from(ordering.luck_of) / u64::from(ordering.luck_in);
        assert_eq!(share, expected, "{}", ordering.name);
        assert_eq!(text(&row["f"]), format!("{}/{}", ordering.luck_of, ordering.luck_in));
    }
}

#[test]
fn skill_comes_out_with_its_exact_interval() {
    for row in machines()["skill_vectors"].as_array().unwrap() {
        let ordering =
            ORDERINGS.iter().find(|ordering| ordering.name == text(&row["ordering"])).unwrap();
        let (met, total) = (row["met"].as_u64().unwrap(), row["total"].as_u64().unwrap());
        let skill = ordering.skill(met, total).unwrap();
        assert_eq!(
            (skill.alpha, skill.low, skill.high),
            (text(&row["alpha"]), text(&row["low"]), text(&row["high"])),
            "{row}"
        );
    }
    assert_eq!(ORDERINGS[0].skill(0, 0), None);
    assert_eq!(ORDERINGS[0].skill(2, 1), None);
}

#[test]
fn codes_kinds_and_durations_are_those_of_the_table() {
    let data = machines();
    let codes: BTreeSet<&str> = VoidCode::ALL.iter().map(|code| code.code()).collect();
    let expected: BTreeSet<&str> =
        data["void_codes"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(codes, expected);
    let kinds = data["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), Kind::ALL.len());
    for (kind, row) in Kind::ALL.into_iter().zip(kinds) {
        assert_eq!(kind.as_str(), text(&row["id"]));
        assert_eq!(kind.is_lead_only(), row["lead_only"].as_bool().unwrap());
        assert_eq!(kind.needs_open_case(), row["needs_open_case"].as_bool().unwrap());
        let areas: Vec<String> = row["area"].as_array().unwrap().iter().map(text).collect();
        for area in ["protocol", "verification", "infrastructure", "evaluation", "other"] {
            assert_eq!(kind.fits_area(area), areas.contains(&area.to_owned()), "{area}");
        }
        assert!(kind.fits_area(kind.default_area()));
    }
    let check = |name: &str, ms| assert_eq!(data["durations_ms"][name], ms, "{name}");
    check("embargo_default", duration::EMBARGO_DEFAULT);
    check("embargo_justify_above", duration::EMBARGO_JUSTIFY_ABOVE);
    check("embargo_max", duration::EMBARGO_MAX);
    check("embargo_max_fix_ready", duration::EMBARGO_MAX_FIX_READY);
    check("rsvp_default", duration::RSVP_DEFAULT);
    check("rsvp_min", duration::RSVP_MIN);
    check("heartbeat_default", duration::HEARTBEAT_DEFAULT_H * duration::HOUR_MS);
    check("future_tolerance", duration::FUTURE_TOLERANCE);
    check("acknowledge", duration::ACKNOWLEDGE);
    check("validate", duration::VALIDATE);
    check("prioritise", duration::PRIORITISE);
    check("follow_up", duration::FOLLOW_UP);
    check("answer_proposal", duration::ANSWER_PROPOSAL);
    check("vendor_silent", duration::VENDOR_SILENT);
    check("review_claim", duration::REVIEW_CLAIM);
    check("review_attacks", duration::REVIEW_ATTACKS);
}

#[test]
fn ssvc_decides_as_its_tables_do() {
    let data = machines();
    let rows = |name: &str| -> Vec<Vec<String>> {
        let rows = data["ssvc"][name]["rows"].as_array().unwrap().iter();
        rows.map(|row| row.as_array().unwrap().iter().map(text).collect()).collect()
    };
    let triage = rows("coordinator_triage");
    assert_eq!(triage.len(), 192);
    for row in triage {
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        let answers: [&str; 7] = row[..7].try_into().unwrap();
        assert_eq!(ssvc::triage(&answers), Some(row[7]));
    }
    let publish = rows("coordinator_publish");
    assert_eq!(publish.len(), 27);
    for row in publish {
        assert_eq!(ssvc::publish(&[&row[0], &row[1], &row[2]]), Some(row[3].as_str()));
    }
    for row in rows("utility") {
        assert_eq!(ssvc::utility(&row[0], &row[1]), Some(row[2].as_str()));
    }
    for row in rows("public_safety_impact") {
        assert_eq!(ssvc::public_safety_impact(&row[0]), Some(row[1].as_str()));
    }
    assert_eq!(ssvc::publish(&["", "", ""]), None);
}

#[test]
fn ssvc_reads_the_state_as_the_patterns_say() {
    let data = machines();
    let from = &data["ssvc"]["from_state"];
    let fits = |pattern: &Value, state: &str| -> bool {
        let patterns: Vec<String> = match pattern.as_array() {
            Some(all) => all.iter().map(text).collect(),
            None => vec![text(pattern)],
        };
        let one = |p: &String| p.chars().zip(state.chars()).all(|(p, s)| p == '.' || p == s);
        patterns.iter().any(one)
    };
    for state in CaseState::all() {
        let letters = state.letters();
        let inputs = ssvc::Inputs::of_case_state(state, Rm::Accepted);
        for (member, found) in [
            ("exploitation", vec![inputs.exploitation]),
            ("report_public", vec![inputs.report_public]),
            ("supplier_contacted", vec![inputs.supplier_contacted]),
            ("public_value_added", inputs.public_value_added),
        ] {
            let found: BTreeSet<&str> = found.into_iter().collect();
            let values = from[member].as_object().unwrap().iter();
            let expected: BTreeSet<&str> = values
                .filter(|(_, pattern)| fits(pattern, &letters))
                .map(|(value, _)| value.as_str())
                .collect();
            assert_eq!(found, expected, "{member} {letters}");
        }
    }
    for rm in Rm::ALL {
        let inputs = ssvc::Inputs::of_case_state(CaseState::default(), rm);
        for (value, states) in from["supplier_engagement_from_vendor_rm"].as_object().unwrap() {
            if states.as_array().unwrap().iter().any(|state| state == rm.as_str()) {
                let expected = if value == "either" {
                    vec!["active", "unresponsive"]
                } else {
                    vec![value.as_str()]
                };
                assert_eq!(inputs.supplier_engagement, expected);
            }
        }
    }
}
