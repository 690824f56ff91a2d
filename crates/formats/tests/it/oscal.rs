//! OSCAL: catalogues come back as they were, baselines resolve, hostile documents are refused by name.
//!
//! Validation by a tool that is not ours: `e2e/oscal/check`.

use std::collections::BTreeSet;

use comity_core::cert::catalogue::{Area, Standard};
use comity_formats::oscal::catalogue::Catalogue;
use comity_formats::oscal::profile::{Sources, resolve};
use comity_formats::oscal::write_catalogue;
use proptest::prelude::*;
use serde_json::{Value, json};

const SAMPLE: &[u8] = include_bytes!("../../../../testdata/cert/catalogue-sample.json");
const PARAMETERS: &[u8] = include_bytes!("../../../../testdata/cert/catalogue-parameters.json");
const BASELINE: &[u8] = include_bytes!("../../../../testdata/cert/baseline-sample.json");
const SECOND: &[u8] = include_bytes!("../../../../testdata/cert/baseline-second.json");

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn sources() -> Sources {
    Sources::from([
        ("catalogue-sample.json".to_owned(), SAMPLE.to_vec()),
        ("catalogue-parameters.json".to_owned(), PARAMETERS.to_vec()),
        ("baseline-sample.json".to_owned(), BASELINE.to_vec()),
    ])
}

fn sample() -> Standard {
    Catalogue::import(SAMPLE).unwrap().standard().clone()
}

/// The sample with one change.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut catalogue = value(SAMPLE);
    change(&mut catalogue);
    bytes(&catalogue)
}

/// The sample with one value replaced.
fn edit(pointer: &str, new: Value) -> Vec<u8> {
    changed(|catalogue| *catalogue.pointer_mut(pointer).unwrap() = new)
}

fn import_code(bytes: &[u8]) -> (&'static str, String) {
    let refusal = Catalogue::import(bytes).unwrap_err();
    (refusal.code, refusal.pointer)
}

#[test]
fn the_sample_is_the_standard_it_says() {
    let standard = sample();
    assert_eq!(standard.id, "iaio-std-1@2030-01");
    assert_eq!((standard.controls.len(), standard.questions().count()), (24, 80));
    let areas: Vec<Area> = standard.areas.iter().map(|title| title.area).collect();
    assert_eq!(areas.len(), 8);
    let knock_outs: Vec<&str> =
        standard.controls.iter().filter(|c| c.knock_out).map(|c| c.id.as_str()).collect();
    assert_eq!(knock_outs, ["TRD-IMP", "TRD-EXP"]);
    assert_eq!(standard.questions().filter(|(_, q)| q.statistic.is_some()).count(), 6);
    assert!(standard.questions().all(|(_, question)| !question.methods.is_empty()));
    let elements: BTreeSet<u8> = standard.questions().map(|(_, q)| q.element).collect();
    assert_eq!(elements, (1..=8).collect());
}

#[test]
fn what_is_imported_is_exported_as_it_was_with_all_it_does_not_know() {
    let with_more = changed(|catalogue| {
        catalogue["catalog"]["x-members"] = json!({"of": ["another", null, 1.5, "tool"]});
        catalogue["catalog"]["groups"][0]["controls"][0]["parts"][0]["x"] = json!(true);
        catalogue["catalog"]["groups"][1]["links"] = json!([{"href": "#somewhere"}]);
    });
    for input in [SAMPLE, &with_more, PARAMETERS] {
        let catalogue = Catalogue::import(input).unwrap();
        assert_eq!(*catalogue.export(), value(input));
        // Through the document that the command line prints, too.
        let document = bytes(&catalogue.to_document());
        assert_eq!(Catalogue::of_document(&document).unwrap(), value(input));
    }
}

#[test]
fn a_standard_without_a_catalogue_gets_one_that_says_the_same() {
    let written = write_catalogue(&sample());
    assert_eq!(written["catalog"]["groups"], value(SAMPLE)["catalog"]["groups"]);
    let again = Catalogue::import(&bytes(&written)).unwrap();
    assert_eq!(*again.standard(), sample());
    let mut plain = again.to_document();
    plain.as_object_mut().unwrap().remove("oscal");
    assert_eq!(Catalogue::of_document(&bytes(&plain)).unwrap(), written);
}

