//! The closed lists of words that bodies use.
//!
//! Not here: what a word does to the case.

use serde::{Serialize, Serializer};

/// A closed list of words.
pub trait Word: Sized + Copy + 'static {
    /// Every word of the list.
    const ALL: &'static [Self];

    /// Returns the word as entries write it.
    fn as_str(self) -> &'static str;

    /// Reads a word.
    #[must_use]
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.as_str() == text)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$variant_doc])* #[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl Word for $type {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a party is in one case.
    Role {
        Finder = "finder",
        Vendor = "vendor",
        Deployer = "deployer",
        Coordinator = "coordinator",
        Authority = "authority",
        Observer = "observer",
    }
}
words! {
    /// What another case is to this one.
    Relation {
        SplitInto = "split_into",
        SplitFrom = "split_from",
        MergedInto = "merged_into",
        Absorbs = "absorbs",
        Reopens = "reopens",
        ReopenedBy = "reopened_by",
        DuplicateOf = "duplicate_of",
        Related = "related",
    }
}
words! {
    /// Where `case.status` moves a case.
    Closing {
        Open = "open",
        Closed = "closed",
    }
}
words! {
    /// Where `report.judge` moves a party's report.
    Judgement {
        Invalid = "I",
        Valid = "V",
        Accepted = "A",
        Deferred = "D",
        Closed = "C",
    }
}
words! {
    /// Why the lead ends an embargo.
    EmbargoReason {
        FixPublic = "fix_public",
        Attacks = "attacks",
        Leak = "leak",
        QuorumReady = "quorum_ready",
        Misuse = "misuse",
        Other = "other",
    }
}
words! {
    /// How a vendor stands to the flaw.
    VendorStatus {
        Unknown = "unknown",
        Investigating = "investigating",
        Affected = "affected",
        NotAffected = "not_affected",
        Mitigated = "mitigated",
        NoFix = "no_fix",
        Disputed = "disputed",
        Unresponsive = "unresponsive",
    }
}
words! {
    /// What the world knows or does.
    Letter {
        /// The flaw is public.
        Public = "P",
        /// An exploit is public.
        Exploit = "X",
        /// Attacks were observed.
        Attacks = "A",
    }
}
words! {
    /// What a piece of evidence is.
    EvidenceType {
        Url = "url",
        File = "file",
        Log = "log",
        Statement = "statement",
    }
}
words! {
    /// The separately sealed parts of a report.
    Compartment {
        Abstract = "abstract",
        Affected = "affected",
        Technical = "technical",
        Reproduction = "reproduction",
        Evidence = "evidence",
        Identity = "identity",
        Deliberation = "deliberation",
    }
}
words! {
    /// How a party stands to a duty.
    DutyStatus {
        Declared = "declared",
        Met = "met",
        NotApplicable = "not_applicable",
    }
}
