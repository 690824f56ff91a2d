//! Statuses in both times against the page read word by word; wind-downs, stays, and the past (CT-28, CT-29).

use std::collections::BTreeSet;

use comity_core::cert::day::{Day, Instant};
use comity_core::cert::jurisdiction::{Jurisdiction, JurisdictionUrn};
use comity_core::cert::register::Register;
use comity_core::cert::registry;
use comity_core::cert::word::{Status, TradeEffect, Word as _};
use proptest::prelude::*;
use serde_json::{Value, json};

const LISTED: [&str; 3] = ["ardenia1", "brellan1", "corvia01"];
const DAYS: i64 = 12;

fn urn(n: usize) -> JurisdictionUrn {
    JurisdictionUrn::parse(&format!("urn:comity:jur:{}", LISTED[n])).unwrap()
}

fn day(n: i64) -> Day {
    Day::parse("2031-01-01").unwrap().plus(n)
}

/// Noon of a day: known from its end on.
fn noon(n: i64) -> Instant {
    Instant::parse(&format!("{}T12:00:00Z", day(n))).unwrap()
}

#[derive(Clone, Debug)]
struct Event {
    who: usize,
    /// None annuls what it supersedes.
    status: Option<Status>,
    from: i64,
    recorded: i64,
    until: Option<i64>,
    wind_down: Option<i64>,
    /// An earlier event.
    supersedes: Option<usize>,
}

#[derive(Clone, Debug)]
struct Extension {
    from: usize,
    to: usize,
    first: i64,
    last: Option<i64>,
    recorded: i64,
}

#[derive(Clone, Debug)]
struct Stay {
    event: usize,
    first: i64,
    last: Option<i64>,
    recorded: i64,
}

#[derive(Clone, Debug)]
struct Facts {
    events: Vec<Event>,
    extensions: Vec<Extension>,
    stays: Vec<Stay>,
}

fn facts() -> impl Strategy<Value = Facts> {
    let some_day = || prop::option::of(0..DAYS);
    let event = (
        0..LISTED.len(),
        prop::option::weighted(0.85, 0..Status::ALL.len()),
        (0..DAYS, 0..DAYS),
        (some_day(), some_day()),
        prop::option::weighted(0.3, any::<prop::sample::Index>()),
    );
    let extension = (0..LISTED.len(), 0..LISTED.len(), 0..DAYS, some_day(), 0..DAYS);
    let stay = (any::<prop::sample::Index>(), 0..DAYS, some_day(), 0..DAYS);
    let lists = (
        prop::collection::vec(event, 1..9),
        prop::collection::vec(extension, 0..4),
        prop::collection::vec(stay, 0..4),
    );
    lists.prop_map(|(events, extensions, stays)| {
        let count = events.len();
        let events = events.into_iter().enumerate().map(|(n, event)| {
            let (who, status, (from, recorded), (until, wind_down), supersedes) = event;
            let supersedes = supersedes.filter(|_| n > 0).map(|index| index.index(n));
            let status = status.map(|status| Status::ALL[status]);
            Event { who, status, from, recorded, until, wind_down, supersedes }
        });
        let extensions = extensions
            .into_iter()
            .map(|(from, to, first, last, recorded)| Extension { from, to, first, last, recorded });
        let stays = stays.into_iter().map(|(event, first, last, recorded)| Stay {
            event: event.index(count),
            first,
            last,
            recorded,
        });
        Facts { events: events.collect(), extensions: extensions.collect(), stays: stays.collect() }
    })
}

impl Facts {
    fn register(&self) -> Register {
        let jurisdictions: Vec<Value> = (0..LISTED.len())
            .map(|n| json!({"urn": urn(n), "kind": "state", "names": {"en": LISTED[n]}, "aliases": [], "authorities": []}))
            .collect();
        let events: Vec<Value> = self
            .events
            .iter()
            .enumerate()
            .map(|(n, event)| {
                let status = event.status.map_or("ANNULMENT", Status::as_str);
                json!({"id": format!("ev-{n}"), "jurisdiction": urn(event.who), "status": status,
                "valid_from": day(event.from), "recorded_at": noon(event.recorded),
                "decision": format!("sha256:{}", "0".repeat(64)), "reason": "R",
                "valid_until": event.until.map(day), "wind_down_until": event.wind_down.map(day),
                "supersedes": event.supersedes.map(|n| format!("ev-{n}"))})
            })
            .collect();
        let extensions: Vec<Value> = self
            .extensions
            .iter()
            .map(|e| {
                json!({"from": urn(e.from), "to": urn(e.to), "valid_from": day(e.first),
                "valid_until": e.last.map(day), "recorded_at": noon(e.recorded)})
            })
            .collect();
        let stays: Vec<Value> = self
            .stays
            .iter()
            .map(|stay| {
                json!({"event": format!("ev-{}", stay.event), "from": day(stay.first),
                "until": stay.last.map(day), "recorded_at": noon(stay.recorded),
                "decision": format!("sha256:{}", "0".repeat(64))})
            })
            .collect();
        let register = json!({"type": "comity.register/1", "standard": "s", "edition": 1,
            "as_of": noon(DAYS + 1), "jurisdictions": jurisdictions, "events": events,
            "extensions": extensions, "stays": stays});
        Register::parse(&serde_json::to_vec(&register).unwrap()).unwrap()
    }

