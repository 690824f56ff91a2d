//! One exchange with one recipient organisation, `comity.exchange/1`, as a checked value (section 11).
//!
//! Not here: what follows from it; see [`super::screen`].

use std::collections::{BTreeMap, BTreeSet};

use comity_ledger::json::Limits;
use serde_json::Value;

use super::instant::Instant;
use super::levels::LEVEL_MAX;
use super::marking::{Caveat, Label};
use super::policy::{Policy, hash_of};
use super::reader::{self, Node, Object, Sink};
use super::word::{
    AgreementState, Area, Consent, DutyState, EmbargoState, FactState, Plane, Purpose, Question,
    Relationship, Tier,
};
use crate::lexicon::terms::{Pap, Tlp};
use crate::refusal::Refusal;

/// The largest exchange.
pub const EXCHANGE_BYTES_MAX: usize = 256 << 10;

pub(super) const LIMITS: Limits =
    Limits { bytes_max: EXCHANGE_BYTES_MAX, depth_max: 16, keys_max: 4096, floats: true };

/// Why a carve-out may be claimed (SH-20); the basis names one.
pub(super) const CARVE_OUT_REASONS: [&str; 7] = [
    "national_security",
    "public_security",
    "law_enforcement",
    "essential_interest",
    "trade_control",
    "personal_data",
    "privilege",
];

/// One exchange: who would give what to whom, and what is known about it.
///
/// Invariant: read from `comity.exchange/1` by [`Exchange::read`], which names every fault.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(super) value: Value,
    pub(super) hash: String,
    pub(super) at: Instant,
    pub(super) asked_at: Instant,
    pub(super) case: String,
    pub(super) object: String,
    pub(super) area: Area,
    pub(super) has_access: bool,
    pub(super) purpose: Purpose,
    pub(super) requested: Tier,
    pub(super) is_originator: bool,
    pub(super) marking: Marking,
    pub(super) embargo: Embargo,
    pub(super) patch_at: Option<Instant>,
    pub(super) recipient: Recipient,
    pub(super) answers: BTreeMap<Question, Option<u8>>,
    pub(super) mitigations: Vec<Claim>,
    pub(super) gates: Gates,
}

/// The marking and whom it names.
#[derive(Clone, Debug)]
pub(super) struct Marking {
    pub(super) label: Label,
    pub(super) caveats: Vec<Caveat>,
    pub(super) orgs: BTreeSet<String>,
    pub(super) accounts: BTreeSet<String>,
    pub(super) communities: BTreeSet<String>,
    pub(super) consents: Vec<OriginatorConsent>,
}

/// The originator's consent for one organisation.
#[derive(Clone, Debug)]
pub(super) struct OriginatorConsent {
    pub(super) org: String,
    pub(super) max_tier: Tier,
    pub(super) expires: Option<Instant>,
}

/// The embargo.
#[derive(Clone, Copy, Debug)]
pub(super) struct Embargo {
    pub(super) state: EmbargoState,
    pub(super) ends_at: Option<Instant>,
}

/// The organisation that would receive.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The organisation.
    pub org: String,
    /// Its hub.
    pub hub: String,
    /// The accounts it would be addressed to.
    pub accounts: Vec<String>,
    pub(super) role: String,
    pub(super) jurisdiction: String,
    pub(super) relationship: Relationship,
    pub(super) client_of: Vec<String>,
    pub(super) communities: Vec<String>,
    pub(super) consent: Consent,
    pub(super) agreements: Vec<Agreement>,
}

/// An agreement with the recipient's hub, as projected from the signed one.
#[derive(Clone, Debug)]
pub(super) struct Agreement {
    pub(super) id: String,
    pub(super) state: AgreementState,
    pub(super) from: Instant,
    pub(super) until: Option<Instant>,
    pub(super) purposes: Vec<Purpose>,
    pub(super) max_tier: Tier,
    pub(super) tlp_max: Tlp,
    pub(super) pap_max: Pap,
}

