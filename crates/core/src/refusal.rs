//! The answer "no" as a value: a stable code, where, and the facts it turns on.
//!
//! Not here: prose. Pages, API and command line say each code in words from the locales.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// One refusal of outside input, as `{"code","params","pointer"}` (portal.md, PO-88).
///
/// Sorted by pointer, then code, as every list of refusals is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// A stable code from the owning page, for example `field-missing`.
    pub code: &'static str,
    /// Strings and integers that the words about the code need.
    pub params: BTreeMap<&'static str, Value>,
    /// RFC 6901 pointer to what is refused; empty for the whole.
    pub pointer: String,
}

impl Refusal {
    /// Returns a refusal without parameters.
    pub fn new(code: &'static str, pointer: impl Into<String>) -> Self {
        Self { code, params: BTreeMap::new(), pointer: pointer.into() }
    }

    /// Adds one parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.params.insert(name, value.into());
        self
    }
}

/// Sorts refusals as they are printed: by pointer, then code.
pub fn sort(refusals: &mut [Refusal]) {
    refusals.sort_by(|a, b| a.pointer.cmp(&b.pointer).then(a.code.cmp(b.code)));
}

/// Returns the RFC 6901 pointer `base` followed by the member `key`, with `~` and `/` escaped.
#[must_use]
pub fn child(base: &str, key: &str) -> String {
    format!("{base}/{}", key.replace('~', "~0").replace('/', "~1"))
}
