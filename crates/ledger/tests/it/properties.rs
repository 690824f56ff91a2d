//! What must hold for any input.

use comity_ledger::canonical;
use comity_ledger::digest::{ContentHash, EntryId};
use comity_ledger::entry::{Entry, Salt, Sealed, Verified};
use comity_ledger::envelope::Envelope;
use comity_ledger::equivocation::Equivocation;
use comity_ledger::receipt::{Embargo, Receipt, VerifiedReceipt};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{self, Case, Hub};

fn json_value() -> impl Strategy<Value = Value> {
    const SAFE: i64 = (1 << 53) - 1;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-SAFE..=SAFE).prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

prop_compose! {
    fn any_entry()(
        body in prop::collection::btree_map(any::<String>(), json_value(), 0..4),
        at in 0_u64..(1 << 53),
        salt in any::<[u8; 32]>(),
        seen in prop::collection::btree_set(any::<[u8; 32]>(), 0..5),
        place in prop::option::of((1_u64..1000, any::<[u8; 32]>())),
        sealed in prop::option::of((any::<[u8; 32]>(), 0_u64..(1 << 40))),
        epoch in 0_u64..9,
    ) -> Entry {
        let mut entry = world::entry(&world::name("jo"), None, 1);
        entry.body = body.into_iter().collect();
        entry.at = at;
        entry.salt = Salt::from_bytes(salt);
        entry.seen = seen.into_iter().map(EntryId::from_bytes).collect();
        entry.seq = place.map_or(0, |(seq, _id)| seq);
        entry.prev = place.map(|(_seq, id)| EntryId::from_bytes(id));
        let first = entry.prev.is_none() && entry.seen.is_empty();
        entry.room = (!first).then_some(EntryId::from_bytes([7; 32]));
        entry.sealed = sealed
            .map(|(sha256, size)| Sealed { sha256: ContentHash::from_bytes(sha256), size });
        entry.epoch = epoch;
        entry
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_entry_printed_and_parsed_is_the_same(entry in any_entry()) {
        let payload = entry.to_payload().unwrap();
        prop_assert_eq!(Entry::parse(&payload).unwrap(), entry.clone());
        let hub = Hub::new("jo", 1);
        let envelope = entry.sign(&hub.key()).unwrap();
        let received = Envelope::parse(envelope.as_bytes()).unwrap();
        let verified = Verified::open(received, &hub.identity(), None).unwrap();
        prop_assert_eq!(verified.entry(), &entry);
        prop_assert_eq!(verified.as_bytes(), envelope.as_bytes());
    }

    #[test]
    fn what_is_canonical_is_what_the_library_would_write(value in json_value()) {
        let object = json!({ "a": value });
        let written = canonical::print(&object).unwrap();
        prop_assert!(canonical::parse(&written).is_ok());
        let other = object.to_string().into_bytes();
        prop_assert_eq!(canonical::parse(&other).is_ok(), other == written);
        let spaced = serde_json::to_vec_pretty(&object).unwrap();
        prop_assert!(canonical::parse(&spaced).is_err());
    }

    #[test]
    fn the_form_is_written_byte_for_byte_as_the_library_does(
        value in json_value(),
        floats in prop::collection::vec(any::<f64>(), 0..6),
        large in any::<i64>(),
        largest in any::<u64>(),
    ) {
        let floats: Vec<Value> = floats.into_iter().map(|number| json!(number)).collect();
        let object = json!({ "a": value, "f": floats, "i": large, "u": largest, "\u{1F600}": 1, "\u{FB01}": 2 });
        let library = serde_json_canonicalizer::to_vec(&object).unwrap();
        prop_assert_eq!(canonical::print(&object).unwrap(), library.clone());
        prop_assert_eq!(canonical::print_object(object.as_object().unwrap()).unwrap(), library);
    }

    #[test]
    fn what_would_not_be_read_is_not_signed(
        entry in any_entry(),
        spoil in 0_usize..10,
        deep in 12_usize..20,
    ) {
        let mut entry = entry;
        match spoil {
            0 => entry.at = 1 << 53,
            1 => entry.seq = entry.seq.saturating_add(1),
            2 => entry.prev = None,
            3 => entry.room = None,
            4 => entry.seen = vec![EntryId::from_bytes([9; 32]), EntryId::from_bytes([8; 32])],
            5 => { entry.extensions.insert("at".to_owned(), json!(1)); }
            6 => { entry.extensions.insert("x-ours".to_owned(), json!(1.5)); }
            7 => { entry.body.insert("n".to_owned(), json!(u64::MAX)); }
            8 => { entry.body.insert("d".to_owned(), (0..deep).fold(json!(1), |inner, _| json!([inner]))); }
            _ => entry.body.extend((0..257).map(|n| (n.to_string(), json!(n)))),
        }
        let signed = entry.sign(&world::key(1));
        let read = entry.to_payload().ok().and_then(|payload| Entry::parse(&payload).ok());
        prop_assert_eq!(signed.is_ok(), read == Some(entry));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _read = Envelope::parse(&bytes);
        let _read = Entry::parse(&bytes);
        let _read = Equivocation::check(&bytes);
    }

    #[test]
    fn any_byte_changed_in_an_entry_is_refused(place in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let hub = Hub::new("jo", 1);
        let mut bytes = world::entry(&hub.name, None, 1).sign(&hub.key()).unwrap().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        let opened = Envelope::parse(&bytes)
            .map(|envelope| Verified::open(envelope, &hub.identity(), None).is_ok());
        prop_assert!(!opened.unwrap_or(false));
    }

    #[test]
    fn any_byte_changed_in_a_proof_is_refused(place in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let case = Case::new();
        let last = case.entries[4].clone();
        let mut twin = world::open(&last, &case.directory).entry().clone();
        twin.at += 1;
        let twin = twin.sign(&case.jo.key()).unwrap();
        let mut file = Equivocation::write(&case.jo.chain, &last, &twin).unwrap();
        // The line feed at the end carries nothing.
        let place = place.index(file.len() - 1);
        file[place] ^= flip;
        prop_assert!(Equivocation::check(&file).is_err());
    }
}

#[test]
fn every_single_bit_changed_in_a_receipt_is_refused() {
    let bytes = world::receipt().sign(&world::key(1)).unwrap().into_bytes();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        let opened =
            Envelope::parse(&changed).map(|envelope| VerifiedReceipt::open(&envelope).is_ok());
        assert!(!opened.unwrap_or(false), "{place}");
    }
}

