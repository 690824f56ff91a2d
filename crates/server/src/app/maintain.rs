//! Keeping a hub well: projections written anew, chains verified, backups made and checked.
//!
//! Not here: how rows are copied (`comity-store`) and what a person is told (`cli`).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use comity_core::case::Case;
use comity_core::case::name::CaseId;
use comity_ledger::chain::Room;
use comity_ledger::digest::EntryId;
use comity_ledger::entry::Entry;
use comity_ledger::envelope::Envelope;
use comity_ledger::identity::Directory;
use comity_ledger::key::VerifyingKey;
use comity_ledger::secret::{DataKey, MasterKey};
use comity_store::{BackupCount, BackupPlan, Projection, Replay, Rows, Seen};
use serde::Serialize;

use super::cases::{COMMON, CaseFile, finders};
use super::peers::{META_PEER, identity_from};
use super::{AppError, Hub};
use crate::config;
use crate::keys;
use crate::rng::OsRandom;

/// What a verification of a backup found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Chains of entries.
    pub chains: u64,
    /// Entries.
    pub entries: u64,
    /// The first entry that does not hold.
    pub first_bad: Option<String>,
    /// Leaves of the transparency log; this hub keeps none yet.
    pub log_size: u64,
    /// Whether everything holds.
    pub ok: bool,
}

/// Returns the key that seals backups: derived from the master key, so that who has the one has the other.
#[must_use]
pub fn backup_key(master: &MasterKey) -> DataKey {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::new()
        .chain_update(b"comity/backup-key/1\0")
        .chain_update(master.expose())
        .finalize();
    DataKey::from_bytes(digest.into())
}

impl Hub {
    /// Writes a backup: rows, sealed files, configuration. The master key is not in it: it opens it.
    pub async fn backup(&self, path: &Path) -> Result<BackupCount, AppError> {
        let plan =
            BackupPlan { files: vec![config::FILE.to_owned()], omit_compartments: Vec::new() };
        Ok(self.store().backup(path, backup_key(self.master()), OsRandom, plan).await?)
    }

    /// Writes the read models of cases and of certification anew from signed entries and returns how many entries were read.
    pub async fn rebuild(&self) -> Result<u64, AppError> {
        // What does not hold is found before the tables are emptied: then nothing changes.
        self.store()
            .each_entry(|room, row| -> Result<(), AppError> {
                let read = if room.kind == COMMON {
                    self.checked(&row.envelope).map(drop)
                } else {
                    self.opened(&row.envelope).map(drop)
                };
                read.map_err(|error| {
                    let case = room.case_id.as_deref().unwrap_or("none");
                    AppError::fault(format!("entry {} of case {case}: {}", row.id, error.causes()))
                })
            })
            .await?;
        let mut entries: Vec<Arc<comity_core::case::entry::Entry>> = Vec::new();
        let mut reports = self.reports_by_case().await?;
        // Sealed members are opened before the tables are emptied: what cannot be read changes nothing.
        let mut certification = self.projected_certification().await?;
        let projections =
            [Projection::CaseParty, Projection::CaseSummary, Projection::Certification];
        let rebuilt = self
            .store()
            .rebuild(&projections, |replay| -> Result<Rows, AppError> {
                match replay {
                    Replay::Entry(room, entry) if room.kind == COMMON => {
                        entries.push(Arc::new(self.checked(&entry.envelope)?));
                    }
                    Replay::Entry(_, entry) => {
                        self.opened(&entry.envelope)?;
                    }
                    Replay::RoomEnd(room) if room.kind == COMMON => {
                        let id = room.case_id.clone().unwrap_or_default();
                        let taken = std::mem::take(&mut entries);
                        return self.projected(
                            &id,
                            taken,
                            &reports.remove(&id).unwrap_or_default(),
                        );
                    }
                    Replay::End => return Ok(std::mem::take(&mut certification)),
                    Replay::RoomEnd(_) => {}
                }
                Ok(Rows::new())
            })
            .await?;
        self.rebuild_law().await?;
        Ok(rebuilt)
    }

    /// Checks every entry: signed, in its room, after the one before it. Writes nothing.
    pub async fn verify_entries(&self) -> Result<Verified, AppError> {
        let mut found = Verified { chains: 0, entries: 0, first_bad: None, log_size: 0, ok: false };
        let mut rooms: BTreeMap<String, Room> = BTreeMap::new();
        let peers = self.peer_directory();
        let signing = self.verifying_key();
        self.store()
            .each_entry(|_, row| -> Result<(), AppError> {
                found.entries += 1;
                if found.first_bad.is_none() && !holds(&mut rooms, row, (Some(signing), &peers)) {
                    found.first_bad = Some(row.id.clone());
                }
                Ok(())
            })
            .await?;
        found.chains = u64::try_from(rooms.len()).unwrap_or(u64::MAX);
        found.ok = found.first_bad.is_none();
        Ok(found)
    }

