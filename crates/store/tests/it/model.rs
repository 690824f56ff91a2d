//! Random units from many callers, with commits that fail on both sides: what is acknowledged is stored, what
//! is refused is not, and chains and positions have no gap.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use comity_store::{CommitStep, Fault, Guard, Needs, Options, Rejected, Rows, Store};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::world::{entry, item, next, run};

/// What a caller tries.
#[derive(Clone, Copy, Debug)]
enum Attempt {
    /// Appends after whatever the head is.
    Build { room: u8, author: u8 },
    /// Appends at a fixed place: right or wrong.
    Fixed { room: u8, author: u8, seq: i64 },
    /// Appends only if the room is at a position.
    Guarded { room: u8, author: u8, position: i64 },
    /// Adds an item whose id others use too.
    Item { id: u8 },
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let room = 0..2_u8;
    let author = 0..3_u8;
    let attempt =
        prop_oneof![
            (room.clone(), author.clone())
                .prop_map(|(room, author)| Attempt::Build { room, author }),
            (room.clone(), author.clone(), 1..6_i64)
                .prop_map(|(room, author, seq)| Attempt::Fixed { room, author, seq }),
            (room, author, 0..8_i64).prop_map(|(room, author, position)| Attempt::Guarded {
                room,
                author,
                position
            }),
            (0..20_u8).prop_map(|id| Attempt::Item { id }),
        ];
    proptest::collection::vec(attempt, 1..40)
}

/// Makes one attempt; the mark is an item of its own that must be there exactly if the unit is.
async fn attempt(
    store: &Store,
    number: usize,
    attempt: Attempt,
) -> Result<(), Rejected<Infallible>> {
    let mark = Rows::new().with(item(&format!("mark-{number}"), "marks", "c"));
    let named = |room: u8, author: u8| (format!("room-{room}"), format!("hub-{author}"));
    match attempt {
        Attempt::Build { room, author } => {
            let (room, author) = named(room, author);
            let needs = Needs::default().chain(&room, &author);
            let build = move |view: &comity_store::View| {
                Ok((mark.clone().with(next(view, &room, &author)), ()))
            };
            store.submit(needs, build).await
        }
        Attempt::Fixed { room, author, seq } => {
            let (room, author) = named(room, author);
            let prev = (seq > 1).then(|| crate::world::id(&room, &author, seq - 1));
            store.write(mark.with(entry(&room, &author, seq, prev))).await
        }
        Attempt::Guarded { room, author, position } => {
            let (room, author) = named(room, author);
            let guard = Guard::RoomAt { room_id: room.clone(), position };
            let needs = Needs::default().chain(&room, &author);
            let build = move |view: &comity_store::View| {
                Ok((mark.clone().guard(guard.clone()).with(next(view, &room, &author)), ()))
            };
            store.submit(needs, build).await
        }
        Attempt::Item { id } => store.write(mark.with(item(&id.to_string(), "o", "c"))).await,
    }
}

async fn check(attempts_made: Vec<Attempt>, failing: Vec<u32>) {
    let folder = TempDir::new().unwrap();
    let commits = Arc::new(AtomicU32::new(0));
    let options = Options::new(folder.path()).commit_probe(move |step| {
        // Even numbers fail before the commit, odd ones after it.
        let number = match step {
            CommitStep::Before => commits.fetch_add(1, Ordering::SeqCst) * 2,
            CommitStep::After => commits.load(Ordering::SeqCst) * 2 - 1,
        };
        failing.contains(&number)
    });
    let store = Store::open(options).await.unwrap();
    let units = attempts_made.iter().enumerate().map(|(n, unit)| attempt(&store, n, *unit));
    let answers = futures::future::join_all(units).await;
    for (number, answer) in answers.iter().enumerate() {
        let stored = store.item(&format!("mark-{number}")).await.unwrap().is_some();
        match answer {
            Ok(()) => assert!(stored, "{number} was acknowledged"),
            Err(Rejected::Fault(Fault::Uncertain)) => {}
            Err(Rejected::Conflict(_)) => assert!(!stored, "{number} was refused"),
            Err(other) => panic!("{other:?}"),
        }
    }
    for room in ["room-0", "room-1"] {
        room_is_whole(&store, room).await;
    }
    store.close().await;
}

async fn room_is_whole(store: &Store, room: &str) {
    let entries = store.entries(room, 0, 1_000).await.unwrap();
    let count = i64::try_from(entries.len()).unwrap();
    assert!(entries.iter().map(|entry| entry.position).eq(1..=count));
    let mut heads: BTreeMap<String, i64> = BTreeMap::new();
    for entry in entries {
        let seq = heads.entry(entry.author).or_insert(-1);
        assert_eq!(entry.seq, *seq + 1);
        *seq = entry.seq;
    }
    for head in store.heads(room, 10).await.unwrap() {
        assert_eq!(heads.get(&head.author), Some(&head.seq));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_acknowledged_is_stored_and_what_is_refused_is_not(
        attempts in attempts(),
        failing in proptest::collection::vec(0..12_u32, 0..3),
    ) {
        run(check(attempts, failing));
    }
}
