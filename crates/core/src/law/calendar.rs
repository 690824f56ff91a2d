//! Public holidays as dated data: which days are working days, and how far that is known.
//!
//! Not here: counting. Outside its range a calendar knows weekends alone and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

use super::time::parse_date;

const DATA: &str = include_str!("../../../../policies/calendars.json");

/// One calendar of `policies/calendars.json`.
#[derive(Clone, Debug)]
pub struct Calendar {
    id: String,
    weekend: BTreeSet<i8>,
    covers: (Date, Date),
    holidays: BTreeSet<Date>,
    working_weekends: BTreeSet<Date>,
}

impl Calendar {
    /// Returns the calendar of that id.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static Self> {
        CALENDARS.get(id)
    }

    /// Returns a calendar that knows weekends alone, for a place whose holidays nobody entered.
    #[must_use]
    pub fn weekends_only() -> &'static Self {
        &BARE
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Says whether the holidays of that day are known.
    #[must_use]
    pub fn covers(&self, date: Date) -> bool {
        self.covers.0 <= date && date <= self.covers.1
    }

    /// Says whether people work that day; `saturday` makes Saturday a working day (*jours ouvrables*).
    #[must_use]
    pub fn works(&self, date: Date, saturday: bool) -> bool {
        let day = date.weekday().to_monday_one_offset();
        let rest = self.weekend.contains(&day) && !(saturday && day == 6);
        !self.holidays.contains(&date) && (!rest || self.working_weekends.contains(&date))
    }
}

static BARE: LazyLock<Calendar> = LazyLock::new(|| Calendar {
    id: "weekends".to_owned(),
    weekend: BTreeSet::from([6, 7]),
    covers: (Date::MIN, Date::MAX),
    holidays: BTreeSet::new(),
    working_weekends: BTreeSet::new(),
});

/// The embedded file is ours and a test reads every calendar of it, so a bad entry cannot ship.
static CALENDARS: LazyLock<BTreeMap<String, Calendar>> = LazyLock::new(|| {
    let file: Option<File> = serde_json::from_str(DATA).ok();
    let entries = file.map(|f| f.calendars).unwrap_or_default();
    entries.into_iter().filter_map(|(id, raw)| raw.read(&id).map(|c| (id, c))).collect()
});

/// Returns the ids of all calendars.
pub fn ids() -> impl Iterator<Item = &'static str> {
    CALENDARS.keys().map(String::as_str)
}

#[derive(Deserialize)]
struct File {
    calendars: BTreeMap<String, Raw>,
}

#[derive(Deserialize)]
struct Raw {
    weekend: BTreeSet<i8>,
    covers: (String, String),
    holidays: Vec<Holiday>,
    working_weekends: Vec<String>,
}

#[derive(Deserialize)]
struct Holiday {
    date: String,
}

impl Raw {
    fn read(&self, id: &str) -> Option<Calendar> {
        let covers = (parse_date(&self.covers.0)?, parse_date(&self.covers.1)?);
        let holidays = self.holidays.iter().map(|h| parse_date(&h.date)).collect::<Option<_>>()?;
        let working = self.working_weekends.iter().map(|d| parse_date(d)).collect::<Option<_>>()?;
        Some(Calendar {
            id: id.to_owned(),
            weekend: self.weekend.clone(),
            covers,
            holidays,
            working_weekends: working,
        })
    }
}
