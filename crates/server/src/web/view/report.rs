//! The report form: its steps, the review with the terms, the receipt.

use comity_core::refusal::Refusal;
use jiff::Timestamp;
use serde_json::Value;

use crate::i18n::{Duration, Html, Locale, Markup, Message};
use crate::web::report_form::{Interval, Question, Step};
use crate::web::visible::Foreign;

use super::{SafeHarbour, page};

/// One step of the form: the seven questions, or those that apply besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportView {
    /// Which step.
    pub step: Step,
    /// Where the form is sent, without the language.
    pub action: String,
    /// The questions with the answers given so far: made by [`crate::web::report_form::questions`].
    pub questions: Vec<Question>,
    /// What was refused, in the order of the questions.
    pub errors: Vec<ErrorItem>,
    /// Tokens and nonces of the caller.
    pub hidden: Vec<(String, String)>,
    /// The files kept with the draft.
    pub files: Vec<FileItem>,
    /// Whether a child may be harmed: no file field then, and words on what not to send (PO-16).
    pub child_safety: bool,
    /// Hotlines of the packs in force: name and https address.
    pub hotlines: Vec<(String, String)>,
    /// Who reads this: the hub's jurisdiction.
    pub jurisdiction: String,
    /// How long it is kept after the case is closed.
    pub retention: Duration,
    /// When the draft is erased if nobody goes on.
    pub draft_until: Option<Timestamp>,
}

impl ReportView {
    fn is_first(&self) -> bool {
        self.step == Step::First
    }

    fn takes_files(&self) -> bool {
        self.step == Step::Details && !self.child_safety
    }

    fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}

page!(ReportView, ReportTemplate, "report.html");

/// One refusal, tied to the field that must change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorItem {
    /// The id of the control, or of the question; `form` if no single one is at fault.
    pub anchor: String,
    /// The message that names the field.
    pub label: Option<String>,
    /// Code and values.
    pub refusal: Refusal,
}

impl ErrorItem {
    /// Returns what would be right, in words.
    pub fn message<'a>(&'a self, t: &'a Locale) -> Message<'a, Html> {
        refusal_message(t, &self.refusal)
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.refusal.code
    }
}

/// Returns a refusal in words: numbers count, other values are ids.
pub fn refusal_message<'a>(t: &'a Locale, refusal: &'a Refusal) -> Message<'a, Html> {
    let plain = format!("refusal-{}-plain", refusal.code);
    let code = format!("refusal-{}", refusal.code);
    // What the core refuses by its schema comes without numbers: those words do without.
    let code = if refusal.params.is_empty() && t.knows(&plain) { plain } else { code };
    let message =
        if t.knows(&code) { t.say(code) } else { t.say("refusal-other").id("code", refusal.code) };
    refusal.params.iter().fold(message, |message, (name, value)| match value {
        Value::Number(number) => message.count(name, number.as_i64().unwrap_or(i64::MAX)),
        Value::String(text) => message.id(name, text),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Object(_) => {
            message.id(name, value)
        }
    })
}

/// A file kept with the draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileItem {
    /// Its name as the finder gave it.
    pub name: Foreign,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
    /// What the remove button sends.
    pub handle: String,
}

/// One answer in the review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// The message that names the field.
    pub label: String,
    /// Which of several rows of that name, from 1.
    pub number: Option<u32>,
    /// What was answered.
    pub value: AnswerValue,
}

/// An answer as the review shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerValue {
    /// Words of the finder.
    Words(Foreign),
    /// Choices of ours, by message.
    Choices(Vec<String>),
    /// An interval computed from trials.
    Trials(Interval),
}

/// Who will read the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The name.
    pub name: String,
    /// The jurisdiction.
    pub jurisdiction: String,
    /// How long after submitting; zero is at once.
    pub after: Option<Duration>,
    /// The clause that says so.
    pub basis: String,
    /// Which compartments.
    pub compartments: Vec<String>,
    /// Whether the finder's identity is among it.
    pub identity: bool,
    /// Whether a public-records law may reach it; null is unknown.
    pub public_records: Option<bool>,
    /// To whom it must be told further.
    pub onward: Vec<Onward>,
    /// Protections that telling this recipient would break.
    pub breaks: Vec<String>,
}

impl Recipient {
    fn basis_words(&self, t: &Locale) -> Markup {
        super::pages::basis(t, &self.basis)
    }
}

