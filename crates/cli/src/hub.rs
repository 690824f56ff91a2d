//! Opening the hub of a data directory, for commands that need one.

use std::future::Future;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use comity_server::app::setup::{self, SetupError};
use comity_server::app::{AppError, Hub};
use comity_server::clock::Clock;
use comity_server::config::Config;
use comity_store::Purpose;

use crate::output::{self, Outcome};

/// Where the hub lies.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Data {
    /// The data directory.
    #[arg(long, global = true, default_value = "comity-data", env = "COMITY_DATA")]
    pub(crate) data: PathBuf,
}

/// Runs `work` to its end on a small runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    Ok(runtime.block_on(work))
}

/// Reads the configuration of a data directory, with what the environment says.
pub(crate) fn config(data: &Path) -> Result<Config, SetupError> {
    // A directory that may not be read is no empty one: reading the file says which.
    if let Ok(false) = data.join(comity_server::config::FILE).try_exists() {
        return Err(SetupError::Missing(data.to_owned()));
    }
    Ok(Config::load(data)?.with_environment(environment)?)
}

/// Reads a variable of the environment.
pub(crate) fn environment(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    std::env::var(name).ok()
}

/// Opens the hub of a data directory.
pub(crate) async fn open(data: &Path, purpose: Purpose) -> Result<Hub, SetupError> {
    let config = config(data)?;
    setup::open(data, config, Clock::real(), purpose).await
}

/// Says why a hub could not be made or opened: a wrong call is refused, a broken machine is a fault.
pub(crate) fn refused(error: SetupError) -> anyhow::Result<Outcome> {
    match error {
        SetupError::Config(_)
        | SetupError::Exists(_)
        | SetupError::Lexicon(_)
        | SetupError::Missing(_) => {
            output::say(&format!("comity: {:#}", anyhow::Error::from(error)))?;
            Ok(Outcome::Refused)
        }
        SetupError::Packs(refused) => {
            output::say(&format!("comity: {refused}"))?;
            Ok(Outcome::Refused)
        }
        SetupError::App(AppError::Refused(mut refusals)) => output::refuse(false, &mut refusals),
        SetupError::App(_)
        | SetupError::File { .. }
        | SetupError::Keys(_)
        | SetupError::Store(_) => Err(error.into()),
    }
}

/// Turns a use case's error into an outcome.
pub(crate) fn no(as_json: bool, error: AppError) -> anyhow::Result<Outcome> {
    match error {
        AppError::Refused(mut refusals) => {
            output::refuse(as_json, &mut refusals)?;
            Ok(Outcome::No)
        }
        AppError::NotFound => {
            output::say("comity: not found")?;
            Ok(Outcome::No)
        }
        AppError::Busy { .. }
        | AppError::Changed
        | AppError::Fault(_)
        | AppError::NoToken
        | AppError::RateLimited { .. }
        | AppError::ScopeMissing(_) => Err(error.into()),
    }
}
