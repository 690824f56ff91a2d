//! Records of certification: what was done, by which side, when; one entry of a room holds one (section 3).
//!
//! An entry's body is `{"act", "by", "at"?, "private"?}`. `act` holds the members that everyone may read,
//! `private` the salted commitment to a sealed JSON object with the others. A kind names what is open; all
//! else is sealed, so that nothing leaks because an author forgot. Not here: what a record brings about
//! (`book`, `file`), signatures and seals (`comity-ledger`).

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::day::Instant;
use super::word::{Word as _, words};
use crate::refusal::{Refusal, child};

words! {
    /// On which side of a procedure somebody acts.
    Side {
        Assessor = "assessor",
        Registrar = "registrar",
        Subject = "subject",
    }
}

/// Which members of an act everyone may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// All of them.
    All,
    /// These; all others are sealed.
    Only(&'static [&'static str]),
}

/// A kind of record: who may author it and what of it is open.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// As entries name it, such as `cert.status.set`.
    pub name: &'static str,
    /// The sides that may author it.
    pub by: &'static [Side],
    /// What everyone may read.
    pub open: Open,
}

/// A record, its sealed members opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<A> {
    /// The id of the entry.
    pub id: String,
    /// The instant it counts from: the hub's clock, or the virtual one of a simulated standard.
    pub at: Instant,
    /// The side that acts.
    pub by: Side,
    /// What was done.
    pub act: A,
}

/// The body of an entry, before its sealed part is opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// The open members.
    pub act: Map<String, Value>,
    /// The side that acts.
    pub by: Side,
    /// The virtual instant of a simulated standard.
    pub at: Option<Instant>,
    /// The commitment to the sealed members.
    pub private: Option<String>,
}

impl Body {
    /// Reads a body; `None` if it is none.
    #[must_use]
    pub fn read(body: &Map<String, Value>) -> Option<Self> {
        let text = |key: &str| body.get(key).and_then(Value::as_str);
        let known = ["act", "at", "by", "private"];
        if body.keys().any(|key| !known.contains(&key.as_str())) {
            return None;
        }
        Some(Self {
            act: body.get("act")?.as_object()?.clone(),
            by: Side::parse(text("by")?)?,
            at: match body.get("at") {
                None => None,
                Some(at) => Some(Instant::parse(at.as_str()?)?),
            },
            private: match body.get("private") {
                None => None,
                Some(private) => Some(private.as_str()?.to_owned()),
            },
        })
    }

    /// Writes the body.
    #[must_use]
    pub fn write(self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("act".to_owned(), Value::Object(self.act));
        body.insert("by".to_owned(), Value::from(self.by.as_str()));
        body.extend(self.at.map(|at| ("at".to_owned(), Value::from(at.to_string()))));
        body.extend(self.private.map(|private| ("private".to_owned(), Value::from(private))));
        body
    }
}

/// Divides an act into its open and its sealed members.
#[must_use]
pub fn divide(open: Open, act: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    match open {
        Open::All => (act, Map::new()),
        Open::Only(names) => act.into_iter().partition(|(name, _)| names.contains(&name.as_str())),
    }
}

/// Puts the opened members back among the open ones; nothing may stand on both sides.
#[must_use]
pub fn join(mut open: Map<String, Value>, sealed: Map<String, Value>) -> Option<Value> {
    for (name, value) in sealed {
        if open.insert(name, value).is_some() {
            return None;
        }
    }
    Some(Value::Object(open))
}

/// Codes that a value's reader may answer with, beside those of serde.
const VALUE_CODES: [&str; 3] = ["bad-date", "not-a-jurisdiction", "value-unknown"];

