//! Whether to coordinate and whether to publish, by the SSVC tables for coordinators (LX-23). Advice
//! only.
//!
//! The tables are data of CERT/CC (`lexicon/ssvc/`, licence beside them).

use std::collections::BTreeMap;

use crate::lexicon::terms::terms;

terms! {
    /// What SSVC advises a coordinator to do with a report.
    Coordinate { Decline = "decline", Track = "track", Coordinate = "coordinate" }
}
terms! {
    /// Whether SSVC advises to publish.
    Publish { DoNotPublish = "do_not_publish", Publish = "publish" }
}

/// The tables, keyed by our keys (`not_credible` for `not credible`).
#[derive(Clone, Debug)]
pub struct Ssvc {
    triage: BTreeMap<[String; 7], Coordinate>,
    publish: BTreeMap<[String; 3], Publish>,
    utility: BTreeMap<[String; 2], String>,
    public_safety: BTreeMap<[String; 1], String>,
}

/// What the triage table turns on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triage<'k> {
    /// `yes` or `no`.
    pub report_public: &'k str,
    /// `yes` or `no`.
    pub supplier_contacted: &'k str,
    /// Whether the report is credible.
    pub is_credible: bool,
    /// Whether more than one supplier is concerned.
    pub is_multiple: bool,
    /// A value of `supplier_engagement`.
    pub supplier_engagement: &'k str,
    /// A value of `automatable`.
    pub automatable: &'k str,
    /// A value of `value_density`.
    pub value_density: &'k str,
    /// A value of `safety_impact`.
    pub safety_impact: &'k str,
}

const TRIAGE_ROWS: usize = 192;
const PUBLISH_ROWS: usize = 27;
const UTILITY_ROWS: usize = 4;
const SAFETY_ROWS: usize = 4;

impl Ssvc {
    /// Returns the tables of these rows; `None` if a row is unknown or missing.
    #[must_use]
    pub fn new(
        triage: &[Vec<&str>],
        publish: &[Vec<&str>],
        utility: &[Vec<&str>],
        public_safety: &[Vec<&str>],
    ) -> Option<Self> {
        let word = |key: String| Some(key);
        Some(Self {
            triage: table(triage, TRIAGE_ROWS, |key| Coordinate::parse(&key))?,
            publish: table(publish, PUBLISH_ROWS, |key| Publish::parse(&key))?,
            utility: table(utility, UTILITY_ROWS, word)?,
            public_safety: table(public_safety, SAFETY_ROWS, word)?,
        })
    }

    /// Returns the advice on coordination.
    #[must_use]
    pub fn coordinate(&self, triage: Triage<'_>) -> Option<Coordinate> {
        let utility = self.utility.get(&own([triage.automatable, triage.value_density]))?;
        let safety = self.public_safety.get(&own([triage.safety_impact]))?;
        let row = own([
            triage.report_public,
            triage.supplier_contacted,
            if triage.is_credible { "credible" } else { "not_credible" },
            if triage.is_multiple { "multiple" } else { "one" },
            triage.supplier_engagement,
            utility,
            safety,
        ]);
        self.triage.get(&row).copied()
    }

    /// Returns the advice on publication.
    #[must_use]
    pub fn publish(&self, involvement: &str, exploitation: &str, value_added: &str) -> Option<Publish> {
        self.publish.get(&own([involvement, exploitation, value_added])).copied()
    }
}

fn own<const N: usize>(keys: [&str; N]) -> [String; N] {
    keys.map(str::to_owned)
}

fn table<const N: usize, T>(
    rows: &[Vec<&str>],
    count: usize,
    parse: impl Fn(String) -> Option<T>,
) -> Option<BTreeMap<[String; N], T>> {
    let mut table = BTreeMap::new();
    for cells in rows {
        let (result, keys) = cells.split_last()?;
        let keys: Vec<String> = keys.iter().map(|key| our_key(key)).collect();
        table.insert(keys.try_into().ok()?, parse(our_key(result))?);
    }
    (table.len() == count).then_some(table)
}

/// SSVC writes its keys as words: `uncooperative/unresponsive`, `fix ready`.
fn our_key(key: &str) -> String {
    key.replace([' ', '/'], "_")
}
