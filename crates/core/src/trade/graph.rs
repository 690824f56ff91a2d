//! The graph of a bill of materials: nodes, edges with levels, reach and the least path (CT-34, CT-40).
//!
//! Nothing recurses: a chain of a hundred thousand nodes is read like any other. Not here: file formats
//! (`bom`), and what a node's jurisdictions mean (`assess`).

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hasher as _};

use super::word::{Criticality, EdgeKind, NodeKind, Role};
use crate::cert::day::Day;
use crate::refusal::Refusal;

/// The most nodes of a bill of materials.
pub const NODES_MAX: usize = 200_000;
/// The most edges of a bill of materials.
pub const EDGES_MAX: usize = 2_000_000;

/// What the bill declares of a node's parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Some part is said to be missing or unknown.
    pub lacking: bool,
    /// It is said that nothing is said.
    pub absent: bool,
    /// Everything is said to be there.
    pub complete: bool,
}

/// A node of the graph.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its reference.
    pub reference: Box<str>,
    /// What it is.
    pub kind: NodeKind,
    /// Whether it is listed at the top of the bill.
    pub listed: bool,
    /// The jurisdictions the bill claims, as written.
    pub claims: Vec<(Role, Box<str>)>,
    /// Its share of the good's value, in parts per million.
    pub share_ppm: u64,
    /// How much depends on it.
    pub criticality: Criticality,
    /// Whether it is a frontier model.
    pub frontier: bool,
    /// Its own day.
    pub date: Option<Day>,
    /// Hashes of its content: algorithm and value.
    pub hashes: Vec<(Box<str>, Box<str>)>,
    /// What the bill declares of its parts.
    pub declared: Declared,
}

/// The whole value, in parts per million.
pub const WHOLE_PPM: u64 = 1_000_000;

impl Node {
    /// Returns a node of which nothing else is known.
    #[must_use]
    pub fn new(reference: &str, kind: NodeKind) -> Self {
        Self {
            reference: reference.into(),
            kind,
            listed: false,
            claims: Vec::new(),
            share_ppm: WHOLE_PPM,
            criticality: Criticality::Core,
            frontier: false,
            date: None,
            hashes: Vec::new(),
            declared: Declared::default(),
        }
    }
}

/// A place in the list of nodes.
pub type Place = usize;

/// An edge between places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The whole.
    pub from: u32,
    /// What enters it.
    pub to: u32,
    /// How.
    pub kind: EdgeKind,
}

/// The graph of a bill of materials, with its root.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    root: Place,
    /// Every node's place among all references, by bytes.
    order: Vec<u32>,
    edges: Vec<Edge>,
}

/// A graph that is being read: references are names until all nodes are known.
#[derive(Debug, Default)]
pub struct Builder<'d> {
    nodes: Vec<Node>,
    /// By hash first, so that a million look-ups hardly touch the names; equal hashes only cost time.
    places: BTreeMap<(u64, Cow<'d, str>), Place>,
    edges: Vec<Edge>,
    pending: Vec<(End<'d>, End<'d>, EdgeKind)>,
}

/// An end of an edge: a name, or a node that is known already.
#[derive(Clone, Copy, Debug)]
pub enum End<'d> {
    /// A reference to be looked up.
    Name(&'d str),
    /// A node.
    Node(Place),
    /// The root.
    Root,
}

impl<'d> Builder<'d> {
    /// Adds a node; one reference names one node.
    pub fn node(&mut self, reference: Cow<'d, str>, kind: NodeKind) -> Result<Place, Refusal> {
        if self.nodes.len() >= NODES_MAX {
            return Err(Refusal::new("limit-nodes", "").with("max", NODES_MAX));
        }
        let place = self.nodes.len();
        self.nodes.push(Node::new(&reference, kind));
        if self.places.insert((hash(&reference), reference), place).is_some() {
            let node = self.nodes.pop();
            let reference = node.map(|node| node.reference.into_string()).unwrap_or_default();
            return Err(Refusal::new("bom-duplicate-ref", "").with("ref", reference));
        }
        Ok(place)
    }

