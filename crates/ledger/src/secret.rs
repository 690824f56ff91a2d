//! Symmetric keys that wipe themselves, and the wrapping of one key under another.
//!
//! Not here: where keys are kept, and encryption to an organisation (`wrap`).

use std::fmt;

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::digest;

/// Bytes of a wrapped key: version, nonce, key, authentication tag.
pub const WRAPPED_BYTES: usize = 1 + NONCE_BYTES + 32 + TAG_BYTES;
pub(crate) const NONCE_BYTES: usize = 24;
pub(crate) const TAG_BYTES: usize = 16;
pub(crate) const VERSION: u8 = 1;

/// What a ciphertext belongs to; it opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding<'b> {
    /// The room's id, or that of the report while no room exists.
    pub room: &'b str,
    /// The item within it, for example a compartment's name or an attachment's id.
    pub item: &'b str,
}

impl Binding<'_> {
    /// Associated data: the tag, a zero byte, then room and item with their lengths.
    pub(crate) fn associated_data(&self, tag: &str) -> Vec<u8> {
        let mut data = Vec::with_capacity(tag.len() + 17 + self.room.len() + self.item.len());
        data.extend_from_slice(tag.as_bytes());
        data.push(0);
        for part in [self.room.as_bytes(), self.item.as_bytes()] {
            data.extend_from_slice(&digest::length(part));
            data.extend_from_slice(part);
        }
        data
    }
}

/// Why sealed bytes do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another key, another binding, or changed bytes: they cannot be told apart.
    #[error("does not open")]
    Closed,
    /// Too short or too long to be what it is said to be.
    #[error("not a sealed item")]
    Malformed,
    /// More than the named maximum.
    #[error("too large")]
    TooLarge,
    /// Sealed by a newer version.
    #[error("unknown version")]
    Version,
}

impl SealError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Closed => "seal-closed",
            Self::Malformed => "seal-malformed",
            Self::TooLarge => "too-large",
            Self::Version => "seal-version",
        }
    }
}

macro_rules! secret_key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Draws a key.
            #[must_use]
            pub fn generate(rng: &mut impl CryptoRng) -> Self {
                let mut key = Self([0; 32]);
                rng.fill_bytes(&mut key.0);
                key
            }

            /// Takes 32 secret bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Shows the bytes, to be wrapped before they are stored.
            #[must_use]
            pub const fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret_key! {
    /// Seals one item; deleting its wrapped form shreds the item (SE-03).
    DataKey
}

secret_key! {
    /// Wraps the data keys of a room until its membership changes (SE-01).
    EpochKey
}

secret_key! {
    /// Wraps what one hub keeps: its signing keys, organisation keys and epoch keys (SE-05).
    MasterKey
}

/// A key under another key; may be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrappedKey([u8; WRAPPED_BYTES]);

impl WrappedKey {
    /// Takes stored bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SealError> {
        bytes.try_into().map(Self).map_err(|_| SealError::Malformed)
    }

    /// Returns the bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; WRAPPED_BYTES] {
        &self.0
    }
}

impl EpochKey {
    const TAG: &str = "comity/data-key/1";

    /// Wraps an item's key for the members of the room.
    pub fn wrap(
        &self,
        key: &DataKey,
        binding: Binding<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<WrappedKey, SealError> {
        wrap(&self.0, &binding.associated_data(Self::TAG), &key.0, rng)
    }

    /// Opens an item's key.
    pub fn unwrap(&self, wrapped: &WrappedKey, binding: Binding<'_>) -> Result<DataKey, SealError> {
        let key = unwrap(&self.0, &binding.associated_data(Self::TAG), wrapped)?;
        Ok(DataKey(*key))
    }
}

impl MasterKey {
    const TAG: &str = "comity/master/1";

    /// Wraps any 32 secret bytes; the binding says what they are, for example `signing` and a key id.
    pub fn wrap(
        &self,
        secret: &[u8; 32],
        binding: Binding<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<WrappedKey, SealError> {
        wrap(&self.0, &binding.associated_data(Self::TAG), secret, rng)
    }

    /// Opens what [`MasterKey::wrap`] closed.
    pub fn unwrap(
        &self,
        wrapped: &WrappedKey,
        binding: Binding<'_>,
    ) -> Result<Zeroizing<[u8; 32]>, SealError> {
        unwrap(&self.0, &binding.associated_data(Self::TAG), wrapped)
    }
}

pub(crate) fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn wrap(
    key: &[u8; 32],
    data: &[u8],
    secret: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Result<WrappedKey, SealError> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    let mut body = Zeroizing::new(*secret);
    let tag = cipher(key)
        .encrypt_inout_detached(&XNonce::from(nonce), data, (&mut body[..]).into())
        .map_err(|_| SealError::TooLarge)?;
    let mut bytes = Vec::with_capacity(WRAPPED_BYTES);
    bytes.push(VERSION);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&body[..]);
    bytes.extend_from_slice(&tag);
    WrappedKey::from_slice(&bytes)
}

fn unwrap(
    key: &[u8; 32],
    data: &[u8],
    wrapped: &WrappedKey,
) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let (nonce, body, tag) = split(&wrapped.0)?;
    let mut secret = Zeroizing::new(<[u8; 32]>::try_from(body).map_err(|_| SealError::Malformed)?);
    cipher(key)
        .decrypt_inout_detached(&nonce, data, (&mut secret[..]).into(), &tag)
        .map_err(|_| SealError::Closed)?;
    Ok(secret)
}

/// Nonce, ciphertext and tag of what starts with a version byte.
pub(crate) fn split(bytes: &[u8]) -> Result<(XNonce, &[u8], chacha20poly1305::Tag), SealError> {
    let (version, rest) = bytes.split_first().ok_or(SealError::Malformed)?;
    if *version != VERSION {
        return Err(SealError::Version);
    }
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Malformed)?;
    let (body, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(SealError::Malformed)?;
    Ok((XNonce::from(*nonce), body, chacha20poly1305::Tag::from(*tag)))
}
