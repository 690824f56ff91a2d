//! `comity screen`: one exchange screened, or a record replayed (sharing.md, section 11).
//!
//! Not here: the rule. This reads files, calls it and prints.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use comity_core::refusal::Refusal;
use comity_core::sharing::{
    ANSWERS_BYTES_MAX, EXCHANGE_BYTES_MAX, Exchange, Instant, Opens, Policies, Policy,
    QuestionReliability, RECORD_BYTES_MAX, Replay, Screen, SignedRecord, Verdict, reliability,
    replay, screen,
};

use comity_ledger::key::VerifyingKey;

use crate::output::{self, Outcome};

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// The exchange; `-` reads standard input.
    #[arg(value_name = "EXCHANGE.json", required = true)]
    exchange: Option<PathBuf>,
    /// Print one RFC 8785 document.
    #[arg(long)]
    json: bool,
    /// Another policy than the one that ships.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The instant to look at it, instead of the exchange's own.
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Say of each question how far raters agree who answered recorded screens again, blind.
    Alpha {
        /// Their answers, `comity.blind-answers/1`; `-` reads standard input.
        #[arg(value_name = "ANSWERS.json")]
        answers: PathBuf,
        /// Print one RFC 8785 document.
        #[arg(long)]
        json: bool,
    },
    /// Screen a record's exchange again and compare byte for byte.
    Replay {
        /// A record, or what the hub exported of it; `-` reads standard input.
        #[arg(value_name = "RECORD")]
        record: PathBuf,
        /// Print the result as it comes out now, one RFC 8785 document.
        #[arg(long)]
        json: bool,
        /// A past policy that this program does not ship.
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// The public key that must have signed the leaf of an export.
        #[arg(long, value_name = "HEX")]
        key: Option<String>,
    },
}

fn parse_key(text: &str) -> Result<VerifyingKey, Failure> {
    let hex = text.strip_prefix("ed25519:").unwrap_or(text).replace(' ', "");
    let key = format!("ed25519:{hex}").parse();
    key.map_err(|_| vec![Refusal::new("key-malformed", "/key")].into())
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Some(path) = &arguments.exchange else {
        return match &arguments.action {
            Some(Action::Alpha { answers, json }) => run_alpha(answers, *json),
            Some(Action::Replay { record, json, policy, key }) => {
                run_replay(record, *json, policy.as_deref(), key.as_deref())
            }
            None => Ok(Outcome::Refused),
        };
    };
    let screened = policies(arguments.policy.as_deref())?.and_then(|policies| {
        let bytes = read(path, EXCHANGE_BYTES_MAX)?;
        let policy = policies.current();
        let at = instant(arguments.at.as_deref())?;
        Ok(Exchange::read(&bytes, policy, at).map(|exchange| screen(&exchange, policy))?)
    });
    match screened {
        Ok(screen) => print(&screen, arguments.json),
        Err(failure) => failure.end(arguments.json),
    }
}

fn run_alpha(answers: &Path, json: bool) -> anyhow::Result<Outcome> {
    let found = read(answers, ANSWERS_BYTES_MAX).and_then(|bytes| Ok(reliability(&bytes)?));
    let found = match found {
        Ok(found) => found,
        Err(failure) => return failure.end(json),
    };
    if json {
        output::json(&found)?;
    } else {
        let line = |one: &QuestionReliability| {
            let alpha = one.alpha.as_deref().unwrap_or("-");
            let mark = if one.weak { "\tweak" } else { "" };
            format!("{}\t{}\t{alpha}{mark}\n", one.question.key(), one.units)
        };
        let lines: String = found.questions.iter().map(line).collect();
        output::print(&format!("records\t{}\n{lines}", found.records))?;
    }
    Ok(Outcome::Done)
}

