//! One scenario for each class of conflict that the worked cases leave out, and its counterpart.

use comity_core::law::conflict::Class;
use comity_core::law::export::export_allowed;
use comity_core::law::expr::Tri;
use comity_core::law::world::World;
use serde_json::{Value as Json, json};

use super::{answer, at, case, shipped_packs};

const NOW: &str = "2026-11-21T12:00:00Z";

fn party(id: &str, roles: &[&str], country: &str) -> Json {
    json!({
        "id": id,
        "facts": {
            "actor.roles": roles, "actor.main_establishment": country,
            "actor.establishments": [country], "actor.operates_in": [country]
        }
    })
}

fn facts(parties: Vec<Json>) -> Json {
    json!({
        "schema": "comity.facts/1",
        "case": {
            "id": "c", "lead": parties[0]["id"],
            "facts": {
                "product.class": "saas", "product.is_ai": false, "product.markets": ["NZ"],
                "incident.occurred": false, "vuln.exploitation": "none", "vuln.public": false,
                "vuln.patch_available": false, "case.facets": ["vulnerability"]
            }
        },
        "parties": parties
    })
}

fn found(facts: &Json) -> Vec<Json> {
    answer(shipped_packs(), facts, NOW)["conflicts"].as_array().unwrap().clone()
}

fn of(facts: &Json, class: &str) -> Vec<Json> {
    found(facts).into_iter().filter(|c| c["class"] == class).collect()
}

#[test]
fn the_classes_are_those_of_the_shared_data() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/law/conflict-classes.json");
    let Ok(bytes) = std::fs::read(path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let shared: Json = serde_json::from_slice(&bytes).unwrap();
    for (class, own) in shared["classes"].as_array().unwrap().iter().zip(Class::ALL) {
        assert_eq!(class["id"], own.as_str());
        assert_eq!(class["severity"], own.severity().as_str(), "{}", own.as_str());
        assert_eq!(class["reliefs"], json!(own.reliefs()), "{}", own.as_str());
    }
}

#[test]
fn c05_two_norms_with_different_days() {
    let mut ada = party("ada", &["finder"], "NZ");
    ada["facts"]["actor.policies"] = json!(["norm.certcc45", "norm.gpz90"]);
    ada["events"] = json!([
        {"event": "vendor_notified", "at": "2026-11-20T10:00:00Z"},
        {"event": "first_contact_attempt", "at": "2026-11-20T10:00:00Z"}
    ]);
    let clash = of(&facts(vec![ada.clone()]), "C05");
    assert_eq!(clash.len(), 1);
    assert_eq!(clash[0]["party"], "case");
    assert_eq!(clash[0]["rules"], json!(["norm.certcc45", "norm.gpz90"]));
    ada["facts"]["actor.policies"] = json!(["norm.gpz90"]);
    assert!(of(&facts(vec![ada]), "C05").is_empty());
}

#[test]
fn c08_a_duty_that_acts_under_a_passive_label() {
    let mut maker = party("m", &["manufacturer"], "DE");
    maker["events"] = json!([{"event": "reasonable_certainty", "at": "2026-11-21T10:00:00Z"}]);
    let mut case = facts(vec![maker]);
    let own = &mut case["case"]["facts"];
    own["product.class"] = json!("digital_elements");
    own["product.markets"] = json!(["DE"]);
    own["vuln.exploitation"] = json!("active");
    own["vuln.contained_in_product"] = json!(true);
    let mut labelled = |pap: &str, tlp: &str| {
        case["case"]["embargo"] = json!({"until": "2027-01-01T00:00:00Z", "tlp": tlp, "pap": pap});
        case.clone()
    };
    assert_eq!(of(&labelled("PAP:AMBER", "TLP:RED"), "C08").len(), 1);
    assert!(of(&labelled("PAP:GREEN", "TLP:RED"), "C08").is_empty());
    // GREEN lets authorities be told, not users; CLEAR lets everybody.
    let green = of(&labelled("PAP:GREEN", "TLP:GREEN"), "C07");
    assert_eq!(green[0]["stages"], json!(["eu.cra.art14.aev/inform_users"]));
    assert!(of(&labelled("PAP:GREEN", "TLP:CLEAR"), "C07").is_empty());
}

