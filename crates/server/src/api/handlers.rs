//! Handlers for the hub, reports, advisories, accounts and tokens.
//!
//! Not here: cases (`case_handlers`).

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_core::access::Action;
use comity_formats::import;
use serde_json::{Value, json};

use super::request::{Thing, answer, answered, body, tagged, value};
use super::{Answer, ApiError, Caller, openapi};
use crate::app::accounts::{AccountForm, OrganisationForm, TokenForm};
use crate::app::files::{Chunks, FileRead};
use crate::app::intake::{Besides, Filer, Form};
use crate::app::mailbox::MessageForm;
use crate::app::triage::ReportCommand;
use crate::app::{Answered, AppError, Once};
use crate::receipt_code::ReceiptCode;
use crate::rng;
use crate::web::http::Site;

/// `GET /openapi.json`
pub(super) async fn openapi(State(site): State<Site>) -> Answer {
    let schema = site.report_schema();
    answer(StatusCode::OK, &openapi::document(schema))
}

/// `GET /problems/{code}`: what a code means, in words.
pub(super) async fn problem_page(
    State(site): State<Site>,
    caller: Caller,
    Path(code): Path<String>,
) -> Answer {
    let lang = caller.lang(&site);
    let locale = site.catalogue().locale(&lang).ok_or(AppError::NotFound)?;
    if !locale.knows(&format!("refusal-{code}")) {
        return Err(ApiError(AppError::NotFound));
    }
    answer(StatusCode::OK, &json!({ "code": code, "title": super::problem::words(locale, &code) }))
}

/// Stands where the table names an operation that nobody wrote; a test keeps it unused.
pub(super) async fn unrouted() -> Answer {
    Err(ApiError(AppError::NotFound))
}

/// `GET /api/v1/hub`
pub(super) async fn hub(State(site): State<Site>) -> Answer {
    let hub = site.hub();
    let key = hub.verifying_key();
    answer(
        StatusCode::OK,
        &json!({
            "hub": hub.config().hub,
            "name": hub.config().name,
            "key": key.to_string(),
            "fingerprint": key.fingerprint(),
            "identity": hub.identity_room(),
            "languages": hub.config().languages,
            "policy": format!("policy/{}", hub.policy().version),
            "version": env!("CARGO_PKG_VERSION"),
        }),
    )
}

/// `GET /api/v1/policy`
pub(super) async fn policy(State(site): State<Site>, caller: Caller) -> Answer {
    let hub = site.hub();
    let text = hub.policy_text(&caller.lang(&site)).ok_or(AppError::NotFound)?;
    answer(
        StatusCode::OK,
        &json!({
            "version": hub.policy().version,
            "text": text.text,
            "lang": text.lang,
            "authentic": hub.policy().authentic,
            "sha256": hub.policy().safe_harbour_sha256,
        }),
    )
}

/// `GET /api/v1/lexicon`
pub(super) async fn lexicon(State(_site): State<Site>) -> Answer {
    let text = comity_core::lexicon::file("lexicon.json").unwrap_or_default();
    let value: Value = serde_json::from_str(text).map_err(AppError::fault)?;
    answer(StatusCode::OK, &value)
}

/// `POST /api/v1/reports/preview`
pub(super) async fn preview_report(
    State(site): State<Site>,
    caller: Caller,
    bytes: Bytes,
) -> Answer {
    answer(StatusCode::OK, &site.hub().preview(&bytes, &Value::Null, &caller.lang(&site))?)
}

fn filer(caller: &Caller) -> Result<Filer, ApiError> {
    if caller.actor().is_none() {
        return Ok(Filer::Anonymous);
    }
    let by = caller.authorise(Action::FileReport)?;
    Ok(Filer::Account(by.actor().account.clone()))
}

/// `POST /api/v1/reports`
pub(super) async fn file_report(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let filer = filer(&caller)?;
    let once = caller.once_if_any(&bytes)?.filter(|_| caller.actor().is_some());
    let lang = caller.lang(&site);
    let code = receipt_code(&caller, once.as_ref())?;
    let besides = Besides { code: code.clone(), ..Besides::default() };
    let form =
        Form { digest: caller.query("digest"), lang: &lang, once, loss: Vec::new(), besides };
    let done = site.hub().file_form(&bytes, filer, form).await?;
    answered(with_code(done, code.as_ref(), &lang)?)
}

