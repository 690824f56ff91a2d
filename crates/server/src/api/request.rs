//! What every handler needs of a request: who calls, once or again, on which state, with which body.
//!
//! Not here: what is done with it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_core::access::{Action, Actor, Authorised};
use comity_core::refusal::Refusal;
use comity_ledger::json::{self, JsonError, Limits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Answer, ApiError};
use crate::app::reports::{LIST_DEFAULT, LIST_MAX};
use crate::app::{Answered, AppError, Once};
use crate::i18n::Locale;
use crate::limits::{self, Verdict};
use crate::rng;
use crate::web::http::Site;

/// Who calls, and the request's head.
#[derive(Debug)]
pub(crate) struct Caller {
    actor: Option<Arc<Actor>>,
    method: String,
    path: String,
    headers: HeaderMap,
    query: BTreeMap<String, String>,
}

/// What an address names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Thing<'a> {
    /// An assessment of a jurisdiction.
    Assessment(&'a str),
    /// A case.
    Case(&'a str),
    /// A report.
    Report(&'a str),
}

impl FromRequestParts<Site> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, ApiError> {
        let asker = match parts.extensions.get::<Asker>() {
            Some(asker) => asker.clone(),
            None => Asker::find(site, &parts.headers).await?,
        };
        let actor = match asker {
            Asker::Anyone => None,
            Asker::Known(actor) => Some(actor),
            // A wrong token is never treated as no token: the caller must learn of it.
            Asker::Wrong => return Err(ApiError(AppError::NoToken)),
        };
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            actor,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            headers: parts.headers.clone(),
            query: form_pairs(query),
        })
    }
}

impl Caller {
    /// Returns who is signed in.
    pub(crate) fn actor(&self) -> Option<&Actor> {
        self.actor.as_deref()
    }

    /// Returns proof that the caller may do `action`.
    pub(crate) fn authorise(&self, action: Action) -> Result<Authorised<'_>, ApiError> {
        let actor = self.actor().ok_or(ApiError(AppError::NoToken))?;
        Ok(actor.authorise(action).map_err(AppError::from)?)
    }

    /// Returns proof that the caller may do `action` to a report or case.
    ///
    /// A missing scope is told only to who may see the thing; to others it is absent (PO-70).
    pub(crate) async fn authorise_on(
        &self,
        site: &Site,
        action: Action,
        thing: Thing<'_>,
    ) -> Result<Authorised<'_>, ApiError> {
        let proof = self.authorise(action);
        if let (Err(ApiError(AppError::ScopeMissing(_))), Some(actor)) = (&proof, self.actor()) {
            let sees = match thing {
                Thing::Assessment(id) => site.hub().sees_assessment(actor, id).await?,
                Thing::Case(id) => site.hub().sees_case(actor, id).await?,
                Thing::Report(id) => site.hub().sees_report(actor, id).await?,
            };
            if !sees {
                return Err(ApiError(AppError::NotFound));
            }
        }
        proof
    }

    /// Returns the idempotency key with the hash of what it stands for; required here.
    pub(crate) fn once(&self, body: &[u8]) -> Result<Once, ApiError> {
        self.once_if_any(body)?
            .ok_or_else(|| ApiError(AppError::refused("idempotency-key-missing")))
    }

    /// Returns the idempotency key if there is one.
    pub(crate) fn once_if_any(&self, body: &[u8]) -> Result<Option<Once>, ApiError> {
        let Some(key) = self.headers.get("idempotency-key") else { return Ok(None) };
        let key = key.to_str().unwrap_or_default();
        if !(1..=64).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ApiError(AppError::refused("idempotency-key-missing")));
        }
        let mut hash = Sha256::new();
        for part in [self.method.as_bytes(), self.path.as_bytes(), body] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        Ok(Some(Once {
            account: self.actor.as_ref().map_or_else(String::new, |actor| actor.account.clone()),
            key: key.to_owned(),
            body_hash: data_encoding::HEXLOWER.encode(&hash.finalize()),
        }))
    }

    /// Returns bytes that only the holder of the token can make again, for this very request.
    pub(crate) fn secret_for(&self, once: &Once) -> Option<[u8; 8]> {
        let mut hash = Sha256::new();
        for part in ["comity/api-code/1", bearer(&self.headers)?, &once.key, &once.body_hash] {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().first_chunk().copied()
    }

    /// Returns the state the caller saw; required here.
    pub(crate) fn if_match(&self) -> Result<String, ApiError> {
        let tag = self.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        let tag = tag.ok_or_else(|| ApiError(AppError::refused("precondition-missing")))?;
        Ok(tag.trim().trim_matches('"').to_owned())
    }

    /// Returns whether the caller holds this version already.
    pub(crate) fn holds(&self, etag: &str) -> bool {
        self.headers.get(header::IF_NONE_MATCH).is_some_and(|held| holds(held, etag))
    }

    /// Returns one parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// Returns the rows asked for.
    pub(crate) fn limit(&self) -> Result<u32, ApiError> {
        let Some(text) = self.query("limit") else { return Ok(LIST_DEFAULT) };
        match text.parse() {
            Ok(limit) if (1..=LIST_MAX).contains(&limit) => Ok(limit),
            Ok(_) | Err(_) => {
                let refusal = Refusal::new("number-out-of-range", "/limit");
                Err(ApiError(AppError::Refused(vec![refusal.with("min", 1).with("max", LIST_MAX)])))
            }
        }
    }

    /// Returns the language the caller reads best, as its tag.
    pub(crate) fn lang(&self, site: &Site) -> String {
        locale_of(site, &self.headers).tag().to_owned()
    }
}

