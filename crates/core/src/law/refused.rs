//! The refusals of the law engine: `comity.refusal/1` with a code, a place and a message (law.md §13).
//!
//! Not here: findings of the pack linter, which reports everything it sees instead of the first fault.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// Why input was refused; the codes of law.md §4 and §13.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// No such calendar.
    Calendar,
    /// The clock rule needs a calendar and none is given.
    ClockCalendar,
    /// No such clock rule.
    ClockRule,
    /// The clock rule does not know this unit.
    ClockUnit,
    /// The clock rule needs a zone and none is given.
    ClockZone,
    /// Evaluation took more nodes than allowed.
    Cost,
    /// Not one number and one unit.
    Duration,
    /// No such event.
    Event,
    /// Only the engine may supply this fact.
    FactEngine,
    /// No such fact.
    FactName,
    /// The fact does not belong there.
    FactScope,
    /// The value has another type.
    FactType,
    /// The value is not one of those allowed.
    FactValue,
    /// Not an instant with `Z` or an offset.
    Instant,
    /// Not JSON, or too large.
    Json,
    /// An expression is over a limit of the language.
    Limit,
    /// An expression names something that does not exist.
    Name,
    /// A pack cannot be used.
    Pack,
    /// An expression does not parse.
    Parse,
    /// A reference to a party or recipient that does not exist.
    Ref,
    /// JSON of another shape than the schema.
    Schema,
    /// Both roles are signed by one organisation.
    SignatureAlone,
    /// A signature is under other bytes.
    SignatureBytes,
    /// A signature by a key that is not trusted here, or not for that organisation.
    SignatureForeign,
    /// Not a file of signatures, or a part of one is ill-formed.
    SignatureForm,
    /// A signature is missing.
    SignatureMissing,
    /// A signature does not hold.
    SignatureWrong,
    /// An expression is ill-typed.
    Type,
    /// An expression holds a literal that cannot be.
    Value,
    /// No such time zone.
    Zone,
}

impl Code {
    /// Returns the stable code, for example `LAW-E-FACT-NAME`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calendar => "LAW-E-CALENDAR",
            Self::ClockCalendar => "LAW-E-CLOCK-CALENDAR",
            Self::ClockRule => "LAW-E-CLOCK-RULE",
            Self::ClockUnit => "LAW-E-CLOCK-UNIT",
            Self::ClockZone => "LAW-E-CLOCK-ZONE",
            Self::Cost => "LAW-E-COST",
            Self::Duration => "LAW-E-DURATION",
            Self::Event => "LAW-E-EVENT",
            Self::FactEngine => "LAW-E-FACT-ENGINE",
            Self::FactName => "LAW-E-FACT-NAME",
            Self::FactScope => "LAW-E-FACT-SCOPE",
            Self::FactType => "LAW-E-FACT-TYPE",
            Self::FactValue => "LAW-E-FACT-VALUE",
            Self::Instant => "LAW-E-INSTANT",
            Self::Json => "LAW-E-JSON",
            Self::Limit => "LAW-E-LIMIT",
            Self::Name => "LAW-E-NAME",
            Self::Pack => "LAW-E-PACK",
            Self::Parse => "LAW-E-PARSE",
            Self::Ref => "LAW-E-REF",
            Self::Schema => "LAW-E-SCHEMA",
            Self::SignatureAlone => "LAW-E-SIG-ALONE",
            Self::SignatureBytes => "LAW-E-SIG-BYTES",
            Self::SignatureForeign => "LAW-E-SIG-FOREIGN",
            Self::SignatureForm => "LAW-E-SIG-FORM",
            Self::SignatureMissing => "LAW-E-SIG-MISSING",
            Self::SignatureWrong => "LAW-E-SIG-WRONG",
            Self::Type => "LAW-E-TYPE",
            Self::Value => "LAW-E-VALUE",
            Self::Zone => "LAW-E-ZONE",
        }
    }
}

/// One refusal: the first thing that is wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at {place}: {message}", code.as_str())]
pub struct Refused {
    /// The stable code.
    pub code: Code,
    /// Where: a JSON pointer, a file with line and column, or an argument.
    pub place: String,
    /// For a person, in English.
    pub message: String,
}

impl Refused {
    /// Returns a refusal.
    pub fn new(code: Code, place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, place: place.into(), message: message.into() }
    }
}

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("schema", "comity.refusal/1")?;
        map.serialize_entry("code", self.code.as_str())?;
        map.serialize_entry("where", &self.place)?;
        map.serialize_entry("message", &self.message)?;
        map.end()
    }
}
