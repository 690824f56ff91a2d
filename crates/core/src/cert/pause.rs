//! Pauses of timers, each by a logged decision, and holidays (CT-25).
//!
//! Only a timer that runs is paused, once at a time. Its days go on when it is resumed, so its last day is
//! moved by the days paused. A pause is to somebody's advantage, so an adopted motion on exactly this timer
//! must stand behind it, unless the profile leaves the timer to an official. Not here: counting (`timer`).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::day::Day;
use super::record::{ITEMS_MAX, Open, check_text};
use super::tally::State as Ballot;
use super::timer::{Calendar, Due, PausedBy, Timer};
use crate::refusal::Refusal;

/// The decision that a motion for a pause is on.
pub const DECISION: &str = "TIMER_PAUSED";

/// What everyone may read of a pause: reasons and names are sealed.
pub const PAUSE_OPEN: Open = Open::Only(&["timer", "about", "motion"]);

/// A timer is paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseTimer {
    /// The timer.
    pub timer: String,
    /// Whom or what it is about, as lists of what is due name it.
    pub about: String,
    /// Why.
    pub reason: String,
    /// The official who answers for it.
    pub official: String,
    /// The motion that decided it, about `timer/about`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<String>,
}

impl PauseTimer {
    /// Returns what a motion for this pause is about.
    #[must_use]
    pub fn thing(&self) -> String {
        format!("{}/{}", self.timer, self.about)
    }
}

/// A timer goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeTimer {
    /// The timer.
    pub timer: String,
    /// Whom or what it is about.
    pub about: String,
    /// Why.
    pub reason: String,
    /// The official who answers for it.
    pub official: String,
}

/// Holidays of a calendar are listed, ahead of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListHolidays {
    /// The calendar whose days skip them.
    pub calendar: Calendar,
    /// The days.
    pub days: Vec<Day>,
    /// Where they are laid down.
    pub source: String,
}

/// A pause of one run of a timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// As it was decided.
    pub act: PauseTimer,
    /// The day the timer's mark was set.
    pub since: Day,
    /// The first day; it still counted.
    pub from: Day,
    /// The last day; the next one counts again.
    pub until: Option<Day>,
    /// Why it went on, and who answers for that.
    pub resumed: Option<(String, String)>,
}

impl Pause {
    /// Returns whether it is a pause of this run of a timer.
    #[must_use]
    pub fn is_of(&self, timer: &str, about: &str, since: Day) -> bool {
        self.act.timer == timer && self.act.about == about && self.since == since
    }

    /// Returns what a reader sees; reasons and officials only if they are `told`.
    #[must_use]
    pub fn view(&self, told: bool) -> Value {
        let resumed = self.resumed.as_ref().filter(|_| told);
        json!({ "timer": self.act.timer, "about": self.act.about, "from": self.from,
            "until": self.until, "motion": self.act.motion,
            "reason": told.then_some(&self.act.reason),
            "official": told.then_some(&self.act.official),
            "resumed_because": resumed.map(|(reason, _)| reason),
            "resumed_by": resumed.map(|(_, official)| official) })
    }
}

/// Finds a timer among those that run and refuses a pause of it that is not decided.
///
/// `ballot` is where the motion named stands; the caller has seen to it that it is on this pause.
pub fn check_pause(
    act: &PauseTimer,
    dues: &[Due],
    timers: &[Timer],
    ballot: Option<Ballot>,
) -> Result<(), Refusal> {
    check_text(&act.reason, "reason")?;
    check_text(&act.official, "official")?;
    let unknown = || Refusal::new("id-unknown", "/timer");
    let runs = |due: &&Due| due.timer == act.timer && due.about == act.about;
    let due = dues.iter().find(runs).ok_or_else(unknown)?;
    let timer = timers.iter().find(|timer| timer.name == act.timer).ok_or_else(unknown)?;
    if timer.is_fixed() {
        return Err(Refusal::new("timer-fixed", "/timer"));
    }
    if let Some(since) = due.paused_since {
        return Err(Refusal::new("timer-paused", "/timer").with("since", since.to_string()));
    }
    if due.over {
        return Err(Refusal::new("timer-over", "/timer").with("due", due.due.to_string()));
    }
    match (ballot, timer.paused_by) {
        (Some(Ballot::Adopted), _) | (None, PausedBy::Official) => Ok(()),
        (None | Some(Ballot::NoQuorum | Ballot::Open | Ballot::Rejected), _) => {
            Err(Refusal::new("pause-undecided", "/motion"))
        }
    }
}

/// Returns the pause that a timer goes on from.
pub fn find_open(act: &ResumeTimer, pauses: &[Pause]) -> Result<usize, Refusal> {
    check_text(&act.reason, "reason")?;
    check_text(&act.official, "official")?;
    let is_one = |pause: &Pause| {
        pause.until.is_none() && pause.act.timer == act.timer && pause.act.about == act.about
    };
    pauses.iter().position(is_one).ok_or_else(|| Refusal::new("timer-not-paused", "/timer"))
}

/// Ends a pause.
pub fn resume(act: &ResumeTimer, pauses: &mut [Pause], today: Day) {
    let place = find_open(act, pauses);
    if let Some(pause) = place.ok().and_then(|place| pauses.get_mut(place)) {
        pause.until = Some(today.max(pause.from));
        pause.resumed = Some((act.reason.clone(), act.official.clone()));
    }
}

/// Refuses holidays that would move what is past, or days of a calendar that has none.
pub fn check_holidays(act: &ListHolidays, today: Day) -> Result<(), Refusal> {
    check_text(&act.source, "source")?;
    if act.calendar != Calendar::Working {
        return Err(Refusal::new("field-invalid", "/calendar"));
    }
    if act.days.is_empty() || act.days.len() > ITEMS_MAX {
        return Err(Refusal::new("field-invalid", "/days"));
    }
    match act.days.iter().position(|day| *day <= today) {
        None => Ok(()),
        Some(place) => Err(Refusal::new("bad-date", format!("/days/{place}"))
            .with("why", "holidays are listed ahead of time")),
    }
}
