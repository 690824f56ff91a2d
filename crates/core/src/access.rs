//! Who may do what: one static table of role × action, with an id for every rule.
//!
//! The table is the whole policy: [`decide`] looks a cell up and nothing else, so that it can be read,
//! printed and tested cell by cell (verification.md, PE-03). Not here: which cases an organisation
//! sees (the store's scope) and what the case protocol allows a party (`case::decide`).

use serde::Serialize;

/// What someone who signs in does at this hub. An account may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs the hub: accounts, tokens, keys; sees no content.
    Administrator,
    /// Assesses jurisdictions against an oversight standard.
    Assessor,
    /// Reads duties, cases and looks under a mandate.
    Auditor,
    /// Approves shares that need a named authority (sharing.md, SH-25).
    Authority,
    /// Triages reports, leads cases, publishes.
    Coordinator,
    /// Speaks for a jurisdiction's competent authority in certification.
    Delegate,
    /// Files reports and follows them.
    Finder,
    /// Releases content to other hubs, one or two of them at a time.
    Officer,
    /// Keeps the register of a standard and the records of its organs.
    Registrar,
    /// Reviews shares for another organisation, without interest in the case.
    Reviewer,
    /// Answers for a vendor's products.
    Vendor,
}

impl Role {
    /// Every role, in the order of the table's columns.
    pub const ALL: [Self; 11] = [
        Self::Administrator,
        Self::Assessor,
        Self::Auditor,
        Self::Authority,
        Self::Coordinator,
        Self::Delegate,
        Self::Finder,
        Self::Officer,
        Self::Registrar,
        Self::Reviewer,
        Self::Vendor,
    ];

    /// Returns the role's key in tokens and configuration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Assessor => "assessor",
            Self::Auditor => "auditor",
            Self::Authority => "authority",
            Self::Coordinator => "coordinator",
            Self::Delegate => "delegate",
            Self::Finder => "finder",
            Self::Officer => "officer",
            Self::Registrar => "registrar",
            Self::Reviewer => "reviewer",
            Self::Vendor => "vendor",
        }
    }

    /// Returns the role with that key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }
}

/// What a token may be used for, never more than its account's roles allow (portal.md, PO-70).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everything that administers the hub.
    Admin,
    /// Propose, sign, amend and leave agreements between hubs.
    AgreementWrite,
    /// Read cases, their entries, parties and clocks.
    CaseRead,
    /// Author entries in cases.
    CaseWrite,
    /// Read assessments of jurisdictions and what of a standard is not public.
    CertRead,
    /// Author records of certification.
    CertWrite,
    /// Read what law asks in cases.
    DutyRead,
    /// State facts, record duties, adopt editions of packs.
    DutyWrite,
    /// Open what a finder gave to be answered.
    IdentityRead,
    /// Draft, approve, publish, correct and withdraw advisories.
    PublishWrite,
    /// Read reports and their compartments.
    ReportRead,
    /// File, acknowledge and assess reports.
    ReportWrite,
    /// Approve shares in one's office.
    ShareApprove,
    /// Read screens, previews and shares.
    ShareRead,
    /// Ask for screens, share, withdraw.
    ShareWrite,
    /// Make and revoke tokens of one's own account.
    TokenWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 16] = [
        Self::Admin,
        Self::AgreementWrite,
        Self::CaseRead,
        Self::CaseWrite,
        Self::CertRead,
        Self::CertWrite,
        Self::DutyRead,
        Self::DutyWrite,
        Self::IdentityRead,
        Self::PublishWrite,
        Self::ReportRead,
        Self::ReportWrite,
        Self::ShareApprove,
        Self::ShareRead,
        Self::ShareWrite,
        Self::TokenWrite,
    ];

    /// Returns the scope as it stands in tokens, for example `case:read`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::AgreementWrite => "agreement:write",
            Self::CaseRead => "case:read",
            Self::CaseWrite => "case:write",
            Self::CertRead => "cert:read",
            Self::CertWrite => "cert:write",
            Self::DutyRead => "duty:read",
            Self::DutyWrite => "duty:write",
            Self::IdentityRead => "identity:read",
            Self::PublishWrite => "publish:write",
            Self::ReportRead => "report:read",
            Self::ReportWrite => "report:write",
            Self::ShareApprove => "share:approve",
            Self::ShareRead => "share:read",
            Self::ShareWrite => "share:write",
            Self::TokenWrite => "token:write",
        }
    }

    /// Returns the scope with that key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }
}

