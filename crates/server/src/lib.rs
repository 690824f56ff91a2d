//! Use cases, pages, JSON API and tasks of a hub.
//!
//! Pages and API of one feature are two callers of the same function in [`app`], so they cannot
//! disagree. Not here: rules (they are in `comity-core`) and SQL (it is in `comity-store`).

pub mod api;
pub mod app;
pub mod clock;
pub mod config;
pub mod demo;
pub mod i18n;
pub mod keys;
pub mod limits;
pub mod policy;
pub mod receipt_code;
pub mod rng;
pub mod serve;
pub mod tasks;
pub mod web;
