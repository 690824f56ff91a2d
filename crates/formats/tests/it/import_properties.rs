//! Whatever stands in a record, importing ends in a report that holds or in a known rejection.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use comity_core::lexicon::Lexicon;
use comity_core::report::check;
use comity_formats::import::{Flag, Format, Run, Terms, convert};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const EXAMPLES: &str = include_str!("../../../../testdata/import/examples.jsonl");

thread_local! {
    static TERMS: Terms<'static> = Terms::embedded();
}

/// Converts; a report must pass the check of reports, and flags must be those it carries.
fn assert_sound(format: Format, record: &Value) {
    let Ok(converted) = TERMS.with(|terms| convert(format, terms, record)) else { return };
    let found = check(&converted.report, Lexicon::embedded());
    assert_eq!(found, [], "{record} became {}", converted.report);
    let codes: Vec<&str> = converted.flags.iter().map(|flag| flag.code()).collect();
    let carried: Vec<&str> = converted.report["source"]["flags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(codes, carried);
    let mut sorted = converted.loss.clone();
    sorted.sort();
    assert_eq!(converted.loss, sorted);
    for (pointer, _) in &converted.loss {
        assert!(record.pointer(pointer).is_some(), "{pointer}");
    }
}

fn examples() -> Vec<(Format, Value)> {
    let lines = EXAMPLES.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|mut line| {
            (Format::parse(line["format"].as_str().unwrap()).unwrap(), line["record"].take())
        })
        .collect()
}

/// Values that break expectations: types, lengths, and texts that almost fit.
fn oddities() -> Vec<Value> {
    let long = |text: &str, times: usize| Value::String(text.repeat(times));
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("  \n"),
        json!("x"),
        json!("n/a"),
        json!("CWE-79"),
        json!("cwe-0"),
        json!("S0403: adversarial example"),
        json!("2026-02-30T00:00:00Z"),
        json!("2026-01-01T00:00:00.123456789+14:00"),
        json!("9999-12-31T23:59:59-23:59"),
        json!("CVSS:3.1/AV:P/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H/E:X"),
        json!("CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A"),
        json!("pkg:npm/%40a/b@1"),
        json!("pkg:"),
        json!("\u{0}\u{202e}\u{10ffff}"),
        long("é", 70),
        long("\u{1f600}", 70_000),
        long("https://a.example/", 400),
        json!([]),
        json!([[], {}, null, 1, "a", "a", ["b"]]),
        json!(vec!["end_users"; 300]),
        Value::Array(
            (0..300)
                .map(|n| json!({"url": n.to_string(), "name": "n", "cweId": format!("CWE-{n}")}))
                .collect(),
        ),
        json!({}),
        json!({"value": {"value": "v"}, "url": "u", "name": [], "rows": [{"total_evaluated": 3, "passed": 4}]}),
    ]
}

fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                pointers(
                    item,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every place meets a fifth of the oddities, in turn; all together meet all many times.
#[test]
fn any_value_at_any_place_of_a_record_is_taken_or_rejected() {
    let oddities = oddities();
    let mut tried = 0;
    for (format, record) in examples() {
        let mut places = Vec::new();
        pointers(&record, "", &mut places);
        places.retain(|place| !place.contains("/versions/"));
        for (turn, place) in places.iter().enumerate() {
            for oddity in oddities.iter().skip(turn % 5).step_by(5) {
                let mut changed = record.clone();
                *changed.pointer_mut(place).unwrap() = oddity.clone();
                assert_sound(format, &changed);
                tried += 1;
            }
        }
    }
    assert!(tried > 2_000, "{tried}");
}

#[test]
fn any_member_may_be_missing() {
    for (format, record) in examples() {
        let mut places = Vec::new();
        pointers(&record, "", &mut places);
        for place in places {
            let Some((parent, key)) = place.rsplit_once('/') else { continue };
            let mut changed = record.clone();
            match changed.pointer_mut(parent).unwrap() {
                Value::Array(items) => {
                    items.remove(key.parse::<usize>().unwrap());
                }
                Value::Object(members) => {
                    members.remove(&key.replace("~1", "/").replace("~0", "~"));
                }
                Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => continue,
            }
            assert_sound(format, &changed);
        }
    }
}

#[test]
fn every_record_read_as_every_other_format_is_rejected_or_sound() {
    for (_, record) in examples() {
        for format in Format::ALL {
            assert_sound(format, &record);
        }
    }
}

/// Member names of the formats.
const NAMES: &str = "
data_type dataType id documentId metadata report_id cveMetadata cveId state containers cna
adp descriptions value lang affects artifacts affected package name impact avid sep_view
cwe cvss metrics results rows details summary severity score aliases references url
incidentDescription issueDescription incident_issueDescription @type flare:raw description
problemtype vendor product a/b~c
";

/// Texts that open the way into an importer, or almost.
const TEXTS: &str = "
AVID|CVE_RECORD|PUBLISHED|CVE-2026-12345|AVID-2026-R001|en|S0403: x||flare:AIFlawReport|n/a|text|2026-01-01|é\u{202e}
";

/// Arbitrary JSON whose member names are those of the formats.
fn anything() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(NAMES.split_whitespace().collect::<Vec<_>>());
    let text = prop::sample::select(TEXTS.trim().split('|').collect::<Vec<_>>());
    let leaf = prop_oneof![
        4 => text.prop_map(|text| json!(text)),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|members| Value::Object(
                members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_json_is_taken_or_rejected(mut value in anything(), format in prop::sample::select(Format::ALL.to_vec())) {
        if let Some(members) = value.as_object_mut() {
            members.insert("data_type".to_owned(), json!("AVID"));
            members.insert("dataType".to_owned(), json!("CVE_RECORD"));
            members.insert("id".to_owned(), json!("x-1"));
        }
        assert_sound(format, &value);
    }

    #[test]
    fn arbitrary_bytes_give_a_document_that_adds_up(
        bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\ \n1etrufalsnid\xff\xef\xbb\xbf".to_vec()), 0..200),
        format in prop::sample::select(Format::ALL.to_vec()),
    ) {
        TERMS.with(|terms| {
            let mut run = Run::new(format, terms, true);
            run.document("a.json", &bytes);
            run.unnamed("b", &bytes);
            for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
                run.line("c.jsonl", line, bytes);
            }
            let imported = run.finish();
            prop_assert_eq!(imported.read, imported.accepted + imported.rejected);
            prop_assert!(imported.files <= 3);
            Ok(())
        })?;
    }
}

#[test]
fn flags_and_rejections_are_those_of_the_lexicon() {
    let codes: Value =
        serde_json::from_str(include_str!("../../../../lexicon/codes.json")).unwrap();
    let known: Vec<&String> = codes["import_flags"].as_object().unwrap().keys().collect();
    let ours: Vec<&str> = Flag::ALL.iter().map(|flag| flag.code()).collect();
    assert_eq!(known.len(), ours.len());
    assert!(known.iter().all(|code| ours.contains(&code.as_str())));
}
