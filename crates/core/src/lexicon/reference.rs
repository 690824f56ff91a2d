//! References to terms of other frameworks: always with the version, because bare ids change meaning
//! (LX-7), and the aliases that may be followed from one version to another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A term of a framework at a version, written `atlas@5.6.0:AML.T0020`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The framework, for example `atlas`.
    pub framework: String,
    /// Its version.
    pub version: String,
    /// The term in it.
    pub id: String,
}

/// A text is no reference: a part is missing, most often the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not of the form framework@version:id")]
pub struct ParseReferenceError;

impl FromStr for Reference {
    type Err = ParseReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (framework, rest) = text.split_once('@').ok_or(ParseReferenceError)?;
        let (version, id) = rest.split_once(':').ok_or(ParseReferenceError)?;
        if framework.is_empty() || version.is_empty() || id.is_empty() {
            return Err(ParseReferenceError);
        }
        Ok(Self { framework: framework.into(), version: version.into(), id: id.into() })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.framework, self.version, self.id)
    }
}

/// What became of a term in another version of its framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The term before.
    pub from: Reference,
    /// The term after.
    pub to: Reference,
    /// How the two relate, for example `renamed`.
    pub relation: String,
    /// Whether a program may rewrite the one to the other; else it is only shown to a person.
    pub may_follow: bool,
}