/// Returns the code under which a finder will read answers, unless an account is what they are read with.
///
/// A repeated request gives the same code, and the hub never stores it: it is drawn, or made of what only the
/// caller holds.
fn receipt_code(caller: &Caller, once: Option<&Once>) -> Result<Option<ReceiptCode>, ApiError> {
    let wanted = match caller.query("code") {
        None => caller.actor().is_none(),
        Some("yes") => true,
        Some("no") => false,
        Some(_) => return Err(ApiError(AppError::refused_at("value-unknown", "/code"))),
    };
    let number = match once.and_then(|once| caller.secret_for(once)) {
        Some(bytes) => u64::from_le_bytes(bytes),
        None => u64::from_le_bytes(rng::bytes()),
    };
    Ok(wanted.then(|| ReceiptCode::of(number)))
}

/// Adds the code to the answer, which is kept for repeated requests without it.
fn with_code(
    mut filed: Answered,
    code: Option<&ReceiptCode>,
    lang: &str,
) -> Result<Answered, ApiError> {
    let Some(code) = code else { return Ok(filed) };
    let mut body: Value = serde_json::from_slice(&filed.body).map_err(AppError::fault)?;
    if let (Value::Object(members), 200..300) = (&mut body, filed.status) {
        let words = code.words(lang).or_else(|| code.words("en"));
        members.insert("code".to_owned(), json!(code.groups()));
        members.insert("check_words".to_owned(), json!(words));
        filed.body = serde_json::to_vec(&body).map_err(AppError::fault)?;
    }
    Ok(filed)
}

/// `POST /api/v1/intake?format=`
pub(super) async fn intake(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let filer = filer(&caller)?;
    let named = caller.query("format").unwrap_or_default();
    let format = import::Format::parse(named)
        .ok_or_else(|| AppError::refused_at("value-unknown", "/format"))?;
    let record = value(&bytes)?;
    let terms = import::Terms::of(site.hub().lexicon());
    let read = import::convert(format, &terms, &record)
        .map_err(|rejection| AppError::refused(rejection.code()))?;
    let report = serde_json::to_vec(&read.report).map_err(AppError::fault)?;
    let loss =
        read.loss.iter().map(|(path, reason)| json!({ "path": path, "reason": reason })).collect();
    let lang = caller.lang(&site);
    let code = receipt_code(&caller, None)?;
    let besides = Besides { code: code.clone(), ..Besides::default() };
    let form = Form { digest: None, lang: &lang, once: None, loss, besides };
    let done = site.hub().file_form(&report, filer, form).await?;
    answered(with_code(done, code.as_ref(), &lang)?)
}

/// `GET /api/v1/reports`
pub(super) async fn list_reports(State(site): State<Site>, caller: Caller) -> Answer {
    let by = caller.authorise(Action::ReadReport)?;
    let limit = caller.limit()?;
    let hub = site.hub();
    let list = hub.list_reports(by, caller.query("state"), caller.query("cursor"), limit).await?;
    answer(StatusCode::OK, &list)
}

/// `GET /api/v1/reports/{report}`
pub(super) async fn read_report(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadReport, Thing::Report(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_report(by, &id).await?)
}

/// `GET /api/v1/reports/{report}/receipt`
pub(super) async fn read_receipt(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadReport, Thing::Report(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_receipt(by, &id).await?)
}

/// `POST /api/v1/reports/{report}/commands`
pub(super) async fn command_report(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise_on(&site, Action::AssessReport, Thing::Report(&id)).await?;
    let once = caller.once(&bytes)?;
    let command: ReportCommand = body(&bytes)?;
    answered(site.hub().command_report(by, &id, command, Some(once)).await?)
}

/// `GET /api/v1/reports/{report}/messages`
pub(super) async fn read_messages(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let hub = site.hub();
    let items = match caller.authorise(Action::ReadReport) {
        Ok(by) => hub.read_messages(by, &id).await?,
        Err(denied) => match caller.authorise(Action::FileReport) {
            Ok(by) => hub.read_own_messages(by, &id).await?,
            Err(_) => return Err(denied),
        },
    };
    answer(StatusCode::OK, &json!({ "items": items }))
}

