//! Tests of the server crate.

mod access;
mod api;
mod api_bad;
mod canary;
mod faults;
mod job;
mod pages;
mod report_form;
mod samples;
mod site;
mod world;
