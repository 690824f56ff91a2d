//! Trade decisions over outside input: properties, hostile bills of materials, exports.
//!
//! Not here: the vectors (`cert_vectors`).

use comity_core::trade::import_rules::Class;
use comity_core::trade::weigh::{Weighed, weigh};
use comity_core::trade::word::{Criticality, ImportOutcome, Value as NodeValue};
use comity_core::trade::{export, import, replay};
use proptest::prelude::*;
use serde_json::{Value, json};

const REGISTER: &[u8] = include_bytes!("../../../../testdata/cert/register-sample.json");
const ARDENIA: &str = "urn:comity:jur:k4t9m2";
const GALDRIA: &str = "urn:comity:jur:g8m4sn";

fn rules() -> Value {
    let rules = include_bytes!(
        "../../../../testdata/cert/vectors/trade-import/i02-ancestor-not-certified/rules.json"
    );
    serde_json::from_slice(rules).unwrap()
}

fn good(evidence: &[Value]) -> Value {
    json!({"type": "comity.good/1", "id": "G", "importer": ARDENIA, "hs": "8471.50",
        "dates": {"market": "2031-03-01"}, "evidence": evidence})
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn decide_bytes(bom: &[u8], good: &Value, rules: &Value) -> Result<Value, &'static str> {
    let inputs =
        import::Inputs { bom, good: &bytes(good), rules: &bytes(rules), register: REGISTER };
    let decision = import::decide(&inputs).map_err(|refusal| refusal.code)?;
    Ok(serde_json::to_value(decision).unwrap())
}

fn decide(bom: &Value, good: &Value, rules: &Value) -> Value {
    decide_bytes(&bytes(bom), good, rules).unwrap()
}

/// A model whose developer and training site are one place.
fn model(reference: &str, place: &str, more: &[(&str, &str)]) -> Value {
    let mut properties = vec![
        json!({"name": "aijur:developer", "value": place}),
        json!({"name": "aijur:training-site", "value": place}),
    ];
    properties.extend(more.iter().map(|(name, value)| json!({"name": name, "value": value})));
    json!({"type": "machine-learning-model", "bom-ref": reference, "name": reference,
        "properties": properties})
}

fn bom(components: &[Value], dependencies: &[(String, String)]) -> Value {
    let dependencies: Vec<Value> =
        dependencies.iter().map(|(from, to)| json!({"ref": from, "dependsOn": [to]})).collect();
    json!({"bomFormat": "CycloneDX", "specVersion": "1.7",
        "metadata": {"component": {"type": "device", "bom-ref": "good", "name": "good"}},
        "components": components, "dependencies": dependencies})
}

fn without_receipt(mut decision: Value) -> Value {
    decision.as_object_mut().unwrap().remove("receipt");
    decision
}

fn severity(outcome: &str) -> usize {
    ["PERMIT", "PERMIT_WITH_CONDITIONS", "REFER", "PROHIBIT"]
        .iter()
        .position(|name| *name == outcome)
        .unwrap()
}

prop_compose! {
    fn any_component(index: usize)(
        place in prop_oneof![Just(ARDENIA), Just(GALDRIA), Just("iso3166-1:ZZ"), Just("iso3166-1:XC"), Just("community")],
        share in prop_oneof![Just("0.05"), Just("0.02"), Just("1"), Just("0")],
        criticality in prop_oneof![Just("incidental"), Just("assistive"), Just("core")],
    ) -> Value {
        let more = [("aijur:valueShare", share), ("aijur:criticality", criticality)];
        model(&format!("n{index}"), place, &more)
    }
}

fn any_components() -> impl Strategy<Value = Vec<Value>> {
    (any_component(0), any_component(1), any_component(2), any_component(3), any_component(4))
        .prop_map(|(a, b, c, d, e)| vec![a, b, c, d, e])
}

fn any_edges() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = |n: usize| if n == 5 { "good".to_owned() } else { format!("n{n}") };
    prop::collection::vec((0..6_usize, 0..6_usize), 0..12)
        .prop_map(move |edges| edges.into_iter().map(|(a, b)| (name(a), name(b))).collect())
}

