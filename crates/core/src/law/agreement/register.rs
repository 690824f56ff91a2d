//! An agreement as a document and the signed acts under it, and the document that results on a day.
//!
//! Every act is a party's, signed with its hub's key; the register only ever grows. Signatures, ratifications,
//! reservations, amendments, suspensions, withdrawals and reviews become members of the document, so that one
//! rule ([`super::status`]) says where it stands. Not here: checking signatures, storing, telling others.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::status::{amendment, later};
use super::{Agreement, BYTES_MAX, parse};
use crate::law::pack::Severity;
use crate::law::time::{Within, parse_date};
use crate::refusal::Refusal;

/// Acts of one agreement at most.
pub const ACTS_MAX: usize = 5_000;
/// Characters of a text of an act at most.
const TEXT_CHARS_MAX: usize = 500;
/// Days before a review from which its decision counts.
const REVIEW_DAYS: i64 = 180;
/// Reviews looked at; more than any agreement lives to see.
const REVIEWS_MAX: usize = 1_000;

/// What a party does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// Accepts the model clauses for receivers, of a version.
    AcceptClauses {
        /// The version.
        clauses: String,
    },
    /// Notifies a change of an annex, which enters into force by silence.
    Amend {
        /// Names the amendment.
        amendment: String,
        /// The annex: a member of the document.
        annex: String,
        /// What it becomes.
        value: Value,
    },
    /// Objects to an amendment.
    Object {
        /// The amendment.
        amendment: String,
    },
    /// Ratifies.
    Ratify,
    /// Makes a reservation.
    Reserve {
        /// The clause.
        clause: String,
        /// `exclude_class`, `lower_level` or `exclude_duty`.
        effect: String,
        /// The class, level or duty.
        value: String,
    },
    /// Ends one's own suspension.
    Resume,
    /// Records the decision of a review.
    Review {
        /// `continue` or `lapse`.
        decision: String,
    },
    /// Signs.
    Sign,
    /// Suspends for oneself.
    Suspend {
        /// One of the grounds of the agreement.
        ground: String,
        /// The first day after it; the longest allowed if not named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// Leaves, after the notice that the agreement wants.
    Terminate,
    /// Takes a reservation back.
    Unreserve {
        /// The class, level or duty.
        value: String,
    },
}

/// An act with its party and day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The party.
    pub party: String,
    /// The day, UTC: `YYYY-MM-DD`.
    pub on: String,
    /// What it does.
    pub act: Act,
    /// The signed statement.
    pub statement: Value,
}

/// A document and the acts under it, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// As proposed.
    pub document: Value,
    /// In order.
    pub acts: Vec<Signed>,
}

impl Register {
    /// Takes a proposed document: one that holds, that nobody has signed yet and that is beyond doubt.
    pub fn propose(document: Value) -> Result<Self, Vec<Refusal>> {
        read(&document).map_err(|refusal| vec![refusal])?;
        let mut refusals = Vec::new();
        let is_filled = |key: &str| {
            document.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
        };
        for key in ["reservations", "signatures", "suspensions"] {
            if is_filled(key) {
                refusals.push(Refusal::new("agreement-not-new", format!("/{key}")));
            }
        }
        let parties = document.get("parties").and_then(Value::as_array);
        for (place, party) in parties.into_iter().flatten().enumerate() {
            for key in ["ratified_on", "signed_on", "withdrew_on"] {
                if party.get(key).is_some() {
                    let at = format!("/parties/{place}/{key}");
                    refusals.push(Refusal::new("agreement-not-new", at));
                }
            }
            let hubs = party.get("hubs").and_then(Value::as_array);
            if hubs.is_none_or(Vec::is_empty) {
                refusals.push(Refusal::new("field-missing", format!("/parties/{place}/hubs")));
            }
        }
        if refusals.is_empty() { Ok(Self { document, acts: Vec::new() }) } else { Err(refusals) }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.document.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the RFC 8785 form of the document as proposed: what every act names by its hash.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json_canonicalizer::to_vec(&self.document)
    }

    /// Returns the party that a hub speaks for.
    #[must_use]
    pub fn party_of(&self, hub: &str) -> Option<&str> {
        let prefixed = format!("hub:{hub}");
        let speaks = |party: &&Value| {
            let hubs = party.get("hubs").and_then(Value::as_array);
            hubs.into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .any(|one| one == hub || one == prefixed)
        };
        let parties = self.document.get("parties").and_then(Value::as_array)?;
        parties.iter().find(speaks)?.get("party")?.as_str()
    }

    /// Says whether a party accepted the model clauses.
    #[must_use]
    pub fn has_accepted_clauses(&self, party: &str) -> bool {
        self.acts_of(party).any(|signed| matches!(signed.act, Act::AcceptClauses { .. }))
    }

