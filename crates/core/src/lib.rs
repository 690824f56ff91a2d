//! Every rule of Comity as pure functions over values: no clock, no randomness, no I/O.

pub mod law;
pub mod refusal;
