//! What follows from the facts: for each party its resolved facts, its events, and which rules bind it.
//!
//! Not here: what the rules ask (`duty`, `ban`). Everything is computed once per evaluation and read
//! by all parts, so that they cannot disagree.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;

use super::calendar::Calendar;
use super::clock::ClockRule;
use super::duty::earliest_start;
use super::expr::{Expr, Facts, Lookup, Tri};
use super::facts::{CaseFacts, Event, Party, Stated, Submission};
use super::pack::{CalendarRef, ClockSpec, Pack, PackSet, Rule, Status, ZoneRef};
use super::refused::{Code, Refused};
use super::time::{Instant, Zone};
use super::vocabulary::{EventClass, FactId, Scalar, Value, Vocabulary};

/// How far from its validity a rule is still worth a word (C17).
pub const DAYS_OFF_MAX: i64 = 366;

/// Resolved facts: stated, defined, implied, default, in this order.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    values: Vec<Option<Value>>,
    inputs: BTreeMap<FactId, Vec<FactId>>,
}

impl Facts for Resolved {
    fn look_up(&self, id: FactId) -> Lookup<'_> {
        match self.values.get(id.0) {
            Some(Some(value)) => Lookup::Known(value),
            Some(None) | None => Lookup::Unknown(self.inputs.get(&id).map_or(&[], Vec::as_slice)),
        }
    }
}

impl Resolved {
    /// Returns the value of a fact by name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.get(Vocabulary::shipped().id(name)?)
    }

    /// Returns the value of a fact.
    #[must_use]
    pub fn get(&self, id: FactId) -> Option<&Value> {
        self.values.get(id.0)?.as_ref()
    }

    /// Returns the facts it falls back on while a definition gives nothing.
    #[must_use]
    pub fn inputs(&self, id: FactId) -> &[FactId] {
        self.inputs.get(&id).map_or(&[], Vec::as_slice)
    }

    fn set(&mut self, id: FactId, value: Value) {
        if let Some(slot) = self.values.get_mut(id.0) {
            *slot = Some(value);
        }
    }

    fn resolve(stated: Vec<Option<Value>>, pack: Option<&Pack>) -> Result<Self, Refused> {
        let mut found = Self { values: stated, inputs: BTreeMap::new() };
        let defined = |id: FactId| pack.is_some_and(|p| p.definitions.iter().any(|d| d.fact == id));
        found.fill(&|id| !defined(id));
        for definition in pack.map_or(&[][..], |p| &p.definitions) {
            if found.get(definition.fact).is_some() {
                continue;
            }
            let mut missing = Vec::new();
            match eval(&definition.expr, &found, &mut missing)? {
                Tri::True => found.set(definition.fact, Value::One(Scalar::Bool(true))),
                Tri::False => found.set(definition.fact, Value::One(Scalar::Bool(false))),
                Tri::Unknown => {
                    found.fill(&|id| id == definition.fact);
                    if found.get(definition.fact).is_none() {
                        found.inputs.insert(definition.fact, missing);
                    }
                }
            }
        }
        if pack.is_some() {
            found.fill(&|_| true);
        }
        Ok(found)
    }

    /// Fills what is still unknown from what is implied, then from defaults.
    fn fill(&mut self, applies: &dyn Fn(FactId) -> bool) {
        let words = Vocabulary::shipped();
        for (id, fact) in words.facts().filter(|(id, _)| applies(*id)) {
            if self.get(id).is_some() {
                continue;
            }
            let implied = fact
                .implied
                .as_ref()
                .filter(|rule| self.get(rule.when) == Some(&Value::One(Scalar::Bool(rule.is))));
            if let Some(value) = implied.map(|r| &r.value).or(fact.default.as_ref()) {
                self.set(id, value.clone());
            }
        }
        self.fill_authority_state();
    }

    /// The competent state is that of the main establishment when it lies in the EEA (LW-10).
    fn fill_authority_state(&mut self) {
        let words = Vocabulary::shipped();
        let Some(id) = words.id("actor.authority_state") else { return };
        let main = self.value("actor.main_establishment").and_then(Value::as_text);
        let inside = main.is_some_and(|m| words.set("EEA").is_some_and(|set| set.contains(m)));
        if self.get(id).is_none() && inside {
            let value = main.map(Value::text);
            if let Some(value) = value {
                self.set(id, value);
            }
        }
    }
}

/// Evaluates an expression; too much work is refused and never a silent unknown.
pub fn eval(expr: &Expr, facts: &dyn Facts, missing: &mut Vec<FactId>) -> Result<Tri, Refused> {
    expr.eval(facts, missing).map_err(|e| Refused::new(Code::Cost, "", e.to_string()))
}

