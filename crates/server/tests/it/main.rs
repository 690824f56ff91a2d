//! Tests of the server crate.
#![expect(
    clippy::disallowed_methods,
    clippy::doc_markdown,
    clippy::indexing_slicing,
    clippy::large_stack_arrays,
    clippy::panic,
    clippy::similar_names,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands; a table of bad input is one table"
)]

mod access;
mod api;
mod api_bad;
mod canary;
mod cert;
mod cert_open;
mod faults;
mod job;
mod law;
mod law_packs;
mod pages;
mod reach;
mod report_form;
mod samples;
mod sharing;
mod site;
mod trade;
mod truth;
mod words;
mod world;
