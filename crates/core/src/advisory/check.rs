//! Whether an advisory is in order: total, and every complaint names its place.
//!
//! Not here: whether it is true, or may be published now.

mod parts;
mod products;
mod text;

use std::ops::Deref;

use serde::Serialize;

use super::{Advisory, Publisher, Revision, RevisionKind, Status, Tlp, Withdrawal, limits};
use crate::refusal::{self, Refusal};
use text::Report;

/// An advisory in which [`Advisory::check`] found nothing. Only [`Advisory::checked`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Checked(Advisory);

impl Checked {
    /// Gives the document back, to be changed and checked anew.
    #[must_use]
    pub fn into_inner(self) -> Advisory {
        self.0
    }
}

impl Deref for Checked {
    type Target = Advisory;

    fn deref(&self) -> &Advisory {
        &self.0
    }
}

impl Advisory {
    /// Returns everything that is not in order, sorted by pointer and code; empty is good.
    #[must_use]
    pub fn check(&self) -> Vec<Refusal> {
        let mut report = Report::default();
        identity(self, &mut report);
        publisher(&self.publisher, &mut report);
        standing(self, &mut report);
        revisions(self, &mut report);
        if let Some(withdrawal) = &self.withdrawal {
            self::withdrawal(self, withdrawal, &mut report);
        }
        parts::content(&self.content, &mut report);
        let mut refusals = report.into_refusals();
        refusal::sort(&mut refusals);
        refusals
    }

    /// Returns the proof that nothing is out of order, or what is.
    pub fn checked(self) -> Result<Checked, Vec<Refusal>> {
        let refusals = self.check();
        if refusals.is_empty() { Ok(Checked(self)) } else { Err(refusals) }
    }
}

fn identity(advisory: &Advisory, report: &mut Report) {
    if !text::is_case_id(&advisory.id) {
        report.refuse("value-invalid", "/id");
    } else if hub_of(&advisory.id) != Some(advisory.publisher.hub.as_str()) {
        report.refuse("advisory-hub-mismatch", "/publisher/hub");
    }
    report.instant("/drafted_at", advisory.drafted_at);
}

fn hub_of(id: &str) -> Option<&str> {
    let (rest, _serial) = id.rsplit_once('-')?;
    rest.rsplit_once('-').map(|(hub, _year)| hub)
}

fn publisher(publisher: &Publisher, report: &mut Report) {
    report.line("/publisher/name", &publisher.name, limits::NAME_MAX);
    report.https("/publisher/namespace", &publisher.namespace);
    if let Some(contact) = &publisher.contact {
        report.text("/publisher/contact", contact, limits::TEXT_MAX);
    }
}

fn standing(advisory: &Advisory, report: &mut Report) {
    let withdrawn = advisory.status == Status::Withdrawn;
    if withdrawn != advisory.withdrawal.is_some() {
        report.refuse(
            if withdrawn { "field-missing" } else { "withdrawal-misplaced" },
            "/withdrawal",
        );
    }
    if advisory.status != Status::Draft && advisory.tlp != Tlp::Clear {
        report.refuse("tlp-not-clear", "/tlp");
    }
    let published = u32::try_from(advisory.revisions.len()).unwrap_or(u32::MAX);
    if advisory.version != published {
        report.refuse("version-mismatch", "/version");
    }
    if (advisory.status == Status::Draft) != (published == 0) {
        report.refuse("version-mismatch", "/status");
    }
}

fn revisions(advisory: &Advisory, report: &mut Report) {
    report.count("/revisions", advisory.revisions.len(), limits::REVISIONS_MAX);
    let mut before: Option<&Revision> = None;
    for (index, revision) in advisory.revisions.iter().enumerate() {
        let at = format!("/revisions/{index}");
        let expected = before.map_or(1, |before| before.version.saturating_add(1));
        if revision.version != expected {
            report.refuse("version-mismatch", &format!("{at}/version"));
        }
        report.instant(&format!("{at}/at"), revision.at);
        let floor_kept = match before {
            Some(before) => revision.at > before.at,
            None => revision.at >= advisory.drafted_at,
        };
        if !floor_kept {
            report.refuse("time-order", &format!("{at}/at"));
        }
        let last = index + 1 == advisory.revisions.len();
        if revision.kind != RevisionKind::Initial && before.is_none()
            || revision.kind == RevisionKind::Initial && before.is_some()
            || (revision.kind == RevisionKind::Withdrawal)
                != (last && advisory.status == Status::Withdrawn)
        {
            report.refuse("revision-kind", &format!("{at}/kind"));
        }
        report.text(&format!("{at}/summary"), &revision.summary, limits::TEXT_MAX);
        before = Some(revision);
    }
}

fn withdrawal(advisory: &Advisory, withdrawal: &Withdrawal, report: &mut Report) {
    report.text("/withdrawal/reason", &withdrawal.reason, limits::TEXT_MAX);
    if let Some(successor) = &withdrawal.successor
        && (!text::is_case_id(successor) || *successor == advisory.id)
    {
        report.refuse("value-invalid", "/withdrawal/successor");
    }
}
