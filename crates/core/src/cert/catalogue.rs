//! The text of a version of the standard: controls by area, protocol questions, statistics (CT-06, CT-07, CT-49).
//!
//! A `comity.standard/1` document holds it as plain data; as an OSCAL catalogue it travels through
//! `comity_formats::oscal`. Not here: the life of a version (`standard`), answers (`assessment`).

use std::collections::BTreeSet;

use serde::Serialize;

use super::day::Day;
use super::document::{self, Object, invalid, under};
use super::word::words;
use crate::refusal::{Refusal, child};
use crate::trade::decimal::Decimal;

/// The type member of a standard as a document.
pub const TYPE: &str = "comity.standard/1";
/// Controls of a standard at most.
pub const CONTROLS_MAX: usize = 2_000;
/// Questions of a standard at most.
pub const QUESTIONS_MAX: usize = 20_000;
/// Characters of an id at most.
pub const ID_CHARS_MAX: usize = 128;

words! {
    /// An area of the standard (CT-07).
    Area {
        Legislation = "LEG",
        Organisation = "ORG",
        Licensing = "LIC",
        Compute = "CMP",
        Models = "MDL",
        Deployment = "DEP",
        Incidents = "INC",
        Trade = "TRD",
    }
}
words! {
    /// How a question is assessed.
    MethodKind {
        Examine = "EXAMINE",
        Interview = "INTERVIEW",
        Test = "TEST",
    }
}
words! {
    /// On which side of its value a statistic satisfies.
    Bound {
        AtLeast = "at-least",
        AtMost = "at-most",
    }
}

/// A way to assess a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Method {
    /// Its id, unique in the standard.
    pub id: String,
    /// How.
    pub method: MethodKind,
    /// What is looked at.
    pub objects: String,
}

/// A signed statistic of hubs that proposes an answer (CT-49).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statistic {
    /// Which.
    pub name: String,
    /// The side on which it satisfies.
    pub operator: Bound,
    /// The value, a decimal, in `unit`.
    pub value: String,
    /// For example `hour`, `day` or `share`.
    pub unit: String,
    /// With fewer cases the answer stays undetermined.
    pub min_n: u64,
}

/// A protocol question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Its id, unique in the standard.
    pub id: String,
    /// The one critical element it is about, 1 to 8 (CT-07).
    pub element: u8,
    /// Whether it is a priority question.
    pub priority: bool,
    /// The question.
    pub text: String,
    /// The version that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduced: Option<String>,
    /// The version that reworded it last: older answers fall to undetermined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
    /// The statistic that proposes its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// How it is assessed.
    pub methods: Vec<Method>,
}

/// A control: what a jurisdiction must have in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Its id, unique in the standard.
    pub id: String,
    /// Its one area, which is also that of its questions.
    pub area: Area,
    /// Its title.
    pub title: String,
    /// What it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Whether no certificate is possible without it (CT-16).
    pub knock_out: bool,
    /// Its questions.
    pub questions: Vec<Question>,
}

/// A version of the standard. Invariant after [`Standard::check`]: ids are unique, texts not blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standard {
    /// For example `iaio-std-1@2030-01`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// The language of this text.
    pub language: String,
    /// Whether this text is authentic in that language.
    pub authentic: bool,
    /// The first day it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applicable_from: Option<Day>,
    /// The day its sunset review is due (CT-05).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunset_at: Option<Day>,
    /// Titles of the areas that have controls, in the order of the document.
    pub areas: Vec<AreaTitle>,
    /// The controls, in the order of the document.
    pub controls: Vec<Control>,
}

/// The title of an area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AreaTitle {
    /// The area.
    pub area: Area,
    /// Its title.
    pub title: String,
}

/// Returns whether a text may be an id: a letter or `_` first, then letters, digits, `.`, `-`, `_`.
///
/// These are the tokens of OSCAL 1.2, so that every id of ours may travel in a catalogue.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    let rest = characters.all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    first && rest && text.chars().count() <= ID_CHARS_MAX
}