    /// Returns a node to be filled.
    pub fn node_mut(&mut self, place: Place) -> Option<&mut Node> {
        self.nodes.get_mut(place)
    }

    /// Returns the place of a reference.
    #[must_use]
    pub fn place(&self, reference: &str) -> Option<Place> {
        self.places.get(&(hash(reference), Cow::Borrowed(reference))).copied()
    }

    /// Adds an edge whose ends may be named before they are known.
    pub fn edge(&mut self, from: End<'d>, to: End<'d>, kind: EdgeKind) -> Result<(), Refusal> {
        if self.pending.len() >= EDGES_MAX {
            return Err(Refusal::new("limit-edges", "").with("max", EDGES_MAX));
        }
        self.pending.push((from, to, kind));
        Ok(())
    }

    /// Ends reading: names become nodes, unresolved if need be, and listed nodes hang from the root.
    pub fn finish(mut self, root: &str) -> Result<Graph, Refusal> {
        let root =
            self.place(root).ok_or_else(|| Refusal::new("bom-no-root", "").with("root", root))?;
        // Edges of one node mostly stand together.
        let mut last: Option<(&str, u32)> = None;
        for (from, to, kind) in std::mem::take(&mut self.pending) {
            let from = match (from, last) {
                (End::Name(name), Some((known, place))) if name == known => place,
                (End::Name(name), _) => {
                    let place = self.end(from, root)?;
                    last = Some((name, place));
                    place
                }
                (End::Node(_) | End::Root, _) => self.end(from, root)?,
            };
            let to = self.end(to, root)?;
            self.edges.push(Edge { from, to, kind });
        }
        self.hang_listed(root)?;
        let order = order(&self.nodes);
        Ok(Graph { nodes: self.nodes, root, order, edges: self.edges })
    }

    fn end(&mut self, end: End<'d>, root: Place) -> Result<u32, Refusal> {
        let place = match end {
            End::Node(place) => place,
            End::Root => root,
            End::Name(name) => match self.place(name) {
                Some(place) => place,
                None => self.node(Cow::Borrowed(name), NodeKind::Unresolved)?,
            },
        };
        u32::try_from(place).map_err(|_| Refusal::new("limit-nodes", ""))
    }

    /// What stands at the top of a bill is part of the good, though nothing says of what (CT-35).
    fn hang_listed(&mut self, root: Place) -> Result<(), Refusal> {
        let from = u32::try_from(root).map_err(|_| Refusal::new("limit-nodes", ""))?;
        let all = Adjacency::new(self.nodes.len(), &self.edges, |edge| (edge.from, edge.to));
        let reached = all.reach([from]);
        let places = self.nodes.iter().zip(&reached).enumerate();
        let hung: Vec<u32> = places
            .filter(|(_, (node, reached))| node.listed && !**reached)
            .filter_map(|(place, _)| u32::try_from(place).ok())
            .collect();
        if self.edges.len() + hung.len() > EDGES_MAX {
            return Err(Refusal::new("limit-edges", "").with("max", EDGES_MAX));
        }
        self.edges.extend(hung.into_iter().map(|to| Edge { from, to, kind: EdgeKind::Listed }));
        Ok(())
    }
}

/// Returns a hash that never leaves this module.
fn hash(reference: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(reference.as_bytes());
    hasher.finish()
}

/// Returns every node's place among the references by bytes.
fn order(nodes: &[Node]) -> Vec<u32> {
    let mut sorted: Vec<Place> = (0..nodes.len()).collect();
    sorted.sort_unstable_by_key(|place| nodes.get(*place).map(|node| &node.reference));
    let mut order = vec![0; nodes.len()];
    for (rank, place) in (0_u32..).zip(sorted) {
        if let Some(slot) = order.get_mut(place) {
            *slot = rank;
        }
    }
    order
}

/// Successors of every node in one list.
struct Adjacency {
    starts: Vec<usize>,
    targets: Vec<u32>,
}

