//! The rows, one struct a table; every field is a column of the same name.
//!
//! Instants are Unix milliseconds; ids and hashes are text; bytes are sealed or signed by the caller and
//! opaque here. Codes such as a state are text because the store decides nothing.
//! Not here: what the codes mean (`comity-core`).

mod advisory;
mod case;
mod cert;
mod law;
mod people;
mod report;
mod sharing;

pub use advisory::{Advisory, Correction};
pub use case::{CaseParty, CaseSummary, ChainHead, Entry, EpochKey, Room};
pub use cert::{CertAssessment, CertStandard, RegisterEdition};
pub use law::{CaseLaw, PackEdition, PackSet};
pub use people::{Account, Answer, Look, Organisation, OutboxJob, Token};
pub use report::{Assessment, Draft, DraftFile, Item, ItemKey, MailboxMessage, Report};
pub use sharing::{
    Agreement, Outbound, PeerIdentity, Screen, ScreenSample, SharePass, SharingWrite,
};

/// The `due_at` of what has no next date, so that a queue by date needs no null.
pub const NEVER: i64 = i64::MAX;
