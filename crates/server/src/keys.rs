//! The hub's secret keys: one master key in a file with tight permissions, everything else wrapped by it.
//!
//! Not here: the algorithms (`comity-ledger`) and the rows that hold wrapped keys (`comity-store`).

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use comity_ledger::digest;
use comity_ledger::key::SigningKey;
use comity_ledger::secret::{Binding, DataKey, EpochKey, MasterKey, SealError, WrappedKey};
use zeroize::Zeroizing;

use crate::rng::OsRandom;

/// The name of the master key's file in the data directory.
pub const MASTER_FILE: &str = "master.key";

/// Why the keys of a hub cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file does not hold 64 hexadecimal digits.
    #[error("{0} does not hold a key")]
    Malformed(PathBuf),
    /// Others than the owner may read the file.
    #[error("{0} may be read by others; allow its owner alone (chmod 600)")]
    Open(PathBuf),
    /// A wrapped key does not open under this master key.
    #[error("the master key does not open what this hub stored")]
    Sealed(#[from] SealError),
    /// The file cannot be read or written.
    #[error("{path} cannot be used")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Writes a new master key; an existing file is never overwritten.
pub fn create_master(data: &Path) -> Result<MasterKey, KeysError> {
    let key = MasterKey::generate(&mut OsRandom);
    write_secret(&data.join(MASTER_FILE), key.expose())?;
    Ok(key)
}

/// Makes a key to sign packs with, in a file of its own; an existing file is never overwritten.
pub fn create_signing(path: &Path) -> Result<SigningKey, KeysError> {
    let key = SigningKey::generate(&mut OsRandom);
    write_secret(path, &key.to_bytes())?;
    Ok(key)
}

/// Reads a key to sign packs with.
pub fn load_signing(path: &Path) -> Result<SigningKey, KeysError> {
    let secret = read_secret(path)?;
    Ok(SigningKey::from_bytes(&secret))
}

fn write_secret(path: &Path, secret: &[u8; 32]) -> Result<(), KeysError> {
    let unusable = |source| KeysError::Unusable { path: path.to_owned(), source };
    let text = Zeroizing::new(format!("{}\n", digest::hex(secret)));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(unusable)?;
    file.write_all(text.as_bytes()).map_err(unusable)?;
    file.sync_all().map_err(unusable)
}

/// Reads the master key of a data directory.
pub fn load_master(data: &Path) -> Result<MasterKey, KeysError> {
    Ok(MasterKey::from_bytes(*read_secret(&data.join(MASTER_FILE))?))
}

fn read_secret(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeysError> {
    let unusable = |source| KeysError::Unusable { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unusable)?;
    if is_open_to_others(&file).map_err(unusable)? {
        return Err(KeysError::Open(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(1024).read_to_string(&mut text).map_err(unusable)?;
    let secret = digest::hex_32(text.trim());
    secret.map(Zeroizing::new).map_err(|_| KeysError::Malformed(path.to_owned()))
}

#[cfg(unix)]
fn is_open_to_others(file: &std::fs::File) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_file: &std::fs::File) -> std::io::Result<bool> {
    Ok(false)
}

/// Wraps the hub's signing key for storage, as hexadecimal digits.
pub fn wrap_signing(master: &MasterKey, key: &SigningKey) -> Result<String, KeysError> {
    let wrapped = master.wrap(&key.to_bytes(), SIGNING, &mut OsRandom)?;
    Ok(digest::hex(wrapped.as_bytes()))
}

/// Opens the hub's signing key.
pub fn unwrap_signing(master: &MasterKey, wrapped: &str) -> Result<SigningKey, KeysError> {
    let bytes = data_encoding::HEXLOWER
        .decode(wrapped.as_bytes())
        .map_err(|_| KeysError::Sealed(SealError::Malformed))?;
    let secret = master.unwrap(&WrappedKey::from_slice(&bytes)?, SIGNING)?;
    Ok(SigningKey::from_bytes(&secret))
}

const SIGNING: Binding<'static> = Binding { room: "hub", item: "signing" };

/// Wraps a room's epoch key for storage.
pub fn wrap_epoch(
    master: &MasterKey,
    room: &str,
    epoch: u64,
    key: &EpochKey,
) -> Result<Vec<u8>, KeysError> {
    let item = format!("epoch/{epoch}");
    let wrapped = master.wrap(key.expose(), Binding { room, item: &item }, &mut OsRandom)?;
    Ok(wrapped.as_bytes().to_vec())
}

/// Opens a room's epoch key.
pub fn unwrap_epoch(
    master: &MasterKey,
    room: &str,
    epoch: u64,
    wrapped: &[u8],
) -> Result<EpochKey, KeysError> {
    let item = format!("epoch/{epoch}");
    let wrapped = WrappedKey::from_slice(wrapped)?;
    let secret = master.unwrap(&wrapped, Binding { room, item: &item })?;
    Ok(EpochKey::from_bytes(*secret))
}

/// Returns the key that seals answers kept for idempotency: derived, so that it is never stored.
#[must_use]
pub fn answers_key(master: &MasterKey) -> DataKey {
    derived(master, b"comity/answers-key/1\0")
}

/// Returns the key that seals the facts in the read models of cases: derived, so that it is never stored.
#[must_use]
pub fn law_key(master: &MasterKey) -> DataKey {
    derived(master, b"comity/law-key/1\0")
}

fn derived(master: &MasterKey, purpose: &[u8]) -> DataKey {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::new().chain_update(purpose).chain_update(master.expose()).finalize();
    DataKey::from_bytes(digest.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrapped_opens_under_the_same_master_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let master = create_master(folder.path()).unwrap();
        let key = SigningKey::generate(&mut OsRandom);
        let wrapped = wrap_signing(&master, &key).unwrap();
        let read = load_master(folder.path()).unwrap();
        assert_eq!(unwrap_signing(&read, &wrapped).unwrap().id(), key.id());
        let other = MasterKey::generate(&mut OsRandom);
        assert!(matches!(unwrap_signing(&other, &wrapped), Err(KeysError::Sealed(_))));
        assert!(matches!(create_master(folder.path()), Err(KeysError::Unusable { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        create_master(folder.path()).unwrap();
        let path = folder.path().join(MASTER_FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(load_master(folder.path()), Err(KeysError::Open(_))));
    }
}
