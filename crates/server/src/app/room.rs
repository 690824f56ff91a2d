//! Rooms of this hub: opening one, signing the next entry of its chain, sealing items under its epoch.
//!
//! Not here: what entries mean (use cases) and how chains are checked (`comity-ledger`).

use comity_ledger::commitment;
use comity_ledger::digest::{self, EntryId};
use comity_ledger::entry::{Entry, Name, Salt};
use comity_ledger::seal;
use comity_ledger::secret::{Binding, DataKey, EpochKey, WrappedKey};
use comity_store::{Append, Head, Item, ItemKey, Place, Room, Rows, Write};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{AppError, Hub};
use crate::keys;
use crate::rng::OsRandom;

/// The epoch of rooms that only this hub reads.
pub(crate) const EPOCH: u64 = 1;

/// A room that this hub writes to: its id and the key of its epoch.
#[derive(Clone, Debug)]
pub(crate) struct OpenRoom {
    /// The id of its first entry.
    pub(crate) id: String,
    /// Wraps the keys of its items.
    pub(crate) key: EpochKey,
}

/// What the author of an entry chooses; its place in the chain is found when it is written.
#[derive(Clone, Debug)]
pub(crate) struct Said<'a> {
    /// The case, or the hub itself for rooms that belong to no case.
    pub(crate) case: &'a str,
    /// What is said.
    pub(crate) kind: &'a str,
    /// The area of cooperation.
    pub(crate) area: &'a str,
    /// The party acted for.
    pub(crate) party: &'a str,
    /// What the kind carries.
    pub(crate) body: Map<String, Value>,
    /// The hub's clock, milliseconds.
    pub(crate) at: i64,
}

/// Content sealed for the store, with the salted commitment that an entry may name.
#[derive(Clone, Debug)]
pub(crate) struct SealedItem {
    /// The row with the ciphertext.
    pub(crate) item: Item,
    /// The row with the wrapped key; deleting it shreds the item.
    pub(crate) key: ItemKey,
    /// Salted commitment to the content, lower-case hex.
    pub(crate) commitment: String,
}

impl SealedItem {
    /// Returns both rows.
    pub(crate) fn writes(self) -> Vec<Write> {
        vec![self.item.into(), self.key.into()]
    }

    /// Adds both rows to a unit.
    pub(crate) fn put(self, rows: &mut Rows) {
        rows.put(self.item);
        rows.put(self.key);
    }
}

/// Bytes of the salt that stands before the content inside the seal.
const SALT_BYTES: usize = 32;

impl Hub {
    /// Signs an entry at the place after `head` and returns it ready to be appended.
    ///
    /// `room` is none for the first entry of a room, whose id the room takes.
    pub(crate) fn sign_next(
        &self,
        room: Option<&str>,
        head: Option<&Head>,
        said: &Said<'_>,
    ) -> Result<Append, AppError> {
        let seq = head.map_or(0, |head| head.seq + 1);
        let prev = head.map(|head| head.id.clone());
        // A clock that was set back writes no history backwards.
        let at = head.map_or(said.at, |head| head.at.max(said.at));
        let entry = Entry {
            case: name(said.case)?,
            author: name(&self.config().hub)?,
            seq: u64::try_from(seq).map_err(AppError::fault)?,
            prev: prev.as_deref().map(entry_id).transpose()?,
            seen: Vec::new(),
            at: u64::try_from(at).map_err(AppError::fault)?,
            kind: name(said.kind)?,
            area: name(said.area)?,
            party: name(said.party)?,
            body: said.body.clone(),
            salt: Salt::generate(&mut OsRandom),
            epoch: EPOCH,
            sealed: None,
            room: room.map(entry_id).transpose()?,
            extensions: Map::new(),
        };
        let envelope = entry.sign(self.signing()).map_err(AppError::fault)?;
        let id = envelope.id().to_string();
        Ok(Append {
            room_id: room.map_or_else(|| id.clone(), str::to_owned),
            author: self.config().hub.clone(),
            seq,
            prev,
            id,
            at,
            kind: said.kind.to_owned(),
            envelope: envelope.into_bytes(),
            place: Place::Next,
        })
    }

    /// Returns the rows that open a room with `first`, and the room.
    pub(crate) fn open_room(
        &self,
        first: Append,
        case_id: Option<&str>,
        kind: &str,
    ) -> Result<(Rows, OpenRoom), AppError> {
        let key = EpochKey::generate(&mut OsRandom);
        let wrapped =
            keys::wrap_epoch(self.master(), &first.id, EPOCH, &key).map_err(AppError::fault)?;
        let id = first.id.clone();
        let mut rows = Rows::new();
        rows.put(Room {
            room_id: id.clone(),
            case_id: case_id.map(str::to_owned),
            kind: kind.to_owned(),
            name: None,
            opened_at: first.at,
        });
        rows.put(comity_store::EpochKey { room_id: id.clone(), epoch: EPOCH_ROW, wrapped });
        rows.put(first);
        Ok((rows, OpenRoom { id, key }))
    }

