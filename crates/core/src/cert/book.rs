//! The book of a standard: what the records of its room add up to.
//!
//! [`Book::take`] is total: a record that may not be done counts for nothing and is kept by its code, so
//! whoever replays a room finds the same book, whatever its hub let in. [`Book::decide`] says why not and
//! changes nothing. Not here: an assessment's own room (`file`), signatures of entries, and the clock.

mod apply;
mod clock;
mod decide;
mod edition;
mod motion;
mod status;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::act::{
    Authority, FileAppeal, GiveRecognition, ListJurisdiction, Propose, Question, RaiseConcern,
    RecordChecks, StandardAct,
};
use super::day::{Day, Instant};
use super::jurisdiction::JurisdictionUrn;
use super::lifecycle::{Appeal, Certificate};
use super::pause::{ListHolidays, Pause, PauseTimer, ResumeTimer};
use super::profile::Profile;
use super::publication::PublishLessons;
use super::record::{Kind, Open, Record, Side};
use super::register::Register;
use super::standard::Version;
use super::word::{ConcernState, Status};
use crate::refusal::Refusal;

pub use edition::{Edition, Signed, signed_message};
pub use motion::Motion;
pub use view::Reader;

/// A record of a standard's room.
pub type StandardRecord = Record<StandardAct>;

/// Jurisdictions of one register at most; there are some 200 states.
pub const JURISDICTIONS_MAX: usize = 2_000;
/// Events of one register at most.
pub const EVENTS_MAX: usize = 100_000;
/// Motions, concerns, appeals and other records of one kind at most.
pub const RECORDS_MAX: usize = 20_000;
/// Ballots on one motion at most.
pub const BALLOTS_MAX: usize = 4_000;

/// A procedure profile with the instant from which it counts.
#[derive(Clone, Debug)]
pub struct Dated {
    /// When it was adopted.
    pub at: Instant,
    /// As it was adopted.
    pub text: String,
    /// As it is read.
    pub profile: Profile,
}

/// A concern and its course.
#[derive(Clone, Debug)]
pub struct Concern {
    /// As it was raised.
    pub raised: RaiseConcern,
    /// Where it stands.
    pub state: ConcernState,
    /// The instant of each state.
    pub times: BTreeMap<ConcernState, Instant>,
    /// What the jurisdiction replied.
    pub reply: Option<String>,
    /// Why it was dismissed or resolved.
    pub reason: Option<String>,
}

impl Concern {
    /// Returns the day of a state.
    #[must_use]
    pub fn day(&self, state: ConcernState) -> Option<Day> {
        self.times.get(&state).map(|at| at.day())
    }

    /// Returns where it stood at an instant.
    #[must_use]
    pub fn state_at(&self, at: Instant) -> Option<ConcernState> {
        let known = self.times.iter().filter(|(_, since)| **since <= at);
        known.max_by_key(|(_, since)| **since).map(|(state, _)| *state)
    }
}

/// An appeal and its course.
#[derive(Clone, Debug)]
pub struct AppealCase {
    /// As it was filed.
    pub filed: FileAppeal,
    /// Where it stands.
    pub state: Appeal,
    /// The day it was filed.
    pub day: Day,
    /// The first day of its stay.
    pub stayed_from: Option<Day>,
}

/// A record that counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Void {
    /// The entry.
    pub entry: String,
    /// Why.
    pub code: &'static str,
}

