//! Bans on actions: verdicts, lanes and who may publish (LW-51, LW-61, LW-71).
//!
//! A ban that may apply gives `ask`, never `allow`. Not here: what follows from a clash with a duty
//! (`conflict`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use super::docket::level_of;
use super::expr::{Expr, Facts, Lookup, Tri};
use super::facts::{Action, AgreementTerms, Stated};
use super::level::{Ceiling, Level};
use super::pack::{Ban, BanAction, Rule, RuleKind};
use super::refused::Refused;
use super::time::Instant;
use super::vocabulary::{FactId, RecipientCountry, Scalar, Value, Vocabulary};
use super::world::{Actor, Resolved, World, eval};
use crate::case::word::{Compartment, Word as _};

/// Towards whom somebody acts.
#[derive(Clone, Copy, Debug)]
pub enum Towards<'a> {
    /// Nobody else.
    Itself,
    /// Another party.
    Party(&'a Actor<'a>),
    /// A recipient of the vocabulary or of a pack.
    Recipient(&'a str),
}

/// Something done or planned, as the bans see it.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// `file`, `share`, `publish`, …
    pub kind: &'a str,
    /// What it reveals; `None` if that is not said.
    pub level: Option<Level>,
    /// Towards whom.
    pub towards: Towards<'a>,
    /// Further facts of the action.
    pub stated: &'a Stated,
    /// Whose consents count.
    pub by: &'a str,
}

/// A ban that binds somebody for a deed, surely or possibly.
#[derive(Clone, Copy, Debug)]
pub struct BoundBan<'a> {
    /// The rule that holds it.
    pub rule: &'a Rule,
    /// The ban.
    pub ban: &'a Ban,
    /// Whether every condition is true.
    pub certain: bool,
}

/// An answer about an action or a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is allowed; `Unknown` is "ask".
    pub allowed: Tri,
    /// The most that may be revealed.
    pub max_level: Ceiling,
    /// The rules that limit it.
    pub limits: BTreeSet<String>,
}

/// The facts of an action laid over those of its actor.
struct Scene<'s> {
    base: &'s Resolved,
    over: &'s BTreeMap<FactId, Option<Value>>,
}

impl Facts for Scene<'_> {
    fn look_up(&self, id: FactId) -> Lookup<'_> {
        match self.over.get(&id) {
            Some(Some(value)) => Lookup::Known(value),
            Some(None) => Lookup::Unknown(&[]),
            None => self.base.look_up(id),
        }
    }
}

/// The expression of the disclosure and response notes (15 CFR 772.1); it is ours and a test reads it.
static DISCLOSURE_NOTE: LazyLock<Option<Expr>> = LazyLock::new(|| {
    let words = Vocabulary::shipped();
    Expr::parse(words.predicate("export.disclosure_note")?, words, &|_| None).ok()
});

/// Evaluates an expression over the facts of a deed with somebody as actor.
pub(crate) struct Stage<'w, 'a> {
    world: &'w World<'a>,
    over: BTreeMap<FactId, Option<Value>>,
    actions: &'static [BanAction],
}

