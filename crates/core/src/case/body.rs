//! What entries of each kind say, typed: one variant a kind, read strictly (`bad-body` otherwise).
//!
//! Not here: whether the case allows it (`check`) and what it changes (`apply`).

use serde_json::{Map, Value};

use super::kind::Kind;
use super::name::{CaseId, EntryId, HubId, PartyId};
use super::reader::{BadBody, Members};
use super::word::{
    Closing, Compartment, DutyStatus, EmbargoReason, EvidenceType, Judgement, Letter, Relation,
    Role, VendorStatus,
};

/// Milliseconds since 1970-01-01 UTC, 0 to 2^53-1.
pub type Millis = i64;

/// When something happened in the world: first and last instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// First instant.
    pub from: Millis,
    /// Last instant, not before `from`.
    pub to: Millis,
}

impl Interval {
    /// Returns the interval of one instant.
    #[must_use]
    pub const fn instant(at: Millis) -> Self {
        Self { from: at, to: at }
    }
}

/// A party as `case.open` lists it; its hub is the author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningParty {
    /// Its id.
    pub party: PartyId,
    /// Its organisation.
    pub org: String,
    /// Its roles, as listed.
    pub roles: Vec<Role>,
}

/// A tie to another case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Link {
    /// The other case.
    pub case: CaseId,
    /// What it is to this one.
    pub relation: Relation,
}

/// One piece of evidence; never content of the vulnerability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceType,
    /// Where it is, or what it says.
    pub reference: String,
    /// Its digest.
    pub hash: Option<EntryId>,
}

/// Who gets a wrapped key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The party.
    pub party: PartyId,
    /// The key, wrapped to it.
    pub wrapped: String,
    /// The pass under which it crosses to another hub.
    pub pass: Option<EntryId>,
}

/// A typed body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "variants and members are the table of section 5, name by name")]
pub enum Body {
    CaseOpen {
        parties: Vec<OpeningParty>,
        heartbeat_h: Option<i64>,
        deputies: Option<Vec<PartyId>>,
        nonce: Option<String>,
        links: Vec<Link>,
    },
    CaseLink {
        link: Link,
        ends: Option<Millis>,
    },
    CaseStatus {
        to: Closing,
        why: String,
    },
    PartyInvite {
        party: PartyId,
        org: String,
        hub: HubId,
        roles: Vec<Role>,
        rsvp_at: Option<Millis>,
        deploys: Option<Vec<PartyId>>,
        pass: Option<EntryId>,
    },
    PartyMove {
        hub: HubId,
    },
    PartyRemove {
        party: PartyId,
        why: String,
    },
    LeadBeat {
        heartbeat_h: Option<i64>,
        deputies: Option<Vec<PartyId>>,
    },
    LeadOffer {
        to: PartyId,
        epoch: i64,
    },
    LeadAccept {
        offer: EntryId,
    },
    LeadTakeover {
        to: PartyId,
        epoch: i64,
    },
    ReportSend {
        to: PartyId,
    },
    ReportAck {
        of: EntryId,
    },
    ReportJudge {
        to: Judgement,
        why: Option<String>,
    },
    EmbargoPropose {
        ends: Millis,
        justification: Option<String>,
    },
    EmbargoRevise {
        base: EntryId,
        ends: Millis,
        justification: Option<String>,
    },
    EmbargoAccept {
        terms: EntryId,
    },
    EmbargoReject {
        terms: EntryId,
        why: Option<String>,
    },
    EmbargoEnd {
        reason: EmbargoReason,
    },
    VendorAware {
        party: PartyId,
        evidence: Vec<Evidence>,
        since: Option<Interval>,
    },
    VendorStatus {
        party: PartyId,
        status: VendorStatus,
    },
    FixReady {
        remedy: Option<EntryId>,
        since: Option<Interval>,
    },
    FixDeployed {
        vendor: Option<PartyId>,
        hosted: Option<bool>,
        since: Option<Interval>,
    },
    FixIncomplete {
        party: PartyId,
        evidence: Vec<Evidence>,
    },
    ExposureClaim {
        letter: Letter,
        evidence: Vec<Evidence>,
        since: Option<Interval>,
    },
    ExposureRetract {
        claim: EntryId,
    },
    ContentSeal {
        compartment: Compartment,
        commitment: EntryId,
        size_class: i64,
        recipients: Vec<Recipient>,
    },
    ContentGrant {
        seal: EntryId,
        recipients: Vec<Recipient>,
    },
    DutyRecord {
        duty: String,
        status: DutyStatus,
        due_at: Option<Millis>,
        evidence: Option<Vec<Evidence>>,
    },
    PublishPlan {
        publish_at: Millis,
        advisory: EntryId,
        publisher: PartyId,
    },
    Note {
        to: Option<Vec<PartyId>>,
        of: Option<EntryId>,
        commitment: Option<EntryId>,
    },
    Ack {
        of: Vec<EntryId>,
    },
    Fault {
        of: EntryId,
        code: String,
        why: Option<String>,
    },
}