/// What someone asks to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Make accounts, organisations and tokens for others.
    AdministerAccounts,
    /// Let a case be answered under other editions of packs.
    AdoptPacks,
    /// Appeal against a screen, for one's own party.
    AppealScreen,
    /// Approve another person's draft advisory.
    ApproveAdvisory,
    /// Approve a share in one's office, and decide appeals.
    ApproveShare,
    /// Acknowledge, assess, decline a report.
    AssessReport,
    /// Author an entry for one's own party.
    CommandCase,
    /// Author a record of certification on one's own side of the procedure.
    CommandCert,
    /// Write or change a draft advisory.
    DraftAdvisory,
    /// File a report.
    FileReport,
    /// Make a token for oneself.
    MakeToken,
    /// Open a case from a report.
    OpenCase,
    /// Publish, correct or withdraw an advisory.
    PublishAdvisory,
    /// Read a case one's organisation is party to (or, hub staff, any of the hub's).
    ReadCase,
    /// Read an assessment one is a side of (or, registrars and auditors, any).
    ReadCert,
    /// Read how a finder who asked for it is to be answered; never more of who they are than they chose.
    ReadContact,
    /// Read what law asks in a case, of one's own party or, hub staff, of all.
    ReadDuty,
    /// Read the sealed compartments of a report, save identity.
    ReadReport,
    /// Read screens, previews and shares of the hub's cases.
    ReadShare,
    /// State facts and record duties, for one's own party or, hub staff, for any.
    RecordDuty,
    /// Ask for screens, share, withdraw.
    Share,
    /// Propose, sign, amend and leave agreements between hubs.
    WriteAgreement,
}

impl Action {
    /// Every action, in the order of the table's rows.
    pub const ALL: [Self; 22] = [
        Self::AdministerAccounts,
        Self::AdoptPacks,
        Self::AppealScreen,
        Self::ApproveAdvisory,
        Self::ApproveShare,
        Self::AssessReport,
        Self::CommandCase,
        Self::CommandCert,
        Self::DraftAdvisory,
        Self::FileReport,
        Self::MakeToken,
        Self::OpenCase,
        Self::PublishAdvisory,
        Self::ReadCase,
        Self::ReadCert,
        Self::ReadContact,
        Self::ReadDuty,
        Self::ReadReport,
        Self::ReadShare,
        Self::RecordDuty,
        Self::Share,
        Self::WriteAgreement,
    ];

    /// Returns the scope a token needs for the action.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::AdministerAccounts => Scope::Admin,
            Self::AdoptPacks | Self::RecordDuty => Scope::DutyWrite,
            Self::ApproveAdvisory | Self::DraftAdvisory | Self::PublishAdvisory => {
                Scope::PublishWrite
            }
            Self::AssessReport | Self::FileReport => Scope::ReportWrite,
            Self::ApproveShare => Scope::ShareApprove,
            Self::AppealScreen | Self::CommandCase | Self::OpenCase => Scope::CaseWrite,
            Self::CommandCert => Scope::CertWrite,
            Self::MakeToken => Scope::TokenWrite,
            Self::ReadCase => Scope::CaseRead,
            Self::ReadCert => Scope::CertRead,
            Self::ReadContact => Scope::IdentityRead,
            Self::ReadDuty => Scope::DutyRead,
            Self::ReadReport => Scope::ReportRead,
            Self::ReadShare => Scope::ShareRead,
            Self::Share => Scope::ShareWrite,
            Self::WriteAgreement => Scope::AgreementWrite,
        }
    }
}