/// A mitigation that is claimed.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) has_evidence: bool,
    pub(super) issued: Instant,
    pub(super) opens_at: Option<Instant>,
}

/// What is known of a gate that may block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) state: FactState,
    pub(super) ceiling: Tier,
    /// When a named authority signed it.
    pub(super) signed_at: Option<Instant>,
    pub(super) expires: Option<Instant>,
}

/// The stated gates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gates {
    pub(super) export: Fact,
    pub(super) personal: Fact,
    pub(super) carve_out: Fact,
    pub(super) duty: DutyState,
    /// The minimum a due duty demands.
    pub(super) duty_min: Option<Tier>,
}

const MEMBERS: [&str; 18] = [
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
    "recipient",
    "answers",
    "mitigations",
    "gates",
];

impl Exchange {
    /// Reads an exchange; `at` replaces the instant it is looked at.
    pub fn read(bytes: &[u8], policy: &Policy, at: Option<Instant>) -> Result<Self, Vec<Refusal>> {
        Self::from_value(reader::document(bytes, &LIMITS)?, policy, at)
    }

    /// Checks an exchange that is already JSON.
    pub fn from_value(
        mut value: Value,
        policy: &Policy,
        at: Option<Instant>,
    ) -> Result<Self, Vec<Refusal>> {
        reader::schema(&value, "comity.exchange/1")?;
        if let (Some(at), Some(members)) = (at, value.as_object_mut()) {
            members.insert("at".to_owned(), at.to_string().into());
        }
        let sink = Sink::default();
        let read = exchange(&Node::root(&value, &sink), policy);
        let mut read = sink.finish(read)?;
        read.hash = hash_of(&value).ok_or_else(|| vec![Refusal::new("value-invalid", "")])?;
        read.value = value;
        Ok(read)
    }

    /// Returns `sha256:` and the hash of the RFC 8785 form.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Returns the recipient.
    #[must_use]
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// Returns the document as it was read, with the instant that replaced its own.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// Returns the label of the object.
    #[must_use]
    pub const fn label(&self) -> &Label {
        &self.marking.label
    }

    pub(super) fn plane(&self) -> Plane {
        self.area.plane()
    }

    /// Returns the answer, `None` for unknown.
    pub(super) fn answer(&self, question: Question) -> Option<u8> {
        self.answers.get(&question).copied().flatten()
    }
}

fn exchange(node: &Node<'_>, policy: &Policy) -> Option<Exchange> {
    let object = node.object(&MEMBERS)?;
    let at = object.read("at", Node::instant);
    let asked_at = object.read("asked_at", Node::instant);
    if let (Some(at), Some(asked_at)) = (at, asked_at)
        && asked_at > at
    {
        object.refuse_member::<()>("value-invalid", "asked_at");
    }
    let case = object.read("case", Node::id);
    let commitment = object.read("object", Node::hex);
    let declared = object.read("area", |node| node.word(Area::parse));
    let classes = object.read("classes", |node| classes(node, policy));
    let purpose = object.read("purpose", |node| {
        node.word(|word| Purpose::parse(word).filter(|known| policy.purposes.contains(known)))
    });
    let requested = object.read("requested", Node::tier);
    let sender = object.read("sender", Node::id);
    let originator = object.read("originator", Node::id);
    let marking = object.read("marking", |node| marking(node, policy));
    let embargo = object.read("embargo", embargo);
    let patch_at = object.read("patch_at", |node| node.or_null(Node::instant));
    let recipient = object.read("recipient", |node| recipient(node, policy));
    let answers = object.read("answers", answers);
    let mitigations = object.read("mitigations", |node| mitigations(node, policy));
    let gates = object.read("gates", |node| gates(node, policy));
    let (classes, requested) = (classes?, requested?);
    let area = classes.areas.into_iter().chain(declared).max()?;
    if area.plane() == Plane::Proof && requested > Tier::T0 {
        object.refuse_member::<()>("exchange-class-tier", "requested");
    }
    Some(Exchange {
        value: Value::Null,
        hash: String::new(),
        at: at?,
        asked_at: asked_at?,
        case: case?,
        object: commitment?,
        area,
        has_access: classes.has_access,
        purpose: purpose?,
        requested,
        is_originator: sender? == originator?,
        marking: marking?,
        embargo: embargo?,
        patch_at: patch_at?,
        recipient: recipient?,
        answers: answers?,
        mitigations: mitigations?,
        gates: gates?,
    })
}

