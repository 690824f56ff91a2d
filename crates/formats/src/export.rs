//! What every export shares: where the hub publishes, and the list of what a format has no place for.
//!
//! Not here: any format.

use serde::Serialize;

/// Losses one export lists at most; an advisory within its limits has fewer.
pub const LOSSES_MAX: usize = 4_096;

/// One field a document of another format does not carry (lexicon.md, LX-30).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Loss {
    /// RFC 6901 pointer into the advisory.
    pub path: String,
    /// Why it is not carried.
    pub reason: LossReason,
}

/// Why a field is not carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossReason {
    /// The format has no place for it.
    NoPlace,
    /// Its meaning is not known well enough to say it in the other format's terms.
    NotUnderstood,
    /// Over a limit of the format.
    TooLong,
    /// It may not be told.
    Withheld,
}

/// Where the hub publishes.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Address under which `<id>` is the advisory's page, ending in `/`.
    pub pages: &'a str,
    /// Address under which `<year>/<file>` is the document, ending in `/`.
    pub documents: &'a str,
    /// Version of the program.
    pub engine_version: &'a str,
}

/// Collects losses.
#[derive(Debug, Default)]
pub(crate) struct Losses(Vec<Loss>);

impl Losses {
    pub(crate) fn lose(&mut self, path: impl Into<String>, reason: LossReason) {
        if self.0.len() < LOSSES_MAX {
            self.0.push(Loss { path: path.into(), reason });
        }
    }

    pub(crate) fn into_sorted(mut self) -> Vec<Loss> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// Returns the package URL under which a service without a copy travels (lexicon.md, LX-9):
/// `urn:comity:service:<domain>:<model>[:<snapshot>]` as `pkg:generic/<domain>/<model>[@<snapshot>]`.
#[must_use]
pub fn purl_of_service(urn: &str) -> Option<String> {
    let mut parts = urn.strip_prefix("urn:comity:service:")?.split(':');
    let (domain, model) = (parts.next()?, parts.next()?);
    let mut purl = packageurl::PackageUrl::new("generic", model).ok()?;
    purl.with_namespace(domain).ok()?;
    if let Some(snapshot) = parts.next() {
        purl.with_version(snapshot).ok()?;
    }
    Some(purl.to_string())
}
