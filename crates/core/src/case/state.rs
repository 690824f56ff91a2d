//! What a case is after its entries: lead, parties, embargo, exposure, links.
//!
//! It knows no now; `view` adds one. Not here: what moves it (`check`, `apply`).

use std::collections::{BTreeMap, BTreeSet};

use super::body::{Interval, Link, Millis};
use super::em::Em;
use super::name::{EntryId, HubId, PartyId};
use super::pec::Pec;
use super::pxa::Pxa;
use super::rm::Rm;
use super::vfd::Vfd;
use super::word::{Letter, Role, VendorStatus};

/// Where the case itself stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// No `case.open` stands.
    #[default]
    None,
    /// Open.
    Open,
    /// Closed by the lead; may be opened again.
    Closed,
    /// Continued in another case; final.
    Merged,
}

impl Status {
    /// Returns the word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }
}

/// Who coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The party.
    pub party: PartyId,
    /// 1 at opening, one more with each hand-over.
    pub epoch: i64,
    /// `at` of the entry that made it the lead.
    pub since: Millis,
}

/// The terms in force, or the last that were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The proposal or revision.
    pub entry: EntryId,
    /// When the embargo took force; a revision does not change it.
    pub starts: Millis,
    /// When it ends by itself.
    pub ends: Millis,
}

/// A proposal or revision on the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTerms {
    /// The entry.
    pub entry: EntryId,
    /// Who made it.
    pub proposer: PartyId,
    /// Its author's clock.
    pub at: Millis,
    /// The end it wants.
    pub ends: Millis,
    /// Whether it gives a reason for a long term.
    pub is_justified: bool,
    /// Who accepted it so far.
    pub accepted: BTreeSet<PartyId>,
}

/// Something that happened in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// When.
    pub interval: Interval,
    /// Forced by another event, after which it comes (V by P, P by X).
    pub is_forced: bool,
}

/// A letter that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// When it happened.
    pub when: When,
    /// `at` of the entry that made it canonical.
    pub at: Millis,
}

/// A claim of P, X or A.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The entry.
    pub entry: EntryId,
    /// What is claimed.
    pub letter: Letter,
    /// By whom.
    pub party: PartyId,
    /// Its hub then.
    pub hub: HubId,
    /// Its organisation.
    pub org: String,
    /// The author's clock.
    pub at: Millis,
    /// Whether the claimant took it back.
    pub is_retracted: bool,
}

/// Whether a claim counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimState {
    /// One hub or organisation alone says so.
    Contested,
    /// It counts.
    Canonical,
    /// Taken back.
    Retracted,
}

impl ClaimState {
    /// Returns the word of the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contested => "contested",
            Self::Canonical => "canonical",
            Self::Retracted => "retracted",
        }
    }
}

/// What a party is as a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// Its remedy.
    pub vfd: Vfd,
    /// When it became aware.
    pub aware: Option<When>,
    /// When the fix of the last round was ready.
    pub ready: Option<When>,
    /// When the fix of the last round was deployed.
    pub deployed: Option<When>,
    /// What it says of itself.
    pub status: VendorStatus,
}

/// Facts of a party that only times and tasks need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// `at` of its last move in report management.
    pub rm_since: Millis,
    /// `at` of its first invitation to the case.
    pub first_invite: Option<Millis>,
    /// `at` of the first report sent to it.
    pub first_send: Option<Millis>,
    /// Greatest `at` of the standing entries made for it, at whatever hub.
    pub latest: Option<Millis>,
    /// `at` at which it last became Invited.
    pub invited: Option<Millis>,
    /// From `invited` to the next accept or reject.
    pub answer: Option<Millis>,
    /// From the report sent to its first acknowledgement.
    pub ack: Option<Millis>,
    /// `at` of its entry into R.
    pub received: Option<Millis>,
    /// From there to V or I.
    pub validate: Option<Millis>,
}

/// One party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its organisation.
    pub org: String,
    /// The hub that hosts it.
    pub hub: HubId,
    /// Its roles, as listed.
    pub roles: Vec<Role>,
    /// Vendors whose fix it deploys.
    pub deploys: Vec<PartyId>,
    /// Report management.
    pub rm: Rm,
    /// Its remedy; `None` unless it is a vendor.
    pub vendor: Option<Vendor>,
    /// Vendors whose fix it deployed, with their round then.
    pub deployed: BTreeMap<PartyId, i64>,
    /// Consent.
    pub pec: Pec,
    /// When an invitation lapses into silence.
    pub rsvp_at: Option<Millis>,
    /// The end it last signed.
    pub signed_until: Option<Millis>,
    /// 1, one more with each incomplete fix.
    pub round: i64,
    /// Removed: no voice, no content.
    pub is_removed: bool,
    /// The hub it asked to move to.
    pub wants_hub: Option<HubId>,
    /// Parties that sent it the report.
    pub senders: BTreeSet<PartyId>,
    /// Times.
    pub clocks: Clocks,
}

