//! `comity demo`: a fresh hub does its whole job, prints a table and stays up to be looked at.
//!
//! Not here: the story (`comity-server::demo`).

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use comity_server::app::Hub;
use comity_server::clock::Clock;
use comity_server::config::Config;
use comity_server::demo::{self, Progress, Summary};
use comity_server::{app::setup, serve};
use comity_store::Purpose;
use indicatif::{ProgressBar, ProgressStyle};

use crate::hub;
use crate::output::{self, Outcome};

/// Arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// End after the table instead of staying up.
    #[arg(long)]
    exit: bool,
    /// Print the table as one JSON document.
    #[arg(long)]
    json: bool,
    /// A new directory to keep the hub in; a temporary one unless given.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// A folder to write what was published to: CSAF 2.0, CSAF 2.1 and OSV, for other people's validators.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// The address to listen on afterwards.
    #[arg(long, default_value = "127.0.0.1:8470")]
    address: String,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let scratch = Scratch::new(arguments.keep.as_ref());
    let config = Config {
        address: arguments.address.clone(),
        base_url: format!("http://{}", arguments.address),
        ..demo::config()
    };
    if !arguments.exit
        && let Err(error) = std::net::TcpListener::bind(&arguments.address)
    {
        // Before the work and not after it.
        output::say(&format!("comity: cannot listen on {}: {error}", arguments.address))?;
        return Ok(Outcome::Refused);
    }
    hub::block_on(async {
        let bar = bar(arguments.json);
        let now = Clock::real().now();
        let told =
            Box::pin(demo::run(&scratch.path, &config, now, |progress| show(&bar, progress))).await;
        bar.finish_and_clear();
        let summary = match told {
            Ok(summary) => summary,
            Err(demo::DemoError::Setup(error)) => return hub::refused(error),
            Err(error) => return Err(error.into()),
        };
        if arguments.json {
            output::json(&summary)?;
        } else {
            output::print(&table(&summary))?;
        }
        if let Some(folder) = &arguments.files {
            let hub =
                setup::open(&scratch.path, config.clone(), Clock::real(), Purpose::Tool).await?;
            write_files(&hub, folder).await?;
            hub.store().close().await;
        }
        if arguments.exit {
            return Ok(Outcome::Done);
        }
        let hub = setup::open(&scratch.path, config, Clock::real(), Purpose::Serve).await?;
        let serving = serve::start(hub).await?;
        output::say(&format!(
            "\nThe hub stays up at http://{} to look around; Ctrl-C ends it{}.",
            serving.address,
            if arguments.keep.is_some() { "" } else { " and removes its directory" }
        ))?;
        serving.until_told().await?;
        Ok(Outcome::Done)
    })?
}

