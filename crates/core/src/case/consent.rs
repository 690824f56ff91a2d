//! How terms take force and end, and what that does to everybody's consent (CP-31, CP-40, CP-43, CP-46).
//!
//! Not here: whether a proposal or answer is allowed (`terms`).

use std::collections::BTreeSet;

use super::apply::Apply;
use super::body::{Body, Millis};
use super::duration::{RSVP_DEFAULT, RSVP_MIN};
use super::em::{Em, Symbol};
use super::name::PartyId;
use super::pec::{Pec, Trigger};
use super::state::{Exposed, OpenTerms, Party, State, Terms, When};
use super::word::Letter;

impl Apply<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller chose the group; the last arm is its last"
    )]
    pub(super) fn embargo(&mut self, body: &Body) {
        match body {
            Body::EmbargoPropose { ends, justification }
            | Body::EmbargoRevise { ends, justification, .. } => {
                let open = OpenTerms {
                    entry: self.entry.id.clone(),
                    proposer: self.entry.party.clone(),
                    at: self.at(),
                    ends: *ends,
                    is_justified: justification.is_some(),
                    accepted: BTreeSet::from([self.entry.party.clone()]),
                };
                self.state.open.insert(self.index, open);
                self.state.move_embargo(Symbol::Propose);
            }
            Body::EmbargoAccept { terms } => {
                self.answered();
                match self.history.index.get(terms) {
                    Some(index) if self.state.open.contains_key(&index) => self.accept(index),
                    _ => self.sign(),
                }
            }
            Body::EmbargoReject { terms, .. } => {
                self.answered();
                match self.history.index.get(terms) {
                    Some(index) if self.state.open.contains_key(&index) => self.reject(index),
                    _ => self.give_notice(),
                }
            }
            _ => self.state.move_embargo(Symbol::Terminate),
        }
    }

    /// An answer ends the wait that began when the party was last invited.
    fn answered(&mut self) {
        let at = self.at();
        if let Some(own) = self.state.parties.get_mut(&self.entry.party)
            && let Some(invited) = own.clocks.invited
        {
            own.clocks.answer.get_or_insert(at - invited);
        }
    }

    fn accept(&mut self, index: usize) {
        let lead = self.state.lead.as_ref().map(|lead| lead.party.clone());
        let Some(open) = self.state.open.get_mut(&index) else { return };
        open.accepted.insert(self.entry.party.clone());
        let Some(lead) = lead.filter(|lead| open.accepted.contains(lead)) else { return };
        let org = |party: &PartyId| self.state.parties.get(party).map(|party| &party.org);
        let lead_org = org(&lead);
        if open.accepted.iter().any(|party| org(party) != lead_org) {
            self.state.adopt(index, self.entry.at);
        }
    }

    /// `report.send` accepts the earliest-ending proposal that its author had folded.
    pub(super) fn accept_shortest(&mut self) {
        if self.state.em != Em::Proposed {
            return;
        }
        let shortest = self.state.shortest_in(self.history, self.past);
        let allowed =
            shortest.filter(|(_, open)| self.state.allows(open.wanted(), self.entry.at).is_ok());
        if let Some((index, _)) = allowed {
            self.accept(index);
        }
    }

    fn sign(&mut self) {
        let ends = self.state.terms.as_ref().map(|terms| terms.ends);
        if let Some(own) = self.state.parties.get_mut(&self.entry.party) {
            own.consent(Trigger::Accept);
            own.signed_until = ends;
        }
    }

    fn give_notice(&mut self) {
        if let Some(own) = self.state.parties.get_mut(&self.entry.party) {
            own.consent(Trigger::Reject);
        }
    }

    fn reject(&mut self, index: usize) {
        let is_proposer = |open: &OpenTerms| open.proposer == self.entry.party;
        let may_close = self.state.is_lead(&self.entry.party)
            || self.state.open.get(&index).is_some_and(is_proposer);
        if !may_close {
            return;
        }
        self.state.open.remove(&index);
        if self.state.open.is_empty() {
            self.state.move_embargo(Symbol::Reject);
        }
    }

    /// An absorbed case brings its end: the earlier holds.
    pub(super) fn shorten(&mut self, ends: Millis) {
        if self.state.in_force(self.entry.at).is_some()
            && let Some(terms) = &mut self.state.terms
        {
            terms.ends = terms.ends.min(ends);
        }
    }
}

