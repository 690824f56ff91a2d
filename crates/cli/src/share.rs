//! `comity share`: what another hub would see (sharing.md, sections 10 and 11).
//!
//! Nothing is sent or stored. Not here: the rule, and cases a hub holds.

use std::path::PathBuf;

use comity_core::lexicon::Lexicon;
use comity_core::sharing::{CASE_BYTES_MAX, EXCHANGE_BYTES_MAX, Preview, ShareCase, preview};

use crate::output::{self, Outcome};
use crate::screen;

/// What to do with a share.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// Show what the plan for a case and a recipient would send.
    Preview(PreviewArguments),
}

/// Arguments of `preview`.
#[derive(Debug, clap::Args)]
pub(crate) struct PreviewArguments {
    /// The case; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// The recipient.
    #[arg(long, value_name = "FILE")]
    recipient: PathBuf,
    /// Print one RFC 8785 document.
    #[arg(long)]
    json: bool,
    /// Another policy than the one that ships.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The instant to look at it, instead of the case's own.
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Arguments::Preview(arguments) = arguments;
    let shown = screen::policies(arguments.policy.as_deref())?.and_then(|policies| {
        let case = screen::read(&arguments.case, CASE_BYTES_MAX)?;
        let recipient = screen::read(&arguments.recipient, EXCHANGE_BYTES_MAX)?;
        let policy = policies.current();
        let case = ShareCase::read(&case, Lexicon::embedded())?;
        let draft = case.draft(&recipient, policy, screen::instant(arguments.at.as_deref())?)?;
        Ok(preview(&draft, policy)?)
    });
    match shown {
        Ok(shown) if arguments.json => output::json(&shown)?,
        Ok(shown) => output::print(&summary(&shown))?,
        Err(failure) => return failure.end(arguments.json),
    }
    Ok(Outcome::Done)
}

/// Returns the main results, one `name⇥value` a line; the keys are those of the JSON.
fn summary(shown: &Preview) -> String {
    let mut lines = vec![
        format!("recipient\t{}", shown.recipient),
        format!("outcome\t{}\t{}", shown.requested.key(), shown.outcome.key()),
        format!("plan\t{}\t{}\t{}", shown.tier.key(), shown.approval.key(), shown.uses.join(" ")),
        format!("bundle\t{} bytes\t{}", shown.bytes, shown.bundle_hash),
    ];
    lines.extend(shown.sees.iter().map(|path| format!("sees\t{path}")));
    for withheld in &shown.withheld {
        let from = withheld.from.map_or("-", |tier| tier.key());
        lines.push(format!("withheld\t{}\t{from}\t{}", withheld.path, withheld.because.join(" ")));
    }
    lines.extend(shown.opens.iter().map(screen::opens));
    lines.push(String::new());
    lines.join("\n")
}
