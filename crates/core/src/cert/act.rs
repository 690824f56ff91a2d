//! What is done in a standard's room: versions, jurisdictions, motions, statuses, concerns, appeals, editions.
//!
//! Not here: when it may be done (`book`), and what is done in an assessment (`step`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::day::{Day, Instant};
use super::jurisdiction::{Alias, JurisdictionUrn};
use super::lifecycle::{Cause, GiveNotice, Listing};
use super::pause::{ListHolidays, PAUSE_OPEN, PauseTimer, ResumeTimer};
use super::procedure::Mark;
use super::publication::PublishLessons;
use super::record::{self, Kind, Open, Side, acts};
use super::standard::Version;
use super::tally::State as Ballot;
use super::word::{JurisdictionKind, Recommendation, Status, words};
use crate::refusal::Refusal;

acts! {
    /// An act in a standard's room.
    StandardAct {
        "cert.standard.propose" => Propose, by [Registrar], open Open::All;
        "cert.standard.step" => StepVersion, by [Registrar], open Open::All;
        "cert.profile.adopt" => AdoptProfile, by [Registrar], open Open::All;
        "cert.questions.adopt" => AdoptQuestions, by [Registrar], open Open::All;
        "cert.jurisdiction.list" => ListJurisdiction, by [Registrar], open Open::All;
        "cert.extension.add" => AddExtension, by [Registrar], open Open::All;
        "cert.motion.open" => OpenMotion, by [Registrar], open Open::All;
        "cert.ballot.cast" => CastBallot, by [Registrar, Subject], open Open::All;
        "cert.motion.close" => CloseMotion, by [Registrar], open Open::All;
        "cert.status.set" => SetStatus, by [Registrar], open Open::All;
        "cert.concern.raise" => RaiseConcern, by [Assessor, Registrar],
            open Open::Only(&["concern"]);
        "cert.concern.reply" => ReplyToConcern, by [Subject], open Open::Only(&["concern"]);
        "cert.concern.step" => StepConcern, by [Registrar], open Open::Only(&["concern"]);
        "cert.appeal.file" => FileAppeal, by [Subject],
            open Open::Only(&["appeal", "event", "panel"]);
        "cert.appeal.step" => StepAppeal, by [Registrar], open Open::All;
        "cert.difference.file" => FileDifference, by [Registrar, Subject], open Open::All;
        "cert.recognition.give" => GiveRecognition, by [Registrar, Subject], open Open::All;
        "cert.recognition.suspend" => SuspendRecognition, by [Registrar, Subject], open Open::All;
        "cert.measure.take" => TakeMeasure, by [Registrar, Subject], open Open::All;
        "cert.exit.notice" => GiveNotice, by [Subject], open Open::All;
        "cert.check.record" => RecordChecks, by [Registrar, Subject], open Open::All;
        "cert.timer.pause" => PauseTimer, by [Registrar], open PAUSE_OPEN;
        "cert.timer.resume" => ResumeTimer, by [Registrar], open PAUSE_OPEN;
        "cert.holidays.list" => ListHolidays, by [Registrar], open Open::All;
        "cert.lessons.publish" => PublishLessons, by [Registrar], open Open::All;
        "cert.edition.make" => MakeEdition, by [Registrar], open Open::All;
        "cert.edition.sign" => SignEdition, by [Registrar], open Open::All;
    }
}

/// A standard is proposed: the first record of its room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// Its id.
    pub standard: String,
    /// Its title by language.
    pub title: BTreeMap<String, String>,
    /// The authentic languages.
    pub languages: Vec<String>,
    /// Where the register is published.
    pub origin: String,
    /// The procedure profile, TOML.
    pub profile: String,
    /// Who signs editions of the register.
    pub registrars: Registrars,
    /// Whether this is an exercise whose clock is moved by hand; every edition says so.
    #[serde(default)]
    pub simulated: bool,
    /// Days in which an adopted version may be disapproved.
    #[serde(default)]
    pub disapproval_days: u32,
    /// The first day of application.
    pub applicable_on: Day,
    /// The day of the sunset review.
    pub sunset_on: Day,
    /// SHA-256 of the catalogue, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<String>,
}

/// Who signs editions, and how many must.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registrars {
    /// How many must sign.
    pub threshold: u32,
    /// All of them.
    pub registrars: Vec<Registrar>,
}

/// A registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registrar {
    /// An office.
    pub id: String,
    /// An Ed25519 key, base64.
    pub key: String,
}

