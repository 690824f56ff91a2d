//! `comity cert`: scores, statuses and tallies from files alone (certification.md, section 12).
//!
//! Not here: the rules, which live in `comity_core::cert`.

mod oscal;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use comity_core::cert::day::{Day, Instant};
use comity_core::cert::document::BYTES_MAX;
use comity_core::cert::register::Register;
use comity_core::cert::{document, registry, score, status, tally};
use comity_core::refusal::Refusal;
use serde::Serialize;

use crate::output::{self, Outcome};
use crate::verify as verifying;

mod page;

/// Arguments.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// The standard to and from OSCAL, baselines resolved.
    #[command(subcommand)]
    Oscal(oscal::Arguments),
    /// Make and check editions of the status register.
    #[command(subcommand)]
    Register(RegisterArguments),
    /// Score an assessment under a procedure profile.
    Score(Score),
    /// Say what a jurisdiction's status was on a day, as known at an instant.
    Status(Status),
    /// Tally the ballots on a motion.
    Tally(Tally),
}

/// Arguments of `register`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum RegisterArguments {
    /// Print the next edition: the last one and what is added.
    Build(Build),
    /// Sign an edition as a registrar and print the signature.
    Sign(Sign),
    /// Check an edition: its form, its predecessor, its signatures.
    Verify(Verify),
}

/// Arguments of `register build`.
#[derive(Debug, clap::Args)]
pub(crate) struct Build {
    /// The last edition.
    #[arg(long, value_name = "FILE")]
    previous: PathBuf,
    /// What is added.
    #[arg(long, value_name = "FILE")]
    change: PathBuf,
    /// The instant of the edition.
    #[arg(long, value_name = "INSTANT")]
    as_of: String,
    /// Print refusals as one JSON document; the edition is JSON anyway.
    #[arg(long)]
    json: bool,
}

