//! The changes a profile makes to the controls it takes: parameters set, things removed and added.
//!
//! Not here: which controls it takes (`pick`).

use std::collections::BTreeMap;

use comity_core::refusal::{Refusal, child};
use serde_json::Value;

use super::{Object, each, invalid, text, text_or_none};

/// Makes the changes.
pub(super) fn modify(document: &mut Value, wanted: &Object, at: &str) -> Result<(), Refusal> {
    let places = index(document);
    for (set, at) in each(wanted, "set-parameters", at)? {
        let id = text(set, "param-id", &at)?;
        let parameter = places.params.get(id).and_then(|place| object_at(document, place));
        let parameter = parameter.ok_or_else(|| {
            Refusal::new("oscal-unknown-parameter", child(&at, "param-id")).with("parameter", id)
        })?;
        set_parameter(parameter, set, &at)?;
    }
    for (alter, at) in each(wanted, "alters", at)? {
        let id = text(alter, "control-id", &at)?;
        let control = places.controls.get(id).and_then(|place| object_at(document, place));
        let control = control.ok_or_else(|| {
            Refusal::new("oscal-unknown-control", child(&at, "control-id")).with("control", id)
        })?;
        for (remove, at) in each(alter, "removes", &at)? {
            remove_from(control, &Criteria::read(remove, &at)?);
        }
        for (add, at) in each(alter, "adds", &at)? {
            add_to(control, add, &at)?;
        }
    }
    Ok(())
}

/// Where controls and parameters stand, by their id.
#[derive(Default)]
struct Places {
    controls: BTreeMap<String, String>,
    params: BTreeMap<String, String>,
}

fn index(document: &Value) -> Places {
    let mut places = Places::default();
    let mut waiting = vec!["/catalog".to_owned()];
    while let Some(at) = waiting.pop() {
        let Some(holder) = document.pointer(&at).and_then(Value::as_object) else { continue };
        for key in ["params", "controls", "groups"] {
            let items = holder.get(key).and_then(Value::as_array).into_iter().flatten();
            for (place, item) in items.enumerate() {
                let pointer = format!("{at}/{key}/{place}");
                let id = item.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                match key {
                    "params" => {
                        places.params.entry(id).or_insert(pointer);
                        continue;
                    }
                    "controls" => {
                        places.controls.entry(id).or_insert_with(|| pointer.clone());
                    }
                    _ => {}
                }
                waiting.push(pointer);
            }
        }
    }
    places
}

fn object_at<'v>(document: &'v mut Value, place: &str) -> Option<&'v mut Object> {
    document.pointer_mut(place).and_then(Value::as_object_mut)
}

