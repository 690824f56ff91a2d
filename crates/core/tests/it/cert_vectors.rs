//! Every certification and trade vector gives its exact answer.
//!
//! Not here: the command line, which only reads files and prints what is compared here.

use std::path::{Path, PathBuf};

use comity_core::cert::day::{Day, Instant};
use comity_core::cert::register::Register;
use comity_core::cert::{score, status, tally};
use comity_core::refusal::Refusal;
use comity_core::trade::{export, import};
use serde_json::{Value, json};

/// Ours, or those of the requirement if they lie beside the repository.
fn folders() -> Vec<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/certification/vectors");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/cert/vectors");
    let mut folders = vec![PathBuf::from(own)];
    if Path::new(beside).is_dir() {
        folders.push(PathBuf::from(beside));
    } else {
        println!("skipped: no ../shared/data/certification");
    }
    folders
}

fn shown<T: serde::Serialize>(answer: Result<T, Refusal>) -> (i64, Value) {
    match answer {
        Ok(answer) => (0, serde_json::to_value(answer).unwrap()),
        Err(refusal) => (2, json!({ "refusals": [{ "code": refusal.code }] })),
    }
}

fn call(folder: &Path, case: &Value) -> (i64, Value) {
    let text = |name: &str| case["args"][name].as_str().unwrap();
    let file = |name: &str| std::fs::read(folder.join(text(name))).unwrap();
    let words: Vec<&str> =
        case["command"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    match words[..] {
        ["trade", "import"] => {
            let [bom, good, rules, register] = ["bom", "good", "rules", "register"].map(file);
            shown(import::decide(&import::Inputs {
                bom: &bom,
                good: &good,
                rules: &rules,
                register: &register,
            }))
        }
        ["trade", "export"] => {
            let [request, rules, register] = ["request", "rules", "register"].map(file);
            shown(export::decide(&export::Inputs {
                request: &request,
                rules: &rules,
                register: &register,
            }))
        }
        ["cert", "score"] => shown(score::answer(&file("assessment"), &file("profile"))),
        ["cert", "tally"] => shown(tally::answer(&file("ballots"), &file("rule"))),
        ["cert", "status"] => {
            let known_at = text("known-at");
            let known_at =
                Instant::parse(known_at).unwrap_or_else(|| Day::parse(known_at).unwrap().end());
            let register = Register::parse(&file("register"));
            let valid_at = Day::parse(text("valid-at")).unwrap();
            shown(register.and_then(|register| {
                status::answer(&register, text("jurisdiction"), valid_at, known_at)
            }))
        }
        _ => panic!("an unknown command {words:?}"),
    }
}

#[test]
fn every_vector_gives_its_exact_answer() {
    for folder in folders() {
        let cases = std::fs::read(folder.join("cases.json")).unwrap();
        let cases: Vec<Value> = serde_json::from_slice(&cases).unwrap();
        let mut wrong = Vec::new();
        for case in &cases {
            let (exit, mut found) = call(&folder, case);
            if let Some(receipt) = found.get_mut("receipt").and_then(Value::as_object_mut) {
                receipt.remove("engine");
            }
            let expected = std::fs::read(folder.join(case["expect"].as_str().unwrap())).unwrap();
            let expected: Value = serde_json::from_slice(&expected).unwrap();
            if found != expected || exit != case["exit"].as_i64().unwrap() {
                wrong.push(format!("{}\n expected {expected}\n    found {found}", case["id"]));
            }
        }
        assert!(wrong.is_empty(), "{} of {}: {}", wrong.len(), cases.len(), wrong.join("\n"));
        assert!(cases.len() >= 36, "only {} vectors", cases.len());
    }
}
