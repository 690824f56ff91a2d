//! The integration tests of this crate, one binary, one module an area.

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
mod cert_book;
mod cert_score_model;
mod cert_status_model;
mod cert_tally_model;
mod cert_vectors;
mod law;
mod lexicon;
mod lexicon_properties;
mod report_limits;
mod sharing;
mod trade;
mod trade_hostile;
mod vectors;