    fn projected(
        &self,
        id: &str,
        entries: Vec<Arc<comity_core::case::entry::Entry>>,
        reports: &[comity_store::Report],
    ) -> Result<Rows, AppError> {
        let case_id: CaseId = id.parse().map_err(AppError::fault)?;
        let file = CaseFile {
            position: 0,
            received_at: reports.iter().map(|row| row.received_at).min(),
            law: Arc::new(super::law::LawFile::opened(self.editions()?, "", 0)),
            case: Case::fold(case_id, entries),
            common: String::new(),
            coordination: String::new(),
            reports: reports.iter().map(|row| row.report_id.clone()).collect(),
            finders: finders(reports)?,
        };
        let mut rows = Rows::new();
        self.project(&file, &mut rows);
        Ok(rows)
    }

    async fn reports_by_case(
        &self,
    ) -> Result<BTreeMap<String, Vec<comity_store::Report>>, AppError> {
        let mut all: BTreeMap<String, Vec<comity_store::Report>> = BTreeMap::new();
        let mut before = None;
        loop {
            let page = self.store().reports_by_time(before.as_ref(), 1000).await?;
            let Some(last) = page.last() else { return Ok(all) };
            before =
                Some(comity_store::Cursor { at: last.received_at, id: last.report_id.clone() });
            for row in page {
                if let Some(case) = row.case_id.clone() {
                    all.entry(case).or_default().push(row);
                }
            }
        }
    }
}

/// Reads a whole backup and checks every chain in it; writes nothing.
///
/// Blocks: call it on a thread that may.
pub fn verify_backup(path: &Path, master: &MasterKey) -> Result<Verified, AppError> {
    let mut signing: Option<VerifyingKey> = None;
    let mut peers = Directory::default();
    let mut entries = Vec::new();
    comity_store::verify_backup(path, backup_key(master), |seen| {
        if let Seen::Meta { name, value } = &seen
            && name == "key:signing"
        {
            signing =
                keys::unwrap_signing(master, value).ok().map(|key| key.verifying_key().clone());
        }
        if let Seen::Meta { name, value } = &seen
            && name.starts_with(META_PEER)
            && let Ok(identity) = identity_from(value.as_bytes())
        {
            peers.insert(identity);
        }
        if let Seen::Entry(entry) = seen {
            entries.push(entry);
        }
    })?;
    let mut found =
        Verified { chains: 0, entries: 0, first_bad: None, log_size: 0, ok: signing.is_some() };
    let mut rooms: BTreeMap<String, Room> = BTreeMap::new();
    for row in entries {
        found.entries += 1;
        if found.first_bad.is_none() && !holds(&mut rooms, &row, (signing.as_ref(), &peers)) {
            found.first_bad = Some(row.id.clone());
        }
    }
    found.chains = u64::try_from(rooms.len()).unwrap_or(u64::MAX);
    found.ok = found.ok && found.first_bad.is_none();
    Ok(found)
}

/// Whether a stored entry is what it says: signed, in its room, after the one before it.
fn holds(
    rooms: &mut BTreeMap<String, Room>,
    row: &comity_store::Entry,
    (key, peers): (Option<&VerifyingKey>, &Directory),
) -> bool {
    let Ok(envelope) = Envelope::parse(&row.envelope) else { return false };
    let Ok(entry) = Entry::parse(envelope.payload()) else { return false };
    let signed = key.is_some_and(|key| envelope.is_signed_by(key))
        || comity_ledger::entry::Verified::open(envelope.clone(), peers, None).is_ok();
    let id = envelope.id();
    let room: Option<EntryId> = row.room_id.parse().ok();
    let Some(room) = room else { return false };
    let named = entry.room.unwrap_or(id) == room;
    let folded =
        rooms.entry(row.room_id.clone()).or_insert_with(|| Room::empty(room, entry.case.clone()));
    let follows = match entry.prev {
        None => entry.seq == 0,
        Some(prev) => folded.held(&prev).is_some_and(|held| held.seq + 1 == entry.seq),
    };
    folded.restore(id, &entry, 0);
    signed && named && follows && id.to_string() == row.id
}
