//! Authoring one entry for one's party.

use std::sync::Arc;

use comity_core::access::{Action, Authorised};
use comity_core::case::entry::Command;
use comity_core::case::kind::Kind;
use comity_core::case::name::PartyId;
use comity_core::sharing::Cleared;
use comity_store::{Guard, Look, Rows, Write};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{CaseFile, CaseRead};
use crate::app::reports::expect;
use crate::app::room::SealedItem;
use crate::app::{Answered, AppError, Hub, Once, object};

/// One change to a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseCommand {
    /// A kind of the case protocol, or `statement.give`.
    pub kind: String,
    /// The party acted for; one's own if there is but one.
    #[serde(default)]
    pub party: Option<String>,
    /// The body of the kind.
    pub body: Map<String, Value>,
    /// Content that is sealed and named by its commitment: with `content.seal` and `statement.give`.
    #[serde(default)]
    pub text: Option<String>,
}

/// Characters of a sealed text at most.
pub(crate) const TEXT_CHARS_MAX: usize = 20_000;
/// Accounts read at once.
const ACCOUNTS_PAGE: u32 = 500;
/// A party's statement: sealed text, and a note that names it.
const STATEMENT: &str = "statement.give";

impl Hub {
    /// Authors one entry if the case protocol allows it; the answer is the state after it.
    ///
    /// `seen` is the validator of the state the caller decided on.
    pub async fn command_case(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        command: CaseCommand,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::CommandCase)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let kept = once.clone();
        let done = self.command_alone(by, id, seen, command, once).await;
        self.or_answered(done, kept).await
    }

    /// Decides and writes while no other writer of this process has the case.
    async fn command_alone(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        command: CaseCommand,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        if file.etag() != seen {
            return Err(AppError::Changed);
        }
        let (party, stand_in) = self.acting_party(by, &file, command.party.as_deref()).await?;
        let (kind, body, item) = self.body_of(&file, command).await?;
        let draft = file.case.draft(Command {
            author: self.hub_id()?,
            party,
            at: self.next_at(&file),
            kind,
            body,
        });
        let tried = draft.body.clone();
        let draft = match self.clear(&file, draft).await {
            Ok(draft) => draft,
            Err(error) => return Err(self.refused_crossing(by, &file, &tried, error).await?),
        };
        let beside =
            item.map(SealedItem::writes).into_iter().flatten().chain(stand_in.map(Write::from));
        self.append(&file, &draft, beside.collect(), once).await
    }

    /// Returns the instant of the next entry: the clock's, never below that of the newest entry.
    pub(crate) fn next_at(&self, file: &CaseFile) -> i64 {
        file.case.greatest_at().max(self.now_ms())
    }

    /// Signs and writes an entry that was cleared, with what is written beside it.
    pub(crate) async fn append(
        &self,
        file: &CaseFile,
        draft: &Cleared,
        beside: Vec<Write>,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let mut rows = Rows::new();
        rows.writes.extend(beside);
        let (next, entry_id) = self.extend(file, draft, &mut rows)?;
        let needs = rows.needs();
        let read = CaseRead::of(&next, self.now_ms(), Some(&entry_id))?;
        let answered =
            self.write(once, 200, needs, move |_| Ok((rows.clone(), read.clone()))).await?;
        if !answered.replayed {
            self.cases_cache().remember(next.case.id().as_str(), Arc::clone(&next));
        }
        Ok(answered)
    }

    /// Signs an entry that was cleared and adds it to a unit, with the case's read models and the guard
    /// that nobody wrote since `file` was folded. Returns the case after it, and the entry's id.
    pub(crate) fn extend(
        &self,
        file: &CaseFile,
        draft: &Cleared,
        rows: &mut Rows,
    ) -> Result<(Arc<CaseFile>, String), AppError> {
        let (append, entry) = self.sign_entry(draft.entry(), Some(&file.common))?;
        let entry_id = append.id.clone();
        rows.guards.push(Guard::RoomAt { room_id: file.common.clone(), position: file.position });
        rows.put(append);
        let next = Arc::new(CaseFile {
            case: file.case.with(Arc::new(entry)),
            position: file.position + 1,
            ..file.clone()
        });
        self.project(&next, rows);
        Ok((next, entry_id))
    }

    /// Returns the party the actor may speak for.
    ///
    /// Hub staff may also speak for parties hosted here whose organisation has nobody at this hub
    /// (D37): the entry then names that party, and the look at who signed in names the coordinator.
    pub(crate) async fn acting_party(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        named: Option<&str>,
    ) -> Result<(PartyId, Option<Look>), AppError> {
        let own = self.own_parties(by.actor(), file);
        let Some(named) = named else {
            return match own.as_slice() {
                [only] => Ok((only.clone(), None)),
                _ => Err(AppError::refused_at("field-missing", "/party")),
            };
        };
        let party: PartyId =
            named.parse().map_err(|_| AppError::refused_at("value-invalid", "/party"))?;
        if own.contains(&party) {
            return Ok((party, None));
        }
        let known = file.case.state().parties.get(&party);
        let hosted = known.filter(|known| known.hub.as_str() == self.config().hub);
        if let Some(hosted) = hosted
            && by.actor().is_staff()
            && !self.is_present(file, &hosted.org).await?
        {
            let subject = file.case.id().as_str();
            let look = self.look_row(by, subject, &format!("acted-for/{party}"));
            return Ok((party, Some(look)));
        }
        Err(AppError::refused_at("not-your-party", "/party"))
    }

    /// Whether an organisation of a case has someone at this hub who speaks for it.
    async fn is_present(&self, file: &CaseFile, organisation: &str) -> Result<bool, AppError> {
        if file.finders.contains_key(organisation) {
            return Ok(true);
        }
        let mut after = String::new();
        loop {
            let page = self.store().accounts(&after, ACCOUNTS_PAGE).await?;
            let Some(last) = page.last() else { return Ok(false) };
            let speaks = |row: &comity_store::Account| {
                row.organisation_id == organisation && row.disabled_at.is_none()
            };
            if page.iter().any(speaks) {
                return Ok(true);
            }
            after.clone_from(&last.account_id);
        }
    }

    /// Returns kind and body as they will be signed, and the item that carries sealed text.
    async fn body_of(
        &self,
        file: &CaseFile,
        command: CaseCommand,
    ) -> Result<(Kind, Map<String, Value>, Option<SealedItem>), AppError> {
        if command.kind == STATEMENT {
            let (item, commitment) = self.seal_text(file, "statement", command.text).await?;
            let mut body = object(json!({ "commitment": commitment }));
            if let Some(of) = command.body.get("of") {
                body.insert("of".to_owned(), of.clone());
            }
            return Ok((Kind::Note, body, Some(item)));
        }
        let kind = Kind::parse(&command.kind)
            .filter(|kind| *kind != Kind::CaseOpen)
            .ok_or_else(|| AppError::refused_at("unknown-kind", "/kind"))?;
        if kind != Kind::ContentSeal {
            if command.text.is_some() {
                return Err(AppError::refused_at("member-unknown", "/text"));
            }
            return Ok((kind, command.body, None));
        }
        let compartment =
            command.body.get("compartment").and_then(Value::as_str).unwrap_or_default().to_owned();
        let (item, commitment) = self.seal_text(file, &compartment, command.text).await?;
        let mut body = command.body;
        body.insert("commitment".to_owned(), json!(commitment));
        body.insert("size_class".to_owned(), json!(size_class(item.item.padded_bytes)));
        Ok((kind, body, Some(item)))
    }

    async fn seal_text(
        &self,
        file: &CaseFile,
        compartment: &str,
        text: Option<String>,
    ) -> Result<(SealedItem, String), AppError> {
        let text = text.ok_or_else(|| AppError::refused_at("field-missing", "/text"))?;
        if text.is_empty() {
            return Err(AppError::refused_at("field-missing", "/text"));
        }
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(AppError::refused_over("text-too-long", "/text", TEXT_CHARS_MAX));
        }
        let room = self.load_room(&file.coordination).await?;
        let at = self.now_ms();
        let mut item = self.seal_item(&room, "", compartment, text.as_bytes(), at).await?;
        // The entry names the item by its commitment: so does the store.
        item.item.owner = super::item_owner(file.case.id().as_str(), &item.commitment);
        let commitment = item.commitment.clone();
        Ok((item, commitment))
    }

    /// Returns the answer an idempotency key was given before, without taking any lock.
    pub(crate) async fn answered_before(
        &self,
        once: Option<&Once>,
    ) -> Result<Option<Answered>, AppError> {
        let Some(once) = once else { return Ok(None) };
        let Some(answer) = self.store().answer(&once.account, &once.key).await? else {
            return Ok(None);
        };
        self.replayed(&answer, once).map(Some)
    }
}

/// Returns the padded length as the power of two that is not below it.
pub(crate) fn size_class(padded_bytes: i64) -> u32 {
    u64::try_from(padded_bytes).unwrap_or(1).max(1).next_power_of_two().trailing_zeros()
}
