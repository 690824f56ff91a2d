//! Public cases as entries: dated facts of a case that happened become what its hubs would have written.
//!
//! Rules 1 to 9 are those under `replay` in the data. The facts lack much that a real case has: figures
//! of a replay test the program and say nothing about the people of that case. Not here: the files.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Case;
use super::body::{Interval, Millis};
use super::entry::{Command, Entry, Place};
use super::kind::Kind;
use super::name::{CaseId, EntryId, HubId, PartyId};
use super::public_case::{Event, EventType, PublicCase};
use crate::refusal::Refusal;

/// What became of a public case's facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The id of the public case.
    pub case: String,
    /// Facts that caused no entry.
    pub skipped: Vec<Skipped>,
}

/// A fact that caused no entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Skipped {
    /// An event.
    Event {
        /// Its number, from 0.
        event: usize,
        /// Its type, as written.
        #[serde(rename = "type")]
        kind: String,
        /// Why.
        reason: &'static str,
    },
    /// A vendor that nobody contacted.
    Vendor {
        /// Its party.
        vendor: PartyId,
        /// Why.
        reason: &'static str,
    },
}

/// What a status of the file says in ours, by prefix.
const STATUS_PREFIXES: [(&str, &str); 8] = [
    ("not_affected", "not_affected"),
    ("disputed", "disputed"),
    ("declined", "disputed"),
    ("unresponsive", "unresponsive"),
    ("mitigated", "mitigated"),
    ("partial", "mitigated"),
    ("affected", "affected"),
    ("fixed", "affected"),
];
const FIX_STATUS_PREFIXES: [&str; 3] = ["fixed", "mitigated", "partial"];
const LEAD_HUB: &str = "hub-lead";
/// Who coordinates a case whose file names nobody.
const UNNAMED_COORDINATOR: &str = "Regional centre";

/// A public case as its hubs would have written it.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The case.
    pub case: CaseId,
    /// Its entries, in the order written.
    pub entries: Vec<Arc<Entry>>,
    /// What became of the facts.
    pub replay: Replay,
}

/// Turns a public case into entries and says what it left out.
pub fn replay(public: &PublicCase) -> Result<Replayed, Vec<Refusal>> {
    let mut skipped = Vec::new();
    let mut skip = |event: &Event, reason| skipped.push(event.skipped(reason));
    let mut events: Vec<(Interval, &Event)> = Vec::new();
    for event in &public.events {
        match (event.rank(), event.interval) {
            (None, _) => skip(event, "no-effect"),
            (Some(_), None) => skip(event, "no-date"),
            (Some(_), Some(interval)) => events.push((interval, event)),
        }
    }
    events.sort_by_key(|(interval, event)| (interval.from, event.rank(), event.number));
    let (Some((first, _)), Some((last, _))) = (events.first(), events.last()) else {
        return Err(vec![Refusal::new("nothing-to-replay", "")]);
    };
    let is_publication = |event: &Event| event.kind == Some(EventType::Publication);
    let published = events.iter().find(|(_, event)| is_publication(event));
    let mut writer = Writer::new(public, published.map(|(interval, _)| interval.from));
    writer.open(first.from);
    for &(interval, event) in &events {
        if let Err(reason) = writer.event(event, interval) {
            skipped.push(event.skipped(reason));
        }
    }
    skipped.sort_by_key(|skipped| match skipped {
        Skipped::Event { event, .. } => *event,
        Skipped::Vendor { .. } => usize::MAX,
    });
    skipped.extend(writer.close(last.from));
    let replay = Replay { case: public.id.clone(), skipped };
    Ok(Replayed { case: public.case.clone(), entries: writer.entries, replay })
}

impl Event {
    fn skipped(&self, reason: &'static str) -> Skipped {
        Skipped::Event { event: self.number, kind: self.name.clone(), reason }
    }
}

/// Writes entries, each of which sees all before it.
struct Writer<'p> {
    public: &'p PublicCase,
    /// Start of the first publication.
    published: Option<Millis>,
    entries: Vec<Arc<Entry>>,
    at: Millis,
    contacted: BTreeSet<usize>,
    acknowledged: BTreeSet<usize>,
    fixed: BTreeSet<usize>,
    is_public: bool,
    is_attacked: bool,
    is_reopened: bool,
}

