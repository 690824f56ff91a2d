//! Questions and rolls of the demo's standard.

use serde_json::{Value, json};

const AREAS: [&str; 7] = ["LEG", "ORG", "LIC", "CMP", "MDL", "DEP", "INC"];

pub(super) fn questions() -> Value {
    let mut questions: Vec<Value> = AREAS
        .iter()
        .zip(1..)
        .map(|(area, ce)| {
            json!({ "pq": format!("{area}-1"), "area": area, "ce": ce, "control": format!("{area}-1"),
                "text": format!("Is there a rule for {area}, and is it applied?") })
        })
        .collect();
    for control in ["TRD-IMP", "TRD-EXP"] {
        questions.push(json!({ "pq": control, "area": "TRD", "ce": 8, "control": control,
            "priority": true, "text": format!("Is the rule {control} in force and applied?") }));
    }
    json!({ "questions": questions })
}

pub(super) fn question_ids() -> Vec<String> {
    let areas = AREAS.iter().map(|area| format!("{area}-1"));
    areas.chain(["TRD-IMP".to_owned(), "TRD-EXP".to_owned()]).collect()
}

/// The rolls of the organ that takes a decision.
pub(super) fn rolls(decision: &str) -> Value {
    let roll = |chamber: &str, names: &[&str]| {
        let voters: Vec<Value> = names.iter().map(|id| json!({ "id": id, "weight": 1 })).collect();
        json!({ "chamber": chamber, "voters": voters })
    };
    let states = ["state-1", "state-2", "state-3", "state-4", "state-5", "state-6"];
    match decision {
        "CERTIFIED" | "CONDITIONAL" => {
            json!([roll("states", &states), roll("board", &["board-1", "board-2", "board-chair"])])
        }
        "CONCERN_CONFIRMED" => json!([roll("committee", &["member-1", "member-2", "member-3"])]),
        "APPEAL_UPHELD" => json!([roll("panel", &["panel-1", "panel-2", "panel-3"])]),
        _ => json!([roll("states", &states)]),
    }
}

pub(super) fn voters(rolls: &Value) -> Vec<(String, String)> {
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut voters = Vec::new();
    for roll in rolls.as_array().into_iter().flatten() {
        for voter in roll.get("voters").and_then(Value::as_array).into_iter().flatten() {
            voters.push((text(roll, "chamber"), text(voter, "id")));
        }
    }
    voters
}
