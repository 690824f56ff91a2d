//! Every node reached, against the rules: which jurisdictions, on which day, with what evidence (CT-37 to CT-40).
//!
//! A bad place is believed at level 0, a good one needs evidence: nobody gains by lying against
//! themselves. Not here: what the findings add up to (`weigh`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::good::{Evidence, Good};
use super::graph::{Graph, Node, Place, Scope};
use super::import_rules::{Class, ImportRules};
use super::lookup::Lookups;
use super::word::{
    AdvisoryCode, Community, Completeness, DateBasis, GapCode, ImportTreat, NodeKind, Role, Value,
};
use crate::cert::day::Day;
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::register::Register;
use crate::cert::word::Status;

/// The highest evidence level.
const LEVEL_MAX: u8 = 4;

/// The days of a good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Dates {
    /// When it is put on the market.
    pub market: Day,
    /// When it was shipped, if it may still have been on its way.
    pub transit: Day,
    /// When it was made.
    pub production: Day,
}

impl Dates {
    /// Returns the days of a good under the rules (CT-39).
    #[must_use]
    pub fn of(good: &Good, rules: &ImportRules) -> Self {
        let in_time =
            |shipped: &Day| (0..=rules.in_transit_days).contains(&good.market.since(*shipped));
        Self {
            market: good.market,
            transit: good.shipped.filter(in_time).unwrap_or(good.market),
            production: good.production.unwrap_or(good.market),
        }
    }

    fn day(&self, basis: DateBasis, node: &Node) -> Day {
        match basis {
            DateBasis::Market => self.market,
            DateBasis::Node => node.date.unwrap_or(self.production),
            DateBasis::Production => self.production,
            DateBasis::Transit => self.transit,
        }
    }
}

/// Something that is wrong with a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// In which role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// What.
    pub code: GapCode,
    /// With which jurisdiction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// On which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    /// The status that trade follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The override that the treatment rests on, shown even if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Option<String>>,
    /// The evidence level at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub have: Option<u8>,
    /// The evidence level asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<u8>,
}

impl Gap {
    const fn new(role: Option<Role>, code: GapCode) -> Self {
        Self {
            role,
            code,
            jurisdiction: None,
            date: None,
            status: None,
            basis: None,
            have: None,
            need: None,
        }
    }
}

/// A node that is not in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The node.
    pub place: Place,
    /// Bad or unknown.
    pub value: Value,
    /// Why, sorted.
    pub gaps: Vec<Gap>,
}

/// Something the reader should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Advisory {
    /// What.
    pub code: AdvisoryCode,
    /// On which node.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The source, hash or property.
    pub name: String,
}

/// What all nodes reached come to.
#[derive(Debug, Default)]
pub struct Assessed {
    /// How many nodes are reached.
    pub reached: usize,
    /// How many of them the rules are about.
    pub subjects: usize,
    /// Those that are not in order.
    pub findings: Vec<Finding>,
    /// On evidence and lineage.
    pub advisories: Vec<Advisory>,
}

/// A jurisdiction named by a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Community,
    Urn(JurisdictionUrn),
    Unresolved(String),
}

/// What nodes are assessed against.
pub struct Assessor<'a> {
    /// The good.
    pub good: &'a Good,
    /// The rules.
    pub rules: &'a ImportRules,
    /// The good's class.
    pub class: &'a Class,
    /// The register.
    pub register: &'a Register,
    /// The good's days.
    pub dates: Dates,
}

/// The evidence that counts, by node and role.
type Sources<'a> = BTreeMap<(Place, Role), Vec<&'a Evidence>>;

