//! The screen's policy as data: caps, hours, fields, mitigations; addressed by its hash.
//!
//! Past policies stay, so that an old screen replays to the same bytes (SH-27). Not here: the rules.

use std::collections::{BTreeMap, BTreeSet};

use comity_ledger::digest;
use comity_ledger::json::{self, Limits};
use serde::Deserialize;
use serde_json::Value;

use super::levels::{LEVEL_MAX, Levels};
use super::word::{Area, Purpose, Question, Relationship, Tier};

/// The policies that ship, oldest first; one is added when a new one is made, none is removed.
const EMBEDDED: [&str; 1] = [include_str!("policy-1.json")];
/// The limits of a policy's document.
const LIMITS: Limits = Limits { bytes_max: 64 << 10, depth_max: 8, keys_max: 512, floats: false };
/// The most mitigations of a policy; the planner looks at their subsets.
const MITIGATIONS_MAX: usize = 12;
/// The longest span of days or hours.
const SPAN_MAX: u32 = 36_500;

/// Why a document is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Another schema, or none.
    #[error("not a comity.screen-policy/1")]
    Schema,
    /// A member is missing, unknown or out of range.
    #[error("the policy is not valid: {0}")]
    Value(String),
}

impl PolicyError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Schema => "schema-unknown",
            Self::Value(_) => "value-invalid",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "schema")]
    _schema: String,
    access_floor: BTreeMap<Question, u8>,
    areas: Vec<Area>,
    carve_out_days: u32,
    classes: BTreeMap<String, Area>,
    detail_from: Tier,
    fields: BTreeMap<String, Tier>,
    hours: Hours,
    levers_max: usize,
    mitigations: BTreeMap<String, MitigationDocument>,
    never: BTreeSet<String>,
    patch_caps: BTreeMap<Question, u8>,
    personal_data_from: Tier,
    purposes: BTreeSet<Purpose>,
    roles: BTreeSet<String>,
    schema_caps: BTreeSet<Question>,
    text: BTreeMap<String, usize>,
    tier_caps: BTreeMap<Tier, BTreeMap<Question, u8>>,
    tier_needs: BTreeMap<Tier, BTreeSet<String>>,
    two_persons: BTreeSet<Relationship>,
    unknown: BTreeMap<Relationship, u8>,
    unknown_detail: BTreeMap<Relationship, u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MitigationDocument {
    caps: BTreeMap<Question, u8>,
    days: u32,
    only: Option<Tier>,
}

/// Spans in hours.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hours {
    pub(crate) decide: u32,
    pub(crate) decide_warn: u32,
    pub(crate) pass: u32,
    pub(crate) refusal: u32,
    pub(crate) refusal_warn: u32,
}

/// What a mitigation does.
#[derive(Clone, Debug)]
pub(crate) struct Mitigation {
    pub(crate) id: String,
    pub(crate) caps: Levels,
    pub(crate) days: u32,
    /// The one tier at which its caps count, if it is only one.
    pub(crate) only: Option<Tier>,
}

/// Caps of one tier.
#[derive(Clone, Debug)]
pub(crate) struct TierCaps {
    /// When what the tier rests on is there.
    pub(crate) held: Levels,
    /// When it is not: only the schema's own caps hold (SH-08).
    pub(crate) free: Levels,
    /// The places in [`Policy::mitigations`] that the tier rests on.
    pub(crate) needs: u32,
    /// Their ids; also those that no mitigation of the policy has.
    pub(crate) need_ids: BTreeSet<String>,
}

impl TierCaps {
    /// Returns whether something the tier rests on is not among `uses`.
    pub(crate) fn is_missing(&self, uses: u32) -> bool {
        // A need that is no mitigation of the policy can never be met.
        let known =
            usize::try_from(self.needs.count_ones()).is_ok_and(|n| n == self.need_ids.len());
        !known || uses & self.needs != self.needs
    }
}

