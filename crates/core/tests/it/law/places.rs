//! Where a duty is counted: the authority of the party, and what is said when it is not known.

use comity_core::law::time::{Instant, Zone};
use serde_json::{Value as Json, json};

use super::{answer, shipped_packs};

fn maker(main: &str, state: Option<&str>) -> Json {
    let mut own = json!({"actor.roles": ["manufacturer"], "actor.main_establishment": main});
    if let Some(state) = state {
        own["actor.authority_state"] = json!(state);
    }
    json!({
        "schema": "comity.facts/1",
        "case": {
            "id": "c", "lead": "m",
            "facts": {
                "product.class": "digital_elements", "product.markets": ["DE"],
                "vuln.exploitation": "active", "vuln.contained_in_product": true,
                "incident.occurred": false, "product.is_ai": false
            }
        },
        "parties": [{
            "id": "m", "facts": own,
            "events": [
                {"event": "reasonable_certainty", "at": "2026-12-18T10:00:00Z"},
                {"event": "measure_available", "at": "2026-12-18T10:00:00Z"}
            ]
        }]
    })
}

#[test]
fn an_outer_date_is_never_guessed_for_a_place_that_is_not_known() {
    let check = |main: &str, state: Option<&str>, outer: &str, warning: Option<&str>| {
        let got = answer(shipped_packs(), &maker(main, state), "2026-12-18T12:00:00Z");
        let duties = got["duties"].as_array().unwrap();
        let duty = |stage: &str| duties.iter().find(|d| d["stage"] == stage).unwrap();
        let report = duty("final_report");
        assert_eq!(report["target"], "2027-01-01T10:00:00Z");
        assert_eq!(report["outer"], outer, "{main} {state:?}");
        let warnings: Vec<&str> =
            report["warnings"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
        let wanted: Vec<&str> = warning.into_iter().chain(["unverified:secondary"]).collect();
        assert_eq!(warnings, wanted, "{main} {state:?}");
        // Hours need no place.
        assert_eq!(duty("early_warning")["outer"], "2026-12-19T11:00:00Z");
        assert_eq!(duty("early_warning")["warnings"], json!(["unverified:secondary"]));
    };
    check("IE", None, "2027-01-04T23:59:59Z", None);
    check("US", Some("IE"), "2027-01-04T23:59:59Z", None);
    check("US", None, "2027-01-01T10:00:00Z", Some("authority-unknown"));
    check("NO", None, "2027-01-01T10:00:00Z", Some("calendar-missing"));
    check("US", Some("GB"), "2027-01-01T10:00:00Z", Some("calendar-missing"));
}

#[test]
fn an_unknown_variant_takes_the_earlier_outer_date() {
    let bank = |systemic: Option<bool>| {
        let mut own =
            json!({"actor.roles": ["financial_entity"], "actor.main_establishment": "DE"});
        if let Some(systemic) = systemic {
            own["actor.systemic"] = json!(systemic);
        }
        let facts = json!({
            "schema": "comity.facts/1",
            "case": {"id": "c", "lead": "b", "facts": {"incident.dora_major": true}},
            "parties": [{
                "id": "b", "facts": own,
                "events": [{"event": "classification_major", "at": "2026-11-20T20:30:00Z"}]
            }]
        });
        let got = answer(shipped_packs(), &facts, "2026-11-20T21:00:00Z");
        let duties = got["duties"].as_array().unwrap();
        let duty = duties.iter().find(|d| d["stage"] == "initial_notification").unwrap();
        duty["outer"].as_str().unwrap().to_owned()
    };
    assert_eq!(bank(Some(false)), "2026-11-23T11:00:00Z");
    assert_eq!(bank(Some(true)), "2026-11-21T00:30:00Z");
    assert_eq!(bank(None), "2026-11-21T00:30:00Z");
}

#[test]
fn a_floor_is_null_where_the_calendar_ends() {
    let facts = |notice: &str| {
        json!({
            "schema": "comity.facts/1",
            "case": {
                "id": "c", "lead": "p",
                "facts": {"product.markets": ["FR"], "vuln.significant_fr": true}
            },
            "parties": [{
                "id": "p",
                "facts": {"actor.roles": ["software_publisher"], "actor.main_establishment": "FR"},
                "events": [{"event": "authority_notice", "at": notice}]
            }]
        })
    };
    let floor = |notice: &str| {
        let got = answer(shipped_packs(), &facts(notice), "2029-06-01T00:00:00Z");
        let duties = got["duties"].as_array().unwrap();
        let duty = duties.iter().find(|d| d["stage"] == "inform_users").unwrap().clone();
        assert_eq!((&duty["target"], &duty["outer"]), (&Json::Null, &Json::Null));
        duty["not_before"].clone()
    };
    assert_eq!(floor("2026-11-05T09:00:00Z"), "2026-11-18T22:59:59Z");
    assert_eq!(floor("2028-12-27T09:00:00Z"), Json::Null);
}

#[test]
fn the_last_day_of_the_last_year_is_an_instant() {
    let check = |text: &str, printed: &str| {
        assert_eq!(
            Instant::parse(text).map(|at| at.to_string()).as_deref(),
            Some(printed),
            "{text}"
        );
    };
    check("9999-12-30T21:59:59Z", "9999-12-30T21:59:59Z");
    check("9999-12-30T22:00:00Z", "9999-12-30T22:00:00Z");
    check("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z");
    check("9999-12-31T23:59:59.9+14:00", "9999-12-31T09:59:59Z");
    check("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z");
    for beyond in ["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01", "9999-12-32T00:00:00Z"]
    {
        assert!(Instant::parse(beyond).is_none(), "{beyond}");
    }
    let tokyo = Zone::named("Asia/Tokyo").unwrap();
    let late = Instant::parse("9999-12-31T10:00:00Z").unwrap();
    assert_eq!(late.local(tokyo.tz()).to_string(), "9999-12-31T19:00:00");
    assert_eq!(Instant::of_local(late.local(tokyo.tz()), tokyo.tz()), Some(late));
    let mut facts = maker("DE", None);
    facts["case"]["embargo"] =
        json!({"until": "9999-12-31T23:59:59Z", "tlp": "TLP:AMBER", "pap": "PAP:GREEN"});
    let got = answer(shipped_packs(), &facts, "2026-12-18T12:00:00Z");
    assert!(got["conflicts"].as_array().unwrap().iter().any(|c| c["class"] == "C02"));
}
