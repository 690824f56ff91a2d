//! A hub that listens, with organisations, accounts and tokens, and a clock that tests move.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use comity_core::access::Action;
use comity_ledger::entry::Salt;
use comity_ledger::envelope::Envelope;
use comity_ledger::export::Checker;
use comity_ledger::receipt::VerifiedReceipt;
use comity_server::api::openapi;
use comity_server::api::table::{ROUTES, Route};
use comity_server::app::accounts::{AccountForm, OrganisationForm, TokenForm, TokenMade};
use comity_server::app::{Hub, setup};
use comity_server::clock::Clock;
use comity_server::config::Config;
use comity_server::serve::{self, Serving};
use comity_store::Purpose;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The instant at which every world starts.
pub(crate) const START: &str = "2027-01-05T12:00:00Z";
pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// Who there is: account, organisation, roles.
pub(crate) const PEOPLE: [(&str, &str, &str); 13] = [
    ("ada", "nv", "coordinator"),
    ("bela", "nv", "coordinator"),
    ("root", "nv", "administrator"),
    ("audit", "authority", "auditor"),
    ("fin", "finders", "finder"),
    ("fio", "finders", "finder"),
    ("ann", "acme", "vendor"),
    ("bob", "bolt", "vendor"),
    ("cyd", "core", "vendor"),
    ("reg", "secretariat", "registrar"),
    ("asr", "panel", "assessor"),
    ("del", "ardenia", "delegate"),
    ("dob", "brelland", "delegate"),
];

/// A hub at work.
pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) clock: Clock,
    pub(crate) base: String,
    pub(crate) data: PathBuf,
    serving: Option<Serving>,
    tokens: BTreeMap<String, String>,
    client: reqwest::Client,
    receipts: Mutex<Vec<(Value, String, Vec<u8>)>>,
    folder: Option<TempDir>,
}

/// An answer read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) bytes: Vec<u8>,
}

impl Seen {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The code of a problem.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        assert_eq!(
            self.headers.get("content-type").map(String::as_str),
            Some("application/problem+json"),
            "{body}"
        );
        assert_eq!(body["status"], self.status, "{body}");
        assert_eq!(body["type"], format!("/problems/{}", body["code"].as_str().unwrap()), "{body}");
        assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()), "{body}");
        assert_ne!(body["title"], body["code"], "a code without words: {body}");
        body["code"].as_str().unwrap().to_owned()
    }

    /// Asserts success and returns the body.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text());
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// Asserts a refusal with this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text());
        self.json()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// One request on its way.
pub(crate) struct Ask<'a> {
    world: &'a World,
    method: Method,
    path: String,
    token: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    checked: bool,
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self
    }

    /// Faults are expected: the machine is broken.
    pub(crate) fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    pub(crate) async fn send(self) -> Seen {
        let mut request = self
            .world
            .client
            .request(self.method.clone(), format!("{}{}", self.world.base, self.path));
        if self.body.is_some() && !self.headers.iter().any(|(name, _)| name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").to_owned()))
            .collect();
        let bytes = response.bytes().await.unwrap_or_default().to_vec();
        let seen = Seen { status, headers, bytes };
        if self.checked {
            described(self.method.as_str(), &self.path, &seen);
        }
        seen
    }
}

/// Every answer of a route must have a described status (PO-77), and none is a fault of ours.
fn described(method: &str, path: &str, seen: &Seen) {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| openapi::document(&json!({ "type": "object" })));
    assert_ne!(seen.status, 500, "{method} {path}: {}", seen.text());
    let Some(route) = route_of(method, path) else { return };
    let known = &document["paths"][route.path][route.verb.key()]["responses"];
    assert!(
        known.get(seen.status.to_string()).is_some(),
        "{method} {path} answers {}",
        seen.status
    );
}

fn route_of(method: &str, path: &str) -> Option<&'static Route> {
    let path = path.split('?').next().unwrap_or_default();
    ROUTES.iter().find(|route| {
        let (mut ours, mut theirs) = (route.path.split('/'), path.split('/'));
        route.verb.key().eq_ignore_ascii_case(method)
            && loop {
                match (ours.next(), theirs.next()) {
                    (None, None) => break true,
                    (Some(a), Some(b)) if a == b || a.starts_with('{') => {}
                    _ => break false,
                }
            }
    })
}

