//! The receipt code: twenty digits that find and open a finder's mailbox (portal.md, PO-21, PO-22).
//!
//! Not here: the keys made of a code (`app::mailbox`).

use sha2::{Digest as _, Sha256};

/// Digits of a code; the last one is the check digit.
pub const DIGITS: usize = 20;
/// Words of one language.
#[cfg(test)]
const WORDS: usize = 256;

/// A receipt code whose check digit is right.
///
/// Invariant: twenty ASCII digits that satisfy the Luhn rule.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptCode(String);

/// The text is no receipt code: a digit is wrong, missing or too many, or the words do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the receipt code is mistyped")]
pub struct Mistyped;

impl ReceiptCode {
    /// Makes a code of a random number below 10^19 and adds the check digit.
    #[must_use]
    pub fn of(random: u64) -> Self {
        let mut digits = format!("{:019}", random % 10_000_000_000_000_000_000);
        let check = (10 - luhn(&format!("{digits}0")) % 10) % 10;
        digits.push_str(&check.to_string());
        Self(digits)
    }

    /// Reads what a person typed: any Unicode digits; spaces, dashes and direction marks are dropped.
    pub fn parse(text: &str) -> Result<Self, Mistyped> {
        /// Characters that are looked at; far more than any way of writing a code needs.
        const CHARS_MAX: usize = 200;
        let mut digits = String::with_capacity(DIGITS);
        for character in text.chars().take(CHARS_MAX + 1).filter(|c| !is_dropped(*c)) {
            digits.push(digit(character).ok_or(Mistyped)?);
        }
        let whole = text.chars().count() <= CHARS_MAX && digits.len() == DIGITS;
        if whole && luhn(&digits).is_multiple_of(10) { Ok(Self(digits)) } else { Err(Mistyped) }
    }

    /// Returns the twenty digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Returns five groups of four.
    #[must_use]
    pub fn groups(&self) -> String {
        let mut out = String::with_capacity(DIGITS + 4);
        for (place, digit) in self.0.chars().enumerate() {
            if place > 0 && place.is_multiple_of(4) {
                out.push(' ');
            }
            out.push(digit);
        }
        out
    }

    /// Returns the two numbers that choose the check words.
    #[must_use]
    pub fn check(&self) -> (u8, u8) {
        let hash = Sha256::new()
            .chain_update(b"comity/receipt-code/1\0")
            .chain_update(self.0.as_bytes())
            .finalize();
        let mut bytes = hash.iter().copied();
        (bytes.next().unwrap_or_default(), bytes.next().unwrap_or_default())
    }

    /// Returns the check words in a language, if it has a list.
    #[must_use]
    pub fn words(&self, tag: &str) -> Option<(&'static str, &'static str)> {
        let (first, second) = self.check();
        let (_, list) = LISTS.iter().find(|(known, _)| *known == tag)?;
        let word = |number: u8| list.lines().nth(usize::from(number));
        word(first).zip(word(second))
    }

    /// Returns whether the words a person typed, in any of our languages, are those of the code.
    /// None at all is right: words are optional.
    #[must_use]
    pub fn fits(&self, typed: &str) -> bool {
        let typed: Vec<String> = typed
            .split(|c: char| !c.is_alphanumeric() && !is_mark(c))
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let matches = |(tag, _): &(&str, &str)| {
            self.words(tag).is_some_and(|(first, second)| typed == [first, second])
        };
        typed.is_empty() || LISTS.iter().any(matches)
    }
}

impl std::fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReceiptCode(…)")
    }
}

const LISTS: [(&str, &str); 2] = [
    ("ar", include_str!("../../../locales/ar/check-words.txt")),
    ("en", include_str!("../../../locales/en/check-words.txt")),
];

/// Combining marks belong to the word they stand in.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}')
}

const fn is_dropped(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2015}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{2212}' | '\u{feff}' | '.'
    ) || character.is_whitespace()
}

/// The zeros of the decimal digits of Unicode's scripts; nine more follow each.
const ZEROS: [u32; 41] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x11066, 0x1d7ce, 0x1e950,
];

fn digit(character: char) -> Option<char> {
    let point = u32::from(character);
    let value =
        ZEROS.iter().find_map(|zero| point.checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// Returns the Luhn sum of ASCII digits, the last of which is the check digit.
fn luhn(digits: &str) -> u32 {
    let values = digits.chars().rev().filter_map(|digit| digit.to_digit(10)).enumerate();
    values
        .map(
            |(place, value)| {
                if place.is_multiple_of(2) { value } else { value * 2 / 10 + value * 2 % 10 }
            },
        )
        .sum()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const CODE: &str = "4821 0937 5562 1048 7730";

    #[test]
    fn a_code_is_read_however_it_is_written() {
        let check =
            |text: &str, good: bool| assert_eq!(ReceiptCode::parse(text).is_ok(), good, "{text:?}");
        check(CODE, true);
        check("48210937556210487730", true);
        check("4821-0937–5562 1048\u{a0}7730", true);
        check("\u{200f}\u{2067}٤٨٢١ ٠٩٣٧ ٥٥٦٢ ١٠٤٨ ٧٧٣٠\u{2069}", true);
        check("４８２１　０９３７　５５６２　１０４８　７７３０", true);
        check("4821 0937 5562 1048 7731", false);
        check("8421 0937 5562 1048 7730", false);
        check("4821 0937 5562 1048 773", false);
        check("4821 0937 5562 1048 77300", false);
        check("", false);
        check("letters", false);
        check(&"4".repeat(5000), false);
    }

    #[test]
    fn words_are_chosen_by_the_digits() {
        let code = ReceiptCode::parse(CODE).unwrap();
        assert_eq!(code.check(), (103, 225));
        assert_eq!(code.groups(), CODE);
        for tag in ["en", "ar"] {
            let (first, second) = code.words(tag).unwrap();
            assert!(code.fits(&format!(" {first},  {} ", second.to_uppercase())), "{tag}");
            assert!(!code.fits(&format!("{second} {first}")) || first == second, "{tag}");
            assert!(!code.fits(first));
        }
        assert!(code.fits("") && code.fits(" , "));
        assert!(code.words("xx").is_none());
    }

    #[test]
    fn each_list_has_256_different_words() {
        for (tag, list) in LISTS {
            let words: BTreeSet<&str> = list.lines().collect();
            assert_eq!((list.lines().count(), words.len()), (WORDS, WORDS), "{tag}");
            for word in words {
                assert!(
                    word.chars().all(char::is_alphabetic) && word == word.to_lowercase(),
                    "{word:?}"
                );
            }
        }
    }

    #[test]
    fn made_codes_are_well_formed() {
        for random in [0, 1, 9_999_999_999_999_999_999, u64::MAX, 482_109_375_562_104_877] {
            let code = ReceiptCode::of(random);
            assert_eq!(ReceiptCode::parse(code.digits()), Ok(code.clone()));
        }
        assert_eq!(ReceiptCode::of(4_821_093_755_621_048_773).groups(), CODE);
    }
}
