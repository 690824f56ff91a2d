//! Certification in the demo: five invented jurisdictions, one of them suspended, one shipment decided four times.
//!
//! The standard is simulated: its records carry their own instants, so that years pass without a touch to
//! the hub's clock. Everything goes through the use cases that the API calls.

mod data;

use comity_core::access::{Action, Actor, Role};
use comity_core::cert::day::Day;
use comity_core::cert::dossier::{Dossier, Entry};
use comity_core::cert::registry;
use comity_core::trade::import;
use comity_ledger::export::{Checker, Line};
use comity_ledger::key::SigningKey;
use data_encoding::BASE64;
use serde::Serialize;
use serde_json::{Value, json};

use super::{DemoError, actor};
use crate::app::cert::{CertCommand, CertOpening};
use crate::app::{AppError, Hub, object};
use crate::rng::OsRandom;

use data::{question_ids, questions, rolls, voters};

const PROFILE: &str = include_str!("../../../../demo/certification/profile.toml");
const SHIPMENT: &str = include_str!("../../../../demo/certification/shipment.json");
const STANDARD: &str = "demo-standard-1";
const REGISTRARS: usize = 3;

/// The jurisdictions: invented, each with the organisation that is its authority.
const JURISDICTIONS: [(&str, &str, &str); 5] = [
    ("urn:comity:jur:demo1ardenia", "Ardenia", "demo-ardenia"),
    ("urn:comity:jur:demo2brellan", "Brelland", "demo-brelland"),
    ("urn:comity:jur:demo3corvia", "Corvia", "demo-corvia"),
    ("urn:comity:jur:demo4dunmere", "Dunmere", "demo-dunmere"),
    ("urn:comity:jur:demo5galdria", "Galdria", "demo-galdria"),
];

/// What the cycle came to, for the closing table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Certification {
    /// Jurisdictions listed.
    pub jurisdictions: u64,
    /// Assessments led to their final report.
    pub assessments: u64,
    /// Ballots cast.
    pub ballots: u64,
    /// Signed entries in rooms of certification.
    pub entries: u64,
    /// Editions of the register, each signed by two of three registrars.
    pub editions: u64,
    /// Dossiers that held, checked offline.
    pub dossiers_verified: u64,
    /// Certificates that were refused as they must be.
    pub refused: Vec<String>,
    /// The decisions on one shipment.
    pub shipments: Vec<Shipment>,
}

/// One decision on the shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shipment {
    /// When.
    pub when: String,
    /// The day of the market.
    pub day: String,
    /// The register's status of the developer's jurisdiction that day, and the one that trade follows.
    pub status: String,
    /// The status that trade follows.
    pub trade_status: String,
    /// The outcome.
    pub outcome: String,
    /// What it turns on: a path of the bill, or nothing.
    pub because: String,
    /// What would change it.
    pub repair: String,
}

pub(super) struct Cycle {
    hub: Hub,
    registrar: Actor,
    assessor: Actor,
    keys: Vec<SigningKey>,
    day: Day,
    count: u64,
    done: Certification,
}

type Done<T> = Result<T, AppError>;

fn jurisdiction(n: usize) -> (&'static str, &'static str, &'static str) {
    JURISDICTIONS.get(n).copied().unwrap_or_default()
}

fn hash(text: &str) -> String {
    comity_core::cert::document::hash(text.as_bytes())
}

impl Cycle {
    pub(super) fn new(hub: Hub) -> Result<Self, DemoError> {
        let day = Day::parse("2030-06-01").ok_or_else(|| DemoError::Data("a day".to_owned()))?;
        Ok(Self {
            registrar: actor("rosa", "demo-secretariat", Role::Registrar),
            assessor: actor("aki", "demo-panel", Role::Assessor),
            keys: (0..REGISTRARS).map(|_| SigningKey::generate(&mut OsRandom)).collect(),
            hub,
            day,
            count: 0,
            done: Certification::default(),
        })
    }

