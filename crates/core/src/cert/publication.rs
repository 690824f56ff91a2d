//! What of an assessment a profile opens, and to whom; lessons that name nobody (CT-11).
//!
//! Nothing is open that the profile does not open. Not here: concerns (`book`), what stays sealed (`record`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::act::Question;
use super::file::File;
use super::procedure::Mark;
use super::step::Grade;
use super::word::{Word, words};
use crate::refusal::Refusal;

words! {
    /// To whom something is open.
    Audience {
        Everyone = "public",
        Members = "members",
        Assessed = "assessed",
        Nobody = "none",
    }
}
words! {
    /// Whether lessons are drawn from assessments.
    Lessons {
        Anonymised = "anonymised",
        Unpublished = "none",
    }
}
words! {
    /// What happens to findings that are sensitive points.
    Sensitive {
        Withheld = "withheld",
        Shown = "public",
    }
}

/// What a profile opens of an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// That it took place, its marks and its decision, once that is taken.
    pub summary: Audience,
    /// The ratings, once it is decided.
    pub ratings: Audience,
    /// The report; `assessed`: nobody but the jurisdiction may publish it.
    pub full_report: Audience,
    /// A confirmed concern, once its timer is over.
    pub concern_unresolved: Audience,
    /// Lessons over several assessments.
    pub lessons: Lessons,
    /// Sensitive points in a report.
    pub security_sensitive: Sensitive,
}

impl Publication {
    /// What is open where the profile says nothing: concerns as the page has it, and nothing else.
    pub const SILENT: Self = Self {
        summary: Audience::Nobody,
        ratings: Audience::Nobody,
        full_report: Audience::Nobody,
        concern_unresolved: Audience::Everyone,
        lessons: Lessons::Unpublished,
        security_sensitive: Sensitive::Withheld,
    };

    /// Reads it; `None` if a word is unknown.
    #[must_use]
    pub fn read(table: &Table) -> Option<Self> {
        let to = |key, silent| match table.get(key) {
            None => Some(silent),
            Some(value) => word::<Audience>(value),
        };
        let whom = |key, silent| to(key, silent).filter(|to| *to != Audience::Assessed);
        let silent = Self::SILENT;
        Some(Self {
            summary: whom("summary", silent.summary)?,
            ratings: whom("ratings", silent.ratings)?,
            full_report: to("full_report", silent.full_report)?,
            concern_unresolved: whom("concern_unresolved", silent.concern_unresolved)?,
            lessons: table.get("lessons").map_or(Some(silent.lessons), word)?,
            security_sensitive: table
                .get("security_sensitive")
                .map_or(Some(silent.security_sensitive), word)?,
        })
    }
}

/// Who looks at what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Everyone.
    Public,
    /// An authority of a jurisdiction that the register lists.
    Member,
    /// Somebody with a side in the procedure, or who oversees it.
    Party,
}

/// Returns the parts of an assessment that are open to one who looks.
#[must_use]
pub fn parts(open: Publication, decided: bool, published: bool, look: Look) -> Vec<&'static str> {
    let report = match open.full_report {
        // What the assessed published is out.
        Audience::Assessed => Audience::Everyone,
        other @ (Audience::Everyone | Audience::Members | Audience::Nobody) => other,
    };
    let all = [
        ("summary", decided, open.summary),
        ("ratings", decided, open.ratings),
        ("report", published, report),
    ];
    let seen = all.into_iter().filter(|(_, is_there, to)| *is_there && sees(*to, look));
    seen.map(|(part, ..)| part).collect()
}

const fn sees(open_to: Audience, look: Look) -> bool {
    match open_to {
        Audience::Everyone => true,
        Audience::Members => matches!(look, Look::Member | Look::Party),
        Audience::Assessed | Audience::Nobody => matches!(look, Look::Party),
    }
}

fn word<W: Word>(value: &Value) -> Option<W> {
    W::parse(value.as_str()?)
}

/// The report is published, by whom the profile lets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishReport {
    /// `sha256:` of the final report.
    pub sha256: String,
}

/// Assessments that a lesson merges at least: of fewer one could say which.
pub const LESSON_ASSESSMENTS_MIN: u32 = 5;

