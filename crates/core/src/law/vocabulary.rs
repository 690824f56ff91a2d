//! The vocabulary of facts, events, recipients and sets that packs and cases share (`facts/1`).
//!
//! The data lies in `policies/*.json` and is embedded. Not here: the values of a case (`world`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use serde_json::Value as Json;

/// The version that packs name.
pub const VERSION: &str = "facts/1";

const FACTS: &str = include_str!("../../../../policies/facts.json");
const RECIPIENTS: &str = include_str!("../../../../policies/recipients.json");
const SETS: &str = include_str!("../../../../policies/sets.json");

/// The place of a fact in the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactId(pub(crate) usize);

/// What one item of a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// Two capital letters.
    Country,
    /// One of the values listed.
    Enum,
    /// An IEEE 754 double.
    Number,
    /// Any text.
    Text,
}

/// One value that is not a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A boolean.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// A text, country or member of an enumeration.
    Text(Arc<str>),
}

/// The value of a fact that is not wholly unknown.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// In dispute: one of these.
    AnyOf(Vec<Scalar>),
    /// A list, complete or not.
    List {
        /// The items known.
        known: Vec<Arc<str>>,
        /// Whether there are no others.
        complete: bool,
    },
    /// One known value.
    One(Scalar),
}

impl Value {
    /// Returns the value as JSON, as it is written in the facts of a case.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::AnyOf(values) => {
                serde_json::json!({ "any_of": values.iter().map(Scalar::to_json).collect::<Vec<_>>() })
            }
            Self::List { known, complete } => {
                let items: Vec<Json> = known.iter().map(|k| Json::from(k.as_ref())).collect();
                if *complete {
                    Json::from(items)
                } else {
                    serde_json::json!({ "known": items, "complete": false })
                }
            }
            Self::One(value) => value.to_json(),
        }
    }

    /// Returns a complete list.
    pub fn list<I: IntoIterator<Item = S>, S: Into<Arc<str>>>(items: I) -> Self {
        Self::List { known: items.into_iter().map(Into::into).collect(), complete: true }
    }

    /// Returns one text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::One(Scalar::Text(text.into()))
    }

    /// Returns the one text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::One(Scalar::Text(text)) => Some(text),
            Self::One(Scalar::Bool(_) | Scalar::Number(_)) | Self::AnyOf(_) | Self::List { .. } => {
                None
            }
        }
    }

    /// Returns the items known of a list, else none.
    #[must_use]
    pub fn items(&self) -> &[Arc<str>] {
        match self {
            Self::List { known, .. } => known,
            Self::AnyOf(_) | Self::One(_) => &[],
        }
    }
}

impl Scalar {
    fn to_json(&self) -> Json {
        match self {
            Self::Bool(value) => Json::from(*value),
            Self::Number(value) => Json::from(*value),
            Self::Text(value) => Json::from(value.as_ref()),
        }
    }
}

/// One fact of the vocabulary.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its name, `group.name`.
    pub name: String,
    /// What one item is.
    pub kind: Kind,
    /// Whether it is a list.
    pub list: bool,
    /// The values of an enumeration.
    pub values: BTreeSet<String>,
    /// The value when nothing is said.
    pub default: Option<Value>,
    /// The value it has while another fact is known to be so.
    pub implied: Option<Implied>,
    /// Whether it describes the case itself, so that parties can contradict one another.
    pub shared: bool,
    /// Whether only the engine may supply it.
    pub engine: bool,
}

/// "When that fact has this value, this fact has that one."
#[derive(Clone, Debug)]
pub struct Implied {
    /// The fact asked.
    pub when: FactId,
    /// The boolean it must have.
    pub is: bool,
    /// What follows.
    pub value: Value,
}

/// Whether an event is somebody's knowledge or happened in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventClass {
    /// Somebody knows.
    Knowledge,
    /// Something happened.
    Occurrence,
}

/// The country of a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipientCountry {
    /// That of the authority state of whoever owes the duty.
    Authority,
    /// A country or `EU`.
    Fixed(String),
    /// Not a single country.
    None,
}

/// Somebody to whom something can be due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its name for people.
    pub name: String,
    /// `authority`, `csirt`, `law_enforcement`, `intelligence`, `public`, `users`, `subjects`, `private`, `self`.
    pub kind: String,
    /// Where it is.
    pub country: RecipientCountry,
}

/// The kinds that a recipient can have.
pub const RECIPIENT_KINDS: [&str; 9] = [
    "authority",
    "csirt",
    "intelligence",
    "law_enforcement",
    "private",
    "public",
    "self",
    "subjects",
    "users",
];

/// Everything that names can refer to.
#[derive(Debug, Default)]
pub struct Vocabulary {
    facts: Vec<Fact>,
    by_name: BTreeMap<String, FactId>,
    events: BTreeMap<String, EventClass>,
    recipients: BTreeMap<String, Recipient>,
    sets: BTreeMap<String, Arc<BTreeSet<String>>>,
    zones: BTreeMap<String, String>,
    predicates: BTreeMap<String, String>,
}

/// The embedded files are ours and a test reads each of them, so a bad one cannot ship.
static SHIPPED: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::read().unwrap_or_default());

