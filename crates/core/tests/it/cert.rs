//! Certification: the register in both times, the life cycle, tallies, scores, editions.
//!
//! Not here: the vectors (`cert_vectors`).

use std::collections::BTreeSet;

use comity_core::cert::day::{Day, Instant};
use comity_core::cert::jurisdiction::JurisdictionUrn;
use comity_core::cert::lifecycle::{Cause, Grounds, Listing, check_transition};
use comity_core::cert::procedure::{self, Mark, StepGrounds};
use comity_core::cert::profile::Profile;
use comity_core::cert::register::Register;
use comity_core::cert::tally::State as Ballot;
use comity_core::cert::word::{Recommendation, Status, TradeEffect, Word as _};
use comity_core::cert::{registry, score, tally};
use data_encoding::BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

const REGISTER: &[u8] = include_bytes!("../../../../testdata/cert/register-sample.json");
const PROFILES: [&[u8]; 5] = [
    include_bytes!("../../../../testdata/cert/profiles/iaio-default.toml"),
    include_bytes!("../../../../testdata/cert/profiles/fatf-like.toml"),
    include_bytes!("../../../../testdata/cert/profiles/icao-like.toml"),
    include_bytes!("../../../../testdata/cert/profiles/imo-like.toml"),
    include_bytes!("../../../../testdata/cert/profiles/iuu-like.toml"),
];

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn urn(id: &str) -> JurisdictionUrn {
    JurisdictionUrn::parse(&format!("urn:comity:jur:{id}")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn sample() -> Value {
    serde_json::from_slice(REGISTER).unwrap()
}

#[test]
fn a_status_has_two_times() {
    let register = Register::parse(REGISTER).unwrap();
    let check = |id: &str, valid: &str, known: &str, status, trade, trade_status| {
        let standing = register.standing(&urn(id), day(valid), day(known).end());
        assert_eq!(
            (standing.status, standing.trade, standing.trade_status),
            (status, trade, trade_status),
            "{id} {valid} {known}"
        );
    };
    let now = "2031-06-29";
    check("d5p6va", "2031-05-03", now, Status::Suspended, TradeEffect::AsStatus, Status::Suspended);
    check("n6s2pz", "2031-04-01", now, Status::Certified, TradeEffect::AsStatus, Status::Certified);
    check("e9h2kc", "2031-02-01", now, Status::Suspended, TradeEffect::Stayed, Status::Certified);
    check("e9h2kc", "2031-04-11", now, Status::Suspended, TradeEffect::AsStatus, Status::Suspended);
    check(
        "e9h2kc",
        "2031-02-01",
        "2031-01-08",
        Status::Suspended,
        TradeEffect::AsStatus,
        Status::Suspended,
    );
    // Without its own suspension the union's certificate covers it.
    check("h4d9fu", "2030-08-30", now, Status::Suspended, TradeEffect::WindDown, Status::Certified);
    check("h4d9fu", "2030-08-31", now, Status::Suspended, TradeEffect::AsStatus, Status::Suspended);
    check(
        "t2k8la",
        "2031-01-01",
        now,
        Status::NotCertified,
        TradeEffect::AsStatus,
        Status::NotCertified,
    );
    check("m7j3gq", "2031-02-01", now, Status::Expired, TradeEffect::AsStatus, Status::Expired);
}

#[test]
fn aliases_are_never_guessed() {
    let mut register = sample();
    let read = |register: &Value| Register::parse(&bytes(register)).unwrap();
    let resolve = |register: &Register, text: &str, on: &str| {
        register.resolve(text, day(on)).map(ToString::to_string)
    };
    let norvale = Some(urn("n6s2pz").to_string());
    assert_eq!(resolve(&read(&register), "iso3166-1:XQ", "2026-12-31"), norvale);
    assert_eq!(resolve(&read(&register), "iso3166-1:XQ", "2027-01-01"), None);
    assert_eq!(resolve(&read(&register), "xa", "2031-01-01"), None);
    register["jurisdictions"][0]["aliases"][0]["value"] = json!("XN");
    assert_eq!(resolve(&read(&register), "iso3166-1:XN", "2031-01-01"), None);
}

#[test]
fn bad_registers_are_refused_by_name() {
    let check = |change: &dyn Fn(&mut Value), code| {
        let mut register = sample();
        change(&mut register);
        assert_eq!(Register::parse(&bytes(&register)).unwrap_err().code, code);
    };
    check(&|r| r["events"][1]["id"] = json!("ev-001"), "register-duplicate-id");
    check(
        &|r| r["jurisdictions"][1]["urn"] = r["jurisdictions"][0]["urn"].clone(),
        "register-duplicate-id",
    );
    check(
        &|r| r["events"][0]["jurisdiction"] = json!("urn:comity:jur:zzzzzz"),
        "register-unknown-jurisdiction",
    );
    check(&|r| r["events"][0]["status"] = json!("EXCELLENT"), "register-bad-status");
    check(&|r| r["events"][0]["valid_from"] = json!("2031-02-29"), "bad-date");
    check(&|r| r["events"][0]["jurisdiction"] = json!("Example Ltd"), "field-invalid");
    check(&|r| r["type"] = json!("comity.register/2"), "wrong-type");
    check(&|r| r["events"][0]["decision"] = json!("x"), "field-invalid");
}

/// Every combination of grounds that could matter.
fn all_grounds() -> Vec<Grounds> {
    let mut all = Vec::new();
    let ballots = [
        None,
        Some(Ballot::Open),
        Some(Ballot::NoQuorum),
        Some(Ballot::Rejected),
        Some(Ballot::Adopted),
    ];
    for ballot in ballots {
        for bits in 0..1_u32 << 10 {
            let bit = |n: u32| bits & (1 << n) != 0;
            all.push(Grounds {
                ballot,
                recommendation: bit(0).then_some(if bit(1) {
                    Recommendation::Certified
                } else {
                    Recommendation::Deferred
                }),
                has_reasons: bit(1),
                is_linked: bit(2),
                has_final_report: bit(3),
                plan_verified: bit(4),
                listing: bit(5).then_some(Listing::ListingRule),
                observation_over: bit(6),
                gaps_open: bit(6),
                validation_visit: bit(7),
                cause: bit(8).then_some(Cause::ConcernConfirmed),
                validation_report: bit(7),
                exit_notice_over: bit(9),
            });
        }
    }
    all
}

#[test]
fn every_reachable_state_keeps_the_invariants() {
    let grounds = all_grounds();
    let mut open = vec![(Status::NotCertified, None::<Mark>)];
    let mut seen: BTreeSet<(Status, Option<Mark>)> = BTreeSet::new();
    while let Some((from, mark)) = open.pop() {
        if !seen.insert((from, mark)) {
            continue;
        }
        let everything = StepGrounds {
            version_applicable: true,
            all_answered: true,
            team_stands: true,
            plan_signed_by_both: true,
            all_determined_or_reasoned: true,
            comments_over: true,
            commented: true,
            comments_answered: true,
            has_report: true,
            ballot: Some(Ballot::Adopted),
        };
        if let Ok(next) = procedure::step(mark, &everything) {
            assert!(mark < Some(next), "marks only go forward");
            open.push((from, Some(next)));
        }
        for grounds in grounds.iter().filter(|grounds| procedure::supports(mark, grounds)) {
            for to in Status::ALL {
                if check_transition(from, *to, grounds).is_ok() {
                    check_invariants(from, *to, mark, grounds);
                    open.push((*to, mark));
                }
            }
        }
        // Validity ends without an act.
        if from.is_live() {
            open.push((Status::Expired, mark));
        }
    }
    let statuses: BTreeSet<Status> = seen.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses.len(), Status::ALL.len(), "every status is reached");
}

fn check_invariants(from: Status, to: Status, mark: Option<Mark>, grounds: &Grounds) {
    let adopted = grounds.ballot == Some(Ballot::Adopted);
    let leaves = to == Status::Withdrawn && from.is_live();
    assert!(adopted || (leaves && grounds.exit_notice_over), "no clock acts: {from:?} {to:?}");
    if matches!(to, Status::Certified | Status::Conditional) {
        assert!(grounds.has_final_report && grounds.is_linked, "{from:?} {to:?}");
        assert!(mark >= Some(Mark::Final), "no certificate without a procedure's report");
    }
    if to == Status::Suspended {
        assert!(grounds.cause.is_some() && from.is_live());
    }
    assert!(from != to && to != Status::Expired && to != Status::NotCertified);
}

#[test]
fn every_sample_profile_is_read_and_timers_fall_due() {
    for bytes in PROFILES {
        Profile::parse(bytes).unwrap();
    }
    let profile = Profile::parse(PROFILES[0]).unwrap();
    let due = |name: &str, mark: &str| {
        profile
            .timer(name)
            .unwrap()
            .due(day(mark), &BTreeSet::from([day("2031-01-20")]))
            .to_string()
    };
    assert_eq!(due("comments", "2031-01-15"), "2031-03-01");
    assert_eq!(due("onsite", "2031-01-15"), "2031-02-07");
    assert_eq!(profile.organ_for("SUSPENDED").unwrap().id, "council-suspend");
}

#[test]
fn bad_profiles_are_refused() {
    let text = String::from_utf8(PROFILES[0].to_vec()).unwrap();
    let assessment = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testdata/cert/vectors/cert-score/s01-certified/assessment.json"
    ))
    .unwrap();
    let check = |from: &str, to: &str, code| {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        assert_eq!(score::answer(&assessment, changed.as_bytes()).unwrap_err().code, code, "{to}");
    };
    check("[score]", "[score", "profile-invalid");
    check("comity.procedure/1", "comity.procedure/2", "profile-invalid");
    check("name = \"REFUSED\"", "name = \"SPLENDID\"", "profile-invalid");
    check("metric = \"ei\"", "metric = \"charm\"", "profile-invalid");
    check("op = \">=\"", "op = \"~\"", "profile-invalid");
    check(
        "default_recommendation = \"DEFERRED\"",
        "default_recommendation = \"CERTIFIED\"",
        "profile-invalid",
    );
    check("valid_from = 2027-01-01", "valid_from = 2031-02-02", "profile-not-in-force");
    check("\"LEG\", ", "", "score-unknown-cell");
}

