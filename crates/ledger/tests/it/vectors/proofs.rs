//! Proofs of equivocation: some that hold, and files that prove nothing.

use comity_ledger::equivocation::Equivocation;

use super::{Vector, signature_of, with_signature};
use crate::world::{self, Case, Hub};

pub(crate) fn vectors() -> Vec<Vector> {
    let case = Case::new();
    let last = case.entries[4].clone();
    let mut other = world::open(&last, &case.directory).entry().clone();
    other.at += 1;
    let twin = other.sign(&case.jo.key()).unwrap();
    let proof = Equivocation::write(&case.jo.chain, &last, &twin).unwrap();
    let lines: Vec<String> = String::from_utf8(proof).unwrap().lines().map(str::to_owned).collect();
    let with = |line: usize, text: String| {
        let mut lines = lines.clone();
        lines[line] = text;
        world::file(&lines)
    };
    let swapped = world::file(&[&lines[..2], &[lines[3].clone(), lines[2].clone()]].concat());
    let without = |line: usize| {
        let mut lines = lines.clone();
        lines.remove(line);
        world::file(&lines)
    };
    let mut flipped = signature_of(&lines[3]);
    flipped[1] ^= 128;
    let earlier = world::text(&case.entries[2]);
    let of_um = world::text(&case.entries[1]);
    vec![
        ("a proof", "ok", world::file(&lines)),
        ("a proof under a key revoked since", "ok", revoked_proof()),
        ("one entry twice", "no-conflict", with(3, lines[2].clone())),
        ("entries descending by id", "no-conflict", swapped),
        (
            "an entry of another seq",
            "no-conflict",
            with(if world::id_of(&earlier) < world::id_of(&lines[2]) { 2 } else { 3 }, earlier),
        ),
        ("an entry of another hub", "unknown-key", with(3, of_um)),
        (
            "an entry whose signature does not hold",
            "bad-signature",
            with(3, with_signature(&lines[3], &flipped)),
        ),
        ("no identity chain", "proof-malformed", without(1)),
        ("one line alone", "proof-malformed", world::file(&lines[..1])),
        (
            "a first line of another seq",
            "proof-malformed",
            with(0, lines[0].replace("\"seq\":2", "\"seq\":3")),
        ),
        (
            "a first line of another hub",
            "proof-malformed",
            with(0, lines[0].replace("\"jo\"", "\"um\"")),
        ),
        (
            "a first line of another schema",
            "proof-malformed",
            with(0, lines[0].replace("equivocation/1", "equivocation/2")),
        ),
        ("a first line with white space", "strict-json", with(0, lines[0].replace(':', ": "))),
        (
            "an identity chain of another hub",
            "unknown-key",
            with(1, world::text(&case.um.chain[0])),
        ),
    ]
}

/// Two openings of one hub's chain position under its first key, revoked later: it proves all the same.
fn revoked_proof() -> String {
    let mut case = Case::new();
    let twin = |at: u64, case: &Case| {
        let mut entry = world::entry(&world::name("um"), Some(&case.room), 9);
        entry.at = at;
        // Signed with the second key, which a third replaces and revokes below.
        entry.sign(&world::key(12)).unwrap()
    };
    let (one, other) = (twin(world::DAY_0 + 1, &case), twin(world::DAY_0 + 2, &case));
    case.um = rotated_again(case.um);
    let proof = Equivocation::write(&case.um.chain, &one, &other).unwrap();
    String::from_utf8(proof).unwrap()
}

fn rotated_again(mut hub: Hub) -> Hub {
    use comity_ledger::identity::NewKeys;
    let encryption =
        comity_ledger::wrap::OrganisationKey::from_bytes(&[7; 32]).unwrap().public_key();
    let (third, fourth) = (world::key(13), world::key(14));
    let keys = NewKeys { encryption: &encryption, next: fourth.verifying_key() };
    let rotation = hub.identity().rotate(&world::key(12), &third, keys, world::stamp(13)).unwrap();
    hub.chain.push(rotation);
    let revocation =
        hub.identity().revoke(&third, &world::key(12).id(), 0, world::stamp(14)).unwrap();
    hub.chain.push(revocation);
    hub
}
