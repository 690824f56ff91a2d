//! The report form over HTTP: each step answers its POST itself, so that no secret stands in an address
//! (PO-13, PO-14). What was answered lies sealed in a draft that only the page's hidden token opens.
//!
//! Not here: what is asked and refused (`report_form`) and filing (`app`).

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_core::refusal::Refusal;
use comity_core::terms::Preview;
use serde_json::{Value, json};

use super::upload::{self, Sent};
use super::{Answer, Reader, see, waiting};
use crate::app::AppError;
use crate::app::drafts::{DraftFileRead, DraftRead, DraftReport, DraftToken};
use crate::app::intake::{Filed, IDENTITY};
use crate::app::reports::ANSWERS;
use crate::i18n::Duration;
use crate::web::report_form::{
    Context, Converted, Evidence, Fields, Filing, Step, answer_rows, check, error_items, field_of,
    questions, to_report,
};
use crate::web::view::{
    BusyView, FaultView, FileItem, ReceiptCode, ReceivedView, ReportView, ReviewView, Stored, Terms,
};
use crate::web::visible::Foreign;

/// The form without its own protected parts, for someone without an account; no pack turns on further facts.
const CONTEXT: Context = Context { protected: false, pack_facts: false, signed_in: false };
/// Where each page's form is sent.
const AFTER_FIRST: &str = "/report/details";
const AFTER_DETAILS: &str = "/report/review";
const SUBMIT: &str = "/report/received";
/// The name under which a draft remembers the terms that were shown.
const TERMS_SHOWN: &str = "#terms";

/// A form on its way: who fills it in, what is answered so far.
struct Form<'r> {
    reader: &'r Reader,
    token: DraftToken,
    draft: DraftRead,
    fields: Fields,
}

/// `GET /report`
pub(super) async fn first(reader: Reader) -> Answer {
    let form = Form::empty(&reader, DraftToken::generate());
    Ok(form.page(Step::First, StatusCode::OK, &[]))
}

/// A step's address opened without its form: its answers cannot be known.
pub(super) async fn start_again(reader: Reader) -> Response {
    see(&format!("/{}/report", reader.locale.tag()))
}

/// `POST /report/details`: the first step was answered.
pub(super) async fn after_first(reader: Reader, request: Request) -> Answer {
    let sent = match upload::fields(request).await {
        Ok(sent) => sent,
        Err(refusal) => return Ok(unread(&reader, refusal)),
    };
    let token = token(&sent).unwrap_or_else(DraftToken::generate);
    let hub = reader.site.hub();
    let mut form = Form::empty(&reader, token);
    if let Some(draft) = hub.read_draft_form(&form.token).await? {
        form = Form::of(&reader, form.token, draft)?;
    }
    form.take(Step::First, &sent)?;
    if sent.has("step", "save") {
        return Ok(form.download());
    }
    let refusals = check(&form.fields, CONTEXT, Step::First);
    if !refusals.is_empty() {
        return Ok(form.page(Step::First, StatusCode::UNPROCESSABLE_ENTITY, &refusals));
    }
    form.save(None).await?;
    Ok(form.page(Step::Details, StatusCode::OK, &[]))
}

