//! Running a hub: what the log says, what the doctor finds, connections that say nothing, who is behind a proxy.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

fn comity(data: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_comity")).arg("--data").arg(data).args(words).output().unwrap()
}

/// Makes a hub, with one line of its configuration replaced.
fn made(folder: &TempDir, (from, to): (&str, &str)) -> std::path::PathBuf {
    let data = folder.path().join("hub");
    let words = ["init", "--hub", "nv", "--name", "CERT Norvik", "--address", "127.0.0.1:0"];
    let made = comity(&data, &words);
    assert!(made.status.success(), "{made:?}");
    let file = data.join("config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
    data
}

/// The program at work: where it answers, and the lines of its log.
struct Served {
    child: Child,
    address: String,
    lines: Receiver<String>,
}

impl Served {
    fn start(data: &Path, level: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_comity"))
            .arg("--data")
            .arg(data)
            .arg("serve")
            .env("COMITY_LOG", level)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = said.next().expect("the hub ended before it answered").unwrap();
            if let Some((_, rest)) = line.split_once("answers at http://") {
                break rest.split(' ').next().unwrap().to_owned();
            }
        };
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in said.map_while(Result::ok) {
                let _nobody_listens = tell.send(line);
            }
        });
        Self { child, address, lines }
    }

    /// Sends a request as it is and returns the whole answer.
    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str, headers: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: hub\r\n{headers}connection: close\r\n\r\n"))
    }

    /// Waits for a line of the log that holds all parts.
    fn logs(&self, parts: &[&str]) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(10));
            let line = line.expect("a line with these parts");
            if parts.iter().all(|part| line.contains(part)) {
                return line;
            }
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

#[test]
fn the_log_names_route_and_status_and_nothing_that_was_asked() {
    let folder = TempDir::new().unwrap();
    let data = made(&folder, ("", ""));
    let served = Served::start(&data, "debug");
    assert!(
        served.get("/en/advisories/nv-2027-00077?q=secret-words", "").starts_with("HTTP/1.1 404")
    );
    let line = served.logs(&["404", "GET"]);
    assert!(
        line.contains("/{lang}/advisories/{id}") || line.contains("/{lang}/advisories/"),
        "{line}"
    );
    assert!(!line.contains("secret-words") && !line.contains("00077"), "{line}");
    assert!(
        served.ask("BREW /en/ HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").contains(" 40")
    );
    let line = served.logs(&["other"]);
    assert!(!line.contains("BREW"), "{line}");
    let wrong = Command::new(env!("CARGO_BIN_EXE_comity"))
        .arg("--data")
        .arg(&data)
        .arg("serve")
        .env("COMITY_LOG", "loud")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
}

#[test]
fn strangers_behind_a_proxy_that_is_named_have_limits_of_their_own() {
    let folder = TempDir::new().unwrap();
    let data = made(&folder, ("trusted_proxies = []", "trusted_proxies = [\"127.0.0.0/8\"]"));
    let served = Served::start(&data, "warn");
    let body = json!({ "schema": "comity.report/1" }).to_string();
    let file = |address: &str| {
        served.ask(&format!(
            "POST /api/v1/reports HTTP/1.1\r\nhost: hub\r\nx-forwarded-for: {address}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\
             idempotency-key: {address}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
    };
    for _ in 0..5 {
        assert!(!file("203.0.113.9").starts_with("HTTP/1.1 429"));
    }
    assert!(file("203.0.113.9").starts_with("HTTP/1.1 429"));
    assert!(!file("198.51.100.9").starts_with("HTTP/1.1 429"));
    // What a stranger writes in front of the proxy's own word counts for nothing.
    assert!(file("198.51.100.9, 203.0.113.9").starts_with("HTTP/1.1 429"));
}

#[test]
fn idle_connections_wait_for_their_turn_and_take_nobody_elses() {
    let folder = TempDir::new().unwrap();
    let data = made(&folder, ("connections = 1024", "connections = 2"));
    let served = Served::start(&data, "off");
    let idle: Vec<TcpStream> =
        (0..2).map(|_| TcpStream::connect(&served.address).unwrap()).collect();
    let mut third = TcpStream::connect(&served.address).unwrap();
    third.write_all(b"GET /health HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").unwrap();
    third.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut answer = [0; 12];
    assert!(third.read(&mut answer).is_err(), "both places are taken");
    drop(idle);
    third.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    third.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

fn findings(data: &Path, words: &[&str]) -> (Option<i32>, Value) {
    let found = comity(data, words);
    let value: Value = serde_json::from_slice(&found.stdout).unwrap();
    (found.status.code(), value["checks"].clone())
}

#[test]
fn the_doctor_finds_a_wrong_key_and_checks_every_entry() {
    let folder = TempDir::new().unwrap();
    let data = made(&folder, ("", ""));
    let state = |checks: &Value, id: &str| {
        let found = checks.as_array().unwrap().iter().find(|check| check["id"] == id);
        found.map_or(Value::Null, |check| check["state"].clone())
    };
    let (code, checks) = findings(&data, &["doctor", "--deep", "--json"]);
    assert_eq!(code, Some(0), "{checks}");
    assert_eq!((state(&checks, "hub-open"), state(&checks, "entries")), (json!("ok"), json!("ok")));
    let other = TempDir::new().unwrap();
    let other = made(&other, ("", ""));
    std::fs::copy(other.join("master.key"), data.join("master.key")).unwrap();
    let (code, checks) = findings(&data, &["doctor", "--json"]);
    assert_eq!((code, state(&checks, "hub-open")), (Some(1), json!("fail")), "{checks}");
    let said = comity(&data, &["doctor"]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("master.key back"), "{said:?}");
    std::fs::remove_file(data.join("master.key")).unwrap();
    let served = comity(&data, &["serve"]);
    assert!(String::from_utf8_lossy(&served.stderr).contains("master.key"), "{served:?}");
}
