//! The part of an answer that concerns some parties alone, and the dates that come next.
//!
//! What a rule asks of one party is no business of the others: who is left out is left out everywhere, in
//! the notice too. Not here: who may see which parties.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{DutiesAnswer, Evaluation, TaskAnswer};
use crate::law::refused::Refused;
use crate::law::time::Instant;

/// One date that is still to come or was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextDate {
    /// `party/rule/stage`.
    pub duty: String,
    /// Where it stands.
    pub status: &'static str,
    /// The operational target.
    pub target: Option<Instant>,
    /// The legal outer date.
    pub outer: Option<Instant>,
    /// The floor, if it is one.
    pub not_before: Option<Instant>,
    /// What a reader must know.
    pub warnings: Vec<String>,
}

impl Evaluation<'_> {
    /// Returns what concerns these parties: their duties, conflicts, tasks, actions and holdings.
    pub fn answer_for(&self, own: &BTreeSet<String>) -> Result<DutiesAnswer, Refused> {
        let mut answer = self.answer()?;
        answer.notice = self.notice_of(|duty| own.contains(duty.party));
        answer.duties.retain(|duty| own.contains(&duty.party));
        answer.conflicts.retain(|conflict| own.contains(&conflict.party));
        for conflict in &mut answer.conflicts {
            conflict.parties.retain(|party| own.contains(party));
        }
        answer.tasks.retain(|task| own.contains(&task.party));
        let planned = self.world.case.actions.iter().filter(|action| own.contains(&action.party));
        let actions: BTreeSet<&str> = planned.map(|action| action.id.as_str()).collect();
        answer.actions.retain(|action| actions.contains(action.id.as_str()));
        answer.harbours.retain(|harbour| own.contains(&harbour.party));
        answer.publishers.retain(|publisher| own.contains(&publisher.party));
        answer.horizon.holders.retain(|holder| own.contains(&holder.holder));
        let submitted = self.world.case.parties.iter().filter(|party| own.contains(&party.id));
        let rules: BTreeSet<&str> = submitted
            .flat_map(|party| party.submissions.iter().map(|sent| sent.rule.as_str()))
            .collect();
        answer.warnings.retain(|warning| {
            warning.strip_prefix("unknown-rule:").is_none_or(|rule| rules.contains(rule))
        });
        Ok(answer)
    }
}

impl DutiesAnswer {
    /// Returns the dates of what is not met, the nearest first.
    #[must_use]
    pub fn next_dates(&self) -> Vec<NextDate> {
        let open = self.duties.iter().filter(|duty| duty.status != "met");
        let dated = open.filter(|d| d.target.is_some() || d.not_before.is_some());
        dated
            .map(|duty| NextDate {
                duty: duty.id.clone(),
                status: duty.status,
                target: duty.target,
                outer: duty.outer,
                not_before: duty.not_before,
                warnings: duty.warnings.clone(),
            })
            .collect()
    }

    /// Returns the facts that are asked for, the most urgent first.
    #[must_use]
    pub fn tasks(&self) -> &[TaskAnswer] {
        &self.tasks
    }
}