fn shared(contains: &[&str], purpose: Option<&str>, to: &str) -> Json {
    let mut facts = facts(vec![
        party("lab", &["finder"], "DE"),
        party("fix", &["vendor"], "VN"),
        party("cert", &["coordinator"], "KP"),
    ]);
    let mut own = json!({"action.contains": contains});
    if let Some(purpose) = purpose {
        own["action.purpose"] = json!(purpose);
    }
    facts["actions"] = json!([
        {"id": "a", "party": "lab", "kind": "share", "to": to, "level": "L4", "facts": own}
    ]);
    facts
}

#[test]
fn c09_personal_data_goes_abroad_only_with_a_basis() {
    let personal = shared(&["personal_data"], Some("remediation"), "fix");
    assert_eq!(of(&personal, "C09")[0]["severity"], "block");
    let mut based = personal;
    based["actions"][0]["facts"]["action.transfer_basis"] = json!("scc");
    assert!(of(&based, "C09").is_empty());
}

#[test]
fn c10_and_the_export_predicate_agree_that_unknown_is_not_yes() {
    let allowed = |facts: &Json| {
        let case = case(facts);
        let world = World::new(shipped_packs(), &case, at(NOW)).unwrap();
        export_allowed(&world, &case.actions[0]).unwrap()
    };
    let check = |contains: &[&str], purpose, to, wanted: Tri, conflicts: usize| {
        let facts = shared(contains, purpose, to);
        assert_eq!(allowed(&facts), wanted, "{contains:?} {purpose:?} {to}");
        assert_eq!(of(&facts, "C10").len(), conflicts, "{contains:?} {purpose:?} {to}");
    };
    check(&["exploit_chain"], Some("remediation"), "fix", Tri::True, 0);
    check(&["exploit_chain"], Some("evaluation"), "fix", Tri::False, 1);
    check(&["exploit_chain"], None, "fix", Tri::Unknown, 1);
    check(&["jailbreak_text"], None, "fix", Tri::True, 0);
    // Country group E: no note helps there.
    check(&["exploit_chain"], Some("remediation"), "cert", Tri::False, 0);
}

#[test]
fn c11_content_for_a_party_that_can_be_compelled() {
    let mut facts = shared(&[], Some("remediation"), "fix");
    assert!(of(&facts, "C11").is_empty());
    facts["parties"][1]["facts"]["actor.compelled_access"] = json!(true);
    assert_eq!(of(&facts, "C11")[0]["action"], "a");
    facts["actions"][0]["level"] = json!("L2");
    assert!(of(&facts, "C11").is_empty());
}

#[test]
fn c16_an_investigated_system_is_not_changed_before_notice() {
    let mut facts = facts(vec![party("p", &["ai_provider"], "DE")]);
    let own = &mut facts["case"]["facts"];
    for (name, value) in [
        ("product.is_ai", json!(true)),
        ("product.markets", json!(["DE"])),
        ("ai.risk_class", json!("high")),
        ("incident.occurred", json!(true)),
        ("incident.harms", json!(["death"])),
        ("ai.gpai_based_same_provider", json!(false)),
    ] {
        own[name] = value;
    }
    facts["actions"] = json!([{"id": "a", "party": "p", "kind": "alter_system"}]);
    let clash = of(&facts, "C16");
    // Whether Art 73 applies is disputed: the engine asks and does not deny.
    assert_eq!(clash[0]["certainty"], "possible");
    assert_eq!(answer(shipped_packs(), &facts, NOW)["actions"][0]["verdict"], "ask");
    facts["parties"][0]["submissions"] = json!([
        {"rule": "eu.aiact.art73", "stage": "report_death", "at": "2026-11-20T10:00:00Z", "level": "L1"}
    ]);
    assert!(of(&facts, "C16").is_empty());
}

