//! The lexicon itself: every word of our schemas and types is a term of it (D18), and its tables are
//! whole.

use std::collections::{BTreeMap, BTreeSet};

use comity_core::lexicon::axis::{Axis, Level};
use comity_core::lexicon::reference::Reference;
use comity_core::lexicon::terms::{
    ArtefactKind, AttackerAccess, Domain, FlawScope, HarmType, ImpactProperty, LifecycleStage,
    RemediationClass, ReportKind, Subject, SupplierRole, Violates,
};
use comity_core::lexicon::{Enumeration, FILE_NAMES, Lexicon};
use comity_core::severity::aix::METRICS;
use comity_core::severity::decision::{Decision, Ease, Exploitation, Impact, Inputs, Reach};
use comity_core::severity::vector::Cause;
use serde_json::Value;

fn enumeration(id: &str) -> &'static Enumeration {
    let found = Lexicon::embedded().enumerations().iter().find(|enumeration| enumeration.id == id);
    found.unwrap_or_else(|| panic!("no enumeration {id}"))
}

fn keys(id: &str) -> Vec<&'static str> {
    let enumeration = enumeration(id);
    let terms = enumeration.values.iter().map(|term| term.key.as_str());
    terms.chain(enumeration.unknown.as_deref()).collect()
}

#[test]
fn every_type_has_exactly_the_keys_of_the_lexicon() {
    let check = |id: &str, found: Vec<&'static str>| assert_eq!(found, keys(id), "{id}");
    check("report_kind", ReportKind::ALL.iter().map(|term| term.key()).collect());
    check("artefact_kind", ArtefactKind::ALL.iter().map(|term| term.key()).collect());
    check("supplier_role", SupplierRole::ALL.iter().map(|term| term.key()).collect());
    check("lifecycle_stage", LifecycleStage::ALL.iter().map(|term| term.key()).collect());
    check("attacker_access", AttackerAccess::ALL.iter().map(|term| term.key()).collect());
    check("impact_property", ImpactProperty::ALL.iter().map(|term| term.key()).collect());
    check("harm_type", HarmType::ALL.iter().map(|term| term.key()).collect());
    check("flaw_scope", FlawScope::ALL.iter().map(|term| term.key()).collect());
    check("subject", Subject::ALL.iter().map(|term| term.key()).collect());
    check("violates", Violates::ALL.iter().map(|term| term.key()).collect());
    check("domain", Domain::ALL.iter().map(|term| term.key()).collect());
    check("remediation_class", RemediationClass::ALL.iter().map(|term| term.key()).collect());
    for axis in Axis::ALL {
        let mut values = axis.values().to_vec();
        values.extend(axis.admits_unknown().then_some("X"));
        check(axis.key(), values);
    }
    let ordinals = Lexicon::embedded().enumerations().iter().filter(|axis| axis.kind == "ordinal");
    assert_eq!(ordinals.count(), Axis::ALL.len());
}

#[test]
fn the_codes_of_a_behaviour_vector_are_those_of_the_lexicon() {
    for (name, axis, codes) in METRICS {
        for (term, code) in enumeration(axis.key()).values.iter().zip(codes) {
            assert_eq!(term.code.as_deref(), Some(code), "{name}");
        }
        assert_eq!(codes[axis.values().len()], "X");
    }
}

/// Sets of words that are not terms of the lexicon but of the report's form or of another standard.
const OUTSIDE: [&str; 14] = [
    "ai_element",
    "alg",
    "format",
    "id",
    "intent",
    "kind",
    "pap",
    "report_public",
    "role",
    "schema",
    "status",
    "supplier_contacted",
    "surface",
    "tlp",
];

/// Calls `check` with the name and keys of each enumeration in a schema.
fn visit(name: &str, schema: &Value, check: &mut dyn FnMut(&str, &[&str])) {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        check(name, &values.iter().map(|value| value.as_str().unwrap()).collect::<Vec<_>>());
    }
    if let Some(items) = schema.get("items") {
        visit(name, items, check);
    }
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten()
    {
        visit(name, member, check);
    }
}

