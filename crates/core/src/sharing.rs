//! The sharing gate: which information may cross to another organisation, screened and explained.
//!
//! A [`screen`] turns one exchange into the most open plan admissible now, who must approve it and
//! what would open more; a [`preview`] shows what that plan sends; a [`Pass`] is the proof without
//! which no content leaves. The weights, caps and lists are data (a [`Policy`]), the rules are code.
//! Not here: who signs, stores, sends or asks; deadlines as tasks; pages.

mod bundle;
mod exchange;
mod gates;
mod instant;
mod levels;
mod levers;
mod marking;
mod policy;
mod preview;
mod reader;
mod screen;
mod situation;
mod word;

pub use self::bundle::{Bundle, BundleRefusal};
pub use self::exchange::{EXCHANGE_BYTES_MAX, Exchange, Recipient};
pub use self::instant::Instant;
pub use self::levels::{Levels, Residual};
pub use self::marking::{Caveat, Label, Need, pap_action};
pub use self::policy::{Policies, Policy, PolicyError};
pub use self::preview::{CASE_BYTES_MAX, Draft, Preview, Withheld, preview};
pub use self::screen::{Ignored, Later, Opens, Plan, Screen, TierVerdict, screen};
pub use self::word::{
    ApprovalKind, Area, Gate, Plane, Purpose, Question, Relationship, Tier, Verdict,
};
