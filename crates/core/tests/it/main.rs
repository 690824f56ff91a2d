//! The integration tests of `comity-core`, one binary.

mod lexicon;
