//! Reports and what follows from them, against the worked examples of the design.

use std::sync::OnceLock;

use comity_core::assess::{Match, assess, component_match};
use comity_core::lexicon::Lexicon;
use comity_core::report::{self, Artefact, Compartment, Report, Sameness};
use serde_json::{Value, json};

/// Returns the worked examples: a report each, with what follows or with its refusals.
pub(crate) fn examples() -> &'static [Value] {
    static EXAMPLES: OnceLock<Vec<Value>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let text = include_str!("../../../../testdata/lexicon/examples.jsonl");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    })
}

#[test]
fn every_example_is_a_report_or_is_refused_as_shown() {
    let lexicon = Lexicon::embedded();
    for example in examples() {
        let refusals = report::check(&example["report"], lexicon);
        let expected = example.get("refusals").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        assert_eq!(serde_json::to_value(&refusals).unwrap(), expected, "{}", example["name"]);
    }
}

#[test]
fn a_report_is_written_as_it_was_read_whole_and_from_compartments() {
    let lexicon = Lexicon::embedded();
    for example in examples().iter().filter(|example| example.get("expected").is_some()) {
        let report = Report::from_value(&example["report"], lexicon).unwrap();
        assert_eq!(report.to_value(), example["report"]);
        let parts = report.compartments().into_iter();
        let parts = parts.filter_map(|(compartment, part)| part.map(|part| (compartment, part)));
        assert_eq!(Report::from_compartments(parts, lexicon).unwrap(), report);
    }
}

