//! Reading the trigger language: tokens, grammar and types in one pass, each error with its byte.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{
    BYTES_MAX, DEPTH_MAX, ExprError, Haystack, LITERALS_MAX, NODES_MAX, Node, Op, Operand,
};
use crate::law::refused::Code;
use crate::law::vocabulary::{Fact, FactId, Kind, Scalar, Vocabulary, is_country};

type Sets<'a> = &'a dyn Fn(&str) -> Option<Arc<BTreeSet<String>>>;

/// The message of an unknown set, by which the linter tells it from other unknown names.
pub(crate) const NO_SUCH_SET: &str = "no such set";

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Id(String),
    Number(f64),
    Symbol(&'static str),
    Text(String),
}

struct At {
    token: Token,
    offset: usize,
}

pub(super) fn parse(text: &str, words: &Vocabulary, sets: Sets<'_>) -> Result<Node, ExprError> {
    if text.len() > BYTES_MAX {
        return Err(fail(Code::Limit, BYTES_MAX, format!("longer than {BYTES_MAX} bytes")));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens,
        next: 0,
        end: text.len(),
        words,
        sets,
        nodes: 0,
        literals: 0,
        bound: None,
    };
    let root = parser.or(0)?;
    match parser.peek() {
        None => Ok(root),
        Some(_) => Err(parser.wrong("the end of the expression")),
    }
}

fn fail(code: Code, offset: usize, message: impl Into<String>) -> ExprError {
    ExprError { code, offset, message: message.into() }
}

const SYMBOLS: [&str; 15] =
    ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", "."];

fn tokens(text: &str) -> Result<Vec<At>, ExprError> {
    let mut found = Vec::new();
    let mut offset = 0;
    while let Some(rest) = text.get(offset..) {
        let Some(first) = rest.chars().next() else { break };
        if first.is_ascii_whitespace() {
            offset += 1;
            continue;
        }
        let (token, length) = token(rest, first, offset)?;
        found.push(At { token, offset });
        offset += length;
    }
    Ok(found)
}

fn token(rest: &str, first: char, offset: usize) -> Result<(Token, usize), ExprError> {
    if first == '\'' {
        return quoted(rest, offset);
    }
    if first.is_ascii_digit() || (first == '-' && rest.get(1..).is_some_and(starts_with_digit)) {
        return number(rest, offset);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let word = rest.get(..length).unwrap_or_default();
        return Ok((Token::Id(word.to_owned()), length));
    }
    match SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
        Some(symbol) => Ok((Token::Symbol(symbol), symbol.len())),
        None => Err(fail(Code::Parse, offset, format!("{first:?} has no meaning here"))),
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_digit())
}

fn quoted(rest: &str, offset: usize) -> Result<(Token, usize), ExprError> {
    let body = rest.get(1..).unwrap_or_default();
    for (at, symbol) in body.char_indices() {
        match symbol {
            '\'' => {
                let text = body.get(..at).unwrap_or_default().to_owned();
                return Ok((Token::Text(text), at + 2));
            }
            '\\' | '\n' => {
                let message = "a literal holds no backslash and no line break";
                return Err(fail(Code::Parse, offset + 1 + at, message));
            }
            _ => {}
        }
    }
    Err(fail(Code::Parse, offset, "a literal without its closing quote"))
}

/// `["-"] digits ["." digits] ["e" digits]`.
fn number(rest: &str, offset: usize) -> Result<(Token, usize), ExprError> {
    let digits = |from: usize| -> usize {
        rest.get(from..).map_or(0, |r| r.bytes().take_while(u8::is_ascii_digit).count())
    };
    let sign = usize::from(rest.starts_with('-'));
    let mut length = sign + digits(sign);
    for mark in [".", "e"] {
        if rest.get(length..).is_some_and(|r| r.starts_with(mark)) {
            let more = digits(length + 1);
            if more == 0 {
                return Err(fail(Code::Parse, offset + length, "digits are missing"));
            }
            length += 1 + more;
        }
    }
    let value: Option<f64> = rest.get(..length).and_then(|t| t.parse().ok());
    match value.filter(|v| v.is_finite()) {
        Some(value) => Ok((Token::Number(value), length)),
        None => Err(fail(Code::Value, offset, "the number is too large")),
    }
}

