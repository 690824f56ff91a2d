//! `comity pack`: check, try, compare and list packs of law as data (law.md §13).

mod changes;
mod signing;

use std::path::{Path, PathBuf};

use comity_core::law::lint::{Files, LintAnswer, lint};
use comity_core::law::pack::diff::{DiffAnswer, diff};
use comity_core::law::refused::Refused;
use comity_core::law::{output, shipped, vectors};

use crate::law::{self, PackFile, Packs};
use crate::output::Outcome;

/// What to do with packs.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// List the open cases of a hub that the current packs change, and what they change.
    Affected(changes::Arguments),
    /// Compare two editions of one pack, rule by rule.
    Diff(DiffArguments),
    /// Make a key to sign packs with, and print its public half.
    Key(signing::KeyArguments),
    /// Report everything that is wrong or doubtful in a folder of packs.
    Lint(LintArguments),
    /// List the packs with their versions and digests.
    List(ListArguments),
    /// Sign a pack in one role.
    Sign(signing::SignArguments),
    /// Run the worked cases of the packs.
    Test(TestArguments),
    /// Check who signed the packs of a folder.
    Verify(signing::VerifyArguments),
}

/// Two editions.
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArguments {
    /// The old pack.toml or its folder.
    old: PathBuf,
    /// The new pack.toml or its folder.
    new: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A folder to check.
#[derive(Debug, clap::Args)]
pub(crate) struct LintArguments {
    /// Holds `<pack>/pack.toml`.
    folder: PathBuf,
    /// The instant of checking; else now.
    #[arg(long)]
    at: Option<String>,
    /// Signatures that are missing or do not hold are errors.
    #[arg(long)]
    require_signed: bool,
    /// The keys that are trusted to sign; without it a signature counts by the key it names itself.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What to list.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArguments {
    /// Holds `<pack>/pack.toml`; else the packs shipped.
    folder: Option<PathBuf>,
    /// The keys that are trusted to sign; without it a signature counts by the key it names itself.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What to try.
#[derive(Debug, clap::Args)]
pub(crate) struct TestArguments {
    /// Holds `<pack>/pack.toml` and `vectors.json`; else the packs shipped.
    folder: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<Outcome> {
    match arguments {
        Arguments::Affected(arguments) => changes::run(data, arguments),
        Arguments::Key(arguments) => signing::key(arguments),
        Arguments::Sign(arguments) => signing::sign(arguments),
        Arguments::Verify(arguments) => signing::verify(arguments),
        Arguments::Diff(arguments) => law::finish(arguments.json, compare(arguments), print_diff),
        Arguments::Lint(arguments) => check(arguments),
        Arguments::List(arguments) => law::finish(arguments.json, list(arguments), print_list),
        Arguments::Test(arguments) => test(arguments),
    }
}

fn check(arguments: &LintArguments) -> anyhow::Result<Outcome> {
    let answer = (|| {
        let at = law::instant(arguments.at.as_deref())?;
        let files = law::pack_files(&arguments.folder)?;
        let files: Vec<Files<'_>> = files.iter().map(borrow).collect();
        let trusted = law::trusted(arguments.trust.as_deref())?;
        Ok(lint(&files, at, arguments.require_signed, trusted.as_deref()))
    })();
    let errors = answer.as_ref().is_ok_and(|a: &LintAnswer| a.errors > 0);
    let outcome = law::finish(arguments.json, answer, print_lint)?;
    Ok(if errors { Outcome::No } else { outcome })
}

fn borrow(file: &PackFile) -> Files<'_> {
    Files {
        folder: &file.folder,
        toml: &file.toml,
        vectors: file.vectors.as_deref(),
        signature: file.sig.as_deref(),
    }
}

fn print_lint(answer: &LintAnswer) -> anyhow::Result<()> {
    for finding in &answer.findings {
        let severity = serde_json::to_value(finding.severity)?;
        let severity = severity.as_str().unwrap_or_default().to_owned();
        let rule = finding.rule.as_deref().unwrap_or("-");
        let (code, place) = (finding.code, &finding.r#where);
        law::line(&format!("{severity}\t{code}\t{place}\t{rule}\t{}", finding.message))?;
    }
    law::line(&format!("{} errors, {} warnings", answer.errors, answer.warnings))
}

fn compare(arguments: &DiffArguments) -> Result<DiffAnswer, Refused> {
    let read = |path: &Path| {
        if path.is_dir() { law::read(&path.join("pack.toml")) } else { law::read(path) }
    };
    diff(&read(&arguments.old)?, &read(&arguments.new)?)
}

fn print_diff(answer: &DiffAnswer) -> anyhow::Result<()> {
    for change in &answer.changes {
        let text =
            |v: &Option<serde_json::Value>| v.as_ref().map_or("-".to_owned(), ToString::to_string);
        law::line(&format!("{}\t{}\t{}", change.path, text(&change.before), text(&change.after)))?;
    }
    Ok(())
}

#[derive(serde::Serialize)]
struct ListAnswer {
    schema: &'static str,
    packs: Vec<output::PackAnswer>,
    #[serde(skip)]
    lines: Vec<String>,
}

fn list(arguments: &ListArguments) -> Result<ListAnswer, Refused> {
    let trusted = law::trusted(arguments.trust.as_deref())?;
    let packs = Packs::load_trusting(arguments.folder.as_deref(), trusted.as_deref())?;
    let set = packs.set();
    let lines = set.packs().iter().map(|pack| {
        let (id, version, order) = (&pack.id, &pack.version, &pack.order);
        let (rules, review) = (pack.rules.len(), pack.review_by);
        let signed = if pack.signed { "signed" } else { "unsigned" };
        let digest = &pack.sha256;
        format!("{id}\t{version}\t{order}\t{rules} rules\treview by {review}\t{signed}\t{digest}")
    });
    let lines = lines.collect();
    Ok(ListAnswer { schema: "comity.packs/1", packs: output::packs(set), lines })
}

fn print_list(answer: &ListAnswer) -> anyhow::Result<()> {
    answer.lines.iter().try_for_each(|line| law::line(line))
}

#[derive(serde::Serialize)]
struct TestAnswer {
    schema: &'static str,
    cases: Vec<TestedCase>,
    failed: usize,
}

#[derive(serde::Serialize)]
struct TestedCase {
    pack: String,
    id: String,
    failures: Vec<String>,
}

fn test(arguments: &TestArguments) -> anyhow::Result<Outcome> {
    let answer = tested(arguments);
    let failed = answer.as_ref().is_ok_and(|a| a.failed > 0);
    let outcome = law::finish(arguments.json, answer, |answer| {
        for case in &answer.cases {
            let state = if case.failures.is_empty() { "ok" } else { "failed" };
            law::line(&format!("{state}\t{}\t{}", case.pack, case.id))?;
            case.failures.iter().try_for_each(|why| law::line(&format!("\t{why}")))?;
        }
        law::line(&format!("{} cases, {} failed", answer.cases.len(), answer.failed))
    })?;
    Ok(if failed { Outcome::No } else { outcome })
}

fn tested(arguments: &TestArguments) -> Result<TestAnswer, Refused> {
    let packs = Packs::load(arguments.folder.as_deref())?;
    let files: Vec<(String, Vec<u8>)> = match &arguments.folder {
        None => shipped::FILES
            .iter()
            .map(|(id, _, v)| ((*id).to_owned(), v.as_bytes().to_vec()))
            .collect(),
        Some(folder) => law::pack_files(folder)?
            .into_iter()
            .filter_map(|f| f.vectors.map(|v| (f.folder, v)))
            .collect(),
    };
    let mut cases = Vec::new();
    for (pack, bytes) in files {
        for case in vectors::run(&bytes, packs.set())? {
            cases.push(TestedCase { pack: pack.clone(), id: case.id, failures: case.failures });
        }
    }
    let failed = cases.iter().filter(|c| !c.failures.is_empty()).count();
    Ok(TestAnswer { schema: "comity.pack-test/1", cases, failed })
}
