//! What is open of certification: the procedure with its figures, published assessments, lessons.
//!
//! What a profile opens to whom, `core::cert::publication` says. Not here: assessments for those who have a side in
//! them (`read`).

use std::collections::BTreeMap;

use comity_core::access::{Action, Actor};
use comity_core::cert::book::Book;
use comity_core::cert::day::{Day, Instant};
use comity_core::cert::figures::{Figure, figures};
use comity_core::cert::jurisdiction::JurisdictionUrn;
use comity_core::cert::procedure::Mark;
use comity_core::cert::publication::{Look, Merger, Publication, parts};
use comity_core::cert::word::Word as _;
use comity_core::refusal::Refusal;
use serde::Serialize;
use serde_json::{Value, json};

use super::Kept;
use super::command::in_act;
use super::read::{Asker, more};
use crate::app::reports::LIST_MAX;
use crate::app::{AppError, Hub, Listed};

/// The procedure of a standard as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Procedure {
    /// The standard.
    pub standard: String,
    /// Its title by language.
    pub title: BTreeMap<String, String>,
    /// The profile's id.
    pub profile: String,
    /// Its version.
    pub version: String,
    /// Its first day.
    pub valid_from: Day,
    /// Its last day.
    pub valid_until: Day,
    /// When it was adopted.
    pub adopted_at: Instant,
    /// What it opens of assessments, and to whom.
    pub publication: Publication,
    /// Days that working-day timers skip, beside weekends.
    pub holidays: Vec<Day>,
    /// Its figures, each with its analogue and how sure that is.
    pub figures: Vec<Figure>,
    /// The profile, TOML.
    pub text: String,
}

impl Hub {
    /// Returns a standard's procedure with each of its figures (CT-27).
    pub async fn procedure(&self, standard: &str) -> Result<Procedure, AppError> {
        let kept = self.book(standard).await?;
        let at = self.today(&kept.state)?;
        let dated = kept.state.profile_at(at).ok_or(AppError::NotFound)?;
        let profile = &dated.profile;
        Ok(Procedure {
            standard: kept.state.standard().to_owned(),
            title: kept.state.proposed.title.clone(),
            profile: profile.id.clone(),
            version: profile.version.clone(),
            valid_from: profile.valid_from,
            valid_until: profile.valid_until,
            adopted_at: dated.at,
            publication: profile.publication,
            holidays: kept.state.holidays(profile, at).into_iter().collect(),
            figures: figures(&dated.text).map_err(|refusal| AppError::Refused(vec![refusal]))?,
            text: dated.text.clone(),
        })
    }

    /// Returns the lessons published last.
    pub async fn lessons(&self, standard: &str) -> Result<Value, AppError> {
        let kept = self.book(standard).await?;
        let (published_at, lessons) = kept.state.lessons.last().ok_or(AppError::NotFound)?;
        Ok(json!({ "standard": standard, "published_at": published_at,
            "assessments": lessons.assessments, "lessons": lessons.lessons,
            "suppressed": lessons.suppressed }))
    }

    /// Lists the assessments of a standard of which something is open to who asks.
    ///
    /// A page may hold fewer than `limit`, and there is more as long as it names the next one.
    pub async fn published_assessments(
        &self,
        actor: Option<&Actor>,
        standard: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<Value>, AppError> {
        let kept = self.book(standard).await?;
        let limit = limit.clamp(1, LIST_MAX);
        let mut rows = self.store().cert_assessments(after.unwrap_or_default(), limit + 1).await?;
        let next = more(&mut rows, limit, |row| row.assessment_id.clone());
        let mut items = Vec::new();
        for row in rows.into_iter().filter(|row| row.standard_id == standard) {
            let summary: Value = serde_json::from_str(&row.summary).map_err(AppError::fault)?;
            let publication = summary.get("publication").cloned().unwrap_or_default();
            let Ok(publication) = serde_json::from_value::<Publication>(publication) else {
                continue;
            };
            let Some(urn) = JurisdictionUrn::parse(&row.jurisdiction) else { continue };
            let decided = row.mark == Mark::Decision.as_str();
            let published = summary.get("published_on").is_some_and(|day| !day.is_null());
            let look = self.look_of(actor, &kept.state, &urn);
            let open = parts(publication, decided, published, look);
            if !open.is_empty() {
                items.push(json!({ "assessment": row.assessment_id, "jurisdiction": urn,
                    "purpose": summary.get("purpose"), "open": open }));
            }
        }
        Ok(Listed { items, next })
    }

    /// Returns what is open of an assessment to who asks; without anything it is not there.
    pub async fn published_assessment(
        &self,
        actor: Option<&Actor>,
        standard: &str,
        id: &str,
    ) -> Result<Value, AppError> {
        let (book, file) = self.file(id).await?;
        if file.state.applied.standard != standard {
            return Err(AppError::NotFound);
        }
        let look = self.look_of(actor, &book.state, file.state.jurisdiction());
        let at = self.today(&book.state)?.max(file.state.last_at);
        file.state.opened(&book.state, look, at).ok_or(AppError::NotFound)
    }

    fn look_of(&self, actor: Option<&Actor>, book: &Book, about: &JurisdictionUrn) -> Look {
        let asker = self.reader_of(actor, Action::ReadCert, book);
        match (actor, asker) {
            (None, _) | (_, Asker::Public) => Look::Public,
            (Some(actor), _) if self.sees_assessment_of(actor, book, about) => Look::Party,
            (_, Asker::Subject(own)) if !own.is_empty() => Look::Member,
            (_, Asker::Staff | Asker::Subject(_)) => Look::Public,
        }
    }

    /// Lessons are computed from the assessments: nothing of them is said by the caller.
    pub(super) async fn fill_lessons(
        &self,
        kept: &Kept<Book>,
        act: &mut Value,
        kind: &str,
    ) -> Result<(), AppError> {
        if kind != "cert.lessons.publish" {
            return Ok(());
        }
        if let Some(said) = act.as_object().and_then(|members| members.keys().next()) {
            return Err(in_act(Refusal::new("member-unknown", format!("/{said}"))));
        }
        let questions = kept.state.questions_at(self.today(&kept.state)?);
        let mut merger = Merger::default();
        let mut after = String::new();
        loop {
            let page = self.store().cert_assessments(&after, LIST_MAX).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.assessment_id);
            let decided = page.iter().filter(|row| {
                row.standard_id == kept.state.standard() && row.mark == Mark::Decision.as_str()
            });
            for row in decided {
                let (_, file) = self.file(&row.assessment_id).await?;
                merger.add(&file.state, questions);
            }
        }
        let lessons = merger.lessons().map_err(in_act)?;
        *act = serde_json::to_value(lessons).map_err(AppError::fault)?;
        Ok(())
    }
}
