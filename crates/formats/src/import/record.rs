//! One foreign record to one report: dispatch, flags, rejections and what all formats share.

use serde_json::Value;

use super::reader::{Object, Reader, cut};
use super::{Format, Terms, avid, cve, flare, loss, osv};

/// Why a record became no report (`codes.json`, `import_rejections`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No text that says what the flaw is.
    #[error("no text says what the flaw is")]
    DescriptionMissing,
    /// Identifier already accepted in this run.
    #[error("a record with this identifier was accepted before in this run")]
    DuplicateRecord,
    /// Not a record of the named format.
    #[error("the object is no record of the named format")]
    FormatMismatch,
    /// Identifier not of the expected shape.
    #[error("the identifier has not the shape that the format expects")]
    IdInvalid,
    /// No identifier.
    #[error("the record has no identifier")]
    IdMissing,
    /// Not JSON, or JSON that two readers may read differently.
    #[error("not JSON, or a key stands twice in one object")]
    JsonInvalid,
    /// The record is no JSON object.
    #[error("the record is no JSON object")]
    NotAnObject,
    /// Over [`super::RECORD_BYTES_MAX`].
    #[error("the record is larger than 1 MiB")]
    RecordTooLarge,
    /// Rejected or withdrawn at the source.
    #[error("the source rejected or withdrew the record")]
    RecordWithdrawn,
    /// Bytes that are no UTF-8.
    #[error("the text is not UTF-8")]
    TextNotUtf8,
    /// Nested over 64.
    #[error("objects and arrays are nested over 64 deep")]
    TooDeep,
}

impl Rejection {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DescriptionMissing => "description-missing",
            Self::DuplicateRecord => "duplicate-record",
            Self::FormatMismatch => "format-mismatch",
            Self::IdInvalid => "id-invalid",
            Self::IdMissing => "id-missing",
            Self::JsonInvalid => "json-invalid",
            Self::NotAnObject => "not-an-object",
            Self::RecordTooLarge => "record-too-large",
            Self::RecordWithdrawn => "record-withdrawn",
            Self::TextNotUtf8 => "text-not-utf8",
            Self::TooDeep => "too-deep",
        }
    }
}

