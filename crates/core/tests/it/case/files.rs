//! What files may hold: sets of entries, refusals, public cases.

use comity_core::case::read::{EntrySet, ReplayFile};
use comity_core::case::view::View;
use serde_json::{Value, json};

const OURS: &[u8] = include_bytes!("../../../../../testdata/case/public-case.json");

fn entry(id: &str) -> Value {
    json!({"id": id, "case": "c-1", "author": "a", "seq": 0, "prev": null, "seen": [], "at": 5,
        "kind": "note", "party": "p", "body": {}})
}

fn lines(entries: &[Value]) -> Vec<u8> {
    entries.iter().flat_map(|entry| format!("{entry}\n").into_bytes()).collect()
}

fn refusals(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let refusals = EntrySet::read_lines(bytes).unwrap_err();
    refusals.into_iter().map(|refusal| (refusal.code, refusal.pointer)).collect()
}

#[test]
fn a_malformed_line_is_refused_with_its_number() {
    let check = |change: fn(&mut Value)| {
        let mut changed = entry("e2");
        change(&mut changed);
        let found = refusals(&lines(&[entry("e1"), changed.clone()]));
        assert_eq!(found, [("entry-malformed", "/1".to_owned())], "{changed}");
    };
    check(|entry| entry["case"] = json!("C 1"));
    check(|entry| entry["author"] = json!(""));
    check(|entry| entry["seq"] = json!(-1));
    check(|entry| entry["seq"] = json!("0"));
    check(|entry| entry["prev"] = json!(""));
    check(|entry| entry["seen"] = json!(["x".repeat(65)]));
    check(|entry| entry["seen"] = json!(vec!["x"; 257]));
    check(|entry| entry["at"] = json!(-1));
    check(|entry| entry["at"] = json!(1u64 << 53));
    check(|entry| entry["at"] = json!(1.5));
    check(|entry| entry["kind"] = json!(7));
    check(|entry| entry["area"] = json!(null));
    check(|entry| entry["party"] = json!("P"));
    check(|entry| entry["body"] = json!([]));
    check(|entry| entry["id"] = json!(""));
    check(|entry| entry["sean"] = json!([]));
    check(|entry| _ = entry.as_object_mut().unwrap().remove("prev"));
    check(|entry| *entry = json!([]));
    assert_eq!(refusals(b"{\"a\":1,\"a\":1}\n"), [("entry-malformed", "/0".to_owned())]);
    assert_eq!(refusals(b"\xff"), [("entry-malformed", "/0".to_owned())]);
}

#[test]
fn a_number_out_of_range_in_a_body_makes_that_entry_void_and_no_other() {
    for ends in ["9007199254740992", "1.5", "1.0", "1e400"] {
        let open = entry("e1").to_string().replace("\"note\"", "\"case.open\"").replace(
            "\"body\":{}",
            "\"body\":{\"parties\":[{\"org\":\"P\",\"party\":\"p\",\"roles\":[\"coordinator\"]}]}",
        );
        let body = format!("\"body\":{{\"ends\":{ends}}}");
        let propose = entry("e2").to_string().replace("\"note\"", "\"embargo.propose\"");
        let propose = propose
            .replace("\"body\":{}", &body)
            .replace("\"seq\":0", "\"seq\":1")
            .replace("\"prev\":null", "\"prev\":\"e1\"")
            .replace("\"seen\":[]", "\"seen\":[\"e1\"]");
        let read = EntrySet::read_lines(format!("{open}\n{propose}\n").as_bytes());
        if ends == "1e400" {
            assert!(read.is_err(), "no JSON number that anyone can hold");
            continue;
        }
        let view = serde_json::to_value(read.unwrap().fold().view(5)).unwrap();
        assert_eq!(view["void"].as_array().unwrap().len(), 1, "{ends} {view}");
        assert_eq!(view["void"][0]["code"], "bad-body", "{ends}");
    }
}

