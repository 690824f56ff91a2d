//! The ledger from outside: vectors, properties, refusals.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that meets what it does not expect must stop"
)]

mod properties;
mod room;
mod sealing;
mod vectors;
mod world;

/// Where the vectors lie.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/ledger");

#[test]
fn the_vectors_checked_in_are_those_made_here() {
    for (name, text) in vectors::files() {
        let kept = std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap();
        assert_eq!(kept, text, "{name}: run `cargo run -p comity-ledger --example write-vectors`");
    }
}