/// The book of a standard.
#[derive(Clone, Debug)]
pub struct Book {
    /// As it was proposed.
    pub proposed: Propose,
    /// Where the version stands.
    pub version: Version,
    /// The day of each state.
    pub marks: BTreeMap<Version, Day>,
    /// The profiles, in order.
    pub profiles: Vec<Dated>,
    /// The protocol questions, each set with its instant.
    pub questions: Vec<(Instant, Vec<Question>)>,
    /// The register as it is now.
    pub register: Register,
    /// Entries of jurisdictions by urn.
    pub jurisdictions: BTreeMap<JurisdictionUrn, ListJurisdiction>,
    /// Motions by id.
    pub motions: BTreeMap<String, Motion>,
    /// Concerns by id.
    pub concerns: BTreeMap<String, Concern>,
    /// Appeals by id.
    pub appeals: BTreeMap<String, AppealCase>,
    /// Recognitions by id, with the day from which each is suspended.
    pub recognitions: BTreeMap<String, (GiveRecognition, Option<Day>)>,
    /// Exit notices by jurisdiction.
    pub exits: BTreeMap<JurisdictionUrn, (Day, String)>,
    /// Border checks, in order.
    pub checks: Vec<RecordChecks>,
    /// Certificates issued, by number.
    pub certificates: BTreeMap<String, Certificate>,
    /// Editions of the register, in order.
    pub editions: Vec<Edition>,
    /// The instant of the newest record.
    pub last_at: Instant,
    /// The newest record that counts.
    pub head: String,
    /// Records that count for nothing.
    pub voids: Vec<Void>,
    /// Lessons published, each with its instant.
    pub lessons: Vec<(Instant, PublishLessons)>,
    /// Pauses of timers, in order.
    pub pauses: Vec<Pause>,
    /// Holidays listed, each list with its instant.
    pub holidays: Vec<(Instant, ListHolidays)>,
    /// The lists of the next edition.
    lists: BTreeMap<&'static str, Vec<Value>>,
    /// The motion behind each event.
    decided_by: BTreeMap<String, String>,
    /// Motions that have decided something: none decides twice.
    spent: BTreeSet<String>,
    /// Ids of differences and measures.
    names: BTreeSet<String>,
}

impl Book {
    /// Opens the book with its first record.
    pub fn start(record: &StandardRecord) -> Result<Self, Refusal> {
        let StandardAct::Propose(proposed) = &record.act else {
            return Err(Refusal::new("standard-not-proposed", "/kind"));
        };
        let profile = decide::check_proposal(proposed)?;
        let day = record.at.day();
        Ok(Self {
            version: Version::Proposed,
            marks: BTreeMap::from([(Version::Proposed, day)]),
            profiles: vec![Dated { at: record.at, text: proposed.profile.clone(), profile }],
            questions: Vec::new(),
            register: Register::empty(&proposed.standard, record.at),
            jurisdictions: BTreeMap::new(),
            motions: BTreeMap::new(),
            concerns: BTreeMap::new(),
            appeals: BTreeMap::new(),
            recognitions: BTreeMap::new(),
            exits: BTreeMap::new(),
            checks: Vec::new(),
            certificates: BTreeMap::new(),
            editions: Vec::new(),
            last_at: record.at,
            head: record.id.clone(),
            voids: Vec::new(),
            lessons: Vec::new(),
            pauses: Vec::new(),
            holidays: Vec::new(),
            lists: BTreeMap::new(),
            decided_by: BTreeMap::new(),
            spent: BTreeSet::new(),
            names: BTreeSet::new(),
            proposed: proposed.clone(),
        })
    }

    /// Takes the next record: it counts if it may be done, else it is kept as void.
    pub fn take(&mut self, record: &StandardRecord) {
        match self.decide(record) {
            Ok(()) => self.apply(record),
            Err(refusal) => self.reject(&record.id, refusal.code),
        }
    }

    /// Keeps an entry that is no record, or whose sealed part is gone, by its code.
    pub fn reject(&mut self, entry: &str, code: &'static str) {
        if self.voids.len() < RECORDS_MAX {
            self.voids.push(Void { entry: entry.to_owned(), code });
        }
    }

    /// Returns the standard's id.
    #[must_use]
    pub fn standard(&self) -> &str {
        &self.proposed.standard
    }

    /// Returns whether jurisdictions may be assessed against the version on a day.
    #[must_use]
    pub fn version_applies(&self, day: Day) -> bool {
        let reached = self.marks.iter().filter(|(_, since)| **since <= day);
        matches!(
            reached.map(|(version, _)| *version).max(),
            Some(Version::Applicable | Version::SunsetReview | Version::Renewed | Version::Amended)
        )
    }

