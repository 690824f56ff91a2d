//! The case protocol: example, vectors, properties, simulator.

mod example;
mod files;
mod forks;
mod invariants;
mod measure;
mod reach;
mod rules;
mod simulator;
mod support;
mod tables;
