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

/// A participant of the 2022 model: which states of report management it shows, and its place on the fix
/// path while it has not taken the report on, and once it has. `""` is no place at all.
struct Role {
    name: &'static str,
    rm: &'static [&'static str],
    before: &'static [&'static str],
    after: &'static [&'static str],
}

/// The published sizes, by role: Vultron (CMU/SEI-2022-SR-012), formal protocol, states.
const ROLES: [Role; 6] = [
    Role {
        name: "per_participant_pruned",
        rm: &["S", "R", "I", "V", "D", "A", "C"],
        before: &["", "vfd", "Vfd", "VFd", "VFD"],
        after: &["", "vfd", "Vfd", "VFd", "VFD"],
    },
    Role {
        name: "vendor_and_deployer",
        rm: &["S", "R", "I", "V", "D", "A", "C"],
        before: &["Vfd"],
        after: &["Vfd", "VFd", "VFD"],
    },
    Role {
        name: "vendor",
        rm: &["S", "R", "I", "V", "D", "A", "C"],
        before: &["Vfd"],
        after: &["Vfd", "VFd"],
    },
    Role {
        name: "deployer",
        rm: &["S", "R", "I", "V", "D", "A", "C"],
        before: &["d"],
        after: &["d", "D"],
    },
    Role {
        name: "other_or_coordinator",
        rm: &["S", "R", "I", "V", "D", "A", "C"],
        before: &[""],
        after: &[""],
    },
    // What a finder did before it reported is hidden.
    Role { name: "reporter", rm: &["D", "A", "C"], before: &[""], after: &[""] },
];

/// Two states that the model does not tell apart have the same key: whoever does not know of a case or has
/// closed it has one state, a public exploit makes the flaw public, and what is public has no embargo.
fn classes(role: &Role, em: &[String]) -> BTreeSet<(String, String, String, String)> {
    let mut found = BTreeSet::new();
    for rm in role.rm {
        let fixes = if matches!(*rm, "D" | "A") { role.after } else { role.before };
        for fix in fixes {
            for em in em {
                for world in ["pxa", "pxA", "pXa", "pXA", "Pxa", "PxA", "PXa", "PXA"] {
                    let world = world.replace("pX", "PX");
                    let em = if world.starts_with('P') { "*" } else { em.as_str() };
                    found.insert(match *rm {
                        "S" | "C" => {
                            ((*rm).to_owned(), String::new(), String::new(), String::new())
                        }
                        _ => ((*rm).to_owned(), em.to_owned(), (*fix).to_owned(), world),
                    });
                }
            }
        }
    }
    found
}

#[test]
fn the_sizes_of_the_model_of_2022_come_out_as_published() {
    let machines = machines();
    let states = |machine: &str| -> Vec<String> {
        let all = machines[machine]["states"].as_array().unwrap();
        all.iter().map(|state| state["id"].as_str().unwrap().to_owned()).collect()
    };
    let published = &machines["counts"]["published_2022"];
    let (rm, em) = (states("rm"), states("em"));
    // The fix path and no place on it; the eight corners of public, exploit, attack.
    let fixes = machines["vfd"]["states"].as_array().unwrap().len() + 1;
    assert_eq!(published["per_participant_naive"], rm.len() * em.len() * fixes * 8);
    assert_eq!(published["global_factor"], em.len() * 8);
    for role in &ROLES {
        let found = classes(role, &em);
        assert_eq!(published[role.name], found.len(), "{}", role.name);
    }
    // Without what all participants share: its own part, and for who fixes whether the flaw is public.
    let own = |role: &Role| {
        let all = classes(role, &em);
        let fixes = role.after.len() > 1;
        let one = |(rm, _, fix, world): &(String, String, String, String)| {
            (rm.clone(), fix.clone(), fixes && world.starts_with('P'))
        };
        all.iter().map(one).collect::<BTreeSet<_>>().len()
    };
    let factor = &published["participant_factor"];
    let of = |name: &str| own(ROLES.iter().find(|role| role.name == name).unwrap());
    assert_eq!(factor["vendor"], of("vendor"));
    assert_eq!(factor["vendor_deployer"], of("vendor_and_deployer"));
    assert_eq!(factor["coordinator"], of("other_or_coordinator"));
    assert_eq!(factor["other"], of("other_or_coordinator"));
    assert_eq!(factor["reporter"], of("reporter"));
}