/// A duty of a recipient to tell others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onward {
    /// Whom.
    pub to: String,
    /// By when; unknown if the duty has not begun.
    pub due: Option<Timestamp>,
    /// How much: the level of detail.
    pub level: String,
    /// The law.
    pub basis: String,
    /// How sure.
    pub state: OnwardState,
}

/// How sure a duty is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnwardState {
    /// It applies.
    Firm,
    /// It applies if something else is so.
    Conditional,
    /// Facts are missing.
    Unknown,
}

impl OnwardState {
    /// Returns the message of its word.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Conditional => "review-onward-conditional",
            Self::Firm => "review-onward-firm",
            Self::Unknown => "review-onward-unknown",
        }
    }
}

/// One clock that submitting starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// Its id: `acknowledge`, or another of the policy.
    pub id: String,
    /// Whose clock it is.
    pub bearer: String,
    /// When it ends.
    pub due: Option<Timestamp>,
    /// How long it runs.
    pub within: Option<Duration>,
    /// The clause that starts it.
    pub basis: String,
}

impl ClockRow {
    fn basis_words(&self, t: &Locale) -> Markup {
        super::pages::basis(t, &self.basis)
    }
}

/// The promise of silence that holds by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbargoTerms {
    /// How long.
    pub length: Option<Duration>,
    /// Until when, if submitted now.
    pub until: Option<Timestamp>,
}

/// How long the report is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long after the case is closed.
    pub after: Option<Duration>,
}

/// Everything that submitting means, computed for one instant (PO-17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The instant they were computed for.
    pub at: Timestamp,
    /// Names the terms; sent back with the form.
    pub digest: String,
    /// Who reads.
    pub recipients: Vec<Recipient>,
    /// Whose clock runs.
    pub clocks: Vec<ClockRow>,
    /// The embargo; none if the policy has none.
    pub embargo: Option<EmbargoTerms>,
    /// Who else may learn it, by the finder's choice: `lead`, `vendors`.
    pub identity_to: Vec<String>,
    /// How long it is kept.
    pub retention: Retention,
    /// The safe harbour, in full.
    pub safe_harbour: Option<SafeHarbour>,
}

/// Why a preview could not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the preview has no usable {member}")]
pub struct TermsError {
    /// The member at fault.
    pub member: &'static str,
}

impl Terms {
    /// Whether a recipient learns anything of who the finder is.
    fn is_known(&self) -> bool {
        self.recipients.iter().any(|recipient| recipient.identity)
    }

    /// Returns the terms of a `comity.report-preview/1` document and the safe-harbour text it names.
    pub fn from_preview(preview: &Value, harbour: Option<Foreign>) -> Result<Self, TermsError> {
        let missing = |member| TermsError { member };
        Ok(Self {
            at: instant(preview, "at").ok_or(missing("at"))?,
            digest: text(preview, "digest").ok_or(missing("digest"))?,
            recipients: each(preview, "recipients").map(recipient).collect(),
            clocks: each(preview, "clocks").map(clock).collect(),
            embargo: preview.get("embargo").filter(|value| value.is_object()).map(|value| {
                EmbargoTerms { length: duration(value, "length"), until: instant(value, "until") }
            }),
            identity_to: preview
                .get("identity")
                .map(|value| texts(value, "forwarded_to"))
                .unwrap_or_default(),
            retention: Retention {
                after: preview.get("retention").and_then(|value| duration(value, "after")),
            },
            safe_harbour: match (preview.get("safe_harbour"), harbour) {
                (Some(value), Some(words)) if value.is_object() => {
                    Some(safe_harbour(value, words)?)
                }
                _ => None,
            },
        })
    }
}

fn safe_harbour(value: &Value, text_shown: Foreign) -> Result<SafeHarbour, TermsError> {
    let version = value
        .get("version")
        .and_then(Value::as_u64)
        .and_then(|version| u32::try_from(version).ok());
    Ok(SafeHarbour {
        version: version.ok_or(TermsError { member: "safe_harbour.version" })?,
        text: text_shown,
        authentic: texts(value, "authentic"),
        sha256: text(value, "text_sha256")
            .ok_or(TermsError { member: "safe_harbour.text_sha256" })?,
    })
}

fn recipient(value: &Value) -> Recipient {
    Recipient {
        name: text(value, "name").unwrap_or_default(),
        jurisdiction: text(value, "jurisdiction").unwrap_or_default(),
        after: duration(value, "after"),
        basis: text(value, "basis").unwrap_or_default(),
        compartments: texts(value, "compartments"),
        identity: value.get("identity").and_then(Value::as_bool).unwrap_or_default(),
        public_records: value.get("public_records").and_then(Value::as_bool),
        onward: each(value, "onward").map(onward).collect(),
        breaks: texts(value, "breaks"),
    }
}

