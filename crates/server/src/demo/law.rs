//! The worked example of law as data: one group with an entity in the Union and one in China, a flaw that is
//! exploited, and what two sovereigns ask of it on the morning before a holiday.
//!
//! It goes the way of every case: facts are stated by a coordinator, the invitation is previewed, duties are
//! read. Not here: anything that only the demo could do.

use comity_core::access::{Action, Actor};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::cases::{CaseCommand, OpenCase};
use crate::app::intake::{Filed, Filer};
use crate::app::law::{FactsForm, InviteForm};
use crate::app::{AppError, Hub, object};

const REPORT: &str = include_str!("../../../../demo/lumen.json");
const SIGNAL: &str = "2026-12-24T06:00:00Z";
const CERTAIN: &str = "2026-12-24T09:00:00Z";
const ASKED: &str = "2026-12-24T10:00:00Z";
const EMBARGO_ENDS: &str = "2027-02-01T00:00:00Z";

/// What the worked example came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LawSummary {
    /// The sentence that stands on every page and print.
    pub notice: String,
    /// Duties that inviting the second entity would bring, seen before it was invited.
    pub preview_duties: u64,
    /// Conflicts that it would bring.
    pub preview_conflicts: u64,
    /// Duties of the case.
    pub duties: u64,
    /// The two dates of the first notices: duty, target, outer.
    pub dates: Vec<[String; 3]>,
    /// Conflicts of the second entity: class, severity, what clashes.
    pub conflicts: Vec<[String; 3]>,
    /// Facts nobody knew yet, which are tasks now.
    pub tasks: u64,
}

struct Example<'h> {
    hub: &'h Hub,
    alice: &'h Actor,
    case: String,
}

/// Plays the example on a case of its own.
pub(super) async fn play(hub: &Hub, alice: &Actor) -> Result<LawSummary, AppError> {
    set(hub, SIGNAL)?;
    let filed = hub.file_report(REPORT.as_bytes(), Filer::Anonymous, None, "en", None).await?;
    let filed: Filed = serde_json::from_slice(&filed.body).map_err(AppError::fault)?;
    let form =
        OpenCase { reports: vec![filed.report], lead: Some("cert".to_owned()), finder: None };
    let opened = hub.open_case(alice.authorise(Action::OpenCase)?, form, None).await?;
    let opened: Value = serde_json::from_slice(&opened.body).map_err(AppError::fault)?;
    let case = opened.pointer("/case").and_then(Value::as_str).unwrap_or_default().to_owned();
    let example = Example { hub, alice, case };
    for to in ["V", "A"] {
        example.say("cert", "report.judge", json!({ "to": to })).await?;
    }
    let ends: Timestamp = EMBARGO_ENDS.parse().map_err(AppError::fault)?;
    let ends = json!({ "ends": ends.as_millisecond() });
    let terms = example.say("finder", "embargo.propose", ends).await?;
    example.say("cert", "embargo.accept", json!({ "terms": terms })).await?;
    example.invite("acme-ie", &terms).await?;
    example.state(case_facts()).await?;
    example.state(entity("acme-ie", "IE", &[])).await?;
    set(hub, ASKED)?;
    let mut summary = LawSummary::default();
    example.preview(&mut summary).await?;
    example.invite("acme-cn", &terms).await?;
    let stated = ("actor.authority_state", json!("IE"));
    example.state(entity("acme-cn", "CN", &[stated])).await?;
    example.read(&mut summary).await?;
    Ok(summary)
}

fn set(hub: &Hub, at: &str) -> Result<(), AppError> {
    hub.clock().set(at.parse().map_err(AppError::fault)?);
    Ok(())
}

fn fact(party: Option<&str>, name: &str, value: &Value) -> Value {
    json!({ "kind": "fact", "party": party, "fact": name, "value": value })
}

/// What all parties agree on.
fn case_facts() -> Vec<Value> {
    let mut all: Vec<Value> = [
        ("product.class", json!("digital_elements")),
        ("product.is_ai", json!(true)),
        ("product.markets", json!(["DE", "FR", "IE", "US"])),
        ("vuln.exploitation", json!("active")),
        ("vuln.contained_in_product", json!(true)),
        ("vuln.patch_available", json!(false)),
        ("incident.occurred", json!(false)),
        ("ai.gpai", json!(false)),
        ("case.facets", json!(["vulnerability"])),
    ]
    .iter()
    .map(|(name, value)| fact(None, name, value))
    .collect();
    all.push(json!({ "kind": "marking", "tlp": "TLP:AMBER+STRICT", "pap": "PAP:GREEN" }));
    all
}

