//! Recording how a party stands to a duty, with the proof of what it sent.
//!
//! The case's own entry says duty and status to all parties; what was sent, at which level and with which
//! receipt lies sealed beside it, and the proof is a file sealed to the case, named by its commitment.

use comity_core::access::{Action, Authorised};
use comity_core::case::entry::Command;
use comity_core::case::kind::Kind;
use comity_core::law::docket::{Filing, RECORDS_MAX, Record, Statement, party_name};
use comity_core::law::refused::{Code, Refused};
use comity_core::law::time::Instant;
use comity_ledger::secret::{Binding, DataKey};
use comity_store::{Item, ItemKey, Rows};
use futures::Stream;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{FILE, Kept, refusal};
use crate::app::cases::{CaseFile, CaseRead, item_owner};
use crate::app::files::{Chunks, FileRead, NAME_CHARS_MAX, Poured};
use crate::app::reports::expect;
use crate::app::{Answered, AppError, Hub, Once, OpenRoom, Said, object};
use crate::rng::{self, OsRandom};

/// Files of one case at most.
const FILES_MAX: usize = 200;
/// The compartment of a file's content.
const PROOF: &str = "proof";
/// The compartment of its name, length and hash.
const PROOF_LABEL: &str = "proof-label";
/// Characters of a receipt at most.
const RECEIPT_CHARS_MAX: usize = 200;
/// How far an instant may lie ahead of the hub's clock (CP-03), seconds.
const AHEAD_S: i64 = 600;

/// How a party stands to a duty, as someone sends it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyForm {
    /// The party acted for; one's own if there is but one.
    #[serde(default)]
    pub party: Option<String>,
    /// The rule.
    pub rule: String,
    /// The stage.
    pub stage: String,
    /// `declared`, `met` or `not_applicable`.
    pub status: String,
    /// When it is due by the party's own reading.
    #[serde(default)]
    pub due_at: Option<String>,
    /// What was sent; with `met`, and only then.
    #[serde(default)]
    pub filing: Option<FilingForm>,
}

/// What was sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingForm {
    /// When.
    pub at: String,
    /// What it revealed, `L0` to `L5`.
    pub level: String,
    /// What the authority gave back.
    #[serde(default)]
    pub receipt: Option<String>,
    /// The file of the case that proves it.
    #[serde(default)]
    pub proof: Option<String>,
}

/// A file of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseFileRead {
    /// Names it: the salted commitment to its name, length and hash.
    pub file: String,
    /// The name it was given: untrusted text.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: String,
}

