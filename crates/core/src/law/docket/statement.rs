//! What a person can state about the law side of a case, one variant a kind.
//!
//! Not here: whether it fits the rest of the case; `facts::read_case_value` checks that.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::case::body::Millis;
use crate::case::word::Compartment;
use crate::law::facts::check_fact;
use crate::law::level::Level;
use crate::law::refused::{Code, Refused};
use crate::law::time::Instant;

/// The first instant at which something of a case can have happened, 1990-01-01, in seconds: earlier dates are
/// typing errors, and would put an event before every law.
const EARLIEST: i64 = 631_152_000;
/// How far ahead an event may lie that is not said to be planned, in seconds.
const AHEAD_MAX: i64 = 366 * 86_400;

/// One statement as it was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The entry that carries its commitment.
    pub id: String,
    /// The entry it belongs to, such as the `duty.record` of a filing.
    pub of: Option<String>,
    /// The hub's clock, milliseconds.
    pub at: i64,
    /// The account that stated it.
    pub by: String,
    /// The organisation the account acts for.
    pub organisation: String,
    /// What was stated.
    pub statement: Statement,
}

/// A statement. Instants, levels and names are texts as in `comity.facts/1`, checked with the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Statement {
    /// A party plans something, and asks whether it may.
    Action {
        /// Names the action; a later statement of the same name replaces it.
        id: String,
        /// Who plans it.
        party: String,
        /// `file`, `share`, `publish` and so on.
        action: String,
        /// A party or recipient.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// What it would reveal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<String>,
        /// When.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
        /// The agreement it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<String>,
        /// Facts of the action.
        #[serde(default)]
        facts: Map<String, Value>,
    },
    /// A consent is held.
    Consent {
        /// By whom.
        party: String,
        /// Whose.
        code: String,
        /// Since when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    },
    /// A power to delay was used.
    Delay {
        /// For whom.
        party: String,
        /// The rule with the power.
        rule: String,
        /// The power.
        code: String,
        /// Since when.
        started: String,
        /// Until when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        released: Option<String>,
    },
    /// Something happened, or became known to somebody.
    Event {
        /// To whom; to all parties if it names none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
        /// A name of the vocabulary.
        event: String,
        /// When.
        at: String,
        /// Whether it may lie in the future.
        #[serde(default)]
        planned: bool,
        /// What shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<String>,
    },
    /// A fact has a value; null takes back what the same organisation said before.
    Fact {
        /// Of whom; of the case if it names none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
        /// A name of the vocabulary.
        fact: String,
        /// Its value, a partial list, or values in dispute.
        value: Value,
    },
    /// A duty was met by sending something. Made by recording the duty, never stated alone.
    Filing(Filing),
    /// How long a person needs to act.
    Latency {
        /// One number and one unit.
        within: String,
    },
    /// The labels of what is shared.
    Marking {
        /// Traffic light protocol.
        tlp: String,
        /// Permissible actions protocol.
        pap: String,
    },
    /// A consent was asked for and not yet answered.
    Request {
        /// Who asks.
        from: String,
        /// Whom.
        to: String,
    },
    /// What a party is beside its facts; members left out stay as they are.
    Standing {
        /// The party.
        party: String,
        /// Recipients it embodies.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acts_as: Option<Vec<String>>,
        /// Predicates it attests.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attested: Option<Vec<String>>,
        /// How much it holds, in place of what the case shows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holds: Option<String>,
        /// Agreements under which it received content.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received_under: Option<Vec<String>>,
        /// Since when it holds it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<String>,
    },
    /// An earlier record is taken back.
    Withdraw {
        /// The record.
        of: String,
    },
}

/// What was sent to meet a duty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// Who sent it.
    pub party: String,
    /// Under which rule.
    pub rule: String,
    /// For which stage.
    pub stage: String,
    /// When, with its offset.
    pub at: String,
    /// What it revealed.
    pub level: String,
    /// The number or text the authority gave back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// The commitment to the proof that was attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

impl Filing {
    /// Returns it as the facts write it.
    #[must_use]
    pub fn submission(&self) -> Value {
        let Self { rule, stage, at, level, .. } = self;
        json!({ "rule": rule, "stage": stage, "at": at, "level": level })
    }
}

impl Statement {
    /// Refuses what is wrong by itself, whatever the case says: a fact of another type, which what the case adds
    /// could hide, and an event at no likely date. `now` is the instant of stating; a record kept is not asked again.
    pub fn check(&self, now: Millis) -> Result<(), Refused> {
        match self {
            Self::Fact { party, fact, value } => check_fact(party.is_some(), fact, value),
            Self::Event { at, planned, .. } => {
                let seconds = Instant::parse(at).map(Instant::unix);
                let latest = now.div_euclid(1000).saturating_add(AHEAD_MAX);
                let unlikely = |at: i64| at < EARLIEST || (!planned && at > latest);
                if seconds.is_some_and(unlikely) {
                    let message = "before 1990, or more than 366 days ahead and not planned";
                    return Err(Refused::new(Code::Instant, "/at", message));
                }
                Ok(())
            }
            Self::Action { .. }
            | Self::Consent { .. }
            | Self::Delay { .. }
            | Self::Filing(_)
            | Self::Latency { .. }
            | Self::Marking { .. }
            | Self::Request { .. }
            | Self::Standing { .. }
            | Self::Withdraw { .. } => Ok(()),
        }
    }

    /// Returns whom it is about; none for the case.
    #[must_use]
    pub fn party(&self) -> Option<&str> {
        match self {
            Self::Action { party, .. }
            | Self::Consent { party, .. }
            | Self::Delay { party, .. }
            | Self::Standing { party, .. }
            | Self::Filing(Filing { party, .. })
            | Self::Request { from: party, .. } => Some(party),
            Self::Event { party, .. } | Self::Fact { party, .. } => party.as_deref(),
            Self::Latency { .. } | Self::Marking { .. } | Self::Withdraw { .. } => None,
        }
    }

    /// Returns its members without the kind and those named.
    pub(super) fn members(&self, without: &[&str]) -> Map<String, Value> {
        let value = serde_json::to_value(self).unwrap_or_default();
        let Value::Object(mut members) = value else { return Map::new() };
        members.retain(|key, _| key != "kind" && !without.contains(&key.as_str()));
        members
    }

    /// Returns a planned action as the facts write it.
    pub(super) fn action(&self) -> Value {
        let mut members = self.members(&["action"]);
        if let Self::Action { action, .. } = self {
            members.insert("kind".to_owned(), json!(action));
        }
        Value::Object(members)
    }
}

/// Returns what a compartment reveals (law.md §7); deliberation reveals nothing of the flaw.
#[must_use]
pub const fn level_of(compartment: Compartment) -> Option<Level> {
    Some(match compartment {
        Compartment::Affected => Level::L1,
        Compartment::Abstract => Level::L2,
        Compartment::Technical => Level::L3,
        Compartment::Reproduction | Compartment::Evidence => Level::L4,
        Compartment::Identity => Level::L5,
        Compartment::Deliberation => return None,
    })
}
