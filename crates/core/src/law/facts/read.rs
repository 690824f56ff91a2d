//! Reading `comity.facts/1`: the first fault is refused with its code and pointer.

use std::collections::{BTreeMap, BTreeSet};

use comity_ledger::json::{self, Limits};
use serde_json::Value as Json;

use super::{
    Action, AgreementTerms, BYTES_MAX, CaseFacts, Consent, Delay, Embargo, Event, PARTIES_MAX,
    Party, Stated, Submission, SuspensionTerms,
};
use crate::law::object::{Object, Read, schema};
use crate::law::pack::PackSet;
use crate::law::refused::{Code, Refused};
use crate::law::time::{Unit, Within};
use crate::law::vocabulary::{Fact, FactId, Kind, Scalar, Value, Vocabulary, is_country, scalar};

const LIMITS: Limits =
    Limits { bytes_max: BYTES_MAX, depth_max: 16, keys_max: 4_096, floats: true };

const KINDS: [&str; 10] = [
    "accept_bounty",
    "alter_system",
    "delete",
    "demand_payment",
    "file",
    "inform",
    "patch",
    "publish",
    "share",
    "test",
];
const TLP: [&str; 5] = ["TLP:AMBER", "TLP:AMBER+STRICT", "TLP:CLEAR", "TLP:GREEN", "TLP:RED"];
const PAP: [&str; 4] = ["PAP:AMBER", "PAP:CLEAR", "PAP:GREEN", "PAP:RED"];
const ONWARD: [&str; 4] = ["any", "consent", "members", "none"];

/// Which facts a place may state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Action,
    Case,
    Party,
}

/// Reads the facts of a case.
pub fn parse_case(bytes: &[u8], packs: &PackSet) -> Read<CaseFacts> {
    let value = parse_json(bytes)?;
    read_case_value(&value, packs)
}

/// Reads the facts of a case from a value that was parsed strictly before.
pub fn read_case_value(value: &Json, packs: &PackSet) -> Read<CaseFacts> {
    let case = read_case(&Object::new(value, "")?, packs)?;
    check_references(&case, packs)?;
    Ok(case)
}

/// Reads one party from a value that was parsed strictly before.
pub fn read_party_value(value: &Json, packs: &PackSet) -> Read<Party> {
    let party = read_party(&Object::new(value, "")?)?;
    check_acts_as(&party, "", packs)?;
    Ok(party)
}

/// Reads one party, for a preview; its references are checked when it joins the case.
pub fn parse_party(bytes: &[u8], packs: &PackSet) -> Read<Party> {
    let value = parse_json(bytes)?;
    read_party_value(&value, packs)
}

fn parse_json(bytes: &[u8]) -> Read<Json> {
    json::parse(bytes, &LIMITS).map_err(|e| Refused::new(Code::Json, "", e.to_string()))
}

fn read_case(root: &Object<'_>, packs: &PackSet) -> Read<CaseFacts> {
    root.only(&[
        "schema",
        "case",
        "parties",
        "actions",
        "agreements",
        "consents",
        "requests",
        "delays",
        "latency",
    ])?;
    if root.string("schema")? != "comity.facts/1" {
        return Err(schema("/schema", "the schema is comity.facts/1"));
    }
    let case = Object::new(root.need("case")?, "/case")?;
    case.only(&["id", "lead", "facts", "events", "embargo"])?;
    root.need("parties")?;
    let parties = root.objects("parties", read_party)?;
    if parties.is_empty() || parties.len() > PARTIES_MAX {
        return Err(schema("/parties", format!("1 to {PARTIES_MAX} parties")));
    }
    for (index, party) in parties.iter().enumerate() {
        check_acts_as(party, &format!("/parties/{index}"), packs)?;
    }
    Ok(CaseFacts {
        id: case.string("id")?,
        lead: case.string("lead")?,
        facts: read_facts(&case, Scope::Case)?,
        events: case.objects("events", read_event)?,
        embargo: read_embargo(&case)?,
        parties,
        actions: root.objects("actions", read_action)?,
        agreements: root.objects("agreements", read_agreement)?,
        consents: root.objects("consents", read_consent)?,
        requests: root.objects("requests", |o| {
            o.only(&["from", "to"])?;
            Ok((o.string("from")?, o.string("to")?))
        })?,
        delays: root.objects("delays", read_delay)?,
        latency: read_latency(root)?,
    })
}

