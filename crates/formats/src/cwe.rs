//! Names of weaknesses, which CSAF asks for beside their ids.
//!
//! Not the whole of CWE: what the lexicon maps to, the yearly lists of the worst, and their neighbours.

use std::str::FromStr;

use jiff::civil::Date;

/// The newest version of CWE that validators in use know.
const KNOWN_TO_VALIDATORS: Version = Version(4, 17);

/// A version of CWE 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u16, u16);

impl FromStr for Version {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(2, '.');
        let mut number = || parts.next().unwrap_or_default().parse();
        Ok(Self(number()?, number()?))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// One weakness.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weakness {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    since: Version,
    since_date: Date,
}

impl Weakness {
    /// Finds a weakness by its id, `CWE-79`.
    pub(crate) fn find(id: &str) -> Option<Self> {
        const TABLE: &str = include_str!("../data/cwe.tsv");
        let line = TABLE.lines().find(|line| line.split('\t').next() == Some(id))?;
        let mut columns = line.split('\t');
        Some(Self {
            id: columns.next()?,
            since: columns.next()?.parse().ok()?,
            since_date: columns.next()?.parse().ok()?,
            name: columns.next()?,
        })
    }

    /// Returns the version to name beside id and name: the one stated, if it has both and validators
    /// know it, else the nearest that is so. The meaning is the same in all of them.
    pub(crate) fn version(&self, stated: &str) -> Version {
        let stated = stated.parse().unwrap_or(KNOWN_TO_VALIDATORS);
        stated.min(KNOWN_TO_VALIDATORS).max(self.since)
    }

    /// Tells whether a document of that day, which names no version, may use it.
    pub(crate) fn is_known_on(&self, day: Date) -> bool {
        self.since <= KNOWN_TO_VALIDATORS && self.since_date <= day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_reads() {
        let table = include_str!("../data/cwe.tsv");
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        assert!(
            lines
                .map(|line| line.split('\t').next().unwrap())
                .all(|id| Weakness::find(id).is_some())
        );
    }

    #[test]
    fn the_version_named_has_the_weakness() {
        let check = |id, stated, expected: &str| {
            assert_eq!(
                Weakness::find(id).unwrap().version(stated).to_string(),
                expected,
                "{id} {stated}"
            );
        };
        check("CWE-79", "4.20", "4.17");
        check("CWE-79", "4.11", "4.11");
        check("CWE-1427", "4.20", "4.17");
        check("CWE-1427", "4.2", "4.16");
        check("CWE-1434", "4.20", "4.18");
        assert!(Weakness::find("CWE-99999").is_none());
    }
}