struct Classes {
    areas: BTreeSet<Area>,
    has_access: bool,
}

fn classes(node: &Node<'_>, policy: &Policy) -> Option<Classes> {
    let one = |node: &Node<'_>| match node.value.as_str() {
        Some(class) if policy.never.contains(class) => {
            node.sink.refuse("exchange-class-never", &node.at)
        }
        Some(class) => policy
            .classes
            .get(class)
            .map(|area| (*area, class == "access"))
            .or_else(|| node.invalid()),
        None => node.invalid(),
    };
    let found = node.list(one)?;
    if found.is_empty() {
        return node.invalid();
    }
    Some(Classes {
        has_access: found.iter().any(|(_, is_access)| *is_access),
        areas: found.into_iter().map(|(area, _)| area).collect(),
    })
}

fn marking(node: &Node<'_>, policy: &Policy) -> Option<Marking> {
    let object = node.object(&[
        "tlp",
        "pap",
        "orcon",
        "orgs",
        "accounts",
        "communities",
        "caveats",
        "consents",
    ])?;
    let set = |key| object.read(key, Node::ids).map(BTreeSet::from_iter);
    let tlp = object.read("tlp", |node| node.word(Tlp::parse));
    let pap = object.read("pap", |node| node.word(Pap::parse));
    let orcon = object.read("orcon", Node::bool);
    let (orgs, accounts, communities) = (set("orgs"), set("accounts"), set("communities"));
    let caveats = object.read("caveats", |node| {
        node.list(|node| {
            let Some(text) = node.value.as_str() else { return node.invalid() };
            match Caveat::parse(text, policy) {
                Some(caveat) => Some((text.to_owned(), caveat)),
                None => node.sink.refuse("caveat-unknown", &node.at),
            }
        })
    });
    let consents = object.read("consents", |node| node.list(originator_consent));
    let (texts, caveats) = caveats?.into_iter().unzip();
    Some(Marking {
        label: Label { caveats: texts, orcon: orcon?, pap: pap?, tlp: tlp? },
        caveats,
        orgs: orgs?,
        accounts: accounts?,
        communities: communities?,
        consents: consents?,
    })
}

fn originator_consent(node: &Node<'_>) -> Option<OriginatorConsent> {
    let object = node.object(&["org", "max_tier", "expires"])?;
    let org = object.read("org", Node::id);
    let max_tier = object.read("max_tier", Node::tier);
    let expires = object.read("expires", |node| node.or_null(Node::instant));
    Some(OriginatorConsent { org: org?, max_tier: max_tier?, expires: expires? })
}

fn embargo(node: &Node<'_>) -> Option<Embargo> {
    let object = node.object(&["state", "ends_at"])?;
    let state = object.read("state", |node| node.word(EmbargoState::parse));
    let ends_at = object.read("ends_at", |node| node.or_null(Node::instant));
    Some(Embargo { state: state?, ends_at: ends_at? })
}

