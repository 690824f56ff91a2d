//! Tests of the server crate.

mod job;
mod pages;
mod report_form;
mod samples;
mod world;
