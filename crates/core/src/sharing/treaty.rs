//! An agreement as an exchange sees it: the projection of SH-19 and LW-80.
//!
//! Default deny: what is not in force between the two parties counts for nothing. Not here: the agreement's
//! own rules (`law::agreement`).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::instant::Instant;
use super::word::Tier;
use crate::law::agreement::{Register, State, read_agreement as read, status};
use crate::law::level::{Ceiling, Level};
use crate::law::time;
use crate::lexicon::terms::Tlp;

/// Until a receiver accepted the model clauses, at most this much reaches it.
const WITHOUT_CLAUSES: Tier = Tier::T2;

/// Returns the tier that a level lets out as a ceiling (SH-09).
#[must_use]
pub const fn tier_of_ceiling(ceiling: Ceiling) -> Tier {
    match ceiling.0 {
        None | Some(Level::L0) => Tier::T0,
        Some(Level::L1) => Tier::T1,
        Some(Level::L2) => Tier::T2,
        Some(Level::L3) => Tier::T3,
        Some(Level::L4 | Level::L5) => Tier::T5,
    }
}

/// Returns the classes of an agreement that cover a class of an exchange, the narrowest first: what reveals
/// less is covered by what reveals more.
fn covering(class: &str) -> &'static [&'static str] {
    match class {
        "abstract" => &["abstract", "affected", "technical", "reproduction"],
        "affected" => &["affected", "technical", "reproduction"],
        "technical" => &["technical", "reproduction"],
        "evidence" => &["evidence", "reproduction"],
        _ => &["reproduction"],
    }
}

/// Projects an agreement between two hubs at an instant; none if one of them is no party to it.
#[must_use]
pub fn project_agreement(
    register: &Register,
    (own, peer): (&str, &str),
    classes: &[&str],
    at: Instant,
) -> Option<Value> {
    let (us, them) = (register.party_of(own)?, register.party_of(peer)?);
    if us == them {
        return None;
    }
    let now = time::Instant::from_unix(at.as_second())?;
    let today = day(at)?;
    let document = register.effective(today, Some((us, them)));
    let agreement = read(&document).ok()?;
    let standing = status(&agreement, now, Some((us, them)));
    let between = standing.between.as_ref()?;
    let of = |party: &str| agreement.parties.iter().find(|member| member.party == party);
    let left = |party: &str| of(party).and_then(|member| member.withdrew_on);
    let is_suspended = agreement.suspensions.iter().any(|one| {
        one.from <= today
            && one.to.is_none_or(|to| today < to)
            && one.party.as_deref().is_none_or(|party| party == us || party == them)
    });
    let state = match standing.state {
        State::Draft => "draft",
        State::Signed | State::Provisional => "signed",
        State::InForce if between.in_force => "in_force",
        State::InForce if [us, them].into_iter().any(|p| left(p).is_some_and(|d| d <= today)) => {
            "ended"
        }
        State::InForce if !is_suspended => "signed",
        State::InForce | State::Suspended => "suspended",
        State::Lapsed | State::Terminated => "ended",
    };
    let ceiling_of = |class: &str| {
        let found = covering(class).iter().find_map(|name| {
            between.classes.iter().find(|one| one.class == *name).map(|one| one.max_level)
        });
        found.unwrap_or(Ceiling::NONE)
    };
    let mut max_tier =
        classes.iter().map(|class| tier_of_ceiling(ceiling_of(class))).min().unwrap_or(Tier::T0);
    if !register.has_accepted_clauses(them) {
        max_tier = max_tier.min(WITHOUT_CLAUSES);
    }
    let ends = [left(us), left(them)].into_iter().flatten().min().and_then(midnight);
    let until = standing.sunset.map(instant).into_iter().flatten().chain(ends).min();
    let from = standing.in_force_from.and_then(instant).unwrap_or(at);
    Some(json!({
        "id": register.id(),
        "state": state,
        "from": from,
        "until": until,
        "purposes": purposes(&document),
        "max_tier": max_tier,
        "tlp_max": tlp_max(&document, classes),
        "pap_max": "RED",
    }))
}

fn day(at: Instant) -> Option<Date> {
    let now = jiff::Timestamp::from_second(at.as_second()).ok()?;
    Some(now.to_zoned(TimeZone::UTC).date())
}

fn midnight(date: Date) -> Option<Instant> {
    Instant::parse(&format!("{date}T00:00:00Z"))
}

fn instant(at: time::Instant) -> Option<Instant> {
    Instant::parse(&at.to_string())
}

