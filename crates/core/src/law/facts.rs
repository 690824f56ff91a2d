//! The facts of a case as they come in: `comity.facts/1`, checked member by member (law.md §3, §13).
//!
//! Not here: what follows from the facts (`world`).

mod read;

use std::collections::BTreeMap;

use super::level::Level;
use super::time::{Instant, Within};
use super::vocabulary::{FactId, Value};

pub use read::{check_fact, parse_case, parse_party, read_case_value, read_party_value};

/// Bytes of one document of facts.
pub const BYTES_MAX: usize = 1 << 20;
/// Parties of one case.
pub const PARTIES_MAX: usize = 256;

/// Facts somebody stated.
pub type Stated = BTreeMap<FactId, Value>;

/// One case.
#[derive(Clone, Debug)]
pub struct CaseFacts {
    /// Its id.
    pub id: String,
    /// The party that coordinates.
    pub lead: String,
    /// What holds for all parties.
    pub facts: Stated,
    /// What happened, for all parties.
    pub events: Vec<Event>,
    /// The promise of silence, if there is one.
    pub embargo: Option<Embargo>,
    /// The parties, the hub among them.
    pub parties: Vec<Party>,
    /// What somebody plans.
    pub actions: Vec<Action>,
    /// Agreements as the case sees them.
    pub agreements: Vec<AgreementTerms>,
    /// Consents held.
    pub consents: Vec<Consent>,
    /// Open requests for consent.
    pub requests: Vec<(String, String)>,
    /// Delays that were started.
    pub delays: Vec<Delay>,
    /// How long a person needs to act.
    pub latency: Within,
}

/// A dated assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// When.
    pub at: Instant,
    /// Whether it may lie in the future.
    pub planned: bool,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

/// A promise of silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embargo {
    /// Its end.
    pub until: Instant,
    /// The TLP label.
    pub tlp: String,
    /// The PAP label.
    pub pap: String,
}

/// One party.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its id.
    pub id: String,
    /// What holds for it; over the facts of the case.
    pub facts: Stated,
    /// What it knows or did; over the events of the case.
    pub events: Vec<Event>,
    /// What it filed.
    pub submissions: Vec<Submission>,
    /// How much it holds.
    pub holds: Option<Level>,
    /// Since when.
    pub since: Option<Instant>,
    /// The recipients it embodies.
    pub acts_as: Vec<String>,
    /// The predicates it attests.
    pub attested: Vec<String>,
    /// The agreements under which it received content.
    pub received_under: Vec<String>,
    /// What an invitee would get.
    pub share_level: Option<Level>,
}

/// Something filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The rule.
    pub rule: String,
    /// The stage.
    pub stage: String,
    /// When.
    pub at: Instant,
    /// What it revealed.
    pub level: Level,
}

/// Something planned.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its id.
    pub id: String,
    /// Who plans it.
    pub party: String,
    /// `file`, `share`, `publish`, …
    pub kind: String,
    /// A party or recipient.
    pub to: Option<String>,
    /// What it would reveal.
    pub level: Option<Level>,
    /// When.
    pub at: Option<Instant>,
    /// The agreement it rests on.
    pub basis: Option<String>,
    /// Facts of the action.
    pub facts: Stated,
}

/// What an agreement says, as far as the engine needs it (LW-80).
#[derive(Clone, Debug)]
pub struct AgreementTerms {
    /// Its id.
    pub id: String,
    /// Whom it binds.
    pub parties: Vec<String>,
    /// Since when; `None` while it is not in force.
    pub in_force_from: Option<Instant>,
    /// The first instant without force.
    pub sunset: Option<Instant>,
    /// `none`, `consent`, `members` or `any`.
    pub onward: String,
    /// The highest level it carries.
    pub max_level: Option<Level>,
    /// Ingredients a reservation removes.
    pub reserved_classes: Vec<String>,
    /// Suspensions.
    pub suspensions: Vec<SuspensionTerms>,
}

/// One suspension.
#[derive(Clone, Debug)]
pub struct SuspensionTerms {
    /// From when.
    pub from: Instant,
    /// Until when, if it has an end.
    pub to: Option<Instant>,
    /// For whom; for all if nobody is named.
    pub party: Option<String>,
}

/// A consent.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Who holds it.
    pub party: String,
    /// Whose, for example `CCB`.
    pub code: String,
    /// Since when.
    pub at: Option<Instant>,
}

/// A delay somebody started under a power.
#[derive(Clone, Debug)]
pub struct Delay {
    /// Who.
    pub party: String,
    /// The rule with the power.
    pub rule: String,
    /// The power.
    pub code: String,
    /// Since when.
    pub started: Instant,
    /// Until when.
    pub released: Option<Instant>,
}

impl CaseFacts {
    /// Returns a party.
    #[must_use]
    pub fn party(&self, id: &str) -> Option<&Party> {
        self.parties.iter().find(|p| p.id == id)
    }

    /// Returns the party that embodies a recipient; of several the first by id.
    #[must_use]
    pub fn party_acting_as(&self, recipient: &str) -> Option<&Party> {
        let acting = self.parties.iter().filter(|p| p.acts_as.iter().any(|a| a == recipient));
        acting.min_by(|a, b| a.id.cmp(&b.id))
    }
}