/// A configuration that listens anywhere and stops nobody.
pub(crate) fn config() -> Config {
    let mut config = Config {
        hub: "nv".to_owned(),
        name: "CERT Norvik".to_owned(),
        address: "127.0.0.1:0".to_owned(),
        ..Config::default()
    };
    config.limits.reports_per_hour_prefix = 100_000;
    config.limits.reports_per_hour_hub = 100_000;
    config.limits.writes_per_minute = 100_000;
    config.limits.reads_per_minute = 100_000;
    config.limits.attachment_bytes = 1 << 20;
    config
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::within(TempDir::new().unwrap(), config).await
    }

    /// A world whose data lie below a folder.
    pub(crate) async fn within(folder: TempDir, config: Config) -> Self {
        let data = folder.path().join("hub");
        std::fs::create_dir(&data).unwrap();
        let clock = Clock::at(START.parse().unwrap());
        let hub = setup::create(&data, &config, clock.clone()).await.unwrap();
        let mut world = Self::listening(hub, clock, data, Some(folder)).await;
        world.people().await;
        world
    }

    async fn listening(hub: Hub, clock: Clock, data: PathBuf, folder: Option<TempDir>) -> Self {
        let serving = serve::start(hub.clone()).await.unwrap();
        Self {
            base: format!("http://{}", serving.address),
            hub,
            clock,
            data,
            serving: Some(serving),
            tokens: BTreeMap::new(),
            client: reqwest::Client::new(),
            receipts: Mutex::default(),
            folder,
        }
    }

    async fn people(&mut self) {
        let operator = self.hub.operator();
        let by = operator.authorise(Action::AdministerAccounts).unwrap();
        for (id, kind) in [
            ("authority", "authority"),
            ("finders", "finder"),
            ("acme", "vendor"),
            ("bolt", "vendor"),
            ("core", "vendor"),
            ("secretariat", "authority"),
            ("panel", "authority"),
            ("ardenia", "authority"),
            ("brelland", "authority"),
        ] {
            let form = OrganisationForm {
                organisation: id.to_owned(),
                name: id.to_uppercase(),
                kind: kind.to_owned(),
            };
            self.hub.add_organisation(by, form, None).await.unwrap();
        }
        for (account, organisation, role) in PEOPLE {
            let form = AccountForm {
                account: account.to_owned(),
                organisation: organisation.to_owned(),
                name: account.to_owned(),
                roles: vec![role.to_owned()],
            };
            self.hub.add_account(by, form, None).await.unwrap();
            let token = self.token(account, None).await;
            self.tokens.insert(account.to_owned(), token);
        }
    }

    /// Adds someone besides [`PEOPLE`], with their organisation if it is new.
    pub(crate) async fn person(&mut self, account: &str, organisation: &str, role: &str) {
        let operator = self.hub.operator();
        let by = operator.authorise(Action::AdministerAccounts).unwrap();
        if self.hub.store().organisation(organisation).await.unwrap().is_none() {
            let form = OrganisationForm {
                organisation: organisation.to_owned(),
                name: organisation.to_uppercase(),
                kind: "authority".to_owned(),
            };
            self.hub.add_organisation(by, form, None).await.unwrap();
        }
        let form = AccountForm {
            account: account.to_owned(),
            organisation: organisation.to_owned(),
            name: account.to_owned(),
            roles: vec![role.to_owned()],
        };
        self.hub.add_account(by, form, None).await.unwrap();
        let token = self.token(account, None).await;
        self.tokens.insert(account.to_owned(), token);
    }

    /// Makes a token of an account with all or some of its scopes.
    pub(crate) async fn token(&self, account: &str, scopes: Option<&[&str]>) -> String {
        let scopes = scopes.map(|all| all.iter().map(|scope| (*scope).to_owned()).collect());
        let form = TokenForm { account: None, days: Some(366), scopes };
        let made = self.hub.token_for(account, &form, None).await.unwrap();
        let made: TokenMade = serde_json::from_slice(&made.body).unwrap();
        made.token
    }

    /// Stops the hub and starts it again on the same data, as a restart does.
    pub(crate) async fn restart(self) -> Self {
        let clock = self.clock.clone();
        self.restart_at(clock).await
    }

    /// Starts the hub again under another clock.
    pub(crate) async fn restart_at(self, clock: Clock) -> Self {
        let config = self.hub.config().clone();
        self.restart_as(config, clock).await
    }

    /// Stops the hub, lets something happen to its data directory, and starts it again.
    pub(crate) async fn stop_and(mut self, happens: impl FnOnce(&Path)) -> Self {
        self.serving.take().unwrap().stop().await.unwrap();
        happens(&self.data);
        let (config, clock) = (self.hub.config().clone(), self.clock.clone());
        self.start_again(config, clock).await
    }

    /// Starts the hub again under another configuration.
    pub(crate) async fn restart_as(mut self, config: Config, clock: Clock) -> Self {
        self.serving.take().unwrap().stop().await.unwrap();
        self.start_again(config, clock).await
    }

    async fn start_again(mut self, config: Config, clock: Clock) -> Self {
        let (data, folder) = (self.data.clone(), self.folder.take());
        let tokens = std::mem::take(&mut self.tokens);
        let receipts = std::mem::take(&mut *self.receipts.lock().unwrap());
        drop(self);
        let hub = setup::open(&data, config, clock.clone(), Purpose::Serve).await.unwrap();
        let mut world = Self::listening(hub, clock, data, folder).await;
        world.tokens = tokens;
        world.receipts = Mutex::new(receipts);
        world
    }

    pub(crate) fn advance(&self, ms: i64) {
        self.clock.set(self.clock.now() + SignedDuration::from_millis(ms));
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    #[expect(clippy::unused_self, reason = "a world gives what its requests need")]
    pub(crate) fn key(&self) -> String {
        static KEYS: AtomicU64 = AtomicU64::new(0);
        format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed))
    }

    /// A request of an account, of nobody (`""`), or with a bare token.
    pub(crate) fn ask(&self, who: &str, method: &str, path: &str) -> Ask<'_> {
        let token = match who {
            "" => None,
            token if token.starts_with("cmt_") => Some(token.to_owned()),
            account => Some(self.tokens[account].clone()),
        };
        Ask {
            world: self,
            method: method.parse().unwrap(),
            path: path.to_owned(),
            token,
            headers: Vec::new(),
            body: None,
            checked: true,
        }
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Seen {
        self.ask(who, "GET", path).send().await
    }

    pub(crate) async fn post(&self, who: &str, path: &str, body: &Value) -> Seen {
        let key = self.key();
        self.ask(who, "POST", path)
            .header("idempotency-key", &key)
            .header("content-type", "application/json")
            .bytes(body.to_string())
            .send()
            .await
    }

    /// Files a report and keeps its receipt to be verified at the end.
    pub(crate) async fn file(&self, who: &str, report: &Value) -> String {
        let bytes = report.to_string().into_bytes();
        let seen = self.ask(who, "POST", "/api/v1/reports").bytes(bytes.clone()).send().await;
        let filed = seen.ok();
        assert_eq!(seen.status, 201);
        let mut receipts = self.receipts.lock().unwrap();
        receipts.push((
            filed["receipt"].clone(),
            filed["salt"].as_str().unwrap().to_owned(),
            bytes,
        ));
        filed["report"].as_str().unwrap().to_owned()
    }

    /// Opens a case from a new report of `who` and returns its id.
    pub(crate) async fn open_case(&self, who: &str) -> String {
        let report = self.file(who, &report("Nested roles bypass the guardrail")).await;
        let open = json!({ "reports": [report] });
        let case = self.post("ada", "/api/v1/cases", &open).await.ok();
        case["case"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn etag(&self, who: &str, case: &str) -> String {
        let seen = self.get(who, &format!("/api/v1/cases/{case}")).await;
        assert_eq!(seen.status, 200, "{}", seen.text());
        seen.header("etag").to_owned()
    }

    /// Posts below a case with the current state as `If-Match`.
    pub(crate) async fn act(&self, who: &str, case: &str, what: &str, body: &Value) -> Seen {
        let etag = self.etag("ada", case).await;
        let key = self.key();
        self.ask(who, "POST", &format!("/api/v1/cases/{case}/{what}"))
            .header("idempotency-key", &key)
            .header("if-match", &etag)
            .bytes(body.to_string())
            .send()
            .await
    }

    /// One command for a named party, which must succeed; returns the id of its entry.
    pub(crate) async fn say(
        &self,
        who: &str,
        party: &str,
        case: &str,
        kind: &str,
        body: Value,
    ) -> String {
        let command = json!({ "kind": kind, "party": party, "body": body });
        let seen = self.act(who, case, "commands", &command).await;
        assert_eq!(seen.status, 200, "{kind} {body}: {}", seen.text());
        seen.json()["entry"].as_str().unwrap().to_owned()
    }

    /// Ends the hub after every chain and receipt was verified as a stranger would.
    pub(crate) async fn finish(self) {
        self.verify().await;
        self.finish_unchecked().await;
    }

    /// Ends a world that was damaged on purpose.
    pub(crate) async fn finish_unchecked(mut self) {
        if let Some(serving) = self.serving.take() {
            serving.stop().await.unwrap();
        }
    }

    pub(crate) async fn verify(&self) {
        for (receipt, salt, bytes) in self.receipts.lock().unwrap().iter() {
            let envelope = Envelope::parse(receipt.to_string().as_bytes()).unwrap();
            let verified = VerifiedReceipt::open(&envelope).unwrap();
            assert_eq!(verified.key(), self.hub.verifying_key());
            let salt: Salt = salt.parse().unwrap();
            assert!(verified.receipt().is_of(&salt, bytes), "a receipt of other bytes");
        }
        let mut next = String::new();
        loop {
            let page = self.get("ada", &format!("/api/v1/cases?limit=200{next}")).await.ok();
            for row in page["items"].as_array().unwrap() {
                self.verify_case(row["case"].as_str().unwrap()).await;
            }
            let Some(cursor) = page["next"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        self.verify_rooms().await;
    }

    async fn verify_case(&self, case: &str) {
        let export = self.get("ada", &format!("/api/v1/cases/{case}/export")).await;
        assert_eq!(export.status, 200, "{}", export.text());
        let mut lines = export.bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let mut checker = Checker::start(lines.next().unwrap()).unwrap();
        for line in lines {
            checker.push(line).unwrap_or_else(|error| panic!("{case}: {error:?}"));
        }
        let checked = checker.finish().unwrap_or_else(|error| panic!("{case}: {error:?}"));
        assert_eq!(checked.key(), self.hub.verifying_key());
    }

    /// Every room of the hub, not only those of cases: a chain without gaps whose clock never goes back.
    async fn verify_rooms(&self) {
        for room in self.hub.store().rooms("", 1000).await.unwrap() {
            let entries = self.hub.store().entries(&room.room_id, 0, 1000).await.unwrap();
            let mut chains: BTreeMap<String, comity_store::Entry> = BTreeMap::new();
            for entry in entries {
                let before = chains.get(&entry.author);
                let envelope = Envelope::parse(&entry.envelope).unwrap();
                // A peer's entries are signed by the peer; the export of the case shows by which key.
                let is_own = entry.author == self.hub.config().hub;
                assert_eq!(envelope.is_signed_by(self.hub.verifying_key()), is_own);
                assert_eq!(envelope.id().to_string(), entry.id);
                let read = comity_ledger::entry::Entry::parse(envelope.payload()).unwrap();
                assert_eq!(read.prev.map(|id| id.to_string()), before.map(|row| row.id.clone()));
                assert!(
                    before.is_none_or(|row| row.at <= entry.at),
                    "time goes back in {}",
                    room.kind
                );
                chains.insert(entry.author.clone(), entry);
            }
        }
    }
}

/// A report as a finder without account would send it.
pub(crate) fn report(title: &str) -> Value {
    json!({
        "schema": "comity.report/1",
        "id": "mine-1",
        "lexicon": "1.0.0",
        "kind": "vulnerability",
        "language": "en",
        "abstract": { "title": title },
        "technical": { "description": "A role inside a role is taken for the system's own words." },
    })
}

/// The content of an advisory over three products.
pub(crate) fn advisory(title: &str) -> Value {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testdata/advisory/good/minimal.json"
    ));
    let whole: Value = serde_json::from_str(text).unwrap();
    let mut content = whole["content"].clone();
    content["title"] = json!(title);
    content
}

pub(crate) fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

/// Runs a test body on a runtime of its own.
pub(crate) fn run<F: Future>(body: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(body)
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return all };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

/// Compares a text with a file of the tree; `COMITY_BLESS=1` writes the file instead.
#[track_caller]
pub(crate) fn same(path: &Path, text: &str) {
    if std::env::var_os("COMITY_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let differs = kept.lines().zip(text.lines()).position(|(kept, new)| kept != new);
    assert!(
        kept == text,
        "{} is not what it was (line {:?}); COMITY_BLESS=1 writes it anew",
        path.display(),
        differs.map(|line| line + 1)
    );
}