fn purposes(document: &Value) -> Vec<&'static str> {
    let listed = document.get("purposes").and_then(Value::as_array);
    let mut found: Vec<&str> = listed
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .flat_map(|purpose| match purpose {
            "remediation" => &["remediation"][..],
            "incident_response" => &["coordination", "warning"],
            "defence" => &["warning"],
            "evaluation" => &["evaluation"],
            _ => &[],
        })
        .copied()
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The strictest label the peer may be sent: the least of the classes that say so, else no limit.
fn tlp_max(document: &Value, classes: &[&str]) -> Tlp {
    let listed = document.get("data_classes").and_then(Value::as_array);
    let limit = |class: &str| {
        let names = covering(class);
        listed.into_iter().flatten().find_map(|one| {
            let name = one.get("class").and_then(Value::as_str)?;
            let label = one.get("max_tlp_received").and_then(Value::as_str)?;
            names.contains(&name).then(|| label.strip_prefix("TLP:").unwrap_or(label))
        })
    };
    // A label that is not understood cannot be honoured: then nothing but the clear is sent.
    let of = |class: &&str| limit(class).map(|label| Tlp::parse(label).unwrap_or(Tlp::Clear));
    classes.iter().filter_map(of).min().unwrap_or(Tlp::Red)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::agreement::{Act, Signed};

    fn signed(party: &str, on: &str, act: Act) -> Signed {
        Signed { party: party.to_owned(), on: on.to_owned(), act, statement: json!({}) }
    }

    fn document() -> Value {
        let party = |party: &str, hub: &str| json!({ "party": party, "hubs": [hub], "signatory": "Director" });
        json!({
            "schema": "comity.agreement/1", "id": "nv-ard", "version": 1,
            "title": "Norvik and Ardenia", "type": "mou", "binding": "political",
            "text_sha256": "0".repeat(64),
            "parties": [party("norvik", "nv"), party("ardenia", "ard"), party("castor", "cas")],
            "scope": { "case_facets": [], "product_classes": [], "countries": [], "exclusions": [] },
            "data_classes": [
                { "class": "technical", "max_level": "L3", "max_tlp_received": "TLP:AMBER+STRICT" },
                { "class": "reproduction", "max_level": "L4" },
            ],
            "confidentiality": {
                "onward": "consent", "originator_control": true,
                "notice_on_compelled_disclosure": true, "survival": "P5Y",
            },
            "purposes": ["remediation", "incident_response"],
            "conflict_rule": "statute_wins",
            "entry_into_force": { "rule": "on_last_signature" },
            "review": { "first": "2027-06-01", "every": "P1Y", "panel": [], "on_no_decision": "lapse" },
            "sunset": { "date": "2029-01-01", "tacit_renewal": null },
            "amendment": {
                "notice": "P60D", "body_majority": "consensus", "annexes": ["data_classes"],
                "annex_tacit_after": "P90D", "annex_block_share": "2/3", "applies_to": "all",
            },
            "suspension_rules": { "grounds": ["breach"], "by": "any party", "max": "P30D" },
            "termination": { "notice": "P90D", "open_cases": "finish" },
            "appeal": { "standing": [], "within": "P30D", "body": "panel", "suspensive": false },
            "signatures": [],
        })
    }

    fn in_force() -> Register {
        let mut register = Register::propose(document()).unwrap();
        for party in ["norvik", "ardenia", "castor"] {
            register.add(signed(party, "2027-01-01", Act::Sign)).unwrap();
        }
        register
    }

    fn at(register: &Register, day: &str) -> Value {
        let at = Instant::parse(&format!("{day}T09:00:00Z")).unwrap();
        project_agreement(register, ("nv", "ard"), &["abstract", "technical"], at).unwrap()
    }

    #[test]
    fn it_carries_nothing_before_all_signed_and_after_it_lapsed() {
        let mut register = Register::propose(document()).unwrap();
        register.add(signed("norvik", "2027-01-01", Act::Sign)).unwrap();
        register.add(signed("castor", "2027-01-01", Act::Sign)).unwrap();
        assert_eq!(at(&register, "2027-01-02")["state"], "draft");
        register.add(signed("ardenia", "2027-01-03", Act::Sign)).unwrap();
        let now = at(&register, "2027-01-04");
        assert_eq!((&now["state"], &now["max_tier"]), (&json!("in_force"), &json!("T2")));
        assert_eq!(now["tlp_max"], "AMBER+STRICT");
        assert_eq!(now["purposes"], json!(["coordination", "remediation", "warning"]));
        let clauses = Act::AcceptClauses { clauses: "1".to_owned() };
        register.add(signed("ardenia", "2027-01-05", clauses)).unwrap();
        assert_eq!(at(&register, "2027-01-05")["max_tier"], "T3");
        // A review that nobody decided: no decision may lapse it.
        assert_eq!(at(&register, "2027-05-31")["state"], "in_force");
        assert_eq!(at(&register, "2027-06-01")["state"], "ended");
        let decide = Act::Review { decision: "continue".to_owned() };
        register.add(signed("norvik", "2027-05-01", decide)).unwrap();
        assert_eq!(at(&register, "2027-06-01")["state"], "in_force");
        assert_eq!(at(&register, "2029-01-01")["state"], "ended");
    }

    #[test]
    fn suspensions_reservations_and_leaving_count_between_the_two() {
        let mut register = in_force();
        let suspend = Act::Suspend { ground: "breach".to_owned(), to: None };
        register.add(signed("ardenia", "2027-01-10", suspend)).unwrap();
        assert_eq!(at(&register, "2027-01-10")["state"], "suspended");
        assert_eq!(at(&register, "2027-02-10")["state"], "in_force", "30 days at most");
        register.add(signed("ardenia", "2027-02-10", Act::Ratify)).unwrap();
        let reserve = Act::Reserve {
            clause: "data_classes".to_owned(),
            effect: "lower_level".to_owned(),
            value: "L1".to_owned(),
        };
        register.add(signed("norvik", "2027-02-11", reserve)).unwrap();
        assert_eq!(at(&register, "2027-02-11")["max_tier"], "T1");
        register.add(signed("norvik", "2027-02-12", Act::Terminate)).unwrap();
        let leaving = at(&register, "2027-02-12");
        assert_eq!(
            (&leaving["state"], &leaving["until"]),
            (&json!("in_force"), &json!("2027-05-13T00:00:00Z"))
        );
        assert_eq!(at(&register, "2027-05-13")["state"], "ended");
    }

    #[test]
    fn silence_amends_an_annex_and_an_objector_is_not_bound() {
        let mut register = in_force();
        let classes = json!([{ "class": "technical", "max_level": "L1" }]);
        let amend = Act::Amend {
            amendment: "a1".to_owned(),
            annex: "data_classes".to_owned(),
            value: classes,
        };
        register.add(signed("castor", "2027-01-10", amend.clone())).unwrap();
        assert_eq!(at(&register, "2027-04-09")["max_tier"], "T2");
        assert_eq!(at(&register, "2027-04-10")["max_tier"], "T1");
        let object = Act::Object { amendment: "a1".to_owned() };
        let mut objected = register.clone();
        objected.add(signed("ardenia", "2027-02-01", object.clone())).unwrap();
        assert_eq!(at(&objected, "2027-04-10")["max_tier"], "T2", "not bound");
        let refused = |register: &Register, party: &str, on: &str, act: Act| {
            register.clone().add(signed(party, on, act)).unwrap_err().code
        };
        assert_eq!(refused(&objected, "ardenia", "2027-02-02", object.clone()), "already-there");
        assert_eq!(refused(&register, "ardenia", "2027-04-10", object), "too-late");
        assert_eq!(refused(&register, "castor", "2027-02-01", amend), "already-there");
        let body = Act::Amend {
            amendment: "a2".to_owned(),
            annex: "purposes".to_owned(),
            value: json!([]),
        };
        assert_eq!(refused(&register, "castor", "2027-02-01", body), "agreement-not-annex");
    }

    #[test]
    fn what_is_no_partys_or_out_of_turn_is_refused() {
        let fresh = Register::propose(document()).unwrap();
        let refused = |register: &Register, party: &str, on: &str, act: Act| {
            register.clone().add(signed(party, on, act)).unwrap_err().code
        };
        assert_eq!(refused(&fresh, "lumen", "2027-01-01", Act::Sign), "not-a-party");
        assert_eq!(refused(&fresh, "norvik", "soon", Act::Sign), "value-invalid");
        assert_eq!(refused(&fresh, "norvik", "2027-01-01", Act::Ratify), "not-signed");
        let register = in_force();
        assert_eq!(refused(&register, "norvik", "2027-01-02", Act::Sign), "already-there");
        assert_eq!(refused(&register, "norvik", "2026-01-02", Act::Ratify), "time-reversed");
        assert_eq!(refused(&register, "norvik", "2027-01-02", Act::Resume), "wrong-state");
        let whim = Act::Suspend { ground: "whim".to_owned(), to: None };
        assert_eq!(refused(&register, "norvik", "2027-01-02", whim), "ground-unknown");
        let long = Act::Suspend { ground: "breach".to_owned(), to: Some("2028-01-01".to_owned()) };
        assert_eq!(refused(&register, "norvik", "2027-01-02", long), "value-invalid");
        let hostile = Act::AcceptClauses { clauses: "a\u{0}b".to_owned() };
        assert_eq!(refused(&register, "norvik", "2027-01-02", hostile), "value-invalid");
        let mut old = document();
        old["parties"][0]["signed_on"] = json!("2026-01-01");
        let refusals = Register::propose(old).unwrap_err();
        assert_eq!(
            (refusals[0].code, &*refusals[0].pointer),
            ("agreement-not-new", "/parties/0/signed_on")
        );
        let mut wrong = document();
        wrong["sunset"] = json!({ "none_because": " " });
        assert_eq!(Register::propose(wrong).unwrap_err()[0].code, "agreement-invalid");
    }
}
