//! The case protocol: example, vectors, properties, simulator.

mod example;
mod support;
mod tables;
