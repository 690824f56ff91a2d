//! Properties of the screen (sharing.md, section 12): each test names the rule it holds.

use std::collections::BTreeSet;

use comity_core::sharing::{Exchange, Instant, Policy, Screen, Tier, Verdict, screen};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use serde_json::{Value, json};

use super::{exchange_of, policy};

const RISKS: [&str; 17] = [
    "A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4", "B5", "B6", "C1", "C2", "C3", "C4", "C5",
    "C6",
];
const BENEFITS: [&str; 4] = ["D1", "D2", "D3", "D4"];
const MITIGATIONS: [&str; 10] =
    ["M-CAP", "M-DLY", "M-ESC", "M-ID", "M-NDA", "M-NEU", "M-PSI", "M-REV", "M-SAN", "M-SD"];
const RELATIONSHIPS: [&str; 5] = ["ally", "partner", "neutral", "rival", "unknown"];
const TIERS: [&str; 6] = ["T0", "T1", "T2", "T3", "T4", "T5"];

fn read(value: &Value, policy: &Policy) -> Exchange {
    Exchange::from_value(value.clone(), policy, None)
        .unwrap_or_else(|refusals| panic!("{refusals:?} in {value}"))
}

fn run(value: &Value, policy: &Policy) -> Screen {
    screen(&read(value, policy), policy)
}

fn any_tier() -> impl Strategy<Value = &'static str> {
    prop::sample::select(TIERS.to_vec())
}

fn any_instant() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "2027-01-01T00:00:00Z",
        "2027-01-14T23:00:00Z",
        "2027-01-15T09:00:00Z",
        "2027-01-17T00:00:00Z",
        "2027-02-10T00:00:00Z",
    ])
}

fn any_fact() -> impl Strategy<Value = Option<Value>> {
    let expires = prop::option::weighted(0.5, any_instant());
    (0..7_u8, any_tier(), any_instant(), expires).prop_map(|(kind, ceiling, signed, expires)| {
        let mut fact = match kind {
            0 => return None,
            1 => json!({ "state": "unknown" }),
            2 => json!({ "state": "prohibited", "basis": "privilege" }),
            3 => json!({ "state": "limited", "basis": "privilege", "ceiling": ceiling }),
            _ => json!({ "state": "clear" }),
        };
        fact["authority"] = "Ministry".into();
        fact["signed_at"] = signed.into();
        if let Some(expires) = expires {
            fact["expires"] = expires.into();
        } else if matches!(kind, 2 | 3) {
            fact["expires"] = "2027-02-10T00:00:00Z".into();
        }
        Some(fact)
    })
}

fn any_answers() -> impl Strategy<Value = Value> {
    let level = prop_oneof![4 => (0..=2_u8).prop_map(Value::from), 2 => (3..=4_u8).prop_map(Value::from), 1 => Just(Value::from("U"))];
    let benefit = prop_oneof![(0..=4_u8).prop_map(Value::from), Just(Value::from("U"))];
    (prop::collection::vec(level, 17), prop::collection::vec(benefit, 4)).prop_map(
        |(risks, benefits)| {
            let names = RISKS.iter().chain(&BENEFITS).map(|name| (*name).to_owned());
            Value::Object(names.zip(risks.into_iter().chain(benefits)).collect())
        },
    )
}

fn any_mitigations() -> impl Strategy<Value = Value> {
    let issued = prop::sample::select(vec!["2027-01-14T10:00:00Z", "2027-01-16T10:00:00Z"]);
    let one =
        (prop::bool::weighted(0.9), prop::sample::select(vec![true, true, true, false]), issued);
    (subsequence(MITIGATIONS.to_vec(), 0..=10), prop::collection::vec(one, 10)).prop_map(
        |(ids, details)| {
            let claim = |(id, (has_evidence, is_timely, issued)): (&str, (bool, bool, &str))| {
                json!({
                    "id": id,
                    "evidence": has_evidence.then(|| "ab".repeat(32)),
                    "issued": if is_timely { "2027-01-14T10:00:00Z" } else { issued },
                    "opens_at": "2027-02-10T00:00:00Z",
                })
            };
            ids.into_iter().zip(details).map(claim).collect()
        },
    )
}

