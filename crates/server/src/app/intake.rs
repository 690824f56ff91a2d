//! Filing a report: terms, sealing, the signed entry and the signed receipt, as one durable unit.
//!
//! Nothing is acknowledged before it is on disk, nothing is on disk in the clear, and what the receipt
//! promises is what the preview showed. Not here: reading reports (`reports`) and judging them (`triage`).

use comity_core::assess::{self, Assessment};
use comity_core::report::{self, Compartment, Report};
use comity_core::terms::{self, Identity, Preview};
use comity_ledger::commitment;
use comity_ledger::entry::Salt;
use comity_ledger::receipt::{self, Receipt};
use comity_ledger::wrap::OrganisationPublicKey;
use comity_store::{Needs, Rows, View};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::drafts::DraftFileRead;
use super::room::SealedItem;
use super::{Answered, AppError, Hub, Once, OpenRoom, Said, object, sha256_hex};
use crate::receipt_code::ReceiptCode;
use crate::rng::OsRandom;

/// Who files a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filer {
    /// Someone with an account.
    Account(String),
    /// Anyone.
    Anonymous,
}

/// What a finder is given at once (PO-19).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Filed {
    /// The report's id at this hub.
    pub report: String,
    /// The signed receipt: a DSSE envelope that verifies offline.
    pub receipt: Value,
    /// The salt that opens the receipt's commitment to the report's bytes.
    pub salt: String,
    /// The terms under which it was filed.
    pub terms: Preview,
    /// What a foreign record held that has no place in a report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loss: Vec<Value>,
}

/// What the hub keeps in the clear about a report, beside its columns; never the finder's words.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// The receipt as given.
    pub receipt: Value,
    /// The account that filed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed_by: Option<String>,
    /// The rule that gave the verdict.
    #[serde(default)]
    pub rule: String,
    /// Parties the lexicon proposes, by their directory ids.
    #[serde(default)]
    pub suppliers: Vec<String>,
    /// Why it was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The public key of the finder's mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox_key: Option<String>,
}

/// A report that was read and checked, with its compartments taken apart once.
struct Read {
    report: Report,
    parts: Vec<(Compartment, Option<Value>)>,
}

/// A report that was read, checked, assessed and sealed, but not yet numbered and signed.
struct Prepared {
    room: OpenRoom,
    items: Vec<SealedItem>,
    salt: Salt,
    commitment: comity_ledger::digest::Commitment,
    terms: Preview,
    assessment: Assessment,
    kind: String,
    language: String,
    filed_by: Option<String>,
    loss: Vec<Value>,
    at: i64,
    year: i16,
    mailbox: Option<Mailbox>,
    draft: Option<String>,
}

/// The compartment of who the finder is; the form's further answers about it are erased with it.
pub(crate) const IDENTITY: &str = "identity";
/// The form's answer that says who may learn who the finder is.
pub(crate) const IDENTITY_TO: &str = "identity_to";
const BUSY: AppError = AppError::Busy { retry_after_s: 2 };

/// What goes along with a report that was written in the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Besides {
    /// Finds and opens the mailbox in which the finder reads answers; never stored.
    pub(crate) code: Option<ReceiptCode>,
    /// Answers without a place in the report: compartment and content.
    pub(crate) answers: Vec<(&'static str, Value)>,
    /// The files of the draft.
    pub(crate) files: Vec<DraftFileRead>,
    /// The draft, which ends with the report.
    pub(crate) draft: Option<String>,
}

/// The public side of a mailbox: the hub can find it and write to it, not read it.
#[derive(Clone, Debug)]
struct Mailbox {
    id: String,
    key: OrganisationPublicKey,
}

/// How a report is filed beyond its own bytes.
#[derive(Clone, Debug)]
pub(crate) struct Form<'a> {
    pub(crate) digest: Option<&'a str>,
    pub(crate) lang: &'a str,
    pub(crate) once: Option<Once>,
    pub(crate) loss: Vec<Value>,
    pub(crate) besides: Besides,
}

impl Hub {
    /// Returns the terms under which this report would be filed now; stores nothing.
    ///
    /// `about` are the form's further answers about the finder, of which one says who may learn who they are.
    pub fn preview(&self, bytes: &[u8], about: &Value, lang: &str) -> Result<Preview, AppError> {
        Ok(self.terms(&self.read(bytes)?, about, lang))
    }

    fn read(&self, bytes: &[u8]) -> Result<Read, AppError> {
        let (report, parts) = report::read_parts(bytes, self.lexicon())?;
        Ok(Read { report, parts })
    }

