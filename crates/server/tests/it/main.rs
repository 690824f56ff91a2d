//! Tests of the server crate.

mod pages;
mod samples;
