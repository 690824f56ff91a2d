//! How long folds take. A benchmark calls [`large`]; here it only must stay feasible and right.

use std::sync::Arc;

use comity_core::case::Case;
use comity_core::case::entry::{Entry, Place};
use serde_json::{Value, json};

use super::support::{CASE, DAY, START, evidence, placed};

/// Returns `count` entries of a lively case: ten hubs, a party on each, one embargo, many judgements.
pub(crate) fn large(count: usize) -> Vec<Arc<Entry>> {
    const HUBS: usize = 10;
    let mut entries: Vec<Arc<Entry>> = Vec::with_capacity(count);
    let mut heads: Vec<Option<(i64, usize)>> = vec![None; HUBS];
    let mut write = |hub: usize, kind: &str, body: Value, at: i64| {
        let own = heads[hub];
        let mut seen: Vec<_> = entries.last().map(|last| last.id.clone()).into_iter().collect();
        if own.is_some_and(|(_, index)| index + 1 == entries.len()) {
            seen.clear();
        }
        let place = Place {
            seq: own.map_or(0, |(seq, _)| seq + 1),
            prev: own.map(|(_, index)| entries[index].id.clone()),
            seen,
        };
        let by = format!("h{hub}/p{hub}");
        entries.push(Arc::new(placed(&by, START + at, kind, body, place)));
        heads[hub] = Some((place_seq(own), entries.len() - 1));
        entries.last().unwrap().id.clone()
    };
    let parties = json!([{"party": "p0", "org": "o0", "roles": ["coordinator"]}]);
    write(0, "case.open", json!({ "parties": parties }), 0);
    write(0, "report.judge", json!({"to": "V"}), 0);
    write(0, "report.judge", json!({"to": "A"}), 0);
    for hub in 1..HUBS {
        let party = json!({"party": format!("p{hub}"), "org": format!("o{hub}"),
            "hub": format!("h{hub}"), "roles": ["vendor"]});
        write(0, "party.invite", party, 0);
    }
    let terms = write(1, "embargo.propose", json!({"ends": START + 60 * DAY}), 1);
    write(0, "embargo.accept", json!({ "terms": terms }), 2);
    for hub in 2..HUBS {
        write(hub, "embargo.accept", json!({ "terms": terms }), 3);
    }
    for hub in 1..HUBS {
        let send = write(0, "report.send", json!({"to": format!("p{hub}")}), 4);
        write(hub, "report.ack", json!({ "of": send }), 5);
        write(hub, "report.judge", json!({"to": "V"}), 6);
    }
    let mut at = 7;
    while at < i64::try_from(count).unwrap() * 3 {
        let step = usize::try_from(at).unwrap();
        let hub = step % HUBS;
        match step % 4 {
            0 => {
                let to = if (step / HUBS).is_multiple_of(2) { "A" } else { "D" };
                write(hub, "report.judge", json!({ "to": to }), at)
            }
            1 => write(hub, "note", json!({"to": ["p0"]}), at),
            2 => write(hub, "exposure.claim", json!({"letter": "X", "evidence": evidence()}), at),
            _ => write(
                0,
                "content.seal",
                json!({"compartment": "technical", "commitment": "c",
                "size_class": 1, "recipients": [{"party": "p1", "wrapped": "w", "pass": "s"}]}),
                at,
            ),
        };
        at += 1;
        if at >= i64::try_from(count).unwrap() - 60 {
            break;
        }
    }
    entries.truncate(count);
    entries
}

fn place_seq(own: Option<(i64, usize)>) -> i64 {
    own.map_or(0, |(seq, _)| seq + 1)
}

#[test]
fn ten_thousand_entries_fold_and_nothing_pends() {
    let count = if cfg!(debug_assertions) { 2_000 } else { 10_000 };
    let entries = large(count);
    #[expect(clippy::disallowed_methods, reason = "a measurement, printed and not judged")]
    let start = std::time::Instant::now();
    let case = Case::fold(CASE.parse().unwrap(), entries.iter().cloned());
    let took = start.elapsed();
    assert!(case.pending().is_empty());
    println!("folded {} entries in {took:?}", case.entries().count());
}

/// A hub that forks every number of its chain, while others go on: no quadratic cost to speak of.
#[test]
fn a_thousand_forks_fold() {
    let count = if cfg!(debug_assertions) { 1_000 } else { 10_000 };
    let mut entries = large(count);
    let twins: Vec<Arc<Entry>> = entries
        .iter()
        .filter(|entry| entry.author.as_str() == "h3")
        .map(|entry| {
            let place =
                Place { seq: entry.seq, prev: entry.prev.clone(), seen: entry.seen.clone() };
            Arc::new(placed("h3/p3", entry.at, "note", json!({"commitment": "twin"}), place))
        })
        .collect();
    let forks = twins.len();
    entries.extend(twins);
    #[expect(clippy::disallowed_methods, reason = "a measurement, printed and not judged")]
    let start = std::time::Instant::now();
    let case = Case::fold(CASE.parse().unwrap(), entries.iter().cloned());
    let took = start.elapsed();
    assert_eq!(case.equivocations().len(), forks);
    println!("folded {} entries with {forks} forks in {took:?}", case.entries().count());
}

/// The greatest case; built without help of the compiler it takes too long to be fun.
#[test]
fn two_hundred_thousand_entries_stay_feasible() {
    let count = if cfg!(debug_assertions) { 3_000 } else { 200_000 };
    let entries = large(count);
    #[expect(clippy::disallowed_methods, reason = "a measurement, printed and not judged")]
    let start = std::time::Instant::now();
    let case = Case::fold(CASE.parse().unwrap(), entries.iter().cloned());
    let took = start.elapsed();
    assert!(case.pending().is_empty());
    println!("folded {} entries in {took:?}", case.entries().count());
}
