//! Measures Comity against its bars; prints a table, fails nothing.

mod fold;
mod import;
mod intake;
mod law;
mod ledger;
mod machine;
mod register;
mod search;
mod sharing;
mod start;
mod trade;

use std::time::{Duration, Instant};

/// One line of the table.
pub(crate) struct Row {
    what: String,
    seen: String,
    bar: &'static str,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, seen: impl Into<String>, bar: &'static str) -> Self {
        Self { what: what.into(), seen: seen.into(), bar }
    }
}

type Bench = fn() -> anyhow::Result<Vec<Row>>;

const ALL: &[(&str, Bench)] = &[
    ("start", start::run),
    ("intake", intake::run),
    ("entries", ledger::run),
    ("fold", fold::run),
    ("search", search::run),
    ("import", import::run),
    ("law", law::run),
    ("trade", trade::run),
    ("register", register::run),
    ("sharing", sharing::run),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    println!("machine: {}\n", machine::describe());
    println!("| what | seen | bar |\n| --- | --- | --- |");
    for (name, bench) in ALL {
        if !wanted.is_empty() && !wanted.iter().any(|word| word == *name) {
            continue;
        }
        match bench() {
            Ok(rows) => {
                for row in rows {
                    println!("| {} | {} | {} |", row.what, row.seen, row.bar);
                }
            }
            Err(error) => println!("| {name} | not measured: {error:#} | |"),
        }
    }
}

/// Returns how long `work` took.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads clocks")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = work();
    (value, start.elapsed())
}

/// Returns the instant now.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads clocks")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns the value at a share of the sorted durations.
pub(crate) fn quantile(durations: &mut [Duration], percent: usize) -> Duration {
    durations.sort();
    let last = durations.len().saturating_sub(1);
    durations.get(last * percent / 100).copied().unwrap_or_default()
}

/// Prints milliseconds.
pub(crate) fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}
