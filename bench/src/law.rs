//! Law as data: duties, previews, loading packs, and open cases computed anew under an amended pack.

use comity_core::law::facts::{parse_party, read_case_value};
use comity_core::law::lint::{Files, lint};
use comity_core::law::output::duties_of_case;
use comity_core::law::preview::preview;
use comity_core::law::shipped::{self, FILES};
use comity_core::law::signature::{self, Role, Signer};
use comity_core::law::time::Instant;
use comity_ledger::key::SigningKey;
use comity_server::app::setup;
use comity_server::clock::Clock;
use comity_server::config::Config;
use comity_store::Rows;
use serde_json::{Value, json};

use crate::{Row, ms, quantile, timed};

const AT: &str = "2026-12-24T10:00:00Z";
const COUNTRIES: [&str; 30] = [
    "AU", "BE", "BR", "CA", "CH", "CL", "CN", "DE", "ES", "FR", "GB", "HK", "ID", "IE", "IL", "IN",
    "IT", "JP", "KE", "KR", "LT", "MY", "NL", "NZ", "PH", "PT", "SG", "TR", "TW", "US",
];
const CASES: usize = 10_000;
const PARTIES_OF_CASE: usize = 3;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let at = Instant::parse(AT).ok_or_else(|| anyhow::anyhow!("no instant"))?;
    let packs = shipped::packs()?;
    let case = read_case_value(&facts("case-1", 10, COUNTRIES.len()), packs)?;
    let mut times = Vec::new();
    let mut duties = 0;
    for _ in 0..50 {
        let (answer, time) = timed(|| duties_of_case(packs, &case, at));
        duties = answer?.duties.len();
        times.push(time);
    }
    let what = format!(
        "all {duties} duties of a case, 10 parties, 30 jurisdictions, {} packs",
        FILES.len()
    );
    let mut rows = vec![Row::new(what, ms(quantile(&mut times, 50)), "< 5 ms")];
    let invite = json!({ "id": "guest", "facts": party(7).get("facts") });
    let invite = parse_party(&serde_json::to_vec(&invite)?, packs)?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let guest = invite.clone();
        let (answer, time) = timed(|| preview(packs, &case, guest, at));
        answer?;
        times.push(time);
    }
    rows.push(Row::new(
        "preview of one more party in that case",
        ms(quantile(&mut times, 50)),
        "< 20 ms",
    ));
    rows.push(loading(at)?);
    rows.push(changes()?);
    Ok(rows)
}

fn loading(at: Instant) -> anyhow::Result<Row> {
    let files: Vec<Files<'_>> = FILES
        .iter()
        .map(|(folder, toml, _)| Files {
            folder,
            toml: toml.as_bytes(),
            vectors: None,
            signature: None,
        })
        .collect();
    let mut times = Vec::new();
    for _ in 0..20 {
        let (set, time) = timed(shipped::load);
        set?;
        times.push(time);
    }
    let (answer, checked) = timed(|| lint(&files, at, false, None));
    anyhow::ensure!(answer.errors == 0, "the shipped packs have errors");
    let what = format!(
        "load and check {} packs (every finding of the linter: {})",
        FILES.len(),
        ms(checked)
    );
    Ok(Row::new(what, ms(quantile(&mut times, 50)), "< 100 ms"))
}

