//! Search over 100,000 advisories, and the time of an advisory page in the server.

use std::time::Duration;

use comity_store::{Advisory, Options, Order, Rows, SearchEntry, SearchQuery, Store};

use crate::{Row, ms, now, quantile, start};

const ADVISORIES: usize = 100_000;
const SEARCHES: usize = 400;

const WORDS: [&str; 24] = [
    "guardrail",
    "bypass",
    "nested",
    "roles",
    "loader",
    "executes",
    "pickle",
    "model",
    "server",
    "path",
    "traversal",
    "prompt",
    "injection",
    "tenant",
    "leak",
    "agent",
    "tool",
    "poisoned",
    "weights",
    "embedding",
    "ذاكرة",
    "模型",
    "越狱",
    "denial",
];

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let data = folder.path().join("hub");
    let mut searches = runtime.block_on(async {
        let store = Store::open(Options::new(&data)).await?;
        fill(&store).await?;
        let times = search(&store).await?;
        store.close().await;
        anyhow::Ok(times)
    })?;
    let mut pages = pages()?;
    Ok(vec![
        Row::new(
            format!("search over {ADVISORIES} advisories, p95"),
            ms(quantile(&mut searches, 95)),
            "< 30 ms",
        ),
        Row::new("search, median", ms(quantile(&mut searches, 50)), ""),
        Row::new(
            "advisory page over HTTP on loopback, median",
            ms(quantile(&mut pages, 50)),
            "< 2 ms",
        ),
    ])
}

async fn fill(store: &Store) -> anyhow::Result<()> {
    for page in 0..ADVISORIES / 200 {
        let mut rows = Rows::new();
        for n in page * 200..(page + 1) * 200 {
            let id = format!("bench-2026-{n:06}");
            let word =
                |k: usize| WORDS.get((n / (k * k + 1) + k) % WORDS.len()).copied().unwrap_or("x");
            let text =
                format!("{id} {} {} {} {} product{} ", word(0), word(1), word(2), word(3), n % 977);
            let at = i64::try_from(n)? * 60_000;
            rows.put(Advisory {
                advisory_id: id.clone(),
                version: 1,
                case_id: None,
                state: "published".to_owned(),
                title: text.clone(),
                language: "en".to_owned(),
                published_at: Some(at),
                withdrawn_at: None,
                successor: None,
                sha256: String::new(),
                document: vec![b' '; 2048],
            });
            rows.put(SearchEntry {
                advisory_id: id,
                version: 1,
                published_at: at,
                withdrawn_at: None,
                text: text.repeat(6),
            });
        }
        store.write(rows).await?;
    }
    Ok(())
}

async fn search(store: &Store) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(SEARCHES);
    for n in 0..SEARCHES {
        let first = WORDS.get(n % WORDS.len()).copied().unwrap_or_default();
        let text = match n % 4 {
            0 => first.to_owned(),
            1 => format!("{first} product{}", n % 977),
            2 => first.chars().take(3).collect(),
            _ => {
                format!("{first} {}", WORDS.get((n / 3) % WORDS.len()).copied().unwrap_or_default())
            }
        };
        let order = if n % 2 == 0 { Order::Newest } else { Order::Relevance };
        let query = SearchQuery { text, order, ..SearchQuery::default() };
        let begun = now();
        let hits = store.search(&query, 20).await?;
        times.push(begun.elapsed());
        anyhow::ensure!(hits.len() <= 20, "too many hits");
    }
    Ok(times)
}

/// The pages of a hub that the demo has filled.
fn pages() -> anyhow::Result<Vec<Duration>> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("hub");
    let address = start::free_address()?;
    let status = std::process::Command::new(crate::machine::binary()?)
        .args(["demo", "--exit", "--json", "--address", &address, "--keep"])
        .arg(&data)
        .stdout(std::process::Stdio::null())
        .status()?;
    anyhow::ensure!(status.success(), "the demo failed");
    let _served = start::serve(&data, &address)?;
    let list = start::page(&address, "/api/v1/advisories?limit=200")?;
    let body = list.split("\r\n\r\n").nth(1).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(body)?;
    let ids: Vec<String> = value
        .pointer("/items")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|row| row.get("id").and_then(serde_json::Value::as_str).map(str::to_owned))
        .collect();
    anyhow::ensure!(!ids.is_empty(), "no advisory");
    let mut times = Vec::new();
    for n in 0..300 {
        let id = ids.get(n % ids.len()).cloned().unwrap_or_default();
        let begun = now();
        let text = start::page(&address, &format!("/en/advisories/{id}"))?;
        times.push(begun.elapsed());
        anyhow::ensure!(text.starts_with("HTTP/1.1 200"), "{}", text.lines().next().unwrap_or(""));
    }
    Ok(times)
}
