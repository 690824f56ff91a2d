//! Process start to first page, memory, size.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{Row, machine, ms, now, quantile};

const RUNS: usize = 11;

/// A served hub; ended by its own process id when dropped.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) ready_after: Duration,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Makes a hub in `data` that listens on `address`, with limits that do not bind a benchmark.
pub(crate) fn init(data: &Path, address: &str) -> anyhow::Result<()> {
    let status = Command::new(machine::binary()?)
        .arg("--data")
        .arg(data)
        .args(["init", "--hub", "bench", "--name", "Bench", "--address", address])
        .stdout(Stdio::null())
        .status()?;
    anyhow::ensure!(status.success(), "init failed");
    let path = data.join("config.toml");
    let text = std::fs::read_to_string(&path)?;
    let mut out = String::new();
    for line in text.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        if name.starts_with("reports_per") || name.ends_with("_per_minute") {
            out.push_str(name);
            out.push_str(" = 1000000000\n");
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    std::fs::write(path, out)?;
    Ok(())
}

/// Serves `data` and waits for the first page.
pub(crate) fn serve(data: &Path, address: &str) -> anyhow::Result<Served> {
    let start = now();
    let child = Command::new(machine::binary()?)
        .arg("--data")
        .arg(data)
        .arg("serve")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut served = Served { child, ready_after: Duration::ZERO };
    while start.elapsed() < Duration::from_secs(20) {
        if page(address, "/en/").is_ok_and(|text| text.starts_with("HTTP/1.1 200")) {
            served.ready_after = start.elapsed();
            return Ok(served);
        }
    }
    anyhow::bail!("no page within 20 s")
}

/// Gets a page over a connection of its own.
pub(crate) fn page(address: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Returns a loopback address nobody listens on.
pub(crate) fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let address = free_address()?;
    let data = folder.path().join("hub");
    let mut fresh = Vec::new();
    for run in 0..RUNS {
        let data = folder.path().join(format!("new-{run}"));
        let start = now();
        init(&data, &address)?;
        let served = serve(&data, &address)?;
        fresh.push(start.elapsed());
        drop(served);
    }
    init(&data, &address)?;
    let mut existing = Vec::new();
    let mut resident = 0;
    for _ in 0..RUNS {
        let served = serve(&data, &address)?;
        existing.push(served.ready_after);
        std::thread::park_timeout(Duration::from_millis(300));
        resident = machine::resident_kib(served.child.id());
    }
    let size = std::fs::metadata(machine::binary()?)?.len();
    Ok(vec![
        Row::new(
            "start to first page, existing store",
            ms(quantile(&mut existing, 50)),
            "< 100 ms",
        ),
        Row::new(
            "init and start to first page, new store",
            ms(quantile(&mut fresh, 50)),
            "< 300 ms",
        ),
        Row::new("resident when idle", format!("{:.1} MB", resident_mb(resident)), "< 30 MB"),
        Row::new("release binary", format!("{:.1} MB", bytes_mb(size)), "< 25 MB"),
    ])
}

fn resident_mb(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) * 1024.0 / 1e6
}

fn bytes_mb(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6
}
