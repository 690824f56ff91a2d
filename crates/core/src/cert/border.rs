//! What border checks of claims show of a jurisdiction: evidence only, never a ground by itself (CT-33).
//!
//! The method is that of the Paris memorandum's lists; p = 0.07 and z = 1.645 are fixed here. Integers
//! only: the square root is compared squared. Not here: the checks.

use super::word::words;

/// Below this number of checks in three years there is no list.
pub const CHECKS_MIN: u64 = 30;
/// More checks than this are counted as so many, which keeps the arithmetic exact.
pub const CHECKS_MAX: u64 = 1_000_000_000;

words! {
    /// The list that checks put a jurisdiction on.
    List {
        White = "white",
        Grey = "grey",
        Black = "black",
    }
}

/// Returns the list for a number of checks and of false claims among them; `None` below [`CHECKS_MIN`].
///
/// Black: f > Np + 0.5 + z √(Np(1-p)); white: f < Np - 0.5 - z √(Np(1-p)).
#[must_use]
pub fn list(checks: u64, false_claims: u64) -> Option<List> {
    if checks < CHECKS_MIN {
        return None;
    }
    let checks = i128::from(checks.min(CHECKS_MAX));
    let claims = i128::from(false_claims).min(checks);
    // In hundredths: f - Np; half a claim is 50. The spread is z √(0.0651 N).
    let excess = claims * 100 - checks * 7;
    // Squared, in millionths of a claim: (1000 z)² 0.0651 N = 1645² · 651 N / 10⁴.
    let spread_squared = 1645 * 1645 * 651 * checks;
    let beyond = |distance: i128| {
        // distance is in hundredths: (distance / 100)² > spread², both times 10^10.
        distance > 0 && distance * distance * 1_000_000 > spread_squared
    };
    Some(if beyond(excess - 50) {
        List::Black
    } else if beyond(-excess - 50) {
        List::White
    } else {
        List::Grey
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_method() {
        // CT-33: N = 30: 4.90, -0.70; 100: 11.70, 2.30; 500: 44.89, 25.11.
        let check = |checks, claims, expected| {
            assert_eq!(list(checks, claims), expected, "{claims} of {checks}");
        };
        check(29, 29, None);
        check(30, 0, Some(List::Grey));
        check(30, 4, Some(List::Grey));
        check(30, 5, Some(List::Black));
        check(100, 2, Some(List::White));
        check(100, 3, Some(List::Grey));
        check(100, 11, Some(List::Grey));
        check(100, 12, Some(List::Black));
        check(500, 25, Some(List::White));
        check(500, 26, Some(List::Grey));
        check(500, 44, Some(List::Grey));
        check(500, 45, Some(List::Black));
    }
}
