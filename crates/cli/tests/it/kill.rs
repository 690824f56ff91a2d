//! A hub that is killed at any moment of intake and publication: what it acknowledged is there afterwards.
//!
//! `COMITY_KILLS=50` kills as often as the first issue asks; without it a few kills keep the tests quick.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use comity_ledger::envelope::Envelope;
use comity_ledger::export::Checker;
use comity_ledger::receipt::VerifiedReceipt;
use serde_json::{Value, json};
use tempfile::TempDir;

const KILLS: u32 = 8;
const WRITERS: usize = 4;

fn comity(data: &Path, words: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_comity"))
        .arg("--data")
        .arg(data)
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The program at work, and where it answers.
struct Served {
    child: Child,
    base: String,
}

impl Served {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_comity"))
            .arg("--data")
            .arg(data)
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let base = loop {
            let line = lines.next().expect("the hub ended before it answered").unwrap();
            if let Some((_, rest)) = line.split_once("answers at ") {
                break rest.split(' ').next().unwrap().to_owned();
            }
        };
        // Nobody may block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, base }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What the hub said it had done.
#[derive(Default)]
struct Acknowledged {
    reports: Mutex<Vec<(String, Value)>>,
    advisories: Mutex<Vec<String>>,
}

struct Hub {
    client: reqwest::Client,
    base: String,
    ada: String,
    bela: String,
}

impl Hub {
    /// Sends a request; nothing if the hub died on it.
    async fn send(&self, request: reqwest::RequestBuilder) -> Option<Value> {
        let response = request.timeout(Duration::from_secs(10)).send().await.ok()?;
        let status = response.status();
        let body: Value = response.json().await.ok()?;
        assert!(status.is_success(), "{status} {body}");
        Some(body)
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.ada)
    }

    fn post(&self, token: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        static KEYS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let key = KEYS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.client
            .post(format!("{}{path}", self.base))
            .bearer_auth(token)
            .header("idempotency-key", format!("k{key}"))
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    async fn file(&self, done: &Acknowledged) -> Option<String> {
        let report = json!({
            "schema": "comity.report/1", "id": "mine", "lexicon": "1.0.0", "kind": "vulnerability",
            "abstract": { "title": "Filed while the hub is killed" },
            "technical": { "description": "Words enough to be a report. ".repeat(40) },
        });
        let body = self.send(self.post(&self.ada, "/api/v1/reports", &report)).await?;
        let id = body["report"].as_str()?.to_owned();
        done.reports.lock().unwrap().push((id.clone(), body["receipt"].clone()));
        Some(id)
    }

    /// From a report to a published advisory.
    async fn publish(&self, done: &Acknowledged) -> Option<()> {
        let report = self.file(done).await?;
        let opened = self
            .send(self.post(&self.ada, "/api/v1/cases", &json!({ "reports": [report] })))
            .await?;
        let case = opened["case"].as_str()?.to_owned();
        let path = |what: &str| format!("/api/v1/cases/{case}/{what}");
        let text = include_str!("../../../../testdata/advisory/good/minimal.json");
        let content = serde_json::from_str::<Value>(text).unwrap()["content"].clone();
        let draft = self.post(&self.ada, &path("drafts"), &json!({ "content": content }));
        let draft = self.send(draft).await?;
        let steps = [
            (&self.bela, json!({ "action": "approve", "sha256": draft["sha256"] })),
            (&self.ada, json!({ "action": "publish" })),
        ];
        for (who, step) in steps {
            let ask = self.post(who, &path("releases"), &step);
            self.send(ask.header("if-match", format!("\"{}\"", opened["etag"].as_str()?))).await?;
        }
        done.advisories.lock().unwrap().push(case);
        Some(())
    }
}

fn prepared() -> (TempDir, PathBuf, [String; 2]) {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("hub");
    comity(
        &data,
        &[
            "init",
            "--hub",
            "nv",
            "--name",
            "Norvik",
            "--address",
            "127.0.0.1:0",
            "--base-url",
            "https://nv.example",
        ],
    );
    let file = data.join("config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let wide = text
        .lines()
        .map(|line| {
            if line.contains("_per_minute") {
                format!("{} = 1000000", line.split(' ').next().unwrap())
            } else {
                line.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\n");
    std::fs::write(&file, wide).unwrap();
    let tokens = ["ada", "bela"].map(|account| {
        comity(
            &data,
            &["admin", "account", "add", account, "--organisation", "nv", "--role", "coordinator"],
        );
        let made = comity(&data, &["admin", "token", account, "--json"]);
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        made["token"].as_str().unwrap().to_owned()
    });
    (folder, data, tokens)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how often to kill is asked of whoever runs the test"
)]
fn kills() -> u32 {
    std::env::var("COMITY_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

#[test]
fn a_killed_hub_has_everything_it_acknowledged() {
    let (folder, data, [ada, bela]) = prepared();
    let done = Arc::new(Acknowledged::default());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut checked = 0;
    for round in 0..=kills() {
        let served = Served::start(&data);
        let hub = Arc::new(Hub {
            client: reqwest::Client::new(),
            base: served.base.clone(),
            ada: ada.clone(),
            bela: bela.clone(),
        });
        let reports = done.reports.lock().unwrap().clone();
        let advisories = done.advisories.lock().unwrap().clone();
        let last = round == kills();
        runtime.block_on(async {
            for (id, receipt) in reports.iter().skip(if last { 0 } else { checked }) {
                let kept =
                    hub.send(hub.get(&format!("/api/v1/reports/{id}/receipt"))).await.unwrap();
                assert_eq!(kept, *receipt, "{id}");
                hub.send(hub.get(&format!("/api/v1/reports/{id}"))).await.unwrap();
                let envelope = Envelope::parse(receipt.to_string().as_bytes()).unwrap();
                VerifiedReceipt::open(&envelope).unwrap();
            }
            for id in &advisories {
                let read = hub.send(hub.get(&format!("/api/v1/advisories/{id}"))).await.unwrap();
                assert_eq!(read["version"], 1);
                if last {
                    verified(&hub, id).await;
                }
            }
        });
        checked = reports.len();
        if last {
            served.kill();
            break;
        }
        let workers: Vec<_> = (0..=WRITERS)
            .map(|number| {
                let (hub, done) = (Arc::clone(&hub), Arc::clone(&done));
                runtime.spawn(async move {
                    loop {
                        let went_on = if number == 0 {
                            hub.publish(&done).await.is_some()
                        } else {
                            hub.file(&done).await.is_some()
                        };
                        if !went_on {
                            break;
                        }
                    }
                })
            })
            .collect();
        pause(Duration::from_millis(u64::from(100 + (round * 7919 + std::process::id()) % 400)));
        served.kill();
        for worker in workers {
            runtime.block_on(worker).unwrap();
        }
    }
    let filed = done.reports.lock().unwrap().len();
    println!(
        "{} kills, {filed} reports, {} advisories",
        kills(),
        done.advisories.lock().unwrap().len()
    );
    assert!(filed > 0);
    let backup = folder.path().join("all.backup");
    comity(&data, &["backup", backup.to_str().unwrap()]);
    comity(&data, &["restore", backup.to_str().unwrap(), "--verify"]);
    comity(&data, &["rebuild"]);
}

/// Checks the export of a case as a stranger would.
async fn verified(hub: &Hub, case: &str) {
    let export = hub.get(&format!("/api/v1/cases/{case}/export")).send().await.unwrap();
    let bytes = export.bytes().await.unwrap();
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut checker = Checker::start(lines.next().unwrap()).unwrap();
    for line in lines {
        checker.push(line).unwrap();
    }
    checker.finish().unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the hub works while the test waits")]
fn pause(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::thread::sleep(Duration::from_millis(5));
    }
}
