//! The `OpenAPI` 3.1 document, made from the route table; a snapshot lies in `docs/reference/openapi.json`.
//!
//! Not here: which routes there are (`table`) and the shapes of bodies (`schemas.json`).

use serde_json::{Map, Value, json};

use super::table::{Access, Guard, ROUTES, Route, Verb};

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
            members.insert(
                "requestBody".to_owned(),
                json!({
                    "required": true, "content": content(schema, "application/json"),
                }),
            );
        }
    }
    out
}

fn content(schema: &str, json_type: &str) -> Value {
    let media = match schema {
        "Calendar" => "text/calendar",
        "Octets" => "application/octet-stream",
        _ => json_type,
    };
    json!({ media: { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
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
        json!({"description": "done", "content": content(route.answer, "application/json")})
    };
    all.insert(route.status.to_string(), success);
    let matching = route.guard == Guard::IdempotencyAndMatch;
    let more = [("412", "the state changed"), ("428", "If-Match is missing")];
    let cached = route.verb == Verb::Get;
    if cached {
        all.insert("304".to_owned(), json!({"description": "not modified"}));
    }
    for (status, why) in PROBLEMS.iter().chain(more.iter().filter(|_| matching)) {
        all.insert(
            (*status).to_owned(),
            json!({
                "description": why, "content": content("Problem", "application/problem+json"),
            }),
        );
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

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