    /// Plays the whole cycle.
    pub(super) async fn run(mut self) -> Result<Certification, DemoError> {
        self.play().await.map_err(|error| DemoError::app("certification", error))?;
        Ok(self.done)
    }

    async fn play(&mut self) -> Done<()> {
        self.standard().await?;
        for (n, purpose) in [(0, "CERTIFIED"), (3, "CERTIFIED"), (1, "CONDITIONAL")] {
            self.assess(n, purpose == "CONDITIONAL").await?;
            self.certify(n, purpose).await?;
        }
        self.assess(2, true).await?;
        self.refuse_certificate(2).await?;
        self.edition().await?;
        self.ship("certified").await?;
        self.suspend(3).await?;
        self.edition().await?;
        self.ship("suspended, winding down").await?;
        let subject = delegate(3);
        self.say(&subject, "cert.appeal.file", json!({ "appeal": "appeal-1", "event": "ev-suspend",
            "panel": ["panel-1", "panel-2", "panel-3"],
            "grounds": "The licences of which the concern speaks were given under a rule since repealed." }))
            .await?;
        self.day = self.day.plus(91);
        self.edition().await?;
        self.ship("suspended, wind-down over").await?;
        self.motion("m-appeal", "APPEAL_UPHELD", 3, Some("appeal-1"), "yes").await?;
        let registrar = self.registrar.clone();
        self.say(
            &registrar,
            "cert.appeal.step",
            json!({ "appeal": "appeal-1", "to": "UPHELD", "motion": "m-appeal" }),
        )
        .await?;
        self.edition().await?;
        self.ship("appeal upheld").await?;
        self.verify().await
    }

    fn at(&mut self) -> String {
        self.count += 1;
        let (minutes, second) = (self.count / 60, self.count % 60);
        format!("{}T{:02}:{:02}:{:02}Z", self.day, minutes / 60 % 24, minutes % 60, second)
    }

    /// Authors a record in the standard's room.
    async fn say(&mut self, who: &Actor, kind: &str, act: Value) -> Done<()> {
        let at = self.at();
        let seen = self.hub.read_standard(Some(who), STANDARD).await?.etag;
        let by = who.authorise(Action::CommandCert)?;
        let form =
            CertCommand { kind: kind.to_owned(), act: object(act), at: Some(at), side: None };
        self.hub.command_standard(by, STANDARD, &seen, form, None).await.map(drop)
    }

    /// Authors a record in an assessment's room.
    async fn step(&mut self, id: &str, who: &Actor, kind: &str, act: Value) -> Done<()> {
        let at = self.at();
        let seen = {
            let by = who.authorise(Action::ReadCert)?;
            self.hub.read_assessment(by, id).await?.etag
        };
        let by = who.authorise(Action::CommandCert)?;
        let form =
            CertCommand { kind: kind.to_owned(), act: object(act), at: Some(at), side: None };
        self.hub.command_assessment(by, id, &seen, form, None).await.map(drop)
    }

