//! Dates and lengths of time in words: Gregorian, Latin digits, 24 hours, the month as a word, zone
//! and UTC (PO-44).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::message::AsInstant;
use super::{Locale, Markup, escape};

/// Why a text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a duration such as P45D or PT72H")]
pub struct ParseDurationError;

/// A length of time in whole units, as ISO 8601 writes it: `P45D`, `PT72H`, `P2Y`.
///
/// Invariant: at least one unit; each at most six digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duration {
    parts: Vec<(Unit, u32)>,
}

impl Default for Duration {
    fn default() -> Self {
        Self { parts: vec![(Unit::Seconds, 0)] }
    }
}

impl Duration {
    /// Returns whether it lasts no time at all.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.parts.iter().all(|(_, number)| *number == 0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    Years,
    Months,
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds,
}

impl Unit {
    const fn message(self) -> &'static str {
        match self {
            Self::Days => "duration-days",
            Self::Hours => "duration-hours",
            Self::Minutes => "duration-minutes",
            Self::Months => "duration-months",
            Self::Seconds => "duration-seconds",
            Self::Weeks => "duration-weeks",
            Self::Years => "duration-years",
        }
    }

    const fn of(letter: char, in_time: bool) -> Option<Self> {
        match (letter, in_time) {
            ('D', false) => Some(Self::Days),
            ('H', true) => Some(Self::Hours),
            ('M', false) => Some(Self::Months),
            ('M', true) => Some(Self::Minutes),
            ('S', true) => Some(Self::Seconds),
            ('W', false) => Some(Self::Weeks),
            ('Y', false) => Some(Self::Years),
            _ => None,
        }
    }
}

impl std::str::FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix('P').ok_or(ParseDurationError)?;
        let (mut parts, mut digits, mut in_time) = (Vec::new(), String::new(), false);
        for letter in rest.chars() {
            match letter {
                '0'..='9' if digits.len() < 6 => digits.push(letter),
                'T' if digits.is_empty() && !in_time => in_time = true,
                _ => {
                    let unit = Unit::of(letter, in_time).ok_or(ParseDurationError)?;
                    let number = digits.parse().map_err(|_| ParseDurationError)?;
                    if parts.last().is_some_and(|(last, _)| *last >= unit) {
                        return Err(ParseDurationError);
                    }
                    parts.push((unit, number));
                    digits.clear();
                }
            }
        }
        if parts.is_empty() || !digits.is_empty() {
            return Err(ParseDurationError);
        }
        Ok(Self { parts })
    }
}

impl Locale {
    /// Returns an instant as a `time` element: "19 February 2027, 14:00 UTC+02:00 (12:00 UTC)".
    #[must_use]
    pub fn instant(&self, instant: impl AsInstant) -> Markup {
        let instant = instant.as_instant();
        Markup::trusted(format!(
            "<time datetime=\"{}\">{}</time>",
            machine(instant),
            escape(&self.instant_text(instant))
        ))
    }

    /// Returns an instant in words without markup.
    #[must_use]
    pub fn instant_text(&self, instant: impl AsInstant) -> String {
        let instant = instant.as_instant();
        let utc = instant.to_zoned(TimeZone::UTC);
        let own = instant.to_zoned(self.zone().clone());
        let clock = |time: jiff::civil::Time| format!("{:02}:{:02}", time.hour(), time.minute());
        if own.offset() == utc.offset() {
            let message = self.bare("date-instant").id("date", self.date_text(utc.date()));
            return message.id("time", clock(utc.time())).to_string();
        }
        let utc_clock = if own.date() == utc.date() {
            clock(utc.time())
        } else {
            format!("{} {}", self.date_text(utc.date()), clock(utc.time()))
        };
        self.bare("date-instant-zone")
            .id("date", self.date_text(own.date()))
            .id("time", clock(own.time()))
            .id("offset", offset(own.offset().seconds()))
            .id("utc", utc_clock)
            .to_string()
    }

    /// Returns the date of an instant in UTC as a `time` element.
    #[must_use]
    pub fn day(&self, instant: impl AsInstant) -> Markup {
        let instant = instant.as_instant();
        let text = self.day_text(instant);
        let date = instant.to_zoned(TimeZone::UTC).date();
        Markup::trusted(format!("<time datetime=\"{date}\">{}</time>", escape(&text)))
    }

    /// Returns the date of an instant in UTC in words.
    #[must_use]
    pub fn day_text(&self, instant: impl AsInstant) -> String {
        self.date_text(instant.as_instant().to_zoned(TimeZone::UTC).date())
    }

    /// Returns the month of an instant in UTC as a `time` element: "February 2027".
    #[must_use]
    pub fn month(&self, instant: impl AsInstant) -> Markup {
        let date = instant.as_instant().to_zoned(TimeZone::UTC).date();
        let month = self.bare(format!("date-month-{}", date.month())).to_string();
        let text =
            self.bare("date-month-year").id("month", month).id("year", date.year()).to_string();
        let machine = format!("{:04}-{:02}", date.year(), date.month());
        Markup::trusted(format!("<time datetime=\"{machine}\">{}</time>", escape(&text)))
    }

    /// Returns the year of an instant in UTC as a `time` element.
    #[must_use]
    pub fn year(&self, instant: impl AsInstant) -> Markup {
        let year = instant.as_instant().to_zoned(TimeZone::UTC).date().year();
        Markup::trusted(format!("<time datetime=\"{year:04}\">{year}</time>"))
    }

    /// Returns a civil date in words: "19 February 2027".
    #[must_use]
    pub fn date_text(&self, date: Date) -> String {
        let month = self.bare(format!("date-month-{}", date.month())).to_string();
        self.bare("date-day")
            .id("day", date.day())
            .id("month", month)
            .id("year", date.year())
            .to_string()
    }

    /// Returns a length of time in words: "45 days".
    #[must_use]
    pub fn duration(&self, duration: &Duration) -> String {
        let words = |(unit, number): &(Unit, u32)| {
            self.bare(unit.message()).count("n", *number).to_string()
        };
        let all: Vec<String> = duration.parts.iter().map(words).collect();
        self.list(&all)
    }

    /// Returns words joined as a list of the language.
    #[must_use]
    pub fn list(&self, words: &[String]) -> String {
        let mut rest = words.iter();
        let first = rest.next().cloned().unwrap_or_default();
        let join = |left: String, right: &String| {
            self.bare("list-join").name("left", left).name("right", right).to_string()
        };
        rest.fold(first, join)
    }
}

/// Returns an instant as RFC 3339 in UTC, with seconds.
pub(crate) fn machine(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '\u{2212}' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_strictly() {
        let good = |text: &str| assert!(text.parse::<Duration>().is_ok(), "{text}");
        let bad =
            |text: &str| assert_eq!(text.parse::<Duration>(), Err(ParseDurationError), "{text}");
        good("P45D");
        good("PT72H");
        good("P2Y");
        good("P1Y2M3W4DT5H6M7S");
        bad("P");
        bad("PT");
        bad("45D");
        bad("P5H");
        bad("PT5D");
        bad("P1D2Y");
        bad("P1.5D");
        bad("P1234567D");
        bad("P-1D");
    }
}
