//! How well a case went against luck: orderings, alpha with exact intervals, times (section 7).
//!
//! Not here: figures over many cases (`statistics`), and where the chances of luck come from (tests
//! recompute them from the machine).

use serde::Serialize;

use super::beta;
use super::body::Millis;
use super::state::{Party, State, Vendor, When};
use super::word::{Letter, VendorStatus};

/// An event of a vendor's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Aware,
    Ready,
    Deployed,
    Public,
    Exploit,
    Attacks,
}

/// A wished order of two events and its chance in a random walk (CP-50).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordering {
    /// Its name, for example `D<P`.
    pub name: &'static str,
    /// Numerator of the chance.
    pub luck_of: u32,
    /// Denominator of the chance.
    pub luck_in: u32,
    before: Event,
    after: Event,
}

const fn ordering(
    name: &'static str,
    (luck_of, luck_in): (u32, u32),
    before: Event,
    after: Event,
) -> Ordering {
    Ordering { name, luck_of, luck_in, before, after }
}

/// The twelve orderings, least likely first.
pub const ORDERINGS: [Ordering; 12] = [
    ordering("D<P", (1, 27), Event::Deployed, Event::Public),
    ordering("F<P", (1, 9), Event::Ready, Event::Public),
    ordering("D<X", (1, 6), Event::Deployed, Event::Exploit),
    ordering("D<A", (3, 16), Event::Deployed, Event::Attacks),
    ordering("F<X", (1, 3), Event::Ready, Event::Exploit),
    ordering("V<P", (1, 3), Event::Aware, Event::Public),
    ordering("F<A", (3, 8), Event::Ready, Event::Attacks),
    ordering("P<X", (1, 2), Event::Public, Event::Exploit),
    ordering("X<A", (1, 2), Event::Exploit, Event::Attacks),
    ordering("P<A", (2, 3), Event::Public, Event::Attacks),
    ordering("V<X", (2, 3), Event::Aware, Event::Exploit),
    ordering("V<A", (3, 4), Event::Aware, Event::Attacks),
];

/// How often an ordering was met, and how that compares with luck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderingResult {
    /// The ordering.
    pub d: &'static str,
    /// The chance of luck, as a fraction.
    pub f: String,
    /// Histories in which it is met.
    pub met: u64,
    /// Histories in which it is not.
    pub unmet: u64,
    /// Histories that do not tell yet.
    pub open: u64,
    /// 1 always, 0 luck; `None` without histories that tell.
    pub alpha: Option<String>,
    /// Lower end of the 95 % interval.
    pub low: Option<String>,
    /// Upper end of the 95 % interval.
    pub high: Option<String>,
}

/// Lower medians of times, in milliseconds (CP-53).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "members are named in CP-53")]
pub struct Times {
    pub answer_ms: Option<Millis>,
    pub ack_ms: Option<Millis>,
    pub validate_ms: Option<Millis>,
    pub fix_ms: Option<Millis>,
    pub deploy_ms: Option<Millis>,
    pub public_ms: Option<Millis>,
    pub gap_ms: Option<Millis>,
}

/// The metrics of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metrics {
    /// In the order of [`ORDERINGS`].
    pub orderings: Vec<OrderingResult>,
    /// Times.
    pub times: Times,
}

/// Skill at an ordering: alpha and its interval as strings of four decimals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    /// (S/T - f) / (1 - f).
    pub alpha: String,
    /// Its 2.5 % quantile.
    pub low: String,
    /// Its 97.5 % quantile.
    pub high: String,
}

impl Ordering {
    /// Returns the skill after `met` of `total` histories; `None` if `total` is 0 or under `met`.
    #[must_use]
    pub fn skill(&self, met: u64, total: u64) -> Option<Skill> {
        if total == 0 || met > total {
            return None;
        }
        let luck = f64::from(self.luck_of) / f64::from(self.luck_in);
        let alpha = |share: f64| (share - luck) / (1.0 - luck);
        let (s, t) = (float(met), float(total));
        // The Jeffreys prior alone has an interval where all or none were met.
        let half = if met == 0 || met == total { 0.5 } else { 0.0 };
        let quantile = |p| beta::quantile(p, s + half, t - s + half);
        Some(Skill {
            alpha: four_decimals(alpha(s / t)),
            low: four_decimals(alpha(quantile(0.025))),
            high: four_decimals(alpha(quantile(0.975))),
        })
    }

