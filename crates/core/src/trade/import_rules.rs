//! A state's import rules as dated data (CT-37 to CT-42).
//!
//! Not here: how they are applied (`assess`, `weigh`).

use std::collections::{BTreeMap, BTreeSet};

use super::lookup::{self, Override};
use super::word::{Community, Completeness, Criticality, DateBasis, ImportTreat, NodeKind, Role};
use crate::cert::day::Day;
use crate::cert::document::{self, Object, invalid, under};
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::word::{Status, Word as _};
use crate::refusal::Refusal;

/// How strict the rules are for a class of goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Digits that the customs headings of its goods start with.
    pub prefixes: Vec<String>,
    /// The evidence level asked for.
    pub min_evidence: u8,
    /// The share of value that is excused, in parts per million.
    pub de_minimis_ppm: u64,
    /// Above this criticality nothing is excused.
    pub de_minimis_criticality: Criticality,
    /// How many unknown nodes may be cured later.
    pub unknown_max_nodes: usize,
    /// Above this criticality none may.
    pub unknown_criticality: Criticality,
    /// How many days the cure may take.
    pub cure_days: i64,
}

/// A hash of interest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The algorithm.
    pub algorithm: String,
    /// The value.
    pub content: String,
}

/// Import rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRules {
    /// Which standard's register they rest on.
    pub standard: String,
    /// Whose rules they are.
    pub importer: JurisdictionUrn,
    /// The first day.
    pub valid_from: Day,
    /// The last day.
    pub valid_until: Day,
    /// Edges up to this level are followed.
    pub scope_level: i64,
    /// The roles asked for.
    pub roles: BTreeMap<NodeKind, BTreeSet<Role>>,
    /// Which day counts for a role.
    pub date_basis: BTreeMap<Role, DateBasis>,
    /// How long goods may be on their way.
    pub in_transit_days: i64,
    /// How a status is treated.
    pub treat: BTreeMap<Status, ImportTreat>,
    /// How community work is treated.
    pub community: Community,
    /// Which declarations of completeness are asked for.
    pub completeness: Completeness,
    /// How old the register may be.
    pub max_register_age_days: i64,
    /// The classes of goods.
    pub classes: Vec<Class>,
    /// Recognitions and national measures.
    pub overrides: Vec<Override<ImportTreat>>,
    /// Hashes of interest.
    pub lineage: Vec<Lineage>,
}

impl ImportRules {
    /// Reads rules, which have exactly one default class.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.import-rules/1")?;
        object.text("id")?;
        object.text("version")?;
        let rules = Self {
            standard: object.text("standard")?.to_owned(),
            importer: object.urn("importer")?,
            valid_from: object.day("valid_from")?,
            valid_until: object.day("valid_until")?,
            scope_level: object.integer("scope_level", 1..=3)?,
            roles: read_roles(object).map_err(|refusal| under(refusal, "roles"))?,
            date_basis: read_date_basis(object).map_err(|refusal| under(refusal, "date_basis"))?,
            in_transit_days: object.integer("in_transit_days", 0..=i64::MAX)?,
            treat: lookup::read_treat(object)?,
            community: object.word("community")?,
            completeness: object.word("completeness")?,
            max_register_age_days: object.integer("max_register_age_days", 0..=i64::MAX)?,
            classes: object.each("classes", read_class)?,
            overrides: object.each_or_empty("overrides", lookup::read_override)?,
            lineage: object.each_or_empty("lineage", |item| {
                Ok(Lineage {
                    algorithm: item.text("alg")?.to_owned(),
                    content: item.text("content")?.to_owned(),
                })
            })?,
        };
        let defaults = rules.classes.iter().filter(|class| class.prefixes.is_empty()).count();
        if defaults == 1 { Ok(rules) } else { Err(Refusal::new("rules-classes", "/classes")) }
    }

    /// Returns the class of the longest prefix that the heading's digits start with, else the default.
    #[must_use]
    pub fn class_of(&self, hs: &str) -> Option<&Class> {
        let heading = digits(hs);
        let length = |class: &Class| {
            let matching = class
                .prefixes
                .iter()
                .filter(|prefix| !prefix.is_empty() && heading.starts_with(prefix.as_str()));
            matching.map(String::len).max()
        };
        let mut best: Option<(usize, &Class)> = None;
        for class in &self.classes {
            if let Some(length) = length(class)
                && best.is_none_or(|(best, _)| length > best)
            {
                best = Some((length, class));
            }
        }
        let default = || self.classes.iter().find(|class| class.prefixes.is_empty());
        best.map(|(_, class)| class).or_else(default)
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn read_roles(object: Object<'_>) -> Result<BTreeMap<NodeKind, BTreeSet<Role>>, Refusal> {
    let mut roles = BTreeMap::new();
    for (kind, names) in object.object("roles")?.members() {
        let kind = match kind {
            "model" => NodeKind::Model,
            "data" => NodeKind::Data,
            "ai" => NodeKind::Ai,
            _ => return Err(invalid(kind)),
        };
        let names = names.items().ok_or_else(|| invalid(kind.as_str()))?.iter();
        let read = names.map(|name| name.text().and_then(Role::parse));
        let read: Option<BTreeSet<Role>> = read.collect();
        roles.insert(kind, read.ok_or_else(|| invalid(kind.as_str()))?);
    }
    Ok(roles)
}

fn read_date_basis(object: Object<'_>) -> Result<BTreeMap<Role, DateBasis>, Refusal> {
    let members = object.object("date_basis")?.members();
    members
        .map(|(role, basis)| {
            let pair = Role::parse(role).zip(basis.text().and_then(DateBasis::parse));
            pair.ok_or_else(|| invalid(role))
        })
        .collect()
}

fn read_class(item: Object<'_>) -> Result<Class, Refusal> {
    let level = item.integer("min_evidence", 0..=4)?;
    let nodes = item.count("unknown_max_nodes")?;
    let ppm = item.integer("de_minimis_ppm", 0..=1_000_000)?;
    Ok(Class {
        name: item.text("name")?.to_owned(),
        prefixes: item.texts("hs")?.into_iter().map(digits).collect(),
        min_evidence: u8::try_from(level).map_err(|_| invalid("min_evidence"))?,
        de_minimis_ppm: u64::try_from(ppm).map_err(|_| invalid("de_minimis_ppm"))?,
        de_minimis_criticality: item.word("de_minimis_criticality")?,
        unknown_max_nodes: usize::try_from(nodes).unwrap_or(usize::MAX),
        unknown_criticality: item.word("unknown_criticality")?,
        cure_days: item.integer("cure_days", 0..=i64::MAX)?,
    })
}
