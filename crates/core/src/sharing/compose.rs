//! Puts an exchange together from what is known and what people said, and says who answered what.
//!
//! People may raise what follows from facts and never lower it; a marking may get stricter and never milder.
//! Not here: gathering the facts (the server), and judging the exchange ([`super::screen`]).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::exchange::Exchange;
use super::infer::{Certainty, Finding};
use super::instant::Instant;
use super::machine::Source;
use super::marking::Label;
use super::policy::Policy;
use super::settle::BY_LAW;
use super::word::{Consent, EmbargoState, Question, Relationship, Tier};
use crate::lexicon::terms::{Pap, Tlp};
use crate::refusal::{self, Refusal, child};

/// What the case says, the same for every recipient.
#[derive(Clone, Debug)]
pub struct CaseSide {
    /// The case.
    pub case: String,
    /// The commitment of the report, 64 hexadecimal digits.
    pub object: String,
    /// The organisation that would send.
    pub sender: String,
    /// The organisation it is from.
    pub originator: String,
    /// The embargo at the instant of asking, and its end.
    pub embargo: (EmbargoState, Option<Instant>),
    /// From when every vendor that has to has a fix.
    pub patch_at: Option<Instant>,
    /// The organisations of the case: whom the marking lists.
    pub orgs: BTreeSet<String>,
    /// The label the report came with.
    pub label: Label,
    /// The compartments there are, as classes of the exchange.
    pub classes: Vec<&'static str>,
}

/// What is known of the organisation that would receive.
#[derive(Clone, Debug)]
pub struct RecipientSide {
    /// The organisation.
    pub org: String,
    /// Its hub.
    pub hub: String,
    /// Its role in the case.
    pub role: &'static str,
    /// Where it is.
    pub jurisdiction: String,
    /// How it stands, by national policy.
    pub relationship: Relationship,
    /// Its consent to the embargo.
    pub consent: Consent,
    /// Agreements with its hub, projected.
    pub agreements: Vec<Value>,
    /// What follows from facts about it.
    pub findings: BTreeMap<Question, Finding>,
    /// Gates that law and agreements settle.
    pub gates: BTreeMap<&'static str, Value>,
}

/// What a person asks and says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The tier that is wanted.
    pub requested: String,
    /// What for.
    pub purpose: String,
    /// The area, if it is higher than the classes say.
    #[serde(default)]
    pub area: Option<String>,
    /// What would be sent; the compartments of the report unless named.
    #[serde(default)]
    pub classes: Option<Vec<String>>,
    /// The accounts it is addressed to.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// The organisations the recipient works for.
    #[serde(default)]
    pub client_of: Vec<String>,
    /// The communities it belongs to.
    #[serde(default)]
    pub communities: Vec<String>,
    /// A marking stricter than the report's, and consents of the originator.
    #[serde(default)]
    pub marking: AskedMarking,
    /// Answers to questions.
    #[serde(default)]
    pub answers: Map<String, Value>,
    /// Mitigations in place, with their evidence.
    #[serde(default)]
    pub mitigations: Vec<Value>,
    /// What is known of gates.
    #[serde(default)]
    pub gates: Map<String, Value>,
}

/// The marking that a person asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedMarking {
    /// The label.
    #[serde(default)]
    pub tlp: Option<String>,
    /// What may be done with it.
    #[serde(default)]
    pub pap: Option<String>,
    /// Whether the originator must agree.
    #[serde(default)]
    pub orcon: bool,
    /// Caveats.
    #[serde(default)]
    pub caveats: Vec<String>,
    /// Accounts it names.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Communities it names.
    #[serde(default)]
    pub communities: Vec<String>,
    /// Consents of the originator.
    #[serde(default)]
    pub consents: Vec<Value>,
}

