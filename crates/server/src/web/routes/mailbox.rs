//! The mailbox of a finder without an account (PO-22 to PO-24). The code travels in bodies alone; each form
//! carries it again, so nothing is kept between requests and there is nothing to sign out of.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use comity_core::refusal::Refusal;

use super::{Answer, Reader, report, see, upload, waiting};
use crate::app::AppError;
use crate::app::drafts::DraftToken;
use crate::app::erase::Erasing;
use crate::app::mailbox::MailboxRead;
use crate::limits;
use crate::receipt_code::ReceiptCode;
use crate::rng;
use crate::web::report_form::{Fields, error_items};
use crate::web::view::{ErrorItem, MailboxView, MessageItem, OpenMailbox};
use crate::web::visible::Foreign;

/// Wrong codes an hour from one address prefix.
const MISSES_PER_HOUR: u32 = 10;
/// Answers are padded to a multiple of this, so that their length says little.
const PADDED_TO: usize = 8 << 10;

/// `GET /mailbox`
pub(super) async fn closed(reader: Reader) -> Answer {
    Ok(page(&reader, StatusCode::OK, &MailboxView::default()))
}

/// An address of a step, opened without its form.
pub(super) async fn start_again(reader: Reader) -> Response {
    see(&format!("/{}/mailbox", reader.locale.tag()))
}

/// `POST /mailbox`: a code was typed, or the button beside a new code was pressed.
pub(super) async fn open(reader: Reader, request: Request) -> Answer {
    let sent = match upload::fields(request).await {
        Ok(sent) => sent,
        Err(refusal) => return Ok(refused(&reader, "", "", &refusal)),
    };
    let token = sent.answer("draft").and_then(|token| DraftToken::parse(token).ok());
    if let Some(token) = token {
        if !sent.has("saved", "yes")
            && let Some(received) = report::received(&reader, &token, true).await?
        {
            return Ok(received);
        }
        return show(&reader, &token.code(), "", Vec::new()).await;
    }
    match code(&sent) {
        Ok(code) => show(&reader, &code, "", Vec::new()).await,
        Err(refusal) => {
            let typed = |name| sent.answer(name).unwrap_or_default().to_owned();
            Ok(refused(&reader, &typed("code"), &typed("words"), &refusal))
        }
    }
}

