//! Advisories as CSAF 2.0 and 2.1 documents, and the metadata of the provider.
//!
//! What is written keeps to what the 2.1 drafts agree on: they moved involvements and contact details
//! to different places, so 2.1 documents carry the timeline as a note and no contact. Not here: the
//! lists a provider serves beside the documents (index, changes, ROLIE).

mod document;
mod products;
mod provider;
mod scores;
mod vulnerability;

use comity_core::advisory::content::{ProductRow, Status as RowStatus};
use comity_core::advisory::{Advisory, Checked, Status};
use serde_json::{Map, Value, json};

use crate::export::{Loss, LossReason, Losses, Site};

pub use provider::{Provider, Role, metadata};

/// A version of CSAF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// OASIS Standard 2.0.
    V2_0,
    /// 2.1, a draft.
    V2_1,
}

impl Version {
    /// Returns the number of the version.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
        }
    }
}

/// What kind of document an advisory becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Profile {
    /// 2.0 has no kind for a withdrawn advisory: a base document that says so.
    Base,
    /// Withdrawn, and another takes its place.
    Superseded,
    /// The usual.
    SecurityAdvisory,
    /// Says of products whether they are affected, but none is known to be.
    Vex,
    /// Withdrawn.
    Withdrawn,
}

impl Profile {
    fn of(advisory: &Advisory, version: Version) -> Self {
        let superseded = advisory.withdrawal.as_ref().is_some_and(|w| w.successor.is_some());
        match (advisory.status, version) {
            (Status::Withdrawn, Version::V2_0) => Self::Base,
            (Status::Withdrawn, Version::V2_1) if superseded => Self::Superseded,
            (Status::Withdrawn, Version::V2_1) => Self::Withdrawn,
            (Status::Draft | Status::Published, Version::V2_0) => Self::SecurityAdvisory,
            (Status::Draft | Status::Published, Version::V2_1) => {
                if is_security_advisory(&advisory.content.products) {
                    Self::SecurityAdvisory
                } else {
                    Self::Vex
                }
            }
        }
    }

    const fn category(self) -> &'static str {
        match self {
            Self::Base => "csaf_base",
            Self::Superseded => "csaf_superseded",
            Self::SecurityAdvisory => "csaf_security_advisory",
            Self::Vex => "csaf_vex",
            Self::Withdrawn => "csaf_withdrawn",
        }
    }

    const fn tells_flaw(self) -> bool {
        match self {
            Self::SecurityAdvisory | Self::Vex => true,
            Self::Base | Self::Superseded | Self::Withdrawn => false,
        }
    }
}

/// A 2.1 security advisory has an affected product, and beside each fixed one an affected version of
/// the same product (CSAF 2.1, tests 6.1.27.12 and 6.1.27.13).
fn is_security_advisory(rows: &[ProductRow]) -> bool {
    let affected = |row: &&ProductRow| row.status == RowStatus::KnownAffected {};
    let has_affected_sibling = |fixed: &ProductRow| {
        rows.iter().filter(affected).any(|row| {
            row.supplier == fixed.supplier && row.name == fixed.name && products::in_tree(row)
        })
    };
    rows.iter().any(|row| affected(&row))
        && rows
            .iter()
            .filter(|row| row.status == RowStatus::Fixed {})
            .all(|row| products::in_tree(row) && has_affected_sibling(row))
}

/// Returns the document, and what of the advisory it does not carry.
#[must_use]
pub fn export(advisory: &Checked, version: Version, site: &Site<'_>) -> (Value, Vec<Loss>) {
    let mut losses = Losses::default();
    let profile = Profile::of(advisory, version);
    let mut root = Map::new();
    if version == Version::V2_1 {
        root.insert(
            "$schema".into(),
            json!("https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"),
        );
    }
    root.insert(
        "document".into(),
        document::document(advisory, version, profile, site, &mut losses),
    );
    if profile.tells_flaw() {
        let tree = products::Tree::of(&advisory.content.products, version, &mut losses);
        let vulnerabilities = vulnerability::vulnerabilities(advisory, version, &tree, &mut losses);
        root.insert("product_tree".into(), tree.into_value());
        root.insert("vulnerabilities".into(), vulnerabilities);
    } else {
        for part in
            ["products", "remedies", "weakness", "assessments", "exposure", "timeline", "aliases"]
        {
            losses.lose(format!("/content/{part}"), LossReason::NoPlace);
        }
    }
    (Value::Object(root), losses.into_sorted())
}

/// Returns the file name of the document of an advisory (CSAF 2.0, section 5.1).
#[must_use]
pub fn file_name(id: &str) -> String {
    let mut name = String::new();
    for c in id.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-') {
            name.push(c);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name + ".json"
}

/// Returns the path of the document below the folder of its TLP label: `<year>/<file>`, where the year
/// is that of the first version, so that the address never changes.
#[must_use]
pub fn path(advisory: &Advisory) -> String {
    path_of(&advisory.id, advisory.published_at().unwrap_or(advisory.drafted_at))
}

/// Returns the same path from an id and the instant of the first version.
#[must_use]
pub fn path_of(id: &str, first: jiff::Timestamp) -> String {
    let year = first.to_zoned(jiff::tz::TimeZone::UTC).year();
    format!("{year:04}/{}", file_name(id))
}

/// Puts `value` into `object`, unless it is an empty list.
fn put_list(object: &mut Map<String, Value>, key: &str, values: Vec<Value>) {
    if !values.is_empty() {
        object.insert(key.to_owned(), Value::Array(values));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_follow_the_rule_of_the_standard() {
        let check = |id: &str, expected: &str| assert_eq!(file_name(id), expected);
        check("nv-2027-00007", "nv-2027-00007.json");
        check("Example Company - 2019-YH3234", "example_company_-_2019-yh3234.json");
        check("RHBA-2019:0024", "rhba-2019_0024.json");
        check("../../etc", "_etc.json");
    }
}
