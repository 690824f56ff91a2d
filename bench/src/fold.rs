//! Folding 10,000 entries of one case.

use std::sync::Arc;

use comity_core::case::Case;
use comity_core::case::entry::{Command, Entry};
use comity_core::case::kind::Kind;
use serde_json::{Map, Value, json};

use crate::{Row, ms, quantile, timed};

const ENTRIES: usize = 10_000;
const HUBS: usize = 5;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let id = "jo-2026-00001".parse()?;
    let entries = entries(&id)?;
    let mut times = Vec::new();
    for _ in 0..15 {
        let copy = entries.clone();
        let (case, time) = timed(|| Case::fold(id.clone(), copy));
        anyhow::ensure!(case.entries().count() == ENTRIES, "entries are missing");
        times.push(time);
    }
    let what = format!("fold of {ENTRIES} entries of {HUBS} hubs");
    Ok(vec![Row::new(what, ms(quantile(&mut times, 50)), "< 50 ms")])
}

/// Five hubs that take turns and cite one another: the hardest shape of an honest case.
fn entries(id: &comity_core::case::name::CaseId) -> anyhow::Result<Vec<Arc<Entry>>> {
    let object = |value: Value| value.as_object().cloned().unwrap_or_default();
    let parties: Vec<Value> = (0..HUBS)
        .map(|n| json!({ "party": format!("p{n}"), "org": format!("o{n}"), "roles": ["coordinator"] }))
        .collect();
    let mut heads: Vec<Option<(i64, String)>> = vec![None; HUBS];
    let mut all = Vec::with_capacity(ENTRIES);
    for n in 0..ENTRIES {
        let hub = n % HUBS;
        let (kind, body) = match n {
            0 => (Kind::CaseOpen, object(json!({ "parties": parties }))),
            _ => (Kind::Note, Map::new()),
        };
        let own = heads.get(hub).cloned().flatten();
        let mut seen: Vec<String> = heads
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != hub && n > 0)
            .filter_map(|(_, head)| head.as_ref().map(|(_, id)| id.clone()))
            .collect();
        seen.sort();
        // Only the latest is not in the past of another head.
        let latest = all.last().map(|entry: &Arc<Entry>| entry.id.as_str().to_owned());
        let seen: Vec<_> = seen.into_iter().filter(|id| Some(id) == latest.as_ref()).collect();
        let place = comity_core::case::entry::Place {
            seq: own.as_ref().map_or(0, |(seq, _)| seq + 1),
            prev: own.as_ref().map(|(_, id)| id.parse()).transpose()?,
            seen: seen.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
        };
        let command = Command {
            author: format!("h{hub}").parse()?,
            party: format!("p{hub}").parse()?,
            at: i64::try_from(n)? * 1000,
            kind,
            body,
        };
        let entry = Entry::new(id.clone(), command, place);
        if let Some(head) = heads.get_mut(hub) {
            *head = Some((entry.seq, entry.id.as_str().to_owned()));
        }
        all.push(Arc::new(entry));
    }
    Ok(all)
}
