//! Foreign documents: what they say as reports, and what we say in their words.
//!
//! Not here: I/O, and rules about what may be published. Functions take bytes and values and return values.

pub mod csaf;
mod cwe;
pub mod export;
pub mod import;
mod language;
pub mod oscal;
pub mod osv;
