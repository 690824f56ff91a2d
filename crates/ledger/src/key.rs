//! Ed25519 keys with strict verification, and how keys are named and shown (VK-02, VK-03).
//!
//! Not here: which key an organisation uses at present (`identity`), and encryption keys (`wrap`).

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;
use rand_core::CryptoRng;

use crate::digest::{self, KeyId};

/// Stands before every Ed25519 key and key id in text, so that a suite can be added (VK-02).
pub const ALGORITHM: &str = "ed25519";

/// Why 32 bytes or a text are no usable verification key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a point of the curve, or of small order: signatures under it would prove nothing.
    #[error("not a safe ed25519 public key")]
    Unsafe,
    /// Not `ed25519:` and 64 lower-case hexadecimal digits.
    #[error("not ed25519: and 64 hexadecimal digits")]
    Text,
}

/// A public key that is a point of the curve and not of small order.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    inner: ed25519_dalek::VerifyingKey,
    id: KeyId,
}

impl VerifyingKey {
    /// Checks the 32 bytes of a public key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let inner = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Unsafe)?;
        // A second encoding of one point would give one key two ids.
        if inner.is_weak() || inner.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::Unsafe);
        }
        Ok(Self { inner, id: KeyId::from_bytes(digest::sha256(bytes)) })
    }

    /// Returns the 32 bytes of the public key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.inner.to_bytes()
    }

    /// Returns the key's id.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the key id in 16 groups of four digits, to be compared out of band (VK-03).
    #[must_use]
    pub fn fingerprint(&self) -> String {
        digest::grouped(self.id.as_bytes())
    }

    /// Checks a signature over lines of text under a named purpose.
    #[must_use]
    pub fn verifies_lines(&self, purpose: &str, lines: &[&str], signature: &[u8; 64]) -> bool {
        self.verifies(&joined(purpose, lines), signature)
    }

    /// Checks a signature strictly: canonical scalar, no point of small order.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.inner.verify_strict(message, &signature).is_ok()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}:{}", digest::hex(&self.inner.to_bytes()))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

impl FromStr for VerifyingKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (algorithm, key) = text.split_once(':').ok_or(KeyError::Text)?;
        if algorithm != ALGORITHM {
            return Err(KeyError::Text);
        }
        Self::from_bytes(&digest::hex_32(key).map_err(|_| KeyError::Text)?)
    }
}

/// A private key; its bytes are overwritten when it is dropped and never printed.
#[derive(Clone)]
pub struct SigningKey {
    inner: ed25519_dalek::SigningKey,
    public: VerifyingKey,
}

impl SigningKey {
    /// Takes the 32 secret bytes.
    #[must_use]
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        let inner = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = inner.verifying_key();
        let id = KeyId::from_bytes(digest::sha256(public.as_bytes()));
        Self { inner, public: VerifyingKey { inner: public, id } }
    }

    /// Makes a new key.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        Self::from_bytes(&seed)
    }

    /// Returns the secret bytes, to be wrapped under the master key before they are stored.
    #[must_use]
    pub fn to_bytes(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.inner.to_bytes())
    }

    /// Returns the public half.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// Returns the id of the public half.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.public.id()
    }

    /// Signs `tag`, a line feed and the bytes; the tag separates purposes, so it is fixed in the caller's source.
    #[must_use]
    pub fn sign_tagged(&self, tag: &'static str, message: &[u8]) -> [u8; 64] {
        self.sign(&[tag.as_bytes(), b"\n", message].concat())
    }

    /// Signs lines of text under a named purpose, for documents that are no envelopes: the purpose, then
    /// the lines, with line feeds between. An envelope's signed bytes begin otherwise.
    ///
    /// No line may hold a line feed: callers sign digests, words and instants.
    #[must_use]
    pub fn sign_lines(&self, purpose: &str, lines: &[&str]) -> [u8; 64] {
        self.sign(&joined(purpose, lines))
    }

    /// Signs the bytes; callers outside this crate sign envelopes or name a tag, which separate purposes.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.inner.sign(message).to_bytes()
    }
}

fn joined(purpose: &str, lines: &[&str]) -> Vec<u8> {
    [&[purpose], lines].concat().join("\n").into_bytes()
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every encoding of a point whose order divides eight, also the non-canonical ones.
    const SMALL_ORDER: [&str; 14] = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];

    #[test]
    fn keys_of_small_order_are_refused() {
        for key in SMALL_ORDER {
            let bytes = digest::hex_32(key).unwrap();
            assert_eq!(VerifyingKey::from_bytes(&bytes), Err(KeyError::Unsafe), "{key}");
        }
    }

    #[test]
    fn a_signature_has_one_form_only() {
        // The order of the group: S + L verifies too where the scalar is not checked.
        const L: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut signature = key.sign(b"text");
        assert!(key.verifying_key().verifies(b"text", &signature));
        let mut carry = 0_u16;
        for (byte, add) in signature[32..].iter_mut().zip(L) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert!(!key.verifying_key().verifies(b"text", &signature));
    }

    #[test]
    fn a_commitment_point_of_small_order_is_refused() {
        let key = SigningKey::from_bytes(&[7; 32]);
        for point in SMALL_ORDER {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&digest::hex_32(point).unwrap());
            assert!(!key.verifying_key().verifies(b"text", &signature), "{point}");
        }
    }

    #[test]
    fn a_key_is_written_with_its_algorithm() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let text = key.verifying_key().to_string();
        assert_eq!(text.parse::<VerifyingKey>().as_ref(), Ok(key.verifying_key()));
        assert_eq!(text.replace("ed25519", "ed448").parse::<VerifyingKey>(), Err(KeyError::Text));
        assert_eq!(
            text.trim_end_matches(char::is_alphanumeric).parse::<VerifyingKey>(),
            Err(KeyError::Text)
        );
        assert_eq!(key.verifying_key().fingerprint().split(' ').count(), 16);
        assert!(!format!("{key:?}").contains("0707"));
    }
}
