//! `comity init`, `serve`, `migrate`, `rebuild`, `backup`, `restore`: running a hub.
//!
//! Not here: what these do (`comity-server`, `comity-store`).

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use comity_server::app::maintain::{self, backup_key};
use comity_server::app::setup;
use comity_server::clock::Clock;
use comity_server::config::Config;
use comity_server::{keys, serve};
use comity_store::{BackupCount, Migrate, Options, Purpose, Store};
use serde_json::json;

use crate::hub;
use crate::output::{self, Outcome};

/// `comity init`.
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// The hub's id: 1 to 32 of a-z, 0-9 and -.
    #[arg(long)]
    hub: String,
    /// The hub's name as people know it.
    #[arg(long)]
    name: String,
    /// The hub's jurisdiction, an ISO 3166-1 code or a fictional one.
    #[arg(long, default_value = "XX")]
    jurisdiction: String,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8470")]
    address: String,
    /// The address people use; http:// and the address to listen on unless given.
    #[arg(long)]
    base_url: Option<String>,
    /// Where people reach a person.
    #[arg(long, default_value = "mailto:security@hub.example")]
    contact: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn init(data: &Path, arguments: &Init) -> anyhow::Result<Outcome> {
    let config = Config {
        hub: arguments.hub.clone(),
        name: arguments.name.clone(),
        jurisdiction: arguments.jurisdiction.clone(),
        address: arguments.address.clone(),
        base_url: arguments
            .base_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", arguments.address)),
        contact: arguments.contact.clone(),
        ..Config::default()
    };
    let made = hub::block_on(setup::create(data, &config, Clock::real()))?;
    let hub = match made {
        Ok(hub) => hub,
        Err(error) => return hub::refused(error),
    };
    let key = hub.verifying_key();
    let shown = std::fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    let setup = format!("{}/en/", config.base_url);
    if arguments.json {
        output::json(&json!({
            "address": config.address,
            "data": shown.display().to_string(),
            "hub": config.hub,
            "key": key.to_string(),
            "setup": setup,
        }))?;
        return Ok(Outcome::Done);
    }
    output::print(&format!(
        "{} is ready in {}\n\n  key          {key}\n  fingerprint  {}\n\n\
         Keep a copy of {} somewhere safe: without it nothing in this directory can be read.\n\
         Next: comity --data {} serve, then {setup}\n",
        config.name,
        shown.display(),
        key.fingerprint(),
        shown.join(keys::MASTER_FILE).display(),
        data.display(),
    ))?;
    Ok(Outcome::Done)
}

pub(crate) fn serve(data: &Path) -> anyhow::Result<Outcome> {
    if let Err(why) = crate::log::start(hub::environment) {
        output::say(&format!("comity: {why}"))?;
        return Ok(Outcome::Refused);
    }
    hub::block_on(async {
        let hub = match hub::open(data, Purpose::Serve).await {
            Ok(hub) => hub,
            Err(error) => return hub::refused(error),
        };
        let name = hub.config().name.clone();
        if !hub.clock_is_trusted() {
            output::say(
                "comity: the clock jumped ahead since this hub was last up; nothing planned is \
                 published until `comity admin clock-confirm` says that it is right",
            )?;
        }
        let serving = serve::start(hub).await?;
        output::say(&format!("{name} answers at http://{} (Ctrl-C ends it)", serving.address))?;
        serving.until_told().await?;
        Ok(Outcome::Done)
    })?
}

/// `comity migrate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Migration {
    /// Only say whether something is to be done: exit 1 if so.
    #[arg(long)]
    check: bool,
}

