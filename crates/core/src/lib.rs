//! Every rule of Comity as pure functions over values: no clock, no randomness, no I/O.

pub mod access;
pub mod advisory;
pub mod refusal;
pub mod terms;
