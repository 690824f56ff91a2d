//! Instants to the second, durations of one number and one unit, and local days of a zone.
//!
//! Not here: how a rule rounds or rolls (`clock`), and holidays (`calendar`).

use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

/// An instant cut to whole seconds.
///
/// Invariant: between the years 0000 and 9999, so that it always prints as `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i64);

impl Instant {
    /// The first instant of the year 0000.
    pub const MIN: Self = Self(-62_167_219_200);
    /// The last second of the year 9999.
    pub const MAX: Self = Self(253_402_300_799);

    /// Returns the instant `seconds` after 1970, if its year has four digits.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Option<Self> {
        if seconds < Self::MIN.0 || seconds > Self::MAX.0 { None } else { Some(Self(seconds)) }
    }

    /// Returns the seconds since 1970.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 instant with `Z` or an offset; a fraction is cut, nothing else is forgiven.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once('T')?;
        let date = parse_date(date)?;
        let clock = rest.get(..8)?;
        let (hour, minute, second) = parse_clock(clock)?;
        let rest = rest.get(8..)?;
        let rest = match rest.strip_prefix('.') {
            None => rest,
            Some(fraction) => {
                let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
                if digits == 0 {
                    return None;
                }
                fraction.get(digits..)?
            }
        };
        let offset = parse_offset(rest)?;
        let local = date.at(hour, minute, second, 0);
        Self::from_unix(civil_seconds(local).checked_sub(offset)?)
    }

    /// Returns the instant `seconds` later, or `None` past the year 9999.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Option<Self> {
        match self.0.checked_add(seconds) {
            Some(sum) => Self::from_unix(sum),
            None => None,
        }
    }

    /// Returns the wall clock of this instant in a zone.
    #[must_use]
    pub fn local(self, zone: &TimeZone) -> DateTime {
        if let Ok(at) = Timestamp::from_second(self.0) {
            return zone.to_datetime(at);
        }
        let since = SignedDuration::from_secs(self.0 + late_offset(zone));
        EPOCH.checked_add(since).unwrap_or(DateTime::MAX)
    }

    /// Returns the instant of a wall clock: later by the gap where it does not exist, the first of two.
    #[must_use]
    pub fn of_local(local: DateTime, zone: &TimeZone) -> Option<Self> {
        Self::from_unix(match zone.to_timestamp(local) {
            Ok(at) => at.as_second(),
            Err(_) => civil_seconds(local) - late_offset(zone),
        })
    }

    /// Returns the last second of a local day: one second before the next local day begins.
    #[must_use]
    pub fn end_of_day(date: Date, zone: &TimeZone) -> Option<Self> {
        Self::of_local(date.tomorrow().ok()?.at(0, 0, 0, 0), zone)?.plus(-1)
    }

    /// Returns the first instant of a local day.
    #[must_use]
    pub fn start_of_day(date: Date, zone: &TimeZone) -> Option<Self> {
        Self::of_local(date.at(0, 0, 0, 0), zone)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.local(&TimeZone::UTC);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Seconds of a wall clock since 1970 as if it were UTC.
fn civil_seconds(local: DateTime) -> i64 {
    local.duration_since(EPOCH).as_secs()
}

/// The offset of a zone in the last day of the year 9999, which timestamps do not reach.
fn late_offset(zone: &TimeZone) -> i64 {
    i64::from(zone.to_offset(Timestamp::MAX).seconds())
}

fn two(text: &str) -> Option<i8> {
    let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Reads `YYYY-MM-DD`.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Date::new(year.parse().ok()?, two(month)?, two(day)?).ok()
}

fn parse_clock(text: &str) -> Option<(i8, i8, i8)> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (two(parts.next()?)?, two(parts.next()?)?, two(parts.next()?)?);
    let fits = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    fits.then_some((hour, minute, second))
}

