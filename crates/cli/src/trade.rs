//! `comity trade`: import and export decisions from files alone, and their replay (certification.md, section 12).
//!
//! Local mode: no server, no network. Not here: the rules, which live in `comity_core::trade`.

mod dossier;
mod show;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use comity_core::cert::document;
use comity_core::refusal::Refusal;
use comity_core::trade::screening::{self, List};
use comity_core::trade::{export, import, replay};
use comity_ledger::attestation::VerifiedAttestation;
use comity_ledger::envelope::Envelope;
use serde_json::{Value, json};

use crate::cert::{Failure, read, refuse};
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
    /// Write candidates of a screening list into an export request, for a person to look at.
    Screen(Screen),
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
    /// Also write the decision with all its files into a new folder.
    #[arg(long, value_name = "FOLDER")]
    dossier: Option<PathBuf>,
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
    /// A screening list: the request is decided with its candidates, as `screen` writes them.
    #[arg(long, value_name = "FILE", requires = "dossier")]
    screening: Option<PathBuf>,
    /// Also write the decision with all its files into a new folder.
    #[arg(long, value_name = "FOLDER")]
    dossier: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `screen`.
#[derive(Debug, clap::Args)]
pub(crate) struct Screen {
    /// The request.
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// The screening list, `comity.screening-list/1`.
    #[arg(long, value_name = "FILE")]
    screening: PathBuf,
    /// Print refusals as one JSON document; the request is JSON anyway.
    #[arg(long)]
    json: bool,
}

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// A decision with its receipt, or a dossier.
    #[arg(value_name = "RECEIPT")]
    receipt: PathBuf,
    /// Files or folders that hold the inputs, found by their hash; without any, the receipt's folder.
    #[arg(long = "input", value_name = "PATH")]
    inputs: Vec<PathBuf>,
    /// A hub's signature under the decision, as its API gave it.
    #[arg(long, value_name = "FILE")]
    signed: Option<PathBuf>,
    /// The hub's key, known from elsewhere; without it only the form of the signature is checked.
    #[arg(long, value_name = "KEY", requires = "signed")]
    key: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match arguments {
        Arguments::Export(arguments) => run_export(arguments),
        Arguments::Import(arguments) => run_import(arguments),
        Arguments::Replay(arguments) => run_replay(arguments),
        Arguments::Screen(arguments) => run_screen(arguments),
    }
}

/// Decides, keeps a dossier if one is asked for, and prints: the document, or a page for people.
fn decided<T: serde::Serialize>(
    as_json: bool,
    page: fn(&Value) -> String,
    decide: impl FnOnce() -> Result<T, Failure>,
) -> anyhow::Result<Outcome> {
    match decide() {
        Err(failure) => refuse(as_json, failure),
        Ok(decision) => {
            if as_json {
                output::json(&decision)?;
            } else {
                output::print(&page(&serde_json::to_value(&decision)?))?;
            }
            Ok(Outcome::Done)
        }
    }
}

fn run_import(arguments: &Import) -> anyhow::Result<Outcome> {
    let [bom, good, rules, register] =
        [&arguments.bom, &arguments.good, &arguments.rules, &arguments.register].map(|f| read(f));
    decided(arguments.json, show::import, || {
        let (bom, good, rules, register) = (bom?, good?, rules?, register?);
        let inputs = import::Inputs { bom: &bom, good: &good, rules: &rules, register: &register };
        let decision = import::decide(&inputs)?;
        if let Some(folder) = &arguments.dossier {
            let files: [(&str, &[u8]); 4] =
                [("bom", &bom), ("good", &good), ("rules", &rules), ("register", &register)];
            dossier::write(folder, &files, &decision)?;
        }
        Ok(decision)
    })
}

