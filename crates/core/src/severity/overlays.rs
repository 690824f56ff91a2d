//! Domain overlays: what a flaw means where it is used (LX-16). They raise inputs, never lower them,
//! and never touch a vector.

use serde::Deserialize;

use super::decision::{Impact, Reach};
use crate::lexicon::axis::{Axis, Level};
use crate::lexicon::terms::{Domain, ImpactProperty};
use crate::report::Whole;

/// A domain overlay; it applies if an assessment names it and a domain matches.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Overlay {
    /// Its id, for example `OV-HEALTH`.
    pub id: String,
    /// The domains in which it applies.
    pub domains: Vec<Domain>,
    /// What it does to impact.
    #[serde(default)]
    pub impact: Vec<ImpactEffect>,
    /// What it does to reach.
    #[serde(default)]
    pub reach: Vec<ReachEffect>,
    /// How the report may be shared.
    pub sharing: Option<SharingRule>,
}

/// A rule of sharing that an overlay sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SharingRule {
    /// Nothing goes on without the originator.
    OriginatorControl,
}

/// One effect on impact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactEffect {
    /// Raises by this many steps.
    pub step: Option<u8>,
    /// Raises to at least this.
    pub floor: Option<Impact>,
    /// Only if one of these properties suffers.
    pub if_any_property: Option<Vec<ImpactProperty>>,
    /// Only if the safety impact is at least this.
    pub if_safety_at_least: Option<String>,
    /// Only if the rights impact is at least this.
    pub if_rights_at_least: Option<String>,
}

/// One effect on reach.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReachEffect {
    /// Raises by this many steps.
    pub step: Option<u8>,
    /// Only if an election is this near.
    pub if_election_within_days: Option<u64>,
}

/// An overlay in force, with what the assessment said about it.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'l> {
    /// The overlay.
    pub overlay: &'l Overlay,
    /// Days to the next election, if stated.
    pub election_days: Option<Whole>,
}

/// The facts that the conditions of overlays read.
#[derive(Clone, Copy, Debug)]
pub struct Context<'r> {
    /// The properties that suffer.
    pub properties: &'r [ImpactProperty],
    /// The safety impact.
    pub safety: Level,
    /// The rights impact.
    pub rights: Level,
}

/// Returns the impact after all overlays: one step at most, then the highest floor.
#[must_use]
pub fn impact(impact: Impact, overlays: &[Applied<'_>], context: Context<'_>) -> Impact {
    let effects = || {
        overlays
            .iter()
            .flat_map(|applied| &applied.overlay.impact)
            .filter(|effect| holds(effect, context))
    };
    let has_step = effects().any(|effect| effect.step.is_some_and(|step| step > 0));
    let stepped = if has_step { impact.raised() } else { impact };
    effects().filter_map(|effect| effect.floor).fold(stepped, Impact::max)
}

/// Returns the reach after all overlays: one step at most.
#[must_use]
pub fn reach(reach: Reach, overlays: &[Applied<'_>]) -> Reach {
    let has_step = overlays.iter().any(|applied| {
        applied.overlay.reach.iter().any(|effect| {
            let is_near = |within| applied.election_days.is_some_and(|days| days.0 <= within);
            effect.step.is_some_and(|step| step > 0)
                && effect.if_election_within_days.is_none_or(is_near)
        })
    });
    if has_step { reach.raised() } else { reach }
}

fn holds(effect: &ImpactEffect, context: Context<'_>) -> bool {
    let at_least = |axis: Axis, level: Level, key: &String| {
        axis.level(key)
            .and_then(Level::rank)
            .is_some_and(|least| level.rank().is_some_and(|rank| rank >= least))
    };
    let has_property = |wanted: &Vec<ImpactProperty>| {
        wanted.iter().any(|property| context.properties.contains(property))
    };
    effect.if_any_property.as_ref().is_none_or(has_property)
        && effect
            .if_safety_at_least
            .as_ref()
            .is_none_or(|key| at_least(Axis::SafetyImpact, context.safety, key))
        && effect
            .if_rights_at_least
            .as_ref()
            .is_none_or(|key| at_least(Axis::RightsImpact, context.rights, key))
}