impl Vocabulary {
    /// Returns the vocabulary of this program.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Returns the id of a fact.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<FactId> {
        self.by_name.get(name).copied()
    }

    /// Returns a fact.
    #[must_use]
    pub fn fact(&self, id: FactId) -> Option<&Fact> {
        self.facts.get(id.0)
    }

    /// Returns the name of a fact.
    #[must_use]
    pub fn name(&self, id: FactId) -> &str {
        self.fact(id).map_or("", |f| f.name.as_str())
    }

    /// Returns all facts in order of their ids.
    pub fn facts(&self) -> impl Iterator<Item = (FactId, &Fact)> {
        self.facts.iter().enumerate().map(|(i, f)| (FactId(i), f))
    }

    /// Returns how many facts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Says whether there is no fact at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Returns the class of an event.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<EventClass> {
        self.events.get(name).copied()
    }

    /// Returns the recipients of every case.
    #[must_use]
    pub const fn recipients(&self) -> &BTreeMap<String, Recipient> {
        &self.recipients
    }

    /// Returns a set of countries.
    #[must_use]
    pub fn set(&self, name: &str) -> Option<&Arc<BTreeSet<String>>> {
        self.sets.get(name)
    }

    /// Returns the zone of the authorities of a state.
    #[must_use]
    pub fn authority_zone(&self, country: &str) -> Option<&str> {
        self.zones.get(country).map(String::as_str)
    }

    /// Returns the zones of all authorities.
    pub fn authority_zones(&self) -> impl Iterator<Item = &str> {
        self.zones.values().map(String::as_str)
    }

    /// Returns the text of an engine predicate, for example `export.disclosure_note`.
    #[must_use]
    pub fn predicate(&self, name: &str) -> Option<&str> {
        self.predicates.get(name).map(String::as_str)
    }

    fn read() -> Option<Self> {
        let file: FactsFile = serde_json::from_str(FACTS).ok()?;
        let recipients: RecipientsFile = serde_json::from_str(RECIPIENTS).ok()?;
        let sets: SetsFile = serde_json::from_str(SETS).ok()?;
        let by_name: BTreeMap<String, FactId> =
            file.facts.iter().enumerate().map(|(i, f)| (f.name.clone(), FactId(i))).collect();
        let facts = file.facts.iter().map(|raw| raw.read(&by_name)).collect::<Option<_>>()?;
        Some(Self {
            facts,
            by_name,
            events: file.events.into_iter().map(|e| (e.event, e.class)).collect(),
            recipients: recipients.recipients.into_iter().map(|(k, r)| (k, r.read())).collect(),
            sets: sets.sets.into_iter().map(|(k, v)| (k, Arc::new(v))).collect(),
            zones: sets.zones,
            predicates: sets.predicates,
        })
    }
}

#[derive(Deserialize)]
struct FactsFile {
    facts: Vec<RawFact>,
    events: Vec<RawEvent>,
}

#[derive(Deserialize)]
struct RawFact {
    name: String,
    r#type: String,
    meaning: String,
    #[serde(default)]
    values: BTreeSet<String>,
    #[serde(default)]
    default: Json,
    implied: Option<RawImplied>,
    #[serde(default)]
    shared: bool,
}

#[derive(Deserialize)]
struct RawImplied {
    when: String,
    value: Json,
}

#[derive(Deserialize)]
struct RawEvent {
    event: String,
    class: EventClass,
}

#[derive(Deserialize)]
struct RecipientsFile {
    recipients: BTreeMap<String, RawRecipient>,
}

#[derive(Deserialize)]
struct RawRecipient {
    name: String,
    kind: String,
    country: Option<String>,
}

#[derive(Deserialize)]
struct SetsFile {
    sets: BTreeMap<String, BTreeSet<String>>,
    zones: BTreeMap<String, String>,
    predicates: BTreeMap<String, String>,
}

impl RawFact {
    fn read(&self, by_name: &BTreeMap<String, FactId>) -> Option<Fact> {
        let list = self.r#type.starts_with("list<");
        let item = self.r#type.trim_start_matches("list<").trim_end_matches('>');
        let kind = match item {
            "bool" => Kind::Bool,
            "country" => Kind::Country,
            "enum" => Kind::Enum,
            "number" => Kind::Number,
            "text" => Kind::Text,
            _ => return None,
        };
        let implied = match &self.implied {
            None => None,
            Some(raw) => {
                let (name, is) = raw.when.split_once(" == ")?;
                Some(Implied {
                    when: *by_name.get(name)?,
                    is: is == "true",
                    value: plain(&raw.value)?,
                })
            }
        };
        Some(Fact {
            name: self.name.clone(),
            kind,
            list,
            values: self.values.clone(),
            default: if self.default.is_null() { None } else { Some(plain(&self.default)?) },
            implied,
            shared: self.shared,
            engine: self.meaning.contains("(engine"),
        })
    }
}

impl RawRecipient {
    fn read(self) -> Recipient {
        let country = match self.country {
            None => RecipientCountry::None,
            Some(c) if c == "authority" => RecipientCountry::Authority,
            Some(c) => RecipientCountry::Fixed(c),
        };
        Recipient { name: self.name, kind: self.kind, country }
    }
}

/// Reads a JSON value that is neither partial nor in dispute.
#[must_use]
pub fn plain(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Array(items) => {
            let known = items.iter().map(|i| i.as_str().map(Arc::from)).collect::<Option<_>>()?;
            Value::List { known, complete: true }
        }
        Json::Null | Json::Object(_) => return None,
        Json::Bool(_) | Json::Number(_) | Json::String(_) => Value::One(scalar(json)?),
    })
}

/// Reads a JSON scalar.
#[must_use]
pub fn scalar(json: &Json) -> Option<Scalar> {
    match json {
        Json::Bool(value) => Some(Scalar::Bool(*value)),
        Json::Number(value) => value.as_f64().filter(|v| v.is_finite()).map(Scalar::Number),
        Json::String(value) => Some(Scalar::Text(value.as_str().into())),
        Json::Array(_) | Json::Null | Json::Object(_) => None,
    }
}

/// Says whether a text has the shape of a country code.
#[must_use]
pub fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}