fn recipient(node: &Node<'_>, policy: &Policy) -> Option<Recipient> {
    let object = node.object(&[
        "org",
        "hub",
        "accounts",
        "role",
        "jurisdiction",
        "relationship",
        "client_of",
        "communities",
        "consent",
        "agreements",
    ])?;
    let org = object.read("org", Node::id);
    let hub = object.read("hub", Node::id);
    let accounts = object.read("accounts", Node::ids);
    let role = object.read("role", |node| match node.value.as_str() {
        // People are not screened (SH-04); a finder is no recipient organisation.
        Some("finder") => node.sink.refuse("exchange-natural-person", &node.at),
        Some(role) if policy.roles.contains(role) => Some(role.to_owned()),
        Some(_) | None => node.invalid(),
    });
    let jurisdiction = object.read("jurisdiction", Node::id);
    let relationship = object.read("relationship", |node| node.word(Relationship::parse));
    let client_of = object.read("client_of", Node::ids);
    let communities = object.read("communities", Node::ids);
    let consent = object.read("consent", |node| node.word(Consent::parse));
    let agreements = object.read("agreements", |node| node.list(|node| agreement(node, policy)));
    Some(Recipient {
        org: org?,
        hub: hub?,
        accounts: accounts?,
        role: role?,
        jurisdiction: jurisdiction?,
        relationship: relationship?,
        client_of: client_of?,
        communities: communities?,
        consent: consent?,
        agreements: agreements?,
    })
}

fn agreement(node: &Node<'_>, policy: &Policy) -> Option<Agreement> {
    let object = node
        .object(&["id", "state", "from", "until", "purposes", "max_tier", "tlp_max", "pap_max"])?;
    let id = object.read("id", Node::id);
    let state = object.read("state", |node| node.word(AgreementState::parse));
    let from = object.read("from", Node::instant);
    let until = object.read("until", |node| node.or_null(Node::instant));
    let purpose = |word: &str| Purpose::parse(word).filter(|known| policy.purposes.contains(known));
    let purposes = object.read("purposes", |node| node.list(|node| node.word(purpose)));
    let max_tier = object.read("max_tier", Node::tier);
    let tlp_max = object.read("tlp_max", |node| node.word(Tlp::parse));
    let pap_max = object.read("pap_max", |node| node.word(Pap::parse));
    Some(Agreement {
        id: id?,
        state: state?,
        from: from?,
        until: until?,
        purposes: purposes?,
        max_tier: max_tier?,
        tlp_max: tlp_max?,
        pap_max: pap_max?,
    })
}

/// Reads answers; `U` is the same as absent (SH-05).
pub(super) fn answers(node: &Node<'_>) -> Option<BTreeMap<Question, Option<u8>>> {
    let known: Vec<&str> = Question::ALL.iter().map(|question| question.key()).collect();
    let object = node.object(&known)?;
    let one = |(key, node): (&String, Node<'_>)| {
        let question = Question::parse(key)?;
        if node.value.as_str() == Some("U") {
            return Some((question, None));
        }
        match node.value.as_u64().and_then(|level| u8::try_from(level).ok()) {
            Some(level @ 0..=LEVEL_MAX) => Some((question, Some(level))),
            Some(_) | None => node.invalid(),
        }
    };
    // A member that is no question is already refused.
    Some(object.each().filter_map(one).collect())
}

fn mitigations(node: &Node<'_>, policy: &Policy) -> Option<Vec<Claim>> {
    let claims = node.list(|node| claim(node, policy))?;
    let mut seen = BTreeSet::new();
    for (place, claim) in claims.iter().enumerate() {
        if !seen.insert(&claim.id) {
            node.sink.refuse::<()>("mitigation-twice", &format!("{}/{place}/id", node.at));
        }
    }
    Some(claims)
}

fn claim(node: &Node<'_>, policy: &Policy) -> Option<Claim> {
    let object = node.object(&["id", "evidence", "issued", "opens_at"])?;
    let id = object.read("id", |node| {
        let id = node.id()?;
        if policy.bit(&id) == 0 {
            return node.sink.refuse("mitigation-unknown", &node.at);
        }
        Some(id)
    });
    let evidence = object.read("evidence", |node| node.or_null(Node::hex));
    let issued = object.read("issued", Node::instant);
    let opens_at = object.maybe("opens_at", Node::instant);
    Some(Claim { id: id?, has_evidence: evidence?.is_some(), issued: issued?, opens_at: opens_at? })
}

