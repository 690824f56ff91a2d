//! A case export: rooms, and the identity chains of all who wrote in them, for a third party to check offline.
//!
//! JSON Lines. The first line is a manifest, signed by the exporting hub: it says which rooms, how many
//! entries and which heads, so that nothing can be cut off unseen. Then come identity chains and entries,
//! each as the envelope it arrived in, parents before children. Not here: sealed bodies, which travel
//! beside it, and what the entries add up to (`comity-core`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::canonical::{self, CanonicalError};
use crate::chain::{Acceptance, Refused, Room};
use crate::digest::{self, ContentHash, EntryId};
use crate::entry::{Entry, EntryError, KeyStatus, Keys as _, Name, OpenError, Verified};
use crate::envelope::{Envelope, EnvelopeError, PAYLOAD_BYTES_MAX, PayloadType};
use crate::equivocation::AtLine;
use crate::identity::{self, Directory, IdentityError};
use crate::key::{SigningKey, VerifyingKey};
use crate::members::{BadMember, Members, Taken};

/// Rooms of one export at most.
pub const ROOMS_MAX: usize = 64;
/// Hubs whose identity chains one export carries at most.
pub const IDENTITIES_MAX: usize = 1024;

const HEADS_TAG: &str = "comity/heads/1";

/// Why a file is no export that holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The manifest's signature does not hold.
    #[error("the signature does not hold")]
    BadSignature,
    /// The manifest is not in the strict profile.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A line is no envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// An identity chain does not hold.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A room has not the entries or heads the manifest says.
    #[error("not what the manifest says")]
    Incomplete,
    /// A member of the manifest is missing, wrong or unknown.
    #[error(transparent)]
    Member(#[from] BadMember),
    /// An entry stands before one it builds on, or that one is missing.
    #[error("an entry it builds on does not stand before it")]
    MissingParent,
    /// An entry does not hold.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// An entry does not fit its room.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An entry stands there twice.
    #[error("an entry stands there twice")]
    Repeated,
    /// A manifest has one signature.
    #[error("not exactly one signature")]
    SignatureCount,
    /// More identity chains than [`IDENTITIES_MAX`].
    #[error("too many identity chains")]
    TooMany,
    /// The hub that signed the manifest has not that key in its identity chain.
    #[error("the manifest's key is not in its hub's identity chain")]
    UnknownKey,
}

impl ExportError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "bad-signature",
            Self::Canonical(error) => error.code(),
            Self::Envelope(error) => error.code(),
            Self::Identity(error) => error.code(),
            Self::Incomplete => "export-incomplete",
            Self::Member(_) => "manifest-malformed",
            Self::MissingParent => "missing-parent",
            Self::Open(error) => error.code(),
            Self::Refused(error) => error.code(),
            Self::Repeated => "replayed",
            Self::SignatureCount => "signature-count",
            Self::TooMany => "too-many",
            Self::UnknownKey => "unknown-key",
        }
    }
}

impl From<EntryError> for ExportError {
    fn from(error: EntryError) -> Self {
        Self::Open(error.into())
    }
}

/// What the manifest says of one room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomSummary {
    /// The room.
    pub room: EntryId,
    /// How many entries it has.
    pub entries: u64,
    /// Hash over those no other cites, ascending.
    pub heads: ContentHash,
}

impl RoomSummary {
    /// Sums up a room.
    #[must_use]
    pub fn of(room: &Room) -> Self {
        let entries = u64::try_from(room.len()).unwrap_or(u64::MAX);
        let heads: Vec<EntryId> = room.heads().collect();
        let parts: Vec<&[u8]> = heads.iter().map(|id| id.as_bytes().as_slice()).collect();
        let heads = ContentHash::from_bytes(digest::tagged(HEADS_TAG, &parts));
        Self { room: room.id(), entries, heads }
    }
}

/// The first line of an export, as signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The hub that exports.
    pub hub: Name,
    /// When, milliseconds since 1970 UTC.
    pub at: u64,
    /// The case.
    pub case: Name,
    /// The rooms, ascending by id; a lane that is withheld is not named.
    pub rooms: Vec<RoomSummary>,
}

impl Manifest {
    /// Signs the manifest: the export's first line.
    pub fn sign(&self, key: &SigningKey) -> Result<Envelope, ExportError> {
        let rooms: Vec<Value> = self
            .rooms
            .iter()
            .map(|room| json!({ "entries": room.entries, "heads": room.heads, "room": room.room }))
            .collect();
        let members = json!({
            "at": self.at,
            "case": self.case.as_str(),
            "hub": self.hub.as_str(),
            "key": key.verifying_key().to_string(),
            "rooms": rooms,
            "v": 1,
        });
        let payload = canonical::print(&members).map_err(|_| CanonicalError::NotCanonical)?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(EnvelopeError::TooLarge.into());
        }
        Self::parse(&payload)?;
        Ok(Envelope::sign(PayloadType::Export, payload, &[key]))
    }

    fn parse(payload: &[u8]) -> Result<(Self, VerifyingKey), ExportError> {
        let mut members = Members(canonical::parse(payload)?);
        members.version_1()?;
        let key = members.parsed("key")?;
        let manifest = Self {
            hub: members.parsed("hub")?,
            at: members.integer("at")?,
            case: members.parsed("case")?,
            rooms: rooms(members.list("rooms", ROOMS_MAX)?)?,
        };
        members.extensions()?;
        Ok((manifest, key))
    }
}

fn rooms(items: Vec<Value>) -> Taken<Vec<RoomSummary>> {
    let rooms = items.into_iter().map(room).collect::<Taken<Vec<RoomSummary>>>()?;
    let ascending = rooms.is_sorted_by(|one, next| one.room < next.room);
    if ascending && !rooms.is_empty() { Ok(rooms) } else { Err(Members::bad("rooms")) }
}

