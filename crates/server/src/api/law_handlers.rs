//! Handlers for law: facts and duties of cases, packs, and questions that rest on no case.
//!
//! Not here: agreements between hubs.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use comity_core::access::Action;
use comity_core::law::clock::{self, Question};
use serde::Deserialize;
use serde_json::Value;

use super::request::{Thing, answer, answered, body};
use super::{Answer, Caller};
use crate::app::AppError;
use crate::app::law::{AdoptForm, DutyForm, FactsForm, InviteForm};
use crate::web::http::Site;

/// A question about one clock, as the command line asks it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockForm {
    rule: String,
    from: String,
    within: String,
    #[serde(default)]
    tz: Option<String>,
    #[serde(default)]
    calendar: Option<String>,
}

/// Facts and the party that might join them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PreviewForm {
    facts: Value,
    invite: Value,
}

/// `GET /api/v1/packs`
pub(super) async fn packs(State(site): State<Site>) -> Answer {
    answer(StatusCode::OK, &site.hub().packs()?)
}

/// `POST /api/v1/duties`
pub(super) async fn compute_duties(
    State(site): State<Site>,
    caller: Caller,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise(Action::ReadDuty)?;
    let read = site.hub().compute_duties(by, &bytes, caller.query("at"))?;
    answer(StatusCode::OK, &read)
}

/// `POST /api/v1/preview`
pub(super) async fn compute_preview(
    State(site): State<Site>,
    caller: Caller,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise(Action::ReadDuty)?;
    let form: PreviewForm = body(&bytes)?;
    let read = site.hub().compute_preview(by, &form.facts, &form.invite, caller.query("at"))?;
    answer(StatusCode::OK, &read)
}

/// `POST /api/v1/clock`
pub(super) async fn compute_clock(caller: Caller, bytes: Bytes) -> Answer {
    caller.authorise(Action::ReadDuty)?;
    let form: ClockForm = body(&bytes)?;
    let question = Question {
        rule: &form.rule,
        from: &form.from,
        within: &form.within,
        tz: form.tz.as_deref(),
        calendar: form.calendar.as_deref(),
    };
    let read = clock::answer(question).map_err(AppError::from)?;
    answer(StatusCode::OK, &read)
}

/// `GET /api/v1/cases/{case}/duties`
pub(super) async fn duties(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadDuty, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().case_duties(by, &id, caller.query("at")).await?)
}

/// `POST /api/v1/cases/{case}/preview`
pub(super) async fn preview(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadDuty, Thing::Case(&id)).await?;
    let form: InviteForm = body(&bytes)?;
    let read = site.hub().preview_invite(by, &id, form, caller.query("at")).await?;
    answer(StatusCode::OK, &read)
}

/// `GET /api/v1/cases/{case}/facts`
pub(super) async fn facts(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadDuty, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_facts(by, &id).await?)
}

/// `POST /api/v1/cases/{case}/facts`
pub(super) async fn state_facts(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::RecordDuty, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: FactsForm = body(&bytes)?;
    answered(site.hub().state_facts(by, &id, form, Some(once)).await?)
}

/// `POST /api/v1/cases/{case}/files`
pub(super) async fn keep_file(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    content: Body,
) -> Answer {
    let by = caller.authorise_on(&site, Action::RecordDuty, Thing::Case(&id)).await?;
    let name = caller.query("name").unwrap_or_default();
    // The stream is not held twice to be hashed: the key stands for the call itself.
    let once = caller.once(name.as_bytes())?;
    let stream = content.into_data_stream();
    answered(site.hub().keep_file(by, &id, name, stream, Some(once)).await?)
}

/// `GET /api/v1/cases/{case}/files/{item}`
pub(super) async fn read_kept(
    State(site): State<Site>,
    caller: Caller,
    Path((id, item)): Path<(String, String)>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadDuty, Thing::Case(&id)).await?;
    let (label, chunks) = site.hub().read_kept(by, &id, &item).await?;
    Ok(super::handlers::octets(&label, chunks))
}

/// `POST /api/v1/cases/{case}/filings`
pub(super) async fn record_duty(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::RecordDuty, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let seen = caller.if_match()?;
    let form: DutyForm = body(&bytes)?;
    answered(site.hub().record_duty(by, &id, &seen, form, Some(once)).await?)
}

/// `GET /api/v1/packs/changes`
pub(super) async fn changes(State(site): State<Site>, caller: Caller) -> Answer {
    let by = caller.authorise(Action::AdoptPacks)?;
    let limit = caller.limit()?;
    let read = site.hub().pack_changes(by, caller.query("cursor"), limit).await?;
    answer(StatusCode::OK, &read)
}

/// `POST /api/v1/cases/{case}/packs`
pub(super) async fn adopt(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::AdoptPacks, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: AdoptForm = body(&bytes)?;
    answered(site.hub().adopt_packs(by, &id, form, Some(once)).await?)
}

/// `GET /api/v1/cases/{case}/packet`
pub(super) async fn packet(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadDuty, Thing::Case(&id)).await?;
    let duty = caller.query("duty").unwrap_or_default();
    let read = site.hub().case_packet(by, &id, duty, caller.query("at")).await?;
    match caller.query("as").unwrap_or("json") {
        "json" => answer(StatusCode::OK, &read),
        "text" => Ok(text(read.text(), "text/plain; charset=utf-8")),
        "html" => Ok(text(read.html(), "text/html; charset=utf-8")),
        _ => Err(AppError::refused_at("value-unknown", "/as").into()),
    }
}

/// `GET /api/v1/cases/{case}/duties.ics`
pub(super) async fn calendar(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadDuty, Thing::Case(&id)).await?;
    let read = site.hub().case_calendar(by, &id).await?;
    Ok(text(read, "text/calendar; charset=utf-8"))
}

fn text(body: String, media: &'static str) -> axum::response::Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    response
}
