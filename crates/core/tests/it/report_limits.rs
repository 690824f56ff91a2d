//! Every limit of a report, each with its code and pointer.

use comity_core::lexicon::Lexicon;
use comity_core::report;
use serde_json::{Value, json};

use crate::assessment::examples;

fn example(name: &str) -> Value {
    examples().iter().find(|example| example["name"] == name).unwrap()["report"].clone()
}

/// Checks that a change to the example `golden-supply-chain` is refused with these codes and pointers.
#[track_caller]
fn check(change: impl FnOnce(&mut Value), expected: &[(&str, &str)]) {
    let mut report = example("golden-supply-chain");
    change(&mut report);
    let refusals = report::check(&report, Lexicon::embedded());
    let found: Vec<(&str, &str)> =
        refusals.iter().map(|refusal| (refusal.code, &*refusal.pointer)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_document_is_refused_before_it_is_looked_at() {
    let lexicon = Lexicon::embedded();
    let check = |bytes: &[u8], code| {
        let refusals = report::read(bytes, lexicon).unwrap_err();
        let found: Vec<(&str, &str)> =
            refusals.iter().map(|refusal| (refusal.code, &*refusal.pointer)).collect();
        assert_eq!(found, [(code, "")]);
    };
    check(b"", "json-invalid");
    check(b"\xff", "json-invalid");
    check(br#"{"a":1,"a":1}"#, "json-invalid");
    check(format!("{}1{}", "[".repeat(17), "]".repeat(17)).as_bytes(), "too-deep");
    check(" ".repeat((1 << 20) + 1).as_bytes(), "too-large");
    check(b"[]", "field-type");
}

#[test]
fn the_schema_is_checked_first_and_whole() {
    check(|r| r["colour"] = json!(1), &[("field-unknown", "/colour")]);
    check(|r| r["a/b~"] = json!(1), &[("field-unknown", "/a~1b~0")]);
    check(|r| r["id"] = json!(5), &[("field-type", "/id")]);
    check(|r| r["id"] = json!(null), &[("field-type", "/id")]);
    check(|r| r["id"] = json!(""), &[("value-invalid", "/id")]);
    check(|r| r["id"] = json!("-a"), &[("value-invalid", "/id")]);
    check(|r| r["id"] = json!("a".repeat(65)), &[("text-too-long", "/id")]);
    check(|r| r["abstract"]["title"] = json!("é".repeat(200)), &[]);
    check(
        |r| r["abstract"]["title"] = json!("é".repeat(201)),
        &[("text-too-long", "/abstract/title")],
    );
    check(|r| r["kind"] = json!("accident"), &[("value-unknown", "/kind")]);
    check(|r| r["kind"] = json!("X"), &[("value-unknown", "/kind")]);
    check(|r| r["schema"] = json!("comity.report/2"), &[("schema-unsupported", "/schema")]);
    check(
        |r| r["affected"]["markets"] = json!(["FI", "FI"]),
        &[("list-duplicate", "/affected/markets")],
    );
    check(
        |r| r["affected"]["markets"] = json!(["fi"]),
        &[("value-invalid", "/affected/markets/0")],
    );
    check(
        |r| r["affected"]["declared_developers"] = json!(vec!["a"; 65]),
        &[("list-too-long", "/affected/declared_developers")],
    );
    check(
        |r| r["identity"] = json!({"anonymous": "yes"}),
        &[("field-type", "/identity/anonymous")],
    );
    check(
        |r| r["evidence"]["items"][0]["bytes"] = json!(-1),
        &[("number-out-of-range", "/evidence/items/0/bytes")],
    );
    check(
        |r| r["evidence"]["items"][0]["bytes"] = json!(1.5),
        &[("field-type", "/evidence/items/0/bytes")],
    );
    check(|r| r["evidence"]["items"][0]["bytes"] = json!(2.0), &[]);
    check(
        |r| r["evidence"]["items"][0]["sha256"] = json!("a".repeat(65)),
        &[("text-too-long", "/evidence/items/0/sha256")],
    );
    check(|r| r["submitted"] = json!("2026-02-01 09:00:00Z"), &[("value-invalid", "/submitted")]);
    check(
        |r| r["submitted"] = json!("2026-02-01T09:00:00.1234Z"),
        &[("value-invalid", "/submitted")],
    );
    check(|r| r["submitted"] = json!("2026-02-01T09:00:00.123Z"), &[]);
    check(|r| r["language"] = json!("zh-Hant-TW"), &[]);
    check(|r| r["language"] = json!("z"), &[("value-invalid", "/language")]);
    check(
        |r| {
            r["abstract"] = json!({});
            r["assessments"][0]["axes"]["exploitation"] = json!("X");
            r["submitted"] = json!("2026-02-30T09:00:00Z");
        },
        &[
            ("field-missing", "/abstract/title"),
            ("value-unknown", "/assessments/0/axes/exploitation"),
        ],
    );
}

#[test]
fn the_meaning_is_checked_once_the_schema_holds() {
    let artefact = |member: &'static str, value: Value| {
        move |r: &mut Value| r["affected"]["artefacts"][0][member] = value
    };
    check(|r| r["lexicon"] = json!("9.0.0"), &[("lexicon-unsupported", "/lexicon")]);
    check(|r| r["submitted"] = json!("2026-02-29T09:00:00Z"), &[("time-invalid", "/submitted")]);
    check(|r| r["submitted"] = json!("2028-02-29T09:00:00Z"), &[]);
    check(
        |r| r["disclosure"]["planned"] = json!("2026-04-31"),
        &[("time-invalid", "/disclosure/planned")],
    );
    check(artefact("purl", json!("pkg:pypi")), &[("purl-invalid", "/affected/artefacts/0/purl")]);
    check(artefact("purl", json!("")), &[("purl-invalid", "/affected/artefacts/0/purl")]);
    check(artefact("purl", json!("pkg:pypi/x@1")), &[]);
    check(artefact("urn", json!("urn:comity:service:openai.com:gpt-4o:2026-01-15")), &[]);
    for urn in [
        "urn:comity:service:openai.com",
        "urn:comity:service:openai.com:",
        "urn:comity:service:openai.com:a:b:c",
        "urn:comity:service:OpenAI.com:a",
        "urn:comity:service:open_ai.com:a",
        "urn:comity:service:-a.com:a",
        "urn:comity:service:openai.com:a b",
        "urn:other:service:openai.com:a",
        "",
    ] {
        check(artefact("urn", json!(urn)), &[("urn-invalid", "/affected/artefacts/0/urn")]);
    }
    let digests = json!([{ "alg": "sha384", "value": "ab".repeat(32) }, { "alg": "sha512", "value": "ab".repeat(64) }]);
    check(artefact("digests", digests), &[("digest-invalid", "/affected/artefacts/0/digests/0")]);
    let trial =
        |trial: Value| move |r: &mut Value| r["reproduction"] = json!({ "trials": [trial] });
    let at = "/reproduction/trials/0";
    check(trial(json!({ "artefact": 1, "trials": 2.0, "successes": 2 })), &[]);
    check(trial(json!({ "artefact": 1, "trials": 2, "successes": 3 })), &[("trials-invalid", at)]);
    check(
        trial(json!({ "artefact": 2, "trials": 2, "successes": 1 })),
        &[("index-out-of-range", "/reproduction/trials/0/artefact")],
    );
    check(
        |r| r["assessments"][0]["evidence"] = json!([0, 1]),
        &[("index-out-of-range", "/assessments/0/evidence/1")],
    );
    check(
        |r| r["assessments"][0]["axes"]["misuse_uplift"] = json!("severe"),
        &[("uplift-unsupported", "/assessments/0/axes/misuse_uplift")],
    );
    check(|r| r["assessments"][0]["aix"] = json!(""), &[("aix-invalid", "/assessments/0/aix")]);
}

#[test]
fn the_fault_of_a_vector_is_told() {
    let mut report = example("golden-supply-chain");
    report["assessments"][0]["cvss"] = json!([{ "vector": "CVSS:4.0/AV:N/AC:L" }]);
    let refusals = report::check(&report, Lexicon::embedded());
    let expected = json!([{
        "code": "cvss-invalid", "params": { "cause": "missing-metric", "metric": "AT" },
        "pointer": "/assessments/0/cvss/0/vector",
    }]);
    assert_eq!(serde_json::to_value(refusals).unwrap(), expected);
}
