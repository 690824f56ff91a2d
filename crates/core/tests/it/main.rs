//! The integration tests of this crate, one binary, one module an area.

mod case;
mod lexicon;
