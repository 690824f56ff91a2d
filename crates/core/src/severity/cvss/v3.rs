//! CVSS 3.0 and 3.1: the published formulas in fixed point.
//!
//! Products of published weights are exact. Only the power of the impact sub-score is rounded, at
//! 10⁻¹⁸, far below the 10⁻⁵ at which the specification rounds.

use super::{Kind, Score, Tenths, Version, canonical, technical_impact};
use crate::severity::vector::{Fault, Grammar, Metric, Values};

const fn base(name: &'static str, values: &'static [&'static str]) -> Metric {
    Metric { name, values, is_mandatory: true }
}

const fn optional(name: &'static str, values: &'static [&'static str]) -> Metric {
    Metric { name, values, is_mandatory: false }
}

const CIA: &[&str] = &["H", "L", "N"];
const CIA_MODIFIED: &[&str] = &["X", "H", "L", "N"];
const REQUIREMENT: &[&str] = &["X", "H", "M", "L"];

static GRAMMAR: Grammar = Grammar {
    prefix: "CVSS",
    metrics: &[
        base("AV", &["N", "A", "L", "P"]),
        base("AC", &["L", "H"]),
        base("PR", &["N", "L", "H"]),
        base("UI", &["N", "R"]),
        base("S", &["U", "C"]),
        base("C", CIA),
        base("I", CIA),
        base("A", CIA),
        optional("E", &["X", "H", "F", "P", "U"]),
        optional("RL", &["X", "U", "W", "T", "O"]),
        optional("RC", &["X", "C", "R", "U"]),
        optional("CR", REQUIREMENT),
        optional("IR", REQUIREMENT),
        optional("AR", REQUIREMENT),
        optional("MAV", &["X", "N", "A", "L", "P"]),
        optional("MAC", &["X", "L", "H"]),
        optional("MPR", &["X", "N", "L", "H"]),
        optional("MUI", &["X", "N", "R"]),
        optional("MS", &["X", "U", "C"]),
        optional("MC", CIA_MODIFIED),
        optional("MI", CIA_MODIFIED),
        optional("MA", CIA_MODIFIED),
    ],
    is_ordered: false,
};

/// Metrics of the groups after base, by name.
const TEMPORAL: [&str; 3] = ["E", "RL", "RC"];
const ENVIRONMENTAL: [&str; 11] =
    ["CR", "IR", "AR", "MAV", "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA"];

/// One in fixed point.
const ONE: i128 = 1_000_000_000_000_000_000;

/// The values that the base formula reads, of base or modified.
struct Base {
    exploitability: [&'static str; 4],
    is_changed: bool,
    impacts: [&'static str; 3],
}

pub(super) fn score(version: Version, body: Option<&str>) -> Result<Score, Fault> {
    let values = GRAMMAR.read(body)?;
    let impacts = [values.of("C"), values.of("I"), values.of("A")];
    let base = Base {
        exploitability: [values.of("AV"), values.of("AC"), values.of("PR"), values.of("UI")],
        is_changed: values.of("S") == "C",
        impacts,
    };
    let (kind, score) = if values.is_any_set(&ENVIRONMENTAL) {
        (Kind::Environmental, environmental(version, &values))
    } else if values.is_any_set(&TEMPORAL) {
        (Kind::Temporal, temporal(version, base_score(version, &base), &values))
    } else {
        (Kind::Base, base_score(version, &base))
    };
    Ok(Score {
        vector: canonical(version, values.iter()),
        version,
        kind,
        score: Tenths::new(score),
        technical_impact: technical_impact(impacts, ["N"; 3]),
    })
}

fn base_score(version: Version, base: &Base) -> i128 {
    let loss = base.impacts.map(|value| 100 - impact_weight(value)).iter().product::<i128>();
    let iss = (1_000_000 - loss) * (ONE / 1_000_000);
    let impact = if base.is_changed {
        scale(iss - ONE * 29 / 1000, 752, 100) - scale(power(iss - ONE / 50, 15), 325, 100)
    } else {
        scale(iss, 642, 100)
    };
    whole(version, base, impact)
}

fn environmental(version: Version, values: &Values) -> i128 {
    let base = Base {
        exploitability: [
            values.modified("MAV", "AV"),
            values.modified("MAC", "AC"),
            values.modified("MPR", "PR"),
            values.modified("MUI", "UI"),
        ],
        is_changed: values.modified("MS", "S") == "C",
        impacts: [
            values.modified("MC", "C"),
            values.modified("MI", "I"),
            values.modified("MA", "A"),
        ],
    };
    let requirements = [values.of("CR"), values.of("IR"), values.of("AR")];
    let kept = base.impacts.iter().zip(requirements);
    // In thousandths: a weight in hundredths times a requirement of 0.5, 1 or 1.5.
    let loss: i128 =
        kept.map(|(value, need)| 1000 - impact_weight(value) * requirement_weight(need)).product();
    let miss = ((1_000_000_000 - loss) * (ONE / 1_000_000_000)).min(ONE * 915 / 1000);
    let impact = if !base.is_changed {
        scale(miss, 642, 100)
    } else if version == Version::V30 {
        scale(miss - ONE * 29 / 1000, 752, 100) - scale(power(miss - ONE / 50, 15), 325, 100)
    } else {
        let softened = scale(miss, 9731, 10_000) - ONE / 50;
        scale(miss - ONE * 29 / 1000, 752, 100) - scale(power(softened, 13), 325, 100)
    };
    temporal(version, whole(version, &base, impact), values)
}

/// Returns the score in tenths of an impact in fixed point and the exploitability of the values.
fn whole(version: Version, base: &Base, impact: i128) -> i128 {
    if impact <= 0 {
        return 0;
    }
    let [vector, complexity, privileges, interaction] = base.exploitability;
    let weights = vector_weight(vector)
        * complexity_weight(complexity)
        * privileges_weight(privileges, base.is_changed)
        * interaction_weight(interaction);
    let sum = impact + 822 * weights * (ONE / 10_000_000_000);
    let sum = if base.is_changed { scale(sum, 108, 100) } else { sum };
    round_up(version, sum.min(10 * ONE))
}

fn temporal(version: Version, score: i128, values: &Values) -> i128 {
    let weights = exploit_weight(values.of("E"))
        * remedy_weight(values.of("RL"))
        * confidence_weight(values.of("RC"));
    round_up(version, score * weights * (ONE / 10_000_000))
}

fn scale(value: i128, numerator: i128, denominator: i128) -> i128 {
    value * numerator / denominator
}

fn power(value: i128, exponent: u32) -> i128 {
    (0..exponent).fold(ONE, |product, _| product * value / ONE)
}

/// Returns the tenths above a value: 3.1 rounds to 10⁻⁵ first (specification, appendix A), 3.0 takes
/// off 10⁻⁹ so that noise of the calculators of its time does not count.
fn round_up(version: Version, value: i128) -> i128 {
    if version == Version::V30 {
        return (10 * value - ONE / 1_000_000_000 + ONE - 1).div_euclid(ONE);
    }
    let hundred_thousandths = (value * 100_000 + ONE / 2).div_euclid(ONE);
    (hundred_thousandths + 9_999).div_euclid(10_000)
}

fn vector_weight(value: &str) -> i128 {
    match value {
        "N" => 85,
        "A" => 62,
        "L" => 55,
        _ => 20,
    }
}

fn complexity_weight(value: &str) -> i128 {
    if value == "L" { 77 } else { 44 }
}

fn privileges_weight(value: &str, is_changed: bool) -> i128 {
    match (value, is_changed) {
        ("N", _) => 85,
        ("L", true) => 68,
        ("L", false) => 62,
        (_, true) => 50,
        (_, false) => 27,
    }
}

fn interaction_weight(value: &str) -> i128 {
    if value == "N" { 85 } else { 62 }
}

fn impact_weight(value: &str) -> i128 {
    match value {
        "H" => 56,
        "L" => 22,
        _ => 0,
    }
}

fn requirement_weight(value: &str) -> i128 {
    match value {
        "H" => 15,
        "L" => 5,
        _ => 10,
    }
}

fn exploit_weight(value: &str) -> i128 {
    match value {
        "F" => 97,
        "P" => 94,
        "U" => 91,
        _ => 100,
    }
}

fn remedy_weight(value: &str) -> i128 {
    match value {
        "W" => 97,
        "T" => 96,
        "O" => 95,
        _ => 100,
    }
}

fn confidence_weight(value: &str) -> i128 {
    match value {
        "R" => 96,
        "U" => 92,
        _ => 100,
    }
}
