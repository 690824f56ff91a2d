//! Words for search: our own tokens, so that both engines find the same in every script.
//!
//! Unicode words after NFKC and case folding; runs of Chinese, Japanese and Korean characters as pairs,
//! because those scripts put no space between words.
//! Not here: ranking, which the engines do.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::engine::Engine;

/// How many tokens of one text are indexed.
pub const TOKENS_MAX: usize = 20_000;
/// How many tokens of one query are used.
pub const QUERY_TOKENS_MAX: usize = 16;
/// How long a token may be; longer ones are cut.
const TOKEN_CHARS_MAX: usize = 64;
/// Advisories that share a millisecond get neighbouring places. Places stay below 2^53 until the year 2100,
/// because they are cursors that may pass through JSON.
const PLACES_A_MS: i64 = 2_000;

/// What the tokens are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// To be found: the last character of a run is a token too, so that each character starts one.
    Indexed,
    /// To be looked for.
    Asked,
}

/// Returns the tokens under which a text is found, in order.
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    cut(text, Side::Indexed)
}

fn cut(text: &str, side: Side) -> Vec<String> {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let mut tokens = Vec::new();
    // First cut where the script changes between paired and spaced, then the spaced parts into words.
    let mut rest = folded.as_str();
    while let Some(first) = rest.chars().next() {
        let paired = is_paired(first);
        let end = rest.find(|c| is_paired(c) != paired).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        if paired {
            pairs(part, side, &mut tokens);
        } else {
            words(part, &mut tokens);
        }
        if tokens.len() >= TOKENS_MAX {
            break;
        }
        rest = after;
    }
    tokens.truncate(TOKENS_MAX);
    tokens
}

fn words(text: &str, tokens: &mut Vec<String>) {
    for word in text.unicode_words() {
        let parts = word.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric());
        for part in parts.filter(|part| part.chars().any(char::is_alphanumeric)) {
            tokens.push(part.chars().take(TOKEN_CHARS_MAX).collect());
        }
    }
}

fn pairs(text: &str, side: Side, tokens: &mut Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    tokens.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
    if let Some(last) = chars.last().filter(|_| side == Side::Indexed || chars.len() == 1) {
        tokens.push(last.to_string());
    }
}

/// Whether a character belongs to a script written without spaces between words.
const fn is_paired(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// What is looked for: all of these words.
pub(crate) struct Words(Vec<Word>);

struct Word {
    token: String,
    prefix: bool,
}

impl Words {
    /// Cuts a query. The last word may be unfinished, if it is long enough to narrow the search. None if the text
    /// holds no token.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let mut tokens = cut(text, Side::Asked);
        tokens.truncate(QUERY_TOKENS_MAX);
        let last = tokens.len().checked_sub(1)?;
        let open_ended = !text.ends_with(char::is_whitespace);
        let words = tokens.into_iter().enumerate().map(|(index, token)| {
            let prefix = is_single(&token) || (index == last && open_ended && is_prefix(&token));
            Word { token, prefix }
        });
        Some(Self(words.collect()))
    }

    /// The query in the engine's own notation.
    pub(crate) fn notation(&self, engine: Engine) -> String {
        // Tokens hold no quote and no backslash: `words` cuts at ASCII punctuation.
        let parts = self.0.iter().map(|Word { token, prefix }| match (engine, prefix) {
            (Engine::Postgres, false) => format!("'{token}'"),
            (Engine::Postgres, true) => format!("'{token}':*"),
            (Engine::Sqlite, false) => format!("\"{token}\""),
            (Engine::Sqlite, true) => format!("\"{token}\"*"),
        });
        let parts: Vec<String> = parts.collect();
        parts.join(match engine {
            Engine::Postgres => " & ",
            Engine::Sqlite => " ",
        })
    }

    /// How well indexed tokens match, in thousandths: more often is better, with less and less gain, and in a
    /// short text more. The same on both engines, and without counting a common word in all advisories.
    pub(crate) fn score(&self, tokens: &str) -> u64 {
        let tokens: Vec<&str> = tokens.split(' ').collect();
        let length = u64::try_from(tokens.len()).unwrap_or(u64::MAX);
        let scores = self.0.iter().map(|word| {
            let hit = |token: &&&str| {
                **token == word.token || (word.prefix && token.starts_with(&word.token))
            };
            let count = u64::try_from(tokens.iter().filter(hit).count()).unwrap_or(u64::MAX);
            // Okapi's saturation with k = 1.2, b = 0.75 and a usual length of 200, in whole numbers.
            let norm = 300_u64.saturating_add(length.saturating_mul(9).saturating_div(2));
            let count = count.saturating_mul(1_000);
            count.saturating_mul(1_000).checked_div(count.saturating_add(norm)).unwrap_or(0)
        });
        scores.sum()
    }
}

