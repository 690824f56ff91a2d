//! Routes and handlers of trade decisions: public, stateless, the bytes of the command line.
//!
//! Everyone may ask, since the answer follows from what was sent; a signature needs an account. Not
//! here: decisions (`app::trade`).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;

use super::request::misfit;
use super::table::{Route, post};
use super::{Answer, ApiError, Caller};
use crate::app::AppError;
use crate::app::trade::{Decide, ExportForm, ImportForm, ReplayForm};
use crate::web::http::Site;

/// Bytes of a body at most; a larger bill is decided by the command line.
pub(super) const BODY_BYTES_MAX: usize = 16 << 20;

/// The routes of trade.
pub(super) const ROUTES: &[Route] = &[
    post(
        "/api/v1/trade/import",
        "decide-import",
        "Decides an import over the files sent; with sign=true also signs the receipt. Stores nothing.",
    )
    .takes("TradeImport")
    .query(&["sign"])
    .gives("TradeDecision")
    .ok(200),
    post(
        "/api/v1/trade/export",
        "decide-export",
        "Decides an export over the files sent; with sign=true also signs the receipt. Stores nothing.",
    )
    .takes("TradeExport")
    .query(&["sign"])
    .gives("TradeDecision")
    .ok(200),
    post(
        "/api/v1/trade/replay",
        "replay-trade",
        "Decides again over the same files and compares with the receipt. Stores nothing.",
    )
    .takes("TradeReplay")
    .gives("TradeReplayed")
    .ok(200),
];

/// `POST /api/v1/trade/import`
pub(super) async fn import(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    decide::<ImportForm>(&site, &caller, bytes).await
}

/// `POST /api/v1/trade/export`
pub(super) async fn export(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    decide::<ExportForm>(&site, &caller, bytes).await
}

/// `POST /api/v1/trade/replay`
pub(super) async fn replay(State(site): State<Site>, bytes: Bytes) -> Answer {
    let form: ReplayForm = form(&bytes)?;
    drop(bytes);
    Ok(document(site.hub().decide_trade(form).await?))
}

async fn decide<F: Decide + DeserializeOwned>(
    site: &Site,
    caller: &Caller,
    bytes: Bytes,
) -> Answer {
    let signs = match caller.query("sign") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(ApiError(AppError::refused_at("value-unknown", "/sign"))),
    };
    if signs && caller.actor().is_none() {
        return Err(ApiError(AppError::NoToken));
    }
    let form: F = form(&bytes)?;
    drop(bytes);
    let decision = site.hub().decide_trade(form).await?;
    if !signs {
        return Ok(document(decision));
    }
    let envelope = site.hub().attest_trade(&decision)?;
    let envelope = serde_json::to_vec(&envelope).map_err(AppError::fault)?;
    // The decision stands in the answer byte for byte, as it would alone.
    let answer = [b"{\"decision\":", decision.as_slice(), b",\"envelope\":", &envelope, b"}"];
    Ok(document(answer.concat()))
}

/// Reads a body: the files in it are read, and limited, by the decision itself.
fn form<F: DeserializeOwned>(bytes: &[u8]) -> Result<F, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        ApiError(if error.is_data() { misfit(&error) } else { AppError::refused("json-invalid") })
    })
}

/// Prints a document as the command line does: RFC 8785 and a newline.
fn document(mut bytes: Vec<u8>) -> Response {
    bytes.push(b'\n');
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
