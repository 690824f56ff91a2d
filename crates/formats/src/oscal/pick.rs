//! Which controls of a catalogue a profile's import takes.
//!
//! Not here: what becomes of them (`profile`, `modify`). What recurses here goes as deep as the reader
//! let a document nest, and no deeper.

use std::collections::BTreeSet;

use comity_core::refusal::{Refusal, child};
use serde_json::Value;

use super::{Object, each, invalid, text, text_or_none, texts};

/// What an import takes, in the order of the catalogue.
pub(super) struct Picked {
    /// Controls outside groups.
    pub controls: Vec<Value>,
    /// Groups that hold at least one of the controls.
    pub groups: Vec<Value>,
}

/// One `include-controls` or `exclude-controls`.
struct Selector<'v> {
    ids: Vec<&'v str>,
    patterns: Vec<&'v str>,
    with_children: bool,
}

/// A control of the catalogue with those it stands in.
struct Found<'v> {
    id: &'v str,
    above: Vec<&'v str>,
}

/// Picks the controls of an import; `taken` are those of earlier imports.
pub(super) fn pick(
    catalog: &Object,
    import: &Object,
    at: &str,
    taken: &mut BTreeSet<String>,
    keeps_first: bool,
) -> Result<Picked, Refusal> {
    let all = controls(catalog)?;
    let known: BTreeSet<&str> = all.iter().map(|found| found.id).collect();
    let include = selectors(import, "include-controls", at, &known)?;
    let exclude = selectors(import, "exclude-controls", at, &known)?;
    if import.contains_key("include-all") && import.contains_key("include-controls") {
        return Err(invalid(at, "include-controls"));
    }
    let takes_all = !import.contains_key("include-controls");
    let mut chosen: BTreeSet<&str> = all
        .iter()
        .filter(|found| takes_all || include.iter().any(|selector| selector.takes(found)))
        .filter(|found| !exclude.iter().any(|selector| selector.takes(found)))
        .map(|found| found.id)
        .collect();
    if let Some(twice) = chosen.iter().find(|id| taken.contains(**id)).copied() {
        if !keeps_first {
            return Err(Refusal::new("oscal-duplicate-control", at).with("control", twice));
        }
        chosen.retain(|id| !taken.contains(*id));
    }
    taken.extend(chosen.iter().map(|id| (*id).to_owned()));
    Ok(Picked {
        controls: prune_controls(catalog, &chosen),
        groups: prune_groups(catalog, &chosen),
    })
}

impl Selector<'_> {
    fn names(&self, id: &str) -> bool {
        self.ids.contains(&id) || self.patterns.iter().any(|pattern| matches(pattern, id))
    }

    fn takes(&self, found: &Found<'_>) -> bool {
        self.names(found.id)
            || (self.with_children && found.above.iter().any(|above| self.names(above)))
    }
}

fn selectors<'v>(
    import: &'v Object,
    key: &str,
    at: &str,
    known: &BTreeSet<&str>,
) -> Result<Vec<Selector<'v>>, Refusal> {
    let read = |(selector, at): (&'v Object, String)| {
        let ids = texts(selector, "with-ids", &at)?;
        if let Some(id) = ids.iter().find(|id| !known.contains(**id)) {
            let pointer = child(&at, "with-ids");
            return Err(Refusal::new("oscal-unknown-control", pointer).with("control", *id));
        }
        let patterns = each(selector, "matching", &at)?;
        let patterns = patterns.into_iter().map(|(one, at)| text(one, "pattern", &at));
        let with_children = match text_or_none(selector, "with-child-controls", &at)? {
            None | Some("no") => false,
            Some("yes") => true,
            Some(_) => return Err(invalid(&at, "with-child-controls")),
        };
        Ok(Selector { ids, patterns: patterns.collect::<Result<_, _>>()?, with_children })
    };
    each(import, key, at)?.into_iter().map(read).collect()
}

