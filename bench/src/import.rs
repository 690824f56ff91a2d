//! Every real record imported and assessed.

use std::path::{Path, PathBuf};

use comity_core::{assess, lexicon::Lexicon, report::Report};
use comity_formats::import::{Format, Run, Terms};

use crate::{Row, ms, timed};

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let sets: [(Format, &str); 3] = [
        (Format::Avid, "avid/reports.jsonl"),
        (Format::Cve, "cve_vulnrichment"),
        (Format::Cve, "cve_nvidia_ai"),
    ];
    let mut files: Vec<(Format, PathBuf, Vec<u8>)> = Vec::new();
    for (format, name) in sets {
        for path in jsonl(&data.join(name)) {
            let bytes = std::fs::read(&path)?;
            files.push((format, path, bytes));
        }
    }
    anyhow::ensure!(!files.is_empty(), "skipped: the shared data are not there");
    let (counts, time) = timed(|| import(&files));
    let (read, assessed) = counts?;
    let what = format!("{read} AVID and CVE records imported, {assessed} reports assessed");
    Ok(vec![Row::new(what, ms(time), "< 2,000 ms")])
}

fn jsonl(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut found: Vec<PathBuf> = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    found.sort();
    found
}

fn import(files: &[(Format, PathBuf, Vec<u8>)]) -> anyhow::Result<(u64, u64)> {
    let lexicon = Lexicon::embedded();
    let terms = Terms::of(lexicon);
    let (mut read, mut assessed) = (0, 0);
    for (format, path, bytes) in files {
        let mut run = Run::new(*format, &terms, true);
        for (line, bytes) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if !bytes.is_empty() {
                run.line(&path.display().to_string(), u64::try_from(line)? + 1, bytes);
            }
        }
        let imported = run.finish();
        read += imported.read;
        let reports = imported.document.get("reports").and_then(serde_json::Value::as_array);
        for report in reports.into_iter().flatten() {
            let value = report.get("report").unwrap_or(report).clone();
            let report = Report::from_value(&value, lexicon)
                .map_err(|refusals| anyhow::anyhow!("{refusals:?}"))?;
            let _assessment = assess::assess(&report, lexicon);
            assessed += 1;
        }
    }
    Ok((read, assessed))
}
