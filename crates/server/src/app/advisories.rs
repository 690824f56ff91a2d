//! What is public: search, one advisory in every version and format, corrections.
//!
//! Needs no permission: only published versions are ever found here. Not here: publishing (`publication`).

use comity_core::advisory::{Advisory, Checked};
use comity_formats::{csaf, osv};
use comity_store::{Cursor, Order, SearchQuery};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::publication::Addresses;
use super::reports::{LIST_MAX, cursor, instant, parse_cursor};
use super::{AppError, Hub, Listed};

/// Characters of a search at most.
pub const QUERY_CHARS_MAX: usize = 200;

/// One advisory in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdvisoryRow {
    /// Its id.
    pub id: String,
    /// Its newest version.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// The language of the title.
    pub language: String,
    /// `published` or `withdrawn`.
    pub state: String,
    /// When its first version was published.
    pub published_at: Option<Timestamp>,
    /// When its newest version was.
    pub updated_at: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

/// A public file with its validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicFile {
    /// The strong validator.
    pub etag: String,
    /// JSON.
    pub bytes: Vec<u8>,
}

/// Files of the CSAF folder that its lists name at most.
const CSAF_FILES_MAX: usize = 200_000;

/// A file of the CSAF folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsafFile {
    /// Below the folder: `<year>/<name>.json`.
    pub path: String,
    /// When its newest version was published.
    pub changed_at: Timestamp,
}

/// One correction or withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CorrectionRow {
    /// When.
    pub at: Timestamp,
    /// `correction` or `withdrawal`.
    pub kind: String,
    /// The advisory.
    pub advisory: String,
    /// The version that says it.
    pub version: u32,
    /// The advisory's title.
    pub title: String,
    /// What was wrong, for readers.
    pub summary: String,
    /// The language of title and summary.
    pub language: String,
}

/// In which format a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csaf20,
    Csaf21,
    Osv,
    Own,
}

impl Hub {
    /// Lists the newest advisories, or what the words find.
    pub async fn search_advisories(
        &self,
        words: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<AdvisoryRow>, AppError> {
        let (hits, next) = self.hits(words, after, limit).await?;
        let row = |(row, first)| AdvisoryRow::of(row, Some(first));
        Ok(Listed { items: hits.into_iter().map(row).collect(), next })
    }

    /// Lists the same with their documents, for pages and feeds.
    pub async fn find_advisories(
        &self,
        words: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Listed<(AdvisoryRow, Advisory)>, AppError> {
        let (hits, next) = self.hits(words, after, limit).await?;
        let mut items = Vec::with_capacity(hits.len());
        for (row, first) in hits {
            let document = stored(&row)?.into_inner();
            items.push((AdvisoryRow::of(row, Some(first)), document));
        }
        Ok(Listed { items, next })
    }

    /// Counts what the words find.
    pub async fn count_advisories(&self, words: &str) -> Result<u64, AppError> {
        Ok(self.store().search_count(words).await?)
    }

    async fn hits(
        &self,
        words: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<(comity_store::Advisory, Timestamp)>, Option<String>), AppError> {
        if words.chars().count() > QUERY_CHARS_MAX {
            return Err(AppError::refused_over("text-too-long", "/q", QUERY_CHARS_MAX));
        }
        let after = after.map(parse_cursor).transpose()?.map(|cursor| cursor.at);
        let query = SearchQuery {
            text: words.replace(char::is_control, " "),
            order: Order::Newest,
            after,
            ..SearchQuery::default()
        };
        let limit = limit.clamp(1, LIST_MAX);
        let mut hits = self.store().search(&query, limit + 1).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = hits.len() > limit;
        hits.truncate(limit);
        let next = hits.last().filter(|_| more).map(|hit| cursor(hit.next, ""));
        let found = hits.into_iter().map(|hit| (hit.advisory, instant(hit.published_at)));
        Ok((found.collect(), next))
    }

    /// Returns a published advisory in one version, or in its newest.
    pub async fn read_advisory(
        &self,
        id: &str,
        version: Option<u32>,
    ) -> Result<(AdvisoryRow, Checked), AppError> {
        let row = match version {
            None => self.store().advisory(id).await?,
            Some(version) => self.store().advisory_version(id, i64::from(version)).await?,
        };
        let row = row.filter(|row| row.published_at.is_some()).ok_or(AppError::NotFound)?;
        let checked = stored(&row)?;
        let first = checked.published_at();
        Ok((AdvisoryRow::of(row, first), checked))
    }

    /// Returns the file of an advisory: `<id>`, `<id>.csaf.json`, `<id>.csaf20.json`, `<id>.osv.json`.
    pub async fn advisory_file(
        &self,
        file: &str,
        version: Option<u32>,
    ) -> Result<PublicFile, AppError> {
        let (id, format) = split(file);
        let (_, checked) = self.read_advisory(id, version).await?;
        let bytes = match format {
            Format::Own => serde_json_canonicalizer::to_vec(&*checked).map_err(AppError::fault)?,
            Format::Csaf20 => print(&self.csaf(&checked, csaf::Version::V2_0))?,
            Format::Csaf21 => print(&self.csaf(&checked, csaf::Version::V2_1))?,
            Format::Osv => print(&self.osv(&checked))?,
        };
        let etag = super::sha256_hex(&bytes).chars().take(32).collect();
        Ok(PublicFile { etag, bytes })
    }

    /// Returns an advisory as CSAF.
    #[must_use]
    pub fn csaf(&self, checked: &Checked, version: csaf::Version) -> Value {
        let addresses = Addresses::of(&self.publisher().namespace);
        csaf::export(checked, version, &addresses.site()).0
    }

    /// Returns an advisory as OSV.
    #[must_use]
    pub fn osv(&self, checked: &Checked) -> Value {
        let addresses = Addresses::of(&self.publisher().namespace);
        osv::export(checked, &addresses.site()).0
    }

    /// Lists every published advisory with its file in the CSAF folder, newest first.
    pub async fn csaf_files(&self) -> Result<Vec<CsafFile>, AppError> {
        let (mut files, mut after) = (Vec::new(), None);
        while files.len() < CSAF_FILES_MAX {
            let rows = self.store().published(after, comity_store::PAGE_ROWS_MAX).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.next);
            files.extend(rows.iter().map(|row| CsafFile {
                path: csaf::path_of(&row.advisory_id, instant(row.published_at)),
                changed_at: instant(row.changed_at),
            }));
        }
        Ok(files)
    }

    /// Returns a document of the CSAF folder; absent under any year but its own.
    pub async fn csaf_file(&self, path: &str) -> Result<Vec<u8>, AppError> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let id = name.strip_suffix(".json").ok_or(AppError::NotFound)?;
        let (_, checked) = self.read_advisory(id, None).await?;
        if csaf::path(&checked) != path {
            return Err(AppError::NotFound);
        }
        print(&self.csaf(&checked, csaf::Version::V2_0))
    }

