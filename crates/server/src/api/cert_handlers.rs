//! Handlers for certification: standards, their registers, assessments.
//!
//! Not here: trade decisions, and what is decided (`core::cert`).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_core::access::Action;
use serde_json::json;

use super::request::{Thing, answer, answered, body, tagged};
use super::{Answer, Caller};
use crate::app::AppError;
use crate::app::cert::{CertCommand, CertOpening, RegisterFile};
use crate::web::http::Site;

/// `GET /api/v1/cert/standards`
pub(super) async fn list_standards(State(site): State<Site>, caller: Caller) -> Answer {
    let limit = caller.limit()?;
    answer(StatusCode::OK, &site.hub().list_standards(caller.query("cursor"), limit).await?)
}

/// `POST /api/v1/cert/standards`
pub(super) async fn propose(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let by = caller.authorise(Action::CommandCert)?;
    let once = caller.once(&bytes)?;
    let form: CertOpening = body(&bytes)?;
    answered(site.hub().propose_standard(by, form, Some(once)).await?)
}

/// `GET /api/v1/cert/standards/{standard}`
pub(super) async fn read_standard(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let read = site.hub().read_standard(caller.actor(), &id).await?;
    Ok(tagged(answer(StatusCode::OK, &read)?, &read.etag))
}

/// `POST /api/v1/cert/standards/{standard}/commands`
pub(super) async fn command_standard(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise(Action::CommandCert)?;
    let once = caller.once(&bytes)?;
    let seen = caller.if_match()?;
    let form: CertCommand = body(&bytes)?;
    answered(site.hub().command_standard(by, &id, &seen, form, Some(once)).await?)
}

/// `GET /api/v1/cert/standards/{standard}/entries`
pub(super) async fn standard_entries(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let limit = caller.limit()?;
    let list = site.hub().standard_entries(&id, caller.query("cursor"), limit).await?;
    answer(StatusCode::OK, &list)
}

/// `GET /api/v1/cert/standards/{standard}/jurisdictions`
pub(super) async fn list_jurisdictions(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let lang = caller.lang(&site);
    let items = site.hub().list_jurisdictions(&id, caller.query("viewer"), &lang).await?;
    answer(StatusCode::OK, &json!({ "items": items }))
}

/// `GET /api/v1/cert/standards/{standard}/motions/{motion}`
pub(super) async fn read_motion(
    State(site): State<Site>,
    caller: Caller,
    Path((id, motion)): Path<(String, String)>,
) -> Answer {
    answer(StatusCode::OK, &site.hub().read_motion(caller.actor(), &id, &motion).await?)
}

/// `GET /api/v1/cert/standards/{standard}/procedure`
pub(super) async fn read_procedure(
    State(site): State<Site>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    answer(StatusCode::OK, &site.hub().procedure(&id).await?)
}

/// `GET /api/v1/cert/standards/{standard}/lessons`
pub(super) async fn read_lessons(
    State(site): State<Site>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    answer(StatusCode::OK, &site.hub().lessons(&id).await?)
}

/// `GET /api/v1/cert/standards/{standard}/assessments`
pub(super) async fn list_published(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let (limit, cursor) = (caller.limit()?, caller.query("cursor"));
    let list = site.hub().published_assessments(caller.actor(), &id, cursor, limit).await?;
    answer(StatusCode::OK, &list)
}

/// `GET /api/v1/cert/standards/{standard}/assessments/{assessment}`
pub(super) async fn read_published(
    State(site): State<Site>,
    caller: Caller,
    Path((id, assessment)): Path<(String, String)>,
) -> Answer {
    let read = site.hub().published_assessment(caller.actor(), &id, &assessment).await?;
    answer(StatusCode::OK, &read)
}

/// `GET /api/v1/cert/standards/{standard}/register`
pub(super) async fn read_register(
    State(site): State<Site>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    Ok(document(site.hub().register_file(&id).await?))
}

/// `GET /api/v1/cert/standards/{standard}/editions/{edition}`
pub(super) async fn read_edition(
    State(site): State<Site>,
    _caller: Caller,
    Path((id, edition)): Path<(String, String)>,
) -> Answer {
    let edition = edition.parse().map_err(|_| AppError::NotFound)?;
    Ok(document(site.hub().register_edition(&id, edition).await?))
}

/// `GET /api/v1/cert/standards/{standard}/status`
pub(super) async fn read_status(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let [jurisdiction, valid_at, known_at] =
        ["jurisdiction", "valid_at", "known_at"].map(|name| caller.query(name));
    let status = site.hub().register_status(&id, jurisdiction, valid_at, known_at).await?;
    answer(StatusCode::OK, &status)
}

/// `POST /api/v1/cert/assessments`
pub(super) async fn apply(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let by = caller.authorise(Action::CommandCert)?;
    let once = caller.once(&bytes)?;
    let form: CertOpening = body(&bytes)?;
    answered(site.hub().apply_assessment(by, form, Some(once)).await?)
}

/// `GET /api/v1/cert/assessments`
pub(super) async fn list_assessments(State(site): State<Site>, caller: Caller) -> Answer {
    let by = caller.authorise(Action::ReadCert)?;
    let limit = caller.limit()?;
    answer(StatusCode::OK, &site.hub().list_assessments(by, caller.query("cursor"), limit).await?)
}

/// `GET /api/v1/cert/assessments/{assessment}`
pub(super) async fn read_assessment(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCert, Thing::Assessment(&id)).await?;
    let read = site.hub().read_assessment(by, &id).await?;
    Ok(tagged(answer(StatusCode::OK, &read)?, &read.etag))
}

/// `POST /api/v1/cert/assessments/{assessment}/commands`
pub(super) async fn command_assessment(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::CommandCert, Thing::Assessment(&id)).await?;
    let once = caller.once(&bytes)?;
    let seen = caller.if_match()?;
    let form: CertCommand = body(&bytes)?;
    answered(site.hub().command_assessment(by, &id, &seen, form, Some(once)).await?)
}

/// `GET /api/v1/cert/assessments/{assessment}/score`
pub(super) async fn read_score(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCert, Thing::Assessment(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_score(by, &id).await?)
}

/// `GET /api/v1/cert/assessments/{assessment}/dossier`
pub(super) async fn dossier(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCert, Thing::Assessment(&id)).await?;
    let bytes = site.hub().dossier(by, &id).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `GET /register/{file}`: the newest edition, its signatures, its registrars, for use without a network.
pub(super) async fn register_file(State(site): State<Site>, Path(file): Path<String>) -> Answer {
    let hub = site.hub();
    let file = if let Some(standard) = file.strip_suffix(".signatures.json") {
        hub.register_signatures(standard).await?
    } else if let Some(standard) = file.strip_suffix(".registrars.json") {
        hub.registrars_file(standard).await?
    } else if let Some(standard) = file.strip_suffix(".json") {
        hub.register_file(standard).await?
    } else {
        return Err(AppError::NotFound.into());
    };
    let mut response = document(file);
    let everyone = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everyone);
    Ok(response)
}

/// Gives a file byte for byte: its hash is what registrars signed.
fn document(file: RegisterFile) -> Response {
    let etag: String = file.sha256.chars().filter(char::is_ascii_alphanumeric).take(38).collect();
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    tagged(response, &etag)
}
