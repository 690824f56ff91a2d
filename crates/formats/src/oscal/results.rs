//! An assessment and its score written as OSCAL assessment results (CT-06).
//!
//! A finding says satisfied or not; an undetermined answer is neither and becomes no finding, only a
//! count, so that no reader takes "we do not know" for "no". Not here: scores (`comity_core::cert::score`).

use comity_core::cert::assessment::{Assessment, Question};
use comity_core::cert::word::{Answer, Word as _};
use serde_json::{Value, json};

use super::{NS, VERSION, uuid};

/// Writes an assessment; `source` is the file it was read from, which the ids rest on.
#[must_use]
pub fn write(assessment: &Assessment, source: &[u8]) -> Value {
    let jurisdiction = assessment.jurisdiction.as_str();
    let id = |what: &str| uuid(&[source, b"\n", what.as_bytes()].concat());
    let at = format!("{}T00:00:00Z", assessment.closed);
    let count = |answer| assessment.questions.iter().filter(|q| counted(q) == answer).count();
    let counts: Vec<Value> = Answer::ALL
        .iter()
        .map(|answer| {
            let name = format!("count-{}", answer.as_str());
            json!({"name": name, "ns": NS, "value": count(*answer).to_string()})
        })
        .collect();
    let mut controls: Vec<&str> =
        assessment.questions.iter().map(|question| question.control.as_str()).collect();
    controls.sort_unstable();
    controls.dedup();
    let selection = if controls.is_empty() {
        json!({"include-all": {}})
    } else {
        let include = |id: &&str| json!({ "control-id": id });
        json!({"include-controls": controls.iter().map(include).collect::<Vec<_>>()})
    };
    let findings: Vec<Value> =
        assessment.questions.iter().filter_map(|q| finding(q, &id(&q.id))).collect();
    let mut result = json!({
        "uuid": id("result"),
        "title": format!("Assessment of {jurisdiction}"),
        "description": "Answers found by the assessors. What is undetermined is no finding.",
        "start": at,
        "end": at,
        "props": counts,
        "reviewed-controls": {"control-selections": [selection]},
    });
    if let (Value::Object(members), false) = (&mut result, findings.is_empty()) {
        members.insert("findings".to_owned(), Value::Array(findings));
    }
    json!({"assessment-results": {
        "uuid": id("results"),
        "metadata": {
            "title": format!("Assessment of {jurisdiction} against {}", assessment.standard),
            "last-modified": at,
            "version": assessment.closed.to_string(),
            "oscal-version": VERSION,
            "props": [
                {"name": "jurisdiction", "ns": NS, "value": jurisdiction},
                {"name": "standard", "ns": NS, "value": assessment.standard},
            ],
        },
        "import-ap": {"href": format!("urn:uuid:{}", id("plan"))},
        "results": [result],
    }})
}

/// Returns the answer that counts (section 4): what fails is undetermined.
const fn counted(question: &Question) -> Answer {
    let fails = question.changed_after_answer
        || (matches!(question.found, Answer::NotApplicable) && !question.not_applicable_agreed);
    if fails { Answer::Undetermined } else { question.found }
}

fn finding(question: &Question, id: &str) -> Option<Value> {
    let state = match counted(question) {
        Answer::Satisfied => "satisfied",
        Answer::NotSatisfied => "not-satisfied",
        Answer::NotApplicable | Answer::Undetermined => return None,
    };
    Some(json!({
        "uuid": id,
        "title": question.id,
        "description": format!("Answer to question {} of control {}", question.id, question.control),
        "target": {
            "type": "objective-id",
            "target-id": question.id,
            "status": {"state": state},
        },
    }))
}
