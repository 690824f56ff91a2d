//! An entry: the payload of an envelope, with the header all rules of order and replay read (EN-01, EN-02).
//!
//! Not here: what a kind means (`comity-core`), where an entry fits (`chain`), whose keys count (`identity`).

use std::fmt;
use std::str::FromStr;

use rand_core::CryptoRng;
use serde_json::{Map, Value, json};

use crate::canonical::{self, CanonicalError};
use crate::digest::{self, ContentHash, EntryId, KeyId};
use crate::envelope::{Envelope, EnvelopeError, PAYLOAD_BYTES_MAX, PayloadType};
use crate::json::{self, Limits};
use crate::key::{SigningKey, VerifyingKey};
use crate::members::{BadMember, Members, Taken, check_extensions};

/// Ids one entry cites at most.
pub const SEEN_MAX: usize = 256;
/// Characters of a [`Name`] at most.
pub const NAME_CHARS_MAX: usize = 63;

/// A hub, party, case, kind or area: `[a-z0-9][a-z0-9.-]{0,62}`.
///
/// Invariant: exactly that shape. Only [`FromStr`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(Box<str>);

/// The text has not the shape of a [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 1 to 63 of a-z, 0-9, dot and hyphen, letter or digit first")]
pub struct NotName;

impl FromStr for Name {
    type Err = NotName;

    fn from_str(text: &str) -> Result<Self, NotName> {
        let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let fits = text.len() <= NAME_CHARS_MAX
            && text.bytes().next().is_some_and(alphanumeric)
            && text.bytes().all(|byte| alphanumeric(byte) || byte == b'.' || byte == b'-');
        if fits { Ok(Self(text.into())) } else { Err(NotName) }
    }
}

impl Name {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The 32 random bytes that make an entry's id a hiding commitment, so that ids may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// Draws a salt.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Takes 32 bytes that nobody can guess.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&digest::hex(&self.0))
    }
}

impl FromStr for Salt {
    type Err = digest::NotHex;

    fn from_str(text: &str) -> Result<Self, digest::NotHex> {
        digest::hex_32(text).map(Self)
    }
}

/// Names a ciphertext that travels beside the envelope and may be withheld or shredded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Hash of the ciphertext.
    pub sha256: ContentHash,
    /// Its padded length in bytes.
    pub size: u64,
}

/// One record of a room, as signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The case; in an identity chain, the hub itself.
    pub case: Name,
    /// The hub that signs.
    pub author: Name,
    /// Position in the author's chain of this room, from 0.
    pub seq: u64,
    /// The author's entry at `seq` − 1, none at 0.
    pub prev: Option<EntryId>,
    /// Heads of the other chains, ascending, at most [`SEEN_MAX`].
    pub seen: Vec<EntryId>,
    /// The author's clock, milliseconds since 1970 UTC.
    pub at: u64,
    /// What is said; unknown kinds are kept.
    pub kind: Name,
    /// The area of cooperation it belongs to.
    pub area: Name,
    /// The party acted for.
    pub party: Name,
    /// What the kind carries.
    pub body: Map<String, Value>,
    /// Hides the content from whoever sees the id alone.
    pub salt: Salt,
    /// The room's epoch, whose key seals what is sealed; 0 where nothing ever is.
    pub epoch: u64,
    /// The ciphertext beside the envelope, if any.
    pub sealed: Option<Sealed>,
    /// The room; none in its first entry, whose id the room takes.
    pub room: Option<EntryId>,
    /// Members `x-…` that this version does not know.
    pub extensions: Map<String, Value>,
}

/// Why a payload is no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Outside the strict profile.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// No envelope, or not of an entry.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A member is missing, wrong or unknown.
    #[error(transparent)]
    Member(#[from] BadMember),
}

impl EntryError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Canonical(error) => error.code(),
            Self::Envelope(error) => error.code(),
            Self::Member(_) => "entry-malformed",
        }
    }
}