/// One piece of evidence for every node and role, at one level.
fn evidence(components: &[Value], level: u8) -> Vec<Value> {
    let mut evidence = Vec::new();
    for component in components {
        for property in component["properties"].as_array().unwrap().iter().take(2) {
            let role = property["name"].as_str().unwrap().strip_prefix("aijur:").unwrap();
            evidence.push(json!({"node": component["bom-ref"], "role": role, "level": level,
                "jurisdictions": [property["value"]], "source": "supplier"}));
        }
    }
    evidence
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_arrays_never_matters(components in any_components(), edges in any_edges()) {
        let good = good(&evidence(&components, 1));
        let forward = decide(&bom(&components, &edges), &good, &rules());
        let turned: Vec<Value> = components.into_iter().rev().collect();
        let turned_edges: Vec<_> = edges.into_iter().rev().collect();
        let backward = decide(&bom(&turned, &turned_edges), &good, &rules());
        prop_assert_eq!(without_receipt(forward), without_receipt(backward));
    }

    #[test]
    fn more_evidence_never_worsens_the_outcome(
        components in any_components(),
        edges in any_edges(),
        level in 1_u8..4,
    ) {
        let outcome = |level| {
            let good = good(&evidence(&components, level));
            let decision = decide(&bom(&components, &edges), &good, &rules());
            severity(decision["outcome"].as_str().unwrap())
        };
        prop_assert!(outcome(level + 1) <= outcome(level));
    }

    #[test]
    fn one_more_edge_or_a_worse_place_never_improves_the_outcome(
        components in any_components(),
        edges in any_edges(),
        (from, to) in (0..5_usize, 0..5_usize),
        worse in 0..5_usize,
    ) {
        let good = good(&evidence(&components, 1));
        let outcome = |components: &[Value], edges: &[(String, String)]| {
            let decision = decide(&bom(components, edges), &good, &rules());
            severity(decision["outcome"].as_str().unwrap())
        };
        let before = outcome(&components, &edges);
        let mut more = edges.clone();
        more.push((format!("n{from}"), format!("n{to}")));
        more.push((format!("n{to}"), "ghost".to_owned()));
        prop_assert!(outcome(&components, &more) >= before);
        // The same evidence stays, but for one part, which has none and says a bad place.
        let mut changed = components.clone();
        changed[worse]["bom-ref"] = json!("changed");
        for place in ["/properties/0/value", "/properties/1/value"] {
            *changed[worse].pointer_mut(place).unwrap() = json!(GALDRIA);
        }
        prop_assert!(outcome(&changed, &edges) >= before);
    }

    #[test]
    fn what_the_counterfactual_asks_for_changes_the_outcome(
        components in any_components(),
        edges in any_edges(),
    ) {
        let good_before = good(&evidence(&components, 1));
        let decision = decide(&bom(&components, &edges), &good_before, &rules());
        let repaired: Vec<&str> = decision["counterfactual"]["nodes"]
            .as_array().unwrap().iter().map(|node| node["ref"].as_str().unwrap()).collect();
        let components: Vec<Value> = components.into_iter().map(|mut component| {
            if repaired.contains(&component["bom-ref"].as_str().unwrap()) {
                component["properties"][0]["value"] = json!(ARDENIA);
                component["properties"][1]["value"] = json!(ARDENIA);
            }
            component
        }).collect();
        let good_after = good(&evidence(&components, 1));
        let after = decide(&bom(&components, &edges), &good_after, &rules());
        prop_assert!(severity(after["outcome"].as_str().unwrap()) <= 1, "{}", after["outcome"]);
    }

    #[test]
    fn a_counterfactual_is_minimal_and_worse_values_never_help(
        raw in prop::collection::vec((0..4_u64, 0..3_usize, any::<bool>(), any::<bool>()), 0..8),
        budget in 0..3_usize,
        worse in 0..8_usize,
    ) {
        let class = class(budget);
        let findings: Vec<Weighed> = raw.iter().enumerate().map(|(place, one)| weighed(place, one)).collect();
        let balance = weigh(&findings, &class);
        if matches!(balance.outcome, ImportOutcome::Prohibit | ImportOutcome::Refer) {
            prop_assert_eq!(balance.repairs.len(), fewest_repairs(&findings, &balance.budget, &class));
        }
        let mut changed = findings.clone();
        if let Some(finding) = changed.get_mut(worse) {
            finding.value = NodeValue::Bad;
            prop_assert!(weigh(&changed, &class).outcome >= balance.outcome);
        }
        let mut more = findings;
        more.push(weighed(9, &(1, 0, false, false)));
        prop_assert!(weigh(&more, &class).outcome >= balance.outcome);
    }
}

