//! Tests of the formats over documents, against validators that are not ours.

mod export;
//! Integration tests of the formats, as one binary.

mod import;
mod import_properties;
