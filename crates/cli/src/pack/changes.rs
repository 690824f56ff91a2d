//! `comity pack affected`: which open cases of a hub the current packs change, and how (law.md, LW-4).
//!
//! Not here: what a change is (`comity_core::law::change`) and adopting one, which a person does.

use std::io::IsTerminal as _;
use std::path::Path;

use comity_server::app::Hub;
use comity_server::app::law::{CaseChange, PAGE_CASES, PackChanges, Pin};
use comity_store::Purpose;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{self, Outcome};
use crate::{hub, law};

/// What to list.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<Outcome> {
    hub::block_on(async {
        let hub = match hub::open(data, Purpose::Tool).await {
            Ok(hub) => hub,
            Err(error) => return hub::refused(error),
        };
        let listed = listed(&hub, arguments.json).await;
        hub.store().close().await;
        let all = match listed {
            Ok(all) => all,
            Err(error) => return hub::no(arguments.json, error),
        };
        if arguments.json {
            output::json(&all)?;
        } else {
            print(&all)?;
        }
        Ok(Outcome::Done)
    })?
}

/// Reads every page; a bar shows how many cases were looked at.
async fn listed(hub: &Hub, quiet: bool) -> Result<PackChanges, comity_server::app::AppError> {
    let bar = bar(quiet);
    let mut all = hub.changes_after("", PAGE_CASES).await?;
    let mut after = all.last.clone();
    while let (Some(_), Some(case)) = (&all.next, &after) {
        let page = hub.changes_after(case, PAGE_CASES).await?;
        bar.set_position(u64::try_from(all.seen.saturating_add(page.seen)).unwrap_or(u64::MAX));
        after.clone_from(&page.last);
        all.next = page.next;
        all.seen = all.seen.saturating_add(page.seen);
        all.items.extend(page.items);
        all.packs.extend(page.packs);
    }
    bar.finish_and_clear();
    Ok(all)
}

fn bar(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} cases  {per_sec}  {elapsed}") {
        bar.set_style(style);
    }
    bar
}

fn print(all: &PackChanges) -> anyhow::Result<()> {
    law::line(all.notice)?;
    for (set, packs) in &all.packs {
        for pack in packs {
            let version =
                |pin: &Option<Pin>| pin.as_ref().map_or("-".to_owned(), |pin| pin.version.clone());
            let (before, after) = (version(&pack.before), version(&pack.after));
            let set: String = set.chars().take(12).collect();
            law::line(&format!("pack\t{set}\t{}\t{before}\t{after}", pack.id))?;
        }
    }
    for item in &all.items {
        print_case(item)?;
    }
    let affected = all.items.iter().filter(|item| item.is_affected()).count();
    let pinned = all.items.len();
    law::line(&format!(
        "{} open cases, {pinned} under other packs, {affected} with other answers",
        all.seen
    ))
}

fn print_case(item: &CaseChange) -> anyhow::Result<()> {
    let case = &item.case;
    let Some(change) = &item.change else {
        let why = item.refused.as_deref().unwrap_or("-");
        return law::line(&format!("{case}\tnot computed\t{why}"));
    };
    let date = |at: Option<_>| at.map_or_else(|| "-".to_owned(), |at| format!("{at}"));
    for duty in &change.new_duties {
        law::line(&format!("{case}\tnew\t{}\t{}", duty.duty, date(duty.due.target)))?;
    }
    for duty in &change.gone_duties {
        law::line(&format!("{case}\tgone\t{}\t{}", duty.duty, date(duty.due.target)))?;
    }
    for moved in &change.moved {
        let (before, after) = (&moved.before, &moved.after);
        let (from, to) = (date(before.target), date(after.target));
        let (was, is) = (before.status, after.status);
        law::line(&format!("{case}\tmoved\t{}\t{was} {from}\t{is} {to}", moved.duty))?;
    }
    for turned in &change.verdicts {
        law::line(&format!(
            "{case}\tverdict\t{}\t{}\t{}",
            turned.action, turned.before, turned.after
        ))?;
    }
    for conflict in &change.new_conflicts {
        law::line(&format!("{case}\tnew {}", conflict.line()))?;
    }
    for conflict in &change.gone_conflicts {
        law::line(&format!("{case}\tgone {}", conflict.line()))?;
    }
    Ok(())
}
