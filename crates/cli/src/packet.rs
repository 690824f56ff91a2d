//! `comity packet`: what an authority's form asks about a duty, filled in as far as the facts know.
//!
//! Not here: which fields a form has (the packs) and what each asks (`policies/fields.json`).

use std::path::{Path, PathBuf};

use comity_core::law::facts::parse_case;
use comity_core::law::output::evaluate;
use comity_core::law::packet::{ANSWER_CHARS_MAX, ANSWERS_MAX, Known, Packet, packet};
use comity_core::law::refused::{Code, Refused};

use crate::law::{self, Packs};
use crate::output::{self, Outcome};

/// What is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The duty: party/rule/stage.
    duty: String,
    /// The facts of the case, comity.facts/1; - reads stdin.
    #[arg(long)]
    facts: PathBuf,
    /// Answers of a person: one JSON object of texts by field name.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// The instant of asking; else now.
    #[arg(long)]
    at: Option<String>,
    /// A folder of packs in place of those shipped.
    #[arg(long)]
    packs: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Print one page of HTML.
    #[arg(long)]
    html: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    law::finish(arguments.json, filled(arguments), |packet| {
        output::print(&if arguments.html { packet.html() } else { packet.text() })
    })
}

fn filled(arguments: &Arguments) -> Result<Packet, Refused> {
    let at = law::instant(arguments.at.as_deref())?;
    let packs = Packs::load(arguments.packs.as_deref())?;
    let case = parse_case(&law::read(&arguments.facts)?, packs.set())?;
    let known = answers(arguments.answers.as_deref())?;
    let evaluation = evaluate(packs.set(), &case, at)?;
    packet(&evaluation, &arguments.duty, &known)
}

fn answers(path: Option<&Path>) -> Result<Known, Refused> {
    let Some(path) = path else { return Ok(Known::new()) };
    let place = path.display().to_string();
    let read: Known = serde_json::from_slice(&law::read(path)?).map_err(|error| {
        let at = format!("{place}:{}:{}", error.line(), error.column());
        Refused::new(Code::Schema, at, error.to_string())
    })?;
    let long = read.values().any(|text| text.chars().count() > ANSWER_CHARS_MAX);
    if read.len() > ANSWERS_MAX || long {
        let message = format!("at most {ANSWERS_MAX} answers of {ANSWER_CHARS_MAX} characters");
        return Err(Refused::new(Code::Schema, place, message));
    }
    Ok(read)
}
