//! The export predicate: may a controlled item go to this recipient for this purpose (LW-71)?
//!
//! Unknown is not yes. Sanctions are an input, by a separate screen. Not here: licences.

use std::sync::LazyLock;

use super::ban::{Deed, Stage};
use super::expr::{Expr, Tri};
use super::facts::Action;
use super::refused::Refused;
use super::vocabulary::Vocabulary;
use super::world::World;

struct Predicates {
    controlled: Expr,
    conditions: [Expr; 3],
}

/// The predicates are ours and a test reads them, so a bad one cannot ship.
static PREDICATES: LazyLock<Option<Predicates>> = LazyLock::new(|| {
    let words = Vocabulary::shipped();
    let read = |name: &str| Expr::parse(words.predicate(name)?, words, &|_| None).ok();
    Some(Predicates {
        controlled: read("export.controlled")?,
        conditions: [
            read("export.destination_ok")?,
            read("export.government_end_user_ok")?,
            read("export.disclosure_note")?,
        ],
    })
});

/// Says whether an action may go ahead under the export predicate: a controlled item implies an
/// admissible destination, an admissible end user, and the disclosure or response note.
pub fn export_allowed(world: &World<'_>, action: &Action) -> Result<Tri, Refused> {
    let actor = world.actor_of(&action.party);
    let (Some(actor), Some(predicates)) = (actor, PREDICATES.as_ref()) else {
        return Ok(Tri::Unknown);
    };
    let deed = Deed {
        kind: &action.kind,
        level: action.level,
        towards: super::ban::towards(world, action),
        stated: &action.facts,
        by: &action.party,
    };
    let stage = Stage::new(world, actor, &deed)?;
    let mut allowed = Tri::True;
    for condition in &predicates.conditions {
        allowed = allowed.and(stage.eval(actor.facts(), condition)?);
    }
    Ok(stage.eval(actor.facts(), &predicates.controlled)?.not().or(allowed))
}
