//! Whether a status may be set: the grounds of a decision, gathered from the book (section 7, CT-24, CT-29).

use super::Book;
use crate::cert::act::{Basis, Purpose, SetStatus};
use crate::cert::day::Instant;
use crate::cert::lifecycle::{self, Cause, Grounds, Listing};
use crate::cert::procedure::Mark;
use crate::cert::record::{check_hash, check_id, check_items, check_text};
use crate::cert::register::{Effect, Event};
use crate::cert::registry;
use crate::cert::timer::Circumstance;
use crate::cert::word::{ConcernState, Status};
use crate::refusal::Refusal;

impl Book {
    /// Says why a status may not be set, if it may not.
    pub(super) fn decide_status(&self, act: &SetStatus, at: Instant) -> Result<(), Refusal> {
        check_id(&act.event, "event")?;
        check_text(&act.reason, "reason")?;
        check_items(&act.conditions, "conditions")?;
        check_items(&act.gaps, "gaps")?;
        self.listed(&act.jurisdiction, "jurisdiction")?;
        self.check_events()?;
        if self.register.event(&act.event).is_some() {
            return Err(Refusal::new("register-duplicate-id", "/event"));
        }
        check_basis(act)?;
        self.check_supersedes(act)?;
        let event = event(act, at);
        registry::check_follows(&self.register, &event)?;
        let from = self.before(act);
        let grounds = self.grounds(act, from, at)?;
        lifecycle::check_transition(from, act.status, &grounds)?;
        self.check_certificate(act, at)?;
        self.check_wind_down(act, at)
    }

    /// Returns the status that this one follows: for a correction, that before the event it corrects.
    fn before(&self, act: &SetStatus) -> Status {
        let corrected = act.supersedes.as_ref().and_then(|id| self.register.event(id));
        let day = corrected.map_or(act.valid_from, |event| event.valid_from.plus(-1));
        self.status(&act.jurisdiction, day)
    }

    fn check_supersedes(&self, act: &SetStatus) -> Result<(), Refusal> {
        let is_correction = act.reason == registry::CORRECTION;
        let Some(id) = &act.supersedes else {
            // Only a correction of something may change the past for the worse.
            return if is_correction {
                Err(Refusal::new("field-missing", "/supersedes"))
            } else {
                Ok(())
            };
        };
        let known = self.register.event(id);
        let fits = known.is_some_and(|event| event.jurisdiction == act.jurisdiction);
        if fits && is_correction { Ok(()) } else { Err(Refusal::new("id-unknown", "/supersedes")) }
    }

    /// Gathers what a decision rests on; a claim of the caller alone is no ground.
    fn grounds(&self, act: &SetStatus, from: Status, at: Instant) -> Result<Grounds, Refusal> {
        let decision = Self::decision_for(from, act.status);
        let subject = act.jurisdiction.as_str();
        let ballot = self.ballot(act.motion.as_deref(), &[decision], subject, None)?;
        let basis = act.basis.as_ref();
        let is = |test: fn(&Basis) -> bool| basis.is_some_and(test);
        let reported = is(|basis| basis.report.is_some() && basis.mark >= Some(Mark::Final));
        let validated = reported && is(|basis| basis.purpose == Purpose::Validation);
        let profile = &self.profile_in_force(at)?.profile;
        let since = self.register.standing(&act.jurisdiction, at.day(), self.last_at).since;
        Ok(Grounds {
            ballot,
            recommendation: basis.and_then(|basis| basis.recommendation),
            has_reasons: act.kinder_because.as_ref().is_some_and(|text| !text.trim().is_empty()),
            is_linked: !profile.linkage || is(|basis| basis.linked),
            has_final_report: reported,
            plan_verified: is(|basis| basis.plan_verified),
            listing: act.listing.filter(|listing| match listing {
                Listing::ListingRule => reported && is(|basis| basis.listed),
                Listing::MilestoneMissed => is(|basis| basis.cap_overdue),
                Listing::MidTermFinding => {
                    reported && is(|basis| basis.purpose == Purpose::MidTerm)
                }
            }),
            observation_over: from == Status::Observation
                && since.is_some_and(|since| self.is_over("observation", subject, since, at)),
            gaps_open: !act.gaps.is_empty(),
            validation_visit: validated,
            cause: self.cause(act, reported),
            validation_report: validated,
            exit_notice_over: self
                .exits
                .get(&act.jurisdiction)
                .is_some_and(|(day, _)| self.is_over("exit-notice", subject, *day, at)),
        })
    }

