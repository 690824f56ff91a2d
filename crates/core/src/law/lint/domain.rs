//! Trying every case: rules that can never bind (PL-07) and duties that can meet a ban (PL-16).
//!
//! The domain of a fact is what the expressions can tell apart: both booleans, all members of an
//! enumeration, each named literal and another value; of numbers also one between each two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::law::ban::implied_action;
use crate::law::expr::{Expr, Facts, Haystack, Lookup, Node, Operand, Tri};
use crate::law::pack::{Ban, BanAction, Finding, PackSet, Rule, RuleKind, Severity, Stage, Status};
use crate::law::vocabulary::{FactId, Kind, RecipientCountry, Scalar, Value, Vocabulary};

/// Assignments tried for one rule.
const ASSIGNMENTS_MAX: usize = 20_000;
/// Steps of one search for a duty and a ban that hold together.
const STEPS_MAX: usize = 2_000;
/// Steps of all searches of one kind in one run: a hostile pack may not keep the linter busy.
pub(super) const STEPS_IN_ALL_MAX: usize = 2_000_000;
/// Pairs of a duty and a ban looked at in one run.
const PAIRS_MAX: usize = 200_000;
/// Items of a list of which all subsets are tried.
const SUBSETS_MAX: usize = 6;

/// PL-07: reports a rule whose bearer and trigger are false whatever is the case.
pub(super) fn never_binds(rule: &Rule, steps_left: &mut usize) -> Option<Finding> {
    let exprs = [&rule.bearer, &rule.trigger];
    let domains = domains(&exprs);
    let size = domains.values().try_fold(1_usize, |n, d| n.checked_mul(d.len()));
    let finding = |message: &str, severity| {
        Finding::error("PL-07", Some(&rule.id), rule.place, message).as_severity(severity)
    };
    let skipped = || Some(finding("too many cases to try whether it can bind", Severity::Info));
    if size.is_none_or(|n| n > ASSIGNMENTS_MAX) {
        return skipped();
    }
    let domains = domains.into_iter().collect();
    let mut search = Search { exprs: &exprs, domains, steps: *steps_left };
    let found = search.holds(&mut BTreeMap::new(), 0);
    *steps_left = search.steps;
    match found {
        Some(true) => None,
        Some(false) => {
            Some(finding("bearer and trigger are never true together", Severity::Warning))
        }
        None => skipped(),
    }
}

/// PL-16: reports duties and bans that can hold together, so that nobody is surprised later.
pub(super) fn pairs(set: &PackSet) -> Vec<(String, Finding)> {
    let law = |rule: &&Rule| !matches!(rule.status, Status::Bill | Status::Pending);
    let bans: Vec<(&Rule, &Ban)> = set
        .rules()
        .map(|(_, rule)| rule)
        .filter(|rule| law(rule) && rule.kind != RuleKind::Overlay)
        .flat_map(|rule| rule.prohibits.iter().map(move |ban| (rule, ban)))
        .collect();
    let mut found = Vec::new();
    let (mut pairs_left, mut steps_left) = (PAIRS_MAX, STEPS_IN_ALL_MAX);
    for (pack, rule) in set.rules().filter(|(_, r)| law(r) && r.kind == RuleKind::Obligation) {
        for (other, ban) in &bans {
            if pairs_left == 0 || steps_left == 0 {
                return found;
            }
            pairs_left -= 1;
            if rule.stages.iter().any(|stage| meet(set, rule, stage, (other, ban), &mut steps_left))
            {
                let message = format!("can meet the ban {}/{}", other.id, ban.code);
                let finding = Finding::error("PL-16", Some(&rule.id), rule.place, message);
                found.push((pack.file.clone(), finding.as_severity(Severity::Info)));
            }
        }
    }
    found
}

