//! Whether an act may be done in a standard's room; nothing is changed here.

use std::collections::BTreeSet;

use super::edition::verifying_key;
use super::motion::check_rule;
use super::{Book, EVENTS_MAX, JURISDICTIONS_MAX, Motion, RECORDS_MAX, StandardRecord};
use crate::cert::act::{
    AddExtension, AdoptProfile, CloseMotion, FileAppeal, FileDifference, GiveRecognition,
    ListJurisdiction, MakeEdition, OpenMotion, Propose, Question, RaiseConcern, RecordChecks,
    StandardAct, StepAppeal, StepConcern, StepVersion, SuspendRecognition, TakeMeasure,
};
use crate::cert::day::Instant;
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::lifecycle::{self, Appeal, AppealStep, ConcernStep};
use crate::cert::pause;
use crate::cert::profile::{Organ, Profile};
use crate::cert::record::{check_hash, check_id, check_items, check_side, check_text};
use crate::cert::standard::{self, Version};
use crate::cert::tally::State as Ballot;
use crate::cert::word::{ConcernState, Word as _};
use crate::refusal::Refusal;

/// Checks a proposal and reads its profile.
pub(super) fn check_proposal(act: &Propose) -> Result<Profile, Refusal> {
    check_id(&act.standard, "standard")?;
    check_text(&act.origin, "origin")?;
    if act.title.is_empty() || act.languages.is_empty() {
        return Err(Refusal::new("field-missing", "/languages"));
    }
    if act.sunset_on <= act.applicable_on {
        return Err(Refusal::new("bad-date", "/sunset_on").with("why", "not after application"));
    }
    if let Some(hash) = &act.catalogue {
        check_hash(hash, "catalogue")?;
    }
    let registrars = &act.registrars;
    let ids: BTreeSet<&str> = registrars.registrars.iter().map(|r| r.id.as_str()).collect();
    let keys: BTreeSet<&str> = registrars.registrars.iter().map(|r| r.key.as_str()).collect();
    let count = registrars.registrars.len();
    let threshold = usize::try_from(registrars.threshold).unwrap_or(usize::MAX);
    // One key under two names would let one person sign for two.
    if ids.len() != count || keys.len() != count || threshold == 0 || threshold > count {
        return Err(Refusal::new("registrars-invalid", "/registrars"));
    }
    if registrars.registrars.iter().any(|registrar| verifying_key(&registrar.key).is_none()) {
        return Err(Refusal::new("registrars-invalid", "/registrars/registrars"));
    }
    check_profile(&act.profile)
}

/// Reads a profile and refuses rules that nobody can ever satisfy.
fn check_profile(text: &str) -> Result<Profile, Refusal> {
    let profile = Profile::parse(text.as_bytes())?;
    if profile.valid_until < profile.valid_from {
        return Err(Refusal::new("rule-unsatisfiable", "/profile").with("why", "never in force"));
    }
    for organ in &profile.organs {
        check_rule(&organ.chambers).map_err(|refusal| refusal.with("organ", organ.id.as_str()))?;
    }
    for (_, rule) in &profile.rules {
        if !rule.is_satisfiable() {
            return Err(
                Refusal::new("rule-unsatisfiable", "/profile").with("rule", rule.name.as_str())
            );
        }
    }
    Ok(profile)
}

/// Refuses one record more than are kept.
pub(super) fn check_room(count: usize, key: &str) -> Result<(), Refusal> {
    if count < RECORDS_MAX {
        return Ok(());
    }
    Err(Refusal::new("list-too-long", format!("/{key}")).with("max", RECORDS_MAX))
}

fn taken(key: &str) -> Refusal {
    Refusal::new("id-taken", format!("/{key}"))
}

fn unknown(key: &str) -> Refusal {
    Refusal::new("id-unknown", format!("/{key}"))
}

