//! The export decision: request, rules and register in, one document out (section 10).
//!
//! A screening hit is a candidate and never a denial; a denial needs a named officer and a basis
//! (CT-48). Not here: screening lists, and I/O.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::decimal::Decimal;
use super::export_rules::{Clause, Entry, ExportRules};
use super::lookup::{Lookup, Lookups};
use super::word::{ExportOutcome, ExportTreat};
use super::{ENGINE, NOTICE};
use crate::cert::day::{Day, Instant};
use crate::cert::document::{self, Json, Object, invalid, under};
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::register::Register;
use crate::cert::word::words;
use crate::refusal::{Refusal, child};

/// The files of an export decision.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'b> {
    /// The request.
    pub request: &'b [u8],
    /// The rules.
    pub rules: &'b [u8],
    /// The register.
    pub register: &'b [u8],
}

/// An item to be exported.
#[derive(Clone, Debug)]
pub struct Item {
    id: String,
    category: String,
    quantity: u64,
    parameters: BTreeMap<String, Decimal>,
}

#[derive(Clone, Debug)]
struct Earlier {
    end_user: String,
    class: String,
    quantity: u64,
    date: Day,
}

words! {
    /// What a screening says of a party.
    ScreeningState {
        Candidate = "candidate",
        Confirmed = "confirmed",
        Cleared = "cleared",
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    id: String,
    exporter: JurisdictionUrn,
    date: Day,
    items: Vec<Item>,
    destination: String,
    end_user: String,
    end_user_since: Option<Day>,
    site_power_w: Option<Decimal>,
    known_at: Option<Instant>,
    transit: Vec<String>,
    flags: Vec<String>,
    history: Vec<Earlier>,
    screening: Vec<(String, ScreeningState)>,
}

impl Request {
    /// Reads a request.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.export-request/1")?;
        let end_user = object.object("end_user")?;
        let in_user = |refusal| under(refusal, "end_user");
        let power = end_user.get("site_power_w").map(|value| decimal(value, "site_power_w"));
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        Ok(Self {
            id: object.text("id")?.to_owned(),
            exporter: object.urn("exporter")?,
            date: object.day("date")?,
            items: object.each("items", read_item)?,
            destination: object.text("destination")?.to_owned(),
            end_user: end_user.text("id").map_err(in_user)?.to_owned(),
            end_user_since: end_user.day_or_none("since").map_err(in_user)?,
            site_power_w: power.transpose().map_err(in_user)?,
            known_at: object.instant_or_none("known_at")?,
            transit: owned(object.texts_or_empty("transit")?),
            flags: owned(object.texts_or_empty("flags")?),
            history: object.each_or_empty("history", read_earlier)?,
            screening: object.each_or_empty("screening", read_screening)?,
        })
    }
}

fn bad_number(key: &str) -> Refusal {
    Refusal::new("export-bad-number", child("", key))
}

fn decimal(value: &Json<'_>, key: &str) -> Result<Decimal, Refusal> {
    value.text().and_then(Decimal::parse).ok_or_else(|| bad_number(key))
}

fn quantity(item: Object<'_>, least: u64) -> Result<u64, Refusal> {
    let quantity = match item.get("quantity") {
        None => return Err(invalid("quantity")),
        Some(Json::Integer(quantity)) => u64::try_from(*quantity).ok(),
        Some(_) => None,
    };
    quantity.filter(|quantity| *quantity >= least).ok_or_else(|| bad_number("quantity"))
}

fn read_item(item: Object<'_>) -> Result<Item, Refusal> {
    let parameters = item.object("params")?.members();
    let parameters = parameters.map(|(name, value)| Ok((name.to_owned(), decimal(value, name)?)));
    Ok(Item {
        id: item.text("id")?.to_owned(),
        category: item.text("category")?.to_owned(),
        quantity: quantity(item, 1)?,
        parameters: parameters
            .collect::<Result<_, Refusal>>()
            .map_err(|refusal| under(refusal, "params"))?,
    })
}

