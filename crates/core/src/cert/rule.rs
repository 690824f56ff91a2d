//! The tests of a procedure profile: which recommendation a score earns (CT-15).
//!
//! Rules are data. A figure that is withheld fails every test on it, `<` too. Not here: the figures (`score`).

use serde::Serialize;
use toml::{Table, Value};

use super::word::{Compliance, ConcernState, Effectiveness, Word as _, words};

words! {
    /// How a figure is compared.
    Comparison {
        AtLeast = ">=",
        Over = ">",
        AtMost = "<=",
        Under = "<",
        Equal = "==",
        Unequal = "!=",
    }
}

impl Comparison {
    /// Returns whether `left` stands in this relation to `right`.
    #[must_use]
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::AtLeast => left >= right,
            Self::Over => left > right,
            Self::AtMost => left <= right,
            Self::Under => left < right,
            Self::Equal => left == right,
            Self::Unequal => left != right,
        }
    }
}

words! {
    /// A figure of the score.
    Metric {
        Effective = "ei",
        AreaLeast = "area_min",
        ElementLeast = "ce_min",
        Coverage = "coverage",
    }
}
words! {
    /// What is counted.
    Counted {
        Compliance = "tc",
        Effectiveness = "eo",
        Concern = "concern",
    }
}

/// One test; tests nest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// All of them hold.
    All(Vec<Test>),
    /// One of them holds.
    Any(Vec<Test>),
    /// The corrective action plan covers, or does not.
    Cap(bool),
    /// A count of ratings or concerns.
    Count {
        /// What is counted.
        counted: Counted,
        /// The ratings or states that count.
        ratings: Vec<String>,
        /// Only these controls or outcomes, if given.
        of: Option<Vec<String>>,
        /// The relation.
        comparison: Comparison,
        /// The number.
        number: i64,
    },
    /// A figure in basis points.
    Metric {
        /// Which figure.
        metric: Metric,
        /// The relation.
        comparison: Comparison,
        /// The figure.
        basis_points: i64,
    },
    /// It does not hold.
    Not(Box<Test>),
}

/// A named list of tests, of which all or any must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The recommendation or listing.
    pub name: String,
    /// Whether all must hold, or any.
    pub all: bool,
    /// The tests.
    pub tests: Vec<Test>,
}

/// An exact share; `None` if it is withheld.
pub type Share = Option<(u64, u64)>;

/// What tests ask of a score.
pub trait Figures {
    /// Returns a figure as an exact share.
    fn metric(&self, metric: Metric) -> Share;
    /// Returns how many controls, outcomes or concerns have one of the ratings.
    fn count(&self, counted: Counted, ratings: &[String], of: Option<&[String]>) -> i64;
    /// Returns whether the corrective action plan covers.
    fn cap_covers(&self) -> bool;
}

/// A test's result with the figure it turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// Whether it holds.
    pub pass: bool,
    /// The figure, count or truth; null if withheld.
    pub value: Shown,
}

/// What a test shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Shown {
    /// A count, or basis points.
    Number(i64),
    /// A truth.
    Truth(bool),
    /// The figure is withheld.
    Withheld,
}

impl Tested {
    /// Returns a truth that shows itself.
    #[must_use]
    pub const fn truth(pass: bool) -> Self {
        Self { pass, value: Shown::Truth(pass) }
    }
}

/// Returns a share in basis points, floored.
#[must_use]
pub fn basis_points((part, whole): (u64, u64)) -> i64 {
    let scaled = (u128::from(part) * 10_000).checked_div(u128::from(whole)).unwrap_or_default();
    i64::try_from(scaled).unwrap_or(i64::MAX)
}

impl Rule {
    /// Tests every test of the rule.
    pub fn test(&self, figures: &impl Figures) -> (bool, Vec<Tested>) {
        let tested: Vec<Tested> = self.tests.iter().map(|test| test.test(figures)).collect();
        let mut passes = tested.iter().map(|tested| tested.pass);
        let pass = if self.all { passes.all(|pass| pass) } else { passes.any(|pass| pass) };
        (pass, tested)
    }

    /// Returns whether some score could pass the rule; a rule that none passes is an author's mistake.
    #[must_use]
    pub fn is_satisfiable(&self) -> bool {
        if self.all { Test::can_all(&self.tests) } else { self.tests.iter().any(Test::can_hold) }
    }

    /// Reads a rule; `None` if it is none.
    #[must_use]
    pub fn read(table: &Table) -> Option<Self> {
        let name = table.get("name")?.as_str()?.to_owned();
        let (all, tests) = match (table.get("all"), table.get("any")) {
            (Some(tests), None) => (true, tests),
            (None, Some(tests)) => (false, tests),
            (None, None) | (Some(_), Some(_)) => return None,
        };
        Some(Self { name, all, tests: read_tests(tests)? })
    }
}

/// Twice the basis points of a figure at most.
const FIGURE_MAX: i64 = 20_000;

