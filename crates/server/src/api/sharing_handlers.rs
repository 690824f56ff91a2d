//! Handlers of the sharing gate, of agreements and of peers' identities.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use comity_core::access::Action;

use super::request::{Thing, answer, answered, body};
use super::{Answer, Caller};
use crate::app::agreements::{ActForm, AgreementForm};
use crate::app::peers::{EntriesForm, PeerForm};
use crate::app::sharing::{
    AppealForm, ApprovalForm, DecisionForm, PreviewForm, RatingForm, SampleForm, ScreenForm,
    ShareForm, WithdrawForm,
};
use crate::web::http::Site;

type Below = Path<(String, String)>;

/// `POST /api/v1/cases/{case}/share-preview`
pub(super) async fn preview(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadShare, Thing::Case(&id)).await?;
    let form: PreviewForm = body(&bytes)?;
    answer(StatusCode::OK, &site.hub().preview_share(by, &id, form).await?)
}

/// `POST /api/v1/cases/{case}/screens`
pub(super) async fn ask_screen(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::Share, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: ScreenForm = body(&bytes)?;
    answered(site.hub().ask_screen(by, &id, form, Some(once)).await?)
}

/// `GET /api/v1/cases/{case}/screens`
pub(super) async fn list_screens(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadShare, Thing::Case(&id)).await?;
    let limit = caller.limit()?;
    let list = site.hub().list_screens(by, &id, caller.query("cursor"), limit).await?;
    answer(StatusCode::OK, &list)
}

/// `GET /api/v1/cases/{case}/screens/{screen}`
pub(super) async fn read_screen(
    State(site): State<Site>,
    caller: Caller,
    Path((id, screen)): Below,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadShare, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_screen(by, &id, &screen).await?)
}

/// `GET /api/v1/cases/{case}/screens/{screen}/record`
pub(super) async fn export_screen(
    State(site): State<Site>,
    caller: Caller,
    Path((id, screen)): Below,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadShare, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().export_screen(by, &id, &screen).await?)
}

/// `POST /api/v1/cases/{case}/screens/{screen}/approvals`
pub(super) async fn approve(
    State(site): State<Site>,
    caller: Caller,
    Path((id, screen)): Below,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ApproveShare, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: ApprovalForm = body(&bytes)?;
    answered(site.hub().approve_share(by, &id, &screen, form, Some(once)).await?)
}

/// `GET /api/v1/cases/{case}/screen-notes`
pub(super) async fn notes(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadCase, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().screen_notes(by, &id).await?)
}

/// `POST /api/v1/cases/{case}/screens/{screen}/appeals`
pub(super) async fn appeal(
    State(site): State<Site>,
    caller: Caller,
    Path((id, screen)): Below,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::AppealScreen, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: AppealForm = body(&bytes)?;
    answered(site.hub().appeal_screen(by, &id, &screen, form, Some(once)).await?)
}

/// `POST /api/v1/cases/{case}/screens/{screen}/appeal-decisions`
pub(super) async fn decide_appeal(
    State(site): State<Site>,
    caller: Caller,
    Path((id, screen)): Below,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ApproveShare, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: DecisionForm = body(&bytes)?;
    answered(site.hub().decide_appeal(by, &id, &screen, form, Some(once)).await?)
}

/// `POST /api/v1/cases/{case}/shares`
pub(super) async fn share(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::Share, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let seen = caller.if_match()?;
    let form: ShareForm = body(&bytes)?;
    answered(site.hub().share(by, &id, &seen, form, Some(once)).await?)
}

/// `GET /api/v1/cases/{case}/shares`
pub(super) async fn list_shares(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadShare, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().list_shares(by, &id).await?)
}

/// `GET /api/v1/cases/{case}/shares/{share}/package`
pub(super) async fn package(
    State(site): State<Site>,
    caller: Caller,
    Path((id, share)): Below,
) -> Answer {
    let by = caller.authorise_on(&site, Action::Share, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_package(by, &id, &share).await?)
}

