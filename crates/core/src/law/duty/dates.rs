//! The dates of a duty: which clock counts where, and what is said when the place is not known.

use super::{Start, View, at_once, is_unknown};
use crate::law::calendar::Calendar;
use crate::law::clock::{ClockError, ClockRule, Clocked, Place, Step, clock};
use crate::law::expr::Tri;
use crate::law::pack::{CalendarRef, ClockSpec, Pack, ZoneRef};
use crate::law::refused::Refused;
use crate::law::time::{Instant, Unit, Within, Zone};
use crate::law::world::{Actor, eval, utc};

/// The dates of a duty and how they came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// The operational target.
    pub target: Option<Instant>,
    /// The legal outer date.
    pub outer: Option<Instant>,
    /// A floor instead of a deadline.
    pub not_before: Option<Instant>,
    /// Open legal questions about them.
    pub contested: Vec<&'static str>,
    /// What a reader must know.
    pub warnings: Vec<&'static str>,
    /// The explanation.
    pub steps: Vec<Step>,
}

/// Computes the dates of a stage from its start.
pub(super) fn of(view: &View<'_, '_>, start: Option<&Start>) -> Result<Dates, Refused> {
    let spec = view.stage.clock.as_ref().unwrap_or(&view.state.rule.clock);
    let immediately = view.stage.urgency.as_deref() == Some("immediately");
    let mut dates = match (start, view.stage.within.or(view.stage.every)) {
        (Some(start), _) if immediately => {
            Dates { target: Some(start.at), steps: at_once(start.at), ..Dates::default() }
        }
        (Some(start), Some(within)) => {
            counted(view.actor, view.state.pack, spec, start.at, within)?
        }
        (None, _) | (_, None) => Dates::default(),
    };
    if is_unknown(spec.rule) && !immediately {
        dates.warnings.push("clock-unknown");
    }
    if view.stage.not_before {
        // A floor must not come early: where a day is guessed, there is none.
        let guessed = ["calendar-gap", "authority-unknown", "calendar-missing"];
        let sure = !dates.warnings.iter().any(|w| guessed.contains(w));
        dates.not_before = dates.outer.filter(|_| sure);
        dates.target = None;
        dates.outer = None;
    }
    Ok(dates)
}

/// Counts a period; of several clocks that may be right, the one with the earlier outer date.
pub(super) fn counted(
    actor: &Actor<'_>,
    pack: &Pack,
    spec: &ClockSpec,
    start: Instant,
    within: Within,
) -> Result<Dates, Refused> {
    let mut rules = Vec::new();
    let mut settled = false;
    for (when, rule) in &spec.variants {
        match eval(when, actor.tables.of(pack), &mut Vec::new())? {
            Tri::True => {
                rules.push(*rule);
                settled = true;
                break;
            }
            Tri::Unknown => rules.push(*rule),
            Tri::False => {}
        }
    }
    if !settled {
        rules.push(spec.rule);
    }
    let all = rules.into_iter().map(|rule| by_rule(actor, spec, rule, start, within));
    let earliest = all.min_by_key(|dates| (dates.outer.is_none(), dates.outer, dates.target));
    Ok(earliest.unwrap_or_default())
}

fn by_rule(
    actor: &Actor<'_>,
    spec: &ClockSpec,
    rule: ClockRule,
    start: Instant,
    within: Within,
) -> Dates {
    let zone = actor.zone(spec);
    let calendar = actor.calendar(spec);
    let needed = rule.needs_calendar(within);
    let of_authority = matches!(spec.zone, ZoneRef::Authority);
    let no_zone = zone.is_none() && (needed || (of_authority && !within.is_clock()));
    let warning = if no_zone || (needed && calendar.is_none()) {
        let asked = of_authority || spec.calendar == CalendarRef::Authority;
        let unknown = asked && actor.authority_state().is_none();
        Some(if unknown { "authority-unknown" } else { "calendar-missing" })
    } else {
        None
    };
    let place = Place { zone, calendar };
    let counted = match warning {
        None => clock(rule, start, within, place),
        Some(_) => literally(start, within, zone),
    };
    match counted {
        Ok(clocked) => dates(clocked, warning),
        Err(ClockError::Range) => out_of_range(),
        Err(ClockError::Calendar | ClockError::Unit | ClockError::Zone) => Dates::default(),
    }
}

fn out_of_range() -> Dates {
    Dates { warnings: vec!["out-of-range"], ..Dates::default() }
}

fn dates(clocked: Clocked, warning: Option<&'static str>) -> Dates {
    let gap = clocked.gap.then_some("calendar-gap");
    Dates {
        target: clocked.target,
        outer: clocked.outer,
        not_before: None,
        contested: clocked.contested,
        warnings: warning.into_iter().chain(gap).collect(),
        steps: clocked.steps,
    }
}

/// The literal date as both dates: nothing later can be promised without knowing the place.
fn literally(start: Instant, within: Within, zone: Option<&Zone>) -> Result<Clocked, ClockError> {
    let business = within.unit == Unit::Business;
    let rule = if business { ClockRule::BusinessDays } else { ClockRule::Literal };
    let calendar = Some(Calendar::weekends_only());
    let place = Place { zone: Some(zone.unwrap_or(utc())), calendar };
    let mut clocked = clock(rule, start, within, place)?;
    clocked.outer = clocked.target;
    if let (Some(last), Some(target)) = (clocked.steps.last_mut(), clocked.target) {
        *last = Step::new("outer", target, "the place is not known: no later than the target");
    }
    Ok(clocked)
}
