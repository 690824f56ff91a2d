//! Authoring one record: in a standard's room or in an assessment's.

use std::sync::Arc;

use comity_core::access::{Action, Authorised};
use comity_core::cert::act::StandardAct;
use comity_core::cert::book::Book;
use comity_core::cert::day::Instant;
use comity_core::cert::file::File;
use comity_core::cert::record::{Body, Kind, Open, Record, Side, check_side, divide};
use comity_core::cert::step::AssessmentAct;
use comity_core::cert::word::Word as _;
use comity_core::refusal::Refusal;
use comity_store::{Append, Guard, Head, Rows, Write};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::project::{project_book, project_file};
use super::{ASSESSMENT, COMPARTMENT, Kept, STANDARD, instant, item_owner, sides};
use crate::app::cert::{AssessmentRead, StandardRead};
use crate::app::reports::expect;
use crate::app::{Answered, AppError, Hub, Once, OpenRoom, Said};

/// One record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertCommand {
    /// A kind of record.
    pub kind: String,
    /// Its members.
    pub act: Map<String, Value>,
    /// The virtual instant; only in a simulated standard, and needed there.
    #[serde(default)]
    pub at: Option<String>,
    /// The side on which one acts, if one has several.
    #[serde(default)]
    pub side: Option<String>,
}

/// The first record of a room.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertOpening {
    /// Its members.
    pub act: Map<String, Value>,
    /// The virtual instant; only in a simulated standard, and needed there.
    #[serde(default)]
    pub at: Option<String>,
}

/// Puts a refusal of an act where the act stands in the request.
pub(super) fn in_act(mut refusal: Refusal) -> AppError {
    if !matches!(refusal.pointer.as_str(), "/kind" | "/at" | "/side") {
        refusal.pointer.insert_str(0, "/act");
    }
    AppError::Refused(vec![refusal])
}

/// What an entry will say, its sealed part not yet sealed.
struct Drafted {
    kind: &'static str,
    open: Map<String, Value>,
    sealed: Map<String, Value>,
    by: Side,
    at: Instant,
    simulated: bool,
}

impl Drafted {
    fn new<A: serde::Serialize>(
        kind: Kind,
        open: Open,
        record: &Record<A>,
        simulated: bool,
    ) -> Result<Self, AppError> {
        let act = serde_json::to_value(&record.act).map_err(AppError::fault)?;
        let Value::Object(act) = act else { return Err(AppError::fault("an act is no object")) };
        let act = act.into_iter().filter(|(_, value)| !value.is_null()).collect();
        let (open, sealed) = divide(open, act);
        Ok(Self { kind: kind.name, open, sealed, by: record.by, at: record.at, simulated })
    }
}

/// A record signed, with what is written beside it.
struct Written {
    entry: Append,
    beside: Vec<Write>,
}

