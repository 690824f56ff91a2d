//! The trigger language: grammar, types, limits, positions and three-valued logic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use comity_core::law::expr::{Expr, ExprError, Facts, Lookup, Tri};
use comity_core::law::vocabulary::{FactId, Scalar, Value, Vocabulary};
use proptest::prelude::*;

fn parse(text: &str) -> Result<Expr, ExprError> {
    let own: Arc<BTreeSet<String>> = Arc::new(BTreeSet::from(["NZ".to_owned()]));
    Expr::parse(text, Vocabulary::shipped(), &|name| (name == "OWN").then(|| own.clone()))
}

struct Known(BTreeMap<FactId, Value>);

impl Facts for Known {
    fn look_up(&self, id: FactId) -> Lookup<'_> {
        self.0.get(&id).map_or(Lookup::Unknown(&[]), Lookup::Known)
    }
}

fn known(facts: &[(&str, Value)]) -> Known {
    let words = Vocabulary::shipped();
    Known(facts.iter().map(|(name, value)| (words.id(name).unwrap(), value.clone())).collect())
}

fn eval(text: &str, facts: &[(&str, Value)]) -> (Tri, BTreeSet<String>) {
    let mut missing = Vec::new();
    let result = parse(text).unwrap().eval(&known(facts), &mut missing).unwrap();
    let words = Vocabulary::shipped();
    (result, missing.iter().map(|id| words.name(*id).to_owned()).collect())
}

fn flag(value: bool) -> Value {
    Value::One(Scalar::Bool(value))
}

#[test]
fn says_where_and_why_an_expression_is_wrong() {
    let check = |text: &str, code: &str, offset: usize| {
        let error = parse(text).unwrap_err();
        assert_eq!((error.code.as_str(), error.offset), (code, offset), "{text}: {error}");
    };
    check("", "LAW-E-PARSE", 0);
    check("true &&", "LAW-E-PARSE", 7);
    check("(true", "LAW-E-PARSE", 5);
    check("true true", "LAW-E-PARSE", 5);
    check("vuln.public @ true", "LAW-E-PARSE", 12);
    check("actor.group == 'x", "LAW-E-PARSE", 15);
    check("actor.group == 'a\\b'", "LAW-E-PARSE", 17);
    check("ai.training_flop > 1.", "LAW-E-PARSE", 20);
    check("vuln.public == true", "LAW-E-PARSE", 15);
    check("actor.roles.any(r, r == 'vendor')", "LAW-E-PARSE", 12);
    check("vuln.unheard_of", "LAW-E-NAME", 0);
    check("true && vuln.unheard_of", "LAW-E-NAME", 8);
    check("m == 'NZ'", "LAW-E-NAME", 0);
    check("actor.main_establishment in NOWHERE", "LAW-E-NAME", 28);
    check("vuln.exploitation", "LAW-E-TYPE", 0);
    check("vuln.exploitation < 'none'", "LAW-E-TYPE", 0);
    check("actor.roles == 'vendor'", "LAW-E-TYPE", 0);
    check("vuln.public == 'yes'", "LAW-E-TYPE", 15);
    check("ai.training_flop > 'many'", "LAW-E-TYPE", 19);
    check("'a' == 1", "LAW-E-TYPE", 7);
    check("vuln.exploitation in EU27", "LAW-E-TYPE", 0);
    check("vuln.public.exists(v, true)", "LAW-E-TYPE", 12);
    check("actor.roles.exists(r, actor.roles.exists(s, s == 'vendor'))", "LAW-E-TYPE", 34);
    check("vuln.exploitation == 'sometimes'", "LAW-E-VALUE", 21);
    check("actor.main_establishment == 'Ireland'", "LAW-E-VALUE", 28);
    check("'seller' in actor.roles", "LAW-E-VALUE", 0);
    check(&format!("{}true", "!".repeat(17)), "LAW-E-LIMIT", 16);
    check(&format!("{}true{}", "(".repeat(17), ")".repeat(17)), "LAW-E-LIMIT", 16);
    check(&"true||".repeat(400), "LAW-E-LIMIT", 2048);
    check(&format!("{}true", "true || ".repeat(128)), "LAW-E-LIMIT", 1024);
    let many = vec!["'NZ'"; 65].join(",");
    check(&format!("actor.main_establishment in [{many}]"), "LAW-E-LIMIT", 29 + 64 * 5);
}

