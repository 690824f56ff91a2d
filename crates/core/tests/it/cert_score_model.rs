//! Scores against a clerk who counts by hand: figures, ratings, the engine's own two tests (CT-12 to CT-16).

use comity_core::cert::score;
use proptest::prelude::*;
use serde_json::{Value, json};

const CONTROLS: [(&str, &str); 4] =
    [("LEG", "LEG-1"), ("ORG", "ORG-1"), ("TRD", "TRD-IMP"), ("TRD", "TRD-EXP")];
/// Rules of the usual shape: better figures, better recommendation.
const USUAL: &str = r#"
[[rule]]
name = "CERTIFIED"
all = [{ metric = "coverage", op = ">=", bp = 8000 }, { metric = "ei", op = ">=", bp = 8000 },
  { metric = "area_min", op = ">=", bp = 6000 }, { count = "tc", in = ["NC"], op = "==", n = 0 }]
[[rule]]
name = "CONDITIONAL"
all = [{ metric = "ei", op = ">=", bp = 7000 }]
[[rule]]
name = "REFUSED"
any = [{ metric = "ei", op = "<", bp = 5000 }]
"#;

/// A profile with these rules; both trade rules are knock-out controls.
fn profile(rules: &str, linkage: bool) -> String {
    format!(
        r#"type = "comity.procedure/1"
id = "test"
version = "1"
valid_from = 2027-01-01
valid_until = 2035-12-31
areas = ["LEG", "ORG", "TRD"]
elements = [1, 2, 3]
knock_out = ["TRD-IMP", "TRD-EXP"]
outcomes = ["EO1", "EO2"]
linkage = {linkage}
default_recommendation = "DEFERRED"
[score]
min_coverage_bp = 8000
lc_max_ns_bp = 2000
pc_max_ns_bp = 6000
pc_max_priority_ns = 1
[cap]
max_months = 24
max_renewals = 1
{rules}"#
    )
}

#[derive(Clone, Debug)]
struct Asked {
    control: usize,
    ce: i64,
    priority: bool,
    status: &'static str,
    agreed: bool,
    reason: Option<&'static str>,
    changed: bool,
}

fn asked() -> impl Strategy<Value = Asked> {
    let status = prop_oneof![6 => Just("S"), 2 => Just("NS"), 1 => Just("NA"), 1 => Just("U")];
    let reason = prop_oneof![Just(None), Just(Some(" ")), Just(Some("No ports."))];
    let flags = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.05));
    (0..CONTROLS.len(), 1_i64..4, status, reason, flags).prop_map(
        |(control, ce, status, reason, (priority, agreed, changed))| Asked {
            control,
            ce,
            priority,
            status,
            agreed,
            reason,
            changed,
        },
    )
}

impl Asked {
    fn control(&self) -> &'static str {
        CONTROLS[self.control].1
    }

    /// The answer that counts, read off the page.
    fn counts_as(&self) -> &'static str {
        let knock_out = self.control().starts_with("TRD");
        let excused = self.agreed && self.reason.is_some_and(|reason| !reason.trim().is_empty());
        match self.status {
            _ if self.changed => "U",
            "NA" if knock_out || !excused => "U",
            status => status,
        }
    }
}

fn document(asked: &[Asked], report: bool) -> Value {
    let questions: Vec<Value> = asked
        .iter()
        .enumerate()
        .map(|(n, asked)| {
            let mut question = json!({"pq": format!("q{n:03}"), "area": CONTROLS[asked.control].0,
                "ce": asked.ce, "control": asked.control(), "priority": asked.priority,
                "status": asked.status, "na_agreed": asked.agreed,
                "changed_after_answer": asked.changed});
            if let Some(reason) = asked.reason {
                question["na_reason"] = json!(reason);
            }
            question
        })
        .collect();
    let report = report.then(|| format!("sha256:{}", "7f".repeat(32)));
    json!({"type": "comity.assessment/1", "jurisdiction": "urn:comity:jur:ardenia1",
        "standard": "s", "closed": "2031-02-01", "final_report": report, "questions": questions,
        "outcomes": [], "concerns": [], "cap": null})
}

fn scored(document: &Value, profile: &str) -> Value {
    let score = score::answer(&serde_json::to_vec(document).unwrap(), profile.as_bytes()).unwrap();
    let mut score = serde_json::to_value(score).unwrap();
    score.as_object_mut().unwrap().remove("inputs");
    score
}

