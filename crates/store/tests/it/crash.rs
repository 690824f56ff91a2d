//! A hub killed in the middle of its work: what it acknowledged is there.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use comity_store::{Needs, Options, Store};
use tempfile::TempDir;

use crate::world::{arrival, pause, run};

const CHILD: &str = "COMITY_STORE_TEST_CHILD";
const ROUNDS: u64 = 4;
const START_MAX: Duration = Duration::from_secs(60);

/// Not a test of its own: the process that the next test kills. It prints each report once acknowledged.
#[test]
fn child_that_takes_reports_until_it_is_killed() {
    let Some(directory) = std::env::var_os(CHILD) else { return };
    run(async {
        let store = Store::open(Options::new(directory)).await.unwrap();
        let mut output = std::io::stdout().lock();
        for _ in 0..100_000 {
            let units = (0..16).map(|_| {
                let needs = Needs::default().chain("intake", "fi").serial("report-2026");
                store.submit(needs, |view| -> Result<_, Infallible> {
                    Ok(arrival(view, "fi", &[5; 2_000]))
                })
            });
            for report_id in futures::future::join_all(units).await {
                writeln!(output, "\nacknowledged {}", report_id.unwrap()).unwrap();
            }
            output.flush().unwrap();
        }
    });
}

#[test]
fn every_acknowledged_report_is_there_after_a_kill() {
    let folder = TempDir::new().unwrap();
    let directory = folder.path().join("hub");
    for round in 1..=ROUNDS {
        let reports = take_reports_and_kill(&directory, Duration::from_millis(40 * round));
        run(async {
            let store = Store::open(Options::new(&directory)).await.unwrap();
            for report_id in &reports {
                assert!(store.report(report_id).await.unwrap().is_some(), "{report_id} is lost");
                let items = store.items(report_id, 10).await.unwrap();
                assert!(items.len() == 1 && items[0].1.is_some(), "{report_id} is torn");
            }
            chain_is_whole(&store).await;
            store.close().await;
        });
    }
}

fn take_reports_and_kill(directory: &Path, time: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_takes_reports_until_it_is_killed", "--nocapture"])
        .env(CHILD, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (first, started) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || -> Vec<String> {
        let mut reports = Vec::new();
        for line in lines.map_while(Result::ok) {
            if let Some(report_id) = line.strip_prefix("acknowledged ") {
                reports.push(report_id.to_owned());
                // After the first one nobody listens any more.
                let _ = first.send(());
            }
        }
        reports
    });
    started.recv_timeout(START_MAX).expect("the child takes a report");
    pause(time);
    // SIGKILL: nothing of the child runs after it.
    child.kill().unwrap();
    child.wait().unwrap();
    let mut reports = reader.join().unwrap();
    // The last line may be torn: its report id is then shorter than the others.
    reports.retain(|report_id| report_id.len() == "fi-r-2026-00001".len());
    reports
}

async fn chain_is_whole(store: &Store) {
    let mut seq = -1;
    loop {
        let page = store.chain("intake", "fi", seq, 1_000).await.unwrap();
        if page.is_empty() {
            break;
        }
        for entry in page {
            assert_eq!((entry.seq, entry.position), (seq + 1, seq + 2));
            seq = entry.seq;
        }
    }
    assert_eq!(store.head("intake", "fi").await.unwrap().map_or(-1, |head| head.seq), seq);
    let reports: i64 = store.report_counts().await.unwrap().iter().map(|(_, n)| n).sum();
    assert_eq!(reports, seq + 1, "each entry came with its report");
}
