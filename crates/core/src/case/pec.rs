//! A participant's embargo consent: who promised silence, and who is only asked.
//!
//! ```text
//! Unbound ──invite──► Invited ──accept──► Signatory ──adopt-without──► Lapsed
//!    │ accept: ► Signatory │ reject, silence    │ reject             invite │ ► Invited
//!    │ reject: ► Declined  ▼                    ▼                    accept │ ► Signatory
//!    └─────────────────► Declined ◄─────────────┘ ◄──────────────────reject ┘
//!                        Declined ──invite──► Invited
//! any ──embargo-over──► Unbound
//! ```
//!
//! Silence is applied by the view at a given now, never by the fold. Not here: until when somebody is
//! bound (`state`).

/// A party's consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pec {
    /// Nothing is asked.
    #[default]
    Unbound,
    /// Asked, not yet answered.
    Invited,
    /// Consents to the terms in force.
    Signatory,
    /// Consented to earlier terms only.
    Lapsed,
    /// Said no, or gave notice.
    Declined,
}

/// What moves consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// An invitation while terms are in force.
    Invite,
    /// Acceptance of the terms in force.
    Accept,
    /// Rejection of the terms in force.
    Reject,
    /// The time to answer passed (view only).
    Silence,
    /// A revision took force without this party.
    AdoptWithout,
    /// The embargo is over.
    EmbargoOver,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 6] = [
        Self::Invite,
        Self::Accept,
        Self::Reject,
        Self::Silence,
        Self::AdoptWithout,
        Self::EmbargoOver,
    ];

    /// Returns the name of the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Silence => "silence",
            Self::AdoptWithout => "adopt-without",
            Self::EmbargoOver => "embargo-over",
        }
    }
}

impl Pec {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Unbound, Self::Invited, Self::Signatory, Self::Lapsed, Self::Declined];

    /// Returns the name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unbound => "Unbound",
            Self::Invited => "Invited",
            Self::Signatory => "Signatory",
            Self::Lapsed => "Lapsed",
            Self::Declined => "Declined",
        }
    }

    /// Returns the state after `trigger`, if the machine has such a move.
    #[must_use]
    pub const fn after(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (_, Trigger::EmbargoOver) => Some(Self::Unbound),
            (_, Trigger::Reject) | (Self::Invited, Trigger::Silence) => Some(Self::Declined),
            (Self::Unbound | Self::Invited | Self::Lapsed | Self::Declined, Trigger::Invite) => {
                Some(Self::Invited)
            }
            (Self::Unbound | Self::Invited | Self::Signatory | Self::Lapsed, Trigger::Accept) => {
                Some(Self::Signatory)
            }
            (Self::Signatory, Trigger::AdoptWithout) => Some(Self::Lapsed),
            _ => None,
        }
    }
}
