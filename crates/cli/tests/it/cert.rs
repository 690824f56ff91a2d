//! Certification from the command line: pages for people, editions signed and checked, dossiers offline.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use comity_core::access::{Action, Actor, Role, Scope};
use comity_server::app::setup;
use comity_server::clock::Clock;
use comity_server::demo;
use serde_json::{Value, json};
use tempfile::TempDir;

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cert").join(path)
}

fn comity(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_comity")).args(words).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn refusal(output: &Output) -> String {
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["refusals"][0]["code"].as_str().unwrap().to_owned()
}

#[test]
fn answers_are_pages_for_people_and_documents_for_programs() {
    let register = testdata("register-sample.json");
    let register = register.to_str().unwrap();
    let ask = [
        "cert",
        "status",
        "--register",
        register,
        "--jurisdiction",
        "urn:comity:jur:d5p6va",
        "--valid-at",
        "2031-03-01",
        "--known-at",
        "2031-06-29",
    ];
    let page = out(&comity(&ask));
    assert!(page.starts_with("urn:comity:jur:d5p6va is SUSPENDED on 2031-03-01"), "{page}");
    assert!(
        page.contains("trade status  CERTIFIED") && page.contains("trade until   2031-05-02"),
        "{page}"
    );
    let document: Value =
        serde_json::from_slice(&comity(&[&ask[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!(document["trade_status"], "CERTIFIED");
    let score = testdata("vectors/cert-score/s02-knock-out-beats-score/assessment.json");
    let profile = testdata("profiles/iaio-default.toml");
    let page = out(&comity(&[
        "cert",
        "score",
        "--assessment",
        score.to_str().unwrap(),
        "--profile",
        profile.to_str().unwrap(),
    ]));
    assert!(page.contains("effective implementation") && page.contains("NOT satisfied"), "{page}");
    assert!(!page.contains('{'), "{page}");
    let refused = comity(&[
        "cert",
        "status",
        "--register",
        register,
        "--jurisdiction",
        "Acme Ltd",
        "--valid-at",
        "2031-03-01",
        "--known-at",
        "2031-06-29",
        "--json",
    ]);
    assert_eq!((code(&refused), refusal(&refused).as_str()), (2, "unknown-jurisdiction"));
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_edition_is_built_signed_by_two_and_verified() {
    let folder = TempDir::new().unwrap();
    let previous = testdata("register-sample.json");
    let previous = previous.to_str().unwrap();
    let event = |who: &str, status: &str| {
        json!({"type": "comity.register-change/1", "events": [{"id": "ev-900",
        "jurisdiction": who, "status": status, "valid_from": "2031-07-01",
        "recorded_at": "2031-07-01T10:00:00Z", "reason": "CAP_OVERDUE",
        "decision": format!("sha256:{}", "0".repeat(64))}]})
    };
    let build = |change: &Value| {
        let change = write(&folder, "change.json", change.to_string().as_bytes());
        comity(&[
            "cert",
            "register",
            "build",
            "--previous",
            previous,
            "--change",
            &change,
            "--as-of",
            "2031-07-02T00:00:00Z",
            "--json",
        ])
    };
    assert_eq!(refusal(&build(&event("Example Models Ltd", "SUSPENDED"))), "not-a-jurisdiction");
    assert_eq!(
        refusal(&build(&event("urn:comity:jur:nowhere", "SUSPENDED"))),
        "register-unknown-jurisdiction"
    );
    // Ardenia is certified: nothing puts it under enhanced monitoring at once.
    assert_eq!(
        refusal(&build(&event("urn:comity:jur:k4t9m2", "ENHANCED_MONITORING"))),
        "transition-not-allowed"
    );
    let made = build(&event("urn:comity:jur:k4t9m2", "SUSPENDED"));
    assert_eq!(code(&made), 0, "{}", out(&made));
    let edition = made.stdout.clone();
    let register = write(&folder, "next.json", &edition);
    let mut signatures = Vec::new();
    let mut keys = Vec::new();
    for n in 1_u8..=3 {
        let key = comity_ledger::key::SigningKey::from_bytes(&[n; 32]);
        let public = data_encoding::BASE64.encode(&key.verifying_key().to_bytes());
        keys.push(json!({"id": format!("r{n}"), "key": public}));
        let secret = write(&folder, "key.hex", format!("{n:02x}").repeat(32).as_bytes());
        let printed = comity(&[
            "cert",
            "register",
            "sign",
            "--register",
            &register,
            "--key",
            &secret,
            "--registrar",
            &format!("r{n}"),
            "--json",
        ]);
        let signed: Value = serde_json::from_slice(&printed.stdout).unwrap();
        signatures.push(json!({"registrar": signed["registrar"], "sig": signed["sig"]}));
    }
    let roll = json!({"type": "comity.registrars/1", "threshold": 2, "registrars": keys});
    write(&folder, "next.registrars.json", roll.to_string().as_bytes());
    let hand_in = |signatures: &[Value]| {
        let signatures = json!({"type": "comity.register-signatures/1", "signatures": signatures});
        write(&folder, "next.signatures.json", signatures.to_string().as_bytes())
    };
    hand_in(&signatures[..2]);
    let verified = comity(&["verify", &register]);
    assert_eq!(code(&verified), 0, "{}", out(&verified));
    assert!(out(&verified).contains("signed by r1 r2"), "{}", out(&verified));
    let verified = comity(&["cert", "register", "verify", "--register", &register]);
    assert_eq!(code(&verified), 0, "{}", out(&verified));
    let key = |n: u8| {
        let key = comity_ledger::key::SigningKey::from_bytes(&[n; 32]);
        key.verifying_key().to_string()
    };
    assert_eq!(code(&comity(&["verify", "--key", &key(2), &register])), 0);
    assert_eq!(code(&comity(&["verify", "--key", &key(3), &register])), 1, "r3 did not sign");
    hand_in(&signatures[..1]);
    assert_eq!(code(&comity(&["verify", &register])), 1);
    hand_in(&signatures[1..]);
    let changed = String::from_utf8(edition).unwrap().replacen("SUSPENDED", "CERTIFIED", 1);
    write(&folder, "next.json", changed.as_bytes());
    let found = comity(&["verify", &register]);
    assert_eq!(code(&found), 1);
    assert!(out(&found).contains("register-unsigned"), "{}", out(&found));
    let found = comity(&["cert", "register", "verify", "--register", &register]);
    assert_eq!(code(&found), 1, "forged: {}", out(&found));
    let alone = write(&folder, "alone.json", changed.as_bytes());
    let found = comity(&["cert", "register", "verify", "--register", &alone]);
    assert_eq!(code(&found), 1, "unsigned: {}", out(&found));
    let key = write(&folder, "bad.hex", b"secret");
    let refused = comity(&[
        "cert",
        "register",
        "sign",
        "--register",
        &register,
        "--key",
        &key,
        "--registrar",
        "r1",
        "--json",
    ]);
    assert_eq!(refusal(&refused), "key-malformed");
}

#[test]
fn a_dossier_and_the_published_register_verify_offline() {
    let folder = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (dossier, register) = runtime.block_on(async {
        let data = folder.path().join("hub");
        std::fs::create_dir(&data).unwrap();
        let clock = Clock::at("2027-01-05T12:00:00Z".parse().unwrap());
        let hub = setup::create(&data, &demo::config(), clock).await.unwrap();
        demo::certify(&hub).await.unwrap();
        let auditor = Actor {
            account: "eve".into(),
            organisation: "audit".into(),
            roles: vec![Role::Auditor],
            scopes: Scope::ALL.to_vec(),
        };
        let by = auditor.authorise(Action::ReadCert).unwrap();
        let dossier = hub.dossier(by, "demo-dunmere-1").await.unwrap();
        let standard = "demo-standard-1";
        for (name, file) in [
            ("register.json", hub.register_file(standard).await.unwrap()),
            ("register.signatures.json", hub.register_signatures(standard).await.unwrap()),
            ("register.registrars.json", hub.registrars_file(standard).await.unwrap()),
        ] {
            write(&folder, name, &file.bytes);
        }
        hub.store().close().await;
        (write(&folder, "dossier.json", &dossier), folder.path().join("register.json"))
    });
    let verified = comity(&["verify", &dossier, register.to_str().unwrap()]);
    let page = out(&verified);
    assert_eq!(code(&verified), 0, "{page}");
    assert!(
        page.contains("assessment demo-dunmere-1") && page.contains("registrar-0 registrar-1"),
        "{page}"
    );
    let text = std::fs::read_to_string(&dossier).unwrap();
    let forged = text.replacen("Licensing office", "Licensing Office", 1);
    assert_ne!(text, forged);
    let forged = write(&folder, "forged.json", forged.as_bytes());
    let found = comity(&["verify", &forged, "--json"]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found["files"][0]["code"], "opening-wrong");
}
