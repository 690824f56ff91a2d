//! `comity agreement`: check an agreement between hubs and say where it stands (law.md §11).

use std::path::PathBuf;

use comity_core::law::agreement::{AgreementFinding, AgreementStatus, parse, status};
use comity_core::law::pack::Severity;
use comity_core::law::refused::{Code, Refused};

use crate::law;
use crate::output::Outcome;

/// What to do with an agreement.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// Report what is wrong or doubtful.
    Lint(LintArguments),
    /// Say where it stands, for all and between two parties.
    Status(StatusArguments),
}

/// An agreement to check.
#[derive(Debug, clap::Args)]
pub(crate) struct LintArguments {
    /// comity.agreement/1; - reads stdin.
    file: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// An agreement to date.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArguments {
    /// comity.agreement/1; - reads stdin.
    file: PathBuf,
    /// The instant of asking; else now.
    #[arg(long)]
    at: Option<String>,
    /// Two parties.
    #[arg(long, num_args = 2, value_names = ["PARTY", "PARTY"])]
    between: Option<Vec<String>>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match arguments {
        Arguments::Lint(arguments) => lint(arguments),
        Arguments::Status(arguments) => law::finish(arguments.json, dated(arguments), print),
    }
}

#[derive(serde::Serialize)]
struct LintAnswer {
    schema: &'static str,
    findings: Vec<AgreementFinding>,
    errors: usize,
    warnings: usize,
}

fn lint(arguments: &LintArguments) -> anyhow::Result<Outcome> {
    let answer = law::read(&arguments.file).and_then(|bytes| parse(&bytes)).map(|(_, findings)| {
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        LintAnswer {
            schema: "comity.agreement-lint/1",
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            findings,
        }
    });
    let errors = answer.as_ref().is_ok_and(|a| a.errors > 0);
    let outcome = law::finish(arguments.json, answer, |answer| {
        for finding in &answer.findings {
            law::line(&format!("{}\t{}\t{}", finding.code, finding.r#where, finding.message))?;
        }
        law::line(&format!("{} errors, {} warnings", answer.errors, answer.warnings))
    })?;
    Ok(if errors { Outcome::No } else { outcome })
}

fn dated(arguments: &StatusArguments) -> Result<AgreementStatus, Refused> {
    let at = law::instant(arguments.at.as_deref())?;
    let (agreement, _) = parse(&law::read(&arguments.file)?)?;
    let between = match arguments.between.as_deref() {
        Some([one, two]) => Some((one.as_str(), two.as_str())),
        Some(_) | None => None,
    };
    for party in between.iter().flat_map(|(one, two)| [one, two]) {
        if !agreement.parties.iter().any(|m| m.party == **party) {
            return Err(Refused::new(Code::Ref, "--between", format!("no party {party}")));
        }
    }
    Ok(status(&agreement, at, between))
}

fn print(answer: &AgreementStatus) -> anyhow::Result<()> {
    let state = serde_json::to_value(answer.state)?;
    law::line(&format!("state\t{}", state.as_str().unwrap_or_default()))?;
    for party in &answer.parties {
        let from = party.bound_from.map_or_else(|| "-".to_owned(), |at| at.to_string());
        law::line(&format!("party\t{}\tbound {}\tfrom {from}", party.party, party.bound))?;
    }
    if let Some(between) = &answer.between {
        law::line(&format!("between\tin force {}", between.in_force))?;
    }
    answer
        .tasks
        .iter()
        .try_for_each(|t| law::line(&format!("task\t{}\treview {}", t.opens, t.review)))
}
