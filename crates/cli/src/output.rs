//! How every command ends: exit codes, refusals and faults in one place (portal.md, PO-86 to PO-88).

use std::io::Write as _;
use std::process::ExitCode;

use comity_core::refusal::Refusal;
use serde::Serialize;

/// How a command that ran without a fault ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, yes or decided: exit 0.
    Done,
    /// The answer is no: exit 1.
    No,
    /// A wrong call or refused input, already printed: exit 2.
    Refused,
}

/// Says what is wrong with the call; `--help` and `--version` are no error.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let shown = error.print().is_ok();
    if error.use_stderr() || !shown { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

/// Turns the outcome into the exit code; a fault goes to stderr with its causes.
pub(crate) fn finish(outcome: anyhow::Result<Outcome>) -> ExitCode {
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Ok(Outcome::Refused) => ExitCode::from(2),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _unheard = writeln!(std::io::stderr(), "comity: {error:#}");
            ExitCode::from(3)
        }
    }
}

/// A reader that stopped early (`comity … | head`) is no fault of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Prints one RFC 8785 document and a newline on stdout.
pub(crate) fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    let mut bytes = serde_json_canonicalizer::to_vec(value)?;
    bytes.push(b'\n');
    std::io::stdout().lock().write_all(&bytes)?;
    Ok(())
}

/// Prints refusals, sorted: one document on stdout with `--json`, else a line each on stderr.
pub(crate) fn refuse(as_json: bool, refusals: &mut [Refusal]) -> anyhow::Result<Outcome> {
    comity_core::refusal::sort(refusals);
    if as_json {
        json(&serde_json::json!({ "refusals": refusals }))?;
        return Ok(Outcome::Refused);
    }
    let mut stderr = std::io::stderr().lock();
    for refusal in refusals.iter() {
        let place = if refusal.pointer.is_empty() { "/" } else { &refusal.pointer };
        let params: Vec<String> =
            refusal.params.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        writeln!(stderr, "{place}: {}{}", refusal.code, params.concat())?;
    }
    Ok(Outcome::Refused)
}

/// Prints text for people on stdout.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Says a line on stderr.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stderr(), "{text}")?;
    Ok(())
}