fn onward(value: &Value) -> Onward {
    Onward {
        to: text(value, "to").unwrap_or_default(),
        due: instant(value, "due"),
        level: text(value, "level").unwrap_or_default(),
        basis: text(value, "basis").unwrap_or_default(),
        state: match text(value, "state").as_deref() {
            Some("firm") => OnwardState::Firm,
            Some("conditional") => OnwardState::Conditional,
            _ => OnwardState::Unknown,
        },
    }
}

fn clock(value: &Value) -> ClockRow {
    ClockRow {
        id: text(value, "id").unwrap_or_default(),
        bearer: text(value, "bearer").unwrap_or_default(),
        due: instant(value, "due"),
        within: duration(value, "within"),
        basis: text(value, "basis").unwrap_or_default(),
    }
}

fn text(value: &Value, member: &str) -> Option<String> {
    value.get(member).and_then(Value::as_str).map(str::to_owned)
}

fn texts(value: &Value, member: &str) -> Vec<String> {
    each(value, member).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn each<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    value.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn instant(value: &Value, member: &str) -> Option<Timestamp> {
    value.get(member).and_then(Value::as_str).and_then(|text| text.parse().ok())
}

fn duration(value: &Value, member: &str) -> Option<Duration> {
    value.get(member).and_then(Value::as_str).and_then(|text| text.parse().ok())
}

/// The review: what will be sent, to whom, on which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewView {
    /// Where the form is sent, without the language.
    pub action: String,
    /// The answers: made by [`crate::web::report_form::answer_rows`].
    pub answers: Vec<AnswerRow>,
    /// The files that go along.
    pub files: Vec<FileItem>,
    /// The terms in force.
    pub terms: Terms,
    /// The terms shown before, if they have changed since (409 `preview-changed`).
    pub terms_before: Option<Box<Terms>>,
    /// What was refused.
    pub errors: Vec<ErrorItem>,
    /// Tokens and nonces of the caller; the digest is added by the template.
    pub hidden: Vec<(String, String)>,
}

impl ReviewView {
    fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}

page!(ReviewView, ReviewTemplate, "review.html");

/// A receipt code with its two words (PO-21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptCode {
    /// Five groups of four digits.
    pub groups: String,
    /// The check words in the page's language.
    pub words: Option<(String, String)>,
    /// Whether the reader went on without ticking that it is saved (PO-23).
    pub unsaved: bool,
}

/// The report is filed: the signed receipt (PO-19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedView {
    /// The report's id.
    pub report: String,
    /// The id of its case, if there is one already.
    pub case: Option<String>,
    /// When it was received.
    pub at: Timestamp,
    /// Who holds it.
    pub holder: String,
    /// The clocks that run.
    pub clocks: Vec<ClockRow>,
    /// The embargo.
    pub embargo: Option<EmbargoTerms>,
    /// The policy's version and hash.
    pub policy: (u32, String),
    /// The salted commitment, in hex.
    pub commitment: String,
    /// The signature.
    pub signature: String,
    /// The whole receipt as the hub signed it: a JSON text to be kept.
    pub receipt: String,
    /// The receipt code, if the finder asked for one.
    pub code: Option<ReceiptCode>,
    /// Where the mailbox is: a whole address.
    pub mailbox: String,
    /// Tokens for the button that opens the mailbox.
    pub hidden: Vec<(String, String)>,
}

impl ReceivedView {
    fn download(&self) -> String {
        super::pages::data_address(&self.receipt)
    }

    /// Returns an address that holds the code as a text to be kept, made without a server or script (PO-23).
    fn code_file(&self, t: &Locale, code: &ReceiptCode) -> String {
        let mut lines = vec![
            format!("{}: {}", t.bare("receipt-report"), self.report),
            format!("{}: {}", t.bare("mailbox-code"), code.groups),
        ];
        if let Some((first, second)) = &code.words {
            lines.push(format!("{}: {first}, {second}", t.bare("mailbox-words")));
        }
        lines.push(format!("{}: {}", t.bare("mailbox-title"), self.mailbox));
        super::pages::text_address(&(lines.join("\r\n") + "\r\n"))
    }

    fn file_name(&self) -> String {
        format!("{}.json", self.report)
    }
}

page!(ReceivedView, ReceivedTemplate, "received.html");
