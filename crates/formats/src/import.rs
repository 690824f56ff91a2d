//! Foreign records as reports (lexicon.md, LX-29): AVID, CVE 5, OSV and FLARE.
//!
//! A [`Run`] takes bytes with a file name and gives one `comity.import/1` document. Each record
//! either becomes a `comity.report/1` value with flags, or is rejected with one code; no input
//! makes it panic. Not here: walking folders and reading files, which the caller does.

mod avid;
mod classes;
mod cve;
mod cvss;
mod document;
mod flare;
mod instant;
mod loss;
mod osv;
mod reader;
mod record;
mod run;
mod terms;

pub use record::{Converted, Flag, Rejection, convert};
pub use run::{Imported, Run};
pub use terms::Terms;

/// The greatest size of one record, in bytes (LX-29).
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// The greatest size of one `.json` document, which is held in memory whole.
pub const DOCUMENT_BYTES_MAX: usize = 256 << 20;

/// Records that one run reads at most.
pub const RECORDS_MAX: u64 = 1_000_000;

/// A foreign format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// AI Vulnerability Database, reports and vulnerabilities.
    Avid,
    /// CVE Record Format 5.
    Cve,
    /// AI flaw reports of the FLARE form: nested, flat or JSON-LD.
    Flare,
    /// Open Source Vulnerability format.
    Osv,
}

impl Format {
    /// Every format, in the order in which the command line names them.
    pub const ALL: [Self; 4] = [Self::Avid, Self::Cve, Self::Osv, Self::Flare];

    /// Returns the name used on the command line, in ids and in `source.format`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avid => "avid",
            Self::Cve => "cve",
            Self::Flare => "flare",
            Self::Osv => "osv",
        }
    }

    /// Returns the format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}
