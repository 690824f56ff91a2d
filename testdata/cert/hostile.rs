//! The hostile and contradictory inputs of `hostile.json`, made from the vectors by one change each.
//!
//! Shared by the tests of the rules, the API and the command line, which must all say the same.

use serde_json::Value;

/// One case: files by role, and a code or an outcome.
pub(crate) struct Hostile {
    pub(crate) id: String,
    pub(crate) is_import: bool,
    pub(crate) files: Vec<(&'static str, String)>,
    pub(crate) answer: String,
}

impl Hostile {
    /// Whether it is refused rather than decided.
    pub(crate) fn is_refused(&self) -> bool {
        self.answer.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    }

    pub(crate) fn file(&self, role: &str) -> &str {
        self.files.iter().find(|(known, _)| *known == role).map(|(_, text)| text).unwrap()
    }
}

/// Every case.
pub(crate) fn all() -> Vec<Hostile> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/cert");
    let read = |path: &str| std::fs::read_to_string(format!("{folder}/{path}")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&read("hostile.json")).unwrap();
    let one = |case: &Value| {
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        let base = text("base");
        let is_import = base.starts_with("trade-import");
        let roles: &[&'static str] = if is_import {
            &["bom", "good", "rules", "register"]
        } else {
            &["request", "rules", "register"]
        };
        let files = roles.iter().map(|role| {
            let whole = match *role {
                "register" => read("register-sample.json"),
                role => read(&format!("vectors/{base}/{role}.json")),
            };
            (*role, if case["file"] == *role { changed(case, &whole) } else { whole })
        });
        Hostile { id: text("id"), is_import, files: files.collect(), answer: text("answer") }
    };
    cases.iter().map(one).collect()
}

fn changed(case: &Value, whole: &str) -> String {
    let size = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    if let Some(text) = case["text"].as_str() {
        return text.to_owned();
    }
    if let Some(repeat) = case["repeat"].as_array() {
        return repeat[0].as_str().unwrap().repeat(size(&repeat[1]));
    }
    if case["cut"].is_u64() {
        return whole.chars().take(size(&case["cut"])).collect();
    }
    let mut value: Value = serde_json::from_str(whole).unwrap();
    let (parent, key) = case["at"].as_str().unwrap().rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match key.parse::<usize>() {
        Ok(place) => parent[place] = case["value"].clone(),
        Err(_) => parent[key] = case["value"].clone(),
    }
    value.to_string()
}
