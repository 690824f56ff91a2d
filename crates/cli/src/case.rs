//! `comity case`: what needs files alone, `fold` and `replay` (case-protocol.md, section 9).
//!
//! Not here: the fold. This reads files, calls it and prints.

use std::path::{Path, PathBuf};

use comity_core::case::Case;
use comity_core::case::read::{EntrySet, ReplayFile};
use comity_core::case::replay::Replay;
use comity_core::case::view::View;
use comity_core::refusal::Refusal;
use serde::Serialize;

use crate::output::{self, Outcome};

/// What to do with a case.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// Fold a set of entries into the state of their case.
    Fold {
        /// One unsigned entry a line; `-` reads standard input.
        #[arg(value_name = "ENTRIES.jsonl")]
        entries: PathBuf,
        #[command(flatten)]
        view: ViewArguments,
    },
    /// Replay a public case, or entries in one document.
    Replay {
        /// `{"entries":[…]}`, a public case, or a file of public cases; `-` reads standard input.
        #[arg(value_name = "FILE.json")]
        file: PathBuf,
        /// Which case of the file.
        #[arg(long, value_name = "ID")]
        case: Option<String>,
        #[command(flatten)]
        view: ViewArguments,
    },
}

/// How and when to look at it.
#[derive(Debug, clap::Args)]
pub(crate) struct ViewArguments {
    /// Print one RFC 8785 document.
    #[arg(long)]
    json: bool,
    /// The instant to look at it: RFC 3339 or milliseconds; else the greatest of the entries.
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    at: Option<i64>,
}

/// A view with what a replay left out.
#[derive(Serialize)]
struct Replayed {
    #[serde(flatten)]
    view: View,
    replay: Option<Replay>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match arguments {
        Arguments::Fold { entries, view } => {
            let set = match read(entries).and_then(|bytes| EntrySet::read_lines(&bytes)) {
                Ok(set) => set,
                Err(mut refusals) => return output::refuse(view.json, &mut refusals),
            };
            let seen = view.look_at(&set.fold());
            view.print(&seen, &seen)
        }
        Arguments::Replay { file, case, view } => {
            let folded = read(file)
                .and_then(|bytes| ReplayFile::read(&bytes, case.as_deref()))
                .and_then(|file| file.fold());
            let (case, replay) = match folded {
                Ok(folded) => folded,
                Err(mut refusals) => return output::refuse(view.json, &mut refusals),
            };
            let replayed = Replayed { view: view.look_at(&case), replay };
            view.print(&replayed.view, &replayed)
        }
    }
}

impl ViewArguments {
    fn look_at(&self, case: &Case) -> View {
        case.view(self.at.unwrap_or_else(|| case.greatest_at()))
    }

    fn print<T: Serialize>(&self, view: &View, document: &T) -> anyhow::Result<Outcome> {
        if self.json {
            output::json(document)?;
        } else {
            summary(view)?;
        }
        Ok(Outcome::Done)
    }
}

/// A few lines for people; programs read `--json`.
fn summary(view: &View) -> anyhow::Result<()> {
    use std::io::Write as _;

    let mut out = std::io::stdout().lock();
    let lead = view.lead.as_ref().map_or("-", |lead| lead.party.as_str());
    writeln!(out, "{}  status {}  lead {lead}", view.case, view.status)?;
    writeln!(out, "embargo {} ({})  world {}", view.em, view.em_log, view.pxa)?;
    for party in &view.parties {
        let vfd = party.vfd.unwrap_or("-");
        writeln!(out, "{}  RM {}  {vfd}  {}", party.party, party.rm, party.pec)?;
    }
    for void in &view.void {
        writeln!(out, "void {}  {}  {}", void.entry, void.kind, void.code.code())?;
    }
    let (held, pending) = (view.order.len(), view.pending.len());
    writeln!(out, "entries {held}  pending {pending}  tasks {}", view.tasks.len())?;
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Vec<Refusal>> {
    use std::io::Read as _;

    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let no = |error: std::io::Error| {
        let refusal = Refusal::new("file-unreadable", "").with("file", path.display().to_string());
        vec![refusal.with("why", error.to_string())]
    };
    read.map_err(no)
}

fn parse_instant(text: &str) -> Result<i64, String> {
    let millis = match text.parse::<i64>() {
        Ok(millis) => millis,
        Err(_) => text
            .parse::<jiff::Timestamp>()
            .map_err(|_| "neither RFC 3339 nor milliseconds since 1970".to_owned())?
            .as_millisecond(),
    };
    let range = 0..=(1i64 << 53) - 1;
    if range.contains(&millis) { Ok(millis) } else { Err("out of range".to_owned()) }
}