fn meet(
    set: &PackSet,
    rule: &Rule,
    stage: &Stage,
    (other, ban): (&Rule, &Ban),
    steps_left: &mut usize,
) -> bool {
    let Some(level) = stage.min_level.filter(|level| ban.max_level.forbids(*level)) else {
        return false;
    };
    stage.to.iter().any(|to| {
        let Some(recipient) = set.recipient(to) else { return false };
        let action = match implied_action(&recipient.kind) {
            Some("file" | "share") => BanAction::Share,
            Some("publish") => BanAction::Publish,
            Some(_) | None => return false,
        };
        if action != ban.action {
            return false;
        }
        let words = Vocabulary::shipped();
        let mut fixed = BTreeMap::new();
        let mut fix = |name: &str, value: Value| {
            fixed.extend(words.id(name).map(|id| (id, value)));
        };
        let none = || Value::list::<[Arc<str>; 0], Arc<str>>([]);
        fix("action.level", Value::text(level.as_str()));
        fix("action.purpose", Value::text("remediation"));
        fix("action.contains", none());
        fix("action.consents", none());
        fix("recipient.kind", Value::text(&recipient.kind));
        fix("recipient.roles", none());
        fix("recipient.acts_as", Value::list([to.as_str()]));
        if let RecipientCountry::Fixed(country) = &recipient.country {
            fix("recipient.country", Value::text(country));
        }
        let bearer = stage.bearer.as_ref().unwrap_or(&rule.bearer);
        let mut exprs =
            vec![bearer, &rule.trigger, &other.bearer, &other.trigger, &ban.when, &ban.recipient];
        exprs.extend(&stage.when);
        let mut domains = domains(&exprs);
        domains.retain(|id, _| !fixed.contains_key(id));
        let steps = STEPS_MAX.min(*steps_left);
        let domains = domains.into_iter().collect();
        let mut search = Search { exprs: &exprs, domains, steps };
        let holds = search.holds(&mut fixed, 0);
        *steps_left = steps_left.saturating_sub(steps - search.steps);
        holds == Some(true)
    })
}

struct Search<'e> {
    exprs: &'e [&'e Expr],
    domains: Vec<(FactId, Vec<Value>)>,
    steps: usize,
}

impl Facts for BTreeMap<FactId, Value> {
    fn look_up(&self, id: FactId) -> Lookup<'_> {
        self.get(&id).map_or(Lookup::Unknown(&[]), Lookup::Known)
    }
}

impl Search<'_> {
    /// Assigns one fact after another and turns back as soon as an expression is false.
    fn holds(&mut self, facts: &mut BTreeMap<FactId, Value>, next: usize) -> Option<bool> {
        if self.steps == 0 {
            return None;
        }
        self.steps -= 1;
        let mut result = Tri::True;
        for expr in self.exprs {
            result = result.and(expr.eval(facts, &mut Vec::new()).ok()?);
        }
        match result {
            Tri::True => return Some(true),
            Tri::False => return Some(false),
            Tri::Unknown => {}
        }
        let Some((id, values)) = self.domains.get(next).cloned() else { return Some(false) };
        for value in values {
            facts.insert(id, value);
            let found = self.holds(facts, next + 1);
            if found != Some(false) {
                facts.remove(&id);
                return found;
            }
        }
        facts.remove(&id);
        Some(false)
    }
}

/// What the expressions compare a fact with.
#[derive(Default)]
struct Named {
    texts: BTreeSet<Arc<str>>,
    numbers: Vec<f64>,
    sets: Vec<Arc<BTreeSet<String>>>,
}

impl Named {
    fn literal(&mut self, value: &Scalar) {
        match value {
            Scalar::Text(text) => {
                self.texts.insert(text.clone());
            }
            Scalar::Number(number) => self.numbers.push(*number),
            Scalar::Bool(_) => {}
        }
    }
}

fn domains(exprs: &[&Expr]) -> BTreeMap<FactId, Vec<Value>> {
    let mut named: BTreeMap<FactId, Named> = BTreeMap::new();
    for expr in exprs {
        for id in expr.facts() {
            named.entry(id).or_default();
        }
        collect(&expr.root, None, &mut named);
    }
    let words = Vocabulary::shipped();
    let of = |(id, named): (FactId, Named)| {
        let fact = words.fact(id)?;
        let items = items(&named, fact.kind, &fact.values);
        Some((
            id,
            if fact.list { subsets(&items) } else { items.into_iter().map(Value::One).collect() },
        ))
    };
    named.into_iter().filter_map(of).collect()
}

