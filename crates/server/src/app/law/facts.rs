//! Stating facts of a case, and reading what was stated.
//!
//! A statement is sealed; the entry of the `coordination` room carries its salted commitment and nothing
//! else, so that neither a fact nor its withdrawal is seen from outside. Not here: what follows from facts.

use std::collections::BTreeSet;
use std::sync::Arc;

use comity_core::access::{Action, Authorised};
use comity_core::law::docket::{
    RECORD_BYTES_MAX, RECORDS_MAX, Record, Statement, party_name, withdrawn,
};
use comity_core::law::refused::{Code, Refused};
use comity_store::{Guard, Head, Rows};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{COMPARTMENT, LawFile, RECORD, Sealed, refusal};
use crate::app::cases::{CaseFile, item_owner};
use crate::app::reports::{expect, instant};
use crate::app::room::SealedItem;
use crate::app::{Answered, AppError, Hub, Once, Said, object};

/// Statements of one request at most.
const STATEMENTS_MAX: usize = 64;
/// How often a write is tried again when somebody else wrote into the room.
const TRIES: usize = 4;

/// Statements as someone sends them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsForm {
    /// One to sixty-four, recorded together or not at all.
    pub statements: Vec<Statement>,
}

/// One record as a reader sees it.
#[derive(Clone, Debug, Serialize)]
pub struct RecordRead {
    /// Names it: the id of its entry.
    pub record: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// For which organisation.
    pub organisation: String,
    /// Whether it was taken back.
    pub withdrawn: bool,
    /// What was stated.
    pub statement: Statement,
}

/// What was stated of a case.
#[derive(Clone, Debug, Serialize)]
pub struct FactsRead {
    /// The case.
    pub case: String,
    /// The records one may see, in order of arrival.
    pub records: Vec<RecordRead>,
    /// All facts as one document, with what follows from the case's own entries; for hub staff.
    pub facts: Option<Value>,
}

