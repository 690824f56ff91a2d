//! Baselines: OSCAL profiles resolved into catalogues (CT-06).
//!
//! Import, merge and modify in that order, over files that the caller hands in by the name they are
//! referred to with; nothing is fetched. A baseline that names a control or parameter that is not there
//! is refused: a typing error in an exclusion must not pass as one. Not here: `custom` structures, which
//! are refused by name.

use std::collections::{BTreeMap, BTreeSet};

use comity_core::cert::document;
use comity_core::refusal::{Refusal, child};
use serde_json::{Map, Value, json};

use super::{NS, Object, each, invalid, modify, object, object_or_none, pick, read, text, uuid};

/// Profiles that import one another at most.
pub const DEPTH_MAX: usize = 8;
/// Documents imported at most, counted each time: a fan of imports must not multiply.
pub const IMPORTS_MAX: usize = 100;

/// The files that a baseline may refer to, by the name it uses.
pub type Sources = BTreeMap<String, Vec<u8>>;

/// Resolves a baseline into a catalogue; the same files give the same document.
pub fn resolve(profile: &[u8], sources: &Sources) -> Result<Value, Refusal> {
    let whole = read(profile, "profile")?;
    let mut resolver = Resolver { sources, open: Vec::new(), imports: 0 };
    resolver.resolve(&whole)
}

struct Resolver<'s> {
    sources: &'s Sources,
    /// The names of the profiles that are being resolved.
    open: Vec<String>,
    imports: usize,
}

/// What imports brought, in their order.
#[derive(Default)]
struct Brought {
    params: Vec<Value>,
    controls: Vec<Value>,
    groups: Vec<Value>,
    resources: Vec<Value>,
    origins: Vec<String>,
}

impl Resolver<'_> {
    fn resolve(&mut self, whole: &Value) -> Result<Value, Refusal> {
        let profile = whole.get("profile").and_then(Value::as_object);
        let profile = profile.ok_or_else(|| invalid("", "profile"))?;
        let merge = Merge::of(profile)?;
        let mut brought = Brought::default();
        let mut taken = BTreeSet::new();
        let imports = each(profile, "imports", "/profile")?;
        if imports.is_empty() {
            return Err(invalid("/profile", "imports"));
        }
        for (import, at) in imports {
            let catalog = self.import(profile, import, &at)?;
            let picked = pick::pick(&catalog, import, &at, &mut taken, merge.keeps_first)?;
            brought.take(&catalog, picked);
        }
        let mut catalog = Map::new();
        let source = document::canonical_hash(&json!([profile, brought.origins]));
        catalog.insert("uuid".to_owned(), uuid(source.as_bytes()).into());
        catalog.insert("metadata".to_owned(), metadata(profile)?);
        brought.write(&mut catalog, merge.keeps_groups);
        let resources = resources(profile, brought.resources)?;
        if !resources.is_empty() {
            catalog.insert("back-matter".to_owned(), json!({ "resources": resources }));
        }
        let mut document = json!({ "catalog": catalog });
        if let Some(wanted) = object_or_none(profile, "modify", "/profile")? {
            modify::modify(&mut document, wanted, "/profile/modify")?;
        }
        Ok(document)
    }

    /// Returns the catalogue that an import refers to, resolved if it is a profile.
    fn import(&mut self, profile: &Object, import: &Object, at: &str) -> Result<Object, Refusal> {
        self.imports += 1;
        if self.imports > IMPORTS_MAX {
            return Err(Refusal::new("limit-size", at));
        }
        let href = text(import, "href", at)?;
        let name = referred(profile, href)?;
        let refused = |code| Refusal::new(code, child(at, "href")).with("href", name.as_str());
        let bytes = self.sources.get(&name).or_else(|| {
            let file = name.rsplit('/').next().unwrap_or_default();
            self.sources.get(file)
        });
        let bytes = bytes.ok_or_else(|| refused("oscal-source-missing"))?;
        let resolved = if let Ok(whole) = read(bytes, "profile") {
            if self.open.contains(&name) {
                return Err(refused("oscal-cycle"));
            }
            if self.open.len() >= DEPTH_MAX {
                return Err(refused("limit-depth"));
            }
            self.open.push(name);
            let resolved = self.resolve(&whole);
            self.open.pop();
            resolved?
        } else {
            read(bytes, "catalog")?
        };
        let catalog = resolved.get("catalog").and_then(Value::as_object);
        catalog.cloned().ok_or_else(|| invalid(at, "href"))
    }
}

/// Returns the name of a source: the reference, or where the resource it points at lies.
fn referred(profile: &Object, href: &str) -> Result<String, Refusal> {
    let Some(id) = href.strip_prefix('#') else { return Ok(href.to_owned()) };
    let missing = || Refusal::new("oscal-source-missing", "/profile/imports").with("href", href);
    let at = "/profile/back-matter";
    let back = object_or_none(profile, "back-matter", "/profile")?.ok_or_else(missing)?;
    for (resource, at) in each(back, "resources", at)? {
        if text(resource, "uuid", &at)? == id {
            let links = each(resource, "rlinks", &at)?;
            let (link, at) = links.first().ok_or_else(missing)?;
            return Ok(text(link, "href", at)?.to_owned());
        }
    }
    Err(missing())
}

