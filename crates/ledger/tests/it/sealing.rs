//! What is sealed opens for whom it is meant, and for nothing and nobody else.

use comity_ledger::passphrase::{PassphraseSalt, master_key};
use comity_ledger::seal::{CONTENT_BYTES_MAX, open, padded_length, seal};
use comity_ledger::secret::{Binding, DataKey, EpochKey, MasterKey, SealError, WrappedKey};
use comity_ledger::stream::{CHUNK_BYTES, Decryptor, Encryptor, sealed_length};
use comity_ledger::wrap::{OrganisationKey, OrganisationPublicKey, WRAPPED_BYTES};
use proptest::prelude::*;
use rand_core::{Infallible, TryCryptoRng, TryRng};

/// A counter in place of chance: the same bytes on every run.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| u32::try_from(number & 0xffff_ffff).unwrap())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

const PLACE: Binding<'static> = Binding { room: "r1", item: "technical" };
const ELSEWHERE: [Binding<'static>; 3] = [
    Binding { room: "r1", item: "identity" },
    Binding { room: "r2", item: "technical" },
    Binding { room: "r1t", item: "echnical" },
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sealed_opens_and_nothing_else_does(
        content in prop::collection::vec(any::<u8>(), 0..3000),
        place in any::<prop::sample::Index>(),
        flip in 1_u8..=255,
        seed in any::<u64>(),
    ) {
        let rng = &mut Counter(seed);
        let key = DataKey::generate(rng);
        let mut sealed = seal(&key, PLACE, &content, rng).unwrap();
        prop_assert_eq!(sealed.len(), 41 + padded_length(content.len() + 8));
        prop_assert_eq!(&*open(&key, PLACE, &sealed).unwrap(), &content);
        for other in ELSEWHERE {
            prop_assert_eq!(open(&key, other, &sealed).unwrap_err(), SealError::Closed);
        }
        prop_assert!(open(&DataKey::generate(rng), PLACE, &sealed).is_err());
        let place = place.index(sealed.len());
        prop_assert!(open(&key, PLACE, &sealed[..place]).is_err());
        sealed[place] ^= flip;
        prop_assert!(open(&key, PLACE, &sealed).is_err());
    }

    #[test]
    fn a_stream_opens_however_it_is_cut(
        length in prop_oneof![
            Just(0), Just(1), Just(CHUNK_BYTES), Just(CHUNK_BYTES + 1), Just(2 * CHUNK_BYTES),
            0..3 * CHUNK_BYTES
        ],
        cut in 1_usize..100_000,
    ) {
        let (key, sealed) = stream(length, cut);
        prop_assert_eq!(u64::try_from(sealed.len()).unwrap(), sealed_length(u64::try_from(length).unwrap()));
        prop_assert_eq!(unstream(&key, &sealed, cut).unwrap(), vec![5; length]);
    }
}

fn stream(length: usize, cut: usize) -> (DataKey, Vec<u8>) {
    let rng = &mut Counter(3);
    let key = DataKey::generate(rng);
    let mut sealed = Vec::new();
    let mut encryptor = Encryptor::start(&key, PLACE, rng, &mut sealed);
    for piece in vec![5; length].chunks(cut) {
        encryptor.push(piece, &mut sealed).unwrap();
    }
    encryptor.finish(&mut sealed).unwrap();
    (key, sealed)
}

fn unstream(key: &DataKey, sealed: &[u8], cut: usize) -> Result<Vec<u8>, SealError> {
    let mut content = Vec::new();
    let mut decryptor = Decryptor::start(key, PLACE);
    for piece in sealed.chunks(cut) {
        decryptor.push(piece, &mut content)?;
    }
    decryptor.finish(&mut content)?;
    Ok(content)
}

#[test]
fn a_stream_cut_moved_or_lengthened_does_not_open() {
    let chunk = CHUNK_BYTES + 16;
    let (key, sealed) = stream(3 * CHUNK_BYTES, 70_000);
    assert!(unstream(&key, &sealed, 70_000).is_ok());
    for length in [0, 1, 19, 20, 21, 36, 20 + chunk, 20 + 2 * chunk, sealed.len() - 1] {
        assert!(unstream(&key, &sealed[..length], 4096).is_err(), "cut at {length}");
    }
    let swapped = [
        &sealed[..20],
        &sealed[20 + chunk..20 + 2 * chunk],
        &sealed[20..20 + chunk],
        &sealed[20 + 2 * chunk..],
    ]
    .concat();
    assert!(unstream(&key, &swapped, 4096).is_err());
    let repeated = [&sealed[..20 + chunk], &sealed[20..]].concat();
    assert!(unstream(&key, &repeated, 4096).is_err());
    let longer = [&sealed[..], &[0; 16]].concat();
    assert!(unstream(&key, &longer, 4096).is_err());
    for place in [0, 1, 19, 20, 20 + chunk - 1, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        assert!(unstream(&key, &changed, 4096).is_err(), "byte {place}");
    }
}

