//! The integration tests of `comity-core`, one binary, one module an area.
//! The integration tests of `comity-core`, one binary.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod case;
mod lexicon;
mod sharing;
