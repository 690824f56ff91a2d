//! The packs that ship with the program, embedded so that every hub starts with the same texts.
//!
//! A folder of packs given by the operator replaces them. Not here: reading folders.

use std::sync::LazyLock;

use super::pack::{Pack, PackSet, read};
use super::refused::{Code, Refused};

macro_rules! shipped {
    ($($id:literal),+ $(,)?) => {
        /// Every shipped pack: its folder, its `pack.toml`, its `vectors.json`.
        pub const FILES: &[(&str, &str, &str)] = &[$((
            $id,
            include_str!(concat!("../../../../policies/", $id, "/pack.toml")),
            include_str!(concat!("../../../../policies/", $id, "/vectors.json")),
        )),+];
    };
}

shipped![
    "apac",
    "au-nz",
    "ca",
    "ch",
    "cn",
    "eu-ai",
    "eu-cra",
    "eu-data",
    "eu-nis2",
    "eu-sector",
    "eu-trade",
    "eu-whistle",
    "fr-defense",
    "gb",
    "harbours-eu",
    "ie-cra-overlay",
    "in",
    "jp",
    "kr",
    "latam",
    "mea",
    "norms",
    "ru",
    "sg",
    "us-federal",
    "us-frontier",
    "us-research",
    "us-trade",
];

static SET: LazyLock<Result<PackSet, Refused>> = LazyLock::new(load);

/// Returns the shipped packs; they are refused like any others if one has a fault.
pub fn packs() -> Result<&'static PackSet, Refused> {
    SET.as_ref().map_err(Clone::clone)
}

/// Reads the shipped packs anew.
pub fn load() -> Result<PackSet, Refused> {
    let files = FILES.iter().map(|(id, text, _)| (format!("{id}/pack.toml"), text.as_bytes()));
    load_all(files)
}

/// Reads packs from their bytes, each with the name of its file, and puts them together, unsigned.
pub fn load_all<'b>(
    files: impl IntoIterator<Item = (String, &'b [u8])>,
) -> Result<PackSet, Refused> {
    load_marked(files.into_iter().map(|(file, bytes)| (file, bytes, false)))
}

/// Reads packs of which the caller verified who signed them.
pub fn load_marked<'b>(
    files: impl IntoIterator<Item = (String, &'b [u8], bool)>,
) -> Result<PackSet, Refused> {
    let mut packs: Vec<Pack> = Vec::new();
    for (file, bytes, signed) in files {
        let (pack, findings) = read(bytes, &file);
        if let Some(finding) = findings.iter().find(|f| f.blocks()) {
            return Err(finding.refusal(&file));
        }
        let unread = || Refused::new(Code::Pack, &file, "the pack cannot be read");
        packs.push(Pack { signed, ..pack.ok_or_else(unread)? });
    }
    PackSet::new(packs)
}
