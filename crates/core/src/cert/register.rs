//! The status register as a file: jurisdictions, events, extensions, stays, read once and indexed.
//!
//! Not here: what a jurisdiction's status is on a day (`status`), and how an edition is made (`registry`).

use std::collections::{BTreeMap, BTreeSet};

use super::day::{Day, Instant};
use super::document::{self, Object, invalid};
use super::jurisdiction::{Jurisdiction, JurisdictionUrn, URN_PREFIX};
use super::word::{Status, Word as _};
use crate::refusal::Refusal;

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It annuls the event it supersedes.
    Annulment,
    /// The jurisdiction's status from its first day on.
    Status(Status),
}

/// An event of the register, never changed once recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Unique in the register.
    pub id: String,
    /// Whom it is about.
    pub jurisdiction: JurisdictionUrn,
    /// What it says.
    pub effect: Effect,
    /// The first day it holds.
    pub valid_from: Day,
    /// When the registrars wrote it.
    pub recorded_at: Instant,
    /// A code such as `INITIAL`.
    pub reason: String,
    /// The last day of the certificate.
    pub valid_until: Option<Day>,
    /// The last day on which trade goes on as before.
    pub wind_down_until: Option<Day>,
    /// The event that no longer counts.
    pub supersedes: Option<String>,
}

/// A source's status covers another jurisdiction (CT-03).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Whose status.
    pub from: JurisdictionUrn,
    /// Whom it covers.
    pub to: JurisdictionUrn,
    /// The first day.
    pub valid_from: Day,
    /// The last day.
    pub valid_until: Option<Day>,
    /// When the registrars wrote it.
    pub recorded_at: Instant,
}

/// A stay of an event's effect on trade (CT-26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The first day.
    pub from: Day,
    /// The last day; open without one.
    pub until: Option<Day>,
    /// When the registrars wrote it.
    pub recorded_at: Instant,
}

/// One edition of the register.
#[derive(Clone, Debug)]
pub struct Register {
    /// The standard it is about.
    pub standard: String,
    /// What was recorded later is not in it.
    pub as_of: Instant,
    /// `sha256:` of the file.
    pub hash: String,
    pub(super) jurisdictions: BTreeMap<JurisdictionUrn, Jurisdiction>,
    pub(super) events: Vec<Event>,
    /// Places in `events` by jurisdiction.
    pub(super) by_jurisdiction: BTreeMap<JurisdictionUrn, Vec<usize>>,
    /// Places in `events` by id.
    pub(super) by_id: BTreeMap<String, usize>,
    /// Places of the events that supersede, by the id they supersede.
    pub(super) superseding: BTreeMap<String, Vec<usize>>,
    pub(super) extensions: BTreeMap<JurisdictionUrn, Vec<Extension>>,
    pub(super) stays: BTreeMap<String, Vec<Stay>>,
    aliases: BTreeMap<(String, String), Vec<JurisdictionUrn>>,
}

