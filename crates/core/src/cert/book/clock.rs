//! Timers of a standard's room: what runs, what is due, what was paused, which days are holidays (CT-25).

use std::collections::{BTreeMap, BTreeSet};

use super::decide::check_room;
use super::{Book, StandardRecord};
use crate::cert::day::{Day, Instant};
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::pause::{self, ListHolidays, Pause, PauseTimer, ResumeTimer};
use crate::cert::profile::Profile;
use crate::cert::publication::{self, Lessons, PublishLessons};
use crate::cert::register::Effect;
use crate::cert::standard::Version;
use crate::cert::tally::State as Ballot;
use crate::cert::timer::{Circumstance, Due, Run};
use crate::cert::word::{ConcernState, Status, Word as _};
use crate::refusal::Refusal;

impl Book {
    /// Returns the holidays of working days as they were known at an instant.
    #[must_use]
    pub fn holidays(&self, profile: &Profile, at: Instant) -> BTreeSet<Day> {
        let known = self.holidays.iter().filter(|(listed, _)| *listed <= at);
        let listed = known.flat_map(|(_, act)| &act.days).copied();
        profile.holidays.iter().copied().chain(listed).collect()
    }

    /// Returns where a timer stands that a mark started, if the profile has it.
    #[must_use]
    pub fn running(&self, timer: &str, about: &str, since: Day, at: Instant) -> Option<Due> {
        let profile = &self.profile_at(at)?.profile;
        let run = Run { about, since, today: at.day() };
        let holidays = self.holidays(profile, at);
        let timer = profile.timer(timer)?;
        Some(timer.standing(run, self.circumstance(about), &holidays, &self.pauses))
    }

    /// Returns whether a timer is over; one that the profile has not is.
    pub(super) fn is_over(&self, timer: &str, about: &str, since: Day, at: Instant) -> bool {
        self.running(timer, about, since, at).is_none_or(|due| due.over)
    }

    /// Returns the last day of a timer whose end is written down when it starts.
    pub(super) fn end_of(
        &self,
        timer: &str,
        since: Day,
        circumstance: Circumstance,
        at: Instant,
    ) -> Option<Day> {
        let profile = &self.profile_at(at)?.profile;
        let timer = profile.timer(timer)?;
        let holidays = self.holidays(profile, at);
        Some(timer.last_day(timer.days_in(circumstance), since, &holidays, &[]))
    }

    /// Returns the last day of trade as before, if a jurisdiction is suspended from a day on.
    ///
    /// For an immediate concern there is none, unless the profile gives it days (CT-17).
    pub(super) fn wind_down(&self, from: Day, immediate: bool, at: Instant) -> Option<Day> {
        let timer = self.profile_at(at)?.profile.timer("wind-down")?;
        if immediate && timer.immediate_days.unwrap_or(0) == 0 {
            return None;
        }
        let circumstance = Circumstance { immediate, least_developed: false };
        self.end_of("wind-down", from, circumstance, at)
    }

    /// Returns what changes the length of timers about a jurisdiction or a concern.
    #[must_use]
    pub fn circumstance(&self, about: &str) -> Circumstance {
        let concern = self.concerns.get(about);
        let subject = self.timer_subject(about);
        let listed = subject.and_then(|urn| self.jurisdictions.get(&urn));
        Circumstance {
            least_developed: listed.is_some_and(|listed| listed.least_developed),
            immediate: concern.is_some_and(|concern| concern.raised.immediate),
        }
    }

    /// Returns the jurisdiction that a timer about something concerns; none for the standard itself.
    pub(super) fn timer_subject(&self, about: &str) -> Option<JurisdictionUrn> {
        if let Some(urn) = JurisdictionUrn::parse(about) {
            return Some(urn);
        }
        if let Some(concern) = self.concerns.get(about) {
            return Some(concern.raised.jurisdiction.clone());
        }
        let appealed = self.appeals.get(about).map_or(about, |appeal| &appeal.filed.event);
        self.register.event(appealed).map(|event| event.jurisdiction.clone())
    }

    /// Returns what is due at an instant, by day: proposals and tasks, never sanctions (CT-24).
    #[must_use]
    pub fn dues(&self, at: Instant) -> Vec<Due> {
        let Some(dated) = self.profile_at(at) else { return Vec::new() };
        let holidays = self.holidays(&dated.profile, at);
        let mut dues = Vec::new();
        for (mark, about, since) in self.marks_running(at) {
            for timer in dated.profile.timers.iter().filter(|timer| timer.starts == mark) {
                let run = Run { about: &about, since, today: at.day() };
                let circumstance = self.circumstance(&about);
                let mut due = timer.standing(run, circumstance, &holidays, &self.pauses);
                if timer.on_expiry == "TRADE_EFFECT" {
                    // The register says until when; an immediate suspension has no such day.
                    let Some(until) = self.wind_down_of(&about) else { continue };
                    due.due = until;
                    due.over = at.day() > until;
                }
                dues.push(due);
            }
        }
        dues.sort_by(|a, b| (a.due, &a.timer, &a.about).cmp(&(b.due, &b.timer, &b.about)));
        dues
    }

