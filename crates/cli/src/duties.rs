//! `comity duties`: what is due in a case, to whom and when (law.md §13).

use std::path::PathBuf;

use comity_core::law::facts::parse_case;
use comity_core::law::ics;
use comity_core::law::output::{DutiesAnswer, duties_of_case};
use comity_core::law::refused::Refused;

use crate::law::{self, Packs};
use crate::output::{self, Outcome};

/// What is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The facts of the case, comity.facts/1; - reads stdin.
    #[arg(long)]
    facts: PathBuf,
    /// The instant of asking; else now.
    #[arg(long)]
    at: Option<String>,
    /// A folder of packs in place of those shipped.
    #[arg(long)]
    packs: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long, conflicts_with = "ics")]
    json: bool,
    /// Print the dates as a calendar (RFC 5545).
    #[arg(long)]
    ics: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (case, answer) = answer(arguments)
        .map_or_else(|refused| (String::new(), Err(refused)), |(case, answer)| (case, Ok(answer)));
    law::finish(arguments.json, answer, |answer| {
        if arguments.ics {
            return output::print(&ics::calendar(answer, &case, "comity"));
        }
        print(answer)
    })
}

fn answer(arguments: &Arguments) -> Result<(String, DutiesAnswer), Refused> {
    let at = law::instant(arguments.at.as_deref())?;
    let packs = Packs::load(arguments.packs.as_deref())?;
    let case = parse_case(&law::read(&arguments.facts)?, packs.set())?;
    duties_of_case(packs.set(), &case, at).map(|answer| (case.id, answer))
}

fn print(answer: &DutiesAnswer) -> anyhow::Result<()> {
    for line in answer.lines() {
        law::line(&line)?;
    }
    Ok(())
}
