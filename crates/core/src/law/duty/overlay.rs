//! Overlays: soft texts that may only move a target forward (LW-42, C19).

use super::dates::counted;
use super::{Duty, Soft, start};
use crate::law::clock::Step;
use crate::law::pack::RuleKind;
use crate::law::refused::Refused;
use crate::law::world::{Actor, RuleState, World};

/// Moves the targets that a certain overlay wants earlier.
pub(super) fn apply(world: &World<'_>, duties: &mut [Duty<'_>]) -> Result<(), Refused> {
    for actor in &world.actors {
        for state in &actor.rules {
            let overlay = state.rule.kind == RuleKind::Overlay && state.valid;
            if overlay && state.binds_surely().is_true() {
                apply_one(world, actor, state, duties)?;
            }
        }
    }
    for duty in duties.iter_mut() {
        duty.soft.sort_by(|a, b| (&a.rule, a.target).cmp(&(&b.rule, b.target)));
        move_target(duty);
    }
    Ok(())
}

fn apply_one(
    world: &World<'_>,
    actor: &Actor<'_>,
    state: &RuleState<'_>,
    duties: &mut [Duty<'_>],
) -> Result<(), Refused> {
    for stage in &state.rule.stages {
        let Some((rule_id, stage_id)) = &stage.overlays else { continue };
        let wanted = |d: &&mut Duty<'_>| {
            d.party == actor.id() && d.rule.id == *rule_id && d.stage.id == *stage_id
        };
        for duty in duties.iter_mut().filter(wanted) {
            let Some(statutory) = duty.dates.target else { continue };
            let begin = start(actor, rule_id, duty.rule, stage, world.at).0;
            let Some((begin, within)) = begin.zip(stage.within) else { continue };
            // An assumed start may not move a date that is firm.
            if !begin.asserted && duty.start.as_ref().is_some_and(|s| s.asserted) {
                continue;
            }
            let spec = stage.clock.as_ref().unwrap_or(&state.rule.clock);
            let dates = counted(actor, state.pack, spec, begin.at, within)?;
            if let Some(target) = dates.target.filter(|t| *t < statutory) {
                let rule = state.rule.id.clone();
                duty.soft.push(Soft { rule, target, statutory_target: statutory });
            }
        }
    }
    Ok(())
}

fn move_target(duty: &mut Duty<'_>) {
    let Some(target) = duty.soft.iter().map(|s| s.target).min() else { return };
    duty.dates.target = Some(target);
    let steps = &mut duty.dates.steps;
    let outer = steps.pop();
    if steps.last().is_some_and(|s| s.op == "target") {
        steps.pop();
    }
    for soft in &duty.soft {
        steps.push(Step::new("overlay", soft.target, format!("{} wants it earlier", soft.rule)));
    }
    steps.push(Step::new("target", target, "operational target"));
    steps.extend(outer);
}
