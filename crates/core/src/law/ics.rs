//! The dates of a case as a calendar that other programs read (RFC 5545).
//!
//! The operational target is the event, the legal outer date stands in its description: nobody shall plan
//! to it. Ids are stable, so that a calendar that is fetched again moves its events. Not here: HTTP.

use std::fmt::Write as _;

use comity_ledger::digest::{hex, sha256};

use super::output::{DutiesAnswer, NextDate};
use super::time::Instant;

/// Octets of a line at most, without its end (RFC 5545, 3.1).
const LINE_OCTETS_MAX: usize = 75;

/// Writes the dates of an answer. `case` and `hub` make the ids of the events unique in the world.
#[must_use]
pub fn calendar(answer: &DutiesAnswer, case: &str, hub: &str) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//comity//duties//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        format!("X-WR-CALNAME:{}", text(&format!("Duties of {case}"))),
    ];
    for date in answer.next_dates() {
        let floor = date.target.is_none();
        if let Some(at) = date.target.or(date.not_before) {
            lines.extend(event(&date, at, floor, answer, (case, hub)));
        }
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

fn event(
    date: &NextDate,
    at: Instant,
    floor: bool,
    answer: &DutiesAnswer,
    (case, hub): (&str, &str),
) -> Vec<String> {
    let id = hex(&sha256(format!("{case}\n{}", date.duty).as_bytes()));
    let id: String = id.chars().take(32).collect();
    let title = if floor { "not before" } else { "due" };
    let mut words = format!("Status: {}.", date.status);
    if let Some(outer) = date.outer {
        let _infallible = write!(words, "\nLegal outer date, not to be planned to: {outer}.");
    }
    if !date.warnings.is_empty() {
        let _infallible = write!(words, "\nWarnings: {}.", date.warnings.join(", "));
    }
    let _infallible = write!(words, "\n{}", answer.notice());
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{id}@{hub}"),
        format!("DTSTAMP:{}", stamp(answer.at())),
        format!("DTSTART:{}", stamp(at)),
        format!("SUMMARY:{}", text(&format!("{case}: {title} {}", date.duty))),
        format!("DESCRIPTION:{}", text(&words)),
        format!("CATEGORIES:{}", text(date.status)),
        "CLASS:CONFIDENTIAL".to_owned(),
        "TRANSP:TRANSPARENT".to_owned(),
    ];
    if !floor {
        lines.extend(["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT4H"].map(str::to_owned));
        lines.push(format!("DESCRIPTION:{}", text(&date.duty)));
        lines.push("END:VALARM".to_owned());
    }
    lines.push("END:VEVENT".to_owned());
    lines
}

/// An instant in UTC, `20261225T090000Z`.
fn stamp(at: Instant) -> String {
    at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

/// A text value: what would end it or begin another is escaped, control characters are left out.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line with its end, folded so that no part is over the limit and no character is cut.
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS_MAX {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_folded_between_characters() {
        let line = format!("SUMMARY:{}", "é漢".repeat(60));
        let folded = folded(&line);
        let parts: Vec<&str> = folded.split("\r\n").collect();
        assert!(parts.iter().all(|part| part.len() <= LINE_OCTETS_MAX), "{parts:?}");
        assert_eq!(folded.replace("\r\n ", "").trim_end(), line);
    }

    #[test]
    fn a_value_cannot_begin_another_line() {
        assert_eq!(text("a\r\nEND:VCALENDAR;x,y\\"), "a\\nEND:VCALENDAR\\;x\\,y\\\\");
    }
}