/// `POST /api/v1/reports/{report}/messages`
pub(super) async fn write_message(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let hub = site.hub();
    match caller.authorise(Action::AssessReport) {
        Ok(by) => {
            let once = caller.once(&bytes)?;
            answered(hub.write_to_finder(by, &id, body::<MessageForm>(&bytes)?, once).await?)
        }
        Err(denied) => {
            let Ok(by) = caller.authorise(Action::FileReport) else { return Err(denied) };
            let once = caller.once(&bytes)?;
            answered(hub.write_from_account(by, &id, body::<MessageForm>(&bytes)?, once).await?)
        }
    }
}

/// `GET /api/v1/reports/{report}/contact`
pub(super) async fn read_contact(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadContact, Thing::Report(&id)).await?;
    answer(StatusCode::OK, &site.hub().read_contact(by, &id).await?)
}

/// `GET /api/v1/reports/{report}/files`
pub(super) async fn list_files(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadReport, Thing::Report(&id)).await?;
    let items = site.hub().list_files(by, &id).await?;
    answer(StatusCode::OK, &json!({ "items": items }))
}

/// `POST /api/v1/reports/{report}/files`
pub(super) async fn attach_file(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    content: Body,
) -> Answer {
    let by = caller.authorise_on(&site, Action::FileReport, Thing::Report(&id)).await?;
    let name = caller.query("name").unwrap_or_default();
    // The stream is not held twice to be hashed: the key stands for the call itself.
    let once = caller.once(name.as_bytes())?;
    let stream = content.into_data_stream();
    answered(site.hub().attach(by, &id, name, stream, Some(once)).await?)
}

/// `GET /api/v1/reports/{report}/files/{file}`
pub(super) async fn read_file(
    State(site): State<Site>,
    caller: Caller,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let by = caller.authorise_on(&site, Action::ReadReport, Thing::Report(&id)).await?;
    let (label, chunks) = site.hub().read_file(by, &id, &file).await?;
    Ok(octets(&label, chunks))
}

/// Answers a file as bytes that no browser opens.
pub(super) fn octets(label: &FileRead, mut chunks: Chunks) -> Response {
    let stream = futures::stream::poll_fn(move |context| chunks.poll_recv(context));
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    // Never a type a browser would open, never a name a shell would read.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"file.bin\""),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(label.bytes));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    response
}

/// `GET /api/v1/advisories`
pub(super) async fn list_advisories(State(site): State<Site>, caller: Caller) -> Answer {
    let words = caller.query("q").unwrap_or_default();
    let list = site.hub().search_advisories(words, caller.query("cursor"), caller.limit()?).await?;
    answer(StatusCode::OK, &list)
}

/// `GET /api/v1/advisories/{file}`
pub(super) async fn read_advisory(
    State(site): State<Site>,
    caller: Caller,
    Path(file): Path<String>,
) -> Answer {
    let version = match caller.query("version") {
        None => None,
        Some(text) => {
            Some(text.parse().map_err(|_| AppError::refused_at("value-invalid", "/version"))?)
        }
    };
    let document = site.hub().advisory_file(&file, version).await?;
    if caller.holds(&document.etag) {
        return Ok(tagged(StatusCode::NOT_MODIFIED.into_response(), &document.etag));
    }
    let mut response: Response = document.bytes.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(tagged(response, &document.etag))
}

/// `POST /api/v1/organisations`
pub(super) async fn add_organisation(
    State(site): State<Site>,
    caller: Caller,
    bytes: Bytes,
) -> Answer {
    let by = caller.authorise(Action::AdministerAccounts)?;
    let once = caller.once(&bytes)?;
    let form: OrganisationForm = body(&bytes)?;
    answered(site.hub().add_organisation(by, form, Some(once)).await?)
}

/// `POST /api/v1/accounts`
pub(super) async fn add_account(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let by = caller.authorise(Action::AdministerAccounts)?;
    let once = caller.once(&bytes)?;
    let form: AccountForm = body(&bytes)?;
    answered(site.hub().add_account(by, form, Some(once)).await?)
}

/// `POST /api/v1/tokens`
pub(super) async fn make_token(State(site): State<Site>, caller: Caller, bytes: Bytes) -> Answer {
    let by = caller.authorise(Action::MakeToken)?;
    let once = caller.once(&bytes)?;
    let form: TokenForm = body(&bytes)?;
    answered(site.hub().make_token(by, form, Some(once)).await?)
}

/// `DELETE /api/v1/tokens/{token}`
pub(super) async fn revoke_token(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let by = caller.authorise(Action::MakeToken)?;
    site.hub().revoke_token(by, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
