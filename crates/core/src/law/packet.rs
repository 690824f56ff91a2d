//! What an authority's form asks, filled in from a case as far as the case knows it, and no further than the
//! stage needs (LW-50).
//!
//! The fields of a form stand in the pack, at its stage; what each asks stands in `policies/fields.json`.
//! Nobody files from here: a person reads, fills the gaps and sends. Not here: opening sealed content.

mod print;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::duty::Duty;
use super::level::Level;
use super::output::Evaluation;
use super::refused::{Code, Refused};
use super::time::Instant;
use super::vocabulary::{Scalar, Value, Vocabulary};

const FIELDS: &str = include_str!("../../../../policies/fields.json");
/// Answers a caller may give at most.
pub const ANSWERS_MAX: usize = 128;
/// Characters of one answer at most.
pub const ANSWER_CHARS_MAX: usize = 20_000;

/// What a form's field asks.
#[derive(Clone, Debug, Deserialize)]
struct Asked {
    name: String,
    label: String,
    level: String,
    from: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Catalogue {
    general: Vec<String>,
    fields: Vec<Asked>,
}

/// The file is ours and a test reads it.
static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| serde_json::from_str(FIELDS).unwrap_or_default());

/// What a case or a person knows, by the name of a field or of a place that fields name as theirs.
pub type Known = BTreeMap<String, String>;

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Answered.
    Filled,
    /// Nobody answered it yet.
    Gap,
    /// Its answer reveals more than the stage needs.
    Withheld,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// What it asks.
    pub label: String,
    /// What the pack says of it.
    pub note: Option<String>,
    /// Whether it may stay empty.
    pub optional: bool,
    /// What an answer reveals.
    pub level: Level,
    /// Where it stands.
    pub state: State,
    /// The answer.
    pub value: Option<String>,
}

/// A recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addressee {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// `comity.packet/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Packet {
    schema: &'static str,
    /// The sentence that stands on every page and print.
    pub notice: String,
    /// The case.
    pub case: String,
    /// The instant it was asked at.
    pub at: Instant,
    /// `party/rule/stage`.
    pub duty: String,
    /// What the rule says.
    pub rule: String,
    /// The texts.
    pub sources: Vec<String>,
    /// To whom it goes.
    pub to: Vec<Addressee>,
    /// The least it must reveal, above which nothing is put in.
    pub min_level: Option<Level>,
    /// The operational target.
    pub target: Option<Instant>,
    /// The legal outer date.
    pub outer: Option<Instant>,
    /// Where the duty stands.
    pub status: &'static str,
    /// What a reader must know.
    pub warnings: Vec<String>,
    /// `pack` if the pack describes the form, `general` if nobody described it.
    pub form: &'static str,
    /// The fields in the order of the form.
    pub fields: Vec<Field>,
    /// Fields that somebody must answer still.
    pub gaps: Vec<String>,
}

/// Fills the form of a duty. `known` may answer by field name, which a person does, or by place.
pub fn packet(evaluation: &Evaluation<'_>, duty: &str, known: &Known) -> Result<Packet, Refused> {
    let wanted = evaluation.duties.list.iter().find(|found| found.id() == duty);
    let unknown = || Refused::new(Code::Ref, "/duty", format!("no duty {duty}"));
    let duty = wanted.ok_or_else(unknown)?;
    let sources = facts(evaluation, duty);
    let ceiling = duty.stage.min_level.unwrap_or(Level::L1);
    let general = duty.stage.fields.is_empty();
    let names = if general { &CATALOGUE.general } else { &duty.stage.fields };
    let fields: Vec<Field> =
        names.iter().map(|name| field(name, ceiling, known, &sources)).collect();
    let gap = |f: &&Field| f.state == State::Gap && !f.optional;
    let answer = evaluation.duty_answers().into_iter().find(|found| found.id == duty.id());
    let warnings = answer.as_ref().map(|a| a.warnings().to_vec()).unwrap_or_default();
    let cited = duty.rule.sources.iter().filter_map(|id| duty.pack.sources.get(id));
    Ok(Packet {
        schema: "comity.packet/1",
        notice: evaluation.notice(),
        case: evaluation.world.case.id.clone(),
        at: evaluation.world.at,
        duty: duty.id(),
        rule: duty.rule.summary.clone(),
        sources: cited.map(|s| format!("{}, {}", s.instrument, s.article)).collect(),
        to: addressees(evaluation, duty),
        min_level: duty.stage.min_level,
        target: duty.dates.target,
        outer: duty.dates.outer,
        status: duty.status.as_str(),
        warnings,
        form: if general { "general" } else { "pack" },
        gaps: fields.iter().filter(gap).map(|f| f.name.clone()).collect(),
        fields,
    })
}

fn addressees(evaluation: &Evaluation<'_>, duty: &Duty<'_>) -> Vec<Addressee> {
    let name = |id: &String| {
        let known = evaluation.world.packs.recipient(id);
        Addressee { id: id.clone(), name: known.map_or_else(|| id.clone(), |r| r.name.clone()) }
    };
    duty.stage.to.iter().map(name).collect()
}

