//! The program `comity`: reads arguments, calls one function, prints, chooses the exit code.
//!
//! Not here: business logic. What a command computes lives in `comity-core` or `comity-server`.

mod agreement;
mod assess;
mod case;
mod clock;
mod duties;
mod import;
mod law;
mod output;
mod pack;
mod preview;
mod score;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Coordinates the disclosure of AI vulnerabilities across borders.
#[derive(Debug, Parser)]
#[command(name = "comity", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check agreements between hubs and say where they stand.
    #[command(subcommand)]
    Agreement(agreement::Arguments),
    /// Assess a report: reportability, severity, parties, clocks.
    Assess(assess::Arguments),
    /// Work with cases; `fold` and `replay` need files alone.
    #[command(subcommand)]
    Case(case::Arguments),
    /// Compute one clock: operational target and legal outer date.
    Clock(clock::Arguments),
    /// List what is due in a case, to whom and when, with its conflicts.
    Duties(duties::Arguments),
    /// Read foreign records as reports.
    Import(import::Arguments),
    /// Check, try, compare and list packs of law as data.
    #[command(subcommand)]
    Pack(pack::Arguments),
    /// Show what an invitation would change in law.
    Preview(preview::Arguments),
    /// Score CVSS and AIX vectors.
    Score(score::Arguments),
    /// Check a case export, a receipt or a proof offline.
    Verify(verify::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    let outcome = match arguments.command {
        Command::Agreement(arguments) => agreement::run(&arguments),
        Command::Assess(arguments) => assess::run(&arguments),
        Command::Case(arguments) => case::run(&arguments),
        Command::Clock(arguments) => clock::run(&arguments),
        Command::Duties(arguments) => duties::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Pack(arguments) => pack::run(&arguments),
        Command::Preview(arguments) => preview::run(&arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
    };
    output::finish(outcome)
}
