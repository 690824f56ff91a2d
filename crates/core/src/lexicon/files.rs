//! Reading the lexicon's files: the embedded ones, or those of a folder, as strings.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::reference::{Alias, Reference};
use super::suppliers::{Directory, Supplier};
use super::terms::{ArtefactKind, SupplierRole};
use super::{Clocks, Enumeration, Lexicon, WeaknessClass};
use crate::report::schema::Node;
use crate::reportability::Tree;
use crate::severity::decision::{Decision, Ease, Exploitation, Impact, Inputs, Reach, Table};
use crate::severity::detail::{Detail, DetailTable, FixState, Harm};
use crate::severity::overlays::Overlay;
use crate::severity::ssvc::Ssvc;

/// Makes the list of files, each embedded under its name below `lexicon/`.
macro_rules! embedded {
    ($($name:literal),+ $(,)?) => {
        /// The names of the files that a folder may replace.
        pub const FILE_NAMES: &[&str] = &[$($name),+];

        fn embedded(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some(include_str!(concat!("../../../../lexicon/", $name))),)+
                _ => None,
            }
        }
    };
}

embedded![
    "aliases.json",
    "decision_table.csv",
    "default_clocks.json",
    "domain_overlays.json",
    "lexicon.json",
    "publication_detail_table.csv",
    "regions.json",
    "report.schema.json",
    "reportability.json",
    "ssvc/coordinator_publish_decision_table_1_0_0.csv",
    "ssvc/coordinator_triage_1_0_0.csv",
    "ssvc/public_safety_impact_1_0_0.csv",
    "ssvc/utility_1_0_0.csv",
    "suppliers.json",
];

/// Why a file of the lexicon was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct LoadError {
    /// The file, below `lexicon/`.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The texts to read: those given, else the embedded ones.
struct Texts<'t>(&'t BTreeMap<String, String>);

impl Texts<'_> {
    fn text(&self, file: &str) -> Result<&str, LoadError> {
        let given = self.0.get(file).map(String::as_str);
        given.or_else(|| embedded(file)).ok_or_else(|| fault(file, "no such file"))
    }

    fn json<T: DeserializeOwned>(&self, file: &str) -> Result<T, LoadError> {
        serde_json::from_str(self.text(file)?).map_err(|error| fault(file, &error))
    }

    /// Returns the cells of each row, without the header and without the first column, a number.
    fn rows(&self, file: &str, skip: usize) -> Result<Vec<Vec<&str>>, LoadError> {
        let lines = self.text(file)?.lines().skip(1).filter(|line| !line.is_empty());
        Ok(lines.map(|line| line.split(',').skip(skip).collect()).collect())
    }
}

fn fault(file: &str, reason: &(impl ToString + ?Sized)) -> LoadError {
    LoadError { file: file.to_owned(), reason: reason.to_string() }
}

#[derive(Deserialize)]
struct Main {
    version: String,
    frameworks: BTreeMap<String, Framework>,
    weakness_classes: Vec<WeaknessClass>,
    axes: Vec<Enumeration>,
}

#[derive(Deserialize)]
struct Framework {
    version: String,
}

#[derive(Deserialize)]
struct Suppliers {
    roles_by_artefact_kind: BTreeMap<ArtefactKind, Option<SupplierRole>>,
    suppliers: Vec<Supplier>,
}