/// One answer, who gave it, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Given {
    /// The question.
    pub question: Question,
    /// The level; none for unknown.
    pub level: Option<u8>,
    /// Who.
    pub by: Source,
    /// Why, if facts say so or bound it.
    pub reason: Option<&'static str>,
    /// The least that facts allow.
    pub at_least: Option<u8>,
}

impl Given {
    /// Reads a list as records hold it; what is not understood is left out.
    #[must_use]
    pub fn list(value: &Value) -> Vec<Self> {
        let one = |value: &Value| {
            let text = |key: &str| value.get(key).and_then(Value::as_str);
            let level = |key: &str| value.get(key)?.as_u64().and_then(|n| u8::try_from(n).ok());
            Some(Self {
                question: Question::parse(text("question")?)?,
                level: level("level"),
                by: Source::parse(text("by")?)?,
                reason: text("reason").and_then(super::infer::reason),
                at_least: level("at_least"),
            })
        };
        value.as_array().into_iter().flatten().filter_map(one).collect()
    }

    /// Whether a person still has to answer.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.level.is_none() || self.by == Source::Machine && self.at_least == self.level
    }
}

/// An exchange with the answers it was made of.
#[derive(Clone, Debug)]
pub struct Composed {
    /// The exchange.
    pub exchange: Exchange,
    /// Every question, in order.
    pub given: Vec<Given>,
    /// The gates that law settled and nobody made stricter.
    pub settled: Vec<&'static str>,
}

impl Composed {
    /// Returns the questions that are left to people.
    #[must_use]
    pub fn asked(&self) -> Vec<Question> {
        self.given.iter().filter(|one| one.is_asked()).map(|one| one.question).collect()
    }
}

/// Puts an exchange together; every fault with its place.
///
/// `asked_at` is when it was asked for, `at` when it is looked at.
pub fn compose(
    case: &CaseSide,
    to: &RecipientSide,
    ask: &Ask,
    (asked_at, at): (Instant, Instant),
    policy: &Policy,
) -> Result<Composed, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let label = label(case, &ask.marking, &mut refusals);
    let given = given(to, &ask.answers, policy, &mut refusals);
    let gates = gates(to, &ask.gates, &mut refusals);
    let settled = to.gates.keys().filter(|gate| !ask.gates.contains_key(**gate));
    let settled = settled.copied().collect();
    let value = exchange(case, to, ask, (asked_at, at), (&label, &given, gates));
    match Exchange::from_value(value, policy, None) {
        Ok(exchange) if refusals.is_empty() => Ok(Composed { exchange, given, settled }),
        read => {
            refusals.extend(read.err().unwrap_or_default());
            refusal::sort(&mut refusals);
            refusals.dedup();
            Err(refusals)
        }
    }
}

fn exchange(
    case: &CaseSide,
    to: &RecipientSide,
    ask: &Ask,
    (asked_at, at): (Instant, Instant),
    (label, given, gates): (&Label, &[Given], Map<String, Value>),
) -> Value {
    let classes = ask.classes.clone().unwrap_or_else(|| {
        let requested = Tier::parse(&ask.requested).unwrap_or(Tier::T5);
        // Steps and evidence have nothing below T3.
        let goes = |class: &&&str| {
            requested >= Tier::T3 || !matches!(**class, "evidence" | "reproduction")
        };
        case.classes.iter().filter(goes).map(|class| (*class).to_owned()).collect()
    });
    let answers: Map<String, Value> = given
        .iter()
        .filter_map(|one| Some((one.question.key().to_owned(), json!(one.level?))))
        .collect();
    let (state, ends_at) = case.embargo;
    json!({
        "schema": "comity.exchange/1",
        "at": at,
        "asked_at": asked_at,
        "case": case.case,
        "object": case.object,
        "area": ask.area.as_deref().unwrap_or("evaluation"),
        "classes": classes,
        "purpose": ask.purpose,
        "requested": ask.requested,
        "sender": case.sender,
        "originator": case.originator,
        "marking": {
            "tlp": label.tlp, "pap": label.pap, "orcon": label.orcon, "caveats": label.caveats,
            "orgs": case.orgs, "accounts": ask.marking.accounts,
            "communities": ask.marking.communities, "consents": ask.marking.consents,
        },
        "embargo": { "state": state, "ends_at": ends_at },
        "patch_at": case.patch_at,
        "recipient": {
            "org": to.org, "hub": to.hub, "accounts": ask.accounts, "role": to.role,
            "jurisdiction": to.jurisdiction, "relationship": to.relationship,
            "client_of": ask.client_of, "communities": ask.communities, "consent": to.consent,
            "agreements": to.agreements,
        },
        "answers": answers,
        "mitigations": ask.mitigations,
        "gates": gates,
    })
}

