//! The editions of packs a hub answers with: the current ones, and those that cases are pinned to.
//!
//! Every edition in use is kept byte for byte, so that an answer can be computed again after the packs
//! changed. Not here: what packs say (`core::law`).

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use comity_core::law::pack::{self, PACKS_MAX, PackSet};
use comity_core::law::refused::{Code, Refused};
use comity_core::law::shipped;
use comity_core::law::signature::{self, Signature, Signer};
use comity_store::Rows;
use serde::{Deserialize, Serialize};

use crate::app::{AppError, Hub};

/// Sets kept ready in memory beside the current one at most.
const SETS_MAX: usize = 8;

/// One pack of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The pack.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The digest of its bytes.
    pub sha256: String,
}

/// Packs that are used together, named by one digest.
#[derive(Debug)]
pub struct Editions {
    set: Held,
    digest: String,
    pins: Vec<Pin>,
    own: BTreeMap<String, Own>,
}

/// A pack that did not come with the program.
#[derive(Debug)]
struct Own {
    toml: Vec<u8>,
    sig: Vec<u8>,
    signatures: Vec<Signature>,
}

#[derive(Debug)]
enum Held {
    /// Those embedded in the program.
    Shipped(&'static PackSet),
    /// Others.
    Own(Box<PackSet>),
}

impl Editions {
    fn of(set: Held, own: BTreeMap<String, Own>) -> Self {
        let mut editions = Self { set, digest: String::new(), pins: Vec::new(), own };
        editions.digest = editions.set().digest();
        let pin = |pack: &comity_core::law::pack::Pack| Pin {
            id: pack.id.clone(),
            version: pack.version.clone(),
            sha256: pack.sha256.clone(),
        };
        editions.pins = editions.set().packs().iter().map(pin).collect();
        editions
    }

    /// Reads the packs of a folder, each signed as trusted here, in place of shipped ones of the same id
    /// and beside the others. A server loads nothing else (LW-5).
    pub(crate) fn of_folder(folder: &Path, trusted: &[Signer]) -> Result<Self, Refused> {
        let mut own = BTreeMap::new();
        for path in pack_folders(folder)? {
            let toml = read_file(&path.join("pack.toml"), pack::BYTES_MAX)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let sig = path.join("pack.sig");
            let (file, sig) = (format!("{name}/pack.sig"), sig.is_file().then_some(sig));
            let sig = sig.map(|path| read_file(&path, signature::BYTES_MAX)).transpose()?;
            let signatures = signature::verify(&toml, sig.as_deref(), Some(trusted), &file)?;
            let file = format!("{name}/pack.toml");
            let (read, findings) = pack::read(&toml, &file);
            if let Some(finding) = findings.iter().find(|finding| finding.blocks()) {
                return Err(finding.refusal(&file));
            }
            let unread = || Refused::new(Code::Pack, &file, "the pack cannot be read");
            let id = read.ok_or_else(unread)?.id;
            let held = Own { toml, sig: sig.unwrap_or_default(), signatures };
            if own.insert(id.clone(), held).is_some() {
                return Err(Refused::new(Code::Pack, &file, format!("pack {id} is there twice")));
            }
        }
        let kept = shipped::FILES.iter().filter(|(id, ..)| !own.contains_key(*id));
        let mut files: Vec<(String, &[u8], bool)> =
            kept.map(|(id, toml, _)| (format!("{id}/pack.toml"), toml.as_bytes(), false)).collect();
        files.extend(own.iter().map(|(id, own)| (format!("{id}/pack.toml"), &own.toml[..], true)));
        let set = shipped::load_marked(files)?;
        Ok(Self::of(Held::Own(Box::new(set)), own))
    }

    /// Whether a pack did not come with the program.
    #[must_use]
    pub fn is_own(&self, id: &str) -> bool {
        self.own.contains_key(id)
    }

    /// Returns who signed a pack.
    #[must_use]
    pub fn signatures(&self, id: &str) -> &[Signature] {
        self.own.get(id).map_or(&[], |own| &own.signatures)
    }

    /// Returns the bytes of a pack and of its signatures.
    fn bytes(&self, id: &str) -> Option<(&[u8], Option<&[u8]>)> {
        if let Some(own) = self.own.get(id) {
            return Some((&own.toml, Some(&own.sig)));
        }
        let (_, toml, _) = shipped::FILES.iter().find(|(known, ..)| *known == id)?;
        Some((toml.as_bytes(), None))
    }

    /// Returns the packs.
    #[must_use]
    pub fn set(&self) -> &PackSet {
        match &self.set {
            Held::Own(set) => set,
            Held::Shipped(set) => set,
        }
    }

    /// Returns the digest that names them.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns each pack with version and digest, by id.
    #[must_use]
    pub fn pins(&self) -> &[Pin] {
        &self.pins
    }
}

/// The editions in memory.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    current: OnceLock<Arc<Editions>>,
    others: Mutex<BTreeMap<String, Arc<Editions>>>,
    /// The set whose bytes are known to be in the store.
    kept: Mutex<Option<String>>,
}