fn read_latency(root: &Object<'_>) -> Read<Within> {
    let Some(text) = root.maybe_string("latency")? else {
        return Ok(Within { count: 4, unit: Unit::Hours });
    };
    let within = Within::parse(&text).filter(|w| w.count >= 0 && w.unit != Unit::Business);
    let message = "latency is one number and one unit, not backwards and not in business days";
    within.ok_or_else(|| Refused::new(Code::Duration, "/latency", message))
}

fn read_embargo(case: &Object<'_>) -> Read<Option<Embargo>> {
    let Some(value) = case.map.get("embargo").filter(|v| !v.is_null()) else { return Ok(None) };
    let embargo = Object::new(value, case.at("embargo"))?;
    embargo.only(&["until", "tlp", "pap"])?;
    Ok(Some(Embargo {
        until: embargo.instant("until")?,
        tlp: embargo.word("tlp", &TLP)?,
        pap: embargo.word("pap", &PAP)?,
    }))
}

fn read_event(event: &Object<'_>) -> Read<Event> {
    event.only(&["event", "at", "by", "evidence", "planned", "withdrawn"])?;
    let name = event.string("event")?;
    if Vocabulary::shipped().event(&name).is_none() {
        return Err(Refused::new(Code::Event, event.at("event"), format!("no event {name}")));
    }
    event.maybe_string("by")?;
    event.maybe_string("evidence")?;
    Ok(Event {
        name,
        at: event.instant("at")?,
        planned: event.flag("planned")?,
        withdrawn: event.flag("withdrawn")?,
    })
}

fn read_party(party: &Object<'_>) -> Read<Party> {
    party.only(&[
        "id",
        "name",
        "facts",
        "events",
        "submissions",
        "holds",
        "since",
        "acts_as",
        "attested",
        "received_under",
        "share_level",
    ])?;
    let id = party.string("id")?;
    let shaped = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if id.is_empty() || id.len() > 64 || id.starts_with('-') || !id.bytes().all(shaped) {
        return Err(schema(party.at("id"), "a party id is [a-z0-9][a-z0-9-]{0,63}"));
    }
    party.maybe_string("name")?;
    Ok(Party {
        id,
        facts: read_facts(party, Scope::Party)?,
        events: party.objects("events", read_event)?,
        submissions: party.objects("submissions", read_submission)?,
        holds: party.maybe_level("holds")?,
        since: party.maybe_instant("since")?,
        acts_as: party.strings("acts_as")?,
        attested: party.strings("attested")?,
        received_under: party.strings("received_under")?,
        share_level: party.maybe_level("share_level")?,
    })
}

fn read_submission(o: &Object<'_>) -> Read<Submission> {
    o.only(&["rule", "stage", "at", "level", "receipt"])?;
    o.maybe_string("receipt")?;
    Ok(Submission {
        rule: o.string("rule")?,
        stage: o.string("stage")?,
        at: o.instant("at")?,
        level: o.level("level")?,
    })
}

fn read_action(o: &Object<'_>) -> Read<Action> {
    o.only(&["id", "party", "kind", "to", "level", "at", "basis", "facts"])?;
    let facts =
        if o.map.contains_key("facts") { read_facts(o, Scope::Action)? } else { Stated::new() };
    Ok(Action {
        id: o.string("id")?,
        party: o.string("party")?,
        kind: o.word("kind", &KINDS)?,
        to: o.maybe_string("to")?,
        level: o.maybe_level("level")?,
        at: o.maybe_instant("at")?,
        basis: o.maybe_string("basis")?,
        facts,
    })
}

