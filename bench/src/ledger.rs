//! Entry ingest on one core: parse, strict check, verify, accept, store.

use comity_ledger::chain::Room;
use comity_ledger::entry::{Entry, Salt, Verified};
use comity_ledger::envelope::Envelope;
use comity_ledger::identity::{self, Identity, NewKeys, Stamp};
use comity_ledger::key::SigningKey;
use comity_ledger::wrap::OrganisationKey;
use comity_server::rng::OsRandom;
use comity_store::{Append, Options, Place, Rows, Store};
use serde_json::{Map, json};

use crate::{Row, timed};

const ENTRIES: u64 = 8_000;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let key = SigningKey::generate(&mut OsRandom);
    let next = SigningKey::generate(&mut OsRandom);
    let encryption = OrganisationKey::generate(&mut OsRandom);
    let hub = "bench".parse()?;
    let keys = NewKeys { encryption: &encryption.public_key(), next: next.verifying_key() };
    let stamp = Stamp { at: 0, salt: Salt::generate(&mut OsRandom) };
    let identity = Identity::start(&identity::genesis(&hub, &key, keys, stamp)?)?;
    let envelopes = envelopes(&key)?;
    let (accepted, time) = timed(|| accept(&envelopes, &identity));
    let accepted = accepted?;
    let rate = per_second(ENTRIES, time.as_secs_f64());
    let (stored, storing) = timed(|| store(&accepted));
    stored?;
    let whole = per_second(ENTRIES, time.as_secs_f64() + storing.as_secs_f64());
    Ok(vec![
        Row::new(
            "entries parsed, checked, verified, accepted; one core",
            format!("{rate:.0}/s"),
            "",
        ),
        Row::new("the same and stored durably", format!("{whole:.0}/s"), "≥ 8,000/s"),
    ])
}

fn per_second(count: u64, seconds: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds
}

fn envelopes(key: &SigningKey) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    let (mut prev, mut room) = (None, None);
    for seq in 0..ENTRIES {
        let mut body = Map::new();
        body.insert("text".to_owned(), json!("a note of usual length ".repeat(12)));
        let entry = Entry {
            case: "bench-2026-00001".parse()?,
            author: "bench".parse()?,
            seq,
            prev,
            seen: Vec::new(),
            at: seq * 1000,
            kind: "note".parse()?,
            area: "protocol".parse()?,
            party: "bench".parse()?,
            body,
            salt: Salt::generate(&mut OsRandom),
            epoch: 1,
            sealed: None,
            room,
            extensions: Map::new(),
        };
        let envelope = entry.sign(key)?;
        prev = Some(envelope.id());
        room = room.or(prev);
        all.push(envelope.into_bytes());
    }
    Ok(all)
}

fn accept(envelopes: &[Vec<u8>], identity: &Identity) -> anyhow::Result<Vec<Verified>> {
    let mut all: Vec<Verified> = Vec::with_capacity(envelopes.len());
    let mut room: Option<Room> = None;
    for bytes in envelopes {
        let verified = Verified::open(Envelope::parse(bytes)?, identity, None)?;
        match &mut room {
            None => room = Some(Room::open(&verified, u64::MAX)?),
            Some(room) => {
                room.accept(verified.clone(), u64::MAX)?;
            }
        }
        all.push(verified);
    }
    Ok(all)
}

fn store(entries: &[Verified]) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(Options::new(folder.path().join("hub"))).await?;
        for page in entries.chunks(200) {
            let mut rows = Rows::new();
            for verified in page {
                let entry = verified.entry();
                rows.put(Append {
                    room_id: verified.room().to_string(),
                    author: entry.author.to_string(),
                    seq: i64::try_from(entry.seq)?,
                    prev: entry.prev.map(|id| id.to_string()),
                    id: verified.id().to_string(),
                    at: i64::try_from(entry.at)?,
                    kind: entry.kind.to_string(),
                    envelope: verified.as_bytes().to_vec(),
                    place: Place::Next,
                });
            }
            store.write(rows).await?;
        }
        store.close().await;
        anyhow::Ok(())
    })
}
