//! What hubs sign, chain, seal and prove, without knowledge of disclosure.
//!
//! Not here: I/O, clocks and randomness (all are arguments), and what an entry means (`comity-core`).

pub mod canonical;
pub mod commitment;
pub mod digest;
pub mod entry;
pub mod envelope;
pub mod json;
pub mod key;
pub mod members;
pub mod receipt;
pub mod seal;
pub mod secret;
pub mod wrap;
pub mod chain;
pub mod identity;
