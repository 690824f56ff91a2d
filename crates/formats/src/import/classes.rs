//! Weakness classes that cited ids suggest (import mapping, row `all`).
//!
//! Not here: a judgement. One candidate becomes the class, several stay candidates for a person.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Terms;
use super::reader::{Bounded, Mark, Object, Reader};
use super::record::Flag;

/// The four weaknesses of CWE that are about AI; every other also suggests a classic flaw.
const CWE_OF_AI: [&str; 4] = ["CWE-1039", "CWE-1426", "CWE-1427", "CWE-1434"];

/// References of a record, and the candidates per framework.
#[derive(Debug)]
pub(super) struct References {
    listed: Bounded<(&'static str, String, String)>,
    candidates: BTreeMap<&'static str, BTreeSet<String>>,
}

impl References {
    pub(super) fn new() -> Self {
        Self { listed: Bounded::new(64), candidates: BTreeMap::new() }
    }

    /// Adds an id of a framework, which `source` cites.
    pub(super) fn cite<'a>(
        &mut self,
        (reader, terms): (&Reader<'a>, &Terms<'_>),
        source: &'a Value,
        (framework, version, id): (&'static str, &str, &str),
    ) {
        let suggested = self.candidates.entry(framework).or_default();
        suggested.extend(terms.classes_of(framework, id));
        if framework == "cwe" && !CWE_OF_AI.contains(&id) {
            suggested.insert("INF-01".to_owned());
        }
        self.listed.push_new(reader, source, (framework, version.to_owned(), id.to_owned()));
    }

    /// Adds a CWE id in the pinned version; what is no CWE id is flagged and left out.
    pub(super) fn cite_cwe<'a>(
        &mut self,
        (reader, terms): (&Reader<'a>, &Terms<'_>),
        source: Option<&'a Value>,
    ) {
        let (Some(value), Some(text)) = (source, reader.string(source)) else { return };
        let id = text.trim().to_ascii_uppercase();
        let number = id.strip_prefix("CWE-").unwrap_or_default();
        if !super::record::is_digits(number, 1, 8) || number.starts_with('0') {
            reader.mark(value, Mark::NotUnderstood);
            reader.flag(Flag::ValueUnmapped);
            return;
        }
        reader.flag(Flag::ReferenceAssumedVersion);
        self.cite((reader, terms), value, ("cwe", terms.pinned("cwe"), &id));
    }

    /// Writes references, class and candidates.
    pub(super) fn write(self, reader: &Reader<'_>, technical: &mut Object) {
        let mut sets = self.candidates.into_values();
        let first = sets.next().unwrap_or_default();
        let (common, all) = sets.fold((first.clone(), first), |(common, all), set| {
            (common.intersection(&set).cloned().collect(), all.union(&set).cloned().collect())
        });
        let found: Vec<String> = if common.is_empty() { all } else { common }.into_iter().collect();
        match found.as_slice() {
            [] => reader.flag(Flag::ClassNone),
            [_] => technical.list("classes", found),
            [..] => {
                reader.flag(Flag::ClassAmbiguous);
                technical.list("class_candidates", found);
            }
        }
        let references: Vec<Value> = self
            .listed
            .into_vec()
            .into_iter()
            .map(|(framework, version, id)| json!({"framework": framework, "version": version, "id": id}))
            .collect();
        technical.list("references", references);
    }
}