#[test]
fn a_set_is_of_one_case_and_has_each_id_once() {
    assert_eq!(refusals(b""), [("no-entries", String::new())]);
    assert_eq!(refusals(b"\n \n"), [("no-entries", String::new())]);
    let mut other = entry("e2");
    other["case"] = json!("c-2");
    assert_eq!(refusals(&lines(&[entry("e1"), other])), [("mixed-cases", "/1".to_owned())]);
    let mut conflict = entry("e1");
    conflict["at"] = json!(6);
    let all = [entry("e1"), entry("e1"), conflict];
    assert_eq!(refusals(&lines(&all)), [("entry-id-conflict", "/2".to_owned())]);
    let mut signed = entry("e1");
    signed["sig"] = json!("s");
    let set = EntrySet::read_lines(&lines(&[entry("e1"), signed])).unwrap();
    assert_eq!(set.entries().len(), 1);
}

#[test]
fn an_entry_without_id_is_named_by_its_hash() {
    let mut bare = entry("x");
    bare.as_object_mut().unwrap().remove("id");
    let set = EntrySet::read_lines(&lines(&[bare])).unwrap();
    // printf of the canonical form | sha256sum
    let form = r#"{"at":5,"author":"a","body":{},"case":"c-1","kind":"note","party":"p","prev":null,"seen":[],"seq":0}"#;
    let digest = <sha2::Sha256 as sha2::Digest>::digest(form);
    let hex = data_encoding::HEXLOWER.encode(&digest);
    assert_eq!(set.entries()[0].id.as_str(), hex);
}

#[test]
fn a_case_without_opening_has_a_view_of_nothing() {
    let view = EntrySet::read_lines(&lines(&[entry("e1")])).unwrap().fold().view(7);
    let view = serde_json::to_value(&view).unwrap();
    assert_eq!(view["status"], "none");
    assert_eq!(view["lead"], Value::Null);
    assert_eq!((&view["em"], &view["pxa"]), (&json!("N"), &json!("pxa")));
    assert_eq!(view["void"], json!([{"entry": "e1", "kind": "note", "code": "no-case"}]));
    let unknown = {
        let mut dance = entry("e1");
        dance["kind"] = json!("case.dance");
        EntrySet::read_lines(&lines(&[dance])).unwrap().fold().view(7)
    };
    assert_eq!(unknown.void[0].code.code(), "unknown-kind");
}

fn replay(bytes: &[u8], case: Option<&str>) -> Result<Value, Vec<String>> {
    let codes = |refusals: Vec<comity_core::refusal::Refusal>| -> Vec<String> {
        refusals.iter().map(|refusal| format!("{}{}", refusal.code, refusal.pointer)).collect()
    };
    let (case, replay) =
        ReplayFile::read(bytes, case).and_then(|file| file.fold()).map_err(codes)?;
    let view: View = case.view(case.greatest_at());
    let mut view = serde_json::to_value(view).unwrap();
    view["replay"] = serde_json::to_value(replay).unwrap();
    Ok(view)
}

