//! Advisories, search and corrections.

use crate::engine::{Engine, rows, values};
use crate::read::case::descending;
use crate::read::{Cursor, limit, list, one};
use crate::row::{Field, Row};
use crate::rows::{Advisory, Correction};
use crate::search::{self, Words};
use crate::{Fault, Store};

/// Relevance is computed among this many newest hits, so that a common word stays cheap.
pub const RANKED_HITS_MAX: i64 = 500;

/// In which order hits come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Best match first, among the newest [`RANKED_HITS_MAX`] hits.
    Relevance,
}

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words; all must be there, the last one may be unfinished. Without words everything is listed.
    pub text: String,
    /// The order.
    pub order: Order,
    /// Only advisories published at or after this instant.
    pub published_from: Option<i64>,
    /// Only advisories published before this instant.
    pub published_before: Option<i64>,
    /// Leaves out withdrawn advisories.
    pub hide_withdrawn: bool,
    /// Where the page before ended: [`Hit::next`] of its last hit.
    pub after: Option<i64>,
}

/// One advisory found, in its newest published version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The version.
    pub advisory: Advisory,
    /// When its first version was published.
    pub published_at: i64,
    /// Cursor for the hits after this one, under the same query.
    pub next: i64,
}

/// What a list of everything published needs of one advisory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The advisory.
    pub advisory_id: String,
    /// When its first version was published.
    pub published_at: i64,
    /// When its newest version was.
    pub changed_at: i64,
    /// Cursor for those published before it.
    pub next: i64,
}

impl Store {
    /// Returns one version of an advisory.
    pub async fn advisory_version(
        &self,
        advisory_id: &str,
        version: i64,
    ) -> Result<Option<Advisory>, Fault> {
        let columns = Advisory::columns();
        let sql = format!("select {columns} from advisory where advisory_id = $1 and version = $2");
        one(self.pools(), sql, values![advisory_id.to_owned(), version]).await
    }

    /// Returns the newest published version of an advisory.
    pub async fn advisory(&self, advisory_id: &str) -> Result<Option<Advisory>, Fault> {
        let sql = format!(
            "select {} from advisory where advisory_id = $1 and published_at is not null \
             order by version desc limit 1",
            Advisory::columns()
        );
        one(self.pools(), sql, values![advisory_id.to_owned()]).await
    }

    /// Lists all versions of an advisory, published or not, newest first.
    pub async fn advisory_versions(
        &self,
        advisory_id: &str,
        rows_max: u32,
    ) -> Result<Vec<Advisory>, Fault> {
        let sql = format!(
            "select {} from advisory where advisory_id = $1 order by version desc limit $2",
            Advisory::columns()
        );
        list(self.pools(), sql, values![advisory_id.to_owned(), limit(rows_max)]).await
    }

    /// Lists the versions of all advisories of a case, published or not.
    pub async fn advisories_of_case(
        &self,
        case_id: &str,
        rows_max: u32,
    ) -> Result<Vec<Advisory>, Fault> {
        let sql = format!(
            "select {} from advisory where case_id = $1 order by advisory_id, version limit $2",
            Advisory::columns()
        );
        list(self.pools(), sql, values![case_id.to_owned(), limit(rows_max)]).await
    }

    /// Searches published advisories. A text without any word in it finds nothing.
    pub async fn search(&self, query: &SearchQuery, rows_max: u32) -> Result<Vec<Hit>, Fault> {
        if query.text.trim().is_empty() {
            return self.newest(query, rows_max).await;
        }
        let Some(words) = Words::of(&query.text) else { return Ok(vec![]) };
        match query.order {
            Order::Newest => {
                self.search_newest(query, words.notation(self.engine()), rows_max).await
            }
            Order::Relevance => self.search_ranked(query, &words, rows_max).await,
        }
    }