#[test]
fn takes_what_lies_at_the_edge_of_the_limits() {
    assert!(parse(&format!("{}true", "!".repeat(16))).is_ok());
    assert!(parse(&format!("{}true{}", "(".repeat(16), ")".repeat(16))).is_ok());
    let many = vec!["'NZ'"; 64].join(",");
    assert!(parse(&format!("actor.main_establishment in [{many}]")).is_ok());
    assert!(parse("actor.main_establishment in OWN").is_ok());
    assert!(parse("ai.training_flop >= -1.5e3").is_ok());
}

#[test]
fn follows_kleene_with_the_facts_that_decide() {
    let check = |text: &str, facts: &[(&str, Value)], result: Tri, missing: &[&str]| {
        let missing: BTreeSet<String> = missing.iter().map(|m| (*m).to_owned()).collect();
        assert_eq!(eval(text, facts), (result, missing), "{text}");
    };
    check("vuln.public", &[], Tri::Unknown, &["vuln.public"]);
    check("vuln.public && false", &[], Tri::False, &[]);
    check("vuln.public || true", &[], Tri::True, &[]);
    check("vuln.public && true", &[], Tri::Unknown, &["vuln.public"]);
    check("!vuln.public", &[("vuln.public", flag(true))], Tri::False, &[]);
    let both = "vuln.public && incident.occurred";
    check(both, &[("vuln.public", flag(true))], Tri::Unknown, &["incident.occurred"]);
    check(both, &[("vuln.public", flag(false))], Tri::False, &[]);
    let either = "(vuln.public && incident.occurred) || vuln.patch_available";
    check(either, &[("vuln.public", flag(false))], Tri::Unknown, &["vuln.patch_available"]);
    let roles = |complete| Value::List { known: vec!["vendor".into()], complete };
    check("'vendor' in actor.roles", &[("actor.roles", roles(false))], Tri::True, &[]);
    check(
        "'finder' in actor.roles",
        &[("actor.roles", roles(false))],
        Tri::Unknown,
        &["actor.roles"],
    );
    check("'finder' in actor.roles", &[("actor.roles", roles(true))], Tri::False, &[]);
    check("actor.roles.all(r, r == 'vendor')", &[("actor.roles", roles(true))], Tri::True, &[]);
    check(
        "actor.roles.all(r, r == 'vendor')",
        &[("actor.roles", roles(false))],
        Tri::Unknown,
        &["actor.roles"],
    );
    check("actor.roles.all(r, r == 'hub')", &[("actor.roles", roles(false))], Tri::False, &[]);
    let disputed = Value::AnyOf(vec![Scalar::Text("poc".into()), Scalar::Text("active".into())]);
    let facts = [("vuln.exploitation", disputed)];
    check("vuln.exploitation == 'active'", &facts, Tri::Unknown, &["vuln.exploitation"]);
    check("vuln.exploitation != 'none'", &facts, Tri::True, &[]);
    check("vuln.exploitation in ['poc', 'active']", &facts, Tri::True, &[]);
}

#[test]
fn stops_an_evaluation_that_costs_too_much() {
    let text = format!("product.markets.exists(m, {} m == 'NZ')", "m == 'IE' || ".repeat(30));
    let markets = Value::list(vec!["DE"; 400]);
    let facts = known(&[("product.markets", markets)]);
    assert!(parse(&text).unwrap().eval(&facts, &mut Vec::new()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-z.'!()&|=<>0-9 \\[\\],\\-A-Z_é]{0,60}") {
        let _read = parse(&text);
    }

    #[test]
    fn the_order_of_operands_changes_neither_result_nor_missing(
        order in Just(vec![
            "vuln.public", "!incident.occurred", "'vendor' in actor.roles",
            "vuln.exploitation == 'active'", "product.markets.exists(m, m in EU27)",
        ]).prop_shuffle(),
        and in any::<bool>(),
        given in prop::collection::vec(prop::option::of(any::<bool>()), 2),
    ) {
        let joiner = if and { " && " } else { " || " };
        let mut sorted = order.clone();
        sorted.sort_unstable();
        let mut facts = Vec::new();
        for (name, value) in ["vuln.public", "incident.occurred"].iter().zip(&given) {
            facts.extend(value.map(|v| (*name, flag(v))));
        }
        prop_assert_eq!(eval(&order.join(joiner), &facts), eval(&sorted.join(joiner), &facts));
    }
}