impl Book {
    /// Says why a record may not be done now, if it may not.
    pub fn decide(&self, record: &StandardRecord) -> Result<(), Refusal> {
        check_side(StandardAct::KINDS, record.act.kind(), record.by)?;
        let at = record.at;
        if at <= self.last_at {
            return Err(Refusal::new("bad-date", "/at").with("why", "not after the last record"));
        }
        match &record.act {
            StandardAct::Propose(_) => Err(taken("standard")),
            StandardAct::StepVersion(act) => self.decide_version(act, at),
            StandardAct::AdoptProfile(act) => self.decide_profile(act),
            StandardAct::AdoptQuestions(act) => self.decide_questions(&act.questions, at),
            StandardAct::ListJurisdiction(act) => self.decide_jurisdiction(act),
            StandardAct::AddExtension(act) => self.decide_extension(act),
            StandardAct::OpenMotion(act) => self.decide_motion(act, at),
            StandardAct::CastBallot(act) => self.motion(&act.motion)?.check(act, at),
            StandardAct::CloseMotion(act) => self.decide_close(act, at),
            StandardAct::SetStatus(act) => self.decide_status(act, at),
            StandardAct::RaiseConcern(act) => self.decide_concern(act),
            StandardAct::ReplyToConcern(act) => {
                check_text(&act.text, "text")?;
                let concern = self.concerns.get(&act.concern).ok_or_else(|| unknown("concern"))?;
                if concern.state != ConcernState::Preliminary || concern.reply.is_some() {
                    return Err(Refusal::new("transition-not-allowed", "/concern"));
                }
                Ok(())
            }
            StandardAct::StepConcern(act) => self.step_concern(act, at).map(drop),
            StandardAct::FileAppeal(act) => self.decide_appeal(act, at),
            StandardAct::StepAppeal(act) => self.step_appeal(act, at).map(drop),
            StandardAct::FileDifference(act) => self.decide_difference(act),
            StandardAct::GiveRecognition(act) => self.decide_recognition(act),
            StandardAct::SuspendRecognition(act) => self.decide_suspension(act),
            StandardAct::TakeMeasure(act) => self.decide_measure(act),
            StandardAct::GiveNotice(act) => {
                self.listed(&act.jurisdiction, "jurisdiction")?;
                if !self.status(&act.jurisdiction, at.day()).is_live() {
                    return Err(Refusal::new("transition-not-allowed", "/jurisdiction"));
                }
                if self.exits.contains_key(&act.jurisdiction) {
                    return Err(taken("jurisdiction"));
                }
                Ok(())
            }
            StandardAct::RecordChecks(act) => self.decide_checks(act, at),
            StandardAct::PauseTimer(act) => self.decide_pause(act, at),
            StandardAct::ResumeTimer(act) => self.decide_resume(act),
            StandardAct::PublishLessons(act) => self.decide_lessons(act, at),
            StandardAct::ListHolidays(act) => self.decide_holidays(act, at),
            StandardAct::MakeEdition(act) => self.decide_edition(act, at),
            StandardAct::SignEdition(act) => self.check_signature(act),
        }
    }

    /// Refuses a jurisdiction that the register does not list.
    pub(super) fn listed(&self, urn: &JurisdictionUrn, key: &str) -> Result<(), Refusal> {
        if self.jurisdictions.contains_key(urn) {
            return Ok(());
        }
        Err(Refusal::new("unknown-jurisdiction", format!("/{key}"))
            .with("jurisdiction", urn.as_str()))
    }

    pub(super) fn motion(&self, id: &str) -> Result<&Motion, Refusal> {
        self.motions.get(id).ok_or_else(|| unknown("motion"))
    }