#[test]
fn c20_and_c21_an_agreement_yields_to_statute_and_denies_by_default() {
    let mut bank = party("bank", &["us_bank"], "US");
    bank["events"] = json!([{"event": "determination", "at": "2026-11-21T10:00:00Z"}]);
    bank["received_under"] = json!(["mou"]);
    let mut facts = facts(vec![bank, party("hub", &["hub"], "NZ")]);
    facts["case"]["facts"]["incident.notification_incident"] = json!(true);
    let agreement = |from: Json, sunset: Json, suspensions: Json| {
        json!([{
            "id": "mou", "parties": ["bank", "hub"], "in_force_from": from, "sunset": sunset,
            "onward": "consent", "max_level": "L3", "reserved_classes": ["weights"],
            "suspensions": suspensions
        }])
    };
    let start = json!("2026-01-01T00:00:00Z");
    facts["agreements"] = agreement(start.clone(), Json::Null, json!([]));
    assert_eq!(of(&facts, "C20")[0]["agreement"], "mou");
    let mut act = |basis: &str, level: &str, contains: &str, agreements: Json| {
        facts["agreements"] = agreements;
        facts["actions"] = json!([{
            "id": "a", "party": "bank", "kind": "share", "to": "hub", "level": level, "basis": basis,
            "facts": {"action.contains": if contains.is_empty() { vec![] } else { vec![contains] }}
        }]);
        let denied = of(&facts, "C21").len() == 1;
        let verdict = answer(shipped_packs(), &facts, NOW)["actions"][0].clone();
        assert_eq!(denied, verdict["verdict"] == "deny", "{verdict}");
        assert_eq!(denied, verdict["max_level"] == "none", "{verdict}");
        denied
    };
    let valid = || agreement(start.clone(), Json::Null, json!([]));
    assert!(!act("mou", "L3", "", valid()));
    assert!(act("other", "L3", "", valid()));
    assert!(act("mou", "L4", "", valid()));
    assert!(act("mou", "L3", "weights", valid()));
    assert!(act("mou", "L3", "", agreement(Json::Null, Json::Null, json!([]))));
    assert!(act("mou", "L3", "", agreement(start.clone(), json!(NOW), json!([]))));
    let since = json!([{"from": "2026-11-01T00:00:00Z", "party": "hub"}]);
    assert!(act("mou", "L3", "", agreement(start.clone(), Json::Null, since)));
    let other = json!([{"from": "2026-11-01T00:00:00Z", "party": "third"}]);
    assert!(!act("mou", "L3", "", agreement(start.clone(), Json::Null, other)));
}

#[test]
fn c21_a_reserved_class_is_found_by_what_it_reveals() {
    let mut facts = facts(vec![party("bank", &["vendor"], "NZ"), party("hub", &["hub"], "NZ")]);
    let mut denied = |reserved: &[&str], level: Option<&str>, contains: Json| {
        facts["agreements"] = json!([{
            "id": "mou", "parties": ["bank", "hub"], "onward": "members", "sunset": null,
            "in_force_from": "2026-01-01T00:00:00Z", "reserved_classes": reserved
        }]);
        let mut action = json!({
            "id": "a", "party": "bank", "kind": "share", "to": "hub", "basis": "mou",
            "facts": {"action.contains": contains}
        });
        action["level"] = level.map_or(Json::Null, Json::from);
        action.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        facts["actions"] = json!([action]);
        of(&facts, "C21").len() == 1
    };
    let none = || json!([]);
    assert!(denied(&["reproduction"], Some("L4"), none()));
    assert!(denied(&["evidence"], Some("L2"), json!(["exploit_chain"])));
    assert!(
        denied(&["technical"], Some("L4"), none()),
        "who reveals the exploit reveals the cause"
    );
    assert!(denied(&["reproduction"], None, none()), "no level said");
    assert!(denied(&["reproduction"], Some("L2"), json!({"known": [], "complete": false})));
    assert!(denied(&["weights"], Some("L2"), json!(["weights"])));
    assert!(!denied(&["reproduction"], Some("L3"), none()));
    assert!(!denied(&["reproduction"], Some("L2"), json!(["personal_data"])));
    assert!(denied(&["identity"], Some("L2"), json!(["personal_data"])));
    assert!(!denied(&["deliberation"], Some("L4"), none()));
    assert!(!denied(&[], Some("L4"), none()));
}