fn class(unknown_max_nodes: usize) -> Class {
    Class {
        name: "general".to_owned(),
        prefixes: Vec::new(),
        min_evidence: 1,
        de_minimis_ppm: 100_000,
        de_minimis_criticality: Criticality::Assistive,
        unknown_max_nodes,
        unknown_criticality: Criticality::Assistive,
        cure_days: 90,
    }
}

fn weighed(
    place: usize,
    (share, criticality, frontier, bad): &(u64, usize, bool, bool),
) -> Weighed {
    let criticality =
        [Criticality::Incidental, Criticality::Assistive, Criticality::Core][*criticality];
    Weighed {
        place,
        rank: u32::try_from(place).unwrap(),
        value: if *bad { NodeValue::Bad } else { NodeValue::Unknown },
        share_ppm: share * 40_000,
        criticality,
        is_hard: *frontier || criticality == Criticality::Core,
    }
}

/// Tries every set of repairs.
fn fewest_repairs(findings: &[Weighed], budget: &[usize], class: &Class) -> usize {
    let open: Vec<&Weighed> = findings.iter().filter(|f| !budget.contains(&f.place)).collect();
    let works = |set: u32| {
        let rest = open.iter().enumerate().filter(|(bit, _)| set & (1 << bit) == 0);
        let rest: Vec<&Weighed> = rest.map(|(_, finding)| *finding).collect();
        rest.iter().all(|finding| !finding.is_hard)
            && rest.iter().map(|finding| finding.share_ppm).sum::<u64>() <= class.de_minimis_ppm
    };
    (0..1_u32 << open.len())
        .filter(|set| works(*set))
        .map(|set| set.count_ones() as usize)
        .min()
        .unwrap()
}

#[test]
fn hostile_bills_are_refused_by_name() {
    let check = |text: &[u8], code| {
        assert_eq!(decide_bytes(text, &good(&[]), &rules()).err(), Some(code));
    };
    let with = |component: Value| bytes(&bom(&[component], &[]));
    check(b"{\"bomFormat\": \"CycloneDX\",", "json-invalid");
    check(b"{\"bomFormat\": 1, \"bomFormat\": 2}", "json-duplicate-key");
    check("{\"a\":".repeat(200).as_bytes(), "limit-depth");
    check(b"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.4\"}", "bom-unsupported");
    check(b"{\"spdxVersion\": \"SPDX-2.3\"}", "bom-unsupported");
    let spdx = |context: &str, version: &str| {
        bytes(&json!({"@context": format!("https://spdx.org/rdf/{context}/spdx-context.jsonld"),
            "@graph": [{"type": "CreationInfo", "specVersion": version}]}))
    };
    check(&spdx("3.0.1", "2.3"), "bom-unsupported");
    check(&spdx("2.3", "3.0.1"), "bom-unsupported");
    check(&spdx("3.0.1", "4.0"), "bom-unsupported");
    check(&spdx("3.0.1", "3.0.1"), "bom-no-root");
    check(b"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\"}", "bom-no-root");
    check(&with(json!({"bom-ref": "good"})), "bom-duplicate-ref");
    for (name, value) in [
        ("ai", "yes"),
        ("frontier", "1"),
        ("valueShare", "1.5"),
        ("valueShare", "0.0000001"),
        ("criticality", "high"),
        ("date", "2031-02-30"),
    ] {
        let property = json!({"name": format!("aijur:{name}"), "value": value});
        check(&with(json!({"bom-ref": "m", "properties": [property]})), "bom-bad-property");
    }
    let twice =
        json!([{"name": "aijur:ai", "value": "true"}, {"name": "aijur:ai", "value": "false"}]);
    check(&with(json!({"bom-ref": "m", "properties": twice})), "bom-bad-property");
    let person = json!([{"name": "aijur:person", "value": "A. Person"}]);
    let dataset = json!({"modelParameters": {"datasets": [{"contents": {"properties": person}}]}});
    check(&with(json!({"bom-ref": "m", "modelCard": dataset})), "bom-person-data");
    check(&with(json!({"bom-ref": 7})), "field-invalid");
}