fn room(item: Value) -> Taken<RoomSummary> {
    let Value::Object(members) = item else {
        return Err(Members::bad("rooms"));
    };
    let mut members = Members(members);
    let summary = RoomSummary {
        room: members.parsed("room")?,
        entries: members.integer("entries")?,
        heads: members.parsed("heads")?,
    };
    members.finish()?;
    Ok(summary)
}

/// What a line turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// An entry of a room; kept, so that the caller may fold it.
    Entry(Box<Verified>),
    /// An entry of an identity chain.
    Identity,
}

/// Checks an export line by line; memory grows with the number of entries, not with their size.
#[derive(Clone, Debug)]
pub struct Checker {
    manifest: Manifest,
    key: VerifyingKey,
    directory: Directory,
    rooms: BTreeMap<EntryId, Room>,
    line: usize,
}

impl Checker {
    /// Starts with the first line, the manifest.
    pub fn start(first: &[u8]) -> Result<Self, AtLine<ExportError>> {
        let (manifest, key) =
            open_manifest(first).map_err(|error| AtLine { line: 1, entry: None, error })?;
        Ok(Self { manifest, key, directory: Directory::default(), rooms: BTreeMap::new(), line: 1 })
    }

    /// Takes the next line.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Line, AtLine<ExportError>> {
        self.line = self.line.saturating_add(1);
        let line = self.line;
        let envelope = Envelope::parse(bytes).map_err(|error| AtLine {
            line,
            entry: None,
            error: error.into(),
        })?;
        let entry = Some(envelope.id());
        self.take(&envelope).map_err(|error| AtLine { line, entry, error })
    }

    fn take(&mut self, envelope: &Envelope) -> Result<Line, ExportError> {
        if envelope.kind() != PayloadType::Entry {
            return Err(EnvelopeError::PayloadType.into());
        }
        if envelope.signatures().len() > 1 {
            // Only a rotation has two.
            return self.take_identity(envelope);
        }
        let verified = match Verified::open(envelope.clone(), &self.directory, None) {
            Ok(verified) if !identity::is_identity_kind(&verified.entry().kind) => verified,
            Ok(_identity) => return self.take_identity(envelope),
            Err(error) => {
                let is_identity = Entry::parse(envelope.payload())
                    .is_ok_and(|entry| identity::is_identity_kind(&entry.kind));
                return if is_identity { self.take_identity(envelope) } else { Err(error.into()) };
            }
        };
        self.take_entry(verified)
    }

    fn take_identity(&mut self, envelope: &Envelope) -> Result<Line, ExportError> {
        if self.directory.iter().count() >= IDENTITIES_MAX {
            return Err(ExportError::TooMany);
        }
        self.directory.append(envelope)?;
        Ok(Line::Identity)
    }

    fn take_entry(&mut self, verified: Verified) -> Result<Line, ExportError> {
        let summary = self.manifest.rooms.iter().find(|room| room.room == verified.room());
        if summary.is_none() || verified.entry().case != self.manifest.case {
            return Err(Refused::WrongRoom.into());
        }
        let now = self.manifest.at;
        let Some(room) = self.rooms.get_mut(&verified.room()) else {
            if verified.entry().room.is_some() {
                return Err(ExportError::MissingParent);
            }
            self.rooms.insert(verified.room(), Room::open(&verified, now)?);
            return Ok(Line::Entry(Box::new(verified)));
        };
        match room.accept(verified.clone(), now)? {
            Acceptance::Accepted(_one) => Ok(Line::Entry(Box::new(verified))),
            Acceptance::Known => Err(ExportError::Repeated),
            Acceptance::Pending(_parent) => Err(ExportError::MissingParent),
        }
    }

    /// Ends: every room must have what the manifest says, and the exporting hub its key.
    pub fn finish(self) -> Result<Checked, AtLine<ExportError>> {
        let at = |line, entry, error| AtLine { line, entry, error };
        let status = self.directory.status(&self.manifest.hub, &self.key.id());
        if !matches!(status, KeyStatus::Valid { .. }) {
            return Err(at(1, None, ExportError::UnknownKey));
        }
        for summary in &self.manifest.rooms {
            let held = self.rooms.get(&summary.room).map(RoomSummary::of);
            if held.as_ref() != Some(summary) {
                return Err(at(0, Some(summary.room), ExportError::Incomplete));
            }
        }
        let Self { manifest, key, directory, rooms, line: _ } = self;
        Ok(Checked { manifest, key, directory, rooms })
    }
}

/// An export that holds. Only [`Checker::finish`] makes one.
#[derive(Clone, Debug)]
pub struct Checked {
    manifest: Manifest,
    key: VerifyingKey,
    directory: Directory,
    rooms: BTreeMap<EntryId, Room>,
}

impl Checked {
    /// Returns the manifest.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the key that signed the manifest.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Returns the identity chains of the file; whom to trust must be known from elsewhere.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Returns the rooms by id.
    pub fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }
}

fn open_manifest(line: &[u8]) -> Result<(Manifest, VerifyingKey), ExportError> {
    let envelope = Envelope::parse(line)?;
    if envelope.kind() != PayloadType::Export {
        return Err(EnvelopeError::PayloadType.into());
    }
    if envelope.signatures().len() != 1 {
        return Err(ExportError::SignatureCount);
    }
    let (manifest, key) = Manifest::parse(envelope.payload())?;
    if !envelope.is_signed_by(&key) {
        return Err(ExportError::BadSignature);
    }
    Ok((manifest, key))
}
