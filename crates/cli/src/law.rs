//! What the law commands share: reading files and packs, the instant of asking, the refusal.
//!
//! Not here: what a command computes (`comity_core::law`).

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use comity_core::law::facts::BYTES_MAX;
use comity_core::law::pack::{PACKS_MAX, PackSet};
use comity_core::law::refused::{Code, Refused};
use comity_core::law::shipped;
use comity_core::law::signature::{self, Signer};
use comity_core::law::time::Instant;
use comity_core::law::vectors::BYTES_MAX as VECTORS_BYTES_MAX;

use crate::output::{self, Outcome};

/// The bytes of one file of a pack folder, or why they are not there.
pub(crate) struct PackFile {
    /// The folder of the pack, for messages.
    pub(crate) folder: String,
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// `pack.toml`.
    pub(crate) toml: Vec<u8>,
    /// `vectors.json`, if there is one.
    pub(crate) vectors: Option<Vec<u8>>,
    /// `pack.sig`, if there is one.
    pub(crate) sig: Option<Vec<u8>>,
}

/// Prints a refusal: as JSON on stdout, else as a line on stderr.
pub(crate) fn refuse(as_json: bool, refused: &Refused) -> anyhow::Result<Outcome> {
    if as_json {
        output::json(refused)?;
    } else {
        writeln!(std::io::stderr().lock(), "{refused}")?;
    }
    Ok(Outcome::Refused)
}

/// Prints the answer or the refusal.
pub(crate) fn finish<T: serde::Serialize>(
    as_json: bool,
    answer: Result<T, Refused>,
    print: impl FnOnce(&T) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    match answer {
        Err(refused) => refuse(as_json, &refused),
        Ok(answer) => {
            if as_json {
                output::json(&answer)?;
            } else {
                print(&answer)?;
            }
            Ok(Outcome::Done)
        }
    }
}

/// Reads a file of facts, `-` from stdin; never more than may be read anyway.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Refused> {
    let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let read = if path.as_os_str() == "-" {
        bounded(std::io::stdin().lock(), limit)
    } else {
        std::fs::File::open(path).and_then(|file| bounded(file, limit))
    };
    read.map_err(|error| Refused::new(Code::Json, path.display().to_string(), error.to_string()))
}

fn bounded(source: impl std::io::Read, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the instant asked for, else that of the machine.
pub(crate) fn instant(at: Option<&str>) -> Result<Instant, Refused> {
    let Some(text) = at else { return Ok(now()) };
    let message = "an instant needs a date, a time and Z or an offset";
    Instant::parse(text).ok_or_else(|| Refused::new(Code::Instant, "--at", message))
}

#[expect(clippy::disallowed_methods, reason = "the edge of a pure command: --at replaces it")]
fn now() -> Instant {
    let seconds = jiff::Timestamp::now().as_second();
    Instant::from_unix(seconds).unwrap_or(Instant::MAX)
}

/// Packs from a folder, else those shipped with the program.
pub(crate) enum Packs {
    /// From a folder.
    Folder(Box<PackSet>),
    /// Shipped.
    Shipped(&'static PackSet),
}

impl Packs {
    /// Loads them; the first fault is refused.
    pub(crate) fn load(folder: Option<&Path>) -> Result<Self, Refused> {
        Self::load_trusting(folder, None)
    }

    /// Loads them and marks as signed those whose signatures hold, by the keys that are trusted if there is a list
    /// of them, else by those that `pack.sig` names.
    pub(crate) fn load_trusting(
        folder: Option<&Path>,
        trusted: Option<&[Signer]>,
    ) -> Result<Self, Refused> {
        let Some(folder) = folder else { return shipped::packs().map(Self::Shipped) };
        let files = pack_files(folder)?;
        let marked = files.iter().map(|f| {
            let signed = signature::verify(&f.toml, f.sig.as_deref(), trusted, &f.folder).is_ok();
            (format!("{}/pack.toml", f.folder), f.toml.as_slice(), signed)
        });
        shipped::load_marked(marked).map(|set| Self::Folder(Box::new(set)))
    }

    /// Returns the set.
    pub(crate) fn set(&self) -> &PackSet {
        match self {
            Self::Folder(set) => set,
            Self::Shipped(set) => set,
        }
    }
}

/// Keys that are trusted to sign packs, `{"signers":[{"key","organisation"}]}`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Trusted {
    signers: Vec<Signer>,
}

/// Reads the keys that are trusted; without a file nobody said which.
pub(crate) fn trusted(path: Option<&Path>) -> Result<Option<Vec<Signer>>, Refused> {
    let Some(path) = path else { return Ok(None) };
    let place = path.display().to_string();
    let read: Trusted = serde_json::from_slice(&read(path)?).map_err(|error| {
        let at = format!("{place}:{}:{}", error.line(), error.column());
        Refused::new(Code::Schema, at, error.to_string())
    })?;
    Ok(Some(read.signers))
}

/// Reads `<pack>/pack.toml` of a folder, or the folder itself if it is a pack, in order of names.
pub(crate) fn pack_files(folder: &Path) -> Result<Vec<PackFile>, Refused> {
    let refuse = |error: &dyn std::fmt::Display| {
        Refused::new(Code::Pack, folder.display().to_string(), error.to_string())
    };
    let mut folders: Vec<PathBuf> = Vec::new();
    if folder.join("pack.toml").is_file() {
        folders.push(folder.to_path_buf());
    } else {
        for entry in std::fs::read_dir(folder).map_err(|e| refuse(&e))? {
            let path = entry.map_err(|e| refuse(&e))?.path();
            if path.join("pack.toml").is_file() {
                folders.push(path);
            }
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Err(refuse(&"no <pack>/pack.toml in this folder"));
    }
    if folders.len() > PACKS_MAX {
        return Err(refuse(&format!("more than {PACKS_MAX} packs")));
    }
    folders.iter().map(|path| pack_file(path).map_err(|e| refuse(&format!("{e:#}")))).collect()
}

fn pack_file(path: &Path) -> anyhow::Result<PackFile> {
    let limit = u64::try_from(VECTORS_BYTES_MAX)?.saturating_add(1);
    let read = |name: &str| -> anyhow::Result<Vec<u8>> {
        let file = path.join(name);
        let open = std::fs::File::open(&file).and_then(|f| bounded(f, limit));
        open.with_context(|| file.display().to_string())
    };
    let maybe = |name: &str| -> anyhow::Result<Option<Vec<u8>>> {
        if path.join(name).is_file() { read(name).map(Some) } else { Ok(None) }
    };
    let folder = path.file_name().map(|n| n.to_string_lossy().into_owned());
    Ok(PackFile {
        folder: folder.unwrap_or_else(|| path.display().to_string()),
        path: path.to_owned(),
        toml: read("pack.toml")?,
        vectors: maybe("vectors.json")?,
        sig: maybe("pack.sig")?,
    })
}

/// Prints one line on stdout.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}
