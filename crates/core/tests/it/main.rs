//! The integration tests of `comity-core`, one binary.

mod assessment;
mod lexicon;
mod lexicon_properties;
mod report_limits;
mod vectors;
