//! `comity cert oscal`: the standard to and from OSCAL, baselines resolved (certification.md, CT-06).
//!
//! Local mode: no server, no network; what a baseline refers to is handed in. Not here: the reading and
//! writing, which live in `comity_formats::oscal`.

use std::path::{Path, PathBuf};

use comity_core::cert::assessment::Assessment;
use comity_core::cert::profile::Profile;
use comity_core::refusal::Refusal;
use comity_formats::oscal::catalogue::Catalogue;
use comity_formats::oscal::{profile, results};

use super::{Failure, answer, read};
use crate::output::Outcome;

/// Arguments of `cert oscal`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// Write a standard as an OSCAL catalogue; an imported one comes back as it was.
    Export(Export),
    /// Read an OSCAL catalogue as a version of the standard.
    Import(Import),
    /// Resolve a baseline, an OSCAL profile, into a catalogue.
    Resolve(Resolve),
    /// Write an assessment as OSCAL assessment results.
    Results(Results),
}

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The OSCAL catalogue, JSON.
    #[arg(long, value_name = "FILE")]
    catalogue: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The standard, `comity.standard/1`.
    #[arg(long, value_name = "FILE")]
    standard: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `resolve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Resolve {
    /// The baseline, an OSCAL profile, JSON.
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    /// A file that a baseline refers to by its name; `HREF=FILE` for one referred to differently.
    #[arg(long = "source", value_name = "FILE", required = true)]
    sources: Vec<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `results`.
#[derive(Debug, clap::Args)]
pub(crate) struct Results {
    /// The assessment.
    #[arg(long, value_name = "FILE")]
    assessment: PathBuf,
    /// The procedure profile, TOML.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match arguments {
        Arguments::Export(arguments) => {
            answer(arguments.json, || Ok(Catalogue::of_document(&read(&arguments.standard)?)?))
        }
        Arguments::Import(arguments) => answer(arguments.json, || {
            Ok(Catalogue::import(&read(&arguments.catalogue)?)?.to_document())
        }),
        Arguments::Resolve(arguments) => answer(arguments.json, || {
            let sources = read_sources(&arguments.sources)?;
            Ok(profile::resolve(&read(&arguments.baseline)?, &sources)?)
        }),
        Arguments::Results(arguments) => answer(arguments.json, || {
            let bytes = read(&arguments.assessment)?;
            let profile = Profile::parse(&read(&arguments.profile)?)?;
            Ok(results::write(&Assessment::parse(&bytes, &profile)?, &bytes))
        }),
    }
}

/// Reads the files a baseline refers to; two under one name would leave it open which is meant.
fn read_sources(named: &[String]) -> Result<profile::Sources, Failure> {
    let mut sources = profile::Sources::new();
    for one in named {
        let (name, path) = if let Some((name, path)) = one.split_once('=') {
            (name.to_owned(), Path::new(path))
        } else {
            let path = Path::new(one);
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path)
        };
        let bytes = read(path)?;
        if sources.insert(name.clone(), bytes).is_some() {
            return Err(Refusal::new("oscal-source-twice", "").with("href", name).into());
        }
    }
    Ok(sources)
}