#[test]
fn a_share_with_the_public_is_a_share_and_a_publication() {
    let mut facts = facts(vec![party("a", &["ru_cii"], "RU")]);
    facts["case"]["facts"]["incident.occurred"] = json!(true);
    facts["case"]["facts"]["incident.cyber"] = json!(true);
    let mut judged = |kind: &str, to: &str| {
        facts["actions"] =
            json!([{"id": "x", "party": "a", "kind": kind, "to": to, "level": "L2"}]);
        answer(shipped_packs(), &facts, NOW)["actions"][0].clone()
    };
    for kind in ["file", "share"] {
        let verdict = judged(kind, "public");
        assert_eq!(verdict["verdict"], "ask", "{verdict}");
        assert_eq!(verdict["limits"], json!(["ru.187fz"]));
        assert_eq!(judged(kind, "users")["verdict"], "ask");
        assert_eq!(judged(kind, "enisa")["verdict"], "deny");
    }
    assert_eq!(judged("publish", "public")["verdict"], "allow", "the text bans no publication");
}

#[test]
fn c22_a_lead_with_an_interest() {
    let lead = |roles: &[&str]| of(&facts(vec![party("hub", roles, "NZ")]), "C22").len();
    assert_eq!(lead(&["hub", "coordinator"]), 0);
    assert_eq!(lead(&["hub", "coordinator", "regulator"]), 1);
    assert_eq!(lead(&["csirt_coordinator", "intelligence"]), 1);
    assert_eq!(lead(&["regulator"]), 0);
}

#[test]
fn c23_a_delay_that_was_released_in_time_is_no_conflict() {
    let mut facts = facts(vec![party("hub", &["csirt_coordinator"], "DE")]);
    facts["case"]["facts"]["case.source_rules"] = json!(["eu.cra.art14.aev"]);
    let mut delay = |started: &str, released: Json| {
        let mut one = json!({
            "party": "hub", "rule": "eu.cra.art16.dissemination",
            "code": "dissemination.may_delay", "started": started
        });
        if !released.is_null() {
            one["released"] = released;
        }
        facts["delays"] = json!([one]);
        of(&facts, "C23").len()
    };
    assert_eq!(delay("2026-11-18T11:59:59Z", Json::Null), 1);
    assert_eq!(delay("2026-11-18T12:00:00Z", Json::Null), 0);
    assert_eq!(delay("2026-11-10T12:00:00Z", json!("2026-11-12T12:00:00Z")), 0);
}

#[test]
fn c24_names_each_circle_once() {
    let mut facts = facts(["a", "b", "c", "d"].map(|id| party(id, &["vendor"], "NZ")).to_vec());
    let request = |from: &str, to: &str| json!({"from": from, "to": to});
    facts["requests"] =
        json!([request("a", "b"), request("b", "c"), request("c", "a"), request("c", "d")]);
    let circles = of(&facts, "C24");
    assert_eq!(circles.len(), 1);
    assert_eq!(circles[0]["parties"], json!(["a", "b", "c"]));
    facts["requests"] = json!([request("a", "b"), request("b", "c")]);
    assert!(of(&facts, "C24").is_empty());
}

