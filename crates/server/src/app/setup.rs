//! Making a hub and opening it again.
//!
//! Not here: listening (`serve`) and what is wrong with a hub (`doctor`).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use comity_core::lexicon::Lexicon;
use comity_ledger::entry::Salt;
use comity_ledger::identity::{self, NewKeys, Stamp};
use comity_ledger::key::SigningKey;
use comity_ledger::secret::{Binding, MasterKey};
use comity_ledger::wrap::OrganisationKey;
use comity_store::{Append, Options, Organisation, Place, Purpose, Room, Rows, Store, Write};

use super::{AppError, Hub, Inner, cases, cert};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::keys;
use crate::policy;
use crate::rng::OsRandom;

/// Why a hub cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A use case failed while the hub was made.
    #[error(transparent)]
    App(#[from] AppError),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// A file cannot be written.
    #[error("{path} cannot be used")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is a hub already.
    #[error("{0} holds a hub already")]
    Exists(std::path::PathBuf),
    /// A file of the lexicon does not hold.
    #[error("the lexicon cannot be used")]
    Lexicon(#[from] comity_core::lexicon::LoadError),
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] keys::KeysError),
    /// There is no hub in this directory.
    #[error("{0} holds no hub; `comity init` makes one")]
    Missing(std::path::PathBuf),
    /// A pack of law cannot be used.
    #[error("the packs cannot be used: {0}")]
    Packs(comity_core::law::refused::Refused),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] comity_store::Fault),
}

const META_HUB: &str = "hub";
const META_SIGNING: &str = "key:signing";
const META_NEXT: &str = "key:next";
const META_ENCRYPTION: &str = "key:encryption";
const META_IDENTITY: &str = "room:identity";

/// Makes a hub in `data`: configuration, keys, database, identity chain.
///
/// Nothing is overwritten: an existing hub is refused.
pub async fn create(data: &Path, config: &Config, clock: Clock) -> Result<Hub, SetupError> {
    config.check()?;
    let path = data.join(config::FILE);
    if path.exists() || data.join(keys::MASTER_FILE).exists() {
        return Err(SetupError::Exists(data.to_owned()));
    }
    let store = open_store(data, config, Purpose::Serve).await?;
    let master = keys::create_master(data)?;
    let rows = first_rows(config, &master, &clock)?;
    store.write(rows).await.map_err(AppError::from)?;
    std::fs::write(&path, config.to_toml())
        .map_err(|source| SetupError::File { path: path.clone(), source })?;
    assemble(data, config.clone(), clock, store, master).await
}

/// Opens the hub in `data` to serve or for one command.
pub async fn open(
    data: &Path,
    config: Config,
    clock: Clock,
    purpose: Purpose,
) -> Result<Hub, SetupError> {
    let master = keys::load_master(data)?;
    let store = open_store(data, &config, purpose).await?;
    assemble(data, config, clock, store, master).await
}

/// Returns the shipped lexicon, or the one with the files of `folder`; an empty path names none.
///
/// It lives as long as the process, so it is never freed.
pub fn lexicon(folder: &Path) -> Result<&'static Lexicon, SetupError> {
    if folder.as_os_str().is_empty() {
        return Ok(Lexicon::embedded());
    }
    let mut files = BTreeMap::new();
    for name in comity_core::lexicon::FILE_NAMES {
        let path = folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                files.insert((*name).to_owned(), text);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(SetupError::File { path, source }),
        }
    }
    Ok(Box::leak(Box::new(Lexicon::load(&files)?)))
}

/// Returns the packs of the configured folder, or room for the shipped ones.
fn shelf(config: &Config) -> Result<super::law::Shelf, SetupError> {
    if config.policies_folder.is_empty() {
        return Ok(super::law::Shelf::default());
    }
    let folder = Path::new(&config.policies_folder);
    let editions = super::law::Editions::of_folder(folder, &config.pack_signers);
    Ok(super::law::Shelf::with(editions.map_err(SetupError::Packs)?))
}

async fn open_store(data: &Path, config: &Config, purpose: Purpose) -> Result<Store, SetupError> {
    let url = (!config.database_url.is_empty()).then(|| config.database_url.clone());
    Ok(Store::open(Options::new(data).database_url(url).purpose(purpose)).await?)
}

