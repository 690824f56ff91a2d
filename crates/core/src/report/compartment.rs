//! The seven compartments of a report: what is sealed, shared and withheld separately (LX-27).
//!
//! Not here: sealing; see `comity_ledger`.

use serde_json::{Map, Value};

use super::Report;
use crate::lexicon::Lexicon;
use crate::lexicon::terms::terms;
use crate::refusal::Refusal;

terms! {
    /// A part of a report that is sealed on its own.
    Compartment {
        Abstract = "abstract", Affected = "affected", Technical = "technical",
        Reproduction = "reproduction", Evidence = "evidence", Identity = "identity",
        Deliberation = "deliberation",
    }
}

impl Compartment {
    /// Returns the compartment in which a top-level member of a report lies.
    ///
    /// A member without a place of its own lies with the abstract, which has no secrets.
    #[must_use]
    pub fn of_member(member: &str) -> Self {
        match member {
            "affected" => Self::Affected,
            "assessments" | "remedies" | "technical" => Self::Technical,
            "reproduction" => Self::Reproduction,
            "evidence" => Self::Evidence,
            "identity" => Self::Identity,
            "disclosure" => Self::Deliberation,
            _ => Self::Abstract,
        }
    }

    /// Returns whether the compartment may ever leave the hub; deliberation never does.
    #[must_use]
    pub const fn is_shareable(self) -> bool {
        !matches!(self, Self::Deliberation)
    }
}

/// Each compartment with its members of a report as one object, `None` if it has none.
pub type Parts = Vec<(Compartment, Option<Value>)>;

impl Report {
    /// Returns each compartment with its members of the report as one object, `None` if it has none.
    #[must_use]
    pub fn compartments(&self) -> Parts {
        split(self.to_value())
    }

    /// Returns the report made of these compartments; those that are missing stay absent.
    ///
    /// A member in a compartment that is not its own is refused: it could have been read by people who
    /// may see that compartment only.
    pub fn from_compartments<I>(parts: I, lexicon: &Lexicon) -> Result<Self, Vec<Refusal>>
    where
        I: IntoIterator<Item = (Compartment, Value)>,
    {
        let mut whole = Map::new();
        for (compartment, part) in parts {
            let Value::Object(members) = part else {
                return Err(vec![Refusal::new("field-type", format!("/{}", compartment.key()))]);
            };
            for (key, member) in members {
                if Compartment::of_member(&key) != compartment || whole.contains_key(&key) {
                    return Err(vec![Refusal::new(
                        "field-unknown",
                        crate::refusal::child("", &key),
                    )]);
                }
                whole.insert(key, member);
            }
        }
        Self::from_value(&Value::Object(whole), lexicon)
    }
}

/// Puts each member of a report's document into its compartment; empty for what is no object.
pub(super) fn split(report: Value) -> Parts {
    let Value::Object(members) = report else { return Vec::new() };
    let mut parts: Vec<(Compartment, Map<String, Value>)> =
        Compartment::ALL.iter().map(|compartment| (*compartment, Map::new())).collect();
    for (key, member) in members {
        let place = Compartment::of_member(&key);
        if let Some((_, part)) = parts.iter_mut().find(|(compartment, _)| *compartment == place) {
            part.insert(key, member);
        }
    }
    let filled = |part: Map<String, Value>| (!part.is_empty()).then_some(Value::Object(part));
    parts.into_iter().map(|(compartment, part)| (compartment, filled(part))).collect()
}