impl Hub {
    /// Proposes a standard: opens its room.
    pub async fn propose_standard(
        &self,
        by: Authorised<'_>,
        form: CertOpening,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::CommandCert)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let _alone = self.cert_cache().writing().lock().await;
        let kind = "cert.standard.propose";
        let side = side_of(by, StandardAct::KINDS, kind, None)?;
        let act = StandardAct::read(kind, &Value::Object(form.act)).map_err(in_act)?;
        let StandardAct::Propose(proposed) = &act else { return Err(AppError::NotFound) };
        let simulated = proposed.simulated;
        let id = proposed.standard.clone();
        let at = self.instant_of(simulated, form.at.as_deref(), None)?;
        let mut record = Record { id: String::new(), at, by: side, act };
        Book::start(&record).map_err(in_act)?;
        if self.store().cert_standard(&id).await?.is_some() {
            return Err(in_act(Refusal::new("id-taken", "/standard")));
        }
        let kind = check_side(StandardAct::KINDS, kind, side).map_err(in_act)?;
        let drafted = Drafted::new(kind, kind.open, &record, simulated)?;
        let (rows, room, entry) = self.first_rows(&drafted, STANDARD, &id)?;
        record.id.clone_from(&entry);
        let state = Book::start(&record).map_err(in_act)?;
        let kept = Kept { room, position: 1, state };
        let mut rows = rows;
        project_book(&kept, 0, &mut rows)?;
        rows.put(self.look_row(by, &id, kind.name));
        let read = StandardRead::of(
            &kept,
            &self.reader_of(Some(by.actor()), Action::CommandCert, &kept.state),
            self.today(&kept.state)?,
            Some(entry),
        );
        let needs = rows.needs();
        let kept = Arc::new(kept);
        let answered =
            self.write(once, 201, needs, move |_| Ok((rows.clone(), read.clone()))).await?;
        if !answered.replayed {
            self.cert_cache().keep_book(&id, kept);
        }
        Ok(answered)
    }

    /// Authors one record in a standard's room if the book allows it; the answer is the state after it.
    pub async fn command_standard(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        command: CertCommand,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::CommandCert)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let kept = once.clone();
        let done = self.command_standard_alone(by, id, seen, command, once).await;
        self.or_answered(done, kept).await
    }

    async fn command_standard_alone(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        command: CertCommand,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let _alone = self.cert_cache().writing().lock().await;
        let kept = self.book(id).await?;
        if kept.etag() != seen {
            return Err(AppError::Changed);
        }
        let book = &kept.state;
        let side = side_of(by, StandardAct::KINDS, &command.kind, command.side.as_deref())?;
        let kind = check_side(StandardAct::KINDS, &command.kind, side).map_err(in_act)?;
        let mut act = Value::Object(command.act);
        let at =
            self.instant_of(book.proposed.simulated, command.at.as_deref(), Some(book.last_at))?;
        self.fill_basis(book, &mut act, &command.kind, at).await?;
        self.fill_lessons(&kept, &mut act, &command.kind).await?;
        let open = book.openness(kind, &act);
        let act = StandardAct::read(kind.name, &act).map_err(in_act)?;
        let (hub, organisation) = (self.config().hub.as_str(), by.actor().organisation.as_str());
        book.check_actor(side, hub, organisation, &act).map_err(in_act)?;
        let act = book.completed(act, at);
        let mut record = Record { id: String::new(), at, by: side, act };
        book.decide(&record).map_err(in_act)?;
        let drafted = Drafted::new(kind, open, &record, book.proposed.simulated)?;
        let written = self.written(drafted, &kept.room).await?;
        record.id.clone_from(&written.entry.id);
        let mut state = book.clone();
        state.take(&record);
        let editions = book.editions.len().saturating_sub(1);
        let next = Kept { room: kept.room.clone(), position: kept.position + 1, state };
        let mut rows = Rows::new();
        project_book(&next, editions, &mut rows)?;
        rows.put(self.look_row(by, id, kind.name));
        let reader = self.reader_of(Some(by.actor()), Action::CommandCert, &next.state);
        let read = StandardRead::of(&next, &reader, self.today(&next.state)?, Some(record.id));
        let answered = self.append_record(once, kept.position, written, rows, read).await?;
        if !answered.replayed {
            self.cert_cache().keep_book(id, Arc::new(next));
        }
        Ok(answered)
    }

    /// A decision takes its assessment as that stands, not as the caller says it does.
    async fn fill_basis(
        &self,
        book: &Book,
        act: &mut Value,
        kind: &str,
        at: Instant,
    ) -> Result<(), AppError> {
        if kind != "cert.status.set" {
            return Ok(());
        }
        if act.get("basis").is_some() {
            return Err(in_act(Refusal::new("member-unknown", "/basis")));
        }
        let Some(named) = act.get("assessment").and_then(Value::as_str).map(str::to_owned) else {
            return Ok(());
        };
        let unknown = || in_act(Refusal::new("id-unknown", "/assessment"));
        let (_, file) = match self.file(&named).await {
            Err(AppError::NotFound) => return Err(unknown()),
            found => found?,
        };
        if file.state.applied.standard != book.standard() {
            return Err(unknown());
        }
        let basis = file.state.basis(at);
        let basis = serde_json::to_value(basis).map_err(AppError::fault)?;
        if let Value::Object(members) = act {
            members.insert("basis".to_owned(), basis);
        }
        Ok(())
    }

    /// Opens an assessment of a jurisdiction that the register lists.
    pub async fn apply_assessment(
        &self,
        by: Authorised<'_>,
        form: CertOpening,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::CommandCert)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let _alone = self.cert_cache().writing().lock().await;
        let kind = "cert.assessment.apply";
        let side = side_of(by, AssessmentAct::KINDS, kind, None)?;
        let act = AssessmentAct::read(kind, &Value::Object(form.act)).map_err(in_act)?;
        let AssessmentAct::Apply(applied) = &act else { return Err(AppError::NotFound) };
        let applied = applied.clone();
        let book = match self.book(&applied.standard).await {
            Err(AppError::NotFound) => {
                return Err(in_act(Refusal::new("id-unknown", "/standard")));
            }
            found => found?,
        };
        let simulated = book.state.proposed.simulated;
        let at = self.instant_of(simulated, form.at.as_deref(), None)?;
        let mut record = Record { id: String::new(), at, by: side, act };
        File::start(&book.state, &record).map_err(in_act)?;
        let (hub, organisation) = (self.config().hub.as_str(), by.actor().organisation.as_str());
        book.state.check_side_of(side, hub, organisation, &applied.jurisdiction).map_err(in_act)?;
        let id = applied.assessment.clone();
        if self.store().cert_assessment(&id).await?.is_some() {
            return Err(in_act(Refusal::new("id-taken", "/assessment")));
        }
        let kind = check_side(AssessmentAct::KINDS, kind, side).map_err(in_act)?;
        let drafted = Drafted::new(kind, kind.open, &record, simulated)?;
        let (mut rows, room, entry) = self.first_rows(&drafted, ASSESSMENT, &id)?;
        record.id.clone_from(&entry);
        let state = File::start(&book.state, &record).map_err(in_act)?;
        let kept = Kept { room, position: 1, state };
        project_file(&kept, &mut rows);
        rows.put(self.look_row(by, &id, kind.name));
        let read = AssessmentRead::of(&kept, &book.state, self.today(&book.state)?, Some(entry));
        let needs = rows.needs();
        let answered =
            self.write(once, 201, needs, move |_| Ok((rows.clone(), read.clone()))).await?;
        if !answered.replayed {
            self.cert_cache().keep_file(&id, Arc::new(kept));
        }
        Ok(answered)
    }

    /// Authors one record in an assessment if its file allows it; the answer is the state after it.
    pub async fn command_assessment(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        command: CertCommand,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::CommandCert)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let kept = once.clone();
        let done = self.command_assessment_alone(by, id, seen, command, once).await;
        self.or_answered(done, kept).await
    }

    async fn command_assessment_alone(
        &self,
        by: Authorised<'_>,
        id: &str,
        seen: &str,
        command: CertCommand,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let _alone = self.cert_cache().writing().lock().await;
        let (book, kept) = self.file(id).await?;
        self.sees_file(by.actor(), &book.state, &kept.state)?;
        if kept.etag() != seen {
            return Err(AppError::Changed);
        }
        let (book, file) = (&book.state, &kept.state);
        let simulated = book.proposed.simulated;
        let side = side_of(by, AssessmentAct::KINDS, &command.kind, command.side.as_deref())?;
        let kind = check_side(AssessmentAct::KINDS, &command.kind, side).map_err(in_act)?;
        let (hub, organisation) = (self.config().hub.as_str(), by.actor().organisation.as_str());
        book.check_side_of(side, hub, organisation, file.jurisdiction()).map_err(in_act)?;
        let at = self.instant_of(simulated, command.at.as_deref(), Some(file.last_at))?;
        let act = AssessmentAct::read(kind.name, &Value::Object(command.act)).map_err(in_act)?;
        let act = file.completed(book, act, at).map_err(in_act)?;
        let mut record = Record { id: String::new(), at, by: side, act };
        file.decide(book, &record).map_err(in_act)?;
        let drafted = Drafted::new(kind, kind.open, &record, simulated)?;
        let written = self.written(drafted, &kept.room).await?;
        record.id.clone_from(&written.entry.id);
        let mut state = file.clone();
        state.take(book, &record);
        let next = Kept { room: kept.room.clone(), position: kept.position + 1, state };
        let mut rows = Rows::new();
        project_file(&next, &mut rows);
        rows.put(self.look_row(by, id, kind.name));
        let read = AssessmentRead::of(&next, book, self.today(book)?, Some(record.id));
        let answered = self.append_record(once, kept.position, written, rows, read).await?;
        if !answered.replayed {
            self.cert_cache().keep_file(id, Arc::new(next));
        }
        Ok(answered)
    }

    /// Returns the instant of a record: the hub's clock, or what the caller says in a simulated standard.
    fn instant_of(
        &self,
        simulated: bool,
        said: Option<&str>,
        last: Option<Instant>,
    ) -> Result<Instant, AppError> {
        match (simulated, said) {
            (true, Some(text)) => {
                Instant::parse(text).ok_or_else(|| AppError::refused_at("bad-date", "/at"))
            }
            (true, None) => Err(AppError::refused_at("field-missing", "/at")),
            (false, Some(_)) => Err(AppError::refused_at("member-unknown", "/at")),
            (false, None) => {
                // Records of one room are strictly ordered, also within a millisecond.
                let after = last.map_or(0, |last| last.as_millisecond().saturating_add(1));
                instant(self.now_ms().max(after))
            }
        }
    }

    /// Returns the instant at which a standard's dues are looked at.
    pub(crate) fn today(&self, book: &Book) -> Result<Instant, AppError> {
        if book.proposed.simulated {
            return Ok(book.last_at);
        }
        instant(self.now_ms().max(book.last_at.as_millisecond()))
    }

    /// Seals what is not open and returns the body of the entry with the rows of the sealed item.
    async fn sealed_body(
        &self,
        drafted: &Drafted,
        room: &OpenRoom,
    ) -> Result<(Map<String, Value>, Vec<Write>), AppError> {
        let mut private = None;
        let mut beside = Vec::new();
        if !drafted.sealed.is_empty() {
            let content = serde_json::to_vec(&drafted.sealed).map_err(AppError::fault)?;
            let now = self.now_ms();
            let mut item = self.seal_item(room, "", COMPARTMENT, &content, now).await?;
            item.item.owner = item_owner(&item.commitment);
            private = Some(item.commitment.clone());
            beside = item.writes();
        }
        let at = drafted.simulated.then_some(drafted.at);
        let body = Body { act: drafted.open.clone(), by: drafted.by, at, private };
        Ok((body.write(), beside))
    }

    fn said<'a>(&'a self, kind: &'a str, body: Map<String, Value>, drafted: &Drafted) -> Said<'a> {
        let hub = &self.config().hub;
        // A simulated standard moves its own clock, never the hub's.
        let at = if drafted.simulated { self.now_ms() } else { drafted.at.as_millisecond() };
        Said { case: hub, kind, area: "certification", party: hub, body, at }
    }

    /// Returns the rows that open a room with its first record.
    fn first_rows(
        &self,
        drafted: &Drafted,
        kind: &str,
        id: &str,
    ) -> Result<(Rows, String, String), AppError> {
        if !drafted.sealed.is_empty() {
            return Err(AppError::fault("the first record of a room is open"));
        }
        let body = Body {
            act: drafted.open.clone(),
            by: drafted.by,
            at: drafted.simulated.then_some(drafted.at),
            private: None,
        };
        let said = self.said(drafted.kind, body.write(), drafted);
        let first = self.sign_next(None, None, &said)?;
        let entry = first.id.clone();
        let (mut rows, _room) = self.open_room(first, None, kind)?;
        // Two that take the same id at the same time: one must lose.
        rows.put(Write::Serial { counter: format!("{kind}/{id}"), value: 1 });
        Ok((rows, entry.clone(), entry))
    }

    /// Signs a record at the end of its room, sealed where it is not open.
    async fn written(&self, drafted: Drafted, room: &str) -> Result<Written, AppError> {
        let open = self.load_room(room).await?;
        let (body, beside) = self.sealed_body(&drafted, &open).await?;
        let head = self.head_of(room).await?;
        let said = self.said(drafted.kind, body, &drafted);
        let entry = self.sign_next(Some(room), head.as_ref(), &said)?;
        Ok(Written { entry, beside })
    }

    /// Returns the newest entry of this hub's chain in a room.
    async fn head_of(&self, room: &str) -> Result<Option<Head>, AppError> {
        let Some(head) = self.store().head(room, &self.config().hub).await? else {
            return Ok(None);
        };
        let entry = self.store().entry(&head.id).await?;
        let at = entry.ok_or_else(|| AppError::fault("the head of a chain is no entry"))?.at;
        Ok(Some(Head { seq: head.seq, id: head.id, at }))
    }

    /// Writes a record as one unit, if nobody has written to the room since it was folded.
    async fn append_record<T: serde::Serialize + Clone + Send + Sync + 'static>(
        &self,
        once: Option<Once>,
        position: i64,
        written: Written,
        mut rows: Rows,
        read: T,
    ) -> Result<Answered, AppError> {
        rows = rows.guard(Guard::RoomAt { room_id: written.entry.room_id.clone(), position });
        rows.writes.extend(written.beside);
        rows.put(written.entry);
        let needs = rows.needs();
        self.write(once, 200, needs, move |_| Ok((rows.clone(), read.clone()))).await
    }
}

/// Returns the side on which an actor does an act: the one asked for, or the first that may.
fn side_of(
    by: Authorised<'_>,
    kinds: &[Kind],
    name: &str,
    asked: Option<&str>,
) -> Result<Side, AppError> {
    let own = sides(by.actor());
    if let Some(asked) = asked {
        let side = Side::parse(asked).filter(|side| own.contains(side));
        return side.ok_or_else(|| AppError::refused_at("not-your-act", "/side"));
    }
    let kind = kinds.iter().find(|kind| kind.name == name);
    let kind = kind.ok_or_else(|| AppError::refused_at("unknown-kind", "/kind"))?;
    let side = kind.by.iter().copied().find(|side| own.contains(side));
    side.ok_or_else(|| AppError::refused_at("not-your-act", "/kind"))
}