fn ballots(votes: &[(&str, &str, &str)]) -> Value {
    let ballots: Vec<Value> = votes
        .iter()
        .map(|(voter, choice, at)| {
            json!({"chamber": "c", "voter": voter, "choice": choice, "at": at, "motion": "m"})
        })
        .collect();
    json!({"type": "comity.ballots/1",
        "motion": {"id": "m", "subject": "s", "opens": "2031-01-01T00:00:00Z", "closes": "2031-02-01T00:00:00Z"},
        "as_of": "2031-02-01T00:00:00Z",
        "rolls": [{"chamber": "c", "voters": [{"id": "a", "weight": 1}, {"id": "b", "weight": 2}, {"id": "d", "weight": 3}],
            "blocs": [{"reio": "r", "members": ["a", "b"]}]}],
        "ballots": ballots})
}

fn rule() -> Value {
    json!({"type": "comity.ballot-rule/1", "id": "rule", "chambers": [{"name": "c", "method": "vote",
        "threshold": {"base": "cast", "num": 1, "den": 2, "strict": true}, "tie": "chair", "chair": "d",
        "recuse_subject": true}]})
}

fn tallied(ballots: &Value, rule: &Value) -> Value {
    serde_json::to_value(tally::answer(&bytes(ballots), &bytes(rule)).unwrap()).unwrap()
}

