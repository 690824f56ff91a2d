//! A procedure profile: the institution as dated data (certification.md, section 1).
//!
//! Past its last day a profile decides nothing. Not here: what its rules say of a score (`rule`).

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::ballot::{self, Chamber};
use super::day::Day;
use super::document;
use super::publication::Publication;
use super::rule::{Rule, read_texts};
use super::timer::{Calendar, Timer};
use super::word::{Recommendation, Word as _};
use crate::refusal::Refusal;

/// How deep the tests of a rule may nest; the TOML reader stops before the stack does.
const TEXT_BYTES_MAX: usize = document::BYTES_MAX;

/// The thresholds of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Below this coverage a figure is withheld.
    pub min_coverage_bp: u64,
    /// Up to this share of NS a control is largely compliant.
    pub lc_max_ns_bp: u64,
    /// Up to this share of NS a control is partially compliant.
    pub pc_max_ns_bp: u64,
    /// Up to this number of priority NS a control is partially compliant.
    pub pc_max_priority_ns: u64,
}

/// How long a corrective action plan may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapLimits {
    /// In months.
    pub max_months: u64,
    /// How often it may be renewed.
    pub max_renewals: u64,
}

/// Who may assess whom (CT-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConflictLimits {
    /// An adviser of the subject within so many years is conflicted.
    pub years_as_adviser: u64,
    /// A national of the subject is conflicted.
    pub same_nationality_as_subject: bool,
    /// An official of the subject's authority is conflicted.
    pub same_employer_as_authority: bool,
    /// How often the subject may object.
    pub max_objections: u64,
    /// The least number of members.
    pub min_team: u64,
    /// The least number of regions they come from.
    pub min_regions: u64,
}

/// An organ and the decisions it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organ {
    /// Its id.
    pub id: String,
    /// The decisions, such as `SUSPENDED`.
    pub decides: Vec<String>,
    /// How its chambers decide.
    pub chambers: Vec<Chamber>,
}

/// A procedure profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The first day.
    pub valid_from: Day,
    /// The last day.
    pub valid_until: Day,
    /// The areas, in order.
    pub areas: Vec<String>,
    /// The critical elements, in order.
    pub elements: Vec<i64>,
    /// The controls without which there is no certificate.
    pub knock_out: Vec<String>,
    /// The outcomes whose effectiveness is rated, in order.
    pub outcomes: Vec<String>,
    /// Whether both trade rules are needed for a certificate.
    pub linkage: bool,
    /// What is recommended if no rule holds.
    pub default_recommendation: Recommendation,
    /// The thresholds of the score.
    pub thresholds: Thresholds,
    /// The limits of a corrective action plan; without them none covers.
    pub cap: Option<CapLimits>,
    /// The rules, in order.
    pub rules: Vec<(Recommendation, Rule)>,
    /// The listing rules, in order.
    pub listings: Vec<Rule>,
    /// The timers.
    pub timers: Vec<Timer>,
    /// The organs.
    pub organs: Vec<Organ>,
    /// Who may assess whom.
    pub conflict: Option<ConflictLimits>,
    /// What is published of assessments, and to whom.
    pub publication: Publication,
    /// Days that working-day timers skip, beside weekends.
    pub holidays: BTreeSet<Day>,
}

impl Profile {
    /// Reads a profile from TOML.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > TEXT_BYTES_MAX {
            return Err(Refusal::new("limit-size", ""));
        }
        let refused = || Refusal::new("profile-invalid", "");
        let text = std::str::from_utf8(bytes).map_err(|_| refused())?;
        let table: Table = text.parse().map_err(|_| refused())?;
        read(&table).map_err(|key| Refusal::new("profile-invalid", format!("/{key}")))
    }

    /// Refuses a day on which the profile is not in force.
    pub fn check_in_force(&self, day: Day) -> Result<(), Refusal> {
        if self.valid_from <= day && day <= self.valid_until {
            return Ok(());
        }
        Err(Refusal::new("profile-not-in-force", "")
            .with("day", day.to_string())
            .with("valid_from", self.valid_from.to_string())
            .with("valid_until", self.valid_until.to_string()))
    }

    /// Returns the timer of a name.
    #[must_use]
    pub fn timer(&self, name: &str) -> Option<&Timer> {
        self.timers.iter().find(|timer| timer.name == name)
    }

    /// Returns the organ that takes a decision.
    #[must_use]
    pub fn organ_for(&self, decision: &str) -> Option<&Organ> {
        self.organs.iter().find(|organ| organ.decides.iter().any(|name| name == decision))
    }
}

