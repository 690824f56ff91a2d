//! The lexicon: what each word means, and the tables that turn facts into results (lexicon.md §2, §3).
//!
//! It is data (`lexicon/` at the root), embedded in the program; a hub may replace single files, which
//! [`Lexicon::load`] reads from strings. Not here: any rule; rules take a lexicon as an argument.

pub mod axis;
mod files;
pub mod reference;
pub mod suppliers;
pub mod terms;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use self::reference::{Alias, Reference};
use self::suppliers::Directory;
use crate::report::schema::Node;
use crate::reportability::Tree;
use crate::severity::decision::{Decision, Table};
use crate::severity::detail::DetailTable;
use crate::severity::overlays::Overlay;
use crate::severity::ssvc::Ssvc;

pub use self::files::{FILE_NAMES, LoadError};

/// Whether a flaw of a class shows itself every time or by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manifestation {
    /// Every time.
    Deterministic,
    /// By chance.
    Probabilistic,
}

/// A weakness class (LX-2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WeaknessClass {
    /// Its id, for example `BEH-01`.
    pub id: String,
    /// Its family, for example `behaviour`.
    pub family: String,
    /// Its English name.
    pub name: String,
    /// What it is.
    pub definition: String,
    /// Whether it concerns security.
    pub security_relevant: bool,
    /// How it shows itself.
    pub evidence: Manifestation,
    /// Terms of other frameworks, at the pinned versions.
    #[serde(default)]
    pub maps: BTreeMap<String, Vec<String>>,
}

/// An enumeration of the lexicon with its definitions (LX-1).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Enumeration {
    /// Its id.
    pub id: String,
    /// `one`, `many` or `ordinal`.
    pub kind: String,
    /// The key for looked at and unknown, if it has one.
    pub unknown: Option<String>,
    /// Its values; of an ordinal, from least to most.
    pub values: Vec<Term>,
}

/// A value of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Term {
    /// Its key, never translated.
    pub key: String,
    /// What it means.
    pub definition: String,
    /// Its code in a vector, if it has one.
    pub code: Option<String>,
}

/// The clocks of a decision (LX-22); `null` means no promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// Hours to acknowledge.
    pub acknowledge_hours: Option<u32>,
    /// Hours to tell suppliers.
    pub notify_suppliers_hours: Option<u32>,
    /// Hours to tell peers.
    pub notify_peers_hours: Option<u32>,
    /// Days to mitigate.
    pub mitigation_target_days: Option<u32>,
    /// Days between reviews.
    pub review_every_days: Option<u32>,
}

/// The whole lexicon, parsed and indexed once.
#[derive(Debug)]
pub struct Lexicon {
    version: String,
    frameworks: BTreeMap<String, String>,
    classes: BTreeMap<String, WeaknessClass>,
    enumerations: Vec<Enumeration>,
    aliases: Vec<Alias>,
    directory: Directory,
    regions: BTreeMap<String, String>,
    eu_members: BTreeSet<String>,
    report_schema: Node,
    tree: Tree,
    decisions: Table,
    details: DetailTable,
    overlays: Vec<Overlay>,
    clocks: BTreeMap<String, Clocks>,
    ssvc: Ssvc,
}

impl Lexicon {
    /// Returns the lexicon that is part of the program; parsed once.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "a test loads the embedded files, and no input can change them"
    )]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Lexicon> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            Self::load(&BTreeMap::new()).expect("the embedded lexicon is well formed")
        })
    }

    /// Returns the version that a report must name.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the pinned version of a framework.
    #[must_use]
    pub fn framework_version(&self, framework: &str) -> Option<&str> {
        self.frameworks.get(framework).map(String::as_str)
    }

    /// Returns a weakness class by its id.
    #[must_use]
    pub fn class(&self, id: &str) -> Option<&WeaknessClass> {
        self.classes.get(id)
    }

    /// Returns every weakness class, by id.
    pub fn classes(&self) -> impl Iterator<Item = &WeaknessClass> {
        self.classes.values()
    }

    /// Returns every enumeration.
    #[must_use]
    pub fn enumerations(&self) -> &[Enumeration] {
        &self.enumerations
    }

    /// Returns what became of a term, all that is known.
    pub fn aliases_of<'l>(&'l self, reference: &'l Reference) -> impl Iterator<Item = &'l Alias> {
        self.aliases.iter().filter(move |alias| alias.from == *reference)
    }

    /// Returns the term that may replace this one without asking a person (LX-7).
    #[must_use]
    pub fn follow(&self, reference: &Reference) -> Option<&Reference> {
        let followed =
            self.aliases.iter().find(|alias| alias.may_follow && alias.from == *reference);
        followed.map(|alias| &alias.to)
    }

    /// Returns the directory of suppliers.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Returns the region of a country.
    #[must_use]
    pub fn region(&self, country: &str) -> Option<&str> {
        self.regions.get(country).map(String::as_str)
    }

    /// Returns whether a country is in a jurisdiction: itself, or a member of `EU`.
    #[must_use]
    pub fn lies_in(&self, country: &str, jurisdiction: &str) -> bool {
        country == jurisdiction || (jurisdiction == "EU" && self.eu_members.contains(country))
    }

    /// Returns the tree of reportability.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Returns the decision table.
    #[must_use]
    pub fn decisions(&self) -> &Table {
        &self.decisions
    }

    /// Returns the table of publication detail.
    #[must_use]
    pub fn details(&self) -> &DetailTable {
        &self.details
    }

    /// Returns a domain overlay by its id.
    #[must_use]
    pub fn overlay(&self, id: &str) -> Option<&Overlay> {
        self.overlays.iter().find(|overlay| overlay.id == id)
    }

    /// Returns the clocks of a decision.
    #[must_use]
    pub fn clocks(&self, decision: Decision) -> Clocks {
        self.clocks.get(decision.key()).copied().unwrap_or_default()
    }

    /// Returns the SSVC tables for coordinators.
    #[must_use]
    pub fn ssvc(&self) -> &Ssvc {
        &self.ssvc
    }

    pub(crate) fn report_schema(&self) -> &Node {
        &self.report_schema
    }
}
