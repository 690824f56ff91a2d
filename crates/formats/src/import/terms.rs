//! What importing needs beside the records: the lexicon, AVID labels, OSV ecosystems.

use std::collections::{BTreeMap, BTreeSet};

use comity_core::lexicon::Lexicon;

/// Codes and labels of the SEP view, avidtools (MIT, notice in `data/avid-sep-0.2.LICENSE`).
const AVID_SEP: &str = include_str!("data/avid-sep-0.2.json");

/// A lexicon, with its class maps turned round: from the ids of frameworks to classes.
#[derive(Debug)]
pub struct Terms<'l> {
    lexicon: &'l Lexicon,
    classes: BTreeMap<(&'l str, &'l str), BTreeSet<&'l str>>,
    avid_labels: BTreeMap<String, String>,
}

impl Terms<'static> {
    /// Returns the terms of the lexicon of this build.
    #[must_use]
    pub fn embedded() -> Self {
        Self::of(Lexicon::embedded())
    }
}

impl<'l> Terms<'l> {
    /// Returns the terms of a lexicon.
    #[must_use]
    pub fn of(lexicon: &'l Lexicon) -> Self {
        let mut classes: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        for class in lexicon.classes() {
            for (framework, ids) in &class.maps {
                for id in ids {
                    classes.entry((framework.as_str(), id.as_str())).or_default().insert(&class.id);
                }
            }
        }
        // A test reads the file; were it broken, every label would be unknown and flagged.
        let avid_labels = serde_json::from_str(AVID_SEP).unwrap_or_default();
        Self { lexicon, classes, avid_labels }
    }

    /// Returns the version of the lexicon.
    pub(super) fn version(&self) -> &str {
        self.lexicon.version()
    }

    /// Returns the pinned version of a framework.
    pub(super) fn pinned(&self, framework: &str) -> &str {
        self.lexicon.framework_version(framework).unwrap_or("0")
    }

    /// Returns the classes that map an id of a framework.
    pub(super) fn classes_of(&self, framework: &str, id: &str) -> Vec<String> {
        let found = self.classes.get(&(framework, id)).into_iter().flatten();
        found.map(|class| (*class).to_owned()).collect()
    }

    /// Returns the label of an AVID code, if the taxonomy has the code.
    pub(super) fn avid_label(&self, code: &str) -> Option<&str> {
        self.avid_labels.get(code).map(String::as_str)
    }

    /// Says whether a text is an ISO 3166-1 alpha-2 code.
    pub(super) fn is_country(&self, code: &str) -> bool {
        self.lexicon.region(code).is_some()
    }
}

/// Ecosystems of the OSV schema 1.7.5.
const ECOSYSTEMS: [&str; 48] = [
    "AlmaLinux",
    "Alpaquita",
    "Alpine",
    "Android",
    "Azure Linux",
    "BellSoft Hardened Containers",
    "Bioconductor",
    "Bitnami",
    "Chainguard",
    "CleanStart",
    "ConanCenter",
    "CRAN",
    "crates.io",
    "Debian",
    "Docker Hardened Images",
    "Echo",
    "FreeBSD",
    "GHC",
    "GitHub Actions",
    "Go",
    "Hackage",
    "Hex",
    "Julia",
    "Kubernetes",
    "Linux",
    "Mageia",
    "Maven",
    "MinimOS",
    "npm",
    "NuGet",
    "opam",
    "openEuler",
    "openSUSE",
    "OSS-Fuzz",
    "Packagist",
    "Photon OS",
    "Pub",
    "PyPI",
    "Red Hat",
    "Rocky Linux",
    "Root",
    "RubyGems",
    "SUSE",
    "SwiftURL",
    "TuxCare",
    "Ubuntu",
    "VSCode",
    "Wolfi",
];

/// Says whether OSV knows an ecosystem.
pub(super) fn is_ecosystem(name: &str) -> bool {
    ECOSYSTEMS.contains(&name)
}

/// Says whether a text is a package URL.
pub(super) fn is_purl(text: &str) -> bool {
    text.parse::<packageurl::PackageUrl<'_>>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_data_is_whole() {
        let terms = Terms::embedded();
        assert_eq!(terms.avid_label("E0100"), Some("Bias/ Discrimination"));
        assert_eq!(terms.avid_labels.len(), 48);
        assert_eq!(terms.pinned("cwe"), "4.20");
        assert_eq!(terms.classes_of("avid", "S0403"), ["BEH-01", "BEH-03", "INP-04"]);
        assert!(terms.is_country("KE") && !terms.is_country("ke") && !terms.is_country("XX"));
    }
}