/// `POST /report/review`: the details were answered, or files came.
pub(super) async fn after_details(reader: Reader, request: Request) -> Answer {
    let Sent { fields: sent, mut refusals } = match upload::form(&reader, request).await {
        Ok(sent) => sent,
        Err(AppError::Refused(refusals)) => return Ok(unread(&reader, first_of(refusals))),
        Err(other) => return Err(other.into()),
    };
    let mut form = match open(&reader, &sent).await? {
        Ok(form) => form,
        Err(instead) => return Ok(instead),
    };
    form.take(Step::Details, &sent)?;
    if let Some(file) = sent.answer("remove") {
        reader.site.hub().remove_draft_file(&form.token, file).await?;
        form.draft.files.retain(|held| held.file != file);
        form.save(None).await?;
        return Ok(form.page(Step::Details, StatusCode::OK, &[]));
    }
    let step = sent.answer("step").unwrap_or("continue").to_owned();
    if step == "save" {
        return Ok(form.download());
    }
    if step == "continue" {
        refusals.extend(check(&form.fields, CONTEXT, Step::Details));
    }
    if !refusals.is_empty() {
        form.save(None).await?;
        return Ok(form.page(Step::Details, StatusCode::UNPROCESSABLE_ENTITY, &refusals));
    }
    match step.as_str() {
        "back" => {
            form.save(None).await?;
            Ok(form.page(Step::First, StatusCode::OK, &[]))
        }
        "more" => {
            form.save(None).await?;
            form.fields = form.fields.overlaid(&one_field("step", "more")?).map_err(refused)?;
            Ok(form.page(Step::Details, StatusCode::OK, &[]))
        }
        _ => form.review(StatusCode::OK, &[], None).await,
    }
}

/// `POST /report/received`: the review was answered.
pub(super) async fn submit(reader: Reader, request: Request) -> Answer {
    let sent = match upload::fields(request).await {
        Ok(sent) => sent,
        Err(refusal) => return Ok(unread(&reader, refusal)),
    };
    let form = match open(&reader, &sent).await? {
        Ok(form) => form,
        Err(instead) => return Ok(instead),
    };
    match sent.answer("step") {
        Some("back") => return Ok(form.page(Step::Details, StatusCode::OK, &[])),
        Some("save") => return Ok(form.download()),
        _ => {}
    }
    // A draft may hold a step that was never shown to be right: what is filed is checked as a whole.
    for step in [Step::First, Step::Details] {
        let refusals = check(&form.fields, CONTEXT, step);
        if !refusals.is_empty() {
            return Ok(form.page(step, StatusCode::UNPROCESSABLE_ENTITY, &refusals));
        }
    }
    form.file(sent.answer("digest").unwrap_or_default()).await
}

/// Opens the draft that a form names; what is shown instead if it is gone.
async fn open<'r>(
    reader: &'r Reader,
    sent: &Fields,
) -> Result<Result<Form<'r>, Response>, AppError> {
    let hub = reader.site.hub();
    let Some(token) = token(sent) else {
        return Ok(Err(unread(reader, Refusal::new("draft-unknown", ""))));
    };
    if let Some(draft) = hub.read_draft_form(&token).await? {
        return Ok(Ok(Form::of(reader, token, draft)?));
    }
    if let Some(received) = received(reader, &token, false).await? {
        return Ok(Err(received));
    }
    // What this step sent is not lost: it goes into a draft of its own.
    let mut form = Form::empty(reader, token);
    form.fields = sent.asked();
    form.save(None).await?;
    let refusals = [Refusal::new("draft-unknown", "")];
    Ok(Err(form.page(Step::First, StatusCode::UNPROCESSABLE_ENTITY, &refusals)))
}

