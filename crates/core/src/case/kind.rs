//! The 32 kinds of entries and what each needs before its own rules (case-protocol.md, section 5).
//!
//! Not here: bodies (`body`) and the rules of each kind (`check`).

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `case.open`.
    CaseOpen,
    /// `case.link`.
    CaseLink,
    /// `case.status`.
    CaseStatus,
    /// `party.invite`.
    PartyInvite,
    /// `party.move`.
    PartyMove,
    /// `party.remove`.
    PartyRemove,
    /// `lead.beat`.
    LeadBeat,
    /// `lead.offer`.
    LeadOffer,
    /// `lead.accept`.
    LeadAccept,
    /// `lead.takeover`.
    LeadTakeover,
    /// `report.send` (messages RS).
    ReportSend,
    /// `report.ack` (messages RK).
    ReportAck,
    /// `report.judge` (messages RI, RV, RD, RA, RC).
    ReportJudge,
    /// `embargo.propose` (messages EP).
    EmbargoPropose,
    /// `embargo.revise` (messages EV).
    EmbargoRevise,
    /// `embargo.accept` (messages EA, EC).
    EmbargoAccept,
    /// `embargo.reject` (messages ER, EJ).
    EmbargoReject,
    /// `embargo.end` (messages ET).
    EmbargoEnd,
    /// `vendor.aware` (messages CV).
    VendorAware,
    /// `vendor.status`.
    VendorStatus,
    /// `fix.ready` (messages CF).
    FixReady,
    /// `fix.deployed` (messages CD).
    FixDeployed,
    /// `fix.incomplete`.
    FixIncomplete,
    /// `exposure.claim` (messages CP, CX, CA).
    ExposureClaim,
    /// `exposure.retract`.
    ExposureRetract,
    /// `content.seal`.
    ContentSeal,
    /// `content.grant`.
    ContentGrant,
    /// `duty.record`.
    DutyRecord,
    /// `publish.plan`.
    PublishPlan,
    /// `note` (messages GI).
    Note,
    /// `ack` (messages EK, CK, GK).
    Ack,
    /// `fault` (messages RE, EE, CE, GE).
    Fault,
}

impl Kind {
    /// Every kind, in the order of the table.
    pub const ALL: [Self; 32] = [
        Self::CaseOpen,
        Self::CaseLink,
        Self::CaseStatus,
        Self::PartyInvite,
        Self::PartyMove,
        Self::PartyRemove,
        Self::LeadBeat,
        Self::LeadOffer,
        Self::LeadAccept,
        Self::LeadTakeover,
        Self::ReportSend,
        Self::ReportAck,
        Self::ReportJudge,
        Self::EmbargoPropose,
        Self::EmbargoRevise,
        Self::EmbargoAccept,
        Self::EmbargoReject,
        Self::EmbargoEnd,
        Self::VendorAware,
        Self::VendorStatus,
        Self::FixReady,
        Self::FixDeployed,
        Self::FixIncomplete,
        Self::ExposureClaim,
        Self::ExposureRetract,
        Self::ContentSeal,
        Self::ContentGrant,
        Self::DutyRecord,
        Self::PublishPlan,
        Self::Note,
        Self::Ack,
        Self::Fault,
    ];

    /// Returns the name written in entries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CaseOpen => "case.open",
            Self::CaseLink => "case.link",
            Self::CaseStatus => "case.status",
            Self::PartyInvite => "party.invite",
            Self::PartyMove => "party.move",
            Self::PartyRemove => "party.remove",
            Self::LeadBeat => "lead.beat",
            Self::LeadOffer => "lead.offer",
            Self::LeadAccept => "lead.accept",
            Self::LeadTakeover => "lead.takeover",
            Self::ReportSend => "report.send",
            Self::ReportAck => "report.ack",
            Self::ReportJudge => "report.judge",
            Self::EmbargoPropose => "embargo.propose",
            Self::EmbargoRevise => "embargo.revise",
            Self::EmbargoAccept => "embargo.accept",
            Self::EmbargoReject => "embargo.reject",
            Self::EmbargoEnd => "embargo.end",
            Self::VendorAware => "vendor.aware",
            Self::VendorStatus => "vendor.status",
            Self::FixReady => "fix.ready",
            Self::FixDeployed => "fix.deployed",
            Self::FixIncomplete => "fix.incomplete",
            Self::ExposureClaim => "exposure.claim",
            Self::ExposureRetract => "exposure.retract",
            Self::ContentSeal => "content.seal",
            Self::ContentGrant => "content.grant",
            Self::DutyRecord => "duty.record",
            Self::PublishPlan => "publish.plan",
            Self::Note => "note",
            Self::Ack => "ack",
            Self::Fault => "fault",
        }
    }

    /// Reads a name; `None` for a kind that this program does not know.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Tells whether only the lead may author it.
    #[must_use]
    pub const fn is_lead_only(self) -> bool {
        matches!(
            self,
            Self::CaseLink
                | Self::CaseStatus
                | Self::PartyInvite
                | Self::PartyRemove
                | Self::LeadBeat
                | Self::LeadOffer
                | Self::EmbargoEnd
                | Self::PublishPlan
        )
    }

    /// Tells whether it is void unless the case is open.
    #[must_use]
    pub const fn needs_open_case(self) -> bool {
        matches!(
            self,
            Self::PartyInvite
                | Self::ReportSend
                | Self::ReportAck
                | Self::ReportJudge
                | Self::EmbargoPropose
                | Self::EmbargoRevise
                | Self::EmbargoAccept
                | Self::EmbargoReject
                | Self::EmbargoEnd
                | Self::ContentSeal
                | Self::ContentGrant
                | Self::PublishPlan
        )
    }

    /// Tells whether an entry of this kind may declare `area`.
    #[must_use]
    pub fn fits_area(self, area: &str) -> bool {
        let is_content = matches!(self, Self::ContentSeal | Self::ContentGrant);
        area == self.default_area() || (is_content && area == "infrastructure")
    }

    /// Returns the area written when the author names none.
    #[must_use]
    pub const fn default_area(self) -> &'static str {
        if matches!(self, Self::ContentSeal | Self::ContentGrant) {
            "evaluation"
        } else if matches!(self, Self::Ack) {
            "verification"
        } else {
            "protocol"
        }
    }
}
