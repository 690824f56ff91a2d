//! What the figures were seen on.

use std::path::PathBuf;

/// Returns cores, processor and memory in one line.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split(':').nth(1))
        .unwrap_or("unknown processor");
    let memory = read("/proc/meminfo");
    let kb: u64 = memory
        .lines()
        .find(|line| line.starts_with("MemTotal"))
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|kb| kb.parse().ok())
        .unwrap_or(0);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("?");
    format!("{cores} cores, {}, {} GiB, load {load} before", model.trim(), kb >> 20)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Returns the release binary, which must have been built.
pub(crate) fn binary() -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("comity");
    anyhow::ensure!(path.exists(), "build it first: cargo build --release");
    Ok(path)
}

/// Returns the processor time a process has used, user and system, in seconds.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let text = read(&format!("/proc/{pid}/stat"));
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    // The kernel's clock ticks are 100 a second on every Linux we run on.
    f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / 100.0
}

/// Returns the resident memory of a process in KiB.
pub(crate) fn resident_kib(pid: u32) -> u64 {
    read(&format!("/proc/{pid}/status"))
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|kb| kb.parse().ok())
        .unwrap_or(0)
}
