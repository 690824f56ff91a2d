//! Days and instants as certification documents write them, and arithmetic on them.
//!
//! Not here: the clock. A day is a civil day in UTC, both ends of a period belong to it.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most days that are added at once; the calendar ends before.
const DAYS_MAX: i64 = 4_000_000;

/// A civil day, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// Reads exactly `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        let year = number(&[*y1, *y2, *y3, *y4])?;
        let month = i8::try_from(number(&[*m1, *m2])?).ok()?;
        let day = i8::try_from(number(&[*d1, *d2])?).ok()?;
        Date::new(year, month, day).ok().map(Self)
    }

    /// Returns the day this many days later, or the last one of the calendar.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        let days = days.clamp(-DAYS_MAX, DAYS_MAX);
        let last = || if days < 0 { Date::constant(0, 1, 1) } else { Date::constant(9999, 12, 31) };
        let later = self.0.checked_add(days.days()).ok().filter(|date| date.year() >= 0);
        Self(later.unwrap_or_else(last))
    }

    /// Returns the days from `earlier` to this day; negative if it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.duration_since(earlier.0).as_hours() / 24
    }

    /// Returns whether the day is a Saturday or a Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday)
    }

    /// Returns the last millisecond of the day in UTC.
    #[must_use]
    pub fn end(self) -> Instant {
        let next = self.0.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
        let start = next.unwrap_or(Timestamp::MIN);
        let length = SignedDuration::from_millis(86_400_000 - 1);
        Instant(start.saturating_add(length).unwrap_or(start))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("bad-date"))
    }
}

/// An instant in UTC, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(Timestamp);

impl Instant {
    /// Reads `YYYY-MM-DDThh:mm:ss`, up to three decimals, and `Z`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('T')?;
        let day = Day::parse(day)?;
        let time = time.strip_suffix('Z')?;
        let (clock, millis) = match time.split_once('.') {
            Some((clock, decimals)) => (clock, decimals_as_millis(decimals)?),
            None => (time, 0),
        };
        let [h1, h2, b':', m1, m2, b':', s1, s2] = clock.as_bytes() else {
            return None;
        };
        let hour = i8::try_from(number(&[*h1, *h2])?).ok()?;
        let minute = i8::try_from(number(&[*m1, *m2])?).ok()?;
        let second = i8::try_from(number(&[*s1, *s2])?).ok()?;
        let time = jiff::civil::Time::new(hour, minute, second, millis * 1_000_000).ok()?;
        let zoned = day.0.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
        Some(Self(zoned.timestamp()))
    }

    /// Takes an instant, cut to the millisecond.
    #[must_use]
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Self(Timestamp::from_millisecond(timestamp.as_millisecond()).unwrap_or(timestamp))
    }

    /// Returns the last millisecond before the instant.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MIN))
    }

    /// Returns the instant as milliseconds since 1970.
    #[must_use]
    pub fn as_millisecond(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Returns the day in UTC.
    #[must_use]
    pub fn day(self) -> Day {
        Day(self.0.to_zoned(TimeZone::UTC).date())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("bad-date"))
    }
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |sum, digit| {
        let value = digit.checked_sub(b'0').filter(|value| *value < 10)?;
        sum.checked_mul(10)?.checked_add(i16::from(value))
    })
}

fn decimals_as_millis(decimals: &str) -> Option<i32> {
    let scale = match decimals.len() {
        1 => 100,
        2 => 10,
        3 => 1,
        _ => return None,
    };
    number(decimals.as_bytes()).map(|value| i32::from(value) * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_days_and_instants_of_one_spelling_only() {
        for bad in ["2031-2-01", "2031-02-30", "2031-02-01 ", "31-02-01", "+031-02-01", ""] {
            assert_eq!(Day::parse(bad), None, "{bad:?}");
        }
        for bad in [
            "2031-02-01",
            "2031-02-01T24:00:00Z",
            "2031-02-01T00:00:60Z",
            "2031-02-01T00:00:00.Z",
            "2031-02-01T00:00:00.0000Z",
            "2031-02-01T00:00:00+00:00",
            "2031-02-01t00:00:00z",
        ] {
            assert_eq!(Instant::parse(bad), None, "{bad:?}");
        }
        let print = |text: &str| Instant::parse(text).unwrap().to_string();
        assert_eq!(print("2031-02-01T09:02:00Z"), "2031-02-01T09:02:00.000Z");
        assert_eq!(print("2031-02-01T09:02:00.5Z"), "2031-02-01T09:02:00.500Z");
        assert_eq!(print("2031-02-01T09:02:00.050Z"), "2031-02-01T09:02:00.050Z");
    }

    #[test]
    fn adds_and_counts_days() {
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(day("2031-01-15").plus(45), day("2031-03-01"));
        assert_eq!(day("2031-03-01").since(day("2031-01-15")), 45);
        assert_eq!(day("2031-01-15").since(day("2031-03-01")), -45);
        assert_eq!(day("9999-12-31").plus(i64::MAX).to_string(), "9999-12-31");
        assert_eq!(day("0000-01-01").plus(i64::MIN).to_string(), "0000-01-01");
        assert_eq!(day("2031-06-30").end().to_string(), "2031-06-30T23:59:59.999Z");
        assert_eq!(day("2031-06-30").end().day(), day("2031-06-30"));
        assert!(day("2031-06-28").is_weekend() && !day("2031-06-30").is_weekend());
    }
}
