//! The one place where text becomes HTML.

use std::fmt;

/// HTML that may be written as it is.
///
/// Invariant: made only from escaped text and from markup written in this crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Takes markup that this crate wrote; every value in it was escaped by [`escape`].
    pub(crate) fn trusted(html: String) -> Self {
        Self(html)
    }

    /// Returns text as markup, with every special character escaped.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self(escape(text))
    }

    /// Returns the HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

impl askama::FastWritable for Markup {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(&self.0)?)
    }
}

/// Returns text escaped for element content and quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&#34;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}
