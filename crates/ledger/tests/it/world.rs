//! Fixed keys, hubs and entries, so that every vector comes out the same on every machine.

use comity_ledger::chain::Room;
use comity_ledger::digest::{ContentHash, EntryId};
use comity_ledger::entry::{Entry, Keys, Name, Salt, Verified};
use comity_ledger::envelope::{Envelope, PayloadType};
use comity_ledger::export::{Manifest, RoomSummary};
use comity_ledger::identity::{self, Directory, Identity, NewKeys, Stamp};
use comity_ledger::key::SigningKey;
use comity_ledger::receipt::{Clock, Embargo, Policy, Receipt};
use comity_ledger::wrap::OrganisationKey;
use data_encoding::BASE64;
use ed25519_dalek::Signer as _;
use serde_json::{Map, Value, json};

/// The instant of the first entry.
pub(crate) const DAY_0: u64 = 1_767_571_200_000;
/// The instant of every export.
pub(crate) const EXPORTED: u64 = DAY_0 + 86_400_000;

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn stamp(number: u8) -> Stamp {
    Stamp { at: DAY_0 - 1000 + u64::from(number), salt: Salt::from_bytes([number; 32]) }
}

/// Signs any payload, also one that the library would refuse to sign.
pub(crate) fn raw(kind: &str, payload: &[u8], keys: &[&SigningKey]) -> String {
    let mut signed = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    signed.extend_from_slice(payload);
    let mut signatures: Vec<String> = keys
        .iter()
        .map(|key| {
            let signature = ed25519_dalek::SigningKey::from_bytes(&key.to_bytes()).sign(&signed);
            let sig = BASE64.encode(&signature.to_bytes());
            format!(r#"{{"keyid":"ed25519:{}","sig":"{sig}"}}"#, key.id())
        })
        .collect();
    signatures.sort();
    let payload = BASE64.encode(payload);
    let signatures = signatures.join(",");
    format!(r#"{{"payload":"{payload}","payloadType":"{kind}","signatures":[{signatures}]}}"#)
}

/// A hub with its chain: seeds n, n + 1 … sign; n + 100 encrypts.
pub(crate) struct Hub {
    pub(crate) name: Name,
    pub(crate) seed: u8,
    pub(crate) chain: Vec<Envelope>,
}

impl Hub {
    pub(crate) fn new(text: &str, seed: u8) -> Self {
        let encryption = OrganisationKey::from_bytes(&[seed + 100; 32]).unwrap().public_key();
        let next = key(seed + 1);
        let keys = NewKeys { encryption: &encryption, next: next.verifying_key() };
        let genesis = identity::genesis(&name(text), &key(seed), keys, stamp(seed)).unwrap();
        Self { name: name(text), seed, chain: vec![genesis] }
    }

    /// The same hub after a rotation.
    pub(crate) fn rotated(mut self) -> Self {
        let encryption = OrganisationKey::from_bytes(&[self.seed + 101; 32]).unwrap().public_key();
        let next = key(self.seed + 2);
        let keys = NewKeys { encryption: &encryption, next: next.verifying_key() };
        let rotation = self
            .identity()
            .rotate(&key(self.seed), &key(self.seed + 1), keys, stamp(self.seed + 1))
            .unwrap();
        self.chain.push(rotation);
        self
    }

    /// The same hub after its first key was revoked from the very start.
    pub(crate) fn revoked(mut self) -> Self {
        let (signer, old) = (key(self.seed + 1), key(self.seed).id());
        let revocation = self.identity().revoke(&signer, &old, 5, stamp(self.seed + 2)).unwrap();
        self.chain.push(revocation);
        self
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity::read(&self.chain).unwrap()
    }

    pub(crate) fn key(&self) -> SigningKey {
        key(self.seed)
    }
}

pub(crate) fn directory(hubs: &[&Hub]) -> Directory {
    let mut directory = Directory::default();
    for hub in hubs {
        directory.insert(hub.identity());
    }
    directory
}

/// An entry that fits as the next of its author.
pub(crate) fn entry(author: &Name, room: Option<&Room>, number: u8) -> Entry {
    let next = room.map(|room| room.next(author));
    Entry {
        case: name("jo-2026-00007"),
        author: author.clone(),
        seq: next.as_ref().map_or(0, |next| next.seq),
        prev: next.as_ref().and_then(|next| next.prev),
        seen: next.map(|next| next.seen).unwrap_or_default(),
        at: DAY_0 + u64::from(number) * 1000,
        kind: name("note"),
        area: name("protocol"),
        party: name("cert"),
        body: object(json!({ "commitment": "00".repeat(32) })),
        salt: Salt::from_bytes([number; 32]),
        epoch: 1,
        sealed: None,
        room: room.map(Room::id),
        extensions: Map::new(),
    }
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("not an object") };
    members
}

pub(crate) fn open(envelope: &Envelope, keys: &impl Keys) -> Verified {
    Verified::open(envelope.clone(), keys, None).unwrap()
}

/// A case of two hubs, five entries, in one room.
pub(crate) struct Case {
    pub(crate) jo: Hub,
    pub(crate) um: Hub,
    pub(crate) directory: Directory,
    pub(crate) room: Room,
    pub(crate) entries: Vec<Envelope>,
}

impl Case {
    pub(crate) fn new() -> Self {
        let (jo, um) = (Hub::new("jo", 1), Hub::new("um", 11).rotated());
        let directory = directory(&[&jo, &um]);
        let mut opening = entry(&jo.name, None, 1);
        opening.kind = name("case.open");
        let first = opening.sign(&jo.key()).unwrap();
        let room = Room::open(&open(&first, &directory), EXPORTED).unwrap();
        let mut case = Self { jo, um, directory, room, entries: vec![first] };
        case.add("um", 11, 2);
        case.add("jo", 1, 3);
        case.add("um", 12, 4);
        case.add("jo", 1, 5);
        case
    }

    pub(crate) fn add(&mut self, author: &str, seed: u8, number: u8) {
        let envelope = entry(&name(author), Some(&self.room), number).sign(&key(seed)).unwrap();
        self.take(envelope);
    }

    pub(crate) fn take(&mut self, envelope: Envelope) {
        let verified = open(&envelope, &self.directory);
        self.room.accept(verified, EXPORTED).unwrap();
        self.entries.push(envelope);
    }

    pub(crate) fn manifest(&self) -> Manifest {
        Manifest {
            hub: self.jo.name.clone(),
            at: EXPORTED,
            case: self.room.case().clone(),
            rooms: vec![RoomSummary::of(&self.room)],
        }
    }

    /// The export's lines: manifest, chain of jo (1), chain of um (2), entries (5).
    pub(crate) fn lines(&self) -> Vec<String> {
        let manifest = self.manifest().sign(&self.jo.key()).unwrap();
        [&manifest]
            .into_iter()
            .chain(&self.jo.chain)
            .chain(&self.um.chain)
            .chain(&self.entries)
            .map(text)
            .collect()
    }
}

pub(crate) fn text(envelope: &Envelope) -> String {
    String::from_utf8(envelope.as_bytes().to_vec()).unwrap()
}

pub(crate) fn file(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        report: name("nv-r-2027-00007"),
        hub: name("jo"),
        holder: "CERT Norvik".to_owned(),
        received_at: DAY_0,
        clocks: vec![Clock {
            code: name("acknowledge"),
            due_at: DAY_0 + 259_200_000,
            bearer: "CERT Norvik".to_owned(),
        }],
        embargo: Some(Embargo { starts_at: DAY_0, ends_at: DAY_0 + 3_888_000_000 }),
        policy: Policy { version: "3".to_owned(), sha256: ContentHash::of(b"safe harbour") },
        commitment: comity_ledger::commitment::commit(
            "report",
            &Salt::from_bytes([9; 32]),
            b"{\"report\":true}",
        ),
        extensions: Map::new(),
    }
}

/// The id that an envelope in text has.
pub(crate) fn id_of(text: &str) -> EntryId {
    Envelope::parse(text.as_bytes()).unwrap().id()
}

pub(crate) const ENTRY: &str = PayloadType::Entry.as_str();