fn gates(node: &Node<'_>, policy: &Policy) -> Option<Gates> {
    let object = node.object(&["E1", "E2", "E3", "E5"])?;
    let absent =
        Fact { state: FactState::Unknown, ceiling: Tier::T5, signed_at: None, expires: None };
    let read = |key| object.maybe(key, |node| fact(node, (key == "E3").then_some(policy)));
    let (export, personal, carve_out) = (read("E1"), read("E2"), read("E3"));
    let duty = object.maybe("E5", duty);
    let (duty, duty_min) = duty?.unwrap_or((DutyState::Unknown, None));
    Some(Gates {
        export: export?.unwrap_or(absent),
        personal: personal?.unwrap_or(absent),
        carve_out: carve_out?.unwrap_or(absent),
        duty,
        duty_min,
    })
}

/// Reads a gate's fact; a carve-out gives the policy that bounds it.
fn fact(node: &Node<'_>, carve_out: Option<&Policy>) -> Option<Fact> {
    let object =
        node.object(&["state", "ceiling", "basis", "authority", "signed_at", "expires"])?;
    let state = object.read("state", |node| node.word(FactState::parse));
    let ceiling = object.maybe("ceiling", Node::tier);
    let basis = object.maybe("basis", Node::text);
    let authority = object.maybe("authority", Node::text);
    let signed_at = object.maybe("signed_at", Node::instant);
    let expires = object.maybe("expires", Node::instant);
    let (state, ceiling, basis) = (state?, ceiling?, basis?);
    let (authority, signed_at, expires) = (authority?, signed_at?, expires?);
    let ceiling = match state {
        FactState::Clear | FactState::Unknown => Some(Tier::T5),
        FactState::Limited => ceiling.or_else(|| object.refuse_member("member-missing", "ceiling")),
        FactState::Prohibited => Some(Tier::T0),
    };
    if matches!(state, FactState::Limited | FactState::Prohibited) {
        if let Some(policy) = carve_out {
            carve_out_is_complete(
                &object,
                policy,
                basis.as_deref(),
                (signed_at, expires),
                authority.is_some(),
            );
        } else if basis.is_none() {
            object.refuse_member::<()>("member-missing", "basis");
        }
    }
    let signed_at = authority.and(signed_at);
    Some(Fact { state, ceiling: ceiling?, signed_at, expires })
}

/// Returns the reason that the basis of a carve-out names (SH-20).
#[must_use]
pub fn carve_out_reason(basis: &str) -> Option<&'static str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    basis
        .split(|letter| !is_part(letter))
        .find_map(|word| CARVE_OUT_REASONS.iter().find(|reason| **reason == word).copied())
}

/// Refuses a carve-out that does not say why, by whom and for how long (SH-20).
fn carve_out_is_complete(
    object: &Object<'_>,
    policy: &Policy,
    basis: Option<&str>,
    (signed_at, expires): (Option<Instant>, Option<Instant>),
    has_authority: bool,
) {
    let has_reason = basis.is_some_and(|basis| carve_out_reason(basis).is_some());
    let is_bounded = match (signed_at, expires) {
        (Some(signed_at), Some(expires)) => expires <= signed_at.plus_days(policy.carve_out_days),
        (Some(_) | None, _) => false,
    };
    if !(has_reason && is_bounded && has_authority) {
        object.refuse::<()>("carve-out-incomplete");
    }
}

fn duty(node: &Node<'_>) -> Option<(DutyState, Option<Tier>)> {
    let object = node.object(&["state", "min_tier", "basis", "due_at"])?;
    let state = object.read("state", |node| node.word(DutyState::parse));
    let min_tier = object.maybe("min_tier", Node::tier);
    let basis = object.maybe("basis", Node::text);
    let due_at = object.maybe("due_at", Node::instant);
    let (state, min_tier, basis) = (state?, min_tier?, basis?);
    let _checked: Option<Instant> = due_at?;
    if state != DutyState::Due {
        return Some((state, None));
    }
    if basis.is_none() {
        object.refuse_member::<()>("member-missing", "basis");
    }
    let min_tier = min_tier.or_else(|| object.refuse_member("member-missing", "min_tier"))?;
    Some((state, Some(min_tier)))
}