#[test]
fn c25_different_assertions_make_the_duty_contested_on_both_sides() {
    let mut maker = party("maker", &["manufacturer"], "DE");
    maker["events"] = json!([{"event": "reasonable_certainty", "at": "2026-11-21T10:00:00Z"}]);
    let mut finder = party("finder", &["finder"], "NZ");
    finder["facts"]["vuln.exploitation"] = json!("active");
    let mut facts = facts(vec![maker, finder]);
    let own = &mut facts["case"]["facts"];
    own["product.class"] = json!("digital_elements");
    own["product.markets"] = json!(["DE"]);
    own["vuln.contained_in_product"] = json!(true);
    let answer = answer(shipped_packs(), &facts, NOW);
    let clash =
        answer["conflicts"].as_array().unwrap().iter().find(|c| c["class"] == "C25").unwrap();
    assert_eq!(clash["fact"], "vuln.exploitation");
    assert_eq!(clash["parties"], json!(["case", "finder"]));
    let duties = answer["duties"].as_array().unwrap();
    let id = "maker/eu.cra.art14.aev/early_warning";
    let duty = duties.iter().find(|d| d["id"] == id).unwrap();
    assert_eq!(duty["status"], "contested");
    assert_eq!(duty["contested"], json!(["vuln.exploitation"]));
    assert_eq!(duty["target"], "2026-11-22T10:00:00Z");
}

#[test]
fn c26_a_floor_towards_users_after_a_duty_towards_users() {
    let mut maker = party("m", &["manufacturer", "software_publisher"], "FR");
    maker["events"] = json!([
        {"event": "reasonable_certainty", "at": "2026-11-20T10:00:00Z"},
        {"event": "authority_notice", "at": "2026-11-20T10:00:00Z"}
    ]);
    let mut facts = facts(vec![maker]);
    let own = &mut facts["case"]["facts"];
    own["product.class"] = json!("digital_elements");
    own["product.markets"] = json!(["FR"]);
    own["vuln.contained_in_product"] = json!(true);
    own["vuln.exploitation"] = json!("active");
    own["vuln.significant_fr"] = json!(true);
    let clash = of(&facts, "C26");
    assert_eq!(clash.len(), 1);
    assert_eq!(clash[0]["rules"], json!(["eu.cra.art14.aev", "fr.defense.l2321_4_1"]));
    assert_eq!(clash[0]["certainty"], "possible");
    facts["case"]["facts"]["vuln.significant_fr"] = json!(false);
    assert!(of(&facts, "C26").is_empty());
}

#[test]
fn a_recurring_duty_counts_from_its_last_report_until_it_ends() {
    let mut lab = party("lab", &["large_frontier_developer"], "US");
    lab["events"] = json!([{"event": "report_received", "at": "2026-09-01T10:00:00Z"}]);
    let mut facts = facts(vec![lab]);
    facts["case"]["facts"]["product.is_ai"] = json!(true);
    facts["case"]["facts"]["ai.training_flop"] = json!(3e26);
    facts["case"]["facts"]["report.work_related"] = json!(true);
    let next = |facts: &Json| {
        let answer = answer(shipped_packs(), facts, NOW);
        let duties = answer["duties"].as_array().unwrap();
        let one = duties.iter().find(|d| d["rule"] == "us.ca.sb53_whistle")?;
        Some((
            one["status"].as_str().unwrap().to_owned(),
            one["target"].as_str().unwrap().to_owned(),
        ))
    };
    let due = |status: &str, target: &str| Some((status.to_owned(), target.to_owned()));
    assert_eq!(next(&facts), due("missed", "2026-10-01T10:00:00Z"));
    facts["parties"][0]["submissions"] = json!([
        {"rule": "us.ca.sb53_whistle", "stage": "status_update", "at": "2026-10-01T09:00:00Z", "level": "L0"},
        {"rule": "us.ca.sb53_whistle", "stage": "status_update", "at": "2026-10-31T09:00:00Z", "level": "L0"}
    ]);
    assert_eq!(next(&facts), due("firm", "2026-11-30T10:00:00Z"));
    facts["parties"][0]["events"] = json!([
        {"event": "report_received", "at": "2026-09-01T10:00:00Z"},
        {"event": "incident_resolved", "at": "2026-11-01T10:00:00Z"}
    ]);
    assert_eq!(next(&facts), None);
}
