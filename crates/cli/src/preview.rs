//! `comity preview`: what changes in law when one more party is invited (law.md §9, §13).

use std::path::PathBuf;

use comity_core::law::facts::{parse_case, parse_party};
use comity_core::law::preview::{PreviewAnswer, preview};
use comity_core::law::refused::Refused;

use crate::law::{self, Packs};
use crate::output::Outcome;

/// What is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The facts of the case, comity.facts/1; - reads stdin.
    #[arg(long)]
    facts: PathBuf,
    /// The party to invite: one party object.
    #[arg(long)]
    invite: PathBuf,
    /// The instant of asking; else now.
    #[arg(long)]
    at: Option<String>,
    /// A folder of packs in place of those shipped.
    #[arg(long)]
    packs: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    law::finish(arguments.json, answer(arguments), print)
}

fn answer(arguments: &Arguments) -> Result<PreviewAnswer, Refused> {
    let at = law::instant(arguments.at.as_deref())?;
    let packs = Packs::load(arguments.packs.as_deref())?;
    let case = parse_case(&law::read(&arguments.facts)?, packs.set())?;
    let invitee = parse_party(&law::read(&arguments.invite)?, packs.set())?;
    preview(packs.set(), &case, invitee, at)
}

fn print(answer: &PreviewAnswer) -> anyhow::Result<()> {
    for line in answer.lines() {
        law::line(&line)?;
    }
    Ok(())
}
