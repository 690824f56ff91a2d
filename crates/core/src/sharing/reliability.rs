//! Blind re-answers of recorded screens: whether raters mean the same by each question (SH-28).
//!
//! Raters are of other organisations, so each organisation answers a record once. Not here: who draws the sample,
//! and who keeps the answers apart until all are in.

use std::collections::{BTreeMap, BTreeSet};

use comity_ledger::json::Limits;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::alpha::krippendorff_alpha;
use super::levels::LEVEL_MAX;
use super::reader;
use super::word::Question;
use crate::refusal::{Refusal, child};

/// Bytes of a document of answers at most.
pub const ANSWERS_BYTES_MAX: usize = 4 << 20;
/// The schema of answers.
const ANSWERS: &str = "comity.blind-answers/1";
/// The schema of what follows from them.
const RELIABILITY: &str = "comity.reliability/1";
/// Below this twice, a question is reworded or retired.
const WEAK_BELOW: f64 = 0.6;
/// Records of one quarter that are answered again, at most.
const RECORDS_MAX: usize = 200;
/// Raters of one record at most.
const RATERS_MAX: usize = 16;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "schema")]
    _schema: String,
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    leaf: String,
    raters: Vec<Rater>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rater {
    organisation: String,
    answers: BTreeMap<String, Value>,
}

/// What answers say about the questions, `comity.reliability/1`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reliability {
    /// Always `comity.reliability/1`.
    pub schema: &'static str,
    /// How many records were answered again.
    pub records: usize,
    /// Every question, in order.
    pub questions: Vec<QuestionReliability>,
}

/// How far raters agree on one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuestionReliability {
    /// The question.
    pub question: Question,
    /// Records with at least two answers to it.
    pub units: usize,
    /// Ordinal alpha with six decimals; none where answers do not vary.
    pub alpha: Option<String>,
    /// Whether it is below 0.6: twice in a row, and the question is reworded or retired.
    pub weak: bool,
}

/// Reads answers and returns alpha of each question.
pub fn reliability(bytes: &[u8]) -> Result<Reliability, Vec<Refusal>> {
    let limits = Limits { bytes_max: ANSWERS_BYTES_MAX, ..Limits::REPORT };
    let value = reader::document(bytes, &limits)?;
    reader::schema(&value, ANSWERS)?;
    let document: Document = serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = error.path().iter().fold(String::new(), |at, segment| match segment {
            serde_path_to_error::Segment::Seq { index } => format!("{at}/{index}"),
            serde_path_to_error::Segment::Map { key } => child(&at, key),
            serde_path_to_error::Segment::Enum { .. } | serde_path_to_error::Segment::Unknown => at,
        });
        vec![Refusal::new("value-invalid", pointer)]
    })?;
    let refusals = faults(&document);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let questions = Question::ALL.iter().map(|question| of_question(*question, &document));
    Ok(Reliability {
        schema: RELIABILITY,
        records: document.records.len(),
        questions: questions.collect(),
    })
}

fn of_question(question: Question, document: &Document) -> QuestionReliability {
    let units: Vec<Vec<Option<u8>>> = document
        .records
        .iter()
        .map(|record| {
            let answers = record.raters.iter().map(|rater| rater.answers.get(question.key()));
            answers.map(|answer| answer.and_then(level)).collect()
        })
        .collect();
    let alpha = krippendorff_alpha(&units);
    let paired = units.iter().filter(|unit| unit.iter().flatten().count() >= 2);
    QuestionReliability {
        question,
        units: paired.count(),
        weak: alpha.is_some_and(|alpha| alpha < WEAK_BELOW),
        alpha: alpha.map(|alpha| format!("{alpha:.6}")),
    }
}

/// Returns a level; none for `U`, and for what [`faults`] refuses.
fn level(answer: &Value) -> Option<u8> {
    answer.as_u64().and_then(|level| u8::try_from(level).ok()).filter(|level| *level <= LEVEL_MAX)
}

