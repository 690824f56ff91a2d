//! Pseudo-languages made at run time from English: they show what is not translated,
//! not mirrored, or cut off when text grows by 40 % (PO-40).

use std::borrow::Cow;

const PLAIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ACCENTED: &str = "àƀçđéƒĝĥîĵķļɱñôþɋŕšţûṽŵẋýžÀƁÇĐÉƑĜĤÎĴĶĻṀÑÔÞɊŔŠŢÛṼŴẊÝŽ";

/// Accents every letter and adds 40 % of length.
pub(super) fn longer(text: &str) -> Cow<'_, str> {
    let accented: String = text.chars().map(accent).collect();
    let padding = accented.chars().filter(|c| c.is_alphabetic()).count() * 2 / 5;
    let end = accented.trim_end().len();
    let (words, space) = accented.split_at(end);
    Cow::Owned(format!("{words}{}{space}", "~".repeat(padding)))
}

/// Turns the text right to left by an override, which no page of ours would contain.
pub(super) fn mirrored(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_alphabetic) {
        Cow::Owned(format!("\u{202e}{text}\u{202c}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn accent(letter: char) -> char {
    let place = PLAIN.chars().position(|plain| plain == letter);
    place.and_then(|place| ACCENTED.chars().nth(place)).unwrap_or(letter)
}