    /// Returns the profile that was adopted last by an instant.
    #[must_use]
    pub fn profile_at(&self, at: Instant) -> Option<&Dated> {
        self.profiles.iter().rev().find(|dated| dated.at <= at)
    }

    /// Returns the profile of an instant if it is in force then: past its last day it decides nothing.
    pub fn profile_in_force(&self, at: Instant) -> Result<&Dated, Refusal> {
        let dated = self.profile_at(at).ok_or_else(|| Refusal::new("profile-not-in-force", ""))?;
        dated.profile.check_in_force(at.day())?;
        Ok(dated)
    }

    /// Returns the protocol questions as they stood at an instant.
    #[must_use]
    pub fn questions_at(&self, at: Instant) -> &[Question] {
        let found = self.questions.iter().rev().find(|(adopted, _)| *adopted <= at);
        found.map_or(&[], |(_, questions)| questions)
    }

    /// Returns the jurisdictions whose authority an organisation of a hub is.
    #[must_use]
    pub fn speaks_for(&self, hub: &str, organisation: &str) -> Vec<&JurisdictionUrn> {
        let is_one = |authority: &Authority| {
            authority.organisation.as_deref() == Some(organisation)
                && authority.hub.as_deref().is_none_or(|named| named == hub)
        };
        self.jurisdictions
            .values()
            .filter(|listed| listed.authorities.iter().any(is_one))
            .map(|listed| &listed.urn)
            .collect()
    }

    /// Returns the status of a jurisdiction on a day as it is known now.
    #[must_use]
    pub fn status(&self, urn: &JurisdictionUrn, day: Day) -> Status {
        self.register.standing(urn, day, self.last_at).status
    }

    /// Returns the jurisdiction for which a subject acts with this act, if it acts for one.
    #[must_use]
    pub fn acting_jurisdiction(&self, act: &StandardAct) -> Option<String> {
        let text = ToString::to_string;
        match act {
            StandardAct::CastBallot(act) => Some(act.voter.clone()),
            StandardAct::ReplyToConcern(act) => {
                self.concerns.get(&act.concern).map(|c| text(&c.raised.jurisdiction))
            }
            StandardAct::FileAppeal(act) => {
                self.register.event(&act.event).map(|event| text(&event.jurisdiction))
            }
            StandardAct::FileDifference(act) => Some(text(&act.jurisdiction)),
            StandardAct::GiveRecognition(act) => Some(text(&act.by)),
            StandardAct::SuspendRecognition(act) => Some(text(&act.by)),
            StandardAct::TakeMeasure(act) => Some(text(&act.by)),
            StandardAct::GiveNotice(act) => Some(text(&act.jurisdiction)),
            StandardAct::RecordChecks(act) => Some(text(&act.by)),
            StandardAct::AddExtension(_)
            | StandardAct::AdoptProfile(_)
            | StandardAct::AdoptQuestions(_)
            | StandardAct::CloseMotion(_)
            | StandardAct::ListHolidays(_)
            | StandardAct::ListJurisdiction(_)
            | StandardAct::MakeEdition(_)
            | StandardAct::OpenMotion(_)
            | StandardAct::PauseTimer(_)
            | StandardAct::Propose(_)
            | StandardAct::PublishLessons(_)
            | StandardAct::RaiseConcern(_)
            | StandardAct::ResumeTimer(_)
            | StandardAct::SetStatus(_)
            | StandardAct::SignEdition(_)
            | StandardAct::StepAppeal(_)
            | StandardAct::StepConcern(_)
            | StandardAct::StepVersion(_) => None,
        }
    }

