//! Identity chains: which keys an organisation's hub signs with, proven by the chain itself (VK-01).
//!
//! ```text
//!   id.genesis ──► key 0, commits to key 1
//!   id.rotate  ──► key 1 (signed by key 0 and by the committed key 1), commits to key 2
//!   id.revoke  ──► an earlier key counts only for what a log held before an index
//!   id.endorse ──► vouches for another hub's chain
//! ```
//! Who steals the current key cannot rotate: the next one is not theirs. Not here: whom to trust first
//! (a person compares [`Identity::fingerprint`]), and what an endorsement is worth (each hub's policy).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::digest::{self, Commitment, EntryId, KeyId};
use crate::entry::{Entry, EntryError, KeyStatus, Keys, Name, Salt};
use crate::envelope::{Envelope, EnvelopeError, PayloadType};
use crate::key::{SigningKey, VerifyingKey};
use crate::members::{Members, Taken};
use crate::wrap::OrganisationPublicKey;

/// Entries of one identity chain at most.
pub const ENTRIES_MAX: u64 = 4096;

const NEXT_KEY_TAG: &str = "comity/next-key/1";
const AREA: &str = "protocol";

/// Commits to the key of the next rotation without showing it.
#[must_use]
pub fn commit_next_key(key: &VerifyingKey) -> Commitment {
    Commitment::from_bytes(digest::tagged(NEXT_KEY_TAG, &[&key.to_bytes()]))
}

/// Why an envelope does not fit an identity chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// A signature that must be there is missing or does not hold.
    #[error("a signature does not hold")]
    BadSignature,
    /// The body is not that of its kind.
    #[error("the body is not that of its kind")]
    Body,
    /// The key in use cannot be revoked: it must be rotated away first.
    #[error("the key in use cannot be revoked")]
    CurrentKey,
    /// Not an entry in form.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// Another entry with this seq is held: the chain forks.
    #[error("the chain forks")]
    Equivocation,
    /// Over [`ENTRIES_MAX`].
    #[error("the chain is full")]
    Full,
    /// A key comes back.
    #[error("the key was in use before")]
    KeyReused,
    /// The new key is not the one the chain committed to.
    #[error("not the key committed to")]
    NotNextKey,
    /// Not the next seq, or not on the entry before.
    #[error("not on the entry before")]
    SeqGap,
    /// More or fewer signatures than the kind has.
    #[error("not the number of signatures of its kind")]
    SignatureCount,
    /// Dated before the entry it stands on.
    #[error("dated before the entry before")]
    TimeReversed,
    /// A key the chain does not know.
    #[error("not a key of this chain")]
    UnknownKey,
    /// Of another chain, or no genesis where one must stand.
    #[error("of another chain")]
    WrongRoom,
}

impl IdentityError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "bad-signature",
            Self::Body => "identity-body",
            Self::CurrentKey => "current-key",
            Self::Entry(error) => error.code(),
            Self::Equivocation => "equivocation",
            Self::Full => "room-full",
            Self::KeyReused => "key-reused",
            Self::NotNextKey => "not-next-key",
            Self::SeqGap => "seq-gap",
            Self::SignatureCount => "signature-count",
            Self::TimeReversed => "time-reversed",
            Self::UnknownKey => "unknown-key",
            Self::WrongRoom => "wrong-room",
        }
    }
}

/// One key of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    key: VerifyingKey,
    generation: u64,
    revoked_since: Option<u64>,
}

/// That a hub vouches for another hub's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsement {
    /// The hub vouched for.
    pub hub: Name,
    /// The id of its identity chain.
    pub identity: EntryId,
    /// How far, a word of the endorsing hub's policy.
    pub level: Name,
}

/// What a genesis or rotation puts in place.
#[derive(Clone, Copy, Debug)]
pub struct NewKeys<'k> {
    /// Encrypts to the organisation from now on.
    pub encryption: &'k OrganisationPublicKey,
    /// The key of the next rotation, of which only a commitment is shown.
    pub next: &'k VerifyingKey,
}

/// When an entry is written and what hides its content.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// The author's clock, milliseconds since 1970 UTC.
    pub at: u64,
    /// 32 random bytes.
    pub salt: Salt,
}

/// An identity chain whose every entry was checked. Only [`Identity::start`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    hub: Name,
    room: EntryId,
    ids: Vec<EntryId>,
    at: u64,
    keys: BTreeMap<KeyId, Record>,
    current: VerifyingKey,
    generation: u64,
    encryption: OrganisationPublicKey,
    next: Commitment,
    endorsements: BTreeMap<Name, Endorsement>,
}

