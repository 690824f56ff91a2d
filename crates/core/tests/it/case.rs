//! The case protocol: example, vectors, properties, simulator.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod example;
mod files;
mod forks;
mod invariants;
mod measure;
mod plain;
mod reach;
mod rules;
mod simulator;
mod support;
mod tables;
