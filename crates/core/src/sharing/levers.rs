//! What would open more: the smallest sets of changes that allow a tier (SH-12).
//!
//! A lever is a forecast, no promise: when it is pulled, the exchange is screened anew.

use super::exchange::Exchange;
use super::gates::{Gates, Standing};
use super::instant::Instant;
use super::screen::{Later, Opens};
use super::situation::{DELAY, Situation};
use super::word::{Gate, Tier, Verdict};

/// One change.
#[derive(Clone, Debug)]
pub(super) struct Lever {
    name: String,
    change: Change,
    waits: Wait,
}

/// Whether a lever takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// It can be pulled at once.
    No,
    /// Until an instant, if that is known.
    Until(Option<Instant>),
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Accept,
    Agreement,
    Consent,
    EmbargoEnd,
    Expiry(Gate),
    Mitigation(u32),
    Patch,
}

impl Lever {
    /// Returns when it will be pulled by itself.
    pub(super) fn date(&self) -> Option<Instant> {
        match self.waits {
            Wait::No => None,
            Wait::Until(date) => date,
        }
    }

    fn is_waiting(&self) -> bool {
        self.waits != Wait::No
    }

    /// Returns whether it can change what is said of a tier.
    fn can_matter(&self, situation: &Situation<'_>, tier: Tier) -> bool {
        match self.change {
            Change::Mitigation(bit) => situation.relevant(tier, bit) != 0,
            Change::Accept
            | Change::Agreement
            | Change::Consent
            | Change::EmbargoEnd
            | Change::Expiry(_)
            | Change::Patch => true,
        }
    }

    fn pull(&self, situation: &mut Situation<'_>) {
        let gates = &mut situation.gates;
        match self.change {
            Change::Accept => gates.marking.is_signatory = true,
            Change::Agreement => gates.agreement = Tier::T5,
            Change::Consent => gates.marking.reach = Tier::T5,
            Change::EmbargoEnd => gates.marking.is_embargoed = false,
            Change::Expiry(gate) => {
                if let Some(standing) = stated(gates, gate) {
                    *standing = Standing::Clear { until: None };
                }
            }
            Change::Mitigation(bit) => situation.effective |= bit,
            Change::Patch => situation.is_patched = true,
        }
    }
}

fn stated(gates: &mut Gates, gate: Gate) -> Option<&mut Standing> {
    match gate {
        Gate::E1 => Some(&mut gates.export),
        Gate::E2 => Some(&mut gates.personal),
        Gate::E3 => Some(&mut gates.carve_out),
        Gate::E4 | Gate::E5 | Gate::E6 => None,
    }
}

