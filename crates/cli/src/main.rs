//! The program `comity`: reads arguments, calls one function, prints, chooses the exit code.
//!
//! Not here: business logic. What a command computes lives in `comity-core` or `comity-server`.

mod admin;
mod agreement;
mod assess;
mod case;
mod cert;
mod clock;
mod demo;
mod doctor;
mod duties;
mod hub;
mod import;
mod law;
mod log;
mod operate;
mod output;
mod pack;
mod packet;
mod preview;
mod score;
mod screen;
mod share;
mod trade;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Many small things are made and dropped for each request; this allocator does it in half the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    /// Check agreements between hubs and say where they stand.
    #[command(subcommand)]
    Agreement(agreement::Arguments),
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
    /// Compute one clock: operational target and legal outer date.
    Clock(clock::Arguments),
    /// Let a fresh hub do the whole job on shipped reports and public cases.
    Demo(demo::Arguments),
    /// Say what is wrong with a hub, and what helps.
    Doctor(doctor::Arguments),
    /// List what is due in a case, to whom and when, with its conflicts.
    Duties(duties::Arguments),
    /// Read foreign records as reports.
    Import(import::Arguments),
    /// Make a hub: keys, database, configuration.
    Init(operate::Init),
    /// Bring the database to this program's schema.
    Migrate(operate::Migration),
    /// Check, try, compare, sign and list packs of law as data.
    #[command(subcommand)]
    Pack(pack::Arguments),
    /// Fill in what an authority's form asks about a duty, as far as the facts know.
    Packet(packet::Arguments),
    /// Show what an invitation would change in law.
    Preview(preview::Arguments),
    /// Write the read models anew from signed entries.
    Rebuild,
    /// Bring a backup back, or only verify it.
    Restore(operate::Restore),
    /// Score CVSS and AIX vectors.
    Score(score::Arguments),
    /// Screen one exchange with another organisation, or replay a record.
    Screen(screen::Arguments),
    /// Run the hub.
    Serve,
    /// Show what another hub would see of a case.
    #[command(subcommand)]
    Share(share::Arguments),
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
        Command::Agreement(arguments) => agreement::run(&arguments),
        Command::Assess(arguments) => assess::run(&arguments),
        Command::Backup(arguments) => operate::backup(data, &arguments),
        Command::Case(arguments) => case::run(&arguments),
        Command::Cert(arguments) => cert::run(&arguments),
        Command::Clock(arguments) => clock::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Doctor(arguments) => doctor::run(data, &arguments),
        Command::Duties(arguments) => duties::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Init(arguments) => operate::init(data, &arguments),
        Command::Migrate(arguments) => operate::migrate(data, &arguments),
        Command::Packet(arguments) => packet::run(&arguments),
        Command::Pack(arguments) => pack::run(data, &arguments),
        Command::Preview(arguments) => preview::run(&arguments),
        Command::Rebuild => operate::rebuild(data),
        Command::Restore(arguments) => operate::restore(data, &arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Screen(arguments) => screen::run(&arguments),
        Command::Serve => operate::serve(data),
        Command::Share(arguments) => share::run(&arguments),
        Command::Trade(arguments) => trade::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
    };
    output::finish(outcome)
}