/// What one entity of the group is, and when it knew.
fn entity(party: &str, country: &str, more: &[(&str, Value)]) -> Vec<Value> {
    let own = [
        ("actor.roles", json!(["manufacturer"])),
        ("actor.main_establishment", json!(country)),
        ("actor.establishments", json!([country])),
        ("actor.operates_in", json!([country])),
        ("actor.group", json!("acme")),
    ];
    let mut all: Vec<Value> =
        own.iter().chain(more).map(|(name, value)| fact(Some(party), name, value)).collect();
    for (event, at) in [("signal_received", SIGNAL), ("reasonable_certainty", CERTAIN)] {
        all.push(json!({ "kind": "event", "party": party, "event": event, "at": at }));
    }
    all.push(json!({ "kind": "standing", "party": party, "holds": "L4", "since": SIGNAL }));
    all
}

impl Example<'_> {
    async fn say(&self, party: &str, kind: &str, body: Value) -> Result<String, AppError> {
        let read = self.hub.read_case(self.alice.authorise(Action::ReadCase)?, &self.case).await?;
        let command = CaseCommand {
            kind: kind.to_owned(),
            party: Some(party.to_owned()),
            body: object(body),
            text: None,
        };
        let by = self.alice.authorise(Action::CommandCase)?;
        let done = self.hub.command_case(by, &self.case, &read.etag, command, None).await?;
        let done: Map<String, Value> =
            serde_json::from_slice(&done.body).map_err(AppError::fault)?;
        Ok(done.get("entry").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    async fn invite(&self, party: &str, terms: &str) -> Result<(), AppError> {
        let hub = &self.hub.config().hub;
        let body = json!({ "party": party, "org": party, "hub": hub, "roles": ["vendor"] });
        self.say("cert", "party.invite", body).await?;
        self.say(party, "embargo.accept", json!({ "terms": terms })).await?;
        let sent = self.say("cert", "report.send", json!({ "to": party })).await?;
        self.say(party, "report.ack", json!({ "of": sent })).await.map(drop)
    }

    async fn state(&self, statements: Vec<Value>) -> Result<(), AppError> {
        let form: FactsForm =
            serde_json::from_value(json!({ "statements": statements })).map_err(AppError::fault)?;
        let by = self.alice.authorise(Action::RecordDuty)?;
        self.hub.state_facts(by, &self.case, form, None).await.map(drop)
    }

    async fn preview(&self, summary: &mut LawSummary) -> Result<(), AppError> {
        let invite = json!({
            "id": "acme-cn",
            "facts": {
                "actor.roles": ["manufacturer"], "actor.main_establishment": "CN",
                "actor.establishments": ["CN"], "actor.operates_in": ["CN"],
                "actor.authority_state": "IE", "actor.group": "acme",
            },
            "events": [{ "event": "reasonable_certainty", "at": CERTAIN }],
            "share_level": "L4",
        });
        let by = self.alice.authorise(Action::ReadDuty)?;
        let form = InviteForm { invite };
        let read = self.hub.preview_invite(by, &self.case, form, Some(ASKED)).await?;
        summary.preview_duties = count(read.new_duties().len());
        summary.preview_conflicts = count(read.new_conflicts().len());
        Ok(())
    }

    async fn read(&self, summary: &mut LawSummary) -> Result<(), AppError> {
        let by = self.alice.authorise(Action::ReadDuty)?;
        let read = self.hub.case_duties(by, &self.case, Some(ASKED)).await?;
        summary.notice.clone_from(&read.notice);
        summary.duties = count(read.law.duties.len());
        summary.tasks = count(read.law.tasks().len());
        let shown = |at: Option<_>| at.map_or_else(|| "none".to_owned(), |at| format!("{at}"));
        for id in [
            "acme-ie/eu.cra.art14.aev/early_warning",
            "acme-cn/eu.cra.art14.aev/early_warning",
            "acme-cn/cn.rmsv.art7/report_miit",
        ] {
            let found = read.law.duties.iter().find(|duty| duty.id == id);
            let duty = found.ok_or_else(|| AppError::fault(format!("{id} is not due")))?;
            summary.dates.push([id.to_owned(), shown(duty.target), shown(duty.outer)]);
        }
        for (class, rules) in [("C01", "cn.rmsv.art9, eu.cra.art14.aev"), ("C06", "cn.rmsv.art7")] {
            let line =
                read.law.conflicts.iter().map(comity_core::law::output::ConflictAnswer::line);
            let found = line.map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
            let of_class = |parts: &Vec<String>| {
                let at = |index: usize| parts.get(index).map(String::as_str);
                at(1) == Some(class) && at(4) == Some("acme-cn") && at(5) == Some(rules)
            };
            let parts = found.into_iter().find(of_class);
            let parts = parts.ok_or_else(|| AppError::fault(format!("{class} is missing")))?;
            let severity = parts.get(2).cloned().unwrap_or_default();
            let text = parts.last().cloned().unwrap_or_default();
            summary.conflicts.push([format!("{class} {rules}"), severity, text]);
        }
        Ok(())
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