    fn acts_of(&self, party: &str) -> impl Iterator<Item = &Signed> {
        self.acts.iter().filter(move |signed| signed.party == party)
    }

    /// Adds an act, or says why it is not taken.
    pub fn add(&mut self, signed: Signed) -> Result<(), Refusal> {
        self.check(&signed)?;
        let mut after = self.clone();
        let on = parse_date(&signed.on);
        after.acts.push(signed);
        // Whatever is added, what results is an agreement that holds.
        let holds = on.is_some_and(|on| read(&after.effective(on, None)).is_ok());
        if !holds {
            return Err(Refusal::new("value-invalid", "/act"));
        }
        *self = after;
        Ok(())
    }

    fn check(&self, signed: &Signed) -> Result<(), Refusal> {
        let no = |code, at: &str| Err(Refusal::new(code, at));
        if self.acts.len() >= ACTS_MAX {
            return no("list-too-long", "/act");
        }
        let Some(on) = parse_date(&signed.on) else { return no("value-invalid", "/on") };
        if self.acts.last().is_some_and(|last| last.on > signed.on) {
            return no("time-reversed", "/on");
        }
        let members = self.document.get("parties").and_then(Value::as_array);
        let is_member =
            |one: &Value| one.get("party").and_then(Value::as_str) == Some(&signed.party);
        if !members.into_iter().flatten().any(is_member) {
            return no("not-a-party", "/party");
        }
        let did = |wanted: &Act| self.acts_of(&signed.party).any(|one| one.act == *wanted);
        let has_left = did(&Act::Terminate);
        if has_left {
            return no("wrong-state", "/act");
        }
        if !matches!(signed.act, Act::Sign) && !did(&Act::Sign) {
            return no("not-signed", "/act");
        }
        match &signed.act {
            Act::Sign | Act::Ratify | Act::Terminate => {
                if did(&signed.act) {
                    no("already-there", "/act")
                } else {
                    Ok(())
                }
            }
            Act::AcceptClauses { clauses } => text(clauses, "/act/clauses"),
            Act::Amend { amendment, annex, value } => self.check_amend(amendment, annex, value, on),
            Act::Object { amendment } => self.check_object(signed, amendment, on),
            Act::Reserve { .. } | Act::Unreserve { .. } => self.check_reservation(signed),
            Act::Review { decision } => self.check_review(&signed.party, decision),
            Act::Suspend { ground, to } => self.check_suspend(ground, to.as_deref(), on),
            Act::Resume if self.has_suspended(&signed.party) => Ok(()),
            Act::Resume => no("wrong-state", "/act"),
        }
    }

    /// Whether the last word of a party on suspension was that it suspends.
    fn has_suspended(&self, party: &str) -> bool {
        let said = self
            .acts_of(party)
            .filter(|one| matches!(one.act, Act::Resume | Act::Suspend { .. }))
            .last();
        said.is_some_and(|one| matches!(one.act, Act::Suspend { .. }))
    }

    fn check_review(&self, party: &str, decision: &str) -> Result<(), Refusal> {
        if !matches!(decision, "continue" | "lapse") {
            return Err(Refusal::new("value-invalid", "/act/decision"));
        }
        let panel = self.document.pointer("/review/panel").and_then(Value::as_array);
        let mut panel = panel.into_iter().flatten().filter_map(Value::as_str).peekable();
        // Without a panel the parties themselves review.
        if panel.peek().is_none() || panel.any(|one| one == party) {
            return Ok(());
        }
        Err(Refusal::new("not-allowed", "/party"))
    }

    fn check_amend(
        &self,
        amendment: &str,
        annex: &str,
        value: &Value,
        on: Date,
    ) -> Result<(), Refusal> {
        text(amendment, "/act/amendment")?;
        let annexes = self.document.pointer("/amendment/annexes").and_then(Value::as_array);
        if !annexes.into_iter().flatten().any(|one| one.as_str() == Some(annex)) {
            // The body of an agreement is changed by a new version that all sign.
            return Err(Refusal::new("agreement-not-annex", "/act/annex"));
        }
        if self.amendments().any(|(_, known, ..)| known == amendment) {
            return Err(Refusal::new("already-there", "/act/amendment"));
        }
        let mut changed = self.effective(on, None);
        put(&mut changed, annex, value.clone());
        read(&changed).map(drop).map_err(|_| Refusal::new("value-invalid", "/act/value"))
    }

