//! Writes every page in every language to a folder, so that people can look at them:
//! `cargo run -p comity-server --example gallery -- FOLDER`, then serve the folder on loopback.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use comity_server::i18n::Catalogue;
use comity_server::web::assets;
use jiff::tz::TimeZone;

#[path = "../tests/it/samples.rs"]
mod samples;

/// Words from outside as they often are.
const WORDS: &str = "Nested roles bypass Lumen Assist's guardrail";

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned()));
    let zone = TimeZone::get("Africa/Cairo").unwrap_or(TimeZone::UTC);
    let catalogue = Catalogue::with_pseudo(&zone).map_err(io::Error::other)?;
    let hub = samples::hub(&catalogue);
    for locale in catalogue.locales() {
        for (name, html) in samples::pages(locale, &hub, WORDS) {
            write(&folder.join(locale.tag()).join(format!("{name}.html")), &html)?;
        }
    }
    for asset in assets::all() {
        write(&folder.join(asset.path.trim_start_matches('/')), asset.body)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}
