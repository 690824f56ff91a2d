//! Clock rules: from a start and a period to the operational target and the legal outer date (LW-30).
//!
//! The target is the literal time and is planned to; the outer date is what remains after rounding and
//! rolls and is only shown. Not here: which event starts the clock (`duty`).

mod answer;

use std::fmt;

use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

use super::calendar::Calendar;
use super::time::{Instant, Unit, Within, Zone};
use super::world::utc;

pub use answer::{ClockAnswer, Question, answer};

/// The tag for the open question whether Art 3(5) of Regulation 1182/71 extends periods of hours.
pub const CONTESTED_HOURS: &str = "eu-1182-71.3.5.hours";

/// How a text counts; `time-rules.json` in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockRule {
    /// Brazil: business days.
    BrBusinessDays,
    /// Working days of a given calendar.
    BusinessDays,
    /// Local days, no roll.
    CalendarDays,
    /// China: natural days, the last rolls over rest days.
    CnNaturalDays,
    /// Regulation (EEC, Euratom) 1182/71 Art 3.
    Eu118271,
    /// Delegated Regulation (EU) 2025/301 Art 5.
    EuDoraRts5,
    /// France: Saturday works.
    FrJoursOuvrables,
    /// As it says.
    Literal,
    /// No computed clock.
    None,
    /// A deadline exists but nobody knows it.
    Unknown,
    /// Form 8-K: business days that end at 17:30 in New York.
    Us8kBusinessDays,
}

impl ClockRule {
    /// All rules.
    pub const ALL: [Self; 11] = [
        Self::BrBusinessDays,
        Self::BusinessDays,
        Self::CalendarDays,
        Self::CnNaturalDays,
        Self::Eu118271,
        Self::EuDoraRts5,
        Self::FrJoursOuvrables,
        Self::Literal,
        Self::None,
        Self::Unknown,
        Self::Us8kBusinessDays,
    ];

    /// Returns the rule of an id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Some(match id {
            "br-business-days" => Self::BrBusinessDays,
            "business-days" => Self::BusinessDays,
            "calendar-days" => Self::CalendarDays,
            "cn-natural-days" => Self::CnNaturalDays,
            "eu-1182-71" => Self::Eu118271,
            "eu-dora-rts5" => Self::EuDoraRts5,
            "fr-jours-ouvrables" => Self::FrJoursOuvrables,
            "literal" => Self::Literal,
            "none" => Self::None,
            "unknown" => Self::Unknown,
            "us-8k-business-days" => Self::Us8kBusinessDays,
            _ => return None,
        })
    }

    /// Returns the zone it counts in when none is given.
    #[must_use]
    pub const fn default_zone(self) -> Option<&'static str> {
        match self {
            Self::BrBusinessDays => Some("America/Sao_Paulo"),
            Self::CalendarDays | Self::Literal => Some("UTC"),
            Self::CnNaturalDays => Some("Asia/Shanghai"),
            Self::FrJoursOuvrables => Some("Europe/Paris"),
            Self::Us8kBusinessDays => Some("America/New_York"),
            Self::BusinessDays | Self::Eu118271 | Self::EuDoraRts5 | Self::None | Self::Unknown => {
                None
            }
        }
    }

    /// Returns the calendar it counts by when none is given.
    #[must_use]
    pub const fn default_calendar(self) -> Option<&'static str> {
        match self {
            Self::BrBusinessDays => Some("BR"),
            Self::CnNaturalDays => Some("CN"),
            Self::FrJoursOuvrables => Some("FR"),
            Self::Us8kBusinessDays => Some("US-SEC"),
            Self::BusinessDays
            | Self::CalendarDays
            | Self::Eu118271
            | Self::EuDoraRts5
            | Self::Literal
            | Self::None
            | Self::Unknown => None,
        }
    }

    /// Says whether the rule can count this unit; `none` and `unknown` count nothing and take any.
    #[must_use]
    pub const fn takes(self, unit: Unit) -> bool {
        let business = matches!(unit, Unit::Business);
        match self {
            Self::BrBusinessDays
            | Self::BusinessDays
            | Self::FrJoursOuvrables
            | Self::Us8kBusinessDays => business,
            Self::CalendarDays
            | Self::CnNaturalDays
            | Self::Eu118271
            | Self::EuDoraRts5
            | Self::Literal => !business,
            Self::None | Self::Unknown => true,
        }
    }

    /// Says whether the outer date needs the zone of a place and its calendar.
    #[must_use]
    pub const fn needs_calendar(self, within: Within) -> bool {
        match self {
            Self::BrBusinessDays
            | Self::BusinessDays
            | Self::EuDoraRts5
            | Self::FrJoursOuvrables
            | Self::Us8kBusinessDays => true,
            Self::CnNaturalDays | Self::Eu118271 => !within.is_clock(),
            Self::CalendarDays | Self::Literal | Self::None | Self::Unknown => false,
        }
    }
}