/// Writes the first entry of a chain; `next` is to be kept where a thief of `sign` does not find it.
pub fn genesis(
    hub: &Name,
    sign: &SigningKey,
    keys: NewKeys<'_>,
    stamp: Stamp,
) -> Result<Envelope, IdentityError> {
    let body = key_body(sign.verifying_key(), keys);
    let entry = write(hub, Place::default(), "id.genesis", body, stamp)?;
    Ok(entry.sign(sign)?)
}

impl Identity {
    /// Starts from a genesis signed by the key it names.
    pub fn start(envelope: &Envelope) -> Result<Self, IdentityError> {
        let entry = read(envelope)?;
        if entry.room.is_some() || entry.kind.as_str() != "id.genesis" {
            return Err(IdentityError::WrongRoom);
        }
        let (sign, encryption, next) = keys_of(&entry)?;
        check_signatures(envelope, &[&sign])?;
        let record = Record { key: sign.clone(), generation: 0, revoked_since: None };
        Ok(Self {
            hub: entry.author,
            room: envelope.id(),
            ids: vec![envelope.id()],
            at: entry.at,
            keys: BTreeMap::from([(sign.id(), record)]),
            current: sign,
            generation: 0,
            encryption,
            next,
            endorsements: BTreeMap::new(),
        })
    }

