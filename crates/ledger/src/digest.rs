//! Ids that are SHA-256 values, and the one way this crate hashes with a purpose.
//!
//! Every hash that is not an id fixed elsewhere starts with a tag `comity/<thing>/1`, so that a value
//! made for one purpose is never valid for another.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The text was not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 lower-case hexadecimal digits")]
pub struct NotHex;

/// Reads exactly 64 lower-case hexadecimal digits.
pub fn hex_32(text: &str) -> Result<[u8; 32], NotHex> {
    let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NotHex)?;
    <[u8; 32]>::try_from(bytes).map_err(|_| NotHex)
}

/// Writes lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Writes hexadecimal digits in groups of four, for people to compare.
#[must_use]
pub(crate) fn grouped(bytes: &[u8]) -> String {
    let groups: Vec<String> = bytes.chunks(2).map(hex).collect();
    groups.join(" ")
}

/// SHA-256 of plain bytes, for what is content-addressed.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 over a tag, a zero byte and every part with its length (eight bytes, big-endian) before it.
///
/// The lengths keep two lists of parts with equal concatenation apart.
#[must_use]
pub(crate) fn tagged(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(tag.as_bytes());
    hash.update([0]);
    for part in parts {
        hash.update(length(part));
        hash.update(part);
    }
    hash.finalize().into()
}

/// A length as eight bytes, big-endian.
pub(crate) fn length(part: &[u8]) -> [u8; 8] {
    u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes()
}

macro_rules! digest_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Takes the 32 bytes as they are.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Returns the 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                hex_32(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&hex(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

digest_id! {
    /// The id of an entry: SHA-256 of its DSSE pre-authentication encoding. A room's id is that of its first entry.
    EntryId
}

digest_id! {
    /// The id of a verification key: SHA-256 of the 32 bytes of the public key.
    KeyId
}

digest_id! {
    /// A salted commitment; see [`crate::commitment`].
    Commitment
}

digest_id! {
    /// SHA-256 of bytes that travel on their own, such as a ciphertext or a policy text.
    ContentHash
}

impl ContentHash {
    /// Hashes the bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lower_case_hexadecimal_only() {
        let lower = "0123456789abcdef".repeat(4);
        assert_eq!(lower.parse::<EntryId>().unwrap().to_string(), lower);
        for wrong in [lower.to_uppercase(), "0".repeat(63), format!("{lower}0"), "g".repeat(64)] {
            assert_eq!(wrong.parse::<EntryId>(), Err(NotHex), "{wrong}");
        }
    }

    #[test]
    fn parts_cannot_be_moved_from_one_to_the_next() {
        assert_ne!(
            tagged("comity/test/1", &[b"ab", b"c"]),
            tagged("comity/test/1", &[b"a", b"bc"])
        );
        assert_ne!(tagged("comity/test/1", &[b"a"]), tagged("comity/test/2", &[b"a"]));
    }
}
