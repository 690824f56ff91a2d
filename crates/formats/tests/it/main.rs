//! Tests of the formats over documents, against validators that are not ours.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that fails says so")]

mod export;
mod fuzz_corpus;
mod import;
mod import_properties;
mod import_rules;
mod oscal;