impl Standard {
    /// Reads a `comity.standard/1` document; members it does not know are left alone.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, TYPE)?;
        let standard = Self {
            id: object.text("id")?.to_owned(),
            title: object.text("title")?.to_owned(),
            version: object.text("version")?.to_owned(),
            language: object.text("language")?.to_owned(),
            authentic: object.boolean("authentic")?,
            applicable_from: object.day_or_none("applicable_from")?,
            sunset_at: object.day_or_none("sunset_at")?,
            areas: object.each("areas", |item| {
                Ok(AreaTitle { area: item.word("area")?, title: item.text("title")?.to_owned() })
            })?,
            controls: object.each("controls", read_control)?,
        };
        standard.check()?;
        Ok(standard)
    }

    /// Checks what no single member shows: unique ids, one title an area, order of days, limits.
    pub fn check(&self) -> Result<(), Refusal> {
        let questions: usize = self.controls.iter().map(|control| control.questions.len()).sum();
        if self.controls.len() > CONTROLS_MAX || questions > QUESTIONS_MAX {
            return Err(Refusal::new("limit-size", "/controls"));
        }
        if let (Some(from), Some(sunset)) = (self.applicable_from, self.sunset_at)
            && sunset <= from
        {
            return Err(Refusal::new("catalogue-bad-dates", "/sunset_at"));
        }
        let mut titled = BTreeSet::new();
        for (place, title) in self.areas.iter().enumerate() {
            if !titled.insert(title.area) {
                return Err(Refusal::new("catalogue-bad-area", format!("/areas/{place}/area")));
            }
        }
        let mut seen = BTreeSet::new();
        for (place, control) in self.controls.iter().enumerate() {
            let at = format!("/controls/{place}");
            if !titled.contains(&control.area) {
                return Err(Refusal::new("catalogue-bad-area", format!("{at}/area")));
            }
            claim(&mut seen, &control.id, &at)?;
            for (place, question) in control.questions.iter().enumerate() {
                let at = format!("{at}/questions/{place}");
                claim(&mut seen, &question.id, &at)?;
                check_question(question, &at)?;
                for (place, method) in question.methods.iter().enumerate() {
                    claim(&mut seen, &method.id, &format!("{at}/methods/{place}"))?;
                }
            }
        }
        Ok(())
    }

    /// Returns every question with its control.
    pub fn questions(&self) -> impl Iterator<Item = (&Control, &Question)> {
        self.controls.iter().flat_map(|c| c.questions.iter().map(move |question| (c, question)))
    }
}

fn claim<'s>(seen: &mut BTreeSet<&'s str>, id: &'s str, at: &str) -> Result<(), Refusal> {
    let pointer = child(at, "id");
    if !is_id(id) {
        return Err(Refusal::new("field-invalid", pointer));
    }
    if seen.insert(id) {
        return Ok(());
    }
    Err(Refusal::new("catalogue-duplicate-id", pointer).with("id", id))
}

fn check_question(question: &Question, at: &str) -> Result<(), Refusal> {
    if !(1..=8).contains(&question.element) {
        return Err(Refusal::new("catalogue-bad-element", child(at, "element"))
            .with("element", u64::from(question.element)));
    }
    if question.text.trim().is_empty() {
        return Err(Refusal::new("field-invalid", child(at, "text")));
    }
    let statistic = question.statistic.as_ref();
    if statistic.is_some_and(|statistic| Decimal::parse(&statistic.value).is_none()) {
        return Err(Refusal::new("catalogue-bad-statistic", child(at, "statistic")));
    }
    Ok(())
}

fn read_control(item: Object<'_>) -> Result<Control, Refusal> {
    Ok(Control {
        id: item.text("id")?.to_owned(),
        area: item.word("area")?,
        title: item.text("title")?.to_owned(),
        statement: item.text_or_none("statement")?.map(str::to_owned),
        knock_out: item.boolean("knock_out")?,
        questions: item.each("questions", read_question)?,
    })
}

fn read_question(item: Object<'_>) -> Result<Question, Refusal> {
    let element = item.integer("element", 0..=i64::from(u8::MAX))?;
    let statistic = item.object_or_none("statistic")?.map(read_statistic).transpose();
    let owned = |key| Ok::<_, Refusal>(item.text_or_none(key)?.map(str::to_owned));
    Ok(Question {
        id: item.text("id")?.to_owned(),
        element: u8::try_from(element).map_err(|_| invalid("element"))?,
        priority: item.boolean("priority")?,
        text: item.text("text")?.to_owned(),
        introduced: owned("introduced")?,
        changed: owned("changed")?,
        statistic: statistic.map_err(|refusal| under(refusal, "statistic"))?,
        methods: item.each("methods", |method| {
            Ok(Method {
                id: method.text("id")?.to_owned(),
                method: method.word("method")?,
                objects: method.text("objects")?.to_owned(),
            })
        })?,
    })
}

fn read_statistic(item: Object<'_>) -> Result<Statistic, Refusal> {
    Ok(Statistic {
        name: item.text("name")?.to_owned(),
        operator: item.word("operator")?,
        value: item.text("value")?.to_owned(),
        unit: item.text("unit")?.to_owned(),
        min_n: item.count("min_n")?,
    })
}
