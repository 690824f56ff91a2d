//! Writes every advisory of a folder as CSAF 2.0, CSAF 2.1 and OSV into another, for validators that
//! are not ours (`e2e/formats`): `cargo run -p comity-formats --example export -- IN OUT`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use comity_core::advisory::Advisory;
use comity_formats::csaf::{self, Version};
use comity_formats::export::Site;
use comity_formats::osv;
use serde_json::Value;

const SITE: Site<'static> = Site {
    pages: "https://nv.example/advisories/",
    documents: "https://nv.example/csaf/clear/",
    engine_version: "0.1.0",
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("two folders are needed: IN OUT".into());
    };
    let mut files: Vec<PathBuf> = fs::read_dir(from)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let advisory = Advisory::parse(&fs::read(&file)?)
            .map_err(|refusals| format!("{}: {refusals:?}", file.display()))?;
        let name = file.file_name().unwrap_or_default();
        let (v2_0, _) = csaf::export(&advisory, Version::V2_0, &SITE);
        let (v2_1, _) = csaf::export(&advisory, Version::V2_1, &SITE);
        let (osv, _) = osv::export(&advisory, &SITE);
        for (folder, document) in [("csaf-2.0", v2_0), ("csaf-2.1", v2_1), ("osv", osv)] {
            write(&to.join(folder).join(name), &document)?;
        }
        if name == "full.json" {
            provider(&advisory, &to)?;
        }
    }
    Ok(())
}

fn provider(advisory: &Advisory, to: &Path) -> Result<(), Box<dyn Error>> {
    let provider = csaf::Provider {
        publisher: &advisory.publisher,
        canonical_url: "https://nv.example/.well-known/csaf/provider-metadata.json",
        directory_url: SITE.documents,
        role: csaf::Role::Provider,
        last_updated: advisory.changed_at(),
        keys: &[],
    };
    for (folder, version) in [("provider-2.0", Version::V2_0), ("provider-2.1", Version::V2_1)] {
        write(
            &to.join(folder).join("provider-metadata.json"),
            &csaf::metadata(&provider, version),
        )?;
    }
    Ok(())
}

fn write(path: &Path, document: &Value) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, serde_json_canonicalizer::to_vec(document)?)?;
    Ok(())
}