#[test]
fn a_document_that_says_two_things_is_refused() {
    let mut document = Catalogue::import(SAMPLE).unwrap().to_document();
    document["controls"][0]["questions"][0]["text"] = json!("Reworded?");
    let refusal = Catalogue::of_document(&bytes(&document)).unwrap_err();
    assert_eq!((refusal.code, refusal.pointer.as_str()), ("catalogue-differs", "/oscal"));
}

#[test]
fn bad_catalogues_are_refused_by_name_and_place() {
    let check = |bytes: &[u8], code: &str, at: &str| {
        assert_eq!(import_code(bytes), (code, at.to_owned()), "{code}");
    };
    check(b"{", "json-invalid", "");
    check(b"{\"catalog\":{},\"catalog\":{}}", "json-duplicate-key", "");
    check("{\"catalog\":".repeat(200).as_bytes(), "limit-depth", "");
    check(b"{\"profile\":{}}", "wrong-type", "/catalog");
    check(&vec![b' '; (16 << 20) + 1], "limit-size", "");
    let control = "/catalog/groups/0/controls/0";
    check(
        &edit("/catalog/metadata/oscal-version", json!("2.0.0")),
        "oscal-unsupported",
        "/catalog/metadata/oscal-version",
    );
    check(
        &edit("/catalog/metadata/document-ids", json!([])),
        "field-invalid",
        "/catalog/metadata/document-ids",
    );
    check(&edit("/catalog/groups", json!({})), "field-invalid", "/catalog/groups");
    check(&edit("/catalog/groups/0/controls/0", json!(7)), "field-invalid", control);
}

#[test]
fn bad_areas_elements_and_questions_are_refused_by_name_and_place() {
    let check = |bytes: &[u8], code: &str, at: &str| {
        assert_eq!(import_code(bytes), (code, at.to_owned()), "{code}");
    };
    let control = "/catalog/groups/0/controls/0";
    let area = "/catalog/groups/0/controls/0/props/1/value";
    check(&edit(area, json!("XYZ")), "catalogue-bad-area", area);
    check(&edit(area, json!("ORG")), "catalogue-bad-area", "/catalog/groups/0/controls/0/props");
    check(
        &edit("/catalog/groups/1/id", json!("LEG")),
        "catalogue-bad-area",
        "/catalog/groups/1/id",
    );
    let element = "/catalog/groups/0/controls/0/parts/1/props/0/value";
    check(&edit(element, json!("one")), "catalogue-bad-element", element);
    check(
        &edit(element, json!("9")),
        "catalogue-bad-element",
        "/catalog/groups/0/controls/0/parts/1",
    );
    check(
        &edit("/catalog/groups/0/controls/0/parts/5/id", json!("LEG-1-01_m1")),
        "catalogue-duplicate-id",
        "/catalog/groups/0/controls/0/parts/2",
    );
    check(&edit("/catalog/groups/0/controls/0/id", json!("no id")), "field-invalid", control);
    let question = "/catalog/groups/0/controls/0/parts/4/props/1/value";
    check(&edit(question, json!("LEG-9")), "catalogue-unknown-question", question);
    let from = "/catalog/metadata/props/0/value";
    check(&edit(from, json!("2030-02-30")), "bad-date", from);
    check(&edit(from, json!("2034-01-01")), "catalogue-bad-dates", "/catalog");
    let twice = changed(|catalogue| {
        let props = catalogue.pointer_mut("/catalog/groups/0/controls/0/props").unwrap();
        let props = props.as_array_mut().unwrap();
        props.extend(props.last().cloned());
    });
    check(&twice, "field-invalid", "/catalog/groups/0/controls/0/props/2");
    let statistic = changed(|catalogue| {
        for group in catalogue["catalog"]["groups"].as_array_mut().unwrap() {
            for control in group["controls"].as_array_mut().unwrap() {
                for part in control["parts"].as_array_mut().unwrap() {
                    let props = part["props"].as_array_mut().into_iter().flatten();
                    for prop in props.filter(|prop| prop["name"] == "statistic-value") {
                        prop["value"] = json!("many");
                    }
                }
            }
        }
    });
    assert_eq!(import_code(&statistic).0, "catalogue-bad-statistic");
}

fn ids(catalogue: &Value) -> Vec<String> {
    let catalogue = Catalogue::import(&bytes(catalogue)).unwrap();
    catalogue.standard().controls.iter().map(|control| control.id.clone()).collect()
}

