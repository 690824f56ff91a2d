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
    let mut results: Vec<T> = Vec::with_capacity(count);
    let mut places = [0; N];
    for _ in 0..count {
        results.push(function(places));
        advance(&mut places, &sizes);
    }
    let mut stride = count;
    let pairs = sizes.map(|size| {
        stride /= size.max(1);
        pairs(&results, size, stride.max(1))
    });
    // Few different results among many: looked up before they are put in order.
    let mut values: Vec<T> = Vec::new();
    for result in &results {
        if !values.contains(result) {
            values.push(*result);
        }
    }
    Exploration { values: values.into_iter().collect(), pairs }
}

/// Returns the different results between which one fact chooses while all others stay.
fn pairs<T: Copy + Ord>(results: &[T], size: usize, stride: usize) -> BTreeSet<(T, T)> {
    let mut found: Vec<(T, T)> = Vec::new();
    for (index, result) in results.iter().enumerate() {
        let place = index / stride % size.max(1);
        for step in 1..size.saturating_sub(place) {
            if let Some(other) = results.get(index + step * stride)
                && other != result
                && !found.contains(&(*result, *other))
            {
                found.push((*result, *other));
            }
        }
    }
    found.into_iter().collect()
}

/// Goes to the next combination; the last fact changes fastest.
fn advance<const N: usize>(places: &mut [usize; N], sizes: &[usize; N]) {
    for (place, size) in places.iter_mut().zip(sizes).rev() {
        *place += 1;
        if *place < *size {
            return;
        }
        *place = 0;
    }
}
