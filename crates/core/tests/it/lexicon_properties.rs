//! Properties of reports, vectors and assessments that hold for every input.

use comity_core::assess::assess;
use comity_core::lexicon::Lexicon;
use comity_core::lexicon::axis::{Axis, Level};
use comity_core::lexicon::terms::{Domain, ImpactProperty};
use comity_core::report::{self, Report};
use comity_core::severity::aix::{Aix, METRICS};
use comity_core::severity::cvss;
use comity_core::severity::decision::{Impact, Reach};
use comity_core::severity::overlays::{self, Applied, Context};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::assessment::examples;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Returns the pointers of every value in a document.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                pointers(member, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A report whose only assessment states something on each axis, or nothing.
fn any_axes() -> impl Strategy<Value = Value> {
    let places = prop::collection::vec(prop::option::weighted(0.7, 0usize..6), Axis::ALL.len());
    places.prop_map(|places| {
        let mut axes = serde_json::Map::new();
        for (axis, place) in Axis::ALL.iter().zip(places) {
            let Some(place) = place else { continue };
            let key =
                axis.values().get(place).copied().or_else(|| axis.admits_unknown().then_some("X"));
            axes.extend(key.map(|key| (axis.key().to_owned(), Value::from(key))));
        }
        Value::Object(axes)
    })
}

fn report_of(assessments: Vec<Value>, class: &str, domains: &[Domain]) -> Report {
    let opinion = |(index, axes): (usize, Value)| {
        json!({
            "assessor": format!("cert-{index}"), "at": "2026-02-01T09:00:00Z", "lexicon": "1.0.0", "axes": axes,
        })
    };
    let value = json!({
        "schema": "comity.report/1", "id": "p", "lexicon": "1.0.0", "kind": "vulnerability",
        "abstract": { "title": "t" },
        "affected": { "domains": domains, "artefacts": [{ "kind": "model_weights", "name": "Meta LLaMa" }] },
        "technical": { "classes": [class], "harm_types": ["cbrn_uplift"], "attacker_access": ["api"] },
        "assessments": assessments.into_iter().enumerate().map(opinion).collect::<Vec<_>>(),
    });
    Report::from_value(&value, Lexicon::embedded()).unwrap()
}

fn any_levels() -> impl Strategy<Value = Vec<Level>> {
    let level = prop_oneof![Just(Level::Unknown), (0u8..5).prop_map(Level::Rank)];
    prop::collection::vec(level, METRICS.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_json_is_a_report_or_is_refused(value in any_json()) {
        let refusals = report::check(&value, Lexicon::embedded());
        prop_assert_eq!(refusals.is_empty(), Report::from_value(&value, Lexicon::embedded()).is_ok());
    }

    #[test]
    fn a_spoilt_report_is_refused_or_assessed(
        example in 0usize..89, place in any::<prop::sample::Index>(), value in any_json(),
    ) {
        let mut report = examples()[example]["report"].clone();
        let mut found = Vec::new();
        pointers(&report, "", &mut found);
        *report.pointer_mut(&found[place.index(found.len())]).unwrap() = value;
        if let Ok(report) = Report::from_value(&report, Lexicon::embedded()) {
            prop_assert_eq!(assess(&report, Lexicon::embedded()).report, report.id);
        }
    }

    #[test]
    fn any_bytes_are_a_report_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(report::read(&bytes, Lexicon::embedded()).is_err());
    }

    #[test]
    fn a_behaviour_vector_is_read_as_it_was_written(levels in any_levels()) {
        let place = |axis: Axis| METRICS.iter().position(|(_, known, _)| *known == axis).unwrap();
        let vector = Aix::new(|axis| levels[place(axis)]);
        prop_assert_eq!(Aix::parse(&vector.to_string()), Ok(vector));
    }

    #[test]
    fn no_text_breaks_the_readers_of_vectors(text in "(CVSS:(3.1|4.0)|AIX:1.0)?(/?[A-Z]{0,3}:?[A-Z]?){0,12}") {
        let _refused_or_not = (cvss::parse(&text), Aix::parse(&text));
    }

    #[test]
    fn a_canonical_cvss_vector_scores_the_same(seed in prop::collection::vec(0usize..4, 22)) {
        let metrics = [
            ("AV", "NALP"), ("AC", "LH"), ("PR", "NLH"), ("UI", "NR"), ("S", "UC"), ("C", "HLN"), ("I", "HLN"),
            ("A", "HLN"), ("E", "XFPU"), ("RL", "XWTO"), ("RC", "XRU"), ("CR", "XHL"), ("MS", "XUC"), ("MC", "XHN"),
        ];
        let metric = |((name, values), place): (&(&str, &str), usize)| {
            let value = values.as_bytes()[place % values.len()] as char;
            format!("/{name}:{value}")
        };
        let parts: Vec<String> = metrics.iter().zip(seed).map(metric).collect();
        for version in ["3.0", "3.1"] {
            let scored = cvss::parse(&format!("CVSS:{version}{}", parts.concat())).unwrap();
            prop_assert_eq!(cvss::parse(&scored.vector), Ok(scored.clone()));
            let reversed: String = parts.iter().rev().map(String::as_str).collect();
            prop_assert_eq!(cvss::parse(&format!("CVSS:{version}{reversed}")), Ok(scored));
        }
    }

    #[test]
    fn overlays_never_lower(
        impact in prop::sample::select(Impact::ALL), reach in prop::sample::select(Reach::ALL),
        safety in 0u8..4, rights in 0u8..4, names in prop::sample::subsequence(OVERLAYS.to_vec(), 0..8),
        properties in prop::sample::subsequence(ImpactProperty::ALL.to_vec(), 0..10), days in 0u64..100,
    ) {
        let overlay = |name: &&str| Lexicon::embedded().overlay(name).unwrap();
        let applied: Vec<Applied<'_>> = names
            .iter()
            .map(|name| Applied { overlay: overlay(name), election_days: Some(report::Whole(days)) })
            .collect();
        let context = Context { properties: &properties, safety: Level::Rank(safety), rights: Level::Rank(rights) };
        prop_assert!(overlays::impact(impact, &applied, context) >= impact);
        prop_assert!(overlays::reach(reach, &applied) >= reach);
        prop_assert!(overlays::reach(reach, &applied) <= reach.raised());
    }

    #[test]
    fn the_order_of_assessments_does_not_matter(a in any_axes(), b in any_axes(), c in any_axes()) {
        let lexicon = Lexicon::embedded();
        let one = assess(&report_of(vec![a.clone(), b.clone(), c.clone()], "BEH-01", &[]), lexicon);
        let other = assess(&report_of(vec![c, a, b], "BEH-01", &[]), lexicon);
        prop_assert_eq!(one.pair(), other.pair());
        prop_assert_eq!(one.reportability, other.reportability);
        prop_assert_eq!(one.publication_detail, other.publication_detail);
        prop_assert_eq!(one.needs_evidence, other.needs_evidence);
        prop_assert_eq!(one.disagreement, other.disagreement);
        prop_assert_eq!((one.coordinate, one.publish), (other.coordinate, other.publish));
    }

    #[test]
    fn knowing_more_stays_within_what_was_said(axes in any_axes(), place in 0usize..20, rank in 0usize..4) {
        let lexicon = Lexicon::embedded();
        let axis = Axis::ALL[place];
        let mut known = axes.clone();
        let is_open = axes.get(axis.key()) == Some(&Value::from("X"));
        prop_assume!(is_open && rank < axis.values().len());
        known[axis.key()] = Value::from(axis.values()[rank]);
        let before = assess(&report_of(vec![axes], "DAT-01", &[]), lexicon);
        let after = assess(&report_of(vec![known], "DAT-01", &[]), lexicon);
        prop_assert!(after.decision_low >= before.decision_low);
        prop_assert!(after.decision_high <= before.decision_high);
        // These two do not stand for an unknown end of the detail: a stated harm replaces the derived
        // one, and an irrevocable flaw contradicts a fix.
        if ![Axis::ReproductionHarm, Axis::FixReach].contains(&axis) {
            prop_assert!(after.publication_detail.value <= before.publication_detail.value);
        }
        if let Some(advice) = before.coordinate.value {
            prop_assert_eq!(after.coordinate.value, Some(advice));
        }
    }
}

const OVERLAYS: [&str; 7] = [
    "OV-HEALTH",
    "OV-FINANCE",
    "OV-ESSENTIAL",
    "OV-RIGHTS",
    "OV-ELECTION",
    "OV-CHILD",
    "OV-DEFENCE",
];