#[test]
fn every_enumeration_of_the_report_schema_resolves_to_the_lexicon() {
    let lexicon = Lexicon::embedded();
    let schema: Value =
        serde_json::from_str(include_str!("../../../../lexicon/report.schema.json")).unwrap();
    let mut terms: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for enumeration in lexicon.enumerations() {
        terms.insert(&enumeration.id, keys(&enumeration.id).into_iter().collect());
    }
    let inputs = ["impact", "reach", "ease"];
    let mut seen = 0;
    visit("", &schema, &mut |name, values| {
        seen += 1;
        let values: BTreeSet<&str> = values.iter().copied().collect();
        let is_term = terms.values().any(|known| *known == values);
        let is_class = values.iter().all(|id| lexicon.class(id).is_some());
        let is_overlay = values.iter().all(|id| lexicon.overlay(id).is_some());
        let is_outside = OUTSIDE.contains(&name) || inputs.contains(&name);
        assert!(is_term || is_class || is_overlay || is_outside, "{name}: {values:?}");
    });
    assert!(seen > 40, "{seen}");
}

#[test]
fn every_class_has_a_mapping_of_pinned_versions_only() {
    let lexicon = Lexicon::embedded();
    assert_eq!(lexicon.classes().count(), 37);
    let families: BTreeSet<&str> = lexicon.classes().map(|class| class.family.as_str()).collect();
    assert_eq!(families.len(), 11);
    for class in lexicon.classes() {
        for framework in class.maps.keys() {
            assert!(lexicon.framework_version(framework).is_some(), "{}: {framework}", class.id);
        }
    }
}

#[test]
fn only_an_alias_that_keeps_its_meaning_is_followed() {
    let lexicon = Lexicon::embedded();
    let follow = |text: &str| {
        let reference: Reference = text.parse().unwrap();
        lexicon.follow(&reference).map(ToString::to_string)
    };
    assert_eq!(follow("owasp-llm@2023:LLM02").as_deref(), Some("owasp-llm@2025:LLM05"));
    assert_eq!(follow("owasp-llm@2023:LLM03"), None);
    assert_eq!(follow("owasp-llm@2025:LLM02"), None);
    assert!("LLM02".parse::<Reference>().is_err());
    assert!("owasp-llm:LLM02".parse::<Reference>().is_err());
}

/// LX-19 in numbers: the table is what its formula says.
fn by_formula(inputs: Inputs) -> Decision {
    let place = |known: &[&str], key| known.iter().position(|value| *value == key).unwrap();
    let exploitation = place(&["none", "public_poc", "active"], inputs.exploitation.key());
    let impact = place(&["low", "medium", "high", "severe"], inputs.impact.key());
    let reach = place(&["contained", "multi_party", "systemic"], inputs.reach.key());
    let ease = place(&["hard", "practical", "trivial"], inputs.ease.key());
    let points = [0, 2, 4][exploitation] + [0, 2, 5, 7][impact] + [0, 1, 3][reach] + ease;
    let mut decision = match points {
        0..=3 => Decision::Track,
        4..=6 => Decision::Schedule,
        7..=9 => Decision::CoordinateNow,
        _ => Decision::Act,
    };
    if exploitation == 2 && impact >= 2 {
        decision = Decision::Act;
    }
    let is_worst = impact == 3 && reach == 2 && ease == 2;
    if exploitation == 0 && !is_worst {
        decision = decision.min(Decision::CoordinateNow);
    }
    if impact == 0 {
        let most = if exploitation == 2 && reach == 2 {
            Decision::CoordinateNow
        } else {
            Decision::Schedule
        };
        decision = decision.min(most);
    }
    decision
}

fn all_inputs() -> Vec<Inputs> {
    let mut all = Vec::new();
    for &exploitation in Exploitation::ALL {
        for &impact in Impact::ALL {
            for &reach in Reach::ALL {
                all.extend(Ease::ALL.iter().map(|&ease| Inputs {
                    exploitation,
                    impact,
                    reach,
                    ease,
                }));
            }
        }
    }
    all
}

