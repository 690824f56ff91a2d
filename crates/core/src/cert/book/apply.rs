//! What an allowed act changes. Nothing is decided here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{AppealCase, Book, Concern, Dated, Motion, StandardRecord, status};
use crate::cert::act::{
    AddExtension, FileAppeal, ListJurisdiction, SetStatus, StandardAct, StepAppeal, StepConcern,
};
use crate::cert::day::{Day, Instant};
use crate::cert::document;
use crate::cert::jurisdiction::Jurisdiction;
use crate::cert::lifecycle::{Appeal, Certificate};
use crate::cert::pause;
use crate::cert::profile::Profile;
use crate::cert::register::{Effect, Event, Extension, Stay};
use crate::cert::word::{ConcernState, Status};

impl Book {
    /// Changes the book by a record that [`Book::decide`] allows.
    #[expect(clippy::too_many_lines, reason = "one table: an arm for each act")]
    pub(super) fn apply(&mut self, record: &StandardRecord) {
        let at = record.at;
        self.last_at = at;
        self.register.as_of = at;
        self.head.clone_from(&record.id);
        match &record.act {
            StandardAct::Propose(_) => {}
            StandardAct::StepVersion(act) => {
                self.version = act.to;
                self.marks.insert(act.to, at.day());
                self.spend(act.motion.as_ref());
            }
            StandardAct::AdoptProfile(act) => {
                if let Ok(profile) = Profile::parse(act.profile.as_bytes()) {
                    self.profiles.push(Dated { at, text: act.profile.clone(), profile });
                }
                self.spend(act.motion.as_ref());
            }
            StandardAct::AdoptQuestions(act) => self.questions.push((at, act.questions.clone())),
            StandardAct::ListJurisdiction(act) => self.apply_jurisdiction(act),
            StandardAct::AddExtension(act) => self.apply_extension(act, at),
            StandardAct::OpenMotion(act) => {
                let organ = self.organ(&act.decision, at).cloned();
                if let Ok(Ok(motion)) = organ.map(|organ| Motion::open(act, &organ)) {
                    self.motions.insert(act.motion.clone(), motion);
                }
            }
            StandardAct::CastBallot(act) => {
                if let Some(motion) = self.motions.get_mut(&act.motion) {
                    motion.ballots.push(act.clone());
                }
            }
            StandardAct::CloseMotion(act) => {
                if let Some(motion) = self.motions.get_mut(&act.motion) {
                    motion.closed = act.state;
                    motion.tally.clone_from(&act.tally);
                }
            }
            StandardAct::SetStatus(act) => self.apply_status(act, at),
            StandardAct::RaiseConcern(act) => {
                let times = BTreeMap::from([(ConcernState::Preliminary, at)]);
                let state = ConcernState::Preliminary;
                let concern =
                    Concern { raised: act.clone(), state, times, reply: None, reason: None };
                self.concerns.insert(act.concern.clone(), concern);
            }
            StandardAct::ReplyToConcern(act) => {
                if let Some(concern) = self.concerns.get_mut(&act.concern) {
                    concern.reply = Some(act.text.clone());
                }
            }
            StandardAct::StepConcern(act) => self.apply_concern(act, at),
            StandardAct::FileAppeal(act) => self.apply_filing(act, at.day()),
            StandardAct::StepAppeal(act) => self.apply_appeal(act, at),
            StandardAct::FileDifference(act) => {
                self.names.insert(act.difference.clone());
                self.push("differences", json!({
                    "id": act.difference, "jurisdiction": act.jurisdiction, "control": act.control,
                    "nature": act.nature, "filed_at": at.day(), "text": act.text,
                }));
            }
            StandardAct::GiveRecognition(act) => {
                self.recognitions.insert(act.recognition.clone(), (act.clone(), None));
                self.push(
                    "recognitions",
                    json!({
                        "id": act.recognition, "by": act.by, "of": act.of, "mutual": act.mutual,
                        "gaps": act.gaps, "treat": act.treat, "from": act.from, "until": act.until,
                        "recorded_at": at,
                    }),
                );
            }
            StandardAct::SuspendRecognition(act) => {
                if let Some((_, suspended)) = self.recognitions.get_mut(&act.recognition) {
                    *suspended = Some(act.from);
                }
                // Lists only grow: a suspension stands beside what it suspends.
                self.push(
                    "recognitions",
                    json!({
                        "suspends": act.recognition, "by": act.by, "suspended_at": act.from,
                        "reason": act.reason, "recorded_at": at,
                    }),
                );
            }
            StandardAct::TakeMeasure(act) => {
                self.names.insert(act.measure.clone());
                self.push(
                    "measures",
                    json!({
                        "id": act.measure, "by": act.by, "about": act.about, "kind": act.kind,
                        "treat": act.treat, "from": act.from, "until": act.until,
                        "reference": act.reference, "recorded_at": at,
                    }),
                );
            }
            StandardAct::GiveNotice(act) => {
                self.exits.insert(act.jurisdiction.clone(), (at.day(), record.id.clone()));
            }
            StandardAct::RecordChecks(act) => self.checks.push(act.clone()),
            StandardAct::PauseTimer(act) => {
                self.apply_pause(act, record);
                self.spend(act.motion.as_ref());
            }
            StandardAct::ResumeTimer(act) => pause::resume(act, &mut self.pauses, at.day()),
            StandardAct::PublishLessons(act) => self.lessons.push((at, act.clone())),
            StandardAct::ListHolidays(act) => self.holidays.push((at, act.clone())),
            StandardAct::MakeEdition(_) => self.editions.extend(self.draw_up(at).ok()),
            StandardAct::SignEdition(act) => self.add_signature(act, at),
        }
    }