fn read_agreement(o: &Object<'_>) -> Read<AgreementTerms> {
    o.only(&[
        "id",
        "parties",
        "in_force_from",
        "sunset",
        "onward",
        "max_level",
        "reserved_classes",
        "suspensions",
    ])?;
    o.need("parties")?;
    o.need("in_force_from")?;
    Ok(AgreementTerms {
        id: o.string("id")?,
        parties: o.strings("parties")?,
        in_force_from: o.null_or_instant("in_force_from")?,
        sunset: o.null_or_instant("sunset")?,
        onward: o.word("onward", &ONWARD)?,
        max_level: o.maybe_level("max_level")?,
        reserved_classes: o.strings("reserved_classes")?,
        suspensions: o.objects("suspensions", |s| {
            s.only(&["from", "to", "party"])?;
            Ok(SuspensionTerms {
                from: s.instant("from")?,
                to: s.maybe_instant("to")?,
                party: s.maybe_string("party")?,
            })
        })?,
    })
}

fn read_consent(o: &Object<'_>) -> Read<Consent> {
    o.only(&["party", "code", "at"])?;
    Ok(Consent { party: o.string("party")?, code: o.string("code")?, at: o.maybe_instant("at")? })
}

fn read_delay(o: &Object<'_>) -> Read<Delay> {
    o.only(&["party", "rule", "code", "started", "released"])?;
    Ok(Delay {
        party: o.string("party")?,
        rule: o.string("rule")?,
        code: o.string("code")?,
        started: o.instant("started")?,
        released: o.maybe_instant("released")?,
    })
}

fn read_facts(owner: &Object<'_>, scope: Scope) -> Read<Stated> {
    let facts = Object::new(owner.need("facts")?, owner.at("facts"))?;
    let mut found = BTreeMap::new();
    for (name, value) in facts.map {
        let (id, value) = read_fact(name, value, scope, facts.at(name))?;
        found.extend(value.map(|value| (id, value)));
    }
    Ok(found)
}

fn read_fact(name: &str, value: &Json, scope: Scope, at: String) -> Read<(FactId, Option<Value>)> {
    let words = Vocabulary::shipped();
    let known: Option<(FactId, &Fact)> = words.id(name).and_then(|id| Some((id, words.fact(id)?)));
    let Some((id, fact)) = known else {
        return Err(Refused::new(Code::FactName, at, format!("no fact {name}")));
    };
    if fact.engine {
        return Err(Refused::new(Code::FactEngine, at, "only the engine supplies this fact"));
    }
    if !belongs(name, scope) {
        return Err(Refused::new(Code::FactScope, at, "the fact does not belong here"));
    }
    Ok((id, read_value(value, fact, &at)?))
}

/// Refuses a fact of a party or of the case that could stand in no document.
pub fn check_fact(of_party: bool, name: &str, value: &Json) -> Read<()> {
    let scope = if of_party { Scope::Party } else { Scope::Case };
    read_fact(name, value, scope, String::new()).map(drop)
}

fn belongs(name: &str, scope: Scope) -> bool {
    let of_action = name.starts_with("action.") || name.starts_with("recipient.");
    match scope {
        Scope::Action => of_action,
        Scope::Case => !of_action && !name.starts_with("actor."),
        Scope::Party => !of_action,
    }
}

/// Reads one value; null is unknown. A shape no fact can have is a fault of the schema.
fn read_value(value: &Json, fact: &Fact, at: &str) -> Read<Option<Value>> {
    let shapeless = || schema(at, "a fact is a scalar, a list of texts, known or any_of");
    let mistyped = || Refused::new(Code::FactType, at, format!("{} has another type", fact.name));
    let texts = |items: &[Json]| items.iter().all(Json::is_string);
    match value {
        Json::Null => Ok(None),
        Json::Bool(_) | Json::Number(_) | Json::String(_) if fact.list => Err(mistyped()),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            item(value, fact, at).map(|v| Some(Value::One(v)))
        }
        Json::Array(items) if !texts(items) => Err(shapeless()),
        Json::Array(items) if fact.list => list(items, true, fact, at).map(Some),
        Json::Array(_) => Err(mistyped()),
        Json::Object(map) => {
            let known = map.get("known").and_then(Json::as_array).filter(|items| {
                map.len() == 2 && map.get("complete") == Some(&Json::Bool(false)) && texts(items)
            });
            let any = map.get("any_of").and_then(Json::as_array).filter(|items| {
                let scalars = items.iter().all(|i| scalar(i).is_some());
                map.len() == 1 && items.len() >= 2 && scalars
            });
            match (known, any, fact.list) {
                (Some(items), _, true) => list(items, false, fact, at).map(Some),
                (_, Some(items), false) => {
                    let values: Read<Vec<Scalar>> =
                        items.iter().map(|v| item(v, fact, at)).collect();
                    Ok(Some(Value::AnyOf(values?)))
                }
                (Some(_), _, false) | (_, Some(_), true) => Err(mistyped()),
                (None, None, _) => Err(shapeless()),
            }
        }
    }
}

