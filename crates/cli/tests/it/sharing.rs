//! `comity screen`, `screen replay` and `share preview` as people run them, on the files of the vectors.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn comity(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_comity")).current_dir(folder).args(arguments).output().unwrap()
}

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/sharing/vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn vector(id: &str) -> Value {
    let all = vectors();
    let list = all["vectors"].as_array().unwrap();
    list.iter().find(|vector| vector["id"] == id).unwrap().clone()
}

fn put(folder: &Path, name: &str, value: &Value) {
    std::fs::write(folder.join(name), serde_json::to_vec(value).unwrap()).unwrap();
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_screen_answers_with_its_code_and_the_same_bytes_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let vector = vector("S01");
    put(folder.path(), "exchange.json", &vector["exchange"]);
    let first = comity(folder.path(), &["screen", "exchange.json", "--json"]);
    assert_eq!(first.status.code(), Some(1), "screened, and not allowed as asked");
    assert_eq!(json_of(&first), vector["expect"]);
    let again = comity(folder.path(), &["screen", "exchange.json", "--json"]);
    assert_eq!(first.stdout, again.stdout);
    let mut bad = vector["exchange"].clone();
    bad["answers"]["A1"] = json!("<script>");
    put(folder.path(), "bad.json", &bad);
    let refused = comity(folder.path(), &["screen", "bad.json", "--json"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(json_of(&refused)["refusals"][0]["pointer"], "/answers/A1");
}

#[test]
fn a_record_replays_and_a_changed_one_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let vector = vector("S01");
    let mut record = json!({
        "schema": "comity.screen-record/1", "exchange": vector["exchange"],
        "result": vector["expect"], "approvals": [], "asker": "ada",
        "decided_at": "2027-01-15T09:00:00Z", "supersedes": null,
    });
    put(folder.path(), "record.json", &record);
    let same = comity(folder.path(), &["screen", "replay", "record.json"]);
    assert_eq!(same.status.code(), Some(0), "{same:?}");
    assert!(String::from_utf8_lossy(&same.stdout).starts_with("identical"));
    record["result"]["outcome"] = json!("allow");
    put(folder.path(), "record.json", &record);
    let other = comity(folder.path(), &["screen", "replay", "record.json"]);
    assert_eq!(other.status.code(), Some(1), "{other:?}");
    // An export whose record is not the one its leaf names.
    let export = json!({
        "schema": "comity.screen-export/1", "case": "nv-2027-00007", "leaf": "0".repeat(64),
        "salt": "07".repeat(32), "record": record.to_string(),
        "statement": { "payload": "e30=", "payloadType": "application/vnd.comity.screen+json;v=1",
            "signatures": [{ "keyid": format!("ed25519:{}", "0".repeat(64)),
                "sig": data_encoding::BASE64.encode(&[0; 64]) }] },
    });
    put(folder.path(), "export.json", &export);
    let refused = comity(folder.path(), &["screen", "replay", "export.json", "--json"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert_eq!(json_of(&refused)["refusals"][0]["code"], "record-other");
    // Whoever asks for a signature gets no answer about a record that carries none.
    let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let bare = ["screen", "replay", "record.json", "--key", key, "--json"];
    let refused = comity(folder.path(), &bare);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert_eq!(json_of(&refused)["refusals"][0]["pointer"], "/statement");
    let wrong = comity(folder.path(), &["screen", "replay", "record.json", "--key", "abc"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_preview_shows_exact_bytes_and_their_hash() {
    let folder = tempfile::tempdir().unwrap();
    let all = vectors();
    let list = all["vectors"].as_array().unwrap();
    let vector = list.iter().find(|one| one["kind"] == "preview").unwrap();
    put(folder.path(), "case.json", &vector["case"]);
    put(folder.path(), "recipient.json", &vector["recipient"]);
    let arguments =
        ["share", "preview", "--case", "case.json", "--recipient", "recipient.json", "--json"];
    let shown = comity(folder.path(), &arguments);
    assert_eq!(shown.status.code(), Some(0), "{shown:?}");
    let shown = json_of(&shown);
    assert_eq!(shown, vector["expect"]);
    let bytes = serde_json_canonicalizer::to_vec(&shown["bundle"]).unwrap();
    assert_eq!(shown["bytes"], bytes.len());
    let missing = comity(
        folder.path(),
        &["share", "preview", "--case", "case.json", "--recipient", "none", "--json"],
    );
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn blind_answers_give_alpha_by_question_or_a_refusal_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let rater = |who: &str, level: u8| json!({ "organisation": who, "answers": { "A1": level } });
    let mut answers = json!({ "schema": "comity.blind-answers/1", "records": [
        { "leaf": "1".repeat(64), "raters": [rater("a", 4), rater("b", 4)] },
        { "leaf": "2".repeat(64), "raters": [rater("a", 0), rater("b", 1)] },
    ] });
    put(folder.path(), "answers.json", &answers);
    let found = comity(folder.path(), &["screen", "alpha", "answers.json", "--json"]);
    assert_eq!(found.status.code(), Some(0), "{found:?}");
    let found = json_of(&found);
    assert_eq!((&found["schema"], &found["records"]), (&json!("comity.reliability/1"), &json!(2)));
    assert_eq!(found["questions"][0]["question"], "A1");
    assert_eq!(found["questions"][0]["units"], 2);
    let text = comity(folder.path(), &["screen", "alpha", "answers.json"]);
    assert!(String::from_utf8_lossy(&text.stdout).starts_with("records\t2\nA1\t2\t0."), "{text:?}");
    answers["records"][1]["raters"][1] = rater("a", 3);
    put(folder.path(), "answers.json", &answers);
    let refused = comity(folder.path(), &["screen", "alpha", "answers.json", "--json"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let refusal = &json_of(&refused)["refusals"][0];
    assert_eq!(refusal["code"], "list-duplicate");
    assert_eq!(refusal["pointer"], "/records/1/raters/1/organisation");
}
