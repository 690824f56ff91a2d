//! The `aijur:` properties of a node (CT-36).
//!
//! A claim names jurisdictions, never people: nationality and person are refused wherever they stand. Not
//! here: whether a claim is believed.

use crate::cert::day::Day;
use crate::cert::word::Word as _;
use crate::refusal::Refusal;
use crate::trade::decimal;
use crate::trade::graph::{Builder, End, Place};
use crate::trade::word::{Criticality, EdgeKind, NodeKind, Role};

/// What all properties of ours start with.
const PREFIX: &str = "aijur:";

/// What single properties said; twice the same is said once.
#[derive(Default)]
struct Singles {
    ai: Option<bool>,
    frontier: Option<bool>,
    share_ppm: Option<u64>,
    criticality: Option<Criticality>,
    date: Option<Day>,
}

/// Reads a node's properties, name and value, and returns the names that are unknown.
pub(super) fn apply<'d>(
    builder: &mut Builder<'d>,
    place: Place,
    properties: impl IntoIterator<Item = (&'d str, Option<&'d str>)>,
) -> Result<Vec<&'d str>, Refusal> {
    let mut unknown = Vec::new();
    let mut singles = Singles::default();
    for (full, value) in properties {
        let Some(name) = full.strip_prefix(PREFIX) else { continue };
        let bad = || Refusal::new("bom-bad-property", "").with("name", full);
        if matches!(name, "nationality" | "person") {
            return Err(Refusal::new("bom-person-data", "").with("name", full));
        }
        if let Some(role) = Role::parse(name) {
            let value = value.ok_or_else(bad)?;
            if let Some(node) = builder.node_mut(place) {
                node.claims.push((role, value.into()));
            }
        } else if let Some(kind) = link(name) {
            let target = End::Name(value.ok_or_else(bad)?);
            builder.edge(End::Node(place), target, kind)?;
        } else if is_single(name) {
            singles.set(name, value.ok_or_else(bad)?).ok_or_else(bad)?;
        } else if name != "evidence" {
            unknown.push(full);
        }
    }
    singles.apply(builder, place);
    Ok(unknown)
}

fn link(name: &str) -> Option<EdgeKind> {
    match name {
        "ancestor" => Some(EdgeKind::Ancestor),
        "builtWith" => Some(EdgeKind::Built),
        "distilledFrom" => Some(EdgeKind::Distilled),
        "runsOn" => Some(EdgeKind::Runs),
        "trainedOn" => Some(EdgeKind::Trained),
        _ => None,
    }
}

fn is_single(name: &str) -> bool {
    matches!(name, "ai" | "frontier" | "valueShare" | "criticality" | "date")
}

impl Singles {
    /// Takes a value; `None` if it is bad or contradicts an earlier one.
    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "ai" => agree(&mut self.ai, value.parse().ok()?),
            "frontier" => agree(&mut self.frontier, value.parse().ok()?),
            "valueShare" => agree(&mut self.share_ppm, decimal::share_ppm(value)?),
            "criticality" => agree(&mut self.criticality, Criticality::parse(value)?),
            _ => agree(&mut self.date, Day::parse(value)?),
        }
    }

    fn apply(self, builder: &mut Builder<'_>, place: Place) {
        let Some(node) = builder.node_mut(place) else { return };
        if self.ai == Some(true) && node.kind == NodeKind::Other {
            node.kind = NodeKind::Ai;
        }
        node.frontier = self.frontier.unwrap_or_default();
        node.share_ppm = self.share_ppm.unwrap_or(node.share_ppm);
        node.criticality = self.criticality.unwrap_or(node.criticality);
        node.date = self.date;
    }
}

fn agree<T: PartialEq>(slot: &mut Option<T>, value: T) -> Option<()> {
    match slot {
        Some(earlier) if *earlier != value => None,
        _ => {
            *slot = Some(value);
            Some(())
        }
    }
}
