//! Five hubs, one of them Byzantine, over a network that splits, reorders, repeats and crashes (CP-66).
//!
//! Every honest hub drafts on its own fold and obeys `decide`. When the network heals, all hold the same
//! set and must compute the same bytes. The seed reproduces a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use comity_core::case::Case;
use comity_core::case::entry::{Entry, Place};
use comity_core::case::name::EntryId;
use serde_json::{Value, json};

use super::invariants;
use super::support::{CASE, DAY, Dice, START, World, bytes, evidence, placed};

const HUBS: [&str; 5] = ["jo", "um", "ac", "rc", "ev"];
const BYZANTINE: usize = 4;
const PARTIES: [(&str, usize); 7] =
    [("cert", 0), ("finder", 0), ("acme", 2), ("nube", 3), ("evil", 4), ("aisi", 1), ("fake", 4)];
const STEPS: usize = 110;
/// All 200 seeds in a release build; fewer where the compiler did not help.
const SEEDS: u64 = if cfg!(debug_assertions) { 20 } else { 200 };

struct Hub {
    case: Case,
    /// What a crash loses: entries received but not yet stored.
    unstored: Vec<Arc<Entry>>,
}

struct Network {
    dice: Dice,
    hubs: Vec<Hub>,
    /// The side of the split that each hub is on.
    sides: Vec<usize>,
    now: i64,
    all: BTreeMap<EntryId, Arc<Entry>>,
}

fn opening() -> Case {
    let mut world = World::opened();
    for (party, hub) in PARTIES.into_iter().skip(2) {
        let role = if matches!(hub, 1) || party == "fake" { "deployer" } else { "vendor" };
        let hub = HUBS[hub];
        let mut body =
            json!({"party": party, "org": party.to_uppercase(), "hub": hub, "roles": [role]});
        if role == "deployer" {
            body["deploys"] = json!(["acme"]);
        }
        world.stands("jo/cert", 0, "party.invite", body);
    }
    world.case
}

impl Network {
    fn new(seed: u64) -> Self {
        let case = opening();
        let all = case.entries().map(|entry| (entry.id.clone(), Arc::clone(entry))).collect();
        let hubs = HUBS.iter().map(|_| Hub { case: case.clone(), unstored: Vec::new() }).collect();
        Self { dice: Dice(seed), hubs, sides: vec![0; HUBS.len()], now: START + DAY, all }
    }

    fn store(&mut self, hub: usize, entries: impl IntoIterator<Item = Arc<Entry>>) {
        let case = &self.hubs[hub].case;
        let held = case.entries().chain(case.pending()).cloned();
        let all: Vec<Arc<Entry>> = held.chain(entries).collect();
        self.hubs[hub].case = Case::fold(CASE.parse().unwrap(), all);
    }

    fn write(&mut self, hub: usize, entry: Entry) {
        let entry = Arc::new(entry);
        self.all.insert(entry.id.clone(), Arc::clone(&entry));
        self.store(hub, [entry]);
    }

    fn step(&mut self) {
        self.now += i64::try_from(self.dice.below(30)).unwrap() * 3_600_000;
        let hub = self.dice.below(HUBS.len());
        let (kind, party, body) = self.command(hub);
        let by = format!("{}/{party}", HUBS[hub]);
        if hub == BYZANTINE && self.dice.chance(60) {
            self.lie(&by, kind, body);
        } else {
            let world = World { case: self.hubs[hub].case.clone() };
            let entry = world.draft(&by, self.now, kind, body);
            let decided = world.case.decide(&entry);
            let entry_id = entry.id.clone();
            let after = world.case.with(Arc::new(entry.clone()));
            assert_eq!(decided.err(), after.void_code(&entry_id), "decide foretells the fold");
            // Most commands are refused; a few entries are written all the same, as by a faulty hub.
            if decided.is_ok() || self.dice.chance(5) {
                self.write(hub, entry);
            }
        }
        self.disturb();
    }

