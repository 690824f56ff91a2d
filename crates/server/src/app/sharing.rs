//! The sharing gate at work: screens of a case, approvals, passes, content for other hubs, recall.
//!
//! `core::sharing` decides; this module gathers what it asks for, signs what it allows and writes each step as
//! one unit into the case's coordination room. Content for another hub leaves as an [`Outbound`] row alone, and
//! only a pass makes one. Not here: transport, pages.
//!
//! [`Outbound`]: comity_store::Outbound

mod appeal;
mod approve;
mod ask;
mod deliver;
mod gather;
mod log;
mod outbound;
mod public;
mod raters;
mod read;
mod send;
mod tend;

use std::sync::{Arc, Mutex, PoisonError};

use comity_core::sharing::{Ask, PublicTable};
use comity_core::sharing::{Given, Instant, Policies, PolicyError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use appeal::{AppealForm, DecisionForm};
pub use approve::ApprovalForm;
pub use ask::{PreviewForm, RecipientForm, ScreenForm};
pub(crate) use deliver::SHARE_TOPIC;
pub use outbound::Outbound;
pub use raters::{RatingForm, SampleForm};
pub use read::{ScreenRead, ScreenRow, ShareRow, TaskRow};
pub use send::{ShareForm, WithdrawForm};

use super::AppError;

/// The compartment in which records of screens lie.
const RECORD: &str = "screen-record";
/// The compartment in which refused input lies.
const REFUSED: &str = "screen-refused";
/// The compartment in which signed approvals lie.
const APPROVAL: &str = "screen-approval";
/// The compartment in which passes lie, with what was sealed under them.
const PASS: &str = "pass";
/// The compartment in which reasons lie: of withdrawals and appeals.
const REASON: &str = "share-reason";
/// Screens, passes and steps of one case that are looked at.
const PAGE_ROWS: u32 = 1_000;

/// The policies, and the public tables as last computed.
#[derive(Debug)]
pub(crate) struct Screens {
    policies: Policies,
    tables: Mutex<Vec<KeptTable>>,
}

/// A table by its quarter, with how many decisions it counted and when the newest changed.
type KeptTable = (String, (usize, i64), Arc<PublicTable>);

/// Public tables kept at once.
const TABLES_MAX: usize = 8;

impl Screens {
    /// Reads the policies that ship.
    pub(crate) fn load() -> Result<Self, PolicyError> {
        Ok(Self { policies: Policies::embedded()?, tables: Mutex::default() })
    }

    /// Returns the policies, past ones too.
    pub(crate) const fn policies(&self) -> &Policies {
        &self.policies
    }

    fn table(&self, quarter: &str, seen: (usize, i64)) -> Option<Arc<PublicTable>> {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let found = tables.iter().find(|(name, at, _)| name == quarter && *at == seen);
        found.map(|(_, _, table)| Arc::clone(table))
    }

    fn keep(&self, quarter: &str, seen: (usize, i64), table: &Arc<PublicTable>) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.retain(|(name, ..)| name != quarter);
        if tables.len() >= TABLES_MAX {
            tables.remove(0);
        }
        tables.push((quarter.to_owned(), seen, Arc::clone(table)));
    }
}

/// A record as it lies sealed: its exact bytes, and what it takes to make it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SealedRecord {
    /// The record, RFC 8785.
    record: String,
    /// The salt of its leaf, hexadecimal.
    salt: String,
    /// The recipient, as the case names it.
    party: String,
    /// The report it is about.
    report: String,
    /// Who asked.
    asker: String,
    /// What people said.
    ask: Ask,
    /// When it was asked for.
    asked_at: Instant,
}

/// What people and facts answered, as a record holds it.
type Answers = Vec<Given>;

/// A pass as it lies sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SealedPass {
    /// The salt that goes into the pass, hexadecimal.
    salt: String,
    /// The signed pass.
    envelope: String,
    /// The record it rests on.
    screen: String,
    /// The recipient, as the case names it.
    party: String,
    /// The recipient organisation.
    org: String,
    /// The tier.
    tier: String,
    /// What was sealed under it: compartment and commitment.
    sealed: Vec<(String, String)>,
}

/// Returns an instant to the second.
fn second(at: Timestamp) -> Result<Instant, AppError> {
    let text = Timestamp::from_second(at.as_second()).map_err(AppError::fault)?.to_string();
    Instant::parse(&text).ok_or_else(|| AppError::fault("an instant without its spelling"))
}

/// Returns milliseconds of an instant to the second.
const fn millis(at: Instant) -> i64 {
    at.as_second().saturating_mul(1_000)
}
