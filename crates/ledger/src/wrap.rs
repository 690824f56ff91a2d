//! Encrypts a key to an organisation: HPKE with X-Wing (ML-KEM-768 and X25519), VK-02.
//!
//! Wrapped bytes: version 1, encapsulated key (1120), ciphertext (32), tag (16). The suite of version 1
//! is X-Wing, HKDF-SHA256, ChaCha20-Poly1305 in base mode. Not here: who is a member (`comity-core`).

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::digest::{self, KeyId};
use crate::secret::{Binding, EpochKey, SealError, TAG_BYTES, VERSION};

type PublicKey = <XWing as hpke::Kem>::PublicKey;
type PrivateKey = <XWing as hpke::Kem>::PrivateKey;
type Encapsulated = <XWing as hpke::Kem>::EncappedKey;

/// Stands before every X-Wing key in text.
pub const ALGORITHM: &str = "x-wing";
/// Bytes of a public key.
pub const PUBLIC_BYTES: usize = 1216;
/// Bytes of an encapsulated key.
const ENCAPSULATED_BYTES: usize = 1120;
/// Bytes of a key wrapped to an organisation.
pub const WRAPPED_BYTES: usize = 1 + ENCAPSULATED_BYTES + 32 + TAG_BYTES;

const INFO: &[u8] = b"comity/hpke/1";
const TAG: &str = "comity/epoch-key/1";

/// The text or bytes are no X-Wing public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an x-wing public key")]
pub struct NotPublicKey;

/// An organisation's public encryption key.
#[derive(Clone, PartialEq, Eq)]
pub struct OrganisationPublicKey(PublicKey);

impl OrganisationPublicKey {
    /// Checks the 1216 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotPublicKey> {
        PublicKey::from_bytes(bytes).map(Self).map_err(|_| NotPublicKey)
    }

    /// Returns the 1216 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes().to_vec()
    }

    /// Returns SHA-256 of the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::from_bytes(digest::sha256(&self.0.to_bytes()))
    }

    /// Encrypts a room's epoch key to the organisation.
    pub fn wrap(
        &self,
        key: &EpochKey,
        binding: Binding<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        let data = binding.associated_data(TAG);
        let (encapsulated, body) = hpke::single_shot_seal_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            XWing,
        >(
            &OpModeS::Base, &self.0, INFO, key.expose(), &data, rng
        )
        .map_err(|_| SealError::Closed)?;
        let mut bytes = Vec::with_capacity(WRAPPED_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&encapsulated.to_bytes());
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }
}

impl fmt::Display for OrganisationPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}:{}", BASE64.encode(&self.0.to_bytes()))
    }
}

impl fmt::Debug for OrganisationPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrganisationPublicKey({})", self.id())
    }
}

impl FromStr for OrganisationPublicKey {
    type Err = NotPublicKey;

    fn from_str(text: &str) -> Result<Self, NotPublicKey> {
        let key = text.strip_prefix(ALGORITHM).and_then(|rest| rest.strip_prefix(':'));
        let key = key.ok_or(NotPublicKey)?;
        Self::from_bytes(&BASE64.decode(key.as_bytes()).map_err(|_| NotPublicKey)?)
    }
}

/// An organisation's private encryption key, made from 32 secret bytes; never printed.
#[derive(Clone)]
pub struct OrganisationKey(PrivateKey);

impl OrganisationKey {
    /// Draws a key.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(XWing::gen_keypair_with_rng(rng).0)
    }

    /// Takes the 32 secret bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SealError> {
        PrivateKey::from_bytes(bytes).map(Self).map_err(|_| SealError::Malformed)
    }

    /// Returns the 32 secret bytes, to be wrapped under the master key before they are stored.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// Returns the public half.
    #[must_use]
    pub fn public_key(&self) -> OrganisationPublicKey {
        OrganisationPublicKey(XWing::sk_to_pk(&self.0))
    }

    /// Opens an epoch key encrypted to this organisation.
    pub fn unwrap(&self, wrapped: &[u8], binding: Binding<'_>) -> Result<EpochKey, SealError> {
        if wrapped.len() != WRAPPED_BYTES {
            return Err(SealError::Malformed);
        }
        let (version, rest) = wrapped.split_first().ok_or(SealError::Malformed)?;
        if *version != VERSION {
            return Err(SealError::Version);
        }
        let (encapsulated, body) =
            rest.split_at_checked(ENCAPSULATED_BYTES).ok_or(SealError::Malformed)?;
        let encapsulated =
            Encapsulated::from_bytes(encapsulated).map_err(|_| SealError::Malformed)?;
        let data = binding.associated_data(TAG);
        let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.0,
            &encapsulated,
            INFO,
            body,
            &data,
        )
        .map(Zeroizing::new)
        .map_err(|_| SealError::Closed)?;
        let key = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| SealError::Malformed)?;
        Ok(EpochKey::from_bytes(key))
    }
}

impl fmt::Debug for OrganisationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrganisationKey(…)")
    }
}