/// Returns the label: the report's, or a stricter one.
fn label(case: &CaseSide, asked: &AskedMarking, refusals: &mut Vec<Refusal>) -> Label {
    let mut label = case.label.clone();
    if let Some(text) = &asked.tlp {
        match Tlp::parse(text) {
            Some(tlp) if tlp >= label.tlp => label.tlp = tlp,
            Some(_) => refusals.push(Refusal::new("marking-lowered", "/marking/tlp")),
            None => refusals.push(Refusal::new("value-invalid", "/marking/tlp")),
        }
    }
    if let Some(text) = &asked.pap {
        match Pap::parse(text) {
            Some(pap) if pap >= label.pap => label.pap = pap,
            Some(_) => refusals.push(Refusal::new("marking-lowered", "/marking/pap")),
            None => refusals.push(Refusal::new("value-invalid", "/marking/pap")),
        }
    }
    label.orcon |= asked.orcon;
    label.caveats.extend(asked.caveats.iter().cloned());
    label
}

/// Returns every answer: a person's where there is one, else what follows from facts.
fn given(
    to: &RecipientSide,
    answers: &Map<String, Value>,
    policy: &Policy,
    refusals: &mut Vec<Refusal>,
) -> Vec<Given> {
    for key in answers.keys().filter(|key| Question::parse(key).is_none()) {
        refusals.push(Refusal::new("member-unknown", child("/answers", key)));
    }
    // What counts for the unknown at the tiers of detail is the most that it ever counts.
    let unknown = policy.unknown(to.relationship, policy.detail_from);
    let one = |question: &Question| {
        let finding = to.findings.get(question);
        let place = format!("/answers/{}", question.key());
        match answers.get(question.key()).map(said) {
            None | Some(Some(None)) => from_facts(*question, finding.copied(), unknown),
            Some(None) => {
                refusals.push(Refusal::new("value-invalid", place));
                from_facts(*question, finding.copied(), unknown)
            }
            Some(Some(Some(level))) => {
                if finding.is_some_and(|finding| level < finding.level) {
                    refusals.push(Refusal::new("answer-lowered", place));
                }
                by_person(*question, level, finding.copied())
            }
        }
    };
    Question::ALL.iter().map(one).collect()
}

/// Returns a level, `Some(None)` for unknown; nothing if it is neither.
#[expect(clippy::option_option, reason = "no answer, unknown and a level are three answers")]
fn said(value: &Value) -> Option<Option<u8>> {
    if value.as_str() == Some("U") {
        return Some(None);
    }
    let level = value.as_u64().and_then(|level| u8::try_from(level).ok());
    level.filter(|level| *level <= super::levels::LEVEL_MAX).map(Some)
}

fn by_person(question: Question, level: u8, finding: Option<Finding>) -> Given {
    let same = finding.filter(|one| one.certainty == Certainty::Exact && one.level == level);
    Given {
        question,
        level: Some(level),
        by: if same.is_some() { Source::Machine } else { Source::Person },
        reason: finding.map(|one| one.reason),
        at_least: None,
    }
}

