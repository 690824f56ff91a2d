//! Exports: every sample passes the CSAF validator, keeps its identifiers and stays data.

mod random;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use comity_core::advisory::{Advisory, Checked};
use comity_formats::csaf::{self, Version};
use comity_formats::export::{Loss, Site};
use comity_formats::osv;
use csaf_rs::validation::{TestResultStatus, Validatable, ValidationError, validate_by_preset};
use serde_json::Value;

pub(crate) const SITE: Site<'static> = Site {
    pages: "https://nv.example/advisories/",
    documents: "https://nv.example/csaf/clear/",
    engine_version: "0.1.0",
};

const VERSIONS: [Version; 2] = [Version::V2_0, Version::V2_1];

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/advisory/good");

fn samples() -> Vec<(String, Checked)> {
    let files = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = files
        .map(|file: PathBuf| file.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), sample(&name))).collect()
}

fn sample(name: &str) -> Checked {
    let advisory = Advisory::parse(&fs::read(format!("{FOLDER}/{name}.json")).unwrap());
    advisory.unwrap_or_else(|refusals| panic!("{name}: {refusals:#?}"))
}

/// The document as it is sent: canonical bytes, read again.
fn sent(document: &Value) -> Value {
    serde_json::from_slice(&serde_json_canonicalizer::to_vec(document).unwrap()).unwrap()
}

/// What the validator says is wrong with a document; nothing when it is valid.
pub(crate) fn errors(document: &Value, version: Version) -> Vec<String> {
    match version {
        Version::V2_0 => {
            failed(&csaf_rs::csaf2_0::loader::load_document(document.clone()).unwrap())
        }
        Version::V2_1 => {
            failed(&csaf_rs::csaf2_1::loader::load_document(document.clone()).unwrap())
        }
    }
}

fn failed<V: Validatable>(document: &V) -> Vec<String> {
    let result = validate_by_preset(document, "", "basic").unwrap();
    assert!(
        result.test_results.len() > 30,
        "the validator ran {} tests",
        result.test_results.len()
    );
    let mut found = Vec::new();
    for test in result.test_results {
        if let TestResultStatus::Failure { errors, .. } = test.status {
            let words = |one: &ValidationError| format!("{} {one}", test.test_id);
            found.extend(errors.iter().map(words));
        }
    }
    found
}

