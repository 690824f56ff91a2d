use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn sample(name: &str) -> Value {
    let file = format!("{}/../../testdata/advisory/good/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn parse(value: &Value) -> Result<Checked, Vec<Refusal>> {
    Advisory::parse(&serde_json::to_vec(value).unwrap())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The codes and places refused once `/full` has another value at `pointer`.
fn refused(name: &str, pointer: &str, value: Value) -> Vec<(&'static str, String)> {
    let mut document = sample(name);
    *document.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    let refusals = parse(&document).err().unwrap_or_default();
    refusals.into_iter().map(|refusal| (refusal.code, refusal.pointer)).collect()
}

#[test]
fn a_sample_reads_and_prints_as_it_was() {
    for name in
        ["full", "corrected", "superseded", "right-to-left", "hostile", "fifty-products", "draft"]
    {
        let document = sample(name);
        let read = parse(&document).unwrap_or_else(|refusals| panic!("{name}: {refusals:?}"));
        let again = serde_json::to_vec(&read).unwrap();
        assert_eq!(Advisory::parse(&again).unwrap(), read, "{name}");
    }
}

/// Asserts that `full` with another value at `pointer` is refused with `code` at `place`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "tables read better without a borrow in each line"
)]
fn check(pointer: &str, value: Value, code: &str, place: &str) {
    let refused = refused("full", pointer, value.clone());
    assert!(
        refused.iter().any(|(c, p)| *c == code && p == place),
        "{pointer} = {value}: expected {code} at {place}, got {refused:?}"
    );
}

#[test]
fn a_wrong_frame_is_refused_at_its_place() {
    check("/schema", json!("comity.advisory/2"), "schema-unsupported", "/schema");
    check("/id", json!("NV-2027-00007"), "value-invalid", "/id");
    check("/id", json!("fi-2027-00007"), "advisory-hub-mismatch", "/publisher/hub");
    check(
        "/publisher/namespace",
        json!("http://nv.example"),
        "address-invalid",
        "/publisher/namespace",
    );
    check("/tlp", json!("AMBER"), "tlp-not-clear", "/tlp");
    check("/tlp", json!("WHITE"), "value-unknown", "/tlp");
    check("/version", json!(2), "version-mismatch", "/version");
    check("/version", json!("1"), "field-type", "/version");
    check("/status", json!("draft"), "version-mismatch", "/status");
    check("/status", json!("withdrawn"), "field-missing", "/withdrawal");
    check("/revisions/0/kind", json!("update"), "revision-kind", "/revisions/0/kind");
    check("/revisions/0/at", json!("2026-01-01T00:00:00Z"), "time-order", "/revisions/0/at");
    check("/revisions/0/summary", json!("  "), "text-blank", "/revisions/0/summary");
    check("/content/title", json!("a\nb"), "text-control", "/content/title");
    check("/content/title", json!("x".repeat(201)), "text-too-long", "/content/title");
    check("/content/language", json!("english"), "language-invalid", "/content/language");
}

#[test]
fn a_wrong_product_or_remedy_is_refused_at_its_place() {
    let product = "/content/products/0";
    check(&format!("{product}/key"), json!("edge"), "list-duplicate", "/content/products/2");
    check(
        &format!("{product}/purl"),
        json!("npm/assist"),
        "purl-invalid",
        "/content/products/0/purl",
    );
    check(
        &format!("{product}/purl"),
        json!("pkg:huggingface/a"),
        "purl-invalid",
        "/content/products/0/purl",
    );
    check(
        &format!("{product}/purl"),
        json!("pkg:npm/a@1"),
        "purl-version-mismatch",
        "/content/products/0/purl",
    );
    check(
        &format!("{product}/versions/from"),
        json!("4.3.0"),
        "range-empty",
        "/content/products/0/versions",
    );
    check(
        &format!("{product}/versions/from"),
        json!("> 4"),
        "version-invalid",
        "/content/products/0/versions/from",
    );
    check(
        "/content/products/1/digests/0/value",
        json!("ab"),
        "digest-invalid",
        "/content/products/1/digests/0/value",
    );
    check(
        "/content/products/2/status",
        json!({"key": "not_affected"}),
        "reason-missing",
        "/content/products/2/status",
    );
    check("/content/products/4/urn", json!("urn:x:y"), "urn-invalid", "/content/products/4/urn");
    check(
        "/content/remedies/0/products",
        json!(["ghost"]),
        "product-unknown",
        "/content/remedies/0/products/0",
    );
    check(
        "/content/remedies/0/products",
        json!(["edge"]),
        "remedy-misplaced",
        "/content/remedies/0/products/0",
    );
    check(
        "/content/remedies/0/category",
        json!("none_available"),
        "remedy-contradiction",
        "/content/products/0",
    );
    check(
        "/content/remedies/0/classes",
        json!(["pray"]),
        "value-unknown",
        "/content/remedies/0/classes/0",
    );
    check("/content/remedies", json!([]), "remedy-missing", "/content/products/0");
}

