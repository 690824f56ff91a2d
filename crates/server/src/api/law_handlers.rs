//! Handlers for law: facts and duties of cases, packs, and questions that rest on no case.
//!
//! Not here: agreements between hubs.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use comity_core::access::Action;
use comity_core::law::clock::{self, Question};
use serde::Deserialize;
use serde_json::Value;

use super::request::{Thing, answer, answered, body};
use super::{Answer, Caller};
use crate::app::AppError;
use crate::app::law::{FactsForm, InviteForm};
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
