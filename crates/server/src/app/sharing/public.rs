//! The public table of screens: refusals and delays of one quarter, small counts hidden (SH-29).

use std::sync::Arc;

use comity_core::sharing::{PublicTable, Share, public_table};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::PAGE_ROWS;
use crate::app::{AppError, Hub};

impl Hub {
    /// Returns the public table of a quarter such as `2027-Q1`; the one before this unless named.
    ///
    /// A quarter that is not over yet is not told: its table would show single decisions as they fall.
    pub async fn public_screens(
        &self,
        quarter: Option<&str>,
    ) -> Result<Arc<PublicTable>, AppError> {
        let now = self.now();
        let quarter = match quarter {
            Some(text) => text.to_owned(),
            None => before(now),
        };
        let (from, to) =
            bounds(&quarter).ok_or_else(|| AppError::refused_at("value-invalid", "/quarter"))?;
        if to > now.as_millisecond() {
            return Err(AppError::refused_at("quarter-not-over", "/quarter"));
        }
        let mut shares: Vec<Share> = Vec::new();
        let mut newest = 0;
        let mut after = (i64::MIN, String::new(), String::new());
        loop {
            let place = (after.0, after.1.as_str(), after.2.as_str());
            let page = self.store().screens_asked((from, to), place, PAGE_ROWS).await?;
            let Some(last) = page.last() else { break };
            after = (last.asked_at, last.case_id.clone(), last.screen_id.clone());
            for row in &page {
                newest = newest.max(row.updated_at);
                // A record that another took the place of before it was decided is no decision.
                if row.decided_at.is_some() {
                    shares.push(self.open_small("screen", &row.screen_id, &row.sealed)?);
                }
            }
        }
        let seen = (shares.len(), newest);
        if let Some(table) = self.screens().table(&quarter, seen) {
            return Ok(table);
        }
        let table = Arc::new(public_table(&shares));
        self.screens().keep(&quarter, seen, &table);
        Ok(table)
    }
}

/// Returns the quarter of an instant.
pub(super) fn quarter_of(at: jiff::Timestamp) -> String {
    let date = at.to_zoned(TimeZone::UTC).date();
    format!("{}-Q{}", date.year(), (date.month() - 1) / 3 + 1)
}

/// Returns the quarter before that of an instant.
pub(super) fn before(now: jiff::Timestamp) -> String {
    let date = now.to_zoned(TimeZone::UTC).date();
    let quarter = (date.month() - 1) / 3;
    if quarter == 0 {
        format!("{}-Q4", date.year() - 1)
    } else {
        format!("{}-Q{quarter}", date.year())
    }
}

/// Returns the first millisecond of a quarter and of the next.
pub(super) fn bounds(text: &str) -> Option<(i64, i64)> {
    let (year, quarter) = text.split_once("-Q")?;
    if year.len() != 4 || quarter.len() != 1 {
        return None;
    }
    let (year, quarter): (i16, i8) = (year.parse().ok()?, quarter.parse().ok()?);
    if !(1..=4).contains(&quarter) {
        return None;
    }
    let first = |year: i16, month: i8| {
        let day = Date::new(year, month, 1).ok()?;
        Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    };
    let next = if quarter == 4 { (year + 1, 1) } else { (year, quarter * 3 + 1) };
    Some((first(year, quarter * 3 - 2)?, first(next.0, next.1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_has_one_spelling_and_ends_where_the_next_begins() {
        let (first, next) = bounds("2027-Q4").unwrap();
        assert_eq!(bounds("2028-Q1").unwrap().0, next);
        assert_eq!(first, 1_822_348_800_000);
        for wrong in ["2027-Q5", "2027-Q0", "27-Q1", "2027Q1", "2027-Q11", ""] {
            assert_eq!(bounds(wrong), None, "{wrong}");
        }
        assert_eq!(before("2027-02-01T00:00:00Z".parse().unwrap()), "2026-Q4");
        assert_eq!(before("2027-04-01T00:00:00Z".parse().unwrap()), "2027-Q1");
    }
}