/// The facts of one party under every pack that defines facts, and under all others.
#[derive(Clone, Debug)]
pub struct Tables {
    common: Resolved,
    by_pack: BTreeMap<String, Resolved>,
}

impl Tables {
    fn new(stated: &[Option<Value>], packs: &PackSet) -> Result<Self, Refused> {
        let mut by_pack = BTreeMap::new();
        for pack in packs.packs().iter().filter(|p| !p.definitions.is_empty()) {
            by_pack.insert(pack.id.clone(), Resolved::resolve(stated.to_vec(), Some(pack))?);
        }
        Ok(Self { common: Resolved::resolve(stated.to_vec(), None)?, by_pack })
    }

    /// Returns the facts as a pack reads them.
    #[must_use]
    pub fn of(&self, pack: &Pack) -> &Resolved {
        self.by_pack.get(&pack.id).unwrap_or(&self.common)
    }
}

/// How one version of a rule stands to one party.
#[derive(Debug)]
pub struct RuleState<'a> {
    /// Its pack.
    pub pack: &'a Pack,
    /// The rule.
    pub rule: &'a Rule,
    /// Whether it binds the party.
    pub bearer: Tri,
    /// Whether its trigger holds.
    pub trigger: Tri,
    /// Whether it was law when it was tested.
    pub valid: bool,
    /// How many days it is away from being law.
    pub days_off: Option<i64>,
    /// Whether it is disputed.
    pub contested: bool,
}

impl RuleState<'_> {
    /// Returns bearer and trigger together.
    #[must_use]
    pub const fn binds(&self) -> Tri {
        self.bearer.and(self.trigger)
    }

    /// Returns them with true made unknown while the rule is disputed.
    #[must_use]
    pub const fn binds_surely(&self) -> Tri {
        if self.contested { self.binds().and(Tri::Unknown) } else { self.binds() }
    }
}

/// One party with all that follows from its facts.
#[derive(Debug)]
pub struct Actor<'a> {
    /// As it came in.
    pub party: &'a Party,
    /// Its facts.
    pub tables: Tables,
    /// Its facts if somebody else's assertion of a shared fact were right.
    pub alternatives: Vec<(FactId, Tables)>,
    events: BTreeMap<&'a str, Instant>,
    /// Asked for by every stage, so found once.
    earliest_knowledge: Option<(&'a str, Instant)>,
    authority_zone: Option<&'static Zone>,
    authority_calendar: Option<&'static Calendar>,
    /// Rules by pack and place in the pack.
    pub rules: Vec<RuleState<'a>>,
}

impl<'a> Actor<'a> {
    /// Returns the facts that no pack defines.
    #[must_use]
    pub const fn facts(&self) -> &Resolved {
        &self.tables.common
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &'a str {
        &self.party.id
    }

    /// Returns when an event was first asserted for it.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<Instant> {
        self.events.get(name).copied()
    }

    /// Returns its earliest knowledge, whatever it is called; ties by name.
    #[must_use]
    pub const fn earliest_knowledge(&self) -> Option<(&'a str, Instant)> {
        self.earliest_knowledge
    }

    /// Returns what it submitted under a rule by an instant.
    pub fn submissions(&self, rule: &str, at: Instant) -> impl Iterator<Item = &'a Submission> {
        let party = self.party;
        party.submissions.iter().filter(move |s| s.rule == rule && s.at <= at)
    }

    /// Returns the state whose authority is competent.
    #[must_use]
    pub fn authority_state(&self) -> Option<&str> {
        self.facts().value("actor.authority_state").and_then(Value::as_text)
    }

    /// Says whether it is known to have a role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        let roles = self.facts().value("actor.roles");
        roles.is_some_and(|v| v.items().iter().any(|r| r.as_ref() == role))
    }

    /// Returns the zone of a clock; `None` where the authority is not known.
    #[must_use]
    pub fn zone<'c>(&self, clock: &'c ClockSpec) -> Option<&'c Zone> {
        match &clock.zone {
            ZoneRef::Named(zone) => Some(zone),
            ZoneRef::Default => clock.rule.default_zone().and_then(|name| ZONES.get(name)),
            ZoneRef::Authority => self.authority_zone,
        }
    }

    /// Returns the calendar of a clock; `None` where none is known.
    #[must_use]
    pub fn calendar(&self, clock: &ClockSpec) -> Option<&'static Calendar> {
        match &clock.calendar {
            CalendarRef::Named(id) => Calendar::named(id),
            CalendarRef::Default => clock.rule.default_calendar().and_then(Calendar::named),
            CalendarRef::Authority => self.authority_calendar,
        }
    }
}