    /// Lists everything published, newest first, after [`Published::next`] of the last one seen.
    pub async fn published(
        &self,
        after: Option<i64>,
        rows_max: u32,
    ) -> Result<Vec<Published>, Fault> {
        let sql = "select s.advisory_id, s.place, a.published_at from advisory_search s \
                   join advisory a on a.advisory_id = s.advisory_id and a.version = s.version \
                   where s.place < $1 order by s.place desc limit $2"
            .to_owned();
        let values = values![after.unwrap_or(i64::MAX), limit(rows_max)];
        let found = rows(&self.pools().read, sql, values).await?;
        let read = |row: &sqlx::any::AnyRow| {
            let place = i64::read(row, "place")?;
            Ok(Published {
                advisory_id: String::read(row, "advisory_id")?,
                published_at: search::instant(place),
                changed_at: i64::read(row, "published_at")?,
                next: place,
            })
        };
        found.iter().map(read).collect()
    }

    async fn newest(&self, query: &SearchQuery, rows_max: u32) -> Result<Vec<Hit>, Fault> {
        let (from, before, withdrawn) = bounds(query, true);
        let sql = format!(
            "select {}, s.place from advisory_search s \
             join advisory a on a.advisory_id = s.advisory_id and a.version = s.version \
             where s.place >= $1 and s.place < $2 and (s.withdrawn_at is null or $3 = 0) \
             order by s.place desc limit $4",
            Advisory::columns_of("a")
        );
        let values = values![from, before, withdrawn, limit(rows_max)];
        hits(&rows(&self.pools().read, sql, values).await?)
    }

