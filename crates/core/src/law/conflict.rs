//! Conflicts: what contradicts what, how sure that is, and which lawful ways out there are (law.md §8).
//!
//! The engine detects and explains; it never chooses between two sovereigns. Each class is a function
//! of one of the three submodules. Not here: who decides, and the record of the decision.

mod actions;
mod case;
mod clashes;
mod classes;

use std::collections::{BTreeMap, BTreeSet};

use super::ban::BoundBan;
use super::duty::Duties;
use super::expr::Tri;
use super::horizon::Horizon;
use super::level::Level;
use super::pack::{Rank, on_one_path};
use super::refused::Refused;
use super::vocabulary::Value;
use super::world::{World, eval};

pub use classes::{Class, Severity};

/// The party of a conflict that concerns the case as a whole.
pub const CASE: &str = "case";

/// What makes two findings the same conflict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The class.
    pub class: Class,
    /// The party, or [`CASE`].
    pub party: String,
    /// The rules involved, sorted.
    pub rules: Vec<String>,
    /// The planned action.
    pub action: Option<String>,
    /// The fact in dispute.
    pub fact: Option<String>,
    /// The agreement.
    pub agreement: Option<String>,
    /// The parties of a circle or dispute.
    pub parties: Vec<String>,
}

/// Whether a relief is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Available {
    /// Somebody must be asked.
    Ask,
    /// It is not.
    No,
    /// It is.
    Yes,
}

impl Available {
    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::No => "no",
            Self::Yes => "yes",
        }
    }

    const fn of(known: Tri) -> Self {
        match known {
            Tri::True => Self::Yes,
            Tri::False => Self::No,
            Tri::Unknown => Self::Ask,
        }
    }
}

/// One conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What it is.
    pub key: Key,
    /// The stages involved, `rule/stage`, sorted.
    pub stages: Vec<String>,
    /// Whether it is certain.
    pub certain: bool,
    /// The reliefs of its class in order.
    pub reliefs: Vec<(&'static str, Available)>,
}

/// What was found about one key.
#[derive(Debug, Default)]
struct Body {
    stages: BTreeSet<String>,
    certain: bool,
    /// The duty of a clash, for which another party may step in.
    duty: Option<String>,
}

/// Collects conflicts; the same key found twice is one conflict with all stages.
struct Finder<'w, 'a> {
    world: &'w World<'a>,
    duties: &'w Duties<'a>,
    horizon: &'w Horizon,
    found: BTreeMap<Key, Body>,
    /// The bans already asked for, by party, recipient and level.
    bans: BTreeMap<(String, String, Level), Vec<BoundBan<'a>>>,
}

impl Finder<'_, '_> {
    fn add(&mut self, key: Key, certain: bool) -> &mut Body {
        let body = self.found.entry(key).or_default();
        body.certain |= certain;
        body
    }
}

impl Key {
    fn new<S: Into<String>>(class: Class, party: &str, rules: impl IntoIterator<Item = S>) -> Self {
        let rules: BTreeSet<String> = rules.into_iter().map(Into::into).collect();
        Self {
            class,
            party: party.to_owned(),
            rules: rules.into_iter().collect(),
            action: None,
            fact: None,
            agreement: None,
            parties: Vec::new(),
        }
    }

    fn action(mut self, id: &str) -> Self {
        self.action = Some(id.to_owned());
        self
    }

    fn agreement(mut self, id: &str) -> Self {
        self.agreement = Some(id.to_owned());
        self
    }
}

/// Finds all conflicts, by class, party and rules.
pub fn conflicts<'a>(
    world: &World<'a>,
    duties: &Duties<'a>,
    horizon: &Horizon,
) -> Result<Vec<Conflict>, Refused> {
    let mut finder =
        Finder { world, duties, horizon, found: BTreeMap::new(), bans: BTreeMap::new() };
    finder.clashes()?;
    finder.actions()?;
    finder.of_case();
    let mut all = Vec::with_capacity(finder.found.len());
    for (key, body) in &finder.found {
        let mut reliefs = Vec::new();
        for relief in key.class.reliefs() {
            reliefs.push((*relief, finder.available(key, body, relief)?));
        }
        all.push(Conflict {
            key: key.clone(),
            stages: body.stages.iter().cloned().collect(),
            certain: body.certain,
            reliefs,
        });
    }
    Ok(all)
}

impl Finder<'_, '_> {
    fn available(&self, key: &Key, body: &Body, relief: &str) -> Result<Available, Refused> {
        Ok(match relief {
            "R1" if key.class == Class::C01 => Available::No,
            "R2" => self.power(key, body)?,
            "R3" => self.precedence(key),
            "R4" => self.other_bearer(key, body),
            "R5" | "R6" => Available::Ask,
            _ => Available::Yes,
        })
    }

    /// R2: a power of a valid rule acts on an involved stage.
    fn power(&self, key: &Key, body: &Body) -> Result<Available, Refused> {
        let mut best = Tri::False;
        let Some(actor) = self.world.actor_of(&key.party) else { return Ok(Available::No) };
        for state in actor.rules.iter().filter(|s| s.valid) {
            for power in &state.rule.powers {
                let (rule, stage) = &power.acts_on;
                if body.stages.contains(&format!("{rule}/{stage}")) {
                    let facts = actor.tables.of(state.pack);
                    best = best.or(eval(&power.precondition, facts, &mut Vec::new())?);
                }
            }
        }
        Ok(Available::of(best))
    }

    /// R3: inside one order rank decides; an agreement, contract or norm is below every order.
    fn precedence(&self, key: &Key) -> Available {
        let involved: Vec<_> = key
            .rules
            .iter()
            .filter_map(|id| self.world.packs.versions(id).next().map(|(_, rule)| rule))
            .collect();
        let below = |rank: Rank| matches!(rank, Rank::Agreement | Rank::Contract | Rank::Norm);
        let weaker = key.agreement.is_some() || involved.iter().any(|r| below(r.rank));
        let one_path =
            involved.iter().all(|a| involved.iter().all(|b| on_one_path(&a.order, &b.order)));
        if weaker || one_path { Available::Yes } else { Available::No }
    }

    /// R4: another entity of the group owes the same and is not bound by the same ban.
    fn other_bearer(&self, key: &Key, body: &Body) -> Available {
        let group = |party: &str| {
            let actor = self.world.actor_of(party)?;
            actor.facts().value("actor.group").and_then(Value::as_text)
        };
        let (Some(own), Some(duty)) = (group(&key.party), &body.duty) else { return Available::No };
        let free = |party: &str| {
            let hit = Key { party: party.to_owned(), ..key.clone() };
            group(party) == Some(own) && !self.found.contains_key(&hit)
        };
        let able = self.duties.list.iter().any(|other| {
            other.rule.id == *duty
                && other.party != key.party
                && other.is_live()
                && free(other.party)
        });
        if able { Available::Yes } else { Available::No }
    }
}