/// Returns every lever of an exchange, by name.
pub(super) fn levers(exchange: &Exchange, situation: &Situation<'_>) -> Vec<Lever> {
    let mut found = Vec::new();
    let mut add = |name: &str, change, waits| {
        found.push(Lever { name: name.to_owned(), change, waits });
    };
    let (policy, gates) = (situation.policy, &situation.gates);
    let future_patch = exchange.patch_at.filter(|patch_at| *patch_at > exchange.at);
    for (bit, mitigation) in policy.chosen(!situation.effective) {
        if mitigation.id != DELAY {
            add(&mitigation.id, Change::Mitigation(bit), Wait::No);
        } else if future_patch.is_some() {
            add(&mitigation.id, Change::Mitigation(bit), Wait::Until(future_patch));
        }
    }
    if exchange.patch_at.is_none() || future_patch.is_some() {
        add("patch", Change::Patch, Wait::Until(future_patch));
    }
    for (gate, standing) in
        [(Gate::E1, gates.export), (Gate::E2, gates.personal), (Gate::E3, gates.carve_out)]
    {
        // Personal data is asked about from T2 up; a ceiling that lets all through that is asked for blocks nothing.
        let first = if gate == Gate::E2 { Tier::T2 } else { Tier::T1 };
        if let Standing::Blocking { ceiling, expires: Some(expires), .. } = standing
            && ceiling < exchange.requested
            && exchange.requested >= first
        {
            let name = format!("expiry:{}", gate.key());
            add(&name, Change::Expiry(gate), Wait::Until(Some(expires)));
        }
    }
    let marking = &gates.marking;
    if !marking.is_public {
        if marking.is_embargoed {
            add("accept", Change::Accept, Wait::No);
            add("embargo_end", Change::EmbargoEnd, Wait::Until(marking.embargo_ends));
        }
        if marking.reach < exchange.requested {
            add("consent", Change::Consent, Wait::No);
        }
        if gates.agreement < exchange.requested {
            add("agreement", Change::Agreement, Wait::No);
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// Returns what would open a tier.
pub(super) fn opens(situation: &Situation<'_>, levers: &[Lever], tier: Tier) -> Opens {
    let all: Vec<&Lever> =
        levers.iter().filter(|lever| lever.can_matter(situation, tier)).collect();
    let swift: Vec<&Lever> = all.iter().copied().filter(|lever| !lever.is_waiting()).collect();
    let later = smallest(situation, &all, tier, |set| set.iter().any(|lever| lever.is_waiting()));
    Opens {
        tier,
        now: smallest(situation, &swift, tier, |_| true).map(|set| names(&set)),
        later: later.map(|set| {
            let waiting = set.iter().filter(|lever| lever.is_waiting());
            let dates: Option<Vec<Instant>> = waiting.map(|lever| lever.date()).collect();
            Later { needs: names(&set), at: dates.and_then(|dates| dates.into_iter().max()) }
        }),
    }
}

fn names(set: &[&Lever]) -> Vec<String> {
    set.iter().map(|lever| lever.name.clone()).collect()
}

fn allows(situation: &Situation<'_>, set: &[&Lever], tier: Tier) -> bool {
    let mut changed = *situation;
    for lever in set {
        lever.pull(&mut changed);
    }
    changed.judge(tier, changed.effective).verdict == Verdict::Allow
}

/// Returns the smallest set that is wanted and allows the tier while none of its parts does; of
/// several the first by names.
fn smallest<'l>(
    situation: &Situation<'_>,
    levers: &[&'l Lever],
    tier: Tier,
    is_wanted: impl Fn(&[&Lever]) -> bool,
) -> Option<Vec<&'l Lever>> {
    // Every lever makes things milder: if all together do not help, no few of them do.
    if !allows(situation, levers, tier) {
        return None;
    }
    // What all others together cannot do without belongs to every set that helps. To complete it
    // with the first of the others by name gives the first set by names.
    let is_needed = |lever: &&'l Lever| {
        let others: Vec<&Lever> =
            levers.iter().copied().filter(|other| !std::ptr::eq(*other, *lever)).collect();
        !allows(situation, &others, tier)
    };
    let (needed, others): (Vec<&'l Lever>, Vec<&'l Lever>) =
        levers.iter().copied().partition(is_needed);
    (needed.len().max(1)..=situation.policy.levers_max).find_map(|size| {
        let mut sets = Combinations::new(&others, size - needed.len());
        std::iter::from_fn(|| sets.next_set())
            .map(|set| by_name([needed.as_slice(), set.as_slice()].concat()))
            .find(|set| {
                is_wanted(set)
                    && allows(situation, set, tier)
                    && !parts(set).any(|part| allows(situation, &part, tier))
            })
    })
}

fn by_name(mut set: Vec<&Lever>) -> Vec<&Lever> {
    set.sort_by(|one, other| one.name.cmp(&other.name));
    set
}

/// Returns every part of a set that lacks one lever; by monotony, smaller parts need no look.
fn parts<'s, 'l>(set: &'s [&'l Lever]) -> impl Iterator<Item = Vec<&'l Lever>> + 's {
    (0..set.len()).map(|left_out| {
        let rest = set.iter().enumerate().filter(|(place, _)| *place != left_out);
        rest.map(|(_, lever)| *lever).collect()
    })
}

/// The sets of one size, in the order of their names.
struct Combinations<'s, 'l> {
    levers: &'s [&'l Lever],
    places: Option<Vec<usize>>,
}

impl<'s, 'l> Combinations<'s, 'l> {
    fn new(levers: &'s [&'l Lever], size: usize) -> Self {
        Self { levers, places: (size <= levers.len()).then(|| (0..size).collect()) }
    }

    fn next_set(&mut self) -> Option<Vec<&'l Lever>> {
        let places = self.places.clone()?;
        let set = places.iter().filter_map(|place| self.levers.get(*place).copied()).collect();
        self.places = advanced(places, self.levers.len());
        Some(set)
    }
}

/// Returns the places after these, in lexicographic order.
fn advanced(mut places: Vec<usize>, count: usize) -> Option<Vec<usize>> {
    let size = places.len();
    let (turn, from) = places
        .iter()
        .enumerate()
        .rev()
        .find(|(index, place)| **place + (size - index) < count)
        .map(|(index, place)| (index, *place))?;
    for (slot, next) in places.iter_mut().skip(turn).zip(from + 1..) {
        *slot = next;
    }
    Some(places)
}