/// Returns the receipt of a draft that was filed; none if it was not, or more than a day ago.
pub(super) async fn received(
    reader: &Reader,
    token: &DraftToken,
    unsaved: bool,
) -> Result<Option<Response>, AppError> {
    let Some(answered) = reader.site.hub().filed_of_draft(token).await? else { return Ok(None) };
    let status = if unsaved { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    receipt_page(reader, token, &answered.body, status, unsaved).await.map(Some)
}

/// The form with a refusal of the whole: nothing of what was sent could be read.
fn unread(reader: &Reader, refusal: Refusal) -> Response {
    let status = match refusal.code {
        "too-large" => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Form::empty(reader, DraftToken::generate()).page(Step::First, status, &[refusal])
}

fn token(sent: &Fields) -> Option<DraftToken> {
    DraftToken::parse(sent.answer("draft")?).ok()
}

fn refused(refusal: Refusal) -> AppError {
    AppError::Refused(vec![refusal])
}

fn first_of(refusals: Vec<Refusal>) -> Refusal {
    refusals.into_iter().next().unwrap_or(Refusal::new("value-invalid", ""))
}

fn one_field(name: &str, value: &str) -> Result<Fields, AppError> {
    Fields::from_pairs(vec![(name.to_owned(), value.to_owned())]).map_err(refused)
}

impl<'r> Form<'r> {
    fn empty(reader: &'r Reader, token: DraftToken) -> Self {
        let draft =
            DraftRead { fields: Vec::new(), files: Vec::new(), until: reader.site.hub().now() };
        Self { reader, token, draft, fields: Fields::default() }
    }

    fn of(reader: &'r Reader, token: DraftToken, draft: DraftRead) -> Result<Self, AppError> {
        let fields = Fields::from_pairs(draft.fields.clone()).map_err(refused)?.asked();
        Ok(Self { reader, token, draft, fields })
    }

    /// Lays what a step sent over the draft; a box that is no longer ticked is not kept.
    fn take(&mut self, step: Step, sent: &Fields) -> Result<(), AppError> {
        self.fields = self.fields.without_step(step).overlaid(&sent.asked()).map_err(refused)?;
        Ok(())
    }

    /// Seals the draft anew, with the terms if they are shown now.
    async fn save(&mut self, terms: Option<&Value>) -> Result<(), AppError> {
        let mut pairs = self.fields.pairs().to_vec();
        pairs.extend(terms.map(|terms| (TERMS_SHOWN.to_owned(), terms.to_string())));
        self.draft.until = self.reader.site.hub().save_draft_form(&self.token, &pairs).await?;
        Ok(())
    }

    fn hidden(&self) -> Vec<(String, String)> {
        vec![("draft".to_owned(), self.token.text())]
    }

    fn page(&self, step: Step, status: StatusCode, refusals: &[Refusal]) -> Response {
        let config = self.reader.site.hub().config();
        let retention: Duration =
            format!("P{}Y", config.retention_years).parse().unwrap_or_else(|_| none());
        let view = ReportView {
            step,
            action: if step == Step::First { AFTER_FIRST } else { AFTER_DETAILS }.to_owned(),
            questions: questions(&self.fields, CONTEXT, step, refusals),
            errors: error_items(refusals),
            hidden: self.hidden(),
            files: self.files(),
            child_safety: self.fields.has("harms", "child_safety"),
            hotlines: Vec::new(),
            jurisdiction: config.law(),
            retention,
            draft_until: (step == Step::Details).then_some(self.draft.until),
        };
        self.reader.private("/report", status, &view)
    }

    fn files(&self) -> Vec<FileItem> {
        let item = |file: &DraftFileRead| FileItem {
            name: Foreign::new(file.name.clone(), None),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            handle: file.file.clone(),
        };
        self.draft.files.iter().map(item).collect()
    }

    /// The answers as a file for the finder's own machine.
    fn answers(&self) -> String {
        json!({ "schema": "comity.answers/1", "fields": self.fields.pairs() }).to_string()
    }

    fn download(&self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment; filename=\"comity-answers.json\""),
            ),
        ];
        (headers, self.answers()).into_response()
    }

    fn report(&self, submitted: bool) -> Converted {
        let hub = self.reader.site.hub();
        let filing = Filing {
            id: "report".to_owned(),
            lexicon: hub.lexicon().version().to_owned(),
            language: self.reader.locale.tag().to_owned(),
            submitted: submitted.then(|| hub.now()),
            evidence: self.draft.files.iter().map(evidence).collect(),
            context: CONTEXT,
        };
        to_report(&self.fields, &filing)
    }

    /// Shows who reads what on which terms, and remembers the terms shown.
    async fn review(
        mut self,
        status: StatusCode,
        refusals: &[Refusal],
        before: Option<Box<Terms>>,
    ) -> Answer {
        let reader = self.reader;
        let converted = self.report(false);
        let bytes = converted.report.to_string();
        let (about, lang) = (&converted.identity, reader.locale.tag());
        let preview = match reader.site.hub().preview(bytes.as_bytes(), about, lang) {
            Ok(preview) => preview,
            Err(AppError::Refused(refusals)) => return Ok(self.back_to(refusals)),
            Err(other) => return Err(other.into()),
        };
        let shown = serde_json::to_value(&preview).map_err(AppError::fault)?;
        self.save(Some(&shown)).await?;
        let view = ReviewView {
            action: SUBMIT.to_owned(),
            answers: answer_rows(&self.fields, CONTEXT, Some(reader.locale.tag())),
            files: self.files(),
            terms: terms(reader, &shown)?,
            terms_before: before,
            errors: error_items(refusals),
            hidden: self.hidden(),
        };
        Ok(reader.private("/report", status, &view))
    }

    /// Shows the step with the answers that the core refused.
    fn back_to(&self, refusals: Vec<Refusal>) -> Response {
        let own = |mut refusal: Refusal| {
            refusal.pointer = field_of(&refusal.pointer).unwrap_or_default();
            refusal
        };
        let refusals: Vec<Refusal> = refusals.into_iter().map(own).collect();
        let items = questions(&self.fields, CONTEXT, Step::First, &refusals);
        let first = items
            .iter()
            .flat_map(|question| &question.fields)
            .any(super::super::report_form::Field::is_refused);
        let step = if first { Step::First } else { Step::Details };
        self.page(step, StatusCode::UNPROCESSABLE_ENTITY, &refusals)
    }

    /// Files the report; whatever stands against it, no answer is lost.
    async fn file(self, digest: &str) -> Answer {
        let reader = self.reader;
        let verdict = reader.site.count_intake(reader.address);
        if !verdict.allowed {
            return Ok(self.busy(StatusCode::TOO_MANY_REQUESTS, verdict.reset_s, digest));
        }
        let converted = self.report(true);
        let bytes = converted.report.to_string();
        let others = [(ANSWERS, converted.deliberation), (IDENTITY, converted.identity)];
        let filled = |(_, value): &(&str, Value)| {
            value.as_object().is_some_and(|members| !members.is_empty())
        };
        let filing = DraftReport {
            report: bytes.as_bytes(),
            digest,
            lang: reader.locale.tag(),
            answers: others.into_iter().filter(filled).collect(),
        };
        match reader.site.hub().file_draft(&self.token, self.draft.clone(), filing).await {
            Ok(answered) => {
                Ok(receipt_page(reader, &self.token, &answered.body, StatusCode::OK, false).await?)
            }
            Err(AppError::Refused(refusals)) => {
                if refusals.iter().any(|refusal| refusal.code == "preview-changed") {
                    let before = self.terms_shown();
                    let refusals = [Refusal::new("preview-changed", "")];
                    return self.review(StatusCode::CONFLICT, &refusals, before).await;
                }
                Ok(self.back_to(refusals))
            }
            Err(AppError::Busy { retry_after_s }) => {
                Ok(self.busy(StatusCode::SERVICE_UNAVAILABLE, retry_after_s, digest))
            }
            Err(error @ AppError::Fault(_)) => Ok(self.fault(&error)),
            Err(other) => Err(other.into()),
        }
    }

    /// Returns the terms that the review showed last.
    fn terms_shown(&self) -> Option<Box<Terms>> {
        let (_, text) = self.draft.fields.iter().rfind(|(name, _)| name == TERMS_SHOWN)?;
        let shown: Value = serde_json::from_str(text).ok()?;
        terms(self.reader, &shown).ok().map(Box::new)
    }

    fn busy(&self, status: StatusCode, seconds: u32, digest: &str) -> Response {
        let mut fields = self.hidden();
        fields.push(("digest".to_owned(), digest.to_owned()));
        fields.push(("step".to_owned(), "submit".to_owned()));
        let view = BusyView {
            retry_after_seconds: seconds,
            action: Some(SUBMIT.to_owned()),
            fields,
            answers: Some(self.answers()),
        };
        waiting(self.reader.private("/report", status, &view), seconds)
    }

    fn fault(&self, error: &AppError) -> Response {
        let incident = crate::web::http::incident(error);
        let number = incident.as_ref().map(|one| one.number.clone()).unwrap_or_default();
        let answers = Some(self.answers());
        let view = FaultView { incident: number, stored: Stored::NotStored, answers };
        let mut response = self.reader.private("/report", StatusCode::INTERNAL_SERVER_ERROR, &view);
        crate::web::http::note(&mut response, incident);
        response
    }
}