fn codes(tally: &Value) -> Vec<&str> {
    tally["rejected"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect()
}

#[test]
fn a_bloc_votes_for_its_members_and_the_chair_breaks_a_tie() {
    let at = "2031-01-05T00:00:00Z";
    let tally = tallied(&ballots(&[("r", "no", at), ("a", "yes", at), ("d", "yes", at)]), &rule());
    assert_eq!(codes(&tally), ["BLOC_VOTED"]);
    let chamber = &tally["chambers"][0];
    assert_eq!((&chamber["yes"], &chamber["no"]), (&json!(3), &json!(3)));
    assert_eq!((&chamber["passed"], &chamber["reason"]), (&json!(true), &json!("TIE_BROKEN")));
}

#[test]
fn a_subject_that_is_a_bloc_is_recused_with_its_members() {
    let mut ballots =
        ballots(&[("r", "yes", "2031-01-05T00:00:00Z"), ("a", "yes", "2031-01-05T00:00:00Z")]);
    ballots["motion"]["subject"] = json!("r");
    let tally = tallied(&ballots, &rule());
    assert_eq!(codes(&tally), ["RECUSED", "RECUSED"]);
    assert_eq!(tally["chambers"][0]["entitled"], 3);
    assert_eq!(tally["recused"].as_array().unwrap().len(), 3);
}

#[test]
fn doubled_ballots_collapse_or_void() {
    let (one, two) = ("2031-01-05T00:00:00Z", "2031-01-06T00:00:00Z");
    let same = tallied(&ballots(&[("d", "yes", one), ("d", "yes", one)]), &rule());
    assert_eq!((codes(&same).len(), &same["chambers"][0]["yes"]), (0, &json!(3)));
    let split =
        tallied(&ballots(&[("d", "yes", one), ("d", "no", one), ("d", "yes", two)]), &rule());
    assert_eq!(codes(&split), ["EQUIVOCATION"; 3]);
    assert_eq!(split["equivocators"], json!([{"chamber": "c", "voter": "d"}]));
    let first = tallied(&ballots(&[("d", "yes", two), ("d", "no", one)]), &rule());
    assert_eq!((codes(&first), &first["chambers"][0]["no"]), (vec!["SUPERSEDED"], &json!(3)));
}

#[test]
fn a_forged_ballot_does_not_count() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let mut ballots = ballots(&[("d", "yes", "2031-01-05T00:00:00Z")]);
    ballots["rolls"][0]["voters"][2]["key"] = json!(BASE64.encode(&key.verifying_key().to_bytes()));
    assert_eq!(codes(&tallied(&ballots, &rule())), ["BAD_SIGNATURE"]);
    let signed =
        br#"{"at":"2031-01-05T00:00:00Z","chamber":"c","choice":"yes","motion":"m","voter":"d"}"#;
    let message = [b"comity.ballot/1\n".as_slice(), signed].concat();
    ballots["ballots"][0]["sig"] = json!(BASE64.encode(&key.sign(&message).to_bytes()));
    assert!(codes(&tallied(&ballots, &rule())).is_empty());
    ballots["ballots"][0]["choice"] = json!("no");
    assert_eq!(codes(&tallied(&ballots, &rule())), ["BAD_SIGNATURE"]);
}

