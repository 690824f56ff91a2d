//! The demonstration: a fresh hub does its whole job on shipped reports and public cases, in virtual time.
//!
//! It calls the same use cases as pages and API, as people with accounts would: a finder's side, two
//! coordinators, a vendor's analyst each. Days pass by moving the clock, so that embargoes run out.
//! Not here: rules, and anything that only the demo could do.

mod cert;
mod content;
mod law;
mod script;

use std::collections::BTreeMap;
use std::path::Path;

use comity_core::access::{Action, Actor, Role, Scope};
use comity_ledger::export::Checker;
use comity_ledger::receipt::VerifiedReceipt;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::app::setup::{self, SetupError};
use crate::app::{AppError, Hub};
use crate::clock::Clock;
use crate::config::Config;

pub use cert::{Certification, Shipment};
pub use law::LawSummary;

/// What has been done so far, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// The instant it is in the demo.
    pub at: Timestamp,
    /// What was done last.
    pub what: String,
}

/// One time that another hub was to be given something, and what the gate answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AskedShare {
    /// When, by the demo's clock.
    pub at: String,
    /// The tier asked for.
    pub tier: String,
    /// `allow`, `escalate` or `deny`.
    pub outcome: String,
    /// What risk remains, as A, B and C.
    pub residual: [u64; 3],
    /// Who must approve; empty if nobody can.
    pub approval: String,
    /// Why.
    pub reasons: Vec<String>,
    /// What would open the tier now or later.
    pub opens: Vec<String>,
}

/// What the demo did, for the closing table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Reports filed.
    pub reports: u64,
    /// Verdicts and how many reports got each.
    pub verdicts: BTreeMap<String, u64>,
    /// Cases opened.
    pub cases: u64,
    /// Parties in these cases.
    pub parties: u64,
    /// Signed entries in the rooms of cases.
    pub entries: u64,
    /// Advisories published, in their newest version.
    pub advisories: u64,
    /// Versions of advisories.
    pub versions: u64,
    /// Files that are served for them: one's own format, CSAF 2.0, CSAF 2.1, OSV.
    pub files: u64,
    /// Receipts whose signature held, checked offline.
    pub receipts_verified: u64,
    /// Case exports in which every chain and signature held, checked offline.
    pub exports_verified: u64,
    /// Shares that crossed to another hub under a pass.
    pub shares: u64,
    /// Each time another hub was to be given a report, and what the gate answered.
    pub asked: Vec<AskedShare>,
    /// Commands the case protocol refused, as the demo expects: publishing early, approving one's own draft.
    pub refused: BTreeMap<String, u64>,
    /// What the certification of five jurisdictions came to.
    pub certification: Certification,
    /// What two sovereigns ask in the worked example.
    pub law: LawSummary,
}

/// Why the demo could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A use case failed where the script expects it to work.
    #[error("{step}: {source}{detail}")]
    App {
        /// The step.
        step: String,
        /// Why.
        source: AppError,
        /// The codes of a refusal.
        detail: String,
    },
    /// A file shipped with the program does not hold.
    #[error("a shipped file does not hold: {0}")]
    Data(String),
    /// The hub could not be made.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl DemoError {
    fn app(step: &str, source: AppError) -> Self {
        let detail = match &source {
            AppError::Refused(refusals) => refusals
                .iter()
                .map(|refusal| format!(" {} {}", refusal.pointer, refusal.code))
                .collect::<Vec<_>>()
                .concat(),
            AppError::Fault(fault) => format!(" {fault}"),
            AppError::Busy { .. }
            | AppError::Changed
            | AppError::NoToken
            | AppError::NotFound
            | AppError::RateLimited { .. }
            | AppError::ScopeMissing(_) => String::new(),
        };
        Self::App { step: step.to_owned(), source, detail }
    }
}

/// Days the demo's story lasts.
const STORY_DAYS: i64 = 200;

/// Returns the configuration of the demo's hub: an invented CERT in an invented jurisdiction.
#[must_use]
pub fn config() -> Config {
    Config {
        hub: "nv".to_owned(),
        name: "CERT Norvik (demonstration)".to_owned(),
        jurisdiction: "NV".to_owned(),
        jurisdiction_name: "Norvik".to_owned(),
        contact: "mailto:security@norvik.example".to_owned(),
        ..Config::default()
    }
}

/// Makes a hub in `data` and lets it do everything; the story ends a day before `now`.
pub async fn run(
    data: &Path,
    config: &Config,
    now: Timestamp,
    mut watch: impl FnMut(&Progress),
) -> Result<Summary, DemoError> {
    let start = now - SignedDuration::from_hours(24 * STORY_DAYS);
    let hub = setup::create(data, config, Clock::at(start)).await?;
    let mut story = script::Story::new(hub.clone(), start)?;
    story.people().await?;
    let steps = story.steps();
    let total = steps.len();
    for (done, step) in steps.into_iter().enumerate() {
        hub.clock().set(step.at);
        let what = story.take(&step).await?;
        watch(&Progress { done: done + 1, total, at: step.at, what });
    }
    // A case of its own at instants of its own: nothing follows it in the story.
    let example = law::play(&hub, story.coordinator()).await;
    let example = example.map_err(|error| DemoError::app("law", error))?;
    let mut summary = story.close().await?;
    summary.certification = certify(&hub).await?;
    summary.law = example;
    hub.store().close().await;
    Ok(summary)
}

/// Lets five invented jurisdictions go through a cycle of certification, in a standard with virtual time.
pub async fn certify(hub: &Hub) -> Result<Certification, DemoError> {
    cert::Cycle::new(hub.clone())?.run().await
}

/// An actor of the demo with every scope its roles allow.
fn actor(account: &str, organisation: &str, role: Role) -> Actor {
    Actor {
        account: account.to_owned(),
        organisation: organisation.to_owned(),
        roles: vec![role],
        scopes: Scope::ALL.to_vec(),
    }
}

/// Checks a case export as a stranger would: with nothing but the file.
fn export_holds(export: &[u8]) -> bool {
    let mut lines = export.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let Some(Ok(mut checker)) = lines.next().map(Checker::start) else { return false };
    for line in lines {
        if checker.push(line).is_err() {
            return false;
        }
    }
    checker.finish().is_ok()
}

/// Checks a receipt as a finder would.
fn receipt_holds(receipt: &Value) -> bool {
    let Ok(bytes) = serde_json::to_vec(receipt) else { return false };
    comity_ledger::envelope::Envelope::parse(&bytes)
        .is_ok_and(|envelope| VerifiedReceipt::open(&envelope).is_ok())
}

/// Counts what the store holds at the end.
async fn counted(hub: &Hub, alice: &Actor, summary: &mut Summary) -> Result<(), AppError> {
    let by = alice.authorise(Action::ReadCase)?;
    let mut cursor: Option<String> = None;
    loop {
        let page = hub.list_cases(by, cursor.as_deref(), 200).await?;
        for row in &page.items {
            let read = hub.read_case(by, &row.case).await?;
            let count = |name: &str| {
                let list = read.state.get(name).and_then(Value::as_array);
                list.map_or(0, |list| u64::try_from(list.len()).unwrap_or(u64::MAX))
            };
            summary.parties += count("parties");
            summary.entries += count("order");
            let export = hub.export_case(by, &row.case).await?;
            summary.exports_verified += u64::from(export_holds(&export));
        }
        summary.cases += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}