impl Hub {
    /// Records statements, all or none.
    pub async fn state_facts(
        &self,
        by: Authorised<'_>,
        id: &str,
        form: FactsForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::RecordDuty)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        if form.statements.is_empty() {
            return Err(AppError::refused_at("field-missing", "/statements"));
        }
        if form.statements.len() > STATEMENTS_MAX {
            return Err(AppError::refused_at("list-too-long", "/statements"));
        }
        let kept = once.clone();
        let done = self.state_alone(by, id, &form.statements, once).await;
        self.or_answered(done, kept).await
    }

    async fn state_alone(
        &self,
        by: Authorised<'_>,
        id: &str,
        statements: &[Statement],
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let mut left = TRIES;
        loop {
            let file = self.case_file(id).await?;
            self.visible(by, &file)?;
            let records = self.checked_records(by, &file, statements)?;
            left -= 1;
            match self.write_records(&file, records, 201, once.clone()).await {
                // Another replica wrote a draft or a record: look again, then decide again.
                Err(AppError::Changed) if left > 0 => {}
                done => return done,
            }
        }
    }

    /// Returns the records that statements become, if each may be made and all together hold.
    fn checked_records(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        statements: &[Statement],
    ) -> Result<Vec<Record>, AppError> {
        if file.law.records.len().saturating_add(statements.len()) > RECORDS_MAX {
            return Err(AppError::refused_at("list-too-long", "/statements"));
        }
        let mut all = file.law.records.clone();
        let now = file.case.greatest_at().max(self.now_ms());
        for (index, statement) in statements.iter().enumerate() {
            let at = format!("/statements/{index}");
            self.may_state(by, file, &all, statement, &at)?;
            let at_member = |refused: Refused| {
                let member = member_of(&refused);
                AppError::Refused(vec![refusal(&refused, format!("{at}{member}"))])
            };
            statement.check(now).map_err(at_member)?;
            all.push(Record {
                id: format!("new-{index}"),
                of: None,
                at: now,
                by: by.actor().account.clone(),
                organisation: by.actor().organisation.clone(),
                statement: statement.clone(),
            });
            // Alone, since beside what others say a fault could lie hidden until they take it back.
            let alone = all.last().map(std::slice::from_ref).unwrap_or_default();
            let docket = file.docket(&self.config().hub, alone);
            docket.check(file.law.packs.set(), now).map_err(at_member)?;
        }
        file.docket(&self.config().hub, &all).check(file.law.packs.set(), now)?;
        Ok(all.split_off(file.law.records.len()))
    }

    fn may_state(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        records: &[Record],
        statement: &Statement,
        at: &str,
    ) -> Result<(), AppError> {
        let bytes = serde_json::to_vec(statement).map_err(AppError::fault)?.len();
        if bytes > RECORD_BYTES_MAX {
            return Err(AppError::refused_at("too-large", at));
        }
        let actor = by.actor();
        match statement {
            Statement::Filing(_) => {
                return Err(AppError::refused_at("value-unknown", format!("{at}/kind")));
            }
            Statement::Withdraw { of } => {
                let gone = withdrawn(records);
                let found = records.iter().find(|r| r.id == *of && !gone.contains(of.as_str()));
                let own =
                    found.filter(|r| actor.is_staff() || r.organisation == actor.organisation);
                if own.is_none() {
                    return Err(AppError::refused_at("no-such-entry", format!("{at}/of")));
                }
                return Ok(());
            }
            Statement::Action { .. }
            | Statement::Consent { .. }
            | Statement::Delay { .. }
            | Statement::Event { .. }
            | Statement::Fact { .. }
            | Statement::Latency { .. }
            | Statement::Marking { .. }
            | Statement::Request { .. }
            | Statement::Standing { .. } => {}
        }
        let party = statement.party();
        let names: BTreeSet<String> = file.case.state().parties.keys().map(party_name).collect();
        if let Some(party) = party
            && !names.contains(party)
        {
            let unknown = Refused::new(Code::Ref, "", format!("no party {party}"));
            return Err(AppError::Refused(vec![refusal(&unknown, format!("{at}/party"))]));
        }
        let own = self.own_parties(actor, file);
        let is_own = party.is_some_and(|party| own.iter().any(|own| party_name(own) == party));
        if actor.is_staff() || is_own {
            return Ok(());
        }
        Err(AppError::refused_at("not-your-party", format!("{at}/party")))
    }

    /// Seals records and writes an entry for each, with the case's read models, as one unit.
    pub(super) async fn write_records(
        &self,
        file: &CaseFile,
        records: Vec<Record>,
        status: u16,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let mut rows = Rows::new();
        let (next, reads) = self.record_rows(file, records, &mut rows).await?;
        self.project(&next, &mut rows);
        let needs = rows.needs();
        let answer = json!({ "case": next.case.id().as_str(), "records": reads });
        let answered =
            self.write(once, status, needs, move |_| Ok((rows.clone(), answer.clone()))).await?;
        if !answered.replayed {
            self.cases_cache().remember(next.case.id().as_str(), next.clone());
        }
        Ok(answered)
    }

    /// Adds sealed records and their entries to a unit; returns the case after them.
    pub(super) async fn record_rows(
        &self,
        file: &CaseFile,
        records: Vec<Record>,
        rows: &mut Rows,
    ) -> Result<(Arc<CaseFile>, Vec<RecordRead>), AppError> {
        let room = self.load_room(&file.coordination).await?;
        let case = file.case.id().as_str();
        let mut head = self.room_head(&file.coordination).await?;
        let mut law = (*file.law).clone();
        rows.guards.push(Guard::RoomAt { room_id: room.id.clone(), position: law.position });
        for mut record in records {
            let sealed = Sealed {
                by: record.by.clone(),
                organisation: record.organisation.clone(),
                statement: record.statement.clone(),
            };
            let plain =
                zeroize::Zeroizing::new(serde_json::to_vec(&sealed).map_err(AppError::fault)?);
            let now = self.now_ms();
            let mut item: SealedItem = self.seal_item(&room, "", COMPARTMENT, &plain, now).await?;
            item.item.owner = item_owner(case, &item.commitment);
            let mut body = object(json!({ "commitment": item.commitment }));
            if let Some(of) = &record.of {
                body.insert("of".to_owned(), json!(of));
            }
            let said = Said {
                case,
                kind: RECORD,
                area: "protocol",
                party: &self.config().hub,
                body,
                at: now,
            };
            let entry = self.sign_next(Some(&room.id), head.as_ref(), &said)?;
            record.id.clone_from(&entry.id);
            record.at = entry.at;
            head = Some(Head { seq: entry.seq, id: entry.id.clone(), at: entry.at });
            rows.put(entry);
            item.put(rows);
            law.position += 1;
            law.records.push(record);
        }
        let first = file.law.records.len();
        let reads = law.records.iter().skip(first).map(|r| read_of(r, &law)).collect();
        Ok((Arc::new(CaseFile { law: Arc::new(law), ..file.clone() }), reads))
    }

    /// Returns the head of this hub's chain in a room.
    pub(super) async fn room_head(&self, room: &str) -> Result<Option<Head>, AppError> {
        let Some(head) = self.store().head(room, &self.config().hub).await? else {
            return Ok(None);
        };
        let entry = self.store().entry(&head.id).await?;
        let at = entry.map_or(0, |entry| entry.at);
        Ok(Some(Head { seq: head.seq, id: head.id, at }))
    }

    /// Lists what was stated of a case: all for hub staff, else of or by one's own. The look is recorded.
    pub async fn read_facts(&self, by: Authorised<'_>, id: &str) -> Result<FactsRead, AppError> {
        expect(by, Action::ReadDuty)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        let actor = by.actor();
        let own: BTreeSet<String> = self.own_parties(actor, &file).iter().map(party_name).collect();
        let sees = |record: &&Record| {
            let of_own = record.statement.party().is_some_and(|party| own.contains(party));
            actor.is_staff() || of_own || record.organisation == actor.organisation
        };
        let shown = file.law.records.iter().filter(sees);
        let records = shown.map(|record| read_of(record, &file.law)).collect();
        self.look(by, id, COMPARTMENT).await?;
        Ok(FactsRead {
            case: id.to_owned(),
            records,
            facts: actor.is_staff().then(|| self.case_facts_document(&file)),
        })
    }
}

