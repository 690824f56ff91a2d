//! Entries that hand content to another hub, and the proof that each does so under a pass (SH-22 to SH-26).
//!
//! A hub writes a [`Cleared`] entry and no other. One that hands nothing across is cleared by looking; one
//! that seals content for another hub is cleared by the [`Outgoing`] content, which only a used-up
//! [`Pass`](super::Pass) makes; one that names a pass already on record is cleared by that record.
//!
//! Nobody clears an entry by hand:
//!
//! ```compile_fail,E0451
//! use comity_core::case::entry::Entry;
//! use comity_core::sharing::Cleared;
//! fn forge(entry: Entry) -> Cleared {
//!     Cleared { entry }
//! }
//! ```
//!
//! and what a pass says is no outgoing content:
//!
//! ```compile_fail,E0308
//! use comity_core::case::{Case, entry::Entry};
//! use comity_core::sharing::{Cleared, PassBody};
//! fn with_words_alone(case: &Case, entry: Entry, pass: &PassBody) {
//!     drop(Cleared::sealing(case, entry, pass));
//! }
//! ```

use std::collections::BTreeSet;

use super::instant::Instant;
use super::pass::{Outgoing, PassBody, PassRefusal};
use super::policy::Policy;
use super::word::Tier;
use crate::case::Case;
use crate::case::body::{Body, Recipient};
use crate::case::entry::{Content, Entry};
use crate::case::name::EntryId;
use crate::case::void::VoidCode;
use crate::case::word::{Compartment, Word as _};
use crate::report;

/// An entry that the case protocol allows and that hands nothing to another hub without a pass.
///
/// Invariant: only the functions here make one.
#[derive(Clone, Debug)]
pub struct Cleared {
    entry: Entry,
}

/// A pass on record, with what was sealed under it.
#[derive(Clone, Debug)]
pub struct StandingPass {
    /// SHA-256 of the signed pass: what entries name.
    pub id: String,
    /// What it says.
    pub body: PassBody,
    /// Whether it was withdrawn.
    pub is_revoked: bool,
    /// The commitments of what was sealed under it.
    pub sealed: BTreeSet<String>,
}

/// Why an entry is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrossingRefusal {
    /// The pass it needs is not there, or is for something else.
    #[error(transparent)]
    Pass(#[from] PassRefusal),
    /// The case protocol does not allow it.
    #[error("the case does not allow the entry")]
    Void(VoidCode),
}

impl CrossingRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pass(refusal) => refusal.code(),
            Self::Void(code) => code.code(),
        }
    }
}

/// One thing that an entry hands to one party of another hub.
struct Crossing<'e> {
    org: &'e str,
    hub: &'e str,
    pass: Option<&'e str>,
    object: Object<'e>,
}

#[derive(Clone, Copy)]
enum Object<'e> {
    /// An invitation that says it comes with content.
    Invitation,
    /// Sealed content.
    Seal { compartment: Compartment, commitment: &'e str },
}

impl Cleared {
    /// Clears an entry under passes on record; `find` gives the one that an id names.
    pub fn within<'p>(
        case: &Case,
        entry: Entry,
        find: impl Fn(&str) -> Option<&'p StandingPass>,
        (policy, now): (&Policy, Instant),
    ) -> Result<Self, CrossingRefusal> {
        case.decide(&entry).map_err(CrossingRefusal::Void)?;
        for crossing in crossings(case, &entry) {
            crossing.check(&find, policy, now)?;
        }
        Ok(Self { entry })
    }

    /// Clears an entry that seals outgoing content.
    pub fn sealing(
        case: &Case,
        entry: Entry,
        outgoing: &Outgoing,
    ) -> Result<Self, CrossingRefusal> {
        case.decide(&entry).map_err(CrossingRefusal::Void)?;
        for crossing in crossings(case, &entry) {
            if crossing.pass != Some(outgoing.id()) {
                return Err(PassRefusal::Missing.into());
            }
            let body = outgoing.pass();
            if (body.org(), body.hub()) != (crossing.org, crossing.hub) {
                return Err(PassRefusal::Recipient.into());
            }
        }
        Ok(Self { entry })
    }

    /// Says under which refusal an entry that stands would not be written: the check of the fold, made again
    /// with what this hub has on record.
    pub fn recheck<'p>(
        case: &Case,
        entry: &Entry,
        find: impl Fn(&str) -> Option<&'p StandingPass>,
        policy: &Policy,
    ) -> Result<(), PassRefusal> {
        // What was open when it was written is not held against it later.
        for crossing in crossings(case, entry) {
            let named = crossing.pass.ok_or(PassRefusal::Missing)?;
            let standing = find(named).ok_or(PassRefusal::Missing)?;
            crossing.fits(standing, policy)?;
        }
        Ok(())
    }

    /// Returns the entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }
}

