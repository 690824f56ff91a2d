//! Which entries a room takes in, in any order.

use comity_ledger::chain::{Acceptance, PENDING_MAX, Refused, Room};
use comity_ledger::digest::EntryId;
use comity_ledger::entry::Verified;
use comity_ledger::identity::{self, Directory, Endorsement, Identity, NewKeys};
use comity_ledger::wrap::OrganisationKey;

use crate::world::{self, Case, EXPORTED, Hub};

fn verified(case: &Case) -> Vec<Verified> {
    case.entries.iter().map(|envelope| world::open(envelope, &case.directory)).collect()
}

#[test]
fn any_order_of_arrival_ends_in_the_same_room() {
    let case = Case::new();
    let entries = verified(&case);
    for order in [[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3], [3, 1, 4, 2]] {
        let mut room = Room::open(&entries[0], EXPORTED).unwrap();
        for place in order {
            room.accept(entries[place].clone(), EXPORTED).unwrap();
        }
        assert_eq!(room, case.room, "{order:?}");
    }
}

#[test]
fn what_waited_is_stored_after_its_parents() {
    let entries = verified(&Case::new());
    let mut room = Room::open(&entries[0], EXPORTED).unwrap();
    let last = room.accept(entries[4].clone(), EXPORTED).unwrap();
    assert_eq!(last, Acceptance::Pending(entries[2].id()));
    assert_eq!(room.accept(entries[4].clone(), EXPORTED), Ok(Acceptance::Known));
    room.accept(entries[3].clone(), EXPORTED).unwrap();
    room.accept(entries[2].clone(), EXPORTED).unwrap();
    assert_eq!(room.wanted().collect::<Vec<EntryId>>(), [entries[1].id()]);
    let Ok(Acceptance::Accepted(stored)) = room.accept(entries[1].clone(), EXPORTED) else {
        panic!("not accepted")
    };
    assert_eq!(stored, entries[1..]);
    assert_eq!(room.accept(entries[2].clone(), EXPORTED), Ok(Acceptance::Known));
    assert_eq!(room.wanted().count(), 0);
}

#[test]
fn refuses_with_a_reason() {
    let case = Case::new();
    let check = |change: &dyn Fn(&mut comity_ledger::entry::Entry), seed: u8, expected: Refused| {
        let author = world::name(if seed < 10 { "jo" } else { "um" });
        let mut entry = world::entry(&author, Some(&case.room), 9);
        change(&mut entry);
        let opened = world::open(&entry.sign(&world::key(seed)).unwrap(), &case.directory);
        let refused = case.room.clone().accept(opened, EXPORTED);
        assert_eq!(refused, Err(expected));
    };
    check(&|entry| entry.at = EXPORTED + 600_001, 1, Refused::AtInFuture);
    check(&|entry| entry.case = world::name("jo-2026-00008"), 1, Refused::WrongRoom);
    check(&|entry| entry.room = Some(case.entries[1].id()), 1, Refused::WrongRoom);
    check(&|entry| entry.seq += 1, 1, Refused::SeqGap);
    check(&|entry| entry.prev = Some(case.entries[3].id()), 1, Refused::SeqGap);
    check(&|_entry| {}, 11, Refused::KeyReversed);
}

#[test]
fn at_most_512_entries_wait() {
    let case = Case::new();
    let mut room = case.room.clone();
    let waiting = |number: u64| {
        let mut entry = world::entry(&case.jo.name, Some(&case.room), 9);
        entry.at += number;
        entry.seen = vec![EntryId::from_bytes([1; 32])];
        world::open(&entry.sign(&case.jo.key()).unwrap(), &case.directory)
    };
    for number in 0..u64::try_from(PENDING_MAX).unwrap() {
        assert!(matches!(room.accept(waiting(number), EXPORTED), Ok(Acceptance::Pending(_))));
    }
    assert_eq!(room.accept(waiting(9999), EXPORTED), Err(Refused::PendingFull));
    // What needs nothing is taken all the same.
    let ready = world::entry(&case.jo.name, Some(&case.room), 9).sign(&case.jo.key()).unwrap();
    let ready = room.accept(world::open(&ready, &case.directory), EXPORTED);
    assert!(matches!(ready, Ok(Acceptance::Accepted(_))));
}

