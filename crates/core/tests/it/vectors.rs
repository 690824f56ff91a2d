//! CVSS against exact scores, and bad vectors against their first fault.

use std::path::PathBuf;

use comity_core::severity::cvss;

/// Returns a file of the shared data; says so if it is not here.
pub(crate) fn shared(file: &str) -> Option<String> {
    let path =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(file);
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        println!("skipped: {file} is not here");
    }
    text
}

fn score(vector: &str) -> cvss::Score {
    cvss::parse(vector).unwrap_or_else(|fault| panic!("{vector}: {fault}"))
}

#[test]
fn cvss_4_scores_every_base_vector_exactly() {
    let Some(text) = shared("cvss/vectors/exhaustive_base_exact.csv") else { return };
    let values = ["H", "L", "N"];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (prefix, scores) = line.split_once(',').unwrap();
        for (index, expected) in scores.split(',').enumerate() {
            let value = |place: u32| values[index / 3_usize.pow(5 - place) % 3];
            let vector = format!(
                "CVSS:4.0/{prefix}/VC:{}/VI:{}/VA:{}/SC:{}/SI:{}/SA:{}",
                value(0),
                value(1),
                value(2),
                value(3),
                value(4),
                value(5)
            );
            assert_eq!(score(&vector).score.tenths().to_string(), expected, "{vector}");
        }
    }
}

#[test]
fn cvss_scores_the_samples_exactly() {
    if let Some(text) = shared("cvss/vectors/sample_6000_exact.csv") {
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(score(cells[0]).score.to_string(), cells[2], "{line}");
        }
    }
    if let Some(text) = shared("cvss/vectors/v31_exhaustive_base.csv") {
        for line in text.lines().skip(1) {
            let (vector, expected) = line.split_once(',').unwrap();
            assert_eq!(score(vector).score.to_string(), expected, "{line}");
        }
    }
    if let Some(text) = shared("cvss/vectors/v3x_sample_3000.csv") {
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let scored = score(cells[0]);
            let found = [
                &*scored.vector,
                scored.kind.key(),
                &scored.score.to_string(),
                scored.severity().key(),
            ];
            assert_eq!(found, cells[1..5], "{line}");
        }
    }
}

#[test]
fn a_bad_vector_is_refused_for_its_first_fault() {
    let Some(text) = shared("cvss/vectors/bad_vectors.csv") else { return };
    for line in text.lines().skip(1) {
        let (rest, cause) = line.rsplit_once(',').unwrap();
        let (vector, metric) = rest.rsplit_once(',').unwrap();
        let fault = cvss::parse(vector).unwrap_err();
        assert_eq!((&*fault.metric, fault.cause.code()), (metric, cause), "{vector}");
    }
}
