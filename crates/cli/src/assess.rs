//! `comity assess`: what follows from one report (lexicon.md, LX-27).

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use comity_core::assess::{Assessment, assess};
use comity_core::report;

use crate::output::{self, Outcome};

/// Arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The report; `-` reads standard input.
    #[arg(value_name = "REPORT")]
    report: PathBuf,
    /// Print the whole assessment as JSON.
    #[arg(long)]
    json: bool,
    /// A folder whose files replace those of the shipped lexicon.
    #[arg(long, value_name = "DIR")]
    lexicon: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let bytes = match read(&arguments.report) {
        Ok(bytes) => bytes,
        Err(error) => {
            writeln!(std::io::stderr(), "comity: {}: {error}", arguments.report.display())?;
            return Ok(Outcome::Refused);
        }
    };
    let folder = arguments.lexicon.as_deref().unwrap_or_else(|| Path::new(""));
    let lexicon = match comity_server::app::setup::lexicon(folder) {
        Ok(lexicon) => lexicon,
        Err(error) => return crate::hub::refused(error),
    };
    match report::read(&bytes, lexicon) {
        Err(mut refusals) => output::refuse(arguments.json, &mut refusals),
        Ok(report) => {
            let assessment = assess(&report, lexicon);
            if arguments.json {
                output::json(&assessment)?;
            } else {
                std::io::stdout().lock().write_all(summary(&assessment).as_bytes())?;
            }
            Ok(Outcome::Done)
        }
    }
}

/// Reads one byte more than a report may have at most, so that a longer one is seen to be too long.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(report::LIMITS.bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Returns the main results, one `name⇥value` a line; the keys are those of the JSON.
fn summary(assessment: &Assessment) -> String {
    let reportability = &assessment.reportability;
    let verdict = reportability.verdict.key();
    let decision = match assessment.decision {
        Some(decision) => decision.key().to_owned(),
        None => format!("{}..{}", assessment.decision_low.key(), assessment.decision_high.key()),
    };
    let provisional = |is_provisional| if is_provisional { "\tprovisional" } else { "" };
    let mut lines = vec![
        format!("report\t{}", assessment.report),
        format!(
            "reportability\t{verdict}\t{}{}",
            reportability.rule,
            provisional(reportability.provisional)
        ),
        format!("decision\t{decision}"),
        format!(
            "publication_detail\t{}{}",
            assessment.publication_detail.value.key(),
            provisional(assessment.publication_detail.provisional)
        ),
    ];
    for party in &assessment.parties {
        let country = party.country.as_deref().unwrap_or("-");
        lines.push(format!("party\t{}\t{country}\t{}", party.name, party.contact.key()));
    }
    for one in &assessment.assessments {
        lines.push(format!("aix\t{}\t{}", one.assessor, one.aix.vector));
        for scored in &one.cvss {
            lines.push(format!("cvss\t{}\t{:.1}\t{}", one.assessor, scored.score, scored.vector));
        }
    }
    for need in &assessment.needs_evidence {
        let affects: Vec<&str> = need.affects.iter().map(|affects| affects.key()).collect();
        lines.push(format!("needs_evidence\t{}\t{}", need.fact, affects.join(" ")));
    }
    for flag in &assessment.flags {
        lines.push(format!("flag\t{}\t{}", flag.code, flag.pointer));
    }
    lines.push(String::new());
    let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
    lines.join("\n")
}

/// Names come from outside: no control character of theirs reaches a terminal.
fn printable(line: &str) -> String {
    line.chars()
        .map(|letter| if letter.is_control() && letter != '\t' { '\u{fffd}' } else { letter })
        .collect()
}
