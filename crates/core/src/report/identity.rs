//! When two artefacts are the same (LX-8), and the URN of a model that nobody has a copy of (LX-9).
//!
//! Not here: who supplies an artefact; see [`crate::lexicon::suppliers`].

use std::fmt;
use std::str::FromStr;

use packageurl::PackageUrl;

use super::{Artefact, list};

/// How two artefacts relate, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sameness {
    /// Nothing shows that they are the same.
    Different,
    /// Their package URLs are equal but for a missing version.
    Related,
    /// An equal digest, URN, or package URL with version.
    Same,
}

/// The URN of a hosted model: `urn:comity:service:<domain>:<model>[:<snapshot>]`.
///
/// Invariant: lower case; the domain is a DNS name, the model has at most 100 and the snapshot at most
/// 64 characters of `a-z0-9._-`. Only [`FromStr`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUrn {
    domain: Box<str>,
    model: Box<str>,
    snapshot: Option<Box<str>>,
}

/// A text is no URN of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not of the form urn:comity:service:domain:model[:snapshot]")]
pub struct ParseServiceUrnError;

const PREFIX: &str = "urn:comity:service:";
const DOMAIN_LENGTH_MAX: usize = 253;
const LABEL_LENGTH_MAX: usize = 63;
const MODEL_LENGTH_MAX: usize = 100;
const SNAPSHOT_LENGTH_MAX: usize = 64;

impl ServiceUrn {
    /// Returns the provider's DNS name.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns the model's name at the provider.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns the snapshot, if one is named.
    #[must_use]
    pub fn snapshot(&self) -> Option<&str> {
        self.snapshot.as_deref()
    }
}

impl FromStr for ServiceUrn {
    type Err = ParseServiceUrnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix(PREFIX).ok_or(ParseServiceUrnError)?;
        let mut parts = rest.split(':');
        let domain = parts.next().filter(|part| is_domain(part)).ok_or(ParseServiceUrnError)?;
        let model = parts
            .next()
            .filter(|part| is_word(part, MODEL_LENGTH_MAX))
            .ok_or(ParseServiceUrnError)?;
        let snapshot = parts.next();
        if parts.next().is_some()
            || snapshot.is_some_and(|part| !is_word(part, SNAPSHOT_LENGTH_MAX))
        {
            return Err(ParseServiceUrnError);
        }
        Ok(Self { domain: domain.into(), model: model.into(), snapshot: snapshot.map(Into::into) })
    }
}

impl fmt::Display for ServiceUrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}:{}", self.domain, self.model)?;
        self.snapshot.iter().try_for_each(|snapshot| write!(f, ":{snapshot}"))
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_LENGTH_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= DOMAIN_LENGTH_MAX && text.contains('.') && text.split('.').all(is_label)
}

fn is_word(text: &str, length_max: usize) -> bool {
    (1..=length_max).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
}

/// Returns whether the text is a package URL.
pub(super) fn is_purl(text: &str) -> bool {
    PackageUrl::from_str(text).is_ok()
}

/// Returns `type/namespace` of a package URL, decoded; `None` if it has no namespace.
#[must_use]
pub fn purl_namespace(text: &str) -> Option<String> {
    let purl = PackageUrl::from_str(text).ok()?;
    purl.namespace().map(|namespace| format!("{}/{namespace}", purl.ty()))
}

impl Artefact {
    /// Returns how this artefact relates to another (LX-8).
    #[must_use]
    pub fn sameness(&self, other: &Self) -> Sameness {
        let digests = list(self.digests.as_ref());
        let has_equal_digest =
            digests.iter().any(|digest| list(other.digests.as_ref()).contains(digest));
        let has_equal_urn = self.urn.is_some() && self.urn == other.urn;
        if has_equal_digest || has_equal_urn {
            return Sameness::Same;
        }
        match (self.purl.as_deref(), other.purl.as_deref()) {
            (Some(ours), Some(theirs)) => purl_sameness(ours, theirs),
            (_, None) | (None, _) => Sameness::Different,
        }
    }
}

fn purl_sameness(ours: &str, theirs: &str) -> Sameness {
    let (Ok(mut ours), Ok(mut theirs)) = (PackageUrl::from_str(ours), PackageUrl::from_str(theirs))
    else {
        return Sameness::Different;
    };
    if ours == theirs {
        return if ours.version().is_some() { Sameness::Same } else { Sameness::Related };
    }
    let is_missing = ours.version().is_none() || theirs.version().is_none();
    ours.without_version();
    theirs.without_version();
    if is_missing && ours == theirs { Sameness::Related } else { Sameness::Different }
}
