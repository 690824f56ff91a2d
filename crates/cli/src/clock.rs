//! `comity clock`: one clock, computed and explained (law.md §13).

use comity_core::law::clock::{ClockAnswer, Question, answer};

use crate::law;
use crate::output::Outcome;

/// What is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The clock rule, for example eu-1182-71.
    #[arg(long)]
    rule: String,
    /// The start: RFC 3339 with Z or an offset.
    #[arg(long)]
    from: String,
    /// One number and one unit, for example PT72H, P3B, -P30D.
    #[arg(long, allow_hyphen_values = true)]
    within: String,
    /// The IANA zone; else that of the rule.
    #[arg(long)]
    tz: Option<String>,
    /// The calendar; else that of the rule.
    #[arg(long)]
    calendar: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let question = Question {
        rule: &arguments.rule,
        from: &arguments.from,
        within: &arguments.within,
        tz: arguments.tz.as_deref(),
        calendar: arguments.calendar.as_deref(),
    };
    // The members of the question are the options.
    let answer = answer(question).map_err(|mut refused| {
        refused.place = refused.place.replacen('/', "--", 1);
        refused
    });
    law::finish(arguments.json, answer, print)
}

fn print(answer: &ClockAnswer) -> anyhow::Result<()> {
    let date = |at: Option<_>| at.map_or_else(|| "none".to_owned(), |at| format!("{at}"));
    law::line(&format!("target\t{}", date(answer.target)))?;
    law::line(&format!("outer\t{}", date(answer.outer)))?;
    for step in &answer.steps {
        law::line(&format!("{}\t{}\t{}", step.op, step.value, step.text))?;
    }
    Ok(())
}