    fn check_object(&self, signed: &Signed, amendment: &str, on: Date) -> Result<(), Refusal> {
        let found = self.amendments().find(|(_, known, ..)| *known == amendment);
        let Some((notified, ..)) = found else {
            return Err(Refusal::new("amendment-unknown", "/act/amendment"));
        };
        if self.objectors(amendment).contains(signed.party.as_str()) {
            return Err(Refusal::new("already-there", "/act/amendment"));
        }
        let open_until = read(&self.document)
            .ok()
            .and_then(|agreement| later(parse_date(&notified.on)?, agreement.tacit.0));
        if open_until.is_none_or(|until| on >= until) {
            return Err(Refusal::new("too-late", "/act/amendment"));
        }
        Ok(())
    }

    fn check_reservation(&self, signed: &Signed) -> Result<(), Refusal> {
        if let Act::Reserve { clause, effect, value } = &signed.act {
            text(clause, "/act/clause")?;
            text(value, "/act/value")?;
            if !matches!(&**effect, "exclude_class" | "exclude_duty" | "lower_level") {
                return Err(Refusal::new("value-invalid", "/act/effect"));
            }
        }
        if let Act::Unreserve { value } = &signed.act {
            let own =
                |one: &Signed| matches!(&one.act, Act::Reserve { value: v, .. } if v == value);
            if !self.acts_of(&signed.party).any(own) {
                return Err(Refusal::new("reservation-unknown", "/act/value"));
            }
        }
        Ok(())
    }

    fn check_suspend(&self, ground: &str, to: Option<&str>, on: Date) -> Result<(), Refusal> {
        let grounds = self.document.pointer("/suspension_rules/grounds").and_then(Value::as_array);
        if !grounds.into_iter().flatten().any(|one| one.as_str() == Some(ground)) {
            return Err(Refusal::new("ground-unknown", "/act/ground"));
        }
        let Some(to) = to else { return Ok(()) };
        let longest =
            read(&self.document).ok().and_then(|agreement| later(on, agreement.suspension_max));
        match (parse_date(to), longest) {
            (Some(to), Some(longest)) if to > on && to <= longest => Ok(()),
            _ => Err(Refusal::new("value-invalid", "/act/to")),
        }
    }

    fn amendments(&self) -> impl Iterator<Item = (&Signed, &str, &str, &Value)> {
        self.acts.iter().filter_map(|signed| {
            let Act::Amend { amendment, annex, value } = &signed.act else { return None };
            Some((signed, amendment.as_str(), annex.as_str(), value))
        })
    }

    fn objectors(&self, amendment: &str) -> BTreeSet<&str> {
        let objects = |signed: &&Signed| matches!(&signed.act, Act::Object { amendment: of } if of == amendment);
        self.acts.iter().filter(objects).map(|signed| signed.party.as_str()).collect()
    }

    /// Returns the document as it stands on a day: for all, or between two parties, whom an amendment that
    /// one of them objected to does not bind (LW-82).
    #[must_use]
    pub fn effective(&self, today: Date, between: Option<(&str, &str)>) -> Value {
        let mut document = self.document.clone();
        let done = |signed: &&Signed| parse_date(&signed.on).is_some_and(|on| on <= today);
        for signed in self.acts.iter().filter(done) {
            self.apply(&mut document, signed);
        }
        let Ok(agreement) = read(&document) else { return document };
        for (signed, name, annex, value) in self.amendments().filter(|one| done(&one.0)) {
            let against = self.objectors(name);
            let in_force = parse_date(&signed.on)
                .and_then(|notified| amendment(&agreement, notified, against.len()))
                .is_some_and(|from| from <= today);
            let is_bound =
                between.is_none_or(|(x, y)| !against.contains(x) && !against.contains(y));
            if in_force && is_bound {
                put(&mut document, annex, value.clone());
            }
        }
        if let Some(end) = self.undecided(&agreement, today) {
            put(&mut document, "sunset", json!({ "date": end.to_string(), "tacit_renewal": null }));
        }
        document
    }