/// Reads a field as packs write it: its name, and in brackets what they say of it.
fn field(written: &str, ceiling: Level, known: &Known, facts: &Known) -> Field {
    let (name, note) = match written.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')').map(str::to_owned)),
        None => (written, None),
    };
    let asked = CATALOGUE.fields.iter().find(|asked| asked.name == name);
    let optional = note.as_deref().is_some_and(|n| n == "opt" || n.contains("if available"));
    // A field that nobody described yet is taken to reveal everything but persons.
    let level = asked.and_then(|asked| Level::parse(&asked.level)).unwrap_or(Level::L4);
    let from = asked.and_then(|asked| asked.from.as_deref());
    let answer = |all: &Known| all.get(name).or_else(|| all.get(from?)).cloned();
    let value = answer(known).or_else(|| answer(facts)).filter(|text| !text.trim().is_empty());
    let (state, value) = match value {
        _ if level > ceiling => (State::Withheld, None),
        Some(value) => (State::Filled, Some(value)),
        None => (State::Gap, None),
    };
    Field {
        label: asked.map_or_else(|| name.replace('_', " "), |asked| asked.label.clone()),
        name: name.to_owned(),
        note,
        optional: optional || name.ends_with("_if_available"),
        level,
        state,
        value,
    }
}

/// What the facts themselves answer.
fn facts(evaluation: &Evaluation<'_>, duty: &Duty<'_>) -> Known {
    let mut known = Known::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            known.insert(name.to_owned(), value);
        }
    };
    let case = evaluation.world.case;
    put("party_name", Some(duty.party.to_owned()));
    put("stage", Some(duty.stage.id.replace('_', " ")));
    put("start", duty.start.as_ref().filter(|s| s.asserted).map(|s| s.at.to_string()));
    put("marking", case.embargo.as_ref().map(|e| format!("{}, {}", e.tlp, e.pap)));
    let Some(actor) = evaluation.world.actor_of(duty.party) else { return known };
    put("measure_available", actor.event("measure_available").map(|at| at.to_string()));
    let facts = actor.tables.of(duty.pack);
    let markets = facts.value("product.markets");
    let listed = |value: &Value| value.items().iter().map(ToString::to_string).collect::<Vec<_>>();
    if let Some(all) = markets.map(listed).filter(|all| !all.is_empty()) {
        put("markets", Some(all.join(", ")));
        let union = Vocabulary::shipped().set("EU27");
        let inside: Vec<String> =
            all.iter().filter(|m| union.is_some_and(|set| set.contains(*m))).cloned().collect();
        put("member_states", (!inside.is_empty()).then(|| inside.join(", ")));
        put("cross_border", (all.len() > 1).then(|| "yes".to_owned()));
    }
    if facts.value("vuln.exploitation").and_then(Value::as_text) == Some("active") {
        put("malicious", Some("yes".to_owned()));
    }
    if facts.value("vuln.patch_available") == Some(&Value::One(Scalar::Bool(true))) {
        put("corrective_measures", Some("A corrective measure is available.".to_owned()));
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::shipped;

    #[test]
    fn every_field_of_a_shipped_form_is_described() {
        let stages = shipped::packs().unwrap().rules().flat_map(|(_, rule)| &rule.stages);
        let written: Vec<&String> = stages.flat_map(|stage| &stage.fields).collect();
        assert!(written.len() > 60, "{}", written.len());
        for name in written.into_iter().chain(&CATALOGUE.general) {
            let name = name.split('(').next().unwrap();
            assert!(CATALOGUE.fields.iter().any(|asked| asked.name == name), "{name}");
        }
        for asked in &CATALOGUE.fields {
            assert!(
                Level::parse(&asked.level).is_some_and(|level| level < Level::L4),
                "{}",
                asked.name
            );
        }
    }

    #[test]
    fn a_field_above_the_stage_is_withheld_whoever_answers() {
        let known =
            Known::from([("technical_characteristics".to_owned(), "stack overflow".to_owned())]);
        let at = |level| field("technical_characteristics", level, &known, &Known::new());
        assert_eq!((at(Level::L2).state, at(Level::L2).value), (State::Withheld, None));
        assert_eq!(at(Level::L3).value.as_deref(), Some("stack overflow"));
        // What nobody described reveals everything, until somebody says otherwise.
        let odd = field(
            "shoe_size(opt)",
            Level::L3,
            &Known::from([("shoe_size".to_owned(), "46".to_owned())]),
            &Known::new(),
        );
        assert_eq!((odd.state, odd.optional), (State::Withheld, true));
        let blank = Known::from([("product_name".to_owned(), "  ".to_owned())]);
        assert_eq!(field("product_name", Level::L1, &blank, &Known::new()).state, State::Gap);
    }
}
