//! What a hub would see: the plan, the exact bytes, and why each withheld path stays (section 10).
//!
//! Nothing is sent or stored. Not here: the page, and reading a stored case.

use std::collections::BTreeMap;

use comity_ledger::json::Limits;
use serde::Serialize;
use serde_json::{Map, Value};

use super::bundle::{self, Bundle, Cut};
use super::exchange::{EXCHANGE_BYTES_MAX, Exchange};
use super::instant::Instant;
use super::marking::Label;
use super::policy::Policy;
use super::reader;
use super::screen::{Opens, Screen, screen};
use super::situation::{CAPSULE, DELAY, ESCROW};
use super::word::{ApprovalKind, Tier, Verdict};
use crate::lexicon::Lexicon;
use crate::refusal::{self, Refusal, child};
use crate::report;

/// The largest case: an exchange and a report.
pub const CASE_BYTES_MAX: usize = EXCHANGE_BYTES_MAX + (1 << 20);

const CASE_LIMITS: Limits = Limits {
    bytes_max: CASE_BYTES_MAX,
    depth_max: report::LIMITS.depth_max + 1,
    keys_max: report::LIMITS.keys_max,
    floats: true,
};

const RECIPIENT_LIMITS: Limits =
    Limits { bytes_max: EXCHANGE_BYTES_MAX, depth_max: 16, keys_max: 4096, floats: true };

const CASE_MEMBERS: [&str; 17] = [
    "schema",
    "at",
    "asked_at",
    "case",
    "object",
    "area",
    "classes",
    "purpose",
    "requested",
    "sender",
    "originator",
    "marking",
    "embargo",
    "patch_at",
    "answers",
    "mitigations",
    "report",
];
const RECIPIENT_MEMBERS: [&str; 4] = ["schema", "recipient", "answers", "gates"];

/// A case to be shared, `comity.share-case/1`: read once, shown to any number of recipients.
#[derive(Clone, Debug)]
pub struct ShareCase {
    members: Map<String, Value>,
    report: Value,
    /// Kept until a recipient is there, so that one answer names all that is wrong.
    faults: Vec<Refusal>,
}

/// An exchange put together from a case and a recipient, with the report it is about.
#[derive(Clone, Debug)]
pub struct Draft<'c> {
    exchange: Exchange,
    report: &'c Value,
}

/// A preview, `comity.share-preview/1`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// Always `comity.share-preview/1`.
    pub schema: &'static str,
    /// The hash of the screen's result.
    pub screen: String,
    /// The hash of the exchange.
    pub exchange: String,
    /// The organisation that would receive.
    pub recipient: String,
    /// What was asked for.
    pub requested: Tier,
    /// The verdict at that tier.
    pub outcome: Verdict,
    /// The tier of the plan.
    pub tier: Tier,
    /// The mitigations it uses.
    pub uses: Vec<String>,
    /// Who must approve.
    pub approval: ApprovalKind,
    /// From when the pass opens.
    pub not_before: Option<Instant>,
    /// When the pass ends.
    pub expires: Option<Instant>,
    /// The paths that go.
    pub sees: Vec<String>,
    /// The paths that stay.
    pub withheld: Vec<Withheld>,
    /// Whether the recipient may run the capsule.
    pub capsule: bool,
    /// What holds the bundle back until later.
    pub held: Vec<String>,
    /// The bundle itself.
    pub bundle: Bundle,
    /// The hash of its bytes.
    pub bundle_hash: String,
    /// How many bytes leave.
    pub bytes: usize,
    /// The label that goes with it.
    pub marking: Label,
    /// What would open more.
    pub opens: Vec<Opens>,
}

/// A path that stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// The path, as in the policy.
    pub path: String,
    /// The tier it belongs to; none if it never leaves.
    pub from: Option<Tier>,
    /// Why it stays.
    pub because: Vec<String>,
}

impl ShareCase {
    /// Reads a case.
    pub fn read(bytes: &[u8], lexicon: &Lexicon) -> Result<Self, Vec<Refusal>> {
        Self::from_value(reader::document(bytes, &CASE_LIMITS)?, lexicon)
    }

