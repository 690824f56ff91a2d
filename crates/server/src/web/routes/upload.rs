//! Reading what a form sends: fields bounded in memory, files sealed as they stream in and never parsed.

use axum::body::to_bytes;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use comity_core::refusal::Refusal;

use super::Reader;
use crate::app::AppError;
use crate::app::drafts::DraftToken;
use crate::web::report_form::Fields;

/// Bytes of a form without its files at most; also the limit of [`Fields`].
const FORM_BYTES_MAX: usize = 2 << 20;
/// Parts of one form at most.
const PARTS_MAX: usize = 1100;

/// Reads a form without files.
pub(super) async fn fields(request: Request) -> Result<Fields, Refusal> {
    let too_large = || Refusal::new("too-large", "").with("max", FORM_BYTES_MAX);
    let body = to_bytes(request.into_body(), FORM_BYTES_MAX).await.map_err(|_| too_large())?;
    Fields::parse(&body)
}

/// What a form with files sent.
pub(super) struct Sent {
    /// Its fields.
    pub(super) fields: Fields,
    /// What was refused of its files.
    pub(super) refusals: Vec<Refusal>,
}

/// Reads a form that may carry files. Each file goes sealed into the draft that the fields before it
/// name.
pub(super) async fn form(reader: &Reader, request: Request) -> Result<Sent, AppError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        let fields = fields(request).await.map_err(|refusal| AppError::Refused(vec![refusal]))?;
        return Ok(Sent { fields, refusals: Vec::new() });
    }
    let broken = || AppError::refused("value-invalid");
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let (mut pairs, mut bytes, mut refusals) = (Vec::new(), 0, Vec::new());
    for _ in 0..PARTS_MAX {
        let Some(part) = parts.next_field().await.map_err(|_| broken())? else { break };
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(file) if file.is_empty() => {}
            Some(file) => {
                if let Err(refusal) = keep(reader, &pairs, &file, part).await? {
                    refusals.push(refusal);
                }
            }
            None => pairs.push((name, text(part, &mut bytes).await?)),
        }
    }
    let fields = Fields::from_pairs(pairs).map_err(|refusal| AppError::Refused(vec![refusal]))?;
    Ok(Sent { fields, refusals })
}

async fn text(mut part: Field<'_>, bytes: &mut usize) -> Result<String, AppError> {
    let mut text = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|_| AppError::refused("value-invalid"))? {
        *bytes += chunk.len();
        if *bytes > FORM_BYTES_MAX {
            return Err(AppError::refused("too-large"));
        }
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_| AppError::refused("text-not-utf8"))
}

/// Seals one file into the draft. A refusal leaves the other parts alone; a fault does not.
async fn keep(
    reader: &Reader,
    pairs: &[(String, String)],
    name: &str,
    part: Field<'_>,
) -> Result<Result<(), Refusal>, AppError> {
    let token = pairs.iter().find(|(field, _)| field == "draft").map(|(_, value)| value.as_str());
    let Some(token) = token.and_then(|token| DraftToken::parse(token).ok()) else {
        return Ok(Err(Refusal::new("draft-unknown", "/files")));
    };
    // Where a child may be harmed no file is taken: it is dropped unread (PO-16).
    let hub = reader.site.hub();
    let draft = hub.read_draft_form(&token).await?;
    let child = |(field, value): &(String, String)| field == "harms" && value == "child_safety";
    if draft.is_some_and(|draft| draft.fields.iter().any(child)) {
        return Ok(Err(Refusal::new("strict-liability-payload", "/files")));
    }
    let kind = part.content_type().map(str::to_owned);
    match hub.add_draft_file(&token, name, kind.as_deref(), part).await {
        Ok(()) => Ok(Ok(())),
        Err(AppError::Refused(refusals)) => {
            Ok(Err(refusals.into_iter().next().unwrap_or(Refusal::new("value-invalid", "/files"))))
        }
        Err(other) => Err(other),
    }
}