#[test]
fn a_baseline_resolves_into_what_it_takes_and_changes() {
    let resolved = resolve(BASELINE, &sources()).unwrap();
    assert_eq!(ids(&resolved), ["LEG-1", "LEG-3", "INC-1", "INC-2", "TRD-IMP", "TRD-EXP", "TRD-1"]);
    let groups = resolved["catalog"]["groups"].as_array().unwrap();
    let groups: Vec<&str> = groups.iter().map(|group| group["id"].as_str().unwrap()).collect();
    assert_eq!(groups, ["LEG", "INC", "TRD"]);
    let parts = resolved["catalog"]["groups"][0]["controls"][0]["parts"].as_array().unwrap();
    let parts: Vec<&str> = parts.iter().map(|part| part["id"].as_str().unwrap()).collect();
    let want = ["LEG-1_smt", "LEG-1_gdn", "LEG-1-01", "LEG-1-02", "LEG-1-01_m1", "LEG-1-02_m1"];
    assert_eq!(parts, want);
    assert_eq!(resolved, resolve(BASELINE, &sources()).unwrap());
}

#[test]
fn a_baseline_of_a_baseline_sets_parameters() {
    let resolved = resolve(SECOND, &sources()).unwrap();
    assert_eq!(ids(&resolved), ["TRD-IMP", "TRD-EXP", "TRD-1", "LIC-9", "LIC-9.1"]);
    assert!(resolved["catalog"].get("groups").is_none());
    let changed = resolved.pointer("/catalog/controls/3").unwrap();
    assert_eq!(changed["params"][0]["values"], json!(["14"]));
    assert_eq!(changed["params"][1]["values"], json!(["suspended"]));
    assert!(changed["params"][1].get("select").is_none(), "values and a choice exclude each other");
    assert_eq!(changed["props"][0]["name"], "sort-id");
}

/// Resolves the first baseline with one change.
fn resolve_changed(change: impl FnOnce(&mut Value)) -> (&'static str, String) {
    let mut baseline = value(BASELINE);
    change(baseline.get_mut("profile").unwrap());
    let refusal = resolve(&bytes(&baseline), &sources()).unwrap_err();
    (refusal.code, refusal.pointer)
}

#[test]
fn bad_baselines_are_refused_by_name_and_place() {
    let check = |change: &dyn Fn(&mut Value), code: &str, at: &str| {
        assert_eq!(resolve_changed(change), (code, at.to_owned()), "{code}");
    };
    let missing = ("oscal-source-missing", "/profile/imports/0/href");
    check(&|p| p["imports"][0]["href"] = json!("gone.json"), missing.0, missing.1);
    check(&|p| p["imports"][0]["href"] = json!("#gone"), missing.0, "/profile/imports");
    check(&|p| p["imports"] = json!([]), "field-invalid", "/profile/imports");
    check(
        &|p| p["imports"][0]["include-controls"][1]["with-ids"] = json!(["INC-99"]),
        "oscal-unknown-control",
        "/profile/imports/0/include-controls/1/with-ids",
    );
    check(
        &|p| p["imports"][0]["exclude-controls"][0]["with-ids"] = json!(["LEG-22"]),
        "oscal-unknown-control",
        "/profile/imports/0/exclude-controls/0/with-ids",
    );
    check(
        &|p| p["imports"][0]["include-all"] = json!({}),
        "field-invalid",
        "/profile/imports/0/include-controls",
    );
    check(
        &|p| {
            let imports = p["imports"].as_array_mut().unwrap();
            imports.extend(imports.first().cloned());
        },
        "oscal-duplicate-control",
        "/profile/imports/1",
    );
    check(
        &|p| {
            let import = p["imports"][0].clone();
            p["imports"] = json!(vec![import; 101]);
            p["merge"]["combine"] = json!({"method": "use-first"});
        },
        "limit-size",
        "/profile/imports/100",
    );
}