/// Reads a profile, or says which member is wrong.
fn read(table: &Table) -> Result<Profile, &'static str> {
    if table.get("type").and_then(Value::as_str) != Some("comity.procedure/1") {
        return Err("type");
    }
    let text = |key| table.get(key).and_then(Value::as_str).map(str::to_owned).ok_or(key);
    let texts = |key| table.get(key).and_then(read_texts).ok_or(key);
    let elements = table.get("elements").and_then(Value::as_array).ok_or("elements")?;
    Ok(Profile {
        id: text("id")?,
        version: text("version")?,
        valid_from: table.get("valid_from").and_then(read_day).ok_or("valid_from")?,
        valid_until: table.get("valid_until").and_then(read_day).ok_or("valid_until")?,
        areas: texts("areas")?,
        elements: elements
            .iter()
            .map(Value::as_integer)
            .collect::<Option<_>>()
            .ok_or("elements")?,
        knock_out: texts("knock_out")?,
        outcomes: texts("outcomes")?,
        linkage: table.get("linkage").and_then(Value::as_bool).ok_or("linkage")?,
        default_recommendation: read_default(table)?,
        thresholds: sub_table(table, "score").and_then(read_thresholds).ok_or("score")?,
        cap: optional(table, "cap", read_cap)?,
        rules: tables(table, "rule", read_rule)?,
        listings: tables(table, "listing", Rule::read)?,
        timers: tables(table, "timer", Timer::read)?,
        organs: tables(table, "organ", read_organ)?,
        conflict: optional(table, "conflict", read_conflict)?,
        publication: optional(table, "publication", Publication::read)?
            .unwrap_or(Publication::SILENT),
        holidays: tables(table, "holidays", read_holidays)?.into_iter().flatten().collect(),
    })
}

/// The default buys no certificate: that takes a rule that holds (CT-15).
fn read_default(table: &Table) -> Result<Recommendation, &'static str> {
    let key = "default_recommendation";
    let word = table.get(key).and_then(Value::as_str).and_then(Recommendation::parse);
    match word.ok_or(key)? {
        Recommendation::Certified | Recommendation::Conditional => Err(key),
        other @ (Recommendation::Deferred | Recommendation::Refused | Recommendation::Referred) => {
            Ok(other)
        }
    }
}

fn sub_table<'t>(table: &'t Table, key: &str) -> Option<&'t Table> {
    table.get(key).and_then(Value::as_table)
}

fn optional<T>(
    table: &Table,
    key: &'static str,
    read: impl Fn(&Table) -> Option<T>,
) -> Result<Option<T>, &'static str> {
    table.get(key).map(|value| value.as_table().and_then(&read).ok_or(key)).transpose()
}

fn tables<T>(
    table: &Table,
    key: &'static str,
    read: impl Fn(&Table) -> Option<T>,
) -> Result<Vec<T>, &'static str> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let items = value.as_array().ok_or(key)?.iter();
    items.map(|item| item.as_table().and_then(&read).ok_or(key)).collect()
}

/// Reads a TOML date, or a text of the same spelling.
pub(super) fn read_day(value: &Value) -> Option<Day> {
    match value {
        Value::Datetime(datetime) => Day::parse(&datetime.to_string()),
        Value::String(text) => Day::parse(text),
        Value::Array(_)
        | Value::Boolean(_)
        | Value::Float(_)
        | Value::Integer(_)
        | Value::Table(_) => None,
    }
}

fn count(table: &Table, key: &str) -> Option<u64> {
    u64::try_from(table.get(key)?.as_integer()?).ok()
}

fn read_thresholds(table: &Table) -> Option<Thresholds> {
    Some(Thresholds {
        min_coverage_bp: count(table, "min_coverage_bp")?,
        lc_max_ns_bp: count(table, "lc_max_ns_bp")?,
        pc_max_ns_bp: count(table, "pc_max_ns_bp")?,
        pc_max_priority_ns: count(table, "pc_max_priority_ns")?,
    })
}

fn read_cap(table: &Table) -> Option<CapLimits> {
    Some(CapLimits {
        max_months: count(table, "max_months")?,
        max_renewals: count(table, "max_renewals")?,
    })
}

fn read_conflict(table: &Table) -> Option<ConflictLimits> {
    let flag = |key| table.get(key).map_or(Some(false), Value::as_bool);
    let number = |key| table.get(key).map_or(Some(0), |_| count(table, key));
    Some(ConflictLimits {
        years_as_adviser: number("years_as_adviser")?,
        same_nationality_as_subject: flag("same_nationality_as_subject")?,
        same_employer_as_authority: flag("same_employer_as_authority")?,
        max_objections: number("max_objections")?,
        min_team: number("min_team")?,
        min_regions: number("min_regions")?,
    })
}

/// Reads the holidays of a calendar: `calendar = "working"`, `days`, `source`.
fn read_holidays(table: &Table) -> Option<Vec<Day>> {
    let is_working = table.get("calendar")?.as_str() == Some(Calendar::Working.as_str());
    let is_sourced = table.get("source")?.as_str().is_some_and(|text| !text.trim().is_empty());
    let days = table.get("days")?.as_array().filter(|_| is_working && is_sourced)?;
    days.iter().map(read_day).collect()
}

fn read_rule(table: &Table) -> Option<(Recommendation, Rule)> {
    let rule = Rule::read(table)?;
    Some((Recommendation::parse(&rule.name)?, rule))
}

fn read_organ(table: &Table) -> Option<Organ> {
    let chambers = table.get("chambers")?.as_array()?.iter();
    Some(Organ {
        id: table.get("id")?.as_str()?.to_owned(),
        decides: read_texts(table.get("for")?)?,
        chambers: chambers
            .map(|chamber| ballot::chamber_from_toml(chamber.as_table()?))
            .collect::<Option<_>>()?,
    })
}
