//! The names inside a case: hubs, parties, cases, entries. Each is checked once, when it is read.
//!
//! Not here: who a name stands for. The fold looks that up in the case itself.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Characters of a hub, party or case name at most.
pub const NAME_CHARS_MAX: usize = 63;
/// Characters of an entry id, commitment or digest at most.
pub const ID_CHARS_MAX: usize = 64;

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseNameError {
    /// Empty, too long, or with a character that the pattern does not allow.
    #[error("not a name of the required shape")]
    Shape,
}

/// `[a-z0-9][a-z0-9.-]{0,62}`.
fn is_name(text: &str) -> bool {
    let lower = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= NAME_CHARS_MAX
        && text.as_bytes().first().is_some_and(lower)
        && text.bytes().all(|byte| lower(&byte) || byte == b'.' || byte == b'-')
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().nth(ID_CHARS_MAX).is_none()
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $valid:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl $type {
            /// Returns the name as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = ParseNameError;

            fn from_str(text: &str) -> Result<Self, ParseNameError> {
                if $valid(text) { Ok(Self(text.into())) } else { Err(ParseNameError::Shape) }
            }
        }

        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

name!(
    /// A hub: who signs an entry.
    ///
    /// Invariant: `[a-z0-9][a-z0-9.-]{0,62}`.
    HubId,
    is_name
);
name!(
    /// A party of one case, hosted by a hub.
    ///
    /// Invariant: `[a-z0-9][a-z0-9.-]{0,62}`.
    PartyId,
    is_name
);
name!(
    /// A case.
    ///
    /// Invariant: `[a-z0-9][a-z0-9.-]{0,62}`.
    CaseId,
    is_name
);
name!(
    /// An entry, commitment or digest: 64 lower-case hex digits outside tests.
    ///
    /// Invariant: 1 to 64 characters.
    EntryId,
    is_id
);

impl EntryId {
    /// Makes an id of a digest in hex, cut to the greatest length.
    pub(super) fn from_digest(hex: &str) -> Self {
        Self(hex.chars().take(ID_CHARS_MAX).collect::<String>().into())
    }

    /// Makes `e1`, `e2` … for entries that nobody signed.
    pub(super) fn numbered(number: usize) -> Self {
        Self(format!("e{number}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_shape() {
        let check =
            |text: &str, good| assert_eq!(text.parse::<PartyId>().is_ok(), good, "{text:?}");
        check("a", true);
        check("0.a-b", true);
        check(&"a".repeat(63), true);
        check(&"a".repeat(64), false);
        check("", false);
        check("-a", false);
        check("A", false);
        check("a_b", false);
        check("é", false);
    }

    #[test]
    fn ids_are_counted_in_characters() {
        assert!("é".repeat(64).parse::<EntryId>().is_ok());
        assert!("é".repeat(65).parse::<EntryId>().is_err());
        assert!("".parse::<EntryId>().is_err());
    }
}
