//! A store in a temporary folder, on either engine, and rows to put into it.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use comity_store::{
    Append, Item, ItemKey, NEVER, Needs, Options, Place, Report, Room, Rows, Store, View, Write,
};
use tempfile::TempDir;

/// A store and the folder it lives in.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) options: Options,
    pub(crate) directory: PathBuf,
    folder: TempDir,
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        Self::open(None).await
    }

    pub(crate) async fn open(url: Option<String>) -> Self {
        let folder = TempDir::new().unwrap();
        let directory = folder.path().join("hub");
        let options = Options::new(&directory).database_url(url);
        let store = Store::open(options.clone()).await.unwrap();
        Self { store, options, directory, folder }
    }

    /// Closes the store and opens it again, as a restart does.
    pub(crate) async fn reopen(self) -> Self {
        let Self { store, options, directory, folder } = self;
        store.close().await;
        drop(store);
        let store = Store::open(options.clone()).await.unwrap();
        Self { store, options, directory, folder }
    }
}

/// Runs a test body on a runtime of its own.
pub(crate) fn run<F: Future>(body: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(body)
}

pub(crate) fn room(room_id: &str, case_id: Option<&str>) -> Room {
    Room {
        room_id: room_id.to_owned(),
        case_id: case_id.map(str::to_owned),
        kind: "common".to_owned(),
        name: None,
        opened_at: 1,
    }
}

/// The next entry of a chain under a view; its id says where it is.
pub(crate) fn next(view: &View, room_id: &str, author: &str) -> Append {
    let head = view.head(room_id, author);
    let nth = head.map_or(1, |head| head.seq + 2);
    entry(room_id, author, nth, head.map(|head| head.id.clone()))
}

/// Returns the nth entry of a chain, counted from 1; its seq counts from 0.
/// Appends the next entry of an author and returns its number.
pub(crate) async fn append(store: &Store, room_id: &str, author: &str) -> i64 {
    let needs = Needs::default().chain(room_id, author);
    let (room_id, author) = (room_id.to_owned(), author.to_owned());
    let build = move |view: &comity_store::View| -> Result<_, Infallible> {
        let entry = next(view, &room_id, &author);
        let nth = entry.seq + 1;
        Ok((Rows::new().with(entry), nth))
    };
    store.submit(needs, build).await.unwrap()
}

pub(crate) fn entry(room_id: &str, author: &str, nth: i64, prev: Option<String>) -> Append {
    Append {
        room_id: room_id.to_owned(),
        author: author.to_owned(),
        seq: nth - 1,
        prev,
        id: id(room_id, author, nth),
        at: nth,
        kind: "note".to_owned(),
        envelope: vec![7; 100],
        place: Place::Next,
    }
}

pub(crate) fn id(room_id: &str, author: &str, nth: i64) -> String {
    format!("{room_id}/{author}/{nth}")
}

pub(crate) fn report(report_id: &str, due_at: Option<i64>) -> Report {
    Report {
        report_id: report_id.to_owned(),
        received_at: 10,
        kind: "flaw".to_owned(),
        language: "sw".to_owned(),
        state: "received".to_owned(),
        decision: None,
        verdict: None,
        due_at: due_at.unwrap_or(NEVER),
        case_id: None,
        acknowledged_at: None,
        digest: "d".to_owned(),
        mailbox_id: Some(format!("box-{report_id}")),
        group_key: None,
        summary: "{}".to_owned(),
        updated_at: 10,
    }
}

pub(crate) fn item(item_id: &str, owner: &str, compartment: &str) -> Item {
    Item {
        item_id: item_id.to_owned(),
        room_id: "intake".to_owned(),
        owner: owner.to_owned(),
        compartment: compartment.to_owned(),
        ciphertext: Some(vec![1, 2, 3]),
        blob: None,
        padded_bytes: 3,
        created_at: 1,
        shredded_at: None,
    }
}

pub(crate) fn item_key(item_id: &str) -> ItemKey {
    ItemKey { item_id: item_id.to_owned(), epoch: 0, wrapped: vec![9; 40] }
}

/// The rows of one report that arrives: what intake writes.
pub(crate) fn arrival(view: &View, hub: &str, body: &[u8]) -> (Rows, String) {
    let serial = view.next_serial("report-2026");
    let report_id = format!("{hub}-r-2026-{serial:05}");
    let mut rows = Rows::new();
    let item_id = format!("{report_id}-technical");
    rows.put(next(view, "intake", hub))
        .put(Write::Serial { counter: "report-2026".to_owned(), value: serial })
        .put(report(&report_id, Some(serial)))
        .put(Item { ciphertext: Some(body.to_vec()), ..item(&item_id, &report_id, "technical") })
        .put(item_key(&item_id));
    (rows, report_id)
}

/// A private PostgreSQL server in a temporary folder, ended when dropped.
pub(crate) struct Postgres {
    child: Child,
    folder: TempDir,
}

const BIN: &str = "/usr/lib/postgresql/15/bin";

impl Postgres {
    /// Starts a server, or says why not.
    pub(crate) fn start() -> Result<Self, String> {
        if !Path::new(BIN).join("initdb").exists() {
            return Err(format!("skipped: no PostgreSQL in {BIN}"));
        }
        let folder = TempDir::new().unwrap();
        let as_other = as_other_account(folder.path())?;
        let data = folder.path().join("data");
        let made = command(&as_other, "initdb")
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .output()
            .map_err(|error| format!("skipped: cannot run initdb: {error}"))?;
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let child = command(&as_other, "postgres")
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("skipped: cannot run postgres: {error}"))?;
        let server = Self { child, folder };
        server.wait();
        Ok(server)
    }

    fn wait(&self) {
        for _ in 0..200 {
            if self.sql("select 1") {
                return;
            }
            pause(Duration::from_millis(50));
        }
        panic!("PostgreSQL did not come up");
    }

    fn sql(&self, text: &str) -> bool {
        let done = Command::new(Path::new(BIN).join("psql"))
            .arg("-h")
            .arg(self.folder.path())
            .args(["-U", "postgres", "-q", "-c", text, "postgres"])
            .output();
        done.is_ok_and(|done| done.status.success())
    }

    /// Makes an empty database and returns its address.
    pub(crate) fn database(&self, name: &str) -> String {
        assert!(self.sql(&format!("create database {name}")));
        format!("postgres://postgres@localhost/{name}?host={}", self.folder.path().display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // An immediate shutdown of the one process we started.
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// PostgreSQL refuses to run as root: the words that go before a command, if we are.
fn as_other_account(folder: &Path) -> Result<Vec<String>, String> {
    let me = Command::new("id").arg("-u").output().map_err(|error| error.to_string())?;
    if String::from_utf8_lossy(&me.stdout).trim() != "0" {
        return Ok(vec![]);
    }
    let given = Command::new("chown").arg("nobody").arg(folder).status();
    if !given.is_ok_and(|status| status.success()) {
        return Err("skipped: cannot give a folder to nobody".to_owned());
    }
    let words = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"];
    Ok(words.map(str::to_owned).to_vec())
}

fn command(before: &[String], program: &str) -> Command {
    let program = Path::new(BIN).join(program);
    match before.split_first() {
        None => Command::new(program),
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a fixture waits for another process")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
