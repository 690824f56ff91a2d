//! Why an entry changes nothing: the codes of void entries (case-protocol.md, CP-12).
//!
//! Not here: the checks (`check`), and words for people (locales).

use serde::{Serialize, Serializer};

/// Why an entry is kept but void; also the refusal of a command whose entry would be (CP-15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum VoidCode {
    /// The author signed another entry with the same seq.
    #[error("the author signed another entry with the same seq")]
    Equivocation,
    /// Comes after a forked seq of its author and nobody built on it before the fork was known.
    #[error(
        "comes after a forked seq of its author and nobody built on it before the fork was known"
    )]
    Frozen,
    /// Prev is not the author's entry seq-1, or is null when seq is not 0.
    #[error("prev is not the author's entry seq-1, or is null when seq is not 0")]
    BrokenChain,
    /// At is below the at of prev.
    #[error("at is below the at of prev")]
    TimeReversed,
    /// Kind is not in the table.
    #[error("kind is not in the table")]
    UnknownKind,
    /// Area does not fit the kind.
    #[error("area does not fit the kind")]
    WrongArea,
    /// A member is missing, unknown or of the wrong type.
    #[error("a member is missing, unknown or of the wrong type")]
    BadBody,
    /// No `case.open` stands before it.
    #[error("no case.open stands before it")]
    NoCase,
    /// Not the first `case.open`.
    #[error("not the first case.open")]
    AlreadyOpen,
    /// The acting or named party is not in the case.
    #[error("the acting or named party is not in the case")]
    UnknownParty,
    /// The acting party is not hosted by the author.
    #[error("the acting party is not hosted by the author")]
    NotYourParty,
    /// The acting or named party was removed.
    #[error("the acting or named party was removed")]
    PartyRemoved,
    /// The case is closed or merged.
    #[error("the case is closed or merged")]
    CaseNotOpen,
    /// Only the lead may.
    #[error("only the lead may")]
    NotLead,
    /// This party may not.
    #[error("this party may not")]
    NotAllowed,
    /// The machine has no such transition.
    #[error("the machine has no such transition")]
    WrongState,
    /// Needs own RM Accepted.
    #[error("needs own RM Accepted")]
    RmNotAccepted,
    /// Own RM is Closed.
    #[error("own RM is Closed")]
    RmClosed,
    /// Needs own RM Accepted, Deferred or Closed.
    #[error("needs own RM Accepted, Deferred or Closed")]
    RmNotEngaged,
    /// Not while an embargo is in force.
    #[error("not while an embargo is in force")]
    EmbargoHolds,
    /// The embargo ended, or its end is not after at.
    #[error("the embargo ended, or its end is not after at")]
    EmbargoOver,
    /// P, X or A is canonical.
    #[error("p, X or A is canonical")]
    Exposed,
    /// Every vendor has deployed.
    #[error("every vendor has deployed")]
    FixDeployed,
    /// Every vendor has a fix: 14 days at most.
    #[error("every vendor has a fix: 14 days at most")]
    FixReady14Days,
    /// The end is not after at.
    #[error("the end is not after at")]
    BadEnd,
    /// Longer than 365 days.
    #[error("longer than 365 days")]
    OverOneYear,
    /// Longer than 90 days without a reason.
    #[error("longer than 90 days without a reason")]
    JustificationMissing,
    /// An open proposal that the lead had seen ends earlier.
    #[error("an open proposal that the lead had seen ends earlier")]
    ShorterOpen,
    /// Not the terms in force nor an open proposal or revision.
    #[error("not the terms in force nor an open proposal or revision")]
    StaleTerms,
    /// Needs a new invitation first.
    #[error("needs a new invitation first")]
    Declined,
    /// Not the present epoch plus one.
    #[error("not the present epoch plus one")]
    StaleEpoch,
    /// Not a deputy of this case.
    #[error("not a deputy of this case")]
    NotDeputy,
    /// The lead was heard within its heartbeat.
    #[error("the lead was heard within its heartbeat")]
    LeadNotSilent,
    /// The entry named does not stand or does not fit.
    #[error("the entry named does not stand or does not fit")]
    NoSuchEntry,
    /// The content gate is closed for a party.
    #[error("the content gate is closed for a party")]
    GateClosed,
    /// A recipient on another hub without a pass.
    #[error("a recipient on another hub without a pass")]
    PassMissing,
    /// The party is not a vendor.
    #[error("the party is not a vendor")]
    NotVendor,
    /// A vendor deploys only what it hosts.
    #[error("a vendor deploys only what it hosts")]
    NotHosted,
    /// The vendor has no fix ready.
    #[error("the vendor has no fix ready")]
    NoFix,
    /// Already canonical.
    #[error("already canonical")]
    TooLate,
    /// The id is taken by another organisation or hub.
    #[error("the id is taken by another organisation or hub")]
    PartyExists,
    /// The lead cannot remove itself.
    #[error("the lead cannot remove itself")]
    OwnParty,
    /// Earlier than the end in force.
    #[error("earlier than the end in force")]
    BeforeEnd,
}