/// The whole way of `comity pack affected`: rows, unsealing, both editions, the difference.
fn changes() -> anyhow::Result<Row> {
    let folder = tempfile::tempdir()?;
    let (packs, signers) = amended(folder.path())?;
    let config = Config { policies_folder: packs, pack_signers: signers, ..Config::default() };
    let data = folder.path().join("hub");
    std::fs::create_dir(&data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let plain = Config { policies_folder: String::new(), ..config.clone() };
        let clock = Clock::at(AT.parse()?);
        let hub = setup::create(&data, &plain, clock.clone()).await?;
        let set = hub.keep_packs().await?;
        let mut rows = Rows::new();
        for index in 0..CASES {
            let id = format!("hub-2026-{index:05}");
            let document = facts(&id, PARTIES_OF_CASE, 6);
            rows.put(hub.case_law_row(&id, &set, &document, true)?);
            if rows.writes.len() == 250 {
                hub.store().write(std::mem::take(&mut rows)).await?;
            }
        }
        hub.store().write(rows).await?;
        hub.store().close().await;
        drop(hub);
        let hub = setup::open(&data, config, clock, comity_store::Purpose::Tool).await?;
        let start = crate::now();
        let (mut after, mut affected, mut seen) = (String::new(), 0, 0);
        loop {
            let page = hub.changes_after(&after, comity_server::app::law::PAGE_CASES).await?;
            affected += page.items.iter().filter(|item| item.is_affected()).count();
            seen += page.seen;
            let Some(last) = page.last.filter(|_| page.next.is_some()) else { break };
            after = last;
        }
        let time = start.elapsed();
        anyhow::ensure!(seen == CASES && affected == CASES, "{affected} of {seen} are affected");
        let cores = std::thread::available_parallelism()?;
        let what = format!(
            "{CASES} open cases of {PARTIES_OF_CASE} parties under an amended pack, {cores} cores"
        );
        Ok(Row::new(what, ms(time), "< 10 s"))
    })
}

fn amended(folder: &std::path::Path) -> anyhow::Result<(String, Vec<Signer>)> {
    let toml = FILES.iter().find(|(id, ..)| *id == "eu-cra").map(|(_, toml, _)| *toml);
    let toml = toml.unwrap_or_default().replacen("within = \"PT24H\"", "within = \"PT12H\"", 1);
    let pack = folder.join("packs/eu-cra");
    std::fs::create_dir_all(&pack)?;
    std::fs::write(pack.join("pack.toml"), &toml)?;
    let at = Instant::parse(AT).ok_or_else(|| anyhow::anyhow!("no instant"))?;
    let (mut lines, mut signers) = (Vec::new(), Vec::new());
    for (seed, role, organisation) in
        [(1, Role::LegalOfficer, "one"), (2, Role::SecondReader, "other")]
    {
        let key = SigningKey::from_bytes(&[seed; 32]);
        lines.push(signature::sign(toml.as_bytes(), role, organisation, at, &key)?);
        let key = key.verifying_key().to_string();
        signers.push(Signer { key, organisation: organisation.to_owned() });
    }
    std::fs::write(pack.join("pack.sig"), signature::print(&lines))?;
    Ok((folder.join("packs").display().to_string(), signers))
}

fn facts(id: &str, parties: usize, markets: usize) -> Value {
    let parties: Vec<Value> = (0..parties).map(party).collect();
    json!({
        "schema": "comity.facts/1",
        "case": {
            "id": id, "lead": "party-0",
            "facts": {
                "product.class": "digital_elements", "product.is_ai": true,
                "product.markets": COUNTRIES.iter().take(markets).collect::<Vec<_>>(),
                "vuln.exploitation": "active", "vuln.contained_in_product": true,
                "vuln.public": false, "vuln.patch_available": false, "incident.occurred": true,
                "incident.cyber": true, "incident.significant": true,
                "incident.personal_data_breach": true, "incident.risk_to_individuals": "high",
                "case.facets": ["vulnerability", "incident"],
            },
            "embargo": { "until": "2027-02-01T00:00:00Z", "tlp": "TLP:AMBER", "pap": "PAP:GREEN" },
        },
        "parties": parties,
    })
}

/// A manufacturer with an establishment in three countries of the thirty.
fn party(index: usize) -> Value {
    let country = |step: usize| COUNTRIES.get((index * 3 + step) % COUNTRIES.len());
    let all = [country(0), country(1), country(2)];
    json!({
        "id": format!("party-{index}"),
        "facts": {
            "actor.roles": ["manufacturer", "controller", "ai_provider", "nis2_essential"],
            "actor.main_establishment": country(0), "actor.establishments": all,
            "actor.operates_in": all, "data.subjects_in": all,
        },
        "events": [
            { "event": "signal_received", "at": "2026-12-24T06:00:00Z" },
            { "event": "reasonable_certainty", "at": "2026-12-24T09:00:00Z" },
        ],
        "holds": "L4", "since": "2026-12-24T06:00:00Z",
    })
}
