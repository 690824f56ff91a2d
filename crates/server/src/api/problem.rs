//! Errors of the JSON API as RFC 9457 problem details (portal.md, PO-72).
//!
//! Not here: the codes, which are core's, and the words, which are in the locales.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_core::refusal::{self, Refusal};
use serde_json::{Value, json};

use crate::app::error::AppError;
use crate::i18n::Locale;

/// Codes that answer "the state does not allow it" rather than "the input is wrong".
const CONFLICTS: [&str; 3] = ["approval-missing", "embargo-holds", "preview-changed"];

/// Returns the status of a refusal by its first code.
fn status_of(refusals: &[Refusal]) -> StatusCode {
    let code = refusals.first().map_or("", |refusal| refusal.code);
    match code {
        "json-invalid" | "member-unknown" | "cursor-invalid" | "idempotency-key-missing" => {
            StatusCode::BAD_REQUEST
        }
        "too-large" | "report-file-too-large" => StatusCode::PAYLOAD_TOO_LARGE,
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
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let AppError::Busy { retry_after_s } | AppError::RateLimited { retry_after_s } = error {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
    }
    response
}

fn refused(refusals: &[Refusal], locale: &Locale) -> (StatusCode, Value) {
    let status = status_of(refusals);
    let mut sorted = refusals.to_vec();
    refusal::sort(&mut sorted);
    let code = refusals.first().map_or("refused", |refusal| refusal.code);
    let mut body = body(status, code, locale);
    insert(&mut body, "errors", json!(sorted));
    (status, body)
}

/// Returns what a code means, in the reader's language.
#[must_use]
pub fn words(locale: &Locale, code: &str) -> String {
    let id = format!("refusal-{code}");
    if locale.knows(&id) { locale.text(id).to_string() } else { code.to_owned() }
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
