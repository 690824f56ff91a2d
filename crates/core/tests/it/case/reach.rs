//! Which states the protocol reaches with a lead and one vendor on two hubs (CP-67).

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::support::{DAY, START, World, evidence, machines};

type Tuple = (&'static str, String, &'static str, &'static str, &'static str);

/// What the next moves depend on: the five machines, the vendor's presence, and who accepted what is
/// open.
type Key = (Option<Tuple>, &'static str, String, Vec<Vec<String>>);

fn key(world: &World) -> Key {
    let state = world.case.state();
    let open = state
        .open_terms()
        .map(|open| open.accepted.iter().map(ToString::to_string).collect())
        .collect();
    let vendor = state.parties.iter().find(|(id, _)| id.as_str() == "acme");
    let tuple = vendor.map(|(_, party)| {
        let vfd = party.vendor().unwrap().vfd.as_str();
        (state.em.as_str(), state.pxa().letters(), party.rm.as_str(), vfd, party.pec.as_str())
    });
    (tuple, state.em.as_str(), state.pxa().letters(), open)
}

/// Every command that either hub could try.
fn commands(world: &World) -> Vec<(&'static str, &'static str, Value)> {
    const LEAD: &str = "jo/cert";
    const VENDOR: &str = "ac/acme";
    let state = world.case.state();
    let ends = START + 10 * DAY;
    let mut all = vec![
        (LEAD, "embargo.end", json!({"reason": "other"})),
        (LEAD, "vendor.aware", json!({"party": "acme", "evidence": evidence()})),
        (VENDOR, "vendor.aware", json!({"party": "acme", "evidence": evidence()})),
        (LEAD, "fix.incomplete", json!({"party": "acme", "evidence": evidence()})),
        (VENDOR, "fix.ready", json!({})),
        (VENDOR, "fix.deployed", json!({"hosted": true})),
        (LEAD, "report.send", json!({"to": "acme"})),
    ];
    let invite = json!({"party": "acme", "org": "ACME", "hub": "ac", "roles": ["vendor"]});
    all.push((LEAD, "party.invite", invite));
    for letter in ["P", "X", "A"] {
        all.push((LEAD, "exposure.claim", json!({"letter": letter, "evidence": evidence()})));
    }
    for to in ["I", "V", "A", "D", "C"] {
        all.push((VENDOR, "report.judge", json!({ "to": to })));
    }
    if let Some(send) = world.case.entries().find(|entry| entry.kind == "report.send") {
        all.push((VENDOR, "report.ack", json!({"of": send.id})));
    }
    let mut terms: Vec<_> = state.open_terms().map(|open| open.entry.clone()).collect();
    // More than one on the table adds nothing to the five machines.
    let is_empty = terms.is_empty();
    terms.extend(state.terms.as_ref().map(|terms| terms.entry.clone()));
    for by in [LEAD, VENDOR] {
        if is_empty {
            all.push((by, "embargo.propose", json!({ "ends": ends })));
            let base = state.terms.as_ref().map(|terms| terms.entry.clone());
            let earlier = state.terms.as_ref().map_or(ends, |terms| terms.ends - 1000);
            if let Some(base) = base {
                all.push((by, "embargo.revise", json!({"base": base, "ends": earlier})));
            }
        }
        for terms in &terms {
            all.push((by, "embargo.accept", json!({ "terms": terms })));
            all.push((by, "embargo.reject", json!({ "terms": terms })));
        }
    }
    all
}

#[test]
fn a_lead_and_one_vendor_reach_318_states() {
    let mut world = World::new();
    let parties = json!([{"party": "cert", "org": "Cert", "roles": ["coordinator"]}]);
    world.stands("jo/cert", 0, "case.open", json!({ "parties": parties }));
    world.stands("jo/cert", 0, "report.judge", json!({"to": "V"}));
    world.stands("jo/cert", 0, "report.judge", json!({"to": "A"}));
    let mut seen = BTreeSet::from([key(&world)]);
    let mut queue = VecDeque::from([world]);
    while let Some(world) = queue.pop_front() {
        for (by, kind, body) in commands(&world) {
            let entry = world.draft(by, START + DAY, kind, body);
            if world.case.decide(&entry).is_err() {
                continue;
            }
            let mut next = world.clone();
            next.add(entry);
            if seen.insert(key(&next)) {
                queue.push_back(next);
            }
        }
    }
    let tuples: BTreeSet<Tuple> = seen.iter().filter_map(|key| key.0.clone()).collect();
    let world_pairs: BTreeSet<_> = seen.iter().map(|key| (key.1, key.2.clone())).collect();
    let counts = &machines()["counts"]["this_protocol_one_vendor"];
    let check = |name: &str, found: usize| assert_eq!(counts[name], found, "{name}");
    check("em_pxa", world_pairs.len());
    check("rm_vfd", tuples.iter().map(|tuple| (tuple.2, tuple.3)).collect::<BTreeSet<_>>().len());
    check("em_pec", tuples.iter().map(|tuple| (tuple.0, tuple.4)).collect::<BTreeSet<_>>().len());
    check("tuples_em_pxa_rm_vfd_pec", tuples.len());
}