/// Writes every advisory in every format, a folder a format.
async fn write_files(hub: &Hub, folder: &Path) -> anyhow::Result<()> {
    const FORMATS: [(&str, &str); 3] =
        [("csaf-2.0", ".csaf20.json"), ("csaf-2.1", ".csaf.json"), ("osv", ".osv.json")];
    let mut cursor: Option<String> = None;
    loop {
        let page = hub.search_advisories("", cursor.as_deref(), 200).await?;
        for row in &page.items {
            for (format, ending) in FORMATS {
                let file = hub.advisory_file(&format!("{}{ending}", row.id), None).await?;
                let at = folder.join(format);
                std::fs::create_dir_all(&at)?;
                std::fs::write(at.join(format!("{}.json", row.id)), file.bytes)?;
            }
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

/// The demo's directory: removed at the end unless the caller keeps it.
struct Scratch {
    path: PathBuf,
    keep: bool,
}

impl Scratch {
    fn new(keep: Option<&PathBuf>) -> Self {
        if let Some(path) = keep {
            return Self { path: path.clone(), keep: true };
        }
        let name = format!("comity-demo-{}", comity_server::rng::hex::<6>());
        let path = std::env::temp_dir().join(name);
        Self { path, keep: false }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.keep {
            // What cannot be removed stays in the system's temporary folder and holds invented data only.
            let _left = std::fs::remove_dir_all(&self.path);
        }
    }
}

fn bar(json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len}  {eta}  {wide_msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(u64::try_from(progress.total).unwrap_or(u64::MAX));
    bar.set_position(u64::try_from(progress.done).unwrap_or(u64::MAX));
    let day = progress.at.strftime("%Y-%m-%d");
    bar.set_message(format!("{day}  {}", progress.what));
}

fn table(summary: &Summary) -> String {
    let mut rows: Vec<(String, u64, &str)> = vec![
        ("reports in".to_owned(), summary.reports, "each with a signed receipt"),
        ("  receipts verified".to_owned(), summary.receipts_verified, "offline, by signature"),
    ];
    for (verdict, count) in &summary.verdicts {
        rows.push((format!("  {verdict}"), *count, "verdict by the lexicon"));
    }
    rows.extend([
        ("cases".to_owned(), summary.cases, "each opened from a report"),
        ("  parties".to_owned(), summary.parties, "finders, vendors, coordinators"),
        ("  signed entries".to_owned(), summary.entries, "in the rooms all parties read"),
        (
            "  exports verified".to_owned(),
            summary.exports_verified,
            "offline, every chain and signature",
        ),
        ("shares".to_owned(), summary.shares, "to another hub, each under a pass"),
        ("advisories".to_owned(), summary.advisories, "approved by a second person"),
        ("  versions".to_owned(), summary.versions, "with corrections and a withdrawal"),
        ("  files".to_owned(), summary.files, "own format, CSAF 2.0, CSAF 2.1, OSV"),
    ]);
    let certification = &summary.certification;
    rows.extend([
        ("jurisdictions".to_owned(), certification.jurisdictions, "invented, in virtual time"),
        ("  assessments".to_owned(), certification.assessments, "from application to final report"),
        ("  ballots".to_owned(), certification.ballots, "tallied again by anyone"),
        ("  signed entries".to_owned(), certification.entries, "sealed where confidential"),
        ("  editions".to_owned(), certification.editions, "of the register, signed by 2 of 3"),
        (
            "  dossiers verified".to_owned(),
            certification.dossiers_verified,
            "offline, with openings, fold and score",
        ),
    ]);
    for code in &certification.refused {
        rows.push((format!("refused: {code}"), 1, "a certificate without both trade rules"));
    }
    let law = &summary.law;
    rows.extend([
        ("law: duties".to_owned(), law.duties, "in the worked example, two sovereigns, one flaw"),
        ("  facts asked for".to_owned(), law.tasks, "unknown and shown as unknown"),
        (
            "  preview: duties".to_owned(),
            law.preview_duties,
            "seen before the second entity came in",
        ),
        ("  preview: conflicts".to_owned(), law.preview_conflicts, "seen before it came in"),
    ]);
    for (code, count) in &summary.refused {
        rows.push((format!("refused: {code}"), *count, "as it must be"));
    }
    let width = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    let line =
        |(name, count, what): &(String, u64, &str)| format!("{name:width$}  {count:>6}  {what}\n");
    let mut table = rows.iter().map(line).collect::<Vec<_>>().concat();
    table.push_str(&example(summary));
    table.push_str(&shares(&summary.asked));
    table.push_str(&shipments(&summary.certification));
    table
}

/// Says what the gate answered each time another hub was to be given the same report, and why.
fn shares(asked: &[demo::AskedShare]) -> String {
    let mut text =
        "\none report, to a hub of another jurisdiction, before and after the fix:\n".to_owned();
    for one in asked {
        let demo::AskedShare { at, tier, outcome, residual: [a, b, c], approval, reasons, opens } =
            one;
        let approval = if approval.is_empty() { "-" } else { approval };
        let because = reasons.join(" ");
        text = format!(
            "{text}  {at}  {tier}  {outcome:<8}  residual A {a} B {b} C {c}  approval {approval}  {because}\n"
        );
        if !opens.is_empty() {
            text = format!("{text}              would open it: {}\n", opens.join(" "));
        }
    }
    text
}

/// Says how one shipment was decided over time, why, and what would change it.
fn shipments(certification: &demo::Certification) -> String {
    let mut text = "\none shipment, decided from the register's newest edition:\n".to_owned();
    for shipment in &certification.shipments {
        let demo::Shipment { when, day, status, trade_status, outcome, because, repair } = shipment;
        text = format!(
            "{text}  {day}  {when:<26}  {status:<10} trade {trade_status:<10}  {outcome}\n"
        );
        if !because.is_empty() {
            text = format!(
                "{text}              because: {because}\n              would pass: {repair}\n"
            );
        }
    }
    text
}

/// The worked example: both dates of each first notice, and what clashes.
fn example(summary: &Summary) -> String {
    let law = &summary.law;
    let dates = law.dates.iter().map(|[duty, target, outer]| {
        format!("due      {duty}\n         target {target}   outer {outer}\n")
    });
    let conflicts = law
        .conflicts
        .iter()
        .map(|[what, severity, text]| format!("clash    {what} ({severity})\n         {text}\n"));
    let lines: String = dates.chain(conflicts).collect();
    format!("\n{lines}{}\n", law.notice)
}