    fn count(&self, state: &State) -> OrderingResult {
        let (mut met, mut unmet, mut open) = (0, 0, 0);
        for (_, vendor) in counted(state) {
            let is_vendors = |event| matches!(event, Event::Ready | Event::Deployed);
            let has_fix = vendor.status != VendorStatus::NoFix;
            if !has_fix && (is_vendors(self.before) || is_vendors(self.after)) {
                continue;
            }
            match self.is_met(state, vendor) {
                Some(true) => met += 1,
                Some(false) => unmet += 1,
                None => open += 1,
            }
        }
        let skill = self.skill(met, met + unmet);
        OrderingResult {
            d: self.name,
            f: format!("{}/{}", self.luck_of, self.luck_in),
            met,
            unmet,
            open,
            alpha: skill.as_ref().map(|skill| skill.alpha.clone()),
            low: skill.as_ref().map(|skill| skill.low.clone()),
            high: skill.map(|skill| skill.high),
        }
    }

    /// Compares two world intervals (CP-51).
    fn is_met(&self, state: &State, vendor: &Vendor) -> Option<bool> {
        let (before, after) = (self.before.when(state, vendor), self.after.when(state, vendor));
        let (before, after) = match (before, after) {
            (None, None) => return None,
            (Some(_), None) => return Some(true),
            (None, Some(_)) => return Some(false),
            (Some(before), Some(after)) => (before, after),
        };
        if self.before.is_forced_by(self.after, state, vendor) {
            Some(false)
        } else if before.interval.to < after.interval.from {
            Some(true)
        } else if after.interval.to < before.interval.from {
            Some(false)
        } else {
            None
        }
    }
}

impl Event {
    fn when(self, state: &State, vendor: &Vendor) -> Option<When> {
        let world = |letter| state.exposed.get(&letter).map(|exposed| exposed.when);
        match self {
            Self::Aware => vendor.aware,
            Self::Ready => vendor.ready,
            Self::Deployed => vendor.deployed,
            Self::Public => world(Letter::Public),
            Self::Exploit => world(Letter::Exploit),
            Self::Attacks => world(Letter::Attacks),
        }
    }

    /// V forced by P comes after it, P forced by X too, and V so after X.
    fn is_forced_by(self, cause: Self, state: &State, vendor: &Vendor) -> bool {
        let is_forced = |event: Self| event.when(state, vendor).is_some_and(|when| when.is_forced);
        match (self, cause) {
            (Self::Aware, Self::Public) => is_forced(Self::Aware),
            (Self::Aware, Self::Exploit) => is_forced(Self::Aware) && is_forced(Self::Public),
            (Self::Public, Self::Exploit) => is_forced(Self::Public),
            _ => false,
        }
    }
}

/// Vendors with a history; who is not affected has none.
fn counted(state: &State) -> impl Iterator<Item = (&Party, &Vendor)> {
    let vendors = state.parties.values().filter_map(|party| Some((party, party.vendor()?)));
    vendors.filter(|(_, vendor)| vendor.status != VendorStatus::NotAffected)
}

impl Metrics {
    /// Computes the metrics of a state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        Self {
            orderings: ORDERINGS.iter().map(|ordering| ordering.count(state)).collect(),
            times: Times::of(state),
        }
    }
}

impl Times {
    fn of(state: &State) -> Self {
        let parties = |time: fn(&Party) -> Option<Millis>| {
            lower_median(state.parties.values().filter_map(time).collect())
        };
        let between = |from: Event, to: Event| {
            let needs_fix = |event| matches!(event, Event::Ready | Event::Deployed);
            let times = counted(state).filter_map(|(_, vendor)| {
                let has_no_fix = vendor.status == VendorStatus::NoFix;
                if has_no_fix && (needs_fix(from) || needs_fix(to)) {
                    return None;
                }
                let start = |event: Event| event.when(state, vendor).map(|when| when.interval.from);
                Some(start(to)? - start(from)?)
            });
            lower_median(times.collect())
        };
        Self {
            answer_ms: parties(|party| party.clocks.answer),
            ack_ms: parties(|party| party.clocks.ack),
            validate_ms: parties(|party| party.clocks.validate),
            fix_ms: between(Event::Aware, Event::Ready),
            deploy_ms: between(Event::Ready, Event::Deployed),
            public_ms: between(Event::Aware, Event::Public),
            gap_ms: between(Event::Public, Event::Deployed),
        }
    }
}

fn lower_median(mut times: Vec<Millis>) -> Option<Millis> {
    times.sort_unstable();
    let middle = times.len().checked_sub(1)? / 2;
    times.get(middle).copied()
}

/// Exact below 2^53; a case has 5,000 parties.
fn float(count: u64) -> f64 {
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "counts are small")]
    let float = count as f64;
    float
}

fn four_decimals(value: f64) -> String {
    let text = format!("{value:.4}");
    if text == "-0.0000" { "0.0000".to_owned() } else { text }
}