/// Returns the pairs of a query or form, the last of equal names.
pub(crate) fn form_pairs(text: &str) -> BTreeMap<String, String> {
    const PAIRS_MAX: usize = 64;
    form_urlencoded::parse(text.as_bytes()).into_owned().take(PAIRS_MAX).collect()
}

/// Returns the reader's language.
pub(crate) fn locale_of(site: &Site, headers: &HeaderMap) -> Arc<Locale> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Arc::clone(site.catalogue().negotiate(accepted))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Reads a JSON body strictly, then as `T`; every misfit is a refusal with its place.
pub(crate) fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, ApiError> {
    let value = value(bytes)?;
    serde_json::from_value(value).map_err(|error| ApiError(misfit(&error)))
}

/// Reads a JSON body strictly.
pub(crate) fn value(bytes: &Bytes) -> Result<Value, ApiError> {
    json::parse(bytes, &Limits::REPORT).map_err(|error| {
        let code = match error {
            JsonError::TooDeep => "too-deep",
            JsonError::TooLarge => "too-large",
            JsonError::DuplicateKey
            | JsonError::Number
            | JsonError::Syntax
            | JsonError::TooManyKeys => "json-invalid",
        };
        ApiError(AppError::refused(code))
    })
}

/// Says in our codes what serde says in words.
pub(super) fn misfit(error: &serde_json::Error) -> AppError {
    let text = error.to_string();
    let named: String = text.split('`').nth(1).unwrap_or_default().chars().take(64).collect();
    let at = format!("/{named}");
    if text.starts_with("unknown field") {
        AppError::refused_at("member-unknown", at)
    } else if text.starts_with("missing field") {
        AppError::refused_at("field-missing", at)
    } else if text.starts_with("unknown variant") {
        AppError::Refused(vec![Refusal::new("value-unknown", "").with("value", named)])
    } else {
        AppError::refused("field-type")
    }
}

/// Prints a value as JSON.
pub(crate) fn answer<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    let bytes = serde_json::to_vec(value).map_err(AppError::fault)?;
    Ok(json_bytes(status, bytes))
}

/// Prints what a use case answered.
#[expect(clippy::unnecessary_wraps, reason = "the last line of handlers, which answer this")]
pub(crate) fn answered(answered: Answered) -> Answer {
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::OK);
    let mut response = json_bytes(status, answered.body);
    if answered.replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = (status, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether a body is said to be JSON, in UTF-8 if it says in what.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return false };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.filter(|part| !part.is_empty()).all(|part| {
            part.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("charset")
                    && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        })
}

/// Bytes of an answer that is hashed for its validator at most.
const VALIDATED_BYTES_MAX: u64 = 4 << 20;

/// Gives a JSON answer of bounded size its strong validator, and answers 304 to who holds it.
pub(super) async fn validated(response: Response, held: Option<&HeaderValue>) -> Response {
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes() == b"application/json");
    let bytes = axum::body::HttpBody::size_hint(response.body()).exact();
    if response.status() != StatusCode::OK
        || !is_json
        || bytes.is_none_or(|bytes| bytes > VALIDATED_BYTES_MAX)
    {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if !parts.headers.contains_key(header::ETAG) {
        let hash: String = crate::app::sha256_hex(&bytes).chars().take(32).collect();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{hash}\"")) {
            parts.headers.insert(header::ETAG, tag);
        }
    }
    let tag = parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    if held.is_some_and(|held| holds(held, tag.trim_matches('"'))) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, axum::body::Body::empty());
    }
    Response::from_parts(parts, axum::body::Body::from(bytes))
}