/// The zones of authorities and of clock rules, looked up once: every duty asks for one.
static ZONES: LazyLock<BTreeMap<String, Zone>> = LazyLock::new(|| {
    let authorities = Vocabulary::shipped().authority_zones();
    let names = authorities.chain(ClockRule::ALL.iter().filter_map(|rule| rule.default_zone()));
    names.filter_map(|name| Some((name.to_owned(), Zone::named(name)?))).collect()
});

static UTC: LazyLock<Zone> = LazyLock::new(Zone::utc);

/// Returns UTC, for whatever has no place.
#[must_use]
pub fn utc() -> &'static Zone {
    &UTC
}

/// The case at one instant under one set of packs.
#[derive(Debug)]
pub struct World<'a> {
    /// The packs.
    pub packs: &'a PackSet,
    /// The case.
    pub case: &'a CaseFacts,
    /// The instant asked for.
    pub at: Instant,
    /// The parties, by id.
    pub actors: Vec<Actor<'a>>,
    /// Shared facts with all values somebody asserted, and by whom.
    pub disputes: Vec<Dispute>,
}

/// A shared fact on which assertions differ.
#[derive(Debug)]
pub struct Dispute {
    /// The fact.
    pub fact: FactId,
    /// The different values.
    pub values: Vec<Value>,
    /// Who asserts one; `case` for the case.
    pub parties: Vec<String>,
}

impl<'a> World<'a> {
    /// Resolves everything once.
    pub fn new(packs: &'a PackSet, case: &'a CaseFacts, at: Instant) -> Result<Self, Refused> {
        let disputes = disputes(case);
        let mut parties: Vec<&Party> = case.parties.iter().collect();
        parties.sort_by(|a, b| a.id.cmp(&b.id));
        let mut actors = Vec::with_capacity(parties.len());
        for party in parties {
            actors.push(Self::actor(packs, case, at, party, &disputes)?);
        }
        Ok(Self { packs, case, at, actors, disputes })
    }

    fn actor(
        packs: &'a PackSet,
        case: &'a CaseFacts,
        at: Instant,
        party: &'a Party,
        disputes: &[Dispute],
    ) -> Result<Actor<'a>, Refused> {
        let stated = stated(case, &party.facts);
        let mut alternatives = Vec::new();
        for dispute in disputes {
            for value in &dispute.values {
                let mut other = stated.clone();
                if let Some(slot) = other.get_mut(dispute.fact.0)
                    && slot.as_ref().is_none_or(|v| !same(v, value))
                {
                    *slot = Some(value.clone());
                    alternatives.push((dispute.fact, Tables::new(&other, packs)?));
                }
            }
        }
        let tables = Tables::new(&stated, packs)?;
        let events = events(case, party, at);
        let authority = tables.common.value("actor.authority_state").and_then(Value::as_text);
        let zone = authority.and_then(|s| Vocabulary::shipped().authority_zone(s));
        let mut actor = Actor {
            party,
            earliest_knowledge: earliest_knowledge(&events),
            authority_zone: zone.and_then(|name| ZONES.get(name)),
            authority_calendar: authority.and_then(Calendar::named),
            tables,
            alternatives,
            events,
            rules: Vec::new(),
        };
        let mut rules = Vec::new();
        for (pack, rule) in packs.rules() {
            rules.push(state(&actor, pack, rule, at)?);
        }
        actor.rules = rules;
        Ok(actor)
    }

    /// Returns a party.
    #[must_use]
    pub fn actor_of(&self, id: &str) -> Option<&Actor<'a>> {
        let at = self.actors.binary_search_by(|a| a.id().cmp(id)).ok()?;
        self.actors.get(at)
    }

    /// Returns the end of the embargo, if one is active.
    #[must_use]
    pub fn embargo_end(&self) -> Option<Instant> {
        self.case.embargo.as_ref().map(|e| e.until).filter(|until| self.at < *until)
    }

    /// Returns the consents a party holds.
    #[must_use]
    pub fn consents(&self, party: &str) -> Vec<&'a str> {
        let held = self
            .case
            .consents
            .iter()
            .filter(|c| c.party == party && c.at.is_none_or(|at| at <= self.at));
        held.map(|c| c.code.as_str()).collect()
    }
}

fn stated(case: &CaseFacts, own: &Stated) -> Vec<Option<Value>> {
    let words = Vocabulary::shipped();
    words.facts().map(|(id, _)| own.get(&id).or_else(|| case.facts.get(&id)).cloned()).collect()
}

