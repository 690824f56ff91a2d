//! The product tree: vendor, product, version; product ids that stay the same in every version of the
//! advisory, because they are made of the row's key and the version text only.

use std::collections::BTreeMap;

use comity_core::advisory::content::{Digest, DigestAlgorithm, ProductRow, Scheme, Versions};
use comity_core::advisory::version_numbers;
use packageurl::PackageUrl;
use serde_json::{Map, Value, json};

use super::{Version, put_list};
use crate::export::{LossReason, Losses};

/// A branch by its name.
type Named<T> = (String, T);

/// The tree, and which product ids each row became.
pub(super) struct Tree {
    vendors: Vec<Named<Vec<Named<Vec<Value>>>>>,
    loose: Vec<Value>,
    ids: BTreeMap<String, Vec<String>>,
}

/// One version of a row, on its way into the tree.
struct Leaf<'a> {
    row: &'a ProductRow,
    at: String,
    id: String,
    place: Place,
    version: Option<&'a str>,
}

enum Place {
    /// A branch of the product: category and name.
    Branch(&'static str, String),
    /// The version reads like a range in words, which no branch may hold (tests 6.1.31, 6.1.50).
    Loose,
}

impl Tree {
    pub(super) fn of(rows: &[ProductRow], version: Version, losses: &mut Losses) -> Self {
        let mut tree = Self { vendors: Vec::new(), loose: Vec::new(), ids: BTreeMap::new() };
        for (index, row) in rows.iter().enumerate() {
            for leaf in leaves(row, &format!("/content/products/{index}")) {
                tree.ids.entry(row.key.clone()).or_default().push(leaf.id.clone());
                tree.insert(&leaf, version, losses);
            }
        }
        tree
    }

    /// Returns the product ids of the rows with these keys, in their order.
    pub(super) fn ids<'a>(&self, keys: impl Iterator<Item = &'a str>) -> Vec<&str> {
        keys.filter_map(|key| self.ids.get(key)).flatten().map(String::as_str).collect()
    }

    pub(super) fn into_value(self) -> Value {
        let vendors = self.vendors.into_iter().map(|(vendor, products)| {
            let products: Vec<Value> = products
                .into_iter()
                .map(|(name, leaves)| {
                    json!({ "category": "product_name", "name": name, "branches": leaves })
                })
                .collect();
            json!({ "category": "vendor", "name": vendor, "branches": products })
        });
        let mut tree = Map::new();
        put_list(&mut tree, "branches", vendors.collect());
        put_list(&mut tree, "full_product_names", self.loose);
        Value::Object(tree)
    }

    fn insert(&mut self, leaf: &Leaf<'_>, version: Version, losses: &mut Losses) {
        let product = full_product(leaf, version, losses);
        match &leaf.place {
            Place::Loose => self.loose.push(product),
            Place::Branch(category, name) => {
                let branch = json!({ "category": category, "name": name, "product": product });
                let products = entry(&mut self.vendors, &leaf.row.supplier);
                entry(products, &leaf.row.name).push(branch);
            }
        }
    }
}

/// The value of `key` in a list of pairs that keeps the order of first mention.
fn entry<'a, T: Default>(pairs: &'a mut Vec<(String, T)>, key: &str) -> &'a mut T {
    let at = pairs.iter().position(|(known, _)| known == key).unwrap_or(pairs.len());
    if at == pairs.len() {
        pairs.push((key.to_owned(), T::default()));
    }
    #[expect(
        clippy::indexing_slicing,
        reason = "`at` is the place of a pair found or pushed above"
    )]
    &mut pairs[at].1
}

/// Tells whether all of a row's versions become branches.
pub(super) fn in_tree(row: &ProductRow) -> bool {
    leaves(row, "").iter().all(|leaf| matches!(leaf.place, Place::Branch(..)))
}

fn leaves<'a>(row: &'a ProductRow, at: &str) -> Vec<Leaf<'a>> {
    let leaf = |id: String, place, version| Leaf { row, at: at.to_owned(), id, place, version };
    match &row.versions {
        Versions::All {} => {
            let place = Place::Branch("product_version_range", "vers:all/*".to_owned());
            vec![leaf(row.key.clone(), place, None)]
        }
        Versions::Listed { versions } => versions
            .iter()
            .map(|version| {
                leaf(format!("{}:{version}", row.key), version_place(version), Some(version))
            })
            .collect(),
        Versions::Range { scheme, from, to } => {
            let place = match (from, to) {
                (Some(from), Some(to)) if *from == to.version => version_place(from),
                (from, to) => {
                    let to = to.as_ref().map(|to| (to.version.as_str(), to.included));
                    let name = range_name(*scheme, from.as_deref(), to);
                    Place::Branch("product_version_range", name)
                }
            };
            vec![leaf(row.key.clone(), place, None)]
        }
    }
}

fn version_place(version: &str) -> Place {
    const RANGE_WORDS: [&str; 7] =
        ["after", "all", "before", "earlier", "later", "prior", "versions"];
    let lower = version.to_lowercase();
    let in_words =
        lower.contains(['<', '>']) || RANGE_WORDS.iter().any(|word| lower.contains(word));
    if in_words { Place::Loose } else { Place::Branch("product_version", version.to_owned()) }
}