impl Crossing<'_> {
    fn check<'p>(
        &self,
        find: &impl Fn(&str) -> Option<&'p StandingPass>,
        policy: &Policy,
        now: Instant,
    ) -> Result<(), PassRefusal> {
        let named = match (self.pass, self.object) {
            // An invitation alone carries no content.
            (None, Object::Invitation) => return Ok(()),
            (None, Object::Seal { .. }) => return Err(PassRefusal::Missing),
            (Some(named), _) => named,
        };
        let standing = find(named).ok_or(PassRefusal::Missing)?;
        if standing.is_revoked {
            return Err(PassRefusal::Revoked);
        }
        self.fits(standing, policy)?;
        if standing.body.not_before().is_some_and(|not_before| now < not_before) {
            return Err(PassRefusal::Early);
        }
        if standing.body.expires() <= now {
            return Err(PassRefusal::Expired);
        }
        Ok(())
    }

    /// Whether the pass is for this recipient and this object.
    fn fits(&self, standing: &StandingPass, policy: &Policy) -> Result<(), PassRefusal> {
        let body = &standing.body;
        if (body.org(), body.hub()) != (self.org, self.hub) {
            return Err(PassRefusal::Recipient);
        }
        let Object::Seal { compartment, commitment } = self.object else { return Ok(()) };
        if tier_of_compartment(compartment, policy).is_none_or(|tier| body.tier() < tier) {
            return Err(PassRefusal::Tier);
        }
        if !standing.sealed.contains(commitment) {
            return Err(PassRefusal::Object);
        }
        Ok(())
    }
}

/// Returns the lowest tier that lets anything of a compartment out; none if nothing ever leaves.
#[must_use]
pub fn tier_of_compartment(compartment: Compartment, policy: &Policy) -> Option<Tier> {
    let member = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    policy
        .fields
        .iter()
        .filter(|(path, _)| {
            report::Compartment::of_member(&member(path)).key() == compartment.as_str()
        })
        .map(|(_, tier)| *tier)
        .min()
}

/// Returns what an entry hands to other hubs.
fn crossings<'e>(case: &'e Case, entry: &'e Entry) -> Vec<Crossing<'e>> {
    let Content::Known(_, body) = entry.content() else { return Vec::new() };
    match body {
        Body::ContentSeal { compartment, commitment, recipients, .. } => {
            let object =
                Object::Seal { compartment: *compartment, commitment: commitment.as_str() };
            across(case, entry, recipients, object)
        }
        Body::ContentGrant { seal, recipients } => match sealed(case, seal) {
            Some(object) => across(case, entry, recipients, object),
            None => Vec::new(),
        },
        Body::PartyInvite { org, hub, pass: Some(pass), .. } if *hub != entry.author => {
            vec![Crossing {
                org,
                hub: hub.as_str(),
                pass: Some(pass.as_str()),
                object: Object::Invitation,
            }]
        }
        Body::CaseOpen { .. }
        | Body::CaseLink { .. }
        | Body::CaseStatus { .. }
        | Body::PartyInvite { .. }
        | Body::PartyMove { .. }
        | Body::PartyRemove { .. }
        | Body::LeadBeat { .. }
        | Body::LeadOffer { .. }
        | Body::LeadAccept { .. }
        | Body::LeadTakeover { .. }
        | Body::ReportSend { .. }
        | Body::ReportAck { .. }
        | Body::ReportJudge { .. }
        | Body::EmbargoPropose { .. }
        | Body::EmbargoRevise { .. }
        | Body::EmbargoAccept { .. }
        | Body::EmbargoReject { .. }
        | Body::EmbargoEnd { .. }
        | Body::VendorAware { .. }
        | Body::VendorStatus { .. }
        | Body::FixReady { .. }
        | Body::FixDeployed { .. }
        | Body::FixIncomplete { .. }
        | Body::ExposureClaim { .. }
        | Body::ExposureRetract { .. }
        | Body::DutyRecord { .. }
        | Body::PublishPlan { .. }
        | Body::Note { .. }
        | Body::Ack { .. }
        | Body::Fault { .. } => Vec::new(),
    }
}

/// Returns what a seal that stands holds.
fn sealed<'c>(case: &'c Case, seal: &EntryId) -> Option<Object<'c>> {
    match case.entry(seal)?.content() {
        Content::Known(_, Body::ContentSeal { compartment, commitment, .. }) => {
            Some(Object::Seal { compartment: *compartment, commitment: commitment.as_str() })
        }
        Content::Known(..) | Content::Bad(_) | Content::Unknown => None,
    }
}

fn across<'e>(
    case: &'e Case,
    entry: &'e Entry,
    recipients: &'e [Recipient],
    object: Object<'e>,
) -> Vec<Crossing<'e>> {
    recipients
        .iter()
        .filter_map(|recipient| {
            let party = case.state().parties.get(&recipient.party)?;
            (party.hub != entry.author).then(|| Crossing {
                org: &party.org,
                hub: party.hub.as_str(),
                pass: recipient.pass.as_ref().map(EntryId::as_str),
                object,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharing::Policies;

    #[test]
    fn each_compartment_begins_at_its_tier_and_two_never_leave() {
        let policies = Policies::embedded().unwrap();
        let tier = |compartment| tier_of_compartment(compartment, policies.current());
        assert_eq!(tier(Compartment::Abstract), Some(Tier::T1));
        assert_eq!(tier(Compartment::Affected), Some(Tier::T1));
        assert_eq!(tier(Compartment::Technical), Some(Tier::T1));
        assert_eq!(tier(Compartment::Reproduction), Some(Tier::T3));
        assert_eq!(tier(Compartment::Evidence), Some(Tier::T3));
        assert_eq!(tier(Compartment::Identity), None);
        assert_eq!(tier(Compartment::Deliberation), None);
    }
}
