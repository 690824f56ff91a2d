//! Tests of the server crate.

mod job;
mod pages;
mod samples;
mod world;