    /// A command that somebody at `hub` might give, of what the hub sees.
    fn command(&mut self, hub: usize) -> (&'static str, &'static str, Value) {
        let own: Vec<&str> =
            PARTIES.iter().filter(|(_, home)| *home == hub).map(|(party, _)| *party).collect();
        let party = *self.dice.pick(&own);
        let other = self.dice.pick(&PARTIES).0;
        let state = self.hubs[hub].case.state();
        let epoch = state.lead.as_ref().unwrap().epoch;
        let mut terms: Vec<EntryId> = state.open_terms().map(|open| open.entry.clone()).collect();
        terms.extend(state.terms.as_ref().map(|terms| terms.entry.clone()));
        let find = |kind: &str| -> Vec<EntryId> {
            let all = self.hubs[hub].case.entries();
            all.filter(|entry| entry.kind == kind).map(|entry| entry.id.clone()).collect()
        };
        let (sends, seals, offers, claims) =
            (find("report.send"), find("content.seal"), find("lead.offer"), find("exposure.claim"));
        let dice = &mut self.dice;
        let mut any = |ids: &[EntryId]| -> Value {
            if ids.is_empty() { json!("nothing") } else { json!(dice.pick(ids)) }
        };
        let (term, send, seal, offer, claim) =
            (any(&terms), any(&sends), any(&seals), any(&offers), any(&claims));
        let base = state.terms.as_ref().map_or(json!("nothing"), |terms| json!(terms.entry));
        let ends = self.now + i64::try_from(dice.below(100)).unwrap() * DAY;
        let reason = "needed";
        let recipients = json!([{"party": other, "wrapped": "w", "pass": "p"}]);
        let letter = *dice.pick(&["P", "X", "A", "A"]);
        let to = *dice.pick(&["I", "V", "A", "D", "C", "V", "A"]);
        let (kind, body) = match dice.below(32) {
            0 | 1 => ("embargo.propose", json!({"ends": ends, "justification": reason})),
            2 | 3 => {
                ("embargo.revise", json!({"base": base, "ends": ends, "justification": reason}))
            }
            4..=8 => ("embargo.accept", json!({ "terms": term })),
            9 => ("embargo.reject", json!({ "terms": term })),
            10 if dice.chance(15) => ("embargo.end", json!({"reason": "other"})),
            10..=12 => ("report.send", json!({ "to": other })),
            13 | 14 => ("report.ack", json!({ "of": send })),
            15..=18 => ("report.judge", json!({ "to": to })),
            19 => ("vendor.aware", json!({"party": other, "evidence": evidence()})),
            20 => ("fix.ready", json!({})),
            21 => ("fix.deployed", json!({"hosted": true})),
            22 => ("fix.deployed", json!({"vendor": other})),
            23 if dice.chance(30) => {
                ("exposure.claim", json!({"letter": letter, "evidence": evidence()}))
            }
            23 => ("exposure.retract", json!({ "claim": claim })),
            24 => (
                "content.seal",
                json!({"compartment": "technical", "commitment": "c",
                "size_class": 3, "recipients": recipients}),
            ),
            25 => ("content.grant", json!({"seal": seal, "recipients": recipients})),
            26 => ("lead.offer", json!({"to": other, "epoch": epoch + 1})),
            27 => ("lead.accept", json!({ "offer": offer })),
            28 => ("lead.takeover", json!({"to": "aisi", "epoch": epoch + 1})),
            29 => ("vendor.status", json!({"party": other, "status": "affected"})),
            30 if dice.chance(20) => ("party.remove", json!({"party": other, "why": reason})),
            30 => ("fix.incomplete", json!({"party": other, "evidence": evidence()})),
            _ => ("note", json!({})),
        };
        (kind, party, body)
    }