    /// Rule 1: the own event that decides, with some taken out of the register.
    fn own(&self, who: usize, at: Query, out: &BTreeSet<usize>) -> Option<usize> {
        let known = |n: usize| self.events[n].recorded <= at.known && !out.contains(&n);
        let superseded = |n: usize| {
            (0..self.events.len())
                .any(|other| known(other) && self.events[other].supersedes == Some(n))
        };
        let counts = |n: &usize| {
            let event = &self.events[*n];
            event.who == who
                && event.status.is_some()
                && known(*n)
                && event.from <= at.valid
                && !superseded(*n)
        };
        let rank = |n: &usize| (self.events[*n].from, self.events[*n].recorded, format!("ev-{n}"));
        (0..self.events.len()).filter(counts).max_by_key(rank)
    }

    /// Rules 1 to 3: the status with what decides.
    fn decided(
        &self,
        who: usize,
        at: Query,
        out: &BTreeSet<usize>,
    ) -> (Status, Option<usize>, Option<usize>) {
        if let Some(event) = self.own(who, at, out) {
            return (self.status(Some(event), at), Some(event), None);
        }
        let covers = |e: &&Extension| {
            e.to == who
                && e.recorded <= at.known
                && e.first <= at.valid
                && e.last.is_none_or(|last| at.valid <= last)
        };
        let sources: BTreeSet<usize> =
            self.extensions.iter().filter(covers).map(|e| e.from).collect();
        let worst = sources
            .into_iter()
            .map(|source| (source, self.own(source, at, out)))
            .max_by_key(|(source, event)| (self.status(*event, at), std::cmp::Reverse(*source)));
        match worst {
            Some((source, event)) => (self.status(event, at), event, Some(source)),
            None => (Status::NotCertified, None, None),
        }
    }

    fn status(&self, event: Option<usize>, at: Query) -> Status {
        let Some(event) = event.map(|n| &self.events[n]) else { return Status::NotCertified };
        let status = event.status.unwrap();
        let ended = status.is_live() && event.until.is_some_and(|until| until < at.valid);
        if ended { Status::Expired } else { status }
    }

    /// Rule 4: the status that trade follows, why, and until when.
    fn trade(
        &self,
        who: usize,
        at: Query,
        out: &BTreeSet<usize>,
    ) -> (Status, TradeEffect, Option<i64>) {
        let (status, event, _) = self.decided(who, at, out);
        let plain = (status, TradeEffect::AsStatus, None);
        let Some(n) = event else { return plain };
        let event = &self.events[n];
        if event.status.unwrap().is_live()
            && status == Status::Expired
            && event.status != Some(Status::Expired)
        {
            return plain;
        }
        let known = self.stays.iter().filter(|stay| stay.event == n && stay.recorded <= at.known);
        let latest = known.max_by_key(|stay| (stay.recorded, stay.first, stay.last));
        let stayed = latest
            .filter(|stay| stay.first <= at.valid && stay.last.is_none_or(|last| at.valid <= last));
        let (effect, until) = match (stayed, event.wind_down.filter(|until| at.valid <= *until)) {
            (Some(stay), _) => (TradeEffect::Stayed, stay.last),
            (None, Some(until)) => (TradeEffect::WindDown, Some(until)),
            (None, None) => return plain,
        };
        let mut without = out.clone();
        without.insert(n);
        (self.trade(who, at, &without).0, effect, until)
    }
}

#[derive(Clone, Copy, Debug)]
struct Query {
    valid: i64,
    known: i64,
}

/// Every question of a small register.
fn queries() -> impl Iterator<Item = (usize, Query)> {
    let days = -1..=DAYS;
    let both =
        days.clone().flat_map(move |valid| days.clone().map(move |known| Query { valid, known }));
    both.flat_map(|at| (0..LISTED.len()).map(move |who| (who, at)))
}

