//! Statuses of 200 jurisdictions over 50 years, in both times.

use comity_core::cert::day::Day;
use comity_core::cert::register::Register;
use serde_json::{Value, json};

use crate::{Row, quantile, timed};

const JURISDICTIONS: usize = 200;
const YEARS: usize = 50;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let file = serde_json::to_vec(&register())?;
    let (register, reading) = timed(|| Register::parse(&file));
    let register = register.map_err(|refusal| anyhow::anyhow!("{}", refusal.code))?;
    let first = Day::parse("2030-01-01").ok_or_else(|| anyhow::anyhow!("a day"))?;
    let urns: Vec<_> = register.jurisdictions().map(|listed| listed.urn().clone()).collect();
    let mut times = Vec::new();
    for (n, urn) in urns.iter().cycle().take(20_000).enumerate() {
        let valid = first.plus(i64::try_from(n * 7 % (YEARS * 365))?);
        let known = valid.plus(i64::try_from(n % 900)?).end();
        let (_, time) = timed(|| register.standing(urn, valid, known));
        times.push(time);
    }
    let what = |text: &str| {
        format!(
            "{text}, {JURISDICTIONS} jurisdictions, {YEARS} years, {} events",
            register.events().len()
        )
    };
    let micros = |percent, times: &mut Vec<_>| {
        format!("{:.1} µs", quantile(times, percent).as_secs_f64() * 1_000_000.0)
    };
    Ok(vec![
        Row::new(what("status query, median"), micros(50, &mut times), "< 1 ms"),
        Row::new(what("status query, 99 of 100"), micros(99, &mut times), "< 1 ms"),
        Row::new(what("register read"), crate::ms(reading), "-"),
    ])
}

/// Every jurisdiction is certified, suspended and reinstated over and over, four events a year.
fn register() -> Value {
    let urn = |n: usize| format!("urn:comity:jur:bench{n:03}");
    let hash = format!("sha256:{}", "0".repeat(64));
    let mut events = Vec::new();
    for n in 0..JURISDICTIONS {
        for year in 0..YEARS {
            for (quarter, status) in
                ["CERTIFIED", "OBSERVATION", "SUSPENDED", "CONDITIONAL"].iter().enumerate()
            {
                let day = format!("{}-{:02}-01", 2030 + year, quarter * 3 + 1);
                let mut event = json!({"id": format!("e-{n}-{year}-{quarter}"), "jurisdiction": urn(n),
                    "status": status, "valid_from": day, "recorded_at": format!("{day}T00:00:00Z"),
                    "reason": "R", "decision": hash, "certificate": "c", "final_report": hash});
                if *status == "SUSPENDED"
                    && let Some(members) = event.as_object_mut()
                {
                    let until = json!(format!("{}-09-30", 2030 + year));
                    members.insert("wind_down_until".to_owned(), until);
                }
                events.push(event);
            }
        }
    }
    let jurisdictions: Vec<Value> = (0..JURISDICTIONS)
        .map(|n| json!({"urn": urn(n), "kind": "state", "names": {"en": urn(n)}}))
        .collect();
    json!({"type": "comity.register/1", "standard": "bench", "as_of": "2090-01-01T00:00:00Z",
        "jurisdictions": jurisdictions, "events": events})
}
