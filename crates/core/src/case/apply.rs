//! What a standing entry changes (section 5, last column). Total: it refuses nothing.
//!
//! Not here: whether the entry stands (`check`), the embargo (`consent`) and exposure (`claim`).

use super::body::{Body, Interval, Millis, OpeningParty};
use super::entry::{Content, Entry};
use super::history::History;
use super::name::{HubId, PartyId};
use super::past::Past;
use super::rm::Rm;
use super::state::{Claim, Clocks, Lead, Party, Send, State, Status, Vendor, When};
use super::vfd::Vfd;
use super::word::{Closing, Letter, Relation, Role, VendorStatus};

/// A standing entry on its way into the state.
pub(super) struct Apply<'a> {
    pub(super) history: &'a History,
    pub(super) state: &'a mut State,
    pub(super) entry: &'a Entry,
    pub(super) past: &'a Past,
    /// Its place in the order.
    pub(super) index: usize,
}

/// What an invitation says.
struct Invitation<'a> {
    party: &'a PartyId,
    org: &'a str,
    hub: &'a HubId,
    roles: &'a [Role],
    rsvp_at: Option<Millis>,
    deploys: Option<&'a [PartyId]>,
}

impl Apply<'_> {
    pub(super) fn run(mut self) {
        let entry = self.entry;
        if let Content::Known(_, body) = entry.content() {
            self.body(body);
        }
        if let Some(own) = self.state.parties.get_mut(&entry.party) {
            own.clocks.latest = own.clocks.latest.max(Some(entry.at));
        }
    }

    pub(super) fn at(&self) -> Millis {
        self.entry.at
    }

    fn own(&mut self) -> Option<&mut Party> {
        self.state.parties.get_mut(&self.entry.party)
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::CaseOpen { parties, heartbeat_h, deputies, links, .. } => {
                self.open_case(parties);
                self.beat(
                    Some(heartbeat_h.unwrap_or(super::duration::HEARTBEAT_DEFAULT_H)),
                    deputies.as_deref(),
                );
                self.state.links.extend(links.iter().cloned());
            }
            Body::CaseLink { link, ends } => {
                self.state.links.push(link.clone());
                match (link.relation, ends) {
                    (Relation::MergedInto, _) => self.state.status = Status::Merged,
                    (Relation::Absorbs, Some(ends)) => self.shorten(*ends),
                    _ => {}
                }
            }
            Body::CaseStatus { to, .. } => {
                self.state.status = match to {
                    Closing::Open => Status::Open,
                    Closing::Closed => Status::Closed,
                };
            }
            Body::PartyInvite { party, org, hub, roles, rsvp_at, deploys, .. } => {
                let (rsvp_at, deploys) = (*rsvp_at, deploys.as_deref());
                self.invite(&Invitation { party, org, hub, roles, rsvp_at, deploys });
            }
            Body::PartyMove { hub } => {
                if let Some(own) = self.own() {
                    own.wants_hub = Some(hub.clone());
                }
            }
            Body::PartyRemove { party, .. } => {
                if let Some(party) = self.state.parties.get_mut(party) {
                    party.is_removed = true;
                }
            }
            Body::LeadBeat { heartbeat_h, deputies } => {
                self.beat(*heartbeat_h, deputies.as_deref());
            }
            Body::LeadOffer { to, epoch } => {
                self.state.offers.insert(self.index, (to.clone(), *epoch));
            }
            Body::LeadAccept { .. } => self.lead(self.entry.party.clone()),
            Body::LeadTakeover { to, .. } => self.take_over(to),
            Body::ReportSend { .. }
            | Body::ReportAck { .. }
            | Body::ReportJudge { .. }
            | Body::ExposureClaim { .. }
            | Body::ExposureRetract { .. }
            | Body::ContentSeal { .. }
            | Body::ContentGrant { .. } => self.report(body),
            Body::EmbargoPropose { .. }
            | Body::EmbargoRevise { .. }
            | Body::EmbargoAccept { .. }
            | Body::EmbargoReject { .. }
            | Body::EmbargoEnd { .. } => self.embargo(body),
            Body::VendorAware { .. }
            | Body::VendorStatus { .. }
            | Body::FixReady { .. }
            | Body::FixDeployed { .. }
            | Body::FixIncomplete { .. } => self.vendor(body),
            Body::DutyRecord { .. }
            | Body::PublishPlan { .. }
            | Body::Note { .. }
            | Body::Ack { .. }
            | Body::Fault { .. } => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller chose the group; the last arm is its last"
    )]
    fn report(&mut self, body: &Body) {
        match body {
            Body::ReportSend { to } => self.send(to),
            Body::ReportAck { of } => self.acknowledge(of),
            Body::ReportJudge { to, .. } => {
                let at = self.at();
                if let Some(own) = self.own()
                    && let Some(rm) = own.rm.judged(*to)
                {
                    own.set_rm(rm, at);
                }
            }
            Body::ExposureClaim { letter, since, .. } => self.claim(*letter, *since),
            Body::ExposureRetract { claim } => {
                let index = self.history.index.get(claim);
                if let Some(claim) = index.and_then(|index| self.state.claims.get_mut(&index)) {
                    claim.is_retracted = true;
                }
            }
            Body::ContentSeal { recipients, .. } => {
                let holders = recipients.iter().map(|recipient| recipient.party.clone());
                let holders = holders.chain([self.entry.party.clone()]).collect();
                self.state.holders.insert(self.index, holders);
            }
            Body::ContentGrant { seal, recipients } => {
                let index = self.history.index.get(seal);
                if let Some(holders) = index.and_then(|index| self.state.holders.get_mut(&index)) {
                    holders.extend(recipients.iter().map(|recipient| recipient.party.clone()));
                }
            }
            _ => {}
        }
    }

    fn open_case(&mut self, parties: &[OpeningParty]) {
        let at = self.at();
        self.state.status = Status::Open;
        for listed in parties {
            let rm = if listed.roles.contains(&Role::Finder) { Rm::Accepted } else { Rm::Received };
            let mut party = Party::new(listed.org.clone(), self.entry.author.clone());
            party.rm = rm;
            party.clocks.rm_since = at;
            party.clocks.received = (rm == Rm::Received).then_some(at);
            party.roles.clone_from(&listed.roles);
            if party.has(Role::Vendor) {
                party.vendor = Some(Vendor::new(Some(When::reported(at, None))));
            }
            self.state.parties.insert(listed.party.clone(), party);
        }
        self.state.lead = Some(Lead { party: self.entry.party.clone(), epoch: 1, since: at });
    }

    fn beat(&mut self, heartbeat_h: Option<i64>, deputies: Option<&[PartyId]>) {
        if let Some(heartbeat_h) = heartbeat_h {
            self.state.heartbeat_h = heartbeat_h;
        }
        if let Some(deputies) = deputies {
            self.state.deputies = deputies.iter().cloned().collect();
        }
    }

    fn invite(&mut self, invitation: &Invitation<'_>) {
        let at = self.at();
        let is_in_force = self.state.in_force(at).is_some();
        let is_public = self.state.exposed.contains_key(&Letter::Public);
        let new = || {
            let mut party = Party::new(invitation.org.to_owned(), invitation.hub.clone());
            if invitation.roles.contains(&Role::Finder) {
                party.rm = Rm::Accepted;
                party.clocks.rm_since = at;
            }
            party
        };
        let party = self.state.parties.entry(invitation.party.clone()).or_insert_with(new);
        party.is_removed = false;
        party.roles = invitation.roles.to_vec();
        if party.hub != *invitation.hub {
            party.hub = invitation.hub.clone();
            party.wants_hub = None;
        }
        if let Some(deploys) = invitation.deploys {
            party.deploys = deploys.to_vec();
        }
        if party.has(Role::Vendor) && party.vendor.is_none() {
            let forced = When { interval: Interval::instant(at), is_forced: true };
            party.vendor = Some(Vendor::new(is_public.then_some(forced)));
        }
        party.clocks.first_invite.get_or_insert(at);
        if is_in_force {
            party.ask(at, invitation.rsvp_at);
        }
    }

    pub(super) fn lead(&mut self, party: PartyId) {
        let epoch = self.state.lead.as_ref().map_or(0, |lead| lead.epoch) + 1;
        self.state.lead = Some(Lead { party, epoch, since: self.at() });
        // Takeovers of the epoch just begun are used up; offers stay, to be called stale.
        self.state.takeovers.clear();
    }

    /// One hub alone takes nothing over where a third takes part.
    fn take_over(&mut self, to: &PartyId) {
        let hubs = self.state.takeovers.entry(to.clone()).or_default();
        hubs.insert(self.entry.author.clone());
        let lead_hub = self.state.lead_party().map(|party| party.hub.clone());
        let Some(deputy_hub) = self.state.parties.get(to).map(|party| party.hub.clone()) else {
            return;
        };
        let is_third = |hub: &HubId| Some(hub) != lead_hub.as_ref() && *hub != deputy_hub;
        let mut taking_part = self.state.parties.values().filter(|party| !party.is_removed);
        let needs_other = taking_part.any(|party| is_third(&party.hub));
        let hubs = self.state.takeovers.get(to);
        let has_deputy = hubs.is_some_and(|hubs| hubs.contains(&deputy_hub));
        let has_other = hubs.is_some_and(|hubs| hubs.iter().any(is_third));
        if has_deputy && (has_other || !needs_other) {
            self.lead(to.clone());
        }
    }

    fn send(&mut self, to: &PartyId) {
        let at = self.at();
        self.state.sends.insert(self.index, Send { to: to.clone(), at });
        if let Some(party) = self.state.parties.get_mut(to) {
            party.clocks.first_send.get_or_insert(at);
            party.senders.insert(self.entry.party.clone());
        }
        self.accept_shortest();
    }

    fn acknowledge(&mut self, of: &super::name::EntryId) {
        let at = self.at();
        let sent = self.history.index.get(of).and_then(|index| self.state.sends.get(&index));
        let sent_at = sent.map(|send| send.at);
        if let Some(own) = self.own() {
            if let Some(sent_at) = sent_at {
                own.clocks.ack.get_or_insert(at - sent_at);
            }
            own.set_rm(own.rm.received(), at);
            own.become_aware(When::reported(at, None));
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller chose the group; the last arm is its last"
    )]
    fn vendor(&mut self, body: &Body) {
        let at = self.at();
        match body {
            Body::VendorAware { party: id, since, .. } => {
                let is_own = *id == self.entry.party;
                if let Some(party) = self.state.parties.get_mut(id) {
                    party.become_aware(When::reported(at, *since));
                    if is_own {
                        party.set_rm(party.rm.received(), at);
                    }
                }
            }
            Body::VendorStatus { party: id, status } => {
                let party = self.state.parties.get_mut(id);
                if let Some(vendor) = party.and_then(|party| party.vendor.as_mut()) {
                    vendor.status = *status;
                }
            }
            Body::FixReady { since, .. } => {
                if let Some(vendor) = self.own().and_then(|own| own.vendor.as_mut()) {
                    vendor.vfd = Vfd::Ready;
                    vendor.ready = Some(When::reported(at, *since));
                }
            }
            Body::FixDeployed { vendor: Some(id), since, .. } if *id != self.entry.party => {
                self.deployed_for(id, When::reported(at, *since));
            }
            Body::FixDeployed { since, .. } => {
                let when = When::reported(at, *since);
                if let Some(vendor) = self.own().and_then(|own| own.vendor.as_mut()) {
                    vendor.vfd = Vfd::Deployed;
                    vendor.deployed = Some(when);
                }
            }
            Body::FixIncomplete { party: id, .. } => {
                let Some(party) = self.state.parties.get_mut(id) else { return };
                party.round += 1;
                if let Some(vendor) = party.vendor.as_mut() {
                    vendor.vfd = Vfd::Aware;
                    (vendor.ready, vendor.deployed) = (None, None);
                }
            }
            _ => {}
        }
    }

    /// A deployer deployed the fix of vendor `id`; half of them make it deployed.
    fn deployed_for(&mut self, id: &PartyId, when: When) {
        let Some(round) = self.state.parties.get(id).map(|vendor| vendor.round) else { return };
        if let Some(own) = self.own() {
            own.deployed.insert(id.clone(), round);
        }
        let deployers = self
            .state
            .parties
            .values()
            .filter(|party| !party.is_removed && party.deploys.contains(id));
        let (mut all, mut done) = (0usize, 0usize);
        for deployer in deployers {
            all += 1;
            done += usize::from(deployer.deployed.get(id) == Some(&round));
        }
        let party = self.state.parties.get_mut(id);
        if let Some(vendor) = party.and_then(|party| party.vendor.as_mut())
            && vendor.vfd == Vfd::Ready
            && done * 2 >= all
        {
            vendor.vfd = Vfd::Deployed;
            vendor.deployed = Some(when);
        }
    }

    fn claim(&mut self, letter: Letter, since: Option<Interval>) {
        let at = self.at();
        let Some(own) = self.state.parties.get(&self.entry.party) else { return };
        let (hub, org) = (own.hub.clone(), own.org.clone());
        let is_confirmed = self.state.is_lead(&self.entry.party)
            || self.state.claims.values().any(|claim| {
                let is_other = claim.hub != hub && claim.org != org;
                claim.letter == letter && !claim.is_retracted && is_other
            });
        let claim = Claim {
            entry: self.entry.id.clone(),
            letter,
            party: self.entry.party.clone(),
            hub,
            org,
            at,
            is_retracted: false,
        };
        self.state.claims.insert(self.index, claim);
        if is_confirmed {
            self.state.expose(letter, When::reported(at, since), at);
        }
    }
}