/// S, NS and U of those that match.
fn tally(asked: &[Asked], matches: impl Fn(&Asked) -> bool) -> (u64, u64, u64) {
    let count = |answer: &str| {
        let found = asked.iter().filter(|a| matches(a) && a.counts_as() == answer);
        u64::try_from(found.count()).unwrap()
    };
    (count("S"), count("NS"), count("U"))
}

/// Effective implementation and coverage in basis points, as the page defines them.
fn figures((s, ns, u): (u64, u64, u64)) -> (Value, Value) {
    let (determined, applicable) = (s + ns, s + ns + u);
    let coverage = (applicable > 0).then(|| determined * 10_000 / applicable);
    let withheld = determined == 0 || determined * 10_000 < 8_000 * applicable;
    (json!((!withheld).then(|| s * 10_000 / determined)), json!(coverage))
}

/// The rating of a control, as the page defines it.
fn rating(asked: &[Asked], control: &str) -> &'static str {
    let (s, ns, u) = tally(asked, |a| a.control() == control);
    let priority = asked
        .iter()
        .filter(|a| a.control() == control && a.priority && a.counts_as() == "NS")
        .count();
    let share_at_most = |bp: u64| ns * 10_000 <= bp * (s + ns);
    match (s + ns, ns, u) {
        (_, _, 1..) => "U",
        (0, ..) => "NA",
        (_, 0, _) => "C",
        _ if priority == 0 && share_at_most(2_000) => "LC",
        _ if priority <= 1 && share_at_most(6_000) => "PC",
        _ => "NC",
    }
}

/// Whether each knock-out control has answers and all are S.
fn linked(asked: &[Asked]) -> bool {
    ["TRD-IMP", "TRD-EXP"].iter().all(|control| {
        let mut own = asked.iter().filter(|a| a.control() == *control).peekable();
        own.peek().is_some() && own.all(|a| a.counts_as() == "S")
    })
}

fn place(word: &Value, order: &[&str]) -> usize {
    order.iter().position(|known| *known == word.as_str().unwrap()).unwrap()
}

