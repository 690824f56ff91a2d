//! The report form: what it asks, what it refuses, what it files.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use comity_server::i18n::{Catalogue, Locale};
use comity_server::web::report_form::{
    Context, Evidence, Fields, Filing, Section, Step, check, field_of, interval, questions,
    sections, to_report,
};
use jiff::tz::TimeZone;
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};
use serde_json::json;

use crate::{pages, samples};

fn fields(pairs: &[(&str, &str)]) -> Fields {
    Fields::from_pairs(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
        .unwrap()
}

const GOOD: [(&str, &str); 5] = [
    ("system", "Lumen Assist"),
    ("description", "It repeats what it must not say."),
    ("public", "no"),
    ("attacks", "none"),
    ("reach", "code"),
];

fn codes(extra: &[(&str, &str)], step: Step) -> Vec<String> {
    let kept = GOOD.iter().filter(|(name, _)| extra.iter().all(|(other, _)| other != name));
    let all: Vec<(&str, &str)> = kept.chain(extra).copied().collect();
    let context = Context { protected: true, pack_facts: true, signed_in: true };
    check(&fields(&all), context, step)
        .into_iter()
        .map(|r| format!("{} {}", r.pointer, r.code))
        .collect()
}

#[test]
fn the_seven_questions_refuse_only_what_is_wrong() {
    let long = "x".repeat(201);
    let links = "https://a.example/\n".repeat(11);
    let check = |extra: &[(&str, &str)], expected: &[&str]| {
        assert_eq!(codes(extra, Step::First), expected, "{extra:?}");
    };
    check(&[], &[]);
    check(&[("system", "")], &["/system field-missing"]);
    check(&[("system", "  ")], &["/system field-missing"]);
    check(&[("system", &long)], &["/system text-too-long"]);
    check(&[("system", &"é".repeat(200))], &[]);
    check(&[("description", "nineteen characters")], &["/description report-text-too-short"]);
    check(&[("description", "twenty characters ok")], &[]);
    check(&[("links", &links)], &["/links list-too-long"]);
    check(&[("links", &"y".repeat(501))], &["/links text-too-long"]);
    check(&[("harms", "everything")], &["/harms value-unknown"]);
    check(&[("public", "maybe")], &["/public value-unknown"]);
    check(&[("attacks", "")], &["/attacks field-missing"]);
    check(&[("wish", "date")], &["/wish_date field-missing"]);
    check(&[("wish", "date"), ("wish_date", "2027-02-30")], &["/wish_date time-invalid"]);
    check(&[("wish", "date"), ("wish_date", "2027-02-28")], &[]);
    check(&[("reach", "")], &["/reach field-missing"]);
    check(&[("token", "anything"), ("unheard-of", "x")], &[]);
}

#[test]
fn the_details_ask_only_what_applies_and_refuse_what_is_wrong() {
    let check = |extra: &[(&str, &str)], expected: &[&str]| {
        assert_eq!(codes(extra, Step::Details), expected, "{extra:?}");
    };
    check(&[], &[]);
    check(&[("reach", "email")], &["/email field-missing"]);
    check(&[("reach", "email"), ("email", "no address")], &["/email value-invalid"]);
    check(&[("steps", "s"), ("trials", "50"), ("hits", "37")], &[]);
    check(&[("steps", "s"), ("trials", "٥٠"), ("hits", "٣٧")], &[]);
    check(&[("steps", "s"), ("trials", "5"), ("hits", "6")], &["/hits trials-invalid"]);
    check(&[("steps", "s"), ("trials", "5")], &["/hits field-missing"]);
    check(&[("steps", "s"), ("trials", "0"), ("hits", "0")], &["/trials number-out-of-range"]);
    check(&[("trials", "5"), ("hits", "6")], &[]);
    check(
        &[("also_name", ""), ("also_trials", "3"), ("also_hits", "1")],
        &["/also_name/0 field-missing"],
    );
    check(
        &[("harms", "child_safety"), ("payload", "x")],
        &["/prompt_class strict-liability-payload"],
    );
    check(&[("country", "Kenya")], &["/country text-too-long"]);
    check(&[("country", "K1")], &["/country value-invalid"]);
    let of = |extra: &[(&str, &str)]| sections(&fields(extra), Context::default());
    assert_eq!(of(&[]), [Section::Kind, Section::Several]);
    assert!(of(&[("steps", "s")]).contains(&Section::Trials));
    assert!(!of(&[("steps", "s"), ("kind", "ml_framework")]).contains(&Section::Trials));
    assert!(of(&[("harms", "cbrn_uplift")]).contains(&Section::Uplift));
    assert!(!of(&[("harms", "cbrn_uplift"), ("harms", "child_safety")]).contains(&Section::Uplift));
}

fn filing() -> Filing {
    Filing {
        id: "nv-r-2027-00007".into(),
        lexicon: "1.0.0".into(),
        language: "sw".into(),
        submitted: Some("2027-01-05T12:00:00Z".parse().unwrap()),
        evidence: vec![Evidence {
            kind: "log",
            sha256: "ab".repeat(32),
            media_type: None,
            bytes: 3,
            note: "a.txt".into(),
        }],
        context: Context::default(),
    }
}

#[test]
fn answers_become_a_report_in_the_right_places() {
    let hash = "c0".repeat(32);
    let links = format!(
        "https://a.example/\r\npkg:huggingface/lumen/assist@4.2\r\nsha256:{hash}\r\nsomething else"
    );
    let answers = fields(&[
        ("system", "Lumen Assist"),
        ("version", "4.2"),
        ("links", &links),
        ("description", "a\u{202e}b\r\nc"),
        ("steps", "do"),
        ("harms", "privacy_data"),
        ("harms", "unsure"),
        ("public", "partly"),
        ("attacks", "seen"),
        ("knows", "Kite\nOstra"),
        ("wish", "date"),
        ("wish_date", "2027-02-19"),
        ("reach", "email"),
        ("email", "f@example.org"),
        ("identity_to", "lead"),
        ("kind", "model_api_service"),
        ("trials", "50"),
        ("hits", "37"),
        ("also_name", ""),
        ("also_name", "Ostra Chat"),
        ("also_trials", ""),
        ("also_trials", "20"),
        ("also_hits", ""),
        ("also_hits", "3"),
        ("payload", "never asked"),
    ]);
    let converted = to_report(&answers, &filing());
    assert_eq!(
        converted.report,
        json!({
            "schema": "comity.report/1", "id": "nv-r-2027-00007", "lexicon": "1.0.0", "language": "sw",
            "submitted": "2027-01-05T12:00:00Z", "kind": "vulnerability", "abstract": {"title": "Lumen Assist"},
            "affected": {"artefacts": [
                {"kind": "model_api_service", "name": "Lumen Assist", "version": "4.2", "purl": "pkg:huggingface/lumen/assist@4.2",
                 "digests": [{"alg": "sha256", "value": hash}]},
                {"kind": "X", "name": "Ostra Chat"}]},
            "technical": {"description": "a\u{202e}b\r\nc", "links": ["https://a.example/", "something else"], "harm_types": ["privacy_data"]},
            "reproduction": {"steps": "do", "trials": [{"artefact": 0, "trials": 50, "successes": 37}, {"artefact": 1, "trials": 20, "successes": 3}]},
            "evidence": {"items": [{"kind": "log", "sha256": "ab".repeat(32), "bytes": 3, "note": "a.txt"}]},
            "identity": {"anonymous": false, "contact": "f@example.org"},
            "disclosure": {"report_public": "yes", "supplier_contacted": "X", "intent": "yes", "planned": "2027-02-19"},
            "assessments": [{"assessor": "finder", "role": "finder", "at": "2027-01-05T12:00:00Z", "lexicon": "1.0.0", "axes": {"exploitation": "active"}}],
        })
    );
    assert_eq!(converted.deliberation["public"], "partly");
    assert_eq!(converted.deliberation["knows"], json!(["Kite", "Ostra"]));
    assert_eq!(converted.identity, json!({"reach": "email", "identity_to": "lead"}));
    assert_eq!(converted.protected, json!({}));
}

#[test]
fn a_report_of_five_answers_is_small() {
    let filing = Filing { evidence: Vec::new(), submitted: None, ..filing() };
    let report = to_report(&fields(&GOOD), &filing).report;
    assert_eq!(report["identity"], json!({"anonymous": true}));
    assert_eq!(report["affected"]["artefacts"], json!([{"kind": "X", "name": "Lumen Assist"}]));
    assert_eq!(report.get("assessments"), None);
}

#[test]
fn the_core_takes_every_report_that_the_form_files() {
    let lexicon = comity_core::lexicon::Lexicon::embedded();
    for answers in [fields(&GOOD), samples::answers("Nested roles bypass the guardrail")] {
        assert_eq!(check(&answers, Context::default(), Step::First), []);
        assert_eq!(check(&answers, Context::default(), Step::Details), []);
        let report = to_report(&answers, &filing()).report;
        let taken = comity_core::report::Report::from_value(&report, lexicon);
        assert!(taken.is_ok(), "{:?}", taken.err());
    }
}

#[test]
fn a_refusal_of_the_core_finds_its_field() {
    let check = |pointer, expected: Option<&str>| {
        assert_eq!(field_of(pointer).as_deref(), expected, "{pointer}");
    };
    check("/abstract/title", Some("/system"));
    check("/affected/artefacts/0/purl", Some("/links"));
    check("/affected/artefacts/3/name", Some("/also_name/2"));
    check("/reproduction/trials/0/successes", Some("/hits"));
    check("/identity/contact", Some("/email"));
    check("/schema", None);
    check("", None);
}

#[test]
fn the_interval_is_the_one_of_the_lexicon() {
    let check = |trials, hits, expected| {
        assert_eq!(interval(trials, hits).map(|i| (i.low_percent, i.high_percent)), expected);
    };
    check(50, 37, Some((62, 83)));
    check(30, 30, Some((91, 100)));
    check(400, 22, Some((3, 8)));
    check(10, 0, Some((0, 22)));
    check(0, 0, None);
    check(3, 4, None);
}

#[test]
fn what_was_answered_is_shown_again_byte_for_byte() {
    let words = "\r\n first\u{202e} <b> & \"q\"\r\n";
    let answers = fields(&[
        ("description", words),
        ("system", words),
        ("public", "yes"),
        ("harms", "physical"),
    ]);
    let shown = questions(&answers, Context::default(), Step::First, &[]);
    let field =
        |name| shown.iter().flat_map(|q| &q.fields).find(|field| field.name == name).unwrap();
    assert_eq!(field("description").value, words);
    assert!(field("public").choices.iter().any(|choice| choice.value == "yes" && choice.chosen));
    assert!(
        field("harms").choices.iter().any(|choice| choice.value == "physical" && choice.chosen)
    );
    assert_eq!(shown.len(), 7);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_form_body_breaks_the_form(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(fields) = Fields::parse(&body) {
            let context = Context { protected: true, pack_facts: true, signed_in: true };
            for step in [Step::First, Step::Details] {
                let refusals = check(&fields, context, step);
                let _ = questions(&fields, context, step, &refusals);
            }
            let _ = to_report(&fields, &filing());
        }
    }

    #[test]
    fn no_answer_breaks_the_pages(words in "\\PC{0,60}") {
        let catalogue = Catalogue::embedded(&TimeZone::UTC).unwrap();
        let locale: &Locale = catalogue.locale("ar").unwrap();
        let hub = samples::hub(&catalogue);
        for (name, html) in samples::pages(locale, &hub, &words) {
            prop_assert!(pages::well_formed(&html), "{name}");
        }
    }
}
