//! The integration tests of `comity-core`, one binary.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod assessment;
mod case;
mod cert;
mod cert_vectors;
mod lexicon;
mod lexicon_properties;
mod report_limits;
mod trade;
mod vectors;
