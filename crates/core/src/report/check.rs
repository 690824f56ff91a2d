//! Whether a document is a report: its JSON, then the schema, then the meaning (LX-27).

use comity_ledger::json::{self, JsonError, Limits};
use serde_json::Value;

use super::{Parts, Report, compartment, meaning};
use crate::lexicon::Lexicon;
use crate::refusal::{self, Refusal};

/// What a report's JSON may contain at most: 1 MiB, depth 16. Keys are bounded by the size alone, so
/// that each unknown member is named.
pub const LIMITS: Limits = Limits { keys_max: Limits::REPORT.bytes_max, ..Limits::REPORT };

/// Returns everything that keeps the document from being a report, by pointer and code.
///
/// The meaning is checked only once the schema holds: before that it would repeat the same faults.
#[must_use]
pub fn check(value: &Value, lexicon: &Lexicon) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    lexicon.report_schema().check(value, &mut String::new(), &mut refusals);
    if refusals.is_empty() {
        meaning::check(value, lexicon, &mut refusals);
    }
    refusal::sort(&mut refusals);
    refusals
}

/// Reads a report from bytes.
pub fn read(bytes: &[u8], lexicon: &Lexicon) -> Result<Report, Vec<Refusal>> {
    let value = json::parse(bytes, &LIMITS).map_err(|error| vec![Refusal::new(code(error), "")])?;
    Report::from_value(&value, lexicon)
}

/// Reads a report from bytes, with its compartments as they were written.
pub fn read_parts(bytes: &[u8], lexicon: &Lexicon) -> Result<(Report, Parts), Vec<Refusal>> {
    let value = json::parse(bytes, &LIMITS).map_err(|error| vec![Refusal::new(code(error), "")])?;
    let report = Report::from_value(&value, lexicon)?;
    Ok((report, compartment::split(value)))
}

const fn code(error: JsonError) -> &'static str {
    match error {
        JsonError::TooDeep => "too-deep",
        JsonError::TooLarge | JsonError::TooManyKeys => "too-large",
        JsonError::DuplicateKey | JsonError::Number | JsonError::Syntax => "json-invalid",
    }
}
