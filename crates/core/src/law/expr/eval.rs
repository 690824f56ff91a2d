//! Kleene evaluation: true, false, or unknown with the facts that would decide (LW-21).

use std::cell::Cell;
use std::sync::Arc;

use super::{COST_MAX, Expr, Haystack, Node, Op, Operand};
use crate::law::vocabulary::{FactId, Scalar, Value};

/// A truth value of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tri {
    /// Known to be so.
    True,
    /// Known not to be so.
    False,
    /// Not known.
    Unknown,
}

impl Tri {
    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
        }
    }

    /// Either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// The opposite; unknown stays unknown.
    #[must_use]
    pub const fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    /// Says whether it may be so.
    #[must_use]
    pub const fn not_false(self) -> bool {
        !matches!(self, Self::False)
    }

    /// Says whether it is known to be so.
    #[must_use]
    pub const fn is_true(self) -> bool {
        matches!(self, Self::True)
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// What is known of a fact.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// A value.
    Known(&'a Value),
    /// Nothing; a defined fact is missing its inputs, any other itself.
    Unknown(&'a [FactId]),
}

/// Where an evaluation reads.
pub trait Facts {
    /// Returns what is known of a fact.
    fn look_up(&self, id: FactId) -> Lookup<'_>;
}

/// An evaluation looked at more than [`COST_MAX`] nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the evaluation takes more than {COST_MAX} nodes")]
pub struct OverCost;

impl Expr {
    /// Evaluates; when the result is unknown, `missing` receives the facts that would decide.
    pub fn eval(&self, facts: &dyn Facts, missing: &mut Vec<FactId>) -> Result<Tri, OverCost> {
        let run = Run { facts, cost: Cell::new(0) };
        let result = run.node(&self.root, None, missing);
        if run.cost.get() > COST_MAX { Err(OverCost) } else { Ok(result) }
    }
}

struct Run<'a> {
    facts: &'a dyn Facts,
    cost: Cell<u32>,
}

/// What an operand may be.
enum Candidates<'a> {
    Known(&'a [Scalar]),
    Unknown,
}

impl Run<'_> {
    /// Counts a node; past the limit nothing is looked at any more and the result is thrown away.
    fn spent(&self) -> bool {
        self.cost.set(self.cost.get().saturating_add(1));
        self.cost.get() > COST_MAX
    }

    fn node(&self, node: &Node, variable: Option<&Scalar>, missing: &mut Vec<FactId>) -> Tri {
        if self.spent() {
            return Tri::Unknown;
        }
        let before = missing.len();
        let result = match node {
            // No short cut: the missing facts must not depend on the order of operands.
            Node::And(items) => items
                .iter()
                .fold(Tri::True, |known, item| known.and(self.node(item, variable, missing))),
            Node::Compare(left, op, right) => self.compare(left, *op, right, variable, missing),
            Node::Const(value) => Tri::from(*value),
            Node::Fact(id) => self.bare(*id, missing),
            Node::In(item, list) => self.is_in(item, list, variable, missing),
            Node::Not(inner) => self.node(inner, variable, missing).not(),
            Node::Or(items) => items
                .iter()
                .fold(Tri::False, |known, item| known.or(self.node(item, variable, missing))),
            Node::Quantified { all, list, body } => self.quantified(*all, *list, body, missing),
        };
        if result != Tri::Unknown {
            missing.truncate(before);
        }
        result
    }

    fn miss(&self, id: FactId, missing: &mut Vec<FactId>) {
        match self.facts.look_up(id) {
            Lookup::Unknown(inputs) if !inputs.is_empty() => missing.extend_from_slice(inputs),
            Lookup::Known(_) | Lookup::Unknown(_) => missing.push(id),
        }
    }

    fn miss_operand(&self, operand: &Operand, missing: &mut Vec<FactId>) {
        if let Operand::Fact(id) = operand {
            let settled = matches!(self.facts.look_up(*id), Lookup::Known(Value::One(_)));
            if !settled {
                self.miss(*id, missing);
            }
        }
    }

    fn bare(&self, id: FactId, missing: &mut Vec<FactId>) -> Tri {
        let result = match self.facts.look_up(id) {
            Lookup::Known(Value::One(Scalar::Bool(value))) => Tri::from(*value),
            Lookup::Known(Value::AnyOf(values)) => {
                agreed(values.iter().map(|v| Tri::from(*v == Scalar::Bool(true))))
            }
            Lookup::Known(Value::One(_) | Value::List { .. }) | Lookup::Unknown(_) => Tri::Unknown,
        };
        if result == Tri::Unknown {
            self.miss(id, missing);
        }
        result
    }

    fn candidates<'b>(
        &'b self,
        operand: &'b Operand,
        variable: Option<&'b Scalar>,
    ) -> Candidates<'b> {
        match operand {
            Operand::Literal(value) => Candidates::Known(std::slice::from_ref(value)),
            Operand::Variable => {
                variable.map_or(Candidates::Unknown, |v| Candidates::Known(std::slice::from_ref(v)))
            }
            Operand::Fact(id) => match self.facts.look_up(*id) {
                Lookup::Known(Value::One(value)) => Candidates::Known(std::slice::from_ref(value)),
                Lookup::Known(Value::AnyOf(values)) => Candidates::Known(values),
                Lookup::Known(Value::List { .. }) | Lookup::Unknown(_) => Candidates::Unknown,
            },
        }
    }

    fn compare(
        &self,
        left: &Operand,
        op: Op,
        right: &Operand,
        variable: Option<&Scalar>,
        missing: &mut Vec<FactId>,
    ) -> Tri {
        let sides = (self.candidates(left, variable), self.candidates(right, variable));
        let result = if let (Candidates::Known(a), Candidates::Known(b)) = sides {
            agreed(a.iter().flat_map(|x| b.iter().map(move |y| Tri::from(holds(x, op, y)))))
        } else {
            Tri::Unknown
        };
        if result == Tri::Unknown {
            self.miss_operand(left, missing);
            self.miss_operand(right, missing);
        }
        result
    }

    fn is_in(
        &self,
        item: &Operand,
        list: &Haystack,
        variable: Option<&Scalar>,
        missing: &mut Vec<FactId>,
    ) -> Tri {
        let items = self.candidates(item, variable);
        let result = match (&items, list) {
            (Candidates::Unknown, _) => Tri::Unknown,
            (Candidates::Known(items), Haystack::Literals(all)) => {
                agreed(items.iter().map(|i| Tri::from(all.contains(i))))
            }
            (Candidates::Known(items), Haystack::Set(set)) => agreed(
                items
                    .iter()
                    .map(|i| Tri::from(matches!(i, Scalar::Text(t) if set.contains(t.as_ref())))),
            ),
            (Candidates::Known(items), Haystack::Fact(id)) => match self.facts.look_up(*id) {
                Lookup::Known(Value::List { known, complete }) => {
                    agreed(items.iter().map(|i| member(i, known, *complete)))
                }
                Lookup::Known(Value::AnyOf(_) | Value::One(_)) | Lookup::Unknown(_) => Tri::Unknown,
            },
        };
        if result == Tri::Unknown {
            self.miss_operand(item, missing);
            if let Haystack::Fact(id) = list {
                let whole = matches!(
                    self.facts.look_up(*id),
                    Lookup::Known(Value::List { complete: true, .. })
                );
                if !whole {
                    self.miss(*id, missing);
                }
            }
        }
        result
    }

    fn quantified(&self, all: bool, list: FactId, body: &Node, missing: &mut Vec<FactId>) -> Tri {
        let Lookup::Known(Value::List { known, complete }) = self.facts.look_up(list) else {
            self.miss(list, missing);
            return Tri::Unknown;
        };
        let start = Tri::from(all);
        let mut result = start;
        for item in known {
            let one = self.node(body, Some(&Scalar::Text(item.clone())), missing);
            result = if all { result.and(one) } else { result.or(one) };
        }
        // A partial list settles only what a known item settles.
        if !*complete && result != start.not() {
            self.miss(list, missing);
            return Tri::Unknown;
        }
        result
    }
}

