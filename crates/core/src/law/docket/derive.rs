//! What the fold of a case says of facts and events, without anybody stating it.
//!
//! Only what the case protocol establishes: a claim that counts, a fix that is ready, a receipt. A role in
//! a case is no legal designation, so roles are a partial list until somebody states them all.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Docket, level_of};
use crate::case::Case;
use crate::case::body::{Body, Millis};
use crate::case::entry::{Content, Entry};
use crate::case::name::{EntryId, PartyId};
use crate::case::rm::Rm;
use crate::case::state::{ClaimState, Party};
use crate::case::word::{DutyStatus, Letter, Role, VendorStatus, Word as _};
use crate::law::level::Level;

/// The exploitation values, the weakest evidence first.
const EXPLOITATION: [&str; 4] = ["none", "poc", "attempted", "active"];

/// What the case says of one party.
#[derive(Debug, Default)]
pub(super) struct Derived {
    roles: Vec<&'static str>,
    facts: Vec<(&'static str, bool)>,
    pub(super) events: Vec<(&'static str, Millis)>,
    /// The highest content it was given, and since when it holds any.
    pub(super) holds: Option<(Level, Millis)>,
}

impl Derived {
    /// Adds what nobody stated; a role in the case is always among the roles.
    pub(super) fn add_facts(&self, facts: &mut Map<String, Value>) {
        let stated = facts.get("actor.roles");
        let mut known = stated.map(list_items).unwrap_or_default();
        for role in &self.roles {
            if !known.iter().any(|item| item == role) {
                known.push(json!(role));
            }
        }
        let complete = stated.is_some_and(Value::is_array);
        let roles =
            if complete { json!(known) } else { json!({ "known": known, "complete": false }) };
        facts.insert("actor.roles".to_owned(), roles);
        for (name, value) in &self.facts {
            facts.entry(*name).or_insert_with(|| json!(value));
        }
    }

    fn hold(&mut self, level: Level, at: Millis) {
        let (highest, since) = self.holds.unwrap_or((level, at));
        self.holds = Some((highest.max(level), since.min(at)));
    }
}

/// Returns the items of a list, complete or not.
pub(super) fn list_items(value: &Value) -> Vec<Value> {
    let known = value.get("known").unwrap_or(value);
    known.as_array().cloned().unwrap_or_default()
}

/// Adds what the case establishes of itself. A claim that counts is stronger than a statement; that
/// nobody claimed anything is weaker.
pub(super) fn case_facts(case: &Case, facts: &mut Map<String, Value>) {
    let state = case.state();
    let exposed = |letter| state.exposed.contains_key(&letter);
    let contested = |letter| {
        let mut claims = state.claims();
        claims.any(|(claim, counts)| claim.letter == letter && counts == ClaimState::Contested)
    };
    let public = Letter::Public;
    if exposed(public) {
        facts.insert("vuln.public".to_owned(), json!(true));
    } else if contested(public) {
        facts.entry("vuln.public").or_insert_with(|| json!({ "any_of": [false, true] }));
    } else {
        facts.entry("vuln.public").or_insert_with(|| json!(false));
    }
    let shown = if exposed(Letter::Attacks) {
        Some("active")
    } else {
        exposed(Letter::Exploit).then_some("poc")
    };
    if let Some(shown) = shown {
        let rank = |word: &str| EXPLOITATION.iter().position(|known| *known == word);
        let stated = facts.get("vuln.exploitation").and_then(Value::as_str).and_then(rank);
        if stated < rank(shown) {
            facts.insert("vuln.exploitation".to_owned(), json!(shown));
        }
    }
    let mut vendors = state.parties.values().filter(|party| party.vendor().is_some()).peekable();
    if vendors.peek().is_some() {
        let answered = vendors.any(|party| party.clocks.latest.is_some());
        facts.entry("vuln.vendor_responded").or_insert_with(|| json!(answered));
    }
}

/// Returns the parties that got the report or are in the case still, with what the case says of each.
pub(super) fn parties(docket: &Docket<'_>) -> BTreeMap<PartyId, Derived> {
    let case = docket.case;
    let opened = case.entries().next().map(|entry| entry.at);
    let received = docket.received_at.or(opened);
    let mut all: BTreeMap<PartyId, Derived> = BTreeMap::new();
    for (id, party) in &case.state().parties {
        if !party.is_removed || party.rm != Rm::Start {
            let is_hub = party.org == docket.hub && party.hub.as_str() == docket.hub;
            all.insert(id.clone(), derived(party, is_hub, received));
        }
    }
    shared(case, &mut all);
    all
}

fn derived(party: &Party, is_hub: bool, received: Option<Millis>) -> Derived {
    let mut found =
        Derived { roles: party.roles.iter().map(|r| r.as_str()).collect(), ..Derived::default() };
    if is_hub {
        found.roles.push("hub");
        if let Some(at) = received {
            found.events.extend([("report_received", at), ("signal_received", at)]);
            found.hold(Level::L4, at);
        }
    }
    if party.has(Role::Finder)
        && let Some(at) = received
    {
        found.events.push(("report_sent", at));
        found.hold(Level::L4, at);
    }
    if let Some(at) = party.clocks.received
        && !is_hub
        && !party.has(Role::Finder)
    {
        found.events.push(("signal_received", at));
        // What a first notice says until content is sealed for the party (LW-61).
        found.hold(Level::L2, at);
    }
    let Some(vendor) = party.vendor() else { return found };
    if let Some(aware) = vendor.aware.filter(|when| !when.is_forced) {
        found.events.push(("signal_received", aware.interval.from));
    }
    if let Some(ready) = vendor.ready {
        found.events.push(("measure_available", ready.interval.from));
        found.facts.push(("vuln.patch_available", true));
    }
    match vendor.status {
        VendorStatus::Affected | VendorStatus::Mitigated | VendorStatus::NoFix => {
            found.facts.push(("vuln.contained_in_product", true));
        }
        VendorStatus::NotAffected => found.facts.push(("vuln.contained_in_product", false)),
        VendorStatus::Disputed
        | VendorStatus::Investigating
        | VendorStatus::Unknown
        | VendorStatus::Unresponsive => {}
    }
    found
}

/// Adds who holds what was sealed, from the entries that stand.
fn shared(case: &Case, all: &mut BTreeMap<PartyId, Derived>) {
    let mut seals: BTreeMap<&EntryId, Level> = BTreeMap::new();
    for entry in standing(case) {
        let Content::Known(_, body) = entry.content() else { continue };
        let (level, recipients) = if let Body::ContentSeal { compartment, recipients, .. } = body {
            let Some(level) = level_of(*compartment) else { continue };
            seals.insert(&entry.id, level);
            if let Some(author) = all.get_mut(&entry.party) {
                author.hold(level, entry.at);
            }
            (level, recipients)
        } else if let Body::ContentGrant { seal, recipients } = body {
            let Some(level) = seals.get(seal) else { continue };
            (*level, recipients)
        } else {
            continue;
        };
        for recipient in recipients {
            if let Some(party) = all.get_mut(&recipient.party) {
                party.hold(level, entry.at);
            }
        }
    }
}

/// A duty that a party said in the case it has met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met<'c> {
    pub(super) entry: &'c str,
    pub(super) rule: &'c str,
    pub(super) stage: &'c str,
    pub(super) at: Millis,
}

/// Returns what a party said it has met, with or without its own name in front.
pub(super) fn met<'c>(case: &'c Case, party: &'c PartyId) -> impl Iterator<Item = Met<'c>> {
    standing(case).filter(move |said| said.party == *party).filter_map(|entry| {
        let Content::Known(_, Body::DutyRecord { duty, status: DutyStatus::Met, .. }) =
            entry.content()
        else {
            return None;
        };
        let mut ends = duty.rsplit('/');
        let (stage, rule) = (ends.next()?, ends.next()?);
        Some(Met { entry: entry.id.as_str(), rule, stage, at: entry.at })
    })
}

fn standing(case: &Case) -> impl Iterator<Item = &Entry> {
    case.entries().map(AsRef::as_ref).filter(|entry| case.void_code(&entry.id).is_none())
}