/// The version takes a step of its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepVersion {
    /// The next state.
    pub to: Version,
    /// For ADOPTED: the languages in which it was open for comment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// The motion that decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<String>,
}

/// A new version of the procedure's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdoptProfile {
    /// TOML.
    pub profile: String,
    /// The motion; needed once the version is adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<String>,
}

/// The protocol questions, all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdoptQuestions {
    /// The questions.
    pub questions: Vec<Question>,
}

/// A protocol question (CT-07).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its id.
    pub pq: String,
    /// Its area.
    pub area: String,
    /// Its critical element.
    pub ce: i64,
    /// The control it is about.
    pub control: String,
    /// Whether it is a priority question.
    #[serde(default)]
    pub priority: bool,
    /// Its words; reworded, earlier answers fall to undetermined.
    pub text: String,
}

/// A jurisdiction is listed, or its entry is brought up to date (CT-01 to CT-03).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListJurisdiction {
    /// Its urn.
    pub urn: JurisdictionUrn,
    /// What it is.
    pub kind: JurisdictionKind,
    /// Its names by language.
    pub names: BTreeMap<String, String>,
    /// Its names in other schemes; an open one may end, none may go.
    #[serde(default)]
    pub aliases: Vec<Alias>,
    /// What replaces a name on one viewer's hub.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// What is disputed, shown beside the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispute: Option<String>,
    /// Whether it is among the least developed: some timers give it more days.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub least_developed: bool,
    /// Its competent authorities.
    #[serde(default)]
    pub authorities: Vec<Authority>,
}

/// A name as one viewer's hub shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The viewer: a urn.
    pub viewer: JurisdictionUrn,
    /// The language.
    pub lang: String,
    /// The name.
    pub text: String,
}

/// A competent authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// What it does, such as `assessment`.
    pub roles: Vec<String>,
    /// Its hub, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
    /// Its organisation at that hub: who of it signs in acts for the jurisdiction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

/// A source's status covers another jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddExtension {
    /// Whose status.
    pub from: JurisdictionUrn,
    /// Whom it covers.
    pub to: JurisdictionUrn,
    /// The first day.
    pub valid_from: Day,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Day>,
}

/// A motion is put to an organ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenMotion {
    /// Its id.
    pub motion: String,
    /// What is decided, as the profile's organs name it.
    pub decision: String,
    /// Whom it is about: a urn, or the standard.
    pub subject: String,
    /// The concern, appeal or assessment it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// When voting starts.
    pub opens: Instant,
    /// When it has ended.
    pub closes: Instant,
    /// The rolls, as in `comity.ballots/1`.
    pub rolls: Value,
    /// The recusals, as in `comity.ballots/1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recusals: Option<Value>,
}

/// A ballot; sealed if its chamber is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CastBallot {
    /// The motion.
    pub motion: String,
    /// The chamber.
    pub chamber: String,
    /// The voter.
    pub voter: String,
    /// `yes`, `no` or `abstain`.
    pub choice: String,
    /// When, as it was signed.
    pub at: String,
    /// The signature, if the roll has a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sig: Option<String>,
}

/// Voting has ended; what it came to is computed, and said so that others compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseMotion {
    /// The motion.
    pub motion: String,
    /// Where it stands; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Ballot>,
    /// Hash of the tally; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tally: Option<String>,
}

words! {
    /// What an assessment is for.
    Purpose {
        Initial = "initial",
        MidTerm = "mid-term",
        Validation = "validation",
    }
}

/// What a decision takes from an assessment, as it stood: computed from the assessment's own records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Basis {
    /// The assessment.
    pub assessment: String,
    /// Its newest entry that counted.
    pub entry: String,
    /// Whom it is about.
    pub jurisdiction: JurisdictionUrn,
    /// What it is for.
    pub purpose: Purpose,
    /// Its mark.
    pub mark: Option<Mark>,
    /// The hash of its final report.
    pub report: Option<String>,
    /// What the score recommends.
    pub recommendation: Option<Recommendation>,
    /// Both trade rules are satisfied.
    pub linked: bool,
    /// A listing rule holds.
    pub listed: bool,
    /// Its corrective action plan is verified fully.
    pub plan_verified: bool,
    /// A milestone of the plan is past and not verified.
    pub cap_overdue: bool,
}

