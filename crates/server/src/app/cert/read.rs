//! Reading standards, assessments, motions and the register.

use comity_core::access::{Action, Actor, Authorised, Role};
use comity_core::cert::book::{Book, Reader};
use comity_core::cert::day::{Day, Instant};
use comity_core::cert::file::File;
use comity_core::cert::jurisdiction::JurisdictionUrn;
use comity_core::cert::record::Side;
use comity_core::cert::register::Register;
use comity_core::cert::status;
use comity_core::refusal::Refusal;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Kept, sides};
use crate::app::reports::{LIST_MAX, expect};
use crate::app::{AppError, Hub, Listed};

/// A standard with its state.
#[derive(Clone, Debug, Serialize)]
pub struct StandardRead {
    /// The standard.
    pub standard: String,
    /// Its room: the id of its first entry.
    pub room: String,
    /// The validator of the state, to be sent back as `If-Match`.
    pub etag: String,
    /// The entry just written.
    pub entry: Option<String>,
    /// `comity.cert-standard/1`.
    pub state: Value,
}

/// An assessment with its state.
#[derive(Clone, Debug, Serialize)]
pub struct AssessmentRead {
    /// The assessment.
    pub assessment: String,
    /// Its room: the id of its first entry.
    pub room: String,
    /// The validator of the state, to be sent back as `If-Match`.
    pub etag: String,
    /// The entry just written.
    pub entry: Option<String>,
    /// `comity.cert-assessment/1`.
    pub state: Value,
}

/// A motion with what anyone needs to tally it again.
#[derive(Clone, Debug, Serialize)]
pub struct MotionRead {
    /// `comity.ballots/1`; none while a secret ballot must stay secret.
    pub ballots: Option<Value>,
    /// `comity.ballot-rule/1`.
    pub rule: Value,
    /// The tally, once voting has ended.
    pub tally: Option<Value>,
    /// Its hash, as decisions name it.
    pub sha256: Option<String>,
}

/// One signed entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CertEntry {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// The envelope.
    pub envelope: Value,
}

/// A jurisdiction as one viewer's hub shows it (CT-02).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Labelled {
    /// Its urn.
    pub urn: String,
    /// The name: the viewer's label, or its own name.
    pub name: String,
    /// What is disputed, shown beside the name.
    pub dispute: Option<String>,
}

/// A file of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterFile {
    /// RFC 8785 JSON.
    pub bytes: Vec<u8>,
    /// `sha256:` of the edition it belongs to.
    pub sha256: String,
}

impl StandardRead {
    /// Makes what a reader sees.
    pub(crate) fn of(
        kept: &Kept<Book>,
        reader: &Asker<'_>,
        at: Instant,
        entry: Option<String>,
    ) -> Self {
        let state = kept.state.view(reader.reader(), at);
        Self {
            standard: kept.state.standard().to_owned(),
            room: kept.room.clone(),
            etag: kept.etag(),
            entry,
            state,
        }
    }
}

impl AssessmentRead {
    /// Makes what those who are in the procedure see.
    pub(crate) fn of(kept: &Kept<File>, book: &Book, at: Instant, entry: Option<String>) -> Self {
        Self {
            assessment: kept.state.applied.assessment.clone(),
            room: kept.room.clone(),
            etag: kept.etag(),
            entry,
            state: kept.state.view(book, at.max(kept.state.last_at)),
        }
    }
}

/// Who asks about a standard.
pub(crate) enum Asker<'a> {
    Public,
    Staff,
    Subject(Vec<&'a JurisdictionUrn>),
}

impl Asker<'_> {
    const fn reader(&self) -> Reader<'_> {
        match self {
            Self::Public => Reader::Public,
            Self::Staff => Reader::Staff,
            Self::Subject(urns) => Reader::Subject(urns.as_slice()),
        }
    }
}