    async fn standard(&mut self) -> Done<()> {
        let registrar = self.registrar.clone();
        let keys: Vec<Value> = self
            .keys
            .iter()
            .enumerate()
            .map(|(n, key)| {
                let public = BASE64.encode(&key.verifying_key().to_bytes());
                json!({ "id": format!("registrar-{n}"), "key": public })
            })
            .collect();
        let act = json!({ "standard": STANDARD, "title": { "en": "Oversight standard (demonstration)" },
            "languages": ["en"], "origin": "register.iaio.example", "profile": PROFILE,
            "registrars": { "threshold": 2, "registrars": keys }, "simulated": true,
            "disapproval_days": 10, "applicable_on": "2030-09-01", "sunset_on": "2033-09-01" });
        let at = self.at();
        let by = registrar.authorise(Action::CommandCert)?;
        let form = CertOpening { act: object(act), at: Some(at) };
        self.hub.propose_standard(by, form, None).await?;
        self.say(&registrar, "cert.questions.adopt", questions()).await?;
        for (n, (urn, name, organisation)) in JURISDICTIONS.iter().enumerate() {
            let act = json!({ "urn": urn, "kind": "state", "names": { "en": name },
                "aliases": [{ "scheme": "iso3166-1", "value": format!("X{}", ["A", "B", "C", "D", "G"].get(n).unwrap_or(&"Z")) }],
                "authorities": [{ "name": format!("AI oversight authority ({name})"),
                    "roles": ["assessment", "trade"], "organisation": organisation }] });
            self.say(&registrar, "cert.jurisdiction.list", act).await?;
            self.done.jurisdictions += 1;
        }
        for to in ["DRAFT", "COMMENT"] {
            self.say(&registrar, "cert.standard.step", json!({ "to": to })).await?;
        }
        self.day = self.day.plus(60);
        self.motion("m-adopt", "ADOPTED", usize::MAX, None, "yes").await?;
        self.say(
            &registrar,
            "cert.standard.step",
            json!({ "to": "ADOPTED", "languages": ["en"], "motion": "m-adopt" }),
        )
        .await?;
        self.day = self.day.plus(30);
        for to in ["EFFECTIVE", "APPLICABLE"] {
            self.say(&registrar, "cert.standard.step", json!({ "to": to })).await?;
        }
        Ok(())
    }

    /// Puts a motion, lets everyone on its rolls choose alike, closes it.
    async fn motion(
        &mut self,
        id: &str,
        decision: &str,
        about: usize,
        thing: Option<&str>,
        choice: &str,
    ) -> Done<()> {
        let registrar = self.registrar.clone();
        let (urn, ..) = jurisdiction(about);
        let subject = if urn.is_empty() { STANDARD } else { urn };
        let rolls = rolls(decision);
        let (opens, closes) = (self.day, self.day.plus(7));
        self.say(
            &registrar,
            "cert.motion.open",
            json!({ "motion": id, "decision": decision,
            "subject": subject, "about": thing, "opens": format!("{opens}T00:00:00Z"),
            "closes": format!("{closes}T00:00:00Z"), "rolls": rolls }),
        )
        .await?;
        self.day = self.day.plus(1);
        for (chamber, voter) in voters(&rolls) {
            let at = format!("{}T00:00:00Z", self.day);
            self.say(
                &registrar,
                "cert.ballot.cast",
                json!({ "motion": id, "chamber": chamber,
                "voter": voter, "choice": choice, "at": at }),
            )
            .await?;
            self.done.ballots += 1;
        }
        self.day = self.day.plus(7);
        self.say(&registrar, "cert.motion.close", json!({ "motion": id })).await
    }

    /// Leads an assessment to its final report; `flawed` finds one question not satisfied.
    async fn assess(&mut self, n: usize, flawed: bool) -> Done<()> {
        let (urn, _, organisation) = jurisdiction(n);
        let id = format!("{organisation}-1");
        let (registrar, assessor, subject) =
            (self.registrar.clone(), self.assessor.clone(), delegate(n));
        // Corvia lacks a trade rule, Brelland a smaller thing that a plan mends.
        let flaw = match (flawed, n) {
            (false, _) => "",
            (true, 2) => "TRD-EXP",
            (true, _) => "DEP-1",
        };
        let at = self.at();
        let by = subject.authorise(Action::CommandCert)?;
        let act = json!({ "assessment": id, "standard": STANDARD, "jurisdiction": urn, "purpose": "initial" });
        self.hub.apply_assessment(by, CertOpening { act: object(act), at: Some(at) }, None).await?;
        let all = question_ids();
        self.step(&id, &subject, "cert.evidence.add", json!({ "evidence": "file-1", "sha256": hash(&id),
            "effective_from": "2030-01-01", "collected_on": "2030-05-01", "collector": "Licensing office",
            "method": "EXAMINE", "holder": "nv", "about": all, "shows": null })).await?;
        let claims: Vec<Value> = all.iter().map(|pq| json!({ "pq": pq, "answer": "S" })).collect();
        self.step(&id, &subject, "cert.claim.file", json!({ "answers": claims })).await?;
        for to in ["SELF_ASSESSED", "DESK_REVIEW"] {
            self.step(&id, &registrar, "cert.assessment.step", json!({ "to": to })).await?;
        }
        let members: Vec<Value> = (1..=4)
            .map(
                |n| json!({ "id": format!("assessor-{n}"), "region": format!("region-{}", n % 3) }),
            )
            .collect();
        self.step(&id, &registrar, "cert.team.name", json!({ "members": members })).await?;
        let visit = self.day.plus(20);
        self.step(
            &id,
            &assessor,
            "cert.plan.file",
            json!({ "scope": "Every area of the standard.",
            "from": visit, "until": visit.plus(5), "sampling": "Every tenth licence of two years.",
            "visit": "onsite" }),
        )
        .await?;
        self.step(&id, &assessor, "cert.assessment.step", json!({ "to": "TEAM_NOMINATED" }))
            .await?;
        self.step(&id, &assessor, "cert.plan.sign", json!({ "member": "assessor-1" })).await?;
        self.step(&id, &subject, "cert.plan.sign", json!({})).await?;
        self.day = visit;
        self.step(&id, &assessor, "cert.assessment.step", json!({ "to": "ONSITE" })).await?;
        self.findings(&id, &all, flaw).await?;
        self.close_assessment(&id, n, flaw).await
    }