/// What several assessments found on one control; counts only, never words of a finding.
///
/// Counts are rounded down to multiples of [`LESSON_ASSESSMENTS_MIN`], so that the next publication does not tell
/// what the newest assessment found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// The area.
    pub area: String,
    /// The control.
    pub control: String,
    /// Assessments, each of another jurisdiction, that found something.
    pub assessments: u32,
    /// Of them, those with a finding of a grade; grades of too few are left out.
    pub grades: BTreeMap<String, u32>,
}

/// Lessons are published; all is computed from the assessments, nothing is said by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishLessons {
    /// Decided assessments that were looked at; computed.
    #[serde(default)]
    pub assessments: u32,
    /// The lessons, by area and control; computed.
    #[serde(default)]
    pub lessons: Vec<Lesson>,
    /// Controls on which too few found something to be told; computed.
    #[serde(default)]
    pub suppressed: u32,
}

/// Merges the findings of decided assessments, one assessment after the other.
///
/// Only assessments whose own profile opens lessons count, sensitive points never do, and several assessments of
/// one jurisdiction count once.
#[derive(Clone, Debug, Default)]
pub struct Merger {
    looked_at: BTreeSet<String>,
    cells: BTreeMap<(String, String), BTreeMap<Grade, BTreeSet<String>>>,
}

impl Merger {
    /// Adds an assessment, if it counts.
    pub fn add(&mut self, file: &File, questions: &[Question]) {
        if file.mark != Mark::Decision || file.publication.lessons == Lessons::Unpublished {
            return;
        }
        let who = file.jurisdiction().as_str();
        self.looked_at.insert(who.to_owned());
        for finding in file.findings.values().filter(|f| f.grade != Grade::SensitivePoint) {
            let Some(question) = questions.iter().find(|q| q.pq == finding.pq) else { continue };
            let cell = (question.area.clone(), question.control.clone());
            let by_grade = self.cells.entry(cell).or_default();
            by_grade.entry(finding.grade).or_default().insert(who.to_owned());
        }
    }

    /// Returns the lessons; refused below [`LESSON_ASSESSMENTS_MIN`] jurisdictions.
    pub fn lessons(self) -> Result<PublishLessons, Refusal> {
        let assessments = floor(self.looked_at.len());
        if assessments < LESSON_ASSESSMENTS_MIN {
            return Err(too_few());
        }
        let mut found = PublishLessons { assessments, ..PublishLessons::default() };
        for ((area, control), by_grade) in self.cells {
            let whose: BTreeSet<&String> = by_grade.values().flatten().collect();
            let assessments = floor(whose.len());
            if assessments == 0 {
                found.suppressed += 1;
                continue;
            }
            let grades = by_grade.iter().map(|(grade, whose)| (grade.as_str(), floor(whose.len())));
            let grades = grades.filter(|(_, count)| *count > 0);
            found.lessons.push(Lesson {
                area,
                control,
                assessments,
                grades: grades.map(|(grade, count)| (grade.to_owned(), count)).collect(),
            });
        }
        Ok(found)
    }
}

fn too_few() -> Refusal {
    Refusal::new("lessons-too-few", "").with("min", LESSON_ASSESSMENTS_MIN)
}

/// Rounds a count down to what may be told.
fn floor(count: usize) -> u32 {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    count - count % LESSON_ASSESSMENTS_MIN
}

/// Refuses lessons from too few, about what is no control, or with words in them.
pub(super) fn check_lessons(
    act: &PublishLessons,
    before: u32,
    questions: &[Question],
) -> Result<(), Refusal> {
    // Not even five more than last time: the difference would tell of those few.
    if act.assessments < before.saturating_add(LESSON_ASSESSMENTS_MIN) {
        return Err(too_few());
    }
    let told = |count: u32| count > 0 && count.is_multiple_of(LESSON_ASSESSMENTS_MIN);
    for (place, lesson) in act.lessons.iter().enumerate() {
        let is_cell = questions
            .iter()
            .any(|question| question.area == lesson.area && question.control == lesson.control);
        let is_counted = lesson.grades.iter().all(|(grade, n)| {
            Grade::parse(grade).is_some() && told(*n) && *n <= lesson.assessments
        });
        let fits = is_cell
            && is_counted
            && told(lesson.assessments)
            && lesson.assessments <= act.assessments;
        if !fits {
            return Err(Refusal::new("field-invalid", format!("/lessons/{place}")));
        }
    }
    Ok(())
}