/// Returns the id of the rule that allows `role` to do `action`, or nothing.
///
/// Nothing is allowed that does not stand here. Administrators see no content; auditors change none;
/// a vendor or finder acts only where its own organisation is a party, which the caller proves by
/// having found the thing in that organisation's scope.
#[must_use]
pub const fn decide(role: Role, action: Action) -> Option<&'static str> {
    match (role, action) {
        (Role::Administrator, Action::AdministerAccounts) => Some("AC-01"),
        (_, Action::MakeToken) => Some("AC-02"),
        (Role::Coordinator | Role::Finder | Role::Vendor, Action::FileReport) => Some("AC-03"),
        (Role::Coordinator, Action::AssessReport) => Some("AC-04"),
        (Role::Coordinator, Action::OpenCase) => Some("AC-05"),
        (Role::Coordinator | Role::Finder | Role::Vendor, Action::CommandCase) => Some("AC-06"),
        (Role::Coordinator | Role::Vendor, Action::DraftAdvisory) => Some("AC-07"),
        (Role::Coordinator, Action::ApproveAdvisory | Action::PublishAdvisory) => Some("AC-08"),
        (Role::Auditor | Role::Coordinator | Role::Finder | Role::Vendor, Action::ReadCase) => {
            Some("AC-09")
        }
        (Role::Coordinator, Action::ReadReport) => Some("AC-10"),
        (Role::Coordinator, Action::ReadContact) => Some("AC-13"),
        (Role::Assessor | Role::Delegate | Role::Registrar, Action::CommandCert) => Some("AC-11"),
        (Role::Assessor | Role::Auditor | Role::Delegate | Role::Registrar, Action::ReadCert) => {
            Some("AC-12")
        }
        (Role::Auditor | Role::Coordinator | Role::Finder | Role::Vendor, Action::ReadDuty) => {
            Some("AC-31")
        }
        (Role::Coordinator | Role::Finder | Role::Vendor, Action::RecordDuty) => Some("AC-32"),
        (Role::Coordinator, Action::AdoptPacks) => Some("AC-33"),
        (
            Role::Auditor | Role::Authority | Role::Coordinator | Role::Officer | Role::Reviewer,
            Action::ReadShare,
        ) => Some("AC-41"),
        (Role::Coordinator | Role::Officer, Action::Share) => Some("AC-42"),
        (Role::Authority | Role::Officer | Role::Reviewer, Action::ApproveShare) => Some("AC-43"),
        (Role::Coordinator | Role::Finder | Role::Vendor, Action::AppealScreen) => Some("AC-44"),
        (Role::Administrator | Role::Coordinator, Action::WriteAgreement) => Some("AC-45"),
        (
            Role::Administrator
            | Role::Assessor
            | Role::Auditor
            | Role::Authority
            | Role::Coordinator
            | Role::Delegate
            | Role::Finder
            | Role::Officer
            | Role::Registrar
            | Role::Reviewer
            | Role::Vendor,
            _,
        ) => None,
    }
}

/// Why something was not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No role of the account allows it: to be answered like "not found".
    #[error("no role allows this")]
    Role,
    /// A role allows it, but the token lacks the scope.
    #[error("the token lacks a scope")]
    Scope(Scope),
}

/// Someone signed in: organisation, account, roles and the scopes of the token in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account, unique at this hub.
    pub account: String,
    /// The organisation the account acts for.
    pub organisation: String,
    /// What the account may be.
    pub roles: Vec<Role>,
    /// What the token may be used for.
    pub scopes: Vec<Scope>,
}