/// Arguments of `register sign`.
#[derive(Debug, clap::Args)]
pub(crate) struct Sign {
    /// The edition, byte for byte as it was drawn up.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// The registrar's secret key: 64 hex digits.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The registrar, as the registrars' file names it.
    #[arg(long, value_name = "ID")]
    registrar: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `register verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The edition.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// The edition before it.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// The registrars' keys and how many must sign; `x.registrars.json` beside `x.json` unless given.
    #[arg(long, value_name = "FILE", requires = "signatures")]
    registrars: Option<PathBuf>,
    /// Their signatures; `x.signatures.json` beside `x.json` unless given.
    #[arg(long, value_name = "FILE", requires = "registrars")]
    signatures: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What `register verify` found.
#[derive(Serialize)]
struct Verified {
    #[serde(rename = "type")]
    kind: &'static str,
    register: String,
    #[serde(rename = "verified")]
    holds: bool,
    problems: Vec<Refusal>,
    signers: Vec<String>,
}

/// Arguments of `score`.
#[derive(Debug, clap::Args)]
pub(crate) struct Score {
    /// The assessment.
    #[arg(long, value_name = "FILE")]
    assessment: PathBuf,
    /// The procedure profile, TOML.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// The status register.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// A urn, or an alias `scheme:value` of the valid-at day.
    #[arg(long, value_name = "URN")]
    jurisdiction: String,
    /// The day asked about.
    #[arg(long, value_name = "DATE")]
    valid_at: String,
    /// Facts recorded up to the end of this UTC day, or up to this instant, count.
    #[arg(long, value_name = "DATE")]
    known_at: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `tally`.
#[derive(Debug, clap::Args)]
pub(crate) struct Tally {
    /// The motion, rolls and ballots.
    #[arg(long, value_name = "FILE")]
    ballots: PathBuf,
    /// The organ's rule.
    #[arg(long, value_name = "FILE")]
    rule: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Why there is no answer: refused input, an unreadable file, or a fault of ours.
pub(crate) enum Failure {
    /// Refused input.
    Refused(Box<Refusal>),
    /// A file that cannot be read: a wrong call.
    Unreadable(String),
    /// A fault.
    Fault(anyhow::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}

/// Reads a file, or standard input for `-`, up to the limit.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::Unreadable(format!("{}: {error}", path.display()));
    let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = File::open(path).map_err(unreadable)?;
        file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    comity_core::cert::document::check_size(&bytes)?;
    Ok(bytes)
}

/// Prints an answer, or says why there is none.
pub(crate) fn answer<T: Serialize>(
    as_json: bool,
    decide: impl FnOnce() -> Result<T, Failure>,
) -> anyhow::Result<Outcome> {
    match decide() {
        Ok(answer) if as_json => {
            output::json(&answer)?;
            Ok(Outcome::Done)
        }
        Ok(answer) => {
            // Without a page of its own the document is the answer, only laid out for reading.
            let text = serde_json::to_string_pretty(&answer)?;
            output::print(&format!("{text}\n"))?;
            Ok(Outcome::Done)
        }
        Err(failure) => refuse(as_json, failure),
    }
}

/// Prints an answer, laid out for people by `page` unless it is to be JSON.
fn answer_page<T: Serialize>(
    as_json: bool,
    page: impl FnOnce(&serde_json::Value) -> String,
    decide: impl FnOnce() -> Result<T, Failure>,
) -> anyhow::Result<Outcome> {
    match decide() {
        Ok(answer) if as_json => output::json(&answer)?,
        Ok(answer) => output::print(&page(&serde_json::to_value(&answer)?))?,
        Err(failure) => return refuse(as_json, failure),
    }
    Ok(Outcome::Done)
}

/// Says why there is no answer.
pub(crate) fn refuse(as_json: bool, failure: Failure) -> anyhow::Result<Outcome> {
    match failure {
        Failure::Fault(error) => Err(error),
        Failure::Refused(refusal) => output::refuse(as_json, &mut [*refusal]),
        Failure::Unreadable(text) => {
            writeln!(std::io::stderr(), "comity: {text}")?;
            Ok(Outcome::Refused)
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match arguments {
        Arguments::Oscal(arguments) => oscal::run(arguments),
        Arguments::Register(RegisterArguments::Build(arguments)) => run_build(arguments),
        Arguments::Register(RegisterArguments::Sign(arguments)) => run_sign(arguments),
        Arguments::Register(RegisterArguments::Verify(arguments)) => run_verify(arguments),
        Arguments::Score(arguments) => answer_page(arguments.json, page::score, || {
            let assessment = read(&arguments.assessment)?;
            let profile = read(&arguments.profile)?;
            Ok(score::answer(&assessment, &profile)?)
        }),
        Arguments::Status(arguments) => {
            answer_page(arguments.json, page::status, || run_status(arguments))
        }
        Arguments::Tally(arguments) => answer_page(arguments.json, page::tally, || {
            let ballots = read(&arguments.ballots)?;
            let rule = read(&arguments.rule)?;
            Ok(tally::answer(&ballots, &rule)?)
        }),
    }
}

fn run_status(arguments: &Status) -> Result<status::Answer, Failure> {
    let bad = |option: &'static str| Refusal::new("bad-date", "").with("option", option);
    let valid_at = Day::parse(&arguments.valid_at).ok_or_else(|| bad("valid-at"))?;
    let end_of_day = || Day::parse(&arguments.known_at).map(Day::end);
    let known_at =
        Instant::parse(&arguments.known_at).or_else(end_of_day).ok_or_else(|| bad("known-at"))?;
    let register = Register::parse(&read(&arguments.register)?)?;
    Ok(status::answer(&register, &arguments.jurisdiction, valid_at, known_at)?)
}

fn run_build(arguments: &Build) -> anyhow::Result<Outcome> {
    let built = (|| {
        let as_of = Instant::parse(&arguments.as_of)
            .ok_or_else(|| Refusal::new("bad-date", "").with("option", "as-of"))?;
        let edition =
            registry::build(&read(&arguments.previous)?, &read(&arguments.change)?, as_of)?;
        Ok(edition)
    })();
    match built {
        Ok(edition) => {
            // Without a last line end: its bytes are what is hashed, signed and linked to.
            std::io::stdout().lock().write_all(&edition)?;
            Ok(Outcome::Done)
        }
        Err(failure) => refuse(arguments.json, failure),
    }
}

/// What `register sign` made.
#[derive(Serialize)]
struct Signed {
    #[serde(rename = "type")]
    kind: &'static str,
    register: String,
    registrar: String,
    sig: String,
}

fn run_sign(arguments: &Sign) -> anyhow::Result<Outcome> {
    let page = |signed: &serde_json::Value| {
        format!("{}\n", signed.get("sig").and_then(serde_json::Value::as_str).unwrap_or_default())
    };
    answer_page(arguments.json, page, || {
        let edition = read(&arguments.register)?;
        Register::parse(&edition)?;
        // A registrar signs one form only, so that one register has one hash.
        registry::check_canonical(&edition)?;
        let seed = zeroize::Zeroizing::new(read(&arguments.key)?);
        let seed = std::str::from_utf8(&seed).unwrap_or_default().trim();
        let seed = comity_ledger::digest::hex_32(seed).map(zeroize::Zeroizing::new);
        let seed = seed.map_err(|_| Refusal::new("key-malformed", "/key"))?;
        let key = comity_ledger::key::SigningKey::from_bytes(&seed);
        Ok(Signed {
            kind: "comity.register-signature/1",
            register: document::hash(&edition),
            registrar: arguments.registrar.clone(),
            sig: registry::sign(&key, &edition),
        })
    })
}

fn run_verify(arguments: &Verify) -> anyhow::Result<Outcome> {
    let verified = match verify(arguments) {
        Ok(verified) => verified,
        Err(failure) => return refuse(arguments.json, failure),
    };
    if arguments.json {
        output::json(&verified)?;
    } else {
        let word = if verified.holds { "verified" } else { "not verified" };
        let codes: Vec<&str> = verified.problems.iter().map(|problem| problem.code).collect();
        output::print(&format!("{word}\t{}\t{}\n", verified.register, codes.join(" ")))?;
    }
    Ok(if verified.holds { Outcome::Done } else { Outcome::No })
}

/// Checks an edition: what is no register at all is refused, what does not hold is a problem.
fn verify(arguments: &Verify) -> Result<Verified, Failure> {
    let edition = read(&arguments.register)?;
    let register = Register::parse(&edition)?;
    let mut problems = Vec::new();
    problems.extend(registry::check_canonical(&edition).err());
    if let Some(previous) = &arguments.previous {
        let previous = read(previous)?;
        let before = Register::parse(&previous)?;
        problems.extend(registry::check_step(&previous, &before, &edition).err());
    }
    let mut signers = Vec::new();
    let beside = |given: &Option<PathBuf>, part| {
        let path = given.clone().unwrap_or_else(|| verifying::beside(&arguments.register, part));
        (given.is_some() || path.is_file()).then_some(path)
    };
    let registrars = beside(&arguments.registrars, "registrars");
    let signatures = beside(&arguments.signatures, "signatures");
    if let (Some(registrars), Some(signatures)) = (registrars, signatures) {
        let (registrars, signatures) = (read(&registrars)?, read(&signatures)?);
        match registry::check_signatures(&edition, &registrars, &signatures) {
            Ok(names) => signers = names,
            Err(problem) => problems.push(problem),
        }
    } else {
        // Anyone can write an edition that holds in itself.
        problems.push(Refusal::new("register-unsigned", ""));
    }
    debug_assert_eq!(register.hash, document::hash(&edition), "the register names its own bytes");
    let holds = problems.is_empty();
    let kind = "comity.register-verification/1";
    Ok(Verified { kind, register: register.hash, holds, problems, signers })
}
