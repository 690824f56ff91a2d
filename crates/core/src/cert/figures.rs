//! The figures of a procedure profile, each with where it comes from and how sure that is (CT-27).
//!
//! Read from the profile's text, so that none is left out because nobody computes with it. Not here: words for
//! people (`locales`), and what the figures do.

use serde::Serialize;
use toml::{Table, Value};

use super::timer::Confidence;
use super::word::{Word as _, words};
use crate::refusal::Refusal;

words! {
    /// In what a figure is counted.
    Unit {
        BasisPoints = "basis-points",
        Count = "count",
        Days = "days",
        Months = "months",
        Share = "share",
        WorkingDays = "working-days",
        Years = "years",
    }
}

/// A figure of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The part of the profile, such as `timer`.
    pub part: &'static str,
    /// Of what in it, such as the timer's name; empty if the part has one of each.
    pub of: String,
    /// The member, such as `ldc_days`, or the test of a rule.
    pub member: String,
    /// The figure as the profile writes it; a fraction as `1/2`, `>1/2` if more is needed.
    pub value: String,
    /// In what it is counted.
    pub unit: Unit,
    /// The institution or instrument it is taken after; none if the profile names none.
    pub analogue: Option<String>,
    /// How sure the profile's author is of that; none if it is not said.
    pub confidence: Option<Confidence>,
    /// Whether it must be checked before anyone relies on it.
    pub warning: bool,
}

/// Parts whose members are plain numbers.
const PARTS: [&str; 4] = ["score", "cap", "conflict", "border"];
/// Figures of one profile at most.
pub const FIGURES_MAX: usize = 2_000;

/// Returns every figure of a profile, in its order.
pub fn figures(profile: &str) -> Result<Vec<Figure>, Refusal> {
    let table: Table = profile.parse().map_err(|_| Refusal::new("profile-invalid", ""))?;
    let mut found = Vec::new();
    for timer in tables(&table, "timer") {
        let working = text(timer, "calendar") == "working";
        let unit = if working { Unit::WorkingDays } else { Unit::Days };
        for member in ["days", "ldc_days", "immediate_days", "lapse_days"] {
            if let Some(value) = timer.get(member).and_then(number) {
                add(&mut found, timer, "timer", text(timer, "name"), (member, value, unit));
            }
        }
    }
    for part in PARTS {
        let Some(members) = table.get(part).and_then(Value::as_table) else { continue };
        for (member, value) in members {
            if let Some(value) = number(value) {
                add(&mut found, members, part, "", (member, value, unit_of(member)));
            }
        }
    }
    for part in ["rule", "listing"] {
        for rule in tables(&table, part) {
            add_tests(&mut found, part, rule, rule);
        }
    }
    for organ in tables(&table, "organ") {
        for chamber in tables(organ, "chambers") {
            let of = format!("{} {}", text(organ, "id"), text(chamber, "name"));
            for member in ["quorum", "threshold", "block"] {
                if let Some(value) = chamber.get(member).and_then(fraction) {
                    add(&mut found, chamber, "organ", &of, (member, value, Unit::Share));
                }
            }
        }
    }
    found.truncate(FIGURES_MAX);
    Ok(found)
}

/// Adds the figures of a rule's tests, however deep they nest; the TOML reader bounds the depth.
fn add_tests(found: &mut Vec<Figure>, part: &'static str, rule: &Table, test: &Table) {
    for (key, value) in test {
        match (key.as_str(), value) {
            ("bp" | "n", value) => {
                let what = [text(test, "metric"), text(test, "count")].concat();
                let within: Vec<&str> = test
                    .get("in")
                    .and_then(Value::as_array)
                    .map(|words| words.iter().filter_map(Value::as_str).collect())
                    .unwrap_or_default();
                let member = [what, within.join(" "), text(test, "op").to_owned()];
                let member: Vec<String> =
                    member.into_iter().filter(|word| !word.is_empty()).collect();
                let unit = if key == "bp" { Unit::BasisPoints } else { Unit::Count };
                if let Some(value) = number(value) {
                    add(found, rule, part, text(rule, "name"), (&member.join(" "), value, unit));
                }
            }
            ("all" | "any", Value::Array(tests)) => {
                tests.iter().filter_map(Value::as_table).for_each(|test| {
                    add_tests(found, part, rule, test);
                });
            }
            ("not", Value::Table(test)) => add_tests(found, part, rule, test),
            _ => {}
        }
    }
}

fn add(
    found: &mut Vec<Figure>,
    source: &Table,
    part: &'static str,
    of: &str,
    (member, value, unit): (&str, String, Unit),
) {
    let named = source.get("analogue").or_else(|| source.get("source")).and_then(Value::as_str);
    let confidence = Confidence::parse(text(source, "confidence"));
    found.push(Figure {
        part,
        of: of.to_owned(),
        member: member.to_owned(),
        value,
        unit,
        analogue: named.filter(|named| *named != "none").map(str::to_owned),
        confidence,
        warning: confidence == Some(Confidence::Low),
    });
}

fn unit_of(member: &str) -> Unit {
    let ends = |end: &str| member.ends_with(end);
    if ends("_bp") {
        Unit::BasisPoints
    } else if ends("months") {
        Unit::Months
    } else if ends("years") || member.starts_with("years") {
        Unit::Years
    } else if member == "p" || member == "z" {
        Unit::Share
    } else {
        Unit::Count
    }
}

fn tables<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    let items = table.get(key).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_table)
}

fn text<'t>(table: &'t Table, key: &str) -> &'t str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Reads a number, or a decimal written as text.
fn number(value: &Value) -> Option<String> {
    match value {
        Value::Integer(number) => Some(number.to_string()),
        Value::String(text) if text.parse::<f64>().is_ok() => Some(text.clone()),
        Value::Array(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Table(_) => None,
    }
}

fn fraction(value: &Value) -> Option<String> {
    let table = value.as_table()?;
    let part = |key: &str| table.get(key)?.as_integer();
    let strict = table.get("strict").and_then(Value::as_bool).unwrap_or_default();
    Some(format!("{}{}/{}", if strict { ">" } else { "" }, part("num")?, part("den")?))
}