fn parse_offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (i64::from(two(hours)?), i64::from(two(minutes)?));
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// A time zone of the bundled IANA data with the exact name it was asked for by.
#[derive(Clone, Debug)]
pub struct Zone {
    name: Arc<str>,
    tz: TimeZone,
}

impl Zone {
    /// Returns UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".into(), tz: TimeZone::UTC }
    }

    /// Returns the zone of an IANA name, written exactly so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let tz = TimeZone::get(name).ok()?;
        (tz.iana_name() == Some(name)).then(|| Self { name: name.into(), tz })
    }

    /// Returns the IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the rules of the zone.
    #[must_use]
    pub const fn tz(&self) -> &TimeZone {
        &self.tz
    }

    /// Returns the local day of an instant.
    #[must_use]
    pub fn date(&self, at: Instant) -> Date {
        at.local(&self.tz).date()
    }
}

/// The unit of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Hours of elapsed time.
    Hours,
    /// Minutes of elapsed time.
    Minutes,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Calendar months.
    Months,
    /// Calendar years.
    Years,
    /// Business days.
    Business,
}

/// A period of one number and one unit, for example `PT72H` or `-P30D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// How many; below zero counts backwards.
    pub count: i32,
    /// Of what.
    pub unit: Unit,
}

impl Within {
    /// Reads `-?P(\d{1,4}[YMWDB]|T\d{1,5}[HM])`; backwards business days are refused.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, body) = match text.strip_prefix('-') {
            Some(body) => (-1, body),
            None => (1, text),
        };
        let body = body.strip_prefix('P')?;
        let (clock, body) = match body.strip_prefix('T') {
            Some(body) => (true, body),
            None => (false, body),
        };
        let digits = body.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > if clock { 5 } else { 4 } {
            return None;
        }
        let unit = match (clock, body.get(digits..)?) {
            (true, "H") => Unit::Hours,
            (true, "M") => Unit::Minutes,
            (false, "D") => Unit::Days,
            (false, "W") => Unit::Weeks,
            (false, "M") => Unit::Months,
            (false, "Y") => Unit::Years,
            (false, "B") => Unit::Business,
            _ => return None,
        };
        if sign < 0 && unit == Unit::Business {
            return None;
        }
        let count: i32 = body.get(..digits)?.parse().ok()?;
        Some(Self { count: sign * count, unit })
    }

    /// Returns the length in seconds when the unit is elapsed time.
    #[must_use]
    pub fn seconds(self) -> Option<i64> {
        let unit = match self.unit {
            Unit::Hours => 3600,
            Unit::Minutes => 60,
            Unit::Days => 86_400,
            Unit::Weeks => 604_800,
            Unit::Months | Unit::Years | Unit::Business => return None,
        };
        Some(i64::from(self.count) * unit)
    }

    /// Returns about how long this is in seconds, to compare periods of different units.
    #[must_use]
    pub fn about_seconds(self) -> i64 {
        self.seconds().unwrap_or_else(|| {
            i64::from(self.count)
                * match self.unit {
                    Unit::Months => 2_629_746,
                    Unit::Years => 31_556_952,
                    // Five business days are a week.
                    Unit::Business => 120_960,
                    Unit::Hours | Unit::Minutes | Unit::Days | Unit::Weeks => 0,
                }
        })
    }

    /// Says whether the unit is shorter than a day.
    #[must_use]
    pub const fn is_clock(self) -> bool {
        matches!(self.unit, Unit::Hours | Unit::Minutes)
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, letter) = match self.unit {
            Unit::Hours => ("T", 'H'),
            Unit::Minutes => ("T", 'M'),
            Unit::Days => ("", 'D'),
            Unit::Weeks => ("", 'W'),
            Unit::Months => ("", 'M'),
            Unit::Years => ("", 'Y'),
            Unit::Business => ("", 'B'),
        };
        let sign = if self.count < 0 { "-" } else { "" };
        write!(f, "{sign}P{mark}{}{letter}", self.count.unsigned_abs())
    }
}