#[test]
fn bad_ballot_files_are_refused_by_name() {
    let check = |change: &dyn Fn(&mut Value, &mut Value), code| {
        let (mut ballots, mut rule) = (ballots(&[]), rule());
        change(&mut ballots, &mut rule);
        assert_eq!(tally::answer(&bytes(&ballots), &bytes(&rule)).unwrap_err().code, code);
    };
    check(&|b, _| b["rolls"][0]["chamber"] = json!("x"), "tally-rolls");
    check(&|b, _| b["rolls"][0]["voters"][1]["id"] = json!("a"), "tally-bad-roll");
    check(&|b, _| b["rolls"][0]["voters"][1]["weight"] = json!(-1), "tally-bad-roll");
    check(
        &|b, _| {
            b["rolls"][0]["blocs"]
                .as_array_mut()
                .unwrap()
                .push(json!({"reio": "q", "members": ["a"]}));
        },
        "tally-bad-roll",
    );
    check(&|b, _| b["motion"]["closes"] = json!("2031-01-01T00:00:00Z"), "tally-bad-period");
    check(&|_, r| r["chambers"][0]["method"] = json!("acclamation"), "rule-bad-method");
}

fn event(status: &str, valid_from: &str, recorded_at: &str) -> Value {
    json!({"id": "ev-100", "jurisdiction": "urn:comity:jur:k4t9m2", "status": status,
        "valid_from": valid_from, "recorded_at": recorded_at, "reason": "CAP_OVERDUE",
        "decision": format!("sha256:{}", "0".repeat(64))})
}