/// The type of an operand.
#[derive(Clone, Copy)]
enum Typed<'a> {
    Fact(&'a Fact),
    Number,
    Text,
    Variable(&'a Fact),
}

impl<'a> Typed<'a> {
    const fn kind(self) -> Kind {
        match self {
            Self::Fact(fact) | Self::Variable(fact) => fact.kind,
            Self::Number => Kind::Number,
            Self::Text => Kind::Text,
        }
    }

    const fn is_list(self) -> bool {
        matches!(self, Self::Fact(fact) if fact.list)
    }

    const fn source(self) -> Option<&'a Fact> {
        match self {
            Self::Fact(fact) | Self::Variable(fact) => Some(fact),
            Self::Number | Self::Text => None,
        }
    }
}

struct Parser<'a> {
    tokens: Vec<At>,
    next: usize,
    end: usize,
    words: &'a Vocabulary,
    sets: Sets<'a>,
    nodes: usize,
    literals: usize,
    /// The variable of the quantifier around, and the list it runs over.
    bound: Option<(String, FactId)>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|at| &at.token)
    }

    fn peek_after(&self, skip: usize) -> Option<&Token> {
        self.tokens.get(self.next + skip).map(|at| &at.token)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |at| at.offset)
    }

    fn wrong(&self, wanted: &str) -> ExprError {
        fail(Code::Parse, self.offset(), format!("expected {wanted}"))
    }

    fn eat(&mut self, symbol: &'static str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(s)) if *s == symbol);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), ExprError> {
        if self.eat(symbol) { Ok(()) } else { Err(self.wrong(&format!("`{symbol}`"))) }
    }

    fn grow(&mut self, offset: usize) -> Result<(), ExprError> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(fail(Code::Limit, offset, format!("more than {NODES_MAX} nodes")));
        }
        Ok(())
    }

    fn or(&mut self, depth: usize) -> Result<Node, ExprError> {
        let at = self.offset();
        let first = self.and(depth)?;
        let mut items = vec![first];
        while self.eat("||") {
            items.push(self.and(depth)?);
        }
        self.joined(items, at, Node::Or)
    }

    fn and(&mut self, depth: usize) -> Result<Node, ExprError> {
        let at = self.offset();
        let first = self.unary(depth)?;
        let mut items = vec![first];
        while self.eat("&&") {
            items.push(self.unary(depth)?);
        }
        self.joined(items, at, Node::And)
    }

    fn joined(
        &mut self,
        mut items: Vec<Node>,
        at: usize,
        make: fn(Vec<Node>) -> Node,
    ) -> Result<Node, ExprError> {
        if items.len() > 1 {
            self.grow(at)?;
            return Ok(make(items));
        }
        items.pop().ok_or_else(|| fail(Code::Parse, at, "an expression is missing"))
    }

    fn deeper(&self, depth: usize) -> Result<usize, ExprError> {
        if depth >= DEPTH_MAX {
            return Err(fail(Code::Limit, self.offset(), format!("deeper than {DEPTH_MAX}")));
        }
        Ok(depth + 1)
    }

    fn unary(&mut self, depth: usize) -> Result<Node, ExprError> {
        let at = self.offset();
        if matches!(self.peek(), Some(Token::Symbol("!"))) {
            let depth = self.deeper(depth)?;
            self.next += 1;
            self.grow(at)?;
            return Ok(Node::Not(Box::new(self.unary(depth)?)));
        }
        if matches!(self.peek(), Some(Token::Symbol("("))) {
            let depth = self.deeper(depth)?;
            self.next += 1;
            let inner = self.or(depth)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let constant = match self.peek() {
            Some(Token::Id(word)) if word == "true" => Some(true),
            Some(Token::Id(word)) if word == "false" => Some(false),
            Some(_) | None => None,
        };
        if let Some(value) = constant {
            self.next += 1;
            self.grow(at)?;
            return Ok(Node::Const(value));
        }
        self.test(depth)
    }

    fn test(&mut self, depth: usize) -> Result<Node, ExprError> {
        let at = self.offset();
        let (left, typed) = self.operand()?;
        let op = match self.peek() {
            Some(Token::Symbol(symbol)) => comparison(symbol),
            Some(_) | None => None,
        };
        self.grow(at)?;
        if let Some(op) = op {
            self.next += 1;
            let right_at = self.offset();
            let (right, right_type) = self.operand()?;
            comparable(op, (typed, &left, at), (right_type, &right, right_at))?;
            return Ok(Node::Compare(left, op, right));
        }
        if matches!(self.peek(), Some(Token::Id(word)) if word == "in") {
            self.next += 1;
            let list = self.haystack(typed, &left, at)?;
            return Ok(Node::In(left, list));
        }
        let (Operand::Fact(id), Typed::Fact(fact)) = (&left, typed) else {
            return Err(fail(Code::Type, at, "only a boolean fact stands alone"));
        };
        if self.eat(".") {
            return self.quantifier(*id, fact, depth);
        }
        if fact.list || fact.kind != Kind::Bool {
            return Err(fail(Code::Type, at, format!("{} is no boolean", fact.name)));
        }
        Ok(Node::Fact(*id))
    }

    fn quantifier(&mut self, list: FactId, fact: &Fact, depth: usize) -> Result<Node, ExprError> {
        let at = self.offset();
        let all = match self.peek() {
            Some(Token::Id(word)) if word == "exists" => false,
            Some(Token::Id(word)) if word == "all" => true,
            Some(_) | None => return Err(self.wrong("`exists` or `all`")),
        };
        self.next += 1;
        if self.bound.is_some() {
            return Err(fail(Code::Type, at, "quantifiers do not nest"));
        }
        if !fact.list {
            return Err(fail(Code::Type, at, format!("{} is no list", fact.name)));
        }
        let depth = self.deeper(depth)?;
        self.expect("(")?;
        let variable = match self.peek() {
            Some(Token::Id(word)) if !reserved(word) => word.clone(),
            Some(_) | None => return Err(self.wrong("the name of a variable")),
        };
        self.next += 1;
        self.expect(",")?;
        self.bound = Some((variable, list));
        let body = self.or(depth)?;
        self.bound = None;
        self.expect(")")?;
        Ok(Node::Quantified { all, list, body: Box::new(body) })
    }

    fn operand(&mut self) -> Result<(Operand, Typed<'a>), ExprError> {
        let at = self.offset();
        match self.peek().cloned() {
            Some(Token::Number(value)) => {
                self.literal(at)?;
                Ok((Operand::Literal(Scalar::Number(value)), Typed::Number))
            }
            Some(Token::Text(text)) => {
                self.literal(at)?;
                Ok((Operand::Literal(Scalar::Text(text.into())), Typed::Text))
            }
            Some(Token::Id(word)) if reserved(&word) => Err(self.wrong("a fact or a literal")),
            Some(Token::Id(word)) => {
                if matches!(self.peek_after(1), Some(Token::Symbol("."))) {
                    let (id, fact) = self.path()?;
                    return Ok((Operand::Fact(id), Typed::Fact(fact)));
                }
                self.variable(&word, at)
            }
            Some(Token::Symbol(_)) | None => Err(self.wrong("a fact or a literal")),
        }
    }

    fn literal(&mut self, at: usize) -> Result<(), ExprError> {
        self.next += 1;
        self.literals += 1;
        if self.literals > LITERALS_MAX {
            return Err(fail(Code::Limit, at, format!("more than {LITERALS_MAX} literals")));
        }
        self.grow(at)
    }

    fn variable(&mut self, word: &str, at: usize) -> Result<(Operand, Typed<'a>), ExprError> {
        let list = match &self.bound {
            Some((name, list)) if name == word => *list,
            Some(_) | None => {
                return Err(fail(Code::Name, at, format!("{word} is no variable here")));
            }
        };
        self.next += 1;
        self.grow(at)?;
        let fact = self.words.fact(list);
        let fact = fact.ok_or_else(|| fail(Code::Name, at, "no such list"))?;
        Ok((Operand::Variable, Typed::Variable(fact)))
    }

    fn path(&mut self) -> Result<(FactId, &'a Fact), ExprError> {
        let at = self.offset();
        let Some(Token::Id(group)) = self.peek().cloned() else {
            return Err(self.wrong("a fact"));
        };
        self.next += 1;
        self.expect(".")?;
        let Some(Token::Id(field)) = self.peek().cloned() else {
            return Err(self.wrong("the name of a fact"));
        };
        self.next += 1;
        self.grow(at)?;
        let name = format!("{group}.{field}");
        let found = self.words.id(&name).and_then(|id| self.words.fact(id).map(|f| (id, f)));
        found.ok_or_else(|| fail(Code::Name, at, format!("no fact {name}")))
    }

    fn haystack(
        &mut self,
        item: Typed<'a>,
        left: &Operand,
        left_at: usize,
    ) -> Result<Haystack, ExprError> {
        let at = self.offset();
        if item.is_list() {
            return Err(fail(Code::Type, left_at, "a list is not in a list"));
        }
        if self.eat("[") {
            return self.literals(item, left, left_at);
        }
        let Some(Token::Id(word)) = self.peek().cloned() else {
            return Err(self.wrong("a list"));
        };
        if matches!(self.peek_after(1), Some(Token::Symbol("."))) {
            let (id, fact) = self.path()?;
            if !fact.list {
                return Err(fail(Code::Type, at, format!("{} is no list", fact.name)));
            }
            agree(item, left, left_at, Typed::Variable(fact), at)?;
            return Ok(Haystack::Fact(id));
        }
        self.next += 1;
        self.grow(at)?;
        let set = self.words.set(&word).cloned().or_else(|| (self.sets)(&word));
        let set = set.ok_or_else(|| fail(Code::Name, at, format!("{NO_SUCH_SET} {word}")))?;
        match (item.kind(), left) {
            (Kind::Country, _) => Ok(Haystack::Set(set)),
            (Kind::Text, Operand::Literal(Scalar::Text(text))) if is_country(text) => {
                Ok(Haystack::Set(set))
            }
            (Kind::Bool | Kind::Enum | Kind::Number | Kind::Text, _) => {
                Err(fail(Code::Type, left_at, "a set holds countries"))
            }
        }
    }

    fn literals(
        &mut self,
        item: Typed<'a>,
        left: &Operand,
        left_at: usize,
    ) -> Result<Haystack, ExprError> {
        let mut all = Vec::new();
        loop {
            let at = self.offset();
            let (operand, typed) = self.operand()?;
            let Operand::Literal(value) = &operand else {
                return Err(fail(Code::Parse, at, "expected a literal"));
            };
            all.push(value.clone());
            comparable(Op::Equal, (item, left, left_at), (typed, &operand, at))?;
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]")?;
        Ok(Haystack::Literals(all))
    }
}

