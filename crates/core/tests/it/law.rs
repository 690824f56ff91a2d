//! Law as data: vectors, scenarios, worked cases, bad packs and properties.

#![expect(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that panics has failed, and says where"
)]

mod agreements;
mod bad_input;
mod conflicts;
mod docket;
mod expressions;
mod gate;
mod horizon;
mod linter;
mod packs;
mod places;
mod properties;
mod vectors;

use comity_core::law::facts::{CaseFacts, parse_case};
use comity_core::law::pack::PackSet;
use comity_core::law::shipped;
use comity_core::law::time::Instant;
use serde_json::Value as Json;

pub(crate) const TESTDATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/law");

/// Reads a file of `testdata/law`.
pub(crate) fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{TESTDATA}/{name}")).unwrap()
}

/// Reads the worked case `id` of `scenarios.json`.
pub(crate) fn scenario(id: &str) -> Json {
    let all: Json = serde_json::from_slice(&file("scenarios.json")).unwrap();
    let found = all["scenarios"].as_array().unwrap().iter().find(|s| s["id"] == id);
    found.unwrap().clone()
}

/// The example pack, which uses every table of the format.
pub(crate) fn example_pack() -> String {
    String::from_utf8(file("packs/example-pack/pack.toml")).unwrap()
}

/// The example pack with one text in place of another that it holds.
pub(crate) fn example_with(from: &str, to: &str) -> String {
    let text = example_pack();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(crate) fn shipped_packs() -> &'static PackSet {
    shipped::packs().unwrap()
}

pub(crate) fn case(facts: &Json) -> CaseFacts {
    parse_case(&serde_json::to_vec(facts).unwrap(), shipped_packs()).unwrap()
}

/// Loads one pack from its text.
pub(crate) fn one_pack(text: &str) -> PackSet {
    shipped::load_all([("test/pack.toml".to_owned(), text.as_bytes())]).unwrap()
}

/// Evaluates facts and returns the answer as JSON.
pub(crate) fn answer(packs: &PackSet, facts: &Json, instant: &str) -> Json {
    let case = parse_case(&serde_json::to_vec(facts).unwrap(), packs).unwrap();
    let answer = comity_core::law::output::duties_of_case(packs, &case, at(instant)).unwrap();
    serde_json::to_value(answer).unwrap()
}