/// Notes with what each fact is compared; inside a quantifier the variable stands for its list.
fn collect(node: &Node, list: Option<FactId>, named: &mut BTreeMap<FactId, Named>) {
    let subject = |operand: &Operand| match operand {
        Operand::Fact(id) => Some(*id),
        Operand::Variable => list,
        Operand::Literal(_) => None,
    };
    match node {
        Node::And(items) | Node::Or(items) => items.iter().for_each(|n| collect(n, list, named)),
        Node::Not(inner) => collect(inner, list, named),
        Node::Quantified { list, body, .. } => collect(body, Some(*list), named),
        Node::Compare(left, _, right) => {
            for (one, other) in [(left, right), (right, left)] {
                if let (Some(id), Operand::Literal(value)) = (subject(one), other) {
                    named.entry(id).or_default().literal(value);
                }
            }
        }
        Node::In(item, Haystack::Fact(id)) => {
            if let Operand::Literal(value) = item {
                named.entry(*id).or_default().literal(value);
            }
        }
        Node::In(item, Haystack::Literals(all)) => {
            if let Some(id) = subject(item) {
                for value in all {
                    named.entry(id).or_default().literal(value);
                }
            }
        }
        Node::In(item, Haystack::Set(set)) => {
            if let Some(id) = subject(item) {
                named.entry(id).or_default().sets.push(set.clone());
            }
        }
        Node::Const(_) | Node::Fact(_) => {}
    }
}

fn items(named: &Named, kind: Kind, values: &BTreeSet<String>) -> Vec<Scalar> {
    let text = |t: &str| Scalar::Text(t.into());
    match kind {
        Kind::Bool => vec![Scalar::Bool(false), Scalar::Bool(true)],
        Kind::Enum if named.texts.is_empty() => values.iter().map(|v| text(v)).collect(),
        Kind::Enum => {
            let other = values.iter().find(|v| !named.texts.contains(v.as_str()));
            named
                .texts
                .iter()
                .map(|t| Scalar::Text(t.clone()))
                .chain(other.map(|o| text(o)))
                .collect()
        }
        Kind::Text => {
            let other = text("some other text");
            named.texts.iter().map(|t| Scalar::Text(t.clone())).chain([other]).collect()
        }
        Kind::Number => {
            let high = named.numbers.iter().copied().fold(0.0_f64, f64::max);
            let low = named.numbers.iter().copied().fold(0.0_f64, f64::min);
            let mut all = named.numbers.clone();
            all.extend([high * 2.0 + 1.0, low * 2.0 - 1.0]);
            all.sort_by(f64::total_cmp);
            all.dedup();
            // Between two bounds lies the range that both leave open.
            let between: Vec<f64> =
                all.iter().zip(all.iter().skip(1)).map(|(a, b)| f64::midpoint(*a, *b)).collect();
            all.into_iter().chain(between).map(Scalar::Number).collect()
        }
        Kind::Country => countries(named),
    }
}

/// One country for each way the sets and literals tell countries apart, and one of none of them.
fn countries(named: &Named) -> Vec<Scalar> {
    let all = named.sets.iter().flat_map(|s| s.iter().map(String::as_str));
    let all: BTreeSet<&str> = all.chain(named.texts.iter().map(|t| &**t)).collect();
    let mut classes: BTreeMap<(Option<&str>, Vec<bool>), &str> = BTreeMap::new();
    for country in all {
        let literal = named.texts.iter().map(|t| &**t).find(|t| *t == country);
        let member = named.sets.iter().map(|s| s.contains(country)).collect();
        classes.entry((literal, member)).or_insert(country);
    }
    let text = |t: &str| Scalar::Text(t.into());
    classes.values().map(|c| text(c)).chain([text("QZ")]).collect()
}

fn subsets(items: &[Scalar]) -> Vec<Value> {
    let texts: Vec<Arc<str>> = items
        .iter()
        .filter_map(|item| match item {
            Scalar::Text(text) => Some(text.clone()),
            Scalar::Bool(_) | Scalar::Number(_) => None,
        })
        .collect();
    let list = |known: Vec<Arc<str>>| Value::List { known, complete: true };
    if texts.len() > SUBSETS_MAX {
        let single = texts.iter().map(|t| list(vec![t.clone()]));
        return single.chain([list(Vec::new()), list(texts.clone())]).collect();
    }
    let mut all = vec![Vec::new()];
    for text in &texts {
        let with: Vec<Vec<Arc<str>>> = all
            .iter()
            .map(|set: &Vec<Arc<str>>| set.iter().cloned().chain([text.clone()]).collect())
            .collect();
        all.extend(with);
    }
    all.into_iter().map(list).collect()
}
