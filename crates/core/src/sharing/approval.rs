//! Who must say yes to a tier, and whether they did (SH-25).
//!
//! Not here: verifying the signatures. An approval reaches this module only after the envelope that
//! carries it was opened; what the signer may do comes from the hub's directory, not from the signer.

use std::collections::BTreeSet;

use comity_ledger::envelope::Envelope;
use comity_ledger::key::{SigningKey, VerifyingKey};
use comity_ledger::statement::{self, StatementError, StatementKind, VerifiedStatement};
use serde::Serialize;
use serde_json::{Value, json};

use super::exchange::Exchange;
use super::instant::Instant;
use super::policy::Policy;
use super::screen::{Screen, screen};
use super::word::{ApprovalKind, Tier, Verdict};
use crate::lexicon::terms::terms;

terms! {
    /// In which office an account approves.
    Office { Authority = "authority", Officer = "officer", Reviewer = "reviewer" }
}

/// An account of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its organisation.
    pub org: String,
}

/// One signed yes to one tier of one result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Who.
    pub account: Account,
    /// In which office.
    pub office: Office,
    /// The hash of the result that was signed.
    pub screen: String,
    /// The tier that was signed.
    pub tier: Tier,
}

impl Approval {
    /// Signs the approval: the result's hash and the tier, by whom, in which case and when.
    pub fn sign(
        &self,
        case: &str,
        at: Instant,
        key: &SigningKey,
    ) -> Result<Envelope, StatementError> {
        let said = json!({
            "account": self.account.id, "at": at, "case": case, "office": self.office,
            "org": self.account.org, "screen": self.screen, "tier": self.tier, "v": 1,
        });
        statement::sign(StatementKind::Approval, &said, key)
    }

    /// Reads a signed approval of a case; nothing if it is of another or its signature does not hold.
    #[must_use]
    pub fn open(envelope: &Envelope, case: &str, key: &VerifyingKey) -> Option<Self> {
        let members =
            VerifiedStatement::open(envelope, StatementKind::Approval, key).ok()?.into_members();
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("case")? != case {
            return None;
        }
        Some(Self {
            account: Account { id: text("account")?, org: text("org")? },
            office: Office::parse(&text("office")?)?,
            screen: text("screen")?,
            tier: Tier::parse(&text("tier")?)?,
        })
    }
}

/// Why approvals do not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefusal {
    /// The tier is denied, or was not asked for: nobody can approve it.
    #[error("nobody can approve this tier")]
    Denied,
    /// Too few, or not by those who must.
    #[error("approvals are missing")]
    Missing,
    /// An approval is for another result or tier.
    #[error("an approval is for another result or tier")]
    Other,
}

impl ApprovalRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Denied => "approval-denied",
            Self::Missing => "approval-missing",
            Self::Other => "approval-other",
        }
    }
}

/// An exchange with the result that the policy gives for it.
///
/// Invariant: made by screening, so that no caller can bring a result of its own.
#[derive(Debug)]
pub struct Screened<'s> {
    exchange: &'s Exchange,
    policy: &'s Policy,
    screen: Screen,
}

impl<'s> Screened<'s> {
    /// Screens the exchange.
    #[must_use]
    pub fn new(exchange: &'s Exchange, policy: &'s Policy) -> Self {
        Self { exchange, policy, screen: screen(exchange, policy) }
    }

    /// Returns the exchange.
    #[must_use]
    pub const fn exchange(&self) -> &Exchange {
        self.exchange
    }

    /// Returns the result.
    #[must_use]
    pub const fn screen(&self) -> &Screen {
        &self.screen
    }

    pub(super) const fn policy(&self) -> &Policy {
        self.policy
    }
}

/// A tier of one result that those who must have approved.
///
/// Invariant: only [`Approved::check`] makes one.
#[derive(Debug)]
pub struct Approved {
    screen: String,
    tier: Tier,
}

impl Approved {
    /// Returns the approval of a tier if `approvals` hold what the result demands.
    ///
    /// `interested` are organisations with a stake in the case; a reviewer belongs to none of them.
    pub fn check(
        screened: &Screened<'_>,
        tier: Tier,
        asker: &str,
        approvals: &[Approval],
        interested: &BTreeSet<String>,
    ) -> Result<Self, ApprovalRefusal> {
        let screen = screened.screen().hash();
        let verdict = screened.screen().tier(tier).ok_or(ApprovalRefusal::Denied)?;
        let kind = match (verdict.verdict, verdict.approval) {
            (Verdict::Allow | Verdict::Escalate, Some(kind)) => kind,
            (Verdict::Deny, _) | (_, None) => return Err(ApprovalRefusal::Denied),
        };
        if approvals.iter().any(|one| one.screen != screen || one.tier != tier) {
            return Err(ApprovalRefusal::Other);
        }
        let suffices = match kind {
            ApprovalKind::None => true,
            ApprovalKind::One => officers(approvals).count() > 0,
            ApprovalKind::Two => {
                let accounts: BTreeSet<&str> = officers(approvals).collect();
                // Two accounts are two, of which one at most is the asker's.
                accounts.len() >= 2
            }
            ApprovalKind::Authority => authority_and_reviewer(approvals, asker, interested),
        };
        if suffices { Ok(Self { screen, tier }) } else { Err(ApprovalRefusal::Missing) }
    }

    pub(super) fn screen(&self) -> &str {
        &self.screen
    }

    pub(super) const fn tier(&self) -> Tier {
        self.tier
    }
}

fn officers(approvals: &[Approval]) -> impl Iterator<Item = &str> {
    let may = |one: &&Approval| matches!(one.office, Office::Authority | Office::Officer);
    approvals.iter().filter(may).map(|one| one.account.id.as_str())
}

fn authority_and_reviewer(
    approvals: &[Approval],
    asker: &str,
    interested: &BTreeSet<String>,
) -> bool {
    let others = || approvals.iter().filter(|one| one.account.id != asker);
    let reviewers = || {
        others()
            .filter(|one| one.office == Office::Reviewer && !interested.contains(&one.account.org))
    };
    others().filter(|one| one.office == Office::Authority).any(|authority| {
        reviewers().any(|reviewer| {
            reviewer.account.org != authority.account.org
                && reviewer.account.id != authority.account.id
        })
    })
}
