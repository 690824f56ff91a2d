//! Handlers for cases, drafts and releases.
//!
//! Not here: reports and advisories (`handlers`).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use comity_core::access::Action;
use serde_json::{Value, json};

use super::request::{Thing, answer, answered, body, tagged};
use super::{Answer, Caller};
use crate::app::cases::{CaseCommand, CaseRead, OpenCase};
use crate::app::publication::{DraftForm, Release};
use crate::web::http::Site;

/// `POST /api/v1/cases`
pub(super) async fn open(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let by = caller.authorise(Action::OpenCase)?;
    let once = caller.once(&bytes)?;
    let form: OpenCase = body(&bytes)?;
    answered(site.hub().open_case(by, form, Some(once)).await?)
}

/// `GET /api/v1/cases`
pub(super) async fn list(State(site): State<Site>, caller: Caller) -> Answer {
    let by = caller.authorise(Action::ReadCase)?;
    let limit = caller.limit()?;
    answer(StatusCode::OK, &site.hub().list_cases(by, caller.query("cursor"), limit).await?)
}

fn state(caller: &Caller, read: &CaseRead, value: &Value) -> Answer {
    if caller.holds(&read.etag) {
        return Ok(tagged(StatusCode::NOT_MODIFIED.into_response(), &read.etag));
    }
    Ok(tagged(answer(StatusCode::OK, value)?, &read.etag))
}

/// `GET /api/v1/cases/{case}`
pub(super) async fn read(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCase, Thing::Case(&id)).await?;
    let read = site.hub().read_case(by, &id).await?;
    // The state holds what is due now, so only its heads are a validator, not its text.
    Ok(tagged(answer(StatusCode::OK, &read)?, &read.etag))
}

/// `GET /api/v1/cases/{case}/entries`
pub(super) async fn entries(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCase, Thing::Case(&id)).await?;
    let limit = caller.limit()?;
    let list = site.hub().list_entries(by, &id, caller.query("cursor"), limit).await?;
    answer(StatusCode::OK, &list)
}

/// `GET /api/v1/cases/{case}/parties`
pub(super) async fn parties(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCase, Thing::Case(&id)).await?;
    let read = site.hub().read_case(by, &id).await?;
    let value = json!({ "case": read.case, "parties": read.state.get("parties") });
    state(&caller, &read, &value)
}

/// `GET /api/v1/cases/{case}/clocks`
pub(super) async fn clocks(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCase, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().clocks(by, &id).await?)
}

/// `GET /api/v1/cases/{case}/export`
pub(super) async fn export(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCase, Thing::Case(&id)).await?;
    let mut response = site.hub().export_case(by, &id).await?.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `GET /api/v1/cases/{case}/content/{item}`
pub(super) async fn content(
    State(site): State<Site>,
    caller: Caller,
    Path((id, item)): Path<(String, String)>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCase, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_content(by, &id, &item).await?)
}

/// `POST /api/v1/cases/{case}/commands`
pub(super) async fn command(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::CommandCase, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let seen = caller.if_match()?;
    let command: CaseCommand = body(&bytes)?;
    answered(site.hub().command_case(by, &id, &seen, command, Some(once)).await?)
}

/// `POST /api/v1/cases/{case}/drafts`
pub(super) async fn draft(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::DraftAdvisory, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: DraftForm = body(&bytes)?;
    answered(site.hub().save_draft(by, &id, form, Some(once)).await?)
}

/// `GET /api/v1/cases/{case}/drafts`
pub(super) async fn read_draft(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::DraftAdvisory, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_draft(by, &id).await?)
}

/// `POST /api/v1/cases/{case}/releases`
pub(super) async fn release(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::PublishAdvisory, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let seen = caller.if_match()?;
    let release: Release = body(&bytes)?;
    answered(site.hub().release(by, &id, &seen, release, Some(once)).await?)
}
