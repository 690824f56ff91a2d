//! What a new edition of packs changes for a case: duties that arise or end, dates that move, verdicts that
//! turn, conflicts that appear or vanish (LW-4).
//!
//! Two evaluations of the same facts at the same instant. Nothing is rewritten: a person adopts an edition.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ban::judge;
use super::conflict::{Conflict, Key};
use super::duty::Duty;
use super::expr::Tri;
use super::output::{ConflictAnswer, Evaluation};
use super::refused::Refused;
use super::time::Instant;

/// Where a duty stands and when it is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Its status.
    pub status: &'static str,
    /// The operational target.
    pub target: Option<Instant>,
    /// The legal outer date.
    pub outer: Option<Instant>,
    /// The floor, if it is one.
    pub not_before: Option<Instant>,
}

/// A duty under one edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DutyDue {
    /// `party/rule/stage`.
    pub duty: String,
    /// Where it stands.
    #[serde(flatten)]
    pub due: Due,
}

/// A duty that is due otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// `party/rule/stage`.
    pub duty: String,
    /// Under the old edition.
    pub before: Due,
    /// Under the new one.
    pub after: Due,
}

/// A planned action that is judged otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turned {
    /// The action.
    pub action: String,
    /// `allow`, `ask`, `deny` under the old edition.
    pub before: &'static str,
    /// Under the new one.
    pub after: &'static str,
}

/// All that changes for one case.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Change {
    /// Duties that arise.
    pub new_duties: Vec<DutyDue>,
    /// Duties that end.
    pub gone_duties: Vec<DutyDue>,
    /// Duties that are due otherwise.
    pub moved: Vec<Moved>,
    /// Actions that are judged otherwise.
    pub verdicts: Vec<Turned>,
    /// Conflicts that appear.
    pub new_conflicts: Vec<ConflictAnswer>,
    /// Conflicts that vanish.
    pub gone_conflicts: Vec<ConflictAnswer>,
}

impl Change {
    /// Says whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { new_duties, gone_duties, moved, verdicts, new_conflicts, gone_conflicts } = self;
        new_duties.is_empty()
            && gone_duties.is_empty()
            && moved.is_empty()
            && verdicts.is_empty()
            && new_conflicts.is_empty()
            && gone_conflicts.is_empty()
    }
}

/// Compares two evaluations of one case at one instant.
pub fn compare(before: &Evaluation<'_>, after: &Evaluation<'_>) -> Result<Change, Refused> {
    let (old, new) = (duties(before), duties(after));
    let only = |these: &BTreeMap<String, Due>, those: &BTreeMap<String, Due>| {
        let alone = these.iter().filter(|(id, _)| !those.contains_key(*id));
        alone.map(|(id, due)| DutyDue { duty: id.clone(), due: due.clone() }).collect()
    };
    let moved = new.iter().filter_map(|(id, after)| {
        let before = old.get(id).filter(|before| *before != after)?;
        Some(Moved { duty: id.clone(), before: before.clone(), after: after.clone() })
    });
    let (judged, anew) = (verdicts(before)?, verdicts(after)?);
    let turned = judged.iter().filter_map(|(action, before)| {
        let after = anew.get(action).filter(|after| *after != before)?;
        Some(Turned { action: (*action).to_owned(), before, after })
    });
    let keys = |all: &[Conflict]| all.iter().map(|c| c.key.clone()).collect::<BTreeSet<Key>>();
    let (had, has) = (keys(&before.conflicts), keys(&after.conflicts));
    let alone = |all: &[Conflict], others: &BTreeSet<Key>| {
        all.iter().filter(|c| !others.contains(&c.key)).map(ConflictAnswer::new).collect()
    };
    Ok(Change {
        new_duties: only(&new, &old),
        gone_duties: only(&old, &new),
        moved: moved.collect(),
        verdicts: turned.collect(),
        new_conflicts: alone(&after.conflicts, &had),
        gone_conflicts: alone(&before.conflicts, &has),
    })
}

fn duties(evaluation: &Evaluation<'_>) -> BTreeMap<String, Due> {
    let due = |duty: &Duty<'_>| Due {
        status: duty.status.as_str(),
        target: duty.dates.target,
        outer: duty.dates.outer,
        not_before: duty.dates.not_before,
    };
    evaluation.duties.list.iter().map(|duty| (duty.id(), due(duty))).collect()
}

fn verdicts<'e>(
    evaluation: &'e Evaluation<'_>,
) -> Result<BTreeMap<&'e str, &'static str>, Refused> {
    let mut found = BTreeMap::new();
    for action in &evaluation.world.case.actions {
        let word = match judge(&evaluation.world, action)?.allowed {
            Tri::True => "allow",
            Tri::False => "deny",
            Tri::Unknown => "ask",
        };
        found.insert(action.id.as_str(), word);
    }
    Ok(found)
}