impl<'p> Writer<'p> {
    fn new(public: &'p PublicCase, published: Option<Millis>) -> Self {
        Self {
            public,
            published,
            entries: Vec::new(),
            at: 0,
            contacted: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            fixed: BTreeSet::new(),
            is_public: false,
            is_attacked: false,
            is_reopened: false,
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "bodies are written in place")]
    fn write(&mut self, (hub, party): (&str, &str), kind: Kind, body: Value) {
        let (Ok(author), Ok(party)) = (hub.parse::<HubId>(), party.parse::<PartyId>()) else {
            return;
        };
        let own = self.entries.iter().rev().find(|entry| entry.author == author);
        let last = self.entries.last().filter(|entry| entry.author != author);
        let place = Place {
            seq: own.map_or(0, |own| own.seq + 1),
            prev: own.map(|own| own.id.clone()),
            seen: last.map(|last| last.id.clone()).into_iter().collect(),
        };
        let body = body.as_object().cloned().unwrap_or_else(Map::new);
        let command = Command { author, party, at: self.at, kind, body };
        let id = EntryId::numbered(self.entries.len() + 1);
        let entry = Entry::new(self.public.case.clone(), command, place).with_id(id);
        self.entries.push(Arc::new(entry));
    }

    fn by_lead(&mut self, kind: Kind, body: Value) {
        self.write((LEAD_HUB, "c1"), kind, body);
    }

    fn by_vendor(&mut self, vendor: usize, kind: Kind, body: Value) {
        let party = vendor_id(vendor);
        self.write((&format!("hub-{party}"), &party), kind, body);
    }

    fn fold(&self) -> Case {
        Case::fold(self.public.case.clone(), self.entries.iter().cloned())
    }

    fn lead_org(&self) -> &str {
        self.public.coordinators.first().map_or(UNNAMED_COORDINATOR, String::as_str)
    }

    fn open(&mut self, at: Millis) {
        self.at = at;
        let unnamed = [UNNAMED_COORDINATOR.to_owned()];
        let coordinators: &[String] =
            if self.public.coordinators.is_empty() { &unnamed } else { &self.public.coordinators };
        let parties = |letter: &str, role: &str, orgs: &[String]| -> Vec<Value> {
            let numbered = (1..).zip(orgs);
            let party = |(number, org): (usize, &String)| json!({"party": format!("{letter}{number}"), "org": org, "roles": [role]});
            numbered.map(party).collect()
        };
        let mut all = parties("c", "coordinator", coordinators);
        all.extend(parties("f", "finder", &self.public.finders));
        self.by_lead(Kind::CaseOpen, json!({ "parties": all }));
        self.by_lead(Kind::ReportJudge, json!({"to": "V"}));
        self.by_lead(Kind::ReportJudge, json!({"to": "A"}));
    }