#[test]
fn keys_open_only_where_they_were_wrapped() {
    let rng = &mut Counter(1);
    let (epoch, data) = (EpochKey::generate(rng), DataKey::generate(rng));
    let wrapped = epoch.wrap(&data, PLACE, rng).unwrap();
    let stored = WrappedKey::from_slice(wrapped.as_bytes()).unwrap();
    assert_eq!(epoch.unwrap(&stored, PLACE).unwrap().expose(), data.expose());
    for other in ELSEWHERE {
        assert_eq!(epoch.unwrap(&stored, other).unwrap_err(), SealError::Closed);
    }
    // The same 32 bytes as a master key open nothing of an epoch key.
    let master = MasterKey::from_bytes(*epoch.expose());
    assert_eq!(master.unwrap(&stored, PLACE).unwrap_err(), SealError::Closed);
    let mut newer = *wrapped.as_bytes();
    newer[0] = 2;
    let newer = WrappedKey::from_slice(&newer).unwrap();
    assert_eq!(epoch.unwrap(&newer, PLACE).unwrap_err(), SealError::Version);
    assert_eq!(WrappedKey::from_slice(&[1; 72]).unwrap_err(), SealError::Malformed);
}

#[test]
fn an_organisation_opens_what_was_encrypted_to_it() {
    let rng = &mut Counter(1);
    let organisation = OrganisationKey::generate(rng);
    let text = organisation.public_key().to_string();
    let public: OrganisationPublicKey = text.parse().unwrap();
    assert_eq!(public, organisation.public_key());
    let stored = OrganisationKey::from_bytes(&organisation.to_bytes()).unwrap();
    let epoch = EpochKey::generate(rng);
    let wrapped = public.wrap(&epoch, PLACE, rng).unwrap();
    assert_eq!(wrapped.len(), WRAPPED_BYTES);
    assert_eq!(stored.unwrap(&wrapped, PLACE).unwrap().expose(), epoch.expose());
    assert!(stored.unwrap(&wrapped, ELSEWHERE[0]).is_err());
    assert!(OrganisationKey::generate(rng).unwrap(&wrapped, PLACE).is_err());
    for place in [0, 1, 1000, 1120, 1121, 1168] {
        let mut changed = wrapped.clone();
        changed[place] ^= 1;
        assert!(stored.unwrap(&changed, PLACE).is_err(), "byte {place}");
    }
    assert_eq!(stored.unwrap(&wrapped[1..], PLACE).unwrap_err(), SealError::Malformed);
    assert!(text[..200].parse::<OrganisationPublicKey>().is_err());
    assert!(text.replace("x-wing", "x25519").parse::<OrganisationPublicKey>().is_err());
}

#[test]
fn a_passphrase_gives_the_same_master_key_again() {
    let salt = PassphraseSalt::generate(&mut Counter(1));
    let key = master_key("a long passphrase", &salt).unwrap();
    assert_eq!(master_key("a long passphrase", &salt).unwrap().expose(), key.expose());
    let other = PassphraseSalt::generate(&mut Counter(2));
    assert_ne!(master_key("a long passphrase", &other).unwrap().expose(), key.expose());
    assert!(master_key("", &salt).is_err());
    assert!(master_key(&"a".repeat(1025), &salt).is_err());
}

#[test]
fn no_key_shows_itself_in_debug_output() {
    let text =
        format!("{:?} {:?}", DataKey::from_bytes([0xab; 32]), MasterKey::from_bytes([171; 32]));
    assert_eq!(text, "DataKey(…) MasterKey(…)");
}

#[test]
fn more_than_the_maximum_is_refused() {
    let rng = &mut Counter(1);
    let key = DataKey::generate(rng);
    let content = vec![0; CONTENT_BYTES_MAX + 1];
    assert_eq!(seal(&key, PLACE, &content, rng).unwrap_err(), SealError::TooLarge);
}
