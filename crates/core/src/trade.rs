//! Trade decisions that rest on the register: imports of goods with AI in them, exports of AI inputs.
//!
//! Pure functions over the bytes of files: no network, no clock, and the same bytes give the same answer,
//! so a receipt replays. An answer is decision support and has no legal effect by itself (CT-53). Not
//! here: certification (`cert`), and any judgement of a person or firm.

pub mod assess;
pub mod bom;
pub mod decimal;
pub mod export;
pub mod export_rules;
pub mod good;
pub mod graph;
pub mod import;
pub mod import_rules;
pub mod lookup;
pub mod replay;
pub mod screening;
pub mod weigh;
pub mod word;

/// Stands in every decision.
pub const NOTICE: &str = "decision support; no legal effect by itself";

/// The engine that a receipt names.
pub const ENGINE: &str = concat!("comity/", env!("CARGO_PKG_VERSION"));