    /// Reads a whole chain in order.
    pub fn read<'e>(
        envelopes: impl IntoIterator<Item = &'e Envelope>,
    ) -> Result<Self, IdentityError> {
        let mut envelopes = envelopes.into_iter();
        let mut identity = Self::start(envelopes.next().ok_or(IdentityError::WrongRoom)?)?;
        for envelope in envelopes {
            identity.append(envelope)?;
        }
        Ok(identity)
    }

    /// Takes the next entry; one already held changes nothing.
    pub fn append(&mut self, envelope: &Envelope) -> Result<(), IdentityError> {
        let entry = read(envelope)?;
        if entry.author != self.hub || entry.room.unwrap_or(envelope.id()) != self.room {
            return Err(IdentityError::WrongRoom);
        }
        let held = usize::try_from(entry.seq).ok().and_then(|seq| self.ids.get(seq));
        match held {
            Some(id) if *id == envelope.id() => return Ok(()),
            Some(_) => {
                // Only a twin under a key of the chain is a fork; anybody can write the rest.
                let ours = self.keys.values().any(|record| envelope.is_signed_by(&record.key));
                return Err(if ours {
                    IdentityError::Equivocation
                } else {
                    IdentityError::BadSignature
                });
            }
            None => {}
        }
        if entry.seq != self.length() || entry.prev != self.ids.last().copied() {
            return Err(IdentityError::SeqGap);
        }
        if self.length() >= ENTRIES_MAX {
            return Err(IdentityError::Full);
        }
        if entry.at < self.at {
            return Err(IdentityError::TimeReversed);
        }
        self.apply(envelope, &entry)?;
        self.ids.push(envelope.id());
        self.at = entry.at;
        Ok(())
    }

    fn apply(&mut self, envelope: &Envelope, entry: &Entry) -> Result<(), IdentityError> {
        match entry.kind.as_str() {
            "id.rotate" => self.rotated(envelope, entry),
            "id.revoke" => {
                check_signatures(envelope, &[&self.current])?;
                self.revoked(entry)
            }
            "id.endorse" => {
                check_signatures(envelope, &[&self.current])?;
                let endorsement = endorsement(entry).map_err(|_| IdentityError::Body)?;
                self.endorsements.insert(endorsement.hub.clone(), endorsement);
                Ok(())
            }
            "id.genesis" => Err(IdentityError::WrongRoom),
            // Kinds of later versions are kept and change nothing (EN-03).
            _unknown => check_signatures(envelope, &[&self.current]),
        }
    }

    fn rotated(&mut self, envelope: &Envelope, entry: &Entry) -> Result<(), IdentityError> {
        let (sign, encryption, next) = keys_of(entry)?;
        if self.keys.contains_key(&sign.id()) {
            return Err(IdentityError::KeyReused);
        }
        if commit_next_key(&sign) != self.next {
            return Err(IdentityError::NotNextKey);
        }
        check_signatures(envelope, &[&self.current, &sign])?;
        self.generation = self.generation.saturating_add(1);
        let record = Record { key: sign.clone(), generation: self.generation, revoked_since: None };
        self.keys.insert(sign.id(), record);
        self.current = sign;
        self.encryption = encryption;
        self.next = next;
        Ok(())
    }

    fn revoked(&mut self, entry: &Entry) -> Result<(), IdentityError> {
        let (key, since) = revocation(entry).map_err(|_| IdentityError::Body)?;
        if key == self.current.id() {
            return Err(IdentityError::CurrentKey);
        }
        let record = self.keys.get_mut(&key).ok_or(IdentityError::UnknownKey)?;
        // A second revocation can only say more.
        let earliest = record.revoked_since.map_or(since, |known| known.min(since));
        record.revoked_since = Some(earliest);
        Ok(())
    }

    /// Writes a rotation to the key the chain committed to.
    pub fn rotate(
        &self,
        old: &SigningKey,
        new: &SigningKey,
        keys: NewKeys<'_>,
        stamp: Stamp,
    ) -> Result<Envelope, IdentityError> {
        let body = key_body(new.verifying_key(), keys);
        self.checked(self.write("id.rotate", body, stamp)?.sign_with(&[old, new])?)
    }

    /// Writes the revocation of an earlier key from an index of the log on; 0 if no log held anything.
    pub fn revoke(
        &self,
        signer: &SigningKey,
        key: &KeyId,
        compromised_since: u64,
        stamp: Stamp,
    ) -> Result<Envelope, IdentityError> {
        let body = json!({ "compromised_since": compromised_since, "key": key });
        self.checked(self.write("id.revoke", body, stamp)?.sign(signer)?)
    }

    /// Writes an endorsement of another hub's chain.
    pub fn endorse(
        &self,
        signer: &SigningKey,
        endorsement: &Endorsement,
        stamp: Stamp,
    ) -> Result<Envelope, IdentityError> {
        let body = json!({
            "hub": endorsement.hub.as_str(),
            "identity": endorsement.identity,
            "level": endorsement.level.as_str(),
        });
        self.checked(self.write("id.endorse", body, stamp)?.sign(signer)?)
    }

    fn write(&self, kind: &str, body: Value, stamp: Stamp) -> Result<Entry, IdentityError> {
        let place =
            Place { seq: self.length(), prev: self.ids.last().copied(), room: Some(self.room) };
        write(&self.hub, place, kind, body, stamp)
    }

    /// Refuses to hand out what the chain itself would refuse.
    fn checked(&self, envelope: Envelope) -> Result<Envelope, IdentityError> {
        self.clone().append(&envelope)?;
        Ok(envelope)
    }

    /// Returns the hub.
    #[must_use]
    pub const fn hub(&self) -> &Name {
        &self.hub
    }

    /// Returns the chain's room, which is the id of its genesis.
    #[must_use]
    pub const fn room(&self) -> EntryId {
        self.room
    }

    /// Returns the ids of the chain's entries in order.
    #[must_use]
    pub fn ids(&self) -> &[EntryId] {
        &self.ids
    }

    fn length(&self) -> u64 {
        u64::try_from(self.ids.len()).unwrap_or(u64::MAX)
    }

    /// Returns the genesis id in 16 groups of four digits, to be compared out of band (VK-03).
    #[must_use]
    pub fn fingerprint(&self) -> String {
        digest::grouped(self.room.as_bytes())
    }

    /// Returns the key in use.
    #[must_use]
    pub const fn current(&self) -> &VerifyingKey {
        &self.current
    }

    /// Returns the encryption key in use.
    #[must_use]
    pub const fn encryption(&self) -> &OrganisationPublicKey {
        &self.encryption
    }

    /// Returns the endorsements, by hub; the last one counts.
    pub fn endorsements(&self) -> impl Iterator<Item = &Endorsement> {
        self.endorsements.values()
    }

    /// Returns what is known of a key of this chain.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> KeyStatus<'_> {
        match self.keys.get(id) {
            None => KeyStatus::Unknown,
            Some(Record { key, generation, revoked_since: None }) => {
                KeyStatus::Valid { key, generation: *generation }
            }
            Some(Record { key, generation, revoked_since: Some(since) }) => {
                KeyStatus::Revoked { key, generation: *generation, since: *since }
            }
        }
    }
}

impl Keys for Identity {
    fn status(&self, author: &Name, key: &KeyId) -> KeyStatus<'_> {
        if *author == self.hub { self.key(key) } else { KeyStatus::Unknown }
    }
}

/// The identity chains a hub or a file holds, one per hub.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory(BTreeMap<Name, Identity>);