/// Whether `If-None-Match` names this version.
fn holds(held: &HeaderValue, etag: &str) -> bool {
    held.to_str().unwrap_or_default().split(',').any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == etag
    })
}

/// Gives a response its strong validator.
pub(crate) fn tagged(mut response: Response, etag: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// Who asks, found once for the limits and for the handler.
#[derive(Clone, Debug)]
enum Asker {
    /// Nobody said who they are.
    Anyone,
    /// The holder of a token that holds.
    Known(Arc<Actor>),
    /// A token was sent that opens nothing.
    Wrong,
}

impl Asker {
    async fn find(site: &Site, headers: &HeaderMap) -> Result<Self, AppError> {
        let Some(token) = bearer(headers) else { return Ok(Self::Anyone) };
        let actor = site.hub().actor(token).await?;
        Ok(actor.map_or(Self::Wrong, |actor| Self::Known(Arc::new(actor))))
    }
}

/// A request counted against its window (PO-75).
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    name: &'static str,
    quota: u32,
    window_s: u32,
    verdict: Verdict,
}

impl Counted {
    /// Tells the caller how many requests are left.
    pub(super) fn put(self, headers: &mut HeaderMap) {
        let Self { name, quota, window_s, verdict } = self;
        let policy = format!("\"{name}\";q={quota};w={window_s}");
        let left = format!("\"{name}\";r={};t={}", verdict.remaining, verdict.reset_s);
        for (header, text) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header, value);
            }
        }
    }
}

/// Finds who asks and counts the request; refuses one too many, and a path that is no text.
pub(super) async fn admit(
    site: &Site,
    request: &mut Request,
) -> (Option<Counted>, Result<(), AppError>) {
    let asker = match Asker::find(site, request.headers()).await {
        Ok(asker) => asker,
        Err(error) => return (None, Err(error)),
    };
    let counted = count(site, request, &asker);
    request.extensions_mut().insert(asker);
    let admitted = match refuse_over(counted.verdict) {
        // No id holds one, and not every database can be asked for one.
        Ok(()) if has_control(request.uri().path()) => Err(AppError::NotFound),
        admitted => admitted,
    };
    (Some(counted), admitted)
}

fn has_control(path: &str) -> bool {
    let decoded = percent_encoding::percent_decode_str(path);
    decoded.decode_utf8().map_or(true, |text| text.contains(char::is_control))
}

/// Counts a request: by token if it holds, else by address prefix, so that made-up tokens gain nothing.
fn count(site: &Site, request: &Request, asker: &Asker) -> Counted {
    let limits = site.hub().config().limits;
    let now = site.hub().now_ms();
    let address = address(request.extensions().get::<ConnectInfo<SocketAddr>>());
    let token = bearer(request.headers()).filter(|_| matches!(asker, Asker::Known(_)));
    let key = token.map_or_else(|| limits::prefix(address), |token| token.as_bytes().to_vec());
    let is_read = request.method().is_safe();
    let path = request.uri().path();
    if token.is_none() && !is_read && matches!(path, "/api/v1/reports" | "/api/v1/intake") {
        let verdict = site.count_intake(address);
        return Counted {
            name: "intake",
            quota: limits.reports_per_hour_prefix,
            window_s: 3600,
            verdict,
        };
    }
    let (name, window, quota) = if is_read || path == "/api/v1/reports/preview" {
        ("read", site.reads(), limits.reads_per_minute)
    } else {
        ("write", site.writes(), limits.writes_per_minute)
    };
    Counted { name, quota, window_s: 60, verdict: window.count(&key, quota, now, rng::bytes()) }
}

/// Turns a full window into an error.
pub(crate) fn refuse_over(verdict: Verdict) -> Result<(), AppError> {
    if verdict.allowed {
        Ok(())
    } else {
        Err(AppError::RateLimited { retry_after_s: verdict.reset_s })
    }
}

/// Returns the caller's address; behind a proxy on the same machine that is the proxy's.
pub(crate) fn address(info: Option<&ConnectInfo<SocketAddr>>) -> IpAddr {
    info.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip())
}
