//! Which recorded screens raters of other organisations answer again, blind (SH-28).
//!
//! The draw is a function of the quarter's leaves and of a value that nobody could know before the quarter was
//! over, such as the root of a later checkpoint: anybody who has both draws the same. Not here: who keeps the
//! answers, and what they say about the questions ([`super::reliability`]).

use comity_ledger::digest;

use super::alpha::rater_sample;

/// Separates these hashes from every other.
const TAG: &[u8] = b"comity/screen-sample/1";

/// Returns the leaves that are drawn, in the order of the draw.
///
/// `leaves` are those of a quarter's decisions in hexadecimal, each once, in any order.
#[must_use]
pub fn draw_sample(seed: &[u8; 32], leaves: &[String]) -> Vec<String> {
    let mut ranked: Vec<([u8; 32], &String)> = leaves
        .iter()
        .map(|leaf| (digest::sha256(&[TAG, seed, leaf.as_bytes()].concat()), leaf))
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    let drawn = rater_sample(ranked.len());
    ranked.into_iter().take(drawn).map(|(_, leaf)| leaf.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("{n:064x}")).collect()
    }

    #[test]
    fn a_tenth_is_drawn_within_bounds_whatever_the_order() {
        let check = |count, wanted| {
            let all = leaves(count);
            let drawn = draw_sample(&[7; 32], &all);
            assert_eq!(drawn.len(), wanted, "{count}");
            let mut turned = all.clone();
            turned.reverse();
            turned.extend(all.iter().take(3).cloned());
            assert_eq!(draw_sample(&[7; 32], &turned), drawn, "{count}");
        };
        check(0, 0);
        check(12, 12);
        check(200, 30);
        check(1_000, 100);
        check(9_000, 200);
    }

    #[test]
    fn another_seed_draws_others_and_no_leaf_is_favoured() {
        let all = leaves(600);
        let of = |seed: u8| draw_sample(&[seed; 32], &all);
        assert_ne!(of(1), of(2));
        let mut hits = vec![0_u32; all.len()];
        for seed in 0..200 {
            for leaf in of(seed) {
                hits[all.iter().position(|one| *one == leaf).unwrap()] += 1;
            }
        }
        // Each is drawn in one of ten draws: 20 of 200, give or take.
        assert!(hits.iter().all(|hit| (3..=42).contains(hit)), "{hits:?}");
    }
}
