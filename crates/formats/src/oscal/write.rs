//! A version of the standard written as a catalogue (CT-06).
//!
//! Not here: reading one (`catalogue`), which gives the same standard back.

use comity_core::cert::catalogue::{Control, Method, Question, Standard};
use comity_core::cert::day::Day;
use comity_core::cert::word::Word as _;
use serde_json::{Value, json};

use super::{NS, NS_METHOD, VERSION, uuid};

/// The day a document is said to be of whose standard names none; OSCAL demands one.
const DAY_UNKNOWN: &str = "1970-01-01";

/// Writes a standard as a catalogue; the same standard gives the same document.
#[must_use]
pub fn catalogue(standard: &Standard) -> Value {
    let source = serde_json::to_vec(standard).unwrap_or_default();
    let mut props = Vec::new();
    let mut add = |name: &str, day: Option<Day>| {
        props.extend(day.map(|day| own(name, &day.to_string())));
    };
    add("applicable-from", standard.applicable_from);
    add("sunset-at", standard.sunset_at);
    props.push(own("language", &standard.language));
    props.push(own("authentic", word(standard.authentic)));
    let day = standard.applicable_from.map_or_else(|| DAY_UNKNOWN.to_owned(), |d| d.to_string());
    let groups: Vec<Value> = standard
        .areas
        .iter()
        .filter_map(|title| {
            let of_area = standard.controls.iter().filter(|c| c.area == title.area);
            let controls: Vec<Value> = of_area.map(control).collect();
            // An empty list is no list in OSCAL, and an area without controls is none.
            let group = json!({"id": title.area, "class": "area", "title": title.title,
                "controls": controls});
            (!controls.is_empty()).then_some(group)
        })
        .collect();
    let mut catalog = json!({
        "uuid": uuid(&source),
        "metadata": {
            "title": standard.title,
            "last-modified": format!("{day}T00:00:00Z"),
            "version": standard.version,
            "oscal-version": VERSION,
            "document-ids": [{"scheme": NS, "identifier": standard.id}],
            "props": props,
        },
    });
    if let (Value::Object(members), false) = (&mut catalog, groups.is_empty()) {
        members.insert("groups".to_owned(), Value::Array(groups));
    }
    json!({ "catalog": catalog })
}

const fn word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn own(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": NS, "value": value})
}

fn control(control: &Control) -> Value {
    let area = control.area.as_str();
    let mut props = vec![json!({"name": "label", "value": control.id}), own("area", area)];
    if control.knock_out {
        props.push(own("knock-out", "true"));
    }
    let mut parts = Vec::new();
    if let Some(statement) = &control.statement {
        let id = format!("{}_smt", control.id);
        parts.push(json!({"id": id, "name": "statement", "prose": statement}));
    }
    parts.extend(control.questions.iter().map(|question| objective(question, area)));
    for question in &control.questions {
        parts.extend(question.methods.iter().map(|one| method(one, question)));
    }
    let mut written = json!({"id": control.id, "title": control.title, "props": props});
    if let (Value::Object(members), false) = (&mut written, parts.is_empty()) {
        members.insert("parts".to_owned(), Value::Array(parts));
    }
    written
}

fn objective(question: &Question, area: &str) -> Value {
    let mut props = vec![
        own("critical-element", &question.element.to_string()),
        own("area", area),
        own("priority", word(question.priority)),
    ];
    props.extend(question.introduced.iter().map(|value| own("introduced", value)));
    props.extend(question.changed.iter().map(|value| own("changed", value)));
    if let Some(statistic) = &question.statistic {
        props.extend([
            own("statistic", &statistic.name),
            own("statistic-operator", statistic.operator.as_str()),
            own("statistic-value", &statistic.value),
            own("statistic-unit", &statistic.unit),
            own("statistic-min-n", &statistic.min_n.to_string()),
        ]);
    }
    json!({"id": question.id, "name": "assessment-objective", "props": props,
        "prose": question.text})
}

fn method(method: &Method, question: &Question) -> Value {
    json!({
        "id": method.id,
        "name": "assessment-method",
        "props": [
            {"name": "method", "ns": NS_METHOD, "value": method.method.as_str()},
            own("question", &question.id),
        ],
        "parts": [{"id": format!("{}_obj", method.id), "name": "assessment-objects",
            "prose": method.objects}],
    })
}
