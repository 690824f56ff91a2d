//! The sharing gate: which information may cross to another organisation, screened and explained.
//!
//! A [`screen`] turns one exchange into the most open plan admissible now, who must approve it and
//! what would open more; a [`preview`] shows what that plan sends; a [`Pass`] is the proof without
//! which no content leaves. The weights, caps and lists are data (a [`Policy`]), the rules are code.
//! Not here: who signs, stores, sends or asks; deadlines as tasks; pages.

mod alpha;
mod appeal;
mod approval;
mod bundle;
mod compose;
mod crossing;
mod exchange;
mod gates;
mod infer;
mod instant;
mod levels;
mod levers;
mod machine;
mod marking;
mod pass;
mod policy;
mod preview;
mod public;
mod reader;
mod record;
mod redaction;
mod reliability;
mod sample;
mod screen;
mod settle;
mod situation;
mod treaty;
mod word;

pub use self::alpha::{krippendorff_alpha, rater_sample};
pub use self::appeal::{Appeal, AppealRefusal, Note};
pub use self::approval::{Account, Approval, ApprovalRefusal, Approved, Office, Screened};
pub use self::bundle::{Bundle, BundleRefusal};
pub use self::compose::{Ask, AskedMarking, CaseSide, Composed, Given, RecipientSide, compose};
pub use self::crossing::{Cleared, CrossingRefusal, StandingPass, tier_of_compartment};
pub use self::exchange::{EXCHANGE_BYTES_MAX, Exchange, Recipient, carve_out_reason};
pub use self::infer::{Certainty, Ease, Finding, Fixer, Known, Remedied, ReportTraits};
pub use self::instant::Instant;
pub use self::levels::{Levels, Residual};
pub use self::machine::{Breach, MachineFacts, OnwardDuty, ReaderRisk, Source, ThirdParty};
pub use self::marking::{Caveat, Label, Need, pap_action};
pub use self::pass::{Outgoing, Pass, PassBody, PassRefusal, Sent, Transfer, send_content};
pub use self::policy::{Policies, Policy, PolicyError};
pub use self::preview::{
    CASE_BYTES_MAX, Cuts, Draft, Preview, ShareCase, Withheld, preview, preview_of,
};
pub use self::public::{Counted, PublicTable, Share, public_table};
pub use self::record::{
    LEAF_SCHEMA, RECORD_BYTES_MAX, RecordBody, Replay, SignedRecord, leaf, replay,
};
pub use self::redaction::{Closed, Opening, RedactedCopy, RedactionError, Redactor};
pub use self::reliability::{ANSWERS_BYTES_MAX, QuestionReliability, Reliability, reliability};
pub use self::sample::draw_sample;
pub use self::screen::{Ignored, Later, Opens, Plan, Screen, TierVerdict, screen};
pub use self::settle::{purpose_in_law, settled_by_law, tier_of_minimum};
pub use self::treaty::{project_agreement, tier_of_ceiling};
pub use self::word::{
    AgreementState, ApprovalKind, Area, Consent, DutyState, EmbargoState, FactState, Gate, Plane,
    Purpose, Question, Relationship, Tier, Verdict,
};
