//! Errors of the JSON API as RFC 9457 problem details (portal.md, PO-72).
//!
//! Not here: the codes, which are core's, and the words, which are in the locales.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_core::refusal::{self, Refusal};
use serde_json::{Value, json};

use crate::app::error::AppError;
use crate::i18n::Locale;

const PROBLEM: &str = "application/problem+json";
/// Codes that answer "the state does not allow it" rather than "the input is wrong".
const CONFLICTS: [&str; 4] =
    ["approval-missing", "embargo-holds", "preview-changed", "second-person-missing"];

/// Returns the status of a refusal by its first code.
fn status_of(refusals: &[Refusal]) -> StatusCode {
    let code = refusals.first().map_or("", |refusal| refusal.code);
    match code {
        "json-invalid"
        | "member-unknown"
        | "request-invalid"
        | "json-duplicate-key"
        | "text-not-utf8"
        | "too-deep"
        | "cursor-invalid"
        | "LAW-E-JSON"
        | "idempotency-key-missing" => StatusCode::BAD_REQUEST,
        "too-large" | "report-file-too-large" => StatusCode::PAYLOAD_TOO_LARGE,
        "media-type" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "precondition-missing" => StatusCode::PRECONDITION_REQUIRED,
        "idempotency-in-progress" => StatusCode::CONFLICT,
        code if CONFLICTS.contains(&code) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Returns the problem as a response in the language of `locale`.
#[must_use]
pub fn response(error: &AppError, locale: &Locale, incident: Option<&str>) -> Response {
    let plain = |status: StatusCode, code: &str| (status, body(status, code, locale));
    let (status, mut body) = match error {
        AppError::Busy { .. } => plain(StatusCode::SERVICE_UNAVAILABLE, "intake-busy"),
        AppError::Changed => plain(StatusCode::PRECONDITION_FAILED, "state-changed"),
        AppError::Fault(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "fault"),
        AppError::NoToken => plain(StatusCode::UNAUTHORIZED, "token-missing"),
        AppError::NotFound => plain(StatusCode::NOT_FOUND, "not-found"),
        AppError::RateLimited { .. } => plain(StatusCode::TOO_MANY_REQUESTS, "rate-limited"),
        AppError::Refused(refusals) => refused(refusals, locale),
        AppError::ScopeMissing(scope) => {
            let (status, mut body) = plain(StatusCode::FORBIDDEN, "scope-missing");
            insert(&mut body, "scope", json!(scope.key()));
            (status, body)
        }
    };
    if let Some(incident) = incident {
        insert(&mut body, "incident", json!(incident));
    }
    let mut response = printed(status, &body);
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let AppError::Busy { retry_after_s } | AppError::RateLimited { retry_after_s } = error {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
    }
    response
}

/// Gives what the framework refused by itself a code and words; anything else stays as it is.
pub(super) fn of_framework(response: Response, locale: &Locale) -> Response {
    let status = response.status();
    let is_ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM);
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (status, code) = match status {
        StatusCode::METHOD_NOT_ALLOWED => (status, "method-not-allowed"),
        StatusCode::NOT_FOUND => (status, "not-found"),
        StatusCode::PAYLOAD_TOO_LARGE => (status, "too-large"),
        _ if status.is_server_error() => (StatusCode::INTERNAL_SERVER_ERROR, "fault"),
        _ => (StatusCode::BAD_REQUEST, "request-invalid"),
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut response = printed(status, &body(status, code, locale));
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

fn printed(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refused(refusals: &[Refusal], locale: &Locale) -> (StatusCode, Value) {
    let mut sorted = refusals.to_vec();
    refusal::sort(&mut sorted);
    let status = status_of(&sorted);
    let code = sorted.first().map_or("fault", |refusal| refusal.code);
    let mut body = body(status, code, locale);
    if let Some(first) = sorted.first() {
        insert(&mut body, "title", json!(said(locale, first.code, &first.params)));
    }
    insert(&mut body, "errors", json!(sorted));
    (status, body)
}

/// Returns what a code means, in the reader's language.
#[must_use]
pub fn words(locale: &Locale, code: &str) -> String {
    said(locale, code, &BTreeMap::new())
}

/// Returns what a code means; where a number is missing, the plain words without it.
fn said(locale: &Locale, code: &str, params: &BTreeMap<&'static str, Value>) -> String {
    for id in [format!("refusal-{code}"), format!("refusal-{code}-plain")] {
        if !locale.knows(&id) {
            continue;
        }
        let mut message = locale.bare(id);
        for name in ["max", "min"] {
            if let Some(number) = params.get(name).and_then(Value::as_i64) {
                message = message.count(name, number);
            }
        }
        let said = message.to_string();
        if !said.contains("{$") {
            return said;
        }
    }
    locale.bare("refusal-other").id("code", code).to_string()
}

fn body(status: StatusCode, code: &str, locale: &Locale) -> Value {
    json!({
        "type": format!("/problems/{code}"),
        "code": code,
        "status": status.as_u16(),
        "title": words(locale, code),
    })
}

fn insert(body: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = body {
        members.insert(name.to_owned(), value);
    }
}
