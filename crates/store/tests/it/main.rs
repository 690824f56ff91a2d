//! The same scenarios on both engines, and what only one of them can show.

mod backup;
mod crash;
mod faults;
mod scenarios;
mod world;
