//! Tests of the formats over documents, against validators that are not ours.

mod export;
mod import;
mod import_properties;
mod import_rules;