impl VoidCode {
    /// Every code, in the order of the table.
    pub const ALL: [Self; 43] = [
        Self::Equivocation,
        Self::Frozen,
        Self::BrokenChain,
        Self::TimeReversed,
        Self::UnknownKind,
        Self::WrongArea,
        Self::BadBody,
        Self::NoCase,
        Self::AlreadyOpen,
        Self::UnknownParty,
        Self::NotYourParty,
        Self::PartyRemoved,
        Self::CaseNotOpen,
        Self::NotLead,
        Self::NotAllowed,
        Self::WrongState,
        Self::RmNotAccepted,
        Self::RmClosed,
        Self::RmNotEngaged,
        Self::EmbargoHolds,
        Self::EmbargoOver,
        Self::Exposed,
        Self::FixDeployed,
        Self::FixReady14Days,
        Self::BadEnd,
        Self::OverOneYear,
        Self::JustificationMissing,
        Self::ShorterOpen,
        Self::StaleTerms,
        Self::Declined,
        Self::StaleEpoch,
        Self::NotDeputy,
        Self::LeadNotSilent,
        Self::NoSuchEntry,
        Self::GateClosed,
        Self::PassMissing,
        Self::NotVendor,
        Self::NotHosted,
        Self::NoFix,
        Self::TooLate,
        Self::PartyExists,
        Self::OwnParty,
        Self::BeforeEnd,
    ];

    /// Returns the stable code, for example `gate-closed`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Equivocation => "equivocation",
            Self::Frozen => "frozen",
            Self::BrokenChain => "broken-chain",
            Self::TimeReversed => "time-reversed",
            Self::UnknownKind => "unknown-kind",
            Self::WrongArea => "wrong-area",
            Self::BadBody => "bad-body",
            Self::NoCase => "no-case",
            Self::AlreadyOpen => "already-open",
            Self::UnknownParty => "unknown-party",
            Self::NotYourParty => "not-your-party",
            Self::PartyRemoved => "party-removed",
            Self::CaseNotOpen => "case-not-open",
            Self::NotLead => "not-lead",
            Self::NotAllowed => "not-allowed",
            Self::WrongState => "wrong-state",
            Self::RmNotAccepted => "rm-not-accepted",
            Self::RmClosed => "rm-closed",
            Self::RmNotEngaged => "rm-not-engaged",
            Self::EmbargoHolds => "embargo-holds",
            Self::EmbargoOver => "embargo-over",
            Self::Exposed => "exposed",
            Self::FixDeployed => "fix-deployed",
            Self::FixReady14Days => "fix-ready-14-days",
            Self::BadEnd => "bad-end",
            Self::OverOneYear => "over-one-year",
            Self::JustificationMissing => "justification-missing",
            Self::ShorterOpen => "shorter-open",
            Self::StaleTerms => "stale-terms",
            Self::Declined => "declined",
            Self::StaleEpoch => "stale-epoch",
            Self::NotDeputy => "not-deputy",
            Self::LeadNotSilent => "lead-not-silent",
            Self::NoSuchEntry => "no-such-entry",
            Self::GateClosed => "gate-closed",
            Self::PassMissing => "pass-missing",
            Self::NotVendor => "not-vendor",
            Self::NotHosted => "not-hosted",
            Self::NoFix => "no-fix",
            Self::TooLate => "too-late",
            Self::PartyExists => "party-exists",
            Self::OwnParty => "own-party",
            Self::BeforeEnd => "before-end",
        }
    }
}

impl Serialize for VoidCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
