//! Exact decimals of trade parameters: up to twelve digits and six decimals (CT-46).
//!
//! Not here: floats, which would let a threshold be missed by rounding.

/// How many millionths one is.
const SCALE: u128 = 1_000_000;

/// A decimal, or the exact quotient of two.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    numerator: u128,
    denominator: u128,
}

impl Decimal {
    /// Reads `digits[.digits]`, in millionths.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        millionths(text).map(|numerator| Self { numerator, denominator: SCALE })
    }

    /// Returns the quotient; `None` if it divides by zero.
    #[must_use]
    pub fn over(self, divisor: Self) -> Option<Self> {
        // Both are in millionths, so the scale cancels.
        (divisor.numerator > 0)
            .then_some(Self { numerator: self.numerator, denominator: divisor.numerator })
    }

    /// Returns both numbers over one denominator, to be compared.
    ///
    /// Each part is under 10^18, so the products fit.
    #[must_use]
    pub const fn cross(self, other: Self) -> (u128, u128) {
        let left = self.numerator.saturating_mul(other.denominator);
        (left, other.numerator.saturating_mul(self.denominator))
    }

    /// Returns the number of millionths of a decimal that is no quotient, times a count.
    #[must_use]
    pub fn times(self, count: u64) -> u128 {
        self.numerator.saturating_mul(u128::from(count))
    }
}

fn millionths(text: &str) -> Option<u128> {
    let (whole, decimals) = match text.split_once('.') {
        None => (text, ""),
        Some((_, "")) => return None,
        Some(parts) => parts,
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=12).contains(&whole.len()) && decimals.len() <= 6;
    if !fits || !digits(whole) || !digits(decimals) {
        return None;
    }
    format!("{whole}{decimals:0<6}").parse().ok()
}

/// Reads a share from 0 to 1 with six decimals at most, in parts per million.
#[must_use]
pub fn share_ppm(text: &str) -> Option<u64> {
    let one_digit = text.len() == 1 || text.get(1..2) == Some(".");
    let ppm = millionths(text).filter(|ppm| one_digit && *ppm <= SCALE)?;
    u64::try_from(ppm).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_exactly_what_the_contract_allows() {
        for bad in ["", ".5", "5.", "1.1234567", "-1", "+1", "1e3", " 1", "1234567890123", "٣"] {
            assert!(Decimal::parse(bad).is_none(), "{bad:?}");
        }
        let compare = |a: &str, b: &str| {
            let (left, right) = Decimal::parse(a).unwrap().cross(Decimal::parse(b).unwrap());
            left.cmp(&right)
        };
        assert_eq!(compare("5.5", "5.50"), std::cmp::Ordering::Equal);
        assert_eq!(
            compare("999999999999.999999", "999999999999.999998"),
            std::cmp::Ordering::Greater
        );
        for (text, ppm) in [
            ("0", Some(0)),
            ("1", Some(1_000_000)),
            ("0.05", Some(50_000)),
            ("1.000001", None),
            ("2", None),
            ("00.5", None),
            ("0.0000001", None),
            ("1.0", Some(1_000_000)),
        ] {
            assert_eq!(share_ppm(text), ppm, "{text}");
        }
    }

    #[test]
    fn quotients_are_exact_and_never_by_zero() {
        let decimal = |text| Decimal::parse(text).unwrap();
        let density = decimal("1600").over(decimal("290.9")).unwrap();
        let (left, right) = density.cross(decimal("5.5"));
        assert!(left > right);
        assert!(decimal("1").over(decimal("0.000")).is_none());
    }
}
