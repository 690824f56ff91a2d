//! Content levels: what a text reveals (law.md §7), and ceilings on them.
//!
//! Not here: tiers, which say how a share is packaged (`sharing.md`).

use serde::{Serialize, Serializer};

/// What a text reveals, from existence alone (L0) to personal or classified data (L5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// That something exists, and dates.
    L0,
    /// Product, version, severity, what to switch off.
    L1,
    /// General nature and mitigation.
    L2,
    /// Root cause.
    L3,
    /// Exploit, jailbreak text, weights.
    L4,
    /// Personal or classified.
    L5,
}

impl Level {
    /// The levels a horizon follows.
    pub const SECRET: [Self; 5] = [Self::L0, Self::L1, Self::L2, Self::L3, Self::L4];

    /// Returns the level of a name such as `L2`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "L0" => Self::L0,
            "L1" => Self::L1,
            "L2" => Self::L2,
            "L3" => Self::L3,
            "L4" => Self::L4,
            "L5" => Self::L5,
            _ => return None,
        })
    }

    /// Returns the name, for example `L2`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::L0 => "L0",
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::L4 => "L4",
            Self::L5 => "L5",
        }
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The most that may be revealed; `None` is nothing at all and lies below every level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ceiling(pub Option<Level>);

impl Ceiling {
    /// Nothing may be revealed.
    pub const NONE: Self = Self(None);
    /// No limit.
    pub const OPEN: Self = Self(Some(Level::L5));

    /// Returns the ceiling of a name: `none` or a level.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "none" { Some(Self::NONE) } else { Level::parse(text).map(|l| Self(Some(l))) }
    }

    /// Says whether content of this level is above the ceiling.
    #[must_use]
    pub fn forbids(self, level: Level) -> bool {
        self < Self(Some(level))
    }

    /// Returns the name: `none` or a level.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self.0 {
            None => "none",
            Some(level) => level.as_str(),
        }
    }
}

impl Serialize for Ceiling {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