/// Returns what follows from facts alone. A lower bound counts where it is above what the unknown counts;
/// below that, the unknown is the dearer of the two.
fn from_facts(question: Question, finding: Option<Finding>, unknown: u8) -> Given {
    let Some(finding) = finding else {
        return Given { question, level: None, by: Source::Machine, reason: None, at_least: None };
    };
    let is_exact = finding.certainty == Certainty::Exact;
    let counts = is_exact || finding.level >= unknown;
    Given {
        question,
        level: counts.then_some(finding.level),
        by: Source::Machine,
        reason: Some(finding.reason),
        at_least: (!is_exact).then_some(finding.level),
    }
}

/// Returns what is known of the gates; what people say of a settled one may be stricter, never milder.
fn gates(
    to: &RecipientSide,
    asked: &Map<String, Value>,
    refusals: &mut Vec<Refusal>,
) -> Map<String, Value> {
    for (gate, said) in asked {
        let basis = said.get("basis").and_then(Value::as_str).unwrap_or_default();
        // Whoever reads the record must see what the packs said and what a person said.
        if basis.starts_with(BY_LAW) {
            let place = child(&child("/gates", gate), "basis");
            refusals.push(Refusal::new("value-invalid", place));
        }
    }
    let mut gates = asked.clone();
    for (gate, settled) in &to.gates {
        match asked.get(*gate) {
            Some(said) if is_milder(said, settled) => {
                refusals.push(Refusal::new("gate-lowered", child("/gates", gate)));
            }
            Some(_) => {}
            None => {
                gates.insert((*gate).to_owned(), settled.clone());
            }
        }
    }
    gates
}

/// Whether a person's word would let through more than what is settled.
fn is_milder(said: &Value, settled: &Value) -> bool {
    let tier =
        |gate: &Value, key: &str| gate.get(key).and_then(Value::as_str).and_then(Tier::parse);
    let (said_so, settled_so) = (severity(said), severity(settled));
    said_so < settled_so
        || said_so == settled_so && tier(said, "ceiling") > tier(settled, "ceiling")
        || said_so == settled_so && tier(said, "min_tier") < tier(settled, "min_tier")
        // A block that ends is no block that lasts.
        || settled_so > 1 && said.get("expires").is_some_and(|expires| !expires.is_null())
}

