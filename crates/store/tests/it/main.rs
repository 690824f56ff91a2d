//! The same scenarios on both engines, and what only one of them can show.

#![expect(
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod ahead;
mod backup;
mod crash;
mod faults;
mod law;
mod model;
mod scenarios;
mod world;
