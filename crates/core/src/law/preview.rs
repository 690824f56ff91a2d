//! The invite preview: what changes when one more party joins (LW-61), as `comity.preview/1`.
//!
//! Two evaluations, without and with the invitee. Not here: the invitation.

use std::collections::BTreeSet;

use serde::Serialize;

use super::ban::lane;
use super::conflict::Key;
use super::facts::{CaseFacts, Party};
use super::level::{Ceiling, Level};
use super::output::{ConflictAnswer, DutyAnswer, HorizonAnswer, PackAnswer, evaluate, packs};
use super::pack::PackSet;
use super::refused::{Code, Refused};
use super::time::Instant;
use super::world::World;

/// `comity.preview/1`.
#[derive(Debug, Serialize)]
pub struct PreviewAnswer {
    schema: &'static str,
    notice: String,
    at: Instant,
    packs: Vec<PackAnswer>,
    invitee: String,
    before: HorizonAnswer,
    after: HorizonAnswer,
    new_duties: Vec<DutyAnswer>,
    new_conflicts: Vec<ConflictAnswer>,
    gone_conflicts: Vec<ConflictAnswer>,
    lanes: Vec<LaneAnswer>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LaneAnswer {
    from: String,
    to: String,
    max_level: Ceiling,
    limits: BTreeSet<String>,
    certainty: &'static str,
}

impl PreviewAnswer {
    /// Returns the sentence that stands on every page and print.
    #[must_use]
    pub fn notice(&self) -> &str {
        &self.notice
    }

    /// Returns the horizon without the invitee.
    #[must_use]
    pub const fn before(&self) -> &HorizonAnswer {
        &self.before
    }

    /// Returns the horizon with the invitee.
    #[must_use]
    pub const fn after(&self) -> &HorizonAnswer {
        &self.after
    }

    /// Returns the duties that arise.
    #[must_use]
    pub fn new_duties(&self) -> &[DutyAnswer] {
        &self.new_duties
    }

    /// Returns the conflicts that arise.
    #[must_use]
    pub fn new_conflicts(&self) -> &[ConflictAnswer] {
        &self.new_conflicts
    }

    /// Returns the conflicts that vanish.
    #[must_use]
    pub fn gone_conflicts(&self) -> &[ConflictAnswer] {
        &self.gone_conflicts
    }

    /// Returns the lanes as lines.
    #[must_use]
    pub fn lane_lines(&self) -> Vec<String> {
        let line = |lane: &LaneAnswer| {
            let limits = lane.limits.iter().cloned().collect::<Vec<_>>().join(", ");
            let (from, to) = (&lane.from, &lane.to);
            format!("lane\t{from}\t{to}\t{}\t{}\t{limits}", lane.max_level.as_str(), lane.certainty)
        };
        self.lanes.iter().map(line).collect()
    }
}

/// Computes what an invitation would change.
pub fn preview(
    set: &PackSet,
    case: &CaseFacts,
    invitee: Party,
    at: Instant,
) -> Result<PreviewAnswer, Refused> {
    if case.party(&invitee.id).is_some() {
        let message = format!("{} is a party already", invitee.id);
        return Err(Refused::new(Code::Ref, "/id", message));
    }
    let id = invitee.id.clone();
    let mut with = case.clone();
    with.parties.push(Party {
        holds: Some(invitee.share_level.unwrap_or(Level::L2)),
        since: Some(at),
        ..invitee
    });
    let before = evaluate(set, case, at)?;
    let after = evaluate(set, &with, at)?;
    let old_duties: BTreeSet<String> =
        before.duties.list.iter().map(super::duty::Duty::id).collect();
    let keys = |all: &[super::conflict::Conflict]| -> BTreeSet<Key> {
        all.iter().map(|c| c.key.clone()).collect()
    };
    let (old, new) = (keys(&before.conflicts), keys(&after.conflicts));
    let only = |all: &[super::conflict::Conflict], other: &BTreeSet<Key>| -> Vec<ConflictAnswer> {
        all.iter().filter(|c| !other.contains(&c.key)).map(ConflictAnswer::new).collect()
    };
    let mut new_duties = after.duty_answers();
    new_duties.retain(|d| !old_duties.contains(&d.id));
    let mut warnings = before.answer_warnings();
    warnings.extend(after.answer_warnings());
    Ok(PreviewAnswer {
        schema: "comity.preview/1",
        notice: after.notice(),
        at,
        packs: packs(set),
        before: before.horizon_answer(),
        after: after.horizon_answer(),
        new_duties,
        new_conflicts: only(&after.conflicts, &old),
        gone_conflicts: only(&before.conflicts, &new),
        lanes: lanes(&after.world, &id)?,
        warnings: warnings.into_iter().collect(),
        invitee: id,
    })
}

/// The flows between the invitee and everybody else, by from and to.
fn lanes(world: &World<'_>, invitee: &str) -> Result<Vec<LaneAnswer>, Refused> {
    let mut found = Vec::new();
    for from in &world.actors {
        for to in &world.actors {
            let concerned = (from.id() == invitee) != (to.id() == invitee);
            if !concerned {
                continue;
            }
            let (verdict, certain) = lane(world, from, to)?;
            found.push(LaneAnswer {
                from: from.id().to_owned(),
                to: to.id().to_owned(),
                max_level: verdict.max_level,
                limits: verdict.limits,
                certainty: if certain { "certain" } else { "possible" },
            });
        }
    }
    Ok(found)
}