/// Why a clock could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The rule needs a calendar.
    #[error("the rule needs a calendar")]
    Calendar,
    /// The result is past the year 9999.
    #[error("the date lies outside the years 0000 to 9999")]
    Range,
    /// The rule does not count this unit.
    #[error("the rule does not count this unit")]
    Unit,
    /// The rule needs a zone.
    #[error("the rule needs a zone")]
    Zone,
}

/// One step of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What was done.
    pub op: &'static str,
    /// The instant or date after it.
    pub value: String,
    /// For a reader, in English; pages render `op` in the reader's language.
    pub text: String,
}

impl Step {
    /// Returns a step.
    pub fn new(op: &'static str, value: impl fmt::Display, text: impl Into<String>) -> Self {
        Self { op, value: value.to_string(), text: text.into() }
    }
}

/// What a clock says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocked {
    /// The operational target.
    pub target: Option<Instant>,
    /// The legal outer date.
    pub outer: Option<Instant>,
    /// Open legal questions that touch the outer date.
    pub contested: Vec<&'static str>,
    /// Whether a day outside the range of the calendar was asked for.
    pub gap: bool,
    /// How it came about; the last two steps are `target` and `outer`.
    pub steps: Vec<Step>,
}

/// Where a clock counts.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The zone, if one is known.
    pub zone: Option<&'a Zone>,
    /// The calendar, if one is known.
    pub calendar: Option<&'a Calendar>,
}

/// Computes target and outer date of `within` from `start`.
pub fn clock(
    rule: ClockRule,
    start: Instant,
    within: Within,
    place: Place<'_>,
) -> Result<Clocked, ClockError> {
    if matches!(rule, ClockRule::None | ClockRule::Unknown) {
        return Ok(Clocked::default());
    }
    if !rule.takes(within.unit) {
        return Err(ClockError::Unit);
    }
    let needed = rule.needs_calendar(within);
    if needed && place.zone.is_none() {
        return Err(ClockError::Zone);
    }
    if needed && place.calendar.is_none() {
        return Err(ClockError::Calendar);
    }
    let zone = place.zone.unwrap_or(utc());
    let calendar = place.calendar.unwrap_or_else(|| Calendar::weekends_only());
    let mut run = Run { rule, start, within, zone, calendar, done: Clocked::default() };
    run.compute().ok_or(ClockError::Range)?;
    Ok(run.done)
}

/// One computation; every method that looks at a day records whether the calendar knew it.
struct Run<'a> {
    rule: ClockRule,
    start: Instant,
    within: Within,
    zone: &'a Zone,
    calendar: &'a Calendar,
    done: Clocked,
}

