//! `comity trade`: import and export decisions from files alone, and their replay (certification.md, section 12).
//!
//! Local mode: no server, no network. Not here: the rules, which live in `comity_core::trade`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use comity_core::cert::document;
use comity_core::trade::{export, import, replay};

use crate::cert::{answer, read, refuse};
use crate::output::{self, Outcome};

/// The most files that are looked through for a replay.
const REPLAY_FILES_MAX: usize = 10_000;

/// Arguments.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// Decide an export of AI inputs.
    Export(Export),
    /// Decide an import of a good with AI in it.
    Import(Import),
    /// Decide again over the same files, and compare with the receipt.
    Replay(Replay),
}

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// Bill of materials: `CycloneDX` 1.5 to 1.7 or SPDX 3, JSON.
    #[arg(long, value_name = "FILE")]
    bom: PathBuf,
    /// The good and the importer's evidence.
    #[arg(long, value_name = "FILE")]
    good: PathBuf,
    /// The importing state's rules.
    #[arg(long, value_name = "FILE")]
    rules: PathBuf,
    /// The status register.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The request.
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// The exporting state's rules.
    #[arg(long, value_name = "FILE")]
    rules: PathBuf,
    /// The status register.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// A decision with its receipt.
    #[arg(value_name = "RECEIPT")]
    receipt: PathBuf,
    /// Files or folders that hold the inputs, found by their hash; without any, the receipt's folder.
    #[arg(long = "input", value_name = "PATH")]
    inputs: Vec<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match arguments {
        Arguments::Export(arguments) => run_export(arguments),
        Arguments::Import(arguments) => run_import(arguments),
        Arguments::Replay(arguments) => run_replay(arguments),
    }
}

fn run_import(arguments: &Import) -> anyhow::Result<Outcome> {
    let [bom, good, rules, register] =
        [&arguments.bom, &arguments.good, &arguments.rules, &arguments.register].map(|f| read(f));
    answer(arguments.json, || {
        let (bom, good, rules, register) = (bom?, good?, rules?, register?);
        let inputs = import::Inputs { bom: &bom, good: &good, rules: &rules, register: &register };
        Ok(import::decide(&inputs)?)
    })
}

fn run_export(arguments: &Export) -> anyhow::Result<Outcome> {
    let [request, rules, register] =
        [&arguments.request, &arguments.rules, &arguments.register].map(|file| read(file));
    answer(arguments.json, || {
        let (request, rules, register) = (request?, rules?, register?);
        let inputs = export::Inputs { request: &request, rules: &rules, register: &register };
        Ok(export::decide(&inputs)?)
    })
}

fn run_replay(arguments: &Replay) -> anyhow::Result<Outcome> {
    let replayed = (|| {
        let decision = read(&arguments.receipt)?;
        let asked = replay::asked(&decision)?;
        let beside = arguments.receipt.parent().unwrap_or(Path::new("."));
        let beside = if beside.as_os_str().is_empty() { Path::new(".") } else { beside };
        let mut paths: Vec<&Path> = arguments.inputs.iter().map(PathBuf::as_path).collect();
        if paths.is_empty() {
            paths.push(beside);
        }
        let mut files = BTreeMap::new();
        for path in candidates(&paths)? {
            let Ok(bytes) = read(&path) else { continue };
            let hash = document::hash(&bytes);
            if asked.inputs.values().any(|wanted| *wanted == hash) {
                files.insert(hash, bytes);
            }
        }
        Ok(replay::replay(&decision, &asked, &files)?)
    })();
    match replayed {
        Ok(replayed) => {
            output::json(&replayed)?;
            Ok(if replayed.same { Outcome::Done } else { Outcome::No })
        }
        Err(failure) => refuse(arguments.json, failure),
    }
}

/// Returns the files named, and those directly in the folders named.
fn candidates(paths: &[&Path]) -> Result<Vec<PathBuf>, crate::cert::Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.to_path_buf());
            continue;
        }
        for entry in std::fs::read_dir(path).map_err(anyhow::Error::from)?.take(REPLAY_FILES_MAX) {
            let path = entry.map_err(anyhow::Error::from)?.path();
            if path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
