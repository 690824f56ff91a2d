//! What is stored when something fails, and what doctor says then.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use comity_store::{
    CommitStep, Fault, Migrate, Options, Purpose, Rejected, Rows, State, Store, Write, doctor,
};
use tempfile::TempDir;

use crate::world::{World, entry, id, item, item_key, run};

/// A store whose next commit fails at a step that the test chooses.
async fn failing(folder: &Path) -> (Store, Arc<AtomicU8>) {
    let fail = Arc::new(AtomicU8::new(0));
    let chosen = Arc::clone(&fail);
    let options = Options::new(folder).commit_probe(move |step| {
        let wanted = match step {
            CommitStep::Before => 1,
            CommitStep::After => 2,
        };
        chosen.compare_exchange(wanted, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    });
    (Store::open(options).await.unwrap(), fail)
}

#[test]
fn a_failed_commit_says_that_it_is_not_known_and_asking_tells() {
    run(async {
        for (step, stored) in [(1, 0), (2, 1)] {
            let folder = TempDir::new().unwrap();
            let (store, fail) = failing(&folder.path().join("hub")).await;
            fail.store(step, Ordering::SeqCst);
            let first = entry("r", "fr", 1, None);
            let answer = store.write(Rows::new().with(first.clone())).await;
            assert!(matches!(answer, Err(Rejected::Fault(Fault::Uncertain))), "{answer:?}");
            let there = store.entry(&id("r", "fr", 1)).await.unwrap();
            assert_eq!(there.is_some(), stored == 1);
            // Doing it again is safe: it is stored once, or the conflict says that it is there.
            let again = store.write(Rows::new().with(first)).await;
            assert_eq!(again.is_ok(), stored == 0, "{again:?}");
            assert_eq!(store.entries("r", 0, 10).await.unwrap().len(), 1);
            assert_eq!(store.head("r", "fr").await.unwrap().unwrap().seq, 0);
        }
    });
}

#[test]
fn a_closure_that_panics_stores_nothing_and_the_writer_lives() {
    run(async {
        let world = World::sqlite().await;
        let answer = world
            .store
            .submit(comity_store::Needs::default(), |_| -> Result<(Rows, ()), ()> {
                panic!("a test's closure panics")
            })
            .await;
        assert!(matches!(answer, Err(Rejected::Fault(Fault::Closed))), "{answer:?}");
        world.store.write(Rows::new().with(item("i", "o", "c"))).await.unwrap();
    });
}

#[test]
fn a_second_hub_cannot_serve_from_the_same_directory() {
    run(async {
        let world = World::sqlite().await;
        let second = Store::open(world.options.clone()).await;
        assert!(matches!(second, Err(Fault::DirectoryInUse(_))), "{second:?}");
        let tool = Store::open(world.options.clone().purpose(Purpose::Tool)).await.unwrap();
        tool.write(Rows::new().with(entry("r", "fr", 1, None))).await.unwrap();
        // The hub that serves sees what the tool wrote, and continues the chain.
        let next = entry("r", "fr", 2, Some(id("r", "fr", 1)));
        world.store.write(Rows::new().with(next)).await.unwrap();
        tool.close().await;
    });
}

#[test]
fn the_directory_is_private() {
    run(async {
        let world = World::sqlite().await;
        world.store.write(Rows::new().with(item("i", "o", "c"))).await.unwrap();
        let blob = world.store.keep(vec![1; 70_000]).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&world.directory), 0o700);
        for name in ["comity.db", "comity.db-wal", "lock"] {
            assert_eq!(mode(&world.directory.join(name)), 0o600, "{name}");
        }
        let blob = world.directory.join("blobs").join(&blob[..2]).join(&blob);
        assert_eq!(mode(&blob), 0o600);
    });
}

/// A small file system of its own, unmounted when dropped. Needs root.
struct Mount(TempDir);

impl Mount {
    fn new(options: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mount = Self(folder);
        mount.run("mount", &["-t", "tmpfs", "-o", options, "tmpfs"]).then_some(mount)
    }

    fn run(&self, program: &str, words: &[&str]) -> bool {
        let done = Command::new(program).args(words).arg(self.0.path()).output();
        done.is_ok_and(|done| done.status.success())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.run("umount", &["-l"]);
    }
}

#[test]
fn a_full_disk_refuses_whole_units_and_keeps_what_was_stored() {
    let Some(mount) = Mount::new("size=2m") else {
        println!("skipped: cannot mount a small file system");
        return;
    };
    run(async {
        let options = Options::new(mount.0.path().join("hub"));
        let store = Store::open(options.clone()).await.unwrap();
        let mut stored = 0;
        let fault = loop {
            let mut rows = Rows::new();
            let name = format!("i{stored}");
            rows.put(comity_store::Item {
                ciphertext: Some(vec![7; 60_000]),
                ..item(&name, "o", "c")
            });
            rows.put(item(&format!("{name}-second"), "o", "c"));
            match store.write(rows).await {
                Ok(()) => stored += 1,
                Err(Rejected::Fault(fault)) => break fault,
                Err(other) => panic!("{other:?}"),
            }
            assert!(stored < 100, "2 MB hold no 100 units");
        };
        assert!(matches!(fault, Fault::DiskFull), "{fault:?}");
        assert_eq!(store.items("o", 1_000).await.unwrap().len(), 2 * stored);
        let blob = store.keep(vec![1; 3 << 20]).await;
        assert!(matches!(blob, Err(Fault::DiskFull)), "{blob:?}");
        let checks = doctor(options, 0).await;
        let space = checks.iter().find(|check| check.id == "store-free-space").unwrap();
        assert_eq!((space.state, space.help), (State::Fail, "free-space"));
        store.close().await;
    });
}

