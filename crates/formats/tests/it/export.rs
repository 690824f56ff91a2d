//! Exports: every sample passes the CSAF validator, keeps its identifiers and stays data.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use comity_core::advisory::{Advisory, Checked};
use comity_formats::csaf::{self, Version};
use comity_formats::export::{Loss, Site};
use comity_formats::osv;
use csaf_rs::validation::{TestResultStatus, Validatable, validate_by_preset};
use serde_json::Value;

pub(crate) const SITE: Site<'static> = Site {
    pages: "https://nv.example/advisories/",
    documents: "https://nv.example/csaf/clear/",
    engine_version: "0.1.0",
};

const VERSIONS: [Version; 2] = [Version::V2_0, Version::V2_1];

fn samples() -> Vec<(String, Checked)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/advisory/good"));
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let read = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let advisory = Advisory::parse(&fs::read(&file).unwrap());
        (name.clone(), advisory.unwrap_or_else(|refusals| panic!("{name}: {refusals:#?}")))
    };
    files.into_iter().map(read).collect()
}

/// The document as it is sent: canonical bytes, read again.
fn sent(document: &Value) -> Value {
    serde_json::from_slice(&serde_json_canonicalizer::to_vec(document).unwrap()).unwrap()
}

/// Errors of one document in the words of the validator; with `extended`, what is only recommended too.
pub(crate) fn findings(document: &Value, version: Version, preset: &str) -> Vec<String> {
    match version {
        Version::V2_0 => failed(&csaf_rs::csaf2_0::loader::load_document(document.clone()).unwrap(), preset),
        Version::V2_1 => failed(&csaf_rs::csaf2_1::loader::load_document(document.clone()).unwrap(), preset),
    }
}

fn failed<V: Validatable>(document: &V, preset: &str) -> Vec<String> {
    let result = validate_by_preset(document, "", preset).unwrap();
    assert!(result.test_results.len() > 30, "the validator ran {} tests", result.test_results.len());
    let mut findings = Vec::new();
    for test in result.test_results {
        if let TestResultStatus::Failure { errors, warnings, .. } = test.status {
            let all = errors.iter().chain(&warnings);
            findings.extend(all.map(|one| format!("{} {} {}", test.test_id, one.instance_path, one.message)));
        }
    }
    findings
}

#[test]
fn every_sample_passes_the_csaf_validator_in_both_versions() {
    let mut wrong = Vec::new();
    for (name, advisory) in samples() {
        for version in VERSIONS {
            let (document, _) = csaf::export(&advisory, version, &SITE);
            for finding in findings(&sent(&document), version, "basic") {
                wrong.push(format!("{name} {}: {finding}", version.number()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