    /// Returns where a motion stands that is on this decision, subject and thing, and was used for nothing.
    pub(super) fn ballot(
        &self,
        motion: Option<&str>,
        decisions: &[&str],
        subject: &str,
        about: Option<&str>,
    ) -> Result<Option<Ballot>, Refusal> {
        let Some(id) = motion else { return Ok(None) };
        let motion = self.motion(id)?;
        let is_on_it = decisions.contains(&motion.opened.decision.as_str())
            && motion.opened.subject == subject
            && about.is_none_or(|about| motion.opened.about.as_deref() == Some(about));
        if !is_on_it {
            return Err(Refusal::new("motion-on-something-else", "/motion"));
        }
        if self.spent.contains(id) {
            return Err(Refusal::new("motion-spent", "/motion"));
        }
        Ok(Some(motion.closed.unwrap_or(Ballot::Open)))
    }

    fn decide_version(&self, act: &StepVersion, at: Instant) -> Result<(), Refusal> {
        let (day, from) = (at.day(), self.version);
        let since = |version| self.marks.get(&version).copied();
        let adopted = since(Version::Adopted);
        let disapproval = i64::from(self.proposed.disapproval_days);
        let open_days = since(Version::Comment).map_or(0, |opened| day.since(opened));
        let decision = if from == Version::SunsetReview { "STANDARD_RENEWED" } else { "ADOPTED" };
        let decisions = [decision, "AMENDMENT_IN_FORCE"];
        let grounds = standard::Grounds {
            comment_days: u64::try_from(open_days).unwrap_or(0),
            in_all_authentic_languages: self
                .proposed
                .languages
                .iter()
                .all(|language| act.languages.contains(language)),
            ballot: self.ballot(act.motion.as_deref(), &decisions, self.standard(), None)?,
            disapproval_over: adopted.is_some_and(|adopted| day > adopted.plus(disapproval)),
            application_day_come: day >= self.proposed.applicable_on,
            sunset_come: day >= self.proposed.sunset_on,
        };
        standard::check(from, act.to, &grounds)
    }

    fn decide_profile(&self, act: &AdoptProfile) -> Result<(), Refusal> {
        check_profile(&act.profile)?;
        check_room(self.profiles.len(), "profile")?;
        if self.version < Version::Adopted {
            return Ok(());
        }
        let decisions = ["AMENDMENT_IN_FORCE"];
        match self.ballot(act.motion.as_deref(), &decisions, self.standard(), None)? {
            Some(Ballot::Adopted) => Ok(()),
            Some(Ballot::NoQuorum | Ballot::Open | Ballot::Rejected) | None => {
                Err(Refusal::new("transition-not-allowed", "/motion"))
            }
        }
    }

    fn decide_questions(&self, questions: &[Question], at: Instant) -> Result<(), Refusal> {
        check_items(questions, "questions")?;
        check_room(self.questions.len(), "questions")?;
        if questions.is_empty() {
            return Err(Refusal::new("field-missing", "/questions"));
        }
        let dated = self.profile_at(at).ok_or_else(|| unknown("profile"))?;
        let mut seen = BTreeSet::new();
        for (place, question) in questions.iter().enumerate() {
            let under = |code| Refusal::new(code, format!("/questions/{place}"));
            let known = dated.profile.areas.contains(&question.area)
                && dated.profile.elements.contains(&question.ce);
            if !known {
                return Err(under("score-unknown-cell"));
            }
            if !seen.insert(&question.pq) {
                return Err(under("score-duplicate-pq").with("pq", question.pq.as_str()));
            }
            check_text(&question.text, "text")
                .and_then(|()| check_text(&question.pq, "pq"))
                .and_then(|()| check_text(&question.control, "control"))
                .map_err(|refusal| under(refusal.code))?;
        }
        Ok(())
    }