    fn terms(&self, read: &Read, about: &Value, lang: &str) -> Preview {
        let identity = Identity::of(
            read.report.identity.as_ref(),
            about.get(IDENTITY_TO).and_then(Value::as_str),
        );
        let filled: Vec<String> = read
            .parts
            .iter()
            .filter(|(_, content)| content.is_some())
            .map(|(compartment, _)| compartment.key().to_owned())
            .collect();
        terms::preview(self.policy(), &filled, identity, lang, self.now())
    }

    /// Files a report and answers once it is durable.
    ///
    /// `digest` names the terms the finder saw; other terms in force are refused and nothing is filed.
    pub async fn file_report(
        &self,
        bytes: &[u8],
        filer: Filer,
        digest: Option<&str>,
        lang: &str,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let form = Form { digest, lang, once, loss: Vec::new(), besides: Besides::default() };
        self.file_form(bytes, filer, form).await
    }

    /// Files a report with everything that goes along, as one unit.
    pub(crate) async fn file_form(
        &self,
        bytes: &[u8],
        filer: Filer,
        form: Form<'_>,
    ) -> Result<Answered, AppError> {
        let at_work = self.intakes().try_acquire().map_err(|_| BUSY)?;
        let read = self.read(bytes)?;
        let about = form.besides.answers.iter().find(|(name, _)| *name == IDENTITY);
        let terms = self.terms(&read, about.map_or(&Value::Null, |(_, value)| value), form.lang);
        if form.digest.is_some_and(|seen| seen != terms.digest) {
            return Err(preview_changed(&terms));
        }
        // A code takes long to stretch, two at a time: others must not wait behind it.
        drop(at_work);
        let mailbox = self.mailbox_for(form.besides.code.as_ref()).await?;
        let _at_work = self.intakes().try_acquire().map_err(|_| BUSY)?;
        let Form { once, loss, besides, .. } = form;
        let mut prepared = self.prepare(&read, bytes, filer, terms, besides).await?;
        (prepared.loss, prepared.mailbox) = (loss, mailbox);
        let counter = format!("report-{}", prepared.year);
        let needs = Needs::default().chain(&prepared.room.id, &self.config().hub).serial(&counter);
        let hub = self.clone();
        self.write(once, 201, needs, move |view| hub.number(view, &counter, &prepared)).await
    }

    async fn mailbox_for(&self, code: Option<&ReceiptCode>) -> Result<Option<Mailbox>, AppError> {
        let Some(code) = code else { return Ok(None) };
        let opened = self.mailbox_of(code).await?;
        Ok(Some(Mailbox { id: opened.id, key: opened.key.public_key() }))
    }

    async fn prepare(
        &self,
        read: &Read,
        bytes: &[u8],
        filer: Filer,
        terms: Preview,
        besides: Besides,
    ) -> Result<Prepared, AppError> {
        let now = terms.at;
        let at = now.as_millisecond();
        let date = now.to_zoned(TimeZone::UTC).date();
        let label = format!("intake/{:04}-{:02}", date.year(), date.month());
        let room = self.hub_room(&label, at).await?;
        let mut items = Vec::new();
        let Read { report, parts } = read;
        for (compartment, content) in parts {
            let Some(content) = content else { continue };
            let plain =
                zeroize::Zeroizing::new(serde_json::to_vec(content).map_err(AppError::fault)?);
            items.push(self.seal_item(&room, "", compartment.key(), &plain, at).await?);
        }
        for (compartment, answers) in &besides.answers {
            let plain =
                zeroize::Zeroizing::new(serde_json::to_vec(answers).map_err(AppError::fault)?);
            let mut item = self.seal_item(&room, "", compartment, &plain, at).await?;
            // The commitment of that name is the report's own.
            if *compartment == IDENTITY {
                item.commitment.clear();
            }
            items.push(item);
        }
        for file in &besides.files {
            items.extend(self.report_file(file, at).await?);
        }
        let salt = Salt::generate(&mut OsRandom);
        Ok(Prepared {
            commitment: commitment::commit(receipt::COMMITMENT_PURPOSE, &salt, bytes),
            salt,
            items,
            room,
            assessment: assess::assess(report, self.lexicon()),
            kind: report.kind.key().to_owned(),
            language: report.language.clone().unwrap_or_else(|| "und".to_owned()),
            filed_by: match filer {
                Filer::Account(account) => Some(account),
                Filer::Anonymous => None,
            },
            terms,
            loss: Vec::new(),
            at,
            year: date.year(),
            mailbox: None,
            draft: besides.draft,
        })
    }

