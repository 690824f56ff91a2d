//! One entry: header, area and typed body (case-protocol.md, section 2).
//!
//! Unknown kinds and bad bodies are kept as they came: the fold voids them, and peers get them whole.
//! Not here: signatures and envelopes (`comity-ledger`), and the clock check of CP-03 (intake).

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::body::{Body, Millis};
use super::kind::Kind;
use super::name::{CaseId, EntryId, HubId, PartyId};
use super::reader::{self, INTEGER_MAX};

/// Ids in `seen` at most.
pub const SEEN_MAX: usize = 256;
/// Bytes of one entry at most.
pub const ENTRY_BYTES_MAX: usize = 64 << 10;
/// Entries of a case at most.
pub const ENTRIES_MAX: usize = 200_000;
/// Entries that wait for their parents at most, a case.
pub const PENDING_MAX: usize = 512;
/// Parties of a case at most.
pub const PARTIES_MAX: usize = 5_000;

/// What the fold can read of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A known kind whose body is not as the table says.
    Bad(Kind),
    /// A known kind.
    Known(Kind, Body),
    /// A kind that this program does not know.
    Unknown,
}

/// One record of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// The case.
    pub case: CaseId,
    /// The hub that signs.
    pub author: HubId,
    /// 0, 1, 2 … of the author in this case.
    pub seq: i64,
    /// The author's entry before.
    pub prev: Option<EntryId>,
    /// Heads of the other chains that the author had folded.
    pub seen: Vec<EntryId>,
    /// The author's clock.
    pub at: Millis,
    /// The kind as written.
    pub kind: String,
    /// The area, if the author wrote one.
    pub area: Option<String>,
    /// The party acted for.
    pub party: PartyId,
    /// The body as written.
    pub body: Map<String, Value>,
    content: Content,
}

/// The header or shape of an entry is wrong (`entry-malformed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the header of the entry is malformed")]
pub struct Malformed;

/// What the author chooses; the place in the chains comes from [`super::Case::draft`].
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The hub that will sign.
    pub author: HubId,
    /// The party acted for.
    pub party: PartyId,
    /// The author's clock.
    pub at: Millis,
    /// The kind.
    pub kind: Kind,
    /// The body as it will be written.
    pub body: Map<String, Value>,
}

/// Where an entry stands in the chains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The author's number.
    pub seq: i64,
    /// The author's entry before.
    pub prev: Option<EntryId>,
    /// Heads of the other chains.
    pub seen: Vec<EntryId>,
}

impl Entry {
    /// Makes an entry of `command` at `place`; its id is that of the unsigned form (section 9).
    #[must_use]
    pub fn new(case: CaseId, command: Command, place: Place) -> Self {
        let Command { author, party, at, kind, body } = command;
        let content = read_content(kind.as_str(), &body);
        let mut entry = Self {
            id: unsigned_id(&Value::Null),
            case,
            author,
            seq: place.seq,
            prev: place.prev,
            seen: place.seen,
            at,
            kind: kind.as_str().to_owned(),
            area: Some(kind.default_area().to_owned()),
            party,
            body,
            content,
        };
        entry.id = unsigned_id(&Value::Object(entry.to_members()));
        entry
    }

    /// Gives the entry the id under which it was signed (verification.md, EN-02).
    #[must_use]
    pub fn with_id(mut self, id: EntryId) -> Self {
        self.id = id;
        self
    }

    /// Reads an unsigned entry: `area` and `id` may be absent.
    ///
    /// Beside the header only members of the envelope (`sig`, `salt`, `epoch`, `sealed`, `version`)
    /// and `x-…` may stand there.
    pub fn read(value: &Value) -> Result<Self, Malformed> {
        let members = value.as_object().ok_or(Malformed)?;
        if !members.keys().all(|key| is_header(key) || is_envelope(key)) {
            return Err(Malformed);
        }
        let id = match members.get("id") {
            Some(id) => reader::name(id).map_err(|_| Malformed)?,
            None => unsigned_id(value),
        };
        Self::read_signed(id, members)
    }