impl Entry {
    /// Reads a payload under the strict profile.
    pub fn parse(payload: &[u8]) -> Result<Self, EntryError> {
        let mut members = Members(canonical::parse(payload)?);
        members.version_1()?;
        let entry = Self {
            case: members.parsed("case")?,
            author: members.parsed("author")?,
            seq: members.integer("seq")?,
            prev: members.parsed_or_null("prev")?,
            seen: seen(&members.list("seen", SEEN_MAX)?)?,
            at: members.integer("at")?,
            kind: members.parsed("kind")?,
            area: members.parsed("area")?,
            party: members.parsed("party")?,
            body: members.object("body")?,
            salt: members.parsed("salt")?,
            epoch: members.integer("epoch")?,
            sealed: members.optional("sealed").map(sealed).transpose()?,
            room: members.parsed_or_null("room")?,
            extensions: members.extensions()?,
        };
        entry.shape()?;
        Ok(entry)
    }

    /// What two members must say together.
    fn shape(&self) -> Taken<()> {
        if self.prev.is_some() != (self.seq > 0) {
            return Err(Members::bad("prev"));
        }
        let first = self.seq == 0 && self.seen.is_empty();
        if self.room.is_none() != first {
            return Err(Members::bad("room"));
        }
        Ok(())
    }

    /// Writes the payload.
    pub fn to_payload(&self) -> Result<Vec<u8>, EntryError> {
        let mut members = self.extensions.clone();
        let known = [
            ("area", json!(self.area.as_str())),
            ("at", json!(self.at)),
            ("author", json!(self.author.as_str())),
            ("body", Value::Object(self.body.clone())),
            ("case", json!(self.case.as_str())),
            ("epoch", json!(self.epoch)),
            ("kind", json!(self.kind.as_str())),
            ("party", json!(self.party.as_str())),
            ("prev", json!(self.prev)),
            ("room", json!(self.room)),
            ("salt", json!(self.salt.to_string())),
            ("seen", json!(self.seen)),
            ("seq", json!(self.seq)),
            ("v", json!(1)),
        ];
        members.extend(known.map(|(name, value)| (name.to_owned(), value)));
        if let Some(sealed) = self.sealed {
            let value = json!({ "sha256": sealed.sha256, "size": sealed.size });
            members.insert("sealed".to_owned(), value);
        }
        json::within_object(&members, &Limits::ENTRY, 0).map_err(CanonicalError::Json)?;
        let payload =
            canonical::print_object(&members).map_err(|_| CanonicalError::NotCanonical)?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(EnvelopeError::TooLarge.into());
        }
        Ok(payload)
    }

    /// Signs the entry, if others would accept its form.
    pub fn sign(&self, key: &SigningKey) -> Result<Envelope, EntryError> {
        self.sign_with(&[key])
    }

    /// Signs with two keys, as a rotation needs.
    pub(crate) fn sign_with(&self, keys: &[&SigningKey]) -> Result<Envelope, EntryError> {
        // What we sign must pass what we demand of others; a property test reads back what was signed.
        self.shape()?;
        check_seen(&self.seen)?;
        check_extensions(&self.extensions)?;
        Ok(Envelope::sign(PayloadType::Entry, self.to_payload()?, keys))
    }
}

fn seen(items: &[Value]) -> Taken<Vec<EntryId>> {
    let id = |item: &Value| item.as_str().and_then(|text| text.parse().ok());
    let ids: Option<Vec<EntryId>> = items.iter().map(id).collect();
    let ids = ids.ok_or_else(|| Members::bad("seen"))?;
    check_seen(&ids)?;
    Ok(ids)
}

/// One order, and nothing twice: else one past would have many spellings.
fn check_seen(ids: &[EntryId]) -> Taken<()> {
    let ascends = ids.is_sorted_by(|one, next| one < next);
    if ascends && ids.len() <= SEEN_MAX { Ok(()) } else { Err(Members::bad("seen")) }
}