#[test]
fn cycles_and_long_chains_are_decided_like_any_other_bill() {
    let components: Vec<Value> =
        (0..3000).map(|n| model(&format!("n{n:05}"), ARDENIA, &[])).collect();
    let mut edges = vec![("good".to_owned(), "n00000".to_owned())];
    edges.extend((0..2999).map(|n| (format!("n{n:05}"), format!("n{:05}", n + 1))));
    edges.push(("n02999".to_owned(), "n00000".to_owned()));
    edges.push(("n02999".to_owned(), "ghost".to_owned()));
    let decision = decide(&bom(&components, &edges), &good(&evidence(&components, 1)), &rules());
    assert_eq!(decision["outcome"], "REFER");
    let finding = &decision["findings"][0];
    assert_eq!((&finding["ref"], &finding["kind"]), (&json!("ghost"), &json!("unresolved")));
    assert_eq!(finding["hops"], 3001);
    let path = finding["path"].as_array().unwrap();
    assert_eq!((path.len(), &path[31], &path[32]), (64, &json!("n00030"), &json!("n02969")));
    assert_eq!(finding["via"], json!([]));
    assert_eq!(decision["parts"], json!([{"ref": "n00000", "value": "UNKNOWN"}]));
}

#[test]
fn unknown_places_stay_unknown_and_ask() {
    let components = [model("m", "iso3166-1:ZZ", &[])];
    let decision = decide(&bom(&components, &[]), &good(&evidence(&components, 1)), &rules());
    assert_eq!(decision["outcome"], "REFER");
    assert_eq!(decision["findings"][0]["gaps"][0]["code"], "UNRESOLVED_JURISDICTION");
    assert_eq!(decision["counterfactual"]["nodes"], json!([{"ref": "m", "action": "evidence"}]));
}

#[test]
fn a_stale_register_decides_nothing() {
    let mut good = good(&[]);
    good["dates"]["market"] = json!("2032-12-30");
    let decision = decide(&bom(&[], &[]), &good, &rules());
    assert_eq!(
        (&decision["outcome"], &decision["register_stale"]),
        (&json!("REFER"), &json!(true))
    );
    assert_eq!(decision["counterfactual"], json!({"nodes": [], "refresh_register": true}));
}

#[test]
fn lists_are_cut_and_the_rest_is_counted() {
    let components: Vec<Value> =
        (0..1100).map(|n| model(&format!("n{n:05}"), GALDRIA, &[])).collect();
    let decision = decide(&bom(&components, &[]), &good(&[]), &rules());
    assert_eq!(decision["findings"].as_array().unwrap().len(), 1000);
    assert_eq!(decision["parts"].as_array().unwrap().len(), 1000);
    assert_eq!(
        decision["omitted"],
        json!({"advisories": 0, "counterfactual": 100, "findings": 100,
        "parts": 100, "statuses": 0})
    );
    assert_eq!(decision["counts"]["bad"], 1100);
}

#[test]
fn a_receipt_replays_and_a_changed_answer_does_not() {
    let (bom, good, rules) = (bytes(&bom(&[], &[])), bytes(&good(&[])), bytes(&rules()));
    let inputs = import::Inputs { bom: &bom, good: &good, rules: &rules, register: REGISTER };
    let decision = serde_json::to_value(import::decide(&inputs).unwrap()).unwrap();
    let files = [bom, good, rules, REGISTER.to_vec()]
        .into_iter()
        .map(|file| (comity_core::cert::document::hash(&file), file))
        .collect();
    let replayed = |decision: &Value| {
        let text = bytes(decision);
        replay::replay(&text, &replay::asked(&text).unwrap(), &files).unwrap().same
    };
    assert!(replayed(&decision));
    let mut forged = decision.clone();
    forged["outcome"] = json!("PROHIBIT");
    assert!(!replayed(&forged));
    let nothing = std::collections::BTreeMap::new();
    let text = bytes(&decision);
    let missing = replay::replay(&text, &replay::asked(&text).unwrap(), &nothing);
    assert_eq!(missing.unwrap_err().code, "replay-input-missing");
}

fn export(change: impl FnOnce(&mut Value, &mut Value)) -> Result<Value, &'static str> {
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let mut request = read(include_bytes!(
        "../../../../testdata/cert/vectors/trade-export/x01-open/request.json"
    ));
    let mut rules =
        read(include_bytes!("../../../../testdata/cert/vectors/trade-export/x01-open/rules.json"));
    change(&mut request, &mut rules);
    let inputs =
        export::Inputs { request: &bytes(&request), rules: &bytes(&rules), register: REGISTER };
    let decision = export::decide(&inputs).map_err(|refusal| refusal.code)?;
    Ok(serde_json::to_value(decision).unwrap())
}