/// Reads an act's members as `T`; a misfit is a refusal with its place.
pub fn read<T: DeserializeOwned>(act: &Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(act).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            match segment {
                serde_path_to_error::Segment::Seq { index } => {
                    pointer = child(&pointer, &index.to_string());
                }
                serde_path_to_error::Segment::Map { key } => pointer = child(&pointer, key),
                serde_path_to_error::Segment::Enum { .. }
                | serde_path_to_error::Segment::Unknown => {}
            }
        }
        let said = error.inner().to_string();
        let named = said.split('`').nth(1).unwrap_or_default();
        if let Some(code) = VALUE_CODES.iter().find(|code| said.starts_with(**code)) {
            let refusal = Refusal::new(code, pointer);
            return match *code {
                "not-a-jurisdiction" => {
                    refusal.with("why", "only jurisdictions that a register lists are certified")
                }
                _ => refusal,
            };
        }
        if said.starts_with("missing field") {
            return Refusal::new("field-missing", child(&pointer, named));
        }
        if said.starts_with("unknown field") {
            // The path ends with the unknown member itself.
            return Refusal::new("member-unknown", pointer);
        }
        Refusal::new("field-invalid", pointer)
    })
}

/// Makes an enum of acts, with the table of their kinds.
macro_rules! acts {
    (
        $(#[$doc:meta])* $name:ident {
            $( $kind:literal => $variant:ident, by [$($side:ident),+], open $open:expr; )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum $name {
            $(#[doc = concat!("`", $kind, "`")] $variant($variant),)*
        }

        impl $name {
            /// Every kind, as entries name it.
            pub const KINDS: &'static [Kind] = &[
                $(Kind { name: $kind, by: &[$(Side::$side),+], open: $open },)*
            ];

            /// Reads an act of a kind.
            pub fn read(kind: &str, act: &Value) -> Result<Self, Refusal> {
                match kind {
                    $($kind => record::read::<$variant>(act).map(Self::$variant),)*
                    _ => Err(Refusal::new("unknown-kind", "/kind")),
                }
            }

            /// Returns the kind.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $kind,)*
                }
            }
        }
    };
}
pub(super) use acts;

/// Refuses a kind that is unknown, or that the side may not author.
pub fn check_side(kinds: &[Kind], name: &str, by: Side) -> Result<Kind, Refusal> {
    let kind = kinds.iter().find(|kind| kind.name == name);
    let kind = kind.ok_or_else(|| Refusal::new("unknown-kind", "/kind"))?;
    if kind.by.contains(&by) {
        return Ok(*kind);
    }
    Err(Refusal::new("not-your-act", "/kind").with("by", by.as_str()))
}

/// Characters of one text in a record at most.
pub const TEXT_CHARS_MAX: usize = 20_000;
/// Items of one list in a record at most.
pub const ITEMS_MAX: usize = 2_000;

/// Refuses text that is blank or too long.
pub fn check_text(text: &str, key: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new("field-missing", child("", key)));
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refusal::new("text-too-long", child("", key)).with("max", TEXT_CHARS_MAX));
    }
    Ok(())
}

/// Refuses an id that is not `[a-z0-9][a-z0-9.-]{0,62}`.
pub fn check_id(id: &str, key: &str) -> Result<(), Refusal> {
    let fits = (1..=63).contains(&id.len())
        && !id.starts_with(['-', '.'])
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
    if fits { Ok(()) } else { Err(Refusal::new("value-invalid", child("", key))) }
}

/// Refuses a hash that is not `sha256:` and 64 hex digits.
pub fn check_hash(hash: &str, key: &str) -> Result<(), Refusal> {
    let digits = hash.strip_prefix("sha256:").unwrap_or_default();
    let fits = comity_ledger::digest::hex_32(digits).is_ok();
    if fits { Ok(()) } else { Err(Refusal::new("value-invalid", child("", key))) }
}

/// Refuses a list with more than [`ITEMS_MAX`] items.
pub fn check_items<T>(items: &[T], key: &str) -> Result<(), Refusal> {
    if items.len() <= ITEMS_MAX {
        return Ok(());
    }
    Err(Refusal::new("list-too-long", child("", key)).with("max", ITEMS_MAX))
}