    fn apply(&self, document: &mut Value, signed: &Signed) {
        let (party, on) = (signed.party.as_str(), signed.on.as_str());
        match &signed.act {
            Act::Sign => {
                set_day(document, party, "signed_on", on);
                let of = |key: &str| {
                    signed.statement.pointer(key).and_then(Value::as_str).unwrap_or_default()
                };
                push(
                    document,
                    "signatures",
                    json!({
                        "party": party, "key": of("/signatures/0/keyid"), "at": format!("{on}T00:00:00Z"),
                        "sig": of("/signatures/0/sig"),
                    }),
                );
            }
            Act::Ratify => set_day(document, party, "ratified_on", on),
            Act::Reserve { clause, effect, value } => push(
                document,
                "reservations",
                json!({
                    "party": party, "clause": clause, "effect": effect, "value": value, "made_on": on,
                }),
            ),
            Act::Unreserve { value } => {
                let own = |one: &Value| {
                    one.get("party").and_then(Value::as_str) == Some(party)
                        && one.get("value").and_then(Value::as_str) == Some(value)
                };
                end_last(document, "reservations", "withdrawn_on", on, own);
            }
            Act::Suspend { ground, to } => {
                let mut said = json!({ "party": party, "from": on, "ground": ground });
                if let Some(to) = to {
                    put(&mut said, "to", json!(to));
                }
                push(document, "suspensions", said);
            }
            Act::Resume => {
                let own = |one: &Value| one.get("party").and_then(Value::as_str) == Some(party);
                // Taken back on its first day, it never was.
                let is_of_today =
                    |one: &Value| own(one) && one.get("from").and_then(Value::as_str) == Some(on);
                let list = document.get_mut("suspensions").and_then(Value::as_array_mut);
                if let Some(list) = list {
                    list.retain(|one| !is_of_today(one));
                }
                let is_open = |one: &Value| {
                    own(one) && one.get("to").and_then(Value::as_str).is_none_or(|to| to > on)
                };
                end_last(document, "suspensions", "to", on, is_open);
            }
            Act::Terminate => {
                let notice = self.document.pointer("/termination/notice").and_then(Value::as_str);
                let out = parse_date(on)
                    .zip(notice.and_then(Within::parse))
                    .and_then(|(on, notice)| later(on, notice));
                let out = out.map_or_else(|| on.to_owned(), |out| out.to_string());
                set_day(document, party, "withdrew_on", &out);
            }
            Act::AcceptClauses { .. }
            | Act::Amend { .. }
            | Act::Object { .. }
            | Act::Review { .. } => {}
        }
    }

    /// Returns the day on which a review without a decision, or one that said so, lets it lapse (LW-81).
    fn undecided(&self, agreement: &Agreement, today: Date) -> Option<Date> {
        let decided: Vec<(Date, bool)> = self
            .acts
            .iter()
            .filter_map(|signed| {
                let Act::Review { decision } = &signed.act else { return None };
                Some((parse_date(&signed.on)?, decision == "continue"))
            })
            .collect();
        if let Some((on, _)) = decided.iter().find(|(on, continues)| !continues && *on <= today) {
            return Some(*on);
        }
        if !agreement.review.lapses {
            return None;
        }
        let mut review = agreement.review.first;
        for _ in 0..REVIEWS_MAX {
            if review > today {
                return None;
            }
            let opens = Span::new().try_days(-REVIEW_DAYS).ok();
            let opens = opens.and_then(|span| review.checked_add(span).ok())?;
            if !decided.iter().any(|(on, continues)| *continues && opens <= *on && *on <= review) {
                return Some(review);
            }
            if agreement.review.every.count <= 0 {
                return None;
            }
            review = later(review, agreement.review.every)?;
        }
        None
    }
}

/// Reads a document; its shape and what is beyond doubt wrong are refused.
pub fn read(document: &Value) -> Result<Agreement, Refusal> {
    let bytes = serde_json::to_vec(document).map_err(|_| Refusal::new("value-invalid", ""))?;
    if bytes.len() > BYTES_MAX {
        return Err(Refusal::new("too-large", ""));
    }
    let (agreement, findings) = parse(&bytes).map_err(|refused| {
        Refusal::new("agreement-invalid", refused.place).with("law", refused.code.as_str())
    })?;
    match findings.into_iter().find(|finding| finding.severity == Severity::Error) {
        Some(finding) => {
            Err(Refusal::new("agreement-invalid", finding.r#where).with("law", finding.code))
        }
        None => Ok(agreement),
    }
}

fn text(text: &str, at: &str) -> Result<(), Refusal> {
    let fits =
        (1..=TEXT_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Refusal::new("value-invalid", at)) }
}

fn put(document: &mut Value, key: &str, value: Value) {
    if let Value::Object(members) = document {
        members.insert(key.to_owned(), value);
    }
}

fn push(document: &mut Value, key: &str, item: Value) {
    if let Value::Object(members) = document
        && let Value::Array(items) = members.entry(key).or_insert_with(|| json!([]))
    {
        items.push(item);
    }
}

fn set_day(document: &mut Value, party: &str, key: &str, on: &str) {
    let parties = document.get_mut("parties").and_then(Value::as_array_mut);
    for member in parties.into_iter().flatten() {
        if member.get("party").and_then(Value::as_str) == Some(party) {
            put(member, key, json!(on));
        }
    }
}

fn end_last(document: &mut Value, list: &str, key: &str, on: &str, is_it: impl Fn(&Value) -> bool) {
    let found = document.get_mut(list).and_then(Value::as_array_mut);
    if let Some(last) = found.into_iter().flatten().rfind(|one| is_it(one)) {
        put(last, key, json!(on));
    }
}
