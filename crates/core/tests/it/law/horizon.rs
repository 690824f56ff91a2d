//! How a secret gets out: whose hands it leaves, by which stages, and what a stage of its own survives.

use serde_json::{Value as Json, json};

use super::{answer, example_pack, example_with, one_pack, scenario, shipped_packs};

const NOW: &str = "2026-11-24T10:00:00Z";

fn facts(parties: &[Json]) -> Json {
    json!({
        "schema": "comity.facts/1",
        "case": {
            "id": "c", "lead": "m",
            "facts": {
                "product.markets": ["ZZ"], "vuln.exploitation": "active", "vuln.public": false,
                "vuln.patch_available": false, "case.facets": ["vulnerability"],
                "incident.occurred": true, "incident.security": true
            },
            "embargo": {"until": "2027-02-01T00:00:00Z", "tlp": "TLP:AMBER", "pap": "PAP:GREEN"}
        },
        "parties": parties
    })
}

fn party(id: &str, roles: &[&str]) -> Json {
    json!({
        "id": id,
        "facts": {
            "actor.roles": roles, "actor.main_establishment": "ZZ", "actor.establishments": ["ZZ"]
        },
        "events": [{"event": "reasonable_belief", "at": "2026-11-20T10:00:00Z"}],
        "submissions": [
            {"rule": "zz.act.12", "stage": "alert", "at": "2026-11-20T12:00:00Z", "level": "L1"}
        ]
    })
}

fn c06(answer: &Json) -> Json {
    let mut all = answer["conflicts"].as_array().unwrap().iter().filter(|c| c["class"] == "C06");
    let found = all.next().unwrap().clone();
    assert!(all.next().is_none());
    found
}

fn relief(conflict: &Json, id: &str) -> Json {
    let all = conflict["reliefs"].as_array().unwrap();
    all.iter().find(|r| r["relief"] == id).unwrap()["available"].clone()
}

#[test]
fn who_passes_on_as_a_recipient_is_told_of_it() {
    let mut hub = party("hub", &["hub"]);
    hub["acts_as"] = json!(["zz_authority"]);
    hub["holds"] = json!("L3");
    hub["since"] = json!("2026-11-20T08:00:00Z");
    let packs = one_pack(&example_pack());
    let got = answer(&packs, &facts(&[hub, party("m", &["manufacturer"])]), NOW);
    let found = c06(&got);
    assert_eq!(found["party"], "hub", "no duty brought it there");
    assert_eq!(found["rules"], json!(["zz.act.12"]));
    assert_eq!(found["stages"], json!([]));
}

#[test]
fn a_power_over_a_stage_on_the_way_is_a_relief() {
    let mut maker = party("m", &["manufacturer"]);
    maker["holds"] = json!("L4");
    maker["since"] = json!("2026-11-20T09:00:00Z");
    let facts = facts(&[maker]);
    let check = |condition: &str, power: &str| {
        let text = example_with("min_level = \"L2\"", "min_level = \"L3\"");
        let text = text.replacen("vuln.exploitation != 'active'\"", condition, 1);
        let found = c06(&answer(&one_pack(&text), &facts, NOW));
        assert_eq!(found["party"], "m");
        assert_eq!(found["stages"], json!(["zz.act.12/report"]));
        assert_eq!(relief(&found, "R2"), power, "{condition}");
    };
    check("vuln.exploitation != 'active'\"", "no");
    check("vuln.exploitation == 'active'\"", "yes");
    check("incident.material\"", "ask");
}

#[test]
fn a_delay_of_a_public_filing_delays_the_horizon() {
    let case = scenario("S06-invite-us-registrant");
    let mut facts = case["facts"].clone();
    let mut invitee = case["invite"].clone();
    let level = invitee.as_object_mut().unwrap().remove("share_level").unwrap();
    invitee["holds"] = level;
    invitee["since"] = case["at"].clone();
    facts["parties"].as_array_mut().unwrap().push(invitee);
    let found = c06(&answer(shipped_packs(), &facts, case["at"].as_str().unwrap()));
    assert_eq!(found["stages"], json!(["us.sec.8k_1_05/form_8k"]));
    assert_eq!(relief(&found, "R2"), "yes");
}

#[test]
fn a_stage_with_a_bearer_of_its_own_does_not_yield_with_the_rule() {
    let text = example_with(
        "id = \"progress\"",
        "id = \"progress\"\n  bearer = \"'vendor' in actor.roles\"",
    );
    let packs = one_pack(&text);
    let check = |roles: &[&str], stages: &[&str], yields: usize| {
        let got = answer(&packs, &facts(&[party("m", roles)]), NOW);
        let duties = got["duties"].as_array().unwrap().iter().filter(|d| d["rule"] == "zz.act.12");
        let mut found: Vec<&str> = duties.map(|d| d["stage"].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, stages, "{roles:?}");
        let all = got["conflicts"].as_array().unwrap();
        assert_eq!(all.iter().filter(|c| c["class"] == "C18").count(), yields, "{roles:?}");
    };
    check(&["manufacturer"], &["alert", "report", "tell_users"], 0);
    check(&["manufacturer", "financial_entity"], &[], 1);
    check(&["manufacturer", "financial_entity", "vendor"], &["progress"], 1);
    // Nothing yields where the rule itself binds nobody.
    check(&["financial_entity", "vendor"], &["progress"], 0);
}
