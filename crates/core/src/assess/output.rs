//! The document `comity.assessment/1`: what follows from a report, ready to be written (LX-27).

use std::collections::BTreeSet;

use serde::Serialize;

use super::advice::{Advice, PublicationDetail};
use super::flags::Flag;
use super::inputs::Ranges;
use super::parties::Party;
use crate::lexicon::Clocks;
use crate::lexicon::terms::terms;
use crate::reportability::{Route, Truth, Verdict};
use crate::severity::cvss;
use crate::severity::decision::Decision;
use crate::severity::overlays::SharingRule;
use crate::severity::ssvc::{Coordinate, Publish};

terms! {
    /// What a missing fact would change.
    Affects {
        Reportability = "reportability", Decision = "decision", Aix = "aix", Coordinate = "coordinate",
        Publish = "publish", PublicationDetail = "publication_detail",
    }
}

/// The name of the document.
pub const SCHEMA: &str = "comity.assessment/1";

/// Everything that follows from a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// The report's id.
    pub report: String,
    /// The lexicon's version.
    pub lexicon: String,
    /// The tree of reportability with its version.
    pub tree: String,
    /// Whether it is one for this hub.
    pub reportability: Reportability,
    /// Who is concerned.
    pub parties: Vec<Party>,
    /// What each assessor says, in the order of the report.
    pub assessments: Vec<Assessed>,
    /// The decision, if it is clear.
    pub decision: Option<Decision>,
    /// The highest of the low decisions.
    pub decision_low: Decision,
    /// The highest of the high decisions.
    pub decision_high: Decision,
    /// Whether assessors differ.
    pub disagreement: bool,
    /// Default clocks for negotiation.
    pub clocks: Clocks,
    /// Whether SSVC advises to coordinate.
    pub coordinate: Advice<Coordinate>,
    /// Whether SSVC advises to publish.
    pub publish: Advice<Publish>,
    /// In how much detail to publish.
    pub publication_detail: PublicationDetail,
    /// How an overlay limits sharing.
    pub sharing: Option<SharingRule>,
    /// Facts that can still change a result, by fact.
    pub needs_evidence: Vec<Need>,
    /// What an assessor should look at again, by code and pointer.
    pub flags: Vec<Flag>,
}

/// Whether a report is one for this hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reportability {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Where to, if it is redirected.
    pub route: Option<Route>,
    /// The rule that decided.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// Whether missing facts can change the verdict.
    pub provisional: bool,
    /// Each rule tried.
    pub trace: Vec<Step>,
    /// The readings of single laws that apply.
    pub variants: Vec<VariantVerdict>,
}

/// One rule tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The rule.
    pub rule: String,
    /// Its result.
    pub result: Truth,
}

/// The verdict under the reading of one law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VariantVerdict {
    /// The variant.
    pub id: String,
    /// Where it holds.
    pub jurisdiction: String,
    /// What becomes of the report.
    pub verdict: Verdict,
    /// The rule that decided.
    pub rule: String,
    /// Whether missing facts can change the verdict.
    pub provisional: bool,
    /// Whether the verdict is another.
    pub differs: bool,
    /// The provision.
    pub basis: String,
}

/// What one assessor says, completed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessed {
    /// Who; `derived` if nobody.
    pub assessor: String,
    /// When.
    pub at: Option<String>,
    /// Its CVSS vectors, scored.
    pub cvss: Vec<Scored>,
    /// Its behaviour vector.
    pub aix: AixResult,
    /// The inputs of the decision.
    pub inputs: Ranges,
    /// The decision, if it is clear.
    pub decision: Option<Decision>,
    /// The decision of the lows.
    pub decision_low: Decision,
    /// The decision of the highs.
    pub decision_high: Decision,
}

/// A CVSS vector with its score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// The vector in the order of the specification.
    pub vector: String,
    /// The version of CVSS.
    pub version: cvss::Version,
    /// What the score takes in.
    pub kind: cvss::Kind,
    /// The score.
    pub score: f64,
    /// The rating.
    pub severity: cvss::Severity,
}

/// A behaviour vector and what it lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AixResult {
    /// The vector.
    pub vector: String,
    /// Whether nothing is `X`.
    pub complete: bool,
    /// The axes that are `X`, in vector order.
    pub missing: Vec<&'static str>,
}

/// A fact that can still change a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The fact.
    pub fact: String,
    /// What it would change.
    pub affects: BTreeSet<Affects>,
}

impl Assessed {
    /// Returns the decision of the lows and of the highs.
    #[must_use]
    pub const fn pair(&self) -> (Decision, Decision) {
        (self.decision_low, self.decision_high)
    }
}

impl Assessment {
    /// Returns the highest of the low decisions and of the high ones.
    #[must_use]
    pub const fn pair(&self) -> (Decision, Decision) {
        (self.decision_low, self.decision_high)
    }
}
