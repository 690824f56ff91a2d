//! A master key from a passphrase, for a hub whose key file must not lie beside its data (SE-05).
//!
//! Not here: the passwords of accounts, which are only compared, and where the parameters are kept.

use argon2::{Algorithm, Argon2, Params, Version};
use rand_core::CryptoRng;

use crate::secret::MasterKey;

/// Memory of one derivation in KiB: 47 MiB, the least OWASP names for one pass.
const MEMORY_KIB: u32 = 47 * 1024;
const PASSES: u32 = 1;
const LANES: u32 = 1;
/// Bytes of a passphrase at most.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;

/// Random bytes stored beside what the key wraps; not secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassphraseSalt([u8; 16]);

impl PassphraseSalt {
    /// Draws a salt.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Takes stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The passphrase is empty or over [`PASSPHRASE_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the passphrase is empty or too long")]
pub struct BadPassphrase;

/// Derives the master key with Argon2id; takes about 50 ms and 47 MiB, on purpose.
pub fn master_key(passphrase: &str, salt: &PassphraseSalt) -> Result<MasterKey, BadPassphrase> {
    if passphrase.is_empty() || passphrase.len() > PASSPHRASE_BYTES_MAX {
        return Err(BadPassphrase);
    }
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(|_| BadPassphrase)?;
    let mut bytes = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &salt.0, &mut bytes)
        .map_err(|_| BadPassphrase)?;
    Ok(MasterKey::from_bytes(bytes))
}