    /// Draft, comments, perhaps a plan, final report.
    async fn close_assessment(&mut self, id: &str, n: usize, flaw: &str) -> Done<()> {
        let (urn, ..) = jurisdiction(n);
        let (registrar, assessor, subject) =
            (self.registrar.clone(), self.assessor.clone(), delegate(n));
        self.day = self.day.plus(6);
        for to in ["CLOSING_MEETING", "DRAFT"] {
            self.step(id, &assessor, "cert.assessment.step", json!({ "to": to })).await?;
        }
        self.step(
            id,
            &subject,
            "cert.comment.file",
            json!({ "comment": "comment-1", "text": "The second table gives the wrong year." }),
        )
        .await?;
        self.step(id, &assessor, "cert.assessment.step", json!({ "to": "COMMENTS" })).await?;
        self.step(
            id,
            &assessor,
            "cert.comment.answer",
            json!({ "comment": "comment-1", "text": "Put right." }),
        )
        .await?;
        if flaw == "DEP-1" {
            let due = self.day.plus(300);
            self.step(
                id,
                &subject,
                "cert.cap.file",
                json!({ "months": 12, "actions": [{
                "action": "action-1", "findings": ["finding-1"], "office": "Licensing office",
                "text": "Deployments are registered before they begin.", "due": due }] }),
            )
            .await?;
            self.step(id, &registrar, "cert.cap.accept", json!({})).await?;
        }
        self.step(id, &assessor, "cert.report.file", json!({ "sha256": hash(urn) })).await?;
        self.done.assessments += 1;
        Ok(())
    }

    async fn findings(&mut self, id: &str, all: &[String], flaw: &str) -> Done<()> {
        let assessor = self.assessor.clone();
        for pq in all {
            let answer = if pq == flaw { "NS" } else { "S" };
            self.step(
                id,
                &assessor,
                "cert.question.determine",
                json!({ "pq": pq, "answer": answer,
                "reason": "Seen in the files.", "evidence": ["file-1"] }),
            )
            .await?;
            if answer == "NS" {
                self.step(
                    id,
                    &assessor,
                    "cert.finding.write",
                    json!({ "finding": "finding-1", "pq": pq,
                    "grade": "major", "text": "The rule is written and not applied.",
                    "root_cause": "The office has no staff for it.", "office": "Licensing office",
                    "evidence": ["file-1"] }),
                )
                .await?;
            }
        }
        // Where something is wrong two outcomes are only moderate, as panels would have it.
        for n in 1..=7 {
            let rating = if !flaw.is_empty() && n > 3 { "ME" } else { "SE" };
            self.step(
                id,
                &assessor,
                "cert.outcome.rate",
                json!({ "eo": format!("EO{n}"),
                "rating": rating, "rationale": "Ten cases were followed to their end.",
                "dissent": (n == 4).then_some("One member saw too few cases.") }),
            )
            .await?;
        }
        Ok(())
    }