#[test]
fn the_decision_table_follows_its_formula_and_never_falls() {
    let table = Lexicon::embedded().decisions();
    let all = all_inputs();
    assert_eq!(all.len(), 108);
    for &inputs in &all {
        assert_eq!(table.decide(inputs), by_formula(inputs), "{inputs:?}");
        let is_at_least = |other: &&Inputs| {
            other.exploitation >= inputs.exploitation
                && other.impact >= inputs.impact
                && other.reach >= inputs.reach
                && other.ease >= inputs.ease
        };
        for &higher in all.iter().filter(is_at_least) {
            assert!(table.decide(higher) >= table.decide(inputs), "{inputs:?} {higher:?}");
        }
    }
}

#[test]
fn a_folder_may_replace_a_file_but_not_break_it() {
    let table = include_str!("../../../../lexicon/decision_table.csv");
    let load = |file: &str, text: String| Lexicon::load(&BTreeMap::from([(file.to_owned(), text)]));
    let calm = table.replace("trivial,act", "trivial,coordinate_now");
    let worst = all_inputs().pop().unwrap();
    assert_eq!(
        load("decision_table.csv", calm).unwrap().decisions().decide(worst),
        Decision::CoordinateNow
    );
    let short: Vec<&str> = table.lines().take(60).collect();
    assert_eq!(
        load("decision_table.csv", short.join("\n")).unwrap_err().file,
        "decision_table.csv"
    );
    for file in FILE_NAMES {
        assert!(load(file, "{".to_owned()).is_err(), "{file}");
    }
}

#[test]
fn a_level_keeps_the_highest_known() {
    assert_eq!(Level::Rank(1).highest(Level::Unknown), Level::Rank(1));
    assert_eq!(Level::Unknown.highest(Level::Unknown), Level::Unknown);
    assert_eq!(Level::Rank(1).highest(Level::Rank(2)), Level::Rank(2));
}

#[test]
fn a_supplier_is_found_by_the_longest_alias_that_ends_with_a_word() {
    let directory = Lexicon::embedded().directory();
    let check = |name: &str, expected: Option<&str>| {
        assert_eq!(directory.by_product(name).map(|supplier| &*supplier.id), expected, "{name}");
    };
    check("Meta LLaMa 3.3", Some("meta"));
    check("Metallic 1", None);
    check("DALL-E 3", Some("openai"));
    check("MISTRAL large", Some("mistral-ai"));
    check("Together AI gateway", Some("together-ai"));
    check("ＯｐｅｎＡＩ GPT", Some("openai"));
    check("GPT-4", None);
    assert_eq!(
        directory.by_domain("api.eu.openai.com").map(|supplier| &*supplier.id),
        Some("openai")
    );
    assert_eq!(directory.by_domain("notopenai.com"), None);
    assert_eq!(
        directory.by_namespace("npm/@anthropic-ai").map(|supplier| &*supplier.id),
        Some("anthropic")
    );
}

#[test]
fn the_crosswalk_says_what_the_classes_map_to() {
    let lexicon = Lexicon::embedded();
    let mut lines = include_str!("../../../../lexicon/crosswalk.csv").lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').skip(2).collect();
    let mut seen = 0;
    for line in lines {
        // A name may hold a comma, so the cells are counted from the end.
        let mut cells: Vec<&str> = line.rsplitn(columns.len() + 1, ',').collect();
        let (id, name) = cells.pop().unwrap().split_once(',').unwrap();
        let class = lexicon.class(id).unwrap();
        assert_eq!(class.name, name.trim_matches('"'));
        for (column, cell) in columns.iter().zip(cells.iter().rev()) {
            let (framework, version) = column.split_once('@').unwrap();
            assert_eq!(lexicon.framework_version(framework), Some(version));
            let mapped = class.maps.get(framework).map(|ids| ids.join(" ")).unwrap_or_default();
            assert_eq!(mapped, *cell, "{} {column}", class.id);
        }
        seen += 1;
    }
    assert_eq!(seen, 37);
}

#[test]
fn every_cause_of_a_bad_vector_has_its_line_in_the_list_of_codes() {
    let codes: Value =
        serde_json::from_str(include_str!("../../../../lexicon/codes.json")).unwrap();
    let listed: BTreeSet<&str> =
        codes["vector_causes"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(listed, Cause::ALL.iter().map(|cause| cause.code()).collect());
}
