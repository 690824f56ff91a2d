//! `comity pack key|sign|verify`: who read a pack, in which role, for which organisation (law.md, LW-5).
//!
//! Not here: what counts as signed (`comity_core::law::signature`).

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use comity_core::law::refused::{Code, Refused};
use comity_core::law::signature::{self, Role, Signature};
use comity_ledger::key::SigningKey;
use comity_server::keys::{self, KeysError};

use crate::law;
use crate::output::{self, Outcome};

/// A key to make.
#[derive(Debug, clap::Args)]
pub(crate) struct KeyArguments {
    /// The file to write the secret half to; it must not be there.
    file: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A pack to sign.
#[derive(Debug, clap::Args)]
pub(crate) struct SignArguments {
    /// The folder of one pack.
    folder: PathBuf,
    /// The file with the secret key; nobody else may be able to read it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// `legal_officer` or `second_reader`.
    #[arg(long)]
    role: String,
    /// The organisation signed for.
    #[arg(long)]
    organisation: String,
    /// The instant of signing; else now.
    #[arg(long)]
    at: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Packs to check.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArguments {
    /// Holds `<pack>/pack.toml`, or is the folder of one pack.
    folder: PathBuf,
    /// The keys that are trusted to sign, `{"signers":[{"key","organisation"}]}`.
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn key(arguments: &KeyArguments) -> anyhow::Result<Outcome> {
    let made = match keys::create_signing(&arguments.file) {
        Ok(made) => made,
        Err(error) => return unusable(arguments.json, &error, &arguments.file),
    };
    let public = made.verifying_key().to_string();
    if arguments.json {
        output::json(&serde_json::json!({ "key": public }))?;
    } else {
        law::line(&public)?;
    }
    Ok(Outcome::Done)
}

/// A key file that cannot be used is a wrong call, not a fault of ours.
fn unusable(json: bool, error: &KeysError, file: &Path) -> anyhow::Result<Outcome> {
    let place = file.display().to_string();
    law::refuse(json, &Refused::new(Code::SignatureForm, place, error.to_string()))
}

pub(crate) fn sign(arguments: &SignArguments) -> anyhow::Result<Outcome> {
    let key = match keys::load_signing(&arguments.key) {
        Ok(key) => key,
        Err(error) => return unusable(arguments.json, &error, &arguments.key),
    };
    let signed = match signed(arguments, &key) {
        Ok(signed) => signed,
        Err(refused) => return law::refuse(arguments.json, &refused),
    };
    write_whole(&arguments.folder.join("pack.sig"), &signature::print(&signed))?;
    let last = signed.last();
    law::finish(arguments.json, Ok(last), |last| {
        let line = |s: &&Signature| {
            law::line(&format!("{}\t{}\t{}", s.role.as_str(), s.organisation, s.sha256))
        };
        last.iter().try_for_each(line)
    })
}

/// Returns the signatures as they will be: those under other bytes are dropped, one's own is replaced.
fn signed(arguments: &SignArguments, key: &SigningKey) -> Result<Vec<Signature>, Refused> {
    let role = Role::parse(&arguments.role).ok_or_else(|| {
        Refused::new(Code::SignatureForm, "--role", "a role is legal_officer or second_reader")
    })?;
    let at = law::instant(arguments.at.as_deref())?;
    let [pack] = law::pack_files(&arguments.folder)?.try_into().map_err(|_| {
        let place = arguments.folder.display().to_string();
        Refused::new(Code::Pack, place, "one pack is signed at a time")
    })?;
    let (read, findings) =
        comity_core::law::pack::read(&pack.toml, &format!("{}/pack.toml", pack.folder));
    if let Some(finding) =
        findings.iter().find(|finding| finding.blocks()).filter(|_| read.is_none())
    {
        return Err(finding.refusal(&format!("{}/pack.toml", pack.folder)));
    }
    let new = signature::sign(&pack.toml, role, &arguments.organisation, at, key)?;
    let file = pack.path.join("pack.sig").display().to_string();
    let mut all = signature::parse(pack.sig.as_deref().unwrap_or_default(), &file)?;
    all.retain(|old| old.sha256 == new.sha256 && !(old.key == new.key && old.role == new.role));
    all.push(new);
    Ok(all)
}

/// Writes a file whole or not at all.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let half = path.with_extension("sig.part");
    std::fs::write(&half, text).with_context(|| half.display().to_string())?;
    std::fs::rename(&half, path).with_context(|| path.display().to_string())
}

#[derive(serde::Serialize)]
struct VerifyAnswer {
    schema: &'static str,
    packs: Vec<Verified>,
    ok: bool,
}

#[derive(serde::Serialize)]
struct Verified {
    pack: String,
    ok: bool,
    refused: Option<Refused>,
    signatures: Vec<Signature>,
}

pub(crate) fn verify(arguments: &VerifyArguments) -> anyhow::Result<Outcome> {
    let answer = verified(arguments);
    let wrong = answer.as_ref().is_ok_and(|answer| !answer.ok);
    let outcome = law::finish(arguments.json, answer, |answer| {
        for pack in &answer.packs {
            let why =
                pack.refused.as_ref().map_or_else(|| "signed".to_owned(), ToString::to_string);
            law::line(&format!("{}\t{why}", pack.pack))?;
        }
        Ok(())
    })?;
    Ok(if wrong { Outcome::No } else { outcome })
}

fn verified(arguments: &VerifyArguments) -> Result<VerifyAnswer, Refused> {
    let trusted = law::trusted(Some(&arguments.trust))?;
    let mut packs = Vec::new();
    for file in law::pack_files(&arguments.folder)? {
        let name = format!("{}/pack.sig", file.folder);
        let found = signature::verify(&file.toml, file.sig.as_deref(), trusted.as_deref(), &name);
        let ok = found.is_ok();
        let (signatures, refused) = match found {
            Ok(signatures) => (signatures, None),
            Err(refused) => (Vec::new(), Some(refused)),
        };
        packs.push(Verified { pack: file.folder, ok, refused, signatures });
    }
    let ok = packs.iter().all(|pack| pack.ok);
    Ok(VerifyAnswer { schema: "comity.pack-verify/1", packs, ok })
}
