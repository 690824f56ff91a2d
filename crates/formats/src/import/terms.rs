//! What importing needs of the lexicon: its version, pinned frameworks, class maps, countries.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const LEXICON: &str = include_str!("../../../../lexicon/lexicon.json");
const REGIONS: &str = include_str!("../../../../lexicon/regions.json");

/// Codes and labels of the SEP view, avidtools (MIT, notice in `data/avid-sep-0.2.LICENSE`).
const AVID_SEP: &str = include_str!("data/avid-sep-0.2.json");

/// Why lexicon data was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// A data file is not JSON.
    #[error("lexicon data is not JSON")]
    Json,
    /// A member that importing needs is absent or of another type.
    #[error("lexicon data lacks a member")]
    Shape,
}

impl TermsError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Json => "lexicon-json-invalid",
            Self::Shape => "lexicon-shape-invalid",
        }
    }
}

/// The part of one lexicon version that importing uses.
#[derive(Clone, Debug)]
pub struct Terms {
    pub(super) version: String,
    pinned: BTreeMap<String, String>,
    classes: BTreeMap<(String, String), BTreeSet<String>>,
    countries: BTreeSet<String>,
    avid_labels: BTreeMap<String, String>,
}

impl Terms {
    /// Returns the terms of the lexicon embedded in this build.
    pub fn embedded() -> Result<Self, TermsError> {
        Self::parse(LEXICON, REGIONS)
    }

    /// Reads `lexicon.json` and `regions.json`.
    pub fn parse(lexicon: &str, regions: &str) -> Result<Self, TermsError> {
        let lexicon: Value = serde_json::from_str(lexicon).map_err(|_| TermsError::Json)?;
        let regions: Value = serde_json::from_str(regions).map_err(|_| TermsError::Json)?;
        let labels: BTreeMap<String, String> =
            serde_json::from_str(AVID_SEP).map_err(|_| TermsError::Json)?;
        let version = lexicon.get("version").and_then(Value::as_str).ok_or(TermsError::Shape)?;
        let frameworks =
            lexicon.get("frameworks").and_then(Value::as_object).ok_or(TermsError::Shape)?;
        let pinned = frameworks
            .iter()
            .filter_map(|(name, about)| Some((name.clone(), about.get("version")?.as_str()?.to_owned())))
            .collect();
        let countries =
            regions.get("regions").and_then(Value::as_object).ok_or(TermsError::Shape)?;
        Ok(Self {
            version: version.to_owned(),
            pinned,
            classes: class_maps(&lexicon)?,
            countries: countries.keys().cloned().collect(),
            avid_labels: labels,
        })
    }

    /// Returns the pinned version of a framework.
    pub(super) fn pinned(&self, framework: &str) -> &str {
        self.pinned.get(framework).map_or("0", String::as_str)
    }

    /// Returns the classes that map an id of a framework.
    pub(super) fn classes_of(&self, framework: &str, id: &str) -> impl Iterator<Item = &str> {
        self.classes
            .get(&(framework.to_owned(), id.to_owned()))
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// Returns the label of an AVID code, if the taxonomy has the code.
    pub(super) fn avid_label(&self, code: &str) -> Option<&str> {
        self.avid_labels.get(code).map(String::as_str)
    }

    /// Says whether a text is an ISO 3166-1 alpha-2 code.
    pub(super) fn is_country(&self, code: &str) -> bool {
        self.countries.contains(code)
    }
}

type ClassMaps = BTreeMap<(String, String), BTreeSet<String>>;

fn class_maps(lexicon: &Value) -> Result<ClassMaps, TermsError> {
    let mut maps = ClassMaps::new();
    let classes =
        lexicon.get("weakness_classes").and_then(Value::as_array).ok_or(TermsError::Shape)?;
    for class in classes {
        let id = class.get("id").and_then(Value::as_str).ok_or(TermsError::Shape)?;
        let frameworks = class.get("maps").and_then(Value::as_object).into_iter().flatten();
        for (framework, ids) in frameworks {
            for mapped in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
                maps.entry((framework.clone(), mapped.to_owned())).or_default().insert(id.to_owned());
            }
        }
    }
    Ok(maps)
}

/// Ecosystems of the OSV schema 1.7.5.
const ECOSYSTEMS: [&str; 48] = [
    "AlmaLinux", "Alpaquita", "Alpine", "Android", "Azure Linux", "BellSoft Hardened Containers",
    "Bioconductor", "Bitnami", "Chainguard", "CleanStart", "ConanCenter", "CRAN", "crates.io",
    "Debian", "Docker Hardened Images", "Echo", "FreeBSD", "GHC", "GitHub Actions", "Go", "Hackage",
    "Hex", "Julia", "Kubernetes", "Linux", "Mageia", "Maven", "MinimOS", "npm", "NuGet", "opam",
    "openEuler", "openSUSE", "OSS-Fuzz", "Packagist", "Photon OS", "Pub", "PyPI", "Red Hat",
    "Rocky Linux", "Root", "RubyGems", "SUSE", "SwiftURL", "TuxCare", "Ubuntu", "VSCode", "Wolfi",
];

/// Says whether OSV knows an ecosystem.
pub(super) fn is_ecosystem(name: &str) -> bool {
    ECOSYSTEMS.contains(&name)
}

/// Says whether a text is a package URL.
pub(super) fn is_purl(text: &str) -> bool {
    text.parse::<packageurl::PackageUrl<'_>>().is_ok()
}
