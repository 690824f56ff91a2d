//! A dossier: one folder with a decision and every file it was made over, which replays offline.
//!
//! It appears whole or not at all. Not here: the decision.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use comity_core::refusal::Refusal;
use serde::Serialize;

use crate::cert::Failure;

/// The decision's name in a dossier.
pub(super) const DECISION: &str = "decision.json";

/// Writes a dossier; a folder that is there already is refused.
pub(super) fn write<T: Serialize>(
    folder: &Path,
    inputs: &[(&str, &[u8])],
    decision: &T,
) -> Result<(), Failure> {
    if folder.exists() {
        return Err(Refusal::new("dossier-exists", "").into());
    }
    let mut name = folder.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let written = fill(&part, inputs, decision)
        .and_then(|()| fs::rename(&part, folder).context("the dossier cannot be put in place"));
    if written.is_err() {
        // What is left of a dossier must not look like one.
        let _gone = fs::remove_dir_all(&part);
    }
    Ok(written?)
}

fn fill<T: Serialize>(part: &Path, inputs: &[(&str, &[u8])], decision: &T) -> anyhow::Result<()> {
    let place = |name: &str| part.join(name);
    fs::create_dir(part).with_context(|| format!("cannot make {}", part.display()))?;
    for (role, bytes) in inputs {
        let path = place(&format!("{role}.json"));
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let mut bytes = serde_json_canonicalizer::to_vec(decision)?;
    bytes.push(b'\n');
    fs::write(place(DECISION), bytes).context("cannot write the decision")?;
    Ok(())
}