/// `POST /api/v1/cases/{case}/shares/{share}/withdrawals`
pub(super) async fn withdraw(
    State(site): State<Site>,
    caller: Caller,
    Path((id, share)): Below,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::Share, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: WithdrawForm = body(&bytes)?;
    answered(site.hub().withdraw_share(by, &id, &share, form, Some(once)).await?)
}

/// `POST /api/v1/cases/{case}/entries`
pub(super) async fn take_entries(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::OpenCase, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: EntriesForm = body(&bytes)?;
    answered(site.hub().take_entries(by, &id, form, Some(once)).await?)
}

/// `GET /api/v1/public/screens`
pub(super) async fn public_screens(State(site): State<Site>, caller: Caller) -> Answer {
    let table = site.hub().public_screens(caller.query("quarter")).await?;
    answer(StatusCode::OK, &*table)
}

/// `POST /api/v1/screen-samples`
pub(super) async fn draw(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let by = caller.authorise(Action::Share)?;
    let once = caller.once(&bytes)?;
    let form: SampleForm = body(&bytes)?;
    answered(site.hub().draw_screens(by, &form, Some(once)).await?)
}

/// `GET /api/v1/screen-samples`
pub(super) async fn sample(State(site): State<Site>, caller: Caller) -> Answer {
    let by = caller.authorise(Action::ReadShare)?;
    let quarter = caller.query("quarter").unwrap_or_default();
    answer(StatusCode::OK, &site.hub().list_sample(by, quarter).await?)
}

/// `GET /api/v1/cases/{case}/screens/{screen}/blind`
pub(super) async fn blind(
    State(site): State<Site>,
    caller: Caller,
    Path((id, screen)): Below,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ApproveShare, Thing::Case(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_blind(by, &id, &screen).await?)
}

/// `POST /api/v1/cases/{case}/screens/{screen}/ratings`
pub(super) async fn rate(
    State(site): State<Site>,
    caller: Caller,
    Path((id, screen)): Below,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ApproveShare, Thing::Case(&id)).await?;
    let once = caller.once(&bytes)?;
    let form: RatingForm = body(&bytes)?;
    answered(site.hub().rate_screen(by, &id, &screen, form, Some(once)).await?)
}

/// `GET /api/v1/public/screen-reliability`
pub(super) async fn reliability(State(site): State<Site>, caller: Caller) -> Answer {
    let quarter = caller.query("quarter").unwrap_or_default();
    answer(StatusCode::OK, &site.hub().screen_reliability(quarter).await?)
}

/// `GET /api/v1/agreements`
pub(super) async fn list_agreements(State(site): State<Site>, caller: Caller) -> Answer {
    let by = caller.authorise(Action::ReadShare)?;
    answer(StatusCode::OK, &site.hub().list_agreements(by).await?)
}

/// `GET /api/v1/agreements/{agreement}`
pub(super) async fn read_agreement(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise(Action::ReadShare)?;
    answer(StatusCode::OK, &site.hub().read_agreement(by, &id).await?)
}

/// `POST /api/v1/agreements`
pub(super) async fn propose_agreement(
    State(site): State<Site>,
    caller: Caller,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise(Action::WriteAgreement)?;
    let once = caller.once(&bytes)?;
    let form: AgreementForm = body(&bytes)?;
    answered(site.hub().propose_agreement(by, form, Some(once)).await?)
}

/// `POST /api/v1/agreements/{agreement}/acts`
pub(super) async fn act_on_agreement(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise(Action::WriteAgreement)?;
    let once = caller.once(&bytes)?;
    let form: ActForm = body(&bytes)?;
    answered(site.hub().act_on_agreement(by, &id, form, Some(once)).await?)
}

/// `GET /api/v1/peer-identities`
pub(super) async fn list_peers(State(site): State<Site>, caller: Caller) -> Answer {
    let by = caller.authorise(Action::ReadShare)?;
    answer(StatusCode::OK, &site.hub().list_peers(by).await?)
}

/// `POST /api/v1/peer-identities`
pub(super) async fn admit_peer(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let by = caller.authorise(Action::AdministerAccounts)?;
    let once = caller.once(&bytes)?;
    let form: PeerForm = body(&bytes)?;
    answered(site.hub().admit_peer(by, form, Some(once)).await?)
}
