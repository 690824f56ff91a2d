//! The closed sets of words of the gate, as types.
//!
//! Not here: classes, roles and mitigations, which are data of the policy.

use crate::lexicon::terms::terms;

terms! {
    /// How much of a report a bundle holds, from proof alone to everything (section 4).
    Tier { T0 = "T0", T1 = "T1", T2 = "T2", T3 = "T3", T4 = "T4", T5 = "T5" }
}
terms! {
    /// A question of the screen (section 3): three risks and the benefit.
    Question {
        A1 = "A1", A2 = "A2", A3 = "A3", A4 = "A4", A5 = "A5",
        B1 = "B1", B2 = "B2", B3 = "B3", B4 = "B4", B5 = "B5", B6 = "B6",
        C1 = "C1", C2 = "C2", C3 = "C3", C4 = "C4", C5 = "C5", C6 = "C6",
        D1 = "D1", D2 = "D2", D3 = "D3", D4 = "D4",
    }
}
terms! {
    /// A gate of law and marking (section 7).
    Gate { E1 = "E1", E2 = "E2", E3 = "E3", E4 = "E4", E5 = "E5", E6 = "E6" }
}
terms! {
    /// How the sender's state stands to the recipient's; national policy, dated (SH-05).
    Relationship {
        Ally = "ally", Partner = "partner", Neutral = "neutral", Rival = "rival", Unknown = "unknown",
    }
}
terms! {
    /// What an exchange is for.
    Purpose {
        Audit = "audit", Coordination = "coordination", Evaluation = "evaluation",
        Remediation = "remediation", Warning = "warning",
    }
}
terms! {
    /// An area of cooperation, rising (SH-01).
    Area {
        Protocol = "protocol", Verification = "verification", Infrastructure = "infrastructure",
        Evaluation = "evaluation",
    }
}
terms! {
    /// Which plane an area belongs to (SH-02).
    Plane { Proof = "proof", Content = "content" }
}
terms! {
    /// What the rule says of a tier, milder first.
    Verdict { Allow = "allow", Escalate = "escalate", Deny = "deny" }
}
terms! {
    /// Who must approve (SH-25).
    ApprovalKind { None = "none", One = "one", Two = "two", Authority = "authority" }
}
terms! {
    /// A recipient's consent to the embargo (case-protocol.md, PEC).
    Consent {
        Unbound = "unbound", Invited = "invited", Signatory = "signatory", Lapsed = "lapsed",
        Declined = "declined",
    }
}
terms! {
    /// The embargo machine's state (case-protocol.md, EM).
    EmbargoState { None = "N", Proposed = "P", Active = "A", Revise = "R", Exited = "X" }
}
terms! {
    /// The state of an agreement between hubs, projected (SH-19).
    AgreementState {
        Draft = "draft", Signed = "signed", InForce = "in_force", Suspended = "suspended",
        Ended = "ended",
    }
}
terms! {
    /// What is known of a gate that may block.
    FactState { Clear = "clear", Limited = "limited", Prohibited = "prohibited", Unknown = "unknown" }
}
terms! {
    /// What is known of a duty to share.
    DutyState { None = "none", Due = "due", Unknown = "unknown" }
}

/// Which of the four groups a question belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Factor {
    Capability,
    Sensitivity,
    Harm,
    Benefit,
}

impl Question {
    /// Returns the group.
    pub(crate) fn factor(self) -> Factor {
        match self.key().as_bytes().first() {
            Some(b'A') => Factor::Capability,
            Some(b'B') => Factor::Sensitivity,
            Some(b'C') => Factor::Harm,
            Some(_) | None => Factor::Benefit,
        }
    }

    /// Returns the questions about risk, in order.
    pub(crate) fn risks() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|question| question.factor() != Factor::Benefit)
    }
}

impl Area {
    /// Returns the plane of the area.
    #[must_use]
    pub const fn plane(self) -> Plane {
        match self {
            Self::Protocol | Self::Verification => Plane::Proof,
            Self::Infrastructure | Self::Evaluation => Plane::Content,
        }
    }
}