    fn push(&mut self, list: &'static str, item: Value) {
        self.lists.entry(list).or_default().push(item);
    }

    fn spend(&mut self, motion: Option<&String>) {
        self.spent.extend(motion.cloned());
    }

    fn apply_jurisdiction(&mut self, act: &ListJurisdiction) {
        let item = serde_json::to_value(act).unwrap_or_default();
        let place = self.lists.get("jurisdictions").and_then(|list| {
            let urn = act.urn.as_str();
            list.iter().position(|item| item.get("urn").and_then(Value::as_str) == Some(urn))
        });
        let list = self.lists.entry("jurisdictions").or_default();
        match place.and_then(|place| list.get_mut(place)) {
            Some(old) => *old = item,
            None => list.push(item),
        }
        self.register.list(Jurisdiction::new(act.urn.clone(), act.kind, act.aliases.clone()));
        self.jurisdictions.insert(act.urn.clone(), act.clone());
    }

    fn apply_extension(&mut self, act: &AddExtension, at: Instant) {
        self.push(
            "extensions",
            json!({
                "from": act.from, "to": act.to, "valid_from": act.valid_from,
                "valid_until": act.valid_until, "recorded_at": at,
            }),
        );
        self.register.extend(Extension {
            from: act.from.clone(),
            to: act.to.clone(),
            valid_from: act.valid_from,
            valid_until: act.valid_until,
            recorded_at: at,
        });
    }