impl When {
    /// What an entry reports: its interval, else its own instant.
    fn reported(at: Millis, since: Option<Interval>) -> Self {
        Self { interval: since.unwrap_or(Interval::instant(at)), is_forced: false }
    }
}

impl Vendor {
    fn new(aware: Option<When>) -> Self {
        let vfd = if aware.is_some() { Vfd::Aware } else { Vfd::Unaware };
        Self { vfd, aware, ready: None, deployed: None, status: VendorStatus::Unknown }
    }
}

impl Party {
    fn new(org: String, hub: HubId) -> Self {
        Self {
            org,
            hub,
            roles: Vec::new(),
            deploys: Vec::new(),
            rm: Rm::Start,
            vendor: None,
            deployed: std::collections::BTreeMap::new(),
            pec: super::pec::Pec::Unbound,
            rsvp_at: None,
            signed_until: None,
            round: 1,
            is_removed: false,
            wants_hub: None,
            senders: std::collections::BTreeSet::new(),
            clocks: Clocks::default(),
        }
    }

    fn set_rm(&mut self, rm: Rm, at: Millis) {
        if rm == self.rm {
            return;
        }
        self.rm = rm;
        self.clocks.rm_since = at;
        if rm == Rm::Received {
            self.clocks.received = Some(at);
        }
        if let (Rm::Valid | Rm::Invalid, Some(received)) = (rm, self.clocks.received) {
            self.clocks.validate.get_or_insert(at - received);
        }
    }

    pub(super) fn become_aware(&mut self, when: When) {
        if let Some(vendor) = self.vendor.as_mut()
            && vendor.vfd == Vfd::Unaware
        {
            vendor.vfd = Vfd::Aware;
            vendor.aware = Some(when);
        }
    }
}