macro_rules! flags {
    ($($name:ident $code:literal $about:literal,)+) => {
        /// A remark on an accepted record (`codes.json`, `import_flags`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Flag { $(#[doc = $about] $name,)+ }
        impl Flag {
            /// Every flag.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
            /// Returns the stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

flags! {
    ClassAmbiguous "class-ambiguous" "Two or more candidate classes; none asserted.",
    ClassNone "class-none" "No candidate class.",
    CountryUnreadable "country-unreadable" "Country is not an ISO 3166-1 alpha-2 code; dropped.",
    CvssScoreMismatch "cvss-score-mismatch" "Declared base score differs from its own vector.",
    CvssUnreadable "cvss-unreadable" "Vector not of 3.0, 3.1 or 4.0, or malformed; dropped.",
    DateMissing "date-missing" "No readable date.",
    EcosystemUnknown "ecosystem-unknown" "OSV ecosystem not in the list.",
    HostedService "hosted-service" "CVE tag exclusively-hosted-service.",
    ImpactMissing "impact-missing" "AVID impact absent.",
    LabelNormalised "label-normalised" "AVID label differs from the taxonomy; the id counts.",
    LabelUnknown "label-unknown" "AVID code not in the taxonomy; dropped.",
    ListTruncated "list-truncated" "List cut to its limit.",
    MaterialDropped "material-dropped" "Prohibited material removed.",
    MediaNotBase64 "media-not-base64" "CVE supportingMedia says base64 but is not.",
    ReferenceAssumedVersion "reference-assumed-version" "Source gives no version; the pinned one is used.",
    ScoreWithoutTrials "score-without-trials" "AVID test scores without counts; kept out of trials.",
    SeverityDisagreement "severity-disagreement" "Two scores of one CVSS version differ.",
    TagDisputed "tag-disputed" "CVE tag disputed.",
    TaxonomyVersionMissing "taxonomy-version-missing" "AVID taxonomy version absent or empty.",
    TextTruncated "text-truncated" "Text cut to its limit.",
    TrialsEmpty "trials-empty" "Measurement row without a valid count; dropped.",
    ValueUnmapped "value-unmapped" "Enumeration value without a counterpart; dropped.",
    VendorUnknown "vendor-unknown" "Vendor or product is n/a or unknown.",
}

/// A record that became a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted {
    /// The identifier at the source.
    pub record: String,
    /// A `comity.report/1` value.
    pub report: Value,
    /// Remarks, sorted by code; also in the report's `source.flags`.
    pub flags: Vec<Flag>,
    /// What the report does not carry: pointer and reason, by pointer.
    pub loss: Vec<(String, &'static str)>,
}

/// Turns one foreign record into a report.
pub fn convert(format: Format, terms: &Terms<'_>, value: &Value) -> Result<Converted, Rejection> {
    if !value.is_object() {
        return Err(Rejection::NotAnObject);
    }
    let reader = Reader::default();
    let draft = match format {
        Format::Avid => avid::draft(&reader, terms, value),
        Format::Cve => cve::draft(&reader, terms, value),
        Format::Flare => flare::draft(&reader, terms, value),
        Format::Osv => osv::draft(&reader, terms, value),
    }?;
    let loss = loss::of(&reader, value);
    let flags = reader.into_flags();
    let record = draft.record.clone();
    let report = draft.finish(format, terms, &flags);
    Ok(Converted { record, report, flags, loss })
}

/// The parts of a report that an importer fills.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) record: String,
    pub(super) kind: &'static str,
    pub(super) language: Option<String>,
    pub(super) title: String,
    pub(super) summary: Option<String>,
    pub(super) affected: Object,
    pub(super) technical: Object,
    pub(super) reproduction: Option<Object>,
    pub(super) identity: Option<Object>,
    pub(super) disclosure: Object,
    pub(super) assessments: Vec<Object>,
    pub(super) source: Object,
}

impl Draft {
    fn finish(self, format: Format, terms: &Terms<'_>, flags: &[Flag]) -> Value {
        let mut summary = Object::default();
        summary.set("title", Some(self.title));
        summary.set("summary", self.summary);
        let mut source = self.source;
        source.set("format", Some(format.name()));
        source.list("flags", flags.iter().map(|flag| flag.code()).collect());
        let mut report = Object::default();
        report.set("schema", Some("comity.report/1"));
        report.set("id", Some(format!("{}:{}", format.name(), self.record)));
        report.set("lexicon", Some(terms.version()));
        report.set("language", self.language);
        report.set("kind", Some(self.kind));
        report.set("abstract", Some(summary));
        report.set("affected", Some(self.affected));
        report.set("technical", Some(self.technical));
        report.set("reproduction", self.reproduction);
        report.set("identity", self.identity);
        report.set("disclosure", Some(self.disclosure));
        report.list("assessments", self.assessments);
        source.set("record", Some(self.record));
        report.set("source", Some(source));
        report.into()
    }
}

/// Returns the first 200 scalar values of a text, as a title; a copy, so no flag is raised.
pub(super) fn title_of(text: &str) -> String {
    cut(text, 200).to_owned()
}

/// Returns the first 2,000 scalar values of a text, as a summary; a copy, so no flag is raised.
pub(super) fn summary_of(text: &str) -> String {
    cut(text, 2000).to_owned()
}

/// Says whether a name stands for "not known".
pub(super) fn is_unknown_name(name: &str) -> bool {
    let name = name.trim();
    name.is_empty() || name.eq_ignore_ascii_case("n/a") || name.eq_ignore_ascii_case("unknown")
}

/// Returns an assessment by `assessor`, ready for axes and scores.
pub(super) fn assessment(terms: &Terms<'_>, assessor: String, role: &str, at: String) -> Object {
    let mut assessment = Object::default();
    assessment.set("assessor", Some(assessor));
    assessment.set("role", Some(role));
    assessment.set("at", Some(at));
    assessment.set("lexicon", Some(terms.version()));
    assessment
}

/// Returns the identifier, or why there is none: what states nothing is missing, what is no text
/// or not of the shape is invalid.
pub(super) fn identifier<'a>(
    reader: &Reader<'a>,
    candidates: &[Option<&'a Value>],
    shaped: impl Fn(&str) -> bool,
) -> Result<String, Rejection> {
    let stated = candidates
        .iter()
        .flatten()
        .copied()
        .find(|value| !super::reader::is_absent(value))
        .ok_or(Rejection::IdMissing)?;
    let id = reader.string(Some(stated)).ok_or(Rejection::IdInvalid)?;
    if shaped(id) { Ok(id.to_owned()) } else { Err(Rejection::IdInvalid) }
}

/// Says whether a text has between `min` and `max` bytes, all ASCII digits.
pub(super) fn is_digits(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Says whether a text is made of letters, digits and `._:-`, and is not over `max` long.
pub(super) fn is_plain_id(text: &str, max: usize) -> bool {
    !text.is_empty()
        && text.len() <= max
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

/// Returns a purl, if it is one.
pub(super) fn purl<'a>(reader: &Reader<'a>, value: Option<&'a Value>) -> Option<String> {
    let text = reader.whole(value, 512)?;
    if super::terms::is_purl(&text) {
        return Some(text);
    }
    if let Some(value) = value {
        reader.mark(value, super::reader::Mark::NotUnderstood);
    }
    None
}

/// Says whether a lower-case text can be the primary part of a language tag.
pub(super) fn is_language(text: &str) -> bool {
    (2..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase())
}
