//! Text from outside as pages show it: in its own language and direction, escaped, with invisible
//! characters as tokens. The text stays as it is; only its picture changes (PO-10, PO-43).

use crate::i18n::{Markup, escape, is_invisible, token, visible};

/// Words from outside: a finder's, a vendor's, a peer's. Never a message of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// The words, byte for byte.
    pub text: String,
    /// Their stated language; unknown is `und`.
    pub lang: Option<String>,
}

impl Foreign {
    /// Takes words and the language their author states.
    #[must_use]
    pub fn new(text: impl Into<String>, lang: Option<&str>) -> Self {
        Self { text: text.into(), lang: lang.map(str::to_owned) }
    }

    /// Returns the words inside a line of ours, in their own language and direction.
    #[must_use]
    pub fn inline(&self) -> Markup {
        let (lang, words) = (escape(self.language()), visible(&self.text));
        Markup::trusted(format!("<span lang=\"{lang}\" dir=\"auto\">{words}</span>"))
    }

    /// Returns the words in a block of their own, line breaks kept.
    #[must_use]
    pub fn block(&self) -> Markup {
        let (lang, words) = (escape(self.language()), visible(&self.text));
        Markup::trusted(format!("<div class=\"said\" lang=\"{lang}\" dir=\"auto\">{words}</div>"))
    }

    /// Returns the words for places without markup, such as a page's title: tokens in brackets.
    #[must_use]
    pub fn plain(&self) -> String {
        let show = |character: char| {
            if is_invisible(character) {
                format!("[{}]", token(character))
            } else {
                character.to_string()
            }
        };
        self.text.chars().map(show).collect()
    }

    /// Returns the stated language if it is a tag, else `und`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.lang.as_deref().filter(|tag| is_tag(tag)).unwrap_or("und")
    }
}

fn is_tag(tag: &str) -> bool {
    let part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    tag.len() <= 35 && tag.split('-').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stated_language_that_is_no_tag_is_unknown() {
        let check = |lang, expected: &str| {
            assert_eq!(
                Foreign::new("x", lang).inline().as_str(),
                format!("<span lang=\"{expected}\" dir=\"auto\">x</span>")
            );
        };
        check(Some("sw"), "sw");
        check(None, "und");
        check(Some("\"><script>"), "und");
        check(Some(""), "und");
    }
}
