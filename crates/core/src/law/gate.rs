//! What law settles about one share, before anybody is asked: may content leave, may personal data, and is
//! the recipient owed something (gates E1, E2 and E5 of `sharing.md`, section 7; LW-50, LW-51, LW-71).
//!
//! Only what the packs answer with certainty is settled. Where a condition is unknown, or no pack knows a
//! law of that kind for the sender, nothing is said and a person answers. Not here: sanctions, which are a
//! fact that somebody states, and carve-outs, which an authority signs.

use std::collections::BTreeSet;

use super::ban::{BoundBan, Deed, Stage, towards};
use super::conflict::Class;
use super::duty::DutyStatus;
use super::export::export_allowed;
use super::expr::Tri;
use super::facts::{Action, Stated};
use super::level::{Ceiling, Level};
use super::output::Evaluation;
use super::refused::Refused;
use super::time::Instant;
use super::vocabulary::{Value, Vocabulary};
use super::world::{Actor, World};

/// What law settles about a share between two parties; `None` where people must answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareGates {
    /// E1: what may leave at most; open if nothing stands against it.
    pub export: Option<Settled<Ceiling>>,
    /// E2: whether there is a basis to transfer personal data.
    pub personal: Option<Settled<bool>>,
    /// E5: what the recipient is owed; `None` inside for nothing.
    pub duty: Option<Settled<Option<Owed>>>,
}

/// An answer with the rules it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled<T> {
    /// The answer.
    pub answer: T,
    /// The rules, by id.
    pub rules: BTreeSet<String>,
}

/// Something the recipient is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The least it must reveal.
    pub level: Level,
    /// When it is planned for: the earliest target.
    pub at: Option<Instant>,
}

/// Returns what law settles about a share from one party to another, for a purpose of the vocabulary
/// (`action.purpose`).
///
/// What somebody stated of this very share counts; of several statements the strictest.
pub fn share_gates(
    evaluation: &Evaluation<'_>,
    (from, to): (&str, &str),
    purpose: &str,
) -> Result<ShareGates, Refused> {
    let world = &evaluation.world;
    let (Some(sender), Some(recipient)) = (world.actor_of(from), world.actor_of(to)) else {
        return Ok(ShareGates::default());
    };
    let mut limits = Vec::new();
    for action in planned(world, (from, to), recipient, purpose) {
        limits.push(Limits::of(world, sender, &action)?);
    }
    Ok(ShareGates {
        export: strictest(limits.iter().map(|one| &one.export), &Ceiling::OPEN),
        personal: strictest(limits.iter().map(|one| &one.personal), &true),
        duty: owed(evaluation, sender, recipient),
    })
}

/// The strictest answer: the certain "no" of one statement counts whatever another leaves open.
fn strictest<'s, T: Clone + Ord + 's>(
    mut answers: impl Iterator<Item = &'s Option<Settled<T>>> + Clone,
    open: &T,
) -> Option<Settled<T>> {
    let least = answers.clone().flatten().min_by_key(|one| &one.answer)?;
    (least.answer < *open || answers.all(Option::is_some)).then(|| least.clone())
}

/// What bans say of one share.
struct Limits {
    export: Option<Settled<Ceiling>>,
    personal: Option<Settled<bool>>,
}

impl Limits {
    fn of(world: &World<'_>, sender: &Actor<'_>, action: &Action) -> Result<Self, Refused> {
        let deed = Deed {
            kind: &action.kind,
            level: action.level,
            towards: towards(world, action),
            stated: &action.facts,
            by: &action.party,
        };
        let stage = Stage::new(world, sender, &deed)?;
        let (personal, others): (Vec<_>, Vec<_>) = stage
            .bound(sender)?
            .into_iter()
            .partition(|bound| bound.ban.conflict_class == Some(Class::C09));
        let others: Vec<_> =
            others.into_iter().filter(|b| b.ban.max_level.forbids(Level::L4)).collect();
        let note = export_allowed(world, action)?;
        Ok(Self {
            export: limit(&others, || {
                let known = regimes(sender, Class::C10);
                (note == Tri::True && !known.is_empty()).then_some(known)
            }),
            personal: transfer(&personal, || regimes(sender, Class::C09)),
        })
    }
}

