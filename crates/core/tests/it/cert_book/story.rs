//! A standard in virtual time with five invented jurisdictions, moved by records alone.

use std::collections::BTreeMap;

use comity_core::cert::act::StandardAct;
use comity_core::cert::book::{Book, StandardRecord, signed_message};
use comity_core::cert::day::{Day, Instant};
use comity_core::cert::file::{AssessmentRecord, File};
use comity_core::cert::jurisdiction::JurisdictionUrn;
use comity_core::cert::record::{Record, Side};
use comity_core::cert::step::AssessmentAct;
use comity_core::cert::word::{Status, Word as _};
use comity_core::refusal::Refusal;
use data_encoding::BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

pub(crate) const ARDENIA: &str = "ardenia1";
pub(crate) const BRELLAND: &str = "brellan1";
pub(crate) const LISTED: [&str; 5] = [ARDENIA, BRELLAND, "corvia01", "dunmere1", "galdria1"];
pub(crate) const PROFILE: &str =
    include_str!("../../../../../testdata/cert/profiles/iaio-default.toml");
const STATES: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];

pub(crate) fn urn(id: &str) -> JurisdictionUrn {
    JurisdictionUrn::parse(&text(id)).unwrap()
}

pub(crate) fn text(id: &str) -> String {
    format!("urn:comity:jur:{id}")
}

pub(crate) fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

pub(crate) fn public(n: u8) -> String {
    BASE64.encode(&key(n).verifying_key().to_bytes())
}

pub(crate) fn sign(n: u8, message: &[u8]) -> String {
    BASE64.encode(&key(n).sign(message).to_bytes())
}

pub(crate) fn hash(n: u8) -> String {
    format!("sha256:{}", format!("{n:02x}").repeat(32))
}

/// Questions: one an area, and the two trade rules.
pub(crate) fn questions() -> Value {
    let mut questions: Vec<Value> = ["LEG", "ORG", "LIC", "CMP", "MDL", "DEP", "INC"]
        .iter()
        .zip(1..)
        .map(|(area, ce)| {
            json!({"pq": format!("{area}-1"), "area": area, "ce": ce, "control": format!("{area}-1"),
                "priority": false, "text": format!("Does {area} hold?")})
        })
        .collect();
    for control in ["TRD-IMP", "TRD-EXP"] {
        questions.push(json!({"pq": control, "area": "TRD", "ce": 8, "control": control,
            "priority": true, "text": format!("Is {control} in force?")}));
    }
    json!({ "questions": questions })
}

pub(crate) fn proposal() -> Value {
    let registrars: Vec<Value> =
        (1..=3).map(|n| json!({"id": format!("r{n}"), "key": public(n)})).collect();
    json!({"standard": "iaio-test-1", "title": {"en": "Oversight standard (exercise)"},
        "languages": ["en", "ar"], "origin": "register.iaio.example", "profile": PROFILE,
        "registrars": {"threshold": 2, "registrars": registrars}, "simulated": true,
        "disapproval_days": 10, "applicable_on": "2031-01-01", "sunset_on": "2034-01-01"})
}

#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) book: Book,
    pub(crate) files: BTreeMap<String, File>,
    pub(crate) records: Vec<StandardRecord>,
    pub(crate) steps: Vec<(String, AssessmentRecord)>,
    now: Day,
    count: u64,
}

fn side(by: &str) -> Side {
    Side::parse(by).unwrap()
}

impl Story {
    /// A standard just proposed under a profile, on 2030-06-01.
    pub(crate) fn proposed_under(profile: &str) -> Self {
        let mut proposal = proposal();
        proposal["profile"] = json!(profile);
        let record = Record {
            id: "e0".to_owned(),
            at: Instant::parse("2030-06-01T00:00:00Z").unwrap(),
            by: Side::Registrar,
            act: StandardAct::read("cert.standard.propose", &proposal).unwrap(),
        };
        let book = Book::start(&record).unwrap();
        let now = Day::parse("2030-06-01").unwrap();
        let (files, steps) = (BTreeMap::new(), Vec::new());
        Self { book, files, records: vec![record], steps, now, count: 0 }
    }

