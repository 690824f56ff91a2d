//! The sharing gate: one screen with its planner, a preview for fifty hubs, recorded screens verified again.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use comity_core::lexicon::Lexicon;
use comity_core::sharing::{
    Cuts, Exchange, LEAF_SCHEMA, Policies, RecordBody, ShareCase, SignedRecord, leaf, preview_of,
    replay, screen,
};
use comity_ledger::digest;
use comity_ledger::entry::Salt;
use comity_ledger::key::SigningKey;
use comity_ledger::statement::{self, StatementKind};
use serde_json::{Value, json};

use crate::{Row, ms, quantile, timed};

const VECTORS: &str = include_str!("../../testdata/sharing/vectors.json");
const HUBS: usize = 50;
const RECORDS: usize = 100_000;
/// Records that differ; each is verified as often as it takes.
const DISTINCT: usize = 500;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let vectors: Value = serde_json::from_str(VECTORS)?;
    let list = vectors.get("vectors").and_then(Value::as_array).context("no vectors")?;
    let policies = Policies::embedded()?;
    Ok(vec![screened(list, &policies)?, previewed(list, &policies)?, verified(list, &policies)?])
}

fn exchange_of(vector: &Value, policies: &Policies) -> Option<Exchange> {
    let value = vector.get("exchange")?.clone();
    Exchange::from_value(value, policies.current(), None).ok()
}

fn screened(list: &[Value], policies: &Policies) -> anyhow::Result<Row> {
    let all: Vec<Exchange> = list.iter().filter_map(|one| exchange_of(one, policies)).collect();
    anyhow::ensure!(!all.is_empty(), "no exchange");
    let mut times = Vec::new();
    for _ in 0..20 {
        for exchange in &all {
            times.push(timed(|| screen(exchange, policies.current())).1);
        }
    }
    let seen =
        format!("{} p50, {} p99", ms(quantile(&mut times, 50)), ms(quantile(&mut times, 99)));
    Ok(Row::new("one screen with its planner", seen, "< 1 ms"))
}

fn previewed(list: &[Value], policies: &Policies) -> anyhow::Result<Row> {
    let vector = list.iter().find(|one| one.get("kind").is_some_and(|kind| kind == "preview"));
    let vector = vector.context("no preview among the vectors")?;
    let policy = policies.current();
    let case = vector.get("case").cloned().context("no case")?;
    let mut recipient = vector.get("recipient").cloned().context("no recipient")?;
    let case =
        ShareCase::from_value(case, Lexicon::embedded()).map_err(|_| anyhow::anyhow!("case"))?;
    let mut recipients = Vec::with_capacity(HUBS);
    for n in 0..HUBS {
        if let Some(org) = recipient.pointer_mut("/recipient/hub") {
            *org = json!(format!("hub-{n}"));
        }
        recipients.push(serde_json::to_vec(&recipient)?);
    }
    let mut times = Vec::new();
    for _ in 0..20 {
        let (shown, time) = timed(|| {
            let mut shown = BTreeSet::new();
            let mut cuts: Option<Cuts<'_>> = None;
            for bytes in &recipients {
                let Ok(draft) = case.draft(bytes, policy, None) else { continue };
                let known = cuts.take();
                let mut own = known.unwrap_or_else(|| Cuts::new(case.report(), policy));
                if let Ok(preview) = preview_of(draft.exchange(), &mut own, policy) {
                    shown.insert(preview.exchange);
                }
                cuts = Some(own);
            }
            shown.len()
        });
        anyhow::ensure!(shown == HUBS, "previews are missing");
        times.push(time);
    }
    let what = format!("preview of what {HUBS} hubs would see");
    Ok(Row::new(what, ms(quantile(&mut times, 50)), "< 20 ms"))
}

fn verified(list: &[Value], policies: &Policies) -> anyhow::Result<Row> {
    let key = SigningKey::from_bytes(&[1; 32]);
    let bases: Vec<&Value> = list.iter().filter_map(|vector| vector.get("exchange")).collect();
    let mut records = Vec::with_capacity(DISTINCT);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for n in 0..DISTINCT {
        let mut value = (*bases.get(n % bases.len().max(1)).context("no exchange")?).clone();
        if let Some(case) = value.get_mut("case") {
            *case = json!(format!("nv-2027-{n:05}"));
        }
        let Ok(exchange) = Exchange::from_value(value, policies.current(), None) else { continue };
        let result = screen(&exchange, policies.current());
        *outcomes.entry(result.outcome.key()).or_default() += 1;
        let at = exchange.value().get("at").and_then(Value::as_str);
        let at = at.and_then(comity_core::sharing::Instant::parse).context("instant")?;
        let body = RecordBody::new((&exchange, &result), &[], ("ada", at), None).to_bytes()?;
        let salt = Salt::from_bytes(digest::sha256(&n.to_le_bytes()));
        let name = digest::hex(&leaf(&salt, &body));
        let case = format!("nv-2027-{n:05}");
        let said = json!({ "at": 0, "case": case, "leaf": name, "schema": LEAF_SCHEMA, "v": 1 });
        let envelope = statement::sign(StatementKind::Screen, &said, &key)?;
        records.push(SignedRecord::new(case, (name, salt), String::from_utf8(body)?, envelope));
    }
    anyhow::ensure!(outcomes.len() > 1, "all screens end alike");
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(2);
    let (held, time) = timed(|| {
        std::thread::scope(|scope| {
            let work = |first: usize| {
                let (records, key) = (&records, key.verifying_key());
                move || {
                    let places = (first..RECORDS).step_by(threads);
                    let holds = |place: &usize| {
                        records.get(place % records.len()).is_some_and(|record| {
                            record.check(Some(key)).is_ok()
                                && replay(record.record(), policies)
                                    .is_ok_and(|replayed| replayed.is_identical())
                        })
                    };
                    places.filter(holds).count()
                }
            };
            let handles: Vec<_> = (0..threads).map(|first| scope.spawn(work(first))).collect();
            handles.into_iter().filter_map(|handle| handle.join().ok()).sum::<usize>()
        })
    });
    anyhow::ensure!(held == RECORDS, "a record does not hold");
    let what = format!("{RECORDS} recorded screens verified and replayed on {threads} cores");
    Ok(Row::new(what, format!("{:.1} s", time.as_secs_f64()), "< 30 s"))
}