impl<'w, 'a> Stage<'w, 'a> {
    pub(crate) fn new(
        world: &'w World<'a>,
        actor: &Actor<'_>,
        deed: &Deed<'_>,
    ) -> Result<Self, Refused> {
        let mut over: BTreeMap<FactId, Option<Value>> = BTreeMap::new();
        let words = Vocabulary::shipped();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(id) = words.id(name) {
                over.insert(id, value);
            }
        };
        let (kind, country, roles, acts_as) = recipient(world, actor, deed.towards);
        put("action.kind", Some(Value::text(deed.kind)));
        put("action.level", deed.level.map(|l| Value::text(l.as_str())));
        put("action.consents", Some(Value::list(world.consents(deed.by))));
        put("recipient.country", country);
        put("recipient.roles", roles);
        put("recipient.acts_as", Some(acts_as));
        let actions = ban_actions(deed.kind, &kind);
        put("recipient.kind", Some(Value::text(&kind)));
        for (id, value) in deed.stated {
            over.insert(*id, Some(value.clone()));
        }
        let mut stage = Self { world, over, actions };
        stage.add_note(actor)?;
        Ok(stage)
    }

    fn add_note(&mut self, actor: &Actor<'_>) -> Result<(), Refused> {
        let id = Vocabulary::shipped().id("export.disclosure_note");
        if let (Some(id), Some(note)) = (id, DISCLOSURE_NOTE.as_ref()) {
            let scene = Scene { base: actor.facts(), over: &self.over };
            let holds = eval(note, &scene, &mut Vec::new())?;
            let value = match holds {
                Tri::True => Some(true),
                Tri::False => Some(false),
                Tri::Unknown => None,
            };
            self.over.insert(id, value.map(|v| Value::One(Scalar::Bool(v))));
        }
        Ok(())
    }

    /// Evaluates with the facts of one pack.
    pub(crate) fn eval(&self, base: &Resolved, expr: &Expr) -> Result<Tri, Refused> {
        eval(expr, &Scene { base, over: &self.over }, &mut Vec::new())
    }

    /// Returns every ban that binds the actor for the deed, surely or possibly.
    pub(crate) fn bound(&self, actor: &Actor<'a>) -> Result<Vec<BoundBan<'a>>, Refused> {
        let mut found = Vec::new();
        let held = self.world.consents(actor.id());
        for state in &actor.rules {
            let rule = state.rule;
            if !state.valid || rule.kind == RuleKind::Overlay || rule.prohibits.is_empty() {
                continue;
            }
            let binds = state.binds_surely();
            for ban in rule.prohibits.iter().filter(|b| self.actions.contains(&b.action)) {
                let consented = ban.unless_consent.as_deref().is_some_and(|c| held.contains(&c));
                let ended = ban.ends_on_submission
                    && actor.submissions(&rule.id, self.world.at).next().is_some();
                if binds == Tri::False || consented || ended {
                    continue;
                }
                let base = actor.tables.of(state.pack);
                let holds =
                    binds.and(self.eval(base, &ban.when)?).and(self.eval(base, &ban.recipient)?);
                if holds.not_false() {
                    found.push(BoundBan { rule, ban, certain: holds.is_true() });
                }
            }
        }
        Ok(found)
    }
}

/// What the engine knows of a recipient: kind, country, roles, and the recipients it embodies.
fn recipient(
    world: &World<'_>,
    actor: &Actor<'_>,
    towards: Towards<'_>,
) -> (String, Option<Value>, Option<Value>, Value) {
    let none = || Value::list::<[Arc<str>; 0], Arc<str>>([]);
    match towards {
        Towards::Itself => ("self".to_owned(), None, Some(none()), none()),
        Towards::Party(party) => (
            "party".to_owned(),
            party.facts().value("actor.main_establishment").cloned(),
            party.facts().value("actor.roles").cloned(),
            Value::list(party.party.acts_as.iter().map(String::as_str)),
        ),
        Towards::Recipient(id) => {
            let known = world.packs.recipient(id);
            let country = match known.map(|r| &r.country) {
                Some(RecipientCountry::Authority) => actor.authority_state().map(Value::text),
                Some(RecipientCountry::Fixed(country)) => Some(Value::text(country)),
                Some(RecipientCountry::None) | None => None,
            };
            let acting = world.case.party_acting_as(id).and_then(|p| world.actor_of(&p.id));
            let roles = acting
                .map_or_else(|| Some(none()), |party| party.facts().value("actor.roles").cloned());
            let kind = known.map_or("private", |r| r.kind.as_str()).to_owned();
            (kind, country, roles, Value::list([id]))
        }
    }
}

/// The kinds of bans an action can violate: a share with the public is a share and a publication (LW-51).
fn ban_actions(kind: &str, recipient: &str) -> &'static [BanAction] {
    match (kind, recipient) {
        ("file" | "share", "public") => &[BanAction::Publish, BanAction::Share],
        ("publish", _) => &[BanAction::Publish],
        ("file" | "share", _) => &[BanAction::Share],
        ("inform", _) => &[BanAction::Inform],
        ("alter_system" | "patch", _) => &[BanAction::AlterSystem],
        _ => &[],
    }
}

