//! Backup, verification, restore and rebuild.

use std::convert::Infallible;
use std::path::Path;

use comity_ledger::secret::DataKey;
use comity_store::{
    BackupCount, BackupPlan, Conflict, Fault, Item, Options, Order, Projection, Rejected, Replay,
    Rows, SearchEntry, SearchQuery, Seen, Store, restore, verify_backup,
};
use rand_core::{TryCryptoRng, TryRng};

use crate::world::{Postgres, World, entry, id, item, item_key, report, room, run};

/// Numbers that only look random, so that a failure repeats.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Ok(u32::try_from(self.0 >> 33).unwrap())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.try_next_u32()?))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.try_next_u32()?.to_le_bytes()[0];
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

fn key(byte: u8) -> DataKey {
    DataKey::from_bytes([byte; 32])
}

/// A hub with chains, items, a long ciphertext, an advisory and a file.
async fn fill(world: &World) -> Vec<u8> {
    let store = &world.store;
    let mut rows = Rows::new();
    rows.put(room("r", Some("fi-2026-00001"))).put(room("s", None));
    for seq in 1..=30 {
        let prev = (seq > 1).then(|| id("r", "fi", seq - 1));
        rows.put(entry("r", "fi", seq, prev));
    }
    rows.put(entry("s", "jp", 1, None));
    let long: Vec<u8> = (0..1_300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let (ciphertext, blob) = store.place(long.clone()).await.unwrap();
    rows.put(Item { ciphertext, blob, ..item("long", "rep", "technical") }).put(item_key("long"));
    rows.put(item("short", "rep", "abstract")).put(item_key("short"));
    rows.put(item("bad", "rep", "quarantine")).put(item_key("bad"));
    rows.put(report("rep", Some(4)));
    rows.put(comity_store::Advisory {
        advisory_id: "a".to_owned(),
        version: 1,
        case_id: None,
        state: "published".to_owned(),
        title: "提示注入 in RAG".to_owned(),
        language: "zh".to_owned(),
        published_at: Some(4),
        withdrawn_at: None,
        successor: None,
        sha256: "s".to_owned(),
        document: b"{}".to_vec(),
    });
    rows.put(SearchEntry {
        advisory_id: "a".to_owned(),
        version: 1,
        published_at: 4,
        withdrawn_at: None,
        text: "提示注入 in RAG".to_owned(),
    });
    store.write(rows).await.unwrap();
    std::fs::create_dir(world.directory.join("keys")).unwrap();
    std::fs::write(world.directory.join("keys/hub.key"), b"sealed key").unwrap();
    long
}

fn plan() -> BackupPlan {
    BackupPlan {
        files: vec!["keys/hub.key".to_owned(), "keys/missing".to_owned()],
        omit_compartments: vec!["quarantine".to_owned()],
    }
}

async fn check_restored(store: &Store, long: Vec<u8>) {
    assert_eq!(store.entries("r", 0, 100).await.unwrap().len(), 30);
    assert_eq!(store.room_position("r").await.unwrap(), 30);
    let (found, key) = store.item("long").await.unwrap().unwrap();
    assert!(key.is_some());
    assert_eq!(store.content(found.ciphertext, found.blob).await.unwrap(), Some(long));
    assert!(store.item("bad").await.unwrap().is_none(), "quarantine is in no backup");
    let query =
        SearchQuery {
            text: "注入".to_owned(), order: Order::Relevance, ..SearchQuery::default()
        };
    assert_eq!(store.search(&query, 10).await.unwrap().len(), 1);
    let file = store.directory().join("keys/hub.key");
    assert_eq!(std::fs::read(file).unwrap(), b"sealed key");
    let next = entry("r", "fi", 31, Some(id("r", "fi", 30)));
    store.write(Rows::new().with(next)).await.unwrap();
}

#[test]
fn a_backup_restores_the_hub_whole_on_either_engine() {
    run(async {
        let world = World::sqlite().await;
        let long = fill(&world).await;
        let file = world.directory.with_file_name("hub.backup");
        let count = world.store.backup(&file, key(1), Counter(1), plan()).await.unwrap();
        assert_eq!((count.blobs, count.entries, count.files), (1, 31, 1));
        let again = world.store.backup(&file, key(1), Counter(1), plan()).await;
        assert!(matches!(again, Err(Fault::DirectoryNotEmpty(_))), "no backup is overwritten");
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"fi-2026-"), "nothing in clear");

        let target = world.directory.with_file_name("restored");
        let restored = restore(&file, key(1), &target, None).await.unwrap();
        assert_eq!(restored, count);
        let store = Store::open(Options::new(&target)).await.unwrap();
        check_restored(&store, long.clone()).await;
        let taken = restore(&file, key(1), &target, None).await;
        assert!(matches!(taken, Err(Fault::DirectoryNotEmpty(_))), "{taken:?}");
        store.close().await;
        moves_to_a_server_and_back(&world, &file, count, long).await;
    });
}