    /// Writes what an event causes, or says why it causes nothing.
    fn event(&mut self, event: &Event, interval: Interval) -> Result<(), &'static str> {
        self.at = interval.from;
        let Some(kind) = event.kind else { return Err("no-effect") };
        if kind == EventType::Fix && self.is_reopened {
            return Err("after-reopen");
        }
        let before = self.entries.len();
        match kind {
            EventType::Contact | EventType::Acknowledgement | EventType::Fix => {
                let vendors = self.meant(event);
                if vendors.is_empty() {
                    return Err("no-party-match");
                }
                for vendor in vendors {
                    self.vendor(vendor, kind, interval);
                }
            }
            EventType::Publication => {
                if !std::mem::replace(&mut self.is_public, true) {
                    self.claim("P", interval);
                }
            }
            EventType::Exploitation => {
                if !std::mem::replace(&mut self.is_attacked, true) {
                    self.claim("A", interval);
                }
            }
            EventType::Reopened => self.reopen(),
        }
        if self.entries.len() == before { Err("repeated") } else { Ok(()) }
    }

    /// The vendors that an event is about (rule 4).
    fn meant(&self, event: &Event) -> Vec<usize> {
        let all = 0..self.public.vendors.len();
        if let Some(vendor) = event.vendor {
            return vec![vendor];
        }
        let Some(meant) = &event.party else {
            if event.kind != Some(EventType::Fix) || all.len() == 1 {
                return all.collect();
            }
            let has_fix = |status: &str| FIX_STATUS_PREFIXES.iter().any(|p| status.starts_with(p));
            let vendors = self.public.vendors.iter().enumerate();
            return vendors.filter(|(_, v)| has_fix(&v.status)).map(|(index, _)| index).collect();
        };
        let meant = meant.to_lowercase();
        if meant.starts_with("all ") {
            return all.collect();
        }
        let parts: Vec<&str> =
            meant.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        let is_meant = |name: &str| {
            let name = name.to_lowercase();
            parts.iter().any(|part| name.contains(part) || part.contains(&name))
        };
        let vendors = self.public.vendors.iter().enumerate();
        vendors.filter(|(_, vendor)| is_meant(&vendor.name)).map(|(index, _)| index).collect()
    }

    fn vendor(&mut self, vendor: usize, kind: EventType, interval: Interval) {
        self.contact(vendor, interval);
        if kind == EventType::Contact {
            return;
        }
        self.acknowledge(vendor);
        if kind == EventType::Fix && self.fixed.insert(vendor) {
            let since = json!([interval.from, interval.to]);
            self.by_vendor(vendor, Kind::FixReady, json!({ "since": since }));
            if self.public.is_fixed_centrally {
                let body = json!({"hosted": true, "since": since});
                self.by_vendor(vendor, Kind::FixDeployed, body);
            }
        }
    }

    fn contact(&mut self, vendor: usize, interval: Interval) {
        let is_first = self.contacted.is_empty();
        if !self.contacted.insert(vendor) {
            return;
        }
        if is_first && !self.is_public && !self.is_attacked {
            self.propose_embargo();
        }
        let name = self.public.vendors.get(vendor).map_or("", |vendor| vendor.name.as_str());
        let party = vendor_id(vendor);
        let hub = format!("hub-{party}");
        let invite = json!({"party": party, "org": name, "hub": hub, "roles": ["vendor"]});
        self.by_lead(Kind::PartyInvite, invite);
        if !self.is_public {
            let since = json!([interval.from, interval.to]);
            let body = json!({"party": party, "evidence": evidence(), "since": since});
            self.by_lead(Kind::VendorAware, body);
        }
    }

    /// An embargo to the publication that history made, if it is still to come.
    fn propose_embargo(&mut self) {
        let Some(ends) = self.published.filter(|published| *published > self.at) else { return };
        let proposal = json!({"ends": ends, "justification": "replay"});
        self.by_lead(Kind::EmbargoPropose, proposal);
        let Some(terms) = self.entries.last().map(|entry| entry.id.clone()) else { return };
        let other = self.public.finders.iter().position(|org| org != self.lead_org());
        if let Some(finder) = other
            && self.fold().void_code(&terms).is_none()
        {
            let party = format!("f{}", finder + 1);
            self.write((LEAD_HUB, &party), Kind::EmbargoAccept, json!({ "terms": terms }));
        }
    }

    fn acknowledge(&mut self, vendor: usize) {
        if !self.acknowledged.insert(vendor) {
            return;
        }
        let case = self.fold();
        if let Some(terms) = case.state().in_force(self.at) {
            self.by_vendor(vendor, Kind::EmbargoAccept, json!({"terms": terms.entry}));
        }
        self.by_lead(Kind::ReportSend, json!({"to": vendor_id(vendor)}));
        let send = self.entries.last().map(|entry| entry.id.clone());
        self.by_vendor(vendor, Kind::ReportAck, json!({ "of": send }));
        self.by_vendor(vendor, Kind::ReportJudge, json!({"to": "V"}));
        self.by_vendor(vendor, Kind::ReportJudge, json!({"to": "A"}));
    }

    fn claim(&mut self, letter: &str, interval: Interval) {
        let since = json!([interval.from, interval.to]);
        let body = json!({"letter": letter, "evidence": evidence(), "since": since});
        self.by_lead(Kind::ExposureClaim, body);
    }

    fn reopen(&mut self) {
        if self.is_public {
            self.is_reopened = true;
            let case = format!("{}-2", self.public.case);
            self.by_lead(Kind::CaseLink, json!({"case": case, "relation": "reopened_by"}));
            return;
        }
        for vendor in std::mem::take(&mut self.fixed) {
            let body = json!({"party": vendor_id(vendor), "evidence": evidence()});
            self.by_lead(Kind::FixIncomplete, body);
        }
    }

    /// Sets what each vendor's status says, and names vendors that nobody contacted.
    fn close(&mut self, at: Millis) -> Vec<Skipped> {
        self.at = at;
        let mut skipped = Vec::new();
        for (index, vendor) in self.public.vendors.iter().enumerate() {
            let party = vendor_id(index);
            if !self.contacted.contains(&index) {
                if let Ok(vendor) = party.parse() {
                    skipped.push(Skipped::Vendor { vendor, reason: "no-contact" });
                }
                continue;
            }
            let found = STATUS_PREFIXES.iter().find(|(p, _)| vendor.status.starts_with(p));
            if let Some((_, status)) = found {
                let body = json!({"party": party, "status": status});
                self.by_lead(Kind::VendorStatus, body);
            }
        }
        skipped
    }
}

fn vendor_id(index: usize) -> String {
    format!("v{}", index + 1)
}

fn evidence() -> Value {
    json!([{"type": "statement", "ref": "replay"}])
}