fn read_of(record: &Record, law: &LawFile) -> RecordRead {
    RecordRead {
        record: record.id.clone(),
        at: instant(record.at),
        by: record.by.clone(),
        organisation: record.organisation.clone(),
        withdrawn: withdrawn(&law.records).contains(record.id.as_str()),
        statement: record.statement.clone(),
    }
}

/// The member of a statement that a refusal of the whole document is about.
fn member_of(refused: &Refused) -> &'static str {
    match refused.code {
        Code::FactEngine | Code::FactName | Code::FactScope => "/fact",
        Code::FactType | Code::FactValue => "/value",
        Code::Event => "/event",
        Code::Instant => "/at",
        Code::Duration => "/within",
        Code::Calendar
        | Code::ClockCalendar
        | Code::ClockRule
        | Code::ClockUnit
        | Code::ClockZone
        | Code::Cost
        | Code::Json
        | Code::Limit
        | Code::Name
        | Code::Pack
        | Code::Parse
        | Code::Ref
        | Code::Schema
        | Code::SignatureAlone
        | Code::SignatureBytes
        | Code::SignatureForeign
        | Code::SignatureForm
        | Code::SignatureMissing
        | Code::SignatureWrong
        | Code::Type
        | Code::Value
        | Code::Zone => "",
    }
}
