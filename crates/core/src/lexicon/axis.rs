//! The ordinal axes of an assessment (LX-3): values from least to most, and `X` for looked at, unknown.
//!
//! Not here: which value holds when an assessment states none; see [`crate::assess`].

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// A place on an ordinal axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Known: how many values of the axis are lower.
    Rank(u8),
    /// `X`: looked at, and not known.
    Unknown,
}

impl Level {
    /// Returns the rank unless unknown.
    #[must_use]
    pub const fn rank(self) -> Option<u8> {
        match self {
            Self::Rank(rank) => Some(rank),
            Self::Unknown => None,
        }
    }

    /// Returns whether this is `X`.
    #[must_use]
    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Returns the higher of two; a known value is preferred to `X`.
    #[must_use]
    pub fn highest(self, other: Self) -> Self {
        match (self, other) {
            (Self::Rank(a), Self::Rank(b)) => Self::Rank(a.max(b)),
            (Self::Unknown, known) | (known, Self::Unknown) => known,
        }
    }
}

/// Makes the axes: variant, key, whether `X` is a value, values from least to most.
macro_rules! axes {
    ($($variant:ident = $key:literal $unknown:literal [$($value:literal),+],)+) => {
        /// An ordinal axis.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Axis { $(#[doc = concat!("The axis `", $key, "`.")] $variant),+ }

        impl Axis {
            /// Every axis, in the order of the lexicon.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the key of the axis.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }

            /// Returns the axis with this key.
            #[must_use]
            pub fn parse(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$variant),)+ _ => None }
            }

            /// Returns the keys of the values, from least to most.
            #[must_use]
            pub const fn values(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($value),+]),+ }
            }

            /// Returns whether the axis admits `X`.
            #[must_use]
            pub const fn admits_unknown(self) -> bool {
                match self { $(Self::$variant => $unknown),+ }
            }
        }
    };
}

axes! {
    Exploitation = "exploitation" false ["none", "public_poc", "active"],
    Automatable = "automatable" true ["no", "yes"],
    TechnicalImpact = "technical_impact" true ["none", "partial", "total"],
    SafetyImpact = "safety_impact" true ["negligible", "marginal", "critical", "catastrophic"],
    MisuseUplift = "misuse_uplift" true ["none", "limited", "significant", "severe"],
    RightsImpact = "rights_impact" true ["none", "limited", "consequential", "irreversible"],
    Reliability = "reliability" true ["unreliable", "probabilistic", "reliable"],
    Transferability = "transferability" true ["single", "family", "multi_vendor", "universal"],
    Detectability = "detectability" true ["readily", "with_effort", "hardly", "not"],
    Persistence = "persistence" true ["none", "session", "long_lived", "embedded"],
    Propagation = "propagation" true ["single_principal", "tenant", "cross_tenant", "self_propagating"],
    AttackerKnowledge = "attacker_knowledge" true ["white_box", "gray_box", "black_box"],
    FixReach = "fix_reach" true ["central", "distributed", "protocol", "irrevocable"],
    FixState = "fix_state" true ["fixed_everywhere", "mitigated_or_partial", "unfixed"],
    ReproductionHarm = "reproduction_harm" true ["low", "elevated", "severe"],
    ReportConfidence = "report_confidence" false ["unconfirmed", "corroborated", "confirmed"],
    ValueDensity = "value_density" true ["diffuse", "concentrated"],
    PublicValueAdded = "public_value_added" true ["limited", "ampliative", "precedence"],
    SupplierEngagement = "supplier_engagement" true ["active", "unresponsive"],
    SupplierInvolvement = "supplier_involvement" true ["fix_ready", "cooperative", "uncooperative_unresponsive"],
}

impl Axis {
    /// Returns the place of a value key on this axis.
    #[must_use]
    pub fn level(self, key: &str) -> Option<Level> {
        if key == "X" && self.admits_unknown() {
            return Some(Level::Unknown);
        }
        let rank = self.values().iter().position(|value| *value == key)?;
        u8::try_from(rank).ok().map(Level::Rank)
    }

    /// Returns the key of a place on this axis; a rank past the end counts as unknown.
    #[must_use]
    pub fn value_key(self, level: Level) -> &'static str {
        level.rank().and_then(|rank| self.values().get(usize::from(rank))).copied().unwrap_or("X")
    }

    /// Returns every known place, from least to most.
    pub fn levels(self) -> impl Iterator<Item = Level> {
        (0u8..).zip(self.values()).map(|(rank, _)| Level::Rank(rank))
    }
}

/// What one assessment states on the axes; an absent axis is no opinion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Axes(BTreeMap<Axis, Level>);

impl Axes {
    /// Returns what is stated on the axis.
    #[must_use]
    pub fn stated(&self, axis: Axis) -> Option<Level> {
        self.0.get(&axis).copied()
    }

    /// States a value by its key; returns whether the axis has it.
    pub fn state(&mut self, axis: Axis, key: &str) -> bool {
        axis.level(key).is_some_and(|level| {
            self.0.insert(axis, level);
            true
        })
    }

    /// Returns whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Axes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (axis, level) in &self.0 {
            map.serialize_entry(axis.key(), axis.value_key(*level))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Axes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AxesVisitor)
    }
}

struct AxesVisitor;

impl<'de> Visitor<'de> for AxesVisitor {
    type Value = Axes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of axes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Axes, A::Error> {
        let mut stated = Axes::default();
        while let Some((key, value)) = map.next_entry::<String, String>()? {
            let axis = Axis::parse(&key).ok_or_else(|| A::Error::custom("unknown axis"))?;
            if !stated.state(axis, &value) {
                return Err(A::Error::custom("unknown value of an axis"));
            }
        }
        Ok(stated)
    }
}