/// A policy that was read and checked.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) hash: String,
    pub(crate) access_floor: BTreeMap<Question, u8>,
    pub(crate) carve_out_days: u32,
    pub(crate) classes: BTreeMap<String, Area>,
    pub(crate) detail_from: Tier,
    pub(crate) fields: BTreeMap<String, Tier>,
    pub(crate) hours: Hours,
    pub(crate) levers_max: usize,
    /// Sorted by id; at most [`MITIGATIONS_MAX`].
    pub(crate) mitigations: Vec<Mitigation>,
    pub(crate) never: BTreeSet<String>,
    pub(crate) patch_caps: Levels,
    pub(crate) personal_data_from: Tier,
    pub(crate) purposes: BTreeSet<Purpose>,
    pub(crate) roles: BTreeSet<String>,
    pub(crate) text: BTreeMap<String, usize>,
    pub(crate) tiers: BTreeMap<Tier, TierCaps>,
    pub(crate) two_persons: BTreeSet<Relationship>,
    unknown: BTreeMap<Relationship, u8>,
    unknown_detail: BTreeMap<Relationship, u8>,
}

impl Policy {
    /// Reads a policy.
    pub fn read(bytes: &[u8]) -> Result<Self, PolicyError> {
        let value =
            json::parse(bytes, &LIMITS).map_err(|error| PolicyError::Value(error.to_string()))?;
        Self::from_value(value)
    }

    /// Checks a policy that is already JSON.
    pub fn from_value(value: Value) -> Result<Self, PolicyError> {
        if value.get("schema").and_then(Value::as_str) != Some("comity.screen-policy/1") {
            return Err(PolicyError::Schema);
        }
        let hash = hash_of(&value).ok_or_else(|| PolicyError::Value("no RFC 8785 form".into()))?;
        let document: Document = serde_path_to_error::deserialize(value)
            .map_err(|error| PolicyError::Value(error.to_string()))?;
        document.check()?;
        Ok(document.compile(hash))
    }

    /// Returns `sha256:` and the hash of the policy's RFC 8785 form.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Returns the place of a mitigation as a set of one.
    pub(crate) fn bit(&self, id: &str) -> u32 {
        let place = self.mitigations.iter().position(|mitigation| mitigation.id == id);
        place.and_then(|place| 1_u32.checked_shl(u32::try_from(place).ok()?)).unwrap_or(0)
    }

    /// Returns the mitigations of a set, in the order of their ids.
    pub(crate) fn chosen(&self, set: u32) -> impl Iterator<Item = (u32, &Mitigation)> {
        let bits = std::iter::successors(Some(1_u32), |bit| bit.checked_mul(2));
        bits.zip(&self.mitigations).filter(move |(bit, _)| set & bit != 0)
    }

    /// Returns the ids of a set, sorted.
    pub(crate) fn ids(&self, set: u32) -> Vec<String> {
        self.chosen(set).map(|(_, mitigation)| mitigation.id.clone()).collect()
    }

    /// Returns what an unanswered question of risk counts (SH-05).
    pub(crate) fn unknown(&self, relationship: Relationship, tier: Tier) -> u8 {
        let table = if tier >= self.detail_from { &self.unknown_detail } else { &self.unknown };
        table.get(&relationship).copied().unwrap_or(LEVEL_MAX)
    }

    /// Returns whether a tier lets out a path, written `a.b[].c`; a field covers all below it.
    #[must_use]
    pub fn lets_out(&self, path: &str, tier: Tier) -> bool {
        self.fields.iter().any(|(field, needs)| {
            let below = path.strip_prefix(field.as_str());
            let is_covered =
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            is_covered && *needs <= tier
        })
    }

    /// Returns the caps of a tier.
    pub(crate) fn tier(&self, tier: Tier) -> Option<&TierCaps> {
        self.tiers.get(&tier)
    }
}

