//! The law side of a case: what people stated about it and what follows from its own entries, put
//! together as `comity.facts/1`, the document that the engine reads.
//!
//! Two sources, never mixed up: the fold of the case (parties, exposure, embargo, remedies, receipt) and
//! records, statements of named people that are kept sealed in the case. Nothing is assumed: what neither
//! source says stays unknown. Not here: who may state what, and where records lie.

mod derive;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::facts::{CaseFacts, read_case_value};
use super::pack::PackSet;
use super::refused::Refused;
use super::time::Instant;
use crate::case::Case;
use crate::case::body::Millis;
use crate::case::name::PartyId;

pub use statement::{Filing, Record, Statement, level_of};

/// Records of one case at most.
pub const RECORDS_MAX: usize = 2_000;
/// Bytes of one record at most.
pub const RECORD_BYTES_MAX: usize = 16 << 10;
/// TLP label of a case nobody gave one: what CSIRTs use while a fix is on its way.
const TLP: &str = "TLP:AMBER";
/// PAP label of a case nobody gave one.
const PAP: &str = "PAP:AMBER";

/// A case with the records made of it.
#[derive(Clone, Copy, Debug)]
pub struct Docket<'a> {
    /// The case, folded.
    pub case: &'a Case,
    /// The records in order of arrival.
    pub records: &'a [Record],
    /// When the first report reached the hub, milliseconds.
    pub received_at: Option<Millis>,
    /// The hub that asks: its own party has the role `hub`.
    pub hub: &'a str,
    /// Agreements in force as facts name them.
    pub agreements: &'a [Value],
}

/// Returns the id under which the engine knows a party: facts allow no dots.
#[must_use]
pub fn party_name(party: &PartyId) -> String {
    party.as_str().replace('.', "-")
}

/// Returns an instant of the case as the facts write it.
#[must_use]
pub fn written(at: Millis) -> String {
    let seconds = at.div_euclid(1000);
    Instant::from_unix(seconds).unwrap_or(Instant::MAX).to_string()
}

impl Docket<'_> {
    /// Returns the facts, checked like those of anybody else.
    pub fn facts(&self, packs: &PackSet, now: Millis) -> Result<CaseFacts, Refused> {
        read_case_value(&self.document(packs, now), packs)
    }

    /// Refuses records that would not hold in every state of the case: labels are read as under an embargo,
    /// though none may be in force yet.
    pub fn check(&self, packs: &PackSet, now: Millis) -> Result<(), Refused> {
        let mut document = self.document(packs, now);
        let (tlp, pap) = Stated::of(self.records).marking.unwrap_or((TLP, PAP));
        if let Some(Value::Object(case)) = document.get_mut("case") {
            case.insert(
                "embargo".to_owned(),
                json!({ "until": written(now), "tlp": tlp, "pap": pap }),
            );
        }
        read_case_value(&document, packs).map(drop)
    }

    /// Returns `comity.facts/1` as the case stands at `now`; the packs give the least level of a stage
    /// that was recorded as met without saying what was sent.
    #[must_use]
    pub fn document(&self, packs: &PackSet, now: Millis) -> Value {
        let stated = Stated::of(self.records);
        let state = self.case.state();
        let lead = state.lead.as_ref().map(|lead| party_name(&lead.party)).unwrap_or_default();
        let mut facts = stated.facts_of(None);
        derive::case_facts(self.case, &mut facts);
        let mut case = json!({
            "id": self.case.id().as_str(),
            "lead": lead,
            "facts": facts,
            "events": stated.events_of(None),
        });
        if let (Some(terms), Value::Object(members)) = (state.in_force(now), &mut case) {
            let (tlp, pap) = stated.marking.unwrap_or((TLP, PAP));
            members.insert(
                "embargo".to_owned(),
                json!({ "until": written(terms.ends), "tlp": tlp, "pap": pap }),
            );
        }
        let mut document = json!({
            "schema": "comity.facts/1",
            "case": case,
            "parties": self.parties(&stated, packs),
            "actions": stated.actions.values().collect::<Vec<_>>(),
            "consents": stated.consents.values().collect::<Vec<_>>(),
            "requests": stated.requests,
            "delays": stated.delays.values().collect::<Vec<_>>(),
            "agreements": self.agreements,
        });
        if let (Some(latency), Value::Object(members)) = (stated.latency, &mut document) {
            members.insert("latency".to_owned(), json!(latency));
        }
        document
    }

    /// Everybody who ever got the report, removed or not: leaving a case ends no duty.
    fn parties(&self, stated: &Stated<'_>, packs: &PackSet) -> Vec<Value> {
        let derived = derive::parties(self);
        let mut all = Vec::with_capacity(derived.len());
        for (id, party) in derived {
            let name = party_name(&id);
            let mut facts = stated.facts_of(Some(&name));
            party.add_facts(&mut facts);
            let mut events = stated.events_of(Some(&name));
            events.extend(
                party
                    .events
                    .iter()
                    .map(|(event, at)| json!({ "event": event, "at": written(*at), "by": "case" })),
            );
            let mut members = json!({
                "id": name,
                "facts": facts,
                "events": events,
                "submissions": self.submissions(&id, &name, packs),
            });
            if let Value::Object(members) = &mut members {
                if let Some((level, since)) = party.holds {
                    members.insert("holds".to_owned(), json!(level));
                    members.insert("since".to_owned(), json!(written(since)));
                }
                members.extend(stated.standing_of(&name));
            }
            all.push(members);
        }
        all
    }

    /// What a party filed: recorded with its level, or said to be met in the case itself.
    fn submissions(&self, id: &PartyId, name: &str, packs: &PackSet) -> Vec<Value> {
        let withdrawn = withdrawn(self.records);
        let mut covered: BTreeSet<&str> = BTreeSet::new();
        let mut all = Vec::new();
        for record in self.records {
            let Statement::Filing(filing) = &record.statement else { continue };
            covered.extend(record.of.as_deref());
            if filing.party == name && !withdrawn.contains(record.id.as_str()) {
                all.push(filing.submission());
            }
        }
        let said = derive::met(self.case, id).filter(|met| !covered.contains(met.entry));
        for met in said {
            let level = least_level(packs, met.rule, met.stage);
            all.push(json!({
                "rule": met.rule, "stage": met.stage, "at": written(met.at), "level": level,
            }));
        }
        all
    }
}

