//! Agreements between hubs: entry into force, parties, reservations, suspension, sunset (law.md §11).
//!
//! Default deny: what is not in force between two parties carries nothing, while confidentiality
//! survives. Not here: checking signatures against keys, and the decision to sign.

mod read;
mod register;
mod status;

use jiff::civil::Date;

use super::level::Ceiling;
use super::time::Within;

pub use read::{AgreementFinding, parse};
pub use register::read as read_agreement;
pub use register::{ACTS_MAX, Act, Register, Signed};
pub use status::{AgreementStatus, Projection, State, amendment, projection, status};

/// Bytes of one agreement.
pub const BYTES_MAX: usize = 1 << 20;
/// Parties of one agreement.
pub const PARTIES_MAX: usize = 512;

/// One agreement, as far as it is computed with.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Its id.
    pub id: String,
    /// Who is named.
    pub parties: Vec<Member>,
    /// What may be exchanged, by class.
    pub data_classes: Vec<(String, Ceiling)>,
    /// `none`, `consent`, `members` or `any`.
    pub onward: String,
    /// How long confidentiality outlives it.
    pub survival: Within,
    /// Reservations.
    pub reservations: Vec<Reservation>,
    /// When it enters into force.
    pub entry: Entry,
    /// Since when it is applied provisionally.
    pub provisional_from: Option<Date>,
    /// Reviews.
    pub review: Review,
    /// When it ends.
    pub sunset: Sunset,
    /// Amendments of annexes by silence: after how long, and the share that blocks.
    pub tacit: (Within, (u32, u32)),
    /// Suspensions.
    pub suspensions: Vec<Suspension>,
    /// How long a suspension lasts at most.
    pub suspension_max: Within,
    /// Whose signatures are attached.
    pub signatures: Vec<String>,
}

/// A party of an agreement.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub party: String,
    /// When it signed.
    pub signed_on: Option<Date>,
    /// When it ratified.
    pub ratified_on: Option<Date>,
    /// From when it is out.
    pub withdrew_on: Option<Date>,
}

/// What a party keeps out.
#[derive(Clone, Debug)]
pub struct Reservation {
    /// Who.
    pub party: String,
    /// `exclude_class`, `lower_level` or `exclude_duty`.
    pub effect: String,
    /// The class, level or duty.
    pub value: String,
    /// Since when.
    pub made_on: Date,
    /// Until when.
    pub withdrawn_on: Option<Date>,
}

/// When an agreement enters into force.
#[derive(Clone, Debug)]
pub enum Entry {
    /// On a day.
    Date(Date),
    /// Some time after the last signature.
    LastSignature(Option<Within>),
    /// Some time after the n-th ratification.
    NthRatification(usize, Option<Within>),
}

/// Reviews.
#[derive(Clone, Debug)]
pub struct Review {
    /// The first.
    pub first: Date,
    /// And every.
    pub every: Within,
    /// Whether silence lets the agreement lapse.
    pub lapses: bool,
}

/// When an agreement ends.
#[derive(Clone, Debug)]
pub enum Sunset {
    /// The first day without force, and by how much silence renews it.
    Date(Date, Option<Within>),
    /// Never, for a reason.
    Never,
}

/// One suspension.
#[derive(Clone, Debug)]
pub struct Suspension {
    /// For whom; for all if nobody is named.
    pub party: Option<String>,
    /// From.
    pub from: Date,
    /// The first day after it.
    pub to: Option<Date>,
}
