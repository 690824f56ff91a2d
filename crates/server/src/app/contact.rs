//! How a finder who gave an address is to be answered: the one opening of the identity compartment.
//!
//! Hub staff see where to answer and nothing of who the finder is beyond that, unless the finder chose that the
//! lead may learn it, and only where two people asked for it within a day (mission.md, D04). Each asking and each
//! look is durable before anything is handed out. Not here: the mailbox (`mailbox`).

use std::collections::BTreeSet;

use comity_core::access::{Action, Authorised};
use comity_core::report::{Compartment, Identity};
use comity_core::terms;
use serde::Serialize;
use serde_json::Value;

use super::erase::ERASED;
use super::intake::{IDENTITY, IDENTITY_TO};
use super::reports::{ITEMS_MAX, expect};
use super::{AppError, Hub};

/// The name under which looks at a finder's address are recorded.
const CONTACT: &str = "contact";
/// The name under which it is recorded that somebody asked for one.
const ASKED: &str = "contact-asked";
/// People who must have asked, and within which time, in milliseconds.
const ASKERS: usize = 2;
const ASKED_WITHIN_MS: i64 = 24 * 3_600 * 1_000;
/// Looks that are read at once.
const PAGE_ROWS: u32 = 500;

/// What a finder gave to be answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ContactRead {
    /// The report.
    pub report: String,
    /// Where to answer, as the finder wrote it: untrusted text.
    pub contact: Option<String>,
    /// The finder's `OpenPGP` key, if one was given: untrusted text.
    pub openpgp: Option<String>,
    /// Who may learn who the finder is: `nobody`, `lead` or `vendors`.
    pub identity_to: String,
    /// The name, if the lead may learn it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How the finder wants to be credited, if the lead may learn it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
}

impl Hub {
    /// Opens how the finder of a report is to be answered; refused if the finder gave no address, and until a
    /// second person asks, too.
    pub async fn read_contact(
        &self,
        by: Authorised<'_>,
        report: &str,
    ) -> Result<ContactRead, AppError> {
        expect(by, Action::ReadContact)?;
        let row = self.report_row(report).await?;
        if row.state == ERASED {
            return Err(AppError::refused("wrong-state"));
        }
        self.look(by, report, ASKED).await?;
        if self.askers(report).await? < ASKERS {
            return Err(AppError::refused("second-person-missing"));
        }
        self.look(by, report, CONTACT).await?;
        let (identity, about) = self.open_identity(report).await?;
        let text = |name| about.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(contact) = identity.as_ref().and_then(|identity| identity.contact.clone()) else {
            return Err(AppError::refused("wrong-state"));
        };
        let choice = text(IDENTITY_TO).unwrap_or_else(|| "nobody".to_owned());
        let whose = terms::Identity::of(identity.as_ref(), Some(&choice));
        let told = identity.filter(|_| !whose.forwarded_to().is_empty());
        Ok(ContactRead {
            report: report.to_owned(),
            contact: Some(contact),
            openpgp: text("openpgp"),
            identity_to: choice,
            credit: told.as_ref().and_then(|told| told.credit.clone()),
            name: told.and_then(|told| told.name),
        })
    }

    /// Counts the people who asked for a finder's address within a day.
    async fn askers(&self, report: &str) -> Result<usize, AppError> {
        let since = self.now_ms().saturating_sub(ASKED_WITHIN_MS);
        let (mut askers, mut after) = (BTreeSet::new(), String::new());
        loop {
            let page = self.store().looks(report, &after, PAGE_ROWS).await?;
            let Some(last) = page.last() else { return Ok(askers.len()) };
            after.clone_from(&last.look_id);
            let recent = page.into_iter().filter(|one| one.compartment == ASKED && one.at >= since);
            askers.extend(recent.map(|one| one.account));
        }
    }

    /// Opens the identity compartment of a report and the form's further answers about its finder.
    async fn open_identity(&self, report: &str) -> Result<(Option<Identity>, Value), AppError> {
        let (mut identity, mut about) = (None, Value::Null);
        for (item, key) in self.store().items(report, ITEMS_MAX).await? {
            if Compartment::parse(&item.compartment) != Some(Compartment::Identity) {
                continue;
            }
            let Some(plain) = self.open_item(&item, key.as_ref()).await? else { continue };
            let value: Value = serde_json::from_slice(&plain).map_err(AppError::fault)?;
            match value.get(IDENTITY) {
                Some(part) => {
                    identity = serde_json::from_value(part.clone()).map_err(AppError::fault)?;
                }
                None => about = value,
            }
        }
        Ok((identity, about))
    }
}