#[test]
fn exports_are_refused_by_name() {
    let check = |change: &dyn Fn(&mut Value, &mut Value), code| {
        assert_eq!(export(|request, rules| change(request, rules)).err(), Some(code));
    };
    check(&|r, _| r["exporter"] = json!(GALDRIA), "rules-wrong-exporter");
    check(&|r, _| r["date"] = json!("2033-01-01"), "rules-not-in-force");
    check(&|_, rules| rules["standard"] = json!("other"), "register-wrong-standard");
    check(&|_, rules| rules["tables"][1]["from"] = json!("2031-06-01"), "export-table-gap");
    check(&|_, rules| rules["tables"][0]["until"] = json!("2031-03-01"), "export-table-overlap");
    check(&|r, _| r["items"][0]["params"]["throughput"] = json!("4e3"), "export-bad-number");
    check(&|r, _| r["items"][0]["quantity"] = json!(0), "export-bad-number");
    check(
        &|r, _| {
            r["items"][0]["params"] = json!({"throughput": "2000", "die_area_mm2": "0"});
        },
        "export-bad-number",
    );
    // Wherever among the clauses it stands.
    let zero = |clauses: Value| {
        move |r: &mut Value, rules: &mut Value| {
            r["items"][0]["params"] = json!({"throughput": "5000", "die_area_mm2": "0"});
            for table in rules["tables"].as_array_mut().unwrap() {
                for entry in table["items"].as_array_mut().unwrap() {
                    entry["any"] = clauses.clone();
                }
            }
        }
    };
    let fast = json!([{"p": "throughput", "op": ">=", "v": "4000"}]);
    let dense = json!([{"p": "density", "op": ">=", "v": "5"}]);
    check(&zero(json!([fast.clone(), dense.clone()])), "export-bad-number");
    check(&zero(json!([dense, fast])), "export-bad-number");
    check(&|r, _| r["flags"] = json!(["SMELLS_ODD"]), "export-unknown-flag");
    let screening =
        |state: &str| json!([{"party": "p", "list": "l", "score": 100, "state": state}]);
    check(&|r, _| r["screening"] = screening("confirmed"), "screening-unsigned");
    check(&|r, _| r["screening"] = screening("certain"), "screening-bad-state");
    check(&|r, _| r["known_at"] = json!("2031-07-01T00:00:00Z"), "register-too-old");
}

#[test]
fn an_unknown_parameter_stops_the_search_and_asks() {
    let decision = export(|request, _| {
        request["items"][0]["params"] = json!({"throughput": "2000"});
        request["destination"] = json!("iso3166-1:ZZ");
        request["transit"] = json!(["iso3166-1:XG", ARDENIA]);
        request["end_user"] = json!({"id": "org-1", "since": "2031-02-01", "site_power_w": "10"});
    });
    let decision = decision.unwrap();
    assert_eq!(
        decision["items"],
        json!([{"id": "i1", "class": null, "missing": ["die_area_mm2"]}])
    );
    assert_eq!(decision["outcome"], "REFER");
    let codes: Vec<&str> = decision["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["END_USER_NEW", "PARAM_MISSING", "TRANSIT_CLOSED", "UNRESOLVED_JURISDICTION"]
    );
    assert_eq!(decision["statuses"].as_array().unwrap().len(), 2);
}

#[test]
fn the_table_in_force_on_the_day_decides_and_no_other() {
    let class_on = |day: &str, throughput: &str| {
        let decision = export(|request, _| {
            request["date"] = json!(day);
            request["items"][0]["params"] =
                json!({"throughput": throughput, "die_area_mm2": "800"});
        });
        decision.map(|decision| decision["items"][0]["class"].clone())
    };
    // The first table ends with 2030 and asks for more than the second, which begins the day after.
    assert_eq!(class_on("2030-12-31", "4200"), Ok(Value::Null));
    assert_eq!(class_on("2031-01-01", "4200"), Ok(json!("H1")));
    assert_eq!(class_on("2030-12-31", "5000"), Ok(json!("H1")));
    assert_eq!(class_on("2032-12-31", "1600"), Ok(json!("H2")));
    assert_eq!(class_on("2033-01-01", "1600"), Err("rules-not-in-force"));
    let upside_down = export(|_, rules| rules["tables"][1]["until"] = json!("2030-06-01"));
    assert_eq!(upside_down.err(), Some("export-table-gap"));
}

#[test]
fn a_candidate_never_denies_whatever_its_score() {
    for score in [0, 97, 1_000_000] {
        let decision = export(|request, _| {
            request["screening"] =
                json!([{"party": "p", "list": "l", "score": score, "state": "candidate"}]);
        });
        assert_eq!(decision.unwrap()["outcome"], "REFER");
    }
}