impl Run<'_> {
    fn step(&mut self, op: &'static str, value: impl fmt::Display, text: impl Into<String>) {
        self.done.steps.push(Step::new(op, value, text));
    }

    fn compute(&mut self) -> Option<()> {
        self.step("start", self.start, format!("start, counted in {}", self.zone.name()));
        let literal = self.literal()?;
        let outer = if self.within.count <= 0 { literal } else { self.outer(literal)? };
        let target = literal.min(outer);
        if target < literal {
            self.step("cap", target, "the target is never later than the outer date");
        }
        self.done.target = Some(target);
        self.done.outer = Some(outer);
        self.step("target", target, "operational target");
        self.step("outer", outer, "legal outer date");
        Some(())
    }

    /// The literal end: elapsed time in UTC; months, years and business days keep the wall clock.
    fn literal(&mut self) -> Option<Instant> {
        let end = if let Some(seconds) = self.within.seconds() {
            self.start.plus(seconds)?
        } else {
            let local = self.start.local(self.zone.tz());
            let date = self.last_day()?;
            Instant::of_local(date.to_datetime(local.time()), self.zone.tz())?
        };
        self.step("literal", end, format!("{} after the start", self.within));
        Some(end)
    }

    /// The day that many days, weeks, months, years or business days after the day of the event.
    fn last_day(&mut self) -> Option<Date> {
        let day = self.zone.date(self.start);
        let count = i64::from(self.within.count);
        match self.within.unit {
            Unit::Days => day.checked_add(Span::new().try_days(count).ok()?).ok(),
            Unit::Weeks => day.checked_add(Span::new().try_weeks(count).ok()?).ok(),
            Unit::Months => self.clamped(day, Span::new().try_months(count).ok()?),
            Unit::Years => self.clamped(day, Span::new().try_years(count).ok()?),
            Unit::Business => self.nth_working_day(day),
            Unit::Hours | Unit::Minutes => Some(day),
        }
    }

    fn clamped(&mut self, day: Date, span: Span) -> Option<Date> {
        let last = day.checked_add(span).ok()?;
        if last.day() != day.day() && !self.done.steps.iter().any(|s| s.op == "clamp") {
            self.step("clamp", last, "the month has no such day: its last day");
        }
        Some(last)
    }

    fn nth_working_day(&mut self, event: Date) -> Option<Date> {
        let mut day = event;
        let mut left = self.within.count;
        while left > 0 {
            day = day.tomorrow().ok()?;
            if self.works(day) {
                left -= 1;
            }
        }
        Some(day)
    }

    fn works(&mut self, day: Date) -> bool {
        self.done.gap |= !self.calendar.covers(day);
        self.calendar.works(day, self.rule == ClockRule::FrJoursOuvrables)
    }

    fn next_working_day(&mut self, mut day: Date) -> Option<Date> {
        while !self.works(day) {
            day = day.tomorrow().ok()?;
        }
        Some(day)
    }

    fn outer(&mut self, literal: Instant) -> Option<Instant> {
        match self.rule {
            ClockRule::Literal | ClockRule::None | ClockRule::Unknown => Some(literal),
            ClockRule::EuDoraRts5 => self.dora(literal),
            ClockRule::Eu118271 if self.within.is_clock() => self.full_hours(),
            ClockRule::CalendarDays | ClockRule::CnNaturalDays if self.within.is_clock() => {
                Some(literal)
            }
            ClockRule::BrBusinessDays
            | ClockRule::BusinessDays
            | ClockRule::CalendarDays
            | ClockRule::CnNaturalDays
            | ClockRule::Eu118271
            | ClockRule::FrJoursOuvrables
            | ClockRule::Us8kBusinessDays => self.days(),
        }
    }

    /// Art 3(1): the hour of the event is not counted, so the period runs from the next full hour.
    fn full_hours(&mut self) -> Option<Instant> {
        let full = (self.start.unix().div_euclid(3600) + 1) * 3600;
        let from = Instant::from_unix(full)?;
        self.step("exclude-hour", from, "the hour of the event is not counted (Art 3(1))");
        let long = self.within.unit == Unit::Hours && self.within.count >= 48;
        if long {
            self.done.contested.push(CONTESTED_HOURS);
        }
        from.plus(self.within.seconds()?)
    }

    fn dora(&mut self, literal: Instant) -> Option<Instant> {
        let day = self.zone.date(literal);
        if self.works(day) {
            return Some(literal);
        }
        let next = self.next_working_day(day)?;
        let noon = Instant::of_local(next.at(12, 0, 0, 0), self.zone.tz())?;
        self.step("roll", noon, "the limit falls on a rest day: noon of the next working day");
        Some(noon)
    }

    fn days(&mut self) -> Option<Instant> {
        let event = self.zone.date(self.start);
        self.step("exclude-day", event, "the day of the event is not counted");
        let mut last = self.last_day()?;
        self.step("count", last, format!("{} counted", self.within));
        if matches!(self.rule, ClockRule::CnNaturalDays | ClockRule::Eu118271) {
            last = self.rolled(last)?;
        }
        if self.rule == ClockRule::Eu118271 {
            last = self.two_working_days(event, last)?;
        }
        if self.rule == ClockRule::Us8kBusinessDays {
            let end = Instant::of_local(last.at(17, 30, 0, 0), self.zone.tz())?;
            self.step("cut-off", end, "filings close at 17:30 local time");
            return Some(end);
        }
        let end = Instant::end_of_day(last, self.zone.tz())?;
        self.step("end-of-day", end, format!("end of that day in {}", self.zone.name()));
        Some(end)
    }

    fn rolled(&mut self, last: Date) -> Option<Date> {
        let working = self.next_working_day(last)?;
        if working != last {
            self.step("roll", working, "the last day is a rest day: next working day");
        }
        Some(working)
    }

    /// Art 3(5): a period of two days or more holds at least two working days.
    fn two_working_days(&mut self, event: Date, mut last: Date) -> Option<Date> {
        if self.within.unit == Unit::Days && self.within.count < 2 {
            return Some(last);
        }
        let mut found = 0;
        let mut day = last;
        while day > event && found < 2 {
            found += i32::from(self.works(day));
            day = day.yesterday().ok()?;
        }
        if found >= 2 {
            return Some(last);
        }
        while found < 2 {
            last = last.tomorrow().ok()?;
            found += i32::from(self.works(last));
        }
        self.step("two-working-days", last, "extended until it holds two working days (Art 3(5))");
        Some(last)
    }
}
