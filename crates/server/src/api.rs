//! The JSON API under `/api/v1`: a thin caller of `app`, made from one route table (portal.md, section 7).
//!
//! Not here: decisions. A handler reads the request, calls one use case and prints its answer.

mod case_handlers;
mod cert_handlers;
mod cert_routes;
mod handlers;
mod law_handlers;
mod law_routes;
pub mod openapi;
pub mod problem;
pub(crate) mod request;
mod sharing_handlers;
mod sharing_routes;
pub mod table;
mod trade_handlers;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};

use crate::app::AppError;
use crate::web::http::Site;

pub(crate) use request::{Caller, locale_of};

/// Bytes of a JSON body at most (PO-75).
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// What a handler answers.
pub(crate) type Answer = Result<Response, ApiError>;

/// An error on its way to the middleware that knows the reader's language.
#[derive(Debug)]
pub(crate) struct ApiError(pub(crate) AppError);

impl<E: Into<AppError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// Returns the router of the API.
pub fn router(site: Site) -> Router<Site> {
    let mut router = Router::new()
        .route("/openapi.json", get(handlers::openapi))
        .route("/problems/{code}", get(handlers::problem_page))
        .route("/register/{file}", get(cert_handlers::register_file))
        .route("/api/{*rest}", axum::routing::any(handlers::unrouted));
    for route in table::ROUTES {
        router = router.route(route.path, handler(route));
    }
    router
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(site, finish))
}

/// Returns the handler of a route. A route without one does not compile into the table's test.
fn handler(route: &table::Route) -> MethodRouter<Site> {
    let areas = [hub_handler, case_handler, law_handler, sharing_handler, cert_handler];
    let found = areas.into_iter().find_map(|area| area(route.operation));
    found.unwrap_or_else(|| get(handlers::unrouted))
}

/// The handlers of accounts, reports and advisories.
fn hub_handler(operation: &str) -> Option<MethodRouter<Site>> {
    Some(match operation {
        "add-account" => post(handlers::add_account),
        "add-organisation" => post(handlers::add_organisation),
        "attach-file" => post(handlers::attach_file).layer(DefaultBodyLimit::disable()),
        "command-report" => post(handlers::command_report),
        "file-report" => post(handlers::file_report),
        "hub" => get(handlers::hub),
        "intake" => post(handlers::intake),
        "lexicon" => get(handlers::lexicon),
        "list-advisories" => get(handlers::list_advisories),
        "list-files" => get(handlers::list_files),
        "list-reports" => get(handlers::list_reports),
        "make-token" => post(handlers::make_token),
        "policy" => get(handlers::policy),
        "preview-report" => post(handlers::preview_report),
        "read-advisory" => get(handlers::read_advisory),
        "read-contact" => get(handlers::read_contact),
        "read-file" => get(handlers::read_file),
        "read-messages" => get(handlers::read_messages),
        "read-receipt" => get(handlers::read_receipt),
        "read-report" => get(handlers::read_report),
        "revoke-token" => delete(handlers::revoke_token),
        "write-message" => post(handlers::write_message),
        _ => return None,
    })
}

/// The handlers of cases.
fn case_handler(operation: &str) -> Option<MethodRouter<Site>> {
    Some(match operation {
        "command-case" => post(case_handlers::command),
        "draft-advisory" => post(case_handlers::draft),
        "export-case" => get(case_handlers::export),
        "list-cases" => get(case_handlers::list),
        "list-clocks" => get(case_handlers::clocks),
        "list-entries" => get(case_handlers::entries),
        "list-parties" => get(case_handlers::parties),
        "open-case" => post(case_handlers::open),
        "read-case" => get(case_handlers::read),
        "read-content" => get(case_handlers::content),
        "read-draft" => get(case_handlers::read_draft),
        "release" => post(case_handlers::release),
        _ => return None,
    })
}

/// The handlers of what law asks.
fn law_handler(operation: &str) -> Option<MethodRouter<Site>> {
    Some(match operation {
        "adopt-packs" => post(law_handlers::adopt),
        "case-calendar" => get(law_handlers::calendar),
        "case-duties" => get(law_handlers::duties),
        "case-packet" => get(law_handlers::packet),
        "compute-clock" => post(law_handlers::compute_clock),
        "compute-duties" => post(law_handlers::compute_duties),
        "compute-preview" => post(law_handlers::compute_preview),
        "keep-file" => post(law_handlers::keep_file).layer(DefaultBodyLimit::disable()),
        "list-pack-changes" => get(law_handlers::changes),
        "list-packs" => get(law_handlers::packs),
        "preview-invite" => post(law_handlers::preview),
        "read-facts" => get(law_handlers::facts),
        "read-kept-file" => get(law_handlers::read_kept),
        "record-duty" => post(law_handlers::record_duty),
        "state-facts" => post(law_handlers::state_facts),
        _ => return None,
    })
}

