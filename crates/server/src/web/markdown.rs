//! Markdown of advisories: no HTML of its own, no pictures, links to https only.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::i18n::Markup;

use super::visible::Foreign;

/// The longest text that is read as Markdown; a longer one is shown as plain text.
const BYTES_MAX: usize = 256 << 10;

/// Returns the body of an advisory as markup.
///
/// HTML in it is dropped, pictures give way to their words, links to anything but https lose their
/// target and keep their words. Headings start below those of the page.
#[must_use]
pub fn advisory_body(text: &str) -> Markup {
    if text.len() > BYTES_MAX {
        return Foreign::new(text, None).block();
    }
    let shown: String = text.chars().map(harmless).collect();
    let events = || Parser::new_ext(&shown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let heading = |event| {
        let Event::Start(Tag::Heading { level, .. }) = event else { return None };
        Some(depth(level))
    };
    let highest = events().filter_map(heading).min().unwrap_or(1);
    let mut kept = Kept { links: Vec::new(), highest };
    let mut html = String::with_capacity(shown.len() * 2);
    html::push_html(&mut html, events().filter_map(|event| kept.keep(event)));
    Markup::trusted(html)
}

/// Direction-changing and other invisible characters could reorder what a reader sees; here, unlike
/// in a finder's text, they are never the finding itself.
fn harmless(character: char) -> char {
    match character {
        '\u{200c}' | '\u{200d}' | '\u{a0}' | '\u{fe0f}' => character,
        other if crate::i18n::is_invisible(other) => '\u{fffd}',
        other => other,
    }
}

/// What the events before said.
struct Kept {
    /// Which of the links now open keep their target.
    links: Vec<bool>,
    /// The highest heading of the text, which becomes one below the page's sections.
    highest: u8,
}

impl Kept {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "another crate's enum: all that is not named here is plain text"
    )]
    fn keep<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        match event {
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Start(Tag::HtmlBlock | Tag::Image { .. })
            | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => None,
            Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
                let kept = is_https(&dest_url);
                self.links.push(kept);
                let title = CowStr::Borrowed("");
                kept.then_some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
            }
            Event::End(TagEnd::Link) => {
                self.links.pop().unwrap_or_default().then_some(Event::End(TagEnd::Link))
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let level = self.lower(level);
                Some(Event::Start(Tag::Heading {
                    level,
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }))
            }
            Event::End(TagEnd::Heading(level)) => {
                Some(Event::End(TagEnd::Heading(self.lower(level))))
            }
            other => Some(other),
        }
    }

    /// The page's own sections are second-level headings, and no level may be left out below them.
    fn lower(&self, level: HeadingLevel) -> HeadingLevel {
        match depth(level).saturating_sub(self.highest) {
            0 => HeadingLevel::H3,
            1 => HeadingLevel::H4,
            2 => HeadingLevel::H5,
            _ => HeadingLevel::H6,
        }
    }
}

fn is_https(address: &str) -> bool {
    let start = address.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    start && !address.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\')
}

/// Returns 1 for the highest heading.
const fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_markup_is_left() {
        let check = |text, expected| {
            assert_eq!(advisory_body(text).as_str().trim_end(), expected, "{text:?}");
        };
        check("a *b*", "<p>a <em>b</em></p>");
        check("# Title", "<h3>Title</h3>");
        check("## Title\n### Sub", "<h3>Title</h3>\n<h4>Sub</h4>");
        check("<script>alert(1)</script>", "");
        check("a <b onclick=x>b</b>", "<p>a b</p>");
        check("[x](https://example.org/)", "<p><a href=\"https://example.org/\">x</a></p>");
        check("[x](javascript:alert(1))", "<p>x</p>");
        check("[x](HTTP://example.org)", "<p>x</p>");
        check("[x](//example.org)", "<p>x</p>");
        check("[x](data:text/html,x)", "<p>x</p>");
        check("![words](https://example.org/a.png)", "<p>words</p>");
        check(
            "<https://example.org>",
            "<p><a href=\"https://example.org\">https://example.org</a></p>",
        );
        check("[![p](https://e.org/i)](javascript:x)", "<p>p</p>");
        check("a\u{202e}b", "<p>a\u{fffd}b</p>");
        check(
            "[x](https://e.org/ \"t\\\" onclick=alert(1)\")",
            "<p><a href=\"https://e.org/\">x</a></p>",
        );
    }

    #[test]
    fn a_text_over_the_limit_is_shown_as_it_is() {
        let text = "*a* ".repeat(BYTES_MAX / 4 + 1);
        assert!(advisory_body(&text).as_str().starts_with("<div class=\"said\""));
    }
}