impl Directory {
    /// Takes a chain in, in place of the one known of that hub.
    pub fn insert(&mut self, identity: Identity) {
        self.0.insert(identity.hub.clone(), identity);
    }

    /// Returns the chain of a hub.
    #[must_use]
    pub fn of(&self, hub: &Name) -> Option<&Identity> {
        self.0.get(hub)
    }

    /// Takes a genesis of a hub not yet known, or the next entry of a chain that is.
    pub fn append(&mut self, envelope: &Envelope) -> Result<(), IdentityError> {
        let author = read(envelope)?.author;
        if let Some(identity) = self.0.get_mut(&author) {
            return identity.append(envelope);
        }
        self.insert(Identity::start(envelope)?);
        Ok(())
    }

    /// Returns the chains by hub.
    pub fn iter(&self) -> impl Iterator<Item = &Identity> {
        self.0.values()
    }
}

impl Keys for Directory {
    fn status(&self, author: &Name, key: &KeyId) -> KeyStatus<'_> {
        self.0.get(author).map_or(KeyStatus::Unknown, |identity| identity.key(key))
    }
}

/// Says whether a kind belongs into an identity chain.
#[must_use]
pub fn is_identity_kind(kind: &Name) -> bool {
    kind.as_str().starts_with("id.")
}

fn read(envelope: &Envelope) -> Result<Entry, IdentityError> {
    if envelope.kind() != PayloadType::Entry {
        return Err(EntryError::from(EnvelopeError::PayloadType).into());
    }
    let entry = Entry::parse(envelope.payload())?;
    let fits = entry.case == entry.author
        && entry.party == entry.author
        && entry.area.as_str() == AREA
        && entry.epoch == 0
        && entry.sealed.is_none()
        && entry.seen.is_empty()
        && is_identity_kind(&entry.kind);
    if fits { Ok(entry) } else { Err(IdentityError::WrongRoom) }
}

fn check_signatures(envelope: &Envelope, keys: &[&VerifyingKey]) -> Result<(), IdentityError> {
    if envelope.signatures().len() != keys.len() {
        return Err(IdentityError::SignatureCount);
    }
    if keys.iter().all(|key| envelope.is_signed_by(key)) {
        Ok(())
    } else {
        Err(IdentityError::BadSignature)
    }
}

fn key_body(sign: &VerifyingKey, keys: NewKeys<'_>) -> Value {
    json!({
        "enc_key": keys.encryption.to_string(),
        "next_key_commit": commit_next_key(keys.next),
        "sign_key": sign.to_string(),
    })
}

fn keys_of(
    entry: &Entry,
) -> Result<(VerifyingKey, OrganisationPublicKey, Commitment), IdentityError> {
    let read = || -> Taken<_> {
        let mut body = Members(entry.body.clone());
        let keys =
            (body.parsed("sign_key")?, body.parsed("enc_key")?, body.parsed("next_key_commit")?);
        body.finish()?;
        Ok(keys)
    };
    read().map_err(|_| IdentityError::Body)
}

fn revocation(entry: &Entry) -> Taken<(KeyId, u64)> {
    let mut body = Members(entry.body.clone());
    let read = (body.parsed("key")?, body.integer("compromised_since")?);
    body.finish()?;
    Ok(read)
}

fn endorsement(entry: &Entry) -> Taken<Endorsement> {
    let mut body = Members(entry.body.clone());
    let endorsement = Endorsement {
        hub: body.parsed("hub")?,
        identity: body.parsed("identity")?,
        level: body.parsed("level")?,
    };
    body.finish()?;
    Ok(endorsement)
}

/// Where in a chain an entry stands.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    seq: u64,
    prev: Option<EntryId>,
    room: Option<EntryId>,
}

fn write(
    hub: &Name,
    place: Place,
    kind: &str,
    body: Value,
    stamp: Stamp,
) -> Result<Entry, IdentityError> {
    let Value::Object(body) = body else { return Err(IdentityError::Body) };
    let name = |text: &str| text.parse::<Name>().map_err(|_| IdentityError::Body);
    Ok(Entry {
        case: hub.clone(),
        author: hub.clone(),
        seq: place.seq,
        prev: place.prev,
        seen: Vec::new(),
        at: stamp.at,
        kind: name(kind)?,
        area: name(AREA)?,
        party: hub.clone(),
        body,
        salt: stamp.salt,
        epoch: 0,
        sealed: None,
        room: place.room,
        extensions: Map::new(),
    })
}
