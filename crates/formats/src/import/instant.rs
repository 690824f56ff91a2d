//! Instants as foreign records write them, in the form that reports take.
//!
//! Reads RFC 3339, also without a zone (then UTC) and with more digits than milliseconds, which
//! are cut. Not here: dates in words.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// The instant used when a record has no readable date.
pub(super) const EPOCH: &str = "1970-01-01T00:00:00Z";

/// Returns the instant in UTC, to the millisecond, with as many fraction digits as given (≤ 3).
pub(super) fn instant(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    let (day, rest) = text.split_at_checked(10)?;
    let date = date(day)?;
    if rest.is_empty() {
        return Some(format!("{day}T00:00:00Z"));
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let time = clock_time(clock)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, zone) = rest.split_at_checked(end)?;
            (Some(digits).filter(|digits| !digits.is_empty())?, zone)
        }
        None => ("", rest),
    };
    let utc = to_utc(date, time, zone)?;
    let fraction = fraction.get(..3).unwrap_or(fraction);
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{}{dot}{fraction}Z", utc.strftime("%Y-%m-%dT%H:%M:%S")))
}

/// Returns the day with which a text begins, if the calendar has it.
pub(super) fn day(text: &str) -> Option<&str> {
    let (day, rest) = text.trim().split_at_checked(10)?;
    date(day)?;
    let ends = rest.is_empty() || rest.starts_with(['T', 't', ' ']);
    ends.then_some(day)
}

fn date(day: &str) -> Option<Date> {
    let shaped = day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !shaped || day.starts_with("0000") {
        return None;
    }
    let year = day.get(..4)?.parse().ok()?;
    let month = day.get(5..7)?.parse().ok()?;
    let of_month = day.get(8..10)?.parse().ok()?;
    Date::new(year, month, of_month).ok()
}

fn clock_time(clock: &str) -> Option<jiff::civil::Time> {
    let shaped = clock.bytes().enumerate().all(|(at, byte)| match at {
        2 | 5 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    if !shaped {
        return None;
    }
    let part = |from: usize| clock.get(from..from + 2)?.parse::<i8>().ok();
    jiff::civil::Time::new(part(0)?, part(3)?, part(6)?, 0).ok()
}

fn to_utc(date: Date, time: jiff::civil::Time, zone: &str) -> Option<DateTime> {
    let local = date.to_datetime(time);
    let (sign, rest) = match zone.split_at_checked(1) {
        None | Some(("Z" | "z", "")) => return Some(local),
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        Some(_) => return None,
    };
    let digits = rest.replacen(':', "", 1);
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..)?.parse().ok()?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    let utc = Offset::UTC.to_datetime(offset.to_timestamp(local).ok()?);
    (utc.year() >= 1).then_some(utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_records_hold_and_nothing_that_no_calendar_has() {
        let check =
            |text: &str, want: Option<&str>| assert_eq!(instant(text).as_deref(), want, "{text:?}");
        check("2026-01-01", Some("2026-01-01T00:00:00Z"));
        check("2024-07-02T18:48:05.344287Z", Some("2024-07-02T18:48:05.344Z"));
        check("2023-11-28T07:30:48.114307", Some("2023-11-28T07:30:48.114Z"));
        check("2023-11-28T00:00:00", Some("2023-11-28T00:00:00Z"));
        check("2021-12-14T08:00:00+00:00", Some("2021-12-14T08:00:00Z"));
        check("2021-12-14T01:30:00.5+02:00", Some("2021-12-13T23:30:00.5Z"));
        check("2026-03-05T08:00:00.000Z", Some("2026-03-05T08:00:00.000Z"));
        check("0001-01-01T00:00:00+01:00", None);
        check("2026-02-30", None);
        check("2026-01-01T24:00:00Z", None);
        check("2026-01-01T00:00:60Z", None);
        check("2026-01-01T00:00:00.Z", None);
        check("2026-01-01T00:00:00+99:99", None);
        check("last week", None);
        check("2026-01-0é", None);
        check("", None);
    }

    #[test]
    fn takes_the_day_of_a_date_or_an_instant() {
        assert_eq!(day("2026-06-01T00:00:00.000Z"), Some("2026-06-01"));
        assert_eq!(day("2026-06-31"), None);
        assert_eq!(day("2026-06-011"), None);
        assert_eq!(day("ééééé"), None);
    }
}
