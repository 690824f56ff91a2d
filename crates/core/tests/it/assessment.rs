//! Reports and what follows from them, against the worked examples of the design.

use std::sync::OnceLock;

use comity_core::assess::assess;
use comity_core::lexicon::Lexicon;
use comity_core::report::{self, Report};
use serde_json::Value;

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
        let report = Report::from_value(example["report"].clone(), lexicon).unwrap();
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
        let report = Report::from_value(example["report"].clone(), lexicon).unwrap();
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