impl Hub {
    /// Returns what an actor is to a standard, if its token may do what it is asked with.
    pub(crate) fn reader_of<'b>(
        &self,
        actor: Option<&Actor>,
        action: Action,
        book: &'b Book,
    ) -> Asker<'b> {
        let Some(actor) = actor.filter(|actor| actor.authorise(action).is_ok()) else {
            return Asker::Public;
        };
        let own = book.speaks_for(&self.config().hub, &actor.organisation);
        let sides = sides(actor);
        let is_staff = actor.roles.contains(&Role::Auditor)
            || sides.contains(&Side::Registrar)
            || sides.contains(&Side::Assessor);
        if is_staff && own.is_empty() { Asker::Staff } else { Asker::Subject(own) }
    }

    /// Refuses, like something absent, an assessment the actor has no side in.
    pub(crate) fn sees_file(
        &self,
        actor: &Actor,
        book: &Book,
        file: &File,
    ) -> Result<(), AppError> {
        if self.sees_assessment_of(actor, book, file.jurisdiction()) {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Whether an actor has a side in assessments of a jurisdiction, or oversees them.
    pub(super) fn sees_assessment_of(
        &self,
        actor: &Actor,
        book: &Book,
        about: &JurisdictionUrn,
    ) -> bool {
        let sides = sides(actor);
        let own = book.speaks_for(&self.config().hub, &actor.organisation);
        let is_own = own.contains(&about);
        actor.roles.contains(&Role::Auditor)
            || sides.contains(&Side::Registrar)
            || (sides.contains(&Side::Assessor) && !is_own)
            || (sides.contains(&Side::Subject) && is_own)
    }

    /// Whether an assessment is there for this actor, whatever its token is good for.
    pub async fn sees_assessment(&self, actor: &Actor, id: &str) -> Result<bool, AppError> {
        match self.file(id).await {
            Ok((book, file)) => Ok(self.sees_file(actor, &book.state, &file.state).is_ok()),
            Err(AppError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lists the standards whose registers this hub keeps.
    pub async fn list_standards(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<Value>, AppError> {
        let limit = limit.clamp(1, LIST_MAX);
        let mut rows = self.store().cert_standards(after.unwrap_or_default(), limit + 1).await?;
        let next = more(&mut rows, limit, |row| row.standard_id.clone());
        let items = rows
            .into_iter()
            .map(|row| {
                let summary: Value = serde_json::from_str(&row.summary).map_err(AppError::fault)?;
                Ok(json!({ "standard": row.standard_id, "version": row.version,
                    "simulated": row.simulated != 0, "title": summary.get("title"),
                    "jurisdictions": summary.get("jurisdictions"),
                    "edition": summary.get("edition") }))
            })
            .collect::<Result<_, AppError>>()?;
        Ok(Listed { items, next })
    }

    /// Returns a standard as a reader sees it.
    pub async fn read_standard(
        &self,
        actor: Option<&Actor>,
        id: &str,
    ) -> Result<StandardRead, AppError> {
        let kept = self.book(id).await?;
        let at = self.today(&kept.state)?;
        Ok(StandardRead::of(&kept, &self.reader_of(actor, Action::ReadCert, &kept.state), at, None))
    }

    /// Lists the signed entries of a standard's room: everyone may check them.
    pub async fn standard_entries(
        &self,
        id: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<CertEntry>, AppError> {
        let kept = self.book(id).await?;
        let bad = || AppError::refused_at("cursor-invalid", "/cursor");
        let after = after.map_or(Ok(0), |text| text.parse().map_err(|_| bad()))?;
        let limit = limit.clamp(1, LIST_MAX);
        let mut rows = self.store().entries(&kept.room, after, limit + 1).await?;
        let next = more(&mut rows, limit, |row| row.position.to_string());
        let items = rows
            .into_iter()
            .map(|row| {
                let envelope = serde_json::from_slice(&row.envelope).map_err(AppError::fault)?;
                Ok(CertEntry { id: row.id, kind: row.kind, envelope })
            })
            .collect::<Result<_, AppError>>()?;
        Ok(Listed { items, next })
    }

    /// Lists the jurisdictions of a standard as one viewer's hub shows them.
    pub async fn list_jurisdictions(
        &self,
        id: &str,
        viewer: Option<&str>,
        lang: &str,
    ) -> Result<Vec<Labelled>, AppError> {
        let kept = self.book(id).await?;
        let listed = kept.state.jurisdictions.values().map(|listed| {
            let label = listed
                .labels
                .iter()
                .find(|label| Some(label.viewer.as_str()) == viewer && label.lang == lang);
            let own = || listed.names.get(lang).or_else(|| listed.names.values().next()).cloned();
            Labelled {
                urn: listed.urn.to_string(),
                name: label.map(|label| label.text.clone()).or_else(own).unwrap_or_default(),
                dispute: listed.dispute.clone(),
            }
        });
        Ok(listed.collect())
    }

    /// Returns a motion with its documents. Ballots of a secret chamber leave this hub never.
    pub async fn read_motion(
        &self,
        actor: Option<&Actor>,
        id: &str,
        motion: &str,
    ) -> Result<MotionRead, AppError> {
        let kept = self.book(id).await?;
        let motion = kept.state.motions.get(motion).ok_or(AppError::NotFound)?;
        let asker = self.reader_of(actor, Action::ReadCert, &kept.state);
        if !kept.state.shows_motion(asker.reader(), motion, self.today(&kept.state)?) {
            return Err(AppError::NotFound);
        }
        let secret = motion.organ.chambers.iter().any(|chamber| chamber.secret);
        let closed = motion.closed.is_some();
        let tally = if closed {
            let tally = motion.tally().map_err(|refusal| AppError::Refused(vec![refusal]))?;
            Some(serde_json::to_value(&tally).map_err(AppError::fault)?)
        } else {
            None
        };
        Ok(MotionRead {
            ballots: (!secret).then(|| motion.ballots_document()),
            rule: motion.rule_document(),
            tally,
            sha256: motion.tally.clone(),
        })
    }

    /// Returns the newest published edition of a register.
    pub async fn register_file(&self, standard: &str) -> Result<RegisterFile, AppError> {
        let row = self.store().newest_edition(standard).await?.ok_or(AppError::NotFound)?;
        Ok(RegisterFile { bytes: row.document, sha256: row.sha256 })
    }

    /// Returns any edition of a register; one that is not published yet only to be signed.
    pub async fn register_edition(
        &self,
        standard: &str,
        edition: u32,
    ) -> Result<RegisterFile, AppError> {
        let row = self.store().register_edition(standard, i64::from(edition)).await?;
        let row = row.ok_or(AppError::NotFound)?;
        Ok(RegisterFile { bytes: row.document, sha256: row.sha256 })
    }

    /// Returns the signatures under the newest published edition.
    pub async fn register_signatures(&self, standard: &str) -> Result<RegisterFile, AppError> {
        let row = self.store().newest_edition(standard).await?.ok_or(AppError::NotFound)?;
        let signatures: Value = serde_json::from_str(&row.signatures).map_err(AppError::fault)?;
        let bytes = serde_json_canonicalizer::to_vec(&signatures).map_err(AppError::fault)?;
        Ok(RegisterFile { bytes, sha256: row.sha256 })
    }

    /// Returns the registrars who sign editions.
    pub async fn registrars_file(&self, standard: &str) -> Result<RegisterFile, AppError> {
        let kept = self.book(standard).await?;
        let bytes = serde_json_canonicalizer::to_vec(&kept.state.registrars_document())
            .map_err(AppError::fault)?;
        let sha256 = comity_core::cert::document::hash(&bytes);
        Ok(RegisterFile { bytes, sha256 })
    }

    /// Answers what a status was on a day, as known at an instant: from the newest published edition alone.
    pub async fn register_status(
        &self,
        standard: &str,
        jurisdiction: Option<&str>,
        valid_at: Option<&str>,
        known_at: Option<&str>,
    ) -> Result<status::Answer, AppError> {
        let missing = |key: &str| AppError::refused_at("field-missing", format!("/{key}"));
        let bad = |key: &'static str| AppError::refused_at("bad-date", format!("/{key}"));
        let jurisdiction = jurisdiction.ok_or_else(|| missing("jurisdiction"))?;
        let valid_at = valid_at.ok_or_else(|| missing("valid_at"))?;
        let valid_at = Day::parse(valid_at).ok_or_else(|| bad("valid_at"))?;
        let known_at = known_at
            .map(|text| Instant::parse(text).or_else(|| Day::parse(text).map(Day::end)))
            .map(|known| known.ok_or_else(|| bad("known_at")))
            .transpose()?;
        let file = self.register_file(standard).await?;
        let refused = |refusal: Refusal| AppError::Refused(vec![refusal]);
        let register = Register::parse(&file.bytes).map_err(refused)?;
        let known_at = known_at.map(|known| known.min(register.as_of));
        Book::answer(&register, jurisdiction, valid_at, known_at).map_err(refused)
    }

    /// Lists the assessments one may see.
    pub async fn list_assessments(
        &self,
        by: Authorised<'_>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<Value>, AppError> {
        expect(by, Action::ReadCert)?;
        let limit = limit.clamp(1, LIST_MAX);
        let actor = by.actor();
        let all = actor
            .roles
            .iter()
            .any(|role| matches!(role, Role::Auditor | Role::Registrar | Role::Assessor));
        let mut rows = Vec::new();
        let after = after.unwrap_or_default();
        if all {
            rows = self.store().cert_assessments(after, limit + 1).await?;
        } else {
            for urn in self.jurisdictions_of(actor).await? {
                rows.extend(self.store().cert_assessments_of(&urn, after, limit + 1).await?);
            }
            rows.sort_by(|a, b| a.assessment_id.cmp(&b.assessment_id));
            rows.dedup_by(|a, b| a.assessment_id == b.assessment_id);
        }
        let next = more(&mut rows, limit, |row| row.assessment_id.clone());
        let items = rows
            .into_iter()
            .map(|row| serde_json::from_str(&row.summary).map_err(AppError::fault))
            .collect::<Result<_, AppError>>()?;
        Ok(Listed { items, next })
    }

    /// Returns the jurisdictions whose authority an actor's organisation is, in any standard.
    async fn jurisdictions_of(&self, actor: &Actor) -> Result<Vec<String>, AppError> {
        let mut urns = std::collections::BTreeSet::new();
        let mut after = String::new();
        loop {
            let page = self.store().cert_standards(&after, LIST_MAX).await?;
            let Some(last) = page.last() else { return Ok(urns.into_iter().collect()) };
            after.clone_from(&last.standard_id);
            for row in &page {
                let kept = self.book(&row.standard_id).await?;
                let own = kept.state.speaks_for(&self.config().hub, &actor.organisation);
                urns.extend(own.into_iter().map(ToString::to_string));
            }
        }
    }

    /// Returns an assessment; the look is recorded.
    pub async fn read_assessment(
        &self,
        by: Authorised<'_>,
        id: &str,
    ) -> Result<AssessmentRead, AppError> {
        expect(by, Action::ReadCert)?;
        let (book, file) = self.file(id).await?;
        self.sees_file(by.actor(), &book.state, &file.state)?;
        let mut rows = comity_store::Rows::new();
        rows.put(self.look_row(by, id, "assessment"));
        self.store().write(rows).await?;
        Ok(AssessmentRead::of(&file, &book.state, self.today(&book.state)?, None))
    }

    /// Returns the score of an assessment with the documents it is computed from.
    pub async fn read_score(&self, by: Authorised<'_>, id: &str) -> Result<Value, AppError> {
        expect(by, Action::ReadCert)?;
        let (book, file) = self.file(id).await?;
        self.sees_file(by.actor(), &book.state, &file.state)?;
        let at = self.today(&book.state)?.max(file.state.last_at);
        let scored = file
            .state
            .score_now(&book.state, at)
            .map_err(|refusal| AppError::Refused(vec![refusal]))?;
        let assessment: Value =
            serde_json::from_slice(&scored.assessment).map_err(AppError::fault)?;
        let notes: Vec<Value> =
            scored.notes.iter().map(|(pq, code)| json!({ "pq": pq, "code": code })).collect();
        Ok(json!({ "assessment": assessment, "profile": scored.profile, "score": scored.score,
            "notes": notes }))
    }
}

/// Cuts a page that was read one row too far; returns the cursor of the next one.
pub(super) fn more<T>(rows: &mut Vec<T>, limit: u32, id: impl Fn(&T) -> String) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| more).map(id)
}
