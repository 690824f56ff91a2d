//! Everything that must come out exactly as written.

use comity_core::law::clock::{Question, answer};
use comity_core::law::shipped::FILES;
use comity_core::law::vectors::run;
use serde_json::Value as Json;

use super::{file, shipped_packs};

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/law");

/// The file of the repository, and that of the shared data when it lies beside.
fn both(name: &str) -> Vec<Vec<u8>> {
    let shared = std::fs::read(format!("{SHARED}/{name}"));
    if shared.is_err() {
        println!("skipped: {SHARED}/{name} is not there");
    }
    std::iter::once(file(name)).chain(shared).collect()
}

#[test]
fn every_clock_vector_comes_out_to_the_second() {
    for bytes in both("clock-vectors.json") {
        let file: Json = serde_json::from_slice(&bytes).unwrap();
        for vector in file["vectors"].as_array().unwrap() {
            let question = Question {
                rule: vector["rule"].as_str().unwrap(),
                from: vector["from"].as_str().unwrap(),
                within: vector["within"].as_str().unwrap(),
                tz: vector["tz"].as_str(),
                calendar: vector["calendar"].as_str(),
            };
            match answer(question) {
                Err(refused) => {
                    assert_eq!(vector["expect"]["refusal"], refused.code.as_str(), "{vector}");
                }
                Ok(answer) => {
                    let got = serde_json::to_value(answer).unwrap();
                    for (key, value) in vector["expect"].as_object().unwrap() {
                        assert_eq!(&got[key], value, "{key} of {vector}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_scenario_comes_out_as_written() {
    for bytes in both("scenarios.json") {
        for case in run(&bytes, shipped_packs()).unwrap() {
            assert!(case.failures.is_empty(), "{}: {:#?}", case.id, case.failures);
        }
    }
}

#[test]
fn every_shipped_pack_has_three_green_cases_and_one_with_a_missing_fact() {
    for (pack, _, vectors) in FILES {
        let cases = run(vectors.as_bytes(), shipped_packs()).unwrap();
        for case in &cases {
            assert!(case.failures.is_empty(), "{pack} {}: {:#?}", case.id, case.failures);
        }
        assert!(cases.len() >= 3, "{pack} has {} cases", cases.len());
        assert!(cases.iter().any(|c| c.id.ends_with("missing")), "{pack} misses nothing");
    }
}

#[test]
fn a_wrong_expectation_is_reported() {
    let mut file: Json = serde_json::from_slice(&file("scenarios.json")).unwrap();
    let first = &mut file["scenarios"][0]["expect"];
    first["duties"][0]["target"] = "2026-12-25T06:00:01Z".into();
    first["absent_duties"] = serde_json::json!(["acme/eu.cra.art14.aev"]);
    first["absent_conflicts"] = serde_json::json!(["C19"]);
    let cases = run(&serde_json::to_vec(&file).unwrap(), shipped_packs()).unwrap();
    let failures = &cases.first().unwrap().failures;
    assert_eq!(failures.len(), 3, "{failures:#?}");
}
