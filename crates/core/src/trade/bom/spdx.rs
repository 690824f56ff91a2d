//! SPDX 3 in JSON-LD: packages, files, snippets, builds and seventeen kinds of relationship.
//!
//! The graph is read as the plain JSON that SPDX prescribes; no context is fetched. Not here: SPDX 2.

use std::borrow::Cow;

use super::{Bom, lenient_text, property};
use crate::cert::document::{Json, Object, invalid};
use crate::refusal::Refusal;
use crate::trade::graph::{Builder, Declared, End, Place};
use crate::trade::word::{EdgeKind, NodeKind};

/// Returns whether this is SPDX 3.0: something says so, and nothing says otherwise.
pub(super) fn is_one(top: Object<'_>) -> bool {
    const CONTEXT: &str = "spdx.org/rdf/";
    let is_ours = |version: &str| version == "3.0" || version.starts_with("3.0.");
    let by_context = |text: &str| {
        let (_, rest) = text.split_once(CONTEXT)?;
        Some(is_ours(rest.split('/').next().unwrap_or_default()))
    };
    let mut said: Vec<bool> = match top.get("@context") {
        Some(Json::Text(text)) => by_context(text).into_iter().collect(),
        Some(Json::List(items)) => {
            items.iter().filter_map(Json::text).filter_map(by_context).collect()
        }
        _ => Vec::new(),
    };
    let items = top.get("@graph").and_then(Json::items).unwrap_or_default();
    let versions = items.iter().filter_map(Json::object);
    said.extend(versions.filter_map(|one| lenient_text(one, "specVersion").map(is_ours)));
    !said.is_empty() && said.into_iter().all(|is_ours| is_ours)
}

/// Reads a bill; `root` overrides its own.
pub(super) fn read(top: Object<'_>, root: Option<&str>) -> Result<Bom, Refusal> {
    let mut builder = Builder::default();
    let mut unknown_properties = Vec::new();
    let mut roots = Vec::new();
    for (place, item) in top.items_or_empty("@graph")?.iter().enumerate() {
        let element = item.object().ok_or_else(|| invalid("@graph"))?;
        match kind(element) {
            Some(kind) => {
                let unknown = read_node(&mut builder, element, kind, place)?;
                unknown_properties.extend(unknown);
            }
            None if is_type(element, "SpdxDocument") => {
                roots.extend(references(element, "rootElement")?);
            }
            None => {}
        }
    }
    for item in top.items_or_empty("@graph")? {
        if let Some(element) = item.object() {
            read_relationship(&mut builder, element)?;
        }
    }
    let own_root = if let [one] = roots.as_slice() { Some(*one) } else { None };
    let root = root.or(own_root).ok_or_else(|| Refusal::new("bom-no-root", ""))?;
    Ok(Bom { graph: builder.finish(root)?, unknown_properties })
}

fn type_of(element: Object<'_>) -> Option<&str> {
    lenient_text(element, "type").or_else(|| lenient_text(element, "@type"))
}

fn is_type(element: Object<'_>, name: &str) -> bool {
    type_of(element) == Some(name)
}

fn kind(element: Object<'_>) -> Option<NodeKind> {
    match type_of(element)? {
        "ai_AIPackage" => Some(NodeKind::Model),
        "dataset_DatasetPackage" => Some(NodeKind::Data),
        "build_Build" | "software_File" | "software_Package" | "software_Snippet" => {
            Some(NodeKind::Other)
        }
        _ => None,
    }
}

fn id(element: Object<'_>) -> Option<&str> {
    lenient_text(element, "spdxId").or_else(|| lenient_text(element, "@id"))
}

type Unknown = Vec<(String, String)>;

fn read_node<'d>(
    builder: &mut Builder<'d>,
    element: Object<'d>,
    kind: NodeKind,
    index: usize,
) -> Result<Unknown, Refusal> {
    let reference = id(element).map_or_else(|| format!("#/@graph/{index}").into(), Cow::Borrowed);
    let place = builder.node(reference, kind)?;
    let unknown = property::apply(builder, place, properties(element)?)?;
    let hashes = hashes(element)?;
    let Some(node) = builder.node_mut(place) else { return Ok(Unknown::new()) };
    node.listed = true;
    node.hashes = hashes;
    let reference = node.reference.to_string();
    Ok(unknown.into_iter().map(|name| (reference.clone(), name.to_owned())).collect())
}

