//! The form as it is shown: questions with the answers given so far and what is refused, and the
//! review with all answers. Labels are messages: `report-label-<name>`, `report-hint-<name>`,
//! `report-option-<name>-<value>`, `report-question-<question>`, `report-why-<question>`.

use comity_core::refusal::Refusal;

use crate::web::view::{AnswerRow, AnswerValue, ErrorItem};
use crate::web::visible::Foreign;

use super::Fields;
use super::answers::{Context, Section, asked, number};
use super::spec::{Control, SYSTEMS_MAX, Spec, Step};

/// How many empty rows are offered for further systems.
const ROWS_SPARE: usize = 1;
/// How many rows the button "more" adds.
const ROWS_MORE: usize = 5;

/// One question with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// `1` to `7`, or the name of a section.
    pub id: &'static str,
    /// The step it belongs to: the seven questions are numbered, the others say why they are asked.
    pub step: Step,
    /// Whether it is asked with urgency.
    pub urgent: bool,
    /// Whether it may be left folded: nothing answered, nothing refused.
    pub folded: bool,
    /// Whether a button for more rows is offered.
    pub more: bool,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Question {
    /// Returns whether it is one of the seven, shown with its number.
    #[must_use]
    pub fn numbered(&self) -> bool {
        self.step == Step::First
    }

    /// Returns the message of its title.
    #[must_use]
    pub fn title(&self) -> String {
        format!("report-question-{}", self.id)
    }

    /// Returns the message that says why it is asked.
    #[must_use]
    pub fn reason(&self) -> String {
        format!("report-why-{}", self.id)
    }

    /// Returns whether its only field can carry the question as its own label.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.fields.len() == 1
    }

    /// Returns whether its only field must be answered, so that the title carries the mark.
    #[must_use]
    pub fn is_single_required(&self) -> bool {
        self.is_single() && self.fields.iter().all(|field| field.required)
    }
}

/// One field with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name that is sent.
    pub name: &'static str,
    /// The id of the control, unique on the page.
    pub id: String,
    /// How it is asked.
    pub control: Control,
    /// Whether it must be answered.
    pub required: bool,
    /// Which row, from 1.
    pub row: Option<u32>,
    /// The answer so far, byte for byte.
    pub value: String,
    /// The choices, for one or many.
    pub choices: Vec<Choice>,
    /// What is refused.
    pub errors: Vec<ErrorItem>,
}

impl Field {
    /// Returns the message of its label.
    #[must_use]
    pub fn label(&self) -> String {
        format!("report-label-{}", self.name)
    }

    /// Returns the message of its hint, which not every field has.
    #[must_use]
    pub fn hint(&self) -> String {
        format!("report-hint-{}", self.name)
    }

    /// Returns whether something is refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Returns what the template tells controls apart by.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        match self.control {
            Control::Area | Control::Lines(..) => "area",
            Control::Date => "date",
            Control::Email => "email",
            Control::Line => "line",
            Control::Many(_) => "many",
            Control::Number(..) => "number",
            Control::One(values) if values.len() > 6 => "select",
            Control::One(_) => "one",
        }
    }

    /// Returns how many lines an area shows.
    #[must_use]
    pub fn height(&self) -> u32 {
        match self.name {
            "description" | "payload" | "steps" => 8,
            "indicators" | "openpgp" | "attacks_how" | "retaliation" => 5,
            _ => 3,
        }
    }

    /// Returns whether the answer is an id, address or number, written left to right.
    #[must_use]
    pub fn is_ltr(&self) -> bool {
        matches!(self.control, Control::Date | Control::Email | Control::Number(..))
            || matches!(
                self.name,
                "links" | "indicators" | "hashes" | "openpgp" | "seed" | "snapshot" | "country"
            )
    }
}

/// One value that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value that is sent.
    pub value: &'static str,
    /// The message of its label.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// Returns the questions of a step that apply, filled with the answers and what is refused.