fn built(event: &Value) -> Result<Vec<u8>, &'static str> {
    let change = json!({"type": "comity.register-change/1", "events": [event]});
    let as_of = Instant::parse("2031-07-02T00:00:00Z").unwrap();
    registry::build(REGISTER, &bytes(&change), as_of).map_err(|refusal| refusal.code)
}

#[test]
fn an_edition_follows_another_and_never_punishes_the_past() {
    let at = "2031-07-01T10:00:00Z";
    let edition = built(&event("SUSPENDED", "2031-07-01", at)).unwrap();
    registry::check_canonical(&edition).unwrap();
    let register = Register::parse(&edition).unwrap();
    let standing = register.standing(&urn("k4t9m2"), day("2031-07-01"), register.as_of);
    assert_eq!(standing.status, Status::Suspended);
    assert_eq!(built(&event("SUSPENDED", "2031-06-30", at)).err(), Some("adverse-retroactive"));
    let mut correction = event("SUSPENDED", "2031-06-30", at);
    correction["reason"] = json!("CORRECTION");
    assert!(built(&correction).is_ok());
    assert_eq!(built(&event("CERTIFIED", "2031-07-01", at)).err(), Some("certificate-unsupported"));
    assert_eq!(
        built(&event("SUSPENDED", "2031-07-01", "2031-06-01T00:00:00Z")).err(),
        Some("bad-date")
    );
    let mut firm = event("SUSPENDED", "2031-07-01", at);
    firm["jurisdiction"] = json!("urn:comity:org:example");
    assert_eq!(built(&firm).err(), Some("not-a-jurisdiction"));
}

#[test]
fn an_edition_that_forgets_or_changes_is_found_out() {
    let before = Register::parse(REGISTER).unwrap();
    let edition = built(&event("SUSPENDED", "2031-07-01", "2031-07-01T10:00:00Z")).unwrap();
    let check = |change: &dyn Fn(&mut Value), code| {
        let mut edition: Value = serde_json::from_slice(&edition).unwrap();
        change(&mut edition);
        let found = registry::check_step(REGISTER, &before, &bytes(&edition));
        assert_eq!(found.err().map(|refusal| refusal.code), code);
    };
    check(&|_| {}, None);
    check(
        &|e| drop(e["events"].as_array_mut().unwrap().remove(3)),
        Some("register-not-append-only"),
    );
    check(&|e| e["events"][3]["reason"] = json!("OTHER"), Some("register-not-append-only"));
    check(&|e| e["previous"] = e["events"][0]["decision"].clone(), Some("register-not-linked"));
    check(&|e| e["edition"] = json!(500), Some("register-not-linked"));
}

#[test]
fn k_of_n_registrars_sign() {
    let keys: Vec<SigningKey> = (1..=3).map(|n| SigningKey::from_bytes(&[n; 32])).collect();
    let registrars: Vec<Value> = keys.iter().enumerate().map(|(n, key)| {
        json!({"id": format!("r{n}"), "key": BASE64.encode(&key.verifying_key().to_bytes())})
    }).collect();
    let registrars =
        json!({"type": "comity.registrars/1", "threshold": 2, "registrars": registrars});
    let message = [b"comity.register/1\n".as_slice(), REGISTER].concat();
    let sign = |n: usize| json!({"registrar": format!("r{n}"), "sig": BASE64.encode(&keys[n].sign(&message).to_bytes())});
    let check = |signatures: &[Value]| {
        let signatures = json!({"type": "comity.register-signatures/1", "signatures": signatures});
        registry::check_signatures(REGISTER, &bytes(&registrars), &bytes(&signatures))
            .map_err(|r| r.code)
    };
    assert_eq!(check(&[sign(0), sign(2)]), Ok(vec!["r0".to_owned(), "r2".to_owned()]));
    assert_eq!(check(&[sign(0), sign(0)]), Err("register-unsigned"));
    let mut forged = sign(1);
    forged["registrar"] = json!("r2");
    assert_eq!(check(&[sign(0), forged]), Err("register-unsigned"));
}
