//! Integration tests of the formats, as one binary.

mod import;
mod import_properties;
mod import_rules;