#[test]
fn both_twins_are_kept_and_named() {
    let mut case = Case::new();
    let last = verified(&case).pop().unwrap();
    let mut twin = last.entry().clone();
    twin.at += 1;
    let twin = twin.sign(&case.jo.key()).unwrap();
    let id = twin.id();
    case.take(twin);
    let forks: Vec<_> = case.room.forks().collect();
    let mut ids = vec![last.id(), id];
    ids.sort();
    assert_eq!(forks, [(&case.jo.name, 2, ids)]);
}

#[test]
fn a_room_read_back_accepts_as_before() {
    let case = Case::new();
    let mut room = Room::empty(case.room.id(), case.room.case().clone());
    for entry in verified(&case) {
        room.restore(entry.id(), entry.entry(), entry.generation());
    }
    assert_eq!(room, case.room);
    assert_eq!(room.cursors().map(|(_hub, seq)| seq).collect::<Vec<u64>>(), [2, 1]);
}

#[test]
fn a_thief_of_the_key_in_use_cannot_rotate() {
    let hub = Hub::new("jo", 1);
    let encryption = OrganisationKey::from_bytes(&[9; 32]).unwrap().public_key();
    let (thief, later) = (world::key(66), world::key(67));
    let keys = NewKeys { encryption: &encryption, next: later.verifying_key() };
    let refused = hub.identity().rotate(&hub.key(), &thief, keys, world::stamp(50));
    assert_eq!(refused.unwrap_err().code(), "not-next-key");
}

#[test]
fn a_chain_tells_keys_endorsements_and_forks() {
    let hub = Hub::new("jo", 1).rotated().revoked();
    let identity = hub.identity();
    assert_eq!(identity.current().id(), world::key(2).id());
    assert_eq!(identity.fingerprint().len(), 79);
    let other = Hub::new("um", 11).identity();
    let endorsement =
        Endorsement { hub: other.hub().clone(), identity: other.room(), level: world::name("met") };
    let signed = identity.endorse(&world::key(2), &endorsement, world::stamp(40)).unwrap();
    let mut endorsed = identity.clone();
    endorsed.append(&signed).unwrap();
    endorsed.append(&signed).unwrap();
    assert_eq!(endorsed.endorsements().collect::<Vec<_>>(), [&endorsement]);
    let twin = identity.endorse(&world::key(2), &endorsement, world::stamp(41)).unwrap();
    assert_eq!(endorsed.append(&twin).unwrap_err().code(), "equivocation");
    assert_eq!(
        identity
            .revoke(&world::key(2), &world::key(2).id(), 0, world::stamp(40))
            .unwrap_err()
            .code(),
        "current-key"
    );
    assert_eq!(
        identity.endorse(&world::key(1), &endorsement, world::stamp(40)).unwrap_err().code(),
        "bad-signature"
    );
}

#[test]
fn a_revoked_key_counts_for_what_a_log_held_before() {
    let hub = Hub::new("jo", 1).rotated().revoked();
    let envelope = world::entry(&hub.name, None, 1).sign(&world::key(1)).unwrap();
    let open =
        |logged| Verified::open(envelope.clone(), &hub.identity(), logged).map(|v| v.generation());
    assert_eq!(open(Some(4)), Ok(0));
    assert_eq!(open(Some(5)).unwrap_err().code(), "revoked-key");
    assert_eq!(open(None).unwrap_err().code(), "revoked-key");
}

#[test]
fn a_directory_takes_chains_entry_by_entry() {
    let hub = Hub::new("jo", 1).rotated();
    let mut directory = Directory::default();
    for envelope in &hub.chain {
        directory.append(envelope).unwrap();
    }
    assert_eq!(directory.of(&hub.name), Some(&hub.identity()));
    let other = Hub::new("jo", 31);
    assert_eq!(directory.append(&other.chain[0]).unwrap_err().code(), "wrong-room");
    assert!(identity::is_identity_kind(&world::name("id.genesis")));
    assert!(Identity::read([]).is_err());
}
