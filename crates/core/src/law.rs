//! Law as data: packs, facts, clocks, duties, conflicts, secrecy horizon and agreements (law.md).
//!
//! Decision support and not legal advice: the engine computes what each text says from the facts of a
//! case and explains every date; it never chooses between two sovereigns and never says "compliant".
//! Everything here is pure: the instant of asking is an argument. Not here: files, the clock of the
//! machine, storage of facts (the case does that), words for people (the locales).

pub mod agreement;
pub mod ban;
pub mod calendar;
pub mod change;
pub mod clock;
pub mod conflict;
pub mod docket;
pub mod duty;
pub mod export;
pub mod expr;
pub mod facts;
pub mod gate;
pub mod harbour;
pub mod horizon;
pub mod ics;
pub mod level;
pub mod lint;
mod object;
pub mod output;
pub mod pack;
pub mod packet;
pub mod preview;
pub mod refused;
pub mod shipped;
pub mod signature;
mod text;
pub mod time;
pub mod vectors;
pub mod vocabulary;
pub mod world;