#[test]
fn bad_merges_and_changes_are_refused_by_name_and_place() {
    let check = |change: &dyn Fn(&mut Value), code: &str, at: &str| {
        assert_eq!(resolve_changed(change), (code, at.to_owned()), "{code}");
    };
    check(&|p| p["merge"] = json!({"custom": {}}), "oscal-unsupported", "/profile/merge/custom");
    check(
        &|p| p["merge"] = json!({"combine": {"method": "merge"}}),
        "oscal-unsupported",
        "/profile/merge/combine",
    );
    check(
        &|p| p["modify"]["set-parameters"] = json!([{"param-id": "none", "values": ["1"]}]),
        "oscal-unknown-parameter",
        "/profile/modify/set-parameters/0/param-id",
    );
    check(
        &|p| p["modify"]["alters"][0]["control-id"] = json!("LEG-2"),
        "oscal-unknown-control",
        "/profile/modify/alters/0/control-id",
    );
    let alter = "/profile/modify/alters/0";
    check(
        &|p| p["modify"]["alters"][0]["removes"][0] = json!({}),
        "field-invalid",
        &format!("{alter}/removes/0"),
    );
    check(
        &|p| p["modify"]["alters"][0]["adds"][0]["by-id"] = json!("LEG-2_smt"),
        "oscal-unknown-target",
        &format!("{alter}/adds/0/by-id"),
    );
    check(
        &|p| p["modify"]["alters"][0]["adds"][0] = json!({"position": "before", "parts": []}),
        "field-invalid",
        &format!("{alter}/adds/0/position"),
    );
    check(
        &|p| p["modify"]["alters"][0]["adds"][0]["controls"] = json!([]),
        "field-invalid",
        &format!("{alter}/adds/0/controls"),
    );
}

#[test]
fn baselines_that_import_one_another_end() {
    let profile = |href: &str| {
        let mut profile = value(BASELINE);
        profile["profile"]["imports"] = json!([{"href": href}]);
        bytes(&profile)
    };
    let around = Sources::from([
        ("a.json".to_owned(), profile("b.json")),
        ("b.json".to_owned(), profile("a.json")),
    ]);
    assert_eq!(resolve(&profile("a.json"), &around).unwrap_err().code, "oscal-cycle");
    let long =
        (0..20).map(|n| (format!("{n}.json"), profile(&format!("{}.json", n + 1)))).collect();
    assert_eq!(resolve(&profile("0.json"), &long).unwrap_err().code, "limit-depth");
    // A fan of imports would multiply with every step down.
    let fan = |href: &str| {
        let mut profile = value(BASELINE);
        profile["profile"]["imports"] = json!(vec![json!({"href": href}); 10]);
        profile["profile"]["merge"] = json!({"combine": {"method": "use-first"}});
        profile["profile"]["modify"] = json!({});
        bytes(&profile)
    };
    let mut fans = sources();
    for n in 0..6 {
        fans.insert(format!("{n}.json"), fan(&format!("{}.json", n + 1)));
    }
    fans.insert("6.json".to_owned(), fan("catalogue-parameters.json"));
    assert_eq!(resolve(&fan("0.json"), &fans).unwrap_err().code, "limit-size");
}

/// Replaces, removes or doubles something somewhere in a document.
fn mutate(at: &mut Value, steps: &[usize], change: usize) {
    if let [step, rest @ ..] = steps {
        match at {
            Value::Object(members) if !members.is_empty() => {
                let place = step % members.len();
                return mutate(members.values_mut().nth(place).unwrap(), rest, change);
            }
            Value::Array(items) if !items.is_empty() => {
                let place = step % items.len();
                return mutate(items.get_mut(place).unwrap(), rest, change);
            }
            Value::Array(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number(_)
            | Value::Object(_)
            | Value::String(_) => {}
        }
    }
    *at = match change {
        0 => Value::Null,
        1 => json!([]),
        2 => json!({}),
        3 => json!("LEG-1"),
        4 => json!(-1),
        5 => json!([at.clone(), at.clone()]),
        _ => json!({ "id": at.clone(), "name": "statement" }),
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_a_document_says_it_is_read_or_refused(
        steps in prop::collection::vec(0..40_usize, 1..9),
        more in prop::collection::vec(0..40_usize, 1..9),
        change in 0..7_usize,
        cut in 0..20_000_usize,
    ) {
        let mut catalogue = value(SAMPLE);
        mutate(&mut catalogue, &steps, change);
        if let Ok(imported) = Catalogue::import(&bytes(&catalogue)) {
            prop_assert_eq!(imported.export(), &catalogue);
            let again = Catalogue::import(&bytes(&write_catalogue(imported.standard())));
            prop_assert!(again.is_ok());
        }
        let mut baseline = value(BASELINE);
        mutate(&mut baseline, &more, change);
        let mut around = sources();
        around.insert("catalogue-sample.json".to_owned(), bytes(&catalogue));
        let _read_or_refused = resolve(&bytes(&baseline), &around);
        let cut = SAMPLE.get(..cut).unwrap();
        prop_assert_eq!(Catalogue::import(cut).unwrap_err().code, "json-invalid");
    }
}
