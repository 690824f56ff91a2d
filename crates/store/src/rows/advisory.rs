//! What is published.

use crate::row::row;

row! {
    /// One version of an advisory. Every version is kept.
    Advisory = "advisory" [advisory_id, version] {
        /// The advisory.
        advisory_id: String,
        /// The version, from 1.
        version: i64,
        /// The case, where this hub holds it.
        case_id: Option<String>,
        /// `draft`, `approved`, `published` or `withdrawn`.
        state: String,
        /// The title.
        title: String,
        /// The language of the title.
        language: String,
        /// When this version was published; only such versions are found by search.
        published_at: Option<i64>,
        /// When it was withdrawn.
        withdrawn_at: Option<i64>,
        /// What replaces it.
        successor: Option<String>,
        /// SHA-256 of the document.
        sha256: String,
        /// The document.
        document: Vec<u8>,
    }
}

row! {
    /// A correction that readers are owed.
    Correction = "correction" [correction_id] {
        /// The correction; UUIDv7.
        correction_id: String,
        /// When it was made.
        at: i64,
        /// What it corrects, such as an advisory id.
        subject: String,
        /// What kind of correction.
        kind: String,
        /// The document.
        document: Vec<u8>,
    }
}
