//! The import decision: bill of materials, good, rules and register in, one document out (section 9).
//!
//! Not here: I/O. Everything is decided from the bytes given, so a receipt replays (`replay`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::assess::{Advisory, Assessed, Assessor, Dates, Finding, Gap};
use super::bom::Bom;
use super::good::Good;
use super::graph::{Graph, Place, Scope, WHOLE_PPM};
use super::import_rules::{Class, ImportRules};
use super::lookup::{Lookup, Lookups};
use super::weigh::{self, Balance, Weighed};
use super::word::{
    AdvisoryCode, Criticality, EdgeKind, GapCode, ImportOutcome, ImportTreat, NodeKind, Repair,
    Value,
};
use super::{ENGINE, NOTICE};
use crate::cert::day::{Day, Instant};
use crate::cert::document;
use crate::cert::register::Register;
use crate::refusal::Refusal;

/// The most items of a list that a decision shows (CT-50).
pub const SHOWN_MAX: usize = 1000;

/// The files of an import decision.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'b> {
    /// The bill of materials.
    pub bom: &'b [u8],
    /// The good.
    pub good: &'b [u8],
    /// The rules.
    pub rules: &'b [u8],
    /// The register.
    pub register: &'b [u8],
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Counts {
    nodes: usize,
    reached: usize,
    subject: usize,
    bad: usize,
    unknown: usize,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the contract names them")]
struct DeMinimis {
    threshold_ppm: u64,
    bad_ppm: u64,
    bad_and_unknown_ppm: u64,
}

#[derive(Clone, Debug, Serialize)]
struct FindingShown {
    #[serde(rename = "ref")]
    reference: String,
    kind: NodeKind,
    value: Value,
    criticality: Criticality,
    share_ppm: u64,
    frontier: bool,
    excused: bool,
    hops: u32,
    path: Vec<String>,
    via: Vec<EdgeKind>,
    gaps: Vec<Gap>,
}

#[derive(Clone, Debug, Serialize)]
struct Part {
    #[serde(rename = "ref")]
    reference: String,
    value: Value,
}

#[derive(Clone, Debug, Serialize)]
struct Condition {
    #[serde(rename = "ref")]
    reference: String,
    due: Day,
    codes: BTreeSet<GapCode>,
}

#[derive(Clone, Debug, Serialize)]
struct RepairShown {
    #[serde(rename = "ref")]
    reference: String,
    action: Repair,
}

#[derive(Clone, Debug, Serialize)]
struct Counterfactual {
    refresh_register: bool,
    nodes: Vec<RepairShown>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Omitted {
    findings: usize,
    parts: usize,
    statuses: usize,
    advisories: usize,
    counterfactual: usize,
}

#[derive(Clone, Debug, Serialize)]
struct Receipt {
    bom: String,
    good: String,
    rules: String,
    register: String,
    result: String,
    engine: &'static str,
}

/// An import decision.
#[derive(Clone, Debug, Serialize)]
pub struct ImportDecision {
    #[serde(rename = "type")]
    kind: &'static str,
    good: String,
    outcome: ImportOutcome,
    class: String,
    scope_level: i64,
    known_at: Instant,
    dates: Dates,
    register_stale: bool,
    counts: Counts,
    de_minimis: DeMinimis,
    findings: Vec<FindingShown>,
    parts: Vec<Part>,
    conditions: Vec<Condition>,
    counterfactual: Counterfactual,
    statuses: Vec<Lookup<ImportTreat>>,
    advisories: Vec<Advisory>,
    omitted: Omitted,
    notice: &'static str,
    /// Absent only while the result is hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

impl ImportDecision {
    /// Returns the outcome.
    #[must_use]
    pub const fn outcome(&self) -> ImportOutcome {
        self.outcome
    }
}

/// Decides an import.
pub fn decide(inputs: &Inputs<'_>) -> Result<ImportDecision, Refusal> {
    let good = Good::parse(inputs.good)?;
    let rules = ImportRules::parse(inputs.rules)?;
    let register = Register::parse(inputs.register)?;
    let bom = Bom::parse(inputs.bom, good.root.as_deref())?;
    let known_at = check(&good, &rules, &register)?;
    let class =
        rules.class_of(&good.hs).ok_or_else(|| Refusal::new("rules-classes", "/classes"))?;
    let mut decision =
        Case { good: &good, rules: &rules, register: &register, class, known_at }.decide(&bom);
    let result = document::canonical_hash(&decision);
    decision.receipt = Some(Receipt {
        bom: document::hash(inputs.bom),
        good: document::hash(inputs.good),
        rules: document::hash(inputs.rules),
        register: document::hash(inputs.register),
        result,
        engine: ENGINE,
    });
    Ok(decision)
}

/// Checks that the documents belong together and hold on the market day.
fn check(good: &Good, rules: &ImportRules, register: &Register) -> Result<Instant, Refusal> {
    if good.importer != rules.importer {
        return Err(Refusal::new("rules-wrong-importer", "/importer"));
    }
    if good.market < rules.valid_from || rules.valid_until < good.market {
        return Err(
            Refusal::new("rules-not-in-force", "/valid_until").with("day", good.market.to_string())
        );
    }
    if rules.standard != register.standard {
        return Err(Refusal::new("register-wrong-standard", "/standard"));
    }
    register.known_at(good.known_at)
}

/// One case to decide.
struct Case<'a> {
    good: &'a Good,
    rules: &'a ImportRules,
    register: &'a Register,
    class: &'a Class,
    known_at: Instant,
}

impl Case<'_> {
    fn decide(&self, bom: &Bom) -> ImportDecision {
        let graph = &bom.graph;
        let scope = graph.scope(self.rules.scope_level);
        let dates = Dates::of(self.good, self.rules);
        let (rules, register) = (self.rules, self.register);
        let mut lookups = Lookups::new(register, self.known_at, &rules.treat, &rules.overrides);
        let assessor = Assessor { good: self.good, rules, class: self.class, register, dates };
        let mut assessed = assessor.assess(graph, &scope, &mut lookups);
        assessed
            .findings
            .sort_by_key(|finding| (std::cmp::Reverse(finding.value), graph.rank(finding.place)));
        let balance = self.weigh(graph, &assessed);
        let age = self.good.market.since(self.register.as_of.day());
        let is_stale = age > self.rules.max_register_age_days;
        let statuses = lookups.into_list();
        let advisories = advisories(bom, &mut assessed);
        let parts = parts(graph, &scope, &assessed.findings);
        let omitted = Omitted {
            findings: over(assessed.findings.len()),
            parts: over(parts.len()),
            statuses: over(statuses.len()),
            advisories: over(advisories.len()),
            counterfactual: over(balance.repairs.len()),
        };
        let bad = assessed.findings.iter().filter(|f| f.value == Value::Bad).count();
        ImportDecision {
            kind: "comity.import-decision/1",
            good: self.good.id.clone(),
            outcome: if is_stale { ImportOutcome::Refer } else { balance.outcome },
            class: self.class.name.clone(),
            scope_level: self.rules.scope_level,
            known_at: self.known_at,
            dates,
            register_stale: is_stale,
            counts: Counts {
                nodes: graph.nodes().len(),
                reached: assessed.reached,
                subject: assessed.subjects,
                bad,
                unknown: assessed.findings.len() - bad,
            },
            de_minimis: DeMinimis {
                threshold_ppm: self.class.de_minimis_ppm,
                bad_ppm: balance.bad.sum_ppm.min(WHOLE_PPM),
                bad_and_unknown_ppm: balance.all.sum_ppm.min(WHOLE_PPM),
            },
            conditions: if is_stale {
                Vec::new()
            } else {
                self.conditions(graph, &assessed.findings, &balance)
            },
            counterfactual: counterfactual(graph, &balance, is_stale),
            findings: show_findings(graph, &scope, assessed.findings, &balance),
            parts: shown(parts),
            statuses: shown(statuses),
            advisories: shown(advisories),
            omitted,
            notice: NOTICE,
            receipt: None,
        }
    }

    fn weigh(&self, graph: &Graph, assessed: &Assessed) -> Balance {
        let findings = assessed.findings.iter();
        let weighed: Vec<Weighed> = findings
            .filter_map(|finding| {
                let node = graph.node(finding.place)?;
                Some(Weighed::new(graph, finding.place, node, finding.value, self.class))
            })
            .collect();
        weigh::weigh(&weighed, self.class)
    }

    fn conditions(&self, graph: &Graph, findings: &[Finding], balance: &Balance) -> Vec<Condition> {
        if balance.outcome != ImportOutcome::PermitWithConditions {
            return Vec::new();
        }
        let gaps: BTreeMap<Place, &[Gap]> =
            findings.iter().map(|finding| (finding.place, finding.gaps.as_slice())).collect();
        let due = self.good.market.plus(self.class.cure_days);
        let mut places = balance.budget.clone();
        places.sort_by_key(|place| graph.rank(*place));
        let condition = |place: Place| Condition {
            reference: reference(graph, place),
            due,
            codes: gaps.get(&place).into_iter().copied().flatten().map(|gap| gap.code).collect(),
        };
        places.into_iter().map(condition).collect()
    }
}

fn over(length: usize) -> usize {
    length.saturating_sub(SHOWN_MAX)
}

fn shown<T>(mut list: Vec<T>) -> Vec<T> {
    list.truncate(SHOWN_MAX);
    list
}

fn reference(graph: &Graph, place: Place) -> String {
    graph.node(place).map(|node| node.reference.to_string()).unwrap_or_default()
}

fn advisories(bom: &Bom, assessed: &mut Assessed) -> Vec<Advisory> {
    let mut advisories = std::mem::take(&mut assessed.advisories);
    let unknown = bom.unknown_properties.iter().map(|(reference, name)| Advisory {
        code: AdvisoryCode::UnknownProperty,
        reference: reference.clone(),
        name: name.clone(),
    });
    advisories.extend(unknown);
    advisories.sort();
    advisories
}

fn parts(graph: &Graph, scope: &Scope<'_>, findings: &[Finding]) -> Vec<Part> {
    let reaching = |value| {
        let targets = findings.iter().filter(move |finding| finding.value == value);
        scope.reaching(targets.map(|finding| finding.place))
    };
    let (bad, unknown) = (reaching(Value::Bad), reaching(Value::Unknown));
    let is = |marks: &[bool], place: Place| marks.get(place).copied().unwrap_or_default();
    let part = |place: Place| Part {
        reference: reference(graph, place),
        value: if is(&bad, place) {
            Value::Bad
        } else if is(&unknown, place) {
            Value::Unknown
        } else {
            Value::Ok
        },
    };
    scope.parts().into_iter().map(part).collect()
}

fn counterfactual(graph: &Graph, balance: &Balance, is_stale: bool) -> Counterfactual {
    let repairs = balance.repairs.iter().take(SHOWN_MAX);
    Counterfactual {
        refresh_register: is_stale,
        nodes: repairs
            .map(|(place, action)| RepairShown {
                reference: reference(graph, *place),
                action: *action,
            })
            .collect(),
    }
}

fn show_findings(
    graph: &Graph,
    scope: &Scope<'_>,
    findings: Vec<Finding>,
    balance: &Balance,
) -> Vec<FindingShown> {
    let excused: BTreeSet<Place> = balance.excused.iter().copied().collect();
    let show = |finding: Finding| {
        let node = graph.node(finding.place)?;
        let path = scope.path(finding.place);
        Some(FindingShown {
            reference: node.reference.to_string(),
            kind: node.kind,
            value: finding.value,
            criticality: node.criticality,
            share_ppm: node.share_ppm,
            frontier: node.frontier,
            excused: excused.contains(&finding.place),
            hops: path.hops,
            path: path.references,
            via: path.via,
            gaps: finding.gaps,
        })
    };
    findings.into_iter().take(SHOWN_MAX).filter_map(show).collect()
}
