//! What two rules or two packs can have wrong together: PL-04, PL-08 to PL-10, PL-14 and PL-15.

use std::collections::{BTreeMap, BTreeSet};

use crate::law::pack::{Finding, Pack, PackSet, Place, Rule, RuleKind, Stage, on_one_path};

type Found = Vec<(String, Finding)>;

/// Checks the packs of a set against one another; each finding with the file it belongs to.
pub(crate) fn across(set: &PackSet) -> Found {
    let mut found = Found::new();
    let mut by_id: BTreeMap<&str, Vec<(&Pack, &Rule)>> = BTreeMap::new();
    for (pack, rule) in set.rules() {
        by_id.entry(&rule.id).or_default().push((pack, rule));
        powers(set, pack, rule, &mut found);
        yields(set, pack, rule, &mut found);
        if rule.kind == RuleKind::Overlay {
            overlays(set, pack, rule, &mut found);
        }
    }
    for (one, two) in set.packs().iter().zip(set.packs().iter().skip(1)) {
        if one.id == two.id {
            let top = Place { line: 1, column: 1 };
            let finding = Finding::error("PL-01", None, top, format!("pack {} twice", two.id));
            found.push((two.file.clone(), finding));
        }
    }
    for versions in by_id.values() {
        overlapping(versions, &mut found);
        lengthened(versions, &mut found);
    }
    circles(set, &mut found);
    found
}

fn report(
    found: &mut Found,
    code: &'static str,
    pack: &Pack,
    rule: &Rule,
    message: impl Into<String>,
) {
    let finding = Finding::error(code, Some(&rule.id), rule.place, message);
    found.push((pack.file.clone(), finding));
}

fn powers(set: &PackSet, pack: &Pack, rule: &Rule, found: &mut Found) {
    for power in &rule.powers {
        let (of, stage) = &power.acts_on;
        if set.lacks_stage(of, stage) {
            report(found, "PL-08", pack, rule, format!("no stage {of}/{stage} to act on"));
        }
    }
}

fn yields(set: &PackSet, pack: &Pack, rule: &Rule, found: &mut Found) {
    for entry in &rule.yields_to {
        let others = set.versions(&entry.rule);
        for (_, other) in others.filter(|(_, o)| !on_one_path(&o.order, &rule.order)) {
            let message =
                format!("{} is of {}, not on the path of {}", other.id, other.order, rule.order);
            let finding = Finding::error("PL-14", Some(&rule.id), entry.place, message);
            found.push((pack.file.clone(), finding));
        }
    }
}

fn overlays(set: &PackSet, pack: &Pack, rule: &Rule, found: &mut Found) {
    let loosens = |found: &mut Found, stage: &Stage, message: String| {
        let finding = Finding::error("PL-09", Some(&rule.id), stage.place, message);
        found.push((pack.file.clone(), finding));
    };
    let others = !rule.prohibits.is_empty()
        || !rule.predicates.is_empty()
        || !rule.powers.is_empty()
        || !rule.onward.is_empty();
    if others {
        report(found, "PL-09", pack, rule, "an overlay holds stages and nothing else");
    }
    for stage in &rule.stages {
        let Some((of, id)) = &stage.overlays else { continue };
        let targets: Vec<&Stage> =
            set.versions(of).flat_map(|(_, r)| &r.stages).filter(|s| s.id == *id).collect();
        if set.lacks_stage(of, id) {
            loosens(found, stage, format!("no stage {of}/{id} to overlay"));
        }
        for target in targets {
            if longer(stage, target) {
                loosens(found, stage, format!("counts longer than {of}/{id} from the same event"));
            }
        }
    }
}

/// Says whether a stage gives more time than another from the same start.
fn longer(stage: &Stage, than: &Stage) -> bool {
    let lengths = stage.within.zip(than.within);
    stage.from == than.from && lengths.is_some_and(|(a, b)| a.about_seconds() > b.about_seconds())
}

/// PL-04: two versions that hold at the same time and were both taken for right at the same time.
fn overlapping(versions: &[(&Pack, &Rule)], found: &mut Found) {
    for (index, (pack, rule)) in versions.iter().enumerate() {
        for (_, other) in versions.iter().take(index) {
            let law = ends_before(rule.valid_to, other.valid_from)
                || ends_before(other.valid_to, rule.valid_from);
            let known = ends_by(rule.recorded_to, other.recorded_from)
                || ends_by(other.recorded_to, rule.recorded_from);
            if !law && !known {
                report(
                    found,
                    "PL-04",
                    pack,
                    rule,
                    "two versions overlap in validity and recording",
                );
            }
        }
    }
}

fn ends_before<T: Ord>(end: Option<T>, start: Option<T>) -> bool {
    end.zip(start).is_some_and(|(end, start)| end < start)
}

fn ends_by<T: Ord>(end: Option<T>, start: Option<T>) -> bool {
    end.zip(start).is_some_and(|(end, start)| end <= start)
}

/// PL-10: a later version that gives more time without saying what amended it.
fn lengthened(versions: &[(&Pack, &Rule)], found: &mut Found) {
    let age = |rule: &Rule| (rule.valid_from, rule.recorded_from);
    for (pack, later) in versions {
        if !later.amended_by.is_empty() {
            continue;
        }
        let earlier = versions.iter().filter(|(_, e)| age(e) < age(later));
        for (_, earlier) in earlier {
            let more = later.stages.iter().find(|stage| {
                earlier.stages.iter().any(|old| old.id == stage.id && longer(stage, old))
            });
            if let Some(stage) = more {
                let message =
                    format!("{} gives more time than before, without amended_by", stage.id);
                report(found, "PL-10", pack, later, message);
            }
        }
    }
}

/// PL-15: rules that yield to one another in a circle would all vanish.
fn circles(set: &PackSet, found: &mut Found) {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, rule) in set.rules() {
        next.entry(&rule.id).or_default().extend(rule.yields_to.iter().map(|y| y.rule.as_str()));
    }
    for (pack, rule) in set.rules().filter(|(_, r)| !r.yields_to.is_empty()) {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> =
            next.get(rule.id.as_str()).into_iter().flatten().copied().collect();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(next.get(id).into_iter().flatten());
            }
        }
        if seen.contains(rule.id.as_str()) {
            report(found, "PL-15", pack, rule, "rules yield to one another in a circle");
        }
    }
}