impl Test {
    /// Returns the least and greatest figure, in half basis points, that passes a test on a metric.
    fn span(&self, wanted: Metric) -> Option<(i64, i64)> {
        let Self::Metric { metric, comparison, basis_points } = self else { return None };
        if *metric != wanted {
            return None;
        }
        let at = basis_points.saturating_mul(2);
        Some(match comparison {
            Comparison::AtLeast => (at, FIGURE_MAX),
            Comparison::Over => (at.saturating_add(1), FIGURE_MAX),
            Comparison::AtMost => (0, at),
            Comparison::Under => (0, at.saturating_sub(1)),
            Comparison::Equal => (at, at),
            Comparison::Unequal => (0, FIGURE_MAX),
        })
    }

    /// Returns whether all of the tests could hold at once, as far as single figures show.
    fn can_all(tests: &[Self]) -> bool {
        Metric::ALL.iter().all(|metric| {
            let spans = tests.iter().filter_map(|test| test.span(*metric));
            let (least, greatest) = spans.fold((0, FIGURE_MAX), |(least, greatest), (from, to)| {
                (least.max(from), greatest.min(to))
            });
            least <= greatest
        }) && tests.iter().all(Self::can_hold)
    }

    fn can_hold(&self) -> bool {
        match self {
            Self::All(tests) => Self::can_all(tests),
            Self::Any(tests) => tests.iter().any(Self::can_hold),
            Self::Cap(_) | Self::Not(_) => true,
            Self::Count { comparison, number, .. } => match comparison {
                Comparison::AtMost | Comparison::Equal => *number >= 0,
                Comparison::Under => *number > 0,
                Comparison::AtLeast | Comparison::Over | Comparison::Unequal => true,
            },
            Self::Metric { metric, .. } => self.span(*metric).is_some_and(|(least, greatest)| {
                least <= greatest && least <= FIGURE_MAX && greatest >= 0
            }),
        }
    }

    /// Tests one test. The depth is bounded by the reader of the profile.
    fn test(&self, figures: &impl Figures) -> Tested {
        match self {
            Self::All(tests) => Tested::truth(tests.iter().all(|test| test.test(figures).pass)),
            Self::Any(tests) => Tested::truth(tests.iter().any(|test| test.test(figures).pass)),
            Self::Cap(expected) => {
                let covers = figures.cap_covers();
                Tested { pass: covers == *expected, value: Shown::Truth(covers) }
            }
            Self::Count { counted, ratings, of, comparison, number } => {
                let count = figures.count(*counted, ratings, of.as_deref());
                Tested { pass: comparison.holds(&count, number), value: Shown::Number(count) }
            }
            Self::Metric { metric, comparison, basis_points } => {
                test_metric(figures.metric(*metric), *comparison, *basis_points)
            }
            Self::Not(test) => Tested::truth(!test.test(figures).pass),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        let table = value.as_table()?;
        let mut kinds = ["metric", "count", "cap", "all", "any", "not"]
            .into_iter()
            .filter_map(|kind| table.get(kind).map(|value| (kind, value)));
        let (kind, value) = kinds.next()?;
        if kinds.next().is_some() {
            return None;
        }
        match kind {
            "all" => Some(Self::All(read_tests(value)?)),
            "any" => Some(Self::Any(read_tests(value)?)),
            "cap" => Some(Self::Cap(value.as_bool()?)),
            "count" => read_count(Counted::parse(value.as_str()?)?, table),
            "metric" => Some(Self::Metric {
                metric: Metric::parse(value.as_str()?)?,
                comparison: read_comparison(table)?,
                basis_points: table.get("bp")?.as_integer()?,
            }),
            _ => Some(Self::Not(Box::new(Self::read(value)?))),
        }
    }
}

/// Compares the exact share, never the floored figure.
fn test_metric(share: Share, comparison: Comparison, threshold: i64) -> Tested {
    let Some((part, whole)) = share else {
        return Tested { pass: false, value: Shown::Withheld };
    };
    let left = i128::from(part) * 10_000;
    let right = i128::from(threshold) * i128::from(whole);
    Tested {
        pass: comparison.holds(&left, &right),
        value: Shown::Number(basis_points((part, whole))),
    }
}

fn read_comparison(table: &Table) -> Option<Comparison> {
    Comparison::parse(table.get("op")?.as_str()?)
}

fn read_tests(value: &Value) -> Option<Vec<Test>> {
    value.as_array()?.iter().map(Test::read).collect()
}

/// Reads a list of texts.
pub(super) fn read_texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn read_count(counted: Counted, table: &Table) -> Option<Test> {
    let ratings = read_texts(table.get("in")?)?;
    let known = |rating: &String| match counted {
        Counted::Compliance => Compliance::parse(rating).is_some(),
        Counted::Effectiveness => Effectiveness::parse(rating).is_some(),
        Counted::Concern => ConcernState::parse(rating).is_some(),
    };
    if !ratings.iter().all(known) {
        return None;
    }
    let of = match table.get("of") {
        None => None,
        Some(value) => Some(read_texts(value)?),
    };
    Some(Test::Count {
        counted,
        ratings,
        of,
        comparison: read_comparison(table)?,
        number: table.get("n")?.as_integer()?,
    })
}