    /// Counts the published advisories that a text finds; one without any word finds none.
    pub async fn search_count(&self, text: &str) -> Result<u64, Fault> {
        let Some(words) = Words::of(text) else { return Ok(0) };
        let sql = match self.engine() {
            Engine::Postgres => {
                "select count(*) as n from advisory_search_index f \
                 where f.tokens @@ cast($1 as tsquery)"
            }
            Engine::Sqlite => {
                "select count(*) as n from advisory_search_index f where f.tokens match $1"
            }
        };
        let found = rows(&self.pools().read, sql, values![words.notation(self.engine())]).await?;
        let count: i64 = found.first().map_or(Ok(0), |row| Field::read(row, "n"))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    async fn search_newest(
        &self,
        query: &SearchQuery,
        words: String,
        rows_max: u32,
    ) -> Result<Vec<Hit>, Fault> {
        let (from, before, withdrawn) = bounds(query, true);
        let columns = Advisory::columns_of("a");
        // On SQLite the index itself is walked from the newest, so that a common word costs one page.
        let sql = match self.engine() {
            Engine::Postgres => format!(
                "select {columns}, s.place from advisory_search_index f \
                 join advisory_search s on s.place = f.place \
                 join advisory a on a.advisory_id = s.advisory_id and a.version = s.version \
                 where f.tokens @@ cast($5 as tsquery) and s.place >= $1 and s.place < $2 \
                 and (s.withdrawn_at is null or $3 = 0) order by s.place desc limit $4"
            ),
            Engine::Sqlite => format!(
                "select {columns}, s.place from advisory_search_index f \
                 cross join advisory_search s on s.place = f.rowid \
                 cross join advisory a on a.advisory_id = s.advisory_id and a.version = s.version \
                 where f.tokens match $5 and f.rowid >= $1 and f.rowid < $2 \
                 and (s.withdrawn_at is null or $3 = 0) order by f.rowid desc limit $4"
            ),
        };
        let values = values![from, before, withdrawn, limit(rows_max), words];
        hits(&rows(&self.pools().read, sql, values).await?)
    }

    async fn search_ranked(
        &self,
        query: &SearchQuery,
        words: &Words,
        rows_max: u32,
    ) -> Result<Vec<Hit>, Fault> {
        let mut ranked = self.candidates(query, words).await?;
        // Best first, the newer of two equal ones first.
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        let offset = query.after.unwrap_or(0).clamp(0, RANKED_HITS_MAX);
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let page = usize::try_from(limit(rows_max)).unwrap_or(0);
        let mut found = Vec::new();
        for ((_, place), next) in ranked.into_iter().skip(skip).take(page).zip(offset + 1..) {
            let published_at = search::instant(place);
            let hit = |advisory| Hit { advisory, published_at, next };
            found.extend(self.at_place(place).await?.map(hit));
        }
        Ok(found)
    }

    /// Scores the newest hits, from the first part of their tokens.
    async fn candidates(
        &self,
        query: &SearchQuery,
        words: &Words,
    ) -> Result<Vec<(u64, i64)>, Fault> {
        let (from, before, withdrawn) = bounds(query, false);
        let sql = match self.engine() {
            Engine::Postgres => {
                "select s.place, substr(s.tokens, 1, 4000) as tokens from advisory_search_index f \
                 join advisory_search s on s.place = f.place \
                 where f.tokens @@ cast($5 as tsquery) and s.place >= $1 and s.place < $2 \
                 and (s.withdrawn_at is null or $3 = 0) order by s.place desc limit $4"
            }
            Engine::Sqlite => {
                "select s.place, substr(s.tokens, 1, 4000) as tokens from advisory_search_index f \
                 cross join advisory_search s on s.place = f.rowid \
                 where f.tokens match $5 and f.rowid >= $1 and f.rowid < $2 \
                 and (s.withdrawn_at is null or $3 = 0) order by f.rowid desc limit $4"
            }
        };
        let notation = words.notation(self.engine());
        let values = values![from, before, withdrawn, RANKED_HITS_MAX, notation];
        let found = rows(&self.pools().read, sql, values).await?;
        let scored = found.iter().map(|row| {
            let tokens = String::read(row, "tokens")?;
            Ok((words.score(&tokens), i64::read(row, "place")?))
        });
        scored.collect()
    }

    async fn at_place(&self, place: i64) -> Result<Option<Advisory>, Fault> {
        let sql = format!(
            "select {} from advisory_search s \
             join advisory a on a.advisory_id = s.advisory_id and a.version = s.version \
             where s.place = $1",
            Advisory::columns_of("a")
        );
        one(self.pools(), sql, values![place]).await
    }

    /// Lists corrections, newest first, before a cursor (`at`, `correction_id`).
    pub async fn corrections(
        &self,
        before: Option<&Cursor>,
        rows_max: u32,
    ) -> Result<Vec<Correction>, Fault> {
        let (at, id) = descending(before);
        let sql = format!(
            "select {} from correction where (at, correction_id) < ($1, $2) \
             order by at desc, correction_id desc limit $3",
            Correction::columns()
        );
        list(self.pools(), sql, values![at, id, limit(rows_max)]).await
    }

    /// Lists the corrections of one subject, oldest first.
    pub async fn corrections_of(
        &self,
        subject: &str,
        rows_max: u32,
    ) -> Result<Vec<Correction>, Fault> {
        let sql = format!(
            "select {} from correction where subject = $1 order by correction_id limit $2",
            Correction::columns()
        );
        list(self.pools(), sql, values![subject.to_owned(), limit(rows_max)]).await
    }
}

/// The places between which hits lie, and whether withdrawn ones are left out.
fn bounds(query: &SearchQuery, cursor_is_place: bool) -> (i64, i64, i64) {
    let from = query.published_from.map_or(i64::MIN, search::place);
    let before = query.published_before.map_or(i64::MAX, search::place);
    let after = query.after.filter(|_| cursor_is_place).unwrap_or(i64::MAX);
    (from, before.min(after), i64::from(query.hide_withdrawn))
}

fn hits(rows: &[sqlx::any::AnyRow]) -> Result<Vec<Hit>, Fault> {
    rows.iter()
        .map(|row| {
            let next = Field::read(row, "place")?;
            let published_at = search::instant(next);
            Ok(Hit { advisory: Advisory::read(row)?, published_at, next })
        })
        .collect()
}