impl<'a> Assessor<'a> {
    /// Assesses every node in scope.
    pub fn assess(
        &self,
        graph: &Graph,
        scope: &Scope<'_>,
        lookups: &mut Lookups<'_, ImportTreat>,
    ) -> Assessed {
        let mut assessed = Assessed::default();
        let sources = self.sources(graph, &mut assessed.advisories);
        for place in scope.reached() {
            let Some(node) = graph.node(place) else { continue };
            assessed.reached += 1;
            let is_subject = self.is_subject(node);
            assessed.subjects += usize::from(is_subject);
            self.match_lineage(node, &mut assessed.advisories);
            let mut gaps = Vec::new();
            if node.kind == NodeKind::Unresolved {
                gaps.push(Gap::new(None, GapCode::UnresolvedRef));
            } else {
                if self.is_incomplete(node, is_subject || place == graph.root()) {
                    gaps.push(Gap::new(None, GapCode::Incomplete));
                }
                if is_subject {
                    self.assess_roles(place, node, &sources, lookups, &mut gaps);
                }
            }
            if !gaps.is_empty() {
                gaps.sort_by(|a, b| {
                    (a.role, a.code, &a.jurisdiction).cmp(&(b.role, b.code, &b.jurisdiction))
                });
                let value = self.value(&gaps);
                assessed.findings.push(Finding { place, value, gaps });
            }
        }
        assessed
    }

    fn is_subject(&self, node: &Node) -> bool {
        match node.kind {
            NodeKind::Ai | NodeKind::Model | NodeKind::Unresolved => true,
            NodeKind::Data => self.rules.scope_level >= 2,
            NodeKind::Other => false,
        }
    }

    fn is_incomplete(&self, node: &Node, must_declare: bool) -> bool {
        let declared = node.declared;
        match self.rules.completeness {
            Completeness::None => false,
            Completeness::Declared => declared.lacking,
            Completeness::Strict => {
                declared.lacking || (must_declare && (declared.absent || !declared.complete))
            }
        }
    }

    fn value(&self, gaps: &[Gap]) -> Value {
        let is_bad = |gap: &Gap| match gap.code {
            GapCode::NotCertified => true,
            GapCode::Community => self.rules.community == Community::Bad,
            GapCode::Conflict
            | GapCode::EvidenceLow
            | GapCode::Incomplete
            | GapCode::MissingRole
            | GapCode::UnresolvedJurisdiction
            | GapCode::UnresolvedRef => false,
        };
        if gaps.iter().any(is_bad) { Value::Bad } else { Value::Unknown }
    }