/// A single character of a paired script is looked for as the start of a pair.
fn is_single(token: &str) -> bool {
    let mut chars = token.chars();
    chars.next().is_some_and(is_paired) && chars.next().is_none()
}

fn is_prefix(token: &str) -> bool {
    token.chars().count() >= 3 && !token.chars().any(is_paired)
}

/// The first place of an instant in the order of publication.
pub(crate) const fn place(published_at: i64) -> i64 {
    published_at.saturating_mul(PLACES_A_MS)
}

/// The instant of a place.
pub(crate) const fn instant(place: i64) -> i64 {
    place.div_euclid(PLACES_A_MS)
}

/// The statement that indexes the tokens of `$2` at the place `$1`, and its `$2`.
pub(crate) fn index_statement(engine: Engine, tokens: &str) -> (&'static str, String) {
    match engine {
        // Our tokens go in as they are; the engine's own parser would cut them again.
        Engine::Postgres => (
            "insert into advisory_search_index (place, tokens) values ($1, cast($2 as tsvector))",
            vector(tokens),
        ),
        Engine::Sqlite => {
            ("insert into advisory_search_index (rowid, tokens) values ($1, $2)", tokens.to_owned())
        }
    }
}

fn vector(tokens: &str) -> String {
    // A tsvector counts positions up to 16383 and keeps 256 of each word.
    let words = tokens.split(' ').filter(|token| !token.is_empty()).enumerate();
    let words: Vec<String> = words
        .map(|(index, token)| format!("'{token}':{}", index.saturating_add(1).min(16_383)))
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_every_script_into_words_that_can_be_found() {
        let check = |text: &str, expected: &[&str]| assert_eq!(tokens(text), expected, "{text:?}");
        check("Prompt-Injection in RAG", &["prompt", "injection", "in", "rag"]);
        check("CVE-2026-01234", &["cve", "2026", "01234"]);
        check("提示注入", &["提示", "示注", "注入", "入"]);
        check("AIの脆弱性 test", &["ai", "の脆", "脆弱", "弱性", "性", "test"]);
        check("Ｆｕｌｌ　ｗｉｄｔｈ", &["full", "width"]);
        check("Über naïve", &["über", "naïve"]);
        check("字", &["字"]);
        check("can't 3.14 a_b", &["can", "t", "3", "14", "a", "b"]);
        check("' \" ) ( * : & \\", &[]);
        check("नमस्ते दुनिया", &["नमस्ते", "दुनिया"]);
        check("", &[]);
    }

    #[test]
    fn no_token_can_leave_its_quotes() {
        let ascii_and_some = (0..0x100).chain((0x100..=0x10_ffff_u32).step_by(61));
        for c in ascii_and_some.filter_map(char::from_u32) {
            for token in tokens(&format!("a{c}b")) {
                assert!(!token.contains(['\'', '"', '\\', ' ', '\0']), "{c:?} gives {token:?}");
            }
        }
    }
}