    /// Gives a prepared report its number, signs entry and receipt, and returns the rows.
    fn number(
        &self,
        view: &View,
        counter: &str,
        prepared: &Prepared,
    ) -> Result<(Rows, Filed), AppError> {
        let serial = view.next_serial(counter);
        let report = format!("{}-r-{}-{serial:05}", self.config().hub, prepared.year);
        let receipt = self.receipt(&report, prepared)?;
        let mut commitments = serde_json::Map::new();
        for item in prepared.items.iter().filter(|item| !item.commitment.is_empty()) {
            commitments.insert(item.item.compartment.clone(), json!(item.commitment));
        }
        let said = Said {
            case: &self.config().hub,
            kind: "report.received",
            area: "protocol",
            party: &self.config().hub,
            body: object(json!({
                "report": report,
                "commitments": commitments,
                "receipt": sha256_hex(&receipt),
                "terms": prepared.terms.digest,
            })),
            at: prepared.at,
        };
        let head = view.head(&prepared.room.id, &self.config().hub);
        let entry = self.sign_next(Some(&prepared.room.id), head, &said)?;
        let receipt: Value = serde_json::from_slice(&receipt).map_err(AppError::fault)?;
        let mut rows = Rows::new();
        rows.put(comity_store::Write::Serial { counter: counter.to_owned(), value: serial });
        rows.put(entry);
        for item in &prepared.items {
            let mut item = item.clone();
            item.item.owner.clone_from(&report);
            item.put(&mut rows);
        }
        rows.put(Self::row(&report, prepared, receipt.clone())?);
        if let Some(draft_id) = prepared.draft.clone() {
            rows.put(comity_store::Write::DraftGone { draft_id });
        }
        let filed = Filed {
            report,
            receipt,
            salt: prepared.salt.to_string(),
            terms: prepared.terms.clone(),
            loss: prepared.loss.clone(),
        };
        Ok((rows, filed))
    }

    fn receipt(&self, report: &str, prepared: &Prepared) -> Result<Vec<u8>, AppError> {
        let ms = |instant: jiff::Timestamp| {
            u64::try_from(instant.as_millisecond()).map_err(AppError::fault)
        };
        let mut clocks = Vec::with_capacity(prepared.terms.clocks.len());
        for clock in &prepared.terms.clocks {
            clocks.push(receipt::Clock {
                code: clock.id.parse().map_err(AppError::fault)?,
                due_at: ms(clock.due)?,
                bearer: clock.bearer.clone(),
            });
        }
        let policy = self.policy();
        let receipt = Receipt {
            report: report.parse().map_err(AppError::fault)?,
            hub: self.config().hub.parse().map_err(AppError::fault)?,
            holder: self.config().name.clone(),
            received_at: ms(prepared.terms.at)?,
            clocks,
            embargo: Some(receipt::Embargo {
                starts_at: ms(prepared.terms.at)?,
                ends_at: ms(prepared.terms.embargo.until)?,
            }),
            policy: receipt::Policy {
                version: policy.version.to_string(),
                sha256: policy.safe_harbour_sha256.parse().map_err(AppError::fault)?,
            },
            commitment: prepared.commitment,
            extensions: object(json!({ "x-terms": prepared.terms.digest })),
        };
        Ok(receipt.sign(self.signing()).map_err(AppError::fault)?.into_bytes())
    }

    fn row(
        report: &str,
        prepared: &Prepared,
        receipt: Value,
    ) -> Result<comity_store::Report, AppError> {
        let assessment = &prepared.assessment;
        let summary = Summary {
            receipt,
            filed_by: prepared.filed_by.clone(),
            rule: (*assessment.reportability.rule).to_owned(),
            suppliers: assessment
                .parties
                .iter()
                .filter_map(|party| party.supplier.clone())
                .collect(),
            reason: None,
            mailbox_key: prepared.mailbox.as_ref().map(|mailbox| mailbox.key.to_string()),
        };
        let acknowledge = prepared.terms.clocks.first();
        Ok(comity_store::Report {
            report_id: report.to_owned(),
            received_at: prepared.at,
            kind: prepared.kind.clone(),
            language: prepared.language.clone(),
            state: "received".to_owned(),
            decision: Some(assessment.decision_low.key().to_owned()),
            verdict: Some(assessment.reportability.verdict.key().to_owned()),
            due_at: acknowledge.map_or(comity_store::NEVER, |clock| clock.due.as_millisecond()),
            case_id: None,
            acknowledged_at: None,
            digest: prepared.commitment.to_string(),
            mailbox_id: prepared.mailbox.as_ref().map(|mailbox| mailbox.id.clone()),
            group_key: None,
            summary: serde_json::to_string(&summary).map_err(AppError::fault)?,
            updated_at: prepared.at,
        })
    }
}

fn preview_changed(terms: &Preview) -> AppError {
    let refusal = comity_core::refusal::Refusal::new("preview-changed", "")
        .with("digest", terms.digest.clone());
    AppError::Refused(vec![refusal])
}
