//! Blind re-answers: a sample of a quarter's screens, answered again by people of other organisations who see
//! neither answers nor result, and what that says of each question (SH-28).
//!
//! Not here: the draw and alpha (`core::sharing`).

use comity_core::access::{Action, Authorised, Role};
use comity_core::sharing::{Question, draw_sample, reliability};
use comity_store::{Rows, ScreenSample, SharingWrite};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::PAGE_ROWS;
use super::approve::{Opened, interested};
use super::log::Say;
use super::public::{before, bounds, quarter_of};
use crate::app::cases::CaseFile;
use crate::app::reports::expect;
use crate::app::{Answered, AppError, Hub, Once};

/// The compartment in which answers of raters lie.
const RATING: &str = "screen-rating";
/// Drawn screens of one quarter at most, as the draw bounds them.
const SAMPLE_MAX: u32 = 200;
/// Organisations that answer one screen again, at least and at most.
const RATERS: (usize, usize) = (2, 16);
/// Characters of the place where a seed can be looked up, at most.
const SOURCE_CHARS_MAX: usize = 200;
/// The highest level of an answer.
const LEVEL_MAX: u64 = 4;

/// What a sample is drawn with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleForm {
    /// The quarter, as `2027-Q1`; it must be over.
    pub quarter: String,
    /// 64 hexadecimal digits that nobody could know before the quarter was over.
    pub seed: String,
    /// Where anybody can look them up, as a later checkpoint of a witnessed log.
    pub source: String,
}

/// What a rater answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingForm {
    /// A level from 0 to 4, or `U`, for each question the rater can answer.
    pub answers: Map<String, Value>,
}

/// What lies sealed behind a drawn screen.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Drawn {
    seed: String,
    source: String,
    /// How many were drawn.
    of: usize,
    raters: Vec<Rated>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rated {
    organisation: String,
    account: String,
    answers: Map<String, Value>,
}

