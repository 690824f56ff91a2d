//! TLP 2.0, PAP, originator control and caveats (SH-16 to SH-18).
//!
//! Not here: what a transport writes; it calls [`Label::export`] and [`Label::import`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::word::Purpose;
use crate::lexicon::terms::{Pap, Tlp};
use crate::report::schema::Shape;

/// A caveat: a condition on recipient or purpose that no consent lifts (SH-17).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caveat {
    /// `no:` roles that must not receive it.
    No(BTreeSet<String>),
    /// `rel:` jurisdictions it may be released to.
    Rel(BTreeSet<String>),
    /// `use:` purposes it may serve.
    Use(BTreeSet<Purpose>),
}

impl Caveat {
    /// Reads a caveat; one that is not understood cannot be honoured and is refused.
    pub(crate) fn parse(text: &str, policy: &Policy) -> Option<Self> {
        let (name, list) = text.split_once(':')?;
        let items = list.split(',');
        match name {
            "no" => items
                .map(|role| policy.roles.contains(role).then(|| role.to_owned()))
                .collect::<Option<_>>()
                .map(Self::No),
            "rel" => items
                .map(|id| Shape::Identifier.holds(id).then(|| id.to_owned()))
                .collect::<Option<_>>()
                .map(Self::Rel),
            "use" => items
                .map(|word| {
                    Purpose::parse(word).filter(|purpose| policy.purposes.contains(purpose))
                })
                .collect::<Option<_>>()
                .map(Self::Use),
            _ => None,
        }
    }

    /// Returns whether a recipient of this jurisdiction and role may have it for this purpose.
    #[must_use]
    pub fn holds(&self, jurisdiction: &str, role: &str, purpose: Purpose) -> bool {
        match self {
            Self::No(roles) => !roles.contains(role),
            Self::Rel(jurisdictions) => jurisdictions.contains(jurisdiction),
            Self::Use(purposes) => purposes.contains(&purpose),
        }
    }
}

/// The label an object carries wherever it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Caveats as written, sorted.
    pub caveats: BTreeSet<String>,
    /// Whether the originator decides on every further recipient.
    pub orcon: bool,
    /// What a recipient may do with it.
    pub pap: Pap,
    /// Whom a recipient may tell.
    pub tlp: Tlp,
}

impl Label {
    /// Returns the label of an object derived from two others: the strictest of each part (SH-17).
    #[must_use]
    pub fn derived(&self, other: &Self) -> Self {
        Self {
            caveats: self.caveats.union(&other.caveats).cloned().collect(),
            orcon: self.orcon || other.orcon,
            pap: self.pap.max(other.pap),
            tlp: self.tlp.max(other.tlp),
        }
    }

    /// Returns a TLP label as another system spells it; `WHITE` is TLP 1 for CLEAR.
    #[must_use]
    pub fn import(label: &str) -> Option<Tlp> {
        let label = label.strip_prefix("TLP:").unwrap_or(label);
        if label == "WHITE" { Some(Tlp::Clear) } else { Tlp::parse(label) }
    }

    /// Returns the label for a system, which may not know AMBER+STRICT: RED is the next stricter.
    #[must_use]
    pub const fn export(tlp: Tlp, knows_strict: bool) -> Tlp {
        match tlp {
            Tlp::AmberStrict if !knows_strict => Tlp::Red,
            Tlp::Clear | Tlp::Green | Tlp::Amber | Tlp::AmberStrict | Tlp::Red => tlp,
        }
    }
}

/// What a connector is about to do with an object (SH-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// An action that the attacker can see.
    Active,
    /// A look-up at a third party.
    LookUp,
    /// A search of one's own logs.
    OwnLogs,
}

/// Says whether the label lets a connector act; the refusal is its code.
pub const fn pap_action(pap: Pap, need: Need) -> Result<(), &'static str> {
    match (need, pap) {
        (Need::OwnLogs, _)
        | (Need::LookUp, Pap::Amber | Pap::Green | Pap::Clear)
        | (Need::Active, Pap::Green | Pap::Clear) => Ok(()),
        (Need::LookUp | Need::Active, Pap::Red | Pap::Amber) => Err("pap-action"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_object_takes_the_strictest_of_everything() {
        let label = |caveat: &str, orcon, pap, tlp| Label {
            caveats: BTreeSet::from([caveat.to_owned()]),
            orcon,
            pap,
            tlp,
        };
        let one = label("rel:norvik", false, Pap::Red, Tlp::Green);
        let other = label("use:warning", true, Pap::Green, Tlp::AmberStrict);
        let derived = one.derived(&other);
        assert_eq!(derived, other.derived(&one));
        assert_eq!((derived.orcon, derived.pap, derived.tlp), (true, Pap::Red, Tlp::AmberStrict));
        assert_eq!(derived.caveats.len(), 2);
    }

    #[test]
    fn labels_of_other_systems_never_become_milder() {
        assert_eq!(Label::import("TLP:WHITE"), Some(Tlp::Clear));
        assert_eq!(Label::import("AMBER+STRICT"), Some(Tlp::AmberStrict));
        assert_eq!(Label::import("TLP:PINK"), None);
        for tlp in Tlp::ALL {
            assert!(Label::export(*tlp, false) >= *tlp);
            assert_eq!(Label::export(*tlp, true), *tlp);
        }
    }

    #[test]
    fn a_connector_does_only_what_pap_allows() {
        let check = |need, allowed: &[Pap]| {
            for pap in Pap::ALL {
                assert_eq!(
                    pap_action(*pap, need).is_ok(),
                    allowed.contains(pap),
                    "{need:?} {pap:?}"
                );
            }
        };
        check(Need::OwnLogs, Pap::ALL);
        check(Need::LookUp, &[Pap::Clear, Pap::Green, Pap::Amber]);
        check(Need::Active, &[Pap::Clear, Pap::Green]);
    }
}