/// Returns every control of the catalogue, each id once.
fn controls(catalog: &Object) -> Result<Vec<Found<'_>>, Refusal> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![(catalog, "/catalog".to_owned(), Vec::new())];
    while let Some((holder, at, above)) = waiting.pop() {
        for (group, at) in each(holder, "groups", &at)? {
            waiting.push((group, at, Vec::new()));
        }
        for (control, at) in each(holder, "controls", &at)? {
            let id = text(control, "id", &at)?;
            if !seen.insert(id) {
                let pointer = child(&at, "id");
                return Err(Refusal::new("catalogue-duplicate-id", pointer).with("id", id));
            }
            let mut below: Vec<&str> = above.clone();
            below.push(id);
            waiting.push((control, at, below));
            all.push(Found { id, above: above.clone() });
        }
    }
    Ok(all)
}

/// Whether a text fits a pattern with `*` for any text and `?` for any character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match (pattern.get(p), text.get(t)) {
            (Some('*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(one), Some(other)) if *one == '?' || one == other => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|one| *one == '*')
}

fn list<'v>(holder: &'v Object, key: &str) -> impl Iterator<Item = &'v Object> {
    holder.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Returns the controls chosen; one whose parent is not chosen takes its place.
fn prune_controls(holder: &Object, chosen: &BTreeSet<&str>) -> Vec<Value> {
    let mut kept = Vec::new();
    for control in list(holder, "controls") {
        let below = prune_controls(control, chosen);
        let id = control.get("id").and_then(Value::as_str).unwrap_or_default();
        if chosen.contains(id) {
            kept.push(with(control, &[("controls", below)]));
        } else {
            kept.extend(below);
        }
    }
    kept
}

fn prune_groups(holder: &Object, chosen: &BTreeSet<&str>) -> Vec<Value> {
    let prune = |group: &Object| {
        let (controls, groups) = (prune_controls(group, chosen), prune_groups(group, chosen));
        let is_empty = controls.is_empty() && groups.is_empty();
        (!is_empty).then(|| with(group, &[("groups", groups), ("controls", controls)]))
    };
    list(holder, "groups").filter_map(prune).collect()
}

/// Returns an object with other lists; an empty one is left out, as OSCAL wants.
fn with(object: &Object, lists: &[(&str, Vec<Value>)]) -> Value {
    let mut copy = object.clone();
    for (key, list) in lists {
        if list.is_empty() {
            copy.remove(*key);
        } else {
            copy.insert((*key).to_owned(), Value::Array(list.clone()));
        }
    }
    Value::Object(copy)
}

/// Takes a group apart into its parameters and controls.
pub(super) fn flatten(group: Value, params: &mut Vec<Value>, controls: &mut Vec<Value>) {
    let Value::Object(mut group) = group else { return };
    let mut take = |key| match group.remove(key) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    params.extend(take("params"));
    controls.extend(take("controls"));
    for inner in take("groups") {
        flatten(inner, params, controls);
    }
}

/// Takes the controls out of a control and puts all in one list, in the order of the document.
pub(super) fn flatten_control(control: Value, into: &mut Vec<Value>) {
    let Value::Object(mut control) = control else { return };
    let inner = control.remove("controls");
    into.push(Value::Object(control));
    if let Some(Value::Array(inner)) = inner {
        for control in inner {
            flatten_control(control, into);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_a_reader_expects() {
        let check = |pattern, text, want| assert_eq!(matches(pattern, text), want, "{pattern}");
        check("LEG-*", "LEG-1", true);
        check("*-1", "LEG-1", true);
        check("L?G-1", "LEG-1", true);
        check("LEG", "LEG-1", false);
        check("*", "", true);
        check("?", "", false);
        check("a*b*c", "axxbyyc", true);
        check("a*b*c", "axxcyyb", false);
        check(&"*a".repeat(30), &"a".repeat(29), false);
    }
}