    /// Takes a case that is already JSON.
    pub fn from_value(case: Value, lexicon: &Lexicon) -> Result<Self, Vec<Refusal>> {
        reader::schema(&case, "comity.share-case/1")?;
        let Value::Object(mut members) = case else {
            return Err(vec![Refusal::new("value-invalid", "")]);
        };
        let mut faults = Vec::new();
        refuse_unknown(&members, &CASE_MEMBERS, &mut faults);
        let report = take_report(&mut members, lexicon, &mut faults);
        members.retain(|key, _| CASE_MEMBERS.contains(&key.as_str()));
        members.insert("schema".to_owned(), "comity.exchange/1".into());
        Ok(Self { members, report, faults })
    }

    /// Returns the report that the case is about.
    #[must_use]
    pub const fn report(&self) -> &Value {
        &self.report
    }

    /// Puts the case together with a recipient; `at` replaces the instant.
    pub fn draft(
        &self,
        recipient: &[u8],
        policy: &Policy,
        at: Option<Instant>,
    ) -> Result<Draft<'_>, Vec<Refusal>> {
        let recipient = reader::document(recipient, &RECIPIENT_LIMITS)?;
        reader::schema(&recipient, "comity.share-recipient/1")?;
        let Value::Object(mut recipient) = recipient else {
            return Err(vec![Refusal::new("value-invalid", "")]);
        };
        let mut refusals = self.faults.clone();
        refuse_unknown(&recipient, &RECIPIENT_MEMBERS, &mut refusals);
        let mut members = self.members.clone();
        merge_answers(&mut members, &mut recipient, &mut refusals);
        for key in ["recipient", "gates"] {
            if let Some(value) = recipient.remove(key) {
                members.insert(key.to_owned(), value);
            }
        }
        let exchange = Value::Object(members);
        if serde_json::to_vec(&exchange).is_ok_and(|bytes| bytes.len() > EXCHANGE_BYTES_MAX) {
            refusals.push(Refusal::new("too-large", ""));
        }
        match Exchange::from_value(exchange, policy, at) {
            Ok(exchange) if refusals.is_empty() => Ok(Draft { exchange, report: &self.report }),
            read => {
                refusals.extend(read.err().unwrap_or_default());
                refusal::sort(&mut refusals);
                refusals.dedup();
                Err(refusals)
            }
        }
    }
}

impl Draft<'_> {
    /// Returns the exchange.
    #[must_use]
    pub const fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Returns the report.
    #[must_use]
    pub const fn report(&self) -> &Value {
        self.report
    }
}

fn refuse_unknown(members: &Map<String, Value>, known: &[&str], refusals: &mut Vec<Refusal>) {
    let unknown = members.keys().filter(|key| !known.contains(&key.as_str()));
    refusals.extend(unknown.map(|key| Refusal::new("member-unknown", child("", key))));
}

fn take_report(
    case: &mut Map<String, Value>,
    lexicon: &Lexicon,
    refusals: &mut Vec<Refusal>,
) -> Value {
    let Some(report) = case.remove("report") else {
        refusals.push(Refusal::new("member-missing", "/report"));
        return Value::Null;
    };
    // The shape is what redaction by path rests on; what the values mean together was checked when
    // the report came in (LX-27). That page has its own codes, which stand here for those of this one.
    let mut faults = Vec::new();
    lexicon.report_schema().check(&report, &mut "/report".to_owned(), &mut faults);
    refusals.extend(faults.into_iter().map(|fault| Refusal::new(code_of(&fault), fault.pointer)));
    report
}

/// Says a fault of a report in the words of an exchange.
fn code_of(fault: &Refusal) -> &'static str {
    match (fault.code, fault.pointer.as_str()) {
        (_, "/report/schema") => "schema-unknown",
        ("field-missing", _) => "member-missing",
        ("field-unknown", _) => "member-unknown",
        _ => "value-invalid",
    }
}