    /// A standard that applies, with its questions and five jurisdictions.
    pub(crate) fn applicable() -> Self {
        Self::applicable_under(PROFILE)
    }

    /// The same under a profile.
    pub(crate) fn applicable_under(profile: &str) -> Self {
        let mut story = Self::proposed_under(profile);
        story.ok("registrar", "cert.questions.adopt", questions());
        for (n, id) in LISTED.iter().enumerate() {
            story.ok("registrar", "cert.jurisdiction.list", json!({"urn": text(id), "kind": "state",
                "names": {"en": id}, "aliases": [{"scheme": "iso3166-1", "value": format!("X{n}")}],
                "authorities": [{"name": "Authority", "roles": ["assessment"], "organisation": id}]}));
        }
        for to in ["DRAFT", "COMMENT"] {
            story.ok("registrar", "cert.standard.step", json!({"to": to}));
        }
        story.advance(60);
        story.motion("m-adopt", "ADOPTED", "", None, "yes");
        story.ok(
            "registrar",
            "cert.standard.step",
            json!({"to": "ADOPTED", "languages": ["en", "ar"], "motion": "m-adopt"}),
        );
        story.advance(11);
        story.ok("registrar", "cert.standard.step", json!({"to": "EFFECTIVE"}));
        story.now = Day::parse("2031-01-01").unwrap();
        story.ok("registrar", "cert.standard.step", json!({"to": "APPLICABLE"}));
        story
    }

    pub(crate) fn day(&self) -> Day {
        self.now
    }

    pub(crate) fn today(&self) -> String {
        self.now.to_string()
    }

    pub(crate) fn advance(&mut self, days: i64) {
        self.now = self.now.plus(days);
    }

    /// The instant of the next record: later every time.
    pub(crate) fn at(&self) -> Instant {
        let second = self.count / 60;
        let text =
            format!("{}T{:02}:{:02}:{:02}Z", self.now, second / 60, second % 60, self.count % 60);
        Instant::parse(&text).unwrap()
    }

    fn next(&mut self) -> (String, Instant) {
        self.count += 1;
        (format!("e{}", self.count), self.at())
    }

    pub(crate) fn say(
        &mut self,
        by: &str,
        kind: &str,
        act: impl std::borrow::Borrow<Value>,
    ) -> Result<(), Refusal> {
        let (id, at) = self.next();
        let act = self.book.completed(StandardAct::read(kind, act.borrow())?, at);
        let record = Record { id, at, by: side(by), act };
        self.book.decide(&record)?;
        self.book.take(&record);
        self.records.push(record);
        Ok(())
    }

    #[track_caller]
    pub(crate) fn ok(&mut self, by: &str, kind: &str, act: Value) {
        if let Err(refusal) = self.say(by, kind, act) {
            panic!("{kind}: {refusal:?}");
        }
    }

