//! What a running hub says and hears: languages, pages, JSON API and tasks.

pub mod i18n;
pub mod web;
