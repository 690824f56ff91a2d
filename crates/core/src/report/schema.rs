//! The part of JSON Schema that `report.schema.json` uses, compiled once, answering with our codes.
//!
//! Not a general validator: a keyword or pattern that is not known here fails the compilation, so that
//! a new limit in the schema cannot be silently ignored. Not here: what the values mean together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::refusal::{Refusal, child};

/// A compiled schema.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Array { items: Box<Node>, items_max: usize, unique: bool },
    Boolean,
    Const(Value),
    Enum(BTreeSet<String>),
    Integer { min: i64, max: i64 },
    Number { min: f64, max: f64 },
    Object { properties: BTreeMap<String, Node>, required: Vec<String> },
    Text { length_min: usize, length_max: usize, shape: Shape },
}

/// Why a schema was not compiled: the place and what is not understood there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schema has something unknown at {0:?}")]
pub(crate) struct SchemaError(pub(crate) String);

/// The patterns of the schema; written by hand, so that none can take more than linear time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Any,
    Country,
    Date,
    Framework,
    FrameworkVersion,
    Hex,
    Hex64,
    Identifier,
    Instant,
    Language,
    Version,
}

const KNOWN: [&str; 17] = [
    "$schema",
    "$id",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "maxItems",
    "uniqueItems",
    "const",
    "enum",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
];

impl Node {
    /// Compiles a schema.
    pub(crate) fn compile(schema: &Value) -> Result<Self, SchemaError> {
        compile(schema, "")
    }

    /// Adds a refusal for everything in `value` that the schema does not allow.
    pub(crate) fn check(&self, value: &Value, at: &mut String, refusals: &mut Vec<Refusal>) {
        let mut no = |code| refusals.push(Refusal::new(code, at.as_str()));
        match self {
            Self::Boolean => {
                if !value.is_boolean() {
                    no("field-type");
                }
            }
            Self::Const(only) => {
                if value != only {
                    no("schema-unsupported");
                }
            }
            Self::Enum(keys) => {
                if !value.as_str().is_some_and(|key| keys.contains(key)) {
                    no("value-unknown");
                }
            }
            Self::Integer { min, max } => match integer(value) {
                Some(number) if (*min..=*max).contains(&number) => {}
                Some(_) => no("number-out-of-range"),
                None if value.as_f64().is_some_and(|number| number.fract() == 0.0) => {
                    no("number-out-of-range");
                }
                None => no("field-type"),
            },
            Self::Number { min, max } => match value.as_f64() {
                Some(number) if (*min..=*max).contains(&number) => {}
                Some(_) => no("number-out-of-range"),
                None => no("field-type"),
            },
            Self::Text { length_min, length_max, shape } => match value.as_str() {
                Some(text) => {
                    let length = text.chars().count();
                    if length > *length_max {
                        no("text-too-long");
                    } else if length < *length_min || !shape.holds(text) {
                        no("value-invalid");
                    }
                }
                None => no("field-type"),
            },
            Self::Array { items, items_max, unique } => {
                check_array(value, (items, *items_max, *unique), at, refusals);
            }
            Self::Object { properties, required } => {
                check_object(value, (properties, required), at, refusals);
            }
        }
    }
}

/// Returns the value if it is an integer, in whichever way it is written (`2` and `2.0` are equal in
/// JSON Schema).
pub(crate) fn integer(value: &Value) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let number = value.as_f64()?;
    let is_exact = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    if !is_exact {
        return None;
    }
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "integral and below 2^53"
    )]
    Some(number as i64)
}

fn check_array(
    value: &Value,
    (items, items_max, unique): (&Node, usize, bool),
    at: &mut String,
    refusals: &mut Vec<Refusal>,
) {
    let Some(list) = value.as_array() else {
        return refusals.push(Refusal::new("field-type", at.as_str()));
    };
    if list.len() > items_max {
        refusals.push(Refusal::new("list-too-long", at.as_str()));
    }
    let mut seen = BTreeSet::new();
    if unique && !list.iter().all(|item| seen.insert(item.to_string())) {
        refusals.push(Refusal::new("list-duplicate", at.as_str()));
    }
    for (index, item) in list.iter().enumerate() {
        let length = at.len();
        at.push('/');
        at.push_str(&index.to_string());
        items.check(item, at, refusals);
        at.truncate(length);
    }
}

fn check_object(
    value: &Value,
    (properties, required): (&BTreeMap<String, Node>, &Vec<String>),
    at: &mut String,
    refusals: &mut Vec<Refusal>,
) {
    let Some(members) = value.as_object() else {
        return refusals.push(Refusal::new("field-type", at.as_str()));
    };
    for key in required {
        if !members.contains_key(key) {
            refusals.push(Refusal::new("field-missing", child(at, key)));
        }
    }
    for (key, member) in members {
        let Some(node) = properties.get(key) else {
            refusals.push(Refusal::new("field-unknown", child(at, key)));
            continue;
        };
        // Known keys hold nothing that a pointer must escape; the path is written only once.
        let length = at.len();
        at.push('/');
        at.push_str(key);
        node.check(member, at, refusals);
        at.truncate(length);
    }
}

