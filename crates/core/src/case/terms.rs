//! Which ends of an embargo are allowed, and who may answer them (CP-40 to CP-43, CP-47).
//!
//! Not here: what an answer changes (`apply`).

use super::body::{Body, Millis};
use super::check::{Answer, Check, require};
use super::duration::{EMBARGO_JUSTIFY_ABOVE, EMBARGO_MAX, EMBARGO_MAX_FIX_READY};
use super::em::Em;
use super::history::History;
use super::name::EntryId;
use super::past::Past;
use super::pec::Pec;
use super::rm::Rm;
use super::state::{OpenTerms, Party, State};
use super::vfd::Vfd;
use super::void::VoidCode;
use super::word::Letter;

/// An end that somebody wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) ends: Millis,
    pub(super) is_justified: bool,
}

impl State {
    /// Checks an end at the time of the entry that proposes or accepts it (CP-41).
    pub(super) fn allows(&self, wanted: Wanted, at: Millis) -> Answer {
        let Wanted { ends, is_justified } = wanted;
        require(ends > at, VoidCode::BadEnd)?;
        let happened = |letter| self.exposed.contains_key(&letter);
        require(!happened(Letter::Public) && !happened(Letter::Exploit), VoidCode::Exposed)?;
        let in_force = self.in_force(at);
        let is_shortening = in_force.is_some_and(|terms| ends < terms.ends);
        if !is_shortening {
            require(!happened(Letter::Attacks), VoidCode::Exposed)?;
            match self.least_vendor() {
                Some(Vfd::Deployed) => return Err(VoidCode::FixDeployed),
                Some(Vfd::Ready) => {
                    require(ends - at <= EMBARGO_MAX_FIX_READY, VoidCode::FixReady14Days)?;
                }
                Some(Vfd::Unaware | Vfd::Aware) | None => {}
            }
        }
        let length = ends - in_force.map_or(at, |terms| terms.starts);
        require(length <= EMBARGO_MAX, VoidCode::OverOneYear)?;
        require(length <= EMBARGO_JUSTIFY_ABOVE || is_justified, VoidCode::JustificationMissing)
    }

    /// Returns the earliest-ending proposal that `past` holds.
    pub(super) fn shortest_in(
        &self,
        history: &History,
        past: &Past,
    ) -> Option<(usize, &OpenTerms)> {
        let known = self.open.iter().filter(|(index, _)| {
            history.held.get(**index).is_some_and(|held| past.holds(held.spot))
        });
        known.min_by_key(|(index, open)| (open.ends, **index)).map(|(&index, open)| (index, open))
    }
}

impl OpenTerms {
    pub(super) fn wanted(&self) -> Wanted {
        Wanted { ends: self.ends, is_justified: self.is_justified }
    }
}

impl Check<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller chose the group; the last arm is its last"
    )]
    pub(super) fn embargo(&self, body: &Body, own: &Party) -> Answer {
        require(own.rm != Rm::Closed, VoidCode::RmClosed)?;
        let em = self.state.em_at(self.at());
        require(em != Em::Exited, VoidCode::EmbargoOver)?;
        match body {
            Body::EmbargoPropose { ends, justification } => {
                require(matches!(em, Em::None | Em::Proposed), VoidCode::WrongState)?;
                let is_justified = justification.is_some();
                self.state.allows(Wanted { ends: *ends, is_justified }, self.at())
            }
            Body::EmbargoRevise { base, ends, justification } => {
                require(em.has_terms(), VoidCode::WrongState)?;
                require(self.is_term_in_force(base), VoidCode::StaleTerms)?;
                let is_justified = justification.is_some();
                self.state.allows(Wanted { ends: *ends, is_justified }, self.at())
            }
            Body::EmbargoAccept { terms } => self.embargo_accept(terms, own, em),
            Body::EmbargoReject { terms, .. } => {
                let is_known = self.open(terms).is_some() || self.is_term_in_force(terms);
                require(is_known, VoidCode::StaleTerms)
            }
            _ => require(em.has_terms(), VoidCode::WrongState),
        }
    }

    fn embargo_accept(&self, terms: &EntryId, own: &Party, em: Em) -> Answer {
        if let Some(open) = self.open(terms) {
            self.state.allows(open.wanted(), self.at())?;
            // Nobody slips a shorter one in behind the lead's back: only its past counts.
            if self.by_lead() && em == Em::Proposed {
                let shortest = self.state.shortest_in(self.history, self.past);
                let is_shortest = shortest.is_none_or(|(_, other)| other.ends >= open.ends);
                require(is_shortest, VoidCode::ShorterOpen)?;
            }
        } else {
            require(self.is_term_in_force(terms), VoidCode::StaleTerms)?;
        }
        require(own.pec != Pec::Declined, VoidCode::Declined)
    }

    fn open(&self, terms: &EntryId) -> Option<&OpenTerms> {
        self.history.index.get(terms).and_then(|index| self.state.open.get(&index))
    }

    fn is_term_in_force(&self, id: &EntryId) -> bool {
        self.state.in_force(self.at()).is_some_and(|terms| terms.entry == *id)
    }
}

/// What a sender and a receiver who each have a usual end do (CP-47).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultTerms {
    /// Neither wants an embargo.
    None,
    /// One end for both; by `report.send` the sender accepts the receiver's.
    One(Millis),
    /// The shorter end takes force, the longer is a revision.
    ShorterThenRevision {
        /// The end that takes force.
        in_force: Millis,
        /// The end proposed as a revision.
        revision: Millis,
    },
}

impl DefaultTerms {
    /// Chooses from the sender's and the receiver's usual ends.
    #[must_use]
    pub fn of(sender: Option<Millis>, receiver: Option<Millis>) -> Self {
        match (sender, receiver) {
            (None, None) => Self::None,
            (Some(ends), None) | (None, Some(ends)) => Self::One(ends),
            (Some(a), Some(b)) if a == b => Self::One(a),
            (Some(a), Some(b)) => {
                Self::ShorterThenRevision { in_force: a.min(b), revision: a.max(b) }
            }
        }
    }
}