impl Shelf {
    /// Returns a shelf whose current packs are those of a folder.
    pub(crate) fn with(editions: Editions) -> Self {
        let shelf = Self::default();
        let _is_first = shelf.current.set(Arc::new(editions));
        shelf
    }
}

fn pack_folders(folder: &Path) -> Result<Vec<std::path::PathBuf>, Refused> {
    let refuse = |error: &dyn std::fmt::Display| {
        Refused::new(Code::Pack, folder.display().to_string(), error.to_string())
    };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| refuse(&e))? {
        let path = entry.map_err(|e| refuse(&e))?.path();
        if path.join("pack.toml").is_file() {
            folders.push(path);
        }
        if folders.len() > PACKS_MAX {
            return Err(refuse(&format!("more than {PACKS_MAX} packs")));
        }
    }
    folders.sort();
    Ok(folders)
}

fn read_file(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Refused> {
    let place = path.display().to_string();
    let refuse = |error: String| Refused::new(Code::Pack, &place, error);
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let file = std::fs::File::open(path).map_err(|error| refuse(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).map_err(|error| refuse(error.to_string()))?;
    if bytes.len() > bytes_max {
        return Err(refuse(format!("more than {bytes_max} bytes")));
    }
    Ok(bytes)
}

impl Hub {
    /// Returns the packs that new cases are answered under.
    pub(crate) fn editions(&self) -> Result<Arc<Editions>, AppError> {
        if let Some(editions) = self.shelf().current.get() {
            return Ok(Arc::clone(editions));
        }
        let made = Arc::new(Editions::of(Held::Shipped(shipped::packs()?), BTreeMap::new()));
        Ok(Arc::clone(self.shelf().current.get_or_init(|| made)))
    }

    /// Returns the packs of a digest; none if an edition of them is not kept here.
    pub(crate) async fn editions_of(
        &self,
        digest: &str,
    ) -> Result<Option<Arc<Editions>>, AppError> {
        let current = self.editions()?;
        if current.digest() == digest {
            return Ok(Some(current));
        }
        let known = |shelf: &Shelf| {
            let others = shelf.others.lock().unwrap_or_else(PoisonError::into_inner);
            others.get(digest).cloned()
        };
        if let Some(editions) = known(self.shelf()) {
            return Ok(Some(editions));
        }
        let Some(editions) = self.load_editions(digest).await? else { return Ok(None) };
        let editions = Arc::new(editions);
        let mut others = self.shelf().others.lock().unwrap_or_else(PoisonError::into_inner);
        if others.len() >= SETS_MAX {
            others.clear();
        }
        others.insert(digest.to_owned(), Arc::clone(&editions));
        Ok(Some(editions))
    }

    /// Reads a set from its kept bytes; bytes that are not what their digest says are as good as gone.
    async fn load_editions(&self, digest: &str) -> Result<Option<Editions>, AppError> {
        let Some(row) = self.store().pack_set(digest).await? else { return Ok(None) };
        let pins: Vec<Pin> = serde_json::from_str(&row.manifest).map_err(AppError::fault)?;
        let mut files = Vec::with_capacity(pins.len());
        for pin in &pins {
            let Some(edition) = self.store().pack_edition(&pin.sha256).await? else {
                return Ok(None);
            };
            let file = format!("{}/pack.toml", pin.id);
            let trusted = Some(self.config().pack_signers.as_slice());
            let sig = edition.signatures.as_deref();
            let signed = signature::verify(&edition.toml, sig, trusted, &file).is_ok();
            files.push((file, edition.toml, signed));
        }
        let named = files.iter().map(|(name, toml, signed)| (name.clone(), &toml[..], *signed));
        let set = shipped::load_marked(named)?;
        let editions = Editions::of(Held::Own(Box::new(set)), BTreeMap::new());
        Ok((editions.digest() == digest).then_some(editions))
    }

    /// Keeps the current editions byte for byte, before anything rests on them.
    pub(crate) async fn keep_editions(&self) -> Result<Arc<Editions>, AppError> {
        let editions = self.editions()?;
        let is_kept = {
            let kept = self.shelf().kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.as_deref() == Some(editions.digest())
        };
        if !is_kept {
            if self.store().pack_set(editions.digest()).await?.is_none() {
                self.store().write(self.edition_rows(&editions)?).await?;
            }
            let mut kept = self.shelf().kept.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some(editions.digest().to_owned());
        }
        Ok(editions)
    }

    fn edition_rows(&self, editions: &Editions) -> Result<Rows, AppError> {
        let now = self.now_ms();
        let mut rows = Rows::new();
        for pin in editions.pins() {
            let bytes = editions.bytes(&pin.id);
            let (toml, sig) = bytes.ok_or_else(|| AppError::fault("a pack has no bytes"))?;
            rows.put(comity_store::PackEdition {
                sha256: pin.sha256.clone(),
                pack_id: pin.id.clone(),
                version: pin.version.clone(),
                toml: toml.to_vec(),
                signatures: sig.map(<[u8]>::to_vec),
                kept_at: now,
            });
        }
        rows.put(comity_store::PackSet {
            set_sha256: editions.digest().to_owned(),
            manifest: serde_json::to_string(editions.pins()).map_err(AppError::fault)?,
            kept_at: now,
        });
        Ok(rows)
    }
}
