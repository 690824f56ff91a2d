//! Jurisdictions are certified against an oversight standard: records, scores, ballots, the status register.
//!
//! Everything here is about jurisdictions (certification.md, CT-04): a certificate's subject is a
//! [`jurisdiction::JurisdictionUrn`], which only a register hands out as
//! [`register::Jurisdiction`], so no firm, product or project can hold one. Institutions are dated
//! data (procedure profiles). Not here: trade decisions (`trade`), storage, signatures of hubs.

pub mod act;
pub mod assessment;
pub mod ballot;
pub mod book;
pub mod border;
pub mod catalogue;
pub mod day;
pub mod document;
pub mod dossier;
pub mod figures;
pub mod file;
pub mod jurisdiction;
pub mod lifecycle;
pub mod pause;
pub mod procedure;
pub mod profile;
pub mod publication;
pub mod record;
pub mod register;
pub mod registry;
pub mod rule;
pub mod score;
pub mod standard;
pub mod status;
pub mod step;
pub mod tally;
pub mod team;
pub mod timer;
pub mod word;
