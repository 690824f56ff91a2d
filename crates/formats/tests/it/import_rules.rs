//! The mapping, rule by rule, on the smallest records that show it.

#![expect(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "helpers of tests fail loudly and take literals"
)]

use comity_formats::import::{Converted, Format, Rejection, Terms, convert};
use serde_json::{Value, json};

fn take(format: Format, record: &Value) -> Converted {
    convert(format, &Terms::embedded(), record).unwrap()
}

fn flags(format: Format, record: &Value) -> Vec<&'static str> {
    take(format, record).flags.iter().map(|flag| flag.code()).collect()
}

fn merged(mut base: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

fn avid(more: Value) -> Value {
    let base = json!({
        "data_type": "AVID", "metadata": {"report_id": "AVID-2026-R001"},
        "description": {"lang": "eng", "value": "d"},
        "impact": {"avid": {"taxonomy_version": "0.2"}}, "reported_date": "2026-01-01",
    });
    merged(base, &more)
}

fn cve(cna: Value) -> Value {
    let base = json!({
        "providerMetadata": {"shortName": "example"}, "descriptions": [{"lang": "en", "value": "d"}],
    });
    json!({
        "dataType": "CVE_RECORD",
        "cveMetadata": {"cveId": "CVE-2026-0001", "state": "PUBLISHED", "datePublished": "2026-01-01T00:00:00Z"},
        "containers": {"cna": merged(base, &cna)},
    })
}

fn osv(more: Value) -> Value {
    merged(json!({"id": "X-1", "details": "d", "modified": "2026-01-01T00:00:00Z"}), &more)
}

fn flare(more: Value) -> Value {
    let base = json!({
        "documentId": "f1", "createdAt": "2026-01-01T00:00:00Z",
        "incidentDescription": {"issueDescription": "i"},
    });
    merged(base, &more)
}

#[test]
fn each_format_says_why_it_takes_no_record() {
    let check = |format, record: Value, why| {
        assert_eq!(convert(format, &Terms::embedded(), &record).err(), Some(why), "{record}");
    };
    check(Format::Avid, json!([]), Rejection::NotAnObject);
    check(Format::Avid, avid(json!({"data_type": 1})), Rejection::FormatMismatch);
    check(Format::Avid, avid(json!({"metadata": {"report_id": ""}})), Rejection::IdMissing);
    check(Format::Avid, avid(json!({"metadata": {"report_id": 5}})), Rejection::IdInvalid);
    check(
        Format::Avid,
        avid(json!({"metadata": {"vuln_id": "AVID-2026-V12"}})),
        Rejection::IdInvalid,
    );
    check(
        Format::Avid,
        avid(json!({"description": {"value": " "}})),
        Rejection::DescriptionMissing,
    );
    check(Format::Cve, json!({"dataType": "CVE_RECORD"}), Rejection::IdMissing);
    check(Format::Cve, cve(json!({"descriptions": "d"})), Rejection::DescriptionMissing);
    check(
        Format::Osv,
        osv(json!({"withdrawn": "2026-01-01T00:00:00Z"})),
        Rejection::RecordWithdrawn,
    );
    check(Format::Osv, json!({"id": "X-1"}), Rejection::FormatMismatch);
    check(Format::Osv, json!({"id": "X-1", "affected": []}), Rejection::DescriptionMissing);
    check(Format::Osv, osv(json!({"id": "x".repeat(61)})), Rejection::IdInvalid);
    check(Format::Flare, json!({"id": 1, "classifyReport": {}}), Rejection::FormatMismatch);
    check(Format::Flare, flare(json!({"documentId": "a/b"})), Rejection::IdInvalid);
    check(Format::Flare, flare(json!({"documentId": "x".repeat(58)})), Rejection::IdInvalid);
    check(
        Format::Flare,
        flare(json!({"incidentDescription": {}, "incident_x": 1})),
        Rejection::DescriptionMissing,
    );
}

#[test]
fn avid_labels_count_by_their_code() {
    let check = |label: &str, want: &[&str]| {
        let impact = json!({"avid": {"taxonomy_version": "0.2", "sep_view": [label]}});
        let found = flags(Format::Avid, &avid(json!({"impact": impact})));
        assert_eq!(found, want, "{label}");
    };
    check("S0403: Adversarial Example", &["class-ambiguous"]);
    check("S0403: adversarial example", &["class-ambiguous", "label-normalised"]);
    check("E0100: Bias/Discrimination", &["label-normalised"]);
    check("S0403", &["class-ambiguous"]);
    check("S9999: New", &["class-none", "label-unknown"]);
}

#[test]
fn avid_counts_belong_to_the_one_artefact_there_is() {
    let metrics = |rows: Value| json!([{"results": {"rows": rows}}]);
    let trials = |artefacts: usize, rows: Value| {
        let artefacts = vec![json!({"name": "m", "type": "Model"}); artefacts];
        let record = avid(json!({"affects": {"artifacts": artefacts}, "metrics": metrics(rows)}));
        let converted = take(Format::Avid, &record);
        let empty = converted.flags.iter().any(|flag| flag.code() == "trials-empty");
        (converted.report["reproduction"]["trials"].clone(), empty)
    };
    let row = json!({"total_evaluated": 10, "passed": 4});
    let trial = json!({"artefact": 0, "trials": 10, "successes": 6});
    assert_eq!(trials(1, json!([row])), (json!([trial]), false));
    assert_eq!(trials(2, json!([row])), (Value::Null, false));
    assert_eq!(trials(0, json!([row])), (Value::Null, false));
    for bad in [
        json!({"total_evaluated": 0, "passed": 0}),
        json!({"total_evaluated": 3, "passed": 4}),
        json!({"total_evaluated": "3", "passed": 1}),
        json!({"score": 1.0}),
        json!(7),
    ] {
        assert_eq!(trials(1, json!([bad, row])), (json!([trial]), true), "{bad}");
    }
}

#[test]
fn cve_names_leave_out_what_is_not_known() {
    let check = |affected: Value, want: Value, unknown: bool| {
        let record = cve(json!({"affected": [affected]}));
        assert_eq!(take(Format::Cve, &record).report["affected"]["artefacts"], json!([want]));
        assert_eq!(flags(Format::Cve, &record).contains(&"vendor-unknown"), unknown, "{want}");
    };
    let named = json!({"vendor": "V", "product": "P", "packageURL": "pkg:npm/p"});
    check(named, json!({"kind": "X", "name": "V P", "supplier": "V", "purl": "pkg:npm/p"}), false);
    check(json!({"vendor": "N/A", "product": "P"}), json!({"kind": "X", "name": "P"}), true);
    check(
        json!({"vendor": "Unknown", "product": "n/a"}),
        json!({"kind": "X", "name": "unnamed"}),
        true,
    );
    check(json!({"packageName": "p"}), json!({"kind": "X", "name": "unnamed"}), true);
    let wrong = json!({"vendor": "V", "product": "P", "packageURL": "npm/p"});
    check(wrong, json!({"kind": "X", "name": "V P", "supplier": "V"}), false);
}

#[test]
fn cve_prose_is_english_if_there_is_any() {
    let check = |descriptions: Value, text: &str, language: &str| {
        let report = take(Format::Cve, &cve(json!({"descriptions": descriptions}))).report;
        assert_eq!(
            (&report["technical"]["description"], &report["language"]),
            (&json!(text), &json!(language))
        );
    };
    check(json!([{"lang": "de", "value": "x"}, {"lang": "en-US", "value": "y"}]), "y", "en");
    check(json!([{"lang": "de", "value": "x"}, {"lang": "fr", "value": "y"}]), "x", "de");
    check(json!([7, {"value": "y"}]), "y", "en");
}

#[test]
fn scores_are_compared_with_their_own_base_vector() {
    let base = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let check = |vector: &str, score: Value, want: &[&str]| {
        let record =
            cve(json!({"metrics": [{"cvssV3_1": {"vectorString": vector, "baseScore": score}}]}));
        let mut found = flags(Format::Cve, &record);
        found.retain(|code| code.starts_with("cvss"));
        assert_eq!(found, want, "{vector} {score}");
    };
    check(base, json!(9.8), &[]);
    check(base, json!("9.8"), &[]);
    check(base, Value::Null, &[]);
    check(&format!("{base}/E:U/RL:O"), json!(9.8), &[]);
    check(base, json!(9.7), &["cvss-score-mismatch"]);
    check(base, json!(98), &["cvss-score-mismatch"]);
    check("AV:N/AC:L/Au:N/C:P/I:P/A:P", json!(7.5), &["cvss-unreadable"]);
    check("CVSS:3.1/AV:N", json!(7.5), &["cvss-unreadable"]);
}

#[test]
fn the_first_vector_says_who_can_attack() {
    let check = |vector: &str, want: &str| {
        let record = osv(json!({"severity": [{"type": "CVSS_V3", "score": vector}]}));
        assert_eq!(
            take(Format::Osv, &record).report["technical"]["attacker_access"],
            json!([want])
        );
    };
    check("CVSS:3.1/AV:P/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H", "physical");
    check("CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H", "privileged");
    check("CVSS:3.0/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "user");
    check("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "user");
    check("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "external");
}

#[test]
fn ssvc_of_data_publishers_becomes_axes() {
    let mut record = cve(json!({}));
    record["containers"]["adp"] = json!([
        {"providerMetadata": {"shortName": "silent"}, "metrics": []},
        {"providerMetadata": {"shortName": "A", "dateUpdated": "2026-02-01T00:00:00Z"}, "metrics": [
            {"other": {"type": "ssvc", "content": {"options": [
                {"Exploitation": "active"}, {"Automatable": "YES"}, {"Technical Impact": "huge"}]}}}]},
    ]);
    let converted = take(Format::Cve, &record);
    let assessments = converted.report["assessments"].as_array().unwrap();
    assert_eq!(assessments.len(), 2);
    assert_eq!(assessments[1]["assessor"], "adp:A");
    assert_eq!(assessments[1]["at"], "2026-02-01T00:00:00Z");
    assert_eq!(assessments[1]["axes"], json!({"exploitation": "active", "automatable": "yes"}));
    assert!(converted.flags.iter().any(|flag| flag.code() == "value-unmapped"));
}

#[test]
fn prohibited_material_never_enters_a_report_whatever_shape_says_so() {
    let evidence = json!({"stepsToReproduce": "secret", "proofOfConcept": "secret", "attachments": ["secret"]});
    let nested = flare(json!({"classifyReport": {"csam_involved": true}, "evidence": evidence}));
    let texts = flare(json!({"classifyReport": {"csamInvolved": "Yes"}, "evidence": evidence}));
    let flat = json!({"documentId": "f1", "incident_issueDescription": "i", "classify_csamInvolved": 1,
        "evidence_stepsToReproduce": "secret", "evidence_proofOfConcept": "secret"});
    let linked = json!({"@type": ["flare:AIFlawReport"], "identifier": "f1", "description": "i",
        "flare:classification": {"flare:csamInvolved": true}, "flare:evidence": {"flare:stepsToReproduce": "secret"}});
    let outer = json!({"@type": "flare:AIFlawReport", "identifier": "f1",
        "flare:classification": {"flare:csamInvolved": true}, "flare:raw": flare(json!({"evidence": evidence}))});
    for record in [nested, texts, flat, linked, outer] {
        let converted = take(Format::Flare, &record);
        assert!(!converted.report.to_string().contains("secret"), "{record}");
        assert_eq!(converted.report["reproduction"], json!({"prohibited_material": true}));
        assert_eq!(converted.report["technical"]["harm_types"], json!(["child_safety"]));
        assert!(converted.loss.iter().any(|(_, reason)| *reason == "withheld"));
    }
}

#[test]
fn flare_intent_decides_what_is_public() {
    let check = |intent: Value, want: Value, public: &str| {
        let report = take(
            Format::Flare,
            &flare(json!({"disclosurePlan": {"publicDisclosureIntent": intent}})),
        )
        .report;
        assert_eq!(
            (&report["disclosure"]["intent"], &report["disclosure"]["report_public"]),
            (&want, &json!(public))
        );
    };
    check(json!("already"), json!("already"), "yes");
    check(json!("Already Public"), json!("already"), "yes");
    check(json!("undecided"), json!("undecided"), "no");
    check(json!("later"), Value::Null, "no");
    check(Value::Null, Value::Null, "X");
}

#[test]
fn what_is_cut_is_flagged_and_listed() {
    let record = osv(json!({
        "details": "é".repeat(20_001),
        "aliases": ["a", "a", "b".repeat(65)],
        "references": (0..65).map(|n| json!({"url": format!("https://example.org/{n}")})).collect::<Vec<_>>(),
    }));
    let converted = take(Format::Osv, &record);
    let codes: Vec<&str> = converted.flags.iter().map(|flag| flag.code()).collect();
    assert_eq!(codes, ["class-none", "list-truncated", "text-truncated"]);
    assert_eq!(converted.report["technical"]["aliases"], json!(["a"]));
    assert_eq!(converted.report["technical"]["links"].as_array().unwrap().len(), 64);
    assert_eq!(
        converted.report["technical"]["description"].as_str().unwrap().chars().count(),
        20_000
    );
    let lost: Vec<(&str, &str)> =
        converted.loss.iter().map(|(path, why)| (path.as_str(), *why)).collect();
    assert_eq!(
        lost,
        [("/aliases/2", "too-long"), ("/details", "too-long"), ("/references/64", "too-long")]
    );
}

#[test]
fn loss_names_the_highest_member_of_which_nothing_was_taken() {
    let record = osv(json!({
        "affected": [{"package": {"name": "p", "ecosystem": "npm:x", "purl": "nope"}, "versions": ["1", "2"]}],
        "database_specific": {"cwe_ids": ["CWE-79", 5], "a/b": {"c": [1]}},
        "empty": {}, "related": ["Y-1"],
    }));
    let lost = take(Format::Osv, &record).loss;
    let lost: Vec<(&str, &str)> = lost.iter().map(|(path, why)| (path.as_str(), *why)).collect();
    assert_eq!(
        lost,
        [
            ("/affected/0/package/purl", "not-understood"),
            ("/affected/0/versions", "no-place"),
            ("/database_specific/a~1b", "no-place"),
            ("/database_specific/cwe_ids/1", "not-understood"),
            ("/related", "no-place"),
        ]
    );
}