fn member(item: &Scalar, known: &[Arc<str>], complete: bool) -> Tri {
    let found = matches!(item, Scalar::Text(text) if known.contains(text));
    if found {
        Tri::True
    } else if complete {
        Tri::False
    } else {
        Tri::Unknown
    }
}

/// The one result all candidates give, else unknown.
fn agreed(mut results: impl Iterator<Item = Tri>) -> Tri {
    let Some(first) = results.next() else { return Tri::Unknown };
    if results.all(|r| r == first) { first } else { Tri::Unknown }
}

fn holds(left: &Scalar, op: Op, right: &Scalar) -> bool {
    match (op, left, right) {
        (Op::Equal, a, b) => a == b,
        (Op::NotEqual, a, b) => a != b,
        (Op::Greater, Scalar::Number(a), Scalar::Number(b)) => a > b,
        (Op::GreaterOrEqual, Scalar::Number(a), Scalar::Number(b)) => a >= b,
        (Op::Less, Scalar::Number(a), Scalar::Number(b)) => a < b,
        (Op::LessOrEqual, Scalar::Number(a), Scalar::Number(b)) => a <= b,
        // The type check lets order only be asked of numbers.
        (Op::Greater | Op::GreaterOrEqual | Op::Less | Op::LessOrEqual, _, _) => false,
    }
}