    fn cause(&self, act: &SetStatus, reported: bool) -> Option<Cause> {
        act.cause.filter(|cause| match cause {
            Cause::ConcernConfirmed => {
                let concern = act.concern.as_ref().and_then(|id| self.concerns.get(id));
                concern.is_some_and(|concern| {
                    concern.state == ConcernState::Confirmed
                        && concern.raised.jurisdiction == act.jurisdiction
                })
            }
            Cause::KnockOutLost => {
                reported && act.basis.as_ref().is_some_and(|basis| !basis.linked)
            }
            Cause::MilestoneExpired => act.basis.as_ref().is_some_and(|basis| basis.cap_overdue),
        })
    }

    /// A certificate has a number, and ends (CT-29).
    fn check_certificate(&self, act: &SetStatus, at: Instant) -> Result<(), Refusal> {
        if !act.status.is_live() {
            return match act.valid_until {
                None => Ok(()),
                Some(_) => Err(Refusal::new("field-invalid", "/valid_until")),
            };
        }
        if matches!(act.status, Status::Certified | Status::Conditional) {
            if !self.version_applies(at.day()) {
                return Err(Refusal::new("standard-not-applicable", "/status"));
            }
            let number = act.certificate.as_deref().unwrap_or_default();
            check_text(number, "certificate")
                .map_err(|_| Refusal::new("certificate-unsupported", "/certificate"))?;
            let held = self.certificates.get(number);
            if held.is_some_and(|held| *held.subject() != act.jurisdiction) {
                return Err(Refusal::new("id-taken", "/certificate"));
            }
        }
        let until = act.valid_until.ok_or_else(|| Refusal::new("field-missing", "/valid_until"))?;
        let latest = self.end_of("validity", act.valid_from, Circumstance::default(), at);
        if until < act.valid_from || latest.is_some_and(|latest| until > latest) {
            return Err(Refusal::new("validity-too-long", "/valid_until")
                .with("latest", latest.map(|day| day.to_string()).unwrap_or_default()));
        }
        Ok(())
    }

    /// A suspension winds down over the profile's days; for an immediate concern there is none (CT-17).
    fn check_wind_down(&self, act: &SetStatus, at: Instant) -> Result<(), Refusal> {
        let concern = act.concern.as_ref().and_then(|id| self.concerns.get(id));
        let immediate = concern.is_some_and(|concern| concern.raised.immediate);
        let due = match act.status {
            Status::Suspended => self.wind_down(act.valid_from, immediate, at),
            Status::Certified
            | Status::Conditional
            | Status::EnhancedMonitoring
            | Status::Expired
            | Status::NotCertified
            | Status::Observation
            | Status::Withdrawn => None,
        };
        let given = act.wind_down_until;
        let fits = match act.status {
            Status::Withdrawn => given.is_none_or(|until| until >= act.valid_from),
            Status::Certified
            | Status::Conditional
            | Status::EnhancedMonitoring
            | Status::Expired
            | Status::NotCertified
            | Status::Observation
            | Status::Suspended => given == due,
        };
        if fits {
            return Ok(());
        }
        Err(Refusal::new("wind-down-wrong", "/wind_down_until")
            .with("due", due.map(|day| day.to_string()).unwrap_or_default()))
    }
}

/// The assessment named is the one that was looked at, and about the same jurisdiction.
fn check_basis(act: &SetStatus) -> Result<(), Refusal> {
    let named = act.assessment.as_deref();
    let found = act.basis.as_ref();
    if named != found.map(|basis| basis.assessment.as_str()) {
        return Err(Refusal::new("assessment-differs", "/assessment"));
    }
    if found.is_some_and(|basis| basis.jurisdiction != act.jurisdiction) {
        return Err(Refusal::new("assessment-differs", "/jurisdiction"));
    }
    if let Some(report) = found.and_then(|basis| basis.report.as_ref()) {
        check_hash(report, "basis/report")?;
    }
    Ok(())
}

/// Returns the event that the register gets.
pub(super) fn event(act: &SetStatus, at: Instant) -> Event {
    Event {
        id: act.event.clone(),
        jurisdiction: act.jurisdiction.clone(),
        effect: Effect::Status(act.status),
        valid_from: act.valid_from,
        recorded_at: at,
        reason: act.reason.clone(),
        valid_until: act.valid_until,
        wind_down_until: act.wind_down_until,
        supersedes: act.supersedes.clone(),
    }
}
