//! A state's export rules: dated tables of technical parameters (CT-46).
//!
//! Not here: how a request is decided (`export`).

use std::collections::{BTreeMap, BTreeSet};

use super::decimal::Decimal;
use super::lookup::{self, Override};
use super::word::{ExportOutcome, ExportTreat};
use crate::cert::day::Day;
use crate::cert::document::{self, Object, invalid, under};
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::rule::Comparison;
use crate::cert::word::{Status, Word as _};
use crate::refusal::Refusal;

/// A test of one parameter.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The parameter, raw or derived.
    pub parameter: String,
    /// The relation.
    pub comparison: Comparison,
    /// The value.
    pub value: Decimal,
}

/// An entry of a table.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The class it gives.
    pub class: String,
    /// The category of items it is about.
    pub category: String,
    /// Any of these must hold, all of each.
    pub any: Vec<Vec<Clause>>,
}

/// A table in force for some days.
#[derive(Clone, Debug)]
pub struct Table {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// The entries, strictest first.
    pub entries: Vec<Entry>,
}

/// A limit on what one end user gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// Over how many days.
    pub window_days: i64,
    /// The most without consequence.
    pub max: u64,
    /// The consequence.
    pub outcome: ExportOutcome,
}

/// A class of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportClass {
    /// What follows from the destination's treatment.
    pub outcomes: BTreeMap<ExportTreat, ExportOutcome>,
    /// The limit, if there is one.
    pub aggregate: Option<Aggregate>,
}

/// Export rules.
#[derive(Clone, Debug)]
pub struct ExportRules {
    /// Which standard's register they rest on.
    pub standard: String,
    /// Whose rules they are.
    pub exporter: JurisdictionUrn,
    /// The first day.
    pub valid_from: Day,
    /// The last day.
    pub valid_until: Day,
    /// The tables.
    pub tables: Vec<Table>,
    /// How a status is treated.
    pub treat: BTreeMap<Status, ExportTreat>,
    /// The classes by name.
    pub classes: BTreeMap<String, ExportClass>,
    /// What follows from a flag.
    pub flags: BTreeMap<String, ExportOutcome>,
    /// An end user known for fewer days is new.
    pub new_end_user_days: i64,
    /// Quotients of raw parameters.
    pub derived: BTreeMap<String, (String, String)>,
    /// Recognitions and national measures.
    pub overrides: Vec<Override<ExportTreat>>,
}

impl ExportRules {
    /// Reads rules; every class of a table is one of theirs.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.export-rules/1")?;
        object.text("id")?;
        object.text("version")?;
        let classes = read_classes(object)?;
        let known: BTreeSet<&str> = classes.keys().map(String::as_str).collect();
        Ok(Self {
            standard: object.text("standard")?.to_owned(),
            exporter: object.urn("exporter")?,
            valid_from: object.day("valid_from")?,
            valid_until: object.day("valid_until")?,
            tables: object.each("tables", |item| read_table(item, &known))?,
            treat: lookup::read_treat(object)?,
            flags: read_flags(object).map_err(|refusal| under(refusal, "flags"))?,
            new_end_user_days: object.integer("new_end_user_days", 0..=i64::MAX)?,
            derived: read_derived(object)?,
            overrides: object.each_or_empty("overrides", lookup::read_override)?,
            classes,
        })
    }

    /// Returns the one table in force on the day.
    pub fn table(&self, day: Day) -> Result<&Table, Refusal> {
        let mut in_force =
            self.tables.iter().filter(|table| table.from <= day && day <= table.until);
        let refused = |code| Refusal::new(code, "/tables").with("day", day.to_string());
        let table = in_force.next().ok_or_else(|| refused("export-table-gap"))?;
        match in_force.next() {
            None => Ok(table),
            Some(_) => Err(refused("export-table-overlap")),
        }
    }
}

fn read_classes(object: Object<'_>) -> Result<BTreeMap<String, ExportClass>, Refusal> {
    let mut classes = BTreeMap::new();
    object.each("classes", |item| {
        let mut outcomes = BTreeMap::new();
        for treat in ExportTreat::ALL {
            outcomes.insert(*treat, item.word(treat.as_str())?);
        }
        let aggregate = match item.object_or_none("aggregate")? {
            None => None,
            Some(aggregate) => Some(read_aggregate(aggregate).map_err(|r| under(r, "aggregate"))?),
        };
        let class = ExportClass { outcomes, aggregate };
        match classes.insert(item.text("class")?.to_owned(), class) {
            None => Ok(()),
            Some(_) => Err(invalid("class")),
        }
    })?;
    Ok(classes)
}

fn read_aggregate(item: Object<'_>) -> Result<Aggregate, Refusal> {
    Ok(Aggregate {
        window_days: item.integer("window_days", 0..=i64::MAX)?,
        max: item.count("max")?,
        outcome: item.word("outcome")?,
    })
}

fn read_table(item: Object<'_>, known: &BTreeSet<&str>) -> Result<Table, Refusal> {
    Ok(Table {
        from: item.day("from")?,
        until: item.day("until")?,
        entries: item.each("items", |entry| read_entry(entry, known))?,
    })
}

fn read_entry(item: Object<'_>, known: &BTreeSet<&str>) -> Result<Entry, Refusal> {
    let class = item.text("class")?;
    if !known.contains(class) {
        return Err(invalid("class"));
    }
    let any = item.get("any").and_then(document::Json::items).ok_or_else(|| invalid("any"))?;
    let all = |clauses: &document::Json<'_>| {
        let clauses = clauses.items().ok_or_else(|| invalid("any"))?.iter();
        let read = |clause: &document::Json<'_>| {
            clause.object().ok_or_else(|| invalid("any")).and_then(read_clause)
        };
        clauses.map(read).collect()
    };
    Ok(Entry {
        class: class.to_owned(),
        category: item.text("category")?.to_owned(),
        any: any.iter().map(all).collect::<Result<_, Refusal>>()?,
    })
}

fn read_clause(item: Object<'_>) -> Result<Clause, Refusal> {
    let value = item.text("v")?;
    Ok(Clause {
        parameter: item.text("p")?.to_owned(),
        comparison: item.word("op")?,
        value: Decimal::parse(value).ok_or_else(|| Refusal::new("export-bad-number", "/v"))?,
    })
}

fn read_flags(object: Object<'_>) -> Result<BTreeMap<String, ExportOutcome>, Refusal> {
    let flags = object.object("flags")?;
    let read = flags.members().map(|(name, _)| Ok((name.to_owned(), flags.word(name)?)));
    read.collect()
}

fn read_derived(object: Object<'_>) -> Result<BTreeMap<String, (String, String)>, Refusal> {
    let Some(derived) = object.object_or_none("derived")? else { return Ok(BTreeMap::new()) };
    let read = derived.members().map(|(name, _)| {
        let parts = derived.texts(name).map_err(|refusal| under(refusal, "derived"))?;
        match parts[..] {
            [numerator, denominator] => {
                Ok((name.to_owned(), (numerator.to_owned(), denominator.to_owned())))
            }
            _ => Err(under(invalid(name), "derived")),
        }
    });
    read.collect()
}
