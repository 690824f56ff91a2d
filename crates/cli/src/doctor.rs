//! `comity doctor`: what is wrong with a hub, and what helps.
//!
//! Not here: the checks of the store (`comity-store`).

use std::path::Path;

use comity_server::app::Hub;
use comity_server::app::setup::SetupError;
use comity_server::clock::Clock;
use comity_server::config::Config;
use comity_server::keys;
use comity_store::{Check, Options, Purpose, State};
use serde_json::json;

use crate::hub;
use crate::output::{self, Outcome};

/// `comity doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Check every signed entry, too; takes a minute for each million.
    #[arg(long)]
    deep: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let checks = hub::block_on(all_checks(data, arguments.deep))?;
    let ok = checks.iter().all(|check| check.state != State::Fail);
    if arguments.json {
        output::json(&json!({ "checks": checks, "ok": ok }))?;
    } else {
        for check in &checks {
            let state = match check.state {
                State::Fail => "FAIL",
                State::Ok => "ok",
                State::Unknown => "?",
                State::Warn => "warn",
            };
            let params: Vec<String> =
                check.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let help = if check.state == State::Ok {
                String::new()
            } else {
                format!("→ {}: {}", check.help, remedy(check.help))
            };
            let line = format!("{state:5} {:22} {} {help}", check.id, params.join(" "));
            output::print(&format!("{}\n", line.trim_end()))?;
        }
    }
    Ok(if ok { Outcome::Done } else { Outcome::No })
}

/// Says what a remedy is.
fn remedy(help: &str) -> &'static str {
    match help {
        "edit-config" => "correct this member of config.toml",
        "free-space" => "free space on this disk, or move the data directory",
        "install-newer-program" => "a newer program wrote this database; install that one",
        "make-private" => "chmod 700 the data directory",
        "restart-hub" => "end the hub and start it again",
        "restore-backup" => "bring the newest backup back with `comity restore`",
        "restore-key" => "put the master.key back that belongs to this data",
        "run-init" => "make a hub with `comity init`, or name its directory with --data",
        "run-migrate" => "run `comity migrate`",
        "run-rebuild" => "run `comity rebuild` while the hub does not serve",
        "see-dead-jobs" => "steps that were given up; the log says why each failed",
        "see-directory" => "look at this directory and its permissions",
        "set-proxies" => "name the proxy in trusted_proxies, else all strangers share its limits",
        "sweep-orphans" => "the hub removes them by itself within a day",
        _ => "the code names the cause",
    }
}

async fn all_checks(data: &Path, is_deep: bool) -> Vec<Check> {
    let config = hub::config(data);
    let url = config.as_ref().ok().map(|config| config.database_url.clone());
    let url = url.filter(|url| !url.is_empty());
    let now = Clock::real().now().as_millisecond();
    let mut checks = comity_store::doctor(Options::new(data).database_url(url), now).await;
    checks.extend(config.as_ref().ok().and_then(proxies));
    checks.push(finding("config", "edit-config", config.map(|_| ()).map_err(|e| e.to_string())));
    let key = keys::load_master(data).map(|_| ()).map_err(|error| error.to_string());
    let has_key = key.is_ok();
    checks.push(finding("master-key", "restore-key", key));
    // What the store and the key say only together.
    let is_sound = |id| checks.iter().any(|check| check.id == id && check.state == State::Ok);
    if has_key && is_sound("config") && is_sound("store-open") && is_sound("store-schema") {
        match hub::open(data, Purpose::Tool).await {
            Ok(hub) => {
                checks.push(finding("hub-open", "see-code", Ok(())));
                if is_deep {
                    checks.push(chains(&hub).await);
                }
                hub.close().await;
            }
            Err(error) => {
                let help =
                    if matches!(error, SetupError::Keys(_)) { "restore-key" } else { "see-code" };
                let why = format!("{:#}", anyhow::Error::from(error));
                checks.push(finding("hub-open", help, Err(why)));
            }
        }
    }
    checks.sort_by_key(|check| check.id);
    checks
}

/// Behind a proxy that nobody named, all strangers have one address.
fn proxies(config: &Config) -> Option<Check> {
    let listens = config.address.parse::<std::net::SocketAddr>().ok()?.ip();
    let is_local =
        ["//127.", "//localhost", "//[::1]"].iter().any(|at| config.base_url.contains(at));
    let is_proxied = listens.is_loopback() && !is_local;
    let mut check = finding("proxies", "set-proxies", Ok(()));
    if is_proxied && config.trusted_proxies.is_empty() {
        check.state = State::Warn;
        check.help = "set-proxies";
    }
    Some(check)
}

async fn chains(hub: &Hub) -> Check {
    match hub.verify_entries().await {
        Ok(found) => {
            let bad = found.first_bad.map_or(Ok(()), |id| Err(format!("entry {id} does not hold")));
            let mut check = finding("entries", "restore-backup", bad);
            check.params.insert("entries", found.entries.to_string());
            check.params.insert("chains", found.chains.to_string());
            check
        }
        Err(error) => finding("entries", "see-code", Err(error.causes())),
    }
}

fn finding(id: &'static str, help: &'static str, result: Result<(), String>) -> Check {
    let mut check =
        Check { help: id, id, params: std::collections::BTreeMap::new(), state: State::Ok };
    if let Err(why) = result {
        check.state = State::Fail;
        check.help = help;
        check.params.insert("why", why);
    }
    check
}