#[must_use]
pub fn questions(
    fields: &Fields,
    context: Context,
    step: Step,
    refusals: &[Refusal],
) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for spec in asked(fields, context, step) {
        match questions.last_mut() {
            Some(question) if question.id == spec.question => {}
            _ => questions.push(question(spec, fields)),
        }
        if let Some(question) = questions.last_mut().filter(|_| !spec.rows) {
            question.fields.push(one(spec, fields, context, None, refusals));
        }
    }
    for question in &mut questions {
        if question.id == Section::Several.name() {
            question.fields = rows(fields, context, refusals);
            question.more = question.fields.len() < SYSTEMS_MAX * 5;
        }
        let filled =
            question.fields.iter().any(|field| !field.value.is_empty() || field.is_refused());
        question.folded = question.id == Section::Several.name() && !filled;
    }
    questions
}

fn question(spec: &Spec, fields: &Fields) -> Question {
    Question {
        id: spec.question,
        step: spec.step,
        urgent: spec.question == Section::Attacks.name() && fields.has("attacks", "seen"),
        folded: false,
        more: false,
        fields: Vec::new(),
    }
}

fn rows(fields: &Fields, context: Context, refusals: &[Refusal]) -> Vec<Field> {
    let filled = fields.all("also_name").count();
    let used = (0..filled)
        .filter(|row| {
            ROW_FIELDS
                .iter()
                .any(|name| fields.all(name).nth(*row).is_some_and(|value| !value.is_empty()))
        })
        .max()
        .map_or(0, |row| row + 1);
    let wanted = if fields.has("step", "more") { filled + ROWS_MORE } else { used + ROWS_SPARE };
    let shown = wanted.min(SYSTEMS_MAX);
    let specs = ROW_FIELDS.iter().filter_map(|name| super::spec::find(name));
    let specs: Vec<&Spec> = specs.collect();
    (0..shown)
        .flat_map(|row| {
            specs.iter().map(move |spec| one(spec, fields, context, Some(row), refusals))
        })
        .collect()
}

const ROW_FIELDS: [&str; 5] = ["also_name", "also_version", "also_trials", "also_hits", "also_on"];

fn one(
    spec: &'static Spec,
    fields: &Fields,
    context: Context,
    row: Option<usize>,
    refusals: &[Refusal],
) -> Field {
    let pointer = match row {
        Some(row) => format!("/{}/{row}", spec.name),
        None => format!("/{}", spec.name),
    };
    let value = match row {
        Some(row) => fields.all(spec.name).nth(row).unwrap_or_default(),
        None => fields.answer(spec.name).unwrap_or_default(),
    };
    let values = spec.control.values().iter().filter(|value| context.offers(spec.name, value));
    Field {
        name: spec.name,
        id: anchor(&pointer),
        control: spec.control,
        required: spec.required || is_needed(spec.name, fields),
        row: row.and_then(|row| u32::try_from(row + 1).ok()),
        value: value.to_owned(),
        choices: values.map(|value| choice(spec.name, value, fields)).collect(),
        errors: refusals.iter().filter(|refusal| refusal.pointer == pointer).map(item).collect(),
    }
}

fn is_needed(name: &str, fields: &Fields) -> bool {
    name == "wish_date" && fields.has("wish", "date")
}

fn choice(name: &'static str, value: &'static str, fields: &Fields) -> Choice {
    Choice { value, label: option_label(name, value), chosen: fields.has(name, value) }
}

/// Labels of lexicon values come from the lexicon's own messages (PO-41).
fn option_label(name: &str, value: &str) -> String {
    match name {
        "harms" if value != super::spec::UNSURE => format!("lexicon-harm-{value}"),
        "kind" => format!("lexicon-artefact-{value}"),
        "access" => format!("lexicon-surface-{value}"),
        _ => format!("report-option-{name}-{value}"),
    }
}

fn anchor(pointer: &str) -> String {
    let path = pointer.trim_start_matches('/').replace('/', "-");
    if path.is_empty() { "form".to_owned() } else { format!("f-{path}") }
}

