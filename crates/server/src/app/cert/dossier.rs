//! An assessment as one file that anyone checks offline with `comity verify`.

use crate::app::export::PeerChains;
use std::collections::BTreeMap;

use comity_core::access::{Action, Authorised};
use comity_core::cert::book::Book;
use comity_core::cert::dossier::{Dossier, Opening, Rooms, SCHEMA};
use comity_core::cert::jurisdiction::JurisdictionUrn;
use comity_core::cert::record::Body;
use comity_ledger::entry::Entry;

use super::{PAGE_ROWS, item_owner};
use crate::app::reports::expect;
use crate::app::{AppError, Hub};

impl Hub {
    /// Returns an assessment's dossier: both rooms, and what was sealed about the jurisdiction.
    ///
    /// What the standard's room seals about others, and secret ballots, stay sealed. The look is recorded.
    pub async fn dossier(&self, by: Authorised<'_>, id: &str) -> Result<Vec<u8>, AppError> {
        expect(by, Action::ReadCert)?;
        let (book, file) = self.file(id).await?;
        self.sees_file(by.actor(), &book.state, &file.state)?;
        let mut openings = BTreeMap::new();
        self.openings(&file.room, None, &mut openings).await?;
        let about = Some((&book.state, file.state.jurisdiction()));
        self.openings(&book.room, about, &mut openings).await?;
        let newest = self.now_ms();
        let rooms = [book.room.clone(), file.room.clone()];
        let export =
            self.export_rooms(&self.config().hub, &rooms, newest, PeerChains::new()).await?;
        let dossier = Dossier {
            schema: SCHEMA.to_owned(),
            assessment: id.to_owned(),
            rooms: Rooms { standard: book.room.clone(), assessment: file.room.clone() },
            export: String::from_utf8(export).map_err(AppError::fault)?,
            openings,
        };
        let mut rows = comity_store::Rows::new();
        rows.put(self.look_row(by, id, "dossier"));
        self.store().write(rows).await?;
        serde_json_canonicalizer::to_vec(&dossier).map_err(AppError::fault)
    }

    /// Opens what a room sealed: all of it, or what is about one jurisdiction.
    async fn openings(
        &self,
        room: &str,
        about: Option<(&Book, &JurisdictionUrn)>,
        openings: &mut BTreeMap<String, Opening>,
    ) -> Result<(), AppError> {
        let mut position = 0;
        loop {
            let page = self.store().entries(room, position, PAGE_ROWS).await?;
            let Some(last) = page.last() else { return Ok(()) };
            position = last.position;
            for row in &page {
                let (_, payload) = self.opened(&row.envelope)?;
                let entry = Entry::parse(&payload).map_err(AppError::fault)?;
                let Some(commitment) = Body::read(&entry.body).and_then(|body| body.private) else {
                    continue;
                };
                if let Some((book, urn)) = about {
                    let opened = self.opened_record(row).await?.standard();
                    let is_about = opened.is_ok_and(|record| book.is_about(&record.act, urn));
                    if !is_about {
                        continue;
                    }
                }
                let found = self.store().items(&item_owner(&commitment), 1).await?;
                let Some((item, key)) = found.into_iter().next() else { continue };
                if let Some((salt, content)) = self.open_salted(&item, key.as_ref()).await? {
                    openings.insert(commitment, Opening { salt, content });
                }
            }
        }
    }
}