    /// Sorts the evidence by node and role, and points out what does not count.
    fn sources(&self, graph: &Graph, advisories: &mut Vec<Advisory>) -> Sources<'a> {
        let wanted: BTreeSet<&str> = self.good.evidence.iter().map(|e| e.node.as_str()).collect();
        let nodes = graph.nodes().iter().enumerate();
        let places: BTreeMap<&str, Place> = nodes
            .filter(|(_, node)| wanted.contains(&*node.reference))
            .map(|(place, node)| (&*node.reference, place))
            .collect();
        let mut sources = Sources::new();
        for evidence in &self.good.evidence {
            let advise = |code| Advisory {
                code,
                reference: evidence.node.clone(),
                name: evidence.source.clone(),
            };
            if evidence.until.is_some_and(|until| until < self.dates.market) {
                advisories.push(advise(AdvisoryCode::EvidenceExpired));
            } else if let Some(place) = places.get(evidence.node.as_str()) {
                sources.entry((*place, evidence.role)).or_default().push(evidence);
            } else {
                advisories.push(advise(AdvisoryCode::EvidenceUnmatched));
            }
        }
        sources
    }

    fn match_lineage(&self, node: &Node, advisories: &mut Vec<Advisory>) {
        for (algorithm, content) in &node.hashes {
            let is_meant = self.rules.lineage.iter().any(|lineage| {
                lineage.algorithm.eq_ignore_ascii_case(algorithm)
                    && lineage.content.eq_ignore_ascii_case(content)
            });
            if is_meant {
                advisories.push(Advisory {
                    code: AdvisoryCode::LineageMatch,
                    reference: node.reference.to_string(),
                    name: content.to_string(),
                });
            }
        }
    }

    fn assess_roles(
        &self,
        place: Place,
        node: &Node,
        sources: &Sources<'_>,
        lookups: &mut Lookups<'_, ImportTreat>,
        gaps: &mut Vec<Gap>,
    ) {
        for role in self.rules.roles.get(&node.kind).into_iter().flatten() {
            let evidence = sources.get(&(place, *role)).map_or(&[][..], Vec::as_slice);
            self.assess_role(*role, node, evidence, lookups, gaps);
        }
    }

    fn assess_role(
        &self,
        role: Role,
        node: &Node,
        evidence: &[&Evidence],
        lookups: &mut Lookups<'_, ImportTreat>,
        gaps: &mut Vec<Gap>,
    ) {
        let level = evidence.iter().map(|one| one.level).max().unwrap_or(0);
        let mut named: BTreeSet<BTreeSet<Named>> = BTreeSet::new();
        if level == 0 {
            let claims = node.claims.iter().filter(|(claimed, _)| *claimed == role);
            named.insert(claims.map(|(_, text)| self.resolve(role, text)).collect());
        } else {
            let highest = evidence.iter().filter(|one| one.level == level);
            named.extend(highest.map(|one| {
                one.jurisdictions.iter().map(|text| self.resolve(role, text)).collect()
            }));
        }
        if named.len() > 1 {
            gaps.push(Gap::new(Some(role), GapCode::Conflict));
            return;
        }
        let named = named.into_iter().next().unwrap_or_default();
        if named.is_empty() {
            gaps.push(Gap::new(Some(role), GapCode::MissingRole));
            return;
        }
        let basis = self.rules.date_basis.get(&role).copied().unwrap_or(DateBasis::Market);
        let date = self.dates.day(basis, node);
        let mut is_raised = false;
        for one in named {
            is_raised |= self.assess_named(role, one, date, lookups, gaps);
        }
        let need = self.class.min_evidence.saturating_add(u8::from(is_raised)).min(LEVEL_MAX);
        if level < need {
            let have = Some(level);
            gaps.push(Gap { have, need: Some(need), ..Gap::new(Some(role), GapCode::EvidenceLow) });
        }
    }

    /// Assesses one jurisdiction and returns whether more evidence is asked for.
    fn assess_named(
        &self,
        role: Role,
        named: Named,
        date: Day,
        lookups: &mut Lookups<'_, ImportTreat>,
        gaps: &mut Vec<Gap>,
    ) -> bool {
        let gap = |code| Gap::new(Some(role), code);
        let urn = match named {
            Named::Community => {
                if self.rules.community != Community::Ok {
                    gaps.push(gap(GapCode::Community));
                }
                return false;
            }
            Named::Unresolved(text) => {
                let jurisdiction = Some(text);
                gaps.push(Gap { jurisdiction, ..gap(GapCode::UnresolvedJurisdiction) });
                return false;
            }
            Named::Urn(urn) => urn,
        };
        let Some(lookup) = lookups.look_up(&urn, date) else { return false };
        match lookup.treat {
            ImportTreat::Ok => false,
            ImportTreat::Raise => true,
            ImportTreat::Bad => {
                gaps.push(Gap {
                    jurisdiction: Some(urn.as_str().to_owned()),
                    date: Some(date),
                    status: Some(lookup.trade_status),
                    basis: Some(lookup.basis.clone()),
                    ..gap(GapCode::NotCertified)
                });
                false
            }
        }
    }

    /// Resolves on the market day; what does not resolve stays unknown and is never guessed.
    fn resolve(&self, role: Role, text: &str) -> Named {
        if text == "community" && matches!(role, Role::Developer | Role::Controller) {
            return Named::Community;
        }
        match self.register.resolve(text, self.dates.market) {
            Some(urn) => Named::Urn(urn.clone()),
            None => Named::Unresolved(text.to_owned()),
        }
    }
}
