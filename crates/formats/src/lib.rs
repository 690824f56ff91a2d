//! Import and export of foreign documents: pure functions from bytes or values to values.
//!
//! Not here: I/O, and rules about what may be published.

pub mod csaf;
mod cwe;
pub mod export;
mod language;
pub mod osv;