#[test]
fn every_example_is_assessed_to_the_byte() {
    let lexicon = Lexicon::embedded();
    let mut wrong = Vec::new();
    for example in examples() {
        let Some(expected) = example.get("expected") else { continue };
        let report = Report::from_value(&example["report"], lexicon).unwrap();
        let found = serde_json::to_value(assess(&report, lexicon)).unwrap();
        for (key, expected) in expected.as_object().unwrap() {
            if found[key] != *expected {
                wrong.push(format!(
                    "{} {key}:\n  found    {}\n  expected {expected}",
                    example["name"], found[key]
                ));
            }
        }
        assert_eq!(found.as_object().unwrap().len(), expected.as_object().unwrap().len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn example(name: &str) -> Value {
    examples().iter().find(|example| example["name"] == name).unwrap()["report"].clone()
}

/// Returns what follows from an example after a change.
fn assessed(name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut report = example(name);
    change(&mut report);
    let report = Report::from_value(&report, Lexicon::embedded()).unwrap();
    serde_json::to_value(assess(&report, Lexicon::embedded())).unwrap()
}

fn flags(assessment: &Value) -> Vec<String> {
    let flags = assessment["flags"].as_array().unwrap().iter();
    flags.map(|flag| format!("{} {}", flag["code"], flag["pointer"]).replace('"', "")).collect()
}

#[test]
fn trials_show_how_reliable_a_flaw_is_row_by_row() {
    let check = |rows: &[(u64, u64)], expected: &str| {
        let rows: Vec<Value> = rows
            .iter()
            .map(|(successes, trials)| json!({ "artefact": 0, "trials": trials, "successes": successes }))
            .collect();
        let found = assessed("golden-model", |r| r["reproduction"]["trials"] = json!(rows));
        let vector = found["assessments"][0]["aix"]["vector"].as_str().unwrap();
        assert!(vector.contains(&format!("/RL:{expected}/")), "{rows:?} {vector}");
    };
    check(&[(30, 30)], "R");
    check(&[(29, 29)], "X");
    check(&[(22, 400)], "U");
    check(&[(34, 200)], "P");
    check(&[(0, 30)], "U");
    check(&[(15, 15), (15, 15)], "X");
    check(&[(0, 100), (100, 100)], "R");
    check(&[(1_000_000, 1_000_000)], "R");
}

#[test]
fn trials_show_how_far_a_flaw_carries_over() {
    let check = |rows: &[(u64, u64)], expected: &str| {
        let rows: Vec<Value> = rows
            .iter()
            .map(|(artefact, successes)| json!({ "artefact": artefact, "trials": 5, "successes": successes }))
            .collect();
        let found = assessed("panel-universal", |r| {
            r["affected"]["artefacts"][4]["name"] = json!("Google Gemini 1.5");
            r["reproduction"]["trials"] = json!(rows);
        });
        let vector = found["assessments"][0]["aix"]["vector"].as_str().unwrap();
        assert!(vector.contains(&format!("/TR:{expected}/")), "{rows:?} {vector}");
    };
    check(&[], "X");
    check(&[(0, 0), (1, 0)], "X");
    check(&[(0, 1), (1, 0)], "S");
    check(&[(3, 1), (4, 1)], "F");
    check(&[(3, 1), (0, 1)], "M");
    check(&[(0, 1), (1, 1), (2, 1), (3, 1)], "M");
}

#[test]
fn what_contradicts_the_facts_is_flagged_and_changes_nothing() {
    let found = assessed("golden-software", |r| {
        r["assessments"][0]["axes"]["reliability"] = json!("unreliable");
        r["assessments"][0]["cvss"][0]["declared_score"] = json!(9.8);
        r["technical"]["classes"] = json!([]);
    });
    assert_eq!(
        flags(&found),
        [
            "class-missing /technical/classes",
            "cvss-score-mismatch /assessments/0/cvss/0/declared_score",
            "derived-differs /assessments/0/axes/reliability",
        ]
    );
}

#[test]
fn an_assessment_takes_from_others_only_what_it_leaves_open() {
    let found = assessed("golden-model", |r| {
        let other = json!({
            "assessor": "vendor", "at": "2026-02-02T09:00:00Z", "lexicon": "1.0.0",
            "aix": "AIX:1.0/TR:X/RL:X/PE:E/PR:S/DE:X/FR:X/UP:X/RI:N/SI:X",
            "axes": { "persistence": "X", "detectability": "not" },
        });
        r["assessments"].as_array_mut().unwrap().push(other);
    });
    let vector = |index: usize| found["assessments"][index]["aix"]["vector"].as_str().unwrap();
    assert_eq!(vector(0), "AIX:1.0/TR:S/RL:P/PE:X/PR:S/DE:N/FR:C/UP:N/RI:L/SI:N");
    assert_eq!(vector(1), "AIX:1.0/TR:S/RL:P/PE:X/PR:S/DE:N/FR:C/UP:N/RI:N/SI:N");
}

#[test]
fn whoever_looked_at_the_harm_and_cannot_tell_counts_as_the_strict_end() {
    let axes = |harm: Value| {
        assessed("golden-software", |r| r["assessments"][0]["axes"]["reproduction_harm"] = harm)
    };
    let open = axes(json!("X"));
    let detail = &open["publication_detail"];
    assert_eq!(
        (&detail["reproduction_harm"], &detail["provisional"]),
        (&json!("severe"), &json!(true))
    );
    let asked = open["needs_evidence"].as_array().unwrap();
    let is_asked = |one: &&Value| one["fact"] == "reproduction_harm";
    let affects = &asked.iter().find(is_asked).unwrap()["affects"];
    assert!(affects.as_array().unwrap().contains(&json!("publication_detail")), "{affects}");
    assert_eq!(axes(json!("low"))["publication_detail"]["reproduction_harm"], "low");
}

#[test]
fn a_scope_nobody_knows_may_mean_several_suppliers() {
    let of = |scope: &str| {
        assessed("overlay-essential", |r| r["technical"]["scope"] = json!(scope))["coordinate"]
            .clone()
    };
    let (one, wide, open) = (of("product"), of("class"), of("X"));
    assert_ne!(one["value"], wide["value"], "the example must tell them apart");
    assert_eq!(open["value"], Value::Null);
    assert!(open["missing"].as_array().unwrap().contains(&json!("scope")), "{open}");
}

#[test]
fn a_party_that_was_only_declared_counts_for_nothing() {
    let found = assessed("golden-supply-chain", |r| {
        r["affected"]["declared_developers"] = json!(["Baidu", "Nobody Known"]);
    });
    let parties = found["parties"].as_array().unwrap();
    let told: Vec<(&str, &str)> = parties
        .iter()
        .map(|party| (party["name"].as_str().unwrap(), party["contact"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [("Baidu", "confirm"), ("Hugging Face", "propose"), ("nobody known", "confirm")]
    );
    assert_eq!(found["assessments"][0]["inputs"]["reach"]["low"], "contained");
    let variants = found["reportability"]["variants"].as_array().unwrap();
    assert!(variants.iter().all(|variant| variant["jurisdiction"] != "CN"), "{variants:?}");
}

#[test]
fn artefacts_are_the_same_by_digest_urn_or_versioned_package_url() {
    let artefact = |members: Value| -> Artefact {
        let mut artefact = json!({ "kind": "model_weights", "name": "m" });
        artefact.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        serde_json::from_value(artefact).unwrap()
    };
    let check = |a: Value, b: Value, expected| {
        assert_eq!(artefact(a.clone()).sameness(&artefact(b.clone())), expected, "{a} {b}");
        assert_eq!(artefact(b).sameness(&artefact(a)), expected);
    };
    let purl = |text: &str| json!({ "purl": text });
    check(purl("pkg:huggingface/a/b@c0"), purl("pkg:huggingface/a/b@C0"), Sameness::Same);
    check(purl("pkg:huggingface/a/b@c0"), purl("pkg:huggingface/a/b"), Sameness::Related);
    check(purl("pkg:huggingface/a/b"), purl("pkg:huggingface/a/b"), Sameness::Related);
    check(purl("pkg:huggingface/a/b@c0"), purl("pkg:huggingface/a/b@c1"), Sameness::Different);
    check(purl("pkg:huggingface/a/b@c0"), json!({}), Sameness::Different);
    let digest =
        |value: &str| json!({ "digests": [{ "alg": "sha256", "value": value.repeat(64) }] });
    check(digest("a"), digest("a"), Sameness::Same);
    check(digest("a"), digest("b"), Sameness::Different);
    let urn = json!({ "urn": "urn:comity:service:x.example:m" });
    check(urn.clone(), urn, Sameness::Same);
}

#[test]
fn a_member_in_a_compartment_of_others_is_refused() {
    let part = json!({ "identity": { "name": "A" } });
    let refusals = Report::from_compartments([(Compartment::Abstract, part)], Lexicon::embedded())
        .unwrap_err();
    assert_eq!((refusals[0].code, &*refusals[0].pointer), ("field-unknown", "/identity"));
    assert!(!Compartment::Deliberation.is_shareable());
}

#[test]
fn suppliers_of_public_records_are_found_whatever_the_declared_developer() {
    let Some(text) = crate::vectors::shared("avid/odin_multi_vendor_derived.json") else { return };
    let records: Vec<Value> = serde_json::from_str(&text).unwrap();
    for record in &records {
        let artefacts = record["artifacts"].as_array().unwrap().iter();
        let artefacts = artefacts.map(|name| json!({ "kind": "model_weights", "name": name }));
        let found = assessed("empty-report", |r| {
            r["affected"] = json!({ "artefacts": artefacts.collect::<Vec<_>>() });
        });
        let parties = found["parties"].as_array().unwrap().iter();
        let parties: Vec<Value> =
            parties.map(|party| json!({ "name": party["name"], "hq": party["country"] })).collect();
        assert_eq!(json!(parties), record["vendors"], "{}", record["report_id"]);
    }
}

#[test]
fn a_component_is_the_artefact_exactly_possibly_or_not() {
    let artefact = |members: Value| -> Artefact { serde_json::from_value(members).unwrap() };
    let ours = json!({ "kind": "model_weights", "name": "Meta LLaMa 3.3", "purl": "pkg:huggingface/meta-llama/l@c0" });
    let check = |component: Value, expected| {
        let found = component_match(
            &artefact(ours.clone()),
            &artefact(component.clone()),
            Lexicon::embedded(),
        );
        assert_eq!(found, expected, "{component}");
    };
    check(ours.clone(), Some(Match::Exact));
    check(
        json!({ "kind": "application", "name": "x", "purl": "pkg:huggingface/meta-llama/l" }),
        Some(Match::Possible),
    );
    check(json!({ "kind": "model_weights", "name": "meta llama 3.3" }), Some(Match::Possible));
    check(json!({ "kind": "model_weights", "name": "Meta LLaMa 3.3", "supplier": "Baidu" }), None);
    check(json!({ "kind": "model_weights", "name": "Meta LLaMa 4" }), None);
}
