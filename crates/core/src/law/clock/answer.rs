//! `comity.clock/1`: one clock computed from texts, with a refusal for each that cannot be read.

use serde::Serialize;

use super::{ClockError, ClockRule, Place, Step, clock};
use crate::law::calendar::Calendar;
use crate::law::refused::{Code, Refused};
use crate::law::time::{Instant, Within, Zone};

/// What is asked; the members as they were written.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The clock rule.
    pub rule: &'q str,
    /// The start.
    pub from: &'q str,
    /// The period.
    pub within: &'q str,
    /// The zone, else that of the rule.
    pub tz: Option<&'q str>,
    /// The calendar, else that of the rule.
    pub calendar: Option<&'q str>,
}

/// `comity.clock/1`.
#[derive(Debug, Serialize)]
pub struct ClockAnswer {
    schema: &'static str,
    rule: String,
    from: Instant,
    within: String,
    tz: Option<String>,
    calendar: Option<String>,
    /// The operational target.
    pub target: Option<Instant>,
    /// The legal outer date.
    pub outer: Option<Instant>,
    contested: Vec<&'static str>,
    warnings: Vec<&'static str>,
    /// How it came about.
    pub steps: Vec<Step>,
}

/// Answers one question about a clock; a refusal points at the member of the question, as in `/from`.
pub fn answer(question: Question<'_>) -> Result<ClockAnswer, Refused> {
    let no = |code, place: &str, message: &str| Refused::new(code, place, message);
    let rule = ClockRule::parse(question.rule)
        .ok_or_else(|| no(Code::ClockRule, "/rule", "no such clock rule"))?;
    let from = Instant::parse(question.from).ok_or_else(|| {
        no(Code::Instant, "/from", "an instant needs a date, a time and Z or an offset")
    })?;
    let within = Within::parse(question.within)
        .ok_or_else(|| no(Code::Duration, "/within", "one number and one unit, such as PT72H"))?;
    let tz = question.tz.or(rule.default_zone());
    let zone = tz
        .map(|name| Zone::named(name).ok_or_else(|| no(Code::Zone, "/tz", "no such zone")))
        .transpose()?;
    let id = question.calendar.or(rule.default_calendar());
    let calendar = id
        .map(|id| {
            let found = Calendar::named(id);
            found.ok_or_else(|| no(Code::Calendar, "/calendar", "no such calendar"))
        })
        .transpose()?;
    let place = Place { zone: zone.as_ref(), calendar };
    let clocked = clock(rule, from, within, place).map_err(|error| match error {
        ClockError::Calendar => no(Code::ClockCalendar, "/calendar", &error.to_string()),
        ClockError::Range => no(Code::Duration, "/within", &error.to_string()),
        ClockError::Unit => no(Code::ClockUnit, "/within", &error.to_string()),
        ClockError::Zone => no(Code::ClockZone, "/tz", &error.to_string()),
    })?;
    let unknown = (rule == ClockRule::Unknown).then_some("clock-unknown");
    let gap = clocked.gap.then_some("calendar-gap");
    Ok(ClockAnswer {
        schema: "comity.clock/1",
        rule: question.rule.to_owned(),
        from,
        within: question.within.to_owned(),
        tz: tz.map(str::to_owned),
        calendar: id.map(str::to_owned),
        target: clocked.target,
        outer: clocked.outer,
        contested: clocked.contested,
        warnings: unknown.into_iter().chain(gap).collect(),
        steps: clocked.steps,
    })
}
