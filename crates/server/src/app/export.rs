//! A case as one file that anyone checks offline: `comity verify`, or the verifier in `verify/`.
//!
//! Holds signed entries and identity chains, never sealed content. Not here: the format (`comity-ledger`).

use comity_core::access::{Action, Authorised};
use comity_ledger::chain::Room;
use comity_ledger::digest::EntryId;
use comity_ledger::entry::{Entry, Name};
use comity_ledger::export::{Manifest, RoomSummary};

use super::reports::expect;
use super::{AppError, Hub};

/// Identity chains by hub, an envelope each.
pub(crate) type PeerChains = std::collections::BTreeMap<String, Vec<Vec<u8>>>;

const PAGE_ROWS: u32 = 1000;

impl Hub {
    /// Returns the case as JSON Lines: a signed manifest, identity chains, then entries.
    ///
    /// Staff also get the `coordination` room; parties get what they share, the `common` room.
    pub async fn export_case(&self, by: Authorised<'_>, id: &str) -> Result<Vec<u8>, AppError> {
        expect(by, Action::ReadCase)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        let mut ids = vec![file.common.clone()];
        if by.actor().is_staff() {
            ids.push(file.coordination.clone());
        }
        // A clock that was set back must not date the export before what it holds.
        let at = file.case.greatest_at().max(self.now_ms());
        let peers = self.peer_chains(&file).await?;
        self.export_rooms(id, &ids, at, peers).await
    }

    /// Returns rooms of one case as JSON Lines: a signed manifest, identity chains, then entries.
    ///
    /// `peers` are the identity chains of the other hubs that wrote in them.
    pub(crate) async fn export_rooms(
        &self,
        case: &str,
        ids: &[String],
        at: i64,
        peers: PeerChains,
    ) -> Result<Vec<u8>, AppError> {
        let case: Name = case.parse().map_err(|_| AppError::NotFound)?;
        let mut summaries = Vec::with_capacity(ids.len());
        let mut at = at;
        let mut lines: Vec<Vec<u8>> = self.envelopes(self.identity_room()).await?.0;
        lines.extend(peers.into_values().flatten());
        for room in ids {
            let (envelopes, newest) = self.envelopes(room).await?;
            at = at.max(newest);
            summaries.push(self.summary_of(room, &case, &envelopes)?);
            lines.extend(envelopes);
        }
        summaries.sort_by_key(|summary| summary.room);
        let manifest = Manifest {
            hub: self.config().hub.parse().map_err(AppError::fault)?,
            at: u64::try_from(at).map_err(AppError::fault)?,
            case,
            rooms: summaries,
        };
        let manifest = manifest.sign(self.signing()).map_err(AppError::fault)?;
        let mut out = manifest.into_bytes();
        for line in lines {
            out.push(b'\n');
            out.extend(line);
        }
        out.push(b'\n');
        Ok(out)
    }

    /// Returns the identity chains of the peers who wrote in a case.
    async fn peer_chains(&self, file: &super::cases::CaseFile) -> Result<PeerChains, AppError> {
        let mut chains = PeerChains::new();
        for entry in file.case.entries() {
            let author = entry.author.as_str();
            if author == self.config().hub || chains.contains_key(author) {
                continue;
            }
            if let Some(row) = self.store().peer_identity(author).await? {
                let lines = row.chain.split(|byte| *byte == b'\n');
                let lines = lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect();
                chains.insert(author.to_owned(), lines);
            }
        }
        Ok(chains)
    }

    /// Returns the envelopes of a room in order of arrival, and the latest clock among them.
    /// Returns the hub's identity chain, one envelope a line.
    pub async fn identity_chain(&self) -> Result<Vec<u8>, AppError> {
        let mut lines = Vec::new();
        for envelope in self.envelopes(self.identity_room()).await?.0 {
            lines.extend(envelope);
            lines.push(b'\n');
        }
        Ok(lines)
    }

    async fn envelopes(&self, room: &str) -> Result<(Vec<Vec<u8>>, i64), AppError> {
        let mut all = Vec::new();
        let mut newest = 0;
        let mut position = 0;
        loop {
            let page = self.store().entries(room, position, PAGE_ROWS).await?;
            let Some(last) = page.last() else { return Ok((all, newest)) };
            position = last.position;
            newest = page.iter().map(|row| row.at).fold(newest, i64::max);
            all.extend(page.into_iter().map(|row| row.envelope));
        }
    }

    fn summary_of(
        &self,
        room: &str,
        case: &Name,
        envelopes: &[Vec<u8>],
    ) -> Result<RoomSummary, AppError> {
        let id: EntryId = room.parse().map_err(AppError::fault)?;
        let mut folded = Room::empty(id, case.clone());
        for envelope in envelopes {
            let (entry_id, payload) = self.opened(envelope)?;
            let entry = Entry::parse(&payload).map_err(AppError::fault)?;
            folded.restore(entry_id.parse().map_err(AppError::fault)?, &entry, 0);
        }
        Ok(RoomSummary::of(&folded))
    }
}
