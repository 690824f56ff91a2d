//! Where an agreement stands at an instant: for all, and between two parties (LW-80 to LW-83).

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Agreement, Entry, Member, Reservation, Sunset};
use crate::law::level::{Ceiling, Level};
use crate::law::time::{Instant, Unit, Within, Zone};

/// Days before a review at which a task opens.
const REVIEW_TASK_DAYS: [i64; 3] = [180, 90, 30];
/// Renewals and reviews looked ahead; longer than any agreement lives.
const PERIODS_MAX: usize = 1_000;

/// The life of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not signed by all.
    Draft,
    /// Signed by all.
    Signed,
    /// Applied before its entry into force.
    Provisional,
    /// In force.
    InForce,
    /// In force, but not applied by anybody at present.
    Suspended,
    /// Past its sunset.
    Lapsed,
    /// Fewer than two parties are left.
    Terminated,
}

/// `comity.agreement-status/1`.
#[derive(Debug, Serialize)]
pub struct AgreementStatus {
    schema: &'static str,
    id: String,
    at: Instant,
    /// The state.
    pub state: State,
    /// From when it is in force.
    pub in_force_from: Option<Instant>,
    /// The first instant without force.
    pub sunset: Option<Instant>,
    /// Until when confidentiality binds at least.
    pub confidential_until: Option<Instant>,
    /// Where each party stands, by name.
    pub parties: Vec<PartyStatus>,
    /// Between two parties, if they were named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<Between>,
    /// Review tasks that are open or to come, by day.
    pub tasks: Vec<ReviewTask>,
    /// The agreement as facts of a case see it.
    pub projection: Projection,
}

/// One party.
#[derive(Debug, Serialize)]
pub struct PartyStatus {
    /// Its name.
    pub party: String,
    /// From when it is bound.
    pub bound_from: Option<Instant>,
    /// Whether it is bound and not suspended.
    pub bound: bool,
    /// The classes a reservation keeps out.
    pub excluded: BTreeSet<String>,
}

/// What holds between two parties.
#[derive(Debug, Serialize)]
pub struct Between {
    /// Whether the agreement carries anything between them.
    pub in_force: bool,
    /// The most each class may reveal; a reservation counts for both sides.
    pub classes: Vec<ClassCeiling>,
}

/// One class of data.
#[derive(Debug, Serialize)]
pub struct ClassCeiling {
    /// The class.
    pub class: String,
    /// The most it may reveal.
    pub max_level: Ceiling,
}

/// A review to prepare.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReviewTask {
    /// When the task opens.
    pub opens: Instant,
    /// The review it is for.
    pub review: Instant,
}

/// The member of `agreements[]` in the facts of a case.
///
/// It has one set of limits for all its parties, so it holds the strictest of what is reserved among them: project
/// an agreement for the parties that meet in a case.
#[derive(Debug, Serialize)]
pub struct Projection {
    id: String,
    parties: Vec<String>,
    in_force_from: Option<Instant>,
    sunset: Option<Instant>,
    onward: String,
    max_level: Level,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    reserved_classes: BTreeSet<String>,
    suspensions: Vec<ProjectedSuspension>,
}

#[derive(Debug, Serialize)]
struct ProjectedSuspension {
    from: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<String>,
}

fn midnight(date: Date) -> Option<Instant> {
    Instant::start_of_day(date, &TimeZone::UTC)
}

/// Returns the day a period later.
pub(super) fn later(date: Date, period: Within) -> Option<Date> {
    let count = i64::from(period.count);
    let span = Span::new();
    let span = match period.unit {
        // Agreements know no common calendar of business days: count them as days.
        Unit::Business | Unit::Days => span.try_days(count),
        Unit::Weeks => span.try_weeks(count),
        Unit::Months => span.try_months(count),
        Unit::Years => span.try_years(count),
        Unit::Hours => span.try_days(count.div_euclid(24)),
        Unit::Minutes => span.try_days(count.div_euclid(1_440)),
    };
    date.checked_add(span.ok()?).ok()
}

