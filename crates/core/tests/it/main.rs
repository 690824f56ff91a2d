//! The integration tests of `comity-core`, one binary, one module an area.

mod case;
mod lexicon;
