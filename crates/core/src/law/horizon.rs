//! The secrecy horizon: who will hold what, and when, because a text makes somebody tell (LW-60).
//!
//! Earliest arrival by Dijkstra over dated duties and onward transmissions, for each level. Norms stay
//! out: they force nobody. Not here: whether that breaks a promise (`conflict`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::duty::{Duty, DutyKind, DutyStatus};
use super::facts::CaseFacts;
use super::level::Level;
use super::pack::PackSet;
use super::time::{Instant, Within};

/// How sure an arrival is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// By firm, met and missed duties and certain onward transmissions.
    Firm,
    /// By all of them.
    Possible,
}

/// One arrival with the way it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival {
    /// When.
    pub at: Instant,
    /// The party from whose hands it came last: by a duty, else by passing on what it held; empty for who held
    /// it from the start.
    pub party: String,
    /// The rules on the way.
    pub rules: BTreeSet<String>,
    /// The stages of duties on the way, `rule/stage`.
    pub stages: BTreeSet<String>,
}

type Reached = BTreeMap<(String, Level), Arrival>;

/// Who holds what when.
#[derive(Debug, Default)]
pub struct Horizon {
    firm: Reached,
    possible: Reached,
    parties: BTreeSet<String>,
    kinds: BTreeMap<String, String>,
}

/// The name under which the public is listed.
pub const PUBLIC: &str = "public";

struct Edge {
    to: String,
    /// The earliest instant of a dated edge, or the delay of an onward one.
    when: When,
    capacity: Level,
    rule: String,
    /// The party and stage of a duty; none of an onward transmission.
    duty: Option<(String, String)>,
    firm: bool,
}

enum When {
    After(i64),
    At(Instant),
}

