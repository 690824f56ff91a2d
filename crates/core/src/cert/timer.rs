//! Timers of a procedure: when a step is due (CT-25).
//!
//! A timer's end makes a proposal, a task or a publication, never a sanction (CT-24). Not here: the clock.

use std::collections::BTreeSet;

use toml::Table;

use super::day::Day;
use super::word::{Word as _, words};

/// A working-day timer looks at so many days at most; ten thousand years hold fewer.
const DAYS_LOOKED_AT_MAX: u32 = 4_000_000;

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

/// A timer of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Its name.
    pub name: String,
    /// How many days.
    pub days: u32,
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
}

impl Timer {
    /// Reads a timer; `None` if it is none.
    #[must_use]
    pub fn read(table: &Table) -> Option<Self> {
        let text = |key| table.get(key).and_then(toml::Value::as_str);
        Some(Self {
            name: text("name")?.to_owned(),
            days: u32::try_from(table.get("days")?.as_integer()?).ok()?,
            calendar: Calendar::parse(text("calendar")?)?,
            starts: text("starts")?.to_owned(),
            on_expiry: text("on_expiry")?.to_owned(),
            analogue: text("analogue")?.to_owned(),
            confidence: Confidence::parse(text("confidence")?)?,
        })
    }

    /// Returns the last day, at whose end in UTC the timer ends, if its mark was set on `mark`.
    ///
    /// Working days skip weekends and the holidays listed.
    #[must_use]
    pub fn due(&self, mark: Day, holidays: &BTreeSet<Day>) -> Day {
        match self.calendar {
            Calendar::Calendar => mark.plus(i64::from(self.days)),
            Calendar::Working => {
                let mut left = self.days;
                let mut day = mark;
                for _ in 0..DAYS_LOOKED_AT_MAX {
                    if left == 0 {
                        break;
                    }
                    day = day.plus(1);
                    left -= u32::from(!day.is_weekend() && !holidays.contains(&day));
                }
                day
            }
        }
    }

    /// Returns whether the timer has ended by the day.
    #[must_use]
    pub fn is_over(&self, mark: Day, today: Day, holidays: &BTreeSet<Day>) -> bool {
        today > self.due(mark, holidays)
    }
}