impl Body {
    /// Reads the body of a known kind; unknown members are refused too.
    pub fn read(kind: Kind, members: &Map<String, Value>) -> Result<Self, BadBody> {
        let mut m = Members::new(members);
        let body = match kind {
            Kind::CaseOpen
            | Kind::CaseLink
            | Kind::CaseStatus
            | Kind::PartyInvite
            | Kind::PartyMove
            | Kind::PartyRemove
            | Kind::LeadBeat
            | Kind::LeadOffer
            | Kind::LeadAccept
            | Kind::LeadTakeover => read_case(kind, &mut m)?,
            Kind::ReportSend
            | Kind::ReportAck
            | Kind::ReportJudge
            | Kind::EmbargoPropose
            | Kind::EmbargoRevise
            | Kind::EmbargoAccept
            | Kind::EmbargoReject
            | Kind::EmbargoEnd => read_report_or_embargo(kind, &mut m)?,
            Kind::VendorAware
            | Kind::VendorStatus
            | Kind::FixReady
            | Kind::FixDeployed
            | Kind::FixIncomplete
            | Kind::ExposureClaim
            | Kind::ExposureRetract => read_facts(kind, &mut m)?,
            Kind::ContentSeal
            | Kind::ContentGrant
            | Kind::DutyRecord
            | Kind::PublishPlan
            | Kind::Note
            | Kind::Ack
            | Kind::Fault => read_rest(kind, &mut m)?,
        };
        m.finish()?;
        Ok(body)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller chose the group; the last arm is its last"
)]
fn read_case(kind: Kind, m: &mut Members<'_>) -> Result<Body, BadBody> {
    Ok(match kind {
        Kind::CaseOpen => Body::CaseOpen {
            parties: m.list("parties", 1..=64, opening_party)?,
            heartbeat_h: m.optional_integer("heartbeat_h", 1..=720)?,
            deputies: m.optional_list("deputies", 0..=64, super::reader::name)?,
            nonce: m.optional_text("nonce")?,
            links: m.optional_list("links", 0..=16, link)?.unwrap_or_default(),
        },
        Kind::CaseLink => Body::CaseLink {
            link: Link { case: m.name("case")?, relation: m.word("relation")? },
            ends: m.optional_instant("ends")?,
        },
        Kind::CaseStatus => Body::CaseStatus { to: m.word("to")?, why: m.text("why")? },
        Kind::PartyInvite => Body::PartyInvite {
            party: m.name("party")?,
            org: m.organisation("org")?,
            hub: m.name("hub")?,
            roles: m.list("roles", 1..=6, super::reader::word)?,
            rsvp_at: m.optional_instant("rsvp_at")?,
            deploys: m.optional_list("deploys", 0..=64, super::reader::name)?,
            pass: m.optional_name("pass")?,
        },
        Kind::PartyMove => Body::PartyMove { hub: m.name("hub")? },
        Kind::PartyRemove => Body::PartyRemove { party: m.name("party")?, why: m.text("why")? },
        Kind::LeadBeat => Body::LeadBeat {
            heartbeat_h: m.optional_integer("heartbeat_h", 1..=720)?,
            deputies: m.optional_list("deputies", 0..=64, super::reader::name)?,
        },
        Kind::LeadOffer => Body::LeadOffer { to: m.name("to")?, epoch: m.integer("epoch", ..)? },
        Kind::LeadAccept => Body::LeadAccept { offer: m.name("offer")? },
        _ => Body::LeadTakeover { to: m.name("to")?, epoch: m.integer("epoch", ..)? },
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller chose the group; the last arm is its last"
)]
fn read_report_or_embargo(kind: Kind, m: &mut Members<'_>) -> Result<Body, BadBody> {
    Ok(match kind {
        Kind::ReportSend => Body::ReportSend { to: m.name("to")? },
        Kind::ReportAck => Body::ReportAck { of: m.name("of")? },
        Kind::ReportJudge => Body::ReportJudge { to: m.word("to")?, why: m.optional_text("why")? },
        Kind::EmbargoPropose => Body::EmbargoPropose {
            ends: m.instant("ends")?,
            justification: m.optional_text("justification")?,
        },
        Kind::EmbargoRevise => Body::EmbargoRevise {
            base: m.name("base")?,
            ends: m.instant("ends")?,
            justification: m.optional_text("justification")?,
        },
        Kind::EmbargoAccept => Body::EmbargoAccept { terms: m.name("terms")? },
        Kind::EmbargoReject => {
            Body::EmbargoReject { terms: m.name("terms")?, why: m.optional_text("why")? }
        }
        _ => Body::EmbargoEnd { reason: m.word("reason")? },
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller chose the group; the last arm is its last"
)]
fn read_facts(kind: Kind, m: &mut Members<'_>) -> Result<Body, BadBody> {
    Ok(match kind {
        Kind::VendorAware => Body::VendorAware {
            party: m.name("party")?,
            evidence: m.list("evidence", 1..=16, evidence)?,
            since: m.optional_interval("since")?,
        },
        Kind::VendorStatus => {
            Body::VendorStatus { party: m.name("party")?, status: m.word("status")? }
        }
        Kind::FixReady => Body::FixReady {
            remedy: m.optional_name("remedy")?,
            since: m.optional_interval("since")?,
        },
        Kind::FixDeployed => Body::FixDeployed {
            vendor: m.optional_name("vendor")?,
            hosted: m.optional_boolean("hosted")?,
            since: m.optional_interval("since")?,
        },
        Kind::FixIncomplete => Body::FixIncomplete {
            party: m.name("party")?,
            evidence: m.list("evidence", 1..=16, evidence)?,
        },
        Kind::ExposureClaim => Body::ExposureClaim {
            letter: m.word("letter")?,
            evidence: m.list("evidence", 1..=16, evidence)?,
            since: m.optional_interval("since")?,
        },
        _ => Body::ExposureRetract { claim: m.name("claim")? },
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller chose the group; the last arm is its last"
)]
fn read_rest(kind: Kind, m: &mut Members<'_>) -> Result<Body, BadBody> {
    Ok(match kind {
        Kind::ContentSeal => Body::ContentSeal {
            compartment: m.word("compartment")?,
            commitment: m.name("commitment")?,
            size_class: m.integer("size_class", 0..=40)?,
            recipients: m.list("recipients", 0..=512, recipient)?,
        },
        Kind::ContentGrant => Body::ContentGrant {
            seal: m.name("seal")?,
            recipients: m.list("recipients", 1..=512, recipient)?,
        },
        Kind::DutyRecord => Body::DutyRecord {
            duty: m.text("duty")?,
            status: m.word("status")?,
            due_at: m.optional_instant("due_at")?,
            evidence: m.optional_list("evidence", 1..=16, evidence)?,
        },
        Kind::PublishPlan => Body::PublishPlan {
            publish_at: m.instant("publish_at")?,
            advisory: m.name("advisory")?,
            publisher: m.name("publisher")?,
        },
        Kind::Note => Body::Note {
            to: m.optional_list("to", 0..=64, super::reader::name)?,
            of: m.optional_name("of")?,
            commitment: m.optional_name("commitment")?,
        },
        Kind::Ack => Body::Ack { of: m.list("of", 1..=64, super::reader::name)? },
        _ => Body::Fault { of: m.name("of")?, code: m.text("code")?, why: m.optional_text("why")? },
    })
}

fn opening_party(value: &Value) -> Result<OpeningParty, BadBody> {
    let mut m = Members::of(value)?;
    let party = OpeningParty {
        party: m.name("party")?,
        org: m.organisation("org")?,
        roles: m.list("roles", 1..=6, super::reader::word)?,
    };
    m.finish()?;
    Ok(party)
}

fn link(value: &Value) -> Result<Link, BadBody> {
    let mut m = Members::of(value)?;
    let link = Link { case: m.name("case")?, relation: m.word("relation")? };
    m.finish()?;
    Ok(link)
}

fn evidence(value: &Value) -> Result<Evidence, BadBody> {
    let mut m = Members::of(value)?;
    let evidence = Evidence {
        kind: m.word("type")?,
        reference: m.text("ref")?,
        hash: m.optional_name("hash")?,
    };
    m.finish()?;
    Ok(evidence)
}

fn recipient(value: &Value) -> Result<Recipient, BadBody> {
    let mut m = Members::of(value)?;
    let recipient = Recipient {
        party: m.name("party")?,
        wrapped: m.text("wrapped")?,
        pass: m.optional_name("pass")?,
    };
    m.finish()?;
    Ok(recipient)
}
