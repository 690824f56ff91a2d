//! The mailbox of a finder without an account: found by one half of what the receipt code gives, opened by
//! the other half (verification.md, PE-04; portal.md, PO-24).
//!
//! The hub writes to it with a public key and cannot read it back; what a finder writes is sealed twice: for
//! the coordinators, and for the finder's own thread. Not here: the code itself (`receipt_code`).

use argon2::{Algorithm, Argon2, Params, Version};
use comity_core::access::{Action, Authorised};
use comity_ledger::seal;
use comity_ledger::secret::{Binding, DataKey, EpochKey};
use comity_ledger::wrap::{self, OrganisationKey, OrganisationPublicKey};
use comity_store::{MailboxMessage, Needs, Rows};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::erase::{By, ERASED, Erasing};
use super::reports::{ITEMS_MAX, due, expect, instant, summary};
use super::{Answered, AppError, Hub, Once};
use crate::receipt_code::ReceiptCode;
use crate::rng::OsRandom;

/// Characters of one message at most.
pub const MESSAGE_CHARS_MAX: usize = 20_000;
/// How often an erasure is decided anew because its report changed meanwhile.
const ERASE_TRIES_MAX: u32 = 8;
/// Messages shown of one mailbox.
const MESSAGES_MAX: u32 = 500;
/// The compartment in which the coordinators' copy lies.
const COPY: &str = "message";
/// Memory of one derivation in KiB, passes and lanes (PE-01).
const ARGON2: (u32, u32, u32) = (47 * 1024, 1, 1);
/// At most so many derivations at once, so that guessing cannot take the hub's memory.
static AT_ONCE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

/// Where the finder's copy of a message goes.
struct Address {
    id: String,
    key: OrganisationPublicKey,
}

/// Returns the mailbox of a report; none if its finder reads the thread with the account that filed it.
///
/// Refused if there is neither: words that nobody can ever read are no answer.
fn reachable(row: &comity_store::Report) -> Result<Option<Address>, AppError> {
    let kept = summary(row)?;
    match (&row.mailbox_id, kept.mailbox_key) {
        (Some(id), Some(key)) => {
            Ok(Some(Address { id: id.clone(), key: key.parse().map_err(AppError::fault)? }))
        }
        _ if kept.filed_by.is_some() => Ok(None),
        _ => Err(AppError::refused("wrong-state")),
    }
}

/// What a code gives.
pub(crate) struct OpenMailbox {
    pub(crate) id: String,
    pub(crate) key: OrganisationKey,
}

/// Where a report stands, as its finder sees it (PO-25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It will not be worked on.
    Declined,
    /// Accepted: it is in a case.
    Accepted,
    /// A person reads it.
    BeingChecked,
    /// Published.
    Public,
    /// It has arrived.
    Received,
}

/// One message of the thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `finder` or `hub`.
    pub from: String,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub text: String,
}

/// A mailbox opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxRead {
    /// The report.
    pub report: String,
    /// Where it stands.
    pub stage: Stage,
    /// Why it was declined.
    pub reason: Option<String>,
    /// The next date someone owes.
    pub due: Option<Timestamp>,
    /// The case it was taken into.
    pub case: Option<String>,
    /// The advisory, once it is public.
    pub advisory: Option<String>,
    /// The thread, oldest first.
    pub messages: Vec<Message>,
}

/// A message as it is sent over the API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageForm {
    /// The words for the finder.
    pub text: String,
}

impl Hub {
    /// Derives what finds and what opens a mailbox; takes about 50 ms and 47 MiB, on purpose.
    pub(crate) async fn mailbox_of(&self, code: &ReceiptCode) -> Result<OpenMailbox, AppError> {
        let _turn = AT_ONCE.acquire().await.map_err(AppError::fault)?;
        let (digits, salt) = (code.digits().to_owned(), self.identity_room().to_owned());
        let derive = move || {
            let (memory, passes, lanes) = ARGON2;
            let params = Params::new(memory, passes, lanes, Some(64)).map_err(|_| ())?;
            let salt =
                comity_ledger::digest::sha256(format!("comity/mailbox/1\0{salt}").as_bytes());
            let mut out = zeroize::Zeroizing::new([0; 64]);
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(digits.as_bytes(), &salt, &mut out[..])
                .map_err(|_| ())?;
            Ok::<_, ()>(out)
        };
        let failed = || AppError::fault("the mailbox key cannot be derived");
        let out = tokio::task::spawn_blocking(derive).await.map_err(AppError::fault)?;
        let out = out.map_err(|()| failed())?;
        let (find, open) = out.split_first_chunk::<32>().ok_or_else(failed)?;
        let open: &[u8; 32] = open.first_chunk().ok_or_else(failed)?;
        let key = OrganisationKey::from_bytes(open).map_err(AppError::fault)?;
        Ok(OpenMailbox { id: comity_ledger::digest::hex(find), key })
    }

