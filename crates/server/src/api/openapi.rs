//! The `OpenAPI` 3.1 document, made from the route table; a snapshot lies in `docs/reference/openapi.json`.
//!
//! Not here: which routes there are (`table`) and the shapes of bodies (`schemas.json`).

use serde_json::{Map, Value, json};

use super::table::{Access, Guard, OCTETS, ROUTES, Route, Verb};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// The statuses any route may answer with a problem.
const PROBLEMS: [(&str, &str); 10] = [
    ("400", "not understood"),
    ("401", "a token is needed"),
    ("403", "the token lacks a scope"),
    ("404", "absent, or not to be seen"),
    ("409", "another request or state stands in the way"),
    ("413", "too large"),
    ("422", "refused, with every cause and its place"),
    ("429", "too many requests"),
    ("500", "a fault of the hub, with its incident"),
    ("503", "busy"),
];

/// Returns the whole document.
#[must_use]
pub fn document(report_schema: &Value) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let item = paths.entry(route.path.to_owned()).or_insert_with(|| json!({}));
        if let Value::Object(members) = item {
            members.insert(route.verb.key().to_owned(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Comity",
            "version": "1",
            "summary": "Coordinated disclosure of AI vulnerabilities: reports, cases, embargoes, advisories.",
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas(report_schema),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    })
}

/// The shapes of bodies, the report's taken from the lexicon so that it stands once.
fn schemas(report_schema: &Value) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("schemas.json")).unwrap_or(Value::Null);
    let mut report = report_schema.clone();
    if let (Value::Object(all), Value::Object(members)) = (&mut all, &mut report) {
        members.remove("$schema");
        members.remove("$id");
        all.insert("Report".to_owned(), report);
    }
    all
}

fn operation(route: &Route) -> Value {
    let mut out = json!({
        "operationId": route.operation,
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route),
    });
    if let Value::Object(members) = &mut out {
        match route.access {
            Access::Public => {}
            Access::Token(action) => {
                members.insert("security".to_owned(), json!([{ "token": [action.scope().key()] }]));
            }
        }
        if let Some(schema) = route.body {
            let mut content = content(schema, JSON);
            if let (Some(said), Some(Value::Object(json))) =
                (examples(route.operation), content.get_mut(JSON))
            {
                json.insert("examples".to_owned(), said);
            }
            members.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
        }
    }
    out
}

/// Examples of what a command says, one a kind; a test reads each as the hub would.
const EXAMPLES: &str = include_str!("examples.json");

/// Commands whose text is sealed and named by its commitment.
const TAKES_TEXT: [&str; 2] = ["content.seal", "statement.give"];

/// Returns the examples of an operation's body by kind.
fn examples(operation: &str) -> Option<Value> {
    let mut all: Value = serde_json::from_str(EXAMPLES).unwrap_or(Value::Null);
    let Value::Object(kinds) = all.get_mut(operation)?.take() else { return None };
    let whole = |(kind, said): (String, Value)| {
        let value = match operation {
            "apply-for-assessment" | "propose-standard" => json!({ "act": said }),
            "command-case" if TAKES_TEXT.contains(&kind.as_str()) => {
                json!({ "kind": kind, "body": said, "text": "words that are sealed" })
            }
            "command-case" => json!({ "kind": kind, "body": said }),
            _ => json!({ "kind": kind, "act": said }),
        };
        (kind, json!({ "value": value }))
    };
    Some(Value::Object(kinds.into_iter().map(whole).collect()))
}