    /// Lists corrections and withdrawals, newest first.
    pub async fn corrections(
        &self,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Listed<CorrectionRow>, AppError> {
        let before: Option<Cursor> = before.map(parse_cursor).transpose()?;
        let limit = limit.clamp(1, LIST_MAX);
        let mut rows = self.store().corrections(before.as_ref(), limit + 1).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| cursor(row.at, &row.correction_id));
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.push(correction(&row)?);
        }
        Ok(Listed { items, next })
    }
}

impl AdvisoryRow {
    fn of(row: comity_store::Advisory, first: Option<Timestamp>) -> Self {
        Self {
            published_at: first,
            updated_at: row.published_at.map(instant),
            withdrawn_at: row.withdrawn_at.map(instant),
            id: row.advisory_id,
            version: row.version,
            title: row.title,
            language: row.language,
            state: row.state,
        }
    }
}

fn correction(row: &comity_store::Correction) -> Result<CorrectionRow, AppError> {
    let said: Value = serde_json::from_slice(&row.document).map_err(AppError::fault)?;
    let text = |key: &str| said.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let version = said.get("version").and_then(Value::as_u64).unwrap_or_default();
    Ok(CorrectionRow {
        at: instant(row.at),
        kind: row.kind.clone(),
        advisory: text("advisory"),
        version: u32::try_from(version).unwrap_or(u32::MAX),
        title: text("title"),
        summary: text("summary"),
        language: text("language"),
    })
}

fn stored(row: &comity_store::Advisory) -> Result<Checked, AppError> {
    Advisory::parse(&row.document).map_err(|_| AppError::fault("a stored advisory does not hold"))
}

fn split(file: &str) -> (&str, Format) {
    let known = [
        (".csaf20.json", Format::Csaf20),
        (".csaf.json", Format::Csaf21),
        (".osv.json", Format::Osv),
        (".json", Format::Own),
    ];
    for (ending, format) in known {
        if let Some(id) = file.strip_suffix(ending) {
            return (id, format);
        }
    }
    (file, Format::Own)
}

fn print(value: &Value) -> Result<Vec<u8>, AppError> {
    serde_json::to_vec_pretty(value).map_err(AppError::fault)
}