fn sealed(value: Value) -> Taken<Sealed> {
    let Value::Object(members) = value else {
        return Err(Members::bad("sealed"));
    };
    let mut members = Members(members);
    let sealed = Sealed { sha256: members.parsed("sha256")?, size: members.integer("size")? };
    members.finish()?;
    Ok(sealed)
}

/// What is known of a key that an entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStatus<'k> {
    /// In the author's identity chain and not revoked.
    Valid {
        /// The key.
        key: &'k VerifyingKey,
        /// 0 for the first key of the chain, one more with each rotation.
        generation: u64,
    },
    /// Revoked: counts only for what was in a witnessed log before.
    Revoked {
        /// The key.
        key: &'k VerifyingKey,
        /// As above.
        generation: u64,
        /// The log index from which nothing under the key counts.
        since: u64,
    },
    /// Not in the author's identity chain, or the author has none here.
    Unknown,
}

/// Whose keys count: what `identity` knows, or a fixed list.
pub trait Keys {
    /// Returns what is known of this key of this author.
    fn status(&self, author: &Name, key: &KeyId) -> KeyStatus<'_>;
}

/// Why an envelope is no verified entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not an entry in form.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The signature does not hold.
    #[error("the signature does not hold")]
    BadSignature,
    /// The key was revoked and no log proves that the entry is older.
    #[error("the key is revoked")]
    RevokedKey,
    /// An entry has one signature.
    #[error("not exactly one signature")]
    SignatureCount,
    /// The author's identity chain has no such key.
    #[error("the author has no such key")]
    UnknownKey,
}

impl OpenError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "bad-signature",
            Self::Entry(error) => error.code(),
            Self::RevokedKey => "revoked-key",
            Self::SignatureCount => "signature-count",
            Self::UnknownKey => "unknown-key",
        }
    }
}

/// An entry whose form and signature were checked. Only [`Verified::open`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    entry: Entry,
    envelope: Envelope,
    key: KeyId,
    generation: u64,
}

impl Verified {
    /// Checks an envelope against the author's keys.
    ///
    /// `logged_at` is the index at which a witnessed log proves the entry's id, where one is known:
    /// only then does an entry under a revoked key count (VK-01).
    pub fn open(
        envelope: Envelope,
        keys: &impl Keys,
        logged_at: Option<u64>,
    ) -> Result<Self, OpenError> {
        if envelope.kind() != PayloadType::Entry {
            return Err(EntryError::from(EnvelopeError::PayloadType).into());
        }
        let [signature] = envelope.signatures() else {
            return Err(OpenError::SignatureCount);
        };
        let named = signature.key;
        let entry = Entry::parse(envelope.payload())?;
        let (key, generation) = match keys.status(&entry.author, &named) {
            KeyStatus::Valid { key, generation } => (key, generation),
            KeyStatus::Revoked { key, generation, since } => {
                if logged_at.is_none_or(|index| index >= since) {
                    return Err(OpenError::RevokedKey);
                }
                (key, generation)
            }
            KeyStatus::Unknown => return Err(OpenError::UnknownKey),
        };
        if !envelope.is_signed_by(key) {
            return Err(OpenError::BadSignature);
        }
        Ok(Self { entry, key: named, generation, envelope })
    }

    /// Returns the entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Returns the entry's id.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        self.envelope.id()
    }

    /// Returns the room: that of the header, or the entry's own id if it opens one.
    #[must_use]
    pub fn room(&self) -> EntryId {
        self.entry.room.unwrap_or_else(|| self.id())
    }

    /// Returns the id of the key that signed.
    #[must_use]
    pub const fn key(&self) -> KeyId {
        self.key
    }

    /// Returns how many rotations lie before the key that signed.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the envelope as received, to be stored and passed on unchanged.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.envelope.as_bytes()
    }

    /// Takes the entry and the envelope apart.
    #[must_use]
    pub fn into_parts(self) -> (Entry, Vec<u8>) {
        (self.entry, self.envelope.into_bytes())
    }
}
