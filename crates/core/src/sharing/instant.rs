//! Instants to the second, as exchanges write them: `2027-01-15T09:00:00Z`.
//!
//! Not here: the clock.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const SECONDS_OF_HOUR: i64 = 3_600;
const SECONDS_OF_DAY: i64 = 86_400;

/// A second of UTC.
///
/// Invariant: read from the one spelling `YYYY-MM-DDThh:mm:ssZ`, or such an instant and a span of the
/// policy, cut at the end of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i64);

/// Seconds count from here. Civil time, because an instant of `jiff` ends some hours before the year 9999 does.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Instant {
    /// `9999-12-31T23:59:59Z`, the last instant that has the one spelling, which many write for "no end".
    const LAST: i64 = 253_402_300_799;

    /// Reads the one spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shape = b"0000-00-00T00:00:00Z";
        let fits = text.len() == shape.len()
            && text.bytes().zip(shape).all(|(byte, form)| {
                if *form == b'0' { byte.is_ascii_digit() } else { byte == *form }
            });
        // A second of 60 would be taken as 59 by the parser; two texts would mean one instant.
        if !fits || text.ends_with(":60Z") {
            return None;
        }
        let civil: DateTime = text.strip_suffix('Z')?.parse().ok()?;
        Some(Self(civil.duration_since(EPOCH).as_secs()))
    }

    /// Returns the seconds since 1970.
    #[must_use]
    pub const fn as_second(self) -> i64 {
        self.0
    }

    /// Returns the instant that many hours later.
    #[must_use]
    pub fn plus_hours(self, hours: u32) -> Self {
        self.plus(i64::from(hours).saturating_mul(SECONDS_OF_HOUR))
    }

    /// Returns the instant that many days later.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        self.plus(i64::from(days).saturating_mul(SECONDS_OF_DAY))
    }

    fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).min(Self::LAST))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match EPOCH.checked_add(SignedDuration::from_secs(self.0)) {
            Ok(civil) => write!(f, "{civil}Z"),
            // Not reached: every instant here lies in the years 0 to 9999.
            Err(_) => write!(f, "{}", self.0),
        }
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
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an instant to the second"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_one_spelling_only() {
        let check =
            |text: &str, is_read| assert_eq!(Instant::parse(text).is_some(), is_read, "{text}");
        check("2027-01-15T09:00:00Z", true);
        check("9999-12-31T23:59:59Z", true);
        check("0000-01-01T00:00:00Z", true);
        check("2027-02-29T09:00:00Z", false);
        check("2027-01-15T24:00:00Z", false);
        check("2016-12-31T23:59:60Z", false);
        check("2027-01-15T09:00:00z", false);
        check("2027-01-15T09:00:00+00:00", false);
        check("2027-01-15T09:00:00.0Z", false);
        check("2027-01-15 09:00:00Z", false);
        check("+002027-01-15T09:00:0", false);
    }

    #[test]
    fn prints_what_it_read() {
        for text in [
            "2027-01-15T09:00:00Z",
            "1969-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(Instant::parse(text).unwrap().to_string(), text);
        }
        let last = Instant::parse("9999-12-30T21:00:00Z").unwrap().plus_days(365);
        assert_eq!(last.to_string(), "9999-12-31T23:59:59Z");
    }
}
