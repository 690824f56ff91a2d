//! Krippendorff's alpha for ordinal answers: whether raters mean the same by a question (SH-28).
//!
//! Not here: drawing the sample, and what follows from a low value.

use super::levels::LEVEL_MAX;

/// How many different answers there are.
const CATEGORIES: usize = 5;
/// The fewest and the most records that raters answer again in a quarter.
const SAMPLE: (usize, usize) = (30, 200);

/// Returns how many of a quarter's records are answered again, blind: a tenth, within bounds.
#[must_use]
pub fn rater_sample(records: usize) -> usize {
    let (fewest, most) = SAMPLE;
    records.div_ceil(10).clamp(fewest, most).min(records)
}

/// Returns alpha of the units, each with the answers of its raters; `None` if there is no variation,
/// because then agreement and chance cannot be told apart.
///
/// `None` and anything over 4 is a missing answer. A unit with fewer than two answers pairs with
/// nothing and is left out.
#[must_use]
pub fn krippendorff_alpha(units: &[Vec<Option<u8>>]) -> Option<f64> {
    let mut observed = [[0.0_f64; CATEGORIES]; CATEGORIES];
    for unit in units {
        let mut counts = [0_u32; CATEGORIES];
        for answer in unit.iter().flatten().filter(|answer| **answer <= LEVEL_MAX) {
            if let Some(count) = counts.get_mut(usize::from(*answer)) {
                *count += 1;
            }
        }
        let raters: u32 = counts.iter().sum();
        if raters < 2 {
            continue;
        }
        for (row, (c, of_c)) in observed.iter_mut().zip(counts.iter().enumerate()) {
            for (cell, (k, of_k)) in row.iter_mut().zip(counts.iter().enumerate()) {
                let others = if c == k { of_k.saturating_sub(1) } else { *of_k };
                *cell += f64::from(*of_c) * f64::from(others) / f64::from(raters - 1);
            }
        }
    }
    let totals: Vec<f64> = observed.iter().map(|row| row.iter().sum()).collect();
    let sum: f64 = totals.iter().sum();
    let (mut disagreement, mut chance) = (0.0, 0.0);
    for (c, (row, of_c)) in observed.iter().zip(&totals).enumerate() {
        for (k, (cell, of_k)) in row.iter().zip(&totals).enumerate().skip(c + 1) {
            let between: f64 = totals.iter().skip(c).take(k - c + 1).sum();
            let distance = between - f64::midpoint(*of_c, *of_k);
            disagreement += cell * distance * distance;
            chance += of_c * of_k * distance * distance;
        }
    }
    (chance > 0.0).then(|| 1.0 - (sum - 1.0) * disagreement / chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alpha(units: &[&[u8]]) -> Option<f64> {
        let unit = |unit: &&[u8]| unit.iter().map(|answer| Some(*answer)).collect();
        krippendorff_alpha(&units.iter().map(unit).collect::<Vec<_>>())
    }

    #[test]
    fn a_tenth_is_answered_again_within_bounds() {
        let check = |records, sample| assert_eq!(rater_sample(records), sample, "{records}");
        check(0, 0);
        check(12, 12);
        check(120, 30);
        check(1_001, 101);
        check(9_000, 200);
    }

    #[test]
    fn gives_the_value_of_the_design() {
        let units: [&[u8]; 8] = [
            &[4, 4, 4],
            &[1, 2],
            &[3, 3, 2],
            &[0, 0, 0],
            &[2, 2, 3],
            &[1, 1],
            &[4, 3, 4],
            &[0, 1, 0],
        ];
        assert!((alpha(&units).unwrap() - 0.900_673).abs() < 5e-7);
    }

    #[test]
    fn is_undefined_without_variation_and_one_with_full_agreement() {
        assert_eq!(alpha(&[]), None);
        assert_eq!(alpha(&[&[3, 3], &[3, 3, 3]]), None);
        assert_eq!(alpha(&[&[3], &[1]]), None);
        assert_eq!(alpha(&[&[3, 3], &[0, 0]]), Some(1.0));
    }

    #[test]
    fn an_unknown_answer_is_missing() {
        let with =
            [vec![Some(4), None, Some(3)], vec![Some(0), Some(1), None], vec![None, Some(2)]];
        let without = [vec![Some(4), Some(3)], vec![Some(0), Some(1)]];
        assert_eq!(krippendorff_alpha(&with), krippendorff_alpha(&without));
    }
}