/// The least level at which a stage is met; L1 for one that needs none or that nobody knows.
fn least_level(packs: &PackSet, rule: &str, stage: &str) -> &'static str {
    let mut stages = packs.versions(rule).flat_map(|(_, rule)| &rule.stages);
    let least = stages.find(|s| s.id == stage).and_then(|s| s.min_level);
    least.map_or("L1", super::level::Level::as_str)
}

/// Returns the ids of the records that were taken back.
#[must_use]
pub fn withdrawn(records: &[Record]) -> BTreeSet<&str> {
    let of = |record: &Record| {
        if let Statement::Withdraw { of } = &record.statement { Some(of.clone()) } else { None }
    };
    let named: BTreeSet<String> = records.iter().filter_map(of).collect();
    records.iter().map(|r| r.id.as_str()).filter(|id| named.contains(*id)).collect()
}

/// What stands of the records: the last word of each organisation, differences kept as differences.
#[derive(Debug, Default)]
struct Stated<'r> {
    /// By party (none: the case) and fact, what each organisation says.
    facts: BTreeMap<(Option<&'r str>, &'r str), BTreeMap<&'r str, &'r Value>>,
    events: Vec<(Option<&'r str>, Value)>,
    standing: BTreeMap<&'r str, Map<String, Value>>,
    actions: BTreeMap<&'r str, Value>,
    consents: BTreeMap<(&'r str, &'r str), Value>,
    delays: BTreeMap<(&'r str, &'r str, &'r str), Value>,
    requests: Vec<Value>,
    marking: Option<(&'r str, &'r str)>,
    latency: Option<&'r str>,
}

impl<'r> Stated<'r> {
    fn of(records: &'r [Record]) -> Self {
        let withdrawn = withdrawn(records);
        let mut found = Self::default();
        for record in records.iter().filter(|r| !withdrawn.contains(r.id.as_str())) {
            found.take(record);
        }
        found
    }

    fn take(&mut self, record: &'r Record) {
        match &record.statement {
            Statement::Fact { party, fact, value } => {
                let said = self.facts.entry((party.as_deref(), fact)).or_default();
                said.insert(&record.organisation, value);
            }
            Statement::Event { party, event, at, planned, evidence } => {
                let mut members = json!({ "event": event, "at": at, "by": record.organisation });
                if let Value::Object(members) = &mut members {
                    if *planned {
                        members.insert("planned".to_owned(), json!(true));
                    }
                    if let Some(evidence) = evidence {
                        members.insert("evidence".to_owned(), json!(evidence));
                    }
                }
                self.events.push((party.as_deref(), members));
            }
            Statement::Standing { party, .. } => {
                let members = self.standing.entry(party).or_default();
                members.extend(record.statement.members(&["party"]));
            }
            Statement::Action { id, .. } => {
                self.actions.insert(id, record.statement.action());
            }
            Statement::Consent { party, code, .. } => {
                let members = Value::Object(record.statement.members(&[]));
                self.consents.insert((party, code), members);
            }
            Statement::Delay { party, rule, code, .. } => {
                let members = Value::Object(record.statement.members(&[]));
                self.delays.insert((party, rule, code), members);
            }
            Statement::Request { .. } => {
                let members = Value::Object(record.statement.members(&[]));
                if !self.requests.contains(&members) {
                    self.requests.push(members);
                }
            }
            Statement::Marking { tlp, pap } => self.marking = Some((tlp, pap)),
            Statement::Latency { within } => self.latency = Some(within),
            Statement::Filing(_) | Statement::Withdraw { .. } => {}
        }
    }

    fn facts_of(&self, party: Option<&str>) -> Map<String, Value> {
        let mut found = Map::new();
        for ((about, fact), said) in &self.facts {
            if *about == party
                && let Some(value) = agreed(said.values().copied())
            {
                found.insert((*fact).to_owned(), value);
            }
        }
        found
    }

    fn events_of(&self, party: Option<&str>) -> Vec<Value> {
        let of = |(about, event): &(Option<&str>, Value)| (*about == party).then(|| event.clone());
        self.events.iter().filter_map(of).collect()
    }

    fn standing_of(&self, party: &str) -> Map<String, Value> {
        self.standing.get(party).cloned().unwrap_or_default()
    }
}

/// Puts together what several organisations say of one fact. A difference is never decided here: a
/// scalar becomes `any_of`, and of lists only what all name is known (LW-10).
fn agreed<'v>(said: impl Iterator<Item = &'v Value>) -> Option<Value> {
    let mut distinct: Vec<&Value> = Vec::new();
    for value in said.filter(|value| !value.is_null()) {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    let first = *distinct.first()?;
    if distinct.len() == 1 {
        return Some(first.clone());
    }
    let is_list = |v: &Value| v.is_array() || v.get("known").is_some();
    if distinct.iter().all(|v| is_list(v)) {
        let mut known = derive::list_items(first);
        for other in distinct.iter().skip(1) {
            let items = derive::list_items(other);
            known.retain(|item| items.contains(item));
        }
        return Some(json!({ "known": known, "complete": false }));
    }
    let mut any: Vec<Value> = Vec::new();
    for value in distinct {
        let values = value.get("any_of").and_then(Value::as_array).cloned();
        for value in values.unwrap_or_else(|| vec![value.clone()]) {
            if !any.contains(&value) {
                any.push(value);
            }
        }
    }
    Some(json!({ "any_of": any }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_differs_is_not_overruled() {
        let check = |said: &[Value], expected: Option<Value>| {
            assert_eq!(agreed(said.iter()), expected, "{said:?}");
        };
        check(&[], None);
        check(&[Value::Null], None);
        check(&[json!("large"), Value::Null], Some(json!("large")));
        check(&[json!(true), json!(true)], Some(json!(true)));
        check(&[json!(true), json!(false)], Some(json!({ "any_of": [true, false] })));
        check(
            &[json!({ "any_of": ["poc", "none"] }), json!("active")],
            Some(json!({ "any_of": ["poc", "none", "active"] })),
        );
        check(
            &[json!(["DE", "FR"]), json!({ "known": ["FR", "IE"], "complete": false })],
            Some(json!({ "known": ["FR"], "complete": false })),
        );
    }
}