#[test]
fn a_receipt_opens_with_the_salt_and_the_report() {
    let receipt = world::receipt();
    let envelope = receipt.sign(&world::key(1)).unwrap();
    let verified = VerifiedReceipt::open(&envelope).unwrap();
    assert_eq!(verified.receipt(), &receipt);
    assert!(receipt.is_of(&Salt::from_bytes([9; 32]), b"{\"report\":true}"));
    assert!(!receipt.is_of(&Salt::from_bytes([8; 32]), b"{\"report\":true}"));
    assert!(!receipt.is_of(&Salt::from_bytes([9; 32]), b"{\"report\":1}"));
}

#[test]
fn a_receipt_that_would_not_be_read_is_not_signed() {
    let spoilt: [fn(&mut Receipt); 8] = [
        |receipt| receipt.holder.clear(),
        |receipt| receipt.holder = "x".repeat(501),
        |receipt| receipt.policy.version.clear(),
        |receipt| receipt.received_at = 1 << 53,
        |receipt| receipt.clocks = vec![receipt.clocks[0].clone(); 65],
        |receipt| receipt.clocks[0].bearer.clear(),
        |receipt| receipt.embargo = Some(Embargo { starts_at: 2, ends_at: 2 }),
        |receipt| drop(receipt.extensions.insert("hub".to_owned(), json!("other"))),
    ];
    assert!(world::receipt().sign(&world::key(1)).is_ok());
    for (number, spoil) in spoilt.into_iter().enumerate() {
        let mut receipt = world::receipt();
        spoil(&mut receipt);
        assert!(receipt.sign(&world::key(1)).is_err(), "{number}");
    }
}
