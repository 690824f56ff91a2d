//! Tests of the server crate.

mod pages;
mod report_form;
mod samples;
