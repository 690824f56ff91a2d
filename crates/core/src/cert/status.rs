//! A jurisdiction's status on a day, as known at an instant (CT-28).
//!
//! A wind-down or a stay gives the trade effect of the register without the event, so the rule is applied
//! again with that event taken out, step by step and without recursion. Not here: how events come about.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::day::{Day, Instant};
use super::jurisdiction::JurisdictionUrn;
use super::register::{Effect, Event, Extension, Register};
use super::word::{Status, TradeEffect};
use crate::refusal::Refusal;

/// A status and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: Status,
    /// Its first day.
    pub since: Option<Day>,
    /// The last day of the certificate.
    pub valid_until: Option<Day>,
    /// The event that decides.
    pub event: Option<String>,
    /// The source whose status is extended to the jurisdiction.
    pub via: Option<JurisdictionUrn>,
    /// The event's reason, or `VALIDITY_ENDED`.
    pub reason: Option<String>,
    /// Whether trade follows the status.
    pub trade: TradeEffect,
    /// The status that trade follows.
    pub trade_status: Status,
    /// The last day of the stay or wind-down.
    pub trade_until: Option<Day>,
}

/// The answer of `comity cert status`.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    #[serde(rename = "type")]
    kind: &'static str,
    jurisdiction: JurisdictionUrn,
    standard: String,
    valid_at: Day,
    known_at: Instant,
    status: Status,
    since: Option<Day>,
    valid_until: Option<Day>,
    event: Option<String>,
    via: Option<JurisdictionUrn>,
    reason: Option<String>,
    trade: TradeEffect,
    trade_status: Status,
    trade_until: Option<Day>,
    register: String,
}

/// Answers what the status of a urn or alias was on a day, as known at an instant.
pub fn answer(
    register: &Register,
    jurisdiction: &str,
    valid_at: Day,
    known_at: Instant,
) -> Result<Answer, Refusal> {
    let known_at = register.known_at(Some(known_at))?;
    let urn = register.resolve(jurisdiction, valid_at).ok_or_else(|| {
        Refusal::new("unknown-jurisdiction", "").with("jurisdiction", jurisdiction)
    })?;
    let standing = register.standing(urn, valid_at, known_at);
    Ok(Answer {
        kind: "comity.status/1",
        jurisdiction: urn.clone(),
        standard: register.standard.clone(),
        valid_at,
        known_at,
        status: standing.status,
        since: standing.since,
        valid_until: standing.valid_until,
        event: standing.event,
        via: standing.via,
        reason: standing.reason,
        trade: standing.trade,
        trade_status: standing.trade_status,
        trade_until: standing.trade_until,
        register: register.hash.clone(),
    })
}

impl Register {
    /// Returns the status of a jurisdiction on a day as known at an instant.
    #[must_use]
    pub fn standing(&self, urn: &JurisdictionUrn, valid_at: Day, known_at: Instant) -> Standing {
        let mut view = View::new(self, urn, valid_at, known_at);
        let first = view.deciding();
        let mut decided = first.clone();
        let mut frozen = Vec::new();
        // Each turn takes one event out, so there are at most as many turns as events.
        while let Some((effect, until)) = view.frozen(&decided) {
            frozen.push((effect, until));
            view.take_out(&decided);
            decided = view.deciding();
        }
        let trade_status = view.status(&decided);
        let (trade, trade_until) = frozen.first().copied().unwrap_or((TradeEffect::AsStatus, None));
        view.standing(&first, trade, trade_status, trade_until)
    }
}

/// What decides: an own event, a source and perhaps its event, or nothing.
#[derive(Clone)]
struct Decided<'r> {
    event: Option<&'r Event>,
    via: Option<&'r JurisdictionUrn>,
}

/// The order in which events decide: the greatest wins.
type Rank<'r> = (Day, Instant, &'r str, usize);

/// The events of one jurisdiction that count, from least to greatest.
type Candidates<'r> = BTreeSet<Rank<'r>>;

/// The register as seen for one question, with events taken out.
struct View<'r> {
    register: &'r Register,
    valid_at: Day,
    known_at: Instant,
    own: Candidates<'r>,
    urn: &'r JurisdictionUrn,
    /// Filled only if the jurisdiction has no event of its own.
    sources: Option<BTreeMap<&'r JurisdictionUrn, Candidates<'r>>>,
    taken_out: BTreeSet<usize>,
}

impl<'r> View<'r> {
    fn new(register: &'r Register, urn: &'r JurisdictionUrn, day: Day, known_at: Instant) -> Self {
        let mut view = Self {
            register,
            valid_at: day,
            known_at,
            own: BTreeSet::new(),
            urn,
            sources: None,
            taken_out: BTreeSet::new(),
        };
        view.own = view.candidates(urn);
        view
    }

