//! The site: what every request shares, and the router of pages and API together.
//!
//! Not here: what a page shows (`view`) and what a use case does (`app`).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::{Router, middleware};
use serde_json::Value;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::edge::{self, Network};
use crate::api;
use crate::app::{AppError, Hub};
use crate::i18n::{Catalogue, Locale};
use crate::limits::{self, Verdict, Window};
use crate::rng;

/// What every request shares; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Shared>);

struct Shared {
    hub: Hub,
    catalogue: Catalogue,
    report_schema: Value,
    reads: Window,
    writes: Window,
    intakes_of_prefix: Window,
    intakes: Window,
    mailbox_misses: Window,
    chrome: super::Hub,
    proxies: Vec<Network>,
}

const MINUTE_S: u32 = 60;
const HOUR_S: u32 = 3600;

impl Site {
    /// Puts a hub and its languages together.
    #[must_use]
    pub fn new(hub: Hub, catalogue: Catalogue) -> Self {
        let report_schema = comity_core::lexicon::file("report.schema.json").unwrap_or_default();
        let report_schema = serde_json::from_str(report_schema).unwrap_or(Value::Null);
        let chrome = chrome(&hub, &catalogue);
        let proxies = &hub.config().trusted_proxies;
        let proxies = proxies.iter().filter_map(|text| Network::parse(text)).collect();
        Self(Arc::new(Shared {
            chrome,
            proxies,
            hub,
            catalogue,
            report_schema,
            reads: Window::new(MINUTE_S),
            writes: Window::new(MINUTE_S),
            intakes_of_prefix: Window::new(HOUR_S),
            intakes: Window::new(HOUR_S),
            mailbox_misses: Window::new(HOUR_S),
        }))
    }

    /// Returns the hub.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// Returns the languages.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// Returns the JSON schema of reports.
    #[must_use]
    pub fn report_schema(&self) -> &Value {
        &self.0.report_schema
    }

    /// Returns what every page says of the hub.
    pub(crate) fn chrome(&self) -> &super::Hub {
        &self.0.chrome
    }

    /// Returns the language of an address, if this hub offers it.
    pub(crate) fn language(&self, tag: &str) -> Option<&Arc<Locale>> {
        let offered = self.chrome().languages.iter().any(|language| language.tag == tag);
        self.catalogue().locale(tag).filter(|_| offered)
    }

    /// Returns the proxies that may say whose request it is.
    pub(crate) fn proxies(&self) -> &[Network] {
        &self.0.proxies
    }

    /// Counts wrong receipt codes by prefix.
    pub(crate) fn mailbox_misses(&self) -> &Window {
        &self.0.mailbox_misses
    }

    pub(crate) fn reads(&self) -> &Window {
        &self.0.reads
    }

    pub(crate) fn writes(&self) -> &Window {
        &self.0.writes
    }

    /// Counts a report without a token against its prefix and against the whole hub.
    pub(crate) fn count_intake(&self, address: IpAddr) -> Verdict {
        let limits = self.hub().config().limits;
        let now = self.hub().now_ms();
        let prefix = limits::prefix(address);
        let quota = limits.reports_per_hour_prefix;
        let of_prefix = self.0.intakes_of_prefix.count(&prefix, quota, now, rng::bytes());
        if !of_prefix.allowed {
            return of_prefix;
        }
        self.0.intakes.count(b"hub", limits.reports_per_hour_hub, now, rng::bytes())
    }
}

/// A fault that a request met: what the log says, once, and the number that names it to the person.
///
/// The answer carries it as an extension to where the route is known (`edge`).
#[derive(Clone, Debug)]
pub(crate) struct Incident {
    /// Twelve hexadecimal digits.
    pub(crate) number: String,
    /// The fault with everything that caused it.
    pub(crate) fault: String,
}

/// Names a fault; `None` for what is no fault of ours.
pub(crate) fn incident(error: &AppError) -> Option<Incident> {
    matches!(error, AppError::Fault(_))
        .then(|| Incident { number: rng::hex::<6>(), fault: error.causes() })
}

/// Lets an answer carry the fault it stands for.
pub(crate) fn note(response: &mut Response, incident: Option<Incident>) {
    if let Some(incident) = incident {
        response.extensions_mut().insert(incident);
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("hub", &self.0.hub).finish_non_exhaustive()
    }
}

/// Offers what both the configuration names and the messages are complete for.
fn chrome(hub: &Hub, catalogue: &Catalogue) -> super::Hub {
    let wanted = &hub.config().languages;
    let all = catalogue.offered();
    let mut languages: Vec<_> =
        all.iter().filter(|language| wanted.contains(&language.tag)).cloned().collect();
    if languages.is_empty() {
        languages = all;
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    super::Hub { name: hub.config().name.clone(), version, languages }
}

/// No script but our own files, no frames, no other origin (verification.md, PE-02).
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                   base-uri 'none'; frame-ancestors 'none'";

/// How long a sender may pause within a body.
const BODY_PAUSE_MAX: Duration = Duration::from_secs(30);

/// Returns the router of the whole hub.
pub fn router(site: Site) -> Router {
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .merge(super::routes::router(site.clone()))
        .merge(api::router(site.clone()))
        .layer(CompressionLayer::new().gzip(true))
        .layer(set(header::CONTENT_SECURITY_POLICY, CSP))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(HeaderName::from_static("permissions-policy"), "interest-cohort=()"))
        .layer(set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE_MAX))
        .layer(middleware::from_fn_with_state(site.clone(), edge::pass))
        .with_state(site)
}
