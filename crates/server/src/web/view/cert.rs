//! Standards kept here, and the procedure of one with every figure (CT-27).

use jiff::Timestamp;

use super::page;
use crate::web::visible::Foreign;

/// The standards whose registers this hub keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandardsView {
    /// The standards, by id.
    pub items: Vec<StandardItem>,
    /// The address of the next page, without language.
    pub next: Option<String>,
}

/// One standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardItem {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Foreign,
    /// Whether it is an exercise.
    pub simulated: bool,
    /// Jurisdictions listed.
    pub jurisdictions: u64,
}

page!(StandardsView, StandardsTemplate, "standards.html");

/// The procedure of a standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureView {
    /// The standard.
    pub standard: String,
    /// Its title.
    pub title: Foreign,
    /// The profile and its version.
    pub profile: String,
    /// Its first day.
    pub valid_from: Timestamp,
    /// Its last day.
    pub valid_until: Timestamp,
    /// Figures that must be checked before anyone relies on them.
    pub warnings: usize,
    /// The figures by part of the profile.
    pub parts: Vec<FigurePart>,
    /// Days that working-day timers skip, beside weekends.
    pub holidays: Vec<Timestamp>,
}

/// Figures of one part of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigurePart {
    /// The part, such as `timer`.
    pub part: String,
    /// Its figures, in the profile's order.
    pub figures: Vec<FigureRow>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureRow {
    /// Of what, such as the timer's name.
    pub of: String,
    /// The member or test.
    pub member: String,
    /// The figure.
    pub value: String,
    /// In what it is counted.
    pub unit: &'static str,
    /// What it is taken after.
    pub analogue: Option<String>,
    /// How sure that is.
    pub confidence: Option<&'static str>,
    /// Whether it must be checked first.
    pub warning: bool,
}

page!(ProcedureView, ProcedureTemplate, "procedure.html");
