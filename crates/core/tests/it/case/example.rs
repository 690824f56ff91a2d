//! The worked example of case-protocol.md §1, byte for byte.

use comity_core::case::read::EntrySet;

const ENTRIES: &str = include_str!("../../../../../testdata/case/example.jsonl");
const EXPECTED: &str = include_str!("../../../../../testdata/case/example-expected.json");
const AT: i64 = 1_772_755_200_000;

#[test]
fn the_worked_example_comes_out_byte_for_byte() {
    let entries = EntrySet::read_lines(ENTRIES.as_bytes()).unwrap();
    let view = entries.fold().view(AT);
    let expected: serde_json::Value = serde_json::from_str(EXPECTED).unwrap();
    let found = serde_json::to_value(&view).unwrap();
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&found[key], value, "{key}");
    }
    let canonical = |value: &serde_json::Value| serde_json_canonicalizer::to_string(value).unwrap();
    assert_eq!(serde_json_canonicalizer::to_string(&view).unwrap(), canonical(&expected));
}
