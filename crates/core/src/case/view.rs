//! What a reader sees at a given now (CP-14, section 9): the output `comity.case-fold/1`.
//!
//! Not here: translation, and what a reader may see (`access`).

use serde::Serialize;

use super::body::{Link, Millis};
use super::metrics::Metrics;
use super::name::{CaseId, EntryId, HubId, PartyId};
use super::pec::Pec;
use super::state::{Party, State};
use super::tasks::Task;
use super::word::{Letter, Role, VendorStatus};
use super::{Case, Equivocation, Voided};

/// The schema of the output.
pub const SCHEMA: &str = "comity.case-fold/1";

/// The output of a fold at an instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "members are the table of section 9, name by name")]
pub struct View {
    pub schema: &'static str,
    pub case: CaseId,
    pub at: Millis,
    pub status: &'static str,
    pub lead: Option<LeadView>,
    pub em: &'static str,
    pub em_log: String,
    pub pxa: String,
    pub embargo: EmbargoView,
    pub claims: Vec<ClaimView>,
    pub links: Vec<Link>,
    pub parties: Vec<PartyView>,
    pub void: Vec<Voided>,
    pub order: Vec<EntryId>,
    pub pending: Vec<EntryId>,
    pub equivocations: Vec<Equivocation>,
    pub tasks: Vec<Task>,
    pub metrics: Metrics,
}

/// The lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "members are the table of section 9, name by name")]
pub struct LeadView {
    pub party: PartyId,
    pub hub: HubId,
    pub epoch: i64,
}

/// The embargo in force, or the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "members are the table of section 9, name by name")]
pub struct EmbargoView {
    pub terms: Option<EntryId>,
    pub starts: Option<Millis>,
    pub ends: Option<Millis>,
    pub open: Vec<EntryId>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "members are the table of section 9, name by name")]
pub struct ClaimView {
    pub entry: EntryId,
    pub letter: Letter,
    pub party: PartyId,
    pub state: &'static str,
}

/// A party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "members are the table of section 9, name by name")]
pub struct PartyView {
    pub party: PartyId,
    pub org: String,
    pub hub: HubId,
    pub roles: Vec<Role>,
    pub rm: &'static str,
    pub vfd: Option<&'static str>,
    pub deployed: Option<bool>,
    pub pec: &'static str,
    pub silent: bool,
    pub bound_until: Option<Millis>,
    pub content: bool,
    pub status: Option<VendorStatus>,
    pub round: i64,
    pub removed: bool,
}

/// A party's consent as seen at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The state.
    pub pec: Pec,
    /// Declined by not answering.
    pub is_silent: bool,
    /// Until when it is bound.
    pub bound_until: Option<Millis>,
}

impl State {
    /// Returns a party's consent at `now`: silence and expiry applied (CP-14, CP-32).
    #[must_use]
    pub fn consent(&self, party: &Party, now: Millis) -> Consent {
        let Some(terms) = self.in_force(now) else {
            let is_over = self.em.has_terms();
            let pec = if is_over { Pec::Unbound } else { party.pec };
            return Consent { pec, is_silent: false, bound_until: None };
        };
        let is_past = party.rsvp_at.is_some_and(|rsvp_at| now > rsvp_at);
        let is_silent = party.pec == Pec::Invited && is_past;
        let pec = if is_silent { Pec::Declined } else { party.pec };
        let bound_until = match pec {
            Pec::Signatory => Some(terms.ends),
            Pec::Lapsed | Pec::Declined => party.signed_until.map(|end| end.min(terms.ends)),
            Pec::Invited | Pec::Unbound => None,
        };
        Consent { pec, is_silent, bound_until }
    }
}

impl Case {
    /// Returns the greatest `at` of all entries, which is the default now; 0 without entries.
    #[must_use]
    pub fn greatest_at(&self) -> Millis {
        let all = self.entries().chain(self.pending());
        all.map(|entry| entry.at).max().unwrap_or(0)
    }

    /// Returns what a reader sees at `now`.
    #[must_use]
    pub fn view(&self, now: Millis) -> View {
        let state = self.state();
        let lead = state.lead.as_ref().zip(state.lead_party());
        let em = state.em_at(now);
        let is_over = em != state.em;
        let claims = state.claims().map(|(claim, counts)| ClaimView {
            entry: claim.entry.clone(),
            letter: claim.letter,
            party: claim.party.clone(),
            state: counts.as_str(),
        });
        // When an embargo ran out, nothing is left on its table.
        let open = state.open_terms().filter(|_| !is_over).map(|open| open.entry.clone());
        let parties = state.parties.iter().map(|(id, party)| self.party_view(id, party, now));
        View {
            schema: SCHEMA,
            case: self.id().clone(),
            at: now,
            status: state.status.as_str(),
            lead: lead.map(|(lead, party)| LeadView {
                party: lead.party.clone(),
                hub: party.hub.clone(),
                epoch: lead.epoch,
            }),
            em: em.as_str(),
            em_log: state.em_log.clone(),
            pxa: state.pxa().letters(),
            embargo: EmbargoView {
                terms: state.terms.as_ref().map(|terms| terms.entry.clone()),
                starts: state.terms.as_ref().map(|terms| terms.starts),
                ends: state.terms.as_ref().map(|terms| terms.ends),
                open: open.collect(),
            },
            claims: claims.collect(),
            links: state.links.clone(),
            parties: parties.collect(),
            void: self.void().collect(),
            order: self.entries().map(|entry| entry.id.clone()).collect(),
            pending: self.pending().iter().map(|entry| entry.id.clone()).collect(),
            equivocations: self.equivocations(),
            tasks: self.tasks(now),
            metrics: Metrics::of(state),
        }
    }

    fn party_view(&self, id: &PartyId, party: &Party, now: Millis) -> PartyView {
        let consent = self.state().consent(party, now);
        let vendor = party.vendor();
        let is_current = |(vendor, round): (&PartyId, &i64)| {
            self.state().parties.get(vendor).is_some_and(|vendor| vendor.round == *round)
        };
        PartyView {
            party: id.clone(),
            org: party.org.clone(),
            hub: party.hub.clone(),
            roles: party.roles.clone(),
            rm: party.rm.as_str(),
            vfd: vendor.map(|vendor| vendor.vfd.as_str()),
            deployed: party.has(Role::Deployer).then(|| party.deployed.iter().any(is_current)),
            pec: consent.pec.as_str(),
            silent: consent.is_silent,
            bound_until: consent.bound_until,
            content: self.gate(id, now),
            status: vendor.map(|vendor| vendor.status),
            round: party.round,
            removed: party.is_removed,
        }
    }
}
