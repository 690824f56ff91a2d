//! The closed lists of words that trade documents use.
//!
//! Not here: what a word means for a decision.

use crate::cert::word::words;

words! {
    /// A role a jurisdiction has for a node, in the order gaps are listed.
    Role {
        Developer = "developer",
        Controller = "controller",
        TrainingSite = "training-site",
        Hosting = "hosting",
        DataCollection = "data-collection",
        Hardware = "hardware",
    }
}
words! {
    /// What a node is (CT-34).
    NodeKind {
        Model = "model",
        Data = "data",
        Ai = "ai",
        Other = "other",
        Unresolved = "unresolved",
    }
}
words! {
    /// How one node enters another; of parallel edges the first counts (CT-34).
    EdgeKind {
        Contains = "contains",
        Depends = "depends",
        Listed = "listed",
        Ancestor = "ancestor",
        Trained = "trained",
        Distilled = "distilled",
        Built = "built",
        Runs = "runs",
    }
}

impl EdgeKind {
    /// Returns the scope level from which on the edge is followed.
    #[must_use]
    pub const fn level(self) -> i64 {
        match self {
            Self::Contains | Self::Depends | Self::Listed => 1,
            Self::Ancestor | Self::Trained | Self::Distilled => 2,
            Self::Built | Self::Runs => 3,
        }
    }
}

words! {
    /// How much depends on a node, from least to most.
    Criticality {
        Incidental = "incidental",
        Assistive = "assistive",
        Core = "core",
    }
}
words! {
    /// Which day counts for a role (CT-39).
    DateBasis {
        Market = "market",
        Transit = "transit",
        Production = "production",
        Node = "node",
    }
}
words! {
    /// How an importer treats a status, from least to most strict.
    ImportTreat {
        Ok = "ok",
        Raise = "raise",
        Bad = "bad",
    }
}
words! {
    /// How an exporter treats a status, from least to most strict.
    ExportTreat {
        Open = "open",
        Licence = "licence",
        Deny = "deny",
    }
}
words! {
    /// How work of an open community is treated.
    Community {
        Ok = "ok",
        Unknown = "unknown",
        Bad = "bad",
    }
}
words! {
    /// Which declarations of completeness are asked for.
    Completeness {
        None = "none",
        Declared = "declared",
        Strict = "strict",
    }
}
words! {
    /// A node's value: Kleene "and" is the maximum (CT-40).
    Value {
        Ok = "OK",
        Unknown = "UNKNOWN",
        Bad = "BAD",
    }
}
words! {
    /// What is wrong with a node, in the order gaps are listed.
    GapCode {
        Community = "COMMUNITY",
        Conflict = "CONFLICT",
        EvidenceLow = "EVIDENCE_LOW",
        Incomplete = "INCOMPLETE",
        MissingRole = "MISSING_ROLE",
        NotCertified = "NOT_CERTIFIED",
        UnresolvedJurisdiction = "UNRESOLVED_JURISDICTION",
        UnresolvedRef = "UNRESOLVED_REF",
    }
}
words! {
    /// What an import decision points out.
    AdvisoryCode {
        EvidenceExpired = "EVIDENCE_EXPIRED",
        EvidenceUnmatched = "EVIDENCE_UNMATCHED",
        LineageMatch = "LINEAGE_MATCH",
        UnknownProperty = "UNKNOWN_PROPERTY",
    }
}
words! {
    /// The answer to an import.
    ImportOutcome {
        Permit = "PERMIT",
        PermitWithConditions = "PERMIT_WITH_CONDITIONS",
        Refer = "REFER",
        Prohibit = "PROHIBIT",
    }
}
words! {
    /// What repairs a node.
    Repair {
        Evidence = "evidence",
        Replace = "replace",
    }
}
words! {
    /// The answer to an export, from least to most strict.
    ExportOutcome {
        NoLicence = "NO_LICENCE",
        Licence = "LICENCE",
        Refer = "REFER",
        DenyPresumption = "DENY_PRESUMPTION",
    }
}