    /// Returns a room of this hub by its name, such as `intake/2026-11`, and opens it if it is new.
    pub(crate) async fn hub_room(&self, label: &str, at: i64) -> Result<OpenRoom, AppError> {
        if let Some(room) = self.known_room(label) {
            return Ok(room);
        }
        let _alone = self.opening().lock().await;
        if let Some(room) = self.known_room(label) {
            return Ok(room);
        }
        let meta = format!("room:{label}");
        let room = match self.store().meta(&meta).await? {
            Some(id) => self.load_room(&id).await?,
            None => self.create_hub_room(label, &meta, at).await?,
        };
        self.remember_room(label, &room);
        Ok(room)
    }

    async fn create_hub_room(
        &self,
        label: &str,
        meta: &str,
        at: i64,
    ) -> Result<OpenRoom, AppError> {
        let hub = &self.config().hub;
        let said = Said {
            case: hub,
            kind: "room.open",
            area: "protocol",
            party: hub,
            body: object(json!({ "name": label })),
            at,
        };
        let first = self.sign_next(None, None, &said)?;
        let (mut rows, room) = self.open_room(first, None, "hub")?;
        rows.put(Write::Meta { name: meta.to_owned(), value: room.id.clone() });
        // A second replica that opens the same room at the same time must lose.
        rows.put(Write::Serial { counter: meta.to_owned(), value: 1 });
        self.store().write(rows).await?;
        Ok(room)
    }

    /// Returns a room by id, with its epoch key opened.
    pub(crate) async fn load_room(&self, id: &str) -> Result<OpenRoom, AppError> {
        let row = self.store().epoch_key(id, EPOCH_ROW).await?.ok_or(AppError::NotFound)?;
        let key =
            keys::unwrap_epoch(self.master(), id, EPOCH, &row.wrapped).map_err(AppError::fault)?;
        Ok(OpenRoom { id: id.to_owned(), key })
    }

    /// Seals `content` as an item of `owner` under the room's epoch.
    pub(crate) async fn seal_item(
        &self,
        room: &OpenRoom,
        owner: &str,
        compartment: &str,
        content: &[u8],
        at: i64,
    ) -> Result<SealedItem, AppError> {
        // Ordered by time, so that new rows lie together in the index.
        let item_id = self.new_id().simple().to_string();
        let binding = Binding { room: &room.id, item: &item_id };
        let salt = Salt::generate(&mut OsRandom);
        let mut plain = Zeroizing::new(Vec::with_capacity(SALT_BYTES + content.len()));
        plain.extend_from_slice(salt.as_bytes());
        plain.extend_from_slice(content);
        let key = DataKey::generate(&mut OsRandom);
        let ciphertext =
            seal::seal(&key, binding, &plain, &mut OsRandom).map_err(AppError::fault)?;
        let wrapped = room.key.wrap(&key, binding, &mut OsRandom).map_err(AppError::fault)?;
        let padded = i64::try_from(ciphertext.len()).map_err(AppError::fault)?;
        let (ciphertext, blob) = self.store().place(ciphertext).await?;
        Ok(SealedItem {
            commitment: commitment::commit(&purpose(compartment), &salt, content).to_string(),
            item: Item {
                item_id: item_id.clone(),
                room_id: room.id.clone(),
                owner: owner.to_owned(),
                compartment: compartment.to_owned(),
                ciphertext,
                blob,
                padded_bytes: padded,
                created_at: at,
                shredded_at: None,
            },
            key: ItemKey { item_id, epoch: EPOCH_ROW, wrapped: wrapped.as_bytes().to_vec() },
        })
    }

    /// Opens a sealed item; none if it was shredded.
    pub(crate) async fn open_item(
        &self,
        item: &Item,
        key: Option<&ItemKey>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, AppError> {
        let Some(key) = key else { return Ok(None) };
        let ciphertext = self.store().content(item.ciphertext.clone(), item.blob.clone()).await?;
        let Some(ciphertext) = ciphertext else { return Ok(None) };
        let data = self.item_key(item, key).await?;
        let binding = Binding { room: &item.room_id, item: &item.item_id };
        let mut plain = seal::open(&data, binding, &ciphertext).map_err(AppError::fault)?;
        if plain.len() < SALT_BYTES {
            return Err(AppError::fault("a sealed item is shorter than its salt"));
        }
        plain.drain(..SALT_BYTES);
        Ok(Some(plain))
    }

    /// Opens the key of an item.
    pub(crate) async fn item_key(&self, item: &Item, key: &ItemKey) -> Result<DataKey, AppError> {
        let room = self.load_room(&item.room_id).await?;
        let binding = Binding { room: &item.room_id, item: &item.item_id };
        let wrapped = WrappedKey::from_slice(&key.wrapped).map_err(AppError::fault)?;
        room.key.unwrap(&wrapped, binding).map_err(AppError::fault)
    }
}

/// [`EPOCH`] as the store's rows have it.
const EPOCH_ROW: i64 = 1;

/// What a commitment to a compartment is bound to.
pub(crate) fn purpose(compartment: &str) -> String {
    format!("compartment/{compartment}")
}

/// Returns the members of an object value.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// Returns the SHA-256 of `bytes`, lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    digest::hex(&digest::sha256(bytes))
}

fn name(text: &str) -> Result<Name, AppError> {
    text.parse().map_err(|_| AppError::refused("name-invalid"))
}

fn entry_id(text: &str) -> Result<EntryId, AppError> {
    text.parse().map_err(|_| AppError::fault("a stored entry id is not one"))
}