    /// Lets the council decide and enters the certificate.
    async fn certify(&mut self, n: usize, status: &str) -> Done<()> {
        let (urn, _, organisation) = jurisdiction(n);
        let (id, motion) = (format!("{organisation}-1"), format!("m-{organisation}"));
        self.motion(&motion, status, n, Some(&id), "yes").await?;
        let registrar = self.registrar.clone();
        self.step(&id, &registrar, "cert.assessment.decide", json!({ "motion": motion })).await?;
        let until = self.day.plus(1_400);
        self.say(
            &registrar,
            "cert.status.set",
            json!({ "event": format!("ev-{organisation}"),
            "jurisdiction": urn, "status": status, "valid_from": self.day, "reason": "INITIAL",
            "motion": motion, "assessment": id, "certificate": format!("cert-{organisation}"),
            "valid_until": until }),
        )
        .await
    }

    /// No vote buys a certificate without both trade rules.
    async fn refuse_certificate(&mut self, n: usize) -> Done<()> {
        match self.certify(n, "CERTIFIED").await {
            Err(AppError::Refused(refusals)) => {
                self.done.refused.extend(refusals.iter().map(|refusal| refusal.code.to_owned()));
                Ok(())
            }
            Err(error) => Err(error),
            Ok(()) => Err(AppError::fault("a certificate without both trade rules was entered")),
        }
    }

    async fn suspend(&mut self, n: usize) -> Done<()> {
        let (urn, ..) = jurisdiction(n);
        let (registrar, assessor, subject) =
            (self.registrar.clone(), self.assessor.clone(), delegate(n));
        self.say(
            &assessor,
            "cert.concern.raise",
            json!({ "concern": "concern-1", "jurisdiction": urn,
            "control": "LIC-1", "immediate": false, "statement": "Licences are given unread.",
            "evidence": [hash("a sample of licences")] }),
        )
        .await?;
        self.say(
            &subject,
            "cert.concern.reply",
            json!({ "concern": "concern-1", "text": "They are read since the spring." }),
        )
        .await?;
        self.motion("m-concern", "CONCERN_CONFIRMED", n, Some("concern-1"), "yes").await?;
        self.say(
            &registrar,
            "cert.concern.step",
            json!({ "concern": "concern-1", "to": "confirmed", "motion": "m-concern" }),
        )
        .await?;
        self.motion("m-suspend", "SUSPENDED", n, None, "yes").await?;
        self.say(
            &registrar,
            "cert.status.set",
            json!({ "event": "ev-suspend", "jurisdiction": urn,
            "status": "SUSPENDED", "valid_from": self.day, "reason": "CONCERN_CONFIRMED",
            "motion": "m-suspend", "cause": "CONCERN_CONFIRMED", "concern": "concern-1",
            "wind_down_until": self.day.plus(90) }),
        )
        .await
    }

    /// Draws up an edition; two registrars sign what they fetched.
    async fn edition(&mut self) -> Done<()> {
        let registrar = self.registrar.clone();
        self.say(&registrar, "cert.edition.make", json!({})).await?;
        let number = u32::try_from(self.done.editions + 1).map_err(AppError::fault)?;
        let bytes = self.hub.register_edition(STANDARD, number).await?.bytes;
        for n in 0..2 {
            let Some(key) = self.keys.get(n) else { continue };
            let sig = registry::sign(key, &bytes);
            self.say(
                &registrar,
                "cert.edition.sign",
                json!({ "edition": number, "registrar": format!("registrar-{n}"), "sig": sig }),
            )
            .await?;
        }
        self.done.editions += 1;
        self.day = self.day.plus(1);
        Ok(())
    }