fn reserved(word: &str) -> bool {
    matches!(word, "all" | "exists" | "false" | "in" | "true")
}

fn comparison(symbol: &str) -> Option<Op> {
    Some(match symbol {
        "!=" => Op::NotEqual,
        "<" => Op::Less,
        "<=" => Op::LessOrEqual,
        "==" => Op::Equal,
        ">" => Op::Greater,
        ">=" => Op::GreaterOrEqual,
        _ => return None,
    })
}

type Side<'a, 'b> = (Typed<'a>, &'b Operand, usize);

fn comparable(op: Op, left: Side<'_, '_>, right: Side<'_, '_>) -> Result<(), ExprError> {
    for (typed, _, at) in [&left, &right] {
        if typed.is_list() {
            return Err(fail(Code::Type, *at, "a list cannot be compared"));
        }
        let ordered = !matches!(op, Op::Equal | Op::NotEqual);
        if ordered && typed.kind() != Kind::Number {
            return Err(fail(Code::Type, *at, "only numbers have an order"));
        }
    }
    let bare = left.0.source().is_none() && right.0.source().is_none();
    if bare && left.0.kind() != right.0.kind() {
        return Err(fail(Code::Type, right.2, "the types differ"));
    }
    agree(left.0, left.1, left.2, right.0, right.2)?;
    agree(right.0, right.1, right.2, left.0, left.2)
}