impl Document {
    fn check(&self) -> Result<(), PolicyError> {
        let no = |why: &str| Err(PolicyError::Value(why.to_owned()));
        let mitigation_caps = self.mitigations.values().map(|mitigation| &mitigation.caps);
        let mut caps = self
            .tier_caps
            .values()
            .chain(mitigation_caps)
            .chain([&self.patch_caps, &self.access_floor]);
        if caps.any(|caps| caps.values().any(|level| *level > LEVEL_MAX)) {
            return no("a level is over 4");
        }
        let mut unknown = self.unknown.values().chain(self.unknown_detail.values());
        if unknown.any(|level| *level > LEVEL_MAX) {
            return no("a level is over 4");
        }
        let complete = |table: &BTreeMap<Relationship, u8>| table.len() == Relationship::ALL.len();
        if !complete(&self.unknown) || !complete(&self.unknown_detail) {
            return no("a relationship is missing");
        }
        if self.tier_caps.len() != Tier::ALL.len()
            || self.tier_caps.values().any(|caps| caps.len() < Question::risks().count())
        {
            return no("a tier or a question is missing in tier_caps");
        }
        if self.areas != Area::ALL {
            return no("areas are protocol, verification, infrastructure, evaluation");
        }
        if self.mitigations.len() > MITIGATIONS_MAX || self.levers_max > 3 {
            return no("too many mitigations or levers");
        }
        let hours = self.hours;
        let spans =
            [hours.decide, hours.decide_warn, hours.pass, hours.refusal, hours.refusal_warn];
        let days = self.mitigations.values().map(|mitigation| mitigation.days);
        if spans.into_iter().chain(days).chain([self.carve_out_days]).any(|span| span > SPAN_MAX) {
            return no("a span is over a hundred years");
        }
        Ok(())
    }

    fn compile(self, hash: String) -> Policy {
        let open = |caps: &BTreeMap<Question, u8>| {
            let caps = caps.clone();
            Levels::from_fn(move |question| caps.get(&question).copied().unwrap_or(LEVEL_MAX))
        };
        let mitigations: Vec<Mitigation> = self
            .mitigations
            .into_iter()
            .map(|(id, document)| Mitigation {
                id,
                caps: open(&document.caps),
                days: document.days,
                only: document.only,
            })
            .collect();
        let mut policy = Policy {
            hash,
            access_floor: self.access_floor,
            carve_out_days: self.carve_out_days,
            classes: self.classes,
            detail_from: self.detail_from,
            fields: self.fields,
            hours: self.hours,
            levers_max: self.levers_max,
            mitigations,
            never: self.never,
            patch_caps: open(&self.patch_caps),
            personal_data_from: self.personal_data_from,
            purposes: self.purposes,
            roles: self.roles,
            text: self.text,
            tiers: BTreeMap::new(),
            two_persons: self.two_persons,
            unknown: self.unknown,
            unknown_detail: self.unknown_detail,
        };
        for (tier, caps) in &self.tier_caps {
            let mut schema = caps.clone();
            schema.retain(|question, _| self.schema_caps.contains(question));
            let need_ids = self.tier_needs.get(tier).cloned().unwrap_or_default();
            let needs = need_ids.iter().fold(0, |set, id| set | policy.bit(id));
            let held = open(caps);
            // Without needs, or with a need that nothing can meet, one of the two is never used.
            let free = if need_ids.is_empty() { held } else { open(&schema) };
            policy.tiers.insert(*tier, TierCaps { held, free, needs, need_ids });
        }
        policy
    }
}

/// Returns `sha256:` and the hash of a value's RFC 8785 form.
pub(crate) fn hash_of<T: serde::Serialize>(value: &T) -> Option<String> {
    let bytes = serde_json_canonicalizer::to_vec(value).ok()?;
    Some(format!("sha256:{}", digest::hex(&digest::sha256(&bytes))))
}

/// Every policy that can still be replayed, by hash.
#[derive(Clone, Debug)]
pub struct Policies {
    known: BTreeMap<String, Policy>,
    current: Policy,
}

impl Policies {
    /// Returns the policies that ship with the program; the newest is the current one.
    pub fn embedded() -> Result<Self, PolicyError> {
        let mut read = EMBEDDED.iter().map(|text| Policy::read(text.as_bytes()));
        let first = read.next().ok_or(PolicyError::Schema)??;
        let mut policies = Self { known: BTreeMap::new(), current: first.clone() };
        policies.add(first);
        for policy in read {
            policies.add(policy?);
        }
        Ok(policies)
    }

    /// Adds a policy, which becomes the current one.
    pub fn add(&mut self, policy: Policy) {
        self.known.insert(policy.hash.clone(), policy.clone());
        self.current = policy;
    }

    /// Returns the policy that new screens use.
    #[must_use]
    pub const fn current(&self) -> &Policy {
        &self.current
    }

    /// Returns the policy with this hash.
    #[must_use]
    pub fn find(&self, hash: &str) -> Option<&Policy> {
        self.known.get(hash)
    }
}
