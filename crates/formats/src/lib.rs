//! Foreign documents: what they say as reports, and what we say in their words.
//!
//! Not here: I/O. Functions take bytes and values and return values.

pub mod import;