impl Hub {
    /// Draws a quarter's sample, or gives the one that was drawn; each drawn screen is told in its case.
    pub async fn draw_screens(
        &self,
        by: Authorised<'_>,
        form: &SampleForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::Share)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let (from, to) = bounds(&form.quarter)
            .ok_or_else(|| AppError::refused_at("value-invalid", "/quarter"))?;
        if to > self.now_ms() {
            return Err(AppError::refused_at("quarter-not-over", "/quarter"));
        }
        let seed = comity_ledger::digest::hex_32(&form.seed)
            .map_err(|_| AppError::refused_at("value-invalid", "/seed"))?;
        if !(1..=SOURCE_CHARS_MAX).contains(&form.source.chars().count()) {
            return Err(AppError::refused_at("value-invalid", "/source"));
        }
        let mut rows = self.store().sample_of(&form.quarter, SAMPLE_MAX).await?;
        let first = rows.first().map(|row| self.drawn(row)).transpose()?;
        if first.as_ref().is_some_and(|first| first.seed != form.seed) {
            // Who could draw again would draw until the sample is a kind one.
            return Err(AppError::refused_at("sample-drawn", "/seed"));
        }
        if first.is_none_or(|first| rows.len() < first.of) {
            let at = rows.first().map_or_else(|| self.now_ms(), |row| row.drawn_at);
            self.draw(by, form, (&seed, at), (from, to), &rows).await?;
            rows = self.store().sample_of(&form.quarter, SAMPLE_MAX).await?;
        }
        let shown = self.sample_shown(by, &form.quarter, &rows)?;
        // Each record was told in a unit of its own; a draw that is broken off goes on when asked again.
        self.write(once, 200, comity_store::Needs::default(), move |_| {
            Ok((Rows::new(), shown.clone()))
        })
        .await
    }

    async fn draw(
        &self,
        by: Authorised<'_>,
        form: &SampleForm,
        (seed, at): (&[u8; 32], i64),
        (from, to): (i64, i64),
        there: &[ScreenSample],
    ) -> Result<(), AppError> {
        let mut decided = std::collections::BTreeMap::new();
        let mut after = (i64::MIN, String::new(), String::new());
        loop {
            let place = (after.0, after.1.as_str(), after.2.as_str());
            let page = self.store().screens_asked((from, to), place, PAGE_ROWS).await?;
            let Some(last) = page.last() else { break };
            after = (last.asked_at, last.case_id.clone(), last.screen_id.clone());
            // A draw that was broken off goes on over what was decided when it began.
            let counts =
                page.into_iter().filter(|row| row.decided_at.is_some_and(|when| when <= at));
            decided.extend(counts.map(|row| (row.screen_id, row.case_id)));
        }
        let leaves: Vec<String> = decided.keys().cloned().collect();
        let drawn = draw_sample(seed, &leaves);
        if drawn.is_empty() {
            return Err(AppError::refused_at("sample-empty", "/quarter"));
        }
        let sealed = Drawn {
            seed: form.seed.clone(),
            source: form.source.clone(),
            of: drawn.len(),
            raters: Vec::new(),
        };
        for leaf in &drawn {
            let Some(case) = decided.get(leaf) else { continue };
            if there.iter().any(|row| row.screen_id == *leaf) {
                continue;
            }
            let lock = self.cases_cache().lock_of(case);
            let _alone = lock.lock().await;
            let file = self.case_file(case).await?;
            let row = ScreenSample {
                quarter: form.quarter.clone(),
                screen_id: leaf.clone(),
                case_id: case.clone(),
                drawn_at: at,
                ratings: 0,
                sealed: self.seal_small("screen-sample", leaf, &sealed)?,
                updated_at: self.now_ms(),
            };
            let body = json!({ "by": by.actor().account, "leaf": leaf, "quarter": form.quarter,
                "seed": form.seed, "source": form.source });
            let say = Say { kind: "screen.drawn", area: "verification", body };
            let rows = Rows::new().with(SharingWrite::Sample(row));
            self.say_steps(&file, vec![say], rows, (Value::Null, 200), None).await?;
        }
        Ok(())
    }

    /// Lists what was drawn for a quarter, and how far it is answered.
    pub async fn list_sample(&self, by: Authorised<'_>, quarter: &str) -> Result<Value, AppError> {
        expect(by, Action::ReadShare)?;
        bounds(quarter).ok_or_else(|| AppError::refused_at("value-invalid", "/quarter"))?;
        let rows = self.store().sample_of(quarter, SAMPLE_MAX).await?;
        self.sample_shown(by, quarter, &rows)
    }

    fn sample_shown(
        &self,
        by: Authorised<'_>,
        quarter: &str,
        rows: &[ScreenSample],
    ) -> Result<Value, AppError> {
        let mut items = Vec::with_capacity(rows.len());
        let mut first = None;
        for row in rows {
            let drawn = self.drawn(row)?;
            let own = &by.actor().organisation;
            let is_rated = drawn.raters.iter().any(|one| one.organisation == *own);
            items.push(json!({ "case": row.case_id, "screen": row.screen_id,
                "ratings": row.ratings, "rated": is_rated }));
            first.get_or_insert(drawn);
        }
        let (seed, source) = first.map_or((None, None), |one| (Some(one.seed), Some(one.source)));
        Ok(json!({ "quarter": quarter, "seed": seed, "source": source, "items": items }))
    }

    fn drawn(&self, row: &ScreenSample) -> Result<Drawn, AppError> {
        self.open_small("screen-sample", &row.screen_id, &row.sealed)
    }

    /// Gives a rater what was asked, without what was answered and what came of it; the look is recorded.
    pub async fn read_blind(
        &self,
        by: Authorised<'_>,
        id: &str,
        screen: &str,
    ) -> Result<Value, AppError> {
        let file = self.share_case(by, Action::ApproveShare, id).await?;
        let (opened, row) = self.rated_screen(by, &file, screen).await?;
        self.look(by, id, &format!("blind/{screen}")).await?;
        let mut exchange = opened.exchange.value().clone();
        if let Value::Object(members) = &mut exchange {
            members.retain(|key, _| !matches!(&**key, "answers" | "gates" | "mitigations"));
        }
        Ok(json!({ "screen": screen, "quarter": row.quarter, "report": opened.sealed.report,
            "exchange": exchange, "questions": Question::ALL }))
    }

    /// Takes what a rater answers; each organisation once.
    pub async fn rate_screen(
        &self,
        by: Authorised<'_>,
        id: &str,
        screen: &str,
        form: RatingForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let file = self.share_case(by, Action::ApproveShare, id).await?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let account = by.actor().account.clone();
        let kept = once.clone();
        let done = match self.rated(by, &file, screen, &form, once).await {
            Err(error) => Err(self.refused_share(&file, &account, "rating", &form, error).await?),
            done => done,
        };
        self.or_answered(done, kept).await
    }

    async fn rated(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        screen: &str,
        form: &RatingForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let (_, mut row) = self.rated_screen(by, file, screen).await?;
        checked(&form.answers)?;
        let mut drawn = self.drawn(&row)?;
        let organisation = by.actor().organisation.clone();
        if drawn.raters.iter().any(|one| one.organisation == organisation) {
            return Err(AppError::refused("already-there"));
        }
        if drawn.raters.len() >= RATERS.1 {
            return Err(AppError::refused("list-too-long"));
        }
        let account = by.actor().account.clone();
        drawn.raters.push(Rated {
            organisation,
            account: account.clone(),
            answers: form.answers.clone(),
        });
        let plain = serde_json::to_vec(form).map_err(AppError::fault)?;
        let item = self.seal_case_item(file, RATING, &plain).await?;
        row.ratings += 1;
        row.sealed = self.seal_small("screen-sample", screen, &drawn)?;
        row.updated_at = self.now_ms();
        let answer = json!({ "screen": screen, "ratings": row.ratings });
        let body = json!({ "by": account, "leaf": screen, "of": item.commitment });
        let mut rows = Rows::new();
        item.put(&mut rows);
        rows.put(SharingWrite::Sample(row));
        let say = Say { kind: "screen.rated", area: "verification", body };
        self.say_steps(file, vec![say], rows, (answer, 201), once).await
    }

    /// Finds a drawn screen for someone who may rate it: a reviewer of an organisation without a stake, who
    /// has not seen what was answered.
    async fn rated_screen(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        screen: &str,
    ) -> Result<(Opened, ScreenSample), AppError> {
        let actor = by.actor();
        if !actor.roles.contains(&Role::Reviewer) {
            return Err(AppError::refused("office-not-held"));
        }
        let opened = self.open_screen(file, screen).await?;
        let quarter = quarter_of(crate::app::reports::instant(opened.row.asked_at));
        let rows = self.store().sample_of(&quarter, SAMPLE_MAX).await?;
        let row = rows.into_iter().find(|row| row.screen_id == screen);
        let row = row.ok_or_else(|| AppError::refused("sample-other"))?;
        let mut stakes = interested(file);
        stakes.insert(self.config().hub.clone());
        stakes.extend(opened.approvals().into_iter().map(|one| one.account.org));
        let is_involved = stakes.contains(&actor.organisation)
            || opened.sealed.asker == actor.account
            || self.has_seen(&actor.account, file.case.id().as_str(), screen).await?;
        if is_involved {
            return Err(AppError::refused("rater-involved"));
        }
        Ok((opened, row))
    }

    async fn has_seen(&self, account: &str, case: &str, screen: &str) -> Result<bool, AppError> {
        let seen = [format!("screen/{screen}"), format!("screen-record/{screen}")];
        let mut after = String::new();
        loop {
            let page = self.store().looks(case, &after, PAGE_ROWS).await?;
            let Some(last) = page.last() else { return Ok(false) };
            if page.iter().any(|one| one.account == account && seen.contains(&one.compartment)) {
                return Ok(true);
            }
            after.clone_from(&last.look_id);
        }
    }

    /// Says of each question how far raters of a quarter agree, once all have answered; a question that is weak
    /// now and was the quarter before is to be reworded or retired.
    pub async fn screen_reliability(&self, quarter: &str) -> Result<Value, AppError> {
        let (start, _) =
            bounds(quarter).ok_or_else(|| AppError::refused_at("value-invalid", "/quarter"))?;
        let found = self.reliability_of(quarter).await?;
        let earlier = self.reliability_of(&before(crate::app::reports::instant(start))).await;
        let earlier = earlier.map(|one| one.questions).unwrap_or_default();
        let was_weak = |question| earlier.iter().any(|one| one.question == question && one.weak);
        let questions = found.questions.iter().map(|one| {
            json!({ "question": one.question, "units": one.units, "alpha": one.alpha,
                "weak": one.weak, "weak_twice": one.weak && was_weak(one.question) })
        });
        Ok(json!({ "schema": "comity.screen-reliability/1", "quarter": quarter,
            "records": found.records, "questions": questions.collect::<Vec<_>>() }))
    }

    async fn reliability_of(
        &self,
        quarter: &str,
    ) -> Result<comity_core::sharing::Reliability, AppError> {
        let rows = self.store().sample_of(quarter, SAMPLE_MAX).await?;
        if rows.is_empty() {
            return Err(AppError::refused_at("sample-empty", "/quarter"));
        }
        let least = i64::try_from(RATERS.0).unwrap_or(i64::MAX);
        if rows.iter().any(|row| row.ratings < least) {
            return Err(AppError::refused_at("ratings-missing", "/quarter"));
        }
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            let raters = self.drawn(row)?.raters;
            let one = |rated: Rated| json!({ "organisation": rated.organisation, "answers": rated.answers });
            let raters: Vec<Value> = raters.into_iter().map(one).collect();
            records.push(json!({ "leaf": row.screen_id, "raters": raters }));
        }
        let document = json!({ "schema": "comity.blind-answers/1", "records": records });
        Ok(reliability(&serde_json::to_vec(&document).map_err(AppError::fault)?)?)
    }
}

fn checked(answers: &Map<String, Value>) -> Result<(), AppError> {
    if answers.is_empty() {
        return Err(AppError::refused_at("value-invalid", "/answers"));
    }
    for (key, answer) in answers {
        let no = |code| Err(AppError::refused_at(code, format!("/answers/{key}")));
        if Question::parse(key).is_none() {
            return no("value-unknown");
        }
        if answer != "U" && answer.as_u64().is_none_or(|level| level > LEVEL_MAX) {
            return no("value-invalid");
        }
    }
    Ok(())
}
