//! Import decisions over large bills: the program as a trader runs it, with its peak memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use comity_core::trade::import;
use comity_core::trade::word::ImportOutcome;
use serde_json::{Value, json};

use crate::{Row, machine, ms, now, quantile, timed};

const LARGE_NODES: usize = 100_000;
const LARGE_EDGES: usize = 1_000_000;
const SMALL_NODES: usize = 500;
const CERTIFIED: &str = "urn:comity:jur:k4t9m2";
const NOT_CERTIFIED: &str = "urn:comity:jur:g8m4sn";
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/cert");
const VECTOR: &str = "vectors/trade-import/i02-ancestor-not-certified";
/// How often memory is looked at while the program runs.
const LOOK: Duration = Duration::from_millis(2);

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let read = |path: &str| std::fs::read(format!("{DATA}/{path}")).context(path.to_owned());
    let (good, rules) =
        (read(&format!("{VECTOR}/good.json"))?, read(&format!("{VECTOR}/rules.json"))?);
    let register = read("register-sample.json")?;
    let small = bill(SMALL_NODES, SMALL_NODES * 10)?;
    let mut times = Vec::new();
    for _ in 0..31 {
        let inputs =
            import::Inputs { bom: &small, good: &good, rules: &rules, register: &register };
        let (decision, time) = timed(|| import::decide(&inputs));
        let decision = decision.map_err(|refusal| anyhow::anyhow!(refusal.code))?;
        anyhow::ensure!(decision.outcome() == ImportOutcome::Prohibit, "the outcome");
        times.push(time);
    }
    let small_row = Row::new(
        format!(
            "import decision, {SMALL_NODES} nodes, with explanation and counterfactual (median)"
        ),
        ms(quantile(&mut times, 50)),
        "< 10 ms",
    );
    let folder = tempfile::tempdir()?;
    let mut rows = vec![small_row];
    for (shape, bom) in
        [("mesh", bill(LARGE_NODES, LARGE_EDGES)?), ("chain", bill(LARGE_NODES, LARGE_NODES)?)]
    {
        rows.extend(large(shape, folder.path(), &bom)?);
    }
    Ok(rows)
}

/// Runs the program over a large bill.
#[expect(clippy::disallowed_methods, reason = "it waits between two looks at another process")]
fn large(shape: &str, folder: &Path, bom: &[u8]) -> anyhow::Result<Vec<Row>> {
    let bill = folder.join(format!("{shape}.json"));
    std::fs::write(&bill, bom)?;
    let mut times = Vec::new();
    let mut peak_kib = 0;
    for _ in 0..5 {
        let answer = folder.join("answer.json");
        let start = now();
        let mut child = Command::new(machine::binary()?)
            .args(["trade", "import", "--json", "--bom"])
            .arg(&bill)
            .args(["--good", &format!("{DATA}/{VECTOR}/good.json")])
            .args(["--rules", &format!("{DATA}/{VECTOR}/rules.json")])
            .args(["--register", &format!("{DATA}/register-sample.json")])
            .stdout(Stdio::from(std::fs::File::create(&answer)?))
            .spawn()?;
        let status = loop {
            peak_kib = peak_kib.max(peak_of(child.id()));
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(LOOK);
        };
        times.push(start.elapsed());
        anyhow::ensure!(status.success(), "{shape}: the program ended with {status}");
        let decision: Value = serde_json::from_slice(&std::fs::read(&answer)?)?;
        let reached = decision.pointer("/counts/reached").and_then(Value::as_u64);
        let reached = reached.and_then(|count| usize::try_from(count).ok());
        anyhow::ensure!(
            decision.get("outcome") == Some(&json!("PROHIBIT")),
            "{shape}: the outcome"
        );
        anyhow::ensure!(reached == Some(LARGE_NODES + 1), "{shape}: the nodes");
    }
    let edges = if shape == "mesh" { LARGE_EDGES } else { LARGE_NODES };
    let what = format!("`comity trade import`, {LARGE_NODES} nodes, {edges} edges, {shape}");
    Ok(vec![
        Row::new(
            format!("{what} (median of 5, reading included)"),
            ms(quantile(&mut times, 50)),
            "< 2 s",
        ),
        Row::new(format!("{what}: peak memory"), format!("{} MiB", peak_kib >> 10), "< 512 MB"),
    ])
}

/// Returns the most memory a process has held so far, in KiB; 0 once it is gone.
fn peak_of(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// A bill of models that depend on one another, one in a hundred from a place without a certificate.
///
/// Every node depends on the next, the rest of the edges leap ahead.
fn bill(nodes: usize, edges: usize) -> anyhow::Result<Vec<u8>> {
    let name = |n: usize| format!("model-{n:06}");
    let property = |name: &str, place: &str| json!({ "name": name, "value": place });
    let components: Vec<Value> = (0..nodes)
        .map(|n| {
            let place = if n % 100 == 99 { NOT_CERTIFIED } else { CERTIFIED };
            json!({"type": "machine-learning-model", "bom-ref": name(n), "name": name(n),
                "properties": [property("aijur:developer", place), property("aijur:training-site", place)]})
        })
        .collect();
    let each = edges / nodes;
    let mut dependencies = vec![json!({"ref": "good", "dependsOn": [name(0)]})];
    dependencies.extend((0..nodes).map(|n| {
        let to: Vec<String> =
            (0..each).map(|k| n + 1 + k * (k * 7 + 1)).filter(|to| *to < nodes).map(name).collect();
        json!({"ref": name(n), "dependsOn": to})
    }));
    Ok(serde_json::to_vec(&json!({
        "bomFormat": "CycloneDX", "specVersion": "1.7",
        "metadata": {"component": {"type": "device", "bom-ref": "good", "name": "good"}},
        "components": components, "dependencies": dependencies,
    }))?)
}