#[test]
fn a_public_case_becomes_entries_by_the_nine_rules() {
    let view = replay(OURS, None).unwrap();
    assert_eq!(view["case"], "c-kestrel-cache");
    let skipped: Vec<(String, &str)> = view["replay"]["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skip| {
            let what = skip.get("event").or(skip.get("vendor")).unwrap();
            (what.to_string(), skip["reason"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        skipped,
        [
            ("0".to_owned(), "no-effect"),
            ("2".to_owned(), "repeated"),
            ("3".to_owned(), "no-party-match"),
            ("7".to_owned(), "repeated"),
            ("9".to_owned(), "no-date"),
            ("11".to_owned(), "after-reopen"),
            ("\"v3\"".to_owned(), "no-contact"),
        ]
    );
    // The year's attacks begin with it: nothing was public then, but no embargo could start after.
    assert_eq!(view["em_log"], "");
    assert_eq!(view["pxa"], "PxA");
    assert_eq!(view["links"], json!([{"case": "c-kestrel-cache-2", "relation": "reopened_by"}]));
    let acme = view["parties"].as_array().unwrap().iter().find(|p| p["party"] == "v1").unwrap();
    assert_eq!(
        (&acme["vfd"], &acme["round"], &acme["status"]),
        (&json!("VFD"), &json!(2), &json!("affected"))
    );
    assert_eq!(view["void"], json!([]));
}

#[test]
fn a_file_says_which_case_it_means() {
    let check = |file: Value, case: Option<&str>, code: &str| {
        let found = replay(file.to_string().as_bytes(), case).unwrap_err();
        assert_eq!(found, [code], "{file}");
    };
    check(json!([]), None, "entry-malformed");
    check(json!({}), None, "entry-malformed/id");
    check(json!({"id": "x", "events": {}}), None, "entry-malformed/events");
    check(json!({"id": "x", "events": [{"type": "fix"}]}), None, "nothing-to-replay");
    check(json!({"cases": [{"id": "x"}]}), None, "case-required");
    check(json!({"cases": [{"id": "x"}]}), Some("y"), "no-such-case");
    check(json!({"cases": [{"id": "x"}]}), Some("x"), "nothing-to-replay");
    check(json!({"entries": []}), None, "no-entries/entries");
    check(json!({"entries": [1]}), None, "entry-malformed/entries/0");
    let view = replay(json!({"entries": [entry("e1")]}).to_string().as_bytes(), None).unwrap();
    assert_eq!(view["replay"], Value::Null);
}

#[test]
fn every_public_case_replays_as_expected() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let Ok(cases) = std::fs::read(format!("{folder}/cases.json")) else {
        println!("skipped: {folder}/cases.json is absent");
        return;
    };
    let file: Value = serde_json::from_slice(&cases).unwrap();
    let mut views = std::collections::BTreeMap::new();
    for item in file["cases"].as_array().unwrap() {
        let id = item["id"].as_str().unwrap();
        let view = replay(&cases, Some(id)).unwrap();
        assert_eq!(view["pending"], json!([]), "{id}");
        views.insert(id.to_owned(), view);
    }
    assert_eq!(views.len(), 26);
    for expected in super::support::machines()["replay"]["expect"].as_array().unwrap() {
        let id = expected["case"].as_str().unwrap();
        let view = &views[id];
        assert_eq!(view["replay"]["case"], id);
        assert_eq!(view["order"].as_array().unwrap().len(), expected["entries"], "{id}");
        for member in ["em", "em_log", "pxa"] {
            assert_eq!(view[member], expected[member], "{id} {member}");
        }
        let list = |value: &Value| value.as_array().unwrap().clone();
        let void: Vec<Value> =
            list(&view["void"]).iter().map(|void| json!([void["entry"], void["code"]])).collect();
        assert_eq!(json!(void), expected["void"], "{id}");
        let vendors: Vec<Value> = list(&view["parties"])
            .iter()
            .filter(|party| !party["vfd"].is_null())
            .map(|party| json!([party["party"], party["rm"], party["vfd"], party["status"]]))
            .collect();
        assert_eq!(json!(vendors), expected["vendors"], "{id}");
        let skipped: Vec<Value> = list(&view["replay"]["skipped"])
            .iter()
            .map(|skip| json!([skip.get("event").or(skip.get("vendor")), skip["reason"]]))
            .collect();
        assert_eq!(json!(skipped), expected["skipped"], "{id}");
        for ordering in list(&view["metrics"]["orderings"]) {
            let counts = &expected["met_unmet_open"][ordering["d"].as_str().unwrap()];
            let found = json!([ordering["met"], ordering["unmet"], ordering["open"]]);
            assert!(counts.is_null() || *counts == found, "{id} {ordering}");
        }
    }
}