    /// Decides the shipment as the importer does: from files alone, with the published edition.
    async fn ship(&mut self, when: &str) -> Done<()> {
        let register = self.hub.register_file(STANDARD).await?.bytes;
        let shipment: Value = serde_json::from_str(SHIPMENT).map_err(AppError::fault)?;
        let file = |value: Option<&Value>| serde_json::to_vec(&value).map_err(AppError::fault);
        // The market day is that of the edition: a state decides on what it knows.
        let day = self.day.plus(-1);
        let good = json!({ "type": "comity.good/1", "id": "demo-kiosk",
            "importer": "urn:comity:jur:demo1ardenia", "hs": "8471.50",
            "dates": { "market": day }, "evidence": shipment.get("evidence") });
        let decision = import::decide(&import::Inputs {
            bom: &file(shipment.get("bom"))?,
            good: &file(Some(&good))?,
            rules: &file(shipment.get("rules"))?,
            register: &register,
        })
        .map_err(|refusal| AppError::Refused(vec![refusal]))?;
        let decision = serde_json::to_value(&decision).map_err(AppError::fault)?;
        let developer = Some(jurisdiction(3).0);
        let status =
            self.hub.register_status(STANDARD, developer, Some(&day.to_string()), None).await?;
        let status = serde_json::to_value(&status).map_err(AppError::fault)?;
        let text = |value: &Value, pointer: &str| {
            value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let path: Vec<&str> = decision
            .pointer("/findings/0/path")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let gap = text(&decision, "/findings/0/gaps/0/code");
        let repair = [
            text(&decision, "/counterfactual/nodes/0/action"),
            text(&decision, "/counterfactual/nodes/0/ref"),
        ];
        self.done.shipments.push(Shipment {
            when: when.to_owned(),
            day: day.to_string(),
            status: text(&status, "/status"),
            trade_status: text(&status, "/trade_status"),
            outcome: text(&decision, "/outcome"),
            because: format!("{gap} {}", path.join(" > ")).trim().to_owned(),
            repair: repair.join(" ").trim().to_owned(),
        });
        Ok(())
    }

    /// Checks every dossier as a stranger would: with nothing but the file.
    async fn verify(&mut self) -> Done<()> {
        let registrar = self.registrar.clone();
        let by = registrar.authorise(Action::ReadCert)?;
        for item in self.hub.list_assessments(by, None, 100).await?.items {
            let id = item.get("assessment").and_then(Value::as_str).unwrap_or_default().to_owned();
            let bytes = self.hub.dossier(by, &id).await?;
            let refused = |refusal| AppError::Refused(vec![refusal]);
            let dossier = Dossier::parse(&bytes).map_err(refused)?;
            let entries = exported(&dossier.export)?;
            dossier.check(&entries).map_err(refused)?;
            self.done.dossiers_verified += 1;
            self.done.entries += count_of(&entries, &dossier.rooms.assessment);
            if self.done.dossiers_verified == 1 {
                self.done.entries += count_of(&entries, &dossier.rooms.standard);
            }
        }
        Ok(())
    }
}

fn count_of(entries: &[Entry], room: &str) -> u64 {
    let count = entries.iter().filter(|entry| entry.room == room).count();
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Reads an export to its end: every chain and signature is checked.
fn exported(text: &str) -> Done<Vec<Entry>> {
    let mut lines = text.as_bytes().split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let fault = |_| AppError::fault("an export does not hold");
    let mut checker = Checker::start(first).map_err(fault)?;
    let mut entries = Vec::new();
    for line in lines {
        if let Line::Entry(verified) = checker.push(line).map_err(fault)? {
            let entry = verified.entry();
            let id = verified.id().to_string();
            entries.push(Entry {
                room: entry.room.map_or_else(|| id.clone(), |room| room.to_string()),
                id,
                kind: entry.kind.as_str().to_owned(),
                at: i64::try_from(entry.at).map_err(AppError::fault)?,
                body: entry.body.clone(),
            });
        }
    }
    checker.finish().map_err(fault)?;
    Ok(entries)
}

fn delegate(n: usize) -> Actor {
    let (_, _, organisation) = jurisdiction(n);
    actor(&format!("{organisation}-delegate"), organisation, Role::Delegate)
}
