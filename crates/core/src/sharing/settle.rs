//! What law settles, as gates of an exchange (E1, E2, E5).
//!
//! Not here: reading the law (`law::gate`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::treaty::tier_of_ceiling;
use super::word::{Purpose, Tier};
use crate::law::gate::ShareGates;
use crate::law::level::{Ceiling, Level};

/// What the basis of a gate begins with that law settled; nobody else may write it.
pub(super) const BY_LAW: &str = "packs: ";
/// Characters of a basis at most, as in an exchange.
const BASIS_CHARS_MAX: usize = 200;

/// Returns the purpose of an exchange as law names purposes.
#[must_use]
pub const fn purpose_in_law(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Remediation => "remediation",
        // SH-19: what serves the response to an incident serves coordination and warning.
        Purpose::Coordination | Purpose::Warning => "incident_response",
        Purpose::Evaluation => "evaluation",
        Purpose::Audit => "other",
    }
}

/// Returns the tier that a level needs as a minimum (SH-09); personal data has none.
#[must_use]
pub const fn tier_of_minimum(level: Level) -> Option<Tier> {
    match level {
        Level::L0 => Some(Tier::T0),
        // It names versions, which T1 does not.
        Level::L1 | Level::L2 => Some(Tier::T2),
        Level::L3 => Some(Tier::T3),
        Level::L4 => Some(Tier::T5),
        Level::L5 => None,
    }
}

/// Returns the gates that law settles, as an exchange holds them.
#[must_use]
pub fn settled_by_law(law: &ShareGates) -> BTreeMap<&'static str, Value> {
    let mut gates = BTreeMap::new();
    if let Some(export) = &law.export {
        let basis = basis(&export.rules);
        let ceiling = tier_of_ceiling(export.answer);
        let gate = if export.answer == Ceiling::OPEN {
            json!({ "state": "clear", "basis": basis })
        } else if ceiling == Tier::T0 {
            json!({ "state": "prohibited", "basis": basis })
        } else {
            json!({ "state": "limited", "ceiling": ceiling, "basis": basis })
        };
        gates.insert("E1", gate);
    }
    if let Some(personal) = &law.personal {
        let state = if personal.answer { "clear" } else { "prohibited" };
        gates.insert("E2", json!({ "state": state, "basis": basis(&personal.rules) }));
    }
    if let Some(duty) = &law.duty {
        let gate = match &duty.answer {
            None => Some(json!({ "state": "none" })),
            Some(owed) => tier_of_minimum(owed.level).map(|tier| {
                let mut gate =
                    json!({ "state": "due", "min_tier": tier, "basis": basis(&duty.rules) });
                if let (Some(at), Value::Object(members)) = (owed.at, &mut gate) {
                    members.insert("due_at".to_owned(), json!(at.to_string()));
                }
                gate
            }),
        };
        gates.extend(gate.map(|gate| ("E5", gate)));
    }
    gates
}

/// Names the rules, as many as fit.
fn basis(rules: &BTreeSet<String>) -> String {
    let mut text = BY_LAW.to_owned();
    for (place, rule) in rules.iter().enumerate() {
        let gap = if place == 0 { "" } else { ", " };
        if text.chars().count() + gap.len() + rule.chars().count() > BASIS_CHARS_MAX - 2 {
            text.push_str(" …");
            break;
        }
        text.push_str(gap);
        text.push_str(rule);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::gate::{Owed, Settled};

    fn rules(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn levels_become_tiers_as_ceilings_and_as_minima() {
        let limited = |level| ShareGates {
            export: Some(Settled { answer: Ceiling(level), rules: rules(&["a.b"]) }),
            ..ShareGates::default()
        };
        let of = |level| settled_by_law(&limited(level)).remove("E1").unwrap();
        assert_eq!(of(None), json!({ "state": "prohibited", "basis": "packs: a.b" }));
        assert_eq!(
            of(Some(Level::L3)),
            json!({ "state": "limited", "ceiling": "T3", "basis": "packs: a.b" })
        );
        assert_eq!(of(Some(Level::L5)), json!({ "state": "clear", "basis": "packs: a.b" }));
        let owed = ShareGates {
            duty: Some(Settled {
                answer: Some(Owed { level: Level::L1, at: None }),
                rules: rules(&["x"]),
            }),
            ..ShareGates::default()
        };
        assert_eq!(
            settled_by_law(&owed).remove("E5"),
            Some(json!({ "state": "due", "min_tier": "T2", "basis": "packs: x" }))
        );
    }

    #[test]
    fn a_basis_never_grows_too_long_for_an_exchange() {
        let many: Vec<String> = (0..90).map(|n| format!("pack.rule.number-{n}")).collect();
        let text = basis(&many.into_iter().collect());
        assert!(text.chars().count() <= BASIS_CHARS_MAX && text.ends_with(" …"), "{text}");
    }
}