/// Checks that `value` can be compared with `other`, and that a literal exists there.
fn agree(
    value: Typed<'_>,
    operand: &Operand,
    at: usize,
    other: Typed<'_>,
    other_at: usize,
) -> Result<(), ExprError> {
    let Some(fact) = other.source() else { return Ok(()) };
    if let Operand::Literal(literal) = operand {
        return literal_fits(literal, fact, at);
    }
    let same = value.kind() == fact.kind;
    if same { Ok(()) } else { Err(fail(Code::Type, other_at, "the types differ")) }
}

fn literal_fits(literal: &Scalar, fact: &Fact, at: usize) -> Result<(), ExprError> {
    match (literal, fact.kind) {
        (Scalar::Text(_), Kind::Text) | (Scalar::Number(_), Kind::Number) => Ok(()),
        (Scalar::Text(text), Kind::Country) => {
            let message = || format!("{text:?} is no country code");
            if is_country(text) { Ok(()) } else { Err(fail(Code::Value, at, message())) }
        }
        (Scalar::Text(text), Kind::Enum) => {
            let message = || format!("{} is never {text:?}", fact.name);
            let known = fact.values.contains(text.as_ref());
            if known { Ok(()) } else { Err(fail(Code::Value, at, message())) }
        }
        (Scalar::Bool(_) | Scalar::Number(_) | Scalar::Text(_), _) => {
            Err(fail(Code::Type, at, format!("{} has another type", fact.name)))
        }
    }
}