/// Returns the media types of a schema; all but JSON and bytes are text.
fn media_of(schema: &str, json_type: &'static str) -> &'static [&'static str] {
    match schema {
        "Calendar" => &["text/calendar"],
        "Export" => &["application/jsonl"],
        "Octets" => &["application/octet-stream"],
        "Packet" => &[JSON, "text/html", "text/plain"],
        _ if json_type == JSON => &[JSON],
        _ => &[PROBLEM],
    }
}

fn content(schema: &str, json_type: &'static str) -> Value {
    let of = |media: &&str| {
        let is_print = schema == "Packet" && *media != JSON;
        let schema = if is_print { "Print" } else { schema };
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        ((*media).to_owned(), json!({ "schema": schema }))
    };
    Value::Object(media_of(schema, json_type).iter().map(of).collect())
}

fn parameters(route: &Route) -> Vec<Value> {
    let mut all = Vec::new();
    for name in route.path.split('/').filter_map(|part| part.strip_prefix('{')) {
        all.push(json!({
            "name": name.trim_end_matches('}'), "in": "path", "required": true, "schema": {"type": "string"},
        }));
    }
    for name in route.query {
        let kind = if matches!(*name, "limit" | "version") { "integer" } else { "string" };
        let required = *name == "format";
        all.push(
            json!({"name": name, "in": "query", "required": required, "schema": {"type": kind}}),
        );
    }
    let headers: &[&str] = match route.guard {
        Guard::Idempotency => &["Idempotency-Key"],
        Guard::IdempotencyAndMatch => &["Idempotency-Key", "If-Match"],
        Guard::None => &[],
    };
    for name in headers {
        all.push(
            json!({"name": name, "in": "header", "required": true, "schema": {"type": "string"}}),
        );
    }
    all
}

fn responses(route: &Route) -> Value {
    let mut all = Map::new();
    let success = if route.answer == "Nothing" {
        json!({"description": "done"})
    } else {
        json!({"description": "done", "content": content(route.answer, JSON)})
    };
    all.insert(route.status.to_string(), success);
    let matching = route.guard == Guard::IdempotencyAndMatch;
    let more = [("412", "the state changed"), ("428", "If-Match is missing")];
    let cached = route.verb == Verb::Get && !route.dated;
    if cached && media_of(route.answer, JSON).contains(&JSON) {
        all.insert("304".to_owned(), json!({"description": "not modified"}));
    }
    let media = [("415", "the body is not said to be application/json")];
    let takes_json = route.body.is_some_and(|schema| schema != OCTETS);
    let more = more.iter().filter(|_| matching).chain(media.iter().filter(|_| takes_json));
    for (status, why) in PROBLEMS.iter().chain(more) {
        all.insert(
            (*status).to_owned(),
            json!({
                "description": why, "content": content("Problem", PROBLEM),
            }),
        );
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(operation: &str) -> Map<String, Value> {
        let all: Value = serde_json::from_str(EXAMPLES).unwrap();
        all[operation].as_object().unwrap().clone()
    }

    #[test]
    fn every_kind_of_command_has_an_example_that_reads() {
        use comity_core::case::body::Body;
        use comity_core::case::kind::Kind;
        use comity_core::cert::{act::StandardAct, step::AssessmentAct};
        let case = said("command-case");
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::CaseOpen) {
            let mut body = case[kind.as_str()].as_object().unwrap().clone();
            if kind == Kind::ContentSeal {
                // The hub adds what follows from the text.
                body.insert("commitment".into(), json!("0".repeat(64)));
                body.insert("size_class".into(), json!(1));
            }
            assert!(Body::read(kind, &body).is_ok(), "{}", kind.as_str());
        }
        assert_eq!(case.len(), Kind::ALL.len(), "all but case.open, and statement.give");
        let (mut standard, mut assessment) = (said("command-standard"), said("command-assessment"));
        standard.extend(said("propose-standard"));
        assessment.extend(said("apply-for-assessment"));
        for kind in StandardAct::KINDS {
            let read = StandardAct::read(kind.name, &standard[kind.name]);
            assert!(read.is_ok(), "{} {read:?}", kind.name);
        }
        for kind in AssessmentAct::KINDS {
            let read = AssessmentAct::read(kind.name, &assessment[kind.name]);
            assert!(read.is_ok(), "{} {read:?}", kind.name);
        }
        let kinds = (StandardAct::KINDS.len(), AssessmentAct::KINDS.len());
        assert_eq!((standard.len(), assessment.len()), kinds);
        let text = document(&json!({})).to_string();
        assert!(text.contains("\"embargo.revise\"") && text.contains("\"cert.cap.verify\""));
    }

    #[test]
    fn every_schema_that_is_named_exists() {
        let document = document(&json!({"type": "object"}));
        let text = document.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(document.pointer(&format!("/components/schemas/{name}")).is_some(), "{name}");
        }
    }
}