/// A status is set: an event of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    /// The event's id.
    pub event: String,
    /// Whose.
    pub jurisdiction: JurisdictionUrn,
    /// The status.
    pub status: Status,
    /// The first day.
    pub valid_from: Day,
    /// A code such as `INITIAL`.
    pub reason: String,
    /// The motion that decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<String>,
    /// The assessment it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<String>,
    /// That assessment as it stood; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// The certificate's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// The last day of the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Day>,
    /// The last day on which trade goes on as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wind_down_until: Option<Day>,
    /// The event that no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
    /// Conditions of a conditional certificate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// Why it comes under observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing: Option<Listing>,
    /// Why it is suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The concern that is the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concern: Option<String>,
    /// Controls whose gaps are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
    /// Why the organ is kinder than the recommendation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinder_because: Option<String>,
}

/// A significant concern (CT-17).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaiseConcern {
    /// Its id.
    pub concern: String,
    /// Whom it is about.
    pub jurisdiction: JurisdictionUrn,
    /// The control it is about.
    pub control: String,
    /// Whether there is no wind-down.
    #[serde(default)]
    pub immediate: bool,
    /// What it says.
    pub statement: String,
    /// Hashes of evidence.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// The jurisdiction replies to a concern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyToConcern {
    /// The concern.
    pub concern: String,
    /// What it says.
    pub text: String,
}

/// A concern is confirmed, resolved or dismissed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepConcern {
    /// The concern.
    pub concern: String,
    /// The next state.
    pub to: super::word::ConcernState,
    /// The motion; dismissing needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<String>,
    /// Hashes of evidence that it is resolved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An appeal against an event of the register (CT-26).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileAppeal {
    /// Its id.
    pub appeal: String,
    /// The event.
    pub event: String,
    /// Who decides, none of the organ that decided before.
    pub panel: Vec<String>,
    /// Why.
    pub grounds: String,
}

/// What the panel decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepAppeal {
    /// The appeal.
    pub appeal: String,
    /// The next state.
    pub to: super::lifecycle::Appeal,
    /// The panel's motion.
    pub motion: String,
    /// For a stay: its last day, open without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

words! {
    /// How a national rule departs from the standard.
    Nature {
        Less = "less-protective",
        More = "more-exacting",
        Other = "different",
    }
}

/// A difference that a jurisdiction files; shown on its certificate (CT-32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDifference {
    /// Its id.
    pub difference: String,
    /// Whose.
    pub jurisdiction: JurisdictionUrn,
    /// The control.
    pub control: String,
    /// How it departs.
    pub nature: Nature,
    /// What it says.
    pub text: String,
}

words! {
    /// How a trading state treats goods of another.
    Treat {
        Accept = "accept",
        Raise = "raise",
        Bad = "bad",
    }
}

/// One state's recognition of another, by itself (CT-32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveRecognition {
    /// Its id.
    pub recognition: String,
    /// Who recognises.
    pub by: JurisdictionUrn,
    /// Whom.
    pub of: JurisdictionUrn,
    /// Whether the other recognises, too.
    #[serde(default)]
    pub mutual: bool,
    /// Controls that are not covered.
    #[serde(default)]
    pub gaps: Vec<String>,
    /// How goods are treated.
    pub treat: Treat,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
}

/// Either side suspends a recognition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspendRecognition {
    /// The recognition.
    pub recognition: String,
    /// Who suspends it.
    pub by: JurisdictionUrn,
    /// The first day on which it no longer holds.
    pub from: Day,
    /// Why.
    pub reason: String,
}

/// A measure that one state takes about another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeMeasure {
    /// Its id.
    pub measure: String,
    /// Who takes it.
    pub by: JurisdictionUrn,
    /// Whom it is about.
    pub about: JurisdictionUrn,
    /// `import` or `export`.
    pub kind: String,
    /// How goods are treated.
    pub treat: Treat,
    /// The first day.
    pub from: Day,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// The national act.
    pub reference: String,
}

/// Border checks of claims about a jurisdiction (CT-33).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordChecks {
    /// The jurisdiction claimed.
    pub about: JurisdictionUrn,
    /// Who checked.
    pub by: JurisdictionUrn,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// Consignments checked.
    pub checks: u32,
    /// False claims among them.
    pub false_claims: u32,
}

/// An edition of the register is drawn up for signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakeEdition {
    /// Its number; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<u64>,
    /// Hash of its bytes; computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A registrar signs the edition drawn up last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignEdition {
    /// Its number.
    pub edition: u64,
    /// The registrar.
    pub registrar: String,
    /// The signature, base64.
    pub sig: String,
}