/// `POST /mailbox/send`
pub(super) async fn send(reader: Reader, request: Request) -> Answer {
    let sent = match upload::fields(request).await {
        Ok(sent) => sent,
        Err(refusal) => return Ok(refused(&reader, "", "", &refusal)),
    };
    let code = match code(&sent) {
        Ok(code) => code,
        Err(refusal) => return Ok(refused(&reader, "", "", &refusal)),
    };
    if let Some(locked) = locked(&reader) {
        return Ok(locked);
    }
    let text = sent.answer("text").unwrap_or_default();
    let nonce = sent.answer("nonce").unwrap_or_default();
    match reader.site.hub().write_from_mailbox(&code, text, nonce).await {
        Ok(()) => show(&reader, &code, "", Vec::new()).await,
        Err(AppError::Refused(refusals))
            if refusals.iter().all(|refusal| refusal.pointer == "/text") =>
        {
            show(&reader, &code, text, refusals).await
        }
        Err(AppError::Refused(refusals)) => {
            let unknown = refusals
                .into_iter()
                .next()
                .unwrap_or(Refusal::new("receipt-code-unknown", "/code"));
            miss(&reader);
            Ok(refused(&reader, "", "", &Refusal::new(unknown.code, "/code")))
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /mailbox/erase`
pub(super) async fn erase(reader: Reader, request: Request) -> Answer {
    let sent = match upload::fields(request).await {
        Ok(sent) => sent,
        Err(refusal) => return Ok(refused(&reader, "", "", &refusal)),
    };
    let code = match code(&sent) {
        Ok(code) => code,
        Err(refusal) => return Ok(refused(&reader, "", "", &refusal)),
    };
    if let Some(locked) = locked(&reader) {
        return Ok(locked);
    }
    let (what, box_id) = match sent.answer("what") {
        Some("identity") => (Erasing::Identity, "/confirm-identity"),
        Some("report") => (Erasing::Report, "/confirm-report"),
        _ => return show(&reader, &code, "", vec![Refusal::new("value-unknown", "")]).await,
    };
    if !sent.has("confirm", "yes") {
        return show(&reader, &code, "", vec![Refusal::new("confirmation-missing", box_id)]).await;
    }
    let nonce = sent.answer("nonce").unwrap_or_default();
    match reader.site.hub().erase_from_mailbox(&code, what, nonce).await {
        Ok(()) if what == Erasing::Report => {
            let done = Some("mailbox-erased-report");
            Ok(page(&reader, StatusCode::OK, &MailboxView { done, ..MailboxView::default() }))
        }
        Ok(()) => shown(&reader, &code, "", Vec::new(), Some("mailbox-erased-identity")).await,
        Err(AppError::Refused(refusals))
            if refusals.iter().all(|refusal| refusal.code == "report-in-case") =>
        {
            show(&reader, &code, "", refusals).await
        }
        Err(AppError::Refused(_)) => {
            miss(&reader);
            Ok(refused(&reader, "", "", &Refusal::new("receipt-code-unknown", "/code")))
        }
        Err(other) => Err(other.into()),
    }
}

/// Reads code and words; nothing is looked up before both are right.
fn code(sent: &Fields) -> Result<ReceiptCode, Refusal> {
    let Some(typed) = sent.answer("code") else {
        return Err(Refusal::new("field-missing", "/code"));
    };
    let mistyped = || Refusal::new("receipt-code-mistyped", "/code");
    let code = ReceiptCode::parse(typed).map_err(|_| mistyped())?;
    let words = sent.answer("words").unwrap_or_default();
    if code.fits(words) { Ok(code) } else { Err(mistyped()) }
}

/// Returns the page for who has guessed too often; none for everyone else.
fn locked(reader: &Reader) -> Option<Response> {
    let (key, now) = (limits::prefix(reader.address), reader.site.hub().now_ms());
    let seconds = reader.site.mailbox_misses().is_full(&key, MISSES_PER_HOUR, now)?;
    let refusal = Refusal::new("receipt-code-locked", "/code").with("n", seconds.div_ceil(60));
    let view = MailboxView { errors: vec![item(&refusal)], ..MailboxView::default() };
    Some(waiting(page(reader, StatusCode::TOO_MANY_REQUESTS, &view), seconds))
}

fn miss(reader: &Reader) {
    let (key, now) = (limits::prefix(reader.address), reader.site.hub().now_ms());
    reader.site.mailbox_misses().count(&key, MISSES_PER_HOUR, now, rng::bytes());
}

async fn show(reader: &Reader, code: &ReceiptCode, draft: &str, refusals: Vec<Refusal>) -> Answer {
    shown(reader, code, draft, refusals, None).await
}

async fn shown(
    reader: &Reader,
    code: &ReceiptCode,
    draft: &str,
    refusals: Vec<Refusal>,
    done: Option<&'static str>,
) -> Answer {
    if let Some(locked) = locked(reader) {
        return Ok(locked);
    }
    let Some(mailbox) = reader.site.hub().open_mailbox(code).await? else {
        miss(reader);
        return Ok(refused(reader, "", "", &Refusal::new("receipt-code-unknown", "/code")));
    };
    let status =
        if refusals.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let errors = refusals.iter().map(item).collect();
    let view = MailboxView {
        errors,
        open: Some(opened(code, mailbox, draft)),
        done,
        ..MailboxView::default()
    };
    Ok(page(reader, status, &view))
}

fn opened(code: &ReceiptCode, mailbox: MailboxRead, draft: &str) -> OpenMailbox {
    let message = |message: crate::app::mailbox::Message| MessageItem {
        own: message.from == "finder",
        at: message.at,
        words: Foreign::new(message.text, None),
    };
    OpenMailbox {
        hidden: vec![
            ("code".to_owned(), code.digits().to_owned()),
            ("nonce".to_owned(), rng::hex::<16>()),
        ],
        report: mailbox.report,
        stage: mailbox.stage,
        reason: mailbox.reason.map(|reason| Foreign::new(reason, None)),
        due: mailbox.due,
        case: mailbox.case,
        advisory: mailbox.advisory,
        messages: mailbox.messages.into_iter().map(message).collect(),
        draft: draft.to_owned(),
    }
}

fn refused(reader: &Reader, code: &str, words: &str, refusal: &Refusal) -> Response {
    let view = MailboxView {
        errors: vec![item(refusal)],
        code: code.to_owned(),
        words: words.to_owned(),
        ..MailboxView::default()
    };
    page(reader, StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// Ties a refusal to its field on this page.
fn item(refusal: &Refusal) -> ErrorItem {
    let (anchor, label) = match refusal.pointer.as_str() {
        "/code" => ("code", Some("mailbox-code")),
        "/confirm-identity" => ("confirm-identity", Some("mailbox-erase-identity")),
        "/confirm-report" => ("confirm-report", Some("mailbox-erase-report")),
        "/text" => ("text", Some("mailbox-text")),
        _ => return error_items(std::slice::from_ref(refusal)).remove(0),
    };
    ErrorItem {
        anchor: anchor.to_owned(),
        label: label.map(str::to_owned),
        refusal: refusal.clone(),
    }
}

/// Returns the page padded to a class of lengths, without script, kept by nobody.
fn page(reader: &Reader, status: StatusCode, view: &MailboxView) -> Response {
    let chrome = crate::web::Chrome::new(reader.site.chrome(), "/mailbox");
    let mut html = crate::web::render(view, &chrome, &reader.locale);
    let padded = html.len().next_multiple_of(PADDED_TO);
    html.extend(std::iter::repeat_n('\n', padded.saturating_sub(html.len())));
    let mut response = super::page(status, html);
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'none'; \
                  form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    // A compressed answer would tell its length again.
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response.into_response()
}
