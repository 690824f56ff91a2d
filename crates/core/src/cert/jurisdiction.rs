//! Jurisdictions and how they are named: random urns, aliases that never guess (CT-01 to CT-03).
//!
//! Not here: their status (`status`), and any firm, product or project: there is no type for those.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::day::Day;
use super::document::Object;
use super::word::JurisdictionKind;
use crate::refusal::Refusal;

/// What every jurisdiction's urn starts with.
pub const URN_PREFIX: &str = "urn:comity:jur:";

/// `urn:comity:jur:` and 6 to 12 of `[0-9a-z]`.
///
/// Invariant: exactly that shape. It names a jurisdiction, but proves nothing of a register's holding it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JurisdictionUrn(Box<str>);

impl JurisdictionUrn {
    /// Reads a urn.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.strip_prefix(URN_PREFIX)?;
        let fits = (6..=12).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
        fits.then(|| Self(text.into()))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JurisdictionUrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for JurisdictionUrn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for JurisdictionUrn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // A firm, a product or a project has no such urn: the answer says so by name (CT-04).
        Self::parse(&text).ok_or_else(|| D::Error::custom("not-a-jurisdiction"))
    }
}

/// A name of a jurisdiction in a scheme, for some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// For example `iso3166-1`.
    pub scheme: String,
    /// For example `XA`.
    pub value: String,
    /// The first day, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

impl Alias {
    /// Returns whether the alias holds on the day.
    #[must_use]
    pub fn holds(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    fn read(object: Object<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            scheme: object.text("scheme")?.to_owned(),
            value: object.text("value")?.to_owned(),
            from: object.day_or_none("from")?,
            until: object.day_or_none("until")?,
        })
    }
}

/// A jurisdiction as a register lists it.
///
/// Only a register makes one (CT-04): whoever holds a value has read it from a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jurisdiction {
    urn: JurisdictionUrn,
    kind: JurisdictionKind,
    aliases: Vec<Alias>,
}

impl Jurisdiction {
    /// Reads an entry of a register's list.
    pub(super) fn read(object: Object<'_>) -> Result<Self, Refusal> {
        object.object("names")?;
        Ok(Self {
            urn: object.urn("urn")?,
            kind: object.word("kind")?,
            aliases: object.each_or_empty("aliases", Alias::read)?,
        })
    }

    /// Makes an entry of a register that is being kept.
    pub(super) const fn new(
        urn: JurisdictionUrn,
        kind: JurisdictionKind,
        aliases: Vec<Alias>,
    ) -> Self {
        Self { urn, kind, aliases }
    }

    /// Returns the urn.
    #[must_use]
    pub const fn urn(&self) -> &JurisdictionUrn {
        &self.urn
    }

    /// Returns what the jurisdiction is.
    #[must_use]
    pub const fn kind(&self) -> JurisdictionKind {
        self.kind
    }

    /// Returns its names in other schemes.
    #[must_use]
    pub fn aliases(&self) -> &[Alias] {
        &self.aliases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_urns_of_the_one_shape() {
        for good in ["urn:comity:jur:k4t9m2", "urn:comity:jur:0123456789ab"] {
            assert!(JurisdictionUrn::parse(good).is_some(), "{good}");
        }
        for bad in [
            "k4t9m2",
            "urn:comity:jur:k4t9m",
            "urn:comity:jur:K4T9M2",
            "urn:comity:jur:0123456789abc",
            "urn:comity:org:k4t9m2",
            "urn:comity:jur:k4t9m2 ",
        ] {
            assert_eq!(JurisdictionUrn::parse(bad), None, "{bad}");
        }
    }
}
