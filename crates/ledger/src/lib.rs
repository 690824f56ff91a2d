//! What hubs sign, chain, seal and prove, without knowledge of disclosure.
//!
//! Not here: I/O, clocks and randomness (all are arguments), and what an entry means (`comity-core`).

pub mod json;
