//! `comity trade` and `comity cert oscal` as people run them: answers, exit codes, dossiers, refusals.

#[path = "../../../../testdata/cert/hostile.rs"]
mod hostile;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use comity_ledger::attestation::Attestation;
use comity_ledger::key::SigningKey;
use serde_json::{Value, json};
use tempfile::TempDir;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/cert");

fn comity(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_comity")).args(words).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The words of a call over files in a folder.
fn words(case: &hostile::Hostile, folder: &Path) -> Vec<String> {
    let command = if case.is_import { "import" } else { "export" };
    let mut words = vec!["trade".to_owned(), command.to_owned()];
    for (role, text) in &case.files {
        let path = folder.join(format!("{role}.json"));
        fs::write(&path, text).unwrap();
        words.extend([format!("--{role}"), path.display().to_string()]);
    }
    words
}

fn call(words: &[String], more: &[&str]) -> Output {
    let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
    comity(&words)
}

fn case(id: &str) -> hostile::Hostile {
    hostile::all().into_iter().find(|case| case.id == id).unwrap()
}

#[test]
fn every_hostile_input_has_its_code_or_outcome_and_exit() {
    let folder = TempDir::new().unwrap();
    for case in hostile::all() {
        let words = words(&case, folder.path());
        let answered = call(&words, &["--json"]);
        let shown = document(&answered);
        let plain = call(&words, &[]);
        if case.is_refused() {
            assert_eq!(shown["refusals"][0]["code"], case.answer.as_str(), "{}", case.id);
            let stderr = String::from_utf8(plain.stderr).unwrap();
            assert!(stderr.contains(&case.answer), "{}: {stderr}", case.id);
            assert!(plain.stdout.is_empty(), "{}", case.id);
            assert_eq!((answered.status.code(), plain.status.code()), (Some(2), Some(2)));
        } else {
            assert_eq!(shown["outcome"], case.answer.as_str(), "{}", case.id);
            assert!(said(&plain).starts_with(&format!("{}: ", case.answer)), "{}", case.id);
            assert_eq!((answered.status.code(), plain.status.code()), (Some(0), Some(0)));
        }
    }
}

#[test]
fn a_person_reads_the_outcome_the_path_the_gaps_and_what_would_change_it() {
    let folder = TempDir::new().unwrap();
    let page = said(&call(&words(&case("bom-cycle"), folder.path()), &[]));
    for expected in [
        "PROHIBIT: good G-1 may not be put on the market on 2031-03-01.",
        "BAD      base-7b  model, core, 100% of the value",
        "by good → app → triage-model → base-7b",
        "NOT_CERTIFIED: developer urn:comity:jur:g8m4sn is NOT_CERTIFIED on 2031-03-01",
        "EVIDENCE_LOW: developer: evidence of level 0, level 1 is asked for",
        "What would change it:\n  replace base-7b\n",
        "urn:comity:jur:k4t9m2 on 2031-03-01: CERTIFIED → ok",
        "decision support; no legal effect by itself.",
    ] {
        assert!(page.contains(expected), "{expected}\n---\n{page}");
    }
    let page = said(&call(&words(&case("request-score-decides-nothing"), folder.path()), &[]));
    for expected in [
        "REFER: request X-1 needs a decision by an official",
        "REFER             PARTY_CANDIDATE org-1",
    ] {
        assert!(page.contains(expected), "{expected}\n---\n{page}");
    }
}

#[test]
fn a_dossier_replays_offline_and_shows_what_was_changed() {
    let folder = TempDir::new().unwrap();
    let case = case("bom-cycle");
    let dossier = folder.path().join("dossier");
    let place = dossier.to_str().unwrap();
    let words = words(&case, folder.path());
    assert_eq!(call(&words, &["--dossier", place]).status.code(), Some(0));
    for (role, text) in &case.files {
        assert_eq!(fs::read_to_string(dossier.join(format!("{role}.json"))).unwrap(), *text);
    }
    let again = call(&words, &["--dossier", place, "--json"]);
    assert_eq!(document(&again)["refusals"][0]["code"], "dossier-exists");
    let replayed = comity(&["trade", "replay", place, "--json"]);
    assert_eq!(
        (replayed.status.code(), document(&replayed)["same"].clone()),
        (Some(0), json!(true))
    );
    assert!(said(&comity(&["trade", "replay", place])).starts_with("same\t"));
    let decision = dossier.join("decision.json");
    let whole = fs::read_to_string(&decision).unwrap();
    fs::write(&decision, whole.replace("PROHIBIT", "PERMIT")).unwrap();
    let forged = comity(&["trade", "replay", place]);
    assert_eq!(forged.status.code(), Some(1));
    assert!(said(&forged).starts_with("different\t"));
    fs::write(&decision, whole).unwrap();
    fs::remove_file(dossier.join("bom.json")).unwrap();
    let missing = comity(&["trade", "replay", place, "--json"]);
    assert_eq!(document(&missing)["refusals"][0]["code"], "replay-input-missing");
}

#[test]
fn a_refused_decision_leaves_no_dossier() {
    let folder = TempDir::new().unwrap();
    let dossier = folder.path().join("dossier");
    let words = words(&case("bom-truncated"), folder.path());
    assert_eq!(call(&words, &["--dossier", dossier.to_str().unwrap()]).status.code(), Some(2));
    assert!(!dossier.exists());
    let left: Vec<PathBuf> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_hubs_signature_holds_for_its_own_decision_and_key_alone() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let decide = |id: &str| {
        let dossier = file(id);
        call(&words(&case(id), folder.path()), &["--dossier", &dossier, "--json"]).stdout
    };
    let decision: Value = serde_json::from_slice(&decide("bom-cycle")).unwrap();
    decide("bom-edge-to-nothing");
    let text = |pointer: &str| decision.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let roles = ["bom", "good", "register", "rules"];
    let key = SigningKey::from_bytes(&[7; 32]);
    let attestation = Attestation {
        hub: "nv".parse().unwrap(),
        at: 1_930_000_000_000,
        decision: text("/type"),
        inputs: roles.map(|role| (role.to_owned(), text(&format!("/receipt/{role}")))).into(),
        result: text("/receipt/result"),
        engine: text("/receipt/engine"),
    };
    let envelope = attestation.sign(&key).unwrap();
    let signed = file("envelope.json");
    fs::write(&signed, envelope.as_bytes()).unwrap();
    let replay = |dossier: &str, key: &str| {
        let dossier = file(dossier);
        comity(&["trade", "replay", &dossier, "--signed", &signed, "--key", key, "--json"])
    };
    let ours = key.verifying_key().to_string();
    let theirs = SigningKey::from_bytes(&[8; 32]).verifying_key().to_string();
    for (dossier, key, holds) in [
        ("bom-cycle", &ours, true),
        ("bom-cycle", &theirs, false),
        ("bom-edge-to-nothing", &ours, false),
    ] {
        let replayed = replay(dossier, key);
        let shown = document(&replayed);
        assert_eq!((&shown["same"], &shown["signed"]["holds"]), (&json!(true), &json!(holds)));
        assert_eq!(replayed.status.code(), Some(i32::from(!holds)));
    }
    fs::write(
        &signed,
        String::from_utf8_lossy(envelope.as_bytes()).replacen("\"sig\":\"", "\"sig\":\"A", 1),
    )
    .unwrap();
    let refused = replay("bom-cycle", &ours);
    assert_eq!(document(&refused)["refusals"][0]["code"], "envelope-malformed");
}

#[test]
fn a_screening_list_makes_candidates_and_decides_nothing() {
    let folder = TempDir::new().unwrap();
    let mut case = case("request-score-decides-nothing");
    let mut request: Value = serde_json::from_str(case.file("request")).unwrap();
    request["screening"] = json!([]);
    request["end_user"]["name"] = json!("Halden Compute Work");
    request["parties"] = json!([{"id": "carrier", "name": "Blue Heron Haulage"}]);
    case.files[0].1 = request.to_string();
    let list = format!("{DATA}/screening-sample.json");
    let words = words(&case, folder.path());
    assert_eq!(document(&call(&words, &["--json"]))["outcome"], "NO_LICENCE");
    let file = folder.path().join("request.json");
    let screen = ["trade", "screen", "--request", file.to_str().unwrap(), "--screening", &list];
    let screened = document(&comity(&screen));
    let found = screened["screening"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["party"], &found[0]["state"]), (&json!("org-1"), &json!("candidate")));
    assert!(found[0]["score"].as_u64().unwrap() < 100);
    let dossier = folder.path().join("dossier");
    let place = dossier.to_str().unwrap();
    let decided = call(&words, &["--screening", &list, "--dossier", place, "--json"]);
    assert_eq!(document(&decided)["outcome"], "REFER");
    assert_eq!(comity(&["trade", "replay", place]).status.code(), Some(0));
    // What a person decided before is not asked again.
    let mut cleared = screened;
    cleared["screening"][0]["state"] = json!("cleared");
    fs::write(&file, cleared.to_string()).unwrap();
    assert_eq!(document(&comity(&screen))["screening"], cleared["screening"]);
    assert_eq!(document(&call(&words, &["--json"]))["outcome"], "NO_LICENCE");
}