/// The rows a hub starts with: wrapped keys and the genesis of its identity chain.
fn first_rows(config: &Config, master: &MasterKey, clock: &Clock) -> Result<Rows, SetupError> {
    let signing = SigningKey::generate(&mut OsRandom);
    let next = SigningKey::generate(&mut OsRandom);
    let encryption = OrganisationKey::generate(&mut OsRandom);
    let hub = config.hub.parse().map_err(AppError::fault)?;
    let now = clock.now().as_millisecond();
    let stamp = Stamp {
        at: u64::try_from(now).map_err(AppError::fault)?,
        salt: Salt::generate(&mut OsRandom),
    };
    let new = NewKeys { encryption: &encryption.public_key(), next: next.verifying_key() };
    let genesis = identity::genesis(&hub, &signing, new, stamp).map_err(AppError::fault)?;
    let id = genesis.id().to_string();
    let mut rows = Rows::new();
    let mut meta = |name: &str, value: String| {
        rows.put(Write::Meta { name: name.to_owned(), value });
    };
    meta(META_HUB, config.hub.clone());
    meta(META_SIGNING, keys::wrap_signing(master, &signing)?);
    meta(META_NEXT, wrap_hex(master, "next", &next.to_bytes())?);
    meta(META_ENCRYPTION, wrap_hex(master, "encryption", &encryption.to_bytes())?);
    meta(META_IDENTITY, id.clone());
    rows.put(Room {
        room_id: id.clone(),
        case_id: None,
        kind: "identity".to_owned(),
        name: None,
        opened_at: now,
    });
    rows.put(Append {
        room_id: id.clone(),
        author: config.hub.clone(),
        seq: 0,
        prev: None,
        id,
        at: now,
        kind: "id.genesis".to_owned(),
        envelope: genesis.into_bytes(),
        place: Place::Next,
    });
    rows.put(Organisation {
        organisation_id: config.hub.clone(),
        name: config.name.clone(),
        kind: "coordinator".to_owned(),
        hub: config.hub.clone(),
        profile: "{}".to_owned(),
        created_at: now,
    });
    Ok(rows)
}

fn wrap_hex(master: &MasterKey, item: &str, secret: &[u8; 32]) -> Result<String, SetupError> {
    let wrapped = master
        .wrap(secret, Binding { room: "hub", item }, &mut OsRandom)
        .map_err(keys::KeysError::from)?;
    Ok(comity_ledger::digest::hex(wrapped.as_bytes()))
}

async fn assemble(
    data: &Path,
    config: Config,
    clock: Clock,
    store: Store,
    master: MasterKey,
) -> Result<Hub, SetupError> {
    let missing = || SetupError::Missing(data.to_owned());
    let stored = store.meta(META_HUB).await?.ok_or_else(missing)?;
    if stored != config.hub {
        return Err(config::ConfigError::Value {
            member: "hub",
            wanted: "the id under which this hub was made",
        }
        .into());
    }
    let wrapped = store.meta(META_SIGNING).await?.ok_or_else(missing)?;
    let signing = keys::unwrap_signing(&master, &wrapped)?;
    let identity_room = store.meta(META_IDENTITY).await?.ok_or_else(missing)?;
    let texts = policy::texts(&config, Some(data));
    let policy = policy::policy(&config, &texts);
    let at_once = usize::try_from(config.limits.intakes_at_once).unwrap_or(usize::MAX);
    let seen = store.meta(super::META_CLOCK).await?.and_then(|text| text.parse::<i64>().ok());
    let now = clock.now().as_millisecond();
    let jumped = seen.is_some_and(|seen| now.saturating_sub(seen) > super::CLOCK_JUMP_MAX_MS);
    let clock_held = std::sync::atomic::AtomicBool::new(jumped && clock.is_real());
    let hub = Hub(Arc::new(Inner {
        clock_held,
        clock,
        store,
        signing,
        answers: keys::answers_key(&master),
        law_key: keys::law_key(&master),
        master,
        lexicon: lexicon(Path::new(&config.lexicon_folder))?,
        policy,
        texts,
        identity_room,
        rooms: Mutex::new(BTreeMap::new()),
        opening: tokio::sync::Mutex::new(()),
        cases: cases::Cache::default(),
        cert: cert::Cache::default(),
        agreements: super::agreements::Kept::default(),
        peers: super::peers::Peers::default(),
        screens: super::sharing::Screens::load().map_err(AppError::fault)?,
        shelf: shelf(&config)?,
        actors: super::accounts::Actors::default(),
        intakes: Arc::new(tokio::sync::Semaphore::new(
            at_once.min(tokio::sync::Semaphore::MAX_PERMITS),
        )),
        config,
    }));
    hub.load_peers().await?;
    hub.load_agreements().await?;
    Ok(hub)
}
