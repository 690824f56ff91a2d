//! The case protocol: example, vectors, properties, simulator.

mod example;
mod measure;
mod reach;
mod support;
mod tables;
