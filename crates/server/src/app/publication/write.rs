//! Writing a version: document, search words, the public entry and the case's exposure, as one unit.

use std::sync::Arc;

use comity_core::advisory::{Checked, RevisionKind, Status};
use comity_core::case::entry::Command;
use comity_core::case::kind::Kind;
use comity_store::{Advisory, Correction, Rows, SearchEntry};
use serde_json::json;

use super::{PUBLICATION, Released};
use crate::app::cases::CaseFile;
use crate::app::{Answered, AppError, Hub, Once, Said, object, sha256_hex};

impl Hub {
    /// Writes one version of an advisory. `word` is what happened: published, corrected, withdrawn.
    pub(super) async fn write_version(
        &self,
        file: &CaseFile,
        checked: Checked,
        word: &'static str,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let document = serde_json_canonicalizer::to_vec(&*checked).map_err(AppError::fault)?;
        let sha256 = sha256_hex(&document);
        let mut rows = Rows::new();
        let next = self.expose(file, &checked.id, &sha256, &mut rows)?;
        self.version_rows(&checked, document, &sha256, &mut rows)?;
        let room = self.hub_room(PUBLICATION, self.now_ms()).await?;
        let needs = rows.needs().chain(&room.id, &self.config().hub);
        let released = Released {
            state: if word == "withdrawn" { "withdrawn" } else { "published" }.to_owned(),
            advisory: checked.id.clone(),
            version: checked.version,
            sha256: sha256.clone(),
            at: checked.changed_at(),
        };
        let hub = self.clone();
        let (at, version) = (self.now_ms(), checked.version);
        let id = checked.id.clone();
        let kind = format!("advisory.{word}");
        let answered = self
            .write(once, 200, needs, move |view| {
                let said = Said {
                    case: &hub.config().hub,
                    kind: &kind,
                    area: "protocol",
                    party: &hub.config().hub,
                    body: object(json!({ "advisory": id, "version": version, "sha256": sha256 })),
                    at,
                };
                let head = view.head(&room.id, &hub.config().hub);
                let mut rows = rows.clone();
                rows.put(hub.sign_next(Some(&room.id), head, &said)?);
                Ok((rows, released.clone()))
            })
            .await?;
        if let Some(next) = next.filter(|_| !answered.replayed) {
            self.cases_cache().remember(next.case.id().as_str(), next.clone());
        }
        Ok(answered)
    }

    /// What the world reads is public: the lead's claim P, unless it stands already.
    fn expose(
        &self,
        file: &CaseFile,
        advisory: &str,
        sha256: &str,
        rows: &mut Rows,
    ) -> Result<Option<Arc<CaseFile>>, AppError> {
        let state = file.case.state();
        let public = state.exposed.contains_key(&comity_core::case::word::Letter::Public);
        let Some(lead) = state.lead.as_ref().filter(|_| !public) else { return Ok(None) };
        let address = format!("{}/en/advisories/{advisory}", self.config().base_url);
        let draft = file.case.draft(Command {
            author: self.hub_id()?,
            party: lead.party.clone(),
            at: self.next_at(file),
            kind: Kind::ExposureClaim,
            body: object(json!({
                "letter": "P", "evidence": [{ "type": "url", "ref": address, "hash": sha256 }],
            })),
        });
        file.case.decide(&draft).map_err(|code| AppError::refused(code.code()))?;
        let (next, _entry_id) = self.extend(file, &draft, rows)?;
        Ok(Some(next))
    }

    fn version_rows(
        &self,
        checked: &Checked,
        document: Vec<u8>,
        sha256: &str,
        rows: &mut Rows,
    ) -> Result<(), AppError> {
        let now = checked.changed_at().as_millisecond();
        let first = checked.published_at().map_or(now, jiff::Timestamp::as_millisecond);
        let withdrawn = checked.status == Status::Withdrawn;
        let successor = checked.withdrawal.as_ref().and_then(|w| w.successor.clone());
        rows.put(Advisory {
            advisory_id: checked.id.clone(),
            version: i64::from(checked.version),
            case_id: Some(checked.id.clone()),
            state: if withdrawn { "withdrawn" } else { "published" }.to_owned(),
            title: checked.content.title.clone(),
            language: checked.content.language.clone(),
            published_at: Some(now),
            withdrawn_at: withdrawn.then_some(now),
            successor,
            sha256: sha256.to_owned(),
            document,
        });
        rows.put(SearchEntry {
            advisory_id: checked.id.clone(),
            version: i64::from(checked.version),
            published_at: first,
            withdrawn_at: withdrawn.then_some(now),
            text: words(checked),
        });
        let Some(revision) = checked.revisions.last() else { return Ok(()) };
        if matches!(revision.kind, RevisionKind::Correction | RevisionKind::Withdrawal) {
            let kind = if withdrawn { "withdrawal" } else { "correction" };
            let said = json!({
                "advisory": checked.id, "version": checked.version, "title": checked.content.title,
                "summary": revision.summary, "language": checked.content.language,
            });
            rows.put(Correction {
                correction_id: self.new_id().to_string(),
                at: now,
                subject: checked.id.clone(),
                kind: kind.to_owned(),
                document: serde_json::to_vec(&said).map_err(AppError::fault)?,
            });
        }
        Ok(())
    }
}

/// All words under which an advisory is found.
fn words(checked: &Checked) -> String {
    let content = &checked.content;
    let mut all: Vec<&str> = vec![&checked.id, &content.title, &content.summary];
    all.extend(content.detail.description());
    all.extend(content.aliases.iter().map(String::as_str));
    for product in &content.products {
        all.extend([product.supplier.as_str(), product.name.as_str()]);
    }
    for translation in &content.translations {
        all.extend([translation.title.as_str(), translation.summary.as_str()]);
    }
    all.extend(content.weakness.classes.iter().map(String::as_str));
    all.join("\n")
}
