//! The pack linter: everything that is wrong, doubtful or worth knowing about a set of packs (LW-90).
//!
//! Faults of one file come from `pack::read`; here is what concerns two rules, the calendar, or logic.
//! Not here: whether a text was read rightly, which only a second reader can say.

mod across;
mod domain;

use serde::Serialize;

use super::output::PackAnswer;
use super::pack::{Finding, Pack, PackSet, Place, Severity, read};
use super::signature::{self, Signer};
use super::time::{Instant, Zone};
use super::vectors;

pub(crate) use across::across;

/// Days before `review_by` from which a warning is given.
const REVIEW_DAYS: i32 = 30;

/// The files of one pack.
#[derive(Clone, Copy, Debug)]
pub struct Files<'b> {
    /// The name of its folder.
    pub folder: &'b str,
    /// `pack.toml`.
    pub toml: &'b [u8],
    /// `vectors.json`.
    pub vectors: Option<&'b [u8]>,
    /// `pack.sig`.
    pub signature: Option<&'b [u8]>,
}

/// `comity.lint/1`.
#[derive(Debug, Serialize)]
pub struct LintAnswer {
    schema: &'static str,
    packs: Vec<PackAnswer>,
    /// What was found, by pack, rule, code and place.
    pub findings: Vec<FindingAnswer>,
    /// How many errors.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
}

/// One finding.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FindingAnswer {
    /// The pack.
    pub pack: String,
    /// The rule, if it is about one.
    pub rule: Option<String>,
    /// `PL-01` to `PL-17`.
    pub code: &'static str,
    /// File, line and column.
    pub r#where: String,
    /// How bad.
    pub severity: Severity,
    /// For a person.
    pub message: String,
}

/// Checks a set of packs; signatures count by the keys that are trusted, else by those that `pack.sig` names.
#[must_use]
pub fn lint(
    files: &[Files<'_>],
    at: Instant,
    require_signed: bool,
    trusted: Option<&[Signer]>,
) -> LintAnswer {
    let mut findings = Vec::new();
    let mut packs = Vec::new();
    let mut sound = true;
    let mut steps_left = domain::STEPS_IN_ALL_MAX;
    for file in files {
        let name = format!("{}/pack.toml", file.folder);
        let (pack, found) = read(file.toml, &name);
        sound &= pack.is_some() && !found.iter().any(Finding::blocks);
        let id = pack.as_ref().map_or(file.folder, |p| p.id.as_str()).to_owned();
        findings.extend(found.into_iter().map(|f| answer(&id, &name, f)));
        if let Some(mut pack) = pack {
            let mut more = of_pack(&mut pack, file, at, require_signed, trusted);
            more.extend(pack.rules.iter().filter_map(|r| domain::never_binds(r, &mut steps_left)));
            findings.extend(more.into_iter().map(|f| answer(&id, &name, f)));
            packs.push((pack, file));
        }
    }
    packs.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    let (packs, files): (Vec<Pack>, Vec<&Files<'_>>) = packs.into_iter().unzip();
    let set = PackSet::unchecked(packs);
    let between = across(&set).into_iter().chain(domain::pairs(&set));
    for (file, finding) in between {
        let pack = set.packs().iter().find(|p| p.file == file).map_or("", |p| p.id.as_str());
        sound &= !finding.blocks();
        findings.push(answer(pack, &file, finding));
    }
    if sound {
        worked_cases(&set, &files, &mut findings);
    }
    findings.sort();
    findings.dedup();
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    LintAnswer {
        schema: "comity.lint/1",
        packs: set.packs().iter().map(PackAnswer::new).collect(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        findings,
    }
}

fn answer(pack: &str, file: &str, finding: Finding) -> FindingAnswer {
    let Place { line, column } = finding.place;
    FindingAnswer {
        pack: pack.to_owned(),
        rule: finding.rule,
        code: finding.code,
        r#where: format!("{file}:{line}:{column}"),
        severity: finding.severity,
        message: finding.message,
    }
}

const TOP: Place = Place { line: 1, column: 1 };

/// What concerns one pack and the day.
fn of_pack(
    pack: &mut Pack,
    file: &Files<'_>,
    at: Instant,
    require_signed: bool,
    trusted: Option<&[Signer]>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let left = (pack.review_by - Zone::utc().date(at)).get_days();
    let review =
        Finding::error("PL-05", None, TOP, format!("review was due by {}", pack.review_by));
    if left < 0 {
        found.push(review);
    } else if left <= REVIEW_DAYS {
        let message = format!("review is due by {}", pack.review_by);
        found.push(Finding { message, ..review }.as_severity(Severity::Warning));
    }
    let severity = if require_signed { Severity::Error } else { Severity::Warning };
    match signature::verify(file.toml, file.signature, trusted, "pack.sig") {
        Ok(_) => pack.signed = true,
        Err(refused) => {
            let message = format!("{} ({})", refused.message, refused.code.as_str());
            found.push(Finding::error("PL-11", None, TOP, message).as_severity(severity));
        }
    }
    if file.vectors.is_none() {
        let finding = Finding::error("PL-12", None, TOP, "vectors.json is missing");
        found.push(finding.as_severity(Severity::Warning));
    }
    found
}

/// Runs the worked cases of every pack with all packs together.
fn worked_cases(set: &PackSet, files: &[&Files<'_>], findings: &mut Vec<FindingAnswer>) {
    for (pack, file) in set.packs().iter().zip(files) {
        let Some(bytes) = file.vectors else { continue };
        let name = format!("{}/vectors.json", file.folder);
        let failures = match vectors::run(bytes, set) {
            Ok(cases) => cases
                .into_iter()
                .flat_map(|case| {
                    let id = case.id;
                    case.failures.into_iter().map(move |why| format!("{id}: {why}"))
                })
                .collect(),
            Err(refused) => vec![refused.to_string()],
        };
        for message in failures {
            findings.push(answer(&pack.id, &name, Finding::error("PL-12", None, TOP, message)));
        }
    }
}