    fn decide_jurisdiction(&self, act: &ListJurisdiction) -> Result<(), Refusal> {
        for (list, count) in [
            ("aliases", act.aliases.len()),
            ("labels", act.labels.len()),
            ("names", act.names.len()),
        ] {
            if count > 200 {
                return Err(Refusal::new("list-too-long", format!("/{list}")).with("max", 200));
            }
        }
        if act.names.is_empty() {
            return Err(Refusal::new("field-missing", "/names"));
        }
        for (place, alias) in act.aliases.iter().enumerate() {
            let ends = alias.from.zip(alias.until).is_none_or(|(from, until)| from <= until);
            if alias.scheme.is_empty() || alias.value.is_empty() || !ends {
                return Err(Refusal::new("bad-date", format!("/aliases/{place}")));
            }
        }
        let Some(listed) = self.jurisdictions.get(&act.urn) else {
            if self.jurisdictions.len() >= JURISDICTIONS_MAX {
                return Err(Refusal::new("list-too-long", "/urn").with("max", JURISDICTIONS_MAX));
            }
            return Ok(());
        };
        // A urn is never reused and an alias never forgotten: an open one may end.
        let is_kept = listed.kind == act.kind
            && listed.aliases.len() <= act.aliases.len()
            && listed.aliases.iter().zip(&act.aliases).all(|(old, new)| {
                (&old.scheme, &old.value, old.from) == (&new.scheme, &new.value, new.from)
                    && (old.until.is_none() || old.until == new.until)
            });
        if is_kept { Ok(()) } else { Err(Refusal::new("register-not-append-only", "/aliases")) }
    }

    fn decide_extension(&self, act: &AddExtension) -> Result<(), Refusal> {
        self.listed(&act.from, "from")?;
        self.listed(&act.to, "to")?;
        check_room(self.register.events().len(), "from")?;
        let ends = act.valid_until.is_none_or(|until| act.valid_from <= until);
        if act.from == act.to {
            return Err(Refusal::new("value-invalid", "/to"));
        }
        if ends { Ok(()) } else { Err(Refusal::new("bad-date", "/valid_until")) }
    }

    /// Returns the organ that takes a decision at an instant.
    ///
    /// Profiles name no organ for OBSERVATION; then that of the next stricter status decides.
    pub(super) fn organ(&self, decision: &str, at: Instant) -> Result<&Organ, Refusal> {
        let profile = &self.profile_in_force(at)?.profile;
        let stricter = if decision == "OBSERVATION" { "ENHANCED_MONITORING" } else { decision };
        // A new version is decided like an amendment unless the profile says otherwise.
        let alike = match decision {
            "ADOPTED" | "STANDARD_RENEWED" => "AMENDMENT_IN_FORCE",
            // Who could act against a jurisdiction gives it time.
            pause::DECISION => "SUSPENDED",
            _ => stricter,
        };
        let organ = profile.organ_for(decision).or_else(|| profile.organ_for(alike));
        organ.ok_or_else(|| Refusal::new("organ-missing", "/decision"))
    }

    fn decide_motion(&self, act: &OpenMotion, at: Instant) -> Result<(), Refusal> {
        check_id(&act.motion, "motion")?;
        check_room(self.motions.len(), "motion")?;
        if self.motions.contains_key(&act.motion) {
            return Err(taken("motion"));
        }
        if act.closes <= at {
            return Err(Refusal::new("bad-date", "/closes"));
        }
        if act.subject != self.standard() {
            let urn = JurisdictionUrn::parse(&act.subject)
                .ok_or_else(|| Refusal::new("not-a-jurisdiction", "/subject"))?;
            self.listed(&urn, "subject")?;
        }
        Motion::open(act, self.organ(&act.decision, at)?).map(drop)
    }

    fn decide_close(&self, act: &CloseMotion, at: Instant) -> Result<(), Refusal> {
        let motion = self.motion(&act.motion)?;
        if motion.closed.is_some() {
            return Err(Refusal::new("motion-closed", "/motion"));
        }
        if at < motion.opened.closes {
            return Err(Refusal::new("motion-open", "/motion"));
        }
        let (state, tally) = motion.outcome()?;
        if act.state != Some(state) || act.tally.as_deref() != Some(tally.as_str()) {
            return Err(Refusal::new("tally-differs", "/tally"));
        }
        Ok(())
    }

