//! What a reader sees of a book.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Book, Concern, Motion};
use crate::cert::border;
use crate::cert::day::{Day, Instant};
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::publication::Audience;
use crate::cert::timer::Due;
use crate::cert::word::{ConcernState, Status, Word as _};

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader<'a> {
    /// Everyone.
    Public,
    /// Somebody of the authorities of these jurisdictions.
    Subject(&'a [&'a JurisdictionUrn]),
    /// Registrars and assessors.
    Staff,
}

impl Book {
    /// Returns the state as a reader sees it at an instant.
    #[must_use]
    pub fn view(&self, reader: Reader<'_>, at: Instant) -> Value {
        let marks: BTreeMap<&str, Day> =
            self.marks.iter().map(|(version, day)| (version.as_str(), *day)).collect();
        let profile = self.profiles.last();
        let editions: Vec<Value> = self
            .editions
            .iter()
            .map(|edition| {
                json!({ "edition": edition.number, "as_of": edition.as_of, "sha256": edition.sha256,
                    "signed_by": edition.signatures.iter().map(|s| &s.registrar).collect::<Vec<_>>(),
                    "published_at": edition.published_at })
            })
            .collect();
        let appeals: Vec<Value> = self
            .appeals
            .iter()
            .map(|(id, case)| {
                let grounds = matches!(reader, Reader::Staff).then_some(&case.filed.grounds);
                json!({ "appeal": id, "event": case.filed.event, "state": case.state,
                    "filed_on": case.day, "panel": case.filed.panel, "grounds": grounds })
            })
            .collect();
        json!({
            "type": "comity.cert-standard/1",
            "standard": self.standard(),
            "title": self.proposed.title,
            "languages": self.proposed.languages,
            "simulated": self.proposed.simulated,
            "version": self.version,
            "marks": marks,
            "applicable_on": self.proposed.applicable_on,
            "sunset_on": self.proposed.sunset_on,
            "profile": profile.map(|dated| json!({ "id": dated.profile.id,
                "version": dated.profile.version, "valid_from": dated.profile.valid_from,
                "valid_until": dated.profile.valid_until, "adopted_at": dated.at })),
            "timers": profile.map(|dated| dated.profile.timers.iter().map(timer).collect::<Vec<_>>()),
            "questions": self.questions.last().map(|(_, questions)| questions.len()),
            "registrars": self.registrars_document(),
            "jurisdictions": self.jurisdictions_view(at.day()),
            "motions": self.motions_view(reader, at),
            "concerns": self.concerns_view(reader, at),
            "appeals": appeals,
            "recognitions": self.recognitions_view(at.day()),
            "border": self.border_view(at.day()),
            "editions": editions,
            "due": self.dues_view(reader, at),
            "lessons": self.lessons.last().map(|(published_at, lessons)|
                json!({ "published_at": published_at, "lessons": lessons })),
            "pauses": self.pauses_view(reader, at),
            "holidays": self.holidays.iter().map(|(_, act)| act).collect::<Vec<_>>(),
            "last_at": self.last_at,
            "voids": self.voids.iter().map(|void| json!({ "entry": void.entry, "code": void.code }))
                .collect::<Vec<_>>(),
        })
    }

    fn jurisdictions_view(&self, today: Day) -> Vec<Value> {
        self.jurisdictions
            .values()
            .map(|listed| {
                let standing = self.register.standing(&listed.urn, today, self.last_at);
                json!({ "urn": listed.urn, "kind": listed.kind, "names": listed.names,
                    "labels": listed.labels, "dispute": listed.dispute, "aliases": listed.aliases,
                    "authorities": listed.authorities, "status": standing.status,
                    "since": standing.since, "valid_until": standing.valid_until,
                    "via": standing.via, "reason": standing.reason, "trade": standing.trade,
                    "trade_status": standing.trade_status, "trade_until": standing.trade_until })
            })
            .collect()
    }

    /// Returns whether a reader sees a motion: one on a concern only with the concern.
    #[must_use]
    pub fn shows_motion(&self, reader: Reader<'_>, motion: &Motion, at: Instant) -> bool {
        let about = motion.opened.about.as_deref().unwrap_or_default();
        if !self.is_on_concern(&motion.opened.decision, about) {
            return true;
        }
        // One that names no concern is nobody's to see.
        let concern = self.concerns.get(super::thing_of(about));
        concern.map_or(matches!(reader, Reader::Staff), |concern| {
            self.shows_concern(reader, concern, at)
        })
    }

    /// Returns whether a reader may know of something that is due: of a concern only with the concern.
    fn shows_thing(&self, reader: Reader<'_>, about: &str, at: Instant) -> bool {
        let concern = self.concerns.get(about);
        concern.is_none_or(|concern| self.shows_concern(reader, concern, at))
    }

    fn dues_view(&self, reader: Reader<'_>, at: Instant) -> Vec<Due> {
        let mut dues = self.dues(at);
        dues.retain(|due| self.shows_thing(reader, &due.about, at));
        dues
    }