impl Register {
    /// Reads and checks a register file.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.register/1")?;
        let jurisdictions = read_jurisdictions(object)?;
        let events = object.each("events", read_event)?;
        let mut register = Self {
            standard: object.text("standard")?.to_owned(),
            as_of: object.instant("as_of")?,
            hash: document::hash(bytes),
            aliases: index_aliases(&jurisdictions),
            jurisdictions,
            events: Vec::new(),
            by_jurisdiction: BTreeMap::new(),
            by_id: BTreeMap::new(),
            superseding: BTreeMap::new(),
            extensions: BTreeMap::new(),
            stays: BTreeMap::new(),
        };
        for (place, event) in events.into_iter().enumerate() {
            let at = |code| Refusal::new(code, format!("/events/{place}"));
            register.insert(event).map_err(at)?;
        }
        for extension in object.each_or_empty("extensions", read_extension)? {
            register.extensions.entry(extension.to.clone()).or_default().push(extension);
        }
        for (event, stay) in object.each_or_empty("stays", read_stay)? {
            register.stays.entry(event).or_default().push(stay);
        }
        Ok(register)
    }

    /// Returns a register without anybody, to be kept entry by entry.
    pub(super) fn empty(standard: &str, as_of: Instant) -> Self {
        Self {
            standard: standard.to_owned(),
            as_of,
            hash: String::new(),
            jurisdictions: BTreeMap::new(),
            events: Vec::new(),
            by_jurisdiction: BTreeMap::new(),
            by_id: BTreeMap::new(),
            superseding: BTreeMap::new(),
            extensions: BTreeMap::new(),
            stays: BTreeMap::new(),
            aliases: BTreeMap::new(),
        }
    }

    /// Lists a jurisdiction, or replaces its entry; aliases are found at once.
    pub(super) fn list(&mut self, jurisdiction: Jurisdiction) {
        self.jurisdictions.insert(jurisdiction.urn().clone(), jurisdiction);
        self.aliases = index_aliases(&self.jurisdictions);
    }

    /// Adds an event of a listed jurisdiction under an id that is free.
    pub(super) fn record(&mut self, event: Event) -> Result<(), Refusal> {
        self.insert(event).map_err(|code| Refusal::new(code, "/event"))
    }

    /// Adds an extension.
    pub(super) fn extend(&mut self, extension: Extension) {
        self.extensions.entry(extension.to.clone()).or_default().push(extension);
    }

    /// Adds a stay of an event.
    pub(super) fn stay(&mut self, event: &str, stay: Stay) {
        self.stays.entry(event.to_owned()).or_default().push(stay);
    }

    /// Returns the event of an id.
    #[must_use]
    pub fn event(&self, id: &str) -> Option<&Event> {
        self.by_id.get(id).and_then(|place| self.events.get(*place))
    }

    fn insert(&mut self, event: Event) -> Result<(), &'static str> {
        if !self.jurisdictions.contains_key(&event.jurisdiction) {
            return Err("register-unknown-jurisdiction");
        }
        let place = self.events.len();
        if self.by_id.insert(event.id.clone(), place).is_some() {
            return Err("register-duplicate-id");
        }
        self.by_jurisdiction.entry(event.jurisdiction.clone()).or_default().push(place);
        if let Some(superseded) = &event.supersedes {
            self.superseding.entry(superseded.clone()).or_default().push(place);
        }
        self.events.push(event);
        Ok(())
    }

    /// Returns the jurisdiction that the register lists under the urn.
    #[must_use]
    pub fn jurisdiction(&self, urn: &JurisdictionUrn) -> Option<&Jurisdiction> {
        self.jurisdictions.get(urn)
    }

    /// Returns every jurisdiction by urn.
    pub fn jurisdictions(&self) -> impl Iterator<Item = &Jurisdiction> {
        self.jurisdictions.values()
    }

    /// Returns every event in the order of the file.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Resolves a urn or `scheme:value`, which exactly one jurisdiction has on the day (CT-03).
    #[must_use]
    pub fn resolve(&self, text: &str, day: Day) -> Option<&JurisdictionUrn> {
        if text.starts_with(URN_PREFIX) {
            let urn = JurisdictionUrn::parse(text)?;
            return self.jurisdictions.get_key_value(&urn).map(|(urn, _)| urn);
        }
        let (scheme, value) = text.split_once(':')?;
        let bearers = self.aliases.get(&(scheme.to_owned(), value.to_owned()))?;
        let named = |alias: &super::jurisdiction::Alias| {
            alias.scheme == scheme && alias.value == value && alias.holds(day)
        };
        let mut holders = bearers
            .iter()
            .filter_map(|urn| self.jurisdictions.get(urn))
            .filter(|jurisdiction| jurisdiction.aliases().iter().any(named));
        let holder = holders.next()?;
        if holders.next().is_some() { None } else { Some(holder.urn()) }
    }

    /// Returns the instant up to which facts count, which this edition knows of.
    pub fn known_at(&self, asked: Option<Instant>) -> Result<Instant, Refusal> {
        let known_at = asked.unwrap_or(self.as_of);
        if known_at > self.as_of {
            return Err(Refusal::new("register-too-old", "/as_of")
                .with("as_of", self.as_of.to_string())
                .with("known_at", known_at.to_string()));
        }
        Ok(known_at)
    }
}

type ByUrn = BTreeMap<JurisdictionUrn, Jurisdiction>;

fn read_jurisdictions(object: Object<'_>) -> Result<ByUrn, Refusal> {
    let mut jurisdictions = BTreeMap::new();
    object.each("jurisdictions", |item| {
        let jurisdiction = Jurisdiction::read(item)?;
        let urn = jurisdiction.urn().clone();
        match jurisdictions.insert(urn, jurisdiction) {
            None => Ok(()),
            Some(_) => Err(Refusal::new("register-duplicate-id", "/urn")),
        }
    })?;
    Ok(jurisdictions)
}

fn index_aliases(jurisdictions: &ByUrn) -> BTreeMap<(String, String), Vec<JurisdictionUrn>> {
    let mut index: BTreeMap<_, BTreeSet<JurisdictionUrn>> = BTreeMap::new();
    for jurisdiction in jurisdictions.values() {
        for alias in jurisdiction.aliases() {
            let name = (alias.scheme.clone(), alias.value.clone());
            index.entry(name).or_default().insert(jurisdiction.urn().clone());
        }
    }
    index.into_iter().map(|(name, urns)| (name, urns.into_iter().collect())).collect()
}

fn read_event(object: Object<'_>) -> Result<Event, Refusal> {
    let decision = object.text("decision")?.strip_prefix("sha256:");
    if decision.is_none_or(|digits| comity_ledger::digest::hex_32(digits).is_err()) {
        return Err(invalid("decision"));
    }
    let effect = match object.text("status")? {
        "ANNULMENT" => Effect::Annulment,
        text => Status::parse(text)
            .map(Effect::Status)
            .ok_or_else(|| Refusal::new("register-bad-status", "/status"))?,
    };
    Ok(Event {
        id: object.text("id")?.to_owned(),
        jurisdiction: object.urn("jurisdiction")?,
        effect,
        valid_from: object.day("valid_from")?,
        recorded_at: object.instant("recorded_at")?,
        reason: object.text("reason")?.to_owned(),
        valid_until: object.day_or_none("valid_until")?,
        wind_down_until: object.day_or_none("wind_down_until")?,
        supersedes: object.text_or_none("supersedes")?.map(str::to_owned),
    })
}

fn read_extension(object: Object<'_>) -> Result<Extension, Refusal> {
    Ok(Extension {
        from: object.urn("from")?,
        to: object.urn("to")?,
        valid_from: object.day("valid_from")?,
        valid_until: object.day_or_none("valid_until")?,
        recorded_at: object.instant("recorded_at")?,
    })
}

fn read_stay(object: Object<'_>) -> Result<(String, Stay), Refusal> {
    let stay = Stay {
        from: object.day("from")?,
        until: object.day_or_none("until")?,
        recorded_at: object.instant("recorded_at")?,
    };
    Ok((object.text("event")?.to_owned(), stay))
}
