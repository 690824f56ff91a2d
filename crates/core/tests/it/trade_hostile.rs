//! Hostile bills, registers and requests: every one has its code, mutated ones are decided or refused.
//!
//! Not here: the same cases through API and command line, which their crates test.

#[path = "../../../../testdata/cert/hostile.rs"]
mod hostile;

use std::collections::BTreeMap;

use comity_core::cert::document;
use comity_core::refusal::Refusal;
use comity_core::trade::{export, import, replay};
use proptest::prelude::*;
use serde_json::{Value, json};

fn shown<T: serde::Serialize>(answer: Result<T, Refusal>) -> Result<Value, &'static str> {
    let answer = answer.map_err(|refusal| refusal.code)?;
    Ok(serde_json::to_value(answer).unwrap())
}

fn decide(case: &hostile::Hostile) -> Result<Value, &'static str> {
    let file = |role| case.file(role).as_bytes();
    if case.is_import {
        let (bom, good) = (file("bom"), file("good"));
        let (rules, register) = (file("rules"), file("register"));
        shown(import::decide(&import::Inputs { bom, good, rules, register }))
    } else {
        let (request, rules, register) = (file("request"), file("rules"), file("register"));
        shown(export::decide(&export::Inputs { request, rules, register }))
    }
}

#[test]
fn every_hostile_input_has_its_answer() {
    let cases = hostile::all();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let answer = match decide(case) {
                Ok(decision) => decision["outcome"].as_str().unwrap().to_owned(),
                Err(code) => code.to_owned(),
            };
            (answer != case.answer).then(|| format!("{}: {answer}, not {}", case.id, case.answer))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() > 70 && cases.iter().any(hostile::Hostile::is_refused));
}

#[test]
fn what_is_decided_replays_exactly_and_a_changed_file_does_not() {
    for case in hostile::all().iter().filter(|case| !case.is_refused()) {
        let decision = serde_json::to_vec(&decide(case).unwrap()).unwrap();
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (_, text) in &case.files {
            files.insert(document::hash(text.as_bytes()), text.clone().into_bytes());
        }
        let asked = replay::asked(&decision).unwrap();
        assert!(replay::replay(&decision, &asked, &files).unwrap().same, "{}", case.id);
        let register = document::hash(case.file("register").as_bytes());
        files.remove(&register);
        let missing = replay::replay(&decision, &asked, &files).unwrap_err();
        assert_eq!(
            (missing.code, missing.pointer.as_str()),
            ("replay-input-missing", "/receipt/register")
        );
    }
}

#[test]
fn enormous_bills_are_refused_before_they_are_built() {
    let case = hostile::all().into_iter().find(|case| case.id == "bom-cycle").unwrap();
    let decide_over = |bom: &[u8]| {
        let file = |role| case.file(role).as_bytes();
        shown(import::decide(&import::Inputs {
            bom,
            good: file("good"),
            rules: file("rules"),
            register: file("register"),
        }))
    };
    let head = r#"{"bomFormat":"CycloneDX","specVersion":"1.7","metadata":{"component":{"bom-ref":"good"}},"#;
    let nodes = format!("{head}\"components\":[{}{{}}]}}", "{},".repeat(200_000));
    assert_eq!(decide_over(nodes.as_bytes()).unwrap_err(), "limit-nodes");
    // Names that lead nowhere are nodes as well.
    let names: Vec<String> = (0..200_001).map(|n| format!("\"{n}\"")).collect();
    let ghosts = format!(
        "{head}\"dependencies\":[{{\"ref\":\"good\",\"dependsOn\":[{}]}}]}}",
        names.join(",")
    );
    assert_eq!(decide_over(ghosts.as_bytes()).unwrap_err(), "limit-nodes");
    let edges = format!(
        "{head}\"dependencies\":[{{\"ref\":\"good\",\"dependsOn\":[{}\"good\"]}}]}}",
        "\"good\",".repeat(2_000_001)
    );
    assert_eq!(decide_over(edges.as_bytes()).unwrap_err(), "limit-edges");
    let large = vec![b' '; document::BYTES_MAX + 1];
    assert_eq!(decide_over(&large).unwrap_err(), "limit-size");
}

/// Replaces something somewhere.
fn mutate(at: &mut Value, steps: &[usize], change: usize) {
    if let [step, rest @ ..] = steps {
        match at {
            Value::Object(members) if !members.is_empty() => {
                let place = step % members.len();
                return mutate(members.values_mut().nth(place).unwrap(), rest, change);
            }
            Value::Array(items) if !items.is_empty() => {
                let place = step % items.len();
                return mutate(&mut items[place], rest, change);
            }
            Value::Array(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number(_)
            | Value::Object(_)
            | Value::String(_) => {}
        }
    }
    *at = match change {
        0 => Value::Null,
        1 => json!([]),
        2 => json!({}),
        3 => json!("good"),
        4 => json!(-1),
        5 => json!([at.clone(), at.clone()]),
        6 => json!("aijur:developer"),
        _ => json!({ "bom-ref": "good", "components": [at.clone()], "ref": "good" }),
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_a_mutated_input_says_it_is_decided_or_refused_and_replays(
        which in 0..1000_usize,
        role in 0..4_usize,
        changes in prop::collection::vec((prop::collection::vec(0..40_usize, 1..8), 0..8_usize), 1..4),
        flip in prop::option::of((0..4000_usize, any::<u8>())),
    ) {
        let mut cases: Vec<hostile::Hostile> =
            hostile::all().into_iter().filter(|case| !case.is_refused()).collect();
        let which = which % cases.len();
        let mut case = cases.swap_remove(which);
        let role = role % case.files.len();
        let text = &mut case.files[role].1;
        let mut value: Value = serde_json::from_str(text).unwrap();
        for (steps, change) in &changes {
            mutate(&mut value, steps, *change);
        }
        let mut bytes = serde_json::to_vec(&value).unwrap();
        if let Some((place, byte)) = flip {
            let place = place % bytes.len();
            bytes[place] = byte;
        }
        *text = String::from_utf8_lossy(&bytes).into_owned();
        let first = decide(&case);
        prop_assert_eq!(&first, &decide(&case));
        if let Ok(decision) = first {
            let decision = serde_json::to_vec(&decision).unwrap();
            let files = case.files.iter()
                .map(|(_, text)| (document::hash(text.as_bytes()), text.clone().into_bytes()))
                .collect();
            let asked = replay::asked(&decision).unwrap();
            prop_assert!(replay::replay(&decision, &asked, &files).unwrap().same);
        }
    }
}