    fn motions_view(&self, reader: Reader<'_>, at: Instant) -> Vec<Value> {
        self.motions
            .values()
            .filter(|motion| self.shows_motion(reader, motion, at))
            .map(|motion| {
                json!({ "motion": motion.opened.motion, "decision": motion.opened.decision,
                    "subject": motion.opened.subject, "about": motion.opened.about,
                    "organ": motion.organ.id, "opens": motion.opened.opens,
                    "closes": motion.opened.closes, "ballots": motion.ballots.len(),
                    "state": motion.closed, "tally": motion.tally })
            })
            .collect()
    }

    /// Confirmed concerns are known to certified jurisdictions at once, to others as the profile says (CT-17).
    fn concerns_view(&self, reader: Reader<'_>, at: Instant) -> Vec<Value> {
        let shown = |concern: &&Concern| self.shows_concern(reader, concern, at);
        self.concerns
            .values()
            .filter(shown)
            .map(|concern| {
                let days: BTreeMap<&str, Day> =
                    concern.times.iter().map(|(state, at)| (state.as_str(), at.day())).collect();
                json!({ "concern": concern.raised.concern, "jurisdiction": concern.raised.jurisdiction,
                    "control": concern.raised.control, "immediate": concern.raised.immediate,
                    "state": concern.state, "days": days, "statement": concern.raised.statement,
                    "reply": concern.reply, "reason": concern.reason })
            })
            .collect()
    }

    fn shows_concern(&self, reader: Reader<'_>, concern: &Concern, at: Instant) -> bool {
        match reader {
            Reader::Staff => true,
            Reader::Subject(urns) => {
                let own = urns.contains(&&concern.raised.jurisdiction);
                let peer = concern.state == ConcernState::Confirmed
                    && urns.iter().any(|urn| self.status(urn, at.day()) == Status::Certified);
                let member = !urns.is_empty() && self.is_out(concern, Audience::Members, at);
                own || peer || member || self.is_out(concern, Audience::Everyone, at)
            }
            Reader::Public => self.is_out(concern, Audience::Everyone, at),
        }
    }

    /// Returns whether a confirmed concern's timer is over and the profile opens it to this audience.
    fn is_out(&self, concern: &Concern, to: Audience, at: Instant) -> bool {
        let opens = self.profile_at(at).map(|dated| dated.profile.publication.concern_unresolved);
        let id = &concern.raised.concern;
        let confirmed = concern.day(ConcernState::Confirmed);
        concern.state == ConcernState::Confirmed
            && opens == Some(to)
            && confirmed.is_some_and(|day| self.is_over("concern-public", id, day, at))
    }

    /// Everyone sees that a timer is paused; why, only staff and whom it is about.
    fn pauses_view(&self, reader: Reader<'_>, at: Instant) -> Vec<Value> {
        let told = |about: &str| match reader {
            Reader::Public => false,
            Reader::Subject(urns) => {
                self.timer_subject(about).is_some_and(|subject| urns.contains(&&subject))
            }
            Reader::Staff => true,
        };
        let shown = self.pauses.iter();
        let shown = shown.filter(|pause| self.shows_thing(reader, &pause.act.about, at));
        shown.map(|pause| pause.view(told(&pause.act.about))).collect()
    }

    fn recognitions_view(&self, today: Day) -> Vec<Value> {
        self.recognitions
            .iter()
            .map(|(id, (given, suspended))| {
                let holds = given.from <= today
                    && today <= given.until
                    && suspended.is_none_or(|from| today < from);
                json!({ "recognition": id, "by": given.by, "of": given.of, "mutual": given.mutual,
                    "gaps": given.gaps, "treat": given.treat, "from": given.from,
                    "until": given.until, "suspended_at": suspended, "in_force": holds })
            })
            .collect()
    }

    /// Returns the statistics of border checks over the three years before a day (CT-33).
    #[must_use]
    pub fn border_view(&self, today: Day) -> Vec<Value> {
        // Three years, one of them a leap year at most.
        let first = today.plus(-1096);
        let mut sums: BTreeMap<&JurisdictionUrn, (u64, u64)> = BTreeMap::new();
        for checks in self.checks.iter().filter(|checks| checks.until >= first) {
            let (all, wrong) = sums.entry(&checks.about).or_default();
            *all += u64::from(checks.checks);
            *wrong += u64::from(checks.false_claims);
        }
        sums.into_iter()
            .map(|(urn, (checks, wrong))| {
                json!({ "jurisdiction": urn, "checks": checks, "false_claims": wrong,
                    "list": border::list(checks, wrong), "window_from": first })
            })
            .collect()
    }
}

impl super::AppealCase {
    /// Returns whether the panel has decided.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        use crate::cert::lifecycle::Appeal;
        matches!(self.state, Appeal::Dismissed | Appeal::Upheld)
    }
}

fn timer(timer: &crate::cert::timer::Timer) -> Value {
    json!({ "name": timer.name, "days": timer.days, "calendar": timer.calendar,
        "starts": timer.starts, "on_expiry": timer.on_expiry, "analogue": timer.analogue,
        "confidence": timer.confidence, "ldc_days": timer.ldc_days,
        "immediate_days": timer.immediate_days, "lapse_days": timer.lapse_days,
        "paused_by": timer.paused_by })
}