fn run_export(arguments: &Export) -> anyhow::Result<Outcome> {
    let [request, rules, register] =
        [&arguments.request, &arguments.rules, &arguments.register].map(|file| read(file));
    decided(arguments.json, show::export, || {
        let (mut request, rules, register) = (request?, rules?, register?);
        if let Some(list) = &arguments.screening {
            // The receipt is over the request with its candidates, which the dossier keeps.
            let screened = screening::screen(&request, &List::parse(&read(list)?)?)?;
            request = serde_json_canonicalizer::to_vec(&screened).map_err(anyhow::Error::from)?;
        }
        let inputs = export::Inputs { request: &request, rules: &rules, register: &register };
        let decision = export::decide(&inputs)?;
        if let Some(folder) = &arguments.dossier {
            let files: [(&str, &[u8]); 3] =
                [("request", &request), ("rules", &rules), ("register", &register)];
            dossier::write(folder, &files, &decision)?;
        }
        Ok(decision)
    })
}

fn run_screen(arguments: &Screen) -> anyhow::Result<Outcome> {
    let screened = (|| {
        let list = List::parse(&read(&arguments.screening)?)?;
        Ok(screening::screen(&read(&arguments.request)?, &list)?)
    })();
    match screened {
        Err(failure) => refuse(arguments.json, failure),
        Ok(request) => {
            output::json(&request)?;
            Ok(Outcome::Done)
        }
    }
}

fn run_replay(arguments: &Replay) -> anyhow::Result<Outcome> {
    match replayed(arguments) {
        Err(failure) => refuse(arguments.json, failure),
        Ok((document, holds)) => {
            if arguments.json {
                output::json(&document)?;
            } else {
                output::print(&show::replayed(&document))?;
            }
            Ok(if holds { Outcome::Done } else { Outcome::No })
        }
    }
}

/// Returns the document of a replay, and whether all that was asked for holds.
fn replayed(arguments: &Replay) -> Result<(Value, bool), Failure> {
    let named = arguments.receipt.as_path();
    let path = if named.is_dir() { named.join(dossier::DECISION) } else { named.to_path_buf() };
    let decision = read(&path)?;
    let asked = replay::asked(&decision)?;
    let beside = path.parent().unwrap_or(Path::new("."));
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
    let replayed = replay::replay(&decision, &asked, &files)?;
    let mut holds = replayed.same;
    let mut document = serde_json::to_value(&replayed).map_err(anyhow::Error::from)?;
    if let Some(path) = &arguments.signed {
        let (signed, signature_holds) =
            signature(&read(path)?, &decision, arguments.key.as_deref())?;
        holds &= signature_holds;
        if let Value::Object(members) = &mut document {
            members.insert("signed".to_owned(), signed);
        }
    }
    Ok((document, holds))
}

/// Checks a hub's signature: that it is one, by that key, under exactly this decision's receipt.
fn signature(file: &[u8], decision: &[u8], key: Option<&str>) -> Result<(Value, bool), Failure> {
    let refused = |code| Refusal::new(code, "/envelope");
    document::parse(file)?;
    let answer: Value = serde_json::from_slice(file).map_err(|_| refused("json-invalid"))?;
    // The API's whole answer will do, or the envelope in it.
    let envelope = answer.get("envelope").unwrap_or(&answer);
    let envelope = serde_json_canonicalizer::to_vec(envelope).map_err(anyhow::Error::from)?;
    let envelope = Envelope::parse(&envelope).map_err(|error| refused(error.code()))?;
    let opened = VerifiedAttestation::open(&envelope).map_err(|error| refused(error.code()))?;
    let attested = opened.attestation();
    let decision: Value = serde_json::from_slice(decision).map_err(|_| refused("json-invalid"))?;
    let named = |name: &str| decision.pointer(name).and_then(Value::as_str);
    let mut inputs = decision.get("receipt").cloned().unwrap_or_default();
    if let Value::Object(members) = &mut inputs {
        members.retain(|role, _| !matches!(role.as_str(), "engine" | "result"));
    }
    let holds = named("/type") == Some(&attested.decision)
        && named("/receipt/result") == Some(&attested.result)
        && inputs == json!(attested.inputs)
        && key.is_none_or(|key| key == opened.key().to_string());
    let shown = json!({"hub": attested.hub.as_str(), "key": opened.key().to_string(),
        "at": attested.at, "holds": holds});
    Ok((shown, holds))
}

/// Returns the files named, and those directly in the folders named.
fn candidates(paths: &[&Path]) -> Result<Vec<PathBuf>, Failure> {
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