pub(crate) fn migrate(data: &Path, arguments: &Migration) -> anyhow::Result<Outcome> {
    let config = match hub::config(data) {
        Ok(config) => config,
        Err(error) => return hub::refused(error),
    };
    let url = (!config.database_url.is_empty()).then_some(config.database_url);
    let how = if arguments.check { Migrate::Check } else { Migrate::Apply };
    let purpose = if arguments.check { Purpose::Tool } else { Purpose::Serve };
    let options = Options::new(data).database_url(url).purpose(purpose).migrate(how);
    match hub::block_on(Store::open(options))? {
        Ok(_) => {
            output::print(&format!("schema {}: up to date\n", comity_store::SCHEMA_VERSION))?;
            Ok(Outcome::Done)
        }
        Err(fault @ comity_store::Fault::SchemaOlder { .. }) if arguments.check => {
            output::print(&format!("{fault}\n"))?;
            Ok(Outcome::No)
        }
        Err(fault) => Err(fault.into()),
    }
}

pub(crate) fn rebuild(data: &Path) -> anyhow::Result<Outcome> {
    hub::block_on(async {
        let hub = match hub::open(data, Purpose::Serve).await {
            Ok(hub) => hub,
            Err(error) => return hub::refused(error),
        };
        let entries = hub.rebuild().await?;
        output::print(&format!("read models written anew from {entries} entries\n"))?;
        Ok(Outcome::Done)
    })?
}

/// `comity backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The file to write; it must not exist.
    file: PathBuf,
}

pub(crate) fn backup(data: &Path, arguments: &Backup) -> anyhow::Result<Outcome> {
    hub::block_on(async {
        let hub = match hub::open(data, Purpose::Tool).await {
            Ok(hub) => hub,
            Err(error) => return hub::refused(error),
        };
        let count = hub.backup(&arguments.file).await?;
        output::print(&format!(
            "{}: {}\nIt opens only with {}: keep both, in two places.\n",
            arguments.file.display(),
            counted(&count),
            data.join(keys::MASTER_FILE).display(),
        ))?;
        Ok(Outcome::Done)
    })?
}

fn counted(count: &BackupCount) -> String {
    let BackupCount { blobs, entries, files, rows } = count;
    format!("{entries} entries, {rows} rows, {blobs} sealed files, {files} other files")
}

/// `comity restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The backup.
    file: PathBuf,
    /// Check every chain in it and write nothing.
    #[arg(long)]
    verify: bool,
    /// The file with the master key; that of the data directory unless given.
    #[arg(long)]
    key: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn restore(data: &Path, arguments: &Restore) -> anyhow::Result<Outcome> {
    let folder = match &arguments.key {
        None => data.to_owned(),
        Some(file) => file.parent().map(Path::to_owned).unwrap_or_default(),
    };
    let master = match keys::load_master(&folder) {
        Ok(master) => master,
        Err(error) => {
            output::say(&format!("comity: {:#}", anyhow::Error::from(error)))?;
            return Ok(Outcome::Refused);
        }
    };
    if arguments.verify {
        let found = match maintain::verify_backup(&arguments.file, &master) {
            Ok(found) => found,
            Err(error) => {
                return Err(anyhow::Error::from(error).context("the backup cannot be read"));
            }
        };
        if arguments.json {
            output::json(&found)?;
        } else {
            let word = if found.ok { "holds" } else { "DOES NOT HOLD" };
            let bad = found.first_bad.clone().unwrap_or_else(|| "none".to_owned());
            output::print(&format!(
                "{word}: {} chains, {} entries, first bad entry: {bad}\n",
                found.chains, found.entries
            ))?;
        }
        return Ok(if found.ok { Outcome::Done } else { Outcome::No });
    }
    let restored =
        hub::block_on(comity_store::restore(&arguments.file, backup_key(&master), data, None))?;
    match restored {
        Ok(count) => {
            let from = folder.join(keys::MASTER_FILE);
            let to = data.join(keys::MASTER_FILE);
            if from != to {
                std::fs::copy(&from, &to).with_context(|| format!("{}", to.display()))?;
            }
            output::print(&format!("{}: {}\n", data.display(), counted(&count)))?;
            Ok(Outcome::Done)
        }
        Err(comity_store::Fault::DirectoryNotEmpty(path)) => {
            output::say(&format!(
                "comity: {} is not empty; name a new directory with --data and the key with --key",
                path.display()
            ))?;
            Ok(Outcome::Refused)
        }
        Err(fault) => Err(fault.into()),
    }
}
