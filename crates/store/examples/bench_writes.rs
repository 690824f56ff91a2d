//! Measures durable units a second with 64 submitters, and search over many advisories.
//!
//! `cargo run --release -p comity-store --example bench_writes -- <directory> [postgres-url]`

use std::convert::Infallible;

use comity_store::{
    Advisory, Append, Item, ItemKey, Needs, Options, Order, Place, Report, Rows, SearchEntry,
    SearchQuery, Store, View, Write,
};

const SUBMITTERS: usize = 64;
const UNITS_EACH: usize = 400;
const ADVISORIES: i64 = 100_000;

fn main() {
    let mut words = std::env::args().skip(1);
    let directory = words.next().unwrap_or_else(|| "bench-hub".to_owned());
    let url = words.next();
    let runtime = tokio::runtime::Runtime::new();
    let outcome = runtime.map(|runtime| runtime.block_on(measure(directory, url)));
    println!("{outcome:?}");
}

async fn measure(directory: String, url: Option<String>) -> Result<(), comity_store::Fault> {
    let store = Store::open(Options::new(directory).database_url(url)).await?;
    let started = now();
    let submitters = (0..SUBMITTERS).map(|_| {
        let store = store.clone();
        async move {
            let mut failed = 0;
            for _ in 0..UNITS_EACH {
                let needs = Needs::default().chain("intake", "fi").serial("report-2026");
                let unit = store.submit(needs, |view| Ok::<_, Infallible>((unit(view), ()))).await;
                failed += usize::from(unit.is_err());
            }
            failed
        }
    });
    let failed: usize = futures::future::join_all(submitters).await.into_iter().sum();
    let seconds = now() - started;
    let units = f64::from(u32::try_from(SUBMITTERS * UNITS_EACH).unwrap_or(0));
    println!("{:.0} durable units/s of 4 KB ({seconds:.2} s, {failed} failed)", units / seconds);
    search(&store).await
}

/// Entry, serial, report, item of 4 KB, key: what a report costs.
fn unit(view: &View) -> Rows {
    let serial = view.next_serial("report-2026");
    let head = view.head("intake", "fi");
    let seq = head.map_or(0, |head| head.seq + 1);
    let report_id = format!("fi-r-2026-{serial:05}");
    let mut rows = Rows::new();
    rows.put(Append {
        room_id: "intake".to_owned(),
        author: "fi".to_owned(),
        seq,
        prev: head.map(|head| head.id.clone()),
        id: format!("{seq:064}"),
        at: 1,
        kind: "report.received".to_owned(),
        envelope: vec![7; 900],
        place: Place::Next,
    });
    rows.put(Write::Serial { counter: "report-2026".to_owned(), value: serial });
    rows.put(Report {
        report_id: report_id.clone(),
        received_at: 1,
        kind: "flaw".to_owned(),
        language: "en".to_owned(),
        state: "received".to_owned(),
        decision: None,
        verdict: None,
        due_at: serial,
        case_id: None,
        acknowledged_at: None,
        digest: String::new(),
        mailbox_id: Some(report_id.clone()),
        group_key: None,
        summary: "{}".to_owned(),
        updated_at: 1,
    });
    rows.put(Item {
        item_id: report_id.clone(),
        room_id: "intake".to_owned(),
        owner: report_id.clone(),
        compartment: "technical".to_owned(),
        ciphertext: Some(vec![5; 4096]),
        blob: None,
        padded_bytes: 4096,
        created_at: 1,
        shredded_at: None,
    });
    rows.put(ItemKey { item_id: report_id, epoch: 0, wrapped: vec![3; 72] });
    rows
}

async fn search(store: &Store) -> Result<(), comity_store::Fault> {
    let started = now();
    for first in (0..ADVISORIES).step_by(200) {
        let mut rows = Rows::new();
        for n in first..first + 200 {
            publish(&mut rows, n);
        }
        if let Err(error) = store.write(rows).await {
            println!("{error}");
        }
    }
    println!("{ADVISORIES} advisories indexed in {:.1} s", now() - started);
    for (name, text) in [
        ("common word", "model"),
        ("two words", "model word77"),
        ("rare", "word4242"),
        ("none", ""),
    ] {
        for order in [Order::Newest, Order::Relevance] {
            let mut times = Vec::new();
            let mut hits = 0;
            for _ in 0..50 {
                let query = SearchQuery { text: text.to_owned(), order, ..SearchQuery::default() };
                let started = now();
                hits = store.search(&query, 20).await?.len();
                times.push((now() - started) * 1000.0);
            }
            times.sort_by(f64::total_cmp);
            let p95 = times.get(47).copied().unwrap_or(0.0);
            println!("search {name} {order:?}: p95 {p95:.1} ms, {hits} hits");
        }
    }
    Ok(())
}

fn publish(rows: &mut Rows, n: i64) {
    let title = format!("Flaw {n} in model word{} and word{}", n % 100, n % 5_003);
    let id = format!("fi-2026-{n:05}");
    rows.put(Advisory {
        advisory_id: id.clone(),
        version: 1,
        case_id: None,
        state: "published".to_owned(),
        title: title.clone(),
        language: "en".to_owned(),
        published_at: Some(n / 3),
        withdrawn_at: None,
        successor: None,
        sha256: String::new(),
        document: vec![b'x'; 500],
    });
    rows.put(SearchEntry {
        advisory_id: id,
        version: 1,
        published_at: n / 3,
        withdrawn_at: None,
        text: format!("{title} {}", "some more words that every advisory has ".repeat(5)),
    });
}

#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn now() -> f64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}