    /// Opens the mailbox of a code; none whether it never was, has expired or was erased (PO-22).
    pub async fn open_mailbox(&self, code: &ReceiptCode) -> Result<Option<MailboxRead>, AppError> {
        let mailbox = self.mailbox_of(code).await?;
        let Some(row) = self.store().report_of_mailbox(&mailbox.id).await? else { return Ok(None) };
        if row.state == ERASED {
            return Ok(None);
        }
        let mut messages = Vec::new();
        for message in self.store().mailbox(&mailbox.id, "", MESSAGES_MAX).await? {
            messages.push(opened(&mailbox.key, &row.report_id, &message)?);
        }
        let advisory = match &row.case_id {
            Some(case) => self.store().advisory(case).await?.map(|advisory| advisory.advisory_id),
            None => None,
        };
        let stage = match row.state.as_str() {
            _ if advisory.is_some() => Stage::Public,
            "declined" => Stage::Declined,
            "case" => Stage::Accepted,
            "acknowledged" => Stage::BeingChecked,
            _ => Stage::Received,
        };
        let reason = match stage {
            Stage::Declined => self.reason_of(&row.report_id).await?,
            Stage::Accepted | Stage::BeingChecked | Stage::Public | Stage::Received => None,
        };
        Ok(Some(MailboxRead {
            stage,
            reason,
            due: due(row.due_at),
            case: row.case_id.clone(),
            advisory,
            messages,
            report: row.report_id,
        }))
    }

    /// Returns whether a report was filed with a receipt code.
    pub(crate) async fn has_mailbox(&self, report: &str) -> Result<bool, AppError> {
        Ok(self.report_row(report).await?.mailbox_id.is_some())
    }

    async fn reason_of(&self, report: &str) -> Result<Option<String>, AppError> {
        for (item, key) in self.store().items(report, ITEMS_MAX).await? {
            if item.compartment == "reason"
                && let Some(plain) = self.open_item(&item, key.as_ref()).await?
            {
                return Ok(String::from_utf8(plain.to_vec()).ok());
            }
        }
        Ok(None)
    }

    /// Takes a message of the finder. `nonce` makes a repeated request the same message.
    pub async fn write_from_mailbox(
        &self,
        code: &ReceiptCode,
        text: &str,
        nonce: &str,
    ) -> Result<(), AppError> {
        let mailbox = self.mailbox_of(code).await?;
        let row = self.store().report_of_mailbox(&mailbox.id).await?;
        let row = row.filter(|row| row.state != ERASED);
        let row = row.ok_or_else(|| AppError::refused("receipt-code-unknown"))?;
        let key = super::sha256_hex(format!("{}\0{nonce}", mailbox.id).as_bytes());
        let once = Once { account: String::new(), key: key.clone(), body_hash: key };
        let own = Address { key: mailbox.key.public_key(), id: mailbox.id };
        self.post_message(&row, Some(own), "finder", text, once).await?;
        Ok(())
    }

    /// Erases what its finder wants gone: who the finder is at any time, the report while it is in no case.
    ///
    /// `nonce` makes a repeated request the same.
    pub async fn erase_from_mailbox(
        &self,
        code: &ReceiptCode,
        what: Erasing,
        nonce: &str,
    ) -> Result<(), AppError> {
        let mailbox = self.mailbox_of(code).await?;
        let key = super::sha256_hex(format!("{}\0erase\0{nonce}", mailbox.id).as_bytes());
        let once = Once { account: String::new(), key: key.clone(), body_hash: key };
        for _ in 0..ERASE_TRIES_MAX {
            if self.answered_before(Some(&once)).await?.is_some() {
                return Ok(());
            }
            let row = self.store().report_of_mailbox(&mailbox.id).await?;
            let row = row.filter(|row| row.state != ERASED);
            let row = row.ok_or_else(|| AppError::refused("receipt-code-unknown"))?;
            if what == Erasing::Report && row.case_id.is_some() {
                return Err(AppError::refused_at("report-in-case", "/confirm-report"));
            }
            let confirm = row.report_id.clone();
            match self.erase(row, what, By::Finder, &confirm, Some(once.clone())).await {
                // Someone else was faster: decide anew on what it left.
                Err(AppError::Changed) => {}
                Err(error) => return Err(error),
                Ok(_) => return Ok(()),
            }
        }
        Err(AppError::Busy { retry_after_s: 1 })
    }

    /// Writes to the finder of a report; only the holder of the receipt code can read it.
    pub async fn write_to_finder(
        &self,
        by: Authorised<'_>,
        report: &str,
        form: MessageForm,
        once: Once,
    ) -> Result<Answered, AppError> {
        expect(by, Action::AssessReport)?;
        let row = self.report_row(report).await?;
        let mailbox = reachable(&row)?;
        self.post_message(&row, mailbox, "hub", &form.text, once).await
    }