#[test]
fn every_sample_passes_the_csaf_validator_in_both_versions() {
    let mut wrong = Vec::new();
    for (name, advisory) in samples() {
        for version in VERSIONS {
            let (document, _) = csaf::export(&advisory, version, &SITE);
            for error in errors(&sent(&document), version) {
                wrong.push(format!("{name} {}: {error}", version.number()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_validator_would_say_what_is_wrong() {
    let (name, advisory) = samples().swap_remove(0);
    for version in VERSIONS {
        let (mut document, _) = csaf::export(&advisory, version, &SITE);
        document["document"]["tracking"]["version"] = "7".into();
        assert!(!errors(&document, version).is_empty(), "{name}");
    }
}

fn strings<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => {
            found.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn purls(document: &Value) -> BTreeSet<&str> {
    let mut all = BTreeSet::new();
    strings(document, &mut all);
    all.into_iter().filter(|text| text.starts_with("pkg:")).collect()
}

#[test]
fn package_urls_survive_and_services_become_generic_ones() {
    let advisory = sample("full");
    let expected = [
        "pkg:generic/lumen.example/assist@2027-01",
        "pkg:huggingface/lumen/assist@0123abcd",
        "pkg:npm/%40lumen/assist",
        "pkg:npm/%40lumen/assist@4.3.0",
        "pkg:pypi/lumen-assist",
    ];
    for version in VERSIONS {
        let (document, _) = csaf::export(&advisory, version, &SITE);
        assert_eq!(purls(&document).into_iter().collect::<Vec<_>>(), expected, "{version:?}");
    }
}

#[test]
fn hostile_text_stays_the_same_text_in_its_place() {
    let advisory = sample("hostile");
    for version in VERSIONS {
        let (document, _) = csaf::export(&advisory, version, &SITE);
        let document = sent(&document);
        assert_eq!(document["document"]["title"], advisory.content.title.as_str());
        let notes = &document["vulnerabilities"][0]["notes"];
        assert_eq!(notes[0]["text"], advisory.content.summary.as_str());
        assert_eq!(notes[2]["text"], advisory.content.detail.reproduction().unwrap());
    }
    let (document, _) = osv::export(&advisory, &SITE);
    assert_eq!(sent(&document)["summary"], advisory.content.title.as_str());
}

#[test]
fn what_no_level_tells_is_in_no_document() {
    let advisory = sample("minimal");
    for version in VERSIONS {
        let (document, _) = csaf::export(&advisory, version, &SITE);
        let notes = document["vulnerabilities"][0]["notes"].as_array().unwrap().clone();
        assert!(
            notes
                .iter()
                .all(|note| note["category"] != "description" && note["category"] != "details")
        );
    }
}

#[test]
fn each_state_has_its_kind_of_document() {
    let check = |name: &str, v2_0: &str, v2_1: &str| {
        let category = |version| {
            let (document, _) = csaf::export(&sample(name), version, &SITE);
            document["document"]["category"].as_str().unwrap().to_owned()
        };
        assert_eq!(
            (category(Version::V2_0).as_str(), category(Version::V2_1).as_str()),
            (v2_0, v2_1),
            "{name}"
        );
    };
    check("minimal", "csaf_security_advisory", "csaf_security_advisory");
    check("full", "csaf_security_advisory", "csaf_security_advisory");
    check("hostile", "csaf_security_advisory", "csaf_vex");
    check("no-affected", "csaf_security_advisory", "csaf_vex");
    check("withdrawn", "csaf_base", "csaf_withdrawn");
    check("superseded", "csaf_base", "csaf_superseded");
}

fn lost(losses: &[Loss]) -> Vec<String> {
    losses
        .iter()
        .map(|loss| {
            format!(
                "{} {}",
                serde_json::to_value(loss.reason).unwrap().as_str().unwrap(),
                loss.path
            )
        })
        .collect()
}

#[test]
fn every_export_lists_what_it_loses() {
    let advisory = sample("multi-vendor");
    let (_, losses) = csaf::export(&advisory, Version::V2_1, &SITE);
    assert_eq!(
        lost(&losses),
        [
            "no-place /content/products/1/digests/0",
            "no-place /content/remedies/0/classes",
            "not-understood /content/weakness/references/1",
        ]
    );
    let (document, losses) = osv::export(&advisory, &SITE);
    assert_eq!(
        lost(&losses),
        [
            "no-place /content/products/0",
            "no-place /content/products/1",
            "no-place /content/products/2",
            "no-place /content/products/3",
            "no-place /content/remedies/0/classes",
            "no-place /content/remedies/0/products",
        ]
    );
    let kept = &document["database_specific"]["comity"]["products_without_ecosystem"];
    assert_eq!(kept.as_array().unwrap().len(), 2);
}

#[test]
fn a_decision_travels_with_its_inputs_and_lexicon() {
    let (document, _) = osv::export(&sample("full"), &SITE);
    let decision = &document["database_specific"]["comity"]["assessments"][0]["decision"];
    assert_eq!(decision["lexicon"], "1.0.0");
    assert_eq!(decision["inputs"]["impact"]["low"], "medium");
    let (document, _) = csaf::export(&sample("full"), Version::V2_1, &SITE);
    let mut all = BTreeSet::new();
    strings(&document, &mut all);
    let words = all.into_iter().find(|text| text.contains("Decision: coordinate_now")).unwrap();
    assert!(
        words.contains("Input ease: hard to trivial") && words.contains("Lexicon: comity 1.0.0")
    );
}

#[test]
fn osv_names_packages_as_their_ecosystems_do() {
    let (document, _) = osv::export(&sample("full"), &SITE);
    let affected = &document["affected"];
    assert_eq!(affected[0]["package"]["ecosystem"], "npm");
    assert_eq!(affected[0]["package"]["name"], "@lumen/assist");
    assert_eq!(
        affected[0]["ranges"][0],
        serde_json::json!({"type": "SEMVER", "events": [{"introduced": "4.0.0"}, {"fixed": "4.3.0"}]})
    );
    assert_eq!(
        affected[1]["ranges"][0],
        serde_json::json!({"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "2.1"}]})
    );
    let (document, _) = osv::export(&sample("superseded"), &SITE);
    assert_eq!(document["withdrawn"], "2027-03-01T00:00:00Z");
    assert_eq!(document["related"], serde_json::json!(["x_comity-nv-2027-00007"]));
}