impl Adjacency {
    fn new<E: Copy>(nodes: usize, edges: &[E], ends: impl Fn(E) -> (u32, u32)) -> Self {
        let mut starts = vec![0_usize; nodes + 1];
        for edge in edges {
            if let Some(count) = starts.get_mut(index(ends(*edge).0) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut targets = vec![0; edges.len()];
        for edge in edges {
            let (from, to) = ends(*edge);
            let Some(place) = next.get_mut(index(from)) else { continue };
            if let Some(target) = targets.get_mut(*place) {
                *target = to;
            }
            *place += 1;
        }
        Self { starts, targets }
    }

    fn successors(&self, place: u32) -> &[u32] {
        let start = self.starts.get(index(place)).copied().unwrap_or_default();
        let end = self.starts.get(index(place) + 1).copied().unwrap_or_default();
        self.targets.get(start..end).unwrap_or_default()
    }

    fn reach(&self, from: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let mut reached = vec![false; self.starts.len().saturating_sub(1)];
        let mut stack: Vec<u32> = Vec::new();
        for place in from {
            mark(&mut reached, place, &mut stack);
        }
        while let Some(place) = stack.pop() {
            for next in self.successors(place) {
                mark(&mut reached, *next, &mut stack);
            }
        }
        reached
    }
}

fn mark(reached: &mut [bool], place: u32, stack: &mut Vec<u32>) {
    if let Some(seen) = reached.get_mut(index(place))
        && !*seen
    {
        *seen = true;
        stack.push(place);
    }
}

/// A `u32` fits every platform this runs on.
fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

impl Graph {
    /// Returns the nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns the node at a place.
    #[must_use]
    pub fn node(&self, place: Place) -> Option<&Node> {
        self.nodes.get(place)
    }

    /// Returns the root's place.
    #[must_use]
    pub const fn root(&self) -> Place {
        self.root
    }

    /// Returns the node's place among all references, by bytes.
    #[must_use]
    pub fn rank(&self, place: Place) -> u32 {
        self.order.get(place).copied().unwrap_or(u32::MAX)
    }

    /// Returns what the root reaches over edges up to a scope level.
    #[must_use]
    pub fn scope(&self, level: i64) -> Scope<'_> {
        Scope::new(self, level)
    }
}

const NOWHERE: u32 = u32::MAX;

/// How many references a path shows at each end once it is cut.
const PATH_END: usize = 32;

/// What the root reaches, by the least paths.
pub struct Scope<'g> {
    graph: &'g Graph,
    /// Edges in scope, by source, then target's reference, then kind; parallel edges but the first gone.
    edges: Vec<Edge>,
    adjacency: Adjacency,
    /// Edges to every node on the least path: none for the root, [`NOWHERE`] if it is not reached.
    hops: Vec<u32>,
    parents: Vec<u32>,
    /// The last of the first references of a long path.
    heads: Vec<u32>,
}

/// A path from the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// How many edges.
    pub hops: u32,
    /// The references, cut in the middle if it is long.
    pub references: Vec<String>,
    /// The edges' kinds, none if it is cut.
    pub via: Vec<EdgeKind>,
}

impl<'g> Scope<'g> {
    fn new(graph: &'g Graph, level: i64) -> Self {
        let in_scope = graph.edges.iter().filter(|edge| edge.kind.level() <= level);
        // Ranks are looked up once: a million edges are sorted by what stands in them.
        let mut ranked: Vec<(u32, u32, EdgeKind, u32)> = in_scope
            .map(|edge| (edge.from, graph.rank(index(edge.to)), edge.kind, edge.to))
            .collect();
        ranked.sort_unstable();
        ranked.dedup_by_key(|(from, rank, ..)| (*from, *rank));
        let edges: Vec<Edge> =
            ranked.into_iter().map(|(from, _, kind, to)| Edge { from, to, kind }).collect();
        let nodes = graph.nodes.len();
        let adjacency = Adjacency::new(nodes, &edges, |edge| (edge.from, edge.to));
        let mut scope = Self {
            graph,
            edges,
            adjacency,
            hops: vec![NOWHERE; nodes],
            parents: vec![NOWHERE; nodes],
            heads: vec![NOWHERE; nodes],
        };
        scope.walk();
        scope
    }

