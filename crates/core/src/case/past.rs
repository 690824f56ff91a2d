//! Pasts, compact: how much of every chain an entry reaches (case-protocol.md, CP-02).
//!
//! Each author's entries are cut into *chains*, in which every entry is the `prev` of the next with the
//! next seq. Whoever reaches one entry of a chain reaches all before it, so a past is one length a
//! chain. Lengths live in a tree of 32-wide nodes that pasts share: an entry costs a few nodes, even
//! with thousands of chains. Not here: which chains belong to whom (`history`).

use std::sync::Arc;

const WIDTH: usize = 32;
const BITS: u32 = 5;

#[derive(Clone, Debug)]
enum Node {
    Branch([Option<Arc<Node>>; WIDTH]),
    Leaf([u32; WIDTH]),
}

/// A set of entries that holds the past of each of its members.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    root: Option<Arc<Node>>,
    /// Levels of branches above the leaves.
    height: u32,
}

/// Where an entry lies: its chain and its place in it, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) chain: usize,
    pub(super) place: u32,
}

impl Past {
    /// Returns how many entries of `chain` it holds.
    pub(super) fn length(&self, chain: usize) -> u32 {
        let mut node = self.root.as_deref();
        if chain >> (BITS * (self.height + 1)).min(60) != 0 {
            return 0;
        }
        for level in (0..=self.height).rev() {
            match node {
                None => return 0,
                Some(Node::Branch(children)) => {
                    node = children.get(slot(chain, level)).and_then(Option::as_deref);
                }
                Some(Node::Leaf(lengths)) => {
                    return lengths.get(slot(chain, 0)).copied().unwrap_or(0);
                }
            }
        }
        0
    }

    pub(super) fn holds(&self, spot: Spot) -> bool {
        self.length(spot.chain) > spot.place
    }

    /// Adds an entry whose own past is already in.
    pub(super) fn add(&mut self, spot: Spot) {
        while spot.chain >> (BITS * (self.height + 1)).min(60) != 0 {
            self.raise();
        }
        let root = self.root.get_or_insert_with(|| Arc::new(empty(self.height)));
        set(root, self.height, spot.chain, spot.place + 1);
    }

    /// Adds all of `other`.
    pub(super) fn join(&mut self, other: &Self) {
        let Some(theirs) = &other.root else { return };
        let mut theirs = Arc::clone(theirs);
        let mut height = other.height;
        if self.root.is_none() {
            (self.root, self.height) = (Some(theirs), height);
            return;
        }
        while self.height < height {
            self.raise();
        }
        while height < self.height {
            theirs = raised(theirs);
            height += 1;
        }
        if let Some(ours) = &mut self.root {
            join(ours, &theirs);
        }
    }

    fn raise(&mut self) {
        self.root = self.root.take().map(raised);
        self.height += 1;
    }
}

fn slot(chain: usize, level: u32) -> usize {
    (chain >> (BITS * level).min(60)) % WIDTH
}

fn empty(height: u32) -> Node {
    if height == 0 { Node::Leaf([0; WIDTH]) } else { Node::Branch(Default::default()) }
}

fn raised(node: Arc<Node>) -> Arc<Node> {
    let mut children: [Option<Arc<Node>>; WIDTH] = Default::default();
    if let Some(first) = children.first_mut() {
        *first = Some(node);
    }
    Arc::new(Node::Branch(children))
}

fn set(node: &mut Arc<Node>, level: u32, chain: usize, length: u32) {
    match Arc::make_mut(node) {
        Node::Branch(children) => {
            if let Some(child) = children.get_mut(slot(chain, level)) {
                let child = child.get_or_insert_with(|| Arc::new(empty(level - 1)));
                set(child, level - 1, chain, length);
            }
        }
        Node::Leaf(lengths) => {
            if let Some(old) = lengths.get_mut(slot(chain, 0)) {
                *old = (*old).max(length);
            }
        }
    }
}

/// Joins without copying what one side already shares with, or holds more than, the other.
fn join(ours: &mut Arc<Node>, theirs: &Arc<Node>) {
    if Arc::ptr_eq(ours, theirs) || covers(ours, theirs) {
        return;
    }
    if covers(theirs, ours) {
        *ours = Arc::clone(theirs);
        return;
    }
    match (Arc::make_mut(ours), theirs.as_ref()) {
        (Node::Branch(ours), Node::Branch(theirs)) => {
            for (our, their) in ours.iter_mut().zip(theirs) {
                match (our.as_mut(), their) {
                    (_, None) => {}
                    (None, Some(their)) => *our = Some(Arc::clone(their)),
                    (Some(our), Some(their)) => join(our, their),
                }
            }
        }
        (Node::Leaf(ours), Node::Leaf(theirs)) => {
            for (our, their) in ours.iter_mut().zip(theirs) {
                *our = (*our).max(*their);
            }
        }
        (Node::Branch(_), Node::Leaf(_)) | (Node::Leaf(_), Node::Branch(_)) => {}
    }
}

/// Tells cheaply whether `ours` holds all of `theirs`; "no" for branches that share too little.
fn covers(ours: &Node, theirs: &Node) -> bool {
    match (ours, theirs) {
        (Node::Leaf(ours), Node::Leaf(theirs)) => {
            ours.iter().zip(theirs).all(|(our, their)| our >= their)
        }
        (Node::Branch(ours), Node::Branch(theirs)) => {
            ours.iter().zip(theirs).all(|(our, their)| match (our, their) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(our), Some(their)) => Arc::ptr_eq(our, their),
            })
        }
        (Node::Branch(_), Node::Leaf(_)) | (Node::Leaf(_), Node::Branch(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(spots: &[(usize, u32)]) -> Past {
        let mut past = Past::default();
        for &(chain, place) in spots {
            past.add(Spot { chain, place });
        }
        past
    }

    #[test]
    fn a_past_holds_the_head_and_all_before_it() {
        let past = past(&[(0, 3), (40, 0), (5000, 7)]);
        let check = |chain, place, held| {
            assert_eq!(past.holds(Spot { chain, place }), held, "{chain} {place}");
        };
        check(0, 0, true);
        check(0, 3, true);
        check(0, 4, false);
        check(40, 0, true);
        check(5000, 7, true);
        check(5000, 8, false);
        check(41, 0, false);
        check(1 << 30, 0, false);
    }

    #[test]
    fn joining_takes_the_longer_of_each_chain_whatever_the_heights() {
        let small = past(&[(0, 1), (3, 9)]);
        let large = past(&[(0, 4), (70, 2), (40_000, 1)]);
        for (mut first, second) in [(small.clone(), &large), (large.clone(), &small)] {
            first.join(second);
            let lengths = [0, 3, 70, 40_000, 1].map(|chain| first.length(chain));
            assert_eq!(lengths, [5, 10, 3, 2, 0]);
        }
        let mut none = Past::default();
        none.join(&small);
        assert_eq!(none.length(3), 10);
        none.join(&Past::default());
        assert_eq!(none.length(0), 2);
    }
}