const RECOMMENDED: [&str; 4] = ["CERTIFIED", "CONDITIONAL", "DEFERRED", "REFUSED"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn figures_and_ratings_are_what_a_clerk_counts(asked in prop::collection::vec(asked(), 1..30)) {
        let score = scored(&document(&asked, true), &profile(USUAL, true));
        let (ei, coverage) = figures(tally(&asked, |_| true));
        prop_assert_eq!((&score["overall"]["ei_bp"], &score["overall"]["coverage_bp"]), (&ei, &coverage));
        for area in score["areas"].as_array().unwrap() {
            let own = tally(&asked, |a| area["area"] == CONTROLS[a.control].0);
            let (ei, coverage) = figures(own);
            prop_assert_eq!((&area["ei_bp"], &area["coverage_bp"]), (&ei, &coverage));
        }
        for element in score["elements"].as_array().unwrap() {
            let (ei, _) = figures(tally(&asked, |a| element["ce"] == a.ce));
            prop_assert_eq!(&element["ei_bp"], &ei);
        }
        for control in score["controls"].as_array().unwrap() {
            let id = control["control"].as_str().unwrap();
            prop_assert_eq!(control["rating"].as_str().unwrap(), rating(&asked, id), "{}", id);
        }
    }

    #[test]
    fn the_order_of_questions_changes_nothing(
        asked in prop::collection::vec(asked(), 1..20),
        seed in any::<u64>(),
    ) {
        let one = document(&asked, true);
        let mut other = one.clone();
        let questions = other["questions"].as_array_mut().unwrap();
        questions.sort_by_key(|q| q["pq"].as_str().unwrap().bytes().fold(seed, |sum, b| {
            sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(b)
        }));
        let profile = profile(USUAL, true);
        let (mut one, mut other) = (scored(&one, &profile), scored(&other, &profile));
        for score in [&mut one, &mut other] {
            let mut advisories = score["advisories"].take().as_array().unwrap().clone();
            advisories.sort_by_key(ToString::to_string);
            score["advisories"] = json!(advisories);
        }
        prop_assert_eq!(one, other);
    }

    #[test]
    fn a_satisfied_answer_in_place_of_another_never_makes_anything_worse(
        asked in prop::collection::vec(asked(), 1..30),
        which in any::<prop::sample::Index>(),
    ) {
        let mut better = asked.clone();
        let changed = which.get(&asked).clone();
        better[which.index(asked.len())] = Asked { status: "S", changed: false, ..changed.clone() };
        let profile = profile(USUAL, true);
        let (before, after) =
            (scored(&document(&asked, true), &profile), scored(&document(&better, true), &profile));
        let bp = |score: &Value, key: &str| score["overall"][key].as_i64();
        // Coverage never falls; EI only where it was withheld before, or nothing was hidden by U.
        prop_assert!(bp(&before, "coverage_bp") <= bp(&after, "coverage_bp"));
        prop_assert!(bp(&before, "ei_bp") <= bp(&after, "ei_bp"));
        if changed.counts_as() == "NS" {
            let control = |score: &Value| {
                let all = score["controls"].as_array().unwrap().clone();
                let own = all.iter().find(|c| c["control"] == changed.control()).unwrap();
                own["rating"].clone()
            };
            let order = ["C", "LC", "PC", "NC", "U", "NA"];
            prop_assert!(place(&control(&after), &order) <= place(&control(&before), &order));
            let recommended = |score: &Value| place(&score["recommendation"], &RECOMMENDED);
            prop_assert!(recommended(&after) <= recommended(&before));
        }
    }

    #[test]
    fn no_score_buys_a_certificate_without_both_trade_rules_and_a_report(
        asked in prop::collection::vec(asked(), 1..12),
        report in any::<bool>(),
        linkage in any::<bool>(),
        word in prop_oneof![Just("CERTIFIED"), Just("CONDITIONAL")],
    ) {
        // A rule that always holds, so that the engine's own tests alone decide.
        let always = format!(
            "[[rule]]\nname = \"{word}\"\nall = [{{ count = \"concern\", in = [\"confirmed\"], op = \">=\", n = 0 }}]"
        );
        let score = scored(&document(&asked, report), &profile(&always, linkage));
        let expected = report && (!linkage || linked(&asked));
        prop_assert_eq!(score["recommendation"] == word, expected);
        prop_assert!(expected || score["recommendation"] == "DEFERRED");
    }

    #[test]
    fn a_withheld_figure_fails_every_test_of_it(
        asked in prop::collection::vec(asked(), 1..12),
        op in prop_oneof![Just("<="), Just(">=")],
    ) {
        // Either test holds of any figure there is.
        let bp = if op == "<=" { 10_000 } else { 0 };
        let rule = format!("[[rule]]\nname = \"REFUSED\"\nall = [{{ metric = \"ei\", op = \"{op}\", bp = {bp} }}]");
        let score = scored(&document(&asked, true), &profile(&rule, true));
        let withheld = figures(tally(&asked, |_| true)).0.is_null();
        prop_assert_eq!(score["recommendation"] == "REFUSED", !withheld);
        // One withheld area withholds the least of them.
        let least = rule.replace("\"ei\"", "\"area_min\"");
        let score = scored(&document(&asked, true), &profile(&least, true));
        let withheld = ["LEG", "ORG", "TRD"].iter().any(|area| {
            let own = tally(&asked, |a| CONTROLS[a.control].0 == *area);
            own.0 + own.1 + own.2 > 0 && figures(own).0.is_null()
        });
        let applicable = asked.iter().any(|a| a.counts_as() != "NA");
        prop_assert_eq!(score["recommendation"] == "REFUSED", applicable && !withheld);
    }

    #[test]
    fn a_plan_covers_only_if_it_is_accepted_within_limits_and_answers_all(
        asked in prop::collection::vec(asked(), 1..12),
        covers in prop::collection::btree_set(0_usize..12, 0..12),
        accepted in any::<bool>(),
        months in 20_u64..28,
        renewals in 0_u64..3,
    ) {
        let mut document = document(&asked, true);
        let names: Vec<String> = covers.iter().map(|n| format!("q{n:03}")).collect();
        document["cap"] = json!({"accepted": accepted, "covers": names, "months": months, "renewals": renewals});
        let score = scored(&document, &profile(USUAL, true));
        let all = asked.iter().enumerate().all(|(n, a)| a.counts_as() != "NS" || covers.contains(&n));
        prop_assert_eq!(&score["cap_covers"], &json!(accepted && all && months <= 24 && renewals <= 1));
    }
}

#[test]
fn an_outcome_without_rationale_is_undetermined() {
    let mut document = document(&[], true);
    for (rationale, expected) in [("Cases were followed.", "HE"), (" ", "U"), ("", "U")] {
        document["outcomes"] = json!([{"eo": "EO1", "rating": "HE", "rationale": rationale}]);
        let score = scored(&document, &profile(USUAL, true));
        assert_eq!(score["outcomes"][0], json!({"eo": "EO1", "rating": expected}), "{rationale:?}");
        assert_eq!(score["outcomes"][1]["rating"], "U", "an outcome nobody rated");
    }
}
