//! Import and export of foreign documents: pure functions from bytes or values to values.
//!
//! Not here: I/O, and rules about what may be published.

pub mod csaf;
pub mod export;
pub mod import;
pub mod osv;
mod cwe;
mod language;
//! Foreign documents: what they say as reports, and what we say in their words.
//!
//! Not here: I/O. Functions take bytes and values and return values.