/// Returns the kind of action that sending to a recipient of this kind is.
#[must_use]
pub fn implied_action(recipient_kind: &str) -> Option<&'static str> {
    match recipient_kind {
        "authority" | "csirt" | "law_enforcement" => Some("file"),
        "private" => Some("share"),
        "public" => Some("publish"),
        "subjects" | "users" => Some("inform"),
        _ => None,
    }
}

/// The facts of an action that a duty implies.
#[must_use]
pub fn for_remediation() -> Stated {
    let purpose = Vocabulary::shipped().id("action.purpose");
    purpose.map(|id| (id, Value::text("remediation"))).into_iter().collect()
}

/// Says whether a party has any ban that may apply; most have none, and nothing need be laid out.
fn has_bans(actor: &Actor<'_>) -> bool {
    actor
        .rules
        .iter()
        .any(|state| !state.rule.prohibits.is_empty() && state.valid && state.binds().not_false())
}

/// Returns the bans that bind a party for a deed.
pub fn bound_bans<'a>(
    world: &World<'a>,
    actor: &Actor<'a>,
    deed: &Deed<'_>,
) -> Result<Vec<BoundBan<'a>>, Refused> {
    if !has_bans(actor) {
        return Ok(Vec::new());
    }
    Stage::new(world, actor, deed)?.bound(actor)
}

/// The lowest and highest level an action may have: what it says, and what its ingredients carry.
#[must_use]
pub fn effective_levels(action: &Action) -> (Level, Level) {
    let contains = contents(action);
    let carried = contains.map_or(&[][..], Value::items).iter().map(|item| carried(item)).max();
    let partial = matches!(contains, Some(Value::List { complete: false, .. }));
    let stated = action.level.max(carried);
    let tells = matches!(action.kind.as_str(), "file" | "inform" | "publish" | "share");
    let low = stated.unwrap_or(Level::L0);
    let open = tells && (action.level.is_none() || partial);
    (low, if open { Level::L5 } else { low })
}

/// Returns whom a planned action is towards.
#[must_use]
pub fn towards<'w>(world: &'w World<'_>, action: &'w Action) -> Towards<'w> {
    match &action.to {
        Some(to) => world.actor_of(to).map_or(Towards::Recipient(to), Towards::Party),
        None if action.kind == "publish" => Towards::Recipient("public"),
        None => Towards::Itself,
    }
}

/// Returns the bans that a planned action violates, surely or possibly, with its lowest level.
pub fn violated<'a>(
    world: &World<'a>,
    action: &Action,
) -> Result<(Vec<BoundBan<'a>>, Level), Refused> {
    let (low, high) = effective_levels(action);
    let Some(actor) = world.actor_of(&action.party) else { return Ok((Vec::new(), low)) };
    let deed = Deed {
        kind: &action.kind,
        level: action.level,
        towards: towards(world, action),
        stated: &action.facts,
        by: &action.party,
    };
    let mut bans = bound_bans(world, actor, &deed)?;
    bans.retain(|b| b.ban.max_level.forbids(high));
    // What only a higher level than stated would violate is not certain.
    for bound in &mut bans {
        bound.certain &= bound.ban.max_level.forbids(low);
    }
    Ok((bans, low))
}

/// Judges a planned action.
pub fn judge(world: &World<'_>, action: &Action) -> Result<Verdict, Refused> {
    let (bans, _) = violated(world, action)?;
    let mut verdict = verdict(&bans, Ceiling::OPEN);
    if basis_fault(world, action).is_some() {
        verdict.allowed = Tri::False;
        verdict.max_level = Ceiling::NONE;
    }
    Ok(verdict)
}

fn verdict(bans: &[BoundBan<'_>], open: Ceiling) -> Verdict {
    let allowed = if bans.iter().any(|b| b.certain) {
        Tri::False
    } else if bans.is_empty() {
        Tri::True
    } else {
        Tri::Unknown
    };
    Verdict {
        allowed,
        max_level: bans.iter().map(|b| b.ban.max_level).min().unwrap_or(open).min(open),
        limits: bans.iter().map(|b| b.rule.id.clone()).collect(),
    }
}

/// The lane from one party to another: what a share for remediation may reveal at most (LW-61).
pub fn lane<'a>(
    world: &World<'a>,
    from: &Actor<'a>,
    to: &Actor<'a>,
) -> Result<(Verdict, bool), Refused> {
    let stated = for_remediation();
    let deed = Deed {
        kind: "share",
        level: Some(Level::L4),
        towards: Towards::Party(to),
        stated: &stated,
        by: from.id(),
    };
    let mut bans = bound_bans(world, from, &deed)?;
    bans.retain(|b| b.ban.max_level.forbids(Level::L4));
    let certain = bans.iter().all(|b| b.certain);
    Ok((verdict(&bans, Ceiling(Some(Level::L4))), certain))
}

