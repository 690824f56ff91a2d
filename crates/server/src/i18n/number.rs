//! Counts: Latin digits, grouped as the language does (PO-44).

/// Something that counts things.
pub trait Count {
    /// Returns the count; what is over `i64::MAX` counts as that.
    fn count(&self) -> i64;
}

macro_rules! counts {
    ($($kind:ty),*) => {$(
        impl Count for $kind {
            fn count(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )*};
}
counts!(u8, u16, u32, u64, usize, i32, i64);

impl<T: Count + ?Sized> Count for &T {
    fn count(&self) -> i64 {
        (**self).count()
    }
}

/// How a language groups digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    separator: char,
    first: usize,
    next: usize,
}

impl Grouping {
    /// Returns the grouping of a language (CLDR 48, Latin digits).
    #[must_use]
    pub fn of(tag: &str) -> Self {
        let language = tag.split('-').next().unwrap_or_default();
        match language {
            "fr" => Self { separator: '\u{202f}', first: 3, next: 3 },
            "ru" => Self { separator: '\u{a0}', first: 3, next: 3 },
            "de" | "es" | "pt" => Self { separator: '.', first: 3, next: 3 },
            "hi" => Self { separator: ',', first: 3, next: 2 },
            _ => Self { separator: ',', first: 3, next: 3 },
        }
    }
}

/// Returns an integer in Latin digits, grouped.
#[must_use]
pub fn grouped(number: i64, grouping: Grouping) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut reversed = Vec::with_capacity(digits.len() * 2);
    let mut left = grouping.first;
    for digit in digits.chars().rev() {
        if left == 0 {
            reversed.push(grouping.separator);
            left = grouping.next;
        }
        reversed.push(digit);
        left -= 1;
    }
    if number < 0 {
        reversed.push('\u{2212}');
    }
    reversed.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_as_the_language_does() {
        let check =
            |tag, number, expected| assert_eq!(grouped(number, Grouping::of(tag)), expected);
        check("en", 0, "0");
        check("en", 999, "999");
        check("en", 1_000_000, "1,000,000");
        check("ar", 1_000_000, "1,000,000");
        check("hi", 1_234_567, "12,34,567");
        check("de", -1234, "\u{2212}1.234");
    }
}
