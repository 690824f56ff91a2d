//! Addresses of pages and what answers them.
//!
//! Every page lies under `/{lang}/`; a bare address is sent there by `Accept-Language`. What is not there
//! and what is not for the reader get one identical page (PO-01). No page sets a cookie (PO-06).
//! Not here: what a page shows (`view`) and what a use case does (`app`).

mod csaf;
mod machine;
mod mailbox;
mod public;
mod report;
mod standards;
mod upload;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{
    ConnectInfo, DefaultBodyLimit, FromRequestParts, RawPathParams, Request, State,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};

use super::http::Site;
use super::view::{BusyView, FaultView, NotFoundView, NoticeView, Stored};
use super::{Chrome, Page, render};
use crate::api::request as api;
use crate::app::AppError;
use crate::i18n::Locale;
use crate::limits;
use crate::rng;

/// What a handler answers.
type Answer = Result<Response, Fail>;

/// An error on its way to the middleware that knows the reader's language.
#[derive(Debug)]
struct Fail(AppError);

impl<E: Into<AppError>> From<E> for Fail {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// Who reads, in which language, and the head of the request.
struct Reader {
    site: Site,
    locale: Arc<Locale>,
    params: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    address: IpAddr,
}

impl FromRequestParts<Site> for Reader {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Fail> {
        let found = RawPathParams::from_request_parts(parts, site).await;
        let params: BTreeMap<String, String> = match &found {
            Ok(params) => params.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            Err(_) => return Err(Fail(AppError::NotFound)),
        };
        let tag = params.get("lang").map(String::as_str).unwrap_or_default();
        let locale = site.language(tag).ok_or(AppError::NotFound)?;
        Ok(Self {
            locale: Arc::clone(locale),
            site: site.clone(),
            params,
            query: api::form_pairs(parts.uri.query().unwrap_or_default()),
            headers: parts.headers.clone(),
            address: api::address(parts.extensions.get::<ConnectInfo<SocketAddr>>()),
        })
    }
}

impl Reader {
    /// Returns a part of the address.
    fn param(&self, name: &str) -> &str {
        self.params.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Returns a parameter of the query.
    fn query(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Returns a page that everyone gets alike: it carries a validator and may be kept.
    #[expect(clippy::unnecessary_wraps, reason = "every route answers alike")]
    fn public<P: Page>(&self, path: impl Into<String>, view: &P) -> Answer {
        let chrome = Chrome::new(self.site.chrome(), path);
        let html = render(view, &chrome, &self.locale);
        Ok(fresh(&self.headers, "text/html; charset=utf-8", html.into_bytes()))
    }

    /// Returns a page made for this reader alone, which nobody may keep.
    fn private<P: Page>(&self, path: &str, status: StatusCode, view: &P) -> Response {
        let chrome = Chrome::new(self.site.chrome(), path);
        page(status, render(view, &chrome, &self.locale))
    }
}

/// Returns a document with its strong validator, or 304 to who has it.
fn fresh(headers: &HeaderMap, media_type: &'static str, body: Vec<u8>) -> Response {
    let etag: String = crate::app::sha256_hex(&body).chars().take(32).collect();
    let held = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let held = held.is_some_and(|tags| {
        tags.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == etag
        })
    });
    let mut response =
        if held { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let out = response.headers_mut();
    if held {
        out.remove(header::CONTENT_TYPE);
    } else {
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(value) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        out.insert(header::ETAG, value);
    }
    response
}

/// Returns a page that nobody may keep.
fn page(status: StatusCode, html: String) -> Response {
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Pages without a parameter in their address.
fn pages() -> [(&'static str, MethodRouter<Site>); 17] {
    [
        ("/", get(public::front)),
        ("/accessibility", get(public::accessibility)),
        ("/advisories", get(public::advisories)),
        ("/contact", get(public::contact)),
        ("/corrections", get(public::corrections)),
        ("/docs/api", get(public::docs_api)),
        ("/lexicon", get(public::lexicon)),
        ("/mailbox", get(mailbox::closed).post(mailbox::open)),
        ("/mailbox/erase", get(mailbox::start_again).post(mailbox::erase)),
        ("/mailbox/send", get(mailbox::start_again).post(mailbox::send)),
        ("/policy", get(public::policy)),
        ("/privacy", get(public::privacy)),
        ("/report", get(report::first)),
        ("/report/details", get(report::start_again).post(report::after_first)),
        ("/report/received", get(report::start_again).post(report::submit)),
        ("/report/review", get(report::start_again).post(report::after_details)),
        ("/standards", get(standards::standards)),
    ]
}

/// Pages with one.
fn pages_of_things() -> [(&'static str, MethodRouter<Site>); 5] {
    [
        ("/advisories/{id}", get(public::advisory)),
        ("/advisories/{id}/{version}", get(public::advisory)),
        ("/lexicon/{term}", get(public::lexicon_term)),
        ("/policy/{version}", get(public::policy)),
        ("/standards/{standard}/procedure", get(standards::procedure)),
    ]
}

/// Returns the router of pages.
pub(super) fn router(site: Site) -> Router<Site> {
    let mut router = machine::router();
    for (path, handler) in pages().into_iter().chain(pages_of_things()) {
        router = router.route(&format!("/{{lang}}{path}"), handler).route(path, get(to_language));
    }
    router
        .route("/{lang}", get(to_front))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(site, finish))
}

async fn not_found() -> Fail {
    Fail(AppError::NotFound)
}

/// What is there, but not to be asked so; the router adds which methods are.
async fn wrong_method(State(site): State<Site>, request: Request) -> Response {
    let locale = locale_at(&site, request.uri().path(), request.headers());
    notice(&site, &locale, StatusCode::METHOD_NOT_ALLOWED, "site-method")
}

/// Sends a bare address to the reader's language.
async fn to_language(State(site): State<Site>, request: Request) -> Response {
    let locale = locale_of(&site, request.headers());
    let rest = request.uri().path_and_query().map_or("/", |whole| whole.as_str());
    let mut response = see(&format!("/{}{rest}", locale.tag()));
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// `/{lang}` without its slash.
async fn to_front(reader: Reader) -> Response {
    see(&format!("/{}/", reader.locale.tag()))
}

/// Sends the reader elsewhere with a GET.
fn see(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Returns the language a reader asks for, among those this hub offers.
fn locale_of(site: &Site, headers: &HeaderMap) -> Arc<Locale> {
    let negotiated = api::locale_of(site, headers);
    let first = site.chrome().languages.first().and_then(|language| site.language(&language.tag));
    site.language(negotiated.tag()).or(first).map_or_else(|| Arc::clone(&negotiated), Arc::clone)
}

/// Returns the language of an address, or the one its reader asks for.
fn locale_at(site: &Site, path: &str, headers: &HeaderMap) -> Arc<Locale> {
    let first = path.split('/').nth(1).unwrap_or_default();
    site.language(first).map_or_else(|| locale_of(site, headers), Arc::clone)
}

/// Refuses what another site sends, counts, and turns errors into pages in the reader's language.
async fn finish(State(site): State<Site>, request: Request, next: Next) -> Response {
    let locale = locale_at(&site, request.uri().path(), request.headers());
    if !request.method().is_safe() && !is_own(request.headers()) {
        return notice(&site, &locale, StatusCode::FORBIDDEN, "site-foreign");
    }
    let mut response = match count(&site, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => Fail(error).into_response(),
    };
    match response.extensions_mut().remove::<Arc<AppError>>() {
        None => response,
        Some(error) => failed(&site, &locale, &error),
    }
}

/// Whether a form was sent from a page of ours.
///
/// There is no session to be misused, so a client that says nothing of itself is believed. `null` is
/// what our own pages send where only `Origin` is known: they give no referrer.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (None | Some("null"), _) => true,
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, of)| of.eq_ignore_ascii_case(host))
        }
        (Some(_), None) => false,
    }
}

fn count(site: &Site, request: &Request) -> Result<(), AppError> {
    let limits = site.hub().config().limits;
    let address = api::address(request.extensions().get::<ConnectInfo<SocketAddr>>());
    let (key, now) = (limits::prefix(address), site.hub().now_ms());
    let verdict = if request.method() == Method::POST {
        site.writes().count(&key, limits.writes_per_minute, now, rng::bytes())
    } else {
        site.reads().count(&key, limits.reads_per_minute, now, rng::bytes())
    };
    api::refuse_over(verdict)
}

/// Returns the page of an error, without anything that the reader sent.
fn failed(site: &Site, locale: &Locale, error: &AppError) -> Response {
    let chrome = Chrome::new(site.chrome(), "/");
    let busy = |status, retry_after_seconds: u32| {
        let view =
            BusyView { retry_after_seconds, action: None, fields: Vec::new(), answers: None };
        waiting(page(status, render(&view, &chrome, locale)), retry_after_seconds)
    };
    match error {
        AppError::Busy { retry_after_s } => busy(StatusCode::SERVICE_UNAVAILABLE, *retry_after_s),
        AppError::RateLimited { retry_after_s } => {
            let page = notice(site, locale, StatusCode::TOO_MANY_REQUESTS, "site-often");
            waiting(page, *retry_after_s)
        }
        AppError::Fault(_) => {
            let incident = super::http::incident(error);
            let number = incident.as_ref().map(|one| one.number.clone()).unwrap_or_default();
            let view = FaultView { incident: number, stored: Stored::NotStored, answers: None };
            let mut response =
                page(StatusCode::INTERNAL_SERVER_ERROR, render(&view, &chrome, locale));
            super::http::note(&mut response, incident);
            response
        }
        AppError::Changed | AppError::Refused(_) => {
            notice(site, locale, StatusCode::UNPROCESSABLE_ENTITY, "site-refused")
        }
        AppError::NoToken | AppError::NotFound | AppError::ScopeMissing(_) => {
            page(StatusCode::NOT_FOUND, render(&NotFoundView, &chrome, locale))
        }
    }
}

/// Adds when to try again.
fn waiting(mut response: Response, seconds: u32) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Returns a page of one message: `<id>-title` and `<id>-words`.
fn notice(site: &Site, locale: &Locale, status: StatusCode, id: &'static str) -> Response {
    let chrome = Chrome::new(site.chrome(), "/");
    page(status, render(&NoticeView { id }, &chrome, locale))
}
