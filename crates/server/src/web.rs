//! Pages as a pure rendering layer: a typed view and a language in, HTML out.
//!
//! Not here: routes, headers, sessions, storage. The caller decides what a page shows; each view is
//! one struct of public fields, each template holds no text of its own (`style.md`, Pages).
//!
//! Entry points: [`render`] for pages, [`report_form`] for what a finder sends, [`atom`] and
//! [`security_txt`] for what programs read, [`assets`] for style and icons.

pub mod advisory_page;
pub mod assets;
pub mod atom;
pub mod chrome;
mod edge;
pub mod http;
pub mod lexicon_page;
pub mod markdown;
pub mod report_form;
mod routes;
pub mod security_txt;
pub mod view;
pub mod visible;

pub use chrome::{Chrome, Hub};
pub(crate) use edge::Network;

use crate::i18n::Locale;

/// A page: one typed view with its template.
pub trait Page {
    /// Returns the whole page as HTML.
    fn page(&self, chrome: &Chrome, t: &Locale) -> String;
}

/// Returns a page in a language.
///
/// The HTML is complete, works without script and asks for nothing but `/assets/…`.
#[must_use]
pub fn render<P: Page>(view: &P, chrome: &Chrome, locale: &Locale) -> String {
    view.page(chrome, locale)
}