/// Computes where an agreement stands, and what holds between two parties.
#[must_use]
pub fn status(agreement: &Agreement, at: Instant, two: Option<(&str, &str)>) -> AgreementStatus {
    let today = Zone::utc().date(at);
    let entry = entry(agreement);
    let end = end(agreement, today);
    let parties: Vec<PartyStatus> =
        agreement.parties.iter().map(|m| party_status(agreement, m, entry, today)).collect();
    let state = state(agreement, entry, end, today);
    let applied = matches!(state, State::InForce | State::Provisional);
    let bound = |p: &str| parties.iter().any(|s| s.party == p && s.bound);
    let between = two.map(|(x, y)| {
        let in_force = applied && bound(x) && bound(y);
        let mut classes = classes(agreement, &[x, y], today);
        if !in_force {
            for class in &mut classes {
                class.max_level = Ceiling::NONE;
            }
        }
        Between { in_force, classes }
    });
    let among = two.map(|(x, y)| [x, y]);
    let survives = end.and_then(|end| later(end, agreement.survival)).and_then(midnight);
    AgreementStatus {
        schema: "comity.agreement-status/1",
        id: agreement.id.clone(),
        at,
        state,
        in_force_from: entry.and_then(midnight),
        sunset: end.and_then(midnight),
        confidential_until: survives,
        projection: projection(agreement, at, among.as_ref().map(<[&str; 2]>::as_slice)),
        parties,
        between,
        tasks: tasks(agreement, today, end),
    }
}

/// Returns the agreement as the facts of a case among some of its parties see it; among all if none are named.
#[must_use]
pub fn projection(agreement: &Agreement, at: Instant, among: Option<&[&str]>) -> Projection {
    let today = Zone::utc().date(at);
    let entry = entry(agreement);
    let mut parties = members(agreement, entry, today);
    parties.retain(|party| among.is_none_or(|among| among.contains(party)));
    let carried = classes(agreement, &parties, today);
    let reserved = standing(agreement, &parties, today).filter(|r| r.effect == "exclude_class");
    Projection {
        id: agreement.id.clone(),
        in_force_from: entry.and_then(midnight),
        sunset: end(agreement, today).and_then(midnight),
        onward: agreement.onward.clone(),
        // Facts know no ceiling below existence and dates.
        max_level: carried.iter().filter_map(|c| c.max_level.0).max().unwrap_or(Level::L0),
        reserved_classes: reserved.map(|r| r.value.clone()).collect(),
        suspensions: agreement
            .suspensions
            .iter()
            .map(|s| ProjectedSuspension {
                from: midnight(s.from),
                to: s.to.or_else(|| later(s.from, agreement.suspension_max)).and_then(midnight),
                party: s.party.clone(),
            })
            .collect(),
        parties: parties.into_iter().map(str::to_owned).collect(),
    }
}

/// Who is or will be bound and has not left; suspensions are told apart.
fn members(agreement: &Agreement, entry: Option<Date>, today: Date) -> Vec<&str> {
    let stays = |m: &&Member| m.withdrew_on.is_none_or(|out| today < out);
    let bound = |m: &&Member| applied_from(agreement, m, entry).is_some();
    agreement.parties.iter().filter(stays).filter(bound).map(|m| m.party.as_str()).collect()
}

/// The reservations of some parties that stand on a day.
fn standing<'a>(
    agreement: &'a Agreement,
    parties: &[&str],
    today: Date,
) -> impl Iterator<Item = &'a Reservation> {
    agreement.reservations.iter().filter(move |r| {
        parties.contains(&r.party.as_str())
            && r.made_on <= today
            && r.withdrawn_on.is_none_or(|w| today < w)
    })
}

/// The day from which it binds or is applied provisionally to one party.
fn applied_from(agreement: &Agreement, member: &Member, entry: Option<Date>) -> Option<Date> {
    let provisional = agreement.provisional_from.filter(|_| member.signed_on.is_some());
    bound_from(agreement, member, entry).into_iter().chain(provisional).min()
}

/// The day it enters into force, if its condition is met.
fn entry(agreement: &Agreement) -> Option<Date> {
    let delayed = |day: Date, delay: Option<Within>| delay.map_or(Some(day), |d| later(day, d));
    match &agreement.entry {
        Entry::Date(date) => Some(*date),
        Entry::LastSignature(delay) => {
            let signed: Option<Vec<Date>> = agreement.parties.iter().map(|m| m.signed_on).collect();
            delayed(signed?.into_iter().max()?, *delay)
        }
        Entry::NthRatification(n, delay) => {
            let mut days: Vec<Date> =
                agreement.parties.iter().filter_map(|m| m.ratified_on).collect();
            days.sort();
            delayed(*days.get(n.checked_sub(1)?)?, *delay)
        }
    }
}

/// The first day without force; silence may have renewed it.
fn end(agreement: &Agreement, today: Date) -> Option<Date> {
    let Sunset::Date(mut end, renewal) = agreement.sunset else { return None };
    let Some(renewal) = renewal.filter(|r| r.count > 0) else { return Some(end) };
    for _ in 0..PERIODS_MAX {
        if end > today {
            break;
        }
        end = later(end, renewal)?;
    }
    Some(end)
}

