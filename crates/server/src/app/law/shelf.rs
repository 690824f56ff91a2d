//! The editions of packs a hub answers with: the current ones, and those that cases are pinned to.
//!
//! Every edition in use is kept byte for byte, so that an answer can be computed again after the packs
//! changed. Not here: what packs say (`core::law`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use comity_core::law::pack::PackSet;
use comity_core::law::shipped;
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
}

#[derive(Debug)]
enum Held {
    /// Those embedded in the program.
    Shipped(&'static PackSet),
    /// Others.
    Own(Box<PackSet>),
}

impl Editions {
    fn of(set: Held) -> Self {
        let mut editions = Self { set, digest: String::new(), pins: Vec::new() };
        editions.digest = editions.set().digest();
        let pin = |pack: &comity_core::law::pack::Pack| Pin {
            id: pack.id.clone(),
            version: pack.version.clone(),
            sha256: pack.sha256.clone(),
        };
        editions.pins = editions.set().packs().iter().map(pin).collect();
        editions
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

impl Hub {
    /// Returns the packs that new cases are answered under.
    pub(crate) fn editions(&self) -> Result<Arc<Editions>, AppError> {
        if let Some(editions) = self.shelf().current.get() {
            return Ok(Arc::clone(editions));
        }
        let made = Arc::new(Editions::of(Held::Shipped(shipped::packs()?)));
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
            files.push((format!("{}/pack.toml", pin.id), edition.toml));
        }
        let named = files.iter().map(|(name, toml)| (name.clone(), toml.as_slice()));
        let editions = Editions::of(Held::Own(Box::new(shipped::load_all(named)?)));
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
            let file = shipped::FILES.iter().find(|(id, ..)| *id == pin.id);
            let (_, toml, _) = file.ok_or_else(|| AppError::fault("a pack has no bytes"))?;
            rows.put(comity_store::PackEdition {
                sha256: pin.sha256.clone(),
                pack_id: pin.id.clone(),
                version: pin.version.clone(),
                toml: toml.as_bytes().to_vec(),
                signatures: None,
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