    fn apply_status(&mut self, act: &SetStatus, at: Instant) {
        let tally = act.motion.as_ref().and_then(|id| self.motions.get(id)?.tally.clone());
        let notice = self.exits.get(&act.jurisdiction).map(|(_, entry)| entry.as_bytes());
        let decision = tally.unwrap_or_else(|| document::hash(notice.unwrap_or_default()));
        let report = act.basis.as_ref().and_then(|basis| basis.report.clone());
        let mut item = json!({
            "id": act.event, "jurisdiction": act.jurisdiction, "status": act.status,
            "valid_from": act.valid_from, "recorded_at": at, "decision": decision,
            "reason": act.reason, "valid_until": act.valid_until,
            "wind_down_until": act.wind_down_until, "supersedes": act.supersedes,
        });
        if let Value::Object(members) = &mut item {
            members.extend(act.certificate.clone().map(|id| ("certificate".into(), id.into())));
            members.extend(report.map(|hash| ("final_report".into(), hash.into())));
            if !act.conditions.is_empty() {
                members.insert("conditions".to_owned(), json!(act.conditions));
            }
        }
        self.push("events", item);
        if let (Some(number), Some(listed)) =
            (&act.certificate, self.register.jurisdiction(&act.jurisdiction))
        {
            let certificate = Certificate::issue(listed, self.standard());
            self.certificates.insert(number.clone(), certificate);
        }
        // The id is free and the jurisdiction listed: `decide` has seen to it.
        let _recorded = self.register.record(status::event(act, at));
        if let Some(motion) = &act.motion {
            self.decided_by.insert(act.event.clone(), motion.clone());
        }
        self.spend(act.motion.as_ref());
        if act.status == Status::Withdrawn {
            self.exits.remove(&act.jurisdiction);
        }
    }

    fn apply_concern(&mut self, act: &StepConcern, at: Instant) {
        let Ok(next) = self.step_concern(act, at) else { return };
        if let Some(concern) = self.concerns.get_mut(&act.concern) {
            concern.state = next;
            concern.times.insert(next, at);
            concern.reason.clone_from(&act.reason);
        }
        self.spend(act.motion.as_ref());
    }

    fn apply_filing(&mut self, act: &FileAppeal, day: Day) {
        let filed = act.clone();
        let case = AppealCase { filed, state: Appeal::Filed, day, stayed_from: None };
        self.appeals.insert(act.appeal.clone(), case);
    }

    fn apply_appeal(&mut self, act: &StepAppeal, at: Instant) {
        let Ok(next) = self.step_appeal(act, at) else { return };
        let tally = self.motions.get(&act.motion).and_then(|motion| motion.tally.clone());
        let decision = tally.unwrap_or_default();
        let Some(case) = self.appeals.get_mut(&act.appeal) else { return };
        case.state = next;
        let event = case.filed.event.clone();
        let stayed_from = case.stayed_from;
        if next == Appeal::Stayed {
            case.stayed_from = Some(at.day());
        }
        match next {
            Appeal::Stayed => self.stay(&event, at.day(), act.until, at, &decision),
            // Trade follows the status again from the next day on.
            Appeal::Dismissed => {
                if let Some(from) = stayed_from {
                    self.stay(&event, from, Some(at.day()), at, &decision);
                }
            }
            Appeal::Upheld => self.annul(&act.appeal, &event, at, &decision),
            Appeal::Filed => {}
        }
        self.spend(Some(&act.motion));
    }

    fn stay(&mut self, event: &str, from: Day, until: Option<Day>, at: Instant, decision: &str) {
        self.push("stays", json!({
            "event": event, "from": from, "until": until, "recorded_at": at, "decision": decision,
        }));
        self.register.stay(event, Stay { from, until, recorded_at: at });
    }

    /// An appeal that is upheld takes the event out of the register, as known from now on.
    fn annul(&mut self, appeal: &str, annulled: &str, at: Instant, decision: &str) {
        let Some(event) = self.register.event(annulled).cloned() else { return };
        let id = format!("annulment.{appeal}");
        let reason = "APPEAL_UPHELD".to_owned();
        self.push(
            "events",
            json!({
                "id": id, "jurisdiction": event.jurisdiction, "status": "ANNULMENT",
                "valid_from": event.valid_from, "recorded_at": at, "decision": decision,
                "reason": reason, "supersedes": annulled,
            }),
        );
        let _recorded = self.register.record(Event {
            id,
            jurisdiction: event.jurisdiction,
            effect: Effect::Annulment,
            valid_from: event.valid_from,
            recorded_at: at,
            reason,
            valid_until: None,
            wind_down_until: None,
            supersedes: Some(annulled.to_owned()),
        });
    }
}
