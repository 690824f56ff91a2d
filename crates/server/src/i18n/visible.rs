//! Invisible and direction-changing characters shown as tokens, because they are often the finding
//! itself, or an attempt to make a name look like another (PO-10).

use super::{Markup, escape};

/// Returns text as markup with every invisible character shown as a token such as `U+202E`.
#[must_use]
pub fn visible(text: &str) -> Markup {
    let mut html = String::with_capacity(text.len() + 16);
    let mut plain = String::new();
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if is_invisible(character) && !belongs(before, character, rest.peek().copied()) {
            html.push_str(&escape(&plain));
            plain.clear();
            html.push_str("<span class=\"token\">");
            html.push_str(&token(character));
            html.push_str("</span>");
        } else {
            plain.push(character);
        }
        before = Some(character);
    }
    html.push_str(&escape(&plain));
    Markup::trusted(html)
}

pub(crate) fn token(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Whether a character has no picture of its own or changes the order of others.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    match character {
        // A textarea sends CRLF; alone or not, a carriage return means a line end.
        '\n' | '\r' | '\t' => false,
        c if c.is_control() => true,
        c => INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c)),
    }
}

/// Format, filler, variation, tag and private characters of Unicode 17.
const INVISIBLE: [(char, char); 29] = [
    ('\u{00a0}', '\u{00a0}'),
    ('\u{00ad}', '\u{00ad}'),
    ('\u{034f}', '\u{034f}'),
    ('\u{061c}', '\u{061c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{2000}', '\u{200f}'),
    ('\u{2028}', '\u{202f}'),
    ('\u{205f}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e007f}'),
    ('\u{e0080}', '\u{e00ff}'),
    ('\u{e0100}', '\u{e01ef}'),
    ('\u{f0000}', '\u{ffffd}'),
    ('\u{100000}', '\u{10fffd}'),
];

/// Whether an invisible character is ordinary spelling here: a joiner between letters of a script
/// that needs it, a joiner between emoji, the emoji sign after a symbol.
fn belongs(before: Option<char>, character: char, after: Option<char>) -> bool {
    let joins = |c: Option<char>| {
        c.is_some_and(|c| matches!(c, '\u{0620}'..='\u{06ff}' | '\u{0900}'..='\u{0dff}'))
    };
    let symbol = |c: Option<char>| {
        c.is_some_and(
            |c| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}'),
        )
    };
    match character {
        '\u{200c}' => joins(before) && joins(after),
        '\u{200d}' => (joins(before) && joins(after)) || (symbol(before) && symbol(after)),
        '\u{fe0f}' => before != Some('\u{fe0f}') && symbol(before),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_become_tokens_and_markup_is_escaped() {
        let check = |text, expected: &str| assert_eq!(visible(text).as_str(), expected, "{text:?}");
        let token = |code: &str| format!("<span class=\"token\">{code}</span>");
        check("plain <b> & \"q\"", "plain &lt;b&gt; &amp; &#34;q&#34;");
        check("a\u{202e}b", &format!("a{}b", token("U+202E")));
        check("a\u{200b}", &format!("a{}", token("U+200B")));
        check("\u{e0041}", &token("U+E0041"));
        check("\u{0}", &token("U+0000"));
        check("line\r\nnext\ttab", "line\r\nnext\ttab");
        check("می\u{200c}خواهم", "می\u{200c}خواهم");
        check("a\u{200c}b", &format!("a{}b", token("U+200C")));
        check("❤\u{fe0f}", "❤\u{fe0f}");
        check("a\u{fe0f}", &format!("a{}", token("U+FE0F")));
        check("❤\u{fe0f}\u{fe0f}", &format!("❤\u{fe0f}{}", token("U+FE0F")));
    }
}