#[test]
fn wrong_content_is_refused_at_its_place() {
    check(
        "/content/weakness/classes",
        json!(["XXX-01"]),
        "value-unknown",
        "/content/weakness/classes/0",
    );
    check("/content/weakness/classes", json!([]), "list-empty", "/content/weakness/classes");
    let assessment = "/content/assessments/0";
    check(
        &format!("{assessment}/aix"),
        json!("AIX:1.0/TR:M"),
        "aix-invalid",
        "/content/assessments/0/aix",
    );
    check(
        &format!("{assessment}/cvss/0/score_tenths"),
        json!(97),
        "cvss-score-mismatch",
        "/content/assessments/0/cvss/0/score_tenths",
    );
    check(
        &format!("{assessment}/cvss/0/vector"),
        json!("CVSS:2.0/AV:N"),
        "cvss-invalid",
        "/content/assessments/0/cvss/0/vector",
    );
    check(
        &format!("{assessment}/decision/low"),
        json!("track"),
        "decision-mismatch",
        "/content/assessments/0/decision/low",
    );
    check(
        "/content/exposure/exploitation",
        json!("none"),
        "exposure-contradiction",
        "/content/exposure/exploited_since",
    );
    check(
        "/content/timeline/1/when/at",
        json!("2026-10-01T00:00:00Z"),
        "time-order",
        "/content/timeline/1/when/at",
    );
    check(
        "/content/references/0/url",
        json!("javascript:alert(1)"),
        "address-invalid",
        "/content/references/0/url",
    );
    check("/content/aliases/0", json!("CVE-27-1"), "alias-invalid", "/content/aliases/0");
    let extra = json!({"as_of": "2027-02-19T12:00:00Z", "exploitation": "none", "known_before": true, "x": 1});
    check("/content/exposure", extra, "field-unknown", "/content/exposure/x");
}

#[test]
fn what_no_level_may_hold_has_no_field() {
    let secret = json!({"level": "class_only", "description": "how it works"});
    assert_eq!(refused("full", "/content/detail", secret)[0].0, "field-unknown");
    let payload = json!({"level": "redacted_payload", "description": "x", "reproduction": "y"});
    assert_eq!(refused("full", "/content/detail", payload)[0].0, "field-unknown");
    let long = refused("minimal", "/content/summary", json!("x".repeat(501)));
    assert_eq!(long, [("text-too-long", "/content/summary".to_owned())]);
}

#[test]
fn a_translation_tells_no_more_than_its_source() {
    let translation = json!([{
        "language": "fr", "state": "reviewed", "translator": {"kind": "person", "name": "A"},
        "at": "2027-02-19T12:00:00Z", "source_language": "en", "source_sha256": "0".repeat(64),
        "title": "t", "summary": "s", "description": "d",
    }]);
    let refused = refused("minimal", "/content/translations", translation);
    assert_eq!(refused, [("detail-exceeded", "/content/translations/0/description".to_owned())]);
}

#[test]
fn versions_follow_one_another_until_withdrawn() {
    let source = parse(&sample("full")).unwrap();
    let draft = Advisory::draft(
        source.id.clone(),
        source.publisher.clone(),
        source.content.clone(),
        at("2027-02-01T09:00:00Z"),
    );
    assert_eq!((draft.version, draft.tlp, draft.check()), (0, Tlp::Amber, vec![]));
    let first = draft.publish("First.".into(), at("2027-02-19T12:00:00Z")).unwrap();
    assert_eq!((first.version, first.tlp), (1, Tlp::Clear));

    let mut content = first.content.clone();
    content.title = "Another title".to_owned();
    let second = first
        .correct(
            content,
            Correcting::Mistake,
            "Title was wrong.".into(),
            at("2027-02-20T12:00:00Z"),
        )
        .unwrap();
    assert_eq!(second.version, 2);
    assert_eq!(second.corrections().count(), 1);
    let changes = diff(&first, &second);
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(
        (changes[0].pointer.as_str(), changes[0].kind),
        ("/content/title", ChangeKind::Changed)
    );

    let withdrawal = Withdrawal { reason: "Not a flaw.".into(), successor: None };
    let last = second.withdraw(withdrawal.clone(), at("2027-02-21T12:00:00Z")).unwrap();
    assert_eq!((last.version, last.status), (3, Status::Withdrawn));
    let again = last.withdraw(withdrawal, at("2027-02-22T12:00:00Z")).unwrap_err();
    assert_eq!(again[0].code, "advisory-withdrawn");
}

