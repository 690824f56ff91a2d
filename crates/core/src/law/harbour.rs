//! Safe harbours: whether the conditions of a finder's protection hold, and what would break them (LW-70).
//!
//! Not here: advice. A claim holds when all its conditions hold; what a court says is another matter.

use super::ban::{Deed, Stage, towards};
use super::duty::{Duty, DutyStatus};
use super::expr::Tri;
use super::facts::Action;
use super::pack::{Breaks, Predicate, RuleKind};
use super::refused::Refused;
use super::world::{Actor, RuleState, World};

/// Where a condition or a whole claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It holds.
    Holds,
    /// Nobody can say yet.
    Unknown,
    /// It is broken.
    Broken,
}

impl Standing {
    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Holds => "holds",
            Self::Unknown => "unknown",
        }
    }
}

/// One safe harbour of one party.
#[derive(Debug)]
pub struct Harbour<'a> {
    /// The party.
    pub party: &'a str,
    /// The rule.
    pub rule: &'a str,
    /// The claim as a whole.
    pub status: Standing,
    /// Its conditions in the order of the rule.
    pub predicates: Vec<(&'a Predicate, Standing)>,
}

fn claims<'w, 'a>(actor: &'w Actor<'a>) -> impl Iterator<Item = &'w RuleState<'a>> {
    actor.rules.iter().filter(|s| {
        s.valid
            && s.rule.kind == RuleKind::Immunity
            && !s.rule.predicates.is_empty()
            && s.binds().not_false()
    })
}

/// Returns every claim of every party, by party and rule.
#[must_use]
pub fn harbours<'a>(world: &World<'a>, duties: &[Duty<'a>]) -> Vec<Harbour<'a>> {
    let mut found = Vec::new();
    for actor in &world.actors {
        for state in claims(actor) {
            let rule = state.rule;
            let own: Vec<&Duty<'a>> = duties
                .iter()
                .filter(|d| d.party == actor.id() && std::ptr::eq(d.rule, rule))
                .collect();
            let predicates: Vec<(&Predicate, Standing)> =
                rule.predicates.iter().map(|p| (p, standing(actor, p, &own))).collect();
            let whole = predicates.iter().map(|(_, s)| *s).max().unwrap_or(Standing::Holds);
            let sure = state.binds_surely().is_true();
            let status = if whole == Standing::Holds && !sure { Standing::Unknown } else { whole };
            found.push(Harbour { party: actor.id(), rule: &rule.id, status, predicates });
        }
    }
    found.sort_by(|a, b| (a.party, a.rule).cmp(&(b.party, b.rule)));
    found
}

fn standing(actor: &Actor<'_>, predicate: &Predicate, own: &[&Duty<'_>]) -> Standing {
    if !predicate.evidenced {
        let attested = actor.party.attested.contains(&predicate.id);
        return if attested { Standing::Holds } else { Standing::Unknown };
    }
    let broken = match &predicate.breaks_on {
        Some(Breaks::StageMissed) => own
            .iter()
            .any(|d| d.status == DutyStatus::Missed || (d.status == DutyStatus::Met && d.late)),
        Some(Breaks::PublishedEarly) => own.iter().any(|d| {
            let sent = d.submitted.map(|s| s.at);
            sent.zip(d.dates.not_before).is_some_and(|(sent, floor)| sent < floor)
        }),
        // Only a planned action can break it, and planned actions are asked about beforehand.
        Some(Breaks::Action(_)) | None => false,
    };
    if broken { Standing::Broken } else { Standing::Holds }
}

/// A planned action that would break somebody's protection.
#[derive(Debug)]
pub struct Breach<'a> {
    /// Whose protection.
    pub party: &'a str,
    /// The rule that gives it.
    pub rule: &'a str,
    /// Whether it is certain.
    pub certain: bool,
}

/// Asks before an action whether it would break a condition of somebody's safe harbour (C12).
pub fn breaches<'a>(
    world: &World<'a>,
    duties: &[Duty<'a>],
    action: &Action,
) -> Result<Vec<Breach<'a>>, Refused> {
    let mut found = Vec::new();
    let deed = Deed {
        kind: &action.kind,
        level: action.level,
        towards: towards(world, action),
        stated: &action.facts,
        by: &action.party,
    };
    for actor in &world.actors {
        let mut stage = None;
        for state in claims(actor) {
            let stage = match &stage {
                Some(stage) => stage,
                None => stage.insert(Stage::new(world, actor, &deed)?),
            };
            let mut worst = Tri::False;
            for predicate in &state.rule.predicates {
                let breaks = match &predicate.breaks_on {
                    Some(Breaks::Action(expr)) => stage.eval(actor.tables.of(state.pack), expr)?,
                    Some(Breaks::PublishedEarly) => {
                        Tri::from(published_early(world, duties, actor, state, action))
                    }
                    Some(Breaks::StageMissed) | None => Tri::False,
                };
                worst = worst.or(breaks);
            }
            if worst.not_false() {
                let certain = worst.is_true();
                found.push(Breach { party: actor.id(), rule: &state.rule.id, certain });
            }
        }
    }
    Ok(found)
}

/// A publication before the earliest floor of the rule, or where no floor is known.
fn published_early(
    world: &World<'_>,
    duties: &[Duty<'_>],
    actor: &Actor<'_>,
    state: &RuleState<'_>,
    action: &Action,
) -> bool {
    let own = duties.iter().filter(|d| d.party == actor.id() && std::ptr::eq(d.rule, state.rule));
    let floor = own.filter_map(|d| d.dates.not_before).min();
    let at = action.at.unwrap_or(world.at);
    action.kind == "publish" && floor.is_none_or(|floor| at < floor)
}
