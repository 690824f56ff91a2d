//! The story: who does what on which day.

mod sharing;

use std::collections::BTreeMap;

use comity_core::access::{Action, Actor, Role};
use comity_core::report::Report;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{DemoError, Summary, actor, content, counted, receipt_holds};
use crate::app::accounts::{AccountForm, OrganisationForm};
use crate::app::cases::{CaseCommand, OpenCase};
use crate::app::intake::{Filed, Filer};
use crate::app::publication::{DraftForm, Release};
use crate::app::triage::ReportCommand;
use crate::app::{AppError, Hub};

const REPORTS: &str = include_str!("../../../../demo/reports.jsonl");
const LUMEN: &str = include_str!("../../../../demo/lumen.json");
const NOTE: &str =
    "(Demonstration, rebuilt from public facts; not an advisory of anyone named here.)";
const LUMEN_NOTE: &str = "(Demonstration; all names are invented.)";
/// Hours between the beginnings of two cases.
const CASE_EVERY_H: i64 = 96;
/// Days of silence asked for.
const EMBARGO_DAYS: i64 = 45;

/// One step at one instant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    /// Which thread: a case's number, or that of a report alone.
    thread: usize,
    act: Act,
}

/// What a step does, in the order of a case's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    File,
    Acknowledge,
    Decline,
    Open,
    Invite,
    Answer,
    Meet,
    ShareRefused,
    Agree,
    ShareNotice,
    Status,
    Fix,
    ShareTriage,
    Early,
    Draft,
    Approve,
    Publish,
    Correct,
    Withdraw,
    Close,
}

/// One report, and the case it becomes if it does.
struct Thread {
    name: String,
    report: Report,
    value: Value,
    is_case: bool,
    filed: Option<String>,
    case: Option<String>,
    etag: String,
    vendors: Vec<Vendor>,
    offset_h: i64,
}

#[derive(Clone, Debug)]
struct Vendor {
    party: String,
    name: String,
    status: &'static str,
}

/// The hub, its people and where each thread stands.
pub(super) struct Story {
    hub: Hub,
    start: Timestamp,
    alice: Actor,
    badr: Actor,
    threads: Vec<Thread>,
    peer: Option<sharing::Peer>,
    summary: Summary,
}

impl Story {
    pub(super) fn new(hub: Hub, start: Timestamp) -> Result<Self, DemoError> {
        let organisation = hub.config().hub.clone();
        let mut threads = vec![thread(&hub, "lumen", LUMEN, true)?];
        for line in REPORTS.lines() {
            let value: Value = serde_json::from_str(line).map_err(data)?;
            let name = value.pointer("/name").and_then(Value::as_str).unwrap_or_default();
            let report = value.pointer("/report").cloned().unwrap_or_default().to_string();
            threads.push(thread(&hub, name, &report, name.ends_with(".publication"))?);
        }
        let mut cases = 0;
        for (index, thread) in threads.iter_mut().enumerate() {
            if thread.is_case {
                thread.offset_h = cases * CASE_EVERY_H;
                cases += 1;
            } else {
                thread.offset_h = i64::try_from(index).unwrap_or(0) * 24;
            }
        }
        Ok(Self {
            alice: actor("alice", &organisation, Role::Coordinator),
            badr: actor("badr", &organisation, Role::Coordinator),
            hub,
            start,
            threads,
            peer: None,
            summary: Summary::default(),
        })
    }

    /// Returns the coordinator who leads the cases.
    pub(super) fn coordinator(&self) -> &Actor {
        &self.alice
    }

    /// Registers the coordinators and every vendor with an analyst.
    pub(super) async fn people(&self) -> Result<(), DemoError> {
        let operator = self.hub.operator();
        let by =
            operator.authorise(Action::AdministerAccounts).map_err(|e| step("people", e.into()))?;
        let mut vendors: BTreeMap<String, String> = BTreeMap::new();
        for thread in &self.threads {
            for vendor in &thread.vendors {
                vendors.insert(vendor.party.clone(), vendor.name.clone());
            }
        }
        let mut accounts: Vec<(String, String, &str)> = ["alice", "badr"]
            .map(|name| (name.to_owned(), self.hub.config().hub.clone(), "coordinator"))
            .to_vec();
        for name in ["omar", "olga"] {
            accounts.push((name.to_owned(), self.hub.config().hub.clone(), "officer"));
        }
        for (id, name) in vendors {
            let form =
                OrganisationForm { organisation: id.clone(), name, kind: "vendor".to_owned() };
            self.hub.add_organisation(by, form, None).await.map_err(|e| step("organisation", e))?;
            accounts.push((format!("{id}-analyst"), id, "vendor"));
        }
        for (account, organisation, role) in accounts {
            let form = AccountForm {
                account,
                organisation,
                name: String::new(),
                roles: vec![role.to_owned()],
            };
            self.hub.add_account(by, form, None).await.map_err(|e| step("account", e))?;
        }
        Ok(())
    }