/// A range in version range specifiers: with its scheme where the bounds are plain numbers, which
/// every reader orders alike, else the constraints alone.
fn range_name(scheme: Scheme, from: Option<&str>, to: Option<(&str, bool)>) -> String {
    let constraints: Vec<String> = from
        .map(|from| format!(">={}", escape(from)))
        .into_iter()
        .chain(
            to.map(|(to, included)| format!("{}{}", if included { "<=" } else { "<" }, escape(to))),
        )
        .collect();
    let constraints = constraints.join("|");
    let plain = |version: &str| {
        version_numbers(version).is_some()
            && (version.split('.').count() == 3
                || !matches!(scheme, Scheme::Golang | Scheme::Npm | Scheme::Semver))
    };
    let typed = !matches!(scheme, Scheme::Generic)
        && from.is_none_or(plain)
        && to.is_none_or(|(to, _)| plain(to));
    if typed { format!("vers:{}/{constraints}", scheme.key()) } else { constraints }
}

/// Bounds hold letters, digits and `.+-_~` only; `+` is quoted because some readers take it for a blank.
fn escape(version: &str) -> String {
    version.replace('+', "%2B")
}

fn full_product(leaf: &Leaf<'_>, version: Version, losses: &mut Losses) -> Value {
    let row = leaf.row;
    let words = match (&row.versions, leaf.version) {
        (_, Some(version)) => format!(" {version}"),
        (Versions::All {}, None) => String::new(),
        (Versions::Listed { .. } | Versions::Range { .. }, None) => match &leaf.place {
            Place::Branch(_, name) => format!(" {name}"),
            Place::Loose => String::new(),
        },
    };
    let mut product = Map::new();
    product.insert("product_id".into(), json!(leaf.id));
    product.insert("name".into(), json!(format!("{} {}{words}", row.supplier, row.name)));
    let mut helper = Map::new();
    if let Some(purl) = purl(leaf, losses) {
        match version {
            Version::V2_0 => helper.insert("purl".into(), json!(purl)),
            Version::V2_1 => helper.insert("purls".into(), json!([purl])),
        };
    }
    put_list(&mut helper, "hashes", hashes(leaf, losses));
    if !helper.is_empty() {
        product.insert("product_identification_helper".into(), Value::Object(helper));
    }
    Value::Object(product)
}

/// The package URL with the leaf's version; for a service without one, `pkg:generic` (LX-9).
fn purl(leaf: &Leaf<'_>, losses: &mut Losses) -> Option<String> {
    let row = leaf.row;
    match (&row.purl, &row.urn) {
        (Some(purl), urn) => {
            if urn.is_some() {
                losses.lose(format!("{}/urn", leaf.at), LossReason::NoPlace);
            }
            let Some(version) = leaf.version else { return canonical(purl, None) };
            let written = canonical(purl, Some(version));
            if written.is_none() {
                losses.lose(format!("{}/purl", leaf.at), LossReason::NotUnderstood);
            }
            written.or_else(|| canonical(purl, None))
        }
        (None, Some(urn)) => crate::export::purl_of_service(urn),
        (None, None) => None,
    }
}

/// The package URL as the specification prints it, if it still means the same when read again: a version
/// with a slash in it does not.
fn canonical(purl: &str, version: Option<&str>) -> Option<String> {
    let mut purl: PackageUrl<'_> = purl.parse().ok()?;
    if let Some(version) = version {
        purl.with_version(version.to_owned()).ok()?;
    }
    let written = purl.to_string();
    let again: PackageUrl<'_> = written.parse().ok()?;
    (again == purl).then_some(written)
}

/// A digest is of one artefact, so it is told only where the row is one version.
fn hashes(leaf: &Leaf<'_>, losses: &mut Losses) -> Vec<Value> {
    let several = matches!(&leaf.row.versions, Versions::Listed { versions } if versions.len() > 1);
    let mut files: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for (index, digest) in leaf.row.digests.iter().enumerate() {
        let file = digest.file.as_deref().unwrap_or(&leaf.row.name);
        let algorithms = files.entry(file).or_default();
        if several || !is_of_file(digest) || algorithms.contains_key(digest.alg.key()) {
            losses.lose(format!("{}/digests/{index}", leaf.at), LossReason::NoPlace);
        } else {
            algorithms.insert(digest.alg.key(), &digest.value);
        }
    }
    let hash = |(algorithm, value)| json!({ "algorithm": algorithm, "value": value });
    files
        .into_iter()
        .filter(|(_, algorithms)| !algorithms.is_empty())
        .map(|(file, algorithms)| {
            let hashes: Vec<Value> = algorithms.into_iter().map(hash).collect();
            json!({ "filename": file, "file_hashes": hashes })
        })
        .collect()
}

/// The digest of a folder is ours alone; a reader of CSAF would take it for that of a file.
const fn is_of_file(digest: &Digest) -> bool {
    match digest.alg {
        DigestAlgorithm::Sha256 | DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512 => true,
        DigestAlgorithm::Sha256Tree => false,
    }
}