/// The handlers of shares, peers and agreements.
fn sharing_handler(operation: &str) -> Option<MethodRouter<Site>> {
    Some(match operation {
        "act-agreement" => post(sharing_handlers::act_on_agreement),
        "admit-peer" => post(sharing_handlers::admit_peer),
        "appeal-screen" => post(sharing_handlers::appeal),
        "approve-share" => post(sharing_handlers::approve),
        "ask-screen" => post(sharing_handlers::ask_screen),
        "draw-screens" => post(sharing_handlers::draw),
        "list-sample" => get(sharing_handlers::sample),
        "rate-screen" => post(sharing_handlers::rate),
        "read-blind" => get(sharing_handlers::blind),
        "screen-reliability" => get(sharing_handlers::reliability),
        "decide-appeal" => post(sharing_handlers::decide_appeal),
        "export-screen" => get(sharing_handlers::export_screen),
        "list-agreements" => get(sharing_handlers::list_agreements),
        "list-peers" => get(sharing_handlers::list_peers),
        "list-screens" => get(sharing_handlers::list_screens),
        "list-shares" => get(sharing_handlers::list_shares),
        "preview-share" => post(sharing_handlers::preview),
        "propose-agreement" => post(sharing_handlers::propose_agreement),
        "public-screens" => get(sharing_handlers::public_screens),
        "read-agreement" => get(sharing_handlers::read_agreement),
        "read-package" => get(sharing_handlers::package),
        "read-screen" => get(sharing_handlers::read_screen),
        "screen-notes" => get(sharing_handlers::notes),
        "share" => post(sharing_handlers::share),
        "take-entries" => post(sharing_handlers::take_entries),
        "withdraw-share" => post(sharing_handlers::withdraw),
        _ => return None,
    })
}

/// The handlers of certification and trade.
fn cert_handler(operation: &str) -> Option<MethodRouter<Site>> {
    Some(match operation {
        "apply-for-assessment" => post(cert_handlers::apply),
        "command-assessment" => post(cert_handlers::command_assessment),
        "command-standard" => post(cert_handlers::command_standard),
        "decide-export" => trade(trade_handlers::export),
        "decide-import" => trade(trade_handlers::import),
        "export-assessment" => get(cert_handlers::dossier),
        "list-assessments" => get(cert_handlers::list_assessments),
        "list-jurisdictions" => get(cert_handlers::list_jurisdictions),
        "list-standard-entries" => get(cert_handlers::standard_entries),
        "list-standards" => get(cert_handlers::list_standards),
        "propose-standard" => post(cert_handlers::propose),
        "read-assessment" => get(cert_handlers::read_assessment),
        "read-edition" => get(cert_handlers::read_edition),
        "read-motion" => get(cert_handlers::read_motion),
        "read-procedure" => get(cert_handlers::read_procedure),
        "read-lessons" => get(cert_handlers::read_lessons),
        "list-published-assessments" => get(cert_handlers::list_published),
        "read-published-assessment" => get(cert_handlers::read_published),
        "read-register" => get(cert_handlers::read_register),
        "read-score" => get(cert_handlers::read_score),
        "read-standard" => get(cert_handlers::read_standard),
        "read-status" => get(cert_handlers::read_status),
        "replay-trade" => trade(trade_handlers::replay),
        _ => return None,
    })
}

/// Returns the handler of a trade decision, which takes larger bodies than others.
fn trade<H, T>(handler: H) -> MethodRouter<Site>
where
    H: axum::handler::Handler<T, Site>,
    T: 'static,
{
    post(handler).layer(DefaultBodyLimit::max(trade_handlers::BODY_BYTES_MAX))
}

/// Counts the request, finds who asks, and turns every error into a problem in the reader's language.
///
/// Faults are logged once, with their incident. What the framework refuses by itself (a path that is not
/// text, a body over the limit, a method nobody serves) gets a code like everything else.
async fn finish(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let locale = locale_of(&site, request.headers());
    let is_open = is_public_read(&request);
    let is_validated = is_validated(&request);
    let held = request.headers().get(header::IF_NONE_MATCH).cloned();
    let (counted, admitted) = request::admit(&site, &mut request).await;
    let mut response = match admitted.and_then(|()| refuse_media(&request)) {
        Err(error) => ApiError(error).into_response(),
        Ok(()) => next.run(request).await,
    };
    if let Some(error) = response.extensions_mut().remove::<Arc<AppError>>() {
        let incident = crate::web::http::incident(&error);
        let number = incident.as_ref().map(|incident| incident.number.as_str());
        response = problem::response(&error, &locale, number);
        crate::web::http::note(&mut response, incident);
    } else {
        response = problem::of_framework(response, &locale);
    }
    if is_validated {
        response = request::validated(response, held.as_ref()).await;
    }
    let headers = response.headers_mut();
    if let Some(counted) = counted {
        counted.put(headers);
    }
    if is_open {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

/// Returns the route that a request matched.
fn route_of(request: &Request) -> Option<&'static table::Route> {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    table::ROUTES.iter().find(|route| {
        route.verb.key().eq_ignore_ascii_case(request.method().as_str()) && Some(route.path) == path
    })
}

/// Refuses a body that is not said to be JSON where JSON is taken.
///
/// Any page may make its visitors send `text/plain` here without asking first, and would file reports in
/// their names; `application/json` needs a leave that this hub never gives.
fn refuse_media(request: &Request) -> Result<(), AppError> {
    let takes_json = route_of(request)
        .is_some_and(|route| route.body.is_some_and(|schema| schema != table::OCTETS));
    if !takes_json || request::is_json(request.headers()) {
        return Ok(());
    }
    Err(AppError::refused("media-type"))
}

/// Whether the answer has a validator of its content.
fn is_validated(request: &Request) -> bool {
    let is_dated = route_of(request).is_some_and(|route| route.dated);
    request.method() == axum::http::Method::GET && !is_dated
}

/// Whether pages of other origins may read the answer: public reads alone (PO-75).
fn is_public_read(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    request.method().is_safe()
        && table::ROUTES.iter().any(|route| {
            route.verb == table::Verb::Get
                && route.access == table::Access::Public
                && Some(route.path) == path
        })
}

#[cfg(test)]
mod tests {
    /// Every operation of the table must stand in `handler`; the fallback is for none of them.
    #[test]
    fn every_route_has_its_handler() {
        let source = include_str!("api.rs");
        for route in super::table::ROUTES {
            assert!(source.contains(&format!("\"{}\" =>", route.operation)), "{}", route.operation);
        }
    }
}