fn compile(schema: &Value, at: &str) -> Result<Node, SchemaError> {
    let here = || SchemaError(at.to_owned());
    let members = schema.as_object().ok_or_else(here)?;
    if let Some(key) =
        members.keys().find(|key| !KNOWN.contains(&key.as_str()) && *key != "maximum")
    {
        return Err(SchemaError(child(at, key)));
    }
    if let Some(only) = members.get("const") {
        return Ok(Node::Const(only.clone()));
    }
    if let Some(keys) = members.get("enum").and_then(Value::as_array) {
        let keys = keys.iter().map(|key| key.as_str().map(str::to_owned));
        return keys.collect::<Option<_>>().map(Node::Enum).ok_or_else(here);
    }
    match members.get("type").and_then(Value::as_str) {
        Some("array") => compile_array(members, at),
        Some("boolean") => Ok(Node::Boolean),
        Some("integer") => Ok(Node::Integer {
            min: members.get("minimum").and_then(Value::as_i64).unwrap_or(i64::MIN),
            max: members.get("maximum").and_then(Value::as_i64).unwrap_or(i64::MAX),
        }),
        Some("number") => Ok(Node::Number {
            min: members.get("minimum").and_then(Value::as_f64).unwrap_or(f64::MIN),
            max: members.get("maximum").and_then(Value::as_f64).unwrap_or(f64::MAX),
        }),
        Some("object") => compile_object(members, at),
        Some("string") => compile_text(members, at),
        Some(_) | None => Err(here()),
    }
}

fn compile_array(members: &Map<String, Value>, at: &str) -> Result<Node, SchemaError> {
    let items = members.get("items").ok_or_else(|| SchemaError(child(at, "items")))?;
    Ok(Node::Array {
        items: Box::new(compile(items, &child(at, "items"))?),
        items_max: size(members, "maxItems").unwrap_or(usize::MAX),
        unique: members.get("uniqueItems") == Some(&Value::Bool(true)),
    })
}

fn compile_object(members: &Map<String, Value>, at: &str) -> Result<Node, SchemaError> {
    if members.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Err(SchemaError(child(at, "additionalProperties")));
    }
    let listed = members.get("properties").and_then(Value::as_object);
    let mut properties = BTreeMap::new();
    for (key, schema) in listed.into_iter().flatten() {
        properties.insert(key.clone(), compile(schema, &child(at, key))?);
    }
    let required = members.get("required").and_then(Value::as_array).into_iter().flatten();
    let required = required.filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Node::Object { properties, required })
}

fn compile_text(members: &Map<String, Value>, at: &str) -> Result<Node, SchemaError> {
    let shape = match members.get("pattern").and_then(Value::as_str) {
        Some(pattern) => Shape::parse(pattern).ok_or_else(|| SchemaError(child(at, "pattern")))?,
        None => Shape::Any,
    };
    Ok(Node::Text {
        length_min: size(members, "minLength").unwrap_or(0),
        length_max: size(members, "maxLength").unwrap_or(usize::MAX),
        shape,
    })
}

fn size(members: &Map<String, Value>, key: &str) -> Option<usize> {
    members.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
}

impl Shape {
    fn parse(pattern: &str) -> Option<Self> {
        Some(match pattern {
            "^[A-Z]{2}$" | "^([A-Z]{2})$" => Self::Country,
            "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" => Self::Date,
            "^[a-z0-9][a-z0-9-]*$" => Self::Framework,
            "^[A-Za-z0-9._+-]+$" => Self::FrameworkVersion,
            "^[0-9a-f]+$" => Self::Hex,
            "^[0-9a-f]{64}$" => Self::Hex64,
            "^[A-Za-z0-9][A-Za-z0-9._:-]*$" => Self::Identifier,
            "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?Z$" => {
                Self::Instant
            }
            "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$" => Self::Language,
            "^[0-9]+\\.[0-9]+\\.[0-9]+$" => Self::Version,
            _ => return None,
        })
    }

    /// Returns whether the whole text has this shape.
    pub(crate) fn holds(self, text: &str) -> bool {
        let all = |allowed: fn(u8) -> bool| !text.is_empty() && text.bytes().all(allowed);
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let first_is = |allowed: fn(&u8) -> bool| text.as_bytes().first().is_some_and(allowed);
        match self {
            Self::Any => true,
            Self::Country => text.len() == 2 && all(|byte| byte.is_ascii_uppercase()),
            Self::Date => is_date(text),
            Self::Framework => {
                first_is(|byte| *byte != b'-')
                    && all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
                    })
            }
            Self::FrameworkVersion => {
                all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
            }
            Self::Hex => all(hex),
            Self::Hex64 => text.len() == 64 && all(hex),
            Self::Identifier => {
                first_is(u8::is_ascii_alphanumeric)
                    && all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
            }
            Self::Instant => is_instant(text),
            Self::Language => is_language(text),
            Self::Version => is_version(text),
        }
    }
}

/// Returns the number if the text is exactly `width` digits.
fn digits(text: &str, width: usize) -> Option<u32> {
    let is_number = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    digits(year, 4).is_some()
        && digits(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && digits(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

fn is_instant(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let Some(time) = time.strip_suffix('Z') else { return false };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let parts: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = parts[..] else { return false };
    let below = |part: &str, limit: u32| digits(part, 2).is_some_and(|number| number < limit);
    is_date(date)
        && below(hour, 24)
        && below(minute, 60)
        && below(second, 60)
        && (1..=3).contains(&fraction.len())
        && digits(fraction, fraction.len()).is_some()
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=8).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
