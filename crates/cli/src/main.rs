//! The program `comity`: reads arguments, calls one function, prints, chooses the exit code.
//!
//! Not here: business logic. What a command computes lives in `comity-core` or `comity-server`.

mod admin;
mod assess;
mod case;
mod cert;
mod demo;
mod hub;
mod import;
mod operate;
mod output;
mod score;
mod trade;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Coordinates the disclosure of AI vulnerabilities across borders.
#[derive(Debug, Parser)]
#[command(name = "comity", version, propagate_version = true)]
struct Arguments {
    #[command(flatten)]
    data: hub::Data,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Organisations, accounts, tokens.
    #[command(subcommand)]
    Admin(admin::Arguments),
    /// Assess a report: reportability, severity, parties, clocks.
    Assess(assess::Arguments),
    /// Write an encrypted backup, also while the hub serves.
    Backup(operate::Backup),
    /// Work with cases; `fold` and `replay` need files alone.
    #[command(subcommand)]
    Case(case::Arguments),
    /// Certification of jurisdictions: scores, statuses, tallies.
    #[command(subcommand)]
    Cert(cert::Arguments),
    /// Let a fresh hub do the whole job on shipped reports and public cases.
    Demo(demo::Arguments),
    /// Say what is wrong with a hub, and what helps.
    Doctor(operate::Doctor),
    /// Read foreign records as reports.
    Import(import::Arguments),
    /// Make a hub: keys, database, configuration.
    Init(operate::Init),
    /// Bring the database to this program's schema.
    Migrate(operate::Migration),
    /// Write the read models anew from signed entries.
    Rebuild,
    /// Bring a backup back, or only verify it.
    Restore(operate::Restore),
    /// Score CVSS and AIX vectors.
    Score(score::Arguments),
    /// Run the hub.
    Serve,
    /// Trade decisions that rest on certification, from files alone.
    #[command(subcommand)]
    Trade(trade::Arguments),
    /// Check a case export, a receipt or a proof offline.
    Verify(verify::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    let data = &arguments.data.data;
    let outcome = match arguments.command {
        Command::Admin(arguments) => admin::run(data, &arguments),
        Command::Assess(arguments) => assess::run(&arguments),
        Command::Backup(arguments) => operate::backup(data, &arguments),
        Command::Case(arguments) => case::run(&arguments),
        Command::Cert(arguments) => cert::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Doctor(arguments) => operate::doctor(data, &arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Init(arguments) => operate::init(data, &arguments),
        Command::Migrate(arguments) => operate::migrate(data, &arguments),
        Command::Rebuild => operate::rebuild(data),
        Command::Restore(arguments) => operate::restore(data, &arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Serve => operate::serve(data),
        Command::Trade(arguments) => trade::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
    };
    output::finish(outcome)
}