    /// Returns whether a sealed record is about a jurisdiction: what is said of it may be opened to it.
    #[must_use]
    pub fn is_about(&self, act: &StandardAct, urn: &JurisdictionUrn) -> bool {
        let concern = |id: &str| self.concerns.get(id).map(|concern| &concern.raised.jurisdiction);
        if let StandardAct::RaiseConcern(act) = act {
            act.jurisdiction == *urn
        } else if let StandardAct::OpenMotion(act) = act {
            act.subject == urn.as_str()
        } else if let StandardAct::ReplyToConcern(act) = act {
            concern(&act.concern) == Some(urn)
        } else if let StandardAct::StepConcern(act) = act {
            concern(&act.concern) == Some(urn)
        } else if let StandardAct::FileAppeal(act) = act {
            self.register.event(&act.event).is_some_and(|event| event.jurisdiction == *urn)
        } else if let StandardAct::PauseTimer(PauseTimer { about, .. })
        | StandardAct::ResumeTimer(ResumeTimer { about, .. }) = act
        {
            self.timer_subject(about).is_none_or(|subject| subject == *urn)
        } else {
            false
        }
    }

    /// Checks that an organisation may act on a side: for its own jurisdiction, or not as its assessor.
    pub fn check_actor(
        &self,
        side: Side,
        hub: &str,
        organisation: &str,
        act: &StandardAct,
    ) -> Result<(), Refusal> {
        let own = self.speaks_for(hub, organisation);
        let is_own = |urn: &str| own.iter().any(|own| own.as_str() == urn);
        match (side, act) {
            // The signature says who votes, whoever brings the ballot.
            (Side::Subject, StandardAct::CastBallot(act))
                if self
                    .motions
                    .get(&act.motion)
                    .is_some_and(|motion| motion.has_key(&act.chamber, &act.voter)) =>
            {
                Ok(())
            }
            (Side::Subject, act) => match self.acting_jurisdiction(act) {
                Some(urn) if is_own(&urn) => Ok(()),
                Some(_) | None => Err(Refusal::new("not-your-act", "/kind")),
            },
            (Side::Assessor, StandardAct::RaiseConcern(act))
                if is_own(act.jurisdiction.as_str()) =>
            {
                Err(Refusal::new("assessor-conflicted", "/jurisdiction"))
            }
            (Side::Assessor | Side::Registrar, _) => Ok(()),
        }
    }

    /// Checks that an organisation may act on a side of an assessment of a jurisdiction.
    pub fn check_side_of(
        &self,
        side: Side,
        hub: &str,
        organisation: &str,
        subject: &JurisdictionUrn,
    ) -> Result<(), Refusal> {
        let is_own = self.speaks_for(hub, organisation).contains(&subject);
        match side {
            Side::Subject if !is_own => Err(Refusal::new("not-your-act", "/kind")),
            Side::Assessor if is_own => Err(Refusal::new("assessor-conflicted", "/kind")),
            Side::Assessor | Side::Registrar | Side::Subject => Ok(()),
        }
    }

    /// Returns what of an act stays open: a ballot in a secret chamber and what is about a concern do not.
    #[must_use]
    pub fn openness(&self, kind: Kind, act: &Value) -> Open {
        let text = |key: &str| act.get(key).and_then(Value::as_str).unwrap_or_default();
        let secret = |motion: &Motion| motion.is_secret(text("chamber"));
        match kind.name {
            "cert.ballot.cast" if self.motions.get(text("motion")).is_some_and(secret) => {
                Open::Only(&["motion", "chamber"])
            }
            "cert.motion.open" if self.is_on_concern(text("decision"), text("about")) => {
                Open::Only(&["motion", "opens", "closes"])
            }
            "cert.timer.pause" | "cert.timer.resume"
                if self.concerns.contains_key(text("about")) =>
            {
                Open::Only(&[])
            }
            _ => kind.open,
        }
    }

    /// Returns whether a motion is about a concern, or about a timer of one.
    fn is_on_concern(&self, decision: &str, about: &str) -> bool {
        decision.starts_with(ON_CONCERN) || self.concerns.contains_key(thing_of(about))
    }
}

/// Returns what a motion is about: of `timer/about` the latter.
fn thing_of(about: &str) -> &str {
    about.split_once('/').map_or(about, |(_, about)| about)
}

/// How decisions on concerns start: what is about one is not open before the concern is.
const ON_CONCERN: &str = "CONCERN_";
