//! The trigger language: a small subset of CEL, typed when a pack is loaded (LW-20, LW-21).
//!
//! An own syntax tree and no library, because unknowns, cost and error positions must be provable.
//! `parse` makes an [`Expr`], `eval` reads it under facts. Not here: what an expression is used for.

mod eval;
mod parse;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::refused::Code;
use super::vocabulary::{FactId, Scalar, Vocabulary};

pub use eval::{Facts, Lookup, OverCost, Tri};
pub(crate) use parse::NO_SUCH_SET;

/// Bytes of one expression.
pub const BYTES_MAX: usize = 2_048;
/// Nodes of one syntax tree.
pub const NODES_MAX: usize = 128;
/// Parentheses, negations and quantifiers inside one another.
pub const DEPTH_MAX: usize = 16;
/// Literals of one expression.
pub const LITERALS_MAX: usize = 64;
/// Nodes looked at in one evaluation.
pub const COST_MAX: u32 = 10_000;

/// Why an expression was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at byte {offset}: {message}", code.as_str())]
pub struct ExprError {
    /// `LAW-E-PARSE`, `-TYPE`, `-NAME`, `-VALUE` or `-LIMIT`.
    pub code: Code,
    /// Where in the text.
    pub offset: usize,
    /// For a person.
    pub message: String,
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(crate) root: Node,
}

impl Expr {
    /// Parses and types an expression; `sets` finds sets beyond those of the vocabulary.
    pub fn parse(
        text: &str,
        vocabulary: &Vocabulary,
        sets: &dyn Fn(&str) -> Option<Arc<BTreeSet<String>>>,
    ) -> Result<Self, ExprError> {
        parse::parse(text, vocabulary, sets).map(|root| Self { root })
    }

    /// Returns the facts it reads, sorted.
    #[must_use]
    pub fn facts(&self) -> BTreeSet<FactId> {
        let mut found = BTreeSet::new();
        self.root.visit(&mut |node| match node {
            Node::Compare(left, _, right) => {
                found.extend([left, right].into_iter().filter_map(Operand::fact));
            }
            Node::Fact(id) => {
                found.insert(*id);
            }
            Node::In(item, list) => {
                found.extend(item.fact());
                if let Haystack::Fact(id) = list {
                    found.insert(*id);
                }
            }
            Node::Quantified { list, .. } => {
                found.insert(*list);
            }
            Node::And(_) | Node::Const(_) | Node::Not(_) | Node::Or(_) => {}
        });
        found
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    And(Vec<Node>),
    Compare(Operand, Op, Operand),
    Const(bool),
    Fact(FactId),
    In(Operand, Haystack),
    Not(Box<Node>),
    Or(Vec<Node>),
    Quantified { all: bool, list: FactId, body: Box<Node> },
}

impl Node {
    /// Calls `see` for this node and all below it; depth is bounded by [`DEPTH_MAX`].
    pub(crate) fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Self)) {
        see(self);
        match self {
            Self::And(items) | Self::Or(items) => items.iter().for_each(|n| n.visit(see)),
            Self::Not(inner) => inner.visit(see),
            Self::Quantified { body, .. } => body.visit(see),
            Self::Compare(..) | Self::Const(_) | Self::Fact(_) | Self::In(..) => {}
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    NotEqual,
}

#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Fact(FactId),
    Literal(Scalar),
    Variable,
}

impl Operand {
    pub(crate) const fn fact(&self) -> Option<FactId> {
        match self {
            Self::Fact(id) => Some(*id),
            Self::Literal(_) | Self::Variable => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Haystack {
    Fact(FactId),
    Literals(Vec<Scalar>),
    Set(Arc<BTreeSet<String>>),
}