    fn decide_concern(&self, act: &RaiseConcern) -> Result<(), Refusal> {
        check_id(&act.concern, "concern")?;
        check_room(self.concerns.len(), "concern")?;
        self.listed(&act.jurisdiction, "jurisdiction")?;
        check_text(&act.statement, "statement")?;
        check_text(&act.control, "control")?;
        check_items(&act.evidence, "evidence")?;
        act.evidence.iter().try_for_each(|hash| check_hash(hash, "evidence"))?;
        if self.concerns.contains_key(&act.concern) { Err(taken("concern")) } else { Ok(()) }
    }

    /// Returns the state of a concern after a step.
    pub(super) fn step_concern(
        &self,
        act: &StepConcern,
        at: Instant,
    ) -> Result<ConcernState, Refusal> {
        let concern = self.concerns.get(&act.concern).ok_or_else(|| unknown("concern"))?;
        let subject = concern.raised.jurisdiction.as_str();
        let ballot = |decision| {
            let about = Some(act.concern.as_str());
            self.ballot(act.motion.as_deref(), &[decision], subject, about)
        };
        let raised = concern.day(ConcernState::Preliminary);
        let step = match act.to {
            ConcernState::Confirmed => ConcernStep::Confirm {
                ballot: ballot("CONCERN_CONFIRMED")?.unwrap_or(Ballot::Open),
                heard: concern.reply.is_some()
                    || raised
                        .is_some_and(|day| self.is_over("concern-reply", &act.concern, day, at)),
            },
            ConcernState::Resolved => ConcernStep::Resolve {
                ballot: ballot("CONCERN_RESOLVED")?.unwrap_or(Ballot::Open),
                has_evidence: !act.evidence.is_empty(),
            },
            ConcernState::Dismissed => {
                check_text(act.reason.as_deref().unwrap_or_default(), "reason")?;
                ConcernStep::Dismiss
            }
            ConcernState::Preliminary => {
                return Err(Refusal::new("transition-not-allowed", "/to"));
            }
        };
        act.evidence.iter().try_for_each(|hash| check_hash(hash, "evidence"))?;
        lifecycle::step_concern(concern.state, step)
    }

    fn decide_appeal(&self, act: &FileAppeal, at: Instant) -> Result<(), Refusal> {
        check_id(&act.appeal, "appeal")?;
        check_text(&act.grounds, "grounds")?;
        check_room(self.appeals.len(), "appeal")?;
        check_items(&act.panel, "panel")?;
        if self.appeals.contains_key(&act.appeal) {
            return Err(taken("appeal"));
        }
        let event = self.register.event(&act.event).ok_or_else(|| unknown("event"))?;
        if self.appeals.values().any(|appeal| appeal.filed.event == act.event) {
            return Err(Refusal::new("appeal-pending", "/event"));
        }
        if act.panel.is_empty() {
            return Err(Refusal::new("field-missing", "/panel"));
        }
        let filing = self.running("appeal-filing", &act.event, event.recorded_at.day(), at);
        let in_time = filing.is_none_or(|due| !due.over);
        let organ: Vec<&str> = self
            .decided_by
            .get(&act.event)
            .and_then(|motion| self.motions.get(motion))
            .map(|motion| motion.voters().collect())
            .unwrap_or_default();
        lifecycle::file_appeal(in_time, act.panel.iter().map(String::as_str), &organ).map(drop)
    }