fn list(items: &[Json], complete: bool, fact: &Fact, at: &str) -> Read<Value> {
    let mut known = Vec::with_capacity(items.len());
    for value in items {
        match item(value, fact, at)? {
            Scalar::Text(text) => known.push(text),
            Scalar::Bool(_) | Scalar::Number(_) => {
                return Err(Refused::new(Code::FactType, at, "a list holds texts"));
            }
        }
    }
    Ok(Value::List { known, complete })
}

fn item(value: &Json, fact: &Fact, at: &str) -> Read<Scalar> {
    let mistyped = || Refused::new(Code::FactType, at, format!("{} has another type", fact.name));
    let scalar = scalar(value).ok_or_else(mistyped)?;
    let fits = match (&scalar, fact.kind) {
        (Scalar::Bool(_), Kind::Bool)
        | (Scalar::Number(_), Kind::Number)
        | (Scalar::Text(_), Kind::Text) => true,
        (Scalar::Text(text), Kind::Country) => is_country(text),
        (Scalar::Text(text), Kind::Enum) => fact.values.contains(text.as_ref()),
        (Scalar::Bool(_) | Scalar::Number(_) | Scalar::Text(_), _) => return Err(mistyped()),
    };
    let message = || format!("{} is never {}", fact.name, value);
    if fits { Ok(scalar) } else { Err(Refused::new(Code::FactValue, at, message())) }
}

fn check_acts_as(party: &Party, pointer: &str, packs: &PackSet) -> Read<()> {
    let unknown = party.acts_as.iter().enumerate().find(|(_, id)| packs.recipient(id).is_none());
    match unknown {
        Some((index, id)) => {
            let at = format!("{pointer}/acts_as/{index}");
            Err(Refused::new(Code::Ref, at, format!("no recipient {id}")))
        }
        None => Ok(()),
    }
}

fn check_references(case: &CaseFacts, packs: &PackSet) -> Read<()> {
    let mut ids = BTreeSet::new();
    for (index, party) in case.parties.iter().enumerate() {
        if !ids.insert(party.id.as_str()) {
            let at = format!("/parties/{index}/id");
            return Err(Refused::new(Code::Ref, at, format!("party {} twice", party.id)));
        }
    }
    let known = |id: &str, at: String| {
        let found = ids.contains(id);
        if found { Ok(()) } else { Err(Refused::new(Code::Ref, at, format!("no party {id}"))) }
    };
    known(&case.lead, "/case/lead".to_owned())?;
    for (i, action) in case.actions.iter().enumerate() {
        known(&action.party, format!("/actions/{i}/party"))?;
        if let Some(to) = &action.to
            && packs.recipient(to).is_none()
        {
            known(to, format!("/actions/{i}/to"))?;
        }
    }
    for (i, consent) in case.consents.iter().enumerate() {
        known(&consent.party, format!("/consents/{i}/party"))?;
    }
    for (i, (from, to)) in case.requests.iter().enumerate() {
        known(from, format!("/requests/{i}/from"))?;
        known(to, format!("/requests/{i}/to"))?;
    }
    for (i, delay) in case.delays.iter().enumerate() {
        known(&delay.party, format!("/delays/{i}/party"))?;
    }
    Ok(())
}