    /// The Byzantine hub: false clocks, bare pasts, twins, other hubs' parties.
    fn lie(&mut self, by: &str, kind: &str, body: Value) {
        let case = &self.hubs[BYZANTINE].case;
        let own: Vec<&Arc<Entry>> =
            case.entries().filter(|entry| entry.author.as_str() == HUBS[BYZANTINE]).collect();
        let dice = &mut self.dice;
        let prev = if own.is_empty() || dice.chance(10) {
            None
        } else if dice.chance(70) {
            own.last().copied()
        } else {
            Some(*dice.pick(&own))
        };
        let shift = i64::try_from(dice.below(600)).unwrap() - 200;
        let at = if dice.chance(50) { self.now } else { (self.now + shift * DAY).max(0) };
        let heads: Vec<EntryId> = case.entries().map(|entry| entry.id.clone()).collect();
        let seen = if dice.chance(50) { vec![dice.pick(&heads).clone()] } else { Vec::new() };
        let place = Place {
            seq: prev.map_or(0, |prev| prev.seq + 1),
            prev: prev.map(|prev| prev.id.clone()),
            seen,
        };
        let by = if dice.chance(10) { "ev/cert" } else { by };
        let entry = placed(by, at, kind, body, place);
        self.write(BYZANTINE, entry);
    }

    fn disturb(&mut self) {
        if self.dice.chance(15) {
            let sides: Vec<usize> = self.hubs.iter().map(|_| self.dice.below(2)).collect();
            self.sides = sides;
        } else if self.dice.chance(30) {
            self.sides.fill(0);
        }
        if self.dice.chance(20) {
            let (to, from) = (self.dice.below(HUBS.len()), self.dice.below(HUBS.len()));
            if self.sides[to] == self.sides[from] {
                self.sync(to, from);
            }
        }
        if self.dice.chance(2) {
            // What was received but not stored is lost; it will be pulled again.
            let hub = self.dice.below(HUBS.len());
            self.hubs[hub].unstored.clear();
        }
    }

    fn sync(&mut self, to: usize, from: usize) {
        let mut sent: Vec<Arc<Entry>> = self.hubs[from].case.entries().cloned().collect();
        sent.extend(self.hubs[from].case.pending().iter().cloned());
        if self.dice.chance(10) {
            self.dice.shuffle(&mut sent);
            // Half of them arrive later.
            let late = sent.split_off(sent.len() / 2);
            self.hubs[to].unstored.extend(late);
        }
        if self.dice.chance(10) {
            let copy = sent.clone();
            sent.extend(copy);
        }
        let unstored = std::mem::take(&mut self.hubs[to].unstored);
        if self.dice.chance(90) {
            sent.extend(unstored);
        }
        self.store(to, sent);
    }

    fn heal(&mut self) {
        let all: Vec<Arc<Entry>> = self.all.values().cloned().collect();
        for hub in 0..HUBS.len() {
            let mut all = all.clone();
            self.dice.shuffle(&mut all);
            self.store(hub, all);
        }
    }
}

#[test]
fn hubs_that_hold_the_same_set_compute_the_same_bytes() {
    let mut met: BTreeSet<&'static str> = BTreeSet::new();
    let mut forks = 0;
    for seed in 0..SEEDS {
        let mut network = Network::new(seed);
        for _ in 0..STEPS {
            network.step();
        }
        for hub in &network.hubs {
            invariants::hold(&hub.case, hub.case.entries().count() + hub.case.pending().len());
        }
        network.heal();
        let first = bytes(&network.hubs[0].case, network.now);
        for hub in &network.hubs {
            assert_eq!(bytes(&hub.case, network.now), first, "seed {seed}");
        }
        invariants::hold(&network.hubs[0].case, network.all.len());
        invariants::content_keeps_the_gate(&network.hubs[0].case);
        met.extend(invariants::codes(&network.hubs[0].case).keys());
        forks += network.hubs[0].case.equivocations().len();
    }
    assert!(forks > 0, "no seed forked");
    assert!(met.len() > 15, "the runs meet too few codes: {met:?}");
    println!("{SEEDS} seeds, {forks} forks, codes {met:?}");
}
