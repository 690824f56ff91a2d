//! The closed lists of words that certification and trade documents use.
//!
//! Not here: what a word means for a decision.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A closed list of words.
pub trait Word: Sized + Copy + 'static {
    /// Every word, in the order of the list.
    const ALL: &'static [Self];

    /// Returns the word as documents write it.
    fn as_str(self) -> &'static str;

    /// Reads a word.
    #[must_use]
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.as_str() == text)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $type {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $crate::cert::word::Word for $type {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::cert::word::serialize(*self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::cert::word::deserialize(deserializer)
            }
        }
    };
}
pub(crate) use words;

/// Writes a word as its text.
pub(crate) fn serialize<W: Word, S: Serializer>(word: W, serializer: S) -> Result<S::Ok, S::Error> {
    word.as_str().serialize(serializer)
}

/// Reads a word from its text.
pub(crate) fn deserialize<'de, W: Word, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<W, D::Error> {
    let text = String::deserialize(deserializer)?;
    W::parse(&text).ok_or_else(|| D::Error::custom("value-unknown"))
}

words! {
    /// A status in the register, from best to worst (CT-28).
    Status {
        Certified = "CERTIFIED",
        Conditional = "CONDITIONAL",
        Observation = "OBSERVATION",
        EnhancedMonitoring = "ENHANCED_MONITORING",
        Suspended = "SUSPENDED",
        Expired = "EXPIRED",
        Withdrawn = "WITHDRAWN",
        NotCertified = "NOT_CERTIFIED",
    }
}

impl Status {
    /// Returns whether the certificate stands: these end with its validity.
    #[must_use]
    pub const fn is_live(self) -> bool {
        match self {
            Self::Certified | Self::Conditional | Self::Observation | Self::EnhancedMonitoring => {
                true
            }
            Self::Suspended | Self::Expired | Self::Withdrawn | Self::NotCertified => false,
        }
    }
}

words! {
    /// Whether trade follows the status or the register without its event.
    TradeEffect {
        AsStatus = "as_status",
        WindDown = "wind_down",
        Stayed = "stayed",
    }
}
words! {
    /// What a jurisdiction is.
    JurisdictionKind {
        State = "state",
        Territory = "territory",
        Reio = "reio",
        CustomsTerritory = "customs-territory",
        Special = "special",
    }
}
words! {
    /// The answer to a protocol question.
    Answer {
        Satisfied = "S",
        NotSatisfied = "NS",
        NotApplicable = "NA",
        Undetermined = "U",
    }
}
words! {
    /// Technical compliance of a control (CT-13).
    Compliance {
        Compliant = "C",
        Largely = "LC",
        Partially = "PC",
        NonCompliant = "NC",
        NotApplicable = "NA",
        Undetermined = "U",
    }
}
words! {
    /// How effective an outcome is (CT-14).
    Effectiveness {
        High = "HE",
        Substantial = "SE",
        Moderate = "ME",
        Low = "LE",
        Undetermined = "U",
    }
}
words! {
    /// What the score recommends to the organ that decides.
    Recommendation {
        Certified = "CERTIFIED",
        Conditional = "CONDITIONAL",
        Deferred = "DEFERRED",
        Refused = "REFUSED",
        Referred = "REFERRED",
    }
}
words! {
    /// The state of a concern (CT-17).
    ConcernState {
        Preliminary = "preliminary",
        Confirmed = "confirmed",
        Resolved = "resolved",
        Dismissed = "dismissed",
    }
}
words! {
    /// How a chamber decides.
    Method {
        Vote = "vote",
        Consensus = "consensus",
        Silence = "silence",
        Reverse = "reverse",
    }
}
words! {
    /// What a voter chose.
    Choice {
        Yes = "yes",
        No = "no",
        Abstain = "abstain",
    }
}
words! {
    /// What a threshold is a share of.
    Base {
        Cast = "cast",
        Present = "present",
        Entitled = "entitled",
    }
}