impl Hub {
    /// Seals a file to a case while it streams in, so that a duty can name it as its proof.
    pub async fn keep_file<S, B, E>(
        &self,
        by: Authorised<'_>,
        id: &str,
        name: &str,
        content: S,
        once: Option<Once>,
    ) -> Result<Answered, AppError>
    where
        S: Stream<Item = Result<B, E>> + Unpin,
        B: AsRef<[u8]>,
        E: std::fmt::Display,
    {
        expect(by, Action::RecordDuty)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(AppError::refused_at("value-invalid", "/name"));
        }
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        if file.law.files.len() >= FILES_MAX {
            return Err(AppError::refused("report-files-too-many"));
        }
        let room = self.load_room(&file.coordination).await?;
        let item_id = rng::hex::<16>();
        let key = DataKey::generate(&mut OsRandom);
        let binding = Binding { room: &room.id, item: &item_id };
        let wrapped = room.key.wrap(&key, binding, &mut OsRandom).map_err(AppError::fault)?;
        let most = self.config().limits.attachment_bytes;
        let poured = self.pour(&key, binding, content, most).await?;
        let blob = poured.blob.clone();
        let key = ItemKey { item_id, epoch: 1, wrapped: wrapped.as_bytes().to_vec() };
        let written = self.write_kept(by, id, name, (key, poured), &room, once).await;
        if !matches!(&written, Ok(answered) if !answered.replayed) {
            // Nothing names the file: it must not stay behind.
            self.store().drop_unnamed(blob).await?;
        }
        written
    }

    async fn write_kept(
        &self,
        by: Authorised<'_>,
        id: &str,
        name: &str,
        (key, poured): (ItemKey, Poured),
        room: &OpenRoom,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        // Uploads run side by side: who comes last must still find a place.
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        if self.case_file(id).await?.law.files.len() >= FILES_MAX {
            return Err(AppError::refused("report-files-too-many"));
        }
        let at = self.now_ms();
        let label = FileRead {
            file: key.item_id.clone(),
            name: name.to_owned(),
            bytes: poured.bytes,
            sha256: poured.sha256,
        };
        let plain = serde_json::to_vec(&label).map_err(AppError::fault)?;
        let mut sealed = self.seal_item(room, "", PROOF_LABEL, &plain, at).await?;
        sealed.item.owner = item_owner(id, &sealed.commitment);
        let item = Item {
            item_id: key.item_id.clone(),
            room_id: room.id.clone(),
            owner: item_owner(id, &key.item_id),
            compartment: PROOF.to_owned(),
            ciphertext: None,
            blob: Some(poured.blob),
            padded_bytes: i64::try_from(poured.sealed_bytes).map_err(AppError::fault)?,
            created_at: at,
            shredded_at: None,
        };
        let read = CaseFileRead {
            file: sealed.commitment.clone(),
            name: label.name,
            bytes: label.bytes,
            sha256: label.sha256,
        };
        let organisation = &by.actor().organisation;
        let body = object(json!({ "commitment": sealed.commitment, "organisation": organisation }));
        let needs = comity_store::Needs::default().chain(&room.id, &self.config().hub);
        let (hub, case, room) = (self.clone(), id.to_owned(), room.id.clone());
        self.write(once, 201, needs, move |view| {
            let said = Said {
                case: &case,
                kind: FILE,
                area: "protocol",
                party: &hub.config().hub,
                body: body.clone(),
                at,
            };
            let mut rows = Rows::new();
            rows.put(hub.sign_next(Some(&room), view.head(&room, &hub.config().hub), &said)?);
            rows.put(item.clone());
            rows.put(key.clone());
            sealed.clone().put(&mut rows);
            Ok((rows, read.clone()))
        })
        .await
    }

    /// Opens a file of a case: its label and a stream of its content. The look is recorded.
    pub async fn read_kept(
        &self,
        by: Authorised<'_>,
        id: &str,
        commitment: &str,
    ) -> Result<(FileRead, Chunks), AppError> {
        expect(by, Action::ReadDuty)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        if !may_use(by, &file, commitment) {
            return Err(AppError::NotFound);
        }
        let label = self.item_of(&file, PROOF_LABEL, commitment).await?;
        let label: FileRead = serde_json::from_slice(&label)
            .map_err(|_| AppError::fault("a sealed label does not hold"))?;
        self.look(by, id, &format!("{PROOF}/{commitment}")).await?;
        let chunks = self.stream_item(&item_owner(id, &label.file), &label.file).await?;
        Ok((label, chunks))
    }

    /// Records how a party stands to a duty; the answer is the state after it.
    pub async fn record_duty(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        form: DutyForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::RecordDuty)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let kept = once.clone();
        let done = self.record_alone(by, id, seen, form, once).await;
        self.or_answered(done, kept).await
    }

    async fn record_alone(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        form: DutyForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        if file.etag() != seen {
            return Err(AppError::Changed);
        }
        let (party, stand_in) = self.acting_party(by, &file, form.party.as_deref()).await?;
        let name = party_name(&party);
        let filing = self.checked_filing(by, &file, &name, &form)?;
        let mut body = object(json!({
            "duty": format!("{name}/{}/{}", form.rule, form.stage), "status": form.status,
        }));
        if let Some(due) = &form.due_at {
            let due = parsed(due, "/due_at")?.unix().saturating_mul(1000);
            body.insert("due_at".to_owned(), json!(due));
        }
        if let Some(proof) = filing.as_ref().and_then(|filing| filing.proof.as_ref()) {
            let proof = json!([{ "type": "file", "ref": "proof of filing", "hash": proof }]);
            body.insert("evidence".to_owned(), proof);
        }
        let draft = file.case.draft(Command {
            author: self.hub_id()?,
            party,
            at: self.next_at(&file),
            kind: Kind::DutyRecord,
            body,
        });
        let draft = self.clear_at_home(&file, draft)?;
        let mut rows = Rows::new();
        rows.writes.extend(stand_in.map(comity_store::Write::from));
        let (mut next, entry) = self.extend(&file, &draft, &mut rows)?;
        if let Some(filing) = filing {
            let record = Record {
                id: String::new(),
                of: Some(entry.clone()),
                at: self.now_ms(),
                by: by.actor().account.clone(),
                organisation: by.actor().organisation.clone(),
                statement: Statement::Filing(filing),
            };
            let (with, _) = self.record_rows(&next, vec![record], &mut rows).await?;
            self.project(&with, &mut rows);
            next = with;
        }
        let needs = rows.needs();
        let read = CaseRead::of(&next, self.now_ms(), Some(&entry))?;
        let answered =
            self.write(once, 200, needs, move |_| Ok((rows.clone(), read.clone()))).await?;
        if !answered.replayed {
            self.cases_cache().remember(id, next);
        }
        Ok(answered)
    }

    /// Returns what was sent, if the status says that something was; refuses what does not hold.
    fn checked_filing(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        party: &str,
        form: &DutyForm,
    ) -> Result<Option<Filing>, AppError> {
        let mut versions = file.law.packs.set().versions(&form.rule).peekable();
        if versions.peek().is_none() {
            return Err(AppError::refused_at("duty-unknown", "/rule"));
        }
        let mut stages = versions.flat_map(|(_, rule)| &rule.stages);
        if !stages.any(|stage| stage.id == form.stage) {
            return Err(AppError::refused_at("duty-unknown", "/stage"));
        }
        let is_met = form.status == "met";
        let sent = match (&form.filing, is_met) {
            (None, true) => return Err(AppError::refused_at("field-missing", "/filing")),
            (Some(_), false) => return Err(AppError::refused_at("value-invalid", "/filing")),
            (None, false) => return Ok(None),
            (Some(sent), true) => sent,
        };
        if parsed(&sent.at, "/filing/at")?.unix() > self.now_ms().div_euclid(1000) + AHEAD_S {
            return Err(AppError::refused_at("at-in-future", "/filing/at"));
        }
        if comity_core::law::level::Level::parse(&sent.level).is_none() {
            return Err(AppError::refused_at("value-unknown", "/filing/level"));
        }
        if sent.receipt.as_ref().is_some_and(|text| text.chars().count() > RECEIPT_CHARS_MAX) {
            return Err(AppError::refused_at("text-too-long", "/filing/receipt"));
        }
        if sent.proof.as_ref().is_some_and(|proof| !may_use(by, file, proof)) {
            return Err(AppError::refused_at("no-such-entry", "/filing/proof"));
        }
        if file.law.records.len() >= RECORDS_MAX {
            return Err(AppError::refused_at("list-too-long", "/filing"));
        }
        Ok(Some(Filing {
            party: party.to_owned(),
            rule: form.rule.clone(),
            stage: form.stage.clone(),
            at: sent.at.clone(),
            level: sent.level.clone(),
            receipt: sent.receipt.clone(),
            proof: sent.proof.clone(),
        }))
    }
}

/// Whether a file is there for the actor: hub staff use all, others what their organisation kept.
fn may_use(by: Authorised<'_>, file: &CaseFile, commitment: &str) -> bool {
    let actor = by.actor();
    let is_own = |kept: &Kept| actor.is_staff() || kept.organisation == actor.organisation;
    file.law.files.iter().any(|kept| kept.commitment == commitment && is_own(kept))
}

fn parsed(text: &str, pointer: &str) -> Result<Instant, AppError> {
    let message = "an instant needs a date, a time and Z or an offset";
    Instant::parse(text).ok_or_else(|| {
        let refused = Refused::new(Code::Instant, pointer, message);
        AppError::Refused(vec![refusal(&refused, pointer.to_owned())])
    })
}