impl Actor {
    /// Returns proof that this actor may do `action`, naming the rule.
    pub fn authorise(&self, action: Action) -> Result<Authorised<'_>, Denied> {
        let rule = self.roles.iter().find_map(|role| decide(*role, action)).ok_or(Denied::Role)?;
        if !self.scopes.contains(&action.scope()) {
            return Err(Denied::Scope(action.scope()));
        }
        Ok(Authorised { actor: self, action, rule })
    }

    /// Returns whether the actor sees all cases of the hub rather than its organisation's.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.roles.iter().any(|role| matches!(role, Role::Auditor | Role::Coordinator))
    }
}

/// Proof that an actor may do one action. Only [`Actor::authorise`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Authorised<'a> {
    actor: &'a Actor,
    action: Action,
    rule: &'static str,
}

impl<'a> Authorised<'a> {
    /// Returns who was authorised.
    #[must_use]
    pub const fn actor(&self) -> &'a Actor {
        self.actor
    }

    /// Returns what was authorised.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Returns the rule of the table that allowed it.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        self.rule
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The golden matrix: a changed cell must be changed here, too, and be seen in review.
    #[test]
    fn the_matrix_is_as_published() {
        let mut table = String::new();
        for action in Action::ALL {
            let cells: Vec<&str> =
                Role::ALL.iter().map(|role| decide(*role, action).unwrap_or("-")).collect();
            table = format!("{table}{action:?} {}\n", cells.join(" "));
        }
        assert_eq!(
            table,
            "AdministerAccounts AC-01 - - - - - - - - - -\n\
             AdoptPacks - - - - AC-33 - - - - - -\n\
             AppealScreen - - - - AC-44 - AC-44 - - - AC-44\n\
             ApproveAdvisory - - - - AC-08 - - - - - -\n\
             ApproveShare - - - AC-43 - - - AC-43 - AC-43 -\n\
             AssessReport - - - - AC-04 - - - - - -\n\
             CommandCase - - - - AC-06 - AC-06 - - - AC-06\n\
             CommandCert - AC-11 - - - AC-11 - - AC-11 - -\n\
             DraftAdvisory - - - - AC-07 - - - - - AC-07\n\
             FileReport - - - - AC-03 - AC-03 - - - AC-03\n\
             MakeToken AC-02 AC-02 AC-02 AC-02 AC-02 AC-02 AC-02 AC-02 AC-02 AC-02 AC-02\n\
             OpenCase - - - - AC-05 - - - - - -\n\
             PublishAdvisory - - - - AC-08 - - - - - -\n\
             ReadCase - - AC-09 - AC-09 - AC-09 - - - AC-09\n\
             ReadCert - AC-12 AC-12 - - AC-12 - - AC-12 - -\n\
             ReadContact - - - - AC-13 - - - - - -\n\
             ReadDuty - - AC-31 - AC-31 - AC-31 - - - AC-31\n\
             ReadReport - - - - AC-10 - - - - - -\n\
             ReadShare - - AC-41 AC-41 AC-41 - - AC-41 - AC-41 -\n\
             RecordDuty - - - - AC-32 - AC-32 - - - AC-32\n\
             Share - - - - AC-42 - - AC-42 - - -\n\
             WriteAgreement AC-45 - - - AC-45 - - - - - -\n"
        );
    }

    #[test]
    fn a_role_without_the_scope_is_told_which() {
        let actor = Actor {
            account: "a".into(),
            organisation: "o".into(),
            roles: vec![Role::Coordinator],
            scopes: vec![Scope::CaseRead],
        };
        assert!(actor.authorise(Action::ReadCase).is_ok());
        let denied = actor.authorise(Action::OpenCase).map(|proof| proof.rule());
        assert_eq!(denied, Err(Denied::Scope(Scope::CaseWrite)));
        let denied = actor.authorise(Action::AdministerAccounts).map(|proof| proof.rule());
        assert_eq!(denied, Err(Denied::Role));
    }
}