    /// Reads the header and body of an entry whose id is known from its envelope.
    ///
    /// Members that are not of the header are ignored; the envelope's own profile judges them.
    pub fn read_signed(id: EntryId, members: &Map<String, Value>) -> Result<Self, Malformed> {
        let need = |key: &str| members.get(key).ok_or(Malformed);
        let text = |key: &str| need(key)?.as_str().map(str::to_owned).ok_or(Malformed);
        let whole = |key: &str| {
            need(key)?.as_i64().filter(|number| (0..=INTEGER_MAX).contains(number)).ok_or(Malformed)
        };
        let kind = text("kind")?;
        let body = need("body")?.as_object().ok_or(Malformed)?.clone();
        let seen = need("seen")?.as_array().filter(|ids| ids.len() <= SEEN_MAX);
        Ok(Self {
            id,
            case: read_name(need("case")?)?,
            author: read_name(need("author")?)?,
            seq: whole("seq")?,
            prev: match need("prev")? {
                prev if prev.is_null() => None,
                prev => Some(read_name(prev)?),
            },
            seen: seen.ok_or(Malformed)?.iter().map(read_name).collect::<Result<_, _>>()?,
            at: whole("at")?,
            content: read_content(&kind, &body),
            kind,
            area: match members.get("area") {
                Some(area) => Some(area.as_str().ok_or(Malformed)?.to_owned()),
                None => None,
            },
            party: read_name(need("party")?)?,
            body,
        })
    }

    /// Returns what the fold can read of the body.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Returns the kind, if this program knows it.
    #[must_use]
    pub fn known_kind(&self) -> Option<Kind> {
        match &self.content {
            Content::Bad(kind) | Content::Known(kind, _) => Some(*kind),
            Content::Unknown => None,
        }
    }

    /// Returns the members of the unsigned form, without `id`.
    #[must_use]
    pub fn to_members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |key: &str, value: Value| members.insert(key.to_owned(), value);
        put("case", self.case.as_str().into());
        put("author", self.author.as_str().into());
        put("seq", self.seq.into());
        put("prev", self.prev.as_ref().map_or(Value::Null, |id| id.as_str().into()));
        put("seen", self.seen.iter().map(EntryId::as_str).collect());
        put("at", self.at.into());
        put("kind", self.kind.as_str().into());
        if let Some(area) = &self.area {
            put("area", area.as_str().into());
        }
        put("party", self.party.as_str().into());
        put("body", Value::Object(self.body.clone()));
        members
    }

    /// Returns the ids that must be held before this entry.
    pub(super) fn parents(&self) -> impl Iterator<Item = &EntryId> {
        self.prev.iter().chain(&self.seen)
    }
}

fn read_name<T: std::str::FromStr>(value: &Value) -> Result<T, Malformed> {
    reader::name(value).map_err(|_| Malformed)
}

fn is_header(key: &str) -> bool {
    matches!(
        key,
        "case" | "author" | "seq" | "prev" | "seen" | "at" | "kind" | "area" | "party" | "body"
    )
}

fn is_envelope(key: &str) -> bool {
    matches!(key, "id" | "sig" | "salt" | "epoch" | "sealed" | "v" | "version")
        || key.starts_with("x-")
}

fn read_content(kind: &str, body: &Map<String, Value>) -> Content {
    let Some(kind) = Kind::parse(kind) else { return Content::Unknown };
    match Body::read(kind, body) {
        Ok(body) => Content::Known(kind, body),
        Err(reader::BadBody) => Content::Bad(kind),
    }
}

/// Returns the RFC 8785 form without `id` and `sig`, which two copies of one entry share.
#[must_use]
pub fn unsigned_form(value: &Value) -> Vec<u8> {
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        members.remove("id");
        members.remove("sig");
    }
    // A value that was parsed has string keys and finite numbers: it always serialises.
    serde_json_canonicalizer::to_vec(&value).unwrap_or_default()
}

/// Returns the SHA-256 of the unsigned form, in lower-case hex.
#[must_use]
pub fn unsigned_id(value: &Value) -> EntryId {
    let hex = data_encoding::HEXLOWER.encode(&Sha256::digest(unsigned_form(value)));
    EntryId::from_digest(&hex)
}
