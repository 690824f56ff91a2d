//! Bills of materials: `CycloneDX` 1.5 to 1.7 and SPDX 3, read for what an import decision needs.
//!
//! The reader is tolerant of everything else (bom-mapping.json) and fetches nothing. Not here: writing
//! them, and whether a bill is valid by its own schema.

mod cyclonedx;
mod property;
mod spdx;

use super::graph::Graph;
use crate::cert::document::{self, Object};
use crate::refusal::Refusal;

/// A bill of materials as a graph.
#[derive(Debug)]
pub struct Bom {
    /// What is in the good.
    pub graph: Graph,
    /// Properties of our name space that are unknown: reference and name.
    pub unknown_properties: Vec<(String, String)>,
}

impl Bom {
    /// Reads a bill; `root` overrides its own.
    pub fn parse(bytes: &[u8], root: Option<&str>) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let top = json.object().ok_or_else(|| Refusal::new("json-invalid", ""))?;
        if cyclonedx::is_one(top) {
            cyclonedx::read(top, root)
        } else if spdx::is_one(top) {
            spdx::read(top, root)
        } else {
            Err(Refusal::new("bom-unsupported", ""))
        }
    }
}

/// Returns the text of a member, none if it is no text.
fn lenient_text<'d>(object: Object<'d>, key: &str) -> Option<&'d str> {
    object.get(key).and_then(document::Json::text)
}