fn read_earlier(item: Object<'_>) -> Result<Earlier, Refusal> {
    Ok(Earlier {
        end_user: item.text("end_user")?.to_owned(),
        class: item.text("class")?.to_owned(),
        quantity: quantity(item, 0)?,
        date: item.day("date")?,
    })
}

/// Reads a screening; a confirmed one names the officer and what the confirmation rests on.
fn read_screening(item: Object<'_>) -> Result<(String, ScreeningState), Refusal> {
    item.text("list")?;
    item.count("score")?;
    let state = item.text("state")?;
    let state = <ScreeningState as crate::cert::word::Word>::parse(state)
        .ok_or_else(|| Refusal::new("screening-bad-state", "/state"))?;
    let says = |key| Ok(item.text_or_none(key)?.is_some_and(|text| !text.trim().is_empty()));
    if state == ScreeningState::Confirmed && !(says("by")? && says("basis")?) {
        return Err(Refusal::new("screening-unsigned", "/by"));
    }
    Ok((item.text("party")?.to_owned(), state))
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ItemShown {
    id: String,
    class: Option<String>,
    missing: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Reason {
    code: String,
    item: String,
    outcome: ExportOutcome,
}

#[derive(Clone, Debug, Serialize)]
struct Receipt {
    request: String,
    rules: String,
    register: String,
    result: String,
    engine: &'static str,
}

/// An export decision.
#[derive(Clone, Debug, Serialize)]
pub struct ExportDecision {
    #[serde(rename = "type")]
    kind: &'static str,
    request: String,
    outcome: ExportOutcome,
    known_at: Instant,
    items: Vec<ItemShown>,
    reasons: BTreeSet<Reason>,
    statuses: Vec<Lookup<ExportTreat>>,
    notice: &'static str,
    /// Absent only while the result is hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

impl ExportDecision {
    /// Returns the outcome.
    #[must_use]
    pub const fn outcome(&self) -> ExportOutcome {
        self.outcome
    }
}

/// Decides an export.
pub fn decide(inputs: &Inputs<'_>) -> Result<ExportDecision, Refusal> {
    let request = Request::parse(inputs.request)?;
    let rules = ExportRules::parse(inputs.rules)?;
    let register = Register::parse(inputs.register)?;
    if request.exporter != rules.exporter {
        return Err(Refusal::new("rules-wrong-exporter", "/exporter"));
    }
    if request.date < rules.valid_from || rules.valid_until < request.date {
        return Err(Refusal::new("rules-not-in-force", "/valid_until")
            .with("day", request.date.to_string()));
    }
    if rules.standard != register.standard {
        return Err(Refusal::new("register-wrong-standard", "/standard"));
    }
    let known_at = register.known_at(request.known_at)?;
    let mut decision =
        Case { request: &request, rules: &rules, register: &register }.decide(known_at)?;
    let result = document::canonical_hash(&decision);
    decision.receipt = Some(Receipt {
        request: document::hash(inputs.request),
        rules: document::hash(inputs.rules),
        register: document::hash(inputs.register),
        result,
        engine: ENGINE,
    });
    Ok(decision)
}

/// Kleene's three truths, with what is missing for an answer.
enum Truth {
    False,
    True,
    Unknown(BTreeSet<String>),
}

struct Case<'a> {
    request: &'a Request,
    rules: &'a ExportRules,
    register: &'a Register,
}

impl<'a> Case<'a> {
    fn decide(&self, known_at: Instant) -> Result<ExportDecision, Refusal> {
        let rules = self.rules;
        let table = self.rules.table(self.request.date)?;
        for flag in &self.request.flags {
            self.flag(flag)?;
        }
        let mut items = Vec::new();
        for item in &self.request.items {
            items.push(self.classify(item, &table.entries)?);
        }
        let mut lookups = Lookups::new(self.register, known_at, &rules.treat, &rules.overrides);
        let destination = self.treat(&self.request.destination, &mut lookups);
        let is_controlled =
            items.iter().any(|item| item.class.is_some() || !item.missing.is_empty());
        let mut reasons = BTreeSet::new();
        if is_controlled {
            self.weigh_items(&items, destination, &mut reasons);
            self.weigh_flags(&mut lookups, &mut reasons)?;
            self.weigh_screening(&mut reasons);
        }
        items.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(ExportDecision {
            kind: "comity.export-decision/1",
            request: self.request.id.clone(),
            outcome: reasons.iter().map(|r| r.outcome).max().unwrap_or(ExportOutcome::NoLicence),
            known_at,
            items,
            reasons,
            statuses: lookups.into_list(),
            notice: NOTICE,
            receipt: None,
        })
    }

    fn flag(&self, name: &str) -> Result<ExportOutcome, Refusal> {
        let outcome = self.rules.flags.get(name).copied();
        outcome.ok_or_else(|| Refusal::new("export-unknown-flag", "/flags").with("flag", name))
    }

    fn treat(&self, place: &str, lookups: &mut Lookups<'a, ExportTreat>) -> Option<ExportTreat> {
        let urn = self.register.resolve(place, self.request.date)?;
        lookups.look_up(urn, self.request.date).map(|lookup| lookup.treat)
    }

    /// Returns the class of the first entry that holds; an entry that may hold stops the search.
    fn classify(&self, item: &Item, entries: &[Entry]) -> Result<ItemShown, Refusal> {
        let shown = |class: Option<&str>, missing| ItemShown {
            id: item.id.clone(),
            class: class.map(str::to_owned),
            missing,
        };
        for entry in entries.iter().filter(|entry| entry.category == item.category) {
            match self.test(item, entry)? {
                Truth::False => {}
                Truth::True => return Ok(shown(Some(&entry.class), BTreeSet::new())),
                Truth::Unknown(missing) => return Ok(shown(None, missing)),
            }
        }
        Ok(shown(None, BTreeSet::new()))
    }

    fn test(&self, item: &Item, entry: &Entry) -> Result<Truth, Refusal> {
        let mut missing = BTreeSet::new();
        let mut is_true = false;
        // Every clause is looked at, so that a bad number is one wherever it stands.
        for clauses in &entry.any {
            match self.test_all(item, clauses)? {
                Truth::False => {}
                Truth::True => is_true = true,
                Truth::Unknown(names) => missing.extend(names),
            }
        }
        Ok(match (is_true, missing.is_empty()) {
            (true, _) => Truth::True,
            (false, true) => Truth::False,
            (false, false) => Truth::Unknown(missing),
        })
    }

    fn test_all(&self, item: &Item, clauses: &[Clause]) -> Result<Truth, Refusal> {
        let mut missing = BTreeSet::new();
        let mut is_false = false;
        for clause in clauses {
            match self.parameter(item, &clause.parameter)? {
                Ok(value) => {
                    let (left, right) = value.cross(clause.value);
                    is_false |= !clause.comparison.holds(&left, &right);
                }
                Err(names) => missing.extend(names),
            }
        }
        Ok(match (is_false, missing.is_empty()) {
            (true, _) => Truth::False,
            (false, true) => Truth::True,
            (false, false) => Truth::Unknown(missing),
        })
    }

    /// Returns a parameter, raw or derived, or the raw ones that are missing.
    fn parameter(&self, item: &Item, name: &str) -> Result<Result<Decimal, Vec<String>>, Refusal> {
        let raw = |name: &String| item.parameters.get(name).copied();
        let Some((numerator, denominator)) = self.rules.derived.get(name) else {
            let name = name.to_owned();
            return Ok(raw(&name).ok_or_else(|| vec![name]));
        };
        match (raw(numerator), raw(denominator)) {
            (Some(above), Some(below)) => {
                above.over(below).map(Ok).ok_or_else(|| bad_number(denominator))
            }
            (above, below) => {
                let pairs = [(numerator, above), (denominator, below)].into_iter();
                let missing = pairs.filter(|(_, value)| value.is_none());
                Ok(Err(missing.map(|(name, _)| name.clone()).collect()))
            }
        }
    }

    fn weigh_items(
        &self,
        items: &[ItemShown],
        destination: Option<ExportTreat>,
        reasons: &mut BTreeSet<Reason>,
    ) {
        for item in items.iter().filter(|item| !item.missing.is_empty()) {
            reasons.insert(reason("PARAM_MISSING", &item.id, ExportOutcome::Refer));
        }
        if destination.is_none() {
            reasons.insert(reason("UNRESOLVED_JURISDICTION", "", ExportOutcome::Refer));
        }
        let mut quantities: BTreeMap<&str, u128> = BTreeMap::new();
        for (item, shown) in self.request.items.iter().zip(items) {
            if let Some(class) = &shown.class {
                *quantities.entry(class).or_default() += u128::from(item.quantity);
            }
        }
        for (name, now) in quantities {
            let Some(class) = self.rules.classes.get(name) else { continue };
            let outcome = destination.and_then(|treat| class.outcomes.get(&treat));
            reasons.extend(outcome.map(|outcome| reason("DESTINATION", name, *outcome)));
            let over = class.aggregate.filter(|aggregate| {
                now + self.earlier(name, aggregate.window_days) > u128::from(aggregate.max)
            });
            reasons.extend(over.map(|aggregate| reason("AGGREGATE", name, aggregate.outcome)));
        }
    }

    /// Returns what the end user got of a class in the window that ends on the day.
    fn earlier(&self, class: &str, window_days: i64) -> u128 {
        let request = self.request;
        let counts = |earlier: &&Earlier| {
            let age = request.date.since(earlier.date);
            earlier.end_user == request.end_user
                && earlier.class == class
                && (0..window_days).contains(&age)
        };
        request.history.iter().filter(counts).map(|earlier| u128::from(earlier.quantity)).sum()
    }

    fn weigh_flags(
        &self,
        lookups: &mut Lookups<'a, ExportTreat>,
        reasons: &mut BTreeSet<Reason>,
    ) -> Result<(), Refusal> {
        let request = self.request;
        let mut raised: Vec<&str> = request.flags.iter().map(String::as_str).collect();
        for place in &request.transit {
            match self.treat(place, lookups) {
                Some(ExportTreat::Licence | ExportTreat::Open) => {}
                Some(ExportTreat::Deny) | None => raised.push("TRANSIT_CLOSED"),
            }
        }
        let is_new = |since| request.date.since(since) < self.rules.new_end_user_days;
        if request.end_user_since.is_some_and(is_new) {
            raised.push("END_USER_NEW");
        }
        if request.site_power_w.is_some_and(|power| self.power() > power.times(1)) {
            raised.push("CAPACITY_MISMATCH");
        }
        for name in raised {
            reasons.insert(reason(name, "", self.flag(name)?));
        }
        Ok(())
    }

    /// Returns the power that all items draw, in millionths of a watt.
    fn power(&self) -> u128 {
        let items = self.request.items.iter();
        let power = items.filter_map(|item| {
            item.parameters.get("power_w").map(|power| power.times(item.quantity))
        });
        power.fold(0, u128::saturating_add)
    }

    fn weigh_screening(&self, reasons: &mut BTreeSet<Reason>) {
        for (party, state) in &self.request.screening {
            match state {
                ScreeningState::Candidate => {
                    reasons.insert(reason("PARTY_CANDIDATE", party, ExportOutcome::Refer));
                }
                ScreeningState::Confirmed => {
                    let outcome = ExportOutcome::DenyPresumption;
                    reasons.insert(reason("PARTY_CONFIRMED", party, outcome));
                }
                ScreeningState::Cleared => {}
            }
        }
    }
}

fn reason(code: &str, item: &str, outcome: ExportOutcome) -> Reason {
    Reason { code: code.to_owned(), item: item.to_owned(), outcome }
}