fn run_replay(
    record: &Path,
    json: bool,
    policy: Option<&Path>,
    key: Option<&str>,
) -> anyhow::Result<Outcome> {
    let replayed = policies(policy)?.and_then(|policies| {
        let key = key.map(parse_key).transpose()?;
        // An export holds the record as text, each quote of it escaped.
        let bytes = read(record, 2 * RECORD_BYTES_MAX)?;
        if SignedRecord::is_one(&bytes) {
            let signed = SignedRecord::read(&bytes)?;
            signed.check(key.as_ref()).map_err(|refusal| vec![refusal])?;
            return Ok(replay(signed.record(), &policies)?);
        }
        if key.is_some() {
            // A bare record is signed by nobody; only its export carries a statement.
            return Err(vec![Refusal::new("member-missing", "/statement")].into());
        }
        Ok(replay(&bytes, &policies)?)
    });
    let replayed: Replay = match replayed {
        Ok(replayed) => replayed,
        Err(failure) => return failure.end(json),
    };
    let is_identical = replayed.is_identical();
    if json {
        output::json(&replayed.result)?;
    } else {
        let answer = if is_identical { "identical" } else { "different" };
        let (recorded, replayed) = (&replayed.recorded, &replayed.replayed);
        output::print(&format!("{answer}\nrecorded\t{recorded}\nreplayed\t{replayed}\n"))?;
    }
    Ok(if is_identical { Outcome::Done } else { Outcome::No })
}

fn print(screen: &Screen, json: bool) -> anyhow::Result<Outcome> {
    if json {
        output::json(screen)?;
    } else {
        output::print(&summary(screen))?;
    }
    Ok(if screen.outcome == Verdict::Allow { Outcome::Done } else { Outcome::No })
}

/// Returns the main results, one `name⇥value` a line; the keys are those of the JSON.
fn summary(screen: &Screen) -> String {
    let plan = &screen.plan;
    let mut lines = vec![
        format!("outcome\t{}\t{}", screen.requested.key(), screen.outcome.key()),
        format!("plan\t{}\t{}\t{}", plan.tier.key(), plan.approval.key(), plan.uses.join(" ")),
    ];
    for tier in &screen.tiers {
        let reasons = tier.reasons.join(" ");
        lines.push(format!("tier\t{}\t{}\t{reasons}", tier.tier.key(), tier.verdict.key()));
    }
    lines.extend(screen.opens.iter().map(opens));
    lines.extend(screen.tasks.iter().map(|task| format!("task\t{task}")));
    lines.push(format!("deadline\t{}", screen.deadline));
    lines.push(String::new());
    lines.join("\n")
}

/// Returns one line about what would open a tier.
pub(crate) fn opens(opens: &Opens) -> String {
    let now = opens.now.as_ref().map_or_else(|| "-".to_owned(), |set| set.join(" "));
    let later = opens.later.as_ref().map_or_else(
        || "-".to_owned(),
        |later| {
            let at = later.at.map_or_else(|| "-".to_owned(), |at| at.to_string());
            format!("{} {at}", later.needs.join(" "))
        },
    );
    format!("opens\t{}\tnow {now}\tlater {later}", opens.tier.key())
}

/// Why there is no result.
pub(crate) enum Failure {
    /// The input is refused.
    Refused(Vec<Refusal>),
    /// A file cannot be read: which, and why.
    Unreadable(String, String),
}

impl From<Vec<Refusal>> for Failure {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refused(refusals)
    }
}

impl Failure {
    /// Says so; an unreadable file is a wrong call.
    pub(crate) fn end(self, json: bool) -> anyhow::Result<Outcome> {
        match self {
            Self::Refused(mut refusals) => output::refuse(json, &mut refusals),
            Self::Unreadable(file, why) => {
                let refusal = Refusal::new("file-unreadable", "").with("file", file);
                output::refuse(json, &mut [refusal.with("why", why)])
            }
        }
    }
}

/// Returns the policies that ship, with the one of a file as the current one.
pub(crate) fn policies(file: Option<&Path>) -> anyhow::Result<Result<Policies, Failure>> {
    let mut policies = Policies::embedded().context("a policy that ships is not valid")?;
    let Some(file) = file else { return Ok(Ok(policies)) };
    let bytes = match read(file, EXCHANGE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(failure) => return Ok(Err(failure)),
    };
    Ok(match Policy::read(&bytes) {
        Ok(policy) => {
            policies.add(policy);
            Ok(policies)
        }
        Err(error) => Err(Failure::Refused(vec![Refusal::new(error.code(), "/policy")])),
    })
}

/// Reads one byte more than the file may have, so that a longer one is seen to be too long.
pub(crate) fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;

    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::Unreadable(path.display().to_string(), error.to_string())),
    }
}

/// Reads the instant of `--at`; anything but the one spelling is refused like the member it replaces.
pub(crate) fn instant(text: Option<&str>) -> Result<Option<Instant>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let read = Instant::parse(text).map(Some);
    read.ok_or_else(|| vec![Refusal::new("value-invalid", "/at").with("option", "--at")].into())
}
