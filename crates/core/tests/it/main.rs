//! The integration tests of `comity-core`, one binary.

mod assessment;
mod lexicon;
//! Integration tests of `comity-core`, one module an area.

mod case;
mod lexicon_properties;
mod report_limits;
mod vectors;
