//! Read models of certification, written with every record and anew by `comity rebuild`.

use comity_core::cert::book::Book;
use comity_core::cert::day::Instant;
use comity_core::cert::file::File;
use comity_core::cert::step::AssessmentAct;
use comity_core::cert::word::Word as _;
use comity_store::{CertAssessment, CertStandard, RegisterEdition, Rows};
use serde_json::json;

use super::{ASSESSMENT, Kept, STANDARD};
use crate::app::{AppError, Hub};

const PAGE_ROWS: u32 = 500;

/// Adds the read models of a standard to a unit; editions from the one given on.
pub(crate) fn project_book(
    kept: &Kept<Book>,
    first_edition: usize,
    rows: &mut Rows,
) -> Result<(), AppError> {
    let book = &kept.state;
    let summary = json!({
        "title": book.proposed.title, "jurisdictions": book.jurisdictions.len(),
        "edition": book.published().map(|edition| edition.number),
    });
    rows.put(comity_store::Write::CertStandard(CertStandard {
        standard_id: book.standard().to_owned(),
        room_id: kept.room.clone(),
        version: book.version.as_str().to_owned(),
        simulated: i64::from(book.proposed.simulated),
        position: kept.position,
        updated_at: book.last_at.as_millisecond(),
        summary: summary.to_string(),
    }));
    for edition in book.editions.iter().skip(first_edition) {
        rows.put(RegisterEdition {
            standard_id: book.standard().to_owned(),
            edition: i64::try_from(edition.number).map_err(AppError::fault)?,
            as_of: edition.as_of.as_millisecond(),
            sha256: edition.sha256.clone(),
            published_at: edition.published_at.map(Instant::as_millisecond),
            signatures: edition.signatures_document().to_string(),
            document: edition.bytes.clone(),
        });
    }
    Ok(())
}

/// Adds the read model of an assessment to a unit.
pub(crate) fn project_file(kept: &Kept<File>, rows: &mut Rows) {
    let file = &kept.state;
    rows.put(CertAssessment {
        assessment_id: file.applied.assessment.clone(),
        standard_id: file.applied.standard.clone(),
        jurisdiction: file.applied.jurisdiction.to_string(),
        room_id: kept.room.clone(),
        mark: file.mark.as_str().to_owned(),
        updated_at: file.last_at.as_millisecond(),
        summary: file.summary().to_string(),
    });
}

impl Hub {
    /// Folds every room of certification and returns the read models of all.
    pub(crate) async fn projected_certification(&self) -> Result<Rows, AppError> {
        let mut rows = Rows::new();
        let mut books = std::collections::BTreeMap::new();
        for room in self.rooms_of(STANDARD).await? {
            let kept = self.fold_book(&room, None).await?;
            project_book(&kept, 0, &mut rows)?;
            books.insert(kept.state.standard().to_owned(), kept.state);
        }
        for room in self.rooms_of(ASSESSMENT).await? {
            let standard = self.standard_of(&room).await?;
            let book = books.get(&standard).ok_or(AppError::NotFound)?;
            let kept = self.fold_file(&room, book, None).await?;
            project_file(&kept, &mut rows);
        }
        Ok(rows)
    }

    /// Returns the standard that an assessment's room names in its first record.
    async fn standard_of(&self, room: &str) -> Result<String, AppError> {
        let first = self.store().entries(room, 0, 1).await?;
        let first = first.first().ok_or(AppError::NotFound)?;
        match self.opened_record(first).await?.assessment() {
            Ok(record) => {
                let AssessmentAct::Apply(applied) = record.act else {
                    return Err(AppError::fault("an assessment's room starts badly"));
                };
                Ok(applied.standard)
            }
            Err((_, code)) => Err(AppError::fault(code)),
        }
    }

    async fn rooms_of(&self, kind: &str) -> Result<Vec<String>, AppError> {
        let mut rooms: Vec<String> = Vec::new();
        loop {
            let after = rooms.last().cloned().unwrap_or_default();
            let page = self.store().rooms_of_kind(kind, &after, PAGE_ROWS).await?;
            if page.is_empty() {
                return Ok(rooms);
            }
            rooms.extend(page.into_iter().map(|room| room.room_id));
        }
    }
}
