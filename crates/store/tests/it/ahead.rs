//! Groups that are built while the one before them is written.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use comity_store::{CommitStep, Fault, Needs, Options, Purpose, Rejected, Rows, Store, View};
use futures::future::join_all;
use tempfile::TempDir;

use crate::world::{World, arrival, id, next, run};

const CALLERS: usize = 16;
const UNITS: usize = 24;

/// Files reports from many callers at once; returns those that were acknowledged, and how many were not.
async fn load(store: &Store, hub: &'static str) -> (BTreeSet<String>, usize) {
    let callers = (0..CALLERS).map(|_| {
        let store = store.clone();
        async move {
            let (mut taken, mut failed) = (Vec::new(), 0);
            for _ in 0..UNITS {
                let needs = Needs::default().chain("intake", hub).serial("report-2026");
                let build = move |view: &View| -> Result<(Rows, String), ()> {
                    Ok(arrival(view, hub, b"sealed"))
                };
                match store.submit(needs, build).await {
                    Ok(report) => taken.push(report),
                    Err(Rejected::Fault(Fault::Uncertain | Fault::Closed)) => failed += 1,
                    Err(other) => panic!("{other:?}"),
                }
            }
            (taken, failed)
        }
    });
    let (mut taken, mut failed) = (BTreeSet::new(), 0);
    for (mine, lost) in join_all(callers).await {
        for report in mine {
            assert!(taken.insert(report.clone()), "{report} was given twice");
        }
        failed += lost;
    }
    (taken, failed)
}

/// Every acknowledged report is there, and the chain has neither gap nor twin.
async fn check(store: &Store, hub: &str, taken: &BTreeSet<String>) -> usize {
    for report in taken {
        assert!(store.report(report).await.unwrap().is_some(), "{report} is lost");
    }
    let entries = store.chain("intake", hub, -1, 10_000).await.unwrap();
    for (place, entry) in entries.iter().enumerate() {
        assert_eq!(entry.seq, i64::try_from(place).unwrap());
        assert_eq!(entry.id, id("intake", hub, entry.seq + 1));
    }
    let head = store.head("intake", hub).await.unwrap().unwrap();
    assert_eq!(head.seq, i64::try_from(entries.len()).unwrap() - 1);
    entries.len()
}

#[test]
fn many_callers_make_one_chain() {
    run(async {
        let world = World::sqlite().await;
        let (taken, failed) = load(&world.store, "fr").await;
        assert_eq!((taken.len(), failed), (CALLERS * UNITS, 0));
        assert_eq!(check(&world.store, "fr", &taken).await, CALLERS * UNITS);
    });
}

#[test]
fn commits_that_fail_take_nothing_along_that_was_built_on_them() {
    run(async {
        let folder = TempDir::new().unwrap();
        let commits = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&commits);
        let options = Options::new(folder.path().join("hub")).commit_probe(move |step| {
            let nth = count.fetch_add(1, Ordering::SeqCst);
            match step {
                CommitStep::Before => nth % 7 == 3,
                CommitStep::After => nth % 11 == 5,
            }
        });
        let store = Store::open(options).await.unwrap();
        let (taken, failed) = load(&store, "fr").await;
        assert!(commits.load(Ordering::SeqCst) > 20, "too few groups to show anything");
        assert!(failed > 0 && !taken.is_empty());
        let stored = check(&store, "fr", &taken).await;
        assert!((taken.len()..=taken.len() + failed).contains(&stored), "{stored}");
        store.close().await;
    });
}

#[test]
fn another_process_may_write_in_between() {
    run(async {
        let world = World::sqlite().await;
        let tool = Store::open(world.options.clone().purpose(Purpose::Tool)).await.unwrap();
        let ((taken, failed), (others, lost)) =
            tokio::join!(load(&world.store, "fr"), load(&tool, "fr"));
        assert_eq!((failed, lost), (0, 0));
        assert!(taken.is_disjoint(&others));
        let all: BTreeSet<String> = taken.union(&others).cloned().collect();
        assert_eq!(check(&world.store, "fr", &all).await, 2 * CALLERS * UNITS);
        tool.close().await;
    });
}

#[test]
fn a_closure_that_panics_in_a_group_built_ahead_ends_with_its_group() {
    run(async {
        let world = World::sqlite().await;
        let bad = async {
            for _ in 0..20 {
                let needs = Needs::default().chain("intake", "fr");
                let answer = world
                    .store
                    .submit(needs, |_| -> Result<(Rows, ()), ()> {
                        panic!("a test's closure panics")
                    })
                    .await;
                assert!(matches!(answer, Err(Rejected::Fault(Fault::Closed))), "{answer:?}");
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        };
        let ((taken, failed), ()) = tokio::join!(load(&world.store, "fr"), bad);
        assert_eq!(check(&world.store, "fr", &taken).await, taken.len());
        assert_eq!(taken.len() + failed, CALLERS * UNITS);
    });
}

#[test]
fn a_unit_that_only_looks_sees_what_is_written() {
    run(async {
        let world = World::sqlite().await;
        let look = async {
            let mut last = -1;
            for _ in 0..50 {
                let needs = Needs::default().chain("intake", "fr");
                let seq = world.store.submit(needs, |view: &View| -> Result<_, ()> {
                    Ok((Rows::new(), view.head("intake", "fr").map_or(-1, |head| head.seq)))
                });
                let seq = seq.await.unwrap();
                assert!(seq >= last, "{seq} after {last}");
                if seq >= 0 {
                    let id = id("intake", "fr", seq + 1);
                    assert!(world.store.entry(&id).await.unwrap().is_some(), "{id}");
                }
                last = seq;
            }
        };
        let ((taken, _), ()) = tokio::join!(load(&world.store, "fr"), look);
        assert_eq!(taken.len(), CALLERS * UNITS);
        let more = world.store.submit(Needs::default().chain("intake", "fr"), |view: &View| {
            Ok::<_, ()>((Rows::new().with(next(view, "intake", "fr")), ()))
        });
        more.await.unwrap();
    });
}

/// Without a copy beside the writer this load leaves a log of about 150 MB.
#[test]
fn the_log_is_copied_beside_the_writer_and_starts_again() {
    const CALLERS: usize = 32;
    const UNITS: usize = 250;
    const LOG_BYTES_MAX: u64 = 64 << 20;
    run(async {
        let world = World::sqlite().await;
        let callers = (0..CALLERS).map(|_| {
            let store = world.store.clone();
            async move {
                for _ in 0..UNITS {
                    let needs = Needs::default().chain("intake", "fr").serial("report-2026");
                    let build = |view: &View| -> Result<(Rows, String), ()> {
                        Ok(arrival(view, "fr", &[7; 4096]))
                    };
                    store.submit(needs, build).await.unwrap();
                }
            }
        });
        join_all(callers).await;
        let log = std::fs::metadata(world.directory.join("comity.db-wal")).unwrap().len();
        assert!(log < LOG_BYTES_MAX, "{log}");
        let world = world.reopen().await;
        let head = world.store.head("intake", "fr").await.unwrap().unwrap();
        assert_eq!(head.seq + 1, i64::try_from(CALLERS * UNITS).unwrap());
    });
}
