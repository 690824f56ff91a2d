//! CVSS 4.0: the score of the macrovector less the mean of how far the vector lies below its maxima,
//! as one fraction (LX-13).

use super::macrovectors::{NONE, SCORES};
use super::{Kind, Score, Tenths, Version, canonical, technical_impact};
use crate::severity::vector::{Fault, Grammar, Metric, Values};

const fn base(name: &'static str, values: &'static [&'static str]) -> Metric {
    Metric { name, values, is_mandatory: true }
}

const fn optional(name: &'static str, values: &'static [&'static str]) -> Metric {
    Metric { name, values, is_mandatory: false }
}

const HLN: &[&str] = &["H", "L", "N"];
const XHLN: &[&str] = &["X", "H", "L", "N"];
const XSHLN: &[&str] = &["X", "S", "H", "L", "N"];
const REQUIREMENT: &[&str] = &["X", "H", "M", "L"];

static GRAMMAR: Grammar = Grammar {
    prefix: "CVSS",
    metrics: &[
        base("AV", &["N", "A", "L", "P"]),
        base("AC", &["L", "H"]),
        base("AT", &["N", "P"]),
        base("PR", &["N", "L", "H"]),
        base("UI", &["N", "P", "A"]),
        base("VC", HLN),
        base("VI", HLN),
        base("VA", HLN),
        base("SC", HLN),
        base("SI", HLN),
        base("SA", HLN),
        optional("E", &["X", "A", "P", "U"]),
        optional("CR", REQUIREMENT),
        optional("IR", REQUIREMENT),
        optional("AR", REQUIREMENT),
        optional("MAV", &["X", "N", "A", "L", "P"]),
        optional("MAC", &["X", "L", "H"]),
        optional("MAT", &["X", "N", "P"]),
        optional("MPR", &["X", "N", "L", "H"]),
        optional("MUI", &["X", "N", "P", "A"]),
        optional("MVC", XHLN),
        optional("MVI", XHLN),
        optional("MVA", XHLN),
        optional("MSC", XHLN),
        optional("MSI", XSHLN),
        optional("MSA", XSHLN),
        optional("S", &["X", "N", "P"]),
        optional("AU", &["X", "N", "Y"]),
        optional("R", &["X", "A", "U", "I"]),
        optional("V", &["X", "D", "C"]),
        optional("RE", &["X", "L", "M", "H"]),
        optional("U", &["X", "Clear", "Green", "Amber", "Red"]),
    ],
    is_ordered: true,
};

const ENVIRONMENTAL: [&str; 14] =
    ["CR", "IR", "AR", "MAV", "MAC", "MAT", "MPR", "MUI", "MVC", "MVI", "MVA", "MSC", "MSI", "MSA"];

/// The least common multiple of all maxima, the denominator of the specification's fractions.
const LCM: i64 = 840;

/// How many steps each metric lies below the worst, grouped as the equivalence sets are.
#[derive(Clone, Copy)]
struct Steps {
    /// AV, PR, UI.
    access: [i64; 3],
    /// AC, AT.
    conditions: [i64; 2],
    /// VC, VI, VA, CR, IR, AR.
    vulnerable: [i64; 6],
    /// SC, SI, SA.
    subsequent: [i64; 3],
    /// E.
    threat: usize,
}

pub(super) fn score(body: Option<&str>) -> Result<Score, Fault> {
    let values = GRAMMAR.read(body)?;
    let has_threat = values.of("E") != "X";
    let has_environment = values.is_any_set(&ENVIRONMENTAL);
    let kind = match (has_threat, has_environment) {
        (false, false) => Kind::V4Base,
        (true, false) => Kind::V4BaseThreat,
        (false, true) => Kind::V4BaseEnvironmental,
        (true, true) => Kind::V4All,
    };
    Ok(Score {
        vector: canonical(Version::V40, values.iter()),
        version: Version::V40,
        kind,
        score: Tenths::new(steps(&values).tenths().into()),
        technical_impact: technical_impact(
            ["VC", "VI", "VA"].map(|name| values.of(name)),
            ["SC", "SI", "SA"].map(|name| values.of(name)),
        ),
    })
}

fn steps(values: &Values) -> Steps {
    let place = |known: &[&str], value: &str| {
        known
            .iter()
            .position(|known| *known == value)
            .and_then(|place| i64::try_from(place).ok())
            .unwrap_or(0)
    };
    let system = |modified, base| place(&["H", "L", "N"], values.modified(modified, base));
    let beyond = |modified, base| place(&["S", "H", "L", "N"], values.modified(modified, base));
    let need = |name| place(&["H", "M", "L"], values.or(name, "H"));
    Steps {
        access: [
            place(&["N", "A", "L", "P"], values.modified("MAV", "AV")),
            place(&["N", "L", "H"], values.modified("MPR", "PR")),
            place(&["N", "P", "A"], values.modified("MUI", "UI")),
        ],
        conditions: [
            place(&["L", "H"], values.modified("MAC", "AC")),
            place(&["N", "P"], values.modified("MAT", "AT")),
        ],
        vulnerable: [
            system("MVC", "VC"),
            system("MVI", "VI"),
            system("MVA", "VA"),
            need("CR"),
            need("IR"),
            need("AR"),
        ],
        subsequent: [beyond("MSC", "SC"), beyond("MSI", "SI"), beyond("MSA", "SA")],
        threat: match values.or("E", "A") {
            "P" => 1,
            "U" => 2,
            _ => 0,
        },
    }
}

impl Steps {
    /// Returns the score in tenths.
    fn tenths(&self) -> i64 {
        let has_no_impact =
            matches!(self.vulnerable, [2, 2, 2, ..]) && self.subsequent == [3, 3, 3];
        if has_no_impact {
            return 0;
        }
        let macrovector = self.macrovector();
        let Some(value) = lookup(macrovector) else { return 0 };
        let [eq1, eq2, eq3, eq4, eq5, eq6] = macrovector;
        let drops = [
            (lookup([eq1 + 1, eq2, eq3, eq4, eq5, eq6]), self.access_share(eq1)),
            (lookup([eq1, eq2 + 1, eq3, eq4, eq5, eq6]), self.conditions_share(eq2)),
            (lower_vulnerable(macrovector), self.vulnerable_share(eq3, eq6)),
            (lookup([eq1, eq2, eq3, eq4 + 1, eq5, eq6]), self.subsequent_share(eq4)),
            (lookup([eq1, eq2, eq3, eq4, eq5 + 1, eq6]), 0),
        ];
        let existing =
            drops.iter().filter_map(|(lower, share)| lower.map(|lower| (value - lower) * share));
        let (count, sum) = existing.fold((0, 0), |(count, sum), part| (count + 1, sum + part));
        if count == 0 {
            return value;
        }
        let denominator = LCM * count;
        let numerator = value * denominator - sum;
        (2 * numerator + denominator).div_euclid(2 * denominator)
    }

    /// Returns the six digits of the equivalence sets.
    fn macrovector(&self) -> [usize; 6] {
        let [av, pr, ui] = self.access;
        let eq1 = match (av, pr, ui) {
            (0, 0, 0) => 0,
            (3, _, _) => 2,
            (0, _, _) | (_, 0, _) | (_, _, 0) => 1,
            _ => 2,
        };
        let [vc, vi, va, cr, ir, ar] = self.vulnerable;
        let eq3 = match (vc, vi, va) {
            (0, 0, _) => 0,
            (0, _, _) | (_, 0, _) | (_, _, 0) => 1,
            _ => 2,
        };
        let [sc, si, sa] = self.subsequent;
        let eq4 = if si == 0 || sa == 0 {
            0
        } else if sc == 1 || si == 1 || sa == 1 {
            1
        } else {
            2
        };
        let is_needed = (cr == 0 && vc == 0) || (ir == 0 && vi == 0) || (ar == 0 && va == 0);
        [
            eq1,
            usize::from(self.conditions != [0, 0]),
            eq3,
            eq4,
            self.threat,
            usize::from(!is_needed),
        ]
    }

    fn access_share(&self, eq1: usize) -> i64 {
        let (maxima, depth): (&[[i64; 3]], i64) = match eq1 {
            0 => (&[[0, 0, 0]], 1),
            1 => (&[[1, 0, 0], [0, 1, 0], [0, 0, 1]], 4),
            _ => (&[[3, 0, 0], [1, 1, 1]], 5),
        };
        share(&self.access, maxima, depth)
    }

    fn conditions_share(&self, eq2: usize) -> i64 {
        let (maxima, depth): (&[[i64; 2]], i64) =
            if eq2 == 0 { (&[[0, 0]], 1) } else { (&[[1, 0], [0, 1]], 2) };
        share(&self.conditions, maxima, depth)
    }

    fn vulnerable_share(&self, eq3: usize, eq6: usize) -> i64 {
        let (maxima, depth): (&[[i64; 6]], i64) = match (eq3, eq6) {
            (0, 0) => (&[[0, 0, 0, 0, 0, 0]], 7),
            (0, _) => (&[[0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]], 6),
            (1, 0) => (&[[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]], 8),
            (1, _) => (
                &[
                    [1, 0, 1, 0, 1, 0],
                    [1, 0, 0, 0, 1, 1],
                    [0, 1, 0, 1, 0, 1],
                    [0, 1, 1, 1, 0, 0],
                    [1, 1, 0, 0, 0, 1],
                ],
                8,
            ),
            _ => (&[[1, 1, 1, 0, 0, 0]], 10),
        };
        share(&self.vulnerable, maxima, depth)
    }

    fn subsequent_share(&self, eq4: usize) -> i64 {
        let (maxima, depth): (&[[i64; 3]], i64) = match eq4 {
            0 => (&[[1, 0, 0]], 6),
            1 => (&[[1, 1, 1]], 5),
            _ => (&[[2, 2, 2]], 4),
        };
        share(&self.subsequent, maxima, depth)
    }
}

/// Returns the steps from the first maximum that is nowhere below the vector, over the depth, in
/// [`LCM`] parts.
fn share<const N: usize>(steps: &[i64; N], maxima: &[[i64; N]], depth: i64) -> i64 {
    let distance = |maximum: &[i64; N]| {
        let distances = steps.iter().zip(maximum).map(|(step, maximum)| step - maximum);
        distances.clone().all(|distance| distance >= 0).then(|| distances.sum::<i64>())
    };
    maxima.iter().find_map(distance).unwrap_or(0) * LCM / depth
}

/// Returns the score below in the joint set of EQ3 and EQ6.
fn lower_vulnerable([eq1, eq2, eq3, eq4, eq5, eq6]: [usize; 6]) -> Option<i64> {
    let raise3 = lookup([eq1, eq2, eq3 + 1, eq4, eq5, eq6]);
    let raise6 = lookup([eq1, eq2, eq3, eq4, eq5, eq6 + 1]);
    match (eq3, eq6) {
        (0, 0) => raise3.max(raise6),
        (1, 0) => raise6,
        _ => raise3,
    }
}

/// Returns the score of a macrovector in tenths, if there is one.
fn lookup([eq1, eq2, eq3, eq4, eq5, eq6]: [usize; 6]) -> Option<i64> {
    let score = *SCORES.get(eq1)?.get(eq2)?.get(eq3)?.get(eq4)?.get(eq5)?.get(eq6)?;
    (score != NONE).then(|| score.into())
}
