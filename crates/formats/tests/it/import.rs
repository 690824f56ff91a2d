//! Imports of whole files: our examples, and the public sets where they are at hand.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail loudly"
)]

use std::path::{Path, PathBuf};

use comity_core::lexicon::Lexicon;
use comity_core::report::check;
use comity_formats::import::{Format, Imported, Run, Terms, convert};
use serde_json::Value;

const TESTDATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/import");
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

fn terms() -> Terms<'static> {
    Terms::embedded()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

fn import_lines(format: Format, text: &str) -> Imported {
    let terms = terms();
    let mut run = Run::new(format, &terms, true);
    for (line, text) in (1..).zip(text.split('\n')) {
        run.line("records.jsonl", line, text.as_bytes());
    }
    let imported = run.finish();
    for report in imported.document["reports"].as_array().unwrap() {
        assert_eq!(check(report, Lexicon::embedded()), [], "{}", report["id"]);
    }
    imported
}

/// Compares the members that the expectation has.
fn assert_covers(found: &Value, expected: &Value, what: &str) {
    for (key, expected) in expected.as_object().unwrap() {
        assert_eq!(&found[key], expected, "{what}: {key}");
    }
}

#[test]
fn every_example_comes_out_to_the_letter() {
    for line in read(format!("{TESTDATA}/examples.jsonl")).lines() {
        let example: Value = serde_json::from_str(line).unwrap();
        let format = Format::parse(example["format"].as_str().unwrap()).unwrap();
        let converted = convert(format, &terms(), &example["record"]).unwrap();
        assert_eq!(converted.report, example["report"], "{}", converted.record);
    }
}

#[test]
fn malformed_lines_are_rejected_one_by_one_and_the_rest_goes_on() {
    let expected = json(format!("{TESTDATA}/bad/expected.json"));
    for format in Format::ALL {
        let name = format.name();
        let imported = import_lines(format, &read(format!("{TESTDATA}/bad/{name}.jsonl")));
        let expected = &expected[name];
        for key in ["by_kind", "counts", "flags"] {
            assert_eq!(imported.document[key], expected[key], "{name}: {key}");
        }
        let found = imported.document["rejected"].as_array().unwrap();
        assert_eq!(found.len(), expected["rejected"].as_array().unwrap().len(), "{name}");
        for (found, expected) in found.iter().zip(expected["rejected"].as_array().unwrap()) {
            assert_covers(found, expected, name);
        }
    }
}

#[test]
fn a_folder_is_read_by_path_bytes() {
    let root = PathBuf::from(format!("{TESTDATA}/dir"));
    let terms = terms();
    let mut run = Run::new(Format::Avid, &terms, true);
    for name in
        ["a.json", "b/one.json", "b/two.jsonl", "c/dup.json", "z/empty.json", "z/empty.jsonl"]
    {
        let Ok(text) = std::fs::read(root.join(name)) else { continue };
        if Path::new(name).extension() == Some("json".as_ref()) {
            run.document(name, &text);
        } else {
            for (line, text) in (1..).zip(text.split(|byte| *byte == b'\n')) {
                run.line(name, line, text);
            }
        }
    }
    let document = run.finish().document;
    let expected = json(format!("{TESTDATA}/dir_expected.json"));
    for key in ["counts", "flags", "format"] {
        assert_eq!(document[key], expected[key], "{key}");
    }
    let ids: Vec<&Value> =
        document["reports"].as_array().unwrap().iter().map(|report| &report["id"]).collect();
    assert_eq!(ids, expected["reports"].as_array().unwrap().iter().collect::<Vec<_>>());
    for (found, expected) in document["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .zip(expected["rejected"].as_array().unwrap())
    {
        assert_covers(found, expected, "dir");
    }
}

#[test]
fn the_fictional_flare_reports_give_their_counts() {
    let imported = import_lines(Format::Flare, &read(format!("{TESTDATA}/flare/reports.jsonl")));
    assert_covers(&imported.document, &json(format!("{TESTDATA}/flare/expected.json")), "flare");
}

#[test]
fn the_public_sets_give_their_counts() {
    let path = format!("{SHARED}/lexicon/import_expected.json");
    if !Path::new(&path).exists() {
        println!("skipped: no {path}");
        return;
    }
    for (file, expected) in json(&path).as_object().unwrap() {
        let format = Format::parse(expected["format"].as_str().unwrap()).unwrap();
        let imported = import_lines(format, &read(format!("{SHARED}/{file}")));
        assert_covers(&imported.document, expected, file);
    }
}