/// The day from which one party is bound: the entry, or its own ratification if that came later.
fn bound_from(agreement: &Agreement, member: &Member, entry: Option<Date>) -> Option<Date> {
    let entry = entry?;
    match &agreement.entry {
        Entry::NthRatification(_, delay) => {
            let own = member.ratified_on?;
            let own = delay.map_or(Some(own), |d| later(own, d))?;
            Some(own.max(entry))
        }
        Entry::Date(_) | Entry::LastSignature(_) => {
            member.signed_on.map(|signed| signed.max(entry))
        }
    }
}

fn party_status(
    agreement: &Agreement,
    member: &Member,
    entry: Option<Date>,
    today: Date,
) -> PartyStatus {
    let from = applied_from(agreement, member, entry);
    let out = member.withdrew_on.is_some_and(|out| out <= today);
    let suspended = suspended(agreement, Some(&member.party), today);
    PartyStatus {
        party: member.party.clone(),
        bound_from: from.and_then(midnight),
        bound: from.is_some_and(|from| from <= today) && !out && !suspended,
        excluded: excluded(agreement, &member.party, today),
    }
}

/// Whether it is suspended for one party, or for all if none is named.
fn suspended(agreement: &Agreement, party: Option<&str>, today: Date) -> bool {
    agreement.suspensions.iter().any(|s| {
        let concerns = s.party.is_none() || s.party.as_deref() == party;
        // A suspension without an end ends at its maximum.
        let to = s.to.or_else(|| later(s.from, agreement.suspension_max));
        concerns && s.from <= today && to.is_none_or(|to| today < to)
    })
}

fn excluded(agreement: &Agreement, party: &str, today: Date) -> BTreeSet<String> {
    let party = [party];
    let own = standing(agreement, &party, today).filter(|r| r.effect == "exclude_class");
    own.map(|r| r.value.clone()).collect()
}

fn state(agreement: &Agreement, entry: Option<Date>, end: Option<Date>, today: Date) -> State {
    let signed = |m: &Member| m.signed_on.is_some_and(|day| day <= today);
    let left = agreement.parties.iter().filter(|m| m.withdrew_on.is_none_or(|out| today < out));
    if left.count() < 2 {
        return State::Terminated;
    }
    if end.is_some_and(|end| end <= today) {
        return State::Lapsed;
    }
    if entry.is_some_and(|entry| entry <= today) {
        return if suspended(agreement, None, today) { State::Suspended } else { State::InForce };
    }
    if agreement.provisional_from.is_some_and(|from| from <= today) {
        return State::Provisional;
    }
    if agreement.parties.iter().all(signed) { State::Signed } else { State::Draft }
}

/// The ceilings among some parties: a reservation of one counts for all of them.
fn classes(agreement: &Agreement, parties: &[&str], today: Date) -> Vec<ClassCeiling> {
    let standing: Vec<_> = standing(agreement, parties, today).collect();
    let ceiling = |class: &str, max: Ceiling| {
        let out = standing.iter().any(|r| r.effect == "exclude_class" && r.value == class);
        if out {
            return Ceiling::NONE;
        }
        let lowered = standing.iter().filter(|r| r.effect == "lower_level");
        lowered.filter_map(|r| Ceiling::parse(&r.value)).chain([max]).min().unwrap_or(max)
    };
    let all = agreement.data_classes.iter();
    all.map(|(class, max)| ClassCeiling { class: class.clone(), max_level: ceiling(class, *max) })
        .collect()
}

/// The tasks of the next review, and of the end if silence lets the agreement lapse.
fn tasks(agreement: &Agreement, today: Date, end: Option<Date>) -> Vec<ReviewTask> {
    let mut review = agreement.review.first;
    for _ in 0..PERIODS_MAX {
        if review >= today || agreement.review.every.count <= 0 {
            break;
        }
        let Some(next) = later(review, agreement.review.every) else { break };
        review = next;
    }
    let mut found = Vec::new();
    let due = std::iter::once(review).chain(end.filter(|end| *end > today));
    for review in due.filter(|r| end.is_none_or(|end| *r <= end)) {
        for days in REVIEW_TASK_DAYS {
            let opens = Span::new().try_days(-days).ok().and_then(|s| review.checked_add(s).ok());
            if let (Some(opens), Some(review)) = (opens.and_then(midnight), midnight(review)) {
                found.push(ReviewTask { opens, review });
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Returns from when an amendment of an annex is in force by silence; `None` if enough parties objected.
#[must_use]
pub fn amendment(agreement: &Agreement, notified: Date, objections: usize) -> Option<Date> {
    let (after, (part, whole)) = agreement.tacit;
    let parties = u64::try_from(agreement.parties.len()).ok()?;
    let against = u64::try_from(objections).ok()?.checked_mul(u64::from(whole))?;
    let needed = parties.checked_mul(u64::from(part))?;
    if against >= needed { None } else { later(notified, after) }
}
