//! Three-valued conditions over facts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::lexicon::terms::terms;

terms! {
    /// The value of a condition.
    Truth { True = "true", False = "false", Unknown = "unknown" }
}

impl Truth {
    /// Returns whether it is known to hold.
    #[must_use]
    pub const fn is_true(self) -> bool {
        matches!(self, Self::True)
    }

    fn of(is_true: bool) -> Self {
        if is_true { Self::True } else { Self::False }
    }

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// A fact about a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A set of keys; `None` is unknown.
    List(Option<Vec<&'static str>>),
    /// A place in an order of keys, least first; `None` is unknown.
    Ordinal {
        /// All keys of the order.
        order: &'static [&'static str],
        /// Which one holds.
        rank: Option<usize>,
    },
    /// A count.
    Number(u64),
    /// A key; `None` is unknown.
    Word(Option<&'static str>),
    /// Classes by id.
    Words(Vec<String>),
}

/// The facts about a report, by id.
pub type Facts = BTreeMap<&'static str, Fact>;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All hold.
    All(Vec<Self>),
    /// Always holds.
    Always,
    /// At least one holds.
    Any(Vec<Self>),
    /// A fact compares with a value.
    Compare(Comparison),
    /// The opposite holds.
    Not(Box<Self>),
}

/// A comparison of a fact with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    fact: String,
    operator: Operator,
    keys: Vec<String>,
    number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Operator {
    AtLeast,
    AtMost,
    Below,
    Intersects,
    Is,
    Only,
    ShownAtLeast,
    ShownIn,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    all: Option<Vec<Condition>>,
    any: Option<Vec<Condition>>,
    not: Option<Box<Condition>>,
    always: Option<bool>,
    fact: Option<String>,
    op: Option<Operator>,
    value: Option<Value>,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom("not one known condition");
        match raw {
            Raw { all: Some(all), .. } => Ok(Self::All(all)),
            Raw { any: Some(any), .. } => Ok(Self::Any(any)),
            Raw { not: Some(not), .. } => Ok(Self::Not(not)),
            Raw { always: Some(true), .. } => Ok(Self::Always),
            Raw { fact: Some(fact), op: Some(operator), value: Some(value), .. } => {
                let number = value.as_u64().unwrap_or_default();
                let keys = match value {
                    Value::String(key) => vec![key],
                    Value::Array(keys) => {
                        keys.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                    }
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                        Vec::new()
                    }
                };
                Ok(Self::Compare(Comparison { fact, operator, keys, number }))
            }
            Raw { .. } => Err(unknown()),
        }
    }
}

impl Condition {
    /// Returns whether the condition holds, as far as the facts are known.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts) -> Truth {
        match self {
            Self::All(parts) => {
                let mut truths = parts.iter().map(|part| part.evaluate(facts));
                truths.try_fold(Truth::True, conjunction).unwrap_or(Truth::False)
            }
            Self::Always => Truth::True,
            Self::Any(parts) => {
                let mut truths = parts.iter().map(|part| part.evaluate(facts).not());
                truths.try_fold(Truth::True, conjunction).unwrap_or(Truth::False).not()
            }
            Self::Compare(comparison) => comparison.evaluate(facts),
            Self::Not(part) => part.evaluate(facts).not(),
        }
    }

    /// Adds the facts for want of which the condition is unknown.
    pub fn unknown_facts(&self, facts: &Facts, missing: &mut BTreeSet<String>) {
        if self.evaluate(facts) != Truth::Unknown {
            return;
        }
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.unknown_facts(facts, missing);
                }
            }
            Self::Always => {}
            Self::Compare(comparison) => {
                missing.insert(comparison.fact.clone());
            }
            Self::Not(part) => part.unknown_facts(facts, missing),
        }
    }
}

/// Returns `None` as soon as the whole is false.
fn conjunction(sum: Truth, truth: Truth) -> Option<Truth> {
    match (sum, truth) {
        (_, Truth::False) | (Truth::False, _) => None,
        (Truth::Unknown, _) | (_, Truth::Unknown) => Some(Truth::Unknown),
        (Truth::True, Truth::True) => Some(Truth::True),
    }
}

impl Comparison {
    fn evaluate(&self, facts: &Facts) -> Truth {
        match facts.get(self.fact.as_str()) {
            Some(Fact::Number(number)) => Truth::of(*number < self.number),
            Some(Fact::Ordinal { order, rank }) => self.compare(order, *rank),
            // A fact that nobody supplies is not known either.
            None | Some(Fact::Word(None) | Fact::List(None)) => Truth::Unknown,
            Some(Fact::Word(Some(word))) => Truth::of(self.has(word)),
            Some(Fact::List(Some(list))) => self.compare_list(list),
            Some(Fact::Words(words)) => {
                self.compare_list(&words.iter().map(String::as_str).collect::<Vec<_>>())
            }
        }
    }

    fn compare(&self, order: &[&str], rank: Option<usize>) -> Truth {
        let is_shown = matches!(self.operator, Operator::ShownAtLeast | Operator::ShownIn);
        let Some(rank) = rank else {
            return if is_shown { Truth::False } else { Truth::Unknown };
        };
        let bound = self.keys.first().and_then(|key| order.iter().position(|known| known == key));
        match self.operator {
            Operator::AtLeast | Operator::ShownAtLeast => {
                Truth::of(bound.is_some_and(|bound| rank >= bound))
            }
            Operator::AtMost => Truth::of(bound.is_some_and(|bound| rank <= bound)),
            Operator::Below => Truth::of(bound.is_some_and(|bound| rank < bound)),
            Operator::Intersects | Operator::Is | Operator::Only | Operator::ShownIn => {
                Truth::of(order.get(rank).is_some_and(|key| self.has(key)))
            }
        }
    }

    fn compare_list(&self, list: &[&str]) -> Truth {
        if self.operator == Operator::Only {
            return Truth::of(!list.is_empty() && list.iter().all(|key| self.has(key)));
        }
        Truth::of(list.iter().any(|key| self.has(key)))
    }

    fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known == key)
    }
}