    /// Returns every step in order of time.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (thread, held) in self.threads.iter().enumerate() {
            let mut add = |hours: i64, act: Act| {
                let at = self.start + SignedDuration::from_hours(held.offset_h + hours);
                steps.push(Step { at, thread, act });
            };
            add(0, Act::File);
            if !held.is_case {
                add(20, if thread % 3 == 0 { Act::Decline } else { Act::Acknowledge });
                continue;
            }
            let life = [
                (5, Act::Acknowledge),
                (8, Act::Open),
                (26, Act::Invite),
                (50, Act::Answer),
                (10 * 24, Act::Status),
                (30 * 24, Act::Fix),
                (31 * 24, Act::Draft),
                (32 * 24, Act::Approve),
                (33 * 24, Act::Early),
                (EMBARGO_DAYS * 24 + 36, Act::Publish),
            ];
            for (hours, act) in life {
                add(hours, act);
            }
            if thread == 0 {
                add(3 * 24, Act::Meet);
                add(4 * 24, Act::ShareRefused);
                add(5 * 24, Act::Agree);
                add(6 * 24, Act::ShareNotice);
                add(30 * 24 + 12, Act::ShareTriage);
                add(60 * 24, Act::Correct);
            }
            if held.name.starts_with("mcpoison") {
                add(62 * 24, Act::Withdraw);
            }
            if thread % 4 == 1 {
                add(64 * 24, Act::Close);
            }
        }
        steps.sort();
        steps
    }

    /// Takes one step and says what was done.
    pub(super) async fn take(&mut self, step_: &Step) -> Result<String, DemoError> {
        let name = self.thread(step_)?.name.clone();
        let label = format!("{name}: {:?}", step_.act);
        let result = match step_.act {
            Act::File => self.file(step_.thread).await,
            Act::Acknowledge => self.acknowledge(step_.thread).await,
            Act::Decline => self.decline(step_.thread).await,
            Act::Open => self.open(step_.thread).await,
            Act::Invite => self.invite(step_.thread).await,
            Act::Answer => self.answer(step_.thread).await,
            Act::Meet => self.meet_peer(step_.thread).await,
            Act::ShareRefused => self.share_too_early(step_.thread).await,
            Act::Agree => self.agree().await,
            Act::ShareNotice => self.share(step_.thread, "T1").await,
            Act::ShareTriage => self.share(step_.thread, "T2").await,
            Act::Status => self.status(step_.thread).await,
            Act::Fix => self.fix(step_.thread).await,
            Act::Draft => self.draft(step_.thread, NOTE).await,
            Act::Approve => self.approve(step_.thread).await,
            Act::Early => self.early(step_.thread).await,
            Act::Publish => self.publish(step_.thread).await,
            Act::Correct => self.correct(step_.thread).await,
            Act::Withdraw => self.withdraw(step_.thread).await,
            Act::Close => self.close_case(step_.thread).await,
        };
        result.map_err(|error| step(&label, error))?;
        Ok(label)
    }

    fn thread(&self, step_: &Step) -> Result<&Thread, DemoError> {
        self.threads.get(step_.thread).ok_or_else(|| DemoError::Data("no such thread".to_owned()))
    }

    fn at(&mut self, index: usize) -> Result<&mut Thread, AppError> {
        self.threads.get_mut(index).ok_or(AppError::NotFound)
    }

    async fn file(&mut self, index: usize) -> Result<(), AppError> {
        let bytes = serde_json::to_vec(&self.at(index)?.value).map_err(AppError::fault)?;
        let hub = self.hub.clone();
        let answered = hub.file_report(&bytes, Filer::Anonymous, None, "en", None).await?;
        let filed: Filed = serde_json::from_slice(&answered.body).map_err(AppError::fault)?;
        self.summary.reports += 1;
        self.summary.receipts_verified += u64::from(receipt_holds(&filed.receipt));
        self.at(index)?.filed = Some(filed.report);
        Ok(())
    }

    async fn say(&mut self, index: usize, command: ReportCommand) -> Result<(), AppError> {
        let report = self.at(index)?.filed.clone().ok_or(AppError::NotFound)?;
        let by = self.alice.authorise(Action::AssessReport)?;
        self.hub.command_report(by, &report, command, None).await.map(|_| ())
    }

    async fn acknowledge(&mut self, index: usize) -> Result<(), AppError> {
        self.say(index, ReportCommand::Acknowledge {}).await?;
        let axes = json!({ "axes": { "report_confidence": "corroborated" } });
        self.say(index, ReportCommand::Assess { assessment: axes }).await
    }

    async fn decline(&mut self, index: usize) -> Result<(), AppError> {
        let reason = "Known already; the answer names the advisory.".to_owned();
        self.say(index, ReportCommand::Decline { reason }).await
    }

    async fn open(&mut self, index: usize) -> Result<(), AppError> {
        let report = self.at(index)?.filed.clone().ok_or(AppError::NotFound)?;
        let form = OpenCase { reports: vec![report], lead: Some("cert".to_owned()), finder: None };
        let by = self.alice.authorise(Action::OpenCase)?;
        let answered = self.hub.open_case(by, form, None).await?;
        let read = self.took(index, &answered.body)?;
        self.at(index)?.case = read.pointer("/case").and_then(Value::as_str).map(str::to_owned);
        for to in ["V", "A"] {
            self.command(index, "cert", "report.judge", json!({ "to": to })).await?;
        }
        let ends = self.hub.now() + SignedDuration::from_hours(24 * EMBARGO_DAYS);
        let body = json!({ "ends": ends.as_millisecond() });
        let terms = self.command(index, "finder", "embargo.propose", body).await?;
        self.command(index, "cert", "embargo.accept", json!({ "terms": terms })).await.map(|_| ())
    }

    async fn invite(&mut self, index: usize) -> Result<(), AppError> {
        for vendor in self.at(index)?.vendors.clone() {
            let hub = self.hub.config().hub.clone();
            let body = json!({
                "party": vendor.party, "org": vendor.party, "hub": hub, "roles": ["vendor"],
            });
            self.command(index, "cert", "party.invite", body).await?;
        }
        Ok(())
    }

    async fn answer(&mut self, index: usize) -> Result<(), AppError> {
        let terms = self.terms(index)?;
        for vendor in self.at(index)?.vendors.clone() {
            self.command(index, &vendor.party, "embargo.accept", json!({ "terms": terms })).await?;
            let to = json!({ "to": vendor.party });
            let sent = self.command(index, "cert", "report.send", to).await?;
            self.command(index, &vendor.party, "report.ack", json!({ "of": sent })).await?;
            for to in ["V", "A"] {
                self.command(index, &vendor.party, "report.judge", json!({ "to": to })).await?;
            }
        }
        Ok(())
    }

    async fn status(&mut self, index: usize) -> Result<(), AppError> {
        for vendor in self.at(index)?.vendors.clone() {
            let body = json!({ "party": vendor.party, "status": vendor.status });
            self.command(index, &vendor.party, "vendor.status", body).await?;
            let text = format!("{} has looked into it and says: {}.", vendor.name, vendor.status);
            let by = Self::analyst(&vendor.party);
            self.sealed(index, &by, &vendor.party, "statement.give", Map::new(), Some(text))
                .await?;
        }
        Ok(())
    }

    async fn fix(&mut self, index: usize) -> Result<(), AppError> {
        for vendor in self.at(index)?.vendors.clone() {
            if vendor.status == "affected" {
                self.command(index, &vendor.party, "fix.ready", json!({})).await?;
            }
        }
        Ok(())
    }

    async fn draft(&mut self, index: usize, note: &str) -> Result<(), AppError> {
        let note = if index == 0 { LUMEN_NOTE } else { note };
        let (hub, now) = (self.hub.clone(), self.hub.now());
        let thread = self.at(index)?;
        let case = thread.case.clone().ok_or(AppError::NotFound)?;
        let form = DraftForm { content: content::content(&hub, &thread.report, now, note) };
        let by = self.alice.authorise(Action::DraftAdvisory)?;
        self.hub.save_draft(by, &case, form, None).await.map(|_| ())
    }

    /// The writer tries to approve their own draft, is refused, and a second person approves it.
    async fn approve(&mut self, index: usize) -> Result<(), AppError> {
        let case = self.at(index)?.case.clone().ok_or(AppError::NotFound)?;
        let by = self.alice.authorise(Action::DraftAdvisory)?;
        let draft = self.hub.read_draft(by, &case).await?;
        let approve = Release::Approve { sha256: Some(draft.sha256) };
        let alice = self.alice.clone();
        self.expect_refusal(index, &alice, approve.clone()).await?;
        let badr = self.badr.clone();
        self.release(index, &badr, approve).await
    }

    /// Publishing while the embargo holds is refused, whoever asks.
    async fn early(&mut self, index: usize) -> Result<(), AppError> {
        let badr = self.badr.clone();
        self.expect_refusal(index, &badr, Release::Publish { summary: None, at: None }).await
    }

    async fn publish(&mut self, index: usize) -> Result<(), AppError> {
        let alice = self.alice.clone();
        self.release(index, &alice, Release::Publish { summary: None, at: None }).await
    }

    async fn correct(&mut self, index: usize) -> Result<(), AppError> {
        self.draft(index, "").await?;
        let case = self.at(index)?.case.clone().ok_or(AppError::NotFound)?;
        let by = self.alice.authorise(Action::DraftAdvisory)?;
        let draft = self.hub.read_draft(by, &case).await?;
        let badr = self.badr.clone();
        self.release(index, &badr, Release::Approve { sha256: Some(draft.sha256) }).await?;
        let summary = "The exposure was assessed anew.".to_owned();
        self.release(index, &badr, Release::Correct { summary, mistake: true }).await
    }

    async fn withdraw(&mut self, index: usize) -> Result<(), AppError> {
        let ask = Release::Withdraw {
            reason: "Published for the demonstration only.".to_owned(),
            successor: None,
        };
        for actor in [self.alice.clone(), self.badr.clone()] {
            self.release(index, &actor, ask.clone()).await?;
        }
        Ok(())
    }

    async fn close_case(&mut self, index: usize) -> Result<(), AppError> {
        let body = json!({ "to": "closed", "why": "published" });
        self.command(index, "cert", "case.status", body).await.map(|_| ())
    }

    async fn release(&mut self, index: usize, who: &Actor, ask: Release) -> Result<(), AppError> {
        let (case, etag) = self.current(index).await?;
        let by = who.authorise(Action::PublishAdvisory)?;
        self.hub.release(by, &case, &etag, ask, None).await.map(|_| ())
    }

    async fn expect_refusal(
        &mut self,
        index: usize,
        who: &Actor,
        ask: Release,
    ) -> Result<(), AppError> {
        match self.release(index, who, ask).await {
            Err(AppError::Refused(refusals)) => {
                let code = refusals.first().map_or("refused", |refusal| refusal.code);
                *self.summary.refused.entry(code.to_owned()).or_insert(0) += 1;
                Ok(())
            }
            Err(error) => Err(error),
            Ok(()) => Err(AppError::fault("a step that must be refused was not")),
        }
    }

    /// Authors an entry for a party and returns its id.
    async fn command(
        &mut self,
        index: usize,
        party: &str,
        kind: &str,
        body: Value,
    ) -> Result<String, AppError> {
        let by = match party {
            "cert" | "finder" => self.alice.clone(),
            vendor => Self::analyst(vendor),
        };
        self.sealed(index, &by, party, kind, crate::app::object(body), None).await
    }

    async fn sealed(
        &mut self,
        index: usize,
        who: &Actor,
        party: &str,
        kind: &str,
        body: Map<String, Value>,
        text: Option<String>,
    ) -> Result<String, AppError> {
        let (case, etag) = self.current(index).await?;
        let command =
            CaseCommand { kind: kind.to_owned(), party: Some(party.to_owned()), body, text };
        let by = who.authorise(Action::CommandCase)?;
        let answered = self.hub.command_case(by, &case, &etag, command, None).await?;
        let read = self.took(index, &answered.body)?;
        let entry = read.pointer("/entry").and_then(Value::as_str).unwrap_or_default();
        Ok(entry.to_owned())
    }

    fn took(&mut self, index: usize, body: &[u8]) -> Result<Value, AppError> {
        let read: Value = serde_json::from_slice(body).map_err(AppError::fault)?;
        let etag = read.pointer("/etag").and_then(Value::as_str).unwrap_or_default();
        etag.clone_into(&mut self.at(index)?.etag);
        Ok(read)
    }

    /// The case and the validator of its state now.
    async fn current(&mut self, index: usize) -> Result<(String, String), AppError> {
        let case = self.at(index)?.case.clone().ok_or(AppError::NotFound)?;
        let by = self.alice.authorise(Action::ReadCase)?;
        let read = self.hub.read_case(by, &case).await?;
        Ok((case, read.etag))
    }

    /// The terms in force, as the last answer had them.
    fn terms(&mut self, index: usize) -> Result<String, AppError> {
        let case = self.at(index)?.case.clone().ok_or(AppError::NotFound)?;
        let file = self.hub.cases_cache().folded(&case).ok_or(AppError::NotFound)?;
        let terms = file.case.state().terms.as_ref().map(|terms| terms.entry.as_str().to_owned());
        terms.ok_or_else(|| AppError::fault("no terms are in force"))
    }

    fn analyst(vendor: &str) -> Actor {
        actor(&format!("{vendor}-analyst"), vendor, Role::Vendor)
    }

    /// Counts and verifies everything at the end.
    pub(super) async fn close(mut self) -> Result<Summary, DemoError> {
        let at_end = |error: AppError| step("closing table", error);
        let mut before = None;
        loop {
            let store = self.hub.store();
            let page =
                store.reports_by_time(before.as_ref(), 500).await.map_err(|e| at_end(e.into()))?;
            let Some(last) = page.last() else { break };
            before =
                Some(comity_store::Cursor { at: last.received_at, id: last.report_id.clone() });
            for row in page {
                let verdict = row.verdict.unwrap_or_default();
                *self.summary.verdicts.entry(verdict).or_insert(0) += 1;
            }
        }
        counted(&self.hub, &self.alice, &mut self.summary).await.map_err(at_end)?;
        let list = self.hub.search_advisories("", None, 200).await.map_err(at_end)?;
        for row in &list.items {
            self.summary.advisories += 1;
            self.summary.versions += u64::try_from(row.version).unwrap_or(0);
            for ending in ["", ".csaf20.json", ".csaf.json", ".osv.json"] {
                let name = format!("{}{ending}", row.id);
                self.hub.advisory_file(&name, None).await.map_err(at_end)?;
                self.summary.files += 1;
            }
        }
        Ok(self.summary)
    }
}

