//! What unknown facts can still change: a function is tried on every combination of what they may be.
//!
//! A fact matters if two combinations that differ in it alone give different results; only such facts
//! are asked for.

use std::collections::BTreeSet;

/// The results of a function over all combinations of `N` facts.
#[derive(Clone, Debug)]
pub(super) struct Exploration<T, const N: usize> {
    /// Every result.
    pub(super) values: BTreeSet<T>,
    /// For each fact, the different results between which it alone can choose.
    pub(super) pairs: [BTreeSet<(T, T)>; N],
}

/// Tries `function` on every combination of places below the sizes.
pub(super) fn explore<T: Copy + Ord, const N: usize>(
    sizes: [usize; N],
    function: impl Fn([usize; N]) -> T,
) -> Exploration<T, N> {
    let count: usize = sizes.iter().product();
    let results: Vec<T> = (0..count).map(|index| function(places(sizes, index))).collect();
    let mut stride = count;
    let pairs = sizes.map(|size| {
        stride /= size.max(1);
        let mut found = BTreeSet::new();
        for (index, result) in results.iter().enumerate() {
            let place = index / stride.max(1) % size;
            for step in 1..size - place {
                match results.get(index + step * stride) {
                    Some(other) if other != result => found.insert((*result, *other)),
                    Some(_) | None => false,
                };
            }
        }
        found
    });
    Exploration { values: results.into_iter().collect(), pairs }
}

/// Returns the places of a combination; the last fact changes fastest.
fn places<const N: usize>(sizes: [usize; N], index: usize) -> [usize; N] {
    let mut rest: usize = sizes.iter().product();
    sizes.map(|size| {
        rest /= size.max(1);
        index / rest.max(1) % size.max(1)
    })
}
