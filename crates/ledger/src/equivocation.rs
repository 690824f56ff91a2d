//! The proof that a hub signed two entries for one place: one file, checked by anyone offline (EN-05, CP-20).
//!
//! The file is JSON Lines: a first line that names what is proven, the author's identity chain, then the
//! two entries, ascending by id. Each envelope stands as it was received. Not here: what a fork means for
//! a case (`comity-core`).

use serde_json::json;

use crate::canonical::{self, CanonicalError};
use crate::digest::{EntryId, KeyId};
use crate::entry::{Entry, EntryError, KeyStatus, Keys, Name, OpenError, Verified};
use crate::envelope::{Envelope, EnvelopeError};
use crate::identity::{Identity, IdentityError};
use crate::members::{BadMember, Members};

/// The schema named in the first line.
pub const SCHEMA: &str = "comity.equivocation/1";

/// Bytes of a proof at most: a whole identity chain and two entries.
pub const PROOF_BYTES_MAX: usize = 16 << 20;

/// Why a file proves no equivocation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A line is no envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The first line is not in the strict profile.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The identity chain does not hold.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The first line or the number of lines is wrong, or the first line names something else.
    #[error("not what the first line says")]
    Malformed,
    /// The two entries are one, or not of one author, room and seq.
    #[error("the two entries do not contradict each other")]
    NoConflict,
    /// One of the entries does not hold.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl ProofError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Canonical(error) => error.code(),
            Self::Envelope(error) => error.code(),
            Self::Identity(error) => error.code(),
            Self::Malformed => "proof-malformed",
            Self::NoConflict => "no-conflict",
            Self::Open(error) => error.code(),
        }
    }
}

impl From<BadMember> for ProofError {
    fn from(_bad: BadMember) -> Self {
        Self::Malformed
    }
}

impl From<EntryError> for ProofError {
    fn from(error: EntryError) -> Self {
        Self::Open(error.into())
    }
}

/// A line of a file that does not hold, from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct AtLine<E: std::error::Error + 'static> {
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// The id of the entry on it, if it could be read so far.
    pub entry: Option<EntryId>,
    /// What is wrong.
    #[source]
    pub error: E,
}

/// A proven equivocation. Only [`Equivocation::check`] and [`Equivocation::of`] make one.
#[derive(Clone, Debug, PartialEq)]
pub struct Equivocation {
    author: Name,
    identity: Identity,
    room: EntryId,
    seq: u64,
    ids: [EntryId; 2],
}

impl Equivocation {
    /// Compares two verified entries.
    pub fn of(
        identity: &Identity,
        first: &Verified,
        second: &Verified,
    ) -> Result<Self, ProofError> {
        let place = |verified: &Verified| {
            (verified.entry().author.clone(), verified.room(), verified.entry().seq)
        };
        let (author, room, seq) = place(first);
        if place(second) != (author.clone(), room, seq)
            || first.id() >= second.id()
            || author != *identity.hub()
        {
            return Err(ProofError::NoConflict);
        }
        Ok(Self { author, identity: identity.clone(), room, seq, ids: [first.id(), second.id()] })
    }

    /// Writes the file from the author's identity chain and the two envelopes.
    pub fn write(
        chain: &[Envelope],
        one: &Envelope,
        other: &Envelope,
    ) -> Result<Vec<u8>, ProofError> {
        let (first, second) = if one.id() < other.id() { (one, other) } else { (other, one) };
        let entry = Entry::parse(first.payload())?;
        let head = json!({
            "author": entry.author.as_str(),
            "room": entry.room.unwrap_or_else(|| first.id()),
            "schema": SCHEMA,
            "seq": entry.seq,
        });
        let mut file = canonical::print(&head).map_err(|_| ProofError::Malformed)?;
        for envelope in chain.iter().chain([first, second]) {
            file.push(b'\n');
            file.extend_from_slice(envelope.as_bytes());
        }
        file.push(b'\n');
        // Hand out only what others will accept.
        Self::check(&file).map_err(|at| at.error)?;
        Ok(file)
    }