    /// Takes a message of a finder with an account about a report of its own.
    pub async fn write_from_account(
        &self,
        by: Authorised<'_>,
        report: &str,
        form: MessageForm,
        once: Once,
    ) -> Result<Answered, AppError> {
        let row = self.own_report(by, report).await?;
        let mailbox = reachable(&row)?;
        self.post_message(&row, mailbox, "finder", &form.text, once).await
    }

    /// Lists the thread of a report from the coordinators' copies; the look is recorded.
    pub async fn read_messages(
        &self,
        by: Authorised<'_>,
        report: &str,
    ) -> Result<Vec<Message>, AppError> {
        expect(by, Action::ReadReport)?;
        self.report_row(report).await?;
        self.look(by, report, COPY).await?;
        self.thread(report).await
    }

    /// Lists the thread of a report for the account that filed it.
    pub async fn read_own_messages(
        &self,
        by: Authorised<'_>,
        report: &str,
    ) -> Result<Vec<Message>, AppError> {
        self.own_report(by, report).await?;
        self.thread(report).await
    }

    /// Returns a report of this account that is not erased; absent if another filed it.
    async fn own_report(
        &self,
        by: Authorised<'_>,
        report: &str,
    ) -> Result<comity_store::Report, AppError> {
        expect(by, Action::FileReport)?;
        let row = self.report_row(report).await?;
        let is_own = summary(&row)?.filed_by.as_deref() == Some(by.actor().account.as_str());
        if is_own && row.state != ERASED { Ok(row) } else { Err(AppError::NotFound) }
    }

    async fn thread(&self, report: &str) -> Result<Vec<Message>, AppError> {
        let mut messages: Vec<Message> = Vec::new();
        for (item, key) in self.store().items(report, ITEMS_MAX).await? {
            if item.compartment == COPY
                && let Some(plain) = self.open_item(&item, key.as_ref()).await?
            {
                messages.push(serde_json::from_slice(&plain).map_err(AppError::fault)?);
            }
        }
        messages.sort_by_key(|message| message.at);
        Ok(messages)
    }

    async fn post_message(
        &self,
        row: &comity_store::Report,
        mailbox: Option<Address>,
        from: &'static str,
        text: &str,
        once: Once,
    ) -> Result<Answered, AppError> {
        check_text(text)?;
        let at = self.now_ms();
        let message = Message { from: from.to_owned(), at: instant(at), text: text.to_owned() };
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(&message).map_err(AppError::fault)?);
        let room = self.current_intake_room().await?;
        let copy = self.seal_item(&room, &row.report_id, COPY, &plain, at).await?;
        let message_id = self.new_id().to_string();
        let sealed = match mailbox {
            None => None,
            Some(Address { id, key }) => Some(MailboxMessage {
                mailbox_id: id,
                ciphertext: closed(&key, &row.report_id, &message_id, &plain)?,
                message_id,
                at,
                sender: from.to_owned(),
                read_at: None,
            }),
        };
        let report = row.report_id.clone();
        self.write(Some(once), 201, Needs::default(), move |_| {
            let mut rows = Rows::new();
            if let Some(sealed) = sealed.clone() {
                rows.put(sealed);
            }
            copy.clone().put(&mut rows);
            Ok((rows, serde_json::json!({ "report": report, "at": message.at })))
        })
        .await
    }
}

fn check_text(text: &str) -> Result<(), AppError> {
    let count = text.chars().count();
    if text.trim().is_empty() {
        return Err(AppError::refused_at("field-missing", "/text"));
    }
    if count > MESSAGE_CHARS_MAX {
        let refusal = comity_core::refusal::Refusal::new("text-too-long", "/text");
        return Err(AppError::Refused(vec![
            refusal.with("max", MESSAGE_CHARS_MAX).with("given", count),
        ]));
    }
    Ok(())
}

/// Seals a message for a mailbox: a fresh key, wrapped to the mailbox, then the content under that key.
fn closed(
    key: &OrganisationPublicKey,
    report: &str,
    message: &str,
    plain: &[u8],
) -> Result<Vec<u8>, AppError> {
    let binding = Binding { room: report, item: message };
    let once = EpochKey::generate(&mut OsRandom);
    let mut bytes = key.wrap(&once, binding, &mut OsRandom).map_err(AppError::fault)?;
    let data = DataKey::from_bytes(*once.expose());
    bytes.extend(seal::seal(&data, binding, plain, &mut OsRandom).map_err(AppError::fault)?);
    Ok(bytes)
}

fn opened(key: &OrganisationKey, report: &str, row: &MailboxMessage) -> Result<Message, AppError> {
    let binding = Binding { room: report, item: &row.message_id };
    let short = || AppError::fault("a sealed message is too short");
    let (wrapped, body) = row.ciphertext.split_at_checked(wrap::WRAPPED_BYTES).ok_or_else(short)?;
    let once = key.unwrap(wrapped, binding).map_err(AppError::fault)?;
    let data = DataKey::from_bytes(*once.expose());
    let plain = seal::open(&data, binding, body).map_err(AppError::fault)?;
    serde_json::from_slice(&plain).map_err(AppError::fault)
}