/// Returns the objects of a member that JSON-LD allows to be one object or a list.
fn objects<'d>(element: Object<'d>, key: &str) -> Result<Vec<Object<'d>>, Refusal> {
    match element.get(key) {
        None => Ok(Vec::new()),
        Some(Json::List(items)) => {
            items.iter().map(|item| item.object().ok_or_else(|| invalid(key))).collect()
        }
        Some(other) => Ok(vec![other.object().ok_or_else(|| invalid(key))?]),
    }
}

fn properties(element: Object<'_>) -> Result<Vec<(&str, Option<&str>)>, Refusal> {
    let mut found = Vec::new();
    for extension in objects(element, "extension")? {
        if !is_type(extension, "extension_CdxPropertiesExtension") {
            continue;
        }
        for entry in objects(extension, "extension_cdxProperty")? {
            let value = entry.text_or_none("extension_cdxPropValue")?;
            if let Some(name) = entry.text_or_none("extension_cdxPropName")? {
                found.push((name, value));
            }
        }
    }
    Ok(found)
}

/// A hash: algorithm and value.
type Hash = (Box<str>, Box<str>);

fn hashes(element: Object<'_>) -> Result<Vec<Hash>, Refusal> {
    let found = objects(element, "verifiedUsing")?;
    let found = found.into_iter().filter(|hash| lenient_text(*hash, "algorithm") == Some("sha256"));
    let value = |hash| lenient_text(hash, "hashValue");
    Ok(found.filter_map(value).map(|value| ("SHA-256".into(), value.into())).collect())
}

/// Returns the references of a member that may be one or a list, as text or as objects with an id.
fn references<'d>(element: Object<'d>, key: &str) -> Result<Vec<&'d str>, Refusal> {
    let one = |value: &'d Json<'d>| {
        let text = value.text().or_else(|| value.object().and_then(id));
        text.ok_or_else(|| invalid(key))
    };
    match element.get(key) {
        None => Ok(Vec::new()),
        Some(Json::List(items)) => items.iter().map(one).collect(),
        Some(value) => Ok(vec![one(value)?]),
    }
}

/// Returns the edge of a relationship and whether it runs from target to source.
fn edge(relationship: &str) -> Option<(EdgeKind, bool)> {
    let edge = match relationship {
        "contains" | "hasDataFile" | "hasOptionalComponent" => (EdgeKind::Contains, false),
        "dependsOn"
        | "hasDynamicLink"
        | "hasOptionalDependency"
        | "hasPrerequisite"
        | "hasProvidedDependency"
        | "hasStaticLink" => (EdgeKind::Depends, false),
        "descendantOf" | "hasInput" => (EdgeKind::Ancestor, false),
        "ancestorOf" | "generates" | "hasOutput" => (EdgeKind::Ancestor, true),
        "trainedOn" => (EdgeKind::Trained, false),
        "usesTool" => (EdgeKind::Built, false),
        "hasHost" => (EdgeKind::Runs, false),
        _ => return None,
    };
    Some(edge)
}

fn read_relationship<'d>(builder: &mut Builder<'d>, element: Object<'d>) -> Result<(), Refusal> {
    let Some(relationship) = element.text_or_none("relationshipType")? else { return Ok(()) };
    let Some((kind, reversed)) = edge(relationship) else { return Ok(()) };
    if lenient_text(element, "scope") == Some("test") {
        return Ok(());
    }
    let [from] = references(element, "from")?[..] else { return Err(invalid("from")) };
    let mut lacks_target = false;
    for to in references(element, "to")? {
        match individual(to) {
            Some("NoneElement") => continue,
            Some(_) => {
                lacks_target = true;
                continue;
            }
            None => {}
        }
        let (from, to) = (End::Name(from), End::Name(to));
        let (from, to) = if reversed { (to, from) } else { (from, to) };
        builder.edge(from, to, kind)?;
    }
    let place: Option<Place> = builder.place(from);
    if let Some(node) = place.and_then(|place| builder.node_mut(place)) {
        declare(&mut node.declared, lenient_text(element, "completeness"));
        node.declared.lacking |= lacks_target;
    }
    Ok(())
}

/// Returns which of the individuals that stand for no element this is.
fn individual(reference: &str) -> Option<&'static str> {
    let last = reference.rsplit(['/', '#', ':']).next().unwrap_or(reference);
    ["NoneElement", "NoAssertionElement"].into_iter().find(|name| *name == last)
}

fn declare(declared: &mut Declared, completeness: Option<&str>) {
    match completeness {
        None => declared.absent = true,
        Some("complete") => declared.complete = true,
        Some(_) => declared.lacking = true,
    }
}
