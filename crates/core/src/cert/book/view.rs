//! What a reader sees of a book, and what is due: proposals and tasks, never sanctions (CT-24).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Book, Concern};
use crate::cert::border;
use crate::cert::day::{Day, Instant};
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::standard::Version;
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

/// A timer that runs or is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The timer.
    pub timer: String,
    /// Whom or what it is about.
    pub about: String,
    /// The day its mark was set.
    pub since: Day,
    /// Its last day.
    pub due: Day,
    /// What its end makes: a proposal, a task or a publication.
    pub on_expiry: String,
    /// Whether it is over.
    pub over: bool,
    /// How sure the profile's author is of the figure.
    pub confidence: String,
}

impl Book {
    /// Returns what is due at an instant, by day.
    #[must_use]
    pub fn dues(&self, at: Instant) -> Vec<Due> {
        let today = at.day();
        let mut dues = Vec::new();
        let mut add =
            |mark: &str, about: &str, since: Day| self.add_dues(&mut dues, mark, about, since, at);
        for urn in self.jurisdictions.keys() {
            let standing = self.register.standing(urn, today, self.last_at);
            if let Some(since) = standing.since {
                add(standing.status.as_str(), urn.as_str(), since);
            }
        }
        for (id, concern) in &self.concerns {
            let mark = match concern.state {
                ConcernState::Preliminary => "CONCERN_PRELIMINARY",
                ConcernState::Confirmed => "CONCERN_CONFIRMED",
                ConcernState::Dismissed | ConcernState::Resolved => continue,
            };
            if let Some(since) = concern.day(concern.state) {
                add(mark, id, since);
            }
        }
        for (id, appeal) in self.appeals.iter().filter(|(_, appeal)| !appeal.is_decided()) {
            add("APPEAL_FILED", id, appeal.day);
        }
        for (urn, (day, _)) in &self.exits {
            add("EXIT_NOTICE", urn.as_str(), *day);
        }
        if self.version == Version::Applicable
            && let Some(since) = self.marks.get(&Version::Applicable)
        {
            add("APPLICABLE", self.standard(), *since);
        }
        dues.sort_by(|a, b| (a.due, &a.timer, &a.about).cmp(&(b.due, &b.timer, &b.about)));
        dues
    }

    fn add_dues(&self, dues: &mut Vec<Due>, mark: &str, about: &str, since: Day, at: Instant) {
        let Some(dated) = self.profile_at(at) else { return };
        for timer in dated.profile.timers.iter().filter(|timer| timer.starts == mark) {
            let due = timer.due(since, &std::collections::BTreeSet::new());
            dues.push(Due {
                timer: timer.name.clone(),
                about: about.to_owned(),
                since,
                due,
                on_expiry: timer.on_expiry.clone(),
                over: at.day() > due,
                confidence: timer.confidence.as_str().to_owned(),
            });
        }
    }

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
            "motions": self.motions_view(),
            "concerns": self.concerns_view(reader, at),
            "appeals": appeals,
            "recognitions": self.recognitions_view(at.day()),
            "border": self.border_view(at.day()),
            "editions": editions,
            "due": self.dues(at),
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

    fn motions_view(&self) -> Vec<Value> {
        self.motions
            .values()
            .map(|motion| {
                json!({ "motion": motion.opened.motion, "decision": motion.opened.decision,
                    "subject": motion.opened.subject, "about": motion.opened.about,
                    "organ": motion.organ.id, "opens": motion.opened.opens,
                    "closes": motion.opened.closes, "ballots": motion.ballots.len(),
                    "state": motion.closed, "tally": motion.tally })
            })
            .collect()
    }

    /// Confirmed concerns are known to certified jurisdictions at once, to the public after the timer (CT-17).
    fn concerns_view(&self, reader: Reader<'_>, at: Instant) -> Vec<Value> {
        let shown = |concern: &Concern| match reader {
            Reader::Staff => true,
            Reader::Subject(urns) => {
                let own = urns.contains(&&concern.raised.jurisdiction);
                let peer = concern.state == ConcernState::Confirmed
                    && urns.iter().any(|urn| self.status(urn, at.day()) == Status::Certified);
                own || peer || self.is_public(concern, at)
            }
            Reader::Public => self.is_public(concern, at),
        };
        self.concerns
            .values()
            .filter(|concern| shown(concern))
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

    fn is_public(&self, concern: &Concern, at: Instant) -> bool {
        let confirmed = concern.day(ConcernState::Confirmed);
        concern.state == ConcernState::Confirmed
            && confirmed.is_some_and(|day| self.is_over("concern-public", day, at))
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
        "confidence": timer.confidence })
}