    fn event(&self, place: usize) -> Option<&'r Event> {
        self.register.events.get(place)
    }

    /// Returns the events of a jurisdiction that are known, hold by the day and are not superseded.
    fn candidates(&self, urn: &JurisdictionUrn) -> Candidates<'r> {
        let places = self.register.by_jurisdiction.get(urn).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.rank(*place)).collect()
    }

    fn rank(&self, place: usize) -> Option<Rank<'r>> {
        let event = self.event(place)?;
        let counts = event.effect != Effect::Annulment
            && event.recorded_at <= self.known_at
            && event.valid_from <= self.valid_at
            && !self.taken_out.contains(&place)
            && !self.is_superseded(event);
        counts.then_some((event.valid_from, event.recorded_at, event.id.as_str(), place))
    }

    fn is_superseded(&self, event: &Event) -> bool {
        let by = self.register.superseding.get(&event.id).map_or(&[][..], Vec::as_slice);
        by.iter().filter(|place| !self.taken_out.contains(place)).any(|place| {
            self.event(*place).is_some_and(|superseding| superseding.recorded_at <= self.known_at)
        })
    }

    fn greatest(&self, candidates: &Candidates<'r>) -> Option<&'r Event> {
        candidates.last().and_then(|(.., place)| self.event(*place))
    }

    fn deciding(&mut self) -> Decided<'r> {
        if let Some(event) = self.greatest(&self.own) {
            return Decided { event: Some(event), via: None };
        }
        if self.sources.is_none() {
            self.sources = Some(self.find_sources());
        }
        let sources = self.sources.iter().flatten();
        let worst = sources
            .map(|(urn, candidates)| (*urn, self.greatest(candidates)))
            .max_by_key(|(urn, event)| (self.status_of(*event), std::cmp::Reverse(*urn)));
        worst.map_or(Decided { event: None, via: None }, |(urn, event)| Decided {
            event,
            via: Some(urn),
        })
    }

    fn find_sources(&self) -> BTreeMap<&'r JurisdictionUrn, Candidates<'r>> {
        let counts = |extension: &&Extension| {
            extension.recorded_at <= self.known_at
                && extension.valid_from <= self.valid_at
                && extension.valid_until.is_none_or(|until| self.valid_at <= until)
        };
        let extensions = self.register.extensions.get(self.urn).map_or(&[][..], Vec::as_slice);
        let sources: BTreeSet<_> = extensions.iter().filter(counts).map(|e| &e.from).collect();
        sources.into_iter().map(|urn| (urn, self.candidates(urn))).collect()
    }

    /// Returns the status an event gives on the day: past its validity a live one has expired.
    fn status_of(&self, event: Option<&Event>) -> Status {
        match event.map(|event| (event.effect, event.valid_until)) {
            None | Some((Effect::Annulment, _)) => Status::NotCertified,
            Some((Effect::Status(status), Some(until)))
                if status.is_live() && until < self.valid_at =>
            {
                Status::Expired
            }
            Some((Effect::Status(status), _)) => status,
        }
    }

    fn status(&self, decided: &Decided<'r>) -> Status {
        self.status_of(decided.event)
    }

    fn has_expired(&self, event: &Event) -> bool {
        matches!(event.effect, Effect::Status(status) if status.is_live())
            && event.valid_until.is_some_and(|until| until < self.valid_at)
    }

    /// Returns why trade does not follow the deciding event on the day, and until when.
    fn frozen(&self, decided: &Decided<'r>) -> Option<(TradeEffect, Option<Day>)> {
        let event = decided.event.filter(|event| !self.has_expired(event))?;
        let stays = self.register.stays.get(&event.id).map_or(&[][..], Vec::as_slice);
        let known = stays.iter().filter(|stay| stay.recorded_at <= self.known_at);
        let latest = known.max_by_key(|stay| (stay.recorded_at, stay.from, stay.until));
        let covers = |stay: &&super::register::Stay| {
            stay.from <= self.valid_at && stay.until.is_none_or(|until| self.valid_at <= until)
        };
        if let Some(stay) = latest.filter(covers) {
            return Some((TradeEffect::Stayed, stay.until));
        }
        let until = event.wind_down_until.filter(|until| self.valid_at <= *until)?;
        Some((TradeEffect::WindDown, Some(until)))
    }

    fn take_out(&mut self, decided: &Decided<'r>) {
        let Some(event) = decided.event else { return };
        let Some(place) = self.register.by_id.get(&event.id).copied() else { return };
        self.taken_out.insert(place);
        let rank = (event.valid_from, event.recorded_at, event.id.as_str(), place);
        self.own.remove(&rank);
        for candidates in self.sources.iter_mut().flat_map(BTreeMap::values_mut) {
            candidates.remove(&rank);
        }
        self.bring_back(event);
    }

    /// What the event superseded counts again without it.
    fn bring_back(&mut self, event: &Event) {
        let superseded = event.supersedes.as_ref().and_then(|id| self.register.by_id.get(id));
        let Some(place) = superseded.copied() else { return };
        let (Some(rank), Some(back)) = (self.rank(place), self.event(place)) else { return };
        if back.jurisdiction == *self.urn {
            self.own.insert(rank);
        }
        if let Some(candidates) =
            self.sources.as_mut().and_then(|sources| sources.get_mut(&back.jurisdiction))
        {
            candidates.insert(rank);
        }
    }

    fn standing(
        &self,
        decided: &Decided<'r>,
        trade: TradeEffect,
        trade_status: Status,
        trade_until: Option<Day>,
    ) -> Standing {
        let event = decided.event;
        let expired = event.filter(|event| self.has_expired(event));
        let ended = expired.and_then(|event| event.valid_until).map(|until| until.plus(1));
        let reason = event.map(|event| match expired {
            Some(_) => "VALIDITY_ENDED".to_owned(),
            None => event.reason.clone(),
        });
        Standing {
            status: self.status(decided),
            since: ended.or(event.map(|event| event.valid_from)),
            valid_until: event.and_then(|event| event.valid_until),
            event: event.map(|event| event.id.clone()),
            via: decided.via.cloned(),
            reason,
            trade,
            trade_status,
            trade_until,
        }
    }
}
