//! Quantiles of the beta distribution, for exact intervals (CP-52).
//!
//! Not here: any other distribution. The cumulative function is the continued fraction of the
//! incomplete beta function (Numerical Recipes §6.4, modified Lentz), the quantile is by bisection:
//! slow, but it cannot miss.

use std::f64::consts::PI;

const STEPS_MAX: u32 = 10_000;
const PRECISION: f64 = 1e-15;
/// Halvings after which an interval of [0, 1] is below the precision of f64.
const HALVINGS: u32 = 80;

/// Returns x with P(B <= x) = `p` for B of Beta(`a`, `b`); `a`, `b` over 0, `p` in (0, 1).
pub(super) fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if cumulative(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

fn cumulative(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    let front = front.exp();
    // The fraction converges fast on the near side of the mean.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

#[expect(clippy::many_single_char_names, reason = "names of the formula")]
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut sum = d;
    for step in 1..=STEPS_MAX {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        sum *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let change = d * c;
        sum *= change;
        if (change - 1.0).abs() < PRECISION {
            break;
        }
    }
    sum
}

/// Lanczos' approximation (g = 7, nine terms), good to 15 digits.
fn ln_gamma(x: f64) -> f64 {
    const FIRST: f64 = 0.999_999_999_999_809_9;
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (PI / (PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let mut sum = FIRST;
    for (index, term) in (1u32..).zip(TERMS) {
        sum += term / (x + f64::from(index));
    }
    let t = x + 7.5;
    0.5 * (2.0 * PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_simple_distributions() {
        let check = |p: f64, a: f64, b: f64, expected: f64| {
            assert!((quantile(p, a, b) - expected).abs() < 1e-12, "{p} {a} {b}");
        };
        check(0.3, 1.0, 1.0, 0.3);
        check(0.25, 2.0, 1.0, 0.5);
        check(0.5, 40.0, 40.0, 0.5);
        // The arcsine distribution.
        check(0.25, 0.5, 0.5, (PI / 8.0).sin().powi(2));
    }
}