impl Party {
    /// Tells whether it has `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Returns what it is as a vendor, if its roles say so now.
    #[must_use]
    pub fn vendor(&self) -> Option<&Vendor> {
        self.vendor.as_ref().filter(|_| self.has(Role::Vendor))
    }
}

/// The state of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Open, closed, merged.
    pub status: Status,
    /// The lead; `None` before `case.open`.
    pub lead: Option<Lead>,
    /// Hours of silence after which deputies may take over.
    pub heartbeat_h: i64,
    /// Who may.
    pub deputies: BTreeSet<PartyId>,
    /// The embargo.
    pub em: Em,
    /// Every symbol it took.
    pub em_log: String,
    /// Terms in force, or last.
    pub terms: Option<Terms>,
    /// What the world knows, and since when.
    pub exposed: BTreeMap<Letter, Exposed>,
    /// Ties to other cases, in order.
    pub links: Vec<Link>,
    /// Every party that ever was.
    pub parties: BTreeMap<PartyId, Party>,
    /// By index of the entry, so in order.
    pub(super) open: BTreeMap<usize, OpenTerms>,
    pub(super) claims: BTreeMap<usize, Claim>,
    /// Whom each `report.send` was for.
    pub(super) sends: BTreeMap<usize, Send>,
    /// Who holds the key of each seal.
    pub(super) holders: BTreeMap<usize, BTreeSet<PartyId>>,
    pub(super) offers: BTreeMap<usize, (PartyId, i64)>,
    /// Hubs that wrote a takeover of the next epoch, by its `to`.
    pub(super) takeovers: BTreeMap<PartyId, BTreeSet<HubId>>,
}

/// A report sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Send {
    pub(super) to: PartyId,
    pub(super) at: Millis,
}

impl State {
    /// Returns the embargo as an entry or reader at `at` meets it: past the end it is over.
    #[must_use]
    pub fn em_at(&self, at: Millis) -> Em {
        let is_past = self.terms.as_ref().is_some_and(|terms| at >= terms.ends);
        if self.em.has_terms() && is_past { Em::Exited } else { self.em }
    }

    /// Returns the terms in force at `at`.
    #[must_use]
    pub fn in_force(&self, at: Millis) -> Option<&Terms> {
        self.terms.as_ref().filter(|_| self.em_at(at).has_terms())
    }

    /// Returns what the world knows.
    #[must_use]
    pub fn pxa(&self) -> Pxa {
        self.exposed.keys().fold(Pxa::default(), |pxa, &letter| pxa.with(letter))
    }

    /// Returns the party that leads.
    #[must_use]
    pub fn lead_party(&self) -> Option<&Party> {
        self.lead.as_ref().and_then(|lead| self.parties.get(&lead.party))
    }

    /// Tells whether `party` leads.
    #[must_use]
    pub fn is_lead(&self, party: &PartyId) -> bool {
        self.lead.as_ref().is_some_and(|lead| lead.party == *party)
    }

    /// Returns proposals and revisions on the table, in order.
    pub fn open_terms(&self) -> impl Iterator<Item = &OpenTerms> {
        self.open.values()
    }

    /// Returns the claims, in order, with what they count.
    pub fn claims(&self) -> impl Iterator<Item = (&Claim, ClaimState)> {
        self.claims.values().map(|claim| (claim, self.claim_state(claim)))
    }

    /// Once a letter counts, every claim of it not taken back does.
    pub(super) fn claim_state(&self, claim: &Claim) -> ClaimState {
        if claim.is_retracted {
            ClaimState::Retracted
        } else if self.exposed.contains_key(&claim.letter) {
            ClaimState::Canonical
        } else {
            ClaimState::Contested
        }
    }

    /// The content gate of CP-33, the flag of its hub aside.
    #[must_use]
    pub fn gate(&self, party: &Party, at: Millis) -> bool {
        !party.is_removed && party.rm != Rm::Start && self.may_get_report(party, at)
    }

    /// Signatory, or nothing to sign.
    pub(super) fn may_get_report(&self, party: &Party, at: Millis) -> bool {
        party.pec == Pec::Signatory || self.in_force(at).is_none()
    }

    /// Returns the remedy of the least advanced vendor that an embargo protects.
    pub(super) fn least_vendor(&self) -> Option<Vfd> {
        let protected = self.parties.values().filter(|party| !party.is_removed);
        let vendors = protected.filter_map(Party::vendor);
        let counted = vendors.filter(|vendor| vendor.status != VendorStatus::NotAffected);
        counted.map(|vendor| vendor.vfd).min()
    }
}