#[derive(Deserialize)]
struct Regions {
    eu_members: BTreeSet<String>,
    regions: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct DecisionClocks {
    decisions: BTreeMap<String, Clocks>,
}

#[derive(Deserialize)]
struct Overlays {
    overlays: Vec<Overlay>,
}

#[derive(Deserialize)]
struct Aliases {
    aliases: Vec<AliasRow>,
}

#[derive(Deserialize)]
struct AliasRow {
    framework: String,
    from: AliasEnd,
    to: AliasEnd,
    relation: String,
    follow: bool,
}

#[derive(Deserialize)]
struct AliasEnd {
    version: String,
    id: String,
}

impl AliasRow {
    fn into_alias(self) -> Alias {
        let end = |end: AliasEnd| Reference {
            framework: self.framework.clone(),
            version: end.version,
            id: end.id,
        };
        Alias {
            from: end(self.from),
            to: end(self.to),
            relation: self.relation,
            may_follow: self.follow,
        }
    }
}

impl Lexicon {
    /// Returns the lexicon of these files, by name below `lexicon/`; those not given are the embedded.
    pub fn load(files: &BTreeMap<String, String>) -> Result<Self, LoadError> {
        let texts = Texts(files);
        let main: Main = texts.json("lexicon.json")?;
        let suppliers: Suppliers = texts.json("suppliers.json")?;
        let roles = suppliers.roles_by_artefact_kind.into_iter();
        let roles = roles.filter_map(|(kind, role)| role.map(|role| (kind, role))).collect();
        let regions: Regions = texts.json("regions.json")?;
        let schema: serde_json::Value = texts.json("report.schema.json")?;
        Ok(Self {
            frameworks: main
                .frameworks
                .into_iter()
                .map(|(id, framework)| (id, framework.version))
                .collect(),
            classes: main
                .weakness_classes
                .into_iter()
                .map(|class| (class.id.clone(), class))
                .collect(),
            enumerations: main.axes,
            aliases: texts
                .json::<Aliases>("aliases.json")?
                .aliases
                .into_iter()
                .map(AliasRow::into_alias)
                .collect(),
            directory: Directory::new(suppliers.suppliers, roles),
            regions: regions.regions,
            eu_members: regions.eu_members,
            report_schema: Node::compile(&schema)
                .map_err(|error| fault("report.schema.json", &error))?,
            tree: Tree::parse(texts.text("reportability.json")?)
                .map_err(|error| fault("reportability.json", &error))?,
            decisions: decisions(&texts)?,
            details: details(&texts)?,
            overlays: texts.json::<Overlays>("domain_overlays.json")?.overlays,
            clocks: texts.json::<DecisionClocks>("default_clocks.json")?.decisions,
            ssvc: ssvc(&texts)?,
            version: main.version,
        })
    }
}

fn decisions(texts: &Texts<'_>) -> Result<Table, LoadError> {
    let file = "decision_table.csv";
    let mut rows = Vec::new();
    for cells in texts.rows(file, 1)? {
        let row =
            decision_row(&cells).ok_or_else(|| fault(file, &format!("unknown row {cells:?}")))?;
        rows.push(row);
    }
    Table::new(rows).ok_or_else(|| fault(file, "not each of 108 rows once"))
}

fn decision_row(cells: &[&str]) -> Option<(Inputs, Decision)> {
    let [exploitation, impact, reach, ease, decision] = cells else { return None };
    let inputs = Inputs {
        exploitation: Exploitation::parse(exploitation)?,
        impact: Impact::parse(impact)?,
        reach: Reach::parse(reach)?,
        ease: Ease::parse(ease)?,
    };
    Some((inputs, Decision::parse(decision)?))
}

fn details(texts: &Texts<'_>) -> Result<DetailTable, LoadError> {
    let file = "publication_detail_table.csv";
    let mut rows = Vec::new();
    for cells in texts.rows(file, 0)? {
        let row =
            detail_row(&cells).ok_or_else(|| fault(file, &format!("unknown row {cells:?}")))?;
        rows.push(row);
    }
    DetailTable::new(rows).ok_or_else(|| fault(file, "not each of 27 rows once"))
}

fn detail_row(cells: &[&str]) -> Option<((Harm, FixState, Reach), Detail)> {
    let [harm, fix_state, reach, detail] = cells else { return None };
    let place = (Harm::parse(harm)?, FixState::parse(fix_state)?, Reach::parse(reach)?);
    Some((place, Detail::parse(detail)?))
}

fn ssvc(texts: &Texts<'_>) -> Result<Ssvc, LoadError> {
    let read = |file: &str| texts.rows(&format!("ssvc/{file}_1_0_0.csv"), 1);
    Ssvc::new(
        &read("coordinator_triage")?,
        &read("coordinator_publish_decision_table")?,
        &read("utility")?,
        &read("public_safety_impact")?,
    )
    .ok_or_else(|| fault("ssvc", "unknown or missing row"))
}
