//! What hubs sign, chain, seal and prove, without knowledge of disclosure.
//!
//! Not here: I/O, clocks and randomness (all are arguments), and what an entry means (`comity-core`).

pub mod attestation;
pub mod canonical;
pub mod chain;
pub mod commitment;
pub mod digest;
pub mod entry;
pub mod envelope;
pub mod equivocation;
pub mod export;
pub mod identity;
pub mod json;
pub mod key;
pub mod members;
pub mod passphrase;
pub mod receipt;
pub mod seal;
pub mod secret;
pub mod stream;
pub mod wrap;