    /// Returns the state of an appeal after a step.
    pub(super) fn step_appeal(&self, act: &StepAppeal, at: Instant) -> Result<Appeal, Refusal> {
        let appeal = self.appeals.get(&act.appeal).ok_or_else(|| unknown("appeal"))?;
        let event = self.register.event(&appeal.filed.event).ok_or_else(|| unknown("event"))?;
        let decision = match act.to {
            Appeal::Stayed => "STAY",
            Appeal::Upheld => "APPEAL_UPHELD",
            Appeal::Dismissed => "APPEAL_DISMISSED",
            Appeal::Filed => return Err(Refusal::new("transition-not-allowed", "/to")),
        };
        let (subject, about) = (event.jurisdiction.as_str(), Some(act.appeal.as_str()));
        let ballot = self.ballot(Some(&act.motion), &[decision], subject, about)?;
        let voters: BTreeSet<&str> = self.motion(&act.motion)?.voters().collect();
        let panel: BTreeSet<&str> = appeal.filed.panel.iter().map(String::as_str).collect();
        if voters != panel {
            return Err(Refusal::new("panel-differs", "/motion"));
        }
        if act.until.is_some_and(|until| act.to != Appeal::Stayed || until < at.day()) {
            return Err(Refusal::new("bad-date", "/until"));
        }
        let ballot = ballot.unwrap_or(Ballot::Open);
        let step = match act.to {
            Appeal::Stayed => AppealStep::Stay(ballot),
            Appeal::Upheld => AppealStep::Uphold(ballot),
            Appeal::Dismissed | Appeal::Filed => AppealStep::Dismiss(ballot),
        };
        lifecycle::step_appeal(appeal.state, step)
    }

    fn decide_difference(&self, act: &FileDifference) -> Result<(), Refusal> {
        check_id(&act.difference, "difference")?;
        self.listed(&act.jurisdiction, "jurisdiction")?;
        check_text(&act.control, "control")?;
        check_text(&act.text, "text")?;
        self.free_name(&act.difference, "difference")
    }

    fn free_name(&self, name: &str, key: &str) -> Result<(), Refusal> {
        check_room(self.names.len(), key)?;
        if self.names.contains(name) { Err(taken(key)) } else { Ok(()) }
    }

    fn decide_recognition(&self, act: &GiveRecognition) -> Result<(), Refusal> {
        check_id(&act.recognition, "recognition")?;
        self.listed(&act.by, "by")?;
        self.listed(&act.of, "of")?;
        check_items(&act.gaps, "gaps")?;
        check_room(self.recognitions.len(), "recognition")?;
        if act.until < act.from || act.by == act.of {
            return Err(Refusal::new("bad-date", "/until"));
        }
        if self.recognitions.contains_key(&act.recognition) {
            return Err(taken("recognition"));
        }
        Ok(())
    }

    fn decide_suspension(&self, act: &SuspendRecognition) -> Result<(), Refusal> {
        let (given, suspended) =
            self.recognitions.get(&act.recognition).ok_or_else(|| unknown("recognition"))?;
        check_text(&act.reason, "reason")?;
        // Either side alone may suspend it, and nobody else (CT-32).
        if act.by != given.by && act.by != given.of {
            return Err(Refusal::new("not-your-act", "/by"));
        }
        if suspended.is_some() {
            return Err(Refusal::new("transition-not-allowed", "/recognition"));
        }
        if act.from < given.from { Err(Refusal::new("bad-date", "/from")) } else { Ok(()) }
    }

    fn decide_measure(&self, act: &TakeMeasure) -> Result<(), Refusal> {
        check_id(&act.measure, "measure")?;
        self.listed(&act.by, "by")?;
        self.listed(&act.about, "about")?;
        check_text(&act.reference, "reference")?;
        if !["export", "import"].contains(&act.kind.as_str()) || act.by == act.about {
            return Err(Refusal::new("value-invalid", "/kind"));
        }
        if act.until.is_some_and(|until| until < act.from) {
            return Err(Refusal::new("bad-date", "/until"));
        }
        self.free_name(&act.measure, "measure")
    }