/// Moves the recipient's answers into the case's; each question is answered in one file.
fn merge_answers(
    case: &mut Map<String, Value>,
    recipient: &mut Map<String, Value>,
    refusals: &mut Vec<Refusal>,
) {
    let at = "/answers";
    let Some(answers) = recipient.remove("answers") else {
        return refusals.push(Refusal::new("member-missing", at));
    };
    let Value::Object(answers) = answers else {
        return refusals.push(Refusal::new("value-invalid", at));
    };
    // A case without answers is refused when the exchange is read.
    let Some(Value::Object(own)) = case.get_mut("answers") else { return };
    for (key, answer) in answers {
        if own.contains_key(&key) {
            refusals.push(Refusal::new("answer-twice", child(at, &key)));
        } else {
            own.insert(key, answer);
        }
    }
}

/// A report cut to tiers, each once, however many recipients there are.
#[derive(Debug)]
pub struct Cuts<'r> {
    report: &'r Value,
    policy: &'r Policy,
    known: BTreeMap<Tier, Result<Cut, Vec<Refusal>>>,
}

impl<'r> Cuts<'r> {
    /// Cuts nothing yet.
    #[must_use]
    pub const fn new(report: &'r Value, policy: &'r Policy) -> Self {
        Self { report, policy, known: BTreeMap::new() }
    }

    fn at(&mut self, tier: Tier) -> Result<Cut, Vec<Refusal>> {
        let (report, policy) = (self.report, self.policy);
        let cut = || bundle::cut(report, tier, policy).map_err(|refusal| refusal.0);
        self.known.entry(tier).or_insert_with(cut).clone()
    }
}

/// Shows what the plan would send; refuses texts that its tier does not carry.
pub fn preview(draft: &Draft<'_>, policy: &Policy) -> Result<Preview, Vec<Refusal>> {
    preview_of(&draft.exchange, &mut Cuts::new(draft.report, policy), policy)
}

/// Shows what the plan of an exchange would send, of a report that many exchanges are about.
pub fn preview_of(
    exchange: &Exchange,
    cuts: &mut Cuts<'_>,
    policy: &Policy,
) -> Result<Preview, Vec<Refusal>> {
    let screen = screen(exchange, policy);
    let plan = &screen.plan;
    let cut = cuts.at(plan.tier)?;
    let ids: Vec<&str> = exchange.mitigations.iter().map(|claim| claim.id.as_str()).collect();
    let is_effective =
        |id: &str| ids.contains(&id) && !screen.ignored.iter().any(|ignored| ignored.id == id);
    let is_holding = |id: &&String| *id == DELAY || *id == ESCROW;
    let withheld = |(path, from): (String, Option<Tier>)| Withheld {
        because: because(&screen, from),
        path,
        from,
    };
    Ok(Preview {
        schema: "comity.share-preview/1",
        screen: screen.hash(),
        exchange: screen.exchange.clone(),
        recipient: exchange.recipient.org.clone(),
        requested: screen.requested,
        outcome: screen.outcome,
        tier: plan.tier,
        uses: plan.uses.clone(),
        approval: plan.approval,
        not_before: plan.not_before,
        expires: plan.expires,
        sees: cut.bundle.sees().iter().cloned().collect(),
        withheld: cut.withheld.into_iter().map(withheld).collect(),
        capsule: plan.tier >= Tier::T4 && is_effective(CAPSULE),
        held: plan.uses.iter().filter(is_holding).cloned().collect(),
        bundle_hash: cut.bundle.hash(),
        bytes: cut.bundle.bytes().len(),
        bundle: cut.bundle,
        marking: exchange.marking.label.clone(),
        opens: screen.opens,
    })
}

fn because(screen: &Screen, from: Option<Tier>) -> Vec<String> {
    match from {
        None => vec!["never".to_owned()],
        Some(tier) => match screen.tier(tier) {
            None => vec!["not-requested".to_owned()],
            Some(verdict) => verdict.reasons.clone(),
        },
    }
}