/// Whether a party may publish at L2, and the rules that stand against it.
pub fn publisher<'a>(world: &World<'a>, actor: &Actor<'a>) -> Result<Verdict, Refused> {
    let stated = Stated::new();
    let deed = Deed {
        kind: "publish",
        level: Some(Level::L2),
        towards: Towards::Recipient("public"),
        stated: &stated,
        by: actor.id(),
    };
    let mut bans = bound_bans(world, actor, &deed)?;
    bans.retain(|b| b.ban.max_level.forbids(Level::L2));
    Ok(verdict(&bans, Ceiling::OPEN))
}

/// Says why the agreement an action names does not carry it (C21).
#[must_use]
pub fn basis_fault(world: &World<'_>, action: &Action) -> Option<&'static str> {
    let basis = action.basis.as_ref()?;
    let Some(terms) = world.case.agreements.iter().find(|a| a.id == *basis) else {
        return Some("the agreement is not known");
    };
    let at = action.at.unwrap_or(world.at);
    let acting = |to: &str| world.case.party_acting_as(to).map_or(to.to_owned(), |p| p.id.clone());
    let other = action.to.as_deref().map(|to| match world.actor_of(to) {
        Some(actor) => actor.id().to_owned(),
        None => acting(to),
    });
    let both: Vec<&str> = std::iter::once(action.party.as_str()).chain(other.as_deref()).collect();
    if let Some(fault) = in_force_fault(terms, at, &both) {
        return Some(fault);
    }
    let (_, level) = effective_levels(action);
    if terms.max_level.is_some_and(|max| level > max) {
        return Some("the agreement does not carry this level");
    }
    let reserved = terms.reserved_classes.iter().any(|class| may_hold(action, class));
    reserved.then_some("a reservation removes an ingredient")
}

/// Says whether an action may hold content of a class: one of its ingredients by name or, for a compartment of a
/// case, by the level it reveals. What is not said may be anything.
fn may_hold(action: &Action, class: &str) -> bool {
    let contains = contents(action);
    let items = contains.map_or(&[][..], Value::items);
    if items.iter().any(|item| **item == *class) {
        return true;
    }
    let Some(level) = Compartment::parse(class).and_then(level_of) else { return false };
    let (low, high) = effective_levels(action);
    items.iter().any(|item| carried(item) == level)
        || action.level.is_some_and(|stated| stated >= level)
        || (high > low && high >= level)
}

/// What an action says it contains.
fn contents(action: &Action) -> Option<&Value> {
    Vocabulary::shipped().id("action.contains").and_then(|id| action.facts.get(&id))
}

/// The level that an ingredient carries.
fn carried(item: &str) -> Level {
    match item {
        "classified" | "important_data" | "personal_data" => Level::L5,
        _ => Level::L4,
    }
}

/// Says why an agreement does not hold between these parties at an instant; `None` if it does.
#[must_use]
pub fn in_force_fault(
    terms: &AgreementTerms,
    at: Instant,
    parties: &[&str],
) -> Option<&'static str> {
    if parties.iter().any(|p| !terms.parties.iter().any(|t| t == p)) {
        return Some("the agreement does not bind both parties");
    }
    if terms.in_force_from.is_none_or(|from| at < from) {
        return Some("the agreement is not in force");
    }
    if terms.sunset.is_some_and(|sunset| at >= sunset) {
        return Some("the agreement has lapsed");
    }
    let suspended = terms.suspensions.iter().any(|s| {
        let for_them = s.party.as_ref().is_none_or(|p| parties.contains(&p.as_str()));
        for_them && s.from <= at && s.to.is_none_or(|to| at < to)
    });
    suspended.then_some("the agreement is suspended")
}