/// A length of time that is none; configurations are checked, so it is never shown.
fn none() -> Duration {
    Duration::default()
}

/// A file as the report names it; its type only if it is written as one.
fn evidence(file: &DraftFileRead) -> Evidence {
    let plain = |kind: &&String| {
        kind.len() <= 100
            && kind.split('/').count() == 2
            && kind.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'+' | b'-')
            })
    };
    let media_type = file.media_type.as_ref().filter(plain).cloned();
    let is_picture = media_type.as_deref().is_some_and(|kind| kind.starts_with("image/"));
    Evidence {
        kind: if is_picture { "screenshot" } else { "other" },
        sha256: file.sha256.clone(),
        media_type,
        bytes: file.bytes,
        note: file.name.clone(),
    }
}

/// Returns the terms of a preview with the safe-harbour text in the reader's language.
fn terms(reader: &Reader, preview: &Value) -> Result<Terms, AppError> {
    let text = reader.site.hub().policy_text(reader.locale.tag());
    let text = text.map(|text| Foreign::new(text.text.clone(), Some(&text.lang)));
    let mut terms = Terms::from_preview(preview, text).map_err(AppError::fault)?;
    let config = reader.site.hub().config();
    let own = terms.recipients.iter_mut().filter(|one| one.jurisdiction == config.jurisdiction);
    own.for_each(|recipient| recipient.jurisdiction = config.law());
    Ok(terms)
}