    /// Breadth first, successors by reference: whoever arrives first came the least path.
    fn walk(&mut self) {
        let Ok(root) = u32::try_from(self.graph.root) else { return };
        let mut queue = VecDeque::from([root]);
        set(&mut self.hops, root, 0);
        while let Some(place) = queue.pop_front() {
            let hops = at(&self.hops, place) + 1;
            let head = at(&self.heads, place);
            for next in self.adjacency.successors(place) {
                if at(&self.hops, *next) == NOWHERE {
                    set(&mut self.hops, *next, hops);
                    set(&mut self.parents, *next, place);
                    let is_head = usize::try_from(hops).ok() == Some(PATH_END - 1);
                    set(&mut self.heads, *next, if is_head { *next } else { head });
                    queue.push_back(*next);
                }
            }
        }
    }

    /// Returns whether the root reaches the place.
    #[must_use]
    pub fn reaches(&self, place: Place) -> bool {
        self.hops.get(place).is_some_and(|hops| *hops != NOWHERE)
    }

    /// Returns the places that the root reaches.
    pub fn reached(&self) -> impl Iterator<Item = Place> + '_ {
        (0..self.hops.len()).filter(|place| self.reaches(*place))
    }

    /// Returns the direct successors of the root, by reference.
    #[must_use]
    pub fn parts(&self) -> Vec<Place> {
        let root = u32::try_from(self.graph.root).unwrap_or(NOWHERE);
        self.adjacency.successors(root).iter().map(|place| index(*place)).collect()
    }

    /// Returns which places reach one of the given places, themselves included.
    ///
    /// This gives every node's Kleene "and" at once: what reaches a bad node is bad.
    #[must_use]
    pub fn reaching(&self, targets: impl IntoIterator<Item = Place>) -> Vec<bool> {
        let reversed = Adjacency::new(self.hops.len(), &self.edges, |edge| (edge.to, edge.from));
        reversed.reach(targets.into_iter().filter_map(|place| u32::try_from(place).ok()))
    }

    /// Returns the least path to a place that is reached.
    #[must_use]
    pub fn path(&self, place: Place) -> Path {
        let place = u32::try_from(place).unwrap_or(NOWHERE);
        let hops = at(&self.hops, place);
        let is_cut = index(hops) + 1 > 2 * PATH_END;
        let mut places = if is_cut {
            let tail = self.back_from(place, PATH_END);
            let head = self.back_from(at(&self.heads, place), PATH_END);
            [tail, head].concat()
        } else {
            self.back_from(place, 2 * PATH_END)
        };
        places.reverse();
        let pairs = places.iter().zip(places.iter().skip(1));
        let via = pairs.filter_map(|(from, to)| self.kind(*from, *to)).collect();
        let reference = |place: &u32| {
            let node = self.graph.node(index(*place));
            node.map(|node| node.reference.to_string()).unwrap_or_default()
        };
        let references = places.iter().map(reference).collect();
        Path { hops, references, via: if is_cut { Vec::new() } else { via } }
    }

    fn back_from(&self, place: u32, steps: usize) -> Vec<u32> {
        let next = |place: &u32| Some(at(&self.parents, *place)).filter(|next| *next != NOWHERE);
        std::iter::successors(Some(place), next).take(steps).collect()
    }

    fn kind(&self, from: u32, to: u32) -> Option<EdgeKind> {
        let rank = self.graph.rank(index(to));
        let key = |edge: &Edge| (edge.from, self.graph.rank(index(edge.to)));
        let place = self.edges.binary_search_by_key(&(from, rank), key).ok()?;
        self.edges.get(place).map(|edge| edge.kind)
    }
}

fn at(list: &[u32], place: u32) -> u32 {
    list.get(index(place)).copied().unwrap_or(NOWHERE)
}

fn set(list: &mut [u32], place: u32, value: u32) {
    if let Some(slot) = list.get_mut(index(place)) {
        *slot = value;
    }
}