fn standing(register: &Register, who: usize, at: Query) -> comity_core::cert::status::Standing {
    register.standing(&urn(who), day(at.valid), day(at.known).end())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_status_on_a_day_as_known_on_a_day_is_that_of_the_page(facts in facts()) {
        let register = facts.register();
        let none = BTreeSet::new();
        for (who, at) in queries() {
            let found = standing(&register, who, at);
            let (status, event, via) = facts.decided(who, at, &none);
            prop_assert_eq!(found.status, status, "{} {:?}", who, at);
            prop_assert_eq!(&found.event, &event.map(|n| format!("ev-{n}")), "{} {:?}", who, at);
            prop_assert_eq!(&found.via, &via.map(urn), "{} {:?}", who, at);
            let (trade_status, trade, until) = facts.trade(who, at, &none);
            prop_assert_eq!((found.trade_status, found.trade, found.trade_until),
                (trade_status, trade, until.map(day)), "{} {:?}", who, at);
        }
    }

    #[test]
    fn a_stay_or_wind_down_freezes_trade_and_never_what_is_published(facts in facts()) {
        let register = facts.register();
        let mut bare = facts.clone();
        bare.stays.clear();
        bare.events.iter_mut().for_each(|event| event.wind_down = None);
        let bare = bare.register();
        for (who, at) in queries() {
            let (found, plain) = (standing(&register, who, at), standing(&bare, who, at));
            prop_assert_eq!((found.status, found.event, found.since), (plain.status, plain.event, plain.since));
            prop_assert_eq!((plain.trade, plain.trade_status), (TradeEffect::AsStatus, plain.status));
            if found.trade == TradeEffect::AsStatus {
                prop_assert_eq!((found.trade_status, found.trade_until), (found.status, None));
            }
            // Days are inclusive: the last one still counts, and none after it.
            prop_assert!(found.trade_until.is_none_or(|until| day(at.valid) <= until));
            prop_assert!(found.trade != TradeEffect::WindDown || found.trade_until.is_some());
        }
    }

    #[test]
    fn what_is_recorded_later_changes_nothing_known_before(facts in facts(), known in 0..DAYS) {
        let mut then = facts.clone();
        then.extensions.retain(|extension| extension.recorded <= known);
        // Those before the first that is not known yet keep their ids.
        let kept = then.events.iter().take_while(|event| event.recorded <= known).count();
        then.events.truncate(kept);
        then.stays.retain(|stay| stay.recorded <= known && stay.event < kept);
        let mut later = then.clone();
        for event in facts.events.iter().skip(kept) {
            later.events.push(Event { recorded: known + 1 + event.recorded, ..event.clone() });
        }
        for extension in &facts.extensions {
            let recorded = known + 1 + extension.recorded;
            later.extensions.push(Extension { recorded, ..extension.clone() });
        }
        for stay in &facts.stays {
            later.stays.push(Stay { recorded: known + 1 + stay.recorded, ..stay.clone() });
        }
        let (before, after) = (then.register(), later.register());
        for valid in -1..=DAYS {
            for who in 0..LISTED.len() {
                let at = Query { valid, known };
                prop_assert_eq!(standing(&before, who, at), standing(&after, who, at), "{} {:?}", who, at);
            }
        }
    }

    #[test]
    fn no_edition_punishes_the_past(
        place in 0..Status::ALL.len(),
        back in -3_i64..4,
        correction in any::<bool>(),
        which in 0_usize..6,
    ) {
        const SAMPLE: &[u8] = include_bytes!("../../../../testdata/cert/register-sample.json");
        let before = Register::parse(SAMPLE).unwrap();
        let urns: Vec<&JurisdictionUrn> = before.jurisdictions().map(Jurisdiction::urn).collect();
        let urn = urns[which % urns.len()];
        let recorded = Day::parse("2031-07-01").unwrap();
        let from = recorded.plus(back);
        let status = Status::ALL[place];
        let event = json!({"id": "ev-900", "jurisdiction": urn, "status": status, "valid_from": from,
            "recorded_at": format!("{recorded}T10:00:00Z"), "certificate": "c-1",
            "final_report": format!("sha256:{}", "1".repeat(64)), "valid_until": recorded.plus(400),
            "reason": if correction { "CORRECTION" } else { "OTHER" },
            "decision": format!("sha256:{}", "0".repeat(64))});
        let change = json!({"type": "comity.register-change/1", "events": [event]});
        let as_of = Instant::parse("2031-07-02T00:00:00Z").unwrap();
        let built = registry::build(SAMPLE, &serde_json::to_vec(&change).unwrap(), as_of);
        let was = before.standing(urn, from, before.as_of).status;
        let punishes = back < 0 && status > was;
        match built {
            Ok(edition) => {
                prop_assert!(correction || !punishes);
                registry::check_step(SAMPLE, &before, &edition).unwrap();
            }
            Err(refusal) if punishes && !correction => prop_assert_eq!(refusal.code, "adverse-retroactive"),
            Err(refusal) => prop_assert_eq!(refusal.code, "transition-not-allowed"),
        }
    }
}
