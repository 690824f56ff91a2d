//! An assessment at its close: answers found, outcomes rated, concerns, the corrective action plan.
//!
//! The jurisdiction's own answers are a claim and enter no score (CT-08). Not here: the score.

use std::collections::{BTreeMap, BTreeSet};

use super::day::Day;
use super::document::{self, Object, invalid};
use super::jurisdiction::JurisdictionUrn;
use super::profile::Profile;
use super::word::{Answer, ConcernState, Effectiveness, Word as _};
use crate::refusal::{Refusal, child};

/// A protocol question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its id.
    pub id: String,
    /// Its area.
    pub area: String,
    /// Its critical element.
    pub element: i64,
    /// The control it is about.
    pub control: String,
    /// Whether it is a priority question.
    pub priority: bool,
    /// What the assessors found.
    pub found: Answer,
    /// What the jurisdiction claims.
    pub claimed: Option<Answer>,
    /// Whether assessors and jurisdiction agree, with a reason, that it does not apply.
    pub not_applicable_agreed: bool,
    /// Whether it was reworded after the answer.
    pub changed_after_answer: bool,
}

/// A panel's judgement of an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRating {
    /// How effective.
    pub rating: Effectiveness,
    /// Whether the panel says why.
    pub has_rationale: bool,
}

/// A concern at the close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcernAtClose {
    /// Its state.
    pub state: ConcernState,
    /// The control it is about, if said.
    pub control: Option<String>,
}

/// A corrective action plan at the close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapAtClose {
    /// Whether it was accepted.
    pub accepted: bool,
    /// The questions it covers.
    pub covers: BTreeSet<String>,
    /// How long it runs.
    pub months: u64,
    /// How often it was renewed.
    pub renewals: u64,
}

/// An assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Whom it is about.
    pub jurisdiction: JurisdictionUrn,
    /// Against which version of the standard.
    pub standard: String,
    /// The closing day.
    pub closed: Day,
    /// Whether the final report is there.
    pub has_final_report: bool,
    /// The questions, in the order of the file.
    pub questions: Vec<Question>,
    /// The outcomes rated, by id.
    pub outcomes: BTreeMap<String, OutcomeRating>,
    /// The concerns.
    pub concerns: Vec<ConcernAtClose>,
    /// The plan, if there is one.
    pub cap: Option<CapAtClose>,
}

impl Assessment {
    /// Reads an assessment, whose areas, elements and outcomes are those of the profile.
    pub fn parse(bytes: &[u8], profile: &Profile) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.assessment/1")?;
        for key in ["final_report", "cap"] {
            // That there is none is said; silence may be a member misspelt.
            if !object.members().any(|(name, _)| name == key) {
                return Err(invalid(key));
            }
        }
        let assessment = Self {
            jurisdiction: object.urn("jurisdiction")?,
            standard: object.text("standard")?.to_owned(),
            closed: object.day("closed")?,
            has_final_report: has_report(object)?,
            questions: object.each("questions", |item| read_question(item, profile))?,
            outcomes: read_outcomes(object, profile)?,
            concerns: object.each("concerns", read_concern)?,
            cap: object.object_or_none("cap")?.map(read_cap).transpose()?,
        };
        let mut seen = BTreeSet::new();
        for (place, question) in assessment.questions.iter().enumerate() {
            if !seen.insert(&question.id) {
                let pointer = format!("/questions/{place}/pq");
                return Err(
                    Refusal::new("score-duplicate-pq", pointer).with("pq", question.id.as_str())
                );
            }
        }
        Ok(assessment)
    }
}

fn has_report(object: Object<'_>) -> Result<bool, Refusal> {
    let report = object.text_or_none("final_report")?;
    let Some(report) = report else { return Ok(false) };
    let digits = report.strip_prefix("sha256:").ok_or_else(|| invalid("final_report"))?;
    comity_ledger::digest::hex_32(digits).map(|_| true).map_err(|_| invalid("final_report"))
}

fn read_question(item: Object<'_>, profile: &Profile) -> Result<Question, Refusal> {
    let answer = |key: &str, text| {
        Answer::parse(text).ok_or_else(|| Refusal::new("score-bad-status", child("", key)))
    };
    let area = item.text("area")?;
    let element = item.integer("ce", i64::MIN..=i64::MAX)?;
    if !profile.areas.iter().any(|known| known == area) {
        return Err(Refusal::new("score-unknown-cell", "/area").with("area", area));
    }
    if !profile.elements.contains(&element) {
        return Err(Refusal::new("score-unknown-cell", "/ce").with("ce", element));
    }
    let reason = item.text_or_none("na_reason")?.unwrap_or_default();
    Ok(Question {
        id: item.text("pq")?.to_owned(),
        area: area.to_owned(),
        element,
        control: item.text("control")?.to_owned(),
        priority: item.boolean("priority")?,
        found: answer("status", item.text("status")?)?,
        claimed: item.text_or_none("self")?.map(|text| answer("self", text)).transpose()?,
        not_applicable_agreed: item.flag("na_agreed")? && !reason.trim().is_empty(),
        changed_after_answer: item.flag("changed_after_answer")?,
    })
}

fn read_outcomes(
    object: Object<'_>,
    profile: &Profile,
) -> Result<BTreeMap<String, OutcomeRating>, Refusal> {
    let mut outcomes = BTreeMap::new();
    object.each("outcomes", |item| {
        let id = item.text("eo")?;
        let bad = |key: &str| Refusal::new("score-bad-outcome", child("", key)).with("eo", id);
        if !profile.outcomes.iter().any(|known| known == id) {
            return Err(bad("eo"));
        }
        // Undetermined follows from a missing rationale; nobody rates it.
        let rating = Effectiveness::parse(item.text("rating")?)
            .filter(|rating| *rating != Effectiveness::Undetermined)
            .ok_or_else(|| bad("rating"))?;
        let has_rationale = !item.text("rationale")?.trim().is_empty();
        match outcomes.insert(id.to_owned(), OutcomeRating { rating, has_rationale }) {
            None => Ok(()),
            Some(_) => Err(bad("eo")),
        }
    })?;
    Ok(outcomes)
}

fn read_concern(item: Object<'_>) -> Result<ConcernAtClose, Refusal> {
    item.text("id")?;
    item.boolean("immediate")?;
    let state = item.word("state")?;
    if state == ConcernState::Dismissed {
        return Err(invalid("state"));
    }
    Ok(ConcernAtClose { state, control: item.text_or_none("control")?.map(str::to_owned) })
}

fn read_cap(object: Object<'_>) -> Result<CapAtClose, Refusal> {
    let read = || {
        Ok(CapAtClose {
            accepted: object.boolean("accepted")?,
            covers: object.texts("covers")?.into_iter().map(str::to_owned).collect(),
            months: object.count("months")?,
            renewals: object.count("renewals")?,
        })
    };
    read().map_err(|refusal| document::under(refusal, "cap"))
}
