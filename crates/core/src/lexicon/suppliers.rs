//! The directory of suppliers: who stands behind a name, a domain or a package namespace (LX-10).
//!
//! A wrong or missing row is corrected in `lexicon/suppliers.json`, never here.

use std::collections::BTreeMap;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

use super::terms::{ArtefactKind, SupplierRole};

/// A supplier that the directory knows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Supplier {
    /// Its stable id.
    pub id: String,
    /// Its name as shown.
    pub name: String,
    /// The country of its headquarters; neither where it deploys nor whom to contact.
    pub country: Option<String>,
    /// Names it is known by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Domains it answers for.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Package namespaces, `type/namespace`, percent-encoded as in a package URL.
    #[serde(default)]
    pub purl_namespaces: Vec<String>,
}

/// The directory, indexed.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    suppliers: Vec<Supplier>,
    roles: BTreeMap<ArtefactKind, SupplierRole>,
    by_id: BTreeMap<String, usize>,
    by_alias: BTreeMap<String, usize>,
    by_domain: BTreeMap<String, usize>,
    by_namespace: BTreeMap<String, usize>,
}

impl Directory {
    /// Returns a directory of these suppliers and the role each kind of artefact gives its supplier.
    #[must_use]
    pub fn new(suppliers: Vec<Supplier>, roles: BTreeMap<ArtefactKind, SupplierRole>) -> Self {
        let mut directory = Self { roles, ..Self::default() };
        for (index, supplier) in suppliers.iter().enumerate() {
            directory.by_id.insert(supplier.id.clone(), index);
            for alias in &supplier.aliases {
                directory.by_alias.entry(fold(alias)).or_insert(index);
            }
            for domain in &supplier.domains {
                directory.by_domain.entry(fold(domain)).or_insert(index);
            }
            for namespace in &supplier.purl_namespaces {
                directory.by_namespace.entry(fold(&decode(namespace))).or_insert(index);
            }
        }
        directory.suppliers = suppliers;
        directory
    }

    /// Returns the role that the supplier of such an artefact has.
    #[must_use]
    pub fn role(&self, kind: ArtefactKind) -> Option<SupplierRole> {
        self.roles.get(&kind).copied()
    }

    /// Returns the supplier with this id.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Supplier> {
        self.by_id.get(id).and_then(|index| self.suppliers.get(*index))
    }

    /// Returns the supplier that has exactly this id or alias.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Supplier> {
        let index = self.by_alias.get(&fold(name)).or_else(|| self.by_id.get(name));
        index.and_then(|index| self.suppliers.get(*index))
    }

    /// Returns the supplier of this domain or of the nearest parent that has one.
    #[must_use]
    pub fn by_domain(&self, domain: &str) -> Option<&Supplier> {
        let mut rest = Some(domain);
        while let Some(candidate) = rest {
            if let Some(index) = self.by_domain.get(candidate) {
                return self.suppliers.get(*index);
            }
            rest = candidate.split_once('.').map(|(_, parent)| parent);
        }
        None
    }

    /// Returns the supplier of a package namespace, decoded, `type/namespace`.
    #[must_use]
    pub fn by_namespace(&self, namespace: &str) -> Option<&Supplier> {
        self.by_namespace.get(&fold(namespace)).and_then(|index| self.suppliers.get(*index))
    }

    /// Returns the supplier whose longest alias begins this product name.
    ///
    /// The next character must be no letter: `Metallic` is not of `Meta`.
    #[must_use]
    pub fn by_product(&self, name: &str) -> Option<&Supplier> {
        let name = fold(name);
        let begins = |alias: &str| {
            !alias.is_empty()
                && name
                    .strip_prefix(alias)
                    .is_some_and(|rest| !rest.chars().next().is_some_and(char::is_alphabetic))
        };
        let hits = self.by_alias.iter().filter(|(alias, _)| begins(alias));
        let longest = hits.max_by_key(|(alias, _)| alias.len());
        longest.and_then(|(_, index)| self.suppliers.get(*index))
    }
}

/// Returns the text in the form in which names are compared: NFKC and without case.
#[must_use]
pub fn fold(text: &str) -> String {
    let lower = text.nfkc().flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    for letter in lower {
        match letter {
            'ς' => folded.push('σ'),
            'ß' => folded.push_str("ss"),
            other => folded.push(other),
        }
    }
    folded.trim().nfkc().collect()
}

/// Returns the text with its percent-encoding undone; what is not well encoded stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) => bytes.push(byte),
            None => bytes.push(b'%'),
        }
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
