//! Whether an entry counts, and if not, the first reason (CP-12, section 5).
//!
//! The order of checks is the order of codes in the table: two programs must name the same reason.
//! Not here: forks (`fork`), which are decided before, and rules of terms (`terms`).

use std::collections::BTreeSet;

use super::body::{Body, Millis, Recipient};
use super::duration::HOUR_MS;
use super::entry::{Content, Entry};
use super::history::History;
use super::kind::Kind;
use super::name::{EntryId, HubId, PartyId};
use super::past::Past;
use super::rm::Rm;
use super::state::{ClaimState, Party, State, Status, Vendor};
use super::vfd::Vfd;
use super::void::VoidCode;
use super::word::{Closing, Judgement, Letter, Role, VendorStatus};

/// What a check looks at.
pub(super) struct Check<'a> {
    pub(super) history: &'a History,
    pub(super) state: &'a State,
    pub(super) entry: &'a Entry,
    /// What the author had folded.
    pub(super) past: &'a Past,
}

pub(super) type Answer = Result<(), VoidCode>;

pub(super) fn require(holds: bool, otherwise: VoidCode) -> Answer {
    if holds { Ok(()) } else { Err(otherwise) }
}

impl<'a> Check<'a> {
    /// Returns why the entry is void; forks aside.
    pub(super) fn run(&self) -> Answer {
        self.chain()?;
        let (kind, body) = match self.entry.content() {
            Content::Unknown => return Err(VoidCode::UnknownKind),
            Content::Bad(kind) => {
                self.area(*kind)?;
                return Err(VoidCode::BadBody);
            }
            Content::Known(kind, body) => (*kind, body),
        };
        self.area(kind)?;
        if let Body::CaseOpen { parties, .. } = body {
            let is_first = self.state.status == Status::None;
            let is_bare = self.entry.seq == 0 && self.entry.seen.is_empty();
            require(is_first && is_bare, VoidCode::AlreadyOpen)?;
            let ids: BTreeSet<&PartyId> = parties.iter().map(|party| &party.party).collect();
            let is_listed = ids.contains(&self.entry.party);
            return require(is_listed && ids.len() == parties.len(), VoidCode::BadBody);
        }
        require(self.state.status != Status::None, VoidCode::NoCase)?;
        let own = self.state.parties.get(&self.entry.party).ok_or(VoidCode::UnknownParty)?;
        require(own.hub == self.entry.author, VoidCode::NotYourParty)?;
        require(!own.is_removed, VoidCode::PartyRemoved)?;
        let is_open = self.state.status == Status::Open;
        require(is_open || !kind.needs_open_case(), VoidCode::CaseNotOpen)?;
        require(self.by_lead() || !kind.is_lead_only(), VoidCode::NotLead)?;
        self.body(body, own)
    }

    fn chain(&self) -> Answer {
        let prev = self.entry.prev.as_ref().map(|id| self.history.find(id));
        match prev {
            None => require(self.entry.seq == 0, VoidCode::BrokenChain),
            Some(None) => Err(VoidCode::BrokenChain),
            Some(Some(prev)) => {
                let prev = &prev.entry;
                let is_next = prev.author == self.entry.author && prev.seq + 1 == self.entry.seq;
                require(is_next, VoidCode::BrokenChain)?;
                require(self.entry.at >= prev.at, VoidCode::TimeReversed)
            }
        }
    }

    fn area(&self, kind: Kind) -> Answer {
        let fits = self.entry.area.as_ref().is_none_or(|area| kind.fits_area(area));
        require(fits, VoidCode::WrongArea)
    }

    pub(super) fn at(&self) -> Millis {
        self.entry.at
    }

    pub(super) fn by_lead(&self) -> bool {
        self.state.is_lead(&self.entry.party)
    }

    fn is_in_force(&self) -> bool {
        self.state.in_force(self.at()).is_some()
    }

    fn index(&self, id: &EntryId) -> Option<usize> {
        self.history.index.get(id)
    }

