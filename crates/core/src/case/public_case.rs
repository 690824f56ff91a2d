//! One public case as a file tells it: people, vendors, dated events.
//!
//! Not here: what an event causes (`replay`). Members that no rule uses are passed over.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::body::{Interval, Millis};
use super::name::CaseId;
use super::reader::INTEGER_MAX;
use crate::refusal::Refusal;

/// Events, and vendors, of one public case at most.
pub const ITEMS_MAX: usize = 5_000;

/// What an event can cause, in the order in which events of one start are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// A vendor was told.
    Contact,
    /// A vendor answered.
    Acknowledgement,
    /// A fix was there.
    Fix,
    /// The flaw became public.
    Publication,
    /// It was exploited.
    Exploitation,
    /// The fix did not hold.
    Reopened,
}

const RANKS: [(&str, EventType); 8] = [
    ("vendor_contact", EventType::Contact),
    ("vendor_ack", EventType::Acknowledgement),
    ("fix", EventType::Fix),
    ("cve_published", EventType::Publication),
    ("publication", EventType::Publication),
    ("exploitation", EventType::Exploitation),
    ("exploitation_report", EventType::Exploitation),
    ("reopened", EventType::Reopened),
];

/// An event of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, from 0; those told by vendors' members come last.
    pub number: usize,
    /// Its type as written.
    pub name: String,
    /// What it can cause; `None` for nothing.
    pub kind: Option<EventType>,
    /// When, as exact as the file says.
    pub interval: Option<Interval>,
    /// Whom it is about, in words.
    pub party: Option<String>,
    /// The one vendor it is about, if a vendor's member tells it.
    pub vendor: Option<usize>,
}

/// A vendor of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicVendor {
    /// Its name.
    pub name: String,
    /// Its status, in the file's words.
    pub status: String,
}

/// A public case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicCase {
    /// Its id in the file.
    pub id: String,
    /// The case it becomes.
    pub case: CaseId,
    /// Names of coordinators.
    pub coordinators: Vec<String>,
    /// Names of finders.
    pub finders: Vec<String>,
    /// Vendors.
    pub vendors: Vec<PublicVendor>,
    /// Events, by number.
    pub events: Vec<Event>,
    /// Whether a fix reaches all at once.
    pub is_fixed_centrally: bool,
}

impl Event {
    /// Returns its place among events of one start; `None` for an event without effect.
    #[must_use]
    pub fn rank(&self) -> Option<usize> {
        RANKS.iter().position(|(name, _)| *name == self.name)
    }

    fn new(number: usize, name: &str, date: Option<&str>) -> Self {
        Self {
            number,
            name: name.to_owned(),
            kind: RANKS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind),
            interval: date.and_then(interval),
            party: None,
            vendor: None,
        }
    }
}

/// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD` as an interval in UTC, to its last millisecond.
#[must_use]
pub fn interval(text: &str) -> Option<Interval> {
    let is_shape = |width: &[usize]| {
        let parts: Vec<&str> = text.split('-').collect();
        parts.len() == width.len()
            && parts.iter().zip(width).all(|(part, width)| {
                part.len() == *width && part.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    let (first, next) = if is_shape(&[4]) {
        let first: Date = format!("{text}-01-01").parse().ok()?;
        (first, date(first.year().checked_add(1)?, 1, 1))
    } else if is_shape(&[4, 2]) {
        let first: Date = format!("{text}-01").parse().ok()?;
        (first, first.last_of_month().tomorrow().ok()?)
    } else if is_shape(&[4, 2, 2]) {
        let first: Date = text.parse().ok()?;
        (first, first.tomorrow().ok()?)
    } else {
        return None;
    };
    let millis = |day: Date| -> Option<Millis> {
        Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    };
    let interval = Interval { from: millis(first)?, to: millis(next)? - 1 };
    (0..=INTEGER_MAX).contains(&interval.from).then_some(interval)
}

impl PublicCase {
    /// Reads an item of the file.
    pub fn read(item: &Map<String, Value>) -> Result<Self, Refusal> {
        let refused = |pointer: &str| Refusal::new("entry-malformed", pointer);
        let id = item.get("id").and_then(Value::as_str).ok_or_else(|| refused("/id"))?;
        let case = format!("c-{id}").parse().map_err(|_| refused("/id"))?;
        let names = |key: &str| -> Result<Vec<String>, Refusal> {
            objects(item, key)?
                .into_iter()
                .enumerate()
                .map(|(index, person)| member(person, "name", &format!("/{key}/{index}/name")))
                .collect()
        };
        let mut events = Vec::new();
        for (number, event) in objects(item, "events")?.into_iter().enumerate() {
            let kind = member(event, "type", &format!("/events/{number}/type"))?;
            let mut read = Event::new(number, &kind, event.get("date").and_then(Value::as_str));
            read.party = event.get("party").and_then(Value::as_str).map(str::to_owned);
            events.push(read);
        }
        let mut vendors = Vec::new();
        for (index, vendor) in objects(item, "vendors")?.into_iter().enumerate() {
            let status = vendor.get("status").and_then(Value::as_str).unwrap_or_default();
            vendors.push(PublicVendor {
                name: member(vendor, "name", &format!("/vendors/{index}/name"))?,
                status: status.to_owned(),
            });
            for (key, name) in [("contacted", "vendor_contact"), ("fixed", "fix")] {
                if let Some(date) = vendor.get(key).filter(|date| !date.is_null()) {
                    let mut told = Event::new(events.len(), name, date.as_str());
                    told.vendor = Some(index);
                    events.push(told);
                }
            }
        }
        let reach = item.get("fix_reach").and_then(Value::as_str);
        Ok(Self {
            id: id.to_owned(),
            case,
            coordinators: names("coordinators")?,
            finders: names("finders")?,
            vendors,
            events,
            is_fixed_centrally: reach == Some("central"),
        })
    }
}

fn member(object: &Map<String, Value>, key: &str, pointer: &str) -> Result<String, Refusal> {
    let text = object.get(key).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Refusal::new("entry-malformed", pointer))
}

/// Returns the objects of a list; an absent list is empty.
fn objects<'a>(
    item: &'a Map<String, Value>,
    key: &str,
) -> Result<Vec<&'a Map<String, Value>>, Refusal> {
    let refused = |pointer: String| Refusal::new("entry-malformed", pointer);
    let Some(list) = item.get(key).filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    let list = list.as_array().filter(|list| list.len() <= ITEMS_MAX);
    let list = list.ok_or_else(|| refused(format!("/{key}")))?;
    let object = |(index, value): (usize, &'a Value)| {
        value.as_object().ok_or_else(|| refused(format!("/{key}/{index}")))
    };
    list.iter().enumerate().map(object).collect()
}