    /// Checks a file; whose identity it is must be known from elsewhere ([`Equivocation::identity`]).
    pub fn check(file: &[u8]) -> Result<Self, AtLine<ProofError>> {
        let at = |line: usize, error: ProofError| AtLine { line, entry: None, error };
        let lines = lines(file, PROOF_BYTES_MAX).ok_or(at(0, ProofError::Malformed))?;
        let [head, chain @ .., first, second] = lines.as_slice() else {
            return Err(at(0, ProofError::Malformed));
        };
        let (author, room, seq) = head_of(head).map_err(|error| at(1, error))?;
        let identity = read_chain(chain)?;
        let last = lines.len();
        let open = |line: usize, bytes: &[u8]| {
            let envelope = Envelope::parse(bytes).map_err(|error| at(line, error.into()))?;
            let entry = Some(envelope.id());
            Verified::open(envelope, &AlsoRevoked(&identity), None).map_err(|error| AtLine {
                line,
                entry,
                error: error.into(),
            })
        };
        let (first, second) = (open(last - 1, first)?, open(last, second)?);
        let proven = Self::of(&identity, &first, &second).map_err(|error| at(0, error))?;
        if (&proven.author, proven.room, proven.seq) != (&author, room, seq) {
            return Err(at(1, ProofError::Malformed));
        }
        Ok(proven)
    }

    /// Returns the hub that signed both.
    #[must_use]
    pub const fn author(&self) -> &Name {
        &self.author
    }

    /// Returns the identity chain the file carries.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the room.
    #[must_use]
    pub const fn room(&self) -> EntryId {
        self.room
    }

    /// Returns the seq both entries claim.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Returns the two ids, ascending.
    #[must_use]
    pub const fn ids(&self) -> [EntryId; 2] {
        self.ids
    }
}

/// Counts revoked keys too: else a liar would revoke its key to make the proof fall.
struct AlsoRevoked<'i>(&'i Identity);

impl Keys for AlsoRevoked<'_> {
    fn status(&self, author: &Name, key: &KeyId) -> KeyStatus<'_> {
        match self.0.status(author, key) {
            KeyStatus::Revoked { key, generation, since: _ } => {
                KeyStatus::Valid { key, generation }
            }
            status @ (KeyStatus::Valid { .. } | KeyStatus::Unknown) => status,
        }
    }
}

/// The identity chain, from line 2 on.
fn read_chain(lines: &[&[u8]]) -> Result<Identity, AtLine<ProofError>> {
    let mut identity: Option<Identity> = None;
    for (line, bytes) in (2..).zip(lines) {
        let envelope = Envelope::parse(bytes).map_err(|error| AtLine {
            line,
            entry: None,
            error: error.into(),
        })?;
        let taken = match &mut identity {
            Some(identity) => identity.append(&envelope),
            None => Identity::start(&envelope).map(|started| identity = Some(started)),
        };
        let entry = Some(envelope.id());
        taken.map_err(|error| AtLine { line, entry, error: error.into() })?;
    }
    identity.ok_or(AtLine { line: 0, entry: None, error: ProofError::Malformed })
}

fn head_of(line: &[u8]) -> Result<(Name, EntryId, u64), ProofError> {
    let mut members = Members(canonical::parse(line)?);
    if members.text("schema", 64)? != SCHEMA {
        return Err(ProofError::Malformed);
    }
    let head = (members.parsed("author")?, members.parsed("room")?, members.integer("seq")?);
    members.finish()?;
    Ok(head)
}

/// Lines of a file that ends with one line feed or none.
fn lines(file: &[u8], bytes_max: usize) -> Option<Vec<&[u8]>> {
    if file.len() > bytes_max {
        return None;
    }
    let file = file.strip_suffix(b"\n").unwrap_or(file);
    Some(file.split(|byte| *byte == b'\n').collect())
}