fn severity(gate: &Value) -> u8 {
    match gate.get("state").and_then(Value::as_str) {
        Some("limited") => 2,
        Some("prohibited" | "due") => 3,
        Some("unknown") => 1,
        Some(_) | None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharing::Policies;

    fn finding(level: u8, certainty: Certainty) -> Finding {
        Finding { level, certainty, reason: "why" }
    }

    fn sides() -> (CaseSide, RecipientSide) {
        let case = CaseSide {
            case: "nv-2027-00007".to_owned(),
            object: "9f".repeat(32),
            sender: "nv".to_owned(),
            originator: "nv".to_owned(),
            embargo: (EmbargoState::None, None),
            patch_at: None,
            orgs: BTreeSet::from(["nv".to_owned(), "cert-ardenia".to_owned()]),
            label: Label {
                caveats: BTreeSet::new(),
                orcon: false,
                pap: Pap::Amber,
                tlp: Tlp::AmberStrict,
            },
            classes: vec!["abstract", "reproduction"],
        };
        let to = RecipientSide {
            org: "cert-ardenia".to_owned(),
            hub: "ard".to_owned(),
            role: "coordinator",
            jurisdiction: "ardenia".to_owned(),
            relationship: Relationship::Ally,
            consent: Consent::Unbound,
            agreements: Vec::new(),
            findings: BTreeMap::from([
                (Question::C2, finding(2, Certainty::Exact)),
                (Question::C1, finding(2, Certainty::AtLeast)),
                (Question::B4, finding(3, Certainty::AtLeast)),
            ]),
            gates: BTreeMap::from([("E1", json!({ "state": "prohibited", "basis": "list" }))]),
        };
        (case, to)
    }

    fn ask() -> Ask {
        Ask { requested: "T2".to_owned(), purpose: "remediation".to_owned(), ..Ask::default() }
    }

    fn composed(ask: &Ask) -> Result<Composed, Vec<String>> {
        let (case, to) = sides();
        let at = Instant::parse("2027-01-15T09:00:00Z").unwrap();
        let policies = Policies::embedded().unwrap();
        compose(&case, &to, ask, (at, at), policies.current()).map_err(|refusals| {
            refusals.iter().map(|one| format!("{} {}", one.code, one.pointer)).collect()
        })
    }

    #[test]
    fn facts_answer_bound_and_leave_the_rest_to_people() {
        let made = composed(&ask()).unwrap();
        let of = |question| made.given.iter().find(|one| one.question == question).unwrap();
        assert_eq!((of(Question::C2).level, of(Question::C2).by), (Some(2), Source::Machine));
        // For an ally the unknown counts 3 at most: a bound of 2 is milder, one of 3 is not.
        assert_eq!((of(Question::C1).level, of(Question::C1).at_least), (None, Some(2)));
        assert_eq!((of(Question::B4).level, of(Question::B4).at_least), (Some(3), Some(3)));
        let asked = made.asked();
        assert_eq!(asked.len(), 20, "{asked:?}");
        assert!(asked.contains(&Question::B4) && !asked.contains(&Question::C2));
        assert_eq!(made.exchange.value()["classes"], json!(["abstract"]));
    }

    #[test]
    fn people_raise_and_never_lower() {
        let with = |key: &str, value: Value| {
            let answers = Map::from_iter([(key.to_owned(), value)]);
            composed(&Ask { answers, ..ask() })
        };
        assert_eq!(with("C2", json!(1)).unwrap_err(), ["answer-lowered /answers/C2"]);
        assert_eq!(with("B4", json!(2)).unwrap_err(), ["answer-lowered /answers/B4"]);
        assert_eq!(with("C2", json!(9)).unwrap_err(), ["value-invalid /answers/C2"]);
        assert_eq!(with("Z1", json!(1)).unwrap_err(), ["member-unknown /answers/Z1"]);
        let raised = with("C2", json!(4)).unwrap();
        let c2 = raised.given.iter().find(|one| one.question == Question::C2).unwrap();
        assert_eq!((c2.level, c2.by), (Some(4), Source::Person));
        let agreed = with("B4", json!(3)).unwrap();
        assert!(!agreed.asked().contains(&Question::B4));
        let milder = AskedMarking { tlp: Some("CLEAR".to_owned()), ..AskedMarking::default() };
        let refused = composed(&Ask { marking: milder, ..ask() }).unwrap_err();
        assert_eq!(refused, ["marking-lowered /marking/tlp"]);
        let gates = Map::from_iter([("E1".to_owned(), json!({ "state": "clear" }))]);
        let refused = composed(&Ask { gates, ..ask() }).unwrap_err();
        assert_eq!(refused, ["gate-lowered /gates/E1"]);
        let stated = |gate: Value| {
            let gates = Map::from_iter([("E1".to_owned(), gate)]);
            composed(&Ask { gates, ..ask() }).map(|made| made.settled)
        };
        let lasting = json!({ "state": "prohibited", "basis": "licence refused" });
        assert_eq!(stated(lasting), Ok(Vec::new()));
        let ending = json!({
            "state": "prohibited", "basis": "list", "expires": "2027-01-15T08:00:00Z",
        });
        assert_eq!(stated(ending).unwrap_err(), ["gate-lowered /gates/E1"]);
        let posing = json!({ "state": "prohibited", "basis": "packs: mine" });
        assert_eq!(stated(posing).unwrap_err(), ["value-invalid /gates/E1/basis"]);
        assert_eq!(composed(&ask()).unwrap().settled, ["E1"]);
    }
}