/// The events that count for a party: its own first, the earliest of each name.
fn events<'a>(case: &'a CaseFacts, party: &'a Party, at: Instant) -> BTreeMap<&'a str, Instant> {
    let earliest = |events: &'a [Event]| {
        let mut found: BTreeMap<&'a str, Instant> = BTreeMap::new();
        for event in events.iter().filter(|e| !e.withdrawn && (e.planned || e.at <= at)) {
            let slot = found.entry(&event.name).or_insert(event.at);
            *slot = event.at.min(*slot);
        }
        found
    };
    let mut all = earliest(&case.events);
    all.extend(earliest(&party.events));
    all
}

fn earliest_knowledge<'a>(events: &BTreeMap<&'a str, Instant>) -> Option<(&'a str, Instant)> {
    let words = Vocabulary::shipped();
    let known = events.iter().filter(|(name, _)| words.event(name) == Some(EventClass::Knowledge));
    known.map(|(name, at)| (*name, *at)).min_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(b.0)))
}

fn state<'a>(
    actor: &Actor<'a>,
    pack: &'a Pack,
    rule: &'a Rule,
    at: Instant,
) -> Result<RuleState<'a>, Refused> {
    let facts = actor.tables.of(pack);
    let mut unused = Vec::new();
    let bearer = eval(&rule.bearer, facts, &mut unused)?;
    let trigger = eval(&rule.trigger, facts, &mut unused)?;
    let zone = actor.zone(&rule.clock).unwrap_or(utc());
    let today = zone.date(at);
    let tested = zone.date(earliest_start(actor, rule, at).unwrap_or(at));
    let days_off = days_off(pack, rule, tested, today);
    let until = rule.contested.as_ref().and_then(|c| c.until);
    Ok(RuleState {
        pack,
        rule,
        bearer,
        trigger,
        valid: days_off == Some(0) && known_at(rule, at),
        days_off: days_off.filter(|_| known_at(rule, at)),
        contested: rule.status == Status::Contested && until.is_none_or(|u| today <= u),
    })
}

fn known_at(rule: &Rule, at: Instant) -> bool {
    rule.recorded_from.is_none_or(|from| from <= at) && rule.recorded_to.is_none_or(|to| at < to)
}

/// Days between the tested day and the validity of a rule; `None` if it never is law.
fn days_off(pack: &Pack, rule: &Rule, tested: Date, today: Date) -> Option<i64> {
    match rule.status {
        Status::Bill | Status::Pending => return None,
        Status::Adopted if rule.valid_from.is_none() => return None,
        Status::Lapsed if rule.valid_to.is_none() => return None,
        Status::Adopted | Status::Contested | Status::InForce | Status::Lapsed => {}
    }
    let between = |from: Date, to: Date| (to - from).get_days();
    let early = rule.valid_from.map_or(0, |from| between(tested, from));
    let late = rule.valid_to.map_or(0, |to| between(to, tested));
    let sunset = pack.sunset.map_or(0, |sunset| between(sunset, today) + 1);
    Some(i64::from(early.max(late).max(sunset).max(0)))
}

fn disputes(case: &CaseFacts) -> Vec<Dispute> {
    let words = Vocabulary::shipped();
    let mut found = Vec::new();
    for (id, _) in words.facts().filter(|(_, f)| f.shared) {
        let of_case = case.facts.get(&id).map(|v| ("case", v));
        let of_parties =
            case.parties.iter().filter_map(|p| Some((p.id.as_str(), p.facts.get(&id)?)));
        let mut values: Vec<Value> = Vec::new();
        let mut parties = Vec::new();
        for (who, value) in of_case.into_iter().chain(of_parties).filter(|(_, v)| is_known(v)) {
            parties.push(who.to_owned());
            if !values.iter().any(|v| same(v, value)) {
                values.push(value.clone());
            }
        }
        parties.sort();
        if values.len() > 1 {
            found.push(Dispute { fact: id, values, parties });
        }
    }
    found
}

const fn is_known(value: &Value) -> bool {
    matches!(value, Value::One(_) | Value::List { complete: true, .. })
}

/// Compares two values; lists as sets.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List { known: one, complete }, Value::List { known: two, complete: other }) => {
            let within = |a: &[Arc<str>], b: &[Arc<str>]| a.iter().all(|item| b.contains(item));
            complete == other && within(one, two) && within(two, one)
        }
        (Value::AnyOf(_) | Value::List { .. } | Value::One(_), _) => a == b,
    }
}
