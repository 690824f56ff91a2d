//! Timers of a procedure: when a step is due (CT-25).
//!
//! A timer's end makes a proposal, a task or a publication, never a sanction (CT-24). Not here: the clock,
//! and who may pause a timer (`pause`).

use std::collections::BTreeSet;

use serde::Serialize;
use toml::Table;

use super::day::Day;
use super::pause::Pause;
use super::word::{Word as _, words};

/// A working-day timer looks at so many days at most; ten thousand years hold fewer.
const DAYS_LOOKED_AT_MAX: u32 = 4_000_000;

/// Ends that stand in the register or the standard as a day: pausing the timer would not move them.
const FIXED_ENDS: [&str; 3] = ["EXPIRE", "LAPSE", "TRADE_EFFECT"];

words! {
    /// Which days count.
    Calendar {
        Calendar = "calendar",
        Working = "working",
    }
}
words! {
    /// How sure the author of the profile is of a figure.
    Confidence {
        High = "high",
        Medium = "medium",
        Low = "low",
        Own = "own",
    }
}
words! {
    /// Whose decision pauses a timer.
    PausedBy {
        Official = "official",
        Organ = "organ",
    }
}

/// What changes the length of a timer for one whom it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstance {
    /// The jurisdiction is among the least developed.
    pub least_developed: bool,
    /// The concern is immediate.
    pub immediate: bool,
}

/// A timer of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Its name.
    pub name: String,
    /// How many days.
    pub days: u32,
    /// How many for the least developed jurisdictions.
    pub ldc_days: Option<u32>,
    /// How many if the concern is immediate.
    pub immediate_days: Option<u32>,
    /// After how many what its end brought about lapses.
    pub lapse_days: Option<u32>,
    /// Which days count.
    pub calendar: Calendar,
    /// The mark that starts it.
    pub starts: String,
    /// What its end makes.
    pub on_expiry: String,
    /// Where the figure comes from.
    pub analogue: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// Whose decision pauses it; an organ's unless the profile says otherwise.
    pub paused_by: PausedBy,
}

/// A timer that runs or is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The timer.
    pub timer: String,
    /// Whom or what it is about.
    pub about: String,
    /// The day its mark was set.
    pub since: Day,
    /// Its last day; while it is paused, the last day if it went on today.
    pub due: Day,
    /// What its end makes: a proposal, a task or a publication.
    pub on_expiry: String,
    /// Whether it is over.
    pub over: bool,
    /// How sure the profile's author is of the figure.
    pub confidence: String,
    /// The day since which it is paused, if it is.
    pub paused_since: Option<Day>,
    /// Days of all its pauses.
    pub paused_days: i64,
}

impl Timer {
    /// Reads a timer; `None` if it is none.
    #[must_use]
    pub fn read(table: &Table) -> Option<Self> {
        let text = |key| table.get(key).and_then(toml::Value::as_str);
        let number = |key| match table.get(key) {
            None => Some(None),
            Some(value) => u32::try_from(value.as_integer()?).ok().map(Some),
        };
        Some(Self {
            name: text("name")?.to_owned(),
            days: number("days")??,
            ldc_days: number("ldc_days")?,
            immediate_days: number("immediate_days")?,
            lapse_days: number("lapse_days")?,
            calendar: Calendar::parse(text("calendar")?)?,
            starts: text("starts")?.to_owned(),
            on_expiry: text("on_expiry")?.to_owned(),
            analogue: text("analogue")?.to_owned(),
            confidence: Confidence::parse(text("confidence")?)?,
            paused_by: match table.get("paused_by") {
                None => PausedBy::Organ,
                Some(value) => PausedBy::parse(value.as_str()?)?,
            },
        })
    }

    /// Returns how many days it has in these circumstances: the immediate go before the least developed.
    #[must_use]
    pub fn days_in(&self, circumstance: Circumstance) -> u32 {
        let immediate = self.immediate_days.filter(|_| circumstance.immediate);
        let least = self.ldc_days.filter(|_| circumstance.least_developed);
        immediate.or(least).unwrap_or(self.days)
    }

    /// Returns whether its end stands elsewhere as a day, so that a pause would change nothing.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        FIXED_ENDS.contains(&self.on_expiry.as_str())
    }

    /// Returns the last day, at whose end in UTC the timer ends, if its mark was set on `mark`.
    ///
    /// Working days skip weekends and the holidays listed.
    #[must_use]
    pub fn due(&self, mark: Day, holidays: &BTreeSet<Day>) -> Day {
        self.last_day(self.days, mark, holidays, &[])
    }

    /// Returns the last of `days` days after `mark` that count.
    ///
    /// The days of a pause, from the one after its first to its last, do not; pauses are in order and apart, and
    /// none begins after the timer is over.
    #[must_use]
    pub fn last_day(
        &self,
        days: u32,
        mark: Day,
        holidays: &BTreeSet<Day>,
        pauses: &[(Day, Day)],
    ) -> Day {
        match self.calendar {
            Calendar::Calendar => {
                let mut due = mark.plus(i64::from(days));
                for (from, until) in pauses {
                    let from = mark.max(*from);
                    if from <= due {
                        due = due.plus(until.since(from).max(0));
                    }
                }
                due
            }
            Calendar::Working => {
                let is_paused =
                    |day: Day| pauses.iter().any(|(from, until)| *from < day && day <= *until);
                let works = |day: Day| !day.is_weekend() && !holidays.contains(&day);
                let mut left = days;
                let mut day = mark;
                for _ in 0..DAYS_LOOKED_AT_MAX {
                    if left == 0 {
                        break;
                    }
                    day = day.plus(1);
                    left -= u32::from(works(day) && !is_paused(day));
                }
                // A last day that a pause cut short is made good from the day it goes on.
                for (from, until) in pauses {
                    if *from <= day {
                        day = day.max(*until);
                    }
                    while !works(day) && day.plus(1) > day {
                        day = day.plus(1);
                    }
                }
                day
            }
        }
    }

    /// Returns where the timer stands today for one whom it is about.
    #[must_use]
    pub fn standing(
        &self,
        run: Run<'_>,
        circumstance: Circumstance,
        holidays: &BTreeSet<Day>,
        pauses: &[Pause],
    ) -> Due {
        let Run { about, since, today } = run;
        let own: Vec<&Pause> =
            pauses.iter().filter(|pause| pause.is_of(&self.name, about, since)).collect();
        let spans: Vec<(Day, Day)> =
            own.iter().map(|pause| (pause.from, pause.until.unwrap_or(today))).collect();
        let due = self.last_day(self.days_in(circumstance), since, holidays, &spans);
        let paused_since = own.iter().find(|pause| pause.until.is_none()).map(|pause| pause.from);
        Due {
            timer: self.name.clone(),
            about: about.to_owned(),
            since,
            due,
            on_expiry: self.on_expiry.clone(),
            over: paused_since.is_none() && today > due,
            confidence: self.confidence.as_str().to_owned(),
            paused_since,
            paused_days: spans.iter().map(|(from, until)| until.since(*from).max(0)).sum(),
        }
    }
}

/// One run of a timer, looked at on a day.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Whom or what it is about.
    pub about: &'a str,
    /// The day its mark was set.
    pub since: Day,
    /// The day of the look.
    pub today: Day,
}