impl Horizon {
    /// Computes both runs.
    #[must_use]
    pub fn new(packs: &PackSet, case: &CaseFacts, duties: &[Duty<'_>], at: Instant) -> Self {
        let mut horizon = Self {
            parties: case.parties.iter().map(|p| p.id.clone()).collect(),
            ..Self::default()
        };
        let holder = |id: &str| holder(packs, case, id);
        let edges = edges(packs, duties, &holder);
        for (id, recipient) in edges
            .values()
            .flatten()
            .filter_map(|e| packs.recipient(&e.to).map(|r| (e.to.clone(), r)))
        {
            horizon.kinds.insert(id, recipient.kind.clone());
        }
        for level in Level::SECRET {
            let sources: Vec<(String, Instant)> = case
                .parties
                .iter()
                .filter(|p| p.holds.is_some_and(|holds| holds >= level))
                .map(|p| (p.id.clone(), p.since.unwrap_or(at)))
                .collect();
            for mode in [Mode::Firm, Mode::Possible] {
                let reached = earliest(&sources, &edges, level, mode);
                let all = match mode {
                    Mode::Firm => &mut horizon.firm,
                    Mode::Possible => &mut horizon.possible,
                };
                all.extend(reached.into_iter().map(|(id, arrival)| ((id, level), arrival)));
            }
        }
        horizon
    }

    /// Returns the holders with what they reach, by name.
    #[must_use]
    pub fn holders(&self) -> BTreeMap<&str, &str> {
        let all = self.firm.keys().chain(self.possible.keys());
        all.map(|(id, _)| (id.as_str(), self.kind(id))).collect()
    }

    fn kind(&self, id: &str) -> &str {
        if self.parties.contains(id) {
            return "party";
        }
        self.kinds.get(id).map_or(PUBLIC, String::as_str)
    }

    /// Returns when a holder reaches a level.
    #[must_use]
    pub fn arrival(&self, mode: Mode, holder: &str, level: Level) -> Option<&Arrival> {
        let reached = match mode {
            Mode::Firm => &self.firm,
            Mode::Possible => &self.possible,
        };
        reached.get(&(holder.to_owned(), level))
    }

    /// Returns when the public first reaches L1.
    #[must_use]
    pub fn public_l1(&self, mode: Mode) -> Option<&Arrival> {
        self.arrival(mode, PUBLIC, Level::L1)
    }

    /// Returns when somebody who is no party first reaches L3.
    #[must_use]
    pub fn outside_l3(&self, mode: Mode) -> Option<&Arrival> {
        let reached = match mode {
            Mode::Firm => &self.firm,
            Mode::Possible => &self.possible,
        };
        let outside = reached
            .iter()
            .filter(|((id, level), _)| *level == Level::L3 && !self.parties.contains(id));
        outside.map(|(_, arrival)| arrival).min()
    }
}

/// A recipient a party acts as is that party; all of the public is one.
fn holder(packs: &PackSet, case: &CaseFacts, id: &str) -> Option<String> {
    let recipient = packs.recipient(id)?;
    if let Some(party) = case.party_acting_as(id) {
        return Some(party.id.clone());
    }
    match recipient.kind.as_str() {
        "private" | "self" => None,
        "public" => Some(PUBLIC.to_owned()),
        _ => Some(id.to_owned()),
    }
}

fn edges(
    packs: &PackSet,
    duties: &[Duty<'_>],
    holder: &dyn Fn(&str) -> Option<String>,
) -> BTreeMap<String, Vec<Edge>> {
    let mut found: BTreeMap<String, Vec<Edge>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for duty in duties {
        add_duty(duty, holder, &mut found);
        // A rule passes on the same way however many parties it binds.
        if seen.insert((duty.pack.id.as_str(), duty.rule.place)) {
            add_onward(packs, duty, holder, &mut found);
        }
    }
    found
}

fn add_duty(
    duty: &Duty<'_>,
    holder: &dyn Fn(&str) -> Option<String>,
    found: &mut BTreeMap<String, Vec<Edge>>,
) {
    let obligation = duty.kind == DutyKind::Obligation && duty.stage.is_mandatory();
    let at = duty.submitted.map(|s| s.at).or(duty.dates.target);
    let (true, Some(at), Some(capacity)) = (obligation, at, duty.stage.min_level) else { return };
    let firm = matches!(duty.status, DutyStatus::Firm | DutyStatus::Met | DutyStatus::Missed);
    for to in duty.stage.to.iter().filter_map(|id| holder(id)) {
        found.entry(duty.party.to_owned()).or_default().push(Edge {
            to,
            when: When::At(at),
            capacity,
            rule: duty.rule.id.clone(),
            duty: Some((duty.party.to_owned(), duty.stage_id())),
            firm,
        });
    }
}

fn add_onward(
    packs: &PackSet,
    duty: &Duty<'_>,
    holder: &dyn Fn(&str) -> Option<String>,
    found: &mut BTreeMap<String, Vec<Edge>>,
) {
    for onward in &duty.rule.onward {
        let delay = onward.after.map(Within::about_seconds);
        let (Some(delay), Some(from)) = (delay, holder(&onward.from)) else { continue };
        if packs.recipient(&onward.from).is_none() {
            continue;
        }
        for to in onward.to.iter().filter_map(|id| holder(id)) {
            found.entry(from.clone()).or_default().push(Edge {
                to,
                when: When::After(delay.max(0)),
                capacity: Level::L5,
                rule: duty.rule.id.clone(),
                duty: None,
                firm: onward.certain,
            });
        }
    }
}

/// Dijkstra: an arrival is final when it is the smallest left; only a holder passes on.
fn earliest(
    sources: &[(String, Instant)],
    edges: &BTreeMap<String, Vec<Edge>>,
    level: Level,
    mode: Mode,
) -> BTreeMap<String, Arrival> {
    let mut done: BTreeMap<String, Arrival> = BTreeMap::new();
    let mut best: BTreeMap<&str, Instant> = BTreeMap::new();
    let mut queue: BinaryHeap<Reverse<(Arrival, &str)>> = BinaryHeap::new();
    for (id, at) in sources {
        let (rules, stages) = (BTreeSet::new(), BTreeSet::new());
        let arrival = Arrival { at: *at, party: String::new(), rules, stages };
        queue.push(Reverse((arrival, id)));
    }
    while let Some(Reverse((arrival, id))) = queue.pop() {
        if done.contains_key(id) {
            continue;
        }
        for edge in edges.get(id).into_iter().flatten() {
            let open = edge.capacity >= level && (edge.firm || mode == Mode::Possible);
            let at = match edge.when {
                When::At(at) => Some(at.max(arrival.at)),
                When::After(seconds) => arrival.at.plus(seconds),
            };
            let Some(at) = at.filter(|_| open && !done.contains_key(&edge.to)) else { continue };
            // Ties stay in the queue: among equal instants the smallest way is told.
            if best.get(edge.to.as_str()).is_some_and(|known| *known < at) {
                continue;
            }
            best.insert(&edge.to, at);
            let mut next = Arrival { at, ..arrival.clone() };
            next.rules.insert(edge.rule.clone());
            if let Some((party, stage)) = &edge.duty {
                next.party.clone_from(party);
                next.stages.insert(stage.clone());
            } else if next.party.is_empty() {
                id.clone_into(&mut next.party);
            }
            queue.push(Reverse((next, &edge.to)));
        }
        done.insert(id.to_owned(), arrival);
    }
    done
}
