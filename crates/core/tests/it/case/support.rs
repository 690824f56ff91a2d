//! Writes entries as hubs do: each hub holds a set, and drafts on its own fold.

use std::sync::Arc;

use comity_core::case::Case;
use comity_core::case::entry::{Command, Entry, Place};
use comity_core::case::kind::Kind;
use comity_core::case::name::EntryId;
use comity_core::case::void::VoidCode;
use serde_json::{Value, json};

pub(crate) const DAY: i64 = 86_400_000;
pub(crate) const START: i64 = 1_767_571_200_000;
pub(crate) const CASE: &str = "t-2026-00001";

/// The whole of our own copy of the data.
pub(crate) fn machines() -> Value {
    let text = include_str!("../../../../../testdata/case/machines.json");
    serde_json::from_str(text).unwrap()
}

pub(crate) fn evidence() -> Value {
    json!([{"type": "statement", "ref": "seen"}])
}

/// One view of one case, to which a test adds entries by name.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) case: Case,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { case: Case::fold(CASE.parse().unwrap(), []) }
    }

    /// `cert` (hub jo, org Cert) leads; `finder` is at its hub. Both may propose; cert accepted.
    pub(crate) fn opened() -> Self {
        let mut world = Self::new();
        let parties = json!([
            {"party": "cert", "org": "Cert", "roles": ["coordinator"]},
            {"party": "finder", "org": "Lab", "roles": ["finder"]},
        ]);
        world.stands("jo/cert", 0, "case.open", json!({"parties": parties, "deputies": ["aisi"]}));
        world.stands("jo/cert", 0, "report.judge", json!({"to": "V"}));
        world.stands("jo/cert", 0, "report.judge", json!({"to": "A"}));
        world
    }

    /// The same with `acme` (vendor, hub ac), `nube` (vendor, hub rc) and `aisi` (deputy, hub um).
    pub(crate) fn peopled() -> Self {
        let mut world = Self::opened();
        for (party, hub, role) in
            [("acme", "ac", "vendor"), ("nube", "rc", "vendor"), ("aisi", "um", "coordinator")]
        {
            world.invites(party, hub, role, 0);
        }
        world
    }

    /// The same with an embargo of 40 days in force, which only cert and finder signed.
    pub(crate) fn embargoed() -> Self {
        let mut world = Self::peopled();
        world.stands("jo/finder", 1, "embargo.propose", json!({"ends": START + 41 * DAY}));
        let terms = world.last();
        world.stands("jo/cert", 1, "embargo.accept", json!({ "terms": terms }));
        world
    }

    pub(crate) fn invites(&mut self, party: &str, hub: &str, role: &str, day: i64) {
        let body =
            json!({"party": party, "org": party.to_uppercase(), "hub": hub, "roles": [role]});
        self.stands("jo/cert", day, "party.invite", body);
    }

    pub(crate) fn draft(&self, by: &str, at: i64, kind: &str, body: Value) -> Entry {
        let command = command(by, at, kind, body);
        let entry = self.case.draft(command.clone());
        let decided = self.case.decide(&entry).map(|()| entry.clone());
        assert_eq!(self.case.decide_command(command), decided);
        entry
    }

    pub(crate) fn add(&mut self, entry: Entry) -> EntryId {
        let id = entry.id.clone();
        self.case = self.case.with(Arc::new(entry));
        id
    }

    /// Adds an entry that must stand; `decide` must have said so.
    pub(crate) fn stands(&mut self, by: &str, day: i64, kind: &str, body: Value) -> EntryId {
        let entry = self.draft(by, START + day * DAY, kind, body);
        assert_eq!(self.case.decide(&entry), Ok(()), "{by} {kind}");
        let id = self.add(entry);
        assert_eq!(self.case.void_code(&id), None, "{by} {kind}");
        id
    }

    /// Adds an entry that must be void; `decide` must have said so.
    pub(crate) fn void(&mut self, by: &str, day: i64, kind: &str, body: Value, code: VoidCode) {
        let entry = self.draft(by, START + day * DAY, kind, body);
        assert_eq!(self.case.decide(&entry), Err(code), "{by} {kind}");
        let before = self.case.state().clone();
        let id = self.add(entry);
        assert_eq!(self.case.void_code(&id), Some(code), "{by} {kind}");
        assert_eq!(*self.case.state(), before, "a void entry changes nothing");
    }

    pub(crate) fn last(&self) -> EntryId {
        self.case.entries().last().unwrap().id.clone()
    }

    pub(crate) fn party(&self, id: &str) -> &comity_core::case::state::Party {
        &self.case.state().parties[&id.parse::<comity_core::case::name::PartyId>().unwrap()]
    }
}

fn command(by: &str, at: i64, kind: &str, body: Value) -> Command {
    let (hub, party) = by.split_once('/').unwrap();
    let Value::Object(body) = body else { panic!("a body is an object") };
    let kind = Kind::parse(kind).unwrap();
    Command { author: hub.parse().unwrap(), party: party.parse().unwrap(), at, kind, body }
}

/// Makes an entry at a place of the test's choosing.
pub(crate) fn placed(by: &str, at: i64, kind: &str, body: Value, place: Place) -> Entry {
    Entry::new(CASE.parse().unwrap(), command(by, at, kind, body), place)
}

/// A small generator (splitmix64), so that every run of a test is the same.
#[derive(Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}

pub(crate) fn bytes(case: &Case, now: i64) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(&case.view(now)).unwrap()
}
