//! The log: standard error, one line an event, from `info` up unless `COMITY_LOG` says otherwise.
//!
//! Not here: what is logged. Nothing of people, of reports or of keys is (style.md, errors).

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// `off`, `error`, `warn`, `info` or `debug`.
const LEVEL: &str = "COMITY_LOG";
/// The crates that speak for themselves; libraries only when something is wrong.
const OWN: [&str; 3] = ["comity", "comity_server", "comity_store"];

/// Starts the log of a hub that serves. Anything that is no level is refused.
pub(crate) fn start(read: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let asked = read(LEVEL).unwrap_or_default();
    let level = match asked.as_str() {
        "" | "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "error" => LevelFilter::ERROR,
        "off" => LevelFilter::OFF,
        "warn" => LevelFilter::WARN,
        _ => return Err(format!("{LEVEL} must be off, error, warn, info or debug")),
    };
    let others = level.min(LevelFilter::WARN);
    let targets = OWN.into_iter().fold(Targets::new().with_default(others), |targets, name| {
        targets.with_target(name, level)
    });
    let registry = tracing_subscriber::registry().with(targets);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    // A second start, as in a test, leaves the first in place.
    let _started_before = registry.with(lines).try_init();
    Ok(())
}