#[test]
fn a_list_out_of_its_days_is_refused() {
    let folder = TempDir::new().unwrap();
    let case = case("request-score-decides-nothing");
    words(&case, folder.path());
    let request = folder.path().join("request.json");
    let sample = fs::read_to_string(format!("{DATA}/screening-sample.json")).unwrap();
    let list = folder.path().join("list.json");
    for (from, to, code) in [
        ("2031-03-31", "2031-02-28", "screening-list-dates"),
        ("2031-02-01", "2031-03-02", "screening-list-dates"),
        ("2031-03-31", "2030-01-01", "screening-list-dates"),
        ("2031-03-31", "2031-02-30", "bad-date"),
        ("screening-list/1", "screening-list/2", "wrong-type"),
        ("\"min_score\": 80", "\"min_score\": 0", "field-invalid"),
    ] {
        fs::write(&list, sample.replacen(from, to, 1)).unwrap();
        let (request, list) = (request.to_str().unwrap(), list.to_str().unwrap());
        let refused =
            comity(&["trade", "screen", "--request", request, "--screening", list, "--json"]);
        assert_eq!(document(&refused)["refusals"][0]["code"], code, "{to}");
        assert_eq!(refused.status.code(), Some(2));
    }
}

#[test]
fn oscal_goes_in_and_out_and_baselines_resolve() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| format!("{DATA}/{name}.json");
    let catalogue = file("catalogue-sample");
    let imported = comity(&["cert", "oscal", "import", "--catalogue", &catalogue, "--json"]);
    assert_eq!(document(&imported)["id"], "iaio-std-1@2030-01");
    let standard = folder.path().join("standard.json");
    fs::write(&standard, &imported.stdout).unwrap();
    let standard = standard.to_str().unwrap();
    let exported = comity(&["cert", "oscal", "export", "--standard", standard, "--json"]);
    let original: Value = serde_json::from_slice(&fs::read(&catalogue).unwrap()).unwrap();
    assert_eq!(document(&exported), original);
    let (first, second) = (file("baseline-sample"), file("baseline-second"));
    let parameters = file("catalogue-parameters");
    let renamed = format!("catalogue-sample.json={catalogue}");
    let resolve = |sources: &[&str]| {
        let mut words = vec!["cert", "oscal", "resolve", "--baseline", &second, "--json"];
        for source in sources {
            words.extend(["--source", source]);
        }
        comity(&words)
    };
    let resolved = resolve(&[&first, &renamed, &parameters]);
    assert_eq!(resolved.status.code(), Some(0));
    assert_eq!(document(&resolved)["catalog"]["controls"].as_array().unwrap().len(), 5);
    for (sources, code) in [
        (vec![first.as_str(), &parameters], "oscal-source-missing"),
        (vec![first.as_str(), &first], "oscal-source-twice"),
    ] {
        let refused = resolve(&sources);
        assert_eq!(document(&refused)["refusals"][0]["code"], code);
        assert_eq!(refused.status.code(), Some(2));
    }
}