    /// Returns the marks that started something, with whom or what they are about and since when.
    fn marks_running(&self, at: Instant) -> Vec<(&'static str, String, Day)> {
        let today = at.day();
        let mut marks = Vec::new();
        for urn in self.jurisdictions.keys() {
            let standing = self.register.standing(urn, today, self.last_at);
            if let Some(since) = standing.since {
                marks.push((standing.status.as_str(), urn.to_string(), since));
            }
        }
        for (id, concern) in &self.concerns {
            let mark = match concern.state {
                ConcernState::Preliminary => "CONCERN_PRELIMINARY",
                ConcernState::Confirmed => "CONCERN_CONFIRMED",
                ConcernState::Dismissed | ConcernState::Resolved => continue,
            };
            if let Some(since) = concern.day(concern.state) {
                marks.push((mark, id.clone(), since));
            }
        }
        for (id, appeal) in self.appeals.iter().filter(|(_, appeal)| !appeal.is_decided()) {
            marks.push(("APPEAL_FILED", id.clone(), appeal.day));
        }
        marks.extend(self.decisions_open_to_appeal(at));
        for (urn, (day, _)) in &self.exits {
            marks.push(("EXIT_NOTICE", urn.to_string(), *day));
        }
        if self.version == Version::Applicable
            && let Some(since) = self.marks.get(&Version::Applicable)
        {
            marks.push(("APPLICABLE", self.standard().to_owned(), *since));
        }
        marks
    }

    /// Returns the decisions against which the time to appeal still runs.
    fn decisions_open_to_appeal(&self, at: Instant) -> Vec<(&'static str, String, Day)> {
        let appealed: BTreeSet<&str> =
            self.appeals.values().map(|appeal| appeal.filed.event.as_str()).collect();
        let decided: BTreeMap<&str, Day> = self
            .register
            .events()
            .iter()
            .filter(|event| self.decided_by.contains_key(&event.id))
            .filter(|event| !appealed.contains(event.id.as_str()))
            .map(|event| (event.id.as_str(), event.recorded_at.day()))
            .collect();
        let open = decided
            .into_iter()
            .filter(|(event, day)| !self.is_over("appeal-filing", event, *day, at));
        open.map(|(event, day)| ("DECISION", event.to_owned(), day)).collect()
    }

    /// Returns the last day of trade as before in the newest suspension of a jurisdiction.
    fn wind_down_of(&self, about: &str) -> Option<Day> {
        let suspended = Effect::Status(Status::Suspended);
        let mut events = self.register.events().iter().rev();
        let newest = events
            .find(|event| event.jurisdiction.as_str() == about && event.effect == suspended)?;
        newest.wind_down_until
    }

    /// Says why a timer may not be paused, if it may not.
    pub(super) fn decide_pause(&self, act: &PauseTimer, at: Instant) -> Result<(), Refusal> {
        check_room(self.pauses.len(), "timer")?;
        let timers = &self.profile_in_force(at)?.profile.timers;
        let subject = self.timer_subject(&act.about).map(|urn| urn.to_string());
        let subject = subject.unwrap_or_else(|| self.standard().to_owned());
        let (motion, thing) = (act.motion.as_deref(), act.thing());
        let ballot = self.ballot(motion, &[pause::DECISION], &subject, Some(&thing))?;
        pause::check_pause(act, &self.dues(at), timers, ballot)
    }

    /// Returns where a motion stands that is on a pause in an assessment.
    pub fn motion_on_pause(
        &self,
        motion: &str,
        act: &PauseTimer,
        subject: &JurisdictionUrn,
    ) -> Result<Ballot, Refusal> {
        let (subject, thing) = (subject.as_str(), act.thing());
        let ballot = self.ballot(Some(motion), &[pause::DECISION], subject, Some(&thing))?;
        Ok(ballot.unwrap_or(Ballot::Open))
    }

    pub(super) fn decide_resume(&self, act: &ResumeTimer) -> Result<(), Refusal> {
        pause::find_open(act, &self.pauses).map(drop)
    }

    pub(super) fn decide_holidays(&self, act: &ListHolidays, at: Instant) -> Result<(), Refusal> {
        check_room(self.holidays.len(), "days")?;
        pause::check_holidays(act, at.day())
    }

    pub(super) fn decide_lessons(&self, act: &PublishLessons, at: Instant) -> Result<(), Refusal> {
        check_room(self.lessons.len(), "lessons")?;
        let profile = &self.profile_in_force(at)?.profile;
        if profile.publication.lessons == Lessons::Unpublished {
            return Err(Refusal::new("not-yours-to-publish", "/kind"));
        }
        let before = self.lessons.last().map_or(0, |(_, before)| before.assessments);
        publication::check_lessons(act, before, self.questions_at(at))
    }

    pub(super) fn apply_pause(&mut self, act: &PauseTimer, record: &StandardRecord) {
        let dues = self.dues(record.at);
        let run = dues.into_iter().find(|due| due.timer == act.timer && due.about == act.about);
        let Some(due) = run else { return };
        let from = record.at.day();
        let act = act.clone();
        self.pauses.push(Pause { act, since: due.since, from, until: None, resumed: None });
    }
}
