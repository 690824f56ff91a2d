//! Every rule of Comity as pure functions over values: no clock, no randomness, no I/O.

pub mod access;
pub mod advisory;
pub mod assess;
pub mod case;
pub mod cert;
pub mod law;
pub mod lexicon;
pub mod refusal;
pub mod report;
pub mod reportability;
pub mod severity;
pub mod sharing;
pub mod terms;
pub mod trade;
