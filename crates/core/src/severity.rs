//! How bad a flaw is, as three results side by side that are never merged: CVSS (technical), AIX
//! (behaviour) and the decision (urgency) (lexicon.md §5).
//!
//! Not here: which facts of a report feed them; see [`crate::assess`].

pub mod aix;
pub mod cvss;
pub mod decision;
pub mod detail;
pub mod overlays;
pub mod ssvc;
pub mod vector;