fn item(refusal: &Refusal) -> ErrorItem {
    let name = refusal.pointer.split('/').nth(1).unwrap_or_default();
    let label = super::spec::find(name).map(|spec| format!("report-label-{}", spec.name));
    ErrorItem {
        anchor: if label.is_some() { anchor(&refusal.pointer) } else { "form".to_owned() },
        label,
        refusal: refusal.clone(),
    }
}

/// Returns the summary of what is refused, each linked to its field.
#[must_use]
pub fn error_items(refusals: &[Refusal]) -> Vec<ErrorItem> {
    refusals.iter().map(item).collect()
}

/// Returns all answers that apply and were given, for the review.
///
/// `language` is the one that the finder's words are marked with.
#[must_use]
pub fn answer_rows(fields: &Fields, context: Context, language: Option<&str>) -> Vec<AnswerRow> {
    let specs = asked(fields, context, Step::First).into_iter().chain(asked(
        fields,
        context,
        Step::Details,
    ));
    let mut rows = Vec::new();
    for spec in specs {
        let row = |number, value| AnswerRow {
            label: format!("report-label-{}", spec.name),
            number,
            value,
        };
        let words = |value: &str| AnswerValue::Words(Foreign::new(value, language));
        if spec.rows {
            let given = fields.all(spec.name).enumerate().filter(|(_, value)| !value.is_empty());
            rows.extend(
                given.map(|(place, value)| row(u32::try_from(place + 1).ok(), words(value))),
            );
        } else if spec.control.values().is_empty() {
            rows.extend(fields.answer(spec.name).map(|value| row(None, words(value))));
        } else {
            let values = spec.control.values().iter().filter(|value| fields.has(spec.name, value));
            let chosen: Vec<String> = values.map(|value| option_label(spec.name, value)).collect();
            rows.extend((!chosen.is_empty()).then(|| row(None, AnswerValue::Choices(chosen))));
        }
        if spec.name == "hits" {
            rows.extend(trials(fields).map(|interval| AnswerRow {
                label: "report-label-interval".to_owned(),
                number: None,
                value: AnswerValue::Trials(interval),
            }));
        }
    }
    rows
}

fn trials(fields: &Fields) -> Option<Interval> {
    interval(fields.answer("trials").and_then(number)?, fields.answer("hits").and_then(number)?)
}

/// How often it works, with the bounds that the trials support (`lexicon.md`, LX-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The trials.
    pub trials: u32,
    /// The trials in which it worked.
    pub hits: u32,
    /// One-sided 95 % lower bound, in hundredths, rounded down.
    pub low_percent: u8,
    /// One-sided 95 % upper bound, in hundredths, rounded up.
    pub high_percent: u8,
}

/// Returns the interval of LX-4 in whole hundredths; none if there are no trials or more hits.
#[must_use]
pub fn interval(trials: u32, hits: u32) -> Option<Interval> {
    const Z: f64 = 1.644_853_626_951_472_2;
    if trials == 0 || hits > trials {
        return None;
    }
    let (n, k) = (f64::from(trials), f64::from(hits));
    let (rate, square) = (k / n, Z * Z);
    let centre = rate + square / (2.0 * n);
    let spread = Z * (rate * (1.0 - rate) / n + square / (4.0 * n * n)).sqrt();
    let scale = 1.0 + square / n;
    let low = ((centre - spread) / scale * 100.0).max(0.0);
    let high = ((centre + spread) / scale * 100.0).min(100.0);
    Some(Interval { trials, hits, low_percent: below(low), high_percent: above(high) })
}

/// Returns the greatest whole number of hundredths that is not above the value.
fn below(percent: f64) -> u8 {
    (0..=100_u8).rev().find(|whole| f64::from(*whole) <= percent + 1e-9).unwrap_or(0)
}

/// Returns the least whole number of hundredths that is not below the value.
fn above(percent: f64) -> u8 {
    (0..=100_u8).find(|whole| f64::from(*whole) >= percent - 1e-9).unwrap_or(100)
}