/// The lowest ceiling of the bans that surely hold; open only if none may hold and a regime is known.
fn limit(
    bans: &[BoundBan<'_>],
    open: impl FnOnce() -> Option<BTreeSet<String>>,
) -> Option<Settled<Ceiling>> {
    let certain = || bans.iter().filter(|bound| bound.certain);
    if let Some(least) = certain().map(|bound| bound.ban.max_level).min() {
        let holding = certain().filter(|bound| bound.ban.max_level == least);
        let rules = holding.map(|bound| bound.rule.id.clone()).collect();
        // What is not certain might forbid more: that much is left to people, who can only be stricter.
        return Some(Settled { answer: least, rules });
    }
    if bans.is_empty() {
        return open().map(|rules| Settled { answer: Ceiling::OPEN, rules });
    }
    None
}

fn transfer(
    bans: &[BoundBan<'_>],
    known: impl FnOnce() -> BTreeSet<String>,
) -> Option<Settled<bool>> {
    let certain: BTreeSet<String> =
        bans.iter().filter(|bound| bound.certain).map(|bound| bound.rule.id.clone()).collect();
    if !certain.is_empty() {
        return Some(Settled { answer: false, rules: certain });
    }
    let rules = known();
    (bans.is_empty() && !rules.is_empty()).then_some(Settled { answer: true, rules })
}

/// The rules with bans of a class that surely bind somebody: without one, no pack knows its law.
fn regimes(actor: &Actor<'_>, class: Class) -> BTreeSet<String> {
    let binding = actor.rules.iter().filter(|state| state.valid && state.binds_surely().is_true());
    binding
        .filter(|state| state.rule.prohibits.iter().any(|ban| ban.conflict_class == Some(class)))
        .map(|state| state.rule.id.clone())
        .collect()
}

/// The shares that somebody planned between the two, else one of which nothing but its purpose is known.
fn planned(
    world: &World<'_>,
    (from, to): (&str, &str),
    recipient: &Actor<'_>,
    purpose: &str,
) -> Vec<Action> {
    let is_to = |name: &str| name == to || recipient.party.acts_as.iter().any(|id| id == name);
    let stated = world.case.actions.iter().filter(|action| {
        action.party == from && action.kind == "share" && action.to.as_deref().is_some_and(is_to)
    });
    let mut all: Vec<Action> = stated.cloned().collect();
    if all.is_empty() {
        all.push(Action {
            id: String::new(),
            party: from.to_owned(),
            kind: "share".to_owned(),
            to: Some(to.to_owned()),
            level: Some(Level::L4),
            at: None,
            basis: None,
            facts: Stated::new(),
        });
    }
    let words = Vocabulary::shipped();
    for action in &mut all {
        // Nobody listed what it contains: that is not the same as nothing.
        if let Some(id) = words.id("action.contains") {
            let nothing = || Value::List { known: Vec::new(), complete: false };
            action.facts.entry(id).or_insert_with(nothing);
        }
        if let Some(id) = words.id("action.purpose") {
            action.facts.entry(id).or_insert_with(|| Value::text(purpose));
        }
    }
    all
}

/// What the sender owes the recipient, as far as every duty towards it is decided.
fn owed(
    evaluation: &Evaluation<'_>,
    sender: &Actor<'_>,
    recipient: &Actor<'_>,
) -> Option<Settled<Option<Owed>>> {
    let is_recipient = |id: &String| recipient.party.acts_as.contains(id);
    let towards = || {
        evaluation.duties.list.iter().filter(|duty| {
            duty.party == sender.id()
                && duty.binds()
                && !duty.stage.not_before
                && duty.stage.to.iter().any(is_recipient)
        })
    };
    let due = towards().filter(|duty| match duty.status {
        DutyStatus::Firm | DutyStatus::Missed => true,
        // The duty holds; only when it starts is not established.
        DutyStatus::Provisional => duty.waiting_for.is_none(),
        DutyStatus::Contested | DutyStatus::Met | DutyStatus::Unknown => false,
    });
    let (mut level, mut at, mut rules) = (None, None, BTreeSet::new());
    for duty in due {
        let Some(least) = duty.stage.min_level.filter(|least| *least < Level::L5) else { continue };
        level = level.max(Some(least));
        at = [at, duty.dates.target].into_iter().flatten().min();
        rules.insert(duty.id());
    }
    if let Some(level) = level {
        return Some(Settled { answer: Some(Owed { level, at }), rules });
    }
    let is_open =
        towards().any(|duty| matches!(duty.status, DutyStatus::Contested | DutyStatus::Unknown));
    // An authority that nobody matched with one of the packs may be owed something under another name.
    let is_nameless = recipient.party.acts_as.is_empty() && recipient.has_role("authority");
    let is_placed = sender.facts().value("actor.main_establishment").is_some();
    (is_placed && !is_open && !is_nameless)
        .then(|| Settled { answer: None, rules: BTreeSet::new() })
}