fn any_agreements() -> impl Strategy<Value = Value> {
    let tlp = prop::sample::select(vec!["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]);
    let until = prop::option::of(any_instant());
    let state = prop::sample::select(vec!["in_force", "in_force", "in_force", "signed"]);
    let one = (any_tier(), tlp, until, state).prop_map(|(max_tier, tlp_max, until, state)| {
        json!({
            "id": "a", "state": state, "from": "2026-01-01T00:00:00Z", "until": until,
            "purposes": ["remediation"], "max_tier": max_tier, "tlp_max": tlp_max, "pap_max": "RED",
        })
    });
    prop::collection::vec(one, 0..3).prop_map(Value::Array)
}

/// Returns an exchange of the content plane, of any kind.
pub(super) fn any_exchange() -> impl Strategy<Value = Value> {
    let gates = (any_fact(), any_fact(), any_fact(), prop::option::of(any_tier()), 0..4_u8);
    let marking = (
        prop::sample::select(vec!["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.7),
        prop::option::of((any_tier(), prop::option::of(any_instant()))),
        prop::bool::weighted(0.1),
    );
    let case = (
        prop::sample::select(vec!["N", "P", "A", "R", "X"]),
        prop::option::of(any_instant()),
        prop::option::of(any_instant()),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.8),
    );
    let other = (prop::sample::select(RELATIONSHIPS.to_vec()), any_tier(), any_agreements());
    (any_answers(), any_mitigations(), gates, marking, case, other).prop_map(
        |(answers, mitigations, gates, marking, case, (relationship, requested, agreements))| {
            let mut value = exchange_of("S02");
            value["answers"] = answers;
            value["mitigations"] = mitigations;
            value["gates"] = gates_of(gates);
            let (tlp, orcon, is_listed, consent, is_barred) = marking;
            value["marking"]["tlp"] = tlp.into();
            value["marking"]["orcon"] = orcon.into();
            if !is_listed {
                value["marking"]["orgs"] = json!(["lumen"]);
                value["originator"] = "lumen".into();
            }
            if let Some((max_tier, expires)) = consent {
                value["marking"]["consents"] =
                    json!([{ "org": "cert-ardenia", "max_tier": max_tier, "expires": expires }]);
            }
            if is_barred {
                value["marking"]["caveats"] = json!(["rel:norvik"]);
            }
            let (state, ends_at, patch_at, has_access, is_signatory) = case;
            value["embargo"] = json!({ "state": state, "ends_at": ends_at });
            value["patch_at"] = json!(patch_at);
            if has_access {
                value["classes"] = json!(["technical", "access"]);
            }
            let consent = if is_signatory { "signatory" } else { "invited" };
            value["recipient"]["consent"] = consent.into();
            value["recipient"]["relationship"] = relationship.into();
            value["recipient"]["agreements"] = agreements;
            value["requested"] = requested.into();
            value
        },
    )
}

type AnyGates = (Option<Value>, Option<Value>, Option<Value>, Option<&'static str>, u8);

fn gates_of((export, personal, carve_out, minimum, duty): AnyGates) -> Value {
    let mut gates = json!({});
    for (name, fact) in [("E1", export), ("E2", personal), ("E3", carve_out)] {
        if let Some(fact) = fact {
            gates[name] = fact;
        }
    }
    match (duty, minimum) {
        (0, Some(minimum)) => {
            gates["E5"] = json!({ "state": "due", "min_tier": minimum, "basis": "a pack" });
        }
        (1, _) => gates["E5"] = json!({ "state": "unknown" }),
        _ => gates["E5"] = json!({ "state": "none" }),
    }
    gates
}

/// Says whether no tier of `after` is milder, and the plan not higher, than of `before`.
fn is_no_milder(before: &Screen, after: &Screen) -> bool {
    let pairs = before.tiers.iter().zip(&after.tiers);
    pairs.into_iter().all(|(one, other)| one.verdict <= other.verdict)
        && after.plan.tier <= before.plan.tier
}

/// Says what a set of levers makes of an exchange.
fn pulled(value: &Value, names: &[String]) -> Value {
    let mut value = value.clone();
    let at = value["at"].clone();
    for name in names {
        match name.as_str() {
            "accept" => value["recipient"]["consent"] = "signatory".into(),
            "agreement" => {
                value["recipient"]["agreements"] = json!([{
                    "id": "new", "state": "in_force", "from": "2026-01-01T00:00:00Z", "until": null,
                    "purposes": ["remediation"], "max_tier": "T5", "tlp_max": "RED", "pap_max": "RED",
                }]);
            }
            "consent" => {
                value["marking"]["consents"] =
                    json!([{ "org": "cert-ardenia", "max_tier": "T5", "expires": null }]);
            }
            "embargo_end" => value["embargo"]["state"] = "X".into(),
            "patch" => {
                for question in ["B4", "C1", "C2"] {
                    let answer = value["answers"][question].as_u64().unwrap_or(4);
                    value["answers"][question] = answer.min(1).into();
                }
            }
            name => {
                if let Some(gate) = name.strip_prefix("expiry:") {
                    value["gates"][gate] = json!({ "state": "clear" });
                    continue;
                }
                let claims = value["mitigations"].as_array_mut().unwrap();
                claims.retain(|claim| claim["id"] != name);
                claims.push(json!({
                    "id": name, "evidence": "cd".repeat(32), "issued": at,
                    "opens_at": "2027-02-10T00:00:00Z",
                }));
            }
        }
    }
    value
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sh_40_the_order_of_lists_says_nothing(value in any_exchange(), turn in any::<Index>()) {
        let policy = policy();
        let mut turned = value.clone();
        for pointer in ["/mitigations", "/classes", "/marking/orgs", "/recipient/agreements"] {
            let list = turned.pointer_mut(pointer).unwrap().as_array_mut().unwrap();
            if !list.is_empty() {
                let places = turn.index(list.len());
                list.rotate_left(places);
                list.reverse();
            }
        }
        let one = run(&value, policy);
        let mut other = run(&turned, policy);
        other.exchange.clone_from(&one.exchange);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn sh_41_42_raising_a_risk_makes_nothing_milder(
        value in any_exchange(), risk in any::<Index>(), to in 1..=5_u64,
    ) {
        let policy = policy();
        let name = RISKS[risk.index(RISKS.len())];
        let mut raised = value.clone();
        let old = value["answers"][name].as_u64();
        // U is raised to by 0 and 1 only, and is not itself a level to start from.
        raised["answers"][name] = match (old, to) {
            (Some(0 | 1), 5) => "U".into(),
            (Some(old), to) if to > old && to <= 4 => to.into(),
            (Some(_) | None, _) => value["answers"][name].clone(),
        };
        prop_assert!(is_no_milder(&run(&value, policy), &run(&raised, policy)));
    }

    #[test]
    fn sh_43_raising_the_benefit_makes_nothing_stricter(
        value in any_exchange(), benefit in any::<Index>(), by in 1..=4_u64,
    ) {
        let policy = policy();
        let name = BENEFITS[benefit.index(BENEFITS.len())];
        let mut raised = value.clone();
        let old = value["answers"][name].as_u64().unwrap_or(0);
        raised["answers"][name] = (old + by).min(4).into();
        prop_assert!(is_no_milder(&run(&raised, policy), &run(&value, policy)));
    }

    #[test]
    fn sh_44_45_a_mitigation_makes_nothing_stricter_and_without_evidence_nothing_else(
        value in any_exchange(), which in any::<Index>(),
    ) {
        let policy = policy();
        let name = MITIGATIONS[which.index(MITIGATIONS.len())];
        let with = |evidence: Value| {
            let mut value = value.clone();
            let claims = value["mitigations"].as_array_mut().unwrap();
            claims.retain(|claim| claim["id"] != name);
            if evidence != "none" {
                claims.push(json!({
                    "id": name, "evidence": evidence, "issued": "2027-01-14T10:00:00Z",
                    "opens_at": "2027-02-10T00:00:00Z",
                }));
            }
            run(&value, policy)
        };
        let without = with("none".into());
        prop_assert!(is_no_milder(&with("ef".repeat(32).into()), &without));
        let unproven = with(Value::Null);
        prop_assert_eq!(&unproven.tiers, &without.tiers);
        prop_assert_eq!(&unproven.plan, &without.plan);
    }

    #[test]
    fn sh_46_with_every_answer_the_relationship_says_nothing_but_who_approves(
        value in any_exchange(), levels in prop::collection::vec(0..=4_u8, 17),
    ) {
        let policy = policy();
        let mut value = value;
        for (name, level) in RISKS.iter().zip(levels) {
            value["answers"][*name] = level.into();
        }
        let of = |relationship: &str| {
            let mut value = value.clone();
            value["recipient"]["relationship"] = relationship.into();
            let tiers = run(&value, policy).tiers;
            tiers.into_iter().map(|tier| (tier.verdict, tier.residual)).collect::<Vec<_>>()
        };
        let first = of("ally");
        prop_assert!(RELATIONSHIPS.iter().all(|relationship| of(relationship) == first));
    }

    #[test]
    fn sh_47_51_52_plan_floor_and_dates_hold(value in any_exchange()) {
        let policy = policy();
        let screen = run(&value, policy);
        let at = Instant::parse(value["at"].as_str().unwrap()).unwrap();
        let highest = screen.tiers.iter().filter(|tier| tier.verdict == Verdict::Allow).map(|tier| tier.tier).max();
        prop_assert_eq!(Some(screen.plan.tier), highest);
        let has_ground = value["recipient"]["agreements"] != json!([])
            || screen.warn
            || value["gates"]["E5"]["state"] == "due"
            || value["marking"]["tlp"] == "CLEAR";
        prop_assert!(has_ground || screen.plan.tier == Tier::T0);
        prop_assert!(screen.plan.expires.is_none_or(|expires| expires > at));
        prop_assert!(screen.refusal_expires.is_none_or(|expires| expires > at));
        prop_assert_eq!(screen.refusal_expires.is_none(), screen.outcome == Verdict::Allow);
    }

    #[test]
    fn sh_49_nothing_keeps_a_warning_back_if_export_and_carve_out_are_clear(value in any_exchange()) {
        let policy = policy();
        let mut value = value;
        value["answers"]["D1"] = 3.into();
        value["gates"]["E1"] = json!({ "state": "clear" });
        value["gates"]["E3"] = json!({ "state": "clear" });
        if value["requested"] == "T0" {
            value["requested"] = "T1".into();
        }
        prop_assert_eq!(run(&value, policy).tier(Tier::T1).unwrap().verdict, Verdict::Allow);
    }

    #[test]
    fn sh_48_the_plan_is_optimal_and_minimal_over_all_subsets(value in any_exchange()) {
        let policy = policy();
        let screen = run(&value, policy);
        let ignored: BTreeSet<&str> = screen.ignored.iter().map(|one| one.id.as_str()).collect();
        let claims: Vec<Value> = value["mitigations"].as_array().unwrap().iter()
            .filter(|claim| !ignored.contains(claim["id"].as_str().unwrap()))
            .take(5).cloned().collect();
        let of = |set: usize| {
            let mut value = value.clone();
            let chosen = claims.iter().enumerate().filter(|(place, _)| set & (1 << place) != 0);
            value["mitigations"] = chosen.map(|(_, claim)| claim.clone()).collect();
            run(&value, policy)
        };
        let all = (1_usize << claims.len()) - 1;
        let planned = of(all);
        for set in 0..=all {
            let other = of(set);
            prop_assert!(other.plan.tier <= planned.plan.tier);
            // What a full set uses at a tier is no larger than any set that allows it.
            for (tier, best) in other.tiers.iter().zip(&planned.tiers) {
                if tier.verdict == Verdict::Allow {
                    prop_assert_eq!(best.verdict, Verdict::Allow);
                    prop_assert!(best.uses.len() <= set.count_ones() as usize);
                }
            }
        }
    }

    #[test]
    fn sh_50_what_is_said_to_open_a_tier_opens_it(value in any_exchange()) {
        let policy = policy();
        // A delay seals until the patch; the forecast takes it to be issued now.
        let mut value = value;
        value["patch_at"] = "2027-02-10T00:00:00Z".into();
        let screen = run(&value, policy);
        for opens in &screen.opens {
            let later = opens.later.as_ref().map(|later| &later.needs);
            for names in [opens.now.as_ref(), later].into_iter().flatten() {
                let changed = run(&pulled(&value, names), policy);
                prop_assert_eq!(
                    changed.tier(opens.tier).unwrap().verdict, Verdict::Allow, "{:?}", names
                );
                for left_out in names {
                    let fewer: Vec<String> =
                        names.iter().filter(|name| *name != left_out).cloned().collect();
                    let changed = run(&pulled(&value, &fewer), policy);
                    prop_assert_ne!(changed.tier(opens.tier).unwrap().verdict, Verdict::Allow);
                }
            }
        }
    }
}