    fn decide_checks(&self, act: &RecordChecks, at: Instant) -> Result<(), Refusal> {
        self.listed(&act.about, "about")?;
        self.listed(&act.by, "by")?;
        check_room(self.checks.len(), "checks")?;
        if act.until < act.from || act.until > at.day() {
            return Err(Refusal::new("bad-date", "/until"));
        }
        if act.checks == 0 || act.false_claims > act.checks {
            return Err(Refusal::new("number-out-of-range", "/false_claims"));
        }
        let overlaps = |other: &RecordChecks| {
            (&other.about, &other.by) == (&act.about, &act.by)
                && other.from <= act.until
                && act.from <= other.until
        };
        // One consignment counted twice would blacken a list.
        if self.checks.iter().any(overlaps) {
            return Err(Refusal::new("checks-overlap", "/from"));
        }
        Ok(())
    }

    fn decide_edition(&self, act: &MakeEdition, at: Instant) -> Result<(), Refusal> {
        if self.editions.last().is_some_and(|edition| edition.published_at.is_none()) {
            return Err(Refusal::new("edition-unsigned", "/edition"));
        }
        check_room(self.editions.len(), "edition")?;
        let edition = self.draw_up(at)?;
        if act.edition != Some(edition.number) || act.sha256.as_ref() != Some(&edition.sha256) {
            return Err(Refusal::new("edition-differs", "/sha256"));
        }
        Ok(())
    }

    /// Refuses an event more than a register holds.
    pub(super) fn check_events(&self) -> Result<(), Refusal> {
        if self.register.events().len() < EVENTS_MAX {
            return Ok(());
        }
        Err(Refusal::new("list-too-long", "/event").with("max", EVENTS_MAX))
    }

    /// Returns the computed members of an act filled in, so that only what others can compare is signed.
    #[must_use]
    pub fn completed(&self, act: StandardAct, at: Instant) -> StandardAct {
        match act {
            StandardAct::CloseMotion(mut act) => {
                if let Some(Ok((state, tally))) = self.motions.get(&act.motion).map(Motion::outcome)
                {
                    act.state = Some(state);
                    act.tally = Some(tally);
                }
                StandardAct::CloseMotion(act)
            }
            StandardAct::MakeEdition(mut act) => {
                if let Ok(edition) = self.draw_up(at) {
                    act.edition = Some(edition.number);
                    act.sha256 = Some(edition.sha256);
                }
                StandardAct::MakeEdition(act)
            }
            other @ (StandardAct::AddExtension(_)
            | StandardAct::AdoptProfile(_)
            | StandardAct::AdoptQuestions(_)
            | StandardAct::CastBallot(_)
            | StandardAct::FileAppeal(_)
            | StandardAct::FileDifference(_)
            | StandardAct::GiveNotice(_)
            | StandardAct::GiveRecognition(_)
            | StandardAct::ListHolidays(_)
            | StandardAct::ListJurisdiction(_)
            | StandardAct::OpenMotion(_)
            | StandardAct::PauseTimer(_)
            | StandardAct::Propose(_)
            | StandardAct::PublishLessons(_)
            | StandardAct::RaiseConcern(_)
            | StandardAct::RecordChecks(_)
            | StandardAct::ReplyToConcern(_)
            | StandardAct::ResumeTimer(_)
            | StandardAct::SetStatus(_)
            | StandardAct::SignEdition(_)
            | StandardAct::StepAppeal(_)
            | StandardAct::StepConcern(_)
            | StandardAct::StepVersion(_)
            | StandardAct::SuspendRecognition(_)
            | StandardAct::TakeMeasure(_)) => other,
        }
    }

    /// Returns the decision that a motion for a status must be on: a way back from suspension has its own.
    pub(super) fn decision_for(
        from: crate::cert::word::Status,
        to: crate::cert::word::Status,
    ) -> &'static str {
        use crate::cert::word::Status;
        match (from, to) {
            (Status::Suspended, Status::Certified | Status::Conditional) => "REINSTATED",
            _ => to.as_str(),
        }
    }
}