impl State {
    /// Moves the embargo and writes its log; a symbol without a move changes nothing.
    fn move_embargo(&mut self, symbol: Symbol) {
        let Some(em) = self.em.after(symbol) else { return };
        self.em = em;
        self.em_log.push(symbol.letter());
        if matches!(em, Em::None | Em::Exited) {
            self.open.clear();
        }
        if em == Em::Exited {
            for party in self.parties.values_mut() {
                party.consent(Trigger::EmbargoOver);
            }
        }
    }

    /// Puts an open proposal or revision in force; the others close.
    fn adopt(&mut self, index: usize, at: Millis) {
        let Some(adopted) = self.open.get(&index).cloned() else { return };
        let is_revision = self.em.has_terms();
        let signatories: BTreeSet<PartyId> = if is_revision {
            adopted.accepted
        } else {
            let no_earlier = self.open.values().filter(|open| open.ends >= adopted.ends);
            no_earlier.flat_map(|open| open.accepted.iter().cloned()).collect()
        };
        for (id, party) in &mut self.parties {
            if signatories.contains(id) {
                // Consent was given before: also by a party that declined the former terms.
                party.pec = Pec::Signatory;
                party.rsvp_at = None;
                party.signed_until = Some(adopted.ends);
            } else if !is_revision || party.pec == Pec::Unbound {
                party.ask(at, None);
            } else {
                party.consent(Trigger::AdoptWithout);
            }
        }
        let starts = match &self.terms {
            Some(terms) if is_revision => terms.starts,
            _ => at,
        };
        self.terms = Some(Terms { entry: adopted.entry, starts, ends: adopted.ends });
        self.open.clear();
        self.move_embargo(Symbol::Accept);
    }

    /// Makes a letter count: exposure first, then the embargo (CP-31).
    pub(super) fn expose(&mut self, letter: Letter, when: When, at: Millis) {
        self.exposed.entry(letter).or_insert(Exposed { when, at });
        if letter == Letter::Attacks {
            if let Some(symbol) = self.em.on_attacks() {
                self.move_embargo(symbol);
            }
            return;
        }
        // An exploit tells the flaw.
        let forced = When { is_forced: true, ..when };
        self.exposed.entry(Letter::Public).or_insert(Exposed { when: forced, at });
        let public = self.exposed.get(&Letter::Public).map(|exposed| exposed.when.interval);
        let interval = public.unwrap_or(when.interval);
        for party in self.parties.values_mut() {
            party.become_aware(When { interval, is_forced: true });
        }
        if let Some(symbol) = self.em.on_public() {
            self.move_embargo(symbol);
        }
    }
}

impl Party {
    /// Asks for consent to terms in force; a Signatory is not asked again.
    pub(super) fn ask(&mut self, at: Millis, rsvp_at: Option<Millis>) {
        if self.consent(Trigger::Invite) {
            let rsvp_at = rsvp_at.map(|own| own.max(at + RSVP_MIN));
            self.rsvp_at = Some(rsvp_at.unwrap_or(at + RSVP_DEFAULT));
            self.clocks.invited = Some(at);
            self.clocks.answer = None;
        }
    }

    /// Moves consent, if the machine has such a move.
    fn consent(&mut self, trigger: Trigger) -> bool {
        let Some(pec) = self.pec.after(trigger) else { return false };
        self.pec = pec;
        if pec != Pec::Invited {
            self.rsvp_at = None;
        }
        true
    }
}