async fn receipt_page(
    reader: &Reader,
    token: &DraftToken,
    body: &[u8],
    status: StatusCode,
    unsaved: bool,
) -> Result<Response, AppError> {
    let filed: Filed = serde_json::from_slice(body).map_err(AppError::fault)?;
    let has_mailbox = reader.site.hub().has_mailbox(&filed.report).await?;
    let signed = Signed::of(&filed.receipt);
    let shown = serde_json::to_value::<&Preview>(&filed.terms).map_err(AppError::fault)?;
    let terms = terms(reader, &shown)?;
    let code = token.code();
    let words = code.words(reader.locale.tag()).or_else(|| code.words("en"));
    let view = ReceivedView {
        case: None,
        at: terms.at,
        holder: reader.site.hub().config().name.clone(),
        clocks: terms.clocks,
        embargo: terms.embargo,
        policy: (
            reader.site.hub().policy().version,
            reader.site.hub().policy().safe_harbour_sha256.clone(),
        ),
        commitment: signed.commitment,
        signature: signed.signature,
        receipt: filed.receipt.to_string(),
        report: filed.report,
        code: has_mailbox.then(|| ReceiptCode {
            groups: code.groups(),
            words: words.map(|(first, second)| (first.to_owned(), second.to_owned())),
            unsaved,
        }),
        mailbox: format!("{}/{}/mailbox", reader.site.hub().config().base_url, reader.locale.tag()),
        hidden: vec![("draft".to_owned(), token.text())],
    };
    Ok(reader.private("/report", status, &view))
}

/// What of the signed receipt is shown in words.
struct Signed {
    commitment: String,
    signature: String,
}

impl Signed {
    fn of(envelope: &Value) -> Self {
        let text =
            |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let payload = text(envelope.get("payload"));
        let payload = data_encoding::BASE64.decode(payload.as_bytes()).unwrap_or_default();
        let payload: Value = serde_json::from_slice(&payload).unwrap_or_default();
        Self {
            commitment: text(payload.pointer("/commitment")),
            signature: text(envelope.pointer("/signatures/0/sig")),
        }
    }
}