fn faults(document: &Document) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if document.records.len() > RECORDS_MAX {
        refusals.push(Refusal::new("list-too-long", "/records"));
    }
    let mut leaves = BTreeSet::new();
    for (nth, record) in document.records.iter().enumerate() {
        let at = format!("/records/{nth}");
        if comity_ledger::digest::hex_32(&record.leaf).is_err() {
            refusals.push(Refusal::new("value-invalid", format!("{at}/leaf")));
        } else if !leaves.insert(&record.leaf) {
            refusals.push(Refusal::new("list-duplicate", format!("{at}/leaf")));
        }
        if record.raters.len() > RATERS_MAX {
            refusals.push(Refusal::new("list-too-long", format!("{at}/raters")));
        }
        let mut organisations = BTreeSet::new();
        for (nth, rater) in record.raters.iter().enumerate() {
            let at = format!("{at}/raters/{nth}");
            if !organisations.insert(&rater.organisation) {
                refusals.push(Refusal::new("list-duplicate", format!("{at}/organisation")));
            }
            for (key, answer) in &rater.answers {
                let at = child(&format!("{at}/answers"), key);
                if !Question::ALL.iter().any(|question| question.key() == key) {
                    refusals.push(Refusal::new("value-unknown", at));
                } else if level(answer).is_none() && answer != "U" {
                    refusals.push(Refusal::new("value-invalid", at));
                }
            }
        }
    }
    refusals
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answers(units: &[&[u8]]) -> Value {
        let records: Vec<Value> = units
            .iter()
            .enumerate()
            .map(|(nth, unit)| {
                let rater = |(who, level): (usize, &u8)| {
                    json!({ "organisation": format!("o{who}"), "answers": { "A1": level, "A2": "U", "B1": 1 } })
                };
                let raters: Vec<Value> = unit.iter().enumerate().map(rater).collect();
                json!({ "leaf": format!("{nth:064x}"), "raters": raters })
            })
            .collect();
        json!({ "schema": "comity.blind-answers/1", "records": records })
    }

    fn read(value: &Value) -> Result<Reliability, Vec<Refusal>> {
        reliability(value.to_string().as_bytes())
    }

    #[test]
    fn each_question_has_its_alpha() {
        let units: [&[u8]; 8] = [
            &[4, 4, 4],
            &[1, 2],
            &[3, 3, 2],
            &[0, 0, 0],
            &[2, 2, 3],
            &[1, 1],
            &[4, 3, 4],
            &[0, 1, 0],
        ];
        let found = read(&answers(&units)).unwrap();
        let of = |key: &str| {
            let one = found.questions.iter().find(|one| one.question.key() == key).unwrap();
            (one.units, one.alpha.clone(), one.weak)
        };
        assert_eq!(of("A1"), (8, Some("0.900673".to_owned()), false));
        assert_eq!(of("A2"), (0, None, false), "unknown is no answer");
        assert_eq!(of("B1"), (8, None, false), "no variation tells nothing");
        assert_eq!(found.questions.len(), Question::ALL.len());
        let weak = read(&answers(&[&[0, 4], &[4, 0], &[2, 2]])).unwrap();
        assert!(weak.questions.iter().any(|one| one.weak));
    }

    #[test]
    fn bad_answers_are_refused_at_their_place() {
        let check = |pointer: &str, value: Value, code: &str, at: &str| {
            let mut document = answers(&[&[1, 2], &[3, 3]]);
            *document.pointer_mut(pointer).unwrap() = value;
            let refusals = read(&document).unwrap_err();
            let found: Vec<(&str, &str)> =
                refusals.iter().map(|refusal| (refusal.code, refusal.pointer.as_str())).collect();
            assert_eq!(found, [(code, at)], "{pointer}");
        };
        let rater = "/records/1/raters/1";
        check("/schema", json!("other"), "schema-unknown", "/schema");
        check("/records", json!(3), "value-invalid", "/records");
        check("/records/1/leaf", json!("x"), "value-invalid", "/records/1/leaf");
        check("/records/1/leaf", json!("0".repeat(64)), "list-duplicate", "/records/1/leaf");
        let organisation = format!("{rater}/organisation");
        check(&organisation, json!("o0"), "list-duplicate", &organisation);
        let one = format!("{rater}/answers");
        check(&one, json!({ "A1": 5 }), "value-invalid", &format!("{one}/A1"));
        check(&one, json!({ "A1": 1.5 }), "value-invalid", &format!("{one}/A1"));
        check(&one, json!({ "Z9": 1 }), "value-unknown", &format!("{one}/Z9"));
        assert_eq!(reliability(b"{").unwrap_err()[0].code, "value-invalid");
        assert_eq!(
            reliability(&vec![b' '; ANSWERS_BYTES_MAX + 1]).unwrap_err()[0].code,
            "too-large"
        );
    }
}
