//! Worked cases: facts with the answer that must come out, in the format of `scenarios.json`.
//!
//! A lawyer writes them beside a pack; whoever changes the pack sees at once what changed for people.

use comity_ledger::json::{self, Limits};
use serde_json::Value as Json;

use super::facts::{parse_case, parse_party};
use super::output::duties_of_case;
use super::pack::PackSet;
use super::preview::preview;
use super::refused::{Code, Refused};
use super::time::Instant;

/// Bytes of one file of worked cases.
pub const BYTES_MAX: usize = 4 << 20;
/// Cases of one file.
pub const CASES_MAX: usize = 2_000;

const LIMITS: Limits =
    Limits { bytes_max: BYTES_MAX, depth_max: 32, keys_max: 4_096, floats: true };

/// One worked case and what did not come out.
#[derive(Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// Its id.
    pub id: String,
    /// What differs; empty if the case is green.
    pub failures: Vec<String>,
}

/// Runs all cases of a file under a set of packs.
pub fn run(bytes: &[u8], packs: &PackSet) -> Result<Vec<CaseResult>, Refused> {
    let file =
        json::parse(bytes, &LIMITS).map_err(|e| Refused::new(Code::Json, "", e.to_string()))?;
    let wrong =
        |at: &str| Refused::new(Code::Schema, at, "a file of worked cases is comity.scenarios/1");
    if file.get("schema").and_then(Json::as_str) != Some("comity.scenarios/1") {
        return Err(wrong("/schema"));
    }
    let cases =
        file.get("scenarios").and_then(Json::as_array).ok_or_else(|| wrong("/scenarios"))?;
    if cases.len() > CASES_MAX {
        return Err(wrong("/scenarios"));
    }
    cases
        .iter()
        .enumerate()
        .map(|(index, case)| {
            let id = case.get("id").and_then(Json::as_str);
            let id = id.ok_or_else(|| wrong(&format!("/scenarios/{index}/id")))?.to_owned();
            let expect =
                case.get("expect").ok_or_else(|| wrong(&format!("/scenarios/{index}/expect")))?;
            let failures = match answer(case, packs) {
                Ok(answer) => compare(expect, &answer),
                Err(refused) => refusal(expect, &refused),
            };
            Ok(CaseResult { id, failures })
        })
        .collect()
}

fn answer(case: &Json, packs: &PackSet) -> Result<Json, Refused> {
    let bytes = |key: &str| {
        let value = case.get(key).unwrap_or(&Json::Null);
        serde_json::to_vec(value).map_err(|e| Refused::new(Code::Json, key, e.to_string()))
    };
    let at = case.get("at").and_then(Json::as_str).and_then(Instant::parse);
    let at = at.ok_or_else(|| Refused::new(Code::Instant, "/at", "no instant"))?;
    let facts = parse_case(&bytes("facts")?, packs)?;
    let value = match case.get("command").and_then(Json::as_str) {
        Some("duties") => serde_json::to_value(duties_of_case(packs, &facts, at)?),
        Some("preview") => {
            let invitee = parse_party(&bytes("invite")?, packs)?;
            serde_json::to_value(preview(packs, &facts, invitee, at)?)
        }
        Some(_) | None => return Err(Refused::new(Code::Schema, "/command", "no such command")),
    };
    value.map_err(|e| Refused::new(Code::Json, "", e.to_string()))
}

fn refusal(expect: &Json, refused: &Refused) -> Vec<String> {
    let wanted = expect.get("refusal").and_then(|r| r.get("code")).and_then(Json::as_str);
    if wanted == Some(refused.code.as_str()) { Vec::new() } else { vec![refused.to_string()] }
}

fn compare(expect: &Json, answer: &Json) -> Vec<String> {
    let mut failures = Vec::new();
    let Some(expect) = expect.as_object() else { return vec!["expect is no object".to_owned()] };
    for (key, wanted) in expect {
        match key.as_str() {
            "absent_conflicts" => absent(wanted, answer, "conflicts", "class", &mut failures),
            "absent_duties" => absent(wanted, answer, "duties", "id", &mut failures),
            "after" | "before" | "horizon" => horizon(key, wanted, answer, &mut failures),
            "refusal" => failures.push("an answer instead of a refusal".to_owned()),
            _ => list(key, wanted, answer, &mut failures),
        }
    }
    failures
}

/// The members by which an expected object finds its counterpart.
fn identity(list: &str) -> &'static [&'static str] {
    match list {
        "actions" | "duties" | "new_duties" => &["id"],
        "conflicts" | "gone_conflicts" | "new_conflicts" => {
            &["class", "party", "rules", "action", "fact"]
        }
        "harbours" => &["party", "rule"],
        "lanes" => &["from", "to"],
        "publishers" => &["party"],
        "tasks" => &["fact", "party"],
        _ => &[],
    }
}

fn list(key: &str, wanted: &Json, answer: &Json, failures: &mut Vec<String>) {
    let (Some(wanted), Some(found)) = (wanted.as_array(), answer.get(key).and_then(Json::as_array))
    else {
        failures.push(format!("no list {key}"));
        return;
    };
    for one in wanted {
        let same = |other: &&Json| {
            identity(key).iter().all(|k| one.get(*k).is_none_or(|v| other.get(*k) == Some(v)))
        };
        let matching: Vec<&Json> = found.iter().filter(same).collect();
        let [other] = matching.as_slice() else {
            failures.push(format!("{key}: {} instead of one like {one}", matching.len()));
            continue;
        };
        for (member, value) in one.as_object().into_iter().flatten() {
            let got = other.get(member).unwrap_or(&Json::Null);
            if got != value {
                let name = one.get("id").or_else(|| one.get("class")).unwrap_or(&Json::Null);
                failures.push(format!("{key}: {name} {member} is {got}, not {value}"));
            }
        }
    }
}

fn absent(wanted: &Json, answer: &Json, list: &str, member: &str, failures: &mut Vec<String>) {
    let found = answer.get(list).or_else(|| answer.get(format!("new_{list}")));
    for id in wanted.as_array().into_iter().flatten().filter_map(Json::as_str) {
        let below = format!("{id}/");
        let there = found.and_then(Json::as_array).into_iter().flatten().any(|item| {
            let have = item.get(member).and_then(Json::as_str).unwrap_or_default();
            have == id || have.starts_with(&below)
        });
        if there {
            failures.push(format!("{id} is there"));
        }
    }
}

fn horizon(key: &str, wanted: &Json, answer: &Json, failures: &mut Vec<String>) {
    let found = answer.get(key).unwrap_or(&Json::Null);
    for (member, value) in wanted.as_object().into_iter().flatten() {
        if member != "reach" {
            let got = found.get(member).unwrap_or(&Json::Null);
            if got != value {
                failures.push(format!("{key}: {member} is {got}, not {value}"));
            }
            continue;
        }
        for reach in value.as_array().into_iter().flatten() {
            let text = |k: &str| reach.get(k).and_then(Json::as_str).unwrap_or_default();
            let holders = found.get("holders").and_then(Json::as_array).into_iter().flatten();
            let mut holders =
                holders.filter(|h| h.get("holder").and_then(Json::as_str) == Some(text("holder")));
            let got = holders.next().and_then(|h| h.get(text("mode"))?.get(text("level")));
            if got != reach.get("at") {
                failures.push(format!(
                    "{key}: {} reaches {} at {got:?}",
                    text("holder"),
                    text("level")
                ));
            }
        }
    }
}
