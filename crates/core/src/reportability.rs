//! Whether a report is one for this hub: rules in order, three-valued, the first true one decides
//! (LX-25), and the variants that single laws ask for (LX-26).
//!
//! The rules are data (`lexicon/reportability.json`). An unknown condition never decides: it makes the
//! verdict provisional, and its facts are asked for. Not here: who must file; see law.

mod condition;

use std::collections::BTreeSet;

use serde::Deserialize;

pub use self::condition::{Condition, Fact, Facts, Truth};
use crate::lexicon::terms::terms;

terms! {
    /// What becomes of a report.
    Verdict {
        Reportable = "reportable", ReportableIncident = "reportable_incident",
        NeedsEvidence = "needs_evidence", Redirect = "redirect", NotReportable = "not_reportable",
    }
}
terms! {
    /// Where a redirected report belongs.
    Route {
        ProtectedHotline = "protected_hotline", GeneralDisclosure = "general_disclosure",
        BenchmarkRegistry = "benchmark_registry", QualityFeedback = "quality_feedback",
        VendorChannel = "vendor_channel",
    }
}

impl Verdict {
    /// Returns whether the hub takes the report up, so that its clocks run.
    #[must_use]
    pub const fn is_reportable(self) -> bool {
        matches!(self, Self::Reportable | Self::ReportableIncident)
    }
}

/// One rule of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rule {
    /// Its id, for example `RT-06`.
    pub id: String,
    /// When it decides.
    pub when: Condition,
    /// What it decides.
    pub verdict: Verdict,
    /// Where to, if it redirects.
    pub route: Option<Route>,
    /// Its reason code.
    pub reason: String,
}

/// A reading of the tree by one law: some rules are off.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Variant {
    /// Its id, for example `V-EU-CRA`.
    pub id: String,
    /// The regime of the law pack it belongs to.
    pub regime: String,
    /// Where it holds.
    pub jurisdiction: String,
    /// The provision.
    pub basis: String,
    /// When it applies.
    pub when: Condition,
    /// The rules that are off.
    pub disables: BTreeSet<String>,
}

/// The tree of reportability.
///
/// Invariant: the rule after all others always holds. Only [`Tree::parse`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    name: String,
    rules: Vec<Rule>,
    last: Rule,
    variants: Vec<Variant>,
}

#[derive(Deserialize)]
struct TreeFile {
    tree: String,
    version: String,
    rules: Vec<Rule>,
    variants: Vec<Variant>,
}

/// How a tree decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<'t> {
    /// The rule that decided.
    pub rule: &'t Rule,
    /// Whether an earlier rule was unknown, so that more facts may change the verdict.
    pub is_provisional: bool,
    /// Each rule tried, with its result.
    pub trace: Vec<(&'t str, Truth)>,
    /// The facts that unknown rules ask for.
    pub missing: BTreeSet<String>,
}

impl Tree {
    /// Reads a tree; the error says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut file: TreeFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let last = file.rules.pop().filter(|rule| rule.when == Condition::Always);
        let last = last.ok_or("the last rule does not always hold")?;
        let name = format!("{}-{}", file.tree, file.version);
        Ok(Self { name, rules: file.rules, last, variants: file.variants })
    }

    /// Returns the name with the version, for example `RT-1.0.0`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the variants, in order.
    #[must_use]
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// Decides; rules that are off are not tried, save the last.
    #[must_use]
    pub fn decide(&self, facts: &Facts, off: &BTreeSet<String>) -> Outcome<'_> {
        let mut trace = Vec::new();
        let mut missing = BTreeSet::new();
        let mut is_provisional = false;
        for rule in self.rules.iter().filter(|rule| !off.contains(&rule.id)) {
            let truth = rule.when.evaluate(facts);
            trace.push((rule.id.as_str(), truth));
            match truth {
                Truth::False => {}
                Truth::True => return Outcome { rule, is_provisional, trace, missing },
                Truth::Unknown => {
                    is_provisional = true;
                    rule.when.unknown_facts(facts, &mut missing);
                }
            }
        }
        trace.push((self.last.id.as_str(), Truth::True));
        Outcome { rule: &self.last, is_provisional, trace, missing }
    }
}
