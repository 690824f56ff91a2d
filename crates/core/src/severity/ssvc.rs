//! Whether to coordinate and whether to publish, by the SSVC tables for coordinators (LX-23). Advice
//! only.
//!
//! The tables are data of CERT/CC (`lexicon/ssvc/`, licence beside them).

use crate::lexicon::terms::terms;

terms! {
    /// What SSVC advises a coordinator to do with a report.
    Coordinate { Decline = "decline", Track = "track", Coordinate = "coordinate" }
}
terms! {
    /// Whether SSVC advises to publish.
    Publish { DoNotPublish = "do_not_publish", Publish = "publish" }
}

const YES_NO: &[&str] = &["no", "yes"];
const CREDIBILITY: &[&str] = &["not_credible", "credible"];
const CARDINALITY: &[&str] = &["one", "multiple"];
const ENGAGEMENT: &[&str] = &["active", "unresponsive"];
const UTILITY: &[&str] = &["laborious", "efficient", "super_effective"];
const DENSITY: &[&str] = &["diffuse", "concentrated"];
const PUBLIC_SAFETY: &[&str] = &["minimal", "significant"];
const SAFETY: &[&str] = &["negligible", "marginal", "critical", "catastrophic"];
const INVOLVEMENT: &[&str] = &["fix_ready", "cooperative", "uncooperative_unresponsive"];
const EXPLOITATION: &[&str] = &["none", "public_poc", "active"];
const VALUE_ADDED: &[&str] = &["limited", "ampliative", "precedence"];
const COORDINATE: &[&str] = &["decline", "track", "coordinate"];
const PUBLISH: &[&str] = &["do_not_publish", "publish"];

const TRIAGE_COLUMNS: &[&[&str]] =
    &[YES_NO, YES_NO, CREDIBILITY, CARDINALITY, ENGAGEMENT, UTILITY, PUBLIC_SAFETY];

/// The rows of one SSVC file, as cells without the row number.
pub type Rows<'t> = [Vec<&'t str>];

/// A complete decision table over places in the orders of its columns.
#[derive(Clone, Debug)]
struct Grid {
    columns: &'static [&'static [&'static str]],
    results: Vec<usize>,
}

impl Grid {
    /// Returns the table; `None` if a key is unknown or a row is missing.
    fn new(
        rows: &Rows<'_>,
        columns: &'static [&'static [&'static str]],
        result: &[&str],
    ) -> Option<Self> {
        let size = columns.iter().map(|column| column.len()).product();
        let mut grid = vec![None; size];
        for cells in rows {
            let (last, keys) = cells.split_last()?;
            let places: Option<Vec<usize>> = keys
                .iter()
                .zip(columns)
                .map(|(key, column)| place(column, &our_key(key)))
                .collect();
            let slot = grid.get_mut(index(columns, &places?))?;
            *slot = Some(place(result, &our_key(last))?);
        }
        Some(Self { columns, results: grid.into_iter().collect::<Option<_>>()? })
    }

    fn look_up(&self, places: &[usize]) -> usize {
        self.results.get(index(self.columns, places)).copied().unwrap_or_default()
    }
}

fn index(columns: &[&[&str]], places: &[usize]) -> usize {
    columns.iter().zip(places).fold(0, |index, (column, place)| index * column.len() + place)
}

fn place(column: &[&str], key: &str) -> Option<usize> {
    column.iter().position(|known| *known == key)
}

/// SSVC writes its keys as words: `uncooperative/unresponsive`, `fix ready`.
fn our_key(key: &str) -> String {
    key.replace([' ', '/'], "_")
}

/// The tables for coordinators.
#[derive(Clone, Debug)]
pub struct Ssvc {
    triage: Grid,
    publish: Grid,
    utility: Grid,
    public_safety: Grid,
}

/// What the triage table turns on; ranks are places on the axes of the same name.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the table")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triage {
    /// Whether the flaw is public.
    pub is_public: bool,
    /// Whether a supplier was told.
    pub is_supplier_contacted: bool,
    /// Whether the report is credible.
    pub is_credible: bool,
    /// Whether more than one supplier is concerned.
    pub is_multiple: bool,
    /// Place on `supplier_engagement`.
    pub supplier_engagement: usize,
    /// Place on `automatable`.
    pub automatable: usize,
    /// Place on `value_density`.
    pub value_density: usize,
    /// Place on `safety_impact`.
    pub safety_impact: usize,
}

impl Ssvc {
    /// Returns the tables of these rows; `None` if a row is unknown or missing.
    #[must_use]
    pub fn new(
        triage: &Rows<'_>,
        publish: &Rows<'_>,
        utility: &Rows<'_>,
        safety: &Rows<'_>,
    ) -> Option<Self> {
        Some(Self {
            triage: Grid::new(triage, TRIAGE_COLUMNS, COORDINATE)?,
            publish: Grid::new(publish, &[INVOLVEMENT, EXPLOITATION, VALUE_ADDED], PUBLISH)?,
            utility: Grid::new(utility, &[YES_NO, DENSITY], UTILITY)?,
            public_safety: Grid::new(safety, &[SAFETY], PUBLIC_SAFETY)?,
        })
    }

    /// Returns the advice on coordination.
    #[must_use]
    pub fn coordinate(&self, triage: Triage) -> Coordinate {
        let utility = self.utility.look_up(&[triage.automatable, triage.value_density]);
        let result = self.triage.look_up(&[
            triage.is_public.into(),
            triage.is_supplier_contacted.into(),
            triage.is_credible.into(),
            triage.is_multiple.into(),
            triage.supplier_engagement,
            utility,
            self.public_safety.look_up(&[triage.safety_impact]),
        ]);
        Coordinate::ALL.get(result).copied().unwrap_or(Coordinate::Coordinate)
    }

    /// Returns the advice on publication, by places on the axes of the same names.
    #[must_use]
    pub fn publish(&self, involvement: usize, exploitation: usize, value_added: usize) -> Publish {
        let result = self.publish.look_up(&[involvement, exploitation, value_added]);
        Publish::ALL.get(result).copied().unwrap_or(Publish::DoNotPublish)
    }
}
