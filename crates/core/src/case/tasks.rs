//! Who should do what by when, seen at a given now (CP-48). Silence blocks nothing: tasks only remind.
//!
//! Not here: duties of law (`law`), and how people are told.

use serde::Serialize;

use super::Case;
use super::body::Millis;
use super::duration::{
    ACKNOWLEDGE, ANSWER_PROPOSAL, FOLLOW_UP, HOUR_MS, PRIORITISE, REVIEW_ATTACKS, REVIEW_CLAIM,
    VALIDATE, VENDOR_SILENT,
};
use super::name::{EntryId, PartyId};
use super::pec::Pec;
use super::rm::Rm;
use super::state::{ClaimState, Party, Status};
use super::vfd::Vfd;
use super::word::{Letter, VendorStatus};

/// A reminder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// What, for example `rsvp`.
    pub code: &'static str,
    /// By when.
    pub due: Millis,
    /// About which entry.
    pub entry: Option<EntryId>,
    /// Who.
    pub party: Option<PartyId>,
}

impl Case {
    /// Returns the tasks at `now`, by due, code, party, entry.
    #[must_use]
    pub fn tasks(&self, now: Millis) -> Vec<Task> {
        let mut tasks = Vec::new();
        // Whoever was removed has no voice, so nothing to answer.
        for (id, party) in self.state().parties.iter().filter(|(_, party)| !party.is_removed) {
            let due = self.party_tasks(party, now);
            tasks.extend(due.into_iter().map(|(code, due)| Task {
                code,
                due,
                entry: None,
                party: Some(id.clone()),
            }));
        }
        tasks.extend(self.lead_tasks(now));
        if let Some(terms) = self.state().in_force(now) {
            let entry = Some(terms.entry.clone());
            tasks.push(Task { code: "embargo-ends", due: terms.ends, entry, party: None });
        }
        tasks.sort_by(|a, b| {
            (a.due, a.code, &a.party, &a.entry).cmp(&(b.due, b.code, &b.party, &b.entry))
        });
        tasks
    }

    fn party_tasks(&self, party: &Party, now: Millis) -> Vec<(&'static str, Millis)> {
        let state = self.state();
        let mut tasks = Vec::new();
        let is_in_force = state.in_force(now).is_some();
        if is_in_force && state.consent(party, now).pec == Pec::Invited {
            tasks.extend(party.rsvp_at.map(|due| ("rsvp", due)));
        }
        if state.status == Status::Open {
            match party.rm {
                Rm::Start => {
                    let sent = party.clocks.first_send;
                    tasks.extend(sent.map(|at| ("acknowledge", at + ACKNOWLEDGE)));
                }
                Rm::Received => tasks.push(("validate", party.clocks.rm_since + VALIDATE)),
                Rm::Valid => tasks.push(("prioritise", party.clocks.rm_since + PRIORITISE)),
                Rm::Invalid | Rm::Accepted | Rm::Deferred | Rm::Closed => {}
            }
        }
        let Some(vendor) = party.vendor() else { return tasks };
        if is_in_force && party.rm == Rm::Accepted && vendor.vfd == Vfd::Aware {
            let newest = party.clocks.latest.unwrap_or(party.clocks.rm_since);
            tasks.push(("follow-up", newest + FOLLOW_UP));
        }
        let is_mute = party.rm == Rm::Start && vendor.status == VendorStatus::Unknown;
        if state.status == Status::Open && is_mute {
            let invited = party.clocks.first_invite;
            tasks.extend(invited.map(|at| ("vendor-silent", at + VENDOR_SILENT)));
        }
        tasks
    }

    fn lead_tasks(&self, now: Millis) -> Vec<Task> {
        let state = self.state();
        let lead = state.lead.as_ref().map(|lead| lead.party.clone());
        let mut tasks = Vec::new();
        let mut add = |code, due, entry: Option<&EntryId>| {
            tasks.push(Task { code, due, entry: entry.cloned(), party: lead.clone() });
        };
        let is_over = state.em_at(now) != state.em;
        for open in state.open_terms().filter(|_| !is_over) {
            add("answer-proposal", open.at + ANSWER_PROPOSAL, Some(&open.entry));
        }
        for (claim, _) in state.claims().filter(|(_, counts)| *counts == ClaimState::Contested) {
            add("review-claim", claim.at + REVIEW_CLAIM, Some(&claim.entry));
        }
        if let Some(attacks) = state.exposed.get(&Letter::Attacks)
            && state.in_force(now).is_some()
        {
            add("review-attacks", attacks.at + REVIEW_ATTACKS, None);
        }
        if let (Some(lead), Some(party), Status::Open) =
            (&state.lead, state.lead_party(), state.status)
        {
            // Each entry is a sign of life, void ones too (CP-35), as a takeover counts them (CP-36).
            let of_lead = self
                .entries()
                .filter(|entry| entry.author == party.hub && entry.party == lead.party);
            let newest = of_lead.map(|entry| entry.at).max();
            let heard = newest.unwrap_or(lead.since);
            add("lead-beat", heard + state.heartbeat_h * HOUR_MS, None);
        }
        for fork in self.equivocations() {
            let twins = fork.entries.iter().filter_map(|id| self.entry(id));
            let due = twins.map(|entry| entry.at).max().unwrap_or(0);
            add("equivocation", due, fork.entries.first());
        }
        tasks
    }
}
