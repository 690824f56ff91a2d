//! What is wrong with a vector: the metric and one cause, the first fault from left to right (LX-28).

use crate::lexicon::terms::terms;

/// The longest vector, in Unicode scalar values.
pub const LENGTH_MAX: usize = 512;

terms! {
    /// Why a vector was refused (`vector_causes` of `codes.json`).
    Cause {
        NotAVector = "not-a-vector", UnknownVersion = "unknown-version", TooLong = "too-long",
        EmptyMetric = "empty-metric", UnknownMetric = "unknown-metric",
        UnknownValue = "unknown-value", DuplicateMetric = "duplicate-metric",
        MisplacedMetric = "misplaced-metric", MissingMetric = "missing-metric",
    }
}

impl Cause {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.key()
    }
}

/// The first fault of a vector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{metric}: {}", cause.code())]
pub struct Fault {
    /// The metric, as written; `CVSS` or `AIX` names the prefix.
    pub metric: String,
    /// What is wrong with it.
    pub cause: Cause,
}

impl Fault {
    /// Returns a fault of this metric.
    #[must_use]
    pub fn new(metric: &str, cause: Cause) -> Self {
        Self { metric: metric.to_owned(), cause }
    }
}

/// One metric of a kind of vector: its name, its values, whether it must be there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) values: &'static [&'static str],
    pub(crate) is_mandatory: bool,
}

/// The rules of one version of a vector.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grammar {
    /// What faults of the prefix are named after.
    pub(crate) prefix: &'static str,
    /// The metrics, in the order of the specification.
    pub(crate) metrics: &'static [Metric],
    /// Whether that order is demanded.
    pub(crate) is_ordered: bool,
}

impl Grammar {
    /// Returns the values of the metrics of a vector after its prefix.
    pub(crate) fn read(&'static self, body: Option<&str>) -> Result<Values, Fault> {
        let mut values = vec![None; self.metrics.len()];
        let mut next = 0;
        for part in body.into_iter().flat_map(|body| body.split('/')) {
            if part.is_empty() {
                return Err(Fault::new(self.prefix, Cause::EmptyMetric));
            }
            let (name, value) = part.split_once(':').unwrap_or((part, ""));
            let no = |cause| Err(Fault::new(name, cause));
            let Some(place) = self.metrics.iter().position(|metric| metric.name == name) else {
                return no(Cause::UnknownMetric);
            };
            let known = self.metrics.get(place).and_then(|metric| index_of(metric.values, value));
            let (Some(index), Some(slot)) = (known, values.get_mut(place)) else {
                return no(Cause::UnknownValue);
            };
            if slot.replace(index).is_some() {
                return no(Cause::DuplicateMetric);
            }
            if self.is_ordered && place < next {
                return no(Cause::MisplacedMetric);
            }
            next = place;
        }
        let missing = self
            .metrics
            .iter()
            .zip(&values)
            .find(|(metric, value)| metric.is_mandatory && value.is_none());
        match missing {
            Some((metric, _)) => Err(Fault::new(metric.name, Cause::MissingMetric)),
            None => Ok(Values { grammar: self, indexes: values }),
        }
    }
}

fn index_of(values: &[&str], value: &str) -> Option<usize> {
    values.iter().position(|known| *known == value)
}

/// The values of a vector by metric.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    grammar: &'static Grammar,
    /// For each metric of the grammar the index of its value, `None` if absent.
    indexes: Vec<Option<usize>>,
}

impl Values {
    /// Returns each metric with its value, in the order of the specification; `X` if it is absent.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.grammar.metrics.iter().zip(&self.indexes).map(|(metric, index)| {
            let value = index.and_then(|index| metric.values.get(index)).copied();
            (metric.name, value.unwrap_or("X"))
        })
    }

    /// Returns the value of a metric, `X` if it is absent.
    pub(crate) fn of(&self, name: &str) -> &'static str {
        let mut pairs = self.grammar.metrics.iter().zip(&self.indexes);
        let found = pairs.find(|(metric, _)| metric.name == name);
        found.and_then(|(metric, index)| metric.values.get((*index)?)).copied().unwrap_or("X")
    }

    /// Returns the value of a metric, or what an absent one counts as.
    pub(crate) fn or(&self, name: &str, absent: &'static str) -> &'static str {
        match self.of(name) {
            "X" => absent,
            set => set,
        }
    }

    /// Returns the value of a modified metric if it is set, else that of the base metric.
    pub(crate) fn modified(&self, modified: &str, base: &str) -> &'static str {
        match self.of(modified) {
            "X" => self.of(base),
            set => set,
        }
    }

    /// Returns whether one of these metrics is set.
    pub(crate) fn is_any_set(&self, names: &[&str]) -> bool {
        self.iter().any(|(name, value)| value != "X" && names.contains(&name))
    }
}