fn thread(hub: &Hub, name: &str, report: &str, is_case: bool) -> Result<Thread, DemoError> {
    let report = comity_core::report::read(report.as_bytes(), hub.lexicon())
        .map_err(|refusals| DemoError::Data(format!("{name}: {refusals:?}")))?;
    let value = report.to_value();
    let vendors = if is_case { vendors(&value) } else { Vec::new() };
    Ok(Thread {
        name: name.to_owned(),
        report,
        value,
        is_case,
        filed: None,
        case: None,
        etag: String::new(),
        vendors,
        offset_h: 0,
    })
}

fn vendors(report: &Value) -> Vec<Vendor> {
    let parties = report.pointer("/affected/parties").and_then(Value::as_array);
    let text = |party: &Value, key: &str| {
        party.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    parties
        .into_iter()
        .flatten()
        .map(|party| Vendor {
            party: slug(&text(party, "name")),
            name: text(party, "name"),
            status: match text(party, "status").as_str() {
                "affected" => "affected",
                "not_affected" => "not_affected",
                _ => "investigating",
            },
        })
        .collect()
}

/// Returns a name as an id: lower case, letters and digits, with dashes between.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').chars().take(60).collect()
}

fn step(step: &str, error: AppError) -> DemoError {
    DemoError::app(step, error)
}

fn data(error: impl std::fmt::Display) -> DemoError {
    DemoError::Data(error.to_string())
}