#[test]
fn a_read_only_directory_is_said_to_be_one() {
    let Some(mount) = Mount::new("size=1m") else {
        println!("skipped: cannot mount a small file system");
        return;
    };
    let directory = mount.0.path().join("hub");
    assert!(mount.run("mount", &["-o", "remount,ro"]));
    run(async {
        let opened = Store::open(Options::new(&directory)).await;
        assert!(matches!(opened, Err(Fault::ReadOnly)), "{opened:?}");
    });
}

#[test]
fn a_schema_from_the_future_is_not_touched_and_an_older_one_only_on_request() {
    run(async {
        let world = World::sqlite().await;
        world.store.close().await;
        let (options, directory) = (world.options.clone(), world.directory.clone());
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}", directory.join("comity.db").display());
        let pool = sqlx::AnyPool::connect(&url).await.unwrap();
        sqlx::query("insert into schema_step (version) values (99)").execute(&pool).await.unwrap();
        pool.close().await;
        drop(world.store);
        let newer = Store::open(options.clone()).await;
        assert!(matches!(newer, Err(Fault::SchemaNewer { found: 99, .. })), "{newer:?}");
        let checks = doctor(options.clone(), 0).await;
        let schema = checks.iter().find(|check| check.id == "store-schema").unwrap();
        assert_eq!((schema.state, schema.help), (State::Fail, "install-newer-program"));

        let fresh = TempDir::new().unwrap();
        let older = Store::open(Options::new(fresh.path()).migrate(Migrate::Check)).await;
        assert!(matches!(older, Err(Fault::SchemaOlder { found: 0, .. })), "{older:?}");
        Store::open(Options::new(fresh.path())).await.unwrap().close().await;
        let checked = Store::open(Options::new(fresh.path()).migrate(Migrate::Check)).await;
        checked.unwrap().close().await;
    });
}

/// Every file below a folder.
fn walked(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walked(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn doctor_finds_what_is_wrong_and_creates_nothing() {
    run(async {
        let missing = TempDir::new().unwrap();
        let path = missing.path().join("hub");
        let checks = doctor(Options::new(&path), 0).await;
        assert!(!path.exists());
        let open = checks.iter().find(|check| check.id == "store-open").unwrap();
        assert_eq!((open.state, open.help), (State::Fail, "run-init"));

        let world = World::sqlite().await;
        let sound = doctor(world.options.clone(), 0).await;
        let ids: Vec<&str> = sound.iter().map(|check| check.id).collect();
        let sorted = {
            let mut sorted = ids.clone();
            sorted.sort_unstable();
            sorted
        };
        assert_eq!(ids, sorted);
        assert!(sound.iter().all(|check| check.state == State::Ok), "{sound:?}");

        world.store.keep(vec![3; 100_000]).await.unwrap();
        let later = i64::MAX / 2_000_000;
        let named = world.store.keep(vec![4; 100_000]).await.unwrap();
        let kept =
            comity_store::Item { ciphertext: None, blob: Some(named), ..item("i", "o", "c") };
        world.store.write(Rows::new().with(kept)).await.unwrap();
        let state = async |id: &str, now| {
            let checks = doctor(world.options.clone(), now).await;
            checks.iter().find(|check| check.id == id).unwrap().state
        };
        assert_eq!(state("store-orphans", 0).await, State::Ok, "it may be about to get its row");
        assert_eq!(state("store-orphans", later).await, State::Warn);
        assert_eq!(state("store-files", 0).await, State::Ok);
        for file in walked(&world.directory.join("blobs")) {
            std::fs::rename(&file, file.with_extension("gone")).unwrap();
        }
        assert_eq!(state("store-files", 0).await, State::Fail);
        for file in walked(&world.directory.join("blobs")) {
            std::fs::rename(&file, file.with_extension("")).unwrap();
        }
        assert_eq!(world.store.sweep_orphans(later).await.unwrap(), 1);
        assert_eq!(state("store-orphans", later).await, State::Ok);
        std::fs::set_permissions(&world.directory, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(state("store-permissions", 0).await, State::Fail);
    });
}

#[test]
fn shredded_bytes_are_in_no_file_even_while_the_hub_serves() {
    run(async {
        let world = World::sqlite().await;
        let canary = b"canary-of-a-ciphertext-0123456789".repeat(20);
        let there = || {
            ["comity.db", "comity.db-wal"].into_iter().any(|file| {
                let bytes = std::fs::read(world.directory.join(file)).unwrap_or_default();
                bytes.windows(32).any(|window| window == &canary[..32])
            })
        };
        let row = comity_store::Item { ciphertext: Some(canary.clone()), ..item("i", "o", "c") };
        let key = comity_store::ItemKey { wrapped: canary.clone(), ..item_key("i") };
        world.store.write(Rows::new().with(row).with(key)).await.unwrap();
        assert!(there(), "the test looks where the bytes are");
        let shred = Write::Shred { owner: "o".to_owned(), compartment: None, at: 1 };
        world.store.write(Rows::new().with(shred)).await.unwrap();
        assert!(!there());
    });
}