/// How controls of several imports become one catalogue.
struct Merge {
    keeps_groups: bool,
    keeps_first: bool,
}

impl Merge {
    fn of(profile: &Object) -> Result<Self, Refusal> {
        let at = "/profile/merge";
        let unsupported = |key: &str| Refusal::new("oscal-unsupported", child(at, key));
        let Some(merge) = object_or_none(profile, "merge", "/profile")? else {
            return Ok(Self { keeps_groups: false, keeps_first: false });
        };
        if merge.contains_key("custom") {
            return Err(unsupported("custom"));
        }
        let keeps_groups = match merge.get("as-is") {
            None => false,
            Some(Value::Bool(as_is)) => *as_is,
            Some(_) => return Err(invalid(at, "as-is")),
        };
        if keeps_groups && merge.contains_key("flat") {
            return Err(invalid(at, "flat"));
        }
        let combine = object_or_none(merge, "combine", at)?;
        let method = combine.and_then(|combine| combine.get("method")).and_then(Value::as_str);
        let keeps_first = match (combine, method) {
            (None, _) | (Some(_), None | Some("keep")) => false,
            (Some(_), Some("use-first")) => true,
            (Some(_), Some(_)) => return Err(unsupported("combine")),
        };
        Ok(Self { keeps_groups, keeps_first })
    }
}

impl Brought {
    fn take(&mut self, catalog: &Object, picked: pick::Picked) {
        let list = |holder: &Object, key: &str| {
            holder.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        self.params.extend(list(catalog, "params"));
        let back = catalog.get("back-matter").and_then(Value::as_object);
        self.resources.extend(back.map(|back| list(back, "resources")).unwrap_or_default());
        self.controls.extend(picked.controls);
        for group in picked.groups {
            join(&mut self.groups, group);
        }
        let uuid = catalog.get("uuid").and_then(Value::as_str).unwrap_or_default();
        self.origins.push(uuid.to_owned());
    }

    fn write(&mut self, catalog: &mut Object, keeps_groups: bool) {
        let mut groups = std::mem::take(&mut self.groups);
        if !keeps_groups {
            for group in groups.drain(..) {
                pick::flatten(group, &mut self.params, &mut self.controls);
            }
            let nested = std::mem::take(&mut self.controls);
            for control in nested {
                pick::flatten_control(control, &mut self.controls);
            }
        }
        for (key, list) in [
            ("params", &mut self.params),
            ("groups", &mut groups),
            ("controls", &mut self.controls),
        ] {
            if !list.is_empty() {
                catalog.insert(key.to_owned(), Value::Array(std::mem::take(list)));
            }
        }
    }
}

/// Adds a group, to one of the same id if there is one.
fn join(groups: &mut Vec<Value>, group: Value) {
    let id = |group: &Value| group.get("id").and_then(Value::as_str).map(str::to_owned);
    let wanted = id(&group);
    let same = groups.iter_mut().find(|known| wanted.is_some() && id(known) == wanted);
    let (Some(Value::Object(known)), Value::Object(mut group)) = (same, group.clone()) else {
        groups.push(group);
        return;
    };
    for key in ["controls", "groups"] {
        let Some(Value::Array(more)) = group.remove(key) else { continue };
        let list = known.entry(key).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.extend(more);
        }
    }
}

/// Returns the profile's metadata with where the catalogue comes from.
fn metadata(profile: &Object) -> Result<Value, Refusal> {
    let mut metadata = object(profile, "metadata", "/profile")?.clone();
    let source = text(profile, "uuid", "/profile")?;
    let mut push = |key: &str, value: Value| {
        let list = metadata.entry(key).or_insert(json!([])).as_array_mut();
        list.map(|list| list.push(value)).ok_or_else(|| invalid("/profile/metadata", key))
    };
    push("props", json!({"name": "resolution-tool", "value": "comity"}))?;
    push("props", json!({"name": "baseline", "ns": NS, "value": "true"}))?;
    push("links", json!({"rel": "source-profile", "href": format!("urn:uuid:{source}")}))?;
    Ok(Value::Object(metadata))
}

/// Returns the resources of all documents, each once.
fn resources(profile: &Object, brought: Vec<Value>) -> Result<Vec<Value>, Refusal> {
    let mut all = brought;
    if let Some(back) = object_or_none(profile, "back-matter", "/profile")? {
        let own = each(back, "resources", "/profile/back-matter")?;
        all.extend(own.into_iter().map(|(resource, _)| Value::Object(resource.clone())));
    }
    let mut seen = BTreeSet::new();
    all.retain(|one| {
        let id = one.get("uuid").and_then(Value::as_str).unwrap_or_default();
        seen.insert(id.to_owned())
    });
    Ok(all)
}
