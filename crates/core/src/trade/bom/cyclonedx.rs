//! `CycloneDX` 1.5 to 1.7 in JSON: components, services, ancestors, datasets, formulation, dependencies.
//!
//! Components nest, but nothing here recurses: what is found waits on a stack. `CycloneDX` has no country
//! of origin; a supplier's address is where it gets mail and is not read. Not here: XML and Protobuf.

use std::borrow::Cow;

use super::{Bom, lenient_text, property};
use crate::cert::document::{Object, invalid, under};
use crate::refusal::Refusal;
use crate::trade::graph::{Builder, End, Place};
use crate::trade::word::{EdgeKind, NodeKind};

/// Returns whether this is a version that is read.
pub(super) fn is_one(top: Object<'_>) -> bool {
    lenient_text(top, "bomFormat") == Some("CycloneDX")
        && matches!(lenient_text(top, "specVersion"), Some("1.5" | "1.6" | "1.7"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Component,
    Dataset,
    Service,
}

/// An object that waits to become a node.
struct Waiting<'d> {
    object: Object<'d>,
    found: Found,
    /// Its place in the document.
    trail: usize,
    parent: Option<(End<'d>, EdgeKind)>,
    listed: bool,
}

/// A step from an object of the document to one inside it.
struct Step {
    from: Option<usize>,
    keys: &'static str,
    place: Option<usize>,
}

#[derive(Default)]
struct Reader<'d> {
    builder: Builder<'d>,
    waiting: Vec<Waiting<'d>>,
    trail: Vec<Step>,
    unknown: Vec<(String, String)>,
}

/// Reads a bill; `root` overrides its own.
pub(super) fn read(top: Object<'_>, root: Option<&str>) -> Result<Bom, Refusal> {
    let mut reader = Reader::default();
    let metadata = top.object_or_none("metadata")?;
    let component = metadata
        .map(|m| m.object_or_none("component"))
        .transpose()
        .map_err(|r| under(r, "metadata"))?;
    let mut own_root = None;
    if let Some(component) = component.flatten() {
        let trail = reader.step(None, "metadata/component", None);
        let waiting = Waiting {
            object: component,
            found: Found::Component,
            trail,
            parent: None,
            listed: false,
        };
        own_root = Some(reader.visit(&waiting)?);
    }
    reader.list(top, None, "components", Found::Component, None, true)?;
    reader.list(top, None, "services", Found::Service, None, true)?;
    reader.formulation(top)?;
    while let Some(waiting) = reader.waiting.pop() {
        reader.visit(&waiting)?;
    }
    reader.dependencies(top)?;
    reader.compositions(top)?;
    let own_root = own_root.and_then(|place| reader.builder.node_mut(place));
    let own_root = own_root.map(|node| node.reference.clone());
    let root = root.or(own_root.as_deref()).ok_or_else(|| Refusal::new("bom-no-root", ""))?;
    Ok(Bom { graph: reader.builder.finish(root)?, unknown_properties: reader.unknown })
}

impl<'d> Reader<'d> {
    fn step(&mut self, from: Option<usize>, keys: &'static str, place: Option<usize>) -> usize {
        self.trail.push(Step { from, keys, place });
        self.trail.len() - 1
    }

    /// Returns the JSON pointer that names an object without a reference.
    fn pointer(&self, trail: usize) -> String {
        let step = |trail: usize| self.trail.get(trail);
        let steps =
            std::iter::successors(step(trail), |last| last.from.and_then(step)).collect::<Vec<_>>();
        let mut pointer = String::from("#");
        for step in steps.into_iter().rev() {
            pointer.push('/');
            pointer.push_str(step.keys);
            if let Some(place) = step.place {
                pointer.push('/');
                pointer.push_str(&place.to_string());
            }
        }
        pointer
    }

    /// Puts every object of a list on the stack.
    fn list(
        &mut self,
        object: Object<'d>,
        from: Option<usize>,
        key: &'static str,
        found: Found,
        parent: Option<(End<'d>, EdgeKind)>,
        listed: bool,
    ) -> Result<(), Refusal> {
        self.list_at(object, from, (key, key), found, parent, listed)
    }

    fn list_at(
        &mut self,
        object: Object<'d>,
        from: Option<usize>,
        (key, keys): (&str, &'static str),
        found: Found,
        parent: Option<(End<'d>, EdgeKind)>,
        listed: bool,
    ) -> Result<(), Refusal> {
        for (place, item) in object.items_or_empty(key)?.iter().enumerate() {
            let object = item.object().ok_or_else(|| invalid(key))?;
            let trail = self.step(from, keys, Some(place));
            self.waiting.push(Waiting { object, found, trail, parent, listed });
        }
        Ok(())
    }

    fn visit(&mut self, waiting: &Waiting<'d>) -> Result<Place, Refusal> {
        let object = waiting.object;
        let reference = match object.text_or_none("bom-ref")? {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.pointer(waiting.trail)),
        };
        let kind = match waiting.found {
            Found::Component => kind(lenient_text(object, "type")),
            Found::Dataset => NodeKind::Data,
            Found::Service => NodeKind::Other,
        };
        let place = self.builder.node(reference, kind)?;
        if let Some(node) = self.builder.node_mut(place) {
            node.listed = waiting.listed;
        }
        if let Some((from, kind)) = waiting.parent {
            self.builder.edge(from, End::Node(place), kind)?;
        }
        let me = |kind| Some((End::Node(place), kind));
        match waiting.found {
            Found::Component => {
                self.properties(object, place)?;
                self.hashes(object, place)?;
                let trail = Some(waiting.trail);
                let contains = me(EdgeKind::Contains);
                self.list(object, trail, "components", Found::Component, contains, false)?;
                if let Some(pedigree) = object.object_or_none("pedigree")? {
                    let keys = ("ancestors", "pedigree/ancestors");
                    let ancestor = me(EdgeKind::Ancestor);
                    self.list_at(pedigree, trail, keys, Found::Component, ancestor, false)?;
                }
                self.datasets(object, place, waiting.trail)?;
            }
            Found::Dataset => {
                if let Some(contents) = object.object_or_none("contents")? {
                    self.properties(contents, place)?;
                }
            }
            Found::Service => {
                self.properties(object, place)?;
                let trail = Some(waiting.trail);
                let contains = me(EdgeKind::Contains);
                self.list(object, trail, "services", Found::Service, contains, false)?;
            }
        }
        Ok(place)
    }

    fn properties(&mut self, object: Object<'d>, place: Place) -> Result<(), Refusal> {
        let properties = object.each_or_empty("properties", |property| {
            Ok((property.text_or_none("name")?, property.text_or_none("value")?))
        })?;
        let named = properties.into_iter().filter_map(|(name, value)| Some((name?, value)));
        let unknown = property::apply(&mut self.builder, place, named)?;
        let reference = self.builder.node_mut(place).map(|node| node.reference.to_string());
        let reference = reference.unwrap_or_default();
        self.unknown.extend(unknown.into_iter().map(|name| (reference.clone(), name.to_owned())));
        Ok(())
    }

    fn hashes(&mut self, object: Object<'d>, place: Place) -> Result<(), Refusal> {
        let hashes = object.each_or_empty("hashes", |hash| {
            Ok((hash.text("alg")?.into(), hash.text("content")?.into()))
        })?;
        if let Some(node) = self.builder.node_mut(place) {
            node.hashes = hashes;
        }
        Ok(())
    }

    fn datasets(&mut self, object: Object<'d>, place: Place, trail: usize) -> Result<(), Refusal> {
        let Some(card) = object.object_or_none("modelCard")? else { return Ok(()) };
        let Some(parameters) = card.object_or_none("modelParameters")? else { return Ok(()) };
        for (index, item) in parameters.items_or_empty("datasets")?.iter().enumerate() {
            let object = item.object().ok_or_else(|| invalid("datasets"))?;
            if let Some(reference) = object.text_or_none("ref")? {
                self.builder.edge(End::Node(place), End::Name(reference), EdgeKind::Trained)?;
                continue;
            }
            let keys = "modelCard/modelParameters/datasets";
            let trail = self.step(Some(trail), keys, Some(index));
            let parent = Some((End::Node(place), EdgeKind::Trained));
            let found = Found::Dataset;
            self.waiting.push(Waiting { object, found, trail, parent, listed: false });
        }
        Ok(())
    }

    fn formulation(&mut self, top: Object<'d>) -> Result<(), Refusal> {
        let built = Some((End::Root, EdgeKind::Built));
        for (place, item) in top.items_or_empty("formulation")?.iter().enumerate() {
            let formula = item.object().ok_or_else(|| invalid("formulation"))?;
            let trail = Some(self.step(None, "formulation", Some(place)));
            self.list(formula, trail, "components", Found::Component, built, false)?;
            self.list(formula, trail, "services", Found::Service, built, false)?;
        }
        Ok(())
    }

    fn dependencies(&mut self, top: Object<'d>) -> Result<(), Refusal> {
        for item in top.items_or_empty("dependencies")? {
            let dependency = item.object().ok_or_else(|| invalid("dependencies"))?;
            let from = End::Name(dependency.text("ref")?);
            for to in dependency.items_or_empty("dependsOn")? {
                let to = End::Name(to.text().ok_or_else(|| invalid("dependsOn"))?);
                self.builder.edge(from, to, EdgeKind::Depends)?;
            }
        }
        Ok(())
    }

    fn compositions(&mut self, top: Object<'d>) -> Result<(), Refusal> {
        for item in top.items_or_empty("compositions")? {
            let composition = item.object().ok_or_else(|| invalid("compositions"))?;
            let aggregate = composition.text("aggregate")?;
            for key in ["assemblies", "dependencies"] {
                for name in composition.items_or_empty(key)? {
                    let name = name.text().ok_or_else(|| invalid(key))?;
                    let place = self.builder.place(name);
                    let node = place.and_then(|place| self.builder.node_mut(place));
                    let Some(node) = node else { continue };
                    match aggregate {
                        "complete" => node.declared.complete = true,
                        "not_specified" => node.declared.absent = true,
                        _ => node.declared.lacking = true,
                    }
                }
            }
        }
        Ok(())
    }
}

fn kind(text: Option<&str>) -> NodeKind {
    match text {
        Some("machine-learning-model") => NodeKind::Model,
        Some("data") => NodeKind::Data,
        _ => NodeKind::Other,
    }
}
