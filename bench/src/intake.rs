//! Durable, sealed, signed reports a second over HTTP.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{Row, machine, ms, now, quantile, start};

const CLIENTS: usize = 64;
const SECONDS: u64 = 8;
const REPORT_BYTES: usize = 4096;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let address = start::free_address()?;
    let data = folder.path().join("hub");
    start::init(&data, &address)?;
    let token = token(&data)?;
    let served = start::serve(&data, &address)?;
    let pid = served.child.id();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (warm, _) = runtime.block_on(load(&address, &token, Duration::from_secs(1)))?;
    anyhow::ensure!(warm > 0, "no report was taken");
    let cpu_before = machine::cpu_seconds(pid);
    let begun = now();
    let (filed, mut waits) =
        runtime.block_on(load(&address, &token, Duration::from_secs(SECONDS)))?;
    let elapsed = begun.elapsed().as_secs_f64();
    let cpu = machine::cpu_seconds(pid) - cpu_before;
    let count = f64::from(u32::try_from(filed).unwrap_or(u32::MAX));
    Ok(vec![
        Row::new(
            format!("reports of 4 KB, {CLIENTS} clients, durable and signed"),
            format!("{:.0}/s", count / elapsed),
            "≥ 4,000/s",
        ),
        Row::new(
            "CPU of the server a report",
            format!("{:.3} ms", cpu * 1000.0 / count),
            "< 0.4 ms",
        ),
        Row::new("wait of a client, median", ms(quantile(&mut waits, 50)), ""),
        Row::new("wait of a client, p99", ms(quantile(&mut waits, 99)), ""),
        Row::new(
            "resident after the load",
            format!("{} MB", machine::resident_kib(pid) / 1000),
            "",
        ),
    ])
}

fn token(data: &std::path::Path) -> anyhow::Result<String> {
    let comity = |words: &[&str]| -> anyhow::Result<String> {
        let out = Command::new(machine::binary()?).arg("--data").arg(data).args(words).output()?;
        anyhow::ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        Ok(String::from_utf8(out.stdout)?)
    };
    comity(&["admin", "account", "add", "b", "--organisation", "bench", "--role", "coordinator"])?;
    let text = comity(&["admin", "token", "b", "--json"])?;
    let value: serde_json::Value = serde_json::from_str(&text)?;
    let token = value.get("token").and_then(serde_json::Value::as_str);
    token.map(str::to_owned).ok_or_else(|| anyhow::anyhow!("no token"))
}

/// A report of about 4 KB, as a request ready to be sent.
fn request(address: &str, token: &str) -> Vec<u8> {
    let head = r#"{"schema":"comity.report/1","id":"bench","lexicon":"1.0.0","language":"en","kind":"vulnerability","abstract":{"title":"Nested roles bypass a guardrail"},"affected":{"artefacts":[{"kind":"guardrail","name":"Kite Relay","version":"2.1"}]},"technical":{"classes":["BEH-03"],"scope":"product","description":""#;
    let middle = r#""},"reproduction":{"steps":""#;
    let tail = r#""},"disclosure":{"report_public":"no"}}"#;
    let filler = REPORT_BYTES.saturating_sub(head.len() + middle.len() + tail.len());
    let words = "a role inside a role is not read ".repeat(filler / 33 + 2);
    let (one, two) = (filler / 2, filler - filler / 2);
    let body = format!(
        "{head}{}{middle}{}{tail}",
        words.get(..one).unwrap_or_default(),
        words.get(..two).unwrap_or_default()
    );
    format!(
        "POST /api/v1/reports HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn load(
    address: &str,
    token: &str,
    length: Duration,
) -> anyhow::Result<(u64, Vec<Duration>)> {
    let request: Arc<Vec<u8>> = Arc::new(request(address, token));
    let filed = Arc::new(AtomicU64::new(0));
    let local = tokio::task::LocalSet::new();
    let waits = local
        .run_until(async {
            let mut clients = Vec::new();
            for _ in 0..CLIENTS {
                let (request, filed) = (Arc::clone(&request), Arc::clone(&filed));
                let address = address.to_owned();
                clients.push(tokio::task::spawn_local(async move {
                    client(&address, &request, &filed, length).await
                }));
            }
            let mut waits = Vec::new();
            for client in clients {
                waits.extend(client.await??);
            }
            anyhow::Ok(waits)
        })
        .await?;
    Ok((filed.load(Ordering::Relaxed), waits))
}

async fn client(
    address: &str,
    request: &[u8],
    filed: &AtomicU64,
    length: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let begun = now();
    let mut waits = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    while begun.elapsed() < length {
        let sent = now();
        stream.write_all(request).await?;
        let status = answer(&mut stream, &mut buffer).await?;
        anyhow::ensure!(status == 201, "status {status}");
        waits.push(sent.elapsed());
        filed.fetch_add(1, Ordering::Relaxed);
    }
    Ok(waits)
}

/// Reads one answer with a content length and returns its status.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> anyhow::Result<u16> {
    let mut filled = 0;
    loop {
        let rest = buffer.get_mut(filled..).unwrap_or_default();
        let read = stream.read(rest).await?;
        anyhow::ensure!(read > 0, "the server closed the connection");
        filled += read;
        let text = buffer.get(..filled).unwrap_or_default();
        let Some(end) = text.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(text.get(..end).unwrap_or_default()).to_lowercase();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0);
        if filled >= end + 4 + length {
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
            return status.ok_or_else(|| anyhow::anyhow!("no status"));
        }
    }
}
