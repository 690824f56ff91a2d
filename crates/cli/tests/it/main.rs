//! Tests of the program as people run it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod cert;
mod kill;
mod law;
mod operate;
mod sharing;
mod trade;