async fn moves_to_a_server_and_back(world: &World, file: &Path, count: BackupCount, long: Vec<u8>) {
    let server = match Postgres::start() {
        Ok(server) => server,
        Err(why) => {
            println!("{why}");
            return;
        }
    };
    let url = server.database("moved");
    let target = world.directory.with_file_name("moved");
    let restored = restore(file, key(1), &target, Some(&url)).await.unwrap();
    assert_eq!(restored, count);
    let options = Options::new(&target).database_url(Some(url.clone()));
    let store = Store::open(options).await.unwrap();
    let back = world.directory.with_file_name("back.backup");
    let moved = store.backup(&back, key(2), Counter(2), plan()).await.unwrap();
    assert_eq!(moved, count);
    check_restored(&store, long.clone()).await;
    store.close().await;
    let target = world.directory.with_file_name("back");
    restore(&back, key(2), &target, None).await.unwrap();
    let store = Store::open(Options::new(&target)).await.unwrap();
    check_restored(&store, long).await;
    store.close().await;
}

#[test]
fn verification_sees_every_entry_and_every_kind_of_damage() {
    run(async {
        let world = World::sqlite().await;
        fill(&world).await;
        let file = world.directory.with_file_name("hub.backup");
        world.store.backup(&file, key(1), Counter(1), plan()).await.unwrap();
        let mut order = Vec::new();
        let mut rooms = 0;
        verify_backup(&file, key(1), |seen| match seen {
            Seen::Entry(entry) => order.push((entry.room_id, entry.position)),
            Seen::Room(_) => rooms += 1,
            Seen::Meta { name, .. } => panic!("{name}"),
            other => panic!("{other:?}"),
        })
        .unwrap();
        assert!(order.is_sorted(), "entries come in the order of a replay");
        assert_eq!((order.len(), rooms), (31, 2));

        let damaged = |bytes: &[u8], by: DataKey| {
            let path = world.directory.with_file_name("damaged.backup");
            std::fs::write(&path, bytes).unwrap();
            let outcome = verify_backup(&path, by, |_| {});
            assert!(matches!(outcome, Err(Fault::BackupDamaged)), "{outcome:?}");
        };
        let good = std::fs::read(&file).unwrap();
        damaged(&good, key(2));
        damaged(&[], key(1));
        damaged(&good[..good.len() - 1], key(1));
        damaged(&[&good[..], b"x"].concat(), key(1));
        for place in [0, 20, 33, 40, good.len() / 2, good.len() - 5] {
            let mut bytes = good.clone();
            bytes[place] ^= 1;
            damaged(&bytes, key(1));
        }
        // A whole frame cut out: the first is 4 bytes of length and its content.
        let length = u32::from_le_bytes(good[32..36].try_into().unwrap());
        let frame = 36 + usize::try_from(length).unwrap();
        damaged(&[&good[..32], &good[frame..]].concat(), key(1));
        damaged(&good[..frame], key(1));

        let path = world.directory.with_file_name("damaged.backup");
        let target = world.directory.with_file_name("nothing");
        assert!(restore(&path, key(1), &target, None).await.is_err());
        assert!(!target.exists(), "nothing half-restored");
        let left = std::fs::read_dir(world.directory.parent().unwrap()).unwrap();
        let names: Vec<String> =
            left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert!(!names.iter().any(|name| name.starts_with(".restoring")), "{names:?}");
    });
}

#[test]
fn a_rebuild_writes_the_read_models_again_from_the_entries() {
    run(async {
        let world = World::sqlite().await;
        fill(&world).await;
        let store = &world.store;
        let mut last = None;
        let entries = store
            .rebuild(&[Projection::Report, Projection::Advisory], |step| {
                let mut rows = Rows::new();
                match step {
                    Replay::Entry(room, entry) => {
                        assert_eq!(room.room_id, entry.room_id);
                        last = Some(entry.position);
                    }
                    Replay::RoomEnd(room) => {
                        rows.put(report(&format!("from-{}", room.room_id), last));
                    }
                    Replay::End => {
                        rows.put(comity_store::Write::Meta {
                            name: "rebuilt".to_owned(),
                            value: "yes".to_owned(),
                        });
                    }
                }
                Ok::<_, Infallible>(rows)
            })
            .await
            .unwrap();
        assert_eq!(entries, 31);
        assert!(store.report("rep").await.unwrap().is_none());
        assert_eq!(store.report("from-r").await.unwrap().unwrap().due_at, 30);
        assert!(store.search(&SearchQuery::default(), 10).await.unwrap().is_empty());
        assert!(store.advisory("a").await.unwrap().is_none());

        let refused = store.rebuild(&[], |_| Err::<Rows, _>("no")).await;
        assert!(matches!(refused, Err(Rejected::Refused("no"))));
        let checks = comity_store::doctor(world.options.clone(), 0).await;
        let halfway = checks.iter().find(|check| check.id == "store-rebuild").unwrap();
        assert_eq!(halfway.help, "run-rebuild");
        let again = store.write(Rows::new().with(room("r", None))).await;
        assert!(matches!(again, Err(Rejected::Conflict(Conflict::Duplicate))));
    });
}