/// Replaces what is set; properties and links are added. A parameter has values or a choice, not both.
fn set_parameter(parameter: &mut Object, set: &Object, at: &str) -> Result<(), Refusal> {
    if set.contains_key("values") && set.contains_key("select") {
        return Err(invalid(at, "select"));
    }
    for (key, value) in set {
        match key.as_str() {
            "param-id" => {}
            "props" | "links" => extend(parameter, key, value, false, at)?,
            _ => {
                match key.as_str() {
                    "values" => parameter.remove("select"),
                    "select" => parameter.remove("values"),
                    _ => None,
                };
                parameter.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(())
}

/// Puts items before or after those of a list.
fn extend(
    holder: &mut Object,
    key: &str,
    items: &Value,
    first: bool,
    at: &str,
) -> Result<(), Refusal> {
    let items = items.as_array().ok_or_else(|| invalid(at, key))?.iter().cloned();
    let list = holder.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    let list = list.as_array_mut().ok_or_else(|| invalid(at, key))?;
    if first {
        list.splice(0..0, items);
    } else {
        list.extend(items);
    }
    Ok(())
}

/// What is removed: whatever fits all that is named.
struct Criteria<'v> {
    item: Option<&'v str>,
    members: Vec<(&'static str, &'v str)>,
}

/// The lists things are removed from, with the name of one thing in them.
const LISTS: [(&str, &str); 4] =
    [("params", "param"), ("props", "prop"), ("links", "link"), ("parts", "part")];

impl<'v> Criteria<'v> {
    fn read(remove: &'v Object, at: &str) -> Result<Self, Refusal> {
        let item = text_or_none(remove, "by-item-name", at)?;
        if item.is_some_and(|item| LISTS.iter().all(|(_, name)| *name != item)) {
            return Err(Refusal::new("oscal-unsupported", child(at, "by-item-name")));
        }
        let mut members = Vec::new();
        for (key, member) in
            [("by-name", "name"), ("by-class", "class"), ("by-id", "id"), ("by-ns", "ns")]
        {
            members.extend(text_or_none(remove, key, at)?.map(|value| (member, value)));
        }
        // Without a criterion it would remove everything.
        if item.is_none() && members.is_empty() {
            return Err(Refusal::new("field-invalid", at));
        }
        Ok(Self { item, members })
    }

    fn fits(&self, kind: &str, item: &Value) -> bool {
        self.item.is_none_or(|wanted| wanted == kind)
            && self
                .members
                .iter()
                .all(|(member, value)| item.get(*member).and_then(Value::as_str) == Some(*value))
    }
}

/// Removes from a control or part, and from the parts in it; a list that is empty then goes too.
fn remove_from(holder: &mut Object, criteria: &Criteria<'_>) {
    for (key, kind) in LISTS {
        let Some(Value::Array(list)) = holder.get_mut(key) else { continue };
        list.retain(|item| !criteria.fits(kind, item));
        if list.is_empty() {
            holder.remove(key);
            continue;
        }
        for item in list.iter_mut().filter_map(Value::as_object_mut) {
            remove_from(item, criteria);
        }
    }
}

/// Adds to a control, or to or beside what an id names in it.
fn add_to(control: &mut Object, add: &Object, at: &str) -> Result<(), Refusal> {
    let position = text_or_none(add, "position", at)?.unwrap_or("ending");
    let is_first = matches!(position, "starting" | "before");
    let is_inside = match position {
        "starting" | "ending" => true,
        "before" | "after" => false,
        _ => return Err(invalid(at, "position")),
    };
    let Some(id) = text_or_none(add, "by-id", at)? else {
        if !is_inside {
            return Err(invalid(at, "position"));
        }
        return put(control, add, &["params", "props", "links", "parts"], is_first, at);
    };
    let unknown = || Refusal::new("oscal-unknown-target", child(at, "by-id")).with("id", id);
    let place = find(control, id).ok_or_else(unknown)?;
    let mut root = Value::Object(std::mem::take(control));
    let done = if is_inside {
        object_at(&mut root, &place.pointer())
            .ok_or_else(unknown)
            .and_then(|target| put(target, add, place.takes(), is_first, at))
    } else {
        beside(&mut root, &place, add, is_first, at)
    };
    if let Value::Object(changed) = root {
        *control = changed;
    }
    done
}

/// Where something stands: the list it is in, and its place there.
struct Place {
    list: String,
    index: usize,
}

impl Place {
    fn pointer(&self) -> String {
        format!("{}/{}", self.list, self.index)
    }

    fn is_parameter(&self) -> bool {
        self.list.ends_with("/params")
    }

    fn takes(&self) -> &'static [&'static str] {
        if self.is_parameter() { &["props", "links"] } else { &["props", "links", "parts"] }
    }
}

fn find(control: &Object, id: &str) -> Option<Place> {
    let mut waiting = vec![(control, String::new())];
    while let Some((holder, at)) = waiting.pop() {
        for key in ["params", "parts"] {
            let items = holder.get(key).and_then(Value::as_array).into_iter().flatten();
            for (index, item) in items.filter_map(Value::as_object).enumerate() {
                let list = format!("{at}/{key}");
                if item.get("id").and_then(Value::as_str) == Some(id) {
                    return Some(Place { list, index });
                }
                waiting.push((item, format!("{list}/{index}")));
            }
        }
    }
    None
}

/// Puts what is added into a control, part or parameter, which takes only some lists.
fn put(
    target: &mut Object,
    add: &Object,
    takes: &[&str],
    first: bool,
    at: &str,
) -> Result<(), Refusal> {
    for (key, value) in add {
        match key.as_str() {
            "position" | "by-id" => {}
            "title" => {
                target.insert(key.clone(), value.clone());
            }
            key if takes.contains(&key) => extend(target, key, value, first, at)?,
            key => return Err(invalid(at, key)),
        }
    }
    Ok(())
}

/// Puts what is added before or after something, so it must be of its kind.
fn beside(
    root: &mut Value,
    place: &Place,
    add: &Object,
    first: bool,
    at: &str,
) -> Result<(), Refusal> {
    let kind = if place.is_parameter() { "params" } else { "parts" };
    let fits = |key: &&String| [kind, "position", "by-id"].contains(&key.as_str());
    if let Some(key) = add.keys().find(|key| !fits(key)) {
        return Err(invalid(at, key));
    }
    let items = add.get(kind).and_then(Value::as_array).ok_or_else(|| invalid(at, kind))?;
    let list = root.pointer_mut(&place.list).and_then(Value::as_array_mut);
    let list = list.ok_or_else(|| invalid(at, "by-id"))?;
    let index = if first { place.index } else { place.index + 1 };
    list.splice(index..index, items.iter().cloned());
    Ok(())
}