    #[track_caller]
    pub(crate) fn refused(&mut self, by: &str, kind: &str, act: Value) -> &'static str {
        let before = format!("{:?}", self.book);
        let refusal = self.say(by, kind, act).unwrap_err();
        assert_eq!(before, format!("{:?}", self.book), "a refusal changes nothing");
        refusal.code
    }

    pub(crate) fn step(
        &mut self,
        id: &str,
        by: &str,
        kind: &str,
        act: impl std::borrow::Borrow<Value>,
    ) -> Result<(), Refusal> {
        let (entry, at) = self.next();
        let act = AssessmentAct::read(kind, act.borrow())?;
        let Some(file) = self.files.get(id) else {
            let record = Record { id: entry, at, by: side(by), act };
            self.files.insert(id.to_owned(), File::start(&self.book, &record)?);
            self.steps.push((id.to_owned(), record));
            return Ok(());
        };
        let act = file.completed(&self.book, act, at)?;
        let record = Record { id: entry, at, by: side(by), act };
        file.decide(&self.book, &record)?;
        self.files.get_mut(id).unwrap().take(&self.book, &record);
        self.steps.push((id.to_owned(), record));
        Ok(())
    }

    #[track_caller]
    pub(crate) fn does(&mut self, id: &str, by: &str, kind: &str, act: Value) {
        if let Err(refusal) = self.step(id, by, kind, act) {
            panic!("{kind}: {refusal:?}");
        }
    }

    #[track_caller]
    pub(crate) fn stopped(&mut self, id: &str, by: &str, kind: &str, act: Value) -> &'static str {
        let before = format!("{:?}", self.files.get(id));
        let refusal = self.step(id, by, kind, act).unwrap_err();
        assert_eq!(before, format!("{:?}", self.files.get(id)), "a refusal changes nothing");
        refusal.code
    }

    pub(crate) fn rolls(decision: &str) -> Value {
        let roll = |chamber: &str, voters: &[&str]| {
            let voters: Vec<Value> =
                voters.iter().map(|id| json!({"id": id, "weight": 1})).collect();
            json!({"chamber": chamber, "voters": voters})
        };
        match decision {
            "CERTIFIED" | "CONDITIONAL" | "REFUSED" | "REINSTATED" => {
                json!([roll("states", &STATES), roll("board", &["b1", "b2", "board-chair"])])
            }
            "CONCERN_CONFIRMED" | "CONCERN_RESOLVED" => {
                json!([roll("committee", &["k1", "k2", "k3"])])
            }
            "STAY" | "APPEAL_UPHELD" | "APPEAL_DISMISSED" => {
                json!([roll("panel", &["p1", "p2", "p3"])])
            }
            _ => json!([roll("states", &STATES)]),
        }
    }

    /// Puts a motion, lets everyone choose alike, and closes it.
    pub(crate) fn motion(
        &mut self,
        id: &str,
        decision: &str,
        about: &str,
        thing: Option<&str>,
        choice: &str,
    ) {
        let subject = if about.is_empty() { self.book.standard().to_owned() } else { text(about) };
        let rolls = Self::rolls(decision);
        let (opens, closes) = (self.now, self.now.plus(7));
        self.ok(
            "registrar",
            "cert.motion.open",
            json!({"motion": id, "decision": decision,
            "subject": subject, "about": thing, "opens": format!("{opens}T00:00:00Z"),
            "closes": format!("{closes}T00:00:00Z"), "rolls": rolls}),
        );
        self.advance(1);
        for roll in rolls.as_array().unwrap() {
            for voter in roll["voters"].as_array().unwrap() {
                let at = format!("{}T00:00:00Z", self.now);
                self.ok(
                    "registrar",
                    "cert.ballot.cast",
                    json!({"motion": id,
                    "chamber": roll["chamber"], "voter": voter["id"], "choice": choice, "at": at}),
                );
            }
        }
        self.advance(7);
        self.ok("registrar", "cert.motion.close", json!({"motion": id}));
    }

    fn visited(&mut self, id: &str, name: &str, purpose: &str) -> Vec<String> {
        self.does(
            name,
            "subject",
            "cert.assessment.apply",
            json!({"assessment": name,
            "standard": "iaio-test-1", "jurisdiction": text(id), "purpose": purpose}),
        );
        self.evidence(name, "d1", None);
        let all: Vec<String> = questions()["questions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|question| question["pq"].as_str().unwrap().to_owned())
            .collect();
        let claims: Vec<Value> = all.iter().map(|pq| json!({"pq": pq, "answer": "S"})).collect();
        self.does(name, "subject", "cert.claim.file", json!({"answers": claims}));
        for to in ["SELF_ASSESSED", "DESK_REVIEW"] {
            self.does(name, "assessor", "cert.assessment.step", json!({"to": to}));
        }
        self.does(name, "registrar", "cert.team.name", team(&[]));
        let visit = self.now.plus(20);
        self.does(
            name,
            "assessor",
            "cert.plan.file",
            json!({"scope": "All areas.", "from": visit,
            "until": visit.plus(5), "sampling": "Every tenth licence.", "visit": "onsite"}),
        );
        self.does(name, "assessor", "cert.assessment.step", json!({"to": "TEAM_NOMINATED"}));
        self.does(name, "assessor", "cert.plan.sign", json!({"member": "t1"}));
        self.does(name, "subject", "cert.plan.sign", json!({}));
        self.advance(20);
        self.does(name, "assessor", "cert.assessment.step", json!({"to": "ONSITE"}));
        all
    }

    /// Leads an assessment to its final report; every question is answered with `answer`.
    pub(crate) fn assess(&mut self, id: &str, name: &str, purpose: &str, answers: &[(&str, &str)]) {
        let all = self.visited(id, name, purpose);
        self.examine(name, &all, answers);
        self.finished(name);
    }

    /// Leads an assessment to the visit.
    pub(crate) fn visit(&mut self, id: &str, name: &str) {
        let _questions = self.visited(id, name, "initial");
    }

    /// Leads an assessment to its draft.
    pub(crate) fn drafted(&mut self, id: &str, name: &str) {
        let all = self.visited(id, name, "initial");
        self.examine(name, &all, &[]);
    }

    /// From the visit to the draft.
    fn examine(&mut self, name: &str, all: &[String], answers: &[(&str, &str)]) {
        for pq in all {
            let found = answers.iter().find(|(named, _)| named == pq);
            let answer = found.map_or("S", |(_, answer)| answer);
            self.does(
                name,
                "assessor",
                "cert.question.determine",
                json!({"pq": pq, "answer": answer, "reason": "Seen.", "evidence": ["d1"]}),
            );
            if answer == "NS" {
                self.does(
                    name,
                    "assessor",
                    "cert.finding.write",
                    json!({"finding": format!("f-{}", pq.to_lowercase()),
                    "pq": pq, "grade": "major", "text": "Not in force.", "root_cause": "No budget.",
                    "office": "Licensing office", "evidence": ["d1"]}),
                );
            }
        }
        for n in 1..=7 {
            self.does(
                name,
                "assessor",
                "cert.outcome.rate",
                json!({"eo": format!("EO{n}"),
                "rating": "SE", "rationale": "Cases were followed to their end."}),
            );
        }
        self.advance(5);
        for to in ["CLOSING_MEETING", "DRAFT"] {
            self.does(name, "assessor", "cert.assessment.step", json!({"to": to}));
        }
    }

    /// From the draft to the final report.
    pub(crate) fn finished(&mut self, name: &str) {
        self.does(
            name,
            "subject",
            "cert.comment.file",
            json!({"comment": "k1", "text": "A date is wrong."}),
        );
        self.does(name, "assessor", "cert.assessment.step", json!({"to": "COMMENTS"}));
        self.does(
            name,
            "assessor",
            "cert.comment.answer",
            json!({"comment": "k1", "text": "Put right."}),
        );
        self.does(name, "assessor", "cert.report.file", json!({"sha256": hash(9)}));
    }

    pub(crate) fn evidence(&mut self, name: &str, id: &str, until: Option<&str>) {
        let all: Vec<Value> = questions()["questions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|question| question["pq"].clone())
            .collect();
        self.does(
            name,
            "subject",
            "cert.evidence.add",
            json!({"evidence": id, "sha256": hash(1),
            "effective_from": "2030-01-01", "effective_until": until, "collected_on": "2030-02-01",
            "collector": "Licensing office", "method": "EXAMINE", "holder": "hub-x",
            "about": all, "shows": "S"}),
        );
    }

    /// Certifies a jurisdiction after a whole procedure.
    pub(crate) fn certify(&mut self, id: &str, name: &str, from: &str) {
        let _ = from;
        self.assess(id, name, "initial", &[]);
        let motion = format!("m-{name}");
        self.motion(&motion, "CERTIFIED", id, Some(name), "yes");
        let valid_from = self.now;
        let act = json!({"event": format!("ev-{name}"), "jurisdiction": text(id),
            "status": "CERTIFIED", "valid_from": valid_from, "reason": "INITIAL", "motion": motion,
            "assessment": name, "basis": self.basis(name), "certificate": format!("cert-{name}"),
            "valid_until": valid_from.plus(2_000)});
        self.does(name, "registrar", "cert.assessment.decide", json!({"motion": motion}));
        let mut act = act;
        act["basis"] = self.basis(name);
        self.ok("registrar", "cert.status.set", act);
    }

    pub(crate) fn basis(&self, name: &str) -> Value {
        serde_json::to_value(self.files[name].basis(self.at())).unwrap()
    }

    /// Decides an assessment without a certificate, so that it is over.
    pub(crate) fn decided(&mut self, id: &str, name: &str, answers: &[(&str, &str)]) {
        self.assess(id, name, "initial", answers);
        let motion = format!("m-{name}");
        self.motion(&motion, "REFUSED", id, Some(name), "yes");
        self.does(name, "registrar", "cert.assessment.decide", json!({"motion": motion}));
    }

    /// Raises a concern and has it confirmed.
    pub(crate) fn concern(&mut self, id: &str, concern: &str) {
        self.ok(
            "assessor",
            "cert.concern.raise",
            json!({"concern": concern,
            "jurisdiction": text(id), "control": "LIC-1", "immediate": false,
            "statement": "Licences are given unread.", "evidence": [hash(3)]}),
        );
        self.ok(
            "subject",
            "cert.concern.reply",
            json!({"concern": concern, "text": "We read them."}),
        );
        let motion = format!("m-{concern}");
        self.motion(&motion, "CONCERN_CONFIRMED", id, Some(concern), "yes");
        self.ok(
            "registrar",
            "cert.concern.step",
            json!({"concern": concern, "to": "confirmed", "motion": motion}),
        );
    }

    pub(crate) fn suspend(&mut self, id: &str, concern: &str, event: &str) {
        self.concern(id, concern);
        let motion = format!("m-{event}");
        self.motion(&motion, "SUSPENDED", id, None, "yes");
        let until = self.now.plus(90);
        self.ok(
            "registrar",
            "cert.status.set",
            json!({"event": event, "jurisdiction": text(id),
            "status": "SUSPENDED", "valid_from": self.now, "reason": "CONCERN_CONFIRMED",
            "motion": motion, "cause": "CONCERN_CONFIRMED", "concern": concern,
            "wind_down_until": until}),
        );
    }

    /// Draws up an edition and lets two registrars sign it.
    pub(crate) fn edition(&mut self, number: u64) {
        self.ok("registrar", "cert.edition.make", json!({}));
        for n in 1..=2 {
            let sig = sign(n, &signed_message(&self.book.editions.last().unwrap().bytes));
            self.ok(
                "registrar",
                "cert.edition.sign",
                json!({"edition": number, "registrar": format!("r{n}"), "sig": sig}),
            );
        }
    }

    pub(crate) fn status(&self, id: &str, day: &str) -> Status {
        self.book.status(&urn(id), Day::parse(day).unwrap())
    }

    /// Folds the rooms anew: the whole book first, then the files on it.
    pub(crate) fn replayed(&self) -> (Book, BTreeMap<String, File>) {
        let mut book = Book::start(&self.records[0]).unwrap();
        for record in &self.records[1..] {
            book.take(record);
        }
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        for (id, record) in &self.steps {
            match files.get_mut(id) {
                Some(file) => file.take(&book, record),
                None => {
                    files.insert(id.clone(), File::start(&book, record).unwrap());
                }
            }
        }
        (book, files)
    }
}

/// A team that fits, with the conflicts named put on its first member.
pub(crate) fn team(conflicts: &[(&str, Value)]) -> Value {
    let mut members: Vec<Value> = (1..=4)
        .map(|n| json!({"id": format!("t{n}"), "region": format!("region-{}", n % 3)}))
        .collect();
    for (key, value) in conflicts {
        members[0][*key] = value.clone();
    }
    json!({ "members": members })
}
