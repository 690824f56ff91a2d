//! The integration tests of `comity-core`, one binary.

mod lexicon;
//! Integration tests of `comity-core`, one module an area.

mod case;