    /// A party named in the body: it must exist and not be removed.
    fn named(&self, id: &PartyId) -> Result<&'a Party, VoidCode> {
        let party = self.state.parties.get(id).ok_or(VoidCode::UnknownParty)?;
        require(!party.is_removed, VoidCode::PartyRemoved)?;
        Ok(party)
    }

    fn body(&self, body: &Body, own: &'a Party) -> Answer {
        match body {
            Body::CaseLink { .. } => {
                require(self.state.status != Status::Merged, VoidCode::CaseNotOpen)
            }
            Body::CaseStatus { to, .. } => self.case_status(*to),
            Body::PartyInvite { party, org, hub, deploys, .. } => {
                self.party_invite(own, (party, org, hub), deploys.as_deref().unwrap_or_default())
            }
            Body::PartyRemove { party, .. } => {
                self.named(party)?;
                require(*party != self.entry.party, VoidCode::OwnParty)
            }
            Body::LeadOffer { to, epoch } => {
                self.named(to)?;
                self.epoch(*epoch)
            }
            Body::LeadAccept { offer } => self.lead_accept(offer),
            Body::LeadTakeover { to, epoch } => self.lead_takeover(to, *epoch),
            Body::ReportSend { to } => {
                require(own.rm == Rm::Accepted, VoidCode::RmNotAccepted)?;
                let to = self.named(to)?;
                require(self.state.may_get_report(to, self.at()), VoidCode::GateClosed)
            }
            Body::ReportAck { of } => {
                let send = self.index(of).and_then(|index| self.state.sends.get(&index));
                let is_mine = send.is_some_and(|send| send.to == self.entry.party);
                require(is_mine, VoidCode::NoSuchEntry)
            }
            Body::ReportJudge { to, .. } => {
                require(own.rm.judged(*to).is_some(), VoidCode::WrongState)?;
                let may_close = *to != Judgement::Closed || !self.is_in_force();
                require(may_close, VoidCode::EmbargoHolds)
            }
            Body::EmbargoPropose { .. }
            | Body::EmbargoRevise { .. }
            | Body::EmbargoAccept { .. }
            | Body::EmbargoReject { .. }
            | Body::EmbargoEnd { .. } => self.embargo(body, own),
            Body::VendorAware { .. }
            | Body::VendorStatus { .. }
            | Body::FixReady { .. }
            | Body::FixDeployed { .. }
            | Body::FixIncomplete { .. } => self.vendor(body, own),
            Body::ExposureRetract { claim } => self.exposure_retract(claim),
            Body::ContentSeal { recipients, .. } => {
                require(own.rm != Rm::Start, VoidCode::GateClosed)?;
                self.recipients(recipients)
            }
            Body::ContentGrant { seal, recipients } => self.content_grant(own, seal, recipients),
            Body::PublishPlan { publish_at, publisher, .. } => {
                self.named(publisher)?;
                let terms = self.state.in_force(self.at());
                require(terms.is_none_or(|terms| *publish_at >= terms.ends), VoidCode::BeforeEnd)
            }
            Body::CaseOpen { .. }
            | Body::PartyMove { .. }
            | Body::LeadBeat { .. }
            | Body::ExposureClaim { .. }
            | Body::DutyRecord { .. }
            | Body::Note { .. }
            | Body::Ack { .. }
            | Body::Fault { .. } => Ok(()),
        }
    }

    fn case_status(&self, to: Closing) -> Answer {
        let changes = match to {
            Closing::Open => self.state.status == Status::Closed,
            Closing::Closed => self.state.status == Status::Open,
        };
        require(changes, VoidCode::WrongState)?;
        require(to == Closing::Open || !self.is_in_force(), VoidCode::EmbargoHolds)
    }

    fn party_invite(
        &self,
        own: &Party,
        (id, org, hub): (&PartyId, &str, &HubId),
        deploys: &[PartyId],
    ) -> Answer {
        require(own.rm == Rm::Accepted, VoidCode::RmNotAccepted)?;
        let is_vendor =
            |id: &PartyId| self.state.parties.get(id).is_some_and(|party| party.has(Role::Vendor));
        require(deploys.iter().all(is_vendor), VoidCode::NotVendor)?;
        let Some(known) = self.state.parties.get(id) else { return Ok(()) };
        // A forker's parties may be saved at another hub, by a lead who has seen the proof.
        let may_move = known.hub == *hub
            || known.wants_hub.as_ref() == Some(hub)
            || self.history.pair_in(self.past, &known.hub).is_some();
        require(known.org == org && may_move, VoidCode::PartyExists)
    }

    fn epoch(&self, epoch: i64) -> Answer {
        let present = self.state.lead.as_ref().map_or(0, |lead| lead.epoch);
        require(epoch == present + 1, VoidCode::StaleEpoch)
    }

    fn lead_accept(&self, offer: &EntryId) -> Answer {
        let offer = self.index(offer).and_then(|index| self.state.offers.get(&index));
        let (to, epoch) = offer.ok_or(VoidCode::NoSuchEntry)?;
        require(*to == self.entry.party, VoidCode::NotAllowed)?;
        self.epoch(*epoch)
    }

    fn lead_takeover(&self, to: &PartyId, epoch: i64) -> Answer {
        self.named(to)?;
        self.epoch(epoch)?;
        require(self.state.deputies.contains(to), VoidCode::NotDeputy)?;
        let (Some(lead), Some(party)) = (&self.state.lead, self.state.lead_party()) else {
            return Err(VoidCode::NotAllowed);
        };
        require(self.entry.author != party.hub, VoidCode::NotAllowed)?;
        // Judged in the author's past: else a late entry of the lead would rewrite history.
        let heard = self.history.newest_in(self.past, &party.hub, &lead.party);
        let silent_from = heard.unwrap_or(lead.since) + self.state.heartbeat_h * HOUR_MS;
        let is_forker = self.history.pair_in(self.past, &party.hub).is_some();
        require(silent_from <= self.at() || is_forker, VoidCode::LeadNotSilent)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller chose the group; the last arm is its last"
    )]
    fn vendor(&self, body: &Body, own: &'a Party) -> Answer {
        let of = |party: &'a Party| party.vendor().ok_or(VoidCode::NotVendor);
        let is_own = |id: &PartyId| *id == self.entry.party;
        match body {
            Body::VendorAware { party: id, .. } => {
                let party = self.named(id)?;
                of(party)?;
                let is_sender = party.senders.contains(&self.entry.party);
                require(is_own(id) || self.by_lead() || is_sender, VoidCode::NotAllowed)
            }
            Body::VendorStatus { party: id, status } => {
                of(self.named(id)?)?;
                let may = is_own(id) && *status != VendorStatus::Unresponsive;
                require(may || self.by_lead(), VoidCode::NotAllowed)
            }
            Body::FixReady { .. } => {
                require(of(own)?.vfd == Vfd::Aware, VoidCode::WrongState)?;
                let is_engaged = matches!(own.rm, Rm::Accepted | Rm::Deferred | Rm::Closed);
                require(is_engaged, VoidCode::RmNotEngaged)
            }
            Body::FixIncomplete { party: id, .. } => {
                let vendor = of(self.named(id)?)?;
                require(is_own(id) || self.by_lead(), VoidCode::NotAllowed)?;
                let is_public = self.state.exposed.contains_key(&Letter::Public);
                require(!is_public, VoidCode::Exposed)?;
                require(vendor.vfd >= Vfd::Ready, VoidCode::WrongState)
            }
            Body::FixDeployed { vendor: Some(id), .. } if !is_own(id) => {
                self.deployed_by_deployer(own, id)
            }
            _ => deployed_by_vendor(body, of(own)?),
        }
    }

    fn deployed_by_deployer(&self, own: &Party, id: &PartyId) -> Answer {
        require(own.deploys.contains(id), VoidCode::NotAllowed)?;
        let party = self.named(id)?;
        let vendor = party.vendor().ok_or(VoidCode::NotVendor)?;
        let is_first = own.deployed.get(id) != Some(&party.round);
        require(is_first, VoidCode::WrongState)?;
        require(vendor.vfd >= Vfd::Ready, VoidCode::NoFix)
    }

    fn exposure_retract(&self, claim: &EntryId) -> Answer {
        let claim = self.index(claim).and_then(|index| self.state.claims.get(&index));
        let claim = claim.ok_or(VoidCode::NoSuchEntry)?;
        require(claim.party == self.entry.party, VoidCode::NotAllowed)?;
        require(self.state.claim_state(claim) != ClaimState::Canonical, VoidCode::TooLate)
    }

    fn content_grant(&self, own: &Party, seal: &EntryId, recipients: &[Recipient]) -> Answer {
        let holders = self.index(seal).and_then(|index| self.state.holders.get(&index));
        let holders = holders.ok_or(VoidCode::NoSuchEntry)?;
        require(holders.contains(&self.entry.party), VoidCode::NotAllowed)?;
        // A holder has received the report; said again so that the rule does not rest on it.
        require(own.rm != Rm::Start, VoidCode::GateClosed)?;
        self.recipients(recipients)
    }

    /// Code by code, not recipient by recipient: the first code of the table is named.
    fn recipients(&self, recipients: &[Recipient]) -> Answer {
        let parties: Vec<(&Recipient, &Party)> = recipients
            .iter()
            .map(|recipient| {
                let party = self.state.parties.get(&recipient.party);
                Ok((recipient, party.ok_or(VoidCode::UnknownParty)?))
            })
            .collect::<Result<_, VoidCode>>()?;
        require(parties.iter().all(|(_, party)| !party.is_removed), VoidCode::PartyRemoved)?;
        let passes_gate = |(recipient, party): &(&Recipient, &Party)| {
            recipient.party == self.entry.party
                || (self.state.gate(party, self.at())
                    && self.history.pair_in(self.past, &party.hub).is_none())
        };
        require(parties.iter().all(passes_gate), VoidCode::GateClosed)?;
        let has_pass = |(recipient, party): &(&Recipient, &Party)| {
            party.hub == self.entry.author || recipient.pass.is_some()
        };
        require(parties.iter().all(has_pass), VoidCode::PassMissing)
    }
}

fn deployed_by_vendor(body: &Body, vendor: &Vendor) -> Answer {
    let is_hosted = matches!(body, Body::FixDeployed { hosted: Some(true), .. });
    require(is_hosted, VoidCode::NotHosted)?;
    require(vendor.vfd == Vfd::Ready, VoidCode::WrongState)
}