#[test]
fn a_version_must_be_later_than_the_one_before() {
    let first = parse(&sample("full")).unwrap();
    let now = first.changed_at();
    let refusals =
        first.correct(first.content.clone(), Correcting::Facts, "x".into(), now).unwrap_err();
    assert_eq!((refusals[0].code, refusals[0].pointer.as_str()), ("time-order", "/revisions/1/at"));
}

#[test]
fn a_published_advisory_is_not_published_again() {
    let published = parse(&sample("full")).unwrap().into_inner();
    let refusals = published.publish("x".into(), at("2027-03-01T00:00:00Z")).unwrap_err();
    assert_eq!(refusals[0].code, "advisory-not-draft");
}

#[test]
fn moved_rows_are_no_change_and_changed_rows_are_named_by_key() {
    let old = parse(&sample("full")).unwrap().into_inner();
    let mut new = old.clone();
    new.content.products.reverse();
    assert_eq!(diff(&old, &new), []);
    new.content.products.retain(|row| row.key != "py");
    new.content.products[0].name = "Renamed".to_owned();
    let pointers: Vec<String> = diff(&old, &new).into_iter().map(|change| change.pointer).collect();
    assert_eq!(pointers, ["/content/products/cloud/name", "/content/products/py"]);
}

#[test]
fn a_translation_is_stale_once_its_source_moves() {
    let mut content = parse(&sample("right-to-left")).unwrap().into_inner().content;
    let stale = |content: &Content| content.translations_with_staleness().next().unwrap().1;
    assert!(stale(&content));
    content.translations[0].source_sha256 = content.source_sha256();
    assert!(!stale(&content));
    content.summary.push('!');
    assert!(stale(&content));
}

#[test]
fn what_is_no_json_or_too_much_is_refused_whole() {
    let code = |bytes: &[u8]| Advisory::parse(bytes).unwrap_err()[0].code;
    assert_eq!(code(b"{"), "json-invalid");
    assert_eq!(code(b"{\"id\":1,\"id\":2}"), "json-invalid");
    assert_eq!(code(&vec![b' '; limits::BYTES_MAX + 1]), "too-large");
    assert_eq!(code("[".repeat(40).as_bytes()), "too-deep");
    assert_eq!(code(b"{}"), "field-missing");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands at one place, reading ends with a value or a refusal that names a place.
    #[test]
    fn reading_never_panics(pick in 0usize..4096, text in "\\PC{0,40}", number in any::<i64>(), kind in 0..5) {
        let mut document = sample("full");
        let places = places(&document, String::new());
        let pointer = &places[pick % places.len()];
        let value = match kind {
            0 => json!(text),
            1 => json!(number),
            2 => Value::Null,
            3 => json!([text, number]),
            _ => json!({ "kind": text, "level": number }),
        };
        *document.pointer_mut(pointer).unwrap() = value;
        if let Err(refusals) = parse(&document) {
            prop_assert!(!refusals.is_empty());
        }
    }

    /// Versions strictly grow, and every version of a valid advisory is valid.
    #[test]
    fn versions_strictly_grow(steps in proptest::collection::vec((1i64..100_000, any::<bool>()), 1..8)) {
        let mut current = parse(&sample("minimal")).unwrap();
        for (index, (seconds, mistake)) in steps.into_iter().enumerate() {
            let mut content = current.content.clone();
            content.title = format!("Title {index}");
            let now = current.changed_at() + jiff::SignedDuration::from_secs(seconds);
            let why = if mistake { Correcting::Mistake } else { Correcting::Facts };
            let next = current.correct(content, why, "Changed.".into(), now).unwrap();
            prop_assert!(next.version == current.version + 1 && next.changed_at() > current.changed_at());
            prop_assert_eq!(diff(&current, &next).len(), 1);
            current = next;
        }
    }
}

/// The pointers of all values in a document.
fn places(value: &Value, at: String) -> Vec<String> {
    let inner: Vec<String> = match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(i, item)| places(item, format!("{at}/{i}")))
            .collect(),
        Value::Object(members) => {
            members.iter().flat_map(|(key, member)| places(member, child(&at, key))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    std::iter::once(at).chain(inner).collect()
}
